//! A tokenizer that behaves as CPython's does, errors and all: used to word errors and for `tokenize`.
//! Trees are built from ruff's own tokens; this one only runs when a text was refused or tokens are asked for.

mod interpolated;
mod kind;
mod number;
mod text;

pub use kind::TokenKind;

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use std::ops::{Deref, DerefMut};

const TAB_SIZE: usize = 8;
const MAX_INDENTS: usize = 100;
const MAX_PARENTHESES: usize = 200;

/// One token. `start`/`end` are byte offsets, absent where CPython has no place for the token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub start: Option<usize>,
    pub end: Option<usize>,
    pub line: usize,
    pub line_start: usize,
    pub end_line: usize,
    pub end_line_start: usize,
    /// Open brackets after this token.
    pub level: usize,
}

impl Token {
    /// 0-based byte column, or -1.
    pub fn column(&self) -> i32 {
        self.start.map_or(-1, |start| start.saturating_sub(self.line_start) as i32)
    }

    pub fn end_column(&self) -> i32 {
        self.end.map_or(-1, |end| end.saturating_sub(self.end_line_start) as i32)
    }
}

/// Why no token came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Already worded and placed.
    Worded(Box<SyntaxDiagnostic>),
    EndOfFile,
    Dedent,
    TabSpace,
    TooDeep,
    LineContinuation,
}

/// One f-string or t-string being read.
#[derive(Clone, Debug)]
struct Interpolated {
    in_text: bool,
    prefix: char,
    quote: u8,
    quote_size: usize,
    raw: bool,
    start: usize,
    line: usize,
    line_start: usize,
    bracket_depth: i32,
    /// Bracket depth at which the innermost replacement field began; -1 outside fields.
    field_depth: i32,
    in_format_spec: bool,
}

#[derive(Clone, Copy)]
struct Bracket {
    byte: u8,
    line: usize,
    column: usize,
}

/// How far a text was read, and what that told.
#[derive(Clone)]
pub struct State {
    pub cursor: usize,
    start: usize,
    /// End of the current line.
    pub line_end: usize,
    /// Start of the text kept for messages: the line where the running token began.
    pub buffer_start: usize,
    between_tokens: bool,
    pub line: usize,
    pub line_start: usize,
    first_line: usize,
    first_line_start: usize,
    at_line_start: bool,
    indents: Vec<(usize, usize)>,
    pending: i32,
    brackets: Vec<Bracket>,
    strings: Vec<Interpolated>,
    pub at_end: bool,
    pub failed: bool,
    /// The failure was not for want of more text.
    pub broken_before_end: bool,
    unterminated: bool,
    /// `<>` is one token, as `from __future__ import barry_as_FLUFL` asks.
    pub old_not_equal: bool,
    /// COMMENT, NL and places for every token; brackets need not match.
    extra_tokens: bool,
    /// The comment just given had a line of its own.
    comment_line: bool,
    /// The text is known to its end. Otherwise it ends with a whole line.
    pub is_whole: bool,
    /// A line was wanted that is not known yet: what was read since the last token is to be read again with more text.
    pub wants_line: bool,
}

impl State {
    /// At the beginning of a whole text.
    pub fn new(extra_tokens: bool) -> State {
        State {
            cursor: 0,
            start: 0,
            line_end: 0,
            buffer_start: 0,
            between_tokens: true,
            line: 0,
            line_start: 0,
            first_line: 0,
            first_line_start: 0,
            at_line_start: true,
            indents: vec![(0, 0)],
            pending: 0,
            brackets: Vec::new(),
            strings: Vec::new(),
            at_end: false,
            failed: false,
            broken_before_end: false,
            unterminated: false,
            extra_tokens,
            comment_line: false,
            old_not_equal: false,
            is_whole: true,
            wants_line: false,
        }
    }

    /// How many brackets are open.
    pub fn level(&self) -> usize {
        self.brackets.len()
    }

    /// Inside an f-string or t-string.
    pub fn in_string(&self) -> bool {
        !self.strings.is_empty()
    }
}

pub struct Lexer<'s> {
    source: &'s str,
    bytes: &'s [u8],
    pub state: State,
}

impl Deref for Lexer<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        &self.state
    }
}
impl DerefMut for Lexer<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl<'s> Lexer<'s> {
    pub fn new(source: &'s str, extra_tokens: bool) -> Self {
        Self::resume(source, State::new(extra_tokens))
    }

