//! Floats as text: `repr` and the presentation types of the format languages.

use super::digits::{exact_digits, exact_fixed, pad_zeros, shortest_digits};

/// Details of a rendering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FloatStyle {
    /// '#': keep the point and, for g, trailing zeros.
    pub alternate: bool,
    /// 'z': a result that rounds to zero has no minus sign.
    pub no_negative_zero: bool,
    /// Finite results without point or exponent get ".0".
    pub add_dot_zero: bool,
}

/// `repr(x)`: "1.0", "1e+16", "inf", "nan", "-0.0".
pub fn repr(x: f64) -> String {
    format_float(x, 'r', 0, FloatStyle { add_dot_zero: true, ..FloatStyle::default() })
}

/// Hands the text of `repr(x)` on, without an allocation for numbers of everyday size.
pub fn with_repr<T>(x: f64, visit: impl FnOnce(&str) -> T) -> T {
    let magnitude = x.abs();
    if (1e-4..1e16).contains(&magnitude) {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(x);
        if !text.as_bytes().contains(&b'e') {
            return visit(text);
        }
    }
    visit(&repr(x))
}

/// Text of a float in presentation `kind`: one of `r` (shortest; precision ignored), `e E f F g G n %`.
/// 'n' is 'g' (the caller puts in the locale), '%' multiplies by 100 and appends the sign. Only minus signs are shown.
/// Upper case kinds give "INF" and "NAN". NaN never has a sign.
pub fn format_float(x: f64, kind: char, precision: usize, style: FloatStyle) -> String {
    let upper = matches!(kind, 'E' | 'F' | 'G');
    let x = if kind == '%' { x * 100.0 } else { x };
    // Digits, the text of them, and the text with a sign.
    crate::memory::expect_room(precision.saturating_mul(3));
    let mut body = String::new();
    let mut negative = x.is_sign_negative() && !x.is_nan();
    if !x.is_finite() {
        body.push_str(match (x.is_nan(), upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        });
    } else {
        let magnitude = x.abs();
        match kind {
            'e' | 'E' => {
                let digits = exact_digits(magnitude, precision + 1);
                let exponent = if magnitude == 0.0 { 0 } else { digits.point - 1 };
                push_scientific(&mut body, &digits.text, exponent, upper, style.alternate);
            }
            'f' | 'F' | '%' => {
                body = exact_fixed(magnitude, precision);
                if style.alternate && precision == 0 {
                    body.push('.');
                }
            }
            'g' | 'G' | 'n' => push_general(&mut body, magnitude, precision, upper, style),
            _ => push_shortest(&mut body, magnitude, style),
        }
        if negative && style.no_negative_zero && !significant(&body) {
            negative = false;
        }
    }
    if kind == '%' {
        body.push('%');
    }
    if negative {
        body.insert(0, '-');
    }
    body
}

/// Whether the mantissa has a digit other than zero.
fn significant(body: &str) -> bool {
    body.bytes().take_while(|b| !matches!(b, b'e' | b'E')).any(|b| matches!(b, b'1'..=b'9'))
}

fn push_shortest(body: &mut String, magnitude: f64, style: FloatStyle) {
    let digits = shortest_digits(magnitude);
    if digits.point <= -4 || digits.point > 16 {
        push_scientific(body, &digits.text, digits.point - 1, false, style.alternate);
    } else {
        push_positional(body, &digits.text, digits.point, style);
    }
}

fn push_general(body: &mut String, magnitude: f64, precision: usize, upper: bool, style: FloatStyle) {
    let precision = precision.max(1);
    let digits = exact_digits(magnitude, precision);
    let point = digits.point;
    let text = if style.alternate { digits.text.as_str() } else { trim_zeros(&digits.text) };
    let widest = precision as i64 - style.add_dot_zero as i64;
    if magnitude != 0.0 && (point <= -4 || point as i64 > widest) {
        push_scientific(body, text, point - 1, upper, style.alternate);
    } else if magnitude == 0.0 && widest < 1 {
        push_scientific(body, text, 0, upper, style.alternate);
    } else {
        push_positional(body, text, point, style);
    }
}

fn trim_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() { &digits[..1] } else { trimmed }
}

