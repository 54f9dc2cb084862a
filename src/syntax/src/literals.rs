//! The values of string literals: escapes decoded as CPython's codecs do, lone surrogates kept, errors and
//! doubtful escapes reported. Values are WTF-8 bytes (UTF-8 that may hold encoded surrogates).

use std::borrow::Cow;

/// A backslash sequence that means itself for now: byte offset in the literal's text and length with the backslash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoubtfulEscape {
    pub offset: usize,
    pub octal: bool,
    pub length: usize,
}

#[derive(Debug)]
pub struct DecodedLiteral<'t> {
    pub value: Cow<'t, [u8]>,
    /// The first one only, as CPython warns once for each literal.
    pub doubtful: Option<DoubtfulEscape>,
}

/// Parts of a plain (not f or t) string literal.
#[derive(Clone, Copy, Debug)]
pub struct LiteralText<'s> {
    pub raw: bool,
    pub bytes: bool,
    /// Offset of `content` in the literal.
    pub offset: usize,
    pub content: &'s str,
}

/// Splits a literal into prefix and content.
pub fn split_literal(literal: &str) -> Option<LiteralText<'_>> {
    let prefix = literal.find(['\'', '"'])?;
    let quote = &literal[prefix..prefix + 1];
    let triple = literal.len() >= prefix + 6 && literal[prefix..].starts_with(quote.repeat(3).as_str());
    let size = if triple { 3 } else { 1 };
    let letters = &literal[..prefix];
    Some(LiteralText {
        raw: letters.contains(['r', 'R']),
        bytes: letters.contains(['b', 'B']),
        offset: prefix + size,
        content: literal.get(prefix + size..literal.len().checked_sub(size)?)?,
    })
}

/// Decodes the text between the quotes of a str literal, or a text part of an f-string.
/// The error is what follows `(unicode error) ` in the message.
pub fn decode_str(content: &str, raw: bool) -> Result<DecodedLiteral<'_>, String> {
    if raw || !content.contains('\\') {
        return Ok(DecodedLiteral { value: Cow::Borrowed(content.as_bytes()), doubtful: None });
    }
    let bytes = content.as_bytes();
    let mut value = Vec::with_capacity(bytes.len());
    let mut doubtful = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            let next = bytes[at..].iter().position(|&byte| byte == b'\\').map_or(bytes.len(), |length| at + length);
            value.extend_from_slice(&bytes[at..next]);
            at = next;
            continue;
        }
        let start = at;
        let Some(&letter) = bytes.get(at + 1) else {
            // Only the text before a replacement field ends so.
            value.push(b'\\');
            break;
        };
        at += 2;
        match letter {
            b'x' | b'u' | b'U' => {
                let (count, message) = match letter {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                let digits = bytes[at..].iter().take(count).take_while(|byte| byte.is_ascii_hexdigit()).count();
                at += digits;
                if digits < count {
                    return Err(decode_error(content, start, at, message));
                }
                let code = u32::from_str_radix(&content[at - count..at], 16).unwrap_or(u32::MAX);
                if code > 0x10ffff {
                    return Err(decode_error(content, start, at, "illegal Unicode character"));
                }
                push_code_point(&mut value, code);
            }
            b'N' => {
                let close = bytes[at..].iter().position(|&byte| byte == b'}').map(|length| at + length);
                let (Some(b'{'), Some(close)) = (bytes.get(at), close) else {
                    let end = if bytes.get(at) == Some(&b'{') { bytes.len() } else { at };
                    return Err(decode_error(content, start, end, "malformed \\N character escape"));
                };
                let name = &content[at + 1..close];
                if name.is_empty() {
                    return Err(decode_error(content, start, close, "malformed \\N character escape"));
                }
                at = close + 1;
                match unicode_tables::lookup(name, true, false) {
                    Some(unicode_tables::Named::Character(code)) => push_code_point(&mut value, code),
                    _ => {
                        return Err(decode_error(content, start, at, "unknown Unicode character name"));
                    }
                }
            }
            b'0'..=b'7' => {
                at -= 1;
                let (code, digits) = octal(&bytes[at..]);
                at += digits;
                if code > 0o377 {
                    doubtful.get_or_insert(DoubtfulEscape { offset: start, octal: true, length: 1 + digits });
                }
                push_code_point(&mut value, code);
            }
            letter => match simple_escape(letter) {
                Some(byte) => value.extend(byte),
                None => {
                    let character = content[start + 1..].chars().next().map_or(1, char::len_utf8);
                    if letter.is_ascii() {
                        doubtful.get_or_insert(DoubtfulEscape { offset: start, octal: false, length: 2 });
                    }
                    value.push(b'\\');
                    at = start + 1;
                    value.extend_from_slice(&bytes[at..at + character]);
                    at += character;
                }
            },
        }
    }
    Ok(DecodedLiteral { value: Cow::Owned(value), doubtful })
}

