//! Attribute access. Must not know: how attributes are stored (shapes) beyond what the caches remember.

use crate::cache;
use crate::call::CallArgs;
use crate::call_fast;
use crate::state::{Ctl, Flow, Vm, a, b, c, is_pointer, op, shape_of};
use heap::Value;
use objects::class::{self, class_name, class_of};
use objects::code::Record;
use objects::descr::Property;
use objects::error::{R, type_error};
use objects::function::Function;
use objects::layout::Cast;
use objects::lookup;
use objects::shape;
use objects::tuple::Tuple;
use std::sync::atomic::Ordering;

op!(LoadAttr fast(s, w) {
    let object = s.raw(b(w));
    if !is_pointer(object) {
        return Ctl::Slow;
    }
    let shape = shape_of(object);
    let fact = s.cell(0);
    if (fact >> 32) as u32 != shape {
        let record = cache::chain_entry(s.cell(1), shape);
        if record.is_null() {
            return Ctl::Slow;
        }
        let value = if (*record).kind == cache::OF_MODULE {
            cache::module_entry(object, (*record).number)
        } else if (*record).kind > cache::VALUE {
            0
        } else if (*record).kind == cache::SLOT {
            match cache::slot_at_place(object, (*record).offset) {
                Some(slot) => slot.raw(),
                None => 0,
            }
        } else if (*record).is_current() {
            (*record).value.raw()
        } else {
            0
        };
        if value == 0 {
            return Ctl::Second;
        }
        s.put(a(w), value);
        return s.skip(2);
    }
    let value = match cache::slot_at_place(object, fact as u32) {
        Some(slot) => slot.raw(),
        None => 0,
    };
    if value == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), value);
    s.skip(2)
} second(s, w) {
    // Kinds that run or make something, and attributes of classes.
    let object = s.raw(b(w));
    let Some(record) = cache::find_record(s.cell_words(), shape_of(object), object) else { return Ctl::Slow };
    if record.kind == cache::IN_DICT {
        let (value, binds) = cache::attribute_in_dict(object, record, s.cell_name());
        if value == 0 || binds {
            return Ctl::Slow;
        }
        s.put(a(w), value);
        return s.skip(2);
    }
    let found = record.value.raw();
    if found == 0 {
        return Ctl::Slow;
    }
    match record.kind {
        cache::VALUE | cache::OF_CLASS => {
            s.put(a(w), found);
            s.skip(2)
        }
        cache::ITEM => match crate::state::object::<Tuple>(object).get(record.number as usize) {
            Some(item) => {
                s.put(a(w), item.raw());
                s.skip(2)
            }
            None => Ctl::Slow,
        },
        cache::PROPERTY => call_fast::enter_for_register(s, found, [object], a(w), 2),
        cache::HOOK => call_fast::enter_for_register(s, found, [object, s.cell_name().value().raw()], a(w), 2),
        cache::METHOD if call_fast::is_function(found) => {
            s.publish();
            let method = objects::descr::new_bound_method(Value::from_raw_unchecked(found), s.get(b(w)));
            s.set(a(w), method.value());
            s.skip(2)
        }
        cache::METHOD => {
            let method = Value::from_raw_unchecked(found);
            let Some(get) = class_of(method).slots.descr_get.get() else { return Ctl::Slow };
            s.publish();
            let result = get(method, Some(s.get(b(w))), Some(class_of(s.get(b(w))).value()));
            s.finish_call(a(w), 2, result)
        }
        cache::DESCRIPTOR => {
            let descriptor = Value::from_raw_unchecked(found);
            let kind = class_of(descriptor);
            let class = class_of(s.get(b(w)));
            if kind.flags.has(class::HEAP_TYPE) {
                let getter = call_fast::python_method(kind, objects::interned!("__get__"));
                if kind.slots.descr_set.get().is_none() || getter == 0 {
                    return Ctl::Slow;
                }
                return call_fast::enter_for_register(s, getter, [found, object, class.value().raw()], a(w), 2);
            }
            let Some(get) = kind.slots.descr_get.get() else { return Ctl::Slow };
            s.publish();
            let result = get(descriptor, Some(s.get(b(w))), Some(class.value()));
            s.finish_call(a(w), 2, result)
        }
        _ => Ctl::Slow,
    }
} slow(vm, w) {
    let object = vm.get(b(w));
    if let Some(getter) = cached_getter(vm, object) {
        return crate::invoke::call_for_register(vm, getter, &[object], a(w), 2);
    }
    let value = match cached_attribute(vm, object)? {
        Some(value) => value,
        None => {
            let (name, before) = (vm.cell_name(), cache::shape_before(object));
            let value = lookup::get_attr(object, name)?;
            cache::learn_load(vm, object, name, before);
            value
        }
    };
    vm.set(a(w), value);
    Ok(Flow::Next)
});

