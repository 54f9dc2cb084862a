//! A reference field of a heap object, and its weak sister.
//! Must not know: who owns the field. All reference stores pass through `Slot::store`, the place of a write barrier.

use crate::value::Value;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// One word: a value or nothing. Zeroed memory is a valid empty slot.
#[repr(transparent)]
pub struct Slot(AtomicU64);

#[inline(always)]
fn decode(raw: u64) -> Option<Value> {
    // SAFETY: slots hold only zero or words of values, and keep those alive by being traced.
    unsafe { Value::from_raw(raw) }
}

#[inline(always)]
fn encode(value: Option<Value>) -> u64 {
    match value {
        Some(value) => value.raw(),
        None => 0,
    }
}

impl Slot {
    pub const fn empty() -> Slot {
        Slot(AtomicU64::new(0))
    }
    #[inline(always)]
    pub fn new(value: Value) -> Slot {
        Slot(AtomicU64::new(value.raw()))
    }
    #[inline(always)]
    pub fn new_opt(value: Option<Value>) -> Slot {
        Slot(AtomicU64::new(encode(value)))
    }

    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        decode(self.0.load(Ordering::Acquire))
    }
    #[inline(always)]
    pub fn raw(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Every plain store of a reference into the heap ends here.
    #[inline(always)]
    fn store(&self, raw: u64) {
        self.0.store(raw, Ordering::Release)
    }
    #[inline(always)]
    pub fn set(&self, value: Value) {
        self.store(value.raw())
    }
    #[inline(always)]
    pub fn set_opt(&self, value: Option<Value>) {
        self.store(encode(value))
    }
    #[inline(always)]
    pub fn clear(&self) {
        self.store(0)
    }
    #[inline]
    pub fn take(&self) -> Option<Value> {
        decode(self.0.swap(0, Ordering::AcqRel))
    }
    #[inline]
    pub fn swap(&self, value: Value) -> Option<Value> {
        decode(self.0.swap(value.raw(), Ordering::AcqRel))
    }
    #[inline]
    pub fn swap_opt(&self, value: Option<Value>) -> Option<Value> {
        decode(self.0.swap(encode(value), Ordering::AcqRel))
    }
    /// Stores `new` if the slot holds `current`; otherwise returns what it holds.
    #[inline]
    pub fn compare_set(&self, current: Option<Value>, new: Option<Value>) -> Result<(), Option<Value>> {
        self.0.compare_exchange(encode(current), encode(new), Ordering::AcqRel, Ordering::Acquire).map(|_| ()).map_err(decode)
    }
    /// What the slot holds; `fresh` from now on if that was nothing. Of two threads that come with something, the first one's counts.
    pub fn get_or_set(&self, fresh: Value) -> Value {
        match self.compare_set(None, Some(fresh)) {
            Ok(()) => fresh,
            Err(other) => other.unwrap_or(fresh),
        }
    }
}

impl Default for Slot {
    fn default() -> Slot {
        Slot::empty()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({:?})", self.get())
    }
}

/// A word that does not keep its target alive. It must sit in a heap object and be registered with
/// `weak::register`; the collector empties it when the target dies. Never trace it.
#[repr(transparent)]
pub struct WeakSlot(AtomicU64);

impl WeakSlot {
    pub const fn empty() -> WeakSlot {
        WeakSlot(AtomicU64::new(0))
    }
    /// The target if it is alive; from here on the caller's copy keeps it so.
    #[inline]
    pub fn get(&self) -> Option<Value> {
        decode(self.0.load(Ordering::Acquire))
    }
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }
    #[inline]
    pub(crate) fn set(&self, value: Value) {
        self.0.store(value.raw(), Ordering::Release)
    }
    #[inline]
    pub fn clear(&self) {
        self.0.store(0, Ordering::Release)
    }
}
