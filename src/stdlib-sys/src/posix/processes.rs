//! Processes: forking, replacing, waiting, spawning, signalling.
//!
//! Must not know: how the heap survives a fork (`child.rs`).

use super::child::{self, Strings};
use super::tuple;
use native_macros::native_module;
use objects::path::{PathArg, PathOrFd, blocking_call, quick_call, retry_call};
use objects::structseq::StructSeqDef;
use objects::{R, Value, interned, is_callable, new_int, os_error, type_error, value_error};

pub static WAITID_RESULT: StructSeqDef = StructSeqDef::new(
    "posix",
    "waitid_result",
    "waitid_result: Result from waitid.\n\nThis object may be accessed either as a tuple of\n  (si_pid, si_uid, si_signo, si_status, si_code),\nor via the attributes si_pid, si_uid, and so on.\n\nSee os.waitid for more information.",
    &["si_pid", "si_uid", "si_signo", "si_status", "si_code"],
    5,
);

fn check(result: Result<i64, i32>) -> R<i64> {
    result.map_err(|errno| os_error(errno, None, None))
}

/// `resource.struct_rusage`.
fn usage(data: &libc::rusage) -> R {
    crate::resource::rusage(data)
}

fn wait_for(pid: i32, options: i32, data: Option<&mut libc::rusage>) -> R<(i64, i32)> {
    let mut status = 0;
    let pointer = data.map_or(std::ptr::null_mut(), |data| data as *mut libc::rusage);
    // SAFETY: both places are the caller's.
    let pid = check(retry_call(|| unsafe { libc::wait4(pid, &mut status, options, pointer) } as i64)?)?;
    Ok((pid, status))
}
fn wait_usage(pid: i32, options: i32) -> R {
    let mut data: libc::rusage = unsafe { std::mem::zeroed() };
    let (pid, status) = wait_for(pid, options, Some(&mut data))?;
    Ok(tuple(&[new_int(pid), new_int(status as i64), usage(&data)?]))
}

fn spawn(search: bool, path: PathArg, argv: Value, env: Value, options: SpawnOptions) -> R<i32> {
    let name = if search { "posix_spawnp" } else { "posix_spawn" };
    let argv = child::arguments(argv, name)?;
    let environment = if env.is_none() {
        None
    } else {
        if objects::get_attr_opt(env, interned!("keys"))?.is_none() {
            return Err(type_error!("{name}: environment must be a mapping object or None"));
        }
        Some(child::environment(env)?)
    };
    let mut pid = 0;
    // SAFETY: the structures are initialised before use and destroyed after; names live in vectors that outlive the call.
    unsafe {
        let mut attributes = std::mem::zeroed::<libc::posix_spawnattr_t>();
        let mut actions = std::mem::zeroed::<libc::posix_spawn_file_actions_t>();
        libc::posix_spawnattr_init(&mut attributes);
        libc::posix_spawn_file_actions_init(&mut actions);
        let prepared = prepare_spawn(name, &mut attributes, &mut actions, options);
        let result = match prepared {
            Err(raised) => Err(raised),
            Ok(_names) => {
                let env = match &environment {
                    Some(environment) => environment.as_mut_ptr(),
                    None => libc::environ as *const *mut libc::c_char,
                };
                let function = if search { libc::posix_spawnp } else { libc::posix_spawn };
                let errno = function(&mut pid, path.as_ptr(), &actions, &attributes, argv.as_mut_ptr(), env);
                if errno == 0 { Ok(pid) } else { Err(os_error(errno, path.filename(), None)) }
            }
        };
        libc::posix_spawn_file_actions_destroy(&mut actions);
        libc::posix_spawnattr_destroy(&mut attributes);
        result
    }
}

struct SpawnOptions {
    file_actions: Value,
    setpgroup: Option<Value>,
    resetids: bool,
    setsid: bool,
    setsigmask: Option<Value>,
    setsigdef: Option<Value>,
    scheduler: Option<Value>,
}

fn signal_set(signals: Value) -> R<libc::sigset_t> {
    // SAFETY: the set is initialised at once.
    let mut set = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        set
    };
    objects::iterate(signals, |signal| {
        let number = objects::index(signal)?;
        if !(1..65).contains(&number) {
            return Err(value_error!("signal number {number} out of range [1; 64]"));
        }
        // SAFETY: the number is in range.
        unsafe { libc::sigaddset(&mut set, number as i32) };
        Ok(())
    })?;
    Ok(set)
}

