//! The functions of `math` that neither std nor the system library has as the language wants them.
//! Must not know objects. (Integer functions are in `int`, `pow` and `%` in `float`.)

mod gamma;
pub mod libm;
mod sums;

pub use gamma::{gamma, lgamma};
pub use sums::{Fsum, SumProduct, dist, hypot};

/// Why a function has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// ValueError "math domain error" (gamma and lgamma: "expected a noninteger or positive integer, got {x!r}"; fma: "invalid operation in fma")
    Domain,
    /// OverflowError "math range error" (fma: "overflow in fma")
    Range,
}

/// `math.remainder`
pub fn remainder(x: f64, y: f64) -> Result<f64, MathError> {
    if x.is_nan() || y.is_nan() {
        return Ok(x + y);
    }
    if x.is_infinite() || y == 0.0 {
        return Err(MathError::Domain);
    }
    if y.is_infinite() {
        return Ok(x);
    }
    let (size, step) = (x.abs(), y.abs());
    let low = size % step;
    let high = step - low;
    let rest = if low < high {
        low
    } else if low > high {
        -high
    } else {
        // A tie: take the even multiple.
        low - 2.0 * ((0.5 * (size - low)) % step)
    };
    Ok(1f64.copysign(x) * rest)
}

/// `math.fmod`
pub fn fmod(x: f64, y: f64) -> Result<f64, MathError> {
    let result = x % y;
    if result.is_nan() && !x.is_nan() && !y.is_nan() { Err(MathError::Domain) } else { Ok(result) }
}

/// `math.fma`
pub fn fma(x: f64, y: f64, z: f64) -> Result<f64, MathError> {
    let result = x.mul_add(y, z);
    if result.is_nan() && ![x, y, z].iter().any(|v| v.is_nan()) {
        return Err(MathError::Domain);
    }
    if result.is_infinite() && [x, y, z].iter().all(|v| v.is_finite()) {
        return Err(MathError::Range);
    }
    Ok(result)
}

/// `math.nextafter(x, y)`, `steps` times
pub fn nextafter(x: f64, y: f64, steps: u64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return x + y;
    }
    if steps == 0 {
        return x;
    }
    if x == y {
        return y;
    }
    // Floats in order as integers: negative ones count down from zero.
    let rank = |v: f64| -> i128 {
        let bits = (v.to_bits() & (u64::MAX >> 1)) as i128;
        if v.is_sign_negative() { -bits } else { bits }
    };
    let (from, to) = (rank(x), rank(y));
    let distance = (to - from).unsigned_abs();
    if steps as u128 >= distance {
        return y;
    }
    let target = if to > from { from + steps as i128 } else { from - steps as i128 };
    let size = f64::from_bits(target.unsigned_abs() as u64);
    match target {
        0 => 0f64.copysign(x),
        ..0 => -size,
        _ => size,
    }
}

/// `math.ulp`
pub fn ulp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let x = x.abs();
    if x.is_infinite() {
        return x;
    }
    let above = x.next_up();
    if above.is_infinite() { x - x.next_down() } else { above - x }
}

/// `math.modf`: fraction and whole part.
pub fn modf(x: f64) -> (f64, f64) {
    if x.is_infinite() {
        return (0f64.copysign(x), x);
    }
    ((x - x.trunc()).copysign(x), x.trunc())
}

