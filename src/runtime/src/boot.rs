//! Boot order: heap and thread, classes, the door, `builtins` and `sys`, importlib, streams, `site`.

use crate::{front_end, frozen, modules};
use objects::config::{self, Config};
use objects::dict::{self, Dict};
use objects::{Gc, Module, R, Value, call, call_method, get_attr_named, interned, new_str, runtime_error};

/// Brings the runtime up on the calling (main) thread; afterwards any module can be imported. An error leaves the exception raised.
pub fn boot(config: Config) -> R<()> {
    let builtins_module = boot_core(config)?;
    let sys = make_sys(builtins_module)?;
    interp::install::set_modules(builtins_module.dict(), sys.dict());
    bootstrap_importlib(sys)?;
    init_streams(builtins_module, sys)?;
    // Ctrl-C is an exception from here on.
    builtins::import_::import_module("_signal")?;
    if config::get().faulthandler {
        call_method(builtins::import_::import_module("faulthandler")?, interned!("enable"), &[])?;
    }
    Ok(())
}

/// Everything that needs no module but `builtins`: after this, code that imports nothing runs.
pub fn boot_core(config: Config) -> R<Gc<Module>> {
    let seed = match config.hash_seed {
        Some(seed) => base::hash::HashSecret::from_seed(base::hash::HashSeed::Fixed(seed)),
        None => base::hash::HashSecret::random(),
    };
    config::set(config);
    objects::str::set_hash_secret(seed);
    if let Err(error) = objects::thread::attach(true) {
        eprintln!("protopy: cannot set up the main thread: {error}");
        std::process::exit(1);
    }
    objects::boot::prepare_core();
    for def in interp::skin::CLASSES {
        objects::class_new::predeclare(def);
    }
    builtins::install_classes()?;
    interp::skin::install_classes()?;
    stdlib_sys::install_core_classes()?;
    builtins::install_the_rest()?;
    interp::install_classes()?;
    builtins::install_the_rest()?;
    objects::error::prepare_memory_error();
    interp::install::install();
    front_end::install();
    modules::install_code_format();
    crate::subinterpreter::install();
    let builtins_module = builtins::make_module()?;
    interp::install::set_modules(builtins_module.dict(), builtins_module.dict());
    Ok(builtins_module)
}

/// Makes the current interpreter's `sys` with `sys.modules` holding it and `builtins`.
pub(crate) fn make_sys(builtins_module: Gc<Module>) -> R<Gc<Module>> {
    stdlib_sys::imp::set_builtin_modules(modules::all_native());
    stdlib_sys::imp::set_extension_loader(stdlib_sys::imp::ExtensionLoader {
        create: hpy::loader::import_create,
        exec: hpy::loader::import_exec,
    });
    stdlib_sys::imp::set_frozen_lookup(frozen::find_frozen, frozen::frozen_names());
    let def = modules::find_native("sys").ok_or_else(|| runtime_error!("module sys is not built in"))?;
    let sys = objects::module::new_native_module(def)?;
    objects::system::set_sys_module(sys.value());
    let loaded = objects::new_dict();
    dict::dict_set_str(loaded, interned!("sys"), sys.value())?;
    dict::dict_set_str(loaded, interned!("builtins"), builtins_module.value())?;
    sys.set("modules", loaded.value())?;
    let names: objects::GcVec = modules::native_names().into_iter().map(new_str).collect();
    sys.set("builtin_module_names", objects::new_tuple(&names).value())?;
    if let Some(exec) = def.exec {
        exec(sys.value())?;
    }
    let stderr = objects::module::new_native_module(stdlib_sys::early_stderr::EarlyStderr::MODULE)?;
    sys.set("stderr", stderr.value())?;
    Ok(sys)
}

/// Runs the library's import machinery: `_frozen_importlib`, then the path-based part.
pub(crate) fn bootstrap_importlib(sys: Gc<Module>) -> R<()> {
    let importlib = objects::module::new_module("_frozen_importlib", None)?;
    let loaded = loaded_modules()?;
    dict::dict_set_str(loaded, interned!("_frozen_importlib"), importlib.value())?;
    let namespace = importlib.dict();
    dict::dict_set_str(namespace, interned!("__builtins__"), objects::door::builtins_module()?)?;
    dict::dict_set_str(namespace, interned!("__origname__"), new_str("importlib._bootstrap"))?;
    let code = frozen::frozen_code("_frozen_importlib")?;
    (objects::door::interpreter().exec_code)(code, namespace.value(), namespace.value(), None)?;
    builtins::import_::install(importlib.value());
    let imp = native_module("_imp")?;
    dict::dict_set_str(loaded, interned!("_imp"), imp)?;
    call_method(importlib.value(), interned!("_install"), &[sys.value(), imp])?;
    call_method(importlib.value(), interned!("_install_external_importers"), &[])?;
    hide_extension_suffixes()?;
    hpy::foreign::install()?;
    install_zip_hook()
}