/// Fills attributes and actions; gives the names that must live until the call.
unsafe fn prepare_spawn(
    function: &str,
    attributes: &mut libc::posix_spawnattr_t,
    actions: &mut libc::posix_spawn_file_actions_t,
    options: SpawnOptions,
) -> R<Vec<std::ffi::CString>> {
    let mut flags = 0;
    if let Some(group) = options.setpgroup.filter(|group| !group.is_none()) {
        let group = objects::index(group)? as i32;
        libc::posix_spawnattr_setpgroup(attributes, group);
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if options.resetids {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if options.setsid {
        flags |= 0x80;
    }
    if let Some(mask) = options.setsigmask {
        let set = signal_set(mask)?;
        libc::posix_spawnattr_setsigmask(attributes, &set);
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(defaults) = options.setsigdef {
        let set = signal_set(defaults)?;
        libc::posix_spawnattr_setsigdefault(attributes, &set);
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if let Some(scheduler) = options.scheduler.filter(|scheduler| !scheduler.is_none()) {
        let Some(tuple) = objects::Cast::cast::<objects::Tuple>(scheduler) else {
            return Err(type_error!("{function}: scheduler must be a tuple or None"));
        };
        let parts = tuple.items();
        let [policy, parameter] = parts else {
            return Err(type_error!("A scheduler tuple must have two elements"));
        };
        if !policy.is_none() {
            libc::posix_spawnattr_setschedpolicy(attributes, objects::index(*policy)? as i32);
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        let parameter = super::scheduling::parameter(*parameter)?;
        libc::posix_spawnattr_setschedparam(attributes, &parameter);
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    libc::posix_spawnattr_setflags(attributes, flags as libc::c_short);
    let mut names = Vec::new();
    if options.file_actions.is_none() {
        return Ok(names);
    }
    let bad = || type_error!("Each file_actions element must be a non-empty tuple");
    objects::iterate(options.file_actions, |action| {
        let parts = objects::Cast::cast::<objects::Tuple>(action).map(|tuple| tuple.items()).unwrap_or_default();
        let Some(kind) = parts.first() else { return Err(bad()) };
        let kind = objects::index(*kind)?;
        let errno = match (kind, &parts[1..]) {
            (0, [fd, path, flags, mode]) => {
                let path = objects::path::fs_bytes(*path)?;
                let pointer = path.as_ptr();
                names.push(path);
                libc::posix_spawn_file_actions_addopen(
                    actions,
                    objects::index(*fd)? as i32,
                    pointer,
                    objects::index(*flags)? as i32,
                    objects::index(*mode)? as libc::mode_t,
                )
            }
            (0, _) => return Err(type_error!("A open file_action tuple must have 5 elements")),
            (1, [fd]) => libc::posix_spawn_file_actions_addclose(actions, objects::index(*fd)? as i32),
            (1, _) => return Err(type_error!("A close file_action tuple must have 2 elements")),
            (2, [from, to]) => {
                libc::posix_spawn_file_actions_adddup2(actions, objects::index(*from)? as i32, objects::index(*to)? as i32)
            }
            (2, _) => return Err(type_error!("A dup2 file_action tuple must have 3 elements")),
            (3, [fd]) => addclosefrom(actions, objects::index(*fd)? as i32),
            (3, _) => return Err(type_error!("A closefrom file_action tuple must have 2 elements")),
            _ => return Err(type_error!("Unknown file_actions identifier")),
        };
        if errno != 0 { Err(os_error(errno, None, None)) } else { Ok(()) }
    })?;
    Ok(names)
}
unsafe extern "C" {
    #[link_name = "posix_spawn_file_actions_addclosefrom_np"]
    fn addclosefrom(actions: *mut libc::posix_spawn_file_actions_t, from: libc::c_int) -> libc::c_int;
}

fn spawn_arguments(file_actions: Option<Value>) -> Value {
    file_actions.unwrap_or(Value::none())
}

pub struct Processes;

#[native_module(name = "posix")]
impl Processes {
    /// Fork a child process.
    ///
    /// Return 0 to child process and PID of child to parent process.
    fn fork() -> R<i64> {
        objects::audit::audit("os.fork", &[])?;
        // SAFETY: both sides are put right by `fork_with`.
        let pid = check(child::fork_with(true, || unsafe { libc::fork() } as i64)?)?;
        if pid != 0 {
            child::warn_about_threads("fork")?;
        }
        Ok(pid)
    }
    /// Fork a new process with a new pseudo-terminal as controlling tty.
    ///
    /// Returns a tuple of (pid, master_fd).
    /// Like fork(), return pid of 0 to the child process,
    /// and pid of child to the parent process.
    /// To both, return fd of newly opened pseudo-terminal.
    fn forkpty() -> R {
        objects::audit::audit("os.forkpty", &[])?;
        let mut master = -1;
        // SAFETY: as in `fork`; the descriptor's place is ours.
        let pid = check(child::fork_with(true, || unsafe {
            libc::forkpty(&mut master, std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut())
        } as i64)?)?;
        if pid != 0 {
            child::warn_about_threads("forkpty")?;
        }
        Ok(tuple(&[new_int(pid), new_int(master as i64)]))
    }
    /// Register callables to be called when forking a new process.
    ///
    ///   before
    ///     A callable to be called in the parent before the fork() syscall.
    ///   after_in_child
    ///     A callable to be called in the child after fork().
    ///   after_in_parent
    ///     A callable to be called in the parent after fork().
    ///
    /// 'before' callbacks are called in reverse order.
    /// 'after_in_child' and 'after_in_parent' callbacks are called in order.
    #[sig("(*, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)")]
    fn register_at_fork(before: Option<Value>, after_in_child: Option<Value>, after_in_parent: Option<Value>) -> R<()> {
        if before.is_none() && after_in_child.is_none() && after_in_parent.is_none() {
            return Err(type_error!("At least one argument is required."));
        }
        for (function, name) in [(before, "before"), (after_in_child, "after_in_child"), (after_in_parent, "after_in_parent")] {
            if let Some(function) = function
                && !is_callable(function)
            {
                return Err(type_error!("'{name}' must be callable, not {}", objects::class_name(function)));
            }
        }
        child::register(before, after_in_child, after_in_parent);
        Ok(())
    }
    /// Execute an executable path with arguments, replacing current process.
    ///
    ///   path
    ///     Path of executable file.
    ///   argv
    ///     Tuple or list of strings.
    #[sig("(path, argv, /)")]
    fn execv(path: PathArg, argv: Value) -> R<()> {
        let argv: Strings = child::arguments(argv, "execv")?;
        objects::audit::audit("os.exec", &[path.object, argv_value(&argv), Value::none()])?;
        // SAFETY: NUL-terminated strings in NULL-terminated vectors.
        unsafe { libc::execv(path.as_ptr(), argv.as_ptr()) };
        Err(objects::last_os_error(path.filename()))
    }
    /// Execute an executable path with arguments, replacing current process.
    ///
    ///   path
    ///     Path of executable file.
    ///   argv
    ///     Tuple or list of strings.
    ///   env
    ///     Dictionary of strings mapping to strings.
    #[sig("(path, argv, env)")]
    fn execve(path: PathOrFd, argv: Value, env: Value) -> R<()> {
        let argv = child::arguments(argv, "execve")?;
        if objects::get_attr_opt(env, interned!("keys"))?.is_none() {
            return Err(type_error!("execve: environment must be a mapping object"));
        }
        let env = child::environment(env)?;
        // SAFETY: as above.
        unsafe {
            match path.fd {
                Some(fd) => libc::fexecve(fd, argv.as_ptr(), env.as_ptr()),
                None => libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr()),
            }
        };
        Err(objects::last_os_error(path.filename()))
    }
    /// Execute the program specified by path in a new process.
    #[sig(
        "(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)"
    )]
    fn posix_spawn(
        path: PathArg,
        argv: Value,
        env: Value,
        file_actions: Option<Value>,
        setpgroup: Option<Value>,
        resetids: bool,
        setsid: bool,
        setsigmask: Option<Value>,
        setsigdef: Option<Value>,
        scheduler: Option<Value>,
    ) -> R<i32> {
        let file_actions = spawn_arguments(file_actions);
        spawn(
            false,
            path,
            argv,
            env,
            SpawnOptions { file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler },
        )
    }
    /// Execute the program specified by path in a new process.
    #[sig(
        "(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)"
    )]
    fn posix_spawnp(
        path: PathArg,
        argv: Value,
        env: Value,
        file_actions: Option<Value>,
        setpgroup: Option<Value>,
        resetids: bool,
        setsid: bool,
        setsigmask: Option<Value>,
        setsigdef: Option<Value>,
        scheduler: Option<Value>,
    ) -> R<i32> {
        let file_actions = spawn_arguments(file_actions);
        spawn(true, path, argv, env, SpawnOptions { file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler })
    }
    /// Wait for completion of a child process.
    ///
    /// Returns a tuple of information about the child process:
    ///     (pid, status)
    fn wait() -> R {
        let (pid, status) = wait_for(-1, 0, None)?;
        Ok(tuple(&[new_int(pid), new_int(status as i64)]))
    }
    /// Wait for completion of a given child process.
    ///
    /// Returns a tuple of information regarding the child process:
    ///     (pid, status)
    ///
    /// The options argument is ignored on Windows.
    #[sig("(pid, options, /)")]
    fn waitpid(pid: i32, options: i32) -> R {
        let (pid, status) = wait_for(pid, options, None)?;
        Ok(tuple(&[new_int(pid), new_int(status as i64)]))
    }
    /// Wait for completion of a child process.
    #[sig("(options)")]
    fn wait3(options: i32) -> R {
        wait_usage(-1, options)
    }
    /// Wait for completion of a specific child process.
    #[sig("(pid, options)")]
    fn wait4(pid: i32, options: i32) -> R {
        wait_usage(pid, options)
    }
    /// Returns the result of waiting for a process or processes.
    ///
    ///   idtype
    ///     Must be one of be P_PID, P_PGID or P_ALL.
    ///   id
    ///     The id to wait on.
    ///   options
    ///     Constructed from the ORing of one or more of WEXITED, WSTOPPED
    ///     or WCONTINUED and additionally may be ORed with WNOHANG or WNOWAIT.
    ///
    /// Returns either waitid_result or None if WNOHANG is specified and there are
    /// no children in a waitable state.
    #[sig("(idtype, id, options, /)")]
    fn waitid(idtype: i32, id: i64, options: i32) -> R {
        // SAFETY: plain data, written by the call.
        unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            check(retry_call(|| libc::waitid(idtype as libc::idtype_t, id as libc::id_t, &mut info, options) as i64)?)?;
            if info.si_pid() == 0 {
                return Ok(Value::none());
            }
            WAITID_RESULT.make(&[
                new_int(info.si_pid() as i64),
                super::stat::identity(info.si_uid()),
                new_int(info.si_signo as i64),
                new_int(info.si_status() as i64),
                new_int(info.si_code as i64),
            ])
        }
    }
    /// Return True if the process returning status was dumped to a core file.
    #[sig("(status, /)")]
    #[name("WCOREDUMP")]
    fn w_core_dump(status: i32) -> bool {
        libc::WCOREDUMP(status)
    }
    /// Return True if a particular process was continued from a job control stop.
    ///
    /// Return True if the process returning status was continued from a
    /// job control stop.
    #[sig("(status)")]
    #[name("WIFCONTINUED")]
    fn w_if_continued(status: i32) -> bool {
        libc::WIFCONTINUED(status)
    }
    /// Return True if the process returning status was stopped.
    #[sig("(status)")]
    #[name("WIFSTOPPED")]
    fn w_if_stopped(status: i32) -> bool {
        libc::WIFSTOPPED(status)
    }
    /// Return True if the process returning status was terminated by a signal.
    #[sig("(status)")]
    #[name("WIFSIGNALED")]
    fn w_if_signaled(status: i32) -> bool {
        libc::WIFSIGNALED(status)
    }
    /// Return True if the process returning status exited via the exit() system call.
    #[sig("(status)")]
    #[name("WIFEXITED")]
    fn w_if_exited(status: i32) -> bool {
        libc::WIFEXITED(status)
    }
    /// Return the process return code from status.
    #[sig("(status)")]
    #[name("WEXITSTATUS")]
    fn w_exit_status(status: i32) -> i32 {
        libc::WEXITSTATUS(status)
    }
    /// Return the signal that terminated the process that provided the status value.
    #[sig("(status)")]
    #[name("WTERMSIG")]
    fn w_term_sig(status: i32) -> i32 {
        libc::WTERMSIG(status)
    }
    /// Return the signal that stopped the process that provided the status value.
    #[sig("(status)")]
    #[name("WSTOPSIG")]
    fn w_stop_sig(status: i32) -> i32 {
        libc::WSTOPSIG(status)
    }
    /// Convert a wait status to an exit code.
    ///
    /// On Unix:
    ///
    /// * If WIFEXITED(status) is true, return WEXITSTATUS(status).
    /// * If WIFSIGNALED(status) is true, return -WTERMSIG(status).
    /// * Otherwise, raise a ValueError.
    ///
    /// On Windows, return status shifted right by 8 bits.
    ///
    /// On Unix, if the process is being traced or if waitpid() was called with
    /// WUNTRACED option, the caller must first check if WIFSTOPPED(status) is true.
    /// This function must not be called if WIFSTOPPED(status) is true.
    #[sig("(status)")]
    fn waitstatus_to_exitcode(status: Value) -> R<i32> {
        if objects::is_int(status) || objects::class_of(status).slots.index.get().is_some() {
            let number = <i32 as objects::convert::FromArg>::from_arg(status, objects::convert::ArgName::plain(""))?;
            return if libc::WIFEXITED(number) {
                Ok(libc::WEXITSTATUS(number))
            } else if libc::WIFSIGNALED(number) {
                match libc::WTERMSIG(number) {
                    0.. => Ok(-libc::WTERMSIG(number)),
                    _ => Err(value_error!("invalid WTERMSIG: {}", libc::WTERMSIG(number))),
                }
            } else if libc::WIFSTOPPED(number) {
                Err(value_error!("process stopped by delivery of signal {}", libc::WSTOPSIG(number)))
            } else {
                Err(value_error!("invalid wait status: {number}"))
            };
        }
        Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(status)))
    }
    /// Kill a process group with a signal.
    #[sig("(pgid, signal, /)")]
    fn killpg(pgid: i32, signal: i32) -> R<()> {
        objects::audit::audit("os.killpg", &[new_int(pgid as i64), new_int(signal as i64)])?;
        // SAFETY: plain call.
        check(quick_call(unsafe { libc::killpg(pgid, signal) } as i64))?;
        (objects::door::interpreter().poll)()
    }
    /// Execute the command in a subshell.
    #[sig("(command)")]
    fn system(command: Value) -> R<i64> {
        objects::audit::audit("os.system", &[command])?;
        let command = objects::path::fs_bytes(command)?;
        let pointer = command.as_ptr() as usize;
        // SAFETY: the command lives on this stack frame.
        Ok(heap::blocking(|| unsafe { libc::system(pointer as *const _) }) as i64)
    }
    /// Add increment to the priority of process and return the new priority.
    #[sig("(increment, /)")]
    fn nice(increment: i32) -> R<i64> {
        // SAFETY: errno tells an error from a priority of -1.
        unsafe {
            *libc::__errno_location() = 0;
            let value = libc::nice(increment);
            let errno = *libc::__errno_location();
            if value == -1 && errno != 0 { Err(os_error(errno, None, None)) } else { Ok(value as i64) }
        }
    }
    /// Return program scheduling priority.
    #[sig("(which, who)")]
    fn getpriority(which: i32, who: i32) -> R<i64> {
        // SAFETY: as above.
        unsafe {
            *libc::__errno_location() = 0;
            let value = libc::getpriority(which as _, who as libc::id_t);
            let errno = *libc::__errno_location();
            if errno != 0 { Err(os_error(errno, None, None)) } else { Ok(value as i64) }
        }
    }
    /// Set program scheduling priority.
    #[sig("(which, who, priority)")]
    fn setpriority(which: i32, who: i32, priority: i32) -> R<()> {
        // SAFETY: plain call.
        check(quick_call(unsafe { libc::setpriority(which as _, who as libc::id_t, priority) } as i64)).map(|_| ())
    }
    /// Return a file descriptor referring to the process *pid*.
    ///
    /// The descriptor can be used to perform process management without races and
    /// signals.
    #[sig("(pid, flags=0)")]
    fn pidfd_open(pid: i32, #[default(0)] flags: u32) -> R<i64> {
        // SAFETY: plain call.
        check(quick_call(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) }))
    }
    /// Move the calling thread into different namespaces.
    #[sig("(fd, nstype=0)")]
    fn setns(fd: objects::path::FileNo, nstype: i32) -> R<()> {
        // SAFETY: plain call.
        check(blocking_call(|| unsafe { libc::setns(fd.0, nstype) } as i64)).map(|_| ())
    }
    /// Disassociate parts of a process (or thread) execution context.
    #[sig("(flags)")]
    fn unshare(flags: i32) -> R<()> {
        // SAFETY: plain call.
        check(blocking_call(|| unsafe { libc::unshare(flags) } as i64)).map(|_| ())
    }
    fn _is_inputhook_installed() -> bool {
        false
    }
    fn _inputhook() {}
    /// Create the environment dictionary.
    fn _create_environ() -> R {
        super::environment::environ()
    }
}

/// The argument vector as a list for audit hooks.
fn argv_value(argv: &Strings) -> Value {
    let list = objects::new_list(&[]);
    for pointer in argv.items() {
        // SAFETY: the vector owns its strings.
        let text = unsafe { std::ffi::CStr::from_ptr(*pointer) };
        objects::list::list_push(list, objects::path::fs_decode(text.to_bytes()));
    }
    list.value()
}
