//! Calling values from native code.

use crate::args::{Args, call_positional};
use crate::class::{Class, class_name, class_of};
use crate::descr::{BoundMethod, MethodDescriptor, MethodWrapper, NativeFunction, bound_binary};
use crate::error::{R, type_error};
use crate::float::FloatObject;
use crate::function::Function;
use crate::gc_vec::GcVec;
use crate::int::{BoolObject, IntObject};
use crate::layout::{Cast, Gc, Layout};
use crate::lookup::{get_method, lookup_special, special_missing};
use crate::native::NativeCall;
use crate::str::Str;
use heap::Value;

/// `function(*args)`.
pub fn call(function: Value, args: &[Value]) -> R {
    match function.cast_exact::<Function>() {
        Some(python) => call_python(python, args),
        None => call_other(function, args),
    }
}

/// `function(item)`, for those who call it for one item after the other.
#[inline(always)]
pub fn call_one(function: Value, item: Value) -> R {
    match function.cast_exact::<Function>() {
        Some(python) => call_python(python, &[item]),
        None => call_other(function, &[item]),
    }
}

/// Calls a Python function, which looks by itself whether there is stack for it.
#[inline(always)]
pub fn call_python(function: Gc<Function>, args: &[Value]) -> R {
    (crate::door::interpreter().call_positional)(function, args)
}

/// Calls what is no Python function.
#[inline(never)]
fn call_other(function: Value, args: &[Value]) -> R {
    // Natives call natives: files read files, wrappers call what they wrap.
    let _guard = crate::thread::enter_recursion()?;
    if !function.is_ptr() {
        return call_args(function, Args::positional_only(args));
    }
    let kind = class_of(function);
    if kind == NativeFunction::class() {
        // SAFETY: its class says so.
        let native: Gc<NativeFunction> = unsafe { function.cast_unchecked() };
        if let (NativeCall::F1(enter), [item], false) = (native.def.call, args, native.is_bound()) {
            return enter(*item);
        }
        let result = match (native.receiver.get().filter(|_| native.is_bound()), args) {
            (None, args) if !native.is_bound() => call_positional(native.def, args),
            (Some(receiver), []) => call_positional(native.def, &[receiver]),
            (Some(receiver), [a]) => call_positional(native.def, &[receiver, *a]),
            (Some(receiver), [a, b]) => call_positional(native.def, &[receiver, *a, *b]),
            _ => None,
        };
        if let Some(result) = result {
            return result;
        }
    } else if kind == MethodDescriptor::class() {
        // SAFETY: its class says so.
        let method: Gc<MethodDescriptor> = unsafe { function.cast_unchecked() };
        if let ([receiver], NativeCall::F1(enter)) = (args, method.def.call)
            && class_of(*receiver) == method.owner()
        {
            return enter(*receiver);
        }
        if let [receiver, ..] = args
            && class_of(*receiver) == method.owner()
            && let Some(result) = call_positional(method.def, args)
        {
            return result;
        }
    } else if kind == BoundMethod::class() {
        // SAFETY: its class says so.
        let method: Gc<BoundMethod> = unsafe { function.cast_unchecked() };
        match args {
            [] => return call(method.function(), &[method.receiver()]),
            [a] => return call(method.function(), &[method.receiver(), *a]),
            [a, b] => return call(method.function(), &[method.receiver(), *a, *b]),
            _ => {}
        }
    } else if kind == MethodWrapper::class() {
        // SAFETY: its class says so.
        let wrapper: Gc<MethodWrapper> = unsafe { function.cast_unchecked() };
        if let [item] = args
            && let Some((enter, receiver)) = bound_binary(wrapper)
        {
            return enter(receiver, *item);
        }
    } else if let [value] = args
        && kind == Class::class()
    {
        if function == Str::class().value() {
            return crate::protocol::str_of(*value).map(|text| text.value());
        }
        if function == BoolObject::class().value() {
            return crate::protocol::is_true(*value).map(Value::bool);
        }
        if function == IntObject::class().value() && value.is_int()
            || function == FloatObject::class().value() && value.is_float()
        {
            return Ok(*value);
        }
    }
    call_args(function, Args::positional_only(args))
}

/// Calls with an argument view.
#[inline]
pub fn call_args(function: Value, args: Args) -> R {
    let _guard = crate::thread::enter_recursion()?;
    match class_of(function).slots.call.get() {
        Some(call) => call(function, args),
        None => Err(type_error!("'{}' object is not callable", class_name(function))),
    }
}

/// `function(receiver, *args, **kwargs)`.
pub fn call_with_receiver(function: Value, receiver: Value, args: Args) -> R {
    let given = args.positional();
    if !args.has_keywords() {
        match given {
            [] => return call(function, &[receiver]),
            [a] => return call(function, &[receiver, *a]),
            [a, b] => return call(function, &[receiver, *a, *b]),
            [a, b, c] => return call(function, &[receiver, *a, *b, *c]),
            _ => {}
        }
    }
    let mut values = GcVec::with_capacity(args.total_len() + 1);
    values.push(receiver);
    args.push_values_to(&mut values);
    call_args(function, args.with_values(&values))
}

/// `function(*args, **keywords)`.
pub fn call_kw(function: Value, args: &[Value], keywords: &[(Gc<Str>, Value)]) -> R {
    if keywords.is_empty() {
        return call(function, args);
    }
    let mut values = GcVec::from_slice(args);
    values.extend(keywords.iter().map(|(_, value)| *value));
    let names: GcVec = keywords.iter().map(|(name, _)| name.value()).collect();
    call_args(function, Args::new(&values, args.len(), &names))
}

/// `receiver.name(*args)`; `name` must be interned.
pub fn call_method(receiver: Value, name: Gc<Str>, args: &[Value]) -> R {
    match get_method(receiver, name)? {
        (function, None) => call(function, args),
        (function, Some(receiver)) => call_with_receiver(function, receiver, Args::positional_only(args)),
    }
}

/// `type(receiver).name(receiver, *args)`, as implicit special method calls do; AttributeError if there is none.
pub fn call_special(receiver: Value, name: Gc<Str>, args: &[Value]) -> R {
    match lookup_special(receiver, name)? {
        Some(bound) => bound.call(args),
        None => Err(special_missing(receiver, name)),
    }
}

/// `class.__new__(class, *args, **keywords)`, by whatever `__new__` the class has.
pub fn call_kw_new(class: Gc<crate::class::Class>, args: &[Value], keywords: &[(Gc<Str>, Value)]) -> R {
    let Some(function) = class.slots.new.get() else {
        return Err(type_error!("cannot create '{}' instances", class.name_text()));
    };
    let mut values = GcVec::from_slice(args);
    values.extend(keywords.iter().map(|(_, value)| *value));
    let names: GcVec = keywords.iter().map(|(name, _)| name.value()).collect();
    function(class, Args::new(&values, args.len(), &names))
}

/// Whether `callable(value)`.
pub fn is_callable(value: Value) -> bool {
    class_of(value).slots.call.get().is_some()
}
