//! The two memos: which objects a pickler has written (by identity), and what an unpickler has put under which number.
//! Must not know: streams.

use crate::support::Guarded;
use base::memory::{Grow, zeros};
use native_macros::{Layout, native_class};
use objects::layout::Trace;
use objects::{Gc, GcVec, Header, Value, new_native};
use std::collections::BTreeMap;

/// Written objects and their numbers. Objects never move, so the word of an object is its key; it also keeps the object alive.
#[derive(Layout)]
#[repr(C)]
pub struct SaveMemo {
    pub header: Header,
    table: Guarded<Table>,
}

#[derive(Default)]
struct Table {
    /// Open addressing; a key of 0 is a free place.
    places: Vec<(u64, u32)>,
    used: usize,
    next: u32,
    shift: u32,
}

impl Trace for Table {
    fn trace(&self, tracer: &mut heap::Tracer) {
        for (key, _) in &self.places {
            // SAFETY: keys are words of values, 0 for none.
            if let Some(value) = unsafe { Value::from_raw(*key) } {
                tracer.value(value);
            }
        }
    }
}

const FIRST_BITS: u32 = 6;

impl Table {
    #[inline(always)]
    fn start(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }
    #[inline]
    fn find(&self, key: u64) -> Option<u32> {
        if self.places.is_empty() {
            return None;
        }
        let mask = self.places.len() - 1;
        let mut at = self.start(key);
        loop {
            let (found, number) = self.places[at];
            if found == key {
                return Some(number);
            }
            if found == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
    }
    fn insert(&mut self, key: u64, number: u32) {
        if self.used * 2 >= self.places.len() {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut at = self.start(key);
        loop {
            let place = &mut self.places[at];
            if place.0 == 0 {
                *place = (key, number);
                self.used += 1;
                return;
            }
            if place.0 == key {
                place.1 = number;
                return;
            }
            at = (at + 1) & mask;
        }
    }
    #[cold]
    fn grow(&mut self) {
        // Small tables grow fast: each time all entries are moved.
        let bits = match self.places.len() {
            0 => FIRST_BITS,
            len @ ..4096 => len.trailing_zeros() + 2,
            len => len.trailing_zeros() + 1,
        };
        let old = std::mem::replace(&mut self.places, zeros(1 << bits));
        self.shift = 64 - bits;
        self.used = 0;
        for (key, number) in old {
            if key != 0 {
                self.insert(key, number);
            }
        }
    }
}

#[native_class(name = "_pickle.SaveMemo", base = object, flags = "final no_new")]
impl SaveMemo {}

impl SaveMemo {
    #[inline]
    pub fn get(this: Gc<SaveMemo>, value: Value) -> Option<u32> {
        this.table.with(this, |table| table.find(value.raw()))
    }
    /// Enters an object under the next number.
    #[inline]
    pub fn add(this: Gc<SaveMemo>, value: Value) -> u32 {
        this.table.with(this, |table| {
            let number = table.next;
            table.next += 1;
            table.insert(value.raw(), number);
            number
        })
    }
    /// Takes a number for something that nobody can refer to.
    pub fn skip(this: Gc<SaveMemo>) -> u32 {
        this.table.with(this, |table| {
            table.next += 1;
            table.next - 1
        })
    }
    pub fn clear(this: Gc<SaveMemo>) {
        this.table.with(this, |table| *table = Table::default());
    }
    /// Objects and numbers, in no order.
    pub fn items(this: Gc<SaveMemo>) -> GcVec<(Value, Value)> {
        // Room is made outside the lock; entries that appear meanwhile are left out.
        let count = this.table.with(this, |table| table.used);
        let mut items = GcVec::with_capacity(count);
        this.table.with(this, |table| {
            for (key, number) in &table.places {
                // SAFETY: as in `trace`.
                if let Some(value) = unsafe { Value::from_raw(*key) }
                    && items.len() < count
                {
                    items.push((value, Value::small(*number as i32)));
                }
            }
        });
        items
    }
    /// Replaces the contents.
    pub fn fill(this: Gc<SaveMemo>, items: &[(Value, Value)]) {
        this.table.with(this, |table| {
            *table = Table::default();
            for (value, number) in items {
                table.insert(value.raw(), number.as_int() as u32);
            }
            table.next = table.used as u32;
        });
    }
}

pub fn new_save_memo() -> Gc<SaveMemo> {
    new_native(SaveMemo { header: Header::blank(), table: Guarded::new(Table::default()) })
}

/// What was read, by number.
#[derive(Layout)]
#[repr(C)]
pub struct LoadMemo {
    pub header: Header,
    entries: Guarded<Entries>,
}

#[derive(Default)]
struct Entries {
    dense: Vec<Option<Value>>,
    /// Numbers far beyond the others, which only odd streams have.
    sparse: BTreeMap<usize, Value>,
    count: usize,
}

/// Numbers up to here are always kept densely.
const DENSE: usize = 1 << 20;

impl Trace for Entries {
    fn trace(&self, tracer: &mut heap::Tracer) {
        for value in self.dense.iter().flatten() {
            tracer.value(*value);
        }
        for value in self.sparse.values() {
            tracer.value(*value);
        }
    }
}

#[native_class(name = "_pickle.LoadMemo", base = object, flags = "final no_new")]
impl LoadMemo {}

impl LoadMemo {
    #[inline]
    pub fn get(this: Gc<LoadMemo>, number: usize) -> Option<Value> {
        this.entries.with(this, |entries| match entries.dense.get(number) {
            Some(value) => *value,
            None => entries.sparse.get(&number).copied(),
        })
    }
    #[inline]
    pub fn put(this: Gc<LoadMemo>, number: usize, value: Value) {
        this.entries.with(this, |entries| entries.put(number, value));
    }
    /// Puts the value under the number that equals the count of entries.
    #[inline]
    pub fn append(this: Gc<LoadMemo>, value: Value) {
        this.entries.with(this, |entries| {
            if entries.count == entries.dense.len() {
                entries.dense.put(Some(value));
                entries.count += 1;
            } else {
                entries.put(entries.count, value);
            }
        });
    }
    pub fn clear(this: Gc<LoadMemo>) {
        this.entries.with(this, |entries| *entries = Entries::default());
    }
    pub fn items(this: Gc<LoadMemo>) -> GcVec<(Value, Value)> {
        let count = this.entries.with(this, |entries| entries.count);
        let mut items = GcVec::with_capacity(count);
        this.entries.with(this, |entries| {
            let dense = entries.dense.iter().enumerate().filter_map(|(number, value)| Some((number, (*value)?)));
            let sparse = entries.sparse.iter().map(|(number, value)| (*number, *value));
            for (number, value) in dense.chain(sparse).take(count) {
                if let Some(number) = Value::try_int(number as i64) {
                    items.push((number, value));
                }
            }
        });
        items
    }
}

impl Entries {
    fn put(&mut self, number: usize, value: Value) {
        if number < DENSE.max(self.dense.len() * 2) {
            if number >= self.dense.len() {
                self.dense.make_room(number + 1 - self.dense.len());
                self.dense.resize(number + 1, None);
            }
            if self.dense[number].replace(value).is_none() {
                self.count += 1;
            }
        } else if self.sparse.insert(number, value).is_none() {
            self.count += 1;
        }
    }
}

pub fn new_load_memo() -> Gc<LoadMemo> {
    new_native(LoadMemo { header: Header::blank(), entries: Guarded::new(Entries::default()) })
}
