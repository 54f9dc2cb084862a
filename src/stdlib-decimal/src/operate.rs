//! How operations run: quick ones in place, long ones outside of the collector's way, conditions reported to the context. Must not know:
//! Python's methods.

use crate::arith::context::{Ctx, Status};
use crate::arith::number::{CoeffRef, Dec, Num};
use crate::arith::quick::{self, Small};
use crate::arith::{basic, misc, power};
use crate::context::Context;
use crate::convert::{operand, required};
use crate::current::current;
use crate::decimal::{Decimal, Operand, new_decimal, new_small};
use objects::{Cast, Gc, R, Value, new_tuple, type_error};
use std::hint::black_box;

pub type Unary = fn(Num, &Ctx, &mut Status) -> Dec;
pub type Binary = fn(Num, Num, &Ctx, &mut Status) -> Dec;
type Quick = fn(Small, Small, &Ctx) -> Option<(Small, Status)>;

/// Words from which on an operation is long.
const LONG_WORDS: usize = 400;
/// Digits from which on a transcendental function is long.
const LONG_PREC: i64 = 200;

fn words(number: Num) -> usize {
    match number.coeff {
        CoeffRef::Small(_) => 1,
        CoeffRef::Big(words) => words.len(),
    }
}
/// Runs arithmetic; others may collect meanwhile if that takes long.
fn compute<T>(long: bool, work: impl FnOnce() -> T) -> T {
    if long { heap::blocking(work) } else { work() }
}

#[inline(never)]
pub fn unary(context: Gc<Context>, a: &Operand, operation: Unary) -> R {
    let (ctx, mut status, number) = (context.settings(), 0, a.num());
    let result = compute(words(number) >= LONG_WORDS, || operation(number, &ctx, &mut status));
    black_box(a);
    context.report(status)?;
    Ok(new_decimal(&result))
}
/// Sign changes: `negative` says what becomes of the sign.
#[inline(always)]
pub fn sign_change(this: Gc<Decimal>, negative: fn(bool) -> bool, general: Unary) -> R {
    let context = current()?;
    if let Some(small) = this.small()
        && small.coeff != 0
        && let Some((result, status)) = quick::round(Small { negative: negative(small.negative), ..small }, &context.settings())
    {
        context.report(status)?;
        return Ok(new_small(result));
    }
    unary(context, &Operand::Held(this), general)
}
/// The same for functions whose cost is that of the precision.
pub fn transcendental(context: Gc<Context>, a: &Operand, operation: Unary) -> R {
    let (ctx, mut status, number) = (context.settings(), 0, a.num());
    let result = compute(ctx.prec >= LONG_PREC || words(number) >= 20, || operation(number, &ctx, &mut status));
    black_box(a);
    context.report(status)?;
    Ok(new_decimal(&result))
}
#[inline(never)]
pub fn binary(context: Gc<Context>, a: &Operand, b: &Operand, operation: Binary) -> R {
    let (ctx, mut status, x, y) = (context.settings(), 0, a.num(), b.num());
    let result = compute(words(x) + words(y) >= LONG_WORDS, || operation(x, y, &ctx, &mut status));
    black_box((a, b));
    context.report(status)?;
    Ok(new_decimal(&result))
}