/// The path finder looks for `X.hpy0.so` before the `X.py` that may lie beside it as a stub. But the suffix is no entry of
/// `importlib.machinery.EXTENSION_SUFFIXES`: build tools take the first of those for the name of what they compile.
fn hide_extension_suffixes() -> R<()> {
    let Some(external) = dict::dict_get_str(loaded_modules()?, interned!("_frozen_importlib_external")) else { return Ok(()) };
    let suffixes = get_attr_named(external, "EXTENSION_SUFFIXES")?;
    call_method(suffixes, interned!("clear"), &[]).map(|_| ())
}

/// Archives on `sys.path`; an installation's library is one.
fn install_zip_hook() -> R<()> {
    let zipimport = builtins::import_::import_module("zipimport")?;
    let hooks = objects::system::sys_attr("path_hooks").ok_or_else(|| runtime_error!("unable to get sys.path_hooks"))?;
    let importer = get_attr_named(zipimport, "zipimporter")?;
    call_method(hooks, interned!("insert"), &[Value::small(0), importer])?;
    Ok(())
}

fn loaded_modules() -> R<Gc<Dict>> {
    objects::system::modules().ok_or_else(|| runtime_error!("unable to get sys.modules"))
}

/// A native module made outside the import system.
fn native_module(name: &str) -> R {
    let def = modules::find_native(name).ok_or_else(|| runtime_error!("module {name} is not built in"))?;
    let module = objects::module::new_native_module(def)?;
    if let Some(exec) = def.exec {
        exec(module.value())?;
    }
    Ok(module.value())
}

/// Standard streams and `open`. Their codecs are native; the registry imports the others when they are asked for.
pub(crate) fn init_streams(builtins_module: Gc<Module>, sys: Gc<Module>) -> R<()> {
    stdlib_io::codecs::registry::install_hooks();
    if !library_is_there() {
        // Fails, and tells that the home is wrong, rather than whatever is missed first; or the package is elsewhere.
        builtins::import_::import_module("encodings")?;
    }
    let io = builtins::import_::import_module("_io")?;
    builtins_module.set("open", get_attr_named(io, "open")?)?;
    stdlib_io::stdio::install_standard_streams(sys)
}

/// Whether the library lies where it should: as files, or in an archive.
fn library_is_there() -> bool {
    let config = config::get();
    let archive = |entry: &std::ffi::OsString| std::path::Path::new(entry).is_file();
    config.stdlib.join("encodings").is_dir() || config.module_search_path.iter().any(archive)
}

/// What options ask for before the first module of the library: traced allocations, and filters for warnings, which `warnings` sets up.
pub fn follow_options() -> R<()> {
    let config = config::get();
    if config.tracemalloc > 0 {
        stdlib_sys::tracemalloc::begin(i32::try_from(config.tracemalloc).unwrap_or(i32::MAX))?;
    }
    if !config.warn_options.is_empty() {
        builtins::import_::import_module("warnings")?;
    }
    Ok(())
}

/// `import site`, unless switched off.
pub fn import_site() -> R<()> {
    if !config::get().no_site {
        let site = builtins::import_::import_module("site")?;
        call(get_attr_named(site, "main")?, &[])?;
    }
    Ok(())
}

/// The value of `__main__`'s namespace, made if need be.
pub fn main_namespace() -> R<Gc<Dict>> {
    let loaded = loaded_modules()?;
    if let Some(module) = dict::dict_get_str(loaded, interned!("__main__"))
        && let Some(module) = objects::Cast::cast::<Module>(module)
    {
        return Ok(module.dict());
    }
    let module = objects::module::new_module("__main__", None)?;
    dict::dict_set_str(loaded, interned!("__main__"), module.value())?;
    let namespace = module.dict();
    dict::dict_set_str(namespace, interned!("__builtins__"), objects::door::builtins_module()?)?;
    // Until something else is known: a command or standard input comes from no file.
    if let Some(importlib) = dict::dict_get_str(loaded, interned!("_frozen_importlib")) {
        dict::dict_set_str(namespace, interned!("__loader__"), get_attr_named(importlib, "BuiltinImporter")?)?;
    }
    Ok(namespace)
}
