//! Other objects as decimals, and decimals as other objects: ints, floats, texts, tuples, fractions, hashes. Must not know: methods.

use crate::arith::context::*;
use crate::arith::digits::POW10;
use crate::arith::number::{Coeff, CoeffRef, Dec, Kind, Num};
use crate::arith::round::{MOST_DIGITS, finish, round_to};
use crate::arith::text;
use crate::context::Context;
use crate::decimal::{Decimal, Operand};
use base::memory::{copied, with_room};
use dashu_int::ops::Gcd;
use dashu_int::{IBig, UBig};
use objects::int::IntView;
use objects::{
    Cast, Gc, R, Str, Value, class_name, int_view, memory_error, new_int, new_int_big, new_tuple, overflow_error, type_error,
    value_error,
};

pub fn from_int(view: IntView) -> Dec {
    match view {
        IntView::Small(number) => Dec::small(number),
        IntView::Big { negative, limbs } => {
            let coeff = match limbs {
                [low, high] => Coeff::of_u128((*high as u128) << 64 | *low as u128),
                _ => {
                    let number = UBig::from_words(limbs);
                    objects::int::long_work(64 * limbs.len() as u64, || Coeff::of_binary(&number))
                }
            };
            Dec::finite(negative, coeff, 0)
        }
    }
}

/// The exact value of a double.
pub fn from_float(number: f64) -> Dec {
    let negative = number.is_sign_negative();
    if number.is_nan() {
        return Dec { negative, ..Dec::nan() };
    }
    if number.is_infinite() {
        return Dec::infinity(negative);
    }
    let bits = number.to_bits();
    let field = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    if mantissa == 0 {
        return Dec::zero(negative, 0);
    }
    let zeros = mantissa.trailing_zeros() as i32;
    let (mantissa, exponent) = (mantissa >> zeros, exponent + zeros);
    if exponent >= 0 {
        return Dec::finite(negative, Coeff::of_binary(&(UBig::from(mantissa) << exponent as usize)), 0);
    }
    let power = exponent.unsigned_abs();
    let coeff = if power <= 27 {
        Coeff::of_u128(mantissa as u128 * 5u128.pow(power))
    } else {
        Coeff::of_binary(&(UBig::from(5u8).pow(power as usize) * UBig::from(mantissa)))
    };
    Dec::finite(negative, coeff, -(power as i64))
}

/// A Decimal or an int.
#[inline]
pub fn operand(value: Value) -> Option<Operand> {
    if let Some(decimal) = value.cast::<Decimal>() {
        return Some(Operand::Held(decimal));
    }
    int_view(value).map(|view| Operand::Made(from_int(view)))
}
#[inline]
pub fn required(value: Value) -> R<Operand> {
    operand(value).ok_or_else(|| not_supported(value))
}
#[cold]
pub fn not_supported(value: Value) -> objects::Raised {
    type_error!("conversion from {} to Decimal is not supported", class_name(value))
}

/// A text as the constructor reads it: spaces around and underscores are left out, digits of any script count.
fn parse_text(source: Gc<Str>, lenient: bool) -> Option<Dec> {
    let parse = |bytes: &[u8]| {
        if let Some(number) = text::parse(bytes) {
            return Some(number);
        }
        if !lenient {
            return None;
        }
        let trimmed = bytes.trim_ascii();
        let trimmed = trim_controls(trimmed);
        let mut plain = with_room(trimmed.len());
        plain.extend(trimmed.iter().copied().filter(|byte| *byte != b'_'));
        text::parse(&plain)
    };
    if let Some(ascii) = source.as_ascii() {
        return parse(ascii.as_bytes());
    }
    let mut chars = base::memory::collected(source.chars().iter());
    if lenient {
        let space = |code: &u32| base::text::is_space(*code);
        let start = chars.iter().position(|code| !space(code))?;
        let end = chars.iter().rposition(|code| !space(code))? + 1;
        chars = copied(&chars[start..end]);
    }
    let mut ascii = with_room(chars.len());
    for code in chars {
        ascii.push(match code {
            0..128 => code as u8,
            _ => b'0' + unicode_tables::decimal_digit(code)?,
        });
    }
    parse(&ascii)
}
/// Spaces of Python that `trim_ascii` leaves: vertical tabs and separators.
fn trim_controls(text: &[u8]) -> &[u8] {
    let space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b || (0x1c..=0x1f).contains(byte);
    let start = text.iter().position(|byte| !space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !space(byte)).map_or(start, |at| at + 1);
    &text[start..end]
}

/// How a number is to be taken.
#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
    /// As it is, whatever the context.
    Exact,
    /// Rounded to the context.
    Rounded,
}

