//! The `isX()` predicates of str, and the predicates on one character that splitting and stripping need.
//! Those of bytes are in `bytes`.

use unicode_tables as tables;

use super::unit::Unit;
use super::view::Text;
use crate::pause::{self, walk};
use crate::with_units;

/// Bits of the ASCII characters that Unicode counts as whitespace: 9 to 13, 28 to 32.
const ASCII_SPACES: u64 = 0x1_F000_3E00;
/// And those that end a line: 10 to 13, 28 to 30.
const ASCII_LINE_BREAKS: u64 = 0x7000_3C00;

/// `str.isspace()` of one character.
#[inline]
pub fn is_space<U: Unit>(unit: U) -> bool {
    let code_point = unit.into();
    match code_point {
        0..=0x3F => ASCII_SPACES >> code_point & 1 != 0,
        0x40..=0x7F => false,
        _ => tables::is_space(code_point),
    }
}

/// Whether the character ends a line for `str.splitlines()`.
#[inline]
pub fn is_line_break<U: Unit>(unit: U) -> bool {
    let code_point = unit.into();
    match code_point {
        0..=0x3F => ASCII_LINE_BREAKS >> code_point & 1 != 0,
        0x85 | 0x2028 | 0x2029 => true,
        _ => false,
    }
}

/// Not empty, and `ascii` holds for the ASCII characters and `other` for the rest.
#[inline]
fn all(text: Text<'_>, ascii: impl Fn(&u8) -> bool, other: impl Fn(u32) -> bool) -> bool {
    let holds = |code_point: u32| match u8::try_from(code_point) {
        Ok(byte) if byte.is_ascii() => ascii(&byte),
        _ => other(code_point),
    };
    !text.is_empty() && with_units!(text, units => pause::all(units, |&unit| holds(unit.into())))
}

pub fn is_alpha(text: Text<'_>) -> bool {
    all(text, u8::is_ascii_alphabetic, tables::is_alpha)
}

pub fn is_alnum(text: Text<'_>) -> bool {
    all(text, u8::is_ascii_alphanumeric, tables::is_alnum)
}

pub fn is_decimal(text: Text<'_>) -> bool {
    all(text, u8::is_ascii_digit, tables::is_decimal)
}

pub fn is_digit(text: Text<'_>) -> bool {
    all(text, u8::is_ascii_digit, tables::is_digit)
}

pub fn is_numeric(text: Text<'_>) -> bool {
    all(text, u8::is_ascii_digit, tables::is_numeric)
}

pub fn is_all_space(text: Text<'_>) -> bool {
    !text.is_empty() && with_units!(text, units => pause::all(units, |&unit| is_space(unit)))
}

/// True for an empty text.
pub fn is_printable(text: Text<'_>) -> bool {
    text.is_empty() || all(text, |byte| (b' '..=b'~').contains(byte), tables::is_printable)
}

pub fn is_identifier(text: Text<'_>) -> bool {
    with_units!(text, units => tables::is_identifier(walk(units).map(|&unit| unit.into())))
}

/// Cased characters, and all of them lower case.
pub fn is_lower(text: Text<'_>) -> bool {
    all_in_case(text, Case::Lower)
}

pub fn is_upper(text: Text<'_>) -> bool {
    all_in_case(text, Case::Upper)
}

fn all_in_case(text: Text<'_>, wanted: Case) -> bool {
    let mut seen = false;
    let mut fits = |code_point: u32| {
        let case = Case::of(code_point);
        seen |= case == wanted;
        case == wanted || case == Case::None
    };
    with_units!(text, units => pause::all(units, |&unit| fits(unit.into()))) && seen
}

/// Upper or title case begins each word of cased characters, lower case goes on.
pub fn is_title(text: Text<'_>) -> bool {
    let (mut seen, mut inside) = (false, false);
    let mut fits = |code_point: u32| {
        let case = Case::of(code_point);
        let fits = match case {
            Case::Upper | Case::Title => !inside,
            Case::Lower => inside,
            Case::None => true,
        };
        inside = case != Case::None;
        seen |= inside;
        fits
    };
    with_units!(text, units => pause::all(units, |&unit| fits(unit.into()))) && seen
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
    Title,
    None,
}

impl Case {
    #[inline]
    pub(super) fn of(code_point: u32) -> Self {
        match code_point {
            0x41..=0x5A => Case::Upper,
            0x61..=0x7A => Case::Lower,
            0..=0x7F => Case::None,
            c if tables::is_upper(c) => Case::Upper,
            c if tables::is_lower(c) => Case::Lower,
            c if tables::is_title(c) => Case::Title,
            _ => Case::None,
        }
    }
}
