//! Code units as bytes, for .pyc files and the frozen archive. Versioned, length-checked; reading any bytes
//! gives a unit or an error, never a panic. Reading does not verify: call `verify` on what comes from outside.
//!
//! Layout: magic, format version, op table fingerprint, checksum of the rest, string table, file name, then the unit: a head (what a call needs), the
//! length of the body, the body. The string table is the number of strings, where each ends (32 bits), their bytes; so nothing is read of it
//! but what is asked for. Strings are indexes into the table. A nested unit is a constant; it can be skipped by its length and read when
//! its code first runs (`StoredUnit`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::code_unit::{CacheCell, CodeUnit, Const, ExceptionRow, Spill, Text, Wtf8, co_flags};
use crate::ops::{CacheKind, OPS};
use crate::positions::{read_number, write_number};

const MAGIC: [u8; 4] = *b"PPYU";
/// Of the format and of what the compiler means by it: raise it when either changes, or old files stay in use.
const VERSION: u64 = 5;
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
    FINGERPRINT
}

/// Known when the program is compiled: a start looks at it.
const FINGERPRINT: u32 = {
    const fn mix(hash: u32, number: u32) -> u32 {
        (hash ^ number).wrapping_mul(0x0100_0193)
    }
    let mut hash = 0x811C_9DC5u32;
    let mut op = 0;
    while op < OPS.len() {
        let info = &OPS[op];
        let name = info.name.as_bytes();
        let mut index = 0;
        while index < name.len() {
            hash = mix(hash, name[index] as u32);
            index += 1;
        }
        let mut operand = 0;
        while operand < info.operands.len() {
            hash = mix(hash, info.operands[operand] as u32);
            operand += 1;
        }
        hash = mix(hash, info.ext.number());
        op += 1;
    }
    hash
};

/// First word of compiled files: a number that changes with the format or the op table, then CR LF.
pub fn pyc_magic_token() -> u32 {
    let print = table_fingerprint().wrapping_add(VERSION as u32);
    0x0A0D_0000 | ((print >> 16) ^ (print & 0xFFFF))
}

/// The unit and all nested ones as bytes.
pub fn to_bytes(unit: &CodeUnit) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.string(unit.filename.as_bytes());
    writer.unit(unit);
    let mut file = Writer { bytes: MAGIC.to_vec(), ..Writer::default() };
    file.number(VERSION);
    file.number(u64::from(table_fingerprint()));
    let head = file.bytes.len();
    file.number(writer.order.len() as u64);
    let mut end = 0;
    for text in &writer.order {
        end += text.len() as u32;
        file.bytes.extend_from_slice(&end.to_le_bytes());
    }
    for text in &writer.order {
        file.bytes.extend_from_slice(text);
    }
    file.bytes.extend_from_slice(&writer.bytes);
    let sum = checksum(&file.bytes[head..]);
    file.bytes.splice(head..head, sum.to_le_bytes());
    file.bytes
}

/// Tells accidental damage. (Damage on purpose is the verifier's business.)
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut lanes = [FACTOR, !FACTOR, bytes.len() as u64, 0];
    let fold = |state: u64, word: u64| {
        let product = u128::from(state ^ word) * u128::from(FACTOR | 1);
        (product as u64) ^ (product >> 64) as u64 ^ word.rotate_left(32)
    };
    let mut chunks = bytes.chunks_exact(32);
    for chunk in &mut chunks {
        for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
            *lane = fold(*lane, u64::from_le_bytes(*word)).wrapping_add(FACTOR);
        }
    }
    let mut sum = lanes.into_iter().fold(1, fold);
    for byte in chunks.remainder() {
        sum = fold(sum, u64::from(*byte)).wrapping_add(FACTOR);
    }
    sum
}

/// Everything in `bytes` at once.
pub fn from_bytes(bytes: &[u8]) -> Result<CodeUnit, ReadError> {
    open(StoredBytes::Shared(bytes.into()))?.load_all()
}

/// The outermost unit in `bytes`, its body not read yet.
pub fn open(bytes: StoredBytes) -> Result<StoredUnit, ReadError> {
    // SAFETY: nothing is believed.
    unsafe { open_known(bytes, |_| false) }
}