/// A parsed number, checked against the limits.
fn settle(parsed: Option<Dec>, manner: Manner, context: &Context) -> R<Dec> {
    let mut status = 0;
    let result = match parsed {
        None => {
            status |= CONVERSION_SYNTAX;
            Dec::nan()
        }
        Some(number) if manner == Manner::Exact => {
            let in_range = number.kind != Kind::Finite
                || number.exp >= MIN_ETINY && number.as_num().adjusted() <= MAX_EMAX && number.exp <= MAX_EMAX;
            if in_range {
                number
            } else {
                status |= INVALID_OPERATION;
                Dec::nan()
            }
        }
        Some(number) => rounded(number.as_num(), &context.settings(), &mut status),
    };
    context.report(status)?;
    Ok(result)
}
/// A number rounded to a context; the payload of a NaN must fit.
pub fn rounded(number: Num, ctx: &Ctx, status: &mut Status) -> Dec {
    if number.is_nan() && !number.coeff.is_zero() && number.coeff.digits() as i64 > ctx.prec - ctx.clamp as i64 {
        *status |= CONVERSION_SYNTAX;
        return Dec::nan();
    }
    round_to(number, ctx, status)
}

pub fn from_text(source: Gc<Str>, manner: Manner, context: &Context) -> R<Dec> {
    settle(parse_text(source, manner == Manner::Exact), manner, context)
}

/// The number of (sign, digits, exponent).
pub fn from_tuple(items: &[Value], manner: Manner, context: &Context) -> R<Dec> {
    let &[sign, digits, exponent] = items else { return Err(value_error!("argument must be a sequence of length 3")) };
    let negative = match int_view(sign).and_then(|sign| sign.to_i64()) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(value_error!("sign must be an integer with the value 0 or 1")),
    };
    let mut kind = Kind::Finite;
    let mut exp = 0;
    if let Some(text) = exponent.cast::<Str>() {
        kind = match text.as_ascii() {
            Some("F") => Kind::Infinite,
            Some("n") => Kind::Quiet,
            Some("N") => Kind::Signaling,
            _ => return Err(value_error!("string argument in the third position must be 'F', 'n' or 'N'")),
        };
    } else if objects::is_int(exponent) {
        exp = crate::context::ssize_of(exponent)?;
    } else {
        return Err(value_error!("exponent must be an integer"));
    }
    let bad_digits = || value_error!("coefficient must be a tuple of digits");
    let digits: objects::GcVec = if let Some(digits) = digits.cast::<objects::Tuple>() {
        objects::GcVec::from_slice(digits.items())
    } else if let Some(list) = digits.cast::<objects::List>() {
        objects::list::list_snapshot(list)
    } else {
        return Err(bad_digits());
    };
    let mut text = with_room(digits.len());
    for digit in digits.iter() {
        match int_view(*digit).and_then(|digit| digit.to_i64()) {
            Some(digit @ 0..=9) => text.push(b'0' + digit as u8),
            _ => return Err(bad_digits()),
        }
    }
    let number = match kind {
        Kind::Infinite => Dec::infinity(negative),
        _ => Dec { negative, kind, exp, coeff: Coeff::parse(&text) },
    };
    // So far beyond the limits that sums would not fit.
    if kind == Kind::Finite && !(-(1 << 62)..1 << 62).contains(&exp) {
        let exp = exp.clamp(-(1 << 61), 1 << 61);
        return settle(Some(Dec { exp, ..number }), manner, context);
    }
    settle(Some(number), manner, context)
}

/// A finite number cut to an integer.
pub fn to_ibig(number: Num) -> R<IBig> {
    let magnitude = if number.exp >= 0 {
        if number.coeff.is_zero() {
            return Ok(IBig::ZERO);
        }
        if number.exp > MOST_DIGITS {
            return Err(memory_error());
        }
        number.coeff.to_binary() * UBig::from(10u8).pow(number.exp as usize)
    } else {
        number.coeff.shift_right_any(number.exp.saturating_neg()).0.as_ref().to_binary()
    };
    Ok(if number.negative { -IBig::from(magnitude) } else { IBig::from(magnitude) })
}
pub fn to_int(number: Num) -> R {
    match number.kind {
        Kind::Quiet | Kind::Signaling => return Err(value_error!("cannot convert NaN to integer")),
        Kind::Infinite => return Err(overflow_error!("cannot convert Infinity to integer")),
        Kind::Finite => {}
    }
    if number.exp <= 0
        && let (Coeff::Small(magnitude), _) = number.coeff.shift_right_any(-number.exp)
        && let Ok(small) = i64::try_from(magnitude)
    {
        return Ok(new_int(if number.negative { -small } else { small }));
    }
    let size = number.coeff.digits() as i64 + number.exp.max(0);
    if size > 2000 {
        let big = heap::blocking(|| if size > MOST_DIGITS { None } else { Some(to_ibig(number)) });
        return match big {
            Some(big) => Ok(new_int_big(&big?)),
            None => Err(memory_error()),
        };
    }
    Ok(new_int_big(&to_ibig(number)?))
}

