//! The Python-visible skin of `complex`. Must not know: the arithmetic (`base::complex`).

use crate::number_text::{division_by_zero, number_text};
use base::complex::{self as algorithms, ComplexPow};
use native_macros::native_class;
use objects::args::Args;
use objects::error::{R, overflow_error, raise_fault, type_error, value_error};
use objects::float::Complex;
use objects::int::{int_to_f64, int_view};
use objects::{
    Cast, Class, Gc, Header, Layout, Str, Value, call, class_name, class_of, float_value, format, interned, lookup_special,
    new_complex, new_object, new_tuple,
};

type Pair = (f64, f64);

pub struct ComplexSkin;

/// Complex number.
///
/// complex(real, imag) is real + imag*1j.  A single argument may also be the
/// text of a number or an object with __complex__().
#[native_class(name = "complex", layout = Complex, base = object)]
impl ComplexSkin {
    #[new]
    #[sig("(real=0, imag=0)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        construct(cls, args)
    }
    fn __repr__(this: Gc<Complex>) -> String {
        algorithms::repr((this.real, this.imag))
    }
    fn __hash__(this: Gc<Complex>) -> R<i64> {
        let part = |number: f64| {
            if number.is_nan() { Ok(objects::identity_hash(this.value())) } else { objects::hash(Value::float(number)) }
        };
        Ok(base::hash::hash_complex(part(this.real)?, part(this.imag)?))
    }
    fn __eq__(this: Gc<Complex>, other: Value) -> Value {
        equality(this, other, true)
    }
    fn __ne__(this: Gc<Complex>, other: Value) -> Value {
        equality(this, other, false)
    }
    fn __lt__(_this: Value, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __le__(_this: Value, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __gt__(_this: Value, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __ge__(_this: Value, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __add__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            let a = pair(this);
            Ok(match other {
                Operand::Real(x) => (a.0 + x, a.1),
                Operand::Complex(b) => (a.0 + b.0, a.1 + b.1),
            })
        })
    }
    fn __radd__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            let b = pair(this);
            Ok(match other {
                Operand::Real(x) => (x + b.0, b.1),
                Operand::Complex(a) => (a.0 + b.0, a.1 + b.1),
            })
        })
    }
    fn __sub__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            let a = pair(this);
            Ok(match other {
                Operand::Real(x) => (a.0 - x, a.1),
                Operand::Complex(b) => (a.0 - b.0, a.1 - b.1),
            })
        })
    }
    fn __rsub__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            let b = pair(this);
            Ok(match other {
                Operand::Real(x) => (x - b.0, -b.1),
                Operand::Complex(a) => (a.0 - b.0, a.1 - b.1),
            })
        })
    }
    fn __mul__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            Ok(match other {
                Operand::Real(x) => algorithms::multiply_real(pair(this), x),
                Operand::Complex(b) => algorithms::multiply(pair(this), b),
            })
        })
    }
    fn __rmul__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            Ok(match other {
                Operand::Real(x) => algorithms::multiply_real(pair(this), x),
                Operand::Complex(a) => algorithms::multiply(a, pair(this)),
            })
        })
    }
    fn __truediv__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            match other {
                Operand::Real(x) => algorithms::divide_by_real(pair(this), x),
                Operand::Complex(b) => algorithms::divide(pair(this), b),
            }
            .ok_or_else(division_by_zero)
        })
    }
    fn __rtruediv__(this: Gc<Complex>, other: Value) -> R {
        with_operand(other, |other| {
            match other {
                Operand::Real(x) => algorithms::divide_real(x, pair(this)),
                Operand::Complex(a) => algorithms::divide(a, pair(this)),
            }
            .ok_or_else(division_by_zero)
        })
    }
    fn __pow__(this: Gc<Complex>, other: Value, modulus: Value) -> R {
        with_operand(other, |other| {
            check_no_modulus(modulus)?;
            power(pair(this), other.widen())
        })
    }
    fn __rpow__(this: Gc<Complex>, other: Value, modulus: Value) -> R {
        with_operand(other, |other| {
            check_no_modulus(modulus)?;
            power(other.widen(), pair(this))
        })
    }
    fn __neg__(this: Gc<Complex>) -> Gc<Complex> {
        new_complex(-this.real, -this.imag)
    }
    fn __pos__(this: Gc<Complex>) -> Gc<Complex> {
        plain(this)
    }
    fn __abs__(this: Gc<Complex>) -> R<f64> {
        algorithms::absolute(pair(this)).ok_or_else(|| overflow_error!("absolute value too large"))
    }
    fn __bool__(this: Gc<Complex>) -> bool {
        this.real != 0.0 || this.imag != 0.0
    }
    /// The value as an exact complex.
    fn __complex__(this: Gc<Complex>) -> Gc<Complex> {
        plain(this)
    }
    /// Format as the format specification says.
    #[sig("($self, format_spec, /)")]
    fn __format__(this: Gc<Complex>, format_spec: Gc<Str>) -> R<Gc<Str>> {
        format::format_complex(this.value(), format_spec)
    }
    fn __getnewargs__(this: Gc<Complex>) -> Value {
        new_tuple(&[Value::float(this.real), Value::float(this.imag)]).value()
    }
    /// The number mirrored at the real axis: (3-4j).conjugate() == 3+4j.
    fn conjugate(this: Gc<Complex>) -> Gc<Complex> {
        new_complex(this.real, -this.imag)
    }
    /// Convert a number to a complex number; text is refused.
    #[classmethod]
    #[sig("($type, number, /)")]
    fn from_number(cls: Gc<Class>, number: Value) -> R {
        let exact = cls == Complex::class();
        if exact && class_of(number) == cls {
            return Ok(number);
        }
        let (real, imag) = match complex_value(number)? {
            Some(value) => value,
            None => (objects::as_f64(number)?, 0.0),
        };
        let value = new_complex(real, imag).value();
        if exact { Ok(value) } else { call(cls.value(), &[value]) }
    }
    /// the real part of a complex number
    #[getter]
    fn real(this: Gc<Complex>) -> f64 {
        this.real
    }
    /// the imaginary part of a complex number
    #[getter]
    fn imag(this: Gc<Complex>) -> f64 {
        this.imag
    }
}

