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
    /// Marking: the mark bitmap and the top of the mark stack.
    pub(crate) marks: usize,
    pub(crate) top: *mut usize,
    pub(crate) epoch: u32,
    visitor: Option<&'a mut dyn FnMut(Value)>,
}

impl<'a> Tracer<'a> {
    pub(crate) fn visiting(visitor: &'a mut dyn FnMut(Value)) -> Tracer<'a> {
        Tracer { base: 0, size: 0, marks: 0, top: std::ptr::null_mut(), epoch: 0, visitor: Some(visitor) }
    }

    pub(crate) fn marking(marks: usize, stack: *mut usize, epoch: u32) -> Tracer<'a> {
        let (base, size) = (crate::region::heap_base(), crate::region::heap_size());
        Tracer { base, size, marks, top: stack, epoch, visitor: None }
    }

    /// Whether references are marked (in a collection), not merely visited.
    #[inline]
    pub fn is_marking(&self) -> bool {
        self.visitor.is_none()
    }

    /// Reports a raw word: zero, or the word of a value.
    #[inline(always)]
    pub fn word(&mut self, raw: u64) {
        let offset = (raw as usize).wrapping_sub(self.base);
        if offset < self.size {
            self.mark(offset);
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

    /// Reports the object that a word of unknown meaning points at or into, if any. Only for roots.
    pub fn conservative(&mut self, word: usize) {
        if let Some(object) = crate::block::object_containing(word) {
            self.word(object as u64)
        }
    }
    /// Reports every word of a range as `conservative` does: memory that holds values among other things.
    ///
    /// # Safety
    /// The range is readable.
    pub unsafe fn conservative_range(&mut self, from: usize, end: usize) {
        crate::stack::for_each_word(from, end, &mut |word| self.conservative(word))
    }
}
