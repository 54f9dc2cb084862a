//! Loops, and leaving blocks by break, continue and return.

use bytecode::{Label, Op, Position};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::Result;
use crate::unit::Block;

impl<'a> Generator<'a> {
    /// CPython's limit on nested statement blocks.
    pub fn push_block(&mut self, block: Block<'a>, range: TextRange) -> Result {
        let counted = self
            .unit
            .blocks
            .iter()
            .filter(|block| {
                !matches!(block, Block::Guarded { .. } | Block::ExceptStar | Block::FinallyBody | Block::HandlerName { .. })
            })
            .count();
        if counted >= 21 {
            return self.error(range, "too many statically nested blocks");
        }
        self.unit.blocks.push(block);
        Ok(())
    }

    pub fn while_loop(&mut self, node: &'a StmtWhile) -> Result {
        let builder = &mut self.unit.builder;
        let (body, next, otherwise, end) = (builder.new_label(), builder.new_label(), builder.new_label(), builder.new_label());
        let endless = self.folder().truth(&node.test) == Some(true);
        if !endless {
            if self.folder().truth(&node.test).is_some() {
                self.line_marker(node.test.range());
            }
            self.jump_if(&node.test, false, otherwise)?;
        }
        let before = self.unit.assigned.clone();
        self.unit.builder.bind(body);
        if endless {
            // The line of the test is seen each time round.
            self.line_marker(node.test.range());
        }
        self.push_block(Block::Loop { next, end }, node.range)?;
        self.conditional_body(&node.body)?;
        self.unit.blocks.pop();
        self.unit.builder.bind(next);
        if endless {
            // The marker at the start is the place.
            self.nowhere();
            self.unit.builder.jump(body);
        } else if self.folder().truth(&node.test).is_none() {
            // The test was compiled once already: warnings must not come twice.
            let warnings = self.warnings.len();
            self.unit.assigned = before.clone();
            self.jump_if(&node.test, true, body)?;
            self.warnings.truncate(warnings);
        }
        self.unit.builder.bind(otherwise);
        self.unit.assigned = before;
        self.conditional_body(&node.orelse)?;
        self.unit.builder.bind(end);
        Ok(())
    }

    pub fn for_loop(&mut self, node: &'a StmtFor) -> Result {
        if node.is_async {
            return self.async_for(node);
        }
        let builder = &mut self.unit.builder;
        let (body, next, end) = (builder.new_label(), builder.new_label(), builder.new_label());
        let iterator = self.temp()?;
        self.iterate(&node.iter, iterator)?;
        self.jump_at(node.iter.range(), next);
        let before = self.unit.assigned.clone();
        self.unit.builder.bind(body);
        let item = self.loop_item(&node.target)?;
        if !self.is_direct(&node.target) {
            self.store(&node.target, item)?;
        } else if let Expr::Name(name) = &*node.target {
            self.stored(&name.id);
        }
        self.push_block(Block::Loop { next, end }, node.range)?;
        self.conditional_body(&node.body)?;
        self.unit.blocks.pop();
        self.unit.builder.bind(next);
        self.at(node.iter.range());
        self.unit.builder.emit_jump(Op::ForIter, item, iterator, 0, body);
        self.release(u16::from(iterator));
        self.unit.assigned = before;
        self.conditional_body(&node.orelse)?;
        self.unit.builder.bind(end);
        Ok(())
    }

    /// r[dest] = iter(expression).
    pub fn iterate(&mut self, iter: &'a Expr, dest: u8) -> Result {
        let mark = self.mark();
        let value = match iter {
            // A constant list display only iterated may be a tuple.
            Expr::List(list) if !list.elts.iter().any(Expr::is_starred_expr) && list.elts.len() < 24 => {
                self.sequence(&list.elts, list.range, true, None)?
            }
            other => self.expr(other, None)?,
        };
        self.release(mark);
        self.at(iter.range());
        self.emit(Op::GetIter, dest, value, 0);
        Ok(())
    }

