//! Attribute lookup: types through their MRO (with a per-thread cache), instances, descriptors, `super`-free special methods.

use crate::args::Args;
use crate::call;
use crate::class::{self, Class, class_name, class_of};
use crate::dict;
use crate::error::{R, Raised, attribute_error_for, type_error};
use crate::exception as exc;
use crate::interned;
use crate::layout::{Cast, Gc, Layout};
use crate::module::Module;
use crate::native::NativeCall;
use crate::shape;
use crate::str::Str;
use crate::thread;
use heap::Value;
use std::sync::atomic::Ordering;

/// Entries of the per-thread cache of type lookups; a power of two.
pub const TYPE_CACHE_SIZE: usize = 2048;

/// One remembered result of `type_lookup`. Valid while `version` is the class's; versions are never reused.
#[derive(Clone, Copy)]
pub struct TypeCacheEntry {
    version: u32,
    name: *const Str,
    value: Option<Value>,
}

impl TypeCacheEntry {
    pub const EMPTY: TypeCacheEntry = TypeCacheEntry { version: 0, name: std::ptr::null(), value: None };
}

/// Finds `name` (interned) in the MRO of `class`; no descriptors are called.
#[inline]
pub fn type_lookup(class: Gc<Class>, name: Gc<Str>) -> Option<Value> {
    let version = class.version.load(Ordering::Acquire);
    let cache = thread::type_cache();
    let at = (version as usize ^ (name.as_ptr() as usize >> 5)) & (TYPE_CACHE_SIZE - 1);
    // SAFETY: `at` is masked to the cache's size; the cache belongs to this thread.
    let entry = unsafe { &mut *cache.add(at) };
    if entry.version == version && std::ptr::eq(entry.name, name.as_ptr()) && version != 0 {
        return entry.value;
    }
    let value = type_lookup_uncached(class, name);
    if version != 0 {
        // A class changed meanwhile has a new version, so this entry is then merely useless.
        *entry = TypeCacheEntry { version, name: name.as_ptr(), value };
    }
    value
}

fn type_lookup_uncached(class: Gc<Class>, name: Gc<Str>) -> Option<Value> {
    let Some(mro) = class.mro.get() else { return dict::dict_get_str(class.dict(), name) };
    // SAFETY: an MRO is a tuple of classes.
    let mro = unsafe { mro.cast_unchecked::<crate::tuple::Tuple>() };
    for entry in mro.items() {
        let owner = unsafe { entry.cast_unchecked::<Class>() };
        if let Some(value) = dict::dict_get_str(owner.dict(), name) {
            return Some(value);
        }
    }
    None
}

/// A special method found on a type, not yet bound to its receiver.
#[derive(Clone, Copy)]
pub struct Special {
    function: Value,
    /// The receiver to pass first; None: the descriptor protocol has already bound it.
    receiver: Option<Value>,
}

impl Special {
    pub fn is_none(self) -> bool {
        self.function == Value::none()
    }
    pub fn call(self, rest: &[Value]) -> R {
        if let Some(result) = self.call_extension(Args::positional_only(rest)) {
            return result;
        }
        match (self.receiver, rest) {
            (None, _) => call::call(self.function, rest),
            (Some(receiver), []) => call::call(self.function, &[receiver]),
            (Some(receiver), [a]) => call::call(self.function, &[receiver, *a]),
            (Some(receiver), [a, b]) => call::call(self.function, &[receiver, *a, *b]),
            (Some(receiver), _) => {
                let mut all = crate::gc_vec::GcVec::with_capacity(rest.len() + 1);
                all.push(receiver);
                all.extend_from_slice(rest);
                call::call(self.function, &all)
            }
        }
    }
    fn call_extension(self, args: Args) -> Option<R> {
        call_extension(self.function, self.receiver?, args)
    }
    pub fn call_args(self, args: Args) -> R {
        if let Some(result) = self.call_extension(args) {
            return result;
        }
        match self.receiver {
            None => call::call_args(self.function, args),
            Some(receiver) => call::call_with_receiver(self.function, receiver, args),
        }
    }
    /// The bound method as an object.
    pub fn bind(self) -> Value {
        match self.receiver {
            None => self.function,
            Some(receiver) => crate::descr::new_bound_method(self.function, receiver).value(),
        }
    }
}

