//! Jumps that a tracer orders by assigning `f_lineno`: which instructions begin a line, which blocks surround them, and whether a
//! frame can go from one to the other. Must not know: how tracers are called.

use bytecode::Op;
use bytecode::code_unit::VariableKind;
use bytecode::decode::{Decoded, instructions};
use bytecode::liveness;
use heap::Value;
use objects::code::Code;
use objects::error::{R, value_error};
use objects::frame::{Exec, SAVED_PC, View};
use objects::frame_locals::{Registers, is_visible, set_variable, variable};
use objects::layout::Gc;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The body of a for loop: its iterator sits in a register.
    Loop,
    /// The body of a with statement: the exit function sits in a register.
    With,
    /// A handler: the exception that was handled before sits in this register.
    Handler(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Block {
    kind: Kind,
    start: usize,
    end: usize,
}

/// All blocks of a code, outer before inner.
fn blocks(code: &Code) -> Vec<Block> {
    let decoded: Vec<Decoded> = instructions(&code.unit().words).collect();
    let at = |pc: usize| decoded.iter().position(|instruction| instruction.pc == pc);
    let mut found = Vec::new();
    for instruction in &decoded {
        let target = instruction.jump_target();
        match instruction.op {
            Op::ForIter => {
                if let Some(start) = target.filter(|target| *target <= instruction.pc) {
                    found.push(Block { kind: Kind::Loop, start, end: instruction.next_pc() });
                }
            }
            Op::GetANext => {
                // An asynchronous loop goes back to this instruction.
                let last = decoded.iter().rfind(|other| other.pc > instruction.pc && other.jump_target() == Some(instruction.pc));
                if let Some(last) = last {
                    found.push(Block { kind: Kind::Loop, start: instruction.next_pc(), end: last.next_pc() });
                }
            }
            Op::PushExc => {
                let row = code.unit().exceptions.iter().find(|row| {
                    let start = row.start as usize;
                    start == instruction.pc || start == instruction.next_pc()
                });
                if let Some(row) = row {
                    let kind = Kind::Handler(instruction.a as usize);
                    found.push(Block { kind, start: instruction.pc, end: row.end as usize });
                }
            }
            _ => {}
        }
    }
    for row in &code.unit().exceptions {
        let handler = at(row.target as usize).map(|index| &decoded[index..]);
        if let Some([first, rest @ ..]) = handler
            && first.op == Op::PushExc
            && rest.iter().take(3).any(|instruction| instruction.op == Op::ExcInfo)
        {
            found.push(Block { kind: Kind::With, start: row.start as usize, end: row.end as usize });
        }
    }
    found.sort_by_key(|block| (block.start, usize::MAX - block.end));
    found
}

/// The temporaries that the code from `pc` on reads before it writes them.
fn temporaries(code: &Code, pc: usize) -> Vec<usize> {
    let unit = code.unit();
    if unit.spill.is_some() {
        return Vec::new();
    }
    let first = unit.variables().count();
    (first..unit.register_count as usize).filter(|register| liveness::is_used(unit, pc, *register)).collect()
}

/// Whether the code at `pc` needs no more temporaries than the blocks around it keep.
fn begins_statement(code: &Code, around: &[Block], pc: usize) -> bool {
    let needed = temporaries(code, pc);
    let Some(innermost) = around.last() else { return needed.is_empty() };
    let mut kept = temporaries(code, innermost.start);
    if let Kind::Handler(_) = innermost.kind {
        // The handler's first instruction keeps what was handled before.
        kept.extend(temporaries(code, innermost.start + 1));
    }
    needed.iter().all(|register| kept.contains(register))
}

/// Whether a frame may go from the block `from` into `to` as if it were the same: what the blocks keep has the same shape and place.
fn replaces(code: &Code, to: &Block, from: &Block) -> bool {
    to.kind == from.kind && !matches!(to.kind, Kind::Handler(_)) && temporaries(code, to.start) == temporaries(code, from.start)
}

fn surrounding(blocks: &[Block], pc: usize) -> Vec<Block> {
    blocks.iter().copied().filter(|block| block.start <= pc && pc < block.end).collect()
}

/// The frame that a trace function is told of goes on at `line` (or the next line that has code).
pub fn jump_to_line(exec: &'static Exec, view: View, line: i64) -> R<()> {
    let code = view.code();
    let starts = code.unit().line_starts();
    if line < code.first_line as i64 {
        return Err(value_error!("line {line} comes before the current code block"));
    }
    let Some(line) = starts.iter().map(|start| start.1 as i64).filter(|start| *start >= line).min() else {
        return Err(value_error!("line {line} comes after the current code block"));
    };
    let all = blocks(&code);
    let here = surrounding(&all, view.offset() as usize);
    let mut best: Option<(usize, usize)> = None;
    let mut obstacle = None;
    let steps = |pc: usize| (code.unit().words[pc] & 0xFF) as u8 == Op::ForIter as u8;
    let mut candidates: Vec<usize> = starts.iter().filter(|start| start.1 as i64 == line).map(|start| start.0).collect();
    // The line of a for statement begins the loop anew rather than going on with it.
    if candidates.iter().any(|pc| !steps(*pc)) {
        candidates.retain(|pc| !steps(*pc));
    }
    for pc in &candidates {
        let there = surrounding(&all, *pc);
        match there.iter().find(|block| !here.contains(block) && !here.iter().any(|other| replaces(&code, block, other))) {
            // In the middle of an expression its parts would be missing.
            None if !begins_statement(&code, &there, *pc) => {}
            None if best.is_none_or(|(depth, _)| there.len() > depth) => best = Some((there.len(), *pc)),
            None => {}
            Some(block) => obstacle = obstacle.or(Some(block.kind)),
        }
    }
    let Some((_, target)) = best else {
        return Err(match obstacle {
            Some(Kind::Loop) => value_error!("can't jump into the body of a for loop"),
            Some(Kind::Handler(_)) => value_error!("can't jump into an 'except' block as there's no exception"),
            _ => value_error!("incompatible stacks"),
        });
    };
    bind_unbound(code, view)?;
    let there = surrounding(&all, target);
    for block in here.iter().rev().filter(|block| !there.contains(block)) {
        if let Kind::Handler(saved) = block.kind {
            // SAFETY: the register belongs to the open window; the item is the top of the running frame's stack.
            unsafe {
                let saved = Value::from_raw_unchecked(*view.regs.add(saved));
                let item = &*exec.handled.get();
                item.value.set_opt(Some(saved).filter(|saved| !saved.is_none()));
            }
        }
    }
    let mut window = View { pc: exec.pc.get(), regs: exec.regs.get(), pool: exec.pool.get() };
    while let Some(outer) = window.step() {
        if outer.regs == view.regs {
            // SAFETY: the first window above the frame's (a stub, in which the trace function was called) holds the pc to come back to, plus
            // one word; `target` is the index of an instruction of this code.
            unsafe { *window.regs.offset(SAVED_PC) = code.start().add(target + 1) as u64 };
            return Ok(());
        }
        window = outer;
    }
    Ok(())
}

/// Code that a jump skipped would have bound these.
fn bind_unbound(code: Gc<Code>, view: View) -> R<()> {
    let registers = Registers::Window(view.regs);
    let unbound: Vec<usize> = (0..code.variables().len())
        .filter(|index| code.variables()[*index].kind == VariableKind::Local && is_visible(code, *index))
        .filter(|index| variable(code, registers, *index).is_none())
        .collect();
    if unbound.is_empty() {
        return Ok(());
    }
    let plural = if unbound.len() == 1 { "" } else { "s" };
    objects::warnings::runtime(&format!("assigning None to {} unbound local{plural}", unbound.len()))?;
    for index in unbound {
        set_variable(code, registers, index, Some(Value::none()));
    }
    Ok(())
}
