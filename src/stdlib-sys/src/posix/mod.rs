//! The module `posix`: system calls for `os`. Each file holds the functions of one subject; all of them end up in one module.
//!
//! Must not know: the library's `os`.

pub mod child;
pub mod configuration;
pub mod constants;
pub mod directories;
pub mod environment;
pub mod files;
pub mod identity;
pub mod names;
pub mod processes;
pub mod scheduling;
pub mod stat;
pub mod transfers;

use native_macros::native_module;
use objects::path::PathArg;
use objects::{Cast, GcVec, Module, R, Raised, Value, new_str, new_tuple, os_error};

pub struct Posix;

/// The functions of the system, as the standards of C and POSIX have them.
///
/// The manual of Python, under os, and those of the system describe them.
#[native_module(name = "posix", classes = [directories::DirEntrySkin, directories::ScandirSkin])]
impl Posix {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for part in [
            stat::Stat::MODULE,
            files::Files::MODULE,
            directories::Directories::MODULE,
            environment::Environment::MODULE,
            names::Names::MODULE,
            processes::Processes::MODULE,
            scheduling::Scheduling::MODULE,
            identity::Identity::MODULE,
            transfers::Transfers::MODULE,
            configuration::Configuration::MODULE,
        ] {
            objects::module::fill_native_module(module, part)?;
        }
        module.set("error", objects::exc::OS_ERROR.get().value())?;
        module.set("stat_result", stat::STAT_RESULT.class()?.value())?;
        module.set("terminal_size", environment::TERMINAL_SIZE.class()?.value())?;
        module.set("uname_result", environment::UNAME_RESULT.class()?.value())?;
        module.set("sched_param", scheduling::SCHED_PARAM.class()?.value())?;
        module.set("times_result", scheduling::TIMES_RESULT.class()?.value())?;
        module.set("waitid_result", processes::WAITID_RESULT.class()?.value())?;
        module.set("statvfs_result", configuration::STATVFS_RESULT.class()?.value())?;
        configuration::enter(module)?;
        module.set("environ", environment::environ()?)?;
        module.set("_have_functions", have_functions())?;
        constants::enter(module)
    }
}

/// What `os.supports_*` is made from: the system calls that are there.
fn have_functions() -> Value {
    let names: GcVec = [
        "HAVE_EVENTFD",
        "HAVE_TIMERFD_CREATE",
        "HAVE_FACCESSAT",
        "HAVE_FCHDIR",
        "HAVE_FCHMOD",
        "HAVE_FCHMODAT",
        "HAVE_FCHOWN",
        "HAVE_FCHOWNAT",
        "HAVE_FDOPENDIR",
        "HAVE_FEXECVE",
        "HAVE_FPATHCONF",
        "HAVE_FSTATAT",
        "HAVE_FSTATVFS",
        "HAVE_FTRUNCATE",
        "HAVE_FUTIMENS",
        "HAVE_FUTIMES",
        "HAVE_FUTIMESAT",
        "HAVE_LINKAT",
        "HAVE_LCHOWN",
        "HAVE_LSTAT",
        "HAVE_LUTIMES",
        "HAVE_MEMFD_CREATE",
        "HAVE_MKDIRAT",
        "HAVE_MKFIFOAT",
        "HAVE_MKNODAT",
        "HAVE_OPENAT",
        "HAVE_READLINKAT",
        "HAVE_RENAMEAT",
        "HAVE_SYMLINKAT",
        "HAVE_UNLINKAT",
        "HAVE_UTIMENSAT",
        "HAVE_PTSNAME_R",
    ]
    .into_iter()
    .map(new_str)
    .collect();
    objects::new_list(&names).value()
}

/// The OSError of a failed call on a path.
pub fn path_error(errno: i32, path: &PathArg) -> Raised {
    os_error(errno, path.filename(), None)
}
/// The same for calls with two paths.
pub fn two_paths_error(errno: i32, first: &PathArg, second: &PathArg) -> Raised {
    os_error(errno, first.filename(), second.filename())
}

/// `dir_fd`: a descriptor, or the current directory.
pub fn dir_fd(value: Option<Value>) -> R<i32> {
    match value {
        None => Ok(libc::AT_FDCWD),
        Some(value) if value.is_none() => Ok(libc::AT_FDCWD),
        Some(value) => {
            if objects::class_of(value).slots.index.get().is_none() && !objects::is_int(value) {
                return Err(objects::type_error!("argument should be integer or None, not {}", objects::class_name(value)));
            }
            objects::path::fd_number(value)
        }
    }
}

/// A tuple of values.
pub fn tuple(items: &[Value]) -> Value {
    new_tuple(items).value()
}
