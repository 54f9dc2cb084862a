//! Binding arguments to the parameters of Python functions.
//!
//! Arguments come as slices that may lie in the very window that is being filled, so everything that allocates happens first and
//! the registers are written last. Must not know: op bodies.

use crate::call_error as errors;
use bytecode::code_unit::co_flags;
use heap::Value;
use objects::code::{Code, NOT_SIMPLE};
use objects::dict::{self, Dict};
use objects::error::{R, type_error};
use objects::function::Function;
use objects::layout::{Cast, Gc};
use objects::str::{Str, str_eq};
use objects::tuple::{Tuple, new_tuple};

/// The arguments of a call: positional values, keyword names and their values.
#[derive(Clone, Copy)]
pub struct CallArgs<'a> {
    pub positional: &'a [Value],
    pub names: &'a [Value],
    pub values: &'a [Value],
}

impl<'a> CallArgs<'a> {
    pub fn positional(positional: &'a [Value]) -> CallArgs<'a> {
        CallArgs { positional, names: &[], values: &[] }
    }
}

/// Parameters that fit the buffer on the native stack; more go to the Rust heap (their values stay alive in the slices).
const BUFFER: usize = 40;

/// Fills the parameter registers of `window`. On an error the window may hold rubbish but nothing is lost.
///
/// # Safety
/// The window is reserved for `code`; the slices are alive, and may overlap the window.
#[inline]
pub unsafe fn bind(function: Gc<Function>, code: Gc<Code>, args: CallArgs, window: *mut u64) -> R<()> {
    if args.names.is_empty() && code.simple_args as usize == args.positional.len() {
        // Few words: a call to `memmove` costs more than it moves.
        crate::call_fast::shift(args.positional.as_ptr() as *const u64, window, args.positional.len());
        return Ok(());
    }
    let (given, wanted) = (args.positional.len(), code.simple_args as usize);
    if args.names.is_empty()
        && code.simple_args != NOT_SIMPLE
        && given < wanted
        && let Some(defaults) = crate::call_fast::defaults_of(&function, wanted - given)
    {
        crate::call_fast::shift(args.positional.as_ptr() as *const u64, window, given);
        crate::call_fast::place(defaults, window.add(given));
        return Ok(());
    }
    bind_general(function, code, args, window)
}

#[inline(never)]
unsafe fn bind_general(function: Gc<Function>, code: Gc<Code>, args: CallArgs, window: *mut u64) -> R<()> {
    let named = (code.arg_count + code.kw_only_count) as usize;
    let stars = [co_flags::VARARGS, co_flags::VARKEYWORDS].iter().filter(|flag| code.has_flag(**flag)).count();
    let total = named + stars;
    let mut small = [0u64; BUFFER];
    let mut large;
    let slots: &mut [u64] = if total <= BUFFER {
        &mut small[..total]
    } else {
        large = vec![0u64; total];
        &mut large
    };
    fill(function, code, args, slots, named)?;
    if code.has_namespace() {
        // A function made of a module's code and called as such runs in its globals.
        *window = function.globals().raw();
        return Ok(());
    }
    std::ptr::copy_nonoverlapping(slots.as_ptr(), window, total);
    Ok(())
}

fn fill(function: Gc<Function>, code: Gc<Code>, args: CallArgs, slots: &mut [u64], named: usize) -> R<()> {
    let positional_count = code.arg_count as usize;
    let given = args.positional.len();
    let mut star = named;
    // The containers of the rest come first: they allocate, and the slices still keep all values alive.
    let extra = given.saturating_sub(positional_count);
    if code.has_flag(co_flags::VARARGS) {
        slots[star] = new_tuple(&args.positional[given - extra..]).value().raw();
        star += 1;
    }
    let rest = if code.has_flag(co_flags::VARKEYWORDS) {
        let rest = dict::new_dict();
        slots[star] = rest.value().raw();
        Some(rest)
    } else {
        None
    };
    for (slot, value) in slots.iter_mut().zip(args.positional).take(positional_count) {
        *slot = value.raw();
    }
    for (name, value) in args.names.iter().zip(args.values) {
        place_keyword(function, code, args, slots, named, rest, *name, *value)?;
    }
    if extra > 0 && !code.has_flag(co_flags::VARARGS) {
        return Err(errors::too_many_positional(function, code, given, slots));
    }
    if given < positional_count {
        fill_defaults(function, code, slots, given)?;
    }
    if code.kw_only_count > 0 {
        fill_keyword_defaults(function, code, slots, named)?;
    }
    Ok(())
}

/// The parameter that a keyword names, positional-only ones excluded.
fn find_parameter(code: Gc<Code>, named: usize, name: Gc<Str>) -> Option<usize> {
    let first = code.pos_only_count as usize;
    let parameters = &code.variables()[first..named];
    if let Some(index) = parameters.iter().position(|parameter| parameter.name == name) {
        return Some(first + index);
    }
    if name.is_interned() {
        return None;
    }
    parameters.iter().position(|parameter| str_eq(&parameter.name, &name)).map(|index| first + index)
}

fn place_keyword(
    function: Gc<Function>,
    code: Gc<Code>,
    args: CallArgs,
    slots: &mut [u64],
    named: usize,
    rest: Option<Gc<Dict>>,
    name: Value,
    value: Value,
) -> R<()> {
    let Some(text) = name.cast::<Str>() else {
        return Err(type_error!("{}() keywords must be strings", errors::function_name(function)));
    };
    if let Some(index) = find_parameter(code, named, text) {
        if slots[index] != 0 {
            return Err(type_error!(
                "{}() got multiple values for argument '{}'",
                errors::function_name(function),
                text.to_string_lossy()
            ));
        }
        slots[index] = value.raw();
        return Ok(());
    }
    match rest {
        Some(rest) => dict::dict_set(rest, name, value),
        None => Err(errors::unexpected_keyword(function, code, args, named, text)),
    }
}

fn fill_defaults(function: Gc<Function>, code: Gc<Code>, slots: &mut [u64], given: usize) -> R<()> {
    let positional_count = code.arg_count as usize;
    let defaults = function.defaults.get().and_then(|value| value.cast::<Tuple>());
    let defaults: &[Value] = match &defaults {
        Some(tuple) => tuple.items(),
        None => &[],
    };
    let first_default = positional_count.saturating_sub(defaults.len());
    if (given..first_default).any(|index| slots[index] == 0) {
        return Err(errors::missing_positional(function, code, slots, first_default));
    }
    let skip = defaults.len().saturating_sub(positional_count);
    for index in given.max(first_default)..positional_count {
        if slots[index] == 0 {
            slots[index] = defaults[skip + index - first_default].raw();
        }
    }
    Ok(())
}

fn fill_keyword_defaults(function: Gc<Function>, code: Gc<Code>, slots: &mut [u64], named: usize) -> R<()> {
    let defaults = function.kwdefaults.get().and_then(|value| value.cast::<Dict>());
    let mut missing = false;
    for index in code.arg_count as usize..named {
        if slots[index] != 0 {
            continue;
        }
        match defaults.and_then(|defaults| dict::dict_get_str(defaults, code.variables()[index].name)) {
            Some(value) => slots[index] = value.raw(),
            None => missing = true,
        }
    }
    if missing {
        return Err(errors::missing_keyword_only(function, code, slots, named));
    }
    Ok(())
}

/// Copies the closure's cells into the registers where the code expects them.
///
/// # Safety
/// The window is reserved for `code`, which is the function's.
#[inline(always)]
pub unsafe fn place_closure(function: Gc<Function>, code: &Code, window: *mut u64) {
    if code.free_count != 0 {
        copy_closure(function, code.first_free, code.free_count, window);
    }
}

#[inline(never)]
unsafe fn copy_closure(function: Gc<Function>, first: u32, count: u32, window: *mut u64) {
    let Some(closure) = function.closure.get() else { return };
    let cells = closure.cast_unchecked::<Tuple>();
    for (index, cell) in cells.items().iter().take(count as usize).enumerate() {
        *window.add(first as usize + index) = cell.raw();
    }
}
