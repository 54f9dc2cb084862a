//! The code units that text is stored in.

use std::fmt::Debug;
use std::hash::Hash;

use memchr::{memchr, memrchr};

use super::pair::{Lanes, PairMatches, find_pair};
use super::search::{ByteFinder, Find, UnitFinder, find_byte};
use super::view::Text;

/// One stored character: u8 for ASCII, Latin-1 and bytes, u16 below U+10000, u32 for all.
pub trait Unit: Copy + Ord + Hash + Debug + Into<u32> + Lanes + Send + Sync + 'static {
    type Finder<'n>: Find<Self>;

    /// The unit for `code_point`, if it fits.
    fn from_code_point(code_point: u32) -> Option<Self>;
    /// The low bits of `code_point`, which is known to fit.
    fn truncate(code_point: u32) -> Self;
    /// The units of `text` if it is stored in this width.
    fn units_of(text: Text<'_>) -> Option<&[Self]>;
    fn text(units: &[Self]) -> Text<'_>;
    /// An upper bound of the greatest code point, in the same width class (0x7F, 0xFF, 0xFFFF, 0x10FFFF).
    fn max_char(units: &[Self]) -> u32;
    /// Position of the first unit equal to this one.
    fn first_in(self, units: &[Self]) -> Option<usize>;
    fn last_in(self, units: &[Self]) -> Option<usize>;
    /// A searcher to use more than once.
    fn finder(needle: &[Self]) -> Self::Finder<'_>;
    fn find(units: &[Self], needle: &[Self]) -> Option<usize>;
    fn rfind(units: &[Self], needle: &[Self]) -> Option<usize>;
}

/// Last position of a byte. Short texts are looked at one by one: before its first use the fast search asks what the processor can do, and
/// under a hypervisor that takes longer than a start needs for a hundred names.
fn last_byte(units: &[u8], byte: u8) -> Option<usize> {
    const SHORT: usize = 64;
    if units.len() <= SHORT { units.iter().rposition(|unit| *unit == byte) } else { memrchr(byte, units) }
}

impl Unit for u8 {
    type Finder<'n> = ByteFinder<'n>;

    #[inline]
    fn from_code_point(code_point: u32) -> Option<Self> {
        code_point.try_into().ok()
    }
    #[inline]
    fn truncate(code_point: u32) -> Self {
        code_point as u8
    }
    #[inline]
    fn units_of(text: Text<'_>) -> Option<&[Self]> {
        if let Text::One(units) = text { Some(units) } else { None }
    }
    #[inline]
    fn text(units: &[Self]) -> Text<'_> {
        Text::One(units)
    }
    #[inline]
    fn max_char(units: &[Self]) -> u32 {
        if units.is_ascii() { 0x7F } else { 0xFF }
    }
    #[inline]
    fn first_in(self, units: &[Self]) -> Option<usize> {
        memchr(self, units)
    }
    #[inline]
    fn last_in(self, units: &[Self]) -> Option<usize> {
        last_byte(units, self)
    }
    fn finder(needle: &[Self]) -> ByteFinder<'_> {
        ByteFinder::new(needle)
    }
    fn find(units: &[Self], needle: &[Self]) -> Option<usize> {
        match needle {
            [one] => find_byte(units, *one),
            _ if PairMatches::suits(needle) => match units.get(..NOT_LONG + needle.len() - 1) {
                None => find_pair(units, needle),
                Some(begin) => find_pair(begin, needle)
                    .or_else(|| memchr::memmem::find(&units[NOT_LONG..], needle).map(|place| place + NOT_LONG)),
            },
            _ => memchr::memmem::find(units, needle),
        }
    }
    fn rfind(units: &[Self], needle: &[Self]) -> Option<usize> {
        match needle {
            [one] => last_byte(units, *one),
            _ => memchr::memmem::rfind(units, needle),
        }
    }
}

/// Beyond so many places a search that first studies its needle is quicker.
const NOT_LONG: usize = 1024;

/// Long enough for the compiler to compare many units at once.
const CHUNK: usize = 16;
/// So many units are looked at before the next question whether their width is clear.
const PIECE: usize = 32;

macro_rules! wide_unit {
    ($unit:ty, $variant:ident, $narrower:literal) => {
        impl Unit for $unit {
            type Finder<'n> = UnitFinder<'n, $unit>;

            #[inline]
            fn from_code_point(code_point: u32) -> Option<Self> {
                code_point.try_into().ok()
            }
            #[inline]
            fn truncate(code_point: u32) -> Self {
                code_point as $unit
            }
            #[inline]
            fn units_of(text: Text<'_>) -> Option<&[Self]> {
                if let Text::$variant(units) = text { Some(units) } else { None }
            }
            #[inline]
            fn text(units: &[Self]) -> Text<'_> {
                Text::$variant(units)
            }
            fn max_char(units: &[Self]) -> u32 {
                let mut bits = 0;
                for piece in units.chunks(PIECE) {
                    bits |= piece.iter().fold(0, |bits, &unit| bits | unit);
                    if u32::from(bits) > $narrower {
                        break;
                    }
                }
                width_class(bits.into())
            }
            fn first_in(self, units: &[Self]) -> Option<usize> {
                let chunks = units.chunks(CHUNK);
                let skipped = chunks.take_while(|chunk| !chunk.iter().fold(false, |hit, &u| hit | (u == self))).count();
                let start = skipped * CHUNK;
                let rest = units.get(start..)?;
                rest.iter().position(|&unit| unit == self).map(|i| start + i)
            }
            fn last_in(self, units: &[Self]) -> Option<usize> {
                let chunks = units.rchunks(CHUNK);
                let skipped = chunks.take_while(|chunk| !chunk.iter().fold(false, |hit, &u| hit | (u == self))).count();
                let end = units.len().saturating_sub(skipped * CHUNK);
                units[..end].iter().rposition(|&unit| unit == self)
            }
            fn finder(needle: &[Self]) -> UnitFinder<'_, Self> {
                UnitFinder::new(needle)
            }
            fn find(units: &[Self], needle: &[Self]) -> Option<usize> {
                UnitFinder::new(needle).find_in(units)
            }
            fn rfind(units: &[Self], needle: &[Self]) -> Option<usize> {
                UnitFinder::new(needle).rfind_in(units)
            }
        }
    };
}

wide_unit!(u16, Two, 0xFF);
wide_unit!(u32, Four, 0xFFFF);

/// The greatest code point of the width class that `bits` (any number of code points or-ed) needs.
#[inline]
pub(super) fn width_class(bits: u32) -> u32 {
    match bits {
        0..=0x7F => 0x7F,
        0x80..=0xFF => 0xFF,
        0x100..=0xFFFF => 0xFFFF,
        _ => 0x10_FFFF,
    }
}
