//! Pure algorithms under the object model: numbers, text formats, codecs, hashing, dates.
//!
//! Nothing here knows Python objects, keeps global state or touches the outside world (the exceptions are
//! `hash::HashSecret::random`, which asks the system for entropy, and `pause`, by which long computations are interrupted).

pub mod codecs;
pub mod complex;
pub mod fault;
pub mod float;
pub mod format_spec;
pub mod hash;
pub mod int;
pub mod math;
pub mod memory;
pub mod mersenne;
pub mod pause;
pub mod percent_format;
pub mod quick_format;
pub mod str_format;
pub mod text;
pub mod time;

pub mod wtf8;

pub use fault::{Fault, FaultKind};
