//! Annotated assignment and the lazily evaluated `__annotate__` functions of modules and classes.

use bytecode::{Common, Const, Op, co_flags};
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::Result;
use crate::symtable::ScopeId;
use crate::unit::UnitKind;

/// A variable annotation with its number among the conditional ones.
type Numbered<'a> = (&'a StmtAnnAssign, u32);

impl<'a> Generator<'a> {
    pub fn has_future_annotations(&self) -> bool {
        self.future_flags & co_flags::FUTURE_ANNOTATIONS != 0
    }

    /// Opens a unit evaluated with a format: raises NotImplementedError above 2.
    pub fn open_lazy_unit(&mut self, scope: ScopeId, name: &str, range: TextRange) -> Result {
        self.open_unit(UnitKind::Lazy, scope, name, range)?;
        self.at(range);
        let supported = self.unit.builder.new_label();
        let [b, c] = 2i16.to_le_bytes();
        self.unit.builder.emit_jump(Op::JumpIfNotGtInt, 0, b, c, supported);
        let temp = self.temp()?;
        self.emit(Op::LoadCommon, temp, 0, Common::NotImplementedError as u8);
        self.emit(Op::Raise, temp, 0, 0);
        self.release(u16::from(temp));
        self.unit.builder.bind(supported);
        Ok(())
    }

    /// The text of an annotation under `from __future__ import annotations`.
    pub fn annotation_text(&self, annotation: &Expr) -> String {
        let source = match self.map {
            crate::SourceMap::Text { text, .. } => Some(*text),
            crate::SourceMap::Table(_) => None,
        };
        syntax::unparse::unparse(annotation, source)
    }

    pub fn ann_assign(&mut self, node: &'a StmtAnnAssign) -> Result {
        if let Some(value) = &node.value {
            self.assign(&node.target, value)?;
        }
        let evaluated = matches!(self.unit.kind, UnitKind::Module | UnitKind::Class);
        match &*node.target {
            Expr::Name(name) => {
                self.forbid_debug(&name.id, node.range)?;
                if node.simple && evaluated {
                    self.variable_annotation(node, &name.id)?;
                }
            }
            Expr::Attribute(target) => {
                self.forbid_debug(&target.attr.id, node.range)?;
                if node.value.is_none() {
                    self.expr(&target.value, None)?;
                }
            }
            Expr::Subscript(target) => {
                if node.value.is_none() {
                    self.expr(&target.value, None)?;
                    self.index(&target.slice)?;
                }
            }
            other => return self.error(other.range(), "illegal target for annotation"),
        }
        Ok(())
    }

    fn variable_annotation(&mut self, node: &'a StmtAnnAssign, name: &Name) -> Result {
        self.at(node.range);
        let mangled = self.mangled(name);
        if self.has_future_annotations() {
            let registers = self.temps(3)?;
            self.emit_named(Op::LoadName, registers, 0, 0, "__annotations__");
            self.load_str(registers + 1, &mangled);
            let text = self.annotation_text(&node.annotation);
            self.load_str(registers + 2, &text);
            self.emit(Op::SetItem, registers, registers + 1, registers + 2);
            return Ok(());
        }
        let is_module = self.unit.kind == UnitKind::Module;
        let conditional = is_module || self.unit.in_conditional_block;
        let number = self.unit.annotations.iter().filter(|entry| entry.2.is_some()).count() as u32;
        if is_module {
            // The function was made before the body; the numbers follow the source in both.
            self.unit.annotations.push((mangled, &node.annotation, Some(number)));
        } else {
            self.unit.annotations.push((mangled, &node.annotation, conditional.then_some(number)));
        }
        if conditional {
            let set = self.temps(2)?;
            if is_module {
                self.emit_named(Op::LoadName, set, 0, 0, "__conditional_annotations__");
            } else {
                let cell = self.class_cell("__conditional_annotations__")?;
                let variable = self.unit.class_cells.get("__conditional_annotations__").copied().unwrap_or(0);
                self.unit.builder.emit_ext(Op::LoadCell, set, cell, 0, variable as u32);
            }
            self.load_const(set + 1, Const::Int(i64::from(number)));
            self.emit(Op::SetAdd, set, set + 1, 0);
        }
        Ok(())
    }

