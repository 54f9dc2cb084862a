//! What the registers of a stopped frame mean: whether a register is still in use, and whether it is a copy of a variable.
//! For questions about one register now and then: nothing is prepared or kept, nothing is allocated.
//! Must not know: values.

use crate::code_unit::CodeUnit;
use crate::decode::{self, Decoded};
use crate::ops::{CALL_HEADER, Op, effects, make_flags};

/// Words of code that a question looks at; in longer code all registers are in use.
const MOST_WORDS: usize = 1 << 15;
/// Ways that wait to be followed at once.
const MOST_WAYS: usize = 128;

/// The instruction that covers word `word`.
pub fn instruction_at(unit: &CodeUnit, word: usize) -> Option<Decoded> {
    decode::instructions(&unit.words).take_while(|one| one.pc <= word).find(|one| word < one.next_pc())
}

/// Whether what `register` holds while the instruction at word `pc` runs is an operand of it, or may be read after it.
pub fn is_used(unit: &CodeUnit, pc: usize, register: usize) -> bool {
    match instruction_at(unit, pc) {
        Some(one) => reads(&one, register) || is_used_after(unit, &one, register),
        None => false,
    }
}

/// Whether what `register` holds while a generator stands still at `pc` may be read when it goes on.
pub fn is_used_when_resumed(unit: &CodeUnit, pc: usize, register: usize) -> bool {
    match instruction_at(unit, pc) {
        // What was yielded is gone; of a delegation the inner iterator stays.
        Some(one) if one.op == Op::YieldFrom && one.b as usize == register => true,
        Some(one) => is_used_after(unit, &one, register),
        None => false,
    }
}

/// The register whose content an instruction before `pc` copied to `register`, and that instruction's place: of those that write it, the
/// nearest in the order of the code. None if that one made something else.
pub fn copied_from(unit: &CodeUnit, pc: usize, register: usize) -> Option<(usize, usize)> {
    let before = decode::instructions(&unit.words).take_while(|one| one.pc < pc);
    let writer = before.filter(|one| writes(one, register)).last()?;
    let copies = match writer.op {
        Op::Move => true,
        // The receiver of a method call, of a context manager's methods.
        Op::LoadMethod => writer.a as usize + CALL_HEADER as usize == register,
        Op::LoadSpecial => writer.a as usize + 1 == register,
        _ => false,
    };
    copies.then_some((writer.b as usize, writer.pc))
}

fn reads(one: &Decoded, register: usize) -> bool {
    if one.op == Op::MakeFunction && one.ext as u8 & make_flags::CLOSURE != 0 && register >= (one.ext >> 8) as usize {
        // The number of cells is with the nested code.
        return true;
    }
    one.reads().into_iter().any(|range| (range.first..range.first + range.count).contains(&register))
}

fn writes(one: &Decoded, register: usize) -> bool {
    // Calls leave nothing above their base.
    one.op.has_effect(effects::ENTERS) && register > one.a as usize
        || one.writes().into_iter().any(|range| (range.first..range.first + range.count).contains(&register))
}

/// Follows all ways from behind `one` until the register is read or written.
fn is_used_after(unit: &CodeUnit, one: &Decoded, register: usize) -> bool {
    if unit.words.len() > MOST_WORDS {
        return true;
    }
    let mut ways = Ways { seen: [0; MOST_WORDS / 64], waiting: [0; MOST_WAYS], count: 0 };
    if !ways.add_successors(unit, one, register) {
        return true;
    }
    while let Some(pc) = ways.take() {
        let Some(next) = decode::decode(&unit.words, pc) else { continue };
        if reads(&next, register) || !ways.add_successors(unit, &next, register) {
            return true;
        }
    }
    false
}

struct Ways {
    seen: [u64; MOST_WORDS / 64],
    waiting: [u32; MOST_WAYS],
    count: usize,
}

impl Ways {
    /// Where control may go from `one` with the register as it is. False: too many ways.
    fn add_successors(&mut self, unit: &CodeUnit, one: &Decoded, register: usize) -> bool {
        // A handler sees the registers as they were when the instruction began, mostly.
        let handler = if one.op.has_effect(effects::RAISES) { unit.handler(one.pc) } else { None };
        let handler = handler.filter(|row| row.register as usize != register).map(|row| row.target as usize);
        let (mut jump, mut next) = (None, None);
        if !writes(one, register) {
            next = one.falls_through().then(|| one.next_pc());
            jump = one.jump_target();
        } else if one.op == Op::ForIter {
            // At the end of the loop its variable is what it was.
            next = Some(one.next_pc());
        }
        [handler, jump, next].into_iter().flatten().all(|pc| self.add(unit, pc))
    }

    fn add(&mut self, unit: &CodeUnit, pc: usize) -> bool {
        if pc >= unit.words.len() || self.seen[pc / 64] >> (pc % 64) & 1 != 0 {
            return true;
        }
        self.seen[pc / 64] |= 1 << (pc % 64);
        if self.count == MOST_WAYS {
            return false;
        }
        self.waiting[self.count] = pc as u32;
        self.count += 1;
        true
    }

    fn take(&mut self) -> Option<usize> {
        self.count = self.count.checked_sub(1)?;
        Some(self.waiting[self.count] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Builder, UnitInfo};

    /// r0 a variable; r1 = r0, r2 = None, r3 = None; if r3: r2 = r1; return r2
    fn branching() -> CodeUnit {
        let mut builder = Builder::new();
        let end = builder.new_label();
        builder.emit(Op::Move, 1, 0, 0);
        builder.emit(Op::LoadNone, 2, 0, 0);
        builder.emit(Op::LoadNone, 3, 0, 0);
        builder.emit_jump(Op::JumpIfFalse, 3, 0, 0, end);
        builder.emit(Op::Move, 2, 1, 0);
        builder.bind(end);
        builder.emit(Op::Return, 2, 0, 0);
        builder.finish(UnitInfo { register_count: 4, ..UnitInfo::default() }).expect("a sound unit")
    }

    #[test]
    fn used_is_what_some_way_reads_before_it_is_written() {
        let unit = branching();
        // At the second instruction: r1 is read behind the branch, r2 is written now, r3 is written first.
        assert!(is_used(&unit, 1, 1));
        assert!(!is_used(&unit, 1, 3));
        assert!(is_used(&unit, 2, 2));
        // At the return only its operand is.
        let last = unit.words.len() - 1;
        assert!(is_used(&unit, last, 2));
        assert!(!is_used(&unit, last, 1));
    }

    #[test]
    fn copies_are_known_by_the_nearest_writer() {
        let unit = branching();
        assert_eq!(copied_from(&unit, 2, 1), Some((0, 0)));
        assert_eq!(copied_from(&unit, 3, 2), None);
        assert_eq!(copied_from(&unit, unit.words.len() - 1, 2), Some((1, 4)));
    }
}
