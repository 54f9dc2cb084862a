//! Reading: the stack machine. What makes objects with the help of Python code is in `load_objects.rs`.
//! Must not know: the class `Unpickler` beyond its settings.

use super::input::{Input, truncated};
use super::memo::LoadMemo;
use super::opcodes::*;
use super::unpickling_error;
use base::memory::{Grow, copied, with_room};
use objects::codec;
use objects::dict::{self, Dict};
use objects::list::{self, List};
use objects::set::{self, Set};
use objects::{
    Bytes, Cast, Gc, GcVec, Layout, R, Raised, Str, Value, call, new_bytes, new_int, new_list, new_str, new_tuple,
    overflow_error, value_error,
};
use std::sync::atomic::{AtomicU8, Ordering};

/// What an unpickler was told.
pub struct Settings {
    pub fix_imports: bool,
    pub encoding: String,
    pub errors: String,
    /// An iterator of out-of-band buffers.
    pub buffers: Option<Value>,
    /// Methods of subclasses; None: the plain way.
    pub find_class: Option<Value>,
    pub persistent_load: Option<Value>,
}

impl Settings {
    pub fn plain(fix_imports: bool, encoding: &str, errors: &str, buffers: Option<Value>) -> Settings {
        let (encoding, errors) = (encoding.to_owned(), errors.to_owned());
        Settings { fix_imports, encoding, errors, buffers, find_class: None, persistent_load: None }
    }
}

/// One run of an unpickler.
pub struct Loader {
    pub input: Input,
    pub stack: GcVec,
    marks: Vec<usize>,
    /// The height of the stack at the topmost mark.
    fence: usize,
    pub memo: Gc<LoadMemo>,
    pub settings: Settings,
    pub protocol: u8,
    shown_protocol: *const AtomicU8,
}

/// Reads one pickle.
///
/// `protocol`: where others look for the number of the protocol that is being read.
pub fn load(settings: Settings, memo: Gc<LoadMemo>, input: Input, protocol: Option<&AtomicU8>) -> R {
    if let Some(protocol) = protocol {
        protocol.store(0, Ordering::Relaxed);
    }
    let mut loader = Loader {
        input,
        stack: GcVec::with_capacity(64),
        marks: Vec::new(),
        fence: 0,
        memo,
        settings,
        protocol: 0,
        shown_protocol: protocol.map_or(std::ptr::null(), |protocol| protocol),
    };
    let result = loader.run();
    // The rest of the file belongs to whoever reads on.
    match (result, loader.input.skip_consumed()) {
        (Ok(value), Ok(())) => Ok(value),
        (Ok(_), Err(raised)) => Err(raised),
        (Err(raised), Ok(())) => Err(raised),
        (Err(raised), Err(_)) => Err(raised),
    }
}

pub fn number_from_line(line: &[u8]) -> R {
    let text = String::from_utf8_lossy(line);
    match text.trim().parse::<i64>() {
        Ok(number) => Ok(new_int(number)),
        Err(_) => call(objects::int::IntObject::class().value(), &[new_str(&text)]),
    }
}

