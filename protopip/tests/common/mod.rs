//! What the tests of the back half share: environments, snapshots of folders, wheels on their way into a cache.
#![allow(dead_code)]

use protopip::cache::{Cache, StoredWheel};
use protopip::install::Plan;
use protopip::model::{Addition, Environment, MarkerEnvironment, PackageName, Paths, Version, WheelName};
use protopip::wheel::Limits;
use protopip::{Error, Result};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use tempfile::TempDir;
use wheels_tests::BuiltWheel;

/// A folder with a cache and an environment in it, and room around both to see what escapes.
pub struct Place {
    pub folder: TempDir,
    pub environment: Environment,
    pub cache: Cache,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let environment = environment_at(&folder.path().join("deep/er/env"));
        let cache = Cache::open(&folder.path().join("cache")).unwrap();
        Place { folder, environment, cache }
    }

    pub fn prefix(&self) -> &Path {
        &self.environment.prefix
    }

    pub fn library(&self) -> &Path {
        &self.environment.paths.purelib
    }

    pub fn store(&self, wheel: &BuiltWheel) -> Result<StoredWheel> {
        store(&self.cache, self.folder.path(), wheel)
    }

    pub fn addition(&self, wheel: &BuiltWheel) -> Addition<StoredWheel> {
        addition(self.store(wheel).unwrap())
    }

    pub fn install(&self, wheels: &[&BuiltWheel]) -> Result<protopip::install::Report> {
        let add = wheels.iter().map(|wheel| self.addition(wheel)).collect();
        Plan { add, ..Plan::default() }.execute(&self.environment)
    }

    pub fn snapshot(&self) -> BTreeMap<String, String> {
        snapshot(self.prefix())
    }

    /// Everything but the cache.
    pub fn snapshot_outside_cache(&self) -> BTreeMap<String, String> {
        let mut all = snapshot(self.folder.path());
        all.retain(|name, _| !name.starts_with("cache") && !name.starts_with("incoming"));
        all
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.prefix().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn names(&self) -> Vec<String> {
        protopip::environment::installed(&self.environment)
            .unwrap()
            .iter()
            .map(|dist| format!("{} {}", dist.name, dist.version))
            .collect()
    }
}

pub fn store(cache: &Cache, near: &Path, wheel: &BuiltWheel) -> Result<StoredWheel> {
    let incoming = near.join("incoming");
    std::fs::create_dir_all(&incoming).unwrap();
    let file = tempfile::NamedTempFile::new_in(&incoming).unwrap();
    std::fs::write(file.path(), &wheel.bytes).unwrap();
    cache.add_wheel(file.path(), &WheelName::parse(&wheel.file_name)?, &wheel.sha256(), &Limits::default())
}

pub fn addition(stored: StoredWheel) -> Addition<StoredWheel> {
    Addition {
        name: PackageName::from_str(&stored.manifest.name).unwrap(),
        version: Version::from_str(&stored.manifest.version).unwrap(),
        stored,
        requested: true,
        direct_url: None,
    }
}

/// A bare virtual environment, as its files lie.
pub fn environment_at(prefix: &Path) -> Environment {
    let library = prefix.join("lib/python3.14/site-packages");
    if !library.exists() {
        std::fs::create_dir_all(&library).unwrap();
        std::fs::create_dir_all(prefix.join("bin")).unwrap();
        std::os::unix::fs::symlink("lib", prefix.join("lib64")).unwrap();
        std::fs::write(prefix.join("pyvenv.cfg"), "home = /usr/bin\nimplementation = protopy\nversion = 3.14.8\n").unwrap();
        std::fs::write(prefix.join("bin/python"), "#!/bin/sh\nexit 0\n").unwrap();
        std::fs::set_permissions(prefix.join("bin/python"), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let markers = pep508_markers();
    Environment {
        python: prefix.join("bin/python"),
        implementation: "protopy".into(),
        cache_tag: Some("protopy-314".into()),
        version: Version::from_str("3.14.8").unwrap(),
        prefix: prefix.to_owned(),
        base_prefix: PathBuf::from("/usr"),
        paths: Paths {
            purelib: library.clone(),
            platlib: library.clone(),
            scripts: prefix.join("bin"),
            data: prefix.to_owned(),
            include: prefix.join("include/site/python3.14"),
            stdlib: PathBuf::from("/usr/lib/python3.14"),
        },
        markers: Arc::new(markers),
        tags: Arc::new(Vec::new()),
        extension_suffix: ".hpy0.so".into(),
        externally_managed: None,
        is_target: false,
    }
}

fn pep508_markers() -> MarkerEnvironment {
    MarkerEnvironment::try_from(pep508_rs::MarkerEnvironmentBuilder {
        implementation_name: "protopy",
        implementation_version: "3.14.8",
        os_name: "posix",
        platform_machine: "x86_64",
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: "3.14.8",
        python_version: "3.14",
        sys_platform: "linux",
    })
    .unwrap()
}

/// Every path below a folder with its kind and content.
pub fn snapshot(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(&path).unwrap().flatten() {
            let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                open.push(entry.path());
                found.insert(name, "a folder".into());
            } else if kind.is_symlink() {
                found.insert(name, format!("a link to {}", std::fs::read_link(entry.path()).unwrap().display()));
            } else {
                let data = std::fs::read(entry.path()).unwrap();
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                found.insert(name, format!("{mode:o} {} {}", data.len(), wheels_tests::wheel::sha256_hex(&data)));
            }
        }
    }
    found
}

/// One clear message: a sentence, without the marks of a panic or of our own types.
pub fn assert_clear(label: &str, error: &Error) {
    let text = error.to_string();
    assert!(!text.is_empty() && text.len() < 900, "{label}: {text}");
    for mark in ["panicked", "Err(", "Some(", "RUST_BACKTRACE"] {
        assert!(!text.contains(mark), "{label}: {text}");
    }
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{label}: {text:?}");
    assert_ne!(error.code() as i32, 0, "{label}");
}
