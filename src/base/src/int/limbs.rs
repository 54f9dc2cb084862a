//! Numbers as little-endian limbs, where a number in malloc memory would be a detour: division by one limb, products of many short factors,
//! decimal text of numbers that are not long. Must not know signs.

use dashu_int::UBig;

/// Division by one limb with its top bit set, by multiplication with its reciprocal (Möller and Granlund, 2011).
#[derive(Clone, Copy)]
pub struct Divisor {
    limb: u64,
    reciprocal: u64,
}

impl Divisor {
    #[inline]
    pub const fn new(limb: u64) -> Divisor {
        let wide = limb as u128;
        Divisor { limb, reciprocal: ((u128::MAX - (wide << 64)) / wide) as u64 }
    }
    /// Quotient and rest of two limbs, the higher of which is less than the divisor.
    #[inline(always)]
    pub fn divide(&self, high: u64, low: u64) -> (u64, u64) {
        let estimate = (self.reciprocal as u128 * high as u128).wrapping_add((high as u128) << 64 | low as u128);
        let (mut quotient, fraction) = (((estimate >> 64) as u64).wrapping_add(1), estimate as u64);
        let mut rest = low.wrapping_sub(quotient.wrapping_mul(self.limb));
        if rest > fraction {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.limb);
        }
        if rest >= self.limb {
            quotient = quotient.wrapping_add(1);
            rest -= self.limb;
        }
        (quotient, rest)
    }
}

/// Divides limbs by one that is not zero; hands the quotient's limbs on, the highest first, with their places. Gives the rest.
#[inline(always)]
pub fn divide_limbs(limbs: &[u64], divisor: u64, mut hand_on: impl FnMut(usize, u64)) -> u64 {
    let shift = divisor.leading_zeros();
    let by = Divisor::new(divisor << shift);
    let below = |limb: u64| if shift == 0 { 0 } else { limb >> (64 - shift) };
    let mut rest = limbs.last().map_or(0, |top| below(*top));
    for (place, limb) in limbs.iter().enumerate().rev() {
        let next = if place > 0 { below(limbs[place - 1]) } else { 0 };
        let (quotient, left) = by.divide(rest, limb << shift | next);
        hand_on(place, quotient);
        rest = left;
    }
    rest >> shift
}

/// Divides in place, which loses leading zeros. Gives the rest.
fn divide_in_place(limbs: &mut Vec<u64>, divisor: u64) -> u64 {
    let shift = divisor.leading_zeros();
    let by = Divisor::new(divisor << shift);
    let below = |limb: u64| if shift == 0 { 0 } else { limb >> (64 - shift) };
    let mut rest = limbs.last().map_or(0, |top| below(*top));
    for place in (0..limbs.len()).rev() {
        let next = if place > 0 { below(limbs[place - 1]) } else { 0 };
        (limbs[place], rest) = by.divide(rest, limbs[place] << shift | next);
    }
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
    rest >> shift
}

/// `limbs = limbs * factor + carry`
#[inline]
fn multiply_in_place(limbs: &mut Vec<u64>, factor: u64, mut carry: u64) {
    for limb in limbs.iter_mut() {
        (*limb, carry) = limb.carrying_mul(factor, carry);
    }
    if carry != 0 {
        limbs.push(carry);
    }
}

/// Packs factors into as few limbs as they fit.
struct Packed {
    limbs: Vec<u64>,
    open: u64,
}

impl Packed {
    fn new() -> Packed {
        Packed { limbs: Vec::new(), open: 1 }
    }
    #[inline]
    fn push(&mut self, factor: u64) {
        match self.open.checked_mul(factor) {
            Some(product) => self.open = product,
            None => self.limbs.push(std::mem::replace(&mut self.open, factor)),
        }
    }
    fn finish(mut self) -> Vec<u64> {
        self.limbs.push(self.open);
        self.limbs
    }
}

/// The product of factors that are not zero, by halving, so that the parts stay of like size.
fn product_of(factors: &[u64]) -> UBig {
    const FEW: usize = 24;
    if factors.len() <= FEW {
        let mut limbs = Vec::with_capacity(factors.len());
        limbs.push(1);
        factors.iter().for_each(|factor| multiply_in_place(&mut limbs, *factor, 0));
        return UBig::from_words(&limbs);
    }
    let (low, high) = factors.split_at(factors.len() / 2);
    product_of(low) * product_of(high)
}

