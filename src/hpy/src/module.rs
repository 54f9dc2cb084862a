//! From a module definition to a module: creation, and execution of what the definition wants executed.
//!
//! Must not know: where the definition comes from.

use crate::abi::{self, Def, ModuleDef};
use crate::api::global_cell;
use crate::enter::{self, Target};
use crate::layer::Layer;
use crate::slots::method_enter;
use crate::spec::{defines, forever, new_def};
use heap::Slot;
use native_macros::{Layout, native_class};
use objects::layout::new_native;
use objects::module::init_namespace;
use objects::native::FnKind;
use objects::{Cast, Gc, Header, Module, R, Value, descr, dict, interned, new_str, system_error};
use std::sync::atomic::{AtomicBool, Ordering};

const NON_DEFAULT: &str = "This is not allowed because custom HPy_mod_create slot cannot return a builtin module object and cannot \
make any use of any other data defined in the HPyModuleDef. Either do not define HPy_mod_create slot and let the runtime create a \
builtin module object from the provided HPyModuleDef, or do not define anything else but the HPy_mod_create slot.";

/// What a module of an extension remembers of its definition.
#[derive(Layout)]
#[repr(C)]
pub struct Origin {
    pub header: Header,
    def: *const ModuleDef,
    layer: &'static Layer,
    executed: AtomicBool,
}

// SAFETY: the definition is constant data of a library that is never unloaded.
unsafe impl Send for Origin {}
unsafe impl Sync for Origin {}

#[native_class(name = "hpy_module_origin", base = object, flags = "final no_new")]
impl Origin {}

unsafe fn slots_of(def: &ModuleDef) -> impl Iterator<Item = (i32, &'static Def)> {
    defines(def.defines).filter(|def| def.kind == abi::DEF_SLOT).map(|def| (def.body.slot.slot, def))
}

fn target(function: *const std::ffi::c_void, layer: &'static Layer, name: &'static str) -> &'static Target {
    Target::leak(function, layer, name, name, name, 0)
}

/// That of a function in a module.
fn function_target(
    function: *const std::ffi::c_void,
    layer: &'static Layer,
    module: &str,
    name: &'static str,
) -> &'static Target {
    let leak = |text: String| Box::leak(text.into_boxed_str());
    Target::leak(function, layer, name, leak(format!("{module}.{name}")), leak(format!("<built-in function {name}>")), 0)
}

/// Makes the module of a definition; its exec slots have not run.
///
/// # Safety
/// `def` is a definition that an extension returned.
pub unsafe fn create(def: &ModuleDef, name: &str, spec: Value, layer: &'static Layer) -> R {
    if def.size < 0 {
        return Err(system_error!("HPy does not permit HPyModuleDef.size < 0"));
    }
    if def.size > 0 {
        return Err(system_error!(
            "Module state is not supported yet in HPy, set HPyModuleDef.size = 0 if module state is not needed"
        ));
    }
    if !def.legacy_methods.is_null() {
        return Err(objects::import_error!("module '{name}' defines methods of CPython's C API (HPyModuleDef.legacy_methods)"));
    }
    let mut creator = None;
    let mut others = 0;
    for (slot, def) in slots_of(def) {
        match slot {
            abi::SLOT_MOD_CREATE if creator.is_some() => {
                return Err(system_error!("Multiple definitions of the HPy_mod_create slot in HPyModuleDef.defines."));
            }
            abi::SLOT_MOD_CREATE => creator = Some(def.body.slot.function),
            abi::SLOT_MOD_EXEC => others += 1,
            _ => return Err(system_error!("Unsupported slot in HPyModuleDef.defines (value: {slot}).")),
        }
    }
    let methods = defines(def.defines).filter(|def| def.kind != abi::DEF_SLOT).count();
    if let Some(function) = creator {
        if others + methods > 0 {
            return Err(system_error!(
                "HPyModuleDef defines a HPy_mod_create slot and some other slots or methods. {NON_DEFAULT}"
            ));
        }
        if !def.doc.is_null() || !def.globals.is_null() {
            return Err(system_error!(
                "HPyModuleDef defines a HPy_mod_create slot and some of the other fields are not set to their default value. \
                 {NON_DEFAULT}"
            ));
        }
        let made = enter::create_module(target(function, layer, "HPy_mod_create"), spec)?;
        if made.cast::<Module>().is_some() {
            return Err(system_error!("HPy_mod_create slot returned a builtin module object. This is currently not supported."));
        }
        return Ok(made);
    }
    let _ = objects::native::rt::class_of_def(Origin::CLASS_DEF);
    let origin = new_native(Origin { header: Header::blank(), def, layer, executed: AtomicBool::new(false) });
    let module = new_native(Module {
        header: Header::blank(),
        dict: Slot::new(dict::new_dict().value()),
        state: Slot::new(origin.value()),
        def: None,
    });
    let doc = if def.doc.is_null() { Value::none() } else { new_str(forever(def.doc)) };
    init_namespace(module.dict(), new_str(name), doc)?;
    dict::dict_set_str(module.dict(), interned!("__spec__"), spec)?;
    let module_name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    for def in defines(def.defines) {
        match def.kind {
            abi::DEF_SLOT => {}
            abi::DEF_METH => {
                let meth = &def.body.meth;
                let name = forever(meth.name);
                let target = function_target(meth.function, layer, module_name, name);
                let enter = method_enter(meth.signature)?;
                let def = new_def(name, "", module_name, forever(meth.doc), FnKind::Function, enter, target);
                let function = descr::new_native_function(def, Some(module.value()), Some(new_str(module_name)));
                dict::dict_set_str(module.dict(), objects::intern(name), function.value())?;
            }
            kind => return Err(system_error!("definitions of kind {kind} make no sense in a module ('{module_name}')")),
        }
    }
    let mut next = def.globals;
    while !next.is_null() && !(*next).is_null() {
        global_cell(*next);
        next = next.add(1);
    }
    Ok(module.value())
}

/// Runs the exec slots of a module that `create` made, once.
pub fn execute(module: Value) -> R<()> {
    let Some(module) = module.cast::<Module>() else { return Ok(()) };
    let Some(origin) = module.state.get().and_then(|origin| origin.cast::<Origin>()) else { return Ok(()) };
    if origin.executed.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    // SAFETY: set by `create`.
    let functions: Vec<_> = unsafe {
        slots_of(&*origin.def).filter(|(slot, _)| *slot == abi::SLOT_MOD_EXEC).map(|(_, def)| def.body.slot.function).collect()
    };
    for function in functions {
        enter::exec_module(target(function, origin.layer, "HPy_mod_exec"), module.value())?;
    }
    Ok(())
}

/// The name without its packages, as symbols spell it.
pub fn short_name(name: Gc<objects::Str>) -> R<String> {
    let bytes = objects::codec::encode(name, "ascii", "strict")?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let short = text.rsplit('.').next().unwrap_or_default();
    Ok(short.replace('-', "_"))
}

pub(crate) fn spec_name(spec: Value) -> R {
    objects::get_attr(spec, interned!("name"))
}
