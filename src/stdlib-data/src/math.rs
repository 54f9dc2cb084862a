//! Module `math`: floats. The functions of ints and of iterables are in `math_numbers.rs` and shown here.
//!
//! Must not know: algorithms (`base::math`, `base::int`, `base::float`).

use crate::math_numbers as numbers;
use base::math as algorithms;
use base::math::{MathError, libm};
use native_macros::native_module;
use objects::{
    Args, R, Raised, Value, as_f64, class_name, float_value, interned, lookup_special, new_int, overflow_error, type_error,
    value_error,
};

pub struct Math;

#[cold]
pub fn range_error() -> Raised {
    overflow_error!("math range error")
}
#[cold]
pub fn domain_error() -> Raised {
    value_error!("math domain error")
}
#[cold]
fn bad_input(expected: &str, x: f64) -> Raised {
    value_error!("expected {expected}, got {}", base::float::repr(x))
}

/// The result of a function that cannot overflow: what is neither nan nor inf before but is after was outside the domain.
#[inline(always)]
fn within(x: f64, result: f64, expected: &str) -> R<f64> {
    if (result.is_nan() && !x.is_nan()) || (result.is_infinite() && x.is_finite()) {
        return Err(bad_input(expected, x));
    }
    Ok(result)
}
/// The result of a function that is defined everywhere but may overflow.
#[inline(always)]
fn ranged(x: f64, result: f64) -> R<f64> {
    if result.is_infinite() && x.is_finite() { Err(range_error()) } else { Ok(result) }
}

fn plain(result: Result<f64, MathError>) -> R<f64> {
    result.map_err(|error| match error {
        MathError::Domain => domain_error(),
        MathError::Range => range_error(),
    })
}
fn gamma_result(x: f64, result: Result<f64, MathError>) -> R<f64> {
    result.map_err(|error| match error {
        MathError::Domain => bad_input("a noninteger or positive integer", x),
        MathError::Range => range_error(),
    })
}

/// A rounding method of an object, or of its float value.
fn rounded(x: Value, name: objects::Gc<objects::Str>, round: fn(f64) -> f64) -> R {
    if !x.is_float()
        && let Some(method) = lookup_special(x, name)?
    {
        return method.call(&[]);
    }
    numbers::int_of_float(round(as_f64(x)?))
}

/// Mathematical functions of the C standard and number theory.
#[native_module(name = "math")]
impl Math {
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

