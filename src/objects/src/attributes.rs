//! Attributes that classes get without declaring them (`__dict__`, `__weakref__`), and exception notes.

use crate::class::{class_name, class_of};
use crate::dict::Dict;
use crate::error::{R, attribute_error, type_error};
use crate::interned;
use crate::layout::Cast;
use crate::native::GetSetDef;
use crate::shape;
use crate::str::new_str;
use heap::Value;

/// `__dict__` of instances.
pub static DICT_GETSET: GetSetDef =
    GetSetDef { name: "__dict__", doc: "dictionary for instance variables", get: Some(get_dict), set: Some(set_dict) };

/// `__weakref__` of instances.
pub static WEAKREF_GETSET: GetSetDef =
    GetSetDef { name: "__weakref__", doc: "list of weak references to the object", get: Some(get_weakref), set: None };

pub fn get_dict(this: Value) -> R {
    // A metaclass may have plain classes among its bases, whose descriptor is found first; a class still shows what `type` shows.
    if this.cast::<crate::class::Class>().is_some() {
        let own =
            crate::dict::dict_get_str(<crate::class::Class as crate::layout::Layout>::class().dict(), interned!("__dict__"));
        if let Some(own) = own {
            return crate::call_method(own, interned!("__get__"), &[this]);
        }
    }
    match shape::instance_dict(this) {
        Some(dict) => Ok(dict.value()),
        None => Err(attribute_error!("'{}' object has no attribute '__dict__'", class_name(this))),
    }
}
pub fn set_dict(this: Value, value: Option<Value>) -> R<()> {
    if this.cast::<crate::class::Class>().is_some() {
        return Err(attribute_error!("attribute '__dict__' of 'type' objects is not writable"));
    }
    if this.cast::<crate::module::Module>().is_some() {
        return Err(attribute_error!("readonly attribute"));
    }
    let dict = match value {
        // What was deleted is made again when somebody asks. Native classes that bring a `__dict__` do not have that.
        None if !has_native_dict(this) => crate::dict::new_dict(),
        None => return Err(type_error!("cannot delete __dict__")),
        Some(value) => match value.cast::<Dict>() {
            Some(dict) => dict,
            None => {
                return Err(type_error!("__dict__ must be set to a dictionary, not a '{}'", class_name(value)));
            }
        },
    };
    if shape::set_instance_dict(this, Some(dict)) {
        return Ok(());
    }
    Err(attribute_error!("'{}' object has no attribute '__dict__'", class_of(this).name_text()))
}
fn has_native_dict(this: Value) -> bool {
    let order = class_of(this).mro();
    let mut classes = order.items().iter().filter_map(|entry| entry.cast::<crate::class::Class>());
    classes.any(|class| {
        !class.flags.has(crate::class::HEAP_TYPE) && crate::dict::dict_get_str(class.dict(), interned!("__dict__")).is_some()
    })
}
fn get_weakref(this: Value) -> R {
    Ok(heap::weak::find_holder(this, &mut |holder| holder.cast::<crate::weakref::WeakRef>().is_some()).unwrap_or(Value::none()))
}

/// `exception.add_note(text)`.
pub fn add_note(exception: Value, note: &str) -> R<()> {
    let name = interned!("__notes__");
    match crate::lookup::get_attr_opt(exception, name)? {
        Some(notes) => match notes.cast::<crate::list::List>() {
            Some(notes) => crate::list::list_append(notes, new_str(note)),
            None => Err(type_error!("Cannot add note: __notes__ is not a list")),
        },
        None => crate::lookup::set_attr(exception, name, crate::list::list_from_slice(&[new_str(note)]).value()),
    }
}
