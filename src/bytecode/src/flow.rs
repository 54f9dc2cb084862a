//! Part of the verifier: what registers hold on every way through a unit. No register is read before it is written (it may hold a return
//! address), and where an op trusts the kind of an object (a cell, the list of a display), nothing else can be there.
//!
//! Must not know: values, objects.

use std::collections::HashMap;

use crate::code_unit::{CodeUnit, Const, VariableKind};
use crate::decode::{self, Decoded};
use crate::ops::{Op, effects, make_flags};

/// What a register holds. Everything but `NOTHING` and `SPILL` may be read as a value.
type Kind = u8;
const NOTHING: Kind = 0;
const VALUE: Kind = 1;
const CELL: Kind = 2;
/// The array of variables that have no register.
const SPILL: Kind = 3;
const LIST: Kind = 4;
const SET: Kind = 5;
const DICT: Kind = 6;
/// An exception.
const EXCEPTION: Kind = 7;
/// An exception or None: what `PUSH_EXC` saved, what matches `except*`.
const SAVED: Kind = 8;

/// Memory that states may take.
const MOST_BYTES: usize = 1 << 29;

fn merged(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        _ if one == other => one,
        (NOTHING | SPILL, _) | (_, NOTHING | SPILL) => NOTHING,
        _ => VALUE,
    }
}

/// Words where a way begins: jump targets and handlers.
fn heads(unit: &CodeUnit) -> Vec<bool> {
    let mut heads = vec![false; unit.words.len() + 1];
    for one in decode::instructions(&unit.words) {
        if let Some(target) = one.jump_target() {
            heads[target] = true;
        }
    }
    for row in &unit.exceptions {
        heads[row.target as usize] = true;
    }
    heads
}

/// The exception row of each word; the first that covers it counts.
fn rows(unit: &CodeUnit) -> Vec<Option<u32>> {
    let mut rows = vec![None; unit.words.len()];
    for (index, row) in unit.exceptions.iter().enumerate().rev() {
        rows[row.start as usize..row.end as usize].fill(Some(index as u32));
    }
    rows
}

struct Flow<'a> {
    unit: &'a CodeUnit,
    heads: Vec<bool>,
    rows: Vec<Option<u32>>,
    /// Spill slots of cell variables, and where in a state their kinds stand.
    cell_slots: HashMap<u32, usize>,
    states: HashMap<usize, Vec<Kind>>,
    waiting: Vec<usize>,
    /// Instructions that put a register aside in which there is nothing, and a register with a value there; None while checking.
    blanks: Option<HashMap<usize, u8>>,
}

/// Checks all ways through a unit whose instructions, jumps and rows are known to be sound.
pub fn check(unit: &CodeUnit) -> Result<(), (usize, &'static str)> {
    check_shape(unit)?;
    follow_all(unit, None).map(|_| ())
}

/// The compiler puts aside whole runs of registers, the reserved ones of calls and those that wait for their value among them. What is left
/// there of other calls must not get into an array that the collector reads: another register, which holds a value, is stored instead.
pub fn fill_blanks(unit: &mut CodeUnit) {
    let Ok(Some(blanks)) = follow_all(unit, Some(HashMap::new())) else { return };
    for (pc, register) in blanks {
        let [op, _, b, c] = unit.words[pc].to_le_bytes();
        unit.words[pc] = u32::from_le_bytes([op, register, b, c]);
    }
}

type Blanks = Option<HashMap<usize, u8>>;

fn follow_all(unit: &CodeUnit, blanks: Blanks) -> Result<Blanks, (usize, &'static str)> {
    let registers = unit.register_count as usize;
    let mut cell_slots = HashMap::new();
    if let Some(spill) = unit.spill {
        let kinds = unit.variables().enumerate().skip(spill.first_variable as usize);
        for (index, _) in kinds.filter(|(_, (_, kind))| *kind != VariableKind::Local) {
            cell_slots.insert(index as u32 - spill.first_variable, registers + cell_slots.len());
        }
    }
    let heads = heads(unit);
    let size = registers + cell_slots.len();
    if heads.iter().filter(|head| **head).count().saturating_mul(size) > MOST_BYTES {
        return Err((0, "too many ways through the code"));
    }
    let mut state = vec![NOTHING; size];
    let given = match blanks {
        // The compiler knows its parameters only later.
        Some(_) => unit.variable_register(unit.variable_count()),
        None if unit.has_namespace() => 1,
        None => unit.parameter_count(),
    };
    state[..given].fill(VALUE);
    for index in unit.first_free_variable()..unit.variable_count() {
        state[unit.variable_register(index)] = CELL;
    }
    let mut flow = Flow { unit, rows: rows(unit), heads, cell_slots, states: HashMap::new(), waiting: Vec::new(), blanks };
    flow.follow(0, state)?;
    while let Some(pc) = flow.waiting.pop() {
        let state = flow.states[&pc].clone();
        flow.follow(pc, state)?;
    }
    Ok(flow.blanks)
}

