//! What `__reduce__` methods of built-in types share: finding `iter` and other builtins at call time.

use objects::dict::{Dict, dict_get_str};
use objects::error::{R, runtime_error};
use objects::{Gc, Value, intern};
use std::sync::atomic::{AtomicPtr, Ordering};

static BUILTINS: AtomicPtr<Dict> = AtomicPtr::new(std::ptr::null_mut());

/// Registers the namespace of module builtins; called once at boot. The module is immortal, so the pointer stays good.
pub fn install_builtins(namespace: Gc<Dict>) {
    BUILTINS.store(namespace.as_ptr(), Ordering::Release);
}

/// The builtin of that name as it is now.
pub fn builtin(name: &str) -> R {
    let namespace = BUILTINS.load(Ordering::Acquire);
    if namespace.is_null() {
        return Err(runtime_error!("lost builtins module"));
    }
    // SAFETY: set from the live namespace of the builtins module.
    match dict_get_str(unsafe { Gc::from_ptr(namespace) }, intern(name)) {
        Some(value) => Ok(value),
        None => Err(objects::error::attribute_error!("module 'builtins' has no attribute '{name}'")),
    }
}

/// `(iter, (items,))`
pub fn reduce_to_iter(items: Value) -> R {
    let arguments = objects::new_tuple(&[items]).value();
    Ok(objects::new_tuple(&[builtin("iter")?, arguments]).value())
}

/// `(function, (items,), state)`
pub fn reduce_with_state(function: &str, items: Value, state: Value) -> R {
    let arguments = objects::new_tuple(&[items]).value();
    Ok(objects::new_tuple(&[builtin(function)?, arguments, state]).value())
}
