//! Exceptions, and the mapping that shows flags or traps of a context. Must not know: numbers.

use crate::arith::context::*;
use crate::context::Context;
use native_macros::{Layout, native_class};
use objects::error_class::{Base, ErrorClass};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout, R, Raised, Value, exc, is_true, new_error_args, new_list, new_object,
    type_error, value_error,
};
use std::sync::atomic::{AtomicU8, Ordering};

pub static DECIMAL_EXCEPTION: ErrorClass = ErrorClass::new("DecimalException", "decimal", &[Base::Made(&exc::ARITHMETIC_ERROR)]);
const ROOT: Base = Base::Own(&DECIMAL_EXCEPTION);
pub static INVALID_OPERATION_ERROR: ErrorClass = ErrorClass::new("InvalidOperation", "decimal", &[ROOT]);
pub static FLOAT_OPERATION_ERROR: ErrorClass =
    ErrorClass::new("FloatOperation", "decimal", &[ROOT, Base::Made(&exc::TYPE_ERROR)]);
pub static DIVISION_BY_ZERO_ERROR: ErrorClass =
    ErrorClass::new("DivisionByZero", "decimal", &[ROOT, Base::Made(&exc::ZERO_DIVISION_ERROR)]);
pub static INEXACT_ERROR: ErrorClass = ErrorClass::new("Inexact", "decimal", &[ROOT]);
pub static ROUNDED_ERROR: ErrorClass = ErrorClass::new("Rounded", "decimal", &[ROOT]);
pub static SUBNORMAL_ERROR: ErrorClass = ErrorClass::new("Subnormal", "decimal", &[ROOT]);
pub static CLAMPED_ERROR: ErrorClass = ErrorClass::new("Clamped", "decimal", &[ROOT]);
pub static OVERFLOW_ERROR: ErrorClass =
    ErrorClass::new("Overflow", "decimal", &[Base::Own(&INEXACT_ERROR), Base::Own(&ROUNDED_ERROR)]);
pub static UNDERFLOW_ERROR: ErrorClass =
    ErrorClass::new("Underflow", "decimal", &[Base::Own(&INEXACT_ERROR), Base::Own(&ROUNDED_ERROR), Base::Own(&SUBNORMAL_ERROR)]);
const INVALID: Base = Base::Own(&INVALID_OPERATION_ERROR);
pub static CONVERSION_SYNTAX_ERROR: ErrorClass = ErrorClass::new("ConversionSyntax", "decimal", &[INVALID]);
pub static DIVISION_IMPOSSIBLE_ERROR: ErrorClass = ErrorClass::new("DivisionImpossible", "decimal", &[INVALID]);
pub static DIVISION_UNDEFINED_ERROR: ErrorClass =
    ErrorClass::new("DivisionUndefined", "decimal", &[INVALID, Base::Made(&exc::ZERO_DIVISION_ERROR)]);
pub static INVALID_CONTEXT_ERROR: ErrorClass = ErrorClass::new("InvalidContext", "decimal", &[INVALID]);

/// Signals in the order in which they are listed and raised, with their conditions.
pub static SIGNALS: [(&ErrorClass, Status); 9] = [
    (&INVALID_OPERATION_ERROR, INVALID_GROUP),
    (&FLOAT_OPERATION_ERROR, FLOAT_OPERATION),
    (&DIVISION_BY_ZERO_ERROR, DIVISION_BY_ZERO),
    (&OVERFLOW_ERROR, OVERFLOW),
    (&UNDERFLOW_ERROR, UNDERFLOW),
    (&SUBNORMAL_ERROR, SUBNORMAL),
    (&INEXACT_ERROR, INEXACT),
    (&ROUNDED_ERROR, ROUNDED),
    (&CLAMPED_ERROR, CLAMPED),
];
/// The conditions of InvalidOperation.
pub static CONDITIONS: [(&ErrorClass, Status); 5] = [
    (&INVALID_OPERATION_ERROR, INVALID_OPERATION),
    (&CONVERSION_SYNTAX_ERROR, CONVERSION_SYNTAX),
    (&DIVISION_IMPOSSIBLE_ERROR, DIVISION_IMPOSSIBLE),
    (&DIVISION_UNDEFINED_ERROR, DIVISION_UNDEFINED),
    (&INVALID_CONTEXT_ERROR, INVALID_CONTEXT),
];

