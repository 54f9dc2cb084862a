//! `bytes`: layout and construction. The Python-visible methods are in the builtins crate.

use crate::class::Class;
use crate::error::{R, memory_error};
use crate::layout::{ClassCell, Gc, Layout, LayoutDesc};
use heap::{Header, Tracer, Value};
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

#[repr(C)]
pub struct Bytes {
    pub header: Header,
    /// 0 until computed.
    hash: AtomicI64,
    len: usize,
}

const DATA_OFFSET: usize = std::mem::size_of::<Bytes>();

unsafe fn trace_bytes(_: *mut Header, _: &mut Tracer) {}
unsafe fn bytes_tail_end(object: *mut Header) -> usize {
    // One more byte than the length: C code expects a closing NUL.
    (DATA_OFFSET + (*(object as *mut Bytes)).len + 1).next_multiple_of(8)
}

static BYTES_LAYOUT: LayoutDesc = LayoutDesc {
    name: "bytes",
    size: DATA_OFFSET,
    parent: None,
    trace: trace_bytes,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: Some(bytes_tail_end),
    class: ClassCell::new(),
};
// SAFETY: repr(C), header first, no references.
unsafe impl Layout for Bytes {
    const DESC: &'static LayoutDesc = &BYTES_LAYOUT;
}

/// The bytes of one byte, and behind them the empty ones: each is one object.
static SHORT: [AtomicPtr<Bytes>; 257] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 257];

/// The object of at most one byte.
#[inline]
fn short(data: &[u8]) -> Option<Gc<Bytes>> {
    let place = &SHORT[data.first().map_or(256, |byte| usize::from(*byte))];
    let known = place.load(Ordering::Acquire);
    // SAFETY: a root once stored.
    if known.is_null() { make_short(place, data) } else { Some(unsafe { Gc::from_ptr(known) }) }
}

#[cold]
fn make_short(place: &'static AtomicPtr<Bytes>, data: &[u8]) -> Option<Gc<Bytes>> {
    let fresh = Bytes::unfilled(data.len())?;
    fresh.fill(data);
    match place.compare_exchange(std::ptr::null_mut(), fresh.as_ptr(), Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            crate::roots::keep_forever(fresh.value());
            Some(fresh)
        }
        // SAFETY: as above.
        Err(earlier) => Some(unsafe { Gc::from_ptr(earlier) }),
    }
}

impl Bytes {
    pub fn new(data: &[u8]) -> Gc<Bytes> {
        Bytes::copied_or_none(data).unwrap_or_else(|| heap::out_of_memory())
    }
    /// Copied bytes, raising MemoryError.
    #[inline]
    pub fn copied(data: &[u8]) -> R<Gc<Bytes>> {
        Bytes::copied_or_none(data).ok_or_else(memory_error)
    }
    #[inline]
    fn copied_or_none(data: &[u8]) -> Option<Gc<Bytes>> {
        if data.len() < 2 {
            return short(data);
        }
        let bytes = Bytes::unfilled(data.len())?;
        bytes.fill(data);
        Some(bytes)
    }
    /// Bytes that hold anything: the caller fills them.
    fn unfilled(len: usize) -> Option<Gc<Bytes>> {
        let size = len.checked_add(DATA_OFFSET + 1).filter(|size| *size < 1 << 46)?;
        let shape = Bytes::class().root_shape.load(Ordering::Relaxed);
        // SAFETY: a fresh cell of sufficient size, without references.
        unsafe {
            let bytes = heap::try_alloc_cleared_to(DATA_OFFSET, size, shape)? as *mut Bytes;
            (*bytes).len = len;
            (bytes as *mut u8).add(size - 1).write(0);
            Some(Gc::from_ptr(bytes))
        }
    }
    /// Zero-filled bytes of a user-controlled length, of a subclass if given; None if there is no memory.
    pub fn try_new(class: Option<Gc<Class>>, len: usize) -> Option<Gc<Bytes>> {
        let (class, extra) = match class {
            None => {
                let size = len.checked_add(DATA_OFFSET + 1).filter(|size| *size < 1 << 46)?;
                let pointer = heap::try_alloc(size, Bytes::class().root_shape.load(Ordering::Relaxed))? as *mut Bytes;
                // SAFETY: fresh zeroed cell.
                unsafe {
                    (*pointer).len = len;
                    return Some(Gc::from_ptr(pointer));
                }
            }
            Some(class) => (class, if class.ext_offset.load(Ordering::Relaxed) != 0 { 16 } else { 0 }),
        };
        let size = len.checked_add(DATA_OFFSET + 1 + extra).filter(|size| *size < 1 << 46)?;
        let pointer = heap::try_alloc(size, class.root_shape())? as *mut Bytes;
        // SAFETY: fresh zeroed cell.
        unsafe {
            (*pointer).len = len;
            if class.flags.has(crate::class::HAS_FINALIZER) {
                heap::register_finalizable(pointer.cast());
            }
            Some(Gc::from_ptr(pointer))
        }
    }
    /// Bytes of a user-controlled length, raising MemoryError. `fill` writes them all: what it finds there is not zero.
    pub fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> R<Gc<Bytes>> {
        if len < 2 {
            let mut byte = [0];
            fill(&mut byte[..len]);
            return short(&byte[..len]).ok_or_else(memory_error);
        }
        let bytes = Bytes::unfilled(len).ok_or_else(memory_error)?;
        // SAFETY: nobody else has seen the object yet.
        fill(unsafe { std::slice::from_raw_parts_mut(bytes.data_ptr(), len) });
        Ok(bytes)
    }
    fn fill(&self, data: &[u8]) {
        // SAFETY: called on fresh objects of that length only.
        unsafe { crate::str::copy_bytes(data.as_ptr(), self.data_ptr(), data.len()) }
    }
    #[inline]
    pub fn data_ptr(&self) -> *mut u8 {
        // SAFETY: the data follows the fixed part.
        unsafe { (self as *const Bytes as *mut u8).add(DATA_OFFSET) }
    }
    #[inline]
    pub fn as_slice(&self) -> &'static [u8] {
        // SAFETY: immutable; objects do not move, and the caller's pointer keeps this one alive.
        unsafe { std::slice::from_raw_parts(self.data_ptr(), self.len) }
    }
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    #[inline]
    pub fn hash(&self) -> i64 {
        let hash = self.hash.load(Ordering::Relaxed);
        if hash != 0 {
            return hash;
        }
        let hash = base::hash::hash_bytes(crate::str::hash_secret(), self.as_slice());
        self.hash.store(hash, Ordering::Relaxed);
        hash
    }
}

/// A `bytes` value.
pub fn new_bytes(data: &[u8]) -> Value {
    Bytes::new(data).value()
}
