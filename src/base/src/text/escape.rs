//! `repr()` and `ascii()` of str and bytes.

use unicode_tables as tables;

use super::builder::{TextBuf, TextBuilder};
use super::view::Text;
use crate::with_units;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Double quotes only if that saves escaping single ones.
fn quote_for(has_single: bool, has_double: bool) -> u8 {
    if has_single && !has_double { b'"' } else { b'\'' }
}

fn has(text: Text<'_>, wanted: u8) -> bool {
    with_units!(text, units => super::find_units(units, &[super::Unit::truncate(wanted.into())]).is_some())
}

/// The escape of what cannot stand for itself: `\x07`, `\u200b`, `\U000e0001`.
fn push_number(builder: &mut TextBuilder, code_point: u32) {
    let (text, length) = number_escape(code_point);
    builder.push_units(&text[..length]);
}

/// The escape and its length.
pub fn number_escape(code_point: u32) -> ([u8; 10], usize) {
    let (letter, digits) = match code_point {
        0..=0xFF => (b'x', 2),
        0x100..=0xFFFF => (b'u', 4),
        _ => (b'U', 8),
    };
    let mut text = [b'\\', letter, 0, 0, 0, 0, 0, 0, 0, 0];
    for (place, digit) in text[2..2 + digits].iter_mut().zip((0..digits).rev()) {
        *place = HEX[(code_point >> (4 * digit) & 15) as usize];
    }
    (text, 2 + digits)
}

fn push_escaped(builder: &mut TextBuilder, code_point: u32, quote: u8) {
    match code_point {
        0x09 => builder.push_units(b"\\t"),
        0x0A => builder.push_units(b"\\n"),
        0x0D => builder.push_units(b"\\r"),
        0x5C => builder.push_units(b"\\\\"),
        _ if code_point == quote.into() => builder.push_units(&[b'\\', quote]),
        _ => push_number(builder, code_point),
    }
}

/// Stands for itself between these quotes.
#[inline]
fn is_plain(code_point: u32, quote: u8) -> bool {
    match code_point {
        0x20..=0x7E => code_point != 0x5C && code_point != quote.into(),
        _ => code_point >= 0x80 && tables::is_printable(code_point),
    }
}

/// Whether all bytes are ASCII that stands for itself between single quotes.
#[inline]
pub fn stands_for_itself(bytes: &[u8]) -> bool {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'\'') & (byte != b'\\');
    bytes.iter().fold(true, |all, byte| all & plain(*byte))
}

/// `repr(str)`.
pub fn str_repr(text: Text<'_>) -> TextBuf {
    let quote = quote_for(has(text, b'\''), has(text, b'"'));
    let mut builder = TextBuilder::with_capacity(text.len() + 2);
    builder.push(quote.into());
    with_units!(text, units => {
        let mut rest = units;
        while let Some(special) = rest.iter().position(|&unit| !is_plain(unit.into(), quote)) {
            builder.push_units(&rest[..special]);
            push_escaped(&mut builder, rest[special].into(), quote);
            rest = &rest[special + 1..];
        }
        builder.push_units(rest);
    });
    builder.push(quote.into());
    builder.finish()
}

/// `ascii(x)` from `repr(x)`: escapes what is not ASCII.
pub fn ascii_escaped(text: Text<'_>) -> TextBuf {
    let mut builder = TextBuilder::with_capacity(text.len());
    with_units!(text, units => for &unit in units {
        match unit.into() {
            code_point @ 0..=0x7F => builder.push(code_point),
            code_point => push_number(&mut builder, code_point),
        }
    });
    builder.finish()
}

/// `repr(bytes)`.
pub fn bytes_repr(bytes: &[u8]) -> Vec<u8> {
    let text = Text::One(bytes);
    let quote = quote_for(has(text, b'\''), has(text, b'"'));
    let mut result = Vec::with_capacity(bytes.len() + 3);
    result.extend_from_slice(&[b'b', quote]);
    for &byte in bytes {
        match byte {
            b'\t' => result.extend_from_slice(b"\\t"),
            b'\n' => result.extend_from_slice(b"\\n"),
            b'\r' => result.extend_from_slice(b"\\r"),
            b'\\' => result.extend_from_slice(b"\\\\"),
            b' '..=b'~' if byte != quote => result.push(byte),
            _ if byte == quote => result.extend_from_slice(&[b'\\', quote]),
            _ => result.extend_from_slice(&[b'\\', b'x', HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]]),
        }
    }
    result.push(quote);
    result
}
