//! Moving data between descriptors, many buffers at once, space and advice, locks.
//!
//! Must not know: the library's `os`.
//!
//! SAFETY of every `unsafe` block here: a system call on plain numbers, on NUL-terminated names, or on memory that the function holds
//! for the whole call; zeroed structures are plain C data.

use base::memory::zeros;
use native_macros::native_module;
use objects::path::{quick_call, retry_call};
use objects::{Buf, BufList, GcVec, R, Value, WritableBuf, class_name, new_bytes, os_error, type_error};

fn check(result: Result<i64, i32>) -> R<i64> {
    result.map_err(|errno| os_error(errno, None, None))
}

fn buffers(value: Value, function: &str) -> R<GcVec> {
    if !objects::lookup::type_has(value, objects::interned!("__getitem__"))
        || !objects::lookup::type_has(value, objects::interned!("__len__"))
    {
        return Err(type_error!("{function}() arg 2 must be a sequence"));
    }
    objects::to_vec(value)
}
fn readable(value: Value, function: &str) -> R<BufList> {
    let mut list = BufList::new();
    for item in buffers(value, function)?.iter() {
        list.push(*item)?;
    }
    Ok(list)
}
fn writable(value: Value, function: &str) -> R<BufList> {
    let mut list = BufList::new();
    for item in buffers(value, function)?.iter() {
        if !objects::buffer::has_buffer(*item) {
            return Err(type_error!("a bytes-like object is required, not '{}'", class_name(*item)));
        }
        list.push_writable(*item)?;
    }
    Ok(list)
}
fn parts(list: &BufList) -> Vec<libc::iovec> {
    list.iter().map(|buf| libc::iovec { iov_base: buf.as_ptr() as *mut _, iov_len: buf.len() }).collect()
}

fn offset_argument(value: Option<Value>) -> R<Option<i64>> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(None),
        Some(value) => Ok(Some(objects::index(value)?)),
    }
}

pub struct Transfers;

