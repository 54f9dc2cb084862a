//! The machine of buffered binary files: read-ahead, writes that wait, positions. One object has both sides; a reader or writer
//! uses one of them.
//!
//! Must not know: the Python classes that show it (`buffered_classes.rs`).

use super::base::BufferedIoBase;
use super::buffered_classes::exact_source;
use super::common::{self, Locked, OwnedGuard, OwnedLock, call_retrying, call0, would_block};
use super::fileio::{self, FileIo};
use base::memory::{Grow, copied, joined};
use native_macros::Layout;
use objects::{
    ByteArray, Bytes, Cast, Gc, R, Slot, Value, class_name, exc, get_attr_opt, interned, new_bytes, new_error, new_int, thread,
    type_error, value_error,
};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(Layout)]
#[layout(parent = BufferedIoBase)]
#[repr(C)]
pub struct Buffered {
    pub base: BufferedIoBase,
    raw: Slot,
    lock: OwnedLock,
    state: Locked<State>,
    ready: AtomicBool,
    detached: AtomicBool,
    pub readable: AtomicBool,
    pub writable: AtomicBool,
    pub finalizing: AtomicBool,
    /// The raw file is a plain `FileIO` and this object is of a built-in class: nothing is overridden in Python.
    direct: AtomicBool,
}

#[derive(Default)]
pub struct State {
    size: usize,
    /// `ahead[position..]` was read from the raw file and not yet asked for.
    ahead: Vec<u8>,
    position: usize,
    /// Written here, not yet to the raw file.
    pending: Vec<u8>,
    /// The raw file's position, if known.
    raw_position: Option<i64>,
}
objects::no_references!(State);

impl State {
    fn left(&self) -> usize {
        self.ahead.len() - self.position
    }
    fn unread(&self) -> &[u8] {
        &self.ahead[self.position..]
    }
    fn forget_ahead(&mut self) {
        self.ahead.clear();
        self.position = 0;
    }
}

/// What one call of the raw file gave.
enum Raw {
    Count(usize),
    /// It does not block, and there is nothing.
    Nothing,
}

impl Buffered {
    pub fn blank() -> Buffered {
        Buffered {
            base: BufferedIoBase::blank(),
            raw: Slot::empty(),
            lock: OwnedLock::new(),
            state: Locked::new(State::default()),
            ready: AtomicBool::new(false),
            detached: AtomicBool::new(false),
            readable: AtomicBool::new(false),
            writable: AtomicBool::new(false),
            finalizing: AtomicBool::new(false),
            direct: AtomicBool::new(false),
        }
    }
    /// # Safety
    /// The caller holds the lock, and uses the reference only until it next calls anything that may run Python code.
    #[allow(clippy::mut_from_ref)]
    unsafe fn state(&self) -> &mut State {
        self.state.get()
    }
}

type This = Gc<Buffered>;

/// The raw file, or the error of an object that has none.
#[inline]
pub fn raw(this: This) -> R {
    if this.ready.load(Relaxed)
        && let Some(raw) = this.raw.get()
    {
        return Ok(raw);
    }
    Err(if this.detached.load(Relaxed) { value_error!("raw stream has been detached") } else { common::uninitialized() })
}
/// The raw file of an object that can be used.
pub fn raw_if_ready(this: This) -> Option<Value> {
    if this.ready.load(Relaxed) { this.raw.get() } else { None }
}
pub fn raw_opt(this: This) -> Option<Value> {
    this.raw.get()
}

#[inline]
fn enter(this: This) -> R<OwnedGuard<'static>> {
    // SAFETY: the guard lives on the stack of a native that holds the object.
    let lock: &'static OwnedLock = unsafe { &(*this.as_ptr()).lock };
    match lock.enter() {
        Some(guard) => Ok(guard),
        None => Err(common::reentrant(this.value())),
    }
}

#[inline]
fn direct(this: This) -> Option<Gc<FileIo>> {
    if !this.direct.load(Relaxed) {
        return None;
    }
    // SAFETY: the flag says that the raw file is a FileIo.
    this.raw.get().map(|raw| unsafe { raw.cast_unchecked::<FileIo>() })
}