/// Raises the trapped conditions.
#[cold]
#[inline(never)]
pub fn raise(trapped: Status) -> Raised {
    fn build(trapped: Status) -> R<Raised> {
        let Some((first, _)) = SIGNALS.iter().find(|(_, bits)| trapped & bits != 0) else {
            return Ok(type_error!("no signal is trapped"));
        };
        let mut classes = GcVec::new();
        for (class, bits) in CONDITIONS.iter().chain(&SIGNALS[1..]) {
            if trapped & bits != 0 {
                classes.push(class.class()?.value());
            }
        }
        Ok(new_error_args(first.class()?, &[new_list(&classes).value()]))
    }
    build(trapped).unwrap_or_else(|raised| raised)
}

/// The classes of the signals that are set.
pub fn list_of(status: Status) -> R {
    let mut classes = GcVec::new();
    for (class, bits) in &SIGNALS {
        if status & bits != 0 {
            classes.push(class.class()?.value());
        }
    }
    Ok(new_list(&classes).value())
}
pub fn names_of(status: Status) -> String {
    // In the order of the bits; InvalidOperation stands where the first of its conditions is.
    let mut set: Vec<(Status, &str)> = SIGNALS
        .iter()
        .filter(|(_, bits)| status & bits != 0)
        .map(|(class, bits)| (1 << (status & bits).trailing_zeros(), class.name))
        .collect();
    set.sort_unstable();
    let names: Vec<&str> = set.into_iter().map(|(_, name)| name).collect();
    format!("[{}]", names.join(", "))
}

#[cold]
fn unknown_signal() -> Raised {
    let text = "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]";
    objects::key_error(objects::new_str(text))
}
fn signal_of(key: Value) -> R<Status> {
    for (class, bits) in &SIGNALS {
        if class.class()?.value() == key {
            return Ok(*bits);
        }
    }
    Err(unknown_signal())
}
/// The conditions of a list of signals.
pub fn of_list(list: Value) -> R<Status> {
    let mut status = 0;
    for class in objects::to_vec(list)?.iter() {
        status |= signal_of(*class)?;
    }
    Ok(status)
}
/// The conditions that a mapping from signals to truth names; all signals must be there.
pub fn of_mapping(mapping: Value) -> R<Status> {
    if let Some(signals) = mapping.cast::<SignalDict>() {
        return Ok(signals.status()?.get());
    }
    let Some(dict) = mapping.cast::<objects::Dict>() else { return Err(type_error!("argument must be a signal dict")) };
    let invalid = || objects::key_error(objects::new_str("invalid signal dict"));
    if dict.len() != SIGNALS.len() {
        return Err(invalid());
    }
    let mut status = 0;
    for (class, bits) in &SIGNALS {
        let Some(value) = objects::dict::dict_get(dict, class.class()?.value())? else { return Err(invalid()) };
        if is_true(value)? {
            status |= bits;
        }
    }
    Ok(status)
}

/// What `flags` and `traps` of a context are; Python's `SignalDict` is a subclass of this and of `MutableMapping`.
#[derive(Layout)]
#[repr(C)]
pub struct SignalDict {
    pub header: Header,
    /// Empty in one that Python code made by itself.
    context: objects::Slot,
    which: AtomicU8,
}

/// The flags or the traps of a context.
pub struct Bits {
    context: Gc<Context>,
    traps: bool,
}
impl Bits {
    pub fn get(&self) -> Status {
        if self.traps { self.context.traps() } else { self.context.flags() }
    }
    fn set(&self, bits: Status, on: bool) {
        let word = if self.traps { &self.context.traps } else { &self.context.flags };
        if on {
            word.fetch_or(bits, Ordering::Relaxed);
        } else {
            word.fetch_and(!bits, Ordering::Relaxed);
        }
    }
}

