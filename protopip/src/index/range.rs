//! A look into a wheel on a server without fetching it whole: its list of names and its METADATA, by range requests. What is read
//! here only guides the resolver; the wheel itself is checked when it is fetched.

use super::client::Client;
use crate::model::{Url, WheelName};
use crate::{Error, Result};
use flate2::read::DeflateDecoder;
use std::io::Read;

const TAIL: u64 = 32 << 10;
const LARGEST_METADATA: u64 = 16 << 20;

/// An entry of the central directory.
pub struct Entry {
    pub name: String,
    method: u16,
    packed: u64,
    offset: u64,
}

pub struct RemoteWheel<'a> {
    client: &'a Client,
    url: &'a Url,
    pub entries: Vec<Entry>,
    /// Length of the whole file.
    pub total: u64,
    /// The tail that was fetched, and where it begins.
    tail: Vec<u8>,
    tail_start: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)))
}

impl<'a> RemoteWheel<'a> {
    /// Reads the directory. `None` if the server gives no ranges or the directory is of a kind that we do not read this way.
    pub fn open(client: &'a Client, url: &'a Url) -> Result<Option<RemoteWheel<'a>>> {
        let Some((tail, tail_start, total)) = client.range(url, &format!("bytes=-{TAIL}"))? else { return Ok(None) };
        let mut remote = RemoteWheel { client, url, entries: Vec::new(), total, tail, tail_start };
        let Some((start, size)) = find_directory(&remote.tail, total) else { return Ok(None) };
        if start < remote.tail_start {
            if size > LARGEST_METADATA {
                return Ok(None);
            }
            let last = remote.tail_start.saturating_sub(1);
            let Some((mut front, front_start, _)) = client.range(url, &format!("bytes={start}-{last}"))? else {
                return Ok(None);
            };
            if front_start != start || front.len() as u64 != remote.tail_start - start {
                return Ok(None);
            }
            front.append(&mut remote.tail);
            remote.tail = front;
            remote.tail_start = start;
        }
        let Some(entries) = read_directory(&remote.tail, (start - remote.tail_start) as usize, size) else {
            return Ok(None);
        };
        remote.entries = entries;
        Ok(Some(remote))
    }

    /// The text of `<name>-<version>.dist-info/METADATA`.
    pub fn metadata(&self, wheel: &WheelName) -> Result<Option<String>> {
        let Some(entry) = self.entries.iter().find(|entry| {
            entry.name.strip_suffix(".dist-info/METADATA").is_some_and(|stem| {
                stem.split_once('-').is_some_and(|(name, _)| {
                    !stem.contains('/') && crate::model::PackageName::new(name.to_owned()).is_ok_and(|name| name == wheel.name)
                })
            })
        }) else {
            return Ok(None);
        };
        if entry.packed > LARGEST_METADATA {
            return Ok(None);
        }
        // The local header is 30 bytes and two texts of unknown length: 1 KiB is nearly always enough.
        let wanted = 30 + 1024 + entry.packed;
        let Some(bytes) = self.bytes(entry.offset, wanted)? else { return Ok(None) };
        let (Some(name), Some(extra)) = (u16_at(&bytes, 26), u16_at(&bytes, 28)) else { return Ok(None) };
        let start = 30 + name + extra;
        let Some(data) = bytes.get(start as usize..(start + entry.packed) as usize) else { return Ok(None) };
        let mut text = Vec::new();
        let read = match entry.method {
            0 => data.take(LARGEST_METADATA).read_to_end(&mut text),
            8 => DeflateDecoder::new(data).take(LARGEST_METADATA).read_to_end(&mut text),
            _ => return Ok(None),
        };
        read.map_err(|error| Error::refused(format!("METADATA of {wheel:?} cannot be unpacked")).because(error))?;
        Ok(String::from_utf8(text).ok())
    }

    fn bytes(&self, offset: u64, length: u64) -> Result<Option<Vec<u8>>> {
        if offset >= self.tail_start {
            let from = (offset - self.tail_start) as usize;
            let to = from.saturating_add(length as usize).min(self.tail.len());
            return Ok(self.tail.get(from..to).map(<[u8]>::to_vec));
        }
        let last = offset.saturating_add(length - 1);
        let Some((mut bytes, start, _)) = self.client.range(self.url, &format!("bytes={offset}-{last}"))? else {
            return Ok(None);
        };
        if start != offset {
            return Ok(None);
        }
        bytes.truncate(length as usize);
        Ok(Some(bytes))
    }
}

/// Where the central directory lies: start and size.
fn find_directory(tail: &[u8], total: u64) -> Option<(u64, u64)> {
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let size = u32_at(tail, end + 12)?;
    let start = u32_at(tail, end + 16)?;
    // The numbers of a ZIP64 archive lie elsewhere: such wheels are fetched whole.
    (start != 0xffff_ffff && size != 0xffff_ffff && start.checked_add(size)? <= total).then_some((start, size))
}

fn read_directory(bytes: &[u8], start: usize, size: u64) -> Option<Vec<Entry>> {
    let directory = bytes.get(start..start.checked_add(size as usize)?)?;
    let mut entries = Vec::new();
    let mut at = 0;
    while at + 46 <= directory.len() {
        if directory.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let name = u16_at(directory, at + 28)? as usize;
        let extra = u16_at(directory, at + 30)? as usize;
        let comment = u16_at(directory, at + 32)? as usize;
        entries.push(Entry {
            name: String::from_utf8(directory.get(at + 46..at + 46 + name)?.to_vec()).ok()?,
            method: u16_at(directory, at + 10)? as u16,
            packed: u32_at(directory, at + 20)?,
            offset: u32_at(directory, at + 42)?,
        });
        at += 46 + name + extra + comment;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn reads_a_directory() {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["a/b.py", "a-1.dist-info/METADATA"] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(b"text").unwrap();
        }
        let bytes = writer.finish().unwrap().into_inner();
        let (start, size) = find_directory(&bytes, bytes.len() as u64).unwrap();
        let names: Vec<_> = read_directory(&bytes, start as usize, size).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["a/b.py", "a-1.dist-info/METADATA"]);
        for cut in 0..bytes.len() {
            if let Some((start, size)) = find_directory(&bytes[..cut], cut as u64) {
                let _ = read_directory(&bytes[..cut], start as usize, size);
            }
        }
    }
}
