//! `tuple`: immutable, items inline in the object. Operations on a checked receiver.

use crate::class::Class;
use crate::containers::{ITEMS_BETWEEN_POLLS, ReprScope, TextBuilder, poll_at, quick_hash, same_or_equal};
use crate::error::{R, index_error, memory_error};
use crate::layout::{Cast, ClassCell, Gc, Layout, LayoutDesc};
use crate::list::{self, List};
use crate::slice::Bounds;
use crate::str::Str;
use base::hash::TupleHasher;
use heap::{Header, Slot, Tracer, Value};
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

#[repr(C)]
pub struct Tuple {
    pub header: Header,
    len: usize,
}

const ITEMS_OFFSET: usize = std::mem::size_of::<Tuple>();

unsafe fn trace_tuple(object: *mut Header, tracer: &mut Tracer) {
    let tuple = &*(object as *const Tuple);
    tracer.words(tuple.items_ptr() as *const u64, tuple.len);
}
unsafe fn tuple_tail_end(object: *mut Header) -> usize {
    ITEMS_OFFSET + (*(object as *const Tuple)).len * 8
}

static TUPLE_LAYOUT: LayoutDesc = LayoutDesc {
    name: "tuple",
    size: ITEMS_OFFSET,
    parent: None,
    trace: trace_tuple,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: Some(tuple_tail_end),
    class: ClassCell::new(),
};
// SAFETY: repr(C), header first, items traced above.
unsafe impl Layout for Tuple {
    const DESC: &'static LayoutDesc = &TUPLE_LAYOUT;
}

impl Tuple {
    #[inline(always)]
    fn items_ptr(&self) -> *mut Slot {
        // SAFETY: the items follow the fixed part.
        unsafe { (self as *const Tuple as *mut u8).add(ITEMS_OFFSET).cast() }
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// The items; immutable, and alive as long as a pointer to the tuple or into it is on the caller's stack.
    #[inline(always)]
    pub fn items(&self) -> &'static [Value] {
        // SAFETY: every tuple is filled with values before anybody else sees it; a slot's word of a value is a Value.
        unsafe { std::slice::from_raw_parts(self.items_ptr() as *const Value, self.len) }
    }
    #[inline(always)]
    pub fn get(&self, position: usize) -> Option<Value> {
        self.items().get(position).copied()
    }
}

/// Plain tuples of so many items have a word behind them that keeps the hash; short ones are hashed as fast as it is read.
const KEEPS_HASH: usize = 8;

#[inline(always)]
fn hash_room(len: usize) -> usize {
    if len >= KEEPS_HASH { 8 } else { 0 }
}

/// Where a tuple keeps its hash, 0 until it is computed.
fn kept_hash(tuple: &Tuple) -> Option<&AtomicI64> {
    if tuple.len < KEEPS_HASH || tuple.header.shape() != Tuple::class().root_shape.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: all plain tuples of this length are allocated with this word, zeroed.
    Some(unsafe { &*tuple.items_ptr().add(tuple.len).cast::<AtomicI64>() })
}

// ---- making ----

/// An uninitialised tuple, filled with None, of a plain or derived class; None when memory is short.
fn try_alloc(class: Gc<Class>, len: usize) -> Option<Gc<Tuple>> {
    let extra = if class == Tuple::class() { hash_room(len) } else { crate::extension::tail_extra(class, 8) };
    let size = len.checked_mul(8)?.checked_add(ITEMS_OFFSET + extra)?;
    let tuple = heap::try_alloc(size, class.root_shape())? as *mut Tuple;
    // SAFETY: a fresh zeroed cell.
    unsafe {
        (*tuple).len = len;
        crate::extension::register_tailed(tuple.cast(), class);
        Some(Gc::from_ptr(tuple))
    }
}

/// A tuple of `class` (`tuple` or a subclass) with the items.
pub fn tuple_alloc(class: Gc<Class>, items: &[Value]) -> Gc<Tuple> {
    match try_alloc(class, items.len()) {
        Some(tuple) => {
            fill(tuple, list::values_as_slots(items));
            tuple
        }
        None => heap::out_of_memory(),
    }
}

/// Writes the items of a tuple that nobody else knows; gaps left by racing deletions become None.
#[inline(always)]
fn fill(tuple: Gc<Tuple>, items: &[Slot]) {
    let target = tuple.items_ptr();
    for (number, item) in items.iter().enumerate() {
        // SAFETY: the tuple has as many places.
        unsafe { (*target.add(number)).set(item.get().unwrap_or(Value::none())) };
    }
}

static EMPTY: AtomicPtr<Tuple> = AtomicPtr::new(std::ptr::null_mut());

/// `()`
#[inline]
pub fn empty_tuple() -> Gc<Tuple> {
    let empty = EMPTY.load(Ordering::Acquire);
    // SAFETY: a root once stored.
    if empty.is_null() { make_empty() } else { unsafe { Gc::from_ptr(empty) } }
}

