//! Numbers as text, both ways: the syntax of the specification, scientific and engineering notation. Must not know: Python, formats.

use super::digits::{POW10_WIDE, digits_of};
use super::number::{Coeff, Dec, Kind, Num};
use super::quick::Small;
use super::words::write_word;
use base::memory::{Grow, with_room};

/// A number of the syntax; None for anything else. Exponents beyond all limits come out as such.
pub fn parse(text: &[u8]) -> Option<Dec> {
    if let Some(plain) = parse_plain(text) {
        return Some(plain);
    }
    let (negative, body) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let special = |kind: Kind, payload: &[u8]| {
        if !payload.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(Dec { negative, kind, exp: 0, coeff: Coeff::parse(payload) })
    };
    match body.first()? {
        b'i' | b'I' => {
            let lower = body.to_ascii_lowercase();
            return if lower == b"inf" || lower == b"infinity" { Some(Dec::infinity(negative)) } else { None };
        }
        b'n' | b'N' => {
            return if body.get(..3)?.eq_ignore_ascii_case(b"nan") { special(Kind::Quiet, &body[3..]) } else { None };
        }
        b's' | b'S' => {
            return if body.get(..4)?.eq_ignore_ascii_case(b"snan") { special(Kind::Signaling, &body[4..]) } else { None };
        }
        _ => {}
    }
    let (mantissa, exponent) = match body.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&body[..at], parse_exponent(&body[at + 1..])?),
        None => (body, 0),
    };
    let mut digits = with_room(mantissa.len());
    let mut fraction = None;
    for byte in mantissa {
        match byte {
            b'0'..=b'9' => digits.put(*byte),
            b'.' if fraction.is_none() => fraction = Some(digits.len()),
            _ => return None,
        }
    }
    if digits.is_empty() {
        return None;
    }
    let behind = fraction.map_or(0, |at| digits.len() - at) as i64;
    Some(Dec::finite(negative, Coeff::parse(&digits), exponent.saturating_sub(behind)))
}

/// An exponent; so large that sums with lengths still fit, if it is larger.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    const MOST: i64 = 4_000_000_000_000_000_000;
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut number = 0i64;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number.saturating_mul(10).saturating_add((byte - b'0') as i64).min(MOST);
    }
    Some(if negative { -number } else { number })
}

/// Digits with at most one point, that fit a machine number.
#[inline]
fn parse_plain(text: &[u8]) -> Option<Dec> {
    if text.len() > 39 {
        return None;
    }
    let (negative, body) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let mut number = 0u64;
    let mut wide = 0u128;
    let mut count = 0;
    let mut point = None;
    for byte in body {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + digit as u64;
            count += 1;
            if count % 19 == 0 {
                wide = wide * POW10_WIDE[19] + number as u128;
                number = 0;
            }
        } else if *byte == b'.' && point.is_none() {
            point = Some(count);
        } else {
            return None;
        }
    }
    if count == 0 || count > 38 {
        return None;
    }
    let coeff = if count < 19 { number as u128 } else { wide * POW10_WIDE[count % 19] + number as u128 };
    Some(Dec::finite(negative, Coeff::Small(coeff), point.map_or(0, |at| at as i64 - count as i64)))
}

/// The longest text of `write_plain`.
pub const PLAIN_ROOM: usize = 48;

/// The text of a short number without an exponent, and its length; None if there is one.
#[inline]
pub fn write_plain(number: Small, out: &mut [u8]) -> Option<usize> {
    let length = digits_of(number.coeff);
    if number.exp > 0 || length as i64 + number.exp < -5 || out.len() < PLAIN_ROOM {
        return None;
    }
    let start = number.negative as usize;
    out[0] = b'-';
    let before = length as i64 + number.exp;
    // Digits behind the point end at `end`; a point and zeros come in front if there are no others.
    let lead = if before > 0 { 0 } else { (2 - before) as usize };
    let pointed = number.exp < 0 && before > 0;
    let end = start + lead + length + pointed as usize;
    if lead > 0 {
        out[start..start + lead].copy_from_slice(&b"0.00000000"[..lead]);
    }
    let (high, low) = super::digits::BY_BASE.divide(number.coeff);
    let at = start + lead;
    if high == 0 {
        fill_digits(low, &mut out[at..at + length]);
    } else {
        fill_digits(low, &mut out[at + length - 19..at + length]);
        fill_digits(high as u64, &mut out[at..at + length - 19]);
    }
    if pointed {
        let point = start + before as usize;
        out.copy_within(point..end - 1, point + 1);
        out[point] = b'.';
    }
    Some(end)
}

/// The lowest digits of a number, as many as there is room for.
#[inline]
fn fill_digits(mut number: u64, out: &mut [u8]) {
    let mut at = out.len();
    while at >= 2 {
        let pair = (number % 100) as usize * 2;
        number /= 100;
        at -= 2;
        out[at..at + 2].copy_from_slice(&super::words::PAIRS[pair..pair + 2]);
    }
    if at == 1 {
        out[0] = b'0' + (number % 10) as u8;
    }
}

