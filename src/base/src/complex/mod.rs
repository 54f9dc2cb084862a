//! Complex numbers as pairs of floats: text, arithmetic with the language's special values, and the cmath functions.
//! Must not know complex objects.

mod functions;
mod special;

pub use functions::{
    CmathError, acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, log, log_base, log10, polar, rect, sin, sinh, sqrt, tan,
    tanh,
};

use crate::fault::Fault;
use crate::float::{FloatStyle, format_float};

/// A complex number: real and imaginary part.
pub type Complex = (f64, f64);

/// `repr(z)`: "(1+2j)", "1j", "(-0-1j)".
pub fn repr(z: Complex) -> String {
    let part = |x: f64| format_float(x, 'r', 0, FloatStyle::default());
    if z.0 == 0.0 && z.0.is_sign_positive() {
        return format!("{}j", part(z.1));
    }
    let imag = part(z.1);
    let plus = if imag.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imag}j)", part(z.0))
}

/// `complex(text)` for text already mapped to ASCII. `shown` is the text's repr for the error about underscores.
pub fn parse(text: &str, shown: &dyn Fn() -> String) -> Result<Complex, Fault> {
    let malformed = || Fault::value("complex() arg is a malformed string");
    let mut plain = crate::memory::text_with_room(text.len());
    if text.contains('_') {
        let bytes = text.as_bytes();
        for (i, c) in text.char_indices() {
            let digit_at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
            if c != '_' {
                plain.push(c);
            } else if !digit_at(i.checked_sub(1)) || !digit_at(Some(i + 1)) {
                return Err(Fault::value(format!("could not convert string to complex: {}", shown())));
            }
        }
    } else {
        plain.push_str(text);
    }
    let space = |c: char| c.is_ascii_whitespace() || c == '\x0b';
    let mut body = plain.trim_matches(space);
    if let Some(inner) = body.strip_prefix('(') {
        body = inner.strip_suffix(')').ok_or_else(malformed)?.trim_matches(space);
    }
    parse_body(body).ok_or_else(malformed)
}

/// `<float>`, `<float>j`, `<float><signed>j`, where the number before a `j` may be only a sign or nothing.
fn parse_body(body: &str) -> Option<Complex> {
    let imaginary = |digits: &str| match digits {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        digits => crate::float::parse_simple(digits),
    };
    let Some(rest) = body.strip_suffix(['j', 'J']) else {
        return crate::float::parse_simple(body).map(|real| (real, 0.0));
    };
    // The sign of the imaginary part: the last one that is neither the first character nor that of an exponent.
    let bytes = rest.as_bytes();
    let split = (1..bytes.len()).rev().find(|&i| matches!(bytes[i], b'+' | b'-') && !(matches!(bytes[i - 1], b'e' | b'E')));
    match split {
        None => imaginary(rest).map(|imag| (0.0, imag)),
        Some(at) => Some((crate::float::parse_simple(&rest[..at])?, imaginary(&rest[at..])?)),
    }
}

fn both_nan(z: Complex) -> bool {
    z.0.is_nan() && z.1.is_nan()
}

/// An infinite part becomes 1, any other 0, with its sign.
fn boxed(x: f64) -> f64 {
    (x.is_infinite() as u8 as f64).copysign(x)
}

/// `a * b`
#[inline]
pub fn multiply(a: Complex, b: Complex) -> Complex {
    let (ac, bd, ad, bc) = (a.0 * b.0, a.1 * b.1, a.0 * b.1, a.1 * b.0);
    let product = (ac - bd, ad + bc);
    if !(product.0.is_nan() && product.1.is_nan()) {
        return product;
    }
    recover_product(a, b)
}

/// `a * b` where both parts came out as NaN: infinities are brought back.
#[cold]
#[inline(never)]
fn recover_product(a: Complex, b: Complex) -> Complex {
    let (ac, bd, ad, bc) = (a.0 * b.0, a.1 * b.1, a.0 * b.1, a.1 * b.0);
    let product = (ac - bd, ad + bc);
    let quiet = |z: Complex| {
        let part = |x: f64| if x.is_nan() { 0f64.copysign(x) } else { x };
        (part(z.0), part(z.1))
    };
    let infinite = |z: Complex| z.0.is_infinite() || z.1.is_infinite();
    let (mut a, mut b) = (a, b);
    let mut recover = false;
    if infinite(a) {
        (a, b, recover) = ((boxed(a.0), boxed(a.1)), quiet(b), true);
    }
    if infinite(b) {
        (a, b, recover) = (quiet(a), (boxed(b.0), boxed(b.1)), true);
    }
    if !recover && (infinite((ac, bd)) || infinite((ad, bc))) {
        (a, b, recover) = (quiet(a), quiet(b), true);
    }
    if !recover {
        return product;
    }
    (f64::INFINITY * (a.0 * b.0 - a.1 * b.1), f64::INFINITY * (a.0 * b.1 + a.1 * b.0))
}

