//! Integers as text, both ways.

use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, Sign, UBig};

use super::{limbs, long_text};
use crate::fault::Fault;
use crate::pause::walk;

/// Decimal text of so many digits is read limb by limb.
const SHORT_TEXT: usize = 800;

/// Numbers of so many bits are written by halves.
const LONG_DECIMAL: usize = 1 << 18;

/// Why a text is no int.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntParseError {
    /// ValueError "invalid literal for int() with base {base}: {text!r}" (text cut to 200 characters of its repr)
    Invalid,
    /// ValueError "int() base must be >= 2 and <= 36, or 0"
    BadBase,
    /// ValueError "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use
    /// sys.set_int_max_str_digits() to increase the limit"
    TooManyDigits { digits: usize },
}

/// The value of a digit; 0xFF for what is none.
static DIGITS: [u8; 256] = {
    let mut digits = [0xFF; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = match byte as u8 {
            digit @ b'0'..=b'9' => digit - b'0',
            letter @ b'a'..=b'z' => letter - b'a' + 10,
            letter @ b'A'..=b'Z' => letter - b'A' + 10,
            _ => 0xFF,
        };
        byte += 1;
    }
    digits
};

#[inline]
fn is_space(byte: u8) -> bool {
    byte == b' ' || (b'\t'..=b'\r').contains(&byte)
}

/// `int(text, base)` of text that is short and right; `parse` has to look at everything else.
pub fn parse_word(mut text: &[u8], base: u32) -> Option<i64> {
    const MOST: u64 = 1 << 56;
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    let (negative, mut digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let radix = match (base, digits) {
        (0 | 16, [b'0', b'x' | b'X', rest @ ..]) => {
            digits = rest;
            16
        }
        (0 | 8, [b'0', b'o' | b'O', rest @ ..]) => {
            digits = rest;
            8
        }
        (0 | 2, [b'0', b'b' | b'B', rest @ ..]) => {
            digits = rest;
            2
        }
        (0, [b'0', ..]) => return None,
        (0, _) => 10,
        (2..=36, _) => base,
        _ => return None,
    };
    let (mut value, mut after_digit) = (0u64, false);
    for byte in digits {
        let digit = DIGITS[usize::from(*byte)];
        if u32::from(digit) < radix {
            value = value * u64::from(radix) + u64::from(digit);
            if value > MOST {
                return None;
            }
            after_digit = true;
        } else if *byte == b'_' && after_digit {
            after_digit = false;
        } else {
            return None;
        }
    }
    after_digit.then_some(if negative { -(value as i64) } else { value as i64 })
}

/// `int(text, base)` for text already mapped to ASCII. Base 0 reads the prefix as source code does. `max_digits` is
/// `sys.get_int_max_str_digits()` (0: no limit) and only binds bases that are no power of two.
pub fn parse(text: &str, base: u32, max_digits: usize) -> Result<IBig, IntParseError> {
    if base == 1 || base > 36 {
        return Err(IntParseError::BadBase);
    }
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = match body.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let radix = match (base, prefix) {
        (0, 0) => 10,
        (0, prefix) => prefix,
        (base, _) => base,
    };
    let (digits, prefixed) = if prefix == radix { (&body[2..], true) } else { (body, false) };
    let digits = if prefixed { digits.strip_prefix('_').unwrap_or(digits) } else { digits };
    let bytes = digits.as_bytes();
    let mut underscores = 0;
    let mut after_digit = false;
    for &byte in bytes {
        if byte == b'_' {
            if !after_digit {
                return Err(IntParseError::Invalid);
            }
            underscores += 1;
            after_digit = false;
        } else if u32::from(DIGITS[usize::from(byte)]) < radix {
            after_digit = true;
        } else {
            return Err(IntParseError::Invalid);
        }
    }
    if !after_digit {
        return Err(IntParseError::Invalid);
    }
    let count = bytes.len() - underscores;
    if max_digits > 0 && count > max_digits && !radix.is_power_of_two() {
        return Err(IntParseError::TooManyDigits { digits: count });
    }
    let magnitude = if radix == 10 && count <= SHORT_TEXT {
        limbs::from_decimal(bytes.iter().copied().filter(|byte| *byte != b'_'))
    } else {
        let plain: std::borrow::Cow<str> = if underscores > 0 { digits.replace('_', "").into() } else { digits.into() };
        long_text::from_digits(&plain, radix).ok_or(IntParseError::Invalid)?
    };
    // Old octal notation: base 0 forbids leading zeros of anything but zero.
    if base == 0 && !prefixed && bytes[0] == b'0' && !magnitude.is_zero() {
        return Err(IntParseError::Invalid);
    }
    Ok(IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, magnitude))
}

/// The least number of decimal digits an int of this bit length can have.
pub fn decimal_digits_at_least(bit_length: usize) -> usize {
    match bit_length {
        0 => 1,
        bits => ((bits - 1) as f64 * std::f64::consts::LOG10_2 * (1.0 - 1e-15)) as usize + 1,
    }
}

