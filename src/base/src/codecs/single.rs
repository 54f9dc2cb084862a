//! ASCII and Latin-1.

use super::CodecError;
use crate::memory::Grow;
use crate::text::{Text, TextBuilder};
use crate::with_units;

/// Length of the ASCII prefix.
pub(super) fn ascii_prefix(data: &[u8]) -> usize {
    // Whole blocks first: `is_ascii` is vectorised.
    let mut at = 0;
    for block in data.chunks(64) {
        if !block.is_ascii() {
            return at + block.iter().take_while(|b| b.is_ascii()).count();
        }
        at += block.len();
    }
    at
}

pub fn decode_ascii(data: &[u8], start: usize, out: &mut TextBuilder) -> Result<usize, CodecError> {
    let good = start + ascii_prefix(&data[start..]);
    out.push_units(&data[start..good]);
    if good < data.len() {
        return Err(CodecError::new(good, good + 1, "ordinal not in range(128)"));
    }
    Ok(good)
}

pub fn decode_latin1(data: &[u8], start: usize, out: &mut TextBuilder) -> usize {
    out.push_units(&data[start..]);
    data.len()
}

pub fn encode_ascii(text: Text, start: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    encode_narrow(text, start, out, 128, "ordinal not in range(128)")
}

pub fn encode_latin1(text: Text, start: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    encode_narrow(text, start, out, 256, "ordinal not in range(256)")
}

fn encode_narrow(text: Text, start: usize, out: &mut Vec<u8>, limit: u32, reason: &'static str) -> Result<(), CodecError> {
    let good = match text {
        Text::One(units) if limit == 256 => units.len() - start,
        Text::One(units) => ascii_prefix(&units[start..]),
        Text::Two(units) => units[start..].iter().take_while(|&&u| (u as u32) < limit).count(),
        Text::Four(units) => units[start..].iter().take_while(|&&u| u < limit).count(),
    };
    let bad = start + good;
    match text {
        Text::One(units) => out.put_all(&units[start..bad]),
        Text::Two(units) => {
            out.make_room(good);
            out.extend(units[start..bad].iter().map(|&u| u as u8));
        }
        Text::Four(units) => {
            out.make_room(good);
            out.extend(units[start..bad].iter().map(|&u| u as u8));
        }
    }
    if bad == text.len() {
        return Ok(());
    }
    let good_again = with_units!(text, units => units[bad..].iter().position(|&unit| u32::from(unit) < limit));
    Err(CodecError::new(bad, good_again.map_or(text.len(), |more| bad + more), reason))
}
