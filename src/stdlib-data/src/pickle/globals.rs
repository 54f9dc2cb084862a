//! What pickling shares with Python code: the registries of `copyreg`, the name tables of `_compat_pickle`, and finding things by name.

use objects::dict::{Dict, dict_get};
use objects::interpreter::InterpreterSlot;
use objects::lookup;
use objects::{
    Cast, Gc, R, Raised, Slot, Str, Value, call, door, exc, get_attr, get_attr_named, intern_str, interned, new_str, new_tuple,
    system,
};

/// Things of other modules that pickling needs, fetched when `_pickle` is imported: those that differ between interpreters, and methods of `object`.
pub struct Globals {
    pub dispatch_table: InterpreterSlot,
    pub extensions: InterpreterSlot,
    pub inverted_extensions: InterpreterSlot,
    pub extension_cache: InterpreterSlot,
    pub slot_names: InterpreterSlot,
    pub encode: InterpreterSlot,
    pub partial: InterpreterSlot,
    pub getattr: InterpreterSlot,
    pub reduce_ex: Slot,
    pub reduce: Slot,
    pub getstate: Slot,
}

pub static GLOBALS: Globals = Globals {
    dispatch_table: InterpreterSlot::empty(),
    extensions: InterpreterSlot::empty(),
    inverted_extensions: InterpreterSlot::empty(),
    extension_cache: InterpreterSlot::empty(),
    slot_names: InterpreterSlot::empty(),
    encode: InterpreterSlot::empty(),
    partial: InterpreterSlot::empty(),
    getattr: InterpreterSlot::empty(),
    reduce_ex: Slot::empty(),
    reduce: Slot::empty(),
    getstate: Slot::empty(),
};

pub fn load() -> R<()> {
    let copyreg = import(new_str("copyreg"))?;
    for (slot, name) in [
        (&GLOBALS.dispatch_table, "dispatch_table"),
        (&GLOBALS.extensions, "_extension_registry"),
        (&GLOBALS.inverted_extensions, "_inverted_registry"),
        (&GLOBALS.extension_cache, "_extension_cache"),
        (&GLOBALS.slot_names, "_slotnames"),
    ] {
        slot.set(get_attr_named(copyreg, name)?);
    }
    GLOBALS.encode.set(get_attr_named(import(new_str("_codecs"))?, "encode")?);
    GLOBALS.partial.set(get_attr_named(import(new_str("functools"))?, "partial")?);
    let builtins = door::builtins_module()?;
    GLOBALS.getattr.set(get_attr_named(builtins, "getattr")?);
    if let Some(object) = get_attr_named(builtins, "object")?.cast::<objects::Class>() {
        for (slot, name) in
            [(&GLOBALS.reduce_ex, "__reduce_ex__"), (&GLOBALS.reduce, "__reduce__"), (&GLOBALS.getstate, "__getstate__")]
        {
            if let Some(method) = lookup::type_lookup(object, objects::intern(name)) {
                // A method of `object` lives for ever.
                slot.set(method);
            }
        }
    }
    Ok(())
}

pub fn kept(slot: &'static InterpreterSlot) -> Value {
    slot.get().unwrap_or(Value::none())
}
pub fn kept_dict(slot: &'static InterpreterSlot) -> Option<Gc<Dict>> {
    slot.get()?.cast::<Dict>()
}

/// The module of that name, imported if need be. Goes through `__import__` always: a module may be there before it is ready.
pub fn import(name: Value) -> R {
    let import = get_attr(door::builtins_module()?, interned!("__import__"))?;
    let top = call(import, &[name])?;
    match system::modules() {
        Some(modules) => dict_get(modules, name)?.ok_or_else(|| objects::key_error(name)),
        None => Ok(top),
    }
}

/// A dict of `_compat_pickle`.
pub fn compat(name: &str) -> R<Option<Gc<Dict>>> {
    Ok(get_attr_named(import(new_str("_compat_pickle"))?, name)?.cast::<Dict>())
}

/// The other generation's name of a global, by the given tables.
pub fn renamed(names: &str, modules: &str, module: Value, name: Value) -> R<(Value, Value)> {
    if let Some(names) = compat(names)?
        && let Some(pair) = dict_get(names, new_tuple(&[module, name]).value())?
        && let Some(pair) = pair.cast::<objects::Tuple>()
        && let [module, name] = pair.items()
    {
        return Ok((*module, *name));
    }
    if let Some(modules) = compat(modules)?
        && let Some(module) = dict_get(modules, module)?
    {
        return Ok((module, name));
    }
    Ok((module, name))
}

/// `value.a.b.c` for a path of names.
pub fn get_path(value: Value, path: &str) -> R {
    let mut value = value;
    for name in path.split('.') {
        value = get_attr_named(value, name)?;
    }
    Ok(value)
}

/// The attribute of a module whose name has dots or not, for texts that are no UTF-8 without them.
pub fn get_dotted(value: Value, name: Gc<Str>) -> R {
    match name.as_str() {
        Some(path) if path.contains('.') => get_path(value, path),
        _ => get_attr(value, intern_str(name)),
    }
}

/// Raises another exception in whose context the first one is.
pub fn chained(first: Raised, make: impl FnOnce(Value) -> Raised) -> Raised {
    let context = first.take();
    let second = make(context).take();
    if let Some(exception) = second.cast::<exc::BaseException>() {
        exc::BaseException::set_context_checked(exception, context);
    }
    objects::error::restore(second)
}
