//! Writing objects: dispatch by exact type, numbers, texts and containers. Everything else goes through `save_reduce.rs`.
//! Must not know: the class `Pickler` beyond its settings.

use super::buffer::{self, PickleBuffer};
use super::memo::SaveMemo;
use super::opcodes::*;
use super::output::Output;
use super::{pickling_error, save_reduce};
use base::memory::{Grow, copied};
use objects::buffer::{BufferView, flags, release_view};
use objects::dict::{self, Dict};
use objects::function::Function;
use objects::int::IntObject;
use objects::list::List;
use objects::set::{self, FrozenSet, Set};
use objects::{
    ByteArray, Bytes, Cast, Class, Gc, IntView, Layout, R, Raised, Str, Tuple, Value, attributes, bytearray, call, class_of,
    int_view, interned, is_true, new_bytes, new_list, new_tuple, overflow_error, repr, runtime_error, str_of, thread,
    value_error,
};

/// What a pickler was told.
pub struct Settings {
    pub protocol: u8,
    pub bin: bool,
    pub fast: bool,
    pub fix_imports: bool,
    pub persistent_id: Option<Value>,
    pub reducer_override: Option<Value>,
    /// None: that of `copyreg`.
    pub dispatch_table: Option<Value>,
    pub buffer_callback: Option<Value>,
}

impl Settings {
    pub fn plain(protocol: u8, fix_imports: bool, buffer_callback: Option<Value>) -> Settings {
        Settings {
            protocol,
            bin: protocol > 0,
            fast: false,
            fix_imports: fix_imports && protocol < 3,
            persistent_id: None,
            reducer_override: None,
            dispatch_table: None,
            buffer_callback,
        }
    }
}

/// Depth from which fast mode looks for cycles.
const FAST_DEPTH: usize = 50;

/// One run of a pickler.
pub struct Saver {
    pub out: Output,
    pub memo: Gc<SaveMemo>,
    pub settings: Settings,
    fast_depth: usize,
    fast_seen: Vec<u64>,
    pub plans: save_reduce::Plans,
}

impl Saver {
    pub fn new(settings: Settings, memo: Gc<SaveMemo>, write: Option<Value>) -> Saver {
        Saver {
            out: Output::new(write),
            memo,
            settings,
            fast_depth: 0,
            fast_seen: Vec::new(),
            plans: save_reduce::Plans::default(),
        }
    }

    /// Writes one whole pickle.
    pub fn dump(&mut self, value: Value) -> R<()> {
        if self.settings.protocol >= 2 {
            self.out.bytes(&[PROTO, self.settings.protocol]);
        }
        if self.settings.protocol >= 4 {
            self.out.start_framing();
        }
        self.save(value)?;
        self.out.byte(STOP);
        self.out.finish()
    }

    #[inline]
    pub fn save(&mut self, value: Value) -> R<()> {
        self.out.boundary()?;
        if let Some(persistent_id) = self.settings.persistent_id
            && self.save_persistent(persistent_id, value)?
        {
            return Ok(());
        }
        self.save_value(value)
    }

