//! Exponential, logarithms and powers, correctly rounded: computed with some more digits, and again with many more as long as the digits behind
//! the last one leave the rounding open. Must not know: Python.

use super::basic::{compare, divide, multiply};
use super::context::*;
use super::digits::Rest;
use super::fixed;
use super::misc::out_of_range;
use super::number::{Coeff, CoeffRef, Dec, Num};
use super::round::{MOST_DIGITS, finish, finish_with_rest, has_room, invalid, nan_of, nan_of_one};
use base::int::long;
use dashu_int::ops::{DivEuclid, UnsignedAbs};
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;

/// More attempts than a number needs that is not itself at a boundary.
const ATTEMPTS: usize = 3;

fn pow10(count: usize) -> UBig {
    let power = base::int::pow(&IBig::from(10), &IBig::from(count)).unwrap_or(IBig::ZERO);
    power.unsigned_abs()
}
fn bits_for(digits: i64) -> usize {
    (digits as f64 * std::f64::consts::LOG2_10) as usize + 8
}

/// The result between `low` and `high` in units of 10^exp, both excluded, if all numbers there are rounded to the same.
fn decide(negative: bool, low: UBig, high: UBig, exp: i64, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    let (mut below, mut above) = (0, 0);
    let low = Coeff::of_binary(&low);
    let high = Coeff::of_binary(&(high - UBig::ONE));
    decide_coeffs(negative, low, high, exp, ctx, &mut below, &mut above).inspect(|_| *status |= below)
}
fn decide_coeffs(
    negative: bool,
    low: Coeff,
    high: Coeff,
    exp: i64,
    ctx: &Ctx,
    below: &mut Status,
    above: &mut Status,
) -> Option<Dec> {
    let first = finish_with_rest(negative, low, exp, Rest::Below, ctx, below);
    let second = finish_with_rest(negative, high, exp, Rest::Below, ctx, above);
    (first == second).then_some(first)
}

/// `|number| / 2^bits * 10^exp`, known but for `error` in units of the last bit.
fn decide_fixed(number: &IBig, bits: usize, error: u64, exp: i64, digits: i64, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    let (sign, words) = number.as_sign_words();
    let magnitude = UBig::from_words(words);
    let length = fixed::bit_length(number) as f64 - bits as f64;
    // As many digits as are known, by the estimate of the length: more than the precision.
    let scale = digits + 1 - (length * std::f64::consts::LOG10_2).floor() as i64;
    let error = UBig::from(error);
    let (low, high) = (if magnitude > error { &magnitude - &error } else { UBig::ZERO }, &magnitude + &error);
    let (low, high) = if scale >= 0 {
        let power = pow10(scale as usize);
        (long::product(&low, &power) >> bits, long::product(&high, &power) >> bits)
    } else {
        let divisor = pow10(scale.unsigned_abs() as usize) << bits;
        (long::div_rem(&low, &divisor).0, long::div_rem(&high, &divisor).0)
    };
    decide(sign == dashu_int::Sign::Negative, low, high + UBig::from(2u8), exp - scale, ctx, status)
}

/// A decimal as fixed-point number, rounded down; its exponent is not huge. The coefficient may be cut behind `keep` digits.
fn to_fixed(a: Num, bits: usize, keep: i64) -> IBig {
    let digits = a.coeff.digits() as i64;
    let (coeff, exp) = if digits > keep {
        (a.coeff.shift_right((digits - keep) as usize).0, a.exp + digits - keep)
    } else {
        (a.coeff.to_owned(), a.exp)
    };
    let coeff = coeff.as_ref().to_binary();
    let magnitude = if exp >= 0 {
        long::product(&coeff, &pow10(exp as usize)) << bits
    } else {
        long::div_rem(&(coeff << bits), &pow10(exp.unsigned_abs() as usize)).0
    };
    if a.negative { -IBig::from(magnitude) } else { IBig::from(magnitude) }
}

