//! `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`: what a file does by means of its other methods.
//!
//! Must not know: any concrete file.

use super::common::{self, Size, call0, check_closed, unsupported};
use base::memory::Grow;
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
        line.put_all(chunk.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(new_bytes(&line))
}

/// The class that all classes of streams derive from.
///
/// Taken by itself it is a stream that can neither be read nor written nor
/// seeked; derived classes override what they can do.
#[native_class(name = "_io._IOBase", base = object, flags = "dict weakref")]
impl IoBase {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, IoBase::blank()).value())
    }
    /// Move to a byte offset and return the new position.
    #[sig("($self, offset, whence=os.SEEK_SET, /)")]
    fn seek(_this: Value, _offset: Value, _whence: Option<Value>) -> R {
        Err(unsupported("seek"))
    }
    /// Return current stream position.
    #[sig("($self, /)")]
    fn tell(this: Value) -> R {
        call_method(this, interned!("seek"), &[Value::small(0), Value::small(1)])
    }
    /// Cut or lengthen the file to size bytes and return size.
    ///
    /// It defaults to the position, which stays the same.
    #[sig("($self, size=None, /)")]
    fn truncate(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("truncate"))
    }
    /// Write out what is buffered.
    ///
    /// Streams that only read do nothing.
    #[sig("($self, /)")]
    fn flush(this: Gc<IoBase>) -> R<()> {
        if this.closed.load(Ordering::Acquire) { Err(common::closed_error()) } else { Ok(()) }
    }
    /// Flush and close the stream.
    ///
    /// If it is closed already, nothing happens.
    #[sig("($self, /)")]
    fn close(this: Gc<IoBase>) -> R<()> {
        close(this)
    }
    #[getter]
    fn closed(this: Gc<IoBase>) -> bool {
        this.closed.load(Ordering::Acquire)
    }
    /// Whether the stream has random access.
    ///
    /// Otherwise seek(), tell() and truncate() raise OSError. The stream may have
    /// to try a seek().
    #[sig("($self, /)")]
    fn seekable(_this: Value) -> bool {
        false
    }
    /// Whether the stream can be read.
    ///
    /// Otherwise read() raises OSError.
    #[sig("($self, /)")]
    fn readable(_this: Value) -> bool {
        false
    }
    /// Whether the stream can be written.
    ///
    /// Otherwise write() raises OSError.
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
    /// The file descriptor of the stream.
    ///
    /// Raises OSError if it has none.
    #[sig("($self, /)")]
    fn fileno(_this: Value) -> R {
        Err(unsupported("fileno"))
    }
    /// Whether the stream is a terminal.
    ///
    /// False as well if that cannot be found out.
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
    /// Read a line, at most size bytes of it if size is given.
    ///
    /// In binary files lines end with b'\n'; in text files it depends on the
    /// argument newline of open().
    #[sig("($self, size=-1, /)")]
    fn readline(this: Value, #[default(Size(-1))] size: Size) -> R {
        read_line(this, size.0)
    }
    /// Read lines and return them as a list.
    ///
    /// If hint is given, no further line is read once there are more than hint
    /// bytes or characters.
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
    /// Write each of the lines.
    ///
    /// Nothing is added at their ends, so each should bring its own line end.
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
        all.put_all(chunk.as_slice());
    }
}

/// Base class of raw (unbuffered) binary streams.
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
    /// Read up to the end, by as many read() calls as it takes.
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

/// Base class of buffered binary streams.
///
/// Unlike a RawIOBase it has a read() for which the size is optional and which
/// does not call readinto(). Its read(), readinto() and write() never return
/// None: if the raw stream is non-blocking and not ready, they raise
/// BlockingIOError.
///
/// Most implementations hold a raw stream; they should not derive from one.
#[native_class(name = "_io._BufferedIOBase", base = IoBase)]
impl BufferedIoBase {
    /// Take the raw stream out of this buffer and return it.
    ///
    /// The buffer cannot be used after that.
    #[sig("($self, /)")]
    fn detach(_this: Value) -> R {
        Err(unsupported("detach"))
    }
    /// Read up to n bytes; without n, or if it is None or negative, up to the end.
    ///
    /// The raw stream may be read several times until there are n bytes. If it is
    /// interactive, a socket or a pipe, it is read once at most, and fewer bytes do
    /// not mean that the end is near.
    ///
    /// b'' means the end, None that a non-blocking raw stream has nothing at the
    /// moment.
    #[sig("($self, size=-1, /)")]
    fn read(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("read"))
    }
    /// Read up to size bytes by at most one read() of the raw stream.
    ///
    /// b'' means the end. Fewer bytes than size do not mean that the end is near.
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
    /// Write a buffer and return its length in bytes.
    ///
    /// Raises BlockingIOError if there is no more space and the raw stream cannot
    /// take anything at the moment.
    #[sig("($self, b, /)")]
    fn write(_this: Value, _b: Value) -> R {
        Err(unsupported("write"))
    }
}

/// Base class of text streams.
///
/// They are read and written in characters and lines. As strings are immutable,
/// there is no readinto.
#[native_class(name = "_io._TextIOBase", base = IoBase)]
impl TextIoBase {
    /// Take the underlying buffer out of the stream and return it.
    ///
    /// The stream cannot be used after that.
    #[sig("($self, /)")]
    fn detach(_this: Value) -> R {
        Err(unsupported("detach"))
    }
    /// Read up to size characters; all up to the end if size is negative or omitted.
    #[sig("($self, size=-1, /)")]
    fn read(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("read"))
    }
    /// Read up to a newline or, if size is given, size characters.
    ///
    /// At the end the result is ''.
    #[sig("($self, size=-1, /)")]
    fn readline(_this: Value, _size: Option<Value>) -> R {
        Err(unsupported("readline"))
    }
    /// Write a string and return its length.
    #[sig("($self, s, /)")]
    fn write(_this: Value, _s: Value) -> R {
        Err(unsupported("write"))
    }
    /// The encoding of the text. For subclasses to override.
    #[getter]
    fn encoding(_this: Value) {}
    /// The kinds of line ends met in reading so far.
    ///
    /// For subclasses to override.
    #[getter]
    fn newlines(_this: Value) {}
    /// How coding errors are handled.
    ///
    /// For subclasses to override.
    #[getter]
    fn errors(_this: Value) {}
}