/// Decimal text; ValueError when there are more than `max_digits` digits (0: no limit). Ints of up to 640 digits are never refused by the
/// language since the limit cannot be set lower.
pub fn to_decimal_limited(value: &IBig, max_digits: usize) -> Result<String, Fault> {
    let refuse = || {
        Fault::value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit"
        ))
    };
    let bits = super::bit_length(value);
    if max_digits > 0 && decimal_digits_at_least(bits) > max_digits {
        return Err(refuse());
    }
    let text = if bits > LONG_DECIMAL {
        let sign = if value.sign() == Sign::Negative { "-" } else { "" };
        format!("{sign}{}", long_text::to_decimal(&value.unsigned_abs()))
    } else {
        value.to_string()
    };
    if max_digits > 0 && text.len() - text.starts_with('-') as usize > max_digits {
        return Err(refuse());
    }
    Ok(text)
}

/// Digits of the magnitude in radix 2, 8, 10 or 16 (any radix up to 36 works), lower case, no sign, no prefix.
pub fn to_radix(value: &IBig, radix: u32) -> String {
    let (_, words) = value.as_sign_words();
    let magnitude = || UBig::from_words(words);
    match radix {
        2 => of_bits(words, 1),
        8 => of_bits(words, 3),
        16 => of_bits(words, 4),
        10 => long_text::to_decimal(&magnitude()),
        _ => magnitude().in_radix(radix as u8).to_string(),
    }
}

/// Digits of `bits` bits each (at most four), the highest first.
fn of_bits(words: &[u64], bits: usize) -> String {
    let length = words.last().map_or(0, |top| words.len() * 64 - top.leading_zeros() as usize);
    let count = length.div_ceil(bits).max(1);
    let mut digits = vec![b'0'; count];
    let mask = (1u64 << bits) - 1;
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    if 64 % bits == 0 {
        for (places, word) in digits.rchunks_mut(64 / bits).zip(walk(words)) {
            let mut word = *word;
            for place in places.iter_mut().rev() {
                *place = DIGITS[(word & mask) as usize];
                word >>= bits;
            }
        }
        return String::from_utf8(digits).unwrap_or_default();
    }
    let (mut word, mut left, mut rest) = (0u64, 0usize, walk(words));
    for place in digits.iter_mut().rev() {
        let mut digit = word & mask;
        if left >= bits {
            word >>= bits;
            left -= bits;
        } else {
            let next = rest.next().copied().unwrap_or(0);
            digit |= next << left & mask;
            word = next >> (bits - left);
            left += 64 - bits;
        }
        *place = DIGITS[digit as usize];
    }
    String::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        let int = |n: i64| Some(IBig::from(n));
        for (text, base, expected) in [
            ("0x1f", 16, int(31)), ("0x1f", 0, int(31)), ("0o17", 0, int(15)), ("010", 0, None), ("00", 0, int(0)), ("0_0", 0, int(0)), ("0x_f", 0, int(15)), ("0x_f", 16, int(15)),
            ("1__0", 10, None), ("_1", 10, None), ("1_", 10, None), (" 12 ", 10, int(12)), ("-0xF", 16, int(-15)), ("- 1", 10, None), ("+5", 0, int(5)), ("z", 36, int(35)), ("0b1", 16, int(177)),
            ("", 10, None), ("0x", 16, None), ("0x", 0, None), ("09", 0, None), ("0_", 0, None), ("0b2", 0, None), ("\x1f1", 10, None), ("1\0", 10, None), ("0B_1", 0, int(1)), ("+-1", 10, None), ("0x1", 10, None), ("0x__1", 0, None),
        ] {
            assert_eq!(parse(text, base, 0).ok(), expected, "{text:?} {base}");
            assert!(parse_word(text.as_bytes(), base).is_none_or(|word| Some(IBig::from(word)) == expected), "{text:?} {base}");
        }
        assert_eq!(parse("1", 37, 0), Err(IntParseError::BadBase));
        assert_eq!(parse(&"1".repeat(5000), 10, 4300), Err(IntParseError::TooManyDigits { digits: 5000 }));
        assert!(parse(&"1".repeat(5000), 16, 4300).is_ok());
        assert_eq!(parse("-123456789012345678901234567890", 10, 4300).unwrap().to_string(), "-123456789012345678901234567890");
    }

    #[test]
    fn output() {
        let big = IBig::from(10).pow(4300);
        assert!(to_decimal_limited(&big, 4300).is_err());
        assert_eq!(to_decimal_limited(&(&big - IBig::ONE), 4300).unwrap().len(), 4300);
        assert_eq!(to_radix(&IBig::from(-255), 16), "ff");
        assert_eq!(to_radix(&IBig::from(0), 2), "0");
        assert_eq!((to_radix(&big, 16), to_radix(&big, 8), to_radix(&big, 2)), (format!("{big:x}"), format!("{big:o}"), format!("{big:b}")));
        assert_eq!((parse_word(b" 4_2\x0b", 10), parse_word(b"-0xF", 16), parse_word(b"72057594037927937", 10)), (Some(42), Some(-15), None));
        for n in 1..2000usize {
            let least = IBig::ONE << (n - 1);
            assert_eq!(decimal_digits_at_least(n), least.to_string().len());
        }
    }
}
