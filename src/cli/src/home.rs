//! Where this installation lies: home (the folder with the landmark), virtual environments, the module search path.

use pylib::{LANDMARK, LIBRARY_IN_HOME};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Places that `sys` shows.
pub struct Places {
    pub executable: PathBuf,
    pub real_executable: PathBuf,
    pub base_executable: PathBuf,
    pub prefix: PathBuf,
    pub base_prefix: PathBuf,
    pub stdlib: PathBuf,
    pub search_path: Vec<OsString>,
}

/// Finds everything from the name that the program was called by.
pub fn find(program: &OsString, stdlib: Option<&OsString>, python_path: Option<&OsString>) -> Places {
    let executable = called_executable(program);
    let real_executable =
        std::fs::canonicalize("/proc/self/exe").or_else(|_| std::fs::canonicalize(&executable)).unwrap_or_default();
    let base_prefix = base_prefix(&real_executable);
    let stdlib = match stdlib {
        Some(folder) => PathBuf::from(folder),
        None => base_prefix.join(LIBRARY_IN_HOME),
    };
    let environment = environment_of(&executable);
    let (prefix, base_executable) = match &environment {
        Some(folder) => (folder.clone(), real_executable.clone()),
        None => (base_prefix.clone(), executable.clone()),
    };
    let mut search_path = Vec::new();
    if let Some(extra) = python_path {
        search_path.extend(std::env::split_paths(extra).map(PathBuf::into_os_string));
    }
    search_path.push(base_prefix.join("lib/python314.zip").into_os_string());
    search_path.push(stdlib.clone().into_os_string());
    search_path.push(stdlib.join("lib-dynload").into_os_string());
    Places { executable, real_executable, base_executable, prefix, base_prefix, stdlib, search_path }
}

/// The absolute path of the program as called, links kept.
fn called_executable(program: &OsString) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return absolute(path);
    }
    if let Some(folders) = std::env::var_os("PATH") {
        for folder in std::env::split_paths(&folders) {
            let candidate = folder.join(path);
            if is_executable(&candidate) {
                return absolute(&candidate);
            }
        }
    }
    std::env::current_exe().unwrap_or_default()
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder above the executable that holds the landmark.
fn base_prefix(real_executable: &Path) -> PathBuf {
    real_executable
        .ancestors()
        .skip(1)
        .take(4)
        .find(|folder| folder.join(LANDMARK).is_dir())
        .or_else(|| real_executable.parent())
        .unwrap_or(Path::new("/"))
        .to_owned()
}

/// The virtual environment that the executable stands in, by its `pyvenv.cfg`.
fn environment_of(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?;
    [folder, folder.parent()?].into_iter().find(|candidate| names_home(&candidate.join("pyvenv.cfg"))).map(Path::to_owned)
}

/// Whether a `pyvenv.cfg` is there and names a home.
fn names_home(config: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(config) else { return false };
    text.lines().any(|line| line.split_once('=').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("home")))
}