/// A rough value.
fn to_f64(a: Num) -> f64 {
    let digits = a.coeff.digits();
    let drop = digits.saturating_sub(17);
    let head = match a.coeff.shift_right(drop).0 {
        Coeff::Small(number) => number as f64,
        Coeff::Big(_) => 0.0,
    };
    let magnitude = head * 10f64.powi((a.exp.saturating_add(drop as i64)).clamp(-400, 400) as i32);
    if a.negative { -magnitude } else { magnitude }
}

/// Just above or below one, closer than the precision shows.
fn beside_one(above: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    let digits = ctx.prec as usize + 3;
    let coeff = if above { CoeffRef::Small(1).shift_left(digits) } else { Coeff::nines(digits) };
    finish_with_rest(false, coeff, -(digits as i64), Rest::Below, ctx, status)
}

/// e^x for a fixed-point x with that error; None leaves the rounding open.
fn exp_of(x: &IBig, (bits, digits): (usize, i64), error: u64, negative: bool, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    let count = i64::try_from(x.div_euclid(fixed::ln10(bits))).unwrap_or(0);
    // The multiple of ln 10 needs its bits before the point too.
    let ln10 = fixed::ln10(bits + 64);
    let rest = x - ((ln10 * IBig::from(count)) >> 64);
    let power = fixed::exp(&rest, bits);
    let power = if negative { -power } else { power };
    // The error grows with the result, which is less than 10.1.
    decide_fixed(&power, bits, 11 * (error + 2) + 8, count, digits, ctx, status)
}

/// How large e^x would be.
fn exponent_range(x: f64, ctx: &Ctx) -> Ordering {
    let decimal = x * std::f64::consts::LOG10_E;
    if decimal > ctx.emax as f64 * (1.0 + 1e-12) + 5.0 {
        Ordering::Greater
    } else if decimal < ctx.etiny() as f64 * (1.0 + 1e-12) - 5.0 {
        Ordering::Less
    } else {
        Ordering::Equal
    }
}

/// Runs `attempt` with more and more digits. Who is never decided is exact, and gets told so in the last round.
fn ziv(ctx: &Ctx, status: &mut Status, mut attempt: impl FnMut(i64, bool, &mut Status) -> Option<Dec>) -> Dec {
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    let mut extra = 12;
    for round in 0..=ATTEMPTS {
        if let Some(result) = attempt(ctx.prec + extra, round == ATTEMPTS, status) {
            return result;
        }
        extra = 2 * extra + ctx.prec / 2;
    }
    invalid(status, INVALID_OPERATION)
}

pub fn exp(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return nan;
    }
    if a.is_infinite() {
        return if a.negative { Dec::zero(false, 0) } else { Dec::infinity(false) };
    }
    if a.is_zero() {
        return Dec::small(1);
    }
    let ctx = &ctx.rounded(Rounding::HalfEven);
    if a.adjusted() < -ctx.prec - 4 {
        return inexact_one(false, ctx, status);
    }
    let range = if a.adjusted() > 20 {
        if a.negative { Ordering::Less } else { Ordering::Greater }
    } else {
        exponent_range(to_f64(a), ctx)
    };
    if range != Ordering::Equal {
        return out_of_range(false, range == Ordering::Greater, ctx, status);
    }
    ziv(ctx, status, |digits, _, status| {
        let bits = bits_for(digits);
        let x = to_fixed(a, bits, digits + 30);
        exp_of(&x, (bits, digits), 2, false, ctx, status)
    })
}

/// ln a as a fixed-point number with at least `digits` significant digits, and its number of bits. Not for a = 1 and its closest neighbours.
fn ln_fixed(a: Num, digits: i64) -> (IBig, usize) {
    let mut power = a.adjusted();
    let lead = Num { exp: a.exp - power, ..a };
    let threshold = Dec::finite(false, Coeff::Small(316), -2);
    let mut mantissa = lead;
    if compare(lead, threshold.as_num()) == Ordering::Greater {
        power += 1;
        mantissa.exp -= 1;
    }
    let mut bits = bits_for(digits) + 8;
    if power == 0 {
        // Close to one the logarithm is small: what cancels is added in front.
        bits += bits_for(-distance_to_one(a).as_num().adjusted().min(0));
    }
    let x = to_fixed(mantissa, bits, digits + bits as i64 / 3 + 30);
    let result = fixed::ln(&x, bits) + ((fixed::ln10(bits + 64) * IBig::from(power)) >> 64);
    (result, bits)
}
/// Units of the last bit by which `ln_fixed` may be wrong.
const LN_ERROR: u64 = 64;

