//! `FileIO`: a file descriptor as a raw file.
//!
//! Must not know: buffers, text.

use super::base::{self, IoBase, RawIoBase};
use super::common::{self, Size, call0, closed_error_short, unsupported};
use native_macros::{Layout, native_class};
use objects::path::{blocking_call, quick_call, retry_call};
use objects::{
    Args, Buf, Bytes, Cast, Class, Gc, R, Value, WritableBuf, call, exc, get_attr_opt, int_view, interned, is_int, new_bytes,
    new_int, new_object, new_str, os_error, overflow_error, set_attr, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicI8, AtomicI32, AtomicI64, AtomicU8, AtomicU32, Ordering::Relaxed};

const CREATED: u8 = 1;
const READABLE: u8 = 2;
const WRITABLE: u8 = 4;
const APPENDING: u8 = 8;

#[derive(Layout)]
#[layout(parent = RawIoBase)]
#[repr(C)]
pub struct FileIo {
    pub base: RawIoBase,
    pub fd: AtomicI32,
    flags: AtomicU8,
    /// -1: not known yet.
    seekable: AtomicI8,
    closefd: AtomicBool,
    finalizing: AtomicBool,
    block_size: AtomicU32,
    /// Size when it was opened, -1 if unknown.
    size_at_open: AtomicI64,
    is_char_device: AtomicBool,
}

/// The largest count that the kernel takes.
const MAX_COUNT: usize = 0x7fff_f000;

impl FileIo {
    fn blank() -> FileIo {
        FileIo {
            base: RawIoBase::blank(),
            fd: AtomicI32::new(-1),
            flags: AtomicU8::new(0),
            seekable: AtomicI8::new(-1),
            closefd: AtomicBool::new(true),
            finalizing: AtomicBool::new(false),
            block_size: AtomicU32::new(0),
            size_at_open: AtomicI64::new(-1),
            is_char_device: AtomicBool::new(true),
        }
    }
    fn has(&self, flag: u8) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }
    /// The descriptor, or the error of a closed file.
    pub fn open_fd(&self) -> R<i32> {
        let fd = self.fd.load(Relaxed);
        if fd < 0 { Err(closed_error_short()) } else { Ok(fd) }
    }
    fn readable_fd(&self) -> R<i32> {
        let fd = self.open_fd()?;
        if self.has(READABLE) { Ok(fd) } else { Err(unsupported("File not open for reading")) }
    }
    fn writable_fd(&self) -> R<i32> {
        let fd = self.open_fd()?;
        if self.has(WRITABLE) { Ok(fd) } else { Err(unsupported("File not open for writing")) }
    }
    fn mode_text(&self) -> &'static str {
        match self.flags.load(Relaxed) {
            flags if flags & CREATED != 0 => {
                if flags & READABLE != 0 {
                    "xb+"
                } else {
                    "xb"
                }
            }
            flags if flags & APPENDING != 0 => {
                if flags & READABLE != 0 {
                    "ab+"
                } else {
                    "ab"
                }
            }
            flags if flags & (READABLE | WRITABLE) == READABLE | WRITABLE => "rb+",
            flags if flags & READABLE != 0 => "rb",
            _ => "wb",
        }
    }
}

fn close_fd(this: Gc<FileIo>) -> R<()> {
    let fd = this.fd.swap(-1, Relaxed);
    if fd < 0 {
        return Ok(());
    }
    // SAFETY: the descriptor is this object's.
    match blocking_call(|| unsafe { libc::close(fd) } as i64) {
        Ok(_) | Err(libc::EINTR) => Ok(()),
        Err(errno) => Err(os_error(errno, None, None)),
    }
}

