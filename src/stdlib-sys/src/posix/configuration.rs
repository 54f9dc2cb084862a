//! Limits and options of the system: `sysconf`, `confstr`, `pathconf`, `statvfs`, and pseudo-terminals.
//!
//! Must not know: the library's `os`.
//!
//! SAFETY of every `unsafe` block here: a system call on plain numbers, on NUL-terminated names, or on memory that the function holds
//! for the whole call; zeroed structures are plain C data.

use super::{path_error, tuple};
use native_macros::native_module;
use objects::path::{FileNo, PathOrFd, quick_call};
use objects::structseq::StructSeqDef;
use objects::{Cast, Gc, Module, R, Str, Value, dict, intern, new_dict, new_int, new_int_u64, os_error, type_error, value_error};

pub static STATVFS_RESULT: StructSeqDef = StructSeqDef::new(
    "os",
    "statvfs_result",
    "statvfs_result: What statvfs and fstatvfs return.\n\nA named tuple of\n  (bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax);\nthe names of the attributes begin with f_.",
    &[
        "f_bsize",
        "f_frsize",
        "f_blocks",
        "f_bfree",
        "f_bavail",
        "f_files",
        "f_ffree",
        "f_favail",
        "f_flag",
        "f_namemax",
        "f_fsid",
    ],
    10,
);

