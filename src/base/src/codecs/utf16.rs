//! UTF-16 and UTF-32 in both byte orders.

use super::CodecError;
use crate::memory::Grow;
use crate::pause::{Pace, parts, walk};
use crate::text::{Text, TextBuilder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    pub const NATIVE: ByteOrder = if cfg!(target_endian = "big") { ByteOrder::Big } else { ByteOrder::Little };
}

/// The byte order a UTF-16 mark at the beginning tells, and the length of the mark (without one: `None`, use the native
/// order and start at 0; too short data means "wait for more" in an incremental decoder).
pub fn take_bom16(data: &[u8]) -> Option<(ByteOrder, usize)> {
    match data {
        [0xff, 0xfe, ..] => Some((ByteOrder::Little, 2)),
        [0xfe, 0xff, ..] => Some((ByteOrder::Big, 2)),
        _ => None,
    }
}

/// Like `take_bom16` for UTF-32.
pub fn take_bom32(data: &[u8]) -> Option<(ByteOrder, usize)> {
    match data {
        [0xff, 0xfe, 0, 0, ..] => Some((ByteOrder::Little, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((ByteOrder::Big, 4)),
        _ => None,
    }
}

pub fn decode_utf16(
    data: &[u8],
    start: usize,
    is_final: bool,
    order: ByteOrder,
    out: &mut TextBuilder,
) -> Result<usize, CodecError> {
    let start = start + decode_run16(&data[start..], order, out);
    let unit = |at: usize| -> Option<u32> {
        let pair = [*data.get(at)?, *data.get(at + 1)?];
        Some(match order {
            ByteOrder::Little => u16::from_le_bytes(pair),
            ByteOrder::Big => u16::from_be_bytes(pair),
        } as u32)
    };
    let (mut at, mut pace) = (start, Pace::new());
    while let Some(first) = unit(at) {
        pace.at(at - start);
        match first {
            0xd800..=0xdbff => match unit(at + 2) {
                Some(second @ 0xdc00..=0xdfff) => {
                    out.push(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                    at += 2;
                }
                Some(_) => return Err(CodecError::new(at, at + 2, "illegal UTF-16 surrogate")),
                None if !is_final => return Ok(at),
                None => return Err(CodecError::new(at, data.len(), "unexpected end of data")),
            },
            0xdc00..=0xdfff => return Err(CodecError::new(at, at + 2, "illegal encoding")),
            _ => out.push(first),
        }
        at += 2;
    }
    if at < data.len() && is_final {
        return Err(CodecError::new(at, data.len(), "truncated data"));
    }
    Ok(at)
}

/// Appends the characters at the beginning that take two bytes each, many at a time. How many bytes it took.
fn decode_run16(data: &[u8], order: ByteOrder, out: &mut TextBuilder) -> usize {
    const MANY: usize = 128;
    let (pairs, _) = data.as_chunks::<2>();
    let mut done = 0;
    let mut pace = Pace::new();
    for chunk in pairs.chunks(MANY) {
        pace.at(done);
        let mut units = [0u16; MANY];
        let mut surrogates = false;
        for (unit, pair) in units.iter_mut().zip(chunk) {
            *unit = match order {
                ByteOrder::Little => u16::from_le_bytes(*pair),
                ByteOrder::Big => u16::from_be_bytes(*pair),
            };
            surrogates |= is_surrogate(*unit);
        }
        if surrogates {
            break;
        }
        out.push_units(&units[..chunk.len()]);
        done += 2 * chunk.len();
    }
    done
}

#[inline(always)]
fn is_surrogate(unit: u16) -> bool {
    unit & 0xf800 == 0xd800
}

pub fn decode_utf32(
    data: &[u8],
    start: usize,
    is_final: bool,
    order: ByteOrder,
    out: &mut TextBuilder,
) -> Result<usize, CodecError> {
    let start = start + decode_run32(&data[start..], order, out);
    let (words, tail) = data[start..].as_chunks::<4>();
    let mut at = start;
    for word in walk(words) {
        let point = match order {
            ByteOrder::Little => u32::from_le_bytes(*word),
            ByteOrder::Big => u32::from_be_bytes(*word),
        };
        if (0xd800..0xe000).contains(&point) {
            return Err(CodecError::new(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)"));
        }
        if point > 0x10ffff {
            return Err(CodecError::new(at, at + 4, "code point not in range(0x110000)"));
        }
        out.push(point);
        at += 4;
    }
    if !tail.is_empty() && is_final {
        return Err(CodecError::new(at, data.len(), "truncated data"));
    }
    Ok(at)
}

/// Appends the valid characters at the beginning, many at a time. How many bytes it took.
fn decode_run32(data: &[u8], order: ByteOrder, out: &mut TextBuilder) -> usize {
    const MANY: usize = 64;
    let (words, _) = data.as_chunks::<4>();
    let mut done = 0;
    let mut pace = Pace::new();
    for chunk in words.chunks(MANY) {
        pace.at(done);
        let mut points = [0u32; MANY];
        let mut wrong = false;
        for (point, word) in points.iter_mut().zip(chunk) {
            *point = match order {
                ByteOrder::Little => u32::from_le_bytes(*word),
                ByteOrder::Big => u32::from_be_bytes(*word),
            };
            wrong |= *point & 0xffff_f800 == 0xd800 || *point > 0x10ffff;
        }
        if wrong {
            break;
        }
        out.push_units(&points[..chunk.len()]);
        done += 4 * chunk.len();
    }
    done
}

/// Writes no byte order mark: for "utf-16" the caller encodes U+FEFF first (`ByteOrder::NATIVE`).
pub fn encode_utf16(text: Text, start: usize, order: ByteOrder, out: &mut Vec<u8>) -> Result<(), CodecError> {
    match order {
        ByteOrder::Little => encode_units16(text, start, u16::to_le_bytes, out),
        ByteOrder::Big => encode_units16(text, start, u16::to_be_bytes, out),
    }
}

#[inline(always)]
fn encode_units16(text: Text, start: usize, bytes: fn(u16) -> [u8; 2], out: &mut Vec<u8>) -> Result<(), CodecError> {
    let lone = |at: usize| CodecError::new(at, at + 1, "surrogates not allowed");
    match text {
        Text::One(units) => extend_mapped(out, &units[start..], |&unit| bytes(unit.into())),
        Text::Two(units) => {
            let rest = &units[start..];
            let good = valid_prefix(rest, |unit| is_surrogate(unit as u16));
            extend_mapped(out, &rest[..good], |&unit| bytes(unit));
            if good < rest.len() {
                return Err(lone(start + good));
            }
        }
        Text::Four(units) => {
            out.make_room(2 * (units.len() - start));
            for (at, &unit) in (start..).zip(walk(&units[start..])) {
                let c = char::from_u32(unit).ok_or_else(|| lone(at))?;
                c.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| out.put_all(&bytes(unit)));
            }
        }
    }
    Ok(())
}

/// Appends `N` bytes for each unit.
#[inline(always)]
fn extend_mapped<U, const N: usize>(out: &mut Vec<u8>, units: &[U], bytes: impl Fn(&U) -> [u8; N]) {
    out.make_room(N * units.len());
    for part in parts(units) {
        let start = out.len();
        out.resize(start + N * part.len(), 0);
        let (places, _) = out[start..].as_chunks_mut::<N>();
        places.iter_mut().zip(part).for_each(|(place, unit)| *place = bytes(unit));
    }
}

/// Writes no byte order mark, as `encode_utf16`.
pub fn encode_utf32(text: Text, start: usize, order: ByteOrder, out: &mut Vec<u8>) -> Result<(), CodecError> {
    match order {
        ByteOrder::Little => encode_units32(text, start, u32::to_le_bytes, out),
        ByteOrder::Big => encode_units32(text, start, u32::to_be_bytes, out),
    }
}

#[inline(always)]
fn encode_units32(text: Text, start: usize, bytes: fn(u32) -> [u8; 4], out: &mut Vec<u8>) -> Result<(), CodecError> {
    let wrong = |unit: u32| unit & 0xffff_f800 == 0xd800;
    let good = match text {
        Text::One(units) => units.len(),
        Text::Two(units) => start + valid_prefix(&units[start..], wrong),
        Text::Four(units) => start + valid_prefix(&units[start..], wrong),
    };
    match text {
        Text::One(units) => extend_mapped(out, &units[start..good], |&unit| bytes(unit.into())),
        Text::Two(units) => extend_mapped(out, &units[start..good], |&unit| bytes(unit.into())),
        Text::Four(units) => extend_mapped(out, &units[start..good], |&unit| bytes(unit)),
    }
    if good < text.len() { Err(CodecError::new(good, good + 1, "surrogates not allowed")) } else { Ok(()) }
}

/// Length of the beginning without a unit that is `wrong`.
#[inline(always)]
fn valid_prefix<U: Copy + Into<u32>>(units: &[U], wrong: impl Fn(u32) -> bool) -> usize {
    match units.iter().fold(false, |any, &unit| any | wrong(unit.into())) {
        false => units.len(),
        true => units.iter().position(|&unit| wrong(unit.into())).unwrap_or(units.len()),
    }
}
