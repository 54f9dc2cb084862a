//! Displays and unpacking. Must not know: how containers are stored.

use crate::state::{Ctl, Flow, Vm, a, b, c, is_pointer, object, op, shape_of};
use crate::wellknown::shapes;
use heap::Value;
use objects::class::{class_name, class_of};
use objects::dict::{self, Dict};
use objects::error::{R, Raised, type_error, value_error};
use objects::exception as exc;
use objects::gc_vec::GcVec;
use objects::layout::{Cast, Gc, Layout};
use objects::list::{self, List, list_from_slice};
use objects::protocol;
use objects::set;
use objects::slice::new_slice;
use objects::str::Str;
use objects::tuple::{Tuple, new_tuple};

op!(BuildTuple fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    let tuple = new_tuple(s.slice(b(w), c(w)));
    s.set(a(w), tuple.value());
    s.skip(1)
});

op!(BuildList fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    let list = list_from_slice(s.slice(b(w), c(w)));
    s.set(a(w), list.value());
    s.skip(1)
});

op!(BuildSet slow(vm, w) {
    let made = set::new_set();
    for element in vm.slice(b(w), c(w)) {
        set::set_add(made.any(), *element)?;
    }
    vm.set(a(w), made.value());
    Ok(Flow::Next)
});

op!(BuildMap fast(_s, w) {
    if c(w) == 0 { Ctl::Second } else { Ctl::Slow }
} second(s, w) {
    s.publish();
    s.set(a(w), dict::new_dict().value());
    s.skip(1)
} slow(vm, w) {
    let count = c(w);
    let made = if count == 0 { dict::new_dict() } else { dict::new_dict_sized(count)? };
    for pair in vm.slice(b(w), 2 * count).chunks_exact(2) {
        dict::dict_set(made, pair[0], pair[1])?;
    }
    vm.set(a(w), made.value());
    Ok(Flow::Next)
});

op!(BuildSlice slow(vm, w) {
    let slice = new_slice(vm.get(b(w)), vm.get(b(w) + 1), vm.get(b(w) + 2));
    vm.set(a(w), slice.value());
    Ok(Flow::Next)
});

op!(BuildListFor fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    let result = list::list_with_capacity(super::iter::sure_length(s.get(b(w))).min(MOST_ROOM));
    s.finish_call(a(w), 1, result.map(|list| list.value()))
});

/// Room that a list gets before it has items.
const MOST_ROOM: usize = 1 << 14;

/// The list in a register that the compiler filled with one.
unsafe fn own_list(vm: Vm, register: usize) -> Gc<List> {
    vm.get(register).cast_unchecked()
}
unsafe fn own_dict(vm: Vm, register: usize) -> Gc<Dict> {
    vm.get(register).cast_unchecked()
}
unsafe fn own_set(vm: Vm, register: usize) -> Gc<set::Set> {
    vm.get(register).cast_unchecked()
}

op!(ListAppend fast(s, w) {
    if heap::is_multithreaded() {
        return Ctl::Second;
    }
    if list::list_append_alone(object::<List>(s.raw(a(w))), s.get(b(w))) { s.skip(1) } else { Ctl::Slow }
} second(s, w) {
    if list::list_append_quick(object::<List>(s.raw(a(w))), s.get(b(w))) { s.skip(1) } else { Ctl::Slow }
} slow(vm, w) {
    list::list_append(own_list(vm, a(w)), vm.get(b(w)))?;
    Ok(Flow::Next)
});

op!(ListExtend slow(vm, w) {
    let iterable = vm.get(b(w));
    if let Err(raised) = list::list_extend(own_list(vm, a(w)), iterable) {
        let class = class_of(iterable);
        if raised.is(&exc::TYPE_ERROR) && class.slots.iter.get().is_none() && class.slots.getitem.get().is_none() {
            raised.clear();
            return Err(type_error!("Value after * must be an iterable, not {}", class.name_text()));
        }
        return Err(raised);
    }
    Ok(Flow::Next)
});

op!(ListToTuple slow(vm, w) {
    let tuple = list::list_to_tuple(own_list(vm, b(w)));
    vm.set(a(w), tuple.value());
    Ok(Flow::Next)
});

/// Out of line, as `store_in_dict`.
#[inline(never)]
fn add_to_set(target: Gc<set::Set>, element: Value) -> R<()> {
    set::set_add(target.any(), element).map(|_| ())
}

