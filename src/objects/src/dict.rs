//! `dict`: the operations on a checked receiver. Each is atomic towards other threads; none runs Python code under the lock.
//! The table itself is in `dict_table.rs`, views and iterators in `dict_views.rs`, the Python-visible skin in crate builtins.
//!
//! Writers take the byte lock, look the key up as far as that needs no Python code and act. Only when a candidate's `__eq__`
//! is Python code do they look up without the lock and check afterwards that the answer still stands. Tables are allocated under the
//! lock: allocation may collect (waiters for the lock are parked and hold nothing up), but never runs Python code.

use crate::class::{Class, class_name};
use crate::containers::{
    CellPtr, ReprScope, TextBuilder, exact_str, guard, is_iterable, plain_layout, quick_equal, quick_hash, same_or_equal,
    with_note,
};
use crate::dict_table::{Step, Table, empty_table};
use crate::error::{R, Raised, key_error, memory_error, runtime_error, type_error, value_error};
use crate::gc_vec::GcVec;
use crate::layout::{Cast, Gc, Layout, alloc_instance};
use crate::list::{List, list_from_iterable};
use crate::protocol;
use crate::str::Str;
use crate::tuple::new_tuple;
use crate::window;
use heap::{Header, Value};
use std::sync::atomic::{AtomicU64, Ordering};

/// Header flag of dicts whose new keys end the life of name caches (module globals, builtins).
pub const WATCHED: u8 = heap::LAYOUT_FLAG_3;

static WATCH_EPOCH: AtomicU64 = AtomicU64::new(1);

#[repr(C)]
pub struct Dict {
    pub header: Header,
    table: CellPtr<Table>,
}
plain_layout!(Dict, "dict", [table]);

impl Dict {
    #[inline(always)]
    pub fn table(&self) -> &'static Table {
        let table = self.table.get();
        // Zeroed instances (made by `__new__` of a subclass, say) have no table yet.
        let table = if table.is_null() { empty_table() } else { table };
        // SAFETY: tables are heap cells; whoever holds the reference on its stack keeps the cell alive.
        unsafe { &*table }
    }
    #[inline(always)]
    fn has_table(&self, table: &Table) -> bool {
        std::ptr::eq(self.table(), table)
    }
    pub(crate) fn publish(&self, table: *mut Table) {
        self.table.set(table);
    }
    /// `len(self)`
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table().used()
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

// ---- making ----

/// An empty dict.
#[inline]
pub fn new_dict() -> Gc<Dict> {
    dict_alloc(Dict::class())
}

/// An empty instance of `class`, which is `dict` or a subclass.
#[inline]
pub fn dict_alloc(class: Gc<Class>) -> Gc<Dict> {
    // SAFETY: the class's layout extends Dict.
    let dict: Gc<Dict> = unsafe { Gc::from_ptr(alloc_instance(class).cast()) };
    dict.publish(empty_table());
    dict
}

/// An empty dict with room for `count` keys.
pub fn new_dict_sized(count: usize) -> R<Gc<Dict>> {
    let dict = new_dict();
    if count > 0 {
        dict.publish(Table::allocate(count).ok_or_else(memory_error)?);
    }
    Ok(dict)
}

/// A dict of `pairs`; later pairs win.
pub fn new_dict_from(pairs: &[(Value, Value)]) -> R<Gc<Dict>> {
    let dict = new_dict_sized(pairs.len())?;
    for (key, value) in pairs {
        dict_set(dict, *key, *value)?;
    }
    Ok(dict)
}

// ---- finding ----

enum Found {
    At(u32),
    Absent(u32),
    NeedsPython,
}

#[inline(always)]
fn find_quick(table: &Table, key: Value, hash: i64) -> Found {
    let mut cursor = table.start(hash);
    loop {
        match table.step(&mut cursor, key, hash) {
            Step::Same(number) => return Found::At(number),
            Step::Free(place) => return Found::Absent(place),
            Step::Candidate(number, other) => match quick_equal(other, key) {
                Some(true) => return Found::At(number),
                Some(false) => {}
                None => return Found::NeedsPython,
            },
        }
    }
}

