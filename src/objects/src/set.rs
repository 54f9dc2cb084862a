//! `set` and `frozenset`: the operations on checked receivers. Locking as in `dict.rs`; the table is in `set_table.rs`.

use crate::class::{Class, class_of};
use crate::containers::{CellPtr, ReprScope, TextBuilder, guard, guard_two, plain_layout, quick_equal, quick_hash};
use crate::dict::{Dict, plain_hash};
use crate::error::{R, Raised, key_error, memory_error, type_error};
use crate::layout::{Cast, Gc, Layout, alloc_instance};
use crate::list::{self, List};
use crate::protocol;
use crate::set_table::{SetTable, Step};
use crate::str::Str;
use crate::tuple::Tuple;
use base::hash::SetHasher;
use base::text::Text;
use heap::{Header, Value};
use std::sync::atomic::{AtomicI64, Ordering};

/// What both kinds of set are made of.
#[repr(C)]
pub struct SetCore {
    pub header: Header,
    /// Null while empty.
    table: CellPtr<SetTable>,
    /// Of a frozenset; 0 until computed.
    hash: AtomicI64,
}

#[repr(C)]
pub struct Set {
    core: SetCore,
}
#[repr(C)]
pub struct FrozenSet {
    core: SetCore,
}
impl crate::layout::Trace for SetCore {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.table.trace(tracer);
    }
}
plain_layout!(Set, "set", [core]);
plain_layout!(FrozenSet, "frozenset", [core]);

/// A set of either kind.
pub type AnySet = Gc<SetCore>;

impl Gc<Set> {
    #[inline(always)]
    pub fn any(self) -> AnySet {
        // SAFETY: the core is all there is.
        unsafe { self.cast_unchecked() }
    }
}
impl Gc<FrozenSet> {
    #[inline(always)]
    pub fn any(self) -> AnySet {
        // SAFETY: the core is all there is.
        unsafe { self.cast_unchecked() }
    }
}

/// The value as a set of either kind, instances of subclasses included.
#[inline]
pub fn as_any_set(value: Value) -> Option<AnySet> {
    match value.cast::<Set>() {
        Some(set) => Some(set.any()),
        None => value.cast::<FrozenSet>().map(Gc::<FrozenSet>::any),
    }
}

impl SetCore {
    #[inline(always)]
    pub fn table(&self) -> Option<&'static SetTable> {
        // SAFETY: tables are heap cells; whoever holds the reference on its stack keeps the cell alive.
        unsafe { self.table.get().as_ref() }
    }
    #[inline(always)]
    fn has_table(&self, table: Option<&SetTable>) -> bool {
        self.table.get().cast_const() == table.map_or(std::ptr::null(), |table| table as *const SetTable)
    }
    fn publish(&self, table: Option<&'static SetTable>) {
        self.table.set(table.map_or(std::ptr::null_mut(), |table| table as *const SetTable as *mut SetTable));
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table().map_or(0, SetTable::used)
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The position behind all keys.
    pub fn places(&self) -> usize {
        self.table().map_or(0, |table| table.mask() + 1)
    }
    /// The first key at or after a position, and the position behind it.
    #[inline]
    pub fn next_live(&self, position: usize) -> Option<(usize, Value, i64)> {
        self.table()?.next_live(position)
    }
}

impl Set {
    pub fn len(&self) -> usize {
        self.core.len()
    }
}
impl FrozenSet {
    pub fn len(&self) -> usize {
        self.core.len()
    }
}

// ---- making ----

/// An empty set.
#[inline]
pub fn new_set() -> Gc<Set> {
    // SAFETY: the class is that of the layout.
    unsafe { set_alloc(Set::class()).cast_unchecked() }
}

/// An empty frozenset that the caller may fill before anybody sees it.
pub fn new_frozenset() -> Gc<FrozenSet> {
    // SAFETY: as in `new_set`.
    unsafe { set_alloc(FrozenSet::class()).cast_unchecked() }
}

