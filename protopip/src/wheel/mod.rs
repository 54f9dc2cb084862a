//! A wheel, read and judged before anything of it touches an environment: structure (`archive`), names, RECORD, where each file will go.
//! `Wheel::open` checks all that can be checked without unpacking; `unpack` checks every byte against RECORD on its way out.
//! Must not know: environments, the cache's layout, compatibility tags of interpreters.

mod content;
mod entry_points;
mod layout;
mod manifest;
pub mod metadata;
pub mod record;
mod unpack;

pub use content::ContentKind;
pub use entry_points::{EntryPoint, EntryPoints, is_reserved_script};
pub use layout::Scheme;
pub use manifest::{FileRow, Manifest};
pub use metadata::Metadata;
pub use unpack::modified;

pub use crate::archive::Limits;
use crate::archive::{Archive, Entry};
use crate::flaw::{Checked, Flaw, flaw, shown};
use crate::model::{PackageName, Version, WheelName};
use crate::{Error, Result};
use record::Sum;
use std::path::Path;
use std::str::FromStr;

/// Files of a dist-info folder are read whole; this is far above what any package needs.
const TEXT_LIMIT: u64 = 32 << 20;

#[derive(Debug)]
pub struct Wheel {
    file_name: WheelName,
    archive: Archive,
    metadata: Metadata,
    metadata_text: String,
    dist_info: String,
    root_is_purelib: bool,
    entry_points: EntryPoints,
    members: Vec<Member>,
    exec_pth: Vec<String>,
    notes: Vec<String>,
}

/// A file of the wheel and its place in an environment.
#[derive(Debug)]
struct Member {
    /// Its name in the archive.
    entry: String,
    scheme: Scheme,
    /// Below the scheme's folder.
    path: String,
    /// What RECORD says; `None` for RECORD's own signatures.
    sum: Option<Sum>,
}

impl Wheel {
    /// Opens and checks a wheel whose file name says what it is.
    pub fn open(path: &Path, limits: &Limits) -> Result<Wheel> {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::open_as(path, &WheelName::parse(&file_name)?, limits)
    }

    /// Opens and checks a wheel that lies under another name (in a cache, in a temporary file).
    pub fn open_as(path: &Path, name: &WheelName, limits: &Limits) -> Result<Wheel> {
        let wheel = Archive::open(path, limits).and_then(|archive| Self::read(archive, name.clone()));
        wheel.map_err(|flaw| refused(path, &flaw))
    }

    /// The same for bytes in memory.
    pub fn from_bytes(bytes: Vec<u8>, name: &WheelName, limits: &Limits) -> Checked<Wheel> {
        Self::read(Archive::from_bytes(bytes, limits)?, name.clone())
    }

    fn read(archive: Archive, file_name: WheelName) -> Checked<Wheel> {
        let dist_info = find_dist_info(&archive, &file_name)?;
        let metadata_text = text_of(&archive, &format!("{dist_info}/METADATA"))?;
        let metadata = Metadata::parse(&metadata_text)?;
        check_agreement("METADATA", &metadata.name, &metadata.version, &file_name)?;
        let root_is_purelib = read_wheel_file(&text_of(&archive, &format!("{dist_info}/WHEEL"))?)?;
        let entry_points = match archive.find(&format!("{dist_info}/entry_points.txt")) {
            Some(_) => EntryPoints::parse(&text_of(&archive, &format!("{dist_info}/entry_points.txt"))?)?,
            None => EntryPoints::default(),
        };
        let record = record::parse(&text_of(&archive, &format!("{dist_info}/RECORD"))?)?;
        let members = layout::members(&archive, &file_name, &dist_info, root_is_purelib, &record)?;
        layout::check_destinations(&members, &entry_points)?;
        let exec_pth = layout::executing_files(&archive, &members)?;

        let mut notes = Vec::new();
        for (one, other) in archive.case_collisions().into_iter().take(3) {
            notes.push(format!("holds names that differ only in case: {} and {}", shown(one), shown(other)));
        }
        for name in &exec_pth {
            notes.push(format!("runs code at every start of the interpreter: {}", shown(name)));
        }
        Ok(Wheel {
            file_name,
            archive,
            metadata,
            metadata_text,
            dist_info,
            root_is_purelib,
            entry_points,
            members,
            exec_pth,
            notes,
        })
    }

    pub fn file_name(&self) -> &WheelName {
        &self.file_name
    }

    pub fn name(&self) -> &PackageName {
        &self.file_name.name
    }

    pub fn version(&self) -> &Version {
        &self.file_name.version
    }

    /// Core metadata as it stands in the wheel.
    pub fn metadata_text(&self) -> &str {
        &self.metadata_text
    }

    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub fn requires_dist(&self) -> &[String] {
        &self.metadata.requires_dist
    }

