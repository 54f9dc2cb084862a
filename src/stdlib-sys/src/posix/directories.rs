//! Directories: listing, making, walking; the working directory.

use super::stat::{stat_at, stat_result};
use super::{dir_fd, path_error};
use native_macros::{Layout, native_class, native_module};
use objects::path::{PathArg, PathOptions, blocking_call, quick_call};
use objects::{Class, Gc, GcVec, Header, R, Slot, Value, new_native, os_error};
use std::ffi::CStr;
use std::sync::atomic::{AtomicI64, Ordering};

/// A directory stream with its path prefix for the entries' full names.
struct Stream(*mut libc::DIR);
// SAFETY: the stream is used under its iterator's lock only.
unsafe impl Send for Stream {}
impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: opened by `opendir`, closed once.
        unsafe { libc::closedir(self.0) };
    }
}

/// Name, kind and inode of the next entry but `.` and `..`.
fn next_entry(stream: &Stream) -> Result<Option<(Vec<u8>, u8, u64)>, i32> {
    loop {
        // SAFETY: a live stream; errno tells the end from an error; the entry is copied before the next call.
        unsafe {
            *libc::__errno_location() = 0;
            let entry = libc::readdir(stream.0);
            if entry.is_null() {
                let errno = *libc::__errno_location();
                return if errno == 0 { Ok(None) } else { Err(errno) };
            }
            let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
            if name != b"." && name != b".." {
                return Ok(Some((name.to_vec(), (*entry).d_type, (*entry).d_ino)));
            }
        }
    }
}

fn open_directory(path: &PathArg) -> R<Stream> {
    let pointer = heap::blocking(|| {
        // SAFETY: a NUL-terminated name, or a duplicate of a descriptor that the stream owns.
        unsafe {
            match path.fd {
                None => libc::opendir(path.as_ptr()),
                Some(fd) => {
                    let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
                    if copy < 0 {
                        return std::ptr::null_mut();
                    }
                    let stream = libc::fdopendir(copy);
                    if stream.is_null() {
                        libc::close(copy);
                    } else {
                        libc::rewinddir(stream);
                    }
                    stream
                }
            }
        }
    });
    if pointer.is_null() {
        let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        return Err(path_error(errno, path));
    }
    Ok(Stream(pointer))
}

fn directory_argument(path: Option<Value>, function: &str) -> R<PathArg> {
    let options = PathOptions { allow_fd: true, nullable: true, ..Default::default() };
    PathArg::convert(path.unwrap_or(Value::none()), function, "path", options)
}

pub struct Directories;

