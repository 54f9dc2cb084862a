//! Module `cmath`. Must not know: algorithms (`base::complex`).

use crate::math::{domain_error, range_error};
use base::complex::{self as algorithms, CmathError};
use native_macros::native_module;
use objects::convert::{ArgName, FromArg};
use objects::float::Complex as ComplexObject;
use objects::{Cast, R, Value, as_f64, class_name, interned, lookup_special, new_complex, type_error, value_error};

pub struct Cmath;

/// A complex argument: complex numbers, objects with `__complex__`, real numbers.
pub struct Complex(f64, f64);

impl Complex {
    fn pair(self) -> (f64, f64) {
        (self.0, self.1)
    }
}

impl FromArg for Complex {
    fn from_arg(value: Value, _: ArgName) -> R<Complex> {
        if let Some(number) = value.cast::<ComplexObject>() {
            return Ok(Complex(number.real, number.imag));
        }
        if !value.is_float()
            && !value.is_int()
            && let Some(method) = lookup_special(value, interned!("__complex__"))?
        {
            let result = method.call(&[])?;
            let Some(number) = result.cast::<ComplexObject>() else {
                return Err(type_error!("__complex__ returned non-complex (type {})", class_name(result)));
            };
            if result.cast_exact::<ComplexObject>().is_none() {
                objects::warnings::deprecation(&format!(
                    "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of complex is deprecated, and may be removed in a future version of Python.",
                    class_name(result)
                ))?;
            }
            return Ok(Complex(number.real, number.imag));
        }
        as_f64(value).map(|real| Complex(real, 0.0))
    }
}

fn finish(outcome: Result<(f64, f64), CmathError>) -> R {
    let (real, imag) = pair(outcome)?;
    Ok(new_complex(real, imag).value())
}

fn pair(outcome: Result<(f64, f64), CmathError>) -> R<(f64, f64)> {
    outcome.map_err(|error| match error {
        CmathError::Domain | CmathError::ZeroDivision => domain_error(),
        CmathError::Range => range_error(),
    })
}

/// Mathematical functions of complex numbers.
#[native_module(name = "cmath")]
impl Cmath {
    #[attr("pi")]
    const PI: f64 = std::f64::consts::PI;
    #[attr("e")]
    const E: f64 = std::f64::consts::E;
    #[attr("tau")]
    const TAU: f64 = std::f64::consts::TAU;
    #[attr("inf")]
    const INF: f64 = f64::INFINITY;
    #[attr("nan")]
    const NAN: f64 = f64::NAN;
    #[attr("infj")]
    fn infj() -> R {
        Ok(new_complex(0.0, f64::INFINITY).value())
    }
    #[attr("nanj")]
    fn nanj() -> R {
        Ok(new_complex(0.0, f64::NAN).value())
    }

    /// The arc cosine of z.
    fn acos(z: Complex) -> R {
        finish(algorithms::acos(z.pair()))
    }
    /// The inverse hyperbolic cosine of z.
    fn acosh(z: Complex) -> R {
        finish(algorithms::acosh(z.pair()))
    }
    /// The arc sine of z.
    fn asin(z: Complex) -> R {
        finish(algorithms::asin(z.pair()))
    }
    /// The inverse hyperbolic sine of z.
    fn asinh(z: Complex) -> R {
        finish(algorithms::asinh(z.pair()))
    }
    /// The arc tangent of z.
    fn atan(z: Complex) -> R {
        finish(algorithms::atan(z.pair()))
    }
    /// The inverse hyperbolic tangent of z.
    fn atanh(z: Complex) -> R {
        finish(algorithms::atanh(z.pair()))
    }
    /// The cosine of z.
    fn cos(z: Complex) -> R {
        finish(algorithms::cos(z.pair()))
    }
    /// The hyperbolic cosine of z.
    fn cosh(z: Complex) -> R {
        finish(algorithms::cosh(z.pair()))
    }
    /// e to the power of z.
    fn exp(z: Complex) -> R {
        finish(algorithms::exp(z.pair()))
    }
    /// The logarithm of z to that base, by default the natural one.
    #[sig("(z, base=<unrepresentable>, /)")]
    fn log(z: Complex, base: Option<Value>) -> R {
        match base {
            None => finish(algorithms::log(z.pair())),
            Some(base) => {
                let base = Complex::from_arg(base, ArgName::plain("log"))?;
                finish(algorithms::log_base(z.pair(), base.pair()))
            }
        }
    }
    /// The base 10 logarithm of z.
    fn log10(z: Complex) -> R {
        finish(algorithms::log10(z.pair()))
    }
    /// The sine of z.
    fn sin(z: Complex) -> R {
        finish(algorithms::sin(z.pair()))
    }
    /// The hyperbolic sine of z.
    fn sinh(z: Complex) -> R {
        finish(algorithms::sinh(z.pair()))
    }
    /// The square root of z.
    fn sqrt(z: Complex) -> R {
        finish(algorithms::sqrt(z.pair()))
    }
    /// The tangent of z.
    fn tan(z: Complex) -> R {
        finish(algorithms::tan(z.pair()))
    }
    /// The hyperbolic tangent of z.
    fn tanh(z: Complex) -> R {
        finish(algorithms::tanh(z.pair()))
    }
    /// The angle of z in the plane.
    fn phase(z: Complex) -> f64 {
        z.1.atan2(z.0)
    }
    /// The distance of z from zero and its angle.
    fn polar(z: Complex) -> R<(f64, f64)> {
        pair(algorithms::polar(z.pair()))
    }
    /// The complex number at that distance and angle.
    fn rect(r: f64, phi: f64) -> R {
        finish(algorithms::rect(r, phi))
    }
    /// Whether both parts of z are finite.
    fn isfinite(z: Complex) -> bool {
        z.0.is_finite() && z.1.is_finite()
    }
    /// Whether a part of z is a NaN.
    fn isnan(z: Complex) -> bool {
        z.0.is_nan() || z.1.is_nan()
    }
    /// Whether a part of z is infinite.
    fn isinf(z: Complex) -> bool {
        z.0.is_infinite() || z.1.is_infinite()
    }
    /// Whether two complex numbers are close to each other.
    ///
    /// They are when their distance is at most rel_tol times the larger
    /// magnitude, or at most abs_tol.
    #[sig("(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
    fn isclose(a: Complex, b: Complex, rel_tol: f64, abs_tol: f64) -> R<bool> {
        if rel_tol < 0.0 || abs_tol < 0.0 {
            return Err(value_error!("tolerances must be non-negative"));
        }
        let (a, b) = (a.pair(), b.pair());
        if a == b {
            return Ok(true);
        }
        if [a.0, a.1, b.0, b.1].iter().any(|part| part.is_infinite()) {
            return Ok(false);
        }
        let size = |z: (f64, f64)| z.0.hypot(z.1);
        let distance = size((a.0 - b.0, a.1 - b.1));
        Ok(distance <= rel_tol * size(b) || distance <= rel_tol * size(a) || distance <= abs_tol)
    }
}
