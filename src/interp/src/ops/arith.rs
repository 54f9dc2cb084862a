//! Binary and unary operators. Fast paths: two small ints, two numbers of which one is a float. Must not know: classes.

use crate::state::{Ctl, Flow, State, a, b, c, object, op, sc, shape_of};
use heap::Value;
use heap::value::{INT_BIAS, INT_TAG};
use objects::error::R;
use objects::float::Complex;
use objects::layout::Cast;
use objects::operators::{self, BinaryOp, UnaryOp};

/// Whether both raw words are small ints.
#[inline(always)]
fn both_ints(x: u64, y: u64) -> bool {
    x & y >= INT_TAG
}

/// Both words as doubles if they are numbers and at least one is a float.
#[inline(always)]
fn as_floats(x: Value, y: Value) -> Option<(f64, f64)> {
    if x.is_float() {
        if y.is_float() {
            return Some((x.as_float(), y.as_float()));
        }
        if y.is_int() {
            return Some((x.as_float(), y.as_int() as f64));
        }
        return None;
    }
    if x.is_int() && y.is_float() {
        return Some((x.as_int() as f64, y.as_float()));
    }
    None
}

/// `x + y` of two raw ints, 0 on overflow of the word.
#[inline(always)]
fn add_ints(x: u64, y: u64) -> u64 {
    let sum = x.wrapping_add(y).wrapping_sub(INT_BIAS);
    if sum >= INT_TAG { sum } else { 0 }
}
#[inline(always)]
fn sub_ints(x: u64, y: u64) -> u64 {
    let difference = x.wrapping_sub(y).wrapping_add(INT_BIAS);
    if difference >= INT_TAG { difference } else { 0 }
}
#[inline(always)]
fn mul_ints(x: Value, y: Value) -> u64 {
    match x.as_int().checked_mul(y.as_int()).and_then(Value::try_int) {
        Some(product) => product.raw(),
        None => 0,
    }
}
#[inline(always)]
fn floor_div(x: i64, y: i64) -> i64 {
    let quotient = x / y;
    if x % y != 0 && (x < 0) != (y < 0) { quotient - 1 } else { quotient }
}
#[inline(always)]
fn floor_mod(x: i64, y: i64) -> i64 {
    let rest = x % y;
    if rest != 0 && (rest < 0) != (y < 0) { rest + y } else { rest }
}

#[inline(always)]
unsafe fn finish(s: &mut State, w: u32, raw: u64) -> Ctl {
    if raw == 0 {
        return Ctl::Second;
    }
    s.put(a(w), raw);
    s.skip(1)
}

/// The fast parts; each gives 0 for "not here".
#[inline(always)]
fn fast_add(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) {
        return add_ints(x.raw(), y.raw());
    }
    match as_floats(x, y) {
        Some((x, y)) => Value::float(x + y).raw(),
        None => 0,
    }
}
#[inline(always)]
fn fast_sub(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) {
        return sub_ints(x.raw(), y.raw());
    }
    match as_floats(x, y) {
        Some((x, y)) => Value::float(x - y).raw(),
        None => 0,
    }
}
#[inline(always)]
fn fast_mul(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) {
        return mul_ints(x, y);
    }
    match as_floats(x, y) {
        Some((x, y)) => Value::float(x * y).raw(),
        None => 0,
    }
}
#[inline(always)]
fn fast_true_div(x: Value, y: Value) -> u64 {
    // Ints of the word are exact as doubles, so their quotient is correctly rounded.
    let pair = if both_ints(x.raw(), y.raw()) { Some((x.as_int() as f64, y.as_int() as f64)) } else { as_floats(x, y) };
    match pair {
        Some((x, y)) if y != 0.0 => Value::float(x / y).raw(),
        _ => 0,
    }
}
#[inline(always)]
fn fast_floor_div(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) && y.as_int() != 0 {
        return Value::try_int(floor_div(x.as_int(), y.as_int())).map_or(0, Value::raw);
    }
    0
}
#[inline(always)]
fn fast_mod(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) && y.as_int() != 0 {
        return Value::try_int(floor_mod(x.as_int(), y.as_int())).map_or(0, Value::raw);
    }
    0
}
#[inline(always)]
fn fast_and(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) { Value::try_int(x.as_int() & y.as_int()).map_or(0, Value::raw) } else { 0 }
}
#[inline(always)]
fn fast_or(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) { Value::try_int(x.as_int() | y.as_int()).map_or(0, Value::raw) } else { 0 }
}
#[inline(always)]
fn fast_xor(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) { Value::try_int(x.as_int() ^ y.as_int()).map_or(0, Value::raw) } else { 0 }
}
#[inline(always)]
fn fast_lshift(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) && (0..14).contains(&y.as_int()) {
        return Value::try_int(x.as_int() << y.as_int()).map_or(0, Value::raw);
    }
    0
}
#[inline(always)]
fn fast_rshift(x: Value, y: Value) -> u64 {
    if both_ints(x.raw(), y.raw()) && y.as_int() >= 0 {
        return Value::try_int(x.as_int() >> y.as_int().min(63)).map_or(0, Value::raw);
    }
    0
}
#[inline(always)]
fn fast_none(_: Value, _: Value) -> u64 {
    0
}

