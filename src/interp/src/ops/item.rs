//! Subscription. Must not know: how containers are stored beyond their reading functions.

use crate::invoke;
use crate::state::{Ctl, Flow, a, b, c, is_pointer, object, op, sc, shape_of};
use crate::wellknown::shapes;
use heap::Value;
use objects::dict::{self, Dict};
use objects::error::R;
use objects::layout::{Cast, Gc};
use objects::list::{self, List};
use objects::protocol;
use objects::slice::new_slice;
use objects::str::Str;
use objects::tuple::Tuple;

/// The item of an exact list or tuple, 0 if this is another case or out of range.
#[inline(always)]
unsafe fn sequence_item(container: u64, index: i64) -> u64 {
    let shape = shape_of(container);
    let known = shapes();
    if shape == known.list() {
        let slots = object::<List>(container).slots();
        let position = if index < 0 { index + slots.len() as i64 } else { index };
        if (position as u64) < slots.len() as u64 { slots.get_unchecked(position as usize).raw() } else { 0 }
    } else if shape == known.tuple() {
        let items = object::<Tuple>(container).items();
        let position = if index < 0 { index + items.len() as i64 } else { index };
        if (position as u64) < items.len() as u64 { items.get_unchecked(position as usize).raw() } else { 0 }
    } else {
        0
    }
}

fn get_item(container: Value, key: Value) -> R {
    if let Some(dict) = container.cast_exact::<Dict>() {
        return dict::dict_get_item(dict, key);
    }
    protocol::get_item(container, key)
}

op!(GetItem fast(s, w) {
    let container = s.raw(b(w));
    let key = s.get(c(w));
    if !is_pointer(container) || !key.is_int() {
        return Ctl::Slow;
    }
    let item = sequence_item(container, key.as_int());
    if item == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), item);
    s.skip(1)
} slow(vm, w) {
    let (container, key) = (vm.get(b(w)), vm.get(c(w)));
    if container.is_ptr() && shape_of(container.raw()) == shapes().dict() && key.is_ptr() && shape_of(key.raw()) == shapes().str() {
        let dict: Gc<Dict> = container.cast_unchecked();
        let key: Gc<Str> = key.cast_unchecked();
        if let Some(value) = dict::dict_get_str(dict, key) {
            vm.set(a(w), value);
            return Ok(Flow::Next);
        }
    }
    if let Some(method) = invoke::python_method(objects::class::class_of(container), objects::interned!("__getitem__")) {
        return invoke::call_for_register(vm, method, &[container, key], a(w), 1);
    }
    let value = get_item(container, key)?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(GetItemInt fast(s, w) {
    let container = s.raw(b(w));
    if !is_pointer(container) {
        return Ctl::Slow;
    }
    let item = sequence_item(container, sc(w) as i64);
    if item == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), item);
    s.skip(1)
} slow(vm, w) {
    let (container, key) = (vm.get(b(w)), Value::small(sc(w)));
    if let Some(method) = invoke::python_method(objects::class::class_of(container), objects::interned!("__getitem__")) {
        return invoke::call_for_register(vm, method, &[container, key], a(w), 1);
    }
    let value = get_item(container, key)?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(SetItem fast(s, w) {
    let container = s.raw(a(w));
    let key = s.get(b(w));
    if !is_pointer(container) || !key.is_int() || shape_of(container) != shapes().list() || heap::is_multithreaded() {
        return Ctl::Slow;
    }
    // With one thread running the list needs no lock.
    let slots = object::<List>(container).slots();
    let index = key.as_int();
    let position = if index < 0 { index + slots.len() as i64 } else { index };
    if (position as u64) >= slots.len() as u64 {
        return Ctl::Slow;
    }
    slots.get_unchecked(position as usize).set(s.get(c(w)));
    s.skip(1)
} slow(vm, w) {
    let (container, key, value) = (vm.get(a(w)), vm.get(b(w)), vm.get(c(w)));
    if let Some(dict) = container.cast_exact::<Dict>() {
        dict::dict_set(dict, key, value)?;
    } else if key.is_int() && let Some(list) = container.cast_exact::<List>() {
        list::list_set_item(list, key.as_int(), value)?;
    } else {
        protocol::set_item(container, key, value)?;
    }
    Ok(Flow::Next)
});

op!(DelItem slow(vm, w) {
    protocol::del_item(vm.get(a(w)), vm.get(b(w)))?;
    Ok(Flow::Next)
});

op!(GetSlice slow(vm, w) {
    let slice = new_slice(vm.get(c(w)), vm.get(c(w) + 1), Value::none());
    let value = protocol::get_item(vm.get(b(w)), slice.value())?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(SetSlice slow(vm, w) {
    let slice = new_slice(vm.get(b(w)), vm.get(b(w) + 1), Value::none());
    protocol::set_item(vm.get(a(w)), slice.value(), vm.get(c(w)))?;
    Ok(Flow::Next)
});
