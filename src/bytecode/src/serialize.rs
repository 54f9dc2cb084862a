//! Code units as bytes, for .pyc files and the frozen archive. Versioned, length-checked; reading any bytes
//! gives a unit or an error, never a panic. Reading does not verify: call `verify` on what comes from outside.
//!
//! Layout: magic, format version, op table fingerprint, then the unit. Strings are pooled: the first use writes the
//! bytes, later ones a reference.

use std::collections::HashMap;

use crate::code_unit::{CacheCell, CodeUnit, Const, ExceptionRow, Spill, Wtf8};
use crate::ops::{CacheKind, OPS};
use crate::positions::{read_number, write_number};

const MAGIC: [u8; 4] = *b"PPYU";
const VERSION: u64 = 1;
const MAX_DEPTH: u32 = 100;

/// Bytes that are no code unit of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Foreign or of another version.
    WrongVersion,
    /// Truncated or damaged.
    Damaged,
}

/// Changes whenever the op table does: old files are then compiled again.
pub fn table_fingerprint() -> u32 {
    static FINGERPRINT: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *FINGERPRINT.get_or_init(compute_fingerprint)
}

fn compute_fingerprint() -> u32 {
    let mut hash = 0x811C_9DC5u32;
    for info in OPS {
        for byte in info.name.bytes().chain(format!("{:?}{:?}", info.operands, info.ext).bytes()) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

/// First word of compiled files: a number that changes with the format or the op table, then CR LF.
pub fn pyc_magic_token() -> u32 {
    let print = table_fingerprint().wrapping_add(VERSION as u32);
    0x0A0D_0000 | ((print >> 16) ^ (print & 0xFFFF))
}

/// The unit and all nested ones as bytes.
pub fn to_bytes(unit: &CodeUnit) -> Vec<u8> {
    let mut writer = Writer { bytes: MAGIC.to_vec(), strings: HashMap::new() };
    writer.number(VERSION);
    writer.number(u64::from(table_fingerprint()));
    writer.unit(unit);
    writer.bytes
}

pub fn from_bytes(bytes: &[u8]) -> Result<CodeUnit, ReadError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else { return Err(ReadError::WrongVersion) };
    let mut reader = Reader { bytes: rest, at: 0, strings: Vec::new() };
    if reader.number()? != VERSION || reader.number()? != u64::from(table_fingerprint()) {
        return Err(ReadError::WrongVersion);
    }
    let unit = reader.unit(0)?;
    if reader.at != reader.bytes.len() {
        return Err(ReadError::Damaged);
    }
    Ok(unit)
}

struct Writer {
    bytes: Vec<u8>,
    strings: HashMap<Box<[u8]>, u64>,
}

impl Writer {
    fn number(&mut self, number: u64) {
        write_number(&mut self.bytes, number);
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// `index << 1 | 1` of an earlier string, or `length << 1` and bytes.
    fn string(&mut self, bytes: &[u8]) {
        if let Some(&index) = self.strings.get(bytes) {
            return self.number(index << 1 | 1);
        }
        self.strings.insert(bytes.into(), self.strings.len() as u64);
        self.number((bytes.len() as u64) << 1);
        self.bytes.extend_from_slice(bytes);
    }

    fn names(&mut self, names: &[Box<str>]) {
        self.number(names.len() as u64);
        names.iter().for_each(|name| self.string(name.as_bytes()));
    }

    fn unit(&mut self, unit: &CodeUnit) {
        self.string(unit.name.as_bytes());
        self.string(unit.qualname.as_bytes());
        self.string(unit.filename.as_bytes());
        for number in [unit.first_line, unit.flags, unit.arg_count, unit.pos_only_count, unit.kw_only_count, unit.register_count]
        {
            self.number(u64::from(number));
        }
        self.number(unit.words.len() as u64);
        for word in &unit.words {
            self.bytes.extend_from_slice(&word.to_le_bytes());
        }
        self.number(unit.consts.len() as u64);
        unit.consts.iter().for_each(|constant| self.constant(constant));
        self.names(&unit.names);
        self.names(&unit.var_names);
        self.names(&unit.cell_vars);
        self.names(&unit.free_vars);
        self.number(unit.caches.len() as u64);
        for cache in &unit.caches {
            self.number(u64::from(cache.index) << 4 | cache.kind as u64);
        }
        self.number(unit.exceptions.len() as u64);
        for row in &unit.exceptions {
            for number in [row.start, row.end, row.target, u32::from(row.register)] {
                self.number(u64::from(number));
            }
        }
        self.raw(&unit.position_table);
        match unit.spill {
            None => self.number(0),
            Some(spill) => {
                self.number(1);
                for number in [u32::from(spill.register), spill.first_variable, spill.slots] {
                    self.number(u64::from(number));
                }
            }
        }
        match &unit.doc {
            None => self.number(0),
            Some(doc) => {
                self.number(1);
                self.string(doc.as_bytes());
            }
        }
    }

    fn tag(&mut self, tag: u8) {
        self.bytes.push(tag);
    }

    fn constant(&mut self, constant: &Const) {
        match constant {
            Const::None => self.tag(b'N'),
            Const::True => self.tag(b'T'),
            Const::False => self.tag(b'F'),
            Const::Ellipsis => self.tag(b'.'),
            Const::Int(number) => {
                self.tag(b'i');
                self.number(((number << 1) ^ (number >> 63)) as u64);
            }
            Const::BigInt(digits) => {
                self.tag(b'I');
                self.raw(digits.as_bytes());
            }
            Const::Float(bits) => {
                self.tag(b'f');
                self.bytes.extend_from_slice(&bits.to_le_bytes());
            }
            Const::Complex(real, imag) => {
                self.tag(b'c');
                self.bytes.extend_from_slice(&real.to_le_bytes());
                self.bytes.extend_from_slice(&imag.to_le_bytes());
            }
            Const::Str(text) => {
                self.tag(b's');
                self.string(text.as_bytes());
            }
            Const::Bytes(bytes) => {
                self.tag(b'b');
                self.raw(bytes);
            }
            Const::Tuple(items) => self.items(b'(', items),
            Const::FrozenSet(items) => self.items(b'{', items),
            Const::Slice(items) => self.items(b':', &items[..]),
            Const::Code(unit) => {
                self.tag(b'C');
                self.unit(unit);
            }
        }
    }

    fn items(&mut self, tag: u8, items: &[Const]) {
        self.tag(tag);
        self.number(items.len() as u64);
        items.iter().for_each(|item| self.constant(item));
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    strings: Vec<&'a [u8]>,
}

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u64, ReadError> {
        read_number(self.bytes, &mut self.at).ok_or(ReadError::Damaged)
    }

    fn small(&mut self) -> Result<u32, ReadError> {
        u32::try_from(self.number()?).map_err(|_| ReadError::Damaged)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], ReadError> {
        let count = usize::try_from(count).map_err(|_| ReadError::Damaged)?;
        let end = self.at.checked_add(count).ok_or(ReadError::Damaged)?;
        let taken = self.bytes.get(self.at..end).ok_or(ReadError::Damaged)?;
        self.at = end;
        Ok(taken)
    }

    /// A count of things that each take at least `size` bytes.
    fn count(&mut self, size: usize) -> Result<usize, ReadError> {
        let count = usize::try_from(self.number()?).map_err(|_| ReadError::Damaged)?;
        let left = self.bytes.len() - self.at;
        if count > left / size { Err(ReadError::Damaged) } else { Ok(count) }
    }

    fn raw(&mut self) -> Result<&'a [u8], ReadError> {
        let length = self.number()?;
        self.take(length)
    }

    fn string(&mut self) -> Result<&'a [u8], ReadError> {
        let head = self.number()?;
        if head & 1 == 1 {
            let index = usize::try_from(head >> 1).map_err(|_| ReadError::Damaged)?;
            return self.strings.get(index).copied().ok_or(ReadError::Damaged);
        }
        let bytes = self.take(head >> 1)?;
        self.strings.push(bytes);
        Ok(bytes)
    }

    fn text(&mut self) -> Result<Box<str>, ReadError> {
        std::str::from_utf8(self.string()?).map(Box::from).map_err(|_| ReadError::Damaged)
    }

    fn wtf8(&mut self) -> Result<Wtf8, ReadError> {
        Wtf8::from_bytes(self.string()?).ok_or(ReadError::Damaged)
    }

    fn many<T>(&mut self, size: usize, mut one: impl FnMut(&mut Self) -> Result<T, ReadError>) -> Result<Box<[T]>, ReadError> {
        let count = self.count(size)?;
        (0..count).map(|_| one(self)).collect()
    }

    fn word(&mut self) -> Result<u32, ReadError> {
        Ok(self.take(4)?.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)))
    }

    fn double(&mut self) -> Result<u64, ReadError> {
        Ok(self.take(8)?.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    fn unit(&mut self, depth: u32) -> Result<CodeUnit, ReadError> {
        if depth > MAX_DEPTH {
            return Err(ReadError::Damaged);
        }
        Ok(CodeUnit {
            name: self.text()?,
            qualname: self.text()?,
            filename: self.text()?,
            first_line: self.small()?,
            flags: self.small()?,
            arg_count: self.small()?,
            pos_only_count: self.small()?,
            kw_only_count: self.small()?,
            register_count: self.small()?,
            words: self.many(4, Self::word)?,
            consts: self.many(1, |this| this.constant(depth))?,
            names: self.many(1, Self::text)?,
            var_names: self.many(1, Self::text)?,
            cell_vars: self.many(1, Self::text)?,
            free_vars: self.many(1, Self::text)?,
            caches: self.many(1, Self::cache)?,
            exceptions: self.many(4, Self::row)?,
            position_table: self.raw()?.into(),
            spill: self.spill()?,
            doc: if self.flag()? { Some(self.wtf8()?) } else { None },
        })
    }

    fn flag(&mut self) -> Result<bool, ReadError> {
        match self.number()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ReadError::Damaged),
        }
    }

    fn cache(&mut self) -> Result<CacheCell, ReadError> {
        let number = self.number()?;
        let kind = CacheKind::from_u8((number & 15) as u8).ok_or(ReadError::Damaged)?;
        let index = u32::try_from(number >> 4).map_err(|_| ReadError::Damaged)?;
        Ok(CacheCell { kind, index })
    }

    fn register(&mut self) -> Result<u8, ReadError> {
        u8::try_from(self.number()?).map_err(|_| ReadError::Damaged)
    }

    fn row(&mut self) -> Result<ExceptionRow, ReadError> {
        Ok(ExceptionRow { start: self.small()?, end: self.small()?, target: self.small()?, register: self.register()? })
    }

    fn spill(&mut self) -> Result<Option<Spill>, ReadError> {
        if !self.flag()? {
            return Ok(None);
        }
        Ok(Some(Spill { register: self.register()?, first_variable: self.small()?, slots: self.small()? }))
    }

    fn constant(&mut self, depth: u32) -> Result<Const, ReadError> {
        if depth > MAX_DEPTH {
            return Err(ReadError::Damaged);
        }
        let tag = self.take(1)?[0];
        Ok(match tag {
            b'N' => Const::None,
            b'T' => Const::True,
            b'F' => Const::False,
            b'.' => Const::Ellipsis,
            b'i' => {
                let zigzag = self.number()?;
                Const::Int((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
            }
            b'I' => Const::BigInt(std::str::from_utf8(self.raw()?).map_err(|_| ReadError::Damaged)?.into()),
            b'f' => Const::Float(self.double()?),
            b'c' => Const::Complex(self.double()?, self.double()?),
            b's' => Const::Str(self.wtf8()?),
            b'b' => Const::Bytes(self.raw()?.into()),
            b'(' => Const::Tuple(self.many(1, |this| this.constant(depth + 1))?),
            b'{' => Const::FrozenSet(self.many(1, |this| this.constant(depth + 1))?),
            b':' => {
                let items = self.many(1, |this| this.constant(depth + 1))?;
                let items: Box<[Const; 3]> = items.try_into().map_err(|_| ReadError::Damaged)?;
                Const::Slice(items)
            }
            b'C' => Const::Code(Box::new(self.unit(depth + 1)?)),
            _ => return Err(ReadError::Damaged),
        })
    }
}
