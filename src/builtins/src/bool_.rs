//! The Python-visible skin of `bool`. Must not know: how ints work (`int.rs`).

use native_macros::native_class;
use objects::args::Args;
use objects::error::R;
use objects::int::{BoolObject, IntView, int_view};
use objects::int_ops;
use objects::{Class, Gc, Str, Value, interned};

pub struct BoolSkin;

/// The truth of the argument: True or False.
///
/// The two are the only instances of the class bool, which is a subclass of
/// int and cannot be subclassed.
#[native_class(name = "bool", layout = BoolObject, base = int, flags = "final match_self")]
impl BoolSkin {
    #[new]
    #[sig("(object=False, /)")]
    fn new(_cls: Gc<Class>, args: Args) -> R<bool> {
        args.no_keywords("bool")?;
        args.check_count("bool", 0, 1)?;
        match args.get(0) {
            Some(value) => objects::is_true(value),
            None => Ok(false),
        }
    }
    fn __repr__(this: Value) -> Gc<Str> {
        if this.is_true() { interned!("True") } else { interned!("False") }
    }
    fn __and__(this: Value, other: Value) -> R {
        logic(this, other, |a, b| a & b, int_ops::and)
    }
    fn __rand__(this: Value, other: Value) -> R {
        logic(other, this, |a, b| a & b, int_ops::and)
    }
    fn __or__(this: Value, other: Value) -> R {
        logic(this, other, |a, b| a | b, int_ops::or)
    }
    fn __ror__(this: Value, other: Value) -> R {
        logic(other, this, |a, b| a | b, int_ops::or)
    }
    fn __xor__(this: Value, other: Value) -> R {
        logic(this, other, |a, b| a ^ b, int_ops::xor)
    }
    fn __rxor__(this: Value, other: Value) -> R {
        logic(other, this, |a, b| a ^ b, int_ops::xor)
    }
    fn __invert__(this: Value) -> R {
        objects::warnings::deprecation(
            "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the underlying int object and is usually not what you expect from negating a bool. Use the 'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the underlying int.",
        )?;
        Ok(int_ops::invert(IntView::Small(this.is_true() as i64)))
    }
}

fn logic(a: Value, b: Value, both: fn(bool, bool) -> bool, ints: fn(IntView, IntView) -> R) -> R {
    if let (Some(a), Some(b)) = (a.as_bool(), b.as_bool()) {
        return Ok(Value::bool(both(a, b)));
    }
    match (int_view(a), int_view(b)) {
        (Some(a), Some(b)) => ints(a, b),
        _ => Ok(Value::not_implemented()),
    }
}
