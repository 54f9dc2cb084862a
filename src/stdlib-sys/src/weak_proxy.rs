//! `weakref.ProxyType` and `weakref.CallableProxyType`: objects that stand for their target in every operation.
//!
//! The macro makes the same class twice, the second one callable.

use native_macros::native_class;
use objects::weakref::{CallableWeakProxy, WeakProxy, WeakRef};
use objects::{
    Args, BinaryOp, Cast, CompareOp, Gc, R, Str, UnaryOp, Value, binary_op, call_args, class_name, class_of, compare, exc,
    inplace_op, interned, is_callable, power, type_error, unary_op,
};

/// What a proxy stands for, the value itself if it is not one.
fn unwrap(value: Value) -> R {
    match value.cast::<WeakProxy>() {
        Some(proxy) => match proxy.base.target.get() {
            Some(target) => Ok(target),
            None => Err(crate::util::raise_text(&exc::REFERENCE_ERROR, "weakly-referenced object no longer exists")),
        },
        None => Ok(value),
    }
}

/// A proxy of the object; without a callback there is one for all.
pub fn new_proxy(target: Value, callback: Option<Value>) -> R {
    let class = if is_callable(target) {
        objects::class_new::native_class(CallableProxySkin::CLASS_DEF)?
    } else {
        objects::class_new::native_class(ProxySkin::CLASS_DEF)?
    };
    if callback.is_some() || !objects::weakref::supports_weakrefs(target) {
        return Ok(objects::weakref::new_weakref(class, target, callback)?.value());
    }
    let existing = || {
        heap::weak::find_holder(target, &mut |holder| {
            holder.cast::<WeakProxy>().is_some()
                && holder.cast::<WeakRef>().is_some_and(|reference| reference.callback.is_empty())
        })
    };
    match existing() {
        Some(existing) => Ok(existing),
        None => Ok(objects::weakref::first_of(objects::weakref::new_weakref(class, target, None)?, existing())),
    }
}

fn name_of(name: Value) -> R<Gc<Str>> {
    objects::lookup::attribute_name(name)
}

fn numeric(this: Value, slot: fn(&objects::slots::Slots) -> Option<objects::slots::Unary>, what: &str) -> R {
    let target = unwrap(this)?;
    match slot(&class_of(target).slots) {
        Some(function) => function(target),
        None => Err(type_error!("{what} '{}'", class_name(target))),
    }
}

pub struct ProxySkin;
pub struct CallableProxySkin;

