//! Storage cells without a Python type: raw bytes and arrays of references. They live in the heap so that readers
//! without a lock keep what they look at alive.
//! Must not know: lists, dicts, strings.

use crate::alloc;
use crate::block::{CLASS_SIZES, FINE_CLASSES, FINE_LIMIT, SMALL_LIMIT};
use crate::header::Header;
use crate::mutator;
use crate::shapes::{SHAPE_RAW_BUFFER, SHAPE_VALUES_BUFFER};
use crate::slot::Slot;
use crate::trace::Tracer;
use crate::value::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Untraced bytes, zeroed.
#[repr(C)]
pub struct RawBuffer {
    pub header: Header,
    /// Bytes asked for.
    pub size: usize,
    data: [u64; 0],
}

/// References. The collector traces the first `len` words; each is zero or a value.
#[repr(C)]
pub struct ValuesBuffer {
    pub header: Header,
    len: AtomicUsize,
    /// Only ever grows.
    capacity: AtomicUsize,
    items: [Slot; 0],
}

const RAW_HEAD: usize = size_of::<RawBuffer>();
const VALUES_HEAD: usize = size_of::<ValuesBuffer>();
/// The most references that a buffer in a small cell has room for.
const SMALL_CAPACITY: usize = (SMALL_LIMIT - VALUES_HEAD) / 8;

/// The most of one whose size class is in the first table.
const FINE_CAPACITY: usize = (FINE_LIMIT - VALUES_HEAD) / 8;

/// Storage of at least `size` bytes; `None` when memory is out.
pub fn try_raw_buffer(size: usize) -> Option<*mut RawBuffer> {
    let buffer = alloc::try_alloc(size.checked_add(RAW_HEAD)?, SHAPE_RAW_BUFFER)? as *mut RawBuffer;
    // SAFETY: fresh and not shared yet.
    unsafe { (*buffer).size = size };
    Some(buffer)
}

/// As `try_raw_buffer`, but the bytes may be anything.
pub fn try_unfilled_buffer(size: usize) -> Option<*mut RawBuffer> {
    // SAFETY: raw buffers hold no references; the size is written at once.
    unsafe {
        let buffer = alloc::try_alloc_cleared_to(RAW_HEAD, size.checked_add(RAW_HEAD)?, SHAPE_RAW_BUFFER)? as *mut RawBuffer;
        (*buffer).size = size;
        Some(buffer)
    }
}

/// As `try_raw_buffer`; unwinds when memory is out.
pub fn raw_buffer(size: usize) -> *mut RawBuffer {
    match try_raw_buffer(size) {
        Some(buffer) => buffer,
        None => alloc::out_of_memory(),
    }
}

/// Storage for at least `capacity` references, all empty, length 0. The capacity is rounded up to what the cell holds.
#[inline]
pub fn try_values_buffer(capacity: usize) -> Option<*mut ValuesBuffer> {
    if capacity <= FINE_CAPACITY {
        let class = FINE_CLASSES[(VALUES_HEAD + capacity * 8).div_ceil(16)] as usize;
        if let Some(buffer) = alloc::bump_class(mutator::current(), class, SHAPE_VALUES_BUFFER) {
            let buffer = buffer as *mut ValuesBuffer;
            // SAFETY: fresh and not shared yet.
            unsafe { (*buffer).capacity.store((CLASS_SIZES[class] as usize - VALUES_HEAD) / 8, Ordering::Relaxed) };
            return Some(buffer);
        }
    }
    try_values_buffer_slow(capacity)
}

#[inline(never)]
fn try_values_buffer_slow(capacity: usize) -> Option<*mut ValuesBuffer> {
    let size = alloc::usable_size(capacity.checked_mul(8)?.checked_add(VALUES_HEAD)?);
    let buffer = alloc::try_alloc(size, SHAPE_VALUES_BUFFER)? as *mut ValuesBuffer;
    // SAFETY: fresh and not shared yet.
    unsafe { (*buffer).capacity.store((size - VALUES_HEAD) / 8, Ordering::Relaxed) };
    Some(buffer)
}

