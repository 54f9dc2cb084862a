//! Builder: labels and instructions in, a laid-out `CodeUnit` out. Threads jumps, drops code that is
//! never reached, chooses jump sizes. Must not know: the source language.

use std::collections::HashMap;

use crate::code_unit::{CacheCell, CodeUnit, Const, ExceptionRow, Position, Spill, Text, Wtf8};
use crate::ops::{CacheKind, ExtKind, Op, OperandKind, effects};
use crate::positions;

/// A place in the code, bound once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(u32);

/// One instruction before layout.
#[derive(Clone, Copy, Debug)]
struct Instruction {
    op: Op,
    operands: [u8; 3],
    ext: u32,
    target: Option<Label>,
    position: Position,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: Label,
    end: Label,
    target: Label,
    register: u8,
}

/// What the unit says about itself besides its code.
#[derive(Clone, Debug, Default)]
pub struct UnitInfo {
    pub name: String,
    pub qualname: String,
    pub filename: String,
    pub first_line: u32,
    pub flags: u32,
    pub arg_count: u32,
    pub pos_only_count: u32,
    pub kw_only_count: u32,
    pub register_count: u32,
    pub var_names: Vec<String>,
    pub cell_vars: Vec<String>,
    pub free_vars: Vec<String>,
    pub spill: Option<Spill>,
    pub doc: Option<Wtf8>,
}

/// The code does not fit the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

#[derive(Default)]
pub struct Builder {
    instructions: Vec<Instruction>,
    /// Index of the instruction that a label stands before.
    labels: Vec<u32>,
    rows: Vec<Row>,
    consts: Vec<Const>,
    const_index: HashMap<Const, u32>,
    names: Vec<Text>,
    name_index: HashMap<Box<str>, u32>,
    caches: Vec<CacheCell>,
    position: Position,
    /// Where the latest label was bound.
    last_bound: usize,
}

const UNBOUND: u32 = u32::MAX;

fn split(number: u16) -> [u8; 2] {
    number.to_le_bytes()
}

impl Builder {
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Source position of the instructions that follow.
    pub fn set_position(&mut self, position: Position) {
        self.position = position;
    }

    pub fn position(&self) -> Position {
        self.position
    }

    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    pub fn new_label(&mut self) -> Label {
        self.labels.push(UNBOUND);
        Label(self.labels.len() as u32 - 1)
    }

    pub fn bind(&mut self, label: Label) {
        debug_assert_eq!(self.labels[label.0 as usize], UNBOUND, "label bound twice");
        self.labels[label.0 as usize] = self.instructions.len() as u32;
        self.last_bound = self.instructions.len();
    }

    /// A new label bound here.
    pub fn here(&mut self) -> Label {
        let label = self.new_label();
        self.bind(label);
        label
    }

    fn push(&mut self, op: Op, operands: [u8; 3], ext: u32, target: Option<Label>) {
        self.instructions.push(Instruction { op, operands, ext, target, position: self.position });
    }

    pub fn emit(&mut self, op: Op, a: u8, b: u8, c: u8) {
        debug_assert_eq!(op.info().ext, ExtKind::No, "{op:?} needs an extension word");
        self.push(op, [a, b, c], 0, None);
    }

    pub fn emit_ext(&mut self, op: Op, a: u8, b: u8, c: u8, ext: u32) {
        debug_assert_ne!(op.info().ext, ExtKind::No, "{op:?} has no extension word");
        self.push(op, [a, b, c], ext, None);
    }

    /// An op with an 8-bit operand and a 16-bit one.
    pub fn emit_wide(&mut self, op: Op, a: u8, number: u16) {
        let [b, c] = split(number);
        self.emit(op, a, b, c);
    }

    /// `MAKE_FUNCTION`-like: 8-bit, 16-bit, extension word.
    pub fn emit_wide_ext(&mut self, op: Op, a: u8, number: u16, ext: u32) {
        let [b, c] = split(number);
        self.emit_ext(op, a, b, c, ext);
    }

