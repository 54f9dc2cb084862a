//! Facts that `sys` shows: version, numeric limits, flags. Must not know: what the functions of `sys` do.

use crate::namespace::new_namespace;
use objects::config;
use objects::structseq::StructSeqDef;
use objects::{GcVec, Module, R, Value, new_int, new_int_u64, new_str, new_tuple};

/// The language version that this runtime implements.
pub const MAJOR: i32 = 3;
pub const MINOR: i32 = 14;
pub const MICRO: i32 = 8;
pub const HEX_VERSION: i64 = (MAJOR as i64) << 24 | (MINOR as i64) << 16 | (MICRO as i64) << 8 | 0xF0;
pub const IMPLEMENTATION: &str = "protopy";
pub const CACHE_TAG: &str = "protopy-314";

pub const MULTIARCH: &str = if cfg!(target_arch = "aarch64") { "aarch64-linux-gnu" } else { "x86_64-linux-gnu" };
pub const PLATFORM: &str = if cfg!(target_os = "macos") { "darwin" } else { "linux" };

static VERSION_INFO: StructSeqDef = StructSeqDef::new(
    "sys",
    "version_info",
    "sys.version_info\n\nThe version of Python, as a named tuple.",
    &["major", "minor", "micro", "releaselevel", "serial"],
    5,
)
.sealed();
static FLOAT_INFO: StructSeqDef = StructSeqDef::new(
    "sys",
    "float_info",
    "sys.float_info\n\nThe properties of floats, as a named tuple.",
    &["max", "max_exp", "max_10_exp", "min", "min_exp", "min_10_exp", "dig", "mant_dig", "epsilon", "radix", "rounds"],
    11,
);
static INT_INFO: StructSeqDef = StructSeqDef::new(
    "sys",
    "int_info",
    "sys.int_info\n\nHow ints are stored, and the limits of their conversion, as a named tuple.",
    &["bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold"],
    4,
);
static HASH_INFO: StructSeqDef = StructSeqDef::new(
    "sys",
    "hash_info",
    "hash_info\n\nThe parameters of the hashes of numbers and strings, as a named tuple.",
    &["width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff"],
    9,
);
static THREAD_INFO: StructSeqDef = StructSeqDef::new(
    "sys",
    "thread_info",
    "sys.thread_info\n\nHow threads are implemented, as a named tuple.",
    &["name", "lock", "version"],
    3,
);
static FLAGS: StructSeqDef = StructSeqDef::new(
    "sys",
    "flags",
    "sys.flags\n\nThe options of the command line and the environment variables.",
    &[
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
        "gil",
        "thread_inherit_context",
        "context_aware_warnings",
    ],
    18,
)
.sealed();

fn version_info() -> R {
    VERSION_INFO.make(&[Value::small(MAJOR), Value::small(MINOR), Value::small(MICRO), new_str("final"), Value::small(0)])
}

fn flags() -> R {
    let config = config::get();
    let count = |count: u32| new_int(count as i64);
    let number = |flag: bool| Value::small(flag as i32);
    FLAGS.make(&[
        count(config.debug),
        count(config.inspect),
        count(config.interactive),
        count(config.optimize),
        number(config.dont_write_bytecode),
        number(config.no_user_site),
        number(config.no_site),
        number(config.ignore_environment),
        count(config.verbose),
        count(config.bytes_warning),
        number(config.quiet),
        number(config.hash_seed != Some(0)),
        number(config.isolated),
        Value::bool(config.dev_mode),
        number(config.utf8_mode),
        number(config.warn_default_encoding),
        Value::bool(config.safe_path),
        new_int(if config.int_max_str_digits < 0 { 4300 } else { config.int_max_str_digits }),
        number(false),
        number(switch("thread_inherit_context")),
        number(switch("context_aware_warnings")),
    ])
}

/// A setting that is on, as in builds of CPython without a global lock, unless `-X name=0` or `PYTHON_NAME=0` says otherwise.
fn switch(name: &str) -> bool {
    config::get().setting(name, &format!("PYTHON_{}", name.to_uppercase())).as_deref() != Some("0")
}

/// `-X cpu_count=n`, `PYTHON_CPU_COUNT=n`; `default` means that the system is asked.
pub fn cpu_count_given() -> Option<i32> {
    let given = config::get().setting("cpu_count", "PYTHON_CPU_COUNT");
    given?.parse().ok().filter(|count| *count > 0)
}

/// `PYTHONPLATLIBDIR`, or the usual name.
fn platform_library_folder() -> String {
    let given = config::get().variable("PYTHONPLATLIBDIR").filter(|name| !name.is_empty());
    given.unwrap_or_else(|| "lib".to_owned())
}

/// The version of the C library's threads, as `getconf GNU_LIBPTHREAD_VERSION` tells it.
fn thread_library_version() -> Value {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let mut buffer = [0u8; 64];
        // SAFETY: the buffer's length is passed.
        let count = unsafe { libc::confstr(libc::_CS_GNU_LIBPTHREAD_VERSION, buffer.as_mut_ptr().cast(), buffer.len()) };
        if count > 1 && count <= buffer.len() {
            return crate::util::fs_str(&buffer[..count - 1]);
        }
    }
    Value::none()
}

