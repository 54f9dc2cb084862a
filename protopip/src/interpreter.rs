//! Which interpreter packages are installed for, and what it says of itself: found by name, variable or place; asked once and
//! remembered by the file's size and time. Knows no packages.

use crate::model::{Environment, Paths};
use crate::tags::{self, Facts};
use crate::{Error, Result};
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;

/// What the interpreter is asked. Only the standard library; one JSON object on standard output.
const QUESTION: &str = include_str!("interpreter.py");
/// Changes when the question does.
const FORM: u32 = 3;

/// Where files are to go, if not into the environment itself.
#[derive(Clone, Debug, Default)]
pub enum Place {
    #[default]
    Environment,
    Target(PathBuf),
    Prefix(PathBuf),
    User,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    executable: PathBuf,
    implementation_name: String,
    implementation_version: String,
    cache_tag: Option<String>,
    version: String,
    full_version: String,
    python_version: String,
    os_name: String,
    platform_machine: String,
    platform_python_implementation: String,
    platform_release: String,
    platform_system: String,
    platform_version: String,
    sys_platform: String,
    prefix: PathBuf,
    base_prefix: PathBuf,
    paths: Paths,
    user_paths: Option<Paths>,
    platform: String,
    extension_suffix: String,
    free_threaded: bool,
    libc: String,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    key: String,
    answer: Answer,
}

/// Finds and describes the environment. `asked` is `--python`: an interpreter, the folder of an environment, or a name on `PATH`.
pub fn find(asked: Option<&str>, place: &Place, memory: Option<&Path>) -> Result<Environment> {
    let python = match asked {
        Some(asked) => named(asked)?,
        None => unnamed()?,
    };
    let answer = ask(&python, memory)?;
    describe(answer, place)
}

fn named(asked: &str) -> Result<PathBuf> {
    let path = Path::new(asked);
    if path.is_dir() {
        return in_environment(path)
            .ok_or_else(|| Error::environment(format!("the folder {asked} has no bin/python, so it is no environment")));
    }
    if asked.contains('/') {
        if path.is_file() {
            return absolute(path);
        }
        return Err(Error::environment(format!("there is no interpreter {asked}")));
    }
    let names: Vec<String> = if asked.starts_with(|first: char| first.is_ascii_digit()) {
        vec![format!("python{asked}")]
    } else {
        vec![asked.to_owned()]
    };
    names.iter().find_map(|name| on_path(name)).ok_or_else(|| {
        Error::environment(format!("there is no interpreter called '{asked}' on PATH"))
            .hint("give the path of an interpreter or of an environment's folder")
    })
}

fn unnamed() -> Result<PathBuf> {
    for variable in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
        if let Some(folder) = std::env::var_os(variable).filter(|folder| !folder.is_empty()) {
            match in_environment(Path::new(&folder)) {
                Some(python) => return Ok(python),
                None if variable == "VIRTUAL_ENV" => {
                    return Err(Error::environment(format!(
                        "VIRTUAL_ENV names {}, which has no bin/python",
                        Path::new(&folder).display()
                    )));
                }
                None => {}
            }
        }
    }
    // The interpreter beside this program, as called: in an environment that is a link to the program elsewhere.
    for program in [called_program(), std::env::current_exe().ok()].into_iter().flatten() {
        let Some(folder) = program.parent() else { continue };
        let is_environment = folder.parent().is_some_and(|prefix| prefix.join("pyvenv.cfg").is_file());
        let names: &[&str] = if is_environment { &["protopy", "python"] } else { &["protopy"] };
        for name in names {
            let beside = folder.join(name);
            if is_executable(&beside) {
                return Ok(beside);
            }
        }
    }
    if let Some(python) = in_environment(Path::new(".venv")) {
        return absolute(&python);
    }
    ["protopy", "python3", "python"].iter().find_map(|name| on_path(name)).ok_or_else(|| {
        Error::environment("no interpreter was found")
            .hint("activate an environment, make one with 'protopip venv', or name one with --python")
    })
}

fn called_program() -> Option<PathBuf> {
    let name = std::env::args_os().next()?;
    if name.as_bytes().contains(&b'/') { absolute(Path::new(&name)).ok() } else { on_path_os(&name) }
}

fn in_environment(folder: &Path) -> Option<PathBuf> {
    ["bin/python", "bin/python3", "bin/protopy"]
        .iter()
        .map(|name| folder.join(name))
        .find(|python| is_executable(python))
        .and_then(|python| absolute(&python).ok())
}

/// The absolute path, links kept: an environment's interpreter is a link, and being called by it is what makes it one.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::io("cannot find", path, error))
}

fn on_path(name: &str) -> Option<PathBuf> {
    on_path_os(OsStr::new(name))
}

fn on_path_os(name: &OsStr) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.mode() & 0o111 != 0)
}