#[inline]
pub fn is_closed(this: This) -> R<bool> {
    let raw = raw(this)?;
    match direct(this) {
        Some(file) => Ok(file.fd.load(Relaxed) < 0),
        None => common::is_closed(raw),
    }
}
#[inline]
pub fn check_open(this: This, what: &str) -> R<()> {
    if is_closed(this)? { Err(value_error!("{what} closed file")) } else { Ok(()) }
}

/// Until `init` is through, the object is of no use.
pub fn unmake(this: This) {
    this.ready.store(false, Relaxed);
    this.detached.store(false, Relaxed);
}

/// Begins to use a raw file.
pub fn init(this: This, raw: Value, size: isize, readable: bool, writable: bool, is_exact: bool) -> R<()> {
    this.ready.store(false, Relaxed);
    this.detached.store(false, Relaxed);
    if size <= 0 {
        return Err(value_error!("buffer size must be strictly positive"));
    }
    let guard = enter(this)?;
    this.raw.set(raw);
    this.detached.store(false, Relaxed);
    this.readable.store(readable, Relaxed);
    this.writable.store(writable, Relaxed);
    this.direct.store(is_exact && fileio::exact(raw).is_some(), Relaxed);
    {
        // SAFETY: the lock is held; nothing is called.
        let state = unsafe { this.state() };
        *state = State { size: size as usize, ..State::default() };
    }
    if direct(this).is_none()
        && let Err(raised) = raw_tell(this)
    {
        raised.clear();
    }
    drop(guard);
    this.ready.store(true, Relaxed);
    Ok(())
}

/// Where the raw file is.
fn raw_tell(this: This) -> R<i64> {
    let raw = this.raw.get().ok_or_else(common::uninitialized)?;
    let position = match direct(this) {
        Some(file) => fileio::seek(file, 0, libc::SEEK_CUR)?,
        None => common::checked_offset(call0(raw, interned!("tell"))?)?,
    };
    // SAFETY: the lock is held by all callers.
    unsafe { this.state() }.raw_position = Some(position);
    Ok(position)
}
fn raw_seek(this: This, target: i64, whence: i32) -> R<i64> {
    let raw = raw(this)?;
    let position = match direct(this) {
        Some(file) => fileio::seek(file, target, whence)?,
        None => common::checked_offset(objects::call_method(raw, interned!("seek"), &[new_int(target), Value::small(whence)])?)?,
    };
    // SAFETY: the lock is held by all callers.
    unsafe { this.state() }.raw_position = Some(position);
    Ok(position)
}

fn moved(this: This, count: usize) {
    // SAFETY: the lock is held by all callers.
    let state = unsafe { this.state() };
    if let Some(position) = &mut state.raw_position {
        *position = position.saturating_add(count as i64);
    }
}

/// One read of the raw file into memory outside the state.
fn raw_read(this: This, target: &mut [u8]) -> R<Raw> {
    let result = match direct(this) {
        Some(file) => fileio::read_fd(file.open_fd()?, target)?,
        None if let Some(inner) = exact_source(raw(this)?) => {
            let _guard = thread::enter_recursion()?;
            loop {
                match read_into(inner, target, false) {
                    Ok(count) => break count,
                    Err(raised) => common::is_interrupted(raised)?,
                }
            }
        }
        None => {
            let buffer = ByteArray::new(&[])?;
            objects::bytearray::resize(buffer, target.len())?;
            let view = objects::memoryview::memoryview_of(buffer.value())?;
            let result = call_retrying(raw(this)?, interned!("readinto"), &[view.value()]);
            let released = objects::memoryview::release(view);
            let result = result?;
            if let Err(raised) = released {
                raised.clear();
            }
            if result.is_none() {
                None
            } else {
                let count = match common::offset(result) {
                    Ok(count) => count,
                    Err(raised) => {
                        let cause = raised.take();
                        let raised = new_error(exc::OS_ERROR.get(), "raw readinto() failed");
                        if let Some(error) = raised.peek().cast::<exc::BaseException>() {
                            error.cause.set(cause);
                            exc::BaseException::set_context_checked(error, cause);
                            error.suppress_context.store(true, Relaxed);
                        }
                        return Err(raised);
                    }
                };
                if count < 0 || count > target.len() as i64 {
                    return Err(new_error(
                        exc::OS_ERROR.get(),
                        &format!(
                            "raw readinto() returned invalid length {count} (should have been between 0 and {})",
                            target.len()
                        ),
                    ));
                }
                let data = objects::bytearray::snapshot(buffer);
                let count = (count as usize).min(data.len());
                target[..count].copy_from_slice(&data[..count]);
                Some(count)
            }
        }
    };
    Ok(match result {
        Some(count) => {
            moved(this, count);
            Raw::Count(count)
        }
        None => Raw::Nothing,
    })
}