/// An empty instance of a class whose layout is one of the two.
pub fn set_alloc(class: Gc<Class>) -> AnySet {
    // SAFETY: zeroed memory is an empty set.
    unsafe { Gc::from_ptr(alloc_instance(class).cast()) }
}

/// `set(iterable)`
pub fn set_from_iterable(iterable: Value) -> R<Gc<Set>> {
    let set = new_set();
    set_update(set.any(), iterable)?;
    Ok(set)
}

/// `frozenset(iterable)`
pub fn frozenset_from_iterable(iterable: Value) -> R<Gc<FrozenSet>> {
    if let Some(set) = iterable.cast_exact::<FrozenSet>() {
        return Ok(set);
    }
    let set = new_frozenset();
    set_update(set.any(), iterable)?;
    Ok(set)
}

/// A set of the same basic kind (`set` or `frozenset`) with the items of an iterable.
fn same_kind_from(like: AnySet, iterable: Value) -> R<AnySet> {
    let fresh = same_kind_empty(like);
    set_update(fresh, iterable)?;
    Ok(fresh)
}

fn same_kind_empty(like: AnySet) -> AnySet {
    if like.value().is_instance_of_layout::<FrozenSet>() { new_frozenset().any() } else { new_set().any() }
}

// ---- hashing keys ----

/// The hash of a would-be element.
#[inline(always)]
pub fn element_hash(element: Value) -> R<i64> {
    match quick_hash(element) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(reword_unhashable(element, raised, "a set element")),
    }
}

/// Puts a plain TypeError about an unhashable value in terms of what it should have been.
#[cold]
pub fn reword_unhashable(value: Value, raised: Raised, role: &str) -> Raised {
    if class_of(raised.peek()) != crate::exception::TYPE_ERROR.get() {
        return raised;
    }
    let reason = match protocol::str_of(raised.take()) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => return raised,
    };
    let class = crate::class::class_full_name(class_of(value));
    type_error!("cannot use '{class}' as {role} ({reason})")
}

/// The element to look for: a set stands for the frozenset of its elements where one is looked up.
fn lookup_form(element: Value) -> R<(Value, i64)> {
    match element_hash(element) {
        Ok(hash) => Ok((element, hash)),
        Err(raised) => {
            let Some(set) = element.cast::<Set>() else { return Err(raised) };
            if !raised.is(&crate::exception::TYPE_ERROR) {
                return Err(raised);
            }
            raised.clear();
            let frozen = new_frozenset();
            set_update(frozen.any(), set.value())?;
            Ok((frozen.value(), set_hash(frozen.any())))
        }
    }
}

// ---- finding ----

enum Found {
    At(usize),
    Absent(usize),
    NeedsPython,
}

#[inline(always)]
fn find_quick(table: &SetTable, key: Value, hash: i64) -> Found {
    let mut cursor = table.start(hash);
    loop {
        match table.step(&mut cursor, key, hash) {
            Step::Same(place) => return Found::At(place),
            Step::Free(place) => return Found::Absent(place),
            Step::Candidate(place, other) => match quick_equal(other, key) {
                Some(true) => return Found::At(place),
                Some(false) => {}
                None => return Found::NeedsPython,
            },
        }
    }
}

/// A look-up that may run `__eq__`; starts again if that changed the table under it. Says the count of places taken that it saw.
#[cold]
fn find_slow(set: AnySet, key: Value, hash: i64) -> R<(Option<&'static SetTable>, Option<usize>, usize)> {
    'restart: loop {
        let Some(table) = set.table() else { return Ok((None, None, 0)) };
        let mut filled = table.filled();
        let mut cursor = table.start(hash);
        loop {
            match table.step(&mut cursor, key, hash) {
                Step::Same(place) => return Ok((Some(table), Some(place), filled)),
                Step::Free(_) => return Ok((Some(table), None, filled)),
                Step::Candidate(place, other) => {
                    let equal = match quick_equal(other, key) {
                        Some(answer) => answer,
                        None => {
                            let answer = protocol::eq(other, key)?;
                            if !set.has_table(Some(table)) || table.key_at(place).map(|live| live.0) != Some(other) {
                                continue 'restart;
                            }
                            filled = table.filled();
                            answer
                        }
                    };
                    if equal {
                        return Ok((Some(table), Some(place), filled));
                    }
                }
            }
        }
    }
}

