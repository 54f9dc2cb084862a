//! A zip archive read with suspicion. One reader sees the archive in one way only: the central directory, the local headers, the data
//! descriptors and the file's extent must tell the same story to the last byte, or the archive is refused.
//! Must not know: wheels, Python, where files go.
//!
//! The rules, for the next one who adds one:
//! 1. The end record ends the file; nothing lies before the first entry, between entries, or after the directory.
//! 2. Every name is valid UTF-8 (declared so if it is not ASCII), relative, without `.`/`..`/empty parts, backslashes, control characters.
//! 3. No name occurs twice, no name is a file and a folder at once. Entries are regular files or folders.
//! 4. Stored or deflated, not encrypted; sizes and checksums agree wherever they are told, and with the data.
//! 5. Declared sizes stay within `Limits`; reading never yields more than was declared.

use crate::flaw::{Checked, Flaw, flaw, shown};
use flate2::{Decompress, FlushDecompress, Status};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const END64_LOCATOR: u32 = 0x0706_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const PATCHED: u16 = 1 << 5;
const HAS_DESCRIPTOR: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// How much an archive may ask for before somebody has to say that large is meant.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all files together when unpacked.
    pub total_bytes: u64,
    /// Unpacked size over packed size, for what is larger than `ratio_from_bytes`.
    pub ratio: u64,
    pub ratio_from_bytes: u64,
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { total_bytes: 4 << 30, ratio: 150, ratio_from_bytes: 48 << 20, entries: 200_000 }
    }
}

impl Limits {
    /// `--allow-large`: sizes are the user's business, the number of entries stays bounded.
    pub fn large() -> Self {
        Limits { total_bytes: 1 << 44, ratio: u64::MAX, ratio_from_bytes: u64::MAX, entries: 2_000_000 }
    }
}

#[derive(Debug, Clone)]
pub struct Entry {
    /// Parts joined by `/`; a folder's name has no slash at its end here.
    pub name: String,
    pub is_folder: bool,
    pub size: u64,
    pub packed_size: u64,
    pub crc: u32,
    /// Any of the three execute bits was set by the archive's maker.
    pub executable: bool,
    method: u16,
    flags: u16,
    header_offset: u64,
    data_offset: u64,
    raw_name: Vec<u8>,
}

#[derive(Debug)]
enum Source {
    File(File),
    Bytes(Vec<u8>),
}

impl Source {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Source::File(file) => file.read_exact_at(buffer, offset),
            Source::Bytes(bytes) => {
                let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
                let end = start.checked_add(buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
                buffer.copy_from_slice(bytes.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

#[derive(Debug)]
pub struct Archive {
    source: Source,
    length: u64,
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
}

impl Archive {
    pub fn open(path: &Path, limits: &Limits) -> Checked<Archive> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        flaw!(unless about.is_file(), "is not a regular file");
        Self::read(Source::File(file), about.len(), limits)
    }

    pub fn from_bytes(bytes: Vec<u8>, limits: &Limits) -> Checked<Archive> {
        let length = bytes.len() as u64;
        Self::read(Source::Bytes(bytes), length, limits)
    }

    fn read(source: Source, length: u64, limits: &Limits) -> Checked<Archive> {
        let end = End::find(&source, length)?;
        flaw!(unless end.entries <= limits.entries as u64, "has {} entries, more than the limit of {}", end.entries, limits.entries);
        let directory = read_vec(&source, end.directory_offset, end.directory_size)?;
        let mut entries = central_directory(&directory, end.entries)?;
        check_names(&entries)?;
        check_sizes(&entries, limits)?;
        check_local_headers(&source, &mut entries, end.directory_offset)?;
        let by_name = entries.iter().enumerate().map(|(index, entry)| (entry.name.clone(), index)).collect();
        Ok(Archive { source, length, entries, by_name })
    }

    /// Bytes of the archive itself.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn files(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_folder)
    }

    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).map(|&index| &self.entries[index])
    }