macro_rules! proxy_class {
    ($skin:ident, $name:tt, $layout:ident, { $($extra:tt)* }) => {
        #[native_class(name = $name, layout = $layout, base = object, flags = "final no_new")]
        impl $skin {
            $($extra)*
            fn __repr__(this: Gc<$layout>) -> String {
                let address = this.value().raw();
                match this.value().cast::<WeakRef>().and_then(|reference| reference.target.get()) {
                    Some(target) => format!("<weakproxy at {address:#x}; to '{}' at {:#x}>", class_name(target), target.raw()),
                    None => format!("<weakproxy at {address:#x}; dead>"),
                }
            }
            fn __str__(this: Value) -> R {
                Ok(objects::str_of(unwrap(this)?)?.value())
            }
            fn __bytes__(this: Value) -> R {
                objects::call_special(unwrap(this)?, interned!("__bytes__"), &[])
            }
            fn __reversed__(this: Value) -> R {
                objects::call_special(unwrap(this)?, interned!("__reversed__"), &[])
            }
            fn __getattribute__(this: Value, name: Value) -> R {
                objects::get_attr(unwrap(this)?, name_of(name)?)
            }
            fn __setattr__(this: Value, name: Value, value: Value) -> R<()> {
                objects::set_attr(unwrap(this)?, name_of(name)?, value)
            }
            fn __delattr__(this: Value, name: Value) -> R<()> {
                objects::del_attr(unwrap(this)?, name_of(name)?)
            }
            fn __bool__(this: Value) -> R<bool> {
                objects::is_true(unwrap(this)?)
            }
            fn __len__(this: Value) -> R<usize> {
                objects::len(unwrap(this)?)
            }
            fn __getitem__(this: Value, key: Value) -> R {
                objects::get_item(unwrap(this)?, unwrap(key)?)
            }
            fn __setitem__(this: Value, key: Value, value: Value) -> R<()> {
                objects::set_item(unwrap(this)?, unwrap(key)?, value)
            }
            fn __delitem__(this: Value, key: Value) -> R<()> {
                objects::del_item(unwrap(this)?, unwrap(key)?)
            }
            fn __contains__(this: Value, item: Value) -> R<bool> {
                objects::contains(unwrap(this)?, item)
            }
            fn __iter__(this: Value) -> R {
                objects::iter(unwrap(this)?)
            }
            fn __next__(this: Value) -> R<Option<Value>> {
                let target = unwrap(this)?;
                match class_of(target).slots.next.get() {
                    Some(next) => next(target),
                    None => Err(type_error!("Weakref proxy referenced a non-iterator '{}' object", class_name(target))),
                }
            }
            fn __neg__(this: Value) -> R {
                unary_op(UnaryOp::Neg, unwrap(this)?)
            }
            fn __pos__(this: Value) -> R {
                unary_op(UnaryOp::Pos, unwrap(this)?)
            }
            fn __invert__(this: Value) -> R {
                unary_op(UnaryOp::Invert, unwrap(this)?)
            }
            fn __abs__(this: Value) -> R {
                numeric(this, |slots| slots.abs.get(), "bad operand type for abs():")
            }
            fn __int__(this: Value) -> R {
                numeric(this, |slots| slots.int.get(), "int() argument must be a string, a bytes-like object or a real number, not")
            }
            fn __float__(this: Value) -> R {
                Ok(Value::float(objects::as_f64(unwrap(this)?)?))
            }
            fn __index__(this: Value) -> R {
                objects::index_object(unwrap(this)?)
            }
            fn __pow__(this: Value, other: Value, modulus: Value) -> R {
                let modulus = if modulus.is_none() { None } else { Some(unwrap(modulus)?) };
                power(unwrap(this)?, unwrap(other)?, modulus)
            }
            fn __rpow__(this: Value, other: Value, modulus: Value) -> R {
                let modulus = if modulus.is_none() { None } else { Some(unwrap(modulus)?) };
                power(unwrap(other)?, unwrap(this)?, modulus)
            }
            fn __ipow__(this: Value, other: Value, _modulus: Value) -> R {
                objects::operators::inplace_power(unwrap(this)?, unwrap(other)?)
            }
            fn __lt__(this: Value, other: Value) -> R {
                compare(CompareOp::Lt, unwrap(this)?, unwrap(other)?)
            }
            fn __le__(this: Value, other: Value) -> R {
                compare(CompareOp::Le, unwrap(this)?, unwrap(other)?)
            }
            fn __eq__(this: Value, other: Value) -> R {
                compare(CompareOp::Eq, unwrap(this)?, unwrap(other)?)
            }
            fn __ne__(this: Value, other: Value) -> R {
                compare(CompareOp::Ne, unwrap(this)?, unwrap(other)?)
            }
            fn __gt__(this: Value, other: Value) -> R {
                compare(CompareOp::Gt, unwrap(this)?, unwrap(other)?)
            }
            fn __ge__(this: Value, other: Value) -> R {
                compare(CompareOp::Ge, unwrap(this)?, unwrap(other)?)
            }
            fn __add__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Add, unwrap(this)?, unwrap(other)?)
            }
            fn __radd__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Add, unwrap(other)?, unwrap(this)?)
            }
            fn __iadd__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::Add, unwrap(this)?, unwrap(other)?)
            }
            fn __sub__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Sub, unwrap(this)?, unwrap(other)?)
            }
            fn __rsub__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Sub, unwrap(other)?, unwrap(this)?)
            }
            fn __isub__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::Sub, unwrap(this)?, unwrap(other)?)
            }
            fn __mul__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Mul, unwrap(this)?, unwrap(other)?)
            }
            fn __rmul__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Mul, unwrap(other)?, unwrap(this)?)
            }
            fn __imul__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::Mul, unwrap(this)?, unwrap(other)?)
            }
            fn __matmul__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::MatMul, unwrap(this)?, unwrap(other)?)
            }
            fn __rmatmul__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::MatMul, unwrap(other)?, unwrap(this)?)
            }
            fn __imatmul__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::MatMul, unwrap(this)?, unwrap(other)?)
            }
            fn __truediv__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::TrueDiv, unwrap(this)?, unwrap(other)?)
            }
            fn __rtruediv__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::TrueDiv, unwrap(other)?, unwrap(this)?)
            }
            fn __itruediv__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::TrueDiv, unwrap(this)?, unwrap(other)?)
            }
            fn __floordiv__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::FloorDiv, unwrap(this)?, unwrap(other)?)
            }
            fn __rfloordiv__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::FloorDiv, unwrap(other)?, unwrap(this)?)
            }
            fn __ifloordiv__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::FloorDiv, unwrap(this)?, unwrap(other)?)
            }
            fn __mod__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Mod, unwrap(this)?, unwrap(other)?)
            }
            fn __rmod__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Mod, unwrap(other)?, unwrap(this)?)
            }
            fn __imod__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::Mod, unwrap(this)?, unwrap(other)?)
            }
            fn __divmod__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::DivMod, unwrap(this)?, unwrap(other)?)
            }
            fn __rdivmod__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::DivMod, unwrap(other)?, unwrap(this)?)
            }
            fn __lshift__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::LShift, unwrap(this)?, unwrap(other)?)
            }
            fn __rlshift__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::LShift, unwrap(other)?, unwrap(this)?)
            }
            fn __ilshift__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::LShift, unwrap(this)?, unwrap(other)?)
            }
            fn __rshift__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::RShift, unwrap(this)?, unwrap(other)?)
            }
            fn __rrshift__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::RShift, unwrap(other)?, unwrap(this)?)
            }
            fn __irshift__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::RShift, unwrap(this)?, unwrap(other)?)
            }
            fn __and__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::And, unwrap(this)?, unwrap(other)?)
            }
            fn __rand__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::And, unwrap(other)?, unwrap(this)?)
            }
            fn __iand__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::And, unwrap(this)?, unwrap(other)?)
            }
            fn __or__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Or, unwrap(this)?, unwrap(other)?)
            }
            fn __ror__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Or, unwrap(other)?, unwrap(this)?)
            }
            fn __ior__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::Or, unwrap(this)?, unwrap(other)?)
            }
            fn __xor__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Xor, unwrap(this)?, unwrap(other)?)
            }
            fn __rxor__(this: Value, other: Value) -> R {
                binary_op(BinaryOp::Xor, unwrap(other)?, unwrap(this)?)
            }
            fn __ixor__(this: Value, other: Value) -> R {
                inplace_op(BinaryOp::Xor, unwrap(this)?, unwrap(other)?)
            }
        }
    };
}

proxy_class!(ProxySkin, "weakref.ProxyType", WeakProxy, {});
proxy_class!(CallableProxySkin, "weakref.CallableProxyType", CallableWeakProxy, {
    fn __call__(this: Value, args: Args) -> R {
        call_args(unwrap(this)?, args)
    }
});
