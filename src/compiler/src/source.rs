//! Source positions: byte offsets of the tree to lines and columns. Must not know: the compiler.

use bytecode::Position;
use ruff_text_size::{TextRange, TextSize};

/// Maps the tree's offsets to positions. A tree that was not parsed from text can bring its own table.
pub enum SourceMap<'a> {
    Text {
        text: &'a str,
        line_starts: Vec<u32>,
    },
    /// For a tree built from `ast` objects: offset `i` stands for `table[i]` = (line, column in bytes). Texts of literals are as
    /// [`syntax::marked_text`] makes them.
    Table(&'a [(u32, u32)]),
}

impl<'a> SourceMap<'a> {
    pub fn new(text: &'a str) -> SourceMap<'a> {
        let bytes = text.as_bytes();
        let mut line_starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n')) {
                line_starts.push(index as u32 + 1);
            }
        }
        SourceMap::Text { text, line_starts }
    }

    /// Line from 1 and column in bytes from 0.
    pub fn locate(&self, offset: TextSize) -> (u32, u32) {
        let offset = offset.to_u32();
        match self {
            SourceMap::Text { line_starts, .. } => {
                let line = line_starts.partition_point(|&start| start <= offset).max(1);
                (line as u32, offset - line_starts[line - 1])
            }
            SourceMap::Table(table) => table.get(offset as usize).copied().unwrap_or((1, 0)),
        }
    }

    pub fn position(&self, range: TextRange) -> Position {
        let (line, column) = self.locate(range.start());
        let (end_line, end_column) = self.locate(range.end());
        Position { line, end_line, column, end_column }
    }

    /// The source text of a range, if there is text.
    pub fn slice(&self, range: TextRange) -> Option<&'a str> {
        match self {
            SourceMap::Text { text, .. } => text.get(range.start().to_usize()..range.end().to_usize()),
            SourceMap::Table(_) => None,
        }
    }

    /// Column in characters from 1, as SyntaxError shows it.
    pub fn character_column(&self, offset: TextSize) -> u32 {
        let (_, column) = self.locate(offset);
        let SourceMap::Text { text, .. } = self else { return column + 1 };
        let end = offset.to_usize();
        let start = end - column as usize;
        text.get(start..end).map_or(column, |head| head.chars().count() as u32) + 1
    }
}