    /// The entry's data; the last read (the one that gives 0) checks size and checksum.
    pub fn reader<'a>(&'a self, entry: &'a Entry) -> EntryReader<'a> {
        EntryReader::new(&self.source, entry)
    }

    /// All data of an entry that must be small.
    pub fn read_small(&self, entry: &Entry, limit: u64) -> Checked<Vec<u8>> {
        flaw!(unless entry.size <= limit, "{} is {} bytes long, more than the limit of {limit}", shown(&entry.name), entry.size);
        let mut data = Vec::with_capacity(entry.size as usize);
        self.reader(entry).read_to_end(&mut data)?;
        Ok(data)
    }

    /// Names that differ only in case: one file on systems that do not see case.
    pub fn case_collisions(&self) -> Vec<(&str, &str)> {
        let mut seen: HashMap<String, &str> = HashMap::with_capacity(self.entries.len());
        let mut collisions = Vec::new();
        for entry in &self.entries {
            let mut prefixes: Vec<&str> = entry.name.match_indices('/').map(|(at, _)| &entry.name[..at]).collect();
            prefixes.push(&entry.name);
            for prefix in prefixes {
                let other = *seen.entry(prefix.to_lowercase()).or_insert(prefix);
                if other != prefix {
                    collisions.push((other, prefix));
                }
            }
        }
        collisions.sort_unstable();
        collisions.dedup();
        collisions
    }
}

/// The end record, with what a ZIP64 end record adds.
struct End {
    entries: u64,
    directory_offset: u64,
    directory_size: u64,
}

impl End {
    fn find(source: &Source, length: u64) -> Checked<End> {
        flaw!(unless length >= 22, "is too short for a zip archive ({length} bytes)");
        let tail_length = length.min(22 + 0xffff);
        let tail_offset = length - tail_length;
        let tail = read_vec(source, tail_offset, tail_length)?;
        // The last signature decides: one inside the comment would let two readers see two archives.
        let Some(at) = (0..=tail.len() - 4).rev().find(|&at| u32_at(&tail, at) == Some(END)) else {
            flaw!("is not a zip archive: it has no end record");
        };
        let record = Fields::new(&tail[at..], "the end record");
        let comment_length = u64::from(record.u16(20)?);
        let end_offset = tail_offset + at as u64;
        let after = length - end_offset;
        flaw!(unless after <= 22 + comment_length, "has {} bytes after its end record", after - 22 - comment_length);
        flaw!(unless after == 22 + comment_length, "is cut off: its end record announces a comment that is not there");
        let comment = &tail[at + 22..];
        flaw!(unless !comment.windows(2).any(|pair| pair == b"PK"), "hides zip records in its comment");
        flaw!(unless record.u16(4)? == 0 && record.u16(6)? == 0, "is one part of an archive on several disks");

        let small = End {
            entries: record.u16(10)?.into(),
            directory_size: record.u32(12)?.into(),
            directory_offset: record.u32(16)?.into(),
        };
        flaw!(unless record.u16(8)? == record.u16(10)?, "counts its entries in two ways");
        let (end, directory_end) = match Self::find64(source, end_offset, &small)? {
            Some(found) => found,
            None => (small, end_offset),
        };
        let told_end = end.directory_offset.checked_add(end.directory_size);
        flaw!(unless told_end == Some(directory_end), "has bytes before or after its directory that belong to no record");
        flaw!(unless end.entries.checked_mul(46).is_some_and(|least| least <= end.directory_size), "announces more entries than its directory can hold");
        Ok(end)
    }