/// Reads more behind what is already read ahead; the old part is kept only if it was not asked for yet.
fn fill(this: This) -> R<Raw> {
    let mut ahead = {
        // SAFETY: the lock is held; the vector is taken out for the time of the call.
        let state = unsafe { this.state() };
        if state.left() == 0 {
            state.forget_ahead();
        } else if state.position > 0 {
            state.ahead.drain(..state.position);
            state.position = 0;
        }
        std::mem::take(&mut state.ahead)
    };
    // SAFETY: as above.
    let size = unsafe { this.state() }.size;
    let old = ahead.len();
    if ahead.capacity() < size && ahead.try_reserve_exact(size - old).is_err() {
        unsafe { this.state() }.ahead = ahead;
        return Err(objects::memory_error());
    }
    let room = size.saturating_sub(old).max(1);
    if ahead.try_reserve(room).is_err() {
        return Err(objects::memory_error());
    }
    // SAFETY: the capacity was reserved; every byte is written before it is read (the raw read says how many there are), and
    // zeroing a page that is read over right away would cost more than the read of a small file.
    let result = unsafe {
        let target = std::slice::from_raw_parts_mut(ahead.as_mut_ptr().add(old), room);
        if direct(this).is_none() && this.raw.get().and_then(exact_source).is_none() {
            target.fill(0);
        }
        raw_read(this, target)
    };
    if let Ok(Raw::Count(count)) = &result {
        // SAFETY: that many bytes were written.
        unsafe { ahead.set_len(old + count) };
    }
    // SAFETY: the lock is held.
    let state = unsafe { this.state() };
    state.ahead = ahead;
    state.position = 0;
    result
}

/// Writes once to the raw file; None: it would block.
fn raw_write(this: This, data: &[u8]) -> R<Option<usize>> {
    let result = match direct(this) {
        Some(file) => fileio::write_fd(file.open_fd()?, data)?,
        None => {
            let bytes = Bytes::build(data.len(), |target| target.copy_from_slice(data))?;
            let view = objects::memoryview::memoryview_of(bytes.value())?;
            let result = call_retrying(raw(this)?, interned!("write"), &[view.value()]);
            let result = result?;
            if result.is_none() {
                None
            } else {
                let count = common::offset(result)?;
                if count < 0 || count > data.len() as i64 {
                    return Err(new_error(
                        exc::OS_ERROR.get(),
                        &format!("raw write() returned invalid length {count} (should have been between 0 and {})", data.len()),
                    ));
                }
                Some(count as usize)
            }
        }
    };
    if let Some(count) = result {
        moved(this, count);
    }
    Ok(result)
}

/// Writes out what waits. The lock is held.
fn write_out(this: This) -> R<()> {
    loop {
        // SAFETY: the lock is held; the vector is taken out for the time of the call.
        let mut pending = std::mem::take(&mut unsafe { this.state() }.pending);
        if pending.is_empty() {
            unsafe { this.state() }.pending = pending;
            return Ok(());
        }
        let result = raw_write(this, &pending);
        let partial = match &result {
            Ok(Some(count)) if *count == pending.len() => {
                pending.clear();
                false
            }
            Ok(Some(count)) => {
                pending.drain(..*count);
                true
            }
            _ => false,
        };
        // SAFETY: as above.
        unsafe { this.state() }.pending = pending;
        if result?.is_none() {
            return Err(would_block("write could not complete without blocking", 0));
        }
        if partial {
            (objects::door::interpreter().poll)()?;
        }
    }
}

