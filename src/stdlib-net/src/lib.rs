//! Native modules around sockets and processes, one file per module.

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[];
