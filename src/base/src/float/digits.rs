//! Decimal digits of binary64 numbers: the shortest that read back, or exactly rounded to a wanted count.

use super::quick;

/// More significant digits than any binary64 number has.
const MOST_SIGNIFICANT: usize = 780;
/// More fractional digits than any binary64 number has.
const MOST_FRACTIONAL: usize = 1080;

/// Decimal digits and the place of the decimal point: the value is `0.d1d2d3... * 10**point`.
/// Zero is "0" with point 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    pub text: String,
    pub point: i32,
}

impl Digits {
    /// Reads "d.ddde-dd" or "ddd.ddd" (what zmij and std print).
    fn read(text: &str) -> Digits {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let zeros = digits.len() - digits.trim_start_matches('0').len();
        if zeros == digits.len() {
            return Digits { text: digits, point: 1 };
        }
        digits.drain(..zeros);
        Digits { text: digits, point: exponent + whole.len() as i32 - zeros as i32 }
    }
}

/// The shortest digits that read back as the same number (non-negative, finite); no trailing zeros.
pub fn shortest_digits(x: f64) -> Digits {
    let mut buffer = zmij::Buffer::new();
    let mut digits = Digits::read(buffer.format_finite(x));
    let kept = digits.text.trim_end_matches('0').len();
    digits.text.truncate(kept.max(1));
    digits
}

/// Exactly `count` (at least 1) significant digits, correctly rounded half to even (non-negative, finite).
pub fn exact_digits(x: f64, count: usize) -> Digits {
    let count = count.max(1);
    if let Some((digits, point)) = quick::significant(x, count) {
        return Digits { text: digits.to_string(), point };
    }
    let real = count.min(MOST_SIGNIFICANT);
    let mut digits = Digits::read(&format!("{x:.*e}", real - 1));
    pad_zeros(&mut digits.text, count - real);
    digits
}

/// Plain decimal notation with exactly `count` digits after the point (non-negative, finite).
pub fn exact_fixed(x: f64, count: usize) -> String {
    if let Some(number) = u32::try_from(count).ok().and_then(|count| quick::scaled(x, count)) {
        let mut buffer = [0; 40];
        let digits = quick::decimal(number, count + 1, &mut buffer);
        let (whole, fraction) = digits.split_at(digits.len() - count);
        let mut text = String::with_capacity(digits.len() + 1);
        text.extend(whole.iter().map(|digit| *digit as char));
        if count > 0 {
            text.push('.');
            text.extend(fraction.iter().map(|digit| *digit as char));
        }
        return text;
    }
    let real = count.min(MOST_FRACTIONAL);
    let mut text = format!("{x:.real$}");
    pad_zeros(&mut text, count - real);
    text
}

pub(super) fn pad_zeros(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n('0', count));
}
