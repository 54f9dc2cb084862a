//! Products of long coefficients: by columns, by Karatsuba's method, and by number-theoretic transforms. Must not know: signs and exponents.

use super::digits::{BASE, BY_BASE};
use super::transform;
use super::words::{Words, add_to, compare, multiply_word, subtract_from, trim, trimmed};
use base::memory::{Grow, with_room, zeros};
use std::cmp::Ordering;

/// From so many words on Karatsuba's method is quicker.
const KARATSUBA: usize = 32;
/// From so many words on transforms are quicker.
const TRANSFORM: usize = 1500;

pub fn multiply(a: &[u64], b: &[u64]) -> Words {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    match b {
        [] => return Vec::new(),
        [word] => return multiply_word(a, *word),
        _ => {}
    }
    let mut product = zeros(a.len() + b.len());
    multiply_into(a, b, &mut product);
    trim(&mut product);
    product
}

/// Fills `out`, of the length of both together.
fn multiply_into(a: &[u64], b: &[u64], out: &mut [u64]) {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    if b.len() < KARATSUBA {
        by_columns(a, b, out);
    } else if b.len() >= TRANSFORM {
        transform::multiply_into(a, b, out);
    } else if a.len() == b.len() {
        karatsuba(a, b, out);
    } else {
        // Pieces of the longer one, as long as the shorter one.
        out.fill(0);
        let mut piece = zeros(2 * b.len());
        for (index, part) in a.chunks(b.len()).enumerate() {
            base::pause::point();
            let piece = &mut piece[..part.len() + b.len()];
            multiply_into(part, b, piece);
            add_to(&mut out[index * b.len()..], trimmed(piece));
        }
    }
}

/// Sums up each column of products before it is divided by the base.
fn by_columns(a: &[u64], b: &[u64], out: &mut [u64]) {
    let (mut low, mut high) = (0u128, 0u64);
    for column in 0..a.len() + b.len() - 1 {
        let first = column.saturating_sub(a.len() - 1);
        let last = column.min(b.len() - 1);
        let left = &a[column - last..=column - first];
        let right = &b[first..=last];
        for (x, y) in left.iter().zip(right.iter().rev()) {
            let (sum, over) = low.overflowing_add(*x as u128 * *y as u128);
            low = sum;
            high += over as u64;
        }
        let (top, rest) = BY_BASE.divide_shifted(high, (low >> 64) as u64);
        let (bottom, digit) = BY_BASE.divide_shifted(rest, low as u64);
        out[column] = digit;
        low = (top as u128) << 64 | bottom as u128;
        high = 0;
    }
    out[a.len() + b.len() - 1] = low as u64;
}

fn absolute_difference(a: &[u64], b: &[u64]) -> (Words, bool) {
    let (a, b) = (trimmed(a), trimmed(b));
    match compare(a, b) {
        Ordering::Less => (super::words::subtract(b, a), true),
        _ => (super::words::subtract(a, b), false),
    }
}

fn karatsuba(a: &[u64], b: &[u64], out: &mut [u64]) {
    let half = a.len().div_ceil(2);
    let (a0, a1) = a.split_at(half);
    let (b0, b1) = b.split_at(half);
    let (low, high) = out.split_at_mut(2 * half);
    multiply_into(a0, b0, low);
    multiply_into(a1, b1, high);
    let (da, na) = absolute_difference(a0, a1);
    let (db, nb) = absolute_difference(b0, b1);
    let cross = multiply(&da, &db);
    // (a0 b1 + a1 b0) = a0 b0 + a1 b1 - (a0 - a1)(b0 - b1)
    let mut middle = with_room(2 * half + 2);
    middle.put_all(low);
    middle.extend([0, 0]);
    add_to(&mut middle, high);
    if na == nb {
        subtract_from(&mut middle, &cross);
    } else {
        add_to(&mut middle, &cross);
    }
    add_to(&mut out[half..], trimmed(&middle));
}

pub fn square(a: &[u64]) -> Words {
    multiply(a, a)
}

const _: () = assert!(BASE > 1 << 63);

#[cfg(test)]
pub mod tests {
    use super::super::words::{parse_digits, write_digits};
    use super::*;
    use dashu_int::UBig;

    pub fn random_digits(seed: &mut u64, count: usize) -> String {
        let mut text = String::new();
        for _ in 0..count {
            *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let digit = (*seed >> 33) % 14;
            // Many nines and zeros, where carries go far.
            text.push(if digit >= 12 {
                '9'
            } else if digit >= 10 {
                '0'
            } else {
                (b'0' + digit as u8) as char
            });
        }
        text
    }
    pub fn text(words: &[u64]) -> String {
        let mut out = Vec::new();
        write_digits(words, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn products() {
        let mut seed = 7;
        for (left, right) in
            [(1, 1), (20, 40), (700, 30), (700, 700), (1300, 1250), (5000, 900), (9000, 9000), (30000, 29000), (60000, 31000)]
        {
            let (a, b) = (random_digits(&mut seed, left), random_digits(&mut seed, right));
            let expected = UBig::from_str_radix(&a, 10).unwrap() * UBig::from_str_radix(&b, 10).unwrap();
            let product = multiply(&parse_digits(a.as_bytes()), &parse_digits(b.as_bytes()));
            assert!(text(&product) == expected.to_string(), "{left} {right}");
        }
        let nines = super::super::words::nines(40_000);
        let square = text(&multiply(&nines, &nines));
        assert!(square.starts_with("9999") && square.ends_with("0001") && square.len() == 80_000);
    }
}
