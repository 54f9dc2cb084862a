//! The module `_decimal`: decimal floating-point numbers. `arith` holds the arithmetic, without objects; the rest is what Python sees.

pub mod arith;
mod compare;
mod context;
mod context_class;
mod convert;
mod current;
mod decimal;
mod decimal_class;
mod format;
mod module;
mod operate;
mod signals;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[module::DecimalModule::MODULE];