/// An operation with a quick form.
#[inline(always)]
fn arithmetic(context: Gc<Context>, a: &Operand, b: &Operand, quick: Quick, general: Binary) -> R {
    if let (Some(x), Some(y)) = (a.small(), b.small())
        && let Some((result, status)) = quick(x, y, &context.settings())
    {
        context.report(status)?;
        return Ok(new_small(result));
    }
    binary(context, a, b, general)
}
/// An operator with a Decimal on the left; the other operand may be anything.
#[inline(always)]
fn operator(this: Gc<Decimal>, other: Value, quick: Quick, general: Binary) -> R {
    if let Some(right) = other.cast_exact::<Decimal>() {
        let context = current()?;
        if let (Some(x), Some(y)) = (this.small(), right.small())
            && let Some((result, status)) = quick(x, y, &context.settings())
        {
            context.report(status)?;
            return Ok(new_small(result));
        }
        return binary(context, &Operand::Held(this), &Operand::Held(right), general);
    }
    if other.is_int()
        && let Some(x) = this.small()
    {
        let context = current()?;
        if let Some((result, status)) = quick(x, small_int(other), &context.settings()) {
            context.report(status)?;
            return Ok(new_small(result));
        }
    }
    operator_mixed(this, other, false, quick, general)
}
#[inline(always)]
fn small_int(value: Value) -> Small {
    let number = value.as_int();
    Small { negative: number < 0, coeff: number.unsigned_abs() as u128, exp: 0 }
}
/// Operands of two kinds; `swapped`: the Decimal is the right one.
#[inline(never)]
fn operator_mixed(this: Gc<Decimal>, other: Value, swapped: bool, quick: Quick, general: Binary) -> R {
    let Some(other) = operand(other) else { return Ok(Value::not_implemented()) };
    let this = Operand::Held(this);
    let (left, right) = if swapped { (&other, &this) } else { (&this, &other) };
    arithmetic(current()?, left, right, quick, general)
}

#[inline(always)]
fn quick_subtract(a: Small, b: Small, ctx: &Ctx) -> Option<(Small, Status)> {
    quick::add(a, Small { negative: !b.negative, ..b }, ctx)
}
fn quick_floor(a: Small, b: Small, ctx: &Ctx) -> Option<(Small, Status)> {
    let (quotient, _, _) = quick::divide_whole(a, b, ctx)?;
    Some((Small { negative: a.negative != b.negative, coeff: quotient, exp: 0 }, 0))
}
fn quick_remainder(a: Small, b: Small, ctx: &Ctx) -> Option<(Small, Status)> {
    let (_, rest, exp) = quick::divide_whole(a, b, ctx)?;
    Some((Small { negative: a.negative, coeff: rest, exp }, 0))
}

macro_rules! operators {
    ($($name:ident $reflected:ident $in_context:ident $quick:path, $general:path;)*) => { $(
        pub fn $name(this: Gc<Decimal>, other: Value) -> R {
            operator(this, other, $quick, $general)
        }
        pub fn $reflected(this: Gc<Decimal>, other: Value) -> R {
            operator_mixed(this, other, true, $quick, $general)
        }
        pub fn $in_context(context: Gc<Context>, a: Value, b: Value) -> R {
            let (a, b) = (required(a)?, required(b)?);
            arithmetic(context, &a, &b, $quick, $general)
        }
    )* };
}
operators! {
    add radd context_add quick::add, basic::add;
    subtract rsubtract context_subtract quick_subtract, basic::subtract;
    multiply rmultiply context_multiply quick::multiply, basic::multiply;
    divide rdivide context_divide quick::divide, basic::divide;
    floor_divide rfloor_divide context_floor_divide quick_floor, basic::divide_int;
    remainder rremainder context_remainder quick_remainder, basic::remainder;
}

pub fn divmod(context: Gc<Context>, a: &Operand, b: &Operand) -> R {
    let (ctx, mut status, x, y) = (context.settings(), 0, a.num(), b.num());
    let (quotient, rest) = compute(words(x) + words(y) >= LONG_WORDS, || basic::divmod(x, y, &ctx, &mut status));
    black_box((a, b));
    context.report(status)?;
    let quotient = new_decimal(&quotient);
    Ok(new_tuple(&[quotient, new_decimal(&rest)]).value())
}

/// `a ** b`, or modulo `c`.
pub fn power(context: Gc<Context>, a: &Operand, b: &Operand, c: Option<&Operand>) -> R {
    if c.is_none()
        && let (Some(x), Some(y)) = (a.small(), b.small())
        && let Some((result, status)) = quick::power(x, y, &context.settings())
    {
        context.report(status)?;
        return Ok(new_small(result));
    }
    let (ctx, mut status, x, y) = (context.settings(), 0, a.num(), b.num());
    let result = compute(ctx.prec >= LONG_PREC || words(x) + words(y) >= 20 || c.is_some(), || match c {
        None => power::power(x, y, &ctx, &mut status),
        Some(c) => power::power_modulo(x, y, c.num(), &ctx, &mut status),
    });
    black_box((a, b, c));
    context.report(status)?;
    Ok(new_decimal(&result))
}

