//! What `protopy` does once it is up: run a script, a command, a module, standard input; then shut down and say the exit code.

use crate::boot;
use objects::dict::{self, Dict};
use objects::door::{self, CompileRequest, SourceForm};
use objects::exception::{self as exc, SystemExitObject};
use objects::int::{IntView, int_view};
use objects::panics::guarded;
use objects::unraisable::tell;
use objects::{Cast, Gc, R, Raised, Str, Value, call, call_method, get_attr_named, get_attr_opt, interned, new_str};
use std::ffi::OsString;

/// What to run.
pub enum Program {
    /// `-c command`
    Command(String),
    /// `-m module`
    Module(String),
    /// A file, folder or zip archive.
    Script(OsString),
    /// Standard input, as a script.
    Stdin,
    /// The interactive prompt.
    Interactive,
}

/// Runs the program and everything that belongs to the end of a process; gives the exit code.
pub fn run(program: &Program) -> i32 {
    crate::own_pages::give_back_at_times();
    let outcome = guarded(|| boot::follow_options().and_then(|()| boot::import_site()).and_then(|()| run_program(program)));
    let mut code = match outcome {
        Ok(()) => 0,
        Err(raised) => report_surely(raised),
    };
    if wants_prompt_afterwards(program)
        && let Err(raised) = guarded(run_interactive)
    {
        code = report_surely(raised);
    }
    let late = heap::with_last_reserve(shut_down);
    if code == INTERRUPTED {
        stdlib_sys::signal::die_of_interrupt();
    }
    if code == 0 { late } else { code }
}

/// Stands for an uncaught KeyboardInterrupt; `sys.exit` gives numbers of 32 bits, of which no more than eight count.
const INTERRUPTED: i32 = i32::MIN + 130;

fn wants_prompt_afterwards(program: &Program) -> bool {
    objects::config::get().inspect > 0 && !matches!(program, Program::Interactive)
}

fn run_program(program: &Program) -> R<()> {
    if let Program::Script(path) = program
        && !is_plain_file(path)
        && let path = &std::env::current_dir().map_or_else(|_| path.clone(), |folder| folder.join(path).into_os_string())
        && is_importable_container(os_text(path))?
    {
        prepend_to_path(os_text(path))?;
        return run_module("__main__", false);
    }
    if let Some(folder) = unsafe_path(program) {
        prepend_to_path(folder)?;
    }
    match program {
        Program::Command(text) => run_command(&dedent(text)),
        Program::Module(name) => run_module(name, true),
        Program::Script(path) => run_script(path),
        Program::Stdin => run_stdin(),
        Program::Interactive => run_interactive(),
    }
}

/// What stands before the library in `sys.path`: the script's folder (links resolved), for `-m` the current one, else nothing by
/// name, which means the current one. Folders and archives that are run are put there themselves.
fn unsafe_path(program: &Program) -> Option<Value> {
    if objects::config::get().safe_path {
        return None;
    }
    let folder = match program {
        Program::Command(_) | Program::Stdin | Program::Interactive => OsString::new(),
        Program::Module(_) => std::env::current_dir().ok()?.into_os_string(),
        Program::Script(path) => {
            let script = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
            script.parent().map(|folder| folder.as_os_str().to_owned()).unwrap_or_default()
        }
    };
    Some(os_text(&folder))
}

/// `-c` text without the white space that all its lines begin with.
fn dedent(text: &str) -> String {
    let mut margin: Option<&str> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let common = match margin {
            None => indent.len(),
            Some(known) => known.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count(),
        };
        margin = Some(&indent[..common]);
    }
    let margin = margin.unwrap_or("");
    if margin.is_empty() {
        return text.to_owned();
    }
    // A line of nothing but white space keeps none, as in `textwrap.dedent`, be it in the middle of a literal.
    let dedented = |line: &'_ str| match line.strip_prefix(margin) {
        Some(rest) if !rest.trim_matches([' ', '\t', '\n']).is_empty() => rest.to_owned(),
        _ => line.trim_start_matches([' ', '\t']).to_owned(),
    };
    text.split_inclusive('\n').map(dedented).collect()
}