/// Puts the raw file where the user believes to be.
fn rewind(this: This) -> R<()> {
    // SAFETY: the lock is held.
    let state = unsafe { this.state() };
    let left = state.left() as i64;
    state.forget_ahead();
    if left != 0 {
        raw_seek(this, -left, libc::SEEK_CUR)?;
    }
    Ok(())
}

fn flush_and_rewind(this: This) -> R<()> {
    write_out(this)?;
    if this.readable.load(Relaxed) { rewind(this) } else { Ok(()) }
}
/// Before reading: what was written must be in the file.
fn settle_writes(this: This) -> R<()> {
    if this.writable.load(Relaxed) { write_out(this) } else { Ok(()) }
}

pub fn flush(this: This) -> R<()> {
    raw(this)?;
    check_open(this, "flush of")?;
    let _guard = enter(this)?;
    flush_and_rewind(this)
}

/// `read()`: everything.
fn read_rest(this: This) -> R {
    settle_writes(this)?;
    // SAFETY: the lock is held.
    let current: Vec<u8> = {
        let state = unsafe { this.state() };
        let current = copied(state.unread());
        state.forget_ahead();
        current
    };
    if let Some(file) = direct(this) {
        // SAFETY: as above.
        unsafe { this.state() }.raw_position = None;
        let rest = fileio::read_all(file)?;
        return Ok(match rest {
            None if current.is_empty() => Value::none(),
            None => new_bytes(&current),
            Some(rest) if current.is_empty() => make_bytes(&rest)?,
            Some(rest) => {
                let bytes = Bytes::build(current.len() + rest.len(), |target| {
                    target[..current.len()].copy_from_slice(&current);
                    target[current.len()..].copy_from_slice(&rest);
                })?;
                bytes.value()
            }
        });
    }
    let raw = raw(this)?;
    unsafe { this.state() }.raw_position = None;
    if let Some(read_all) = get_attr_opt(raw, interned!("readall"))? {
        let rest = objects::call(read_all, &[])?;
        if rest.is_none() {
            return Ok(if current.is_empty() { rest } else { new_bytes(&current) });
        }
        let Some(bytes) = rest.cast::<Bytes>() else { return Err(type_error!("readall() should return bytes")) };
        return Ok(if current.is_empty() { rest } else { make_bytes(&joined(&[&current, bytes.as_slice()]))? });
    }
    let mut all = current;
    loop {
        let chunk = call0(raw, interned!("read"))?;
        if chunk.is_none() {
            return Ok(if all.is_empty() { chunk } else { new_bytes(&all) });
        }
        let Some(bytes) = chunk.cast::<Bytes>() else { return Err(type_error!("read() should return bytes")) };
        if bytes.is_empty() {
            return make_bytes(&all);
        }
        all.put_all(bytes.as_slice());
    }
}
fn make_bytes(data: &[u8]) -> R {
    Ok(Bytes::copied(data)?.value())
}

/// Takes up to `count` bytes that were read ahead.
fn take(this: This, count: usize) -> R {
    // SAFETY: the lock is held; allocation does not run Python code.
    let state = unsafe { this.state() };
    let count = count.min(state.left());
    let start = state.position;
    let bytes = make_bytes(&state.ahead[start..start + count])?;
    state.position += count;
    Ok(bytes)
}

