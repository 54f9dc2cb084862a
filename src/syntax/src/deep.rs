//! Room for recursion over deep trees.

/// Depth that any thread's stack bears.
const SHALLOW: usize = 200;
const STACK_BYTES_PER_LEVEL: usize = 64 << 10;

/// Runs `work`, which recurses over a tree of `depth`, with enough stack: here if shallow, else on a thread of its own.
pub fn with_stack_for<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> T {
    if depth <= SHALLOW {
        return work();
    }
    let stack = (depth + SHALLOW).saturating_mul(STACK_BYTES_PER_LEVEL);
    std::thread::scope(|scope| {
        let handle = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work).expect("a thread can be started");
        match handle.join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