/// Reads once into memory that the caller keeps; None: nothing there yet and the descriptor does not block.
pub fn read_fd(fd: i32, target: &mut [u8]) -> R<Option<usize>> {
    let (pointer, count) = (target.as_mut_ptr() as usize, target.len().min(MAX_COUNT));
    // SAFETY: the memory is borrowed for the whole call.
    match retry_call(|| unsafe { libc::read(fd, pointer as *mut _, count) } as i64)? {
        Ok(count) => Ok(Some(count as usize)),
        Err(libc::EAGAIN) => Ok(None),
        Err(errno) => Err(os_error(errno, None, None)),
    }
}
/// Writes once; None: no room yet and the descriptor does not block.
pub fn write_fd(fd: i32, data: &[u8]) -> R<Option<usize>> {
    let (pointer, count) = (data.as_ptr() as usize, data.len().min(MAX_COUNT));
    // SAFETY: the memory is borrowed for the whole call.
    match retry_call(|| unsafe { libc::write(fd, pointer as *const _, count) } as i64)? {
        Ok(count) => Ok(Some(count as usize)),
        Err(libc::EAGAIN) => Ok(None),
        Err(errno) => Err(os_error(errno, None, None)),
    }
}

/// Everything from the current position to the end. The size that the file had when it was opened says how much that may be.
pub fn read_all(this: Gc<FileIo>) -> R<Option<Vec<u8>>> {
    let fd = this.open_fd()?;
    let end = this.size_at_open.load(Relaxed);
    let mut room = common::OLD_BUFFER_SIZE;
    if end > 0 {
        // For small files asking for the position costs more than room that is not needed.
        let position = if end > 65536 { seek_fd(fd, 0, libc::SEEK_CUR).clamp(0, end) } else { 0 };
        // One more byte sees the end without a second growth.
        room = (end - position) as usize + 1;
    }
    let mut data: Vec<u8> = Vec::new();
    data.try_reserve(room).map_err(|_| objects::memory_error())?;
    loop {
        if data.len() == data.capacity() {
            let more = data.capacity().max(common::OLD_BUFFER_SIZE);
            data.try_reserve(more).map_err(|_| objects::memory_error())?;
        }
        let (pointer, count) = (data.spare_capacity_mut().as_mut_ptr() as usize, (data.capacity() - data.len()).min(MAX_COUNT));
        // SAFETY: the spare room of a local vector.
        match retry_call(|| unsafe { libc::read(fd, pointer as *mut _, count) } as i64)? {
            Ok(0) => return Ok(Some(data)),
            // SAFETY: that many bytes were written by the call.
            Ok(count) => unsafe { data.set_len(data.len() + count as usize) },
            Err(libc::EAGAIN) => return Ok(if data.is_empty() { None } else { Some(data) }),
            Err(errno) => return Err(os_error(errno, None, None)),
        }
    }
}

struct Mode {
    flags: u8,
    open: i32,
}

fn parse_mode(mode: &str) -> R<Mode> {
    let bad = || value_error!("Must have exactly one of create/read/write/append mode and at most one plus");
    let (mut flags, mut open, mut kinds, mut plus) = (0u8, 0, 0, false);
    for c in mode.chars() {
        match c {
            'x' | 'r' | 'w' | 'a' => {
                kinds += 1;
                if kinds > 1 {
                    return Err(bad());
                }
                match c {
                    'x' => {
                        flags |= CREATED | WRITABLE;
                        open |= libc::O_EXCL | libc::O_CREAT;
                    }
                    'r' => flags |= READABLE,
                    'w' => {
                        flags |= WRITABLE;
                        open |= libc::O_CREAT | libc::O_TRUNC;
                    }
                    _ => {
                        flags |= WRITABLE | APPENDING;
                        open |= libc::O_APPEND | libc::O_CREAT;
                    }
                }
            }
            'b' => {}
            '+' => {
                if plus {
                    return Err(bad());
                }
                flags |= READABLE | WRITABLE;
                plus = true;
            }
            _ => return Err(value_error!("invalid mode: {mode}")),
        }
    }
    if kinds == 0 {
        return Err(bad());
    }
    open |= match flags & (READABLE | WRITABLE) {
        READABLE => libc::O_RDONLY,
        WRITABLE => libc::O_WRONLY,
        _ => libc::O_RDWR,
    };
    Ok(Mode { flags, open: open | libc::O_CLOEXEC })
}

