//! What is made when it is first needed, classes above all: by one thread, while others that need it wait.
//!
//! Must not know: how anything is made.

use heap::{OwnedMutex, OwnedMutexGuard};
use std::sync::atomic::{AtomicU8, Ordering};

const NEW: u8 = 0;
const BUSY: u8 = 1;
const DONE: u8 = 2;

/// One for all, so that two threads never wait for each other's classes. Who makes a class may need others for it, and comes here again.
static MAKING: OwnedMutex = OwnedMutex::new();

/// While it is kept, no other thread is in the middle of making something: for forks, whose child would wait for that thread for ever.
pub fn hold() -> Option<OwnedMutexGuard<'static>> {
    MAKING.lock()
}

/// Whether something has been made.
pub struct Making {
    state: AtomicU8,
}

impl Making {
    pub const fn new() -> Making {
        Making { state: AtomicU8::new(NEW) }
    }
    /// Runs `make`, unless that was done. If it fails, or memory is out, the next caller tries again, with what is there by then. Inside
    /// `make`, what is being made counts as made.
    #[inline(always)]
    pub fn once<E>(&self, make: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        if self.state.load(Ordering::Acquire) == DONE { Ok(()) } else { self.first(make) }
    }
    #[cold]
    fn first<E>(&self, make: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let _alone = MAKING.lock();
        if self.state.load(Ordering::Acquire) != NEW {
            return Ok(());
        }
        let mut attempt = Attempt { making: self, end: NEW };
        self.state.store(BUSY, Ordering::Relaxed);
        make()?;
        attempt.end = DONE;
        Ok(())
    }
}

impl Default for Making {
    fn default() -> Making {
        Making::new()
    }
}

/// Leaves the state behind that its end asks for, also when it ends by unwinding.
struct Attempt<'a> {
    making: &'a Making,
    end: u8,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.making.state.store(self.end, Ordering::Release);
    }
}
