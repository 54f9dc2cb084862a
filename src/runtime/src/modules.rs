//! The list of native modules, and how code objects are stored.

use bytecode::serialize::StoredBytes;
use objects::native::ModuleDef;
use objects::{Cast, R, Value};

/// Native modules by crate.
static NATIVE: &[&[&ModuleDef]] = &[
    &[builtins::functions::Builtins::MODULE, builtins::typing_natives::Typing::MODULE, crate::types_module::Types::MODULE],
    stdlib_sys::MODULES,
    stdlib_io::MODULES,
    stdlib_data::MODULES,
    stdlib_text::MODULES,
    stdlib_net::MODULES,
    hpy::MODULES,
    stdlib_ssl::MODULES,
    stdlib_extra::MODULES,
    stdlib_xml::MODULES,
    stdlib_cjk::MODULES,
    stdlib_sqlite::MODULES,
    stdlib_compress::MODULES,
    stdlib_decimal::MODULES,
];

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
    // SAFETY: the build made the list from what it compiled.
    match unsafe { bytecode::serialize::open_known(StoredBytes::Shared(bytes.into()), pylib::is_own_unit) } {
        Ok(unit) => {
            let own = unit.is_own();
            let code = interp::link::link_stored(unit, own);
            if !own && code.is_damaged() {
                return Err(objects::value_error!("bad marshal data (invalid code)"));
            }
            Ok(code.value())
        }
        Err(bytecode::serialize::ReadError::WrongVersion) => {
            Err(objects::value_error!("bad marshal data (code of another version)"))
        }
        Err(bytecode::serialize::ReadError::Damaged) => Err(objects::value_error!("bad marshal data (damaged code)")),
    }
}
