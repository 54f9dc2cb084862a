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

#[inline(always)]
pub(crate) fn read_number(bytes: &[u8], at: &mut usize) -> Option<u64> {
    // Nearly all numbers are one byte.
    match *bytes.get(*at)? {
        byte @ 0..0x80 => {
            *at += 1;
            Some(u64::from(byte))
        }
        _ => read_long_number(bytes, at),
    }
}

#[cold]
fn read_long_number(bytes: &[u8], at: &mut usize) -> Option<u64> {
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

impl Runs<'_> {
    fn over(bytes: &[u8]) -> Runs<'_> {
        Runs { bytes, at: 0, word: 0, line: 0 }
    }
    /// Of the run to come that has word `pc`.
    fn at_word(&mut self, pc: usize) -> Position {
        self.find(|&(start, words, _)| pc >= start as usize && pc < start as usize + words as usize)
            .map_or_else(Position::default, |run| run.2)
    }
}

impl Iterator for Runs<'_> {
    type Item = (u32, u32, Position);

    fn next(&mut self) -> Option<Self::Item> {
        let head = read_number(self.bytes, &mut self.at)?;
        let words = u32::try_from(head >> 1).ok()?;
        let mut position = Position::default();
        if head & 1 != 0 {
            let mut at = self.at;
            let mut number = || read_number(self.bytes, &mut at);
            let zigzag = number()?;
            let delta = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
            position.line = u32::try_from(i64::from(self.line).checked_add(delta)?).ok()?;
            position.end_line = position.line.checked_add(u32::try_from(number()?).ok()?)?;
            position.column = u32::try_from(number()?).ok()?;
            position.end_column = u32::try_from(number()?).ok()?;
            self.at = at;
            self.line = position.line;
        }
        let start = self.word;
        self.word = self.word.checked_add(words)?;
        Some((start, words, position))
    }
}

/// Places of a position table from which it can be read on, one for so many runs: for tables that are asked again and again.
pub struct PositionMarks(Box<[Mark]>);

struct Mark {
    at: usize,
    word: u32,
    line: u32,
}

const RUNS_OF_MARK: usize = 32;

impl PositionMarks {
    fn of(mut runs: Runs) -> PositionMarks {
        let mut marks = Vec::new();
        while runs.nth(RUNS_OF_MARK - 1).is_some() {
            marks.push(Mark { at: runs.at, word: runs.word, line: runs.line });
        }
        PositionMarks(marks.into())
    }

    fn position(&self, mut runs: Runs, pc: usize) -> Position {
        let before = self.0.partition_point(|mark| mark.word as usize <= pc);
        if let Some(mark) = before.checked_sub(1).and_then(|last| self.0.get(last)) {
            (runs.at, runs.word, runs.line) = (mark.at, mark.word, mark.line);
        }
        runs.at_word(pc)
    }
}

impl CodeUnit {
    pub fn position_marks(&self) -> PositionMarks {
        PositionMarks::of(self.position_runs())
    }

    /// As `position`, with the unit's marks.
    pub fn position_by(&self, marks: &PositionMarks, pc: usize) -> Position {
        marks.position(self.position_runs(), pc)
    }

    /// Runs of words that share a position: first word, number of words, position.
    pub fn position_runs(&self) -> Runs<'_> {
        Runs::over(&self.position_table)
    }

    /// Position of the instruction at word `pc` (default, with line 0, if it has none).
    pub fn position(&self, pc: usize) -> Position {
        self.position_runs().at_word(pc)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_lead_to_the_same_positions() {
        for count in [0, 1, 31, 32, 33, 64, 1000] {
            let mut table = Writer::default();
            for number in 0..count {
                // Long and short numbers, lines up and down, some instructions without a line.
                let line = if number % 7 == 3 { 0 } else { 1 + number * 389 % 20_000 };
                table.push(
                    1 + number % 5,
                    Position { line, end_line: line + number % 3, column: number % 300, end_column: number },
                );
            }
            let bytes = table.finish();
            let marks = PositionMarks::of(Runs::over(&bytes));
            let words = Runs::over(&bytes).map(|run| run.1).sum::<u32>() as usize;
            assert_eq!(marks.0.len(), Runs::over(&bytes).count() / RUNS_OF_MARK);
            for pc in 0..words + 3 {
                assert_eq!(marks.position(Runs::over(&bytes), pc), Runs::over(&bytes).at_word(pc), "{count} {pc}");
            }
        }
    }
}
