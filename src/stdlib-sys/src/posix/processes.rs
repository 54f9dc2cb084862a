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
    "waitid_result: What waitid returns.\n\nA named tuple of (si_pid, si_uid, si_signo, si_status, si_code).",
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
    /// Make a child process, a copy of this one.
    ///
    /// Returns 0 in the child, the id of the child in the parent.
    fn fork() -> R<i64> {
        objects::audit::audit("os.fork", &[])?;
        // SAFETY: both sides are put right by `fork_with`.
        let pid = check(child::fork_with(true, || unsafe { libc::fork() } as i64)?)?;
        if pid != 0 {
            child::warn_about_threads("fork")?;
        }
        Ok(pid)
    }
    /// Make a child process with a new pseudo-terminal that controls it.
    ///
    /// Returns (pid, fd): pid is as fork() returns it, fd the file descriptor of
    /// the master.
    fn forkpty() -> R {
        if !objects::interpreter::is_main() {
            return Err(objects::runtime_error!("fork not supported for subinterpreters"));
        }
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
    /// Have functions called at every fork().
    ///
    ///   before
    ///     Called in the parent before it, last registered first.
    ///   after_in_child
    ///     Called in the child after it, first registered first.
    ///   after_in_parent
    ///     Called in the parent after it, first registered first.
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
    /// Run another program in place of this one.
    ///
    ///   path
    ///     The program.
    ///   argv
    ///     Its arguments, a tuple or list.
    #[sig("(path, argv, /)")]
    fn execv(path: PathArg, argv: Value) -> R<()> {
        check_exec()?;
        let argv: Strings = child::arguments(argv, "execv")?;
        objects::audit::audit("os.exec", &[path.object, argv_value(&argv), Value::none()])?;
        // SAFETY: NUL-terminated strings in NULL-terminated vectors.
        unsafe { libc::execv(path.as_ptr(), argv.as_ptr()) };
        Err(objects::last_os_error(path.filename()))
    }
    /// Run another program in place of this one.
    ///
    ///   path
    ///     The program.
    ///   argv
    ///     Its arguments, a tuple or list.
    ///   env
    ///     Its environment, a mapping of strings.
    #[sig("(path, argv, env)")]
    fn execve(path: PathOrFd, argv: Value, env: Value) -> R<()> {
        check_exec()?;
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
    /// Run a program as a new process.
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
    /// Run a program as a new process.
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
    /// Wait until a child process ends.
    ///
    /// Returns (pid, status).
    fn wait() -> R {
        let (pid, status) = wait_for(-1, 0, None)?;
        Ok(tuple(&[new_int(pid), new_int(status as i64)]))
    }
    /// Wait until the child process pid ends.
    ///
    /// Returns (pid, status). options are flags such as WNOHANG.
    #[sig("(pid, options, /)")]
    fn waitpid(pid: i32, options: i32) -> R {
        let (pid, status) = wait_for(pid, options, None)?;
        Ok(tuple(&[new_int(pid), new_int(status as i64)]))
    }
    /// Wait until a child process ends; returns (pid, status, rusage).
    #[sig("(options)")]
    fn wait3(options: i32) -> R {
        wait_usage(-1, options)
    }
    /// Wait until the child process pid ends; returns (pid, status, rusage).
    #[sig("(pid, options)")]
    fn wait4(pid: i32, options: i32) -> R {
        wait_usage(pid, options)
    }
    /// Wait for child processes.
    ///
    ///   idtype
    ///     P_PID, P_PGID or P_ALL.
    ///   id
    ///     The id of the process or of the group.
    ///   options
    ///     WEXITED, WSTOPPED or WCONTINUED, several of them by |, with WNOHANG or WNOWAIT.
    ///
    /// Returns a waitid_result, None if WNOHANG is given and no child is in such a
    /// state.
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
    /// Whether the process has left a core file.
    #[sig("(status, /)")]
    #[name("WCOREDUMP")]
    fn w_core_dump(status: i32) -> bool {
        libc::WCOREDUMP(status)
    }
    /// Whether the process was continued.
    ///
    /// A stopped process is, by the job control of the shell.
    #[sig("(status)")]
    #[name("WIFCONTINUED")]
    fn w_if_continued(status: i32) -> bool {
        libc::WIFCONTINUED(status)
    }
    /// Whether the process has been stopped.
    #[sig("(status)")]
    #[name("WIFSTOPPED")]
    fn w_if_stopped(status: i32) -> bool {
        libc::WIFSTOPPED(status)
    }
    /// Whether a signal has ended the process.
    #[sig("(status)")]
    #[name("WIFSIGNALED")]
    fn w_if_signaled(status: i32) -> bool {
        libc::WIFSIGNALED(status)
    }
    /// Whether the process has ended by calling exit().
    #[sig("(status)")]
    #[name("WIFEXITED")]
    fn w_if_exited(status: i32) -> bool {
        libc::WIFEXITED(status)
    }
    /// The exit code in the status.
    #[sig("(status)")]
    #[name("WEXITSTATUS")]
    fn w_exit_status(status: i32) -> i32 {
        libc::WEXITSTATUS(status)
    }
    /// The number of the signal that has ended the process.
    #[sig("(status)")]
    #[name("WTERMSIG")]
    fn w_term_sig(status: i32) -> i32 {
        libc::WTERMSIG(status)
    }
    /// The number of the signal that has stopped the process.
    #[sig("(status)")]
    #[name("WSTOPSIG")]
    fn w_stop_sig(status: i32) -> i32 {
        libc::WSTOPSIG(status)
    }
    /// The exit code in the status of a process.
    ///
    /// It is WEXITSTATUS(status) if the process has exited, -WTERMSIG(status) if a
    /// signal has ended it. For anything else ValueError is raised. The status of a
    /// process that is only stopped, as waitpid() returns it with WUNTRACED, must
    /// not be given.
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
    /// Send a signal to a process group.
    #[sig("(pgid, signal, /)")]
    fn killpg(pgid: i32, signal: i32) -> R<()> {
        objects::audit::audit("os.killpg", &[new_int(pgid as i64), new_int(signal as i64)])?;
        // SAFETY: plain call.
        check(quick_call(unsafe { libc::killpg(pgid, signal) } as i64))?;
        (objects::door::interpreter().poll)()
    }
    /// Run a command by the shell.
    #[sig("(command)")]
    fn system(command: Value) -> R<i64> {
        objects::audit::audit("os.system", &[command])?;
        let command = objects::path::fs_bytes(command)?;
        let pointer = command.as_ptr() as usize;
        // SAFETY: the command lives on this stack frame.
        Ok(heap::blocking(|| unsafe { libc::system(pointer as *const _) }) as i64)
    }
    /// Add to the nice value of the process and return the new one.
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
    /// A file descriptor for the process *pid*.
    ///
    /// By it one can wait for the process and send signals with no risk that the id
    /// means another process.
    #[sig("(pid, flags=0)")]
    fn pidfd_open(pid: i32, #[default(0)] flags: u32) -> R<i64> {
        // SAFETY: plain call.
        check(quick_call(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) }))
    }
    /// Put the thread into another namespace.
    #[sig("(fd, nstype=0)")]
    fn setns(fd: objects::path::FileNo, nstype: i32) -> R<()> {
        // SAFETY: plain call.
        check(blocking_call(|| unsafe { libc::setns(fd.0, nstype) } as i64)).map(|_| ())
    }
    /// Give the process namespaces or resources of its own.
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

fn check_exec() -> R<()> {
    if objects::interpreter::current().allows(objects::interpreter::settings::ALLOW_EXEC) {
        return Ok(());
    }
    Err(objects::runtime_error!("exec not supported for isolated subinterpreters"))
}