enum Place {
    At(usize),
    Free(usize),
}

/// Locks the set with the key's place determined. Makes the first table if there is none.
#[inline(always)]
fn locate(set: AnySet, key: Value, hash: i64) -> R<(heap::ObjectGuard<'static>, &'static SetTable, Place)> {
    let held = guard(set);
    let table = match set.table() {
        Some(table) => table,
        None => first_table(set)?,
    };
    match find_quick(table, key, hash) {
        Found::At(place) => Ok((held, table, Place::At(place))),
        Found::Absent(place) => Ok((held, table, Place::Free(place))),
        Found::NeedsPython => {
            drop(held);
            locate_slow(set, key, hash)
        }
    }
}

#[cold]
fn first_table(set: AnySet) -> R<&'static SetTable> {
    let table = SetTable::allocate(0).ok_or_else(memory_error)?;
    set.publish(Some(table));
    Ok(table)
}

#[cold]
fn locate_slow(set: AnySet, key: Value, hash: i64) -> R<(heap::ObjectGuard<'static>, &'static SetTable, Place)> {
    loop {
        let (table, found, filled) = find_slow(set, key, hash)?;
        let held = guard(set);
        if !set.has_table(table) {
            continue;
        }
        let table = match table {
            Some(table) => table,
            None => first_table(set)?,
        };
        match found {
            Some(place) if table.key_at(place).is_some() => return Ok((held, table, Place::At(place))),
            None if table.filled() == filled => return Ok((held, table, Place::Free(table.find_free(hash)))),
            _ => {}
        }
    }
}

/// Replaces the table if it has become too crowded. The set is locked.
#[inline(always)]
fn after_insert(set: AnySet, table: &'static SetTable) -> R<()> {
    if table.is_crowded_with(0) { grow(set, table) } else { Ok(()) }
}

#[cold]
#[inline(never)]
fn grow(set: AnySet, table: &'static SetTable) -> R<()> {
    let used = table.used();
    let least = if used > 50_000 { used * 2 } else { used * 4 };
    set.publish(Some(table.rebuild(least).ok_or_else(memory_error)?));
    Ok(())
}

// ---- single elements ----

/// `set.add(element)`; true if it was absent.
#[inline]
pub fn set_add(set: AnySet, element: Value) -> R<bool> {
    let hash = element_hash(element)?;
    set_add_hashed(set, element, hash)
}

#[inline]
pub fn set_add_hashed(set: AnySet, element: Value, hash: i64) -> R<bool> {
    let (_held, table, place) = locate(set, element, hash)?;
    match place {
        Place::At(_) => Ok(false),
        Place::Free(place) => {
            table.insert(place, element, hash);
            after_insert(set, table)?;
            Ok(true)
        }
    }
}

/// `set_add_hashed` for a set that nobody else knows yet.
#[inline]
fn add_to_fresh(set: AnySet, element: Value, hash: i64) -> R<()> {
    let table = match set.table() {
        Some(table) => table,
        None => first_table(set)?,
    };
    match find_quick(table, element, hash) {
        Found::At(_) => Ok(()),
        Found::Absent(place) => {
            table.insert(place, element, hash);
            after_insert(set, table)
        }
        Found::NeedsPython => set_add_hashed(set, element, hash).map(|_| ()),
    }
}

/// Whether an element with that hash is in the set.
#[inline(always)]
pub fn set_has(set: AnySet, element: Value, hash: i64) -> R<bool> {
    let Some(table) = set.table() else { return Ok(false) };
    if table.is_at_home(element, hash) { Ok(true) } else { search(set, table, element, hash) }
}