macro_rules! binary {
    ($($name:ident $inplace:ident $fast:ident $op:ident;)*) => { $(
        op!($name fast(s, w) {
            finish(s, w, $fast(s.get(b(w)), s.get(c(w))))
        } second(s, w) {
            s.publish();
            let result = slow_binary(BinaryOp::$op, s.get(b(w)), s.get(c(w)));
            s.finish_call(a(w), 1, result)
        });
        op!($inplace fast(s, w) {
            finish(s, w, $fast(s.get(b(w)), s.get(c(w))))
        } second(s, w) {
            s.publish();
            let result = slow_inplace(BinaryOp::$op, s.get(b(w)), s.get(c(w)));
            s.finish_call(a(w), 1, result)
        });
    )* };
}

/// Both operands are plain strings.
#[inline(always)]
fn both_strings(x: Value, y: Value) -> bool {
    let str = crate::wellknown::shapes().str();
    // SAFETY: pointer values are live objects.
    unsafe { x.is_ptr() && y.is_ptr() && shape_of(x.raw()) == str && shape_of(y.raw()) == str }
}

#[inline(always)]
fn slow_binary(op: BinaryOp, x: Value, y: Value) -> R {
    if op == BinaryOp::Add && both_strings(x, y) {
        // SAFETY: just checked.
        return unsafe { objects::str::str_concat(x.cast_unchecked(), y.cast_unchecked()) }.map(|text| text.value());
    }
    if let Some(result) = complex_binary(op, x, y).or_else(|| with_bool(op, x, y)) {
        return Ok(result);
    }
    operators::binary_op(op, x, y)
}

/// Sums and products in which a bool stands for an int.
#[inline(always)]
fn with_bool(op: BinaryOp, x: Value, y: Value) -> Option<Value> {
    let number = |value: Value| if value.is_int() { Some(value.as_int()) } else { value.as_bool().map(i64::from) };
    let (x, y) = (number(x)?, number(y)?);
    match op {
        BinaryOp::Add => Value::try_int(x + y),
        BinaryOp::Sub => Value::try_int(x - y),
        BinaryOp::Mul => x.checked_mul(y).and_then(Value::try_int),
        _ => None,
    }
}

/// Both operands are plain complex numbers.
#[inline(always)]
fn complex_binary(op: BinaryOp, x: Value, y: Value) -> Option<Value> {
    let complex = crate::wellknown::shapes().complex();
    // SAFETY: pointer values are live objects, and the shape says which layout.
    let (x, y) = unsafe {
        if !(x.is_ptr() && y.is_ptr() && shape_of(x.raw()) == complex && shape_of(y.raw()) == complex) {
            return None;
        }
        (object::<Complex>(x.raw()), object::<Complex>(y.raw()))
    };
    let (real, imag) = match op {
        BinaryOp::Add => (x.real + y.real, x.imag + y.imag),
        BinaryOp::Sub => (x.real - y.real, x.imag - y.imag),
        BinaryOp::Mul => base::complex::multiply((x.real, x.imag), (y.real, y.imag)),
        _ => return None,
    };
    Some(objects::float::new_complex(real, imag).value())
}

#[inline(always)]
fn slow_inplace(op: BinaryOp, x: Value, y: Value) -> R {
    if op == BinaryOp::Add && both_strings(x, y) {
        return slow_binary(op, x, y);
    }
    if let Some(result) = complex_binary(op, x, y).or_else(|| with_bool(op, x, y)) {
        return Ok(result);
    }
    operators::inplace_op(op, x, y)
}

