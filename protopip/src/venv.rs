//! Makes a virtual environment (PEP 405) without running anything: the template's files, links to the interpreter, pyvenv.cfg, and pip from
//! the cache if wanted. The same environment as `protopy -m venv` makes.
//! Must not know: indexes, how pip got into the cache.

use crate::cache::StoredWheel;
use crate::environment::VenvConfig;
use crate::files::{self, exists};
use crate::install::Plan;
use crate::model::{Addition, Environment, PackageName, Paths, Version};
use crate::wheel::EntryPoint;
use crate::{Error, Result};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// The template as it lies in the repository: environments for other interpreters than ours need it too, and those have no home of ours.
const TEMPLATE: [(&str, &str); 7] = [
    ("CACHEDIR.TAG", include_str!("../../venv-template/CACHEDIR.TAG")),
    ("bin/Activate.ps1", include_str!("../../venv-template/bin/Activate.ps1")),
    ("bin/activate", include_str!("../../venv-template/bin/activate")),
    ("bin/activate.csh", include_str!("../../venv-template/bin/activate.csh")),
    ("bin/activate.fish", include_str!("../../venv-template/bin/activate.fish")),
    ("bin/activate.nu", include_str!("../../venv-template/bin/activate.nu")),
    ("bin/activate.xsh", include_str!("../../venv-template/bin/activate.xsh")),
];

#[derive(Debug, Clone)]
pub struct Options {
    pub path: PathBuf,
    /// The interpreter to make it for; a virtual one stands for the one that it was made from.
    pub base: Environment,
    pub prompt: Option<String>,
    pub system_site_packages: bool,
    /// Copies of the executables instead of links.
    pub copies: bool,
    /// Empties the folder first.
    pub clear: bool,
    /// Makes an existing environment one of this interpreter; packages stay.
    pub upgrade: bool,
    pub pip: Option<StoredWheel>,
}

/// Makes the environment; gives it as later commands will see it.
pub fn create(options: &Options) -> Result<Environment> {
    let prefix = std::path::absolute(&options.path).map_err(|error| Error::io("cannot make", &options.path, error))?;
    if prefix.to_string_lossy().contains(':') {
        return Err(Error::usage(format!("{} holds a colon, which would break PATH", prefix.display())));
    }
    prepare(&prefix, options)?;
    let base = Base::of(&options.base)?;
    let minor = options.base.python_minor();
    for folder in ["bin".to_owned(), "include".to_owned(), format!("lib/python{minor}/site-packages")] {
        files::make_folders(&prefix.join(folder))?;
    }
    let lib64 = prefix.join("lib64");
    if cfg!(target_pointer_width = "64") && !exists(&lib64) {
        symlink("lib", &lib64).map_err(|error| Error::io("cannot make", &lib64, error))?;
    }
    put_interpreter(&prefix, &base, options)?;
    if !options.upgrade {
        put_template(&prefix, options)?;
    }
    // Last: before it is there, no interpreter takes the folder for an environment.
    files::write_atomically(&prefix.join("pyvenv.cfg"), configuration(&prefix, &base, options).as_bytes())?;
    let environment = environment_in(&prefix, &base, &options.base);
    if let Some(pip) = &options.pip {
        put_pip(&environment, pip)?;
    }
    Ok(environment)
}

fn prepare(prefix: &Path, options: &Options) -> Result<()> {
    let wrong = |error| Error::io("cannot make", prefix, error);
    if !exists(prefix) {
        return files::make_folders(prefix);
    }
    if !prefix.is_dir() {
        return Err(Error::environment(format!("{} is there and is no folder", prefix.display())));
    }
    if options.clear {
        for entry in std::fs::read_dir(prefix).map_err(wrong)? {
            files::remove_all(&entry.map_err(wrong)?.path())?;
        }
        return Ok(());
    }
    let is_empty = std::fs::read_dir(prefix).map_err(wrong)?.next().is_none();
    if is_empty || prefix.join("pyvenv.cfg").exists() {
        return Ok(());
    }
    Err(Error::environment(format!("{} holds files and is no virtual environment", prefix.display()))
        .hint("--clear empties it first"))
}

