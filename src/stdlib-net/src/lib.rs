//! Native modules around sockets, waiting and asynchronous tasks, one file or folder per module.

pub mod asyncio;
pub mod select;
pub mod sockets;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[asyncio::Asyncio::MODULE, select::Select::MODULE, sockets::SocketModule::MODULE];
