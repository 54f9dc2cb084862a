//! The command line: CPython's options plus our long ones, with its rules (single letters may be bundled, `-c` and `-m` end the
//! options).
//!
//! Must not know: how anything runs; it gives plain data.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What the command line asks to run.
#[derive(Debug, PartialEq, Eq)]
pub enum Run {
    Command(OsString),
    Module(String),
    Script(OsString),
    /// No program: the prompt on a terminal, else a script from standard input.
    Stdin,
    /// `-V`, given once or twice.
    Version(u32),
    VersionJson,
    Help,
    HelpEnv,
    HelpXoptions,
    HelpAll,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    pub run: Run,
    /// `-` in the place of a script.
    pub dash: bool,
    /// `sys.argv` without its first entry.
    pub args: Vec<OsString>,
    pub bytes_warning: u32,
    pub dont_write_bytecode: bool,
    pub debug: u32,
    pub ignore_environment: bool,
    pub inspect: u32,
    pub isolated: bool,
    pub optimize: u32,
    pub safe_path: bool,
    pub quiet: bool,
    pub random_hashes: bool,
    pub no_user_site: bool,
    pub no_site: bool,
    pub unbuffered: bool,
    pub verbose: u32,
    pub skip_first_line: bool,
    pub interactive: u32,
    pub warnings: Vec<String>,
    pub x_options: Vec<String>,
    pub check_hash_based_pycs: String,
    /// `--path`: put in front of `sys.path`.
    pub path: Vec<OsString>,
    /// `--stdlib`
    pub stdlib: Option<OsString>,
    /// `--repl`: the prompt even if standard input is no terminal.
    pub repl: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            run: Run::Stdin,
            dash: false,
            args: Vec::new(),
            bytes_warning: 0,
            dont_write_bytecode: false,
            debug: 0,
            ignore_environment: false,
            inspect: 0,
            isolated: false,
            optimize: 0,
            safe_path: false,
            quiet: false,
            random_hashes: false,
            no_user_site: false,
            no_site: false,
            unbuffered: false,
            verbose: 0,
            skip_first_line: false,
            interactive: 0,
            warnings: Vec::new(),
            x_options: Vec::new(),
            check_hash_based_pycs: "default".to_owned(),
            path: Vec::new(),
            stdlib: None,
            repl: false,
        }
    }
}

/// A command line that cannot be followed: the message for standard error.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

/// Reads the arguments behind the program's name.
pub fn parse(arguments: &[OsString]) -> Result<Options, UsageError> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let bytes = argument.as_bytes();
        if bytes == b"-" || !bytes.starts_with(b"-") {
            options.run = if bytes == b"-" { Run::Stdin } else { Run::Script(argument.clone()) };
            options.args = rest.cloned().collect();
            options.dash = bytes == b"-";
            return Ok(options);
        }
        if bytes == b"--" {
            let mut remaining = rest.cloned();
            if let Some(script) = remaining.next() {
                options.run = Run::Script(script);
            }
            options.args = remaining.collect();
            return Ok(options);
        }
        if let Some(name) = bytes.strip_prefix(b"--") {
            if long_option(&mut options, &String::from_utf8_lossy(name), &mut rest)? {
                return Ok(options);
            }
            continue;
        }
        if short_options(&mut options, &bytes[1..], &mut rest)? {
            return Ok(options);
        }
    }
    Ok(options)
}

type Rest<'a> = std::slice::Iter<'a, OsString>;

fn value_of(name: &str, rest: &mut Rest) -> Result<OsString, UsageError> {
    rest.next().cloned().ok_or_else(|| UsageError(format!("Argument expected for the {name} option")))
}

