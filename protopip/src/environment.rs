//! What is installed in an environment, read from its `.dist-info` folders (and `.egg-info`, which are only read); and the layout of a virtual environment by its pyvenv.cfg.
//! Must not know: wheels as archives, how things get installed.

use crate::flaw::Checked;
use crate::model::{Environment, PackageName, Version};
use crate::wheel::{EntryPoints, Metadata, record, refused};
use crate::{Error, Result};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// An installed distribution: its `.dist-info` folder, whoever installed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    pub name: PackageName,
    pub version: Version,
    /// The name as its author writes it.
    pub display_name: String,
    pub dist_info: PathBuf,
}

impl Installed {
    fn read(path: PathBuf) -> Option<Installed> {
        let name = path.file_name()?.to_str()?;
        // pip leaves folders with a tilde when it is interrupted.
        if name.starts_with('~') {
            return None;
        }
        match name.strip_suffix(".dist-info") {
            Some(stem) => {
                let (display_name, version) = stem.rsplit_once('-')?;
                Self::named(display_name, version, &path)
            }
            None => Self::read_egg_info(name.strip_suffix(".egg-info")?, &path),
        }
    }

    fn named(display_name: &str, version: &str, path: &Path) -> Option<Installed> {
        let name = PackageName::from_str(display_name).ok()?;
        let version = Version::from_str(version).or_else(|_| Version::from_str(&version.replace('_', "-"))).ok()?;
        Some(Installed { name, version, display_name: display_name.to_owned(), dist_info: path.to_owned() })
    }

    /// The form before wheels, which distributors of systems still use: a folder or file `name-version-py3.14.egg-info`.
    fn read_egg_info(stem: &str, path: &Path) -> Option<Installed> {
        let mut parts = stem.split('-');
        let (name, version) = (parts.next()?, parts.next());
        if let Some(found) = version.and_then(|version| Self::named(name, version, path)) {
            return Some(found);
        }
        let text = std::fs::read(if path.is_dir() { path.join("PKG-INFO") } else { path.to_owned() }).ok()?;
        let metadata = Metadata::parse(&String::from_utf8_lossy(&text)).ok()?;
        Self::named(&metadata.name, &metadata.version, path)
    }

    /// Whether it has the form that wheels leave; only such can be removed.
    pub fn is_dist_info(&self) -> bool {
        self.dist_info.extension().is_some_and(|extension| extension == "dist-info")
    }

    /// The folder that RECORD's paths are relative to.
    pub fn library(&self) -> &Path {
        self.dist_info.parent().unwrap_or(Path::new("/"))
    }

