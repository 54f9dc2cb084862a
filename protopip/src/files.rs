//! Small deeds on files that several parts need: linking, atomic writing, sums, lexical paths, locks. Must not know what the files mean.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// How a file of the cache gets into an environment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkMode {
    /// Copy-on-write copies where the file system has them, else hard links, else copies.
    #[default]
    Auto,
    Hardlink,
    Reflink,
    Copy,
}

/// Links files of one folder tree into another, and remembers which ways do not work between the two.
pub struct Linker {
    mode: LinkMode,
    no_reflink: AtomicBool,
    no_hardlink: AtomicBool,
}

impl Linker {
    pub fn new(mode: LinkMode) -> Linker {
        let fixed = |modes: [LinkMode; 2]| AtomicBool::new(!modes.contains(&mode));
        Linker {
            mode,
            no_reflink: fixed([LinkMode::Auto, LinkMode::Reflink]),
            no_hardlink: fixed([LinkMode::Auto, LinkMode::Hardlink]),
        }
    }

    /// `to` must not exist.
    pub fn link(&self, from: &Path, to: &Path) -> Result<()> {
        if !self.no_reflink.load(Ordering::Relaxed) {
            match reflink_copy::reflink(from, to) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(Error::io("cannot write", to, error)),
                Err(_) => self.no_reflink.store(true, Ordering::Relaxed),
            }
        }
        if !self.no_hardlink.load(Ordering::Relaxed) {
            match std::fs::hard_link(from, to) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(Error::io("cannot write", to, error)),
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::io("cannot link", from, error)),
                // EMLINK concerns one file only; the rest may still be linked.
                Err(error) if error.kind() == ErrorKind::TooManyLinks => {}
                Err(_) => self.no_hardlink.store(true, Ordering::Relaxed),
            }
        }
        copy_new(from, to)
    }

    pub fn mode(&self) -> LinkMode {
        self.mode
    }
}

/// Copies data and permissions to a new file.
pub fn copy_new(from: &Path, to: &Path) -> Result<()> {
    let copy = || -> std::io::Result<()> {
        let mut source = File::open(from)?;
        let permissions = source.metadata()?.permissions();
        let mut target = OpenOptions::new().write(true).create_new(true).open(to)?;
        std::io::copy(&mut source, &mut target)?;
        target.set_permissions(permissions)
    };
    copy().map_err(|error| Error::io("cannot copy to", to, error))
}

/// Writes a new file; with `executable`, one that may be run.
pub fn write_new(path: &Path, data: &[u8], executable: bool) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mode = if executable { 0o777 } else { 0o666 };
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(data)).map_err(|error| Error::io("cannot write", path, error))
}

/// Writes a file so that readers see the old text or the new text, never a part.
pub fn write_atomically(path: &Path, data: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let mut file = tempfile::Builder::new()
            .prefix(".writing-")
            .permissions(std::fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        file.write_all(data)?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error| Error::io("cannot write", path, error))
}

pub fn make_folders(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| Error::io("cannot make folder", path, error))
}

/// Removes a file, link or folder, which may be gone already.
pub fn remove_all(path: &Path) -> Result<()> {
    let gone = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    };
    let result = match std::fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => gone(std::fs::remove_dir_all(path)),
        Ok(_) => gone(std::fs::remove_file(path)),
        Err(error) => gone(Err(error)),
    };
    result.map_err(|error| Error::io("cannot remove", path, error))
}

/// Whether something lies there, be it a dangling link.
pub fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn exists_as_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| !about.is_dir())
}

/// SHA-256 of a file, in digits.
pub fn sha256_of(path: &Path) -> Result<String> {
    let sum = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let mut sum = Sha256::new();
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(crate::wheel::record::hex(&sum.finalize())),
                count => sum.update(&buffer[..count]),
            }
        }
    };
    sum().map_err(|error| Error::io("cannot read", path, error))
}

