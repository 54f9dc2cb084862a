//! Formatted strings and template strings. Must not know: format specifications.

use crate::state::{Flow, a, b, c, op, shape_of};
use crate::wellknown::shapes;
use heap::Value;
use objects::error::{R, type_error};
use objects::layout::{Cast, Gc};
use objects::protocol;
use objects::str::{Str, str_concat_all};

#[inline(always)]
fn is_text(value: Value) -> bool {
    // SAFETY: pointer values are live objects.
    value.is_ptr() && unsafe { shape_of(value.raw()) } == shapes().str() || value.cast::<Str>().is_some()
}

op!(BuildString slow(vm, w) {
    let values = vm.slice(b(w), c(w));
    for value in values {
        if !is_text(*value) {
            return Err(type_error!("expected str, got {}", objects::class::class_name(*value)));
        }
    }
    // SAFETY: all of them are strings, just checked; a `Gc` is the pointer that is the value's word.
    let joined = str_concat_all(std::slice::from_raw_parts(values.as_ptr() as *const Gc<Str>, values.len()))?;
    vm.set(a(w), joined.value());
    Ok(Flow::Next)
});

/// Applies `!s`, `!r` or `!a`.
fn convert(value: Value, conversion: usize) -> R {
    Ok(match conversion {
        1 => protocol::str_of(value)?.value(),
        2 => protocol::repr(value)?.value(),
        3 => protocol::ascii(value)?.value(),
        _ => value,
    })
}

op!(FormatValue slow(vm, w) {
    let value = convert(vm.get(b(w)), c(w) & 3)?;
    let spec = if c(w) & 4 != 0 { vm.get(b(w) + 1).cast::<Str>() } else { None };
    let text = match spec {
        None if value.cast_exact::<Str>().is_some() => value,
        None => protocol::format(value, Str::empty())?.value(),
        Some(spec) => protocol::format(value, spec)?.value(),
    };
    vm.set(a(w), text);
    Ok(Flow::Next)
});

op!(BuildInterpolation slow(vm, w) {
    let conversion = match c(w) & 3 {
        1 => objects::str::new_str("s"),
        2 => objects::str::new_str("r"),
        3 => objects::str::new_str("a"),
        _ => Value::none(),
    };
    let spec = if c(w) & 4 != 0 { vm.get(b(w) + 2) } else { Str::empty().value() };
    let made = crate::install::template_class("Interpolation")?;
    let result = objects::call::call(made, &[vm.get(b(w)), vm.get(b(w) + 1), conversion, spec])?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});

op!(BuildTemplate slow(vm, w) {
    // The constructor takes strings and interpolations in turn.
    let (strings, parts) = (protocol::to_vec(vm.get(b(w)))?, protocol::to_vec(vm.get(b(w) + 1))?);
    let mut arguments = Vec::with_capacity(strings.len() + parts.len());
    for (index, text) in strings.iter().enumerate() {
        arguments.push(*text);
        if let Some(part) = parts.get(index) {
            arguments.push(*part);
        }
    }
    let result = objects::call::call(crate::install::template_class("Template")?, &arguments)?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});
