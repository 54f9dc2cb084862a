//! Single byte code pages by table. (Mappings that are dictionaries run Python code, so they stay with the caller.)

use super::CodecError;
use crate::hash::FxHashMap;
use crate::memory::Grow;
use crate::pause::{Pace, walk};
use crate::text::{Text, TextBuilder};

/// The character of a table that means "no such character".
pub const UNDEFINED: u32 = 0xfffe;
const REASON: &str = "character maps to <undefined>";

pub fn decode_charmap(data: &[u8], start: usize, table: Text, out: &mut TextBuilder) -> Result<usize, CodecError> {
    for (at, &byte) in (start..).zip(walk(&data[start..])) {
        match table.get(byte as usize) {
            Some(point) if point != UNDEFINED => out.push(point),
            _ => return Err(CodecError::new(at, at + 1, REASON)),
        }
    }
    Ok(data.len())
}

/// The way back of a decoding table.
#[derive(Clone, Debug)]
pub struct EncodingMap {
    map: FxHashMap<u32, u8>,
}

impl EncodingMap {
    /// Uses the first 256 characters of the table.
    pub fn new(table: Text) -> EncodingMap {
        let mut map = FxHashMap::default();
        for at in 0..table.len().min(256) {
            if let Some(point) = table.get(at).filter(|&p| p != UNDEFINED) {
                map.insert(point, at as u8);
            }
        }
        EncodingMap { map }
    }

    pub fn get(&self, point: u32) -> Option<u8> {
        self.map.get(&point).copied()
    }

    pub fn len(&self) -> usize {
        self.map.len()
    }
}

pub fn encode_charmap(text: Text, start: usize, map: &EncodingMap, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let byte_at = |at: usize| text.get(at).and_then(|point| map.get(point));
    let mut pace = Pace::new();
    for at in start..text.len() {
        pace.at(at - start);
        match byte_at(at) {
            Some(byte) => out.put(byte),
            None => {
                let end = (at..text.len()).find(|&i| byte_at(i).is_some()).unwrap_or(text.len());
                return Err(CodecError::new(at, end, REASON));
            }
        }
    }
    Ok(())
}
