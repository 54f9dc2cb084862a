//! The directory of a zip archive as `zipimport` keeps it, read in one go: the library of an installation is one archive, and every
//! start reads its directory. Plain archives only; for all others (and all errors) there is zipimport's own reader.

use crate::util::str_text;
use objects::dict::{self, Dict};
use objects::{Gc, R, Str, Value, new_dict, new_int, new_str, new_tuple};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

const END_OF_DIRECTORY: usize = 22;
const ENTRY: usize = 46;
const UNKNOWN: u32 = u32::MAX;

/// `{name: (path, compression, packed size, size, offset, time, date, crc)}`, folders as None.
pub fn read(archive: Gc<Str>) -> R<Option<Value>> {
    let Some(path) = str_text(archive.value()) else { return Ok(None) };
    let Some(directory) = heap::blocking(|| Directory::read(Path::new(&path))) else { return Ok(None) };
    let files = new_dict();
    let mut last_folder = String::new();
    for entry in &directory.entries {
        let name = &entry.name;
        add_folders(files, name, &mut last_folder)?;
        let number = |number: u32| new_int(number as i64);
        let row = [
            new_str(&format!("{path}/{name}")),
            number(entry.compression as u32),
            number(entry.packed_size),
            number(entry.size),
            new_int(entry.offset as i64),
            number(entry.time as u32),
            number(entry.date as u32),
            number(entry.crc),
        ];
        dict::dict_set(files, new_str(name), new_tuple(&row).value())?;
    }
    Ok(Some(files.value()))
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
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
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
        // What precedes the archive (a `#!` line, say).
        let shift = directory_at.checked_sub(start as u64)?;
        let mut bytes = vec![0u8; size as usize];
        file.read_exact_at(&mut bytes, directory_at).ok()?;
        let mut entries = Vec::with_capacity((count as usize).min(bytes.len() / ENTRY));
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (entry, used) = Entry::parse(rest, shift, directory_at)?;
            entries.push(entry);
            rest = rest.get(used..)?;
        }
        (entries.len() == count as usize).then_some(Directory { entries })
    }
}

impl Entry {
    /// The entry at the beginning of `bytes`, and how long it is.
    fn parse(bytes: &[u8], shift: u64, directory_at: u64) -> Option<(Entry, usize)> {
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
            name: std::str::from_utf8(name).ok()?.to_owned(),
            compression: u16_at(bytes, 10)?,
            time: u16_at(bytes, 12)?,
            date: u16_at(bytes, 14)?,
            crc: u32_at(bytes, 16)?,
            packed_size: u32_at(bytes, 20)?,
            size: u32_at(bytes, 24)?,
            offset: u32_at(bytes, 42)? as u64 + shift,
        };
        let plain = entry.packed_size != UNKNOWN && entry.size != UNKNOWN && entry.offset < directory_at;
        plain.then_some((entry, used))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
