//! Module objects: a namespace dict and a name. The Python-visible methods are in the builtins crate.

use crate::dict::{self, Dict};
use crate::error::{R, Raised, attribute_error_with};
use crate::interned;
use crate::layout::{Cast, Gc, new_native};
use crate::native::ModuleDef;
use crate::str::{Str, new_str};
use heap::{Header, Slot, Value};
use native_macros::Layout;

#[derive(Layout)]
#[repr(C)]
pub struct Module {
    pub header: Header,
    pub dict: Slot,
    /// State that an extension keeps.
    pub state: Slot,
    pub def: Option<&'static ModuleDef>,
}

impl Module {
    pub fn dict(&self) -> Gc<Dict> {
        match self.dict.get() {
            // SAFETY: only a dict is ever stored.
            Some(dict) => unsafe { dict.cast_unchecked() },
            None => crate::shape::dict_in(&self.dict),
        }
    }
    pub fn get(&self, name: &str) -> Option<Value> {
        dict::dict_get_str(self.dict(), crate::intern::intern(name))
    }
    pub fn set(&self, name: &str, value: Value) -> R<()> {
        dict::dict_set_str(self.dict(), crate::intern::intern(name), value)
    }
}

/// A module with the attributes every module has.
pub fn new_module(name: &str, doc: Option<&str>) -> R<Gc<Module>> {
    new_module_sized(name, doc, 0)
}

/// As `new_module`, with room for `count` more.
fn new_module_sized(name: &str, doc: Option<&str>, count: usize) -> R<Gc<Module>> {
    let module = new_native(Module {
        header: Header::blank(),
        dict: Slot::new(dict::new_dict_sized(count + 5)?.value()),
        state: Slot::empty(),
        def: None,
    });
    init_namespace(module.dict(), new_str(name), doc.map_or(Value::none(), new_str))?;
    Ok(module)
}

/// `__name__`, `__doc__`, `__package__`, `__loader__`, `__spec__`.
pub fn init_namespace(namespace: Gc<Dict>, name: Value, doc: Value) -> R<()> {
    let none = Value::none();
    dict::dict_set_str(namespace, interned!("__name__"), name)?;
    dict::dict_set_str(namespace, interned!("__doc__"), doc)?;
    dict::dict_set_str(namespace, interned!("__package__"), none)?;
    dict::dict_set_str(namespace, interned!("__loader__"), none)?;
    dict::dict_set_str(namespace, interned!("__spec__"), none)
}

/// Makes a native module from its definition and fills its namespace; `exec` is not run yet.
pub fn new_native_module(def: &'static ModuleDef) -> R<Gc<Module>> {
    let count = def.functions.len() + def.classes.len() + def.attrs.len();
    let module = new_module_sized(def.name, if def.doc.is_empty() { None } else { Some(def.doc) }, count)?;
    // SAFETY: the module is fresh; nobody else sees the field change.
    unsafe { (*module.as_ptr()).def = Some(def) };
    fill_native_module(module, def)?;
    Ok(module)
}

/// Enters functions, constants and classes of the definition.
pub fn fill_native_module(module: Gc<Module>, def: &'static ModuleDef) -> R<()> {
    let namespace = module.dict();
    let name = crate::intern::intern(def.name).value();
    for function in def.functions {
        let object = crate::descr::new_native_function(function, Some(module.value()), Some(name));
        dict::dict_set_str(namespace, crate::intern::intern(function.name), object.value())?;
    }
    // Constants may be instances of the classes.
    for class in def.classes {
        let class = crate::class_new::native_class(class)?;
        dict::dict_set_str(namespace, crate::intern::intern_str(class.name()), class.value())?;
    }
    for attribute in def.attrs {
        dict::dict_set_str(namespace, crate::intern::intern(attribute.name), (attribute.make)()?)?;
    }
    Ok(())
}

/// The AttributeError of a module without the attribute.
#[cold]
pub fn module_attribute_error(module: Gc<Module>, name: Gc<Str>) -> Raised {
    let shown = name.to_string_lossy();
    let text = match dict::dict_get_str(module.dict(), interned!("__name__")).and_then(|name| name.cast::<Str>()) {
        Some(module_name) => {
            base::memory::formatted(format_args!("module '{}' has no attribute '{}'", module_name.to_string_lossy(), shown))
        }
        None => base::memory::formatted(format_args!("module has no attribute '{shown}'")),
    };
    attribute_error_with(module.value(), name, &text)
}
