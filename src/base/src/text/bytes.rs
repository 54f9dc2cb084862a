//! What bytes and bytearray do by ASCII rules. The rest of their methods is in the generic functions.

use crate::memory::collected;
use crate::pause::{self, walk};

/// Space, tab, line feed, carriage return, vertical tab, form feed.
#[inline]
pub fn is_byte_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// What ends a line for `bytes.splitlines()`.
#[inline]
pub fn is_byte_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

pub fn bytes_are_alpha(bytes: &[u8]) -> bool {
    !bytes.is_empty() && pause::all(bytes, u8::is_ascii_alphabetic)
}

pub fn bytes_are_alnum(bytes: &[u8]) -> bool {
    !bytes.is_empty() && pause::all(bytes, u8::is_ascii_alphanumeric)
}

pub fn bytes_are_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && pause::all(bytes, u8::is_ascii_digit)
}

pub fn bytes_are_space(bytes: &[u8]) -> bool {
    !bytes.is_empty() && pause::all(bytes, |&byte| is_byte_space(byte))
}

pub fn bytes_are_lower(bytes: &[u8]) -> bool {
    pause::any(bytes, u8::is_ascii_lowercase) && !pause::any(bytes, u8::is_ascii_uppercase)
}

pub fn bytes_are_upper(bytes: &[u8]) -> bool {
    pause::any(bytes, u8::is_ascii_uppercase) && !pause::any(bytes, u8::is_ascii_lowercase)
}

pub fn bytes_are_title(bytes: &[u8]) -> bool {
    let (mut seen, mut inside) = (false, false);
    let fits = |byte: &u8| {
        let fits = match byte {
            b'A'..=b'Z' => !inside,
            b'a'..=b'z' => inside,
            _ => true,
        };
        inside = byte.is_ascii_alphabetic();
        seen |= inside;
        fits
    };
    pause::all(bytes, fits) && seen
}

pub fn bytes_lower(bytes: &[u8]) -> Vec<u8> {
    collected(bytes.iter().map(u8::to_ascii_lowercase))
}

pub fn bytes_upper(bytes: &[u8]) -> Vec<u8> {
    collected(bytes.iter().map(u8::to_ascii_uppercase))
}

pub fn bytes_capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut result = bytes_lower(bytes);
    if let Some(first) = result.first_mut() {
        first.make_ascii_uppercase();
    }
    result
}

pub fn bytes_title(bytes: &[u8]) -> Vec<u8> {
    let mut inside = false;
    let convert = |byte: &u8| {
        let converted = if inside { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
        inside = byte.is_ascii_alphabetic();
        converted
    };
    collected(bytes.iter().map(convert))
}

pub fn bytes_swapcase(bytes: &[u8]) -> Vec<u8> {
    collected(bytes.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }))
}

/// `bytes.translate(table, delete)`.
pub fn bytes_translate(bytes: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    if let (Some(table), []) = (table, delete) {
        return collected(bytes.iter().map(|&byte| table[usize::from(byte)]));
    }
    let mut dropped = [false; 256];
    delete.iter().for_each(|&byte| dropped[byte as usize] = true);
    let kept = walk(bytes).filter(|&&byte| !dropped[byte as usize]);
    collected(kept.map(|&byte| table.map_or(byte, |table| table[byte as usize])))
}

/// The table of `bytes.maketrans(from, to)`, which must be of one length.
pub fn bytes_make_table(from: &[u8], to: &[u8]) -> [u8; 256] {
    let mut table = std::array::from_fn(|i| i as u8);
    for (&from, &to) in from.iter().zip(to) {
        table[from as usize] = to;
    }
    table
}
