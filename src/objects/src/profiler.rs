//! The place where a profiler in native code is announced to the interpreter: it hears when functions begin and end, of all threads.
//!
//! Must not know: who measures (module `_lsprof`), how events are found (the interpreter).

use crate::code::Code;
use crate::layout::Gc;
use heap::Value;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What the interpreter calls. A window is named by the address of its registers.
pub struct Hooks {
    pub enter: fn(Gc<Code>, usize),
    pub leave: fn(usize),
    /// A native callable is entered. What it gives goes to `leave_native`.
    pub enter_native: fn(Value) -> usize,
    pub leave_native: fn(usize),
}

static ACTIVE: AtomicPtr<Hooks> = AtomicPtr::new(std::ptr::null_mut());

/// The profiler that is switched on, if any.
#[inline(always)]
pub fn active() -> Option<&'static Hooks> {
    // SAFETY: only static tables are stored.
    unsafe { ACTIVE.load(Ordering::Relaxed).as_ref() }
}

/// Switches a profiler on or off, for all threads.
pub fn set_active(hooks: Option<&'static Hooks>) {
    let pointer = hooks.map_or(std::ptr::null_mut(), |hooks| std::ptr::from_ref(hooks).cast_mut());
    ACTIVE.store(pointer, Ordering::Release);
    crate::monitoring::refresh_threads();
}
