//! Where a line of text ends.
//!
//! Must not know: objects.

use base::text::Text;

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
    match text {
        Text::One(units) => match end {
            LineEnd::Lf => memchr::memchr(b'\n', &units[start..]).map(|at| start + at + 1),
            LineEnd::Cr => memchr::memchr(b'\r', &units[start..]).map(|at| start + at + 1),
            LineEnd::CrLf => memchr::memmem::find(&units[start..], b"\r\n").map(|at| start + at + 2),
            LineEnd::Any => {
                let at = start + memchr::memchr2(b'\r', b'\n', &units[start..])?;
                Some(if units[at] == b'\r' && units.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 })
            }
        },
        Text::Two(units) => scan(units, end, start),
        Text::Four(units) => scan(units, end, start),
    }
}

fn scan<U: Copy + Into<u32>>(units: &[U], end: LineEnd, start: usize) -> Option<usize> {
    let is = |at: usize, wanted: u32| units.get(at).is_some_and(|unit| (*unit).into() == wanted);
    (start..units.len()).find_map(|at| match end {
        LineEnd::Lf => is(at, 10).then_some(at + 1),
        LineEnd::Cr => is(at, 13).then_some(at + 1),
        LineEnd::CrLf => (is(at, 13) && is(at + 1, 10)).then_some(at + 2),
        LineEnd::Any if is(at, 10) => Some(at + 1),
        LineEnd::Any if is(at, 13) => Some(at + 1 + usize::from(is(at + 1, 10))),
        LineEnd::Any => None,
    })
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
