//! `GcVec`: the growable array for native code that must hold values across calls.
//!
//! A `Vec<Value>` lies in malloc memory, where the collector does not look: values that are only there are lost at the next
//! collection. A `GcVec` keeps its items in a heap buffer that the local variable (found by the conservative stack scan) keeps
//! alive. Use it for locals only: a `GcVec` inside malloc memory is as invisible as a `Vec`.

use crate::layout::Gc;
use heap::{Value, ValuesBuffer};
use std::ops::{Deref, DerefMut};

/// Types made of nothing but value words (zero words allowed).
/// # Safety
/// Size and alignment are those of an array of `Value`/`Option<Value>`, and every word is one of these.
pub unsafe trait ValueWords: Copy {}
// SAFETY: one word each, or tuples of them, in whatever order the compiler lays them.
unsafe impl ValueWords for Value {}
unsafe impl ValueWords for Option<Value> {}
unsafe impl<T> ValueWords for Gc<T> {}
unsafe impl<A: ValueWords, B: ValueWords> ValueWords for (A, B) {}
unsafe impl<A: ValueWords, B: ValueWords, C: ValueWords> ValueWords for (A, B, C) {}
unsafe impl<T: ValueWords, const N: usize> ValueWords for [T; N] {}

pub struct GcVec<T: ValueWords = Value> {
    /// Null while empty.
    buffer: *mut ValuesBuffer,
    len: usize,
    marker: std::marker::PhantomData<T>,
}

impl<T: ValueWords> GcVec<T> {
    const WORDS: usize = std::mem::size_of::<T>() / 8;

    pub const fn new() -> GcVec<T> {
        GcVec { buffer: std::ptr::null_mut(), len: 0, marker: std::marker::PhantomData }
    }
    pub fn with_capacity(capacity: usize) -> GcVec<T> {
        let mut fresh = GcVec::new();
        if capacity != 0 {
            fresh.buffer = heap::values_buffer(capacity * Self::WORDS);
        }
        fresh
    }
    pub fn from_slice(items: &[T]) -> GcVec<T> {
        let mut fresh = GcVec::with_capacity(items.len());
        fresh.extend_from_slice(items);
        fresh
    }
    fn data(&self) -> *mut T {
        if self.buffer.is_null() {
            return std::ptr::NonNull::dangling().as_ptr();
        }
        // SAFETY: the buffer is alive while `self` is on the stack.
        unsafe { (*self.buffer).slots().as_ptr() as *mut T }
    }
    fn capacity(&self) -> usize {
        if self.buffer.is_null() {
            return 0;
        }
        // SAFETY: as in `data`.
        unsafe { (*self.buffer).capacity() / Self::WORDS }
    }
    #[cold]
    fn grow(&mut self, needed: usize) {
        // SAFETY: this is the buffer's only user.
        if !self.buffer.is_null()
            && unsafe { heap::extend_values_buffer(self.buffer, needed * Self::WORDS, (needed + needed / 4) * Self::WORDS) }
        {
            return;
        }
        let capacity = needed.max(self.capacity() * 2).max(4);
        let fresh = heap::values_buffer(capacity * Self::WORDS);
        // SAFETY: the new buffer has room for all items; its length is set after they are in place.
        unsafe {
            std::ptr::copy_nonoverlapping(self.data(), (*fresh).slots().as_ptr() as *mut T, self.len);
            (*fresh).set_len(self.len * Self::WORDS);
        }
        self.buffer = fresh;
    }
    fn set_len(&mut self, len: usize) {
        self.len = len;
        if !self.buffer.is_null() {
            // SAFETY: as in `data`; all words below the length are initialised.
            unsafe { (*self.buffer).set_len(len * Self::WORDS) }
        }
    }
    #[inline]
    pub fn push(&mut self, item: T) {
        if self.len == self.capacity() {
            self.grow(self.len + 1);
        }
        // SAFETY: there is room for one more.
        unsafe { self.data().add(self.len).write(item) };
        self.set_len(self.len + 1);
    }
    pub fn pop(&mut self) -> Option<T> {
        let item = *self.last()?;
        self.set_len(self.len - 1);
        Some(item)
    }
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.set_len(len);
        }
    }
    pub fn clear(&mut self) {
        self.truncate(0);
    }
    pub fn extend_from_slice(&mut self, items: &[T]) {
        if self.len + items.len() > self.capacity() {
            self.grow(self.len + items.len());
        }
        // SAFETY: room was made; source and target do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(items.as_ptr(), self.data().add(self.len), items.len()) };
        self.set_len(self.len + items.len());
    }
    pub fn insert(&mut self, index: usize, item: T) {
        self.push(item);
        self[index..].rotate_right(1);
    }
    pub fn remove(&mut self, index: usize) -> T {
        let item = self[index];
        self[index..].rotate_left(1);
        self.set_len(self.len - 1);
        item
    }
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            let item = self[index];
            if keep(&item) {
                self[kept] = item;
                kept += 1;
            }
        }
        self.truncate(kept);
    }
    /// The memory with the items, null if there never were any.
    pub(crate) fn into_buffer(self) -> *mut ValuesBuffer {
        self.buffer
    }
    pub fn as_slice(&self) -> &[T] {
        self
    }
}

impl<T: ValueWords> Default for GcVec<T> {
    fn default() -> Self {
        GcVec::new()
    }
}
impl<T: ValueWords> Clone for GcVec<T> {
    fn clone(&self) -> Self {
        GcVec::from_slice(self)
    }
}
impl<T: ValueWords> Deref for GcVec<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: `len` items are initialised, and only this handle writes them.
        unsafe { std::slice::from_raw_parts(self.data(), self.len) }
    }
}
impl<T: ValueWords> DerefMut for GcVec<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`; the borrow is unique.
        unsafe { std::slice::from_raw_parts_mut(self.data(), self.len) }
    }
}
impl<T: ValueWords> Extend<T> for GcVec<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.push(item);
        }
    }
}
impl<T: ValueWords> FromIterator<T> for GcVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let items = items.into_iter();
        let mut fresh = GcVec::with_capacity(items.size_hint().0);
        fresh.extend(items);
        fresh
    }
}
impl<'a, T: ValueWords> IntoIterator for &'a GcVec<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
impl<T: ValueWords> IntoIterator for GcVec<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { items: self, next: 0 }
    }
}
/// Owning iterator; keeps the buffer alive.
pub struct IntoIter<T: ValueWords> {
    items: GcVec<T>,
    next: usize,
}
impl<T: ValueWords> Iterator for IntoIter<T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        let item = *self.items.get(self.next)?;
        self.next += 1;
        Some(item)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest = self.items.len() - self.next;
        (rest, Some(rest))
    }
}
impl<T: ValueWords> DoubleEndedIterator for IntoIter<T> {
    fn next_back(&mut self) -> Option<T> {
        if self.next >= self.items.len() { None } else { self.items.pop() }
    }
}
impl<T: ValueWords> ExactSizeIterator for IntoIter<T> {}

/// Room for `count` values, None at first, while `work` runs: on the native stack, which the collector scans, if they are few.
#[inline]
pub fn with_room<T>(count: usize, work: impl FnOnce(&mut [Value]) -> T) -> T {
    const FEW: usize = 4;
    if count <= FEW {
        return work(&mut [Value::none(); FEW][..count]);
    }
    work(&mut std::iter::repeat_n(Value::none(), count).collect::<GcVec>())
}
