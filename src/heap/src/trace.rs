//! What a trace function talks to: it reports the references of one object, to the marker, to a visitor or to a counter.
//! Must not know: who wants the references. One type serves both, so that shapes hold plain function pointers.

use crate::header::Header;
use crate::slot::Slot;
use crate::value::Value;

/// Receives the references of an object. Trace functions must not allocate, lock or keep the tracer.
pub struct Tracer<'a> {
    /// Marking: the object range. Otherwise: an empty range, so that every word takes the slow branch.
    pub(crate) base: usize,
    pub(crate) size: usize,
    /// Marking: the mark bitmap and the top of the mark stack.
    pub(crate) marks: usize,
    pub(crate) top: *mut usize,
    pub(crate) epoch: u32,
    listener: Listener<'a>,
}

enum Listener<'a> {
    /// References are marked.
    Nobody,
    Visitor(&'a mut dyn FnMut(Value)),
    /// References to the object with this word are counted.
    Counter {
        word: u64,
        found: usize,
    },
}

impl<'a> Tracer<'a> {
    pub(crate) fn visiting(visitor: &'a mut dyn FnMut(Value)) -> Tracer<'a> {
        Tracer::listening(Listener::Visitor(visitor))
    }

    pub(crate) fn counting(value: Value) -> Tracer<'a> {
        Tracer::listening(Listener::Counter { word: value.raw(), found: 0 })
    }

    fn listening(listener: Listener<'a>) -> Tracer<'a> {
        Tracer { base: 0, size: 0, marks: 0, top: std::ptr::null_mut(), epoch: 0, listener }
    }

    pub(crate) fn marking(marks: usize, stack: *mut usize, epoch: u32) -> Tracer<'a> {
        let (base, size) = (crate::region::heap_base(), crate::region::heap_size());
        Tracer { base, size, marks, top: stack, epoch, listener: Listener::Nobody }
    }

    /// Whether references are marked (in a collection), not merely visited.
    #[inline]
    pub fn is_marking(&self) -> bool {
        matches!(self.listener, Listener::Nobody)
    }

    /// The word whose references are counted, if that is what goes on. A root function that knows better than a word by word report
    /// which references a program would count looks for it by itself, and says how many there are by `found`.
    #[inline]
    pub fn counted(&self) -> Option<u64> {
        match self.listener {
            Listener::Counter { word, .. } => Some(word),
            _ => None,
        }
    }
    #[inline]
    pub fn is_counting(&self) -> bool {
        self.counted().is_some()
    }
    /// Adds references that were counted elsewhere.
    pub fn found(&mut self, references: usize) {
        if let Listener::Counter { found, .. } = &mut self.listener {
            *found += references
        }
    }
    pub(crate) fn total(&self) -> usize {
        match self.listener {
            Listener::Counter { found, .. } => found,
            _ => 0,
        }
    }

    /// Reports a raw word: zero, or the word of a value.
    #[inline(always)]
    pub fn word(&mut self, raw: u64) {
        let offset = (raw as usize).wrapping_sub(self.base);
        if offset < self.size {
            self.mark(offset);
        } else if !self.is_marking() {
            self.visit(raw)
        }
    }

    #[cold]
    fn visit(&mut self, raw: u64) {
        match &mut self.listener {
            Listener::Nobody => {}
            Listener::Counter { word, found } => *found += usize::from(*word == raw),
            Listener::Visitor(visitor) => {
                // SAFETY: callers report words of values or zero.
                if let Some(value) = unsafe { Value::from_raw(raw) } {
                    visitor(value)
                }
            }
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

    /// Reports the object that a word of unknown meaning points at or into, if any. Only for roots. Such a word counts for nothing.
    pub fn conservative(&mut self, word: usize) {
        if !self.is_counting()
            && let Some(object) = crate::block::object_containing(word)
        {
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
