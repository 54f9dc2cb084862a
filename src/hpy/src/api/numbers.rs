//! Numbers: C integers and doubles to objects and back, and the number protocol.
//!
//! Must not know: how big ints are stored.

use crate::abi::Handle;
use crate::context::{guarded, own};
use crate::table::kind::*;
use objects::int::{IntView, int_view};
use objects::{
    BinaryOp, Cast, R, UnaryOp, Value, binary_op, class_name, class_of, inplace_op, interned, overflow_error, power, type_error,
    unary_op,
};

macro_rules! from_c {
    ($($name:ident $type:ty, $make:ident $wide:ty;)*) => { $(
        #[inline(always)]
        pub unsafe fn $name(value: $type) -> Own {
            if let Ok(small) = i64::try_from(value)
                && let Some(small) = Value::try_int(small)
            {
                return Handle::borrowed(small);
            }
            own(|| Ok(objects::$make(value as $wide)))
        }
    )* };
}
from_c! {
    ctx_Long_FromInt32_t i32, new_int i64;
    ctx_Long_FromUInt32_t u32, new_int i64;
    ctx_Long_FromInt64_t i64, new_int i64;
    ctx_Long_FromUInt64_t u64, new_int_u64 u64;
    ctx_Long_FromSize_t usize, new_int_u64 u64;
    ctx_Long_FromSsize_t isize, new_int i64;
}

/// The int that a number stands for: itself, or what `__index__` gives.
fn as_int(value: Value) -> R<IntView<'static>> {
    if let Some(view) = int_view(value) {
        return Ok(view);
    }
    let index = objects::index_object(value)?;
    int_view(index).ok_or_else(|| type_error!("an integer is required"))
}

/// Only what is an int already.
fn strict_int(value: Value) -> R<IntView<'static>> {
    int_view(value).ok_or_else(|| type_error!("an integer is required"))
}

fn signed(value: Value, low: i64, high: i64, c_type: &str) -> R<i64> {
    match as_int(value)?.to_i64() {
        Some(number) if number >= low && number <= high => Ok(number),
        _ => Err(overflow_error!("Python int too large to convert to C {c_type}")),
    }
}
fn unsigned(value: Value, high: u64, c_type: &str) -> R<u64> {
    let view = strict_int(value)?;
    if view.is_negative() {
        return Err(overflow_error!("can't convert negative value to unsigned int"));
    }
    match view.to_u64() {
        Some(number) if number <= high => Ok(number),
        _ => Err(overflow_error!("Python int too large to convert to C {c_type}")),
    }
}
/// The low 64 bits.
fn masked(value: Value) -> R<u64> {
    as_int(value).map(IntView::low_u64)
}

macro_rules! small_int {
    ($handle:ident, $type:ty) => {
        if let Some(number) = Value::from_raw($handle.0).and_then(Value::int)
            && let Ok(number) = <$type>::try_from(number)
        {
            return number;
        }
    };
}
#[inline(always)]
pub unsafe fn ctx_Long_AsInt32_t(h: In) -> Int32 {
    small_int!(h, i32);
    guarded(-1, || signed(h.value(), i32::MIN as i64, i32::MAX as i64, "int32_t").map(|number| number as i32))
}
#[inline(always)]
pub unsafe fn ctx_Long_AsUInt32_t(h: In) -> UInt32 {
    small_int!(h, u32);
    guarded(u32::MAX, || unsigned(h.value(), u32::MAX as u64, "uint32_t").map(|number| number as u32))
}
pub unsafe fn ctx_Long_AsUInt32_tMask(h: In) -> UInt32 {
    small_int!(h, u32);
    guarded(u32::MAX, || masked(h.value()).map(|number| number as u32))
}
#[inline(always)]
pub unsafe fn ctx_Long_AsInt64_t(h: In) -> Int64 {
    small_int!(h, i64);
    guarded(-1, || signed(h.value(), i64::MIN, i64::MAX, "long"))
}
#[inline(always)]
pub unsafe fn ctx_Long_AsUInt64_t(h: In) -> UInt64 {
    small_int!(h, u64);
    guarded(u64::MAX, || unsigned(h.value(), u64::MAX, "unsigned long"))
}
pub unsafe fn ctx_Long_AsUInt64_tMask(h: In) -> UInt64 {
    small_int!(h, u64);
    guarded(u64::MAX, || masked(h.value()))
}
#[inline(always)]
pub unsafe fn ctx_Long_AsSize_t(h: In) -> Size {
    small_int!(h, usize);
    guarded(usize::MAX, || unsigned(h.value(), u64::MAX, "size_t").map(|number| number as usize))
}
#[inline(always)]
pub unsafe fn ctx_Long_AsSsize_t(h: In) -> Ssize {
    small_int!(h, isize);
    guarded(-1, || {
        let view = strict_int(h.value())?;
        view.to_i64().map(|number| number as isize).ok_or_else(|| overflow_error!("Python int too large to convert to C ssize_t"))
    })
}
pub unsafe fn ctx_Long_AsVoidPtr(h: In) -> Data {
    guarded(std::ptr::null_mut(), || {
        let view = strict_int(h.value())?;
        match view.to_i64() {
            Some(number) => Ok(number as usize as Data),
            None => match view.to_u64() {
                Some(number) => Ok(number as usize as Data),
                None => Err(overflow_error!("int too large to convert to pointer")),
            },
        }
    })
}
pub unsafe fn ctx_Long_AsDouble(h: In) -> Double {
    guarded(-1.0, || {
        let value = h.value();
        strict_int(value)?;
        objects::as_f64(value)
    })
}

