//! `OrderedDict`: a dict whose order counts. Plain dicts keep order already; here are moving, taking from both ends, comparison with
//! order, and iteration both ways that notices changes (`ordered_views.rs`).

use crate::collections::ordered_views::{self as views, Stamp};
use native_macros::{Layout, native_class};
use objects::containers::ReprScope;
use objects::dict::{self, Dict, dict_set};
use objects::dict_views::Part;
use objects::{
    Args, Cast, Class, Gc, Kwargs, Layout, R, Slot, Value, call, call_method, class_of, get_attr_opt, intern_str, interned,
    key_error, new_dict, new_str, new_tuple, runtime_error, type_error, type_lookup, value_error,
};
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Layout)]
#[layout(parent = Dict)]
#[repr(C)]
pub struct OrderedDict {
    pub base: Dict,
    /// No live entry of the table with that version lies before that position.
    front_version: AtomicU64,
    front_position: AtomicU64,
    /// A key that a method of dict itself has removed: the order has it still, and who asks for its value gets a KeyError.
    lost: Slot,
}

pub fn as_dict(this: Gc<OrderedDict>) -> Gc<Dict> {
    // SAFETY: the layout begins with that of dict.
    unsafe { this.cast_unchecked() }
}

pub fn mutated() -> objects::Raised {
    runtime_error!("OrderedDict mutated during iteration")
}

/// Whether the class stores items as OrderedDict itself does.
fn stores_directly(this: Gc<OrderedDict>) -> bool {
    let class = class_of(this.value());
    class == OrderedDict::class()
        || type_lookup(class, interned!("__setitem__")) == type_lookup(OrderedDict::class(), interned!("__setitem__"))
}

fn store(this: Gc<OrderedDict>, key: Value, value: Value) -> R<()> {
    if stores_directly(this) { dict_set(as_dict(this), key, value) } else { objects::set_item(this.value(), key, value) }
}

/// To be told what the methods of dict itself remove.
pub fn watch_removals() {
    let _ = dict::REMOVED_BELOW.set(|dict, key| {
        if let Some(this) = dict.value().cast::<OrderedDict>() {
            this.lost.set(key);
        }
    });
}

/// KeyError for a key that is in the order alone.
fn check_lost(dict: Gc<Dict>) -> R<()> {
    match dict.value().cast::<OrderedDict>().and_then(|this| this.lost.get()) {
        Some(key) => Err(key_error(key)),
        None => Ok(()),
    }
}

/// The value of an item as a lookup finds it. Keys whose hash or equality are Python code may have changed meanwhile.
pub fn looked_up(dict: Gc<Dict>, key: Value, value: Value) -> R {
    check_lost(dict)?;
    let is_fixed = !key.is_ptr() || key.cast_exact::<objects::Str>().is_some();
    if is_fixed { Ok(value) } else { dict::dict_get_item(dict, key) }
}

/// `update(source)`.
fn update(this: Gc<OrderedDict>, source: Value) -> R<()> {
    if let Some(source) = source.cast_exact::<Dict>() {
        for (key, value) in dict::dict_items(source) {
            store(this, key, value)?;
        }
        return Ok(());
    }
    if let Some(keys) = get_attr_opt(source, interned!("keys"))? {
        let keys = objects::to_vec(call(keys, &[])?)?;
        for key in keys {
            store(this, key, objects::get_item(source, key)?)?;
        }
        return Ok(());
    }
    let pairs = match get_attr_opt(source, interned!("items"))? {
        Some(items) => call(items, &[])?,
        None => source,
    };
    objects::iterate(pairs, |pair| {
        let parts = objects::to_vec(pair)?;
        match *parts {
            [key, value] => store(this, key, value),
            [] | [_] => {
                Err(value_error!("need more than {} value{} to unpack", parts.len(), if parts.len() == 1 { "" } else { "s" }))
            }
            _ => Err(value_error!("too many values to unpack (expected 2)")),
        }
    })
}

fn update_with(this: Gc<OrderedDict>, source: Option<Value>, kwargs: Kwargs) -> R<()> {
    if let Some(source) = source {
        update(this, source)?;
    }
    for (name, value) in kwargs.iter() {
        store(this, name.value(), value)?;
    }
    Ok(())
}

fn same_order(a: Gc<OrderedDict>, b: Gc<OrderedDict>) -> R<bool> {
    let (stamp_a, stamp_b) = (Stamp::of(as_dict(a)), Stamp::of(as_dict(b)));
    let (keys_a, keys_b) = (dict::dict_keys(as_dict(a)), dict::dict_keys(as_dict(b)));
    for (x, y) in keys_a.iter().zip(&keys_b) {
        let equal = objects::eq(*x, *y)?;
        if !stamp_a.still(as_dict(a)) || !stamp_b.still(as_dict(b)) {
            return Err(mutated());
        }
        if !equal {
            return Ok(false);
        }
    }
    Ok(keys_a.len() == keys_b.len())
}

