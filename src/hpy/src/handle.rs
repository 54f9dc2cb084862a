//! Handles. A handle is a value's own word wherever that word needs no keeping alive: numbers, singletons, and whatever is only
//! borrowed (arguments lie in the value stack or on the native stack, and objects do not move). An owned handle of a heap object
//! is the address of a cell that the collector scans, with bit 48 set: no value's word has these sixteen top bits.
//!
//! Cells belong to nobody: a thread takes them from its own free list and puts back there what it closes, whoever opened it. So a
//! handle may be closed on any thread, and neither opening nor closing takes a lock.
//!
//! Must not know: what extensions do with handles.

use crate::abi::Handle;
use heap::{Tracer, Value};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

const OWNED: u64 = 1 << 48;
const TAG_SHIFT: u32 = 48;
/// Cells allocated at once.
const CHUNK: usize = 500;
/// What is in the place of a spare cell of a thread that gives nothing back at its end yet.
const NEW: u64 = 1;
/// A thread that has more free cells than this gives half of them to all.
const MANY: u32 = 4 * CHUNK as u32;

struct Local {
    /// A free cell in front of the list, 0, or `NEW`: what is closed soon after it was opened goes in and out here, without the list's chain of loads.
    spare: Cell<u64>,
    /// The first free cell. A free cell holds the next one's address with `OWNED` added, 0 (plus `OWNED`) at the end.
    free: Cell<u64>,
    count: Cell<u32>,
}

thread_local! {
    static LOCAL: Local = const { Local { spare: Cell::new(NEW), free: Cell::new(0), count: Cell::new(0) } };
    static AT_EXIT: GiveBack = const { GiveBack };
}

/// Returns the free cells of a thread that ends.
struct GiveBack;

impl Drop for GiveBack {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            let mut shared = lock();
            let spare = local.spare.take();
            if spare > NEW {
                shared.free.push(spare);
            }
            while let Some(cell) = pop(local) {
                shared.free.push(cell);
            }
        })
    }
}

struct Shared {
    chunks: Vec<&'static [AtomicU64; CHUNK]>,
    free: Vec<u64>,
    rooted: bool,
}

/// Never held across a safepoint.
static SHARED: Mutex<Shared> = Mutex::new(Shared { chunks: Vec::new(), free: Vec::new(), rooted: false });

fn lock() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn trace(tracer: &mut Tracer, _: *mut ()) {
    for chunk in &lock().chunks {
        for cell in chunk.iter() {
            let word = cell.load(Ordering::Relaxed);
            if word >> TAG_SHIFT == 0 {
                tracer.word(word);
            }
        }
    }
}

#[inline(always)]
fn cell_at(address: u64) -> &'static AtomicU64 {
    // SAFETY: addresses of cells come from chunks, which are never freed.
    unsafe { &*(address as *const AtomicU64) }
}

/// Whether the content of a cell is an object, as opposed to the way to the next free cell. (No cell holds 0.)
#[inline(always)]
fn is_taken(word: u64) -> bool {
    word >> TAG_SHIFT == 0
}

#[inline(always)]
fn pop(local: &Local) -> Option<u64> {
    let cell = local.free.get();
    if cell == 0 {
        return None;
    }
    local.free.set(cell_at(cell).load(Ordering::Relaxed) - OWNED);
    local.count.set(local.count.get().wrapping_sub(1));
    Some(cell)
}

#[inline(always)]
fn push(local: &Local, cell: u64) {
    cell_at(cell).store(local.free.get() + OWNED, Ordering::Relaxed);
    local.free.set(cell);
    local.count.set(local.count.get().wrapping_add(1));
}

/// The thread returns its free cells when it ends.
#[cold]
#[inline(never)]
extern "C" fn give_back_at_exit() {
    let _ = AT_EXIT.try_with(|_| ());
    LOCAL.with(|local| {
        if local.spare.get() == NEW {
            local.spare.set(0);
        }
    })
}

/// A C function, as all that is rarely called from context functions: those need no frame then.
#[cold]
#[inline(never)]
extern "C" fn refill(value: Value) -> Handle {
    give_back_at_exit();
    let fresh = {
        let mut shared = lock();
        if shared.free.is_empty() {
            let chunk: &'static [AtomicU64; CHUNK] = Box::leak(Box::new([const { AtomicU64::new(OWNED) }; CHUNK]));
            shared.chunks.push(chunk);
            shared.free.extend(chunk.iter().rev().map(|cell| cell as *const AtomicU64 as u64));
        }
        let taken = shared.free.len().min(CHUNK);
        let rest = shared.free.len() - taken;
        let cells = shared.free.split_off(rest);
        let register = !std::mem::replace(&mut shared.rooted, true);
        drop(shared);
        if register {
            heap::register_root_callback(trace, std::ptr::null_mut());
        }
        cells
    };
    LOCAL.with(|local| fresh.into_iter().for_each(|cell| push(local, cell)));
    in_cell(value)
}

