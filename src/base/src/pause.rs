//! Points of long computations at which a program may be interrupted. Who cares for that installs the function that looks; it ends a
//! computation by unwinding.
//!
//! A pass over a long buffer goes through [`parts`] or [`walk`], or tells a [`Pace`] where it is.

use std::ops::Range;
use std::sync::OnceLock;

static LOOK: OnceLock<fn()> = OnceLock::new();

pub fn install(look: fn()) {
    let _ = LOOK.set(look);
}

/// Called often enough by loops that may go on for more than a second; nothing may be locked or half done there.
#[inline]
pub fn point() {
    if let Some(look) = LOOK.get() {
        look()
    }
}

/// So many items of a buffer are passed from one point to the next.
pub const STRIDE: usize = if cfg!(test) { 1 << 6 } else { 1 << 20 };

/// Works on the places of a buffer in ranges, with points between them.
#[inline(always)]
pub fn strides(length: usize, mut work: impl FnMut(Range<usize>)) {
    if length <= STRIDE {
        return work(0..length);
    }
    for start in (0..length).step_by(STRIDE) {
        if start > 0 {
            point();
        }
        work(start..length.min(start + STRIDE));
    }
}

/// Works on the items in parts, with points between them.
#[inline(always)]
pub fn each_part<T>(items: &[T], mut work: impl FnMut(&[T])) {
    strides(items.len(), |range| work(&items[range]));
}

/// The items in parts, with points between them.
pub struct Parts<'a, T> {
    rest: &'a [T],
    is_begun: bool,
}

#[inline]
pub fn parts<T>(items: &[T]) -> Parts<'_, T> {
    Parts { rest: items, is_begun: false }
}

impl<'a, T> Iterator for Parts<'a, T> {
    type Item = &'a [T];

    #[inline]
    fn next(&mut self) -> Option<&'a [T]> {
        if self.rest.is_empty() {
            return None;
        }
        if self.is_begun {
            point();
        }
        self.is_begun = true;
        let (part, rest) = self.rest.split_at(self.rest.len().min(STRIDE));
        self.rest = rest;
        Some(part)
    }
}

/// The items one by one, with points now and then. Loops that the compiler should vectorize go through [`parts`].
pub struct Walk<'a, T> {
    part: std::slice::Iter<'a, T>,
    rest: &'a [T],
}

#[inline]
pub fn walk<T>(items: &[T]) -> Walk<'_, T> {
    let (part, rest) = items.split_at(items.len().min(STRIDE));
    Walk { part: part.iter(), rest }
}

impl<'a, T> Walk<'a, T> {
    #[cold]
    fn next_part(&mut self) -> Option<&'a T> {
        if self.rest.is_empty() {
            return None;
        }
        point();
        *self = walk(self.rest);
        self.part.next()
    }
}

impl<'a, T> Iterator for Walk<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        match self.part.next() {
            None => self.next_part(),
            item => item,
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.part.len() + self.rest.len();
        (count, Some(count))
    }
}

impl<T> ExactSizeIterator for Walk<'_, T> {}

/// Whether `holds` for all items.
#[inline(always)]
pub fn all<T>(items: &[T], mut holds: impl FnMut(&T) -> bool) -> bool {
    match items.len() <= STRIDE {
        true => items.iter().all(holds),
        false => parts(items).all(|part| part.iter().all(&mut holds)),
    }
}

/// Whether `holds` for one of the items.
#[inline(always)]
pub fn any<T>(items: &[T], mut holds: impl FnMut(&T) -> bool) -> bool {
    !all(items, |item| !holds(item))
}

/// First place where `is_wanted` holds.
#[inline(always)]
pub fn position<T>(items: &[T], is_wanted: impl FnMut(&T) -> bool) -> Option<usize> {
    match items.len() <= STRIDE {
        true => items.iter().position(is_wanted),
        false => position_in_parts(items, is_wanted),
    }
}

fn position_in_parts<T>(items: &[T], mut is_wanted: impl FnMut(&T) -> bool) -> Option<usize> {
    let mut passed = 0;
    for part in parts(items) {
        if let Some(place) = part.iter().position(&mut is_wanted) {
            return Some(passed + place);
        }
        passed += part.len();
    }
    None
}

/// Last place where `is_wanted` holds.
#[inline(always)]
pub fn last_position<T>(items: &[T], mut is_wanted: impl FnMut(&T) -> bool) -> Option<usize> {
    match items.len() <= STRIDE {
        true => items.iter().rposition(&mut is_wanted),
        false => last_position_in_parts(items, is_wanted),
    }
}

fn last_position_in_parts<T>(items: &[T], mut is_wanted: impl FnMut(&T) -> bool) -> Option<usize> {
    let mut rest = items;
    loop {
        let start = rest.len().saturating_sub(STRIDE);
        if let Some(place) = rest[start..].iter().rposition(&mut is_wanted) {
            return Some(start + place);
        }
        if start == 0 {
            return None;
        }
        point();
        rest = &rest[..start];
    }
}

/// How far a loop with steps of its own may get until it comes to a point.
pub struct Pace {
    next: usize,
}

impl Pace {
    #[inline]
    pub const fn new() -> Pace {
        Pace { next: STRIDE }
    }

    /// The loop has got to `place`, or done so much.
    #[inline]
    pub fn at(&mut self, place: usize) {
        if place >= self.next {
            self.next = place.saturating_add(STRIDE);
            point();
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    fn looks_during<T>(work: impl FnOnce() -> T) -> (T, usize) {
        install(|| LOOKS.set(LOOKS.get() + 1));
        LOOKS.set(0);
        let result = work();
        (result, LOOKS.get())
    }

    #[test]
    fn short_buffers_have_no_points() {
        let items: Vec<usize> = (0..STRIDE).collect();
        assert_eq!(looks_during(|| walk(&items).sum::<usize>()), (STRIDE * (STRIDE - 1) / 2, 0));
        assert_eq!(looks_during(|| parts(&items).count()), (1, 0));
        assert_eq!(looks_during(|| parts::<u8>(&[]).count()), (0, 0));
        assert_eq!(looks_during(|| last_position(&items, |item| *item == 0)), (Some(0), 0));
    }

    #[test]
    fn long_ones_have_some() {
        let items: Vec<usize> = (0..3 * STRIDE + 1).collect();
        assert_eq!(looks_during(|| walk(&items).copied().eq(0..3 * STRIDE + 1)), (true, 3));
        assert_eq!(walk(&items).len(), items.len());
        assert_eq!(looks_during(|| parts(&items).map(<[usize]>::len).sum::<usize>()), (items.len(), 3));
        for place in [0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE] {
            assert_eq!(position(&items, |item| *item == place), Some(place));
            assert_eq!(last_position(&items, |item| *item == place), Some(place));
        }
        assert_eq!(looks_during(|| (position(&items, |_| false), last_position(&items, |_| false))), ((None, None), 6));
        let mut pace = Pace::new();
        assert_eq!(looks_during(|| (0..=2 * STRIDE).for_each(|place| pace.at(place))), ((), 2));
    }
}
