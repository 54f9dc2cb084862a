//! Bytecode of the register machine: the op table and code units as plain data.
//! Must not know: the heap, objects, the compiler's input, the interpreter.

pub mod builder;
pub mod code_unit;
pub mod decode;
pub mod disassemble;
pub mod flow;
pub mod liveness;
pub mod ops;
pub mod positions;
pub mod serialize;
pub mod verify;

pub use builder::{Builder, Label, UnitInfo};
pub use code_unit::{CacheCell, CodeUnit, Const, ExceptionRow, Position, Spill, VariableKind, Wtf8, co_flags};
pub use disassemble::{disassemble, disassemble_all, ops_page};
pub use ops::{CacheKind, Common, ExtKind, Intrinsic, Op, OperandKind, Special};
pub use serialize::{ReadError, from_bytes, to_bytes};
pub use verify::{Malformed, verify};
