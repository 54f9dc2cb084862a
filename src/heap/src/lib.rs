//! Values, object headers, allocation, collection, safepoints, locks: the floor that every object stands on.
//! Must not know: Python types, names, the interpreter. docs/internals/heap.md is the guide for its users.

pub mod alloc;
pub mod buffers;
pub mod header;
mod mark;
pub mod region;
pub mod shapes;
pub mod slot;
pub mod trace;
pub mod value;

pub use alloc::{OutOfMemory, alloc, alloc_with_drop, out_of_memory, try_alloc, usable_size};
pub use buffers::{RawBuffer, ValuesBuffer, raw_buffer, try_raw_buffer, try_values_buffer, values_buffer};
pub use header::{
    FINALIZER_RAN, HAS_WEAKREFS, Header, IMMORTAL, LAYOUT_FLAG_0, LAYOUT_FLAG_1, LAYOUT_FLAG_2, LAYOUT_FLAG_3,
};
pub use shapes::{ShapeCell, ShapeId, alloc_shape, shape_cell};
pub use slot::{Slot, WeakSlot};
pub use trace::Tracer;
pub use value::Value;