fn search(set: AnySet, table: &SetTable, element: Value, hash: i64) -> R<bool> {
    match find_quick(table, element, hash) {
        Found::At(_) => Ok(true),
        Found::Absent(_) => Ok(false),
        Found::NeedsPython => Ok(find_slow(set, element, hash)?.1.is_some()),
    }
}

/// Whether an int or str is in the set, when that can be told without Python code.
#[inline(always)]
pub fn set_peek(set: &SetCore, element: Value) -> Option<bool> {
    let hash = plain_hash(element)?;
    let Some(table) = set.table() else { return Some(false) };
    match find_quick(table, element, hash) {
        Found::At(_) => Some(true),
        Found::Absent(_) => Some(false),
        Found::NeedsPython => None,
    }
}

/// `element in set`
#[inline]
pub fn set_contains(set: AnySet, element: Value) -> R<bool> {
    let (element, hash) = lookup_form(element)?;
    set_has(set, element, hash)
}

/// `set.discard(element)`; true if it was there.
pub fn set_discard(set: AnySet, element: Value) -> R<bool> {
    let (element, hash) = lookup_form(element)?;
    set_discard_hashed(set, element, hash)
}

fn set_discard_hashed(set: AnySet, element: Value, hash: i64) -> R<bool> {
    if set.is_empty() {
        return Ok(false);
    }
    let (_held, table, place) = locate(set, element, hash)?;
    match place {
        Place::At(place) => {
            table.delete(place);
            Ok(true)
        }
        Place::Free(_) => Ok(false),
    }
}

/// `set.remove(element)`
pub fn set_remove(set: AnySet, element: Value) -> R<()> {
    if set_discard(set, element)? { Ok(()) } else { Err(key_error(element)) }
}

/// `set.pop()`
pub fn set_pop(set: AnySet) -> R {
    let _held = guard(set);
    match set.table().and_then(SetTable::pop) {
        Some(element) => Ok(element),
        None => Err(key_error(Str::new("pop from an empty set").value())),
    }
}

/// `set.clear()`
pub fn set_clear(set: AnySet) {
    let _held = guard(set);
    set.publish(None);
}

// ---- many elements ----

/// Adds the elements of another set, at one go as far as no comparison needs Python code.
fn merge(set: AnySet, other: AnySet) -> R<()> {
    if set == other || other.is_empty() {
        return Ok(());
    }
    let (source, mut position) = {
        let _held = guard_two(set, other);
        let Some(source) = other.table() else { return Ok(()) };
        if set.table().is_none() {
            set.publish(Some(source.copied().ok_or_else(memory_error)?));
            return Ok(());
        }
        let table = make_room(set, source.used())?;
        if table.filled() == 0 {
            source.copy_into_clean(table);
            return Ok(());
        }
        match insert_quick(table, source) {
            None => return Ok(()),
            Some(position) => (source, position),
        }
    };
    while let Some((next, element, hash)) = source.next_live(position) {
        position = next;
        set_add_hashed(set, element, hash)?;
    }
    Ok(())
}

/// Inserts the keys of a locked table into another that has room for them. The position of the first that needs Python code.
fn insert_quick(table: &SetTable, source: &SetTable) -> Option<usize> {
    let mut position = 0;
    while let Some((next, element, hash)) = source.next_live(position) {
        if !table.is_at_home(element, hash) {
            match find_quick(table, element, hash) {
                Found::At(_) => {}
                Found::Absent(place) => table.insert(place, element, hash),
                Found::NeedsPython => return Some(position),
            }
        }
        position = next;
    }
    None
}

/// Makes room for `more` elements.
fn reserve(set: AnySet, more: usize) -> R<()> {
    let _held = guard(set);
    make_room(set, more).map(|_| ())
}

/// The table with room for `more` elements. The set is locked.
fn make_room(set: AnySet, more: usize) -> R<&'static SetTable> {
    let table = match set.table() {
        Some(table) => table,
        None => first_table(set)?,
    };
    if !table.is_crowded_with(more) {
        return Ok(table);
    }
    let roomy = table.rebuild((table.used() + more) * 2).ok_or_else(memory_error)?;
    set.publish(Some(roomy));
    Ok(roomy)
}

