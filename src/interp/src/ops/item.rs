//! Subscription. Must not know: how containers are stored beyond their reading functions.

use crate::call_fast;
use crate::invoke;
use crate::state::{Ctl, Flow, a, b, c, is_pointer, object, op, sc, shape_of};
use crate::wellknown::shapes;
use heap::Value;
use objects::bytes::Bytes;
use objects::dict::{self, Dict};
use objects::error::R;
use objects::layout::{Cast, Gc};
use objects::list::{self, List, resolve_index};
use objects::protocol;
use objects::slice::{Bounds, new_slice};
use objects::slicing::{bytes_slice, str_slice};
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

#[inline(never)]
fn get_item(container: Value, key: Value) -> R {
    if let Some(dict) = container.cast_exact::<Dict>() {
        return dict::dict_get_item(dict, key);
    }
    protocol::get_item(container, key)
}

/// The item of an exact dict, str or bytes if it is there and needs no allocation, else 0.
#[inline(always)]
unsafe fn other_item(container: u64, key: Value) -> u64 {
    let shape = shape_of(container);
    let known = shapes();
    if shape == known.dict() {
        return match dict::dict_peek(object::<Dict>(container), key) {
            Some(Some(value)) => value.raw(),
            _ => 0,
        };
    }
    if !key.is_int() {
        return 0;
    }
    if shape == known.str() {
        let text = object::<Str>(container);
        match resolve_index(key.as_int(), text.len()).and_then(|position| Str::known_char(text.char_at(position))) {
            Some(text) => text.value().raw(),
            None => 0,
        }
    } else if shape == known.bytes() {
        let bytes = object::<Bytes>(container).as_slice();
        match resolve_index(key.as_int(), bytes.len()) {
            Some(position) => Value::small(bytes[position] as i32).raw(),
            None => 0,
        }
    } else {
        0
    }
}