/// Splits an int of any size in `m * 2**e` with `0.5 <= |m| < 1`, for logarithms of huge ints:
/// `log(value) == log(m) + log(2) * e`.
pub fn frexp_int(value: &dashu_int::IBig) -> (f64, i64) {
    let bits = crate::int::bit_length(value) as i64;
    let shift = (bits - 64).max(0);
    // The lowest kept bit stands for all that is dropped, so that rounding stays right.
    let kept = crate::int::shift_right(value, shift as u64);
    let exact = shift == 0 || (&kept << shift as usize) == *value;
    let kept = if exact { kept } else { kept | dashu_int::IBig::ONE };
    let (m, e) = crate::float::frexp(crate::int::to_f64(&kept).unwrap_or_default());
    (m, e as i64 + shift)
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;
    const INF: f64 = f64::INFINITY;

    #[test]
    fn small_functions() {
        for (x, y, expected) in [(7.0, 2.0, -1.0), (-7.0, 4.0, 1.0), (1.0, INF, 1.0), (5.0, 2.0, 1.0), (6.0, 4.0, -2.0), (2.0, 4.0, 2.0)] {
            assert_eq!(remainder(x, y), Ok(expected));
        }
        assert_eq!(remainder(1.0, 0.0), Err(MathError::Domain));
        assert_eq!(fma(0.1, 10.0, -1.0), Ok(5.551115123125783e-17));
        assert_eq!((fma(1e308, 10.0, -1e308), fma(INF, 0.0, 1.0)), (Err(MathError::Range), Err(MathError::Domain)));
        assert_eq!((nextafter(1.0, 2.0, 5), nextafter(-1e-323, 1.0, 4), nextafter(1.0, -1.0, 1 << 63), nextafter(0.0, -1.0, 1)), (1.000000000000001, 1e-323, -1.0, -5e-324));
        assert!(nextafter(0.0, -0.0, 1).is_sign_negative());
        assert_eq!((ulp(0.0), ulp(-3.5), ulp(f64::MAX), ulp(INF)), (5e-324, 4.440892098500626e-16, 1.99584030953472e+292, INF));
        let (m, e) = frexp_int(&(dashu_int::IBig::from(3) << 2000));
        assert_eq!((m, e), (0.75, 2002));
    }

    #[test]
    fn gammas() {
        for (x, expected, log) in [
            (0.5, 1.7724538509055159, 0.5723649429247004), (5.0, 24.0, 3.178053830347945), (-0.5, -3.544907701811032, 1.265512123484645), (-1.5, 2.3632718012073544, 0.8600470153764812), (171.0, 7.257415615307998e+306, 706.5730622457874),
            (23.0, 1.1240007277776077e+21, 48.47118135183522), (24.5, 1.2599063430729375e+23, 53.19049452616927), (-170.5, -3.312739521538607e-308, -707.9984331450788), (1e-20, 1.0000000000000002e+20, 46.051701859880914),
            (100.1, 1.4784544946514753e+156, 359.5942717888569), (3.3, 2.6834373819557675, 0.9870985778947339), (-22.7, -3.8653864778099434e-22, -49.30481037456999), (-200.5, -0.0, -864.7382878706798),
        ] {
            assert_eq!((gamma(x), lgamma(x)), (Ok(expected), Ok(log)), "{x}");
        }
        assert_eq!((gamma(171.7), gamma(1e-310), lgamma(1e308), gamma(-1.0), lgamma(0.0)), (Err(MathError::Range), Err(MathError::Range), Err(MathError::Range), Err(MathError::Domain), Err(MathError::Domain)));
        assert_eq!((gamma(INF), lgamma(-INF), gamma(-INF)), (Ok(INF), Ok(INF), Err(MathError::Domain)));
        assert!((libm::erf(0.5) - 0.5204998778130465).abs() < 1e-15 && (libm::erfc(2.0) - 0.004677734981047266).abs() < 1e-17);
    }

    #[test]
    fn sums() {
        let fsum = |items: &[f64]| {
            let mut sum = Fsum::new();
            for &x in items {
                sum.add(x)?;
            }
            sum.finish()
        };
        assert_eq!(fsum(&[0.1; 10]), Ok(1.0));
        assert_eq!(fsum(&[1.0, 1e100, 1.0, -1e100]), Ok(2.0));
        assert_eq!(fsum(&[1e16, 1.0, 1e-16]), Ok(1.0000000000000002e+16));
        assert_eq!(fsum(&[]), Ok(0.0));
        assert_eq!(fsum(&[1e308, 1e308, -1e308]).unwrap_err().text, "intermediate overflow in fsum");
        assert_eq!(fsum(&[INF, -INF]).unwrap_err().text, "-inf + inf in fsum");
        for (items, expected) in [
            (&[3.0, 4.0][..], 5.0), (&[1e308, 1e308], 1.4142135623730951e308), (&[5e-324, 5e-324], 5e-324), (&[1.0, 1.0, 1.0], 1.7320508075688772), (&[], 0.0), (&[INF, f64::NAN], INF), (&[0.1, 0.2, 0.3, 0.4], 0.5477225575051661), (&[1e-170, -2e-170], 2.2360679774997895e-170),
        ] {
            assert_eq!(hypot(items), expected);
        }
        assert_eq!(dist(&[1.0, 2.0], &[4.0, 6.0]), 5.0);
        let mut product = SumProduct::new();
        assert!(product.add(1e100, 1.0) && product.add(1.0, 1.0) && product.add(-1e100, 1.0) && !product.add(1e308, 10.0));
        assert_eq!(product.total(), 1.0);
    }
}
