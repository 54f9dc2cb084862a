//! The module `fcntl`: control of descriptors, locks.

use native_macros::native_module;
use objects::path::{FileNo, retry_call};
use objects::{Buf, Cast, R, Str, Value, WritableBuf, class_name, new_bytes, new_int, os_error, type_error, value_error};

/// What fits into the buffer that the kernel writes to.
const BUFFER: usize = 1024;
/// Bytes behind it that show whether the kernel wrote too much.
const GUARD: &[u8] = b"\x00\xfa\x69\xc4\x67\xa3\x6c\x58";

fn failed(errno: i32) -> objects::Raised {
    os_error(errno, None, None)
}

/// An int for C, cut to its width.
fn number(value: Value) -> R<i64> {
    let object = objects::index_object(value)?;
    match objects::int_view(object) {
        Some(view) => match (view.to_i64(), view.to_u64()) {
            (Some(number), _) => Ok(number),
            (None, Some(number)) => Ok(number as i64),
            _ => Err(objects::overflow_error!("Python int too large to convert to C long")),
        },
        None => Ok(0),
    }
}

/// Calls with a copy of the bytes and gives back what the kernel left there.
fn with_copy(data: &[u8], function: &str, mut call: impl FnMut(*mut u8) -> i64) -> R {
    if data.len() > BUFFER {
        return Err(value_error!("{function} argument 3 is too long"));
    }
    let mut room = [0u8; BUFFER + 16];
    room[..data.len()].copy_from_slice(data);
    room[data.len()..data.len() + GUARD.len()].copy_from_slice(GUARD);
    let pointer = room.as_mut_ptr();
    retry_call(|| call(pointer))?.map_err(failed)?;
    if &room[data.len()..data.len() + GUARD.len()] != GUARD {
        return Err(objects::system_error!("buffer overflow"));
    }
    Ok(new_bytes(&room[..data.len()]))
}

fn is_number(value: Value) -> bool {
    objects::is_int(value) || objects::class_of(value).slots.index.get().is_some()
}

pub struct Fcntl;

/// Operations on file descriptors, by the calls fcntl() and ioctl() of Unix.
///
/// Files and sockets return their descriptors by the method fileno().
#[native_module(name = "fcntl")]
impl Fcntl {
    /// Do the operation `cmd` on the file descriptor fd.
    ///
    /// The operations are those of the system; the constants of the module fcntl
    /// have the names that the header files of C use.
    ///
    /// arg is an int, 0 by default, or bytes. With an int the result is what the
    /// call in C returns. Bytes, 1024 at most, are a buffer for the system: the
    /// result is bytes of the same length with what the system has put there.
    #[sig("(fd, cmd, arg=0, /)")]
    fn fcntl(fd: FileNo, cmd: i32, arg: Option<Value>) -> R {
        let fd = fd.0;
        let arg = arg.unwrap_or(Value::small(0));
        objects::audit::audit("fcntl.fcntl", &[new_int(fd as i64), new_int(cmd as i64), arg])?;
        if is_number(arg) {
            let number = number(arg)?;
            // SAFETY: the caller chose the command (as everywhere in this file).
            return Ok(new_int(retry_call(|| unsafe { libc::fcntl(fd, cmd, number) } as i64)?.map_err(failed)?));
        }
        if let Some(text) = arg.cast::<Str>() {
            let text = objects::convert::utf8(text)?;
            return with_copy(text.as_bytes(), "fcntl", |data| unsafe { libc::fcntl(fd, cmd, data) } as i64);
        }
        match Buf::try_new(arg)? {
            Some(data) => with_copy(&data, "fcntl", |data| unsafe { libc::fcntl(fd, cmd, data) } as i64),
            None => Err(type_error!(
                "fcntl() argument 3 must be an integer, a bytes-like object, or a string, not {}",
                class_name(arg)
            )),
        }
    }
    /// Do the operation request on the file descriptor fd.
    #[sig("(fd, request, arg=0, mutate_flag=True, /)")]
    fn ioctl(fd: FileNo, request: Value, arg: Option<Value>, #[default(true)] mutate_flag: bool) -> R {
        let fd = fd.0;
        let code = number(request)? as libc::c_ulong;
        let arg = arg.unwrap_or(Value::small(0));
        objects::audit::audit("fcntl.ioctl", &[new_int(fd as i64), request, arg])?;
        if is_number(arg) {
            let number = number(arg)?;
            return Ok(new_int(retry_call(|| unsafe { libc::ioctl(fd, code, number) } as i64)?.map_err(failed)?));
        }
        if let Some(text) = arg.cast::<Str>() {
            let text = objects::convert::utf8(text)?;
            return with_copy(text.as_bytes(), "ioctl", |data| unsafe { libc::ioctl(fd, code, data) } as i64);
        }
        if !objects::buffer::has_buffer(arg) {
            return Err(type_error!(
                "ioctl() argument 3 must be an integer, a bytes-like object, or a string, not {}",
                class_name(arg)
            ));
        }
        if mutate_flag {
            match WritableBuf::new(arg) {
                Ok(mut target) => {
                    if target.len() > BUFFER {
                        let pointer = target.as_mut_ptr() as usize;
                        let result = retry_call(|| unsafe { libc::ioctl(fd, code, pointer as *mut u8) } as i64)?;
                        return Ok(new_int(result.map_err(failed)?));
                    }
                    let mut room = [0u8; BUFFER + 16];
                    let len = target.len();
                    room[..len].copy_from_slice(&target);
                    room[len..len + GUARD.len()].copy_from_slice(GUARD);
                    let pointer = room.as_mut_ptr();
                    let result = retry_call(|| unsafe { libc::ioctl(fd, code, pointer) } as i64)?;
                    target.copy_from_slice(&room[..len]);
                    if &room[len..len + GUARD.len()] != GUARD {
                        return Err(objects::system_error!("buffer overflow"));
                    }
                    return Ok(new_int(result.map_err(failed)?));
                }
                Err(raised) => raised.clear(),
            }
        }
        let data = Buf::new(arg)?;
        with_copy(&data, "ioctl", |data| unsafe { libc::ioctl(fd, code, data) } as i64)
    }
    /// Lock the file of the descriptor `fd`, or unlock it, as `operation` says.
    ///
    /// flock(2) has the details. Some systems do it by means of fcntl().
    #[sig("(fd, operation, /)")]
    fn flock(fd: FileNo, operation: i32) -> R<()> {
        let fd = fd.0;
        objects::audit::audit("fcntl.flock", &[new_int(fd as i64), new_int(operation as i64)])?;
        retry_call(|| unsafe { libc::flock(fd, operation) } as i64)?.map(|_| ()).map_err(failed)
    }
    /// Lock a part of a file by means of fcntl().
    #[sig("(fd, cmd, len=0, start=0, whence=0, /)")]
    fn lockf(fd: FileNo, cmd: i32, len: Option<Value>, start: Option<Value>, #[default(0)] whence: i32) -> R<()> {
        let fd = fd.0;
        let kind = match cmd & !libc::LOCK_NB {
            libc::LOCK_UN => libc::F_UNLCK,
            libc::LOCK_SH => libc::F_RDLCK,
            libc::LOCK_EX => libc::F_WRLCK,
            _ => return Err(value_error!("unrecognized lockf argument")),
        };
        let mut lock: libc::flock64 = unsafe { std::mem::zeroed() };
        lock.l_type = kind as _;
        lock.l_whence = whence as _;
        lock.l_start = start.map(objects::index).transpose()?.unwrap_or(0);
        lock.l_len = len.map(objects::index).transpose()?.unwrap_or(0);
        let command = if cmd & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
        let pointer = &raw mut lock as usize;
        retry_call(|| unsafe { libc::fcntl(fd, command, pointer as *mut libc::flock64) } as i64)?.map(|_| ()).map_err(failed)
    }
    fn __exec__(module: Value) -> R<()> {
        crate::util::set_ints(module, CONSTANTS)
    }
}