op!(GetItem fast(s, w) {
    let container = s.raw(b(w));
    let key = s.get(c(w));
    if !is_pointer(container) {
        return Ctl::Slow;
    }
    if !key.is_int() {
        return Ctl::Second;
    }
    let item = sequence_item(container, key.as_int());
    if item == 0 {
        return Ctl::Second;
    }
    s.put(a(w), item);
    s.skip(1)
} second(s, w) {
    let item = other_item(s.raw(b(w)), s.get(c(w)));
    if item == 0 {
        let container = s.raw(b(w));
        let class = objects::class::class_of(s.get(b(w)));
        if let Some((enter, data)) = objects::extension::extern_getitem(class) {
            s.publish();
            let result = enter(data, s.get(b(w)), s.slice(c(w), 1), &[]);
            return s.finish_call(a(w), 1, result);
        }
        let method = call_fast::python_method(class, objects::interned!("__getitem__"));
        if method == 0 {
            s.publish();
            let result = get_item(s.get(b(w)), s.get(c(w)));
            return s.finish_call(a(w), 1, result);
        }
        return call_fast::enter_for_register(s, method, [container, s.raw(c(w))], a(w), 1);
    }
    s.put(a(w), item);
    s.skip(1)
} slow(vm, w) {
    let (container, key) = (vm.get(b(w)), vm.get(c(w)));
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
        return Ctl::Second;
    }
    s.put(a(w), item);
    s.skip(1)
} second(s, w) {
    let item = other_item(s.raw(b(w)), Value::small(sc(w)));
    if item == 0 {
        let container = s.raw(b(w));
        let class = objects::class::class_of(s.get(b(w)));
        if objects::extension::extern_getitem(class).is_some()
            && let Some(get) = class.slots.getitem.get()
        {
            s.publish();
            let result = get(s.get(b(w)), Value::small(sc(w)));
            return s.finish_call(a(w), 1, result);
        }
        let method = call_fast::python_method(class, objects::interned!("__getitem__"));
        if method == 0 {
            s.publish();
            let result = get_item(s.get(b(w)), Value::small(sc(w)));
            return s.finish_call(a(w), 1, result);
        }
        return call_fast::enter_for_register(s, method, [container, Value::small(sc(w)).raw()], a(w), 1);
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
    if !is_pointer(container) {
        return Ctl::Slow;
    }
    if !key.is_int() || shape_of(container) != shapes().list() || heap::is_multithreaded() {
        return Ctl::Second;
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
} second(s, w) {
    let container = s.raw(a(w));
    let shape = shape_of(container);
    if shape == shapes().list() {
        let (index, value) = (s.get(b(w)), s.get(c(w)));
        let stored = index.is_int() && list::list_set_quick(object::<List>(container), index.as_int(), value);
        return if stored { s.skip(1) } else { Ctl::Slow };
    }
    if shape != shapes().dict() {
        s.publish();
        let Ok(()) = protocol::set_item(s.get(a(w)), s.get(b(w)), s.get(c(w))) else { return Ctl::Raised };
        s.pc = s.pc.add(1);
        return Ctl::Called;
    }
    if dict::dict_store_quick(object::<Dict>(container), s.get(b(w)), s.get(c(w))) {
        return s.skip(1);
    }
    s.publish();
    match store_in_dict(s.get(a(w)).cast_unchecked(), s.get(b(w)), s.get(c(w))) {
        Ok(()) => {
            s.pc = s.pc.add(1);
            Ctl::Called
        }
        Err(_) => Ctl::Raised,
    }
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

/// `dict[key] = value`, out of line: a handler that held its parts would need a frame.
#[inline(never)]
pub fn store_in_dict(dict: Gc<Dict>, key: Value, value: Value) -> R<()> {
    dict::dict_set(dict, key, value)
}

/// The part of an exact list, str, tuple or bytes between bounds that are ints of the word or None; None for everything else.
#[inline(never)]
unsafe fn plain_slice(container: Value, start: Value, stop: Value, step: Value) -> Option<R> {
    if !container.is_ptr() {
        return None;
    }
    let bounds = plain_bounds(start, stop, step)?;
    let shape = shape_of(container.raw());
    let known = shapes();
    if shape == known.list() {
        return Some(list::list_slice(container.cast_unchecked(), bounds).map(|list| list.value()));
    }
    if shape == known.str() {
        return Some(str_slice(container.cast_unchecked(), bounds).map(|text| text.value()));
    }
    if shape == known.tuple() {
        return Some(objects::tuple::tuple_slice(container.cast_unchecked(), bounds).map(|tuple| tuple.value()));
    }
    if shape == known.bytes() {
        return Some(bytes_slice(container.cast_unchecked(), bounds).map(|bytes| bytes.value()));
    }
    None
}

/// Bounds given by ints of the word or None.
#[inline(always)]
fn plain_bounds(start: Value, stop: Value, step: Value) -> Option<Bounds> {
    let bound = |value: Value, default: i64| {
        if value.is_int() {
            Some(value.as_int())
        } else if value.is_none() {
            Some(default)
        } else {
            None
        }
    };
    let step = bound(step, 1).filter(|step| *step != 0)?;
    let (first, last) = if step < 0 { (i64::MAX, i64::MIN) } else { (0, i64::MAX) };
    Some(Bounds { start: bound(start, first)?, stop: bound(stop, last)?, step })
}

op!(GetSlice fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    match plain_slice(s.get(b(w)), s.get(c(w)), s.get(c(w) + 1), Value::none()) {
        Some(result) => s.finish_call(a(w), 1, result),
        None => Ctl::Slow,
    }
} slow(vm, w) {
    let slice = new_slice(vm.get(c(w)), vm.get(c(w) + 1), Value::none());
    let value = protocol::get_item(vm.get(b(w)), slice.value())?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(GetSliceStep fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    match plain_slice(s.get(b(w)), s.get(c(w)), s.get(c(w) + 1), s.get(c(w) + 2)) {
        Some(result) => s.finish_call(a(w), 1, result),
        None => Ctl::Slow,
    }
} slow(vm, w) {
    let slice = new_slice(vm.get(c(w)), vm.get(c(w) + 1), vm.get(c(w) + 2));
    let value = protocol::get_item(vm.get(b(w)), slice.value())?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(SetSlice slow(vm, w) {
    let (container, start, stop) = (vm.get(a(w)), vm.get(b(w)), vm.get(b(w) + 1));
    if let Some(list) = container.cast_exact::<List>()
        && let Some(bounds) = plain_bounds(start, stop, Value::none())
    {
        list::list_assign_slice(list, bounds, vm.get(c(w)))?;
        return Ok(Flow::Next);
    }
    let slice = new_slice(start, stop, Value::none());
    protocol::set_item(container, slice.value(), vm.get(c(w)))?;
    Ok(Flow::Next)
});
