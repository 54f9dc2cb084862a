//! Audit events: native code announces them, hooks that were added with `sys.addaudithook` see them.

use crate::error::R;
use crate::str::new_str;
use crate::tuple::new_tuple;
use heap::Value;
use std::sync::atomic::{AtomicBool, Ordering};

static ANY: AtomicBool = AtomicBool::new(false);
static HOOKS: heap::Mutex<Vec<Value>> = heap::Mutex::new(Vec::new());

/// Whether anybody listens.
#[inline]
pub fn is_active() -> bool {
    ANY.load(Ordering::Relaxed)
}

/// Announces an event. An error of a hook ends the operation.
#[inline]
pub fn audit(event: &str, args: &[Value]) -> R<()> {
    if is_active() { audit_slow(event, args) } else { Ok(()) }
}

#[cold]
fn audit_slow(event: &str, args: &[Value]) -> R<()> {
    let (event, args) = (new_str(event), new_tuple(args).value());
    let mut index = 0;
    loop {
        let hook = HOOKS.lock().get(index).copied();
        let Some(hook) = hook else { return Ok(()) };
        crate::call::call(hook, &[event, args])?;
        index += 1;
    }
}

/// Adds a hook for the rest of the process.
pub fn add_hook(hook: Value) {
    crate::roots::keep_forever(hook);
    HOOKS.lock().push(hook);
    ANY.store(true, Ordering::Relaxed);
}
