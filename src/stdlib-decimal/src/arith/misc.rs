//! The other operations of the specification: quantize, neighbours, logical operations on digits, rotation. Must not know: Python.

use super::basic::{compare, too_large};
use super::context::*;
use super::number::{Coeff, Dec, Kind, Num};
use super::round::*;
use std::cmp::Ordering;

pub fn quantize(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    if a.is_infinite() || b.is_infinite() {
        if a.is_infinite() && b.is_infinite() {
            return a.to_owned();
        }
        return invalid(status, INVALID_OPERATION);
    }
    if b.exp > ctx.emax || b.exp < ctx.etiny() {
        return invalid(status, INVALID_OPERATION);
    }
    if a.coeff.is_zero() {
        return finish(a.negative, Coeff::ZERO, b.exp, ctx, status);
    }
    if a.exp > b.exp && a.coeff.digits() as i64 + (a.exp - b.exp) > ctx.prec {
        return invalid(status, INVALID_OPERATION);
    }
    if !has_room(a.coeff.digits() as i64 + (a.exp - b.exp), status) {
        return Dec::nan();
    }
    let (coeff, rest) = rescale(a, b.exp, ctx.rounding);
    if coeff.digits() as i64 > ctx.prec || b.exp + coeff.digits() as i64 - 1 > ctx.emax {
        return invalid(status, INVALID_OPERATION);
    }
    if b.exp > a.exp {
        *status |= ROUNDED;
        if !rest.is_zero() {
            *status |= INEXACT;
        }
    }
    finish(a.negative, coeff, b.exp, ctx, status)
}

/// Without trailing zeros.
pub fn reduce(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return nan;
    }
    let rounded = round_to(a, ctx, status);
    if rounded.kind != Kind::Finite {
        return rounded;
    }
    if rounded.coeff.is_zero() {
        return Dec::zero(rounded.negative, 0);
    }
    let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
    let (coeff, exp) = super::basic::toward_exponent(rounded.coeff, rounded.exp, most);
    Dec::finite(rounded.negative, coeff, exp)
}

/// To an integer; `exact` tells of what is lost.
pub fn to_integral(a: Num, rounding: Rounding, exact: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() || a.exp >= 0 {
        return a.to_owned();
    }
    if a.coeff.is_zero() {
        return Dec::zero(a.negative, 0);
    }
    let (coeff, rest) = rescale(a, 0, rounding);
    if exact {
        *status |= ROUNDED;
        if !rest.is_zero() {
            *status |= INEXACT;
        }
    }
    Dec::finite(a.negative, coeff, 0)
}

/// The largest finite number.
fn largest(negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    Dec::finite(negative, Coeff::nines(ctx.prec as usize), ctx.etop())
}

/// The nearest number above, or below.
pub fn next(a: Num, upwards: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() {
        return if a.negative == upwards { largest(a.negative, ctx, status) } else { a.to_owned() };
    }
    let ctx = ctx.rounded(if upwards { Rounding::Ceiling } else { Rounding::Floor });
    let mut silent = 0;
    let rounded = finish(a.negative, a.coeff.to_owned(), a.exp, &ctx, &mut silent);
    let result = if silent & (INEXACT | NO_MEMORY) != 0 {
        rounded
    } else {
        let step = Dec::finite(!upwards, Coeff::ONE, ctx.etiny() - 1);
        super::basic::add(a, step.as_num(), &ctx, &mut silent)
    };
    *status |= silent & NO_MEMORY;
    result
}

pub fn next_toward(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let result = match compare(a, b) {
        Ordering::Equal => return a.with_sign(b.negative).to_owned(),
        Ordering::Less => next(a, true, ctx, status),
        Ordering::Greater => next(a, false, ctx, status),
    };
    let num = result.as_num();
    if num.is_infinite() {
        *status |= OVERFLOW | ROUNDED | INEXACT;
    } else if num.is_finite() && num.adjusted() < ctx.emin {
        *status |= UNDERFLOW | SUBNORMAL | ROUNDED | INEXACT;
        if num.is_zero() {
            *status |= CLAMPED;
        }
    }
    result
}

