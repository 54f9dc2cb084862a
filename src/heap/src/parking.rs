//! The parking place: threads wait on an address until another thread wakes them, time passes, or they are interrupted.
//! Must not know: what the address stands for. All locks of this crate wait here, in a blocking region.
//!
//! Waiters queue in buckets by address, first come first served. Each sleeps on a word of its mutator: 0 asleep,
//! 1 woken, 2 look at the interrupt bits. The last is written by signal handlers, so no wake-up is lost between a test
//! of the bits and going to sleep.

use crate::mutator::{self, INTERRUPT_STOP, Mutator};
use crate::{placement, world};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParkResult {
    Woken,
    TimedOut,
    /// An interrupt bit is set for the thread.
    Interrupted,
    /// The condition for waiting did not hold.
    NotNeeded,
}

struct Waiter {
    key: usize,
    word: *const AtomicU32,
    queued: Cell<bool>,
    next: Cell<*const Waiter>,
}

pub(crate) struct Bucket {
    first: *const Waiter,
    last: *const Waiter,
}

// SAFETY: waiters are on the stacks of parked threads and leave the queue, under the bucket's lock, before they return.
unsafe impl Send for Bucket {}

const BUCKETS: usize = 64;
const ASLEEP: u32 = 0;
const WOKEN: u32 = 1;
const LOOK: u32 = 2;

static TABLE: [Mutex<Bucket>; BUCKETS] = [const { Mutex::new(Bucket { first: ptr::null(), last: ptr::null() }) }; BUCKETS];

fn lock_bucket(bucket: &Mutex<Bucket>) -> MutexGuard<'_, Bucket> {
    bucket.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn bucket_of(key: usize) -> MutexGuard<'static, Bucket> {
    let index = (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58;
    lock_bucket(&TABLE[index as usize])
}

impl Bucket {
    fn push(&mut self, waiter: &Waiter) {
        if self.first.is_null() {
            self.first = waiter;
        } else {
            // SAFETY: queued waiters are alive.
            unsafe { (*self.last).next.set(waiter) };
        }
        self.last = waiter;
        waiter.queued.set(true);
    }

    /// Takes the first waiter that `matches` out of the queue.
    fn remove(&mut self, matches: impl Fn(&Waiter) -> bool) -> Option<*const Waiter> {
        let mut previous: *const Waiter = ptr::null();
        let mut current = self.first;
        // SAFETY: queued waiters are alive.
        while let Some(waiter) = unsafe { current.as_ref() } {
            if matches(waiter) {
                match unsafe { previous.as_ref() } {
                    Some(previous) => previous.next.set(waiter.next.get()),
                    None => self.first = waiter.next.get(),
                }
                if ptr::eq(self.last, waiter) {
                    self.last = previous;
                }
                waiter.next.set(ptr::null());
                waiter.queued.set(false);
                return Some(waiter);
            }
            previous = current;
            current = waiter.next.get();
        }
        None
    }
}

/// Waits on `key` while nobody wakes it. `is_needed` is asked once, with the key's queue locked: what a waker changes
/// before `unpark_one` is seen by it, so no wake-up is lost; it must do no more than read. With `interruptible`, an
/// interrupt bit other than the stop bit ends the wait. The wait is a blocking region.
pub fn park(key: usize, is_needed: impl FnOnce() -> bool, timeout: Option<Duration>, interruptible: bool) -> ParkResult {
    let me = mutator::current();
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let waiter = Waiter { key, word: &me.parker, queued: Cell::new(false), next: Cell::new(ptr::null()) };
    {
        let mut bucket = bucket_of(key);
        if !is_needed() {
            return ParkResult::NotNeeded;
        }
        me.parker.store(ASLEEP, Ordering::SeqCst);
        bucket.push(&waiter);
    }
    let wait = || {
        world::blocking(|| {
            placement::watch(me, || me.parker.load(Ordering::Relaxed) != ASLEEP);
            sleep(me, &waiter, deadline, interruptible)
        })
    };
    let result = placement::patiently(me, wait);
    placement::spread(me, false);
    result
}

