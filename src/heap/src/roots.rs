//! Roots beside the threads': registered static slots and callbacks, and hooks that run before the sweep.
//! Must not know: what they belong to.

use crate::block;
use crate::header::Header;
use crate::mutator::RootFn;
use crate::shapes::{PERMANENT, ShapeId, shape_cell};
use crate::slot::Slot;
use crate::trace::Tracer;
use crate::value::Value;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard};

pub(crate) struct Roots {
    slots: Vec<&'static Slot>,
    callbacks: Vec<(RootFn, *mut ())>,
    sweep_hooks: Vec<fn(&Liveness)>,
    rest_hooks: Vec<fn()>,
    /// Shapes of permanent objects.
    shapes: Vec<ShapeId>,
}

// SAFETY: the data pointers are only handed back to their callbacks.
unsafe impl Send for Roots {}

static ROOTS: Mutex<Roots> = Mutex::new(Roots {
    slots: Vec::new(),
    callbacks: Vec::new(),
    sweep_hooks: Vec::new(),
    rest_hooks: Vec::new(),
    shapes: Vec::new(),
});

pub(crate) fn lock() -> MutexGuard<'static, Roots> {
    ROOTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What `slot` holds stays alive from now on.
pub fn register_global_root(slot: &'static Slot) {
    lock().slots.push(slot)
}

/// Makes `object` live for ever, at no cost to collections: it is neither traced nor swept. False: it cannot be made so
/// (large objects, objects outside the heap), and nothing happened.
///
/// # Safety
/// Whatever the object refers to now or later is kept alive by something else.
pub unsafe fn make_permanent(object: *mut Header) -> bool {
    if !block::in_heap(object as usize) || !block::set_permanent(object as usize) {
        return false;
    }
    let shape = (*object).shape();
    let traits = &(*shape_cell(shape)).traits;
    if traits.load(Ordering::Relaxed) & PERMANENT == 0 && traits.fetch_or(PERMANENT, Ordering::Relaxed) & PERMANENT == 0 {
        lock().shapes.push(shape);
    }
    true
}

/// Whether `value` needs no tracing: no heap object, or one that was made permanent.
pub fn is_permanent(value: Option<Value>) -> bool {
    let Some(value) = value.filter(|value| value.is_ptr()) else { return true };
    let address = value.as_ptr() as usize;
    !block::in_heap(address) || block::is_permanent(address)
}

/// `callback` is called in every collection, with the world stopped, to report references.
pub fn register_root_callback(callback: fn(&mut Tracer, *mut ()), data: *mut ()) {
    lock().callbacks.push((callback, data))
}

/// Ends a registration made with the same arguments.
pub fn unregister_root_callback(callback: fn(&mut Tracer, *mut ()), data: *mut ()) {
    lock().callbacks.retain(|entry| !(std::ptr::fn_addr_eq(entry.0, callback) && entry.1 == data))
}

/// `hook` runs in every collection when it is settled what lives: the place to drop dead entries of tables that hold
/// objects weakly (interned strings, shape transitions). It must not allocate objects or lock what a stopped thread
/// may hold.
pub fn register_sweep_hook(hook: fn(&Liveness)) {
    lock().sweep_hooks.push(hook)
}

/// `hook` runs after every collection, when the other threads go on.
pub fn register_rest_hook(hook: fn()) {
    lock().rest_hooks.push(hook)
}

pub(crate) fn run_rest_hooks() {
    let hooks = lock().rest_hooks.clone();
    for hook in hooks {
        hook()
    }
}

/// Tells sweep hooks what lives.
pub struct Liveness {
    epoch: u32,
}

impl Liveness {
    #[inline]
    pub fn is_alive(&self, object: *mut Header) -> bool {
        !block::in_heap(object as usize) || block::is_marked(object as usize)
    }
    #[inline]
    pub fn is_value_alive(&self, value: Value) -> bool {
        !value.is_ptr() || self.is_alive(value.as_ptr())
    }
    /// Whether an object with the shape lives.
    #[inline]
    pub fn is_shape_in_use(&self, shape: ShapeId) -> bool {
        // SAFETY: ids come from the shape table.
        unsafe { (*shape_cell(shape)).epoch.load(Ordering::Relaxed) == self.epoch }
    }
}

pub(crate) fn trace(tracer: &mut Tracer) {
    let roots = lock();
    for slot in &roots.slots {
        tracer.slot(slot)
    }
    for shape in &roots.shapes {
        // SAFETY: ids come from the shape table.
        tracer.meet_shape(*shape, unsafe { &*shape_cell(*shape) });
    }
    for (callback, data) in &roots.callbacks {
        callback(tracer, *data)
    }
}

/// Reports what roots refer to, to a tracer that does not mark.
pub(crate) fn report(tracer: &mut Tracer) {
    let roots = lock();
    for slot in &roots.slots {
        tracer.slot(slot)
    }
    for (callback, data) in &roots.callbacks {
        callback(tracer, *data)
    }
}

pub(crate) fn run_sweep_hooks(epoch: u32) {
    let hooks = lock().sweep_hooks.clone();
    for hook in hooks {
        hook(&Liveness { epoch })
    }
}
