//! The protocols of the data model for native code: truth, length, hashing, text, iteration, items, containment, numbers,
//! `isinstance`. Operators are in `operators.rs`, attributes in `lookup.rs`, calls in `call.rs`.

pub use crate::call::call_method;
use crate::class::{self, Class, class_name, class_of};
use crate::error::{R, Raised, index_error, overflow_error, type_error, value_error};
use crate::exception as exc;
use crate::gc_vec::GcVec;
use crate::int::{IntObject, IntView, int_view, is_int};
use crate::interned;
use crate::iterators::{ListIter, TupleIter};
use crate::layout::{Cast, Gc, Layout};
use crate::list::List;
use crate::lookup::{get_attr_opt, lookup_special, type_lookup};
pub use crate::operators::{CompareOp, binary_op, compare, compare_bool, eq};
use crate::str::{Str, new_str};
use crate::thread;
use crate::tuple::Tuple;
use heap::Value;

/// `bool(value)`.
#[inline]
pub fn is_true(value: Value) -> R<bool> {
    if value.is_true() {
        return Ok(true);
    }
    if value.is_false() || value.is_none() {
        return Ok(false);
    }
    if value.is_int() {
        return Ok(value.as_int() != 0);
    }
    if value.is_float() {
        return Ok(value.as_float() != 0.0);
    }
    is_true_slow(value)
}
#[inline(never)]
fn is_true_slow(value: Value) -> R<bool> {
    let slots = &class_of(value).slots;
    if let Some(function) = slots.bool.get() {
        return function(value);
    }
    if let Some(function) = slots.len.get() {
        return Ok(function(value)? != 0);
    }
    Ok(true)
}

/// `len(value)`.
#[inline]
pub fn len(value: Value) -> R<usize> {
    match class_of(value).slots.len.get() {
        Some(function) => function(value),
        None => no_len(value),
    }
}
#[cold]
#[inline(never)]
fn no_len(value: Value) -> R<usize> {
    Err(type_error!("object of type '{}' has no len()", class_name(value)))
}

/// The result of a Python-level `__len__`.
pub fn index_as_len(value: Value) -> R<usize> {
    let number = index_object(value)?;
    match int_view(number) {
        Some(view) if view.is_negative() => Err(value_error!("__len__() should return >= 0")),
        Some(view) => match view.to_i64() {
            Some(length) => Ok(length as usize),
            None => Err(overflow_error!("cannot fit 'int' into an index-sized integer")),
        },
        None => Err(type_error!("'{}' object cannot be interpreted as an integer", class_name(value))),
    }
}

/// `operator.length_hint(value, default)`.
pub fn length_hint(value: Value, default: usize) -> R<usize> {
    if let Some(function) = class_of(value).slots.len.get() {
        match function(value) {
            Ok(length) => return Ok(length),
            Err(raised) if raised.is(&exc::TYPE_ERROR) => raised.clear(),
            Err(raised) => return Err(raised),
        }
    }
    let Some(hint) = lookup_special(value, interned!("__length_hint__"))? else { return Ok(default) };
    let result = match hint.call(&[]) {
        Ok(result) => result,
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            return Ok(default);
        }
        Err(raised) => return Err(raised),
    };
    if result.is_not_implemented() {
        return Ok(default);
    }
    match int_view(result) {
        None => Err(type_error!("__length_hint__ must be an integer, not {}", class_name(result))),
        Some(view) if view.is_negative() => Err(value_error!("__length_hint__() should return >= 0")),
        Some(view) => match view.to_i64() {
            Some(length) => Ok(length as usize),
            None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
        },
    }
}

/// `hash(value)`.
#[inline]
pub fn hash(value: Value) -> R<i64> {
    if value.is_int() {
        return Ok(base::hash::hash_i64(value.as_int()));
    }
    if value.is_ptr() {
        if let Some(text) = value.cast_exact::<Str>() {
            return Ok(text.hash());
        }
        return hash_slow(value);
    }
    Ok(hash_float(value))
}
fn hash_float(value: Value) -> i64 {
    let number = value.as_float();
    // NaNs are boxed by value here, so they share one hash.
    if number.is_nan() { base::hash::hash_address(value.raw() as usize) } else { base::hash::hash_f64(number) }
}
#[inline(never)]
fn hash_slow(value: Value) -> R<i64> {
    match class_of(value).slots.hash.get() {
        Some(function) => function(value),
        None => Err(unhashable(value)),
    }
}
#[cold]
pub fn unhashable(value: Value) -> Raised {
    type_error!("unhashable type: '{}'", class_name(value))
}
/// The default hash: by identity.
pub fn identity_hash(value: Value) -> i64 {
    base::hash::hash_address(value.raw() as usize)
}
/// The result of a Python-level `__hash__`.
pub fn hash_result(value: Value) -> R<i64> {
    match int_view(value) {
        Some(view) => Ok(match view.to_i64() {
            Some(-1) => -2,
            Some(number) => number,
            None => view.hash(),
        }),
        None => Err(type_error!("__hash__ method should return an integer")),
    }
}

