//! Module `_operator`: the operators as functions. Getters and callers are in `operator_getters.rs`.

use crate::operator_getters::{AttrGetter, ItemGetter, MethodCaller};
use native_macros::native_module;
use objects::operators::{inplace_op, inplace_power};
use objects::{
    Args, BinaryOp, Buf, Cast, CompareOp, R, Str, UnaryOp, Value, binary_op, class_name, class_of, compare, interned, is_true,
    lookup_special, overflow_error, power, type_error, unary_op, value_error,
};

pub struct Operator;

/// The operators of the language as functions.
#[native_module(name = "_operator", classes = [ItemGetter, AttrGetter, MethodCaller])]
impl Operator {
    /// Same as a < b.
    #[sig("(a, b, /)")]
    fn lt(a: Value, b: Value) -> R {
        compare(CompareOp::Lt, a, b)
    }
    /// Same as a <= b.
    #[sig("(a, b, /)")]
    fn le(a: Value, b: Value) -> R {
        compare(CompareOp::Le, a, b)
    }
    /// Same as a == b.
    #[sig("(a, b, /)")]
    fn eq(a: Value, b: Value) -> R {
        compare(CompareOp::Eq, a, b)
    }
    /// Same as a != b.
    #[sig("(a, b, /)")]
    fn ne(a: Value, b: Value) -> R {
        compare(CompareOp::Ne, a, b)
    }
    /// Same as a > b.
    #[sig("(a, b, /)")]
    fn gt(a: Value, b: Value) -> R {
        compare(CompareOp::Gt, a, b)
    }
    /// Same as a >= b.
    #[sig("(a, b, /)")]
    fn ge(a: Value, b: Value) -> R {
        compare(CompareOp::Ge, a, b)
    }
    /// Whether a is true.
    fn truth(a: Value) -> R<bool> {
        is_true(a)
    }
    /// Same as not a.
    #[name("not_")]
    fn not_(a: Value) -> R<bool> {
        Ok(!is_true(a)?)
    }
    /// Same as a is b.
    #[name("is_")]
    fn is_(a: Value, b: Value) -> bool {
        a == b
    }
    /// Same as a is not b.
    fn is_not(a: Value, b: Value) -> bool {
        a != b
    }
    /// Same as a is None.
    fn is_none(a: Value) -> bool {
        a.is_none()
    }
    /// Same as a is not None.
    fn is_not_none(a: Value) -> bool {
        !a.is_none()
    }
    /// Same as a + b.
    fn add(a: Value, b: Value) -> R {
        binary_op(BinaryOp::Add, a, b)
    }
    /// Same as a - b.
    fn sub(a: Value, b: Value) -> R {
        binary_op(BinaryOp::Sub, a, b)
    }
    /// Same as a * b.
    fn mul(a: Value, b: Value) -> R {
        binary_op(BinaryOp::Mul, a, b)
    }
    /// Same as a @ b.
    fn matmul(a: Value, b: Value) -> R {
        binary_op(BinaryOp::MatMul, a, b)
    }
    /// Same as a // b.
    fn floordiv(a: Value, b: Value) -> R {
        binary_op(BinaryOp::FloorDiv, a, b)
    }
    /// Same as a / b.
    fn truediv(a: Value, b: Value) -> R {
        binary_op(BinaryOp::TrueDiv, a, b)
    }
    /// Same as a % b.
    #[name("mod")]
    fn modulo(a: Value, b: Value) -> R {
        binary_op(BinaryOp::Mod, a, b)
    }
    /// Same as a ** b.
    fn pow(a: Value, b: Value) -> R {
        power(a, b, None)
    }
    /// Same as a << b.
    fn lshift(a: Value, b: Value) -> R {
        binary_op(BinaryOp::LShift, a, b)
    }
    /// Same as a >> b.
    fn rshift(a: Value, b: Value) -> R {
        binary_op(BinaryOp::RShift, a, b)
    }
    /// Same as a & b.
    #[name("and_")]
    fn and_(a: Value, b: Value) -> R {
        binary_op(BinaryOp::And, a, b)
    }
    /// Same as a | b.
    #[name("or_")]
    fn or_(a: Value, b: Value) -> R {
        binary_op(BinaryOp::Or, a, b)
    }
    /// Same as a ^ b.
    fn xor(a: Value, b: Value) -> R {
        binary_op(BinaryOp::Xor, a, b)
    }
    /// Same as -a.
    fn neg(a: Value) -> R {
        unary_op(UnaryOp::Neg, a)
    }
    /// Same as +a.
    fn pos(a: Value) -> R {
        unary_op(UnaryOp::Pos, a)
    }
    /// Same as ~a.
    fn inv(a: Value) -> R {
        unary_op(UnaryOp::Invert, a)
    }
    /// Same as ~a.
    fn invert(a: Value) -> R {
        unary_op(UnaryOp::Invert, a)
    }
    /// Same as abs(a).
    fn abs(a: Value) -> R {
        match class_of(a).slots.abs.get() {
            Some(function) => function(a),
            None => Err(type_error!("bad operand type for abs(): '{}'", class_name(a))),
        }
    }
    /// Same as a.__index__()
    fn index(a: Value) -> R {
        objects::index_object(a)
    }
    /// Same as a += b.
    fn iadd(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::Add, a, b)
    }
    /// Same as a -= b.
    fn isub(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::Sub, a, b)
    }
    /// Same as a *= b.
    fn imul(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::Mul, a, b)
    }
    /// Same as a @= b.
    fn imatmul(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::MatMul, a, b)
    }
    /// Same as a //= b.
    fn ifloordiv(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::FloorDiv, a, b)
    }
    /// Same as a /= b.
    fn itruediv(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::TrueDiv, a, b)
    }
    /// Same as a %= b.
    fn imod(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::Mod, a, b)
    }
    /// Same as a **= b.
    fn ipow(a: Value, b: Value) -> R {
        inplace_power(a, b)
    }
    /// Same as a <<= b.
    fn ilshift(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::LShift, a, b)
    }
    /// Same as a >>= b.
    fn irshift(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::RShift, a, b)
    }
    /// Same as a &= b.
    fn iand(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::And, a, b)
    }
    /// Same as a |= b.
    fn ior(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::Or, a, b)
    }
    /// Same as a ^= b.
    fn ixor(a: Value, b: Value) -> R {
        inplace_op(BinaryOp::Xor, a, b)
    }
    /// Same as a + b, for sequences.
    fn concat(a: Value, b: Value) -> R {
        check_sequence(a)?;
        binary_op(BinaryOp::Add, a, b)
    }
    /// Same as a += b, for sequences.
    fn iconcat(a: Value, b: Value) -> R {
        check_sequence(a)?;
        inplace_op(BinaryOp::Add, a, b)
    }
    /// Same as b in a (note the order of the operands).
    fn contains(a: Value, b: Value) -> R<bool> {
        objects::contains(a, b)
    }
    /// How many items of a equal b.
    #[name("countOf")]
    fn count_of(a: Value, b: Value) -> R<usize> {
        let mut count = 0;
        let iterator = iterable(a)?;
        while let Some(item) = objects::next(iterator)? {
            count += objects::eq(item, b)? as usize;
        }
        Ok(count)
    }
    /// The index at which a has b first.
    #[name("indexOf")]
    fn index_of(a: Value, b: Value) -> R<usize> {
        let mut index = 0;
        let iterator = iterable(a)?;
        while let Some(item) = objects::next(iterator)? {
            if objects::eq(item, b)? {
                return Ok(index);
            }
            index += 1;
        }
        Err(value_error!("sequence.index(x): x not in sequence"))
    }
    /// Same as a[b].
    fn getitem(a: Value, b: Value) -> R {
        objects::get_item(a, b)
    }
    /// Same as a[b] = c.
    fn setitem(a: Value, b: Value, c: Value) -> R<()> {
        objects::set_item(a, b, c)
    }
    /// Same as del a[b].
    fn delitem(a: Value, b: Value) -> R<()> {
        objects::del_item(a, b)
    }
    /// Estimate how many items obj has.
    ///
    /// That is its length, else the result of __length_hint__(), else default.
    #[sig("(obj, default=0, /)")]
    fn length_hint(obj: Value, default: Option<Value>) -> R {
        let default = default.unwrap_or(Value::small(0));
        let Some(number) = objects::int_view(default) else {
            return Err(type_error!("'{}' object cannot be interpreted as an integer", class_name(default)));
        };
        let Some(number) = number.to_i64() else {
            return Err(overflow_error!("Python int too large to convert to C ssize_t"));
        };
        // A negative default cannot be a length; it is told apart from one by what the object supports.
        if number < 0 {
            let known = class_of(obj).slots.len.get().is_some() || lookup_special(obj, interned!("__length_hint__"))?.is_some();
            if !known {
                return Ok(default);
            }
        }
        Ok(objects::new_int_usize(objects::length_hint(obj, number.max(0) as usize)?))
    }
    /// Same as obj(*args, **kwargs).
    #[sig("(obj, /, *args, **kwargs)")]
    fn call(args: Args) -> R {
        match args.split_first() {
            Some((function, rest)) => objects::call_args(function, rest),
            None => Err(type_error!("call expected at least 1 argument, got 0")),
        }
    }
    /// Whether a equals b, in a time that does not tell where they differ.
    ///
    /// Both are bytes-like objects, or both are strings of ASCII characters.
    #[sig("(a, b, /)")]
    fn _compare_digest(a: Value, b: Value) -> R<bool> {
        if let (Some(a), Some(b)) = (a.cast::<Str>(), b.cast::<Str>()) {
            return match (a.as_ascii(), b.as_ascii()) {
                (Some(a), Some(b)) => Ok(equal_in_constant_time(a.as_bytes(), b.as_bytes())),
                _ => Err(type_error!("comparing strings with non-ASCII characters is not supported")),
            };
        }
        if !objects::buffer::has_buffer(a) || !objects::buffer::has_buffer(b) {
            return Err(type_error!(
                "unsupported operand types(s) or combination of types: '{}' and '{}'",
                class_name(a),
                class_name(b)
            ));
        }
        let (a, b) = (Buf::new(a)?, Buf::new(b)?);
        Ok(equal_in_constant_time(&a, &b))
    }
}

fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    let other = if a.len() == b.len() { a } else { b };
    let mut difference = (a.len() != b.len()) as u8;
    for (x, y) in other.iter().zip(b) {
        difference |= std::hint::black_box(x ^ y);
    }
    std::hint::black_box(difference) == 0
}

fn iterable(value: Value) -> R {
    match objects::iter(value) {
        Err(raised) if raised.is(&objects::exc::TYPE_ERROR) => {
            raised.clear();
            Err(type_error!("argument of type '{}' is not iterable", class_name(value)))
        }
        result => result,
    }
}

fn check_sequence(value: Value) -> R<()> {
    if class_of(value).slots.getitem.get().is_none() || value.cast::<objects::Dict>().is_some() {
        return Err(type_error!("'{}' object can't be concatenated", class_name(value)));
    }
    Ok(())
}
