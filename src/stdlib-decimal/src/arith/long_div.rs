//! Quotients of long coefficients: digit by digit with words as digits, and by halves for very long ones (Burnikel and Ziegler). Conversion
//! from and to binary. Must not know: signs and exponents.

use super::digits::{BASE, BY_BASE, Divisor};
use super::long_mul::multiply;
use super::words::{Words, add, add_to, compare, divide_word, multiply_word, subtract, subtract_from, trim, trimmed};
use base::int::long;
use base::memory::{Grow, copied, with_room, zeros};
use base::pause;
use dashu_int::UBig;
use std::cmp::Ordering;

/// From so many words on division by halves is quicker.
const BY_HALVES: usize = 100;

/// Between two points at which a program may be interrupted a quotient grows by so many words.
const WORDS_BETWEEN_PAUSES: usize = 1 << 14;

/// Quotient and remainder; the divisor is not zero.
pub fn divide(a: &[u64], b: &[u64]) -> (Words, Words) {
    if compare(a, b) == Ordering::Less {
        return (Vec::new(), copied(a));
    }
    if let [word] = b {
        let (quotient, rest) = divide_word(a, *word);
        return (quotient, if rest == 0 { Vec::new() } else { vec![rest] });
    }
    // The leading word of the divisor becomes at least half of the base.
    let factor = BASE / (b[b.len() - 1] + 1);
    let (mut rest, divisor) = (multiply_word(a, factor), multiply_word(b, factor));
    let quotient = if b.len() >= BY_HALVES && a.len() - b.len() >= BY_HALVES {
        let (quotient, left) = divide_blocks(&rest, &divisor);
        rest = left;
        quotient
    } else {
        divide_plain(&mut rest, &divisor)
    };
    let rest = if factor == 1 { rest } else { divide_word(&rest, factor).0 };
    (quotient, rest)
}

/// Leaves the remainder in `a`. The divisor has at least two words, the leading one at least half of the base.
fn divide_plain(a: &mut Words, b: &[u64]) -> Words {
    let n = b.len();
    if a.len() < n {
        return Vec::new();
    }
    a.push(0);
    let mut quotient = zeros(a.len() - n);
    let (top, next) = (b[n - 1], b[n - 2]);
    let by = Divisor::new(top);
    for at in (0..quotient.len()).rev() {
        if at.is_multiple_of(WORDS_BETWEEN_PAUSES) {
            pause::point();
        }
        let (u2, u1, u0) = (a[at + n], a[at + n - 1], a[at + n - 2]);
        let mut guess;
        let mut left;
        if u2 >= top {
            (guess, left) = (BASE - 1, u1 as u128 + top as u128);
        } else {
            let (quotient, rest) = by.divide_to_word(u2 as u128 * BASE as u128 + u1 as u128);
            (guess, left) = (quotient, rest as u128);
        }
        while left < BASE as u128 && guess as u128 * next as u128 > left * BASE as u128 + u0 as u128 {
            guess -= 1;
            left += top as u128;
        }
        if guess == 0 {
            continue;
        }
        let window = &mut a[at..=at + n];
        let (mut carry, mut borrow) = (0, 0);
        for (u, v) in window.iter_mut().zip(b) {
            let (high, low) = BY_BASE.divide_to_word(guess as u128 * *v as u128 + carry as u128);
            carry = high;
            let take = low + borrow;
            (*u, borrow) = if *u >= take { (*u - take, 0) } else { (*u + (BASE - take), 1) };
        }
        let take = carry + borrow;
        let last = &mut window[n];
        if *last >= take {
            *last -= take;
        } else {
            *last = last.wrapping_add(BASE).wrapping_sub(take);
            guess -= 1;
            // The carry cancels the borrow.
            let (low, high) = window.split_at_mut(n);
            if add_to(low, b) {
                high[0] = if high[0] == BASE - 1 { 0 } else { high[0] + 1 };
            }
        }
        quotient[at] = guess;
    }
    trim(a);
    trim(&mut quotient);
    quotient
}

