//! The module `_imp`: built-in and frozen modules, the import lock, and small services for importlib.
//!
//! Must not know: which modules exist; the runtime gives the lists.

use crate::owned_lock::OwnedLock;
use crate::util;
use native_macros::native_module;
use objects::code::Code;
use objects::module::{Module, new_native_module};
use objects::native::ModuleDef;
use objects::{
    Buf, Cast, Gc, GcVec, R, Str, Value, class_name, exc, interned, new_bytes, new_list, new_str, new_tuple, runtime_error,
    type_error,
};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

/// A module whose code is part of the program.
#[derive(Clone, Copy)]
pub struct FrozenModule {
    /// Makes the code object.
    pub code: fn(&str) -> R,
    pub is_package: bool,
    /// The name under which it was frozen, if there is a source file of that name.
    pub origname: Option<&'static str>,
}

static BUILTIN_MODULES: OnceLock<Vec<&'static ModuleDef>> = OnceLock::new();
static FROZEN_LOOKUP: OnceLock<fn(&str) -> Option<FrozenModule>> = OnceLock::new();
static FROZEN_NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();

/// What loads extension modules.
#[derive(Clone, Copy)]
pub struct ExtensionLoader {
    /// Makes the module of a spec whose `origin` is a library.
    pub create: fn(Value) -> R,
    /// Runs a module that `create` made, once.
    pub exec: fn(Value) -> R<()>,
}

static EXTENSIONS: OnceLock<ExtensionLoader> = OnceLock::new();

/// Says what loads extension modules. Call before anything is imported.
pub fn set_extension_loader(loader: ExtensionLoader) {
    let _ = EXTENSIONS.set(loader);
}

/// Every native module of the program. Call before `sys` is made.
pub fn set_builtin_modules(modules: Vec<&'static ModuleDef>) {
    let _ = BUILTIN_MODULES.set(modules);
}
pub fn builtin_modules() -> &'static [&'static ModuleDef] {
    BUILTIN_MODULES.get().map_or(crate::MODULES, |modules| modules)
}
pub fn set_frozen_lookup(lookup: fn(&str) -> Option<FrozenModule>, names: Vec<&'static str>) {
    let _ = FROZEN_LOOKUP.set(lookup);
    let _ = FROZEN_NAMES.set(names);
}
fn find_frozen_module(name: &str) -> Option<FrozenModule> {
    (FROZEN_LOOKUP.get()?)(name)
}

/// Makes and fills a native module; None if there is none of that name.
pub fn load_builtin(name: &str) -> R<Option<Gc<Module>>> {
    let Some(def) = builtin_modules().iter().find(|def| def.name == name) else { return Ok(None) };
    let module = new_native_module(def)?;
    exec(module)?;
    Ok(Some(module))
}

fn exec(module: Gc<Module>) -> R<()> {
    match module.def.and_then(|def| def.exec) {
        Some(exec) => exec(module.value()),
        None => Ok(()),
    }
}

/// The import lock of old: one lock for all imports.
pub static LOCK: OwnedLock = OwnedLock::new();

static MULTI_INTERP_OVERRIDE: AtomicI32 = AtomicI32::new(0);

#[cold]
fn no_frozen(name: &str) -> objects::Raised {
    objects::import_error_with(
        &exc::IMPORT_ERROR,
        &format!("No such frozen object named {}", objects::repr_lossy(new_str(name))),
        Some(new_str(name)),
        None,
    )
}

pub struct Imp;

