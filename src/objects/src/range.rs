//! `range`: start, stop, step and length as ints of any size, and its iterators. Everything that fits machine integers takes a short way.

use crate::containers::plain_layout;
use crate::error::{R, index_error, overflow_error, value_error};
use crate::int::new_int;
use crate::layout::{Gc, Layout, alloc_instance};
use crate::number;
use crate::protocol;
use crate::slice::{Slice, slice_indices_of};
use base::hash::TupleHasher;
use heap::{Header, Slot, Value};
use std::sync::atomic::{AtomicI64, Ordering};

#[repr(C)]
pub struct Range {
    pub header: Header,
    start: Slot,
    stop: Slot,
    step: Slot,
    length: Slot,
}
plain_layout!(Range, "range", [start, stop, step, length]);

/// Counts through machine integers.
#[repr(C)]
pub struct RangeIter {
    pub header: Header,
    current: AtomicI64,
    step: AtomicI64,
    remaining: AtomicI64,
}
plain_layout!(RangeIter, "range_iterator", []);

/// Counts through integers of any size.
#[repr(C)]
pub struct LongRangeIter {
    pub header: Header,
    current: Slot,
    step: Slot,
    remaining: Slot,
}
plain_layout!(LongRangeIter, "longrange_iterator", [current, step, remaining]);

fn read(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::small(0))
}

impl Range {
    pub fn start(&self) -> Value {
        read(&self.start)
    }
    pub fn stop(&self) -> Value {
        read(&self.stop)
    }
    pub fn step(&self) -> Value {
        read(&self.step)
    }
    /// The length as an int of any size.
    pub fn length(&self) -> Value {
        read(&self.length)
    }
    /// Start, step and length, if everything down to the stop fits machine integers.
    #[inline]
    fn small(&self) -> Option<(i64, i64, i64)> {
        let (start, step, length) = (number::to_i64(self.start())?, number::to_i64(self.step())?, number::to_i64(self.length())?);
        // One step past the last item must fit too: the iterator goes there.
        start.checked_add(step.checked_mul(length)?)?;
        Some((start, step, length))
    }
}

/// `range(start, stop, step)` of ints.
pub fn new_range(start: Value, stop: Value, step: Value) -> R<Gc<Range>> {
    if number::is_zero(step) {
        return Err(value_error!("range() arg 3 must not be zero"));
    }
    let length = length_of(start, stop, step)?;
    // SAFETY: range cannot be subclassed, so the layout fits.
    let range: Gc<Range> = unsafe { Gc::from_ptr(alloc_instance(Range::class()).cast()) };
    range.start.set(start);
    range.stop.set(stop);
    range.step.set(step);
    range.length.set(length);
    Ok(range)
}

fn length_of(start: Value, stop: Value, step: Value) -> R {
    if let (Some(start), Some(stop), Some(step)) = (start.int(), stop.int(), step.int()) {
        let (low, high, stride) = if step > 0 { (start, stop, step) } else { (stop, start, -step) };
        return Ok(new_int(match stride {
            _ if low >= high => 0,
            1 => high - low,
            stride => (high - low - 1) / stride + 1,
        }));
    }
    let (low, high, stride) = if number::is_negative(step) { (stop, start, number::negate(step)?) } else { (start, stop, step) };
    if !number::less(low, high)? {
        return Ok(Value::small(0));
    }
    let one = Value::small(1);
    let distance = number::sub(number::sub(high, low)?, one)?;
    number::add(number::div_rem(distance, stride)?.0, one)
}

/// `len(range)`
pub fn range_len(range: Gc<Range>) -> R<usize> {
    match number::to_i64(range.length()) {
        Some(length) => Ok(length as usize),
        None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
    }
}

pub fn range_is_empty(range: Gc<Range>) -> bool {
    number::is_zero(range.length())
}

/// The item at a position that is known to be in range (or one step beyond).
fn item_at(range: Gc<Range>, position: Value) -> R {
    number::add(range.start(), number::mul(position, range.step())?)
}

/// `range[index]`
pub fn range_get_item(range: Gc<Range>, index: Value) -> R {
    if index.is_int()
        && let Some((start, step, length)) = range.small()
    {
        let index = index.as_int();
        let position = if index < 0 { index + length } else { index };
        if position < 0 || position >= length {
            return Err(index_error!("range object index out of range"));
        }
        return Ok(new_int(start + position * step));
    }
    let index = number::index(index)?;
    let position = if number::is_negative(index) { number::add(index, range.length())? } else { index };
    if number::is_negative(position) || !number::less(position, range.length())? {
        return Err(index_error!("range object index out of range"));
    }
    item_at(range, position)
}

