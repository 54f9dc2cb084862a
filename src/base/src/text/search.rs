//! Finding and counting, in slices of one width and between text of different widths.

use std::cell::OnceCell;
use std::ops::Range;

use memchr::memmem;

use super::pair::{PairMatches, find_pair};
use super::two_way::{Backward, Forward, Sequence, TwoWay};
use super::unit::Unit;
use super::view::Text;
use crate::pause::{Pace, STRIDE, parts, point};
use crate::with_units;

/// A needle made ready for several searches.
pub trait Find<U> {
    fn needle(&self) -> &[U];
    /// The first match; an empty needle matches at 0.
    fn find_in(&self, haystack: &[U]) -> Option<usize>;
}

/// Below this the plain search is the quickest.
const SHORT_HAYSTACK: usize = 64;

/// Looks for the first byte and compares.
fn find_short(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let Some((first, others)) = needle.split_first() else { return Some(0) };
    let last = haystack.len().checked_sub(needle.len())?;
    let mut from = 0;
    while from <= last {
        let at = from + haystack[from..=last].iter().position(|byte| byte == first)?;
        if &haystack[at + 1..at + needle.len()] == others {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// First position of a byte. The beginning is looked at one by one: what is near is found before the fast search has begun.
#[inline]
pub fn find_byte(haystack: &[u8], byte: u8) -> Option<usize> {
    const NEAR: usize = 16;
    let near = &haystack[..haystack.len().min(NEAR)];
    if let Some(at) = near.iter().position(|other| *other == byte) {
        return Some(at);
    }
    if haystack.len() <= NEAR {
        return None;
    }
    memchr::memchr(byte, &haystack[NEAR..]).map(|at| at + NEAR)
}

pub struct ByteFinder<'n> {
    needle: &'n [u8],
    prepared: OnceCell<memmem::Finder<'n>>,
}

impl<'n> ByteFinder<'n> {
    pub(super) fn new(needle: &'n [u8]) -> Self {
        Self { needle, prepared: OnceCell::new() }
    }
}

impl Find<u8> for ByteFinder<'_> {
    fn needle(&self) -> &[u8] {
        self.needle
    }

    fn find_in(&self, haystack: &[u8]) -> Option<usize> {
        match self.needle {
            [one] => find_byte(haystack, *one),
            _ if haystack.len() < SHORT_HAYSTACK => find_short(haystack, self.needle),
            _ => self.prepared.get_or_init(|| memmem::Finder::new(self.needle)).find(haystack),
        }
    }
}

/// Looks at candidates one by one while that goes well, and turns to the two-way algorithm when it does not.
pub struct UnitFinder<'n, U> {
    needle: &'n [U],
    forward: OnceCell<TwoWay>,
}

impl<'n, U: Unit> UnitFinder<'n, U> {
    pub(super) fn new(needle: &'n [U]) -> Self {
        Self { needle, forward: OnceCell::new() }
    }

    pub(super) fn rfind_in(&self, haystack: &[U]) -> Option<usize> {
        match self.needle {
            [] => Some(haystack.len()),
            [one] => one.last_in(haystack),
            needle => {
                let (back, needle_back) = (Backward(haystack), Backward(needle));
                let found = find_hopefully(&back, &needle_back)
                    .unwrap_or_else(|from| TwoWay::new(&needle_back).find(&back, &needle_back, from))?;
                Some(haystack.len() - needle.len() - found)
            }
        }
    }
}

impl<U: Unit> Find<U> for UnitFinder<'_, U> {
    fn needle(&self) -> &[U] {
        self.needle
    }

    fn find_in(&self, haystack: &[U]) -> Option<usize> {
        match self.needle {
            [] => Some(0),
            [one] => one.first_in(haystack),
            needle if PairMatches::suits(needle) => find_pair(haystack, needle),
            needle => {
                let (haystack, needle) = (Forward(haystack), Forward(needle));
                find_hopefully(&haystack, &needle)
                    .unwrap_or_else(|from| self.forward.get_or_init(|| TwoWay::new(&needle)).find(&haystack, &needle, from))
            }
        }
    }
}

/// Comparisons allowed for each position, and in all before that counts.
const WORK_EACH: usize = 2;
const WORK_AHEAD: usize = 512;

/// The plain search; gives up with the position to go on from once it has done too much work.
fn find_hopefully<S: Sequence>(haystack: &S, needle: &S) -> Result<Option<usize>, usize> {
    let length = needle.len();
    let Some(last) = haystack.len().checked_sub(length) else {
        return Ok(None);
    };
    let (first_unit, last_unit) = (needle.at(0), needle.at(length - 1));
    let mut work = 0;
    for position in 0..=last {
        if haystack.at(position + length - 1) != last_unit || haystack.at(position) != first_unit {
            continue;
        }
        let matched = (1..length - 1).take_while(|&i| haystack.at(position + i) == needle.at(i)).count();
        if matched + 2 >= length {
            return Ok(Some(position));
        }
        work += matched;
        if work > WORK_AHEAD + position * WORK_EACH {
            return Err(position + 1);
        }
    }
    Ok(None)
}

/// First position of `needle`.
#[inline]
pub fn find_units<U: Unit>(haystack: &[U], needle: &[U]) -> Option<usize> {
    if haystack.len() <= LONG_HAYSTACK { U::find(haystack, needle) } else { find_long(haystack, &U::finder(needle)) }
}

