//! Writes zip archives; every field can be made to say something else than the truth. Must not know what the entries mean.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

#[derive(Debug, Clone)]
pub struct ZipEntry {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    /// 0 stored, 8 deflated; anything else is written as it is, with stored data.
    pub method: u16,
    /// Unix mode with file type; 0 leaves it out.
    pub mode: u32,
    pub flags: u16,
    /// A data descriptor follows the data.
    pub descriptor: bool,
    /// Sizes in ZIP64 fields.
    pub zip64: bool,
    pub lies: Lies,
    /// Bytes after the entry that belong to nothing.
    pub gap: Vec<u8>,
    pub central_extra: Vec<u8>,
}

/// What the headers say instead of the truth.
#[derive(Debug, Clone, Default)]
pub struct Lies {
    pub local_name: Option<Vec<u8>>,
    pub local_method: Option<u16>,
    pub local_crc: Option<u32>,
    pub local_size: Option<u32>,
    pub crc: Option<u32>,
    pub size: Option<u32>,
    pub packed_size: Option<u32>,
    pub offset: Option<u32>,
    /// Packed bytes instead of those that the data gives.
    pub packed: Option<Vec<u8>>,
}

impl ZipEntry {
    pub fn new(name: &str, data: impl Into<Vec<u8>>) -> ZipEntry {
        ZipEntry {
            name: name.as_bytes().to_vec(),
            data: data.into(),
            method: 8,
            mode: 0o100_644,
            flags: if name.is_ascii() { 0 } else { 0x800 },
            descriptor: false,
            zip64: false,
            lies: Lies::default(),
            gap: Vec::new(),
            central_extra: Vec::new(),
        }
    }

    pub fn folder(name: &str) -> ZipEntry {
        ZipEntry { method: 0, mode: 0o040_755, ..ZipEntry::new(&format!("{name}/"), Vec::new()) }
    }

    fn packed(&self) -> Vec<u8> {
        if let Some(packed) = &self.lies.packed {
            return packed.clone();
        }
        if self.method != 8 {
            return self.data.clone();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&self.data).and_then(|()| encoder.finish()).expect("writing to memory")
    }
}

#[derive(Debug, Clone, Default)]
pub struct Zip {
    pub entries: Vec<ZipEntry>,
    pub before: Vec<u8>,
    pub after: Vec<u8>,
    pub comment: Vec<u8>,
    /// Added to the number of entries in the end record.
    pub count_off_by: i32,
    /// Added to the directory's offset in the end record.
    pub offset_off_by: i32,
    /// Writes a ZIP64 end record; `Some(true)` makes it disagree with the end record.
    pub end64: Option<bool>,
}

impl Zip {
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut directory = Vec::new();
        for entry in &self.entries {
            write_entry(entry, &mut out, &mut directory);
        }
        let offset = out.len() as u32;
        out.extend_from_slice(&directory);
        let count = (self.entries.len() as i32 + self.count_off_by) as u16;
        let told_offset = offset.wrapping_add_signed(self.offset_off_by);
        if let Some(lying) = self.end64 {
            let at = out.len() as u64;
            push32(&mut out, 0x0606_4b50);
            push64(&mut out, 44);
            out.extend_from_slice(&[45, 0, 45, 0]);
            push32(&mut out, 0);
            push32(&mut out, 0);
            let count = u64::from(count) + u64::from(lying);
            push64(&mut out, count);
            push64(&mut out, count);
            push64(&mut out, directory.len() as u64);
            push64(&mut out, told_offset.into());
            push32(&mut out, 0x0706_4b50);
            push32(&mut out, 0);
            push64(&mut out, at);
            push32(&mut out, 1);
        }
        push32(&mut out, 0x0605_4b50);
        push32(&mut out, 0);
        push16(&mut out, count);
        push16(&mut out, count);
        push32(&mut out, directory.len() as u32);
        push32(&mut out, told_offset);
        push16(&mut out, self.comment.len() as u16);
        out.extend_from_slice(&self.comment);
        out.extend_from_slice(&self.after);
        out
    }

    pub fn entry(&mut self, name: &str) -> &mut ZipEntry {
        self.entries.iter_mut().find(|entry| entry.name == name.as_bytes()).unwrap_or_else(|| panic!("there is no entry {name}"))
    }
}

fn write_entry(entry: &ZipEntry, out: &mut Vec<u8>, directory: &mut Vec<u8>) {
    let packed = entry.packed();
    let lies = &entry.lies;
    let crc = crc32fast::hash(&entry.data);
    let flags = entry.flags | if entry.descriptor { 8 } else { 0 };
    let offset = out.len() as u32;
    let (size, packed_size) = (entry.data.len() as u32, packed.len() as u32);

    let local_name = lies.local_name.as_ref().unwrap_or(&entry.name);
    push32(out, 0x0403_4b50);
    push16(out, 20);
    push16(out, flags);
    push16(out, lies.local_method.unwrap_or(entry.method));
    push32(out, 0x5a21_0000);
    let hidden = |value: u32| if entry.descriptor { 0 } else { value };
    push32(out, lies.local_crc.unwrap_or(hidden(crc)));
    if entry.zip64 {
        push32(out, u32::MAX);
        push32(out, u32::MAX);
    } else {
        push32(out, hidden(packed_size));
        push32(out, lies.local_size.unwrap_or(hidden(size)));
    }
    push16(out, local_name.len() as u16);
    push16(out, if entry.zip64 { 20 } else { 0 });
    out.extend_from_slice(local_name);
    if entry.zip64 {
        push16(out, 1);
        push16(out, 16);
        push64(out, size.into());
        push64(out, packed_size.into());
    }
    out.extend_from_slice(&packed);
    if entry.descriptor {
        push32(out, 0x0807_4b50);
        push32(out, crc);
        push32(out, packed_size);
        push32(out, size);
    }
    out.extend_from_slice(&entry.gap);

    push32(directory, 0x0201_4b50);
    push16(directory, 20 | 3 << 8);
    push16(directory, 20);
    push16(directory, flags);
    push16(directory, entry.method);
    push32(directory, 0x5a21_0000);
    push32(directory, lies.crc.unwrap_or(crc));
    push32(directory, lies.packed_size.unwrap_or(packed_size));
    push32(directory, lies.size.unwrap_or(size));
    push16(directory, entry.name.len() as u16);
    push16(directory, entry.central_extra.len() as u16);
    push16(directory, 0);
    push16(directory, 0);
    push16(directory, 0);
    push32(directory, entry.mode << 16);
    push32(directory, lies.offset.unwrap_or(offset));
    directory.extend_from_slice(&entry.name);
    directory.extend_from_slice(&entry.central_extra);
}

fn push16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}
