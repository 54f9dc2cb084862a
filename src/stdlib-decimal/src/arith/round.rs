//! Makes an exact result fit a context: rounding, overflow, subnormal numbers, clamping. Must not know: where results come from.

use super::context::*;
use super::digits::{POW10_WIDE, Rest, SMALL_DIGITS, digits_of, divide_pow10};
use super::number::{Coeff, CoeffRef, Dec, Kind, Num};

/// Longest coefficient that is computed; more is out of memory.
pub const MOST_DIGITS: i64 = 500_000_000;

/// Whether a coefficient of so many digits can be made; else the condition is set.
pub fn has_room(digits: i64, status: &mut Status) -> bool {
    if digits > MOST_DIGITS {
        *status |= NO_MEMORY;
        return false;
    }
    true
}

/// Whether a magnitude that was cut off is to be increased.
#[inline(always)]
pub fn goes_up(rounding: Rounding, negative: bool, last_digit_odd: bool, last_digit: impl FnOnce() -> u8, rest: Rest) -> bool {
    if rest == Rest::Zero {
        return false;
    }
    match rounding {
        Rounding::HalfEven => rest == Rest::Above || rest == Rest::Half && last_digit_odd,
        Rounding::HalfUp => rest >= Rest::Half,
        Rounding::HalfDown => rest == Rest::Above,
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        Rounding::ZeroFiveUp => matches!(last_digit(), 0 | 5),
    }
}

pub fn rounds_up(rounding: Rounding, negative: bool, coeff: CoeffRef, rest: Rest) -> bool {
    goes_up(rounding, negative, coeff.is_odd(), || coeff.last_digit(), rest)
}

/// The coefficient without its last `count` digits.
fn cut(coeff: CoeffRef, count: i64, rounding: Rounding, negative: bool) -> (Coeff, Rest) {
    let (short, rest) = if count > coeff.digits() as i64 {
        (Coeff::ZERO, if coeff.is_zero() { Rest::Zero } else { Rest::Below })
    } else {
        coeff.shift_right(count as usize)
    };
    let short = if rounds_up(rounding, negative, short.as_ref(), rest) { short.plus_one() } else { short };
    (short, rest)
}

/// A number beyond the largest one.
pub fn overflow(negative: bool, ctx: &Ctx, status: &mut Status) -> Dec {
    *status |= OVERFLOW | INEXACT | ROUNDED;
    let to_infinity = match ctx.rounding {
        Rounding::HalfUp | Rounding::HalfEven | Rounding::HalfDown | Rounding::Up => true,
        Rounding::Down | Rounding::ZeroFiveUp => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
    };
    if to_infinity {
        return Dec::infinity(negative);
    }
    if !has_room(ctx.prec, status) {
        return Dec::nan();
    }
    Dec::finite(negative, Coeff::nines(ctx.prec as usize), ctx.etop())
}

/// An exact finite result in its context.
pub fn finish(negative: bool, coeff: Coeff, exp: i64, ctx: &Ctx, status: &mut Status) -> Dec {
    finish_with_rest(negative, coeff, exp, Rest::Zero, ctx, status)
}

/// As `finish`; behind the coefficient's last digit something was cut off, and the coefficient has more digits than the precision.
pub fn finish_with_rest(negative: bool, mut coeff: Coeff, mut exp: i64, tail: Rest, ctx: &Ctx, status: &mut Status) -> Dec {
    if coeff.is_zero() && tail.is_zero() {
        let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
        let clamped = exp.max(ctx.etiny()).min(most);
        if clamped != exp {
            *status |= CLAMPED;
        }
        return Dec::zero(negative, clamped);
    }
    let digits = coeff.digits() as i64;
    let adjusted = exp + digits - 1;
    if adjusted > ctx.emax {
        return overflow(negative, ctx, status);
    }
    let etiny = ctx.etiny();
    let subnormal = adjusted < ctx.emin;
    if subnormal {
        *status |= SUBNORMAL;
    }
    let drop = if subnormal { etiny - exp } else { digits - ctx.prec };
    if drop > 0 {
        let (short, rest) = coeff.cut(drop);
        let rest = rest.then(!tail.is_zero());
        let up = rounds_up(ctx.rounding, negative, short.as_ref(), rest);
        coeff = if up { short.plus_one() } else { short };
        exp += drop;
        *status |= ROUNDED;
        if !rest.is_zero() {
            *status |= INEXACT;
            if subnormal {
                *status |= UNDERFLOW;
            }
        }
        if coeff.digits() as i64 > ctx.prec {
            coeff = coeff.as_ref().shift_right(1).0;
            exp += 1;
            if exp + ctx.prec - 1 > ctx.emax {
                return overflow(negative, ctx, status);
            }
        }
        if coeff.is_zero() {
            *status |= CLAMPED;
            return Dec::zero(negative, etiny);
        }
    } else if !tail.is_zero() {
        debug_assert!(false, "a tail without digits to cut");
        *status |= INEXACT | ROUNDED;
    }
    if ctx.clamp && exp > ctx.etop() {
        let shift = exp - ctx.etop();
        *status |= CLAMPED;
        if !has_room(shift, status) {
            return Dec::nan();
        }
        coeff = coeff.as_ref().shift_left(shift as usize);
        exp = ctx.etop();
    }
    Dec::finite(negative, coeff, exp)
}