    /// Whether the loop writes its item straight into the target.
    pub fn is_direct(&self, target: &Expr) -> bool {
        matches!(target, Expr::Name(name) if self.direct_target(&name.id).is_some())
    }

    /// The register that receives the loop's items.
    pub fn loop_item(&mut self, target: &Expr) -> Result<u8> {
        if let Expr::Name(name) = target
            && let Some(register) = self.direct_target(&name.id)
        {
            self.forbid_debug(&name.id, name.range)?;
            return Ok(register);
        }
        self.temp()
    }

    fn async_for(&mut self, node: &'a StmtFor) -> Result {
        if !self.in_async_code() {
            return self.error(node.range, "'async for' outside async function");
        }
        let builder = &mut self.unit.builder;
        let (next, end, stop) = (builder.new_label(), builder.new_label(), builder.new_label());
        let registers = self.temps(3)?;
        let (iterator, item, error) = (registers, registers + 1, registers + 2);
        let value = self.expr(&node.iter, None)?;
        self.at(node.iter.range());
        self.emit(Op::GetAIter, iterator, value, 0);
        self.release(u16::from(registers) + 3);
        let before = self.unit.assigned.clone();
        self.unit.builder.bind(next);
        let start = self.unit.builder.here();
        self.at(node.iter.range());
        self.async_next(iterator, item)?;
        let stop_of_range = self.unit.builder.here();
        self.store(&node.target, item)?;
        self.push_block(Block::Loop { next, end }, node.range)?;
        self.conditional_body(&node.body)?;
        self.unit.blocks.pop();
        self.nowhere();
        self.unit.builder.jump(next);
        self.unit.builder.exception_row(start, stop_of_range, stop, error);
        self.unit.builder.bind(stop);
        self.at(node.iter.range());
        self.emit(Op::EndAsyncFor, error, 0, 0);
        self.release(u16::from(registers));
        self.unit.assigned = before;
        self.conditional_body(&node.orelse)?;
        self.unit.builder.bind(end);
        Ok(())
    }

    /// r[item] = await iterator.__anext__().
    pub fn async_next(&mut self, iterator: u8, item: u8) -> Result {
        let mark = self.mark();
        let awaitable = self.temp()?;
        self.emit(Op::GetANext, awaitable, iterator, 0);
        self.emit(Op::LoadNone, item, 0, 0);
        self.emit_yield_from(item, awaitable);
        self.release(mark);
        Ok(())
    }

    // ---- leaving blocks -----------------------------------------------------------------------

    /// Errors and warnings for break, continue, return where they may not be.
    pub fn check_exit(&mut self, word: &str, range: TextRange, place: TextRange) -> Result {
        let mut warns = false;
        for block in self.unit.blocks.iter().rev() {
            match block {
                Block::Loop { .. } if word != "return" => break,
                Block::FinallyBody => warns = true,
                Block::ExceptStar => {
                    return self.error(place, "'break', 'continue' and 'return' cannot appear in an except* block");
                }
                _ => {}
            }
        }
        if warns {
            self.warn(range, &format!("'{word}' in a 'finally' block"));
        }
        Ok(())
    }

    pub fn break_statement(&mut self, range: TextRange) -> Result {
        self.check_exit("break", range, range)?;
        let Some(target) = self.innermost_loop(|_, end| end) else {
            return self.error(range, "'break' outside loop");
        };
        self.leave_loop(target, range)
    }

    pub fn continue_statement(&mut self, range: TextRange) -> Result {
        self.check_exit("continue", range, range)?;
        let Some(target) = self.innermost_loop(|next, _| next) else {
            return self.error(range, "'continue' not properly in loop");
        };
        self.leave_loop(target, range)
    }

    fn innermost_loop(&self, which: impl Fn(Label, Label) -> Label) -> Option<(usize, Label)> {
        self.unit.blocks.iter().enumerate().rev().find_map(|(index, block)| match block {
            Block::Loop { next, end } => Some((index, which(*next, *end))),
            _ => None,
        })
    }