/// As `open`, for bytes that may come from the build: if `is_own` knows their checksum (`checksum_of`), they are believed, see
/// [`StoredUnit::is_own`].
///
/// # Safety
/// `is_own` is true of nothing but checksums of what `to_bytes` made.
pub unsafe fn open_known(bytes: StoredBytes, is_own: impl FnOnce(u64) -> bool) -> Result<StoredUnit, ReadError> {
    let (sum, rest) = checksum_and_rest(bytes.as_slice())?;
    let own = match bytes {
        StoredBytes::Static(_) => true,
        StoredBytes::Shared(_) if sum != checksum(&bytes.as_slice()[rest..]) => return Err(ReadError::Damaged),
        StoredBytes::Shared(_) => is_own(sum),
    };
    let mut reader = Reader { bytes: bytes.as_slice(), at: rest, fixed: None, own, strings: Strings::NONE, lazy: false };
    let count = reader.count(4)?;
    let ends = reader.at;
    reader.take(count as u64 * 4)?;
    let strings = Strings { count, ends, texts: reader.at };
    let at = if count == 0 { reader.at } else { strings.range(reader.bytes, count - 1).ok_or(ReadError::Damaged)?.end };
    let file = Arc::new(StoredFile { bytes, own, strings });
    let mut reader = Reader::of(&file, at, false);
    let filename = reader.text_index()?;
    let unit = reader.stored(&file, filename)?;
    if unit.end != file.bytes.as_slice().len() {
        return Err(ReadError::Damaged);
    }
    Ok(unit)
}

/// The checksum in what `to_bytes` made.
pub fn checksum_of(bytes: &[u8]) -> Result<u64, ReadError> {
    checksum_and_rest(bytes).map(|(sum, _)| sum)
}

/// The checksum, and where what it tells of begins.
fn checksum_and_rest(bytes: &[u8]) -> Result<(u64, usize), ReadError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else { return Err(ReadError::WrongVersion) };
    let at = bytes.len() - rest.len();
    let mut reader = Reader { bytes, at, fixed: None, own: false, strings: Strings::NONE, lazy: false };
    if reader.number()? != VERSION || reader.number()? != u64::from(table_fingerprint()) {
        return Err(ReadError::WrongVersion);
    }
    Ok((reader.double()?, reader.at))
}

/// Where stored units lie.
#[derive(Clone)]
pub enum StoredBytes {
    Static(OwnBytes),
    Shared(Arc<[u8]>),
}

/// Bytes that `to_bytes` made when the program was built, and that are part of it: their texts are not checked again.
#[derive(Clone, Copy)]
pub struct OwnBytes(&'static [u8]);

impl OwnBytes {
    /// # Safety
    /// The bytes came out of `to_bytes`.
    pub const unsafe fn new(bytes: &'static [u8]) -> OwnBytes {
        OwnBytes(bytes)
    }
}

impl StoredBytes {
    fn as_slice(&self) -> &[u8] {
        match self {
            StoredBytes::Static(bytes) => bytes.0,
            StoredBytes::Shared(bytes) => bytes,
        }
    }
}

struct StoredFile {
    bytes: StoredBytes,
    /// The build made the bytes.
    own: bool,
    strings: Strings,
}

/// Where the string table lies.
#[derive(Clone, Copy)]
struct Strings {
    count: usize,
    /// Where the ends of the strings begin, and where their bytes do.
    ends: usize,
    texts: usize,
}

impl Strings {
    const NONE: Strings = Strings { count: 0, ends: 0, texts: 0 };

    fn end(&self, bytes: &[u8], index: usize) -> Option<usize> {
        let word = bytes.get(self.ends + index * 4..)?.first_chunk::<4>()?;
        self.texts.checked_add(u32::from_le_bytes(*word) as usize)
    }

    /// Where a string lies in `bytes`; it does lie there.
    fn range(&self, bytes: &[u8], index: usize) -> Option<std::ops::Range<usize>> {
        if index >= self.count {
            return None;
        }
        let start = if index == 0 { self.texts } else { self.end(bytes, index - 1)? };
        let range = start..self.end(bytes, index)?;
        bytes.get(range.clone()).map(|_| range)
    }
}

/// What must be known of a unit before its code runs: to make functions of it, and to call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub first_line: u32,
    pub flags: u32,
    pub arg_count: u32,
    pub pos_only_count: u32,
    pub kw_only_count: u32,
    pub register_count: u32,
    /// `CodeUnit::first_free_variable` and the number of free variables.
    pub first_free_variable: u32,
    pub free_count: u32,
    /// Distinct attributes that the code stores on its first argument.
    pub self_attributes: u32,
}

impl Head {
    pub fn of(unit: &CodeUnit) -> Head {
        Head {
            first_line: unit.first_line,
            flags: unit.flags,
            arg_count: unit.arg_count,
            pos_only_count: unit.pos_only_count,
            kw_only_count: unit.kw_only_count,
            register_count: unit.register_count,
            first_free_variable: unit.first_free_variable() as u32,
            free_count: unit.free_vars.len() as u32,
            self_attributes: unit.self_attribute_count(),
        }
    }

