//! Reading JSON. The parser is generic over the width of the document's characters.

use crate::json::decode_error;
use base::memory::Grow;
use native_macros::{Layout, native_class};
use objects::dict::{dict_set, dict_set_default};
use objects::float::FloatObject;
use objects::int::IntObject;
use objects::list::list_push;
use objects::str::Chars;
use objects::thread::{enter_recursion_in, poll};
use objects::{
    Cast, Class, Dict, Gc, Header, Layout, R, Raised, Slot, Str, Value, call, get_attr_named, is_true, new_dict, new_int,
    new_int_usize, new_list, new_object, new_str, new_tuple, stop_iteration, value_error,
};
use std::cell::Cell;

/// A character of a document.
pub trait Unit: Copy {
    fn code(self) -> u32;
    fn make(units: &[Self]) -> Gc<Str>;
    /// Whether a string has these characters; may say no if it is of another width.
    fn is_text(units: &[Self], text: Gc<Str>) -> bool;
}
impl Unit for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    #[inline]
    fn make(units: &[u8]) -> Gc<Str> {
        if units.is_ascii() { Str::of_ascii(units) } else { Str::from_latin1(units) }
    }
    #[inline]
    fn is_text(units: &[u8], text: Gc<Str>) -> bool {
        matches!(text.chars(), Chars::One(other) if other == units)
    }
}
impl Unit for u16 {
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    fn make(units: &[u16]) -> Gc<Str> {
        Str::from_ucs2(units)
    }
    fn is_text(units: &[u16], text: Gc<Str>) -> bool {
        matches!(text.chars(), Chars::Two(other) if other == units)
    }
}
impl Unit for u32 {
    #[inline(always)]
    fn code(self) -> u32 {
        self
    }
    fn make(units: &[u32]) -> Gc<Str> {
        Str::from_ucs4(units)
    }
    fn is_text(units: &[u32], text: Gc<Str>) -> bool {
        matches!(text.chars(), Chars::Four(other) if other == units)
    }
}

/// Runs `$work` with the characters of a document as a slice named `$units`.
macro_rules! with_units {
    ($document:expr, $units:ident => $work:expr) => {
        match $document.chars() {
            Chars::One($units) => $work,
            Chars::Two($units) => $work,
            Chars::Four($units) => $work,
        }
    };
}

/// Reads a string whose first character is at `start`, up to its closing quote.
pub fn scan_string(document: Gc<Str>, start: usize, strict: bool) -> R<(Gc<Str>, usize)> {
    with_units!(document, units => string_at(document, units, start, strict))
}

/// How many characters stand for themselves before one that does not.
#[inline(always)]
fn run_length<U: Unit>(units: &[U]) -> Option<usize> {
    units.iter().position(|unit| {
        let code = unit.code();
        code == b'"' as u32 || code == b'\\' as u32 || code < 0x20
    })
}

fn string_at<U: Unit>(document: Gc<Str>, units: &[U], start: usize, strict: bool) -> R<(Gc<Str>, usize)> {
    let unterminated = || decode_error("Unterminated string starting at", document, start.wrapping_sub(1));
    let mut at = start;
    let mut pieces: Option<Vec<u32>> = None;
    loop {
        let run = at;
        let found = loop {
            let Some(length) = units.get(at..).and_then(run_length) else { return Err(unterminated()) };
            at += length;
            let code = units[at].code();
            if code >= 0x20 {
                break code;
            }
            if strict {
                return Err(decode_error("Invalid control character at", document, at));
            }
            at += 1;
        };
        let plain = &units[run..at];
        at += 1;
        if found == b'"' as u32 {
            return Ok(match pieces {
                None => (U::make(plain), at),
                Some(mut pieces) => {
                    pieces.make_room(plain.len());
                    pieces.extend(plain.iter().map(|unit| unit.code()));
                    (Str::from_ucs4(&pieces), at)
                }
            });
        }
        let pieces = pieces.get_or_insert_with(Vec::new);
        pieces.make_room(plain.len());
        pieces.extend(plain.iter().map(|unit| unit.code()));
        let Some(escape) = units.get(at) else { return Err(unterminated()) };
        at += 1;
        let code = match char::from_u32(escape.code()) {
            Some('"') => 0x22,
            Some('\\') => 0x5c,
            Some('/') => 0x2f,
            Some('b') => 0x08,
            Some('f') => 0x0c,
            Some('n') => 0x0a,
            Some('r') => 0x0d,
            Some('t') => 0x09,
            Some('u') => {
                let Some(code) = hex_at(units, at) else {
                    return Err(decode_error("Invalid \\uXXXX escape", document, at - 1));
                };
                at += 4;
                match second_half(units, at, code) {
                    Some(low) => {
                        at += 6;
                        0x10000 + ((code & 0x3ff) << 10 | low & 0x3ff)
                    }
                    None => code,
                }
            }
            _ => return Err(decode_error("Invalid \\escape", document, at - 2)),
        };
        pieces.put(code);
    }
}

