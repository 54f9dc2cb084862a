//! Weak references: layouts, constructors and what the collector's queue of callbacks needs.
//!
//! The Python-visible methods of `weakref.ref` and the proxies are in the stdlib-sys crate.

use crate::class::{self, Class, class_name, class_of};
use crate::error::{R, type_error};
use crate::layout::{Cast, Gc, Layout, new_object};
use heap::{Header, Slot, Tracer, Value, WeakSlot};
use native_macros::Layout;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct WeakRef {
    pub header: Header,
    pub target: WeakSlot,
    pub callback: Slot,
    /// Hash of the target, once it was asked for; 0 until then.
    pub hash: AtomicI64,
}

impl crate::layout::Trace for WeakSlot {
    fn trace(&self, _: &mut Tracer) {}
}

/// `weakref.proxy` objects: the same fields under two other classes.
#[derive(Layout)]
#[layout(parent = WeakRef)]
#[repr(C)]
pub struct WeakProxy {
    pub base: WeakRef,
}
#[derive(Layout)]
#[layout(parent = WeakProxy)]
#[repr(C)]
pub struct CallableWeakProxy {
    pub base: WeakProxy,
}

/// Whether instances of the target's class can be weakly referenced.
pub fn supports_weakrefs(target: Value) -> bool {
    target.is_ptr() && class_of(target).flags.has(class::HAS_WEAKREF)
}

/// A weak reference of `class` (`weakref.ref` or a subclass, or a proxy class).
pub fn new_weakref(class: Gc<Class>, target: Value, callback: Option<Value>) -> R<Gc<WeakRef>> {
    if !supports_weakrefs(target) {
        return Err(type_error!("cannot create weak reference to '{}' object", class_name(target)));
    }
    Ok(make(class, target, callback))
}

/// A weak reference for the runtime's own lists, to any heap object.
pub fn new_plain_weakref(target: Value) -> Value {
    make(WeakRef::class(), target, None).value()
}

fn make(class: Gc<Class>, target: Value, callback: Option<Value>) -> Gc<WeakRef> {
    let reference = new_object(
        class,
        WeakRef {
            header: Header::blank(),
            target: WeakSlot::empty(),
            callback: Slot::new_opt(callback),
            hash: AtomicI64::new(0),
        },
    );
    // SAFETY: the slot lies in the fresh reference and is empty.
    unsafe { heap::weak::register(target, &reference.target, reference.header(), callback.is_some()) };
    reference
}

/// The existing plain reference (no callback, exactly `weakref.ref`) to a target, so that equal requests share one.
pub fn existing_plain_weakref(target: Value) -> Option<Value> {
    heap::weak::find_holder(target, &mut |holder| {
        holder.cast_exact::<WeakRef>().is_some_and(|reference| reference.callback.is_empty())
    })
}

/// The reference that all share, of `fresh` and the first of its kind: another thread may have made that meanwhile.
pub fn first_of(fresh: Gc<WeakRef>, first: Option<Value>) -> Value {
    match first.filter(|first| *first != fresh.value()) {
        Some(first) => {
            heap::weak::unregister(&fresh.target);
            first
        }
        None => fresh.value(),
    }
}

/// The target of a weak reference or proxy, if it is alive.
pub fn weakref_target(reference: Value) -> Option<Value> {
    reference.cast::<WeakRef>()?.target.get()
}

impl WeakRef {
    /// The hash of the target, remembered so that it survives the target.
    pub fn hash_of_target(&self) -> R<i64> {
        let known = self.hash.load(Ordering::Relaxed);
        if known != 0 {
            return Ok(known);
        }
        match self.target.get() {
            Some(target) => {
                let hash = crate::protocol::hash(target)?;
                self.hash.store(hash, Ordering::Relaxed);
                Ok(hash)
            }
            None => Err(type_error!("weak object has gone away")),
        }
    }
}