    fn numbers(&self) -> [u32; 9] {
        [
            self.first_line,
            self.flags,
            self.arg_count,
            self.pos_only_count,
            self.kw_only_count,
            self.register_count,
            self.first_free_variable,
            self.free_count,
            self.self_attributes,
        ]
    }

    /// Whether a window for the unit can be made and filled, whatever the body turns out to be.
    fn is_sound(&self, body_length: usize) -> bool {
        let star = |flag: u32| u64::from(self.flags & flag != 0);
        let stars = star(co_flags::VARARGS) + star(co_flags::VARKEYWORDS);
        let parameters = u64::from(self.arg_count) + u64::from(self.kw_only_count) + stars;
        let variables = u64::from(self.first_free_variable) + u64::from(self.free_count);
        // Each variable has a name of at least one byte in the body.
        variables <= body_length as u64 + 2
            // Calls write parameters to registers before the body is read.
            && parameters <= u64::from(self.first_free_variable)
            && self.pos_only_count <= self.arg_count
            && u64::from(self.register_count) >= variables
            && u64::from(self.register_count) <= 256 + 2 * (variables + 1)
    }
}

/// A unit in a stored file, of which only the head was read.
#[derive(Clone)]
pub struct StoredUnit {
    file: Arc<StoredFile>,
    pub head: Head,
    name: usize,
    qualname: usize,
    filename: usize,
    start: usize,
    end: usize,
}

impl StoredUnit {
    pub fn name(&self) -> &str {
        self.text(self.name)
    }
    pub fn qualname(&self) -> &str {
        self.text(self.qualname)
    }
    pub fn filename(&self) -> &str {
        self.text(self.filename)
    }

    /// A string that was found to be UTF-8 when the head was read.
    fn text(&self, index: usize) -> &str {
        let bytes = self.file.bytes.as_slice();
        let range = self.file.strings.range(bytes, index).unwrap_or(0..0);
        // SAFETY: `Reader::text_index` gave the index.
        unsafe { std::str::from_utf8_unchecked(&bytes[range]) }
    }

    /// Whether the unit came out of the build of this program, and so needs no verifying.
    pub fn is_own(&self) -> bool {
        self.file.own
    }

    /// Reads the body; units among its constants are `Const::Stored`.
    pub fn load(&self) -> Result<CodeUnit, ReadError> {
        self.read(true, 0)
    }

    /// Reads the body and those of all nested units.
    pub fn load_all(&self) -> Result<CodeUnit, ReadError> {
        self.read(false, 0)
    }

    fn read(&self, lazy: bool, depth: u32) -> Result<CodeUnit, ReadError> {
        let mut reader = Reader::of(&self.file, self.start, lazy);
        let unit = reader.body(self, depth)?;
        if reader.at == self.end { Ok(unit) } else { Err(ReadError::Damaged) }
    }
}

impl PartialEq for StoredUnit {
    fn eq(&self, other: &StoredUnit) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.start == other.start
    }
}
impl Eq for StoredUnit {}
impl std::hash::Hash for StoredUnit {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.start.hash(state)
    }
}
impl std::fmt::Debug for StoredUnit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "stored {}", self.qualname())
    }
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    order: Vec<Box<[u8]>>,
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

    /// The index of a string.
    fn string(&mut self, bytes: &[u8]) {
        let next = self.order.len() as u64;
        let index = match self.strings.get(bytes) {
            Some(index) => *index,
            None => {
                self.strings.insert(bytes.into(), next);
                self.order.push(bytes.into());
                next
            }
        };
        self.number(index)
    }

    fn names(&mut self, names: &[Text]) {
        self.number(names.len() as u64);
        names.iter().for_each(|name| self.string(name.as_bytes()));
    }

    fn unit(&mut self, unit: &CodeUnit) {
        self.string(unit.name.as_bytes());
        self.string(unit.qualname.as_bytes());
        for number in Head::of(unit).numbers() {
            self.number(u64::from(number));
        }
        let outer = std::mem::take(&mut self.bytes);
        self.body(unit);
        let body = std::mem::replace(&mut self.bytes, outer);
        self.raw(&body);
    }

    fn body(&mut self, unit: &CodeUnit) {
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
            Const::Stored(stored) => match stored.load_all() {
                Ok(unit) => self.constant(&Const::Code(Box::new(unit))),
                Err(_) => self.tag(b'N'),
            },
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
    /// The bytes, if they are part of the program: texts are then borrowed.
    fixed: Option<&'static [u8]>,
    /// The build made the bytes: texts need no check.
    own: bool,
    strings: Strings,
    /// Whether nested units are to stay stored.
    lazy: bool,
}

