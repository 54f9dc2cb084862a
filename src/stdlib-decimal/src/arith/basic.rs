//! The arithmetic of the specification: sums, products, quotients, remainders. Must not know: Python.

use super::context::*;
use super::digits::Rest;
use super::number::{Coeff, CoeffRef, Dec, Kind, Num};
use super::round::{finish, finish_with_rest, has_room, invalid, nan_of, overflow, round_to};
use std::cmp::Ordering;

pub fn add(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    match (a.is_infinite(), b.is_infinite()) {
        (true, true) if a.negative != b.negative => return invalid(status, INVALID_OPERATION),
        (true, _) => return Dec::infinity(a.negative),
        (_, true) => return Dec::infinity(b.negative),
        _ => {}
    }
    let (big, mut small) = if a.exp >= b.exp { (a, b) } else { (b, a) };
    if big.exp != small.exp && !big.coeff.is_zero() {
        // What lies far below the last digit of the result counts as one digit just below it.
        let digits = big.coeff.digits() as i64;
        let least = big.exp - 1 + if digits > ctx.prec { 0 } else { digits - ctx.prec - 1 };
        if small.adjusted() < least {
            small = Num { coeff: CoeffRef::Small(!small.coeff.is_zero() as u128), exp: least, ..small };
        }
        let shift = big.exp - small.exp;
        if !has_room(digits + shift, status) {
            return Dec::nan();
        }
        let aligned = big.coeff.shift_left(shift as usize);
        let opposite = big.negative != small.negative;
        if !opposite || aligned.as_ref().compare(small.coeff) == Ordering::Greater {
            return finish(big.negative, aligned.combine(small.coeff, opposite), small.exp, ctx, status);
        }
        let big = Num { coeff: aligned.as_ref(), exp: small.exp, ..big };
        return add_aligned(big, small, ctx, status);
    }
    add_aligned(big, small, ctx, status)
}

/// The sum with the exponent of the second.
fn add_aligned(big: Num, small: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    let exp = small.exp;
    if big.negative == small.negative {
        return finish(big.negative, big.coeff.add(small.coeff), exp, ctx, status);
    }
    match big.coeff.compare(small.coeff) {
        Ordering::Equal => finish(ctx.rounding == Rounding::Floor, Coeff::ZERO, exp, ctx, status),
        Ordering::Greater => finish(big.negative, big.coeff.subtract(small.coeff), exp, ctx, status),
        Ordering::Less => finish(small.negative, small.coeff.subtract(big.coeff), exp, ctx, status),
    }
}

pub fn subtract(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if b.is_nan() { add(a, b, ctx, status) } else { add(a, b.negated(), ctx, status) }
}

pub fn multiply(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() || b.is_infinite() {
        if a.is_zero() || b.is_zero() {
            return invalid(status, INVALID_OPERATION);
        }
        return Dec::infinity(negative);
    }
    finish(negative, a.coeff.multiply(b.coeff), a.exp + b.exp, ctx, status)
}