binary! {
    Add IAdd fast_add Add;
    Sub ISub fast_sub Sub;
    Mul IMul fast_mul Mul;
    MatMul IMatMul fast_none MatMul;
    TrueDiv ITrueDiv fast_true_div TrueDiv;
    FloorDiv IFloorDiv fast_floor_div FloorDiv;
    Mod IMod fast_mod Mod;
    LShift ILShift fast_lshift LShift;
    RShift IRShift fast_rshift RShift;
    BitAnd IBitAnd fast_and And;
    BitOr IBitOr fast_or Or;
    BitXor IBitXor fast_xor Xor;
}

op!(Pow fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    // A positive base and a result that is no overflow: what is left is plain.
    if let Some((x, y)) = as_floats(s.get(b(w)), s.get(c(w)))
        && x > 0.0
    {
        let result = x.powf(y);
        if result.is_finite() && x.is_finite() && y.is_finite() {
            s.set(a(w), Value::float(result));
            return s.skip(1);
        }
    }
    Ctl::Slow
} slow(vm, w) {
    let result = operators::power(vm.get(b(w)), vm.get(c(w)), None)?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});
op!(IPow slow(vm, w) {
    let result = operators::inplace_power(vm.get(b(w)), vm.get(c(w)))?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});

macro_rules! immediate {
    ($($name:ident $fast:ident $run:ident $op:ident;)*) => { $(
        op!($name fast(s, w) {
            finish(s, w, $fast(s.get(b(w)), Value::small(sc(w))))
        } second(s, w) {
            s.publish();
            let result = operators::$run(BinaryOp::$op, s.get(b(w)), Value::small(sc(w)));
            s.finish_call(a(w), 1, result)
        });
    )* };
}
immediate! {
    AddInt fast_add binary_op Add;
    SubInt fast_sub binary_op Sub;
    IAddInt fast_add inplace_op Add;
    ISubInt fast_sub inplace_op Sub;
    MulInt fast_mul binary_op Mul;
    FloorDivInt fast_floor_div binary_op FloorDiv;
    ModInt fast_mod binary_op Mod;
    BitAndInt fast_and binary_op And;
    LShiftInt fast_lshift binary_op LShift;
    RShiftInt fast_rshift binary_op RShift;
}

op!(Neg fast(s, w) {
    let x = s.get(b(w));
    if x.is_int() {
        return finish(s, w, sub_ints(INT_BIAS, x.raw()));
    }
    if x.is_float() {
        return finish(s, w, Value::float(-x.as_float()).raw());
    }
    Ctl::Second
} second(s, w) {
    s.publish();
    let result = operators::unary_op(UnaryOp::Neg, s.get(b(w)));
    s.finish_call(a(w), 1, result)
});

op!(Pos slow(vm, w) {
    let result = operators::unary_op(UnaryOp::Pos, vm.get(b(w)))?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});

op!(Invert fast(s, w) {
    let value = s.get(b(w));
    if !value.is_int() {
        return Ctl::Slow;
    }
    // The range of small ints is its own complement.
    s.set(a(w), Value::from_raw_unchecked((!value.raw().wrapping_sub(INT_BIAS)).wrapping_add(INT_BIAS)));
    s.skip(1)
} slow(vm, w) {
    let result = operators::unary_op(UnaryOp::Invert, vm.get(b(w)))?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});

#[cfg(test)]
mod tests {
    use super::*;

    fn int(number: i64) -> Value {
        Value::try_int(number).unwrap()
    }

    #[test]
    fn int_sums_leave_the_word_at_the_right_place() {
        let max = heap::value::INT_MAX;
        let min = heap::value::INT_MIN;
        assert_eq!(add_ints(int(max - 1).raw(), int(1).raw()), int(max).raw());
        assert_eq!(add_ints(int(max).raw(), int(1).raw()), 0);
        assert_eq!(add_ints(int(min).raw(), int(-1).raw()), 0);
        assert_eq!(sub_ints(int(min).raw(), int(1).raw()), 0);
        assert_eq!(sub_ints(int(min + 1).raw(), int(1).raw()), int(min).raw());
        assert_eq!(sub_ints(INT_BIAS, int(min).raw()), 0);
        assert_eq!(mul_ints(int(1 << 30), int(1 << 30)), 0);
        assert_eq!(mul_ints(int(-3), int(7)), int(-21).raw());
    }

    #[test]
    fn division_rounds_down() {
        assert_eq!((floor_div(-7, 2), floor_mod(-7, 2)), (-4, 1));
        assert_eq!((floor_div(7, -2), floor_mod(7, -2)), (-4, -1));
        assert_eq!((floor_div(-8, 2), floor_mod(-8, 2)), (-4, 0));
    }
}