#[cold]
fn make_empty() -> Gc<Tuple> {
    let fresh = tuple_alloc(Tuple::class(), &[]);
    match EMPTY.compare_exchange(std::ptr::null_mut(), fresh.as_ptr(), Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            heap::register_root_callback(|tracer, _| tracer.pointer(EMPTY.load(Ordering::Relaxed).cast()), std::ptr::null_mut());
            fresh
        }
        // SAFETY: as above.
        Err(earlier) => unsafe { Gc::from_ptr(earlier) },
    }
}

/// A tuple of the items.
#[inline]
pub fn new_tuple(items: &[Value]) -> Gc<Tuple> {
    if items.is_empty() {
        return empty_tuple();
    }
    let shape = Tuple::class().root_shape.load(Ordering::Relaxed);
    let tuple = heap::alloc(std::mem::size_of_val(items) + ITEMS_OFFSET + hash_room(items.len()), shape) as *mut Tuple;
    // SAFETY: a fresh cell with room for the items, which nobody else knows.
    unsafe {
        (*tuple).len = items.len();
        let target = (*tuple).items_ptr();
        for (number, item) in items.iter().enumerate() {
            (*target.add(number)).set(*item);
        }
        Gc::from_ptr(tuple)
    }
}

/// A tuple whose `count` items (at least one) are written at once by who made it: it must not be seen, and no safepoint reached, before.
pub fn blank_tuple(count: usize) -> (Gc<Tuple>, &'static [Slot]) {
    let shape = Tuple::class().root_shape.load(Ordering::Relaxed);
    let tuple = heap::alloc(count * 8 + ITEMS_OFFSET + hash_room(count), shape) as *mut Tuple;
    // SAFETY: a fresh zeroed cell with room for the items; the zeros are empty slots.
    unsafe {
        (*tuple).len = count;
        let tuple = Gc::from_ptr(tuple);
        (tuple, std::slice::from_raw_parts(tuple.items_ptr(), count))
    }
}

/// A tuple of slots that may be emptied by other threads meanwhile.
pub fn tuple_from_slots(items: &[Slot]) -> Gc<Tuple> {
    if items.is_empty() {
        return empty_tuple();
    }
    let (tuple, _) = blank_tuple(items.len());
    fill(tuple, items);
    tuple
}

/// `tuple(iterable)`
pub fn tuple_from_iterable(iterable: Value) -> R<Gc<Tuple>> {
    if let Some(tuple) = iterable.cast_exact::<Tuple>() {
        return Ok(tuple);
    }
    if let Some(items) = iterable.cast_exact::<List>() {
        return Ok(list::list_to_tuple(items));
    }
    // The list keeps the items alive while they are collected.
    Ok(list::list_to_tuple(list::list_from_iterable(iterable)?))
}

// ---- operations ----

/// `tuple[index]`, or IndexError.
#[inline(always)]
pub fn tuple_get_item(tuple: Gc<Tuple>, index: i64) -> R {
    match list::resolve_index(index, tuple.len()) {
        Some(position) => Ok(tuple.items()[position]),
        None => Err(index_error!("tuple index out of range")),
    }
}

/// `tuple[slice]`; a plain tuple that is taken whole is returned itself.
pub fn tuple_slice(tuple: Gc<Tuple>, bounds: Bounds) -> R<Gc<Tuple>> {
    let items = tuple.items();
    let run = bounds.adjust(items.len());
    if run.count == 0 {
        return Ok(empty_tuple());
    }
    if run.step == 1 {
        if run.count == items.len() && tuple.value().cast_exact::<Tuple>().is_some() {
            return Ok(tuple);
        }
        return Ok(new_tuple(&items[run.start as usize..run.start as usize + run.count]));
    }
    let result = try_alloc(Tuple::class(), run.count).ok_or_else(memory_error)?;
    for (number, position) in run.positions().enumerate() {
        // SAFETY: the result has `count` places.
        unsafe { (*result.items_ptr().add(number)).set(items[position]) };
    }
    Ok(result)
}

/// `a + b`
pub fn tuple_concat(a: Gc<Tuple>, b: Gc<Tuple>) -> R<Gc<Tuple>> {
    if b.is_empty() && a.value().cast_exact::<Tuple>().is_some() {
        return Ok(a);
    }
    if a.is_empty() && b.value().cast_exact::<Tuple>().is_some() {
        return Ok(b);
    }
    if a.is_empty() && b.is_empty() {
        return Ok(empty_tuple());
    }
    let result = try_alloc(Tuple::class(), a.len() + b.len()).ok_or_else(memory_error)?;
    for (number, item) in a.items().iter().chain(b.items()).enumerate() {
        // SAFETY: the result has room for both.
        unsafe { (*result.items_ptr().add(number)).set(*item) };
    }
    Ok(result)
}