/// `first * (first + 1) * ...`, `count` factors of which none is zero.
pub fn product_of_words(first: u64, count: u64) -> UBig {
    let mut packed = Packed::new();
    (0..count).for_each(|i| packed.push(first + i));
    product_of(&packed.finish())
}

/// The binomial coefficient of `n` and `k`, which is at most half of it: after each step the result is whole.
pub fn binomial(n: u64, k: u64) -> UBig {
    let mut limbs = vec![1];
    let (mut above, mut below) = (1u64, 1u64);
    for i in 1..=k {
        let factor = n - k + i;
        match (above.checked_mul(factor), below.checked_mul(i)) {
            (Some(product), Some(divisor)) => (above, below) = (product, divisor),
            _ => {
                multiply_in_place(&mut limbs, above, 0);
                divide_in_place(&mut limbs, below);
                (above, below) = (factor, i);
            }
        }
    }
    multiply_in_place(&mut limbs, above, 0);
    divide_in_place(&mut limbs, below);
    UBig::from_words(&limbs)
}

/// Up to here binomial coefficients fit a limb.
pub const MOST_OF_WORD: u64 = 67;

/// The odd parts of 0! to 67! modulo 2**64, and what they give 1 with.
static ODD_FACTORIALS: [(u64, u64); MOST_OF_WORD as usize + 1] = {
    let mut table = [(1u64, 1u64); MOST_OF_WORD as usize + 1];
    let mut n = 1;
    while n <= MOST_OF_WORD as usize {
        let odd = table[n - 1].0.wrapping_mul((n as u64) >> (n as u64).trailing_zeros());
        // Each step of Newton's doubles the bits that are right, beginning with three.
        let (mut inverse, mut step) = (odd, 0);
        while step < 5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
            step += 1;
        }
        table[n] = (odd, inverse);
        n += 1;
    }
    table
};

/// The binomial coefficient of `k <= n <=` [`MOST_OF_WORD`].
#[inline]
pub fn binomial_word(n: u64, k: u64) -> u64 {
    let odd = |n: u64| ODD_FACTORIALS[n as usize];
    // n! has n - (the ones in n) factors of two.
    let twos = u64::from(k.count_ones() + (n - k).count_ones()) - u64::from(n.count_ones());
    odd(n).0.wrapping_mul(odd(k).1).wrapping_mul(odd(n - k).1) << twos
}

/// The greatest common divisor.
#[inline]
pub fn gcd_words(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        if a > b {
            (a, b) = (b, a);
        }
        b -= a;
        if b == 0 {
            return a << twos;
        }
    }
}

/// The floor of the square root.
#[inline]
pub fn isqrt_word(n: u64) -> u64 {
    let near = (n as f64).sqrt() as u64;
    let square = |root: u64| root as u128 * root as u128;
    match n as u128 {
        n if square(near) > n => near - 1,
        n if square(near + 1) <= n => near + 1,
        _ => near,
    }
}

/// 00 to 99.
pub static DIGIT_PAIRS: [u8; 200] = {
    let mut pairs = [b'0'; 200];
    let mut number = 0;
    while number < 100 {
        pairs[2 * number] += (number / 10) as u8;
        pairs[2 * number + 1] += (number % 10) as u8;
        number += 1;
    }
    pairs
};

/// What is written and read with one limb.
const CHUNK_DIGITS: usize = 19;
const CHUNK: u64 = 10_000_000_000_000_000_000;
static BY_CHUNK: Divisor = Divisor::new(CHUNK);

/// Numbers of more limbs are written and read faster by halving.
pub const MOST_LIMBS: usize = 40;
const MOST_DIGITS: usize = MOST_LIMBS * 20;