/// Runs a command; `linecache`, if anybody imports it, takes the text from `sys._command`.
fn run_command(text: &str) -> R<()> {
    let namespace = boot::main_namespace()?;
    let request = CompileRequest {
        source: text.as_bytes(),
        form: SourceForm::Text,
        filename: "<string>",
        mode: "exec",
        flags: 0,
        optimize: -1,
    };
    let code = (door::front_end()?.compile)(&request)?;
    objects::system::set_sys_attr("_command", objects::new_tuple(&[code, new_str(text), new_str("<string>")]).value())?;
    run_code(code, namespace)
}

/// Compiles and runs source text in `__main__`.
fn run_source(source: &[u8], form: SourceForm, filename: &str, mode: &str) -> R<()> {
    let namespace = boot::main_namespace()?;
    let request = CompileRequest { source, form, filename, mode, flags: 0, optimize: -1 };
    let code = (door::front_end()?.compile)(&request)?;
    run_code(code, namespace)
}

fn run_code(code: Value, namespace: Gc<Dict>) -> R<()> {
    (door::interpreter().exec_code)(code, namespace.value(), namespace.value(), None)?;
    // A signal that came during the last call belongs to the program still, not to what the end of the process runs.
    (door::interpreter().poll)()
}

/// `runpy._run_module_as_main`.
fn run_module(name: &str, set_argv: bool) -> R<()> {
    boot::main_namespace()?;
    let runpy = builtins::import_::import_module("runpy")?;
    call(get_attr_named(runpy, "_run_module_as_main")?, &[new_str(name), Value::bool(set_argv)])?;
    Ok(())
}

fn run_script(given: &OsString) -> R<()> {
    // Known by its full name, which holds wherever the program goes; `sys.argv` has what was typed.
    let path = &std::env::current_dir().map_or_else(|_| given.clone(), |folder| folder.join(given).into_os_string());
    let shown = path.to_string_lossy().into_owned();
    let path_value = os_text(path);
    let source = match std::fs::read(path) {
        Ok(source) => source,
        Err(error) => {
            let reason = objects::error::strerror_text(error.raw_os_error().unwrap_or(0));
            tell(&format!(
                "{}: can't open file '{}': [Errno {}] {}\n",
                objects::config::get().executable.display(),
                absolute(path),
                error.raw_os_error().unwrap_or(0),
                reason
            ));
            return Err(objects::raise(exit_with(2)));
        }
    };
    let namespace = boot::main_namespace()?;
    dict::dict_set_str(namespace, interned!("__file__"), path_value)?;
    dict::dict_set_str(namespace, interned!("__cached__"), Value::none())?;
    set_script_loader(namespace, path_value, shown.ends_with(".pyc"))?;
    if shown.ends_with(".pyc") {
        let loader = dict::dict_get_str(namespace, interned!("__loader__")).unwrap_or(Value::none());
        let code = call_method(loader, interned!("get_code"), &[new_str("__main__")])?;
        return run_code(code, namespace);
    }
    let source = if objects::config::get().skip_first_line { without_first_line(&source) } else { &source };
    run_source(source, SourceForm::File, &shown, "exec")
}

/// The newline stays: lines keep their numbers.
fn without_first_line(source: &[u8]) -> &[u8] {
    let end = source.iter().position(|byte| *byte == b'\n').unwrap_or(source.len());
    &source[end..]
}

fn absolute(path: &OsString) -> String {
    match std::env::current_dir() {
        Ok(folder) => folder.join(path).display().to_string(),
        Err(_) => path.to_string_lossy().into_owned(),
    }
}

/// Whether the path is a file without the end of an archive, and the usual hooks, which would refuse it, are all that there are.
fn is_plain_file(path: &OsString) -> bool {
    const END: &[u8] = b"PK\x05\x06";
    const FARTHEST: u64 = 22 + 0xFFFF;
    let tail = || -> std::io::Result<Vec<u8>> {
        use std::io::{Read, Seek, SeekFrom};
        let about = std::fs::metadata(path)?;
        if !about.is_file() {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(about.len().saturating_sub(FARTHEST)))?;
        let mut tail = Vec::with_capacity(about.len().min(FARTHEST) as usize);
        file.take(FARTHEST).read_to_end(&mut tail)?;
        Ok(tail)
    };
    let usual_hooks = || {
        let hooks = objects::to_vec(objects::system::sys_attr("path_hooks")?).map_err(Raised::clear).ok()?;
        let zipimport = dict::dict_get_str(objects::system::modules()?, interned!("zipimport"))?;
        let first = get_attr_named(zipimport, "zipimporter").map_err(Raised::clear).ok()?;
        (hooks.len() == 2 && hooks[0] == first).then_some(())
    };
    tail().is_ok_and(|tail| !tail.windows(END.len()).any(|window| window == END)) && usual_hooks().is_some()
}

