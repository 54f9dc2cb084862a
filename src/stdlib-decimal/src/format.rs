//! The format mini-language of decimals. Must not know: methods.

use crate::arith::context::*;
use crate::arith::digits::{POW10_WIDE, Rest, SMALL_DIGITS, digits_of as digits_of_small, divide_pow10};
use crate::arith::number::{Coeff, Dec, Kind, Num};
use crate::arith::quick::Small;
use crate::arith::round::{MOST_DIGITS, finish, goes_up, rescale};
use crate::arith::text::{PLAIN_ROOM, write, write_plain, write_pointed};
use crate::context::Context;
use base::memory::{Grow, collected, copied, expect_room, text_with_room, with_room};
use objects::format::Locale;
use objects::{Gc, R, Raised, Str, memory_error, type_error, value_error};

/// A parsed specifier.
struct Spec {
    fill: u32,
    align: u8,
    sign: u8,
    no_negative_zero: bool,
    alternate: bool,
    zero_padded: bool,
    width: usize,
    grouping: u8,
    fraction_grouping: u8,
    precision: Option<usize>,
    /// 0 if none is given.
    kind: u8,
}

/// Separators, from a locale or from the specifier.
pub struct Points {
    pub point: String,
    pub thousands: String,
    pub grouping: Vec<u8>,
}

#[cold]
fn invalid() -> Raised {
    value_error!("invalid format string")
}

fn parse(chars: &[u32]) -> R<Spec> {
    let mut spec = Spec {
        fill: b' ' as u32,
        align: 0,
        sign: b'-',
        no_negative_zero: false,
        alternate: false,
        zero_padded: false,
        width: 0,
        grouping: 0,
        fraction_grouping: 0,
        precision: None,
        kind: 0,
    };
    let ascii = |at: usize| chars.get(at).and_then(|code| u8::try_from(*code).ok()).unwrap_or(0);
    let align = |at: usize| matches!(ascii(at), b'<' | b'>' | b'=' | b'^');
    let mut at = 0;
    if chars.len() >= 2 && align(1) {
        spec.fill = chars[0];
        spec.align = ascii(1);
        at = 2;
    } else if align(0) {
        spec.align = ascii(0);
        at = 1;
    }
    if matches!(ascii(at), b'+' | b'-' | b' ') {
        spec.sign = ascii(at);
        at += 1;
    }
    if ascii(at) == b'z' {
        spec.no_negative_zero = true;
        at += 1;
    }
    if ascii(at) == b'#' {
        spec.alternate = true;
        at += 1;
    }
    if ascii(at) == b'0' {
        // Zeros in front exclude another alignment.
        if spec.align != 0 {
            return Err(invalid());
        }
        spec.zero_padded = true;
        spec.align = b'=';
        spec.fill = b'0' as u32;
        at += 1;
    }
    let number = |at: &mut usize| -> R<Option<usize>> {
        let start = *at;
        let mut number = 0usize;
        while ascii(*at).is_ascii_digit() {
            number = number
                .checked_mul(10)
                .and_then(|number| number.checked_add((ascii(*at) - b'0') as usize))
                .filter(|number| *number <= isize::MAX as usize)
                .ok_or_else(|| objects::overflow_error!("cannot fit 'int' into an index-sized integer"))?;
            *at += 1;
        }
        Ok((*at > start).then_some(number))
    };
    spec.width = number(&mut at)?.unwrap_or(0);
    if matches!(ascii(at), b',' | b'_') {
        spec.grouping = ascii(at);
        at += 1;
    }
    if ascii(at) == b'.' {
        at += 1;
        spec.precision = number(&mut at)?;
        if matches!(ascii(at), b',' | b'_') {
            spec.fraction_grouping = ascii(at);
            at += 1;
        }
        if spec.precision.is_none() && spec.fraction_grouping == 0 {
            return Err(invalid());
        }
    }
    if matches!(ascii(at), b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'N' | b'%') {
        spec.kind = ascii(at);
        at += 1;
    }
    let local = matches!(spec.kind, b'n' | b'N');
    if at != chars.len() || local && spec.grouping != 0 {
        return Err(invalid());
    }
    Ok(spec)
}

/// Cut to so many digits, if there are more.
fn to_digits(number: Dec, digits: usize, rounding: Rounding) -> Dec {
    let digits = digits.max(1);
    let wide = Ctx { prec: digits as i64, rounding, ..Ctx::WIDEST };
    if number.coeff.digits() <= digits {
        return number;
    }
    finish(number.negative, number.coeff, number.exp, &wide, &mut 0)
}

