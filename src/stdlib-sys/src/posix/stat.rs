//! `stat` and its like.

use super::{dir_fd, path_error};
use native_macros::native_module;
use objects::path::{PathArg, PathOrFd, quick_call};
use objects::structseq::StructSeqDef;
use objects::{BinaryOp, R, Value, binary_op, new_int, new_int_u64, type_error};

pub static STAT_RESULT: StructSeqDef = StructSeqDef::new(
    "os",
    "stat_result",
    "stat_result: What stat, fstat and lstat return.\n\nA named tuple of\n  (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime);\nthe names of the attributes begin with st_.\n\nst_blksize, st_blocks and st_rdev are attributes alone.",
    &[
        "st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", "", "", "", "st_atime", "st_mtime", "st_ctime", "st_atime_ns",
        "st_mtime_ns", "st_ctime_ns", "st_blksize", "st_blocks", "st_rdev",
    ],
    10,
)
.filled_by(fill_times);

/// The float times that the sequence's whole seconds give, for results made by hand.
fn fill_times(fields: &mut [Option<Value>]) {
    for offset in 0..3 {
        if fields[10 + offset].is_none() {
            fields[10 + offset] = fields[7 + offset];
        }
    }
}

/// A `stat_result` of what the system says.
pub fn stat_result(data: &libc::stat) -> R {
    let times = [(data.st_atime, data.st_atime_nsec), (data.st_mtime, data.st_mtime_nsec), (data.st_ctime, data.st_ctime_nsec)];
    // Times in nanoseconds do not fit the value word.
    let mut fields = objects::GcVec::from_slice(&[
        new_int_u64(data.st_mode as u64),
        new_int_u64(data.st_ino),
        new_int_u64(data.st_dev),
        new_int_u64(data.st_nlink),
        identity(data.st_uid),
        identity(data.st_gid),
        new_int(data.st_size),
    ]);
    for (seconds, _) in times {
        fields.push(new_int(seconds));
    }
    for (seconds, nanoseconds) in times {
        fields.push(Value::float(seconds as f64 + 1e-9 * nanoseconds as f64));
    }
    for (seconds, nanoseconds) in times {
        let whole = binary_op(BinaryOp::Mul, new_int(seconds), new_int(1_000_000_000))?;
        fields.push(binary_op(BinaryOp::Add, whole, new_int(nanoseconds))?);
    }
    fields.push(new_int(data.st_blksize));
    fields.push(new_int(data.st_blocks));
    fields.push(new_int_u64(data.st_rdev));
    STAT_RESULT.make(&fields)
}

/// A user or group number; the all-ones number is -1.
pub fn identity(number: u32) -> Value {
    if number == u32::MAX { Value::small(-1) } else { new_int(number as i64) }
}

fn zeroed() -> libc::stat {
    // SAFETY: a struct of numbers; all zero is a valid value.
    unsafe { std::mem::zeroed() }
}

/// `stat` of a path relative to a directory.
pub fn stat_at(path: &PathArg, directory: i32, follow: bool) -> Result<libc::stat, i32> {
    let mut data = zeroed();
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    heap::blocking(|| {
        // SAFETY: a NUL-terminated name and a struct to fill.
        quick_call(unsafe { libc::fstatat(directory, path.as_ptr(), &mut data, flags) } as i64)
    })?;
    Ok(data)
}

fn stat_fd(fd: i32) -> Result<libc::stat, i32> {
    let mut data = zeroed();
    // SAFETY: a struct to fill.
    heap::blocking(|| quick_call(unsafe { libc::fstat(fd, &mut data) } as i64))?;
    Ok(data)
}

fn kind_is(path: &Value, follow: bool, kind: Option<u32>) -> bool {
    let options = objects::path::PathOptions { allow_fd: true, ..Default::default() };
    let Ok(path) = PathArg::convert(*path, "stat", "path", options).map_err(|raised| raised.clear()) else { return false };
    let found = match path.fd {
        Some(fd) => stat_fd(fd),
        None => stat_at(&path, libc::AT_FDCWD, follow),
    };
    found.is_ok_and(|data| kind.is_none_or(|kind| data.st_mode & libc::S_IFMT == kind))
}

pub struct Stat;