/// The interpreter behind an environment.
struct Base {
    executable: PathBuf,
    prefix: PathBuf,
}

impl Base {
    fn of(environment: &Environment) -> Result<Base> {
        let executable = match VenvConfig::read(&environment.prefix).filter(|_| environment.is_virtual()) {
            None => environment.python.clone(),
            Some(config) => {
                let at_home = |name: &str| config.home().map(|home| home.join(name)).filter(|path| path.exists());
                let named = config.get("base-executable").map(PathBuf::from).filter(|path| path.exists());
                let own = environment.python.file_name().unwrap_or_default().to_string_lossy();
                let found = named
                    .or_else(|| at_home(&environment.implementation))
                    .or_else(|| at_home(&own))
                    .or_else(|| at_home("python3"));
                found.ok_or_else(|| {
                    Error::environment(format!("the interpreter behind {} is not there any more", environment.prefix.display()))
                })?
            }
        };
        if !executable.is_file() {
            return Err(Error::environment(format!(
                "the interpreter says that it is {}, and that does not exist",
                executable.display()
            )));
        }
        Ok(Base { executable, prefix: environment.base_prefix.clone() })
    }

    fn folder(&self) -> &Path {
        self.executable.parent().unwrap_or(Path::new("/"))
    }
}

fn put_interpreter(prefix: &Path, base: &Base, options: &Options) -> Result<()> {
    let bin = prefix.join("bin");
    let python = bin.join("python");
    if options.upgrade && exists(&python) {
        files::remove_all(&python)?;
    }
    put(&base.executable, &python, options.copies)?;
    let mut names = vec!["python3".to_owned(), format!("python{}", options.base.python_minor())];
    names.push(base.executable.file_name().unwrap_or_default().to_string_lossy().into_owned());
    if options.base.is_protopy() {
        names.push("protopy".to_owned());
    }
    for name in names.iter().filter(|name| *name != "python") {
        let path = bin.join(name);
        if options.upgrade {
            files::remove_all(&path)?;
        }
        if !exists(&path) {
            // One copy under several names.
            let made = if options.copies { std::fs::hard_link(&python, &path) } else { symlink("python", &path) };
            made.map_err(|error| Error::io("cannot make", &path, error))?;
        }
    }
    if options.base.is_protopy() {
        for name in ["protopyc", "protopip"] {
            let real = base.executable.canonicalize().unwrap_or_else(|_| base.executable.clone());
            let folders = [Some(base.folder()), real.parent()];
            let command = folders.into_iter().flatten().map(|folder| folder.join(name)).find(|path| path.is_file());
            if let Some(command) = command.filter(|_| !exists(&bin.join(name))) {
                put(&command, &bin.join(name), options.copies)?;
            }
        }
    }
    Ok(())
}

fn put(source: &Path, path: &Path, copy: bool) -> Result<()> {
    if exists(path) {
        return Ok(());
    }
    let made = if copy { std::fs::copy(source, path).map(drop) } else { symlink(source, path) };
    made.map_err(|error| Error::io("cannot make", path, error))
}

fn put_template(prefix: &Path, options: &Options) -> Result<()> {
    let name = name_of(prefix);
    let prompt = options.prompt.clone().unwrap_or_else(|| name.clone());
    let (folder, python) = (prefix.to_string_lossy(), prefix.join("bin/python"));
    let python = python.to_string_lossy();
    let values: [(&str, &str); 5] = [
        ("__VENV_DIR__", &folder),
        ("__VENV_NAME__", &name),
        ("__VENV_PROMPT__", &prompt),
        ("__VENV_BIN_NAME__", "bin"),
        ("__VENV_PYTHON__", &python),
    ];
    for (path, text) in TEMPLATE {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let mut text = text.to_owned();
        for (word, value) in values {
            text = text.replace(word, &quoted(value, ending));
        }
        let target = prefix.join(path);
        files::remove_all(&target)?;
        files::write_new(&target, text.as_bytes(), false)?;
    }
    let ignore = prefix.join(".gitignore");
    if !exists(&ignore) {
        files::write_new(&ignore, b"# Nothing in a virtual environment belongs into a repository.\n*\n", false)?;
    }
    Ok(())
}