fn sleep(me: &Mutator, waiter: &Waiter, deadline: Option<Instant>, interruptible: bool) -> ParkResult {
    loop {
        let word = me.parker.load(Ordering::SeqCst);
        if word == WOKEN {
            return ParkResult::Woken;
        }
        if word == LOOK {
            // A waker may write its word in between; then the exchange fails and the next round sees it.
            let _ = me.parker.compare_exchange(LOOK, ASLEEP, Ordering::SeqCst, Ordering::SeqCst);
            if !interruptible {
                continue;
            }
        }
        let mut ended = None;
        if interruptible && me.interrupts.load(Ordering::SeqCst) & !INTERRUPT_STOP != 0 {
            ended = Some(ParkResult::Interrupted);
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if ended.is_none() && left == Some(Duration::ZERO) {
            ended = Some(ParkResult::TimedOut);
        }
        match ended {
            None => futex_wait(&me.parker, ASLEEP, left),
            Some(result) => {
                if leave_queue(waiter) {
                    return result;
                }
                // A waker took us already; its word is on the way.
                while me.parker.load(Ordering::SeqCst) != WOKEN {
                    std::hint::spin_loop();
                }
                return ParkResult::Woken;
            }
        }
    }
}

fn leave_queue(waiter: &Waiter) -> bool {
    let mut bucket = bucket_of(waiter.key);
    waiter.queued.get() && bucket.remove(|other| ptr::eq(other, waiter)).is_some()
}

fn wake(word: *const AtomicU32) {
    // SAFETY: the waiter does not return before its word is WOKEN, so the word is alive for the store. The wake
    // call then only names an address.
    unsafe { (*word).store(WOKEN, Ordering::SeqCst) };
    futex_wake(word);
}

/// Wakes the thread that waits longest on `key`. True if there was one.
pub fn unpark_one(key: usize) -> bool {
    let mut bucket = bucket_of(key);
    let Some(waiter) = bucket.remove(|waiter| waiter.key == key) else {
        return false;
    };
    // SAFETY: the waiter stays until its word is written.
    let word = unsafe { (*waiter).word };
    drop(bucket);
    wake(word);
    true
}

/// Wakes all threads that wait on `key` and returns their number.
pub fn unpark_all(key: usize) -> usize {
    let mut count = 0;
    let mut bucket = bucket_of(key);
    while let Some(waiter) = bucket.remove(|waiter| waiter.key == key) {
        // SAFETY: as in `unpark_one`.
        wake(unsafe { (*waiter).word });
        count += 1;
    }
    count
}

/// Makes a parked thread look at its interrupt bits. Safe in a signal handler.
pub(crate) fn wake_for_interrupt(mutator: &Mutator) {
    if mutator.parker.compare_exchange(ASLEEP, LOOK, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        futex_wake(&mutator.parker);
    }
}

/// Sleeps for `duration`, or until an interrupt bit is set if `interruptible`. A blocking region.
pub fn sleep_for(duration: Duration, interruptible: bool) -> ParkResult {
    let key = &mutator::current().parker as *const AtomicU32 as usize;
    park(key, || true, Some(duration), interruptible)
}

#[cfg(target_os = "linux")]
fn futex_wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) {
    let time = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().min(i32::MAX as u64) as libc::time_t,
        tv_nsec: timeout.subsec_nanos() as _,
    });
    let time = time.as_ref().map_or(ptr::null(), |time| time as *const libc::timespec);
    // SAFETY: the word is a valid futex; any return (woken, changed, timed out, signal) leads to another look.
    unsafe {
        libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG, expected, time);
    }
}

#[cfg(target_os = "linux")]
fn futex_wake(word: *const AtomicU32) {
    // SAFETY: the kernel does not read the word for a private wake. A handler must leave errno as it was.
    unsafe {
        let errno = libc::__errno_location();
        let saved = *errno;
        libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1);
        *errno = saved;
    }
}

pub(crate) fn lock_for_fork() -> Vec<MutexGuard<'static, Bucket>> {
    TABLE.iter().map(lock_bucket).collect()
}

/// In the child of a fork: the threads that waited do not exist.
pub(crate) fn forget_waiters(buckets: &mut [MutexGuard<'static, Bucket>]) {
    for bucket in buckets {
        bucket.first = ptr::null();
        bucket.last = ptr::null();
    }
}
