//! Statements that are not loops, exception handling, definitions, imports or patterns.

use bytecode::{Common, Const, Op};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use super::annotations::has_annotations;
use crate::CompileMode;
use crate::error::{Result, recursion_error};
use crate::literals::{clean_docstring, string_text};
use crate::unit::{Block, UnitKind};

impl<'a> Generator<'a> {
    pub fn module_body(&mut self, body: &'a [Stmt]) -> Result {
        let scope = &self.table.scopes[0];
        let first = body.first().map_or_else(TextRange::default, |stmt| TextRange::empty(stmt.range().start()));
        if self.mode() != CompileMode::Single {
            self.at(first);
        }
        if scope.annotation_scope.is_some() {
            self.module_annotations(body)?;
        } else if self.has_future_annotations() && has_annotations(body) {
            let temp = self.temp()?;
            let index = bytecode::Intrinsic::SetupAnnotations as u8;
            self.emit(Op::Intrinsic, temp, 0, index);
            self.release(u16::from(temp));
        }
        let rest = self.module_docstring(body)?;
        self.body(rest)?;
        if body.is_empty() {
            // Tracers are to see that it ran.
            self.line_marker(TextRange::default());
        }
        self.nowhere();
        self.emit(Op::ReturnNone, 0, 0, 0);
        Ok(())
    }

