//! `marshal`: values to bytes and back, in CPython's format (version 5) but for code objects, which hold our own code unit.
//!
//! Reading is safe on any bytes: lengths are checked against what is left, depth is bounded, units go through the verifier.

use base::memory::{Grow, out_of_memory, with_room, zeros};
use native_macros::native_module;
use objects::bytes::Bytes;
use objects::code::Code;
use objects::dict::Dict;
use objects::slice::Slice;
use objects::{
    Cast, Complex, FrozenSet, Gc, GcVec, IntView, List, R, Set, Str, Tuple, Value, call_method, eof_error, int_view, interned,
    new_bytes, new_complex, type_error, value_error,
};
use std::collections::HashMap;

const VERSION: i64 = 5;
const MAX_DEPTH: usize = 2000;

/// Threads with small stacks bear less.
fn is_stack_used_up() -> bool {
    objects::thread::enter_recursion().map_err(objects::Raised::clear).is_err()
}
const FLAG_REF: u8 = 0x80;

pub struct Marshal;

/// Values of Python as bytes and back.
///
/// The bytes are the same on all machines, but may differ between versions of
/// Python.
#[native_module(name = "marshal")]
impl Marshal {
    #[attr("version")]
    const FORMAT_VERSION: i64 = VERSION;

    /// The bytes that dump(value, file) would write.
    #[sig("(value, version=5, /, *, allow_code=True)")]
    fn dumps(value: Value, version: i64, allow_code: bool) -> R {
        Ok(new_bytes(&dump(value, version, allow_code)?))
    }
    /// Write the value to a file.
    #[sig("(value, file, version=5, /, *, allow_code=True)")]
    fn dump(value: Value, file: Value, version: i64, allow_code: bool) -> R {
        let bytes = new_bytes(&dump(value, version, allow_code)?);
        call_method(file, interned!("write"), &[bytes])
    }
    /// The value that is written in a bytes-like object.
    #[sig("(bytes, /, *, allow_code=True)")]
    fn loads(bytes: objects::buffer::Buf, allow_code: bool) -> R {
        load(bytes.as_slice(), allow_code).map(|(value, _)| value)
    }
    /// Read a value from a file.
    #[sig("(file, /, *, allow_code=True)")]
    fn load(file: Value, allow_code: bool) -> R {
        load_from_file(file, allow_code)
    }
}

