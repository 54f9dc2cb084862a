//! Text of long numbers and long numbers of text, by halves: with points between the pieces at which a program may be interrupted.

use dashu_int::UBig;
use dashu_int::ops::BitTest;

use super::long;
use crate::memory::text_with_room;
use crate::pause;

/// So many digits are converted in one piece.
const PIECE: usize = if cfg!(test) { 1 << 13 } else { 1 << 17 };

/// The powers `radix ** (PIECE * 2**i)` that have less than `digits` digits behind the first.
fn powers(radix: u32, digits: usize) -> Vec<UBig> {
    let mut powers = vec![UBig::from(radix).pow(PIECE)];
    while let Some(last) = powers.last()
        && PIECE << powers.len() < digits
    {
        let next = long::product(last, last);
        powers.push(next);
    }
    powers
}

/// Decimal digits.
pub fn to_decimal(number: &UBig) -> String {
    let digits = (number.bit_len() as f64 * std::f64::consts::LOG10_2) as usize + 1;
    if digits <= PIECE {
        return number.to_string();
    }
    let mut text = text_with_room(digits + 1);
    write(number, &powers(10, digits), 0, &mut text);
    text
}

/// Writes at least `digits` digits.
fn write(number: &UBig, powers: &[UBig], digits: usize, text: &mut String) {
    let Some((power, smaller)) = powers.split_last() else {
        pause::point();
        let piece = number.to_string();
        text.extend(std::iter::repeat_n('0', digits.saturating_sub(piece.len())));
        text.push_str(&piece);
        return;
    };
    let low = PIECE << smaller.len();
    if digits <= low && number < power {
        return write(number, smaller, digits, text);
    }
    let (head, rest) = long::div_rem(number, power);
    write(&head, smaller, digits.saturating_sub(low), text);
    write(&rest, smaller, low, text)
}

/// The value of text that is nothing but digits of that radix.
pub fn from_digits(digits: &str, radix: u32) -> Option<UBig> {
    let powers = if digits.len() <= PIECE || radix.is_power_of_two() { Vec::new() } else { powers(radix, digits.len()) };
    read(digits, radix, &powers)
}

fn read(digits: &str, radix: u32, powers: &[UBig]) -> Option<UBig> {
    let Some((power, smaller)) = powers.split_last() else {
        pause::point();
        return UBig::from_str_radix(digits, radix).ok();
    };
    let Some(high) = digits.len().checked_sub(PIECE << smaller.len()).filter(|high| *high > 0) else {
        return read(digits, radix, smaller);
    };
    let (high, low) = digits.split_at(high);
    Some(long::product(&read(high, radix, smaller)?, power) + read(low, radix, smaller)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for digits in [PIECE + 1, 2 * PIECE, 5 * PIECE + 3] {
            let text: String = "31415926535897932384626433832795028841971".chars().cycle().take(digits).collect();
            let number = from_digits(&text, 10).unwrap();
            assert!(number == UBig::from_str_radix(&text, 10).unwrap() && to_decimal(&number) == text);
            let ten = UBig::from(10u8).pow(digits - 1);
            let text = format!("1{}", "0".repeat(digits - 1));
            assert!(to_decimal(&ten) == text && to_decimal(&(&ten - UBig::ONE)) == "9".repeat(digits - 1));
            assert!(from_digits(&text, 10) == Some(ten) && from_digits(&text, 7) == Some(UBig::from(7u8).pow(digits - 1)));
        }
    }
}
