//! Division, powers, shifts and friends with the language's sign rules. Results that cannot fit memory are `None`.

use super::{long, long_gcd};
use crate::pause;
use dashu_int::ops::{BitTest, DivRem, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

use crate::fault::Fault;

/// No int may be longer than this many bits (128 GiB); longer results are reported as memory errors.
const MOST_BITS: u64 = 1 << 40;

#[inline]
pub fn is_zero(value: &IBig) -> bool {
    value.is_zero()
}

/// `divmod(a, b)` rounding toward minus infinity; `None` when b is zero.
pub fn divmod(a: &IBig, b: &IBig) -> Option<(IBig, IBig)> {
    if b.is_zero() {
        return None;
    }
    let (mut quotient, mut rest) = truncating_divmod(a, b);
    if !rest.is_zero() && rest.sign() != b.sign() {
        quotient -= IBig::ONE;
        rest += b;
    }
    Some((quotient, rest))
}

/// Numbers of more words may be long; `long` looks again.
const SHORT: usize = 1 << 14;

fn is_long(number: &IBig) -> bool {
    number.as_sign_words().1.len() > SHORT
}
/// Like signs make a positive number.
fn signed(a: &IBig, b: &IBig, magnitude: UBig) -> IBig {
    IBig::from_parts(a.sign() * b.sign(), magnitude)
}

/// `a * b`
pub fn multiply(a: &IBig, b: &IBig) -> IBig {
    if is_long(a) || is_long(b) { signed(a, b, long::product(&a.unsigned_abs(), &b.unsigned_abs())) } else { a * b }
}

/// The rest has the sign of `a`.
#[inline]
fn truncating_divmod(a: &IBig, b: &IBig) -> (IBig, IBig) {
    if is_long(a) { long_divmod(a, b) } else { a.div_rem(b) }
}
#[cold]
#[inline(never)]
fn long_divmod(a: &IBig, b: &IBig) -> (IBig, IBig) {
    let (quotient, rest) = long::div_rem(&a.unsigned_abs(), &b.unsigned_abs());
    (signed(a, b, quotient), IBig::from_parts(a.sign(), rest))
}

/// `a // b`; `None` when b is zero.
pub fn floor_div(a: &IBig, b: &IBig) -> Option<IBig> {
    divmod(a, b).map(|(quotient, _)| quotient)
}

/// `a % b`; `None` when b is zero.
pub fn modulo(a: &IBig, b: &IBig) -> Option<IBig> {
    if b.is_zero() {
        return None;
    }
    let mut rest = if is_long(a) { long_divmod(a, b).1 } else { a % b };
    if !rest.is_zero() && rest.sign() != b.sign() {
        rest += b;
    }
    Some(rest)
}

/// `base ** exponent` for a non-negative exponent; `None` when the result cannot fit memory.
pub fn pow(base: &IBig, exponent: &IBig) -> Option<IBig> {
    let length = bit_length(base) as u64;
    if exponent.is_zero() {
        return Some(IBig::ONE);
    }
    if length <= 1 {
        let odd = exponent.bit(0);
        return Some(if odd || base.is_zero() { base.clone() } else { IBig::ONE });
    }
    let exponent = u64::try_from(exponent).ok()?;
    if (length - 1).checked_mul(exponent)? > MOST_BITS {
        return None;
    }
    if length * exponent < LONG_POWER {
        return Some(base.pow(exponent as usize));
    }
    // Powers of two are shifted in: the numbers to multiply are shorter without them.
    let twos = base.trailing_zeros().unwrap_or(0);
    let odd = base >> twos;
    let mut power = odd.clone();
    for bit in (0..exponent.ilog2()).rev() {
        pause::point();
        power = multiply(&power, &power);
        if exponent >> bit & 1 == 1 {
            power = multiply(&power, &odd);
        }
    }
    Some(power << (twos * exponent as usize))
}

/// A power of so many bits takes long enough to be interrupted.
const LONG_POWER: u64 = 1 << 23;

/// `pow(base, exponent, modulus)`
pub fn pow_mod(base: &IBig, exponent: &IBig, modulus: &IBig) -> Result<IBig, Fault> {
    if modulus.is_zero() {
        return Err(Fault::value("pow() 3rd argument cannot be 0"));
    }
    let inverted;
    let (base, exponent) = if exponent.sign() == Sign::Negative {
        inverted = mod_inverse(base, modulus).ok_or_else(|| Fault::value("base is not invertible for the given modulus"))?;
        (&inverted, -exponent)
    } else {
        (base, exponent.clone())
    };
    let size = modulus.unsigned_abs();
    if size == UBig::ONE {
        return Ok(IBig::ZERO);
    }
    let result = IBig::from(long_gcd::power_in_ring(base.clone(), &exponent.unsigned_abs(), size));
    Ok(if modulus.sign() == Sign::Negative && !result.is_zero() { result + modulus } else { result })
}

/// The inverse of `value` in `0 .. |modulus|`; `None` if there is none.
pub fn mod_inverse(value: &IBig, modulus: &IBig) -> Option<IBig> {
    let size = IBig::from(modulus.unsigned_abs());
    if size.is_zero() {
        return None;
    }
    if size.is_one() {
        return Some(IBig::ZERO);
    }
    let reduced = modulo(value, &size)?;
    if reduced.is_zero() {
        return None;
    }
    let (common, factor) = long_gcd::gcd_and_factor(&reduced.unsigned_abs(), &modulus.unsigned_abs());
    if !common.is_one() {
        return None;
    }
    modulo(&factor, &size)
}

/// `value << count`; `None` when the result cannot fit memory.
pub fn shift_left(value: &IBig, count: u64) -> Option<IBig> {
    if value.is_zero() {
        return Some(IBig::ZERO);
    }
    if count.checked_add(bit_length(value) as u64)? > MOST_BITS {
        return None;
    }
    Some(value << count as usize)
}

/// `value >> count` (toward minus infinity), any count. Counts beyond u64 behave as `u64::MAX`.
pub fn shift_right(value: &IBig, count: u64) -> IBig {
    if count > bit_length(value) as u64 {
        return if value.sign() == Sign::Negative { -IBig::ONE } else { IBig::ZERO };
    }
    value >> count as usize
}

/// `int.bit_length`
#[inline]
pub fn bit_length(value: &IBig) -> usize {
    let (_, words) = value.as_sign_words();
    match words.last() {
        None => 0,
        Some(top) => words.len() * 64 - top.leading_zeros() as usize,
    }
}

/// `int.bit_count`
pub fn bit_count(value: &IBig) -> usize {
    value.as_sign_words().1.iter().map(|word| word.count_ones() as usize).sum()
}

/// `math.gcd(a, b)`
pub fn gcd(a: &IBig, b: &IBig) -> IBig {
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    if a.is_zero() {
        return b.into();
    }
    if b.is_zero() {
        return a.into();
    }
    long_gcd::gcd(a, b).into()
}

/// `math.lcm(a, b)`
pub fn lcm(a: &IBig, b: &IBig) -> IBig {
    if a.is_zero() || b.is_zero() {
        return IBig::ZERO;
    }
    let common = gcd(a, b);
    let product = multiply(&truncating_divmod(a, &common).0, b);
    product.unsigned_abs().into()
}

/// `round(value, -digits)` for `digits > 0`: the nearest multiple of `10**digits`, ties to the even one.
pub fn round_to_power_of_ten(value: &IBig, digits: u64) -> IBig {
    let length = bit_length(value) as u64;
    // 10**digits is more than twice the value: nothing is left.
    if digits.saturating_mul(3) > length + 3 {
        return IBig::ZERO;
    }
    let Some(unit) = pow(&IBig::from(10), &IBig::from(digits)) else {
        return IBig::ZERO;
    };
    let Some((quotient, rest)) = divmod(value, &unit) else {
        return value.clone();
    };
    let double = &rest << 1;
    let up = double > unit || (double == unit && quotient.bit(0));
    let down = value - rest;
    if up { down + unit } else { down }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    fn big(text: &str) -> IBig {
        text.parse().unwrap()
    }
    fn int(n: i64) -> IBig {
        IBig::from(n)
    }

    #[test]
    fn signs_of_division() {
        for (a, b) in [(7, 3), (-7, 3), (7, -3), (-7, -3), (6, -3), (0, -3)] {
            let (q, r) = divmod(&int(a), &int(b)).unwrap();
            assert_eq!((&q * int(b) + &r, modulo(&int(a), &int(b)).unwrap()), (int(a), r.clone()));
            assert!(r.is_zero() || r.sign() == int(b).sign());
        }
        assert_eq!(floor_div(&int(-7), &int(2)), Some(int(-4)));
        assert_eq!(divmod(&int(1), &int(0)), None);
    }

    #[test]
    fn powers() {
        assert_eq!(pow(&int(-3), &int(3)), Some(int(-27)));
        assert_eq!(pow(&int(-1), &big("1000000000000000000000000000001")), Some(int(-1)));
        assert_eq!(pow(&int(0), &int(0)), Some(int(1)));
        assert_eq!(pow(&int(2), &int(i64::MAX)), None);
        for (b, e, m, expected) in [(38, -1, 97, 23), (3, 200, 13, 9), (3, 5, -7, -2), (5, 0, 1, 0), (5, 0, -1, 0), (-2, 3, 5, 2), (3, -2, -7, -3), (0, 0, 5, 1), (2, -1, 1, 0)] {
            assert_eq!(pow_mod(&int(b), &int(e), &int(m)), Ok(int(expected)), "{b} {e} {m}");
        }
        assert!(pow_mod(&int(2), &int(-1), &int(4)).is_err_and(|f| f.text == "base is not invertible for the given modulus"));
        assert_eq!(pow_mod(&big("123456789012345678901234567890"), &big("98765432109876543210"), &big("1000000000000000000000007")), Ok(big("512139344591361872278912")));
    }

    #[test]
    fn shifts_and_bits() {
        assert_eq!(shift_right(&int(-5), 1), int(-3));
        assert_eq!(shift_right(&int(-5), u64::MAX), int(-1));
        assert_eq!(shift_right(&int(-4), 3), int(-1));
        assert_eq!(shift_right(&big("-36893488147419103232"), 64), int(-2));
        assert_eq!(shift_left(&int(1), u64::MAX), None);
        assert_eq!((bit_length(&int(-256)), bit_count(&int(-255))), (9, 8));
        assert_eq!((gcd(&int(0), &int(0)), gcd(&int(-12), &int(18)), lcm(&int(-4), &int(6))), (int(0), int(6), int(12)));
    }

    #[test]
    fn rounding() {
        for (v, d, expected) in [(15, 1, 20), (25, 1, 20), (-15, 1, -20), (-25, 1, -20), (5, 1, 0), (6, 1, 10), (51, 2, 100), (50, 2, 0), (1, 20, 0), (149, 2, 100), (999, 3, 1000), (500, 3, 0), (501, 3, 1000), (7, 1, 10)] {
            assert_eq!(round_to_power_of_ten(&int(v), d), int(expected), "{v} {d}");
        }
    }
}