    fn find64(source: &Source, end_offset: u64, small: &End) -> Checked<Option<(End, u64)>> {
        let needed = small.entries == 0xffff || small.directory_size == 0xffff_ffff || small.directory_offset == 0xffff_ffff;
        let locator = if end_offset >= 20 { read_vec(source, end_offset - 20, 20)? } else { Vec::new() };
        if u32_at(&locator, 0) != Some(END64_LOCATOR) {
            flaw!(unless !needed || small.entries == 0xffff && small.directory_offset != 0xffff_ffff, "needs a ZIP64 end record and has none");
            return Ok(None);
        }
        let locator = Fields::new(&locator, "the ZIP64 locator");
        let offset = locator.u64(8)?;
        flaw!(unless locator.u32(4)? == 0 && locator.u32(16)? <= 1, "is one part of an archive on several disks");
        flaw!(unless offset.checked_add(56) == end_offset.checked_sub(20), "has a ZIP64 end record that does not lie before its locator, or carries extra data");
        let record = read_vec(source, offset, 56)?;
        let record = Fields::new(&record, "the ZIP64 end record");
        flaw!(unless record.u32(0)? == END64 && record.u64(4)? == 44, "has a broken ZIP64 end record");
        flaw!(unless record.u32(16)? == 0 && record.u32(20)? == 0, "is one part of an archive on several disks");
        flaw!(unless record.u64(24)? == record.u64(32)?, "counts its entries in two ways");
        let end = End { entries: record.u64(32)?, directory_size: record.u64(40)?, directory_offset: record.u64(48)? };
        let agrees = (small.entries == 0xffff || small.entries == end.entries)
            && (small.directory_size == 0xffff_ffff || small.directory_size == end.directory_size)
            && (small.directory_offset == 0xffff_ffff || small.directory_offset == end.directory_offset);
        flaw!(unless agrees, "has two end records that disagree");
        Ok(Some((end, offset)))
    }
}

fn central_directory(directory: &[u8], count: u64) -> Checked<Vec<Entry>> {
    let mut entries = Vec::with_capacity(count.min(1 << 16) as usize);
    let mut at = 0usize;
    for _ in 0..count {
        let Some(rest) = directory.get(at..) else { flaw!("has a directory that is cut off") };
        let (entry, used) = central_entry(rest)?;
        at += used;
        entries.push(entry);
    }
    flaw!(unless at == directory.len(), "has more in its directory than it announces");
    Ok(entries)
}

fn central_entry(bytes: &[u8]) -> Checked<(Entry, usize)> {
    let fields = Fields::new(bytes, "the directory");
    flaw!(unless fields.u32(0)? == CENTRAL, "has a broken directory");
    let (name_length, extra_length, comment_length) =
        (fields.u16(28)? as usize, fields.u16(30)? as usize, fields.u16(32)? as usize);
    let raw_name = fields.bytes(46, name_length)?;
    let extra = fields.bytes(46 + name_length, extra_length)?;
    let comment = fields.bytes(46 + name_length + extra_length, comment_length)?;
    flaw!(unless !comment.windows(2).any(|pair| pair == b"PK"), "hides zip records in the comment of an entry");
    let flags = fields.u16(8)?;
    let (name, is_folder) = entry_name(raw_name, flags)?;
    check_unicode_path(extra, raw_name, &name)?;

    let mode = fields.u32(38)? >> 16;
    match mode & 0o170_000 {
        0 | 0o100_000 => {
            flaw!(unless !is_folder || mode & 0o170_000 == 0, "stores {} as a file with a folder's name", shown(&name))
        }
        0o040_000 => flaw!(unless is_folder, "stores {} as a folder with a file's name", shown(&name)),
        0o120_000 => flaw!("holds a symbolic link ({}); wheels have none", shown(&name)),
        _ => flaw!("holds a special file ({})", shown(&name)),
    }
    flaw!(unless flags & ENCRYPTED == 0, "holds an encrypted file ({})", shown(&name));
    flaw!(unless flags & PATCHED == 0, "holds patch data ({})", shown(&name));
    let method = fields.u16(10)?;
    flaw!(unless method == STORED || method == DEFLATED, "packs {} by method {method}; only stored and deflated are known", shown(&name));
    flaw!(unless matches!(fields.u16(34)?, 0 | 0xffff), "is one part of an archive on several disks");

    let mut wide = Wide::new(extra, &name)?;
    let size = wide.widen(fields.u32(24)?)?;
    let packed_size = wide.widen(fields.u32(20)?)?;
    let header_offset = wide.widen(fields.u32(42)?)?;
    flaw!(unless !is_folder || size == 0, "stores data in a folder ({})", shown(&name));
    flaw!(unless method != STORED || size == packed_size, "tells two sizes for {}, which is stored as it is", shown(&name));
    let entry = Entry {
        name,
        is_folder,
        size,
        packed_size,
        crc: fields.u32(16)?,
        executable: mode & 0o111 != 0 && !is_folder,
        method,
        flags,
        header_offset,
        data_offset: 0,
        raw_name: raw_name.to_vec(),
    };
    Ok((entry, 46 + name_length + extra_length + comment_length))
}

