//! `match` statements: what patterns ask of a subject. Must not know: how patterns are compiled.

use crate::state::{Flow, a, b, c, op};
use heap::Value;
use objects::class::{self, Class, class_name, class_of};
use objects::error::{R, type_error, value_error};
use objects::interned;
use objects::layout::Cast;
use objects::list::{list_from_slice, list_push, list_to_tuple};
use objects::lookup;
use objects::protocol;
use objects::set;
use objects::str::Str;
use objects::tuple::Tuple;

op!(MatchSequence slow(vm, w) {
    let matched = class_of(vm.get(b(w))).flags.has(class::SEQUENCE);
    vm.set(a(w), Value::bool(matched));
    Ok(Flow::Next)
});

op!(MatchMapping slow(vm, w) {
    let matched = class_of(vm.get(b(w))).flags.has(class::MAPPING);
    vm.set(a(w), Value::bool(matched));
    Ok(Flow::Next)
});

op!(MatchKeys slow(vm, w) {
    let values = match_keys(vm.get(b(w)), vm.get(c(w)))?;
    vm.set(a(w), values);
    Ok(Flow::Next)
});

fn match_keys(subject: Value, keys: Value) -> R {
    let Some(keys) = keys.cast::<Tuple>() else { return Ok(Value::none()) };
    let seen = set::new_set();
    let values = list_from_slice(&[]);
    let get = lookup::get_attr(subject, interned!("get"))?;
    // Any fresh object serves as "not there".
    let missing = list_from_slice(&[]).value();
    for key in keys.items() {
        if !set::set_add(seen.any(), *key)? {
            return Err(value_error!("mapping pattern checks duplicate key ({})", protocol::repr(*key)?.to_string_lossy()));
        }
        let value = objects::call::call(get, &[*key, missing])?;
        if value == missing {
            return Ok(Value::none());
        }
        list_push(values, value);
    }
    Ok(list_to_tuple(values).value())
}

op!(MatchClass slow(vm, w) {
    let (subject, class, names) = (vm.get(b(w)), vm.get(b(w) + 1), vm.get(b(w) + 2));
    let attributes = match_class(subject, class, names, c(w))?;
    vm.set(a(w), attributes.unwrap_or(Value::none()));
    Ok(Flow::Next)
});

fn match_class(subject: Value, class: Value, names: Value, positional: usize) -> R<Option<Value>> {
    let Some(kind) = class.cast::<Class>() else {
        return Err(type_error!("called match pattern must be a class"));
    };
    if !protocol::isinstance(subject, class)? {
        return Ok(None);
    }
    let seen = set::new_set();
    let attributes = list_from_slice(&[]);
    if positional > 0 {
        let matched = positional_attributes(subject, kind, positional, seen, attributes)?;
        if !matched {
            return Ok(None);
        }
    }
    let names = names.cast::<Tuple>();
    for name in names.iter().flat_map(|names| names.items()) {
        match attribute(subject, kind, *name, seen)? {
            Some(value) => list_push(attributes, value),
            None => return Ok(None),
        }
    }
    Ok(Some(list_to_tuple(attributes).value()))
}

type ClassRef = objects::layout::Gc<Class>;
type SetRef = objects::layout::Gc<set::Set>;
type ListRef = objects::layout::Gc<objects::list::List>;

fn positional_attributes(subject: Value, class: ClassRef, count: usize, seen: SetRef, attributes: ListRef) -> R<bool> {
    let match_args = lookup::get_attr_opt(class.value(), interned!("__match_args__"))?;
    let mut matches_self = false;
    let names: &[Value] = match match_args {
        None => {
            matches_self = class.flags.has(class::MATCH_SELF);
            &[]
        }
        Some(names) => match names.cast_exact::<Tuple>() {
            Some(names) => names.items(),
            None => {
                return Err(type_error!("{}.__match_args__ must be a tuple (got {})", class.name_text(), class_name(names)));
            }
        },
    };
    let allowed = if matches_self { 1 } else { names.len() };
    if allowed < count {
        return Err(type_error!(
            "{}() accepts {allowed} positional sub-pattern{} ({count} given)",
            class.name_text(),
            if allowed == 1 { "" } else { "s" }
        ));
    }
    if matches_self {
        list_push(attributes, subject);
        return Ok(true);
    }
    for name in &names[..count] {
        if !name.is_instance_of_layout::<Str>() {
            return Err(type_error!("__match_args__ elements must be strings (got {})", class_name(*name)));
        }
        match attribute(subject, class, *name, seen)? {
            Some(value) => list_push(attributes, value),
            None => return Ok(false),
        }
    }
    std::hint::black_box(match_args);
    Ok(true)
}

fn attribute(subject: Value, class: ClassRef, name: Value, seen: SetRef) -> R<Option<Value>> {
    let Some(text) = name.cast::<Str>() else { return Ok(None) };
    if !set::set_add(seen.any(), name)? {
        return Err(type_error!(
            "{}() got multiple sub-patterns for attribute {}",
            class.name_text(),
            protocol::repr(name)?.to_string_lossy()
        ));
    }
    lookup::get_attr_opt(subject, objects::intern::intern_str(text))
}
