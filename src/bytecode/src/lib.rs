//! Bytecode of the register machine: the op table and code units as plain data.
//! Must not know: the heap, objects, the compiler's input, the interpreter.

pub mod ops;

pub use ops::{CacheKind, Common, ExtKind, Intrinsic, Op, OperandKind, Special};