fn equal(this: Gc<OrderedDict>, other: Value) -> R<Option<bool>> {
    let Some(dict) = other.cast::<Dict>() else { return Ok(None) };
    if !dict::dict_equal(as_dict(this), dict)? {
        return Ok(Some(false));
    }
    match other.cast::<OrderedDict>() {
        Some(other) => same_order(this, other).map(Some),
        None => Ok(Some(true)),
    }
}

/// Takes an item from the end or the front.
fn pop_item(this: Gc<OrderedDict>, last: bool) -> Option<(Value, Value)> {
    let dict = as_dict(this);
    if last {
        return dict::dict_pop_last(dict);
    }
    let version = dict.table().version();
    let known = this.front_version.load(Ordering::Relaxed) == version;
    let from = if known { this.front_position.load(Ordering::Relaxed) as usize } else { 0 };
    let (next, key, value) = dict::dict_pop_first(dict, from)?;
    if dict.table().version() == version {
        this.front_version.store(version, Ordering::Relaxed);
        this.front_position.store(next as u64, Ordering::Relaxed);
    }
    Some((key, value))
}

fn copy(this: Gc<OrderedDict>) -> R {
    let class = class_of(this.value());
    let exact = class == OrderedDict::class();
    let fresh = call(class.value(), &[])?;
    for (name, value) in objects::shape::instance_attributes(this.value()) {
        if let Some(name) = name.cast::<objects::Str>() {
            objects::set_attr(fresh, intern_str(name), value)?;
        }
    }
    check_lost(as_dict(this))?;
    let stamp = Stamp::of(as_dict(this));
    let check = || if stamp.still(as_dict(this)) { Ok(()) } else { Err(mutated()) };
    for (key, value) in dict::dict_items(as_dict(this)) {
        let value = if exact { looked_up(as_dict(this), key, value)? } else { objects::get_item(this.value(), key)? };
        check()?;
        match fresh.cast::<OrderedDict>() {
            Some(fresh) => store(fresh, key, value)?,
            None => objects::set_item(fresh, key, value)?,
        }
        check()?;
    }
    Ok(fresh)
}

