//! Start and end arguments, slices with a step.

use std::ops::Range;

use super::builder::TextBuf;
use super::unit::Unit;
use super::view::Text;
use crate::memory::{collected, copied};
use crate::with_units;

/// The range that optional start and end arguments of methods such as `find` mean. None if start lies behind the end:
/// then nothing matches there, not even an empty string.
pub fn clip(start: Option<isize>, end: Option<isize>, length: usize) -> Option<Range<usize>> {
    let absolute = |index: isize| {
        if index < 0 { length.saturating_sub(index.unsigned_abs()) } else { index as usize }
    };
    let start = start.map_or(0, absolute);
    let end = end.map_or(length, absolute).min(length);
    (start <= end).then_some(start..end)
}

/// `count` units from `start` on, `step` apart. All positions must lie inside.
pub fn copy_stepped<U: Unit>(units: &[U], start: usize, step: isize, count: usize) -> Vec<U> {
    match step {
        1 => copied(&units[start..start + count]),
        -1 if count > 0 => collected(units[start + 1 - count..=start].iter().rev().copied()),
        _ => collected((0..count).map(|i| units[start.wrapping_add_signed(step.wrapping_mul(i as isize))])),
    }
}

/// [`copy_stepped`] for text, in the narrowest width.
pub fn stepped(text: Text<'_>, start: usize, step: isize, count: usize) -> TextBuf {
    with_units!(text, units => TextBuf::from_units(&copy_stepped(units, start, step, count)))
}
