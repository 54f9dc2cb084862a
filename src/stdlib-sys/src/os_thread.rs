//! Threads of the operating system, started without the standard library: its own way takes a process-wide lock when a thread begins
//! and when it ends, and a fork at such a moment leaves a child in which no thread can start.
//! Must not know: Python, objects. Overflow of the native stack is the recursion guard's matter.

use std::panic::{AssertUnwindSafe, catch_unwind};

type Work = Box<dyn FnOnce() + Send>;

/// A thread that was started. Dropping it lets the thread go on by itself.
pub struct OsThread(libc::pthread_t);

// SAFETY: the handle is a number to the C library, which any thread may join or detach, once; both take or drop the value.
unsafe impl Send for OsThread {}

extern "C" fn run(work: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: made by `spawn` for this thread alone.
    let work = unsafe { Box::from_raw(work as *mut Work) };
    // A panic was reported by its hook; the thread ends.
    let _ = catch_unwind(AssertUnwindSafe(work));
    std::ptr::null_mut()
}

/// Starts a thread with at least `stack_size` bytes of stack. None: the system refuses.
pub fn spawn(stack_size: usize, work: impl FnOnce() + Send + 'static) -> Option<OsThread> {
    const PAGE: usize = 16 << 10;
    let stack_size = stack_size.max(libc::PTHREAD_STACK_MIN).checked_next_multiple_of(PAGE)?;
    let work: Box<Work> = Box::new(Box::new(work));
    let work = Box::into_raw(work);
    // SAFETY: the attributes are initialised by the first call and destroyed at the end; `run` takes the box over if there is a thread.
    let (started, thread) = unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut thread: libc::pthread_t = std::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        libc::pthread_attr_setstacksize(&mut attributes, stack_size);
        let result = libc::pthread_create(&mut thread, &attributes, run, work.cast());
        libc::pthread_attr_destroy(&mut attributes);
        (result == 0, thread)
    };
    if started {
        return Some(OsThread(thread));
    }
    // SAFETY: no thread took it.
    drop(unsafe { Box::from_raw(work) });
    None
}

impl OsThread {
    /// Lets it begin on a core of its own, if there is one.
    pub fn place(&self) {
        // SAFETY: neither joined nor detached yet.
        unsafe { heap::placement::place(self.0) }
    }

    /// Waits for the thread's end.
    pub fn join(self) {
        // SAFETY: neither joined nor detached yet.
        unsafe { libc::pthread_join(self.0, std::ptr::null_mut()) };
        std::mem::forget(self);
    }
}

impl Drop for OsThread {
    fn drop(&mut self) {
        // SAFETY: neither joined nor detached yet.
        unsafe { libc::pthread_detach(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn threads_run_and_are_joined() {
        let count = Arc::new(AtomicUsize::new(0));
        let threads: Vec<OsThread> = (0..4)
            .map(|_| {
                let count = count.clone();
                spawn(0, move || {
                    count.fetch_add(1, Ordering::SeqCst);
                })
                .expect("a thread")
            })
            .collect();
        threads.into_iter().for_each(OsThread::join);
        assert_eq!(count.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn a_stack_of_absurd_size_is_refused() {
        assert!(spawn(usize::MAX, || ()).is_none());
        assert!(spawn(1 << 60, || ()).is_none());
    }
}
