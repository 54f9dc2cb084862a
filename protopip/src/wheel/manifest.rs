//! What an unpacked wheel consists of, as plain data that the cache stores beside the files: enough to install without the archive.
//! Must not know: where the files lie.

use super::{ContentKind, EntryPoints, Scheme};
use serde::{Deserialize, Serialize};

/// Manifests of another format are as good as none.
const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub name: String,
    pub version: String,
    pub dist_info: String,
    pub root_is_purelib: bool,
    pub entry_points: EntryPoints,
    pub kind: ContentKind,
    pub exec_pth: Vec<String>,
    pub notes: Vec<String>,
    pub files: Vec<FileRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    pub scheme: Scheme,
    /// Below the scheme's folder, here and in the environment.
    pub path: String,
    /// As in RECORD: `sha256=...`.
    pub sum: String,
    pub size: u64,
    /// When the unpacked file was last written, in nanoseconds: tells later whether somebody wrote to it.
    pub modified: i128,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
}

impl Manifest {
    pub const FORMAT: u32 = FORMAT;

    /// Below the folder that holds the unpacked wheel.
    pub fn stored_path(row: &FileRow) -> String {
        format!("{}/{}", row.scheme.name(), row.path)
    }

    pub fn root(&self) -> Scheme {
        if self.root_is_purelib { Scheme::Purelib } else { Scheme::Platlib }
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|row| row.size).sum()
    }
}
