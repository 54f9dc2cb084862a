//! The shared store of unpacked wheels, addressed by the SHA-256 of the wheel file, and folders for the front half's own answers.
//!
//! How it stays sound: an unpacked wheel appears under its address by one rename, whole, with its manifest inside. Whoever uses the cache
//! holds a shared lock on it, whoever clears it an exclusive one. Every file's size and time of writing are compared with the manifest
//! when a wheel is looked up, because environments share the files by hard links: a wheel that somebody wrote to is thrown away.
//! Must not know: environments, indexes.

use crate::files;
use crate::model::{PackageName, WheelName};
use crate::wheel::{FileRow, Limits, Manifest, Wheel, modified, refused};
use crate::{Error, ExitCode, Result};
use rayon::prelude::*;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;

/// Changes with the layout; old folders are then just rubbish for `clean`.
const WHEELS: &str = "wheels-1";
const MANIFEST: &str = "manifest.json";
const FILES: &str = "files";
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by protopip. What is in here can be fetched again.\n";

#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    /// Held as long as this value lives. `None`: the cache cannot be written.
    lock: Option<File>,
    /// Takes the place of the cache where that cannot be written.
    overflow: OnceLock<TempDir>,
}

/// A wheel that lies unpacked and checked on this machine.
#[derive(Debug, Clone)]
pub struct StoredWheel {
    /// Holds `<scheme>/<path>` for each file of the manifest.
    pub folder: PathBuf,
    pub manifest: Arc<Manifest>,
    pub sha256: String,
}

impl StoredWheel {
    pub fn path_of(&self, row: &FileRow) -> PathBuf {
        self.folder.join(Manifest::stored_path(row))
    }

    /// Core metadata as it stands in the wheel.
    pub fn metadata_text(&self) -> Result<String> {
        let path = self.folder.join(self.manifest.root().name()).join(&self.manifest.dist_info).join("METADATA");
        std::fs::read_to_string(&path).map_err(|error| Error::io("cannot read", &path, error))
    }
}

