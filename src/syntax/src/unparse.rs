//! Expressions back to text, as annotations are stored under `from __future__ import annotations`.
//! Only the parentheses that the tree needs, one way to write each literal.

use ruff_python_ast::{
    Arguments, BoolOp, Comprehension, ConversionFlag, Expr, FStringPart, InterpolatedElement, InterpolatedStringElement, Number,
    Operator, ParameterWithDefault, Parameters, UnaryOp,
};
use ruff_text_size::Ranged;
use std::borrow::Cow;

use crate::interpolation::{debug_text, expression_text};
use crate::literals::{LiteralText, decode_bytes, decode_str, split_literal};
use crate::marked::unmarked_bytes;
use crate::number_text::{complex_text, float_text, integer_text};

/// How tightly an operator binds; a looser expression inside a tighter place gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Binding {
    fn tighter(self) -> Self {
        match self {
            Self::Tuple => Self::Test,
            Self::Test => Self::Or,
            Self::Or => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Compare,
            Self::Compare => Self::BitOr,
            Self::BitOr => Self::BitXor,
            Self::BitXor => Self::BitAnd,
            Self::BitAnd => Self::Shift,
            Self::Shift => Self::Sum,
            Self::Sum => Self::Term,
            Self::Term => Self::Factor,
            Self::Factor => Self::Power,
            Self::Power => Self::Await,
            Self::Await | Self::Atom => Self::Atom,
        }
    }

    fn of(operator: Operator) -> Self {
        match operator {
            Operator::Add | Operator::Sub => Self::Sum,
            Operator::Mult | Operator::MatMult | Operator::Div | Operator::Mod | Operator::FloorDiv => Self::Term,
            Operator::LShift | Operator::RShift => Self::Shift,
            Operator::BitOr => Self::BitOr,
            Operator::BitXor => Self::BitXor,
            Operator::BitAnd => Self::BitAnd,
            Operator::Pow => Self::Power,
        }
    }
}

/// The text of `expression`, whose ranges point into `source`; texts of trees without a source are [marked](crate::marked_text).
pub fn unparse(expression: &Expr, source: Option<&str>) -> String {
    let mut writer = Writer { source, out: String::new() };
    writer.expression(expression, Binding::Test);
    writer.out
}