pub fn fill(module: objects::Gc<Module>) -> R<()> {
    let persona = Persona::chosen();
    module.set("version_info", version_info()?)?;
    module.set("version", new_str(&version_text()))?;
    module.set("hexversion", new_int(HEX_VERSION))?;
    module.set("api_version", new_int(1013))?;
    module.set(
        "copyright",
        new_str("Copyright (c) the protopython developers.\nPython is a trademark of the Python Software Foundation."),
    )?;
    module.set("platform", new_str(PLATFORM))?;
    module.set("maxsize", new_int(i64::MAX))?;
    module.set("maxunicode", new_int(0x10ffff))?;
    module.set("byteorder", new_str("little"))?;
    module.set("abiflags", new_str(""))?;
    module.set("float_repr_style", new_str("short"))?;
    module.set("platlibdir", new_str(&platform_library_folder()))?;
    module.set("_git", new_tuple(&[new_str("protopy"), new_str(""), new_str("")]).value())?;
    module.set("_framework", new_str(""))?;
    module.set(
        "implementation",
        new_namespace(&[
            ("name", new_str(persona.implementation)),
            ("cache_tag", new_str(persona.cache_tag)),
            ("version", implementation_version()?),
            ("hexversion", new_int(implementation_hex_version())),
            ("_multiarch", new_str(MULTIARCH)),
            ("supports_isolated_interpreters", Value::false_()),
            // Read by `platform` and `sysconfig`.
            ("_platform", new_str(persona.platform)),
            ("_lock_missing", Value::bool(persona.tells_of_missing_lock)),
        ])?,
    )?;
    module.set("flags", flags()?)?;
    let float_info = [
        Value::float(f64::MAX),
        Value::small(1024),
        Value::small(308),
        Value::float(f64::MIN_POSITIVE),
        Value::small(-1021),
        Value::small(-307),
        Value::small(15),
        Value::small(53),
        Value::float(f64::EPSILON),
        Value::small(2),
        Value::small(1),
    ];
    module.set("float_info", FLOAT_INFO.make(&float_info)?)?;
    // Ints are made of 64-bit limbs; the 30-bit digits are what programs that compute sizes from CPython's figures expect.
    module.set("int_info", INT_INFO.make(&[Value::small(30), Value::small(4), Value::small(4300), Value::small(640)])?)?;
    let hash_info = [
        Value::small(64),
        new_int_u64(base::hash::MODULUS),
        new_int(base::hash::INF_HASH),
        Value::small(0),
        new_int_u64(base::hash::IMAG_MULTIPLIER),
        new_str("siphash13"),
        Value::small(64),
        Value::small(128),
        Value::small(0),
    ];
    module.set("hash_info", HASH_INFO.make(&hash_info)?)?;
    module.set("thread_info", THREAD_INFO.make(&[new_str("pthread"), new_str("mutex+cond"), thread_library_version()])?)?;
    // Not interned: hardly any of them is named by a program.
    let names: GcVec = super::stdlib_names::STDLIB_MODULE_NAMES.split_ascii_whitespace().map(new_str).collect();
    let all = objects::set::frozenset_from_iterable(new_tuple(&names).value())?;
    module.set("stdlib_module_names", all.value())
}

/// `platform.python_build()` wants a date; that of the version, so that the same sources make the same binary.
const RELEASE_DATE: &str = "Nov 21 2026, 00:00:00";

/// `sys.version`, in the form that `platform` parses.
pub fn version_text() -> String {
    format!(
        "{MAJOR}.{MINOR}.{MICRO} (main, {}) [protopy {} with rustc {}]",
        RELEASE_DATE,
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_RUST_VERSION"),
    )
}

/// The runtime's own version: numbers of the crate, and the stage.
fn own_version() -> [i32; 3] {
    let mut parts = env!("CARGO_PKG_VERSION").split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

fn implementation_version() -> R {
    let [major, minor, micro] = own_version();
    VERSION_INFO.make(&[Value::small(major), Value::small(minor), Value::small(micro), new_str("alpha"), Value::small(0)])
}

fn implementation_hex_version() -> i64 {
    let [major, minor, micro] = own_version();
    (major as i64) << 24 | (minor as i64) << 16 | (micro as i64) << 8 | 0xA0
}

/// What this runtime says it is. Tools decide by names they know, and refuse others.
#[derive(Debug, PartialEq)]
struct Persona {
    /// `sys.implementation.name`
    implementation: &'static str,
    cache_tag: &'static str,
    /// `platform.python_implementation()`
    platform: &'static str,
    /// Whether `sysconfig` says `Py_GIL_DISABLED`.
    tells_of_missing_lock: bool,
}

impl Persona {
    /// Our own name; `platform` says what most tools ask for.
    const DEFAULT: Persona =
        Persona { implementation: IMPLEMENTATION, cache_tag: CACHE_TAG, platform: "CPython", tells_of_missing_lock: true };

    /// `-X persona=` or `PROTOPY_PERSONA`; `-I` and `-E` do not hide the variable: tools probe with them.
    fn chosen() -> Persona {
        match config::get().x_option("persona").flatten() {
            Some(name) => Persona::named(name),
            None => Persona::named(std::env::var("PROTOPY_PERSONA").as_deref().unwrap_or("")),
        }
    }

    /// A name that nobody knows is the default one.
    fn named(name: &str) -> Persona {
        match name {
            "honest" => Persona { platform: IMPLEMENTATION, ..Persona::DEFAULT },
            // A name that uv takes for an interpreter without the extensions of CPython, and that the library does not look for.
            "uv" => {
                Persona { implementation: "pyston", cache_tag: "pyston-314", tells_of_missing_lock: false, ..Persona::DEFAULT }
            }
            _ => Persona::DEFAULT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personas() {
        assert_eq!(Persona::named("honest").platform, "protopy");
        assert!(!Persona::named("uv").tells_of_missing_lock);
        assert_eq!(Persona::named("else"), Persona::DEFAULT);
    }

    #[test]
    fn the_version_is_of_the_form_that_platform_parses() {
        let text = version_text();
        let (number, rest) = text.split_once(" (").unwrap();
        assert_eq!(number, "3.14.8");
        assert!(rest.contains(", ") && rest.contains(") [") && rest.ends_with(']'));
    }
}