/// Generators begin with their op and nobody else suspends; names are looked up where there is a namespace, which stays where it is.
fn check_shape(unit: &CodeUnit) -> Result<(), (usize, &'static str)> {
    for one in decode::instructions(&unit.words) {
        if (one.op == Op::GeneratorStart) != (one.pc == 0 && unit.is_generator_like()) {
            return Err((one.pc, "a generator that does not begin as one"));
        }
        if one.op.has_effect(effects::SUSPENDS) && !unit.is_generator_like() {
            return Err((one.pc, "suspends, but is no generator"));
        }
        if matches!(one.op, Op::LoadName | Op::StoreName | Op::DeleteName) && !unit.has_namespace() {
            return Err((one.pc, "no namespace"));
        }
        if unit.has_namespace() && one.writes().into_iter().any(|range| range.count > 0 && range.first == 0) {
            return Err((one.pc, "the namespace is written over"));
        }
    }
    Ok(())
}

impl Flow<'_> {
    /// Goes on from `pc` until the way ends or meets another.
    fn follow(&mut self, mut pc: usize, mut state: Vec<Kind>) -> Result<(), (usize, &'static str)> {
        let mut first = true;
        loop {
            if self.heads[pc] && !first {
                self.arrive(pc, &state);
                return Ok(());
            }
            first = false;
            let Some(one) = decode::decode(&self.unit.words, pc) else { return Err((pc, "no instruction")) };
            match &mut self.blanks {
                None => self.reads(&one, &state).map_err(|what| (pc, what))?,
                Some(blanks) if one.op == Op::StoreSpill && state[one.a as usize] == NOTHING => {
                    let other = state[..self.unit.register_count.min(256) as usize]
                        .iter()
                        .position(|kind| !matches!(*kind, NOTHING | SPILL));
                    blanks.insert(pc, other.map_or(one.b, |register| register as u8));
                }
                Some(_) => {}
            }
            let before = state.clone();
            self.writes(&one, &mut state);
            if one.op.has_effect(effects::RAISES)
                && let Some(row) = self.rows[pc]
            {
                let row = &self.unit.exceptions[row as usize];
                let mut handler: Vec<Kind> = before.iter().zip(&state).map(|(one, other)| merged(*one, *other)).collect();
                handler[row.register as usize] = EXCEPTION;
                self.arrive(row.target as usize, &handler);
            }
            if let Some(target) = one.jump_target() {
                self.arrive(target, &state);
            }
            if !one.falls_through() {
                return Ok(());
            }
            match one.op {
                // At the end of the loop its variable is what it was.
                Op::ForIter => state = before,
                Op::JumpIfNone if state[one.a as usize] == SAVED => state[one.a as usize] = EXCEPTION,
                _ => {}
            }
            pc = one.next_pc();
        }
    }

    fn arrive(&mut self, pc: usize, state: &[Kind]) {
        let Some(known) = self.states.get_mut(&pc) else {
            self.states.insert(pc, state.to_vec());
            self.waiting.push(pc);
            return;
        };
        let mut changed = false;
        for (known, new) in known.iter_mut().zip(state) {
            let both = merged(*known, *new);
            changed |= both != *known;
            *known = both;
        }
        if changed && !self.waiting.contains(&pc) {
            self.waiting.push(pc);
        }
    }

    fn reads(&self, one: &Decoded, state: &[Kind]) -> Result<(), &'static str> {
        let (a, b, c) = (one.a as usize, one.b as usize, one.c as usize);
        let is = |register: usize, kind: Kind| if state[register] == kind { Ok(()) } else { Err("an object of another kind") };
        let array = matches!(one.op, Op::LoadSpill | Op::StoreSpill).then_some(b);
        // Of what this takes along, only what entry wrote counts.
        if one.op == Op::SpillInit && self.entry_slots(one).any(|index| matches!(state[a + index], NOTHING | SPILL)) {
            return Err("a parameter is written over before it is put aside");
        }
        let ranges = if one.op == Op::SpillInit { None } else { Some(one.reads()) };
        for range in ranges.into_iter().flatten() {
            for register in range.first..range.first + range.count {
                if matches!(state[register], NOTHING | SPILL) && array != Some(register) {
                    return Err("a register is read before it is written");
                }
            }
        }
        match one.op {
            Op::LoadCell => is(b, CELL)?,
            Op::StoreCell | Op::DeleteCell => is(a, CELL)?,
            Op::LoadDictOrCell => is(c, CELL)?,
            Op::LoadSpill | Op::StoreSpill => is(b, SPILL)?,
            Op::ListAppend | Op::ListExtend => is(a, LIST)?,
            Op::ListToTuple => is(b, LIST)?,
            Op::SetUpdate => is(a, SET)?,
            Op::MapAdd | Op::DictUpdate | Op::DictMerge => is(a, DICT)?,
            Op::PushExc | Op::CheckExcMatch | Op::ExcInfo => is(b, EXCEPTION)?,
            Op::EndAsyncFor => is(a, EXCEPTION)?,
            Op::PopExc => is(a, SAVED)?,
            Op::MakeFunction => self.inputs(one, &is)?,
            _ => {}
        }
        // Whoever looks at the frame reads its variables.
        let seen = one.op.has_effect(effects::RAISES) || one.op.has_effect(effects::CALLS);
        if seen && one.op != Op::GeneratorStart && state[..self.unit.variable_registers()].contains(&NOTHING) {
            return Err("a variable is read before it is written");
        }
        Ok(())
    }

    /// Slots that `SPILL_INIT` fills from registers: parameters and cells of the closure.
    fn entry_slots(&self, one: &Decoded) -> impl Iterator<Item = usize> {
        let first = self.unit.spill.map_or(0, |spill| spill.first_variable as usize);
        let (parameters, free) = (self.unit.parameter_count(), self.unit.first_free_variable()..self.unit.variable_count());
        (0..one.wide() as usize).filter(move |index| first + index < parameters || free.contains(&(first + index)))
    }

    fn inputs(&self, one: &Decoded, is: &impl Fn(usize, Kind) -> Result<(), &'static str>) -> Result<(), &'static str> {
        let flags = one.ext as u8;
        // What comes before the cells is checked when it is taken.
        let at = (one.ext >> 8) as usize + (flags & !make_flags::CLOSURE).count_ones() as usize;
        if flags & make_flags::CLOSURE != 0 {
            let count = match self.unit.consts.get(one.wide() as usize) {
                Some(Const::Code(code)) => code.free_vars.len(),
                Some(Const::Stored(stored)) => stored.head.free_count as usize,
                _ => return Err("no code"),
            };
            (at..at + count).try_for_each(|register| is(register, CELL))?;
        }
        Ok(())
    }

    fn writes(&self, one: &Decoded, state: &mut [Kind]) {
        let registers = self.unit.register_count as usize;
        let (a, b) = (one.a as usize, one.b as usize);
        let kind = match one.op {
            Op::Move => state[b],
            Op::MakeCell => CELL,
            Op::LoadSpill => self.cell_slots.get(&one.ext).map_or(VALUE, |at| state[*at]),
            Op::BuildList | Op::BuildListFor | Op::UnpackList | Op::UnpackExList => LIST,
            Op::BuildSet => SET,
            Op::BuildMap | Op::KeywordDict => DICT,
            Op::PushExc => SAVED,
            Op::SpillInit => SPILL,
            _ => VALUE,
        };
        match one.op {
            Op::SpillInit => {
                for at in self.cell_slots.values() {
                    state[*at] = VALUE;
                }
                for index in self.entry_slots(one) {
                    if let Some(at) = self.cell_slots.get(&(index as u32)) {
                        state[*at] = state[a + index];
                    }
                }
                state[a] = SPILL;
                return;
            }
            Op::StoreSpill => {
                if let Some(at) = self.cell_slots.get(&one.ext) {
                    state[*at] = state[a];
                }
                return;
            }
            // Calls leave nothing above their base.
            _ if one.op.has_effect(effects::ENTERS) => state[(a + 1).min(registers)..registers].fill(NOTHING),
            // Nor do generators above what they keep.
            Op::Yield | Op::YieldAsync | Op::YieldFrom if one.c != 0 => state[one.c as usize..registers].fill(NOTHING),
            _ => {}
        }
        for range in one.writes() {
            state[range.first..range.first + range.count].fill(kind);
        }
        if one.op == Op::CheckEgMatch {
            state[a + 1] = SAVED;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::builder::{Builder, UnitInfo};
    use crate::code_unit::{CodeUnit, co_flags};
    use crate::ops::Op;

    fn unit(ops: &[(Op, u8, u8, u8)]) -> CodeUnit {
        let mut builder = Builder::new();
        for &(op, a, b, c) in ops {
            builder.emit(op, a, b, c);
        }
        let info = UnitInfo { register_count: 6, flags: co_flags::OPTIMIZED, ..UnitInfo::default() };
        builder.finish(info).expect("a unit of the right form")
    }

    #[test]
    fn registers_are_written_before_they_are_read() {
        assert_eq!(check(&unit(&[(Op::LoadNone, 1, 0, 0), (Op::Return, 1, 0, 0)])), Ok(()));
        assert!(check(&unit(&[(Op::Return, 1, 0, 0)])).is_err());
    }

    #[test]
    fn objects_that_an_op_trusts_are_of_the_right_kind() {
        let sound = [(Op::BuildList, 1, 0, 0), (Op::LoadNone, 2, 0, 0), (Op::ListAppend, 1, 2, 0), (Op::Return, 1, 0, 0)];
        assert_eq!(check(&unit(&sound)), Ok(()));
        let foreign = [(Op::LoadNone, 1, 0, 0), (Op::LoadNone, 2, 0, 0), (Op::ListAppend, 1, 2, 0), (Op::Return, 1, 0, 0)];
        assert!(check(&unit(&foreign)).is_err());
        assert!(check(&unit(&[(Op::LoadNone, 1, 0, 0), (Op::StoreCell, 1, 1, 0), (Op::Return, 1, 0, 0)])).is_err());
    }
}
