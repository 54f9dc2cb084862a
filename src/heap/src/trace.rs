//! What a trace function talks to: it reports the references of one object, to the marker or to a visitor.
//! Must not know: who wants the references. One type serves both, so that shapes hold plain function pointers.

use crate::header::Header;
use crate::slot::Slot;
use crate::value::Value;

/// Receives the references of an object. Trace functions must not allocate, lock or keep the tracer.
pub struct Tracer<'a> {
    /// Marking: the object range. Visiting: an empty range, so that every word takes the slow branch.
    pub(crate) base: usize,
    pub(crate) size: usize,
    pub(crate) marker: Option<&'a mut crate::mark::Marker>,
    pub(crate) visitor: Option<&'a mut dyn FnMut(Value)>,
}

impl<'a> Tracer<'a> {
    pub(crate) fn visiting(visitor: &'a mut dyn FnMut(Value)) -> Tracer<'a> {
        Tracer { base: 0, size: 0, marker: None, visitor: Some(visitor) }
    }

    /// Reports a raw word: zero, or the word of a value.
    #[inline(always)]
    pub fn word(&mut self, raw: u64) {
        if (raw as usize).wrapping_sub(self.base) < self.size {
            if let Some(marker) = &mut self.marker {
                marker.mark(raw as usize);
            }
        } else if self.visitor.is_some() {
            self.visit(raw)
        }
    }

    #[cold]
    fn visit(&mut self, raw: u64) {
        // SAFETY: callers report words of values or zero.
        if let (Some(visitor), Some(value)) = (&mut self.visitor, unsafe { Value::from_raw(raw) }) {
            visitor(value)
        }
    }

    #[inline(always)]
    pub fn slot(&mut self, slot: &Slot) {
        self.word(slot.raw())
    }
    #[inline(always)]
    pub fn value(&mut self, value: Value) {
        self.word(value.raw())
    }
    #[inline(always)]
    pub fn value_opt(&mut self, value: Option<Value>) {
        if let Some(value) = value {
            self.word(value.raw())
        }
    }
    #[inline(always)]
    pub fn pointer(&mut self, pointer: *mut Header) {
        self.word(pointer as u64)
    }
    pub fn slots(&mut self, slots: &[Slot]) {
        for slot in slots {
            self.slot(slot)
        }
    }
    pub fn values(&mut self, values: &[Value]) {
        for value in values {
            self.value(*value)
        }
    }
    /// Reports `count` words, each zero or a value.
    ///
    /// # Safety
    /// The words are readable.
    #[inline]
    pub unsafe fn words(&mut self, start: *const u64, count: usize) {
        for index in 0..count {
            self.word(start.add(index).read())
        }
    }
}
