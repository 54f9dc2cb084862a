//! Forking a process with several threads: the child is left with a whole heap and one thread.
//! Must not know: what else must be put right in a child; callers do that after `after_fork_child`.

use crate::{finalize, parking, roots, shapes, space, tenure, weak, world};
use std::sync::MutexGuard;
use std::time::Duration;

/// Every lock of the heap, held across the fork so that none is left locked by a thread that the child lacks.
pub struct ForkGuard {
    parking: Vec<MutexGuard<'static, parking::Bucket>>,
    world: MutexGuard<'static, world::World>,
    space: MutexGuard<'static, space::Space>,
    _shapes: MutexGuard<'static, Vec<shapes::ShapeId>>,
    _finalizers: MutexGuard<'static, finalize::Queue>,
    _weak: weak::ForkGuards,
    _roots: MutexGuard<'static, roots::Roots>,
    _remembered: MutexGuard<'static, tenure::Remembered>,
    stopped: world::Stopped,
}

/// Stops the world at a moment when no other thread holds a lock of an object or a `heap::Mutex`: the child would find it locked
/// for ever. Locks of objects are held for moments. A mutex may be held across a read that never ends; if it is, the child has
/// to do without what it guards.
fn stop_without_locks() -> world::Stopped {
    const PATIENCE_WITH_OBJECTS: u32 = 200;
    const PATIENCE_WITH_MUTEXES: u32 = 20;
    let mut tries = 0;
    loop {
        let stopped = world::stop();
        let (objects, mutexes) = world::locks_of_others();
        if !(objects && tries < PATIENCE_WITH_OBJECTS || mutexes && tries < PATIENCE_WITH_MUTEXES) {
            return stopped;
        }
        drop(stopped);
        tries += 1;
        world::blocking(|| std::thread::sleep(Duration::from_micros(u64::from(tries) * 10)));
    }
}

/// Stops the world and takes the heap's locks. Nothing may touch the heap until one of the `after_fork` functions.
pub fn before_fork() -> ForkGuard {
    let stopped = stop_without_locks();
    ForkGuard {
        parking: parking::lock_for_fork(),
        world: world::lock(),
        _shapes: shapes::lock_for_fork(),
        _finalizers: finalize::pending(),
        _weak: weak::lock_for_fork(),
        _roots: roots::lock(),
        _remembered: tenure::remembered(),
        space: space::lock(),
        stopped,
    }
}

/// In the parent, also when the fork failed.
pub fn after_fork_parent(guard: ForkGuard) {
    let ForkGuard { world, space, stopped, .. } = guard;
    drop(space);
    drop(world);
    drop(stopped);
}

/// In the child: forgets all other threads. The calling one is the main thread from now on.
pub fn after_fork_child(guard: ForkGuard) {
    let ForkGuard { mut parking, mut world, space, stopped, .. } = guard;
    parking::forget_waiters(&mut parking);
    drop(space);
    world::keep_only_current(&mut world);
    drop(parking);
    drop(world);
    drop(stopped);
}
