//! A lock that its owner may take again. Must not know: what it guards.

use objects::thread;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub struct OwnedLock {
    lock: heap::RawLock,
    /// The owner's ident, 0 if there is none.
    owner: AtomicU64,
    /// How often the owner has taken it. Only the owner looks.
    depth: AtomicUsize,
}

impl OwnedLock {
    pub const fn new() -> OwnedLock {
        OwnedLock { lock: heap::RawLock::new(), owner: AtomicU64::new(0), depth: AtomicUsize::new(0) }
    }
    pub fn is_mine(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == thread::current().ident
    }
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }
    pub fn acquire(&self) {
        if !self.is_mine() {
            self.lock.acquire(None, false);
            self.owner.store(thread::current().ident, Ordering::Relaxed);
        }
        self.depth.fetch_add(1, Ordering::Relaxed);
    }
    /// False: the calling thread does not have it.
    pub fn release(&self) -> bool {
        if !self.is_mine() {
            return false;
        }
        if self.depth.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.owner.store(0, Ordering::Relaxed);
            self.lock.release();
        }
        true
    }
    /// In the child of a fork: what a thread held that is gone is free again.
    pub fn after_fork_child(&self) {
        if !self.is_mine() {
            self.lock.reset();
            self.owner.store(0, Ordering::Relaxed);
            self.depth.store(0, Ordering::Relaxed);
        }
    }
}