/// The Python getter of a property that the cell remembers.
unsafe fn cached_getter(vm: Vm, object: Value) -> Option<objects::layout::Gc<Function>> {
    let record = vm.cell()[1].load(Ordering::Acquire) as *const Record;
    if record.is_null() || !object.is_ptr() || (*record).kind != cache::PROPERTY {
        return None;
    }
    if (*record).shape != shape_of(object.raw()) || !(*record).is_current() {
        return None;
    }
    (*record).value.get()?.cast_exact::<Function>()
}

/// Asks the cell's chain for an attribute.
unsafe fn cached_attribute(vm: Vm, object: Value) -> R<Option<Value>> {
    if !object.is_ptr() {
        return Ok(None);
    }
    let raw = object.raw();
    let Some(record) = cache::find_record(vm.cell(), shape_of(raw), raw) else { return Ok(None) };
    match record.kind {
        cache::SLOT => Ok(cache::slot_at_place(raw, record.offset).and_then(|slot| slot.get())),
        cache::OF_MODULE => Ok(Value::from_raw(cache::module_entry(raw, record.number))),
        cache::VALUE | cache::OF_CLASS => Ok(record.value.get()),
        cache::PROPERTY => match record.value.get() {
            Some(getter) => call_one(getter, object).map(Some),
            None => Ok(None),
        },
        cache::DESCRIPTOR => match record.value.get() {
            Some(descriptor) if !cache::is_data_descriptor(descriptor) => Ok(None),
            Some(descriptor) => match class_of(descriptor).slots.descr_get.get() {
                Some(get) => get(descriptor, Some(object), Some(class_of(object).value())).map(Some),
                None => Ok(None),
            },
            None => Ok(None),
        },
        cache::METHOD => Ok(record.value.get().and_then(|function| {
            function.is_instance_of_layout::<Function>().then(|| objects::descr::new_bound_method(function, object).value())
        })),
        _ => Ok(None),
    }
}

/// `function(argument)`.
pub unsafe fn call_one(function: Value, argument: Value) -> R {
    match function.cast_exact::<Function>() {
        Some(function) => crate::run::call_function(function, CallArgs::positional(&[argument])),
        None => objects::call::call(function, &[argument]),
    }
}

