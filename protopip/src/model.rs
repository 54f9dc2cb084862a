//! The words that all parts share: names, versions, wheel names, tags, files of an index, the environment, what is to be installed.
//! Plain data and its text forms; reads nothing, fetches nothing.

use crate::{Error, Result};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

pub use pep440_rs::{Version, VersionSpecifiers};
pub use pep508_rs::{ExtraName, MarkerEnvironment, PackageName};
pub use url::Url;

/// A requirement of a package or a user. Its URLs are plain: nothing in them is looked up in the process's variables.
pub type Requirement = pep508_rs::Requirement<Url>;

/// One compatibility tag (PEP 425), e.g. `py3-none-any`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    pub python: String,
    pub abi: String,
    pub platform: String,
}

impl Tag {
    pub fn new(python: &str, abi: &str, platform: &str) -> Tag {
        Tag { python: python.into(), abi: abi.into(), platform: platform.into() }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}-{}", self.python, self.abi, self.platform)
    }
}

/// A wheel's file name taken apart: `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`. The last three may be compressed
/// sets (`py2.py3`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    pub name: PackageName,
    pub version: Version,
    /// The number a build tag starts with, and the rest of it.
    pub build: Option<(u64, String)>,
    pub python: String,
    pub abi: String,
    pub platform: String,
}

impl WheelName {
    /// Takes a file name (no folders) apart. Percent escapes must be resolved before.
    pub fn parse(file_name: &str) -> Result<WheelName> {
        let wrong = |why: &str| Error::refused(format!("'{file_name}' is not the name of a wheel")).because(why);
        let stem = file_name.strip_suffix(".whl").ok_or_else(|| wrong("it does not end in .whl"))?;
        let parts: Vec<&str> = stem.split('-').collect();
        let (name, version, build, tags) = match parts.as_slice() {
            [name, version, tags @ ..] if tags.len() == 3 => (name, version, None, tags),
            [name, version, build, tags @ ..] if tags.len() == 3 => (name, version, Some(*build), tags),
            _ => return Err(wrong("it has not five or six parts")),
        };
        let build = match build {
            None => None,
            Some(text) => {
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                let (number, rest) = text.split_at(digits);
                let number = number.parse().map_err(|_| wrong("its build tag does not start with a number"))?;
                Some((number, rest.to_owned()))
            }
        };
        if tags.iter().any(|set| set.is_empty() || set.split('.').any(str::is_empty)) {
            return Err(wrong("a tag is empty"));
        }
        Ok(WheelName {
            name: PackageName::from_str(name).map_err(|error| wrong(&error.to_string()))?,
            version: Version::from_str(&version.replace('_', "-"))
                .or_else(|_| Version::from_str(version))
                .map_err(|error| wrong(&error.to_string()))?,
            build,
            python: tags[0].to_owned(),
            abi: tags[1].to_owned(),
            platform: tags[2].to_owned(),
        })
    }

    /// Every single tag of the compressed sets.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.python.split('.').flat_map(move |python| {
            self.abi.split('.').flat_map(move |abi| self.platform.split('.').map(move |platform| Tag::new(python, abi, platform)))
        })
    }

    /// The tags as they stand in the file name.
    pub fn tag_text(&self) -> String {
        format!("{}-{}-{}", self.python, self.abi, self.platform)
    }
}

/// Sum algorithms that indexes, locks and requirement files use. Only those that may protect something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }

    pub fn from_name(name: &str) -> Option<Algorithm> {
        match name {
            "sha256" => Some(Algorithm::Sha256),
            "sha384" => Some(Algorithm::Sha384),
            "sha512" => Some(Algorithm::Sha512),
            _ => None,
        }
    }
}

/// One sum, digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash {
    pub algorithm: Algorithm,
    pub digits: String,
}

impl Hash {
    pub fn sha256(digits: impl Into<String>) -> Hash {
        Hash { algorithm: Algorithm::Sha256, digits: digits.into() }
    }

    /// Reads `sha256:0123...` or `sha256=0123...`.
    pub fn parse(text: &str) -> Result<Hash> {
        let (name, digits) = text
            .split_once([':', '='])
            .ok_or_else(|| Error::usage(format!("'{text}' is not a hash of the form algorithm:digits")))?;
        let algorithm = Algorithm::from_name(&name.to_ascii_lowercase())
            .ok_or_else(|| Error::usage(format!("hash algorithm '{name}' is not one of sha256, sha384, sha512")))?;
        let digits = digits.trim().to_ascii_lowercase();
        let expected = match algorithm {
            Algorithm::Sha256 => 64,
            Algorithm::Sha384 => 96,
            Algorithm::Sha512 => 128,
        };
        if digits.len() != expected || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::usage(format!("'{text}' has not the digits of a {name} sum")));
        }
        Ok(Hash { algorithm, digits })
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.algorithm.name(), self.digits)
    }
}

