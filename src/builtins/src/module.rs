//! The Python-visible skin of `module`: attributes come from its namespace, `__getattr__` and `__dir__` there have their say (PEP 562).
//!
//! Instances keep their attributes in a dictionary from the start: the namespace is the instance dict.

use native_macros::native_class;
use objects::class;
use objects::dict::{self, Dict};
use objects::error::attribute_error_with;
use objects::exception as exc;
use objects::lookup::attribute_name;
use objects::shape::Shape;
use objects::{
    Args, Cast, Class, Gc, Layout, Module, R, Raised, Str, Value, attribute_error, call, class_name, class_of, generic_set_attr,
    get_attr_opt, interned, is_true, type_error,
};
use std::sync::atomic::Ordering;

/// Makes `Module.dict` the place of the instance dict. Call once, when the class was made.
pub fn install() {
    let class = Module::class();
    class.ext_offset.store(std::mem::offset_of!(Module, dict) as u32, Ordering::Relaxed);
    class.inline_count.store(0, Ordering::Relaxed);
    class.instance_size.store(std::mem::size_of::<Module>() as u32, Ordering::Relaxed);
    class.flags.add(class::HAS_DICT);
    let shape = Shape::new_root(class, 0, true);
    class.dict_shape.store(shape, Ordering::Release);
    class.root_shape.store(shape, Ordering::Release);
}

/// A module of `class` with an empty namespace.
fn alloc(class: Gc<Class>) -> Gc<Module> {
    let pointer = objects::layout::alloc_instance(class);
    // SAFETY: a fresh zeroed instance, which is a valid blank module; its dictionary shape fits before any attribute was set.
    let module: Gc<Module> = unsafe {
        (*pointer).set_shape(class.dict_shape.load(Ordering::Acquire));
        Gc::from_ptr(pointer.cast())
    };
    module.dict.set(objects::new_dict().value());
    module
}

pub struct ModuleSkin;

/// A module of that name, a string, with doc (any object) as its docstring.
#[native_class(name = "module", layout = Module, base = object, flags = "weakref")]
impl ModuleSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(alloc(cls).value())
    }
    #[sig("(name, doc=None)")]
    fn __init__(this: Gc<Module>, name: Gc<Str>, doc: Option<Value>) -> R<()> {
        objects::module::init_namespace(this.dict(), name.value(), doc.unwrap_or(Value::none()))
    }
    fn __repr__(this: Gc<Module>) -> R {
        module_repr(this)
    }
    fn __getattribute__(this: Gc<Module>, name: Value) -> R {
        let name = attribute_name(name)?;
        match find(this, name)? {
            Some(found) => Ok(found),
            None => missing(this, name),
        }
    }
    fn __setattr__(this: Gc<Module>, name: Value, value: Value) -> R<()> {
        generic_set_attr(this.value(), attribute_name(name)?, Some(value))
    }
    fn __delattr__(this: Gc<Module>, name: Value) -> R<()> {
        let name = attribute_name(name)?;
        match generic_set_attr(this.value(), name, None) {
            Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) && dict::dict_get_str(this.dict(), name).is_none() => {
                raised.clear();
                let text = base::memory::formatted(format_args!(
                    "'{}' object has no attribute '{}'",
                    class_name(this.value()),
                    name.to_string_lossy()
                ));
                Err(attribute_error_with(this.value(), name, &text))
            }
            result => result,
        }
    }
    /// __dir__() -> list
    /// The names that dir() shows
    fn __dir__(this: Gc<Module>) -> R {
        let namespace = objects::get_attr(this.value(), interned!("__dict__"))?;
        let Some(namespace) = namespace.cast::<Dict>() else {
            return Err(type_error!("<module>.__dict__ is not a dictionary"));
        };
        match dict::dict_get_str(namespace, interned!("__dir__")) {
            Some(function) => call(function, &[]),
            None => Ok(objects::new_list(&dict::dict_keys(namespace)).value()),
        }
    }
    #[getter]
    fn __dict__(this: Gc<Module>) -> Gc<Dict> {
        this.dict()
    }
    #[setter(__dict__)]
    fn set_dict(_this: Gc<Module>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[getter]
    fn __annotations__(this: Gc<Module>) -> R {
        annotations(this)
    }
    #[setter(__annotations__)]
    fn set_annotations(this: Gc<Module>, value: Option<Value>) -> R<()> {
        let name = interned!("__annotations__");
        match value {
            Some(value) => dict::dict_set_str(this.dict(), name, value)?,
            None => {
                if dict::dict_remove_str(this.dict(), name)?.is_none() {
                    return Err(attribute_error!("__annotations__"));
                }
            }
        }
        dict::dict_remove_str(this.dict(), interned!("__annotate__"))?;
        Ok(())
    }
    #[getter]
    fn __annotate__(this: Gc<Module>) -> R {
        let name = interned!("__annotate__");
        if let Some(function) = dict::dict_get_str(this.dict(), name) {
            return Ok(function);
        }
        dict::dict_set_str(this.dict(), name, Value::none())?;
        Ok(Value::none())
    }
    #[setter(__annotate__)]
    fn set_annotate(this: Gc<Module>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("cannot delete __annotate__ attribute")) };
        if !value.is_none() && !objects::is_callable(value) {
            return Err(type_error!("__annotate__ must be callable or None"));
        }
        dict::dict_set_str(this.dict(), interned!("__annotate__"), value)?;
        if !value.is_none() {
            dict::dict_remove_str(this.dict(), interned!("__annotations__"))?;
        }
        Ok(())
    }
}

