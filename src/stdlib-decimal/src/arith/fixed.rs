//! Exponential and logarithm of binary fixed-point numbers: an int, to be divided by 2^w. Errors are a few units of the last bit. Must not
//! know: decimals.

use base::int::long::{div_rem, product};
use base::int::multiply;
use base::pause;
use dashu_int::{IBig, UBig};
use std::sync::{Arc, Mutex, PoisonError};

/// The constants with so many bits behind the point.
struct Constants {
    bits: usize,
    ln2: IBig,
    ln10: IBig,
}

// Held for a few instructions; the computation is done outside.
static CONSTANTS: Mutex<Option<Arc<Constants>>> = Mutex::new(None);
/// Constants longer than this are not kept.
const KEPT_BITS: usize = 1 << 22;

fn constants(bits: usize) -> Arc<Constants> {
    let known = CONSTANTS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known.filter(|known| known.bits >= bits) {
        return known;
    }
    // A little more than is asked for, so that the next requests find enough.
    let bits = bits + bits / 4 + 256;
    let work = bits + 32;
    let [a, b, c] = [31, 49, 161].map(|number| inverse_artanh(number, work));
    let combine = |x: u8, y: u8, z: u8| (&a * IBig::from(x) + &b * IBig::from(y) + &c * IBig::from(z)) >> 32;
    let fresh = Arc::new(Constants { bits, ln2: combine(14, 10, 6), ln10: combine(46, 34, 20) });
    if bits <= KEPT_BITS {
        *CONSTANTS.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
    }
    fresh
}
pub fn ln2(bits: usize) -> IBig {
    let known = constants(bits);
    &known.ln2 >> (known.bits - bits)
}
pub fn ln10(bits: usize) -> IBig {
    let known = constants(bits);
    &known.ln10 >> (known.bits - bits)
}

/// A product, and a point at which a program may be interrupted.
fn times(a: &IBig, b: &IBig) -> IBig {
    pause::point();
    multiply(a, b)
}

/// artanh(1/n), by binary splitting of its series.
fn inverse_artanh(number: u64, bits: usize) -> IBig {
    let square = number * number;
    let terms = bits as u64 / (2 * number.ilog2() as u64) + 2;
    fn split(from: u64, to: u64, square: u64) -> (UBig, UBig, UBig) {
        if to - from == 1 {
            return (UBig::from(square), UBig::from(2 * from + 1), UBig::ONE);
        }
        let middle = from.midpoint(to);
        let (q1, b1, t1) = split(from, middle, square);
        let (q2, b2, t2) = split(middle, to, square);
        let top = product(&product(&b2, &q2), &t1) + product(&b1, &t2);
        (product(&q1, &q2), product(&b1, &b2), top)
    }
    let (q, b, t) = split(0, terms, square);
    IBig::from(div_rem(&((t * UBig::from(number)) << bits), &product(&q, &b)).0)
}

/// The number of bits of a magnitude.
pub fn bit_length(number: &IBig) -> usize {
    match number.as_sign_words().1 {
        [] => 0,
        words => words.len() * 64 - words[words.len() - 1].leading_zeros() as usize,
    }
}

/// e^x, for |x| below 4.
pub fn exp(x: &IBig, bits: usize) -> IBig {
    // x is halved until few terms of the series do; then the result is squared as often.
    let root = bits.isqrt();
    let halvings = if bits < 3000 { root * 2 / 3 } else { root / 3 } + 4;
    let work = bits + halvings + 16;
    let t = (x << (work - bits)) >> halvings;
    let mut sum = series(&t, work);
    for _ in 0..halvings {
        // (1 + s)^2 - 1
        let square = times(&sum, &sum) >> work;
        sum = (sum << 1) + square;
    }
    (sum + (IBig::ONE << work)) >> (work - bits)
}

/// e^t - 1 for small t.
fn series(t: &IBig, work: usize) -> IBig {
    let small = work.saturating_sub(bit_length(t)).max(1);
    // Terms until t^n / n! vanishes.
    let mut terms = 1usize;
    let mut reached = small as f64;
    while reached < work as f64 {
        terms += 1;
        reached += small as f64 + (terms as f64).log2();
    }
    if work < 3000 {
        let mut term = t.clone();
        let mut sum = t.clone();
        for index in 2..=terms + 1 {
            term = ((term * t) >> work) / IBig::from(index);
            sum += &term;
        }
        return sum;
    }
    // Blocks of terms share the powers of t, so that few products are long ones on both sides.
    let block = ((terms + 1) as f64).sqrt() as usize + 1;
    let mut powers = vec![IBig::ONE << work, t.clone()];
    for index in 2..=block {
        powers.push(times(&powers[index - 1], t) >> work);
    }
    let blocks = (terms + 1).div_ceil(block) + 1;
    // sum of t^k / k!, from behind: what was summed up so far is divided by the factors of the next lower terms.
    let mut sum = IBig::ZERO;
    for index in (0..blocks).rev() {
        sum = times(&sum, &powers[block]) >> work;
        // inner = sum over j of t^j (m + j + 1) ... (m + block), over (m + 1) ... (m + block) for all.
        let first = index * block;
        let mut inner = IBig::ZERO;
        let mut factor = IBig::ONE;
        for offset in (0..block).rev() {
            // In units of 1 / (first + block)!: (first + offset + 1) ... (first + block).
            pause::point();
            factor *= IBig::from(first + offset + 1);
            inner += &powers[offset] * &factor;
        }
        sum += inner;
        // From units of 1 / (first + block)! to 1 / first!.
        sum /= factor;
    }
    sum - (IBig::ONE << work)
}

/// ln x, for x between 0.3 and 3.5.
pub fn ln(x: &IBig, bits: usize) -> IBig {
    if bits <= 46 {
        let scale = 2f64.powi(bits as i32);
        let number = i64::try_from(x.clone()).unwrap_or(1) as f64 / scale;
        return IBig::from((number.ln() * scale).round() as i64);
    }
    let half = bits / 2 + 8;
    let guess = ln(&(x >> (bits - half)), half) << (bits - half);
    // x e^-guess = 1 + d with a small d.
    let one = IBig::ONE << bits;
    let rest = (times(x, &exp(&-&guess, bits)) >> bits) - one;
    let square = times(&rest, &rest) >> bits;
    let cube = times(&square, &rest) >> bits;
    guess + rest - (square >> 1) + cube / IBig::from(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(number: &IBig, bits: usize, expected: f64) -> bool {
        let high = i64::try_from(number >> (bits - 52)).unwrap() as f64 / 2f64.powi(52);
        (high - expected).abs() < 1e-14 * expected.abs().max(1.0)
    }

    #[test]
    fn against_doubles_and_each_other() {
        for bits in [60, 130, 700, 3500, 20_000] {
            assert!(close(&ln2(bits), bits, std::f64::consts::LN_2));
            assert!(close(&ln10(bits), bits, std::f64::consts::LN_10));
            for number in [0.4, 0.99, 1.0, 1.7, 3.1] {
                let x = IBig::from((number * 2f64.powi(52)) as i64) << (bits - 52);
                assert!(close(&ln(&x, bits), bits, f64::ln(number)), "ln {number} {bits}");
                assert!(close(&exp(&x, bits), bits, f64::exp(number)), "exp {number} {bits}");
                assert!(close(&exp(&-&x, bits), bits, f64::exp(-number)));
                let back = exp(&ln(&x, bits), bits) - &x;
                assert!(bit_length(&back) < 12, "{number} {bits}: off by {} bits", bit_length(&back));
            }
        }
    }
}