/// `set.update(iterable)`
pub fn set_update(set: AnySet, iterable: Value) -> R<()> {
    if let Some(other) = as_any_set(iterable) {
        return merge(set, other);
    }
    if let Some(dict) = iterable.cast_exact::<Dict>() {
        let table = dict.table();
        reserve(set, table.used())?;
        let mut position = 0;
        while let Some((next, key, _, hash)) = table.next_live(position) {
            position = next;
            set_add_hashed(set, key, hash)?;
        }
        return Ok(());
    }
    let done = match iterable.cast_exact::<Tuple>() {
        Some(tuple) => add_plain(set, tuple.items().iter().copied())?,
        None => match iterable.cast_exact::<List>() {
            Some(list) if !heap::is_multithreaded() => add_plain(set, list.values().iter().copied())?,
            _ => match iterable.cast_exact::<Str>().map(|text| text.text()) {
                Some(Text::One(characters)) => {
                    // The characters exist before the lock is taken.
                    for character in characters {
                        Str::from_char((*character).into());
                    }
                    add_plain(set, characters.iter().map(|character| Str::from_char((*character).into()).value()))?;
                    return Ok(());
                }
                _ => return protocol::iterate(iterable, |element| set_add(set, element).map(|_| ())),
            },
        },
    };
    // What is left wants Python code, which may change the list.
    let mut position = done;
    while let Some(element) = item_at(iterable, position) {
        position += 1;
        set_add(set, element)?;
    }
    Ok(())
}

/// The item of an exact tuple or list at a position, as it is now.
fn item_at(sequence: Value, position: usize) -> Option<Value> {
    match sequence.cast_exact::<Tuple>() {
        Some(tuple) => tuple.items().get(position).copied(),
        None => sequence.cast_exact::<List>()?.get(position),
    }
}

/// Adds ints and strings at one go, up to the first value that takes more than that. How many it took.
fn add_plain(set: AnySet, values: impl ExactSizeIterator<Item = Value>) -> R<usize> {
    let _held = guard(set);
    let count = values.len();
    let mut table = match set.table() {
        Some(table) => table,
        None if count == 0 => return Ok(0),
        None => first_table(set)?,
    };
    for (number, element) in values.enumerate() {
        let Some(hash) = plain_hash(element) else { return Ok(number) };
        match find_quick(table, element, hash) {
            Found::At(_) => {}
            Found::Absent(place) => {
                table.insert(place, element, hash);
                if table.is_crowded_with(0) {
                    grow(set, table)?;
                    match set.table() {
                        Some(grown) => table = grown,
                        None => return Ok(number + 1),
                    }
                }
            }
            Found::NeedsPython => return Ok(number),
        }
    }
    Ok(count)
}

/// A set of the same basic kind with the same elements; a plain frozenset is its own copy.
pub fn set_copy(set: AnySet) -> R<AnySet> {
    if set.value().cast_exact::<FrozenSet>().is_some() {
        return Ok(set);
    }
    same_kind_from(set, set.value())
}

/// A copy that is sure to be a new object.
pub fn set_plain_copy(set: AnySet) -> R<AnySet> {
    same_kind_from(set, set.value())
}

/// `set | other`, `set.union(other)` for one other.
pub fn set_union(set: AnySet, other: Value) -> R<AnySet> {
    let result = set_plain_copy(set)?;
    if set.value() != other {
        set_update(result, other)?;
    }
    Ok(result)
}

/// `set & other`
pub fn set_intersection(set: AnySet, other: Value) -> R<AnySet> {
    let result = same_kind_empty(set);
    if let Some(other) = as_any_set(other) {
        if set == other {
            return set_copy(set);
        }
        let (small, large) = if other.len() > set.len() { (set, other) } else { (other, set) };
        let mut position = 0;
        while let Some((next, element, hash)) = small.next_live(position) {
            position = next;
            if set_has(large, element, hash)? {
                add_to_fresh(result, element, hash)?;
            }
        }
        return Ok(result);
    }
    protocol::iterate(other, |element| {
        let hash = element_hash(element)?;
        if set_has(set, element, hash)? {
            set_add_hashed(result, element, hash)?;
        }
        Ok(())
    })?;
    Ok(result)
}

