//! Backslash escapes: unicode_escape, raw_unicode_escape, and escapes of bytes.

use super::CodecError;
use crate::fault::Fault;
use crate::memory::{Grow, with_room};
use crate::pause::{Pace, walk};
use crate::text::{Text, TextBuilder, push_number};

/// Decodes unicode_escape. `lookup` finds a character by the name in `\N{...}` (aliases yes, sequences no).
/// `first_invalid` is set to the index of the first backslash whose escape is not valid but tolerated (`\q`, `\400`), for the
/// caller's warning; it is left alone if already set.
pub fn decode_unicode_escape(
    data: &[u8],
    start: usize,
    is_final: bool,
    out: &mut TextBuilder,
    lookup: &mut dyn FnMut(&str) -> Option<u32>,
    first_invalid: &mut Option<usize>,
) -> Result<usize, CodecError> {
    let (mut at, mut pace) = (start, Pace::new());
    while at < data.len() {
        pace.at(at - start);
        let plain = memchr::memchr(b'\\', &data[at..]).unwrap_or(data.len() - at);
        out.push_units(&data[at..at + plain]);
        at += plain;
        if at == data.len() {
            break;
        }
        let Some(&kind) = data.get(at + 1) else {
            if !is_final {
                return Ok(at);
            }
            return Err(CodecError::new(at, at + 1, "\\ at end of string"));
        };
        let mut next = at + 2;
        match kind {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(kind as u32),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b't' => out.push(9),
            b'n' => out.push(10),
            b'v' => out.push(11),
            b'f' => out.push(12),
            b'r' => out.push(13),
            b'0'..=b'7' => {
                let (value, end) = octal(data, at + 1);
                next = end;
                if value > 0o377 {
                    first_invalid.get_or_insert(at);
                }
                out.push(value);
            }
            b'x' | b'u' | b'U' => {
                let (count, reason) = match kind {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                match hexadecimal(data, next, count) {
                    Ok(value) if value <= 0x10ffff => out.push(value),
                    Ok(_) => {
                        return Err(CodecError::new(at, next + count, "illegal Unicode character"));
                    }
                    Err(end) if end == data.len() && !is_final => return Ok(at),
                    Err(end) => return Err(CodecError::new(at, end, reason)),
                }
                next += count;
            }
            b'N' => {
                let malformed = |end| Err(CodecError::new(at, end, "malformed \\N character escape"));
                match data.get(next) {
                    None if !is_final => return Ok(at),
                    Some(b'{') => {}
                    _ => return malformed(next),
                }
                let Some(length) = memchr::memchr(b'}', &data[next + 1..]) else {
                    return if is_final { malformed(data.len()) } else { Ok(at) };
                };
                if length == 0 {
                    return malformed(next + 1);
                }
                let name = &data[next + 1..next + 1 + length];
                next += length + 2;
                match std::str::from_utf8(name).ok().and_then(&mut *lookup) {
                    Some(point) => out.push(point),
                    None => {
                        return Err(CodecError::new(at, next, "unknown Unicode character name"));
                    }
                }
            }
            _ => {
                first_invalid.get_or_insert(at);
                out.push('\\' as u32);
                out.push(kind as u32);
            }
        }
        at = next;
    }
    Ok(at)
}

/// Up to three octal digits from `at`.
fn octal(data: &[u8], at: usize) -> (u32, usize) {
    let digits = data[at..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
    let (mut value, mut end) = (0, at);
    for &digit in digits {
        value = value * 8 + (digit - b'0') as u32;
        end += 1;
    }
    (value, end)
}

/// Exactly `count` hex digits from `at`, or the position of the first that is none.
fn hexadecimal(data: &[u8], at: usize, count: usize) -> Result<u32, usize> {
    let mut value: u32 = 0;
    for i in at..at + count {
        let digit = data.get(i).and_then(|&b| (b as char).to_digit(16)).ok_or(i)?;
        value = (value << 4) | digit;
    }
    Ok(value)
}

/// Decodes raw_unicode_escape: only `\uXXXX` and `\UXXXXXXXX` after an odd number of backslashes count.
pub fn decode_raw_unicode_escape(data: &[u8], start: usize, is_final: bool, out: &mut TextBuilder) -> Result<usize, CodecError> {
    let (mut at, mut pace) = (start, Pace::new());
    while at < data.len() {
        pace.at(at - start);
        let plain = memchr::memchr(b'\\', &data[at..]).unwrap_or(data.len() - at);
        out.push_units(&data[at..at + plain]);
        at += plain;
        let Some(&kind) = data.get(at + 1) else {
            if at < data.len() {
                if !is_final {
                    return Ok(at);
                }
                out.push('\\' as u32);
            }
            return Ok(data.len());
        };
        let (count, reason) = match kind {
            b'u' => (4, "truncated \\uXXXX escape"),
            b'U' => (8, "truncated \\UXXXXXXXX escape"),
            _ => {
                out.push('\\' as u32);
                out.push(kind as u32);
                at += 2;
                continue;
            }
        };
        match hexadecimal(data, at + 2, count) {
            Ok(value) if value <= 0x10ffff => out.push(value),
            Ok(_) => {
                return Err(CodecError::new(at, at + 2 + count, "\\Uxxxxxxxx out of range"));
            }
            Err(end) if end == data.len() && !is_final => return Ok(at),
            Err(end) => return Err(CodecError::new(at, end, reason)),
        }
        at += 2 + count;
    }
    Ok(at)
}

pub fn encode_unicode_escape(text: Text, out: &mut Vec<u8>) {
    let mut pace = Pace::new();
    for at in 0..text.len() {
        pace.at(at);
        let point = text.get(at).unwrap_or_default();
        match point {
            9 => out.put_all(b"\\t"),
            10 => out.put_all(b"\\n"),
            13 => out.put_all(b"\\r"),
            0x5c => out.put_all(b"\\\\"),
            0x20..=0x7e => out.put(point as u8),
            _ => push_number(point, out),
        }
    }
}

pub fn encode_raw_unicode_escape(text: Text, out: &mut Vec<u8>) {
    let mut pace = Pace::new();
    for at in 0..text.len() {
        pace.at(at);
        match text.get(at).unwrap_or_default() {
            point @ 0..=0xff => out.put(point as u8),
            point => push_number(point, out),
        }
    }
}

/// What `decode_bytes_escape` does with a bad `\x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscapeErrors {
    Strict,
    Replace,
    Ignore,
}

/// `codecs.escape_decode`; `first_invalid` as in `decode_unicode_escape`.
pub fn decode_bytes_escape(data: &[u8], errors: EscapeErrors, first_invalid: &mut Option<usize>) -> Result<Vec<u8>, Fault> {
    let mut out = with_room(data.len());
    let (mut at, mut pace) = (0, Pace::new());
    while at < data.len() {
        pace.at(at);
        let plain = memchr::memchr(b'\\', &data[at..]).unwrap_or(data.len() - at);
        out.put_all(&data[at..at + plain]);
        at += plain;
        if at == data.len() {
            break;
        }
        let Some(&kind) = data.get(at + 1) else {
            return Err(Fault::value("Trailing \\ in string"));
        };
        let mut next = at + 2;
        match kind {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.put(kind),
            b'a' => out.put(7),
            b'b' => out.put(8),
            b't' => out.put(9),
            b'n' => out.put(10),
            b'v' => out.put(11),
            b'f' => out.put(12),
            b'r' => out.put(13),
            b'0'..=b'7' => {
                let (value, end) = octal(data, at + 1);
                next = end;
                if value > 0o377 {
                    first_invalid.get_or_insert(at);
                }
                out.put(value as u8);
            }
            b'x' => match hexadecimal(data, next, 2) {
                Ok(value) => {
                    out.put(value as u8);
                    next += 2;
                }
                Err(end) => {
                    match errors {
                        EscapeErrors::Strict => {
                            return Err(Fault::value(format!("invalid \\x escape at position {at}")));
                        }
                        EscapeErrors::Replace => out.put(b'?'),
                        EscapeErrors::Ignore => {}
                    }
                    next = end;
                }
            },
            _ => {
                first_invalid.get_or_insert(at);
                out.put_all(&[b'\\', kind]);
            }
        }
        at = next;
    }
    Ok(out)
}

/// `codecs.escape_encode`: the inside of a bytes repr with single quotes.
pub fn encode_bytes_escape(data: &[u8]) -> Vec<u8> {
    let mut out = with_room(data.len());
    for &byte in walk(data) {
        match byte {
            b'\'' | b'\\' => out.put_all(&[b'\\', byte]),
            b'\t' => out.put_all(b"\\t"),
            b'\n' => out.put_all(b"\\n"),
            b'\r' => out.put_all(b"\\r"),
            b' '..=b'~' => out.put(byte),
            _ => push_number(byte as u32, &mut out),
        }
    }
    out
}
