//! Audit events: native code announces them, hooks that were added with `sys.addaudithook` see them.

use crate::error::R;
use crate::interpreter::InterpreterSlot;
use crate::layout::Cast;
use crate::list::{self, List};
use crate::str::new_str;
use crate::tuple::new_tuple;
use heap::Value;
use std::sync::atomic::{AtomicBool, Ordering};

static ANY: AtomicBool = AtomicBool::new(false);
/// A list.
static HOOKS: InterpreterSlot = InterpreterSlot::empty();

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
    let Some(hooks) = HOOKS.get().and_then(|hooks| hooks.cast::<List>()) else { return Ok(()) };
    let mut index = 0;
    loop {
        let Some(hook) = hooks.get(index) else { return Ok(()) };
        crate::call::call(hook, &[event, args])?;
        index += 1;
    }
}

/// Adds a hook for the rest of the interpreter's life.
pub fn add_hook(hook: Value) {
    if let Some(hooks) = HOOKS.get_or_make(|| list::new_list(&[]).value()).cast::<List>() {
        list::list_push(hooks, hook);
    }
    ANY.store(true, Ordering::Relaxed);
}
