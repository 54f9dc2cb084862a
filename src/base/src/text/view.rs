//! Borrowed text of any width.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use super::builder::TextBuf;
use super::unit::Unit;
use crate::memory::{GrowText, text_with_room, with_room};

/// The characters of a str. A slice of a wider string may hold only narrow characters; the functions of this
/// module put up with that.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

/// Runs `$body` with `$units` bound to the slice, whatever its width.
#[macro_export]
macro_rules! with_units {
    ($text:expr, $units:ident => $body:expr) => {
        match $text {
            $crate::text::Text::One($units) => $body,
            $crate::text::Text::Two($units) => $body,
            // The bodies convert to u32, which these units already are.
            #[allow(clippy::useless_conversion)]
            $crate::text::Text::Four($units) => $body,
        }
    };
}

impl<'a> Text<'a> {
    #[inline]
    pub fn len(self) -> usize {
        with_units!(self, units => units.len())
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Bytes a character.
    #[inline]
    pub fn width(self) -> usize {
        match self {
            Text::One(_) => 1,
            Text::Two(_) => 2,
            Text::Four(_) => 4,
        }
    }

    #[inline]
    pub fn get(self, index: usize) -> Option<u32> {
        with_units!(self, units => units.get(index).map(|&unit| unit.into()))
    }

    /// The characters in `range`; parts beyond the end are left out.
    #[inline]
    pub fn slice(self, range: Range<usize>) -> Text<'a> {
        fn cut<U>(units: &[U], range: Range<usize>) -> &[U] {
            let end = range.end.min(units.len());
            &units[range.start.min(end)..end]
        }
        match self {
            Text::One(units) => Text::One(cut(units, range)),
            Text::Two(units) => Text::Two(cut(units, range)),
            Text::Four(units) => Text::Four(cut(units, range)),
        }
    }

    /// The code points, from both ends. Slower than a loop inside `with_units!`.
    pub fn code_points(self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + Clone + 'a {
        (0..self.len()).map(move |i| with_units!(self, units => units[i].into()))
    }

    /// An upper bound of the greatest code point: 0x7F, 0xFF, 0xFFFF or 0x10FFFF, the least that holds them all.
    pub fn max_char(self) -> u32 {
        with_units!(self, units => Unit::max_char(units))
    }

    pub fn is_ascii(self) -> bool {
        self.max_char() == 0x7F
    }

    /// The characters as units of another width; None if one of them does not fit.
    pub fn in_units<U: Unit>(self) -> Option<Cow<'a, [U]>> {
        if let Some(units) = U::units_of(self) {
            return Some(Cow::Borrowed(units));
        }
        let mut converted = with_room(self.len());
        with_units!(self, units => for &unit in units {
            converted.push(U::from_code_point(unit.into())?);
        });
        Some(Cow::Owned(converted))
    }

    /// A copy in the narrowest width.
    pub fn to_buf(self) -> TextBuf {
        with_units!(self, units => TextBuf::from_units(units))
    }

    /// UTF-8, or the position of the first surrogate.
    pub fn to_utf8(self) -> Result<String, usize> {
        if let Text::One(units) = self
            && let Ok(ascii) = str::from_utf8(units)
            && ascii.is_ascii()
        {
            let mut copy = text_with_room(ascii.len());
            copy.put_str(ascii);
            return Ok(copy);
        }
        let mut result = text_with_room(self.len() + self.len() / 2);
        for (i, code_point) in self.code_points().enumerate() {
            result.put_char(char::from_u32(code_point).ok_or(i)?);
        }
        Ok(result)
    }

    pub fn eq_str(self, other: &str) -> bool {
        match self {
            Text::One(units) if other.is_ascii() => units == other.as_bytes(),
            _ => self.code_points().eq(other.chars().map(u32::from)),
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Text::One(a), Text::One(b)) => a == b,
            (Text::Two(a), Text::Two(b)) => a == b,
            (Text::Four(a), Text::Four(b)) => a == b,
            (a, b) => a.len() == b.len() && a.code_points().eq(b.code_points()),
        }
    }
}

impl Eq for Text<'_> {}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By code points.
impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        fn mixed<U: Unit, V: Unit>(a: &[U], b: &[V]) -> Ordering {
            a.iter().map(|&unit| unit.into()).cmp(b.iter().map(|&unit| unit.into()))
        }
        match (*self, *other) {
            (Text::One(a), Text::One(b)) => a.cmp(b),
            (Text::Two(a), Text::Two(b)) => a.cmp(b),
            (Text::Four(a), Text::Four(b)) => a.cmp(b),
            (a, b) => with_units!(a, a => with_units!(b, b => mixed(a, b))),
        }
    }
}