struct Writer<'s> {
    source: Option<&'s str>,
    out: String,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn parenthesized(&mut self, needed: bool, write: impl FnOnce(&mut Self)) {
        if needed {
            self.out.push('(');
        }
        write(self);
        if needed {
            self.out.push(')');
        }
    }

    /// A literal as the source spells it.
    fn literal(&self, part: &impl Ranged) -> Option<LiteralText<'_>> {
        self.source?.get(part.range().to_std_range()).and_then(split_literal)
    }

    /// A text of the tree, as WTF-8.
    fn plain<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        match self.source {
            Some(_) => Cow::Borrowed(text.as_bytes()),
            None => Cow::Owned(unmarked_bytes(text)),
        }
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>, level: Binding) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.expression(item, level);
        }
    }

    fn expression(&mut self, expression: &Expr, level: Binding) {
        match expression {
            Expr::BoolOp(node) => {
                let (own, word) = match node.op {
                    BoolOp::And => (Binding::And, " and "),
                    BoolOp::Or => (Binding::Or, " or "),
                };
                self.parenthesized(level > own, |writer| {
                    for (index, value) in node.values.iter().enumerate() {
                        if index > 0 {
                            writer.push(word);
                        }
                        writer.expression(value, own.tighter());
                    }
                });
            }
            Expr::Named(node) => self.parenthesized(level > Binding::Tuple, |writer| {
                writer.expression(&node.target, Binding::Atom);
                writer.push(" := ");
                writer.expression(&node.value, Binding::Atom);
            }),
            Expr::BinOp(node) => {
                let own = Binding::of(node.op);
                let (left, right) = if node.op == Operator::Pow { (own.tighter(), own) } else { (own, own.tighter()) };
                self.parenthesized(level > own, |writer| {
                    writer.expression(&node.left, left);
                    writer.push(" ");
                    writer.push(node.op.as_str());
                    writer.push(" ");
                    writer.expression(&node.right, right);
                });
            }
            Expr::UnaryOp(node) => {
                let (own, sign) = match node.op {
                    UnaryOp::Not => (Binding::Not, "not "),
                    UnaryOp::Invert => (Binding::Factor, "~"),
                    UnaryOp::UAdd => (Binding::Factor, "+"),
                    UnaryOp::USub => (Binding::Factor, "-"),
                };
                self.parenthesized(level > own, |writer| {
                    writer.push(sign);
                    writer.expression(&node.operand, own);
                });
            }
            Expr::Lambda(node) => self.parenthesized(level > Binding::Test, |writer| {
                writer.push("lambda");
                if let Some(parameters) = &node.parameters {
                    if !parameters.posonlyargs.is_empty() || !parameters.args.is_empty() {
                        writer.push(" ");
                    }
                    writer.parameters(parameters);
                }
                writer.push(": ");
                writer.expression(&node.body, Binding::Test);
            }),
            Expr::If(node) => self.parenthesized(level > Binding::Test, |writer| {
                writer.expression(&node.body, Binding::Or);
                writer.push(" if ");
                writer.expression(&node.test, Binding::Or);
                writer.push(" else ");
                writer.expression(&node.orelse, Binding::Test);
            }),
            Expr::Dict(node) => {
                self.push("{");
                for (index, item) in node.items.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    match &item.key {
                        Some(key) => {
                            self.expression(key, Binding::Test);
                            self.push(": ");
                            self.expression(&item.value, Binding::Test);
                        }
                        None => {
                            self.push("**");
                            self.expression(&item.value, Binding::BitOr);
                        }
                    }
                }
                self.push("}");
            }
            Expr::Set(node) => {
                self.push("{");
                self.list(&node.elts, Binding::Test);
                self.push("}");
            }
            Expr::ListComp(node) => self.comprehension(("[", "]"), &node.elt, None, &node.generators),
            Expr::SetComp(node) => self.comprehension(("{", "}"), &node.elt, None, &node.generators),
            Expr::Generator(node) => self.comprehension(("(", ")"), &node.elt, None, &node.generators),
            Expr::DictComp(node) => match &node.key {
                Some(key) => self.comprehension(("{", "}"), key, Some(&node.value), &node.generators),
                None => self.comprehension(("{", "}"), &node.value, None, &node.generators),
            },
            Expr::Await(node) => self.parenthesized(level > Binding::Await, |writer| {
                writer.push("await ");
                writer.expression(&node.value, Binding::Atom);
            }),
            Expr::Yield(node) => {
                self.push("(yield");
                if let Some(value) = &node.value {
                    self.push(" ");
                    self.expression(value, Binding::Test);
                }
                self.push(")");
            }
            Expr::YieldFrom(node) => {
                self.push("(yield from ");
                self.expression(&node.value, Binding::Test);
                self.push(")");
            }
            Expr::Compare(node) => self.parenthesized(level > Binding::Compare, |writer| {
                writer.expression(&node.left, Binding::BitOr);
                for (operator, right) in node.ops.iter().zip(&node.comparators) {
                    writer.push(" ");
                    writer.push(operator.as_str());
                    writer.push(" ");
                    writer.expression(right, Binding::BitOr);
                }
            }),
            Expr::Call(node) => {
                self.expression(&node.func, Binding::Atom);
                self.call_arguments(&node.arguments);
            }
            Expr::FString(node) => {
                let mut body = String::new();
                for part in &node.value {
                    match part {
                        FStringPart::Literal(literal) => body.push_str(&double_braces(&literal.value)),
                        FStringPart::FString(string) => self.interpolated(&string.elements, false, &mut body),
                    }
                }
                self.push("f");
                self.push(&quoted_text(&self.plain(&body)));
            }
            Expr::TString(node) => {
                let mut body = String::new();
                for part in &node.value {
                    self.interpolated(&part.elements, true, &mut body);
                }
                self.push("t");
                self.push(&quoted_text(&self.plain(&body)));
            }
            Expr::StringLiteral(node) => {
                let mut value = Vec::new();
                for part in &node.value {
                    match self.literal(part).map(|literal| decode_str(literal.content, literal.raw)) {
                        Some(Ok(decoded)) => value.extend_from_slice(&decoded.value),
                        _ => value.extend_from_slice(&self.plain(&part.value)),
                    }
                }
                let has_prefix = match self.source {
                    Some(source) => source.get(node.range.to_std_range()).is_some_and(|literal| literal.starts_with('u')),
                    None => node.value.iter().any(|part| part.flags.prefix().is_unicode()),
                };
                if has_prefix {
                    self.push("u");
                }
                self.push(&quoted_text(&value));
            }
            Expr::BytesLiteral(node) => {
                let mut value = Vec::new();
                for part in &node.value {
                    match self.literal(part).map(|literal| decode_bytes(literal.content, literal.raw)) {
                        Some(Ok(decoded)) => value.extend_from_slice(&decoded.value),
                        _ => value.extend_from_slice(&part.value),
                    }
                }
                self.push(&quoted_bytes(&value));
            }
            Expr::NumberLiteral(node) => {
                let text = match &node.value {
                    Number::Int(value) => integer_text(&value.to_string()),
                    Number::Float(value) => float_text(*value),
                    Number::Complex { imag, .. } => complex_text(*imag),
                };
                self.push(&text);
            }
            Expr::BooleanLiteral(node) => self.push(if node.value { "True" } else { "False" }),
            Expr::NoneLiteral(_) => self.push("None"),
            Expr::EllipsisLiteral(_) => self.push("..."),
            Expr::Attribute(node) => {
                self.expression(&node.value, Binding::Atom);
                let after_integer = matches!(&*node.value, Expr::NumberLiteral(number) if matches!(number.value, Number::Int(_)));
                self.push(if after_integer { " ." } else { "." });
                self.push(&node.attr);
            }
            Expr::Subscript(node) => {
                self.expression(&node.value, Binding::Atom);
                self.push("[");
                self.expression(&node.slice, Binding::Tuple);
                self.push("]");
            }
            Expr::Starred(node) => {
                self.push("*");
                self.expression(&node.value, Binding::BitOr);
            }
            Expr::Name(node) => self.push(&node.id),
            Expr::List(node) => {
                self.push("[");
                self.list(&node.elts, Binding::Test);
                self.push("]");
            }
            Expr::Tuple(node) if node.elts.is_empty() => self.push("()"),
            Expr::Tuple(node) => self.parenthesized(level > Binding::Tuple, |writer| {
                writer.list(&node.elts, Binding::Test);
                if node.elts.len() == 1 {
                    writer.push(",");
                }
            }),
            Expr::Slice(node) => {
                if let Some(lower) = &node.lower {
                    self.expression(lower, Binding::Test);
                }
                self.push(":");
                if let Some(upper) = &node.upper {
                    self.expression(upper, Binding::Test);
                }
                if let Some(step) = &node.step {
                    self.push(":");
                    self.expression(step, Binding::Test);
                }
            }
            Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn comprehension(&mut self, (open, close): (&str, &str), element: &Expr, value: Option<&Expr>, generators: &[Comprehension]) {
        self.push(open);
        self.expression(element, Binding::Test);
        if let Some(value) = value {
            self.push(": ");
            self.expression(value, Binding::Test);
        }
        for generator in generators {
            self.push(if generator.is_async { " async for " } else { " for " });
            self.expression(&generator.target, Binding::Tuple);
            self.push(" in ");
            self.expression(&generator.iter, Binding::Or);
            for condition in &generator.ifs {
                self.push(" if ");
                self.expression(condition, Binding::Or);
            }
        }
        self.push(close);
    }

    fn call_arguments(&mut self, arguments: &Arguments) {
        if let ([only @ Expr::Generator(_)], true) = (&*arguments.args, arguments.keywords.is_empty()) {
            return self.expression(only, Binding::Test);
        }
        self.push("(");
        self.list(&arguments.args, Binding::Test);
        for (index, keyword) in arguments.keywords.iter().enumerate() {
            if index > 0 || !arguments.args.is_empty() {
                self.push(", ");
            }
            match &keyword.arg {
                Some(name) => {
                    self.push(name);
                    self.push("=");
                }
                None => self.push("**"),
            }
            self.expression(&keyword.value, Binding::Test);
        }
        self.push(")");
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let mut first = true;
        let mut separate = |writer: &mut Self| {
            if !std::mem::take(&mut first) {
                writer.push(", ");
            }
        };
        for parameter in &parameters.posonlyargs {
            separate(self);
            self.parameter(parameter);
        }
        if !parameters.posonlyargs.is_empty() {
            self.push(", /");
        }
        for parameter in &parameters.args {
            separate(self);
            self.parameter(parameter);
        }
        if parameters.vararg.is_some() || !parameters.kwonlyargs.is_empty() {
            separate(self);
            self.push("*");
            if let Some(vararg) = &parameters.vararg {
                self.push(&vararg.name);
            }
        }
        for parameter in &parameters.kwonlyargs {
            separate(self);
            self.parameter(parameter);
        }
        if let Some(kwarg) = &parameters.kwarg {
            separate(self);
            self.push("**");
            self.push(&kwarg.name);
        }
    }

    fn parameter(&mut self, parameter: &ParameterWithDefault) {
        self.push(parameter.name());
        if let Some(default) = parameter.default() {
            self.push("=");
            self.expression(default, Binding::Test);
        }
    }

    fn interpolated<'e>(
        &self,
        elements: impl IntoIterator<Item = &'e InterpolatedStringElement>,
        is_template: bool,
        body: &mut String,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => body.push_str(&double_braces(&literal.value)),
                InterpolatedStringElement::Interpolation(field) => self.field(field, is_template, body),
            }
        }
    }

    fn field(&self, field: &InterpolatedElement, is_template: bool, body: &mut String) {
        let debug = self.source.and_then(|source| debug_text(source, field));
        if let Some(debug) = &debug {
            body.push_str(&double_braces(debug));
        }
        let text = match (is_template, self.source) {
            (true, Some(source)) => expression_text(source, field),
            // A tree without a source brings it in the place of the debug text.
            (true, None) => field.debug_text.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default(),
            (false, source) => {
                let mut writer = Writer { source, out: String::new() };
                writer.expression(&field.expression, Binding::Or);
                writer.out
            }
        };
        body.push('{');
        if text.starts_with('{') {
            body.push(' ');
        }
        body.push_str(&text);
        let shows_repr = debug.is_some() && field.format_spec.is_none();
        match field.conversion {
            ConversionFlag::None if shows_repr => body.push_str("!r"),
            ConversionFlag::None => {}
            ConversionFlag::Str => body.push_str("!s"),
            ConversionFlag::Ascii => body.push_str("!a"),
            ConversionFlag::Repr => body.push_str("!r"),
        }
        if let Some(spec) = &field.format_spec {
            body.push(':');
            self.interpolated(&spec.elements, is_template, body);
        }
        body.push('}');
    }
}

fn double_braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// `repr` of a str held as WTF-8.
fn quoted_text(value: &[u8]) -> String {
    let quote = if value.contains(&b'\'') && !value.contains(&b'"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    let mut rest = value;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default(),
        };
        for character in valid.chars() {
            push_quoted(&mut out, character, quote);
        }
        rest = &rest[valid.len()..];
        if let [first, second, third, tail @ ..] = rest {
            let code = u32::from(first & 0x0f) << 12 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
            out.push_str(&format!("\\u{code:04x}"));
            rest = tail;
        } else {
            break;
        }
    }
    out.push(quote);
    out
}

fn push_quoted(out: &mut String, character: char, quote: char) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if character == quote => {
            out.push('\\');
            out.push(character);
        }
        _ if crate::identifier::is_printable(character) => out.push(character),
        _ => {
            let code = character as u32;
            out.push_str(&match code {
                0..=0xff => format!("\\x{code:02x}"),
                0x100..=0xffff => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            });
        }
    }
}

fn quoted_bytes(value: &[u8]) -> String {
    let quote = if value.contains(&b'\'') && !value.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for &byte in value {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' if byte as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}
