//! `format(value, spec)` of the built-in types: what `int.__format__`, `float.__format__`, `complex.__format__` and `str.__format__`
//! do, for values and for f-strings. The language itself is in `base::format_spec`.
//!
//! Must not know: `__format__` lookup (`protocol::format`), `str.format` and `%`.

use crate::class::class_name;
use crate::convert::utf8;
use crate::error::{R, raise_fault};
use crate::float::{Complex, float_value};
use crate::int::{IntObject, IntView, int_view, max_str_digits};
use crate::layout::{Cast, Gc, Layout};
use crate::protocol;
use crate::str::{Chars, Str, str_build, write_chars};
use base::format_spec::{self, IntRef, Layout as Field, Separators};
use base::int::DIGIT_PAIRS;
use base::quick_format::{self, Quick};
use base::text::{Text, TextBuilder};
use heap::Value;
use std::borrow::Cow;

/// The name of a value's class for error texts, without an allocation for plain numbers and strings.
fn type_name(value: Value) -> Cow<'static, str> {
    if value.is_int() {
        Cow::Borrowed("int")
    } else if value.is_float() {
        Cow::Borrowed("float")
    } else if value.cast_exact::<Str>().is_some() {
        Cow::Borrowed("str")
    } else {
        Cow::Owned(class_name(value))
    }
}

/// `int.__format__` (bools and other subclasses too).
pub fn format_int(value: Value, spec: Gc<Str>) -> R<Gc<Str>> {
    if spec.is_empty() {
        if value.is_int() {
            return Ok(small_decimal(value.as_int()));
        }
        if crate::class::class_of(value) != IntObject::class() {
            return protocol::str_of(value);
        }
    }
    if value.is_int()
        && let Some(text) = quick_spec(&spec).and_then(|quick| quick_format::int(value.as_int(), &quick, ascii_str))
    {
        return Ok(text);
    }
    let view = int_view(value).unwrap_or(IntView::Small(0));
    let spec = utf8(spec)?;
    let big;
    let number = match view {
        IntView::Small(number) => IntRef::Small(number),
        view => {
            big = view.to_ibig();
            IntRef::Big(&big)
        }
    };
    let type_name = type_name(value);
    if spec.ends_with('c') {
        let field = format_spec::format_int_char(number, spec, &type_name).map_err(raise_fault)?;
        if let Some((code, field)) = field {
            return lay_out(Text::Four(&[code]), field);
        }
    }
    let text = if spec.ends_with('n') {
        let locale = Locale::current();
        format_spec::format_int(number, spec, &type_name, &locale.separators(), max_str_digits())
    } else {
        format_spec::format_int(number, spec, &type_name, &Separators::C, max_str_digits())
    };
    text.map(|text| Str::new(&text)).map_err(raise_fault)
}

/// A specifier of the everyday kind.
#[inline]
fn quick_spec(spec: &Str) -> Option<Quick> {
    if spec.is_ascii() { Quick::parse(spec.raw_bytes()) } else { None }
}

#[inline]
fn ascii_str(text: &[u8]) -> Gc<Str> {
    match text {
        [one] => Str::from_char(*one as u32),
        text => Str::from_ascii(text),
    }
}

/// Decimal text of a machine int, without detours.
pub fn small_decimal(number: i64) -> Gc<Str> {
    if (0..10).contains(&number) {
        return Str::from_char(b'0' as u32 + number as u32);
    }
    with_decimal(number, Str::from_ascii)
}

/// Hands on the decimal digits of a machine int.
#[inline]
pub fn with_decimal<T>(number: i64, visit: impl FnOnce(&[u8]) -> T) -> T {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    // Two at a time: each division waits for the one before.
    while rest >= 100 {
        let pair = (rest % 100) as usize * 2;
        rest /= 100;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&DIGIT_PAIRS[pair..pair + 2]);
    }
    if rest >= 10 {
        let pair = rest as usize * 2;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&DIGIT_PAIRS[pair..pair + 2]);
    } else {
        at -= 1;
        digits[at] = b'0' + rest as u8;
    }
    if number < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    visit(&digits[at..])
}

/// `float.__format__`.
pub fn format_float(value: Value, spec: Gc<Str>) -> R<Gc<Str>> {
    let number = float_value(value).unwrap_or(0.0);
    if spec.is_empty() {
        return if value.is_float() { Ok(base::float::with_repr(number, Str::new)) } else { protocol::str_of(value) };
    }
    if let Some(text) = quick_spec(&spec).and_then(|quick| quick_format::float(number, &quick, ascii_str)) {
        return Ok(text);
    }
    let spec = utf8(spec)?;
    let text = if spec.ends_with('n') {
        let locale = Locale::current();
        format_spec::format_f64(number, spec, &type_name(value), &locale.separators())
    } else {
        format_spec::format_f64(number, spec, &type_name(value), &Separators::C)
    };
    text.map(|text| Str::new(&text)).map_err(raise_fault)
}

