//! `hpy.universal._trace`: what `hpy.trace` is made of.
//!
//! Must not know: contexts.

use super::{COUNTS, DURATIONS, FUNCTIONS, ON_ENTER, ON_EXIT, set_hook};
use heap::Slot;
use native_macros::native_module;
use objects::{R, Value, intern, is_callable, new_dict, new_int_u64, set_item, type_error};
use std::sync::atomic::{AtomicU64, Ordering};

fn table(numbers: &[AtomicU64]) -> R {
    let result = new_dict().value();
    for (id, name) in FUNCTIONS {
        set_item(result, intern(name).value(), new_int_u64(numbers[*id].load(Ordering::Relaxed)))?;
    }
    Ok(result)
}

fn checked(function: Value) -> R<Option<Value>> {
    if function.is_none() {
        return Ok(None);
    }
    if !is_callable(function) {
        return Err(type_error!("Expected a callable object or None"));
    }
    Ok(Some(function))
}

fn set(hook: &'static Slot, function: Option<Value>) -> R<()> {
    if let Some(function) = function {
        set_hook(hook, checked(function)?);
    }
    Ok(())
}

pub struct Trace;

/// HPy trace mode
#[native_module(name = "hpy.universal._trace")]
impl Trace {
    /// Return a dict of the nanoseconds spent in each context function.
    fn get_durations() -> R {
        table(&DURATIONS)
    }
    /// Return a dict of the number of calls of each context function.
    fn get_call_counts() -> R {
        table(&COUNTS)
    }
    /// Set the functions to call if an HPy API is entered/exited.
    #[sig("(on_enter=<unrepresentable>, on_exit=<unrepresentable>)")]
    fn set_trace_functions(on_enter: Option<Value>, on_exit: Option<Value>) -> R<()> {
        set(&ON_ENTER, on_enter)?;
        set(&ON_EXIT, on_exit)
    }
    /// Resolution of the used clock in Hertz.
    fn get_frequency() -> i64 {
        let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: writes to a live local.
        unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_RAW, &mut step) };
        let nanoseconds = step.tv_sec * 1_000_000_000 + step.tv_nsec;
        1_000_000_000 / nanoseconds.max(1)
    }
}
