//! `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`: what a file does by means of its other methods.
//!
//! Must not know: any concrete file.

use super::common::{self, Size, call0, check_closed, unsupported};
use native_macros::{Layout, native_class};
use objects::list;
use objects::{
    Args, ByteArray, Bytes, Cast, Class, Gc, Header, R, Value, WritableBuf, call_method, class_name, get_attr_opt, interned,
    new_bytes, new_int, new_object, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// The state of every file object that is not kept elsewhere.
#[derive(Layout)]
#[repr(C)]
pub struct IoBase {
    pub header: Header,
    /// `close()` of this class ran.
    pub closed: AtomicBool,
}

impl IoBase {
    pub const fn blank() -> IoBase {
        IoBase { header: Header::blank(), closed: AtomicBool::new(false) }
    }
}

/// `_IOBase.close`.
pub fn close(file: Gc<IoBase>) -> R<()> {
    if file.closed.load(Ordering::Acquire) {
        return Ok(());
    }
    let flushed = call0(file.value(), interned!("flush"));
    file.closed.store(true, Ordering::Release);
    flushed.map(|_| ())
}

/// One line by single bytes, or by what `peek` shows.
fn read_line(file: Value, size: isize) -> R {
    let peek = get_attr_opt(file, interned!("peek"))?;
    let mut line: Vec<u8> = Vec::new();
    while size < 0 || (line.len() as isize) < size {
        let mut wanted = 1;
        if let Some(peek) = peek {
            let ahead = match objects::call(peek, &[Value::small(1)]) {
                Ok(ahead) => ahead,
                Err(raised) => {
                    common::is_interrupted(raised)?;
                    continue;
                }
            };
            let Some(ahead) = ahead.cast::<Bytes>() else {
                return Err(objects::new_error(
                    objects::exc::OS_ERROR.get(),
                    &format!("peek() should have returned a bytes object, not '{}'", class_name(ahead)),
                ));
            };
            if !ahead.is_empty() {
                let bytes = ahead.as_slice();
                let limit = if size < 0 { bytes.len() } else { bytes.len().min(size as usize - line.len()) };
                wanted = memchr::memchr(b'\n', &bytes[..limit]).map_or(limit, |at| at + 1);
            }
        }
        let chunk = match call_method(file, interned!("read"), &[new_int(wanted as i64)]) {
            Ok(chunk) => chunk,
            Err(raised) => {
                common::is_interrupted(raised)?;
                continue;
            }
        };
        let Some(chunk) = chunk.cast::<Bytes>() else {
            return Err(objects::new_error(
                objects::exc::OS_ERROR.get(),
                &format!("read() should have returned a bytes object, not '{}'", class_name(chunk)),
            ));
        };
        if chunk.is_empty() {
            break;
        }
        line.extend_from_slice(chunk.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(new_bytes(&line))
}

/// The abstract base class for all I/O classes.
///
/// This class provides dummy implementations for many methods that
/// derived classes can override selectively; the default implementations
/// represent a file that cannot be read, written or seeked.
#[native_class(name = "_io._IOBase", base = object, flags = "dict weakref")]
impl IoBase {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, IoBase::blank()).value())
    }
    /// Change the stream position to the given byte offset.
    #[sig("($self, offset, whence=os.SEEK_SET, /)")]
    fn seek(_this: Value, _offset: Value, _whence: Option<Value>) -> R {
        Err(unsupported("seek"))
    }
    /// Return current stream position.
    #[sig("($self, /)")]
    fn tell(this: Value) -> R {
        call_method(this, interned!("seek"), &[Value::small(0), Value::small(1)])
    }
    /// Truncate file to size bytes.
    ///
    /// File pointer is left unchanged. Size defaults to the current IO position
    /// as reported by tell(). Return the new size.
    #[sig("($self, size=None, /)")]
    fn truncate(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("truncate"))
    }
    /// Flush write buffers, if applicable.
    ///
    /// This is not implemented for read-only and non-blocking streams.
    #[sig("($self, /)")]
    fn flush(this: Gc<IoBase>) -> R<()> {
        if this.closed.load(Ordering::Acquire) { Err(common::closed_error()) } else { Ok(()) }
    }
    /// Flush and close the IO object.
    ///
    /// This method has no effect if the file is already closed.
    #[sig("($self, /)")]
    fn close(this: Gc<IoBase>) -> R<()> {
        close(this)
    }
    #[getter]
    fn closed(this: Gc<IoBase>) -> bool {
        this.closed.load(Ordering::Acquire)
    }
    /// Return whether object supports random access.
    ///
    /// If False, seek(), tell() and truncate() will raise OSError.
    /// This method may need to do a test seek().
    #[sig("($self, /)")]
    fn seekable(_this: Value) -> bool {
        false
    }
    /// Return whether object was opened for reading.
    ///
    /// If False, read() will raise OSError.
    #[sig("($self, /)")]
    fn readable(_this: Value) -> bool {
        false
    }
    /// Return whether object was opened for writing.
    ///
    /// If False, write() will raise OSError.
    #[sig("($self, /)")]
    fn writable(_this: Value) -> bool {
        false
    }
    #[sig("($self, /)")]
    #[name("_checkClosed")]
    fn check_closed(this: Value) -> R<()> {
        check_closed(this)
    }
    #[sig("($self, /)")]
    #[name("_checkSeekable")]
    fn check_seekable(this: Value) -> R<bool> {
        common::check_seekable(this).map(|()| true)
    }
    #[sig("($self, /)")]
    #[name("_checkReadable")]
    fn check_readable(this: Value) -> R<bool> {
        common::check_readable(this).map(|()| true)
    }
    #[sig("($self, /)")]
    #[name("_checkWritable")]
    fn check_writable(this: Value) -> R<bool> {
        common::check_writable(this).map(|()| true)
    }
    /// Return underlying file descriptor if one exists.
    ///
    /// Raise OSError if the IO object does not use a file descriptor.
    #[sig("($self, /)")]
    fn fileno(_this: Value) -> R {
        Err(unsupported("fileno"))
    }
    /// Return whether this is an 'interactive' stream.
    ///
    /// Return False if it can't be determined.
    #[sig("($self, /)")]
    fn isatty(this: Value) -> R<bool> {
        check_closed(this).map(|()| false)
    }
    #[sig("($self, /)")]
    fn __enter__(this: Value) -> R {
        check_closed(this).map(|()| this)
    }
    fn __exit__(this: Value, _args: &[Value]) -> R {
        call0(this, interned!("close"))
    }
    fn __iter__(this: Value) -> R {
        check_closed(this).map(|()| this)
    }
    fn __next__(this: Value) -> R<Option<Value>> {
        let line = call0(this, interned!("readline"))?;
        Ok(if objects::len(line)? == 0 { None } else { Some(line) })
    }
    /// Read and return a line from the stream.
    ///
    /// If size is specified, at most size bytes will be read.
    ///
    /// The line terminator is always b'\n' for binary files; for text
    /// files, the newlines argument to open can be used to select the line
    /// terminator(s) recognized.
    #[sig("($self, size=-1, /)")]
    fn readline(this: Value, #[default(Size(-1))] size: Size) -> R {
        read_line(this, size.0)
    }
    /// Return a list of lines from the stream.
    ///
    /// hint can be specified to control the number of lines read: no more
    /// lines will be read if the total size (in bytes/characters) of all
    /// lines so far exceeds hint.
    #[sig("($self, hint=-1, /)")]
    fn readlines(this: Value, #[default(Size(-1))] hint: Size) -> R {
        let lines = objects::new_list(&[]);
        let iterator = objects::iter(this)?;
        let mut total = 0usize;
        while let Some(line) = objects::next(iterator)? {
            list::list_append(lines, line)?;
            if hint.0 > 0 {
                total = total.saturating_add(objects::len(line)?);
                if total > hint.0 as usize {
                    break;
                }
            }
        }
        Ok(lines.value())
    }
    /// Write a list of lines to stream.
    ///
    /// Line separators are not added, so it is usual for each of the
    /// lines provided to have a line separator at the end.
    #[sig("($self, lines, /)")]
    fn writelines(this: Value, lines: Value) -> R<()> {
        check_closed(this)?;
        let iterator = objects::iter(lines)?;
        while let Some(line) = objects::next(iterator)? {
            common::call_retrying(this, interned!("write"), &[line])?;
        }
        Ok(())
    }
    fn __del__(this: Value) -> R<()> {
        common::finalize(this);
        Ok(())
    }
}