/// `a * x` for a real x
pub fn multiply_real(a: Complex, x: f64) -> Complex {
    (a.0 * x, a.1 * x)
}

/// `a / b`; `None`: ZeroDivisionError "division by zero".
pub fn divide(a: Complex, b: Complex) -> Option<Complex> {
    let (real_size, imag_size) = (b.0.abs(), b.1.abs());
    let quotient = if real_size >= imag_size {
        if real_size == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        ((a.0 + a.1 * ratio) / denominator, (a.1 - a.0 * ratio) / denominator)
    } else if imag_size >= real_size {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a.0 * ratio + a.1) / denominator, (a.1 * ratio - a.0) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if !both_nan(quotient) {
        return Some(quotient);
    }
    let finite = |z: Complex| z.0.is_finite() && z.1.is_finite();
    let infinite = |z: Complex| z.0.is_infinite() || z.1.is_infinite();
    Some(if infinite(a) && finite(b) {
        let (x, y) = (boxed(a.0), boxed(a.1));
        (f64::INFINITY * (x * b.0 + y * b.1), f64::INFINITY * (y * b.0 - x * b.1))
    } else if infinite(b) && finite(a) {
        let (x, y) = (boxed(b.0), boxed(b.1));
        (0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y))
    } else {
        quotient
    })
}

/// `a / x` for a real x; `None`: division by zero.
pub fn divide_by_real(a: Complex, x: f64) -> Option<Complex> {
    (x != 0.0).then(|| (a.0 / x, a.1 / x))
}

