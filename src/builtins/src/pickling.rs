//! What `__reduce__` methods of built-in types share: finding `iter` and other builtins at call time.

use objects::error::R;
use objects::{Value, door, get_attr, intern, new_tuple};

/// The builtin of that name as it is now.
pub fn builtin(name: &str) -> R {
    get_attr(door::builtins_module()?, intern(name))
}

/// `(iter, (items,))`
pub fn reduce_to_iter(items: Value) -> R {
    let arguments = new_tuple(&[items]).value();
    Ok(new_tuple(&[builtin("iter")?, arguments]).value())
}

/// `(function, (items,), state)`
pub fn reduce_with_state(function: &str, items: Value, state: Value) -> R {
    let arguments = new_tuple(&[items]).value();
    Ok(new_tuple(&[builtin(function)?, arguments, state]).value())
}