/// Decodes the text between the quotes of a bytes literal; the error is what follows `(value error) `.
pub fn decode_bytes(content: &str, raw: bool) -> Result<DecodedLiteral<'_>, String> {
    if raw || !content.contains('\\') {
        return Ok(DecodedLiteral { value: Cow::Borrowed(content.as_bytes()), doubtful: None });
    }
    let bytes = content.as_bytes();
    let mut value = Vec::with_capacity(bytes.len());
    let mut doubtful = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' || at + 1 == bytes.len() {
            value.push(bytes[at]);
            at += 1;
            continue;
        }
        let start = at;
        let letter = bytes[at + 1];
        at += 2;
        match letter {
            b'x' => {
                let digits = bytes[at..].iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
                if digits < 2 {
                    return Err(format!("invalid \\x escape at position {start}"));
                }
                value.push(u8::from_str_radix(&content[at..at + 2], 16).unwrap_or(0));
                at += 2;
            }
            b'0'..=b'7' => {
                at -= 1;
                let (code, digits) = octal(&bytes[at..]);
                at += digits;
                if code > 0o377 {
                    doubtful.get_or_insert(DoubtfulEscape { offset: start, octal: true, length: 1 + digits });
                }
                value.push(code as u8);
            }
            letter => match simple_escape(letter) {
                Some(byte) => value.extend(byte),
                None => {
                    doubtful.get_or_insert(DoubtfulEscape { offset: start, octal: false, length: 2 });
                    value.extend([b'\\', letter]);
                }
            },
        }
    }
    Ok(DecodedLiteral { value: Cow::Owned(value), doubtful })
}

/// `Some(None)`: the escape stands for nothing (a line continuation).
fn simple_escape(letter: u8) -> Option<Option<u8>> {
    Some(Some(match letter {
        b'\n' => return Some(None),
        b'\\' | b'\'' | b'"' => letter,
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        _ => return None,
    }))
}

fn octal(bytes: &[u8]) -> (u32, usize) {
    let digits = bytes.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    (bytes[..digits].iter().fold(0, |code, byte| code * 8 + u32::from(byte - b'0')), digits)
}

fn push_code_point(value: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(character) => value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        // A surrogate, in the three-byte form.
        None => value.extend([0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
    }
}

/// The codec counts a character beyond ASCII as the ten bytes of its `\U` form.
fn decode_error(content: &str, start: usize, end: usize, message: &str) -> String {
    let measure = |offset: usize| -> usize {
        content.get(..offset).map_or(offset, |text| text.chars().map(|c| if c.is_ascii() { 1 } else { 10 }).sum())
    };
    let (start, end) = (measure(start), measure(end));
    if end - start == 1 {
        return format!("'unicodeescape' codec can't decode byte 0x5c in position {start}: {message}");
    }
    format!("'unicodeescape' codec can't decode bytes in position {start}-{}: {message}", end.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let decoded = decode_str("a\\x41\\u00e9\\ud800\\N{BULLET}\\101\\\n\\q", false).unwrap();
        assert_eq!(&*decoded.value, b"aA\xc3\xa9\xed\xa0\x80\xe2\x80\xa2A\\q");
        assert_eq!(decoded.doubtful.map(|doubtful| doubtful.length), Some(2));
        let error = decode_str("\u{e9}\\u12", false).unwrap_err();
        assert_eq!(error, "'unicodeescape' codec can't decode bytes in position 10-13: truncated \\uXXXX escape");
        assert_eq!(decode_bytes("\\x1", false).unwrap_err(), "invalid \\x escape at position 0");
    }
}
