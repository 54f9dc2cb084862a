//! Numbers so long that one operation of the library takes seconds: computed in pieces, with points between them at which a program may be
//! interrupted. Shorter ones go to the library at once. Magnitudes only; must not know signs.

use dashu_int::UBig;
use dashu_int::ops::{BitTest, DivRem, SquareRoot, SquareRootRem};

use crate::memory::zeros;
use crate::pause;

/// Factors of so many words are multiplied in one piece, in half a second.
const FACTOR: usize = if cfg!(test) { 1 << 11 } else { 1 << 19 };
/// A quotient of so many words comes from one division.
const QUOTIENT: usize = if cfg!(test) { 1 << 10 } else { 1 << 15 };
/// The root of a number of so many words is taken in one piece.
const RADICAND: usize = if cfg!(test) { 1 << 10 } else { 1 << 16 };

/// Adds `words` to `sum`, `at` words up. There must be room for the sum.
fn add_at(sum: &mut [u64], at: usize, words: &[u64]) {
    let mut carry = false;
    let (low, high) = sum[at..].split_at_mut(words.len());
    for (place, word) in low.iter_mut().zip(words) {
        let (with_word, over) = place.overflowing_add(*word);
        let (with_carry, over_again) = with_word.overflowing_add(carry.into());
        (*place, carry) = (with_carry, over | over_again);
    }
    for place in high {
        if !carry {
            return;
        }
        (*place, carry) = place.overflowing_add(1);
    }
}

/// The words of `number` from `from` up to `to`, as far as there are any.
fn part(number: &UBig, from: usize, to: usize) -> UBig {
    let words = number.as_words();
    UBig::from_words(&words[from.min(words.len())..to.min(words.len())])
}

pub fn product(a: &UBig, b: &UBig) -> UBig {
    let (short, long) = if a.as_words().len() <= b.as_words().len() { (a, b) } else { (b, a) };
    let (least, most) = (short.as_words().len(), long.as_words().len());
    if least <= FACTOR && most <= 2 * FACTOR {
        pause::point();
        return if short == long { short.sqr() } else { short * long };
    }
    if 2 * least <= most + 1 || least <= FACTOR {
        // Piece by piece of the longer one.
        let size = least.max(FACTOR);
        let mut sum = zeros::<u64>(least + most);
        for at in (0..most).step_by(size) {
            add_at(&mut sum, at, product(short, &part(long, at, at + size)).as_words());
        }
        return UBig::from_words(&sum);
    }
    // Karatsuba: three products of halves.
    let half = most.div_ceil(2);
    let (a_low, a_high, b_low, b_high) =
        (part(long, 0, half), part(long, half, most), part(short, 0, half), part(short, half, least));
    let (low, high) = (product(&a_low, &b_low), product(&a_high, &b_high));
    let middle = product(&(a_low + a_high), &(b_low + b_high)) - &low - &high;
    let mut sum = zeros::<u64>(least + most);
    add_at(&mut sum, 0, low.as_words());
    add_at(&mut sum, half, middle.as_words());
    add_at(&mut sum, 2 * half, high.as_words());
    UBig::from_words(&sum)
}

/// Whether the division is done in pieces.
#[inline]
fn is_long(dividend: usize, divisor: usize) -> bool {
    dividend > 2 * QUOTIENT && divisor > 1 && (dividend.saturating_sub(divisor) > QUOTIENT || divisor > 8 * QUOTIENT)
}

/// Quotient and rest; the divisor is not zero.
pub fn div_rem(a: &UBig, b: &UBig) -> (UBig, UBig) {
    if !is_long(a.as_words().len(), b.as_words().len()) {
        return a.div_rem(b);
    }
    // A divisor whose top bit is set gives good estimates of quotients.
    let shift = b.as_words().len() * 64 - b.bit_len();
    let (quotient, rest) = divide(&(a << shift), &(b << shift));
    (quotient, rest >> shift)
}

/// The same for a divisor with its top bit set (Burnikel and Ziegler, 1998).
fn divide(a: &UBig, b: &UBig) -> (UBig, UBig) {
    pause::point();
    let (length, divisor) = (a.as_words().len(), b.as_words().len());
    if a < b {
        return (UBig::ZERO, a.clone());
    }
    if !is_long(length, divisor) {
        return a.div_rem(b);
    }
    let room = length - divisor + 1;
    if room < divisor {
        return divide_by_top(a, b, divisor - room);
    }
    // Some words of the quotient at a time, from the top.
    let size = divisor.div_ceil(2).max(QUOTIENT);
    let mut quotient = zeros::<u64>(length);
    let mut rest = UBig::ZERO;
    for at in (0..length.div_ceil(size)).rev().map(|place| place * size) {
        let (words, next) = divide(&((rest << (64 * size)) + part(a, at, at + size)), b);
        let words = words.as_words();
        quotient[at..at + words.len()].copy_from_slice(words);
        rest = next;
    }
    (UBig::from_words(&quotient), rest)
}

