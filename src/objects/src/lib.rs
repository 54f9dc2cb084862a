//! Layouts and algorithms of the built-in types, classes and shapes, attribute lookup, calls, errors, the thread context, and the
//! door through which natives call up.
//!
//! Must not know: opcodes and the loop (crate interp), the Python-visible methods of types (crate builtins), any module.

extern crate self as objects;

pub mod args;
pub mod attributes;
pub mod audit;
pub mod boot;
pub mod buffer;
pub mod bytearray;
pub mod bytes;
pub mod call;
pub mod census;
pub mod class;
pub mod class_new;
pub mod classes;
pub mod code;
pub mod codec;
pub mod config;
pub mod containers;
pub mod convert;
pub mod descr;
pub mod dict;
pub mod dict_table;
pub mod dict_views;
pub mod door;
pub mod error;
pub mod error_class;
pub mod exception;
pub mod extension;
pub mod float;
pub mod format;
pub mod frame;
pub mod frame_locals;
pub mod function;
pub mod gc_vec;
pub mod generator;
pub mod int;
pub mod int_limbs;
pub mod intern;
pub mod iterators;
pub mod layout;
pub mod list;
pub mod lookup;
pub mod memoryview;
pub mod module;
pub mod monitoring;
pub mod native;
pub mod number;
pub mod operators;
pub mod path;
pub mod pending;
pub mod profiler;
pub mod protocol;
pub mod range;
pub mod references;
pub mod roots;
pub mod seqiter;
pub mod set;
pub mod set_table;
pub mod shape;
pub mod signature;
pub mod singletons;
pub mod slice;
pub mod slicing;
pub mod slots;
pub mod sort;
pub mod str;
pub mod structseq;
pub mod system;
pub mod thread;
pub mod traceback;
pub mod tuple;
pub mod unraisable;
pub mod warnings;
pub mod weakref;

pub use args::{Args, Kwargs};
pub use buffer::{Buf, WritableBuf};
pub use bytearray::ByteArray;
pub use bytes::{Bytes, new_bytes};
pub use call::{call, call_args, call_kw, call_method, call_special, is_callable};
pub use class::{Class, class_name, class_of, is_instance};
pub use dict::{Dict, new_dict};
pub use error::*;
pub use exception as exc;
pub use float::{Complex, float_value, new_complex, new_float};
pub use gc_vec::GcVec;
pub use int::{IntView, int_view, is_int, new_int, new_int_big, new_int_u64, new_int_usize};
pub use intern::{intern, intern_str};
pub use layout::{Cast, ClassCell, Gc, Layout, LayoutDesc, Trace, new_native, new_object};
pub use list::{List, new_list};
pub use lookup::{
    del_attr, generic_get_attr, generic_set_attr, get_attr, get_attr_named, get_attr_opt, lookup_special, set_attr, type_lookup,
};
pub use module::Module;
pub use native::{ClassDef, FnDef, ModuleDef};
pub use operators::{BinaryOp, CompareOp, UnaryOp, binary_op, compare, compare_bool, eq, inplace_op, power, unary_op};
pub use protocol::*;
pub use set::{FrozenSet, Set};
pub use slice::Slice;
pub use str::{Str, new_str, str_concat};
pub use tuple::{Tuple, new_tuple};

pub use heap::{Header, Slot, Value};
pub use native_macros::{Layout as DeriveLayout, native_class, native_module};
