//! `from __future__ import barry_as_FLUFL`: `<>` stands for `!=`.

use crate::lexer::{Lexer, TokenKind};
use crate::parse::Flags;

pub fn is_asked_for(source: &str, flags: Flags) -> bool {
    flags.barry_as_flufl || (source.contains("barry_as_FLUFL") && source.contains("__future__"))
}

/// The text with `<>` written the usual way, of the same length; `None` when nothing changes.
pub fn with_modern_operators(source: &str, flags: Flags) -> Option<String> {
    if !is_asked_for(source, flags) {
        return None;
    }
    let mut lexer = Lexer::new(source, false);
    let mut changed = source.as_bytes().to_vec();
    let mut active = flags.barry_as_flufl;
    lexer.old_not_equal = active;
    while let Ok(token) = lexer.next_token() {
        if token.kind == TokenKind::EndMarker {
            break;
        }
        let (Some(start), Some(end)) = (token.start, token.end) else { continue };
        match source.get(start..end) {
            Some("barry_as_FLUFL") => {
                active = true;
                lexer.old_not_equal = true;
            }
            Some("<>") if active => changed[start..end].copy_from_slice(b"!="),
            _ => {}
        }
    }
    String::from_utf8(changed).ok()
}
