//! The Python-visible skin of `float`. Must not know: how floats are parsed, printed or rounded (`base::float`).
//!
//! Receivers are plain values, because plain floats have no object; slots are reached through the class, which vouches for them.

use crate::number_text::{division_by_zero, number_text, shown_short};
use base::float as algorithms;
use base::float::FloatPow;
use native_macros::native_class;
use objects::args::Args;
use objects::error::{R, new_error_args, overflow_error, raise_fault, type_error, value_error};
use objects::float::FloatObject;
use objects::int::{IntView, int_from_f64, int_to_f64, int_view, new_int_big, new_int_ubig};
use objects::{
    Cast, Class, Gc, Header, Layout, Str, Value, call, class_name, class_of, exc, float_value, format, new_complex, new_object,
    new_str, new_tuple,
};
use std::cmp::Ordering;

pub struct FloatSkin;

/// Floating-point number.
///
/// float() gives 0.0, float(number) the nearest float, and float(text)
/// reads the text (str or bytes-like) of a number.
#[native_class(name = "float", layout = FloatObject, base = object, flags = "match_self")]
impl FloatSkin {
    #[new]
    #[sig("(x=0, /)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if crate::sequences::same_init(cls, FloatObject::class()) {
            args.no_keywords("float")?;
        }
        args.check_count("float", 0, 1)?;
        let number = match args.get(0) {
            Some(value) => float_of(value)?,
            None => 0.0,
        };
        Ok(instance(cls, number))
    }
    fn __repr__(this: Value) -> Gc<Str> {
        algorithms::with_repr(number(this), Str::new)
    }
    fn __hash__(this: Value) -> R<i64> {
        let number = number(this);
        if number.is_nan() && !this.is_float() {
            return Ok(objects::identity_hash(this));
        }
        objects::hash(Value::float(number))
    }
    fn __lt__(this: Value, other: Value) -> Value {
        order(this, other, |order| order == Some(Ordering::Less))
    }
    fn __le__(this: Value, other: Value) -> Value {
        order(this, other, |order| order.is_some_and(Ordering::is_le))
    }
    fn __eq__(this: Value, other: Value) -> Value {
        order(this, other, |order| order == Some(Ordering::Equal))
    }
    fn __ne__(this: Value, other: Value) -> Value {
        order(this, other, |order| order != Some(Ordering::Equal))
    }
    fn __gt__(this: Value, other: Value) -> Value {
        order(this, other, |order| order == Some(Ordering::Greater))
    }
    fn __ge__(this: Value, other: Value) -> Value {
        order(this, other, |order| order.is_some_and(Ordering::is_ge))
    }
    fn __add__(this: Value, other: Value) -> R {
        on_floats(this, other, |a, b| Ok(Value::float(a + b)))
    }
    fn __radd__(this: Value, other: Value) -> R {
        on_floats(other, this, |a, b| Ok(Value::float(a + b)))
    }
    fn __sub__(this: Value, other: Value) -> R {
        on_floats(this, other, |a, b| Ok(Value::float(a - b)))
    }
    fn __rsub__(this: Value, other: Value) -> R {
        on_floats(other, this, |a, b| Ok(Value::float(a - b)))
    }
    fn __mul__(this: Value, other: Value) -> R {
        on_floats(this, other, |a, b| Ok(Value::float(a * b)))
    }
    fn __rmul__(this: Value, other: Value) -> R {
        on_floats(other, this, |a, b| Ok(Value::float(a * b)))
    }
    fn __truediv__(this: Value, other: Value) -> R {
        on_floats(this, other, true_divide)
    }
    fn __rtruediv__(this: Value, other: Value) -> R {
        on_floats(other, this, true_divide)
    }
    fn __floordiv__(this: Value, other: Value) -> R {
        on_floats(this, other, floor_divide)
    }
    fn __rfloordiv__(this: Value, other: Value) -> R {
        on_floats(other, this, floor_divide)
    }
    fn __mod__(this: Value, other: Value) -> R {
        on_floats(this, other, modulo)
    }
    fn __rmod__(this: Value, other: Value) -> R {
        on_floats(other, this, modulo)
    }
    fn __divmod__(this: Value, other: Value) -> R {
        on_floats(this, other, divide_both)
    }
    fn __rdivmod__(this: Value, other: Value) -> R {
        on_floats(other, this, divide_both)
    }
    fn __pow__(this: Value, other: Value, modulus: Value) -> R {
        check_no_modulus(modulus)?;
        on_floats(this, other, power)
    }
    fn __rpow__(this: Value, other: Value, modulus: Value) -> R {
        check_no_modulus(modulus)?;
        on_floats(other, this, power)
    }
    fn __neg__(this: Value) -> Value {
        Value::float(-number(this))
    }
    fn __pos__(this: Value) -> Value {
        Value::float(number(this))
    }
    fn __abs__(this: Value) -> Value {
        Value::float(number(this).abs())
    }
    fn __bool__(this: Value) -> bool {
        number(this) != 0.0
    }
    fn __int__(this: Value) -> R {
        truncate(number(this))
    }
    fn __float__(this: Value) -> Value {
        Value::float(number(this))
    }

    /// The int nearest to the number on the side of zero.
    fn __trunc__(this: Value) -> R {
        truncate(number(this))
    }
    /// The largest int that is not greater than the number.
    fn __floor__(this: Value) -> R {
        truncate(number(this).floor())
    }
    /// The smallest int that is not less than the number.
    fn __ceil__(this: Value) -> R {
        truncate(number(this).ceil())
    }
    /// Round to that many digits behind the point; ties go to the even one.
    ///
    /// Without ndigits the result is an int, else a float.
    #[sig("($self, ndigits=None, /)")]
    fn __round__(this: Value, ndigits: Option<Value>) -> R {
        let number = number(this);
        let Some(ndigits) = ndigits.filter(|ndigits| !ndigits.is_none()) else { return truncate(number.round_ties_even()) };
        let digits = objects::index_clamped(ndigits)?;
        match algorithms::round_to(number, digits) {
            Some(rounded) => Ok(Value::float(rounded)),
            None => Err(overflow_error!("rounded value too large to represent")),
        }
    }
    /// Format as the format specification says.
    #[sig("($self, format_spec, /)")]
    fn __format__(this: Value, format_spec: Gc<Str>) -> R<Gc<Str>> {
        format::format_float(this, format_spec)
    }
    fn __getnewargs__(this: Value) -> Value {
        new_tuple(&[Value::float(number(this))]).value()
    }
    /// How the machine represents 'double' or 'float' numbers.
    ///
    /// Meant for the tests of Python itself.
    #[classmethod]
    #[sig("($type, typestr, /)")]
    fn __getformat__(_cls: Gc<Class>, typestr: &str) -> R<&'static str> {
        match typestr {
            "double" | "float" if cfg!(target_endian = "little") => Ok("IEEE, little-endian"),
            "double" | "float" => Ok("IEEE, big-endian"),
            _ => Err(value_error!("__getformat__() argument 1 must be 'double' or 'float'")),
        }
    }
    /// Convert a real number to a float; text is refused.
    #[classmethod]
    #[sig("($type, number, /)")]
    fn from_number(cls: Gc<Class>, number: Value) -> R {
        if number.is_float() && cls == FloatObject::class() {
            return Ok(number);
        }
        finish(cls, objects::as_f64(number)?)
    }
    /// Read a number written in hexadecimal.
    ///
    /// >>> float.fromhex('0x1.ffffp10')
    /// 2047.984375
    #[classmethod]
    #[sig("($type, string, /)")]
    fn fromhex(cls: Gc<Class>, string: Value) -> R {
        let Some(text) = objects::Cast::cast::<Str>(string) else {
            return Err(type_error!("fromhex() argument must be str, not {}", class_name(string)));
        };
        let parsed = algorithms::from_hex(objects::convert::utf8(text)?).map_err(raise_fault)?;
        finish(cls, parsed)
    }
    /// Write the number in hexadecimal.
    ///
    /// >>> (-0.1).hex()
    /// '-0x1.999999999999ap-4'
    fn hex(this: Value) -> String {
        algorithms::to_hex(number(this))
    }
    /// Whether the number has no fraction.
    fn is_integer(this: Value) -> bool {
        let number = number(this);
        number.is_finite() && number == number.trunc()
    }
    /// A pair of ints whose ratio is exactly this number, the second one positive, in lowest terms.
    ///
    /// >>> (10.0).as_integer_ratio()
    /// (10, 1)
    fn as_integer_ratio(this: Value) -> R {
        let number = number(this);
        let Some((numerator, denominator)) = algorithms::as_integer_ratio(number) else {
            return Err(if number.is_nan() {
                value_error!("cannot convert NaN to integer ratio")
            } else {
                overflow_error!("cannot convert Infinity to integer ratio")
            });
        };
        let numerator = new_int_big(&numerator);
        Ok(new_tuple(&[numerator, new_int_ubig(&denominator)]).value())
    }
    /// The complex conjugate of a float is the float itself.
    fn conjugate(this: Value) -> Value {
        Value::float(number(this))
    }
    /// the real part of a complex number
    #[getter]
    fn real(this: Value) -> Value {
        Value::float(number(this))
    }
    /// the imaginary part of a complex number
    #[getter]
    fn imag(_this: Value) -> f64 {
        0.0
    }
}