#[rustfmt::skip]
const SYSCONF_NAMES: &[(&str, i32)] = &[
    ("SC_2_CHAR_TERM", 95), ("SC_2_C_BIND", 47), ("SC_2_C_DEV", 48), ("SC_2_C_VERSION", 96), ("SC_2_FORT_DEV", 49), ("SC_2_FORT_RUN", 50),
    ("SC_2_LOCALEDEF", 52), ("SC_2_SW_DEV", 51), ("SC_2_UPE", 97), ("SC_2_VERSION", 46), ("SC_AIO_LISTIO_MAX", 23), ("SC_AIO_MAX", 24),
    ("SC_AIO_PRIO_DELTA_MAX", 25), ("SC_ARG_MAX", 0), ("SC_ASYNCHRONOUS_IO", 12), ("SC_ATEXIT_MAX", 87), ("SC_AVPHYS_PAGES", 86),
    ("SC_BC_BASE_MAX", 36), ("SC_BC_DIM_MAX", 37), ("SC_BC_SCALE_MAX", 38), ("SC_BC_STRING_MAX", 39), ("SC_CHARCLASS_NAME_MAX", 45),
    ("SC_CHAR_BIT", 101), ("SC_CHAR_MAX", 102), ("SC_CHAR_MIN", 103), ("SC_CHILD_MAX", 1), ("SC_CLK_TCK", 2), ("SC_COLL_WEIGHTS_MAX", 40),
    ("SC_DELAYTIMER_MAX", 26), ("SC_EQUIV_CLASS_MAX", 41), ("SC_EXPR_NEST_MAX", 42), ("SC_FSYNC", 15), ("SC_GETGR_R_SIZE_MAX", 69),
    ("SC_GETPW_R_SIZE_MAX", 70), ("SC_INT_MAX", 104), ("SC_INT_MIN", 105), ("SC_IOV_MAX", 60), ("SC_JOB_CONTROL", 7), ("SC_LINE_MAX", 43),
    ("SC_LOGIN_NAME_MAX", 71), ("SC_LONG_BIT", 106), ("SC_MAPPED_FILES", 16), ("SC_MB_LEN_MAX", 108), ("SC_MEMLOCK", 17),
    ("SC_MEMLOCK_RANGE", 18), ("SC_MEMORY_PROTECTION", 19), ("SC_MESSAGE_PASSING", 20), ("SC_MINSIGSTKSZ", 249), ("SC_MQ_OPEN_MAX", 27),
    ("SC_MQ_PRIO_MAX", 28), ("SC_NGROUPS_MAX", 3), ("SC_NL_ARGMAX", 119), ("SC_NL_LANGMAX", 120), ("SC_NL_MSGMAX", 121),
    ("SC_NL_NMAX", 122), ("SC_NL_SETMAX", 123), ("SC_NL_TEXTMAX", 124), ("SC_NPROCESSORS_CONF", 83), ("SC_NPROCESSORS_ONLN", 84),
    ("SC_NZERO", 109), ("SC_OPEN_MAX", 4), ("SC_PAGESIZE", 30), ("SC_PAGE_SIZE", 30), ("SC_PASS_MAX", 88), ("SC_PHYS_PAGES", 85),
    ("SC_PII", 53), ("SC_PII_INTERNET", 56), ("SC_PII_INTERNET_DGRAM", 62), ("SC_PII_INTERNET_STREAM", 61), ("SC_PII_OSI", 57),
    ("SC_PII_OSI_CLTS", 64), ("SC_PII_OSI_COTS", 63), ("SC_PII_OSI_M", 65), ("SC_PII_SOCKET", 55), ("SC_PII_XTI", 54), ("SC_POLL", 58),
    ("SC_PRIORITIZED_IO", 13), ("SC_PRIORITY_SCHEDULING", 10), ("SC_REALTIME_SIGNALS", 9), ("SC_RE_DUP_MAX", 44), ("SC_RTSIG_MAX", 31),
    ("SC_SAVED_IDS", 8), ("SC_SCHAR_MAX", 111), ("SC_SCHAR_MIN", 112), ("SC_SELECT", 59), ("SC_SEMAPHORES", 21), ("SC_SEM_NSEMS_MAX", 32),
    ("SC_SEM_VALUE_MAX", 33), ("SC_SHARED_MEMORY_OBJECTS", 22), ("SC_SHRT_MAX", 113), ("SC_SHRT_MIN", 114), ("SC_SIGQUEUE_MAX", 34),
    ("SC_SSIZE_MAX", 110), ("SC_STREAM_MAX", 5), ("SC_SYNCHRONIZED_IO", 14), ("SC_THREADS", 67), ("SC_THREAD_ATTR_STACKADDR", 77),
    ("SC_THREAD_ATTR_STACKSIZE", 78), ("SC_THREAD_DESTRUCTOR_ITERATIONS", 73), ("SC_THREAD_KEYS_MAX", 74),
    ("SC_THREAD_PRIORITY_SCHEDULING", 79), ("SC_THREAD_PRIO_INHERIT", 80), ("SC_THREAD_PRIO_PROTECT", 81), ("SC_THREAD_PROCESS_SHARED", 82),
    ("SC_THREAD_SAFE_FUNCTIONS", 68), ("SC_THREAD_STACK_MIN", 75), ("SC_THREAD_THREADS_MAX", 76), ("SC_TIMERS", 11), ("SC_TIMER_MAX", 35),
    ("SC_TTY_NAME_MAX", 72), ("SC_TZNAME_MAX", 6), ("SC_T_IOV_MAX", 66), ("SC_UCHAR_MAX", 115), ("SC_UINT_MAX", 116), ("SC_UIO_MAXIOV", 60),
    ("SC_ULONG_MAX", 117), ("SC_USHRT_MAX", 118), ("SC_VERSION", 29), ("SC_WORD_BIT", 107), ("SC_XBS5_ILP32_OFF32", 125),
    ("SC_XBS5_ILP32_OFFBIG", 126), ("SC_XBS5_LP64_OFF64", 127), ("SC_XBS5_LPBIG_OFFBIG", 128), ("SC_XOPEN_CRYPT", 92),
    ("SC_XOPEN_ENH_I18N", 93), ("SC_XOPEN_LEGACY", 129), ("SC_XOPEN_REALTIME", 130), ("SC_XOPEN_REALTIME_THREADS", 131),
    ("SC_XOPEN_SHM", 94), ("SC_XOPEN_UNIX", 91), ("SC_XOPEN_VERSION", 89), ("SC_XOPEN_XCU_VERSION", 90), ("SC_XOPEN_XPG2", 98),
    ("SC_XOPEN_XPG3", 99), ("SC_XOPEN_XPG4", 100),
];
#[rustfmt::skip]
const CONFSTR_NAMES: &[(&str, i32)] = &[
    ("CS_GNU_LIBC_VERSION", 2), ("CS_GNU_LIBPTHREAD_VERSION", 3), ("CS_LFS64_CFLAGS", 1004), ("CS_LFS64_LDFLAGS", 1005),
    ("CS_LFS64_LIBS", 1006), ("CS_LFS64_LINTFLAGS", 1007), ("CS_LFS_CFLAGS", 1000), ("CS_LFS_LDFLAGS", 1001), ("CS_LFS_LIBS", 1002),
    ("CS_LFS_LINTFLAGS", 1003), ("CS_PATH", 0), ("CS_XBS5_ILP32_OFF32_CFLAGS", 1100), ("CS_XBS5_ILP32_OFF32_LDFLAGS", 1101),
    ("CS_XBS5_ILP32_OFF32_LIBS", 1102), ("CS_XBS5_ILP32_OFF32_LINTFLAGS", 1103), ("CS_XBS5_ILP32_OFFBIG_CFLAGS", 1104),
    ("CS_XBS5_ILP32_OFFBIG_LDFLAGS", 1105), ("CS_XBS5_ILP32_OFFBIG_LIBS", 1106), ("CS_XBS5_ILP32_OFFBIG_LINTFLAGS", 1107),
    ("CS_XBS5_LP64_OFF64_CFLAGS", 1108), ("CS_XBS5_LP64_OFF64_LDFLAGS", 1109), ("CS_XBS5_LP64_OFF64_LIBS", 1110),
    ("CS_XBS5_LP64_OFF64_LINTFLAGS", 1111), ("CS_XBS5_LPBIG_OFFBIG_CFLAGS", 1112), ("CS_XBS5_LPBIG_OFFBIG_LDFLAGS", 1113),
    ("CS_XBS5_LPBIG_OFFBIG_LIBS", 1114), ("CS_XBS5_LPBIG_OFFBIG_LINTFLAGS", 1115),
];
#[rustfmt::skip]
const PATHCONF_NAMES: &[(&str, i32)] = &[
    ("PC_ALLOC_SIZE_MIN", 18), ("PC_ASYNC_IO", 10), ("PC_CHOWN_RESTRICTED", 6), ("PC_FILESIZEBITS", 13), ("PC_LINK_MAX", 0),
    ("PC_MAX_CANON", 1), ("PC_MAX_INPUT", 2), ("PC_NAME_MAX", 3), ("PC_NO_TRUNC", 7), ("PC_PATH_MAX", 4), ("PC_PIPE_BUF", 5),
    ("PC_PRIO_IO", 11), ("PC_REC_INCR_XFER_SIZE", 14), ("PC_REC_MAX_XFER_SIZE", 15), ("PC_REC_MIN_XFER_SIZE", 16),
    ("PC_REC_XFER_ALIGN", 17), ("PC_SOCK_MAXBUF", 12), ("PC_SYMLINK_MAX", 19), ("PC_SYNC_IO", 9), ("PC_VDISABLE", 8),
];