pub fn new_signal_dict(class: Gc<Class>, context: Gc<Context>, traps: bool) -> Value {
    new_object(
        class,
        SignalDict { header: Header::blank(), context: objects::Slot::new(context.value()), which: AtomicU8::new(traps as u8) },
    )
    .value()
}

impl SignalDict {
    fn status(&self) -> R<Bits> {
        match self.context.get().and_then(|context| context.cast::<Context>()) {
            Some(context) => Ok(Bits { context, traps: self.which.load(Ordering::Relaxed) != 0 }),
            None => Err(value_error!("invalid signal dict")),
        }
    }
    fn equals(&self, other: Value, wanted: bool) -> R {
        let own = self.status()?.get();
        if let Some(other) = other.cast::<SignalDict>() {
            let other = other.status()?.get();
            let same = SIGNALS.iter().all(|(_, bits)| (own & bits != 0) == (other & bits != 0));
            return Ok(Value::bool(same == wanted));
        }
        if other.cast::<objects::Dict>().is_some() {
            let same = match of_mapping(other) {
                Ok(other) => SIGNALS.iter().all(|(_, bits)| (own & bits != 0) == (other & bits != 0)),
                Err(raised) if raised.is(&exc::KEY_ERROR) => {
                    raised.clear();
                    false
                }
                Err(raised) => return Err(raised),
            };
            return Ok(Value::bool(same == wanted));
        }
        Ok(Value::not_implemented())
    }
}

#[native_class(name = "decimal.SignalDictMixin", layout = SignalDict, base = object)]
impl SignalDict {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let blank = SignalDict { header: Header::blank(), context: objects::Slot::empty(), which: AtomicU8::new(0) };
        Ok(new_object(cls, blank).value())
    }
    fn __init__(_this: Gc<SignalDict>, _args: Args) {}
    fn __len__(this: Gc<SignalDict>) -> R<usize> {
        this.status().map(|_| SIGNALS.len())
    }
    fn __iter__(this: Gc<SignalDict>) -> R {
        this.status()?;
        let mut classes = GcVec::new();
        for (class, _) in &SIGNALS {
            classes.push(class.class()?.value());
        }
        objects::iter(objects::new_tuple(&classes).value())
    }
    fn __getitem__(this: Gc<SignalDict>, key: Value) -> R<bool> {
        let status = this.status()?;
        Ok(status.get() & signal_of(key)? != 0)
    }
    fn __setitem__(this: Gc<SignalDict>, key: Value, value: Value) -> R<()> {
        let status = this.status()?;
        let bits = signal_of(key)?;
        status.set(bits, is_true(value)?);
        Ok(())
    }
    fn __delitem__(_this: Gc<SignalDict>, _key: Value) -> R<()> {
        Err(value_error!("signal keys cannot be deleted"))
    }
    fn __repr__(this: Gc<SignalDict>) -> R<String> {
        let own = this.status()?.get();
        let items: Vec<String> = SIGNALS
            .iter()
            .map(|(class, bits)| format!("<class 'decimal.{}'>:{}", class.name, if own & bits != 0 { "True" } else { "False" }))
            .collect();
        Ok(format!("{{{}}}", items.join(", ")))
    }
    fn __eq__(this: Gc<SignalDict>, other: Value) -> R {
        this.equals(other, true)
    }
    fn __ne__(this: Gc<SignalDict>, other: Value) -> R {
        this.equals(other, false)
    }
    fn copy(this: Gc<SignalDict>) -> R {
        let own = this.status()?.get();
        let dict = objects::new_dict();
        for (class, bits) in &SIGNALS {
            objects::dict::dict_set(dict, class.class()?.value(), Value::bool(own & bits != 0))?;
        }
        Ok(dict.value())
    }
}

/// The layout's class is the mixin; instances are of the class that the module made of it.
pub fn mixin() -> Gc<Class> {
    SignalDict::class()
}
