//! The iterator over anything with `__getitem__` and integer indexes, and the `iter(callable, sentinel)` iterator: layouts and `next`.

use crate::error::R;
use crate::exception as exc;
use crate::layout::{Cast, new_native};
use crate::protocol;
use heap::{Header, Slot, Value};
use native_macros::Layout;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct SequenceIterator {
    pub header: Header,
    /// Empty once exhausted.
    pub sequence: Slot,
    pub index: AtomicI64,
}

pub fn new_sequence_iterator(sequence: Value) -> Value {
    new_native(SequenceIterator { header: Header::blank(), sequence: Slot::new(sequence), index: AtomicI64::new(0) }).value()
}

pub fn sequence_iterator_next(this: Value) -> R<Option<Value>> {
    // SAFETY: the slot of SequenceIterator's class.
    let iterator = unsafe { this.cast_unchecked::<SequenceIterator>() };
    let Some(sequence) = iterator.sequence.get() else { return Ok(None) };
    let index = iterator.index.load(Ordering::Relaxed);
    if index == i64::MAX {
        return Err(crate::error::overflow_error!("iter index too large"));
    }
    match protocol::get_item(sequence, crate::int::new_int(index)) {
        Ok(item) => {
            iterator.index.store(index + 1, Ordering::Relaxed);
            Ok(Some(item))
        }
        Err(raised) if raised.is(&exc::INDEX_ERROR) || raised.is(&exc::STOP_ITERATION) => {
            raised.clear();
            iterator.sequence.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct CallableIterator {
    pub header: Header,
    /// Empty once exhausted.
    pub callable: Slot,
    pub sentinel: Slot,
}

pub fn callable_iterator_next(this: Value) -> R<Option<Value>> {
    // SAFETY: the slot of CallableIterator's class.
    let iterator = unsafe { this.cast_unchecked::<CallableIterator>() };
    let (Some(callable), Some(sentinel)) = (iterator.callable.get(), iterator.sentinel.get()) else { return Ok(None) };
    let finish = || {
        iterator.callable.clear();
        iterator.sentinel.clear();
    };
    match crate::call::call(callable, &[]) {
        Ok(value) => {
            if iterator.callable.is_empty() {
                return Ok(None);
            }
            if protocol::eq(value, sentinel)? {
                finish();
                return Ok(None);
            }
            Ok(Some(value))
        }
        Err(raised) if raised.is(&exc::STOP_ITERATION) => {
            raised.clear();
            finish();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// `iter(callable, sentinel)`.
pub fn new_callable_iterator(callable: Value, sentinel: Value) -> Value {
    new_native(CallableIterator { header: Header::blank(), callable: Slot::new(callable), sentinel: Slot::new(sentinel) }).value()
}