/// Serialises a value.
pub fn dump(value: Value, version: i64, allow_code: bool) -> R<Vec<u8>> {
    let mut writer = Writer { out: Vec::new(), refs: HashMap::new(), open_slices: Vec::new(), version, allow_code, depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    /// Objects written with FLAG_REF, by address; they stay alive through the value being written.
    refs: HashMap<u64, u32>,
    /// The slices that are being written.
    open_slices: Vec<u64>,
    version: i64,
    allow_code: bool,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: Value) -> R<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH || is_stack_used_up() {
            return Err(value_error!("object too deeply nested to marshal"));
        }
        let result = self.any(value);
        self.depth -= 1;
        result
    }

    fn any(&mut self, value: Value) -> R<()> {
        let single = if value.is_none() {
            Some(b'N')
        } else if value.is_true() {
            Some(b'T')
        } else if value.is_false() {
            Some(b'F')
        } else if value.is_ellipsis() {
            Some(b'.')
        } else if value == objects::exc::STOP_ITERATION.get().value() {
            Some(b'S')
        } else {
            None
        };
        if let Some(code) = single {
            self.out.put(code);
            return Ok(());
        }
        if value.is_int() {
            self.int(IntView::Small(value.as_int()), 0);
            return Ok(());
        }
        if value.is_float() {
            self.out.put(b'g');
            self.out.put_all(&value.as_float().to_le_bytes());
            return Ok(());
        }
        let flag = match self.reference(value)? {
            Some(flag) => flag,
            None => return Ok(()),
        };
        self.object(value, flag)
    }

    /// Writes a back reference if the object was seen (None); else the flag for its type code.
    fn reference(&mut self, value: Value) -> R<Option<u8>> {
        if self.version < 3 {
            return Ok(Some(0));
        }
        if let Some(index) = self.refs.get(&value.raw()) {
            if self.open_slices.contains(&value.raw()) {
                return Err(value_error!("unmarshallable object"));
            }
            self.out.put(b'r');
            self.out.put_all(&index.to_le_bytes());
            return Ok(None);
        }
        if self.refs.try_reserve(1).is_err() {
            out_of_memory();
        }
        self.refs.insert(value.raw(), self.refs.len() as u32);
        Ok(Some(FLAG_REF))
    }

    fn object(&mut self, value: Value, flag: u8) -> R<()> {
        if let Some(text) = value.cast_exact::<Str>() {
            return self.text(text, flag);
        }
        if let Some(tuple) = value.cast_exact::<Tuple>() {
            let items = tuple.items();
            if items.len() < 256 && self.version >= 4 {
                self.out.put(b')' | flag);
                self.out.put(items.len() as u8);
            } else {
                self.out.put(b'(' | flag);
                self.size(items.len())?;
            }
            return items.iter().try_for_each(|item| self.value(*item));
        }
        if let Some(list) = value.cast_exact::<List>() {
            let items = objects::list::list_snapshot(list);
            self.out.put(b'[' | flag);
            self.size(items.len())?;
            return items.iter().try_for_each(|item| self.value(*item));
        }
        if let Some(dict) = value.cast_exact::<Dict>() {
            self.out.put(b'{' | flag);
            for (key, item) in objects::dict::dict_items(dict) {
                self.value(key)?;
                self.value(item)?;
            }
            self.out.put(b'0');
            return Ok(());
        }
        if value.cast_exact::<Set>().is_some() || value.cast_exact::<FrozenSet>().is_some() {
            let code = if value.cast_exact::<Set>().is_some() { b'<' } else { b'>' };
            return self.set(value, code | flag);
        }
        if let Some(code) = value.cast::<Code>() {
            return self.code(code, flag);
        }
        if let Some(number) = value.cast_exact::<Complex>() {
            self.out.put(b'y' | flag);
            self.out.put_all(&number.real.to_le_bytes());
            self.out.put_all(&number.imag.to_le_bytes());
            return Ok(());
        }
        if let Some(slice) = value.cast_exact::<Slice>() {
            if self.version < 5 {
                return Err(value_error!("unmarshallable object"));
            }
            self.out.put(b':' | flag);
            // Nothing that is read can name it before it is whole.
            self.open_slices.push(value.raw());
            for part in [slice.start(), slice.stop(), slice.step()] {
                self.value(part)?;
            }
            self.open_slices.pop();
            return Ok(());
        }
        if value.cast_exact::<objects::int::IntObject>().is_some()
            && let Some(view) = int_view(value)
        {
            self.int(view, flag);
            return Ok(());
        }
        self.buffer(value, flag)
    }

    fn buffer(&mut self, value: Value, flag: u8) -> R<()> {
        match objects::buffer::Buf::try_new(value)? {
            Some(data) => {
                self.out.put(b's' | flag);
                self.size(data.as_slice().len())?;
                self.out.extend(data.as_slice());
                Ok(())
            }
            None => Err(value_error!("unmarshallable object")),
        }
    }

    fn size(&mut self, size: usize) -> R<()> {
        match i32::try_from(size) {
            Ok(size) => {
                self.out.put_all(&size.to_le_bytes());
                Ok(())
            }
            Err(_) => Err(value_error!("unmarshallable object")),
        }
    }

    fn text(&mut self, text: Gc<Str>, flag: u8) -> R<()> {
        let interned = text.is_interned();
        if text.is_ascii() && self.version >= 4 {
            let bytes = text.raw_bytes();
            if bytes.len() < 256 {
                self.out.put(if interned { b'Z' } else { b'z' } | flag);
                self.out.put(bytes.len() as u8);
            } else {
                self.out.put(if interned { b'A' } else { b'a' } | flag);
                self.size(bytes.len())?;
            }
            self.out.put_all(bytes);
            return Ok(());
        }
        let bytes = text.to_wtf8();
        self.out.put(if interned && self.version >= 3 { b't' } else { b'u' } | flag);
        self.size(bytes.len())?;
        self.out.put_all(&bytes);
        Ok(())
    }

    fn int(&mut self, view: IntView, flag: u8) {
        if let IntView::Small(number) = view
            && let Ok(number) = i32::try_from(number)
        {
            self.out.put(b'i' | flag);
            self.out.put_all(&number.to_le_bytes());
            return;
        }
        self.out.put(b'l' | flag);
        let small;
        let (negative, limbs) = match view {
            IntView::Small(number) => {
                small = [number.unsigned_abs()];
                (number < 0, &small[..])
            }
            IntView::Big { negative, limbs } => (negative, limbs),
        };
        let digits = to_fifteen_bit(limbs);
        let count = digits.len() as i32;
        self.out.put_all(&(if negative { -count } else { count }).to_le_bytes());
        for digit in digits {
            self.out.put_all(&digit.to_le_bytes());
        }
    }

    /// Sets are written in the order of their items' bytes, so that equal sets give equal bytes.
    fn set(&mut self, set: Value, code: u8) -> R<()> {
        let items = objects::to_vec(set)?;
        let mut keyed: Vec<(Vec<u8>, usize)> = with_room(items.len());
        for (index, item) in items.iter().enumerate() {
            keyed.put((dump(*item, self.version, self.allow_code)?, index));
        }
        keyed.sort();
        self.out.put(code);
        self.size(items.len())?;
        keyed.iter().try_for_each(|(_, index)| self.value(items[*index]))
    }

    fn code(&mut self, code: Gc<Code>, flag: u8) -> R<()> {
        if !self.allow_code {
            return Err(value_error!("marshalling code objects is disallowed"));
        }
        let bytes = (objects::door::code_format()?.to_bytes)(code.value())?;
        self.out.put(b'c' | flag);
        self.size(bytes.len())?;
        self.out.put_all(&bytes);
        Ok(())
    }
}

