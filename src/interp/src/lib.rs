//! The interpreter: dispatch, op bodies, calls, generators, unwinding, inline caches.
//!
//! Must not know: the Python-visible methods of built-in types, any module. docs/internals/interpreter.md is the guide.

pub mod cache;
pub mod call;
mod call_class;
pub mod call_error;
mod call_extern;
mod call_fast;
pub mod coroutine;
pub mod dispatch;
pub mod generator;
mod generator_fast;
pub mod install;
pub mod invoke;
pub mod jump;
pub mod link;
mod monitoring;
pub mod names;
pub mod ops;
pub mod poll;
pub mod raising;
pub mod run;
pub mod skin;
pub mod state;
pub mod trace;
pub mod typeparams;
pub mod unwind;
pub mod wellknown;

pub use install::{install, set_modules};
pub use link::{link, unit_of};
pub use skin::install_classes;
