//! SyntaxWarnings of code that compiles but cannot be meant.

use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::{Warning, WarningKind, error_at};

impl Generator<'_> {
    pub fn warn(&mut self, range: TextRange, message: &str) {
        let place = error_at(self.map, range, message);
        self.warnings.push(Warning {
            kind: WarningKind::Syntax,
            message: place.message,
            line: place.line,
            col: place.col,
            end_line: place.end_line,
            end_col: place.end_col,
        });
    }

    /// `1(...)`.
    pub fn warn_call(&mut self, node: &ExprCall) {
        let called = matches!(
            &*node.func,
            Expr::Tuple(_)
                | Expr::List(_)
                | Expr::ListComp(_)
                | Expr::Dict(_)
                | Expr::DictComp(_)
                | Expr::Set(_)
                | Expr::SetComp(_)
                | Expr::Generator(_)
                | Expr::FString(_)
                | Expr::TString(_)
        ) || node.func.is_literal_expr();
        if called && let Some(name) = type_name(&node.func) {
            self.warn(node.range(), &format!("'{name}' object is not callable; perhaps you missed a comma?"));
        }
    }

    /// `None[1]`, `'text'[1.0]`.
    pub fn warn_subscript(&mut self, node: &ExprSubscript) {
        let range = node.range;
        if matches!(&*node.value, Expr::Set(_) | Expr::SetComp(_) | Expr::Generator(_) | Expr::Lambda(_) | Expr::TString(_))
            || matches!(
                &*node.value,
                Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) | Expr::EllipsisLiteral(_) | Expr::NumberLiteral(_)
            )
        {
            if let Some(name) = type_name(&node.value) {
                self.warn(range, &format!("'{name}' object is not subscriptable; perhaps you missed a comma?"));
            }
            return;
        }
        let indexable = matches!(
            &*node.value,
            Expr::Tuple(_)
                | Expr::List(_)
                | Expr::ListComp(_)
                | Expr::FString(_)
                | Expr::StringLiteral(_)
                | Expr::BytesLiteral(_)
        );
        let bad_index = match &*node.slice {
            Expr::NumberLiteral(number) => !matches!(number.value, Number::Int(_)),
            Expr::BooleanLiteral(_) | Expr::Slice(_) => false,
            other => {
                other.is_literal_expr()
                    || matches!(
                        other,
                        Expr::Tuple(_)
                            | Expr::List(_)
                            | Expr::ListComp(_)
                            | Expr::Dict(_)
                            | Expr::DictComp(_)
                            | Expr::Set(_)
                            | Expr::SetComp(_)
                            | Expr::Generator(_)
                            | Expr::FString(_)
                            | Expr::TString(_)
                            | Expr::Lambda(_)
                    )
            }
        };
        if indexable
            && bad_index
            && let (Some(value), Some(index)) = (type_name(&node.value), type_name(&node.slice))
        {
            self.warn(range, &format!("{value} indices must be integers or slices, not {index}; perhaps you missed a comma?"));
        }
    }

    /// `x is 1`.
    pub fn warn_compare(&mut self, node: &ExprCompare) {
        let mut left = &*node.left;
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot)
                && let Some(name) = literal_type(left).or_else(|| literal_type(right))
            {
                let (word, instead) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                self.warn(node.range, &format!("\"{word}\" with '{name}' literal. Did you mean \"{instead}\"?"));
            }
            left = right;
        }
    }
}

/// The type of a literal that `is` must not compare; None, True, False and Ellipsis are fine.
fn literal_type(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => type_name(expr),
        Expr::Tuple(node) if node.elts.iter().all(|elt| elt.is_literal_expr()) => Some("tuple"),
        _ => None,
    }
}

fn type_name(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::FString(_) | Expr::StringLiteral(_) => "str",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::BooleanLiteral(_) => "bool",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::NumberLiteral(node) => match node.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        _ => return None,
    })
}
