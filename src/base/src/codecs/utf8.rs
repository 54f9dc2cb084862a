//! UTF-8.

use super::CodecError;
use super::single::ascii_prefix;
use crate::memory::Grow;
use crate::pause::{Pace, STRIDE, walk};
use crate::text::{Text, TextBuilder};

pub fn decode_utf8(data: &[u8], start: usize, is_final: bool, out: &mut TextBuilder) -> Result<usize, CodecError> {
    let rest = &data[start..];
    let (valid, problem) = match std::str::from_utf8(rest) {
        Ok(valid) => (valid, None),
        Err(error) => {
            let valid = std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default();
            (valid, Some(error.error_len()))
        }
    };
    push_valid(valid, out);
    let at = start + valid.len();
    match problem {
        None => Ok(at),
        Some(None) if !is_final => Ok(at),
        // The beginning of a lone surrogate is kept back, so that "surrogatepass" can see all of it.
        Some(_) if !is_final && matches!(data[at..], [0xed, 0xa0..=0xbf]) => Ok(at),
        Some(None) => Err(CodecError::new(at, data.len(), "unexpected end of data")),
        Some(Some(length)) => {
            let reason = if matches!(data[at], 0xc2..=0xf4) { "invalid continuation byte" } else { "invalid start byte" };
            Err(CodecError::new(at, at + length, reason))
        }
    }
}

fn push_valid(mut text: &str, out: &mut TextBuilder) {
    let (length, mut pace) = (text.len(), Pace::new());
    while !text.is_empty() {
        pace.at(length - text.len());
        let ascii = ascii_prefix(text.as_bytes());
        out.push_units(&text.as_bytes()[..ascii]);
        text = &text[ascii..];
        // Leave the slow loop only for a run of ASCII long enough to pay.
        let mut run = 0;
        let mut used = text.len();
        for (at, c) in text.char_indices() {
            out.push(c as u32);
            run = if c.is_ascii() { run + 1 } else { 0 };
            if run == 16 || at > STRIDE {
                used = at + c.len_utf8();
                break;
            }
        }
        text = &text[used..];
    }
}

pub fn encode_utf8(text: Text, start: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    match text {
        Text::One(units) => {
            let units = &units[start..];
            out.make_room(units.len());
            let ascii = ascii_prefix(units);
            out.put_all(&units[..ascii]);
            for &unit in walk(&units[ascii..]) {
                if unit < 0x80 {
                    out.put(unit);
                } else {
                    out.put_all(&[0xc0 | (unit >> 6), 0x80 | (unit & 0x3f)]);
                }
            }
            Ok(())
        }
        Text::Two(units) => encode_wide(units, start, out),
        Text::Four(units) => encode_wide(units, start, out),
    }
}

fn encode_wide<U: Copy + Into<u32>>(units: &[U], start: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.make_room(units.len() - start);
    for (at, &unit) in (start..).zip(walk(&units[start..])) {
        let point: u32 = unit.into();
        let Some(c) = char::from_u32(point) else {
            let end = units[at..].iter().position(|&u| char::from_u32(u.into()).is_some()).map_or(units.len(), |n| at + n);
            return Err(CodecError::new(at, end, "surrogates not allowed"));
        };
        out.put_all(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(())
}
