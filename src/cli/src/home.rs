//! Where this installation lies: home (the folder with the landmark), virtual environments, the module search path.
//!
//! Home is found from the real path of the executable, so a link or a moved folder makes no difference; a virtual environment is
//! found from the path as called (PEP 405).

use pylib::{LANDMARK, LIBRARY_IN_HOME, ZIP_IN_HOME};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Names that a base's executable may have, best first.
const EXECUTABLE_NAMES: &[&str] = &["protopy", "python3.14", "python3", "python"];

/// How far above the executable a home may begin.
const LEVELS: usize = 4;

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

/// What the command line and the environment say about places.
#[derive(Default)]
pub struct Wishes<'a> {
    /// `--stdlib`
    pub stdlib: Option<&'a OsString>,
    /// `PYTHONHOME`
    pub home: Option<&'a OsString>,
    /// `PYTHONPATH`
    pub path: Option<&'a OsString>,
}

/// Finds everything from the name that the program was called by.
pub fn find(program: &OsString, wishes: &Wishes) -> Places {
    let executable = called_executable(program);
    let real_executable =
        std::fs::canonicalize("/proc/self/exe").or_else(|_| std::fs::canonicalize(&executable)).unwrap_or_default();
    let environment = if wishes.home.is_some() { None } else { Environment::of(&executable) };
    let home = match (wishes.home, &environment) {
        (Some(home), _) => home_given(home),
        (None, Some(environment)) => environment.base_home.clone(),
        (None, None) => {
            home_of(&real_executable).unwrap_or_else(|| real_executable.parent().unwrap_or(Path::new("/")).join(LANDMARK))
        }
    };
    let stdlib = wishes.stdlib.map_or_else(|| home.join(LIBRARY_IN_HOME), PathBuf::from);
    let (prefix, base_executable) = match environment {
        Some(environment) => (environment.prefix, environment.base_executable),
        None => (home.clone(), executable.clone()),
    };
    let mut search_path = Vec::new();
    if let Some(extra) = wishes.path {
        search_path.extend(std::env::split_paths(extra).map(PathBuf::into_os_string));
    }
    search_path.push(home.join(ZIP_IN_HOME).into_os_string());
    search_path.push(stdlib.clone().into_os_string());
    search_path.push(stdlib.join("lib-dynload").into_os_string());
    Places { executable, real_executable, base_executable, prefix, base_prefix: home, stdlib, search_path }
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

/// The home that an executable (links resolved) belongs to.
fn home_of(real_executable: &Path) -> Option<PathBuf> {
    real_executable.ancestors().skip(1).take(LEVELS).map(|folder| folder.join(LANDMARK)).find(|home| home.is_dir())
}

/// `PYTHONHOME`: a home, or the folder that one was installed into.
fn home_given(given: &OsStr) -> PathBuf {
    let first = std::env::split_paths(given).next().unwrap_or_default();
    let inside = first.join(LANDMARK);
    if !first.join(LIBRARY_IN_HOME).is_dir() && inside.is_dir() { inside } else { first }
}

/// A virtual environment of ours.
#[derive(Debug, PartialEq)]
struct Environment {
    prefix: PathBuf,
    base_home: PathBuf,
    base_executable: PathBuf,
}

impl Environment {
    /// The environment that an executable stands in, by a `pyvenv.cfg` above or beside it. One whose `home` leads to another
    /// Python is none of ours: `protopy` installed by pip into an environment stands beside such a file.
    fn of(executable: &Path) -> Option<Environment> {
        let folder = executable.parent()?;
        let prefix = folder.parent()?;
        let named = [prefix, folder].into_iter().find_map(|place| home_key(&place.join("pyvenv.cfg")))?;
        let resolved = std::fs::canonicalize(executable).unwrap_or_else(|_| executable.to_owned());
        if home_of(&resolved).is_some_and(|home| home == prefix.join(LANDMARK)) {
            return None;
        }
        let candidate = |name: &OsStr| {
            let path = named.join(name);
            let home = home_of(&std::fs::canonicalize(&path).ok().filter(|real| real.is_file())?)?;
            Some((home, path))
        };
        // The base may have been called by any name: that of a link in `home` on the way from here to the real file.
        let links = links_from(executable);
        let linked = links.iter().filter(|link| link.parent() == Some(&named)).filter_map(|link| link.file_name());
        let (base_home, in_home) = linked
            .chain(executable.file_name())
            .chain(EXECUTABLE_NAMES.iter().map(OsStr::new))
            .filter(|name| named.join(name) != executable)
            .find_map(candidate)?;
        // A link knows better than the file what it was made from.
        let base_executable = if resolved != executable && home_of(&resolved).is_some() { resolved } else { in_home };
        Some(Environment { prefix: prefix.to_owned(), base_home, base_executable })
    }
}

/// Where a link leads, step by step.
fn links_from(path: &Path) -> Vec<PathBuf> {
    let mut links: Vec<PathBuf> = Vec::new();
    let mut at = path.to_owned();
    while let Ok(target) = std::fs::read_link(&at) {
        at = at.parent().unwrap_or(Path::new("/")).join(target);
        if links.len() > 40 {
            break;
        }
        links.push(at.clone());
    }
    links
}

/// The value of the key `home`.
fn home_key(config: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(config).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        key.trim().eq_ignore_ascii_case("home").then(|| PathBuf::from(value.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A folder of its own for a test, removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let folder = std::env::temp_dir().join(format!("protopy-home-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            Scratch(fs::canonicalize(&folder).unwrap())
        }
        fn program(&self, path: &str) -> PathBuf {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "#!").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        }
        fn installation(&self, prefix: &str) -> PathBuf {
            fs::create_dir_all(self.0.join(prefix).join(LANDMARK).join(LIBRARY_IN_HOME)).unwrap();
            self.program(&format!("{prefix}/bin/protopy"))
        }
        fn environment(&self, name: &str, home: &Path) -> PathBuf {
            let folder = self.0.join(name);
            fs::create_dir_all(folder.join("bin")).unwrap();
            fs::write(folder.join("pyvenv.cfg"), format!("HOME = {}\n", home.display())).unwrap();
            folder
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn home_is_above_the_real_executable() {
        let scratch = Scratch::new("above");
        let base = scratch.installation("base");
        assert_eq!(home_of(&base), Some(scratch.0.join("base/share/protopython")));
        assert_eq!(home_of(&scratch.program("other/bin/protopy")), None);
    }

    #[test]
    fn environments_by_links_and_by_copies() {
        let scratch = Scratch::new("environments");
        let base = scratch.installation("base");
        let home = scratch.0.join("base/share/protopython");
        let env = scratch.environment("env", base.parent().unwrap());
        let (link, copy) = (env.join("bin/python"), scratch.program("env/bin/python3"));
        symlink(&base, &link).unwrap();
        let expected = |base_executable: &Path| {
            Some(Environment { prefix: env.clone(), base_home: home.clone(), base_executable: base_executable.to_owned() })
        };
        assert_eq!(Environment::of(&link), expected(&base));
        assert_eq!(Environment::of(&copy), expected(&base));
        // The base called by a link of another name.
        let named = scratch.0.join("own-name");
        symlink(&base, &named).unwrap();
        let env = scratch.environment("other", &scratch.0);
        symlink(&named, env.join("bin/python")).unwrap();
        assert_eq!(Environment::of(&env.join("bin/python")).map(|found| found.prefix), Some(env));
    }

    #[test]
    fn environments_of_others_are_not_ours() {
        let scratch = Scratch::new("others");
        scratch.program("usr/bin/python3");
        // Installed by pip into an environment of another Python: home lies in the environment itself.
        let _env = scratch.environment("env", &scratch.0.join("usr/bin"));
        let installed = scratch.installation("env");
        assert_eq!(Environment::of(&installed), None);
        // Linked into one.
        let other = scratch.environment("other", &scratch.0.join("usr/bin"));
        symlink(&installed, other.join("bin/protopy")).unwrap();
        assert_eq!(Environment::of(&other.join("bin/protopy")), None);
    }
}
