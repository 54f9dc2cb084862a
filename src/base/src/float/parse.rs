//! Text to float: the grammar of `float()`, and the hexadecimal notation both ways.

use super::{decompose, round_scaled};
use crate::fault::Fault;
use crate::memory::text_with_room;

/// `float(text)` for text already mapped to ASCII (Unicode digits to '0'..'9', Unicode spaces to ' '): surrounding white
/// space and single underscores between digits are allowed. `None` when the text is no float.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    if !text.contains('_') {
        return parse_simple(text);
    }
    let bytes = text.as_bytes();
    let mut plain = text_with_room(text.len());
    for (i, c) in text.char_indices() {
        if c != '_' {
            plain.push(c);
            continue;
        }
        let digit_at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
        if !digit_at(i.checked_sub(1)) || !digit_at(Some(i + 1)) {
            return None;
        }
    }
    parse_simple(&plain)
}

/// `float(text)` without white space and underscores: `[sign] digits [. digits] [e [sign] digits]`, "inf", "infinity", "nan".
pub fn parse_simple(text: &str) -> Option<f64> {
    // std takes exactly this grammar, the words in any case included, and rounds correctly.
    text.parse().ok()
}

/// `float.hex(x)`
pub fn to_hex(x: f64) -> String {
    if !x.is_finite() {
        return super::repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (mantissa, exponent) = decompose(x.abs());
    let exponent = exponent + 52;
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}0x{}.{:013x}p{exponent_sign}{}", mantissa >> 52, mantissa & ((1 << 52) - 1), exponent.unsigned_abs())
}

/// `float.fromhex(text)`
pub fn from_hex(text: &str) -> Result<f64, Fault> {
    let invalid = || Fault::value("invalid hexadecimal floating-point string");
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let sign = if negative { -1.0 } else { 1.0 };
    if ["inf", "infinity"].iter().any(|word| rest.eq_ignore_ascii_case(word)) {
        return Ok(sign * f64::INFINITY);
    }
    if rest.eq_ignore_ascii_case("nan") {
        return Ok(f64::NAN.copysign(sign));
    }
    let rest = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")).unwrap_or(rest);
    let mut mantissa: u64 = 0;
    let mut sticky = false;
    let mut exponent: i64 = 0;
    let mut digits = 0usize;
    let mut after_point = false;
    let mut chars = rest.bytes().peekable();
    while let Some(&byte) = chars.peek() {
        match byte {
            b'.' if !after_point => after_point = true,
            _ => {
                let Some(digit) = (byte as char).to_digit(16) else {
                    break;
                };
                digits += 1;
                if mantissa >> 60 == 0 {
                    mantissa = (mantissa << 4) | digit as u64;
                    exponent -= 4 * after_point as i64;
                } else {
                    sticky |= digit != 0;
                    exponent += 4 * !after_point as i64;
                }
            }
        }
        chars.next();
    }
    if digits == 0 {
        return Err(invalid());
    }
    if matches!(chars.peek(), Some(b'p' | b'P')) {
        chars.next();
        let down = matches!(chars.peek(), Some(b'-'));
        if matches!(chars.peek(), Some(b'-' | b'+')) {
            chars.next();
        }
        let mut power: i64 = 0;
        let mut any = false;
        while let Some(byte) = chars.next_if(u8::is_ascii_digit) {
            any = true;
            power = power.saturating_mul(10).saturating_add((byte - b'0') as i64);
        }
        if !any {
            return Err(invalid());
        }
        // Halved so that adding the digit count cannot overflow.
        let power = power.min(i64::MAX / 2);
        exponent = exponent.saturating_add(if down { -power } else { power });
    }
    if chars.next().is_some() {
        return Err(invalid());
    }
    match round_scaled(mantissa, sticky, exponent) {
        Some(x) => Ok(sign * x),
        None => Err(Fault::overflow("hexadecimal value too large to represent as a float")),
    }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        for (text, expected) in [
            ("1_0.0_1e1_0", Some(100100000000.0)), ("_1", None), ("1_", None), ("1__0", None), (".5", Some(0.5)), ("5.", Some(5.0)), (".", None), ("1e", None), ("infinit", None),
            (" 1.5\t\n", Some(1.5)), ("", None), ("1_e5", None), ("1._5", None), ("1e_5", None), ("nan(1)", None), ("0x1p3", None), ("1e400", Some(f64::INFINITY)), ("+Infinity", Some(f64::INFINITY)),
            ("1e-400", Some(0.0)), ("+-1", None), ("e5", None), ("- 1", None), ("1e999999999999999999999", Some(f64::INFINITY)), ("+", None), ("+.e1", None),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
        assert!(parse("-NaN").unwrap().is_nan());
    }

    #[test]
    fn hexadecimal() {
        for (x, expected) in [
            (0.0, "0x0.0p+0"), (-0.0, "-0x0.0p+0"), (1.5, "0x1.8000000000000p+0"), (5e-324, "0x0.0000000000001p-1022"), (1e308, "0x1.1ccf385ebc8a0p+1023"), (0.1, "0x1.999999999999ap-4"),
        ] {
            assert_eq!(to_hex(x), expected);
            assert_eq!(from_hex(expected), Ok(x));
        }
        for (text, expected) in [
            ("0x1.8p3", 12.0), ("-0x.8p0", -0.5), ("1.5", 1.3125), ("0x0.0000000000001p-1023", 0.0), ("0x1p-1075", 0.0), ("0x1.8p-1074", 1e-323), ("0x1.", 1.0), (".8", 0.5),
            ("1p+3", 8.0), (" 0x1p3 ", 8.0), ("0x1.00000000000008p0", 1.0), ("0x1.00000000000018p0", 1.0000000000000004), ("0x0p99999999999999999999999", 0.0), ("0x1p-99999999999999999999999", 0.0),
            ("0x1.00000000000008000000000001p0", 1.0000000000000002),
        ] {
            assert_eq!(from_hex(text), Ok(expected), "{text}");
        }
        for text in ["0x", "", "p3", "0x1p", "_1", "1_0", "0x1.2.3", "1 2"] {
            assert!(from_hex(text).is_err_and(|f| f.text == "invalid hexadecimal floating-point string"), "{text}");
        }
        for text in ["0x1p1024", "0x1.fffffffffffff8p1023", "0x1p99999999999999999999999"] {
            assert!(from_hex(text).is_err_and(|f| f.text == "hexadecimal value too large to represent as a float"));
        }
    }
}
