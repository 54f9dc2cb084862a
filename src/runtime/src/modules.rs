//! The list of native modules, and frozen modules: library files that must be there before any file can be imported.

use objects::door::CompileRequest;
use objects::native::ModuleDef;
use objects::{Cast, Gc, R, Value, import_error};
use std::path::PathBuf;
use stdlib_sys::imp::FrozenModule;

/// Native modules by crate.
static NATIVE: &[&[&ModuleDef]] =
    &[&[builtins::functions::Builtins::MODULE, builtins::typing_natives::Typing::MODULE], stdlib_sys::MODULES, stdlib_data::MODULES, stdlib_text::MODULES, stdlib_net::MODULES];

/// The definition of a native module.
pub fn find_native(name: &str) -> Option<&'static ModuleDef> {
    NATIVE.iter().flat_map(|modules| modules.iter()).copied().find(|def| def.name == name)
}

/// Every native module.
pub fn all_native() -> Vec<&'static ModuleDef> {
    NATIVE.iter().flat_map(|modules| modules.iter()).copied().collect()
}

/// Names of all native modules, sorted (`sys.builtin_module_names`).
pub fn native_names() -> Vec<&'static str> {
    let mut names: Vec<_> = NATIVE.iter().flat_map(|modules| modules.iter()).map(|def| def.name).collect();
    names.sort_unstable();
    names
}

/// Frozen modules: import name, file in the library, whether it is a package.
const FROZEN: &[(&str, &str, bool)] = &[
    ("_frozen_importlib", "importlib/_bootstrap.py", false),
    ("_frozen_importlib_external", "importlib/_bootstrap_external.py", false),
    ("zipimport", "zipimport.py", false),
];

/// What `_imp` asks of a frozen module.
pub fn find_frozen(name: &str) -> Option<FrozenModule> {
    FROZEN.iter().find(|row| row.0 == name).map(|row| FrozenModule { code: frozen_code, is_package: row.2, origname: Some(frozen_label(row.0)) })
}
pub fn frozen_names() -> Vec<&'static str> {
    FROZEN.iter().map(|row| row.0).collect()
}

/// The code of a frozen module.
pub fn frozen_code(name: &str) -> R {
    let Some((row_name, file, _)) = FROZEN.iter().find(|row| row.0 == name) else {
        return Err(import_error!("No such frozen object named {name}"));
    };
    let path: PathBuf = objects::config::get().stdlib.join(file);
    let source = match std::fs::read(&path) {
        Ok(source) => source,
        Err(error) => return Err(objects::io_error(&error)),
    };
    let shown = format!("<frozen {}>", frozen_label(row_name));
    let request = CompileRequest { source: &source, source_is_text: false, filename: &shown, mode: "exec", flags: 0, optimize: -1 };
    (objects::door::front_end()?.compile)(&request)
}

/// The name in a frozen module's `co_filename`.
fn frozen_label(name: &'static str) -> &'static str {
    match name {
        "_frozen_importlib" => "importlib._bootstrap",
        "_frozen_importlib_external" => "importlib._bootstrap_external",
        other => other,
    }
}

/// Teaches natives to store code objects.
pub fn install_code_format() {
    objects::door::install_code_format(objects::door::CodeFormat { to_bytes, from_bytes });
}

fn to_bytes(code: Value) -> R<Vec<u8>> {
    match code.cast::<objects::code::Code>() {
        Some(code) => Ok(bytecode::serialize::to_bytes(&interp::link::unit_of(code)?)),
        None => Err(objects::type_error!("a code object is required")),
    }
}

fn from_bytes(bytes: &[u8]) -> R {
    match bytecode::serialize::from_bytes(bytes) {
        Ok(unit) if bytecode::verify::verify(&unit).is_ok() => interp::link::link(unit).map(Gc::value),
        Ok(_) => Err(objects::value_error!("bad marshal data (invalid code)")),
        Err(bytecode::serialize::ReadError::WrongVersion) => Err(objects::value_error!("bad marshal data (code of another version)")),
        Err(bytecode::serialize::ReadError::Damaged) => Err(objects::value_error!("bad marshal data (damaged code)")),
    }
}