fn hex_at<U: Unit>(units: &[U], at: usize) -> Option<u32> {
    let digits = units.get(at..at + 4)?;
    digits
        .iter()
        .try_fold(0, |number, unit| Some(number << 4 | char::from_u32(unit.code()).filter(char::is_ascii)?.to_digit(16)?))
}

/// The low half of a surrogate pair whose high half was just read.
fn second_half<U: Unit>(units: &[U], at: usize, high: u32) -> Option<u32> {
    if !(0xd800..0xdc00).contains(&high) {
        return None;
    }
    let [backslash, u] = units.get(at..at + 2)? else { return None };
    if backslash.code() != b'\\' as u32 || u.code() != b'u' as u32 {
        return None;
    }
    hex_at(units, at + 2).filter(|low| (0xdc00..0xe000).contains(low))
}

#[derive(Layout)]
#[repr(C)]
pub struct Scanner {
    pub header: Header,
    strict: bool,
    object_hook: Slot,
    object_pairs_hook: Slot,
    parse_float: Slot,
    parse_int: Slot,
    parse_constant: Slot,
}

/// JSON scanner object
#[native_class(name = "_json.Scanner", base = object, flags = "final")]
impl Scanner {
    #[new]
    #[sig("(context)", hidden)]
    fn new(cls: Gc<Class>, context: Value) -> R {
        let strict = is_true(get_attr_named(context, "strict")?)?;
        let attribute = |name: &str| get_attr_named(context, name).map(Slot::new);
        let fields = Scanner {
            header: Header::blank(),
            strict,
            object_hook: attribute("object_hook")?,
            object_pairs_hook: attribute("object_pairs_hook")?,
            parse_float: attribute("parse_float")?,
            parse_int: attribute("parse_int")?,
            parse_constant: attribute("parse_constant")?,
        };
        Ok(new_object(cls, fields).value())
    }
    #[sig("(string, idx)")]
    fn __call__(this: Gc<Scanner>, string: Value, idx: isize) -> R {
        let document = crate::json::string_argument(string)?;
        if idx < 0 {
            return Err(value_error!("idx cannot be negative"));
        }
        let (value, next) = with_units!(document, units => Parser::new(this, document, units).value_at(idx as usize))?;
        Ok(new_tuple(&[value, new_int_usize(next)]).value())
    }
    #[getter]
    fn strict(this: Gc<Scanner>) -> bool {
        this.strict
    }
    #[getter]
    fn object_hook(this: Gc<Scanner>) -> Option<Value> {
        this.object_hook.get()
    }
    #[getter]
    fn object_pairs_hook(this: Gc<Scanner>) -> Option<Value> {
        this.object_pairs_hook.get()
    }
    #[getter]
    fn parse_float(this: Gc<Scanner>) -> Option<Value> {
        this.parse_float.get()
    }
    #[getter]
    fn parse_int(this: Gc<Scanner>) -> Option<Value> {
        this.parse_int.get()
    }
    #[getter]
    fn parse_constant(this: Gc<Scanner>) -> Option<Value> {
        this.parse_constant.get()
    }
}

/// No int of so many characters overflows.
const SHORT_NUMBER: usize = 18;

struct Parser<'a, U> {
    scanner: Gc<Scanner>,
    document: Gc<Str>,
    units: &'a [U],
    /// One str for each distinct key.
    keys: Gc<Dict>,
    /// Keys seen lately, each in the place that its ends and its length give it. The parser lives on the stack, where they are seen.
    recent: [Cell<Option<Gc<Str>>>; RECENT_KEYS],
}

