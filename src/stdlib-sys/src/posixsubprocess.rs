//! The module `_posixsubprocess`: fork and exec in one step, with only plain system calls between them.
//!
//! Must not know: `subprocess`.

use crate::posix::child::{self, Strings};
use native_macros::native_module;
use objects::{Cast, R, Tuple, Value, is_true, os_error, type_error, value_error};
use std::ffi::CString;

pub struct PosixSubprocess;

/// What the child does, as plain data.
struct Plan<'a> {
    executables: &'a Strings,
    argv: Option<&'a Strings>,
    env: Option<&'a Strings>,
    cwd: Option<&'a CString>,
    keep: &'a [i32],
    close_fds: bool,
    ends: [i32; 6],
    errpipe_read: i32,
    errpipe_write: i32,
    restore_signals: bool,
    setsid: bool,
    group_to_set: i32,
    gid: Option<u32>,
    groups: Option<&'a [libc::gid_t]>,
    uid: Option<u32>,
    umask: i32,
    preexec: Option<Value>,
}

/// Where it went wrong: an errno, and a word for `subprocess`.
struct Failure(i32, &'static str);

fn last() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
fn check(result: i32) -> Result<i32, Failure> {
    if result == -1 { Err(Failure(last(), "")) } else { Ok(result) }
}

unsafe fn set_inheritable(fd: i32, inheritable: bool) -> Result<(), Failure> {
    let flags = check(libc::fcntl(fd, libc::F_GETFD))?;
    let wanted = if inheritable { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
    check(libc::fcntl(fd, libc::F_SETFD, wanted)).map(|_| ())
}

/// Closes every descriptor from 3 on that is not to be kept; `keep` is sorted.
unsafe fn close_others(keep: &[i32]) {
    let mut first = 3u32;
    let close = |from: u32, to: u32| {
        if from <= to && libc::syscall(libc::SYS_close_range, from, to, 0) != 0 {
            let top = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 20) as u32;
            for fd in from..=to.min(top) {
                libc::close(fd as i32);
            }
        }
    };
    for fd in keep {
        let fd = *fd as u32;
        if fd < first {
            continue;
        }
        if fd > first {
            close(first, fd - 1);
        }
        first = fd + 1;
    }
    close(first, u32::MAX);
}

/// Everything in the child; only comes back if it failed.
unsafe fn run(plan: &Plan) -> Failure {
    match prepare(plan) {
        Err(failure) => failure,
        Ok(()) => {
            let mut errno = libc::ENOENT;
            let argv = plan.argv.map_or(std::ptr::null(), |argv| argv.as_ptr());
            for executable in plan.executables.items() {
                match plan.env {
                    Some(env) => libc::execve(*executable, argv, env.as_ptr()),
                    None => libc::execv(*executable, argv),
                };
                let current = last();
                if current != libc::ENOENT && current != libc::ENOTDIR && errno == libc::ENOENT {
                    errno = current;
                }
            }
            Failure(errno, "")
        }
    }
}

unsafe fn prepare(plan: &Plan) -> Result<(), Failure> {
    for fd in plan.keep {
        if *fd != plan.errpipe_write {
            set_inheritable(*fd, true)?;
        }
    }
    let [p2cread, p2cwrite, c2pread, mut c2pwrite, errread, mut errwrite] = plan.ends;
    for fd in [p2cwrite, c2pread, errread] {
        if fd >= 0 {
            check(libc::close(fd))?;
        }
    }
    check(libc::close(plan.errpipe_read))?;
    // Low numbers would be overwritten by the moves below.
    if c2pwrite == 0 {
        c2pwrite = check(libc::fcntl(c2pwrite, libc::F_DUPFD_CLOEXEC, 3))?;
    }
    while errwrite == 0 || errwrite == 1 {
        errwrite = check(libc::fcntl(errwrite, libc::F_DUPFD_CLOEXEC, 3))?;
    }
    for (fd, target) in [(p2cread, 0), (c2pwrite, 1), (errwrite, 2)] {
        if fd == target {
            set_inheritable(fd, true)?;
        } else if fd >= 0 {
            check(libc::dup2(fd, target))?;
        }
    }
    if let Some(cwd) = plan.cwd
        && libc::chdir(cwd.as_ptr()) == -1
    {
        return Err(Failure(last(), "noexec:chdir"));
    }
    if plan.umask >= 0 {
        libc::umask(plan.umask as libc::mode_t);
    }
    if plan.restore_signals {
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            libc::signal(signal, libc::SIG_DFL);
        }
    }
    let noexec = |result: i32| if result == -1 { Err(Failure(last(), "noexec")) } else { Ok(()) };
    if plan.setsid {
        check(libc::setsid())?;
    }
    if plan.group_to_set >= 0 {
        noexec(libc::setpgid(0, plan.group_to_set))?;
    }
    if let Some(groups) = plan.groups {
        noexec(libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) as i32)?;
    }
    if let Some(gid) = plan.gid {
        noexec(libc::syscall(libc::SYS_setregid, gid, gid) as i32)?;
    }
    if let Some(uid) = plan.uid {
        noexec(libc::syscall(libc::SYS_setreuid, uid, uid) as i32)?;
    }
    if let Some(function) = plan.preexec
        && let Err(raised) = objects::call(function, &[])
    {
        raised.clear();
        return Err(Failure(0, "Exception occurred in preexec_fn."));
    }
    if plan.close_fds {
        close_others(plan.keep);
    }
    Ok(())
}

