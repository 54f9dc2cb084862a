//! Opens an extension's library: checks, symbols, versions, and the module that comes of it.
//!
//! Must not know: which finder found the file.

use crate::abi::{ABI_MAJOR, ABI_MINOR, ModuleDef};
use crate::elf::{self, Verdict};
use crate::layer::{self, Layer};
use crate::module;
use crate::table::Context;
use objects::error::{import_error_with, io_error};
use objects::{Cast, R, Raised, Str, Value, exc, new_str, path, runtime_error, type_error};
use std::ffi::{CStr, CString, c_void};
use std::os::unix::ffi::OsStrExt;

/// Contexts that an extension can be loaded with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Universal,
    Debug,
    Trace,
}

/// An ImportError that names module and file.
fn refused(name: &str, file: &str, why: &str) -> Raised {
    import_error_with(
        &exc::IMPORT_ERROR,
        &format!("cannot load extension module '{name}' from '{file}': {why}"),
        Some(new_str(name)),
        Some(new_str(file)),
    )
}

struct Library {
    handle: *mut c_void,
    file: String,
}

fn last_error() -> String {
    // SAFETY: dlerror gives NULL or text that lasts until the next call.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "no error message provided by the system".to_owned();
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

impl Library {
    /// Never closed: functions and definitions of the library are in use from now on.
    fn open(bytes: &[u8], file: String) -> R<Library> {
        let Ok(name) = CString::new(bytes) else { return Err(objects::value_error!("embedded null byte")) };
        // SAFETY: loading runs the library's initialisers; that is what importing an extension means.
        let handle = heap::blocking(|| unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) });
        if handle.is_null() {
            return Err(runtime_error!(
                "Error during loading of the HPy extension module at path '{file}'. Error message from dlopen/WinAPI: {}",
                last_error()
            ));
        }
        Ok(Library { handle, file })
    }
    fn find(&self, name: &str) -> *mut c_void {
        match CString::new(name) {
            // SAFETY: an open library and a C string.
            Ok(name) => unsafe { libc::dlsym(self.handle, name.as_ptr()) },
            Err(_) => std::ptr::null_mut(),
        }
    }
    fn symbol(&self, name: &str) -> R<*mut c_void> {
        let found = self.find(name);
        if found.is_null() {
            return Err(runtime_error!(
                "Error during loading of the HPy extension module at path '{}' while trying to find symbol '{name}'. Did you usethe \
                 HPy_MODINIT macro to register your module? Error message from dlsym/WinAPI: {}",
                self.file,
                last_error()
            ));
        }
        Ok(found)
    }
}

/// Refuses files that dlopen must not see, or whose own message would tell nobody anything.
fn inspect(bytes: &[u8], file: &str, name: &str, short: &str) -> R<()> {
    let os_path = std::ffi::OsStr::from_bytes(bytes);
    // A path without a slash is looked up by the system's loader.
    if !bytes.contains(&b'/') {
        return Ok(());
    }
    let content = match heap::blocking(|| std::fs::read(os_path)) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(&error)),
    };
    let symbols = match elf::examine(&content) {
        Verdict::NotElf => {
            return if cfg!(target_os = "linux") { Err(refused(name, file, "it is no shared library")) } else { Ok(()) };
        }
        Verdict::Unusable(why) => return Err(refused(name, file, &why)),
        Verdict::Library(symbols) => symbols,
    };
    if symbols.defined.is_empty() || symbols.defines(&format!("HPyInit_{short}")) && symbols.wants_c_api().is_none() {
        return Ok(());
    }
    if let Some(wanted) = symbols.wants_c_api() {
        let kind = if symbols.hpy_module().is_some() { "a hybrid HPy module" } else { "an extension for CPython's C API" };
        return Err(refused(
            name,
            file,
            &format!("it is {kind} (it needs the symbol '{wanted}'); this runtime takes HPy universal modules only"),
        ));
    }
    if let Some(other) = symbols.c_api_module() {
        return Err(refused(
            name,
            file,
            &format!("it is an extension for CPython's C API (PyInit_{other}); this runtime takes HPy universal modules only"),
        ));
    }
    match symbols.hpy_module() {
        Some(other) if other != short => Err(refused(
            name,
            file,
            &format!("it holds the HPy module '{other}' (it exports HPyInit_{other}, not HPyInit_{short})"),
        )),
        _ => Ok(()),
    }
}