/// A look-up that may run `__eq__`; starts again if that changed the table under it. Says the count of entries that it saw.
#[cold]
fn find_slow(dict: Gc<Dict>, key: Value, hash: i64) -> R<(&'static Table, Option<u32>, usize)> {
    'restart: loop {
        let table = dict.table();
        let mut filled = table.filled();
        let mut cursor = table.start(hash);
        loop {
            match table.step(&mut cursor, key, hash) {
                Step::Same(number) => return Ok((table, Some(number), filled)),
                Step::Free(_) => return Ok((table, None, filled)),
                Step::Candidate(number, other) => {
                    let equal = match quick_equal(other, key) {
                        Some(answer) => answer,
                        None => {
                            let answer = protocol::eq(other, key)?;
                            // SAFETY: the number came from this table.
                            if !dict.has_table(table) || unsafe { table.entry(number) }.key.get() != Some(other) {
                                continue 'restart;
                            }
                            filled = table.filled();
                            answer
                        }
                    };
                    if equal {
                        return Ok((table, Some(number), filled));
                    }
                }
            }
        }
    }
}

/// Where a key is or would go, with the dict locked.
enum Place {
    At(u32),
    Free(u32),
}

/// Locks the dict with the key's place determined.
#[inline(always)]
fn locate(dict: Gc<Dict>, key: Value, hash: i64) -> R<(heap::ObjectGuard<'static>, &'static Table, Place)> {
    let held = guard(dict);
    let table = dict.table();
    match find_quick(table, key, hash) {
        Found::At(number) => Ok((held, table, Place::At(number))),
        Found::Absent(place) => Ok((held, table, Place::Free(place))),
        Found::NeedsPython => {
            drop(held);
            locate_slow(dict, key, hash)
        }
    }
}

#[cold]
fn locate_slow(dict: Gc<Dict>, key: Value, hash: i64) -> R<(heap::ObjectGuard<'static>, &'static Table, Place)> {
    loop {
        let (table, found, filled) = find_slow(dict, key, hash)?;
        let held = guard(dict);
        if !dict.has_table(table) {
            continue;
        }
        match found {
            // SAFETY: the number came from this table.
            Some(number) if !unsafe { table.entry(number) }.key.is_empty() => return Ok((held, table, Place::At(number))),
            None if table.filled() == filled => return Ok((held, table, Place::Free(table.find_free(hash)))),
            _ => {}
        }
    }
}

/// Adds a key known to be absent. The dict is locked.
#[inline(always)]
fn insert_absent(dict: Gc<Dict>, table: &Table, place: u32, key: Value, hash: i64, value: Value) -> R<u32> {
    let number = if table.is_full() {
        match grow(dict, table, key, value)? {
            Grown::Table(grown) => {
                note_key(grown, key);
                grown.append(grown.find_free(hash), key, hash, value)
            }
            Grown::Window(number) => number,
        }
    } else {
        note_key(table, key);
        table.append(place, key, hash, value)
    };
    if dict.header.flags() & WATCHED != 0 {
        bump_epoch();
    }
    Ok(number)
}

#[inline(always)]
fn note_key(table: &Table, key: Value) {
    if table.has_only_str_keys() && exact_str(key).is_none() {
        table.note_foreign_key();
    }
}