#[native_module(name = "posix")]
impl Transfers {
    /// Read into several buffers, each filled before the next is begun.
    ///
    /// The buffers are writable bytes-like objects. Returns how many bytes were
    /// read, which may be fewer than there is room for.
    #[sig("(fd, buffers, /)")]
    fn readv(fd: i32, buffers: Value) -> R<i64> {
        let targets = writable(buffers, "readv")?;
        let parts = parts(&targets);
        let (pointer, count) = (parts.as_ptr() as usize, parts.len() as i32);
        // SAFETY: the buffers are held during the call (as in the other functions here).
        check(retry_call(|| unsafe { libc::readv(fd, pointer as *const _, count) } as i64)?)
    }
    /// Read at an offset of the file into several buffers.
    #[sig("(fd, buffers, offset, flags=0, /)")]
    fn preadv(fd: i32, buffers: Value, offset: i64, #[default(0)] flags: i32) -> R<i64> {
        let targets = writable(buffers, "preadv")?;
        let parts = parts(&targets);
        let (pointer, count) = (parts.as_ptr() as usize, parts.len() as i32);
        check(retry_call(|| unsafe {
            match flags {
                0 => libc::preadv(fd, pointer as *const _, count, offset) as i64,
                _ => libc::preadv2(fd, pointer as *const _, count, offset, flags) as i64,
            }
        })?)
    }
    /// Write the contents of several buffers, one after the other.
    ///
    /// The buffers are a sequence of bytes-like objects. Returns how many bytes
    /// were written.
    #[sig("(fd, buffers, /)")]
    fn writev(fd: i32, buffers: Value) -> R<i64> {
        let sources = readable(buffers, "writev")?;
        let parts = parts(&sources);
        let (pointer, count) = (parts.as_ptr() as usize, parts.len() as i32);
        check(retry_call(|| unsafe { libc::writev(fd, pointer as *const _, count) } as i64)?)
    }
    /// Write the contents of several buffers at an offset of the file.
    #[sig("(fd, buffers, offset, flags=0, /)")]
    fn pwritev(fd: i32, buffers: Value, offset: i64, #[default(0)] flags: i32) -> R<i64> {
        let sources = readable(buffers, "pwritev")?;
        let parts = parts(&sources);
        let (pointer, count) = (parts.as_ptr() as usize, parts.len() as i32);
        check(retry_call(|| unsafe {
            match flags {
                0 => libc::pwritev(fd, pointer as *const _, count, offset) as i64,
                _ => libc::pwritev2(fd, pointer as *const _, count, offset, flags) as i64,
            }
        })?)
    }
    /// Read into a buffer.
    ///
    /// Returns how many bytes were read; these may be fewer than the buffer, a
    /// writable bytes-like object, has room for. 0 means the end of the file, or a
    /// buffer of length 0, by which to try the descriptor.
    ///
    /// If a signal interrupts the system call, it is made again, unless the handler
    /// raises an exception.
    #[sig("(fd, buffer, /)")]
    fn readinto(fd: i32, mut buffer: WritableBuf) -> R<i64> {
        let (pointer, count) = (buffer.as_mut_slice().as_mut_ptr() as usize, buffer.len().min(0x7fff_f000));
        check(retry_call(|| unsafe { libc::read(fd, pointer as *mut _, count) } as i64)?)
    }
    /// Copy count bytes from in_fd to out_fd, two file descriptors.
    #[sig("(out_fd, in_fd, offset, count)")]
    fn sendfile(out_fd: i32, in_fd: i32, offset: Value, count: isize) -> R<i64> {
        if count < 0 {
            return Err(objects::value_error!("count cannot be negative"));
        }
        let mut place = offset_argument(Some(offset))?;
        check(retry_call(|| unsafe {
            let pointer = place.as_mut().map_or(std::ptr::null_mut(), |place| place as *mut i64);
            libc::sendfile(out_fd, in_fd, pointer, count as usize) as i64
        })?)
    }
    /// Copy bytes from one file to another.
    ///
    ///   src
    ///     The file descriptor to read from.
    ///   dst
    ///     The file descriptor to write to.
    ///   count
    ///     How many bytes.
    ///   offset_src, offset_dst
    ///     Where to begin, by default at the position of each.
    #[sig("(src, dst, count, offset_src=None, offset_dst=None)")]
    fn copy_file_range(src: i32, dst: i32, count: isize, offset_src: Option<Value>, offset_dst: Option<Value>) -> R<i64> {
        if count < 0 {
            return Err(objects::value_error!("negative value for 'count' not allowed"));
        }
        let (mut from, mut to) = (offset_argument(offset_src)?, offset_argument(offset_dst)?);
        check(retry_call(|| unsafe {
            let from = from.as_mut().map_or(std::ptr::null_mut(), |place| place as *mut i64);
            let to = to.as_mut().map_or(std::ptr::null_mut(), |place| place as *mut i64);
            libc::copy_file_range(src, from, dst, to, count as usize, 0) as i64
        })?)
    }
    /// Move count bytes between a pipe and another file descriptor.
    #[sig("(src, dst, count, offset_src=None, offset_dst=None, flags=0)")]
    fn splice(
        src: i32,
        dst: i32,
        count: isize,
        offset_src: Option<Value>,
        offset_dst: Option<Value>,
        #[default(0)] flags: u32,
    ) -> R<i64> {
        if count < 0 {
            return Err(objects::value_error!("negative value for 'count' not allowed"));
        }
        let (mut from, mut to) = (offset_argument(offset_src)?, offset_argument(offset_dst)?);
        check(retry_call(|| unsafe {
            let from = from.as_mut().map_or(std::ptr::null_mut(), |place| place as *mut i64);
            let to = to.as_mut().map_or(std::ptr::null_mut(), |place| place as *mut i64);
            libc::splice(src, from, dst, to, count as usize, flags) as i64
        })?)
    }
    /// Have the disk space for a part of a file reserved.
    #[sig("(fd, offset, length, /)")]
    fn posix_fallocate(fd: i32, offset: i64, length: i64) -> R<()> {
        loop {
            match heap::blocking(|| unsafe { libc::posix_fallocate(fd, offset, length) }) {
                0 => return Ok(()),
                libc::EINTR => (objects::door::interpreter().poll)()?,
                errno => return Err(os_error(errno, None, None)),
            }
        }
    }
    /// Tell the system how a part of a file will be used.
    #[sig("(fd, offset, length, advice, /)")]
    fn posix_fadvise(fd: i32, offset: i64, length: i64, advice: i32) -> R<()> {
        match heap::blocking(|| unsafe { libc::posix_fadvise(fd, offset, length, advice) }) {
            0 => Ok(()),
            errno => Err(os_error(errno, None, None)),
        }
    }
    /// Set, test or remove a lock on a part of an open file.
    #[sig("(fd, command, length, /)")]
    fn lockf(fd: i32, command: i32, length: i64) -> R<()> {
        check(retry_call(|| unsafe { libc::lockf(fd, command, length) } as i64)?).map(|_| ())
    }
    /// A new file descriptor for notifications.
    #[sig("(initval, flags=EFD_CLOEXEC)")]
    fn eventfd(initval: u32, #[default(libc::EFD_CLOEXEC)] flags: i32) -> R<i64> {
        check(quick_call(unsafe { libc::eventfd(initval, flags) } as i64))
    }
    /// Read eventfd value
    #[sig("(fd)")]
    fn eventfd_read(fd: objects::path::FileNo) -> R<u64> {
        let mut value = 0u64;
        let pointer = &raw mut value as usize;
        check(retry_call(|| unsafe { libc::eventfd_read(fd.0, pointer as *mut u64) } as i64)?)?;
        Ok(value)
    }
    /// Write eventfd value.
    #[sig("(fd, value)")]
    fn eventfd_write(fd: objects::path::FileNo, value: u64) -> R<()> {
        check(retry_call(|| unsafe { libc::eventfd_write(fd.0, value) } as i64)?).map(|_| ())
    }
    #[sig("(name, flags=MFD_CLOEXEC)")]
    fn memfd_create(name: Value, #[default(libc::MFD_CLOEXEC)] flags: u32) -> R<i64> {
        let name = objects::path::fs_bytes(name)?;
        check(quick_call(unsafe { libc::memfd_create(name.as_ptr(), flags) } as i64))
    }
    /// A new file descriptor for a timer.
    #[sig("(clockid, /, *, flags=TFD_CLOEXEC)")]
    fn timerfd_create(clockid: i32, #[default(libc::TFD_CLOEXEC)] flags: i32) -> R<i64> {
        check(quick_call(unsafe { libc::timerfd_create(clockid, flags) } as i64))
    }
    /// Set the timer of a file descriptor, in seconds.
    #[sig("(fd, /, *, flags=0, initial=0.0, interval=0.0)")]
    fn timerfd_settime(fd: objects::path::FileNo, #[default(0)] flags: i32, initial: f64, interval: f64) -> R {
        let (initial, interval) = (nanoseconds(initial)?, nanoseconds(interval)?);
        timers(set_timer(fd.0, flags, initial, interval)?, false)
    }
    /// Set the timer of a file descriptor, in nanoseconds.
    #[sig("(fd, /, *, flags=0, initial=0, interval=0)")]
    fn timerfd_settime_ns(
        fd: objects::path::FileNo,
        #[default(0)] flags: i32,
        #[default(0)] initial: i64,
        #[default(0)] interval: i64,
    ) -> R {
        timers(set_timer(fd.0, flags, initial, interval)?, true)
    }
    /// The interval and the time until the next expiration of a timer, as floats in
    /// seconds.
    #[sig("(fd, /)")]
    fn timerfd_gettime(fd: objects::path::FileNo) -> R {
        timers(get_timer(fd.0)?, false)
    }
    /// The interval and the time until the next expiration of a timer, in
    /// nanoseconds.
    #[sig("(fd, /)")]
    fn timerfd_gettime_ns(fd: objects::path::FileNo) -> R {
        timers(get_timer(fd.0)?, true)
    }
    /// The value of an extended attribute of path.
    #[sig("(path, attribute, *, follow_symlinks=True)")]
    fn getxattr(path: objects::path::PathOrFd, attribute: objects::path::PathArg, #[default(true)] follow_symlinks: bool) -> R {
        refuse_both(&path, follow_symlinks, "getxattr")?;
        let data = growing(|data, size| unsafe {
            let name = attribute.as_ptr();
            match path.fd {
                Some(fd) => libc::fgetxattr(fd, name, data, size) as i64,
                None if follow_symlinks => libc::getxattr(path.as_ptr(), name, data, size) as i64,
                None => libc::lgetxattr(path.as_ptr(), name, data, size) as i64,
            }
        });
        data.map(|data| new_bytes(&data)).map_err(|errno| super::path_error(errno, &path))
    }
    /// Set an extended attribute of path.
    #[sig("(path, attribute, value, flags=0, *, follow_symlinks=True)")]
    fn setxattr(
        path: objects::path::PathOrFd,
        attribute: objects::path::PathArg,
        value: Buf,
        #[default(0)] flags: i32,
        #[default(true)] follow_symlinks: bool,
    ) -> R<()> {
        refuse_both(&path, follow_symlinks, "setxattr")?;
        let (name, data, size) = (attribute.as_ptr(), value.as_ptr().cast(), value.len());
        let result = unsafe {
            match path.fd {
                Some(fd) => libc::fsetxattr(fd, name, data, size, flags),
                None if follow_symlinks => libc::setxattr(path.as_ptr(), name, data, size, flags),
                None => libc::lsetxattr(path.as_ptr(), name, data, size, flags),
            }
        };
        quick_call(result as i64).map(|_| ()).map_err(|errno| super::path_error(errno, &path))
    }
    /// Remove an extended attribute of path.
    #[sig("(path, attribute, *, follow_symlinks=True)")]
    fn removexattr(
        path: objects::path::PathOrFd,
        attribute: objects::path::PathArg,
        #[default(true)] follow_symlinks: bool,
    ) -> R<()> {
        refuse_both(&path, follow_symlinks, "removexattr")?;
        let name = attribute.as_ptr();
        let result = unsafe {
            match path.fd {
                Some(fd) => libc::fremovexattr(fd, name),
                None if follow_symlinks => libc::removexattr(path.as_ptr(), name),
                None => libc::lremovexattr(path.as_ptr(), name),
            }
        };
        quick_call(result as i64).map(|_| ()).map_err(|errno| super::path_error(errno, &path))
    }
    /// The list of the names of the extended attributes of path.
    ///
    /// path is a path or a file descriptor; None means the current directory.
    #[sig("(path=None, *, follow_symlinks=True)")]
    fn listxattr(path: Option<Value>, #[default(true)] follow_symlinks: bool) -> R {
        let options = objects::path::PathOptions { allow_fd: true, nullable: true, ..Default::default() };
        let path = objects::path::PathArg::convert(path.unwrap_or(Value::none()), "listxattr", "path", options)?;
        refuse_both(&path, follow_symlinks, "listxattr")?;
        let data = growing(|data, size| unsafe {
            match path.fd {
                Some(fd) => libc::flistxattr(fd, data.cast(), size) as i64,
                None if follow_symlinks => libc::listxattr(path.as_ptr(), data.cast(), size) as i64,
                None => libc::llistxattr(path.as_ptr(), data.cast(), size) as i64,
            }
        });
        let data = data.map_err(|errno| super::path_error(errno, &path))?;
        let list = objects::new_list(&[]);
        for name in data.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            objects::list::list_push(list, objects::path::fs_decode(name));
        }
        Ok(list.value())
    }
}

