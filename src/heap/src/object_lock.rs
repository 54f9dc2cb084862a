//! The byte lock in every header. While the process has one thread it is a flag test.
//! Must not know: what it protects. Waiting is a short spin, then the parking place.

use crate::header::Header;
use crate::{mutator, parking, world};
use std::sync::atomic::{AtomicU8, Ordering};

const FREE: u8 = 0;
const HELD: u8 = 1;
/// Held, and somebody may be parked.
const CONTENDED: u8 = 2;
const SPINS: u32 = 60;

/// The lock is held while it lives. Not reentrant. Do not allocate, block or call Python code meanwhile, unless the
/// code says why that is safe.
#[must_use]
pub struct ObjectGuard<'a> {
    /// None while there is one thread.
    byte: Option<&'a AtomicU8>,
}

/// Locks `object` against other threads.
#[inline(always)]
pub fn lock(object: &Header) -> ObjectGuard<'_> {
    if !world::is_multithreaded() {
        return ObjectGuard { byte: None };
    }
    lock_shared(&object.lock);
    mutator::count(&mutator::current().object_locks, false);
    ObjectGuard { byte: Some(&object.lock) }
}

/// Locks `object` if nobody holds it. Never waits, so code that is no safepoint may call it.
#[inline(always)]
pub fn try_lock(object: &Header) -> Option<ObjectGuard<'_>> {
    if !world::is_multithreaded() {
        return Some(ObjectGuard { byte: None });
    }
    if object.lock.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return None;
    }
    mutator::count(&mutator::current().object_locks, false);
    Some(ObjectGuard { byte: Some(&object.lock) })
}

/// Locks two objects in an order that cannot deadlock; the same object once.
pub fn lock_two<'a>(first: &'a Header, second: &'a Header) -> (ObjectGuard<'a>, ObjectGuard<'a>) {
    if std::ptr::eq(first, second) {
        (lock(first), ObjectGuard { byte: None })
    } else if (first as *const Header) < second as *const Header {
        (lock(first), lock(second))
    } else {
        let second = lock(second);
        (lock(first), second)
    }
}

#[inline]
fn lock_shared(byte: &AtomicU8) {
    if byte.compare_exchange_weak(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
        lock_contended(byte)
    }
}

#[cold]
fn lock_contended(byte: &AtomicU8) {
    for _ in 0..SPINS {
        if byte.load(Ordering::Relaxed) == FREE && byte.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            return;
        }
        std::hint::spin_loop();
    }
    // Who parked cannot know whether others still do, so it takes the lock as contended.
    while byte.swap(CONTENDED, Ordering::Acquire) != FREE {
        let key = byte as *const AtomicU8 as usize;
        mutator::briefly(|| parking::park(key, || byte.load(Ordering::Relaxed) == CONTENDED, None, false));
    }
}

impl Drop for ObjectGuard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(byte) = self.byte {
            mutator::count(&mutator::current().object_locks, true);
            if byte.swap(FREE, Ordering::Release) == CONTENDED {
                unlock_contended(byte)
            }
        }
    }
}

#[cold]
fn unlock_contended(byte: &AtomicU8) {
    parking::unpark_one(byte as *const AtomicU8 as usize);
}