fn push_scientific(body: &mut String, digits: &str, exponent: i32, upper: bool, alternate: bool) {
    body.push_str(&digits[..1]);
    if digits.len() > 1 || alternate {
        body.push('.');
        body.push_str(&digits[1..]);
    }
    body.push(if upper { 'E' } else { 'e' });
    body.push(if exponent < 0 { '-' } else { '+' });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        body.push('0');
    }
    body.push_str(&exponent.to_string());
}

fn push_positional(body: &mut String, digits: &str, point: i32, style: FloatStyle) {
    let point_at = point.max(0) as usize;
    if point <= 0 {
        body.push_str("0.");
        pad_zeros(body, point.unsigned_abs() as usize);
        body.push_str(digits);
    } else if digits.len() > point_at {
        body.push_str(&digits[..point_at]);
        body.push('.');
        body.push_str(&digits[point_at..]);
    } else {
        body.push_str(digits);
        pad_zeros(body, point_at - digits.len());
        if style.add_dot_zero {
            body.push_str(".0");
        } else if style.alternate {
            body.push('.');
        }
    }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn repr_switches_to_exponent_where_cpython_does() {
        for (x, expected) in [
            (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (0.1, "0.1"), (1e16, "1e+16"), (9999999999999998.0, "9999999999999998.0"),
            (123456789012345680.0, "1.2345678901234568e+17"), (0.0001, "0.0001"), (0.00001234, "1.234e-05"), (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf"), (-f64::NAN, "nan"), (1e22, "1e+22"), (100.0, "100.0"), (1e100, "1e+100"), (2.5e-7, "2.5e-07"),
        ] {
            assert_eq!(repr(x), expected);
        }
    }

    #[test]
    fn short_ways_agree() {
        let mut state = 1u64;
        for index in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = match index % 3 {
                0 => (state >> 44) as f64 / 8.0,
                1 => -((state >> 11) as f64) / (1u64 << (state & 63)) as f64,
                _ => f64::from_bits(state),
            };
            with_repr(x, |text| assert_eq!(text, repr(x)));
        }
        for x in [0.0, -0.0, 1.0, 1e-4, 0.00012, 1e15, 9999999999999998.0, 1e16, -1e16, 0.1, f64::NAN] {
            with_repr(x, |text| assert_eq!(text, repr(x)));
        }
    }

    #[test]
    fn presentations() {
        let plain = FloatStyle::default();
        let alternate = FloatStyle { alternate: true, ..plain };
        for (x, kind, precision, style, expected) in [
            (1.0, 'e', 0, alternate, "1.e+00"), (1.0, 'f', 0, alternate, "1."), (1.0, 'g', 6, alternate, "1.00000"), (1.0, 'g', 0, plain, "1"), (1.0, 'g', 3, alternate, "1.00"),
            (0.0, 'g', 6, plain, "0"), (0.0, 'e', 3, plain, "0.000e+00"), (0.0, 'g', 3, alternate, "0.00"), (2.5, 'f', 0, plain, "2"), (0.125, 'f', 2, plain, "0.12"), (0.5, '%', 1, plain, "50.0%"),
            (1e23, 'f', 0, plain, "99999999999999991611392"), (1e-7, 'G', 3, plain, "1E-07"), (-0.001, 'f', 1, FloatStyle { no_negative_zero: true, ..plain }, "0.0"), (-0.001, 'f', 1, plain, "-0.0"),
            (999999.5, 'g', 6, plain, "1e+06"), (99999.95, 'g', 6, plain, "99999.9"), (f64::INFINITY, 'F', 3, plain, "INF"),
        ] {
            assert_eq!(format_float(x, kind, precision, style), expected, "{x} {kind} {precision}");
        }
        assert_eq!(format_float(0.1, 'f', 60, plain), "0.100000000000000005551115123125782702118158340454101562500000");
        assert_eq!(format_float(5e-324, 'e', 5000, plain).len(), 5007);
        assert_eq!(format_float(1.0, 'f', 100_000, plain).len(), 100_002);
        assert_eq!(format_float(123.0, 'g', 2, FloatStyle { add_dot_zero: true, ..plain }), "1.2e+02");
        assert_eq!(format_float(12.0, 'g', 2, FloatStyle { add_dot_zero: true, ..plain }), "1.2e+01");
    }
}
