//! The class `Decimal` as Python sees it. Must not know: how numbers are computed.

use crate::arith::context::{Ctx, FLOAT_OPERATION};
use crate::arith::number::{Dec, Kind, Num};
use crate::arith::round::rescale;
use crate::arith::{basic, context::Rounding, misc, power, text};
use crate::compare::rich_compare;
use crate::context::{Context, bind, rounding_of};
use crate::convert::{self, Manner, operand};
use crate::current::current;
use crate::decimal::{Decimal, Operand, new_decimal, new_in, new_integer};
use crate::format::{self, Points};
use crate::operate::{self, context_or_current, method, method2};
use base::memory::{Grow, with_room};
use native_macros::native_class;
use objects::{
    Args, Cast, Class, CompareOp, Dict, Gc, Layout, R, Slot, Str, Tuple, Value, call, class_of, exc, is_int, new_error, new_str,
    new_tuple, type_error, value_error,
};

/// `DecimalTuple`.
static DECIMAL_TUPLE: Slot = Slot::empty();

pub fn decimal_tuple() -> Option<Value> {
    DECIMAL_TUPLE.get()
}
pub fn set_decimal_tuple(class: Value) {
    objects::roots::keep_forever(class);
    DECIMAL_TUPLE.get_or_set(class);
}

/// The number of any object that constructors take.
pub fn number_of(value: Value, manner: Manner, context: Gc<Context>) -> R<Dec> {
    if let Some(text) = value.cast::<Str>() {
        return convert::from_text(text, manner, &context);
    }
    let exact = if let Some(operand) = operand(value) {
        operand.num().to_owned()
    } else if let Some(float) = objects::float_value(value) {
        context.report(FLOAT_OPERATION)?;
        if manner == Manner::Rounded {
            return convert::rounded_float(float, &context);
        }
        return Ok(convert::from_float(float));
    } else if let Some(tuple) = value.cast::<Tuple>() {
        return convert::from_tuple(tuple.items(), manner, &context);
    } else if let Some(list) = value.cast::<objects::List>() {
        return convert::from_tuple(&objects::list::list_snapshot(list), manner, &context);
    } else {
        return Err(convert::not_supported(value));
    };
    if manner == Manner::Exact {
        return Ok(exact);
    }
    let mut status = 0;
    let result = convert::rounded(exact.as_num(), &context.settings(), &mut status);
    context.report(status)?;
    Ok(result)
}

/// A number as an instance of `class`, which may be Python's.
fn instance(class: Gc<Class>, number: &Dec) -> R {
    if class == Decimal::class() {
        return Ok(new_decimal(number));
    }
    call(class.value(), &[new_decimal(number)])
}

fn float_or_int(value: Value) -> R<Dec> {
    if let Some(float) = objects::float_value(value) {
        return Ok(convert::from_float(float));
    }
    match objects::int_view(value) {
        Some(view) => Ok(convert::from_int(view)),
        None => Err(type_error!("argument must be int or float")),
    }
}

/// Rounded to an int.
fn rounded_int(this: Gc<Decimal>, rounding: Rounding) -> R {
    let number = this.num();
    if number.kind != Kind::Finite || number.exp >= 0 {
        return convert::to_int(number);
    }
    let (coeff, _) = rescale(number, 0, rounding);
    convert::to_int(Num { exp: 0, coeff: coeff.as_ref(), ..number })
}

/// The number as text between two others.
#[inline]
fn shown(this: Gc<Decimal>, engineering: bool, capital: bool, around: (&str, &str)) -> Gc<Str> {
    if let Some(small) = this.small() {
        let mut buffer = [0; text::PLAIN_ROOM + 16];
        let (before, after) = (around.0.as_bytes(), around.1.as_bytes());
        buffer[..before.len()].copy_from_slice(before);
        if let Some(length) = text::write_plain(small, &mut buffer[before.len()..]) {
            let end = before.len() + length;
            buffer[end..end + after.len()].copy_from_slice(after);
            return Str::of_ascii(&buffer[..end + after.len()]);
        }
    }
    let mut out = with_room(64);
    out.put_all(around.0.as_bytes());
    text::write(this.num(), engineering, capital, &mut out);
    out.put_all(around.1.as_bytes());
    Str::of_ascii(&out)
}

