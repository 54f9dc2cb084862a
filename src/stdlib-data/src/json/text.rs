//! JSON string literals of Python strings. Must not know: the encoder.

use base::memory::{Grow, with_room};
use objects::str::Chars;
use objects::{Gc, Str};

/// The escape of a character that must not stand for itself, if it has a short one.
fn short_escape(code: u32) -> Option<&'static [u8; 2]> {
    Some(match code {
        0x22 => b"\\\"",
        0x5c => b"\\\\",
        0x08 => b"\\b",
        0x0c => b"\\f",
        0x0a => b"\\n",
        0x0d => b"\\r",
        0x09 => b"\\t",
        _ => return None,
    })
}

fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\'
}

fn push_unicode_escape(out: &mut Vec<u8>, unit: u32) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.put_all(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.put(DIGITS[(unit >> shift & 15) as usize]);
    }
}

/// Appends the literal, as WTF-8.
pub fn push_quoted(out: &mut Vec<u8>, text: Gc<Str>, ascii: bool) {
    out.put(b'"');
    let mut rest = text.chars();
    if let Chars::One(bytes) = rest {
        let plain = bytes.iter().position(|byte| !is_plain(*byte)).unwrap_or(bytes.len());
        out.put_all(&bytes[..plain]);
        if plain == bytes.len() {
            out.put(b'"');
            return;
        }
        rest = Chars::One(&bytes[plain..]);
    }
    match rest {
        Chars::One(units) => push_escaped(out, units, ascii),
        Chars::Two(units) => push_escaped(out, units, ascii),
        Chars::Four(units) => push_escaped(out, units, ascii),
    }
    out.put(b'"');
}

fn push_escaped<U: Copy + Into<u32>>(out: &mut Vec<u8>, units: &[U], ascii: bool) {
    for unit in units {
        let code: u32 = (*unit).into();
        if let Some(escape) = short_escape(code) {
            out.put_all(escape);
        } else if (0x20..0x7f).contains(&code) || (!ascii && code == 0x7f) {
            out.put(code as u8);
        } else if code < 0x20 || (ascii && code < 0x10000) {
            push_unicode_escape(out, code);
        } else if ascii {
            let code = code - 0x10000;
            push_unicode_escape(out, 0xd800 | code >> 10);
            push_unicode_escape(out, 0xdc00 | code & 0x3ff);
        } else {
            objects::str::push_wtf8(out, code);
        }
    }
}

pub fn quoted(text: Gc<Str>, ascii: bool) -> Gc<Str> {
    let mut out = with_room(text.len() + 2);
    push_quoted(&mut out, text, ascii);
    finish(&out)
}

/// A str of well-formed WTF-8.
pub fn finish(text: &[u8]) -> Gc<Str> {
    if text.is_ascii() {
        return Str::from_ascii(text);
    }
    Str::from_wtf8(text).unwrap_or_else(|| Str::new(&String::from_utf8_lossy(text)))
}
