//! The everyday cases without allocation: finite numbers of up to 38 digits whose results fit likewise. Each function answers None when the
//! general one has to do it. Must not know: Python.

use super::context::*;
use super::digits::{BASE, Divisor, POW10_WIDE, Rest, SMALL_DIGITS, digits_of, divide_pow10, divide_wide_pow10, wide_product};
use super::round::{finish_small, goes_up};
use std::cmp::Ordering;

/// A finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Small {
    pub negative: bool,
    pub coeff: u128,
    pub exp: i64,
}

type Outcome = Option<(Small, Status)>;

const LIMIT: u128 = POW10_WIDE[SMALL_DIGITS];

#[inline(always)]
fn fit(negative: bool, coeff: u128, exp: i64, ctx: &Ctx) -> Outcome {
    let (coeff, exp, status) = finish_small(negative, coeff, exp, ctx)?;
    if coeff >= LIMIT {
        return None;
    }
    Some((Small { negative, coeff, exp }, status))
}

#[inline(always)]
pub fn add(a: Small, b: Small, ctx: &Ctx) -> Outcome {
    let (mut x, mut y) = (a.coeff, b.coeff);
    let exp;
    if a.exp == b.exp {
        exp = a.exp;
    } else {
        let (big, distance) = if a.exp > b.exp { (&mut x, a.exp - b.exp) } else { (&mut y, b.exp - a.exp) };
        exp = a.exp.min(b.exp);
        if distance >= SMALL_DIGITS as i64 || digits_of(*big) + distance as usize > SMALL_DIGITS {
            return if a.exp > b.exp { add_wide(a, b, ctx) } else { add_wide(b, a, ctx) };
        }
        *big *= POW10_WIDE[distance as usize];
    }
    if a.negative == b.negative {
        return fit(a.negative, x + y, exp, ctx);
    }
    match x.cmp(&y) {
        Ordering::Greater => fit(a.negative, x - y, exp, ctx),
        Ordering::Less => fit(b.negative, y - x, exp, ctx),
        Ordering::Equal => fit(ctx.rounding == Rounding::Floor, 0, exp, ctx),
    }
}

/// A sum of more than 38 digits, of which `big` has the higher exponent.
#[inline(never)]
fn add_wide(big: Small, mut small: Small, ctx: &Ctx) -> Outcome {
    if ctx.prec > 35 || big.coeff == 0 {
        return None;
    }
    let digits = digits_of(big.coeff);
    // What lies far below the last digit of the result counts as one digit just below it.
    let least = big.exp - 1 - (ctx.prec + 1 - digits as i64).max(0);
    if small.exp + (digits_of(small.coeff) as i64) - 1 < least {
        small = Small { coeff: (small.coeff != 0) as u128, exp: least, ..small };
    }
    let distance = big.exp - small.exp;
    if distance > SMALL_DIGITS as i64 {
        return None;
    }
    let distance = distance as usize;
    let (high, low) = wide_product(big.coeff, POW10_WIDE[distance]);
    let (high, low) = if big.negative == small.negative {
        let (low, carry) = low.overflowing_add(small.coeff);
        (high + carry as u128, low)
    } else {
        let (low, borrow) = low.overflowing_sub(small.coeff);
        // Not smaller than what is taken away, unless nothing was gained by the shift.
        if high == 0 && borrow {
            return None;
        }
        (high - borrow as u128, low)
    };
    let digits = digits + distance - 1;
    if high == 0 && digits <= ctx.prec as usize {
        return if low < LIMIT { fit(big.negative, low, small.exp, ctx) } else { None };
    }
    if digits <= ctx.prec as usize || high == 0 && low == 0 {
        return None;
    }
    finish_wide(big.negative, high, low, small.exp, digits, ctx)
}

#[inline(always)]
pub fn multiply(a: Small, b: Small, ctx: &Ctx) -> Outcome {
    let negative = a.negative != b.negative;
    if (a.coeff | b.coeff) >> 64 == 0 {
        return fit(negative, a.coeff * b.coeff, a.exp + b.exp, ctx);
    }
    multiply_wide(negative, a.coeff, b.coeff, a.exp + b.exp, ctx)
}

fn multiply_wide(negative: bool, a: u128, b: u128, exp: i64, ctx: &Ctx) -> Outcome {
    let (high, low) = wide_product(a, b);
    if high == 0 {
        return fit(negative, low, exp, ctx);
    }
    if ctx.prec > 36 {
        return None;
    }
    // The product has this many digits, or one less.
    let digits = digits_of(a) + digits_of(b);
    finish_wide(negative, high, low, exp, digits - 1, ctx)
}

