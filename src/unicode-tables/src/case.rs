//! Case mappings of one code point, simple (one to one) and full (one to up to three), and the rule of the
//! final sigma. Does not know how a string is stored or walked.

use crate::data::Section;
use crate::layout as at;
use crate::types::{TypeRecord, is_case_ignorable, is_cased};

const SPECIAL_CASES: Section = Section::new(at::SPECIAL_CASES);
const SPECIAL_POOL: Section = Section::new(at::SPECIAL_CASE_POOL);

/// The one to three code points that a code point maps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseMapping {
    code_points: [u32; 3],
    length: u8,
}

impl CaseMapping {
    #[inline]
    fn single(code_point: u32) -> Self {
        Self { code_points: [code_point, 0, 0], length: 1 }
    }

    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        &self.code_points[..self.length as usize]
    }
}

#[derive(Clone, Copy)]
enum Mapping {
    Lower,
    Upper,
    Title,
    Fold,
}

#[inline]
fn simple(code_point: u32, mapping: Mapping) -> u32 {
    code_point.wrapping_add(TypeRecord::of(code_point).delta(mapping as usize))
}

#[inline]
fn full(code_point: u32, mapping: Mapping) -> CaseMapping {
    let record = TypeRecord::of(code_point);
    if record.has(at::FLAG_SPECIAL) {
        return special(record.special(), mapping);
    }
    CaseMapping::single(code_point.wrapping_add(record.delta(mapping as usize)))
}

/// An entry is (start in the pool u16, length u8, 0) for each mapping; entries count from 1.
#[cold]
fn special(number: usize, mapping: Mapping) -> CaseMapping {
    let [low, high, length, _] = *SPECIAL_CASES.record::<4>((number - 1) * 4 + mapping as usize);
    let start = u16::from_le_bytes([low, high]) as usize;
    let mut code_points = [0; 3];
    for (i, slot) in code_points.iter_mut().take(length as usize).enumerate() {
        *slot = SPECIAL_POOL.u24(start + i);
    }
    CaseMapping { code_points, length }
}

#[inline]
pub fn lower_simple(code_point: u32) -> u32 {
    simple(code_point, Mapping::Lower)
}

#[inline]
pub fn upper_simple(code_point: u32) -> u32 {
    simple(code_point, Mapping::Upper)
}

#[inline]
pub fn title_simple(code_point: u32) -> u32 {
    simple(code_point, Mapping::Title)
}

/// Lower case without regard to context; see [`is_final_sigma`].
#[inline]
pub fn lower_full(code_point: u32) -> CaseMapping {
    full(code_point, Mapping::Lower)
}

#[inline]
pub fn upper_full(code_point: u32) -> CaseMapping {
    full(code_point, Mapping::Upper)
}

#[inline]
pub fn title_full(code_point: u32) -> CaseMapping {
    full(code_point, Mapping::Title)
}

/// Full case folding, `str.casefold()`.
#[inline]
pub fn fold_full(code_point: u32) -> CaseMapping {
    full(code_point, Mapping::Fold)
}

/// Whether U+03A3 becomes U+03C2 in lower case: a cased letter before it and none after it, case-ignorable
/// ones not counted. `before` runs backwards from the sigma, `after` forwards.
pub fn is_final_sigma(before: impl IntoIterator<Item = u32>, after: impl IntoIterator<Item = u32>) -> bool {
    meets_cased(before) && !meets_cased(after)
}

fn meets_cased(text: impl IntoIterator<Item = u32>) -> bool {
    text.into_iter().find(|&c| !is_case_ignorable(c)).is_some_and(is_cased)
}
