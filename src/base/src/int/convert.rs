//! Integers to and from machine numbers, floats and bytes.

use std::cmp::Ordering;

use dashu_int::ops::{DivRem, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

use super::bit_length;
use crate::fault::Fault;
use crate::float::{decompose, round_scaled};
use crate::memory::{Grow, collected};
use crate::pause::STRIDE;

pub fn to_i64(value: &IBig) -> Option<i64> {
    i64::try_from(value).ok()
}

pub fn to_u64(value: &IBig) -> Option<u64> {
    u64::try_from(value).ok()
}

/// `float(value)` correctly rounded; `None` means OverflowError "int too large to convert to float".
pub fn to_f64(value: &IBig) -> Option<f64> {
    let (sign, words) = value.as_sign_words();
    let (top, exponent, sticky) = top_word(words);
    let magnitude = round_scaled(top, sticky, exponent)?;
    Some(if sign == Sign::Negative { -magnitude } else { magnitude })
}

/// The leading 64 bits, the power of two they stand for, and whether bits below are set.
fn top_word(words: &[u64]) -> (u64, i64, bool) {
    match words {
        [] => (0, 0, false),
        [one] => (*one, 0, false),
        [below @ .., second, top] => {
            let zeros = top.leading_zeros();
            let lead = if zeros == 0 { *top } else { (top << zeros) | (second >> (64 - zeros)) };
            let lost = (second << zeros) != 0 || below.iter().any(|&w| w != 0);
            (lead, (words.len() as i64 - 1) * 64 - zeros as i64, lost)
        }
    }
}

/// `int(x)`: truncation; `None` for inf ("cannot convert float infinity to integer", OverflowError) and nan
/// ("cannot convert float NaN to integer", ValueError).
pub fn from_f64(x: f64) -> Option<IBig> {
    if !x.is_finite() {
        return None;
    }
    if x.abs() < 9e18 {
        return Some(IBig::from(x as i64));
    }
    let (mantissa, exponent) = decompose(x.abs());
    let magnitude = IBig::from(mantissa) << exponent.max(0) as usize;
    Some(if x < 0.0 { -magnitude } else { magnitude })
}

/// Exact comparison; `None` for nan.
pub fn compare_with_float(value: &IBig, x: f64) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let floor = x.floor();
    let whole = from_f64(floor)?;
    Some(value.cmp(&whole).then(if x > floor { Ordering::Less } else { Ordering::Equal }))
}

/// `a / b` correctly rounded.
pub fn true_divide(a: &IBig, b: &IBig) -> Result<f64, Fault> {
    if b.is_zero() {
        return Err(Fault::zero_division("division by zero"));
    }
    if a.is_zero() {
        return Ok(if b.sign() == Sign::Negative { -0.0 } else { 0.0 });
    }
    let (a_bits, b_bits) = (bit_length(a) as i64, bit_length(b) as i64);
    let negative = a.sign() != b.sign();
    let signed = |x: f64| if negative { -x } else { x };
    if a_bits <= 53
        && b_bits <= 53
        && let (Some(a), Some(b)) = (to_i64(a), to_i64(b))
    {
        return Ok(a as f64 / b as f64);
    }
    let overflow = || Fault::overflow("integer division result too large for a float");
    if a_bits - b_bits > 1025 {
        return Err(overflow());
    }
    if a_bits - b_bits < -1080 {
        return Ok(signed(0.0));
    }
    // The quotient of the scaled numbers has 63 or 64 bits.
    let scale = 63 - (a_bits - b_bits);
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    if scale >= 0 {
        a <<= scale as usize;
    } else {
        b <<= scale.unsigned_abs() as usize;
    }
    let (quotient, rest) = a.div_rem(b);
    let quotient = u64::try_from(&quotient).unwrap_or(u64::MAX);
    round_scaled(quotient, !rest.is_zero(), -scale).map(signed).ok_or_else(overflow)
}