op!(SetAdd fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let Some(target) = s.get(a(w)).cast_exact::<set::Set>() else { return Ctl::Slow };
    s.publish();
    let Ok(()) = add_to_set(target, s.get(b(w))) else { return Ctl::Raised };
    s.pc = s.pc.add(1);
    Ctl::Called
} slow(vm, w) {
    // Programs can rebind `__conditional_annotations__`, so this is not always the compiler's own set.
    let Some(target) = vm.get(a(w)).cast::<set::Set>() else {
        return Err(type_error!("expected set, got {}", class_name(vm.get(a(w)))));
    };
    set::set_add(target.any(), vm.get(b(w)))?;
    Ok(Flow::Next)
});

op!(SetUpdate slow(vm, w) {
    set::set_update(own_set(vm, a(w)).any(), vm.get(b(w)))?;
    Ok(Flow::Next)
});

op!(MapAdd fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let target = s.raw(a(w));
    if dict::dict_store_quick(object::<Dict>(target), s.get(b(w)), s.get(c(w))) {
        return s.skip(1);
    }
    s.publish();
    let Ok(()) = super::item::store_in_dict(s.get(a(w)).cast_unchecked(), s.get(b(w)), s.get(c(w))) else { return Ctl::Raised };
    s.pc = s.pc.add(1);
    Ctl::Called
});

/// Whether a value has `keys`, as mappings do.
fn is_mapping(value: Value) -> R<bool> {
    if value.is_instance_of_layout::<Dict>() {
        return Ok(true);
    }
    Ok(objects::lookup::get_attr_opt(value, objects::interned!("keys"))?.is_some())
}

op!(DictUpdate slow(vm, w) {
    let source = vm.get(b(w));
    if !is_mapping(source)? {
        return Err(type_error!("'{}' object is not a mapping", class_name(source)));
    }
    dict::dict_update(own_dict(vm, a(w)), source)?;
    Ok(Flow::Next)
});

op!(DictMerge slow(vm, w) {
    merge_keywords(own_dict(vm, a(w)), vm.get(b(w)), vm.get(c(w)))?;
    Ok(Flow::Next)
});

op!(KeywordDict fast(s, w) {
    // A call only reads it.
    let mapping = s.raw(b(w));
    if !is_pointer(mapping) || shape_of(mapping) != shapes().dict() || !object::<Dict>(mapping).table().has_only_str_keys() {
        return Ctl::Slow;
    }
    s.put(a(w), mapping);
    s.skip(1)
} slow(vm, w) {
    let made = dict::new_dict();
    merge_keywords(made, vm.get(b(w)), vm.get(c(w)))?;
    vm.set(a(w), made.value());
    Ok(Flow::Next)
});

/// Takes the items of a mapping over as keywords for a call of `function`.
fn merge_keywords(target: Gc<Dict>, source: Value, function: Value) -> R<()> {
    if !is_mapping(source)? {
        let name = crate::call_error::callable_name(function)?;
        return Err(type_error!("{name} argument after ** must be a mapping, not {}", class_name(source)));
    }
    // A subclass is read as the dict that it is, unless it iterates in its own way.
    let plain = source.cast::<Dict>().filter(|source| dict::iterates_as_dict(*source));
    let keys = match plain {
        Some(source) => list_from_slice(&dict::dict_keys(source)),
        None => {
            let keys = objects::call::call_method(source, objects::interned!("keys"), &[])?;
            list::list_from_iterable(keys)?
        }
    };
    let mut index = 0;
    while let Some(key) = list::list_get(keys, index) {
        index += 1;
        let value = match plain {
            Some(source) => match dict::dict_get(source, key)? {
                Some(value) => value,
                None => continue,
            },
            None => protocol::get_item(source, key)?,
        };
        // Whether keys are strings is the business of the call.
        let hash = match key.cast::<Str>() {
            Some(text) => text.hash(),
            None => protocol::hash(key)?,
        };
        if !dict::dict_set_if_absent(target, key, hash, value)? {
            let name = crate::call_error::callable_name(function)?;
            return Err(type_error!(
                "{name} got multiple values for keyword argument '{}'",
                objects::str_of(key)?.to_string_lossy()
            ));
        }
    }
    Ok(())
}

// ---- unpacking ----

#[cold]
fn not_iterable(value: Value, raised: Raised) -> Raised {
    let class = class_of(value);
    if raised.is(&exc::TYPE_ERROR) && class.slots.iter.get().is_none() && class.slots.getitem.get().is_none() {
        raised.clear();
        return type_error!("cannot unpack non-iterable {} object", class.name_text());
    }
    raised
}

