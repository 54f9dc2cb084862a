//! Users, groups, process groups, sessions.
//!
//! Must not know: the library's `os`.
//!
//! SAFETY of every `unsafe` block here: a system call on plain numbers, on NUL-terminated names, or on memory that the function holds
//! for the whole call; zeroed structures are plain C data.

use super::stat::{id_number, identity};
use super::tuple;
use native_macros::native_module;
use objects::path::quick_call;
use objects::{R, Value, os_error, type_error, value_error};

fn check(result: i64) -> R<i64> {
    quick_call(result).map_err(|errno| os_error(errno, None, None))
}
fn user(value: Value) -> R<u32> {
    id_number(value, "uid")
}
fn group(value: Value) -> R<u32> {
    id_number(value, "gid")
}
fn id_list(ids: &[libc::gid_t]) -> Value {
    let list = objects::new_list(&[]);
    for id in ids {
        objects::list::list_push(list, identity(*id));
    }
    list.value()
}

unsafe extern "C" {
    fn getlogin_r(name: *mut libc::c_char, size: usize) -> libc::c_int;
}

/// A device number; -1 means none.
struct Device(u64);
const NO_DEVICE: u64 = u64::MAX;
impl objects::convert::FromArg for Device {
    fn from_arg(value: Value, name: objects::convert::ArgName) -> R<Device> {
        let number = objects::index_object(value)?;
        match objects::int_view(number) {
            Some(view) if view.to_i64() == Some(-1) => Ok(Device(NO_DEVICE)),
            Some(view) if view.is_negative() => Err(objects::overflow_error!("can't convert negative int to unsigned")),
            _ => u64::from_arg(number, name).map(Device),
        }
    }
}

pub struct Identity;