pub fn fma(context: Gc<Context>, a: &Operand, b: &Operand, c: &Operand) -> R {
    let (ctx, mut status) = (context.settings(), 0);
    let (x, y, z) = (a.num(), b.num(), c.num());
    let result = compute(words(x) + words(y) + words(z) >= LONG_WORDS, || basic::fma(x, y, z, &ctx, &mut status));
    black_box((a, b, c));
    context.report(status)?;
    Ok(new_decimal(&result))
}

pub fn quantize(context: Gc<Context>, ctx: &Ctx, a: &Operand, b: &Operand) -> R {
    if let (Some(x), Some(y)) = (a.small(), b.small())
        && let Some((result, status)) = quick::quantize(x, y.exp, ctx)
    {
        context.report(status)?;
        return Ok(new_small(result));
    }
    let mut status = 0;
    let result = misc::quantize(a.num(), b.num(), ctx, &mut status);
    context.report(status)?;
    Ok(new_decimal(&result))
}

/// An optional context argument.
pub fn context_or_current(context: Option<Value>) -> R<Gc<Context>> {
    match context.filter(|context| !context.is_none()) {
        None => current(),
        Some(context) => context.cast::<Context>().ok_or_else(|| type_error!("optional argument must be a context")),
    }
}

/// A method of one number with an optional context.
pub fn method(this: Gc<Decimal>, context: Option<Value>, operation: Unary) -> R {
    unary(context_or_current(context)?, &Operand::Held(this), operation)
}
/// A method of two numbers with an optional context.
pub fn method2(this: Gc<Decimal>, other: Value, context: Option<Value>, operation: Binary) -> R {
    let context = context_or_current(context)?;
    let other = required(other)?;
    binary(context, &Operand::Held(this), &other, operation)
}
/// A context's method of one number.
pub fn in_context(context: Gc<Context>, a: Value, operation: Unary) -> R {
    unary(context, &required(a)?, operation)
}
/// A context's method of two numbers.
pub fn in_context2(context: Gc<Context>, a: Value, b: Value, operation: Binary) -> R {
    let (a, b) = (required(a)?, required(b)?);
    binary(context, &a, &b, operation)
}

// The operations that take more than numbers and a context, in the common form.
pub fn max(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    basic::extreme(a, b, true, false, ctx, status)
}
pub fn min(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    basic::extreme(a, b, false, false, ctx, status)
}
pub fn max_mag(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    basic::extreme(a, b, true, true, ctx, status)
}
pub fn min_mag(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    basic::extreme(a, b, false, true, ctx, status)
}
pub fn compare(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::compared(a, b, false, ctx, status)
}
pub fn compare_signal(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::compared(a, b, true, ctx, status)
}
pub fn compare_total(a: Num, b: Num, _: &Ctx, _: &mut Status) -> Dec {
    Dec::small(basic::compare_total(a, b) as i64)
}
pub fn compare_total_mag(a: Num, b: Num, _: &Ctx, _: &mut Status) -> Dec {
    Dec::small(basic::total_of_magnitudes(a, b) as i64)
}
pub fn copy_sign(a: Num, b: Num, _: &Ctx, _: &mut Status) -> Dec {
    a.with_sign(b.negative).to_owned()
}
pub fn copy_abs(a: Num, _: &Ctx, _: &mut Status) -> Dec {
    a.with_sign(false).to_owned()
}
pub fn copy_negate(a: Num, _: &Ctx, _: &mut Status) -> Dec {
    a.negated().to_owned()
}
pub fn logical_and(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::logical_pair(a, b, ctx, status, |x, y| x & y)
}
pub fn logical_or(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::logical_pair(a, b, ctx, status, |x, y| x | y)
}
pub fn logical_xor(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::logical_pair(a, b, ctx, status, |x, y| x ^ y)
}
pub fn next_plus(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::next(a, true, ctx, status)
}
pub fn next_minus(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::next(a, false, ctx, status)
}
pub fn to_integral_value(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::to_integral(a, ctx.rounding, false, ctx, status)
}
pub fn to_integral_exact(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    misc::to_integral(a, ctx.rounding, true, ctx, status)
}