    /// Goes on reading a text, of which there may be more now.
    pub fn resume(source: &'s str, state: State) -> Self {
        Self { source, bytes: source.as_bytes(), state }
    }

    /// The innermost open bracket: (byte, line, byte column).
    pub fn open_bracket(&self) -> Option<(u8, usize, usize)> {
        self.brackets.last().map(|bracket| (bracket.byte, bracket.line, bracket.column))
    }

    pub fn has_indents(&self) -> bool {
        self.indents.len() > 1
    }

    /// Makes the coming tokens close every open block (end of interactive input).
    pub fn close_blocks(&mut self) {
        self.pending = -((self.indents.len() - 1) as i32);
        self.indents.truncate(1);
    }

    pub fn next_token(&mut self) -> Result<Token, Failure> {
        let outcome =
            if self.strings.last().is_some_and(|string| string.in_text) { self.interpolated_text() } else { self.regular() };
        if outcome.is_ok() {
            // Messages about what follows show this line only.
            self.buffer_start = self.line_start;
        }
        if let Err(failure) = &outcome {
            self.failed = true;
            let wants_more = matches!(failure, Failure::EndOfFile) || (self.at_end && self.unterminated);
            self.broken_before_end = !wants_more;
        }
        outcome
    }

    fn next(&mut self) -> Option<u8> {
        if self.cursor == self.line_end {
            if self.at_end || self.cursor >= self.bytes.len() {
                self.at_end = self.is_whole;
                self.wants_line |= !self.is_whole;
                return None;
            }
            self.line_start = self.cursor;
            if self.between_tokens {
                self.buffer_start = self.cursor;
            }
            self.line += 1;
            let rest = &self.bytes[self.cursor..];
            self.line_end = self.cursor + rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        }
        let byte = self.bytes[self.cursor];
        self.cursor += 1;
        Some(byte)
    }

    fn back(&mut self, byte: Option<u8>) {
        if byte.is_some() {
            self.cursor = self.cursor.saturating_sub(1);
        }
    }

    fn token(&self, kind: TokenKind, place: Option<(usize, usize)>) -> Token {
        let multi_line = matches!(
            kind,
            TokenKind::String
                | TokenKind::FStringStart
                | TokenKind::FStringMiddle
                | TokenKind::TStringStart
                | TokenKind::TStringMiddle
        );
        Token {
            kind,
            start: place.map(|place| place.0),
            end: place.map(|place| place.1),
            line: if multi_line { self.first_line } else { self.line },
            line_start: if multi_line { self.first_line_start } else { self.line_start },
            end_line: self.line,
            end_line_start: self.line_start,
            level: self.brackets.len(),
        }
    }

    fn here(&self, kind: TokenKind) -> Token {
        self.token(kind, Some((self.start, self.cursor)))
    }

    /// An error at the cursor, worded.
    fn error<T>(&self, message: impl Into<String>) -> Result<T, Failure> {
        let column = self.characters(self.line_start, self.cursor);
        self.error_range(message, column, column)
    }

    fn error_range<T>(&self, message: impl Into<String>, column: usize, end_column: usize) -> Result<T, Failure> {
        let rest = &self.bytes[self.line_start.min(self.bytes.len())..];
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        Err(Failure::Worded(Box::new(SyntaxDiagnostic {
            kind: DiagnosticKind::SyntaxError,
            message: message.into(),
            line: Some(self.line as i32),
            col: Some(column as i32),
            end_line: Some(self.line as i32),
            end_col: Some(end_column as i32),
            text: Some(String::from_utf8_lossy(&rest[..length]).into_owned()),
        })))
    }

    fn characters(&self, start: usize, end: usize) -> usize {
        self.bytes.get(start..end).map_or(0, |bytes| String::from_utf8_lossy(bytes).chars().count())
    }

    fn regular(&mut self) -> Result<Token, Failure> {
        loop {
            self.between_tokens = true;
            let mut blank_line = false;
            if self.at_line_start {
                self.at_line_start = false;
                blank_line = self.indentation()?;
            }
            self.start = self.cursor;
            if self.pending != 0 {
                let kind = if self.pending < 0 { TokenKind::Dedent } else { TokenKind::Indent };
                self.pending -= self.pending.signum();
                let place = match (self.extra_tokens, kind) {
                    (false, _) => None,
                    (true, TokenKind::Indent) => Some((self.line_start, self.cursor)),
                    (true, _) => Some((self.cursor, self.cursor)),
                };
                return Ok(self.token(kind, place));
            }
            // Moves on to the coming line, as reading ahead does.
            let ahead = self.next();
            self.back(ahead);
            match self.after_indentation(blank_line)? {
                Some(token) => return Ok(token),
                None => continue,
            }
        }
    }