    /// Stores `__doc__` of a module or class; gives the statements after the docstring.
    pub fn module_docstring(&mut self, body: &'a [Stmt]) -> Result<&'a [Stmt]> {
        if self.mode() == CompileMode::Single && self.unit.kind == UnitKind::Module {
            return Ok(body);
        }
        let Some((text, range)) = self.docstring(body) else { return Ok(body) };
        if self.options.optimize < 2 {
            self.at(range);
            let temp = self.temp()?;
            self.load_const(temp, Const::Str(text.clone()));
            self.store_name(&ruff_python_ast::name::Name::new_static("__doc__"), temp, range)?;
            self.release(u16::from(temp));
        }
        Ok(&body[1..])
    }

    /// The cleaned docstring of a body.
    pub fn docstring(&self, body: &'a [Stmt]) -> Option<(bytecode::Wtf8, TextRange)> {
        let Some(Stmt::Expr(first)) = body.first() else { return None };
        let Expr::StringLiteral(literal) = &*first.value else { return None };
        let text = string_text(self.map, literal);
        let text = match text.as_str() {
            Some(text) => bytecode::Wtf8::from(clean_docstring(text)),
            None => text,
        };
        Some((text, literal.range))
    }

    pub fn body(&mut self, body: &'a [Stmt]) -> Result {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    /// A body that may not run: annotations in it are conditional.
    pub fn conditional_body(&mut self, body: &'a [Stmt]) -> Result {
        let before = std::mem::replace(&mut self.unit.in_conditional_block, true);
        let result = self.body(body);
        self.unit.in_conditional_block = before;
        result
    }

    fn stmt(&mut self, stmt: &'a Stmt) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, stmt.range()));
        }
        let mark = self.mark();
        let outer_base = std::mem::replace(&mut self.unit.statement_base, mark);
        self.at(stmt.range());
        match stmt {
            Stmt::FunctionDef(node) => self.function_def(node)?,
            Stmt::ClassDef(node) => self.class_def(node)?,
            Stmt::TypeAlias(node) => self.type_alias(node)?,
            Stmt::Return(node) => self.return_statement(node)?,
            Stmt::Delete(node) => node.targets.iter().try_for_each(|target| self.delete(target))?,
            Stmt::Assign(node) => self.assign_statement(node)?,
            Stmt::AugAssign(node) => self.aug_assign(node)?,
            Stmt::AnnAssign(node) => self.ann_assign(node)?,
            Stmt::For(node) => self.for_loop(node)?,
            Stmt::While(node) => self.while_loop(node)?,
            Stmt::If(node) => self.if_statement(node)?,
            Stmt::With(node) => self.with_statement(node)?,
            Stmt::Match(node) => self.match_statement(node)?,
            Stmt::Raise(node) => self.raise(node)?,
            Stmt::Try(node) => self.try_statement(node)?,
            Stmt::Assert(node) => self.assert(node)?,
            Stmt::Import(node) => self.import(node)?,
            Stmt::ImportFrom(node) => self.import_from(node)?,
            Stmt::Expr(node) => self.expression_statement(node)?,
            Stmt::Break(node) => self.break_statement(node.range)?,
            Stmt::Continue(node) => self.continue_statement(node.range)?,
            Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            // A statement of its own line that does nothing must still be there for tracers.
            Stmt::Pass(node) => self.line_marker(node.range),
            Stmt::IpyEscapeCommand(node) => return self.error(node.range, "invalid syntax"),
        }
        self.release(mark);
        self.unit.statement_base = outer_base;
        Ok(())
    }

    fn expression_statement(&mut self, node: &'a StmtExpr) -> Result {
        if self.mode() == CompileMode::Single && self.unit.kind == UnitKind::Module {
            let temp = self.expr_next(&node.value)?;
            self.at(node.range);
            self.emit(Op::Intrinsic, temp, temp, bytecode::Intrinsic::PrintExpr as u8);
            return Ok(());
        }
        if self.folder().constant(&node.value).is_some() {
            self.line_marker(node.range);
            return Ok(());
        }
        if matches!(*node.value, Expr::Name(_)) {
            // A local variable that has a value needs no instruction.
            self.line_marker(node.range);
        }
        self.expr(&node.value, None).map(|_| ())
    }

    fn assign_statement(&mut self, node: &'a StmtAssign) -> Result {
        if let [target] = &node.targets[..] {
            return self.assign(target, &node.value);
        }
        let mut value = self.expr(&node.value, None)?;
        // A local variable may be rebound by the first store already.
        if !self.unit.is_temp(value) {
            let temp = self.temp()?;
            self.emit(Op::Move, temp, value, 0);
            value = temp;
        }
        node.targets.iter().try_for_each(|target| self.store(target, value))
    }

    fn if_statement(&mut self, node: &'a StmtIf) -> Result {
        let end = self.unit.builder.new_label();
        let mut after: Option<crate::unit::Assigned> = None;
        let mut has_else = false;
        let first = (Some(&*node.test), &node.body[..]);
        let clauses = node.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body[..]));
        let all: Vec<(Option<&'a Expr>, &'a [Stmt])> = std::iter::once(first).chain(clauses).collect();
        let count = all.len();
        for (index, (test, body)) in all.into_iter().enumerate() {
            let next = self.unit.builder.new_label();
            let mut before = None;
            match test {
                Some(test) => {
                    if self.folder().truth(test).is_some() {
                        self.line_marker(test.range());
                    }
                    self.jump_if(test, false, next)?;
                    before = Some(self.unit.assigned.clone());
                }
                None => has_else = true,
            }
            self.conditional_body(body)?;
            if index + 1 < count {
                self.nowhere();
                self.unit.builder.jump(end);
            }
            let state = self.unit.assigned.clone();
            match after.take() {
                None => after = Some(state),
                Some(other) => {
                    self.unit.meet(other);
                    after = Some(self.unit.assigned.clone());
                }
            }
            if let Some(before) = before {
                self.unit.assigned = before;
            }
            self.unit.builder.bind(next);
        }
        self.unit.builder.bind(end);
        if let Some(after) = after {
            if has_else {
                self.unit.assigned = after;
            } else {
                self.unit.meet(after);
            }
        }
        Ok(())
    }

    fn return_statement(&mut self, node: &'a StmtReturn) -> Result {
        match self.unit.kind {
            UnitKind::Function | UnitKind::Lambda => {}
            UnitKind::AsyncFunction => {
                if node.value.is_some() && self.table.scopes[self.unit.scope].generator {
                    return self.error(node.range, "'return' with value in async generator");
                }
            }
            _ => return self.error(node.range, "'return' outside function"),
        }
        // A constant result is placed at itself.
        let place =
            node.value.as_deref().filter(|value| self.folder().constant(value).is_some()).map_or(node.range, Ranged::range);
        self.check_exit("return", node.range, place)?;
        let leaves_blocks = self.unit.blocks.iter().any(|block| !matches!(block, Block::Loop { .. }));
        match node.value.as_deref() {
            None => {
                if leaves_blocks {
                    self.line_marker(node.range);
                }
                self.unwind_for_return(node)?;
                self.emit(Op::ReturnNone, 0, 0, 0);
                self.resume_guards();
            }
            Some(value) => {
                let constant = self.folder().constant(value);
                let register = match constant {
                    // A constant is loaded after the blocks are left.
                    Some(_) if leaves_blocks => None,
                    Some(Const::None) => None,
                    _ if leaves_blocks => Some(self.expr_next(value)?),
                    _ => Some(self.expr(value, None)?),
                };
                if leaves_blocks && register.is_none() {
                    self.line_marker(node.range);
                }
                self.unwind_for_return(node)?;
                match (register, constant) {
                    (Some(register), _) => self.emit(Op::Return, register, 0, 0),
                    (None, None | Some(Const::None)) => self.emit(Op::ReturnNone, 0, 0, 0),
                    (None, Some(constant)) => {
                        let temp = self.temp()?;
                        self.load_const(temp, constant);
                        self.emit(Op::Return, temp, 0, 0);
                    }
                }
                self.resume_guards();
            }
        }
        self.unit.assigned = None;
        Ok(())
    }

    /// Leaves all blocks. The return itself is seen on the line that ran last.
    fn unwind_for_return(&mut self, node: &'a StmtReturn) -> Result {
        if self.unwind(None)? {
            self.nowhere();
        } else {
            self.at(node.range);
        }
        Ok(())
    }

    fn raise(&mut self, node: &'a StmtRaise) -> Result {
        match (node.exc.as_deref(), node.cause.as_deref()) {
            (Some(exc), Some(cause)) => {
                let exc = self.expr(exc, None)?;
                let cause = self.expr(cause, None)?;
                self.at(node.range);
                self.emit(Op::RaiseFrom, exc, cause, 0);
            }
            (Some(exc), None) => {
                let exc = self.expr(exc, None)?;
                self.at(node.range);
                self.emit(Op::Raise, exc, 0, 0);
            }
            _ => self.emit(Op::RaiseCurrent, 0, 0, 0),
        }
        self.unit.assigned = None;
        Ok(())
    }

    fn assert(&mut self, node: &'a StmtAssert) -> Result {
        if let Expr::Tuple(tuple) = &*node.test
            && !tuple.elts.is_empty()
        {
            self.warn(node.range, "assertion is always true, perhaps remove parentheses?");
        }
        if self.options.optimize > 0 {
            return self.check_suspensions([Some(&*node.test), node.msg.as_deref()].into_iter().flatten());
        }
        let end = self.unit.builder.new_label();
        self.jump_if(&node.test, true, end)?;
        let before = self.unit.assigned.clone();
        self.at(node.test.range());
        let error = match &node.msg {
            None => {
                let error = self.temp()?;
                self.emit(Op::LoadCommon, error, 0, Common::AssertionError as u8);
                error
            }
            Some(message) => {
                let base = self.temps(1 + bytecode::ops::CALL_HEADER as usize)?;
                self.emit(Op::LoadCommon, base, 0, Common::AssertionError as u8);
                self.release(u16::from(base) + u16::from(bytecode::ops::CALL_HEADER));
                self.expr_next(message)?;
                self.at(node.test.range());
                self.unit.builder.emit_cached(Op::Call, base, 1, 0, 0);
                base
            }
        };
        self.at(node.test.range());
        self.emit(Op::Raise, error, 0, 0);
        self.unit.assigned = before;
        self.unit.builder.bind(end);
        Ok(())
    }
}
