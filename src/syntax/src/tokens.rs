//! The token stream behind `_tokenize.TokenizerIter`: type numbers, texts, lines and columns as CPython gives them.

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::lexer::{Failure, Lexer, State, Token, TokenKind};

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

/// What came of asking for a token.
pub enum Step {
    Token(TokenInfo),
    Failed(SyntaxDiagnostic),
    /// As many lines as that are to be added first.
    WantsLines(usize),
    /// There was the ENDMARKER, or an error.
    Finished,
}

/// So often a token is tried with one more line. Longer strings get more and more lines at once, to be read in linear time.
const SINGLE_LINES: u32 = 200;

/// Tokens of a text that is added line by line, no line sooner than it is wanted. `extra_tokens` adds COMMENT and NL, gives every
/// operator the type OP and overlooks what `tokenize` overlooks.
pub struct Tokenizer {
    text: String,
    state: State,
    extra_tokens: bool,
    /// The text's own length; a newline past it was put there.
    written: usize,
    /// How often the next token wanted more lines.
    tries: u32,
    finished: bool,
}

impl Tokenizer {
    pub fn new(extra_tokens: bool) -> Self {
        let mut state = State::new(extra_tokens);
        state.is_whole = false;
        Self { text: String::new(), state, extra_tokens, written: 0, tries: 0, finished: false }
    }

    /// The next line; an empty one ends the text.
    pub fn add_line(&mut self, line: &str) {
        if line.is_empty() {
            self.state.is_whole = true;
            return;
        }
        self.text.push_str(line);
        self.written = self.text.len();
        if !line.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub fn step(&mut self) -> Step {
        if self.finished {
            return Step::Finished;
        }
        let mut lexer = Lexer::resume(&self.text, self.state.clone());
        let outcome = lexer.next_token();
        if lexer.wants_line {
            self.tries += 1;
            return Step::WantsLines(1 << self.tries.saturating_sub(SINGLE_LINES).min(20));
        }
        self.tries = 0;
        self.finished = outcome.as_ref().map_or(true, |token| token.kind == TokenKind::EndMarker);
        self.state = lexer.state;
        match outcome {
            Ok(token) => Step::Token(self.convert(token)),
            Err(failure) => Step::Failed(self.failure(failure)),
        }
    }

    fn convert(&self, token: Token) -> TokenInfo {
        let text = match (token.start, token.end) {
            (Some(start), Some(end)) => self.text.get(start..end).unwrap_or_default(),
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
        let trails = token.kind == TokenKind::EndMarker || (token.kind == TokenKind::Dedent && self.state.at_end);
        if self.extra_tokens && trails {
            let line = self.state.line as i32 + 1;
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
        self.text.get(line_start..offset).map_or(0, |text| text.chars().count() as i32)
    }

    fn lines_of(&self, token: &Token) -> String {
        let end = self.state.line_end.min(self.written);
        self.text.get(token.line_start..end.max(token.line_start)).unwrap_or_default().to_owned()
    }

    fn failure(&self, failure: Failure) -> SyntaxDiagnostic {
        match failure {
            Failure::Worded(diagnostic) => *diagnostic,
            Failure::EndOfFile => {
                let message = "unexpected EOF in multi-line statement";
                let mut diagnostic = SyntaxDiagnostic::bare(DiagnosticKind::SyntaxError, message);
                let unread = if self.state.level() > 0 && !self.state.in_string() {
                    0
                } else {
                    self.state.cursor - self.state.buffer_start
                };
                diagnostic.line = Some(self.state.line as i32);
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
        let text = self.text.get(self.state.line_start..self.state.line_end).unwrap_or_default();
        let mut diagnostic = SyntaxDiagnostic::bare(kind, message);
        diagnostic.line = Some(self.state.line as i32);
        diagnostic.col = Some(text.chars().count() as i32);
        diagnostic.text = Some(text.trim_end_matches('\n').to_owned());
        diagnostic
    }
}
