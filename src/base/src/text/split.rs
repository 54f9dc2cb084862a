//! Splitting, at whitespace, at a separator and into lines. Pieces are ranges of the input, always from left to right.

use std::ops::Range;

use super::search::matches;
use super::unit::Unit;
use super::view::Text;
use crate::memory::Grow;
use crate::with_units;

type Pieces = Vec<Range<usize>>;

/// The number of cuts that a `maxsplit` argument allows: all if it is negative.
pub fn split_limit(maxsplit: isize) -> usize {
    usize::try_from(maxsplit).unwrap_or(usize::MAX)
}

/// `split()` at runs of what `is_space` holds for; after `limit` cuts the rest stays as it is.
pub fn split_whitespace<U: Unit>(units: &[U], limit: usize, is_space: impl Fn(U) -> bool) -> Pieces {
    let skip_spaces = |from: usize| from + units[from..].iter().take_while(|&&unit| is_space(unit)).count();
    let mut pieces = Pieces::new();
    let mut start = skip_spaces(0);
    while start < units.len() {
        if pieces.len() == limit {
            pieces.put(start..units.len());
            break;
        }
        let length = units[start..].iter().position(|&unit| is_space(unit)).unwrap_or(units.len() - start);
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
    let skip_spaces = |end: usize| end - units[..end].iter().rev().take_while(|&&unit| is_space(unit)).count();
    let mut pieces = Pieces::new();
    let mut end = skip_spaces(units.len());
    while end > 0 {
        if pieces.len() == limit {
            pieces.put(0..end);
            break;
        }
        let start = units[..end].iter().rposition(|&unit| is_space(unit)).map_or(0, |i| i + 1);
        pieces.put(start..end);
        end = skip_spaces(start);
    }
    pieces.reverse();
    pieces
}

/// `split(separator)`; the separator must not be empty.
pub fn split_on<U: Unit>(units: &[U], separator: &[U], limit: usize) -> Pieces {
    let mut pieces = Pieces::new();
    let mut start = 0;
    for at in matches(units, separator).take(limit) {
        pieces.put(start..at);
        start = at + separator.len();
    }
    pieces.put(start..units.len());
    pieces
}

/// `rsplit(separator)`; the separator must not be empty. Matches are sought from the right.
pub fn rsplit_on<U: Unit>(units: &[U], separator: &[U], limit: usize) -> Pieces {
    let mut pieces = Pieces::new();
    let mut end = units.len();
    while pieces.len() < limit
        && let Some(at) = U::rfind(&units[..end], separator)
    {
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
    let mut start = 0;
    while start < units.len() {
        let end = units[start..].iter().position(|&unit| is_break(unit)).map_or(units.len(), |i| start + i);
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