impl<'a> Reader<'a> {
    fn of(file: &'a Arc<StoredFile>, at: usize, lazy: bool) -> Reader<'a> {
        let fixed = match file.bytes {
            StoredBytes::Static(bytes) => Some(bytes.0),
            StoredBytes::Shared(_) => None,
        };
        Reader { bytes: file.bytes.as_slice(), at, fixed, own: file.own, strings: file.strings, lazy }
    }

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

    fn string_index(&mut self) -> Result<usize, ReadError> {
        let index = usize::try_from(self.number()?).map_err(|_| ReadError::Damaged)?;
        if index < self.strings.count { Ok(index) } else { Err(ReadError::Damaged) }
    }

    fn string_range(&mut self) -> Result<std::ops::Range<usize>, ReadError> {
        let index = self.string_index()?;
        self.strings.range(self.bytes, index).ok_or(ReadError::Damaged)
    }

    fn string(&mut self) -> Result<&'a [u8], ReadError> {
        let range = self.string_range()?;
        Ok(&self.bytes[range])
    }

    /// The index of a string that is UTF-8.
    fn text_index(&mut self) -> Result<usize, ReadError> {
        let index = self.string_index()?;
        if self.own {
            return Ok(index);
        }
        let range = self.strings.range(self.bytes, index).ok_or(ReadError::Damaged)?;
        let bytes = &self.bytes[range];
        if std::str::from_utf8(bytes).is_ok() { Ok(index) } else { Err(ReadError::Damaged) }
    }

    /// A string that lives as long as the program, if the bytes do.
    fn fixed_string(&mut self, fixed: &'static [u8]) -> Result<&'static [u8], ReadError> {
        let range = self.string_range()?;
        fixed.get(range).ok_or(ReadError::Damaged)
    }

    fn text(&mut self) -> Result<Text, ReadError> {
        match self.fixed {
            // SAFETY: `to_bytes` wrote a `Text` here, see `OwnBytes`.
            Some(fixed) => Ok(Cow::Borrowed(unsafe { std::str::from_utf8_unchecked(self.fixed_string(fixed)?) })),
            // SAFETY: likewise.
            None if self.own => Ok(Cow::Owned(unsafe { std::str::from_utf8_unchecked(self.string()?) }.to_owned())),
            None => match std::str::from_utf8(self.string()?) {
                Ok(text) => Ok(Cow::Owned(text.to_owned())),
                Err(_) => Err(ReadError::Damaged),
            },
        }
    }

    fn wtf8(&mut self) -> Result<Wtf8, ReadError> {
        match self.fixed {
            // SAFETY: `to_bytes` wrote a `Wtf8` here, see `OwnBytes`.
            Some(fixed) => Some(unsafe { Wtf8::from_static(self.fixed_string(fixed)?) }),
            None => Wtf8::from_bytes(self.string()?),
        }
        .ok_or(ReadError::Damaged)
    }

    fn table(&mut self) -> Result<Cow<'static, [u8]>, ReadError> {
        let length = self.raw()?.len();
        let (start, end) = (self.at - length, self.at);
        Ok(match self.fixed {
            Some(fixed) => Cow::Borrowed(&fixed[start..end]),
            None => Cow::Owned(self.bytes[start..end].into()),
        })
    }

    fn many<T>(&mut self, size: usize, mut one: impl FnMut(&mut Self) -> Result<T, ReadError>) -> Result<Box<[T]>, ReadError> {
        let count = self.count(size)?;
        // What the bytes promise is not believed beyond some size.
        let mut items = Vec::with_capacity(count.min(4096));
        for _ in 0..count {
            items.push(one(self)?);
        }
        Ok(items.into_boxed_slice())
    }

