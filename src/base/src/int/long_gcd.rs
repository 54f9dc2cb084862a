//! Common divisors, inverses and powers in residue rings of long numbers, with points at which a program may be interrupted.

use dashu_int::fast_div::ConstDivisor;
use dashu_int::modular::Reduced;
use dashu_int::ops::{BitTest, ExtendedGcd, Gcd};
use dashu_int::{IBig, UBig};

use super::long;
use crate::memory::with_room;
use crate::pause;

/// Numbers of so many words go to the library.
const SHORT: usize = if cfg!(test) { 1 << 10 } else { 1 << 13 };
/// Powers of which exponent and modulus have so many bits, multiplied, are quick.
const QUICK_POWER: u64 = 1 << 23;

/// Several steps of Euclid's algorithm at once: `(a, b)` becomes `(w a - x b, z b - y a)`, or `(x b - w a, y a - z b)`.
struct Steps {
    odd: bool,
    factors: [u64; 4],
}

/// The steps that the first 126 bits of both numbers decide (Lehmer), as long as the factors have at most 61 bits.
fn steps(a: &UBig, b: &UBig) -> Option<Steps> {
    const FACTOR: i128 = 1 << 61;
    let shift = a.bit_len() - 126;
    let top = |number: &UBig| i128::try_from(number >> shift).unwrap_or(0);
    let (mut x, mut y) = (top(a), top(b));
    let (mut p, mut q, mut r, mut s) = (1i128, 0i128, 0i128, 1i128);
    while y + r != 0 && y + s != 0 {
        let quotient = (x + p) / (y + r);
        if quotient != (x + q) / (y + s) || quotient >= FACTOR {
            break;
        }
        let (next, last) = (p - quotient * r, q - quotient * s);
        if next.abs() >= FACTOR || last.abs() >= FACTOR {
            break;
        }
        (p, r) = (r, next);
        (q, s) = (s, last);
        (x, y) = (y, x - quotient * y);
    }
    // Signs alternate.
    let factors = [p, q, r, s].map(|factor| factor.unsigned_abs() as u64);
    (q != 0).then_some(Steps { odd: p < 0 || q > 0, factors })
}

/// `w a - x b`, which is not negative.
fn difference(w: u64, a: &UBig, x: u64, b: &UBig) -> UBig {
    let (a, b) = (a.as_words(), b.as_words());
    let length = a.len().max(b.len());
    let mut words = with_room(length + 1);
    let mut carry = 0i128;
    for at in 0..length {
        let word = |words: &[u64]| words.get(at).copied().unwrap_or(0) as i128;
        let sum = w as i128 * word(a) - x as i128 * word(b) + carry;
        words.push(sum as u64);
        carry = sum >> 64;
    }
    words.push(carry as u64);
    UBig::from_words(&words)
}

impl Steps {
    fn apply(&self, a: &UBig, b: &UBig) -> (UBig, UBig) {
        let [w, x, y, z] = self.factors;
        if self.odd { (difference(x, b, w, a), difference(y, a, z, b)) } else { (difference(w, a, x, b), difference(z, b, y, a)) }
    }
    /// The same for numbers that go with the two and have signs.
    fn follow(&self, a: &IBig, b: &IBig) -> (IBig, IBig) {
        let [w, x, y, z] = self.factors;
        if self.odd { (b * x - a * w, a * y - b * z) } else { (a * w - b * x, b * z - a * y) }
    }
}

/// The greatest common divisor of numbers that are not both zero.
pub fn gcd(a: UBig, b: UBig) -> UBig {
    if a.as_words().len().max(b.as_words().len()) <= SHORT {
        return a.gcd(b);
    }
    let (mut a, mut b) = if a < b { (b, a) } else { (a, b) };
    while b.as_words().len() > SHORT {
        pause::point();
        (a, b) = match steps(&a, &b) {
            Some(steps) => steps.apply(&a, &b),
            None => {
                let (_, rest) = long::div_rem(&a, &b);
                (b, rest)
            }
        };
    }
    if b.is_zero() {
        return a;
    }
    let (_, rest) = long::div_rem(&a, &b);
    if rest.is_zero() { b } else { b.gcd(rest) }
}