#[inline(always)]
fn number(value: Value) -> f64 {
    float_value(value).unwrap_or(0.0)
}

/// A float of class `class`.
fn instance(class: Gc<Class>, value: f64) -> Value {
    if class == FloatObject::class() {
        return Value::float(value);
    }
    new_object(class, FloatObject { header: Header::blank(), value }).value()
}

/// The result of an alternative constructor: subclasses are called.
fn finish(class: Gc<Class>, value: f64) -> R {
    if class == FloatObject::class() { Ok(Value::float(value)) } else { call(class.value(), &[Value::float(value)]) }
}

/// `float(value)`.
pub fn float_of(value: Value) -> R<f64> {
    if value.is_float() {
        return Ok(value.as_float());
    }
    if value.is_int() {
        return Ok(value.as_int() as f64);
    }
    if let Some(text) = value.cast_exact::<Str>()
        && let Some(text) = text.as_ascii()
    {
        return parsed(text, value);
    }
    if let Some(number) = float_by_method(value)? {
        return Ok(number);
    }
    match number_text(value)? {
        Some(source) => parsed(&source.text, value),
        None => Err(type_error!("float() argument must be a string or a real number, not '{}'", class_name(value))),
    }
}

fn parsed(text: &str, value: Value) -> R<f64> {
    match algorithms::parse(text) {
        Some(number) => Ok(number),
        None => Err(value_error!("could not convert string to float: {}", shown_short(value))),
    }
}

