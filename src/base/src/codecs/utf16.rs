//! UTF-16 and UTF-32 in both byte orders.

use super::CodecError;
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
    let unit = |at: usize| -> Option<u32> {
        let pair = [*data.get(at)?, *data.get(at + 1)?];
        Some(match order {
            ByteOrder::Little => u16::from_le_bytes(pair),
            ByteOrder::Big => u16::from_be_bytes(pair),
        } as u32)
    };
    let mut at = start;
    while let Some(first) = unit(at) {
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

pub fn decode_utf32(
    data: &[u8],
    start: usize,
    is_final: bool,
    order: ByteOrder,
    out: &mut TextBuilder,
) -> Result<usize, CodecError> {
    let (words, tail) = data[start..].as_chunks::<4>();
    let mut at = start;
    for word in words {
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

/// Writes no byte order mark: for "utf-16" the caller encodes U+FEFF first (`ByteOrder::NATIVE`).
pub fn encode_utf16(text: Text, start: usize, order: ByteOrder, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let mut put = |unit: u16| {
        out.extend_from_slice(&match order {
            ByteOrder::Little => unit.to_le_bytes(),
            ByteOrder::Big => unit.to_be_bytes(),
        });
    };
    for at in start..text.len() {
        let Some(c) = text.get(at).and_then(char::from_u32) else {
            return Err(CodecError::new(at, at + 1, "surrogates not allowed"));
        };
        c.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| put(unit));
    }
    Ok(())
}

/// Writes no byte order mark, as `encode_utf16`.
pub fn encode_utf32(text: Text, start: usize, order: ByteOrder, out: &mut Vec<u8>) -> Result<(), CodecError> {
    for at in start..text.len() {
        let Some(c) = text.get(at).and_then(char::from_u32) else {
            return Err(CodecError::new(at, at + 1, "surrogates not allowed"));
        };
        out.extend_from_slice(&match order {
            ByteOrder::Little => (c as u32).to_le_bytes(),
            ByteOrder::Big => (c as u32).to_be_bytes(),
        });
    }
    Ok(())
}