enum Grown {
    Table(&'static Table),
    /// The window has the key now, with that number.
    Window(u32),
}

#[cold]
#[inline(never)]
fn grow(dict: Gc<Dict>, table: &Table, key: Value, value: Value) -> R<Grown> {
    if table.is_window()
        && let Some(number) = window::add_key(dict, table, key, value)
    {
        return Ok(Grown::Window(number));
    }
    let fresh = Table::allocate_grown(table.used() + 1).ok_or_else(memory_error)?;
    // SAFETY: just made.
    let grown: &'static Table = unsafe { &*fresh };
    table.copy_live_into(grown);
    dict.publish(fresh);
    Ok(Grown::Table(grown))
}

/// The table of a locked dict from which something is to be taken, or which is to be replaced: no window.
fn closed_table(dict: Gc<Dict>) -> &'static Table {
    let table = dict.table();
    if table.is_window() {
        window::close();
    }
    table
}

/// Makes room for `count` keys more. The dict is locked.
fn reserve_locked(dict: Gc<Dict>, count: usize) -> R<()> {
    let table = closed_table(dict);
    if table.capacity() - table.filled().min(table.capacity()) >= count {
        return Ok(());
    }
    let fresh = Table::allocate(table.used().saturating_add(count)).ok_or_else(memory_error)?;
    // SAFETY: just made.
    table.copy_live_into(unsafe { &*fresh });
    dict.publish(fresh);
    Ok(())
}

/// The hash of a key; a TypeError about unhashable types is put in terms of dict keys.
#[inline(always)]
pub fn key_hash(key: Value) -> R<i64> {
    match quick_hash(key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(unhashable_key(key, raised)),
    }
}

#[cold]
fn unhashable_key(key: Value, raised: Raised) -> Raised {
    crate::set::reword_unhashable(key, raised, "a dict key")
}

// ---- reading ----

/// `dict.get(key)`, or None.
#[inline]
pub fn dict_get(dict: Gc<Dict>, key: Value) -> R<Option<Value>> {
    let hash = key_hash(key)?;
    dict_get_hashed(dict, key, hash)
}

/// `dict_get` with the hash at hand.
#[inline(always)]
pub fn dict_get_hashed(dict: Gc<Dict>, key: Value, hash: i64) -> R<Option<Value>> {
    let table = dict.table();
    match find_quick(table, key, hash) {
        // SAFETY: the number came from this table.
        Found::At(number) => Ok(unsafe { table.value(number) }),
        Found::Absent(_) => Ok(None),
        Found::NeedsPython => {
            let (table, found, _) = find_slow(dict, key, hash)?;
            // SAFETY: as above.
            Ok(found.and_then(|number| unsafe { table.value(number) }))
        }
    }
}

/// Look-up of a text key. A Python-level `__eq__` among the keys is asked, but its exceptions are dropped.
#[inline]
pub fn dict_get_str(dict: Gc<Dict>, key: Gc<Str>) -> Option<Value> {
    match dict_get_hashed(dict, key.value(), key.hash()) {
        Ok(found) => found,
        Err(raised) => {
            raised.clear();
            None
        }
    }
}

/// The hash of a key that is an int of the word or an exact str.
#[inline(always)]
pub(crate) fn plain_hash(key: Value) -> Option<i64> {
    if key.is_int() {
        let number = key.as_int();
        return Some(if number == -1 { -2 } else { number });
    }
    exact_str(key).map(|text| text.hash())
}

/// Look-up of an int or str that neither runs Python code nor allocates. The outer None: that is not enough to tell.
#[inline(always)]
pub fn dict_peek(dict: &Dict, key: Value) -> Option<Option<Value>> {
    let hash = plain_hash(key)?;
    let table = dict.table();
    match find_quick(table, key, hash) {
        // SAFETY: the number came from this table.
        Found::At(number) => Some(unsafe { table.value(number) }),
        Found::Absent(_) => Some(None),
        Found::NeedsPython => None,
    }
}