fn name_argument(value: Value, table: &[(&str, i32)]) -> R<i32> {
    if objects::is_int(value) || objects::class_of(value).slots.index.get().is_some() {
        return <i32 as objects::convert::FromArg>::from_arg(value, objects::convert::ArgName::plain(""));
    }
    let Some(text) = value.cast::<Str>() else { return Err(type_error!("configuration names must be strings or integers")) };
    match table.iter().find(|(name, _)| objects::str::str_is(&text, name)) {
        Some((_, number)) => Ok(*number),
        None => Err(value_error!("unrecognized configuration name")),
    }
}

fn table(names: &[(&str, i32)]) -> R {
    let table = new_dict();
    for (name, number) in names {
        dict::dict_set_str(table, intern(name), Value::small(*number))?;
    }
    Ok(table.value())
}
pub fn enter(module: Gc<Module>) -> R<()> {
    module.set("sysconf_names", table(SYSCONF_NAMES)?)?;
    module.set("confstr_names", table(CONFSTR_NAMES)?)?;
    module.set("pathconf_names", table(PATHCONF_NAMES)?)
}

/// -1 without an error means that there is no limit.
fn limit(call: impl FnOnce() -> i64) -> Result<i64, i32> {
    // SAFETY: errno is the thread's own.
    unsafe {
        *libc::__errno_location() = 0;
        let result = call();
        let errno = *libc::__errno_location();
        if result == -1 && errno != 0 { Err(errno) } else { Ok(result) }
    }
}