impl CoeffRef<'_> {
    /// `shift_right` by any count.
    pub fn shift_right_any(self, count: i64) -> (Coeff, Rest) {
        if count > self.digits() as i64 + 1 {
            (Coeff::ZERO, if self.is_zero() { Rest::Zero } else { Rest::Below })
        } else {
            self.shift_right(count as usize)
        }
    }
}

/// Coefficient, exponent and conditions of a short result that fits without trouble; None asks for `finish`.
#[inline(always)]
pub fn finish_small(negative: bool, coeff: u128, exp: i64, ctx: &Ctx) -> Option<(u128, i64, Status)> {
    let digits = digits_of(coeff) as i64;
    let adjusted = exp + digits - 1;
    if adjusted >= ctx.emax || adjusted < ctx.emin || coeff == 0 && exp < ctx.etiny() || ctx.clamp && exp >= ctx.etop() {
        return None;
    }
    let drop = digits - ctx.prec;
    if drop <= 0 {
        return Some((coeff, exp, 0));
    }
    let (short, rest) = divide_pow10(coeff, drop as usize);
    let mut status = ROUNDED;
    let mut short = short;
    let mut exp = exp + drop;
    if rest != 0 {
        status |= INEXACT;
        let rest = Rest::of(rest, POW10_WIDE[drop as usize]);
        if goes_up(ctx.rounding, negative, short & 1 == 1, || (short % 10) as u8, rest) {
            short += 1;
            if ctx.prec < SMALL_DIGITS as i64 && short == POW10_WIDE[ctx.prec as usize] {
                short = POW10_WIDE[ctx.prec as usize - 1];
                exp += 1;
            }
        }
    }
    Some((short, exp, status))
}

/// A NaN operand as result: quiet, its payload cut to the precision.
pub fn quiet(nan: Num, ctx: &Ctx) -> Dec {
    let room = ctx.prec - ctx.clamp as i64;
    let coeff = if nan.coeff.digits() as i64 > room { nan.coeff.low_digits(room.max(0) as usize) } else { nan.coeff.to_owned() };
    Dec { negative: nan.negative, kind: Kind::Quiet, exp: 0, coeff }
}

/// The result if an operand is NaN.
pub fn nan_of(a: Num, b: Num, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    let signaling = |x: Num| x.kind == Kind::Signaling;
    let chosen = if signaling(a) {
        a
    } else if signaling(b) {
        b
    } else if a.is_nan() {
        a
    } else if b.is_nan() {
        b
    } else {
        return None;
    };
    if signaling(chosen) {
        *status |= INVALID_OPERATION;
    }
    Some(quiet(chosen, ctx))
}
pub fn nan_of_one(a: Num, ctx: &Ctx, status: &mut Status) -> Option<Dec> {
    nan_of(a, a, ctx, status)
}

pub fn invalid(status: &mut Status, condition: Status) -> Dec {
    *status |= condition;
    Dec::nan()
}

/// A decimal rounded to its context: the operation `plus`, but for the sign of zeros.
pub fn round_to(a: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    match a.kind {
        Kind::Finite => finish(a.negative, a.coeff.to_owned(), a.exp, ctx, status),
        Kind::Infinite => Dec::infinity(a.negative),
        _ => {
            let cut = quiet(a, ctx);
            Dec { kind: a.kind, ..cut }
        }
    }
}

/// `a` with another exponent, rounded if digits are lost; the caller saw to it that there is room.
pub fn rescale(a: Num, exp: i64, rounding: Rounding) -> (Coeff, Rest) {
    if exp <= a.exp || a.coeff.is_zero() {
        let shift = if a.coeff.is_zero() { 0 } else { a.exp - exp };
        (a.coeff.shift_left(shift as usize), Rest::Zero)
    } else {
        cut(a.coeff, exp - a.exp, rounding, a.negative)
    }
}
