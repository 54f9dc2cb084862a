//! The iterators of `list`, `tuple`, ASCII text and the two sets, and what `enumerate` and `zip` make: layouts and `next`. An exhausted
//! iterator lets its container go.
//! Positions are plain atomics: threads that share an iterator may see an item twice, never a broken one.

use crate::bytes::Bytes;
use crate::containers::plain_layout;
use crate::error::{R, runtime_error};
use crate::layout::{Gc, Layout, alloc_instance};
use crate::list::List;
use crate::set::{AnySet, SetCore};
use crate::str::Str;
use crate::tuple::Tuple;
use heap::{Header, Slot, Value};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

macro_rules! sequence_iterator {
    ($(#[$doc:meta])* $name:ident, $python:literal) => {
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            pub header: Header,
            container: Slot,
            position: AtomicI64,
        }
        plain_layout!($name, $python, [container]);

        impl $name {
            #[inline(always)]
            fn make(container: Value, position: i64) -> Gc<$name> {
                let shape = $name::class().root_shape.load(Ordering::Relaxed);
                // SAFETY: the shape is that of the layout; the class is final and its instances have no other parts.
                let iterator: Gc<$name> = unsafe { Gc::from_ptr(heap::alloc(std::mem::size_of::<$name>(), shape).cast()) };
                iterator.container.set(container);
                iterator.position.store(position, Ordering::Relaxed);
                iterator
            }
            /// The container, until the iterator is exhausted.
            pub fn container(&self) -> Option<Value> {
                self.container.get()
            }
            pub fn position(&self) -> i64 {
                self.position.load(Ordering::Relaxed)
            }
        }
    };
}

sequence_iterator!(
    /// `iter(list)`
    ListIter, "list_iterator");
sequence_iterator!(
    /// `reversed(list)`
    ListReverseIter, "list_reverseiterator");
sequence_iterator!(
    /// `iter(tuple)`
    TupleIter, "tuple_iterator");

pub fn list_iter(list: Gc<List>) -> Gc<ListIter> {
    ListIter::make(list.value(), 0)
}
pub fn list_reverse_iter(list: Gc<List>) -> Gc<ListReverseIter> {
    ListReverseIter::make(list.value(), list.len() as i64 - 1)
}
pub fn tuple_iter(tuple: Gc<Tuple>) -> Gc<TupleIter> {
    TupleIter::make(tuple.value(), 0)
}

impl ListIter {
    #[inline(always)]
    fn list(&self) -> Option<Gc<List>> {
        // SAFETY: only lists are ever put in.
        self.container.get().map(|list| unsafe { crate::layout::Cast::cast_unchecked(list) })
    }
    #[inline(always)]
    pub fn next(&self) -> Option<Value> {
        let list = self.list()?;
        let position = self.position.load(Ordering::Relaxed);
        match list.get(position as usize) {
            Some(item) => {
                self.position.store(position + 1, Ordering::Relaxed);
                Some(item)
            }
            None => {
                self.container.clear();
                None
            }
        }
    }
    #[inline]
    pub fn length_hint(&self) -> usize {
        self.list().map_or(0, |list| list.len().saturating_sub(self.position() as usize))
    }
    pub fn set_position(&self, position: i64) {
        if let Some(list) = self.list() {
            self.position.store(position.clamp(0, list.len() as i64), Ordering::Relaxed);
        }
    }
}

impl ListReverseIter {
    #[inline(always)]
    fn list(&self) -> Option<Gc<List>> {
        // SAFETY: only lists are ever put in.
        self.container.get().map(|list| unsafe { crate::layout::Cast::cast_unchecked(list) })
    }
    #[inline(always)]
    pub fn next(&self) -> Option<Value> {
        let list = self.list()?;
        let position = self.position.load(Ordering::Relaxed);
        let item = if position >= 0 { list.get(position as usize) } else { None };
        match item {
            Some(_) => self.position.store(position - 1, Ordering::Relaxed),
            None => {
                self.position.store(-1, Ordering::Relaxed);
                self.container.clear();
            }
        }
        item
    }
    pub fn length_hint(&self) -> usize {
        let left = self.position() + 1;
        match self.list() {
            Some(list) if list.len() as i64 >= left => left.max(0) as usize,
            _ => 0,
        }
    }
    pub fn set_position(&self, position: i64) {
        if let Some(list) = self.list() {
            self.position.store(position.clamp(-1, list.len() as i64 - 1), Ordering::Relaxed);
        }
    }
}

impl TupleIter {
    #[inline(always)]
    fn tuple(&self) -> Option<Gc<Tuple>> {
        // SAFETY: only tuples are ever put in.
        self.container.get().map(|tuple| unsafe { crate::layout::Cast::cast_unchecked(tuple) })
    }
    #[inline(always)]
    pub fn next(&self) -> Option<Value> {
        let tuple = self.tuple()?;
        let position = self.position.load(Ordering::Relaxed);
        match tuple.get(position as usize) {
            Some(item) => {
                self.position.store(position + 1, Ordering::Relaxed);
                Some(item)
            }
            None => {
                self.container.clear();
                None
            }
        }
    }
    #[inline]
    pub fn length_hint(&self) -> usize {
        self.tuple().map_or(0, |tuple| tuple.len().saturating_sub(self.position() as usize))
    }
    pub fn set_position(&self, position: i64) {
        if let Some(tuple) = self.tuple() {
            self.position.store(position.clamp(0, tuple.len() as i64), Ordering::Relaxed);
        }
    }
}