pub fn read(this: This, size: Option<isize>) -> R {
    raw(this)?;
    let size = size.unwrap_or(-1);
    if size < -1 {
        return Err(value_error!("read length must be non-negative or -1"));
    }
    check_open(this, "read of")?;
    let _guard = enter(this)?;
    if size < 0 {
        return read_rest(this);
    }
    let size = size as usize;
    // SAFETY: the lock is held.
    if size <= unsafe { this.state() }.left() {
        return take(this, size);
    }
    settle_writes(this)?;
    let (mut data, buffer_size) = {
        let state = unsafe { this.state() };
        let mut data = Vec::new();
        data.try_reserve(state.left()).map_err(|_| objects::memory_error())?;
        data.extend_from_slice(state.unread());
        state.forget_ahead();
        (data, state.size)
    };
    while data.len() < size {
        let remaining = size - data.len();
        let result = if remaining >= buffer_size {
            // Whole blocks go past the buffer.
            let block = remaining - remaining % buffer_size;
            let old = data.len();
            data.try_reserve_exact(block).map_err(|_| objects::memory_error())?;
            data.resize(old + block, 0);
            let result = raw_read(this, &mut data[old..]);
            data.truncate(match &result {
                Ok(Raw::Count(count)) => old + count,
                _ => old,
            });
            result?
        } else {
            let result = fill(this)?;
            let state = unsafe { this.state() };
            let count = state.left().min(remaining);
            data.put_all(&state.unread()[..count]);
            state.position += count;
            result
        };
        match result {
            Raw::Count(0) => break,
            Raw::Count(_) => {}
            Raw::Nothing if data.is_empty() => return Ok(Value::none()),
            Raw::Nothing => break,
        }
    }
    make_bytes(&data)
}

pub fn read1(this: This, size: isize) -> R {
    raw(this)?;
    check_open(this, "read of")?;
    let _guard = enter(this)?;
    // SAFETY: the lock is held.
    let size = if size < 0 { unsafe { this.state() }.size } else { size as usize };
    if size == 0 {
        return Ok(new_bytes(b""));
    }
    settle_writes(this)?;
    if unsafe { this.state() }.left() > 0 {
        return take(this, size);
    }
    unsafe { this.state() }.forget_ahead();
    let mut data = Vec::new();
    data.try_reserve_exact(size).map_err(|_| objects::memory_error())?;
    // SAFETY: only the bytes that the read filled are looked at later; others have them zeroed.
    let target = unsafe { std::slice::from_raw_parts_mut(data.as_mut_ptr(), size) };
    if direct(this).is_none() && this.raw.get().and_then(exact_source).is_none() {
        target.fill(0);
    }
    match raw_read(this, target)? {
        Raw::Count(count) => make_bytes(&target[..count]),
        Raw::Nothing => Ok(new_bytes(b"")),
    }
}

pub fn read_into(this: This, target: &mut [u8], only_once: bool) -> R<Option<usize>> {
    raw(this)?;
    check_open(this, "readinto of")?;
    let _guard = enter(this)?;
    let mut written = {
        // SAFETY: the lock is held.
        let state = unsafe { this.state() };
        let count = state.left().min(target.len());
        target[..count].copy_from_slice(&state.unread()[..count]);
        state.position += count;
        count
    };
    if written == target.len() {
        return Ok(Some(written));
    }
    settle_writes(this)?;
    let size = unsafe { this.state() }.size;
    while written < target.len() {
        let remaining = target.len() - written;
        let result = if remaining > size {
            raw_read(this, &mut target[written..])?
        } else if only_once && written > 0 {
            break;
        } else {
            let result = fill(this)?;
            let state = unsafe { this.state() };
            let count = state.left().min(remaining);
            target[written..written + count].copy_from_slice(&state.unread()[..count]);
            state.position += count;
            match result {
                Raw::Count(0) => Raw::Count(0),
                Raw::Count(_) => {
                    written += count;
                    if only_once {
                        break;
                    }
                    continue;
                }
                Raw::Nothing => Raw::Nothing,
            }
        };
        match result {
            Raw::Count(0) => break,
            Raw::Count(count) => {
                written += count;
                if only_once {
                    break;
                }
            }
            Raw::Nothing if written == 0 => return Ok(None),
            Raw::Nothing => break,
        }
    }
    Ok(Some(written))
}

