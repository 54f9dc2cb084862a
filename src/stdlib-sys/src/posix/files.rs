//! Descriptors: opening, reading, writing, duplicating; links and renames.

use super::{dir_fd, path_error, tuple, two_paths_error};
use base::memory::zeros;
use native_macros::native_module;
use objects::bytes::Bytes;
use objects::path::{PathArg, PathOrFd, blocking_call, quick_call, retry_call};
use objects::{Buf, Gc, R, Value, new_int, os_error};

/// Most bytes that one call moves.
const MAX_TRANSFER: usize = 0x7fff_f000;

fn check<T>(result: Result<T, i32>) -> R<T> {
    result.map_err(|errno| os_error(errno, None, None))
}

/// Reads up to `length` bytes by `call`, which gets a buffer.
fn read_with(length: isize, mut call: impl FnMut(*mut u8, usize) -> i64) -> R<Gc<Bytes>> {
    if length < 0 {
        return Err(os_error(libc::EINVAL, None, None));
    }
    let wanted = (length as usize).min(MAX_TRANSFER);
    let mut buffer = Vec::new();
    if buffer.try_reserve_exact(wanted).is_err() {
        return Err(objects::memory_error());
    }
    buffer.resize(wanted, 0u8);
    let pointer = buffer.as_mut_ptr();
    let count = check(retry_call(|| call(pointer, wanted))?)?;
    Ok(Bytes::new(&buffer[..count as usize]))
}

pub struct Files;