/// An owned handle of a heap object.
#[inline(always)]
fn in_cell(value: Value) -> Handle {
    LOCAL.with(|local| {
        let mut cell = local.spare.get();
        if cell > NEW {
            local.spare.set(0);
        } else {
            match pop(local) {
                Some(free) => cell = free,
                None => return refill(value),
            }
        }
        // Release: the handle may go to another thread, which reads the object through it.
        cell_at(cell).store(value.raw(), Ordering::Release);
        Handle(cell + OWNED)
    })
}

#[cold]
#[inline(never)]
extern "C" fn spill() {
    let mut shared = lock();
    LOCAL.with(|local| shared.free.extend(std::iter::from_fn(|| pop(local)).take(MANY as usize / 2)))
}

/// A cell that is closed while there is a spare one, or closed again.
#[inline(never)]
extern "C" fn put_back(cell: u64) {
    LOCAL.with(|local| {
        if !is_taken(cell_at(cell).load(Ordering::Relaxed)) {
            return;
        }
        push(local, cell);
        if local.spare.get() == NEW {
            return give_back_at_exit();
        }
        if local.count.get() > MANY {
            spill();
        }
    })
}

/// None, True, False and their kind need no cell.
#[inline(always)]
fn is_static(value: Value) -> bool {
    is_static_word(value.raw())
}
#[inline(always)]
fn is_static_word(word: u64) -> bool {
    word.wrapping_sub(Value::false_().raw()) < 7 * 16
}

impl Handle {
    /// For a value that something else keeps alive as long as the handle is used.
    #[inline(always)]
    pub fn borrowed(value: Value) -> Handle {
        Handle(value.raw())
    }
    #[inline(always)]
    pub fn borrowed_opt(value: Option<Value>) -> Handle {
        match value {
            Some(value) => Handle(value.raw()),
            None => Handle::NULL,
        }
    }

    /// A handle that keeps the value alive until it is closed.
    #[inline(always)]
    pub fn owned(value: Value) -> Handle {
        if !value.is_ptr() || is_static(value) {
            return Handle(value.raw());
        }
        in_cell(value)
    }
    #[inline(always)]
    pub fn owned_opt(value: Option<Value>) -> Handle {
        match value {
            Some(value) => Handle::owned(value),
            None => Handle::NULL,
        }
    }

    /// Another handle of the same object.
    ///
    /// # Safety
    /// The handle is NULL, or open.
    #[inline(always)]
    pub unsafe fn dup(self) -> Handle {
        let mut word = self.0;
        if is_static_word(word) || word >> TAG_SHIFT > 1 || word == 0 {
            return self;
        }
        if self.is_cell() {
            // Singletons have no cells.
            word = cell_at(word - OWNED).load(Ordering::Relaxed);
        }
        in_cell(Value::from_raw_unchecked(word))
    }

    #[inline(always)]
    pub fn is_cell(self) -> bool {
        self.0 >> TAG_SHIFT == 1
    }

    /// The value; None for NULL, and for a closed handle whose cell was not taken again.
    ///
    /// # Safety
    /// The handle is NULL, or one that the runtime gave.
    #[inline(always)]
    pub unsafe fn get(self) -> Option<Value> {
        if self.is_cell() {
            let word = cell_at(self.0 - OWNED).load(Ordering::Relaxed);
            return if is_taken(word) { Some(Value::from_raw_unchecked(word)) } else { None };
        }
        Value::from_raw(self.0)
    }
    /// The value of a handle that the ABI does not allow to be NULL.
    ///
    /// # Safety
    /// The handle is open.
    #[inline(always)]
    pub unsafe fn value(self) -> Value {
        match self.get() {
            Some(value) => value,
            None => null_handle(),
        }
    }

    /// The same in functions that nothing may unwind out of: NULL sets a SystemError and is taken for None.
    ///
    /// # Safety
    /// As for `get`.
    #[inline(always)]
    pub unsafe fn value_or_none(self) -> Value {
        match self.get() {
            Some(value) => value,
            None => null_as_none(),
        }
    }