/// `range[slice]`
pub fn range_slice(range: Gc<Range>, slice: Gc<Slice>) -> R<Gc<Range>> {
    let [start, stop, step] = slice_indices_of(slice, range.length())?;
    new_range(item_at(range, start)?, item_at(range, stop)?, number::mul(range.step(), step)?)
}

/// The position of an int in the range.
fn position_of(range: Gc<Range>, value: Value) -> R<Option<Value>> {
    let zero = Value::small(0);
    let (distance, stride) = if number::is_negative(range.step()) {
        (number::sub(range.start(), value)?, number::negate(range.step())?)
    } else {
        (number::sub(value, range.start())?, range.step())
    };
    if number::is_negative(distance) {
        return Ok(None);
    }
    let (position, remainder) = number::div_rem(distance, stride)?;
    if number::equal(remainder, zero) && number::less(position, range.length())? { Ok(Some(position)) } else { Ok(None) }
}

/// Whether arithmetic may answer for a value: a plain int or a bool.
fn is_plain_int(value: Value) -> bool {
    value.is_int() || value.is_bool() || crate::class::class_of(value) == crate::int::IntObject::class()
}

/// Positions (by equality) of a value that is no plain int; stops at the first if asked to.
fn search(range: Gc<Range>, value: Value, first_only: bool) -> R<(usize, Option<usize>)> {
    let iterator = range_iter(range)?;
    let (mut count, mut position, mut first) = (0, 0usize, None);
    while let Some(item) = protocol::next(iterator)? {
        if protocol::eq(item, value)? {
            count += 1;
            first = first.or(Some(position));
            if first_only {
                break;
            }
        }
        position += 1;
    }
    Ok((count, first))
}

/// `value in range`
pub fn range_contains(range: Gc<Range>, value: Value) -> R<bool> {
    if value.is_int()
        && let Some((start, step, length)) = range.small()
        && let Some(stride) = step.checked_abs()
        && let number = value.as_int()
        && let Some(distance) = if step < 0 { start.checked_sub(number) } else { number.checked_sub(start) }
    {
        return Ok(match stride {
            1 => (0..length).contains(&distance),
            stride => distance >= 0 && distance % stride == 0 && distance / stride < length,
        });
    }
    if is_plain_int(value) {
        return Ok(position_of(range, value)?.is_some());
    }
    Ok(search(range, value, true)?.1.is_some())
}

/// `range.count(value)`
pub fn range_count(range: Gc<Range>, value: Value) -> R<usize> {
    if is_plain_int(value) {
        return Ok(position_of(range, value)?.is_some() as usize);
    }
    Ok(search(range, value, false)?.0)
}

/// `range.index(value)`
pub fn range_index(range: Gc<Range>, value: Value) -> R {
    if is_plain_int(value) {
        return match position_of(range, value)? {
            Some(position) => Ok(position),
            None => Err(value_error!("range.index(x): x not in range")),
        };
    }
    match search(range, value, true)?.1 {
        Some(position) => Ok(new_int(position as i64)),
        None => Err(value_error!("sequence.index(x): x not in sequence")),
    }
}

/// `a == b`: the same sequence of numbers.
pub fn range_equal(a: Gc<Range>, b: Gc<Range>) -> bool {
    if a == b {
        return true;
    }
    if !number::equal(a.length(), b.length()) {
        return false;
    }
    if number::is_zero(a.length()) {
        return true;
    }
    number::equal(a.start(), b.start()) && (number::equal(a.length(), Value::small(1)) || number::equal(a.step(), b.step()))
}

/// `hash(range)`: that of (length, start or None, step or None).
pub fn range_hash(range: Gc<Range>) -> R<i64> {
    let none = Value::none();
    let length = range.length();
    let (start, step) = if number::is_zero(length) {
        (none, none)
    } else if number::equal(length, Value::small(1)) {
        (range.start(), none)
    } else {
        (range.start(), range.step())
    };
    let mut hasher = TupleHasher::new();
    for part in [length, start, step] {
        hasher.add(protocol::hash(part)?);
    }
    Ok(hasher.finish())
}

// ---- iterating ----

/// The numbers of a range, if all of them (and the step beyond the last) fit machine integers.
pub fn range_numbers(range: Gc<Range>) -> Option<impl ExactSizeIterator<Item = i64>> {
    let (start, step, length) = range.small()?;
    let length = usize::try_from(length).ok()?;
    Some(Numbers { next: start, step, remaining: length })
}