    /// Reads leading white space; true for a line without code.
    fn indentation(&mut self) -> Result<bool, Failure> {
        let (mut column, mut alternate, mut continued) = (0usize, 0usize, 0usize);
        let first = loop {
            let byte = self.next();
            match byte {
                Some(b' ') => {
                    column += 1;
                    alternate += 1;
                }
                Some(b'\t') => {
                    column = (column / TAB_SIZE + 1) * TAB_SIZE;
                    alternate += 1;
                }
                Some(b'\x0c') => {
                    column = 0;
                    alternate = 0;
                }
                Some(b'\\') => {
                    // The first backslash decides the indentation of what follows.
                    if continued == 0 {
                        continued = column;
                    }
                    self.continuation()?;
                }
                _ => break byte,
            }
        };
        self.back(first);
        let blank_line = matches!(first, Some(b'#' | b'\n' | b'\r'));
        if blank_line || !self.brackets.is_empty() {
            return Ok(blank_line);
        }
        if continued != 0 {
            column = continued;
            alternate = continued;
        }
        self.note_indentation(column, alternate)?;
        Ok(false)
    }

    fn note_indentation(&mut self, column: usize, alternate: usize) -> Result<(), Failure> {
        let &(current, current_alternate) = self.indents.last().unwrap_or(&(0, 0));
        if column == current {
            if alternate != current_alternate {
                return self.indentation_failure(Failure::TabSpace);
            }
        } else if column > current {
            if self.indents.len() >= MAX_INDENTS {
                return self.indentation_failure(Failure::TooDeep);
            }
            if alternate <= current_alternate {
                return self.indentation_failure(Failure::TabSpace);
            }
            self.pending += 1;
            self.indents.push((column, alternate));
        } else {
            while self.indents.len() > 1 && self.indents.last().is_some_and(|&(indent, _)| column < indent) {
                self.pending -= 1;
                self.indents.pop();
            }
            let &(current, current_alternate) = self.indents.last().unwrap_or(&(0, 0));
            if column != current {
                return self.indentation_failure(Failure::Dedent);
            }
            if alternate != current_alternate {
                return self.indentation_failure(Failure::TabSpace);
            }
        }
        Ok(())
    }

    fn indentation_failure(&mut self, failure: Failure) -> Result<(), Failure> {
        self.cursor = self.line_end;
        Err(failure)
    }

    fn continuation(&mut self) -> Result<(), Failure> {
        let mut byte = self.next();
        if byte == Some(b'\r') {
            byte = self.next();
        }
        if byte != Some(b'\n') {
            return Err(Failure::LineContinuation);
        }
        match self.next() {
            None => {
                self.cursor = self.line_end;
                Err(Failure::EndOfFile)
            }
            byte => {
                self.back(byte);
                Ok(())
            }
        }
    }

