//! The `%` formatting language of str and bytes: a parser that yields pieces, and rendering of numbers.
//! Must not know objects: fetching arguments, `*` operands and mapping lookups are the caller's.

use crate::fault::{Fault, check_length};
use crate::float::{FloatStyle, format_float};
use crate::format_spec::IntRef;
use crate::memory::text_with_room;
use crate::quick_format::{MOST_WIDTH, Quick};

/// Access to a format string as code points (or bytes).
pub trait Points {
    fn count(&self) -> usize;
    /// The code point at `index`; only called below `count()`.
    fn at(&self, index: usize) -> u32;
}

impl Points for [u8] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn at(&self, index: usize) -> u32 {
        self[index] as u32
    }
}
impl Points for [u16] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn at(&self, index: usize) -> u32 {
        self[index] as u32
    }
}
impl Points for [u32] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn at(&self, index: usize) -> u32 {
        self[index]
    }
}
impl Points for [char] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn at(&self, index: usize) -> u32 {
        self[index] as u32
    }
}

/// Width or precision of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    None,
    Given(usize),
    /// `*`: taken from the arguments (TypeError "* wants int" if it is no int). A negative width means left
    /// adjustment, a negative precision counts as 0.
    Star,
}

/// One conversion. Ranges index the format string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// the mapping key inside the outer parentheses
    pub key: Option<std::ops::Range<usize>>,
    pub left: bool,
    pub plus: bool,
    pub space: bool,
    pub alternate: bool,
    pub zero: bool,
    pub width: Amount,
    pub precision: Amount,
    /// the conversion character, unchecked
    pub kind: u32,
    /// its index, for error texts
    pub index: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// literal text; "%%" comes as a range of the one percent sign
    Literal(std::ops::Range<usize>),
    Conversion(Conversion),
}

/// Walks a format string. Errors come up when their place is reached, so that earlier conversions take their effects
/// first, as the language does. Whenever a conversion has a key the operand must be a mapping: TypeError
/// "format requires a mapping" goes before "incomplete format key".
pub struct Parser<'a, P: Points + ?Sized> {
    text: &'a P,
    position: usize,
}

impl<'a, P: Points + ?Sized> Parser<'a, P> {
    pub fn new(text: &'a P) -> Self {
        Parser { text, position: 0 }
    }

    /// Begins inside, before a piece.
    pub fn at(text: &'a P, position: usize) -> Self {
        Parser { text, position }
    }

    /// Where the next piece begins.
    pub fn position(&self) -> usize {
        self.position
    }

    #[inline]
    fn peek(&self) -> Option<u32> {
        (self.position < self.text.count()).then(|| self.text.at(self.position))
    }

    #[inline]
    fn next_if(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted as u32);
        self.position += found as usize;
        found
    }

    /// Whether the next piece starts with a mapping key (checked by the caller before it is read).
    pub fn at_key(&self) -> bool {
        self.position + 1 < self.text.count()
            && self.text.at(self.position) == '%' as u32
            && self.text.at(self.position + 1) == '(' as u32
    }

    fn number(&mut self, limit: usize, too_big: &'static str) -> Result<Option<usize>, Fault> {
        let mut value = None;
        while let Some(digit) = self.peek().and_then(char::from_u32).filter(char::is_ascii_digit) {
            let next = value.unwrap_or(0usize).checked_mul(10).and_then(|v| v.checked_add(digit as usize - '0' as usize));
            value = Some(next.filter(|&v| v <= limit).ok_or_else(|| Fault::value(too_big))?);
            self.position += 1;
        }
        Ok(value)
    }

    fn amount(&mut self, limit: usize, too_big: &'static str) -> Result<Amount, Fault> {
        if self.next_if('*') {
            return Ok(Amount::Star);
        }
        Ok(self.number(limit, too_big)?.map_or(Amount::None, Amount::Given))
    }

    fn key(&mut self) -> Result<std::ops::Range<usize>, Fault> {
        let start = self.position;
        let mut depth = 1;
        while let Some(c) = self.peek() {
            depth += (c == '(' as u32) as i32 - (c == ')' as u32) as i32;
            self.position += 1;
            if depth == 0 {
                return Ok(start..self.position - 1);
            }
        }
        Err(Fault::value("incomplete format key"))
    }

    fn conversion(&mut self) -> Result<Conversion, Fault> {
        let key = if self.next_if('(') { Some(self.key()?) } else { None };
        let mut found = Conversion {
            key,
            left: false,
            plus: false,
            space: false,
            alternate: false,
            zero: false,
            width: Amount::None,
            precision: Amount::None,
            kind: 0,
            index: 0,
        };
        loop {
            match self.peek().and_then(char::from_u32) {
                Some('-') => found.left = true,
                Some('+') => found.plus = true,
                Some(' ') => found.space = true,
                Some('#') => found.alternate = true,
                Some('0') => found.zero = true,
                _ => break,
            }
            self.position += 1;
        }
        found.width = self.amount(isize::MAX as usize, "width too big")?;
        if self.next_if('.') {
            found.precision = match self.amount(i32::MAX as usize, "precision too big")? {
                Amount::None => Amount::Given(0),
                amount => amount,
            };
        }
        let _length_modifier = self.next_if('h') || self.next_if('l') || self.next_if('L');
        found.index = self.position;
        found.kind = self.peek().ok_or_else(|| Fault::value("incomplete format"))?;
        self.position += 1;
        Ok(found)
    }
}

