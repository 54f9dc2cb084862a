//! `generator`, `coroutine` and `coroutine_wrapper`. Must not know: how frames are resumed.

use crate::generator::{self, close_with_value, delegate_of, exception_to_throw};
use crate::run;
use heap::{Header, Slot, Value};
use native_macros::native_class;
use objects::door::{Outcome, Resume};
use objects::error::{R, stop_iteration, type_error};
use objects::exception as exc;
use objects::frame::generator_frame;
use objects::generator::{CoroutineWrapper, Generator, RUNNING, SUSPENDED};
use objects::layout::{Cast, Gc, new_native};
use objects::str::Str;
use std::sync::atomic::Ordering;

/// A value, or StopIteration with the value that was returned.
pub fn outcome_value(outcome: Outcome) -> R {
    match outcome {
        Outcome::Yielded(value) => Ok(value),
        Outcome::Returned(value) => Err(stop_iteration(Some(value))),
    }
}

/// What `__next__` gives: None ends the iteration when nothing was returned.
pub fn outcome_next(outcome: Outcome) -> R<Option<Value>> {
    match outcome {
        Outcome::Yielded(value) => Ok(Some(value)),
        Outcome::Returned(value) if value.is_none() => Ok(None),
        Outcome::Returned(value) => Err(stop_iteration(Some(value))),
    }
}

pub fn object_repr(kind: &str, name: Option<Value>, address: u64) -> String {
    let name = name.and_then(|name| name.cast::<Str>()).map(|name| name.to_string_lossy()).unwrap_or_default();
    format!("<{kind} object {name} at {address:#x}>")
}

/// What `attribute` may be set to: a string.
pub fn text(value: Option<Value>, attribute: &str) -> R {
    value
        .filter(|value| value.is_instance_of_layout::<Str>())
        .ok_or_else(|| type_error!("{attribute} must be set to a string object"))
}

pub fn set_text(slot: &Slot, value: Option<Value>, attribute: &str) -> R<()> {
    slot.set(text(value, attribute)?);
    Ok(())
}

pub fn frame_of(this: Gc<Generator>) -> Value {
    generator_frame(run::exec(), this).map_or(Value::none(), Gc::value)
}
pub fn is_state(this: Gc<Generator>, state: u8) -> bool {
    this.state.load(Ordering::Acquire) == state
}