    /// An op whose extension word is a fresh cache cell with this descriptor index.
    pub fn emit_cached(&mut self, op: Op, a: u8, b: u8, c: u8, index: u32) {
        let ExtKind::Cache(kind) = op.info().ext else {
            debug_assert!(false, "{op:?} has no cache");
            return;
        };
        let cell = self.cache(kind, index);
        self.push(op, [a, b, c], cell, None);
    }

    /// A jump of any form; the offset is filled in at layout.
    pub fn emit_jump(&mut self, op: Op, a: u8, b: u8, c: u8, target: Label) {
        self.push(op, [a, b, c], 0, Some(target));
    }

    pub fn jump(&mut self, target: Label) {
        self.emit_jump(Op::Jump, 0, 0, 0, target);
    }

    /// Rows must be added inner ones first.
    pub fn exception_row(&mut self, start: Label, end: Label, target: Label, register: u8) {
        self.rows.push(Row { start, end, target, register });
    }

    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    pub fn constant(&mut self, constant: Const) -> u32 {
        if matches!(constant, Const::Code(_)) {
            self.consts.push(constant);
            return self.consts.len() as u32 - 1;
        }
        if let Some(&index) = self.const_index.get(&constant) {
            return index;
        }
        let index = self.consts.len() as u32;
        self.consts.push(constant.clone());
        self.const_index.insert(constant, index);
        index
    }

    pub fn name(&mut self, name: &str) -> u32 {
        if let Some(&index) = self.name_index.get(name) {
            return index;
        }
        let index = self.names.len() as u32;
        self.names.push(Text::Owned(name.to_owned()));
        self.name_index.insert(name.into(), index);
        index
    }

    fn cache(&mut self, kind: CacheKind, index: u32) -> u32 {
        self.caches.push(CacheCell { kind, index });
        self.caches.len() as u32 - 1
    }

    /// The last instruction, if nothing can jump past it to here: (op, operands).
    pub fn last(&self) -> Option<(Op, [u8; 3])> {
        if self.last_bound == self.instructions.len() {
            return None;
        }
        self.instructions.last().map(|last| (last.op, last.operands))
    }

    /// Replaces the instruction at `index` (a placeholder `Nop`) by one of the same kind of size.
    pub fn patch(&mut self, index: usize, op: Op, a: u8, number: u16) {
        let [b, c] = split(number);
        let slot = &mut self.instructions[index];
        slot.op = op;
        slot.operands = [a, b, c];
    }

    fn bound(&self, label: Label) -> usize {
        let index = self.labels[label.0 as usize];
        debug_assert_ne!(index, UNBOUND, "label never bound");
        index.min(self.instructions.len() as u32) as usize
    }

    /// Where a jump to `label` ends up after following unconditional jumps.
    /// Jumps of another line than `line` are not skipped: tracers are to see their lines.
    fn threaded(&self, label: Label, line: u32) -> usize {
        let mut index = self.bound(label);
        for _ in 0..16 {
            match self.instructions.get(index) {
                Some(Instruction { op: Op::Jump, target: Some(next), position, .. })
                    if self.bound(*next) > index && (position.line == 0 || position.line == line) =>
                {
                    index = self.bound(*next)
                }
                Some(Instruction { op: Op::Nop, operands: [0, ..], .. }) => index += 1,
                _ => break,
            }
        }
        index
    }

    fn reachable(&self) -> Vec<bool> {
        let count = self.instructions.len();
        let mut seen = vec![false; count];
        let mut row_done = vec![false; self.rows.len()];
        let mut work = vec![0usize];
        loop {
            while let Some(mut index) = work.pop() {
                while index < count && !seen[index] {
                    seen[index] = true;
                    let instruction = &self.instructions[index];
                    if let Some(label) = instruction.target {
                        work.push(self.threaded(label, self.instructions[index].position.line));
                    }
                    if instruction.op.has_effect(effects::ENDS) {
                        break;
                    }
                    index += 1;
                }
            }
            for (row, done) in self.rows.iter().zip(&mut row_done) {
                let (start, end) = (self.bound(row.start), self.bound(row.end));
                // Any instruction may raise: a trace function or an interrupt can do so between two.
                if !*done && (start..end).any(|index| seen[index]) {
                    *done = true;
                    work.push(self.bound(row.target));
                }
            }
            if work.is_empty() {
                return seen;
            }
        }
    }