fn to_integral(this: Gc<Decimal>, rounding: Option<Value>, context: Option<Value>, exact: bool) -> R {
    let context = context_or_current(context)?;
    let mut ctx = context.settings();
    if let Some(rounding) = rounding.filter(|rounding| !rounding.is_none()) {
        ctx.rounding = rounding_of(rounding)?;
    }
    let mut status = 0;
    let result = misc::to_integral(this.num(), ctx.rounding, exact, &ctx, &mut status);
    context.report(status)?;
    Ok(new_decimal(&result))
}

fn transcendental(this: Gc<Decimal>, context: Option<Value>, operation: operate::Unary) -> R {
    operate::transcendental(context_or_current(context)?, &Operand::Held(this), operation)
}

fn power_operator(a: Value, b: Value, modulus: Value) -> R {
    let (Some(a), Some(b)) = (operand(a), operand(b)) else { return Ok(Value::not_implemented()) };
    if modulus.is_none() {
        return operate::power(current()?, &a, &b, None);
    }
    match operand(modulus) {
        Some(modulus) => operate::power(current()?, &a, &b, Some(&modulus)),
        None => Ok(Value::not_implemented()),
    }
}

/// `pow(a, b, modulus)` of others; only if the modulus is a Decimal.
pub fn power_by_modulus(a: Value, b: Value, modulus: Value) -> R {
    if modulus.cast::<Decimal>().is_none() { Ok(Value::not_implemented()) } else { power_operator(a, b, modulus) }
}

fn divmod_operator(a: Value, b: Value) -> R {
    match (operand(a), operand(b)) {
        (Some(a), Some(b)) => operate::divmod(current()?, &a, &b),
        _ => Ok(Value::not_implemented()),
    }
}

/// What replaces the locale's signs.
fn points_of(overrides: Value) -> R<Points> {
    let Some(dict) = overrides.cast::<Dict>() else { return Err(format::bad_override()) };
    let text = |name: &str| -> R<Option<String>> {
        match objects::dict::dict_get_str(dict, objects::intern(name)) {
            None => Ok(None),
            Some(value) => match value.cast::<Str>().and_then(|text| text.to_utf8()) {
                Some(text) => Ok(Some(text)),
                None => Err(new_error(exc::TYPE_ERROR.get(), "bad argument type for built-in operation")),
            },
        }
    };
    let point = text("decimal_point")?.unwrap_or_else(|| ".".to_owned());
    let thousands = text("thousands_sep")?.unwrap_or_default();
    let grouping = text("grouping")?.unwrap_or_default();
    // No sign is longer than four bytes, no group as long as a byte with a sign could not tell.
    if point.is_empty() || point.len() > 4 || thousands.len() > 4 || grouping.chars().any(|size| size as u32 > 127) {
        return Err(value_error!("invalid override dict"));
    }
    Ok(Points { point, thousands, grouping: grouping.chars().map(|size| size as u8).collect() })
}

