//! `BytesIO`: a binary file in memory.
//!
//! Must not know: other files.

use super::base::BufferedIoBase;
use super::common::{self, Size, closed_error};
use base::memory::Grow;
use native_macros::{Layout, native_class};
use objects::buffer::{BufferView, Exporter, Exports};
use objects::dict::{self, Dict};
use objects::{
    Args, Buf, Bytes, Cast, Class, Gc, Header, R, Slot, Tuple, Value, WritableBuf, class_name, int_view, is_int, list, new_bytes,
    new_int_usize, new_native, new_object, new_tuple, overflow_error, type_error, value_error,
};

#[derive(Layout)]
#[layout(parent = BufferedIoBase)]
#[repr(C)]
pub struct BytesIo {
    pub base: BufferedIoBase,
    state: heap::Mutex<State>,
    /// Content that is still shared with a bytes object.
    shared: Slot,
    exports: Exports,
}

struct State {
    data: Vec<u8>,
    position: usize,
    closed: bool,
}
objects::no_references!(State);

impl BytesIo {
    fn blank() -> BytesIo {
        BytesIo {
            base: BufferedIoBase::blank(),
            state: heap::Mutex::new(State { data: Vec::new(), position: 0, closed: false }),
            shared: Slot::empty(),
            exports: Exports::new(),
        }
    }
    fn value(&self) -> Value {
        // SAFETY: layouts live in heap objects only.
        unsafe { Value::from_ptr(&raw const *self as *mut Header) }
    }
    /// Runs `work` with the content and the position.
    #[inline]
    fn with<T>(&self, work: impl FnOnce(&[u8], &mut usize) -> T) -> R<T> {
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            return Err(closed_error());
        }
        let state = &mut *state;
        match self.shared.get().and_then(|shared| shared.cast::<Bytes>()) {
            Some(bytes) => Ok(work(bytes.as_slice(), &mut state.position)),
            None => Ok(work(&state.data, &mut state.position)),
        }
    }
    /// The state, while nobody has a view of the content. Who wants one has to wait for the lock.
    fn without_views(&self) -> R<heap::MutexGuard<'_, State>> {
        loop {
            let state = self.state.lock();
            if self.exports.count() == 0 {
                return Ok(state);
            }
            drop(state);
            self.exports.check(self.value(), "Existing exports of data: object cannot be re-sized")?;
        }
    }
    /// Runs `work` with content that may be changed.
    fn edit<T>(&self, resizes: bool, work: impl FnOnce(&mut State) -> R<T>) -> R<T> {
        let mut state = if resizes { self.without_views()? } else { self.state.lock() };
        if state.closed {
            drop(state);
            return Err(closed_error());
        }
        if let Some(bytes) = self.shared.get().and_then(|shared| shared.cast::<Bytes>()) {
            let mut data = Vec::new();
            data.try_reserve(bytes.len()).map_err(|_| objects::memory_error())?;
            data.put_all(bytes.as_slice());
            state.data = data;
            self.shared.set_opt(None);
        }
        work(&mut state)
    }
}

fn write(this: Gc<BytesIo>, bytes: &[u8]) -> R<usize> {
    if bytes.is_empty() {
        check_open(this)?;
        this.exports.check(this.value(), "Existing exports of data: object cannot be re-sized")?;
        return Ok(0);
    }
    this.edit(true, |state| {
        let end = state.position.checked_add(bytes.len()).filter(|end| *end <= isize::MAX as usize);
        let Some(end) = end else { return Err(overflow_error!("new buffer size too large")) };
        if end > state.data.len() {
            let more = end - state.data.len();
            state.data.try_reserve(more).map_err(|_| objects::memory_error())?;
            if state.position > state.data.len() {
                state.data.resize(state.position, 0);
            }
            let overlap = state.data.len() - state.position;
            let start = state.position;
            state.data[start..].copy_from_slice(&bytes[..overlap]);
            state.data.put_all(&bytes[overlap..]);
        } else {
            state.data[state.position..end].copy_from_slice(bytes);
        }
        state.position = end;
        Ok(bytes.len())
    })
}