fn distance_to_one(a: Num) -> Dec {
    let one = Dec::small(1);
    if a.exp < -(a.coeff.digits() as i64) - 2 {
        return one;
    }
    super::basic::subtract(a, one.as_num(), &Ctx::WIDEST, &mut 0)
}

/// What all logarithms have in common; None asks for the computation.
fn plain_logarithm(a: Num, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    if let Some(nan) = nan_of_one(a, ctx, status) {
        return Some(nan);
    }
    if a.is_zero() {
        return Some(Dec::infinity(true));
    }
    if a.negative {
        return Some(invalid(status, INVALID_OPERATION));
    }
    a.is_infinite().then(|| Dec::infinity(false))
}

/// The distance to one of numbers so close to it that the logarithm hardly differs from that.
fn hardly_not_one(a: Num, ctx: &Ctx) -> Option<Dec> {
    if !(-1..=0).contains(&a.adjusted()) {
        return None;
    }
    let distance = distance_to_one(a);
    (distance.as_num().adjusted() < -ctx.prec - 8).then_some(distance)
}

pub fn ln(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(result) = plain_logarithm(a, ctx, status) {
        return result;
    }
    let one = Dec::small(1);
    if compare(a, one.as_num()) == Ordering::Equal {
        return Dec::zero(false, 0);
    }
    let ctx = &ctx.rounded(Rounding::HalfEven);
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    if let Some(distance) = hardly_not_one(a, ctx) {
        // d - d^2/2 + ...: a little less than d.
        let room = (ctx.prec + 4 - distance.coeff.digits() as i64).max(1) as usize;
        let coeff = distance.coeff.as_ref().shift_left(room);
        let coeff = if distance.negative { coeff } else { coeff.as_ref().subtract(CoeffRef::Small(1)) };
        return finish_with_rest(distance.negative, coeff, distance.exp - room as i64, Rest::Below, ctx, status);
    }
    ziv(ctx, status, |digits, _, status| {
        let (number, bits) = ln_fixed(a, digits);
        decide_fixed(&number, bits, LN_ERROR, 0, digits, ctx, status)
    })
}

pub fn log10(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(result) = plain_logarithm(a, ctx, status) {
        return result;
    }
    let ctx = &ctx.rounded(Rounding::HalfEven);
    if a.coeff.trailing_zeros() + 1 == a.coeff.digits() && a.coeff.digit(a.coeff.digits() - 1) == 1 {
        let power = Dec::small(a.adjusted());
        return finish(power.negative, power.coeff, 0, ctx, status);
    }
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    let near = hardly_not_one(a, ctx);
    ziv(ctx, status, |digits, _, status| {
        if let Some(near) = &near {
            let bits = bits_for(digits);
            let number = to_fixed(Num { exp: 0, ..near.as_num() }, bits, i64::MAX);
            let scale = fixed::bit_length(&number).saturating_sub(bits) as u64;
            let quotient = (number << bits) / fixed::ln10(bits);
            // The relative error is that of ln 10 and of leaving out the square of the distance.
            let bound = 1u64.checked_shl(scale as u32 + 4).unwrap_or(u64::MAX);
            return decide_fixed(&quotient, bits, bound, near.exp, digits, ctx, status);
        }
        let (number, bits) = ln_fixed(a, digits + 2);
        let quotient = (number << bits) / fixed::ln10(bits);
        let size = fixed::bit_length(&quotient).saturating_sub(bits) as u32;
        decide_fixed(&quotient, bits, LN_ERROR + (4 << size.min(60)), 0, digits, ctx, status)
    })
}