/// Layouts without fields of their own, so that classes have distinct ones.
macro_rules! plain_layout {
    ($($name:ident)*) => { $(
        #[derive(Layout)]
        #[layout(parent = IoBase)]
        #[repr(C)]
        pub struct $name {
            pub base: IoBase,
        }
        impl $name {
            pub const fn blank() -> $name {
                $name { base: IoBase::blank() }
            }
        }
    )* };
}
plain_layout! { RawIoBase BufferedIoBase TextIoBase }

/// Everything until the end of a raw file, by its `read`.
pub fn read_all(file: Value) -> R {
    let mut all: Vec<u8> = Vec::new();
    let mut any = false;
    loop {
        let chunk = common::call_retrying(file, interned!("read"), &[new_int(common::DEFAULT_BUFFER_SIZE as i64)])?;
        if chunk.is_none() {
            return Ok(if any { new_bytes(&all) } else { chunk });
        }
        let Some(chunk) = chunk.cast::<Bytes>() else { return Err(type_error!("read() should return bytes")) };
        if chunk.is_empty() {
            return Ok(new_bytes(&all));
        }
        any = true;
        all.extend_from_slice(chunk.as_slice());
    }
}

/// Base class for raw binary I/O.
#[native_class(name = "_io._RawIOBase", base = IoBase)]
impl RawIoBase {
    #[sig("($self, size=-1, /)")]
    fn read(this: Value, #[default(-1)] size: isize) -> R {
        if size < 0 {
            return call0(this, interned!("readall"));
        }
        let buffer = ByteArray::new(&[])?;
        objects::bytearray::resize(buffer, size as usize)?;
        let count = call_method(this, interned!("readinto"), &[buffer.value()])?;
        if count.is_none() {
            return Ok(count);
        }
        let count = common::offset(count)?;
        if count < 0 || count > size as i64 {
            return Err(value_error!("readinto returned {count} outside buffer size {size}"));
        }
        let data = objects::bytearray::snapshot(buffer);
        Ok(new_bytes(&data[..data.len().min(count as usize)]))
    }
    /// Read until EOF, using multiple read() call.
    #[sig("($self, /)")]
    fn readall(this: Value) -> R {
        read_all(this)
    }
    fn readinto(_this: Value, _buffer: &[Value]) -> R {
        Err(objects::new_error_args(objects::exc::NOT_IMPLEMENTED_ERROR.get(), &[]))
    }
    fn write(_this: Value, _data: &[Value]) -> R {
        Err(objects::new_error_args(objects::exc::NOT_IMPLEMENTED_ERROR.get(), &[]))
    }
}

