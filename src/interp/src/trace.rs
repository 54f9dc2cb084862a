//! Tracing and profiling hooks. Must not know: op bodies.

use heap::Value;
use objects::frame::{Exec, View};
use std::sync::atomic::Ordering;

/// Whether a tracer or profiler is set for this thread.
#[inline(always)]
pub fn is_active(exec: &Exec) -> bool {
    exec.instrumented.load(Ordering::Relaxed)
}

/// An exception passes through a frame.
#[cold]
pub fn exception_event(_exec: &'static Exec, _view: View) {}

/// A frame returns `value` (None: an exception leaves it).
#[cold]
pub fn return_event(_exec: &'static Exec, _view: View, _value: Option<Value>) {}