/// True: the rest of the line belongs to the program.
fn long_option(options: &mut Options, name: &str, rest: &mut Rest) -> Result<bool, UsageError> {
    match name {
        "help" => options.run = Run::Help,
        "help-env" => options.run = Run::HelpEnv,
        "help-xoptions" => options.run = Run::HelpXoptions,
        "help-all" => options.run = Run::HelpAll,
        "version" => {
            options.run =
                if rest.clone().next().is_some_and(|next| next == "--json") { Run::VersionJson } else { Run::Version(1) };
            return Ok(true);
        }
        "check-hash-based-pycs" => {
            let value = value_of("--check-hash-based-pycs", rest)?.to_string_lossy().into_owned();
            if !matches!(value.as_str(), "always" | "default" | "never") {
                return Err(UsageError("--check-hash-based-pycs must be one of 'default', 'always', or 'never'".to_owned()));
            }
            options.check_hash_based_pycs = value;
            return Ok(false);
        }
        "module" => {
            options.run = Run::Module(value_of("--module", rest)?.to_string_lossy().into_owned());
            options.args = rest.cloned().collect();
            return Ok(true);
        }
        "script" => {
            options.run = Run::Script(value_of("--script", rest)?);
            options.args = rest.cloned().collect();
            return Ok(true);
        }
        "path" => options.path.push(value_of("--path", rest)?),
        "stdlib" => options.stdlib = Some(value_of("--stdlib", rest)?),
        "repl" => options.repl = true,
        _ => return Err(UsageError(format!("Unknown option: --{name}"))),
    }
    Ok(matches!(options.run, Run::Help | Run::HelpEnv | Run::HelpXoptions | Run::HelpAll))
}

/// A bundle of single letters. True: the rest of the line belongs to the program.
fn short_options(options: &mut Options, letters: &[u8], rest: &mut Rest) -> Result<bool, UsageError> {
    for (index, letter) in letters.iter().enumerate() {
        let attached = &letters[index + 1..];
        let value = |rest: &mut Rest| -> Result<OsString, UsageError> {
            if attached.is_empty() {
                value_of(&format!("-{}", *letter as char), rest)
            } else {
                Ok(OsString::from_vec(attached.to_vec()))
            }
        };
        match letter {
            b'c' => {
                options.run = Run::Command(value(rest)?);
                options.args = rest.cloned().collect();
                return Ok(true);
            }
            b'm' => {
                options.run = Run::Module(value(rest)?.to_string_lossy().into_owned());
                options.args = rest.cloned().collect();
                return Ok(true);
            }
            b'W' => {
                options.warnings.push(value(rest)?.to_string_lossy().into_owned());
                return Ok(false);
            }
            b'X' => {
                options.x_options.push(value(rest)?.to_string_lossy().into_owned());
                return Ok(false);
            }
            b'b' => options.bytes_warning += 1,
            b'B' => options.dont_write_bytecode = true,
            b'd' => options.debug += 1,
            b'E' => options.ignore_environment = true,
            b'i' => {
                options.inspect += 1;
                options.interactive += 1;
            }
            b'I' => {
                options.isolated = true;
                options.ignore_environment = true;
                options.no_user_site = true;
                options.safe_path = true;
            }
            b'O' => options.optimize += 1,
            b'P' => options.safe_path = true,
            b'q' => options.quiet = true,
            b'R' => options.random_hashes = true,
            b't' | b'J' => {}
            b's' => options.no_user_site = true,
            b'S' => options.no_site = true,
            b'u' => options.unbuffered = true,
            b'v' => options.verbose += 1,
            b'x' => options.skip_first_line = true,
            b'V' => {
                let before = if let Run::Version(count) = options.run { count } else { 0 };
                options.run = Run::Version(before + 1);
            }
            b'h' | b'?' => {
                options.run = Run::Help;
                return Ok(true);
            }
            other => return Err(UsageError(format!("Unknown option: -{}", *other as char))),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Options {
        parse(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>()).expect("valid")
    }

    #[test]
    fn programs_end_the_options() {
        assert_eq!(parsed("-c pass -x").args, ["-x"]);
        assert_eq!(parsed("-Ic pass").run, Run::Command("pass".into()));
        assert!(parsed("-Ic pass").isolated);
        assert_eq!(parsed("-mjson.tool a b").run, Run::Module("json.tool".to_owned()));
        assert_eq!(parsed("script.py -V").run, Run::Script("script.py".into()));
        assert_eq!(parsed("-VV").run, Run::Version(2));
        assert_eq!(parsed("- a").args, ["a"]);
    }

    #[test]
    fn unknown_options_are_refused() {
        assert_eq!(parse(&["-Z".into()]), Err(UsageError("Unknown option: -Z".to_owned())));
        assert_eq!(parse(&["-c".into()]), Err(UsageError("Argument expected for the -c option".to_owned())));
    }
}
