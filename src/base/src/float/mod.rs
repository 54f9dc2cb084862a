//! Everything about binary64 numbers as the language sees them: text both ways, rounding, division, powers.
//! Must not know float objects; errors come back as `Fault`s or plain enums.

mod digits;
mod format;
mod parse;
pub mod quick;

pub use digits::{Digits, exact_digits, exact_fixed, shortest_digits};
pub use format::{FloatStyle, format_float, repr, with_repr};
pub use parse::{from_hex, parse, parse_simple, to_hex};

use dashu_int::{IBig, UBig};

/// Splits a non-negative finite float into an integer mantissa and a power of two: `x == mantissa * 2**exponent`.
/// The mantissa is not reduced (it may be even).
#[inline]
pub fn decompose(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match ((bits >> 52) & 0x7ff) as i32 {
        0 => (fraction, -1074),
        exponent => (fraction | (1 << 52), exponent - 1075),
    }
}

/// `mantissa * 2**exponent` rounded half to even; `sticky` says that the true mantissa is a bit more than given.
/// `None` on overflow. A sticky mantissa must have at least 55 significant bits.
pub fn round_scaled(mantissa: u64, sticky: bool, exponent: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    let top = exponent.saturating_add(63 - mantissa.leading_zeros() as i64);
    if top > 1023 {
        return None;
    }
    if top < -1076 {
        return Some(0.0);
    }
    let unit = (top - 52).max(-1074);
    let shift = unit - exponent;
    let rounded = if shift <= 0 {
        mantissa << -shift
    } else if shift > 64 {
        0
    } else {
        let wide = mantissa as u128;
        let kept = (wide >> shift) as u64;
        let rest = wide & ((1 << shift) - 1);
        let half = 1u128 << (shift - 1);
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
        kept + up as u64
    };
    let bits = (((unit + 1075) as u64) << 52) + rounded - (1 << 52);
    let result = f64::from_bits(bits);
    result.is_finite().then_some(result)
}

/// `frexp`: `x == m * 2**e` with `0.5 <= |m| < 1`; zero, inf and nan come back with exponent 0.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (mantissa, exponent) = decompose(x.abs());
    let length = 64 - mantissa.leading_zeros() as i32;
    let m = mantissa as f64 / (1u64 << length.min(63)) as f64;
    (m.copysign(x), exponent + length)
}

/// `ldexp` with one correct rounding; overflow gives inf.
pub fn ldexp(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (mantissa, own) = decompose(x.abs());
    round_scaled(mantissa, false, exponent.saturating_add(own as i64)).unwrap_or(f64::INFINITY).copysign(x)
}

/// `divmod(x, y)`; `None` when y is zero.
pub fn divmod(x: f64, y: f64) -> Option<(f64, f64)> {
    if y == 0.0 {
        return None;
    }
    let mut rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest != 0.0 {
        if (y < 0.0) != (rest < 0.0) {
            rest += y;
            quotient -= 1.0;
        }
    } else {
        rest = 0f64.copysign(y);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0f64.copysign(x / y)
    };
    Some((floor, rest))
}

/// `x // y`; `None` when y is zero.
pub fn floor_div(x: f64, y: f64) -> Option<f64> {
    divmod(x, y).map(|(quotient, _)| quotient)
}

/// `x % y`; `None` when y is zero.
pub fn modulo(x: f64, y: f64) -> Option<f64> {
    if y == 0.0 {
        return None;
    }
    let rest = x % y;
    Some(if rest == 0.0 {
        0f64.copysign(y)
    } else if (y < 0.0) != (rest < 0.0) {
        rest + y
    } else {
        rest
    })
}

/// Outcome of `x ** y`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FloatPow {
    Value(f64),
    /// ZeroDivisionError: "zero to a negative power"
    ZeroDivision,
    /// OverflowError(34, 'Numerical result out of range')
    Overflow,
    /// The result is complex: compute `complex(x) ** complex(y)`.
    Complex,
}

/// `x ** y`
pub fn pow(x: f64, y: f64) -> FloatPow {
    use FloatPow::*;
    let odd = || (y.abs() % 2.0) == 1.0;
    if y == 0.0 {
        return Value(1.0);
    }
    if x.is_nan() {
        return Value(x);
    }
    if y.is_nan() {
        return Value(if x == 1.0 { 1.0 } else { y });
    }
    if y.is_infinite() {
        let x = x.abs();
        return Value(if x == 1.0 {
            1.0
        } else if (y > 0.0) == (x > 1.0) {
            f64::INFINITY
        } else {
            0.0
        });
    }
    if x.is_infinite() {
        let magnitude = if y > 0.0 { f64::INFINITY } else { 0.0 };
        return Value(if odd() { magnitude.copysign(x) } else { magnitude });
    }
    if x == 0.0 {
        if y < 0.0 {
            return ZeroDivision;
        }
        return Value(if odd() { x } else { 0.0 });
    }
    if x < 0.0 && y != y.floor() {
        return Complex;
    }
    let magnitude = x.abs().powf(y);
    if magnitude.is_infinite() {
        return Overflow;
    }
    Value(if x < 0.0 && odd() { -magnitude } else { magnitude })
}

