//! `bytearray`: layout, storage and the operations that move memory. The Python-visible methods are in the builtins crate.
//!
//! The bytes lie in a heap buffer from `start` on (deleting in front only moves `start`). Three words describe the content, so readers
//! take the byte lock to see them together; what they then read stays allocated while they look at it, even if another thread has
//! replaced the buffer. Nothing is moved while somebody holds an export.

use crate::buffer::{BufferView, Exporter, Exports};
use crate::class::Class;
use crate::containers::{CellPtr, guard};
use crate::error::{R, memory_error};
use crate::layout::{Cast, Gc, Layout, new_object};
use heap::{Header, RawBuffer, Value};
use native_macros::Layout;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Layout)]
#[layout(name = "bytearray", drops_late = true)]
#[repr(C)]
pub struct ByteArray {
    pub header: Header,
    /// Null while there is no room at all.
    buffer: CellPtr<RawBuffer>,
    start: AtomicUsize,
    len: AtomicUsize,
    pub exports: Exports,
}

const LOCKED: &str = "Existing exports of data: object cannot be re-sized";
const MAX_LEN: usize = 1 << 46;

impl ByteArray {
    /// A bytearray (of a subclass if given) with these bytes.
    pub fn new_in(class: Gc<Class>, data: &[u8]) -> R<Gc<ByteArray>> {
        let array = new_object(
            class,
            ByteArray {
                header: Header::blank(),
                buffer: CellPtr::new(std::ptr::null_mut()),
                start: AtomicUsize::new(0),
                len: AtomicUsize::new(0),
                exports: Exports::new(),
            },
        );
        if !data.is_empty() {
            let buffer = room_with(data)?;
            array.buffer.set(buffer);
            array.len.store(data.len(), Ordering::Relaxed);
        }
        Ok(array)
    }
    pub fn new(data: &[u8]) -> R<Gc<ByteArray>> {
        ByteArray::new_in(ByteArray::class(), data)
    }
    #[inline]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn capacity(&self) -> usize {
        let buffer = self.buffer.get();
        // SAFETY: null or a live buffer.
        if buffer.is_null() { 0 } else { unsafe { (*buffer).size } }
    }
    /// Bytes of room, one for the closing NUL included, as `__alloc__` tells it.
    pub fn allocated(&self) -> usize {
        match self.capacity() {
            0 => 0,
            capacity => capacity + 1,
        }
    }
}

fn room(size: usize) -> R<*mut RawBuffer> {
    Some(size).filter(|size| *size < MAX_LEN).and_then(heap::try_raw_buffer).ok_or_else(memory_error)
}
/// A buffer of just these bytes.
fn room_with(data: &[u8]) -> R<*mut RawBuffer> {
    let size = Some(data.len()).filter(|size| *size < MAX_LEN);
    let buffer = size.and_then(heap::try_unfilled_buffer).ok_or_else(memory_error)?;
    // SAFETY: fresh, with room for the data.
    unsafe { crate::str::copy_bytes(data.as_ptr(), (*buffer).data(), data.len()) };
    Ok(buffer)
}

/// Address and length, under the lock.
fn parts(array: Gc<ByteArray>) -> (*mut u8, usize) {
    let buffer = array.buffer.get();
    if buffer.is_null() {
        return (std::ptr::NonNull::dangling().as_ptr(), 0);
    }
    // SAFETY: a live buffer that holds start + len bytes.
    unsafe { ((*buffer).data().add(array.start.load(Ordering::Relaxed)), array.len.load(Ordering::Relaxed)) }
}

/// Address, length and the heap buffer as they are now; `hold` keeps others from changing them, and runs under the lock.
#[inline]
pub(crate) fn hold(array: Gc<ByteArray>, hold: impl FnOnce(Gc<ByteArray>)) -> (*mut u8, usize, Option<Value>) {
    let _guard = guard(array);
    hold(array);
    let (data, len) = parts(array);
    let buffer = array.buffer.get();
    // SAFETY: not null, so a live heap buffer.
    let memory = if buffer.is_null() { None } else { Some(unsafe { Value::from_ptr(buffer.cast()) }) };
    (data, len, memory)
}

/// The content as it is now. The memory outlives changes of the array while the slice is on the stack.
#[inline]
pub fn snapshot(array: Gc<ByteArray>) -> &'static [u8] {
    let _guard = guard(array);
    let (data, len) = parts(array);
    // SAFETY: the heap keeps the buffer while this pointer into it is on the stack.
    unsafe { std::slice::from_raw_parts(data, len) }
}

/// Lets `change` edit the bytes in place, under the lock: it must not allocate in the heap or call Python code.
pub fn edit<T>(array: Gc<ByteArray>, change: impl FnOnce(&mut [u8]) -> T) -> T {
    let _guard = guard(array);
    let (data, len) = parts(array);
    // SAFETY: the lock is held.
    change(unsafe { std::slice::from_raw_parts_mut(data, len) })
}

/// Makes sure that nobody sees the memory move: BufferError if it is lent, a copy if only forgotten views may hold it.
fn unlock(array: Gc<ByteArray>) -> R<()> {
    if array.exports.check_or_leave(array.value(), LOCKED)? {
        reserve_exact(array, array.capacity())?;
        array.exports.detach();
    }
    Ok(())
}

