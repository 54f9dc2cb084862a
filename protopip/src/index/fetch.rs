//! Files on their way from an index, a server or a folder into the cache, with their sums checked. Knows no resolver.

use super::answers::hex;
use super::client::{Client, shown};
use crate::cache::{Cache, StoredWheel};
use crate::model::{Algorithm, DistFile, FileKind, Hash, Url};
use crate::ui::Progress;
use crate::wheel::Limits;
use crate::{Error, Result};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub struct Fetcher {
    pub client: Arc<Client>,
    pub cache: Arc<Cache>,
    pub limits: Limits,
    pub progress: Arc<Progress>,
}

/// Every sum that somebody may ask for, in one pass.
struct Sums {
    sha256: Sha256,
    sha384: Option<Sha384>,
    sha512: Option<Sha512>,
}

impl Sums {
    fn for_hashes(hashes: &[Hash]) -> Sums {
        let wanted = |algorithm| hashes.iter().any(|hash| hash.algorithm == algorithm);
        Sums {
            sha256: Sha256::new(),
            sha384: wanted(Algorithm::Sha384).then(Sha384::new),
            sha512: wanted(Algorithm::Sha512).then(Sha512::new),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(sum) = &mut self.sha384 {
            sum.update(bytes);
        }
        if let Some(sum) = &mut self.sha512 {
            sum.update(bytes);
        }
    }

    /// Checks all that were told; gives the SHA-256.
    fn finish(self, name: &str, hashes: &[Hash]) -> Result<String> {
        let sha256 = hex(&self.sha256.finalize());
        let sha384 = self.sha384.map(|sum| hex(&sum.finalize()));
        let sha512 = self.sha512.map(|sum| hex(&sum.finalize()));
        for hash in hashes {
            let actual = match hash.algorithm {
                Algorithm::Sha256 => Some(&sha256),
                Algorithm::Sha384 => sha384.as_ref(),
                Algorithm::Sha512 => sha512.as_ref(),
            };
            if let Some(actual) = actual
                && *actual != hash.digits
            {
                return Err(Error::refused(format!("{name} is not the file that was promised"))
                    .because(format!("its {} sum is {actual}, expected is {}", hash.algorithm.name(), hash.digits))
                    .hint("the file was damaged on its way, or somebody replaced it; do not install it before you know which"));
            }
        }
        Ok(sha256)
    }
}

impl Fetcher {
    /// A wheel, unpacked in the cache: from there if it was fetched before, else fetched and checked.
    pub fn wheel(&self, file: &DistFile) -> Result<StoredWheel> {
        let FileKind::Wheel(name) = &file.kind else {
            return Err(Error::failed(format!("{} is not a wheel", file.file_name)));
        };
        if let Some(stored) = file.sha256().and_then(|sha256| self.cache.find(sha256)) {
            return Ok(stored);
        }
        let fetched = self.file(file)?;
        if let Some(stored) = self.cache.find(&fetched.sha256) {
            return Ok(stored);
        }
        self.cache.add_wheel(&fetched.path, name, &fetched.sha256, &self.limits)
    }

    /// The file itself, in a temporary folder or where it lies.
    pub fn file(&self, file: &DistFile) -> Result<FetchedFile> {
        if file.url.scheme() == "file" {
            let path = local_path(&file.url)?;
            let sha256 = sums_of(&path, &file.file_name, &file.hashes)?;
            return Ok(FetchedFile { path, sha256, _folder: None });
        }
        let folder = self.cache.temporary_folder()?;
        let path = folder.path().join(safe_name(&file.file_name)?);
        let bar = self.progress.file(&file.file_name, file.size);
        let sha256 = self.client.download(&file.url, |source, length| {
            bar.restart(length);
            let mut target = std::fs::File::create(&path).map_err(|error| Error::io("cannot write", &path, error))?;
            let mut sums = Sums::for_hashes(&file.hashes);
            let mut buffer = vec![0; 128 << 10];
            let mut total: u64 = 0;
            loop {
                let count = source
                    .read(&mut buffer)
                    .map_err(|error| Error::network(format!("{} broke off", shown(&file.url))).because(error))?;
                if count == 0 {
                    break;
                }
                total += count as u64;
                if total > self.limits.total_bytes {
                    return Err(Error::refused(format!("{} is larger than any package may be", file.file_name)));
                }
                sums.update(&buffer[..count]);
                target.write_all(&buffer[..count]).map_err(|error| Error::io("cannot write", &path, error))?;
                bar.advance(count as u64);
            }
            sums.finish(&file.file_name, &file.hashes)
        })?;
        bar.done();
        Ok(FetchedFile { path, sha256, _folder: Some(folder) })
    }

    /// A source package, kept in the cache by its sum.
    pub fn source(&self, file: &DistFile) -> Result<(PathBuf, String)> {
        let folder = self.cache.folder("sources")?;
        let name = safe_name(&file.file_name)?;
        if let Some(sha256) = file.sha256() {
            let path = folder.join(sha256).join(&name);
            if path.is_file() && sums_of(&path, &file.file_name, &file.hashes).is_ok() {
                return Ok((path, sha256.to_owned()));
            }
        }
        let fetched = self.file(file)?;
        let home = folder.join(&fetched.sha256);
        let path = home.join(&name);
        if !path.is_file() {
            std::fs::create_dir_all(&home).map_err(|error| Error::io("cannot make", &home, error))?;
            let temporary = tempfile::NamedTempFile::new_in(&home).map_err(|error| Error::io("cannot write in", &home, error))?;
            std::fs::copy(&fetched.path, temporary.path()).map_err(|error| Error::io("cannot copy to", &home, error))?;
            temporary.persist(&path).map_err(|error| Error::io("cannot write", &path, error.error))?;
        }
        Ok((path, fetched.sha256))
    }
}

/// A file that lies on this machine; what was fetched for it goes away with the value.
pub struct FetchedFile {
    pub path: PathBuf,
    pub sha256: String,
    _folder: Option<tempfile::TempDir>,
}

pub fn local_path(url: &Url) -> Result<PathBuf> {
    url.to_file_path().map_err(|()| Error::usage(format!("'{url}' does not name a file of this machine")))
}

/// The sum of a local file, after checking those that were told.
pub fn sums_of(path: &Path, name: &str, hashes: &[Hash]) -> Result<String> {
    let mut source = std::fs::File::open(path).map_err(|error| Error::io("cannot read", path, error))?;
    let mut sums = Sums::for_hashes(hashes);
    let mut buffer = vec![0; 128 << 10];
    loop {
        let count = source.read(&mut buffer).map_err(|error| Error::io("cannot read", path, error))?;
        if count == 0 {
            return sums.finish(name, hashes);
        }
        sums.update(&buffer[..count]);
    }
}

/// A file name that cannot lead out of its folder.
fn safe_name(name: &str) -> Result<String> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(Error::refused(format!("'{}' is not the name of a file", name.escape_debug())));
    }
    Ok(name.to_owned())
}
