//! Op bodies by family. Every row of the op table has a type of its name here; a missing one does not compile.
//!
//! Must not know: how bodies are dispatched.
//!
//! SAFETY of all bodies: they run on verified code in a reserved window (see `state.rs`); values read from registers are alive
//! because the window is scanned.

mod arith;
mod attr;
mod build;
mod call;
mod compare;
mod exc;
mod func;
mod gen_ops;
mod globals;
mod import;
mod item;
mod iter;
mod jump;
mod locals;
mod matching;
mod moves;
mod text;

pub use arith::*;
pub use attr::*;
pub use build::*;
pub use call::*;
pub use compare::*;
pub use exc::*;
pub use func::*;
pub use gen_ops::*;
pub use globals::*;
pub use import::*;
pub use item::*;
pub use iter::*;
pub use jump::*;
pub use locals::*;
pub use matching::*;
pub use moves::*;
pub use text::*;