    fn save_value(&mut self, value: Value) -> R<()> {
        if value.is_int() {
            self.save_int(value.as_int());
            return Ok(());
        }
        if value.is_float() {
            self.save_float(value.as_float());
            return Ok(());
        }
        if value.is_none() {
            self.out.byte(NONE);
            return Ok(());
        }
        if let Some(flag) = value.as_bool() {
            match (self.settings.protocol >= 2, flag) {
                (true, true) => self.out.byte(NEWTRUE),
                (true, false) => self.out.byte(NEWFALSE),
                (false, true) => self.out.bytes(b"I01\n"),
                (false, false) => self.out.bytes(b"I00\n"),
            }
            return Ok(());
        }
        let class = class_of(value);
        if class == IntObject::class() {
            return self.save_long(value);
        }
        if let Some(number) = SaveMemo::get(self.memo, value) {
            self.emit_get(number);
            return Ok(());
        }
        if class == Str::class() {
            // SAFETY (here and below): the class says which layout it is.
            return self.save_str(unsafe { value.cast_unchecked() });
        }
        if class == Bytes::class() {
            return self.save_bytes(unsafe { value.cast_unchecked() });
        }
        let _depth = thread::enter_recursion_in(" while pickling an object")?;
        if class == Tuple::class() {
            return self.save_tuple(unsafe { value.cast_unchecked() });
        }
        if class == List::class() {
            return self.in_fast_mode(value, |saver| saver.save_list(unsafe { value.cast_unchecked() }));
        }
        if class == Dict::class() {
            return self.in_fast_mode(value, |saver| saver.save_dict(unsafe { value.cast_unchecked() }));
        }
        if class == Set::class() {
            return self.save_set(unsafe { value.cast_unchecked() });
        }
        if class == FrozenSet::class() {
            return self.save_frozenset(unsafe { value.cast_unchecked() });
        }
        if class == ByteArray::class() {
            return self.save_bytearray(unsafe { value.cast_unchecked() });
        }
        if class == PickleBuffer::class() {
            return self.save_buffer(unsafe { value.cast_unchecked() });
        }
        self.save_other(value, class)
    }

    /// Whether `persistent_id` said something, which then stands for the object.
    #[cold]
    fn save_persistent(&mut self, persistent_id: Value, value: Value) -> R<bool> {
        let id = call(persistent_id, &[value])?;
        if id.is_none() {
            return Ok(false);
        }
        if self.settings.bin {
            self.save_value(id)?;
            self.out.byte(BINPERSID);
        } else {
            let text = str_of(id)?;
            match objects::codec::encode(text, "ascii", "strict") {
                Ok(bytes) => {
                    self.out.byte(PERSID);
                    self.out.bytes(&bytes);
                    self.out.byte(b'\n');
                }
                Err(raised) if raised.is(&objects::exc::UNICODE_ENCODE_ERROR) => {
                    raised.clear();
                    return Err(pickling_error("persistent IDs in protocol 0 must be ASCII strings"));
                }
                Err(raised) => return Err(raised),
            }
        }
        Ok(true)
    }

    // ---- the memo ----

    /// Remembers an object that was just written.
    #[inline]
    pub fn memoize(&mut self, value: Value) {
        if !self.settings.fast {
            let number = SaveMemo::add(self.memo, value);
            self.emit_put(number);
        }
    }
    /// `memoize` for something that nobody can refer to.
    pub fn memoize_nameless(&mut self) {
        if !self.settings.fast {
            let number = SaveMemo::skip(self.memo);
            self.emit_put(number);
        }
    }
    #[inline]
    fn emit_put(&mut self, number: u32) {
        if self.settings.protocol >= 4 {
            self.out.byte(MEMOIZE);
        } else if !self.settings.bin {
            self.out.bytes(format!("p{number}\n").as_bytes());
        } else if number < 256 {
            self.out.bytes(&[BINPUT, number as u8]);
        } else {
            self.out.op_u32(LONG_BINPUT, number);
        }
    }
    #[inline]
    pub fn emit_get(&mut self, number: u32) {
        if !self.settings.bin {
            self.out.bytes(format!("g{number}\n").as_bytes());
        } else if number < 256 {
            self.out.bytes(&[BINGET, number as u8]);
        } else {
            self.out.op_u32(LONG_BINGET, number);
        }
    }

    /// In fast mode nothing is remembered, so deep nesting is watched for cycles.
    #[inline]
    pub fn in_fast_mode(&mut self, value: Value, work: impl FnOnce(&mut Saver) -> R<()>) -> R<()> {
        if !self.settings.fast {
            return work(self);
        }
        self.fast_depth += 1;
        let watched = self.fast_depth >= FAST_DEPTH;
        if watched {
            if self.fast_seen.contains(&value.raw()) {
                return Err(value_error!(
                    "fast mode: can't pickle cyclic objects including object type {} at {:#x}",
                    objects::class_name(value),
                    value.raw()
                ));
            }
            self.fast_seen.push(value.raw());
        }
        let result = work(self);
        self.fast_depth -= 1;
        if watched {
            self.fast_seen.pop();
        }
        result
    }