/// `tuple * count`
pub fn tuple_repeat(tuple: Gc<Tuple>, count: i64) -> R<Gc<Tuple>> {
    let count = count.max(0) as usize;
    if (count == 1 || tuple.is_empty()) && tuple.value().cast_exact::<Tuple>().is_some() {
        return Ok(tuple);
    }
    let total = tuple.len().checked_mul(count).filter(|total| *total <= list::MAX_LEN).ok_or_else(memory_error)?;
    if total == 0 {
        return Ok(empty_tuple());
    }
    let result = try_alloc(Tuple::class(), total).ok_or_else(memory_error)?;
    for (number, item) in tuple.items().iter().cycle().take(total).enumerate() {
        // SAFETY: the result has `total` places.
        unsafe { (*result.items_ptr().add(number)).set(*item) };
    }
    Ok(result)
}

/// `hash(tuple)`
pub fn tuple_hash(tuple: Gc<Tuple>) -> R<i64> {
    let kept = kept_hash(&tuple);
    if let Some(hash) = kept.map(|kept| kept.load(Ordering::Relaxed)).filter(|hash| *hash != 0) {
        return Ok(hash);
    }
    let mut hasher = TupleHasher::new();
    let items = tuple.items();
    for (position, item) in items.iter().enumerate() {
        if item.is_int() {
            let number = item.as_int();
            hasher.add(if number == -1 { -2 } else { number });
        } else if let Some(text) = item.cast_exact::<Str>() {
            hasher.add(text.hash());
        } else {
            // Only what is not plain can recurse.
            let _depth = crate::thread::enter_recursion()?;
            for item in &items[position..] {
                hasher.add(quick_hash(*item)?);
            }
            break;
        }
    }
    let hash = hasher.finish();
    if let Some(kept) = kept {
        kept.store(hash, Ordering::Relaxed);
    }
    Ok(hash)
}

/// `value in tuple`
pub fn tuple_contains(tuple: Gc<Tuple>, value: Value) -> R<bool> {
    for (position, item) in tuple.items().iter().enumerate() {
        if same_or_equal(*item, value)? {
            return Ok(true);
        }
        poll_at(position)?;
    }
    Ok(false)
}

/// The first position of `value` within `start..stop` (negative from the end).
pub fn tuple_index_of(tuple: Gc<Tuple>, value: Value, start: i64, stop: i64) -> R<Option<usize>> {
    let run = Bounds { start, stop, step: 1 }.adjust(tuple.len());
    for position in run.positions() {
        if same_or_equal(tuple.items()[position], value)? {
            return Ok(Some(position));
        }
        poll_at(position)?;
    }
    Ok(None)
}

/// `tuple.count(value)`
pub fn tuple_count(tuple: Gc<Tuple>, value: Value) -> R<usize> {
    let mut count = 0;
    for (position, item) in tuple.items().iter().enumerate() {
        count += same_or_equal(*item, value)? as usize;
        poll_at(position)?;
    }
    Ok(count)
}

/// `a == b` of two tuples.
pub fn tuple_equal(a: Gc<Tuple>, b: Gc<Tuple>) -> R<bool> {
    if a == b {
        // Identity of the items decides, and they are identical.
        return Ok(true);
    }
    if a.len() != b.len() {
        return Ok(false);
    }
    if a.len() < ITEMS_BETWEEN_POLLS
        && let Some(answer) = crate::containers::quick_equal(a.value(), b.value())
    {
        return Ok(answer);
    }
    let _depth = crate::thread::enter_recursion()?;
    for (position, (left, right)) in a.items().iter().zip(b.items()).enumerate() {
        if !same_or_equal(*left, *right)? {
            return Ok(false);
        }
        poll_at(position)?;
    }
    Ok(true)
}

/// The first pair of items that differ, or None and then the lengths decide.
pub fn tuple_first_difference(a: Gc<Tuple>, b: Gc<Tuple>) -> R<Option<(Value, Value)>> {
    let _depth = crate::thread::enter_recursion()?;
    for (position, (left, right)) in a.items().iter().zip(b.items()).enumerate() {
        if !same_or_equal(*left, *right)? {
            return Ok(Some((*left, *right)));
        }
        poll_at(position)?;
    }
    Ok(None)
}

/// `repr(tuple)`
pub fn tuple_repr(tuple: Gc<Tuple>) -> R<Gc<Str>> {
    if tuple.is_empty() {
        return Ok(Str::new("()"));
    }
    let Some(_scope) = ReprScope::enter(tuple.value()) else { return Ok(Str::new("(...)")) };
    let mut text = TextBuilder::new();
    text.push_str("(");
    for (position, item) in tuple.items().iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        text.push_repr(*item)?;
        poll_at(position)?;
    }
    text.push_str(if tuple.len() == 1 { ",)" } else { ")" });
    Ok(text.finish())
}
