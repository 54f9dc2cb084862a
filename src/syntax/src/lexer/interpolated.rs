//! The text parts of f-strings and t-strings, and where their replacement fields begin and end.

use super::{Failure, Interpolated, Lexer, Token, TokenKind};

const MAX_NESTED_STRINGS: usize = 150;
const MAX_NESTED_FIELDS: i32 = 3;

impl Lexer<'_> {
    /// The opening of an f- or t-string whose prefix was read; `quote` is the byte just read.
    pub(super) fn open_interpolated(&mut self, quote: u8, prefix: char, raw: bool) -> Result<Token, Failure> {
        self.first_line = self.line;
        self.first_line_start = self.line_start;
        let second = self.next();
        let mut quote_size = 1;
        if second == Some(quote) {
            let third = self.next();
            if third == Some(quote) {
                quote_size = 3;
            } else {
                self.back(third);
                self.back(second);
            }
        } else {
            self.back(second);
        }
        if self.strings.len() + 2 > MAX_NESTED_STRINGS {
            return self.error("too many nested f-strings or t-strings");
        }
        let string = Interpolated {
            in_text: true,
            prefix,
            quote,
            quote_size,
            raw,
            start: self.start,
            line: self.line,
            line_start: self.line_start,
            bracket_depth: 0,
            field_depth: -1,
            in_format_spec: false,
        };
        self.strings.push(string);
        Ok(self.here(if prefix == 't' { TokenKind::TStringStart } else { TokenKind::FStringStart }))
    }

    /// The next piece: text, the closing quotes, or the start of a field.
    pub(super) fn interpolated_text(&mut self) -> Result<Token, Failure> {
        let Some(string) = self.strings.last().cloned() else {
            return self.regular();
        };
        let (middle, end) = if string.prefix == 't' {
            (TokenKind::TStringMiddle, TokenKind::TStringEnd)
        } else {
            (TokenKind::FStringMiddle, TokenKind::FStringEnd)
        };
        // Steps onto the next line first when the last piece ended one.
        self.between_tokens = false;
        self.buffer_start = self.line_start;
        let first = self.next();
        self.back(first);
        self.start = self.cursor;
        self.first_line = self.line;
        self.first_line_start = self.line_start;
        if first == Some(b'{') && self.bytes.get(self.cursor + 1) != Some(&b'{') {
            self.open_field()?;
            return self.regular();
        }
        let rest = &self.bytes[self.cursor..];
        if rest.len() >= string.quote_size && rest[..string.quote_size].iter().all(|&byte| byte == string.quote) {
            self.cursor += string.quote_size;
            self.strings.pop();
            return Ok(self.here(end));
        }
        self.interpolated_middle(&string, middle)
    }

    fn open_field(&mut self) -> Result<(), Failure> {
        let Some(string) = self.strings.last_mut() else {
            return Ok(());
        };
        string.field_depth += 1;
        let (depth, prefix) = (string.field_depth, string.prefix);
        string.in_text = false;
        if depth >= MAX_NESTED_FIELDS {
            return self.error(format!("{prefix}-string: expressions nested too deeply"));
        }
        Ok(())
    }

    fn leave_text(&mut self) {
        if let Some(string) = self.strings.last_mut() {
            string.in_text = false;
        }
    }

    fn interpolated_middle(&mut self, string: &Interpolated, kind: TokenKind) -> Result<Token, Failure> {
        let in_format_spec = string.in_format_spec && string.field_depth >= 0;
        let mut named_escape = false;
        let mut quotes = 0;
        while quotes != string.quote_size {
            let byte = self.next();
            if byte.is_none() || (string.quote_size == 1 && byte == Some(b'\n')) {
                if in_format_spec && byte == Some(b'\n') {
                    let prefix = string.prefix;
                    return self.error(format!(
                        "{prefix}-string: newlines are not allowed in format specifiers for single quoted {prefix}-strings"
                    ));
                }
                return self.unterminated_interpolated(string);
            }
            if byte == Some(string.quote) {
                quotes += 1;
                continue;
            }
            quotes = 0;
            match byte {
                Some(b'{') => {
                    let ahead = self.next();
                    if ahead != Some(b'{') || in_format_spec {
                        self.back(ahead);
                        self.back(byte);
                        self.open_field()?;
                        return Ok(self.here(kind));
                    }
                    return Ok(self.token(kind, Some((self.start, self.cursor - 1))));
                }
                Some(b'}') => {
                    if named_escape {
                        return Ok(self.here(kind));
                    }
                    let ahead = self.next();
                    if ahead == Some(b'}') && !in_format_spec && string.bracket_depth == 0 {
                        return Ok(self.token(kind, Some((self.start, self.cursor - 1))));
                    }
                    self.back(ahead);
                    self.back(byte);
                    self.leave_text();
                    return Ok(self.here(kind));
                }
                Some(b'\\') => {
                    let ahead = self.next();
                    if matches!(ahead, Some(b'{' | b'}')) {
                        self.back(ahead);
                    } else if !string.raw && ahead == Some(b'N') {
                        let brace = self.next();
                        if brace == Some(b'{') {
                            named_escape = true;
                        } else {
                            self.back(brace);
                        }
                    }
                }
                _ => {}
            }
        }
        self.cursor -= string.quote_size;
        Ok(self.here(kind))
    }

    fn unterminated_interpolated(&mut self, string: &Interpolated) -> Result<Token, Failure> {
        let detected = self.line;
        self.unterminated = self.at_end && string.quote_size == 3;
        self.cursor = string.start + 1;
        self.line = string.line;
        self.line_start = string.line_start;
        self.buffer_start = string.line_start;
        let triple = if string.quote_size == 3 { "triple-quoted " } else { "" };
        self.error(format!("unterminated {triple}{}-string literal (detected at line {detected})", string.prefix))
    }
}
