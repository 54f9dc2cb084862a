//! Options and environment variables to a runtime configuration.

use crate::home::{self, Wishes};
use crate::options::{Options, Run};
use runtime::Config;
use std::ffi::OsString;

/// A setting that makes starting impossible: the message for standard error.
pub struct ConfigError(pub String);

/// Builds the configuration; `program` is `argv[0]` of the process.
pub fn configure(program: &OsString, arguments: &[OsString], options: &Options) -> Result<Config, ConfigError> {
    let use_environment = !options.ignore_environment && !options.isolated;
    let variable = |name: &str| if use_environment { std::env::var_os(name).filter(|value| !value.is_empty()) } else { None };
    let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
    let count = |name: &str, given: u32| match text(name) {
        Some(value) => given.max(value.trim().parse().unwrap_or(1)),
        None => given,
    };
    // A number counts as one: 0 is off.
    let switch = |name: &str, given: bool| count(name, u32::from(given)) > 0;
    let flag = |name: &str, given: bool| given || variable(name).is_some();
    let python_path = variable("PYTHONPATH");
    let python_home = variable("PYTHONHOME");
    let wishes = Wishes { stdlib: options.stdlib.as_ref(), home: python_home.as_ref(), path: python_path.as_ref() };
    let places = home::find(program, &wishes);
    let mut x_options: Vec<(String, Option<String>)> = Vec::new();
    for option in &options.x_options {
        match option.split_once('=') {
            Some((key, value)) => x_options.push((key.to_owned(), Some(value.to_owned()))),
            None => x_options.push((option.clone(), None)),
        }
    }
    let x_value = |name: &str| x_options.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let dev_mode = x_value("dev").is_some() || flag("PYTHONDEVMODE", false);
    let mut warn_options = Vec::new();
    if dev_mode {
        warn_options.push("default".to_owned());
    }
    if let Some(warnings) = text("PYTHONWARNINGS") {
        warn_options.extend(warnings.split(',').filter(|item| !item.is_empty()).map(str::to_owned));
    }
    warn_options.extend(options.warnings.iter().cloned());
    let bytes_warning = options.bytes_warning;
    if bytes_warning > 0 {
        warn_options.push(if bytes_warning > 1 { "error::BytesWarning" } else { "default::BytesWarning" }.to_owned());
    }
    let (stdio_encoding, stdio_errors) = match text("PYTHONIOENCODING") {
        Some(value) => match value.split_once(':') {
            Some((encoding, errors)) => (nonempty(encoding), nonempty(errors)),
            None => (nonempty(&value), None),
        },
        None => (None, None),
    };
    let mut argv = vec![match &options.run {
        Run::Command(_) => OsString::from("-c"),
        Run::Module(_) => OsString::from("-m"),
        Run::Script(path) => path.clone(),
        _ if options.dash => OsString::from("-"),
        _ => OsString::new(),
    }];
    argv.extend(options.args.iter().cloned());
    let mut orig_argv = vec![program.clone()];
    orig_argv.extend(arguments.iter().cloned());
    let mut search_path = options.path.clone();
    search_path.extend(places.search_path);
    Ok(Config {
        argv,
        orig_argv,
        executable: places.executable,
        real_executable: places.real_executable,
        base_executable: places.base_executable,
        prefix: places.prefix.clone(),
        exec_prefix: places.prefix,
        base_prefix: places.base_prefix.clone(),
        base_exec_prefix: places.base_prefix,
        stdlib: places.stdlib,
        module_search_path: search_path,
        debug: u32::from(switch("PYTHONDEBUG", options.debug > 0)),
        inspect: count("PYTHONINSPECT", options.inspect),
        interactive: options.interactive,
        optimize: count("PYTHONOPTIMIZE", options.optimize),
        dont_write_bytecode: switch("PYTHONDONTWRITEBYTECODE", options.dont_write_bytecode),
        no_user_site: switch("PYTHONNOUSERSITE", options.no_user_site),
        no_site: options.no_site,
        ignore_environment: options.ignore_environment,
        verbose: count("PYTHONVERBOSE", options.verbose),
        bytes_warning,
        quiet: options.quiet,
        isolated: options.isolated,
        dev_mode,
        utf8_mode: utf8_mode(x_value("utf8"), text("PYTHONUTF8"))?,
        warn_default_encoding: x_value("warn_default_encoding").is_some() || flag("PYTHONWARNDEFAULTENCODING", false),
        safe_path: flag("PYTHONSAFEPATH", options.safe_path),
        unbuffered: switch("PYTHONUNBUFFERED", options.unbuffered),
        int_max_str_digits: int_max_str_digits(x_value("int_max_str_digits"), text("PYTHONINTMAXSTRDIGITS"))?,
        hash_seed: if options.random_hashes { None } else { hash_seed(text("PYTHONHASHSEED"))? },
        warn_options,
        pycache_prefix: match x_value("pycache_prefix") {
            Some(value) => value.filter(|value| !value.is_empty()).map(OsString::from),
            None => variable("PYTHONPYCACHEPREFIX"),
        },
        stdio_encoding,
        stdio_errors,
        faulthandler: dev_mode || x_value("faulthandler").is_some() || variable("PYTHONFAULTHANDLER").is_some(),
        tracemalloc: tracemalloc(x_value("tracemalloc"), text("PYTHONTRACEMALLOC"))?,
        import_time: import_time(x_value("importtime"), text("PYTHONPROFILEIMPORTTIME"))?,
        frozen_modules: x_value("frozen_modules").unwrap_or_else(|| text("PYTHON_FROZEN_MODULES")).as_deref() != Some("off"),
        skip_first_line: options.skip_first_line,
        check_hash_based_pycs: options.check_hash_based_pycs.clone(),
        x_options,
    })
}