/// Resolves `.` and `..` without looking at the disk.
pub fn lexical(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match result.components().next_back() {
                Some(Component::Normal(_)) => {
                    result.pop();
                }
                Some(Component::RootDir) => {}
                _ => result.push(".."),
            },
            other => result.push(other),
        }
    }
    result
}

/// `path` as seen from the folder `from`; both absolute and plain.
pub fn relative(path: &Path, from: &Path) -> PathBuf {
    let mut path_parts = path.components().peekable();
    let mut from_parts = from.components().peekable();
    while path_parts.peek().is_some() && path_parts.peek() == from_parts.peek() {
        path_parts.next();
        from_parts.next();
    }
    let mut result = PathBuf::new();
    from_parts.for_each(|_| result.push(".."));
    result.extend(path_parts);
    result
}

/// An exclusive lock file that disappears when it is released. Its folder may be removed together with it.
#[derive(Debug)]
pub struct LockFile {
    path: PathBuf,
    _file: File,
}

impl LockFile {
    /// Waits for the lock; `waiting` is called once if somebody else holds it.
    pub fn acquire(path: &Path, waiting: impl FnOnce()) -> Result<LockFile> {
        use std::os::unix::fs::MetadataExt;
        let mut waiting = Some(waiting);
        let wrong = |error| Error::io("cannot lock", path, error);
        loop {
            if let Some(folder) = path.parent() {
                match std::fs::create_dir_all(folder) {
                    // It was there, and the holder of the lock removed it just now.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists && !exists_as_file(folder) => continue,
                    other => other.map_err(wrong)?,
                }
            }
            let file = match OpenOptions::new().create(true).truncate(false).write(true).open(path) {
                // The holder of the lock removed the folder just now.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                other => other.map_err(wrong)?,
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    file.lock().map_err(wrong)?;
                }
                Err(TryLockError::Error(error)) => return Err(wrong(error)),
            }
            // The last holder removes the file: a lock on a removed file protects nothing, so look again.
            let ours = file.metadata().map_err(wrong)?;
            match std::fs::metadata(path) {
                Ok(there) if there.ino() == ours.ino() && there.dev() == ours.dev() => {
                    return Ok(LockFile { path: path.to_owned(), _file: file });
                }
                _ => continue,
            }
        }
    }
}

impl LockFile {
    /// The lock if it is free now. Never makes the folder.
    pub fn try_acquire(path: &Path) -> Result<Option<LockFile>> {
        use std::os::unix::fs::MetadataExt;
        let wrong = |error| Error::io("cannot lock", path, error);
        let file = match OpenOptions::new().create(true).truncate(false).write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(wrong)?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        let ours = file.metadata().map_err(wrong)?;
        let is_there = std::fs::metadata(path).is_ok_and(|there| there.ino() == ours.ino() && there.dev() == ours.dev());
        Ok(is_there.then(|| LockFile { path: path.to_owned(), _file: file }))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // While it is still locked: whoever waits notices that the file is another one.
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(lexical(Path::new("/a/b/../c/./d")), Path::new("/a/c/d"));
        assert_eq!(lexical(Path::new("/a/../../..")), Path::new("/"));
        assert_eq!(lexical(Path::new("a/../../../b")), Path::new("../../b"));
        assert_eq!(relative(Path::new("/e/bin/x"), Path::new("/e/lib/p/s")), Path::new("../../../bin/x"));
        assert_eq!(relative(Path::new("/e/s/a/b"), Path::new("/e/s")), Path::new("a/b"));
    }

    #[test]
    fn a_lock_leaves_nothing_and_excludes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/lock");
        let counter = std::sync::Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _lock = LockFile::acquire(&path, || ()).unwrap();
                        let mut counter = counter.try_lock().expect("somebody else holds the lock");
                        *counter += 1;
                    }
                });
            }
        });
        assert_eq!(*counter.lock().unwrap(), 1600);
        assert!(!path.parent().unwrap().exists());
    }
}
