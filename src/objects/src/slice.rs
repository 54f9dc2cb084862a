//! `slice` objects and the arithmetic of slicing: from three optional indices to a run of positions within a length.

use crate::class::Class;
use crate::containers::{TextBuilder, quick_hash, same_or_equal};
use crate::error::{R, type_error, value_error};
use crate::layout::{Cast, Gc, Layout, alloc_instance};
use crate::number;
use crate::protocol;
use crate::str::Str;
use heap::{Header, Slot, Value};

#[repr(C)]
pub struct Slice {
    pub header: Header,
    start: Slot,
    stop: Slot,
    step: Slot,
}
crate::containers::plain_layout!(Slice, "slice", [start, stop, step]);

impl Slice {
    #[inline]
    pub fn start(&self) -> Value {
        self.start.get().unwrap_or(Value::none())
    }
    #[inline]
    pub fn stop(&self) -> Value {
        self.stop.get().unwrap_or(Value::none())
    }
    #[inline]
    pub fn step(&self) -> Value {
        self.step.get().unwrap_or(Value::none())
    }
    pub fn parts(&self) -> [Value; 3] {
        [self.start(), self.stop(), self.step()]
    }
}

/// `slice(start, stop, step)`; absent parts are None.
pub fn new_slice(start: Value, stop: Value, step: Value) -> Gc<Slice> {
    slice_alloc(Slice::class(), start, stop, step)
}

pub fn slice_alloc(class: Gc<Class>, start: Value, stop: Value, step: Value) -> Gc<Slice> {
    // SAFETY: slice cannot be subclassed, so the layout fits.
    let slice: Gc<Slice> = unsafe { Gc::from_ptr(alloc_instance(class).cast()) };
    slice.start.set(start);
    slice.stop.set(stop);
    slice.step.set(step);
    slice
}

/// A slice's indices as machine integers, clamped, defaults filled in; not yet related to a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
}

/// The positions `start, start + step, ...` (`count` of them) within a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
    pub count: usize,
}

impl Bounds {
    /// The positions that a sequence of `len` items has within these bounds.
    #[inline]
    pub fn adjust(self, len: usize) -> Run {
        let len = len.min(i64::MAX as usize) as i64;
        let backwards = self.step < 0;
        let place = |index: i64| {
            if index < 0 {
                let index = index.saturating_add(len);
                if index < 0 { if backwards { -1 } else { 0 } } else { index }
            } else if index >= len {
                if backwards { len - 1 } else { len }
            } else {
                index
            }
        };
        let (start, stop) = (place(self.start), place(self.stop));
        let count = if backwards {
            if stop < start { (start - stop - 1) / -self.step + 1 } else { 0 }
        } else if start < stop {
            (stop - start - 1) / self.step + 1
        } else {
            0
        };
        Run { start, stop, step: self.step, count: count as usize }
    }
}

impl Run {
    /// The positions in order.
    #[inline]
    pub fn positions(self) -> impl Iterator<Item = usize> {
        (0..self.count as i64).map(move |number| (self.start + number * self.step) as usize)
    }
    /// The same positions in ascending order.
    pub fn ascending(self) -> Run {
        if self.step > 0 || self.count == 0 {
            return self;
        }
        let lowest = self.start + (self.count as i64 - 1) * self.step;
        Run { start: lowest, stop: self.start + 1, step: -self.step, count: self.count }
    }
}

/// One part of a slice as a machine integer, clamped at the ends.
fn part(value: Value) -> R<i64> {
    if value.is_int() {
        return Ok(value.as_int());
    }
    match number::try_index(value)? {
        Some(index) => Ok(number::clamp_to_i64(index)),
        None => Err(type_error!("slice indices must be integers or None or have an __index__ method")),
    }
}

/// Reads a slice's parts.
#[inline]
pub fn slice_bounds(slice: Gc<Slice>) -> R<Bounds> {
    let [start, stop, step] = slice.parts();
    let step = if step.is_none() { 1 } else { part(step)?.max(-i64::MAX) };
    if step == 0 {
        return Err(value_error!("slice step cannot be zero"));
    }
    let start = if !start.is_none() {
        part(start)?
    } else if step < 0 {
        i64::MAX
    } else {
        0
    };
    let stop = if !stop.is_none() {
        part(stop)?
    } else if step < 0 {
        i64::MIN
    } else {
        i64::MAX
    };
    Ok(Bounds { start, stop, step })
}