/// `set &= other`
pub fn set_intersection_update(set: AnySet, other: Value) -> R<()> {
    let result = set_intersection(set, other)?;
    adopt(set, result);
    Ok(())
}

/// Gives `set` the elements of `result`, which nobody else needs.
fn adopt(set: AnySet, result: AnySet) {
    let _held = guard(set);
    set.publish(result.table());
}

/// `set.intersection(*others)`
pub fn set_intersection_many(set: AnySet, others: &[Value]) -> R<AnySet> {
    let mut result = match others {
        [] => return set_copy(set),
        [first, ..] => set_intersection(set, *first)?,
    };
    for other in &others[1..] {
        result = set_intersection(result, *other)?;
    }
    Ok(result)
}

pub fn set_intersection_update_many(set: AnySet, others: &[Value]) -> R<()> {
    if others.is_empty() {
        return Ok(());
    }
    adopt(set, set_intersection_many(set, others)?);
    Ok(())
}

/// `set -= other`
pub fn set_difference_update(set: AnySet, other: Value) -> R<()> {
    if set.value() == other {
        set_clear(set);
        return Ok(());
    }
    if let Some(other) = as_any_set(other) {
        let mut position = 0;
        while let Some((next, element, hash)) = other.next_live(position) {
            position = next;
            set_discard_hashed(set, element, hash)?;
        }
        return Ok(());
    }
    protocol::iterate(other, |element| {
        let hash = element_hash(element)?;
        set_discard_hashed(set, element, hash).map(|_| ())
    })
}

/// `set - other`
pub fn set_difference(set: AnySet, other: Value) -> R<AnySet> {
    if let Some(other) = as_any_set(other) {
        if set.len() >> 2 > other.len() {
            return copy_and_difference(set, other.value());
        }
        return elements_not_in(set, |element, hash| set_has(other, element, hash));
    }
    if let Some(dict) = other.cast_exact::<Dict>() {
        return elements_not_in(set, |element, hash| Ok(crate::dict::dict_get_hashed(dict, element, hash)?.is_some()));
    }
    copy_and_difference(set, other)
}

#[inline(always)]
fn elements_not_in(set: AnySet, lookup: impl Fn(Value, i64) -> R<bool>) -> R<AnySet> {
    let result = same_kind_empty(set);
    let mut position = 0;
    while let Some((next, element, hash)) = set.next_live(position) {
        position = next;
        if !lookup(element, hash)? {
            add_to_fresh(result, element, hash)?;
        }
    }
    Ok(result)
}

fn copy_and_difference(set: AnySet, other: Value) -> R<AnySet> {
    let result = same_kind_from(set, set.value())?;
    set_difference_update(result, other)?;
    Ok(result)
}

/// `set.difference(*others)`
pub fn set_difference_many(set: AnySet, others: &[Value]) -> R<AnySet> {
    let [first, rest @ ..] = others else { return set_copy(set) };
    let result = set_difference(set, *first)?;
    for other in rest {
        set_difference_update(result, *other)?;
    }
    Ok(result)
}

/// `set ^= other`
pub fn set_symmetric_difference_update(set: AnySet, other: Value) -> R<()> {
    if set.value() == other {
        set_clear(set);
        return Ok(());
    }
    let other = match as_any_set(other) {
        Some(other) => other,
        None => same_kind_from(set, other)?,
    };
    let mut position = 0;
    while let Some((next, element, hash)) = other.next_live(position) {
        position = next;
        toggle(set, element, hash)?;
    }
    Ok(())
}

fn toggle(set: AnySet, element: Value, hash: i64) -> R<()> {
    let (_held, table, place) = locate(set, element, hash)?;
    match place {
        Place::At(place) => table.delete(place),
        Place::Free(place) => {
            table.insert(place, element, hash);
            after_insert(set, table)?;
        }
    }
    Ok(())
}