fn statvfs_result(data: &libc::statvfs) -> R {
    let number = |value: u64| new_int_u64(value);
    STATVFS_RESULT.make(&[
        number(data.f_bsize),
        number(data.f_frsize),
        number(data.f_blocks),
        number(data.f_bfree),
        number(data.f_bavail),
        number(data.f_files),
        number(data.f_ffree),
        number(data.f_favail),
        number(data.f_flag),
        number(data.f_namemax),
        number(data.f_fsid),
    ])
}

fn check(result: i64) -> R<i64> {
    quick_call(result).map_err(|errno| os_error(errno, None, None))
}

pub struct Configuration;

#[native_module(name = "posix")]
impl Configuration {
    /// The value of a variable of the system, an int.
    #[sig("(name, /)")]
    fn sysconf(name: Value) -> R<i64> {
        let name = name_argument(name, SYSCONF_NAMES)?;
        // SAFETY: plain call (as all in this block).
        limit(|| unsafe { libc::sysconf(name) }).map_err(|errno| os_error(errno, None, None))
    }
    /// The value of a variable of the system, a string.
    #[sig("(name, /)")]
    fn confstr(name: Value) -> R {
        let name = name_argument(name, CONFSTR_NAMES)?;
        let size = limit(|| match unsafe { libc::confstr(name, std::ptr::null_mut(), 0) } {
            0 => -1,
            size => size as i64,
        })
        .map_err(|errno| os_error(errno, None, None))?;
        if size <= 0 {
            return Ok(Value::none());
        }
        let mut data = vec![0u8; size as usize];
        unsafe { libc::confstr(name, data.as_mut_ptr().cast(), data.len()) };
        data.pop();
        Ok(objects::path::fs_decode(&data))
    }
    /// The limit called name that holds for path, -1 if there is none.
    ///
    /// path may be a file descriptor too.
    #[sig("(path, name)")]
    fn pathconf(path: PathOrFd, name: Value) -> R<i64> {
        let name = name_argument(name, PATHCONF_NAMES)?;
        let result = limit(|| unsafe {
            match path.fd {
                Some(fd) => libc::fpathconf(fd, name),
                None => libc::pathconf(path.as_ptr(), name),
            }
        });
        result.map_err(|errno| path_error(errno, &path))
    }
    /// The limit called name that holds for the file descriptor, -1 if there is none.
    #[sig("(fd, name, /)")]
    fn fpathconf(fd: FileNo, name: Value) -> R<i64> {
        let name = name_argument(name, PATHCONF_NAMES)?;
        limit(|| unsafe { libc::fpathconf(fd.0, name) }).map_err(|errno| os_error(errno, None, None))
    }
    /// Figures on the file system that path is on.
    ///
    /// path may be a file descriptor too.
    #[sig("(path)")]
    fn statvfs(path: PathOrFd) -> R {
        let mut data: libc::statvfs = unsafe { std::mem::zeroed() };
        let result = heap::blocking(|| unsafe {
            quick_call(match path.fd {
                Some(fd) => libc::fstatvfs(fd, &mut data),
                None => libc::statvfs(path.as_ptr(), &mut data),
            } as i64)
        });
        match result {
            Ok(_) => statvfs_result(&data),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// Figures on the file system of an open file, as statvfs(fd) returns them.
    #[sig("(fd, /)")]
    fn fstatvfs(fd: i32) -> R {
        let mut data: libc::statvfs = unsafe { std::mem::zeroed() };
        check(heap::blocking(|| unsafe { libc::fstatvfs(fd, &mut data) }) as i64)?;
        statvfs_result(&data)
    }
    /// Open a new pseudo-terminal.
    ///
    /// Returns the file descriptors of both ends, (master_fd, slave_fd).
    fn openpty() -> R {
        let (mut master, mut slave) = (-1, -1);
        check(
            unsafe { libc::openpty(&mut master, &mut slave, std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut()) }
                as i64,
        )?;
        for fd in [master, slave] {
            check(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } as i64)?;
        }
        Ok(tuple(&[new_int(master as i64), new_int(slave as i64)]))
    }
    /// Begin a login session on the terminal fd.
    ///
    /// The process becomes leader of the session, and the terminal its controlling
    /// terminal and its stdin, stdout and stderr; fd is closed.
    #[sig("(fd, /)")]
    fn login_tty(fd: FileNo) -> R<()> {
        check(unsafe { libc::login_tty(fd.0) } as i64).map(|_| ())
    }
    /// Give the user access to the slave of a pseudo-terminal.
    ///
    ///   fd
    ///     The descriptor of the master.
    #[sig("(fd, /)")]
    fn grantpt(fd: FileNo) -> R<()> {
        check(unsafe { libc::grantpt(fd.0) } as i64).map(|_| ())
    }
    /// Allow the slave of a pseudo-terminal to be opened.
    ///
    ///   fd
    ///     The descriptor of the master.
    #[sig("(fd, /)")]
    fn unlockpt(fd: FileNo) -> R<()> {
        check(unsafe { libc::unlockpt(fd.0) } as i64).map(|_| ())
    }
    /// Open the master of a pseudo-terminal and return its file descriptor.
    ///
    /// oflag is a set of flags, as posix_openpt() of C takes them: O_RDWR, O_NOCTTY.
    #[sig("(oflag, /)")]
    fn posix_openpt(oflag: i32) -> R<i64> {
        let fd = check(unsafe { libc::posix_openpt(oflag) } as i64)?;
        check(unsafe { libc::fcntl(fd as i32, libc::F_SETFD, libc::FD_CLOEXEC) } as i64)?;
        Ok(fd)
    }
    /// The path of the slave of a pseudo-terminal.
    ///
    ///   fd
    ///     The descriptor of the master.
    #[sig("(fd, /)")]
    fn ptsname(fd: FileNo) -> R {
        let mut name = [0u8; 128];
        let errno = unsafe { libc::ptsname_r(fd.0, name.as_mut_ptr().cast(), name.len()) };
        if errno != 0 {
            return Err(os_error(errno, None, None));
        }
        Ok(objects::path::fs_decode(name.split(|byte| *byte == 0).next().unwrap_or_default()))
    }
    /// The path of a terminal.
    ///
    ///   fd
    ///     Its file descriptor.
    #[sig("(fd, /)")]
    fn ttyname(fd: i32) -> R {
        let mut name = [0u8; 256];
        let errno = unsafe { libc::ttyname_r(fd, name.as_mut_ptr().cast(), name.len()) };
        if errno != 0 {
            return Err(os_error(errno, None, None));
        }
        Ok(objects::path::fs_decode(name.split(|byte| *byte == 0).next().unwrap_or_default()))
    }
}
