//! `tee`: several readers of one iterator. Items that some reader still needs lie in a chain of blocks.

use crate::support::Guarded;
use native_macros::{Layout, native_class};
use objects::{
    Cast, Class, Gc, GcVec, Header, R, Slot, Value, call, get_attr_opt, interned, new_native, new_object, new_tuple,
    runtime_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Items of a block.
const BLOCK: usize = 57;

#[derive(Layout)]
#[repr(C)]
pub struct TeeData {
    pub header: Header,
    iterator: Slot,
    values: Guarded<Vec<Value>>,
    next: Slot,
    /// Somebody is reading the iterator for this block.
    reading: AtomicBool,
}

fn new_data(iterator: Value) -> Gc<TeeData> {
    new_native(TeeData {
        header: Header::blank(),
        iterator: Slot::new(iterator),
        values: Guarded::new(Vec::new()),
        next: Slot::empty(),
        reading: AtomicBool::new(false),
    })
}

/// Items read ahead for the iterators of tee().
#[native_class(name = "itertools._tee_dataobject", base = object, flags = "final no_new")]
impl TeeData {}

fn data_item(data: Gc<TeeData>, index: usize) -> R<Option<Value>> {
    if let Some(item) = data.values.with(data, |values| values.get(index).copied()) {
        return Ok(Some(item));
    }
    let occupied = if heap::is_multithreaded() {
        data.reading.swap(true, Ordering::Acquire)
    } else {
        let before = data.reading.load(Ordering::Relaxed);
        data.reading.store(true, Ordering::Relaxed);
        before
    };
    if occupied {
        return Err(runtime_error!("cannot re-enter the tee iterator"));
    }
    let read = match data.values.with(data, |values| values.get(index).copied()) {
        Some(item) => Ok(Some(item)),
        None => data.iterator.get().map_or(Ok(None), objects::next),
    };
    if let Ok(Some(item)) = read {
        data.values.with(data, |values| {
            if values.len() == index {
                values.push(item);
            }
        });
    }
    data.reading.store(false, Ordering::Release);
    read
}

fn next_block(data: Gc<TeeData>) -> Gc<TeeData> {
    loop {
        if let Some(next) = data.next.get().and_then(|next| next.cast::<TeeData>()) {
            return next;
        }
        let fresh = new_data(data.iterator.get().unwrap_or(Value::none()));
        if data.next.compare_set(None, Some(fresh.value())).is_ok() {
            return fresh;
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Tee {
    pub header: Header,
    data: Slot,
    index: AtomicUsize,
}

/// Iterator that shares the items of another one with its copies.
#[native_class(name = "itertools._tee", base = object, flags = "final weakref")]
impl Tee {
    #[new]
    #[sig("(iterable, /)")]
    fn new(cls: Gc<Class>, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        if let Some(other) = iterator.cast::<Tee>() {
            return Ok(copy(other).value());
        }
        let data = new_data(iterator).value();
        Ok(new_object(cls, Tee { header: Header::blank(), data: Slot::new(data), index: AtomicUsize::new(0) }).value())
    }
    fn __iter__(this: Gc<Tee>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Tee>) -> R<Option<Value>> {
        let Some(mut data) = this.data.get().and_then(|data| data.cast::<TeeData>()) else { return Ok(None) };
        let mut index = this.index.load(Ordering::Relaxed);
        if index >= BLOCK {
            data = next_block(data);
            this.data.set(data.value());
            index = 0;
            this.index.store(0, Ordering::Relaxed);
        }
        let item = data_item(data, index)?;
        if item.is_some() {
            this.index.store(index + 1, Ordering::Relaxed);
        }
        Ok(item)
    }
    /// An independent iterator at the same place.
    fn __copy__(this: Gc<Tee>) -> Gc<Tee> {
        copy(this)
    }
}

fn copy(tee: Gc<Tee>) -> Gc<Tee> {
    new_native(Tee {
        header: Header::blank(),
        data: Slot::new_opt(tee.data.get()),
        index: AtomicUsize::new(tee.index.load(Ordering::Relaxed)),
    })
}

pub fn tee(iterable: Value, count: isize) -> R {
    if count < 0 {
        return Err(value_error!("n must be >= 0"));
    }
    if count == 0 {
        return Ok(new_tuple(&[]).value());
    }
    let iterator = objects::iter(iterable)?;
    let mut items = GcVec::new();
    match get_attr_opt(iterator, interned!("__copy__"))? {
        // Whoever holds the argument goes on reading it, so all results are copies.
        Some(copier) => {
            for number in 0..count as usize {
                objects::containers::poll_at(number)?;
                items.push(call(copier, &[])?);
            }
        }
        None => {
            let data = new_data(iterator).value();
            let first = new_native(Tee { header: Header::blank(), data: Slot::new(data), index: AtomicUsize::new(0) });
            items.push(first.value());
            for number in 1..count as usize {
                objects::containers::poll_at(number)?;
                items.push(copy(first).value());
            }
        }
    }
    Ok(new_tuple(&items).value())
}