/// Hands on the decimal digits of a number of at most [`MOST_LIMBS`] limbs.
pub fn with_decimal_limbs<T>(negative: bool, limbs: &[u64], visit: impl FnOnce(&[u8]) -> T) -> T {
    let mut rest = [0u64; MOST_LIMBS];
    let mut used = limbs.len().min(MOST_LIMBS);
    rest[..used].copy_from_slice(&limbs[..used]);
    let mut digits = [b'0'; MOST_DIGITS + 1];
    let mut at = digits.len();
    loop {
        while used > 0 && rest[used - 1] == 0 {
            used -= 1;
        }
        let mut chunk = 0;
        for limb in rest[..used].iter_mut().rev() {
            (*limb, chunk) = BY_CHUNK.divide(chunk, *limb);
        }
        while used > 0 && rest[used - 1] == 0 {
            used -= 1;
        }
        let end = at;
        while chunk > 0 {
            let pair = 2 * (chunk % 100) as usize;
            chunk /= 100;
            at -= 2;
            digits[at..at + 2].copy_from_slice(&DIGIT_PAIRS[pair..pair + 2]);
        }
        if used == 0 {
            break;
        }
        // One digit may lie too far: the pairs of a full chunk are 20 digits.
        at = end - CHUNK_DIGITS;
    }
    while at < digits.len() - 1 && digits[at] == b'0' {
        at += 1;
    }
    if at == digits.len() {
        at -= 1;
    }
    if negative {
        at -= 1;
        digits[at] = b'-';
    }
    visit(&digits[at..])
}

/// The number that ASCII digits (no more than a few hundred) are.
pub fn from_decimal(digits: impl Iterator<Item = u8>) -> UBig {
    let mut limbs = Vec::with_capacity(8);
    let (mut chunk, mut scale) = (0u64, 1u64);
    for digit in digits {
        chunk = chunk * 10 + u64::from(digit - b'0');
        scale *= 10;
        if scale == CHUNK {
            multiply_in_place(&mut limbs, CHUNK, chunk);
            (chunk, scale) = (0, 1);
        }
    }
    if scale > 1 {
        multiply_in_place(&mut limbs, scale, chunk);
    }
    UBig::from_words(&limbs)
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn decimal_both_ways() {
        let mut number = UBig::ONE;
        for step in 0..600u32 {
            let shown = with_decimal_limbs(false, number.as_words(), |digits| String::from_utf8(digits.to_vec()).unwrap());
            assert_eq!(shown, number.to_string());
            assert_eq!(from_decimal(shown.bytes()), number);
            number = match step % 3 { 0 => &number * UBig::from(10u8), 1 => &number * UBig::from(7u8) + UBig::from(step), _ => &number - UBig::ONE };
            if number.as_words().len() > MOST_LIMBS { break; }
        }
        for power in 0..700usize {
            let number = UBig::from(10u8).pow(power);
            with_decimal_limbs(true, number.as_words(), |digits| assert_eq!(digits, format!("-{number}").as_bytes()));
        }
        with_decimal_limbs(false, &[0], |digits| assert_eq!(digits, b"0"));
        with_decimal_limbs(false, &[u64::MAX; MOST_LIMBS], |digits| assert_eq!(digits, UBig::from_words(&[u64::MAX; MOST_LIMBS]).to_string().as_bytes()));
    }

    #[test]
    fn binomials() {
        let mut row = vec![UBig::ONE];
        for n in 0..160u64 {
            for k in 0..=n {
                let expected = &row[k as usize];
                if n <= MOST_OF_WORD { assert_eq!(UBig::from(binomial_word(n, k)), *expected, "{n} {k}"); }
                if k <= n / 2 { assert_eq!(binomial(n, k), *expected, "{n} {k}"); }
            }
            row = (0..=n as usize + 1).map(|k| if k == 0 || k == row.len() { UBig::ONE } else { &row[k - 1] + &row[k] }).collect();
        }
    }

    #[test]
    fn words() {
        for (a, b, common) in [(0, 0, 0), (0, 7, 7), (12, 18, 6), (u64::MAX, 5, 5), (1 << 63, 1 << 40, 1 << 40), (17, 13, 1)] {
            assert_eq!((gcd_words(a, b), gcd_words(b, a)), (common, common));
        }
        for n in [0, 1, 2, 3, 4, 8, 9, 99, 100, u64::MAX, (1 << 32) - 1, ((1u64 << 32) - 1).pow(2), ((1u64 << 32) - 1).pow(2) - 1, 1 << 52, (1 << 60) + 1] {
            assert_eq!(isqrt_word(n), n.isqrt(), "{n}");
        }
        assert_eq!(product_of_words(1, 25).to_string(), "15511210043330985984000000");
        assert_eq!(product_of_words(5, 0), UBig::ONE);
        assert_eq!(product_of_words(1, 300), (1..=300u32).fold(UBig::ONE, |product, n| product * UBig::from(n)));
    }
}
