//! Calls from extensions into Python.
//!
//! Must not know: what the callee is.

use super::call_parts;
use crate::abi::{self, Handle};
use crate::context::{own, status};
use crate::instance;
use crate::layer;
use crate::lock::without;
use crate::table::kind::*;
use objects::lookup::get_method;
use objects::{Args, Cast, GcVec, R, Tuple, Value, call, call_args, class_name, dict, type_error};

pub unsafe fn ctx_CallTupleDict(callable: In, args: In, kw: In) -> Own {
    own(|| {
        let callable = callable.value();
        let (args, kw) = call_parts(args.get(), kw.get())?;
        let positional = args.map_or(&[][..], |args| args.items());
        let Some(kw) = kw else { return without(|| call(callable, positional)) };
        let mut values = GcVec::from_slice(positional);
        let mut names = GcVec::new();
        for (name, value) in dict::dict_items(kw) {
            if name.cast::<objects::Str>().is_none() {
                return Err(type_error!("keywords must be strings"));
            }
            names.push(name);
            values.push(value);
        }
        without(|| call_args(callable, Args::new(&values, positional.len(), &names)))
    })
}

const FEW: usize = 8;

/// Gives `work` the values of an argument array.
#[inline(always)]
unsafe fn with_values<T>(args: *const Handle, count: usize, work: impl FnOnce(&[Value]) -> T) -> T {
    if count <= FEW {
        let mut few = [Value::none(); FEW];
        for (index, place) in few[..count].iter_mut().enumerate() {
            *place = (*args.add(index)).value();
        }
        return work(&few[..count]);
    }
    work(&crate::handle::values(args, count))
}
fn names_in(names: Option<Value>) -> R<&'static [Value]> {
    match names {
        None => Ok(&[]),
        Some(names) => match names.cast::<Tuple>() {
            Some(names) => Ok(names.items()),
            None => Err(type_error!("keyword names must be a tuple, not {}", class_name(names))),
        },
    }
}

pub unsafe fn ctx_Call(callable: In, args: InArray, nargs: Size, kwnames: In) -> Own {
    own(|| {
        let names = names_in(kwnames.get())?;
        with_values(args, nargs + names.len(), |values| without(|| call_args(callable.value(), Args::new(values, nargs, names))))
    })
}
/// `args[0].name(*args[1:])`
pub unsafe fn ctx_CallMethod(name: In, args: InArray, nargs: Size, kwnames: In) -> Own {
    own(|| {
        let names = names_in(kwnames.get())?;
        let name = super::name_of(name.value())?;
        if nargs == 0 {
            return Err(type_error!("HPy_CallMethod needs a receiver"));
        }
        with_values(args, nargs + names.len(), |values| {
            let (function, receiver) = get_method(values[0], name)?;
            match receiver {
                Some(_) => without(|| call_args(function, Args::new(values, nargs, names))),
                None => without(|| call_args(function, Args::new(&values[1..], nargs - 1, names))),
            }
        })
    })
}

pub unsafe fn ctx_SetCallFunction(h: In, func: CallFunctionRef) -> Int {
    let _ = layer::take_registering();
    status(|| {
        let object = h.value();
        let layout = instance::ext_of_value(object);
        let Some((layout, offset)) = layout.and_then(|layout| layout.call.map(|offset| (layout, offset))) else {
            return Err(type_error!("type '{} does not implement the HPy call protocol", class_name(object)));
        };
        let place = layout.data(object.as_ptr()).add(offset) as *mut abi::CallFunction;
        (&raw mut (*place).trampoline).write_volatile((*func).trampoline);
        (&raw mut (*place).function).write_volatile((*func).function);
        Ok(())
    })
}
