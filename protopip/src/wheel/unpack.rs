//! Takes files out of a wheel, in parallel, each compared with RECORD while it is written. Whoever calls this throws the folder away on
//! an error.
//! Must not know: the cache, environments.

use super::record::{Sum, Summer};
use super::{FileRow, Manifest, Member, Wheel};
use crate::flaw::{Checked, Flaw, flaw, shown};
use crate::model::Algorithm;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

pub fn verify(wheel: &Wheel) -> Checked<()> {
    wheel.members.par_iter().try_for_each(|member| copy(wheel, member, None).map(drop))
}

pub fn unpack(wheel: &Wheel, folder: &Path) -> Checked<Manifest> {
    let mut folders = BTreeSet::new();
    for member in &wheel.members {
        folders.insert(member.scheme.name().to_owned());
        for (at, _) in member.path.match_indices('/') {
            folders.insert(format!("{}/{}", member.scheme.name(), &member.path[..at]));
        }
    }
    for name in &folders {
        std::fs::create_dir(folder.join(name))
            .map_err(|error| Flaw::ours(format!("cannot be unpacked to {}: {error}", folder.join(name).display())))?;
    }
    let files: Vec<FileRow> = wheel.members.par_iter().map(|member| write(wheel, member, folder)).collect::<Checked<_>>()?;
    Ok(Manifest {
        format: Manifest::FORMAT,
        name: wheel.metadata.name.clone(),
        version: wheel.metadata.version.clone(),
        dist_info: wheel.dist_info.clone(),
        root_is_purelib: wheel.root_is_purelib,
        entry_points: wheel.entry_points.clone(),
        kind: wheel.content_kind()?,
        exec_pth: wheel.exec_pth.clone(),
        notes: wheel.notes.clone(),
        files,
    })
}

fn write(wheel: &Wheel, member: &Member, folder: &Path) -> Checked<FileRow> {
    let target = folder.join(member.scheme.name()).join(&member.path);
    let executable = wheel.entry_of(member)?.executable;
    let mode = if executable { 0o777 } else { 0o666 };
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&target);
    let mut file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            flaw!("has two files for one place on this file system: {}", shown(&member.entry))
        }
        Err(error) => return Err(Flaw::ours(format!("cannot be unpacked to {}: {error}", target.display()))),
    };
    let (sum, size) = copy(wheel, member, Some(&mut file))?;
    let about = file.metadata()?;
    Ok(FileRow {
        scheme: member.scheme,
        path: member.path.clone(),
        sum: sum.text(),
        size,
        modified: modified(&about),
        executable,
    })
}

/// Time of the last write in nanoseconds.
pub fn modified(about: &std::fs::Metadata) -> i128 {
    i128::from(about.mtime()) * 1_000_000_000 + i128::from(about.mtime_nsec())
}

fn copy(wheel: &Wheel, member: &Member, mut file: Option<&mut File>) -> Checked<(Sum, u64)> {
    let entry = wheel.entry_of(member)?;
    let algorithm = member.sum.as_ref().map_or(Algorithm::Sha256, |sum| sum.algorithm);
    let mut summer = Summer::new(algorithm);
    let mut reader = wheel.archive.reader(entry);
    // One byte more than needed, so that most files take one read and one write.
    let mut buffer = vec![0; (entry.size.saturating_add(1)).min(256 << 10) as usize];
    let mut size = 0u64;
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        summer.update(&buffer[..count]);
        size += count as u64;
        if let Some(file) = file.as_deref_mut() {
            file.write_all(&buffer[..count]).map_err(|error| Flaw::ours(format!("cannot be unpacked: {error}")))?;
        }
    }
    let sum = Sum { algorithm, digest: summer.finish() };
    let agrees = member.sum.as_ref().is_none_or(|expected| *expected == sum);
    flaw!(unless agrees, "holds data for {} that does not match RECORD", shown(&member.entry));
    Ok((sum, size))
}
