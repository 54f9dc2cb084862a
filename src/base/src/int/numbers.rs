//! Number theory of the math module: roots, factorials, combinations.

use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, Sign, UBig};

use super::{limbs, long};
use crate::pause;

/// `math.isqrt`; `None` for negative numbers (ValueError "isqrt() argument must be nonnegative").
pub fn isqrt(value: &IBig) -> Option<IBig> {
    if value.sign() == Sign::Negative {
        return None;
    }
    Some(long::sqrt(&value.unsigned_abs()).into())
}

/// More factors than these are not written down before they are multiplied.
const MANY_FACTORS: u64 = 1 << 16;
/// Up to here a binomial coefficient is computed factor by factor.
const SHORT_BINOMIAL: u64 = 2000;

/// Product of `first, first+1, ..., last` by halving, so that the factors stay of like size.
fn product_of_range(first: &UBig, count: u64) -> UBig {
    if let Ok(word) = u64::try_from(first)
        && word > 0
        && word.checked_add(count).is_some()
        && count <= MANY_FACTORS
    {
        return limbs::product_of_words(word, count);
    }
    if count <= 8 {
        return (0..count).fold(UBig::ONE, |product, i| product * (first + UBig::from(i)));
    }
    let half = count / 2;
    pause::point();
    long::product(&product_of_range(first, half), &product_of_range(&(first + UBig::from(half)), count - half))
}

/// `math.factorial(n)` (the caller refuses negative and absurdly large n)
pub fn factorial(n: u64) -> IBig {
    product_of_range(&UBig::ONE, n).into()
}

/// `math.perm(n, k)` for non-negative n
pub fn permutations(n: &IBig, k: u64) -> IBig {
    let n = n.unsigned_abs();
    let count = UBig::from(k);
    if count > n {
        return IBig::ZERO;
    }
    product_of_range(&(n - count + UBig::ONE), k).into()
}

/// `math.comb(n, k)` for non-negative n (the caller may pass `min(k, n - k)` for speed; small n is done here)
pub fn combinations(n: &IBig, k: u64) -> IBig {
    let n = n.unsigned_abs();
    let count = UBig::from(k);
    if count > n {
        return IBig::ZERO;
    }
    let rest = &n - &count;
    let k = u64::try_from(&rest).map_or(k, |rest| rest.min(k));
    if k <= SHORT_BINOMIAL
        && let Ok(n) = u64::try_from(&n)
    {
        return limbs::binomial(n, k).into();
    }
    let first = &n - UBig::from(k) + UBig::ONE;
    long::div_rem(&product_of_range(&first, k), &product_of_range(&UBig::ONE, k)).0.into()
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(isqrt(&IBig::from(99)), Some(IBig::from(9)));
        assert_eq!(isqrt(&(IBig::from(10).pow(40) - IBig::ONE)), Some(IBig::from(10).pow(20) - IBig::ONE));
        assert_eq!(isqrt(&IBig::from(-1)), None);
        assert_eq!(factorial(25).to_string(), "15511210043330985984000000");
        assert_eq!((factorial(0), factorial(1)), (IBig::ONE, IBig::ONE));
        assert_eq!(permutations(&IBig::from(10), 3), IBig::from(720));
        assert_eq!(combinations(&IBig::from(100), 50).to_string(), "100891344545564193334812497256");
        assert_eq!(combinations(&IBig::from(10).pow(20), 2).to_string(), "4999999999999999999950000000000000000000");
        assert_eq!((combinations(&IBig::from(3), 4), combinations(&IBig::from(3), 0), permutations(&IBig::from(3), 4)), (IBig::ZERO, IBig::ONE, IBig::ZERO));
    }
}