/// The greatest common divisor of `value` and the longer `modulus`, and a factor that makes `value` that, modulo `modulus`.
pub fn gcd_and_factor(value: &UBig, modulus: &UBig) -> (UBig, IBig) {
    if modulus.as_words().len() <= SHORT {
        let (common, factor, _) = value.gcd_ext(modulus);
        return (common, factor);
    }
    let (mut a, mut b) = (modulus.clone(), value.clone());
    let (mut before, mut factor) = (IBig::ZERO, IBig::ONE);
    while b.as_words().len() > SHORT {
        pause::point();
        if let Some(steps) = steps(&a, &b) {
            (a, b) = steps.apply(&a, &b);
            (before, factor) = steps.follow(&before, &factor);
        } else {
            let (quotient, rest) = long::div_rem(&a, &b);
            (a, b) = (b, rest);
            let next = before - signed_product(&factor, quotient.into());
            (before, factor) = (factor, next);
        }
    }
    if b.is_zero() {
        return (a, before);
    }
    let (quotient, rest) = long::div_rem(&a, &b);
    if rest.is_zero() {
        return (b, factor);
    }
    let next = before - signed_product(&factor, quotient.into());
    let (common, x, y) = b.gcd_ext(rest);
    (common, signed_product(&factor, x) + signed_product(&next, y))
}

fn signed_product(a: &IBig, b: IBig) -> IBig {
    let ((left, a), (right, b)) = (a.clone().into_parts(), b.into_parts());
    IBig::from_parts(left * right, long::product(&a, &b))
}

/// `base ** exponent` modulo a number that is neither 0 nor 1.
pub fn power_in_ring(base: IBig, exponent: &UBig, modulus: UBig) -> UBig {
    let bits = modulus.bit_len();
    power(&ConstDivisor::new(modulus), base, exponent, bits)
}

fn power(ring: &ConstDivisor, base: IBig, exponent: &UBig, modulus_bits: usize) -> UBig {
    let base = ring.reduce(base);
    if exponent.bit_len() as u64 * modulus_bits as u64 <= QUICK_POWER {
        return base.pow(exponent).residue();
    }
    // Some bits of the exponent at a time.
    const WINDOW: usize = 5;
    let mut powers: Vec<Reduced<'_>> = vec![ring.reduce(UBig::ONE)];
    while powers.len() < 1 << WINDOW {
        pause::point();
        let next = powers[powers.len() - 1].clone() * &base;
        powers.push(next);
    }
    let digits = exponent.bit_len().div_ceil(WINDOW);
    let digit = |place: usize| (0..WINDOW).fold(0, |digit, bit| digit | usize::from(exponent.bit(place * WINDOW + bit)) << bit);
    let mut result = powers[digit(digits - 1)].clone();
    for place in (0..digits - 1).rev() {
        for _ in 0..WINDOW {
            pause::point();
            result = result.sqr();
        }
        if digit(place) != 0 {
            result *= &powers[digit(place)];
        }
    }
    result.residue()
}

#[cfg(test)]
mod tests {
    use super::long::tests::number;
    use super::*;
    use dashu_int::ops::UnsignedAbs;

    #[test]
    fn common_divisors() {
        let common = number(SHORT / 2, 1);
        for (a, b) in [(SHORT, SHORT + 9), (SHORT + 1, 3 * SHORT), (2 * SHORT, 2 * SHORT)] {
            let (a, b) = (number(a, 2) * &common, number(b, 3) * &common);
            assert!(gcd(a.clone(), b.clone()) == (&a).gcd(&b));
        }
        let power = UBig::ONE << (128 * SHORT);
        assert!(gcd(&power * 6u8, power.clone() * 9u8) == &power * 3u8 && gcd(power.clone(), power.clone()) == power);
        assert!(gcd(power.clone(), UBig::ZERO) == power && gcd(&power - UBig::ONE, power) == UBig::ONE);
    }

    #[test]
    fn factors() {
        for (value, modulus) in [(SHORT + 5, SHORT + 5), (SHORT + 1, 2 * SHORT), (2 * SHORT, 2 * SHORT + 1)] {
            let (value, modulus) = (number(value, 4), number(modulus, 5));
            let value = value % &modulus;
            let (common, factor) = gcd_and_factor(&value, &modulus);
            assert!(common == (&value).gcd(&modulus));
            let (_, rest) = long::div_rem(&(factor * IBig::from(value) - IBig::from(common)).unsigned_abs(), &modulus);
            assert!(rest.is_zero());
        }
    }

    #[test]
    fn powers() {
        let (base, exponent, modulus) = (number(30, 6), number(70, 7), number(60, 8));
        assert!(exponent.bit_len() as u64 * modulus.bit_len() as u64 > QUICK_POWER / 2);
        let ring = ConstDivisor::new(modulus.clone());
        let expected = ring.reduce(base.clone()).pow(&exponent).residue();
        assert!(power(&ring, base.clone().into(), &exponent, modulus.bit_len()) == expected);
        assert!(power(&ring, base.into(), &exponent, 1 << 40) == expected);
    }
}