/// `repr(value)`.
pub fn repr(value: Value) -> R<Gc<Str>> {
    let _guard = thread::enter_recursion_in(" while getting the repr of an object")?;
    let Some(function) = class_of(value).slots.repr.get() else { return Ok(default_repr(value)) };
    let result = function(value)?;
    match result.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("__repr__ returned non-string (type {})", class_name(result))),
    }
}
/// `<module.Class object at 0x...>`.
pub fn default_repr(value: Value) -> Gc<Str> {
    let class = class_of(value);
    let name = crate::class::class_full_name(class);
    let module = crate::dict::dict_get_str(class.dict(), interned!("__module__")).and_then(|module| module.cast::<Str>());
    let main = module.is_some_and(|module| module.as_str() == Some("__main__"));
    Str::new(&format!("<{}{name} object at {:#x}>", if main { "__main__." } else { "" }, value.raw()))
}
/// `str(value)`.
pub fn str_of(value: Value) -> R<Gc<Str>> {
    if let Some(text) = value.cast_exact::<Str>() {
        return Ok(text);
    }
    let Some(function) = class_of(value).slots.str.get() else { return repr(value) };
    let _guard = thread::enter_recursion_in(" while getting the str of an object")?;
    let result = function(value)?;
    match result.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("__str__ returned non-string (type {})", class_name(result))),
    }
}
/// `repr(value)` for messages: never fails.
pub fn repr_lossy(value: Value) -> String {
    match repr(value) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => {
            raised.clear();
            format!("<unprintable {} object>", class_name(value))
        }
    }
}
/// `ascii(value)`.
pub fn ascii(value: Value) -> R<Gc<Str>> {
    let text = repr(value)?;
    if text.is_ascii() {
        return Ok(text);
    }
    Str::from_buf(&base::text::ascii_escaped(text.text()))
}
/// `format(value, spec)`.
pub fn format(value: Value, spec: Gc<Str>) -> R<Gc<Str>> {
    if let Some(text) = crate::format::format_exact(value, spec) {
        return text;
    }
    let Some(method) = lookup_special(value, interned!("__format__"))? else {
        return Err(type_error!("Type {} doesn't define __format__", class_name(value)));
    };
    let result = method.call(&[spec.value()])?;
    match result.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("__format__ must return a str, not {}", class_name(result))),
    }
}

/// `iter(value)`.
pub fn iter(value: Value) -> R {
    let class = class_of(value);
    // SAFETY: the class says which layout it is.
    unsafe {
        if class == List::class() {
            return Ok(crate::iterators::list_iter(value.cast_unchecked()).value());
        }
        if class == Tuple::class() {
            return Ok(crate::iterators::tuple_iter(value.cast_unchecked()).value());
        }
    }
    if let Some(function) = class.slots.iter.get() {
        // Only Python code says `__iter__ = None`.
        if !class.flags.has(class::IMMUTABLE) && type_lookup(class, interned!("__iter__")).is_some_and(|method| method.is_none())
        {
            return Err(type_error!("'{}' object is not iterable", class_name(value)));
        }
        let iterator = function(value)?;
        if class_of(iterator).slots.next.get().is_none() {
            return Err(type_error!("iter() returned non-iterator of type '{}'", class_name(iterator)));
        }
        return Ok(iterator);
    }
    let has_items = class.slots.getitem.get().is_some() && !class.flags.has(class::NO_ITEMS);
    if has_items && !value.is_instance_of_layout::<crate::dict::Dict>() {
        return Ok(crate::seqiter::new_sequence_iterator(value));
    }
    Err(type_error!("'{}' object is not iterable", class_name(value)))
}
/// `next(iterator)`: None when exhausted.
#[inline]
pub fn next(iterator: Value) -> R<Option<Value>> {
    crate::thread::poll()?;
    let class = class_of(iterator);
    // SAFETY: the class says which layout it is.
    unsafe {
        if class == ListIter::class() {
            return Ok(iterator.cast_unchecked::<ListIter>().next());
        }
        if class == TupleIter::class() {
            return Ok(iterator.cast_unchecked::<TupleIter>().next());
        }
    }
    step(iterator, class, &crate::thread::current().exec)
}

