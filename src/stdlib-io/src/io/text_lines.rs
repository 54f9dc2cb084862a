//! Where a line of text ends.
//!
//! Must not know: objects.

use base::text::{Text, Unit};
use base::with_units;

/// Long enough for the compiler to compare many characters at once.
const PIECE: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineEnd {
    Lf,
    Cr,
    CrLf,
    /// Any of the three.
    Any,
}

/// The place just behind the first line end at or after `start`. With `Any`, a "\r" that is the last character ends the line.
pub fn find_line_end(text: Text, end: LineEnd, start: usize) -> Option<usize> {
    if let (Text::One(units), LineEnd::Any) = (text, end) {
        let at = start + memchr::memchr2(b'\r', b'\n', &units[start..])?;
        return Some(at + 1 + usize::from(units[at] == b'\r' && units.get(at + 1) == Some(&b'\n')));
    }
    with_units!(text, units => end_in(&units[start..], end)).map(|length| start + length)
}

fn end_in<U: Unit>(units: &[U], end: LineEnd) -> Option<usize> {
    let (cr, lf) = (U::truncate(13), U::truncate(10));
    match end {
        LineEnd::Lf => lf.first_in(units).map(|at| at + 1),
        LineEnd::Cr => cr.first_in(units).map(|at| at + 1),
        LineEnd::CrLf => U::find(units, &[cr, lf]).map(|at| at + 2),
        LineEnd::Any => {
            let is_end = |unit: &U| *unit == cr || *unit == lf;
            let pieces = units.chunks(PIECE);
            let skipped = PIECE * pieces.take_while(|piece| !piece.iter().fold(false, |hit, unit| hit | is_end(unit))).count();
            let at = skipped + units.get(skipped..)?.iter().position(is_end)?;
            Some(at + 1 + usize::from(units[at] == cr && units.get(at + 1) == Some(&lf)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends() {
        let text = Text::One(b"a\r\nb\rc\nd");
        assert_eq!(find_line_end(text, LineEnd::Lf, 0), Some(3));
        assert_eq!(find_line_end(text, LineEnd::Any, 0), Some(3));
        assert_eq!(find_line_end(text, LineEnd::Any, 3), Some(5));
        assert_eq!(find_line_end(text, LineEnd::CrLf, 3), None);
        assert_eq!(find_line_end(Text::Two(&[97, 13, 10, 98]), LineEnd::Any, 0), Some(3));
        assert_eq!(find_line_end(Text::Four(&[97, 13]), LineEnd::Cr, 0), Some(2));
    }
}