fn push_exponent(exp: i64, capital: bool, out: &mut Vec<u8>) {
    out.put(if capital { b'E' } else { b'e' });
    out.put(if exp < 0 { b'-' } else { b'+' });
    let size = exp.unsigned_abs();
    write_word(size, digits_of(size as u128).min(19), out);
}

fn write_special(a: Num, out: &mut Vec<u8>) {
    out.put_all(match a.kind {
        Kind::Infinite => b"Infinity",
        Kind::Quiet => b"NaN",
        _ => b"sNaN",
    });
    if a.is_nan() && !a.coeff.is_zero() {
        a.coeff.write_digits(out);
    }
}

/// Digits with a point behind the first `before` of them, zeros where there are none.
pub fn write_pointed(digits: &[u8], before: i64, out: &mut Vec<u8>) {
    if before <= 0 {
        out.put_all(b"0.");
        out.put_each(std::iter::repeat_n(b'0', before.unsigned_abs() as usize));
        out.put_all(digits);
    } else if before as usize >= digits.len() {
        out.put_all(digits);
        out.put_each(std::iter::repeat_n(b'0', before as usize - digits.len()));
    } else {
        out.put_all(&digits[..before as usize]);
        out.put(b'.');
        out.put_all(&digits[before as usize..]);
    }
}

/// Scientific notation, or engineering notation; appended.
pub fn write(a: Num, engineering: bool, capital: bool, out: &mut Vec<u8>) {
    if a.negative {
        out.put(b'-');
    }
    if !a.is_finite() {
        return write_special(a, out);
    }
    let start = out.len();
    a.coeff.write_digits(out);
    let length = (out.len() - start) as i64;
    let adjusted = a.exp + length - 1;
    if a.exp == 0 {
        return;
    }
    if a.exp < 0 && adjusted >= -6 {
        // The point goes between the digits, which are moved up.
        let before = length + a.exp;
        if before > 0 {
            out.make_room(1);
            out.insert(start + before as usize, b'.');
        } else {
            let zeros = 2 + before.unsigned_abs() as usize;
            out.splice(start..start, b"0.0000000"[..zeros].iter().copied());
        }
        return;
    }
    let digits = out.split_off(start);
    let mut before = 1;
    if engineering {
        if a.coeff.is_zero() {
            // 0E+2 is written 0.0E+3.
            let up = (-a.exp).rem_euclid(3);
            out.put(b'0');
            if up > 0 {
                out.put(b'.');
                out.resize(out.len() + up as usize, b'0');
            }
            if a.exp + up != 0 {
                push_exponent(a.exp + up, capital, out);
            }
            return;
        }
        before = adjusted.rem_euclid(3) + 1;
    }
    write_pointed(&digits, before, out);
    let exp = adjusted - (before - 1);
    if exp != 0 || !engineering {
        push_exponent(exp, capital, out);
    }
}

pub fn to_text(a: Num, engineering: bool, capital: bool) -> String {
    let mut out = Vec::new();
    write(a, engineering, capital, &mut out);
    // Only ASCII was written.
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for text in [
            "0",
            "-0",
            "1.5",
            "-12.3400",
            "0.000001",
            "1E-7",
            "1E+3",
            "1.23E+30",
            "NaN",
            "-sNaN123",
            "Infinity",
            "0E+5",
            "0E-10",
            "0.00",
            "-99999999999999999999999999999999999.999",
            "0.0000012345678901234567890123456789012345678",
            "-0.000001234567890123456789",
            "12345678901234567890123456789012345678901234567890.5",
            "9E+999999999999999999",
        ] {
            let number = parse(text.as_bytes()).unwrap();
            assert_eq!(to_text(number.as_num(), false, true), text);
            if let (Kind::Finite, Coeff::Small(coeff)) = (number.kind, &number.coeff) {
                let mut out = [0; PLAIN_ROOM];
                let small = Small { negative: number.negative, coeff: *coeff, exp: number.exp };
                let length = write_plain(small, &mut out);
                assert_eq!(length.is_none(), text.contains('E'), "{text}");
                assert_eq!(&out[..length.unwrap_or(0)], if length.is_some() { text.as_bytes() } else { b"" });
            }
        }
        for (text, engineering) in [
            ("123E+1", "1.23E+3"),
            ("1E+4", "10E+3"),
            ("1E-7", "100E-9"),
            ("0E+1", "0.00E+3"),
            ("0E+2", "0.0E+3"),
            ("0E+3", "0E+3"),
            ("0E-7", "0.0E-6"),
            ("0E-8", "0.00E-6"),
            ("0E-9", "0E-9"),
            ("1.5", "1.5"),
        ] {
            assert_eq!(to_text(parse(text.as_bytes()).unwrap().as_num(), true, true), engineering);
        }
        for bad in ["", "+", ".", "e5", "1e", "1e+", "1.2.3", "infinit", "nanx", "1 2", "--1", "s"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
