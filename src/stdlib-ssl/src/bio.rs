//! `_ssl.MemoryBIO`: a queue of bytes between a TLS object and whoever moves its bytes. Must not know: TLS.

use crate::errors;
use native_macros::{Layout, native_class};
use objects::{Args, Buf, Class, Gc, Header, R, Value, new_bytes, new_object};

pub struct Queue {
    data: Vec<u8>,
    start: usize,
    ended: bool,
}
objects::no_references!(Queue);

#[derive(Layout)]
#[repr(C)]
pub struct MemoryBio {
    pub header: Header,
    queue: heap::Mutex<Queue>,
}

impl MemoryBio {
    pub fn append(&self, bytes: &[u8]) {
        self.queue.lock().data.extend_from_slice(bytes);
    }
    /// At most `count` bytes from the front.
    pub fn take(&self, count: usize) -> Vec<u8> {
        let mut queue = self.queue.lock();
        let end = queue.data.len().min(queue.start.saturating_add(count));
        let taken = queue.data[queue.start..end].to_vec();
        queue.start = end;
        if queue.start == queue.data.len() {
            queue.data.clear();
            queue.start = 0;
        } else if queue.start > 1 << 16 && queue.start > queue.data.len() / 2 {
            let start = std::mem::take(&mut queue.start);
            queue.data.drain(..start);
        }
        taken
    }
    pub fn is_ended(&self) -> bool {
        let queue = self.queue.lock();
        queue.ended && queue.start == queue.data.len()
    }
}

/// Bytes that are written can be read again.
#[native_class(name = "_ssl.MemoryBIO", base = object, flags = "final")]
impl MemoryBio {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("MemoryBIO")?;
        args.check_count("MemoryBIO", 0, 0)?;
        let queue = Queue { data: Vec::new(), start: 0, ended: false };
        Ok(new_object(cls, MemoryBio { header: Header::blank(), queue: heap::Mutex::new(queue) }).value())
    }
    /// Read up to size bytes, by default all that there are.
    ///
    /// b'' means that nothing is there now, or ever if the property "eof" is true.
    #[sig("($self, size=-1, /)")]
    fn read(this: Gc<MemoryBio>, size: i32) -> Value {
        new_bytes(&this.take(usize::try_from(size).unwrap_or(usize::MAX)))
    }
    /// Put bytes at the end and return how many they are.
    #[sig("($self, b, /)")]
    fn write(this: Gc<MemoryBio>, b: Buf) -> R<usize> {
        let mut queue = this.queue.lock();
        if queue.ended {
            drop(queue);
            return Err(errors::bare_error("cannot write() after write_eof()"));
        }
        queue.data.extend_from_slice(&b);
        Ok(b.len())
    }
    /// Mark the end: nothing will be written any more.
    ///
    /// The property "eof" is True once all has been read.
    fn write_eof(this: Gc<MemoryBio>) {
        this.queue.lock().ended = true;
    }
    /// How many bytes wait to be read.
    #[getter]
    fn pending(this: Gc<MemoryBio>) -> usize {
        let queue = this.queue.lock();
        queue.data.len() - queue.start
    }
    /// Whether the end was marked and all has been read.
    #[getter]
    fn eof(this: Gc<MemoryBio>) -> bool {
        this.is_ended()
    }
}