impl<P: Points + ?Sized> Iterator for Parser<'_, P> {
    type Item = Result<Piece, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        while self.peek().is_some_and(|c| c != '%' as u32) {
            self.position += 1;
        }
        if self.position > start {
            return Some(Ok(Piece::Literal(start..self.position)));
        }
        self.peek()?;
        self.position += 1;
        if self.next_if('%') {
            return Some(Ok(Piece::Literal(self.position - 1..self.position)));
        }
        let found = self.conversion().map(Piece::Conversion);
        if found.is_err() {
            self.position = self.text.count();
        }
        Some(found)
    }
}

impl Conversion {
    /// ValueError for a conversion character nobody knows (raised after the argument was fetched).
    pub fn unsupported(&self) -> Fault {
        let shown = match char::from_u32(self.kind) {
            Some(c) if (' '..'\x7f').contains(&c) => c,
            _ => '?',
        };
        Fault::value(format!("unsupported format character '{shown}' (0x{:x}) at index {}", self.kind, self.index))
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }
}

/// The flags after `*` operands were fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    pub left: bool,
    pub width: usize,
    pub precision: Option<usize>,
}

/// Puts fetched `*` operands in. `width` and `precision` are the operands where the conversion says `Star`.
pub fn resolve(conversion: &Conversion, width: Option<i64>, precision: Option<i64>) -> Resolved {
    let (left, width) = match (conversion.width, width) {
        (Amount::Given(width), _) => (false, width),
        (Amount::Star, Some(width)) => (width < 0, usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX)),
        _ => (false, 0),
    };
    let precision = match (conversion.precision, precision) {
        (Amount::Given(precision), _) => Some(precision),
        (Amount::Star, Some(precision)) => Some(usize::try_from(precision).unwrap_or(0)),
        _ => None,
    };
    Resolved { left: left || conversion.left, width, precision }
}

/// Padding of a text of `length` characters: how many spaces go left and right. (Text conversions ignore the zero flag.)
pub fn text_padding(resolved: &Resolved, length: usize) -> (usize, usize) {
    let room = resolved.width.saturating_sub(length);
    if resolved.left { (0, room) } else { (room, 0) }
}

/// The conversion as an everyday format specifier, for `quick_format`.
pub fn as_quick(conversion: &Conversion, resolved: &Resolved) -> Option<Quick> {
    let kind = match u8::try_from(conversion.kind).ok()? {
        b'i' | b'u' => b'd',
        kind => kind,
    };
    if resolved.width > MOST_WIDTH {
        return None;
    }
    let (fill, align) = match (resolved.left, conversion.zero) {
        (true, _) => (b' ', b'<'),
        (false, true) => (b'0', b'='),
        (false, false) => (b' ', b'>'),
    };
    let sign = if conversion.plus {
        b'+'
    } else if conversion.space {
        b' '
    } else {
        0
    };
    let precision = resolved.precision;
    Some(Quick { fill, align, sign, alternate: conversion.alternate, width: resolved.width, precision, kind, ..Quick::PLAIN })
}

/// Renders `d i u o x X` of an int operand, padded. `max_digits`: the int-to-str limit (0: none).
pub fn format_int(value: IntRef, conversion: &Conversion, resolved: &Resolved, max_digits: usize) -> Result<String, Fault> {
    check_length(resolved.width)?;
    check_length(resolved.precision.unwrap_or(0))?;
    let negative = match value {
        IntRef::Small(value) => value < 0,
        IntRef::Big(value) => value.sign() == dashu_int::Sign::Negative,
    };
    let (radix, prefix) = match (char::from_u32(conversion.kind), conversion.alternate) {
        (Some('o'), alternate) => (8, if alternate { "0o" } else { "" }),
        (Some('x'), alternate) => (16, if alternate { "0x" } else { "" }),
        (Some('X'), alternate) => (16, if alternate { "0X" } else { "" }),
        _ => (10, ""),
    };
    let mut digits = value.digits(radix, max_digits)?;
    if conversion.kind == 'X' as u32 {
        digits.make_ascii_uppercase();
    }
    if let Some(least) = resolved.precision.filter(|&p| p > digits.len()) {
        digits.insert_str(0, &"0".repeat(least - digits.len()));
    }
    let lead = format!("{}{prefix}", conversion.sign(negative));
    Ok(pad_number(&lead, &digits, conversion, resolved))
}

