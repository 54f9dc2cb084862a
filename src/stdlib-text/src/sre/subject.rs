//! What a pattern works on: a str or any buffer.

use super::chars::Unit;
use super::machine::{Machine, Scratch, UNSET};
use super::program::Program;
use objects::str::Chars;
use objects::{Buf, Bytes, Cast, Gc, R, Str, Value, class_name, new_bytes, type_error};
use std::cell::Cell;

/// Text or bytes, held in place while this lives.
pub enum Subject {
    Text(Gc<Str>),
    Bytes(Buf),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Search,
    Match,
    FullMatch,
}

/// What to look for, and where.
#[derive(Clone, Copy)]
pub struct Attempt {
    pub mode: Mode,
    pub start: usize,
    pub end: usize,
    /// A match must not end here (`UNSET`: anywhere).
    pub advance_from: usize,
}

impl Subject {
    pub fn new(value: Value) -> R<Subject> {
        if let Some(text) = value.cast::<Str>() {
            return Ok(Subject::Text(text));
        }
        match Buf::try_new(value)? {
            Some(buffer) => Ok(Subject::Bytes(buffer)),
            None => Err(type_error!("expected string or bytes-like object, got '{}'", class_name(value))),
        }
    }
    /// A subject that a pattern over text, bytes or (None) either can be used on.
    pub fn for_pattern(value: Value, wants_bytes: Option<bool>) -> R<Subject> {
        let subject = Subject::new(value)?;
        match (wants_bytes, &subject) {
            (Some(true), Subject::Text(_)) => Err(type_error!("cannot use a bytes pattern on a string-like object")),
            (Some(false), Subject::Bytes(_)) => Err(type_error!("cannot use a string pattern on a bytes-like object")),
            _ => Ok(subject),
        }
    }
    pub fn value(&self) -> Value {
        match self {
            Subject::Text(text) => text.value(),
            Subject::Bytes(buffer) => buffer.value(),
        }
    }
    pub fn len(&self) -> usize {
        match self {
            Subject::Text(text) => text.len(),
            Subject::Bytes(buffer) => buffer.len(),
        }
    }
    /// Bounds as the user gave them, made to fit.
    pub fn clamp(&self, pos: isize, endpos: Option<isize>) -> (usize, usize) {
        let len = self.len() as isize;
        (pos.clamp(0, len) as usize, endpos.unwrap_or(isize::MAX).clamp(0, len) as usize)
    }
    /// The part `start..end` as a str or bytes.
    pub fn slice(&self, start: usize, end: usize) -> Value {
        let end = end.min(self.len());
        let start = start.min(end);
        match self {
            Subject::Text(text) => Str::substring(*text, start, end).value(),
            Subject::Bytes(buffer) => {
                let value = buffer.value();
                if start == 0 && end == buffer.len() && value.cast_exact::<Bytes>().is_some() {
                    return value;
                }
                new_bytes(&buffer[start..end])
            }
        }
    }
    pub fn find(&self, program: &Program, scratch: &mut Scratch, attempt: Attempt) -> R<Option<(usize, usize)>> {
        match self {
            Subject::Text(text) => match text.chars() {
                Chars::One(units) => find(program, units, scratch, attempt),
                Chars::Two(units) => find(program, units, scratch, attempt),
                Chars::Four(units) => find(program, units, scratch, attempt),
            },
            Subject::Bytes(buffer) => find(program, buffer.as_slice(), scratch, attempt),
        }
    }
}

fn find<U: Unit>(program: &Program, text: &[U], scratch: &mut Scratch, attempt: Attempt) -> R<Option<(usize, usize)>> {
    let mut machine = Machine::new(program, &text[..attempt.end], scratch);
    machine.advance_from = attempt.advance_from;
    machine.whole = attempt.mode == Mode::FullMatch;
    let start = match attempt.mode {
        Mode::Search => machine.search(attempt.start)?,
        _ => machine.run(attempt.start)?.then_some(attempt.start),
    };
    Ok(start.map(|start| (start, machine.end)))
}

/// Scratches larger than this are not kept.
const LARGEST_KEPT: usize = 1 << 16;

thread_local! {
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Runs `work` with the thread's spare scratch.
pub fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
    let mut scratch = SPARE.take().unwrap_or_default();
    let result = work(&mut scratch);
    if scratch.size() < LARGEST_KEPT {
        SPARE.set(Some(scratch));
    }
    result
}

/// Successive matches in one subject.
pub struct Walk {
    pub start: usize,
    pub end: usize,
    advance_from: usize,
    passed: usize,
}

impl Walk {
    pub fn new(start: usize, end: usize) -> Walk {
        Walk { start, end, advance_from: UNSET, passed: 0 }
    }
    pub fn resume(start: usize, end: usize, advance_from: usize) -> Walk {
        Walk { start, end, advance_from, passed: 0 }
    }
    /// The next match.
    pub fn next(&mut self, subject: &Subject, program: &Program, scratch: &mut Scratch, mode: Mode) -> R<Option<(usize, usize)>> {
        objects::containers::poll_at(self.passed)?;
        self.passed += 1;
        let attempt = Attempt { mode, start: self.start, end: self.end, advance_from: self.advance_from };
        let found = subject.find(program, scratch, attempt)?;
        if let Some((start, end)) = found {
            self.advance_from = if start == end { end } else { UNSET };
            self.start = end;
        }
        Ok(found)
    }
}