/// `set ^ other`
pub fn set_symmetric_difference(set: AnySet, other: Value) -> R<AnySet> {
    let result = same_kind_from(set, other)?;
    set_symmetric_difference_update(result, set.value())?;
    Ok(result)
}

// ---- relations ----

/// `set.isdisjoint(other)`
pub fn set_is_disjoint(set: AnySet, other: Value) -> R<bool> {
    if let Some(other) = as_any_set(other) {
        if set == other {
            return Ok(set.is_empty());
        }
        let (small, large) = if other.len() > set.len() { (set, other) } else { (other, set) };
        let mut position = 0;
        while let Some((next, element, hash)) = small.next_live(position) {
            position = next;
            if set_has(large, element, hash)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let iterator = protocol::iter(other)?;
    while let Some(element) = protocol::next(iterator)? {
        let hash = element_hash(element)?;
        if set_has(set, element, hash)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `set <= other`, `set.issubset(other)`
pub fn set_is_subset(set: AnySet, other: Value) -> R<bool> {
    let Some(other) = as_any_set(other) else {
        let common = set_intersection(set, other)?;
        return Ok(common.len() == set.len());
    };
    if set.len() > other.len() {
        return Ok(false);
    }
    if set == other {
        return Ok(true);
    }
    let mut position = 0;
    while let Some((next, element, hash)) = set.next_live(position) {
        position = next;
        crate::containers::poll_at(position)?;
        if !set_has(other, element, hash)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `set >= other`, `set.issuperset(other)`
pub fn set_is_superset(set: AnySet, other: Value) -> R<bool> {
    if let Some(other) = as_any_set(other) {
        return set_is_subset(other, set.value());
    }
    let iterator = protocol::iter(other)?;
    while let Some(element) = protocol::next(iterator)? {
        if !set_contains(set, element)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `set == other`
pub fn set_equal(set: AnySet, other: AnySet) -> R<bool> {
    if set == other {
        return Ok(true);
    }
    let (a, b) = (set.hash.load(Ordering::Relaxed), other.hash.load(Ordering::Relaxed));
    if set.len() != other.len() || (a != 0 && b != 0 && a != b) {
        return Ok(false);
    }
    set_is_subset(set, other.value())
}

/// `hash(frozenset)`
pub fn set_hash(set: AnySet) -> i64 {
    let known = set.hash.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    let mut hasher = SetHasher::new();
    let mut position = 0;
    while let Some((next, _, hash)) = set.next_live(position) {
        position = next;
        hasher.add(hash);
    }
    let hash = hasher.finish();
    set.hash.store(hash, Ordering::Relaxed);
    hash
}

/// A list of the elements.
pub fn set_elements(set: AnySet) -> Gc<list::List> {
    let _held = guard(set);
    let elements = list::list_with_room(set.len());
    let mut position = 0;
    while let Some((next, element, _)) = set.next_live(position) {
        position = next;
        list::list_push(elements, element);
    }
    elements
}

/// `repr(set)`
pub fn set_repr(set: AnySet) -> R<Gc<Str>> {
    let class = class_of(set.value());
    let name = class.name_text();
    if set.is_empty() {
        return Ok(Str::new(&format!("{name}()")));
    }
    let Some(_scope) = ReprScope::enter(set.value()) else { return Ok(Str::new(&format!("{name}(...)"))) };
    let elements = set_elements(set);
    let plain = class == Set::class();
    let mut text = TextBuilder::new();
    if !plain {
        text.push_str(&name);
        text.push_str("(");
    }
    text.push_str("{");
    let mut position = 0;
    while let Some(element) = elements.get(position) {
        if position > 0 {
            text.push_str(", ");
        }
        text.push_repr(element)?;
        crate::containers::poll_at(position)?;
        position += 1;
    }
    text.push_str(if plain { "}" } else { "})" });
    Ok(text.finish())
}
