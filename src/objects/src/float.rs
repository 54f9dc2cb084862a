//! `float`: instances of subclasses (plain floats live in the value word) and reading any float.

use crate::layout::{Cast, Gc};
use heap::{Header, Value};
use native_macros::Layout;

/// An instance of a subclass of float; the layout's class is `float` itself.
#[derive(Layout)]
#[repr(C)]
pub struct FloatObject {
    pub header: Header,
    pub value: f64,
}

/// The number, if `value` is a float or an instance of a subclass.
#[inline]
pub fn float_value(value: Value) -> Option<f64> {
    if value.is_float() { Some(value.as_float()) } else { value.cast::<FloatObject>().map(|object| object.value) }
}

/// The number as a float value of exactly `float`.
pub fn new_float(value: f64) -> Value {
    Value::float(value)
}

/// A complex number.
#[derive(Layout)]
#[repr(C)]
pub struct Complex {
    pub header: Header,
    pub real: f64,
    pub imag: f64,
}

#[inline]
pub fn new_complex(real: f64, imag: f64) -> Gc<Complex> {
    let shape = <Complex as crate::layout::Layout>::class().root_shape.load(std::sync::atomic::Ordering::Relaxed);
    let number = heap::alloc(std::mem::size_of::<Complex>(), shape) as *mut Complex;
    // SAFETY: a fresh cell of that size, which nobody else knows; plain complex numbers have no other parts.
    unsafe {
        (*number).real = real;
        (*number).imag = imag;
        Gc::from_ptr(number)
    }
}