/// The attribute by the usual rules.
fn find(module: Gc<Module>, name: Gc<Str>) -> R<Option<Value>> {
    let class = class_of(module.value());
    let on_class = objects::type_lookup(class, name);
    let bind = |attribute: Value| match class_of(attribute).slots.descr_get.get() {
        Some(get) => get(attribute, Some(module.value()), Some(class.value())),
        None => Ok(attribute),
    };
    if let Some(attribute) = on_class {
        let slots = &class_of(attribute).slots;
        if slots.descr_set.get().is_some() || slots.descr_delete.get().is_some() {
            return match bind(attribute) {
                Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => {
                    raised.clear();
                    Ok(None)
                }
                result => result.map(Some),
            };
        }
    }
    if let Some(found) = dict::dict_get_str(module.dict(), name) {
        return Ok(Some(found));
    }
    on_class.map(bind).transpose()
}

/// No such attribute: the module's `__getattr__`, or an error that says why it may be missing.
#[cold]
fn missing(module: Gc<Module>, name: Gc<Str>) -> R {
    let namespace = module.dict();
    if let Some(function) = dict::dict_get_str(namespace, interned!("__getattr__")) {
        return call(function, &[name.value()]);
    }
    let Some(module_name) = dict::dict_get_str(namespace, interned!("__name__")).and_then(|name| name.cast::<Str>()) else {
        return Err(objects::module::module_attribute_error(module, name));
    };
    let spec = dict::dict_get_str(namespace, interned!("__spec__")).filter(|spec| !spec.is_none());
    let Some(spec) = spec else { return Err(objects::module::module_attribute_error(module, name)) };
    Err(explain(module, module_name, name, spec)?)
}

fn explain(module: Gc<Module>, module_name: Gc<Str>, name: Gc<Str>, spec: Value) -> R<Raised> {
    let flag = |attribute: Gc<Str>| -> R<bool> {
        match get_attr_opt(spec, attribute)? {
            Some(value) => is_true(value),
            None => Ok(false),
        }
    };
    let origin = match flag(interned!("has_location"))? {
        true => get_attr_opt(spec, interned!("origin"))?.and_then(|origin| origin.cast::<Str>()),
        false => None,
    };
    let (shown_module, shown) = (module_name.to_string_lossy(), name.to_string_lossy());
    let shadowed = match origin {
        Some(origin) if objects::system::may_shadow(&origin.to_string_lossy()) => Some(origin),
        _ => None,
    };
    let text = if let Some(origin) = shadowed
        && objects::system::is_standard_name(module_name.value())?
    {
        base::memory::formatted(format_args!(
            "module '{shown_module}' has no attribute '{shown}' (consider renaming '{}' since it has the same name as the standard library module named '{shown_module}' and prevents importing that standard library module)",
            origin.to_string_lossy()
        ))
    } else if flag(interned!("_initializing"))? {
        match (shadowed, origin) {
            (Some(origin), _) => base::memory::formatted(format_args!(
                "module '{shown_module}' has no attribute '{shown}' (consider renaming '{}' if it has the same name as a library you intended to import)",
                origin.to_string_lossy()
            )),
            (None, Some(origin)) => base::memory::formatted(format_args!(
                "partially initialized module '{shown_module}' from '{}' has no attribute '{shown}' (most likely due to a circular import)",
                origin.to_string_lossy()
            )),
            (None, None) => base::memory::formatted(format_args!(
                "partially initialized module '{shown_module}' has no attribute '{shown}' (most likely due to a circular import)"
            )),
        }
    } else if is_uninitialized_submodule(spec, name)? {
        format!("cannot access submodule '{shown}' of module '{shown_module}' (most likely due to a circular import)")
    } else {
        base::memory::formatted(format_args!("module '{shown_module}' has no attribute '{shown}'"))
    };
    Ok(attribute_error_with(module.value(), name, &text))
}

