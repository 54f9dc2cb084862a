//! The built-in error handlers as functions, so that common cases need no exception object.

use super::CodecError;
use crate::memory::{Grow, collected, with_room};
use crate::text::{Text, TextBuilder, push_number};

/// Built-in handlers ("strict" and "namereplace" are the caller's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    SurrogateEscape,
    SurrogatePass,
}

impl Handler {
    pub fn by_name(name: &str) -> Option<Handler> {
        Some(match name {
            "ignore" => Handler::Ignore,
            "replace" => Handler::Replace,
            "backslashreplace" => Handler::BackslashReplace,
            "xmlcharrefreplace" => Handler::XmlCharRefReplace,
            "surrogateescape" => Handler::SurrogateEscape,
            "surrogatepass" => Handler::SurrogatePass,
            _ => return None,
        })
    }
}

/// The codecs "surrogatepass" works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WideCodec {
    Utf8,
    Utf16Little,
    Utf16Big,
    Utf32Little,
    Utf32Big,
    Other,
}

/// Handles a decoding error: appends the replacement and returns where to resume; `None`: raise the error.
pub fn fix_decode(handler: Handler, data: &[u8], error: &CodecError, codec: WideCodec, out: &mut TextBuilder) -> Option<usize> {
    match handler {
        Handler::Ignore => {}
        Handler::Replace => out.push(0xfffd),
        Handler::BackslashReplace => {
            for &byte in &data[error.start..error.end] {
                out.push_str(&format!("\\x{byte:02x}"));
            }
        }
        Handler::XmlCharRefReplace => return None,
        Handler::SurrogateEscape => {
            let bytes = &data[error.start..error.end.min(error.start + 4)];
            let count = bytes.iter().take_while(|b| !b.is_ascii()).count();
            bytes[..count].iter().for_each(|&byte| out.push(0xdc00 + byte as u32));
            return (count > 0).then_some(error.start + count);
        }
        Handler::SurrogatePass => {
            let (point, length) = surrogate_at(&data[error.start..], codec)?;
            out.push(point);
            return Some(error.start + length);
        }
    }
    Some(error.end)
}

fn surrogate_at(data: &[u8], codec: WideCodec) -> Option<(u32, usize)> {
    let (point, length) = match (codec, data) {
        (WideCodec::Utf8, &[first @ 0xe0..=0xef, second @ 0x80..=0xbf, third @ 0x80..=0xbf, ..]) => {
            (((first as u32 & 15) << 12) | ((second as u32 & 63) << 6) | (third as u32 & 63), 3)
        }
        (WideCodec::Utf16Little, &[low, high, ..]) | (WideCodec::Utf16Big, &[high, low, ..]) => {
            (u16::from_be_bytes([high, low]) as u32, 2)
        }
        (WideCodec::Utf32Little, &[a, b, c, d, ..]) => (u32::from_le_bytes([a, b, c, d]), 4),
        (WideCodec::Utf32Big, &[a, b, c, d, ..]) => (u32::from_be_bytes([a, b, c, d]), 4),
        _ => return None,
    };
    (0xd800..0xe000).contains(&point).then_some((point, length))
}

/// What stands in for characters that cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeFix {
    /// Text to be encoded in turn (always ASCII).
    Chars(Vec<u8>),
    /// Bytes to be put in as they are.
    Bytes(Vec<u8>),
}

/// Handles an encoding error: what to put in, and where encoding resumes (before `error.end` if only the first
/// characters could be handled: the rest then fails again, at its own place). `None`: raise the error.
pub fn fix_encode(handler: Handler, text: Text, error: &CodecError, codec: WideCodec) -> Option<(EncodeFix, usize)> {
    let points = || text.slice(error.start..error.end).code_points();
    let count = error.end - error.start;
    let chars = match handler {
        Handler::Ignore => Vec::new(),
        Handler::Replace => collected(std::iter::repeat_n(b'?', count)),
        Handler::BackslashReplace => {
            let mut out = with_room(6 * count);
            points().for_each(|point| push_number(point, &mut out));
            out
        }
        Handler::XmlCharRefReplace => {
            let mut out = with_room(8 * count);
            for point in points() {
                out.put_all(b"&#");
                push_decimal(point, &mut out);
                out.put(b';');
            }
            out
        }
        Handler::SurrogateEscape => {
            // Single bytes are no units of the wider codecs.
            if !matches!(codec, WideCodec::Utf8 | WideCodec::Other) {
                return None;
            }
            let byte = |point: u32| (0xdc80..=0xdcff).contains(&point).then(|| (point - 0xdc00) as u8);
            let bytes: Vec<u8> = collected(points().map_while(byte));
            let resume = error.start + bytes.len();
            return (!bytes.is_empty()).then_some((EncodeFix::Bytes(bytes), resume));
        }
        Handler::SurrogatePass => {
            let mut out = Vec::new();
            for point in points() {
                push_surrogate(point, codec, &mut out)?;
            }
            return Some((EncodeFix::Bytes(out), error.end));
        }
    };
    Some((EncodeFix::Chars(chars), error.end))
}

fn push_decimal(number: u32, out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = number;
    loop {
        out.put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// A surrogate in the units of the codec.
fn push_surrogate(point: u32, codec: WideCodec, out: &mut Vec<u8>) -> Option<()> {
    if !(0xd800..0xe000).contains(&point) {
        return None;
    }
    match codec {
        WideCodec::Utf8 => {
            let byte = |shift: u32| 0x80 | ((point >> shift) & 63) as u8;
            out.put_all(&[0xe0 | (point >> 12) as u8, byte(6), byte(0)]);
        }
        WideCodec::Utf16Little => out.put_all(&(point as u16).to_le_bytes()),
        WideCodec::Utf16Big => out.put_all(&(point as u16).to_be_bytes()),
        WideCodec::Utf32Little => out.put_all(&point.to_le_bytes()),
        WideCodec::Utf32Big => out.put_all(&point.to_be_bytes()),
        WideCodec::Other => return None,
    }
    Some(())
}
