//! Telling somebody of every allocation while that is asked for (`tracemalloc`). Must not know: who, and what is made of it.
//! While nobody asks, nothing on a fast path looks here: buffers of one cell make each allocation take the slow path (`config`).

use crate::header::Header;
use crate::{config, world};
use std::sync::atomic::{AtomicPtr, Ordering};

/// Called with a fresh object and the size that was asked for, and again when an object has grown. It must not allocate objects, block, or
/// take a lock that its holder keeps over a safepoint.
pub type AllocationHook = fn(*mut Header, usize);

static HOOK: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Sets or takes away the hook, for all threads.
pub fn watch_allocations(hook: Option<AllocationHook>) {
    let _stopped = world::stop();
    HOOK.store(hook.map_or(std::ptr::null_mut(), |hook| hook as *mut ()), Ordering::SeqCst);
    config::update_special();
    let world = world::lock();
    for mutator in world.mutators() {
        mutator.retire(false);
    }
}

pub(crate) fn is_watched() -> bool {
    !HOOK.load(Ordering::Relaxed).is_null()
}

#[inline]
pub(crate) fn tell(object: *mut Header, size: usize) {
    if config::special() {
        tell_hook(object, size)
    }
}

#[cold]
fn tell_hook(object: *mut Header, size: usize) {
    let hook = HOOK.load(Ordering::Relaxed);
    if !hook.is_null() {
        // SAFETY: only `watch_allocations` stores there, and only hooks.
        let hook = unsafe { std::mem::transmute::<*mut (), AllocationHook>(hook) };
        hook(object, size)
    }
}