/// Reads as many bytes as `count` makes of those that are left.
fn take(this: Gc<BytesIo>, count: impl FnOnce(&[u8]) -> usize) -> R<Gc<Bytes>> {
    let shared = this.shared.get().and_then(|shared| shared.cast::<Bytes>());
    let part = this.with(|data, position| {
        let start = (*position).min(data.len());
        let end = start + count(&data[start..]);
        if end > start {
            *position = end;
        }
        if start == 0 && end == data.len() && shared.is_some() {
            None
        } else {
            Some(Bytes::build(end - start, |out| out.copy_from_slice(&data[start..end])))
        }
    })?;
    part.unwrap_or_else(|| shared.map_or_else(|| Bytes::copied(b""), Ok))
}

fn take_bytes(this: Gc<BytesIo>, limit: Option<usize>) -> R<Gc<Bytes>> {
    take(this, |rest| limit.map_or(rest.len(), |limit| limit.min(rest.len())))
}

fn take_line(this: Gc<BytesIo>, limit: Option<usize>) -> R<Gc<Bytes>> {
    take(this, |rest| {
        let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        limit.map_or(line, |limit| limit.min(line))
    })
}

fn content(this: Gc<BytesIo>) -> R {
    let shared = this.shared.get();
    let copy = this.with(|data, _| if shared.is_some() { None } else { Some(Bytes::copied(data)) })?;
    match (copy, shared) {
        (Some(bytes), _) => Ok(bytes?.value()),
        (None, shared) => Ok(shared.unwrap_or_else(|| new_bytes(b""))),
    }
}

fn check_open(this: Gc<BytesIo>) -> R<()> {
    if this.state.lock().closed { Err(closed_error()) } else { Ok(()) }
}