/// Whether a path hook other than the one for plain files takes the path: a folder or a zip archive.
fn is_importable_container(path: Value) -> R<bool> {
    let Some(hooks) = objects::system::sys_attr("path_hooks") else { return Ok(false) };
    for hook in objects::to_vec(hooks)? {
        match call(hook, &[path]) {
            Ok(_) => return Ok(true),
            Err(raised) if raised.is(&exc::IMPORT_ERROR) => raised.clear(),
            Err(raised) => return Err(raised),
        }
    }
    Ok(false)
}

fn prepend_to_path(path: Value) -> R<()> {
    if let Some(folder) = path.cast::<objects::Str>() {
        objects::system::set_script_folder(folder.to_string_lossy().into());
    }
    if let Some(list) = objects::system::sys_attr("path") {
        call_method(list, interned!("insert"), &[Value::small(0), path])?;
    }
    Ok(())
}

/// `__loader__` of the script, as importlib makes it.
fn set_script_loader(namespace: Gc<Dict>, path: Value, compiled: bool) -> R<()> {
    let external = builtins::import_::import_module("_frozen_importlib_external")?;
    let name = if compiled { "SourcelessFileLoader" } else { "SourceFileLoader" };
    let loader = call(get_attr_named(external, name)?, &[new_str("__main__"), path])?;
    dict::dict_set_str(namespace, interned!("__loader__"), loader)
}

fn run_stdin() -> R<()> {
    let mut source = Vec::new();
    let read = heap::blocking(|| std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut source));
    if let Err(error) = read {
        return Err(objects::io_error(&error));
    }
    run_source(&source, SourceForm::Bytes, "<stdin>", "exec")
}

/// The prompt: the library's `_pyrepl` on a terminal, ours (`lib/_plain_prompt.py`) otherwise.
fn run_interactive() -> R<()> {
    // SAFETY: plain libc call.
    let terminal = unsafe { libc::isatty(0) == 1 && libc::isatty(1) == 1 };
    let config = objects::config::get();
    let basic = std::env::var_os("PYTHON_BASIC_REPL").is_some() && !config.ignore_environment;
    let namespace = boot::main_namespace()?;
    let after_program = config.argv.first().is_some_and(|first| !first.is_empty());
    let banner = if config.quiet || after_program { String::new() } else { banner() };
    let startup = Value::bool(!config.ignore_environment && !after_program);
    if terminal && !basic {
        if !banner.is_empty() {
            tell(&format!("{banner}\n"));
        }
        run_interactive_hook()?;
        let repl = builtins::import_::import_module("_pyrepl.main")?;
        let main = objects::system::imported("__main__").unwrap_or(Value::none());
        objects::call_kw(
            get_attr_named(repl, "interactive_console")?,
            &[main],
            &[(objects::intern("quiet"), Value::bool(config.quiet)), (objects::intern("pythonstartup"), startup)],
        )?;
        return Ok(());
    }
    if terminal {
        run_interactive_hook()?;
    }
    let prompt = builtins::import_::import_module("_plain_prompt")?;
    call(get_attr_named(prompt, "interact")?, &[namespace.value(), new_str(&banner), startup])?;
    Ok(())
}

/// What `site` (or somebody after it) wants done before a prompt: history and completion. Its errors end nothing.
fn run_interactive_hook() -> R<()> {
    let Some(hook) = objects::system::sys_attr("__interactivehook__") else { return Ok(()) };
    objects::audit::audit("cpython.run_interactivehook", &[hook])?;
    if let Err(raised) = call(hook, &[]) {
        tell("Failed calling sys.__interactivehook__\n");
        report(raised);
    }
    Ok(())
}

/// The two lines that greet at a prompt.
fn banner() -> String {
    let text = |name| objects::system::sys_attr(name).and_then(|value| value.cast::<Str>()).map(|text| text.to_string_lossy());
    let (version, platform) = (text("version").unwrap_or_default(), text("platform").unwrap_or_default());
    let help = "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.";
    format!("Python {version} on {platform}\n{help}")
}