/// Enters a method of an extension, for which the receiver stands apart, if the receiver fits: a class of a program may have taken the
/// method from a type that is none of its bases, and functions of extensions trust their receiver.
#[inline(always)]
pub fn call_extension(function: Value, receiver: Value, args: Args) -> Option<R> {
    let method = function.cast_exact::<crate::descr::MethodDescriptor>()?;
    match method.def.call {
        NativeCall::Extern { enter, data } if class_of(receiver).is_subclass_of(method.owner()) => {
            Some(enter(data, receiver, args.values(), args.names()))
        }
        _ => None,
    }
}

/// Looks `name` up on the type of `this`, as implicit special method calls do.
pub fn lookup_special(this: Value, name: Gc<Str>) -> R<Option<Special>> {
    let class = class_of(this);
    match type_lookup(class, name) {
        Some(found) => bind_special(found, this, class).map(Some),
        None => Ok(None),
    }
}

/// What was found on the class of `this`, made ready for a call.
#[inline]
pub fn bind_special(found: Value, this: Value, class: Gc<Class>) -> R<Special> {
    let kind = class_of(found);
    if kind.flags.has(class::METHOD_DESCRIPTOR) {
        return Ok(Special { function: found, receiver: Some(this) });
    }
    match kind.slots.descr_get.get() {
        Some(get) => Ok(Special { function: get(found, Some(this), Some(class.value()))?, receiver: None }),
        None => Ok(Special { function: found, receiver: None }),
    }
}

/// The AttributeError for a special method that a slot promised but that is gone.
#[cold]
pub fn special_missing(this: Value, name: Gc<Str>) -> Raised {
    attribute_error_for(this, name)
}

/// `getattr(value, name)`; `name` must be interned.
#[inline]
pub fn get_attr(value: Value, name: Gc<Str>) -> R {
    let class = class_of(value);
    if name.is_interned() && class.flags.bits() & (class::GENERIC_GETATTR | class::CUSTOM_GETATTR) == class::GENERIC_GETATTR {
        return generic_get_attr(value, name);
    }
    match class.slots.getattribute.get() {
        Some(get) if !class.flags.has(class::CUSTOM_GETATTR) => get(value, name.value()),
        _ => get_attr_custom(value, class, name),
    }
}

/// With `__getattr__` or a Python-level `__getattribute__` somewhere in the MRO.
#[cold]
#[inline(never)]
fn get_attr_custom(value: Value, class: Gc<Class>, name: Gc<Str>) -> R {
    let result = get_attr_by_hooks(value, class, name);
    // What programs raise learns what it is about, for the sake of suggestions.
    if let Err(raised) = &result
        && let Some(error) = raised.peek().cast::<exc::AttributeErrorObject>()
        && error.name.is_empty()
        && error.obj.is_empty()
    {
        error.name.set(name.value());
        error.obj.set(value);
    }
    result
}

fn get_attr_by_hooks(value: Value, class: Gc<Class>, name: Gc<Str>) -> R {
    // The usual case, `__getattr__` alone, needs no exception to be made and dropped.
    if class.flags.has(class::GENERIC_GETATTR)
        && let Some(fallback) = class.slots.getattr.get()
    {
        return match generic_lookup(value, class, name) {
            Ok(Some(found)) => Ok(found),
            Ok(None) => fallback(value, name.value()),
            Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => {
                raised.clear();
                fallback(value, name.value())
            }
            Err(raised) => Err(raised),
        };
    }
    let result = match class.slots.getattribute.get() {
        Some(get) => get(value, name.value()),
        None => generic_get_attr(value, name),
    };
    match (result, class.slots.getattr.get()) {
        (Err(raised), Some(fallback)) if raised.is(&exc::ATTRIBUTE_ERROR) => {
            raised.clear();
            fallback(value, name.value())
        }
        (result, _) => result,
    }
}