/// Little-endian 15-bit digits without leading zeros.
fn to_fifteen_bit(limbs: &[u64]) -> Vec<u16> {
    let (mut digits, mut carry, mut bits) = (Vec::new(), 0u128, 0u32);
    for limb in limbs {
        carry |= (*limb as u128) << bits;
        bits += 64;
        while bits >= 15 {
            digits.put((carry & 0x7fff) as u16);
            carry >>= 15;
            bits -= 15;
        }
    }
    if carry != 0 {
        digits.put(carry as u16);
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

/// Reads one value: (value, bytes used).
pub fn load(bytes: &[u8], allow_code: bool) -> R<(Value, usize)> {
    let mut reader = Reader { bytes, at: 0, refs: GcVec::new(), allow_code, depth: 0 };
    match reader.value()? {
        Some(value) => Ok((value, reader.at)),
        None => Err(type_error!("NULL object in marshal data for object")),
    }
}

/// From a file: all that is there is read in pieces as needed, and the file is left behind the value if it can seek.
fn load_from_file(file: Value, allow_code: bool) -> R {
    let start = match objects::get_attr_opt(file, interned!("tell"))? {
        Some(tell) => objects::call(tell, &[]).ok(),
        None => None,
    };
    if start.is_none() && objects::thread::has_exception() {
        objects::thread::take_exception();
    }
    let data = call_method(file, interned!("read"), &[])?;
    let Some(data) = data.cast::<Bytes>() else {
        return Err(type_error!("file.read() returned not bytes but {}", objects::class_name(data)));
    };
    let (value, used) = load(data.as_slice(), allow_code)?;
    if let Some(start) = start
        && used < data.len()
    {
        let position = objects::binary_op(objects::BinaryOp::Add, start, objects::new_int_usize(used))?;
        call_method(file, interned!("seek"), &[position])?;
    }
    Ok(value)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    refs: GcVec<Option<Value>>,
    allow_code: bool,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> R<&'a [u8]> {
        match self.bytes.get(self.at..).and_then(|rest| rest.get(..count)) {
            Some(slice) => {
                self.at += count;
                Ok(slice)
            }
            None => Err(eof_error!("marshal data too short")),
        }
    }
    fn byte(&mut self) -> R<u8> {
        Ok(self.take(1)?[0])
    }
    fn long(&mut self) -> R<i32> {
        let bytes = self.take(4)?;
        Ok(i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
    fn double(&mut self) -> R<f64> {
        let bytes = self.take(8)?;
        let mut word = [0; 8];
        word.copy_from_slice(bytes);
        Ok(f64::from_le_bytes(word))
    }
    /// A length; each item takes at least one byte, so more than what is left is nonsense.
    fn length(&mut self, what: &str) -> R<usize> {
        let length = self.long()?;
        if length < 0 {
            return Err(value_error!("bad marshal data ({what} size out of range)"));
        }
        if length as usize > self.bytes.len() - self.at {
            return Err(eof_error!("marshal data too short"));
        }
        Ok(length as usize)
    }

    /// None for the NULL that ends a dict.
    fn value(&mut self) -> R<Option<Value>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH || is_stack_used_up() {
            return Err(value_error!("recursion limit exceeded"));
        }
        let result = self.any();
        self.depth -= 1;
        result
    }
    fn required(&mut self, what: &str) -> R {
        match self.value()? {
            Some(value) => Ok(value),
            None => Err(type_error!("NULL object in marshal data for {what}")),
        }
    }

    fn any(&mut self) -> R<Option<Value>> {
        let code = match self.byte() {
            Ok(code) => code,
            Err(raised) => {
                raised.clear();
                return Err(eof_error!("EOF read where object expected"));
            }
        };
        let flagged = code & FLAG_REF != 0;
        let kind = code & !FLAG_REF;
        let simple = match kind {
            b'0' => return Ok(None),
            b'N' => Value::none(),
            b'T' => Value::true_(),
            b'F' => Value::false_(),
            b'.' => Value::ellipsis(),
            b'S' => objects::exc::STOP_ITERATION.get().value(),
            b'r' => return self.back_reference().map(Some),
            // Containers take their number before their items.
            b'(' | b')' | b'[' | b'{' | b'<' | b'>' | b':' => return self.container(kind, flagged).map(Some),
            _ => {
                let value = self.leaf(kind)?;
                if flagged {
                    self.refs.push(Some(value));
                }
                value
            }
        };
        Ok(Some(simple))
    }

    fn back_reference(&mut self) -> R {
        let index = self.long()?;
        match usize::try_from(index).ok().and_then(|index| self.refs.get(index).copied()) {
            Some(Some(value)) => Ok(value),
            _ => Err(value_error!("bad marshal data (invalid reference)")),
        }
    }

    fn leaf(&mut self, kind: u8) -> R {
        Ok(match kind {
            b'i' => objects::new_int(self.long()? as i64),
            // Old data has these.
            b'I' => {
                let mut word = [0; 8];
                word.copy_from_slice(self.take(8)?);
                objects::new_int(i64::from_le_bytes(word))
            }
            b'l' => self.big_int()?,
            b'g' => Value::float(self.double()?),
            b'f' => {
                let length = self.byte()? as usize;
                self.text_float(length)?
            }
            b'y' => {
                let real = self.double()?;
                new_complex(real, self.double()?).value()
            }
            b's' => {
                let length = self.length("bytes object")?;
                new_bytes(self.take(length)?)
            }
            b'a' | b'A' => {
                let length = self.length("string")?;
                self.ascii(length, kind == b'A')?
            }
            b'z' | b'Z' => {
                let length = self.byte()? as usize;
                self.ascii(length, kind == b'Z')?
            }
            b'u' | b't' => {
                let length = self.length("string")?;
                let bytes = self.take(length)?;
                let Some(text) = Str::from_wtf8(bytes) else {
                    return Err(value_error!("bad marshal data (invalid string)"));
                };
                if kind == b't' { objects::intern_str(text).value() } else { text.value() }
            }
            b'c' => {
                if !self.allow_code {
                    return Err(value_error!("unmarshalling code objects is disallowed"));
                }
                let length = self.length("code")?;
                (objects::door::code_format()?.from_bytes)(self.take(length)?)?
            }
            _ => return Err(value_error!("bad marshal data (unknown type code)")),
        })
    }

    fn text_float(&mut self, length: usize) -> R {
        let text = self.take(length)?;
        match std::str::from_utf8(text).ok().and_then(|text| text.trim().parse::<f64>().ok()) {
            Some(number) => Ok(Value::float(number)),
            None => Err(value_error!("bad marshal data (invalid float)")),
        }
    }

    fn ascii(&mut self, length: usize, interned: bool) -> R {
        let bytes = self.take(length)?;
        if !bytes.is_ascii() {
            return Err(value_error!("bad marshal data (invalid string)"));
        }
        let text = Str::from_latin1(bytes);
        Ok(if interned { objects::intern_str(text).value() } else { text.value() })
    }

    fn big_int(&mut self) -> R {
        let count = self.long()?;
        let digits = count.unsigned_abs() as usize;
        let bytes = self.take(digits.saturating_mul(2))?;
        let mut limbs = zeros((digits * 15).div_ceil(64) + 1);
        for (index, pair) in bytes.chunks_exact(2).enumerate() {
            let digit = u16::from_le_bytes([pair[0], pair[1]]) as u64;
            if digit > 0x7fff {
                return Err(value_error!("bad marshal data (digit out of range in long)"));
            }
            if digit == 0 && index + 1 == digits {
                return Err(value_error!("bad marshal data (unnormalized long data)"));
            }
            let bit = index * 15;
            let (limb, shift) = (bit / 64, bit % 64);
            limbs[limb] |= digit << shift;
            if shift > 49 {
                limbs[limb + 1] |= digit >> (64 - shift);
            }
        }
        Ok(objects::int::from_limbs(count < 0, &limbs))
    }

    fn container(&mut self, kind: u8, flagged: bool) -> R {
        let place = self.refs.len();
        if flagged {
            self.refs.push(None);
        }
        let value = match kind {
            b'(' | b')' => {
                let length = if kind == b')' { self.byte()? as usize } else { self.length("tuple")? };
                if flagged && length > 0 {
                    return self.tuple_that_items_may_name(place, length);
                }
                let mut items = GcVec::new();
                for _ in 0..length {
                    items.push(self.required("tuple")?);
                }
                objects::new_tuple(&items).value()
            }
            b'[' => {
                let length = self.length("list")?;
                let list = objects::new_list(&[]);
                self.settle(place, flagged, list.value());
                for _ in 0..length {
                    let item = self.required("list")?;
                    objects::list::list_append(list, item)?;
                }
                list.value()
            }
            b'{' => {
                let dict = objects::new_dict();
                self.settle(place, flagged, dict.value());
                while let Some(key) = self.value()? {
                    let Some(item) = self.value()? else { break };
                    objects::dict::dict_set(dict, key, item)?;
                }
                dict.value()
            }
            b':' => {
                let start = self.required("slice")?;
                let stop = self.required("slice")?;
                let step = self.required("slice")?;
                objects::slice::new_slice(start, stop, step).value()
            }
            _ => {
                let length = self.length("set")?;
                let mut items = GcVec::new();
                for _ in 0..length {
                    items.push(self.required("set")?);
                }
                let list = objects::new_list(&items).value();
                let class = if kind == b'<' { objects::classes::set() } else { objects::classes::frozenset() };
                objects::call(class.value(), &[list])?
            }
        };
        self.settle(place, flagged, value);
        Ok(value)
    }

    /// A tuple that lists and dicts in it may hold.
    fn tuple_that_items_may_name(&mut self, place: usize, length: usize) -> R {
        let (tuple, items) = objects::tuple::blank_tuple(length);
        items.iter().for_each(|item| item.set(Value::none()));
        self.settle(place, true, tuple.value());
        for item in items {
            item.set(self.required("tuple")?);
        }
        Ok(tuple.value())
    }

    fn settle(&mut self, place: usize, flagged: bool, value: Value) {
        if flagged {
            self.refs[place] = Some(value);
        }
    }
}