/// `dict[key] = value` for an int or str key if that needs no waiting, no Python code and no memory; else false, nothing done.
#[inline(always)]
pub fn dict_store_quick(dict: &Dict, key: Value, value: Value) -> bool {
    let Some(hash) = plain_hash(key) else { return false };
    let Some(_held) = heap::try_lock(&dict.header) else { return false };
    let table = dict.table();
    match find_quick(table, key, hash) {
        // SAFETY: the number came from this table.
        Found::At(number) => unsafe { table.set_value(number, value) },
        Found::Absent(place) if !table.is_full() && dict.header.flags() & WATCHED == 0 => {
            note_key(table, key);
            table.append(place, key, hash, value);
        }
        _ => return false,
    }
    true
}

/// `key in dict`
#[inline]
pub fn dict_contains(dict: Gc<Dict>, key: Value) -> R<bool> {
    Ok(dict_get(dict, key)?.is_some())
}

/// `dict[key]` of a plain dict (no `__missing__`): KeyError if absent.
#[inline]
pub fn dict_get_item(dict: Gc<Dict>, key: Value) -> R {
    match dict_get(dict, key)? {
        Some(value) => Ok(value),
        None => Err(key_error(key)),
    }
}

/// `dict[key]` of any dict instance: subclasses may have `__missing__`.
pub fn dict_subscript(dict: Gc<Dict>, key: Value) -> R {
    if let Some(value) = dict_get(dict, key)? {
        return Ok(value);
    }
    // SAFETY: a live object.
    let class = unsafe { crate::class::class_of_ptr(dict.header()) };
    if class != Dict::class()
        && let Some(missing) = crate::lookup::lookup_special(dict.value(), crate::interned!("__missing__"))?
    {
        return missing.call(&[key]);
    }
    Err(key_error(key))
}

// ---- name caches ----

/// The entry that holds `key`, as (table version, entry number): good until `dict_entry` no longer answers.
pub fn dict_lookup_entry(dict: Gc<Dict>, key: Gc<Str>) -> Option<(u64, u32)> {
    let table = dict.table();
    match find_quick(table, key.value(), key.hash()) {
        Found::At(number) => Some((table.version(), number)),
        _ => None,
    }
}

/// The value of a remembered entry, if the dict still has the table of that version and the key was not deleted.
#[inline(always)]
pub fn dict_entry(dict: Gc<Dict>, version: u64, number: u32) -> Option<Value> {
    let table = dict.table();
    if table.known_version() != version {
        return None;
    }
    // SAFETY: a version names one table for ever, and the number came from it.
    unsafe { table.value(number) }
}

/// Stores into a remembered entry; false if it is out of date.
#[inline(always)]
pub fn dict_set_entry(dict: Gc<Dict>, version: u64, number: u32, value: Value) -> bool {
    let _held = guard(dict);
    let table = dict.table();
    if table.known_version() != version {
        return false;
    }
    // SAFETY: as in `dict_entry`.
    unsafe {
        if table.entry(number).key.is_empty() {
            return false;
        }
        table.set_value(number, value);
    }
    true
}

/// From now on every new key in this dict bumps the epoch.
pub fn dict_watch(dict: Gc<Dict>) {
    dict.header.set_flag(WATCHED);
    bump_epoch();
}

/// Changes whenever a watched dict gained a key: a name that was absent then may be present now.
#[inline(always)]
pub fn watch_epoch() -> u64 {
    WATCH_EPOCH.load(Ordering::Acquire)
}

#[cold]
pub(crate) fn bump_epoch() {
    WATCH_EPOCH.fetch_add(1, Ordering::AcqRel);
}

// ---- writing ----

/// `dict[key] = value`
#[inline]
pub fn dict_set(dict: Gc<Dict>, key: Value, value: Value) -> R<()> {
    let hash = key_hash(key)?;
    dict_set_hashed(dict, key, hash, value)
}

/// `dict_set` with the hash at hand.
#[inline(always)]
pub fn dict_set_hashed(dict: Gc<Dict>, key: Value, hash: i64, value: Value) -> R<()> {
    let (_held, table, place) = locate(dict, key, hash)?;
    match place {
        // SAFETY: the number came from this table.
        Place::At(number) => unsafe { table.set_value(number, value) },
        Place::Free(place) => {
            insert_absent(dict, table, place, key, hash, value)?;
        }
    }
    Ok(())
}