/// `complex.__format__`.
pub fn format_complex(value: Value, spec: Gc<Str>) -> R<Gc<Str>> {
    if spec.is_empty() {
        return protocol::str_of(value);
    }
    let (real, imag) = value.cast::<Complex>().map_or((0.0, 0.0), |number| (number.real, number.imag));
    let spec = utf8(spec)?;
    let locale = if spec.ends_with('n') { Some(Locale::current()) } else { None };
    let separators = locale.as_ref().map_or(Separators::C, Locale::separators);
    format_spec::format_complex(real, imag, spec, &type_name(value), &separators).map(|text| Str::new(&text)).map_err(raise_fault)
}

/// `str.__format__`.
pub fn format_str(value: Gc<Str>, spec: Gc<Str>) -> R<Gc<Str>> {
    if spec.is_empty() {
        return Ok(Str::substring(value, 0, value.len()));
    }
    if let Some(quick) = quick_spec(&spec)
        && let Some(text) = pad_str(value, &quick)
    {
        return text;
    }
    let field = format_spec::format_str(utf8(spec)?, &type_name(value.value()), value.len()).map_err(raise_fault)?;
    if field.left == 0 && field.right == 0 {
        return Ok(Str::substring(value, 0, field.take.min(value.len())));
    }
    lay_out(value.text(), field)
}

/// Fill characters left and right of a text in a field of everyday width; None if the specifier asks for something else or is wrong.
pub fn str_padding(value: &Str, spec: &Quick) -> Option<(usize, usize)> {
    let special = spec.sign != 0 || spec.alternate || spec.group != 0 || spec.precision.is_some() || spec.align == b'=';
    if special || !matches!(spec.kind, 0 | b's') {
        return None;
    }
    Some(match spec.align {
        0 | b'0' => Quick { align: b'<', ..*spec }.padding(value.len()),
        _ => spec.padding(value.len()),
    })
}

fn pad_str(value: Gc<Str>, spec: &Quick) -> Option<R<Gc<Str>>> {
    let (left, right) = str_padding(&value, spec)?;
    if left + right == 0 {
        return Some(Ok(Str::substring(value, 0, value.len())));
    }
    let kind = value.kind();
    // SAFETY: fill characters are ASCII and fit any kind, so the text's kind stays the narrowest; all characters are written.
    Some(unsafe {
        str_build(kind, left + value.len() + right, |data| {
            let fill = [spec.fill; quick_format::MOST_WIDTH];
            let width = kind.width();
            write_chars(data, kind, Chars::One(&fill[..left]));
            write_chars(data.add(left * width), kind, value.chars());
            write_chars(data.add((left + value.len()) * width), kind, Chars::One(&fill[..right]));
        })
    })
}

fn lay_out(text: Text, field: Field) -> R<Gc<Str>> {
    let mut out = TextBuilder::new();
    let total = field.left.saturating_add(field.take).saturating_add(field.right);
    if out.try_reserve(total).is_err() {
        return Err(crate::error::memory_error());
    }
    out.push_repeated(field.fill as u32, field.left);
    out.push_text(text.slice(0..field.take));
    out.push_repeated(field.fill as u32, field.right);
    Str::from_buf(&out.finish())
}

/// `format(value, spec)` of exact built-in values without a lookup; None for all others.
#[inline]
pub fn format_exact(value: Value, spec: Gc<Str>) -> Option<R<Gc<Str>>> {
    if value.is_int() {
        Some(format_int(value, spec))
    } else if value.is_float() {
        Some(format_float(value, spec))
    } else {
        value.cast_exact::<Str>().map(|text| format_str(text, spec))
    }
}

/// What the process's locale says about numbers.
pub struct Locale {
    decimal_point: String,
    thousands: String,
    grouping: Vec<u8>,
}

impl Locale {
    pub fn current() -> Locale {
        // SAFETY: localeconv answers with NUL-terminated texts, which are copied before anything else is called.
        unsafe {
            let found = libc::localeconv();
            let text = |pointer: *const libc::c_char| {
                if pointer.is_null() { String::new() } else { std::ffi::CStr::from_ptr(pointer).to_string_lossy().into_owned() }
            };
            if found.is_null() {
                return Locale { decimal_point: ".".to_owned(), thousands: String::new(), grouping: Vec::new() };
            }
            let grouping = if (*found).grouping.is_null() {
                Vec::new()
            } else {
                std::ffi::CStr::from_ptr((*found).grouping).to_bytes().to_vec()
            };
            Locale { decimal_point: text((*found).decimal_point), thousands: text((*found).thousands_sep), grouping }
        }
    }
    pub fn separators(&self) -> Separators<'_> {
        Separators { decimal_point: &self.decimal_point, thousands: &self.thousands, grouping: &self.grouping }
    }
}
