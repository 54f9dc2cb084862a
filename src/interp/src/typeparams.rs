//! Type parameters and type aliases: made by the constructors of the `_typing` module, which also takes the lazily called
//! functions for bounds, constraints, defaults and values.
//!
//! Must not know: the layouts of these objects.

use crate::state::Vm;
use heap::Value;
use objects::call::{call, call_kw};
use objects::error::R;
use objects::interned;
use objects::layout::Gc;
use objects::lookup;
use objects::str::Str;

/// An attribute of the native module `_typing`.
fn typing(name: Gc<Str>) -> R {
    let module = objects::system::import("_typing")?;
    lookup::get_attr(module, name)
}

/// The defining module, as `__module__` of what is made.
fn defining_module(vm: Vm) -> R<Option<Value>> {
    crate::names::mapping_get(vm.function().globals(), interned!("__name__"))
}

fn with_module(vm: Vm, made: Value) -> R {
    if let Some(module) = defining_module(vm)? {
        call(typing(interned!("_set_module"))?, &[made, module])?;
    }
    Ok(made)
}

pub fn type_var(vm: Vm, name: Value, bound: Option<Value>, constraints: Option<Value>) -> R {
    let made = call_kw(typing(interned!("TypeVar"))?, &[name], &[(interned!("infer_variance"), Value::true_())])?;
    if let Some(function) = bound {
        call(typing(interned!("_set_bound"))?, &[made, function])?;
    }
    if let Some(function) = constraints {
        call(typing(interned!("_set_constraints"))?, &[made, function])?;
    }
    with_module(vm, made)
}

pub fn simple(vm: Vm, kind: &str, name: Value) -> R {
    let class = typing(objects::intern::intern(kind))?;
    let made = if kind == "ParamSpec" {
        call_kw(class, &[name], &[(interned!("infer_variance"), Value::true_())])?
    } else {
        call(class, &[name])?
    };
    with_module(vm, made)
}

pub fn set_default(parameter: Value, function: Value) -> R {
    call(typing(interned!("_set_default"))?, &[parameter, function])?;
    Ok(parameter)
}

pub fn subscript_generic(parameters: Value) -> R {
    let typing = objects::system::import("typing")?;
    let helper = lookup::get_attr(typing, interned!("_GenericAlias"))?;
    let generic = lookup::get_attr(typing, interned!("Generic"))?;
    // TypeVarTuples appear unpacked in the parameters of Generic.
    let unpack = lookup::get_attr(typing, interned!("Unpack"))?;
    let variadic = self::typing(interned!("TypeVarTuple"))?;
    let items = objects::list::list_from_slice(&[]);
    for parameter in objects::protocol::to_vec(parameters)? {
        let item = if objects::protocol::isinstance(parameter, variadic)? {
            objects::protocol::get_item(unpack, parameter)?
        } else {
            parameter
        };
        objects::list::list_push(items, item);
    }
    let items = objects::list::list_to_tuple(items);
    call(helper, &[generic, items.value()])
}

pub fn type_alias(vm: Vm, name: Value, parameters: Value, value: Value) -> R {
    let made = call(typing(interned!("_make_type_alias"))?, &[name, parameters, value])?;
    with_module(vm, made)
}
