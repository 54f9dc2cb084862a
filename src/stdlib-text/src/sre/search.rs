//! Where a match may begin: finds candidates fast and runs the machine on them.

use super::chars::Unit;
use super::machine::{Machine, UNSET};
use super::program::Scan;
use objects::R;

impl<U: Unit> Machine<'_, U> {
    /// The first match that begins at `from` or later: its start; the end is in `end`.
    pub fn search(&mut self, from: usize) -> R<Option<usize>> {
        let text = self.text();
        if from > text.len() || text.len() - from < self.program().min_width {
            return Ok(None);
        }
        let mut start = from;
        while let Some(candidate) = self.candidate(start) {
            if let Scan::Literal { text: literal, is_whole: true, .. } = &self.program().scan {
                self.reset();
                self.end = candidate + literal.len();
                return Ok(Some(candidate));
            }
            if candidate != from {
                self.advance_from = UNSET;
            }
            if self.run(candidate)? {
                return Ok(Some(candidate));
            }
            if candidate >= text.len() {
                break;
            }
            start = candidate + 1;
        }
        Ok(None)
    }

    /// The first place from `start` on where a match may begin.
    #[inline]
    fn candidate(&self, start: usize) -> Option<usize> {
        let rest = self.text().get(start..)?;
        let offset = match &self.program().scan {
            Scan::Everywhere => 0,
            Scan::TextStart => return (start == 0).then_some(0),
            Scan::LineStarts => {
                if start == 0 || self.text()[start - 1].code() == 10 {
                    0
                } else {
                    U::find(rest, 10)? + 1
                }
            }
            Scan::Char(code) => U::find(rest, *code)?,
            Scan::Literal { text, finder, .. } => match (as_bytes(rest), finder) {
                (Some(bytes), Some(finder)) => finder.find(bytes)?,
                _ => find_literal(rest, text)?,
            },
            Scan::First { first, few } => match (as_bytes(rest), few) {
                (Some(bytes), Some((a, b, c))) if b == c => memchr::memchr2(*a, *b, bytes)?,
                (Some(bytes), Some((a, b, c))) => memchr::memchr3(*a, *b, *c, bytes)?,
                _ => {
                    let first = &self.program().firsts[*first as usize];
                    rest.iter().position(|unit| first.has(unit.code()))?
                }
            },
        };
        Some(start + offset)
    }
}

fn as_bytes<U: Unit>(text: &[U]) -> Option<&[u8]> {
    if std::mem::size_of::<U>() == 1 {
        // SAFETY: the only unit of one byte is u8.
        Some(unsafe { std::slice::from_raw_parts(text.as_ptr().cast(), text.len()) })
    } else {
        None
    }
}

fn find_literal<U: Unit>(text: &[U], literal: &[u32]) -> Option<usize> {
    let mut start = 0;
    loop {
        let rest = text.get(start..)?;
        let found = start + U::find(rest, literal[0])?;
        if U::starts_with(&text[found..], literal) {
            return Some(found);
        }
        start = found + 1;
    }
}
