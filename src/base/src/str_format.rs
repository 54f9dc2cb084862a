//! The replacement field language of `str.format`: splitting a format string in pieces and a field name in steps.
//! Must not know objects. Fields inside format specifiers are expanded by the caller with the same parser.

use std::ops::Range;

use crate::fault::Fault;
use crate::percent_format::Points;

/// One replacement field. Ranges index the format string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// e.g. "0.a[b]", may be empty
    pub name: Range<usize>,
    /// the character after '!'
    pub conversion: Option<u32>,
    /// the specifier after ':', may be empty
    pub spec: Range<usize>,
    /// the specifier holds fields itself and must be formatted first
    pub spec_needs_expanding: bool,
}

/// Literal text (escapes resolved: the range never holds the second brace) and the field that follows it, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub literal: Range<usize>,
    pub field: Option<Field>,
}

/// Walks a format string; the pieces are those of `_string.formatter_parser`.
pub struct Parser<'a, P: Points + ?Sized> {
    text: &'a P,
    position: usize,
    end: usize,
}

impl<'a, P: Points + ?Sized> Parser<'a, P> {
    pub fn new(text: &'a P) -> Self {
        Parser { text, position: 0, end: text.count() }
    }

    /// Parses only a part of the text (a specifier to expand).
    pub fn over(text: &'a P, range: Range<usize>) -> Self {
        Parser { text, position: range.start, end: range.end.min(text.count()) }
    }

    /// Where the next piece begins.
    pub fn position(&self) -> usize {
        self.position
    }

    fn peek(&self) -> Option<char> {
        (self.position < self.end).then(|| char::from_u32(self.text.at(self.position)).unwrap_or('\u{fffd}'))
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek();
        self.position += c.is_some() as usize;
        c
    }

    fn piece(&mut self) -> Result<Piece, Fault> {
        let start = self.position;
        while let Some(c) = self.peek() {
            self.position += 1;
            if c != '{' && c != '}' {
                continue;
            }
            let doubled = self.peek() == Some(c);
            if doubled {
                let literal = start..self.position;
                self.position += 1;
                return Ok(Piece { literal, field: None });
            }
            if c == '}' {
                return Err(Fault::value("Single '}' encountered in format string"));
            }
            if self.peek().is_none() {
                return Err(Fault::value("Single '{' encountered in format string"));
            }
            let literal = start..self.position - 1;
            return Ok(Piece { literal, field: Some(self.field()?) });
        }
        Ok(Piece { literal: start..self.position, field: None })
    }

    fn field(&mut self) -> Result<Field, Fault> {
        let start = self.position;
        let mut in_brackets = false;
        let stop = loop {
            match self.bump() {
                None => return Err(Fault::value("expected '}' before end of string")),
                Some('[') => in_brackets = true,
                Some(']') => in_brackets = false,
                Some(_) if in_brackets => {}
                Some('{') => return Err(Fault::value("unexpected '{' in field name")),
                Some(c @ ('}' | ':' | '!')) => break c,
                Some(_) => {}
            }
        };
        let mut field = Field {
            name: start..self.position - 1,
            conversion: None,
            spec: self.position - 1..self.position - 1,
            spec_needs_expanding: false,
        };
        if stop == '}' {
            return Ok(field);
        }
        if stop == '!' {
            if self.position >= self.end {
                return Err(Fault::value("end of string while looking for conversion specifier"));
            }
            field.conversion = Some(self.text.at(self.position));
            self.position += 1;
            match self.bump() {
                None => return Err(Fault::value("unmatched '{' in format spec")),
                Some(':') => {}
                Some('}') => {
                    field.spec = self.position - 1..self.position - 1;
                    return Ok(field);
                }
                Some(_) => return Err(Fault::value("expected ':' after conversion specifier")),
            }
        }
        let start = self.position;
        let mut depth = 1;
        while let Some(c) = self.bump() {
            match c {
                '{' => {
                    depth += 1;
                    field.spec_needs_expanding = true;
                }
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                field.spec = start..self.position - 1;
                return Ok(field);
            }
        }
        Err(Fault::value("unmatched '{' in format spec"))
    }
}