    /// A module defines `__annotate__` before its body runs.
    pub fn module_annotations(&mut self, body: &'a [Stmt]) -> Result {
        let mut found = Vec::new();
        collect(body, &mut found);
        let Some(scope) = self.table.scopes[0].annotation_scope else { return Ok(()) };
        let entries: Vec<(Name, &'a Expr, Option<u32>)> = found
            .iter()
            .map(|(node, number)| {
                let name = match &*node.target {
                    Expr::Name(name) => name.id.clone(),
                    _ => Name::empty(),
                };
                (name, &*node.annotation, Some(*number))
            })
            .collect();
        let function = self.temp()?;
        self.annotate_code(scope, entries, function, TextRange::default())?;
        self.emit_named(Op::StoreName, function, 0, 0, "__annotate__");
        self.emit(Op::BuildSet, function, 0, 0);
        self.emit_named(Op::StoreName, function, 0, 0, "__conditional_annotations__");
        self.release(u16::from(function));
        Ok(())
    }

    /// A class defines `__annotate_func__` after its body ran.
    pub fn class_annotations(&mut self, scope: ScopeId, range: TextRange) -> Result {
        let entries = std::mem::take(&mut self.unit.annotations);
        let Some(scope) = self.table.scopes[scope].annotation_scope else { return Ok(()) };
        if entries.is_empty() {
            return Ok(());
        }
        let function = self.temp()?;
        self.annotate_code(scope, entries, function, range)?;
        self.emit_named(Op::StoreName, function, 0, 0, "__annotate_func__");
        self.release(u16::from(function));
        Ok(())
    }

    fn annotate_code(
        &mut self,
        scope: ScopeId,
        entries: Vec<(Name, &'a Expr, Option<u32>)>,
        dest: u8,
        range: TextRange,
    ) -> Result {
        self.open_lazy_unit(scope, "__annotate__", range)?;
        let dict = self.temp()?;
        self.emit(Op::BuildMap, dict, 0, 0);
        let mark = self.mark();
        let conditional = Name::new_static("__conditional_annotations__");
        for (name, annotation, number) in entries {
            self.at(annotation.range());
            let skip = self.unit.builder.new_label();
            if let Some(number) = number {
                let pair = self.temps(2)?;
                self.load_const(pair, Const::Int(i64::from(number)));
                self.load_name(&conditional, Some(pair + 1))?;
                self.unit.builder.emit_jump(Op::JumpIfNotIn, pair, pair + 1, 0, skip);
                self.release(mark);
            }
            let key = self.temp()?;
            let value = self.expr(annotation, None)?;
            self.load_str(key, &name);
            self.at(annotation.range());
            self.emit(Op::MapAdd, dict, key, value);
            self.release(mark);
            self.unit.builder.bind(skip);
        }
        self.emit(Op::Return, dict, 0, 0);
        let code = self.close_unit()?;
        self.make_function(dest, code, 0, 0)
    }
}

/// Simple variable annotations of a module in source order.
fn collect<'a>(body: &'a [Stmt], found: &mut Vec<Numbered<'a>>) {
    for stmt in body {
        if let Stmt::AnnAssign(node) = stmt
            && node.simple
            && node.target.is_name_expr()
        {
            found.push((node, found.len() as u32));
        }
        for_each_inner_body(stmt, &mut |inner| collect(inner, found));
    }
}

/// Visits the statement lists of a compound statement that run in the same scope.
fn for_each_inner_body<'a>(stmt: &'a Stmt, visit: &mut dyn FnMut(&'a [Stmt])) {
    match stmt {
        Stmt::For(node) => {
            visit(&node.body);
            visit(&node.orelse);
        }
        Stmt::While(node) => {
            visit(&node.body);
            visit(&node.orelse);
        }
        Stmt::If(node) => {
            visit(&node.body);
            node.elif_else_clauses.iter().for_each(|clause| visit(&clause.body));
        }
        Stmt::With(node) => visit(&node.body),
        Stmt::Match(node) => node.cases.iter().for_each(|case| visit(&case.body)),
        Stmt::Try(node) => {
            visit(&node.body);
            for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                visit(&handler.body);
            }
            visit(&node.orelse);
            visit(&node.finalbody);
        }
        _ => {}
    }
}

/// Whether a body holds simple variable annotations.
pub(super) fn has_annotations(body: &[Stmt]) -> bool {
    let mut found = Vec::new();
    collect(body, &mut found);
    !found.is_empty()
}
