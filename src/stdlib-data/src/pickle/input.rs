//! Where an unpickler reads: bytes in memory, or a file, of which no byte beyond the pickle may be consumed.
//! Must not know: what is read.

use super::unpickling_error;
use base::memory::{Grow, copied};
use objects::bytearray;
use objects::{Buf, ByteArray, Cast, R, Value, call, eof_error, exc, get_attr, get_attr_opt, interned, new_int, type_error};

/// How much is asked for when a file lets us peek.
const PEEK: i64 = 128 * 1024;

struct File {
    read: Value,
    readline: Value,
    peek: Option<Value>,
    /// The buffer holds bytes that the file still has.
    peeked: bool,
}

pub struct Input {
    data: *const u8,
    /// The end of what may be read: of the frame, or of everything that is here.
    len: usize,
    pub at: usize,
    /// Within a frame, how much is here.
    whole: Option<usize>,
    /// Owns `data` when it was read from a file.
    buffer: Vec<u8>,
    /// Keeps `data` in place when it is somebody's memory.
    _lent: Option<Buf>,
    file: Option<File>,
}

/// `file.read` and `file.readline` of what is to be read from, and `file.peek` if there is one.
pub fn file_methods(file: Value) -> R<(Value, Value, Option<Value>)> {
    let peek = get_attr_opt(file, interned!("peek"))?;
    let read = get_attr_opt(file, interned!("read"))?;
    let readline = get_attr_opt(file, interned!("readline"))?;
    match (read, readline) {
        (Some(read), Some(readline)) if !read.is_none() && !readline.is_none() => Ok((read, readline, peek)),
        _ => Err(type_error!("file must have 'read' and 'readline' attributes")),
    }
}