    fn text(&self, file: &str) -> Result<Option<String>> {
        let path = self.dist_info.join(file);
        match std::fs::read(&path) {
            Ok(data) => Ok(Some(String::from_utf8_lossy(&data).into_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("cannot read", &path, error)),
        }
    }

    fn required(&self, file: &str) -> Result<String> {
        let lacking =
            || Error::environment(format!("{} {} lacks {file} in {}", self.name, self.version, self.dist_info.display()));
        self.text(file)?.ok_or_else(lacking)
    }

    pub fn metadata_text(&self) -> Result<String> {
        if self.is_dist_info() {
            return self.required("METADATA");
        }
        if self.dist_info.is_dir() {
            return self.required("PKG-INFO");
        }
        let data = std::fs::read(&self.dist_info).map_err(|error| Error::io("cannot read", &self.dist_info, error))?;
        Ok(String::from_utf8_lossy(&data).into_owned())
    }

    pub fn metadata(&self) -> Result<Metadata> {
        Metadata::parse(&self.metadata_text()?).map_err(|flaw| refused(&self.dist_info, &flaw))
    }

    pub fn record(&self) -> Result<Vec<record::Row>> {
        if !self.is_dist_info() {
            return Err(Error::environment(format!("{} {} was not installed from a wheel", self.name, self.version))
                .because(format!("{} has no list of its files", self.dist_info.display()))
                .hint("remove it with the tool that installed it"));
        }
        let text = self.required("RECORD").map_err(|error| error.hint("without RECORD nobody knows which files belong to it"))?;
        // What pip installed may carry hashes that we would not accept from an index; the paths are what counts.
        read_record(&text).map_err(|flaw| refused(&self.dist_info, &flaw))
    }

    pub fn installer(&self) -> Option<String> {
        self.text("INSTALLER").ok().flatten().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A user asked for it by name.
    pub fn is_requested(&self) -> bool {
        self.dist_info.join("REQUESTED").exists()
    }

    /// Text of direct_url.json.
    pub fn direct_url(&self) -> Option<String> {
        self.text("direct_url.json").ok().flatten()
    }

    /// The project folder of an editable installation.
    pub fn editable_project(&self) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(&self.direct_url()?).ok()?;
        let editable = value.get("dir_info")?.get("editable")?.as_bool()?;
        let url = value.get("url")?.as_str()?;
        editable.then(|| url.strip_prefix("file://").unwrap_or(url).to_owned())
    }

    pub fn entry_points(&self) -> EntryPoints {
        self.text("entry_points.txt").ok().flatten().and_then(|text| EntryPoints::parse(&text).ok()).unwrap_or_default()
    }
}

fn read_record(text: &str) -> Checked<Vec<record::Row>> {
    match record::parse(text) {
        Ok(rows) => Ok(rows),
        Err(_) => record::parse_paths(text),
    }
}

/// Everything installed in the environment itself (not in the one below it), by name.
pub fn installed(environment: &Environment) -> Result<Vec<Installed>> {
    let mut libraries = vec![&environment.paths.purelib];
    if environment.paths.platlib != environment.paths.purelib {
        libraries.push(&environment.paths.platlib);
    }
    let mut found = Vec::new();
    for library in libraries {
        found.extend(installed_in(library)?);
    }
    found.sort_by(|a, b| (&a.name, &a.dist_info).cmp(&(&b.name, &b.dist_info)));
    // On a `lib64 -> lib` layout both paths may lead to the same folder.
    found.dedup_by(|a, b| a.name == b.name && same_folder(&a.dist_info, &b.dist_info));
    Ok(found)
}

/// Everything installed in one folder.
pub fn installed_in(library: &Path) -> Result<Vec<Installed>> {
    let entries = match std::fs::read_dir(library) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("cannot read", library, error)),
    };
    Ok(entries
        .flatten()
        .filter_map(|entry| Installed::read(entry.path()))
        .filter(|dist| dist.dist_info.is_dir() || !dist.is_dist_info())
        .collect())
}

fn same_folder(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// What pyvenv.cfg says, keys in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VenvConfig {
    pub values: Vec<(String, String)>,
}

impl VenvConfig {
    /// The configuration of the virtual environment at `prefix`, if there is one.
    pub fn read(prefix: &Path) -> Option<VenvConfig> {
        std::fs::read_to_string(prefix.join("pyvenv.cfg")).ok().map(|text| Self::parse(&text))
    }

    pub fn parse(text: &str) -> VenvConfig {
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        VenvConfig { values: pairs.map(|(key, value)| (key.trim().to_lowercase(), value.trim().to_owned())).collect() }
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The folder of the interpreter that the environment was made from.
    pub fn home(&self) -> Option<PathBuf> {
        self.get("home").map(PathBuf::from)
    }

    pub fn sees_system_packages(&self) -> bool {
        // `site` takes "true" if the key is absent.
        self.get("include-system-site-packages").is_none_or(|value| value.eq_ignore_ascii_case("true"))
    }

    /// `protopy`, `cpython`, ...: written by protopy, virtualenv and uv, not by the standard library.
    pub fn implementation(&self) -> Option<String> {
        self.get("implementation").map(str::to_lowercase)
    }

    /// Language version, from whichever key the maker wrote.
    pub fn version(&self) -> Option<Version> {
        let text = self.get("version").or_else(|| self.get("version_info")).or_else(|| self.get("python-version"))?;
        let numbers: Vec<&str> =
            text.split('.').take(3).take_while(|part| part.bytes().all(|byte| byte.is_ascii_digit())).collect();
        Version::from_str(&numbers.join(".")).ok()
    }
}

/// The environment that holds an interpreter: `<prefix>/bin/python` with `<prefix>/pyvenv.cfg`.
pub fn venv_of(python: &Path) -> Option<PathBuf> {
    let prefix = python.parent()?.parent()?;
    prefix.join("pyvenv.cfg").is_file().then(|| prefix.to_owned())
}

/// Refuses folders that hold no virtual environment.
pub fn require_venv(prefix: &Path) -> Result<VenvConfig> {
    let none = || Error::environment(format!("{} is no virtual environment", prefix.display())).because("it has no pyvenv.cfg");
    VenvConfig::read(prefix).ok_or_else(none)
}
