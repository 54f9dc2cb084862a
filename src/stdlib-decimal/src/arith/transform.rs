//! Products of very long coefficients: convolution modulo three primes by number-theoretic transforms, put together by the Chinese remainder
//! theorem. Must not know: signs and exponents.

use super::digits::BY_BASE;
use base::memory::{with_room, zeros};
use base::pause;

/// Between two points at which a program may be interrupted so many digits are put together.
const DIGITS_BETWEEN_PAUSES: usize = 1 << 20;

/// A prime p below 2^63 with 2^32 | p - 1, and a generator.
struct Field {
    prime: u64,
    generator: u64,
    /// -1/p modulo 2^64.
    inverse: u64,
    /// 2^128 modulo p.
    square: u64,
}

const fn field(prime: u64, generator: u64) -> Field {
    let mut inverse = 1u64;
    let mut round = 0;
    while round < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(prime.wrapping_mul(inverse)));
        round += 1;
    }
    let one = (1u128 << 64) % prime as u128;
    Field { prime, generator, inverse: inverse.wrapping_neg(), square: (one * one % prime as u128) as u64 }
}

/// The three largest primes c * 2^32 + 1 below 2^62, with primitive roots.
static FIELDS: [Field; 3] = [field(FIRST, 3), field(SECOND, 19), field(THIRD, 3)];
const FIRST: u64 = 4611685941117976577;
const SECOND: u64 = 4611685692009873409;
const THIRD: u64 = 4611685606110527489;

impl Field {
    /// a b / 2^64 modulo p.
    #[inline(always)]
    fn multiply(&self, a: u64, b: u64) -> u64 {
        let product = a as u128 * b as u128;
        let factor = (product as u64).wrapping_mul(self.inverse);
        let sum = ((product + factor as u128 * self.prime as u128) >> 64) as u64;
        if sum >= self.prime { sum - self.prime } else { sum }
    }
    #[inline(always)]
    fn add(&self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        if sum >= self.prime { sum - self.prime } else { sum }
    }
    #[inline(always)]
    fn subtract(&self, a: u64, b: u64) -> u64 {
        if a >= b { a - b } else { a + self.prime - b }
    }
    /// To the form in which `multiply` multiplies: a 2^64.
    fn lift(&self, a: u64) -> u64 {
        self.multiply(a % self.prime, self.square)
    }
    /// In lifted form.
    fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let (mut base, mut result) = (base, self.lift(1));
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, base);
            }
            base = self.multiply(base, base);
            exponent >>= 1;
        }
        result
    }
    /// Powers of a root of unity for all levels: level with half-length h at [h, 2h).
    fn roots(&self, length: usize, inverse: bool) -> Vec<u64> {
        let mut roots = zeros(length.max(2));
        let mut half = 1;
        while half < length {
            let exponent = (self.prime - 1) / (2 * half as u64);
            let root = self.power(self.lift(self.generator), if inverse { self.prime - 1 - exponent } else { exponent });
            let mut current = self.lift(1);
            for index in 0..half {
                roots[half + index] = current;
                current = self.multiply(current, root);
            }
            half *= 2;
        }
        roots
    }
    /// Natural order in, bit-reversed order out.
    fn forward(&self, data: &mut [u64], roots: &[u64]) {
        let mut half = data.len() / 2;
        while half > 0 {
            pause::point();
            for block in data.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((a, b), root) in low.iter_mut().zip(high).zip(&roots[half..2 * half]) {
                    let (x, y) = (*a, *b);
                    *a = self.add(x, y);
                    *b = self.multiply(self.subtract(x, y), *root);
                }
            }
            half /= 2;
        }
    }
    /// Bit-reversed order in, natural order out, not divided by the length.
    fn backward(&self, data: &mut [u64], roots: &[u64]) {
        let mut half = 1;
        while half < data.len() {
            pause::point();
            for block in data.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((a, b), root) in low.iter_mut().zip(high).zip(&roots[half..2 * half]) {
                    let (x, y) = (*a, self.multiply(*b, *root));
                    *a = self.add(x, y);
                    *b = self.subtract(x, y);
                }
            }
            half *= 2;
        }
    }
    fn convolve(&self, a: &[u64], b: &[u64], length: usize) -> Vec<u64> {
        let load = |words: &[u64]| {
            let mut data: Vec<u64> = with_room(length.max(words.len()));
            data.extend(words.iter().map(|word| word % self.prime));
            data.resize(length, 0);
            data
        };
        let roots = self.roots(length, false);
        let mut left = load(a);
        self.forward(&mut left, &roots);
        if std::ptr::eq(a, b) {
            for x in &mut left {
                *x = self.multiply(*x, *x);
            }
        } else {
            let mut right = load(b);
            self.forward(&mut right, &roots);
            for (x, y) in left.iter_mut().zip(&right) {
                *x = self.multiply(*x, *y);
            }
        }
        drop(roots);
        self.backward(&mut left, &self.roots(length, true));
        // The product lost a factor of 2^64, and the length is to be divided out.
        let scale = self.power(self.lift(length as u64), self.prime - 2);
        let scale = self.multiply(scale, self.square);
        for x in &mut left {
            *x = self.multiply(*x, scale);
        }
        left
    }
}

