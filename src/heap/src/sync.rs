//! Locks for data outside of objects' headers; all of them wait in a blocking region, so they never hold up a
//! collection: Mutex, OwnedMutex, Condvar, RawLock (for threading.Lock), Event, Once.
//! Must not know: Python. None of them is poisoned by a panic.
//!
//! While the process has one thread (`is_alone`), a lock is taken and given back by a load and a store instead of an atomic exchange.
//! What the word says is the same either way, so a guard may outlive the time of one thread. Nobody comes between the load and the store:
//! - signal handlers take no locks;
//! - a second attached thread runs only after `world` has held this one at a safepoint (that is what makes the process multithreaded), and
//!   there is none between asking `is_alone` and the store; for what the two then see of one another, that stop is the synchronisation;
//! - a thread in a blocking region is not held up by that stop, so it exchanges always;
//! - a thread that is not attached becomes so before it takes a lock that an attached one may be at. One that has detached takes none.

use crate::mutator::Mutator;
use crate::parking::{self, ParkResult};
use crate::{mutator, world};
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::time::{Duration, Instant};

const FREE: u32 = 0;
const HELD: u32 = 1;
const CONTENDED: u32 = 2;
const SPINS: u32 = 60;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acquire {
    Acquired,
    TimedOut,
    /// An interrupt bit is set (a signal arrived): handle it, then try again.
    Interrupted,
}

/// Whether nobody else can be at a lock until this thread's next safepoint.
#[inline(always)]
fn is_alone() -> bool {
    !world::is_multithreaded() && mutator::current().is_running()
}

/// A lock without data, owner or guard. May be released by any thread.
pub struct RawLock {
    state: AtomicU32,
}

impl RawLock {
    pub const fn new() -> RawLock {
        RawLock { state: AtomicU32::new(FREE) }
    }

    #[inline]
    pub fn try_acquire(&self) -> bool {
        if is_alone() {
            let is_free = self.state.load(Ordering::Acquire) == FREE;
            if is_free {
                self.state.store(HELD, Ordering::Relaxed);
            }
            return is_free;
        }
        world::attach_stranger();
        self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Waits for ever without a timeout.
    #[inline]
    pub fn acquire(&self, timeout: Option<Duration>, interruptible: bool) -> Acquire {
        if self.try_acquire() { Acquire::Acquired } else { self.acquire_contended(timeout, interruptible) }
    }

    #[cold]
    fn acquire_contended(&self, timeout: Option<Duration>, interruptible: bool) -> Acquire {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        for _ in 0..SPINS {
            if self.state.load(Ordering::Relaxed) == FREE && self.try_acquire() {
                return Acquire::Acquired;
            }
            std::hint::spin_loop();
        }
        while self.state.swap(CONTENDED, Ordering::Acquire) != FREE {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let is_needed = || self.state.load(Ordering::Relaxed) == CONTENDED;
            match parking::park(self.key(), is_needed, left, interruptible) {
                ParkResult::Woken | ParkResult::NotNeeded => {}
                ParkResult::TimedOut => return Acquire::TimedOut,
                ParkResult::Interrupted => return Acquire::Interrupted,
            }
        }
        Acquire::Acquired
    }

    /// False if nobody held it.
    #[inline]
    pub fn release(&self) -> bool {
        if is_alone() && self.state.load(Ordering::Relaxed) == HELD {
            self.state.store(FREE, Ordering::Release);
            return true;
        }
        self.release_shared()
    }

    fn release_shared(&self) -> bool {
        match self.state.swap(FREE, Ordering::Release) {
            FREE => false,
            HELD => true,
            _ => {
                parking::unpark_one(self.key());
                true
            }
        }
    }

    pub fn is_locked(&self) -> bool {
        self.state.load(Ordering::Acquire) != FREE
    }

    /// Makes it free whatever it was: in the child of a fork.
    pub fn reset(&self) {
        self.state.store(FREE, Ordering::Release)
    }

    fn key(&self) -> usize {
        self as *const RawLock as usize
    }
}

/// Data behind a lock. The guard may be kept across allocations and Python calls, but not across a second lock of
/// the same mutex.
pub struct Mutex<T: ?Sized> {
    lock: RawLock,
    data: UnsafeCell<T>,
}

// SAFETY: the lock gives one thread at a time access.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

#[must_use]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    pub const fn new(data: T) -> Mutex<T> {
        Mutex { lock: RawLock::new(), data: UnsafeCell::new(data) }
    }
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.lock.acquire(None, false);
        mutator::count(&mutator::current().mutexes, false);
        MutexGuard { mutex: self }
    }
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        if !self.lock.try_acquire() {
            return None;
        }
        mutator::count(&mutator::current().mutexes, false);
        Some(MutexGuard { mutex: self })
    }
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
    /// The data without the lock: for trace functions, which run while every thread is stopped at a safepoint.
    #[inline]
    pub fn data_ptr(&self) -> *mut T {
        self.data.get()
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock.
        unsafe { &mut *self.mutex.data.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        mutator::count(&mutator::current().mutexes, true);
        self.mutex.lock.release();
    }
}

/// A mutex without data that knows who holds it: for what runs code that may come back to it.
pub struct OwnedMutex {
    mutex: Mutex<()>,
    owner: AtomicPtr<Mutator>,
}

