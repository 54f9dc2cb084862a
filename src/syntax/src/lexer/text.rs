//! Names and plain string literals.

use super::{Failure, Lexer, Token, TokenKind};

/// Prefix letters that may not stand together, in the order they are looked for.
const INCOMPATIBLE_PREFIXES: [(u8, u8); 7] =
    [(b'u', b'b'), (b'u', b'r'), (b'u', b'f'), (b'u', b't'), (b'b', b'f'), (b'b', b't'), (b'f', b't')];

impl Lexer<'_> {
    pub(super) fn name_or_string(&mut self, first: u8) -> Result<Token, Failure> {
        let mut seen = Vec::new();
        let mut byte = Some(first);
        while let Some(letter) = byte.map(|byte| byte.to_ascii_lowercase()) {
            if !matches!(letter, b'b' | b'u' | b'r' | b'f' | b't') || seen.contains(&letter) {
                break;
            }
            seen.push(letter);
            byte = self.next();
            if let Some(quote @ (b'\'' | b'"')) = byte {
                return self.prefixed_string(quote, &seen);
            }
        }
        let mut non_ascii = false;
        while let Some(b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80..) = byte {
            non_ascii |= byte.is_some_and(|byte| byte >= 0x80);
            byte = self.next();
        }
        self.back(byte);
        if non_ascii && !self.extra_tokens {
            self.check_identifier()?;
        }
        Ok(self.here(TokenKind::Name))
    }

    fn prefixed_string(&mut self, quote: u8, seen: &[u8]) -> Result<Token, Failure> {
        for (first, second) in INCOMPATIBLE_PREFIXES {
            if seen.contains(&first) && seen.contains(&second) {
                let column = self.characters(self.line_start, self.start) + 1;
                let end = self.characters(self.line_start, self.cursor);
                return self.error_range(
                    format!("'{}' and '{}' prefixes are incompatible", first as char, second as char),
                    column,
                    end,
                );
            }
        }
        let raw = seen.contains(&b'r');
        if seen.contains(&b'f') {
            self.open_interpolated(quote, 'f', raw)
        } else if seen.contains(&b't') {
            self.open_interpolated(quote, 't', raw)
        } else {
            self.string(quote)
        }
    }

    fn check_identifier(&mut self) -> Result<(), Failure> {
        let Some(name) = self.source.get(self.start..self.cursor) else {
            return Ok(());
        };
        let mut allowed = crate::identifier::is_start as fn(char) -> bool;
        for (offset, character) in name.char_indices() {
            if !allowed(character) {
                self.cursor = self.start + offset + character.len_utf8();
                let code = character as u32;
                return self.error(if crate::identifier::is_printable(character) {
                    format!("invalid character '{character}' (U+{code:04X})")
                } else {
                    format!("invalid non-printable character U+{code:04X}")
                });
            }
            allowed = crate::identifier::is_continue;
        }
        Ok(())
    }

    pub(super) fn string(&mut self, quote: u8) -> Result<Token, Failure> {
        self.first_line = self.line;
        self.first_line_start = self.line_start;
        let mut quote_size = 1;
        let mut closing = 0;
        let second = self.next();
        if second == Some(quote) {
            let third = self.next();
            if third == Some(quote) {
                quote_size = 3;
            } else {
                self.back(third);
                closing = 1;
            }
        } else {
            self.back(second);
        }
        let mut escaped_quote = false;
        while closing != quote_size {
            let byte = self.next();
            if byte.is_none() || (quote_size == 1 && byte == Some(b'\n')) {
                return self.unterminated_string(quote, quote_size, escaped_quote);
            }
            if byte == Some(quote) {
                closing += 1;
                continue;
            }
            closing = 0;
            if byte == Some(b'\\') && self.next() == Some(quote) {
                escaped_quote = true;
            }
        }
        // Messages about what follows show the last line only.
        self.buffer_start = self.line_start;
        Ok(self.here(TokenKind::String))
    }

    fn unterminated_string(&mut self, quote: u8, quote_size: usize, escaped_quote: bool) -> Result<Token, Failure> {
        let detected = self.line;
        self.cursor = self.start + 1;
        self.line = self.first_line;
        self.line_start = self.first_line_start;
        if let Some(outer) = self.strings.last()
            && outer.quote == quote
            && outer.quote_size == quote_size
        {
            return self.error(format!("{}-string: expecting '}}'", outer.prefix));
        }
        self.unterminated = self.at_end;
        if quote_size == 3 {
            return self.error(format!("unterminated triple-quoted string literal (detected at line {detected})"));
        }
        let hint = if escaped_quote { "; perhaps you escaped the end quote?" } else { "" };
        self.error(format!("unterminated string literal (detected at line {detected}){hint}"))
    }
}