/// `next` for iterators of other kinds than lists' and tuples', by a thread that has just polled. Out of line: handlers of ops have no
/// stack frame.
#[inline(never)]
pub fn next_of_other(iterator: Value, exec: &crate::frame::Exec) -> R<Option<Value>> {
    step(iterator, class_of(iterator), exec)
}

#[inline(always)]
fn step(iterator: Value, class: Gc<Class>, exec: &crate::frame::Exec) -> R<Option<Value>> {
    match class.slots.next.get() {
        // Iterators of iterators of iterators.
        Some(function) if crate::thread::has_stack(exec) => match function(iterator) {
            Err(raised) => end_of(raised),
            result => result,
        },
        _ => no_step(iterator, class),
    }
}

/// StopIteration ends an iteration, other exceptions go on.
#[cold]
#[inline(never)]
fn end_of(raised: Raised) -> R<Option<Value>> {
    if !raised.is(&exc::STOP_ITERATION) {
        return Err(raised);
    }
    raised.clear();
    Ok(None)
}

#[cold]
#[inline(never)]
fn no_step(iterator: Value, class: Gc<Class>) -> R<Option<Value>> {
    let _guard = crate::thread::enter_recursion()?;
    match class.slots.next.get() {
        Some(function) => function(iterator).or_else(end_of),
        None => Err(type_error!("'{}' object is not an iterator", class_name(iterator))),
    }
}

/// What is left of an iterator, for loops that ask it again and again: the way to its next item is looked up once.
pub struct Items {
    iterator: Value,
    next: fn(Value) -> R<Option<Value>>,
}

impl Items {
    /// The items of an iterable.
    pub fn of(iterable: Value) -> R<Items> {
        iter(iterable).map(Items::left_in)
    }
    pub fn left_in(iterator: Value) -> Items {
        let class = class_of(iterator);
        // Classes of programs change, and so does the class of their instances.
        let own = class.slots.next.get().filter(|_| !class.flags.has(crate::class::HEAP_TYPE));
        Items { iterator, next: own.unwrap_or(next) }
    }
    /// The next item, None at the end.
    #[inline(always)]
    pub fn next(&self) -> R<Option<Value>> {
        crate::thread::poll()?;
        let _guard = crate::thread::enter_recursion()?;
        match (self.next)(self.iterator) {
            Err(raised) => end_of(raised),
            result => result,
        }
    }
}

/// Calls `visit` with each item.
pub fn iterate(value: Value, mut visit: impl FnMut(Value) -> R<()>) -> R<()> {
    if let Some(list) = value.cast_exact::<List>() {
        let mut index = 0;
        while let Some(item) = crate::list::list_get(list, index) {
            crate::thread::poll()?;
            visit(item)?;
            index += 1;
        }
        return Ok(());
    }
    if let Some(tuple) = value.cast_exact::<Tuple>() {
        for item in tuple.items() {
            crate::thread::poll()?;
            visit(*item)?;
        }
        return Ok(());
    }
    let items = Items::of(value)?;
    while let Some(item) = items.next()? {
        visit(item)?;
    }
    Ok(())
}
/// The items of an iterable.
pub fn to_vec(value: Value) -> R<GcVec> {
    if let Some(list) = value.cast_exact::<List>() {
        return Ok(crate::list::list_snapshot(list));
    }
    if let Some(tuple) = value.cast_exact::<Tuple>() {
        return Ok(GcVec::from_slice(tuple.items()));
    }
    if let Some((dict, part)) = crate::dict_views::as_view(value) {
        return Ok(crate::list::list_snapshot(crate::dict_views::view_list(dict, part)));
    }
    let mut all = GcVec::new();
    let items = Items::of(value)?;
    while let Some(item) = items.next()? {
        all.push(item);
    }
    Ok(all)
}