/// The dividend in blocks as long as the divisor.
fn divide_blocks(a: &[u64], b: &[u64]) -> (Words, Words) {
    // A length that can be halved until the plain method takes over.
    let mut step = 1;
    while b.len().div_ceil(step) > BY_HALVES {
        step *= 2;
    }
    let n = b.len().next_multiple_of(step);
    let pad = n - b.len();
    let scaled = |words: &[u64]| {
        let mut scaled = zeros(pad);
        scaled.put_all(words);
        scaled
    };
    let (a, b) = (scaled(a), scaled(b));
    let mut quotient = zeros(a.len().next_multiple_of(n));
    let mut rest: Words = Vec::new();
    for (index, block) in a.chunks(n).enumerate().rev() {
        let mut dividend = copied(block);
        if !rest.is_empty() {
            dividend.resize(n, 0);
            dividend.put_all(&rest);
        }
        trim(&mut dividend);
        let (part, left) = two_by_one(&dividend, &b, n);
        quotient[index * n..index * n + part.len()].copy_from_slice(&part);
        rest = left;
    }
    trim(&mut quotient);
    (quotient, rest.get(pad..).map_or(Vec::new(), <[u64]>::to_vec))
}

/// Up to 2n words by n words; the quotient has up to n.
fn two_by_one(a: &[u64], b: &[u64], n: usize) -> (Words, Words) {
    if compare(a, b) == Ordering::Less {
        return (Vec::new(), copied(a));
    }
    if n % 2 == 1 || n <= BY_HALVES {
        let mut rest = copied(a);
        let quotient = divide_plain(&mut rest, b);
        return (quotient, rest);
    }
    pause::point();
    let half = n / 2;
    let (low, high) = a.split_at(half.min(a.len()));
    let (upper, rest) = three_by_two(trimmed(high), b, half);
    let mut dividend = copied(low);
    if !rest.is_empty() {
        dividend.resize(half, 0);
        dividend.put_all(&rest);
    }
    trim(&mut dividend);
    let (mut quotient, rest) = three_by_two(&dividend, b, half);
    if !upper.is_empty() {
        quotient.resize(half, 0);
        quotient.put_all(&upper);
    }
    (quotient, rest)
}

/// Up to three halves by two.
fn three_by_two(a: &[u64], b: &[u64], half: usize) -> (Words, Words) {
    if compare(a, b) == Ordering::Less {
        return (Vec::new(), copied(a));
    }
    let (b_low, b_high) = b.split_at(half);
    let (a_low, a_high) = a.split_at(half.min(a.len()));
    let top = a.get(2 * half..).map_or(&[][..], trimmed);
    let (mut quotient, rest) = if compare(top, b_high) == Ordering::Less {
        two_by_one(trimmed(a_high), b_high, half)
    } else {
        let mut shifted = zeros(half);
        shifted.put_all(b_high);
        let rest = add(&subtract(trimmed(a_high), &shifted), b_high);
        (vec![BASE - 1; half], rest)
    };
    let product = multiply(&quotient, trimmed(b_low));
    let mut left = copied(a_low);
    if !rest.is_empty() {
        left.resize(half, 0);
        left.put_all(&rest);
    }
    trim(&mut left);
    while compare(&left, &product) == Ordering::Less {
        left = add(&left, b);
        subtract_from(&mut quotient, &[1]);
    }
    trim(&mut quotient);
    (quotient, subtract(&left, &product))
}

/// Below so many words conversions go word by word.
const CONVERT_PLAIN: usize = 40;

/// base^(2^k) for all k of interest.
fn towers(length: usize) -> Vec<UBig> {
    let mut towers = vec![UBig::from(BASE)];
    while 1 << towers.len() < length {
        let last = &towers[towers.len() - 1];
        towers.push(long::product(last, last));
    }
    towers
}