fn entry_name(raw: &[u8], flags: u16) -> Checked<(String, bool)> {
    let Ok(name) = std::str::from_utf8(raw) else {
        flaw!("holds a name that is not UTF-8: {}", shown(&String::from_utf8_lossy(raw)));
    };
    flaw!(unless name.is_ascii() || flags & UTF8 != 0, "holds a name in an undeclared encoding: {}", shown(name));
    let (path, is_folder) = match name.strip_suffix('/') {
        Some(path) => (path, true),
        None => (name, false),
    };
    check_path(path)?;
    Ok((path.to_owned(), is_folder))
}

/// A relative path that stays where it is put.
pub fn check_path(path: &str) -> Checked<()> {
    flaw!(unless !path.is_empty(), "holds an entry without a name");
    flaw!(unless !path.starts_with('/'), "holds an absolute path: {}", shown(path));
    flaw!(unless !path.contains('\\'), "holds a path with a backslash: {}", shown(path));
    flaw!(unless !path.chars().any(char::is_control), "holds a path with control characters: {}", shown(path));
    let bytes = path.as_bytes();
    flaw!(
        unless!(bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'),
        "holds an absolute path: {}",
        shown(path)
    );
    flaw!(unless path.len() <= 2048, "holds a path that is too long: {}", shown(path));
    for part in path.split('/') {
        flaw!(unless part != "..", "holds a path that leaves its folder: {}", shown(path));
        flaw!(unless !part.is_empty() && part != ".", "holds a path that is not plain: {}", shown(path));
        flaw!(unless part.len() <= 255, "holds a name that is too long: {}", shown(path));
    }
    Ok(())
}

/// The Info-ZIP "Unicode path" field gives an entry a second name.
fn check_unicode_path(extra: &[u8], raw: &[u8], name: &str) -> Checked<()> {
    for (id, data) in ExtraFields(extra) {
        if id == 0x7075 {
            flaw!(unless data.get(5..) == Some(raw), "gives {} a second name", shown(name));
        }
    }
    Ok(())
}

fn check_names(entries: &[Entry]) -> Checked<()> {
    let mut seen: HashMap<&str, bool> = HashMap::with_capacity(entries.len());
    for entry in entries {
        flaw!(unless seen.insert(&entry.name, entry.is_folder).is_none(), "holds {} twice", shown(&entry.name));
    }
    let mut clear: HashSet<&str> = HashSet::new();
    for entry in entries {
        for (at, _) in entry.name.match_indices('/').collect::<Vec<_>>().into_iter().rev() {
            let parent = &entry.name[..at];
            if !clear.insert(parent) {
                break;
            }
            flaw!(unless seen.get(parent) != Some(&false), "holds {} as a file and as a folder", shown(parent));
        }
    }
    Ok(())
}

fn check_sizes(entries: &[Entry], limits: &Limits) -> Checked<()> {
    let hint = "use --allow-large if that is meant";
    let (mut total, mut packed) = (0u64, 0u64);
    for entry in entries {
        let too_dense = entry.size > limits.ratio_from_bytes && entry.size / entry.packed_size.max(1) > limits.ratio;
        flaw!(unless !too_dense, "grows {} from {} to {} bytes when unpacked; {hint}", shown(&entry.name), entry.packed_size, entry.size);
        // Deflate cannot do better than about 1032 to 1: a larger claim is a lie in any case.
        let possible = entry.method == STORED || entry.size / 1040 <= entry.packed_size;
        flaw!(unless possible, "tells an impossible size for {}", shown(&entry.name));
        total = total.saturating_add(entry.size);
        packed = packed.saturating_add(entry.packed_size);
    }
    flaw!(unless total <= limits.total_bytes, "unpacks to {total} bytes, more than the limit of {}; {hint}", limits.total_bytes);
    let dense = total > limits.ratio_from_bytes && total / packed.max(1) > limits.ratio;
    flaw!(unless !dense, "grows from {packed} to {total} bytes when unpacked; {hint}");
    Ok(())
}

/// Local headers repeat the directory; entries and descriptors tile the file from its first byte to the directory.
fn check_local_headers(source: &Source, entries: &mut [Entry], directory_offset: u64) -> Checked<()> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_unstable_by_key(|&index| entries[index].header_offset);
    let mut reached = 0u64;
    for (place, &index) in order.iter().enumerate() {
        let next = order.get(place + 1).map_or(directory_offset, |&next| entries[next].header_offset);
        let entry = &mut entries[index];
        flaw!(unless entry.header_offset == reached, "has bytes that belong to no entry, or entries that overlap (before {})", shown(&entry.name));
        check_local_header(source, entry, next)?;
        reached = next;
    }
    flaw!(unless reached == directory_offset, "has bytes that belong to no entry");
    Ok(())
}

