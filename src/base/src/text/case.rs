//! Case conversion of str, with the full mappings of Unicode.

use crate::memory::{Grow, with_room};
use crate::pause::{self, each_part, walk};
use unicode_tables as tables;
use unicode_tables::CaseMapping;

use super::builder::{TextBuf, TextBuilder};
use super::classify::Case;
use super::unit::Unit;
use super::view::Text;
use crate::with_units;

const CAPITAL_SIGMA: u32 = 0x3A3;
const FINAL_SIGMA: u32 = 0x3C2;

/// From the radicals to the Yi syllables: scripts without case, among them those of China, Japan and Korea.
const UNCASED: std::ops::Range<u32> = 0x2E80..0xA640;

/// The bytes of `text` if it is ASCII.
fn ascii(text: Text<'_>) -> Option<&[u8]> {
    if let Text::One(units) = text { Some(units).filter(|units| units.is_ascii()) } else { None }
}

/// ASCII letters are mapped by `ascii`, other characters by the tables.
#[inline(always)]
fn map(text: Text<'_>, ascii: impl Fn(u8) -> u8, mapping: impl Fn(u32) -> CaseMapping) -> Vec<u32> {
    let mut points = with_room(text.len() + 8);
    with_units!(text, units => each_part(units, |part| part.iter().for_each(|&unit| {
        let code_point: u32 = unit.into();
        if code_point < 0x80 {
            points.put(ascii(code_point as u8).into());
            return;
        }
        if UNCASED.contains(&code_point) {
            return points.put(code_point);
        }
        match mapping(code_point).as_slice() {
            [one] => points.put(*one),
            several => points.put_all(several),
        }
    })));
    points
}

/// The lower case of the sigma at `index`, which depends on its neighbours.
#[cold]
fn lower_sigma<U: Unit>(units: &[U], index: usize) -> u32 {
    let before = units[..index].iter().rev().map(|&unit| unit.into());
    let after = units[index + 1..].iter().map(|&unit| unit.into());
    if tables::is_final_sigma(before, after) { FINAL_SIGMA } else { tables::lower_simple(CAPITAL_SIGMA) }
}

/// Appends the lower case of the character at `index`.
#[inline]
fn push_lower<U: Unit>(builder: &mut TextBuilder, units: &[U], index: usize) {
    match units[index].into() {
        ascii @ 0..0x80 => builder.push((ascii as u8).to_ascii_lowercase().into()),
        CAPITAL_SIGMA => builder.push(lower_sigma(units, index)),
        code_point => builder.push_code_points(tables::lower_full(code_point).as_slice()),
    }
}

/// The code points of the text in lower case.
pub fn lower_points(text: Text<'_>) -> Vec<u32> {
    let mut points = map(text, |byte| byte.to_ascii_lowercase(), tables::lower_full);
    if with_units!(text, units => pause::any(units, |&unit| Into::<u32>::into(unit) == CAPITAL_SIGMA)) {
        points.clear();
        with_units!(text, units => for (index, &unit) in walk(units).enumerate() {
            match unit.into() {
                CAPITAL_SIGMA => points.put(lower_sigma(units, index)),
                code_point => points.put_all(tables::lower_full(code_point).as_slice()),
            }
        });
    }
    points
}

/// The code points of the text in upper case.
pub fn upper_points(text: Text<'_>) -> Vec<u32> {
    map(text, |byte| byte.to_ascii_uppercase(), tables::upper_full)
}

/// The code points of the text folded for caseless comparison.
pub fn casefold_points(text: Text<'_>) -> Vec<u32> {
    map(text, |byte| byte.to_ascii_lowercase(), tables::fold_full)
}

/// The first character in title case, the rest in lower case.
pub fn capitalize(text: Text<'_>) -> TextBuf {
    if let Some(bytes) = ascii(text) {
        return TextBuf::from_ascii_or_latin1(super::bytes::bytes_capitalize(bytes));
    }
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => for (i, &unit) in walk(units).enumerate() {
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
    with_units!(text, units => for (i, &unit) in walk(units).enumerate() {
        let code_point: u32 = unit.into();
        match code_point {
            _ if inside => push_lower(&mut builder, units, i),
            0..0x80 => builder.push((code_point as u8).to_ascii_uppercase().into()),
            _ => builder.push_code_points(tables::title_full(code_point).as_slice()),
        }
        inside = match code_point {
            0..0x80 => (code_point as u8).is_ascii_alphabetic(),
            _ => tables::is_cased(code_point),
        };
    });
    builder.finish()
}

pub fn swapcase(text: Text<'_>) -> TextBuf {
    if let Some(bytes) = ascii(text) {
        return TextBuf::from_ascii_or_latin1(super::bytes::bytes_swapcase(bytes));
    }
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => for (i, &unit) in walk(units).enumerate() {
        match Case::of(unit.into()) {
            Case::Upper => push_lower(&mut builder, units, i),
            Case::Lower => builder.push_code_points(tables::upper_full(unit.into()).as_slice()),
            Case::Title | Case::None => builder.push(unit.into()),
        }
    });
    builder.finish()
}
