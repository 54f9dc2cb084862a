//! The predicates behind `str.isalpha()` and its siblings, and digit values.
//! Does not know whole strings: one code point in, one answer out.

use crate::data::{Section, TwoStage};
use crate::layout as at;

static TYPES: TwoStage<true> = TwoStage::new(at::TYPE_STAGE1, at::TYPE_STAGE2);
const RECORDS: Section = Section::new(at::TYPE_RECORDS);

/// One record of the type table: flags u32, deltas to the lower, upper, title and folded form (i32 each),
/// number of the special casing u16, decimal digit u8, digit u8 (255: none).
#[derive(Clone, Copy)]
pub(crate) struct TypeRecord(&'static [u8; at::TYPE_RECORD_SIZE]);

impl TypeRecord {
    #[inline]
    pub(crate) fn of(code_point: u32) -> Self {
        Self(RECORDS.record(TYPES.get(code_point)))
    }

    #[inline]
    pub(crate) fn has(self, flag: u32) -> bool {
        self.word(0) & flag != 0
    }

    /// `which`: 0 lower, 1 upper, 2 title, 3 folded.
    #[inline]
    pub(crate) fn delta(self, which: usize) -> u32 {
        self.word(1 + which)
    }

    pub(crate) fn special(self) -> usize {
        u16::from_le_bytes([self.0[20], self.0[21]]) as usize
    }

    #[inline]
    fn word(self, index: usize) -> u32 {
        let i = index * 4;
        u32::from_le_bytes([self.0[i], self.0[i + 1], self.0[i + 2], self.0[i + 3]])
    }
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident = $flags:expr;)*) => {
        $($(#[$doc])* #[inline] pub fn $name(code_point: u32) -> bool { TypeRecord::of(code_point).has($flags) })*
    };
}

predicates! {
    is_alpha = at::FLAG_ALPHA;
    is_alnum = at::FLAG_ALPHA | at::FLAG_DECIMAL | at::FLAG_DIGIT | at::FLAG_NUMERIC;
    /// Usable as a digit of a number in base 10.
    is_decimal = at::FLAG_DECIMAL;
    /// Has a digit value, such as a superscript.
    is_digit = at::FLAG_DIGIT;
    /// Has a numeric value, such as a fraction.
    is_numeric = at::FLAG_NUMERIC;
    is_space = at::FLAG_SPACE;
    /// Ends a line for `str.splitlines()`.
    is_line_break = at::FLAG_LINE_BREAK;
    /// Shown as itself by `repr()`.
    is_printable = at::FLAG_PRINTABLE;
    is_lower = at::FLAG_LOWER;
    is_upper = at::FLAG_UPPER;
    is_title = at::FLAG_TITLE;
    is_cased = at::FLAG_CASED;
    is_case_ignorable = at::FLAG_CASE_IGNORABLE;
    /// May begin an identifier (the underscore may, too).
    is_xid_start = at::FLAG_XID_START;
    is_xid_continue = at::FLAG_XID_CONTINUE;
}

fn some_digit(value: u8) -> Option<u8> {
    (value != u8::MAX).then_some(value)
}

/// Value as a decimal digit.
#[inline]
pub fn decimal_digit(code_point: u32) -> Option<u8> {
    some_digit(TypeRecord::of(code_point).0[22])
}

/// Value as a digit.
#[inline]
pub fn digit(code_point: u32) -> Option<u8> {
    some_digit(TypeRecord::of(code_point).0[23])
}