fn check_local_header(source: &Source, entry: &mut Entry, next: u64) -> Checked<()> {
    let name = shown(&entry.name);
    let room = next.saturating_sub(entry.header_offset);
    flaw!(unless room >= 30, "has no room for the header of {name}");
    let fixed = read_vec(source, entry.header_offset, 30)?;
    let fields = Fields::new(&fixed, "a local header");
    flaw!(unless fields.u32(0)? == LOCAL, "has no header where the directory puts {name}");
    let (name_length, extra_length) = (u64::from(fields.u16(26)?), u64::from(fields.u16(28)?));
    let header_length = 30 + name_length + extra_length;
    flaw!(unless header_length <= room, "has a header for {name} that is too long");
    let variable = read_vec(source, entry.header_offset + 30, name_length + extra_length)?;
    let (local_name, extra) = variable.split_at(name_length as usize);
    flaw!(unless local_name == entry.raw_name, "names {name} in its directory but {} in the entry's header", shown(&String::from_utf8_lossy(local_name)));
    check_unicode_path(extra, local_name, &entry.name)?;
    let compared = HAS_DESCRIPTOR | ENCRYPTED | PATCHED | UTF8;
    let agrees = fields.u16(8)? == entry.method && fields.u16(6)? & compared == entry.flags & compared;
    flaw!(unless agrees, "describes {name} differently in its directory and in the entry's header");

    let mut wide = Wide::new(extra, &entry.name)?;
    let (crc, packed, size) = (fields.u32(14)?, fields.u32(18)?, fields.u32(22)?);
    let (size, packed) = (wide.widen(size)?, wide.widen(packed)?);
    let same = crc == entry.crc && packed == entry.packed_size && size == entry.size;
    let has_descriptor = entry.flags & HAS_DESCRIPTOR != 0;
    let left_open = has_descriptor
        && (crc == 0 || crc == entry.crc)
        && (packed == 0 || packed == entry.packed_size)
        && (size == 0 || size == entry.size);
    flaw!(unless same || left_open, "tells two sizes or checksums for {name}");

    entry.data_offset = entry.header_offset + header_length;
    let Some(data_end) = entry.data_offset.checked_add(entry.packed_size).filter(|&end| end <= next) else {
        flaw!("has entries that overlap (after {name})");
    };
    let gap = next - data_end;
    if !has_descriptor {
        flaw!(unless gap == 0, "has {gap} bytes after {name} that belong to no entry");
        return Ok(());
    }
    check_descriptor(&read_vec(source, data_end, gap.min(25))?, entry)
}

