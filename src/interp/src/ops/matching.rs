//! `match` statements: what patterns ask of a subject. Must not know: how patterns are compiled.

use crate::state::{Ctl, Flow, a, b, c, op};
use heap::Value;
use objects::class::{self, Class, class_name, class_of};
use objects::dict::Dict;
use objects::error::{R, type_error, value_error};
use objects::gc_vec::GcVec;
use objects::interned;
use objects::layout::{Cast, Layout};
use objects::list::list_from_slice;
use objects::lookup;
use objects::protocol;
use objects::set;
use objects::str::Str;
use objects::tuple::{Tuple, new_tuple};

macro_rules! class_tests {
    ($($name:ident $flag:ident;)*) => { $(
        op!($name fast(_s, _w) {
            Ctl::Second
        } second(s, w) {
            let matched = class_of(s.get(b(w))).flags.has(class::$flag);
            s.set(a(w), Value::bool(matched));
            s.skip(1)
        });
    )* };
}
class_tests! {
    MatchSequence SEQUENCE;
    MatchMapping MAPPING;
}

op!(MatchKeys slow(vm, w) {
    let values = match_keys(vm.get(b(w)), vm.get(c(w)))?;
    vm.set(a(w), values);
    Ok(Flow::Next)
});

fn match_keys(subject: Value, keys: Value) -> R {
    let Some(keys) = keys.cast::<Tuple>() else { return Ok(Value::none()) };
    let values = GcVec::with_capacity(keys.len());
    if let Some(dict) = subject.cast_exact::<Dict>() {
        return match_dict_keys(dict, keys, values);
    }
    let mut values = values;
    let get = lookup::get_attr(subject, interned!("get"))?;
    // Any fresh object serves as "not there".
    let missing = list_from_slice(&[]).value();
    check_duplicates(keys)?;
    for key in keys.items() {
        let value = objects::call::call(get, &[*key, missing])?;
        if value == missing {
            return Ok(Value::none());
        }
        values.push(value);
    }
    Ok(new_tuple(values.as_slice()).value())
}

fn match_dict_keys(dict: objects::layout::Gc<Dict>, keys: objects::layout::Gc<Tuple>, mut values: GcVec) -> R {
    check_duplicates(keys)?;
    for key in keys.items() {
        match objects::dict::dict_get(dict, *key)? {
            Some(value) => values.push(value),
            None => return Ok(Value::none()),
        }
    }
    Ok(new_tuple(values.as_slice()).value())
}

fn check_duplicates(keys: objects::layout::Gc<Tuple>) -> R<()> {
    if keys.len() < 2 {
        return Ok(());
    }
    let seen = set::new_set();
    for key in keys.items() {
        if !set::set_add(seen.any(), *key)? {
            return Err(value_error!("mapping pattern checks duplicate key ({})", protocol::repr(*key)?.to_string_lossy()));
        }
    }
    Ok(())
}

op!(MatchClass fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    // Most patterns of a statement do not fit, and most classes leave telling so to `type` and `object`.
    if !protocol::is_plainly_no_instance(s.get(b(w)), s.get(b(w) + 1)) {
        return Ctl::Slow;
    }
    s.set(a(w), Value::none());
    s.skip(1)
} slow(vm, w) {
    let (subject, class, names) = (vm.get(b(w)), vm.get(b(w) + 1), vm.get(b(w) + 2));
    let attributes = match_class(subject, class, names, c(w))?;
    vm.set(a(w), attributes.unwrap_or(Value::none()));
    Ok(Flow::Next)
});

/// Attribute names that a class pattern asked for already. Few, so a list does, and the first of them need no memory.
#[derive(Default)]
struct Seen {
    first: [u64; 6],
    count: usize,
    more: Vec<u64>,
}

impl Seen {
    /// False if the name was there.
    fn add(&mut self, name: objects::layout::Gc<Str>) -> bool {
        let raw = objects::intern::intern_str(name).value().raw();
        let fresh = !self.first[..self.count].contains(&raw) && !self.more.contains(&raw);
        if self.count < self.first.len() {
            self.first[self.count] = raw;
            self.count += 1;
        } else {
            self.more.push(raw);
        }
        fresh
    }
}

fn match_class(subject: Value, class: Value, names: Value, positional: usize) -> R<Option<Value>> {
    let Some(kind) = class.cast::<Class>() else {
        return Err(type_error!("called match pattern must be a class"));
    };
    if class_of(subject) != kind && !protocol::isinstance(subject, class)? {
        return Ok(None);
    }
    let names = names.cast::<Tuple>();
    let names: &[Value] = match &names {
        Some(names) => names.items(),
        None => &[],
    };
    let mut seen = Seen::default();
    let mut attributes = Attributes::with_room(positional + names.len());
    if positional > 0 && !positional_attributes(subject, kind, positional, &mut seen, &mut attributes)? {
        return Ok(None);
    }
    for name in names {
        match attribute(subject, kind, *name, &mut seen)? {
            Some(value) => attributes.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(new_tuple(attributes.values()).value()))
}

/// The attributes that a pattern asked for, in order: a few are kept on the native stack.
enum Attributes {
    Few([Value; FEW], usize),
    Many(GcVec),
}
const FEW: usize = 6;

impl Attributes {
    fn with_room(count: usize) -> Attributes {
        if count <= FEW { Attributes::Few([Value::none(); FEW], 0) } else { Attributes::Many(GcVec::with_capacity(count)) }
    }
    fn push(&mut self, value: Value) {
        match self {
            Attributes::Few(values, count) => {
                values[*count] = value;
                *count += 1;
            }
            Attributes::Many(values) => values.push(value),
        }
    }
    fn values(&self) -> &[Value] {
        match self {
            Attributes::Few(values, count) => &values[..*count],
            Attributes::Many(values) => values.as_slice(),
        }
    }
}

type ClassRef = objects::layout::Gc<Class>;

/// `class.__match_args__`.
fn match_args(class: ClassRef) -> R<Option<Value>> {
    let name = interned!("__match_args__");
    if class_of(class.value()) == Class::class()
        && let Some(found) = lookup::type_lookup(class, name)
        && found.is_instance_of_layout::<Tuple>()
    {
        return Ok(Some(found));
    }
    lookup::get_attr_opt(class.value(), name)
}

fn positional_attributes(subject: Value, class: ClassRef, count: usize, seen: &mut Seen, attributes: &mut Attributes) -> R<bool> {
    let match_args = match_args(class)?;
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
        attributes.push(subject);
        return Ok(true);
    }
    for name in &names[..count] {
        if !name.is_instance_of_layout::<Str>() {
            return Err(type_error!("__match_args__ elements must be strings (got {})", class_name(*name)));
        }
        match attribute(subject, class, *name, seen)? {
            Some(value) => attributes.push(value),
            None => return Ok(false),
        }
    }
    std::hint::black_box(match_args);
    Ok(true)
}

fn attribute(subject: Value, class: ClassRef, name: Value, seen: &mut Seen) -> R<Option<Value>> {
    let Some(text) = name.cast::<Str>() else { return Ok(None) };
    if !seen.add(text) {
        return Err(type_error!(
            "{}() got multiple sub-patterns for attribute {}",
            class.name_text(),
            protocol::repr(name)?.to_string_lossy()
        ));
    }
    lookup::get_attr_opt(subject, objects::intern::intern_str(text))
}