fn nonempty(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(text.to_owned()) }
}

/// What is no number means 1, as no value does.
fn import_time(option: Option<Option<String>>, variable: Option<String>) -> Result<u32, ConfigError> {
    let level = |text: &str| text.trim_ascii_start().parse::<i64>().unwrap_or(1);
    let (level, origin) = match (option, variable) {
        (Some(value), _) => (value.as_deref().map_or(1, level), "-X importtime"),
        (None, Some(value)) => (level(&value), "PYTHONPROFILEIMPORTTIME"),
        (None, None) => (0, ""),
    };
    match level {
        0..=2 => Ok(level as u32),
        _ => {
            Err(ConfigError(format!("config_init_import_time: {origin}: values other than 1 and 2 are reserved for future use.")))
        }
    }
}

/// How many frames of each allocation's stack are kept; 0 is off.
fn tracemalloc(option: Option<Option<String>>, variable: Option<String>) -> Result<u32, ConfigError> {
    let (given, origin) = match (option, variable) {
        (Some(None), _) => return Ok(1),
        (Some(Some(value)), _) => (value, "-X tracemalloc=NFRAME"),
        (None, Some(value)) => (value, "PYTHONTRACEMALLOC"),
        (None, None) => return Ok(0),
    };
    let frames = given.trim_ascii_start().parse::<i32>().ok().and_then(|frames| u32::try_from(frames).ok());
    frames.ok_or_else(|| ConfigError(format!("config_init_tracemalloc: {origin}: invalid number of frames")))
}

fn utf8_mode(option: Option<Option<String>>, variable: Option<String>) -> Result<bool, ConfigError> {
    match option {
        Some(None) => return Ok(true),
        Some(Some(value)) => {
            return match value.as_str() {
                "1" => Ok(true),
                "0" => Ok(false),
                _ => Err(ConfigError("preconfig_init_utf8_mode: invalid -X utf8 option value".to_owned())),
            };
        }
        None => {}
    }
    match variable.as_deref() {
        Some("1") => Ok(true),
        Some("0") => Ok(false),
        None => Ok(locale_says_nothing()),
        Some(_) => Err(ConfigError("preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value".to_owned())),
    }
}

/// Whether the locale is the one of C, by whose encoding nobody can write their name: UTF-8 is meant then.
fn locale_says_nothing() -> bool {
    let given = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    given.is_none_or(|locale| locale == "C" || locale == "POSIX")
}

fn int_max_str_digits(option: Option<Option<String>>, variable: Option<String>) -> Result<i64, ConfigError> {
    let check = |value: &str, message: &str| match value.parse::<i64>() {
        Ok(number) if number == 0 || (640..=i32::MAX as i64).contains(&number) => Ok(number),
        _ => Err(ConfigError(message.to_owned())),
    };
    match (option, variable) {
        (Some(value), _) => {
            check(value.as_deref().unwrap_or(""), "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.")
        }
        (None, Some(value)) => check(&value, "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited."),
        (None, None) => Ok(-1),
    }
}

fn hash_seed(variable: Option<String>) -> Result<Option<u32>, ConfigError> {
    match variable.as_deref() {
        None | Some("random") => Ok(None),
        Some(value) => match value.parse::<u32>() {
            Ok(seed) => Ok(Some(seed)),
            Err(_) => Err(ConfigError(
                "config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]".to_owned(),
            )),
        },
    }
}