impl<P: Points + ?Sized> Iterator for Parser<'_, P> {
    type Item = Result<Piece, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.end {
            return None;
        }
        let piece = self.piece();
        if piece.is_err() {
            self.position = self.end;
        }
        Some(piece)
    }
}

/// ValueError for a conversion that is not `r`, `s` or `a`.
pub fn unknown_conversion(conversion: u32) -> Fault {
    match char::from_u32(conversion) {
        Some(c) if c > ' ' && c < '\u{7f}' => Fault::value(format!("Unknown conversion specifier {c}")),
        _ => Fault::value(format!("Unknown conversion specifier \\x{conversion:x}")),
    }
}

/// The first part of a field name, or an item key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    Empty,
    Index(usize),
    Text(Range<usize>),
}

/// One step after the first part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Attribute(Range<usize>),
    Item(Name),
}

/// Walks a field name (the range of one inside `text`): `first`, then the steps by iteration.
pub struct FieldName<'a, P: Points + ?Sized> {
    text: &'a P,
    pub first: Name,
    position: usize,
    end: usize,
}

impl<'a, P: Points + ?Sized> FieldName<'a, P> {
    /// `digit` gives the decimal value of a code point (Unicode digits count); pass `ascii_digit` if in doubt.
    pub fn split(text: &'a P, range: Range<usize>, digit: fn(u32) -> Option<u32>) -> Result<Self, Fault> {
        let stop = range.clone().find(|&i| matches!(char::from_u32(text.at(i)), Some('.' | '['))).unwrap_or(range.end);
        let first = name(text, range.start..stop, digit)?;
        Ok(FieldName { text, first, position: stop, end: range.end })
    }

    fn step(&mut self) -> Result<Step, Fault> {
        let opener = self.text.at(self.position);
        self.position += 1;
        let start = self.position;
        let is = |i: usize, wanted: &[char]| wanted.iter().any(|&c| self.text.at(i) == c as u32);
        let empty = || Fault::value("Empty attribute in format string");
        if opener == '.' as u32 {
            let stop = (start..self.end).find(|&i| is(i, &['.', '['])).unwrap_or(self.end);
            self.position = stop;
            return if stop == start { Err(empty()) } else { Ok(Step::Attribute(start..stop)) };
        }
        if opener != '[' as u32 {
            return Err(Fault::value("Only '.' or '[' may follow ']' in format field specifier"));
        }
        let Some(stop) = (start..self.end).find(|&i| is(i, &[']'])) else {
            return Err(Fault::value("Missing ']' in format string"));
        };
        self.position = stop + 1;
        match name(self.text, start..stop, ascii_digit)? {
            Name::Empty => Err(empty()),
            key => Ok(Step::Item(key)),
        }
    }
}

impl<P: Points + ?Sized> Iterator for FieldName<'_, P> {
    type Item = Result<Step, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.end {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.position = self.end;
        }
        Some(step)
    }
}

pub fn ascii_digit(point: u32) -> Option<u32> {
    char::from_u32(point)?.to_digit(10)
}

fn name<P: Points + ?Sized>(text: &P, range: Range<usize>, digit: fn(u32) -> Option<u32>) -> Result<Name, Fault> {
    if range.is_empty() {
        return Ok(Name::Empty);
    }
    let mut value: usize = 0;
    for i in range.clone() {
        let Some(digit) = digit(text.at(i)) else {
            return Ok(Name::Text(range));
        };
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(digit as usize))
            .filter(|&v| v <= isize::MAX as usize)
            .ok_or_else(|| Fault::value("Too many decimal digits in format string"))?;
    }
    Ok(Name::Index(value))
}

/// Keeps automatic ("{}") and manual ("{0}") numbering apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoNumber {
    manual: Option<bool>,
    next: usize,
}

impl AutoNumber {
    /// The index for a field without a number.
    pub fn automatic(&mut self) -> Result<usize, Fault> {
        if *self.manual.get_or_insert(false) {
            return Err(Fault::value("cannot switch from manual field specification to automatic field numbering"));
        }
        self.next += 1;
        Ok(self.next - 1)
    }

