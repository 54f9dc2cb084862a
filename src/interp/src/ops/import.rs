//! `import` statements. The machinery itself is Python code behind `builtins.__import__`. Must not know: finders and loaders.

use crate::names;
use crate::state::{Flow, Vm, a, b, op};
use heap::Value;
use objects::dict::{self, Dict};
use objects::error::{R, Raised, import_error};
use objects::exception::{self as exc, ImportErrorObject};
use objects::interned;
use objects::layout::{Cast, Gc};
use objects::lookup;
use objects::module::Module;
use objects::protocol;
use objects::str::{Str, new_str};

op!(ImportName slow(vm, w) {
    let name = vm.name(vm.ext() as usize);
    let module = import_name(vm, name, vm.get(b(w)), vm.get(b(w) + 1))?;
    vm.set(a(w), module);
    Ok(Flow::Next)
});

fn import_name(vm: Vm, name: Gc<Str>, fromlist: Value, level: Value) -> R {
    let function = vm.function();
    let builtins = function.builtins.get().unwrap_or(Value::none());
    let import = if builtins.is_none() { None } else { names::mapping_get(builtins, interned!("__import__"))? };
    let Some(import) = import else {
        return Err(import_error!("__import__ not found"));
    };
    let namespace = if vm.code().has_namespace() { vm.get(0) } else { Value::none() };
    objects::call::call(import, &[name.value(), function.globals(), namespace, fromlist, level])
}

op!(ImportFrom slow(vm, w) {
    let name = vm.name(vm.ext() as usize);
    let value = import_from(vm.get(b(w)), name)?;
    vm.set(a(w), value);
    Ok(Flow::Next)
});

fn import_from(module: Value, name: Gc<Str>) -> R {
    if let Some(value) = lookup::get_attr_opt(module, name)? {
        return Ok(value);
    }
    // A circular import may have put the submodule into sys.modules before its parent got the attribute.
    let module_name = lookup::get_attr_opt(module, interned!("__name__"))?;
    if let Some(package) = module_name.and_then(|name| name.cast::<Str>()) {
        let full = new_str(&format!("{}.{}", package.to_string_lossy(), name.to_string_lossy()));
        if let Some(modules) = crate::install::sys_attribute("modules")
            && let Some(found) = get_optional(modules, full)?
        {
            return Ok(found);
        }
    }
    Err(cannot_import(module, module_name, name)?)
}

fn get_optional(mapping: Value, key: Value) -> R<Option<Value>> {
    if let Some(dict) = mapping.cast_exact::<Dict>() {
        return dict::dict_get(dict, key);
    }
    match protocol::get_item(mapping, key) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(&exc::KEY_ERROR) => {
            raised.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// The ImportError of a `from` import.
#[cold]
fn cannot_import(module: Value, module_name: Option<Value>, name: Gc<Str>) -> R<Raised> {
    let text = name.to_string_lossy();
    let quoted_name = match module_name.and_then(|name| name.cast::<Str>()) {
        Some(name) => protocol::repr(name.value())?.to_string_lossy(),
        None => "'<unknown module name>'".to_string(),
    };
    let spec = lookup::get_attr_opt(module, interned!("__spec__"))?.filter(|spec| !spec.is_none());
    let mut origin = lookup::get_attr_opt(module, interned!("__file__"))?.filter(|file| file.is_instance_of_layout::<Str>());
    let mut initializing = false;
    if let Some(spec) = spec {
        if let Some(flag) = lookup::get_attr_opt(spec, interned!("_initializing"))? {
            initializing = protocol::is_true(flag)?;
        }
        if origin.is_none()
            && let Some(has_location) = lookup::get_attr_opt(spec, interned!("has_location"))?
            && protocol::is_true(has_location)?
        {
            origin = lookup::get_attr_opt(spec, interned!("origin"))?.filter(|file| file.is_instance_of_layout::<Str>());
        }
    }
    let place = match origin.and_then(|origin| origin.cast::<Str>()) {
        Some(origin) => origin.to_string_lossy(),
        None => "unknown location".to_string(),
    };
    let shadowing = spec.is_some() && origin.is_some() && objects::system::may_shadow(&place);
    let standard = match module_name {
        Some(name) if shadowing => objects::system::is_standard_name(name)?,
        _ => false,
    };
    let message = if standard {
        format!(
            "cannot import name '{text}' from {quoted_name} (consider renaming '{place}' since it has the same name as the standard library module named {quoted_name} and prevents importing that standard library module)"
        )
    } else if shadowing && initializing {
        format!(
            "cannot import name '{text}' from {quoted_name} (consider renaming '{place}' if it has the same name as a library you intended to import)"
        )
    } else if initializing {
        format!(
            "cannot import name '{text}' from partially initialized module {quoted_name} (most likely due to a circular import) ({place})"
        )
    } else {
        format!("cannot import name '{text}' from {quoted_name} ({place})")
    };
    let error = exc::new_exception_text(exc::IMPORT_ERROR.get(), &message);
    if let Some(fields) = error.value().cast::<ImportErrorObject>() {
        fields.name.set_opt(module_name);
        fields.path.set_opt(origin);
        fields.name_from.set(name.value());
    }
    Ok(objects::error::raise(error.value()))
}

/// `from module import *` into a namespace.
pub fn import_star(module: Value, namespace: Value) -> R<()> {
    let all = lookup::get_attr_opt(module, interned!("__all__"))?;
    let skip_private = all.is_none();
    let names = match all {
        Some(all) => all,
        None => match lookup::get_attr_opt(module, interned!("__dict__"))? {
            Some(mapping) => objects::call::call_method(mapping, interned!("keys"), &[])?,
            None => return Err(import_error!("from-import-* object has no __dict__ and no __all__")),
        },
    };
    let names = objects::list::list_from_iterable(names)?;
    let mut index = 0;
    while let Some(entry) = objects::list::list_get(names, index) {
        index += 1;
        let Some(name) = entry.cast::<Str>() else {
            return Err(bad_star_name(module, entry, skip_private)?);
        };
        if skip_private && name.as_str().is_some_and(|text| text.starts_with('_')) {
            continue;
        }
        let name = objects::intern::intern_str(name);
        let value = match module.cast_exact::<Module>().and_then(|module| dict::dict_get_str(module.dict(), name)) {
            Some(value) => value,
            None => lookup::get_attr(module, name)?,
        };
        names::mapping_set(namespace, name, value)?;
    }
    Ok(())
}

#[cold]
fn bad_star_name(module: Value, entry: Value, skip_private: bool) -> R<Raised> {
    let name = lookup::get_attr_opt(module, interned!("__name__"))?;
    let name = match name.and_then(|name| name.cast::<Str>()) {
        Some(name) => name.to_string_lossy(),
        None => {
            return Ok(objects::error::type_error!(
                "module __name__ must be a string, not {}",
                match name {
                    Some(name) => objects::class::class_name(name),
                    None => "None".to_string(),
                }
            ));
        }
    };
    let (what, place) = if skip_private { ("Key", "__dict__") } else { ("Item", "__all__") };
    Ok(objects::error::type_error!("{what} in {name}.{place} must be str, not {}", objects::class::class_name(entry)))
}