/// Replaces `start..start + removed` by `inserted`, moving the rest. The positions are clamped to the content.
pub fn splice(array: Gc<ByteArray>, start: usize, removed: usize, inserted: &[u8]) -> R<()> {
    if inserted.len() != removed {
        unlock(array)?;
    }
    loop {
        let wanted = {
            let _guard = guard(array);
            let (data, len) = parts(array);
            let start = start.min(len);
            let removed = removed.min(len - start);
            let tail = len - start - removed;
            let fresh = (len - removed).checked_add(inserted.len()).ok_or_else(memory_error)?;
            let offset = array.start.load(Ordering::Relaxed);
            // SAFETY: the lock is held; all moves stay within the buffer's room.
            unsafe {
                if start == 0 && inserted.is_empty() && removed > 0 {
                    array.start.store(if fresh == 0 { 0 } else { offset + removed }, Ordering::Relaxed);
                    array.len.store(fresh, Ordering::Release);
                    return Ok(());
                }
                if offset + fresh <= array.capacity() {
                    std::ptr::copy(data.add(start + removed), data.add(start + inserted.len()), tail);
                    std::ptr::copy_nonoverlapping(inserted.as_ptr(), data.add(start), inserted.len());
                    array.len.store(fresh, Ordering::Release);
                    return Ok(());
                }
            }
            fresh
        };
        reserve_exact(array, wanted.saturating_add(wanted >> 3).saturating_add(if wanted < 9 { 3 } else { 6 }))?;
    }
}

/// Moves the content into a buffer of `capacity` bytes, if that is more than there is.
fn reserve_exact(array: Gc<ByteArray>, capacity: usize) -> R<()> {
    let buffer = room(capacity)?;
    let _guard = guard(array);
    let (data, len) = parts(array);
    if len <= capacity {
        // SAFETY: the new buffer has room for the content.
        unsafe { std::ptr::copy_nonoverlapping(data, (*buffer).data(), len) };
        array.buffer.set(buffer);
        array.start.store(0, Ordering::Relaxed);
    }
    Ok(())
}

/// Appends bytes where there is room for them and nobody holds an export. False: nothing was done.
#[inline]
fn append_in_room(array: Gc<ByteArray>, data: &[u8]) -> bool {
    if array.exports.count() > 0 {
        return false;
    }
    let _guard = guard(array);
    let (start, len) = (array.start.load(Ordering::Relaxed), array.len.load(Ordering::Relaxed));
    if array.capacity().saturating_sub(start + len) < data.len() {
        return false;
    }
    // SAFETY: the lock is held; the bytes lie behind the content, which the data may be a part of, within the buffer's room.
    unsafe { crate::str::copy_bytes(data.as_ptr(), (*array.buffer.get()).data().add(start + len), data.len()) };
    array.len.store(len + data.len(), Ordering::Release);
    true
}

/// Appends one byte.
#[inline]
pub fn push(array: Gc<ByteArray>, byte: u8) -> R<()> {
    if append_in_room(array, &[byte]) {
        return Ok(());
    }
    splice(array, usize::MAX, 0, &[byte])
}
/// Appends bytes, which may be the array's own.
pub fn extend(array: Gc<ByteArray>, data: &[u8]) -> R<()> {
    if data.is_empty() || append_in_room(array, data) {
        return Ok(());
    }
    splice(array, usize::MAX, 0, data)
}
/// Drops the content.
pub fn clear(array: Gc<ByteArray>) -> R<()> {
    if array.is_empty() {
        return Ok(());
    }
    unlock(array)?;
    let _guard = guard(array);
    array.len.store(0, Ordering::Release);
    array.start.store(0, Ordering::Relaxed);
    array.buffer.set(std::ptr::null_mut());
    Ok(())
}
/// Replaces the whole content.
pub fn assign(array: Gc<ByteArray>, data: &[u8]) -> R<()> {
    if !data.is_empty() && array.buffer.get().is_null() && array.exports.count() == 0 {
        let buffer = room_with(data)?;
        let _guard = guard(array);
        if array.buffer.get().is_null() {
            array.buffer.set(buffer);
            array.len.store(data.len(), Ordering::Release);
            return Ok(());
        }
    }
    splice(array, 0, usize::MAX, data)
}
/// Cuts, or fills up with zeros.
pub fn resize(array: Gc<ByteArray>, len: usize) -> R<()> {
    let old = array.len();
    if len <= old {
        return if len == old { Ok(()) } else { splice(array, len, old - len, &[]) };
    }
    unlock(array)?;
    reserve_exact(array, len)?;
    let _guard = guard(array);
    let (data, now) = parts(array);
    if now < len && len <= array.capacity() {
        // SAFETY: within the buffer's room; the lock is held.
        unsafe { std::ptr::write_bytes(data.add(now), 0, len - now) };
        array.len.store(len, Ordering::Release);
    }
    Ok(())
}
/// Deletes `count` bytes, `step` apart from `start` on (ascending).
pub fn delete_stepped(array: Gc<ByteArray>, start: usize, step: usize, count: usize) -> R<()> {
    if count == 0 {
        return Ok(());
    }
    if step == 1 || count == 1 {
        return splice(array, start, count, &[]);
    }
    unlock(array)?;
    let _guard = guard(array);
    let (data, len) = parts(array);
    // SAFETY: the lock is held.
    let bytes = unsafe { std::slice::from_raw_parts_mut(data, len) };
    let (mut target, mut next, mut left) = (start.min(len), start, count);
    for source in start.min(len)..len {
        if left > 0 && source == next {
            next += step;
            left -= 1;
        } else {
            bytes[target] = bytes[source];
            target += 1;
        }
    }
    array.len.store(target, Ordering::Release);
    Ok(())
}

/// Lends the memory.
pub static EXPORTER: Exporter = Exporter { layout: <ByteArray as Layout>::DESC, get: lend };

fn lend(value: Value, _request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let array: Gc<ByteArray> = unsafe { value.cast_unchecked() };
    let mut pin = None;
    let (data, len, memory) = hold(array, |array| pin = Some(array.exports.pin(value)));
    Ok(BufferView { memory, ..BufferView::bytes(value, data, len, false, pin) })
}