    /// Notes a field with a number.
    pub fn manual(&mut self) -> Result<(), Fault> {
        if !*self.manual.get_or_insert(true) {
            return Err(Fault::value("cannot switch from automatic field numbering to manual field specification"));
        }
        Ok(())
    }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        let mut out = String::new();
        for piece in Parser::new(text.as_bytes()) {
            match piece {
                Err(fault) => return fault.text.into_owned(),
                Ok(piece) => {
                    out.push_str(&format!("<{}>", &text[piece.literal]));
                    if let Some(field) = piece.field {
                        let conversion = field.conversion.and_then(char::from_u32);
                        out.push_str(&format!("({}|{}|{})", &text[field.name], conversion.map_or("-".into(), String::from), &text[field.spec]));
                    }
                }
            }
        }
        out
    }

    #[test]
    fn pieces() {
        for (text, expected) in [
            ("", ""), ("a{b}c", "<a>(b|-|)<c>"), ("{{}}", "<{><}>"), ("{", "Single '{' encountered in format string"), ("}", "Single '}' encountered in format string"), ("{a", "expected '}' before end of string"),
            ("{a!", "end of string while looking for conversion specifier"), ("{a!r", "unmatched '{' in format spec"), ("{a!}", "unmatched '{' in format spec"), ("{a!r:}", "<>(a|r|)"), ("{a!rr}", "expected ':' after conversion specifier"),
            ("{a:{b}}", "<>(a|-|{b})"), ("{a:{b}", "unmatched '{' in format spec"), ("{a:}}", "Single '}' encountered in format string"), ("{a[}]}", "<>(a[}]|-|)"), ("{a[{]}", "<>(a[{]|-|)"), ("{a{b}", "unexpected '{' in field name"),
            ("{a!x:y:z}", "<>(a|x|y:z)"), ("{a:{{}}}", "<>(a|-|{{}})"), ("{{{a}}}", "<{><>(a|-|)<}>"), ("{a!}:}", "<>(a|}|)"), ("{[}", "expected '}' before end of string"), ("a}}b", "<a}><b>"), ("{{{", "Single '{' encountered in format string"),
            ("{}}", "Single '}' encountered in format string"), ("{!}", "unmatched '{' in format spec"), ("{a:b!r}", "<>(a|-|b!r)"),
        ] {
            assert_eq!(parsed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn field_names() {
        let split = |text: &str| -> Result<(Name, Vec<Step>), Fault> {
            let mut name = FieldName::split(text.as_bytes(), 0..text.len(), ascii_digit)?;
            let steps = name.by_ref().collect::<Result<_, _>>()?;
            Ok((name.first, steps))
        };
        assert_eq!(split("0.a[b]"), Ok((Name::Index(0), vec![Step::Attribute(2..3), Step::Item(Name::Text(4..5))])));
        assert_eq!(split("[0]"), Ok((Name::Empty, vec![Step::Item(Name::Index(0))])));
        assert_eq!(split("a[b.c]"), Ok((Name::Text(0..1), vec![Step::Item(Name::Text(2..5))])));
        assert_eq!(split("01"), Ok((Name::Index(1), vec![])));
        for (text, expected) in [
            ("a.", "Empty attribute in format string"), ("a[", "Missing ']' in format string"), ("a[]", "Empty attribute in format string"), ("a[b]c", "Only '.' or '[' may follow ']' in format field specifier"),
            ("a..b", "Empty attribute in format string"), ("99999999999999999999", "Too many decimal digits in format string"), ("a[99999999999999999999]", "Too many decimal digits in format string"), ("a[]]", "Empty attribute in format string"),
        ] {
            assert_eq!(split(text).unwrap_err().text, expected);
        }
        let mut auto = AutoNumber::default();
        assert_eq!((auto.automatic().unwrap(), auto.automatic().unwrap()), (0, 1));
        assert!(auto.manual().is_err());
    }
}
