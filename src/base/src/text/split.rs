//! Splitting, at whitespace, at a separator and into lines. Pieces are ranges of the input, always from left to right.

use std::ops::Range;

use super::search::matches;
use super::unit::Unit;
use super::view::Text;
use crate::memory::Grow;
use crate::pause::{Pace, last_position, position};
use crate::with_units;

type Pieces = Vec<Range<usize>>;

/// The number of cuts that a `maxsplit` argument allows: all if it is negative.
pub fn split_limit(maxsplit: isize) -> usize {
    usize::try_from(maxsplit).unwrap_or(usize::MAX)
}

/// `split()` at runs of what `is_space` holds for; after `limit` cuts the rest stays as it is.
pub fn split_whitespace<U: Unit>(units: &[U], limit: usize, is_space: impl Fn(U) -> bool) -> Pieces {
    let skip_spaces = |from: usize| from + position(&units[from..], |&unit| !is_space(unit)).unwrap_or(units.len() - from);
    let mut pieces = Pieces::new();
    let (mut start, mut pace) = (skip_spaces(0), Pace::new());
    while start < units.len() {
        pace.at(start);
        if pieces.len() == limit {
            pieces.put(start..units.len());
            break;
        }
        let length = position(&units[start..], |&unit| is_space(unit)).unwrap_or(units.len() - start);
        pieces.put(start..start + length);
        start = skip_spaces(start + length);
    }
    pieces
}

/// `rsplit()` at whitespace: cuts from the right.
pub fn rsplit_whitespace<U: Unit>(units: &[U], limit: usize, is_space: impl Fn(U) -> bool) -> Pieces {
    if limit == usize::MAX {
        return split_whitespace(units, limit, is_space);
    }
    let skip_spaces = |end: usize| last_position(&units[..end], |&unit| !is_space(unit)).map_or(0, |place| place + 1);
    let mut pieces = Pieces::new();
    let (mut end, mut pace) = (skip_spaces(units.len()), Pace::new());
    while end > 0 {
        pace.at(units.len() - end);
        if pieces.len() == limit {
            pieces.put(0..end);
            break;
        }
        let start = last_position(&units[..end], |&unit| is_space(unit)).map_or(0, |i| i + 1);
        pieces.put(start..end);
        end = skip_spaces(start);
    }
    pieces.reverse();
    pieces
}

/// `split(separator)`; the separator must not be empty.
pub fn split_on<U: Unit>(units: &[U], separator: &[U], limit: usize) -> Pieces {
    let mut pieces = Pieces::new();
    let (mut start, mut pace) = (0, Pace::new());
    for at in matches(units, separator).take(limit) {
        pace.at(at);
        pieces.put(start..at);
        start = at + separator.len();
    }
    pieces.put(start..units.len());
    pieces
}

/// `rsplit(separator)`; the separator must not be empty. Matches are sought from the right.
pub fn rsplit_on<U: Unit>(units: &[U], separator: &[U], limit: usize) -> Pieces {
    let mut pieces = Pieces::new();
    let (mut end, mut pace) = (units.len(), Pace::new());
    while pieces.len() < limit
        && let Some(at) = U::rfind(&units[..end], separator)
    {
        pace.at(units.len() - at);
        pieces.put(at + separator.len()..end);
        end = at;
    }
    pieces.put(0..end);
    pieces.reverse();
    pieces
}

/// [`split_on`] with a separator of perhaps another width.
pub fn split(text: Text<'_>, separator: Text<'_>, limit: usize) -> Pieces {
    with_units!(text, units => match separator.in_units() {
        Some(separator) => split_on(units, &separator, limit),
        None => whole(text),
    })
}

pub fn rsplit(text: Text<'_>, separator: Text<'_>, limit: usize) -> Pieces {
    with_units!(text, units => match separator.in_units() {
        Some(separator) => rsplit_on(units, &separator, limit),
        None => whole(text),
    })
}

fn whole(text: Text<'_>) -> Pieces {
    std::iter::once(0..text.len()).collect()
}

/// `splitlines()`: `is_break` tells what ends a line; a carriage return takes a line feed behind it along.
pub fn split_lines<U: Unit>(units: &[U], keep_ends: bool, is_break: impl Fn(U) -> bool) -> Pieces {
    let is = |unit: U, byte: u8| unit.into() == u32::from(byte);
    let mut pieces = Pieces::new();
    let (mut start, mut pace) = (0, Pace::new());
    while start < units.len() {
        pace.at(start);
        let end = position(&units[start..], |&unit| is_break(unit)).map_or(units.len(), |i| start + i);
        let mut next = end;
        if end < units.len() {
            next += 1;
            if is(units[end], b'\r') && units.get(next).is_some_and(|&unit| is(unit, b'\n')) {
                next += 1;
            }
        }
        pieces.put(start..if keep_ends { next } else { end });
        start = next;
    }
    pieces
}