fn read_into(this: Value, mut buffer: WritableBuf, method: &str) -> R<usize> {
    let wanted = buffer.len();
    let data = call_method(this, objects::intern(method), &[objects::new_int_usize(wanted)])?;
    let Some(data) = data.cast::<Bytes>() else { return Err(type_error!("read() should return bytes")) };
    if data.len() > wanted {
        return Err(value_error!("read() returned too much data: {wanted} bytes requested, {} returned", data.len()));
    }
    buffer[..data.len()].copy_from_slice(data.as_slice());
    Ok(data.len())
}

/// Base class for buffered IO objects.
///
/// The main difference with RawIOBase is that the read() method
/// supports omitting the size argument, and does not have a default
/// implementation that defers to readinto().
///
/// In addition, read(), readinto() and write() may raise
/// BlockingIOError if the underlying raw stream is in non-blocking
/// mode and not ready; unlike their raw counterparts, they will never
/// return None.
///
/// A typical implementation should not inherit from a RawIOBase
/// implementation, but wrap one.
#[native_class(name = "_io._BufferedIOBase", base = IoBase)]
impl BufferedIoBase {
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable
    /// state.
    #[sig("($self, /)")]
    fn detach(_this: Value) -> R {
        Err(unsupported("detach"))
    }
    /// Read and return up to n bytes.
    ///
    /// If the size argument is omitted, None, or negative, read and
    /// return all data until EOF.
    ///
    /// If the size argument is positive, and the underlying raw stream is
    /// not 'interactive', multiple raw reads may be issued to satisfy
    /// the byte count (unless EOF is reached first).
    /// However, for interactive raw streams (as well as sockets and pipes),
    /// at most one raw read will be issued, and a short result does not
    /// imply that EOF is imminent.
    ///
    /// Return an empty bytes object on EOF.
    ///
    /// Return None if the underlying raw stream was open in non-blocking
    /// mode and no data is available at the moment.
    #[sig("($self, size=-1, /)")]
    fn read(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("read"))
    }
    /// Read and return up to size bytes, with at most one read() call to the underlying raw stream.
    ///
    /// Return an empty bytes object on EOF.
    /// A short result does not imply that EOF is imminent.
    #[sig("($self, size=-1, /)")]
    fn read1(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("read1"))
    }
    #[sig("($self, buffer, /)")]
    fn readinto(this: Value, buffer: WritableBuf) -> R<usize> {
        read_into(this, buffer, "read")
    }
    #[sig("($self, buffer, /)")]
    fn readinto1(this: Value, buffer: WritableBuf) -> R<usize> {
        read_into(this, buffer, "read1")
    }
    /// Write buffer b to the IO stream.
    ///
    /// Return the number of bytes written, which is always
    /// the length of b in bytes.
    ///
    /// Raise BlockingIOError if the buffer is full and the
    /// underlying raw stream cannot accept more data at the moment.
    #[sig("($self, b, /)")]
    fn write(_this: Value, _b: Value) -> R {
        Err(unsupported("write"))
    }
}