/// As `report`, also when there is no memory for it.
fn report_surely(raised: Raised) -> i32 {
    let exception = raised.take();
    let told = guarded(|| Ok(heap::with_last_reserve(|| report(objects::error::restore(exception)))));
    told.unwrap_or_else(|raised| {
        raised.clear();
        if objects::is_instance(exception, exc::MEMORY_ERROR.get()) {
            heap::end_out_of_memory();
        }
        tell(&format!("{} (and no memory to tell more)\n", objects::class_name(exception)));
        1
    })
}

/// Tells of an exception that nobody caught; gives the exit code.
fn report(raised: Raised) -> i32 {
    let exception = raised.take();
    if let Some(exit) = exception.cast::<SystemExitObject>() {
        return exit_code(exit.code.get());
    }
    if let Err(raised) = print_exception(exception) {
        raised.clear();
        tell(&format!("{}\n", objects::protocol::repr_lossy(exception)));
    }
    if objects::is_instance(exception, exc::KEYBOARD_INTERRUPT.get()) {
        return INTERRUPTED;
    }
    1
}

/// Calls `sys.excepthook`.
fn print_exception(exception: Value) -> R<()> {
    let none = Value::none();
    let class = objects::class_of(exception).value();
    let traceback = get_attr_opt(exception, interned!("__traceback__"))?.unwrap_or(none);
    objects::system::set_sys_attr("last_exc", exception)?;
    match objects::system::sys_attr("excepthook") {
        Some(hook) => {
            if let Err(raised) = call(hook, &[class, exception, traceback]) {
                let second = raised.take();
                if second.cast::<SystemExitObject>().is_some() {
                    return Err(objects::error::restore(second));
                }
                tell(&format!("Error in sys.excepthook:\n{}\n", objects::protocol::repr_lossy(second)));
                tell(&format!("\nOriginal exception was:\n{}\n", objects::protocol::repr_lossy(exception)));
            }
            Ok(())
        }
        None => {
            tell("sys.excepthook is missing\n");
            tell(&format!("{}\n", objects::protocol::repr_lossy(exception)));
            Ok(())
        }
    }
}

/// The process's exit code for what SystemExit carries; other objects are printed to stderr.
fn exit_code(code: Option<Value>) -> i32 {
    let Some(code) = code.filter(|code| !code.is_none()) else { return 0 };
    if let Some(number) = int_view(code) {
        return match number {
            IntView::Small(number) => number as i32,
            IntView::Big { .. } => -1,
        };
    }
    let text = match objects::str_of(code) {
        Ok(text) => text,
        Err(raised) => {
            raised.clear();
            return 1;
        }
    };
    write_to_stderr(text);
    1
}

fn write_to_stderr(text: Gc<Str>) {
    let written = match objects::system::sys_attr("stderr").filter(|stream| !stream.is_none()) {
        Some(stream) => call_method(stream, interned!("write"), &[text.value()])
            .and_then(|_| call_method(stream, interned!("write"), &[new_str("\n")]))
            .map(|_| true),
        None => Ok(false),
    };
    match written {
        Ok(true) => {}
        Ok(false) => tell(&format!("{}\n", text.to_string_lossy())),
        Err(raised) => raised.clear(),
    }
}

fn exit_with(code: i32) -> Value {
    exc::new_exception(exc::SYSTEM_EXIT.get(), &[Value::small(code)]).value()
}

/// The end of a process (threads, `atexit`, finalizers, streams): 120 if standard output could not be flushed.
fn shut_down() -> i32 {
    if stdlib_sys::finalize::finalize() { 0 } else { 120 }
}

/// A path as Python text (undecodable bytes become surrogates).
pub fn os_text(path: &OsString) -> Value {
    use std::os::unix::ffi::OsStrExt;
    match objects::codec::decode(path.as_bytes(), "utf-8", "surrogateescape") {
        Ok(text) => text.value(),
        Err(raised) => {
            raised.clear();
            new_str(&path.to_string_lossy())
        }
    }
}

/// Says why the runtime did not come up.
pub fn report_boot_failure(raised: Raised) -> i32 {
    let exception = raised.take();
    let class = objects::class_name(exception);
    let text = match objects::str_of(exception) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => {
            raised.clear();
            String::new()
        }
    };
    tell(&format!("Fatal Python error: the runtime could not start: {class}: {text}\n"));
    1
}
