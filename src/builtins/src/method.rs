//! The Python-visible skin of `method`: a callable bound to its receiver.

use native_macros::native_class;
use objects::descr::{self, BoundMethod, new_bound_method};
use objects::lookup::attribute_name;
use objects::{
    Args, Cast, Class, Gc, R, Str, Value, class_name, class_of, get_attr, get_attr_opt, interned, is_callable, new_tuple,
    type_error,
};

pub struct MethodSkin;

/// A function bound to its first argument.
#[native_class(name = "method", layout = BoundMethod, base = object, flags = "final weakref")]
impl MethodSkin {
    #[new]
    #[sig("(function, instance, /)")]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("method")?;
        args.check_count("method", 2, 2)?;
        let [function, instance] = args.positional() else { return Err(type_error!("method expected 2 arguments")) };
        if !is_callable(*function) {
            return Err(type_error!("first argument must be callable"));
        }
        if instance.is_none() {
            return Err(type_error!("instance must not be None"));
        }
        Ok(new_bound_method(*function, *instance).value())
    }
    fn __call__(this: Value, args: Args) -> R {
        descr::bound_method_call(this, args)
    }
    fn __get__(this: Value, _instance: Option<Value>, _owner: Option<Value>) -> R {
        Ok(this)
    }
    fn __getattribute__(this: Gc<BoundMethod>, name: Value) -> R {
        let name = attribute_name(name)?;
        let class = class_of(this.value());
        if let Some(found) = objects::type_lookup(class, name) {
            return match class_of(found).slots.descr_get.get() {
                Some(get) => get(found, Some(this.value()), Some(class.value())),
                None => Ok(found),
            };
        }
        let _guard = objects::thread::enter_recursion()?;
        get_attr(this.function(), name)
    }
    fn __eq__(this: Gc<BoundMethod>, other: Gc<BoundMethod>) -> R<bool> {
        same(this, other)
    }
    fn __ne__(this: Gc<BoundMethod>, other: Gc<BoundMethod>) -> R<bool> {
        Ok(!same(this, other)?)
    }
    fn __hash__(this: Gc<BoundMethod>) -> R<i64> {
        let _guard = objects::thread::enter_recursion()?;
        let hash = objects::identity_hash(this.receiver()) ^ objects::hash(this.function())?;
        Ok(if hash == -1 { -2 } else { hash })
    }
    fn __repr__(this: Gc<BoundMethod>) -> R {
        let function = this.function();
        let mut name = get_attr_opt(function, interned!("__qualname__"))?;
        if name.is_none() {
            name = get_attr_opt(function, interned!("__name__"))?;
        }
        let name = name.and_then(|name| name.cast::<Str>()).unwrap_or_else(|| Str::new("?"));
        let receiver = objects::repr(this.receiver())?;
        let pieces = [Str::new("<bound method "), name, Str::new(" of "), receiver, Str::new(">")];
        Ok(objects::str::str_concat_all(&pieces)?.value())
    }
    /// Helper for pickle.
    fn __reduce__(this: Gc<BoundMethod>) -> R {
        let name = get_attr(this.function(), interned!("__name__"))?;
        let arguments = new_tuple(&[this.receiver(), name]).value();
        Ok(new_tuple(&[crate::pickling::builtin("getattr")?, arguments]).value())
    }
    /// the function, or other callable, that is called
    #[getter]
    fn __func__(this: Gc<BoundMethod>) -> Value {
        this.function()
    }
    /// the object that is passed as the first argument
    #[getter]
    fn __self__(this: Gc<BoundMethod>) -> Value {
        this.receiver()
    }
    #[getter]
    fn __doc__(this: Gc<BoundMethod>) -> R {
        let doc = get_attr_opt(this.function(), interned!("__doc__"))?;
        Ok(doc.unwrap_or(Value::none()))
    }
}

fn same(a: Gc<BoundMethod>, b: Gc<BoundMethod>) -> R<bool> {
    let _guard = objects::thread::enter_recursion()?;
    Ok(a.receiver() == b.receiver() && objects::eq(a.function(), b.function())?)
}

/// The name of a callable as the reprs of the descriptors of methods use it.
pub fn callable_name(value: Value) -> R<String> {
    match get_attr_opt(value, interned!("__qualname__"))? {
        Some(name) => Ok(objects::str_of(name)?.to_string_lossy()),
        None => Ok(class_name(value)),
    }
}
