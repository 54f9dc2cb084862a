//! The reports of the grammar: plain ones made from their labels, and those that need a look at what was read.

use super::notation::Report;
use super::recogniser::{Labels, Node, Recogniser, Step, Value};
use super::strings;
use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::lexer::TokenKind;

impl Recogniser<'_> {
    pub(super) fn report(&mut self, report: &Report, labels: Labels, first: usize) -> Step {
        let [(_, a), (_, b)] = &labels;
        let diagnostic = match report {
            Report::Span(from, to, message) => {
                let pick = |label: &u8| if *label == b'b' { b } else { a };
                let (Some(from), Some(to)) = (pick(from), pick(to)) else {
                    return Ok(None);
                };
                self.at_span(from, to, fill_in(message, from))
            }
            Report::From(message) => {
                let Some(a) = a else { return Ok(None) };
                self.since_token(a.first, *message)
            }
            Report::LastToken(message) => self.at_last_token(DiagnosticKind::SyntaxError, *message),
            Report::NextToken(message) => {
                self.look()?;
                self.at_token(DiagnosticKind::SyntaxError, self.mark, *message)
            }
            Report::MissingBlock(None, message) => self.at_last_token(DiagnosticKind::IndentationError, *message),
            Report::MissingBlock(Some(_), what) => {
                let line = a.as_ref().map_or(0, |a| self.tokens[a.first].line);
                self.at_last_token(
                    DiagnosticKind::IndentationError,
                    format!("expected an indented block after {what} on line {line}"),
                )
            }
            Report::Target(purpose) => {
                let Some(target) = a.as_ref().and_then(|a| self.invalid_target(a, purpose)) else {
                    return Ok(None);
                };
                let verb = if *purpose == "delete" { "delete" } else { "assign to" };
                let message = format!("cannot {verb} {}", target.kind);
                self.at_span(&target, &target, message)
            }
            Report::Call(name) => return self.call(name, a.as_ref(), b.as_ref(), first),
        };
        Err(Box::new(diagnostic))
    }

    pub(super) fn at_span(&self, from: &Node, to: &Node, message: impl Into<String>) -> SyntaxDiagnostic {
        self.at_tokens(from.first, to.end.saturating_sub(1).max(to.first), message)
    }

    /// The first part of a target list that cannot be one.
    fn invalid_target(&self, node: &Value, purpose: &str) -> Option<Value> {
        match node.kind {
            "" | "tuple" | "list" => node.children.iter().find_map(|child| {
                if child.kind.is_empty() && child.children.is_empty() {
                    return None;
                }
                self.invalid_target(child, purpose)
            }),
            "starred" if purpose == "delete" => Some(node.clone()),
            "starred" => self.invalid_target(node.children.last()?, purpose),
            "comparison" if purpose == "for" => {
                // `for a in b` reads as a comparison. What is in parentheses ends before them.
                let left = node.children.first()?;
                let operator = (left.end..node.end).map(|token| self.text(token)).find(|text| *text != ")")?;
                if operator == "in" { self.invalid_target(left, purpose) } else { None }
            }
            "name" | "subscript" | "attribute" => None,
            _ => Some(node.clone()),
        }
    }

    fn call(&mut self, name: &str, a: Option<&Value>, b: Option<&Value>, first: usize) -> Step {
        let Some(a) = a else { return Ok(None) };
        match name {
            "legacy_statement" => self.legacy_statement(a, b),
            "forgotten_comma" => self.forgotten_comma(a, b),
            "not_equal" => self.not_equal(a),
            "keyword_constant" => {
                let message = format!("cannot assign to {}", self.text(a.first));
                Err(Box::new(self.at_span(a, b.unwrap_or(a), message)))
            }
            "missing_dictionary_colon" => {
                let last = &self.tokens[a.end.saturating_sub(1)];
                Err(Box::new(self.located(
                    DiagnosticKind::SyntaxError,
                    "':' expected after dictionary key",
                    (self.tokens[a.first].line as i32, last.end_column()),
                    (last.end_line as i32, 0),
                )))
            }
            "bare_generator" => self.bare_generator(a, b),
            "positional_after_keyword" => {
                let unpacking = any_of_kind(a, "keyword unpacking");
                let tail = if unpacking { " unpacking" } else { "" };
                let message = format!("positional argument follows keyword argument{tail}");
                Err(Box::new(self.at_last_token(DiagnosticKind::SyntaxError, message)))
            }
            "type_var_tuple_bound" => Err(Box::new(self.type_parameter_bound(a, b, "TypeVarTuple"))),
            "param_spec_bound" => Err(Box::new(self.type_parameter_bound(a, b, "ParamSpec"))),
            "real_number" => self.number_part(a, false),
            "imaginary_number" => self.number_part(a, true),
            "conversion" => self.conversion(a, b),
            "plain_string" => match strings::check_plain(self, a.first) {
                Some(diagnostic) => Err(Box::new(diagnostic)),
                None => Ok(Some(self.node_of_kind("literal", a))),
            },
            "interpolated" => match strings::check_interpolated(self, a) {
                Some(diagnostic) => Err(Box::new(diagnostic)),
                None if self.tokens[a.first].kind == TokenKind::TStringStart => {
                    Ok(Some(self.node_of_kind("t-string expression", a)))
                }
                None => Ok(Some(self.node_of_kind("f-string expression", a))),
            },
            "concatenation" => match strings::check_concatenation(self, a) {
                Some(diagnostic) => Err(Box::new(diagnostic)),
                None => Ok(Some(self.joined_strings(a, first))),
            },
            _ => Ok(None),
        }
    }

    fn node_of_kind(&self, kind: &'static str, node: &Node) -> Value {
        Value::new(Node { kind, first: node.first, end: node.end, children: Vec::new() })
    }

    fn joined_strings(&self, parts: &Value, first: usize) -> Value {
        let formatted = parts.children.iter().any(|part| part.kind == "f-string expression");
        let kind = if formatted { "f-string expression" } else { "literal" };
        Value::new(Node { kind, first, end: parts.end, children: Vec::new() })
    }

    fn is_legacy_name(&self, node: &Node) -> bool {
        node.kind == "name" && matches!(self.text(node.first), "print" | "exec")
    }

    fn legacy_statement(&mut self, a: &Value, b: Option<&Value>) -> Step {
        if !self.is_legacy_name(a) {
            return Ok(None);
        }
        let name = self.text(a.first);
        let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
        Err(Box::new(self.at_span(a, b.unwrap_or(a), message)))
    }

    fn forgotten_comma(&mut self, a: &Value, b: Option<&Value>) -> Step {
        let at_top = self.mark.checked_sub(1).is_none_or(|last| self.tokens[last].level == 0);
        if self.is_legacy_name(a) || at_top {
            return Ok(None);
        }
        Err(Box::new(self.at_span(a, b.unwrap_or(a), "invalid syntax. Perhaps you forgot a comma?")))
    }

    fn not_equal(&mut self, a: &Value) -> Step {
        let written = self.text(a.first);
        if self.flags.barry_as_flufl {
            if written == "<>" {
                return Ok(Some(a.clone()));
            }
            let message = "with Barry as BDFL, use '<>' instead of '!='";
            return Err(Box::new(self.at_last_token(DiagnosticKind::SyntaxError, message)));
        }
        Ok((written == "!=").then(|| a.clone()))
    }

    /// `f(a, b for b in c)`.
    fn bare_generator(&mut self, a: &Value, b: Option<&Value>) -> Step {
        let mut arguments = Vec::new();
        collect_positional(a, &mut arguments);
        let (Some(last), true) = (arguments.last(), arguments.len() > 1) else {
            return Ok(None);
        };
        Err(Box::new(self.at_span(last, b.unwrap_or(a), "Generator expression must be parenthesized")))
    }

    fn type_parameter_bound(&self, colon: &Value, bound: Option<&Value>, what: &str) -> SyntaxDiagnostic {
        let is_tuple = bound.is_some_and(|bound| bound.kind == "tuple");
        let form = if is_tuple { "constraints" } else { "bound" };
        self.since_token(colon.first, format!("cannot use {form} with {what}"))
    }

    fn number_part(&mut self, a: &Value, imaginary: bool) -> Step {
        if self.text(a.first).ends_with(['j', 'J']) == imaginary {
            return Ok(Some(a.clone()));
        }
        let what = if imaginary { "imaginary" } else { "real" };
        Err(Box::new(self.at_span(a, a, format!("{what} number required in complex literal"))))
    }

    fn conversion(&mut self, a: &Value, b: Option<&Value>) -> Step {
        let Some(b) = b else { return Ok(None) };
        let prefix = self.interpolation_prefix(a.first);
        if self.tokens[a.first].end != self.tokens[b.first].start {
            let message = format!("{prefix}-string: conversion type must come right after the exclamation mark");
            return Err(Box::new(self.at_span(a, b, message)));
        }
        let written = self.text(b.first);
        if matches!(written, "s" | "r" | "a") {
            return Ok(Some(b.clone()));
        }
        let message = format!("{prefix}-string: invalid conversion character '{written}': expected 's', 'r', or 'a'");
        Err(Box::new(self.at_span(b, b, message)))
    }

    /// The letter of the string that holds the token.
    fn interpolation_prefix(&self, index: usize) -> char {
        let mut closed = 0;
        for token in self.tokens[..index].iter().rev() {
            match token.kind {
                TokenKind::FStringEnd | TokenKind::TStringEnd => closed += 1,
                TokenKind::FStringStart | TokenKind::TStringStart if closed > 0 => closed -= 1,
                TokenKind::TStringStart => return 't',
                TokenKind::FStringStart => return 'f',
                _ => {}
            }
        }
        'f'
    }
}

fn fill_in(message: &str, node: &Node) -> String {
    message.replace('%', node.kind)
}

fn any_of_kind(node: &Node, kind: &str) -> bool {
    node.kind == kind || (node.kind.is_empty() && node.children.iter().any(|child| any_of_kind(child, kind)))
}

fn collect_positional(node: &Value, found: &mut Vec<Value>) {
    match node.kind {
        "" => node.children.iter().for_each(|child| collect_positional(child, found)),
        "keyword" | "keyword unpacking" => {}
        _ => found.push(node.clone()),
    }
}