#[cold]
fn too_few(wanted: usize, got: usize) -> Raised {
    value_error!("not enough values to unpack (expected {wanted}, got {got})")
}

#[cold]
fn too_many(value: Value, wanted: usize) -> Raised {
    let known = match (value.cast_exact::<List>(), value.cast_exact::<Tuple>(), value.cast_exact::<Dict>()) {
        (Some(list), _, _) => Some(list.len()),
        (_, Some(tuple), _) => Some(tuple.len()),
        (_, _, Some(dict)) => Some(dict.len()),
        _ => None,
    };
    match known {
        Some(got) if got > wanted => value_error!("too many values to unpack (expected {wanted}, got {got})"),
        _ => value_error!("too many values to unpack (expected {wanted})"),
    }
}

/// The items of anything iterable that has exactly `wanted`.
fn unpack_exactly(value: Value, wanted: usize) -> R<GcVec> {
    if let Some(tuple) = value.cast_exact::<Tuple>()
        && tuple.len() == wanted
    {
        return Ok(tuple.items().iter().copied().collect());
    }
    if let Some(list) = value.cast_exact::<List>() {
        let items = list::list_snapshot(list);
        if items.len() == wanted {
            return Ok(items);
        }
    }
    let iterator = protocol::iter(value).map_err(|raised| not_iterable(value, raised))?;
    let mut items = GcVec::new();
    while items.len() < wanted {
        match protocol::next(iterator)? {
            Some(item) => items.push(item),
            None => return Err(too_few(wanted, items.len())),
        }
    }
    match protocol::next(iterator)? {
        None => Ok(items),
        Some(_) => Err(too_many(value, wanted)),
    }
}

/// The slots of an exact list of that length. Other threads may empty them meanwhile.
#[inline(always)]
unsafe fn list_of_length<'a>(value: u64, count: usize) -> Option<&'a [heap::Slot]> {
    if shape_of(value) != shapes().list() {
        return None;
    }
    let slots = object::<List>(value).slots();
    if slots.len() == count { Some(slots) } else { None }
}

/// The items of an instance of a subclass of tuple that is iterated like a tuple (a named tuple).
#[inline(always)]
fn plain_tuple(value: Value) -> Option<&'static [Value]> {
    let tuple = value.cast::<Tuple>()?;
    let own = |class: Gc<objects::class::Class>| class.slots.iter.get().map(|function| function as usize);
    if own(class_of(value)) != own(Tuple::class()) {
        return None;
    }
    // SAFETY: a register of the running window keeps the tuple.
    Some(unsafe { std::slice::from_raw_parts(tuple.items().as_ptr(), tuple.items().len()) })
}

op!(UnpackSequence fast(s, w) {
    let value = s.raw(b(w));
    let count = c(w);
    if !is_pointer(value) {
        return Ctl::Slow;
    }
    if shape_of(value) != shapes().tuple() {
        return Ctl::Second;
    }
    let items = object::<Tuple>(value).items();
    if items.len() != count {
        return Ctl::Slow;
    }
    let first = a(w);
    for index in 0..count {
        s.set(first + index, *items.get_unchecked(index));
    }
    s.skip(1)
} second(s, w) {
    if let Some(items) = plain_tuple(s.get(b(w)))
        && items.len() == c(w)
    {
        let first = a(w);
        for (index, item) in items.iter().enumerate() {
            s.set(first + index, *item);
        }
        return s.skip(1);
    }
    let Some(slots) = list_of_length(s.raw(b(w)), c(w)) else { return Ctl::Slow };
    let first = a(w);
    if heap::is_multithreaded() {
        // As for pairs; more items than these are rare.
        let [one, two, rest @ ..] = slots else { return Ctl::Slow };
        let (one, two) = (one.raw(), two.raw());
        let three = match rest {
            [] => None,
            [three] => Some(three.raw()),
            _ => return Ctl::Slow,
        };
        if one == 0 || two == 0 || three == Some(0) {
            return Ctl::Slow;
        }
        s.put(first, one);
        s.put(first + 1, two);
        if let Some(three) = three {
            s.put(first + 2, three);
        }
        return s.skip(1);
    }
    for (index, slot) in slots.iter().enumerate() {
        s.put(first + index, slot.raw());
    }
    s.skip(1)
} slow(vm, w) {
    // The targets are written only when the number is right: r[b] may be one of them.
    let items = unpack_exactly(vm.get(b(w)), c(w))?;
    for (index, item) in items.iter().enumerate() {
        vm.set(a(w) + index, *item);
    }
    Ok(Flow::Next)
});

