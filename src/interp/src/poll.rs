//! What a thread does when its limit word was pulled: safepoint, signals, finalizers, exceptions from outside; and the
//! recursion limit, which shares that word.

use objects::error::{R, recursion_error};
use objects::frame::Exec;
use std::sync::atomic::Ordering;

/// Visits everything that waits for this thread. The state must be published.
#[cold]
#[inline(never)]
pub fn poll(exec: &'static Exec) -> R<()> {
    exec.limit.store(exec.soft_limit.get(), Ordering::SeqCst);
    heap::poll();
    objects::thread::run_poll_hooks()
}

/// Called when a window would end above the limit: polls if that was the reason, else counts frames and moves the limit.
#[cold]
#[inline(never)]
pub fn make_room(exec: &'static Exec, end: usize) -> R<()> {
    if exec.limit.load(Ordering::Relaxed) == 0 {
        poll(exec)?;
    }
    if end <= exec.soft_limit.get() {
        return Ok(());
    }
    let frames = exec.frame_count() as u32;
    let allowed = exec.recursion_limit.load(Ordering::Relaxed);
    if frames >= allowed || end > exec.hard_limit() {
        // Back to the optimistic limit, so that the next recursion is counted again.
        exec.set_recursion_limit(allowed);
        return Err(recursion_error!("maximum recursion depth exceeded"));
    }
    exec.raise_limit(end, allowed - frames);
    Ok(())
}

/// `poll` where an error cannot be raised: it stays pending in the thread and is raised by the next poll.
#[cold]
#[inline(never)]
pub fn poll_deferring_errors(exec: &'static Exec) {
    if let Err(raised) = poll(exec) {
        objects::thread::defer_exception(raised.take());
    }
}
