//! Values, object headers, allocation, collection, safepoints, locks: the floor that every object stands on.
//! Must not know: Python types, names, the interpreter. docs/internals/heap.md is the guide for its users.

pub mod alloc;
mod block;
pub mod buffers;
pub mod census;
pub mod collect;
pub mod config;
pub mod finalize;
pub mod fork;
pub mod header;
pub mod inspect;
mod mark;
pub mod mutator;
pub mod object_lock;
pub mod outside;
pub mod parking;
pub mod placement;
pub mod references;
mod region;
mod reserve;
pub mod roots;
pub mod section;
pub mod shapes;
pub mod slot;
mod space;
mod stack;
pub mod sync;
mod tenure;
pub mod trace;
pub mod value;
mod verify;
pub mod watch;
pub mod weak;
pub mod world;

pub use alloc::{
    OutOfMemory, alloc, alloc_with_drop, out_of_memory, try_alloc, try_alloc_cleared_to, try_alloc_with_drop, usable_size,
};
pub use buffers::{
    RawBuffer, ValuesBuffer, extend_values_buffer, raw_buffer, try_growing_buffer, try_raw_buffer, try_unfilled_buffer,
    try_values_buffer, values_buffer,
};
pub use collect::{account_external, collect};
pub use finalize::{
    dropping_shape, has_pending_finalizers, pending_finalizers, register_droppable, register_finalizable, take_pending_finalizers,
};
pub use fork::{after_fork_child, after_fork_parent, before_fork};
pub use header::{FINALIZER_RAN, HAS_WEAKREFS, Header, IMMORTAL, LAYOUT_FLAG_0, LAYOUT_FLAG_1, LAYOUT_FLAG_2, LAYOUT_FLAG_3};
pub use inspect::{find_objects, for_each_object, trace_object};
pub use mark::{ShapeTracer, set_shape_tracer};
pub use mutator::{interrupts, set_thread_roots, set_trip_word, stack_bounds, take_interrupts};
pub use object_lock::{ObjectGuard, lock, lock_two, try_lock};
pub use reserve::{end_out_of_memory, with_last_reserve, with_reserve};
pub use roots::{
    Liveness, make_permanent, register_global_root, register_rest_hook, register_root_callback, register_sweep_hook,
};
pub use shapes::{ShapeCell, ShapeId, alloc_shape, shape_cell};
pub use slot::{Slot, WeakSlot};
pub use stack::Fence;
pub use sync::{Condvar, Event, Mutex, MutexGuard, Once, OwnedMutex, OwnedMutexGuard, RawLock};
pub use tenure::{GuardedSlot, note_store};
pub use trace::Tracer;
pub use value::Value;
pub use weak::{has_pending_weak_callbacks, take_pending_weak_callback};
pub use world::{
    attach, begin_blocking, blocking, detach, end_blocking, is_attached, is_multithreaded, poll, set_multithreaded,
    with_world_stopped, with_world_stopped_in_time,
};
