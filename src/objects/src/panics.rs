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
    if payload.is::<Stopped>() {
        return Raised::already_set();
    }
    if is_about_memory(&*payload) {
        return memory_error();
    }
    let text = text_of(&*payload).unwrap_or("unknown panic");
    match catch_unwind(|| heap::with_reserve(|| system_error!("internal error: {text}"))) {
        Ok(raised) => raised,
        Err(_) => memory_error(),
    }
}

fn text_of(payload: &dyn Any) -> Option<&str> {
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Whether it is `OutOfMemory`, or what the libraries of big integers and short strings say of what no memory holds.
pub fn is_about_memory(payload: &dyn Any) -> bool {
    payload.is::<heap::OutOfMemory>()
        || matches!(
            text_of(payload),
            Some("out of memory" | "try to allocate too much memory" | "Cannot allocate memory to hold CharString")
        )
}

/// Unwinds from a computation that a signal handler has ended; its exception is set.
struct Stopped;

/// Polls in the middle of a computation of crate `base`, which may go on outside of the collector's way.
pub fn pause() {
    let interrupts = heap::interrupts();
    if interrupts == 0 || !crate::thread::is_attached() {
        return;
    }
    let was_outside = heap::world::in_blocking();
    if was_outside {
        // Who stops the world does not wait for this thread.
        if interrupts & !heap::mutator::INTERRUPT_STOP == 0 {
            return;
        }
        heap::end_blocking();
    }
    let result = crate::thread::poll();
    if was_outside {
        heap::begin_blocking();
    }
    if result.is_err() {
        std::panic::resume_unwind(Box::new(Stopped))
    }
}

/// The poll hook: memory outside the heap was short, and still is.
pub fn poll_hook() -> R<()> {
    if heap::interrupts() & heap::outside::INTERRUPT_SHORT != 0 && !heap::outside::recover() {
        return Err(memory_error());
    }
    Ok(())
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