/// What lies in the cache, for `cache list`.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    pub name: String,
    pub version: String,
    pub sha256: String,
    pub files: u64,
    pub bytes: u64,
    /// Some environment shares its files.
    pub in_use: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    pub files: u64,
    pub bytes: u64,
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Amount) {
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

/// What `Cache::clear` removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear<'a> {
    Everything,
    /// Unpacked wheels of one package.
    Package(&'a PackageName),
    /// Unpacked wheels that no environment shares.
    Unused,
}

impl Cache {
    /// Where the cache lies if nobody says otherwise.
    pub fn default_root() -> PathBuf {
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        from("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| from("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("protopip")
    }

    /// Opens a cache and makes it if needed. A cache that cannot be written still answers; what is added goes to a temporary folder.
    pub fn open(root: &Path) -> Result<Cache> {
        let root = std::path::absolute(root).map_err(|error| Error::io("cannot use the cache", root, error))?;
        let lock = match Self::prepare(&root) {
            Ok(file) => Some(file),
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => None,
            Err(error) => return Err(Error::io("cannot use the cache", &root, error)),
        };
        if let Some(file) = &lock {
            Self::enter(&root, file).map_err(|error| Error::io("cannot lock the cache", &root, error))?;
        }
        Ok(Cache { root, lock, overflow: OnceLock::new() })
    }

    fn prepare(root: &Path) -> std::io::Result<File> {
        std::fs::create_dir_all(root)?;
        let tag = root.join("CACHEDIR.TAG");
        if !tag.exists() {
            std::fs::write(tag, TAG)?;
        }
        OpenOptions::new().create(true).truncate(false).write(true).read(true).open(root.join("lock"))
    }

    /// Takes the shared lock. Whoever finds the cache unused first sweeps what killed processes left.
    fn enter(root: &Path, file: &File) -> std::io::Result<()> {
        if file.try_lock().is_ok() {
            for leftover in std::fs::read_dir(root.join("tmp")).into_iter().flatten().flatten() {
                let _ = files::remove_all(&leftover.path());
            }
            file.unlock()?;
        }
        file.lock_shared()?;
        // Under the lock: before it, somebody may be clearing.
        std::fs::create_dir_all(root.join("tmp"))?;
        std::fs::create_dir_all(root.join(WHEELS))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    /// The folder that is written to: the cache, or what stands in for it.
    fn writable_root(&self) -> Result<&Path> {
        if self.is_writable() {
            return Ok(&self.root);
        }
        if let Some(folder) = self.overflow.get() {
            return Ok(folder.path());
        }
        let folder = TempDir::with_prefix("protopip-")
            .map_err(|error| Error::io("cannot make a folder in", &std::env::temp_dir(), error))?;
        files::make_folders(&folder.path().join("tmp"))?;
        files::make_folders(&folder.path().join(WHEELS))?;
        Ok(self.overflow.get_or_init(|| folder).path())
    }

    /// A sub-folder for the caller's own use.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.writable_root()?.join(name);
        files::make_folders(&path)?;
        Ok(path)
    }

    /// A folder that vanishes with the value, on the same file system as the cache.
    pub fn temporary_folder(&self) -> Result<TempDir> {
        let parent = self.writable_root()?.join("tmp");
        TempDir::with_prefix_in("work-", &parent).map_err(|error| Error::io("cannot make a folder in", &parent, error))
    }

    /// An unpacked wheel by the sum of its file. Says `None` also for one that somebody damaged, and removes that.
    pub fn find(&self, sha256: &str) -> Option<StoredWheel> {
        if !is_address(sha256) {
            return None;
        }
        let overflow = self.overflow.get().map(|folder| folder.path());
        [Some(self.root.as_path()), overflow].into_iter().flatten().find_map(|root| {
            let folder = address(root, sha256);
            match read_stored(&folder, sha256) {
                Ok(stored) => Some(stored),
                Err(Unusable::Absent) => None,
                Err(Unusable::Damaged) => {
                    self.discard(&folder);
                    None
                }
            }
        })
    }

    fn discard(&self, folder: &Path) {
        if let Ok(grave) = self.temporary_folder() {
            let _ = std::fs::rename(folder, grave.path().join("damaged"));
        }
    }

    /// Checks a wheel file, unpacks it and keeps it. `sha256` must be the file's; the file itself is not kept.
    pub fn add_wheel(&self, file: &Path, name: &WheelName, sha256: &str, limits: &Limits) -> Result<StoredWheel> {
        if let Some(stored) = self.find(sha256) {
            return Ok(stored);
        }
        let actual = files::sha256_of(file)?;
        if !actual.eq_ignore_ascii_case(sha256) {
            let shown = file.file_name().unwrap_or_default().to_string_lossy();
            return Err(Error::refused(format!("{shown} has the SHA-256 sum {actual}, expected was {sha256}")));
        }
        let wheel = Wheel::open_as(file, name, limits)?;
        let work = self.temporary_folder()?;
        let whole = work.path().join("wheel");
        files::make_folders(&whole.join(FILES))?;
        let manifest = wheel.unpack(&whole.join(FILES)).map_err(|flaw| refused(file, &flaw))?;
        let text = serde_json::to_vec(&manifest).map_err(|error| Error::failed("cannot write a manifest").because(error))?;
        files::write_new(&whole.join(MANIFEST), &text, false)?;

        let folder = address(self.writable_root()?, sha256);
        if let Some(parent) = folder.parent() {
            files::make_folders(parent)?;
        }
        match std::fs::rename(&whole, &folder) {
            Ok(()) => Ok(StoredWheel { folder: folder.join(FILES), manifest: Arc::new(manifest), sha256: sha256.to_owned() }),
            // Another process was quicker; its copy is as good.
            Err(_) if folder.is_dir() => read_stored(&folder, sha256).map_err(|_| {
                Error::failed(format!("the cache holds a damaged copy of {}", name.name))
                    .hint("run `protopip cache clean`")
                    .with_code(ExitCode::Failed)
            }),
            Err(error) => Err(Error::io("cannot keep", &folder, error)),
        }
    }

    /// What is in the folders right under the root, by name.
    pub fn sizes(&self) -> Result<Vec<(String, Amount)>> {
        let mut sizes = Vec::new();
        for entry in list(&self.root)? {
            sizes.push((entry.file_name().unwrap_or_default().to_string_lossy().into_owned(), amount(&entry)));
        }
        sizes.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(sizes)
    }

    pub fn wheels(&self) -> Result<Vec<Kept>> {
        let mut folders = Vec::new();
        for shelf in list(&self.root.join(WHEELS))? {
            folders.extend(list(&shelf)?);
        }
        let mut kept: Vec<Kept> = folders
            .par_iter()
            .filter_map(|folder| {
                let sha256 = folder.file_name()?.to_str()?.to_owned();
                let stored = read_stored(folder, &sha256).ok()?;
                let in_use = stored.manifest.files.iter().any(|row| links(&stored.path_of(row)) > 1);
                let Manifest { name, version, .. } = stored.manifest.as_ref().clone();
                Some(Kept {
                    name,
                    version,
                    sha256,
                    files: stored.manifest.files.len() as u64,
                    bytes: stored.manifest.bytes(),
                    in_use,
                })
            })
            .collect();
        kept.sort_by(|a, b| (&a.name, &a.version, &a.sha256).cmp(&(&b.name, &b.version, &b.sha256)));
        Ok(kept)
    }

    /// Removes what is named, after everybody else has left the cache. Says how much that was.
    pub fn clear(&self, what: Clear<'_>) -> Result<Amount> {
        let Some(lock) = &self.lock else {
            return Err(Error::failed(format!("the cache {} cannot be written", self.root.display())));
        };
        let wrong = |error| Error::io("cannot lock the cache", &self.root, error);
        // Upgrading a lock may deadlock with another upgrader: let go first.
        lock.unlock().map_err(wrong)?;
        lock.lock().map_err(wrong)?;
        let result = self.clear_alone(what);
        lock.unlock().and_then(|()| lock.lock_shared()).map_err(wrong)?;
        result
    }

    fn clear_alone(&self, what: Clear<'_>) -> Result<Amount> {
        let doomed: Vec<PathBuf> = match what {
            Clear::Everything => list(&self.root)?.into_iter().filter(|path| path.is_dir()).collect(),
            Clear::Package(name) => self.addresses(|kept| PackageName::from_str(&kept.name).as_ref() == Ok(name))?,
            Clear::Unused => self.addresses(|kept| !kept.in_use)?,
        };
        let mut freed = Amount::default();
        for path in doomed {
            freed += amount(&path);
            files::remove_all(&path)?;
        }
        for folder in ["tmp", WHEELS] {
            files::make_folders(&self.root.join(folder))?;
        }
        Ok(freed)
    }

    fn addresses(&self, wanted: impl Fn(&Kept) -> bool) -> Result<Vec<PathBuf>> {
        Ok(self.wheels()?.iter().filter(|kept| wanted(kept)).map(|kept| address(&self.root, &kept.sha256)).collect())
    }
}

fn is_address(sha256: &str) -> bool {
    sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn address(root: &Path, sha256: &str) -> PathBuf {
    root.join(WHEELS).join(&sha256[..2]).join(sha256)
}

enum Unusable {
    Absent,
    Damaged,
}

fn read_stored(folder: &Path, sha256: &str) -> Result<StoredWheel, Unusable> {
    let text = match std::fs::read(folder.join(MANIFEST)) {
        Ok(text) => text,
        Err(_) if !folder.exists() => return Err(Unusable::Absent),
        Err(_) => return Err(Unusable::Damaged),
    };
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| Unusable::Damaged)?;
    if manifest.format != Manifest::FORMAT {
        return Err(Unusable::Damaged);
    }
    let stored = StoredWheel { folder: folder.join(FILES), manifest: Arc::new(manifest), sha256: sha256.to_owned() };
    let untouched = |row: &FileRow| {
        let about = std::fs::symlink_metadata(stored.path_of(row));
        about.is_ok_and(|about| about.is_file() && about.len() == row.size && modified(&about) == row.modified)
    };
    if stored.manifest.files.par_iter().with_min_len(64).all(untouched) { Ok(stored) } else { Err(Unusable::Damaged) }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.path()).collect()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(Error::io("cannot read", folder, error)),
    }
}

/// Files and bytes below a path; links are not followed.
fn amount(path: &Path) -> Amount {
    let Ok(about) = std::fs::symlink_metadata(path) else { return Amount::default() };
    if !about.is_dir() {
        return Amount { files: 1, bytes: about.len() };
    }
    let mut sum = Amount::default();
    for entry in list(path).unwrap_or_default() {
        sum += amount(&entry);
    }
    sum
}

fn links(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    std::fs::symlink_metadata(path).map_or(0, |about| about.nlink())
}