/// Opens the file of a fresh or closed object.
pub fn init(this: Gc<FileIo>, file: Value, mode: &str, closefd: bool, opener: Option<Value>) -> R<()> {
    if this.fd.load(Relaxed) >= 0 {
        if this.closefd.load(Relaxed) {
            close_fd(this)?;
        } else {
            this.fd.store(-1, Relaxed);
        }
    }
    if mode.contains('\0') {
        return Err(value_error!("embedded null character"));
    }
    let mut given_fd = -1;
    if file.is_bool() {
        objects::warnings::runtime("bool is used as a file descriptor")?;
    }
    if is_int(file) {
        match int_view(file).and_then(|view| view.to_i64()) {
            Some(fd) if fd < 0 => return Err(value_error!("negative file descriptor")),
            Some(fd) if fd <= i32::MAX as i64 => given_fd = fd as i32,
            _ => {}
        }
    }
    let name = if given_fd < 0 { Some(objects::path::fs_bytes(file)?) } else { None };
    let Mode { flags, open } = parse_mode(mode)?;
    this.flags.store(flags, Relaxed);
    this.seekable.store(-1, Relaxed);
    this.size_at_open.store(-1, Relaxed);
    this.block_size.store(0, Relaxed);
    objects::audit::audit("open", &[file, new_str(mode), new_int(open as i64)])?;
    let mut is_own = false;
    if let Some(name) = &name {
        this.closefd.store(true, Relaxed);
        if !closefd {
            return Err(value_error!("Cannot use closefd=False with file name"));
        }
        let fd = match opener.filter(|opener| !opener.is_none()) {
            None => {
                let pointer = name.as_ptr() as usize;
                // SAFETY: the name lives on this stack frame.
                match retry_call(|| unsafe { libc::open(pointer as *const _, open, 0o666) } as i64)? {
                    Ok(fd) => fd as i32,
                    Err(errno) => return Err(os_error(errno, Some(file), None)),
                }
            }
            Some(opener) => {
                let result = call(opener, &[file, new_int(open as i64)])?;
                if !is_int(result) {
                    return Err(type_error!("expected integer from opener"));
                }
                let fd = match int_view(result).and_then(|view| view.to_i64()).and_then(|fd| i32::try_from(fd).ok()) {
                    Some(fd) => fd,
                    None => return Err(overflow_error!("Python int too large to convert to C int")),
                };
                if fd < 0 {
                    return Err(value_error!("opener returned {fd}"));
                }
                // SAFETY: a plain call on a descriptor.
                if unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } == -1 {
                    return Err(objects::last_os_error(None));
                }
                fd
            }
        };
        this.fd.store(fd, Relaxed);
        is_own = true;
    } else {
        this.fd.store(given_fd, Relaxed);
        this.closefd.store(closefd, Relaxed);
    }
    let result = examine(this, file, name.is_some());
    if let Err(raised) = result {
        let exception = raised.take();
        if is_own {
            if let Err(raised) = close_fd(this) {
                raised.clear();
            }
        } else {
            this.fd.store(-1, Relaxed);
        }
        return Err(objects::error::restore(exception));
    }
    Ok(())
}