#[native_module(name = "posix")]
impl Stat {
    /// What the system knows of the file at path.
    #[sig("(path, *, dir_fd=None, follow_symlinks=True)")]
    fn stat(path: PathOrFd, directory: Option<Value>, follow_symlinks: bool) -> R {
        let at = dir_fd(directory)?;
        let result = match path.fd {
            Some(_) if at != libc::AT_FDCWD => {
                return Err(objects::value_error!("stat: can't specify dir_fd without matching path"));
            }
            Some(_) if !follow_symlinks => return Err(objects::value_error!("stat: cannot use fd and follow_symlinks together")),
            Some(fd) => stat_fd(fd),
            None => stat_at(&path, at, follow_symlinks),
        };
        match result {
            Ok(data) => stat_result(&data),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// What the system knows of path; of a symbolic link itself, not of its target.
    #[sig("(path, *, dir_fd=None)")]
    fn lstat(path: PathArg, directory: Option<Value>) -> R {
        match stat_at(&path, dir_fd(directory)?, false) {
            Ok(data) => stat_result(&data),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// What the system knows of an open file.
    #[sig("(fd)")]
    fn fstat(fd: i32) -> R {
        match stat_fd(fd) {
            Ok(data) => stat_result(&data),
            Err(errno) => Err(objects::os_error(errno, None, None)),
        }
    }
    /// Test whether a path is a directory
    #[sig("(s, /)")]
    fn _path_isdir(path: Value) -> bool {
        kind_is(&path, true, Some(libc::S_IFDIR))
    }
    /// Test whether a path is a regular file
    #[sig("(path, /)")]
    fn _path_isfile(path: Value) -> bool {
        kind_is(&path, true, Some(libc::S_IFREG))
    }
    /// Test whether a path is a symbolic link
    #[sig("(path, /)")]
    fn _path_islink(path: Value) -> bool {
        kind_is(&path, false, Some(libc::S_IFLNK))
    }
    /// Test whether a path exists.  Returns False for broken symbolic links.
    #[sig("(path, /)")]
    fn _path_exists(path: Value) -> bool {
        kind_is(&path, true, None)
    }
    /// Test whether a path exists.  Returns True for broken symbolic links.
    #[sig("(path, /)")]
    fn _path_lexists(path: Value) -> bool {
        kind_is(&path, false, None)
    }
    /// Whether the real user may access path in these ways.
    #[sig("(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)")]
    fn access(path: PathArg, mode: i32, directory: Option<Value>, effective_ids: bool, follow_symlinks: bool) -> R<bool> {
        let mut flags = 0;
        if effective_ids {
            flags |= libc::AT_EACCESS;
        }
        if !follow_symlinks {
            flags |= libc::AT_SYMLINK_NOFOLLOW;
        }
        let at = dir_fd(directory)?;
        // SAFETY: a NUL-terminated name.
        Ok(heap::blocking(|| unsafe { libc::faccessat(at, path.as_ptr(), mode, flags) }) == 0)
    }
    /// Set the permissions of a file.
    #[sig("(path, mode, *, dir_fd=None, follow_symlinks=True)")]
    fn chmod(path: PathOrFd, mode: u32, directory: Option<Value>, follow_symlinks: bool) -> R<()> {
        let at = dir_fd(directory)?;
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: a NUL-terminated name, or a descriptor.
        let result = heap::blocking(|| unsafe {
            match path.fd {
                Some(fd) => quick_call(libc::fchmod(fd, mode) as i64),
                None => quick_call(libc::fchmodat(at, path.as_ptr(), mode, flags) as i64),
            }
        });
        match result {
            Ok(_) => Ok(()),
            Err(libc::EOPNOTSUPP) if !follow_symlinks => {
                Err(objects::not_implemented_error!("chmod: follow_symlinks unavailable on this platform"))
            }
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// Set the owner and the group of path, numbers both.
    #[sig("(path, uid, gid, *, dir_fd=None, follow_symlinks=True)")]
    fn chown(path: PathOrFd, uid: Value, gid: Value, directory: Option<Value>, follow_symlinks: bool) -> R<()> {
        let (uid, gid) = (id_number(uid, "uid")?, id_number(gid, "gid")?);
        let at = dir_fd(directory)?;
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: a NUL-terminated name, or a descriptor.
        let result = heap::blocking(|| unsafe {
            match path.fd {
                Some(fd) => quick_call(libc::fchown(fd, uid, gid) as i64),
                None => quick_call(libc::fchownat(at, path.as_ptr(), uid, gid, flags) as i64),
            }
        });
        match result {
            Ok(_) => Ok(()),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
    /// Set the times of last access and modification.
    #[sig("(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)")]
    fn utime(path: PathOrFd, times: Option<Value>, ns: Option<Value>, directory: Option<Value>, follow_symlinks: bool) -> R<()> {
        let times = times.filter(|times| !times.is_none());
        let specs = match (times, ns) {
            (Some(_), Some(_)) => {
                return Err(objects::value_error!("utime: you may specify either 'times' or 'ns' but not both"));
            }
            (Some(times), None) => {
                let Some(pair) = pair_of(times) else {
                    return Err(type_error!("utime: 'times' must be either a tuple of two ints or None"));
                };
                Some([seconds_to_timespec(pair[0])?, seconds_to_timespec(pair[1])?])
            }
            (None, Some(ns)) => {
                let Some(pair) = pair_of(ns) else {
                    return Err(type_error!("utime: 'ns' must be a tuple of two ints"));
                };
                Some([nanoseconds_to_timespec(pair[0])?, nanoseconds_to_timespec(pair[1])?])
            }
            (None, None) => None,
        };
        let at = dir_fd(directory)?;
        let pointer = specs.as_ref().map_or(std::ptr::null(), |specs| specs.as_ptr());
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: a NUL-terminated name or a descriptor; two times or null.
        let result = unsafe {
            match path.fd {
                Some(fd) => quick_call(libc::futimens(fd, pointer) as i64),
                None => quick_call(libc::utimensat(at, path.as_ptr(), pointer, flags) as i64),
            }
        };
        match result {
            Ok(_) => Ok(()),
            Err(errno) => Err(path_error(errno, &path)),
        }
    }
}

fn pair_of(value: Value) -> Option<[Value; 2]> {
    let tuple = objects::Cast::cast::<objects::Tuple>(value)?;
    match tuple.items() {
        [a, b] => Some([*a, *b]),
        _ => None,
    }
}

fn seconds_to_timespec(value: Value) -> R<libc::timespec> {
    if let Some(seconds) = objects::float_value(value) {
        if !seconds.is_finite() {
            return Err(objects::value_error!("Invalid value NaN (not a number)"));
        }
        let whole = seconds.floor();
        let nanoseconds = ((seconds - whole) * 1e9).floor() as i64;
        if whole.abs() > 9.2e18 {
            return Err(objects::overflow_error!("timestamp out of range for platform time_t"));
        }
        return Ok(libc::timespec { tv_sec: whole as i64, tv_nsec: nanoseconds.min(999_999_999) });
    }
    let seconds = match objects::int_view(objects::index_object(value)?).and_then(|view| view.to_i64()) {
        Some(seconds) => seconds,
        None => return Err(objects::overflow_error!("timestamp out of range for platform time_t")),
    };
    Ok(libc::timespec { tv_sec: seconds, tv_nsec: 0 })
}

fn nanoseconds_to_timespec(value: Value) -> R<libc::timespec> {
    let billion = new_int(1_000_000_000);
    let seconds = objects::index(binary_op(BinaryOp::FloorDiv, value, billion)?)?;
    let nanoseconds = objects::index(binary_op(BinaryOp::Mod, value, billion)?)?;
    Ok(libc::timespec { tv_sec: seconds, tv_nsec: nanoseconds })
}

/// A user or group number; -1 means "leave it".
pub fn id_number(value: Value, what: &str) -> R<u32> {
    if objects::class_of(value).slots.index.get().is_none() && !objects::is_int(value) {
        return Err(type_error!("{what} should be integer, not {}", objects::class_name(value)));
    }
    let number = objects::index_object(value)?;
    match objects::int_view(number).and_then(|view| view.to_i64()) {
        Some(-1) => Ok(u32::MAX),
        Some(number) if number < -1 => Err(objects::overflow_error!("{what} is less than minimum")),
        Some(number) => u32::try_from(number).map_err(|_| objects::overflow_error!("{what} is greater than maximum")),
        None => Err(objects::overflow_error!("{what} is greater than maximum")),
    }
}
