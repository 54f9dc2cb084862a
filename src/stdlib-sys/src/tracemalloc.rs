//! The module `_tracemalloc`: allocations are not traced here, and it says so.

use native_macros::native_module;
use objects::{R, Value, new_list, not_implemented_error};

pub struct TraceMalloc;

/// Debug module to trace memory blocks allocated by Python.
#[native_module(name = "_tracemalloc")]
impl TraceMalloc {
    /// Return True if the tracemalloc module is tracing Python memory allocations, False otherwise.
    fn is_tracing() -> bool {
        false
    }
    /// Clear traces of memory blocks allocated by Python.
    fn clear_traces() {}
    /// Get traces of all memory blocks allocated by Python.
    fn _get_traces() -> Value {
        new_list(&[]).value()
    }
    /// Get the traceback where the Python object obj was allocated.
    fn _get_object_traceback(_obj: Value) {}
    /// Start tracing Python memory allocations.
    #[sig("($module, nframe=1, /)")]
    fn start(_nframe: i32) -> R<()> {
        Err(not_implemented_error!("_tracemalloc.start"))
    }
    /// Stop tracing Python memory allocations.
    fn stop() {}
    /// Get the maximum number of frames stored in the traceback of a trace.
    fn get_traceback_limit() -> i64 {
        1
    }
    /// Get the memory usage in bytes of the tracemalloc module.
    fn get_tracemalloc_memory() -> i64 {
        0
    }
    /// Get the current size and peak size of memory blocks traced by tracemalloc.
    fn get_traced_memory() -> (i64, i64) {
        (0, 0)
    }
    /// Set the peak size of memory blocks traced by tracemalloc to the current size.
    fn reset_peak() {}
}