/// Longer haystacks are searched in pieces, which overlap by a unit less than the needle.
const LONG_HAYSTACK: usize = 4 * STRIDE;

fn find_long<U: Unit>(haystack: &[U], finder: &impl Find<U>) -> Option<usize> {
    let overlap = finder.needle().len().max(1) - 1;
    for start in (0..haystack.len() - overlap.min(haystack.len())).step_by(STRIDE.max(overlap)) {
        let end = haystack.len().min(start + STRIDE.max(overlap) + overlap);
        if let Some(place) = finder.find_in(&haystack[start..end]) {
            return Some(start + place);
        }
        point();
    }
    None
}

fn rfind_long<U: Unit>(haystack: &[U], needle: &[U]) -> Option<usize> {
    let overlap = needle.len().max(1) - 1;
    let mut end = haystack.len();
    while end >= needle.len() {
        let start = end.saturating_sub(STRIDE.max(overlap) + overlap);
        if let Some(place) = U::rfind(&haystack[start..end], needle) {
            return Some(start + place);
        }
        if start == 0 {
            return None;
        }
        point();
        end = start + overlap;
    }
    None
}

/// Last position of `needle`.
#[inline]
pub fn rfind_units<U: Unit>(haystack: &[U], needle: &[U]) -> Option<usize> {
    if haystack.len() <= LONG_HAYSTACK { U::rfind(haystack, needle) } else { rfind_long(haystack, needle) }
}

/// How often `needle` occurs without overlap, at most `limit`; an empty one occurs around each unit.
pub fn count_units<U: Unit>(haystack: &[U], needle: &[U], limit: usize) -> usize {
    match needle {
        [] => limit.min(haystack.len().saturating_add(1)),
        [one] if limit >= haystack.len() => count_one(haystack, *one),
        _ => {
            let mut pace = Pace::new();
            matches(haystack, needle).take(limit).inspect(|at| pace.at(*at)).count()
        }
    }
}

/// Sums up in bytes, a few chunks at a time, which the compiler turns into wide additions.
fn count_one<U: Unit>(haystack: &[U], one: U) -> usize {
    let in_chunk = |chunk: &[U]| chunk.iter().map(|&unit| u8::from(unit == one)).sum::<u8>();
    let in_part = |part: &[U]| part.chunks(u8::MAX as usize).map(|chunk| usize::from(in_chunk(chunk))).sum::<usize>();
    parts(haystack).map(in_part).sum()
}

/// Positions of a needle that is not empty, without overlap.
pub(super) enum Matches<'a, U: Unit> {
    Pair(PairMatches<'a, U>),
    General { haystack: &'a [U], finder: U::Finder<'a>, from: usize },
}

pub(super) fn matches<'a, U: Unit>(haystack: &'a [U], needle: &'a [U]) -> Matches<'a, U> {
    match PairMatches::suits(needle) {
        true => Matches::Pair(PairMatches::new(haystack, needle)),
        false => Matches::General { haystack, finder: U::finder(needle), from: 0 },
    }
}

impl<U: Unit> Iterator for Matches<'_, U> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        match self {
            Matches::Pair(matches) => matches.next(),
            Matches::General { haystack, finder, from } => {
                let rest = &haystack[*from..];
                let found = *from + if rest.len() <= LONG_HAYSTACK { finder.find_in(rest) } else { find_long(rest, finder) }?;
                *from = found + finder.needle().len();
                Some(found)
            }
        }
    }
}

/// Positions of a needle that is not empty in bytes, without overlap.
pub fn byte_matches<'a>(haystack: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    matches(haystack, needle)
}

/// First position of `needle` in text of perhaps another width.
pub fn find(haystack: Text<'_>, needle: Text<'_>) -> Option<usize> {
    with_units!(haystack, units => find_units(units, &needle.in_units()?))
}

pub fn rfind(haystack: Text<'_>, needle: Text<'_>) -> Option<usize> {
    with_units!(haystack, units => rfind_units(units, &needle.in_units()?))
}

pub fn contains(haystack: Text<'_>, needle: Text<'_>) -> bool {
    find(haystack, needle).is_some()
}

pub fn count(haystack: Text<'_>, needle: Text<'_>) -> usize {
    with_units!(haystack, units => needle.in_units().map_or(0, |needle| count_units(units, &needle, usize::MAX)))
}

pub fn starts_with(text: Text<'_>, prefix: Text<'_>) -> bool {
    prefix.len() <= text.len() && text.slice(0..prefix.len()) == prefix
}

pub fn ends_with(text: Text<'_>, suffix: Text<'_>) -> bool {
    suffix.len() <= text.len() && text.slice(text.len() - suffix.len()..text.len()) == suffix
}

/// What lies before and behind the first `separator`.
pub fn partition(text: Text<'_>, separator: Text<'_>) -> Option<(Range<usize>, Range<usize>)> {
    find(text, separator).map(|at| (0..at, at + separator.len()..text.len()))
}

/// What lies before and behind the last `separator`.
pub fn rpartition(text: Text<'_>, separator: Text<'_>) -> Option<(Range<usize>, Range<usize>)> {
    rfind(text, separator).map(|at| (0..at, at + separator.len()..text.len()))
}
