//! The module `sys` as native code sees it: its attributes as they are now.
//!
//! Must not know: what the attributes are.

use crate::call::call;
use crate::dict::{self, Dict};
use crate::door;
use crate::error::{R, import_error};
use crate::intern::intern;
use crate::interned;
use crate::interpreter::InterpreterSlot;
use crate::layout::{Cast, Gc};
use crate::lookup::{get_attr, get_attr_opt};
use crate::module::Module;
use crate::protocol::is_true;
use crate::set::{FrozenSet, Set};
use crate::str::new_str;
use heap::Value;
use std::sync::atomic::{AtomicBool, Ordering};

static SYS: InterpreterSlot = InterpreterSlot::empty();
static FINALIZING: AtomicBool = AtomicBool::new(false);

/// Publishes the module `sys` of the current interpreter.
pub fn set_sys_module(module: Value) {
    SYS.set(module);
}
pub fn sys_module() -> Option<Gc<Module>> {
    SYS.get()?.cast::<Module>()
}
/// `sys.name`, if it is there.
pub fn sys_attr(name: &str) -> Option<Value> {
    dict::dict_get_str(sys_module()?.dict(), intern(name))
}
pub fn set_sys_attr(name: &str, value: Value) -> R<()> {
    match sys_module() {
        Some(module) => module.set(name, value),
        None => Ok(()),
    }
}
/// `sys.modules`, if it is a dict.
pub fn modules() -> Option<Gc<Dict>> {
    sys_attr("modules")?.cast::<Dict>()
}
/// A module that was imported already.
pub fn imported(name: &str) -> Option<Value> {
    dict::dict_get_str(modules()?, intern(name))
}
/// The module of that name (of a dotted name the innermost), imported if need be, and whole: if another thread is still importing it, that is
/// waited for. (A thread alone would wait for itself.)
pub fn import(name: &str) -> R {
    if let Some(module) = imported(name).filter(|module| !module.is_none())
        && (!heap::is_multithreaded() || !is_initializing(module)?)
    {
        return Ok(module);
    }
    let import = get_attr(door::builtins_module()?, interned!("__import__"))?;
    call(import, &[new_str(name)])?;
    imported(name).ok_or_else(|| import_error!("module '{name}' is not in sys.modules"))
}

/// Whether the module is being imported, as the importer notes it in the module's spec.
pub fn is_initializing(module: Value) -> R<bool> {
    let Some(spec) = get_attr_opt(module, interned!("__spec__"))?.filter(|spec| !spec.is_none()) else { return Ok(false) };
    get_attr_opt(spec, interned!("_initializing"))?.map_or(Ok(false), is_true)
}

static SCRIPT_FOLDER: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();

/// The entry that the main program puts in front of `sys.path`; empty for the working directory.
pub fn set_script_folder(folder: std::path::PathBuf) {
    let _ = SCRIPT_FOLDER.set(folder);
}

/// That entry, once it is there.
pub fn script_folder() -> Option<&'static std::path::Path> {
    SCRIPT_FOLDER.get().map(|folder| folder.as_path())
}

/// Whether a module's file lies where scripts do, so that it may hide a module of the same name.
pub fn may_shadow(origin: &str) -> bool {
    let Some(folder) = SCRIPT_FOLDER.get() else { return false };
    let origin = std::path::Path::new(origin);
    let mut place = origin.parent();
    if origin.file_name().is_some_and(|file| file == "__init__.py") {
        place = place.and_then(std::path::Path::parent);
    }
    let Some(place) = place else { return false };
    if folder.as_os_str().is_empty() { std::env::current_dir().is_ok_and(|folder| place == folder) } else { place == folder }
}

/// Whether the standard library has a module of this name (`sys.stdlib_module_names`).
pub fn is_standard_name(name: Value) -> R<bool> {
    match sys_attr("stdlib_module_names") {
        Some(names) if names.cast::<Set>().is_some() || names.cast::<FrozenSet>().is_some() => {
            crate::protocol::contains(names, name)
        }
        _ => Ok(false),
    }
}

/// The process is ending: threads that are not the main one do not come back from safepoints.
pub fn set_finalizing() {
    FINALIZING.store(true, Ordering::SeqCst)
}
pub fn is_finalizing() -> bool {
    FINALIZING.load(Ordering::Relaxed)
}