    /// The token that starts after white space; `None` when only a blank line went by.
    fn after_indentation(&mut self, blank_line: bool) -> Result<Option<Token>, Failure> {
        loop {
            let byte = loop {
                let byte = self.next();
                if !matches!(byte, Some(b' ' | b'\t' | b'\x0c')) {
                    break byte;
                }
            };
            self.start = if byte.is_some() { self.cursor - 1 } else { self.cursor };
            self.between_tokens = false;
            let Some(byte) = byte else {
                if !self.brackets.is_empty() {
                    return Err(Failure::EndOfFile);
                }
                let place = self.extra_tokens.then_some((self.cursor, self.cursor));
                return Ok(Some(self.token(TokenKind::EndMarker, place)));
            };
            match byte {
                b'#' => {
                    let mut last = Some(byte);
                    while !matches!(last, None | Some(b'\n' | b'\r')) {
                        last = self.next();
                    }
                    self.back(last);
                    if self.extra_tokens {
                        self.comment_line = blank_line;
                        return Ok(Some(self.here(TokenKind::Comment)));
                    }
                    if last.is_none() {
                        continue;
                    }
                    // A line end after a comment is placed where the comment begins.
                    self.next();
                    return Ok(self.line_end(blank_line));
                }
                b'\n' => return Ok(self.line_end(blank_line)),
                b'\r' if self.bytes.get(self.cursor) == Some(&b'\n') => {
                    self.next();
                    return Ok(self.line_end(blank_line));
                }
                b'\\' => {
                    self.between_tokens = true;
                    self.continuation()?;
                    continue;
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => {
                    return self.name_or_string(byte).map(Some);
                }
                b'0'..=b'9' => return self.number(byte).map(Some),
                b'\'' | b'"' => return self.string(byte).map(Some),
                b'.' => {
                    let second = self.next();
                    if second.is_some_and(|byte| byte.is_ascii_digit()) {
                        return self.fraction().map(Some);
                    }
                    if second == Some(b'.') {
                        let third = self.next();
                        self.back(third);
                    }
                    self.back(second);
                }
                _ => {}
            }
            return self.operator(byte).map(Some);
        }
    }

    /// After a newline was read: its token, unless it means nothing here.
    fn line_end(&mut self, blank_line: bool) -> Option<Token> {
        self.at_line_start = true;
        let comment_line = std::mem::take(&mut self.comment_line);
        if blank_line || comment_line || !self.brackets.is_empty() {
            return self.extra_tokens.then(|| self.here(TokenKind::Nl));
        }
        Some(self.here(TokenKind::Newline))
    }

    fn operator(&mut self, byte: u8) -> Result<Token, Failure> {
        if let Some(string) = self.strings.last_mut()
            && string.field_depth >= 0
            && byte == b':'
            && string.bracket_depth - 1 == string.field_depth
        {
            string.in_text = true;
            string.in_format_spec = true;
            return Ok(self.here(TokenKind::Colon));
        }
        // Looking at the next byte may find the end of the text, which callers ask about.
        let second = self.next();
        self.back(second);
        let rest = &self.bytes[self.start..self.line_end];
        let lengths: &[usize] = if rest.starts_with(b"<>") && !self.old_not_equal { &[] } else { &[3, 2] };
        for &length in lengths {
            if let Some(kind) = rest.get(..length).and_then(TokenKind::from_operator) {
                self.cursor = self.start + length;
                if length == 2 {
                    let third = self.next();
                    self.back(third);
                }
                return Ok(self.here(kind));
            }
        }
        match byte {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_PARENTHESES {
                    return self.error("too many nested parentheses");
                }
                let (line, column) = (self.line, self.start - self.line_start);
                self.brackets.push(Bracket { byte, line, column });
                if let Some(string) = self.strings.last_mut() {
                    string.bracket_depth += 1;
                }
            }
            b')' | b']' | b'}' => self.closing_bracket(byte)?,
            _ if byte < b' ' || byte == 0x7f => {
                return self.error(format!("invalid non-printable character U+{byte:04X}"));
            }
            _ => {}
        }
        let kind = TokenKind::from_operator(&[byte]).unwrap_or(TokenKind::Op);
        Ok(self.here(kind))
    }

    fn closing_bracket(&mut self, byte: u8) -> Result<(), Failure> {
        let character = byte as char;
        if let Some(string) = self.strings.last()
            && string.bracket_depth == 0
            && byte == b'}'
        {
            return self.error(format!("{}-string: single '}}' is not allowed", string.prefix));
        }
        if !self.extra_tokens && self.brackets.is_empty() {
            return self.error(format!("unmatched '{character}'"));
        }
        if let Some(open) = self.brackets.pop() {
            let matches = matches!((open.byte, byte), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
            if !self.extra_tokens && !matches {
                if let Some(string) = self.strings.last()
                    && open.byte == b'{'
                    && string.bracket_depth - 1 == string.field_depth
                {
                    return self.error(format!("{}-string: unmatched '{character}'", string.prefix));
                }
                let opening = open.byte as char;
                let place = if open.line == self.line { String::new() } else { format!(" on line {}", open.line) };
                return self
                    .error(format!("closing parenthesis '{character}' does not match opening parenthesis '{opening}'{place}"));
            }
        }
        if let Some(string) = self.strings.last_mut() {
            string.bracket_depth -= 1;
            let prefix = string.prefix;
            if string.bracket_depth < 0 {
                return self.error(format!("{prefix}-string: unmatched '{character}'"));
            }
            if byte == b'}' && string.bracket_depth == string.field_depth {
                string.field_depth -= 1;
                string.in_text = true;
                string.in_format_spec = false;
            }
        }
        Ok(())
    }
}