    // ---- numbers ----

    fn save_int(&mut self, number: i64) {
        if !self.settings.bin {
            if i32::try_from(number).is_ok() {
                self.out.bytes(format!("I{number}\n").as_bytes());
            } else {
                self.out.bytes(format!("L{number}L\n").as_bytes());
            }
            return;
        }
        match number {
            0..=0xff => self.out.bytes(&[BININT1, number as u8]),
            0x100..=0xffff => self.out.bytes(&[BININT2, number as u8, (number >> 8) as u8]),
            _ => match i32::try_from(number) {
                Ok(number) => self.out.op_u32(BININT, number as u32),
                Err(_) if self.settings.protocol < 2 => self.out.bytes(format!("L{number}L\n").as_bytes()),
                Err(_) => self.save_two_complement(&number.to_le_bytes()),
            },
        }
    }
    /// LONG1 of little-endian bytes in two's complement, shortened.
    fn save_two_complement(&mut self, bytes: &[u8]) {
        let bytes = shortened(bytes);
        if bytes.len() < 256 {
            self.out.bytes(&[LONG1, bytes.len() as u8]);
        } else {
            self.out.op_u32(LONG4, bytes.len() as u32);
        }
        self.out.bytes(bytes);
    }
    fn save_long(&mut self, value: Value) -> R<()> {
        if self.settings.protocol < 2 {
            let text = repr(value)?;
            self.out.byte(LONG);
            self.out.bytes(text.to_string_lossy().as_bytes());
            self.out.bytes(b"L\n");
            return Ok(());
        }
        let mut bytes = Vec::new();
        match int_view(value) {
            Some(IntView::Small(number)) => bytes.put_all(&number.to_le_bytes()),
            Some(IntView::Big { negative, limbs }) => {
                let mut carry = negative;
                for limb in limbs {
                    let mut word = *limb;
                    if negative {
                        (word, carry) = (!word).overflowing_add(carry as u64);
                    }
                    bytes.put_all(&word.to_le_bytes());
                }
                bytes.put(if negative { 0xff } else { 0 });
            }
            None => return Err(runtime_error!("int expected")),
        }
        if bytes.len() > i32::MAX as usize {
            return Err(overflow_error!("int too large to pickle"));
        }
        self.save_two_complement(&bytes);
        Ok(())
    }
    fn save_float(&mut self, number: f64) {
        if self.settings.bin {
            self.out.byte(BINFLOAT);
            self.out.bytes(&number.to_be_bytes());
        } else {
            self.out.bytes(format!("F{}\n", base::float::repr(number)).as_bytes());
        }
    }

    // ---- texts and bytes ----

