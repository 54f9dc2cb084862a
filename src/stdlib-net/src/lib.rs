//! Native modules around sockets and processes, one file per module.

pub mod select;
pub mod sockets;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[select::Select::MODULE, sockets::SocketModule::MODULE];
