//! The module `sys` as native code sees it: its attributes as they are now.
//!
//! Must not know: what the attributes are.

use crate::dict::{self, Dict};
use crate::error::R;
use crate::intern::intern;
use crate::layout::{Cast, Gc};
use crate::module::Module;
use heap::{Slot, Value};
use std::sync::atomic::{AtomicBool, Ordering};

static SYS: Slot = Slot::empty();
static FINALIZING: AtomicBool = AtomicBool::new(false);

/// Publishes the module `sys`.
pub fn set_sys_module(module: Value) {
    crate::roots::keep_forever(module);
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

/// The process is ending: threads that are not the main one do not come back from safepoints.
pub fn set_finalizing() {
    FINALIZING.store(true, Ordering::SeqCst)
}
pub fn is_finalizing() -> bool {
    FINALIZING.load(Ordering::Relaxed)
}
