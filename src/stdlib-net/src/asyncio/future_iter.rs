//! The iterator of `await future`. Must not know: tasks.

use super::future::{Future, PENDING, get_result};
use native_macros::{Layout, native_class};
use objects::error::stop_iteration;
use objects::exc::BaseException;
use objects::{Cast, Class, Gc, Header, Layout, R, Slot, Value, call, new_object, runtime_error, type_error};
use std::sync::atomic::Ordering;

#[derive(Layout)]
#[repr(C)]
pub struct FutureIter {
    pub header: Header,
    /// Empty when finished.
    future: Slot,
}

pub fn new_future_iter(future: Gc<Future>) -> Value {
    let made = new_object(FutureIter::class(), FutureIter { header: Header::blank(), future: Slot::empty() });
    made.future.set(future.value());
    made.value()
}

/// What comes next: the future itself, then its result.
fn step(this: Gc<FutureIter>) -> R<Result<Value, Value>> {
    let Some(future) = this.future.get() else { return Ok(Err(Value::none())) };
    // SAFETY: nothing else is ever stored there.
    let future: Gc<Future> = unsafe { future.cast_unchecked() };
    if future.state() == PENDING {
        if !future.blocking.swap(true, Ordering::Relaxed) {
            return Ok(Ok(future.value()));
        }
        return Err(runtime_error!("await wasn't used with future"));
    }
    this.future.set_opt(None);
    Ok(Err(get_result(future)?))
}

#[native_class(name = "_asyncio.FutureIter", base = object, flags = "final no_new")]
impl FutureIter {
    fn __iter__(this: Gc<FutureIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<FutureIter>) -> R<Option<Value>> {
        match step(this)? {
            Ok(future) => Ok(Some(future)),
            Err(result) if result.is_none() => Ok(None),
            Err(result) => Err(stop_iteration(Some(result))),
        }
    }
    fn send(this: Gc<FutureIter>, value: Value) -> R {
        let _ = value;
        match step(this)? {
            Ok(future) => Ok(future),
            Err(result) => Err(stop_iteration(Some(result))),
        }
    }
    fn throw(this: Gc<FutureIter>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
        if value.is_some() || traceback.is_some() {
            objects::warnings::deprecation(
                "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            )?;
        }
        let value = value.filter(|value| !value.is_none());
        let traceback = traceback.filter(|traceback| !traceback.is_none());
        if traceback.is_some_and(|traceback| traceback.cast::<objects::traceback::Traceback>().is_none()) {
            return Err(type_error!("throw() third argument must be a traceback"));
        }
        let exception = match (kind.cast::<BaseException>(), kind.cast::<Class>()) {
            (Some(_), _) if value.is_some() => {
                return Err(type_error!("instance exception may not have a separate value"));
            }
            (Some(exception), _) => exception,
            (None, Some(class)) if class.is_subclass_of(objects::exc::BASE_EXCEPTION.get()) => match value {
                Some(value) if objects::is_instance(value, class) => match value.cast::<BaseException>() {
                    Some(exception) => exception,
                    None => return Err(wrong_exception()),
                },
                value => {
                    let made = call(kind, value.as_slice())?;
                    made.cast::<BaseException>().ok_or_else(wrong_exception)?
                }
            },
            _ => return Err(wrong_exception()),
        };
        if let Some(traceback) = traceback {
            exception.traceback.set(traceback);
        }
        this.future.set_opt(None);
        Err(objects::error::raise(exception.value()))
    }
    fn close(this: Gc<FutureIter>) {
        this.future.set_opt(None);
    }
}

#[cold]
fn wrong_exception() -> objects::Raised {
    type_error!("exceptions must be classes deriving BaseException or instances of such a class")
}
