//! Issuing warnings from native code. The machinery itself is the `_warnings` module, which registers its entry point here.

use crate::class::Class;
use crate::error::R;
use crate::exception as exc;
use crate::layout::{ClassCell, Gc};
use std::sync::OnceLock;

/// (category, text, stack level).
pub type WarnFunction = fn(Gc<Class>, &str, i64) -> R<()>;

static WARN: OnceLock<WarnFunction> = OnceLock::new();

pub fn install(function: WarnFunction) {
    let _ = WARN.set(function);
}

/// Issues a warning; an error if a filter turns it into an exception.
pub fn warn(category: &ClassCell, text: &str, stack_level: i64) -> R<()> {
    match WARN.get() {
        Some(function) => function(category.get(), text, stack_level),
        None => Ok(()),
    }
}
pub fn deprecation(text: &str) -> R<()> {
    warn(&exc::DEPRECATION_WARNING, text, 1)
}
pub fn runtime(text: &str) -> R<()> {
    warn(&exc::RUNTIME_WARNING, text, 1)
}