struct Numbers {
    next: i64,
    step: i64,
    remaining: usize,
}
impl Iterator for Numbers {
    type Item = i64;
    #[inline]
    fn next(&mut self) -> Option<i64> {
        self.remaining = self.remaining.checked_sub(1)?;
        let number = self.next;
        self.next = number.wrapping_add(self.step);
        Some(number)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}
impl ExactSizeIterator for Numbers {}

/// `iter(range)`
pub fn range_iter(range: Gc<Range>) -> R {
    match range.small() {
        Some((start, step, length)) => Ok(new_range_iter(start, step, length).value()),
        None => Ok(new_long_range_iter(range.start(), range.step(), range.length()).value()),
    }
}

/// `reversed(range)`
pub fn range_reversed(range: Gc<Range>) -> R {
    if let Some((start, step, length)) = range.small()
        && let Some(back) = step.checked_neg()
        && start.checked_sub(step).is_some()
    {
        return Ok(new_range_iter(start + (length - 1) * step, back, length).value());
    }
    let last = item_at(range, number::sub(range.length(), Value::small(1))?)?;
    Ok(new_long_range_iter(last, number::negate(range.step())?, range.length()).value())
}

pub fn new_range_iter(start: i64, step: i64, length: i64) -> Gc<RangeIter> {
    // SAFETY: the class is that of the layout.
    let iterator: Gc<RangeIter> = unsafe { Gc::from_ptr(alloc_instance(RangeIter::class()).cast()) };
    iterator.current.store(start, Ordering::Relaxed);
    iterator.step.store(step, Ordering::Relaxed);
    iterator.remaining.store(length, Ordering::Relaxed);
    iterator
}

fn new_long_range_iter(start: Value, step: Value, length: Value) -> Gc<LongRangeIter> {
    // SAFETY: the class is that of the layout.
    let iterator: Gc<LongRangeIter> = unsafe { Gc::from_ptr(alloc_instance(LongRangeIter::class()).cast()) };
    iterator.current.set(start);
    iterator.step.set(step);
    iterator.remaining.set(length);
    iterator
}

impl RangeIter {
    /// The next number, or None at the end. Threads that share an iterator may see a number twice.
    #[inline(always)]
    pub fn next(&self) -> Option<i64> {
        let remaining = self.remaining.load(Ordering::Relaxed);
        if remaining <= 0 {
            return None;
        }
        let current = self.current.load(Ordering::Relaxed);
        self.current.store(current.wrapping_add(self.step.load(Ordering::Relaxed)), Ordering::Relaxed);
        self.remaining.store(remaining - 1, Ordering::Relaxed);
        Some(current)
    }
    /// Whether the next number fits the word.
    #[inline(always)]
    pub fn stays_small(&self) -> bool {
        Value::try_int(self.current.load(Ordering::Relaxed)).is_some()
    }
    pub fn remaining(&self) -> i64 {
        self.remaining.load(Ordering::Relaxed)
    }
    /// The numbers still to come.
    pub fn rest(&self) -> R<Gc<Range>> {
        let (current, step) = (self.current.load(Ordering::Relaxed), self.step.load(Ordering::Relaxed));
        let stop = current.wrapping_add(step.wrapping_mul(self.remaining()));
        new_range(new_int(current), new_int(stop), new_int(step))
    }
    /// Goes `count` numbers on (the `__setstate__` of pickles).
    pub fn skip(&self, count: i64) {
        // Read once: other threads may take numbers meanwhile.
        let remaining = self.remaining().max(0);
        let count = count.clamp(0, remaining);
        let current = self.current.load(Ordering::Relaxed);
        self.current.store(current.wrapping_add(count.wrapping_mul(self.step.load(Ordering::Relaxed))), Ordering::Relaxed);
        self.remaining.store(remaining - count, Ordering::Relaxed);
    }
}

impl LongRangeIter {
    pub fn next(&self) -> R<Option<Value>> {
        let remaining = read(&self.remaining);
        if number::is_zero(remaining) {
            return Ok(None);
        }
        let current = read(&self.current);
        self.remaining.set(number::sub(remaining, Value::small(1))?);
        self.current.set(number::add(current, read(&self.step))?);
        Ok(Some(current))
    }
    pub fn remaining(&self) -> Value {
        read(&self.remaining)
    }
    pub fn rest(&self) -> R<Gc<Range>> {
        let (current, step) = (read(&self.current), read(&self.step));
        let stop = number::add(current, number::mul(step, self.remaining())?)?;
        new_range(current, stop, step)
    }
    pub fn skip(&self, count: Value) -> R<()> {
        let zero = Value::small(0);
        let mut count = if number::is_negative(count) { zero } else { count };
        if number::less(self.remaining(), count)? {
            count = self.remaining();
        }
        self.current.set(number::add(read(&self.current), number::mul(count, read(&self.step))?)?);
        self.remaining.set(number::sub(self.remaining(), count)?);
        Ok(())
    }
}