pub fn throw(this: Gc<Generator>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R<Outcome> {
    if value.is_some() || traceback.is_some() {
        objects::warnings::deprecation(
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
        )?;
    }
    let exception = exception_to_throw(kind, value.unwrap_or(Value::none()), traceback.unwrap_or(Value::none()))?;
    generator::resume(this.value(), Resume::Throw(exception))
}

/// The class `$skin` of a kind of generator, with the methods given and what all three kinds have; some of that under names of its own.
macro_rules! generator_class {
    (
        #[names($kind:literal, $frame:ident, $code:ident, $suspended:ident)]
        #[delegate($delegate:ident, $delegate_doc:literal)]
        $(#[$attribute:meta])*
        impl $skin:ident { $($methods:tt)* }
    ) => {
        pub struct $skin;

        $(#[$attribute])*
        impl $skin {
            $($methods)*
            fn __repr__(this: Gc<Generator>) -> String {
                object_repr($kind, this.qualname.get(), this.value().raw())
            }
            fn __del__(this: Gc<Generator>) -> R {
                generator::finalize(this)
            }
            #[getter]
            fn $frame(this: Gc<Generator>) -> Value {
                frame_of(this)
            }
            #[getter]
            fn $code(this: Gc<Generator>) -> Value {
                this.code().value()
            }
            #[getter]
            fn $suspended(this: Gc<Generator>) -> bool {
                is_state(this, SUSPENDED)
            }
            #[doc = $delegate_doc]
            #[getter]
            fn $delegate(this: Gc<Generator>) -> Value {
                delegate_of(this).unwrap_or(Value::none())
            }
            #[getter("__name__")]
            fn name(this: Gc<Generator>) -> Value {
                this.name.get().unwrap_or(Value::none())
            }
            #[setter(__name__)]
            fn set_name(this: Gc<Generator>, value: Option<Value>) -> R<()> {
                set_text(&this.name, value, "__name__")
            }
            #[getter("__qualname__")]
            fn qualname(this: Gc<Generator>) -> Value {
                this.qualname.get().unwrap_or(Value::none())
            }
            #[setter(__qualname__)]
            fn set_qualname(this: Gc<Generator>, value: Option<Value>) -> R<()> {
                set_text(&this.qualname, value, "__qualname__")
            }
            /// See PEP 585
            #[classmethod]
            fn __class_getitem__(cls: Gc<objects::class::Class>, item: Value) -> R {
                objects::door::generic_alias(cls.value(), item)
            }
        }
    };
}
pub(super) use generator_class;

generator_class! {
    #[names("generator", gi_frame, gi_code, gi_suspended)]
    #[delegate(gi_yieldfrom, "what yield from iterates over, or None")]
    #[native_class(name = "generator", layout = Generator, base = object, flags = "final no_new weakref")]
    impl GeneratorSkin {
        fn __iter__(this: Gc<Generator>) -> R {
            Ok(this.value())
        }
        fn __next__(this: Gc<Generator>) -> R<Option<Value>> {
            generator::next(this)
        }
        /// send(value) -> resume the generator with 'value' and
        /// return what it yields next or raise StopIteration.
        fn send(this: Gc<Generator>, value: Value) -> R {
            outcome_value(generator::resume(this.value(), Resume::Send(value))?)
        }
        /// throw(value)
        /// throw(type[,value[,tb]])
        ///
        /// Raise an exception where the generator waits;
        /// return what it yields next or raise StopIteration.
        fn throw(this: Gc<Generator>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
            outcome_value(throw(this, kind, value, traceback)?)
        }
        /// close() -> end the generator by GeneratorExit.
        fn close(this: Gc<Generator>) -> R {
            close_with_value(this)
        }
        #[getter]
        fn gi_running(this: Gc<Generator>) -> bool {
            is_state(this, RUNNING)
        }
    }
}

generator_class! {
    #[names("coroutine", cr_frame, cr_code, cr_suspended)]
    #[delegate(cr_await, "what is being awaited, or None")]
    #[native_class(name = "coroutine", layout = Generator, base = object, flags = "final no_new weakref")]
    impl CoroutineSkin {
        fn __await__(this: Gc<Generator>) -> R {
            Ok(new_native(CoroutineWrapper { header: Header::new(0), coroutine: Slot::new(this.value()) }).value())
        }
        /// send(arg) -> resume the coroutine with 'arg' and
        /// return what it awaits next or raise StopIteration.
        fn send(this: Gc<Generator>, value: Value) -> R {
            outcome_value(generator::resume(this.value(), Resume::Send(value))?)
        }
        /// throw(value)
        /// throw(type[,value[,traceback]])
        ///
        /// Raise an exception where the coroutine waits;
        /// return what it awaits next or raise StopIteration.
        fn throw(this: Gc<Generator>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
            outcome_value(throw(this, kind, value, traceback)?)
        }
        /// close() -> end the coroutine by GeneratorExit.
        fn close(this: Gc<Generator>) -> R {
            close_with_value(this)
        }
        #[getter]
        fn cr_running(this: Gc<Generator>) -> bool {
            is_state(this, RUNNING)
        }

        #[getter]
        fn cr_origin(this: Gc<Generator>) -> Value {
            this.origin.get().unwrap_or(Value::none())
        }
    }
}

fn coroutine_of(this: Gc<CoroutineWrapper>) -> R<Gc<Generator>> {
    match this.coroutine.get().and_then(|value| value.cast::<Generator>()) {
        Some(coroutine) => Ok(coroutine),
        None => Err(type_error!("coroutine wrapper without a coroutine")),
    }
}

pub struct CoroutineWrapperSkin;

/// What __await__() of a coroutine returns.
#[native_class(name = "coroutine_wrapper", layout = CoroutineWrapper, base = object, flags = "final no_new")]
impl CoroutineWrapperSkin {
    fn __iter__(this: Gc<CoroutineWrapper>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<CoroutineWrapper>) -> R<Option<Value>> {
        outcome_next(generator::resume(coroutine_of(this)?.value(), Resume::Send(Value::none()))?)
    }
    /// send(arg) -> resume the coroutine with 'arg' and
    /// return what it awaits next or raise StopIteration.
    fn send(this: Gc<CoroutineWrapper>, value: Value) -> R {
        outcome_value(generator::resume(coroutine_of(this)?.value(), Resume::Send(value))?)
    }
    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raise an exception where the coroutine waits;
    /// return what it awaits next or raise StopIteration.
    fn throw(this: Gc<CoroutineWrapper>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
        outcome_value(throw(coroutine_of(this)?, kind, value, traceback)?)
    }
    /// close() -> end the coroutine by GeneratorExit.
    fn close(this: Gc<CoroutineWrapper>) -> R {
        close_with_value(coroutine_of(this)?)
    }
}

/// Whether an exception ends an iteration.
pub fn is_stop(exception: Value) -> bool {
    objects::class::is_instance(exception, exc::STOP_ITERATION.get())
}