fn check_descriptor(bytes: &[u8], entry: &Entry) -> Checked<()> {
    let name = shown(&entry.name);
    let fields = Fields::new(bytes, "a data descriptor");
    let signed = matches!(bytes.len(), 16 | 24);
    flaw!(unless signed || matches!(bytes.len(), 12 | 20), "has no data descriptor after {name}, or more than that");
    let start = if signed {
        flaw!(unless fields.u32(0)? == DESCRIPTOR, "has a broken data descriptor after {name}");
        4
    } else {
        0
    };
    let (packed, size) = if bytes.len() >= 20 {
        (fields.u64(start + 4)?, fields.u64(start + 12)?)
    } else {
        (fields.u32(start + 4)?.into(), fields.u32(start + 8)?.into())
    };
    let agrees = fields.u32(start)? == entry.crc && packed == entry.packed_size && size == entry.size;
    flaw!(unless agrees, "tells two sizes or checksums for {name}");
    Ok(())
}

/// The ZIP64 extra field: a value for each 32-bit field that is full, in order.
struct Wide<'a> {
    values: Option<&'a [u8]>,
    name: &'a str,
}

impl<'a> Wide<'a> {
    fn new(extra: &'a [u8], name: &'a str) -> Checked<Self> {
        let mut found = ExtraFields(extra).filter(|&(id, _)| id == 1).map(|(_, data)| data);
        let values = found.next();
        flaw!(unless found.next().is_none(), "has two ZIP64 fields for {}", shown(name));
        Ok(Wide { values, name })
    }

    fn widen(&mut self, narrow: u32) -> Checked<u64> {
        if narrow != u32::MAX {
            return Ok(narrow.into());
        }
        let Some((value, rest)) = self.values.and_then(|bytes| bytes.split_first_chunk::<8>()) else {
            flaw!("lacks a ZIP64 size for {}", shown(self.name));
        };
        self.values = Some(rest);
        Ok(u64::from_le_bytes(*value))
    }
}

struct ExtraFields<'a>(&'a [u8]);

impl<'a> Iterator for ExtraFields<'a> {
    type Item = (u16, &'a [u8]);

    /// Stops at a field that does not fit: the rest is padding to every reader that we know.
    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        let id = u16::from_le_bytes([head[0], head[1]]);
        let length = u16::from_le_bytes([head[2], head[3]]) as usize;
        let data = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((id, data))
    }
}

struct Fields<'a> {
    bytes: &'a [u8],
    what: &'static str,
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Fields { bytes, what }
    }

    fn bytes(&self, at: usize, length: usize) -> Checked<&'a [u8]> {
        let found = at.checked_add(length).and_then(|end| self.bytes.get(at..end));
        found.ok_or_else(|| Flaw::new(format!("is cut off in {}", self.what)))
    }

    fn array<const N: usize>(&self, at: usize) -> Checked<[u8; N]> {
        let bytes = self.bytes(at, N)?;
        Ok(bytes.try_into().unwrap_or([0; N]))
    }

    fn u16(&self, at: usize) -> Checked<u16> {
        Ok(u16::from_le_bytes(self.array(at)?))
    }

    fn u32(&self, at: usize) -> Checked<u32> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }

    fn u64(&self, at: usize) -> Checked<u64> {
        Ok(u64::from_le_bytes(self.array(at)?))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Bytes of the source; the caller has compared the range with the file's length or lives with the error.
fn read_vec(source: &Source, offset: u64, length: u64) -> Checked<Vec<u8>> {
    let length = usize::try_from(length).ok().filter(|&length| length <= 1 << 30);
    let Some(length) = length else { flaw!("has a record that is too long") };
    let mut bytes = vec![0; length];
    match source.read_exact_at(&mut bytes, offset) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => flaw!("is cut off"),
        Err(error) => Err(error.into()),
    }
}