op!(StoreAttr fast(s, w) {
    let object = s.raw(a(w));
    if !is_pointer(object) {
        return Ctl::Slow;
    }
    let shape = shape_of(object);
    let fact = s.cell(0);
    if (fact >> 32) as u32 == shape {
        return match cache::slot_at_place(object, fact as u32) {
            Some(slot) => {
                slot.set(s.get(b(w)));
                s.skip(2)
            }
            None => Ctl::Slow,
        };
    }
    let record = cache::chain_entry(s.cell(1), shape);
    if record.is_null() {
        return Ctl::Slow;
    }
    if (*record).kind == cache::ADD {
        // Adding an attribute takes the object's lock unless there is one thread only.
        let header = &*(object as *const heap::Header);
        if heap::is_multithreaded() || header.is_tenured() {
            return Ctl::Second;
        }
        crate::state::slot_of(object, (*record).offset).set(s.get(b(w)));
        header.set_shape_of_untenured((*record).number as u32);
        return s.skip(2);
    }
    if (*record).kind != cache::SLOT {
        return Ctl::Second;
    }
    match cache::slot_at_place(object, (*record).offset) {
        Some(slot) => {
            slot.set(s.get(b(w)));
            s.skip(2)
        }
        None => Ctl::Slow,
    }
} second(s, w) {
    // New attributes where other threads run, and descriptors: those whose setter is a Python function, and native ones.
    let (object, value) = (s.raw(a(w)), s.raw(b(w)));
    let added = cache::chain_entry(s.cell(1), shape_of(object));
    if !added.is_null() && (*added).kind == cache::ADD {
        return if cache::add_locked(object, added, value) { s.skip(2) } else { Ctl::Slow };
    }
    if !added.is_null() && (*added).kind == cache::IN_DICT {
        return if cache::store_in_dict(object, &*added, s.cell_name(), s.get(b(w))) { s.skip(2) } else { Ctl::Slow };
    }
    let Some(record) = cache::find_record(s.cell_words(), shape_of(object), object) else { return Ctl::Slow };
    let Some(descriptor) = record.value.get() else { return Ctl::Slow };
    if record.kind != cache::DESCRIPTOR {
        return Ctl::Slow;
    }
    if let Some(property) = descriptor.cast_exact::<Property>() {
        return call_fast::enter_for_nothing(s, property.setter.raw(), [object, value], 2);
    }
    let kind = class_of(descriptor);
    if !kind.flags.has(class::HEAP_TYPE) {
        let Some(set) = kind.slots.descr_set.get() else { return Ctl::Slow };
        s.publish();
        let Ok(()) = set(descriptor, s.get(a(w)), s.get(b(w))) else { return Ctl::Raised };
        s.pc = s.pc.add(2);
        return Ctl::Called;
    }
    let setter = call_fast::python_method(kind, objects::interned!("__set__"));
    if setter == 0 {
        return Ctl::Slow;
    }
    call_fast::enter_for_nothing(s, setter, [descriptor.raw(), object, value], 2)
} slow(vm, w) {
    let object = vm.get(a(w));
    let value = vm.get(b(w));
    if object.is_ptr() {
        let shape = shape_of(object.raw());
        if let Some(record) = cache::find_record(vm.cell(), shape, object.raw())
            && record.kind == cache::DESCRIPTOR
            && let Some(descriptor) = record.value.get()
            && let Some(set) = class_of(descriptor).slots.descr_set.get()
        {
            set(descriptor, object, value)?;
            return Ok(Flow::Next);
        }
        if !heap::is_multithreaded()
            && let Some(record) = cache::find_record(vm.cell(), shape, object.raw())
        {
            match record.kind {
                cache::ADD => {
                    crate::state::slot_of(object.raw(), record.offset).set(value);
                    (*object.as_ptr()).set_shape(record.number as u32);
                    return Ok(Flow::Next);
                }
                cache::SLOT => if let Some(slot) = cache::slot_at_place(object.raw(), record.offset) {
                    slot.set(value);
                    return Ok(Flow::Next);
                },
                _ => {}
            }
        }
        let name = vm.cell_name();
        lookup::set_attr(object, name, value)?;
        cache::learn_store(vm, object, name, shape);
        return Ok(Flow::Next);
    }
    lookup::set_attr(object, vm.cell_name(), value)?;
    Ok(Flow::Next)
});

op!(DeleteAttr slow(vm, w) {
    lookup::del_attr(vm.get(a(w)), vm.name(vm.ext() as usize))?;
    Ok(Flow::Next)
});

op!(LoadMethod fast(s, w) {
    let object = s.raw(b(w));
    if !is_pointer(object) {
        return Ctl::Slow;
    }
    let record = cache::chain_entry(s.cell(1), shape_of(object));
    if record.is_null() {
        return Ctl::Second;
    }
    if (*record).kind == cache::OF_MODULE {
        let value = cache::module_entry(object, (*record).number);
        if value == 0 {
            return Ctl::Slow;
        }
        s.put(a(w), value);
        s.put(a(w) + 4, Value::null().raw());
        return s.skip(2);
    }
    if (*record).kind != cache::METHOD || !(*record).is_current() {
        return Ctl::Second;
    }
    let function = (*record).value.raw();
    s.put(a(w), function);
    s.put(a(w) + 4, object);
    s.skip(2)
} second(s, w) {
    let object = s.raw(b(w));
    let shape = shape_of(object);
    let fact = s.cell(0);
    let (function, receiver) = if (fact >> 32) as u32 == shape {
        match cache::slot_at_place(object, fact as u32) {
            Some(slot) => (slot.raw(), Value::null().raw()),
            None => return Ctl::Slow,
        }
    } else {
        let Some(record) = cache::find_record(s.cell_words(), shape, object) else { return Ctl::Slow };
        if record.kind == cache::IN_DICT {
            let (function, binds) = cache::attribute_in_dict(object, record, s.cell_name());
            if function == 0 {
                return Ctl::Slow;
            }
            s.put(a(w), function);
            s.put(a(w) + 4, if binds { object } else { Value::null().raw() });
            return s.skip(2);
        }
        let receiver = match record.kind {
            cache::METHOD | cache::OF_CLASS_BOUND => object,
            cache::VALUE | cache::OF_CLASS => Value::null().raw(),
            cache::CLASS_METHOD => class_of(s.get(b(w))).value().raw(),
            _ => return Ctl::Slow,
        };
        (record.value.raw(), receiver)
    };
    if function == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), function);
    s.put(a(w) + 4, receiver);
    s.skip(2)
} slow(vm, w) {
    let object = vm.get(b(w));
    let (function, receiver) = match cached_method(vm, object)? {
        Some(found) => found,
        None => {
            let (name, before) = (vm.cell_name(), cache::shape_before(object));
            let found = load_method(object, name)?;
            cache::learn_load(vm, object, name, before);
            found
        }
    };
    vm.set(a(w), function);
    vm.set(a(w) + 4, receiver.unwrap_or(Value::null()));
    Ok(Flow::Next)
});

