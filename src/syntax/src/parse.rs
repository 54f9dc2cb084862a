//! The one entrance: text in, tree or error out. Runs ruff's parser and, when it refuses, the diagnosis
//! that says what CPython would have said. Bounds how deep a tree may get.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{AtomicNodeIndex, Expr, Mod, ModExpression, ModModule, PythonVersion, Stmt, Suite};
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic, SyntaxWarning};
use crate::flufl;
use crate::function_type;
use crate::source::{self, LineIndex};
use crate::warnings;

/// What is read: the modes of `compile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Exec,
    Eval,
    Single,
    FuncType,
}

/// The parser's share of `compile` flags.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`: report input that merely stops early as [`DiagnosticKind::Incomplete`].
    pub allow_incomplete_input: bool,
    /// `PyCF_DONT_IMPLY_DEDENT`: in single mode a block must be closed by an empty line.
    pub dont_imply_dedent: bool,
    /// `from __future__ import barry_as_FLUFL`.
    pub barry_as_flufl: bool,
}

/// `(int, *str) -> bool`, a signature type comment.
#[derive(Clone, Debug)]
pub struct FunctionType {
    pub argtypes: Vec<Expr>,
    pub returns: Box<Expr>,
}

#[derive(Clone, Debug)]
pub enum Ast {
    Module(ModModule),
    Expression(ModExpression),
    FunctionType(FunctionType),
}

impl Ast {
    fn empty() -> Self {
        Self::Module(ModModule { node_index: AtomicNodeIndex::NONE, range: TextRange::default(), body: Suite::new() })
    }
}

/// Everything known of a text that parsed. Offsets in the tree and tokens are bytes of `source`.
#[derive(Debug)]
pub struct Parsed {
    /// The text as parsed: newlines normalised.
    pub source: String,
    pub ast: Ast,
    pub tokens: Tokens,
    pub lines: LineIndex,
    pub warnings: Vec<SyntaxWarning>,
    /// An upper bound of the tree's depth; who walks it by recursion does so in [`crate::deep::with_stack_for`].
    pub depth: usize,
}

impl Drop for Parsed {
    fn drop(&mut self) {
        let ast = std::mem::replace(&mut self.ast, Ast::empty());
        crate::deep::drop_deep(ast, self.depth);
    }
}

/// Deepest tree that is handed out.
pub const MAX_TREE_DEPTH: usize = 10_000;
const LONG_TEXT: usize = 64 << 10;

