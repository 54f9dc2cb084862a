"""What the call fuzzer calls: every function, method, descriptor and constructor of the native modules, and pieces of syntax.

A target is a name and a function; the names are stable, so that a recorded call can be made again by the same interpreter.
"""
import importlib
import sys
import types

# Modules that reach outside the process or into raw memory by design.
MODULES_LEFT_OUT = {
    "_foreign", "_hpy_universal", "hpy.universal", "_posixsubprocess", "_testcapi", "_ctypes", "fcntl", "syslog", "resource",
    "termios", "_curses", "readline",
}

# Calls that end, stop or fork the process, signal others, block beyond the reach of a signal, change files by name, or pull the
# rug from under the fuzzer itself (its clock, its files, its hooks). `os` names stand for `posix` too.
LEFT_OUT = {
    # the end, or another process
    "posix._exit", "posix.abort", "posix.fork", "posix.fork1", "posix.forkpty", "posix.execv", "posix.execve", "posix.posix_spawn",
    "posix.posix_spawnp", "posix.system", "posix.kill", "posix.killpg", "posix.pidfd_open", "posix.wait", "posix.wait3",
    "posix.wait4", "posix.waitid", "posix.waitpid", "_signal.pthread_kill", "_signal.raise_signal", "_signal.pidfd_send_signal",
    "faulthandler._sigsegv", "faulthandler._sigabrt", "faulthandler._sigfpe", "faulthandler._stack_overflow",
    "faulthandler._read_null", "faulthandler._fatal_error", "faulthandler._fatal_error_c_thread",
    "faulthandler.dump_traceback_later", "faulthandler.register", "sys.remote_exec", "sys._exit",
    # files by name, rights, terminals
    "posix.unlink", "posix.remove", "posix.rmdir", "posix.rename", "posix.replace", "posix.link", "posix.symlink", "posix.truncate",
    "posix.chmod", "posix.lchmod", "posix.fchmod", "posix.chown", "posix.lchown", "posix.fchown", "posix.mknod", "posix.mkfifo",
    "posix.utime", "posix.setxattr", "posix.removexattr", "posix.chdir", "posix.fchdir", "posix.chroot", "posix.umask",
    "posix.setuid", "posix.seteuid", "posix.setgid", "posix.setegid", "posix.setreuid", "posix.setregid", "posix.setresuid",
    "posix.setresgid", "posix.setgroups", "posix.initgroups", "posix.setpgid", "posix.setpgrp", "posix.setsid", "posix.login_tty",
    "posix.tcsetpgrp", "posix.nice", "posix.setpriority", "posix.unshare", "posix.setns", "posix.sched_setscheduler",
    "posix.sched_setparam", "posix.sched_setaffinity",
    # descriptors that the fuzzer needs
    "posix.close", "posix.closerange", "posix.dup2", "_socket.close", "posix.ftruncate", "posix.lockf", "posix.sendfile",
    "posix.splice", "posix.copy_file_range", "posix.posix_fallocate", "_posixshmem.shm_unlink",
    # the clock and the hooks of the fuzzer
    "_signal.alarm", "_signal.setitimer", "_signal.signal", "_signal.pthread_sigmask", "_signal.siginterrupt",
    "_signal.set_wakeup_fd", "_signal.pause", "_signal.sigwait", "_signal.sigwaitinfo", "_signal.sigtimedwait",
    "_signal.default_int_handler", "sys.addaudithook", "sys.breakpointhook", "builtins.breakpoint", "builtins.help", "gc.set_debug",
    "time.clock_settime", "time.clock_settime_ns", "faulthandler.disable",
    # locks of the interpreter itself, which a program must give back
    "_warnings._acquire_lock", "_warnings.acquire_lock", "_imp.acquire_lock", "_warnings._release_lock", "_imp.release_lock",
    # slows everything down for good
    "_tracemalloc.start",
    # names of other machines
    "_socket.getaddrinfo", "_socket.gethostbyname", "_socket.gethostbyname_ex", "_socket.gethostbyaddr", "_socket.getnameinfo",
    "_socket.sethostname", "_socket.getfqdn",
}

FUNCTION_TYPES = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, types.ClassMethodDescriptorType,
                  types.MethodWrapperType, staticmethod, classmethod)
FIELD_TYPES = (types.GetSetDescriptorType, types.MemberDescriptorType, property)