fn load_method(object: Value, name: objects::layout::Gc<objects::str::Str>) -> R<(Value, Option<Value>)> {
    lookup::get_method(object, name)
}

/// Asks the cell's chain for a method.
unsafe fn cached_method(vm: Vm, object: Value) -> R<Option<(Value, Option<Value>)>> {
    if !object.is_ptr() {
        return Ok(None);
    }
    let raw = object.raw();
    let shape = shape_of(raw);
    let fact = vm.cell()[0].load(Ordering::Acquire);
    if (fact >> 32) as u32 == shape {
        return Ok(cache::slot_at_place(raw, fact as u32).and_then(|slot| slot.get()).map(|value| (value, None)));
    }
    let Some(record) = cache::find_record(vm.cell(), shape, raw) else { return Ok(None) };
    let Some(value) = record.value.get() else {
        return Ok(match record.kind {
            cache::SLOT => cache::slot_at_place(raw, record.offset).and_then(|slot| slot.get()).map(|value| (value, None)),
            cache::OF_MODULE => Value::from_raw(cache::module_entry(raw, record.number)).map(|value| (value, None)),
            _ => None,
        });
    };
    Ok(match record.kind {
        cache::METHOD => Some((value, Some(object))),
        cache::VALUE | cache::OF_CLASS => Some((value, None)),
        cache::OF_CLASS_BOUND => Some((value, Some(object))),
        cache::CLASS_METHOD => Some((value, Some(class_of(object).value()))),
        cache::PROPERTY => Some((call_one(value, object)?, None)),
        _ => None,
    })
}

/// `super(class, this).name` without the super object; None when the receiver does not fit the plain case.
fn super_lookup(class: Value, this: Value, name: objects::layout::Gc<objects::str::Str>) -> R<Option<(Value, Option<Value>)>> {
    use objects::class::Class;
    let Some(class) = class.cast::<Class>() else { return Ok(None) };
    // For class methods the receiver is itself a class; then its own MRO is searched.
    let (start, through_class) = match this.cast::<Class>() {
        Some(receiver) if receiver.is_subclass_of(class) => (receiver, true),
        _ => (class_of(this), false),
    };
    if !start.is_subclass_of(class) || objects::str::str_is(&name, "__class__") {
        return Ok(None);
    }
    let mro = start.mro();
    let entries = mro.items();
    let Some(position) = entries.iter().position(|entry| *entry == class.value()) else { return Ok(None) };
    for entry in &entries[position + 1..] {
        let Some(owner) = entry.cast::<Class>() else { continue };
        let Some(found) = objects::dict::dict_get_str(owner.dict(), name) else { continue };
        let kind = class_of(found);
        if kind.flags.has(class::METHOD_DESCRIPTOR) && !through_class {
            return Ok(Some((found, Some(this))));
        }
        return match kind.slots.descr_get.get() {
            Some(get) => {
                let instance = if through_class { None } else { Some(this) };
                Ok(Some((get(found, instance, Some(start.value()))?, None)))
            }
            None => Ok(Some((found, None))),
        };
    }
    Ok(None)
}

/// The attribute of `super(..)`: by the short way if `super` is the builtin, else by really calling it.
fn load_super(vm: Vm, w: u32) -> R<(Value, Option<Value>)> {
    let (callable, class, this) = (vm.get(b(w)), vm.get(b(w) + 1), vm.get(b(w) + 2));
    let name = vm.cell_name();
    let is_builtin = crate::install::super_class() == Some(callable);
    if is_builtin && let Some(found) = super_lookup(class, this, name)? {
        return Ok(found);
    }
    let proxy = if is_builtin || c(w) & 1 != 0 {
        objects::call::call(callable, &[class, this])?
    } else {
        objects::call::call(callable, &[])?
    };
    Ok((lookup::get_attr(proxy, name)?, None))
}