/// The file name must carry the tag of the ABI that the extension was built for.
fn check_tag(short: &str, file: &str, major: u32, minor: u32) -> R<()> {
    if let Some((_, rest)) = file.split_once(".hpy") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            let tag = digits.parse::<u32>().unwrap_or(u32::MAX);
            if tag == major {
                return Ok(());
            }
            return Err(runtime_error!(
                "HPy extension module '{short}' at path '{file}': mismatch between the HPy ABI tag encoded in the filename and the \
                 major version requested by the HPy extension itself. Major version tag parsed from filename: {tag}. Requested \
                 version: {major}.{minor}."
            ));
        }
    }
    Err(runtime_error!(
        "HPy extension module '{short}' at path '{file}': could not find HPy ABI tag encoded in the filename. The extension claims to \
         be compiled with HPy ABI version: {major}.{minor}."
    ))
}

/// Opens the library and makes the module; its exec slots have not run.
pub fn create(name: Value, file: Value, spec: Value, mode: Mode) -> R {
    let Some(name) = name.cast::<Str>() else {
        return Err(type_error!("module name must be a str, not {}", objects::class_name(name)));
    };
    let bytes = path_bytes(file)?;
    let shown = String::from_utf8_lossy(&bytes).into_owned();
    let full = name.to_string_lossy();
    let short = module::short_name(name)?;
    let mut layer: &'static Layer = layer::of_mode(mode)?;
    inspect(&bytes, &shown, &full, &short)?;
    let library = Library::open(&bytes, shown)?;
    if crate::lock::is_wanted(&full) {
        layer = layer::locked(layer, library.handle as usize);
    }
    let (minor_name, major_name) =
        (format!("get_required_hpy_minor_version_{short}"), format!("get_required_hpy_major_version_{short}"));
    let (minor, major) = (library.find(&minor_name), library.find(&major_name));
    if minor.is_null() || major.is_null() {
        return Err(runtime_error!(
            "Error during loading of the HPy extension module at path '{}'. Cannot locate the required minimal HPy versions as symbols \
             '{minor_name}' and `{major_name}`. Error message from dlopen/WinAPI: {}",
            library.file,
            last_error()
        ));
    }
    type Version = unsafe extern "C" fn() -> u32;
    // SAFETY: the symbols' types are fixed by the ABI.
    let (major, minor) =
        unsafe { (std::mem::transmute::<*mut c_void, Version>(major)(), std::mem::transmute::<*mut c_void, Version>(minor)()) };
    if major != ABI_MAJOR || minor > ABI_MINOR {
        return Err(runtime_error!(
            "HPy extension module '{short}' requires unsupported version of the HPy runtime. Requested version: {major}.{minor}. \
             Current HPy version: {ABI_MAJOR}.{ABI_MINOR}."
        ));
    }
    check_tag(&short, &library.file, major, minor)?;
    let init_context = library.symbol(&format!("HPyInitGlobalContext_{short}"))?;
    let init_name = format!("HPyInit_{short}");
    let init = library.symbol(&init_name)?;
    // SAFETY: the symbols' types are fixed by the ABI.
    unsafe {
        std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut Context)>(init_context)(crate::context::universal());
        let def = std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> *const ModuleDef>(init)();
        match def.as_ref() {
            Some(def) => module::create(def, &full, spec, layer),
            None => Err(runtime_error!(
                "Error during loading of the HPy extension module at path '{}'. Function '{init_name}' returned NULL.",
                library.file
            )),
        }
    }
}