/// `getattr(value, name)` with a name of any kind of string.
pub fn get_attr_named(value: Value, name: &str) -> R {
    get_attr(value, crate::intern::intern(name))
}

/// `getattr(value, name, default)` without raising AttributeError when the generic lookup finds nothing.
pub fn get_attr_opt(value: Value, name: Gc<Str>) -> R<Option<Value>> {
    let class = class_of(value);
    if class.flags.has(class::GENERIC_GETATTR) && !class.flags.has(class::CUSTOM_GETATTR) {
        return generic_lookup(value, class, name).or_else(suppress_attribute_error);
    }
    if class == Class::class()
        && let Some(receiver) = value.cast::<Class>()
    {
        return type_get_attr_opt(receiver, name).or_else(suppress_attribute_error);
    }
    if let Some(module) = value.cast_exact::<Module>()
        && type_lookup(class, name).is_none()
    {
        // Nothing is on the class: what the module says counts, unless it has a say in what it lacks.
        match dict::dict_get_str(module.dict(), name) {
            None if dict::dict_get_str(module.dict(), interned!("__getattr__")).is_none() => return Ok(None),
            None => {}
            found => return Ok(found),
        }
    }
    match get_attr(value, name) {
        Ok(found) => Ok(Some(found)),
        Err(raised) => suppress_attribute_error(raised),
    }
}

fn suppress_attribute_error(raised: Raised) -> R<Option<Value>> {
    if raised.is(&exc::ATTRIBUTE_ERROR) {
        raised.clear();
        return Ok(None);
    }
    Err(raised)
}

/// The default lookup: data descriptor, instance attribute, other descriptor, class attribute.
#[inline]
fn generic_lookup(value: Value, class: Gc<Class>, name: Gc<Str>) -> R<Option<Value>> {
    let found = type_lookup(class, name);
    if let Some(attribute) = found {
        let kind = class_of(attribute);
        if let Some(get) = kind.slots.descr_get.get()
            && (kind.slots.descr_set.get().is_some() || kind.slots.descr_delete.get().is_some())
        {
            return get(attribute, Some(value), Some(class.value())).map(Some);
        }
    }
    if value.is_ptr()
        && class.ext_offset.load(Ordering::Relaxed) != 0
        && let Some(attribute) = shape::get_instance_attr(value, name)
    {
        return Ok(Some(attribute));
    }
    match found {
        None => Ok(None),
        Some(attribute) => match class_of(attribute).slots.descr_get.get() {
            Some(get) => get(attribute, Some(value), Some(class.value())).map(Some),
            None => Ok(Some(attribute)),
        },
    }
}

/// `object.__getattribute__`.
pub fn generic_get_attr(value: Value, name: Gc<Str>) -> R {
    match generic_lookup(value, class_of(value), name)? {
        Some(found) => Ok(found),
        None => Err(attribute_error_for(value, name)),
    }
}

/// The slot function behind `object.__getattribute__`; its identity marks classes with the default lookup.
pub fn object_getattribute(value: Value, name: Value) -> R {
    generic_get_attr(value, attribute_name(name)?)
}

/// An attribute name given by Python code: must be a str; interned.
pub fn attribute_name(name: Value) -> R<Gc<Str>> {
    match name.cast::<Str>() {
        Some(text) => Ok(crate::intern::intern_str(text)),
        None => Err(type_error!("attribute name must be string, not '{}'", class_name(name))),
    }
}

/// `setattr(value, name, new)`; `name` must be interned.
pub fn set_attr(value: Value, name: Gc<Str>, new: Value) -> R<()> {
    match class_of(value).slots.setattr.get() {
        Some(set) => set(value, name.value(), new),
        None => generic_set_attr(value, name, Some(new)),
    }
}

/// `delattr(value, name)`; `name` must be interned.
pub fn del_attr(value: Value, name: Gc<Str>) -> R<()> {
    match class_of(value).slots.delattr.get() {
        Some(delete) => delete(value, name.value()),
        None => generic_set_attr(value, name, None),
    }
}

