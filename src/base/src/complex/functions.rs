//! The functions of cmath. Formulas follow Kahan ("Branch cuts for complex elementary functions"): arguments near overflow
//! are scaled, and each branch keeps the signs of zeros.

use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};

use super::Complex;
use super::special::{self, look_up};
use crate::math::libm;

/// Why a function has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmathError {
    /// ValueError "math domain error"
    Domain,
    /// OverflowError "math range error"
    Range,
    /// ZeroDivisionError "division by zero" (`log` to base 1)
    ZeroDivision,
}
use CmathError::*;

type Outcome = Result<Complex, CmathError>;

const LARGE: f64 = f64::MAX / 4.0;
const LEAST_NORMAL: f64 = f64::MIN_POSITIVE;

fn sqrt_large() -> f64 {
    LARGE.sqrt()
}
fn log_large() -> f64 {
    LARGE.ln()
}

macro_rules! special {
    ($table:ident, $z:expr) => {
        if let Some(found) = look_up(special::$table, $z) {
            return found.ok_or(Domain);
        }
    };
}

fn in_range(z: Complex) -> Outcome {
    if z.0.is_infinite() || z.1.is_infinite() { Err(Range) } else { Ok(z) }
}

/// log(hypot) of a number too large to take hypot of.
fn log_size_halved(z: Complex) -> f64 {
    (z.0 / 2.0).hypot(z.1 / 2.0).ln()
}

fn is_large(z: Complex) -> bool {
    z.0.abs() > LARGE || z.1.abs() > LARGE
}

pub fn acos(z: Complex) -> Outcome {
    special!(ACOS, z);
    if is_large(z) {
        let size = log_size_halved(z) + LN_2 * 2.0;
        let imag = if z.0 < 0.0 { -size.copysign(z.1) } else { size.copysign(-z.1) };
        return Ok((z.1.abs().atan2(z.0), imag));
    }
    let s1 = sqrt((1.0 - z.0, -z.1))?;
    let s2 = sqrt((1.0 + z.0, z.1))?;
    Ok((2.0 * s1.0.atan2(s2.0), libm::asinh(s2.0 * s1.1 - s2.1 * s1.0)))
}

pub fn acosh(z: Complex) -> Outcome {
    special!(ACOSH, z);
    if is_large(z) {
        return Ok((log_size_halved(z) + LN_2 * 2.0, z.1.atan2(z.0)));
    }
    let s1 = sqrt((z.0 - 1.0, z.1))?;
    let s2 = sqrt((z.0 + 1.0, z.1))?;
    Ok((libm::asinh(s1.0 * s2.0 + s1.1 * s2.1), 2.0 * s1.1.atan2(s2.0)))
}

/// f(z) by g(iz) / i
fn turned(function: impl Fn(Complex) -> Outcome, z: Complex) -> Outcome {
    let (re, im) = function((-z.1, z.0))?;
    Ok((im, -re))
}

pub fn asin(z: Complex) -> Outcome {
    turned(asinh, z)
}

pub fn asinh(z: Complex) -> Outcome {
    special!(ASINH, z);
    if is_large(z) {
        let size = log_size_halved(z) + LN_2 * 2.0;
        let real = if z.1 >= 0.0 { size.copysign(z.0) } else { -size.copysign(-z.0) };
        return Ok((real, z.1.atan2(z.0.abs())));
    }
    let s1 = sqrt((1.0 + z.1, -z.0))?;
    let s2 = sqrt((1.0 - z.1, z.0))?;
    Ok((libm::asinh(s1.0 * s2.1 - s2.0 * s1.1), z.1.atan2(s1.0 * s2.0 - s1.1 * s2.1)))
}

pub fn atan(z: Complex) -> Outcome {
    turned(atanh, z)
}

pub fn atanh(z: Complex) -> Outcome {
    special!(ATANH, z);
    if z.0.is_sign_negative() {
        let (re, im) = atanh((-z.0, -z.1))?;
        return Ok((-re, -im));
    }
    let imag_size = z.1.abs();
    if z.0 > sqrt_large() || imag_size > sqrt_large() {
        let h = (z.0 / 2.0).hypot(imag_size / 2.0);
        return Ok((z.0 / 4.0 / h / h, -(FRAC_PI_2.copysign(-z.1))));
    }
    if z.0 == 1.0 && imag_size < LEAST_NORMAL.sqrt() {
        if imag_size == 0.0 {
            return Err(Domain);
        }
        let real = -(imag_size.sqrt() / imag_size.hypot(2.0).sqrt()).ln();
        return Ok((real, (2f64.atan2(-imag_size) / 2.0).copysign(z.1)));
    }
    let real = (4.0 * z.0 / ((1.0 - z.0) * (1.0 - z.0) + imag_size * imag_size)).ln_1p() / 4.0;
    let imag = -(-2.0 * z.1).atan2((1.0 - z.0) * (1.0 + z.0) - imag_size * imag_size) / 2.0;
    Ok((real, imag))
}

pub fn cos(z: Complex) -> Outcome {
    cosh((-z.1, z.0))
}

/// A real part without bound and a finite, non-zero imaginary part: the imaginary part only turns the infinity.
fn unbounded_real(z: Complex) -> bool {
    z.0.is_infinite() && z.1.is_finite() && z.1 != 0.0
}

