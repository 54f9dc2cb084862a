//! Formatted strings and template strings. Must not know: format specifications.

use crate::state::{Ctl, Flow, a, b, c, is_pointer, op, shape_of};
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

op!(BuildString fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let values = s.slice(b(w), c(w));
    for value in values {
        if !value.is_ptr() || shape_of(value.raw()) != shapes().str() {
            return Ctl::Slow;
        }
    }
    s.publish();
    let result = concat_all(values);
    s.finish_call(a(w), 1, result)
} slow(vm, w) {
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

/// Joins values all of which are strings.
#[inline(never)]
unsafe fn concat_all(values: &[Value]) -> R {
    // SAFETY: as the caller says; a `Gc` is the pointer that is the value's word.
    str_concat_all(std::slice::from_raw_parts(values.as_ptr() as *const Gc<Str>, values.len())).map(|text| text.value())
}

/// Applies `!s`, `!r` or `!a`.
fn convert(value: Value, conversion: usize) -> R {
    Ok(match conversion {
        1 => protocol::str_of(value)?.value(),
        2 => protocol::repr(value)?.value(),
        3 => protocol::ascii(value)?.value(),
        _ => value,
    })
}

/// The text of a replacement field. Out of line: the op's body must not give away addresses of its frame.
#[inline(never)]
fn format_value(value: Value, spec: Value, how: usize) -> R {
    let value = convert(value, how & 3)?;
    let spec = if how & 4 != 0 { spec.cast::<Str>() } else { None };
    Ok(match spec {
        None if value.cast_exact::<Str>().is_some() => value,
        None => protocol::format(value, Str::empty())?.value(),
        Some(spec) => protocol::format(value, spec)?.value(),
    })
}

op!(FormatValue fast(s, w) {
    let value = s.raw(b(w));
    // Text without conversion or specification is itself.
    if c(w) & 7 != 0 || !is_pointer(value) || shape_of(value) != shapes().str() {
        return Ctl::Second;
    }
    s.put(a(w), value);
    s.skip(1)
} second(s, w) {
    s.publish();
    let spec = if c(w) & 4 != 0 { s.get(b(w) + 1) } else { Value::none() };
    let result = format_value(s.get(b(w)), spec, c(w));
    s.finish_call(a(w), 1, result)
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