/// Parses `source`; a missing final newline does not matter.
pub fn parse(source: &str, mode: Mode, flags: Flags) -> Result<Parsed, SyntaxDiagnostic> {
    let source = source::from_text(source)?;
    let lines = LineIndex::new(&source);
    // Ruff overlooks what interactive input must not hold, a byte-order mark and indentation before the end.
    let is_suspicious = mode == Mode::Single
        || source.starts_with('\u{feff}')
        || (mode == Mode::Eval && source.ends_with([' ', '\t']) && source.contains('\n'));
    // Prompts and doctests compile one line after the other.
    let is_short_input = mode == Mode::Single && is_plain_line(&source);
    if is_suspicious
        && !is_short_input
        && let Some(diagnostic) = crate::diagnose::diagnose(&source, mode, flags)
    {
        return Err(diagnostic);
    }
    if mode == Mode::FuncType {
        return parse_function_type(source, lines, flags);
    }
    // Ruff's parser grows its stack as it goes; only long texts can make that matter.
    if source.len() > LONG_TEXT && shape_of_text(&source).depth > MAX_TREE_DEPTH {
        return Err(too_many_brackets(&source, mode, flags));
    }
    let options = match mode {
        Mode::Eval => ParseOptions::from(ruff_python_parser::Mode::Expression),
        _ => ParseOptions::from(ruff_python_parser::Mode::Module),
    };
    let options = options.with_target_version(PythonVersion::PY314);
    let rewritten = flufl::with_modern_operators(&source, flags);
    let mut outcome = parse_unchecked(rewritten.as_deref().unwrap_or(&source), options.clone());
    if !outcome.errors().is_empty()
        && source.contains("\\N{")
        && let Some(spelt) = crate::character_names::spelt_out(rewritten.as_deref().unwrap_or(&source), outcome.tokens())
    {
        outcome = parse_unchecked(&spelt, options);
    }
    let Shape { depth, beyond_limits } = shape(outcome.tokens().iter().map(|token| token.kind()));
    if depth > MAX_TREE_DEPTH {
        // Dropping it would recurse as deep as walking it.
        std::mem::forget(outcome);
        return Err(too_many_brackets(&source, mode, flags));
    }
    let mut outcome = crate::deep::Deep::new(outcome, depth);
    let refused = outcome
        .get()
        .errors()
        .first()
        .map(|error| error.range())
        .or_else(|| outcome.get().unsupported_syntax_errors().first().map(|error| error.range));
    if refused.is_none()
        && (beyond_limits || flufl::is_asked_for(&source, flags) || (is_short_input && !holds_simple_statements(outcome.get())))
        && let Some(diagnostic) = crate::diagnose::diagnose(&source, mode, flags)
    {
        return Err(diagnostic);
    }
    if let Some(range) = refused {
        if let Some(diagnostic) = crate::diagnose::diagnose(&source, mode, flags) {
            return Err(diagnostic);
        }
        return Err(refused_by_ruff_alone(&source, &lines, range));
    }
    let warnings = warnings::collect(&source, outcome.get().tokens(), &lines);
    let tokens = outcome.get().tokens().clone();
    let ast = match outcome.take().into_syntax() {
        Mod::Module(module) => Ast::Module(module),
        Mod::Expression(expression) => Ast::Expression(expression),
    };
    Ok(Parsed { source, ast, tokens, lines, warnings, depth })
}

/// A line with nothing in it that could go on in another one, or belong to one before.
fn is_plain_line(source: &str) -> bool {
    let line = source.trim_end_matches('\n');
    !line.starts_with([' ', '\t', '\x0c', '\u{feff}']) && !line.contains(['\n', '\r', '\\'])
}

/// Whether there are statements, and none that has a block.
fn holds_simple_statements(outcome: &ruff_python_parser::Parsed<Mod>) -> bool {
    let Mod::Module(module) = outcome.syntax() else { return false };
    !module.body.is_empty() && !module.body.iter().any(has_block)
}

/// Whether it is a compound statement.
pub fn has_block(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_)
    )
}

fn parse_function_type(source: String, lines: LineIndex, flags: Flags) -> Result<Parsed, SyntaxDiagnostic> {
    if let Some(diagnostic) = crate::diagnose::diagnose(&source, Mode::FuncType, flags) {
        return Err(diagnostic);
    }
    let depth = shape_of_text(&source).depth;
    if depth > MAX_TREE_DEPTH {
        return Err(too_deep());
    }
    match function_type::read(&source) {
        Ok(found) => Ok(Parsed {
            ast: Ast::FunctionType(found),
            tokens: Tokens::new(Vec::new()),
            warnings: Vec::new(),
            source,
            lines,
            depth,
        }),
        Err(range) => Err(refused_by_ruff_alone(&source, &lines, range)),
    }
}

fn too_many_brackets(source: &str, mode: Mode, flags: Flags) -> SyntaxDiagnostic {
    // CPython's tokenizer stops at 200 brackets, long before the tree is too deep.
    match crate::diagnose::diagnose(source, mode, flags) {
        Some(diagnostic) if diagnostic.kind == DiagnosticKind::SyntaxError => diagnostic,
        _ => too_deep(),
    }
}

fn too_deep() -> SyntaxDiagnostic {
    SyntaxDiagnostic::bare(DiagnosticKind::TooDeep, "maximum recursion depth exceeded during compilation")
}

fn shape_of_text(source: &str) -> Shape {
    let mut lexer = ruff_python_parser::lexer::lex(source, ruff_python_parser::Mode::Module);
    shape(std::iter::from_fn(|| Some(lexer.next_token()).filter(|kind| *kind != TokenKind::EndOfFile)))
}