pub fn cosh(z: Complex) -> Outcome {
    if unbounded_real(z) {
        let inf = f64::INFINITY;
        return Ok((inf.copysign(z.1.cos()), inf.copysign(z.1.sin()).copysign(if z.0 > 0.0 { z.1.sin() } else { -z.1.sin() })));
    }
    special!(COSH, z);
    in_range(if z.0.abs() > log_large() {
        let x = z.0 - 1f64.copysign(z.0);
        (z.1.cos() * x.cosh() * E, z.1.sin() * x.sinh() * E)
    } else {
        (z.1.cos() * z.0.cosh(), z.1.sin() * z.0.sinh())
    })
}

pub fn exp(z: Complex) -> Outcome {
    if unbounded_real(z) {
        let size = if z.0 > 0.0 { f64::INFINITY } else { 0.0 };
        return Ok((size.copysign(z.1.cos()), size.copysign(z.1.sin())));
    }
    special!(EXP, z);
    in_range(if z.0 > log_large() {
        let l = (z.0 - 1.0).exp();
        (l * z.1.cos() * E, l * z.1.sin() * E)
    } else {
        let l = z.0.exp();
        (l * z.1.cos(), l * z.1.sin())
    })
}

pub fn log(z: Complex) -> Outcome {
    special!(LOG, z);
    let (re, im) = (z.0.abs(), z.1.abs());
    let real = if is_large(z) {
        log_size_halved(z) + LN_2
    } else if re < LEAST_NORMAL && im < LEAST_NORMAL {
        if re == 0.0 && im == 0.0 {
            return Err(Domain);
        }
        let up = |x: f64| crate::float::ldexp(x, 53);
        up(re).hypot(up(im)).ln() - 53.0 * LN_2
    } else {
        let h = re.hypot(im);
        if (0.71..=1.73).contains(&h) {
            let (more, less) = if re > im { (re, im) } else { (im, re) };
            ((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    Ok((real, z.1.atan2(z.0)))
}

/// `cmath.log(z, base)`
pub fn log_base(z: Complex, base: Complex) -> Outcome {
    super::divide(log(z)?, log(base)?).ok_or(ZeroDivision)
}

pub fn log10(z: Complex) -> Outcome {
    let (re, im) = log(z)?;
    Ok((re / LN_10, im / LN_10))
}

pub fn sin(z: Complex) -> Outcome {
    turned(sinh, z)
}

pub fn sinh(z: Complex) -> Outcome {
    if unbounded_real(z) {
        let inf = f64::INFINITY;
        let real = inf.copysign(z.1.cos());
        return Ok((if z.0 > 0.0 { real } else { -real }, inf.copysign(z.1.sin())));
    }
    special!(SINH, z);
    in_range(if z.0.abs() > log_large() {
        let x = z.0 - 1f64.copysign(z.0);
        (z.1.cos() * x.sinh() * E, z.1.sin() * x.cosh() * E)
    } else {
        (z.1.cos() * z.0.sinh(), z.1.sin() * z.0.cosh())
    })
}

pub fn sqrt(z: Complex) -> Outcome {
    special!(SQRT, z);
    if z.0 == 0.0 && z.1 == 0.0 {
        return Ok((0.0, z.1));
    }
    let (re, im) = (z.0.abs(), z.1.abs());
    let s = if re < LEAST_NORMAL && im < LEAST_NORMAL {
        let up = |x: f64| crate::float::ldexp(x, 53);
        let re = up(re);
        crate::float::ldexp((re + re.hypot(up(im))).sqrt(), -27)
    } else {
        let re = re / 8.0;
        2.0 * (re + re.hypot(im / 8.0)).sqrt()
    };
    let d = im / (2.0 * s);
    Ok(if z.0 >= 0.0 { (s, d.copysign(z.1)) } else { (d, s.copysign(z.1)) })
}

pub fn tan(z: Complex) -> Outcome {
    turned(tanh, z)
}

pub fn tanh(z: Complex) -> Outcome {
    if unbounded_real(z) {
        return Ok((1f64.copysign(z.0), 0f64.copysign(2.0 * z.1.sin() * z.1.cos())));
    }
    special!(TANH, z);
    if z.0.abs() > log_large() {
        return Ok((1f64.copysign(z.0), 4.0 * z.1.sin() * z.1.cos() * (-2.0 * z.0.abs()).exp()));
    }
    let (tx, ty) = (z.0.tanh(), z.1.tan());
    let cx = 1.0 / z.0.cosh();
    let txty = tx * ty;
    let denominator = 1.0 + txty * txty;
    Ok((tx * (1.0 + ty * ty) / denominator, ((ty / denominator) * cx) * cx))
}

/// `cmath.polar`: modulus and phase (the phase alone never fails).
pub fn polar(z: Complex) -> Outcome {
    let size = super::absolute(z).ok_or(Range)?;
    Ok((size, z.1.atan2(z.0)))
}

pub fn rect(r: f64, phi: f64) -> Outcome {
    if r.is_infinite() && phi.is_finite() && phi != 0.0 {
        let (re, im) = (f64::INFINITY.copysign(phi.cos()), f64::INFINITY.copysign(phi.sin()));
        return Ok(if r > 0.0 { (re, im) } else { (-re, -im) });
    }
    special!(RECT, (r, phi));
    Ok(if phi == 0.0 { (r, r * phi) } else { (r * phi.cos(), r * phi.sin()) })
}