/// `container[key]`.
pub fn get_item(container: Value, key: Value) -> R {
    if let Some(function) = class_of(container).slots.getitem.get() {
        return function(container, key);
    }
    if let Some(class) = container.cast::<Class>() {
        if class == Class::class() {
            return crate::door::generic_alias(container, key);
        }
        if let Some(method) = get_attr_opt(container, interned!("__class_getitem__"))?
            && !method.is_none()
        {
            return crate::call::call(method, &[key]);
        }
        return Err(type_error!("type '{}' is not subscriptable", class.name_text()));
    }
    Err(type_error!("'{}' object is not subscriptable", class_name(container)))
}
/// `container[key] = value`.
pub fn set_item(container: Value, key: Value, value: Value) -> R<()> {
    match class_of(container).slots.setitem.get() {
        Some(function) => function(container, key, value),
        None => Err(type_error!("'{}' object does not support item assignment", class_name(container))),
    }
}
/// `del container[key]`.
pub fn del_item(container: Value, key: Value) -> R<()> {
    match class_of(container).slots.delitem.get() {
        Some(function) => function(container, key),
        None => Err(no_deletion(container, key)),
    }
}
/// The words differ as in CPython, which tries its sequence operations last.
#[cold]
fn no_deletion(container: Value, key: Value) -> Raised {
    let class = class_of(container);
    let is_sequence =
        class.flags.has(crate::class::HEAP_TYPE) || class.slots.len.get().is_some() || class.slots.contains.get().is_some();
    let is_index = key.is_int() || class_of(key).slots.index.get().is_some();
    let not = if is_sequence && is_index { "doesn't" } else { "does not" };
    type_error!("'{}' object {not} support item deletion", class_name(container))
}
/// `item in container`.
pub fn contains(container: Value, item: Value) -> R<bool> {
    let class = class_of(container);
    if let Some(function) = class.slots.contains.get() {
        return function(container, item);
    }
    if class.slots.iter.get().is_none() && class.slots.getitem.get().is_none() {
        return Err(type_error!("argument of type '{}' is not a container or iterable", crate::class::message_name(class)));
    }
    let iterator = match iter(container) {
        Ok(iterator) => iterator,
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            return Err(type_error!("argument of type '{}' is not a container or iterable", crate::class::message_name(class)));
        }
        Err(raised) => return Err(raised),
    };
    while let Some(candidate) = next(iterator)? {
        if eq(candidate, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `operator.index(value)`: an exact int (or the int itself).
pub fn index_object(value: Value) -> R {
    if value.is_int() {
        return Ok(value);
    }
    if is_int(value) {
        return Ok(if class_of(value) == IntObject::class() { value } else { crate::int::to_plain_int(value) });
    }
    match class_of(value).slots.index.get() {
        Some(function) => {
            let result = function(value)?;
            if !is_int(result) {
                return Err(type_error!("__index__ returned non-int (type {})", class_name(result)));
            }
            if result.is_int() || class_of(result) == IntObject::class() {
                return Ok(result);
            }
            crate::warnings::deprecation(&format!(
                "__index__ returned non-int (type {}).  The ability to return an instance of a strict subclass of int is deprecated, and may be removed in a future version of Python.",
                class_name(result)
            ))?;
            Ok(crate::int::to_plain_int(result))
        }
        None => Err(type_error!("'{}' object cannot be interpreted as an integer", class_name(value))),
    }
}
/// An index-like value as i64; OverflowError beyond.
pub fn index(value: Value) -> R<i64> {
    if value.is_int() {
        return Ok(value.as_int());
    }
    let number = index_object(value)?;
    match int_view(number).and_then(IntView::to_i64) {
        Some(number) => Ok(number),
        None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
    }
}
/// A sequence index: IndexError when it is too large for any sequence.
pub fn index_for(value: Value) -> R<i64> {
    if value.is_int() {
        return Ok(value.as_int());
    }
    let number = index_object(value)?;
    match int_view(number).and_then(IntView::to_i64) {
        Some(number) => Ok(number),
        None => Err(index_error!("cannot fit '{}' into an index-sized integer", class_name(value))),
    }
}
/// An index-like value clamped to i64 (as slice bounds are).
pub fn index_clamped(value: Value) -> R<i64> {
    if value.is_int() {
        return Ok(value.as_int());
    }
    let number = index_object(value)?;
    match int_view(number) {
        Some(view) => Ok(view.to_i64().unwrap_or(if view.is_negative() { i64::MIN } else { i64::MAX })),
        None => Err(type_error!("'{}' object cannot be interpreted as an integer", class_name(value))),
    }
}
/// `float(value)` for arguments that must be real numbers (no strings).
pub fn as_f64(value: Value) -> R<f64> {
    if let Some(number) = crate::float::float_value(value) {
        return Ok(number);
    }
    if let Some(view) = int_view(value) {
        return crate::int::int_to_f64(view);
    }
    let slots = &class_of(value).slots;
    if let Some(function) = slots.float.get() {
        let result = function(value)?;
        return match crate::float::float_value(result) {
            Some(number) if result.is_float() => Ok(number),
            Some(number) => {
                crate::warnings::deprecation(&format!(
                    "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict subclass of float is deprecated, and may be removed in a future version of Python.",
                    class_name(value),
                    class_name(result)
                ))?;
                Ok(number)
            }
            None => Err(type_error!("{}.__float__ returned non-float (type {})", class_name(value), class_name(result))),
        };
    }
    if slots.index.get().is_some() {
        let number = index_object(value)?;
        if let Some(view) = int_view(number) {
            return crate::int::int_to_f64(view);
        }
    }
    Err(type_error!("must be real number, not {}", class_name(value)))
}

/// `isinstance(value, classinfo)`.
pub fn isinstance(value: Value, classinfo: Value) -> R<bool> {
    if class_of(value).value() == classinfo {
        return Ok(true);
    }
    if class_of(classinfo) == Class::class() {
        return real_isinstance(value, classinfo);
    }
    if let Some(tuple) = classinfo.cast::<Tuple>() {
        let _guard = thread::enter_recursion_in(" in __instancecheck__")?;
        for entry in tuple.items() {
            if isinstance(value, *entry)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(check) = lookup_special(classinfo, interned!("__instancecheck__"))? {
        let _guard = thread::enter_recursion_in(" in __instancecheck__")?;
        return is_true(check.call(&[value])?);
    }
    real_isinstance(value, classinfo)
}
/// Whether `value` is no instance of `class`, as far as that can be told without running anything: `class` is a class that
/// leaves the check to `type`, and `value` says nothing of its own about its class. False: it is one, or that must be asked for.
pub fn is_plainly_no_instance(value: Value, class: Value) -> bool {
    let own = class_of(value);
    class_of(class) == Class::class()
        && class.cast::<Class>().is_some_and(|class| !own.is_subclass_of(class))
        && crate::lookup::leaves_class_to_object(own)
}
/// `type.__instancecheck__`.
pub fn real_isinstance(value: Value, classinfo: Value) -> R<bool> {
    if let Some(class) = classinfo.cast::<Class>() {
        if class_of(value).is_subclass_of(class) {
            return Ok(true);
        }
        let Some(claimed) = crate::lookup::get_dunder_class(value)? else { return Ok(false) };
        return Ok(
            claimed != class_of(value).value() && claimed.cast::<Class>().is_some_and(|claimed| claimed.is_subclass_of(class))
        );
    }
    if abstract_bases(classinfo)?.is_none() {
        return Err(type_error!("isinstance() arg 2 must be a type, a tuple of types, or a union"));
    }
    match crate::lookup::get_dunder_class(value)? {
        Some(claimed) => abstract_issubclass(claimed, classinfo),
        None => Ok(false),
    }
}
/// `issubclass(class, classinfo)`.
pub fn issubclass(class: Value, classinfo: Value) -> R<bool> {
    if class_of(classinfo) == Class::class() {
        if class == classinfo {
            return Ok(true);
        }
        return real_issubclass(class, classinfo);
    }
    if let Some(tuple) = classinfo.cast::<Tuple>() {
        let _guard = thread::enter_recursion_in(" in __subclasscheck__")?;
        for entry in tuple.items() {
            if issubclass(class, *entry)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(check) = lookup_special(classinfo, interned!("__subclasscheck__"))? {
        let _guard = thread::enter_recursion_in(" in __subclasscheck__")?;
        return is_true(check.call(&[class])?);
    }
    real_issubclass(class, classinfo)
}
/// `type.__subclasscheck__`.
pub fn real_issubclass(class: Value, classinfo: Value) -> R<bool> {
    if let (Some(class), Some(base)) = (class.cast::<Class>(), classinfo.cast::<Class>()) {
        return Ok(class.is_subclass_of(base));
    }
    if abstract_bases(class)?.is_none() {
        return Err(type_error!("issubclass() arg 1 must be a class"));
    }
    if classinfo.cast::<Class>().is_none() && abstract_bases(classinfo)?.is_none() {
        return Err(type_error!("issubclass() arg 2 must be a class, a tuple of classes, or a union"));
    }
    abstract_issubclass(class, classinfo)
}
/// `__bases__`, if it is a tuple.
fn abstract_bases(class: Value) -> R<Option<Gc<Tuple>>> {
    Ok(get_attr_opt(class, interned!("__bases__"))?.and_then(|bases| bases.cast::<Tuple>()))
}
fn abstract_issubclass(derived: Value, class: Value) -> R<bool> {
    if derived == class {
        return Ok(true);
    }
    let _guard = thread::enter_recursion_in(" in __issubclass__")?;
    let Some(bases) = abstract_bases(derived)? else { return Ok(false) };
    for base in bases.items() {
        if abstract_issubclass(*base, class)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A fresh str value of formatted text.
pub fn text(arguments: std::fmt::Arguments) -> Value {
    new_str(&arguments.to_string())
}
