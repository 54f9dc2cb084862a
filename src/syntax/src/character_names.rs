//! `\N{...}` with names that ruff's parser has not heard of: those that Unicode derives from code points by a rule. Must not know: trees.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::Ranged;

/// The text with named characters of plain string literals as numeric escapes of the same length, so that no place moves: joined
/// lines fill up what a number is shorter. None if there is nothing to replace.
pub fn spelt_out(source: &str, tokens: &Tokens) -> Option<String> {
    let mut text = source.as_bytes().to_vec();
    let mut changed = false;
    for token in tokens.iter().filter(|token| token.kind() == TokenKind::String) {
        let range = token.range().to_std_range();
        let Some(literal) = source.get(range.clone()).and_then(crate::literals::split_literal) else { continue };
        if literal.raw || literal.bytes {
            continue;
        }
        let mut at = 0;
        let bytes = literal.content.as_bytes();
        while at + 1 < bytes.len() {
            if bytes[at] != b'\\' {
                at += 1;
                continue;
            }
            if let Some((code, length)) = named(&literal.content[at..])
                && let Some(escape) = numeric(code, length)
            {
                let start = range.start + literal.offset + at;
                text[start..start + length].copy_from_slice(escape.as_bytes());
                changed = true;
                at += length;
                continue;
            }
            at += 1 + literal.content[at + 1..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if changed { String::from_utf8(text).ok() } else { None }
}

/// The character of a `\N{...}` and the length of the escape.
fn named(escape: &str) -> Option<(u32, usize)> {
    let rest = escape.strip_prefix("\\N{")?;
    let name = &rest[..rest.find('}')?];
    match unicode_tables::lookup(name, true, false)? {
        unicode_tables::Named::Character(code) => Some((code, name.len() + 4)),
        _ => None,
    }
}

fn numeric(code: u32, length: usize) -> Option<String> {
    let mut escape = format!("\\U{code:08x}");
    let mut missing = length.checked_sub(escape.len())?;
    if missing % 2 == 1 {
        missing = missing.checked_sub(3)?;
        escape.push_str("\\\r\n");
    }
    for _ in 0..missing / 2 {
        escape.push_str("\\\n");
    }
    Some(escape)
}

#[cfg(test)]
mod tests {
    #[test]
    fn keeps_the_length() {
        for length in [12, 13, 14, 25] {
            assert_eq!(super::numeric(0x17000, length).map(|escape| escape.len()), Some(length));
        }
        assert_eq!(super::numeric(0x17000, 11), None);
    }
}