/// Construct a new Decimal object.
///
/// value can be an integer, string, tuple, or another Decimal object. If no value is given, return
/// Decimal('0'). The context does not affect the conversion and is only passed to determine if the
/// InvalidOperation trap is active.
#[native_class(name = "decimal.Decimal", layout = Decimal, base = object)]
impl Decimal {
    #[new]
    #[sig("(value='0', context=None)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let (value, context) = if args.has_keywords() || args.len() > 1 {
            let [value, context] = bind(args, ["value", "context"], 0)?;
            (value, context)
        } else {
            (args.get(0), None)
        };
        let Some(value) = value else {
            return Ok(new_in(cls, Dec::zero(false, 0).as_num()));
        };
        let plain = cls == Decimal::class();
        if plain && context.is_none() && value.cast_exact::<Decimal>().is_some() {
            return Ok(value);
        }
        if value.is_int() && plain && context.is_none() {
            return Ok(new_integer(value.as_int()));
        }
        let context = context_or_current(context)?;
        if plain && value.cast_exact::<Decimal>().is_some() {
            return Ok(value);
        }
        let number = number_of(value, Manner::Exact, context)?;
        Ok(new_in(cls, number.as_num()))
    }
    fn __add__(this: Gc<Decimal>, other: Value) -> R {
        operate::add(this, other)
    }
    fn __radd__(this: Gc<Decimal>, other: Value) -> R {
        operate::radd(this, other)
    }
    fn __sub__(this: Gc<Decimal>, other: Value) -> R {
        operate::subtract(this, other)
    }
    fn __rsub__(this: Gc<Decimal>, other: Value) -> R {
        operate::rsubtract(this, other)
    }
    fn __mul__(this: Gc<Decimal>, other: Value) -> R {
        operate::multiply(this, other)
    }
    fn __rmul__(this: Gc<Decimal>, other: Value) -> R {
        operate::rmultiply(this, other)
    }
    fn __truediv__(this: Gc<Decimal>, other: Value) -> R {
        operate::divide(this, other)
    }
    fn __rtruediv__(this: Gc<Decimal>, other: Value) -> R {
        operate::rdivide(this, other)
    }
    fn __floordiv__(this: Gc<Decimal>, other: Value) -> R {
        operate::floor_divide(this, other)
    }
    fn __rfloordiv__(this: Gc<Decimal>, other: Value) -> R {
        operate::rfloor_divide(this, other)
    }
    fn __mod__(this: Gc<Decimal>, other: Value) -> R {
        operate::remainder(this, other)
    }
    fn __rmod__(this: Gc<Decimal>, other: Value) -> R {
        operate::rremainder(this, other)
    }
    fn __divmod__(this: Gc<Decimal>, other: Value) -> R {
        divmod_operator(this.value(), other)
    }
    fn __rdivmod__(this: Gc<Decimal>, other: Value) -> R {
        divmod_operator(other, this.value())
    }
    fn __pow__(this: Gc<Decimal>, other: Value, modulus: Value) -> R {
        power_operator(this.value(), other, modulus)
    }
    fn __rpow__(this: Gc<Decimal>, other: Value, modulus: Value) -> R {
        power_operator(other, this.value(), modulus)
    }
    fn __neg__(this: Gc<Decimal>) -> R {
        operate::sign_change(this, |negative| !negative, basic::minus)
    }
    fn __pos__(this: Gc<Decimal>) -> R {
        operate::sign_change(this, |negative| negative, basic::plus)
    }
    fn __abs__(this: Gc<Decimal>) -> R {
        operate::sign_change(this, |_| false, basic::absolute)
    }
    fn __bool__(this: Gc<Decimal>) -> bool {
        !this.num().is_zero()
    }
    fn __lt__(this: Gc<Decimal>, other: Value) -> R {
        rich_compare(this, other, CompareOp::Lt)
    }
    fn __le__(this: Gc<Decimal>, other: Value) -> R {
        rich_compare(this, other, CompareOp::Le)
    }
    fn __eq__(this: Gc<Decimal>, other: Value) -> R {
        rich_compare(this, other, CompareOp::Eq)
    }
    fn __ne__(this: Gc<Decimal>, other: Value) -> R {
        rich_compare(this, other, CompareOp::Ne)
    }
    fn __gt__(this: Gc<Decimal>, other: Value) -> R {
        rich_compare(this, other, CompareOp::Gt)
    }
    fn __ge__(this: Gc<Decimal>, other: Value) -> R {
        rich_compare(this, other, CompareOp::Ge)
    }
    fn __hash__(this: Gc<Decimal>) -> R<i64> {
        let number = this.num();
        match number.kind {
            Kind::Signaling => Err(type_error!("Cannot hash a signaling NaN value")),
            Kind::Quiet => Ok(objects::identity_hash(this.value())),
            _ => Ok(convert::hash(number)),
        }
    }
    fn __repr__(this: Gc<Decimal>) -> R<Gc<Str>> {
        Ok(shown(this, false, current()?.capitals(), ("Decimal('", "')")))
    }
    fn __str__(this: Gc<Decimal>) -> R<Gc<Str>> {
        Ok(shown(this, false, current()?.capitals(), ("", "")))
    }
    fn __int__(this: Gc<Decimal>) -> R {
        convert::to_int(this.num())
    }
    fn __float__(this: Gc<Decimal>) -> R<f64> {
        convert::to_f64(this.num())
    }
    #[sig("(*args)", hidden)]
    fn __format__(this: Gc<Decimal>, args: &[Value]) -> R<Gc<Str>> {
        let (spec, overrides) = match args {
            [spec] => (*spec, None),
            [spec, overrides] => (*spec, Some(*overrides)),
            [] => return Err(type_error!("function takes at least 1 argument (0 given)")),
            _ => return Err(type_error!("function takes at most 2 arguments ({} given)", args.len())),
        };
        let Some(spec) = spec.cast::<Str>() else { return Err(type_error!("format arg must be str")) };
        let context = current()?;
        let points = overrides.map(points_of).transpose()?;
        if spec.is_empty() {
            return Ok(shown(this, false, context.capitals(), ("", "")));
        }
        if let (Some(small), Some(ascii)) = (this.small(), spec.as_ascii())
            && let Some(text) = format::quick(small, ascii.as_bytes(), context.rounding())
        {
            return Ok(text);
        }
        format::format(this.num(), spec, context, points)
    }
    #[sig("(*args)", hidden)]
    fn __round__(this: Gc<Decimal>, args: &[Value]) -> R {
        let digits = match args {
            [] => return rounded_int(this, Rounding::HalfEven),
            [digits] if is_int(*digits) => crate::context::ssize_of(*digits)?,
            [_] => return Err(type_error!("optional arg must be an integer")),
            _ => return Err(type_error!("function takes at most 1 argument ({} given)", args.len())),
        };
        let context = current()?;
        let exp = Operand::Made(Dec::zero(false, digits.saturating_neg()));
        operate::quantize(context, &context.settings(), &Operand::Held(this), &exp)
    }
    fn __floor__(this: Gc<Decimal>) -> R {
        rounded_int(this, Rounding::Floor)
    }
    fn __ceil__(this: Gc<Decimal>) -> R {
        rounded_int(this, Rounding::Ceiling)
    }
    fn __trunc__(this: Gc<Decimal>) -> R {
        rounded_int(this, Rounding::Down)
    }
    fn __complex__(this: Gc<Decimal>) -> R<Gc<objects::Complex>> {
        Ok(objects::new_complex(convert::to_f64(this.num())?, 0.0))
    }
    fn __copy__(this: Gc<Decimal>) -> Gc<Decimal> {
        this
    }
    fn __deepcopy__(this: Gc<Decimal>, _object: Value) -> Gc<Decimal> {
        this
    }
    fn __reduce__(this: Gc<Decimal>) -> R {
        let text = shown(this, false, true, ("", "")).value();
        let arguments = new_tuple(&[text]).value();
        Ok(new_tuple(&[class_of(this.value()).value(), arguments]).value())
    }
    fn __sizeof__(this: Gc<Decimal>) -> usize {
        std::mem::size_of::<Decimal>() + if this.long_words() > 0 { 32 + 8 * this.long_words() } else { 0 }
    }
    #[getter]
    fn real(this: Gc<Decimal>) -> Gc<Decimal> {
        this
    }
    #[getter]
    fn imag(_this: Gc<Decimal>) -> Value {
        new_integer(0)
    }
    /// Return the exponent of the leading digit.
    fn adjusted(this: Gc<Decimal>) -> i64 {
        let number = this.num();
        if number.is_finite() { number.adjusted() } else { 0 }
    }
    /// Return a pair of integers whose ratio is the number.
    fn as_integer_ratio(this: Gc<Decimal>) -> R {
        convert::ratio(this.num())
    }
    /// Return a tuple representation of the number.
    fn as_tuple(this: Gc<Decimal>) -> R {
        let number = this.num();
        let mut text = Vec::new();
        if number.is_infinite() {
            text.put(b'0');
        } else if number.is_finite() || !number.coeff.is_zero() {
            number.coeff.write_digits(&mut text);
        }
        let mut digits = objects::GcVec::with_capacity(text.len());
        for digit in &text {
            digits.push(objects::new_int((digit - b'0') as i64));
        }
        let exponent = match number.kind {
            Kind::Finite => objects::new_int(number.exp),
            Kind::Infinite => new_str("F"),
            Kind::Quiet => new_str("n"),
            Kind::Signaling => new_str("N"),
        };
        let parts = [objects::new_int(number.negative as i64), new_tuple(&digits).value(), exponent];
        match DECIMAL_TUPLE.get() {
            Some(class) => call(class, &parts),
            None => Ok(new_tuple(&parts).value()),
        }
    }
    /// Convert a float to a decimal number, exactly.
    ///
    ///   >>> Decimal.from_float(0.375)
    ///   Decimal('0.375')
    #[classmethod]
    #[sig("(f, /)")]
    fn from_float(cls: Gc<Class>, f: Value) -> R {
        instance(cls, &float_or_int(f)?)
    }
    /// Convert a real number to a decimal number, exactly.
    ///
    ///   >>> Decimal.from_number(0.375), Decimal.from_number(-7)
    ///   (Decimal('0.375'), Decimal('-7'))
    #[classmethod]
    #[sig("(number, /)")]
    fn from_number(cls: Gc<Class>, number: Value) -> R {
        if number.cast_exact::<Decimal>().is_some() && cls == Decimal::class() {
            return Ok(number);
        }
        let exact = match operand(number) {
            Some(operand) => operand.num().to_owned(),
            None => match objects::float_value(number) {
                Some(float) => convert::from_float(float),
                None => return Err(convert::not_supported(number)),
            },
        };
        instance(cls, &exact)
    }
    /// Return the number: every encoding here is canonical.
    fn canonical(this: Gc<Decimal>) -> Gc<Decimal> {
        this
    }
    /// Return the number itself.
    fn conjugate(this: Gc<Decimal>) -> Gc<Decimal> {
        this
    }
    /// Return Decimal(10), the radix of all arithmetic here.
    fn radix(_this: Gc<Decimal>) -> Value {
        new_integer(10)
    }
    /// Tell whether the encoding is canonical; it always is.
    fn is_canonical(_this: Gc<Decimal>) -> bool {
        true
    }
    /// Tell whether the number is neither infinite nor NaN.
    fn is_finite(this: Gc<Decimal>) -> bool {
        this.num().is_finite()
    }
    /// Tell whether the number is infinite.
    fn is_infinite(this: Gc<Decimal>) -> bool {
        this.num().is_infinite()
    }
    /// Tell whether it is a quiet or signaling NaN.
    fn is_nan(this: Gc<Decimal>) -> bool {
        this.num().is_nan()
    }
    /// Tell whether it is a quiet NaN.
    fn is_qnan(this: Gc<Decimal>) -> bool {
        this.num().kind == Kind::Quiet
    }
    /// Tell whether it is a signaling NaN.
    fn is_snan(this: Gc<Decimal>) -> bool {
        this.num().kind == Kind::Signaling
    }
    /// Tell whether the sign is negative.
    fn is_signed(this: Gc<Decimal>) -> bool {
        this.is_negative()
    }
    /// Tell whether the number is a zero of either sign.
    fn is_zero(this: Gc<Decimal>) -> bool {
        this.num().is_zero()
    }
    /// Tell whether the number is finite, not zero and not subnormal.
    #[sig("(context=None)")]
    fn is_normal(this: Gc<Decimal>, context: Option<Value>) -> R<bool> {
        Ok(misc::is_normal(this.num(), &context_or_current(context)?.settings()))
    }
    /// Tell whether the number is too small for all digits of the precision.
    #[sig("(context=None)")]
    fn is_subnormal(this: Gc<Decimal>, context: Option<Value>) -> R<bool> {
        Ok(misc::is_subnormal(this.num(), &context_or_current(context)?.settings()))
    }
    /// Return the class of the number as text.
    #[sig("(context=None)")]
    fn number_class(this: Gc<Decimal>, context: Option<Value>) -> R<&'static str> {
        Ok(misc::number_class(this.num(), &context_or_current(context)?.settings()))
    }
    /// Return the number in engineering notation.
    #[sig("(context=None)")]
    fn to_eng_string(this: Gc<Decimal>, context: Option<Value>) -> R<Gc<Str>> {
        Ok(shown(this, true, context_or_current(context)?.capitals(), ("", "")))
    }
    /// Return the absolute value, whatever the context.
    fn copy_abs(this: Gc<Decimal>) -> Value {
        new_decimal(&this.num().with_sign(false).to_owned())
    }
    /// Return the negation, whatever the context.
    fn copy_negate(this: Gc<Decimal>) -> Value {
        new_decimal(&this.num().negated().to_owned())
    }
    /// Return the largest number of the context that is smaller.
    #[sig("(context=None)")]
    fn next_minus(this: Gc<Decimal>, context: Option<Value>) -> R {
        method(this, context, operate::next_minus)
    }
    /// Return the smallest number of the context that is larger.
    #[sig("(context=None)")]
    fn next_plus(this: Gc<Decimal>, context: Option<Value>) -> R {
        method(this, context, operate::next_plus)
    }
    /// Return the number without trailing zeros.
    #[sig("(context=None)")]
    fn normalize(this: Gc<Decimal>, context: Option<Value>) -> R {
        method(this, context, misc::reduce)
    }
    /// Return the exponent of the leading digit as a decimal number.
    #[sig("(context=None)")]
    fn logb(this: Gc<Decimal>, context: Option<Value>) -> R {
        method(this, context, misc::logb)
    }
    /// Return all digits of the precision, inverted; they must be 0 or 1.
    #[sig("(context=None)")]
    fn logical_invert(this: Gc<Decimal>, context: Option<Value>) -> R {
        method(this, context, misc::logical_invert)
    }
    /// Return the square root, correctly rounded.
    #[sig("(context=None)")]
    fn sqrt(this: Gc<Decimal>, context: Option<Value>) -> R {
        transcendental(this, context, misc::sqrt)
    }
    /// Return e ** x, correctly rounded.
    #[sig("(context=None)")]
    fn exp(this: Gc<Decimal>, context: Option<Value>) -> R {
        transcendental(this, context, power::exp)
    }
    /// Return the natural logarithm, correctly rounded.
    #[sig("(context=None)")]
    fn ln(this: Gc<Decimal>, context: Option<Value>) -> R {
        transcendental(this, context, power::ln)
    }
    /// Return the logarithm to base ten, correctly rounded.
    #[sig("(context=None)")]
    fn log10(this: Gc<Decimal>, context: Option<Value>) -> R {
        transcendental(this, context, power::log10)
    }
    /// Compare two numbers: the result is -1, 0, 1, or NaN.
    #[sig("(other, context=None)")]
    fn compare(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::compare)
    }
    /// Compare two numbers; every NaN signals.
    #[sig("(other, context=None)")]
    fn compare_signal(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::compare_signal)
    }
    /// Compare two numbers by their representation: all of them have an order.
    #[sig("(other, context=None)")]
    fn compare_total(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::compare_total)
    }
    /// Compare two numbers by their representation, whatever their signs.
    #[sig("(other, context=None)")]
    fn compare_total_mag(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::compare_total_mag)
    }
    /// Return the first number with the sign of the second.
    #[sig("(other, context=None)")]
    fn copy_sign(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::copy_sign)
    }
    /// Return the digits of both that are one in both; all must be 0 or 1.
    ///
    ///   >>> Decimal('1100').logical_and(Decimal('1010'))
    ///   Decimal('1000')
    #[sig("(other, context=None)")]
    fn logical_and(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::logical_and)
    }
    /// Return the digits that are one in either; all must be 0 or 1.
    ///
    ///   >>> Decimal('1100').logical_or(Decimal('1010'))
    ///   Decimal('1110')
    #[sig("(other, context=None)")]
    fn logical_or(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::logical_or)
    }
    /// Return the digits that are one in just one of both; all must be 0 or 1.
    ///
    ///   >>> Decimal('1100').logical_xor(Decimal('1010'))
    ///   Decimal('110')
    #[sig("(other, context=None)")]
    fn logical_xor(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::logical_xor)
    }
    /// Return the larger number; a quiet NaN counts as missing.
    #[sig("(other, context=None)")]
    fn max(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::max)
    }
    /// Return the number of larger magnitude.
    #[sig("(other, context=None)")]
    fn max_mag(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::max_mag)
    }
    /// Return the smaller number; a quiet NaN counts as missing.
    #[sig("(other, context=None)")]
    fn min(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::min)
    }
    /// Return the number of smaller magnitude.
    #[sig("(other, context=None)")]
    fn min_mag(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, operate::min_mag)
    }
    /// Return the neighbour of the first number in the direction of the second.
    #[sig("(other, context=None)")]
    fn next_toward(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, misc::next_toward)
    }
    /// Return the difference to the nearest multiple of the second number.
    #[sig("(other, context=None)")]
    fn remainder_near(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, basic::remainder_near)
    }
    /// Return the first number with its digits rotated by as many places as the second says.
    #[sig("(other, context=None)")]
    fn rotate(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, misc::rotate)
    }
    /// Return the first number with the second added to its exponent.
    #[sig("(other, context=None)")]
    fn scaleb(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, misc::scaleb)
    }
    /// Return the first number with its digits shifted by as many places as the second says.
    #[sig("(other, context=None)")]
    fn shift(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R {
        method2(this, other, context, misc::shift)
    }
    /// Tell whether both numbers have the same exponent.
    #[sig("(other, context=None)")]
    fn same_quantum(this: Gc<Decimal>, other: Value, context: Option<Value>) -> R<bool> {
        context_or_current(context)?;
        Ok(misc::same_quantum(this.num(), convert::required(other)?.num()))
    }
    /// Return self * other + third, rounded once.
    #[sig("(other, third, context=None)")]
    fn fma(this: Gc<Decimal>, other: Value, third: Value, context: Option<Value>) -> R {
        let context = context_or_current(context)?;
        let (other, third) = (convert::required(other)?, convert::required(third)?);
        operate::fma(context, &Operand::Held(this), &other, &third)
    }
    /// Return the number rounded to the exponent of another one.
    #[sig("(exp, rounding=None, context=None)")]
    fn quantize(this: Gc<Decimal>, exp: Value, rounding: Option<Value>, context: Option<Value>) -> R {
        let context = context_or_current(context)?;
        let mut ctx: Ctx = context.settings();
        if let Some(rounding) = rounding.filter(|rounding| !rounding.is_none()) {
            ctx.rounding = rounding_of(rounding)?;
        }
        let exp = convert::required(exp)?;
        operate::quantize(context, &ctx, &Operand::Held(this), &exp)
    }
    /// Return the nearest integer, without signals.
    #[sig("(rounding=None, context=None)")]
    fn to_integral(this: Gc<Decimal>, rounding: Option<Value>, context: Option<Value>) -> R {
        to_integral(this, rounding, context, false)
    }
    /// Return the nearest integer, without signals.
    #[sig("(rounding=None, context=None)")]
    fn to_integral_value(this: Gc<Decimal>, rounding: Option<Value>, context: Option<Value>) -> R {
        to_integral(this, rounding, context, false)
    }
    /// Return the nearest integer, and signal if digits were lost.
    #[sig("(rounding=None, context=None)")]
    fn to_integral_exact(this: Gc<Decimal>, rounding: Option<Value>, context: Option<Value>) -> R {
        to_integral(this, rounding, context, true)
    }
}
