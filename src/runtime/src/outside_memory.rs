//! Memory outside the heap, as the command needs to know it: the allocator of Rust's library, and the end of a process that it has failed.
//!
//! Must not know: what memory is asked for.

pub use heap::end_out_of_memory as end;
pub use heap::outside::{OutsideMemory as Allocator, has_just_failed, prepare as keep_back};