/// `.2f` and the like, with commas perhaps, of short numbers; None asks for `format`.
pub fn quick(number: Small, spec: &[u8], rounding: Rounding) -> Option<Gc<Str>> {
    let (commas, spec) = match spec {
        [b',', rest @ ..] => (true, rest),
        spec => (false, spec),
    };
    let &[b'.', digit @ b'0'..=b'9', b'f'] = spec else { return None };
    let exp = -((digit - b'0') as i64);
    let coeff = if number.exp >= exp {
        let shift = (number.exp - exp) as usize;
        if number.exp - exp > 37 || digits_of_small(number.coeff) + shift > SMALL_DIGITS {
            return None;
        }
        number.coeff * POW10_WIDE[shift]
    } else {
        let drop = exp - number.exp;
        if drop > 37 {
            return None;
        }
        let (short, rest) = divide_pow10(number.coeff, drop as usize);
        let rest = Rest::of(rest, POW10_WIDE[drop as usize]);
        short + goes_up(rounding, number.negative, short & 1 == 1, || (short % 10) as u8, rest) as u128
    };
    let mut buffer = [0; PLAIN_ROOM];
    let length = write_plain(Small { coeff, exp, ..number }, &mut buffer)?;
    let text = &buffer[..length];
    let start = number.negative as usize;
    let whole = length - start - if exp < 0 { 1 + exp.unsigned_abs() as usize } else { 0 };
    if !commas || whole <= 3 {
        return Some(Str::of_ascii(text));
    }
    let mut out = [0; 2 * PLAIN_ROOM];
    let mut at = start;
    out[..start].copy_from_slice(&text[..start]);
    for (index, digit) in text[start..start + whole].iter().enumerate() {
        if index > 0 && (whole - index) % 3 == 0 {
            out[at] = b',';
            at += 1;
        }
        out[at] = *digit;
        at += 1;
    }
    let tail = &text[start + whole..];
    out[at..at + tail.len()].copy_from_slice(tail);
    Some(Str::of_ascii(&out[..at + tail.len()]))
}

pub fn format(number: Num, spec: Gc<Str>, context: Gc<Context>, points: Option<Points>) -> R<Gc<Str>> {
    let chars = collected(spec.chars().iter());
    let spec = parse(&chars)?;
    if spec.kind == b'N' {
        objects::warnings::deprecation("Format specifier 'N' is deprecated and slated for removal in Python 3.18")?;
    }
    let rounding = context.rounding();
    let room = MOST_DIGITS as usize;
    if spec.width == isize::MAX as usize || spec.precision == Some(isize::MAX as usize) {
        return Err(value_error!("format specification exceeds internal limits of _decimal"));
    }
    if spec.width > room || spec.precision.is_some_and(|precision| precision > room) {
        return Err(memory_error());
    }
    let capital = match spec.kind {
        0 => context.capitals(),
        kind => kind.is_ascii_uppercase(),
    };
    let (mut whole, mut fraction, mut tail) = (Vec::new(), Vec::new(), Vec::new());
    let mut negative = number.negative;
    if number.kind != Kind::Finite {
        write(number.with_sign(false), false, true, &mut whole);
        if spec.kind == b'%' {
            tail.push(b'%');
        }
    } else {
        let mut number = number.to_owned();
        let kind = spec.kind.to_ascii_lowercase();
        if kind == b'%' {
            number.exp += 2;
        }
        // How many digits stand before the point.
        let before;
        match kind {
            b'e' => {
                if let Some(precision) = spec.precision
                    && !number.coeff.is_zero()
                {
                    number = to_digits(number, precision + 1, rounding);
                    let missing = (precision + 1).saturating_sub(number.coeff.digits());
                    number.coeff = number.coeff.as_ref().shift_left(missing);
                    number.exp -= missing as i64;
                }
                before = match spec.precision {
                    Some(precision) if number.coeff.is_zero() => 1 - precision as i64,
                    _ => 1,
                };
            }
            b'f' | b'%' => {
                if let Some(precision) = spec.precision {
                    let exp = -(precision as i64);
                    if number.coeff.digits() as i64 + (number.exp - exp) > MOST_DIGITS && !number.coeff.is_zero() {
                        return Err(memory_error());
                    }
                    number.coeff = rescale(number.as_num(), exp, rounding).0;
                    number.exp = exp;
                }
                if number.exp > 0 {
                    if number.coeff.is_zero() {
                        number.exp = 0;
                    } else if number.exp > MOST_DIGITS {
                        return Err(memory_error());
                    } else {
                        number.coeff = number.coeff.as_ref().shift_left(number.exp as usize);
                        number.exp = 0;
                    }
                }
                before = number.coeff.digits() as i64 + number.exp;
            }
            _ => {
                if let Some(precision) = spec.precision {
                    number = to_digits(number, precision, rounding);
                }
                let length = number.coeff.digits() as i64;
                before = if number.exp <= 0 && length + number.exp > -6 { length + number.exp } else { 1 };
            }
        }
        if spec.no_negative_zero && number.coeff.is_zero() {
            negative = false;
        }
        let (text, exp) = digits_of(&number.coeff, number.exp, before);
        let point = text.iter().position(|byte| *byte == b'.');
        match point {
            Some(point) => {
                whole.put_all(&text[..point]);
                fraction.put_all(&text[point + 1..]);
            }
            None => whole = text,
        }
        let scientific = exp != 0 || kind == b'e';
        if scientific {
            tail.push(if capital { b'E' } else { b'e' });
            tail.put_all(format!("{exp:+}").as_bytes());
        }
        if kind == b'%' {
            tail.push(b'%');
        }
    }
    let finite = number.kind == Kind::Finite;
    let sign = if negative {
        "-"
    } else {
        match spec.sign {
            b'+' => "+",
            b' ' => " ",
            _ => "",
        }
    };
    let points = if matches!(spec.kind, b'n' | b'N') {
        points.unwrap_or_else(|| {
            let locale = Locale::current();
            let found = locale.separators();
            Points {
                point: found.decimal_point.to_owned(),
                thousands: found.thousands.to_owned(),
                grouping: copied(found.grouping),
            }
        })
    } else if spec.grouping != 0 {
        Points { point: ".".to_owned(), thousands: (spec.grouping as char).to_string(), grouping: vec![3] }
    } else {
        Points { point: ".".to_owned(), thousands: String::new(), grouping: Vec::new() }
    };
    let mut behind = text_with_room(fraction.len() / 3 * 4 + tail.len() + 64);
    if finite {
        if !fraction.is_empty() || spec.alternate {
            behind.push_str(&points.point);
        }
        for (index, digit) in fraction.iter().enumerate() {
            if spec.fraction_grouping != 0 && index > 0 && index % 3 == 0 {
                behind.push(spec.fraction_grouping as char);
            }
            behind.push(*digit as char);
        }
    }
    behind.push_str(std::str::from_utf8(&tail).unwrap_or(""));
    let zero_padded = spec.zero_padded && finite;
    let least = if zero_padded { spec.width.saturating_sub(sign.len() + behind.chars().count()) } else { 0 };
    let body = if finite { grouped(&whole, &points, least) } else { String::from_utf8(whole).unwrap_or_default() };
    let length = sign.len() + body.chars().count() + behind.chars().count();
    let padding = spec.width.saturating_sub(length);
    let fill = if spec.zero_padded { b' ' as u32 } else { spec.fill };
    let align = if spec.zero_padded { b'>' } else { spec.align };
    let (left, inner, right) = match align {
        b'<' => (0, 0, padding),
        b'^' => (padding / 2, 0, padding - padding / 2),
        b'=' => (0, padding, 0),
        _ => (padding, 0, 0),
    };
    let text = std::iter::repeat_n(fill, left)
        .chain(sign.chars().map(u32::from))
        .chain(std::iter::repeat_n(fill, inner))
        .chain(body.chars().map(u32::from))
        .chain(behind.chars().map(u32::from))
        .chain(std::iter::repeat_n(fill, right));
    Ok(Str::from_chars(text))
}