#[inline(always)]
pub unsafe fn ctx_Float_FromDouble(v: Double) -> Own {
    Handle::borrowed(Value::float(v))
}
#[inline(always)]
pub unsafe fn ctx_Float_AsDouble(h: In) -> Double {
    if let Some(number) = Value::from_raw(h.0).and_then(Value::float_opt) {
        return number;
    }
    guarded(-1.0, || objects::as_f64(h.value()))
}
#[inline(always)]
pub unsafe fn ctx_Bool_FromBool(v: Bool) -> Own {
    Handle::borrowed(Value::bool(v))
}

pub unsafe fn ctx_Number_Check(h: In) -> Int {
    let value = h.value_or_none();
    let slots = &class_of(value).slots;
    let known = slots.int.get().is_some() || slots.float.get().is_some() || slots.index.get().is_some();
    (known || value.cast::<objects::float::Complex>().is_some()) as Int
}

macro_rules! binary {
    ($($name:ident $inplace:ident $op:ident;)*) => { $(
        pub unsafe fn $name(h1: In, h2: In) -> Own {
            own(|| binary_op(BinaryOp::$op, h1.value(), h2.value()))
        }
        pub unsafe fn $inplace(h1: In, h2: In) -> Own {
            own(|| inplace_op(BinaryOp::$op, h1.value(), h2.value()))
        }
    )* };
}
binary! {
    ctx_Add ctx_InPlaceAdd Add;
    ctx_Subtract ctx_InPlaceSubtract Sub;
    ctx_Multiply ctx_InPlaceMultiply Mul;
    ctx_MatrixMultiply ctx_InPlaceMatrixMultiply MatMul;
    ctx_FloorDivide ctx_InPlaceFloorDivide FloorDiv;
    ctx_TrueDivide ctx_InPlaceTrueDivide TrueDiv;
    ctx_Remainder ctx_InPlaceRemainder Mod;
    ctx_Lshift ctx_InPlaceLshift LShift;
    ctx_Rshift ctx_InPlaceRshift RShift;
    ctx_And ctx_InPlaceAnd And;
    ctx_Xor ctx_InPlaceXor Xor;
    ctx_Or ctx_InPlaceOr Or;
}
pub unsafe fn ctx_Divmod(h1: In, h2: In) -> Own {
    own(|| binary_op(BinaryOp::DivMod, h1.value(), h2.value()))
}
pub unsafe fn ctx_Power(h1: In, h2: In, h3: In) -> Own {
    own(|| power(h1.value(), h2.value(), h3.get()))
}
pub unsafe fn ctx_InPlacePower(h1: In, h2: In, h3: In) -> Own {
    own(|| {
        let (a, b) = (h1.value(), h2.value());
        match h3.get() {
            Some(modulus) if !modulus.is_none() => match class_of(a).slots.ipow.get() {
                Some(function) => {
                    // `__ipow__` of Python takes no modulus; slots of extensions do.
                    let name = interned!("__ipow__");
                    let takes = objects::type_lookup(class_of(a), name)
                        .is_some_and(|found| found.cast_exact::<objects::descr::MethodDescriptor>().is_some());
                    let result = function(a, b, if takes { modulus } else { Value::none() })?;
                    if result.is_not_implemented() { power(a, b, Some(modulus)) } else { Ok(result) }
                }
                None => power(a, b, Some(modulus)),
            },
            _ => objects::operators::inplace_power(a, b),
        }
    })
}
pub unsafe fn ctx_Negative(h1: In) -> Own {
    own(|| unary_op(UnaryOp::Neg, h1.value()))
}
pub unsafe fn ctx_Positive(h1: In) -> Own {
    own(|| unary_op(UnaryOp::Pos, h1.value()))
}
pub unsafe fn ctx_Invert(h1: In) -> Own {
    own(|| unary_op(UnaryOp::Invert, h1.value()))
}
pub unsafe fn ctx_Absolute(h1: In) -> Own {
    own(|| {
        let value = h1.value();
        match class_of(value).slots.abs.get() {
            Some(function) => function(value),
            None => Err(type_error!("bad operand type for abs(): '{}'", class_name(value))),
        }
    })
}
pub unsafe fn ctx_Index(h1: In) -> Own {
    own(|| objects::index_object(h1.value()))
}
/// `int(x)`: numbers, and text.
pub unsafe fn ctx_Long(h1: In) -> Own {
    own(|| objects::call(objects::classes::int().value(), &[h1.value()]))
}
pub unsafe fn ctx_Float(h1: In) -> Own {
    own(|| objects::call(objects::classes::float().value(), &[h1.value()]))
}