    /// An implicit return has no place of its own: it belongs to the line from which it is reached. Jumps to it return themselves.
    fn locate_returns(&mut self) {
        let count = self.instructions.len();
        let is_implicit = |one: &Instruction| one.op == Op::ReturnNone && one.position.line == 0;
        for index in 0..count {
            let Some(label) = self.instructions[index].target else { continue };
            let line = self.instructions[index].position.line;
            let Some(reached) = self.instructions.get(self.threaded(label, line)).cloned().filter(is_implicit) else { continue };
            let mut copy = Instruction { target: None, position: self.instructions[index].position, ..reached };
            if self.instructions[index].op == Op::Jump {
                if copy.position.line == 0 {
                    copy.position = self.place_before(index);
                }
                self.instructions[index] = copy;
            } else if copy.position.line != 0 {
                let fresh = Label(self.labels.len() as u32);
                self.labels.push(self.instructions.len() as u32);
                self.instructions.push(copy);
                self.instructions[index].target = Some(fresh);
            }
        }
        self.copy_endings(count);
        for index in 0..count {
            if self.instructions[index].position.line == 0 && matches!(self.instructions[index].op, Op::Return | Op::ReturnNone) {
                self.instructions[index].position = self.place_before(index);
            }
        }
    }

    /// The place of the nearest instruction above that has one.
    fn place_before(&self, index: usize) -> Position {
        let above = self.instructions[..index].iter().rev();
        above.map(|one| one.position).find(|position| position.line != 0).unwrap_or_default()
    }

    /// A class body ends with a few stores that have no place either: each jump to them gets copies of its own line.
    fn copy_endings(&mut self, count: usize) {
        for index in 0..count {
            let Instruction { op, target: Some(label), mut position, .. } = self.instructions[index] else { continue };
            let start = self.threaded(label, position.line);
            if position.line == 0 && op == Op::Jump {
                position = self.place_before(index);
            }
            if position.line == 0 {
                continue;
            }
            let Some(length) = self.ending(start) else { continue };
            let fresh = Label(self.labels.len() as u32);
            self.labels.push(self.instructions.len() as u32);
            for offset in start..start + length {
                let copy = Instruction { position, ..self.instructions[offset] };
                self.instructions.push(copy);
            }
            self.instructions[index].target = Some(fresh);
        }
    }

    /// The length of a run without lines, jumps and handlers that starts there and returns.
    fn ending(&self, start: usize) -> Option<usize> {
        const LONGEST: usize = 6;
        let run = self.instructions.get(start..)?.iter().take(LONGEST);
        let straight = run.take_while(|one| one.position.line == 0 && one.target.is_none());
        let length = 1 + straight.take_while(|one| !matches!(one.op, Op::Return | Op::ReturnNone)).count();
        let last = self.instructions.get(start + length - 1)?;
        let returns = last.position.line == 0 && matches!(last.op, Op::Return | Op::ReturnNone);
        let is_guarded = || self.rows.iter().any(|row| self.bound(row.start) < start + length && self.bound(row.end) > start);
        (returns && length > 1 && !is_guarded()).then_some(length)
    }

    /// Drops instructions that do nothing, except markers of lines on which nothing else happens.
    fn prune_nops(&mut self, keep: &mut [bool], landed: &[bool]) {
        let mut next_line = 0;
        for index in (0..keep.len()).rev() {
            let one = &self.instructions[index];
            if one.op != Op::Nop {
                if keep[index] {
                    next_line = one.position.line;
                }
                continue;
            }
            keep[index] &= one.operands[0] != 0 && one.position.line != next_line;
            if keep[index] {
                next_line = one.position.line;
            }
        }
        let mut line = 0;
        for index in 0..keep.len() {
            if keep[index] && self.instructions[index].op == Op::Nop {
                keep[index] = landed[index] || self.instructions[index].position.line != line;
                self.instructions[index].operands[0] = 0;
            }
            if keep[index] {
                line = self.instructions[index].position.line;
            }
        }
    }