op!(UnpackPair fast(s, w) {
    let value = s.raw(c(w));
    if !is_pointer(value) {
        return Ctl::Slow;
    }
    if shape_of(value) != shapes().tuple() {
        return Ctl::Second;
    }
    let items = object::<Tuple>(value).items();
    if items.len() != 2 {
        return Ctl::Slow;
    }
    let (first, second) = (*items.get_unchecked(0), *items.get_unchecked(1));
    s.set(a(w), first);
    s.set(b(w), second);
    s.skip(1)
} second(s, w) {
    if let Some([first, second]) = plain_tuple(s.get(c(w))) {
        let (first, second) = (*first, *second);
        s.set(a(w), first);
        s.set(b(w), second);
        return s.skip(1);
    }
    let Some([first, second]) = list_of_length(s.raw(c(w)), 2) else { return Ctl::Slow };
    let (first, second) = (first.raw(), second.raw());
    if first == 0 || second == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), first);
    s.put(b(w), second);
    s.skip(1)
} slow(vm, w) {
    if let [first, second] = *unpack_exactly(vm.get(c(w)), 2)? {
        vm.set(a(w), first);
        vm.set(b(w), second);
    }
    Ok(Flow::Next)
});

/// `before` items, a list of the middle, `after` items, as one list of `before + 1 + after`.
fn unpack_starred(value: Value, before: usize, after: usize) -> R<Gc<List>> {
    let held = match value.cast_exact::<Tuple>() {
        Some(tuple) => Some(tuple),
        None => value.cast_exact::<List>().map(list::list_to_tuple),
    };
    if let Some(held) = held {
        let items = held.items();
        if items.len() >= before + after {
            return Ok(starred(items, before, after));
        }
    }
    let result = list_from_slice(&[]);
    let iterator = protocol::iter(value).map_err(|raised| not_iterable(value, raised))?;
    let short = |got: usize| value_error!("not enough values to unpack (expected at least {}, got {got})", before + after);
    if after == 0 {
        for index in 0..before {
            match protocol::next(iterator)? {
                Some(item) => list::list_push(result, item),
                None if true => return Err(too_few_starred(before, after, index)),
                None => {}
            }
        }
        list::list_push(result, list::list_from_iterable(iterator)?.value());
        return Ok(result);
    }
    let all = list_from_slice(&[]);
    while let Some(item) = protocol::next(iterator)? {
        list::list_push(all, item);
    }
    let count = all.len();
    if count < before + after {
        return Err(short(count));
    }
    let items = list::list_snapshot(all);
    items[..before].iter().for_each(|item| list::list_push(result, *item));
    list::list_push(result, list_from_slice(&items[before..count - after]).value());
    items[count - after..].iter().for_each(|item| list::list_push(result, *item));
    std::hint::black_box(all);
    Ok(result)
}

/// The same of items that are enough.
fn starred(items: &[Value], before: usize, after: usize) -> Gc<List> {
    let (first, rest) = items.split_at(before);
    let (middle, last) = rest.split_at(rest.len() - after);
    let result = list_from_slice(first);
    list::list_push(result, list_from_slice(middle).value());
    last.iter().for_each(|item| list::list_push(result, *item));
    result
}

#[cold]
fn too_few_starred(before: usize, after: usize, got: usize) -> Raised {
    value_error!("not enough values to unpack (expected at least {}, got {got})", before + after)
}

fn counts(ext: u32) -> (usize, usize) {
    ((ext & 0xFFFF) as usize, (ext >> 16) as usize)
}

op!(UnpackEx slow(vm, w) {
    let (before, after) = counts(vm.ext());
    let items = unpack_starred(vm.get(b(w)), before, after)?;
    for index in 0..before + 1 + after {
        if let Some(item) = items.get(index) {
            vm.set(a(w) + index, item);
        }
    }
    Ok(Flow::Next)
});

op!(UnpackList slow(vm, w) {
    let items = unpack_exactly(vm.get(b(w)), vm.ext() as usize)?;
    vm.set(a(w), list_from_slice(&items).value());
    Ok(Flow::Next)
});

op!(UnpackExList slow(vm, w) {
    let (before, after) = counts(vm.ext());
    let items = unpack_starred(vm.get(b(w)), before, after)?;
    vm.set(a(w), items.value());
    Ok(Flow::Next)
});