/// The digits of a logical operand, least first.
fn logical_digits(a: Num) -> Option<Vec<u8>> {
    if !a.is_finite() || a.negative || a.exp != 0 {
        return None;
    }
    let mut digits = Vec::new();
    a.coeff.write_digits(&mut digits);
    digits.reverse();
    digits.iter().all(|digit| *digit <= b'1').then_some(digits)
}
fn logical(ctx: &Ctx, length: usize, digit: impl Fn(usize) -> bool) -> Dec {
    let length = length.min(ctx.prec as usize);
    let text = base::memory::collected((0..length).rev().map(|index| b'0' + digit(index) as u8));
    Dec::finite(false, Coeff::parse(&text), 0)
}
pub fn logical_pair(a: Num, b: Num, ctx: &Ctx, status: &mut Status, operation: fn(bool, bool) -> bool) -> Dec {
    let (Some(left), Some(right)) = (logical_digits(a), logical_digits(b)) else {
        return invalid(status, INVALID_OPERATION);
    };
    let bit = |digits: &[u8], index: usize| digits.get(index) == Some(&b'1');
    logical(ctx, left.len().max(right.len()), |index| operation(bit(&left, index), bit(&right, index)))
}
pub fn logical_invert(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    let Some(digits) = logical_digits(a) else { return invalid(status, INVALID_OPERATION) };
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    logical(ctx, ctx.prec as usize, |index| digits.get(index) != Some(&b'1'))
}

/// The count by which `shift` and `rotate` move digits.
fn count_of(b: Num, ctx: &Ctx) -> Option<i64> {
    if b.exp != 0 {
        return None;
    }
    b.to_i64().filter(|count| (-ctx.prec..=ctx.prec).contains(count))
}
fn capped(coeff: Coeff, ctx: &Ctx) -> Coeff {
    if coeff.digits() as i64 > ctx.prec { coeff.as_ref().low_digits(ctx.prec as usize) } else { coeff }
}

pub fn shift(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let Some(count) = count_of(b, ctx) else { return invalid(status, INVALID_OPERATION) };
    if a.is_infinite() {
        return a.to_owned();
    }
    let coeff = if count >= 0 {
        if !a.coeff.is_zero() && !has_room(a.coeff.digits() as i64 + count, status) {
            return Dec::nan();
        }
        capped(a.coeff.shift_left(count as usize), ctx)
    } else {
        capped(a.coeff.to_owned(), ctx).as_ref().shift_right_any(-count).0
    };
    Dec::finite(a.negative, coeff, a.exp)
}

pub fn rotate(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let Some(count) = count_of(b, ctx) else { return invalid(status, INVALID_OPERATION) };
    if a.is_infinite() {
        return a.to_owned();
    }
    let coeff = capped(a.coeff.to_owned(), ctx);
    let left = count.rem_euclid(ctx.prec);
    if coeff.is_zero() || left == 0 {
        return Dec::finite(a.negative, coeff, a.exp);
    }
    if !has_room(coeff.digits() as i64 + left, status) {
        return Dec::nan();
    }
    let (high, low) = (
        coeff.as_ref().low_digits((ctx.prec - left) as usize).as_ref().shift_left(left as usize),
        truncated(&coeff, ctx.prec - left),
    );
    Dec::finite(a.negative, high.as_ref().add(low.as_ref()), a.exp)
}
fn truncated(coeff: &Coeff, count: i64) -> Coeff {
    coeff.as_ref().shift_right_any(count).0
}

pub fn scaleb(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let most = 2 * (ctx.emax as i128 + ctx.prec as i128);
    let count = match b.to_i64() {
        Some(count) if b.exp == 0 && (count as i128).abs() <= most => count,
        _ => return invalid(status, INVALID_OPERATION),
    };
    if a.is_infinite() {
        return a.to_owned();
    }
    finish(a.negative, a.coeff.to_owned(), a.exp + count, ctx, status)
}