#[native_module(name = "posix")]
impl Identity {
    /// Set the user id of the process.
    #[sig("(uid, /)")]
    fn setuid(uid: Value) -> R<()> {
        let uid = user(uid)?;
        // SAFETY: plain call (as all in this block).
        check(unsafe { libc::setuid(uid) } as i64).map(|_| ())
    }
    /// Set the effective user id of the process.
    #[sig("(euid, /)")]
    fn seteuid(euid: Value) -> R<()> {
        let uid = user(euid)?;
        check(unsafe { libc::seteuid(uid) } as i64).map(|_| ())
    }
    /// Set the group id of the process.
    #[sig("(gid, /)")]
    fn setgid(gid: Value) -> R<()> {
        let gid = group(gid)?;
        check(unsafe { libc::setgid(gid) } as i64).map(|_| ())
    }
    /// Set the effective group id of the process.
    #[sig("(egid, /)")]
    fn setegid(egid: Value) -> R<()> {
        let gid = group(egid)?;
        check(unsafe { libc::setegid(gid) } as i64).map(|_| ())
    }
    /// Set the user ids of the process, the real and the effective one.
    #[sig("(ruid, euid, /)")]
    fn setreuid(ruid: Value, euid: Value) -> R<()> {
        let (real, effective) = (user(ruid)?, user(euid)?);
        check(unsafe { libc::setreuid(real, effective) } as i64).map(|_| ())
    }
    /// Set the group ids of the process, the real and the effective one.
    #[sig("(rgid, egid, /)")]
    fn setregid(rgid: Value, egid: Value) -> R<()> {
        let (real, effective) = (group(rgid)?, group(egid)?);
        check(unsafe { libc::setregid(real, effective) } as i64).map(|_| ())
    }
    /// Set the user ids of the process: real, effective, saved.
    #[sig("(ruid, euid, suid, /)")]
    fn setresuid(ruid: Value, euid: Value, suid: Value) -> R<()> {
        let (real, effective, saved) = (user(ruid)?, user(euid)?, user(suid)?);
        check(unsafe { libc::setresuid(real, effective, saved) } as i64).map(|_| ())
    }
    /// Set the group ids of the process: real, effective, saved.
    #[sig("(rgid, egid, sgid, /)")]
    fn setresgid(rgid: Value, egid: Value, sgid: Value) -> R<()> {
        let (real, effective, saved) = (group(rgid)?, group(egid)?, group(sgid)?);
        check(unsafe { libc::setresgid(real, effective, saved) } as i64).map(|_| ())
    }
    /// The user ids of the process: (real, effective, saved).
    fn getresuid() -> R {
        let (mut real, mut effective, mut saved) = (0, 0, 0);
        check(unsafe { libc::getresuid(&mut real, &mut effective, &mut saved) } as i64)?;
        Ok(tuple(&[identity(real), identity(effective), identity(saved)]))
    }
    /// The group ids of the process: (real, effective, saved).
    fn getresgid() -> R {
        let (mut real, mut effective, mut saved) = (0, 0, 0);
        check(unsafe { libc::getresgid(&mut real, &mut effective, &mut saved) } as i64)?;
        Ok(tuple(&[identity(real), identity(effective), identity(saved)]))
    }
    /// The list of the supplementary groups of the process.
    fn getgroups() -> R {
        let count = check(unsafe { libc::getgroups(0, std::ptr::null_mut()) } as i64)?;
        let mut ids = vec![0; count as usize];
        let count = check(unsafe { libc::getgroups(ids.len() as i32, ids.as_mut_ptr()) } as i64)?;
        Ok(id_list(&ids[..count as usize]))
    }
    /// Set the supplementary groups of the process.
    #[sig("(groups, /)")]
    fn setgroups(groups: Value) -> R<()> {
        if !objects::lookup::type_has(groups, objects::interned!("__getitem__"))
            || !objects::lookup::type_has(groups, objects::interned!("__len__"))
        {
            return Err(type_error!("setgroups argument must be a sequence"));
        }
        if objects::len(groups)? > 65536 {
            return Err(value_error!("too many groups"));
        }
        let mut ids = Vec::new();
        objects::iterate(groups, |id| {
            if !objects::is_int(id) {
                return Err(type_error!("groups must be integers"));
            }
            ids.push(group(id)?);
            Ok(())
        })?;
        check(unsafe { libc::setgroups(ids.len(), ids.as_ptr()) } as i64).map(|_| ())
    }
    /// Set the supplementary groups of the process to those of a user.
    ///
    /// They are the groups that have username as a member, and gid.
    #[sig("(username, gid, /)")]
    fn initgroups(username: Value, gid: Value) -> R<()> {
        let (name, gid) = (objects::path::fs_bytes(username)?, group(gid)?);
        check(unsafe { libc::initgroups(name.as_ptr(), gid) } as i64).map(|_| ())
    }
    /// The list of the groups of a user.
    #[sig("(user, group, /)")]
    fn getgrouplist(user: Value, base: Value) -> R {
        let Some(text) = objects::Cast::cast::<objects::Str>(user) else {
            return Err(type_error!("getgrouplist() argument 1 must be str, not {}", objects::class_name(user)));
        };
        let (name, base) = (objects::path::fs_bytes(text.value())?, group(base)?);
        let mut ids = vec![0; 64];
        loop {
            let mut count = ids.len() as i32;
            // SAFETY: the count says how much room there is.
            if unsafe { libc::getgrouplist(name.as_ptr(), base, ids.as_mut_ptr(), &mut count) } >= 0 {
                return Ok(id_list(&ids[..count as usize]));
            }
            if ids.len() > 1 << 17 {
                return Err(objects::last_os_error(None));
            }
            ids.resize((count as usize).max(ids.len() * 2), 0);
        }
    }
    /// The name of the user who has logged in.
    fn getlogin() -> R {
        let mut buffer = [0 as libc::c_char; 256];
        let errno = unsafe { getlogin_r(buffer.as_mut_ptr(), buffer.len()) };
        if errno != 0 {
            return Err(os_error(errno, None, None));
        }
        // SAFETY: NUL-terminated by the call.
        Ok(objects::path::fs_decode(unsafe { std::ffi::CStr::from_ptr(buffer.as_ptr()) }.to_bytes()))
    }
    /// The id of the group that a process is in.
    #[sig("(pid)")]
    fn getpgid(pid: i32) -> R<i64> {
        check(unsafe { libc::getpgid(pid) } as i64)
    }
    /// The id of the process group.
    fn getpgrp() -> i64 {
        unsafe { libc::getpgrp() as i64 }
    }
    /// Put a process into a process group.
    #[sig("(pid, pgrp, /)")]
    fn setpgid(pid: i32, pgrp: i32) -> R<()> {
        check(unsafe { libc::setpgid(pid, pgrp) } as i64).map(|_| ())
    }
    /// Make the process the leader of a process group of its own.
    fn setpgrp() -> R<()> {
        check(unsafe { libc::setpgid(0, 0) } as i64).map(|_| ())
    }
    /// The id of the session that a process is in.
    #[sig("(pid, /)")]
    fn getsid(pid: i32) -> R<i64> {
        check(unsafe { libc::getsid(pid) } as i64)
    }
    /// Begin a session, with the process as its leader.
    fn setsid() -> R<()> {
        check(unsafe { libc::setsid() } as i64).map(|_| ())
    }
    /// The process group in the foreground of a terminal.
    #[sig("(fd, /)")]
    fn tcgetpgrp(fd: i32) -> R<i64> {
        check(unsafe { libc::tcgetpgrp(fd) } as i64)
    }
    /// Bring a process group to the foreground of a terminal.
    #[sig("(fd, pgid, /)")]
    fn tcsetpgrp(fd: i32, pgid: i32) -> R<()> {
        check(unsafe { libc::tcsetpgrp(fd, pgid) } as i64).map(|_| ())
    }
    /// Set the owner and the group of an open file.
    #[sig("(fd, uid, gid)")]
    fn fchown(fd: i32, uid: Value, gid: Value) -> R<()> {
        let (uid, gid) = (user(uid)?, group(gid)?);
        check(unsafe { libc::fchown(fd, uid, gid) } as i64).map(|_| ())
    }
    /// Set the owner and the group of path, numbers both; of a symbolic link
    /// itself, not of its target.
    #[sig("(path, uid, gid)")]
    fn lchown(path: objects::path::PathArg, uid: Value, gid: Value) -> R<()> {
        let (uid, gid) = (user(uid)?, group(gid)?);
        quick_call(unsafe { libc::lchown(path.as_ptr(), uid, gid) } as i64)
            .map(|_| ())
            .map_err(|errno| super::path_error(errno, &path))
    }
    /// Set the permissions of an open file.
    #[sig("(fd, mode)")]
    fn fchmod(fd: i32, mode: i32) -> R<()> {
        check(unsafe { libc::fchmod(fd, mode as libc::mode_t) } as i64).map(|_| ())
    }
    /// Make path the root directory of the process.
    #[sig("(path)")]
    fn chroot(path: objects::path::PathArg) -> R<()> {
        quick_call(unsafe { libc::chroot(path.as_ptr()) } as i64).map(|_| ()).map_err(|errno| super::path_error(errno, &path))
    }
    /// Make a named pipe.
    #[sig("(path, mode=438, *, dir_fd=None)")]
    fn mkfifo(path: objects::path::PathArg, mode: i32, directory: Option<Value>) -> R<()> {
        let at = super::dir_fd(directory)?;
        quick_call(unsafe { libc::mkfifoat(at, path.as_ptr(), mode as libc::mode_t) } as i64)
            .map(|_| ())
            .map_err(|errno| super::path_error(errno, &path))
    }
    /// Make a file, named pipe or device.
    #[sig("(path, mode=384, device=0, *, dir_fd=None)")]
    fn mknod(path: objects::path::PathArg, mode: i32, #[default(0)] device: u64, directory: Option<Value>) -> R<()> {
        let at = super::dir_fd(directory)?;
        quick_call(unsafe { libc::mknodat(at, path.as_ptr(), mode as libc::mode_t, device) } as i64)
            .map(|_| ())
            .map_err(|errno| super::path_error(errno, &path))
    }
    /// The major number in the number of a device.
    #[sig("(device, /)")]
    fn major(device: Device) -> i64 {
        if device.0 == NO_DEVICE { -1 } else { libc::major(device.0) as i64 }
    }
    /// The minor number in the number of a device.
    #[sig("(device, /)")]
    fn minor(device: Device) -> i64 {
        if device.0 == NO_DEVICE { -1 } else { libc::minor(device.0) as i64 }
    }
    /// The number of the device with that major and that minor number.
    #[sig("(major, minor, /)")]
    fn makedev(major: Device, minor: Device) -> R {
        if major.0 == NO_DEVICE && minor.0 == NO_DEVICE {
            return Ok(objects::new_int(-1));
        }
        match (u32::try_from(major.0), u32::try_from(minor.0)) {
            (Ok(major), Ok(minor)) => Ok(objects::new_int_u64(libc::makedev(major, minor))),
            _ => Err(objects::overflow_error!("Python int too large to convert to C unsigned int")),
        }
    }
    /// The path of the terminal that controls the process.
    fn ctermid() -> Value {
        objects::new_str("/dev/tty")
    }
    /// Have all that was written brought to the disks.
    fn sync() {
        heap::blocking(|| unsafe { libc::sync() })
    }
    /// Obtain random bytes from the system.
    #[sig("(size, flags=0)")]
    fn getrandom(size: isize, flags: i32) -> R {
        if size < 0 {
            return Err(os_error(libc::EINVAL, None, None));
        }
        let mut data = Vec::new();
        data.try_reserve_exact(size as usize).map_err(|_| objects::memory_error())?;
        data.resize(size as usize, 0u8);
        let (pointer, count) = (data.as_mut_ptr() as usize, data.len());
        // SAFETY: the vector is ours.
        let count = objects::path::retry_call(|| unsafe { libc::getrandom(pointer as *mut _, count, flags as u32) } as i64)?
            .map_err(|errno| os_error(errno, None, None))?;
        Ok(objects::new_bytes(&data[..count as usize]))
    }
    /// The name of the encoding of a terminal.
    ///
    /// None if the file descriptor is not one of a terminal.
    #[sig("(fd)")]
    fn device_encoding(fd: i32) -> Value {
        if unsafe { libc::isatty(fd) } == 1 {
            objects::new_str(if objects::config::get().utf8_mode { "utf-8" } else { "UTF-8" })
        } else {
            Value::none()
        }
    }
}
