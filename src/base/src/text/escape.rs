//! `repr()` and `ascii()` of str and bytes.

use crate::memory::{Grow, with_room};
use crate::pause::{Pace, position, walk};
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

/// Hands on the escape of what cannot stand for itself: `\x07`, `\u200b`, `\U000e0001`.
#[inline]
fn number_escape(code_point: u32, put: impl FnOnce(&[u8])) {
    fn escape<const N: usize>(letter: u8, code_point: u32) -> [u8; N] {
        std::array::from_fn(|place| match place {
            0 => b'\\',
            1 => letter,
            _ => HEX[(code_point >> (4 * (N - 1 - place)) & 15) as usize],
        })
    }
    match code_point {
        0..=0xFF => put(&escape::<4>(b'x', code_point)),
        0x100..=0xFFFF => put(&escape::<6>(b'u', code_point)),
        _ => put(&escape::<10>(b'U', code_point)),
    }
}

/// Appends that escape.
pub fn push_number(code_point: u32, out: &mut Vec<u8>) {
    number_escape(code_point, |escape| out.put_all(escape));
}

fn push_escaped(builder: &mut TextBuilder, code_point: u32, quote: u8) {
    match code_point {
        0x09 => builder.push_units(b"\\t"),
        0x0A => builder.push_units(b"\\n"),
        0x0D => builder.push_units(b"\\r"),
        0x5C => builder.push_units(b"\\\\"),
        _ if code_point == quote.into() => builder.push_units(&[b'\\', quote]),
        _ => number_escape(code_point, |escape| builder.push_units(escape)),
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
        let (mut rest, mut pace) = (units, Pace::new());
        while let Some(special) = position(rest, |&unit| !is_plain(unit.into(), quote)) {
            pace.at(units.len() - rest.len());
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
    let mut out = with_room(text.len());
    with_units!(text, units => for &unit in walk(units) {
        match unit.into() {
            code_point @ 0..=0x7F => out.put(code_point as u8),
            code_point => push_number(code_point, &mut out),
        }
    });
    TextBuf::from_ascii_or_latin1(out)
}

/// `repr(bytes)`.
pub fn bytes_repr(bytes: &[u8]) -> Vec<u8> {
    let text = Text::One(bytes);
    let quote = quote_for(has(text, b'\''), has(text, b'"'));
    let mut result = with_room(bytes.len() + 3);
    result.put_all(&[b'b', quote]);
    for &byte in walk(bytes) {
        match byte {
            b'\t' => result.put_all(b"\\t"),
            b'\n' => result.put_all(b"\\n"),
            b'\r' => result.put_all(b"\\r"),
            b'\\' => result.put_all(b"\\\\"),
            b' '..=b'~' if byte != quote => result.put(byte),
            _ if byte == quote => result.put_all(&[b'\\', quote]),
            _ => result.put_all(&[b'\\', b'x', HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]]),
        }
    }
    result.put(quote);
    result
}
