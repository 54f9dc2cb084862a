//! Where things lie in the repository, and the `protopy` that the commands run.

use crate::Outcome;
use crate::flags::Flags;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct House {
    pub root: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    pub fn from_flags(flags: &mut Flags) -> Profile {
        if flags.switch("--dev") { Profile::Dev } else { Profile::Release }
    }
    fn folder(self) -> &'static str {
        if self == Profile::Dev { "debug" } else { "release" }
    }
}

impl House {
    pub fn find() -> Outcome<House> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let from_manifest = manifest.ancestors().nth(2).map(Path::to_owned);
        let root = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => Path::new(&folder).ancestors().nth(2).map(Path::to_owned),
            None => from_manifest,
        };
        let root = root.ok_or("the repository was not found from the manifest's folder")?;
        Ok(House { root })
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The path as it is shown: relative to the repository.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    pub fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.path("target"),
        }
    }

    /// A folder under `target` for what a command leaves behind.
    pub fn scratch(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.target().join("xtask").join(name);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(folder)
    }

    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        command
    }

    /// Builds `protopy` and gives its path.
    pub fn build_protopy(&self, profile: Profile) -> Outcome<PathBuf> {
        let mut command = self.cargo();
        command.args(["build", "--locked", "--package", "cli", "--bin", "protopy"]);
        if profile == Profile::Release {
            command.arg("--release");
        }
        run(&mut command, "building protopy")?;
        Ok(self.target().join(profile.folder()).join("protopy"))
    }

    /// The interpreter that a command was asked to use: `--python PATH`, or a fresh build.
    pub fn interpreter(&self, flags: &mut Flags) -> Outcome<PathBuf> {
        let profile = Profile::from_flags(flags);
        match flags.value("--python")? {
            Some(path) => find_program(&path),
            None => self.build_protopy(profile),
        }
    }

    /// CPython 3.14 for recording output and comparing times, if there is one.
    pub fn oracle(&self) -> Option<PathBuf> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        [home.join(".anchors/bin/cpython3.14")].into_iter().find(|path| path.exists()).or_else(|| find_program("python3.14").ok())
    }

    /// The Python that runs helper scripts.
    pub fn helper_python(&self) -> Outcome<PathBuf> {
        find_program("python3")
    }
}

/// A program by path or by name in PATH.
pub fn find_program(name: &str) -> Outcome<PathBuf> {
    if name.contains('/') {
        let path = std::path::absolute(name).map_err(|error| format!("{name}: {error}"))?;
        return if path.exists() { Ok(path) } else { Err(format!("{name}: no such program")) };
    }
    std::env::var_os("PATH")
        .and_then(|folders| std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file()))
        .ok_or_else(|| format!("{name}: not found in PATH"))
}

/// Runs a command with its output shown.
pub fn run(command: &mut Command, what: &str) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} failed ({status})")),
        Err(error) => Err(format!("{what}: {error}")),
    }
}
