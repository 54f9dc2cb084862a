//! Issuing warnings from native code. The machinery itself is the `_warnings` module, which registers its entry point here.

use crate::class::Class;
use crate::error::R;
use crate::exception as exc;
use crate::layout::{ClassCell, Gc};
use heap::Value;
use std::sync::OnceLock;

/// (category, text, stack level, the object that it is about).
pub type WarnFunction = fn(Gc<Class>, &str, i64, Option<Value>) -> R<()>;

static WARN: OnceLock<WarnFunction> = OnceLock::new();

pub fn install(function: WarnFunction) {
    let _ = WARN.set(function);
}

/// Issues a warning; an error if a filter turns it into an exception.
pub fn warn(category: &ClassCell, text: &str, stack_level: i64) -> R<()> {
    match WARN.get() {
        Some(function) => function(category.get(), text, stack_level, None),
        None => Ok(()),
    }
}
/// A ResourceWarning about an object; where that was made is told, too, when allocations are traced.
pub fn resource(text: &str, source: Value) -> R<()> {
    match WARN.get() {
        Some(function) => function(exc::RESOURCE_WARNING.get(), text, 1, Some(source)),
        None => Ok(()),
    }
}
pub fn deprecation(text: &str) -> R<()> {
    warn(&exc::DEPRECATION_WARNING, text, 1)
}
pub fn runtime(text: &str) -> R<()> {
    warn(&exc::RUNTIME_WARNING, text, 1)
}

/// (category, text, file name, line).
pub type WarnExplicitFunction = fn(Gc<Class>, &str, &str, u32) -> R<()>;

static WARN_EXPLICIT: OnceLock<WarnExplicitFunction> = OnceLock::new();

pub fn install_explicit(function: WarnExplicitFunction) {
    let _ = WARN_EXPLICIT.set(function);
}

/// Issues a warning about a place in a source file (the compiler's warnings).
pub fn warn_explicit(category: &ClassCell, text: &str, filename: &str, line: u32) -> R<()> {
    match WARN_EXPLICIT.get() {
        Some(function) => function(category.get(), text, filename, line),
        None => Ok(()),
    }
}
