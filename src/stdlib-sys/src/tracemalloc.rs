//! The module `_tracemalloc`: allocations are not traced here, and it says so.

use native_macros::native_module;
use objects::{R, Value, new_list, not_implemented_error};

pub struct TraceMalloc;

/// What the interpreter has allocated where.
#[native_module(name = "_tracemalloc")]
impl TraceMalloc {
    /// Whether allocations are being traced.
    fn is_tracing() -> bool {
        false
    }
    /// Forget all allocations traced so far.
    fn clear_traces() {}
    /// All traced allocations.
    fn _get_traces() -> Value {
        new_list(&[]).value()
    }
    /// Where an object was allocated, as a tuple of frames.
    fn _get_object_traceback(_obj: Value) {}
    /// Begin to trace allocations.
    #[sig("($module, nframe=1, /)")]
    fn start(_nframe: i32) -> R<()> {
        Err(not_implemented_error!("_tracemalloc.start"))
    }
    /// End the tracing of allocations.
    fn stop() {}
    /// How many frames a trace holds at most.
    fn get_traceback_limit() -> i64 {
        1
    }
    /// How many bytes tracemalloc uses itself.
    fn get_tracemalloc_memory() -> i64 {
        0
    }
    /// How many bytes the traced allocations have now, and had at most.
    fn get_traced_memory() -> (i64, i64) {
        (0, 0)
    }
    /// Let the peak of the traced allocations be their present size.
    fn reset_peak() {}
}
