//! Walks the grammar over tokens with backtracking, as CPython's parser does, so that the first report, the
//! furthest token read and the place of a plain "invalid syntax" come out the same.

use std::collections::HashMap;
use std::rc::Rc;

use super::notation::{Action, Alternative, Grammar, Item, grammar};
use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::lexer::{Failure, Lexer, Token, TokenKind};
use crate::parse::{Flags, Mode};
use crate::source::LineIndex;

/// About where the stack ends now.
#[inline(always)]
fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

/// Rule calls that may be open at once.
const MAX_RULE_DEPTH: usize = 6000;

/// A recognised stretch: tokens `first..end`.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: &'static str,
    pub first: usize,
    pub end: usize,
    pub children: Vec<Rc<Node>>,
}

pub(super) type Value = Rc<Node>;
/// `Err` is a report; it ends everything.
pub(super) type Step<T = Value> = Result<Option<T>, Box<SyntaxDiagnostic>>;
pub(super) type Labels = [(u8, Option<Value>); 2];

pub(super) struct Recogniser<'s> {
    pub source: &'s str,
    pub lines: &'s LineIndex,
    pub lexer: Lexer<'s>,
    pub tokens: Vec<Token>,
    keyword: Vec<bool>,
    pub mark: usize,
    pub mode: Mode,
    pub flags: Flags,
    /// The `bad_` rules are on.
    pub reporting: bool,
    started: bool,
    depth: usize,
    /// How many bytes of the stack rules may take, and where it stood at the start.
    pub stack: usize,
    top: usize,
    memory: HashMap<(usize, usize), Option<(Value, usize)>>,
    grammar: &'static Grammar,
}

impl<'s> Recogniser<'s> {
    pub fn new(source: &'s str, lines: &'s LineIndex, mode: Mode, flags: Flags) -> Self {
        Self {
            source,
            lines,
            lexer: Lexer::new(source, false),
            tokens: Vec::new(),
            keyword: Vec::new(),
            mark: 0,
            mode,
            flags,
            reporting: false,
            started: false,
            depth: 0,
            stack: 0,
            top: 0,
            memory: HashMap::new(),
            grammar: grammar(),
        }
    }

    /// One pass from the start; tokens read before stay read.
    pub fn run(&mut self, reporting: bool) -> Step {
        self.reporting = reporting;
        self.mark = 0;
        self.depth = 0;
        self.top = stack_address();
        self.memory.clear();
        let start = match self.mode {
            Mode::Exec => "file",
            Mode::Single => "interactive",
            Mode::Eval => "eval",
            Mode::FuncType => "func_type",
        };
        self.rule(self.grammar.rule(start))
    }

    /// Makes sure the token at the mark is read.
    fn fill(&mut self) -> Result<(), Box<SyntaxDiagnostic>> {
        if self.mark < self.tokens.len() {
            return Ok(());
        }
        self.lexer.old_not_equal = self.flags.barry_as_flufl;
        match self.lexer.next_token() {
            Ok(mut token) => {
                if token.kind == TokenKind::EndMarker && self.mode == Mode::Single && self.started {
                    token.kind = TokenKind::Newline;
                    self.started = false;
                    if self.lexer.has_indents() && !self.flags.dont_imply_dedent {
                        self.lexer.close_blocks();
                    }
                } else {
                    self.started = true;
                }
                let text = self.text_of(&token);
                if text == "barry_as_FLUFL" && self.tokens.iter().any(|token| self.text_of(token) == "__future__") {
                    self.flags.barry_as_flufl = true;
                }
                self.keyword.push(token.kind == TokenKind::Name && crate::identifier::is_keyword(text));
                self.tokens.push(token);
                Ok(())
            }
            Err(failure) => Err(Box::new(self.lexer_failure(failure))),
        }
    }