op!(LoadSuperAttr slow(vm, w) {
    let value = match load_super(vm, w)? {
        (value, None) => value,
        (function, Some(receiver)) => match class_of(function).slots.descr_get.get() {
            Some(get) => get(function, Some(receiver), Some(class_of(receiver).value()))?,
            None => function,
        },
    };
    vm.set(a(w), value);
    Ok(Flow::Next)
});

op!(LoadSuperMethod fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let (callable, class, this) = (s.get(b(w)), s.raw(b(w) + 1), s.raw(b(w) + 2));
    if !is_pointer(this) || crate::install::super_class() != Some(callable) {
        return Ctl::Slow;
    }
    let method = cache::super_method(s.cell(1), class, this);
    if method == 0 {
        return Ctl::Slow;
    }
    s.put(a(w), method);
    s.put(a(w) + 4, this);
    s.skip(2)
} slow(vm, w) {
    let (class, this) = (vm.get(b(w) + 1), vm.get(b(w) + 2));
    let is_builtin = crate::install::super_class() == Some(vm.get(b(w)));
    let seen = cache::Seen::of(class_of(this));
    let (function, receiver) = load_super(vm, w)?;
    if is_builtin && receiver == Some(this) && class_of(function).flags.has(class::METHOD_DESCRIPTOR) {
        cache::learn_super(vm, class, this, seen, function);
    }
    vm.set(a(w), function);
    vm.set(a(w) + 4, receiver.unwrap_or(Value::null()));
    Ok(Flow::Next)
});

fn special_name(special: bytecode::ops::Special) -> objects::layout::Gc<objects::str::Str> {
    use bytecode::ops::Special;
    match special {
        Special::Enter => objects::interned!("__enter__"),
        Special::Exit => objects::interned!("__exit__"),
        Special::AsyncEnter => objects::interned!("__aenter__"),
        Special::AsyncExit => objects::interned!("__aexit__"),
    }
}

op!(LoadSpecial fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let Some(special) = bytecode::ops::Special::from_u8(c(w) as u8) else { return Ctl::Slow };
    let Some(found) = lookup::type_lookup(class_of(s.get(b(w))), special_name(special)) else { return Ctl::Slow };
    if !class_of(found).flags.has(class::METHOD_DESCRIPTOR) {
        return Ctl::Slow;
    }
    let object = s.get(b(w));
    s.set(a(w), found);
    s.set(a(w) + 1, object);
    s.skip(1)
} slow(vm, w) {
    let object = vm.get(b(w));
    let Some(special) = bytecode::ops::Special::from_u8(c(w) as u8) else { return Err(objects::error::system_error!("bad special")) };
    let name = special_name(special);
    let class = class_of(object);
    let Some(found) = lookup::type_lookup(class, name) else { return Err(no_context_manager(object, special)) };
    let kind = class_of(found);
    let (function, receiver) = if kind.flags.has(class::METHOD_DESCRIPTOR) {
        (found, object)
    } else {
        match kind.slots.descr_get.get() {
            Some(get) => (get(found, Some(object), Some(class.value()))?, Value::null()),
            None => (found, Value::null()),
        }
    };
    vm.set(a(w), function);
    vm.set(a(w) + 1, receiver);
    Ok(Flow::Next)
});

#[cold]
fn no_context_manager(object: Value, special: bytecode::ops::Special) -> objects::error::Raised {
    use bytecode::ops::Special;
    let has = |name: &str| lookup::type_has(object, objects::intern::intern(name));
    let name = class_name(object);
    match special {
        Special::Enter | Special::Exit => {
            let hint = if has("__aenter__") && has("__aexit__") {
                " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
            } else {
                ""
            };
            let missed = if special == Special::Enter { "__enter__" } else { "__exit__" };
            type_error!("'{name}' object does not support the context manager protocol (missed {missed} method){hint}")
        }
        Special::AsyncEnter | Special::AsyncExit => {
            let hint = if has("__enter__") && has("__exit__") {
                " but it supports the context manager protocol. Did you mean to use 'with'?"
            } else {
                ""
            };
            let missed = if special == Special::AsyncEnter { "__aenter__" } else { "__aexit__" };
            type_error!(
                "'{name}' object does not support the asynchronous context manager protocol (missed {missed} method){hint}"
            )
        }
    }
}

/// Reads an attribute as the op does, for natives of this crate.
pub fn instance_attribute(object: Value, name: objects::layout::Gc<objects::str::Str>) -> Option<Value> {
    if object.is_ptr() { shape::get_instance_attr(object, name) } else { None }
}
