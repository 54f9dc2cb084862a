//! The directory of a zip archive as `zipimport` keeps it, read in one go, and entries that are stored as they are: the library of an
//! installation is one archive, and every start reads its directory. Plain archives only; for all others (and all errors) there is zipimport's own reader.

use crate::util::str_text;
use objects::dict::{self, Dict};
use objects::{Gc, R, Str, Value, new_int, new_str, new_tuple};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

const END_OF_DIRECTORY: usize = 22;
const ENTRY: usize = 46;
const LOCAL_HEADER: usize = 30;
const UNKNOWN: u32 = u32::MAX;

/// `{name: (path, compression, packed size, size, offset, time, date, crc)}`, folders as None. Of the library's own archive, which has a
/// thousand entries of which a program asks for a few: `({name: place}, directory, shift)` for `row`.
pub fn read(archive: Gc<Str>) -> R<Option<Value>> {
    let Some(path) = str_text(archive.value()) else { return Ok(None) };
    let Some(directory) = heap::blocking(|| Directory::read(Path::new(&path))) else { return Ok(None) };
    let is_own = is_library(Path::new(&path));
    let files = objects::dict::new_dict_sized(directory.count + directory.count / 8)?;
    let mut last_folder = String::new();
    let (mut at, bytes) = (0, directory.bytes.as_slice());
    while let Some((entry, used)) = bytes.get(at..).and_then(|rest| Entry::parse(rest, directory.shift)) {
        add_folders(files, entry.name, &mut last_folder)?;
        let value = if is_own { new_int(at as i64) } else { entry.row(&path) };
        dict::dict_set(files, new_str(entry.name), value)?;
        at += used;
    }
    if !is_own {
        return Ok(Some(files.value()));
    }
    let parts = [files.value(), objects::new_bytes(bytes), new_int(directory.shift as i64)];
    Ok(Some(new_tuple(&parts).value()))
}

fn is_library(path: &Path) -> bool {
    objects::config::get().stdlib.with_file_name("python314.zip") == path
}

/// The row of the entry at a place in a directory that `read` gave.
pub fn row(archive: Gc<Str>, directory: &[u8], shift: u64, place: usize) -> R {
    let entry = directory.get(place..).and_then(|rest| Entry::parse(rest, shift));
    match (entry, str_text(archive.value())) {
        (Some((entry, _)), Some(path)) => Ok(entry.row(&path)),
        _ => Err(objects::value_error!("no entry at this place")),
    }
}

/// The `size` bytes of the entry whose local header is at `offset`.
pub fn read_entry(archive: Gc<Str>, offset: u64, size: u64) -> R<Option<Value>> {
    let Some(path) = str_text(archive.value()) else { return Ok(None) };
    let flags = new_int((libc::O_RDONLY | libc::O_CLOEXEC) as i64);
    objects::audit::audit("open", &[archive.value(), new_str("rb"), flags])?;
    Ok(heap::blocking(|| entry_data(Path::new(&path), offset, size)).map(|data| objects::new_bytes(&data)))
}

fn entry_data(path: &Path, offset: u64, size: u64) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let mut header = [0u8; LOCAL_HEADER];
    file.read_exact_at(&mut header, offset).ok()?;
    if &header[..4] != b"PK\x03\x04" {
        return None;
    }
    let start = offset + LOCAL_HEADER as u64 + u16_at(&header, 26)? as u64 + u16_at(&header, 28)? as u64;
    // A size that the archive does not have is not asked for.
    if start.checked_add(size)? > file.metadata().ok()?.len() {
        return None;
    }
    let mut data = vec![0u8; usize::try_from(size).ok()?];
    file.read_exact_at(&mut data, start).ok()?;
    Some(data)
}

/// Folders that no entry names are entries without data.
fn add_folders(files: Gc<Dict>, name: &str, last: &mut String) -> R<()> {
    let Some(end) = name.trim_end_matches('/').rfind('/') else { return Ok(()) };
    let folder = &name[..=end];
    if folder == last {
        return Ok(());
    }
    for (index, _) in folder.match_indices('/') {
        let part = new_str(&folder[..=index]);
        if dict::dict_get(files, part)?.is_none() {
            dict::dict_set(files, part, Value::none())?;
        }
    }
    *last = folder.to_owned();
    Ok(())
}

struct Directory {
    bytes: Vec<u8>,
    count: usize,
    /// What precedes the archive (a `#!` line, say).
    shift: u64,
}

struct Entry<'a> {
    name: &'a str,
    compression: u16,
    packed_size: u32,
    size: u32,
    /// Of the local header, in the file.
    offset: u64,
    time: u16,
    date: u16,
    crc: u32,
}

