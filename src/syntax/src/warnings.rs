//! Warnings about literals that still work: doubtful escapes, and numbers that touch a keyword.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::Ranged;

use crate::diagnostic::SyntaxWarning;
use crate::literals::{DoubtfulEscape, decode_bytes, decode_str, split_literal};
use crate::source::LineIndex;

/// All warnings of a text that parsed, in reading order.
pub fn collect(source: &str, tokens: &Tokens, lines: &LineIndex) -> Vec<SyntaxWarning> {
    let mut found = Vec::new();
    let mut raw_strings: Vec<bool> = Vec::new();
    let mut previous: Option<(TokenKind, usize, usize)> = None;
    for token in tokens {
        let range = token.range();
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let text = source.get(start..end).unwrap_or_default();
        match token.kind() {
            TokenKind::String if text.contains('\\') => found.extend(in_literal(text, start, lines)),
            TokenKind::FStringStart | TokenKind::TStringStart => raw_strings.push(text.contains(['r', 'R'])),
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                raw_strings.pop();
            }
            TokenKind::FStringMiddle | TokenKind::TStringMiddle if raw_strings.last() == Some(&false) && text.contains('\\') => {
                found.extend(in_interpolated(source, text, start, lines));
            }
            kind if kind.is_keyword() => {
                if let Some((number, from, to)) = previous
                    && to == start
                    && matches!(number, TokenKind::Int | TokenKind::Float | TokenKind::Complex)
                {
                    found.push(touching_number(&source[from..to], from, to, lines));
                }
            }
            _ => {}
        }
        previous = Some((token.kind(), start, end));
    }
    found
}

fn in_literal(text: &str, start: usize, lines: &LineIndex) -> Option<SyntaxWarning> {
    let literal = split_literal(text)?;
    let decoded =
        if literal.bytes { decode_bytes(literal.content, literal.raw) } else { decode_str(literal.content, literal.raw) };
    let escape = decoded.ok()?.doubtful?;
    Some(escape_warning(literal.content, escape, start + literal.offset, lines))
}

fn in_interpolated(source: &str, text: &str, start: usize, lines: &LineIndex) -> Option<SyntaxWarning> {
    if let Some(escape) = decode_str(text, false).ok()?.doubtful {
        return Some(escape_warning(text, escape, start, lines));
    }
    // The backslash before a replacement field.
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    if backslashes % 2 == 1 && source[start + text.len()..].starts_with('{') {
        let escape = DoubtfulEscape { offset: text.len() - 1, octal: false, length: 2 };
        return Some(escape_warning(source.get(start..=start + text.len())?, escape, start, lines));
    }
    None
}

fn escape_warning(content: &str, escape: DoubtfulEscape, start: usize, lines: &LineIndex) -> SyntaxWarning {
    let sequence = content.get(escape.offset..escape.offset + escape.length).unwrap_or("\\");
    let octal = if escape.octal { "octal " } else { "" };
    let problem = format!("\"{sequence}\" is an invalid {octal}escape sequence.");
    let advice = format!("Did you mean \"\\{sequence}\"? A raw string is also an option.");
    let start = start + escape.offset;
    SyntaxWarning {
        message: format!("{problem} Such sequences will not work in the future. {advice}"),
        error_message: format!("{problem} {advice}"),
        line: lines.line(start) as u32,
        start,
        end: start + escape.length,
    }
}

fn touching_number(text: &str, start: usize, end: usize, lines: &LineIndex) -> SyntaxWarning {
    let kind = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => "hexadecimal",
        [b'0', b'o' | b'O', ..] => "octal",
        [b'0', b'b' | b'B', ..] => "binary",
        [.., b'j' | b'J'] => "imaginary",
        _ => "decimal",
    };
    let message = format!("invalid {kind} literal");
    SyntaxWarning { error_message: message.clone(), message, line: lines.line(start) as u32, start, end }
}