#[rustfmt::skip]
const CONSTANTS: &[(&str, i64)] = &[
    ("DN_ACCESS", 1), ("DN_ATTRIB", 32), ("DN_CREATE", 4), ("DN_DELETE", 8), ("DN_MODIFY", 2), ("DN_MULTISHOT", 2147483648),
    ("DN_RENAME", 16), ("FASYNC", 8192), ("FD_CLOEXEC", 1), ("FICLONE", 1074041865), ("FICLONERANGE", 1075876877), ("F_ADD_SEALS", 1033),
    ("F_DUPFD", 0), ("F_DUPFD_CLOEXEC", 1030), ("F_DUPFD_QUERY", 1027), ("F_EXLCK", 4), ("F_GETFD", 1), ("F_GETFL", 3),
    ("F_GETLEASE", 1025), ("F_GETLK", 5), ("F_GETLK64", 5), ("F_GETOWN", 9), ("F_GETOWN_EX", 16), ("F_GETPIPE_SZ", 1032), ("F_GETSIG", 11),
    ("F_GET_FILE_RW_HINT", 1037), ("F_GET_RW_HINT", 1035), ("F_GET_SEALS", 1034), ("F_NOTIFY", 1026), ("F_OFD_GETLK", 36),
    ("F_OFD_SETLK", 37), ("F_OFD_SETLKW", 38), ("F_OWNER_PGRP", 2), ("F_OWNER_PID", 1), ("F_OWNER_TID", 0), ("F_RDLCK", 0),
    ("F_SEAL_FUTURE_WRITE", 16), ("F_SEAL_GROW", 4), ("F_SEAL_SEAL", 1), ("F_SEAL_SHRINK", 2), ("F_SEAL_WRITE", 8), ("F_SETFD", 2),
    ("F_SETFL", 4), ("F_SETLEASE", 1024), ("F_SETLK", 6), ("F_SETLK64", 6), ("F_SETLKW", 7), ("F_SETLKW64", 7), ("F_SETOWN", 8),
    ("F_SETOWN_EX", 15), ("F_SETPIPE_SZ", 1031), ("F_SETSIG", 10), ("F_SET_FILE_RW_HINT", 1038), ("F_SET_RW_HINT", 1036), ("F_SHLCK", 8),
    ("F_UNLCK", 2), ("F_WRLCK", 1), ("LOCK_EX", 2), ("LOCK_MAND", 32), ("LOCK_NB", 4), ("LOCK_READ", 64), ("LOCK_RW", 192), ("LOCK_SH", 1),
    ("LOCK_UN", 8), ("LOCK_WRITE", 128), ("RWH_WRITE_LIFE_EXTREME", 5), ("RWH_WRITE_LIFE_LONG", 4), ("RWH_WRITE_LIFE_MEDIUM", 3),
    ("RWH_WRITE_LIFE_NONE", 1), ("RWH_WRITE_LIFE_NOT_SET", 0), ("RWH_WRITE_LIFE_SHORT", 2),
];
