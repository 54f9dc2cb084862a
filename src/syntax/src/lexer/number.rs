//! Number literals, with the warnings for keywords that touch them left to the caller's own pass.

use super::{Failure, Lexer, Token, TokenKind};

impl Lexer<'_> {
    pub(super) fn number(&mut self, first: u8) -> Result<Token, Failure> {
        if first != b'0' {
            let byte = self.decimal_tail()?;
            return self.after_integer(byte);
        }
        let mut byte = self.next();
        match byte {
            Some(b'x' | b'X') => {
                return self.radix("hexadecimal", |digit| digit.is_ascii_hexdigit());
            }
            Some(b'o' | b'O') => return self.radix("octal", |digit| (b'0'..b'8').contains(&digit)),
            Some(b'b' | b'B') => return self.radix("binary", |digit| matches!(digit, b'0' | b'1')),
            _ => {}
        }
        loop {
            if byte == Some(b'_') {
                byte = self.next();
                if !is_digit(byte) {
                    self.back(byte);
                    return self.error("invalid decimal literal");
                }
            }
            if byte != Some(b'0') {
                break;
            }
            byte = self.next();
        }
        let zeros_end = self.cursor;
        let mut nonzero = false;
        if is_digit(byte) {
            nonzero = true;
            byte = self.decimal_tail()?;
        }
        if nonzero && !self.extra_tokens && !matches!(byte, Some(b'.' | b'e' | b'E' | b'j' | b'J')) {
            self.back(byte);
            let column = self.characters(self.line_start, self.start) + 1;
            let end = self.characters(self.line_start, zeros_end);
            return self.error_range(
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                column,
                end,
            );
        }
        self.after_integer(byte)
    }

    /// After `.` and the first digit of a number like `.5`.
    pub(super) fn fraction(&mut self) -> Result<Token, Failure> {
        let byte = self.decimal_tail()?;
        self.after_fraction(byte)
    }

    fn after_integer(&mut self, mut byte: Option<u8>) -> Result<Token, Failure> {
        if byte == Some(b'.') {
            byte = self.next();
            if is_digit(byte) {
                byte = self.decimal_tail()?;
            }
        }
        self.after_fraction(byte)
    }

    fn after_fraction(&mut self, mut byte: Option<u8>) -> Result<Token, Failure> {
        if let Some(b'e' | b'E') = byte {
            let exponent = byte;
            byte = self.next();
            if matches!(byte, Some(b'+' | b'-')) {
                byte = self.next();
                if !is_digit(byte) {
                    self.back(byte);
                    return self.error("invalid decimal literal");
                }
            } else if !is_digit(byte) {
                self.back(byte);
                self.check_end(exponent, "decimal")?;
                self.back(exponent);
                return Ok(self.here(TokenKind::Number));
            }
            byte = self.decimal_tail()?;
        }
        if let Some(b'j' | b'J') = byte {
            byte = self.next();
            return self.finish(byte, "imaginary");
        }
        self.finish(byte, "decimal")
    }

    fn finish(&mut self, byte: Option<u8>, kind: &str) -> Result<Token, Failure> {
        self.check_end(byte, kind)?;
        self.back(byte);
        Ok(self.here(TokenKind::Number))
    }

    fn radix(&mut self, kind: &str, is_valid: fn(u8) -> bool) -> Result<Token, Failure> {
        let mut byte = self.next();
        loop {
            if byte == Some(b'_') {
                byte = self.next();
            }
            if !byte.is_some_and(is_valid) {
                if let Some(digit) = byte.filter(u8::is_ascii_digit) {
                    return self.error(format!("invalid digit '{}' in {kind} literal", digit as char));
                }
                self.back(byte);
                return self.error(format!("invalid {kind} literal"));
            }
            while byte.is_some_and(is_valid) {
                byte = self.next();
            }
            if byte != Some(b'_') {
                break;
            }
        }
        if let Some(digit) = byte.filter(u8::is_ascii_digit) {
            return self.error(format!("invalid digit '{}' in {kind} literal", digit as char));
        }
        self.finish(byte, kind)
    }

    fn decimal_tail(&mut self) -> Result<Option<u8>, Failure> {
        loop {
            let mut byte = self.next();
            while is_digit(byte) {
                byte = self.next();
            }
            if byte != Some(b'_') {
                return Ok(byte);
            }
            byte = self.next();
            if !is_digit(byte) {
                self.back(byte);
                return self.error("invalid decimal literal");
            }
        }
    }

    /// `byte` was read after the number: a keyword may touch it, other letters may not.
    fn check_end(&mut self, byte: Option<u8>, kind: &str) -> Result<(), Failure> {
        let Some(letter) = byte else { return Ok(()) };
        let rest = &self.bytes[self.cursor..];
        let keyword = match letter {
            b'a' => is_word(rest, b"nd"),
            b'e' => is_word(rest, b"lse"),
            b'f' => is_word(rest, b"or"),
            b'i' => matches!(rest.first(), Some(b'f' | b'n' | b's')),
            b'o' => is_word(rest, b"r"),
            b'n' => is_word(rest, b"ot"),
            _ => false,
        };
        if !keyword && !self.extra_tokens && (letter == b'_' || letter.is_ascii_alphanumeric()) {
            self.back(byte);
            return self.error(format!("invalid {kind} literal"));
        }
        Ok(())
    }
}

fn is_digit(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit())
}

/// `rest` begins with the rest of a keyword, and the word ends there.
fn is_word(rest: &[u8], word: &[u8]) -> bool {
    rest.strip_prefix(word)
        .is_some_and(|after| !matches!(after.first(), Some(b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..)))
}
