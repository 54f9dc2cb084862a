//! `_io` and `_codecs`: files, buffers, text streams, the codec registry, the standard streams.
//!
//! Must not know: the interpreter's loop, other stdlib crates.

pub mod codecs;
pub mod io;
pub mod stdio;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[codecs::Codecs::MODULE, io::Io::MODULE];
