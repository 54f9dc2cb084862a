//! `_count_elements`: the loop behind `Counter`.

use objects::dict::{dict_get_hashed, dict_set_hashed, key_hash};
use objects::int::{IntView, int_add, int_view};
use objects::{BinaryOp, Cast, Dict, Layout, R, Value, binary_op, class_of, get_attr, interned, new_int, type_lookup};

pub fn count_elements(mapping: Value, iterable: Value) -> R<()> {
    let iterator = objects::iter(iterable)?;
    let one = Value::small(1);
    if let Some(dict) = mapping.cast::<Dict>()
        && uses_dict_methods(mapping)
    {
        while let Some(item) = objects::next(iterator)? {
            let hash = key_hash(item)?;
            let count = match dict_get_hashed(dict, item, hash)? {
                None => one,
                Some(count) => increment(count)?,
            };
            dict_set_hashed(dict, item, hash, count)?;
        }
        return Ok(());
    }
    let get = get_attr(mapping, interned!("get"))?;
    while let Some(item) = objects::next(iterator)? {
        let count = objects::call(get, &[item, Value::small(0)])?;
        objects::set_item(mapping, item, increment(count)?)?;
    }
    Ok(())
}

/// Whether the mapping gets and sets items as plain dicts do.
fn uses_dict_methods(mapping: Value) -> bool {
    let (class, dict) = (class_of(mapping), Dict::class());
    type_lookup(class, interned!("get")) == type_lookup(dict, interned!("get"))
        && type_lookup(class, interned!("__setitem__")) == type_lookup(dict, interned!("__setitem__"))
}

fn increment(count: Value) -> R {
    if count.is_int() {
        return Ok(new_int(count.as_int() + 1));
    }
    match int_view(count) {
        Some(view) => Ok(int_add(view, IntView::Small(1))),
        None => binary_op(BinaryOp::Add, count, Value::small(1)),
    }
}
