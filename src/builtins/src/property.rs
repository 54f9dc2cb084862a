//! The Python-visible skin of `property`.

use native_macros::native_class;
use objects::descr::Property;
use objects::exception as exc;
use objects::{
    Args, Cast, Class, Gc, Layout, R, Slot, Str, Value, attribute_error, call, class_of, get_attr_opt, interned, is_true,
    set_attr, type_error,
};
use std::sync::atomic::Ordering;

pub struct PropertySkin;

/// An attribute whose use calls functions.
///
/// fget, fset and fdel are called when it is read, set and deleted; doc is its
/// docstring, by default that of fget. It is usually made by decorators:
///
///     class Square:
///         @property
///         def area(self):
///             return self.side ** 2
///         @area.setter
///         def area(self, value):
///             self.side = value ** 0.5
#[native_class(name = "property", layout = Property, base = object)]
impl PropertySkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(objects::class_new::new_instance(cls))
    }
    #[sig("(fget=None, fset=None, fdel=None, doc=None)")]
    fn __init__(this: Gc<Property>, fget: Option<Value>, fset: Option<Value>, fdel: Option<Value>, doc: Option<Value>) -> R<()> {
        init(this, given(fget), given(fset), given(fdel), given(doc))
    }
    fn __get__(this: Gc<Property>, instance: Option<Value>, _owner: Option<Value>) -> R {
        let Some(instance) = instance else { return Ok(this.value()) };
        match this.getter.get() {
            Some(getter) => call(getter, &[instance]),
            None => Err(missing(this, instance, "getter")?),
        }
    }
    fn __set__(this: Gc<Property>, instance: Value, value: Value) -> R<()> {
        match this.setter.get() {
            Some(setter) => call(setter, &[instance, value]).map(|_| ()),
            None => Err(missing(this, instance, "setter")?),
        }
    }
    fn __delete__(this: Gc<Property>, instance: Value) -> R<()> {
        match this.deleter.get() {
            Some(deleter) => call(deleter, &[instance]).map(|_| ()),
            None => Err(missing(this, instance, "deleter")?),
        }
    }
    /// A copy of the property with another function for reading.
    fn getter(this: Gc<Property>, getter: Value) -> R {
        copy(this, Some(getter), None, None)
    }
    /// A copy of the property with another function for setting.
    fn setter(this: Gc<Property>, setter: Value) -> R {
        copy(this, None, Some(setter), None)
    }
    /// A copy of the property with another function for deleting.
    fn deleter(this: Gc<Property>, deleter: Value) -> R {
        copy(this, None, None, Some(deleter))
    }
    /// Tell the property its name.
    fn __set_name__(this: Gc<Property>, args: Args) -> R<()> {
        match args.positional() {
            [_owner, name] => {
                this.name.set(*name);
                Ok(())
            }
            given => Err(type_error!("__set_name__() takes 2 positional arguments but {} were given", given.len())),
        }
    }
    #[getter]
    fn fget(this: Gc<Property>) -> Value {
        or_none(&this.getter)
    }
    #[getter]
    fn fset(this: Gc<Property>) -> Value {
        or_none(&this.setter)
    }
    #[getter]
    fn fdel(this: Gc<Property>) -> Value {
        or_none(&this.deleter)
    }
    #[setter(fget)]
    fn set_fget(_this: Gc<Property>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[setter(fset)]
    fn set_fset(_this: Gc<Property>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[setter(fdel)]
    fn set_fdel(_this: Gc<Property>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[getter]
    fn __doc__(this: Gc<Property>) -> Value {
        or_none(&this.doc)
    }
    #[setter(__doc__)]
    fn set_doc(this: Gc<Property>, value: Option<Value>) -> R<()> {
        this.doc.set_opt(value);
        Ok(())
    }
    #[getter]
    fn __name__(this: Gc<Property>) -> R {
        match name(this)? {
            Some(name) => Ok(name),
            None => Err(objects::error::attribute_error_for(this.value(), interned!("__name__"))),
        }
    }
    #[setter(__name__)]
    fn set_dunder_name(this: Gc<Property>, value: Option<Value>) -> R<()> {
        this.name.set_opt(value);
        Ok(())
    }
    #[getter]
    fn __isabstractmethod__(this: Gc<Property>) -> R<bool> {
        for slot in [&this.getter, &this.setter, &this.deleter] {
            if let Some(function) = slot.get()
                && is_abstract(function)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn given(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value.is_none())
}
fn or_none(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

/// `bool(function.__isabstractmethod__)`, False if there is no such attribute.
pub fn is_abstract(function: Value) -> R<bool> {
    let _guard = objects::thread::enter_recursion()?;
    match get_attr_opt(function, interned!("__isabstractmethod__"))? {
        Some(flag) => is_true(flag),
        None => Ok(false),
    }
}

fn init(this: Gc<Property>, fget: Option<Value>, fset: Option<Value>, fdel: Option<Value>, doc: Option<Value>) -> R<()> {
    this.getter.set_opt(fget);
    this.setter.set_opt(fset);
    this.deleter.set_opt(fdel);
    this.doc.clear();
    this.name.clear();
    this.getter_doc.store(false, Ordering::Relaxed);
    let mut text = doc;
    if doc.is_none()
        && let Some(getter) = fget
    {
        text = given(get_attr_opt(getter, interned!("__doc__"))?);
        this.getter_doc.store(text.is_some(), Ordering::Relaxed);
    }
    if class_of(this.value()) == Property::class() {
        this.doc.set_opt(text);
        return Ok(());
    }
    // A subclass has a `__doc__` of its own in its namespace, which would hide the slot.
    match set_attr(this.value(), interned!("__doc__"), text.unwrap_or(Value::none())) {
        Err(raised) if !this.getter_doc.load(Ordering::Relaxed) && raised.is(&exc::ATTRIBUTE_ERROR) => {
            raised.clear();
            Ok(())
        }
        result => result,
    }
}

/// A property like this one with some functions replaced.
fn copy(this: Gc<Property>, fget: Option<Value>, fset: Option<Value>, fdel: Option<Value>) -> R {
    let pick = |new: Option<Value>, old: &Slot| given(new).unwrap_or_else(|| or_none(old));
    let getter = pick(fget, &this.getter);
    let (setter, deleter) = (pick(fset, &this.setter), pick(fdel, &this.deleter));
    let from_getter = this.getter_doc.load(Ordering::Relaxed) && !getter.is_none();
    let doc = if from_getter { Value::none() } else { or_none(&this.doc) };
    let made = call(class_of(this.value()).value(), &[getter, setter, deleter, doc])?;
    if let Some(made) = made.cast::<Property>() {
        made.name.set_opt(this.name.get());
    }
    Ok(made)
}

/// The name it was given, else that of its getter.
fn name(this: Gc<Property>) -> R<Option<Value>> {
    if let Some(name) = this.name.get() {
        return Ok(Some(name));
    }
    match this.getter.get() {
        Some(getter) => get_attr_opt(getter, interned!("__name__")),
        None => Ok(None),
    }
}

#[cold]
fn missing(this: Gc<Property>, instance: Value, what: &str) -> R<objects::Raised> {
    let class = objects::get_attr(class_of(instance).value(), interned!("__qualname__"))?;
    let class = objects::repr(class)?.to_string_lossy();
    Ok(match name(this)?.and_then(|name| name.cast::<Str>()) {
        Some(name) => {
            let name = objects::repr(name.value())?.to_string_lossy();
            attribute_error!("property {name} of {class} object has no {what}")
        }
        None => attribute_error!("property of {class} object has no {what}"),
    })
}