/// A binary stream in memory.
#[native_class(name = "_io.BytesIO", base = BufferedIoBase)]
impl BytesIo {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, BytesIo::blank()).value())
    }
    #[sig("(initial_bytes=b'')")]
    fn __init__(this: Gc<BytesIo>, initial_bytes: Option<Value>) -> R<()> {
        let initial = initial_bytes.filter(|initial| !initial.is_none());
        let shared = initial.filter(|initial| initial.cast_exact::<Bytes>().is_some());
        {
            let mut state = this.without_views()?;
            state.data = Vec::new();
            state.position = 0;
            state.closed = false;
            this.shared.set_opt(shared);
        }
        let Some(initial) = initial.filter(|_| shared.is_none()) else { return Ok(()) };
        let bytes = Buf::new(initial)?;
        write(this, &bytes)?;
        this.state.lock().position = 0;
        Ok(())
    }
    /// True, since the stream can be read.
    #[sig("($self, /)")]
    fn readable(this: Gc<BytesIo>) -> R<bool> {
        check_open(this).map(|()| true)
    }
    /// True, since the stream can be written.
    #[sig("($self, /)")]
    fn writable(this: Gc<BytesIo>) -> R<bool> {
        check_open(this).map(|()| true)
    }
    /// True, since the stream can be seeked.
    #[sig("($self, /)")]
    fn seekable(this: Gc<BytesIo>) -> R<bool> {
        check_open(this).map(|()| true)
    }
    /// Does nothing.
    #[sig("($self, /)")]
    fn flush(this: Gc<BytesIo>) -> R<()> {
        check_open(this)
    }
    /// A memoryview of the contents, which can change them.
    #[sig("($self, /)")]
    fn getbuffer(this: Gc<BytesIo>) -> R {
        this.edit(false, |_| Ok(()))?;
        let lender = new_native(BytesIoBuffer { header: Header::blank(), source: this });
        Ok(objects::memoryview::memoryview_of(lender.value())?.value())
    }
    /// All of the contents as bytes.
    #[sig("($self, /)")]
    fn getvalue(this: Gc<BytesIo>) -> R {
        content(this)
    }
    /// Always False: memory is no terminal.
    #[sig("($self, /)")]
    fn isatty(this: Gc<BytesIo>) -> R<bool> {
        check_open(this).map(|()| false)
    }
    /// The position, an int.
    #[sig("($self, /)")]
    fn tell(this: Gc<BytesIo>) -> R<usize> {
        this.with(|_, position| *position)
    }
    /// Read at most size bytes; all up to the end if size is negative.
    ///
    /// At the end the result is b''.
    #[sig("($self, size=-1, /)")]
    fn read(this: Gc<BytesIo>, #[default(Size(-1))] size: Size) -> R<Gc<Bytes>> {
        take_bytes(this, size.limit())
    }
    /// Read at most size bytes; all up to the end if size is negative or omitted.
    ///
    /// At the end the result is b''.
    #[sig("($self, size=-1, /)")]
    fn read1(this: Gc<BytesIo>, #[default(Size(-1))] size: Size) -> R<Gc<Bytes>> {
        take_bytes(this, size.limit())
    }
    /// Read a line, with its newline.
    ///
    /// It is cut after size bytes if size is given and not negative. At the end the
    /// result is b''.
    #[sig("($self, size=-1, /)")]
    fn readline(this: Gc<BytesIo>, #[default(Size(-1))] size: Size) -> R<Gc<Bytes>> {
        take_line(this, size.limit())
    }
    /// Read lines and return them as a list.
    ///
    /// If size is given, no further line is read once there are about that many
    /// bytes.
    #[sig("($self, size=None, /)")]
    fn readlines(this: Gc<BytesIo>, size: Option<Value>) -> R {
        let limit = match size.filter(|size| !size.is_none()) {
            None => 0,
            Some(size) if is_int(size) || objects::class_of(size).slots.index.get().is_some() => {
                objects::protocol::index_clamped(size)?
            }
            Some(size) => return Err(type_error!("integer argument expected, got '{}'", class_name(size))),
        };
        check_open(this)?;
        let lines = objects::new_list(&[]);
        let mut total = 0i64;
        loop {
            objects::containers::poll_at(lines.len())?;
            let line = take_line(this, None)?;
            if line.is_empty() {
                return Ok(lines.value());
            }
            list::list_append(lines, line.value())?;
            total += line.len() as i64;
            if limit > 0 && total >= limit {
                return Ok(lines.value());
            }
        }
    }
    /// Read into a buffer.
    ///
    /// Returns how many bytes that were, 0 at the end.
    #[sig("($self, buffer, /)")]
    fn readinto(this: Gc<BytesIo>, mut buffer: WritableBuf) -> R<usize> {
        this.with(|data, position| {
            let start = (*position).min(data.len());
            let count = buffer.len().min(data.len() - start);
            buffer[..count].copy_from_slice(&data[start..start + count]);
            *position += count;
            count
        })
    }
    /// Cut the contents after size bytes and return size.
    ///
    /// It defaults to the position, which stays the same.
    #[sig("($self, size=None, /)")]
    fn truncate(this: Gc<BytesIo>, size: Option<Value>) -> R<usize> {
        check_open(this)?;
        let size = match size.filter(|size| !size.is_none()) {
            None => this.with(|_, position| *position)? as i64,
            Some(size) => objects::index(size)?,
        };
        this.exports.check(this.value(), "Existing exports of data: object cannot be re-sized")?;
        if size < 0 {
            return Err(value_error!("negative size value {size}"));
        }
        let size = size as usize;
        if this.with(|data, _| size < data.len())? {
            this.edit(true, |state| {
                state.data.truncate(size);
                if state.data.capacity() > 2 * size + 4096 {
                    state.data.shrink_to(size);
                }
                Ok(())
            })?;
        }
        Ok(size)
    }
    /// Move to pos and return the new position, in bytes from the start.
    ///
    /// whence says from where pos counts:
    ///
    ///   0  the start (the default)
    ///   1  the current position
    ///   2  the end
    #[sig("($self, pos, whence=0, /)")]
    fn seek(this: Gc<BytesIo>, pos: isize, whence: i32) -> R<usize> {
        let is_negative = pos < 0 && whence == 0;
        let target = this.with(|data, position| {
            let from = match whence {
                _ if is_negative => return None,
                0 => 0,
                1 => *position,
                2 => data.len(),
                _ => return None,
            };
            *position = (from as isize).checked_add(pos)?.max(0) as usize;
            Some(*position)
        })?;
        match target {
            Some(target) => Ok(target),
            None if is_negative => Err(value_error!("negative seek value {pos}")),
            None if !(0..=2).contains(&whence) => Err(value_error!("invalid whence ({whence}, should be 0, 1 or 2)")),
            None => Err(overflow_error!("new position too large")),
        }
    }
    /// Write bytes and return how many they are.
    #[sig("($self, b, /)")]
    fn write(this: Gc<BytesIo>, b: Buf) -> R<usize> {
        write(this, &b)
    }
    /// Write each bytes-like object that an iterable gives.
    ///
    /// Newlines are not added.
    #[sig("($self, lines, /)")]
    fn writelines(this: Gc<BytesIo>, lines: Value) -> R<()> {
        check_open(this)?;
        objects::iterate(lines, |line| {
            if let Some(bytes) = line.cast_exact::<Bytes>() {
                return write(this, bytes.as_slice()).map(|_| ());
            }
            let bytes = Buf::new(line)?;
            write(this, &bytes).map(|_| ())
        })
    }
    /// Disable all I/O operations.
    #[sig("($self, /)")]
    fn close(this: Gc<BytesIo>) -> R<()> {
        let mut state = this.without_views()?;
        state.closed = true;
        state.data = Vec::new();
        this.shared.set_opt(None);
        Ok(())
    }
    /// True if the file is closed.
    #[getter]
    fn closed(this: Gc<BytesIo>) -> bool {
        this.state.lock().closed
    }
    fn __iter__(this: Gc<BytesIo>) -> R {
        check_open(this).map(|()| this.value())
    }
    fn __next__(this: Gc<BytesIo>) -> R<Option<Value>> {
        let line = take_line(this, None)?;
        Ok(if line.is_empty() { None } else { Some(line.value()) })
    }
    #[sig("($self, /)")]
    fn __getstate__(this: Gc<BytesIo>) -> R {
        let value = content(this)?;
        let position = this.with(|_, position| *position)?;
        let dict = objects::shape::instance_dict(this.value());
        let dict = match dict {
            Some(dict) if !dict.is_empty() => dict::dict_copy(dict)?.value(),
            _ => Value::none(),
        };
        Ok(new_tuple(&[value, new_int_usize(position), dict]).value())
    }
    #[sig("($self, state, /)")]
    fn __setstate__(this: Gc<BytesIo>, state: Value) -> R<()> {
        let Some([value, position, dict]) = state.cast::<Tuple>().and_then(|state| <[Value; 3]>::try_from(state.items()).ok())
        else {
            return Err(type_error!(
                "{}.__setstate__ argument should be 3-tuple, got {}",
                common::class_full(this.value()),
                class_name(state)
            ));
        };
        {
            let mut state = this.without_views()?;
            state.data.clear();
            state.position = 0;
            this.shared.set_opt(None);
        }
        let bytes = Buf::new(value)?;
        write(this, &bytes)?;
        if !is_int(position) {
            return Err(type_error!("second item of state must be an integer, not {}", class_name(position)));
        }
        let number = int_view(position).and_then(|view| view.to_i64());
        let Some(number) = number else { return Err(overflow_error!("Python int too large to convert to C ssize_t")) };
        if number < 0 {
            return Err(value_error!("position value cannot be negative"));
        }
        this.state.lock().position = number as usize;
        restore_dict(this.value(), dict, "third")
    }
    #[sig("($self, /)")]
    fn __sizeof__(this: Gc<BytesIo>) -> usize {
        std::mem::size_of::<BytesIo>() + this.state.lock().data.capacity()
    }
}

