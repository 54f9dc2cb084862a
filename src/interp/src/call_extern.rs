//! The short ways into functions of extensions, on the registers of the loop: what the callable or the class knows is a function that takes
//! the arguments where they lie.
//!
//! Must not know: what extensions are.

use crate::state::{Ctl, State};
use heap::Value;
use objects::class::{self, Class, class_of};
use objects::descr::{MethodDescriptor, NativeFunction};
use objects::extension;
use objects::layout::Gc;
use objects::native::{ExternCall, NativeCall};

/// Words of the calling instructions.
const WORDS: usize = 2;

/// A function of an extension and its `data`.
type Function = (ExternCall, usize);

/// Calls a function with `count` values from `args` on, the last of them those of keywords. The registers of the arguments forget them:
/// programs expect what they named to die soon.
#[inline(always)]
pub unsafe fn enter(
    s: &mut State,
    base: *mut u64,
    (enter, data): Function,
    receiver: Value,
    args: *mut u64,
    count: usize,
    names: &'static [Value],
) -> Ctl {
    s.publish();
    let result = enter(data, receiver, std::slice::from_raw_parts(args as *const Value, count), names);
    if count != 0 {
        args.write(Value::none().raw());
        if count != 1 {
            args.add(1).write(Value::none().raw());
            if count != 2 {
                forget(args.add(2), count - 2);
            }
        }
    }
    match result {
        Ok(value) => {
            *base = value.raw();
            s.pc = s.pc.add(WORDS);
            Ctl::Called
        }
        Err(_) => Ctl::Raised,
    }
}

#[inline(never)]
unsafe fn forget(registers: *mut u64, count: usize) {
    std::slice::from_raw_parts_mut(registers, count).fill(Value::none().raw());
}

/// The extension's function behind a native one, and its receiver.
#[inline(always)]
pub fn of_function(function: &NativeFunction) -> Option<(Function, Value)> {
    let NativeCall::Extern { enter, data } = function.def.call else { return None };
    Some(((enter, data), function.receiver.get().unwrap_or(Value::none())))
}

/// The same for a method found on a class, with its receiver in front of the arguments. Functions of extensions trust their receiver.
#[inline(always)]
pub unsafe fn of_method(method: &MethodDescriptor, args: *mut u64, count: usize) -> Option<(Function, Value)> {
    let NativeCall::Extern { enter, data } = method.def.call else { return None };
    if count == 0 {
        return None;
    }
    let receiver = Value::from_raw_unchecked(*args);
    let class = class_of(receiver);
    (class == method.owner() || class.is_subclass_of(method.owner())).then_some(((enter, data), receiver))
}

/// What calls a class that an extension's function makes instances of, without an `__init__` to come.
#[inline(always)]
pub fn of_class(class: Gc<Class>) -> Option<Function> {
    let found = extension::extern_new(class)?;
    class.flags.has(class::PLAIN_INIT).then_some(found)
}