    fn leave_loop(&mut self, (index, target): (usize, Label), range: TextRange) -> Result {
        self.line_marker(range);
        if self.unwind(Some(index))? {
            self.nowhere();
            self.unit.builder.jump(target);
        } else {
            self.jump_at(range, target);
        }
        self.resume_guards();
        self.unit.assigned = None;
        Ok(())
    }

    /// Emits what leaving all blocks inside block `until` (all blocks if none) takes. The exception rows of
    /// these blocks are interrupted until `resume_guards`. Gives whether that runs code of other lines: what follows has no place then.
    pub fn unwind(&mut self, until: Option<usize>) -> Result<bool> {
        let first = until.map_or(0, |index| index + 1);
        let left: Vec<Block<'a>> = self.unit.blocks.drain(first..).collect();
        let mut position = self.unit.builder.position();
        let mut went_elsewhere = false;
        for index in (0..left.len()).rev() {
            match &left[index] {
                Block::Guarded { row } => {
                    let row = *row;
                    let here = self.unit.builder.here();
                    let guard = &mut self.unit.guards[row];
                    if let Some(start) = guard.open.take() {
                        guard.ranges.push((start, here));
                    }
                }
                Block::Handler { saved } => {
                    let saved = *saved;
                    self.unit.builder.set_position(position);
                    self.emit(Op::PopExc, saved, 0, 0);
                }
                Block::HandlerName { name } => {
                    let name = *name;
                    self.unit.builder.set_position(position);
                    self.unbind_handler_name(name)?;
                }
                Block::Finally { body } => {
                    let body = *body;
                    // The final statements run as if they stood outside the try: only the outer blocks are around them.
                    let restore = self.restore_outer(&left[..index]);
                    let warnings = self.warnings.len();
                    let assigned = self.unit.assigned.clone();
                    self.push_block(Block::FinallyBody, TextRange::default())?;
                    self.body(body)?;
                    self.unit.blocks.pop();
                    self.unit.assigned = assigned;
                    self.warnings.truncate(warnings);
                    self.unit.blocks.truncate(self.unit.blocks.len() - restore);
                    (position, went_elsewhere) = (Position::default(), true);
                    self.nowhere();
                }
                Block::With { exit, is_async, range } => {
                    let (exit, is_async, range) = (*exit, *is_async, *range);
                    self.at(range);
                    self.exit_call_without_exception(exit, is_async)?;
                    (position, went_elsewhere) = (Position::default(), true);
                    self.nowhere();
                }
                Block::Loop { .. } | Block::ExceptStar | Block::FinallyBody => {}
            }
        }
        self.unit.blocks.extend(left);
        Ok(went_elsewhere)
    }

    /// Puts copies of the blocks that are still around the code back on the stack; gives their number.
    fn restore_outer(&mut self, blocks: &[Block<'a>]) -> usize {
        for block in blocks {
            let copy = match block {
                Block::Loop { next, end } => Block::Loop { next: *next, end: *end },
                Block::Finally { body } => Block::Finally { body },
                Block::Handler { saved } => Block::Handler { saved: *saved },
                Block::HandlerName { name } => Block::HandlerName { name },
                Block::With { exit, is_async, range } => Block::With { exit: *exit, is_async: *is_async, range: *range },
                Block::Guarded { row } => Block::Guarded { row: *row },
                Block::ExceptStar => Block::ExceptStar,
                Block::FinallyBody => Block::FinallyBody,
            };
            self.unit.blocks.push(copy);
        }
        blocks.len()
    }

    /// Opens the exception rows of all blocks around again after code that left them.
    pub fn resume_guards(&mut self) {
        let here = self.unit.builder.here();
        for block in &self.unit.blocks {
            if let Block::Guarded { row } = block {
                let guard = &mut self.unit.guards[*row];
                guard.open.get_or_insert(here);
            }
        }
    }
}