    fn save_str(&mut self, text: Gc<Str>) -> R<()> {
        if !self.settings.bin {
            self.out.byte(UNICODE);
            self.save_escaped(text);
            self.out.byte(b'\n');
        } else if text.is_ascii() {
            self.save_utf8(text.raw_bytes())?;
        } else {
            self.save_utf8(&text.to_wtf8())?;
        }
        self.memoize(text.value());
        Ok(())
    }
    fn save_utf8(&mut self, bytes: &[u8]) -> R<()> {
        let length = bytes.len();
        if length < 256 && self.settings.protocol >= 4 {
            self.out.bytes(&[SHORT_BINUNICODE, length as u8]);
            self.out.bytes(bytes);
            return Ok(());
        }
        let header = match self.header(length, BINUNICODE, BINUNICODE8) {
            Some(header) => header,
            None => {
                return Err(overflow_error!("serializing a string larger than 4 GiB requires pickle protocol 4 or higher"));
            }
        };
        self.out.payload(header.bytes(), bytes, None)
    }
    fn save_escaped(&mut self, text: Gc<Str>) {
        for code in text.chars().iter() {
            match code {
                0 | 0x0a | 0x0d | 0x1a | 0x5c | 0x100..=0xffff => self.out.bytes(format!("\\u{code:04x}").as_bytes()),
                0..=0xff => self.out.byte(code as u8),
                _ => self.out.bytes(format!("\\U{code:08x}").as_bytes()),
            }
        }
    }
    fn header(&self, length: usize, short: u8, long: u8) -> Option<Header> {
        match u32::try_from(length) {
            Ok(length) => Some(Header::short(short, length)),
            Err(_) if self.settings.protocol >= 4 => Some(Header::long(long, length as u64)),
            Err(_) => None,
        }
    }
    fn save_bytes(&mut self, bytes: Gc<Bytes>) -> R<()> {
        let value = bytes.value();
        if self.settings.protocol < 3 {
            let class = Bytes::class().value();
            if bytes.is_empty() {
                return self.save_call(class, &[], value);
            }
            let text = Str::from_latin1(bytes.as_slice());
            let encode = super::globals::kept(&super::globals::GLOBALS.encode);
            return self.save_call(encode, &[text.value(), interned!("latin1").value()], value);
        }
        self.save_bytes_content(bytes.as_slice(), Some(value))?;
        self.memoize(value);
        Ok(())
    }
    fn save_bytes_content(&mut self, data: &[u8], object: Option<Value>) -> R<()> {
        if data.len() < 256 {
            self.out.bytes(&[SHORT_BINBYTES, data.len() as u8]);
            self.out.bytes(data);
            return Ok(());
        }
        match self.header(data.len(), BINBYTES, BINBYTES8) {
            Some(header) => self.out.payload(header.bytes(), data, object),
            None => Err(overflow_error!("serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher")),
        }
    }
    fn save_bytearray(&mut self, array: Gc<ByteArray>) -> R<()> {
        let value = array.value();
        if self.settings.protocol < 5 {
            let class = ByteArray::class().value();
            if array.is_empty() {
                return self.save_call(class, &[], value);
            }
            let content = new_bytes(bytearray::snapshot(array));
            return self.save_call(class, &[content], value);
        }
        let content = copied(bytearray::snapshot(array));
        self.save_bytearray_content(&content)?;
        self.memoize(value);
        Ok(())
    }
    fn save_bytearray_content(&mut self, data: &[u8]) -> R<()> {
        self.out.payload(Header::long(BYTEARRAY8, data.len() as u64).bytes(), data, None)
    }
    fn save_buffer(&mut self, pickled: Gc<PickleBuffer>) -> R<()> {
        if self.settings.protocol < 5 {
            return Err(pickling_error("PickleBuffer can only be pickled with protocol >= 5"));
        }
        let lent = buffer::lent_by(pickled, flags::FULL_RO)?;
        let result = self.save_lent(&lent, pickled.value());
        release_view(lent);
        result
    }
    fn save_lent(&mut self, lent: &BufferView, pickled: Value) -> R<()> {
        if !lent.is_c_contiguous() && !lent.is_f_contiguous() {
            return Err(pickling_error("PickleBuffer can not be pickled when pointing to a non-contiguous buffer"));
        }
        let in_band = match self.settings.buffer_callback {
            None => true,
            Some(callback) => is_true(call(callback, &[pickled])?)?,
        };
        if !in_band {
            self.out.byte(NEXT_BUFFER);
            if lent.readonly {
                self.out.byte(READONLY_BUFFER);
            }
            return Ok(());
        }
        // SAFETY: the memory is contiguous, and pinned while the view lives.
        let data = if lent.len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(lent.ptr, lent.len) } };
        if lent.readonly {
            self.save_bytes_content(data, None)?
        } else {
            self.save_bytearray_content(data)?
        }
        self.memoize(pickled);
        Ok(())
    }

    // ---- containers ----

    fn save_tuple(&mut self, tuple: Gc<Tuple>) -> R<()> {
        let items = tuple.items();
        let value = tuple.value();
        if items.is_empty() {
            self.out.bytes(if self.settings.bin { &[EMPTY_TUPLE] } else { &[MARK, TUPLE] });
            return Ok(());
        }
        let short = items.len() <= 3 && self.settings.protocol >= 2;
        if !short {
            self.out.byte(MARK);
        }
        for (number, item) in items.iter().enumerate() {
            self.save(*item).map_err(|raised| item_note(raised, value, number))?;
        }
        // The tuple is there already if it contains itself.
        if let Some(known) = SaveMemo::get(self.memo, value) {
            if short {
                self.out.bytes(&[POP, POP, POP][..items.len()]);
            } else if self.settings.bin {
                self.out.byte(POP_MARK);
            } else {
                (0..=items.len()).for_each(|_| self.out.byte(POP));
            }
            self.emit_get(known);
            return Ok(());
        }
        self.out.byte(if short { [TUPLE1, TUPLE2, TUPLE3][items.len() - 1] } else { TUPLE });
        self.memoize(value);
        Ok(())
    }

    fn save_list(&mut self, list: Gc<List>) -> R<()> {
        let value = list.value();
        self.out.bytes(if self.settings.bin { &[EMPTY_LIST] } else { &[MARK, LIST] });
        self.memoize(value);
        if list.is_empty() {
            return Ok(());
        }
        if !self.settings.bin {
            return self.save_items(objects::iter(value)?, value);
        }
        if list.len() == 1
            && let Some(item) = list.get(0)
        {
            self.save(item).map_err(|raised| item_note(raised, value, 0))?;
            self.out.byte(APPEND);
            return Ok(());
        }
        let mut number = 0;
        while number < list.len() {
            self.out.byte(MARK);
            let end = number + BATCH;
            while number < end
                && let Some(item) = list.get(number)
            {
                self.save(item).map_err(|raised| item_note(raised, value, number))?;
                number += 1;
            }
            self.out.byte(APPENDS);
        }
        Ok(())
    }

    /// Items of any iterator, appended to the object on the stack.
    pub fn save_items(&mut self, iterator: Value, owner: Value) -> R<()> {
        let mut number = 0;
        let mut ahead = objects::next(iterator)?;
        while let Some(first) = ahead.take() {
            if self.settings.bin {
                ahead = objects::next(iterator)?;
            }
            if !self.settings.bin || ahead.is_none() {
                self.save(first).map_err(|raised| item_note(raised, owner, number))?;
                self.out.byte(APPEND);
                number += 1;
                if self.settings.bin {
                    return Ok(());
                }
                ahead = objects::next(iterator)?;
                continue;
            }
            self.out.byte(MARK);
            let mut item = Some(first);
            let mut count = 0;
            while let Some(current) = item {
                self.save(current).map_err(|raised| item_note(raised, owner, number))?;
                number += 1;
                count += 1;
                if count == BATCH {
                    break;
                }
                item = match ahead.take() {
                    Some(next) => Some(next),
                    None => objects::next(iterator)?,
                };
            }
            self.out.byte(APPENDS);
            if count < BATCH {
                return Ok(());
            }
            ahead = objects::next(iterator)?;
        }
        Ok(())
    }

    fn save_dict(&mut self, dict: Gc<Dict>) -> R<()> {
        let value = dict.value();
        self.out.bytes(if self.settings.bin { &[EMPTY_DICT] } else { &[MARK, DICT] });
        self.memoize(value);
        if dict.is_empty() {
            return Ok(());
        }
        if !self.settings.bin {
            let items = objects::call_method(value, interned!("items"), &[])?;
            return self.save_pairs(objects::iter(items)?, value);
        }
        let size = dict.len();
        let mut position = 0;
        if size == 1 {
            if let Some((key, item)) = dict::dict_next(dict, &mut position) {
                self.save_pair(key, item, value)?;
                self.out.byte(SETITEM);
            }
            return Ok(());
        }
        loop {
            self.out.byte(MARK);
            let mut count = 0;
            while count < BATCH
                && let Some((key, item)) = dict::dict_next(dict, &mut position)
            {
                self.save_pair(key, item, value)?;
                if dict.len() != size {
                    return Err(runtime_error!("dictionary changed size during iteration"));
                }
                count += 1;
            }
            self.out.byte(SETITEMS);
            if count < BATCH {
                return Ok(());
            }
        }
    }
    #[inline]
    pub fn save_pair(&mut self, key: Value, item: Value, owner: Value) -> R<()> {
        self.save(key)?;
        self.save(item).map_err(|raised| key_note(raised, owner, key))
    }

    /// Pairs of any iterator, set in the object on the stack.
    pub fn save_pairs(&mut self, iterator: Value, owner: Value) -> R<()> {
        let next_pair = || -> R<Option<(Value, Value)>> {
            let Some(pair) = objects::next(iterator)? else { return Ok(None) };
            match pair.cast::<Tuple>().map(|pair| pair.items()) {
                Some([key, item]) => Ok(Some((*key, *item))),
                _ => Err(objects::type_error!("dict items iterator must return 2-tuples")),
            }
        };
        let mut ahead = next_pair()?;
        while let Some(first) = ahead.take() {
            if self.settings.bin {
                ahead = next_pair()?;
            }
            if !self.settings.bin || ahead.is_none() {
                self.save_pair(first.0, first.1, owner)?;
                self.out.byte(SETITEM);
                if self.settings.bin {
                    return Ok(());
                }
                ahead = next_pair()?;
                continue;
            }
            self.out.byte(MARK);
            let mut pair = Some(first);
            let mut count = 0;
            while let Some((key, item)) = pair {
                self.save_pair(key, item, owner)?;
                count += 1;
                if count == BATCH {
                    break;
                }
                pair = match ahead.take() {
                    Some(next) => Some(next),
                    None => next_pair()?,
                };
            }
            self.out.byte(SETITEMS);
            if count < BATCH {
                return Ok(());
            }
            ahead = next_pair()?;
        }
        Ok(())
    }

    fn save_set(&mut self, set: Gc<Set>) -> R<()> {
        let value = set.value();
        if self.settings.protocol < 4 {
            let items = new_list(&objects::to_vec(value)?).value();
            return self.save_call(Set::class().value(), &[items], value);
        }
        self.out.byte(EMPTY_SET);
        self.memoize(value);
        let size = set.len();
        if size == 0 {
            return Ok(());
        }
        let mut position = 0;
        loop {
            self.out.byte(MARK);
            let mut count = 0;
            while count < BATCH
                && let Some((next, item, _)) = set.any().next_live(position)
            {
                position = next;
                self.save(item).map_err(|raised| element_note(raised, value))?;
                if set.len() != size {
                    return Err(runtime_error!("set changed size during iteration"));
                }
                count += 1;
            }
            self.out.byte(ADDITEMS);
            if count < BATCH {
                return Ok(());
            }
        }
    }
    fn save_frozenset(&mut self, set: Gc<FrozenSet>) -> R<()> {
        let value = set.value();
        if self.settings.protocol < 4 {
            let items = new_list(&objects::to_vec(value)?).value();
            return self.save_call(FrozenSet::class().value(), &[items], value);
        }
        self.out.byte(MARK);
        for item in set::set_elements(set.any()).slots() {
            if let Some(item) = item.get() {
                self.save(item).map_err(|raised| element_note(raised, value))?;
            }
        }
        if let Some(known) = SaveMemo::get(self.memo, value) {
            self.out.byte(POP_MARK);
            self.emit_get(known);
            return Ok(());
        }
        self.out.byte(FROZENSET);
        self.memoize(value);
        Ok(())
    }

    /// What is no built-in container: reducers, classes and functions, `__reduce_ex__`.
    fn save_other(&mut self, value: Value, class: Gc<Class>) -> R<()> {
        if let Some(reducer) = self.settings.reducer_override {
            let reduced = call(reducer, &[value])?;
            if !reduced.is_not_implemented() {
                return self.save_reduced(reduced, value);
            }
        }
        if class == Class::class() {
            return self.save_type(value);
        }
        if class == Function::class() {
            return self.save_global(value, None);
        }
        if let Some(reducer) = self.find_reducer(class)? {
            let reduced = call(reducer, &[value])?;
            return self.save_reduced(reduced, value);
        }
        if class.is_subclass_of(Class::class()) {
            return self.save_global(value, None);
        }
        if self.save_plain_instance(value, class)? {
            return Ok(());
        }
        let reduced = match objects::get_attr_opt(value, interned!("__reduce_ex__"))? {
            Some(method) => call(method, &[Value::small(self.settings.protocol as i32)])?,
            None => match objects::get_attr_opt(value, interned!("__reduce__"))? {
                Some(method) => call(method, &[])?,
                None => {
                    let text = format!(
                        "can't pickle '{}' object: {}",
                        objects::class::class_full_name(class),
                        repr(value)?.to_string_lossy()
                    );
                    return Err(pickling_error(&text));
                }
            },
        };
        self.save_reduced(reduced, value)
    }

    /// The function for a class in the dispatch table.
    fn find_reducer(&self, class: Gc<Class>) -> R<Option<Value>> {
        match self.settings.dispatch_table {
            None => match super::globals::kept_dict(&super::globals::GLOBALS.dispatch_table) {
                Some(table) => dict::dict_get(table, class.value()),
                None => Ok(None),
            },
            Some(table) => match table.cast_exact::<Dict>() {
                Some(table) => dict::dict_get(table, class.value()),
                None => match objects::get_item(table, class.value()) {
                    Ok(reducer) => Ok(Some(reducer)),
                    Err(raised) if raised.is(&objects::exc::KEY_ERROR) => {
                        raised.clear();
                        Ok(None)
                    }
                    Err(raised) => Err(raised),
                },
            },
        }
    }

    /// `function(*args)` as the way to make `value`.
    fn save_call(&mut self, function: Value, args: &[Value], value: Value) -> R<()> {
        let args = new_tuple(args);
        self.save_reconstructor(function, args, value)?;
        self.memoize_reduced(value);
        Ok(())
    }
}