/// `x / b` for a real x; `None`: division by zero.
pub fn divide_real(x: f64, b: Complex) -> Option<Complex> {
    let (real_size, imag_size) = (b.0.abs(), b.1.abs());
    let quotient = if real_size >= imag_size {
        if real_size == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        (x / denominator, (-x * ratio) / denominator)
    } else if imag_size >= real_size {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((x * ratio) / denominator, -x / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if both_nan(quotient) && (real_size.is_infinite() || imag_size.is_infinite()) && x.is_finite() {
        return Some((0.0 * (x * boxed(b.0)), 0.0 * (-x * boxed(b.1))));
    }
    Some(quotient)
}

/// Outcome of `a ** b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ComplexPow {
    Value(Complex),
    /// ZeroDivisionError "zero to a negative or complex power"
    ZeroDivision,
    /// OverflowError "complex exponentiation"
    Overflow,
}

/// `a ** b`
pub fn power(a: Complex, b: Complex) -> ComplexPow {
    let result = if b.1 == 0.0 && b.0 == b.0.floor() && b.0.abs() <= 100.0 {
        let n = b.0 as i32;
        if n > 0 {
            power_int(a, n.unsigned_abs())
        } else {
            match divide((1.0, 0.0), power_int(a, n.unsigned_abs())) {
                Some(value) => value,
                None => return ComplexPow::ZeroDivision,
            }
        }
    } else if a.0 == 0.0 && a.1 == 0.0 {
        if b.1 != 0.0 || b.0 < 0.0 {
            return ComplexPow::ZeroDivision;
        }
        (0.0, 0.0)
    } else {
        let size = a.0.hypot(a.1);
        let mut length = size.powf(b.0);
        let angle = a.1.atan2(a.0);
        let mut phase = angle * b.0;
        if b.1 != 0.0 {
            length *= (-angle * b.1).exp();
            phase += b.1 * size.ln();
        }
        if phase.is_infinite() {
            // The C library calls this a domain error, which the language reports as a division by zero.
            return ComplexPow::ZeroDivision;
        }
        (length * phase.cos(), length * phase.sin())
    };
    if result.0.is_infinite() || result.1.is_infinite() { ComplexPow::Overflow } else { ComplexPow::Value(result) }
}

fn power_int(a: Complex, n: u32) -> Complex {
    let mut result = (1.0, 0.0);
    let mut square = a;
    let mut mask = 1u32;
    while mask > 0 && n >= mask {
        if n & mask != 0 {
            result = multiply(result, square);
        }
        mask <<= 1;
        square = multiply(square, square);
    }
    result
}

/// `abs(z)`; `None`: OverflowError "absolute value too large".
pub fn absolute(z: Complex) -> Option<f64> {
    let size = z.0.hypot(z.1);
    (size.is_finite() || !z.0.is_finite() || !z.1.is_finite()).then_some(size)
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn text() {
        for (z, expected) in [((1.0, 2.0), "(1+2j)"), ((0.0, 0.0), "0j"), ((-0.0, -0.0), "(-0-0j)"), ((1.0, -0.0), "(1-0j)"), ((NAN, INF), "(nan+infj)"), ((1e16, 1.0), "(1e+16+1j)"), ((0.0, 1e-7), "1e-07j")] {
            assert_eq!(repr(z), expected);
        }
        let read = |text: &str| parse(text, &|| format!("'{text}'"));
        for (text, expected) in [
            ("1+2j", (1.0, 2.0)), ("(1+2j)", (1.0, 2.0)), (" ( 1+2j ) ", (1.0, 2.0)), ("1", (1.0, 0.0)), ("j", (0.0, 1.0)), ("-j", (0.0, -1.0)), ("1e5j", (0.0, 1e5)), ("1+j", (1.0, 1.0)), ("1-infj", (1.0, -INF)), ("infj", (0.0, INF)), ("1_0+2_0j", (10.0, 20.0)),
            ("1+2J", (1.0, 2.0)), (".5j", (0.0, 0.5)), ("1.e1j", (0.0, 10.0)), ("inf", (INF, 0.0)), ("1e1+1e1j", (10.0, 10.0)), ("(j)", (0.0, 1.0)), (" 1\n", (1.0, 0.0)), ("1+infinityj", (1.0, INF)), ("1e-5-1e-7j", (1e-5, -1e-7)),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        for text in ["1 + 2j", "1+2", "1+2i", "((1))", "", "()", "1j+2", "--1j", "1+-2j", "(1", "1+2jj", "j1", "1j2", "+", "1)"] {
            assert_eq!(read(text).unwrap_err().text, "complex() arg is a malformed string", "{text}");
        }
        assert_eq!(read("1__0j").unwrap_err().text, "could not convert string to complex: '1__0j'");
    }

    #[test]
    fn arithmetic() {
        assert_eq!(divide((1.0, 2.0), (3.0, -4.0)), Some((-0.2, 0.4)));
        assert_eq!(divide((INF, 1.0), (1.0, 1.0)), Some((INF, -INF)));
        assert_eq!(divide((1.0, 1.0), (INF, INF)), Some((0.0, 0.0)));
        assert_eq!(divide((1.0, 1.0), (0.0, 0.0)), None);
        assert_eq!(divide_real(1.5, (2.0, 1.0)), Some((0.6, -0.3)));
        let (re, im) = divide_real(2.0, (INF, 1.0)).unwrap();
        assert!(re.is_sign_positive() && im.is_sign_negative());
        assert_eq!(multiply((INF, INF), (0.0, 1.0)), (-INF, INF));
        assert_eq!(multiply((NAN, INF), (1.0, 1.0)), (-INF, INF));
        assert_eq!(multiply((1e200, 1e200), (1e200, 1e200)).1, INF);
    }

    #[test]
    fn powers() {
        use ComplexPow::*;
        for (a, b, expected) in [
            ((INF, 0.0), (2.0, 0.0), Overflow), ((1.0, 2.0), (3.0, 0.0), Value((-11.0, -2.0))), ((1.0, 2.0), (-3.0, 0.0), Value((-0.08800000000000001, 0.016))), ((1.0, 2.0), (0.5, 0.0), Value((1.272019649514069, 0.7861513777574233))),
            ((0.0, 0.0), (-1.0, 0.0), ZeroDivision), ((0.0, 0.0), (0.0, 1.0), ZeroDivision), ((0.0, 0.0), (2.0, 0.0), Value((0.0, 0.0))), ((1.0, 2.0), (1000.0, 0.0), Overflow), ((1.0, 1.0), (101.0, 0.0), Value((-1125899906842634.5, -1125899906842629.5))),
            ((0.0, 2.0), (1.0, 1.0), Value((-0.2656539988492411, 0.3198181138561361))), ((1.0, 2.0), (0.0, 0.0), Value((1.0, 0.0))), ((NAN, 0.0), (0.0, 0.0), Value((1.0, 0.0))), ((1e200, 1.0), (2.0, 0.0), Overflow),
        ] {
            assert_eq!(power(a, b), expected, "{a:?} {b:?}");
        }
        assert_eq!(absolute((1e308, 1.7e308)), None);
        assert_eq!(absolute((3.0, -4.0)), Some(5.0));
    }
}