fn is_uninitialized_submodule(spec: Value, name: Gc<Str>) -> R<bool> {
    match get_attr_opt(spec, interned!("_uninitialized_submodules"))? {
        Some(names) if names.cast::<objects::List>().is_some() => objects::contains(names, name.value()),
        _ => Ok(false),
    }
}

fn annotations(module: Gc<Module>) -> R {
    let (namespace, name) = (module.dict(), interned!("__annotations__"));
    if let Some(found) = dict::dict_get_str(namespace, name) {
        return Ok(found);
    }
    let initializing = match dict::dict_get_str(namespace, interned!("__spec__")) {
        Some(spec) => match get_attr_opt(spec, interned!("_initializing"))? {
            Some(flag) => is_true(flag)?,
            None => false,
        },
        None => false,
    };
    let made = match dict::dict_get_str(namespace, interned!("__annotate__")) {
        Some(function) if objects::is_callable(function) => {
            let made = call(function, &[Value::small(1)])?;
            if made.cast::<Dict>().is_none() {
                return Err(type_error!("__annotate__ returned non-dict of type '{}'", class_name(made)));
            }
            made
        }
        _ => objects::new_dict().value(),
    };
    if initializing { Ok(made) } else { dict::dict_set_default(namespace, name.value(), made) }
}

/// `<module 'x' from '...'>` and its variants.
fn module_repr(module: Gc<Module>) -> R {
    let shown = |value: Value| objects::repr(value).map(|text| text.to_string_lossy());
    let field =
        |object: Value, name: Gc<Str>| -> R<Option<Value>> { Ok(get_attr_opt(object, name)?.filter(|value| !value.is_none())) };
    let unknown = objects::new_str("?");
    let spec = match dict::dict_get_str(module.dict(), interned!("__spec__")) {
        Some(spec) if is_true(spec)? => Some(spec),
        _ => None,
    };
    let text = match spec {
        Some(spec) => {
            let name = shown(field(spec, interned!("name"))?.unwrap_or(unknown))?;
            match (field(spec, interned!("origin"))?, field(spec, interned!("loader"))?) {
                (Some(origin), _) => match get_attr_opt(spec, interned!("has_location"))? {
                    Some(flag) if is_true(flag)? => format!("<module {name} from {}>", shown(origin)?),
                    _ => format!("<module {name} ({})>", objects::str_of(origin)?.to_string_lossy()),
                },
                (None, None) => format!("<module {name}>"),
                (None, Some(loader)) => match field(loader, interned!("_path"))? {
                    Some(path) if class_of(loader).name_text() == "NamespaceLoader" => {
                        let path = objects::new_list(&objects::to_vec(path)?);
                        format!("<module {name} (namespace) from {}>", shown(path.value())?)
                    }
                    _ => format!("<module {name} ({})>", shown(loader)?),
                },
            }
        }
        None => {
            let name = shown(dict::dict_get_str(module.dict(), interned!("__name__")).unwrap_or(unknown))?;
            let loader = dict::dict_get_str(module.dict(), interned!("__loader__")).filter(|loader| !loader.is_none());
            match (dict::dict_get_str(module.dict(), interned!("__file__")), loader) {
                (Some(file), _) => format!("<module {name} from {}>", shown(file)?),
                (None, None) => format!("<module {name}>"),
                (None, Some(loader)) => format!("<module {name} ({})>", shown(loader)?),
            }
        }
    };
    Ok(objects::new_str(&text))
}