/// Renders `e E f F g G` of a float operand, padded.
pub fn format_f64(value: f64, conversion: &Conversion, resolved: &Resolved) -> Result<String, Fault> {
    check_length(resolved.width)?;
    check_length(resolved.precision.unwrap_or(0))?;
    let kind = char::from_u32(conversion.kind).unwrap_or('f');
    let style = FloatStyle { alternate: conversion.alternate, ..FloatStyle::default() };
    let text = format_float(value, kind, resolved.precision.unwrap_or(6), style);
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.as_str()),
    };
    Ok(pad_number(conversion.sign(negative), body, conversion, resolved))
}

fn pad_number(lead: &str, body: &str, conversion: &Conversion, resolved: &Resolved) -> String {
    let room = resolved.width.saturating_sub(lead.len() + body.len());
    let mut out = text_with_room(lead.len() + body.len() + room);
    if resolved.left {
        out.push_str(lead);
        out.push_str(body);
        out.extend(std::iter::repeat_n(' ', room));
    } else if conversion.zero {
        out.push_str(lead);
        out.extend(std::iter::repeat_n('0', room));
        out.push_str(body);
    } else {
        out.extend(std::iter::repeat_n(' ', room));
        out.push_str(lead);
        out.push_str(body);
    }
    out
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    fn shown(text: &[u8]) -> String {
        String::from_utf8(text.to_vec()).unwrap()
    }

    fn first(text: &str) -> Conversion {
        match Parser::new(text.as_bytes()).next() {
            Some(Ok(Piece::Conversion(conversion))) => conversion,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers() {
        for (format, value, expected) in [
            ("%#X", -255, "-0XFF"), ("%#o", 8, "0o10"), ("%#o", 0, "0o0"), ("%+d", 5, "+5"), ("% d", 5, " 5"), ("%05d", -5, "-0005"), ("%-05d", 5, "5    "), ("%5.3d", 5, "  005"), ("%.0d", 0, "0"), ("%ld", 1, "1"),
            ("%#.3x", 5, "0x005"), ("%#10.3x", 5, "     0x005"), ("%+#010x", 5, "+0x0000005"), ("%.5d", -5, "-00005"), ("%- 5d", 3, " 3   "), ("%08.3x", 5, "00000005"), ("%# x", 5, " 0x5"), ("%+ d", 5, "+5"), ("%o", -8, "-10"),
        ] {
            let conversion = first(format);
            let resolved = resolve(&conversion, None, None);
            assert_eq!(format_int(IntRef::Small(value), &conversion, &resolved, 0).unwrap(), expected, "{format}");
            if let Some(text) = as_quick(&conversion, &resolved).and_then(|quick| crate::quick_format::int(value, &quick, shown)) {
                assert_eq!(text, expected, "{format}");
            }
        }
        for (format, value, expected) in [
            ("%e", 10.0, "1.000000e+01"), ("%05.1f", f64::NEG_INFINITY, "-0inf"), ("%+5.1f", f64::NAN, " +nan"), ("%#.0f", 1.0, "1."), ("%-+8.3f", 1.5, "+1.500  "), ("%F", f64::INFINITY, "INF"), ("%.f", 2.5, "2"),
        ] {
            let conversion = first(format);
            let resolved = resolve(&conversion, None, None);
            assert_eq!(format_f64(value, &conversion, &resolved).unwrap(), expected, "{format}");
            if let Some(text) = as_quick(&conversion, &resolved).and_then(|quick| crate::quick_format::float(value, &quick, shown)) {
                assert_eq!(text, expected, "{format}");
            }
        }
        let stars = first("%*.*f");
        assert_eq!(format_f64(1.5, &stars, &resolve(&stars, Some(-6), Some(-2))).unwrap(), "2     ");
        assert_eq!(format_f64(1.5, &stars, &resolve(&stars, Some(i64::MAX), None)), Err(Fault::memory()));
    }

    #[test]
    fn grammar() {
        let pieces: Vec<_> = Parser::new("a%%b%(k(x))s".as_bytes()).map(Result::unwrap).collect();
        assert_eq!(pieces[..3], [Piece::Literal(0..1), Piece::Literal(2..3), Piece::Literal(3..4)]);
        assert!(matches!(&pieces[3], Piece::Conversion(c) if c.key == Some(6..10) && c.kind == 's' as u32));
        for (text, expected) in [
            ("%", "incomplete format"), ("%5", "incomplete format"), ("%.", "incomplete format"), ("%(a", "incomplete format key"), ("%(a)", "incomplete format"), ("%99999999999999999999d", "width too big"), ("%.2147483648f", "precision too big"),
        ] {
            assert_eq!(Parser::new(text.as_bytes()).next().unwrap().unwrap_err().text, expected);
        }
        assert_eq!(first("%llld").unsupported().text, "unsupported format character 'l' (0x6c) at index 2");
        assert_eq!(first("%\n").unsupported().text, "unsupported format character '?' (0xa) at index 1");
    }
}
