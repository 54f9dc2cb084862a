//! Turns token places into the lines and columns CPython reports, with its habits.

use super::recogniser::Recogniser;
use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};

impl Recogniser<'_> {
    /// A report for the tokens `first..=last`.
    pub fn at_tokens(&self, first: usize, last: usize, message: impl Into<String>) -> SyntaxDiagnostic {
        let (first, last) = (&self.tokens[first], &self.tokens[last]);
        self.located(
            DiagnosticKind::SyntaxError,
            message,
            (first.line as i32, first.column() + 1),
            (last.end_line as i32, last.end_column() + 1),
        )
    }

    /// From a token to where the tokenizer stands.
    pub fn since_token(&self, first: usize, message: impl Into<String>) -> SyntaxDiagnostic {
        let first = &self.tokens[first];
        let end = self.lexer.cursor.saturating_sub(self.lexer.line_start) as i32;
        self.located(DiagnosticKind::SyntaxError, message, (first.line as i32, first.column() + 1), (self.lexer.line as i32, end))
    }

    /// A report for the furthest token read.
    pub fn at_last_token(&self, kind: DiagnosticKind, message: impl Into<String>) -> SyntaxDiagnostic {
        self.at_token(kind, self.tokens.len().saturating_sub(1), message)
    }

    pub fn at_token(&self, kind: DiagnosticKind, index: usize, message: impl Into<String>) -> SyntaxDiagnostic {
        let Some(token) = self.tokens.get(index) else {
            return self.located(kind, message, (0, 0), (0, -1));
        };
        let column = match token.start {
            Some(_) => token.column() + 1,
            None => self.lexer.cursor.saturating_sub(self.lexer.line_start) as i32,
        };
        let end_column = if token.end.is_some() { token.end_column() + 1 } else { -1 };
        self.located(kind, message, (token.line as i32, column), (token.end_line as i32, end_column))
    }

    /// The innermost bracket that is still open.
    pub fn unclosed_bracket(&self) -> Option<SyntaxDiagnostic> {
        let (byte, line, column) = self.lexer.open_bracket()?;
        Some(self.located(
            DiagnosticKind::SyntaxError,
            format!("'{}' was never closed", byte as char),
            (line as i32, column as i32 + 1),
            (line as i32, 0),
        ))
    }

    /// Columns are 1-based bytes (0 or less: no place) and come out as code points, both measured in the
    /// text of the first line.
    pub fn located(
        &self,
        kind: DiagnosticKind,
        message: impl Into<String>,
        start: (i32, i32),
        end: (i32, i32),
    ) -> SyntaxDiagnostic {
        let text = self.error_line(start.0);
        let end_col = if end.1 > 0 { characters_before(&text, end.1) } else { end.1 };
        SyntaxDiagnostic {
            kind,
            message: message.into(),
            line: Some(start.0),
            col: Some(characters_before(&text, start.1)),
            end_line: Some(end.0),
            end_col: Some(end_col),
            text: Some(text),
        }
    }

    fn error_line(&self, line: i32) -> String {
        if line <= 0 {
            return String::new();
        }
        if self.lexer.line as i32 <= line {
            let current = self.source.get(self.lexer.buffer_start..self.lexer.line_end);
            return current.unwrap_or_default().to_owned();
        }
        let start = self.lines.line_start(line as usize);
        let rest = self.source.get(start..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default().to_owned()
    }
}

fn characters_before(text: &str, column: i32) -> i32 {
    if column < 0 {
        return column;
    }
    let length = (column as usize).min(text.len() + 1);
    match text.as_bytes().get(..length) {
        Some(bytes) => String::from_utf8_lossy(bytes).chars().count() as i32,
        // One past the text: the terminating byte counts as a character.
        None => text.chars().count() as i32 + 1,
    }
}