    pub fn requires_python(&self) -> Option<&str> {
        self.metadata.requires_python.as_deref()
    }

    pub fn entry_points(&self) -> &EntryPoints {
        &self.entry_points
    }

    /// What a user may want to know although it does not forbid the installation.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Files that the interpreter executes at every start: `.pth` with import lines, `sitecustomize`.
    pub fn executing_pth(&self) -> &[String] {
        &self.exec_pth
    }

    /// Compares every file with RECORD without writing anything.
    pub fn verify(&self) -> Checked<()> {
        unpack::verify(self)
    }

    /// Writes every file below `folder` (empty, made by the caller), as `<scheme>/<path>`, each compared with RECORD.
    pub fn unpack(&self, folder: &Path) -> Checked<Manifest> {
        unpack::unpack(self, folder)
    }

    /// Pure, HPy universal, or for CPython's C API.
    pub fn content_kind(&self) -> Checked<ContentKind> {
        content::kind_of(self)
    }

    fn entry_of(&self, member: &Member) -> Checked<&Entry> {
        self.archive.find(&member.entry).ok_or_else(|| Flaw::new(format!("lost {}", shown(&member.entry))))
    }
}

/// What the shared objects of a wheel are made for.
pub fn content_kind(path: &Path) -> Result<ContentKind> {
    Wheel::open(path, &Limits::default())?.content_kind().map_err(|flaw| refused(path, &flaw))
}

/// A flaw with the name of the file that has it.
pub fn refused(path: &Path, flaw: &Flaw) -> Error {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let message = format!("{name} {flaw}");
    if flaw.is_ours() { Error::failed(message) } else { Error::refused(message) }
}

fn text_of(archive: &Archive, name: &str) -> Checked<String> {
    let Some(entry) = archive.find(name) else { flaw!("lacks {}", shown(name)) };
    flaw!(unless !entry.is_folder, "has a folder in the place of {}", shown(name));
    let data = archive.read_small(entry, TEXT_LIMIT)?;
    String::from_utf8(data).map_err(|_| Flaw::new(format!("holds text that is not UTF-8 in {}", shown(name))))
}

fn find_dist_info(archive: &Archive, file_name: &WheelName) -> Checked<String> {
    let mut folders: Vec<&str> =
        archive.entries().iter().filter_map(|entry| top_folder(entry)).filter(|top| top.ends_with(".dist-info")).collect();
    folders.sort_unstable();
    folders.dedup();
    let folder = match folders.as_slice() {
        [] => flaw!("has no .dist-info folder"),
        [folder] => *folder,
        [one, other, ..] => flaw!("has several .dist-info folders: {}, {}", shown(one), shown(other)),
    };
    let stem = folder.strip_suffix(".dist-info").unwrap_or(folder);
    let Some((name, version)) = stem.rsplit_once('-') else {
        flaw!("has a .dist-info folder without a version: {}", shown(folder))
    };
    check_agreement("its .dist-info folder", name, version, file_name)?;
    Ok(folder.to_owned())
}

/// The first part of a path that has more than one, or of a folder.
fn top_folder(entry: &Entry) -> Option<&str> {
    match entry.name.split_once('/') {
        Some((top, _)) => Some(top),
        None => entry.is_folder.then_some(&entry.name),
    }
}

fn check_agreement(place: &str, name: &str, version: &str, file_name: &WheelName) -> Checked<()> {
    let found = PackageName::from_str(name);
    flaw!(unless found.as_ref() == Ok(&file_name.name), "says {} in its file name but {} in {place}", file_name.name, shown(name));
    // Escaped versions have `_` where the version has `-`.
    let found = Version::from_str(version).or_else(|_| Version::from_str(&version.replace('_', "-")));
    flaw!(unless found.as_ref() == Ok(&file_name.version), "says version {} in its file name but {} in {place}", file_name.version, shown(version));
    Ok(())
}

/// `Root-Is-Purelib` of the WHEEL file.
fn read_wheel_file(text: &str) -> Checked<bool> {
    let headers = metadata::headers(text)?;
    let value = |key: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str());
    let Some(version) = value("Wheel-Version") else { flaw!("has no Wheel-Version") };
    let major = version.split('.').next().and_then(|text| text.trim().parse::<u32>().ok());
    flaw!(unless major == Some(1), "has Wheel-Version {}, only 1.x is known", shown(version));
    match value("Root-Is-Purelib").map(str::to_ascii_lowercase).as_deref() {
        Some("true") => Ok(true),
        Some("false") | None => Ok(false),
        Some(other) => flaw!("says '{}' for Root-Is-Purelib", shown(other)),
    }
}
