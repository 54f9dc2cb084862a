//! Registries of objects that want something to happen when they die: `drop` functions and finalizers.
//! Must not know: how a finalizer is called. It only queues objects; crate objects takes them off at a safepoint.

use crate::block;
use crate::header::{FINALIZER_RAN, Header};
use crate::mutator;
use crate::shapes::{DropFn, SHAPE_DEAD, ShapeId, shape_cell};
use crate::trace::Tracer;
use crate::value::Value;
use crate::world::World;
use base::memory::Grow;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

pub(crate) struct Queue(pub(crate) VecDeque<*mut Header>);

// SAFETY: the queue only passes object addresses on; the objects are kept alive by `trace_pending`.
unsafe impl Send for Queue {}

static PENDING_FINALIZERS: Mutex<Queue> = Mutex::new(Queue(VecDeque::new()));

pub(crate) fn pending() -> MutexGuard<'static, Queue> {
    PENDING_FINALIZERS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The shape's `drop` runs some time after the object died. Once for each object.
pub fn register_droppable(object: *mut Header) {
    // SAFETY: the list is the calling thread's own.
    unsafe { (*mutator::current().droppables.get()).put(object) }
}

/// When `object` is found dead it is kept alive and queued, once in its life. Registering twice is harmless.
pub fn register_finalizable(object: *mut Header) {
    // SAFETY: the list is the calling thread's own.
    unsafe { (*mutator::current().finalizables.get()).put(object) }
}

/// Hands over objects whose finalizers are to be run, `count` at most. The caller keeps them alive; `keep` must not allocate.
pub fn take_pending_finalizers(count: usize, mut keep: impl FnMut(Value)) {
    let mut queue = pending();
    let count = count.min(queue.0.len());
    // SAFETY: queued objects are alive.
    queue.0.drain(..count).for_each(|object| keep(unsafe { Value::from_ptr(object) }));
}

pub fn has_pending_finalizers() -> bool {
    pending_finalizers() != 0
}
pub fn pending_finalizers() -> usize {
    pending().0.len()
}

/// Queues every registered object that has not been finalised: for the end of the process. Stops the world.
pub fn queue_all_finalizers() {
    let _stopped = crate::world::stop();
    let mut queue = pending();
    for_each_list(&mut crate::world::lock(), Kind::Finalizables, &mut |list| {
        // SAFETY: registered objects are alive or not collected yet.
        queue.0.extend(list.drain(..).rev().filter(|object| unsafe { (**object).set_flag(FINALIZER_RAN) }));
    });
}

enum Kind {
    Droppables,
    Finalizables,
}

fn for_each_list(world: &mut World, kind: Kind, visit: &mut dyn FnMut(&mut Vec<*mut Header>)) {
    for mutator in world.mutators() {
        // SAFETY: the world is stopped.
        unsafe {
            match kind {
                Kind::Droppables => visit(&mut *mutator.droppables.get()),
                Kind::Finalizables => visit(&mut *mutator.finalizables.get()),
            }
        }
    }
    match kind {
        Kind::Droppables => visit(&mut world.orphan_droppables),
        Kind::Finalizables => visit(&mut world.orphan_finalizables),
    }
}

pub(crate) fn trace_pending(tracer: &mut Tracer) {
    for object in &pending().0 {
        tracer.pointer(*object)
    }
}

/// Queues unmarked finalizable objects and marks all that they reach. Returns how many.
pub(crate) fn resurrect(world: &mut World, tracer: &mut Tracer) -> usize {
    let mut queue = pending();
    let first_new = queue.0.len();
    for_each_list(world, Kind::Finalizables, &mut |list| {
        list.retain(|&object| {
            if block::is_marked(object as usize) {
                return true;
            }
            // SAFETY: not swept yet, so the header is intact.
            if unsafe { (*object).set_flag(FINALIZER_RAN) } {
                queue.0.push_back(object);
            }
            false
        })
    });
    // The youngest first: a wrapper (a buffered file) ends before what it wraps.
    queue.0.make_contiguous()[first_new..].reverse();
    for object in queue.0.iter().skip(first_new) {
        tracer.pointer(*object)
    }
    let count = queue.0.len() - first_new;
    drop(queue);
    tracer.drain();
    count
}

/// Dead objects with the functions that free what they own, and the shapes they had.
pub(crate) struct DeadList(Vec<(DropFn, *mut Header, ShapeId)>);

thread_local! {
    static DROPPING: Cell<ShapeId> = const { Cell::new(0) };
}

/// For `drop` functions: the shape that the object had while it lived. Its class may be gone.
pub fn dropping_shape() -> ShapeId {
    DROPPING.with(Cell::get)
}

/// Takes the unmarked droppable objects off the lists. Their cells stay allocated for one more cycle, without
/// references, so that `drop` can run after the world has resumed.
pub(crate) fn take_dead(world: &mut World) -> DeadList {
    let mut dead = Vec::new();
    for_each_list(world, Kind::Droppables, &mut |list| {
        list.retain(|&object| {
            if block::is_marked(object as usize) {
                return true;
            }
            // SAFETY: not swept yet, so header and fields are intact.
            unsafe {
                let shape = (*object).shape();
                if let Some(drop) = (*shape_cell(shape)).drop {
                    block::set_marked(object as usize);
                    (*object).set_shape(SHAPE_DEAD);
                    let one = (drop, object, shape);
                    match dead.try_reserve(1) {
                        Ok(()) => dead.push(one),
                        // Without memory for the list they are dropped at once, which holds up everybody else.
                        Err(_) => run_one(one),
                    }
                }
            }
            false
        })
    });
    DeadList(dead)
}

fn run_one((drop, object, shape): (DropFn, *mut Header, ShapeId)) {
    DROPPING.with(|cell| cell.set(shape));
    // SAFETY: the object is dead, its memory kept until the next collection, and it is on no other list.
    unsafe { drop(object) }
}

impl DeadList {
    pub(crate) fn run(self) {
        self.0.into_iter().for_each(run_one);
    }
}