fn path_bytes(file: Value) -> R<Vec<u8>> {
    match path::fspath(file)?.cast::<Str>() {
        Some(text) => path::fs_encode(text),
        None => match file.cast::<objects::Bytes>() {
            Some(bytes) => Ok(bytes.as_slice().to_vec()),
            None => Err(type_error!("path must be a str, not {}", objects::class_name(file))),
        },
    }
}

/// Opens the library, makes the module and runs it.
pub fn load(name: Value, file: Value, spec: Value, mode: Mode) -> R {
    let made = create(name, file, spec, mode)?;
    module::execute(made)?;
    Ok(made)
}

/// The mode that `HPY` asks for: one for all modules, or `module:mode` pairs, of which unnamed modules are universal.
pub fn mode_from(setting: Option<&str>, module: &str) -> R<Mode> {
    let Some(setting) = setting else { return Ok(Mode::Universal) };
    let invalid = || objects::value_error!("invalid HPy mode: {}", setting.chars().take(50).collect::<String>());
    let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
        "universal" => Ok(Mode::Universal),
        "debug" => Ok(Mode::Debug),
        "trace" => Ok(Mode::Trace),
        _ => Err(invalid()),
    };
    if !setting.contains(':') {
        return if setting.is_empty() { Ok(Mode::Universal) } else { parse(setting) };
    }
    let mut found = Mode::Universal;
    for pair in setting.split(',') {
        let Some((name, mode)) = pair.split_once(':') else { return Err(invalid()) };
        let mode = parse(mode)?;
        if name == module || name == module.rsplit('.').next().unwrap_or_default() {
            found = mode;
            break;
        }
    }
    Ok(found)
}

/// What `HPY_LOG` asks to be written to standard output.
pub fn log_loading(module: &str, mode: Mode) -> R<()> {
    let with = match mode {
        Mode::Universal => "",
        Mode::Debug => " with a debug context",
        Mode::Trace => " with a trace context",
    };
    let Some(stdout) = objects::system::sys_attr("stdout").filter(|file| !file.is_none()) else { return Ok(()) };
    let line = new_str(&format!("Loading '{module}' in HPy universal mode{with}\n"));
    objects::call_method(stdout, objects::interned!("write"), &[line]).map(|_| ())
}

/// `_imp.create_dynamic` for a file that is an HPy universal module.
pub fn import_create(spec: Value) -> R {
    let name = module::spec_name(spec)?;
    let file = objects::get_attr(spec, objects::interned!("origin"))?;
    let full = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
    let shown = file.cast::<Str>().map(|file| file.to_string_lossy()).unwrap_or_default();
    let base = shown.rsplit('/').next().unwrap_or_default();
    if base.contains(".hpy0-") {
        return Err(refused(
            &full,
            &shown,
            "it is a hybrid HPy module, built for one CPython; this runtime takes HPy universal modules (.hpy0.so) only",
        ));
    }
    if !base.contains(".hpy") {
        return Err(refused(
            &full,
            &shown,
            "it is an extension for CPython's C API; this runtime takes HPy universal modules (.hpy0.so) only",
        ));
    }
    let mode = mode_from(std::env::var("HPY").ok().as_deref(), &full)?;
    if std::env::var_os("HPY_LOG").is_some() {
        log_loading(&full, mode)?;
    }
    create(name, file, spec, mode)
}

/// `_imp.exec_dynamic`.
pub fn import_exec(module: Value) -> R<()> {
    module::execute(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(setting: &str, module: &str) -> Option<Mode> {
        mode_from(Some(setting), module).ok()
    }

    #[test]
    fn the_setting_names_one_mode_or_one_for_each_module() {
        assert_eq!(mode("Debug", "any"), Some(Mode::Debug));
        assert_eq!(mode("", "any"), Some(Mode::Universal));
        assert_eq!(mode("a:debug,b:trace", "b"), Some(Mode::Trace));
        assert_eq!(mode("a:debug,b:trace", "package.b"), Some(Mode::Trace));
        assert_eq!(mode("a:debug", "other"), Some(Mode::Universal));
        assert_eq!(mode("a:debug", "ab"), Some(Mode::Universal));
    }
}