impl Loader {
    fn run(&mut self) -> R {
        loop {
            let op = self.input.op()?;
            match op {
                STOP => return self.pop(),
                NONE => self.stack.push(Value::none()),
                NEWTRUE => self.stack.push(Value::true_()),
                NEWFALSE => self.stack.push(Value::false_()),
                BININT1 => {
                    let [number] = self.input.array()?;
                    self.stack.push(Value::small(number as i32));
                }
                BININT2 => {
                    let bytes = self.input.array()?;
                    self.stack.push(Value::small(u16::from_le_bytes(bytes) as i32));
                }
                BININT => {
                    let bytes = self.input.array()?;
                    self.stack.push(Value::small(i32::from_le_bytes(bytes)));
                }
                BINFLOAT => {
                    let bytes = self.input.array()?;
                    self.stack.push(Value::float(f64::from_be_bytes(bytes)));
                }
                SHORT_BINUNICODE => {
                    let [length] = self.input.array()?;
                    self.push_utf8(length as usize)?;
                }
                MEMOIZE => {
                    let value = self.top()?;
                    LoadMemo::append(self.memo, value);
                }
                BINGET => {
                    let [number] = self.input.array()?;
                    self.push_known(number as usize)?;
                }
                LONG_BINGET => {
                    let bytes = self.input.array()?;
                    self.push_known(u32::from_le_bytes(bytes) as usize)?;
                }
                BINPUT => {
                    let [number] = self.input.array()?;
                    let value = self.top()?;
                    LoadMemo::put(self.memo, number as usize, value);
                }
                LONG_BINPUT => {
                    let bytes = self.input.array()?;
                    let value = self.top()?;
                    LoadMemo::put(self.memo, u32::from_le_bytes(bytes) as usize, value);
                }
                MARK => {
                    self.fence = self.stack.len();
                    self.marks.push(self.fence);
                }
                EMPTY_TUPLE => self.stack.push(objects::tuple::empty_tuple().value()),
                TUPLE1 => self.build_tuple(1)?,
                TUPLE2 => self.build_tuple(2)?,
                TUPLE3 => self.build_tuple(3)?,
                TUPLE => {
                    let start = self.pop_mark()?;
                    let tuple = new_tuple(&self.stack[start..]);
                    self.replace(start, tuple.value());
                }
                EMPTY_LIST => self.stack.push(new_list(&[]).value()),
                EMPTY_DICT => self.stack.push(objects::new_dict().value()),
                EMPTY_SET => self.stack.push(set::new_set().value()),
                APPENDS => {
                    let start = self.pop_mark()?;
                    self.append_items(start)?;
                }
                APPEND => {
                    let start = self.stack.len().wrapping_sub(1);
                    if self.stack.len() <= self.fence {
                        return Err(self.underflow());
                    }
                    self.append_items(start)?;
                }
                SETITEMS => {
                    let start = self.pop_mark()?;
                    self.set_items(start)?;
                }
                SETITEM => {
                    let start = self.stack.len().wrapping_sub(2);
                    self.set_items(start)?;
                }
                BUILD => self.build()?,
                NEWOBJ => self.new_object()?,
                REDUCE => self.reduce()?,
                STACK_GLOBAL => self.stack_global()?,
                FRAME => {
                    let length = u64::from_le_bytes(self.input.array()?);
                    match usize::try_from(length) {
                        Ok(length) if length <= isize::MAX as usize => self.input.begin_frame(length)?,
                        _ => return Err(too_long("FRAME length")),
                    }
                }
                PROTO => {
                    let [protocol] = self.input.array()?;
                    if protocol > HIGHEST {
                        return Err(value_error!("unsupported pickle protocol: {protocol}"));
                    }
                    self.protocol = protocol;
                    // SAFETY: null, or borrowed for the whole run by `load`.
                    if let Some(shown) = unsafe { self.shown_protocol.as_ref() } {
                        shown.store(protocol, Ordering::Relaxed);
                    }
                }
                _ => self.rare(op)?,
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn rare(&mut self, op: u8) -> R<()> {
        match op {
            LONG1 => {
                let [length] = self.input.array()?;
                self.push_long(length as usize)
            }
            LONG4 => {
                let length = i32::from_le_bytes(self.input.array()?);
                match usize::try_from(length) {
                    Ok(length) => self.push_long(length),
                    Err(_) => Err(unpickling_error("LONG pickle has negative byte count")),
                }
            }
            BINUNICODE => {
                let length = u32::from_le_bytes(self.input.array()?);
                self.push_utf8(length as usize)
            }
            BINUNICODE8 => {
                let length = self.length("BINUNICODE exceeds")?;
                self.push_utf8(length)
            }
            SHORT_BINBYTES => {
                let [length] = self.input.array()?;
                self.push_bytes(length as usize)
            }
            BINBYTES => {
                let length = u32::from_le_bytes(self.input.array()?);
                self.push_bytes(length as usize)
            }
            BINBYTES8 => {
                let length = self.length("BINBYTES exceeds")?;
                self.push_bytes(length)
            }
            BYTEARRAY8 => {
                let length = self.length("BYTEARRAY8 exceeds")?;
                let array = self.input.take_bytearray(length)?;
                self.stack.push(array);
                Ok(())
            }
            SHORT_BINSTRING => {
                let [length] = self.input.array()?;
                self.push_string(length as usize)
            }
            BINSTRING => match usize::try_from(i32::from_le_bytes(self.input.array()?)) {
                Ok(length) => self.push_string(length),
                Err(_) => Err(unpickling_error("BINSTRING pickle has negative byte count")),
            },
            FROZENSET => {
                let start = self.pop_mark()?;
                let items = new_tuple(&self.stack[start..]);
                let made = set::frozenset_from_iterable(items.value())?;
                self.replace(start, made.value());
                Ok(())
            }
            LIST => {
                let start = self.pop_mark()?;
                let made = new_list(&self.stack[start..]);
                self.replace(start, made.value());
                Ok(())
            }
            DICT => {
                let start = self.pop_mark()?;
                if (self.stack.len() - start) % 2 != 0 {
                    return Err(unpickling_error("odd number of items for DICT"));
                }
                let made = objects::new_dict();
                let mut at = start;
                while at + 1 < self.stack.len() {
                    dict::dict_set(made, self.stack[at], self.stack[at + 1])?;
                    at += 2;
                }
                self.replace(start, made.value());
                Ok(())
            }
            ADDITEMS => self.add_items(),
            POP => {
                let height = self.stack.len();
                if self.marks.last() == Some(&height) {
                    self.marks.pop();
                    self.fence = self.marks.last().copied().unwrap_or(0);
                    return Ok(());
                }
                self.pop().map(|_| ())
            }
            POP_MARK => {
                let start = self.pop_mark()?;
                self.stack.truncate(start);
                Ok(())
            }
            DUP => {
                let value = self.top()?;
                self.stack.push(value);
                Ok(())
            }
            NEWOBJ_EX => self.new_object_ex(),
            NEXT_BUFFER => self.next_buffer(),
            READONLY_BUFFER => self.readonly_buffer(),
            GLOBAL => self.global(),
            INST => self.instance_by_name(),
            OBJ => self.instance_by_class(),
            EXT1 => {
                let [code] = self.input.array()?;
                self.extension(code as i64)
            }
            EXT2 => {
                let code = u16::from_le_bytes(self.input.array()?);
                self.extension(code as i64)
            }
            EXT4 => {
                let code = i32::from_le_bytes(self.input.array()?);
                self.extension(code as i64)
            }
            PERSID => self.persistent_by_line(),
            BINPERSID => {
                let id = self.pop()?;
                self.persistent(id)
            }
            INT => self.int_by_line(),
            LONG => self.long_by_line(),
            FLOAT => self.float_by_line(),
            STRING => self.string_by_line(),
            UNICODE => {
                let line = self.input.line()?;
                let Some((_, text)) = line.split_last() else { return Err(truncated()) };
                let text = copied(text);
                let value = codec::decode(&text, "raw-unicode-escape", "strict")?;
                self.stack.push(value.value());
                Ok(())
            }
            GET => {
                let number = objects::index(number_from_line(self.argument_line()?)?)?;
                match usize::try_from(number) {
                    Ok(number) => self.push_known(number),
                    Err(_) => Err(unknown_memo(number)),
                }
            }
            PUT => {
                let number = number_from_line(self.argument_line()?)?;
                let value = self.top()?;
                match usize::try_from(objects::index(number)?) {
                    Ok(number) => LoadMemo::put(self.memo, number, value),
                    Err(_) => return Err(value_error!("negative PUT argument")),
                }
                Ok(())
            }
            _ => Err(match op {
                0x20..=0x7e if op != b'\'' && op != b'\\' => unpickling_error(&format!("invalid load key, '{}'.", op as char)),
                _ => unpickling_error(&format!("invalid load key, '\\x{op:02x}'.")),
            }),
        }
    }

    // ---- the stack ----

    /// Values below belong to earlier marks.
    pub fn fence(&self) -> usize {
        self.fence
    }

    #[cold]
    pub fn underflow(&self) -> Raised {
        unpickling_error(if self.marks.is_empty() { "unpickling stack underflow" } else { "unexpected MARK found" })
    }
    #[inline]
    pub fn pop(&mut self) -> R {
        if self.stack.len() > self.fence
            && let Some(value) = self.stack.pop()
        {
            return Ok(value);
        }
        Err(self.underflow())
    }
    #[inline]
    pub fn top(&self) -> R {
        match self.stack.last() {
            Some(value) if self.stack.len() > self.fence => Ok(*value),
            _ => Err(self.underflow()),
        }
    }
    /// Forgets the topmost mark and says where it was.
    #[inline]
    pub fn pop_mark(&mut self) -> R<usize> {
        let Some(start) = self.marks.pop() else { return Err(unpickling_error("could not find MARK")) };
        self.fence = self.marks.last().copied().unwrap_or(0);
        Ok(start)
    }
    /// Puts one value in the place of all from `start` on.
    pub fn replace(&mut self, start: usize, value: Value) {
        self.stack.truncate(start);
        self.stack.push(value);
    }
    #[inline]
    fn push_known(&mut self, number: usize) -> R<()> {
        match LoadMemo::get(self.memo, number) {
            Some(value) => {
                self.stack.push(value);
                Ok(())
            }
            None => Err(unknown_memo(number as i64)),
        }
    }
    #[inline]
    fn build_tuple(&mut self, count: usize) -> R<()> {
        let height = self.stack.len();
        if height < self.fence + count {
            return Err(self.underflow());
        }
        let tuple = new_tuple(&self.stack[height - count..]);
        self.replace(height - count, tuple.value());
        Ok(())
    }

    // ---- texts, bytes, numbers ----

    #[inline]
    fn push_utf8(&mut self, length: usize) -> R<()> {
        let data = self.input.take(length)?;
        let text = if data.is_ascii() { Str::from_ascii(data) } else { decode_utf8(data)? };
        self.stack.push(text.value());
        Ok(())
    }
    fn push_bytes(&mut self, length: usize) -> R<()> {
        let data = self.input.take(length)?;
        let value = Bytes::build(data.len(), |out| out.copy_from_slice(data))?;
        self.stack.push(value.value());
        Ok(())
    }
    fn push_long(&mut self, length: usize) -> R<()> {
        let data = self.input.take(length)?;
        let negative = data.last().is_some_and(|byte| *byte >= 0x80);
        let value = if data.len() <= 8 {
            let mut bytes = [if negative { 0xff } else { 0 }; 8];
            bytes[..data.len()].copy_from_slice(data);
            new_int(i64::from_le_bytes(bytes))
        } else {
            let mut carry = negative;
            let mut limbs = with_room(data.len() / 8 + 1);
            for chunk in data.chunks(8) {
                let mut bytes = [if negative { 0xff } else { 0 }; 8];
                bytes[..chunk.len()].copy_from_slice(chunk);
                let mut limb = u64::from_le_bytes(bytes);
                if negative {
                    (limb, carry) = (!limb).overflowing_add(carry as u64);
                }
                limbs.put(limb);
            }
            if negative && carry {
                limbs.put(1);
            }
            objects::int::from_limbs(negative, &limbs)
        };
        self.stack.push(value);
        Ok(())
    }
    /// Strings of Python 2.
    fn push_string(&mut self, length: usize) -> R<()> {
        let data = copied(self.input.take(length)?);
        let value = self.decode_string(&data)?;
        self.stack.push(value);
        Ok(())
    }
    pub fn decode_string(&self, data: &[u8]) -> R {
        if self.settings.encoding == "bytes" {
            return Ok(new_bytes(data));
        }
        Ok(codec::decode(data, &self.settings.encoding, &self.settings.errors)?.value())
    }
    fn length(&mut self, what: &str) -> R<usize> {
        let length = u64::from_le_bytes(self.input.array()?);
        match usize::try_from(length) {
            Ok(length) if length <= isize::MAX as usize => Ok(length),
            _ => Err(too_long(what)),
        }
    }
    /// A line that is not empty.
    pub fn argument_line(&mut self) -> R<&[u8]> {
        let line = self.input.line()?;
        if line.len() < 2 { Err(truncated()) } else { Ok(line) }
    }
    fn int_by_line(&mut self) -> R<()> {
        let line = self.argument_line()?;
        let value = match line {
            b"00\n" => Value::false_(),
            b"01\n" => Value::true_(),
            _ => match number_from_line(line) {
                Ok(value) => value,
                Err(raised) => {
                    raised.clear();
                    return Err(value_error!("could not convert string to int"));
                }
            },
        };
        self.stack.push(value);
        Ok(())
    }
    fn long_by_line(&mut self) -> R<()> {
        let line = self.argument_line()?;
        let line = match line {
            [text @ .., b'L', b'\n'] => text,
            _ => line,
        };
        let value = number_from_line(line)?;
        self.stack.push(value);
        Ok(())
    }
    fn float_by_line(&mut self) -> R<()> {
        let line = String::from_utf8_lossy(self.argument_line()?).into_owned();
        let Some(number) = base::float::parse(line.trim()) else {
            let shown = objects::repr_lossy(new_str(&line));
            let shown = shown.replace("\\n", "\n");
            return Err(value_error!("could not convert string to float: {shown}"));
        };
        if number.is_infinite() && !line.to_ascii_lowercase().contains("inf") {
            return Err(overflow_error!("value too large to convert to float: '{line}'"));
        }
        self.stack.push(Value::float(number));
        Ok(())
    }
    fn string_by_line(&mut self) -> R<()> {
        let line = self.input.line()?;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let inner = match line {
            [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
            _ => return Err(unpickling_error("the STRING opcode argument must be quoted")),
        };
        let mut first_invalid = None;
        let data = base::codecs::decode_bytes_escape(inner, base::codecs::EscapeErrors::Strict, &mut first_invalid)
            .map_err(objects::error::raise_fault)?;
        let value = self.decode_string(&data)?;
        self.stack.push(value);
        Ok(())
    }

    // ---- filling containers ----

    /// Appends what lies from `start` on to the object below.
    fn append_items(&mut self, start: usize) -> R<()> {
        let height = self.stack.len();
        if start > height || start <= self.fence {
            return Err(self.underflow());
        }
        if start == height {
            return Ok(());
        }
        let target = self.stack[start - 1];
        if let Some(list) = target.cast_exact::<List>() {
            list::list_extend_slice(list, &self.stack[start..])?;
        } else {
            self.append_to_object(target, start)?;
        }
        self.stack.truncate(start);
        Ok(())
    }
    fn set_items(&mut self, start: usize) -> R<()> {
        let height = self.stack.len();
        if start > height || start <= self.fence {
            return Err(self.underflow());
        }
        if start == height {
            return Ok(());
        }
        if (height - start) % 2 != 0 {
            return Err(unpickling_error("odd number of items for SETITEMS"));
        }
        let target = self.stack[start - 1];
        let plain = target.cast_exact::<Dict>();
        let mut at = start;
        while at + 1 < height {
            let (key, value) = (self.stack[at], self.stack[at + 1]);
            match plain {
                Some(dict) => dict::dict_set(dict, key, value)?,
                None => objects::set_item(target, key, value)?,
            }
            at += 2;
        }
        self.stack.truncate(start);
        Ok(())
    }
    fn add_items(&mut self) -> R<()> {
        let start = self.pop_mark()?;
        if start <= self.fence {
            return Err(self.underflow());
        }
        let target = self.stack[start - 1];
        if let Some(set) = target.cast_exact::<Set>() {
            for at in start..self.stack.len() {
                set::set_add(set.any(), self.stack[at])?;
            }
        } else if self.stack.len() > start {
            let add = objects::get_attr(target, objects::interned!("add"))?;
            for at in start..self.stack.len() {
                call(add, &[self.stack[at]])?;
            }
        }
        self.stack.truncate(start);
        Ok(())
    }
}

/// UTF-8 that may hold surrogates.
fn decode_utf8(data: &[u8]) -> R<Gc<Str>> {
    codec::decode_utf8(data, "surrogatepass")
}

#[cold]
fn unknown_memo(number: i64) -> Raised {
    unpickling_error(&format!("Memo value not found at index {number}"))
}
#[cold]
fn too_long(what: &str) -> Raised {
    let what = if what.ends_with("exceeds") {
        format!("{what} system's maximum size")
    } else {
        format!("{what} exceeds system's maximum")
    };
    overflow_error!("{what} of {} bytes", isize::MAX)
}
