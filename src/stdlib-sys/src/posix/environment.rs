//! The process and its surroundings: environment, identity, terminal, random numbers, the system's name.

use super::tuple;
use native_macros::native_module;
use objects::path::{fs_decode, quick_call};
use objects::structseq::StructSeqDef;
use objects::{R, Value, dict, new_bytes, new_dict, new_int, new_str, os_error, value_error};
use std::ffi::CStr;

pub static TERMINAL_SIZE: StructSeqDef =
    StructSeqDef::new("os", "terminal_size", "A terminal's (columns, lines)", &["columns", "lines"], 2);

pub static UNAME_RESULT: StructSeqDef = StructSeqDef::new(
    "posix",
    "uname_result",
    "uname_result: What os.uname() returns.\n\nA named tuple of (sysname, nodename, release, version, machine).",
    &["sysname", "nodename", "release", "version", "machine"],
    5,
);

/// The environment as a dict of bytes.
pub fn environ() -> R {
    use std::os::unix::ffi::OsStrExt;
    let variables = new_dict();
    for (name, value) in std::env::vars_os() {
        let key = new_bytes(name.as_bytes());
        if dict::dict_get(variables, key)?.is_none() {
            dict::dict_set(variables, key, new_bytes(value.as_bytes()))?;
        }
    }
    Ok(variables.value())
}

pub struct Environment;

#[native_module(name = "posix")]
impl Environment {
    /// Set a variable of the environment.
    #[sig("(name, value, /)")]
    fn putenv(name: Value, value: Value) -> R<()> {
        let (name, value) = (objects::path::fs_bytes(name)?, objects::path::fs_bytes(value)?);
        if name.as_bytes().contains(&b'=') {
            return Err(value_error!("illegal environment variable name"));
        }
        // SAFETY: NUL-terminated strings, copied by the C library.
        quick_call(unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) } as i64)
            .map(|_| ())
            .map_err(|errno| os_error(errno, None, None))
    }
    /// Remove a variable of the environment.
    #[sig("(name, /)")]
    fn unsetenv(name: Value) -> R<()> {
        let name = objects::path::fs_bytes(name)?;
        // SAFETY: a NUL-terminated string.
        quick_call(unsafe { libc::unsetenv(name.as_ptr()) } as i64).map(|_| ()).map_err(|errno| os_error(errno, None, None))
    }
    /// Random bytes that are fit for cryptography.
    #[sig("(size, /)")]
    fn urandom(size: isize) -> R {
        if size < 0 {
            return Err(value_error!("negative argument not allowed"));
        }
        let mut failed = None;
        let bytes = objects::Bytes::build(size as usize, |buffer| {
            for part in buffer.chunks_mut(256) {
                // SAFETY: the buffer has that many bytes.
                if unsafe { libc::getrandom(part.as_mut_ptr().cast(), part.len(), 0) } != part.len() as isize {
                    failed = std::io::Error::last_os_error().raw_os_error();
                    return;
                }
            }
        })?;
        match failed {
            Some(errno) => Err(os_error(errno, None, None)),
            None => Ok(bytes.value()),
        }
    }
    /// The id of the process.
    fn getpid() -> i32 {
        // SAFETY: plain call.
        unsafe { libc::getpid() }
    }
    /// The id of the parent process.
    fn getppid() -> i32 {
        // SAFETY: plain call.
        unsafe { libc::getppid() }
    }
    /// The user id of the process.
    fn getuid() -> Value {
        // SAFETY: plain call.
        super::stat::identity(unsafe { libc::getuid() })
    }
    /// The effective user id of the process.
    fn geteuid() -> Value {
        // SAFETY: plain call.
        super::stat::identity(unsafe { libc::geteuid() })
    }
    /// The group id of the process.
    fn getgid() -> Value {
        // SAFETY: plain call.
        super::stat::identity(unsafe { libc::getgid() })
    }
    /// The effective group id of the process.
    fn getegid() -> Value {
        // SAFETY: plain call.
        super::stat::identity(unsafe { libc::getegid() })
    }
    /// The size of the terminal as (columns, lines).
    #[sig("(fd=None, /)", hidden)]
    fn get_terminal_size(fd: Option<Value>) -> R {
        let fd = match fd {
            Some(fd) => objects::path::fd_number(fd)?,
            None => 1,
        };
        let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: a struct to fill.
        match quick_call(unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) } as i64) {
            Ok(_) => TERMINAL_SIZE.make(&[new_int(size.ws_col as i64), new_int(size.ws_row as i64)]),
            Err(errno) => Err(os_error(errno, None, None)),
        }
    }
    /// What the system is called, its version and machine.
    fn uname() -> R {
        // SAFETY: a struct of characters to fill; all zero is valid.
        let names = unsafe {
            let mut names: libc::utsname = std::mem::zeroed();
            if libc::uname(&mut names) != 0 {
                return Err(objects::last_os_error(None));
            }
            names
        };
        let text = |field: &[libc::c_char]| {
            // SAFETY: the fields are NUL-terminated.
            fs_decode(unsafe { CStr::from_ptr(field.as_ptr()) }.to_bytes())
        };
        UNAME_RESULT.make(&[
            text(&names.sysname),
            text(&names.nodename),
            text(&names.release),
            text(&names.version),
            text(&names.machine),
        ])
    }
    /// How many logical CPUs there are, or None.
    fn cpu_count() -> Option<i64> {
        if let Some(count) = crate::sys::info::cpu_count_given() {
            return Some(count as i64);
        }
        // SAFETY: plain call.
        let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
        if count < 1 { None } else { Some(count) }
    }
    /// The message for an error number.
    #[sig("(code, /)")]
    fn strerror(code: i32) -> Value {
        new_str(&objects::error::strerror_text(code))
    }
    /// Return the set of CPUs the process identified by pid is restricted to.
    #[sig("(pid, /)")]
    fn sched_getaffinity(pid: i32) -> R {
        // SAFETY: a set of bits to fill.
        let set = unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            if libc::sched_getaffinity(pid, std::mem::size_of::<libc::cpu_set_t>(), &mut set) != 0 {
                return Err(objects::last_os_error(None));
            }
            set
        };
        let mut numbers = objects::GcVec::new();
        for number in 0..libc::CPU_SETSIZE as usize {
            // SAFETY: within the set's size.
            if unsafe { libc::CPU_ISSET(number, &set) } {
                numbers.push(new_int(number as i64));
            }
        }
        objects::call(objects::classes::set().value(), &[tuple(&numbers)])
    }
    /// End the process at once, without any cleaning up.
    #[sig("(status)")]
    fn _exit(status: i32) -> R<()> {
        // SAFETY: ends the process.
        unsafe { libc::_exit(status) }
    }
    /// End the process by SIGABRT.
    fn abort() -> R<()> {
        // SAFETY: ends the process.
        unsafe { libc::abort() }
    }
    /// Send a signal to a process.
    #[sig("(pid, signal, /)")]
    fn kill(pid: i32, signal: i32) -> R<()> {
        // SAFETY: plain call.
        match quick_call(unsafe { libc::kill(pid, signal) } as i64) {
            Ok(_) => (objects::door::interpreter().poll)(),
            Err(errno) => Err(os_error(errno, None, None)),
        }
    }
}
