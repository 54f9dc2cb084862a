//! The module `sys`: functions here, facts in `info.rs`, default hooks in `hooks.rs`.
//!
//! Must not know: the loop. Tracing and profiling only set what the interpreter looks at.

pub mod hooks;
pub mod info;
mod monitoring;
mod stdlib_names;

use crate::util::{os_str, os_str_list};
use native_macros::native_module;
use objects::dict::{self, Dict};
use objects::frame::{Frame, View, blank_frame, frame_object, frame_of_stopped};
use objects::structseq::StructSeqDef;
use objects::{
    Args, Cast, Gc, GcVec, Module, R, Slot, Str, Value, call, class_name, class_of, exc, interned, new_error_args, new_int,
    new_int_u64, new_str, new_tuple, overflow_error, runtime_error, thread, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

static ASYNCGEN_HOOKS: StructSeqDef = StructSeqDef::new(
    "builtins",
    "asyncgen_hooks",
    "asyncgen_hooks\n\nThe hooks for asynchronous generators, as a named tuple.",
    &["firstiter", "finalizer"],
    2,
);

static SWITCH_INTERVAL: AtomicU64 = AtomicU64::new(0);
static DLOPEN_FLAGS: AtomicI64 = AtomicI64::new(libc::RTLD_NOW as i64);

fn or_none(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

/// `(type, exception, traceback)` of the exception being handled.
fn exc_info_of(exception: Option<Value>) -> Value {
    let none = Value::none();
    match exception {
        Some(exception) => new_tuple(&[class_of(exception).value(), exception, crate::util::traceback_of(exception)]).value(),
        None => new_tuple(&[none, none, none]).value(),
    }
}

/// The Python frame `depth` levels up.
fn view_at(depth: i64) -> Option<View> {
    let mut view = thread::current().exec.innermost()?;
    for _ in 0..depth.max(0) {
        view = view.outer()?;
    }
    Some(view)
}

/// Sets the tracing (or profiling) function of one thread; the thread must be the caller or stopped.
fn set_hook(thread: &thread::Thread, profile: bool, function: Option<Value>) {
    let exec = &thread.exec;
    let slot = if profile { &exec.profile_function } else { &exec.trace_function };
    slot.set_opt(function);
    exec.refresh_instrumented();
    exec.request_poll();
}
fn not_none(value: Value) -> Option<Value> {
    if value.is_none() { None } else { Some(value) }
}

/// (thread ident, innermost frame) of every thread that runs Python code.
pub fn frames_of_all_threads() -> GcVec<(Value, Value)> {
    let own = thread::current();
    let mut count = 0;
    thread::for_each_thread(|_| count += 1);
    // Nothing may be allocated while the world is stopped, so everything is made before.
    let mut blanks: GcVec<Gc<Frame>> = GcVec::with_capacity(count + 8);
    (0..count + 8).for_each(|_| blanks.push(blank_frame()));
    let mut idents = Vec::new();
    let mut found: GcVec<Value> = GcVec::with_capacity(count + 8);
    let own_frame = own.exec.innermost().map(|view| frame_object(&own.exec, view));
    thread::for_each_thread(|other| {
        if idents.len() >= count + 8 || !std::ptr::eq(other.interpreter.get(), own.interpreter.get()) {
            return;
        }
        let frame = if std::ptr::eq(other, own) {
            own_frame
        } else {
            other.exec.innermost().and_then(|view| Some(frame_of_stopped(&other.exec, view, blanks.pop()?)))
        };
        if let Some(frame) = frame {
            idents.push(other.ident);
            found.push(frame.value());
        }
    });
    idents.iter().zip(&found).map(|(ident, frame)| (new_int_u64(*ident), *frame)).collect()
}

/// The size of an object by its `__sizeof__`.
fn size_of(object: Value) -> R<Value> {
    let Some(method) = objects::lookup_special(object, interned!("__sizeof__"))? else {
        return Err(type_error!("Type {} doesn't define __sizeof__", class_name(object)));
    };
    let size = method.call(&[])?;
    let Some(view) = objects::int_view(size) else {
        return Err(type_error!("'{}' object cannot be interpreted as an integer", class_name(size)));
    };
    match view.to_i64() {
        Some(size) if size >= 0 => Ok(new_int(size)),
        Some(_) => Err(value_error!("__sizeof__() should return >= 0")),
        None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
    }
}

/// Installs what other crates reach through `objects`. Called when `sys` is made.
fn install_services() {
    static ONCE: AtomicBool = AtomicBool::new(false);
    if ONCE.swap(true, Ordering::SeqCst) {
        return;
    }
    objects::unraisable::install(hooks::report_unraisable);
    thread::register_poll_hook(crate::signal::poll_hook);
    thread::register_poll_hook(objects::panics::poll_hook);
    base::pause::install(objects::panics::pause);
    thread::register_poll_hook(objects::pending::poll_hook);
    thread::register_poll_hook(crate::thread::poll_hook);
}

pub struct Sys;

/// What the interpreter uses and keeps, and functions that act on it.
#[native_module(name = "sys")]
impl Sys {
    /// Have a function called for each audit event.
    #[sig("($module, /, hook)")]
    fn addaudithook(hook: Value) -> R<()> {
        if let Err(raised) = objects::audit::audit("sys.addaudithook", &[]) {
            if raised.is(&exc::RUNTIME_ERROR) {
                raised.clear();
                return Ok(());
            }
            return Err(raised);
        }
        objects::audit::add_hook(hook);
        Ok(())
    }
    /// Tell all audit hooks of an event.
    #[sig("($module, event, /, *args)")]
    fn audit(event: &str, args: &[Value]) -> R<()> {
        objects::audit::audit(event, args)
    }
    /// What the function breakpoint() calls.
    #[sig("($module, /, *args, **kwargs)")]
    fn breakpointhook(args: Args) -> R {
        hooks::breakpoint(args)
    }
    /// Empty all caches that only serve speed.
    fn _clear_internal_caches() {}
    /// Empty the cache of type attributes.
    fn _clear_type_cache() -> R<()> {
        objects::warnings::deprecation(
            "sys._clear_type_cache() is deprecated and scheduled for removal in a future version. Use sys._clear_internal_caches() instead.",
        )
    }
    /// Take certain descriptors out of the namespace of a type.
    #[sig("($module, type, /)")]
    fn _clear_type_descriptors(class: Gc<objects::Class>) -> R<()> {
        if class.flags.has(objects::class::IMMUTABLE) {
            return Err(type_error!("argument is immutable"));
        }
        for name in [interned!("__dict__"), interned!("__weakref__")] {
            if dict::dict_remove_str(class.dict(), name)?.is_some() {
                objects::class_new::attribute_changed(class, name, None);
            }
        }
        Ok(())
    }
    /// The frame that each thread is in: a dict by the ids of threads.
    fn _current_frames() -> R {
        objects::audit::audit("sys._current_frames", &[])?;
        Ok(dict::new_dict_from(&frames_of_all_threads())?.value())
    }
    /// The exception that each thread handles: a dict by the ids of threads.
    fn _current_exceptions() -> R {
        objects::audit::audit("sys._current_exceptions", &[])?;
        let mut count = 0;
        thread::for_each_thread(|_| count += 1);
        let mut found: GcVec<(Value, Value)> = GcVec::with_capacity(count + 8);
        thread::for_each_thread(|other| {
            if found.len() < count + 8
                && std::ptr::eq(other.interpreter.get(), objects::interpreter::current())
                && let Some(ident) = Value::try_int(other.ident as i64)
            {
                found.push((ident, other.exec.handled_exception().unwrap_or(Value::none())));
            }
        });
        Ok(dict::new_dict_from(&found)?.value())
    }
    /// Write repr(object) to sys.stdout and keep the object as builtins._
    fn displayhook(object: Value) -> R<()> {
        hooks::display(object)
    }
    /// The exception that is being handled, or None.
    fn exception() -> Option<Value> {
        thread::handled_exception()
    }
    /// The exception that is being handled: (type, value, traceback).
    fn exc_info() -> Value {
        exc_info_of(thread::handled_exception())
    }
    /// Write an exception and its traceback to sys.stderr.
    fn excepthook(_exctype: Value, value: Value, traceback: Value) -> R<()> {
        hooks::show_exception(value, traceback)
    }
    /// End the interpreter by raising SystemExit(status).
    #[sig("($module, status=None, /)")]
    fn exit(status: Option<Value>) -> R {
        let status = status.unwrap_or(Value::none());
        let class = exc::SYSTEM_EXIT.get();
        if status.is_none() {
            return Err(new_error_args(class, &[]));
        }
        Err(match status.cast::<objects::Tuple>() {
            Some(args) => new_error_args(class, args.items()),
            None => new_error_args(class, &[status]),
        })
    }
    /// The encoding of str.encode() and bytes.decode() by default: 'utf-8'.
    fn getdefaultencoding() -> &'static str {
        "utf-8"
    }
    /// The flags by which extension modules are loaded.
    fn getdlopenflags() -> i64 {
        DLOPEN_FLAGS.load(Ordering::Relaxed)
    }
    /// Set the flags by which extension modules are loaded.
    fn setdlopenflags(flags: i32) {
        DLOPEN_FLAGS.store(flags as i64, Ordering::Relaxed)
    }
    /// How many objects there are.
    fn getallocatedblocks() -> usize {
        heap::collect::totals().live_objects
    }
    /// The encoding of file names.
    fn getfilesystemencoding() -> &'static str {
        "utf-8"
    }
    /// The error handler for file names.
    fn getfilesystemencodeerrors() -> &'static str {
        "surrogateescape"
    }
    /// The number of interned strings, all of which stay for good.
    #[sig("($module, /, *, _only_immortal=False)")]
    fn getunicodeinternedsize(_only_immortal: Option<bool>) -> usize {
        objects::intern::interned_count()
    }
    /// Run the prompt that needs no terminal.
    fn _baserepl() -> R<()> {
        let main = crate::util::import("__main__")?;
        let namespace = objects::get_attr_named(main, "__dict__")?;
        let interact = crate::util::import_from("_plain_prompt", "interact")?;
        objects::call(interact, &[namespace, new_str(""), Value::bool(false)]).map(|_| ())
    }
    /// Print what lies in the heap to stderr.
    fn _debugmallocstats() {
        eprint!("{}", objects::census::report());
    }
    /// Return the reference count of object.
    ///
    /// The references are looked for: nothing counts them while the program runs, so this takes a collection and a walk.
    fn getrefcount(object: Value) -> usize {
        crate::gc::count_references(object)
    }
    /// How deep calls may go.
    fn getrecursionlimit() -> u32 {
        thread::current().exec.recursion_limit.load(Ordering::Relaxed)
    }
    /// Set how deep calls may go.
    fn setrecursionlimit(limit: i32) -> R<()> {
        if limit < 1 {
            return Err(value_error!("recursion limit must be greater or equal than 1"));
        }
        let depth = thread::current().exec.frame_count();
        if depth >= limit as usize {
            return Err(objects::recursion_error!(
                "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
            ));
        }
        crate::thread::set_default_recursion_limit(limit as u32);
        thread::for_each_thread(|thread| {
            thread.exec.set_recursion_limit(limit as u32);
            // The limit word may have held a request to poll.
            thread.exec.request_poll();
        });
        Ok(())
    }
    /// The number of bytes that the object takes in memory.
    #[sig("($module, object, default=<unrepresentable>)", hidden)]
    fn getsizeof(object: Value, default: Option<Value>) -> R {
        match (size_of(object), default) {
            (Ok(size), _) => Ok(size),
            (Err(raised), Some(default)) if raised.is(&exc::TYPE_ERROR) => {
                raised.clear();
                Ok(default)
            }
            (Err(raised), _) => Err(raised),
        }
    }
    /// The frame that many calls up.
    #[sig("($module, depth=0, /)")]
    fn _getframe(depth: i32) -> R {
        let Some(view) = view_at(depth as i64) else { return Err(value_error!("call stack is not deep enough")) };
        let frame = frame_object(&thread::current().exec, view).value();
        objects::audit::audit("sys._getframe", &[frame])?;
        Ok(frame)
    }
    /// The name of the module that many calls up.
    #[sig("($module, /, depth=0)")]
    fn _getframemodulename(depth: i32) -> R {
        objects::audit::audit("sys._getframemodulename", &[Value::small(depth)])?;
        let Some(view) = view_at(depth as i64) else { return Ok(Value::none()) };
        let function = view.function();
        if let Some(module) = function.module.get() {
            return Ok(module);
        }
        let globals = function.globals().cast::<Dict>();
        Ok(globals.and_then(|globals| dict::dict_get_str(globals, interned!("__name__"))).unwrap_or(Value::none()))
    }
    /// Whether the object lives for ever (PEP 683).
    fn _is_immortal(op: Value) -> bool {
        !op.is_ptr() || op.cast::<Str>().is_some_and(|text| text.is_interned()) || op.is_none() || op.is_bool()
    }
    /// The one string that stands for all equal to it.
    fn intern(string: Gc<Str>) -> R {
        if string.value().cast_exact::<Str>().is_none() {
            return Err(type_error!("can't intern {}", class_name(string.value())));
        }
        Ok(objects::intern_str(string).value())
    }
    /// Whether the string is an interned one.
    fn _is_interned(string: Gc<Str>) -> bool {
        string.is_interned()
    }
    /// Whether the interpreter is about to end.
    fn is_finalizing() -> bool {
        objects::system::is_finalizing()
    }
    /// Return the current thread switch interval. Threads run at the same time here: the number steers nothing.
    fn getswitchinterval() -> f64 {
        match SWITCH_INTERVAL.load(Ordering::Relaxed) {
            0 => 0.005,
            bits => f64::from_bits(bits),
        }
    }
    /// Set how long a thread may run before others get their turn, in seconds.
    fn setswitchinterval(interval: f64) -> R<()> {
        // The negation also refuses NaN.
        if !(interval > 0.0) {
            return Err(value_error!("switch interval must be strictly positive"));
        }
        SWITCH_INTERVAL.store(interval.to_bits(), Ordering::Relaxed);
        Ok(())
    }
    /// Set the function that traces lines and calls.
    fn settrace(function: Value) -> R<()> {
        objects::audit::audit("sys.settrace", &[])?;
        set_hook(thread::current(), false, not_none(function));
        Ok(())
    }
    /// Set the function that traces lines and calls, in all threads.
    fn _settraceallthreads(function: Value) -> R<()> {
        objects::audit::audit("sys.settrace", &[])?;
        thread::for_each_thread(|thread| set_hook(thread, false, not_none(function)));
        Ok(())
    }
    /// The function set by sys.settrace().
    fn gettrace() -> Value {
        or_none(&thread::current().exec.trace_function)
    }
    /// Set the function that profiles calls.
    fn setprofile(function: Value) -> R<()> {
        objects::audit::audit("sys.setprofile", &[])?;
        set_hook(thread::current(), true, not_none(function));
        Ok(())
    }
    /// Set the function that profiles calls, in all threads.
    fn _setprofileallthreads(function: Value) -> R<()> {
        objects::audit::audit("sys.setprofile", &[])?;
        thread::for_each_thread(|thread| set_hook(thread, true, not_none(function)));
        Ok(())
    }
    /// The function set by sys.setprofile().
    fn getprofile() -> Value {
        or_none(&thread::current().exec.profile_function)
    }
    /// Call func(*args) with tracing switched on.
    fn call_tracing(func: Value, args: Gc<objects::Tuple>) -> R {
        let exec = &thread::current().exec;
        let before = exec.tracing.replace(0);
        let result = call(func, args.items());
        exec.tracing.set(before);
        result
    }
    /// How many frames of their origin coroutines remember in this thread.
    fn get_coroutine_origin_tracking_depth() -> u32 {
        thread::current().exec.origin_depth.get()
    }
    /// Set how many frames of their origin coroutines remember in this thread.
    #[sig("($module, /, depth)")]
    fn set_coroutine_origin_tracking_depth(depth: i32) -> R<()> {
        if depth < 0 {
            return Err(value_error!("depth must be >= 0"));
        }
        thread::current().exec.origin_depth.set(depth as u32);
        Ok(())
    }
    /// Set the hooks for asynchronous generators.
    #[sig("($module, firstiter=<unrepresentable>, finalizer=<unrepresentable>)", hidden)]
    fn set_asyncgen_hooks(firstiter: Option<Value>, finalizer: Option<Value>) -> R<()> {
        let exec = &thread::current().exec;
        for (name, hook) in [("finalizer", finalizer), ("firstiter", firstiter)] {
            if let Some(hook) = hook
                && !hook.is_none()
                && !objects::is_callable(hook)
            {
                return Err(type_error!("callable {name} expected, got {}", class_name(hook)));
            }
        }
        if let Some(hook) = finalizer {
            objects::audit::audit("sys.set_asyncgen_hook_finalizer", &[])?;
            exec.asyncgen_finalizer.set_opt(not_none(hook));
        }
        if let Some(hook) = firstiter {
            objects::audit::audit("sys.set_asyncgen_hook_firstiter", &[])?;
            exec.asyncgen_firstiter.set_opt(not_none(hook));
        }
        Ok(())
    }
    /// The hooks for asynchronous generators.
    fn get_asyncgen_hooks() -> R {
        let exec = &thread::current().exec;
        ASYNCGEN_HOOKS.make(&[or_none(&exec.asyncgen_firstiter), or_none(&exec.asyncgen_finalizer)])
    }
    /// Switch the trampoline for the profiler *backend* on.
    fn activate_stack_trampoline(_backend: &str) -> R<()> {
        Err(value_error!("perf trampoline not available"))
    }
    /// Switch the trampoline for profilers off.
    fn deactivate_stack_trampoline() {}
    /// Whether the trampoline for profilers is switched on.
    fn is_stack_trampoline_active() -> bool {
        false
    }
    /// Whether other processes may debug this one.
    fn is_remote_debug_enabled() -> bool {
        false
    }
    /// Have another Python process run the code in a file.
    #[sig("($module, /, pid, script)")]
    fn remote_exec(_pid: i32, _script: Value) -> R<()> {
        Err(runtime_error!("Remote debugging is not enabled"))
    }
    /// Write an exception that cannot be raised to sys.stderr.
    fn unraisablehook(unraisable: Value) -> R<()> {
        if class_of(unraisable) != hooks::UNRAISABLE_ARGS.class()? {
            return Err(type_error!("sys.unraisablehook argument type must be UnraisableHookArgs"));
        }
        let get = |name: &str| objects::get_attr_named(unraisable, name);
        hooks::show_unraisable(get("exc_value")?, get("exc_traceback")?, get("err_msg")?, get("object")?)
    }
    /// The limit of digits for decimal ints as strings (0: none).
    fn get_int_max_str_digits() -> usize {
        objects::int::max_str_digits()
    }
    /// Set the limit of digits for decimal ints as strings (0: none).
    #[sig("($module, /, maxdigits)")]
    fn set_int_max_str_digits(maxdigits: i32) -> R<()> {
        if maxdigits != 0 && maxdigits < 640 {
            return Err(value_error!("maxdigits must be >= 640 or 0 for unlimited"));
        }
        objects::int::set_max_str_digits(maxdigits as usize);
        Ok(())
    }
    /// The number of CPUs set by -X cpu_count, or -1.
    fn _get_cpu_count_config() -> i32 {
        info::cpu_count_given().unwrap_or(-1)
    }
    /// False: no lock keeps all threads but one from running.
    fn _is_gil_enabled() -> bool {
        false
    }

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        objects::system::set_sys_module(module.value());
        install_services();
        info::fill(module)?;
        for (name, copy) in [
            ("displayhook", "__displayhook__"),
            ("excepthook", "__excepthook__"),
            ("breakpointhook", "__breakpointhook__"),
            ("unraisablehook", "__unraisablehook__"),
        ] {
            if let Some(hook) = module.get(name) {
                module.set(copy, hook)?;
            }
        }
        if objects::system::sys_attr("modules").is_none() {
            module.set("modules", objects::new_dict().value())?;
        }
        for name in ["meta_path", "path_hooks"] {
            module.set(name, objects::new_list(&[]).value())?;
        }
        module.set("path_importer_cache", objects::new_dict().value())?;
        let mut names: Vec<&str> = crate::imp::builtin_modules()
            .iter()
            .map(|def| def.name)
            .filter(|name| !name.contains('.') || *name == "hpy.universal")
            .collect();
        names.extend(["builtins", "sys"]);
        names.sort_unstable();
        names.dedup();
        let names: GcVec = names.into_iter().map(|name| objects::intern(name).value()).collect();
        module.set("builtin_module_names", new_tuple(&names).value())?;
        module.set("monitoring", monitoring::make()?)?;
        module.set("_jit", Sys::no_jit()?)?;
        Sys::fill_config(module)
    }

    #[py(skip)]
    fn no_jit() -> R {
        let module = objects::module::new_native_module(Jit::MODULE)?;
        Ok(module.value())
    }

    #[py(skip)]
    fn fill_config(module: Gc<Module>) -> R<()> {
        let config = objects::config::get();
        module.set("argv", os_str_list(&config.argv))?;
        module.set("orig_argv", os_str_list(&config.orig_argv))?;
        module.set("path", os_str_list(&config.module_search_path))?;
        module.set("warnoptions", os_str_list(&config.warn_options))?;
        for (name, path) in [
            ("executable", &config.executable),
            ("_base_executable", &config.base_executable),
            ("prefix", &config.prefix),
            ("base_prefix", &config.base_prefix),
            ("exec_prefix", &config.exec_prefix),
            ("base_exec_prefix", &config.base_exec_prefix),
        ] {
            module.set(name, os_str(path.as_os_str()))?;
        }
        module.set("_stdlib_dir", os_str(config.stdlib.as_os_str()))?;
        module.set("pycache_prefix", config.pycache_prefix.as_deref().map_or(Value::none(), os_str))?;
        module.set("_home", Value::none())?;
        module.set("dont_write_bytecode", Value::bool(config.dont_write_bytecode))?;
        let options = objects::new_dict();
        for (name, value) in &config.x_options {
            dict::dict_set(options, new_str(name), value.as_deref().map_or(Value::true_(), new_str))?;
        }
        if config.int_max_str_digits >= 0 {
            objects::int::set_max_str_digits(config.int_max_str_digits as usize);
        }
        module.set("_xoptions", options.value())
    }
}

pub struct Jit;

/// There is no just-in-time compiler.
#[native_module(name = "sys._jit")]
impl Jit {
    /// Return True if the current Python executable supports JIT compilation.
    fn is_available() -> bool {
        false
    }
    /// Return True if JIT compilation is enabled for the current Python process.
    fn is_enabled() -> bool {
        false
    }
    /// Return True if the topmost Python frame is currently executing JIT code.
    fn is_active() -> bool {
        false
    }
}
