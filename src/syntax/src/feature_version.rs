//! `ast.parse(feature_version=...)`: what a text uses that came later than the version asked for. Must not know: how it is parsed.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{Visitor, walk_body, walk_comprehension, walk_expr, walk_parameters, walk_stmt, walk_type_param};
use ruff_python_ast::{Comprehension, ExceptHandler, Expr, Operator, Parameters, Stmt, TypeParam};
use ruff_text_size::{Ranged, TextRange};

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::parse::{Ast, Parsed};

struct Checker {
    minor: u32,
    found: Option<(TextRange, &'static str, u32)>,
}

impl Checker {
    fn since(&mut self, minor: u32, what: &'static str, range: TextRange) {
        if self.minor < minor && self.found.is_none() {
            self.found = Some((range, what, minor));
        }
    }
}

/// The first use of something that Python 3.`minor` does not have.
pub fn later_feature(parsed: &Parsed, minor: u32) -> Option<SyntaxDiagnostic> {
    let mut checker = Checker { minor, found: None };
    for token in parsed.tokens.iter() {
        let is_number = matches!(token.kind(), TokenKind::Int | TokenKind::Float | TokenKind::Complex);
        if is_number && parsed.source.get(token.range().to_std_range()).is_some_and(|text| text.contains('_')) {
            checker.since(6, "Underscores in numeric literals are", token.range());
        }
    }
    crate::deep::with_stack_for(parsed.depth, || match &parsed.ast {
        Ast::Module(module) => walk_body(&mut checker, &module.body),
        Ast::Expression(expression) => checker.visit_expr(&expression.body),
        Ast::FunctionType(_) => {}
    });
    let (range, what, minor) = checker.found?;
    let message = format!("{what} only supported in Python 3.{minor} and greater");
    let (start, end) = (range.start().to_usize(), range.end().to_usize());
    Some(SyntaxDiagnostic::spanning(DiagnosticKind::SyntaxError, message, &parsed.source, &parsed.lines, start, end))
}

impl<'a> Visitor<'a> for Checker {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(node) => {
                if node.is_async {
                    self.since(5, "Async functions are", node.range);
                }
                if let Some(params) = &node.type_params {
                    self.since(12, "Type parameter lists are", params.range);
                }
            }
            Stmt::ClassDef(node) => {
                if let Some(params) = &node.type_params {
                    self.since(12, "Type parameter lists are", params.range);
                }
            }
            Stmt::TypeAlias(node) => self.since(12, "Type statement is", node.range),
            Stmt::For(node) if node.is_async => self.since(5, "Async for loops are", node.range),
            Stmt::With(node) if node.is_async => self.since(5, "Async with statements are", node.range),
            Stmt::AnnAssign(node) => self.since(6, "Variable annotation syntax is", node.range),
            Stmt::AugAssign(node) if node.op == Operator::MatMult => self.since(5, "The '@' operator is", node.range),
            Stmt::Match(node) => self.since(10, "Pattern matching is", node.range),
            Stmt::Try(node) => {
                if node.is_star {
                    self.since(11, "Exception groups are", node.range);
                }
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if let Some(Expr::Tuple(classes)) = handler.type_.as_deref()
                        && !classes.parenthesized
                    {
                        let what = if node.is_star {
                            "except* expressions without parentheses are"
                        } else {
                            "except expressions without parentheses are"
                        };
                        self.since(14, what, classes.range);
                    }
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Named(node) => self.since(8, "Assignment expressions are", node.range),
            Expr::Await(node) => self.since(5, "Await expressions are", node.range),
            Expr::BinOp(node) if node.op == Operator::MatMult => self.since(5, "The '@' operator is", node.range),
            Expr::TString(node) => self.since(14, "t-strings are", node.range),
            _ => {}
        }
        walk_expr(self, expr);
    }
    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        if comprehension.is_async {
            self.since(6, "Async comprehensions are", comprehension.range);
        }
        walk_comprehension(self, comprehension);
    }
    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        if let Some(first) = parameters.posonlyargs.first() {
            self.since(8, "Positional-only parameters are", first.range());
        }
        walk_parameters(self, parameters);
    }
    fn visit_type_param(&mut self, param: &'a TypeParam) {
        let default = match param {
            TypeParam::TypeVar(node) => &node.default,
            TypeParam::TypeVarTuple(node) => &node.default,
            TypeParam::ParamSpec(node) => &node.default,
        };
        if let Some(default) = default {
            self.since(13, "Type parameter defaults are", default.range());
        }
        walk_type_param(self, param);
    }
}
