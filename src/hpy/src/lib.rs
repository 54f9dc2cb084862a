//! HPy: loads universal extension modules and runs them. The context and its functions, handles, types, the module `hpy.universal`.
//!
//! Must not know: the interpreter loop, how modules are found.

pub mod abi;
pub mod api;
pub mod buffers;
pub mod capsule;
pub mod context;
pub mod debug;
pub mod elf;
pub mod enter;
pub mod fatal;
pub mod foreign;
pub mod handle;
pub mod instance;
pub mod layer;
pub mod loader;
pub mod lock;
pub mod members;
pub mod module;
pub mod slots;
pub mod spec;
pub mod table;
pub mod trace;
pub mod universal;

pub use abi::Handle;
pub use table::{Context, kind};

/// Native modules of this crate.
pub const MODULES: &[&objects::ModuleDef] = &[universal::Universal::MODULE, universal::Bundled::MODULE];