/// An instruction with its length.
struct Header {
    bytes: [u8; 9],
    length: usize,
}
impl Header {
    fn short(op: u8, length: u32) -> Header {
        let mut bytes = [0; 9];
        bytes[0] = op;
        bytes[1..5].copy_from_slice(&length.to_le_bytes());
        Header { bytes, length: 5 }
    }
    fn long(op: u8, length: u64) -> Header {
        let mut bytes = [0; 9];
        bytes[0] = op;
        bytes[1..].copy_from_slice(&length.to_le_bytes());
        Header { bytes, length: 9 }
    }
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Without bytes at the end that only repeat the sign.
fn shortened(bytes: &[u8]) -> &[u8] {
    let mut end = bytes.len();
    while end > 1 {
        let (last, before) = (bytes[end - 1], bytes[end - 2]);
        if (last == 0 && before < 0x80) || (last == 0xff && before >= 0x80) {
            end -= 1;
        } else {
            break;
        }
    }
    &bytes[..end]
}

// ---- notes on errors ----

/// Adds a note to the exception that is on its way.
#[cold]
pub fn note(raised: Raised, owner: Value, role: &str) -> Raised {
    let name = objects::class::class_full_name(class_of(owner));
    add_note(raised, &format!("when serializing {name} {role}"))
}
fn add_note(raised: Raised, text: &str) -> Raised {
    let exception = raised.take();
    if let Err(other) = attributes::add_note(exception, text) {
        other.clear();
    }
    objects::error::restore(exception)
}
#[cold]
fn item_note(raised: Raised, owner: Value, number: usize) -> Raised {
    note(raised, owner, &format!("item {number}"))
}
#[cold]
fn element_note(raised: Raised, owner: Value) -> Raised {
    note(raised, owner, "element")
}
#[cold]
fn key_note(raised: Raised, owner: Value, key: Value) -> Raised {
    let exception = raised.take();
    let shown = match repr(key) {
        Ok(text) => text,
        Err(other) => {
            other.clear();
            return objects::error::restore(exception);
        }
    };
    let name = objects::class::class_full_name(class_of(owner));
    let text = format!("when serializing {name} item {}", shown.to_string_lossy());
    add_note(objects::error::restore(exception), &text)
}
