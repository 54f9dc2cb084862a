//! Case conversion of str, with the full mappings of Unicode.

use unicode_tables as tables;
use unicode_tables::CaseMapping;

use super::builder::{TextBuf, TextBuilder};
use super::classify::Case;
use super::unit::Unit;
use super::view::Text;
use crate::with_units;

const CAPITAL_SIGMA: u32 = 0x3A3;
const FINAL_SIGMA: u32 = 0x3C2;

/// The bytes of `text` if it is ASCII.
fn ascii(text: Text<'_>) -> Option<&[u8]> {
    if let Text::One(units) = text { Some(units).filter(|units| units.is_ascii()) } else { None }
}

fn map(text: Text<'_>, mapping: impl Fn(u32) -> CaseMapping) -> TextBuf {
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => units.iter().for_each(|&unit| builder.push_code_points(mapping(unit.into()).as_slice())));
    builder.finish()
}

/// Appends the lower case of the character at `index`, which depends on its neighbours if it is a sigma.
#[inline]
fn push_lower<U: Unit>(builder: &mut TextBuilder, units: &[U], index: usize) {
    let code_point = units[index].into();
    if code_point == CAPITAL_SIGMA {
        let before = units[..index].iter().rev().map(|&unit| unit.into());
        let after = units[index + 1..].iter().map(|&unit| unit.into());
        let is_final = tables::is_final_sigma(before, after);
        return builder.push(if is_final { FINAL_SIGMA } else { tables::lower_simple(CAPITAL_SIGMA) });
    }
    builder.push_code_points(tables::lower_full(code_point).as_slice());
}

pub fn lower(text: Text<'_>) -> TextBuf {
    if let Some(bytes) = ascii(text) {
        return TextBuf::from_ascii_or_latin1(bytes.to_ascii_lowercase());
    }
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => (0..units.len()).for_each(|i| push_lower(&mut builder, units, i)));
    builder.finish()
}

pub fn upper(text: Text<'_>) -> TextBuf {
    match ascii(text) {
        Some(bytes) => TextBuf::from_ascii_or_latin1(bytes.to_ascii_uppercase()),
        None => map(text, tables::upper_full),
    }
}

pub fn casefold(text: Text<'_>) -> TextBuf {
    match ascii(text) {
        Some(bytes) => TextBuf::from_ascii_or_latin1(bytes.to_ascii_lowercase()),
        None => map(text, tables::fold_full),
    }
}

/// The first character in title case, the rest in lower case.
pub fn capitalize(text: Text<'_>) -> TextBuf {
    if let Some(bytes) = ascii(text) {
        return TextBuf::from_ascii_or_latin1(super::bytes::bytes_capitalize(bytes));
    }
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => for (i, &unit) in units.iter().enumerate() {
        if i == 0 {
            builder.push_code_points(tables::title_full(unit.into()).as_slice());
        } else {
            push_lower(&mut builder, units, i);
        }
    });
    builder.finish()
}

/// Each first character of a run of cased ones in title case, the rest in lower case.
pub fn title(text: Text<'_>) -> TextBuf {
    if let Some(bytes) = ascii(text) {
        return TextBuf::from_ascii_or_latin1(super::bytes::bytes_title(bytes));
    }
    let mut builder = TextBuilder::with_capacity(text.len());
    let mut inside = false;
    with_units!(text, units => for (i, &unit) in units.iter().enumerate() {
        if inside {
            push_lower(&mut builder, units, i);
        } else {
            builder.push_code_points(tables::title_full(unit.into()).as_slice());
        }
        inside = tables::is_cased(unit.into());
    });
    builder.finish()
}

pub fn swapcase(text: Text<'_>) -> TextBuf {
    if let Some(bytes) = ascii(text) {
        return TextBuf::from_ascii_or_latin1(super::bytes::bytes_swapcase(bytes));
    }
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => for (i, &unit) in units.iter().enumerate() {
        match Case::of(unit.into()) {
            Case::Upper => push_lower(&mut builder, units, i),
            Case::Lower => builder.push_code_points(tables::upper_full(unit.into()).as_slice()),
            Case::Title | Case::None => builder.push(unit.into()),
        }
    });
    builder.finish()
}