/// What a file of an index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    Wheel(WheelName),
    /// A source package: `name-version.tar.gz` or `.zip`.
    Source {
        name: PackageName,
        version: Version,
    },
}

/// A file that an index, a folder or a requirement offers.
#[derive(Clone, Debug)]
pub struct DistFile {
    pub file_name: String,
    pub url: Url,
    pub kind: FileKind,
    pub hashes: Vec<Hash>,
    pub size: Option<u64>,
    pub requires_python: Option<VersionSpecifiers>,
    /// `Some(reason)` when the file was withdrawn (PEP 592).
    pub yanked: Option<String>,
    /// PEP 658: the metadata can be fetched alone; its sums when the index tells them.
    pub core_metadata: Option<Vec<Hash>>,
    /// ISO 8601, as the index says (PEP 700).
    pub upload_time: Option<String>,
}

impl DistFile {
    pub fn name(&self) -> &PackageName {
        match &self.kind {
            FileKind::Wheel(wheel) => &wheel.name,
            FileKind::Source { name, .. } => name,
        }
    }

    pub fn version(&self) -> &Version {
        match &self.kind {
            FileKind::Wheel(wheel) => &wheel.version,
            FileKind::Source { version, .. } => version,
        }
    }

    pub fn sha256(&self) -> Option<&str> {
        self.hashes.iter().find(|hash| hash.algorithm == Algorithm::Sha256).map(|hash| hash.digits.as_str())
    }
}

/// Where an environment's files go (the install scheme). All absolute.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Paths {
    pub purelib: PathBuf,
    pub platlib: PathBuf,
    pub scripts: PathBuf,
    /// `.data/data` goes here.
    pub data: PathBuf,
    /// `.data/headers` goes to a folder of the package's name in here.
    pub include: PathBuf,
    /// The library: holds EXTERNALLY-MANAGED when somebody else manages the environment.
    pub stdlib: PathBuf,
}

/// The interpreter that an environment belongs to, as files will be installed for it. Read once, then plain data.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What console scripts name in their first line.
    pub python: PathBuf,
    /// `sys.implementation.name`: `protopy`, `cpython`, ...
    pub implementation: String,
    /// `sys.implementation.cache_tag`: names byte code files; `None` if the interpreter writes none.
    pub cache_tag: Option<String>,
    pub version: Version,
    pub prefix: PathBuf,
    pub base_prefix: PathBuf,
    pub paths: Paths,
    pub markers: Arc<MarkerEnvironment>,
    /// Accepted tags, best first.
    pub tags: Arc<Vec<Tag>>,
    /// `sysconfig`'s EXT_SUFFIX (`.hpy0.so`).
    pub extension_suffix: String,
    /// Text of the EXTERNALLY-MANAGED file, if there is one and this is no virtual environment.
    pub externally_managed: Option<String>,
    /// With `--target`: the folder is a bare place for files, nothing in it is looked at or removed by scheme.
    pub is_target: bool,
}

impl Environment {
    pub fn is_virtual(&self) -> bool {
        self.prefix != self.base_prefix
    }

    pub fn is_protopy(&self) -> bool {
        self.implementation == "protopy"
    }

    /// `3.14`.
    pub fn python_minor(&self) -> String {
        let release = self.version.release();
        format!("{}.{}", release.first().copied().unwrap_or(3), release.get(1).copied().unwrap_or(0))
    }
}

/// One distribution to be installed: a wheel that the cache holds unpacked and checked, and what to note beside it.
#[derive(Clone, Debug)]
pub struct Addition<Stored> {
    pub name: PackageName,
    pub version: Version,
    pub stored: Stored,
    /// Asked for by the user: writes REQUESTED.
    pub requested: bool,
    /// Text of direct_url.json (PEP 610), for what came by URL or path.
    pub direct_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheel_names() {
        let wheel = WheelName::parse("Foo_Bar-1.0-2b-py2.py3-none-any.whl").unwrap();
        assert_eq!(wheel.name.to_string(), "foo-bar");
        assert_eq!(wheel.build, Some((2, "b".to_owned())));
        assert_eq!(wheel.tags().map(|tag| tag.to_string()).collect::<Vec<_>>(), ["py2-none-any", "py3-none-any"]);
        for wrong in [
            "a.whl",
            "a-1-py3-none.whl",
            "a-1-x-py3-none-any.whl",
            "a-1-py3-none-any.zip",
            "a-1-py3--any.whl",
            "a-b-py3-none-any.whl",
        ] {
            assert!(WheelName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hashes() {
        assert!(Hash::parse("md5:00").is_err());
        assert!(Hash::parse("sha256:00").is_err());
        let text = format!("sha256:{}", "ab".repeat(32));
        assert_eq!(Hash::parse(&text.to_uppercase()).unwrap().to_string(), text);
    }
}