#[must_use]
pub struct OwnedMutexGuard<'a> {
    owner: &'a AtomicPtr<Mutator>,
    _held: MutexGuard<'a, ()>,
}

impl OwnedMutex {
    pub const fn new() -> OwnedMutex {
        OwnedMutex { mutex: Mutex::new(()), owner: AtomicPtr::new(ptr::null_mut()) }
    }
    /// None: this thread holds it already.
    pub fn lock(&self) -> Option<OwnedMutexGuard<'_>> {
        let me = ptr::from_ref(mutator::current()).cast_mut();
        // Only this thread ever writes its own address, so seeing another one, old or new, means the same.
        if self.owner.load(Ordering::Relaxed) == me {
            return None;
        }
        let held = self.mutex.lock();
        self.owner.store(me, Ordering::Relaxed);
        Some(OwnedMutexGuard { owner: &self.owner, _held: held })
    }
}

impl Drop for OwnedMutexGuard<'_> {
    fn drop(&mut self) {
        self.owner.store(ptr::null_mut(), Ordering::Relaxed);
    }
}

/// Waiting for a condition on what a `Mutex` guards.
pub struct Condvar {
    /// Counts notifications, so that one between unlock and park is seen.
    notifications: AtomicU32,
}

impl Condvar {
    pub const fn new() -> Condvar {
        Condvar { notifications: AtomicU32::new(0) }
    }

    /// Unlocks, waits for a notification, locks again. May return without a cause.
    pub fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.wait_for(guard, None, false).0
    }

    /// As `wait`, ending after `timeout` or, if `interruptible`, when an interrupt bit is set.
    pub fn wait_for<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Option<Duration>,
        interruptible: bool,
    ) -> (MutexGuard<'a, T>, ParkResult) {
        let mutex = guard.mutex;
        let seen = self.notifications.load(Ordering::SeqCst);
        drop(guard);
        let is_needed = || self.notifications.load(Ordering::SeqCst) == seen;
        let result = parking::park(self.key(), is_needed, timeout, interruptible);
        (mutex.lock(), result)
    }

    pub fn notify_one(&self) {
        self.notifications.fetch_add(1, Ordering::SeqCst);
        parking::unpark_one(self.key());
    }

    pub fn notify_all(&self) {
        self.notifications.fetch_add(1, Ordering::SeqCst);
        parking::unpark_all(self.key());
    }

    fn key(&self) -> usize {
        self as *const Condvar as usize
    }
}

/// A flag that threads wait for.
pub struct Event {
    is_set: AtomicU32,
}

impl Event {
    pub const fn new() -> Event {
        Event { is_set: AtomicU32::new(0) }
    }
    pub fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire) != 0
    }
    pub fn set(&self) {
        self.is_set.store(1, Ordering::SeqCst);
        parking::unpark_all(self as *const Event as usize);
    }
    pub fn clear(&self) {
        self.is_set.store(0, Ordering::SeqCst)
    }
    /// `Acquired` when the flag is set.
    pub fn wait(&self, timeout: Option<Duration>, interruptible: bool) -> Acquire {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        while !self.is_set() {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match parking::park(self as *const Event as usize, || !self.is_set(), left, interruptible) {
                // Woken means that it was set, even if it was cleared since.
                ParkResult::Woken => return Acquire::Acquired,
                ParkResult::NotNeeded => {}
                ParkResult::TimedOut => return Acquire::TimedOut,
                ParkResult::Interrupted => return Acquire::Interrupted,
            }
        }
        Acquire::Acquired
    }
}

const NEW: u32 = 0;
const BUSY: u32 = 1;
const DONE: u32 = 2;

/// Runs something once; others wait until it is done.
pub struct Once {
    state: AtomicU32,
}

impl Once {
    pub const fn new() -> Once {
        Once { state: AtomicU32::new(NEW) }
    }
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.state.load(Ordering::Acquire) == DONE
    }
    /// If `work` panics the next caller tries again. `work` must not come back here.
    #[inline]
    pub fn call_once(&self, work: impl FnOnce()) {
        if !self.is_completed() {
            self.call(work)
        }
    }

    #[cold]
    fn call(&self, work: impl FnOnce()) {
        struct Finish<'a>(&'a Once, u32);
        impl Drop for Finish<'_> {
            fn drop(&mut self) {
                self.0.state.store(self.1, Ordering::SeqCst);
                parking::unpark_all(self.0 as *const Once as usize);
            }
        }
        loop {
            match self.state.compare_exchange(NEW, BUSY, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => {
                    let mut finish = Finish(self, NEW);
                    work();
                    finish.1 = DONE;
                    return;
                }
                Err(DONE) => return,
                Err(_) => {
                    let is_needed = || self.state.load(Ordering::SeqCst) == BUSY;
                    parking::park(self as *const Once as usize, is_needed, None, false);
                }
            }
        }
    }
}

impl Default for RawLock {
    fn default() -> RawLock {
        RawLock::new()
    }
}
impl Default for OwnedMutex {
    fn default() -> OwnedMutex {
        OwnedMutex::new()
    }
}
impl Default for Condvar {
    fn default() -> Condvar {
        Condvar::new()
    }
}
impl Default for Event {
    fn default() -> Event {
        Event::new()
    }
}
impl Default for Once {
    fn default() -> Once {
        Once::new()
    }
}