/// `value.to_bytes(length, 'little' or 'big', signed=signed)`
pub fn to_bytes(value: &IBig, length: usize, little: bool, signed: bool) -> Result<Vec<u8>, Fault> {
    let negative = value.sign() == Sign::Negative;
    if negative && !signed {
        return Err(Fault::overflow("can't convert negative int to unsigned"));
    }
    let needed = if !signed {
        bit_length(value)
    } else if negative {
        bit_length(&(value + IBig::ONE)) + 1
    } else {
        bit_length(value) + 1
    };
    // Zero and -1 in no bytes at all are let through as the language does for zero.
    if needed.div_ceil(8) > length && !(length == 0 && value.is_zero()) {
        return Err(Fault::overflow("int too big to convert"));
    }
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(length).is_err() {
        return Err(Fault::memory());
    }
    bytes.extend_from_slice(&value.to_le_bytes());
    bytes.resize(length, if negative { 0xff } else { 0 });
    if !little {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes(bytes, 'little' or 'big', signed=signed)`
pub fn from_bytes(bytes: &[u8], little: bool, signed: bool) -> IBig {
    if bytes.is_empty() {
        return IBig::ZERO;
    }
    if bytes.len() > 8 * STRIDE && (!signed || bytes[if little { bytes.len() - 1 } else { 0 }] < 0x80) {
        return UBig::from_words(&words_of(bytes, little)).into();
    }
    match (little, signed) {
        (true, false) => UBig::from_le_bytes(bytes).into(),
        (false, false) => UBig::from_be_bytes(bytes).into(),
        (true, true) => IBig::from_le_bytes(bytes),
        (false, true) => IBig::from_be_bytes(bytes),
    }
}

/// The words of a long number that is not negative.
fn words_of(bytes: &[u8], little: bool) -> Vec<u64> {
    let (whole, rest): (&[[u8; 8]], &[u8]) = if little {
        bytes.as_chunks()
    } else {
        let (rest, whole) = bytes.as_rchunks();
        (whole, rest)
    };
    let mut top = [0; 8];
    let mut words;
    if little {
        top[..rest.len()].copy_from_slice(rest);
        words = collected(whole.iter().map(|word| u64::from_le_bytes(*word)));
        words.put(u64::from_le_bytes(top));
    } else {
        top[8 - rest.len()..].copy_from_slice(rest);
        words = collected(whole.iter().rev().map(|word| u64::from_be_bytes(*word)));
        words.put(u64::from_be_bytes(top));
    }
    words
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    #[test]
    fn long_bytes() {
        let bytes: Vec<u8> = (0..9 * STRIDE as u32 + 3).map(|i| (i * 7 + i / 13) as u8 | 1).collect();
        for length in [bytes.len(), bytes.len() - 1, bytes.len() - 3] {
            let bytes = &bytes[..length];
            assert_eq!(from_bytes(bytes, true, false), UBig::from_le_bytes(bytes).into());
            assert_eq!(from_bytes(bytes, false, false), UBig::from_be_bytes(bytes).into());
            assert_eq!(from_bytes(bytes, true, true), IBig::from_le_bytes(bytes));
            assert_eq!(from_bytes(bytes, false, true), IBig::from_be_bytes(bytes));
        }
    }

    use super::*;

    fn big(text: &str) -> IBig {
        text.parse().unwrap()
    }

    #[test]
    fn floats() {
        assert_eq!(to_f64(&big("9007199254740993")), Some(9007199254740992.0));
        assert_eq!(to_f64(&big("9007199254740995")), Some(9007199254740996.0));
        assert_eq!(to_f64(&((IBig::ONE << 200) + (IBig::ONE << 147) + IBig::ONE)), Some(1.6069380442589906e60));
        assert_eq!(to_f64(&-(IBig::ONE << 1024)), None);
        assert_eq!(to_f64(&((IBig::ONE << 1024) - (IBig::ONE << 970))), None);
        assert_eq!(to_f64(&((IBig::ONE << 1024) - (IBig::ONE << 970) - IBig::ONE)), Some(f64::MAX));
        assert_eq!(from_f64(-1e23).unwrap().to_string(), "-99999999999999991611392");
        assert_eq!(from_f64(-2.7), Some(IBig::from(-2)));
        assert_eq!(compare_with_float(&big("9007199254740993"), 9007199254740992.0), Some(Ordering::Greater));
        assert_eq!(compare_with_float(&IBig::from(-2), -2.5), Some(Ordering::Greater));
        assert_eq!(compare_with_float(&IBig::from(2), 2.5), Some(Ordering::Less));
        assert_eq!(compare_with_float(&IBig::ZERO, -0.0), Some(Ordering::Equal));
    }

    #[test]
    fn true_division() {
        let ten = |n| IBig::from(10).pow(n);
        assert_eq!(true_divide(&ten(400), &(ten(399) * IBig::from(3))), Ok(3.3333333333333335));
        assert_eq!(true_divide(&-ten(23), &IBig::from(7)), Ok(-1.4285714285714286e22));
        assert_eq!(true_divide(&IBig::ONE, &ten(320)), Ok(1e-320));
        assert_eq!(true_divide(&IBig::ONE, &ten(400)), Ok(0.0));
        assert_eq!(true_divide(&IBig::from(10).pow(22), &IBig::from(3)), Ok(3.3333333333333335e21));
        assert!(true_divide(&ten(400), &IBig::ONE).is_err());
        assert!(true_divide(&(IBig::ONE << 2000), &((IBig::ONE << 976) - IBig::ONE)).is_err());
    }

    #[test]
    fn bytes() {
        for (value, length, signed, expected) in [
            (-1i64, 1, true, Some(vec![0xff])), (-128, 1, true, Some(vec![0x80])), (-129, 1, true, None), (127, 1, true, Some(vec![0x7f])), (128, 1, true, None), (128, 1, false, Some(vec![0x80])),
            (-1, 1, false, None), (0, 0, true, Some(vec![])), (0, 2, false, Some(vec![0, 0])), (-256, 3, true, Some(vec![0, 0xff, 0xff])), (256, 1, false, None), (-1, 0, true, None), (128, 2, true, Some(vec![0x80, 0])),
        ] {
            let value = IBig::from(value);
            let got = to_bytes(&value, length, true, signed).ok();
            assert_eq!(got, expected, "{value} {length} {signed}");
            if let Some(bytes) = got {
                assert_eq!(from_bytes(&bytes, true, signed), value);
            }
        }
        assert_eq!(from_bytes(&[0x80, 0], false, true), IBig::from(-32768));
    }
}