pub fn logb(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() {
        return Dec::infinity(false);
    }
    if a.is_zero() {
        *status |= DIVISION_BY_ZERO;
        return Dec::infinity(true);
    }
    let exponent = Dec::small(a.adjusted());
    finish(exponent.negative, exponent.coeff, 0, ctx, status)
}

/// `compare` of the specification: -1, 0 or 1; `signal` makes every NaN an error.
pub fn compared(a: Num, b: Num, signal: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        if signal {
            *status |= INVALID_OPERATION;
        }
        return nan;
    }
    Dec::small(compare(a, b) as i64)
}

pub fn same_quantum(a: Num, b: Num) -> bool {
    match (a.is_finite(), b.is_finite()) {
        (true, true) => a.exp == b.exp,
        (false, false) => a.is_nan() == b.is_nan(),
        _ => false,
    }
}

pub fn is_normal(a: Num, ctx: &Ctx) -> bool {
    a.is_finite() && !a.coeff.is_zero() && a.adjusted() >= ctx.emin
}
pub fn is_subnormal(a: Num, ctx: &Ctx) -> bool {
    a.is_finite() && !a.coeff.is_zero() && a.adjusted() < ctx.emin
}

pub fn number_class(a: Num, ctx: &Ctx) -> &'static str {
    match (a.kind, a.negative) {
        (Kind::Quiet, _) => "NaN",
        (Kind::Signaling, _) => "sNaN",
        (Kind::Infinite, false) => "+Infinity",
        (Kind::Infinite, true) => "-Infinity",
        (Kind::Finite, negative) if a.coeff.is_zero() => {
            if negative {
                "-Zero"
            } else {
                "+Zero"
            }
        }
        (Kind::Finite, false) if a.adjusted() < ctx.emin => "+Subnormal",
        (Kind::Finite, true) if a.adjusted() < ctx.emin => "-Subnormal",
        (Kind::Finite, false) => "+Normal",
        (Kind::Finite, true) => "-Normal",
    }
}

/// The square root, rounded half even whatever the context says.
pub fn sqrt(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return nan;
    }
    let ideal = a.exp.div_euclid(2);
    if a.is_zero() {
        return finish(a.negative, Coeff::ZERO, ideal, ctx, status);
    }
    if a.negative {
        return invalid(status, INVALID_OPERATION);
    }
    if a.is_infinite() {
        return Dec::infinity(false);
    }
    let ctx = &ctx.rounded(Rounding::HalfEven);
    let digits = a.coeff.digits() as i64;
    let mut shift = (2 * ctx.prec.min(i64::MAX / 4) + 2 - digits).max(0);
    if (a.exp - shift) % 2 != 0 {
        shift += 1;
    }
    if shift > MOST_DIGITS {
        // An exact root is short.
        let mut attempt = 0;
        let root = sqrt(a, &Ctx { prec: digits + 1, ..*ctx }, &mut attempt);
        if attempt & (ROUNDED | NO_MEMORY) != 0 {
            return invalid(status, NO_MEMORY);
        }
        *status |= attempt;
        return root;
    }
    let exp = (a.exp - shift) / 2;
    let (root, exact) = integer_root(&a.coeff.shift_left(shift as usize));
    if exact {
        let (root, exp) = super::basic::toward_exponent(root, exp, ideal);
        return finish(false, root, exp, ctx, status);
    }
    finish_with_rest(false, root, exp, super::digits::Rest::Below, ctx, status)
}

/// The whole square root, and whether it is one.
fn integer_root(number: &Coeff) -> (Coeff, bool) {
    if let Coeff::Small(number) = number {
        let root = number.isqrt();
        return (Coeff::Small(root), root * root == *number);
    }
    let binary = number.as_ref().to_binary();
    let (root, rest) = base::int::long::sqrt_rem(&binary);
    (Coeff::of_binary(&root), rest.is_zero())
}

/// What is too large or too small to be computed.
pub fn out_of_range(negative: bool, large: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if large {
        return too_large(negative, ctx, status);
    }
    finish(negative, Coeff::ONE, ctx.etiny() - 2, ctx, status)
}
