//! Stripping: what remains is a range.

use std::ops::Range;

use super::unit::Unit;
use super::view::Text;
use crate::pause::{last_position, position};
use crate::with_units;

/// Which ends to strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    Left,
    Right,
    Both,
}

/// What remains without the units at the ends that `drop` holds for.
pub fn strip<U: Unit>(units: &[U], sides: Sides, drop: impl Fn(U) -> bool) -> Range<usize> {
    let mut range = 0..units.len();
    if sides != Sides::Right {
        range.start = position(units, |&unit| !drop(unit)).unwrap_or(units.len());
    }
    if sides != Sides::Left {
        range.end = range.start + last_position(&units[range.clone()], |&unit| !drop(unit)).map_or(0, |i| i + 1);
    }
    range
}

/// [`strip`] of the characters in `chars`.
pub fn strip_chars(text: Text<'_>, sides: Sides, chars: Text<'_>) -> Range<usize> {
    let chars = CharSet::new(chars);
    with_units!(text, units => strip(units, sides, |unit| chars.contains(unit.into())))
}

/// A set of code points. Those of Latin 1 have a byte each: bits of one word would have to be set one after the other.
pub struct CharSet {
    low: [bool; 256],
    high: Vec<u32>,
}

impl CharSet {
    pub fn new(chars: Text<'_>) -> Self {
        let mut set = Self { low: [false; 256], high: Vec::new() };
        if let Text::One(chars) = chars {
            for unit in chars {
                set.low[*unit as usize] = true;
            }
            return set;
        }
        for code_point in chars.code_points() {
            match set.low.get_mut(code_point as usize) {
                Some(member) => *member = true,
                None => set.high.push(code_point),
            }
        }
        set.high.sort_unstable();
        set
    }

    #[inline]
    pub fn contains(&self, code_point: u32) -> bool {
        match self.low.get(code_point as usize) {
            Some(member) => *member,
            None => self.high.binary_search(&code_point).is_ok(),
        }
    }
}