pub fn peek(this: This) -> R {
    raw(this)?;
    check_open(this, "peek of")?;
    let _guard = enter(this)?;
    settle_writes(this)?;
    // SAFETY: the lock is held.
    if unsafe { this.state() }.left() == 0 {
        fill(this)?;
    }
    make_bytes(unsafe { this.state() }.unread())
}

pub fn read_line(this: This, limit: Option<usize>) -> R {
    raw(this)?;
    check_open(this, "readline of")?;
    let _guard = enter(this)?;
    // SAFETY: the lock is held throughout; no reference to the state lives across a call of the raw file.
    let state = unsafe { this.state() };
    let window = limit.unwrap_or(usize::MAX).min(state.left());
    let start = state.position;
    if let Some(at) = memchr::memchr(b'\n', &state.ahead[start..start + window]) {
        return take(this, at + 1);
    }
    if limit == Some(window) {
        return take(this, window);
    }
    settle_writes(this)?;
    let mut line = copied(unsafe { this.state() }.unread());
    unsafe { this.state() }.forget_ahead();
    loop {
        if let Raw::Count(0) | Raw::Nothing = fill(this)? {
            break;
        }
        let state = unsafe { this.state() };
        let window = limit.map_or(usize::MAX, |limit| limit - line.len()).min(state.left());
        let part = &state.unread()[..window];
        let count = memchr::memchr(b'\n', part).map_or(window, |at| at + 1);
        line.put_all(&part[..count]);
        state.position += count;
        if line.last() == Some(&b'\n') || limit == Some(line.len()) {
            break;
        }
    }
    make_bytes(&line)
}

pub fn write(this: This, data: &[u8]) -> R<usize> {
    raw(this)?;
    let _guard = enter(this)?;
    check_open(this, "write to")?;
    // SAFETY: the lock is held; no reference to the state lives across a call of the raw file.
    if unsafe { this.state() }.left() > 0 {
        rewind(this)?;
    }
    let state = unsafe { this.state() };
    state.forget_ahead();
    let size = state.size;
    if state.pending.len() + data.len() <= size {
        state.pending.try_reserve(data.len()).map_err(|_| objects::memory_error())?;
        state.pending.extend_from_slice(data);
        return Ok(data.len());
    }
    if let Err(raised) = write_out(this) {
        if !raised.is(&exc::BLOCKING_IO_ERROR) {
            return Err(raised);
        }
        let state = unsafe { this.state() };
        let room = size.saturating_sub(state.pending.len()).min(data.len());
        state.pending.put_all(&data[..room]);
        if room == data.len() {
            raised.clear();
            return Ok(room);
        }
        raised.clear();
        return Err(would_block("write could not complete without blocking", room));
    }
    let mut done = 0;
    while data.len() - done > size {
        match raw_write(this, &data[done..])? {
            Some(count) => {
                done += count;
                if done < data.len() {
                    (objects::door::interpreter().poll)()?;
                }
            }
            None if data.len() - done > size => {
                let part = &data[done..done + size];
                unsafe { this.state() }.pending.put_all(part);
                return Err(would_block("write could not complete without blocking", done + size));
            }
            None => break,
        }
    }
    unsafe { this.state() }.pending.put_all(&data[done..]);
    Ok(data.len())
}

pub fn tell(this: This) -> R<i64> {
    raw(this)?;
    let _guard = enter(this)?;
    let position = raw_tell(this)?;
    // SAFETY: the lock is held.
    let state = unsafe { this.state() };
    Ok((position - state.left() as i64).max(0) + state.pending.len() as i64)
}