#[native_module(name = "posix")]
impl Directories {
    /// The list of the names in a directory, without '.' and '..'.
    #[sig("(path=None)")]
    fn listdir(path: Option<Value>) -> R {
        let path = directory_argument(path, "listdir")?;
        let stream = open_directory(&path)?;
        let mut names = GcVec::new();
        loop {
            match heap::blocking(|| next_entry(&stream)) {
                Ok(Some((name, _, _))) => names.push(path.decode(&name)),
                Ok(None) => return Ok(objects::new_list(&names).value()),
                Err(errno) => return Err(path_error(errno, &path)),
            }
        }
    }
    /// An iterator over the entries of a directory, as DirEntry objects.
    #[sig("(path=None)")]
    fn scandir(path: Option<Value>) -> R {
        let path = directory_argument(path, "scandir")?;
        let stream = open_directory(&path)?;
        let prefix = if path.fd.is_some() { None } else { Some(path.name.as_bytes().to_vec()) };
        Ok(new_native(ScandirIterator {
            header: Header::blank(),
            stream: heap::Mutex::new(Some(StreamState { stream, prefix, is_bytes: path.is_bytes, fd: path.fd.unwrap_or(-1) })),
        })
        .value())
    }
    /// Create a directory.
    #[sig("(path, mode=511, *, dir_fd=None)")]
    fn mkdir(path: PathArg, mode: i32, directory: Option<Value>) -> R<()> {
        let at = dir_fd(directory)?;
        // SAFETY: a NUL-terminated name.
        match blocking_call(|| unsafe { libc::mkdirat(at, path.as_ptr(), mode as libc::mode_t) } as i64) {
            Ok(_) => Ok(()),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// The current working directory, a string.
    fn getcwd() -> R {
        Ok(objects::path::fs_decode(&working_directory()?))
    }
    /// The current working directory, as bytes.
    fn getcwdb() -> R {
        Ok(objects::new_bytes(&working_directory()?))
    }
    /// Make path the current working directory.
    #[sig("(path)")]
    fn chdir(path: objects::path::PathOrFd) -> R<()> {
        // SAFETY: a NUL-terminated name, or a descriptor.
        let result = heap::blocking(|| unsafe {
            match path.fd {
                Some(fd) => quick_call(libc::fchdir(fd) as i64),
                None => quick_call(libc::chdir(path.as_ptr()) as i64),
            }
        });
        result.map(|_| ()).map_err(|errno| path_error(errno, &path))
    }
    /// Make the directory of a file descriptor the current one.
    #[sig("(fd)")]
    fn fchdir(fd: objects::path::FileNo) -> R<()> {
        // SAFETY: plain call.
        quick_call(unsafe { libc::fchdir(fd.0) } as i64).map(|_| ()).map_err(|errno| os_error(errno, None, None))
    }
}

fn working_directory() -> R<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match std::env::current_dir() {
        Ok(folder) => Ok(folder.into_os_string().into_vec()),
        Err(error) => Err(objects::io_error(&error)),
    }
}

struct StreamState {
    stream: Stream,
    /// Path that entries' full names begin with; None for a descriptor.
    prefix: Option<Vec<u8>>,
    is_bytes: bool,
    fd: i32,
}
objects::no_references!(StreamState);

#[derive(Layout)]
#[repr(C)]
pub struct ScandirIterator {
    pub header: Header,
    stream: heap::Mutex<Option<StreamState>>,
}

pub struct ScandirSkin;

#[native_class(name = "posix.ScandirIterator", layout = ScandirIterator, base = object, flags = "final no_new")]
impl ScandirSkin {
    fn __iter__(this: Value) -> R {
        Ok(this)
    }
    fn __next__(this: Gc<ScandirIterator>) -> R<Option<Value>> {
        let (entry, prefix, is_bytes, fd) = {
            let mut guard = this.stream.lock();
            let Some(state) = guard.as_ref() else { return Ok(None) };
            match heap::blocking(|| next_entry(&state.stream)) {
                Ok(Some(entry)) => (entry, state.prefix.clone(), state.is_bytes, state.fd),
                Ok(None) => {
                    *guard = None;
                    return Ok(None);
                }
                Err(errno) => {
                    *guard = None;
                    drop(guard);
                    return Err(os_error(errno, None, None));
                }
            }
        };
        let (name, kind, inode) = entry;
        let text = |bytes: &[u8]| if is_bytes { objects::new_bytes(bytes) } else { objects::path::fs_decode(bytes) };
        let path = match prefix {
            None => name.clone(),
            Some(mut prefix) => {
                if prefix.last().is_some_and(|byte| *byte != b'/') {
                    prefix.push(b'/');
                }
                prefix.extend(&name);
                prefix
            }
        };
        let entry = new_native(DirEntry {
            header: Header::blank(),
            name: Slot::new(text(&name)),
            path: Slot::new(text(&path)),
            stat: Slot::empty(),
            lstat: Slot::empty(),
            kind,
            inode,
            directory: fd,
            cached_kind: AtomicI64::new(-1),
        });
        Ok(Some(entry.value()))
    }
    fn close(this: Gc<ScandirIterator>) {
        this.stream.lock().take();
    }
    fn __enter__(this: Value) -> Value {
        this
    }
    #[sig("($self, *args)")]
    fn __exit__(this: Gc<ScandirIterator>, _args: &[Value]) {
        this.stream.lock().take();
    }
    fn __del__(this: Gc<ScandirIterator>) -> R<()> {
        if this.stream.lock().take().is_none() {
            return Ok(());
        }
        let shown = objects::protocol::repr_lossy(this.value());
        let warned = objects::warnings::resource(&format!("unclosed scandir iterator {shown}"), this.value());
        if let Err(raised) = warned {
            objects::unraisable::report_raised(
                raised,
                Some("Exception ignored while finalizing scandir iterator"),
                Some(this.value()),
            );
        }
        Ok(())
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct DirEntry {
    pub header: Header,
    name: Slot,
    path: Slot,
    stat: Slot,
    lstat: Slot,
    kind: u8,
    inode: u64,
    /// Descriptor that the directory was given by, or -1.
    directory: i32,
    /// Kind of the link's target once known.
    cached_kind: AtomicI64,
}

impl DirEntry {
    fn lookup(this: Gc<DirEntry>, follow: bool) -> R<Result<libc::stat, i32>> {
        let (text, at) = if this.directory >= 0 { (this.name.get(), this.directory) } else { (this.path.get(), libc::AT_FDCWD) };
        let path = PathArg::convert(text.unwrap_or(Value::none()), "DirEntry", "path", PathOptions::default())?;
        Ok(stat_at(&path, at, follow))
    }
    fn is_kind(this: Gc<DirEntry>, follow: bool, kind: u32, entry_kind: u8) -> R<bool> {
        let is_link = this.kind == libc::DT_LNK;
        if this.kind != libc::DT_UNKNOWN && !(follow && is_link) {
            return Ok(this.kind == entry_kind);
        }
        if follow {
            let cached = this.cached_kind.load(Ordering::Relaxed);
            if cached >= 0 {
                return Ok(cached as u32 == kind);
            }
        }
        match DirEntry::lookup(this, follow)? {
            Ok(data) => {
                let found = data.st_mode & libc::S_IFMT;
                if follow {
                    this.cached_kind.store(found as i64, Ordering::Relaxed);
                }
                Ok(found == kind)
            }
            Err(libc::ENOENT) => Ok(false),
            Err(errno) => Err(os_error(errno, this.path.get(), None)),
        }
    }
}

pub struct DirEntrySkin;

#[native_class(name = "posix.DirEntry", layout = DirEntry, base = object, flags = "final no_new")]
impl DirEntrySkin {
    /// the name in the directory
    #[getter]
    fn name(this: Gc<DirEntry>) -> Option<Value> {
        this.name.get()
    }
    /// the name joined to the argument of scandir()
    #[getter]
    fn path(this: Gc<DirEntry>) -> Option<Value> {
        this.path.get()
    }
    fn __repr__(this: Gc<DirEntry>) -> R<String> {
        Ok(format!("<DirEntry {}>", objects::repr(this.name.get().unwrap_or(Value::none()))?.to_string_lossy()))
    }
    /// Whether the entry is a directory; asked of the system once at most.
    #[sig("($self, *, follow_symlinks=True)")]
    fn is_dir(this: Gc<DirEntry>, follow_symlinks: bool) -> R<bool> {
        DirEntry::is_kind(this, follow_symlinks, libc::S_IFDIR, libc::DT_DIR)
    }
    /// Whether the entry is a file; asked of the system once at most.
    #[sig("($self, *, follow_symlinks=True)")]
    fn is_file(this: Gc<DirEntry>, follow_symlinks: bool) -> R<bool> {
        DirEntry::is_kind(this, follow_symlinks, libc::S_IFREG, libc::DT_REG)
    }
    /// Whether the entry is a symbolic link; asked of the system once at most.
    fn is_symlink(this: Gc<DirEntry>) -> R<bool> {
        DirEntry::is_kind(this, false, libc::S_IFLNK, libc::DT_LNK)
    }
    /// Whether the entry is a junction, which only Windows has.
    fn is_junction(_this: Gc<DirEntry>) -> bool {
        false
    }
    /// The stat_result of the entry; asked of the system once at most.
    #[sig("($self, *, follow_symlinks=True)")]
    fn stat(this: Gc<DirEntry>, follow_symlinks: bool) -> R {
        let is_link = this.kind == libc::DT_LNK || this.kind == libc::DT_UNKNOWN;
        let cache = if follow_symlinks && is_link { &this.stat } else { &this.lstat };
        if let Some(known) = cache.get() {
            return Ok(known);
        }
        match DirEntry::lookup(this, follow_symlinks)? {
            Ok(data) => {
                let result = stat_result(&data)?;
                cache.set(result);
                Ok(result)
            }
            Err(errno) => Err(os_error(errno, this.path.get(), None)),
        }
    }
    /// The number of the entry's inode.
    fn inode(this: Gc<DirEntry>) -> u64 {
        this.inode
    }
    /// The path of the entry.
    fn __fspath__(this: Gc<DirEntry>) -> Option<Value> {
        this.path.get()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
}
