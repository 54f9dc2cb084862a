//! Finding needles of a few units by their first and last one, sixteen places at a time, and going on from match to match without beginning
//! again. Must not know texts of mixed width.

use super::unit::Unit;

/// Longest needle: candidates are compared one by one, so the work is bounded by the needle's length times the haystack's.
pub(super) const LONGEST: usize = 16;
/// Places looked at together.
const LANES: usize = 16;

/// A bit for each of sixteen places where `unit` stands.
pub trait Lanes: Copy + PartialEq {
    fn equal_lanes(units: &[Self; LANES], unit: Self) -> u32;
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use super::{LANES, Lanes};
    use std::arch::x86_64::*;

    impl Lanes for u8 {
        #[inline(always)]
        fn equal_lanes(units: &[u8; LANES], unit: u8) -> u32 {
            // SAFETY: every x86-64 processor has SSE2; the loads lie within the array and need no alignment.
            unsafe {
                let all = _mm_loadu_si128(units.as_ptr().cast());
                _mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_set1_epi8(unit as i8))) as u32
            }
        }
    }
    impl Lanes for u16 {
        #[inline(always)]
        fn equal_lanes(units: &[u16; LANES], unit: u16) -> u32 {
            // SAFETY: every x86-64 processor has SSE2; the loads lie within the array and need no alignment.
            unsafe {
                let wanted = _mm_set1_epi16(unit as i16);
                let part = |at: usize| _mm_cmpeq_epi16(_mm_loadu_si128(units.as_ptr().add(at).cast()), wanted);
                _mm_movemask_epi8(_mm_packs_epi16(part(0), part(8))) as u32
            }
        }
    }
    impl Lanes for u32 {
        #[inline(always)]
        fn equal_lanes(units: &[u32; LANES], unit: u32) -> u32 {
            // SAFETY: every x86-64 processor has SSE2; the loads lie within the array and need no alignment.
            unsafe {
                let wanted = _mm_set1_epi32(unit as i32);
                let part = |at: usize| _mm_cmpeq_epi32(_mm_loadu_si128(units.as_ptr().add(at).cast()), wanted);
                let (low, high) = (_mm_packs_epi32(part(0), part(4)), _mm_packs_epi32(part(8), part(12)));
                _mm_movemask_epi8(_mm_packs_epi16(low, high)) as u32
            }
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod lanes {
    use super::{LANES, Lanes};

    macro_rules! plain {
        ($($unit:ty)*) => {$(
            impl Lanes for $unit {
                #[inline(always)]
                fn equal_lanes(units: &[$unit; LANES], unit: $unit) -> u32 {
                    units.iter().enumerate().fold(0, |bits, (at, &other)| bits | u32::from(other == unit) << at)
                }
            }
        )*};
    }
    plain!(u8 u16 u32);
}

/// Positions of a needle of 2 to [`LONGEST`] units, without overlap.
pub(super) struct PairMatches<'a, U> {
    haystack: &'a [U],
    needle: &'a [U],
    /// First place of the sixteen that `candidates` tells of.
    block: usize,
    candidates: u32,
    /// Matches before this place would overlap the last one.
    from: usize,
}

impl<'a, U: Unit> PairMatches<'a, U> {
    pub(super) fn suits(needle: &[U]) -> bool {
        (2..=LONGEST).contains(&needle.len())
    }

    #[inline]
    pub(super) fn new(haystack: &'a [U], needle: &'a [U]) -> Self {
        debug_assert!(Self::suits(needle));
        let mut matches = Self { haystack, needle, block: 0, candidates: 0, from: 0 };
        matches.candidates = matches.look();
        matches
    }

    #[inline(always)]
    fn look(&self) -> u32 {
        let reach = self.needle.len() - 1;
        look(self.haystack, self.block, reach, self.needle[0], self.needle[reach])
    }
}

/// The places from `block` on where a unit and, `reach` behind it, another one stand.
#[inline(always)]
fn look<U: Unit>(haystack: &[U], block: usize, reach: usize, first: U, last: U) -> u32 {
    let front: Option<&[U; LANES]> = haystack.get(block..).and_then(|rest| rest.first_chunk());
    let back: Option<&[U; LANES]> = haystack.get(block + reach..).and_then(|rest| rest.first_chunk());
    match (front, back) {
        (Some(front), Some(back)) => U::equal_lanes(front, first) & U::equal_lanes(back, last),
        _ => look_near_end(haystack, block, reach, first, last),
    }
}

#[inline(never)]
fn look_near_end<U: Unit>(haystack: &[U], block: usize, reach: usize, first: U, last: U) -> u32 {
    let places = haystack.len().saturating_sub(block + reach).min(LANES);
    (0..places).fold(0, |bits, lane| {
        let hit = haystack[block + lane] == first && haystack[block + lane + reach] == last;
        bits | u32::from(hit) << lane
    })
}

/// The first match of a needle that [`PairMatches`] suits.
#[inline]
pub(super) fn find_pair<U: Unit>(haystack: &[U], needle: &[U]) -> Option<usize> {
    let (&first, rest) = needle.split_first()?;
    let (&last, inner) = rest.split_last()?;
    let reach = rest.len();
    let places = haystack.len().checked_sub(reach).filter(|places| *places > 0)?;
    let mut block = 0;
    while block < places {
        let mut candidates = look(haystack, block, reach, first, last);
        while candidates != 0 {
            let place = block + candidates.trailing_zeros() as usize;
            if haystack[place + 1..place + reach].iter().zip(inner).all(|(a, b)| a == b) {
                return Some(place);
            }
            candidates &= candidates - 1;
        }
        block += LANES;
    }
    None
}

impl<U: Unit> Iterator for PairMatches<'_, U> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let length = self.needle.len();
        loop {
            while self.candidates != 0 {
                let place = self.block + self.candidates.trailing_zeros() as usize;
                self.candidates &= self.candidates - 1;
                if place < self.from {
                    continue;
                }
                let inner = &self.haystack[place + 1..place + length - 1];
                if inner.iter().zip(&self.needle[1..length - 1]).all(|(a, b)| a == b) {
                    self.from = place + length;
                    return Some(place);
                }
            }
            self.block += LANES;
            if self.block + length > self.haystack.len() {
                return None;
            }
            self.candidates = self.look();
        }
    }
}