/// `dict[key] = value` for a text key.
#[inline]
pub fn dict_set_str(dict: Gc<Dict>, key: Gc<Str>, value: Value) -> R<()> {
    dict_set_hashed(dict, key.value(), key.hash(), value)
}

/// Adds a text key that the dict, which nobody else has seen, lacks.
pub(crate) fn dict_set_new_str(dict: Gc<Dict>, key: Gc<Str>, value: Value) -> R<()> {
    let (table, hash) = (dict.table(), key.hash());
    insert_absent(dict, table, table.find_free(hash), key.value(), hash, value).map(|_| ())
}

/// `dict.setdefault(key, value)`
pub fn dict_set_default(dict: Gc<Dict>, key: Value, value: Value) -> R {
    let hash = key_hash(key)?;
    let (_held, table, place) = locate(dict, key, hash)?;
    match place {
        // SAFETY: the number came from this table; under the lock a live entry has a value.
        Place::At(number) => Ok(unsafe { table.value(number) }.unwrap_or(value)),
        Place::Free(place) => {
            insert_absent(dict, table, place, key, hash, value)?;
            Ok(value)
        }
    }
}

/// Sets the key only if it is absent; true if it was.
pub fn dict_set_if_absent(dict: Gc<Dict>, key: Value, hash: i64, value: Value) -> R<bool> {
    let (_held, table, place) = locate(dict, key, hash)?;
    match place {
        Place::At(_) => Ok(false),
        Place::Free(place) => insert_absent(dict, table, place, key, hash, value).map(|_| true),
    }
}

/// Takes a key out; its value, or None if it was absent.
pub fn dict_remove(dict: Gc<Dict>, key: Value) -> R<Option<Value>> {
    let hash = key_hash(key)?;
    dict_remove_hashed(dict, key, hash)
}

pub fn dict_remove_hashed(dict: Gc<Dict>, key: Value, hash: i64) -> R<Option<Value>> {
    if dict.is_empty() {
        return Ok(None);
    }
    let (_held, _, place) = locate(dict, key, hash)?;
    match place {
        Place::At(number) => Ok(closed_table(dict).delete(number).map(|(_, value)| value)),
        Place::Free(_) => Ok(None),
    }
}

pub fn dict_remove_str(dict: Gc<Dict>, key: Gc<Str>) -> R<Option<Value>> {
    dict_remove_hashed(dict, key.value(), key.hash())
}

/// `del dict[key]`
pub fn dict_del_item(dict: Gc<Dict>, key: Value) -> R<()> {
    match dict_remove(dict, key)? {
        Some(_) => Ok(()),
        None => Err(key_error(key)),
    }
}

/// Takes the last entry out.
pub fn dict_pop_last(dict: Gc<Dict>) -> Option<(Value, Value)> {
    let _held = guard(dict);
    let table = closed_table(dict);
    let (number, key, value) = table.last_live()?;
    table.delete(number);
    Some((key, value))
}

/// Takes the first entry at or after `position` out; gives its position too.
pub fn dict_pop_first(dict: Gc<Dict>, position: usize) -> Option<(usize, Value, Value)> {
    let _held = guard(dict);
    let table = closed_table(dict);
    let (next, key, value, _) = table.next_live(position)?;
    table.delete(next as u32 - 1);
    Some((next, key, value))
}

