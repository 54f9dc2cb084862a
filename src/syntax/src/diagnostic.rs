//! What the front end reports: one error, or a list of warnings, each with its place in the text.
//! Plain data; the Python exception is made from it elsewhere.

use crate::source::LineIndex;

/// Which exception the report becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagnosticKind {
    SyntaxError,
    IndentationError,
    TabError,
    /// `_IncompleteInputError`: only with [`crate::Flags::allow_incomplete_input`].
    Incomplete,
    /// RecursionError: the tree would be deeper than the compiler follows.
    TooDeep,
    /// MemoryError: recognising the text would nest too deeply.
    TooComplex,
}

impl DiagnosticKind {
    /// The Python class name.
    pub fn class_name(self) -> &'static str {
        match self {
            Self::SyntaxError => "SyntaxError",
            Self::IndentationError => "IndentationError",
            Self::TabError => "TabError",
            Self::Incomplete => "_IncompleteInputError",
            Self::TooDeep => "RecursionError",
            Self::TooComplex => "MemoryError",
        }
    }
}

/// An error. Lines count from 1 and columns are 1-based code points, as in `SyntaxError.lineno` and
/// `.offset`; a few reports have the odd values CPython gives them (line 0, column -1, or none at all).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxDiagnostic {
    pub kind: DiagnosticKind,
    pub message: String,
    pub line: Option<i32>,
    pub col: Option<i32>,
    pub end_line: Option<i32>,
    pub end_col: Option<i32>,
    /// The source line, with its newline.
    pub text: Option<String>,
}

impl SyntaxDiagnostic {
    /// A report without a place.
    pub fn bare(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), line: None, col: None, end_line: None, end_col: None, text: None }
    }

    /// A report for the bytes `start..end` of `source`.
    pub fn spanning(
        kind: DiagnosticKind,
        message: impl Into<String>,
        source: &str,
        lines: &LineIndex,
        start: usize,
        end: usize,
    ) -> Self {
        let (line, col) = lines.char_position(source, start);
        let (end_line, end_col) = lines.char_position(source, end);
        Self {
            kind,
            message: message.into(),
            line: Some(line as i32),
            col: Some(col as i32 + 1),
            end_line: Some(end_line as i32),
            end_col: Some(end_col as i32 + 1),
            text: Some(lines.line_text(source, line)),
        }
    }
}

/// A SyntaxWarning found while reading tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxWarning {
    pub message: String,
    /// The text when the warning is turned into an error.
    pub error_message: String,
    pub line: u32,
    /// Byte offsets of the text it speaks of.
    pub start: usize,
    pub end: usize,
}