/// Looks at what was opened: a folder is refused, sizes are noted.
fn examine(this: Gc<FileIo>, file: Value, has_name: bool) -> R<()> {
    let fd = this.fd.load(Relaxed);
    let mut stat: libc::stat64 = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is ours.
    match quick_call(unsafe { libc::fstat64(fd, &mut stat) } as i64) {
        Ok(_) => {
            if stat.st_mode & libc::S_IFMT == libc::S_IFDIR {
                return Err(os_error(libc::EISDIR, Some(file), None));
            }
            if stat.st_blksize > 1 {
                this.block_size.store(stat.st_blksize as u32, Relaxed);
            }
            this.is_char_device.store(stat.st_mode & libc::S_IFMT == libc::S_IFCHR, Relaxed);
            this.size_at_open.store(stat.st_size, Relaxed);
        }
        Err(libc::EBADF) => return Err(os_error(libc::EBADF, if has_name { Some(file) } else { None }, None)),
        Err(_) => {}
    }
    set_attr(this.value(), interned!("name"), file)?;
    if this.has(APPENDING) {
        match quick_call(seek_fd(fd, 0, libc::SEEK_END)) {
            Ok(_) | Err(libc::ESPIPE) => {}
            Err(errno) => return Err(os_error(errno, None, None)),
        }
    }
    Ok(())
}

fn seek_fd(fd: i32, offset: i64, whence: i32) -> i64 {
    // SAFETY: a plain call on a descriptor.
    unsafe { libc::lseek64(fd, offset, whence) }
}

/// Moves the position; the new one.
pub fn seek(this: Gc<FileIo>, offset: i64, whence: i32) -> R<i64> {
    let fd = this.open_fd()?;
    match blocking_call(|| seek_fd(fd, offset, whence)) {
        Ok(position) => {
            if this.seekable.load(Relaxed) < 0 {
                this.seekable.store(1, Relaxed);
            }
            Ok(position)
        }
        Err(errno) => Err(os_error(errno, None, None)),
    }
}

fn is_seekable(this: Gc<FileIo>) -> R<bool> {
    let fd = this.open_fd()?;
    if this.seekable.load(Relaxed) < 0 {
        this.seekable.store(i8::from(seek_fd(fd, 0, libc::SEEK_CUR) >= 0), Relaxed);
    }
    Ok(this.seekable.load(Relaxed) > 0)
}

/// A fresh file for `open`.
pub fn open(file: Value, mode: &str, closefd: bool, opener: Option<Value>) -> R<Gc<FileIo>> {
    let this = new_object(FileIo::CLASS_DEF.class(), FileIo::blank());
    init(this, file, mode, closefd, opener)?;
    Ok(this)
}

impl FileIo {
    /// The block size that `open` takes for a buffer.
    pub fn preferred_size(&self) -> usize {
        (self.block_size.load(Relaxed) as usize).clamp(common::OLD_BUFFER_SIZE, 8 << 20).max(common::DEFAULT_BUFFER_SIZE)
    }
    /// A terminal, when nothing was done with the file yet.
    pub fn is_terminal_at_open(&self) -> bool {
        // SAFETY: a plain call on a descriptor.
        self.is_char_device.load(Relaxed) && unsafe { libc::isatty(self.fd.load(Relaxed)) } == 1
    }
}