mro_of = type.__dict__["__mro__"].__get__


def native_modules():
    found = []
    for name in sorted(sys.builtin_module_names):
        if name not in MODULES_LEFT_OUT:
            try:
                found.append(importlib.import_module(name))
            except ImportError:
                pass
    return found


class Target:
    """`owner` is the class whose instances are wanted as the first argument, or None."""
    __slots__ = ("name", "call", "owner", "parameters", "group")

    def __init__(self, name, call, owner=None, parameters=None, group=""):
        self.name, self.call, self.owner, self.group = name, call, owner, group
        self.parameters = parameters_of(call) if parameters is None else parameters


def parameters_of(function):
    """Names of parameters as the text signature has them, without the receiver; None if there is none."""
    try:
        text = function.__text_signature__
    except Exception:
        return None
    if not isinstance(text, str):
        return None
    names = []
    for part in text.strip("()").split(","):
        name = part.split("=")[0].split(":")[0].strip()
        if name and name[0] not in "$/*" and name.isidentifier():
            names.append(name)
    return names


def getter(descriptor):
    return lambda instance, *rest: descriptor.__get__(instance, *rest[:1])


def setter(descriptor):
    return lambda instance, value=None, *rest: descriptor.__set__(instance, value)


def deleter(descriptor):
    return lambda instance, *rest: descriptor.__delete__(instance)


def maker(cls):
    """An instance without `__init__`."""
    new = cls.__new__
    return lambda *args, **names: new(cls, *args, **names)


def raw(descriptor):
    """A classmethod or staticmethod of a class, called the way that gets a class as its first argument."""
    return lambda *args, **names: descriptor.__get__(None, args[0] if args else object)(*args[1:], **names)


def class_targets(cls, name, group):
    yield Target(name, cls, None, parameters_of(cls), group)
    yield Target(name + ".__new__", maker(cls), None, None, group)
    for key in sorted(type.__dict__["__dict__"].__get__(cls)):
        value = type.__dict__["__dict__"].__get__(cls)[key]
        full = f"{name}.{key}"
        if full in LEFT_OUT:
            continue
        if isinstance(value, (types.ClassMethodDescriptorType, classmethod)):
            yield Target(full, getattr(cls, key), None, None, group)
            yield Target(full + " raw", raw(value), None, None, group)
        elif isinstance(value, (staticmethod, types.BuiltinFunctionType)):
            yield Target(full, getattr(cls, key), None, None, group)
        elif isinstance(value, FUNCTION_TYPES):
            yield Target(full, value, cls, None, group)
        elif isinstance(value, FIELD_TYPES):
            yield Target(full + " get", getter(value), cls, [], group)
            yield Target(full + " set", setter(value), cls, ["value"], group)
            yield Target(full + " del", deleter(value), cls, [], group)


def is_native_class(cls, modules):
    fields = type.__dict__["__dict__"].__get__(cls)
    return (type.__dict__["__module__"].__get__(cls) in modules or not cls.__flags__ & 512) and not any(
        isinstance(value, types.FunctionType) for value in fields.values())


def all_classes():
    seen, waiting = {object}, [object]
    while waiting:
        for cls in type.__subclasses__(waiting.pop()):
            if cls not in seen:
                seen.add(cls)
                waiting.append(cls)
    return seen


def collect():
    """All targets by name, and the native classes by name."""
    targets, classes = {}, {}
    modules = native_modules()
    names = {module.__name__ for module in modules}
    for module in modules:
        for key in sorted(vars(module)):
            value = vars(module)[key]
            full = f"{module.__name__}.{key}"
            if isinstance(value, type):
                classes.setdefault(value, full)
            elif callable(value) and full not in LEFT_OUT and not isinstance(value, types.FunctionType):
                targets[full] = Target(full, value, None, None, module.__name__)
    for cls in sorted(all_classes(), key=lambda cls: (cls.__module__, cls.__qualname__)):
        if cls not in classes and is_native_class(cls, names) and cls.__module__ not in MODULES_LEFT_OUT:
            classes[cls] = f"{cls.__module__}.{cls.__qualname__}"
    for cls, name in classes.items():
        for target in class_targets(cls, name, name):
            targets.setdefault(target.name, target)
    from operations import OPERATIONS
    for name, function in OPERATIONS.items():
        targets[name] = Target(name, function, None, None, "operations")
    return targets, {name: cls for cls, name in classes.items()}