/// `object.__setattr__` (and `__delattr__` for None).
pub fn generic_set_attr(value: Value, name: Gc<Str>, new: Option<Value>) -> R<()> {
    let class = class_of(value);
    let found = type_lookup(class, name);
    if let Some(attribute) = found {
        let slots = &class_of(attribute).slots;
        match new {
            Some(new) => {
                if let Some(set) = slots.descr_set.get() {
                    return set(attribute, value, new);
                }
                if slots.descr_delete.get().is_some() {
                    return Err(attribute_error_named(value, name, "__set__"));
                }
            }
            None => {
                if let Some(delete) = slots.descr_delete.get() {
                    return delete(attribute, value);
                }
                if slots.descr_set.get().is_some() {
                    return Err(attribute_error_named(value, name, "__delete__"));
                }
            }
        }
    }
    let has_attributes = value.is_ptr() && class.ext_offset.load(Ordering::Relaxed) != 0;
    if has_attributes {
        match new {
            Some(new) => {
                shape::set_instance_attr(value, name, new)?;
                return Ok(());
            }
            None if shape::delete_instance_attr(value, name)? => return Ok(()),
            None => return Err(attribute_error_for(value, name)),
        }
    }
    Err(read_only_error(value, class, name, found.is_some()))
}

#[cold]
fn attribute_error_named(_value: Value, _name: Gc<Str>, missing: &str) -> Raised {
    crate::error::new_error(exc::ATTRIBUTE_ERROR.get(), missing)
}

#[cold]
fn read_only_error(value: Value, class: Gc<Class>, name: Gc<Str>, found_on_class: bool) -> Raised {
    let text = if found_on_class {
        format!("'{}' object attribute '{}' is read-only", class::message_name(class), name.to_string_lossy())
    } else {
        if class.flags.has(class::GENERIC_SETATTR) {
            base::memory::formatted(format_args!(
                "'{}' object has no attribute '{}' and no __dict__ for setting new attributes",
                class::message_name(class),
                name.to_string_lossy()
            ))
        } else {
            base::memory::formatted(format_args!(
                "'{}' object has no attribute '{}'",
                class::message_name(class),
                name.to_string_lossy()
            ))
        }
    };
    crate::error::attribute_error_with(value, name, &text)
}

/// Slot functions behind `object.__setattr__` and `object.__delattr__`.
pub fn object_setattr(value: Value, name: Value, new: Value) -> R<()> {
    generic_set_attr(value, attribute_name(name)?, Some(new))
}
pub fn object_delattr(value: Value, name: Value) -> R<()> {
    generic_set_attr(value, attribute_name(name)?, None)
}

/// `type.__getattribute__`: attributes of a class object.
pub fn type_get_attr(class: Gc<Class>, name: Gc<Str>) -> R {
    match type_get_attr_opt(class, name)? {
        Some(found) => Ok(found),
        None => Err(crate::error::attribute_error_with(
            class.value(),
            name,
            &base::memory::formatted(format_args!(
                "type object '{}' has no attribute '{}'",
                crate::class::message_name(class),
                name.to_string_lossy()
            )),
        )),
    }
}

pub fn type_get_attr_opt(class: Gc<Class>, name: Gc<Str>) -> R<Option<Value>> {
    let metaclass = class_of(class.value());
    let on_metaclass = type_lookup(metaclass, name);
    if let Some(attribute) = on_metaclass {
        let kind = class_of(attribute);
        if let Some(get) = kind.slots.descr_get.get()
            && (kind.slots.descr_set.get().is_some() || kind.slots.descr_delete.get().is_some())
        {
            return get(attribute, Some(class.value()), Some(metaclass.value())).map(Some);
        }
    }
    if let Some(attribute) = type_lookup(class, name) {
        return match class_of(attribute).slots.descr_get.get() {
            Some(get) => get(attribute, None, Some(class.value())).map(Some),
            None => Ok(Some(attribute)),
        };
    }
    match on_metaclass {
        None => Ok(None),
        Some(attribute) => match class_of(attribute).slots.descr_get.get() {
            Some(get) => get(attribute, Some(class.value()), Some(metaclass.value())).map(Some),
            None => Ok(Some(attribute)),
        },
    }
}