/// `slice.indices(length)` for integers of any size: (start, stop, step).
pub fn slice_indices(slice: Gc<Slice>, length: Value) -> R<[Value; 3]> {
    let length = number::index(length)?;
    if number::is_negative(length) {
        return Err(value_error!("length should not be negative"));
    }
    slice_indices_of(slice, length)
}

/// As `slice_indices`, for a length known to be a non-negative int.
pub fn slice_indices_of(slice: Gc<Slice>, length: Value) -> R<[Value; 3]> {
    let zero = Value::small(0);
    let evaluate = |value: Value| match number::try_index(value)? {
        Some(index) => Ok(index),
        None => Err(type_error!("slice indices must be integers or None or have an __index__ method")),
    };
    let step = if slice.step().is_none() { Value::small(1) } else { evaluate(slice.step())? };
    if step == zero {
        return Err(value_error!("slice step cannot be zero"));
    }
    let backwards = number::is_negative(step);
    let lower = if backwards { Value::small(-1) } else { zero };
    let upper = if backwards { number::sub(length, Value::small(1))? } else { length };
    let place = |value: Value, absent: Value| -> R {
        if value.is_none() {
            return Ok(absent);
        }
        let mut index = evaluate(value)?;
        if number::is_negative(index) {
            index = number::add(index, length)?;
            if number::less(index, lower)? { Ok(lower) } else { Ok(index) }
        } else if number::less(upper, index)? {
            Ok(upper)
        } else {
            Ok(index)
        }
    };
    let start = place(slice.start(), if backwards { upper } else { lower })?;
    let stop = place(slice.stop(), if backwards { lower } else { upper })?;
    Ok([start, stop, step])
}

/// `repr(slice)`
pub fn slice_repr(slice: Gc<Slice>) -> R<Gc<Str>> {
    let mut text = TextBuilder::new();
    text.push_str("slice(");
    for (number, value) in slice.parts().into_iter().enumerate() {
        if number > 0 {
            text.push_str(", ");
        }
        text.push(protocol::repr(value)?);
    }
    text.push_str(")");
    Ok(text.finish())
}

/// `hash(slice)`: as the hash of the tuple of its parts, without the length mixed in.
pub fn slice_hash(slice: Gc<Slice>) -> R<i64> {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    let mut accumulator = PRIME_5;
    for value in slice.parts() {
        let lane = quick_hash(value)? as u64;
        accumulator = accumulator.wrapping_add(lane.wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1);
    }
    let hash = accumulator as i64;
    Ok(if hash == -1 { 1_546_275_796 } else { hash })
}

/// `a == b` of two slices.
pub fn slice_equal(a: Gc<Slice>, b: Gc<Slice>) -> R<bool> {
    if a == b {
        return Ok(true);
    }
    for (left, right) in a.parts().into_iter().zip(b.parts()) {
        if !same_or_equal(left, right)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The slice in a subscript, if it is one.
#[inline(always)]
pub fn as_slice(value: Value) -> Option<Gc<Slice>> {
    value.cast_exact::<Slice>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(start: i64, stop: i64, step: i64, len: usize) -> Vec<usize> {
        Bounds { start, stop, step }.adjust(len).positions().collect()
    }

    #[test]
    fn positions_are_those_of_python() {
        assert_eq!(run(0, i64::MAX, 1, 3), [0, 1, 2]);
        assert_eq!(run(-2, i64::MAX, 1, 3), [1, 2]);
        assert_eq!(run(i64::MAX, i64::MIN, -1, 3), [2, 1, 0]);
        assert_eq!(run(0, -1, 2, 6), [0, 2, 4]);
        assert_eq!(run(5, 1, 1, 6), [] as [usize; 0]);
        assert_eq!(run(4, 0, -2, 6), [4, 2]);
        assert_eq!(run(-100, 100, i64::MAX, 6), [0]);
        assert_eq!(run(100, -100, -i64::MAX, 6), [5]);
    }

    #[test]
    fn ascending_keeps_the_set_of_positions() {
        let run = Bounds { start: 7, stop: 0, step: -3 }.adjust(10);
        let mut positions: Vec<usize> = run.positions().collect();
        positions.reverse();
        assert_eq!(positions, run.ascending().positions().collect::<Vec<_>>());
    }
}
