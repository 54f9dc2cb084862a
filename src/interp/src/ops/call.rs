//! Calls and returns. The fast paths enter Python functions whose arguments are exactly their parameters; other short ways are in
//! `call_fast.rs`, everything else in `invoke.rs`.

use crate::call_fast::{self, enter_plain};
use crate::generator_fast;
use crate::invoke::{self, Site};
use crate::state::{Ctl, Flow, State, Vm, a, b, is_pointer, object, op, shape_of};
use crate::wellknown::shapes;
use heap::Value;
use objects::code::Code;
use objects::dict::{self, Dict};
use objects::error::{R, type_error};
use objects::frame::{CALLEE, FLAGS, GENERATOR, HEADER_SLOTS, SAVED_PC, SAVED_POOL, SAVED_REGS};
use objects::function::Function;
use objects::layout::Cast;
use objects::tuple::{Tuple, tuple_from_iterable};

/// The code of the Python function in `base`, if that is no closure, `count` arguments are all it wants and there is room for its window.
#[inline(always)]
unsafe fn callee<'a>(s: &State, base: *mut u64, count: usize) -> Option<&'a Code> {
    let callee = *base;
    if !is_pointer(callee) || shape_of(callee) != shapes().function() {
        return None;
    }
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let end = base.add(HEADER_SLOTS + code.register_count as usize);
    // Cells of a closure are copied by the second body: the loop for it would make this one save registers.
    if code.simple_args as usize != count || end as usize > s.limit() || code.free_count != 0 {
        return None;
    }
    Some(code)
}

op!(Call fast(s, w) {
    let base = s.regs.add(a(w));
    match callee(s, base, b(w)) {
        Some(code) => enter_plain(s, base, code),
        None => Ctl::Second,
    }
} second(s, w) {
    let base = s.regs.add(a(w));
    call_fast::call(s, base, base.add(HEADER_SLOTS), b(w))
} slow(vm, w) {
    invoke::call(vm, Site { base: vm.register(a(w)), count: b(w), names: &[], words: 2 })
});

op!(CallMethod fast(s, w) {
    let base = s.regs.add(a(w));
    if *base.add(HEADER_SLOTS) == Value::null().raw() {
        return Ctl::Second;
    }
    match callee(s, base, b(w) + 1) {
        Some(code) => enter_plain(s, base, code),
        None => Ctl::Second,
    }
} second(s, w) {
    let base = s.regs.add(a(w));
    let ahead = usize::from(*base.add(HEADER_SLOTS) == Value::null().raw());
    call_fast::call(s, base, base.add(HEADER_SLOTS + ahead), b(w) + 1 - ahead)
} slow(vm, w) {
    let count = close_gap(vm, a(w), b(w));
    invoke::call(vm, Site { base: vm.register(a(w)), count, names: &[], words: 2 })
});

/// Arguments of a method call once the self slot is dealt with: a null self makes the others move down.
unsafe fn close_gap(vm: Vm, base: usize, count: usize) -> usize {
    if !vm.get(base + HEADER_SLOTS).is_null() {
        return count + 1;
    }
    let start = vm.register(base + HEADER_SLOTS);
    std::ptr::copy(start.add(1), start, count);
    // Else the last argument would be there twice.
    *start.add(count) = Value::null().raw();
    count
}

unsafe fn keyword_names(vm: Vm) -> &'static [Value] {
    match vm.cell_constant().cast::<Tuple>() {
        Some(names) => names.items(),
        None => &[],
    }
}

op!(CallKw fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let base = s.regs.add(a(w));
    call_fast::call_with_names(s, base, base.add(HEADER_SLOTS), b(w))
} slow(vm, w) {
    invoke::call(vm, Site { base: vm.register(a(w)), count: b(w), names: keyword_names(vm), words: 2 })
});

op!(CallMethodKw fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let base = s.regs.add(a(w));
    let ahead = usize::from(*base.add(HEADER_SLOTS) == Value::null().raw());
    call_fast::call_with_names(s, base, base.add(HEADER_SLOTS + ahead), b(w) + 1 - ahead)
} slow(vm, w) {
    let count = close_gap(vm, a(w), b(w));
    invoke::call(vm, Site { base: vm.register(a(w)), count, names: keyword_names(vm), words: 2 })
});