impl Input {
    pub fn memory(data: Buf) -> Input {
        Input { data: data.as_ptr(), len: data.len(), at: 0, whole: None, buffer: Vec::new(), _lent: Some(data), file: None }
    }
    pub fn file(read: Value, readline: Value, peek: Option<Value>) -> Input {
        let file = File { read, readline, peek, peeked: false };
        Input { data: std::ptr::null(), len: 0, at: 0, whole: None, buffer: Vec::new(), _lent: None, file: Some(file) }
    }
    #[inline(always)]
    fn slice(&self, start: usize, end: usize) -> &[u8] {
        debug_assert!(start <= end && end <= self.len);
        if start == end {
            return &[];
        }
        // SAFETY: callers stay within the length; the memory is owned, or pinned by `_lent`.
        unsafe { std::slice::from_raw_parts(self.data.add(start), end - start) }
    }
    /// The next instruction.
    #[inline(always)]
    pub fn op(&mut self) -> R<u8> {
        if self.at == self.len && !self.refill(1)? {
            return Err(eof_error!("Ran out of input"));
        }
        let byte = self.slice(self.at, self.at + 1)[0];
        self.at += 1;
        Ok(byte)
    }
    /// The next `count` bytes.
    #[inline(always)]
    pub fn take(&mut self, count: usize) -> R<&[u8]> {
        if count > self.len - self.at && !self.refill(count)? {
            return Err(truncated());
        }
        self.at += count;
        Ok(self.slice(self.at - count, self.at))
    }
    #[inline]
    pub fn array<const N: usize>(&mut self) -> R<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }
    /// A frame of that length begins. No instruction may cross its end.
    pub fn begin_frame(&mut self, length: usize) -> R<()> {
        if self.whole.is_some() && self.at != self.len {
            return Err(unpickling_error("beginning of a new frame before end of current frame"));
        }
        self.leave_frame()?;
        self.ensure(length)?;
        self.whole = Some(self.len);
        self.len = self.at + length;
        Ok(())
    }
    #[cold]
    fn leave_frame(&mut self) -> R<()> {
        let Some(whole) = self.whole else { return Ok(()) };
        if self.at != self.len {
            return Err(unpickling_error("pickle exhausted before end of frame"));
        }
        self.len = whole;
        self.whole = None;
        Ok(())
    }
    /// Makes sure that the next `count` bytes are there.
    fn ensure(&mut self, count: usize) -> R<()> {
        if count > self.len - self.at && !self.refill(count)? {
            return Err(truncated());
        }
        Ok(())
    }
    /// The rest of the line with its end, or of the input if there is no other.
    pub fn line(&mut self) -> R<&[u8]> {
        let start = self.at;
        if let Some(length) = self.slice(start, self.len).iter().position(|byte| *byte == b'\n') {
            self.at = start + length + 1;
            return Ok(self.slice(start, self.at));
        }
        if self.whole.is_some() {
            self.leave_frame()?;
            return self.line();
        }
        if let Some(file) = &self.file {
            let readline = file.readline;
            self.skip_consumed()?;
            let line = call(readline, &[])?;
            let keep = self.leftover();
            self.replace(keep, &read_bytes(line)?);
            if let Some(file) = &mut self.file {
                file.peeked = false;
            }
        }
        let start = self.at;
        self.at = match self.slice(start, self.len).iter().position(|byte| *byte == b'\n') {
            Some(length) => start + length + 1,
            None if self.file.is_some() => return Err(truncated()),
            None => self.len,
        };
        Ok(self.slice(start, self.at))
    }
    /// Bytes that were read from the file and not used.
    fn leftover(&self) -> usize {
        if self.file.as_ref().is_some_and(|file| file.peeked) { 0 } else { self.len - self.at }
    }
    /// Puts `fresh` behind the last `keep` bytes of the buffer.
    fn replace(&mut self, keep: usize, fresh: &[u8]) {
        let from = self.len - keep;
        self.buffer.drain(..from);
        self.buffer.truncate(keep);
        self.buffer.put_all(fresh);
        self.data = self.buffer.as_ptr();
        self.len = self.buffer.len();
        self.at = 0;
    }
    /// Tells the file how much of what we peeked at was used.
    pub fn skip_consumed(&mut self) -> R<()> {
        let consumed = self.at;
        if let Some(whole) = self.whole.take() {
            self.len = whole;
        }
        if let Some(file) = &mut self.file
            && file.peeked
            && consumed > 0
        {
            let read = file.read;
            call(read, &[new_int(consumed as i64)])?;
            self.replace(self.len - consumed, &[]);
        }
        Ok(())
    }
    /// Gets more from the file; false if there is not enough.
    #[cold]
    fn refill(&mut self, count: usize) -> R<bool> {
        if self.whole.is_some() {
            self.leave_frame()?;
            if count <= self.len - self.at {
                return Ok(true);
            }
        }
        if self.file.is_none() {
            return Ok(false);
        }
        self.skip_consumed()?;
        let keep = self.leftover();
        let Some(file) = &mut self.file else { return Ok(false) };
        file.peeked = false;
        if keep == 0
            && let Some(peek) = file.peek
        {
            match call(peek, &[new_int(PEEK)]) {
                Ok(seen) => {
                    let seen = read_bytes(seen)?;
                    if seen.len() >= count {
                        file.peeked = true;
                        self.replace(0, &seen);
                        return Ok(true);
                    }
                }
                Err(raised) if raised.is(&exc::NOT_IMPLEMENTED_ERROR) => {
                    raised.clear();
                    file.peek = None;
                }
                Err(raised) => return Err(raised),
            }
        }
        let Some(wanted) = Value::try_int((count - keep) as i64) else { return Err(objects::memory_error()) };
        let read = file.read;
        let data = read_bytes(call(read, &[wanted])?)?;
        let enough = data.len() >= count - keep;
        self.replace(keep, &data);
        Ok(enough)
    }
    /// The next bytes as a new bytearray.
    pub fn take_bytearray(&mut self, count: usize) -> R<Value> {
        Ok(ByteArray::new(self.take(count)?)?.value())
    }
}

#[cold]
pub fn truncated() -> objects::Raised {
    unpickling_error("pickle data was truncated")
}

fn read_bytes(value: Value) -> R<Vec<u8>> {
    if let Some(array) = value.cast_exact::<ByteArray>() {
        return Ok(copied(bytearray::snapshot(array)));
    }
    Ok(copied(&Buf::new(value)?))
}

/// The attribute `write` of a file, for picklers.
pub fn write_method(file: Value) -> R {
    match get_attr(file, interned!("write")) {
        Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => {
            raised.clear();
            Err(type_error!("file must have a 'write' attribute"))
        }
        result => result,
    }
}
