//! The token stream behind `_tokenize.TokenizerIter`: type numbers, texts, lines and columns as CPython gives them.

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::lexer::{Failure, Lexer, Token, TokenKind};

/// One item of the stream. Lines count from 1, columns are 0-based code points (-1: none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    pub kind: u8,
    pub text: String,
    pub start: (i32, i32),
    pub end: (i32, i32),
    /// The physical lines the token lies on.
    pub line: String,
}

/// Tokens of a text, one at a time. `extra_tokens` adds COMMENT and NL, gives every operator the type OP and
/// overlooks what `tokenize` overlooks.
pub struct Tokenizer<'s> {
    source: &'s str,
    lexer: Lexer<'s>,
    extra_tokens: bool,
    /// The text's own length; a newline past it was put there by [`complete`].
    written: usize,
    finished: bool,
}

/// The text with a final newline, as [`Tokenizer`] wants it.
pub fn complete(source: &str) -> String {
    let mut text = source.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

impl<'s> Tokenizer<'s> {
    /// `source` comes from [`complete`]; `written` is the length before that.
    pub fn new(source: &'s str, written: usize, extra_tokens: bool) -> Self {
        Self { source, lexer: Lexer::new(source, extra_tokens), extra_tokens, written, finished: false }
    }

    fn convert(&self, token: Token) -> TokenInfo {
        let text = match (token.start, token.end) {
            (Some(start), Some(end)) => self.source.get(start..end).unwrap_or_default(),
            _ => "",
        };
        let mut info = TokenInfo {
            kind: self.number(token.kind),
            text: text.to_owned(),
            start: (token.line as i32, self.column(token.line_start, token.start)),
            end: (token.end_line as i32, self.column(token.end_line_start, token.end)),
            line: self.lines_of(&token),
        };
        let is_line_end = matches!(token.kind, TokenKind::Newline | TokenKind::Nl);
        if self.extra_tokens && is_line_end && token.end.is_some_and(|end| end > self.written) {
            info.text.clear();
        }
        if token.kind == TokenKind::Newline && !self.extra_tokens {
            // Without its newline character.
            info.text.pop();
            info.end.1 -= i32::from(token.end.is_some_and(|end| end > token.start.unwrap_or(end)));
        }
        let trails = token.kind == TokenKind::EndMarker || (token.kind == TokenKind::Dedent && self.lexer.at_end);
        if self.extra_tokens && trails {
            let line = self.lexer.line as i32 + 1;
            info.start = (line, 0);
            info.end = (line, 0);
            info.line.clear();
        }
        info
    }

    fn number(&self, kind: TokenKind) -> u8 {
        let number = kind as u8;
        let is_operator = number > TokenKind::Dedent as u8 && number < TokenKind::Op as u8;
        if self.extra_tokens && is_operator { TokenKind::Op as u8 } else { number }
    }

    fn column(&self, line_start: usize, offset: Option<usize>) -> i32 {
        let Some(offset) = offset else { return -1 };
        self.source.get(line_start..offset).map_or(0, |text| text.chars().count() as i32)
    }

    fn lines_of(&self, token: &Token) -> String {
        let end = self.lexer.line_end.min(self.written);
        self.source.get(token.line_start..end.max(token.line_start)).unwrap_or_default().to_owned()
    }

    fn failure(&self, failure: Failure) -> SyntaxDiagnostic {
        match failure {
            Failure::Worded(diagnostic) => *diagnostic,
            Failure::EndOfFile => {
                let message = "unexpected EOF in multi-line statement";
                let mut diagnostic = SyntaxDiagnostic::bare(DiagnosticKind::SyntaxError, message);
                let unread = if self.lexer.level() > 0 && !self.lexer.in_string() {
                    0
                } else {
                    self.lexer.cursor - self.lexer.buffer_start
                };
                diagnostic.line = Some(self.lexer.line as i32);
                diagnostic.col = Some(unread as i32);
                diagnostic
            }
            Failure::Dedent => {
                self.at_line_end(DiagnosticKind::IndentationError, "unindent does not match any outer indentation level")
            }
            Failure::TabSpace => self.at_line_end(DiagnosticKind::TabError, "inconsistent use of tabs and spaces in indentation"),
            Failure::TooDeep => self.at_line_end(DiagnosticKind::IndentationError, "too many levels of indentation"),
            Failure::LineContinuation => {
                self.at_line_end(DiagnosticKind::SyntaxError, "unexpected character after line continuation character")
            }
        }
    }

    fn at_line_end(&self, kind: DiagnosticKind, message: &str) -> SyntaxDiagnostic {
        let text = self.source.get(self.lexer.line_start..self.lexer.line_end).unwrap_or_default();
        let mut diagnostic = SyntaxDiagnostic::bare(kind, message);
        diagnostic.line = Some(self.lexer.line as i32);
        diagnostic.col = Some(text.chars().count() as i32);
        diagnostic.text = Some(text.trim_end_matches('\n').to_owned());
        diagnostic
    }
}

impl Iterator for Tokenizer<'_> {
    type Item = Result<TokenInfo, SyntaxDiagnostic>;

    /// Ends after ENDMARKER or an error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        match self.lexer.next_token() {
            Ok(token) => {
                self.finished = token.kind == TokenKind::EndMarker;
                Some(Ok(self.convert(token)))
            }
            Err(failure) => {
                self.finished = true;
                Some(Err(self.failure(failure)))
            }
        }
    }
}