/// Makes a key the last one, or the first; false if it is absent. To the front takes time for all entries.
pub fn dict_move_key(dict: Gc<Dict>, key: Value, last: bool) -> R<bool> {
    let hash = key_hash(key)?;
    let (_held, _, place) = locate(dict, key, hash)?;
    let Place::At(number) = place else { return Ok(false) };
    let table = closed_table(dict);
    let Some((key, value, hash)) = table.live_entry(number as usize) else { return Ok(false) };
    if last {
        if table.next_live(number as usize + 1).is_some() {
            table.delete(number);
            insert_absent(dict, table, table.find_free(hash), key, hash, value)?;
        }
        return Ok(true);
    }
    if table.previous_live(number as usize).is_none() {
        return Ok(true);
    }
    let fresh = Table::allocate(table.used()).ok_or_else(memory_error)?;
    // SAFETY: just made.
    let target: &'static Table = unsafe { &*fresh };
    target.append(target.find_free(hash), key, hash, value);
    for other in (0..table.filled()).filter(|other| *other != number as usize) {
        if let Some((key, value, hash)) = table.live_entry(other) {
            target.append(target.find_free(hash), key, hash, value);
        }
    }
    if !table.has_only_str_keys() {
        target.note_foreign_key();
    }
    dict.publish(fresh);
    Ok(true)
}

/// `dict.clear()`
pub fn dict_clear(dict: Gc<Dict>) {
    let _held = guard(dict);
    if closed_table(dict).capacity() > 0 {
        dict.publish(empty_table());
    }
}

// ---- whole dicts ----

/// A plain dict with the same items.
pub fn dict_copy(dict: Gc<Dict>) -> R<Gc<Dict>> {
    let copy = new_dict();
    copy_into_empty(dict, copy)?;
    Ok(copy)
}

/// Gives `target`, which nobody else knows or which is empty and locked, a copy of the source's table.
fn copy_into_empty(source: Gc<Dict>, target: Gc<Dict>) -> R<()> {
    let _held = guard(source);
    let table = source.table();
    if table.used() > 0 {
        target.publish(table.duplicate().ok_or_else(memory_error)?);
    }
    Ok(())
}

/// What `dict_merge` does with keys that are there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnClash {
    Replace,
    Keep,
}

/// Copies the items of `source` into `target`.
pub fn dict_merge(target: Gc<Dict>, source: Gc<Dict>, on_clash: OnClash) -> R<()> {
    if target == source || source.is_empty() {
        return Ok(());
    }
    if target.is_empty() && target.header.flags() & WATCHED == 0 {
        let copy = dict_copy(source)?;
        let _held = guard(target);
        if target.is_empty() {
            target.publish(copy.table.get());
            return Ok(());
        }
    }
    let table = source.table();
    {
        let _held = guard(target);
        let own = target.table();
        // Where the first key is known, the others mostly are.
        let is_known = |(_, key, _, hash)| matches!(find_quick(own, key, hash), Found::At(_));
        let has_room = own.capacity().saturating_sub(own.filled()) >= table.used();
        let is_small_window = own.is_window() && table.used() <= window::FEW;
        if !has_room && !is_small_window && !table.next_live(0).is_some_and(is_known) {
            reserve_locked(target, table.used())?;
        }
    }
    let mut position = 0;
    {
        // As far as no comparison needs Python code: at one go, each place sought once.
        let _held = guard(target);
        while let Some((next, key, value, hash)) = table.next_live(position) {
            let own = target.table();
            match find_quick(own, key, hash) {
                // SAFETY: the number came from this table.
                Found::At(number) if on_clash == OnClash::Replace => unsafe { own.set_value(number, value) },
                Found::At(_) => {}
                Found::Absent(place) => {
                    insert_absent(target, own, place, key, hash, value)?;
                }
                Found::NeedsPython => break,
            }
            position = next;
        }
    }
    while let Some((next, key, value, hash)) = table.next_live(position) {
        position = next;
        merge_one(target, source, table, (key, hash, value), on_clash)?;
    }
    Ok(())
}