    fn words(&mut self) -> Result<Box<[u32]>, ReadError> {
        let count = self.count(4)?;
        let bytes = self.take(count as u64 * 4)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    fn double(&mut self) -> Result<u64, ReadError> {
        Ok(self.take(8)?.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    /// A unit's head; goes on behind its body.
    fn stored(&mut self, file: &Arc<StoredFile>, filename: usize) -> Result<StoredUnit, ReadError> {
        let (name, qualname) = (self.text_index()?, self.text_index()?);
        let head = Head {
            first_line: self.small()?,
            flags: self.small()?,
            arg_count: self.small()?,
            pos_only_count: self.small()?,
            kw_only_count: self.small()?,
            register_count: self.small()?,
            first_free_variable: self.small()?,
            free_count: self.small()?,
            self_attributes: self.small()?,
        };
        let length = self.raw()?.len();
        if !head.is_sound(length) {
            return Err(ReadError::Damaged);
        }
        Ok(StoredUnit { file: file.clone(), head, name, qualname, filename, start: self.at - length, end: self.at })
    }

    fn body(&mut self, stored: &StoredUnit, depth: u32) -> Result<CodeUnit, ReadError> {
        if depth > MAX_DEPTH {
            return Err(ReadError::Damaged);
        }
        let head = &stored.head;
        let unit = CodeUnit {
            name: stored.name().into(),
            qualname: stored.qualname().into(),
            filename: stored.filename().into(),
            first_line: head.first_line,
            flags: head.flags,
            arg_count: head.arg_count,
            pos_only_count: head.pos_only_count,
            kw_only_count: head.kw_only_count,
            register_count: head.register_count,
            words: self.words()?,
            consts: self.many(1, |this| this.constant(stored, depth))?,
            names: self.many(1, Self::text)?,
            var_names: self.many(1, Self::text)?,
            cell_vars: self.many(1, Self::text)?,
            free_vars: self.many(1, Self::text)?,
            caches: self.many(1, Self::cache)?,
            exceptions: self.many(4, Self::row)?,
            position_table: self.table()?,
            spill: self.spill()?,
            doc: if self.flag()? { Some(self.wtf8()?) } else { None },
        };
        let (free, first_free) = (unit.free_vars.len(), unit.first_free_variable());
        let agrees = free == head.free_count as usize && first_free == head.first_free_variable as usize;
        if agrees { Ok(unit) } else { Err(ReadError::Damaged) }
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

    fn constant(&mut self, outer: &StoredUnit, depth: u32) -> Result<Const, ReadError> {
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
            b'(' => Const::Tuple(self.many(1, |this| this.constant(outer, depth + 1))?),
            b'{' => Const::FrozenSet(self.many(1, |this| this.constant(outer, depth + 1))?),
            b':' => {
                let items = self.many(1, |this| this.constant(outer, depth + 1))?;
                let items: Box<[Const; 3]> = items.try_into().map_err(|_| ReadError::Damaged)?;
                Const::Slice(items)
            }
            b'C' => {
                let stored = self.stored(&outer.file, outer.filename)?;
                if self.lazy { Const::Stored(Box::new(stored)) } else { Const::Code(Box::new(stored.read(false, depth + 1)?)) }
            }
            _ => return Err(ReadError::Damaged),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, consts: Vec<Const>) -> CodeUnit {
        CodeUnit {
            name: name.into(),
            qualname: name.into(),
            filename: "file.py".into(),
            first_line: 1,
            flags: 3,
            arg_count: 1,
            pos_only_count: 0,
            kw_only_count: 0,
            register_count: 2,
            words: Box::new([0, 1, 2]),
            consts: consts.into(),
            names: Box::new(["n".into()]),
            var_names: Box::new(["a".into()]),
            cell_vars: Box::new([]),
            free_vars: Box::new(["f".into()]),
            caches: Box::new([]),
            exceptions: Box::new([]),
            position_table: Cow::Borrowed(&[]),
            spill: None,
            doc: Some("doc".into()),
        }
    }

    fn nested() -> CodeUnit {
        let inner = unit("inner", vec![Const::Int(-5), Const::Tuple(Box::new([Const::str("x"), Const::None]))]);
        unit("outer", vec![Const::Code(Box::new(inner)), Const::float(0.5)])
    }

    #[test]
    fn units_come_back() {
        assert_eq!(from_bytes(&to_bytes(&nested())).unwrap(), nested());
    }

    #[test]
    fn nested_units_stay_stored_until_asked_for() {
        let outer = open(StoredBytes::Shared(to_bytes(&nested()).into())).unwrap().load().unwrap();
        let Const::Stored(inner) = &outer.consts[0] else { panic!("not stored") };
        assert_eq!((inner.name(), inner.filename(), inner.head.free_count), ("inner", "file.py", 1));
        let Const::Code(expected) = &nested().consts[0] else { unreachable!() };
        assert_eq!(inner.load().unwrap(), **expected);
    }

    #[test]
    fn damage_is_found() {
        let bytes = to_bytes(&nested());
        for at in 0..bytes.len() {
            for flip in [1, 0x80] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                assert!(from_bytes(&damaged).is_err(), "byte {at}");
            }
            assert!(from_bytes(&bytes[..at]).is_err());
        }
    }
}