/// As `try_values_buffer`, with room behind a large one for `extend_values_buffer`.
#[inline]
pub fn try_growing_buffer(capacity: usize) -> Option<*mut ValuesBuffer> {
    if capacity <= SMALL_CAPACITY { try_values_buffer(capacity) } else { growing_buffer(capacity) }
}

fn growing_buffer(capacity: usize) -> Option<*mut ValuesBuffer> {
    let size = alloc::usable_size(capacity.checked_mul(8)?.checked_add(VALUES_HEAD)?);
    let buffer = alloc::try_alloc_growing(size, SHAPE_VALUES_BUFFER)? as *mut ValuesBuffer;
    // SAFETY: fresh and not shared yet.
    unsafe { (*buffer).capacity.store((size - VALUES_HEAD) / 8, Ordering::Relaxed) };
    Some(buffer)
}

/// Gives a large buffer more capacity where it is, if what lies behind it is free: `wanted`, at any rate `needed`. False if nothing changed.
/// Readers are not disturbed. May collect.
///
/// # Safety
/// The buffer is alive, and nobody else extends it meanwhile.
#[inline]
pub unsafe fn extend_values_buffer(buffer: *mut ValuesBuffer, needed: usize, wanted: usize) -> bool {
    (*buffer).capacity() > SMALL_CAPACITY && extend_large(buffer, needed, wanted)
}

unsafe fn extend_large(buffer: *mut ValuesBuffer, needed: usize, wanted: usize) -> bool {
    let bytes = |capacity: usize| capacity.checked_mul(8)?.checked_add(VALUES_HEAD);
    let (Some(needed), Some(wanted)) = (bytes(needed), bytes(wanted.max(needed))) else { return false };
    let size = VALUES_HEAD + (*buffer).capacity() * 8;
    match alloc::try_extend(buffer.cast(), size, needed, wanted) {
        Some(size) => {
            (*buffer).capacity.store((size - VALUES_HEAD) / 8, Ordering::Release);
            true
        }
        None => false,
    }
}

/// As `try_values_buffer`; unwinds when memory is out.
pub fn values_buffer(capacity: usize) -> *mut ValuesBuffer {
    match try_values_buffer(capacity) {
        Some(buffer) => buffer,
        None => alloc::out_of_memory(),
    }
}

impl RawBuffer {
    #[inline(always)]
    pub fn data(&self) -> *mut u8 {
        self.data.as_ptr() as *mut u8
    }
    /// # Safety
    /// Nobody writes the bytes meanwhile.
    #[inline]
    pub unsafe fn bytes(&self) -> &[u8] {
        std::slice::from_raw_parts(self.data(), self.size)
    }
}

impl ValuesBuffer {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }
    /// Publishes the slots below `len`, which must all have been stored before.
    #[inline(always)]
    pub fn set_len(&self, len: usize) {
        debug_assert!(len <= self.capacity());
        self.len.store(len, Ordering::Release)
    }
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity.load(Ordering::Relaxed)
    }
    /// All slots up to the capacity.
    #[inline(always)]
    pub fn slots(&self) -> &[Slot] {
        // SAFETY: the cell was sized for `capacity` slots, and zeroed memory is empty slots.
        unsafe { std::slice::from_raw_parts(self.items.as_ptr(), self.capacity()) }
    }
    /// The slots in use, by one consistent read of the length.
    #[inline(always)]
    pub fn items(&self) -> &[Slot] {
        // The length first: the capacity that is read after it is no less.
        let len = self.len();
        let slots = self.slots();
        &slots[..len.min(slots.len())]
    }
    #[inline(always)]
    pub fn slot(&self, index: usize) -> &Slot {
        &self.slots()[index]
    }
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items().get(index).and_then(Slot::get)
    }
    /// The buffer as the word to store in a `Slot` of its owner.
    #[inline(always)]
    pub fn as_value(&self) -> Value {
        // SAFETY: a live heap object.
        unsafe { Value::from_ptr(self.header.as_ptr()) }
    }
}

/// Trace function of `SHAPE_VALUES_BUFFER` (the marker cuts long ones in pieces itself).
pub(crate) unsafe fn trace_values(object: *mut Header, tracer: &mut Tracer) {
    let buffer = &*(object as *const ValuesBuffer);
    tracer.slots(buffer.items())
}