fn name_of(prefix: &Path) -> String {
    prefix.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A text as it is, for the shell that reads files with this ending.
fn quoted(text: &str, ending: &str) -> String {
    match ending {
        "ps1" => format!("'{}'", text.replace('\'', "''")),
        "fish" => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        // History is looked for even between quotes.
        "csh" => shell_quoted(text).replace('!', "\\!"),
        "nu" => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        "xsh" | "py" => python_quoted(text),
        _ => shell_quoted(text),
    }
}

fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%_-+=:,./".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\"'\"'")) }
}

fn python_quoted(text: &str) -> String {
    let mut quoted = "'".to_owned();
    for c in text.chars() {
        match c {
            '\\' | '\'' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

fn configuration(prefix: &Path, base: &Base, options: &Options) -> String {
    let version = &options.base.version;
    let mut lines = vec![
        format!("home = {}", base.folder().display()),
        format!("include-system-site-packages = {}", options.system_site_packages),
        format!("version = {version}"),
    ];
    if let Some(prompt) = &options.prompt {
        lines.push(format!("prompt = {}", python_quoted(prompt)));
    }
    let real = base.executable.canonicalize().unwrap_or_else(|_| base.executable.clone());
    let implementation = if options.base.implementation == "cpython" { "CPython" } else { &options.base.implementation };
    lines.push(format!("executable = {}", real.display()));
    lines.push(format!("command = protopip venv {}", prefix.display()));
    lines.push(format!("implementation = {implementation}"));
    lines.push(format!("version_info = {version}.final.0"));
    lines.push(format!("base-prefix = {}", base.prefix.display()));
    lines.push(format!("base-exec-prefix = {}", base.prefix.display()));
    lines.push(format!("base-executable = {}", base.executable.display()));
    lines.iter().map(|line| format!("{}\n", line.replace('\n', " "))).collect()
}

/// The new environment, by what is known of its base.
fn environment_in(prefix: &Path, base: &Base, like: &Environment) -> Environment {
    let minor = like.python_minor();
    let library = prefix.join(format!("lib/python{minor}/site-packages"));
    Environment {
        python: prefix.join("bin/python"),
        prefix: prefix.to_owned(),
        base_prefix: base.prefix.clone(),
        paths: Paths {
            purelib: library.clone(),
            platlib: library,
            scripts: prefix.join("bin"),
            data: prefix.to_owned(),
            include: prefix.join(format!("include/site/python{minor}")),
            stdlib: like.paths.stdlib.clone(),
        },
        externally_managed: None,
        is_target: false,
        ..like.clone()
    }
}

fn put_pip(environment: &Environment, pip: &StoredWheel) -> Result<()> {
    let unusable = |error: &dyn std::fmt::Display| Error::failed("the bundled pip cannot be used").because(error);
    let mut stored = pip.clone();
    // The wheel announces `pip` and `pip3`; every installed pip has one with the full version besides.
    let scripts = &mut Arc::make_mut(&mut stored.manifest).entry_points.console;
    if let Some(pip3) = scripts.iter().find(|script| script.name == "pip3").cloned() {
        scripts.push(EntryPoint { name: format!("pip{}", environment.python_minor()), ..pip3 });
    }
    let addition = Addition {
        name: PackageName::from_str(&stored.manifest.name).map_err(|error| unusable(&error))?,
        version: Version::from_str(&stored.manifest.version).map_err(|error| unusable(&error))?,
        stored,
        requested: true,
        direct_url: None,
    };
    Plan { add: vec![addition], ..Plan::default() }.execute(environment).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        assert_eq!(quoted("a b'c", ""), "'a b'\"'\"'c'");
        assert_eq!(quoted("plain/path-1.0", ""), "plain/path-1.0");
        assert_eq!(quoted("a!b", "csh"), "'a\\!b'");
        assert_eq!(quoted("a'b", "ps1"), "'a''b'");
        assert_eq!(quoted("a\\'b", "fish"), "'a\\\\\\'b'");
        assert_eq!(quoted("a\"b", "nu"), "\"a\\\"b\"");
        assert_eq!(quoted("a'b", "xsh"), "'a\\'b'");
    }
}
