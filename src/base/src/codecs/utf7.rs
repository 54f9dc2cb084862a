//! UTF-7.

use super::CodecError;
use crate::memory::Grow;
use crate::pause::Pace;
use crate::text::{Text, TextBuilder};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn sextet(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

/// What a shift sequence has given so far; kept apart from the output because an unfinished one is decoded again when
/// more data comes.
#[derive(Default)]
struct Shift {
    start: usize,
    points: Vec<u32>,
    buffer: u32,
    bits: u32,
    pending_high: Option<u32>,
}

impl Shift {
    fn feed(&mut self, value: u32) {
        self.buffer = (self.buffer << 6) | value;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let unit = self.buffer >> self.bits;
        self.buffer &= (1 << self.bits) - 1;
        if let Some(high) = self.pending_high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                self.points.push(0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
                return;
            }
            self.points.push(high);
        }
        if (0xd800..0xdc00).contains(&unit) { self.pending_high = Some(unit) } else { self.points.push(unit) }
    }
}

pub fn decode_utf7(data: &[u8], start: usize, is_final: bool, out: &mut TextBuilder) -> Result<usize, CodecError> {
    let mut at = start;
    let mut shift: Option<Shift> = None;
    let mut pace = Pace::new();
    while at < data.len() {
        pace.at(at - start);
        let byte = data[at];
        if let Some(open) = &mut shift {
            if let Some(value) = sextet(byte) {
                open.feed(value);
                at += 1;
                continue;
            }
            out.push_code_points(&open.points);
            let problem = match (open.bits, open.buffer) {
                (6.., _) => Some("partial character in shift sequence"),
                (1.., 1..) => Some("non-zero padding bits in shift sequence"),
                _ => None,
            };
            if let Some(reason) = problem {
                return Err(CodecError::new(open.start, at + 1, reason));
            }
            if let (Some(high), true) = (open.pending_high, byte < 0x80 && byte != b'+') {
                out.push(high);
            }
            shift = None;
            at += (byte == b'-') as usize;
        } else if byte == b'+' {
            match data.get(at + 1) {
                Some(b'-') => {
                    out.push('+' as u32);
                    at += 2;
                }
                Some(&next) if sextet(next).is_none() => {
                    return Err(CodecError::new(at, at + 2, "ill-formed sequence"));
                }
                _ => {
                    shift = Some(Shift { start: at, ..Shift::default() });
                    at += 1;
                }
            }
        } else if byte < 0x80 {
            out.push(byte as u32);
            at += 1;
        } else {
            return Err(CodecError::new(at, at + 1, "unexpected special character"));
        }
    }
    let Some(open) = shift else { return Ok(at) };
    if !is_final {
        return Ok(open.start);
    }
    out.push_code_points(&open.points);
    if open.pending_high.is_some() || open.bits >= 6 || (open.bits > 0 && open.buffer != 0) {
        return Err(CodecError::new(open.start, data.len(), "unterminated shift sequence"));
    }
    Ok(at)
}

/// Characters that stand for themselves.
fn is_direct(point: u32) -> bool {
    matches!(point, 0x20..=0x7d | 9 | 10 | 13) && point != '+' as u32 && point != '\\' as u32
}

pub fn encode_utf7(text: Text, out: &mut Vec<u8>) {
    let mut shifted = false;
    let (mut buffer, mut bits) = (0u32, 0u32);
    let mut pace = Pace::new();
    for at in 0..text.len() {
        pace.at(at);
        let point = text.get(at).unwrap_or_default();
        if is_direct(point) {
            if shifted {
                if bits > 0 {
                    out.put(ALPHABET[((buffer << (6 - bits)) & 63) as usize]);
                    (buffer, bits) = (0, 0);
                }
                shifted = false;
                if sextet(point as u8).is_some() || point == '-' as u32 {
                    out.put(b'-');
                }
            }
            out.put(point as u8);
            continue;
        }
        if !shifted && point == '+' as u32 {
            out.put_all(b"+-");
            continue;
        }
        if !shifted {
            out.put(b'+');
            shifted = true;
        }
        let units = match point.checked_sub(0x10000) {
            None => [Some(point), None],
            Some(offset) => [Some(0xd800 + (offset >> 10)), Some(0xdc00 + (offset & 0x3ff))],
        };
        for unit in units.into_iter().flatten() {
            buffer = (buffer << 16) | unit;
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.put(ALPHABET[((buffer >> bits) & 63) as usize]);
            }
            buffer &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        out.put(ALPHABET[((buffer << (6 - bits)) & 63) as usize]);
    }
    if shifted {
        out.put(b'-');
    }
}