/// Digits with a point behind the first `before`, and the exponent that is left.
fn digits_of(coeff: &Coeff, exp: i64, before: i64) -> (Vec<u8>, i64) {
    let mut digits = Vec::new();
    coeff.as_ref().write_digits(&mut digits);
    let left = exp + digits.len() as i64 - before;
    let mut out = with_room(digits.len() + 8);
    write_pointed(&digits, before, &mut out);
    (out, left)
}

/// Digits in groups, with zeros in front up to the length `least`.
fn grouped(digits: &[u8], points: &Points, least: usize) -> String {
    let separator = points.thousands.chars().count();
    let mut sizes = points.grouping.iter().copied();
    let mut size = sizes.next().unwrap_or(0);
    if separator == 0 || size == 0 || size == 127 {
        let zeros = least.saturating_sub(digits.len());
        let mut text = text_with_room(digits.len() + zeros);
        text.extend(std::iter::repeat_n('0', zeros));
        text.extend(digits.iter().map(|digit| *digit as char));
        return text;
    }
    // From behind: groups of digits, then of zeros. Most have one to three digits; then they are joined.
    expect_room(digits.len().max(least).saturating_mul(24));
    let mut groups: Vec<String> = Vec::new();
    let (mut rest, mut length) = (digits, 0usize);
    loop {
        let count = if size == 127 { usize::MAX } else { size as usize };
        let take = rest.len().min(count);
        let (front, group) = rest.split_at(rest.len() - take);
        let mut text: String = group.iter().map(|digit| *digit as char).collect();
        length += take;
        let zeros = (count - take).min(least.saturating_sub(length));
        text.insert_str(0, &"0".repeat(zeros));
        length += zeros;
        groups.push(text);
        rest = front;
        if rest.is_empty() && length >= least {
            break;
        }
        length += separator;
        match sizes.next() {
            // No further grouping.
            Some(127) => size = 127,
            Some(0) | None => {}
            Some(next) => size = next,
        }
        // A separator is followed by one digit at least.
        if rest.is_empty() && length >= least {
            groups.push("0".to_owned());
            break;
        }
    }
    groups.reverse();
    groups.join(&points.thousands)
}

#[cold]
pub fn bad_override() -> Raised {
    type_error!("optional argument must be a dict")
}
