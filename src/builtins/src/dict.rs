//! The Python-visible skin of `dict`. Must not know: tables. Views and iterators are in `dict_views.rs`.

use crate::sequences::generic_alias;
use native_macros::native_class;
use objects::args::Args;
use objects::dict::{self, Dict, OnClash};
use objects::dict_views::{Part, new_dict_iter, new_view};
use objects::error::{R, key_error};
use objects::{Class, Gc, Layout, Str, Value};

pub struct DictSkin;

/// dict() -> new empty dictionary
/// dict(mapping) -> new dictionary with the pairs of the mapping
/// dict(iterable) -> new dictionary with the (key, value) pairs that it gives
/// dict(**kwargs) -> new dictionary of the arguments, e.g. dict(one=1, two=2)
#[native_class(name = "dict", layout = Dict, base = object, flags = "mapping match_self")]
impl DictSkin {
    #[new]
    fn construct(cls: Gc<Class>, _args: Args) -> R {
        Ok(dict::dict_alloc(cls).value())
    }
    fn __init__(this: Gc<Dict>, args: Args) -> R<()> {
        update_from_args(this, args, "dict")
    }
    fn __repr__(this: Gc<Dict>) -> R<Gc<Str>> {
        dict::dict_repr(this)
    }
    fn __eq__(this: Gc<Dict>, other: Gc<Dict>) -> R {
        Ok(Value::bool(dict::dict_equal(this, other)?))
    }
    fn __ne__(this: Gc<Dict>, other: Gc<Dict>) -> R {
        Ok(Value::bool(!dict::dict_equal(this, other)?))
    }
    fn __lt__(_this: Gc<Dict>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __le__(_this: Gc<Dict>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __gt__(_this: Gc<Dict>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __ge__(_this: Gc<Dict>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __iter__(this: Gc<Dict>) -> R {
        Ok(new_dict_iter(this, Part::Keys, false))
    }
    fn __or__(this: Gc<Dict>, other: Gc<Dict>) -> R {
        merged(this, other)
    }
    fn __ror__(this: Gc<Dict>, other: Gc<Dict>) -> R {
        merged(other, this)
    }
    fn __ior__(this: Gc<Dict>, other: Value) -> R {
        dict::dict_update(this, other)?;
        Ok(this.value())
    }
    fn __len__(this: Gc<Dict>) -> usize {
        this.len()
    }
    /// Return self[key].
    fn __getitem__(this: Gc<Dict>, key: Value) -> R {
        dict::dict_subscript(this, key)
    }
    fn __setitem__(this: Gc<Dict>, key: Value, value: Value) -> R<()> {
        dict::dict_set(this, key, value)
    }
    fn __delitem__(this: Gc<Dict>, key: Value) -> R<()> {
        dict::dict_del_item(this, key)?;
        dict::removed_below(this, key);
        Ok(())
    }
    /// Whether the dictionary has the key.
    fn __contains__(this: Gc<Dict>, key: Value) -> R<bool> {
        dict::dict_contains(this, key)
    }
    /// The number of bytes that the dict takes in memory.
    fn __sizeof__(this: Gc<Dict>) -> usize {
        size_of::<Dict>() + this.table().size_in_bytes()
    }
    /// The value for key, or default if the dictionary does not have key.
    #[sig("(key, default=None, /)")]
    fn get(this: Gc<Dict>, key: Value, default: Option<Value>) -> R {
        Ok(dict::dict_get(this, key)?.or(default).unwrap_or(Value::none()))
    }
    /// The value for key, which is set to default first if the dictionary does not
    /// have key.
    #[sig("(key, default=None, /)")]
    fn setdefault(this: Gc<Dict>, key: Value, default: Option<Value>) -> R {
        dict::dict_set_default(this, key, default.unwrap_or(Value::none()))
    }
    /// D.pop(k[,d]) -> v, the value of the key, which is removed.
    ///
    /// If there is no such key, the default is returned, or KeyError raised if none
    /// is given.
    fn pop(this: Gc<Dict>, key: Value, default: Option<Value>) -> R {
        if this.is_empty() {
            // An empty dict does not even hash the key.
            return default.ok_or_else(|| key_error(key));
        }
        if let Some(value) = dict::dict_remove(this, key)? {
            dict::removed_below(this, key);
            return Ok(value);
        }
        default.ok_or_else(|| key_error(key))
    }
    /// Remove the pair that was put in last and return it as (key, value).
    ///
    /// Raises KeyError if the dict is empty.
    fn popitem(this: Gc<Dict>) -> R {
        dict::dict_pop_item(this)
    }
    /// A view of the keys, which acts like a set.
    fn keys(this: Gc<Dict>) -> Value {
        new_view(this, Part::Keys)
    }
    /// A view of the (key, value) pairs, which acts like a set.
    fn items(this: Gc<Dict>) -> Value {
        new_view(this, Part::Items)
    }
    /// A view of the values.
    fn values(this: Gc<Dict>) -> Value {
        new_view(this, Part::Values)
    }
    /// D.update([E, ]**F) -> None.  Set the items of E, then those of F.
    ///
    /// An E with a .keys() method gives its keys and their values; any other E
    /// gives pairs.
    fn update(this: Gc<Dict>, args: Args) -> R<()> {
        update_from_args(this, args, "update")
    }
    /// A new dictionary with the keys of the iterable, all with that value.
    #[classmethod]
    #[sig("(iterable, value=None, /)")]
    fn fromkeys(cls: Gc<Class>, iterable: Value, value: Option<Value>) -> R {
        let value = value.unwrap_or(Value::none());
        if cls == Dict::class() {
            return Ok(dict::dict_from_keys(iterable, value)?.value());
        }
        let made = objects::call(cls.value(), &[])?;
        if let Some(plain) = objects::Cast::cast_exact::<Dict>(made) {
            objects::iterate(iterable, |key| dict::dict_set(plain, key, value))?;
        } else {
            objects::iterate(iterable, |key| objects::set_item(made, key, value))?;
        }
        Ok(made)
    }
    /// Take out all items.
    fn clear(this: Gc<Dict>) {
        dict::dict_clear(this);
    }
    /// A new dict with the same items.
    fn copy(this: Gc<Dict>) -> R<Gc<Dict>> {
        dict::dict_copy(this)
    }
    /// An iterator over the keys from last to first.
    fn __reversed__(this: Gc<Dict>) -> Value {
        new_dict_iter(this, Part::Keys, true)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        generic_alias(cls, object)
    }
}

fn merged(left: Gc<Dict>, right: Gc<Dict>) -> R {
    let result = dict::dict_copy(left)?;
    dict::dict_merge_mapping(result, right.value(), OnClash::Replace)?;
    Ok(result.value())
}

/// `dict(...)` and `update(...)`: at most one positional argument, then keywords.
fn update_from_args(this: Gc<Dict>, args: Args, name: &str) -> R<()> {
    args.check_count(name, 0, 1)?;
    if let Some(source) = args.get(0) {
        dict::dict_update(this, source)?;
    }
    for (key, value) in args.keywords() {
        dict::dict_set(this, key, value)?;
    }
    Ok(())
}
