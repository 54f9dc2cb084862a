//! Local variables, the spill array, and closure cells. Must not know: namespaces.

use crate::names;
use crate::state::{Ctl, Flow, a, b, bc, c, object, op};
use heap::{Slot, Value, ValuesBuffer};
use objects::function::{CellObject, new_cell};

op!(UnbindLocals fast(s, w) {
    let first = a(w);
    for register in first..first + bc(w) {
        s.put(register, Value::unbound().raw());
    }
    s.skip(1)
});

op!(CheckLocal fast(s, w) {
    if s.raw(a(w)) == Value::unbound().raw() {
        return Ctl::Slow;
    }
    s.skip(1)
} slow(vm, w) {
    Err(names::unbound_variable(vm.code(), bc(w)))
});

op!(DeleteLocal fast(s, w) {
    if s.raw(a(w)) == Value::unbound().raw() {
        return Ctl::Slow;
    }
    s.put(a(w), Value::unbound().raw());
    s.skip(1)
} slow(vm, w) {
    Err(names::unbound_variable(vm.code(), bc(w)))
});

op!(SpillInit slow(vm, w) {
    let given = bc(w);
    let code = vm.code();
    let unit = code.unit();
    let slots = unit.spill.map_or(0, |spill| spill.slots as usize).max(given);
    let first = unit.spill.map_or(0, |spill| spill.first_variable as usize);
    // Entry wrote parameters and cells of the closure; what lies in the other registers is left of other calls.
    let (parameters, free) = (unit.parameter_count(), unit.first_free_variable()..unit.variable_count());
    let array = &*heap::values_buffer(slots);
    for index in 0..slots {
        let variable = first + index;
        let is_written = index < given && (variable < parameters || free.contains(&variable));
        array.slot(index).set(if is_written { vm.get(a(w) + index) } else { Value::unbound() });
    }
    array.set_len(slots);
    vm.set(a(w), array.as_value());
    Ok(Flow::Next)
});

op!(LoadSpill fast(s, w) {
    let array = object::<ValuesBuffer>(s.raw(b(w)));
    s.put(a(w), array.slot(s.ext() as usize).raw());
    s.skip(2)
});

op!(StoreSpill fast(s, w) {
    let array = object::<ValuesBuffer>(s.raw(b(w)));
    array.slot(s.ext() as usize).set(s.get(a(w)));
    s.skip(2)
});

op!(MakeCell fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    let content = s.get(b(w));
    let cell = new_cell(if content.is_unbound() { None } else { Some(content) });
    s.set(a(w), cell.value());
    s.skip(1)
});

#[inline(always)]
unsafe fn content<'a>(cell: u64) -> &'a Slot {
    &object::<CellObject>(cell).content
}

op!(LoadCell fast(s, w) {
    let value = content(s.raw(b(w))).raw();
    if value == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), value);
    s.skip(2)
} slow(vm, _w) {
    Err(names::empty_cell(vm.code(), vm.ext() as usize))
});

op!(StoreCell fast(s, w) {
    let value = s.get(b(w));
    let cell = content(s.raw(a(w)));
    if value.is_unbound() { cell.clear() } else { cell.set(value) }
    s.skip(1)
});

op!(DeleteCell slow(vm, w) {
    if content(vm.get(a(w)).raw()).take().is_none() {
        return Err(names::empty_cell(vm.code(), vm.ext() as usize));
    }
    Ok(Flow::Next)
});

op!(LoadDictOrCell slow(vm, w) {
    let index = vm.ext() as usize;
    let name = vm.code().variables()[index].name;
    let value = match names::mapping_get(vm.get(b(w)), name)? {
        Some(value) => value,
        None => match content(vm.get(c(w)).raw()).get() {
            Some(value) => value,
            None => return Err(names::empty_cell(vm.code(), index)),
        },
    };
    vm.set(a(w), value);
    Ok(Flow::Next)
});
