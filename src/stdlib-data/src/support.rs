//! What the modules of this crate share: data guarded by its object's byte lock, short tuples without detours, names of keywords.
//! Must not know: any module.

use objects::layout::Trace;
use objects::tuple::blank_tuple;
use objects::{Cast, Class, Gc, Slot, Str, Value, new_tuple};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Data of a heap object, guarded by the byte lock of that object.
pub struct Guarded<T>(UnsafeCell<T>);

// SAFETY: all access goes through `with`, which holds the lock, or through tracing, which happens while every thread is stopped.
unsafe impl<T: Send> Send for Guarded<T> {}
unsafe impl<T: Send> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    pub const fn new(data: T) -> Guarded<T> {
        Guarded(UnsafeCell::new(data))
    }
    /// Works on the data. `work` must neither allocate in the heap, nor call Python code, nor come back here.
    #[inline(always)]
    pub fn with<O, Out>(&self, owner: Gc<O>, work: impl FnOnce(&mut T) -> Out) -> Out {
        // SAFETY: the owner is alive (the caller holds it); the lock, or being the only thread, gives exclusive access.
        let _guard = heap::lock(unsafe { &*owner.header() });
        work(unsafe { &mut *self.0.get() })
    }
}

/// Memory that an object holds outside the heap, so that the collector knows of it. Small amounts are not worth the bookkeeping.
pub struct External(AtomicUsize);
objects::no_references!(External);

impl External {
    pub const NONE: External = External(AtomicUsize::new(0));

    pub fn of(bytes: usize) -> External {
        let external = External::NONE;
        external.set(bytes);
        external
    }
    /// How much it is now.
    #[inline]
    pub fn set(&self, bytes: usize) {
        const SMALL: usize = 1 << 10;
        let bytes = if bytes < SMALL { 0 } else { bytes };
        let before = self.0.load(Ordering::Relaxed);
        if bytes != before {
            let before = self.0.swap(bytes, Ordering::Relaxed);
            heap::account_external(bytes as isize - before as isize);
        }
    }
}

impl Drop for External {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl<T: Trace> Trace for Guarded<T> {
    fn trace(&self, tracer: &mut heap::Tracer) {
        // SAFETY: the world is stopped, and nobody stops inside `with`.
        unsafe { (*self.0.get()).trace(tracer) }
    }
}

/// A tuple of `count` items that `fill` writes (it also learns the tuple); None if `fill` says so. `fill` may run under a lock; it neither
/// allocates nor calls Python.
#[inline]
pub fn tuple_of(count: usize, fill: impl FnOnce(&[Slot], Value) -> bool) -> Option<Value> {
    if count == 0 {
        let tuple = new_tuple(&[]).value();
        return fill(&[], tuple).then_some(tuple);
    }
    let (tuple, items) = blank_tuple(count);
    if fill(items, tuple.value()) {
        return Some(tuple.value());
    }
    // Nobody wants it, but somebody who looks at all objects may still come across it.
    items.iter().for_each(|item| item.set(Value::none()));
    None
}

/// Whether `class` initialises its instances exactly as `base` does.
pub fn same_init(class: Gc<Class>, base: Gc<Class>) -> bool {
    class == base || class.slots.init.get().map(|f| f as usize) == base.slots.init.get().map(|f| f as usize)
}

/// The text of a str value, or "".
pub fn text_of(value: Value) -> String {
    value.cast::<Str>().map_or(String::new(), |text| text.to_string_lossy())
}