fn pair(value: Gc<Complex>) -> Pair {
    (value.real, value.imag)
}

fn plain(value: Gc<Complex>) -> Gc<Complex> {
    if class_of(value.value()) == Complex::class() { value } else { new_complex(value.real, value.imag) }
}

enum Operand {
    Real(f64),
    Complex(Pair),
}

impl Operand {
    fn widen(self) -> Pair {
        match self {
            Operand::Real(x) => (x, 0.0),
            Operand::Complex(z) => z,
        }
    }
}

fn operand(value: Value) -> R<Option<Operand>> {
    if let Some(number) = float_value(value) {
        return Ok(Some(Operand::Real(number)));
    }
    if let Some(view) = int_view(value) {
        return Ok(Some(Operand::Real(int_to_f64(view)?)));
    }
    Ok(value.cast::<Complex>().map(|z| Operand::Complex(pair(z))))
}

fn with_operand(value: Value, operate: impl FnOnce(Operand) -> R<Pair>) -> R {
    match operand(value)? {
        Some(other) => {
            let (real, imag) = operate(other)?;
            Ok(new_complex(real, imag).value())
        }
        None => Ok(Value::not_implemented()),
    }
}

fn equality(this: Gc<Complex>, other: Value, wanted: bool) -> Value {
    let equal = if let Some(other) = other.cast::<Complex>() {
        pair(this) == pair(other)
    } else if let Some(other) = float_value(other) {
        pair(this) == (other, 0.0)
    } else if let Some(view) = int_view(other) {
        this.imag == 0.0 && crate::float::compare_with_int(this.real, view).is_some_and(|order| order.is_eq())
    } else {
        return Value::not_implemented();
    };
    Value::bool(equal == wanted)
}

fn check_no_modulus(modulus: Value) -> R<()> {
    if modulus.is_none() { Ok(()) } else { Err(value_error!("complex modulo")) }
}

/// `a ** b`.
pub fn power(a: Pair, b: Pair) -> R<Pair> {
    match algorithms::power(a, b) {
        ComplexPow::Value(result) => Ok(result),
        ComplexPow::ZeroDivision => Err(objects::zero_division_error!("zero to a negative or complex power")),
        ComplexPow::Overflow => Err(overflow_error!("complex exponentiation")),
    }
}

