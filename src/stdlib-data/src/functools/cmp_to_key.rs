//! The keys that `cmp_to_key` makes.

use native_macros::{Layout, native_class};
use objects::{Cast, CompareOp, Gc, Header, R, Slot, Value, call, compare, new_native, type_error};

#[derive(Layout)]
#[repr(C)]
pub struct KeyObject {
    pub header: Header,
    comparison: Slot,
    /// Empty in the factory itself.
    object: Slot,
}

pub fn new_factory(comparison: Value) -> Gc<KeyObject> {
    new_native(KeyObject { header: Header::blank(), comparison: Slot::new(comparison), object: Slot::empty() })
}

fn ordered(op: CompareOp, this: Gc<KeyObject>, other: Value) -> R {
    let Some(other) = other.cast::<KeyObject>() else { return Err(type_error!("other argument must be K instance")) };
    let (Some(a), Some(b), Some(comparison)) = (this.object.get(), other.object.get(), this.comparison.get()) else {
        return Err(objects::attribute_error!("object"));
    };
    compare(op, call(comparison, &[a, b])?, Value::small(0))
}

#[native_class(name = "functools.KeyWrapper", base = object, flags = "final no_new")]
impl KeyObject {
    #[sig("(obj)")]
    fn __call__(this: Gc<KeyObject>, obj: Value) -> Gc<KeyObject> {
        new_native(KeyObject {
            header: Header::blank(),
            comparison: Slot::new_opt(this.comparison.get()),
            object: Slot::new(obj),
        })
    }
    fn __lt__(this: Gc<KeyObject>, other: Value) -> R {
        ordered(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<KeyObject>, other: Value) -> R {
        ordered(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<KeyObject>, other: Value) -> R {
        ordered(CompareOp::Eq, this, other)
    }
    fn __ne__(this: Gc<KeyObject>, other: Value) -> R {
        ordered(CompareOp::Ne, this, other)
    }
    fn __gt__(this: Gc<KeyObject>, other: Value) -> R {
        ordered(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<KeyObject>, other: Value) -> R {
        ordered(CompareOp::Ge, this, other)
    }
    /// Value wrapped by a key function.
    #[getter]
    fn obj(this: Gc<KeyObject>) -> R {
        this.object.get().ok_or_else(|| objects::attribute_error!("object"))
    }
    #[setter(obj)]
    fn set_obj(this: Gc<KeyObject>, value: Option<Value>) -> R<()> {
        this.object.set_opt(value);
        Ok(())
    }
}