/// Puts the attributes of a pickled file back.
pub fn restore_dict(file: Value, given: Value, which: &str) -> R<()> {
    if given.is_none() {
        return Ok(());
    }
    let Some(given_dict) = given.cast::<Dict>() else {
        return Err(type_error!("{which} item of state should be a dict, got a {}", class_name(given)));
    };
    match objects::shape::instance_dict(file) {
        Some(dict) => dict::dict_update(dict, given_dict.value()),
        None => {
            objects::shape::set_instance_dict(file, Some(dict::dict_copy(given_dict)?));
            Ok(())
        }
    }
}

/// Lends the content of a `BytesIO`.
#[derive(Layout)]
#[repr(C)]
pub struct BytesIoBuffer {
    pub header: Header,
    source: Gc<BytesIo>,
}

#[native_class(name = "_io._BytesIOBuffer", base = object, flags = "final no_new")]
impl BytesIoBuffer {
    fn __buffer__(this: Gc<BytesIoBuffer>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }
    fn __release_buffer__(this: Gc<BytesIoBuffer>, buffer: Value) -> R<()> {
        objects::memoryview::release_buffer_method(this.value(), buffer)
    }
}

pub static EXPORTER: Exporter = Exporter { layout: <BytesIoBuffer as objects::Layout>::DESC, get: lend };

fn lend(value: Value, _request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let lender: Gc<BytesIoBuffer> = unsafe { value.cast_unchecked() };
    let source = lender.source;
    let pin = source.exports.pin(source.value());
    let (pointer, len) = source.edit(false, |state| Ok((state.data.as_mut_ptr(), state.data.len())))?;
    Ok(BufferView::bytes(value, pointer, len, false, Some(pin)))
}