fn merge_one(target: Gc<Dict>, source: Gc<Dict>, table: &Table, item: (Value, i64, Value), on_clash: OnClash) -> R<()> {
    let (key, hash, value) = item;
    let asks_python = matches!(find_quick(target.table(), key, hash), Found::NeedsPython);
    let filled = table.filled();
    match on_clash {
        OnClash::Replace => dict_set_hashed(target, key, hash, value)?,
        OnClash::Keep => {
            dict_set_if_absent(target, key, hash, value)?;
        }
    }
    if asks_python && (!source.has_table(table) || table.filled() != filled) {
        return Err(runtime_error!("dict mutated during update"));
    }
    Ok(())
}

/// Items in order.
pub fn dict_items(dict: Gc<Dict>) -> GcVec<(Value, Value)> {
    let table = dict.table();
    let mut items = GcVec::with_capacity(table.used());
    let mut position = 0;
    while let Some((next, key, value, _)) = table.next_live(position) {
        items.push((key, value));
        position = next;
    }
    items
}

/// Keys in order. The vector is not a root: use it before the next allocation or keep the dict unchanged.
pub fn dict_keys(dict: Gc<Dict>) -> GcVec {
    dict_items(dict).into_iter().map(|item| item.0).collect()
}

pub fn dict_values(dict: Gc<Dict>) -> GcVec {
    dict_items(dict).into_iter().map(|item| item.1).collect()
}

/// The first item at or after `*position`, which moves on: the loop over a dict from Rust.
#[inline]
pub fn dict_next(dict: Gc<Dict>, position: &mut usize) -> Option<(Value, Value)> {
    let (next, key, value, _) = dict.table().next_live(*position)?;
    *position = next;
    Some((key, value))
}

