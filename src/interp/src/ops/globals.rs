//! Globals, builtins and namespace names.
//!
//! A global cell holds two independent facts, each in one word: word 0 about the globals dict (`version << 25 | number`, or
//! `version << 25 | ABSENT | filled`: the name is not among the first `filled` entries), word 1 about the builtins dict
//! (as word 0). Versions name dict tables for ever, so a fact that still matches is still true.

use crate::names;
use crate::state::{Ctl, Flow, State, Vm, a, b, object, op};
use heap::Value;
use objects::dict::{self, Dict};
use objects::error::R;
use objects::function::Function;
use objects::layout::Cast;
use objects::layout::Gc;
use objects::str::Str;
use std::sync::atomic::Ordering;

const NUMBER_BITS: u32 = 24;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;
const ABSENT: u64 = 1 << NUMBER_BITS;
const VERSION_SHIFT: u32 = NUMBER_BITS + 1;

/// The word for "the name is entry `number` of the table `version`"; 0 (never matches) if it does not fit.
fn present_fact(version: u64, number: u32) -> u64 {
    if version >> (64 - VERSION_SHIFT) != 0 || number as u64 > NUMBER_MASK {
        return 0;
    }
    version << VERSION_SHIFT | number as u64
}
fn absent_fact(version: u64, filled: usize) -> u64 {
    if version >> (64 - VERSION_SHIFT) != 0 || filled as u64 > NUMBER_MASK {
        return 0;
    }
    version << VERSION_SHIFT | ABSENT | filled as u64
}

#[inline(always)]
unsafe fn function_of<'a>(s: &State) -> &'a Function {
    object::<Function>(*s.regs.offset(objects::frame::CALLEE))
}

op!(LoadGlobal fast(s, w) {
    let function = function_of(s);
    let table = object::<Dict>(function.globals.raw()).table();
    let fact = s.cell(0);
    if table.known_version() != fact >> VERSION_SHIFT {
        return Ctl::Slow;
    }
    let number = fact & NUMBER_MASK;
    let value = if fact & ABSENT == 0 {
        table.entry(number as u32).value.raw()
    } else {
        if table.filled() as u64 != number {
            return Ctl::Slow;
        }
        let table = object::<Dict>(function.builtins.raw()).table();
        let fact = s.cell(1);
        if table.known_version() != fact >> VERSION_SHIFT || fact & ABSENT != 0 {
            return Ctl::Slow;
        }
        table.entry((fact & NUMBER_MASK) as u32).value.raw()
    };
    if value == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), value);
    s.skip(2)
} slow(vm, w) {
    let value = load_global(vm)?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

/// Version 0 means that nobody asked for it, and facts of version 0 are never written: ask, so that facts can match.
fn learn(vm: Vm, globals: Gc<Dict>, builtins: Option<Gc<Dict>>, name: Gc<Str>) {
    let cell = vm.cell();
    let fact = match dict::dict_lookup_entry(globals, name) {
        Some((version, number)) => present_fact(version, number),
        None => {
            let table = globals.table();
            let (version, filled) = (table.version(), table.filled());
            // Looked at again after the count was read, so that the fact covers all entries below it.
            match dict::dict_lookup_entry(globals, name) {
                None => absent_fact(version, filled),
                Some(_) => 0,
            }
        }
    };
    if let Some((version, number)) = builtins.and_then(|builtins| dict::dict_lookup_entry(builtins, name)) {
        cell[1].store(present_fact(version, number), Ordering::Release);
    }
    if fact != 0 {
        cell[0].store(fact, Ordering::Release);
    }
}

#[inline(never)]
fn load_global(vm: Vm) -> R {
    let name = vm.cell_name();
    let function = vm.function();
    let globals = function.globals();
    let builtins = function.builtins.get().unwrap_or(Value::none());
    if let (Some(globals), Some(builtins)) = (globals.cast_exact::<Dict>(), builtins.cast_exact::<Dict>()) {
        learn(vm, globals, Some(builtins), name);
        if let Some(value) = dict::dict_get_str(globals, name) {
            return Ok(value);
        }
        return match dict::dict_get_str(builtins, name) {
            Some(value) => Ok(value),
            None => Err(names::name_not_defined(name)),
        };
    }
    names::global_or_builtin(globals, builtins, name)
}

op!(StoreGlobal fast(s, w) {
    let fact = s.cell(0);
    let globals = object::<Dict>(function_of(s).globals.raw());
    let table = globals.table();
    if table.known_version() != fact >> VERSION_SHIFT || fact & ABSENT != 0 || heap::is_multithreaded() {
        return Ctl::Slow;
    }
    // With one thread running no lock is needed: the table cannot be replaced in between.
    let entry = table.entry((fact & NUMBER_MASK) as u32);
    if entry.value.is_empty() || entry.key.is_empty() {
        return Ctl::Slow;
    }
    entry.value.set(table.header(), s.get(a(w)));
    s.skip(2)
} slow(vm, w) {
    let name = vm.cell_name();
    let globals = vm.function().globals();
    let value = vm.get(a(w));
    match globals.cast_exact::<Dict>() {
        Some(dict) => {
            dict::dict_set_str(dict, name, value)?;
            learn(vm, dict, None, name);
        }
        None => objects::protocol::set_item(globals, name.value(), value)?,
    }
    Ok(Flow::Next)
});

op!(DeleteGlobal slow(vm, _w) {
    let name = vm.name(vm.ext() as usize);
    names::delete_name(vm.function().globals(), name)?;
    Ok(Flow::Next)
});

op!(LoadName slow(vm, w) {
    let namespace = vm.get(0);
    // Module bodies: the namespace is the globals dict, so the cell's facts hold for both.
    if namespace.raw() == vm.function().globals.raw() && let Some(globals) = namespace.cast_exact::<Dict>() {
        let fact = vm.cell()[0].load(Ordering::Acquire);
        if fact & ABSENT == 0
            && let Some(value) = dict::dict_entry(globals, fact >> VERSION_SHIFT, (fact & NUMBER_MASK) as u32)
        {
            vm.set(a(w), value);
            return Ok(Flow::Next);
        }
        vm.set(a(w), load_global(vm)?);
        return Ok(Flow::Next);
    }
    let name = vm.cell_name();
    let value = match names::mapping_get(namespace, name)? {
        Some(value) => value,
        None => {
            let function = vm.function();
            names::global_or_builtin(function.globals(), function.builtins.get().unwrap_or(Value::none()), name)?
        }
    };
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(StoreName slow(vm, w) {
    names::mapping_set(vm.get(0), vm.cell_name(), vm.get(a(w)))?;
    Ok(Flow::Next)
});

op!(DeleteName slow(vm, _w) {
    let name = vm.name(vm.ext() as usize);
    names::delete_name(vm.get(0), name)?;
    Ok(Flow::Next)
});

op!(LoadDictOrGlobal slow(vm, w) {
    let name = vm.cell_name();
    let value = match names::mapping_get(vm.get(b(w)), name)? {
        Some(value) => value,
        None => {
            let function = vm.function();
            names::global_or_builtin(function.globals(), function.builtins.get().unwrap_or(Value::none()), name)?
        }
    };
    vm.set(a(w), value);
    Ok(Flow::Next)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_that_do_not_fit_never_match() {
        assert_eq!(present_fact(1 << 60, 1), 0);
        assert_eq!(present_fact(3, 1 << 24), 0);
        assert_eq!(present_fact(3, 7) >> VERSION_SHIFT, 3);
        assert_eq!(absent_fact(3, 7) & NUMBER_MASK, 7);
        assert_ne!(absent_fact(3, 7) & ABSENT, 0);
    }
}
