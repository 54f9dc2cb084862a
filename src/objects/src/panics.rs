//! What unwinds through native code and is no `Raised`: memory that is out, and mistakes. Programs see an exception.
//!
//! The loop turns it into one wherever Python code is below. Whoever calls natives without a loop below (threads, the end of the process,
//! callbacks of C) goes through `guarded`.

use crate::error::{R, Raised, memory_error, system_error};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Raises the exception that stands for what unwound.
#[cold]
pub fn raise_panic(payload: Box<dyn Any + Send>) -> Raised {
    if payload.is::<heap::OutOfMemory>() {
        return memory_error();
    }
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "unknown panic",
    };
    // What the library of big integers says of numbers that no memory holds.
    if matches!(text, "out of memory" | "try to allocate too much memory") {
        return memory_error();
    }
    match catch_unwind(|| heap::with_reserve(|| system_error!("internal error: {text}"))) {
        Ok(raised) => raised,
        Err(_) => memory_error(),
    }
}

/// Does what may unwind; that is raised then, too.
pub fn guarded<T>(work: impl FnOnce() -> R<T>) -> R<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(raise_panic(payload)))
}

/// The same for what reports its errors itself; what unwinds from it goes to `sys.unraisablehook`, or is dropped if that unwinds, too.
pub fn guarded_or_told(message: &str, work: impl FnOnce()) {
    let done = guarded(|| {
        work();
        Ok(())
    });
    if let Err(raised) = done {
        let tell = || heap::with_reserve(|| crate::unraisable::report_raised(raised, Some(message), None));
        if catch_unwind(AssertUnwindSafe(tell)).is_err() && crate::thread::has_exception() {
            crate::thread::take_exception();
        }
    }
}