pub fn power(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if let Some(nan) = nan_of(a, b, ctx, status) {
        return nan;
    }
    let integer = b.is_integer();
    let negative = a.negative && integer && b.is_odd_integer();
    if b.is_zero() {
        return if a.is_zero() { invalid(status, INVALID_OPERATION) } else { Dec::small(1) };
    }
    if a.is_zero() {
        return if b.negative { Dec::infinity(negative) } else { Dec::zero(negative, 0) };
    }
    if a.negative && !integer {
        return invalid(status, INVALID_OPERATION);
    }
    if a.is_infinite() {
        return if b.negative { Dec::zero(negative, 0) } else { Dec::infinity(negative) };
    }
    let one = Dec::small(1);
    let side = compare(a.with_sign(false), one.as_num());
    if side == Ordering::Equal {
        return power_of_one(a, b, negative, integer, ctx, status);
    }
    if b.is_infinite() {
        let grows = (side == Ordering::Greater) != b.negative;
        return if grows { Dec::infinity(negative) } else { Dec::zero(negative, 0) };
    }
    // log10 of the result, roughly: log10 |a| by its leading digits, or by its distance from one.
    let size = rough_log10(a) * to_f64_wide(b);
    if size > ctx.emax as f64 + 10.0 + ctx.emax as f64 * 1e-12 {
        return out_of_range(negative, true, ctx, status);
    }
    if size < ctx.etiny() as f64 * (1.0 + 1e-12) - 10.0 {
        return out_of_range(negative, false, ctx, status);
    }
    if integer && let Some(count) = b.to_i64() {
        return integer_power(a, count, negative, ctx, status);
    }
    // How far from one the result is, as a power of ten.
    let lead = to_f64(Num { exp: b.exp - b.adjusted(), ..b }).abs();
    let distance = (rough_log10(a).abs() * std::f64::consts::LN_10).log10() + b.adjusted() as f64 + lead.log10();
    if distance < -(ctx.prec as f64) - 8.0 {
        let above = (side == Ordering::Greater) != b.negative;
        // Not to be told from one with the digits that CPython computes.
        let limit = 5f64.log10() - ctx.prec as f64 - if above { 23.0 } else { 24.0 };
        return if distance < limit {
            inexact_one(negative, ctx, status)
        } else {
            signed(beside_one(above, ctx, status), negative)
        };
    }
    real_power(a, b, negative, ctx, status)
}

fn signed(number: Dec, negative: bool) -> Dec {
    Dec { negative, ..number }
}

/// Exact if the exponent is a whole number, else one with as many zeros as there is room for.
fn power_of_one(a: Num, b: Num, negative: bool, integer: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    if integer && !b.is_infinite() {
        if a.exp == 0 || b.negative {
            return finish(negative, Coeff::ONE, 0, ctx, status);
        }
        // 1.00 ^ 3 = 1.000000
        let zeros = -a.exp as i128 * b.to_i64().map_or(i64::MAX as i128, i128::from);
        let most = (ctx.prec - 1) as i128;
        let kept = zeros.min(most) as i64;
        if zeros > most {
            *status |= ROUNDED;
        }
        if !has_room(kept, status) {
            return Dec::nan();
        }
        return finish(negative, CoeffRef::Small(1).shift_left(kept as usize), -kept, ctx, status);
    }
    inexact_one(negative, ctx, status)
}
fn inexact_one(negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    *status |= INEXACT | ROUNDED;
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    finish(negative, CoeffRef::Small(1).shift_left(ctx.prec as usize - 1), 1 - ctx.prec, ctx, status)
}

fn rough_log10(a: Num) -> f64 {
    let magnitude = a.with_sign(false);
    if (-1..=0).contains(&a.adjusted()) {
        let distance = distance_to_one(magnitude);
        let near = distance.as_num();
        if near.adjusted() < -6 {
            return to_f64_wide(near) * std::f64::consts::LOG10_E;
        }
    }
    let lead = to_f64(Num { exp: a.exp - a.adjusted(), ..magnitude });
    a.adjusted() as f64 + lead.log10()
}
/// A rough value, in which exponents of any size are seen as far as doubles go.
fn to_f64_wide(a: Num) -> f64 {
    let adjusted = a.adjusted();
    let lead = to_f64(Num { exp: a.exp - adjusted, ..a });
    if adjusted > 300 {
        f64::INFINITY.copysign(lead)
    } else if adjusted < -300 {
        0.0
    } else {
        lead * 10f64.powi(adjusted as i32)
    }
}