/// Open a file without buffering.
///
/// The mode is 'r' (the default) to read, 'w' to write from an empty file on,
/// 'x' to write a new file (FileExistsError if there is one), 'a' to append;
/// with a '+' the file is both read and written. All but 'r' create the file if
/// it is missing.
///
/// If an *opener* is given, it is called with (*name*, *flags*) and returns the
/// file descriptor; the default does what os.open does.
#[native_class(name = "_io.FileIO", base = RawIoBase, flags = "dict weakref")]
impl FileIo {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, FileIo::blank()).value())
    }
    #[sig("(file, mode='r', closefd=True, opener=None)")]
    fn __init__(this: Gc<FileIo>, file: Value, mode: &str, #[default(true)] closefd: bool, opener: Option<Value>) -> R<()> {
        init(this, file, mode, closefd, opener)
    }
    /// Close the file.
    ///
    /// After that it cannot be read or written; closing it again does nothing.
    #[sig("($self, /)")]
    fn close(this: Gc<FileIo>) -> R {
        // SAFETY: FileIo extends IoBase.
        let base = unsafe { this.cast_unchecked::<IoBase>() };
        let flushed = base::close(base).map(|()| Value::none());
        if !this.closefd.load(Relaxed) {
            this.fd.store(-1, Relaxed);
            return flushed;
        }
        common::finally(flushed, || {
            if this.finalizing.load(Relaxed) && this.fd.load(Relaxed) >= 0 {
                common::warn_unclosed(this.value());
            }
            close_fd(this).map(|()| Value::none())
        })
    }
    /// Whether the file was opened for reading.
    #[sig("($self, /)")]
    fn readable(this: Gc<FileIo>) -> R<bool> {
        this.open_fd().map(|_| this.has(READABLE))
    }
    /// Whether the file was opened for writing.
    #[sig("($self, /)")]
    fn writable(this: Gc<FileIo>) -> R<bool> {
        this.open_fd().map(|_| this.has(WRITABLE))
    }
    /// Whether the file has random access.
    #[sig("($self, /)")]
    fn seekable(this: Gc<FileIo>) -> R<bool> {
        is_seekable(this)
    }
    /// The file descriptor, an int.
    #[sig("($self, /)")]
    fn fileno(this: Gc<FileIo>) -> R<i32> {
        this.open_fd()
    }
    /// Whether the file is a terminal.
    #[sig("($self, /)")]
    fn isatty(this: Gc<FileIo>) -> R<bool> {
        let fd = this.open_fd()?;
        // SAFETY: a plain call on a descriptor.
        Ok(blocking_call(|| unsafe { libc::isatty(fd) } as i64).unwrap_or(0) == 1)
    }
    #[sig("($self, /)")]
    fn _isatty_open_only(this: Gc<FileIo>) -> R<bool> {
        this.open_fd().map(|_| this.is_terminal_at_open())
    }
    /// Same as RawIOBase.readinto().
    #[sig("($self, buffer, /)")]
    fn readinto(this: Gc<FileIo>, mut buffer: WritableBuf) -> R<Option<usize>> {
        let fd = this.readable_fd()?;
        read_fd(fd, &mut buffer)
    }
    /// Read all up to the end.
    ///
    /// At the end the result is b''. From a non-blocking file comes what is there
    /// at the moment, None if that is nothing.
    #[sig("($self, /)")]
    fn readall(this: Gc<FileIo>) -> R {
        Ok(read_all(this)?.map_or(Value::none(), |data| new_bytes(&data)))
    }
    /// Read at most size bytes; if size is negative, all that readall() reads.
    ///
    /// As only one system call is made (again if a signal interrupts it), there may
    /// be fewer bytes. At the end the result is b'', and None if a non-blocking
    /// file has nothing at the moment.
    #[sig("($self, size=-1, /)")]
    fn read(this: Gc<FileIo>, #[default(Size(-1))] size: Size) -> R {
        let fd = this.readable_fd()?;
        let Some(size) = size.limit() else { return call0(this.value(), interned!("readall")) };
        let bytes = Bytes::try_new(None, size.min(MAX_COUNT)).ok_or_else(objects::memory_error)?;
        // SAFETY: nobody else has seen the object yet.
        let target = unsafe { std::slice::from_raw_parts_mut(bytes.data_ptr(), bytes.len()) };
        match read_fd(fd, target)? {
            None => Ok(Value::none()),
            Some(count) if count == bytes.len() => Ok(bytes.value()),
            Some(count) => Ok(new_bytes(&target[..count])),
        }
    }
    /// Write a buffer and return how many bytes were written.
    ///
    /// That may not be all, as only one system call is made. None if a non-blocking
    /// file cannot take anything at the moment.
    #[sig("($self, b, /)")]
    fn write(this: Gc<FileIo>, b: Buf) -> R<Option<usize>> {
        let fd = this.writable_fd()?;
        write_fd(fd, &b)
    }
    /// Move to a position and return it.
    ///
    /// offset counts bytes from where whence says: SEEK_SET or 0, the default, is
    /// the start, SEEK_CUR or 1 the current position, SEEK_END or 2 the end; from
    /// the latter two it may be negative.
    ///
    /// Raises OSError if the file has no random access.
    #[sig("($self, pos, whence=0, /)")]
    fn seek(this: Gc<FileIo>, pos: Value, whence: i32) -> R<i64> {
        this.open_fd()?;
        seek(this, common::offset(pos)?, whence)
    }
    /// The position in the file; OSError if it has none.
    #[sig("($self, /)")]
    fn tell(this: Gc<FileIo>) -> R<i64> {
        seek(this, 0, libc::SEEK_CUR)
    }
    /// Cut or lengthen the file to size bytes and return size.
    ///
    /// It defaults to the position that tell() returns.
    #[sig("($self, size=None, /)")]
    fn truncate(this: Gc<FileIo>, size: Option<Value>) -> R {
        let fd = this.writable_fd()?;
        let size = match size.filter(|size| !size.is_none()) {
            Some(size) => size,
            None => new_int(seek(this, 0, libc::SEEK_CUR)?),
        };
        let length = common::offset(size)?;
        // SAFETY: a plain call on a descriptor.
        match retry_call(|| unsafe { libc::ftruncate64(fd, length) } as i64)? {
            Ok(_) => {
                this.size_at_open.store(-1, Relaxed);
                Ok(size)
            }
            Err(errno) => Err(os_error(errno, None, None)),
        }
    }
    #[sig("($self, object, /)")]
    fn _dealloc_warn(this: Gc<FileIo>, source: Value) {
        if this.fd.load(Relaxed) >= 0 && this.closefd.load(Relaxed) {
            common::warn_unclosed(source);
        }
    }
    #[sig("($self, /)")]
    fn __getstate__(this: Gc<FileIo>) -> R {
        Err(common::cannot_pickle(this.value()))
    }
    fn __repr__(this: Gc<FileIo>) -> R<String> {
        let class = common::class_full(this.value());
        let fd = this.fd.load(Relaxed);
        if fd < 0 {
            return Ok(format!("<{class} [closed]>"));
        }
        let mode = this.mode_text();
        let closefd = if this.closefd.load(Relaxed) { "True" } else { "False" };
        Ok(match get_attr_opt(this.value(), interned!("name"))? {
            None => format!("<{class} fd={fd} mode='{mode}' closefd={closefd}>"),
            Some(name) => format!("<{class} name={} mode='{mode}' closefd={closefd}>", common::repr_name(this.value(), name)?),
        })
    }
    /// True if the file is closed
    #[getter]
    fn closed(this: Gc<FileIo>) -> bool {
        this.fd.load(Relaxed) < 0
    }
    /// Whether close() closes the file descriptor.
    #[getter]
    fn closefd(this: Gc<FileIo>) -> bool {
        this.closefd.load(Relaxed)
    }
    /// the mode, such as 'rb'
    #[getter]
    fn mode(this: Gc<FileIo>) -> &'static str {
        this.mode_text()
    }
    #[getter]
    fn _blksize(this: Gc<FileIo>) -> u32 {
        match this.block_size.load(Relaxed) {
            0 => common::OLD_BUFFER_SIZE as u32,
            size => size,
        }
    }
    #[getter]
    fn _finalizing(this: Gc<FileIo>) -> bool {
        this.finalizing.load(Relaxed)
    }
    #[setter(_finalizing)]
    fn set_finalizing(this: Gc<FileIo>, flag: Option<Value>) -> R<()> {
        this.finalizing.store(common::strict_bool(flag)?, Relaxed);
        Ok(())
    }
}

/// The file behind a value, if it is a plain `FileIO` without Python overrides.
pub fn exact(value: Value) -> Option<Gc<FileIo>> {
    value.cast_exact::<FileIo>()
}

/// An OSError that says "not seekable" (`ESPIPE` and the like).
pub fn is_not_seekable(raised: &objects::Raised) -> bool {
    raised.is(&exc::OS_ERROR)
}