unsafe fn report(fd: i32, failure: Failure) -> ! {
    let text = if failure.0 != 0 {
        format!("OSError:{:X}:{}", failure.0, failure.1)
    } else {
        format!("SubprocessError:0:{}", failure.1)
    };
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let count = libc::write(fd, rest.as_ptr().cast(), rest.len());
        if count <= 0 {
            break;
        }
        rest = &rest[count as usize..];
    }
    libc::_exit(255)
}

fn int(value: Value) -> R<i32> {
    <i32 as objects::convert::FromArg>::from_arg(value, objects::convert::ArgName::plain(""))
}
fn optional_id(value: Value, what: &str) -> R<Option<u32>> {
    if value.is_none() { Ok(None) } else { crate::posix::stat::id_number(value, what).map(Some) }
}

/// Sorted descriptors without repetition.
fn descriptors(value: Value) -> R<Vec<i32>> {
    let bad = || value_error!("bad value(s) in fds_to_keep");
    let Some(tuple) = value.cast::<Tuple>() else {
        return Err(type_error!("fork_exec() argument 4 must be tuple, not {}", objects::class_name(value)));
    };
    let mut fds = Vec::with_capacity(tuple.len());
    for item in tuple.items() {
        if !objects::is_int(*item) {
            return Err(bad());
        }
        match objects::int_view(*item).and_then(|view| view.to_i64()).and_then(|fd| i32::try_from(fd).ok()) {
            Some(fd) if fd >= 0 && fds.last().is_none_or(|last| *last < fd) => fds.push(fd),
            _ => return Err(bad()),
        }
    }
    Ok(fds)
}

/// Strings of a sequence as file system bytes.
fn strings(value: Value) -> R<Strings> {
    let items = objects::to_vec(value)?;
    let mut owned = Vec::with_capacity(items.len());
    for item in items.iter() {
        owned.push(objects::path::fs_bytes(*item)?);
    }
    Ok(Strings::new(owned))
}
/// Strings of a sequence of bytes objects.
fn bytes_strings(value: Value) -> R<Strings> {
    let items = objects::to_vec(value)?;
    let mut owned = Vec::with_capacity(items.len());
    for item in items.iter() {
        let Some(bytes) = item.cast::<objects::Bytes>() else {
            return Err(type_error!("expected bytes, {} found", objects::class_name(*item)));
        };
        owned.push(CString::new(bytes.as_slice()).map_err(|_| value_error!("embedded null byte"))?);
    }
    Ok(Strings::new(owned))
}