/// A coefficient of 256 bits with so many digits, or up to two more; they are more than the precision.
#[inline(always)]
fn finish_wide(negative: bool, high: u128, low: u128, exp: i64, digits: usize, ctx: &Ctx) -> Outcome {
    let drop = digits - ctx.prec as usize;
    if drop > SMALL_DIGITS {
        return None;
    }
    let (coeff, rest) = divide_wide_pow10(high, low, drop);
    let rest = Rest::of(rest, POW10_WIDE[drop]);
    let (coeff, exp, status) = finish_cut(negative, coeff, exp + drop as i64, rest, ctx)?;
    Some((Small { negative, coeff, exp }, status))
}

/// Rounds a coefficient behind which something was cut off already; it has one digit more than the precision at most.
#[inline(always)]
fn finish_cut(negative: bool, coeff: u128, exp: i64, tail: Rest, ctx: &Ctx) -> Option<(u128, i64, Status)> {
    let digits = digits_of(coeff) as i64;
    let adjusted = exp + digits - 1;
    if adjusted >= ctx.emax || adjusted < ctx.emin || ctx.clamp && exp + 2 >= ctx.etop() {
        return None;
    }
    let drop = digits - ctx.prec;
    let (mut short, rest, mut exp) = if drop <= 0 {
        (coeff, tail, exp)
    } else {
        let (short, rest) = divide_pow10(coeff, drop as usize);
        (short, Rest::of(rest, POW10_WIDE[drop as usize]).then(!tail.is_zero()), exp + drop)
    };
    let mut status = ROUNDED;
    if !rest.is_zero() {
        status |= INEXACT;
        if goes_up(ctx.rounding, negative, short & 1 == 1, || (short % 10) as u8, rest) {
            short += 1;
            if short == POW10_WIDE[ctx.prec as usize] {
                short = POW10_WIDE[ctx.prec as usize - 1];
                exp += 1;
            }
        }
    }
    Some((short, exp, status))
}

/// A number rounded to the context.
#[inline(always)]
pub fn round(a: Small, ctx: &Ctx) -> Outcome {
    fit(a.negative, a.coeff, a.exp, ctx)
}

/// Whole powers that can be computed exactly.
pub fn power(a: Small, b: Small, ctx: &Ctx) -> Outcome {
    if b.negative || b.exp != 0 || b.coeff == 0 || b.coeff > 126 || a.coeff <= 1 {
        return None;
    }
    let count = b.coeff as u32;
    let coeff = a.coeff.checked_pow(count).filter(|coeff| *coeff < LIMIT)?;
    let exp = a.exp.checked_mul(count as i64).filter(|exp| exp.unsigned_abs() < 1 << 62)?;
    fit(a.negative && count & 1 == 1, coeff, exp, ctx)
}

pub fn divide(a: Small, b: Small, ctx: &Ctx) -> Outcome {
    if a.coeff == 0 || b.coeff == 0 || ctx.prec > 36 {
        return None;
    }
    let negative = a.negative != b.negative;
    let ideal = a.exp - b.exp;
    let shift = digits_of(b.coeff) as i64 - digits_of(a.coeff) as i64 + ctx.prec + 1;
    if shift < 0 || shift > SMALL_DIGITS as i64 {
        return None;
    }
    let (high, low) = wide_product(a.coeff, POW10_WIDE[shift as usize]);
    let (quotient, exact) = divide_wide(high, low, b.coeff)?;
    let exp = ideal - shift;
    if exact {
        let (coeff, exp) = strip(quotient, exp, ideal);
        return fit(negative, coeff, exp, ctx);
    }
    let (coeff, exp, status) = finish_cut(negative, quotient, exp, Rest::Below, ctx)?;
    Some((Small { negative, coeff, exp }, status))
}

/// Without trailing zeros, as far as the exponent is less than `ideal`.
fn strip(mut coeff: u128, mut exp: i64, ideal: i64) -> (u128, i64) {
    let mut step = 16;
    while step > 0 {
        if ideal - exp >= step as i64 {
            let (quotient, rest) = divide_pow10(coeff, step);
            if rest == 0 {
                coeff = quotient;
                exp += step as i64;
                continue;
            }
        }
        step /= 2;
    }
    (coeff, exp)
}