pub fn to_f64(number: Num) -> R<f64> {
    match number.kind {
        Kind::Signaling => return Err(value_error!("cannot convert signaling NaN to float")),
        Kind::Quiet => return Ok(if number.negative { -f64::NAN } else { f64::NAN }),
        Kind::Infinite => return Ok(if number.negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        Kind::Finite => {}
    }
    let sign = if number.negative { -1.0 } else { 1.0 };
    if let CoeffRef::Small(coeff) = number.coeff
        && coeff < 1 << 53
        && (-19..=19).contains(&number.exp)
    {
        // Both are exact, so the one rounding is right.
        let power = POW10[number.exp.unsigned_abs() as usize] as f64;
        return Ok(sign * if number.exp >= 0 { coeff as f64 * power } else { coeff as f64 / power });
    }
    let shown = text::to_text(Num { exp: number.exp.clamp(-1_000_000_000_000, 1_000_000_000_000), ..number }, false, true);
    Ok(shown.parse().unwrap_or(f64::NAN))
}

/// Numerator and denominator.
pub fn ratio(number: Num) -> R {
    match number.kind {
        Kind::Quiet | Kind::Signaling => return Err(value_error!("cannot convert NaN to integer ratio")),
        Kind::Infinite => return Err(overflow_error!("cannot convert Infinity to integer ratio")),
        Kind::Finite => {}
    }
    if number.coeff.is_zero() {
        return Ok(new_tuple(&[new_int(0), new_int(1)]).value());
    }
    if number.exp >= 0 {
        return Ok(new_tuple(&[to_int(number)?, new_int(1)]).value());
    }
    let power = number.exp.unsigned_abs();
    if power > MOST_DIGITS as u64 {
        return Err(memory_error());
    }
    let top = number.coeff.to_binary();
    let bottom = UBig::from(10u8).pow(power as usize);
    let common = (&top).gcd(&bottom);
    let (top, bottom) = (IBig::from(top / &common), IBig::from(bottom / common));
    let top = if number.negative { -top } else { top };
    let (top, bottom) = (new_int_big(&top), new_int_big(&bottom));
    Ok(new_tuple(&[top, bottom]).value())
}

const PRIME: u64 = (1 << 61) - 1;
/// 10^-1 modulo the prime.
const TENTH: u64 = 2_075_258_708_292_324_556;

/// Powers of it.
const TENTHS: [u64; 41] = {
    let mut table = [1u64; 41];
    let mut index = 1;
    while index < 41 {
        table[index] = (table[index - 1] as u128 * TENTH as u128 % PRIME as u128) as u64;
        index += 1;
    }
    table
};

/// The product of two numbers below the prime.
#[inline(always)]
fn mul_mod(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    let folded = (product as u64 & PRIME) + (product >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}
fn power_mod(base: u64, mut exponent: u64) -> u64 {
    let (mut base, mut result) = (base, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul_mod(result, base);
        }
        base = mul_mod(base, base);
        exponent >>= 1;
    }
    result
}
fn reduce(number: u128) -> u64 {
    let folded = (number & PRIME as u128) + (number >> 61 & PRIME as u128) + (number >> 122);
    (folded % PRIME as u128) as u64
}

/// The hash of a number that is not NaN: that of an equal int, float or fraction.
pub fn hash(number: Num) -> i64 {
    if number.is_infinite() {
        return if number.negative { -314_159 } else { 314_159 };
    }
    let coeff = match number.coeff {
        CoeffRef::Small(coeff) if coeff < PRIME as u128 => coeff as u64,
        CoeffRef::Small(coeff) => reduce(coeff),
        CoeffRef::Big(words) => {
            let base = crate::arith::digits::BASE % PRIME;
            words.iter().rev().fold(0, |hash, word| (mul_mod(hash, base) + word % PRIME) % PRIME)
        }
    };
    let scale = match number.exp {
        0 => 1,
        exp @ -40..0 => TENTHS[exp.unsigned_abs() as usize],
        exp @ 1.. => power_mod(10, exp as u64 % (PRIME - 1)),
        exp => power_mod(TENTH, exp.unsigned_abs() % (PRIME - 1)),
    };
    let hash = mul_mod(coeff, scale) as i64;
    let hash = if number.negative { -hash } else { hash };
    if hash == -1 { -2 } else { hash }
}

/// A float that a context rounds.
pub fn rounded_float(number: f64, context: &Context) -> R<Dec> {
    let exact = from_float(number);
    let mut status = 0;
    let result = match exact.kind {
        Kind::Finite => finish(exact.negative, exact.coeff, exact.exp, &context.settings(), &mut status),
        _ => exact,
    };
    context.report(status)?;
    Ok(result)
}

/// The exact decimal of an operand's int.
pub fn exact_int(value: Value) -> R<Dec> {
    int_view(value).map(from_int).ok_or_else(|| type_error!("an integer is required"))
}
