//! The class `Context` as Python sees it, and the manager of `localcontext`. Must not know: how numbers are computed.

use crate::arith::context::Status;
use crate::arith::number::Kind;
use crate::arith::{basic, misc, power, text};
use crate::context::{Context, SETTINGS, bind, change, copy_of, initialise, new_context};
use crate::convert::{self, Manner, required};
use crate::current::set_current;
use crate::decimal::{Decimal, new_decimal, new_integer};
use crate::decimal_class::number_of;
use crate::operate::{self, in_context, in_context2};
use crate::signals;
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, Header, R, Slot, Str, Value, class_of, new_int, new_object, new_str, new_tuple, type_error,
};
use std::sync::atomic::Ordering;

fn shown(context: Gc<Context>, value: Value, engineering: bool) -> R<Gc<Str>> {
    let operand = required(value)?;
    let mut out = Vec::new();
    text::write(operand.num(), engineering, context.capitals(), &mut out);
    Ok(Str::of_ascii(&out))
}
fn decimal_only(value: Value) -> R<Gc<Decimal>> {
    value.cast::<Decimal>().ok_or_else(|| type_error!("argument must be a Decimal"))
}
fn transcendental(context: Gc<Context>, value: Value, operation: operate::Unary) -> R {
    operate::transcendental(context, &required(value)?, operation)
}