/// The number of a complex object or of one with `__complex__`; None for others.
pub fn complex_value(value: Value) -> R<Option<Pair>> {
    if let Some(z) = value.cast_exact::<Complex>() {
        return Ok(Some(pair(z)));
    }
    if value.is_float() || value.is_int() {
        return Ok(None);
    }
    let Some(method) = lookup_special(value, interned!("__complex__"))? else { return Ok(None) };
    let result = method.call(&[])?;
    let Some(z) = result.cast::<Complex>() else {
        return Err(type_error!("__complex__ returned non-complex (type {})", class_name(result)));
    };
    if class_of(result) != Complex::class() {
        objects::warnings::deprecation(&format!(
            "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of complex is deprecated, and may be removed in a future version of Python.",
            class_name(result)
        ))?;
    }
    Ok(Some(pair(z)))
}

fn is_real(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.float.get().is_some() || slots.index.get().is_some()
}

fn construct(cls: Gc<Class>, args: Args) -> R {
    let given = args.total_len();
    if given > 2 {
        return Err(type_error!("complex() takes at most 2 arguments ({given} given)"));
    }
    let (mut real, mut imag) = (args.get(0), args.get(1));
    for (name, value) in args.keywords() {
        let name = name.cast::<Str>().map_or(String::new(), |name| name.to_string_lossy());
        let (target, position) = match name.as_str() {
            "real" => (&mut real, 1),
            "imag" => (&mut imag, 2),
            _ => return Err(type_error!("complex() got an unexpected keyword argument '{name}'")),
        };
        if target.is_some() {
            return Err(type_error!("argument for complex() given by name ('{name}') and position ({position})"));
        }
        *target = Some(value);
    }
    if let (Some(value), None, 1) = (real, imag, args.len()) {
        return from_one(cls, value);
    }
    // complex(a, b) is a + b*1j for complex parts too, which is deprecated.
    let a = match real {
        Some(value) => part(value, "real")?,
        None => Operand::Real(0.0),
    };
    let b = match imag {
        Some(value) => part(value, "imag")?,
        None => Operand::Real(0.0),
    };
    let (a, b) = (a.widen(), (matches!(b, Operand::Complex(_)), b.widen()));
    let value = if b.0 { (a.0 - b.1.1, a.1 + b.1.0) } else { (a.0, if a.1 == 0.0 { b.1.0 } else { a.1 + b.1.0 }) };
    Ok(instance(cls, value))
}

fn instance(class: Gc<Class>, (real, imag): Pair) -> Value {
    new_object(class, Complex { header: Header::blank(), real, imag }).value()
}

fn from_one(cls: Gc<Class>, value: Value) -> R {
    if class_of(value) == Complex::class() && cls == Complex::class() {
        return Ok(value);
    }
    if value.cast::<Str>().is_some() {
        let Some(source) = number_text(value)? else { return Err(value_error!("complex() arg is a malformed string")) };
        let number = algorithms::parse(&source.text, &|| crate::number_text::shown_short(value)).map_err(raise_fault)?;
        return Ok(instance(cls, number));
    }
    if let Some(number) = complex_value(value)? {
        return Ok(instance(cls, number));
    }
    match crate::float::float_by_method(value)? {
        Some(real) => Ok(instance(cls, (real, 0.0))),
        None => Err(type_error!("complex() argument must be a string or a number, not {}", class_name(value))),
    }
}

fn part(value: Value, name: &str) -> R<Operand> {
    let refused = |value: Value| type_error!("complex() argument '{name}' must be a real number, not {}", class_name(value));
    if value.cast::<Str>().is_some() {
        return Err(refused(value));
    }
    let number = if name == "real" { complex_value(value)? } else { value.cast::<Complex>().map(pair) };
    if let Some(number) = number {
        if value.cast::<Complex>().is_some() || !is_real(value) {
            objects::warnings::deprecation(&format!(
                "complex() argument '{name}' must be a real number, not {}",
                class_name(value)
            ))?;
        }
        return Ok(Operand::Complex(number));
    }
    match crate::float::float_by_method(value)? {
        Some(real) => Ok(Operand::Real(real)),
        None => Err(refused(value)),
    }
}
