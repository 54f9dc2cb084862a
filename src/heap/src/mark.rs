//! Marking: mark bits, the mark stack, and the loop that empties it.
//! Must not know: where roots come from.
//!
//! An object is marked when it is pushed, so each is pushed once and the stack, sized for the smallest objects, cannot
//! overflow. Popped objects pass through a short ring that gives their prefetch time to arrive. Long arrays are
//! traced a piece at a time: the stack then holds the next index and, above it, the address with its low bit set.

use crate::block::GRANULE_SHIFT;
use crate::buffers::ValuesBuffer;
use crate::header::Header;
use crate::region;
use crate::shapes::{self, SHAPE_VALUES_BUFFER, ShapeCell, ShapeId};
use crate::trace::Tracer;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

const RING: usize = 16;
/// Elements of an array traced at once.
const PIECE: usize = 1024;

/// Traces what a shape refers to besides its class; called once a collection for each shape in use.
pub type ShapeTracer = fn(ShapeId, &ShapeCell, &mut Tracer);

static SHAPE_TRACER: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Installs the function that reports the references in the payload of a shape cell.
pub fn set_shape_tracer(tracer: ShapeTracer) {
    SHAPE_TRACER.store(tracer as *mut (), Ordering::Release)
}

impl Tracer<'_> {
    /// Marks the object at `offset` of the object range and queues it.
    #[inline(always)]
    pub(crate) fn mark(&mut self, offset: usize) {
        let granule = offset >> GRANULE_SHIFT;
        let bit = 1u64 << (granule & 63);
        // SAFETY: the bitmap covers the object range, in which `offset` lies; the stack has room for every object.
        unsafe {
            let word = &*((self.marks + (granule >> 6) * 8) as *const AtomicU64);
            let marks = word.load(Ordering::Relaxed);
            if marks & bit != 0 {
                return;
            }
            word.store(marks | bit, Ordering::Relaxed);
            *self.top = self.base + offset;
            self.top = self.top.add(1);
        }
    }

    /// Traces until everything reachable from what was marked is marked.
    pub(crate) fn drain(&mut self) {
        let bottom = region::mark_stack_base() as *mut usize;
        let mut ring = [0usize; RING];
        let mut position = 0;
        let mut waiting = 0;
        loop {
            let mut incoming = 0;
            if self.top > bottom {
                // SAFETY: between bottom and top lie entries that were pushed.
                incoming = unsafe { self.pop() };
                if incoming & 1 != 0 {
                    // SAFETY: the index was pushed before the tagged address.
                    unsafe {
                        let from = self.pop();
                        self.trace_piece((incoming & !1) as *mut Header, from);
                    }
                    continue;
                }
                prefetch(incoming);
                waiting += 1;
            } else if waiting == 0 {
                return;
            }
            let object = std::mem::replace(&mut ring[position], incoming);
            position = (position + 1) % RING;
            if object != 0 {
                waiting -= 1;
                // SAFETY: marked addresses are objects.
                unsafe { self.trace_object(object as *mut Header) };
            }
        }
    }

    #[inline(always)]
    unsafe fn pop(&mut self) -> usize {
        self.top = self.top.sub(1);
        *self.top
    }

    #[inline(always)]
    pub(crate) unsafe fn trace_object(&mut self, object: *mut Header) {
        let shape = (*object).shape();
        let cell = &*shapes::shape_cell(shape);
        if cell.epoch.load(Ordering::Relaxed) != self.epoch {
            self.meet_shape(shape, cell);
        }
        if shape == SHAPE_VALUES_BUFFER {
            self.trace_piece(object, 0);
        } else if let Some(trace) = cell.trace {
            trace(object, self)
        }
    }

    unsafe fn trace_piece(&mut self, object: *mut Header, from: usize) {
        let items = (*(object as *const ValuesBuffer)).items();
        let end = items.len().min(from + PIECE);
        if end < items.len() {
            *self.top = end;
            *self.top.add(1) = object as usize | 1;
            self.top = self.top.add(2);
        }
        self.slots(&items[from..end])
    }

    /// First object of a shape in this collection: its class lives, and what the shape itself refers to.
    #[cold]
    pub(crate) fn meet_shape(&mut self, shape: ShapeId, cell: &ShapeCell) {
        cell.epoch.store(self.epoch, Ordering::Relaxed);
        self.slot(&cell.class);
        let tracer = SHAPE_TRACER.load(Ordering::Acquire);
        if !tracer.is_null() {
            // SAFETY: only `set_shape_tracer` stores here.
            let tracer: ShapeTracer = unsafe { std::mem::transmute(tracer) };
            tracer(shape, cell, self)
        }
    }
}

#[inline(always)]
fn prefetch(address: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it cannot fault.
    unsafe {
        std::arch::x86_64::_mm_prefetch(address as *const i8, std::arch::x86_64::_MM_HINT_T0)
    };
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