/// Dictionary that remembers insertion order and compares by it.
#[native_class(name = "collections.OrderedDict", base = dict, flags = "dict weakref")]
impl OrderedDict {
    #[sig("(*args, **kwargs)", hidden)]
    fn __init__(this: Gc<OrderedDict>, args: Args) -> R<()> {
        if args.len() > 1 {
            return Err(type_error!("expected at most 1 argument, got {}", args.len()));
        }
        update_with(this, args.get(0), Kwargs::all(args))
    }
    fn __setitem__(this: Gc<OrderedDict>, key: Value, value: Value) -> R<()> {
        dict_set(as_dict(this), key, value)?;
        if let Some(lost) = this.lost.get()
            && objects::eq(lost, key)?
        {
            this.lost.clear();
        }
        Ok(())
    }
    fn __delitem__(this: Gc<OrderedDict>, key: Value) -> R<()> {
        dict::dict_del_item(as_dict(this), key)
    }
    fn __iter__(this: Gc<OrderedDict>) -> R {
        Ok(views::new_iter(as_dict(this), Part::Keys, false))
    }
    /// od.__reversed__() <==> reversed(od)
    fn __reversed__(this: Gc<OrderedDict>) -> R {
        Ok(views::new_iter(as_dict(this), Part::Keys, true))
    }
    fn __eq__(this: Gc<OrderedDict>, other: Value) -> R {
        Ok(equal(this, other)?.map_or(Value::not_implemented(), Value::bool))
    }
    fn __ne__(this: Gc<OrderedDict>, other: Value) -> R {
        Ok(equal(this, other)?.map_or(Value::not_implemented(), |equal| Value::bool(!equal)))
    }
    fn __lt__(_this: Gc<OrderedDict>, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __le__(_this: Gc<OrderedDict>, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __gt__(_this: Gc<OrderedDict>, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __ge__(_this: Gc<OrderedDict>, _other: Value) -> Value {
        Value::not_implemented()
    }
    fn __or__(this: Gc<OrderedDict>, other: Value) -> R {
        if other.cast::<Dict>().is_none() {
            return Ok(Value::not_implemented());
        }
        merged(this, this.value(), other)
    }
    fn __ror__(this: Gc<OrderedDict>, other: Value) -> R {
        if other.cast::<Dict>().is_none() {
            return Ok(Value::not_implemented());
        }
        merged(this, other, this.value())
    }
    fn __ior__(this: Gc<OrderedDict>, other: Value) -> R {
        update(this, other)?;
        Ok(this.value())
    }
    fn __repr__(this: Gc<OrderedDict>) -> R<String> {
        let name = class_of(this.value()).name_text();
        if as_dict(this).is_empty() {
            return Ok(format!("{name}()"));
        }
        let Some(_scope) = ReprScope::enter(this.value()) else { return Ok("...".to_owned()) };
        let plain = if class_of(this.value()) == OrderedDict::class() {
            for (key, value) in dict::dict_items(as_dict(this)) {
                looked_up(as_dict(this), key, value)?;
            }
            dict::dict_copy(as_dict(this))?
        } else {
            let items = new_dict();
            dict::dict_merge_pairs(items, call_method(this.value(), interned!("items"), &[])?)?;
            items
        };
        Ok(format!("{name}({})", objects::repr(plain.value())?.to_string_lossy()))
    }
    /// What pickle needs to make the same object
    fn __reduce__(this: Gc<OrderedDict>) -> R {
        let state = call_method(this.value(), interned!("__getstate__"), &[])?;
        let items = objects::iter(call_method(this.value(), interned!("items"), &[])?)?;
        Ok(new_tuple(&[class_of(this.value()).value(), new_tuple(&[]).value(), state, Value::none(), items]).value())
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(this: Gc<OrderedDict>) -> usize {
        std::mem::size_of::<OrderedDict>() + as_dict(this).table().size_in_bytes()
    }
    /// Take out all items.
    fn clear(this: Gc<OrderedDict>) {
        this.lost.clear();
        dict::dict_clear(as_dict(this));
    }
    /// A copy with the same items in the same order.
    fn copy(this: Gc<OrderedDict>) -> R {
        copy(this)
    }
    /// A new ordered dictionary with the keys of the iterable, all with that value.
    #[classmethod]
    #[sig("($type, /, iterable, value=None)")]
    fn fromkeys(cls: Gc<Class>, iterable: Value, value: Option<Value>) -> R {
        let value = value.unwrap_or(Value::none());
        let fresh = call(cls.value(), &[])?;
        objects::iterate(iterable, |key| match fresh.cast::<OrderedDict>() {
            Some(fresh) => store(fresh, key, value),
            None => objects::set_item(fresh, key, value),
        })?;
        Ok(fresh)
    }
    /// A set-like view of the items.
    fn items(this: Gc<OrderedDict>) -> Value {
        views::new_view(as_dict(this), Part::Items)
    }
    /// A set-like view of the keys.
    fn keys(this: Gc<OrderedDict>) -> Value {
        views::new_view(as_dict(this), Part::Keys)
    }
    /// A view of the values.
    fn values(this: Gc<OrderedDict>) -> Value {
        views::new_view(as_dict(this), Part::Values)
    }
    /// Put a key at the end, or at the beginning if last is false.
    ///
    /// Raises KeyError if the key is not there.
    #[sig("(key, last=True)")]
    fn move_to_end(this: Gc<OrderedDict>, key: Value, last: bool) -> R<()> {
        if dict::dict_move_key(as_dict(this), key, last)? { Ok(()) } else { Err(key_error(key)) }
    }
    /// Remove a key and return its value.
    ///
    /// If the key is not there, return the default if given, else raise
    /// KeyError.
    #[sig("(key, default=<unrepresentable>)")]
    fn pop(this: Gc<OrderedDict>, key: Value, default: Option<Value>) -> R {
        match dict::dict_remove(as_dict(this), key)?.or(default) {
            Some(value) => Ok(value),
            None => Err(key_error(key)),
        }
    }
    /// Remove and return an item, the last one or the first one.
    #[sig("(last=True)")]
    fn popitem(this: Gc<OrderedDict>, last: bool) -> R {
        match pop_item(this, last) {
            Some((key, value)) => Ok(new_tuple(&[key, value]).value()),
            None => Err(key_error(new_str("dictionary is empty"))),
        }
    }
    /// The value of a key; one that is not there is put in with the default as its value.
    #[sig("(key, default=None)")]
    fn setdefault(this: Gc<OrderedDict>, key: Value, default: Option<Value>) -> R {
        let default = default.unwrap_or(Value::none());
        if class_of(this.value()) == OrderedDict::class() {
            return dict::dict_set_default(as_dict(this), key, default);
        }
        if objects::contains(this.value(), key)? {
            return objects::get_item(this.value(), key);
        }
        objects::set_item(this.value(), key, default)?;
        Ok(default)
    }
    /// D.update([E, ]**F) -> None.  Set the items of the mapping or iterable E,
    /// then those of F.
    fn update(this: Gc<OrderedDict>, args: Args) -> R<()> {
        if args.len() > 1 {
            return Err(type_error!("update() takes at most 1 positional argument ({} given)", args.len()));
        }
        update_with(this, args.get(0), Kwargs::all(args))
    }
}

fn merged(this: Gc<OrderedDict>, first: Value, second: Value) -> R {
    let fresh = call(class_of(this.value()).value(), &[first])?;
    match fresh.cast::<OrderedDict>() {
        Some(target) => update(target, second)?,
        None => {
            call_method(fresh, interned!("update"), &[second])?;
        }
    }
    Ok(fresh)
}