fn integer_power(a: Num, count: i64, negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    let magnitude = a.with_sign(false);
    let times = count.unsigned_abs();
    if count < 0 {
        // A reciprocal that is exact keeps its power exact.
        let mut lost = 0;
        let reciprocal =
            divide(Dec::small(1).as_num(), magnitude, &Ctx { prec: ctx.prec.saturating_add(20), ..Ctx::WIDEST }, &mut lost);
        if lost & (INEXACT | NO_MEMORY) == 0 {
            return integer_power(reciprocal.as_num(), times.min(i64::MAX as u64) as i64, negative, ctx, status);
        }
    }
    // What is not cut off needs no care.
    let length = a.coeff.digits() as f64 * times as f64;
    if length <= (3.0 * ctx.prec as f64 + 60.0).min(MOST_DIGITS as f64) {
        let exact = repeated(magnitude, times, &Ctx::WIDEST);
        if let Some(beyond) = beyond_limits(&exact, count, negative, ctx, status) {
            return beyond;
        }
        if count > 0 {
            return finish(negative, exact.coeff, exact.exp, ctx, status);
        }
        return divide(signed(Dec::small(1), negative).as_num(), exact.as_num(), ctx, status);
    }
    // A power of ten times something short, as 1000 ^ 40 is, may be exact all the same.
    let zeros = a.coeff.trailing_zeros();
    let is_power = zeros + 1 == a.coeff.digits() && a.coeff.digit(zeros) == 1;
    if is_power || zeros > 0 && (a.coeff.digits() - zeros) as f64 * times as f64 <= ctx.prec as f64 + 2.0 {
        let short = Dec::finite(false, a.coeff.shift_right(zeros).0, 0);
        let exact = repeated(short.as_num(), times, &Ctx::WIDEST);
        let exp = (a.exp as i128 + zeros as i128) * times as i128;
        if exp.unsigned_abs() >= 1 << 62 {
            return out_of_range(negative, (exp > 0) == (count > 0), ctx, status);
        }
        let exp = exp as i64;
        let own = a.exp as i128 * times as i128;
        // The zeros are kept as far as there is room.
        let room = (ctx.prec - exact.coeff.digits() as i64).max(0);
        let pad = (exp as i128 - own).min(room as i128) as i64;
        *status |= if (exp as i128 - own) > room as i128 { ROUNDED } else { 0 };
        let full = Dec::finite(false, exact.coeff.as_ref().shift_left(pad as usize), exp - pad);
        if count > 0 {
            return finish(negative, full.coeff, full.exp, ctx, status);
        }
        return divide(signed(Dec::small(1), negative).as_num(), full.as_num(), ctx, status);
    }
    let spread = (times as f64).log10() as i64 + 4;
    ziv(ctx, status, |digits, last, status| {
        let work = Ctx { prec: digits + spread, rounding: Rounding::Down, ..Ctx::WIDEST };
        let mut result = repeated(magnitude, times, &work);
        if let Some(beyond) = beyond_limits(&result, count, negative, ctx, status) {
            return Some(beyond);
        }
        if count < 0 {
            result = divide(Dec::small(1).as_num(), result.as_num(), &work, &mut 0);
        }
        // Each of fewer than 3n roundings lost less than ten units of the last of all digits; a reciprocal lies on the other side.
        let error = Coeff::of_u128(30 * (times as u128 + 2));
        let low = if count < 0 && result.coeff.as_ref().compare(error.as_ref()) == Ordering::Greater {
            result.coeff.as_ref().subtract(error.as_ref())
        } else {
            result.coeff.clone()
        };
        if last {
            return Some(finish(negative, result.coeff, result.exp, ctx, status));
        }
        let high = result.coeff.as_ref().add(error.as_ref());
        let (mut below, mut above) = (0, 0);
        decide_coeffs(negative, low, high, result.exp, ctx, &mut below, &mut above).inspect(|_| *status |= below)
    })
}

/// The result if the power by itself left all limits.
fn beyond_limits(power: &Dec, count: i64, negative: bool, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    let number = power.as_num();
    if number.is_finite() && !number.coeff.is_zero() {
        return None;
    }
    Some(out_of_range(negative, number.is_infinite() == (count > 0), ctx, status))
}