    fn text_of(&self, token: &Token) -> &'s str {
        match (token.start, token.end) {
            (Some(start), Some(end)) => self.source.get(start..end).unwrap_or(""),
            _ => "",
        }
    }

    pub fn text(&self, index: usize) -> &'s str {
        self.tokens.get(index).map_or("", |token| self.text_of(token))
    }

    fn lexer_failure(&mut self, failure: Failure) -> SyntaxDiagnostic {
        // The failed token is the last one read.
        self.tokens.push(Token {
            kind: TokenKind::ErrorToken,
            start: None,
            end: None,
            line: self.lexer.line,
            line_start: self.lexer.line_start,
            end_line: self.lexer.line,
            end_line_start: self.lexer.line_start,
            level: self.lexer.level(),
        });
        self.keyword.push(false);
        let line = self.lexer.line as i32;
        match failure {
            Failure::Worded(diagnostic) => *diagnostic,
            Failure::EndOfFile => match self.unclosed_bracket() {
                Some(diagnostic) => diagnostic,
                None => self.at_last_token(DiagnosticKind::SyntaxError, "unexpected EOF while parsing"),
            },
            Failure::Dedent => {
                self.at_last_token(DiagnosticKind::IndentationError, "unindent does not match any outer indentation level")
            }
            Failure::TabSpace => {
                self.located(DiagnosticKind::TabError, "inconsistent use of tabs and spaces in indentation", (line, 1), (line, 0))
            }
            Failure::TooDeep => {
                self.located(DiagnosticKind::IndentationError, "too many levels of indentation", (line, 1), (line, 0))
            }
            Failure::LineContinuation => {
                let column = self.lexer.cursor.saturating_sub(self.lexer.buffer_start) as i32;
                self.located(
                    DiagnosticKind::SyntaxError,
                    "unexpected character after line continuation character",
                    (line, column),
                    (line, 0),
                )
            }
        }
    }

    fn node(&self, kind: &'static str, first: usize, children: Vec<Value>) -> Value {
        Rc::new(Node { kind, first, end: self.mark, children })
    }

    fn leaf(&mut self) -> Value {
        self.mark += 1;
        self.node("", self.mark - 1, Vec::new())
    }

    fn rule(&mut self, index: usize) -> Step {
        let grammar = self.grammar;
        let rule = &grammar.rules[index];
        if rule.only_for_errors && !self.reporting {
            return Ok(None);
        }
        let start = self.mark;
        if rule.remembered
            && let Some(known) = self.memory.get(&(index, start))
        {
            return Ok(known.as_ref().map(|(value, end)| {
                self.mark = *end;
                value.clone()
            }));
        }
        self.depth += 1;
        if self.depth > MAX_RULE_DEPTH || self.top.saturating_sub(stack_address()) > self.stack {
            return Err(Box::new(SyntaxDiagnostic::bare(
                DiagnosticKind::TooComplex,
                "Parser stack overflowed - Python source too complex to parse",
            )));
        }
        let mut found = self.alternatives(&rule.alternatives)?;
        if !rule.tails.is_empty() {
            while let Some(base) = found.clone() {
                let mark = self.mark;
                match self.tail(&rule.tails, start, base)? {
                    Some(grown) => found = Some(grown),
                    None => {
                        self.mark = mark;
                        break;
                    }
                }
            }
        }
        self.depth -= 1;
        if rule.remembered {
            self.memory.insert((index, start), found.clone().map(|value| (value, self.mark)));
        }
        Ok(found)
    }

    fn tail(&mut self, tails: &'static [Alternative], start: usize, base: Value) -> Step {
        let mark = self.mark;
        for alternative in tails {
            self.mark = mark;
            let mut committed = false;
            if let Some(part) = self.sequence(alternative, &mut committed)? {
                let kind = if part.kind.is_empty() { base.kind } else { part.kind };
                return Ok(Some(self.node(kind, start, vec![base, part])));
            }
        }
        Ok(None)
    }

    fn alternatives(&mut self, alternatives: &'static [Alternative]) -> Step {
        let mark = self.mark;
        for alternative in alternatives {
            self.mark = mark;
            let mut committed = false;
            match self.sequence(alternative, &mut committed)? {
                Some(value) => return Ok(Some(value)),
                None if committed => break,
                None => {}
            }
        }
        self.mark = mark;
        Ok(None)
    }

    /// `committed` comes back true when no other alternative may be tried.
    fn sequence(&mut self, alternative: &'static Alternative, committed: &mut bool) -> Step {
        let first = self.mark;
        let mut labels: Labels = [(b'a', None), (b'b', None)];
        let mut children = Vec::new();
        let mut single = None;
        for (index, (label, item)) in alternative.items.iter().enumerate() {
            if matches!(item, Item::Commit) {
                *committed = true;
                continue;
            }
            let Some(value) = self.item(item)? else {
                return Ok(None);
            };
            if let Some(label) = label {
                labels[usize::from(*label == b'b')].1 = Some(value.clone());
            }
            if alternative.single == Some(index) {
                single = Some(value.clone());
            }
            children.push(value);
        }
        match &alternative.action {
            Action::None => Ok(Some(match single {
                Some(value) => value,
                None => self.node("", first, children),
            })),
            Action::Node(kind) => Ok(Some(self.node(kind, first, children))),
            Action::Label(label) => Ok(labels[usize::from(*label == b'b')].1.take()),
            Action::Report(report) => {
                // A report that decides against itself fails its rule outright.
                *committed = true;
                self.report(report, labels, first)
            }
        }
    }

    fn item(&mut self, item: &'static Item) -> Step {
        match item {
            Item::Word(word) => {
                self.fill()?;
                let hit = self.tokens[self.mark].kind == TokenKind::Name && self.text(self.mark) == *word;
                Ok(hit.then(|| self.leaf()))
            }
            Item::Operator(kind) => {
                self.fill()?;
                Ok((self.tokens[self.mark].kind == *kind).then(|| self.leaf()))
            }
            Item::Kind(kind) => {
                self.fill()?;
                let hit = self.tokens[self.mark].kind == *kind && !self.keyword[self.mark];
                Ok(hit.then(|| {
                    let leaf = self.leaf();
                    if *kind == TokenKind::Name { self.named(leaf) } else { leaf }
                }))
            }
            Item::SoftKeyword => {
                self.fill()?;
                let hit =
                    self.tokens[self.mark].kind == TokenKind::Name && crate::identifier::is_soft_keyword(self.text(self.mark));
                Ok(hit.then(|| self.leaf()))
            }
            Item::Never => {
                self.fill()?;
                Ok(None)
            }
            Item::Rule(index) => self.rule(*index),
            Item::Group(alternatives) => self.alternatives(alternatives),
            Item::Optional(inner) => {
                let mark = self.mark;
                let found = self.item(inner)?;
                Ok(Some(found.unwrap_or_else(|| {
                    self.mark = mark;
                    self.node("", mark, Vec::new())
                })))
            }
            Item::Repeat(inner, least) => {
                let first = self.mark;
                let mut children = Vec::new();
                loop {
                    let mark = self.mark;
                    match self.item(inner)? {
                        Some(value) if self.mark > mark => children.push(value),
                        _ => {
                            self.mark = mark;
                            break;
                        }
                    }
                }
                Ok((children.len() >= *least).then(|| self.node("", first, children)))
            }
            Item::Separated(inner, separator) => {
                let first = self.mark;
                let Some(value) = self.item(inner)? else {
                    return Ok(None);
                };
                let mut children = vec![value];
                loop {
                    let mark = self.mark;
                    if self.item(separator)?.is_some()
                        && let Some(value) = self.item(inner)?
                    {
                        children.push(value);
                        continue;
                    }
                    self.mark = mark;
                    return Ok(Some(self.node("", first, children)));
                }
            }
            Item::Ahead(inner, wanted) => {
                let mark = self.mark;
                let found = self.item(inner)?.is_some();
                self.mark = mark;
                Ok((found == *wanted).then(|| self.node("", mark, Vec::new())))
            }
            Item::Forced(inner, text) => match self.item(inner)? {
                Some(value) => Ok(Some(value)),
                None => {
                    self.fill()?;
                    Err(Box::new(self.at_tokens(self.mark, self.mark, format!("expected {text}"))))
                }
            },
            Item::Quiet(inner, forget) => {
                let reporting = std::mem::replace(&mut self.reporting, false);
                let found = self.item(inner);
                self.reporting = reporting;
                if *forget && reporting && matches!(found, Ok(None)) {
                    self.memory.retain(|_, known| known.is_some());
                }
                found
            }
            Item::Commit => Ok(None),
        }
    }

    fn named(&self, leaf: Value) -> Value {
        Rc::new(Node { kind: "name", first: leaf.first, end: leaf.end, children: Vec::new() })
    }

    /// Reads the token at the mark for a report about it.
    pub fn look(&mut self) -> Result<(), Box<SyntaxDiagnostic>> {
        self.fill()
    }
}
