//! What is kept back for the time when memory is out: telling of it takes some, too.
//! Must not know: how it is told.

use std::cell::Cell;

/// For an exception, its traceback, and frames that are left.
const FOR_ERRORS: usize = 2 << 20;
/// For the end of a process: reports, exit functions, finalizers.
const FOR_ENDING: usize = 16 << 20;

thread_local! {
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// Raises the heap's limit for the calling thread while `work` goes on, as far as its error needs.
pub fn with_reserve<T>(work: impl FnOnce() -> T) -> T {
    opened(FOR_ERRORS, work)
}

/// The same for what belongs to the end of the process.
pub fn with_last_reserve<T>(work: impl FnOnce() -> T) -> T {
    opened(FOR_ENDING, work)
}

fn opened<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            OPEN.set(self.0)
        }
    }
    let _restore = Restore(OPEN.replace(bytes.max(OPEN.get())));
    work()
}

/// What the calling thread may use beyond the limit.
pub(crate) fn open() -> usize {
    OPEN.get()
}

/// The part of a heap of `size` bytes that is kept back.
pub(crate) fn kept_back(size: usize) -> usize {
    FOR_ENDING.min(size / 8)
}

/// Nothing is left even for an exception: says so in one line and ends the process.
pub fn end_out_of_memory() -> ! {
    const TEXT: &[u8] = b"MemoryError\n";
    // SAFETY: plain system calls; nothing is unwound or cleaned up, which could take memory.
    unsafe {
        libc::write(2, TEXT.as_ptr().cast(), TEXT.len());
        libc::_exit(1)
    }
}