/// What importlib cannot do by itself.
#[native_module(name = "_imp")]
impl Imp {
    /// The file suffixes of extension modules, as a list.
    fn extension_suffixes() -> Value {
        new_list(&[new_str(".hpy0.so")]).value()
    }
    /// Whether a thread holds the import lock.
    fn lock_held() -> bool {
        LOCK.is_locked()
    }
    /// Take the import lock for this thread.
    fn acquire_lock() {
        LOCK.acquire();
    }
    /// Give back the import lock.
    fn release_lock() -> R<()> {
        if LOCK.release() { Ok(()) } else { Err(runtime_error!("not holding the import lock")) }
    }
    /// What is known of a frozen module, or None if there is none of that name.
    #[sig("($module, name, /, *, withdata=False)")]
    fn find_frozen(name: Gc<Str>, withdata: bool) -> R {
        // A name with lone surrogates is that of no module.
        let Some(name) = name.as_str() else { return Ok(Value::none()) };
        let Some(found) = find_frozen_module(name) else { return Ok(Value::none()) };
        let data = if withdata { new_bytes(name.as_bytes()) } else { Value::none() };
        let origname = found.origname.map_or(Value::none(), new_str);
        Ok(new_tuple(&[data, Value::bool(found.is_package), origname]).value())
    }
    /// The code object of a frozen module.
    #[sig("($module, name, data=None, /)")]
    fn get_frozen_object(name: &str, _data: Option<Value>) -> R {
        match find_frozen_module(name) {
            Some(found) => (found.code)(name),
            None => Err(no_frozen(name)),
        }
    }
    /// Whether there is a frozen package of that name.
    fn is_frozen_package(name: &str) -> R<bool> {
        match find_frozen_module(name) {
            Some(found) => Ok(found.is_package),
            None => Err(no_frozen(name)),
        }
    }
    /// Whether there is a frozen module of that name.
    fn is_frozen(name: Gc<Str>) -> bool {
        name.as_str().is_some_and(|name| find_frozen_module(name).is_some())
    }
    /// The list of the names of all frozen modules.
    fn _frozen_module_names() -> Value {
        let names = FROZEN_NAMES.get().map_or(&[][..], |names| names);
        let names: GcVec = names.iter().map(|name| new_str(name)).collect();
        new_list(&names).value()
    }
    /// Internal-only. Overrides PyConfig.use_frozen_modules.
    fn _override_frozen_modules_for_tests(_override: i32) {}
    /// Internal-only. Overrides PyInterpreterConfig.check_multi_interp_extensions.
    fn _override_multi_interp_extensions_check(override_: i32) -> i32 {
        MULTI_INTERP_OVERRIDE.swap(override_, Ordering::Relaxed)
    }
    /// Initializes a frozen module.
    fn init_frozen(name: &str) -> R {
        if find_frozen_module(name).is_none() {
            return Ok(Value::none());
        }
        let bootstrap = util::import("importlib._bootstrap")?;
        objects::call_method(bootstrap, interned!("_gcd_import"), &[new_str(name)])
    }
    /// Load an extension module.
    fn create_builtin(spec: Value) -> R {
        let name = objects::get_attr(spec, interned!("name"))?;
        let Some(text) = name.cast::<Str>() else {
            return Err(type_error!("name must be string, not {}", class_name(name)));
        };
        let text = text.to_string_lossy();
        if matches!(text.as_str(), "sys" | "builtins")
            && let Some(module) = objects::system::imported(&text)
        {
            return Ok(module);
        }
        match builtin_modules().iter().find(|def| def.name == text) {
            Some(def) => Ok(new_native_module(def)?.value()),
            None => Ok(Value::none()),
        }
    }
    /// Run the code of a built-in module.
    #[sig("($module, mod, /)")]
    fn exec_builtin(module: Value) -> R<i32> {
        if let Some(module) = module.cast::<Module>()
            && objects::system::sys_module() != Some(module)
        {
            exec(module)?;
        }
        Ok(0)
    }
    /// Whether there is a built-in module of that name.
    fn is_builtin(name: Gc<Str>) -> i32 {
        let Some(name) = name.as_str() else { return 0 };
        match name {
            "sys" | "builtins" => -1,
            // One built-in module lies in a package that comes from the path.
            "hpy.universal" => 1,
            _ => builtin_modules().iter().any(|def| def.name == name && !name.contains('.')) as i32,
        }
    }
    /// Load an extension module.
    #[sig("($module, spec, file=<unrepresentable>, /)")]
    fn create_dynamic(spec: Value, _file: Option<Value>) -> R {
        check_subinterpreter(spec)?;
        match EXTENSIONS.get() {
            Some(loader) => (loader.create)(spec),
            None => Err(objects::not_implemented_error!("this build loads no extension modules")),
        }
    }
    /// Run the code of an extension module.
    #[sig("($module, mod, /)")]
    fn exec_dynamic(module: Value) -> R<i32> {
        if let Some(loader) = EXTENSIONS.get() {
            (loader.exec)(module)?;
        }
        Ok(0)
    }
    /// Set the co_filename of a code object, and of those in it.
    fn _fix_co_filename(code: Gc<Code>, path: Gc<Str>) {
        fix_filename(code, code.filename(), path.value());
    }
    /// The directory of a plain zip archive as zipimport keeps it, that of the library in parts; None for any other file.
    fn _read_zip_directory(archive: Gc<Str>) -> R<Option<Value>> {
        crate::zip_directory::read(archive)
    }
    /// The row of an entry of the library's archive, by what the directory says of it.
    fn _zip_row(archive: Gc<Str>, directory: Buf, shift: u64, place: usize) -> R {
        crate::zip_directory::row(archive, directory.as_slice(), shift, place)
    }
    /// The data of an entry of a zip archive that is stored as it is; None if there is anything to complain about.
    fn _read_zip_entry(archive: Gc<Str>, offset: u64, size: u64) -> R<Option<Value>> {
        crate::zip_directory::read_entry(archive, offset, size)
    }
    fn source_hash(key: i64, source: Buf) -> Value {
        let secret = base::hash::HashSecret { k0: key as u64, k1: 0 };
        new_bytes(&base::hash::siphash13(secret, source.as_slice()).to_le_bytes())
    }
    #[attr("check_hash_based_pycs")]
    fn check_hash_based_pycs_setting() -> &'static str {
        match objects::config::get().check_hash_based_pycs.as_str() {
            "" => "default",
            setting => setting,
        }
    }
    #[attr("pyc_magic_number_token")]
    fn magic_token() -> u32 {
        bytecode::serialize::pyc_magic_token()
    }
}

/// Extension modules keep what they know once for the process, so isolated interpreters do without.
fn check_subinterpreter(spec: Value) -> R<()> {
    use objects::interpreter::{current, settings};
    let checked = match MULTI_INTERP_OVERRIDE.load(Ordering::Relaxed) {
        0 => current().allows(settings::CHECK_EXTENSIONS),
        number => number > 0,
    };
    if current().is_main() || !checked {
        return Ok(());
    }
    let name = objects::get_attr(spec, interned!("name"))?;
    let text = format!("module {} does not support loading in subinterpreters", objects::str_of(name)?.to_string_lossy());
    Err(objects::import_error_with(&exc::IMPORT_ERROR, &text, Some(name), None))
}

fn fix_filename(code: Gc<Code>, old: Value, new: Value) {
    if code.filename() != old && util::str_text(code.filename()) != util::str_text(old) {
        return;
    }
    code.filename.set(&code.header, new);
    if !code.is_loaded() {
        return;
    }
    for constant in &code.constants() {
        if let Some(nested) = constant.cast::<Code>() {
            fix_filename(nested, old, new);
        }
    }
}
