//! How the process was started, as modules of this crate show it. The runtime fills it in before `sys` is made.

use std::ffi::OsString;
use std::sync::OnceLock;

/// Everything that command line, environment and installation decide.
#[derive(Clone, Debug)]
pub struct Config {
    pub argv: Vec<OsString>,
    pub orig_argv: Vec<OsString>,
    pub path: Vec<OsString>,
    pub executable: OsString,
    pub base_executable: OsString,
    pub prefix: OsString,
    pub base_prefix: OsString,
    pub exec_prefix: OsString,
    pub base_exec_prefix: OsString,
    pub stdlib_dir: Option<OsString>,
    pub pycache_prefix: Option<OsString>,
    pub warnoptions: Vec<String>,
    /// `-X name` and `-X name=value`.
    pub xoptions: Vec<(String, Option<String>)>,
    pub flags: Flags,
}

/// `sys.flags`, field by field.
#[derive(Clone, Copy, Debug)]
pub struct Flags {
    pub debug: i32,
    pub inspect: i32,
    pub interactive: i32,
    pub optimize: i32,
    pub dont_write_bytecode: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub ignore_environment: bool,
    pub verbose: i32,
    pub bytes_warning: i32,
    pub quiet: i32,
    pub hash_randomization: bool,
    pub isolated: bool,
    pub dev_mode: bool,
    pub utf8_mode: bool,
    pub warn_default_encoding: bool,
    pub safe_path: bool,
    pub int_max_str_digits: i64,
    pub thread_inherit_context: bool,
    pub context_aware_warnings: bool,
}

impl Default for Flags {
    fn default() -> Flags {
        Flags {
            debug: 0,
            inspect: 0,
            interactive: 0,
            optimize: 0,
            dont_write_bytecode: false,
            no_user_site: false,
            no_site: false,
            ignore_environment: false,
            verbose: 0,
            bytes_warning: 0,
            quiet: 0,
            hash_randomization: true,
            isolated: false,
            dev_mode: false,
            utf8_mode: false,
            warn_default_encoding: false,
            safe_path: false,
            int_max_str_digits: -1,
            // The defaults of builds without a global lock.
            thread_inherit_context: true,
            context_aware_warnings: true,
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            argv: vec![OsString::new()],
            orig_argv: Vec::new(),
            path: Vec::new(),
            executable: OsString::new(),
            base_executable: OsString::new(),
            prefix: "/usr".into(),
            base_prefix: "/usr".into(),
            exec_prefix: "/usr".into(),
            base_exec_prefix: "/usr".into(),
            stdlib_dir: None,
            pycache_prefix: None,
            warnoptions: Vec::new(),
            xoptions: Vec::new(),
            flags: Flags::default(),
        }
    }
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// Call once, before the module `sys` is made.
pub fn configure(config: Config) {
    let _ = CONFIG.set(config);
}
pub fn config() -> &'static Config {
    CONFIG.get_or_init(Config::default)
}