/// Asks, or remembers what was answered while file and configuration had the same times.
fn ask(python: &Path, memory: Option<&Path>) -> Result<Answer> {
    let key = key_of(python);
    let file = memory
        .zip(key.as_ref())
        .map(|(folder, _)| folder.join(format!("{}.json", crate::index::hex(&Sha256::digest(python.as_os_str().as_bytes())))));
    if let (Some(file), Some(key)) = (&file, &key)
        && let Ok(bytes) = std::fs::read(file)
        && let Ok(remembered) = serde_json::from_slice::<Remembered>(&bytes)
        && remembered.key == *key
    {
        return Ok(remembered.answer);
    }
    let failed = |why: String| Error::environment(format!("the interpreter {} does not answer", python.display())).because(why);
    let output = Command::new(python)
        .args(["-I", "-B", "-c", QUESTION])
        .env_remove("PYTHONHOME")
        .env_remove("__PYVENV_LAUNCHER__")
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(failed(text.lines().last().unwrap_or("it failed").to_owned()));
    }
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    if let (Some(file), Some(key)) = (file, key) {
        remember(&file, &Remembered { key, answer: answer.clone() });
    }
    Ok(answer)
}

fn remember(file: &Path, remembered: &Remembered) {
    let write = || -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut temporary, remembered)?;
        temporary.persist(file).map_err(|error| error.error)?;
        Ok(())
    };
    // Not remembering only costs time.
    let _ = write();
}

/// What must be the same for an answer to hold: the interpreter, and the configuration of its environment.
fn key_of(python: &Path) -> Option<String> {
    let real = python.canonicalize().ok()?;
    let mut key = format!("{FORM} {}", std::env::var("PROTOPY_PERSONA").unwrap_or_default());
    let configuration = python.parent()?.parent()?.join("pyvenv.cfg");
    for (path, must) in [(real.as_path(), true), (configuration.as_path(), false)] {
        match std::fs::metadata(path) {
            Ok(data) => key.push_str(&format!(" {} {} {}.{}", path.display(), data.len(), data.mtime(), data.mtime_nsec())),
            Err(_) if must => return None,
            Err(_) => key.push_str(" -"),
        }
    }
    Some(key)
}

fn describe(answer: Answer, place: &Place) -> Result<Environment> {
    let wrong =
        |what: &str| Error::environment(format!("{} says something strange about its {what}", answer.executable.display()));
    let version = crate::model::Version::from_str(&answer.version).map_err(|_| wrong("version"))?;
    let minor = version.release().get(1).copied().unwrap_or(0);
    let markers = MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: &answer.implementation_name,
        implementation_version: &answer.implementation_version,
        os_name: &answer.os_name,
        platform_machine: &answer.platform_machine,
        platform_python_implementation: &answer.platform_python_implementation,
        platform_release: &answer.platform_release,
        platform_system: &answer.platform_system,
        platform_version: &answer.platform_version,
        python_full_version: &answer.full_version,
        python_version: &answer.python_version,
        sys_platform: &answer.sys_platform,
    })
    .map_err(|_| wrong("versions"))?;
    let libc = |name: &str| answer.libc.strip_prefix(name).and_then(|rest| two_numbers(rest.trim()));
    let tags = tags::tags(&Facts {
        implementation: answer.implementation_name.clone(),
        minor,
        platform: answer.platform.clone(),
        glibc: libc("glibc"),
        musl: libc("musl"),
        free_threaded: answer.free_threaded && answer.implementation_name == "cpython",
        extension_suffix: answer.extension_suffix.clone(),
    });
    let (paths, is_target, prefix) = match place {
        Place::Environment => (answer.paths.clone(), false, answer.prefix.clone()),
        Place::Target(folder) => {
            let folder = absolute(folder)?;
            (bare(&folder, &answer.paths), true, folder)
        }
        Place::Prefix(folder) => {
            let folder = absolute(folder)?;
            (moved(&answer.paths, &answer.prefix, &folder), false, folder)
        }
        Place::User => {
            let mut paths = answer.user_paths.clone().ok_or_else(|| {
                Error::environment("--user is of no use here: this environment does not see packages of the user")
            })?;
            paths.stdlib = answer.paths.stdlib.clone();
            let prefix = paths.data.clone();
            (paths, false, prefix)
        }
    };
    let managed = paths.stdlib.join("EXTERNALLY-MANAGED");
    let externally_managed = match place {
        Place::Environment | Place::User if answer.prefix == answer.base_prefix => std::fs::read_to_string(managed).ok(),
        _ => None,
    };
    Ok(Environment {
        python: answer.executable,
        implementation: answer.implementation_name,
        cache_tag: answer.cache_tag,
        version,
        prefix,
        base_prefix: answer.base_prefix,
        paths,
        markers: Arc::new(markers),
        tags: Arc::new(tags),
        extension_suffix: answer.extension_suffix,
        externally_managed,
        is_target,
    })
}

fn two_numbers(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.').map(|part| part.parse::<u64>().ok());
    Some((parts.next()??, parts.next()??))
}

/// The layout of `--target`: packages in the folder itself.
fn bare(folder: &Path, own: &Paths) -> Paths {
    Paths {
        purelib: folder.to_owned(),
        platlib: folder.to_owned(),
        scripts: folder.join("bin"),
        data: folder.to_owned(),
        include: folder.join("include"),
        stdlib: own.stdlib.clone(),
    }
}

fn moved(paths: &Paths, from: &Path, to: &Path) -> Paths {
    let moved = |path: &Path| path.strip_prefix(from).map_or_else(|_| path.to_owned(), |rest| to.join(rest));
    Paths {
        purelib: moved(&paths.purelib),
        platlib: moved(&paths.platlib),
        scripts: moved(&paths.scripts),
        data: moved(&paths.data),
        include: moved(&paths.include),
        stdlib: paths.stdlib.clone(),
    }
}