/// `a == b` for two dicts.
pub fn dict_equal(a: Gc<Dict>, b: Gc<Dict>) -> R<bool> {
    if a == b {
        return Ok(true);
    }
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut position = 0;
    while let Some((next, key, value, hash)) = a.table().next_live(position) {
        position = next;
        crate::containers::poll_at(position)?;
        match dict_get_hashed(b, key, hash)? {
            Some(other) if same_or_equal(value, other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// `repr(dict)`
pub fn dict_repr(dict: Gc<Dict>) -> R<Gc<Str>> {
    let Some(_scope) = ReprScope::enter(dict.value()) else { return Ok(Str::new("{...}")) };
    if dict.is_empty() {
        return Ok(Str::new("{}"));
    }
    let mut text = TextBuilder::new();
    text.push_str("{");
    let mut position = 0;
    let mut first = true;
    while let Some((key, value)) = dict_next(dict, &mut position) {
        if !first {
            text.push_str(", ");
        }
        first = false;
        text.push_repr(key)?;
        text.push_str(": ");
        text.push_repr(value)?;
        crate::containers::poll_at(position)?;
    }
    text.push_str("}");
    Ok(text.finish())
}

// ---- updating from anything ----

/// Whether iterating the object goes through dict's own code, so that its table may be read directly.
pub fn iterates_as_dict(dict: Gc<Dict>) -> bool {
    // SAFETY: a live object.
    let class = unsafe { crate::class::class_of_ptr(dict.header()) };
    class == Dict::class() || class.slots.iter.get().map(|f| f as usize) == Dict::class().slots.iter.get().map(|f| f as usize)
}

/// Copies from a mapping: a dict, or anything with `keys()` and subscription.
pub fn dict_merge_mapping(target: Gc<Dict>, source: Value, on_clash: OnClash) -> R<()> {
    if let Some(source) = source.cast::<Dict>()
        && iterates_as_dict(source)
    {
        return dict_merge(target, source, on_clash);
    }
    let keys = protocol::call_method(source, crate::interned!("keys"), &[])?;
    protocol::iterate(keys, |key| {
        if on_clash == OnClash::Keep && dict_contains(target, key)? {
            return Ok(());
        }
        let value = protocol::get_item(source, key)?;
        dict_set(target, key, value)
    })
}

/// Copies from an iterable of pairs.
pub fn dict_merge_pairs(target: Gc<Dict>, source: Value) -> R<()> {
    let mut position = 0usize;
    protocol::iterate(source, |item| {
        let (key, value) = pair_of(item, position)?;
        position += 1;
        dict_set(target, key, value)
    })
}

fn pair_of(item: Value, position: usize) -> R<(Value, Value)> {
    if let Some(tuple) = item.cast_exact::<crate::tuple::Tuple>()
        && let [key, value] = *tuple.items()
    {
        return Ok((key, value));
    }
    let items = match pair_items(item) {
        Ok(items) => items,
        Err(raised) if raised.is(&crate::exception::TYPE_ERROR) => {
            return Err(with_note(
                raised,
                &format!("Cannot convert dictionary update sequence element #{position} to a sequence"),
            ));
        }
        Err(raised) => return Err(raised),
    };
    match (items.get(0), items.get(1), items.len()) {
        (Some(key), Some(value), 2) => Ok((key, value)),
        (_, _, len) => Err(value_error!("dictionary update sequence element #{position} has length {len}; 2 is required")),
    }
}

fn pair_items(item: Value) -> R<Gc<List>> {
    if !is_iterable(item) {
        return Err(type_error!("object is not iterable"));
    }
    list_from_iterable(item)
}

/// What `dict(source)` and `dict.update(source)` do with their one positional argument.
pub fn dict_update(target: Gc<Dict>, source: Value) -> R<()> {
    if let Some(source) = source.cast_exact::<Dict>() {
        return dict_merge(target, source, OnClash::Replace);
    }
    match crate::lookup::get_attr_opt(source, crate::interned!("keys"))? {
        Some(_) => dict_merge_mapping(target, source, OnClash::Replace),
        None => dict_merge_pairs(target, source),
    }
}

/// `dict.fromkeys` for a plain dict.
pub fn dict_from_keys(keys: Value, value: Value) -> R<Gc<Dict>> {
    let dict = new_dict();
    // Sets and dicts know the hashes of what they hold.
    let is_set = keys.cast_exact::<crate::set::Set>().is_some() || keys.cast_exact::<crate::set::FrozenSet>().is_some();
    if let Some(set) = crate::set::as_any_set(keys).filter(|_| is_set) {
        let mut position = 0;
        while let Some((next, key, hash)) = set.next_live(position) {
            position = next;
            dict_set_hashed(dict, key, hash, value)?;
        }
    } else if let Some(other) = keys.cast_exact::<Dict>() {
        let table = other.table();
        let mut position = 0;
        while let Some((next, key, _, hash)) = table.next_live(position) {
            position = next;
            dict_set_hashed(dict, key, hash, value)?;
        }
    } else {
        protocol::iterate(keys, |key| dict_set(dict, key, value))?;
    }
    Ok(dict)
}

/// Gets to know what the methods of dict itself remove from an instance of a subclass: set by a class with an order of its own.
pub static REMOVED_BELOW: std::sync::OnceLock<fn(Gc<Dict>, Value)> = std::sync::OnceLock::new();

/// A method of dict itself has removed that key.
#[inline]
pub fn removed_below(dict: Gc<Dict>, key: Value) {
    if crate::class_of(dict.value()) != Dict::class()
        && let Some(tell) = REMOVED_BELOW.get()
    {
        tell(dict, key)
    }
}

/// The tuple `(key, value)` of `popitem`, or the KeyError that says it is empty.
pub fn dict_pop_item(dict: Gc<Dict>) -> R {
    match dict_pop_last(dict) {
        Some((key, value)) => {
            removed_below(dict, key);
            Ok(new_tuple(&[key, value]).value())
        }
        None => Err(key_error(Str::new("popitem(): dictionary is empty").value())),
    }
}

/// The TypeError of `dict | other` forms that are not dicts is raised by the operator protocol; this one is for `**` arguments.
pub fn not_a_mapping(source: Value) -> Raised {
    type_error!("'{}' object is not a mapping", class_name(source))
}
