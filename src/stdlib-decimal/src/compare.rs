//! Comparison of decimals with numbers of all kinds. Must not know: methods.

use crate::arith::basic;
use crate::arith::context::*;
use crate::arith::number::{Dec, Kind, Num};
use crate::arith::quick;
use crate::convert::{exact_int, from_float, from_int};
use crate::current::current;
use crate::decimal::{Decimal, Operand};
use objects::{Cast, CompareOp, Gc, R, Value, get_attr, int_view, interned, isinstance};

/// `numbers.Rational`.
static RATIONAL: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();

pub fn set_rational(class: Value) {
    RATIONAL.set(class);
}

#[inline(always)]
pub fn rich_compare(this: Gc<Decimal>, other: Value, op: CompareOp) -> R {
    if let Some(right) = other.cast_exact::<Decimal>()
        && let (Some(a), Some(b)) = (this.small(), right.small())
        && let Some(order) = quick::compare(a, b)
    {
        return Ok(Value::bool(op.holds(order)));
    }
    compare_slow(this, other, op)
}

#[inline(never)]
fn compare_slow(this: Gc<Decimal>, other: Value, op: CompareOp) -> R {
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if let Some(right) = other.cast::<Decimal>() {
        return verdict(this.num(), right.num(), op);
    }
    if let Some(view) = int_view(other) {
        let right = Operand::Made(from_int(view));
        if let (Some(a), Some(b)) = (this.small(), right.small())
            && let Some(order) = quick::compare(a, b)
        {
            return Ok(Value::bool(op.holds(order)));
        }
        return verdict(this.num(), right.num(), op);
    }
    let mut float = objects::float_value(other);
    if float.is_none()
        && equality
        && let Some(complex) = other.cast::<objects::Complex>()
    {
        if complex.imag != 0.0 {
            return Ok(Value::bool(op == CompareOp::Ne));
        }
        float = Some(complex.real);
    }
    if let Some(float) = float {
        let context = current()?;
        if equality {
            // Only noted, even if it is trapped.
            context.flags.fetch_or(FLOAT_OPERATION, std::sync::atomic::Ordering::Relaxed);
        } else {
            context.report(FLOAT_OPERATION)?;
        }
        return verdict(this.num(), from_float(float).as_num(), op);
    }
    let Some(rational) = RATIONAL.get() else { return Ok(Value::not_implemented()) };
    if !isinstance(other, rational)? {
        return Ok(Value::not_implemented());
    }
    // a < n / d is a d < n.
    let denominator = exact_int(get_attr(other, interned!("denominator"))?)?;
    let numerator = exact_int(get_attr(other, interned!("numerator"))?)?;
    let number = this.num();
    if number.kind != Kind::Finite {
        return verdict(number, numerator.as_num(), op);
    }
    let scaled = Dec::finite(number.negative, number.coeff.multiply(denominator.coeff.as_ref()), number.exp);
    verdict(scaled.as_num(), numerator.as_num(), op)
}

fn verdict(a: Num, b: Num, op: CompareOp) -> R {
    if a.is_nan() || b.is_nan() {
        let signals = a.kind == Kind::Signaling || b.kind == Kind::Signaling;
        if signals || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            current()?.report(INVALID_OPERATION)?;
        }
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    Ok(Value::bool(op.holds(basic::compare(a, b))))
}
