//! Small helpers that several modules of this crate need.

use objects::{Class, Gc, Layout, R, Value, call, class_of, get_attr, interned, new_str};

/// `__import__(name)`; for a dotted name the last module.
pub fn import(name: &str) -> R {
    if let Some(module) = objects::system::imported(name).filter(|module| !module.is_none()) {
        return Ok(module);
    }
    let builtins = objects::door::builtins_module()?;
    call(get_attr(builtins, interned!("__import__"))?, &[new_str(name)])?;
    match objects::system::imported(name) {
        Some(module) => Ok(module),
        None => Err(objects::import_error!("module '{name}' is not in sys.modules")),
    }
}

/// A read-only view of a dict.
pub fn mapping_proxy(mapping: Value) -> R {
    // The class of proxies belongs to another crate; the namespace of any class is one.
    let sample = get_attr(Class::class().value(), interned!("__dict__"))?;
    let class: Gc<Class> = class_of(sample);
    call(class.value(), &[mapping])
}