/// Base class for text I/O.
///
/// This class provides a character and line based interface to stream
/// I/O. There is no readinto method because Python's character strings
/// are immutable.
#[native_class(name = "_io._TextIOBase", base = IoBase)]
impl TextIoBase {
    /// Separate the underlying buffer from the TextIOBase and return it.
    ///
    /// After the underlying buffer has been detached, the TextIO is in an unusable state.
    #[sig("($self, /)")]
    fn detach(_this: Value) -> R {
        Err(unsupported("detach"))
    }
    /// Read at most size characters from stream.
    ///
    /// Read from underlying buffer until we have size characters or we hit EOF.
    /// If size is negative or omitted, read until EOF.
    #[sig("($self, size=-1, /)")]
    fn read(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("read"))
    }
    /// Read until newline or EOF.
    ///
    /// Return an empty string if EOF is hit immediately.
    /// If size is specified, at most size characters will be read.
    #[sig("($self, size=-1, /)")]
    fn readline(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("readline"))
    }
    /// Write string s to stream.
    ///
    /// Return the number of characters written
    /// (which is always equal to the length of the string).
    #[sig("($self, s, /)")]
    fn write(_this: Value, _s: Value) -> R {
        Err(unsupported("write"))
    }
    /// Encoding of the text stream.
    ///
    /// Subclasses should override.
    #[getter]
    fn encoding(_this: Value) {}
    /// Line endings translated so far.
    ///
    /// Only line endings translated during reading are considered.
    ///
    /// Subclasses should override.
    #[getter]
    fn newlines(_this: Value) {}
    /// The error setting of the decoder or encoder.
    ///
    /// Subclasses should override.
    #[getter]
    fn errors(_this: Value) {}
}