pub fn seek(this: This, target: Value, whence: i32) -> R<i64> {
    let raw = raw(this)?;
    if !matches!(whence, 0..=4) {
        return Err(value_error!("whence value {whence} unsupported"));
    }
    check_open(this, "seek of")?;
    if direct(this).is_none() {
        common::check_seekable(raw)?;
    }
    let mut target = common::offset(target)?;
    let _guard = enter(this)?;
    if whence <= 1 && this.readable.load(Relaxed) {
        // SAFETY: the lock is held.
        let state = unsafe { this.state() };
        if state.pending.is_empty() && state.left() + state.position > 0 {
            let current = match state.raw_position {
                Some(position) => position,
                None => raw_tell(this)?,
            };
            let state = unsafe { this.state() };
            let left = state.left() as i64;
            let offset = if whence == 0 { target.saturating_sub(current - left) } else { target };
            if offset >= -(state.position as i64) && offset <= left {
                state.position = (state.position as i64 + offset) as usize;
                // Devices that are always at 0 have more read ahead than they tell.
                if current - left + offset >= 0 {
                    return Ok(current - left + offset);
                }
            }
        }
    }
    if this.writable.load(Relaxed) {
        write_out(this)?;
    }
    if whence == 1 {
        // SAFETY: the lock is held.
        target = target.saturating_sub(unsafe { this.state() }.left() as i64);
    }
    let position = raw_seek(this, target, whence)?;
    unsafe { this.state() }.forget_ahead();
    Ok(position)
}

pub fn truncate(this: This, size: Value) -> R {
    let raw = raw(this)?;
    check_open(this, "truncate of")?;
    if !this.writable.load(Relaxed) {
        return Err(common::unsupported("truncate"));
    }
    let _guard = enter(this)?;
    flush_and_rewind(this)?;
    let result = objects::call_method(raw, interned!("truncate"), &[size])?;
    // SAFETY: the lock is held.
    unsafe { this.state() }.raw_position = None;
    Ok(result)
}

pub fn detach(this: This) -> R {
    let raw_file = raw(this)?;
    call0(this.value(), interned!("flush"))?;
    this.raw.set_opt(None);
    this.detached.store(true, Relaxed);
    this.ready.store(false, Relaxed);
    Ok(raw_file)
}

pub fn close(this: This) -> R {
    let raw_file = raw(this)?;
    {
        let _guard = enter(this)?;
        if is_closed(this)? {
            return Ok(Value::none());
        }
    }
    if this.finalizing.load(Relaxed) {
        dealloc_warn(this, this.value());
    }
    let flushed = call0(this.value(), interned!("flush"));
    // Others wait until it is closed, and see that it is.
    let closed = common::finally(flushed, || {
        let _guard = enter(this)?;
        call0(raw_file, interned!("close"))
    });
    if let Some(_guard) = this.lock.enter() {
        // SAFETY: the lock is held.
        let state = unsafe { this.state() };
        state.pending = Vec::new();
        state.ahead = Vec::new();
        state.position = 0;
    }
    closed.map(|_| Value::none())
}

pub fn dealloc_warn(this: This, source: Value) {
    if let Ok(raw_file) = raw(this).map_err(objects::Raised::clear)
        && let Err(raised) = objects::call_method(raw_file, interned!("_dealloc_warn"), &[source])
    {
        raised.clear();
    }
}

/// A line for iteration; None at the end.
pub fn next_line(this: This, is_exact: bool) -> R<Option<Value>> {
    let line = if is_exact {
        read_line(this, None)?
    } else {
        let line = call0(this.value(), interned!("readline"))?;
        if line.cast::<Bytes>().is_none() {
            return Err(new_error(
                exc::OS_ERROR.get(),
                &format!("readline() should have returned a bytes object, not '{}'", class_name(line)),
            ));
        }
        line
    };
    Ok(line.cast::<Bytes>().filter(|line| !line.is_empty()).map(|_| line))
}

pub fn repr(this: This) -> R<String> {
    let class = common::class_full(this.value());
    Ok(match common::shown_name(this.value(), "name")? {
        Some(name) => format!("<{class} name={}>", common::repr_name(this.value(), name)?),
        None => format!("<{class}>"),
    })
}

pub fn size_in_bytes(this: This) -> usize {
    // SAFETY: a number that is set once.
    std::mem::size_of::<Buffered>() + unsafe { this.state() }.size
}
