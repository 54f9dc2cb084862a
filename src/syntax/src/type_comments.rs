//! Type comments (`PyCF_TYPE_COMMENTS`): which statement or parameter each one belongs to, and those that belong to none.
//! Works on a parsed text. Must not know: what the types mean.

use std::collections::HashMap;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{Visitor, walk_body, walk_stmt};
use ruff_python_ast::{Parameter, ParameterWithDefault, Parameters, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::parse::{Ast, Parsed};

#[derive(Debug, Default)]
pub struct TypeComments {
    /// By the offset where the statement or the parameter begins.
    pub by_start: HashMap<usize, String>,
    /// Lines and tags of `# type: ignore` comments.
    pub ignores: Vec<(usize, String)>,
}

struct Comment {
    start: usize,
    end: usize,
    text: String,
    taken: bool,
}

struct Finder<'s> {
    source: &'s str,
    comments: Vec<Comment>,
    found: TypeComments,
    failure: Option<(TextRange, &'static str)>,
}

/// Reads the comments of a text; the error is that of a comment where none may be.
pub fn type_comments(parsed: &Parsed) -> Result<TypeComments, SyntaxDiagnostic> {
    let source = &parsed.source;
    let mut finder = Finder { source, comments: Vec::new(), found: TypeComments::default(), failure: None };
    for token in parsed.tokens.iter().filter(|token| token.kind() == TokenKind::Comment) {
        let range = token.range().to_std_range();
        let Some(text) = source.get(range.clone()).and_then(type_text) else { continue };
        match ignore_tag(text) {
            Some(tag) => {
                let line = parsed.lines.char_position(source, range.start).0;
                finder.found.ignores.push((line, tag.to_owned()));
            }
            None => {
                let text = text.trim_end().to_owned();
                finder.comments.push(Comment { start: range.start, end: range.end, text, taken: false });
            }
        }
    }
    if !finder.comments.is_empty()
        && let Ast::Module(module) = &parsed.ast
    {
        crate::deep::with_stack_for(parsed.depth, || walk_body(&mut finder, &module.body));
    }
    let report = |start: usize, end: usize, message: &str| {
        Err(SyntaxDiagnostic::spanning(DiagnosticKind::SyntaxError, message, source, &parsed.lines, start, end))
    };
    if let Some((place, message)) = finder.failure {
        return report(place.start().to_usize(), place.end().to_usize(), message);
    }
    match finder.comments.iter().find(|comment| !comment.taken) {
        None => Ok(finder.found),
        Some(stray) => {
            let before = source.get(..stray.start).unwrap_or_default().trim_end();
            let star = before.ends_with("*,") || before.ends_with('*');
            report(stray.start, stray.end, if star { "bare * has associated type comment" } else { "invalid syntax" })
        }
    }
}

/// What follows `# type: `, where any number of blanks counts as one.
fn type_text(comment: &str) -> Option<&str> {
    let blank = [' ', '\t'];
    let rest = comment.strip_prefix('#')?.trim_start_matches(blank);
    Some(rest.strip_prefix("type:")?.trim_start_matches(blank))
}

/// What follows `ignore`, unless that goes on as a word.
fn ignore_tag(text: &str) -> Option<&str> {
    let tag = text.strip_prefix("ignore")?;
    let goes_on = tag.chars().next().is_some_and(|next| next.is_ascii_alphanumeric() || !next.is_ascii());
    (!goes_on).then_some(tag)
}

impl Finder<'_> {
    fn give(&mut self, index: usize, start: usize) {
        self.comments[index].taken = true;
        let text = self.comments[index].text.clone();
        self.found.by_start.insert(start, text);
    }

    /// The comment on the line that ends at `end`, behind what `allowed` accepts.
    fn behind(&mut self, owner: usize, end: usize, allowed: impl Fn(&str) -> bool) {
        let fits = |comment: &Comment| {
            comment.start >= end
                && self.source.get(end..comment.start).is_some_and(|between| allowed(between.trim_matches([' ', '\t'])))
        };
        if let Some(index) = self.comments.iter().position(fits) {
            self.give(index, owner);
        }
    }

    /// The comment between a header and the first statement under it.
    fn header(&mut self, owner: usize, from: usize, body: &[Stmt], once: Option<&'static str>) {
        let Some(first) = body.first() else { return };
        let to = first.range().start().to_usize();
        let inside = |comment: &Comment| comment.start >= from && comment.start < to && !comment.taken;
        let Some(index) = self.comments.iter().position(inside) else { return };
        // A comment on a line of its own speaks for functions only.
        let same_line = !self.source.get(from..self.comments[index].start).unwrap_or_default().contains('\n');
        if once.is_none() && !same_line {
            return;
        }
        self.give(index, owner);
        if let Some(message) = once
            && self.comments.iter().any(inside)
        {
            self.failure.get_or_insert((first.range(), message));
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let with_default =
            |entry: &ParameterWithDefault| (entry.parameter.range.start().to_usize(), entry.range.end().to_usize());
        let single = |entry: &Parameter| (entry.range.start().to_usize(), entry.range.end().to_usize());
        let plain = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs).map(with_default);
        let starred = parameters.vararg.iter().chain(&parameters.kwarg).map(|entry| single(entry));
        for (start, end) in plain.chain(starred).collect::<Vec<_>>() {
            self.behind(start, end, |between| matches!(between, "" | ","));
        }
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let start = stmt.range().start().to_usize();
        match stmt {
            Stmt::Assign(node) => self.behind(start, node.range.end().to_usize(), str::is_empty),
            Stmt::For(node) => self.header(start, node.iter.range().end().to_usize(), &node.body, None),
            Stmt::With(node) => {
                if let Some(last) = node.items.last() {
                    self.header(start, last.range.end().to_usize(), &node.body, None);
                }
            }
            Stmt::FunctionDef(node) => {
                self.parameters(&node.parameters);
                let returns = node.returns.as_ref().map_or(0, |returns| returns.range().end().to_usize());
                let from = node.parameters.range.end().to_usize().max(returns);
                self.header(start, from, &node.body, Some("Cannot have two type comments on def"));
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }
}
