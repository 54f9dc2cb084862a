//! try, with. The layouts are those of docs/internals/bytecode.md.

use bytecode::{Intrinsic, Op, Special};
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::Result;
use crate::unit::{Block, Guard};

const HEADER: u8 = bytecode::ops::CALL_HEADER;

fn is_compound(stmt: &Stmt) -> bool {
    matches!(
        stmt,
        Stmt::If(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::With(_)
            | Stmt::Try(_)
            | Stmt::Match(_)
            | Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
    )
}

impl<'a> Generator<'a> {
    /// Opens an exception range here; what runs until `end_guard` is covered.
    pub fn begin_guard(&mut self) -> usize {
        let row = self.unit.guards.len();
        let open = Some(self.unit.builder.here());
        self.unit.guards.push(Guard { ranges: Vec::new(), open });
        self.unit.blocks.push(Block::Guarded { row });
        row
    }

    /// Closes the innermost range here.
    pub fn end_guard(&mut self, row: usize) {
        let here = self.unit.builder.here();
        debug_assert!(matches!(self.unit.blocks.last(), Some(Block::Guarded { row: top }) if *top == row));
        self.unit.blocks.pop();
        let guard = &mut self.unit.guards[row];
        if let Some(start) = guard.open.take() {
            guard.ranges.push((start, here));
        }
    }

    /// Adds the rows of a closed range: errors in it go to `target` with the exception in `register`.
    pub fn rows_to(&mut self, row: usize, target: bytecode::Label, register: u8) {
        for (start, end) in std::mem::take(&mut self.unit.guards[row].ranges) {
            self.unit.builder.exception_row(start, end, target, register);
        }
    }

    /// The end of every handler: restore the handled exception and go on raising.
    fn cleanup(&mut self, row: usize, saved: u8, error: u8) {
        let target = self.unit.builder.here();
        self.rows_to(row, target, error);
        self.nowhere();
        self.emit(Op::PopExc, saved, 0, 0);
        self.reraise(error);
    }

    pub fn try_statement(&mut self, node: &'a StmtTry) -> Result {
        self.line_marker(node.range);
        if node.finalbody.is_empty() {
            return self.try_except(node);
        }
        let end = self.unit.builder.new_label();
        let handler = self.unit.builder.new_label();
        let registers = self.temps(2)?;
        let (saved, error) = (registers, registers + 1);
        let before = self.unit.assigned.clone();
        self.push_block(Block::Finally { body: &node.finalbody }, node.range)?;
        let row = self.begin_guard();
        if node.handlers.is_empty() {
            self.conditional_body(&node.body)?;
        } else {
            self.try_except(node)?;
        }
        self.end_guard(row);
        self.unit.blocks.pop();
        self.rows_to(row, handler, error);
        // Normal way.
        self.push_block(Block::FinallyBody, node.range)?;
        self.conditional_body(&node.finalbody)?;
        self.unit.blocks.pop();
        let after = std::mem::replace(&mut self.unit.assigned, before);
        self.nowhere();
        self.unit.builder.jump(end);
        // On an error.
        self.unit.builder.bind(handler);
        self.nowhere();
        self.emit(Op::PushExc, saved, error, 0);
        let warnings = self.warnings.len();
        self.push_block(Block::FinallyBody, node.range)?;
        self.push_block(Block::Handler { saved }, node.range)?;
        let row = self.begin_guard();
        self.conditional_body(&node.finalbody)?;
        match node.finalbody.last() {
            Some(last) if !is_compound(last) => self.at(last.range()),
            _ => self.nowhere(),
        }
        self.reraise(error);
        self.end_guard(row);
        self.unit.blocks.pop();
        self.unit.blocks.pop();
        self.warnings.truncate(warnings);
        self.cleanup(row, saved, error);
        self.unit.builder.bind(end);
        self.unit.assigned = after;
        Ok(())
    }

    fn try_except(&mut self, node: &'a StmtTry) -> Result {
        let end = self.unit.builder.new_label();
        let handlers = self.unit.builder.new_label();
        let registers = self.temps(2)?;
        let (saved, error) = (registers, registers + 1);
        let before = self.unit.assigned.clone();
        let row = self.begin_guard();
        self.conditional_body(&node.body)?;
        self.end_guard(row);
        self.rows_to(row, handlers, error);
        self.conditional_body(&node.orelse)?;
        self.nowhere();
        self.unit.builder.jump(end);
        let mut after = std::mem::replace(&mut self.unit.assigned, before.clone());
        self.unit.builder.bind(handlers);
        self.nowhere();
        self.emit(Op::PushExc, saved, error, 0);
        self.push_block(Block::Handler { saved }, node.range)?;
        let row = self.begin_guard();
        if node.is_star {
            self.star_handlers(node, error, saved, end)?;
            self.unit.meet(after);
            after = self.unit.assigned.clone();
        } else {
            for (index, ExceptHandler::ExceptHandler(handler)) in node.handlers.iter().enumerate() {
                if handler.type_.is_none() && index + 1 != node.handlers.len() {
                    return self.error(self.except_line(handler), "default 'except:' must be last");
                }
                self.unit.assigned = before.clone();
                self.handler(handler, error, saved, end)?;
                self.unit.meet(after);
                after = self.unit.assigned.clone();
            }
            // No clause fits: that is found out on the line of the last one.
            match node.handlers.last() {
                Some(ExceptHandler::ExceptHandler(last)) if last.type_.is_some() => self.at(last.range),
                _ => self.nowhere(),
            }
            self.reraise(error);
        }
        self.end_guard(row);
        self.unit.blocks.pop();
        self.cleanup(row, saved, error);
        self.unit.builder.bind(end);
        self.unit.assigned = after;
        self.release(u16::from(registers));
        Ok(())
    }

    fn except_line(&self, handler: &ExceptHandlerExceptHandler) -> TextRange {
        handler.range
    }

    fn handler(&mut self, handler: &'a ExceptHandlerExceptHandler, error: u8, saved: u8, end: bytecode::Label) -> Result {
        let next = self.unit.builder.new_label();
        if let Some(class) = &handler.type_ {
            let mark = self.mark();
            let class_register = self.expr(class, None)?;
            self.release(mark);
            self.at(handler.range);
            let matched = self.temp()?;
            self.emit(Op::CheckExcMatch, matched, error, class_register);
            self.unit.builder.emit_jump(Op::JumpIfFalse, matched, 0, 0, next);
            self.release(mark);
        } else {
            self.line_marker(handler.range);
        }
        self.named_handler_body(
            handler,
            error,
            |this| {
                this.emit(Op::PopExc, saved, 0, 0);
                this.unit.builder.jump(end);
                Ok(())
            },
            |this| {
                this.reraise(error);
                Ok(())
            },
        )?;
        self.unit.builder.bind(next);
        Ok(())
    }

    /// The body of an except clause with its `as` name; `done` and `failed` continue after the name is unbound.
    fn named_handler_body(
        &mut self,
        handler: &'a ExceptHandlerExceptHandler,
        value: u8,
        done: impl FnOnce(&mut Self) -> Result,
        failed: impl FnOnce(&mut Self) -> Result,
    ) -> Result {
        let Some(name) = &handler.name else {
            self.conditional_body(&handler.body)?;
            self.nowhere();
            return done(self);
        };
        self.at(handler.range);
        self.store_name(&name.id, value, handler.range)?;
        let unbind = self.unit.builder.new_label();
        self.push_block(Block::HandlerName { name: &name.id }, handler.range)?;
        let row = self.begin_guard();
        self.conditional_body(&handler.body)?;
        self.end_guard(row);
        self.unit.blocks.pop();
        self.rows_to(row, unbind, value);
        self.nowhere();
        self.unbind_handler_name(&name.id)?;
        done(self)?;
        let after = self.unit.assigned.clone();
        self.unit.builder.bind(unbind);
        self.nowhere();
        self.unbind_handler_name(&name.id)?;
        failed(self)?;
        self.unit.assigned = after;
        Ok(())
    }

    pub fn unbind_handler_name(&mut self, name: &Name) -> Result {
        let mark = self.mark();
        let none = self.temp()?;
        self.emit(Op::LoadNone, none, 0, 0);
        self.store_name(name, none, TextRange::default())?;
        self.release(mark);
        self.delete_name(name, TextRange::default())
    }

    /// `except*` clauses: r[error] is the original exception.
    fn star_handlers(&mut self, node: &'a StmtTry, error: u8, saved: u8, end: bytecode::Label) -> Result {
        let mark = self.mark();
        let registers = self.temps(5)?;
        let (list, rest, group, raised, temp) = (registers, registers + 1, registers + 2, registers + 3, registers + 4);
        self.emit(Op::BuildList, list, 0, 0);
        self.emit(Op::Move, rest, error, 0);
        let before = self.unit.assigned.clone();
        for ExceptHandler::ExceptHandler(handler) in &node.handlers {
            let next = self.unit.builder.new_label();
            let failed = self.unit.builder.new_label();
            let Some(class) = &handler.type_ else { return self.error(handler.range, "expected one or more exception types") };
            let inner = self.mark();
            let class_register = self.expr(class, None)?;
            self.release(inner);
            // A group made for a plain exception shows the whole clause in its traceback.
            self.at(handler.range);
            self.emit(Op::CheckEgMatch, rest, rest, class_register);
            self.unit.builder.emit_jump(Op::JumpIfNone, group, 0, 0, next);
            self.push_block(Block::ExceptStar, handler.range)?;
            let row = self.begin_guard();
            // While the clause runs, the matched group is the handled exception.
            self.emit(Op::PushExc, temp, group, 0);
            self.named_handler_body(
                handler,
                group,
                |this| {
                    this.emit(Op::PopExc, temp, 0, 0);
                    this.unit.builder.jump(next);
                    Ok(())
                },
                |this| {
                    this.reraise(group);
                    Ok(())
                },
            )?;
            self.end_guard(row);
            self.unit.blocks.pop();
            self.rows_to(row, failed, raised);
            self.unit.builder.bind(failed);
            self.nowhere();
            self.emit(Op::PopExc, temp, 0, 0);
            self.emit(Op::ListAppend, list, raised, 0);
            self.unit.builder.bind(next);
            self.unit.assigned = before.clone();
        }
        self.nowhere();
        self.emit(Op::ListAppend, list, rest, 0);
        self.emit(Op::Move, rest, error, 0);
        self.emit(Op::Move, group, list, 0);
        self.emit(Op::Intrinsic, raised, rest, Intrinsic::PrepReraiseStar as u8);
        let reraise = self.unit.builder.new_label();
        self.unit.builder.emit_jump(Op::JumpIfNotNone, raised, 0, 0, reraise);
        self.emit(Op::PopExc, saved, 0, 0);
        self.unit.builder.jump(end);
        self.unit.builder.bind(reraise);
        self.reraise(raised);
        self.release(mark);
        Ok(())
    }

    // ---- with ---------------------------------------------------------------------------------

    pub fn with_statement(&mut self, node: &'a StmtWith) -> Result {
        if node.is_async && !self.in_async_code() {
            return self.error(node.range, "'async with' outside async function");
        }
        self.with_items(node, &node.items)
    }

    fn with_items(&mut self, node: &'a StmtWith, items: &'a [WithItem]) -> Result {
        let Some((item, rest)) = items.split_first() else { return self.conditional_body(&node.body) };
        let end = self.unit.builder.new_label();
        let handler = self.unit.builder.new_label();
        let swallowed = self.unit.builder.new_label();
        let range = item.context_expr.range();
        let registers = self.temps(4)?;
        let (exit, saved, error) = (registers, registers + 2, registers + 3);
        let mark = self.mark();
        let manager = self.expr(&item.context_expr, None)?;
        self.at(range);
        let (enter_special, exit_special) =
            if node.is_async { (Special::AsyncEnter, Special::AsyncExit) } else { (Special::Enter, Special::Exit) };
        self.emit(Op::LoadSpecial, exit, manager, exit_special as u8);
        let base = self.temps(HEADER as usize + 1)?;
        let pair = self.temps(2)?;
        self.emit(Op::LoadSpecial, pair, manager, enter_special as u8);
        self.emit(Op::Move, base, pair, 0);
        self.emit(Op::Move, base + HEADER, pair + 1, 0);
        self.unit.builder.emit_cached(Op::CallMethod, base, 0, 0, 0);
        if node.is_async {
            self.await_value(base + 1, base, 1)?;
            self.emit(Op::Move, base, base + 1, 0);
        }
        let before = self.unit.assigned.clone();
        self.push_block(Block::With { exit, is_async: node.is_async, range }, node.range)?;
        let row = self.begin_guard();
        // The guard protects everything after __enter__, the store included.
        self.release(u16::from(base) + 1);
        if let Some(target) = &item.optional_vars {
            self.store(target, base)?;
        }
        self.release(mark);
        self.with_items(node, rest)?;
        self.end_guard(row);
        self.unit.blocks.pop();
        self.rows_to(row, handler, error);
        self.at(range);
        self.exit_call_without_exception(exit, node.is_async)?;
        let mut after = std::mem::replace(&mut self.unit.assigned, before);
        self.nowhere();
        self.unit.builder.jump(end);
        self.unit.builder.bind(handler);
        self.at(range);
        self.emit(Op::PushExc, saved, error, 0);
        self.push_block(Block::Handler { saved }, node.range)?;
        let row = self.begin_guard();
        let base = self.exit_window(exit)?;
        self.emit(Op::ExcInfo, base + HEADER + 1, error, 0);
        self.unit.builder.emit_cached(Op::CallMethod, base, 3, 0, 0);
        if node.is_async {
            self.await_value(base + 1, base, 2)?;
            self.emit(Op::Move, base, base + 1, 0);
        }
        self.unit.builder.emit_jump(Op::JumpIfTrue, base, 0, 0, swallowed);
        self.nowhere();
        self.reraise(error);
        self.end_guard(row);
        self.unit.blocks.pop();
        self.release(mark);
        self.cleanup(row, saved, error);
        self.unit.builder.bind(swallowed);
        self.emit(Op::PopExc, saved, 0, 0);
        self.unit.builder.bind(end);
        self.unit.meet(after.take());
        self.release(u16::from(registers));
        Ok(())
    }

    /// A method call window for the exit function with room for three arguments.
    fn exit_window(&mut self, exit: u8) -> Result<u8> {
        let base = self.temps(HEADER as usize + 4)?;
        self.emit(Op::Move, base, exit, 0);
        self.emit(Op::Move, base + HEADER, exit + 1, 0);
        Ok(base)
    }

    pub fn exit_call_without_exception(&mut self, exit: u8, is_async: bool) -> Result {
        let mark = self.mark();
        let base = self.exit_window(exit)?;
        for argument in 1..=3 {
            self.emit(Op::LoadNone, base + HEADER + argument, 0, 0);
        }
        self.unit.builder.emit_cached(Op::CallMethod, base, 3, 0, 0);
        if is_async {
            self.await_value(base + 1, base, 2)?;
        }
        self.release(mark);
        Ok(())
    }
}