fn refuse_both(path: &objects::path::PathArg, follow: bool, function: &str) -> R<()> {
    if path.fd.is_some() && !follow {
        return Err(objects::value_error!("{function}: cannot use fd and follow_symlinks together"));
    }
    Ok(())
}

/// Calls with a buffer of the size that the call itself tells.
fn growing(mut call: impl FnMut(*mut libc::c_void, usize) -> i64) -> Result<Vec<u8>, i32> {
    for size in [128usize, 65536] {
        let mut data = zeros::<u8>(size);
        match quick_call(call(data.as_mut_ptr().cast(), size)) {
            Ok(count) => {
                data.truncate(count as usize);
                return Ok(data);
            }
            Err(libc::ERANGE) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(libc::ERANGE)
}

fn nanoseconds(seconds: f64) -> R<i64> {
    let exact = (seconds * 1e9).round();
    if !(-9.2e18..9.2e18).contains(&exact) {
        return Err(objects::overflow_error!("timestamp too large to convert to C PyTime_t"));
    }
    Ok(exact as i64)
}
fn set_timer(fd: i32, flags: i32, initial: i64, interval: i64) -> R<libc::itimerspec> {
    let spec =
        |number: i64| libc::timespec { tv_sec: number.div_euclid(1_000_000_000), tv_nsec: number.rem_euclid(1_000_000_000) };
    let new = libc::itimerspec { it_interval: spec(interval), it_value: spec(initial) };
    // SAFETY: plain data.
    unsafe {
        let mut old: libc::itimerspec = std::mem::zeroed();
        check(quick_call(libc::timerfd_settime(fd, flags, &new, &mut old) as i64))?;
        Ok(old)
    }
}
fn get_timer(fd: i32) -> R<libc::itimerspec> {
    // SAFETY: plain data.
    unsafe {
        let mut current: libc::itimerspec = std::mem::zeroed();
        check(quick_call(libc::timerfd_gettime(fd, &mut current) as i64))?;
        Ok(current)
    }
}
fn timers(spec: libc::itimerspec, as_int: bool) -> R {
    let make = |time: libc::timespec| {
        if as_int {
            objects::new_int(time.tv_sec * 1_000_000_000 + time.tv_nsec)
        } else {
            Value::float(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
        }
    };
    Ok(super::tuple(&[make(spec.it_value), make(spec.it_interval)]))
}