const RECENT_KEYS: usize = 32;

fn hook(slot: &Slot) -> Option<Value> {
    slot.get().filter(|hook| !hook.is_none())
}

impl<'a, U: Unit> Parser<'a, U> {
    fn new(scanner: Gc<Scanner>, document: Gc<Str>, units: &'a [U]) -> Parser<'a, U> {
        Parser { scanner, document, units, keys: new_dict(), recent: [const { Cell::new(None) }; RECENT_KEYS] }
    }

    /// The key whose first character is at `start`, and where it ends.
    fn key_at(&self, start: usize) -> R<(Value, usize)> {
        let run = &self.units[start.min(self.units.len())..];
        let length = run_length(run).filter(|length| *length > 0 && run[*length].code() == b'"' as u32);
        let Some(length) = length else {
            let (key, next) = string_at(self.document, self.units, start, self.scanner.strict)?;
            return Ok((dict_set_default(self.keys, key.value(), key.value())?, next));
        };
        let run = &run[..length];
        let place = (run[0].code() ^ run[length - 1].code() << 2).wrapping_add(length as u32) as usize % RECENT_KEYS;
        if let Some(known) = self.recent[place].get()
            && U::is_text(run, known)
        {
            return Ok((known.value(), start + length + 1));
        }
        let key = U::make(run);
        let key = dict_set_default(self.keys, key.value(), key.value())?;
        self.recent[place].set(key.cast::<Str>());
        Ok((key, start + length + 1))
    }
    #[inline]
    fn code(&self, at: usize) -> Option<u32> {
        self.units.get(at).map(|unit| unit.code())
    }
    #[inline]
    fn is(&self, at: usize, byte: u8) -> bool {
        self.code(at) == Some(byte as u32)
    }
    fn has(&self, at: usize, word: &[u8]) -> bool {
        word.iter().enumerate().all(|(offset, byte)| self.is(at + offset, *byte))
    }
    #[inline]
    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.code(at), Some(0x20 | 0x09 | 0x0a | 0x0d)) {
            at += 1;
        }
        at
    }
    #[cold]
    fn error(&self, message: &str, at: usize) -> Raised {
        decode_error(message, self.document, at)
    }
    #[cold]
    fn no_value(&self, at: usize) -> Raised {
        stop_iteration(Some(new_int_usize(at)))
    }

    fn value_at(&self, at: usize) -> R<(Value, usize)> {
        let Some(code) = self.code(at) else { return Err(self.no_value(at)) };
        match u8::try_from(code).unwrap_or(0) {
            b'"' => {
                let (text, next) = string_at(self.document, self.units, at + 1, self.scanner.strict)?;
                Ok((text.value(), next))
            }
            b'{' => {
                let _guard = enter_recursion_in(" while decoding a JSON object from a unicode string")?;
                self.object_at(at + 1)
            }
            b'[' => {
                let _guard = enter_recursion_in(" while decoding a JSON array from a unicode string")?;
                self.array_at(at + 1)
            }
            b'n' if self.has(at, b"null") => Ok((Value::none(), at + 4)),
            b't' if self.has(at, b"true") => Ok((Value::true_(), at + 4)),
            b'f' if self.has(at, b"false") => Ok((Value::false_(), at + 5)),
            b'N' if self.has(at, b"NaN") => self.constant("NaN", at),
            b'I' if self.has(at, b"Infinity") => self.constant("Infinity", at),
            b'-' if self.has(at, b"-Infinity") => self.constant("-Infinity", at),
            _ => self.number_at(at),
        }
    }

    fn constant(&self, name: &str, at: usize) -> R<(Value, usize)> {
        let parse = self.scanner.parse_constant.get().unwrap_or(Value::none());
        Ok((call(parse, &[new_str(name)])?, at + name.len()))
    }

    fn object_at(&self, start: usize) -> R<(Value, usize)> {
        let pairs_hook = hook(&self.scanner.object_pairs_hook);
        let pairs = if pairs_hook.is_some() { Some(new_list(&[])) } else { None };
        let dict = new_dict();
        let mut at = self.skip_space(start);
        if !self.is(at, b'}') {
            loop {
                if !self.is(at, b'"') {
                    return Err(self.error("Expecting property name enclosed in double quotes", at));
                }
                let (key, next) = self.key_at(at + 1)?;
                at = self.skip_space(next);
                if !self.is(at, b':') {
                    return Err(self.error("Expecting ':' delimiter", at));
                }
                at = self.skip_space(at + 1);
                let (value, next) = self.value_at(at)?;
                match pairs {
                    Some(pairs) => list_push(pairs, new_tuple(&[key, value]).value()),
                    None => dict_set(dict, key, value)?,
                }
                at = self.skip_space(next);
                if self.is(at, b'}') {
                    break;
                }
                if !self.is(at, b',') {
                    return Err(self.error("Expecting ',' delimiter", at));
                }
                let comma = at;
                at = self.skip_space(at + 1);
                if self.is(at, b'}') {
                    return Err(self.error("Illegal trailing comma before end of object", comma));
                }
                poll()?;
            }
        }
        let result = match (pairs_hook.zip(pairs), hook(&self.scanner.object_hook)) {
            (Some((hook, pairs)), _) => call(hook, &[pairs.value()])?,
            (None, Some(hook)) => call(hook, &[dict.value()])?,
            (None, None) => dict.value(),
        };
        Ok((result, at + 1))
    }

    fn array_at(&self, start: usize) -> R<(Value, usize)> {
        let list = new_list(&[]);
        let mut at = self.skip_space(start);
        if self.is(at, b']') {
            return Ok((list.value(), at + 1));
        }
        loop {
            let (value, next) = self.value_at(at)?;
            list_push(list, value);
            at = self.skip_space(next);
            if self.is(at, b']') {
                return Ok((list.value(), at + 1));
            }
            if !self.is(at, b',') {
                return Err(self.error("Expecting ',' delimiter", at));
            }
            let comma = at;
            at = self.skip_space(at + 1);
            if self.is(at, b']') {
                return Err(self.error("Illegal trailing comma before end of array", comma));
            }
            poll()?;
        }
    }

    fn digits(&self, mut at: usize) -> usize {
        while matches!(self.code(at), Some(0x30..=0x39)) {
            at += 1;
        }
        at
    }

    fn number_at(&self, start: usize) -> R<(Value, usize)> {
        let mut at = start + self.is(start, b'-') as usize;
        match self.code(at) {
            Some(0x30) => at += 1,
            Some(0x31..=0x39) => at = self.digits(at),
            _ => return Err(self.no_value(start)),
        }
        let mut is_float = false;
        if self.is(at, b'.') && self.digits(at + 1) > at + 1 {
            is_float = true;
            at = self.digits(at + 1);
        }
        if self.is(at, b'e') || self.is(at, b'E') {
            let sign = (self.is(at + 1, b'+') || self.is(at + 1, b'-')) as usize;
            let end = self.digits(at + 1 + sign);
            if end > at + 1 + sign {
                is_float = true;
                at = end;
            }
        }
        let units = &self.units[start..at];
        if !is_float && units.len() <= SHORT_NUMBER && self.scanner.parse_int.get() == Some(IntObject::class().value()) {
            let digits = &units[self.is(start, b'-') as usize..];
            let number = digits.iter().fold(0, |number, unit| number * 10 + i64::from(unit.code() - '0' as u32));
            return Ok((new_int(if digits.len() < units.len() { -number } else { number }), at));
        }
        let text: String = units.iter().map(|unit| unit.code() as u8 as char).collect();
        let value = if is_float {
            match self.scanner.parse_float.get() {
                Some(parse) if parse != FloatObject::class().value() => call(parse, &[new_str(&text)])?,
                _ => Value::float(text.parse().unwrap_or(f64::NAN)),
            }
        } else {
            match (self.scanner.parse_int.get(), text.parse::<i64>()) {
                (Some(parse), _) if parse != IntObject::class().value() => call(parse, &[new_str(&text)])?,
                (_, Ok(number)) => new_int(number),
                _ => call(IntObject::class().value(), &[new_str(&text)])?,
            }
        };
        Ok((value, at))
    }
}
