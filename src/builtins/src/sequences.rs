//! What the skins of `list`, `tuple` and `range` share: reading indices and bounds, ordering, the single optional argument of constructors.

use objects::args::Args;
use objects::error::{R, overflow_error, type_error};
use objects::{Class, CompareOp, Gc, Value, class_name, class_of, compare, number};

/// A subscript as an index, or the TypeError that names the sequence.
#[inline(always)]
pub fn subscript_index(key: Value, sequence: &str) -> R<i64> {
    if key.is_int() { Ok(key.as_int()) } else { subscript_index_slow(key, sequence) }
}

#[inline(never)]
fn subscript_index_slow(key: Value, sequence: &str) -> R<i64> {
    if class_of(key).slots.index.get().is_none() {
        return Err(type_error!("{sequence} indices must be integers or slices, not {}", class_name(key)));
    }
    objects::index_for(key)
}

/// The start or stop argument of `index()`.
pub fn search_bound(value: Option<Value>, default: i64) -> R<i64> {
    match value {
        None => Ok(default),
        Some(value) => match number::try_index(value)? {
            Some(index) => Ok(number::clamp_to_i64(index)),
            None => Err(type_error!("slice indices must be integers or have an __index__ method")),
        },
    }
}

/// The count of `sequence * count`.
pub fn repeat_count(value: Value) -> R<i64> {
    match number::try_index(value)? {
        Some(index) => match number::to_i64(index) {
            Some(count) => Ok(count),
            None => Err(overflow_error!("cannot fit '{}' into an index-sized integer", class_name(value))),
        },
        None => Err(type_error!("can't multiply sequence by non-int of type '{}'", class_name(value))),
    }
}

/// The outcome of ordering two sequences whose first differing items, or else whose lengths, are given.
pub fn order(op: CompareOp, difference: Option<(Value, Value)>, lengths: (usize, usize)) -> R {
    match (difference, op) {
        (None, _) => Ok(Value::bool(op.holds(lengths.0.cmp(&lengths.1)))),
        (Some(_), CompareOp::Eq) => Ok(Value::false_()),
        (Some(_), CompareOp::Ne) => Ok(Value::true_()),
        (Some((left, right)), _) => compare(op, left, right),
    }
}

/// The argument of a constructor that takes at most one and no keywords (instances of subclasses with their own `__init__` may get more
/// than the base class looks at).
pub fn only_argument(args: Args, name: &str, strict_keywords: bool) -> R<Option<Value>> {
    if strict_keywords {
        args.no_keywords(name)?;
    }
    args.check_count(name, 0, 1)?;
    Ok(args.get(0))
}

/// Whether `class` constructs its instances exactly as `base` does.
pub fn same_new(class: Gc<Class>, base: Gc<Class>) -> bool {
    class == base || class.slots.new.get().map(|f| f as usize) == base.slots.new.get().map(|f| f as usize)
}

/// Whether `class` initialises its instances exactly as `base` does.
pub fn same_init(class: Gc<Class>, base: Gc<Class>) -> bool {
    class == base || class.slots.init.get().map(|f| f as usize) == base.slots.init.get().map(|f| f as usize)
}

/// `cls[item]` for generic containers.
pub fn generic_alias(class: Gc<Class>, item: Value) -> R {
    objects::door::generic_alias(class.value(), item)
}

/// The integer that pickles hand to `__setstate__`.
pub fn state_position(state: Value) -> R<i64> {
    match number::try_index(state)? {
        Some(index) => match number::to_i64(index) {
            Some(position) => Ok(position),
            None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
        },
        None => Err(type_error!("an integer is required")),
    }
}