/// `round(x, ndigits)`; `None` means OverflowError "rounded value too large to represent".
pub fn round_to(x: f64, ndigits: i64) -> Option<f64> {
    if !x.is_finite() || x == 0.0 || ndigits > 323 {
        return Some(x);
    }
    if ndigits < -308 {
        return Some(0.0 * x);
    }
    let magnitude = x.abs();
    if let Some(number) = u32::try_from(ndigits).ok().and_then(|places| quick::scaled(magnitude, places))
        && number < 1 << 53
    {
        // Both are exact as doubles, so the quotient is the double nearest to the decimal number.
        return Some((number as f64 / quick::POWERS[ndigits as usize] as f64).copysign(x));
    }
    let text = if ndigits >= 0 {
        exact_fixed(magnitude, ndigits as usize)
    } else {
        let all = exact_digits(magnitude, 780);
        let kept = all.point as i64 + ndigits;
        let power = -ndigits;
        if kept > 0 {
            format!("{magnitude:.*e}", kept as usize - 1)
        } else if kept == 0 && all.text.trim_end_matches('0') > "5" {
            format!("1e{power}")
        } else {
            "0".to_owned()
        }
    };
    let rounded: f64 = text.parse().unwrap_or(magnitude);
    rounded.is_finite().then(|| rounded.copysign(x))
}

/// `float.as_integer_ratio`; `None` for inf and nan.
pub fn as_integer_ratio(x: f64) -> Option<(IBig, UBig)> {
    if !x.is_finite() {
        return None;
    }
    let (mantissa, exponent) = decompose(x.abs());
    if mantissa == 0 {
        return Some((IBig::ZERO, UBig::ONE));
    }
    let zeros = mantissa.trailing_zeros();
    let odd = UBig::from(mantissa >> zeros);
    let exponent = exponent + zeros as i32;
    let (numerator, denominator) =
        if exponent >= 0 { (odd << exponent as usize, UBig::ONE) } else { (odd, UBig::ONE << exponent.unsigned_abs() as usize) };
    let numerator = IBig::from(numerator);
    Some((if x < 0.0 { -numerator } else { numerator }, denominator))
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn division_follows_the_divisor() {
        assert_eq!(divmod(7.0, -3.0), Some((-3.0, -2.0)));
        assert_eq!(divmod(-1e-20, 3.0), Some((-1.0, 3.0)));
        assert_eq!(divmod(-1.0, f64::INFINITY), Some((-1.0, f64::INFINITY)));
        assert_eq!(divmod(1e300, 1e-10), Some((f64::INFINITY, 5.476641984772742e-11)));
        let (q, r) = divmod(0.0, -1.0).unwrap();
        assert!(q.is_sign_negative() && r.is_sign_negative());
        assert_eq!(modulo(5.0, 0.0), None);
    }

    #[test]
    fn powers() {
        assert_eq!(pow(0.0, -1.0), FloatPow::ZeroDivision);
        assert_eq!(pow(-8.0, 1.0 / 3.0), FloatPow::Complex);
        assert_eq!(pow(1e300, 2.0), FloatPow::Overflow);
        assert_eq!(pow(-1.0, f64::INFINITY), FloatPow::Value(1.0));
        assert_eq!(pow(f64::NEG_INFINITY, 3.0), FloatPow::Value(f64::NEG_INFINITY));
        assert_eq!(pow(-2.0, 3.0), FloatPow::Value(-8.0));
        assert_eq!(pow(-2.0, -4.0), FloatPow::Value(0.0625));
    }

    #[test]
    fn rounding() {
        for (x, n, expected) in [
            (2.675, 2, 2.67), (0.5, 0, 0.0), (1.5, 0, 2.0), (1e22, -22, 1e22), (5e22, -22, 5e22), (1234567.0, -3, 1235000.0),
            (0.15, 1, 0.1), (25.0, -1, 20.0), (1e308, -309, 0.0), (1.0, 400, 1.0), (1e-320, 320, 1e-320), (6.0, -1, 10.0), (5.0, -1, 0.0), (-15.0, -1, -20.0),
        ] {
            assert_eq!(round_to(x, n), Some(expected), "round({x}, {n})");
        }
        let mut state = 1u64;
        for index in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = if index % 2 == 0 { (state >> 40) as f64 / 1000.0 } else { (state >> 11) as f64 / (1u64 << (state & 63)) as f64 };
            for n in [0, 1, 2, 5, 15, 22] {
                let expected: f64 = format!("{x:.*}", n as usize).parse().unwrap();
                assert_eq!(round_to(x, n), Some(expected), "round({x}, {n})");
            }
        }
        assert_eq!(round_to(1.7976931348623157e308, -308), None);
    }

    #[test]
    fn scaling() {
        for x in [0.1, 1.0, 5e-324, 1e308, -3.7, 2.2250738585072014e-308] {
            let (m, e) = frexp(x);
            assert!((0.5..1.0).contains(&m.abs()));
            assert_eq!(ldexp(m, e as i64), x);
        }
        assert_eq!(ldexp(1.5, -1074), 1e-323);
        assert_eq!(ldexp(1.0, -1075), 0.0);
        assert_eq!(ldexp(1.0, i64::MAX), f64::INFINITY);
        let (n, d) = as_integer_ratio(-0.75).unwrap();
        assert_eq!((n, d), (IBig::from(-3), UBig::from(4u8)));
    }
}
