//! What a replacement field keeps of its source: the text of the expression as written, without comments.

use ruff_python_ast::InterpolatedElement;
use ruff_text_size::Ranged;

/// The expression part of a field as `Interpolation.expression` and `{x=}` show it: everything after the brace up to
/// `=`, `!`, `:` or the closing brace, comments left out.
pub fn expression_text(source: &str, field: &InterpolatedElement) -> String {
    let start = field.range.start().to_usize() + 1;
    let end = expression_end(source, field.expression.range().end().to_usize());
    without_comments(source.get(start..end).unwrap_or_default())
}

/// The literal text `{x=}` puts before the value, if it has that form.
pub fn debug_text(source: &str, field: &InterpolatedElement) -> Option<String> {
    field.debug_text.as_ref()?;
    let start = field.range.start().to_usize() + 1;
    let equals = expression_end(source, field.expression.range().end().to_usize());
    let end = blank_end(source, equals + 1);
    Some(without_comments(source.get(start..end).unwrap_or_default()))
}

/// Skips white space, comments and joined lines.
fn blank_end(source: &str, mut at: usize) -> usize {
    let bytes = source.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => at = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| at + length),
            b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => break,
        }
    }
    at
}

/// Skips white space, comments, closing brackets and a trailing comma.
fn expression_end(source: &str, mut at: usize) -> usize {
    let bytes = source.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'=' | b'!' | b':' | b'}' => break,
            b'#' => at = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| at + length),
            _ => at += 1,
        }
    }
    at
}

/// `#` starts a comment outside string literals.
fn without_comments(text: &str) -> String {
    if !text.contains('#') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'#' => {
                at = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| at + length);
                continue;
            }
            quote @ (b'\'' | b'"') => at = string_end(bytes, at, quote),
            _ => {
                at += 1;
                while !text.is_char_boundary(at) {
                    at += 1;
                }
            }
        }
        out.push_str(&text[start..at]);
    }
    out
}

fn string_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let size = if bytes[start..].starts_with(&[quote; 3]) { 3 } else { 1 };
    let mut at = start + size;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at..].starts_with(&[quote; 3][..size]) {
            return at + size;
        } else {
            at += 1;
        }
    }
    bytes.len()
}