/// a^count by squaring.
fn repeated(a: Num, count: u64, ctx: &Ctx) -> Dec {
    let mut result = a.to_owned();
    for bit in (0..63 - count.leading_zeros().min(63)).rev() {
        result = multiply(result.as_num(), result.as_num(), ctx, &mut 0);
        if count >> bit & 1 == 1 {
            result = multiply(result.as_num(), a, ctx, &mut 0);
        }
    }
    result
}

fn real_power(a: Num, b: Num, negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    let ahead = b.adjusted().max(0) + 20;
    let magnitude = a.with_sign(false);
    ziv(ctx, status, |digits, last, status| {
        let (log, bits) = ln_fixed(magnitude, digits + ahead);
        let keep = digits + ahead;
        // log b, with the bits that exp needs.
        let wanted = bits_for(digits);
        let length = b.coeff.digits() as i64;
        let drop = (length - keep).max(0);
        let coeff = IBig::from(b.coeff.shift_right(drop as usize).0.as_ref().to_binary());
        let exp = b.exp + drop;
        let product = log * if b.negative { -coeff } else { coeff };
        let x = if exp >= 0 {
            (product * IBig::from(pow10(exp as usize))) >> (bits - wanted)
        } else {
            (product >> (bits.saturating_sub(wanted))) / IBig::from(pow10(exp.unsigned_abs() as usize))
        };
        if let Some(result) = exp_of(&x, (wanted, digits), 4, negative, ctx, status) {
            return Some(result);
        }
        // What stays at a boundary lies on it: an exact result.
        last.then(|| at_boundary(&x, (wanted, digits), negative, ctx, status))
    })
}

/// The exact result that the digits of e^x stand for.
fn at_boundary(x: &IBig, known: (usize, i64), negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    let near = Ctx { prec: 2 * ctx.prec + 6, rounding: Rounding::HalfEven, ..Ctx::WIDEST };
    let result = exp_of(x, known, 0, negative, &near, &mut 0).unwrap_or_else(Dec::nan);
    *status |= INEXACT | ROUNDED;
    finish(negative, result.coeff, result.exp, ctx, status)
}

/// `a^b mod c` of integers.
pub fn power_modulo(a: Num, b: Num, c: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    for nan in [a, b, c] {
        if nan.kind == super::number::Kind::Signaling {
            return nan_of(nan, nan, ctx, status).unwrap_or_else(Dec::nan);
        }
    }
    if let Some(nan) = nan_of(a, b, ctx, status).or_else(|| nan_of(c, c, ctx, status)) {
        return nan;
    }
    let whole = a.is_integer() && b.is_integer() && c.is_integer();
    if !whole || c.is_zero() || b.negative && !b.is_zero() || a.is_zero() && b.is_zero() || c.adjusted() >= ctx.prec {
        return invalid(status, INVALID_OPERATION);
    }
    let as_int = |number: Num, modulus: Option<&UBig>| -> UBig {
        if number.exp <= 0 {
            return number.coeff.shift_right_any(-number.exp).0.as_ref().to_binary();
        }
        let ten = UBig::from(10u8);
        match modulus {
            Some(modulus) => modular_power(&ten, &UBig::from(number.exp as u64), modulus) * number.coeff.to_binary(),
            None => number.coeff.to_binary() * ten.pow(number.exp as usize),
        }
    };
    if !has_room(c.exp.max(0), status) || b.exp > 100_000 {
        return invalid(status, NO_MEMORY);
    }
    let modulus = as_int(c, None);
    let negative = a.negative && b.is_odd_integer();
    let result = modular_power(&as_int(a, Some(&modulus)), &as_int(b, None), &modulus);
    Dec::finite(negative, Coeff::of_binary(&result), 0)
}

fn modular_power(base: &UBig, exponent: &UBig, modulus: &UBig) -> UBig {
    if *modulus == UBig::ONE {
        return UBig::ZERO;
    }
    base::int::power_in_ring(base.clone().into(), exponent, modulus.clone())
}