    /// Gives an owned handle up. Borrowed ones, NULL and closed ones are left alone.
    ///
    /// # Safety
    /// The handle is not used any more.
    #[inline(always)]
    pub unsafe fn close(self) {
        if self.is_cell() {
            let cell = self.0 - OWNED;
            let is_spare = LOCAL.with(|local| {
                let is_spare = local.spare.get() == 0 && is_taken(cell_at(cell).load(Ordering::Relaxed));
                if is_spare {
                    cell_at(cell).store(OWNED, Ordering::Relaxed);
                    local.spare.set(cell);
                }
                is_spare
            });
            if !is_spare {
                put_back(cell);
            }
        }
    }
    /// The value of an owned handle, which is closed.
    ///
    /// # Safety
    /// As for `get` and `close`.
    #[inline(always)]
    pub unsafe fn take(self) -> Option<Value> {
        let value = self.get();
        self.close();
        value
    }
}

/// Panic payload: an extension passed NULL where the ABI wants an object. `context::guarded` makes a SystemError of it.
pub struct NullHandle;

#[cold]
#[inline(never)]
fn null_handle() -> ! {
    std::panic::resume_unwind(Box::new(NullHandle))
}

#[cold]
#[inline(never)]
extern "C" fn null_as_none() -> Value {
    let _ = objects::system_error!("null argument to internal routine");
    Value::none()
}

/// Values of an array of handles.
///
/// # Safety
/// The array has `count` open handles.
pub unsafe fn values(array: *const Handle, count: usize) -> objects::GcVec {
    (0..count).map(|index| (*array.add(index)).value()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_singletons_are_their_own_handles() {
        for value in [Value::small(7), Value::small(-1), Value::float(2.5), Value::none(), Value::true_()] {
            let handle = Handle::owned(value);
            assert_eq!(handle.0, value.raw());
            // SAFETY: an open handle.
            unsafe {
                assert_eq!(handle.get(), Some(value));
                handle.close();
            }
        }
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(Handle::NULL.get(), None);
            Handle::NULL.close();
        }
    }

    #[test]
    fn cells_of_objects_are_distinct_and_reused() {
        heap::attach();
        let object = heap::raw_buffer(16);
        // SAFETY: a fresh object; the handles are open until closed.
        unsafe {
            let value = Value::from_ptr(object as *mut heap::Header);
            let first = Handle::owned(value);
            let second = Handle::owned(value);
            assert!(first != second && first.is_cell() && second.is_cell());
            assert_eq!(first.get(), Some(value));
            assert_eq!(second.take(), Some(value));
            let third = Handle::owned(value);
            assert_eq!(third, second);
            first.close();
            third.close();
        }
    }

    #[test]
    fn closed_handles_are_like_null_and_closed_once() {
        heap::attach();
        // SAFETY: fresh objects; closed handles are asked for, but not used.
        unsafe {
            let value = |size| Value::from_ptr(heap::raw_buffer(size) as *mut heap::Header);
            let (one, other) = (value(16), value(32));
            let handle = Handle::owned(one);
            handle.close();
            assert_eq!(handle.get(), None);
            handle.close();
            assert_eq!(handle.dup().get(), None);
            let (first, second) = (Handle::owned(one), Handle::owned(other));
            assert!(first != second, "a cell that was closed twice is given once");
            assert_eq!((first.get(), second.get()), (Some(one), Some(other)));
            first.close();
            second.close();
        }
    }

    #[test]
    fn many_cells_closed_elsewhere_come_back() {
        heap::attach();
        // SAFETY: a fresh object that this frame keeps alive.
        let value = unsafe { Value::from_ptr(heap::raw_buffer(16) as *mut heap::Header) };
        let close_elsewhere = |count: usize| {
            let handles: Vec<u64> = (0..count).map(|_| Handle::owned(value).0).collect();
            // SAFETY: each is closed once.
            heap::blocking(|| {
                std::thread::spawn(move || handles.into_iter().for_each(|handle| unsafe { Handle(handle).close() }))
                    .join()
                    .expect("the thread closes handles")
            });
        };
        (0..3).for_each(|_| close_elsewhere(10 * CHUNK));
        // Threads that only ever close a few give them back, too.
        (0..100).for_each(|_| close_elsewhere(CHUNK));
        assert!(lock().chunks.len() <= 22, "cells must be reused");
    }
}
