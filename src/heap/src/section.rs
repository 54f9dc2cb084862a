//! Sections: an object kept from the other threads over several steps, with Python code in between.
//! Must not know: what the steps do.
//!
//! A step runs under the object's lock. Before Python code runs the thread *claims* the object and gives the lock up; others who want a
//! section on it wait until the claim is gone. They do not wait for a thread that is blocked itself: they take its claim away, as if it had
//! been given up when the thread began to wait. So two threads that want each other's objects, or that wait for a lock in the middle of
//! a section, cannot wait for ever. Waits of the heap's own (collections, locks of objects) end by themselves and do not count. A claim is made, taken away and given up under the lock of its object only.

use crate::header::Header;
use crate::mutator::{self, ThreadHandle};
use crate::object_lock::{self, ObjectGuard};
use crate::sync::Mutex;
use crate::{parking, world};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

struct Claim {
    object: usize,
    owner: ThreadHandle,
}

static CLAIMS: Mutex<Vec<Claim>> = Mutex::new(Vec::new());
/// Their number. Whoever has an object's lock sees that object's claim counted.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// When a waiter looks again whether the owner is blocked.
const PATIENCE: Duration = Duration::from_micros(500);

fn key(object: &Header) -> usize {
    std::ptr::from_ref(object) as usize
}

/// Locks the object when no other thread claims it. Waiting is a blocking region, and suspends the claims of the caller.
pub fn lock_unclaimed(object: &Header) -> ObjectGuard<'_> {
    loop {
        let guard = object_lock::lock(object);
        if COUNT.load(Ordering::Relaxed) == 0 || is_free_for_me(object) {
            return guard;
        }
        drop(guard);
        parking::park(key(object) + 1, || true, Some(PATIENCE), false);
    }
}

#[cold]
fn is_free_for_me(object: &Header) -> bool {
    let mut claims = CLAIMS.lock();
    let Some(place) = claims.iter().position(|claim| claim.object == key(object)) else { return true };
    let owner = claims[place].owner;
    if owner == mutator::current_thread() {
        return true;
    }
    if !world::is_blocked(owner) {
        return false;
    }
    claims.swap_remove(place);
    COUNT.fetch_sub(1, Ordering::Relaxed);
    true
}

/// Claims an object that the caller has locked by `lock_unclaimed`. False: it has the claim already.
pub fn claim(object: &Header) -> bool {
    let mut claims = CLAIMS.lock();
    if claims.iter().any(|claim| claim.object == key(object)) {
        return false;
    }
    claims.push(Claim { object: key(object), owner: mutator::current_thread() });
    COUNT.fetch_add(1, Ordering::Relaxed);
    true
}

/// Gives up the caller's claim, if nobody has taken it away. The object is locked.
pub fn release(object: &Header) {
    let mut claims = CLAIMS.lock();
    let me = mutator::current_thread();
    if let Some(place) = claims.iter().position(|claim| claim.object == key(object) && claim.owner == me) {
        claims.swap_remove(place);
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
    drop(claims);
    parking::unpark_all(key(object) + 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_blocked_owner_loses_its_claim() {
        world::attach();
        let object: &'static Header = Box::leak(Box::new(Header::immortal(0)));
        let (said, heard) = mpsc::channel();
        let owner = std::thread::spawn(move || {
            world::attach();
            let guard = lock_unclaimed(object);
            assert!(claim(object) && !claim(object));
            drop(guard);
            drop(lock_unclaimed(object));
            said.send(()).unwrap();
            world::blocking(|| std::thread::sleep(Duration::from_millis(100)));
            let _guard = lock_unclaimed(object);
            assert!(claim(object));
            release(object);
        });
        world::blocking(|| heard.recv().unwrap());
        let guard = lock_unclaimed(object);
        assert!(claim(object));
        release(object);
        drop(guard);
        world::blocking(|| owner.join().unwrap());
        assert_eq!(COUNT.load(Ordering::Relaxed), 0);
    }
}