/// The number by `__float__` or `__index__`, asked even of subclasses of float; None if there is neither.
pub fn float_by_method(value: Value) -> R<Option<f64>> {
    let slots = &class_of(value).slots;
    match slots.float.get() {
        Some(function) if float_value(value).is_some() => {
            let result = function(value)?;
            match float_value(result) {
                Some(number) => {
                    if !result.is_float() {
                        objects::warnings::deprecation(&format!(
                            "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict subclass of float is deprecated, and may be removed in a future version of Python.",
                            class_name(value),
                            class_name(result)
                        ))?;
                    }
                    Ok(Some(number))
                }
                None => Err(type_error!("{}.__float__ returned non-float (type {})", class_name(value), class_name(result))),
            }
        }
        None if slots.index.get().is_none() => Ok(None),
        _ => objects::as_f64(value).map(Some),
    }
}

/// `int(number)`.
pub fn truncate(number: f64) -> R {
    if number.is_nan() {
        return Err(value_error!("cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(overflow_error!("cannot convert float infinity to integer"));
    }
    Ok(int_from_f64(number))
}

/// A float or int operand as a float; None for anything else.
#[inline(always)]
fn operand(value: Value) -> R<Option<f64>> {
    if value.is_float() {
        return Ok(Some(value.as_float()));
    }
    if value.is_int() {
        return Ok(Some(value.as_int() as f64));
    }
    operand_slow(value)
}
#[inline(never)]
fn operand_slow(value: Value) -> R<Option<f64>> {
    if let Some(number) = float_value(value) {
        return Ok(Some(number));
    }
    int_view(value).map(int_to_f64).transpose()
}

#[inline(always)]
fn on_floats(a: Value, b: Value, operate: impl FnOnce(f64, f64) -> R) -> R {
    match (operand(a)?, operand(b)?) {
        (Some(a), Some(b)) => operate(a, b),
        _ => Ok(Value::not_implemented()),
    }
}

#[inline(always)]
fn order(a: Value, b: Value, holds: fn(Option<Ordering>) -> bool) -> Value {
    let x = number(a);
    if let Some(y) = float_value(b) {
        return Value::bool(holds(x.partial_cmp(&y)));
    }
    match int_view(b) {
        Some(view) => Value::bool(holds(compare_with_int(x, view))),
        None => Value::not_implemented(),
    }
}

/// Exact order of a float and an int; None for NaN.
pub fn compare_with_int(x: f64, view: IntView) -> Option<Ordering> {
    if let IntView::Small(number) = view
        && number.unsigned_abs() <= 1 << 53
    {
        return x.partial_cmp(&(number as f64));
    }
    base::int::compare_with_float(&view.to_ibig(), x).map(Ordering::reverse)
}

fn true_divide(a: f64, b: f64) -> R {
    if b == 0.0 { Err(division_by_zero()) } else { Ok(Value::float(a / b)) }
}
fn floor_divide(a: f64, b: f64) -> R {
    algorithms::floor_div(a, b).map(Value::float).ok_or_else(division_by_zero)
}
fn modulo(a: f64, b: f64) -> R {
    algorithms::modulo(a, b).map(Value::float).ok_or_else(division_by_zero)
}
fn divide_both(a: f64, b: f64) -> R {
    let (quotient, rest) = algorithms::divmod(a, b).ok_or_else(division_by_zero)?;
    Ok(new_tuple(&[Value::float(quotient), Value::float(rest)]).value())
}

fn check_no_modulus(modulus: Value) -> R<()> {
    if modulus.is_none() {
        return Ok(());
    }
    Err(type_error!("pow() 3rd argument not allowed unless all arguments are integers"))
}

/// `x ** y`; complex for a broken power of a negative number.
pub fn power(x: f64, y: f64) -> R {
    match algorithms::pow(x, y) {
        FloatPow::Value(result) => Ok(Value::float(result)),
        FloatPow::ZeroDivision => Err(objects::zero_division_error!("zero to a negative power")),
        FloatPow::Overflow => Err(new_error_args(
            exc::OVERFLOW_ERROR.get(),
            &[Value::small(libc::ERANGE), new_str("Numerical result out of range")],
        )),
        FloatPow::Complex => {
            let (real, imag) = crate::complex::power((x, 0.0), (y, 0.0))?;
            Ok(new_complex(real, imag).value())
        }
    }
}