#[native_module(name = "posix")]
impl Files {
    /// Open a file and return its file descriptor.
    #[sig("(path, flags, mode=511, *, dir_fd=None)")]
    fn open(path: PathArg, flags: i32, mode: i32, directory: Option<Value>) -> R<i64> {
        let at = dir_fd(directory)?;
        // SAFETY: a NUL-terminated name.
        match retry_call(|| unsafe { libc::openat(at, path.as_ptr(), flags | libc::O_CLOEXEC, mode as libc::c_uint) } as i64)? {
            Ok(fd) => Ok(fd),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// Close a descriptor.
    #[sig("(fd)")]
    fn close(fd: i32) -> R<()> {
        // SAFETY: plain call; after EINTR the descriptor is closed all the same.
        match blocking_call(|| unsafe { libc::close(fd) } as i64) {
            Ok(_) | Err(libc::EINTR) => Ok(()),
            Err(errno) => Err(os_error(errno, None, None)),
        }
    }
    /// Close all file descriptors from fd_low to below fd_high; errors are ignored.
    fn closerange(fd_low: i32, fd_high: i32) {
        let fd_low = fd_low.max(0);
        if fd_low >= fd_high {
            return;
        }
        #[cfg(target_os = "linux")]
        // SAFETY: plain call; kernels without it say so.
        if unsafe { libc::syscall(libc::SYS_close_range, fd_low, fd_high - 1, 0) } == 0 {
            return;
        }
        for fd in fd_low..fd_high {
            // SAFETY: plain call.
            unsafe { libc::close(fd) };
        }
    }
    /// Read from a file descriptor and return bytes.
    fn read(fd: i32, length: isize) -> R<Gc<Bytes>> {
        // SAFETY: the buffer has room for that many bytes.
        read_with(length, |buffer, count| unsafe { libc::read(fd, buffer.cast(), count) } as i64)
    }
    /// Read bytes at an offset of the file, without moving its position.
    #[sig("(fd, length, offset, /)")]
    fn pread(fd: i32, length: isize, offset: i64) -> R<Gc<Bytes>> {
        // SAFETY: the buffer has room for that many bytes.
        read_with(length, |buffer, count| unsafe { libc::pread(fd, buffer.cast(), count, offset) } as i64)
    }
    /// Write bytes to a file descriptor.
    fn write(fd: i32, data: Buf) -> R<i64> {
        let bytes = data.as_slice();
        let (pointer, count) = (bytes.as_ptr(), bytes.len().min(MAX_TRANSFER));
        // SAFETY: the buffer is pinned during the call.
        check(retry_call(|| unsafe { libc::write(fd, pointer.cast(), count) } as i64)?)
    }
    /// Write bytes at an offset of the file, without moving its position.
    fn pwrite(fd: i32, buffer: Buf, offset: i64) -> R<i64> {
        let bytes = buffer.as_slice();
        let (pointer, count) = (bytes.as_ptr(), bytes.len().min(MAX_TRANSFER));
        // SAFETY: the buffer is pinned during the call.
        check(retry_call(|| unsafe { libc::pwrite(fd, pointer.cast(), count, offset) } as i64)?)
    }
    /// Move the position of a file descriptor and return the new one.
    #[sig("(fd, position, whence, /)")]
    fn lseek(fd: i32, position: i64, whence: i32) -> R<i64> {
        // SAFETY: plain call.
        check(blocking_call(|| unsafe { libc::lseek(fd, position, whence) }))
    }
    /// Cut or lengthen the file of a descriptor to length bytes.
    fn ftruncate(fd: i32, length: i64) -> R<()> {
        // SAFETY: plain call.
        check(retry_call(|| unsafe { libc::ftruncate(fd, length) } as i64)?)?;
        Ok(())
    }
    /// Cut or lengthen the file at path to length bytes.
    #[sig("(path, length)")]
    fn truncate(path: PathOrFd, length: i64) -> R<()> {
        // SAFETY: a NUL-terminated name, or a descriptor.
        let result = retry_call(|| unsafe {
            match path.fd {
                Some(fd) => libc::ftruncate(fd, length) as i64,
                None => libc::truncate(path.as_ptr(), length) as i64,
            }
        })?;
        result.map(|_| ()).map_err(|errno| path_error(errno, &path))
    }
    /// Have what was written brought to the disk.
    #[sig("(fd)")]
    fn fsync(fd: objects::path::FileNo) -> R<()> {
        // SAFETY: plain call.
        check(retry_call(|| unsafe { libc::fsync(fd.0) } as i64)?)?;
        Ok(())
    }
    /// Have the data that were written brought to the disk, not the times.
    #[sig("(fd)")]
    fn fdatasync(fd: objects::path::FileNo) -> R<()> {
        // SAFETY: plain call.
        check(retry_call(|| unsafe { libc::fdatasync(fd.0) } as i64)?)?;
        Ok(())
    }
    /// Another descriptor of the same file.
    fn dup(fd: i32) -> R<i64> {
        // SAFETY: plain call.
        check(quick_call(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as i64))
    }
    /// Duplicate file descriptor.
    #[sig("(fd, fd2, inheritable=True)")]
    fn dup2(fd: i32, fd2: i32, inheritable: bool) -> R<i64> {
        // SAFETY: plain calls.
        let result = unsafe { if inheritable || fd == fd2 { libc::dup2(fd, fd2) } else { libc::dup3(fd, fd2, libc::O_CLOEXEC) } };
        check(quick_call(result as i64))
    }
    /// Create a pipe.
    fn pipe() -> R {
        let mut ends = [0; 2];
        // SAFETY: room for two descriptors.
        check(quick_call(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } as i64))?;
        Ok(tuple(&[new_int(ends[0] as i64), new_int(ends[1] as i64)]))
    }
    /// A new pipe with these flags.
    fn pipe2(flags: i32) -> R {
        let mut ends = [0; 2];
        // SAFETY: room for two descriptors.
        check(quick_call(unsafe { libc::pipe2(ends.as_mut_ptr(), flags) } as i64))?;
        Ok(tuple(&[new_int(ends[0] as i64), new_int(ends[1] as i64)]))
    }
    /// Whether the file descriptor is that of a terminal.
    fn isatty(fd: i32) -> bool {
        // SAFETY: plain call.
        heap::blocking(|| unsafe { libc::isatty(fd) }) == 1
    }
    /// Whether child processes inherit the file descriptor.
    fn get_inheritable(fd: i32) -> R<bool> {
        // SAFETY: plain call.
        let flags = check(quick_call(unsafe { libc::fcntl(fd, libc::F_GETFD) } as i64))?;
        Ok(flags & libc::FD_CLOEXEC as i64 == 0)
    }
    /// Set whether child processes inherit the file descriptor.
    fn set_inheritable(fd: i32, inheritable: i32) -> R<()> {
        // SAFETY: plain calls.
        let flags = check(quick_call(unsafe { libc::fcntl(fd, libc::F_GETFD) } as i64))? as i32;
        let wanted = if inheritable != 0 { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
        check(quick_call(unsafe { libc::fcntl(fd, libc::F_SETFD, wanted) } as i64))?;
        Ok(())
    }
    /// Whether the file descriptor is blocking.
    fn get_blocking(fd: i32) -> R<bool> {
        // SAFETY: plain call.
        let flags = check(quick_call(unsafe { libc::fcntl(fd, libc::F_GETFL) } as i64))?;
        Ok(flags & libc::O_NONBLOCK as i64 == 0)
    }
    /// Set whether the file descriptor is blocking.
    fn set_blocking(fd: i32, blocking: bool) -> R<()> {
        // SAFETY: plain calls.
        let flags = check(quick_call(unsafe { libc::fcntl(fd, libc::F_GETFL) } as i64))? as i32;
        let wanted = if blocking { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
        check(quick_call(unsafe { libc::fcntl(fd, libc::F_SETFL, wanted) } as i64))?;
        Ok(())
    }
    /// Give a file or directory another name.
    #[sig("(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
    fn rename(src: PathArg, dst: PathArg, src_dir_fd: Option<Value>, dst_dir_fd: Option<Value>) -> R<()> {
        rename(src, dst, src_dir_fd, dst_dir_fd)
    }
    /// Rename a file or directory; what has the name already is replaced.
    #[sig("(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
    fn replace(src: PathArg, dst: PathArg, src_dir_fd: Option<Value>, dst_dir_fd: Option<Value>) -> R<()> {
        rename(src, dst, src_dir_fd, dst_dir_fd)
    }
    /// Give a file a further name.
    #[sig("(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)")]
    fn link(src: PathArg, dst: PathArg, src_dir_fd: Option<Value>, dst_dir_fd: Option<Value>, follow_symlinks: bool) -> R<()> {
        let (from, to) = (dir_fd(src_dir_fd)?, dir_fd(dst_dir_fd)?);
        let flags = if follow_symlinks { libc::AT_SYMLINK_FOLLOW } else { 0 };
        // SAFETY: NUL-terminated names.
        match blocking_call(|| unsafe { libc::linkat(from, src.as_ptr(), to, dst.as_ptr(), flags) } as i64) {
            Ok(_) => Ok(()),
            Err(errno) => Err(two_paths_error(errno, &src, &dst)),
        }
    }
    /// Make a symbolic link dst with the target src.
    #[sig("(src, dst, target_is_directory=False, *, dir_fd=None)")]
    fn symlink(src: PathArg, dst: PathArg, _target_is_directory: bool, directory: Option<Value>) -> R<()> {
        let at = dir_fd(directory)?;
        // SAFETY: NUL-terminated names.
        match blocking_call(|| unsafe { libc::symlinkat(src.as_ptr(), at, dst.as_ptr()) } as i64) {
            Ok(_) => Ok(()),
            Err(errno) => Err(two_paths_error(errno, &src, &dst)),
        }
    }
    /// The target of a symbolic link.
    #[sig("(path, *, dir_fd=None)")]
    fn readlink(path: PathArg, directory: Option<Value>) -> R {
        let at = dir_fd(directory)?;
        let mut buffer = zeros::<u8>(libc::PATH_MAX as usize);
        // SAFETY: a NUL-terminated name and a buffer with its size.
        let result =
            blocking_call(|| unsafe { libc::readlinkat(at, path.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()) } as i64);
        match result {
            Ok(length) => Ok(path.decode(&buffer[..length as usize])),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// Remove a file, as remove() does.
    #[sig("(path, *, dir_fd=None)")]
    fn unlink(path: PathArg, directory: Option<Value>) -> R<()> {
        unlink(path, directory, 0)
    }
    /// Remove a file, as unlink() does.
    #[sig("(path, *, dir_fd=None)")]
    fn remove(path: PathArg, directory: Option<Value>) -> R<()> {
        unlink(path, directory, 0)
    }
    /// Remove a directory.
    #[sig("(path, *, dir_fd=None)")]
    fn rmdir(path: PathArg, directory: Option<Value>) -> R<()> {
        unlink(path, directory, libc::AT_REMOVEDIR)
    }
    /// Set the umask and return the one before.
    fn umask(mask: u32) -> u32 {
        // SAFETY: plain call.
        unsafe { libc::umask(mask) }
    }
}

fn rename(src: PathArg, dst: PathArg, src_dir_fd: Option<Value>, dst_dir_fd: Option<Value>) -> R<()> {
    let (from, to) = (dir_fd(src_dir_fd)?, dir_fd(dst_dir_fd)?);
    // SAFETY: NUL-terminated names.
    match blocking_call(|| unsafe { libc::renameat(from, src.as_ptr(), to, dst.as_ptr()) } as i64) {
        Ok(_) => Ok(()),
        Err(errno) => Err(two_paths_error(errno, &src, &dst)),
    }
}

fn unlink(path: PathArg, directory: Option<Value>, flags: i32) -> R<()> {
    let at = dir_fd(directory)?;
    // SAFETY: a NUL-terminated name.
    match blocking_call(|| unsafe { libc::unlinkat(at, path.as_ptr(), flags) } as i64) {
        Ok(_) => Ok(()),
        Err(errno) => Err(path_error(errno, &path)),
    }
}
