//! Decomposition mappings of one code point (not applied recursively) and composition of pairs.

use std::fmt::Write;

use crate::data::{Section, TwoStage};
use crate::database::{Version, is_assigned};
use crate::layout as at;

/// Offset + 1 of the entry in the pool; 0: none. An entry is (length << 8 | prefix), then that many code points.
static ENTRIES: TwoStage<true> = TwoStage::new(at::DECOMPOSITION_STAGE1, at::DECOMPOSITION_STAGE2);
const POOL: Section = Section::new(at::DECOMPOSITION_POOL);
/// Triples (first, second, composed) in order of the first two.
const PAIRS: Section = Section::new(at::COMPOSITION_PAIRS);
const PAIR_COUNT: usize = at::COMPOSITION_PAIRS.1 / 9;

pub(crate) mod hangul {
    pub const S_BASE: u32 = 0xAC00;
    pub const L_BASE: u32 = 0x1100;
    pub const V_BASE: u32 = 0x1161;
    pub const T_BASE: u32 = 0x11A7;
    pub const L_COUNT: u32 = 19;
    pub const V_COUNT: u32 = 21;
    pub const T_COUNT: u32 = 28;
    pub const N_COUNT: u32 = V_COUNT * T_COUNT;
    pub const S_COUNT: u32 = L_COUNT * N_COUNT;

    /// (leading, vowel, trailing or 0) indexes of a syllable.
    pub fn parts(code_point: u32) -> Option<(u32, u32, u32)> {
        let syllable = code_point.checked_sub(S_BASE).filter(|&s| s < S_COUNT)?;
        Some((syllable / N_COUNT, syllable % N_COUNT / T_COUNT, syllable % T_COUNT))
    }
}

/// A decomposition mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decomposition {
    /// "" for a canonical one, else such as "<compat>".
    pub prefix: &'static str,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Pool { start: usize, length: usize },
    Hangul { jamo: [u32; 3], length: usize },
}

impl Decomposition {
    pub fn len(&self) -> usize {
        match self.source {
            Source::Pool { length, .. } | Source::Hangul { length, .. } => length,
        }
    }

    /// The code point number `index`; it must be below the length.
    pub fn get(&self, index: usize) -> u32 {
        match self.source {
            Source::Pool { start, .. } => POOL.u24(start + index),
            Source::Hangul { jamo, .. } => jamo[index],
        }
    }

    pub fn code_points(self) -> impl DoubleEndedIterator<Item = u32> {
        (0..self.len()).map(move |i| self.get(i))
    }
}

/// The mapping of `code_point`; Hangul syllables decompose fully.
#[inline]
pub fn decomposition(code_point: u32, version: Version) -> Option<Decomposition> {
    if let Some((l, v, t)) = hangul::parts(code_point) {
        let jamo = [hangul::L_BASE + l, hangul::V_BASE + v, hangul::T_BASE + t];
        return Some(Decomposition { prefix: "", source: Source::Hangul { jamo, length: 2 + usize::from(t != 0) } });
    }
    let entry = ENTRIES.get(code_point).checked_sub(1)?;
    if version == Version::V3_2 && !is_assigned(code_point, version) {
        return None;
    }
    let head = POOL.u24(entry);
    Some(Decomposition {
        prefix: at::DECOMPOSITION_PREFIXES[(head & 0xFF) as usize],
        source: Source::Pool { start: entry + 1, length: (head >> 8) as usize },
    })
}

/// The mapping as `unicodedata.decomposition()` writes it: "" or "<noBreak> 0020".
pub fn decomposition_text(code_point: u32, version: Version) -> String {
    let Some(mapping) = decomposition(code_point, version) else {
        return String::new();
    };
    let mut text = String::from(mapping.prefix);
    for target in mapping.code_points() {
        if !text.is_empty() {
            text.push(' ');
        }
        let _ = write!(text, "{target:04X}");
    }
    text
}

/// The primary composite of two code points.
pub(crate) fn compose(first: u32, second: u32) -> Option<u32> {
    if let Some(composed) = compose_hangul(first, second) {
        return Some(composed);
    }
    let (mut low, mut high) = (0, PAIR_COUNT);
    while low < high {
        let middle = low.midpoint(high);
        match (PAIRS.u24(middle * 3), PAIRS.u24(middle * 3 + 1)).cmp(&(first, second)) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(PAIRS.u24(middle * 3 + 2)),
        }
    }
    None
}

fn compose_hangul(first: u32, second: u32) -> Option<u32> {
    use hangul::*;
    let index = |code_point: u32, base: u32, count: u32| code_point.checked_sub(base).filter(|&i| i < count);
    if let Some(l) = index(first, L_BASE, L_COUNT) {
        let v = index(second, V_BASE, V_COUNT)?;
        return Some(S_BASE + l * N_COUNT + v * T_COUNT);
    }
    let t = index(second, T_BASE, T_COUNT).filter(|&t| t != 0)?;
    matches!(parts(first), Some((_, _, 0))).then_some(first + t)
}