/// The positional arguments of `f(*iterable)` as a tuple.
fn starred(function: Value, iterable: Value) -> R<objects::layout::Gc<Tuple>> {
    if let Some(tuple) = iterable.cast_exact::<Tuple>() {
        return Ok(tuple);
    }
    let class = objects::class::class_of(iterable);
    if class.slots.iter.get().is_none() && class.slots.getitem.get().is_none() {
        let name = crate::call_error::callable_name(function)?;
        return Err(type_error!("{name} argument after * must be an iterable, not {}", class.name_text()));
    }
    tuple_from_iterable(iterable)
}

op!(CallEx fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    call_fast::call_with_tuple(s, s.regs.add(a(w)))
} slow(vm, w) {
    let base = vm.register(a(w));
    let function = vm.get(a(w));
    let positional = starred(function, vm.get(a(w) + 4))?;
    let keywords = vm.get(a(w) + 5);
    let mut names = objects::GcVec::new();
    let mut values = objects::GcVec::new();
    if !keywords.is_null() && let Some(keywords) = keywords.cast::<Dict>() {
        for (name, value) in dict::dict_items(keywords) {
            // Another thread may have put something else in meanwhile.
            if !name.is_instance_of_layout::<objects::str::Str>() {
                return Err(type_error!("keywords must be strings"));
            }
            names.push(name);
            values.push(value);
        }
    }
    let count = positional.len() + values.len();
    crate::run::reserve(vm.0, base.add(2 * HEADER_SLOTS), count as u32 + 2)?;
    let start = base.add(HEADER_SLOTS);
    for (index, value) in positional.items().iter().chain(values.iter()).enumerate() {
        *start.add(index) = value.raw();
    }
    let step = invoke::call_general(vm, Site { base, count, names: &names, words: 2 });
    std::hint::black_box((&names, positional));
    step
});

/// Leaves the window with `value` in the caller's call base.
#[inline(always)]
unsafe fn leave(s: &mut State, value: u64) -> Ctl {
    let window = s.regs;
    let outer = *window.offset(SAVED_REGS);
    if outer & FLAGS != 0 {
        return Ctl::Second;
    }
    s.pc = *window.offset(SAVED_PC) as *const u32;
    s.pool = *window.offset(SAVED_POOL) as *const _;
    s.regs = outer as *mut u64;
    *window.offset(CALLEE) = value;
    Ctl::Next
}

op!(Return fast(s, w) {
    let value = s.raw(a(w));
    leave(s, value)
} second(s, w) {
    let value = s.raw(a(w));
    leave_generator(s, value)
} slow(vm, w) {
    leave_flagged(vm, vm.get(a(w)))
});

op!(ReturnNone fast(s, _w) {
    leave(s, Value::none().raw())
} second(s, _w) {
    leave_generator(s, Value::none().raw())
} slow(vm, _w) {
    leave_flagged(vm, Value::none())
});

#[inline(always)]
unsafe fn leave_generator(s: &mut State, value: u64) -> Ctl {
    if *s.regs.offset(SAVED_REGS) & GENERATOR == 0 { Ctl::Slow } else { generator_fast::finish(s, value) }
}

/// Leaves a window that a frame object, a generator or a tracer has to do with.
unsafe fn leave_flagged(vm: Vm, value: Value) -> crate::state::Step {
    use objects::frame::{self, View, WATCHED};
    let exec = vm.0;
    let window = exec.regs.get();
    let view = View { pc: exec.pc.get(), regs: window, pool: exec.pool.get() };
    let flags = *window.offset(SAVED_REGS) & FLAGS;
    if flags & GENERATOR != 0 {
        return crate::generator::finish(exec, view, value);
    }
    if flags & WATCHED != 0 {
        frame::detach(exec, view);
    }
    exec.pc.set(*window.offset(SAVED_PC) as *const u32);
    exec.pool.set(*window.offset(SAVED_POOL) as *const _);
    exec.regs.set((*window.offset(SAVED_REGS) & !FLAGS) as *mut u64);
    *window.offset(CALLEE) = value.raw();
    Ok(Flow::Jump)
}
