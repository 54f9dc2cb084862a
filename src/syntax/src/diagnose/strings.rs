//! What is wrong with string literals themselves: escapes, and kinds that do not join.

use super::recogniser::{Node, Recogniser};
use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::lexer::TokenKind;
use crate::literals::{decode_bytes, decode_str, split_literal};

/// A plain literal.
pub(super) fn check_plain(recogniser: &Recogniser<'_>, index: usize) -> Option<SyntaxDiagnostic> {
    let literal = split_literal(recogniser.text(index))?;
    if literal.bytes && !literal.content.is_ascii() {
        return Some(recogniser.at_tokens(index, index, "bytes can only contain ASCII literal characters"));
    }
    let message = if literal.bytes {
        format!("(value error) {}", decode_bytes(literal.content, literal.raw).err()?)
    } else {
        format!("(unicode error) {}", decode_str(literal.content, literal.raw).err()?)
    };
    Some(recogniser.at_last_token(DiagnosticKind::SyntaxError, message))
}

/// The text parts of an f- or t-string that was read to its end.
pub(super) fn check_interpolated(recogniser: &Recogniser<'_>, node: &Node) -> Option<SyntaxDiagnostic> {
    if recogniser.text(node.first).contains(['r', 'R']) {
        return None;
    }
    let mut nested = 0;
    for index in node.first + 1..node.end.saturating_sub(1) {
        match recogniser.tokens[index].kind {
            TokenKind::FStringStart | TokenKind::TStringStart => nested += 1,
            TokenKind::FStringEnd | TokenKind::TStringEnd => nested -= 1,
            TokenKind::FStringMiddle | TokenKind::TStringMiddle if nested == 0 => {
                if let Err(message) = decode_str(recogniser.text(index), false) {
                    let message = format!("(unicode error) {message}");
                    return Some(recogniser.at_last_token(DiagnosticKind::SyntaxError, message));
                }
            }
            _ => {}
        }
    }
    None
}

/// Literals side by side.
pub(super) fn check_concatenation(recogniser: &Recogniser<'_>, parts: &Node) -> Option<SyntaxDiagnostic> {
    let is_bytes = |part: &Node| {
        recogniser.tokens[part.first].kind == TokenKind::String
            && split_literal(recogniser.text(part.first)).is_some_and(|literal| literal.bytes)
    };
    let bytes = parts.children.iter().filter(|part| is_bytes(part)).count();
    if bytes == 0 || bytes == parts.children.len() {
        return None;
    }
    Some(recogniser.at_last_token(DiagnosticKind::SyntaxError, "cannot mix bytes and nonbytes literals"))
}