    /// Marks a line on which nothing happens: tracers are to see it.
    pub fn line_marker(&mut self) {
        self.emit(Op::Nop, 1, 0, 0);
    }

    /// Drops what is never reached and what does nothing; gives for each old index the new one.
    fn prune(&mut self) {
        self.locate_returns();
        let mut keep = self.reachable();
        let mut targets: Vec<Option<usize>> =
            self.instructions.iter().map(|one| one.target.map(|label| self.threaded(label, one.position.line))).collect();
        let count = self.instructions.len();
        for (keep, one) in keep.iter_mut().zip(&self.instructions) {
            *keep &= one.op != Op::Nop || one.operands[0] != 0;
        }
        // A jump over nothing is nothing; going backward lets chains of them vanish.
        for index in (0..count).rev() {
            if keep[index]
                && self.instructions[index].op == Op::Jump
                && let Some(target) = targets[index]
                && target > index
                && !keep[index + 1..target].iter().any(|&kept| kept)
            {
                // Its line may be one on which nothing else happens.
                let jump = &mut self.instructions[index];
                keep[index] = jump.position.line != 0;
                *jump = Instruction { op: Op::Nop, operands: [1, 0, 0], ext: 0, target: None, position: jump.position };
                targets[index] = None;
            }
        }
        let mut landed = vec![false; count + 1];
        targets.iter().flatten().for_each(|target| landed[*target] = true);
        self.rows.iter().for_each(|row| landed[self.bound(row.target)] = true);
        self.prune_nops(&mut keep, &landed);
        let mut moved = vec![0u32; count + 1];
        let mut next = 0;
        for index in 0..count {
            moved[index] = next;
            next += u32::from(keep[index]);
        }
        moved[count] = next;
        for (index, target) in targets.iter().enumerate() {
            if let Some(target) = target {
                let label = Label(self.labels.len() as u32);
                self.labels.push(*target as u32);
                self.instructions[index].target = Some(label);
            }
        }
        for label in &mut self.labels {
            if *label != UNBOUND {
                *label = moved[(*label as usize).min(count)];
            }
        }
        let mut index = 0;
        self.instructions.retain(|_| {
            index += 1;
            keep[index - 1]
        });
    }

    /// Lays out the code.
    pub fn finish(mut self, info: UnitInfo) -> Result<CodeUnit, TooLarge> {
        self.prune();
        let count = self.instructions.len();
        // Conditional jumps with 16-bit offsets that turn out too long become "jump if not, over; jump far".
        let mut far = vec![false; count];
        let offsets = loop {
            let mut offsets = Vec::with_capacity(count + 1);
            let mut offset = 0u32;
            for (index, one) in self.instructions.iter().enumerate() {
                offsets.push(offset);
                offset += one.op.words() as u32 + if far[index] { 1 } else { 0 };
            }
            offsets.push(offset);
            let mut changed = false;
            for (index, one) in self.instructions.iter().enumerate() {
                if let Some(label) = one.target
                    && one.op.info().operands[1] == OperandKind::J16
                    && !far[index]
                {
                    let distance = offsets[self.bound(label)] as i64 - offsets[index] as i64 - 1;
                    if i16::try_from(distance).is_err() {
                        far[index] = true;
                        changed = true;
                    }
                }
            }
            if !changed {
                break offsets;
            }
        };
        if *offsets.last().unwrap_or(&0) >= 1 << 23 {
            return Err(TooLarge);
        }
        let mut words = Vec::with_capacity(offsets[count] as usize);
        let mut table = positions::Writer::default();
        for (index, one) in self.instructions.iter().enumerate() {
            let start = words.len();
            let target = one.target.map(|label| offsets[self.bound(label)] as i64);
            encode(&mut words, one, target, far[index]);
            table.push((words.len() - start) as u32, one.position);
        }
        let mut exceptions = Vec::new();
        for row in &self.rows {
            let (start, end) = (offsets[self.bound(row.start)], offsets[self.bound(row.end)]);
            let target = offsets[self.bound(row.target)];
            if start < end && (target as usize) < words.len() {
                exceptions.push(ExceptionRow { start, end, target, register: row.register });
            }
        }
        let boxed = |names: Vec<String>| names.into_iter().map(Text::Owned).collect::<Box<[_]>>();
        Ok(CodeUnit {
            name: info.name.into(),
            qualname: info.qualname.into(),
            filename: info.filename.into(),
            first_line: info.first_line,
            flags: info.flags,
            arg_count: info.arg_count,
            pos_only_count: info.pos_only_count,
            kw_only_count: info.kw_only_count,
            register_count: info.register_count,
            words: words.into(),
            consts: self.consts.into(),
            names: self.names.into(),
            var_names: boxed(info.var_names),
            cell_vars: boxed(info.cell_vars),
            free_vars: boxed(info.free_vars),
            caches: self.caches.into(),
            exceptions: exceptions.into(),
            position_table: table.finish().into_vec().into(),
            spill: info.spill,
            doc: info.doc,
        })
    }
}

