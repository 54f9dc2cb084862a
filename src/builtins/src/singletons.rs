//! The classes of None, Ellipsis and NotImplemented.

use native_macros::native_class;
use objects::singletons::{EllipsisObject, NoneObject, NotImplementedObject};
use objects::{Args, Class, Gc, R, Value, type_error};

fn no_arguments(name: &str, args: Args) -> R<()> {
    if args.is_empty() { Ok(()) } else { Err(type_error!("{name} takes no arguments")) }
}

pub struct NoneSkin;

/// The type of None.
#[native_class(name = "NoneType", layout = NoneObject, base = object, flags = "final")]
impl NoneSkin {
    #[new]
    #[sig("()")]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        no_arguments("NoneType", args)?;
        Ok(Value::none())
    }
    fn __repr__(_this: Value) -> &'static str {
        "None"
    }
    fn __bool__(_this: Value) -> bool {
        false
    }
    fn __hash__(_this: Value) -> i64 {
        0xfca86420
    }
}

pub struct EllipsisSkin;

/// The type of Ellipsis.
#[native_class(name = "ellipsis", layout = EllipsisObject, base = object, flags = "final")]
impl EllipsisSkin {
    #[new]
    #[sig("()")]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        no_arguments("EllipsisType", args)?;
        Ok(Value::ellipsis())
    }
    fn __repr__(_this: Value) -> &'static str {
        "Ellipsis"
    }
    fn __reduce__(_this: Value) -> &'static str {
        "Ellipsis"
    }
}

pub struct NotImplementedSkin;

/// The type of NotImplemented.
#[native_class(name = "NotImplementedType", layout = NotImplementedObject, base = object, flags = "final")]
impl NotImplementedSkin {
    #[new]
    #[sig("()")]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        no_arguments("NotImplementedType", args)?;
        Ok(Value::not_implemented())
    }
    fn __repr__(_this: Value) -> &'static str {
        "NotImplemented"
    }
    fn __bool__(_this: Value) -> R<bool> {
        Err(type_error!("NotImplemented should not be used in a boolean context"))
    }
    fn __reduce__(_this: Value) -> &'static str {
        "NotImplemented"
    }
}