/// Reads one entry and checks it against what the directory says.
pub struct EntryReader<'a> {
    source: &'a Source,
    entry: &'a Entry,
    input: Vec<u8>,
    input_start: usize,
    /// Next byte of the packed data to fetch, relative to its start.
    fetched: u64,
    inflater: Option<Decompress>,
    stream_ended: bool,
    produced: u64,
    crc: crc32fast::Hasher,
    verified: bool,
}

impl<'a> EntryReader<'a> {
    fn new(source: &'a Source, entry: &'a Entry) -> Self {
        let inflater = (entry.method == DEFLATED).then(|| Decompress::new(false));
        EntryReader {
            source,
            entry,
            input: Vec::new(),
            input_start: 0,
            fetched: 0,
            inflater,
            stream_ended: false,
            produced: 0,
            crc: crc32fast::Hasher::new(),
            verified: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let left = self.entry.packed_size - self.fetched;
        let length = left.min(128 << 10) as usize;
        self.input.resize(length, 0);
        self.input_start = 0;
        self.source.read_exact_at(&mut self.input, self.entry.data_offset + self.fetched)?;
        self.fetched += length as u64;
        Ok(())
    }

    fn packed_is_used_up(&self) -> bool {
        self.input_start == self.input.len() && self.fetched == self.entry.packed_size
    }

    fn produce(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stream_ended {
                return Ok(0);
            }
            if self.input_start == self.input.len() && self.fetched < self.entry.packed_size {
                self.refill()?;
            }
            let input = &self.input[self.input_start..];
            let Some(inflater) = &mut self.inflater else {
                let count = input.len().min(out.len());
                out[..count].copy_from_slice(&input[..count]);
                self.input_start += count;
                self.stream_ended = self.packed_is_used_up();
                return Ok(count);
            };
            let (in_before, out_before) = (inflater.total_in(), inflater.total_out());
            let status = inflater.decompress(input, out, FlushDecompress::None);
            let status = status.map_err(|_| Flaw::new(format!("holds broken data for {}", shown(&self.entry.name))))?;
            let used = (inflater.total_in() - in_before) as usize;
            let made = (inflater.total_out() - out_before) as usize;
            self.input_start += used;
            self.stream_ended = status == Status::StreamEnd;
            if made > 0 {
                return Ok(made);
            }
            if used == 0 && !self.stream_ended {
                return Err(Flaw::new(format!("holds cut-off data for {}", shown(&self.entry.name))).into());
            }
        }
    }

    fn verify_end(&mut self) -> Checked<()> {
        let name = shown(&self.entry.name);
        flaw!(unless self.produced == self.entry.size, "holds {} bytes for {name} but announces {}", self.produced, self.entry.size);
        flaw!(unless self.packed_is_used_up(), "holds more packed data for {name} than it needs");
        flaw!(unless self.crc.clone().finalize() == self.entry.crc, "holds data for {name} that does not match its checksum");
        self.verified = true;
        Ok(())
    }
}

impl Read for EntryReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.verified {
            return Ok(0);
        }
        let count = self.produce(out)?;
        if count == 0 {
            self.verify_end()?;
            return Ok(0);
        }
        self.produced += count as u64;
        if self.produced > self.entry.size {
            return Err(Flaw::new(format!(
                "holds more data for {} than the {} bytes it announces",
                shown(&self.entry.name),
                self.entry.size
            ))
            .into());
        }
        self.crc.update(&out[..count]);
        Ok(count)
    }
}