pub fn to_binary(words: &[u64]) -> UBig {
    fn plain(words: &[u64]) -> UBig {
        let mut binary: Vec<u64> = with_room(words.len());
        for word in words.iter().rev() {
            let mut carry = *word;
            for limb in &mut binary {
                let product = *limb as u128 * BASE as u128 + carry as u128;
                *limb = product as u64;
                carry = (product >> 64) as u64;
            }
            if carry != 0 {
                binary.push(carry);
            }
        }
        UBig::from_words(&binary)
    }
    fn part(words: &[u64], towers: &[UBig]) -> UBig {
        if words.len() <= CONVERT_PLAIN {
            return plain(words);
        }
        let level = (words.len() - 1).ilog2() as usize;
        let (low, high) = words.split_at(1 << level);
        long::product(&part(high, towers), &towers[level]) + part(low, towers)
    }
    if words.len() <= CONVERT_PLAIN { plain(words) } else { part(words, &towers(words.len())) }
}

pub fn from_binary(number: &UBig) -> Words {
    fn plain(limbs: &[u64], out: &mut Words, count: usize) {
        let mut limbs = copied(limbs);
        let start = out.len();
        while !limbs.is_empty() {
            let mut rest = 0;
            for limb in limbs.iter_mut().rev() {
                (*limb, rest) = BY_BASE.divide_shifted(rest, *limb);
            }
            trim(&mut limbs);
            out.push(rest);
        }
        out.resize((start + count).max(out.len()), 0);
    }
    fn part(number: &UBig, towers: &[UBig], out: &mut Words, level: usize) {
        if 1 << level <= CONVERT_PLAIN {
            return plain(number.as_words(), out, 1 << level);
        }
        let (high, low) = long::div_rem(number, &towers[level - 1]);
        part(&low, towers, out, level - 1);
        part(&high, towers, out, level - 1);
    }
    let limbs = number.as_words();
    let mut words = with_room(limbs.len() + limbs.len() / 64 + 2);
    if limbs.len() <= CONVERT_PLAIN {
        plain(limbs, &mut words, 0);
    } else {
        let level = (limbs.len() + limbs.len() / 50 + 1).next_power_of_two().ilog2() as usize;
        part(number, &towers(1 << level), &mut words, level);
    }
    trim(&mut words);
    words
}

#[cfg(test)]
mod tests {
    use super::super::long_mul::tests::{random_digits, text};
    use super::super::words::parse_digits;
    use super::*;

    #[test]
    fn quotients() {
        let mut seed = 99;
        for (left, right) in
            [(40, 30), (60, 20), (100, 39), (4000, 1200), (9000, 4100), (8000, 3999), (20_000, 2_000), (30_000, 15_000)]
        {
            let (a, b) = (random_digits(&mut seed, left), random_digits(&mut seed, right));
            let (x, y) = (UBig::from_str_radix(&a, 10).unwrap(), UBig::from_str_radix(&b, 10).unwrap());
            let (quotient, rest) = divide(&parse_digits(a.as_bytes()), &parse_digits(b.as_bytes()));
            assert!(text(&quotient) == (&x / &y).to_string(), "{left} {right}");
            assert!(text(&rest) == (&x % &y).to_string(), "{left} {right}");
        }
        // Quotients of nines only.
        let nines = super::super::words::nines(12_000);
        let divisor = super::super::words::nines(5_000);
        let (quotient, rest) = divide(&nines, &divisor);
        assert!(compare(&add(&multiply(&quotient, &divisor), &rest), &nines) == Ordering::Equal);
    }

    #[test]
    fn conversions() {
        let mut seed = 5;
        for length in [0, 1, 19, 20, 300, 900, 3000, 20_000] {
            let digits = random_digits(&mut seed, length);
            let words = parse_digits(digits.as_bytes());
            let binary = to_binary(&words);
            assert!(binary == UBig::from_str_radix(if digits.is_empty() { "0" } else { &digits }, 10).unwrap());
            assert!(from_binary(&binary) == words, "{length}");
        }
    }
}