/// `iter(set)`
#[repr(C)]
pub struct SetIter {
    pub header: Header,
    set: Slot,
    position: AtomicUsize,
    used: AtomicUsize,
    remaining: AtomicUsize,
}
plain_layout!(SetIter, "set_iterator", [set]);

pub fn set_iter(set: AnySet) -> Gc<SetIter> {
    // SAFETY: the class is that of the layout.
    let iterator: Gc<SetIter> = unsafe { Gc::from_ptr(alloc_instance(SetIter::class()).cast()) };
    iterator.set.set(set.value());
    iterator.used.store(set.len(), Ordering::Relaxed);
    iterator.remaining.store(set.len(), Ordering::Relaxed);
    iterator
}

impl SetIter {
    fn set(&self) -> Option<Gc<SetCore>> {
        // SAFETY: only sets are ever put in.
        self.set.get().map(|set| unsafe { crate::layout::Cast::cast_unchecked(set) })
    }
    /// The next element if there is one and the set has not changed; else None, nothing done.
    #[inline(always)]
    pub fn next_quick(&self) -> Option<Value> {
        let set = self.set()?;
        if self.used.load(Ordering::Relaxed) != set.len() {
            return None;
        }
        let Some((next, element, _)) = set.next_live(self.position.load(Ordering::Relaxed)) else {
            // Whoever asks again need not look through the free places at the end once more.
            self.position.store(set.places(), Ordering::Relaxed);
            return None;
        };
        self.position.store(next, Ordering::Relaxed);
        self.remaining.store(self.remaining.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
        Some(element)
    }
    #[inline]
    pub fn next(&self) -> R<Option<Value>> {
        let Some(set) = self.set() else { return Ok(None) };
        if self.used.load(Ordering::Relaxed) != set.len() {
            // Stays so: every later call fails as well.
            self.used.store(usize::MAX, Ordering::Relaxed);
            return Err(runtime_error!("Set changed size during iteration"));
        }
        match set.next_live(self.position.load(Ordering::Relaxed)) {
            Some((next, element, _)) => {
                self.position.store(next, Ordering::Relaxed);
                self.remaining.store(self.remaining.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
                Ok(Some(element))
            }
            None => {
                self.set.clear();
                Ok(None)
            }
        }
    }
    pub fn length_hint(&self) -> usize {
        match self.set() {
            Some(set) if set.len() == self.used.load(Ordering::Relaxed) => self.remaining.load(Ordering::Relaxed),
            _ => 0,
        }
    }
    /// An iterator at the same place.
    pub fn fork(&self) -> Gc<SetIter> {
        // SAFETY: the class is that of the layout.
        let copy: Gc<SetIter> = unsafe { Gc::from_ptr(alloc_instance(SetIter::class()).cast()) };
        copy.set.set_opt(self.set.get());
        for (target, source) in [(&copy.position, &self.position), (&copy.used, &self.used), (&copy.remaining, &self.remaining)] {
            target.store(source.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        copy
    }
}

/// `iter(text)` of ASCII text.
#[repr(C)]
pub struct AsciiIter {
    pub header: Header,
    /// Empty once exhausted.
    pub container: Slot,
    pub position: AtomicI64,
}
plain_layout!(AsciiIter, "str_ascii_iterator", [container]);

impl AsciiIter {
    #[inline(always)]
    pub fn container(&self) -> Option<Gc<Str>> {
        // SAFETY: only strings are ever put in.
        self.container.get().map(|text| unsafe { crate::layout::Cast::cast_unchecked(text) })
    }
    /// The next character if it is there and was ever made; neither the end nor anything else is noted otherwise.
    #[inline(always)]
    pub fn next_known(&self) -> Option<Value> {
        let position = self.position.load(Ordering::Relaxed);
        let code = *self.container()?.raw_bytes().get(position as usize)?;
        let text = Str::known_char(code as u32)?;
        self.position.store(position + 1, Ordering::Relaxed);
        Some(text.value())
    }
}

/// `iter(bytes)`
#[repr(C)]
pub struct BytesIter {
    pub header: Header,
    /// Empty once exhausted.
    pub container: Slot,
    pub position: AtomicI64,
}
plain_layout!(BytesIter, "bytes_iterator", [container]);

impl BytesIter {
    #[inline(always)]
    pub fn container(&self) -> Option<Gc<Bytes>> {
        // SAFETY: only bytes are ever put in.
        self.container.get().map(|bytes| unsafe { crate::layout::Cast::cast_unchecked(bytes) })
    }
    /// The next byte; that there is none is not noted.
    #[inline(always)]
    pub fn next_known(&self) -> Option<Value> {
        let position = self.position.load(Ordering::Relaxed);
        let byte = *self.container()?.as_slice().get(position as usize)?;
        self.position.store(position + 1, Ordering::Relaxed);
        Some(Value::small(byte as i32))
    }
}

/// What `enumerate` makes.
#[repr(C)]
pub struct Enumerate {
    pub header: Header,
    pub iterator: Slot,
    /// The next counter while `big` is empty.
    pub count: AtomicI64,
    /// The next counter beyond `count`'s range.
    pub big: Slot,
}
plain_layout!(Enumerate, "enumerate", [iterator, big]);

/// What `zip` makes.
#[repr(C)]
pub struct Zip {
    pub header: Header,
    /// A tuple.
    pub iterators: Slot,
    pub strict: AtomicBool,
}
plain_layout!(Zip, "zip", [iterators]);
