//! Work of libraries that has no points at which it could be interrupted: it is done on a thread of its own, and this thread looks for
//! signals meanwhile. Must not know: what is done.

use objects::{R, memory_error};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How long a signal may wait.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Beyond what the work counts with.
const SPARE_STACK: usize = 1 << 20;

/// Does work that touches no object and needs so much stack. Should a signal handler raise, nobody waits for the result any more.
pub fn apart<T: Send + 'static>(stack: usize, work: impl FnOnce() -> T + Send + 'static) -> R<T> {
    let (sender, receiver) = sync_channel(1);
    let thread = std::thread::Builder::new().name("front end".to_owned()).stack_size(stack + SPARE_STACK).spawn(move || {
        hold_signals();
        // Nobody may be there any more.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    });
    if thread.is_err() {
        return Err(memory_error());
    }
    loop {
        match heap::blocking(|| receiver.recv_timeout(BETWEEN_LOOKS)) {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(RecvTimeoutError::Timeout) => objects::thread::poll()?,
            Err(RecvTimeoutError::Disconnected) => return Err(memory_error()),
        }
    }
}

/// Signals are for the threads of the program.
fn hold_signals() {
    // SAFETY: a set of this function's own, filled before use.
    unsafe {
        let mut all = std::mem::MaybeUninit::uninit();
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), std::ptr::null_mut());
    }
}