/// Ruff refuses f-strings as patterns while parsing, CPython after it.
fn refused_by_ruff_alone(source: &str, lines: &LineIndex, range: TextRange) -> SyntaxDiagnostic {
    let text = source.get(range.to_std_range()).unwrap_or_default();
    let before = source.get(..range.start().to_usize()).unwrap_or_default().trim_end();
    let message = if before.ends_with(['{', ',']) {
        "mapping pattern keys may only match literals and attribute lookups"
    } else if text.starts_with(['f', 'F', 'r', 'R', '"', '\'']) {
        "patterns may only match literals and attribute lookups"
    } else {
        "invalid syntax"
    };
    let (start, end) = (range.start().to_usize(), range.end().to_usize());
    SyntaxDiagnostic::spanning(DiagnosticKind::SyntaxError, message, source, lines, start, end)
}

fn cannot_start_expression(kind: TokenKind) -> bool {
    use TokenKind::{
        Amper, And, At, CircumFlex, Comma, DoubleSlash, DoubleStar, EqEqual, Greater, GreaterEqual, In, Is, LeftShift, Less,
        LessEqual, NotEqual, Or, Percent, RightShift, Slash, Vbar,
    };
    matches!(
        kind,
        Amper
            | And
            | At
            | CircumFlex
            | Comma
            | DoubleSlash
            | DoubleStar
            | EqEqual
            | Greater
            | GreaterEqual
            | In
            | Is
            | LeftShift
            | Less
            | LessEqual
            | NotEqual
            | Or
            | Percent
            | RightShift
            | Slash
            | Vbar
    )
}

struct Shape {
    /// An upper bound for the depth of the tree that the tokens can make.
    depth: usize,
    /// What ruff may overlook: more brackets, blocks or fields inside each other than CPython allows, odd `yield`s.
    beyond_limits: bool,
}

fn shape(kinds: impl Iterator<Item = TokenKind>) -> Shape {
    /// Links since the last separator, and those that no separator ends.
    #[derive(Default, Clone, Copy)]
    struct Level {
        chain: usize,
        kept: usize,
        below: usize,
    }
    let mut stack: Vec<Level> = Vec::new();
    let mut level = Level::default();
    let mut indent = 0usize;
    let mut deepest = 0;
    let mut strings = 0usize;
    let mut braces = 0usize;
    let mut beyond_limits = false;
    let mut after_yield = false;
    for kind in kinds {
        // Ruff takes `yield in x` for a comparison.
        beyond_limits |= after_yield && cannot_start_expression(kind);
        after_yield = kind == TokenKind::Yield;
        match kind {
            TokenKind::FStringStart | TokenKind::TStringStart => strings += 1,
            TokenKind::FStringEnd | TokenKind::TStringEnd => strings = strings.saturating_sub(1),
            TokenKind::Lbrace if strings > 0 => {
                braces += 1;
                beyond_limits |= braces > 3;
            }
            TokenKind::Rbrace => braces = braces.saturating_sub(1),
            _ => {}
        }
        match kind {
            TokenKind::Indent => {
                indent += 1;
                beyond_limits |= indent >= 100;
            }
            TokenKind::Dedent => indent = indent.saturating_sub(1),
            TokenKind::Newline => {
                stack.clear();
                level = Level { below: indent, ..Level::default() };
            }
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                level.chain += 1;
                let below = level.below + level.chain + level.kept;
                stack.push(level);
                beyond_limits |= stack.len() > 200;
                level = Level { below, ..Level::default() };
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                if let Some(outer) = stack.pop() {
                    level = outer;
                    // Fields stand side by side in their string, as do strings.
                    if strings > 0 && kind == TokenKind::Rbrace {
                        level.chain = level.chain.saturating_sub(1);
                    }
                }
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => level.chain = level.chain.saturating_sub(1),
            TokenKind::Comma | TokenKind::Semi => level.chain = 0,
            TokenKind::Lambda => level.kept += 1,
            TokenKind::Name
            | TokenKind::NonLogicalNewline
            | TokenKind::Comment
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle => continue,
            _ => level.chain += 1,
        }
        deepest = deepest.max(level.below + level.chain + level.kept);
    }
    Shape { depth: deepest, beyond_limits }
}
