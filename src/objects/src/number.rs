//! Arithmetic on ints of any size for ranges and slices: operands are int values (bools and instances of subclasses included), results are
//! plain ints. Must not know: operators of other types.

use crate::error::R;
use crate::int::{self, IntView, int_view, new_int, to_plain_int};
use crate::protocol;
use dashu_int::ops::DivRemEuclid;
use heap::Value;
use std::cmp::Ordering;

fn view(value: Value) -> IntView<'static> {
    int_view(value).unwrap_or(IntView::Small(0))
}

/// `operator.index(value)` as a plain int; TypeError if it has no `__index__`.
#[inline]
pub fn index(value: Value) -> R {
    if value.is_int() { Ok(value) } else { protocol::index_object(value) }
}

/// `operator.index(value)`, or None if the type has no `__index__`.
pub fn try_index(value: Value) -> R<Option<Value>> {
    if int::is_int(value) {
        return Ok(Some(to_plain_int(value)));
    }
    if crate::class::class_of(value).slots.index.get().is_none() {
        return Ok(None);
    }
    index(value).map(Some)
}

/// The number as i64, at the end of the range if it does not fit.
pub fn clamp_to_i64(value: Value) -> i64 {
    let number = view(value);
    number.to_i64().unwrap_or(if number.is_negative() { i64::MIN } else { i64::MAX })
}

/// The number as i64 if it fits.
#[inline]
pub fn to_i64(value: Value) -> Option<i64> {
    if value.is_int() { Some(value.as_int()) } else { view(value).to_i64() }
}

pub fn is_negative(value: Value) -> bool {
    view(value).is_negative()
}
pub fn is_zero(value: Value) -> bool {
    view(value).is_zero()
}
pub fn compare(a: Value, b: Value) -> Ordering {
    int::int_cmp(view(a), view(b))
}
pub fn less(a: Value, b: Value) -> R<bool> {
    Ok(compare(a, b) == Ordering::Less)
}
pub fn equal(a: Value, b: Value) -> bool {
    compare(a, b) == Ordering::Equal
}
pub fn add(a: Value, b: Value) -> R {
    Ok(int::int_add(view(a), view(b)))
}
pub fn sub(a: Value, b: Value) -> R {
    Ok(int::int_sub(view(a), view(b)))
}
pub fn mul(a: Value, b: Value) -> R {
    int::int_mul(view(a), view(b))
}

/// Quotient and remainder of a division that rounds down, for a positive divisor.
pub fn div_rem(a: Value, b: Value) -> R<(Value, Value)> {
    if let (Some(a), Some(b)) = (to_i64(a), to_i64(b))
        && b > 0
    {
        return Ok((new_int(a.div_euclid(b)), new_int(a.rem_euclid(b))));
    }
    let (quotient, remainder) = view(a).to_ibig().div_rem_euclid(view(b).to_ibig());
    Ok((int::new_int_big(&quotient), int::new_int_ubig(&remainder)))
}

pub fn negate(a: Value) -> R {
    sub(Value::small(0), a)
}