fn encode(words: &mut Vec<u32>, one: &Instruction, target: Option<i64>, far: bool) {
    let word = |op: Op, [a, b, c]: [u8; 3]| u32::from_le_bytes([op as u8, a, b, c]);
    let info = one.op.info();
    let next = words.len() as i64 + one.op.words() as i64;
    let Some(target) = target else {
        words.push(word(one.op, one.operands));
        if info.ext != ExtKind::No {
            words.push(one.ext);
        }
        return;
    };
    if info.ext == ExtKind::Jump {
        words.push(word(one.op, one.operands));
        words.push((target - next) as i32 as u32);
    } else if info.operands[1] == OperandKind::J16 {
        if far {
            let [b, c] = split(1);
            words.push(word(inverse(one.op), [one.operands[0], b, c]));
            words.push(long_jump(target - words.len() as i64 - 1));
        } else {
            let [b, c] = split((target - next) as i16 as u16);
            words.push(word(one.op, [one.operands[0], b, c]));
        }
    } else {
        words.push(long_jump(target - next));
    }
}

fn long_jump(distance: i64) -> u32 {
    let op = if distance < 0 { Op::Loop } else { Op::Jump };
    op as u32 | ((distance as i32 as u32) << 8)
}

/// The jump taken exactly when `op` is not.
pub fn inverse(op: Op) -> Op {
    use Op::*;
    match op {
        JumpIfTrue => JumpIfFalse,
        JumpIfFalse => JumpIfTrue,
        JumpIfNone => JumpIfNotNone,
        JumpIfNotNone => JumpIfNone,
        JumpIfLt => JumpIfNotLt,
        JumpIfLe => JumpIfNotLe,
        JumpIfEq => JumpIfNotEq,
        JumpIfNe => JumpIfNotNe,
        JumpIfGt => JumpIfNotGt,
        JumpIfGe => JumpIfNotGe,
        JumpIfNotLt => JumpIfLt,
        JumpIfNotLe => JumpIfLe,
        JumpIfNotEq => JumpIfEq,
        JumpIfNotNe => JumpIfNe,
        JumpIfNotGt => JumpIfGt,
        JumpIfNotGe => JumpIfGe,
        JumpIfLtInt => JumpIfNotLtInt,
        JumpIfLeInt => JumpIfNotLeInt,
        JumpIfEqInt => JumpIfNotEqInt,
        JumpIfNeInt => JumpIfNotNeInt,
        JumpIfGtInt => JumpIfNotGtInt,
        JumpIfGeInt => JumpIfNotGeInt,
        JumpIfNotLtInt => JumpIfLtInt,
        JumpIfNotLeInt => JumpIfLeInt,
        JumpIfNotEqInt => JumpIfEqInt,
        JumpIfNotNeInt => JumpIfNeInt,
        JumpIfNotGtInt => JumpIfGtInt,
        JumpIfNotGeInt => JumpIfGeInt,
        JumpIfIs => JumpIfIsNot,
        JumpIfIsNot => JumpIfIs,
        JumpIfIn => JumpIfNotIn,
        JumpIfNotIn => JumpIfIn,
        other => other,
    }
}