/// 256 bits by 128; the quotient fits 128 bits, which the caller knows of.
fn divide_wide(high: u128, low: u128, by: u128) -> Option<(u128, bool)> {
    if high == 0 {
        if (low | by) >> 64 == 0 {
            let (low, by) = (low as u64, by as u64);
            return Some(((low / by) as u128, low % by == 0));
        }
        let quotient = low / by;
        return Some((quotient, quotient.wrapping_mul(by) == low));
    }
    if by >> 64 == 0 {
        // The quotient fits 128 bits, so the high half is less than the divisor.
        if high >= by {
            return None;
        }
        let step = |rest: u64, next: u64| {
            let number = (rest as u128) << 64 | next as u128;
            let quotient = (number / by) as u64;
            (quotient, next.wrapping_sub(quotient.wrapping_mul(by as u64)))
        };
        let (first, rest) = step(high as u64, (low >> 64) as u64);
        let (second, rest) = step(rest, low as u64);
        return Some(((first as u128) << 64 | second as u128, rest == 0));
    }
    if high >= by {
        return None;
    }
    // Two digits of 64 bits.
    let shift = by.leading_zeros();
    let by = by << shift;
    let (high, low) = if shift == 0 { (high, low) } else { (high << shift | low >> (128 - shift), low << shift) };
    let divisor = Divisor::new((by >> 64) as u64);
    let (first, rest) = digit(high, (low >> 64) as u64, by, &divisor);
    let (second, rest) = digit(rest, low as u64, by, &divisor);
    Some(((first as u128) << 64 | second as u128, rest == 0))
}
/// One digit of 64 bits of `(high, next) / by`, where `high` is less than `by`, whose top bit is set.
fn digit(high: u128, next: u64, by: u128, divisor: &Divisor) -> (u64, u128) {
    let (top, middle) = ((high >> 64) as u64, high as u64);
    let (b1, b0) = ((by >> 64) as u64, by as u64);
    let (mut guess, mut rest, mut over) = if top >= b1 {
        let sum = middle as u128 + b1 as u128;
        (u64::MAX, sum as u64, sum >> 64 != 0)
    } else {
        let (guess, rest) = divisor.divide_shifted(top, middle);
        (guess, rest, false)
    };
    while !over && guess as u128 * b0 as u128 > ((rest as u128) << 64 | next as u128) {
        guess -= 1;
        (rest, over) = rest.overflowing_add(b1);
    }
    // high 2^64 + next - guess by, which is less than by.
    let left = (high << 64 | next as u128).wrapping_sub(by.wrapping_mul(guess as u128));
    (guess, left)
}

pub fn quantize(a: Small, exp: i64, ctx: &Ctx) -> Outcome {
    if exp > ctx.emax || exp < ctx.etiny() || ctx.clamp || a.coeff == 0 {
        return None;
    }
    let digits = digits_of(a.coeff) as i64;
    if a.exp >= exp {
        let shift = a.exp - exp;
        if shift > SMALL_DIGITS as i64 || digits + shift > SMALL_DIGITS as i64 || digits + shift > ctx.prec {
            return None;
        }
        let adjusted = a.exp + digits - 1;
        if adjusted > ctx.emax || adjusted < ctx.emin {
            return None;
        }
        return Some((Small { coeff: a.coeff * POW10_WIDE[shift as usize], exp, ..a }, 0));
    }
    let drop = exp - a.exp;
    if drop > digits {
        return None;
    }
    let (mut short, rest) = divide_pow10(a.coeff, drop as usize);
    let mut status = ROUNDED;
    if rest != 0 {
        status |= INEXACT;
        let rest = Rest::of(rest, POW10_WIDE[drop as usize]);
        if goes_up(ctx.rounding, a.negative, short & 1 == 1, || (short % 10) as u8, rest) {
            short += 1;
        }
    }
    let digits = digits_of(short) as i64;
    let adjusted = exp + digits - 1;
    if digits > ctx.prec || adjusted > ctx.emax || adjusted < ctx.emin {
        return None;
    }
    Some((Small { coeff: short, exp, ..a }, status))
}

#[inline]
pub fn compare(a: Small, b: Small) -> Option<Ordering> {
    if a.negative != b.negative {
        if a.coeff | b.coeff == 0 {
            return Some(Ordering::Equal);
        }
        return Some(if a.negative { Ordering::Less } else { Ordering::Greater });
    }
    let order = if a.exp == b.exp || a.coeff == 0 || b.coeff == 0 {
        a.coeff.cmp(&b.coeff)
    } else {
        let (x, y) = (a.exp + digits_of(a.coeff) as i64, b.exp + digits_of(b.coeff) as i64);
        // The same weight of the leading digit: the shorter coefficient becomes as long as the other one.
        x.cmp(&y).then_with(|| {
            if a.exp > b.exp {
                (a.coeff * POW10_WIDE[(a.exp - b.exp) as usize]).cmp(&b.coeff)
            } else {
                a.coeff.cmp(&(b.coeff * POW10_WIDE[(b.exp - a.exp) as usize]))
            }
        })
    };
    Some(if a.negative { order.reverse() } else { order })
}