/// The slot function behind `type.__getattribute__`.
pub fn type_getattribute(class: Value, name: Value) -> R {
    // SAFETY: receivers of type's slots are classes.
    type_get_attr(unsafe { class.cast_unchecked() }, attribute_name(name)?)
}

/// `type.__setattr__` / `__delattr__`.
pub fn type_set_attr(class: Gc<Class>, name: Gc<Str>, new: Option<Value>) -> R<()> {
    if class.flags.has(class::IMMUTABLE) {
        return Err(type_error!(
            "cannot set '{}' attribute of immutable type '{}'",
            name.to_string_lossy(),
            class::message_name(class)
        ));
    }
    if let Some(attribute) = type_lookup(class_of(class.value()), name) {
        let slots = &class_of(attribute).slots;
        match new {
            Some(new) => {
                if let Some(set) = slots.descr_set.get() {
                    return set(attribute, class.value(), new);
                }
            }
            None => {
                if let Some(delete) = slots.descr_delete.get() {
                    return delete(attribute, class.value());
                }
            }
        }
    }
    let old = dict::dict_get_str(class.dict(), name);
    match new {
        Some(new) => dict::dict_set_str(class.dict(), name, new)?,
        None => {
            if dict::dict_remove_str(class.dict(), name)?.is_none() {
                return Err(crate::error::attribute_error_with(
                    class.value(),
                    name,
                    &base::memory::formatted(format_args!(
                        "type object '{}' has no attribute '{}'",
                        crate::class::message_name(class),
                        name.to_string_lossy()
                    )),
                ));
            }
        }
    }
    crate::class_new::attribute_changed(class, name, old);
    Ok(())
}
pub fn type_setattr(class: Value, name: Value, new: Value) -> R<()> {
    // SAFETY: receivers of type's slots are classes.
    type_set_attr(unsafe { class.cast_unchecked() }, attribute_name(name)?, Some(new))
}
pub fn type_delattr(class: Value, name: Value) -> R<()> {
    // SAFETY: receivers of type's slots are classes.
    type_set_attr(unsafe { class.cast_unchecked() }, attribute_name(name)?, None)
}

/// Looks a method up for a call: (function, receiver to pass first) or (bound attribute, None).
pub fn get_method(value: Value, name: Gc<Str>) -> R<(Value, Option<Value>)> {
    let class = class_of(value);
    if class.flags.has(class::GENERIC_GETATTR)
        && !class.flags.has(class::CUSTOM_GETATTR)
        && let Some(found) = type_lookup(class, name)
        && class_of(found).flags.has(class::METHOD_DESCRIPTOR)
    {
        let shadowed =
            value.is_ptr() && class.ext_offset.load(Ordering::Relaxed) != 0 && shape::get_instance_attr(value, name).is_some();
        if !shadowed {
            return Ok((found, Some(value)));
        }
    }
    Ok((get_attr(value, name)?, None))
}

/// `hasattr` of a dunder on the type.
pub fn type_has(value: Value, name: Gc<Str>) -> bool {
    type_lookup(class_of(value), name).is_some()
}

/// Whether instances of `class` get `__class__` from `object`.
pub fn leaves_class_to_object(class: Gc<Class>) -> bool {
    let name = interned!("__class__");
    class.flags.has(class::GENERIC_GETATTR)
        && !class.flags.has(class::CUSTOM_GETATTR)
        && type_lookup(class, name) == type_lookup(crate::classes::object(), name)
}

/// `value.__class__`, honouring overrides, for isinstance.
pub fn get_dunder_class(value: Value) -> R<Option<Value>> {
    // Most classes leave it to `object`.
    let class = class_of(value);
    if leaves_class_to_object(class) {
        return Ok(Some(class.value()));
    }
    get_attr_opt(value, interned!("__class__"))
}