/// Fills `out`, of the length of both together.
pub fn multiply_into(a: &[u64], b: &[u64], out: &mut [u64]) {
    let length = out.len().next_power_of_two();
    let parts = [0, 1, 2].map(|index| FIELDS[index].convolve(a, b, length));
    let (p, q, r) = (&FIELDS[0], &FIELDS[1], &FIELDS[2]);
    // x = x0 + p t1 + p q t2, digit by digit.
    let p_in_q = q.power(q.lift(p.prime), q.prime - 2);
    let pq_in_r = r.power(r.multiply(r.lift(p.prime), r.lift(q.prime)), r.prime - 2);
    let (p_r, pq) = (r.lift(p.prime), p.prime as u128 * q.prime as u128);
    let (mut carry_low, mut carry_high) = (0u128, 0u64);
    for (index, digit) in out.iter_mut().enumerate() {
        if index.is_multiple_of(DIGITS_BETWEEN_PAUSES) {
            pause::point();
        }
        let (x0, x1, x2) = (parts[0][index], parts[1][index], parts[2][index]);
        let t1 = q.multiply(q.subtract(x1, x0 % q.prime), p_in_q);
        let known = r.add(x0 % r.prime, r.multiply(t1, p_r));
        let t2 = r.multiply(r.subtract(x2, known), pq_in_r);
        let base = x0 as u128 + p.prime as u128 * t1 as u128;
        // pq t2 in three words.
        let bottom = (pq as u64) as u128 * t2 as u128;
        let top = (pq >> 64) * t2 as u128 + (bottom >> 64);
        let (low, over) = (top << 64 | bottom as u64 as u128).overflowing_add(base);
        let mut high = (top >> 64) as u64 + over as u64;
        let (low, over) = low.overflowing_add(carry_low);
        high += over as u64 + carry_high;
        let (first, rest) = BY_BASE.divide_shifted(0, high);
        let (second, rest) = BY_BASE.divide_shifted(rest, (low >> 64) as u64);
        let (third, rest) = BY_BASE.divide_shifted(rest, low as u64);
        *digit = rest;
        (carry_low, carry_high) = ((second as u128) << 64 | third as u128, first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for field in &FIELDS {
            assert_eq!((field.prime - 1) % (1 << 32), 0);
            let one = field.lift(1);
            let generator = field.lift(field.generator);
            assert_eq!(field.power(generator, field.prime - 1), one);
            assert_ne!(field.power(generator, (field.prime - 1) / 2), one);
        }
    }
}
