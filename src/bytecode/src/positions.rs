//! The compact position table of a code unit: written by the builder, read by tracebacks and tracers.
//! One entry per run of words with the same position:
//! `words << 1 | known`, then if known: zigzag(line - previous line), end line - line, column, end column; all LEB128.

use crate::code_unit::{CodeUnit, Position};
use crate::ops::Op;

#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
    words: u32,
    position: Position,
    line: u32,
}

pub(crate) fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub(crate) fn read_number(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        let bits = u64::from(byte & 0x7F);
        if shift == 63 && bits > 1 {
            return None;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

impl Writer {
    pub fn push(&mut self, words: u32, position: Position) {
        if position != self.position {
            self.flush();
            self.position = position;
        }
        self.words += words;
    }

    fn flush(&mut self) {
        if self.words == 0 {
            return;
        }
        let known = self.position.line != 0;
        write_number(&mut self.bytes, u64::from(self.words) << 1 | u64::from(known));
        if known {
            let delta = i64::from(self.position.line) - i64::from(self.line);
            write_number(&mut self.bytes, ((delta << 1) ^ (delta >> 63)) as u64);
            write_number(&mut self.bytes, u64::from(self.position.end_line.saturating_sub(self.position.line)));
            write_number(&mut self.bytes, u64::from(self.position.column));
            write_number(&mut self.bytes, u64::from(self.position.end_column));
            self.line = self.position.line;
        }
        self.words = 0;
    }

    pub fn finish(mut self) -> Box<[u8]> {
        self.flush();
        self.bytes.into()
    }
}

/// Runs of the table: first word, number of words, position. Stops at the first malformed entry.
pub struct Runs<'a> {
    bytes: &'a [u8],
    at: usize,
    word: u32,
    line: u32,
}

impl Iterator for Runs<'_> {
    type Item = (u32, u32, Position);

    fn next(&mut self) -> Option<Self::Item> {
        let head = read_number(self.bytes, &mut self.at)?;
        let words = u32::try_from(head >> 1).ok()?;
        let mut position = Position::default();
        if head & 1 != 0 {
            let mut number = || read_number(self.bytes, &mut self.at);
            let zigzag = number()?;
            let delta = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
            position.line = u32::try_from(i64::from(self.line).checked_add(delta)?).ok()?;
            position.end_line = position.line.checked_add(u32::try_from(number()?).ok()?)?;
            position.column = u32::try_from(number()?).ok()?;
            position.end_column = u32::try_from(number()?).ok()?;
            self.line = position.line;
        }
        let start = self.word;
        self.word = self.word.checked_add(words)?;
        Some((start, words, position))
    }
}

impl CodeUnit {
    /// Runs of words that share a position: first word, number of words, position.
    pub fn position_runs(&self) -> Runs<'_> {
        Runs { bytes: &self.position_table, at: 0, word: 0, line: 0 }
    }

    /// Position of the instruction at word `pc` (default, with line 0, if it has none).
    pub fn position(&self, pc: usize) -> Position {
        self.position_runs()
            .find(|&(start, words, _)| pc >= start as usize && pc < start as usize + words as usize)
            .map_or_else(Position::default, |run| run.2)
    }

    /// One position per instruction, with the instruction's first word.
    pub fn positions(&self) -> Vec<(usize, Position)> {
        let mut runs = self.position_runs().peekable();
        let mut result = Vec::new();
        for instruction in crate::decode::instructions(&self.words) {
            while runs.next_if(|&(start, words, _)| start as usize + words as usize <= instruction.pc).is_some() {}
            result.push((instruction.pc, runs.peek().map_or_else(Position::default, |run| run.2)));
        }
        result
    }

    /// Instructions at which a tracer sees a new line: `(word, line)`. The line differs from that of the
    /// instruction before, or a jump from another line or backward lands here, or a loop asks for its next item.
    pub fn line_starts(&self) -> Vec<(usize, u32)> {
        let positions = self.positions();
        let line_at = |pc: usize| positions.binary_search_by_key(&pc, |entry| entry.0).map_or(0, |index| positions[index].1.line);
        let mut landed = vec![false; self.words.len() + 1];
        let mut after_end = vec![false; self.words.len() + 1];
        for instruction in crate::decode::instructions(&self.words) {
            if instruction.op == Op::ForIter {
                landed[instruction.pc] = true;
            }
            if !instruction.falls_through()
                && let Some(flag) = after_end.get_mut(instruction.next_pc())
            {
                *flag = true;
            }
            if let Some(target) = instruction.jump_target()
                && target < landed.len()
                && (target <= instruction.pc || line_at(target) != line_at(instruction.pc))
            {
                landed[target] = true;
            }
        }
        for row in &self.exceptions {
            if let Some(flag) = landed.get_mut(row.target as usize) {
                *flag = true;
            }
        }
        let mut starts = Vec::new();
        let mut previous = 0;
        for &(pc, position) in &positions {
            if after_end[pc] {
                previous = 0;
            }
            if position.line != 0 && (position.line != previous || landed[pc]) {
                starts.push((pc, position.line));
            }
            if position.line != 0 {
                previous = position.line;
            }
        }
        starts
    }
}