/// `a b + c`, rounded once.
pub fn fma(a: Num, b: Num, c: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    // An invalid product is the result, whatever is to be added.
    let mut invalid_product = 0;
    if let Some(nan) = nan_of(a, b, ctx, &mut invalid_product) {
        *status |= invalid_product;
        return if invalid_product == 0 { nan_of(nan.as_num(), c, ctx, status).unwrap_or(nan) } else { nan };
    }
    if !product_is_valid(a, b) {
        return invalid(status, INVALID_OPERATION);
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() || b.is_infinite() {
        return add(Dec::infinity(negative).as_num(), c, ctx, status);
    }
    let product = Dec::finite(negative, a.coeff.multiply(b.coeff), a.exp + b.exp);
    add(product.as_num(), c, ctx, status)
}
fn product_is_valid(a: Num, b: Num) -> bool {
    !(a.is_infinite() && b.is_zero() || a.is_zero() && b.is_infinite())
}

pub fn divide(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() {
        return if b.is_infinite() { invalid(status, INVALID_OPERATION) } else { Dec::infinity(negative) };
    }
    if b.is_infinite() {
        *status |= CLAMPED;
        return Dec::zero(negative, ctx.etiny());
    }
    if b.coeff.is_zero() {
        return by_zero(a, negative, status);
    }
    let ideal = a.exp - b.exp;
    if a.coeff.is_zero() {
        return finish(negative, Coeff::ZERO, ideal, ctx, status);
    }
    let shift = (b.coeff.digits() as i64 - a.coeff.digits() as i64 + ctx.prec + 1).max(0);
    if shift > super::round::MOST_DIGITS {
        // An exact quotient is short: the divisor then divides a power of ten of so many digits.
        let short = Ctx { prec: a.coeff.digits() as i64 + 4 * b.coeff.digits() as i64 + 8, ..*ctx };
        let mut attempt = 0;
        let quotient = divide(a, b, &short, &mut attempt);
        if attempt & (ROUNDED | NO_MEMORY) != 0 {
            return invalid(status, NO_MEMORY);
        }
        *status |= attempt;
        return quotient;
    }
    let (quotient, rest) = a.coeff.shift_left(shift as usize).as_ref().divide(b.coeff);
    if rest.is_zero() {
        let (quotient, exp) = toward_exponent(quotient, ideal - shift, ideal);
        return finish(negative, quotient, exp, ctx, status);
    }
    finish_with_rest(negative, quotient, ideal - shift, Rest::Below, ctx, status)
}

/// An exact result without trailing zeros, as far as the exponent is less than the ideal one.
pub fn toward_exponent(coeff: Coeff, exp: i64, ideal: i64) -> (Coeff, i64) {
    if exp >= ideal || coeff.is_zero() {
        return (coeff, exp);
    }
    let zeros = (coeff.as_ref().trailing_zeros() as i64).min(ideal - exp);
    if zeros == 0 { (coeff, exp) } else { (coeff.as_ref().shift_right(zeros as usize).0, exp + zeros) }
}

fn by_zero(a: Num, negative: bool, status: &mut Status) -> Dec {
    if a.is_zero() {
        return invalid(status, DIVISION_UNDEFINED);
    }
    *status |= DIVISION_BY_ZERO;
    Dec::infinity(negative)
}

/// A dividend that is its own remainder, with the lower exponent; what is below the precision is left to rounding.
fn undivided(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> (Coeff, i64) {
    if a.exp <= b.exp {
        return (a.coeff.to_owned(), a.exp);
    }
    let shift = (a.exp - b.exp).min(ctx.prec + 1 - (a.coeff.digits() as i64).min(ctx.prec)).max(0);
    if !has_room(shift, status) {
        return (Coeff::ZERO, a.exp);
    }
    (a.coeff.shift_left(shift as usize), a.exp - shift)
}

/// Whole quotient and remainder of finite numbers, `b` not zero; None if the quotient has too many digits. The remainder is a magnitude.
fn whole_division(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Option<(Coeff, Coeff, i64)> {
    let ideal = a.exp.min(b.exp);
    let distance = a.adjusted() - b.adjusted();
    if a.coeff.is_zero() {
        return Some((Coeff::ZERO, Coeff::ZERO, ideal));
    }
    if distance < 0 {
        let (rest, exp) = undivided(a, b, ctx, status);
        return Some((Coeff::ZERO, rest, exp));
    }
    if distance > ctx.prec {
        return None;
    }
    if !has_room(a.exp.abs_diff(b.exp) as i64, status) {
        return Some((Coeff::ZERO, Coeff::ZERO, ideal));
    }
    let (quotient, rest) = if a.exp >= b.exp {
        a.coeff.shift_left((a.exp - b.exp) as usize).as_ref().divide(b.coeff)
    } else {
        a.coeff.divide(b.coeff.shift_left((b.exp - a.exp) as usize).as_ref())
    };
    if quotient.digits() as i64 > ctx.prec {
        return None;
    }
    Some((quotient, rest, ideal))
}

pub fn divide_int(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() {
        return if b.is_infinite() { invalid(status, INVALID_OPERATION) } else { Dec::infinity(negative) };
    }
    if b.is_infinite() {
        return Dec::zero(negative, 0);
    }
    if b.coeff.is_zero() {
        return by_zero(a, negative, status);
    }
    match whole_division(a, b, ctx, status) {
        None => invalid(status, DIVISION_IMPOSSIBLE),
        Some((quotient, ..)) => finish(negative, quotient, 0, ctx, status),
    }
}

/// What is left of a division when that does not depend on how the quotient is rounded: an operand is special, or the divisor is zero.
fn special_remainder(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return Some(nan);
    }
    if a.is_infinite() {
        return Some(invalid(status, INVALID_OPERATION));
    }
    if b.is_infinite() {
        return Some(round_to(a, ctx, status));
    }
    b.coeff.is_zero().then(|| invalid(status, if a.coeff.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION }))
}

pub fn remainder(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(rest) = special_remainder(a, b, ctx, status) {
        return rest;
    }
    match whole_division(a, b, ctx, status) {
        None => invalid(status, DIVISION_IMPOSSIBLE),
        Some((_, rest, exp)) => finish(a.negative, rest, exp, ctx, status),
    }
}

pub fn divmod(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> (Dec, Dec) {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return (nan.clone(), nan);
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() {
        let quotient = if b.is_infinite() { Dec::nan() } else { Dec::infinity(negative) };
        return (quotient, invalid(status, INVALID_OPERATION));
    }
    if b.is_infinite() {
        return (Dec::zero(negative, 0), round_to(a, ctx, status));
    }
    if b.coeff.is_zero() {
        if a.coeff.is_zero() {
            return (invalid(status, DIVISION_UNDEFINED), Dec::nan());
        }
        return (by_zero(a, negative, status), invalid(status, INVALID_OPERATION));
    }
    match whole_division(a, b, ctx, status) {
        None => (invalid(status, DIVISION_IMPOSSIBLE), Dec::nan()),
        Some((quotient, rest, exp)) => {
            let quotient = finish(negative, quotient, 0, ctx, status);
            (quotient, finish(a.negative, rest, exp, ctx, status))
        }
    }
}

pub fn remainder_near(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(rest) = special_remainder(a, b, ctx, status) {
        return rest;
    }
    let distance = a.adjusted() - b.adjusted();
    if a.coeff.is_zero() {
        return finish(a.negative, Coeff::ZERO, a.exp.min(b.exp), ctx, status);
    }
    if distance <= -2 {
        let (rest, exp) = undivided(a, b, ctx, status);
        return finish(a.negative, rest, exp, ctx, status);
    }
    if distance > ctx.prec {
        return invalid(status, DIVISION_IMPOSSIBLE);
    }
    let exp = a.exp.min(b.exp);
    if !has_room((a.exp - exp).max(b.exp - exp), status) {
        return Dec::nan();
    }
    let left = a.coeff.shift_left((a.exp - exp) as usize);
    let right = b.coeff.shift_left((b.exp - exp) as usize);
    let (mut quotient, mut rest) = left.as_ref().divide(right.as_ref());
    let twice = rest.as_ref().add(rest.as_ref());
    let mut negative = a.negative;
    let order = twice.as_ref().compare(right.as_ref());
    if order == Ordering::Greater || order == Ordering::Equal && quotient.as_ref().is_odd() {
        rest = right.as_ref().subtract(rest.as_ref());
        quotient = quotient.plus_one();
        negative = !negative;
    }
    if quotient.digits() as i64 > ctx.prec {
        return invalid(status, DIVISION_IMPOSSIBLE);
    }
    finish(negative, rest, exp, ctx, status)
}

pub fn plus(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if a.is_zero() {
        let negative = a.negative && ctx.rounding == Rounding::Floor;
        return finish(negative, Coeff::ZERO, a.exp, ctx, status);
    }
    super::round::nan_of_one(a, ctx, status).unwrap_or_else(|| round_to(a, ctx, status))
}
pub fn minus(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if a.is_zero() {
        let negative = !a.negative && ctx.rounding == Rounding::Floor;
        return finish(negative, Coeff::ZERO, a.exp, ctx, status);
    }
    super::round::nan_of_one(a, ctx, status).unwrap_or_else(|| round_to(a.negated(), ctx, status))
}
pub fn absolute(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    super::round::nan_of_one(a, ctx, status).unwrap_or_else(|| {
        if a.is_zero() { plus(a.with_sign(false), ctx, status) } else { round_to(a.with_sign(false), ctx, status) }
    })
}

/// The order of magnitudes of numbers that are not NaN.
pub fn compare_magnitudes(a: Num, b: Num) -> Ordering {
    match (a.is_infinite(), b.is_infinite()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        _ => {}
    }
    match (a.coeff.is_zero(), b.coeff.is_zero()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        _ => {}
    }
    if a.exp == b.exp {
        return a.coeff.compare(b.coeff);
    }
    // With leading digits of the same weight the exponents differ by less than one length.
    a.adjusted().cmp(&b.adjusted()).then_with(|| {
        if a.exp > b.exp {
            a.coeff.shift_left((a.exp - b.exp) as usize).as_ref().compare(b.coeff)
        } else {
            a.coeff.compare(b.coeff.shift_left((b.exp - a.exp) as usize).as_ref())
        }
    })
}

/// The order of numbers that are not NaN.
pub fn compare(a: Num, b: Num) -> Ordering {
    let sign = |x: Num| if x.is_zero() { 0 } else { 1 - 2 * x.negative as i32 };
    sign(a).cmp(&sign(b)).then_with(|| {
        let order = compare_magnitudes(a, b);
        if a.negative { order.reverse() } else { order }
    })
}

/// The total order, in which representations differ too.
pub fn compare_total(a: Num, b: Num) -> Ordering {
    if a.negative != b.negative {
        return b.negative.cmp(&a.negative);
    }
    let order = total_of_magnitudes(a, b);
    if a.negative { order.reverse() } else { order }
}
pub fn total_of_magnitudes(a: Num, b: Num) -> Ordering {
    let rank = |x: Num| match x.kind {
        Kind::Finite | Kind::Infinite => 0,
        Kind::Signaling => 1,
        Kind::Quiet => 2,
    };
    rank(a).cmp(&rank(b)).then_with(|| {
        if a.is_nan() {
            return a.coeff.compare(b.coeff);
        }
        compare_magnitudes(a, b).then_with(|| if a.is_infinite() { Ordering::Equal } else { a.exp.cmp(&b.exp) })
    })
}

/// The larger (or smaller) of two; by magnitude first if asked.
pub fn extreme(a: Num, b: Num, larger: bool, by_magnitude: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    let nan = match (a.kind, b.kind) {
        (Kind::Quiet, Kind::Finite | Kind::Infinite) => return round_to(b, ctx, status),
        (Kind::Finite | Kind::Infinite, Kind::Quiet) => return round_to(a, ctx, status),
        _ => nan_of(a, b, ctx, status),
    };
    if let Some(nan) = nan {
        return nan;
    }
    let order = if by_magnitude { compare_magnitudes(a, b) } else { compare(a, b) };
    let order = order.then_with(|| compare_total(a, b));
    let first = if larger { order.is_ge() } else { order.is_lt() };
    round_to(if first { a } else { b }, ctx, status)
}

/// What `overflow` gives for use by other operations.
pub fn too_large(negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    overflow(negative, ctx, status)
}
