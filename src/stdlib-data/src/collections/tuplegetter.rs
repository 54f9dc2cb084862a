//! `_tuplegetter`: the descriptor of a named tuple's field.

use native_macros::native_class;
use objects::descr::TupleGetter;
use objects::{
    Cast, Class, Gc, Header, R, Slot, Tuple, Value, attribute_error, class_name, class_of, index_error, new_int, new_object,
    new_tuple, type_error,
};

pub struct TupleGetterSkin;

/// The descriptor of a field of a named tuple.
#[native_class(name = "collections._tuplegetter", layout = TupleGetter, base = object, flags = "final")]
impl TupleGetterSkin {
    #[new]
    #[sig("(index, doc, /)", hidden)]
    fn new(cls: Gc<Class>, index: isize, doc: Value) -> Value {
        new_object(cls, TupleGetter { header: Header::blank(), index: index as i64, doc: Slot::new(doc) }).value()
    }
    fn __get__(this: Gc<TupleGetter>, instance: Option<Value>, _owner: Option<Value>) -> R {
        let Some(instance) = instance.filter(|instance| !instance.is_none()) else { return Ok(this.value()) };
        let Some(tuple) = instance.cast::<Tuple>() else {
            return Err(type_error!(
                "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
                this.index,
                class_name(instance)
            ));
        };
        match usize::try_from(this.index).ok().and_then(|index| tuple.get(index)) {
            Some(item) => Ok(item),
            None => Err(index_error!("tuple index out of range")),
        }
    }
    fn __set__(_this: Gc<TupleGetter>, _instance: Value, _value: Value) -> R<()> {
        Err(attribute_error!("can't set attribute"))
    }
    fn __delete__(_this: Gc<TupleGetter>, _instance: Value) -> R<()> {
        Err(attribute_error!("can't delete attribute"))
    }
    fn __repr__(this: Gc<TupleGetter>) -> R<String> {
        let doc = objects::repr(this.doc.get().unwrap_or(Value::none()))?.to_string_lossy();
        Ok(format!("_tuplegetter({}, {doc})", this.index))
    }
    fn __reduce__(this: Gc<TupleGetter>) -> Value {
        let arguments = new_tuple(&[new_int(this.index), this.doc.get().unwrap_or(Value::none())]).value();
        new_tuple(&[class_of(this.value()).value(), arguments]).value()
    }
    #[getter]
    fn __doc__(this: Gc<TupleGetter>) -> Option<Value> {
        this.doc.get()
    }
    #[setter(__doc__)]
    fn set_doc(this: Gc<TupleGetter>, value: Option<Value>) -> R<()> {
        this.doc.set_opt(value);
        Ok(())
    }
}