/// Quotient and remainder of whole division with the same exponent, as magnitudes.
pub fn divide_whole(a: Small, b: Small, ctx: &Ctx) -> Option<(u128, u128, i64)> {
    if b.coeff == 0 || a.coeff == 0 || ctx.clamp {
        return None;
    }
    let (mut x, mut y) = (a.coeff, b.coeff);
    if a.exp != b.exp {
        let (long, distance) = if a.exp > b.exp { (&mut x, a.exp - b.exp) } else { (&mut y, b.exp - a.exp) };
        if distance >= SMALL_DIGITS as i64 || digits_of(*long) + distance as usize > SMALL_DIGITS {
            return None;
        }
        *long *= POW10_WIDE[distance as usize];
    }
    let exp = a.exp.min(b.exp);
    let (quotient, rest) =
        if (x | y) >> 64 == 0 { ((x as u64 / y as u64) as u128, (x as u64 % y as u64) as u128) } else { (x / y, x % y) };
    let fits = |number: u128, exp: i64| {
        let digits = digits_of(number) as i64;
        digits <= ctx.prec
            && (number == 0 && exp >= ctx.etiny() && exp <= ctx.emax || {
                let adjusted = exp + digits - 1;
                adjusted >= ctx.emin && adjusted <= ctx.emax
            })
    };
    (fits(quotient, 0) && fits(rest, exp)).then_some((quotient, rest, exp))
}

const _: () = assert!(BASE as u128 * BASE as u128 == LIMIT);

#[cfg(test)]
mod tests {
    use super::super::number::{Coeff, Dec};
    use super::super::{basic, misc};
    use super::*;

    /// Every quick answer is the general one's.
    #[test]
    fn quick_is_right() {
        let mut seed = 1u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        let mut answered = [0; 5];
        for _ in 0..60_000 {
            let mut number = || {
                let digits = random(38) as usize + 1;
                let mut coeff =
                    (random(u64::MAX >> 33) as u128) << 96 | (random(u64::MAX) as u128) << 60 | random(u64::MAX) as u128;
                coeff = match random(5) {
                    0 => POW10_WIDE[digits] - 1 - random(2) as u128,
                    1 => coeff % 1000 * POW10_WIDE[digits.min(35)],
                    _ => coeff % POW10_WIDE[digits],
                };
                Small { negative: random(2) == 0, coeff, exp: random(50) as i64 - 30 }
            };
            let (a, b) = (number(), number());
            let prec = [1, 3, 9, 16, 28, 34, 38, 60][random(8) as usize];
            let ctx = Ctx { prec, emax: 30, emin: -30, rounding: Rounding::of_index(random(8) as u8), clamp: random(4) == 0 };
            let dec = |x: Small| Dec::finite(x.negative, Coeff::Small(x.coeff), x.exp);
            let (x, y) = (dec(a), dec(b));
            let (x, y) = (x.as_num(), y.as_num());
            let mut check = |index: usize, quick: Outcome, general: (Dec, Status)| {
                if let Some((quick, status)) = quick {
                    answered[index] += 1;
                    assert_eq!((dec(quick), status), general, "{index}: {a:?} {b:?} {ctx:?}");
                }
            };
            type Operation = fn(super::super::number::Num, super::super::number::Num, &Ctx, &mut Status) -> Dec;
            let general = |operation: Operation| {
                let mut status = 0;
                let result = operation(x, y, &ctx, &mut status);
                (result, status)
            };
            check(0, add(a, b, &ctx), general(basic::add));
            check(1, multiply(a, b, &ctx), general(basic::multiply));
            check(2, divide(a, b, &ctx), general(basic::divide));
            check(3, quantize(a, b.exp, &ctx), general(misc::quantize));
            if let Some((quotient, rest, exp)) = divide_whole(a, b, &ctx) {
                answered[4] += 1;
                let mut status = 0;
                let (q, r) = basic::divmod(x, y, &ctx, &mut status);
                assert_eq!(q, Dec::finite(a.negative != b.negative, Coeff::Small(quotient), 0), "{a:?} {b:?} {ctx:?}");
                assert_eq!(r, Dec::finite(a.negative, Coeff::Small(rest), exp), "{a:?} {b:?} {ctx:?}");
                assert_eq!(status, 0, "{a:?} {b:?} {ctx:?}");
            }
            assert_eq!(compare(a, b), Some(basic::compare(x, y)));
        }
        assert!(answered.iter().all(|count| *count > 2000), "{answered:?}");
    }
}
