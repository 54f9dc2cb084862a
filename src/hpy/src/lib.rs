//! HPy: loads universal extension modules and runs them. The context and its functions, handles, types, the module `hpy.universal`.
//!
//! Must not know: the interpreter loop, how modules are found.

pub mod abi;
pub mod table;

pub use abi::Handle;
pub use table::{Context, kind};
