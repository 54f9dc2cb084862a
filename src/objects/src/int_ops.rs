//! Operators on ints: division, shifts, bits; and the way to all of them for plain ints, past classes and slots.
//! Must not know: instances of subclasses, which may have operators of their own.

use crate::error::{R, memory_error, overflow_error, value_error, zero_division_error};
use crate::int::{IntObject, IntView, int_add, int_mul, int_sub, long_work, new_int, new_int_big, new_int_i128};
use crate::int_limbs;
use crate::layout::Layout;
use crate::operators::BinaryOp;
use base::int as big;
use dashu_int::IBig;
use heap::Value;

/// The number, if `value` is an int and no instance of a subclass, not even a bool.
#[inline(always)]
fn plain_int(value: Value) -> Option<IntView<'static>> {
    if value.is_int() {
        return Some(IntView::Small(value.as_int()));
    }
    if !value.is_ptr() {
        return None;
    }
    // SAFETY: pointer values are live objects, and the shape says which layout; the caller's copy of `value` keeps the object.
    unsafe {
        let object = value.as_ptr() as *const IntObject;
        ((*object).header.shape() == IntObject::class().root_shape()).then(|| (*object).view())
    }
}

/// `a op b`; None if they are not both plain ints, or the operator gives no int.
#[inline]
pub fn plain_binary(op: BinaryOp, a: Value, b: Value) -> Option<R> {
    let (a, b) = (plain_int(a)?, plain_int(b)?);
    Some(match op {
        BinaryOp::Add => Ok(int_add(a, b)),
        BinaryOp::Sub => Ok(int_sub(a, b)),
        BinaryOp::Mul => int_mul(a, b),
        BinaryOp::FloorDiv => floor_divide(a, b),
        BinaryOp::Mod => modulo(a, b),
        BinaryOp::LShift => shift_left(a, b),
        BinaryOp::RShift => shift_right(a, b),
        BinaryOp::And => and(a, b),
        BinaryOp::Or => or(a, b),
        BinaryOp::Xor => xor(a, b),
        BinaryOp::TrueDiv | BinaryOp::MatMul | BinaryOp::DivMod => return None,
    })
}

pub fn invert(number: IntView) -> Value {
    match number {
        IntView::Small(number) => new_int(!number),
        number => new_int_big(&!number.to_ibig()),
    }
}

/// Quotient and remainder that follow the divisor's sign.
#[inline]
fn small_divmod(a: i64, b: i64) -> (i64, i64) {
    let (quotient, rest) = (a / b, a % b);
    if rest != 0 && (rest < 0) != (b < 0) { (quotient - 1, rest + b) } else { (quotient, rest) }
}

/// Both numbers, if their division stays inside 64 bits.
#[inline]
fn small_pair(a: IntView, b: IntView) -> Option<(i64, i64)> {
    match (a, b) {
        (IntView::Small(a), IntView::Small(b)) if b != 0 && b != -1 => Some((a, b)),
        _ => None,
    }
}

fn divided<T>(a: IntView, b: IntView, divide: fn(&IBig, &IBig) -> Option<T>) -> R<T> {
    let (a, b) = (a.to_ibig(), b.to_ibig());
    long_work(big::bit_length(&a) as u64, || divide(&a, &b)).ok_or_else(|| zero_division_error!("division by zero"))
}

pub fn floor_divide(a: IntView, b: IntView) -> R {
    if let Some((a, b)) = small_pair(a, b) {
        return Ok(new_int(small_divmod(a, b).0));
    }
    if let (IntView::Big { negative, limbs }, IntView::Small(b @ (..=-1 | 1..))) = (a, b) {
        return Ok(int_limbs::divide_by_word(negative, limbs, b).0);
    }
    divided(a, b, big::floor_div).map(|number| new_int_big(&number))
}

pub fn modulo(a: IntView, b: IntView) -> R {
    if let Some((a, b)) = small_pair(a, b) {
        return Ok(new_int(small_divmod(a, b).1));
    }
    if let (IntView::Big { negative, limbs }, IntView::Small(b @ (..=-1 | 1..))) = (a, b) {
        return Ok(int_limbs::rest_by_word(negative, limbs, b));
    }
    divided(a, b, big::modulo).map(|number| new_int_big(&number))
}

/// `divmod(a, b)`
pub fn divide_both(a: IntView, b: IntView) -> R<(Value, Value)> {
    if let Some((a, b)) = small_pair(a, b) {
        let (quotient, rest) = small_divmod(a, b);
        return Ok((new_int(quotient), new_int(rest)));
    }
    if let (IntView::Big { negative, limbs }, IntView::Small(b @ (..=-1 | 1..))) = (a, b) {
        return Ok(int_limbs::divide_by_word(negative, limbs, b));
    }
    let (quotient, rest) = divided(a, b, big::divmod)?;
    Ok((new_int_big(&quotient), new_int_big(&rest)))
}

pub fn shift_left(a: IntView, b: IntView) -> R {
    if b.is_negative() {
        return Err(value_error!("negative shift count"));
    }
    if a.is_zero() {
        return Ok(Value::small(0));
    }
    let Some(count) = b.to_u64() else { return Err(overflow_error!("too many digits in integer")) };
    if let IntView::Small(number) = a
        && count < 64
    {
        return Ok(new_int_i128((number as i128) << count));
    }
    if let IntView::Big { negative, limbs } = a
        && count <= 1 << 20
    {
        return Ok(int_limbs::shift_left(negative, limbs, count));
    }
    match big::shift_left(&a.to_ibig(), count) {
        Some(number) => Ok(new_int_big(&number)),
        None => Err(memory_error()),
    }
}

pub fn shift_right(a: IntView, b: IntView) -> R {
    if b.is_negative() {
        return Err(value_error!("negative shift count"));
    }
    let count = b.to_u64().unwrap_or(u64::MAX);
    Ok(match a {
        IntView::Small(number) => new_int(number >> count.min(63)),
        IntView::Big { negative, limbs } => int_limbs::shift_right(negative, limbs, count),
    })
}

/// `both`: what only one operand has falls away.
#[inline(always)]
fn bitwise(
    a: IntView,
    b: IntView,
    both: bool,
    small: impl Fn(i64, i64) -> i64,
    limbs: impl Fn(u64, u64) -> u64,
    large: impl Fn(IBig, IBig) -> IBig,
) -> R {
    Ok(match (a, b) {
        (IntView::Small(a), IntView::Small(b)) => new_int(small(a, b)),
        _ if a.is_negative() || b.is_negative() => new_int_big(&large(a.to_ibig(), b.to_ibig())),
        _ => int_limbs::bitwise(a, b, both, limbs),
    })
}
pub fn and(a: IntView, b: IntView) -> R {
    bitwise(a, b, true, |a, b| a & b, |a, b| a & b, |a, b| a & b)
}
pub fn or(a: IntView, b: IntView) -> R {
    bitwise(a, b, false, |a, b| a | b, |a, b| a | b, |a, b| a | b)
}
pub fn xor(a: IntView, b: IntView) -> R {
    bitwise(a, b, false, |a, b| a ^ b, |a, b| a ^ b, |a, b| a ^ b)
}
