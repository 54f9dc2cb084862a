//! What compilation can report: errors and warnings as plain data.

use crate::source::SourceMap;
use ruff_text_size::TextRange;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// SyntaxError.
    Syntax,
    /// RecursionError: nested too deeply.
    Recursion,
    /// OverflowError/MemoryError-like: the code does not fit the bytecode format.
    TooLarge,
}

/// Lines from 1, columns in characters from 1 (`SyntaxError.offset`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    pub kind: ErrorKind,
    pub message: String,
    pub line: u32,
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
    /// The two columns in bytes from 1, for who has no text to show.
    pub byte_cols: (u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningKind {
    Syntax,
    Deprecation,
}

/// A warning to emit with the file name of the unit; if it is turned into an error it is a SyntaxError at this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub kind: WarningKind,
    pub message: String,
    pub line: u32,
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
}

pub type Result<T = ()> = std::result::Result<T, CompileError>;

pub(crate) fn error_at(map: &SourceMap, range: TextRange, message: impl Into<String>) -> CompileError {
    CompileError {
        kind: ErrorKind::Syntax,
        message: message.into(),
        line: map.locate(range.start()).0,
        col: map.character_column(range.start()),
        end_line: map.locate(range.end()).0,
        end_col: map.character_column(range.end()),
        byte_cols: (map.locate(range.start()).1 + 1, map.locate(range.end()).1 + 1),
    }
}

pub(crate) fn recursion_error(map: &SourceMap, range: TextRange) -> CompileError {
    CompileError { kind: ErrorKind::Recursion, ..error_at(map, range, "maximum recursion depth exceeded during compilation") }
}

/// Guards the native stack: recursion over the tree asks before it goes deeper.
#[derive(Clone, Copy)]
pub(crate) struct StackGuard {
    limit: usize,
}

impl StackGuard {
    pub fn new(budget: usize) -> StackGuard {
        let marker = 0u8;
        StackGuard { limit: (std::ptr::from_ref(&marker) as usize).saturating_sub(budget) }
    }

    /// Whether there is room for one more level.
    #[inline]
    pub fn has_room(self) -> bool {
        let marker = 0u8;
        std::ptr::from_ref(&marker) as usize > self.limit
    }
}
