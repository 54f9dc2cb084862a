//! Native modules for data: containers, iteration, numbers, text and binary formats, hashes, compression. One file or folder each.
//!
//! Must not know: the interpreter, other crates of modules.

pub mod collections;
pub mod functools;
pub mod itertools;
pub mod operator;
mod operator_getters;
pub mod support;

use objects::native::ModuleDef;

/// All modules of this crate.
pub static MODULES: &[&ModuleDef] =
    &[collections::Collections::MODULE, itertools::Itertools::MODULE, functools::Functools::MODULE, operator::Operator::MODULE];