    /// The arc cosine of x in radians, between 0 and pi.
    fn acos(x: f64) -> R<f64> {
        within(x, x.acos(), "a number in range from -1 up to 1")
    }
    /// The inverse hyperbolic cosine of x.
    fn acosh(x: f64) -> R<f64> {
        within(x, libm::acosh(x), "argument value not less than 1")
    }
    /// The arc sine of x in radians, between -pi/2 and pi/2.
    fn asin(x: f64) -> R<f64> {
        within(x, x.asin(), "a number in range from -1 up to 1")
    }
    /// The inverse hyperbolic sine of x.
    fn asinh(x: f64) -> f64 {
        libm::asinh(x)
    }
    /// The arc tangent of x in radians, between -pi/2 and pi/2.
    fn atan(x: f64) -> f64 {
        x.atan()
    }
    /// The arc tangent of y/x in radians, in the quadrant of the point (x, y).
    fn atan2(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
    /// The inverse hyperbolic tangent of x.
    fn atanh(x: f64) -> R<f64> {
        within(x, libm::atanh(x), "a number between -1 and 1")
    }
    /// The cube root of x.
    fn cbrt(x: f64) -> f64 {
        x.cbrt()
    }
    /// The smallest int that is not less than x.
    fn ceil(x: Value) -> R {
        rounded(x, interned!("__ceil__"), f64::ceil)
    }
    /// The magnitude of x with the sign of y, -0.0 included.
    fn copysign(x: f64, y: f64) -> f64 {
        x.copysign(y)
    }
    /// The cosine of x (in radians).
    fn cos(x: f64) -> R<f64> {
        within(x, x.cos(), "a finite input")
    }
    /// The hyperbolic cosine of x.
    fn cosh(x: f64) -> R<f64> {
        ranged(x, x.cosh())
    }
    /// Radians to degrees.
    fn degrees(x: f64) -> f64 {
        x * (180.0 / std::f64::consts::PI)
    }
    /// The error function at x.
    fn erf(x: f64) -> f64 {
        libm::erf(x)
    }
    /// The complementary error function at x: 1 - erf(x).
    fn erfc(x: f64) -> f64 {
        libm::erfc(x)
    }
    /// e to the power of x.
    fn exp(x: f64) -> R<f64> {
        ranged(x, x.exp())
    }
    /// 2 to the power of x.
    fn exp2(x: f64) -> R<f64> {
        ranged(x, x.exp2())
    }
    /// exp(x) - 1 without the loss of precision for small x.
    fn expm1(x: f64) -> R<f64> {
        ranged(x, x.exp_m1())
    }
    /// The absolute value of x as a float.
    fn fabs(x: f64) -> f64 {
        x.abs()
    }
    /// The largest int that is not greater than x.
    fn floor(x: Value) -> R {
        rounded(x, interned!("__floor__"), f64::floor)
    }
    /// x * y + z with a single rounding.
    fn fma(x: f64, y: f64, z: f64) -> R<f64> {
        algorithms::fma(x, y, z).map_err(|error| match error {
            MathError::Domain => value_error!("invalid operation in fma"),
            MathError::Range => overflow_error!("overflow in fma"),
        })
    }
    /// The remainder of x / y as C computes it; it has the sign of x.
    fn fmod(x: f64, y: f64) -> R<f64> {
        plain(algorithms::fmod(x, y))
    }
    /// The pair (m, e) with x == m * 2.0**e and 0.5 <= abs(m) < 1.0, or (0, 0).
    fn frexp(x: f64) -> (f64, i32) {
        base::float::frexp(x)
    }
    /// The Gamma function at x.
    fn gamma(x: f64) -> R<f64> {
        gamma_result(x, algorithms::gamma(x))
    }
    /// The Euclidean length of the vector of the coordinates.
    #[sig("(*coordinates)")]
    fn hypot(coordinates: &[Value]) -> R<f64> {
        Ok(algorithms::hypot(&numbers::floats(coordinates)?))
    }
    /// Whether two floats are close to each other.
    ///
    /// They are when their difference is at most rel_tol times the larger
    /// magnitude, or at most abs_tol.
    #[sig("(a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
    fn isclose(a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> R<bool> {
        if rel_tol < 0.0 || abs_tol < 0.0 {
            return Err(value_error!("tolerances must be non-negative"));
        }
        if a == b {
            return Ok(true);
        }
        if a.is_infinite() || b.is_infinite() {
            return Ok(false);
        }
        let difference = (b - a).abs();
        Ok(difference <= (rel_tol * b).abs() || difference <= (rel_tol * a).abs() || difference <= abs_tol)
    }
    /// Whether x is neither an infinity nor a NaN.
    fn isfinite(x: f64) -> bool {
        x.is_finite()
    }
    /// Whether x is an infinity.
    fn isinf(x: f64) -> bool {
        x.is_infinite()
    }
    /// Whether x is a NaN.
    fn isnan(x: f64) -> bool {
        x.is_nan()
    }
    /// x * (2**i), the way back from frexp().
    fn ldexp(x: f64, i: Value) -> R<f64> {
        let Some(view) = objects::int_view(i) else {
            return Err(type_error!("Expected an int as second argument to ldexp."));
        };
        let exponent = view.to_i64().unwrap_or(if view.is_negative() { i64::MIN } else { i64::MAX });
        ranged(x, base::float::ldexp(x, exponent))
    }
    /// The natural logarithm of the absolute value of the Gamma function at x.
    fn lgamma(x: f64) -> R<f64> {
        gamma_result(x, algorithms::lgamma(x))
    }
    /// log(x, [base=math.e])
    /// The logarithm of x to that base, by default the natural one.
    #[sig("(x, base=e, /)", hidden)]
    fn log(args: Args) -> R {
        args.no_keywords("math.log")?;
        args.check_count("log", 1, 2)?;
        let top = numbers::logarithm(args.positional()[0], f64::ln, std::f64::consts::LN_2)?;
        match args.get(1) {
            None => Ok(Value::float(top)),
            Some(base) => {
                let bottom = numbers::logarithm(base, f64::ln, std::f64::consts::LN_2)?;
                if bottom == 0.0 {
                    return Err(objects::zero_division_error!("division by zero"));
                }
                Ok(Value::float(top / bottom))
            }
        }
    }
    /// The natural logarithm of 1+x, exact for x near zero.
    fn log1p(x: f64) -> R<f64> {
        within(x, x.ln_1p(), "argument value > -1")
    }
    /// The base 2 logarithm of x.
    fn log2(x: Value) -> R<f64> {
        numbers::logarithm(x, f64::log2, 1.0)
    }
    /// The base 10 logarithm of x.
    fn log10(x: Value) -> R<f64> {
        numbers::logarithm(x, f64::log10, std::f64::consts::LOG10_2)
    }
    /// The fraction and the whole part of x, both with the sign of x.
    fn modf(x: f64) -> (f64, f64) {
        algorithms::modf(x)
    }
    /// The floating-point number that is steps steps after x in the direction of y.
    #[sig("(x, y, /, *, steps=None)")]
    fn nextafter(x: f64, y: f64, steps: Option<Value>) -> R<f64> {
        let steps = match steps.filter(|steps| !steps.is_none()) {
            None => 1,
            Some(steps) => {
                let steps = objects::index_object(steps)?;
                match objects::int_view(steps) {
                    Some(view) if view.is_negative() => return Err(value_error!("steps must be a non-negative integer")),
                    Some(view) => view.to_u64().unwrap_or(u64::MAX),
                    None => 1,
                }
            }
        };
        let result = algorithms::nextafter(x, y, steps);
        // A single step that ends at zero keeps the sign of where it came from.
        Ok(if result == 0.0 && steps == 1 && x != 0.0 { 0f64.copysign(x) } else { result })
    }
    /// x**y as C computes it.
    fn pow(x: f64, y: f64) -> R<f64> {
        let result = x.powf(y);
        if x.is_finite() && y.is_finite() {
            if result.is_nan() || (result.is_infinite() && x == 0.0) {
                return Err(domain_error());
            }
            if result.is_infinite() {
                return Err(range_error());
            }
        }
        Ok(result)
    }
    /// Degrees to radians.
    fn radians(x: f64) -> f64 {
        x * (std::f64::consts::PI / 180.0)
    }
    /// The difference between x and the multiple of y that is nearest to it.
    fn remainder(x: f64, y: f64) -> R<f64> {
        plain(algorithms::remainder(x, y))
    }
    /// The sine of x (in radians).
    fn sin(x: f64) -> R<f64> {
        within(x, x.sin(), "a finite input")
    }
    /// The hyperbolic sine of x.
    fn sinh(x: f64) -> R<f64> {
        ranged(x, x.sinh())
    }
    /// The square root of x.
    fn sqrt(x: f64) -> R<f64> {
        within(x, x.sqrt(), "a nonnegative input")
    }
    /// The tangent of x (in radians).
    fn tan(x: f64) -> R<f64> {
        within(x, x.tan(), "a finite input")
    }
    /// The hyperbolic tangent of x.
    fn tanh(x: f64) -> f64 {
        x.tanh()
    }
    /// x cut to an int, as its method __trunc__ does.
    fn trunc(x: Value) -> R {
        if let Some(number) = float_value(x)
            && x.is_float()
        {
            return numbers::int_of_float(number);
        }
        match lookup_special(x, interned!("__trunc__"))? {
            Some(method) => method.call(&[]),
            None => Err(type_error!("type {} doesn't define __trunc__ method", class_name(x))),
        }
    }
    /// What the last bit of the mantissa of x is worth.
    fn ulp(x: f64) -> f64 {
        algorithms::ulp(x)
    }

    /// How many ways there are to choose k items from n items without order.
    fn comb(n: Value, k: Value) -> R {
        numbers::comb(n, k)
    }
    /// The Euclidean distance of two points, given as sequences of coordinates.
    #[sig("(p, q, /)")]
    fn dist(p: Value, q: Value) -> R<f64> {
        numbers::dist(p, q)
    }
    /// n!: the product of the ints from 1 to n.
    #[sig("(n, /)")]
    fn factorial(n: Value) -> R {
        numbers::factorial(n)
    }
    /// The sum of an iterable of floats without loss of precision.
    #[sig("(seq, /)")]
    fn fsum(seq: Value) -> R<f64> {
        numbers::fsum(seq)
    }
    /// Greatest Common Divisor.
    #[sig("(*integers)")]
    fn gcd(integers: &[Value]) -> R {
        numbers::gcd(integers)
    }
    /// The largest int whose square is not greater than n.
    #[sig("(n, /)")]
    fn isqrt(n: Value) -> R {
        numbers::isqrt(n)
    }
    /// Least Common Multiple.
    #[sig("(*integers)")]
    fn lcm(integers: &[Value]) -> R {
        numbers::lcm(integers)
    }
    /// How many ways there are to arrange k of n items (all n by default).
    #[sig("(n, k=None, /)")]
    fn perm(n: Value, k: Option<Value>) -> R {
        numbers::perm(n, k)
    }
    /// The product of all items and the start value.
    #[sig("(iterable, /, *, start=1)")]
    fn prod(iterable: Value, start: Option<Value>) -> R {
        numbers::prod(iterable, start.unwrap_or(new_int(1)))
    }
    /// The sum of the products of corresponding items of two iterables of one length.
    #[sig("(p, q, /)")]
    fn sumprod(p: Value, q: Value) -> R {
        numbers::sumprod(p, q)
    }
}
