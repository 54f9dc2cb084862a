//! Borrowed bytes of several objects at once, for calls that take them all. Must not know: the calls.
//!
//! A `Buf` refers to what it borrows from, so many of them in malloc memory would keep nothing alive: what they refer to is kept beside.

use crate::buffer::{Buf, WritableBuf};
use crate::error::R;
use crate::gc_vec::GcVec;
use heap::Value;

/// For local variables only, as a `GcVec`.
#[derive(Default)]
pub struct BufList {
    bufs: Vec<Buf>,
    kept: GcVec<[Option<Value>; 3]>,
}

impl BufList {
    pub fn new() -> BufList {
        BufList::default()
    }
    pub fn push(&mut self, value: Value) -> R<()> {
        self.add(Buf::new(value)?);
        Ok(())
    }
    /// The object's memory will be written.
    pub fn push_writable(&mut self, value: Value) -> R<()> {
        self.add(WritableBuf::new(value)?.into_inner());
        Ok(())
    }
    fn add(&mut self, buf: Buf) {
        self.kept.push(buf.references());
        self.bufs.push(buf);
    }
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Buf> {
        self.bufs.iter()
    }
}

impl Drop for BufList {
    fn drop(&mut self) {
        self.bufs.clear();
        std::hint::black_box(&self.kept);
    }
}