/// The settings by which decimal numbers are computed: precision, rounding, limits of the exponent, and what happens in exceptional cases.
#[native_class(name = "decimal.Context", layout = Context, base = object)]
impl Context {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> Gc<Context> {
        new_context(cls)
    }
    #[sig("(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)")]
    fn __init__(this: Gc<Context>, args: Args) -> R<()> {
        let bound = bind(args, SETTINGS, 0)?;
        for (name, value) in SETTINGS.iter().zip(bound) {
            if let Some(value) = value.filter(|value| !value.is_none()) {
                initialise(this, name, value)?;
            }
        }
        Ok(())
    }
    #[getter("prec")]
    fn prec_attr(this: Gc<Context>) -> i64 {
        this.prec.load(Ordering::Relaxed)
    }
    #[setter(prec)]
    fn set_prec(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "prec", value)
    }
    #[getter("Emax")]
    fn emax_attr(this: Gc<Context>) -> i64 {
        this.emax.load(Ordering::Relaxed)
    }
    #[setter(Emax)]
    fn set_emax(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "Emax", value)
    }
    #[getter("Emin")]
    fn emin_attr(this: Gc<Context>) -> i64 {
        this.emin.load(Ordering::Relaxed)
    }
    #[setter(Emin)]
    fn set_emin(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "Emin", value)
    }
    #[getter("capitals")]
    fn capitals_setting_attr(this: Gc<Context>) -> i64 {
        this.capitals.load(Ordering::Relaxed) as i64
    }
    #[setter(capitals)]
    fn set_capitals_setting(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "capitals", value)
    }
    #[getter("clamp")]
    fn clamp_setting_attr(this: Gc<Context>) -> i64 {
        this.clamp.load(Ordering::Relaxed) as i64
    }
    #[setter(clamp)]
    fn set_clamp_setting(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "clamp", value)
    }
    #[getter("rounding")]
    fn rounding_attr(this: Gc<Context>) -> Gc<Str> {
        objects::intern(this.rounding().name())
    }
    #[setter(rounding)]
    fn set_rounding(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "rounding", value)
    }
    #[getter("flags")]
    fn flags_attr(this: Gc<Context>) -> R {
        Context::signals(this, false)
    }
    #[setter(flags)]
    fn set_flags(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "flags", value)
    }
    #[getter("traps")]
    fn traps_attr(this: Gc<Context>) -> R {
        Context::signals(this, true)
    }
    #[setter(traps)]
    fn set_traps(this: Gc<Context>, value: Option<Value>) -> R<()> {
        change(this, "traps", value)
    }
    /// Return the least exponent of subnormal numbers: Emin - prec + 1.
    #[name("Etiny")]
    fn etiny(this: Gc<Context>) -> i64 {
        this.settings().etiny()
    }
    /// Return the exponent of the largest number: Emax - prec + 1.
    #[name("Etop")]
    fn etop(this: Gc<Context>) -> i64 {
        this.settings().etop()
    }
    /// Reset all flags.
    fn clear_flags(this: Gc<Context>) {
        this.flags.store(0, Ordering::Relaxed);
    }
    /// Reset all traps.
    fn clear_traps(this: Gc<Context>) {
        this.traps.store(0, Ordering::Relaxed);
    }
    /// Return a copy of the context.
    fn copy(this: Gc<Context>) -> Gc<Context> {
        copy_of(this)
    }
    fn __copy__(this: Gc<Context>) -> Gc<Context> {
        copy_of(this)
    }
    fn __reduce__(this: Gc<Context>) -> R {
        let settings = this.settings();
        let (flags, traps): (Status, Status) = (this.flags(), this.traps());
        let (flags, traps) = (signals::list_of(flags)?, signals::list_of(traps)?);
        let arguments = new_tuple(&[
            new_int(settings.prec),
            new_str(settings.rounding.name()),
            new_int(settings.emin),
            new_int(settings.emax),
            new_int(this.capitals() as i64),
            new_int(settings.clamp as i64),
            flags,
            traps,
        ]);
        Ok(new_tuple(&[class_of(this.value()).value(), arguments.value()]).value())
    }
    fn __repr__(this: Gc<Context>) -> String {
        let settings = this.settings();
        format!(
            "Context(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags={}, traps={})",
            settings.prec,
            settings.rounding.name(),
            settings.emin,
            settings.emax,
            this.capitals() as u8,
            settings.clamp as u8,
            signals::names_of(this.flags()),
            signals::names_of(this.traps())
        )
    }
    fn _apply(this: Gc<Context>, object: Value) -> R {
        in_context(this, object, crate::arith::round::round_to)
    }
    /// Return the absolute value.
    fn abs(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, basic::absolute)
    }
    /// Return the negation.
    fn minus(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, basic::minus)
    }
    /// Return the number, rounded.
    fn plus(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, basic::plus)
    }
    /// Return the number without its sign, whatever the context.
    fn copy_abs(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::copy_abs)
    }
    /// Return the number with the other sign, whatever the context.
    fn copy_negate(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::copy_negate)
    }
    /// Return the exponent of the leading digit as a decimal number.
    fn logb(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, misc::logb)
    }
    /// Return all digits of the precision, inverted; they must be 0 or 1.
    ///
    ///   >>> ExtendedContext.logical_invert(Decimal('101000'))
    ///   Decimal('111010111')
    fn logical_invert(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, misc::logical_invert)
    }
    /// Return the largest number of the context that is smaller.
    fn next_minus(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::next_minus)
    }
    /// Return the smallest number of the context that is larger.
    fn next_plus(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::next_plus)
    }
    /// Return the number without trailing zeros.
    fn normalize(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, misc::reduce)
    }
    /// Return the nearest integer, without signals.
    fn to_integral(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::to_integral_value)
    }
    /// Return the nearest integer, without signals.
    fn to_integral_value(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::to_integral_value)
    }
    /// Return the nearest integer, and signal if digits were lost.
    fn to_integral_exact(this: Gc<Context>, x: Value) -> R {
        in_context(this, x, operate::to_integral_exact)
    }
    /// Return the square root, correctly rounded.
    fn sqrt(this: Gc<Context>, x: Value) -> R {
        transcendental(this, x, misc::sqrt)
    }
    /// Return e ** x, correctly rounded.
    fn exp(this: Gc<Context>, x: Value) -> R {
        transcendental(this, x, power::exp)
    }
    /// Return the natural logarithm, correctly rounded.
    fn ln(this: Gc<Context>, x: Value) -> R {
        transcendental(this, x, power::ln)
    }
    /// Return the logarithm to base ten, correctly rounded.
    fn log10(this: Gc<Context>, x: Value) -> R {
        transcendental(this, x, power::log10)
    }
    /// Return the sum.
    fn add(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::context_add(this, x, y)
    }
    /// Return the difference.
    fn subtract(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::context_subtract(this, x, y)
    }
    /// Return the product.
    fn multiply(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::context_multiply(this, x, y)
    }
    /// Return the quotient.
    fn divide(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::context_divide(this, x, y)
    }
    /// Return the whole part of the quotient.
    fn divide_int(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::context_floor_divide(this, x, y)
    }
    /// Return the remainder of whole division.
    fn remainder(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::context_remainder(this, x, y)
    }
    /// Compare two numbers: the result is -1, 0, 1, or NaN.
    fn compare(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::compare)
    }
    /// Compare two numbers; every NaN signals.
    fn compare_signal(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::compare_signal)
    }
    /// Compare two numbers by their representation: all of them have an order.
    fn compare_total(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::compare_total)
    }
    /// Compare two numbers by their representation, whatever their signs.
    fn compare_total_mag(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::compare_total_mag)
    }
    /// Return the first number with the sign of the second.
    fn copy_sign(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::copy_sign)
    }
    /// Return the digits of both that are one in both; all must be 0 or 1.
    ///
    ///   >>> ExtendedContext.logical_and(Decimal('1100'), Decimal('1010'))
    ///   Decimal('1000')
    fn logical_and(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::logical_and)
    }
    /// Return the digits that are one in either; all must be 0 or 1.
    ///
    ///   >>> ExtendedContext.logical_or(Decimal('1100'), Decimal('1010'))
    ///   Decimal('1110')
    fn logical_or(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::logical_or)
    }
    /// Return the digits that are one in just one of both; all must be 0 or 1.
    ///
    ///   >>> ExtendedContext.logical_xor(Decimal('1100'), Decimal('1010'))
    ///   Decimal('110')
    fn logical_xor(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::logical_xor)
    }
    /// Return the larger number; a quiet NaN counts as missing.
    fn max(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::max)
    }
    /// Return the number of larger magnitude.
    fn max_mag(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::max_mag)
    }
    /// Return the smaller number; a quiet NaN counts as missing.
    fn min(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::min)
    }
    /// Return the number of smaller magnitude.
    fn min_mag(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, operate::min_mag)
    }
    /// Return the neighbour of the first number in the direction of the second.
    fn next_toward(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, misc::next_toward)
    }
    /// Return the difference to the nearest multiple of the second number.
    fn remainder_near(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, basic::remainder_near)
    }
    /// Return the first number with its digits rotated by as many places as the second says.
    fn rotate(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, misc::rotate)
    }
    /// Return the first number with the second added to its exponent.
    fn scaleb(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, misc::scaleb)
    }
    /// Return the first number with its digits shifted by as many places as the second says.
    fn shift(this: Gc<Context>, x: Value, y: Value) -> R {
        in_context2(this, x, y, misc::shift)
    }
    /// Return the whole part of the quotient and the remainder.
    fn divmod(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::divmod(this, &required(x)?, &required(y)?)
    }
    /// Return x * y + z, rounded once.
    fn fma(this: Gc<Context>, x: Value, y: Value, z: Value) -> R {
        operate::fma(this, &required(x)?, &required(y)?, &required(z)?)
    }
    /// Return a ** b, or a ** b % modulo.
    #[sig("(a, b, modulo=None)")]
    fn power(this: Gc<Context>, a: Value, b: Value, modulo: Option<Value>) -> R {
        let (a, b) = (required(a)?, required(b)?);
        let modulo = modulo.filter(|modulo| !modulo.is_none()).map(required).transpose()?;
        operate::power(this, &a, &b, modulo.as_ref())
    }
    /// Return x rounded to the exponent of y.
    fn quantize(this: Gc<Context>, x: Value, y: Value) -> R {
        operate::quantize(this, &this.settings(), &required(x)?, &required(y)?)
    }
    /// Tell whether both numbers have the same exponent.
    fn same_quantum(_this: Gc<Context>, x: Value, y: Value) -> R<bool> {
        Ok(misc::same_quantum(required(x)?.num(), required(y)?.num()))
    }
    /// Return Decimal(10), the radix of all arithmetic here.
    fn radix(_this: Gc<Context>) -> Value {
        new_integer(10)
    }
    /// Return the number: every encoding here is canonical.
    fn canonical(_this: Gc<Context>, x: Value) -> R<Gc<Decimal>> {
        decimal_only(x)
    }
    /// Tell whether the encoding is canonical; it always is.
    fn is_canonical(_this: Gc<Context>, x: Value) -> R<bool> {
        decimal_only(x).map(|_| true)
    }
    /// Tell whether the number is neither infinite nor NaN.
    fn is_finite(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().is_finite())
    }
    /// Tell whether the number is infinite.
    fn is_infinite(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().is_infinite())
    }
    /// Tell whether it is a quiet or signaling NaN.
    fn is_nan(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().is_nan())
    }
    /// Tell whether it is a quiet NaN.
    fn is_qnan(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().kind == Kind::Quiet)
    }
    /// Tell whether it is a signaling NaN.
    fn is_snan(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().kind == Kind::Signaling)
    }
    /// Tell whether the sign is negative.
    fn is_signed(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().negative)
    }
    /// Tell whether the number is a zero of either sign.
    fn is_zero(_this: Gc<Context>, x: Value) -> R<bool> {
        Ok(required(x)?.num().is_zero())
    }
    /// Tell whether the number is finite, not zero and not subnormal.
    fn is_normal(this: Gc<Context>, x: Value) -> R<bool> {
        Ok(misc::is_normal(required(x)?.num(), &this.settings()))
    }
    /// Tell whether the number is too small for all digits of the precision.
    fn is_subnormal(this: Gc<Context>, x: Value) -> R<bool> {
        Ok(misc::is_subnormal(required(x)?.num(), &this.settings()))
    }
    /// Return the class of the number as text.
    fn number_class(this: Gc<Context>, x: Value) -> R<&'static str> {
        Ok(misc::number_class(required(x)?.num(), &this.settings()))
    }
    /// Return the number in scientific notation.
    fn to_sci_string(this: Gc<Context>, x: Value) -> R<Gc<Str>> {
        shown(this, x, false)
    }
    /// Return the number in engineering notation.
    fn to_eng_string(this: Gc<Context>, x: Value) -> R<Gc<Str>> {
        shown(this, x, true)
    }
    /// Return the number as it is.
    fn copy_decimal(_this: Gc<Context>, x: Value) -> R {
        Ok(required(x)?.value())
    }
    /// Return a new decimal number, rounded to this context.
    #[sig("(num='0', /)")]
    fn create_decimal(this: Gc<Context>, num: Option<Value>) -> R {
        match num {
            None => Ok(new_integer(0)),
            Some(num) => Ok(new_decimal(&number_of(num, Manner::Rounded, this)?)),
        }
    }
    /// Return a float as a decimal number, rounded to this context.
    fn create_decimal_from_float(this: Gc<Context>, f: Value) -> R {
        if let Some(float) = objects::float_value(f) {
            return Ok(new_decimal(&convert::rounded_float(float, &this)?));
        }
        match objects::int_view(f) {
            Some(_) => in_context(this, f, crate::arith::round::round_to),
            None => Err(type_error!("argument must be int or float")),
        }
    }
}

/// What `localcontext()` gives.
#[derive(Layout)]
#[repr(C)]
pub struct ContextManager {
    pub header: Header,
    local: Slot,
    outer: Slot,
}

pub fn new_manager(local: Gc<Context>, outer: Gc<Context>) -> R {
    let class = objects::class_new::native_class(ContextManager::CLASS_DEF)?;
    let manager = ContextManager { header: Header::blank(), local: Slot::new(local.value()), outer: Slot::new(outer.value()) };
    Ok(new_object(class, manager).value())
}

#[native_class(name = "decimal.ContextManager", layout = ContextManager, base = object, flags = "final no_new")]
impl ContextManager {
    fn __enter__(this: Gc<ContextManager>) -> R {
        match this.local.get().and_then(|local| local.cast::<Context>()) {
            Some(local) => {
                set_current(local)?;
                Ok(local.value())
            }
            None => Ok(Value::none()),
        }
    }
    #[sig("(*args)", hidden)]
    fn __exit__(this: Gc<ContextManager>, _args: &[Value]) -> R<bool> {
        if let Some(outer) = this.outer.get().and_then(|outer| outer.cast::<Context>()) {
            set_current(outer)?;
        }
        Ok(false)
    }
}
