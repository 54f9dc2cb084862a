//! How this process was asked to run: command line options, environment, paths. Set once by the runtime before anything else.
//!
//! Must not know: how options are parsed (crate cli), how `sys` shows them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Everything that `sys.flags`, `sys.argv` and the path computation show. Counts are as in `sys.flags`.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `sys.argv`; never empty (first entry `""`, `"-c"`, `"-m"` or the script's path).
    pub argv: Vec<OsString>,
    pub orig_argv: Vec<OsString>,
    /// Absolute path of the executable as called (links not resolved), empty if unknown.
    pub executable: PathBuf,
    /// The same with links resolved: home is found from it.
    pub real_executable: PathBuf,
    pub base_executable: PathBuf,
    pub prefix: PathBuf,
    pub exec_prefix: PathBuf,
    pub base_prefix: PathBuf,
    pub base_exec_prefix: PathBuf,
    /// Folder of the library's .py files.
    pub stdlib: PathBuf,
    /// `sys.path` before the script's own folder is put in front and `site` adds its own.
    pub module_search_path: Vec<OsString>,
    pub debug: u32,
    pub inspect: u32,
    pub interactive: u32,
    pub optimize: u32,
    pub dont_write_bytecode: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub ignore_environment: bool,
    pub verbose: u32,
    pub bytes_warning: u32,
    pub quiet: bool,
    pub isolated: bool,
    pub dev_mode: bool,
    pub utf8_mode: bool,
    pub warn_default_encoding: bool,
    pub safe_path: bool,
    pub unbuffered: bool,
    /// -1: not given.
    pub int_max_str_digits: i64,
    /// `PYTHONHASHSEED` as given; None means random.
    pub hash_seed: Option<u32>,
    pub warn_options: Vec<String>,
    pub x_options: Vec<(String, Option<String>)>,
    pub pycache_prefix: Option<OsString>,
    pub stdio_encoding: Option<String>,
    pub stdio_errors: Option<String>,
    pub faulthandler: bool,
    pub tracemalloc: u32,
    /// 1: imports are timed; 2: those of loaded modules are told, too.
    pub import_time: u32,
    pub frozen_modules: bool,
    /// `-x`: the first line of the script is not Python.
    pub skip_first_line: bool,
    /// `--check-hash-based-pycs`
    pub check_hash_based_pycs: String,
}

static CONFIG: OnceLock<Config> = OnceLock::new();

pub fn set(config: Config) {
    let _ = CONFIG.set(config);
}
impl Config {
    /// What `-X name` or `-X name=value` says; the last one counts.
    pub fn x_option(&self, name: &str) -> Option<Option<&str>> {
        self.x_options.iter().rev().find(|(option, _)| option == name).map(|(_, value)| value.as_deref())
    }
    /// A variable of the environment, unless Python is to ignore those.
    pub fn variable(&self, name: &str) -> Option<String> {
        if self.ignore_environment { None } else { std::env::var(name).ok() }
    }
    /// A setting with a value that `-X` and, behind it, a variable give.
    pub fn setting(&self, option: &str, variable: &str) -> Option<String> {
        match self.x_option(option).flatten() {
            Some(value) => Some(value.to_owned()),
            None => self.variable(variable),
        }
    }
}

/// The configuration; a default one if the runtime set none (unit tests).
pub fn get() -> &'static Config {
    CONFIG.get_or_init(Config::default)
}
