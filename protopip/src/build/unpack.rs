//! Source packages unpacked into a folder: `.tar.gz` and `.zip`, with nothing written outside of it. Knows no packages.

use crate::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

const LARGEST_TREE: u64 = 4 << 30;
const MOST_FILES: usize = 200_000;

/// Unpacks `archive` into `target` and gives the folder of the project in it.
pub fn unpack(archive: &Path, target: &Path) -> Result<PathBuf> {
    let name = archive.display().to_string();
    let refuse = |why: String| Error::refused(format!("the source package {name} is not well formed")).because(why);
    if name.ends_with(".zip") {
        unpack_zip(archive, target).map_err(refuse)?;
    } else {
        unpack_tar(archive, target).map_err(refuse)?;
    }
    project_folder(target).ok_or_else(|| refuse("it holds neither pyproject.toml nor setup.py".into()))
}

fn project_folder(target: &Path) -> Option<PathBuf> {
    let is_project = |folder: &Path| folder.join("pyproject.toml").is_file() || folder.join("setup.py").is_file();
    if is_project(target) {
        return Some(target.to_owned());
    }
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(target).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.into_iter().find(|folder| is_project(folder))
}

/// The path below the target, if it stays there.
fn inside(path: &Path) -> Result<PathBuf, String> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            _ => return Err(format!("the path {} leads out of it", path.display())),
        }
    }
    Ok(out)
}

/// No part of the way to `path` may be a link that the archive made.
fn no_link_on_the_way(target: &Path, path: &Path) -> Result<(), String> {
    let mut at = target.to_owned();
    for part in path.parent().into_iter().flat_map(Path::components) {
        at.push(part);
        if at.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
            return Err(format!("{} goes through a link", path.display()));
        }
    }
    Ok(())
}

fn unpack_tar(archive: &Path, target: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let file = File::open(archive).map_err(text)?;
    let limited = flate2::read::MultiGzDecoder::new(std::io::BufReader::new(file)).take(LARGEST_TREE);
    let mut reader = tar::Archive::new(limited);
    for (count, entry) in reader.entries().map_err(text)?.enumerate() {
        if count > MOST_FILES {
            return Err("it holds too many files".into());
        }
        let mut entry = entry.map_err(text)?;
        let path = inside(&entry.path().map_err(text)?)?;
        if path.as_os_str().is_empty() {
            continue;
        }
        no_link_on_the_way(target, &path)?;
        let place = target.join(&path);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(text)?;
        }
        match entry.header().entry_type() {
            tar::EntryType::Directory => std::fs::create_dir_all(&place).map_err(text)?,
            tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => {
                let mut out = fresh(&place).map_err(text)?;
                std::io::copy(&mut entry, &mut out).map_err(text)?;
                let mode = entry.header().mode().unwrap_or(0o644);
                set_mode(&place, if mode & 0o111 != 0 { 0o755 } else { 0o644 }).map_err(text)?;
            }
            tar::EntryType::Symlink => {
                let to = entry.link_name().map_err(text)?.ok_or("a link leads nowhere")?.into_owned();
                if !stays(&path, &to) {
                    return Err(format!("the link {} leads out of it", path.display()));
                }
                std::os::unix::fs::symlink(&to, &place).map_err(text)?;
            }
            tar::EntryType::Link => {
                let to = inside(&entry.link_name().map_err(text)?.ok_or("a link leads nowhere")?)?;
                no_link_on_the_way(target, &to)?;
                let from = target.join(&to);
                if !from.symlink_metadata().is_ok_and(|data| data.is_file()) {
                    return Err(format!("the link {} leads to no file", path.display()));
                }
                std::fs::copy(from, &place).map_err(text)?;
            }
            tar::EntryType::XGlobalHeader | tar::EntryType::XHeader => {}
            _ => return Err(format!("{} is neither file nor folder", path.display())),
        }
    }
    Ok(())
}

/// Whether a link at `path` to `to` stays in the tree, by its letters.
fn stays(path: &Path, to: &Path) -> bool {
    let mut depth = path.components().count() as i64 - 1;
    for part in to.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => depth -= 1,
            _ => return false,
        }
        if depth < 0 {
            return false;
        }
    }
    true
}

fn unpack_zip(archive: &Path, target: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let file = File::open(archive).map_err(text)?;
    let mut reader = zip::ZipArchive::new(file).map_err(|error| error.to_string())?;
    if reader.len() > MOST_FILES {
        return Err("it holds too many files".into());
    }
    let mut total = 0;
    for index in 0..reader.len() {
        let mut entry = reader.by_index(index).map_err(|error| error.to_string())?;
        let name = entry.name().map_err(|error| error.to_string())?.into_owned();
        if name.contains('\\') || name.contains('\0') {
            return Err(format!("'{}' is no name of a file", name.escape_debug()));
        }
        let path = inside(Path::new(&name))?;
        let place = target.join(&path);
        if entry.is_dir() {
            std::fs::create_dir_all(&place).map_err(text)?;
            continue;
        }
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(text)?;
        }
        let mut out = fresh(&place).map_err(text)?;
        total += std::io::copy(&mut (&mut entry).take(LARGEST_TREE - total), &mut out).map_err(text)?;
        if total >= LARGEST_TREE {
            return Err("it is larger than any package may be".into());
        }
        if entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0) {
            set_mode(&place, 0o755).map_err(text)?;
        }
    }
    Ok(())
}

/// A new file, also where the archive named the place before.
fn fresh(place: &Path) -> std::io::Result<File> {
    match std::fs::remove_file(place) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    File::create_new(place)
}

fn set_mode(place: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(place, std::fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn tar_with(add: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Result<PathBuf> {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o644);
        builder.append_data(&mut header, "p-1/setup.py", &b""[..]).unwrap();
        add(&mut builder);
        let bytes = builder.into_inner().unwrap();
        let archive = folder.path().join("p-1.tar.gz");
        let mut gz = flate2::write::GzEncoder::new(File::create(&archive).unwrap(), flate2::Compression::fast());
        gz.write_all(&bytes).unwrap();
        gz.finish().unwrap();
        let target = folder.path().join("t");
        std::fs::create_dir(&target).unwrap();
        unpack(&archive, &target)
    }

    fn link(builder: &mut tar::Builder<Vec<u8>>, path: &str, to: &str) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, path, to).unwrap();
    }

    #[test]
    fn stays_inside() {
        assert!(tar_with(|_| {}).is_ok());
        assert!(tar_with(|builder| link(builder, "p-1/a/l", "../setup.py")).is_ok());
        assert!(tar_with(|builder| link(builder, "p-1/l", "../../x")).is_err());
        assert!(tar_with(|builder| link(builder, "p-1/l", "/etc")).is_err());
        let through = |builder: &mut tar::Builder<Vec<u8>>| {
            link(builder, "p-1/l", "d");
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            builder.append_data(&mut header, "p-1/l/x", &b"x"[..]).unwrap();
        };
        assert!(tar_with(through).is_err());
        let upward = |builder: &mut tar::Builder<Vec<u8>>| {
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            header.as_gnu_mut().unwrap().name[..4].copy_from_slice(b"../x");
            header.set_cksum();
            builder.append(&header, &b"x"[..]).unwrap();
        };
        assert!(tar_with(upward).is_err());
    }
}