/// What the subprocess module needs of POSIX.
#[native_module(name = "_posixsubprocess")]
impl PosixSubprocess {
    /// Start a child process that runs a program.
    ///
    /// Between fork() and exec() the child arranges its file descriptors: with
    /// close_fds all from 3 on are closed, except those in the sorted tuple
    /// pass_fds. preexec_fn, if given, is called last. With threads it is
    /// dangerous: the child has only one of them, and locks that others held are
    /// never released.
    ///
    /// An error of the child before exec() is written to errpipe_write, as text
    /// that subprocess.py understands; only errors of the parent are raised here.
    ///
    /// Returns the id of the child.
    fn fork_exec(arguments: &[Value]) -> R<i64> {
        let given = <&[Value; 22]>::try_from(arguments)
            .map_err(|_| type_error!("fork_exec expected 22 arguments, got {}", arguments.len()))?;
        let [args, executable_list, close_fds, pass_fds, cwd, env] = [given[0], given[1], given[2], given[3], given[4], given[5]];
        let mut ends = [0; 6];
        for (end, value) in ends.iter_mut().zip(&given[6..12]) {
            *end = int(*value)?;
        }
        let (errpipe_read, errpipe_write) = (int(given[12])?, int(given[13])?);
        let close_fds = is_true(close_fds)?;
        if close_fds && errpipe_write < 3 {
            return Err(value_error!("errpipe_write must be >= 3"));
        }
        let keep = descriptors(pass_fds)?;
        let preexec = if given[21].is_none() { None } else { Some(given[21]) };
        if preexec.is_some() && !objects::interpreter::is_main() {
            return Err(objects::runtime_error!("preexec_fn not supported within subinterpreters"));
        }
        if preexec.is_some() && objects::system::is_finalizing() {
            return Err(objects::new_error(
                objects::exc::PYTHON_FINALIZATION_ERROR.get(),
                "preexec_fn not supported at interpreter shutdown",
            ));
        }
        let argv = if args.is_none() { None } else { Some(strings(args)?) };
        let executables = bytes_strings(executable_list)?;
        let env = if env.is_none() { None } else { Some(bytes_strings(env)?) };
        let cwd = if cwd.is_none() { None } else { Some(objects::path::fs_bytes(cwd)?) };
        let groups = if given[18].is_none() {
            None
        } else {
            let items = objects::to_vec(given[18])?;
            if items.len() > 65536 {
                return Err(value_error!("too many extra_groups"));
            }
            let mut ids = Vec::with_capacity(items.len());
            for item in items.iter() {
                if !objects::is_int(*item) {
                    return Err(type_error!("extra_groups must be integers"));
                }
                ids.push(crate::posix::stat::id_number(*item, "gid").map_err(|raised| {
                    raised.clear();
                    value_error!("invalid group id")
                })?);
            }
            Some(ids)
        };
        let plan = Plan {
            executables: &executables,
            argv: argv.as_ref(),
            env: env.as_ref(),
            cwd: cwd.as_ref(),
            keep: &keep,
            close_fds,
            ends,
            errpipe_read,
            errpipe_write,
            restore_signals: is_true(given[14])?,
            setsid: is_true(given[15])?,
            group_to_set: int(given[16])?,
            gid: optional_id(given[17], "gid")?,
            groups: groups.as_deref(),
            uid: optional_id(given[19], "uid")?,
            umask: int(given[20])?,
            preexec,
        };
        if plan.preexec.is_some() {
            // SAFETY: the child goes on as a whole process; both sides are put right by `fork_with`.
            let pid = child::fork_with(true, || unsafe { libc::fork() } as i64)?;
            return match pid {
                // SAFETY: in the child.
                Ok(0) => unsafe { report(errpipe_write, run(&plan)) },
                Ok(pid) => {
                    child::warn_about_threads("fork")?;
                    Ok(pid)
                }
                Err(errno) => Err(os_error(errno, None, None)),
            };
        }
        // Without Python code in the child nothing of the runtime is used there, so the other threads need not stop. Signals are
        // blocked, so that no handler of ours runs in the child.
        // SAFETY: between fork and exec only system calls and the plan's plain data are used.
        let result = unsafe {
            let (mut all, mut old): (libc::sigset_t, libc::sigset_t) = (std::mem::zeroed(), std::mem::zeroed());
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut old);
            let pid = libc::fork();
            if pid == 0 {
                for signal in 1..65 {
                    let mut action: libc::sigaction = std::mem::zeroed();
                    if libc::sigaction(signal, std::ptr::null(), &mut action) == 0
                        && action.sa_sigaction != libc::SIG_DFL
                        && action.sa_sigaction != libc::SIG_IGN
                    {
                        action.sa_sigaction = libc::SIG_DFL;
                        libc::sigaction(signal, &action, std::ptr::null_mut());
                    }
                }
                libc::pthread_sigmask(libc::SIG_SETMASK, &old, std::ptr::null_mut());
                report(errpipe_write, run(&plan));
            }
            let errno = last();
            libc::pthread_sigmask(libc::SIG_SETMASK, &old, std::ptr::null_mut());
            if pid < 0 { Err(errno) } else { Ok(pid as i64) }
        };
        result.map_err(|errno| os_error(errno, None, None))
    }
}
