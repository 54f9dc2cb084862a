//! Frozen modules: code units that lie in the binary, linked when a module is imported.

use bytecode::serialize::{self, OwnBytes, StoredBytes};
use objects::{R, import_error};
use pylib::Frozen;
use stdlib_sys::imp::FrozenModule;

/// Needed before any file can be imported, so frozen whatever `-X frozen_modules` says.
const ESSENTIAL: &[&str] = &["_frozen_importlib", "_frozen_importlib_external", "zipimport"];

fn lookup(name: &str) -> Option<&'static Frozen> {
    let allowed = objects::config::get().frozen_modules || ESSENTIAL.contains(&name);
    pylib::find_frozen(name).filter(|_| allowed)
}

/// What `_imp` asks of a frozen module.
pub fn find_frozen(name: &str) -> Option<FrozenModule> {
    lookup(name).map(|module| FrozenModule { code: frozen_code, is_package: module.is_package, origname: module.origin })
}

pub fn frozen_names() -> Vec<&'static str> {
    pylib::FROZEN.iter().map(|module| module.name).collect()
}

/// The code of a frozen module.
pub fn frozen_code(name: &str) -> R {
    match lookup(name) {
        // SAFETY: the build wrote these bytes (`pylib/build/frozen.rs`). For the same reason they are not verified.
        Some(module) => match serialize::open(StoredBytes::Static(unsafe { OwnBytes::new(module.code()) })) {
            Ok(unit) => Ok(interp::link::link_stored(unit, true).value()),
            Err(_) => Err(import_error!("Frozen object named {name} is invalid")),
        },
        None => Err(import_error!("No such frozen object named {name}")),
    }
}