impl Directory {
    /// None: no archive, or one with anything out of the ordinary (a comment, 64-bit sizes, a name that is not UTF-8).
    fn read(path: &Path) -> Option<Directory> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(|data| data.is_file())?.len();
        let mut end = [0u8; END_OF_DIRECTORY];
        let end_at = length.checked_sub(END_OF_DIRECTORY as u64)?;
        file.read_exact_at(&mut end, end_at).ok()?;
        if &end[..4] != b"PK\x05\x06" || u16_at(&end, 20)? != 0 {
            return None;
        }
        let (count, size, start) = (u16_at(&end, 10)?, u32_at(&end, 12)?, u32_at(&end, 16)?);
        if count == u16::MAX || size == UNKNOWN || start == UNKNOWN || u16_at(&end, 8)? != count {
            return None;
        }
        let directory_at = end_at.checked_sub(size as u64)?;
        let shift = directory_at.checked_sub(start as u64)?;
        let mut bytes = vec![0u8; size as usize];
        file.read_exact_at(&mut bytes, directory_at).ok()?;
        let (mut found, mut rest) = (0, bytes.as_slice());
        while !rest.is_empty() {
            let (entry, used) = Entry::parse(rest, shift)?;
            if entry.offset >= directory_at {
                return None;
            }
            found += 1;
            rest = rest.get(used..)?;
        }
        (found == count as usize).then_some(Directory { bytes, count: found, shift })
    }
}

impl Entry<'_> {
    /// The entry at the beginning of `bytes`, and how long it is.
    fn parse(bytes: &[u8], shift: u64) -> Option<(Entry<'_>, usize)> {
        if bytes.get(..4)? != b"PK\x01\x02" {
            return None;
        }
        let name_length = u16_at(bytes, 28)? as usize;
        let used = ENTRY + name_length + u16_at(bytes, 30)? as usize + u16_at(bytes, 32)? as usize;
        let name = bytes.get(ENTRY..ENTRY + name_length)?;
        let is_utf8 = u16_at(bytes, 8)? & 0x800 != 0;
        if bytes.len() < used || !(is_utf8 || name.is_ascii()) || name.is_empty() {
            return None;
        }
        let entry = Entry {
            name: std::str::from_utf8(name).ok()?,
            compression: u16_at(bytes, 10)?,
            time: u16_at(bytes, 12)?,
            date: u16_at(bytes, 14)?,
            crc: u32_at(bytes, 16)?,
            packed_size: u32_at(bytes, 20)?,
            size: u32_at(bytes, 24)?,
            offset: (u32_at(bytes, 42)? as u64).checked_add(shift)?,
        };
        let plain = entry.packed_size != UNKNOWN && entry.size != UNKNOWN;
        plain.then_some((entry, used))
    }

    /// What `zipimport` knows of a file in the archive at `path`.
    fn row(&self, path: &str) -> Value {
        let number = |number: u32| new_int(number as i64);
        let row = [
            new_str(&format!("{path}/{}", self.name)),
            number(self.compression as u32),
            number(self.packed_size),
            number(self.size),
            new_int(self.offset as i64),
            number(self.time as u32),
            number(self.date as u32),
            number(self.crc),
        ];
        new_tuple(&row).value()
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with one stored entry behind `front`.
    fn archive(front: &[u8], name: &str, data: &[u8]) -> Vec<u8> {
        let (length, size) = (name.len() as u16, data.len() as u32);
        let mut out = front.to_vec();
        out.extend(b"PK\x03\x04\x0a\0\0\0\0\0\0\0\x21\0\x01\0\0\0");
        out.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
        out.extend([length.to_le_bytes(), [0, 0]].concat());
        out.extend([name.as_bytes(), data].concat());
        let at = (out.len() - front.len()) as u32;
        out.extend(b"PK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\x21\0\x01\0\0\0");
        out.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
        out.extend([&length.to_le_bytes()[..], &[0; 16], name.as_bytes()].concat());
        let end = out.len() as u32 - front.len() as u32;
        out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        out.extend([(end - at).to_le_bytes(), at.to_le_bytes()].concat());
        out.extend([0, 0]);
        out
    }

    #[test]
    fn entries_are_found_and_read() {
        let path = std::env::temp_dir().join(format!("zip-directory-{}", std::process::id()));
        std::fs::write(&path, archive(b"#!\n", "a/b.pyc", b"data")).expect("a file");
        let directory = Directory::read(&path).expect("a plain archive");
        let (entry, used) = Entry::parse(&directory.bytes, directory.shift).expect("an entry");
        assert_eq!((directory.count, used, entry.name, entry.offset), (1, directory.bytes.len(), "a/b.pyc", 3));
        assert_eq!(entry_data(&path, entry.offset, 4).as_deref(), Some(&b"data"[..]));
        assert!(entry_data(&path, entry.offset, 1 << 40).is_none() && entry_data(&path, 0, 4).is_none());
        std::fs::write(&path, b"no archive").expect("a file");
        assert!(Directory::read(&path).is_none());
        std::fs::remove_file(&path).expect("the file is there");
    }
}