/// A quotient shorter than its divisor follows from the words above the lowest `cut`, nearly.
fn divide_by_top(a: &UBig, b: &UBig, cut: usize) -> (UBig, UBig) {
    let (mut quotient, rest) = divide(&part(a, cut, usize::MAX), &part(b, cut, usize::MAX));
    let mut rest = (rest << (64 * cut)) + part(a, 0, cut);
    let too_much = product(&quotient, &part(b, 0, cut));
    while rest < too_much {
        rest += b;
        quotient -= UBig::ONE;
    }
    (quotient, rest - too_much)
}

/// The whole root.
pub fn sqrt(number: &UBig) -> UBig {
    if number.as_words().len() <= RADICAND { number.sqrt() } else { sqrt_rem(number).0 }
}

/// The root and what is left of the number (Zimmermann, 1999).
pub fn sqrt_rem(number: &UBig) -> (UBig, UBig) {
    if number.as_words().len() <= RADICAND {
        pause::point();
        return number.sqrt_rem();
    }
    let quarter = (number.bit_len() - 1) / 4;
    let bits = |from: usize, to: usize| {
        let mut part = number >> from;
        part.clear_high_bits(to - from);
        part
    };
    let (top, rest) = sqrt_rem(&(number >> (2 * quarter)));
    let (low, over) = div_rem(&((rest << quarter) + bits(quarter, 2 * quarter)), &(&top << 1));
    let mut root = (top << quarter) + &low;
    let mut rest = (over << quarter) + bits(0, quarter);
    let square = product(&low, &low);
    while rest < square {
        // One less: the square shrinks by twice the root less one.
        rest += (&root << 1) - UBig::ONE;
        root -= UBig::ONE;
    }
    (root, rest - square)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Digits without a pattern.
    pub fn number(words: usize, seed: u64) -> UBig {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            state ^ state >> 29
        };
        UBig::from_words(&(0..words).map(next).collect::<Vec<u64>>())
    }

    #[test]
    fn products() {
        for (a, b) in [(1, 3 * FACTOR), (FACTOR + 5, 2 * FACTOR), (2 * FACTOR + 1, 2 * FACTOR + 7), (5, 7)] {
            let (a, b) = (number(a, 1), number(b, 2));
            assert!(product(&a, &b) == &a * &b && product(&b, &a) == &a * &b);
        }
        let nines = (UBig::ONE << (64 * (2 * FACTOR + 3))) - UBig::ONE;
        assert!(product(&nines, &nines) == nines.sqr());
    }

    #[test]
    fn quotients() {
        for (a, b) in [
            (5 * QUOTIENT, 2),
            (5 * QUOTIENT, 17),
            (5 * QUOTIENT, 2 * QUOTIENT + 3),
            (5 * QUOTIENT + 7, 3 * QUOTIENT),
            (13 * QUOTIENT + 7, 12 * QUOTIENT),
            (13 * QUOTIENT, 13 * QUOTIENT - 1),
            (4, 9),
        ] {
            let (a, b) = (number(a, 3), number(b, 4));
            assert!(div_rem(&a, &b) == (&a).div_rem(&b));
            let below = product(&a, &b) - UBig::ONE;
            assert!(div_rem(&below, &b) == (&a - UBig::ONE, &b - UBig::ONE));
        }
        let (ones, power) = ((UBig::ONE << (64 * 6 * QUOTIENT)) - UBig::ONE, UBig::ONE << (64 * 3 * QUOTIENT));
        assert!(div_rem(&ones, &power) == (&power - UBig::ONE, &power - UBig::ONE));
        assert!(div_rem(&ones, &(&power - UBig::ONE)) == (&power + UBig::ONE, UBig::ZERO));
    }

    #[test]
    fn roots() {
        for words in [RADICAND + 1, 5 * RADICAND + 3] {
            let number = number(words, 5);
            assert!(sqrt_rem(&number) == number.sqrt_rem());
            let square = product(&number, &number);
            assert!(sqrt_rem(&square) == (number.clone(), UBig::ZERO));
            assert!(sqrt_rem(&(square - UBig::ONE)).0 == number - UBig::ONE);
        }
    }
}
