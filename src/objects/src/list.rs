//! `list`: the operations on a checked receiver. Each is atomic towards other threads; none runs Python code under the lock.
//!
//! A list points at a buffer that knows its own length, so one pointer load gives a reader a consistent pair. Readers never
//! lock; a reader that raced a deletion may find an empty slot and treats it as past the end. Writers hold the byte lock and edit in
//! place, keeping every slot below the length valid at each moment and emptying those that fall out; growing extends a large buffer where it
//! is, or publishes a new one.
//! Buffers are allocated under the lock: allocation may collect, but never runs Python code.

use crate::class::Class;
use crate::containers::{
    CellPtr, ITEMS_BETWEEN_POLLS, ReprScope, TextBuilder, guard, plain_layout, poll_at, same_or_equal, single_threaded,
};
use crate::error::{R, index_error, memory_error, value_error};
use crate::gc_vec::GcVec;
use crate::layout::{Cast, Gc, Layout, alloc_instance};
use crate::protocol;
use crate::slice::{Bounds, Run};
use crate::str::Str;
use crate::tuple::Tuple;
use heap::{Header, Slot, Value, ValuesBuffer};

#[repr(C)]
pub struct List {
    pub header: Header,
    /// Null while nothing was ever stored.
    buffer: CellPtr<ValuesBuffer>,
}
plain_layout!(List, "list", [buffer]);

/// No list is longer: its bytes must be countable.
pub const MAX_LEN: usize = (isize::MAX as usize) / 8;

impl List {
    #[inline(always)]
    fn buffer(&self) -> Option<&'static ValuesBuffer> {
        // SAFETY: buffers are heap cells; whoever holds the reference on its stack keeps the cell alive.
        unsafe { self.buffer.get().as_ref() }
    }
    #[inline(always)]
    pub(crate) fn has_buffer(&self, buffer: *mut ValuesBuffer) -> bool {
        self.buffer.get() == buffer
    }
    #[inline(always)]
    pub(crate) fn publish(&self, buffer: *mut ValuesBuffer) {
        self.buffer.set(buffer);
    }
    #[inline(always)]
    pub(crate) fn raw_buffer(&self) -> *mut ValuesBuffer {
        self.buffer.get()
    }
    /// `len(self)`
    #[inline(always)]
    pub fn len(&self) -> usize {
        match self.buffer() {
            Some(buffer) => buffer.len(),
            None => 0,
        }
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The item at a position, or None past the end.
    #[inline(always)]
    pub fn get(&self, position: usize) -> Option<Value> {
        let buffer = self.buffer()?;
        if position >= buffer.len() {
            return None;
        }
        slot_of(buffer, position).get()
    }
    /// The items, for as long as nothing can change the list: no other thread, no Python code.
    #[inline]
    pub fn values(&self) -> &'static [Value] {
        let slots = self.slots();
        // SAFETY: with one thread every slot in use holds a value, and a slot's word of a value is a Value.
        unsafe { std::slice::from_raw_parts(slots.as_ptr().cast(), slots.len()) }
    }
    /// The slots in use at this moment. Other threads may empty some of them meanwhile.
    #[inline(always)]
    pub fn slots(&self) -> &'static [Slot] {
        match self.buffer() {
            Some(buffer) => buffer.items(),
            None => &[],
        }
    }
}

#[inline(always)]
fn slot_of(buffer: &'static ValuesBuffer, position: usize) -> &'static Slot {
    debug_assert!(position < buffer.capacity());
    // SAFETY: lengths never exceed the capacity.
    unsafe { buffer.slots().get_unchecked(position) }
}

/// Copies `count` words between slots of live buffers, which may overlap.
pub(crate) fn move_slots(from: *const Slot, to: *const Slot, count: usize) {
    // SAFETY: callers pass ranges inside their buffers; with more than one thread each word is copied whole, in the order that
    // overlapping asks for.
    unsafe {
        if single_threaded() {
            std::ptr::copy(from as *const u64, to as *mut u64, count);
        } else if (to as usize) <= (from as usize) {
            for number in 0..count {
                (*to.add(number)).set_opt((*from.add(number)).get());
            }
        } else {
            for number in (0..count).rev() {
                (*to.add(number)).set_opt((*from.add(number)).get());
            }
        }
    }
}

fn clear_slots(buffer: &'static ValuesBuffer, from: usize, to: usize) {
    for slot in &buffer.slots()[from..to] {
        slot.clear();
    }
}

fn allocate(capacity: usize) -> R<&'static ValuesBuffer> {
    if capacity > MAX_LEN {
        return Err(memory_error());
    }
    // SAFETY: a fresh cell.
    heap::try_values_buffer(capacity).map(|buffer| unsafe { &*buffer }).ok_or_else(memory_error)
}

fn allocate_growing(capacity: usize) -> R<&'static ValuesBuffer> {
    if capacity > MAX_LEN {
        return Err(memory_error());
    }
    // SAFETY: a fresh cell.
    heap::try_growing_buffer(capacity).map(|buffer| unsafe { &*buffer }).ok_or_else(memory_error)
}

/// The capacity of a new buffer that must hold `needed`: old buffers are garbage, so growth is generous.
fn grown_capacity(needed: usize) -> usize {
    let extra = if needed < 1 << 16 { needed } else { needed / 2 };
    needed.saturating_add(extra).max(4).min(MAX_LEN.max(needed))
}

/// Enlarges a large buffer without a copy, which is cheap, so little is done ahead. False if there is no room behind it. The list is locked.
#[inline]
fn grow_in_place(buffer: &'static ValuesBuffer, needed: usize) -> bool {
    // SAFETY: the caller's list keeps the buffer, and its lock keeps others from growing it.
    needed <= MAX_LEN && unsafe { heap::extend_values_buffer(std::ptr::from_ref(buffer).cast_mut(), needed, needed + needed / 8) }
}

// ---- making ----

/// An empty instance of `class`, which is `list` or a subclass.
#[inline]
pub fn list_alloc(class: Gc<Class>) -> Gc<List> {
    // SAFETY: the class's layout extends List; zeroed memory is an empty list.
    unsafe { Gc::from_ptr(alloc_instance(class).cast()) }
}

/// An empty list with room for `capacity` items.
pub fn list_with_capacity(capacity: usize) -> R<Gc<List>> {
    let list = list_alloc(List::class());
    if capacity > 0 {
        list.publish(allocate(capacity)? as *const ValuesBuffer as *mut ValuesBuffer);
    }
    Ok(list)
}

/// An empty list with room for items that exist already elsewhere; out of memory unwinds.
pub fn list_with_room(capacity: usize) -> Gc<List> {
    let list = list_alloc(List::class());
    if capacity > 0 {
        list.publish(heap::values_buffer(capacity));
    }
    list
}

/// A list of the items.
pub fn list_from_slice(items: &[Value]) -> Gc<List> {
    let list = list_alloc(List::class());
    if !items.is_empty() {
        let buffer = heap::values_buffer(items.len());
        // SAFETY: a fresh cell with room for the items.
        unsafe {
            move_slots(items.as_ptr().cast(), (*buffer).slots().as_ptr(), items.len());
            (*buffer).set_len(items.len());
        }
        list.publish(buffer);
    }
    list
}

/// A list of the items.
#[inline]
pub fn new_list(items: &[Value]) -> Gc<List> {
    list_from_slice(items)
}

/// A list that takes the vector's memory over. Filling a vector needs no lock.
pub fn list_of(items: GcVec) -> Gc<List> {
    let list = list_alloc(List::class());
    list.publish(items.into_buffer());
    list
}

/// A list of what the iterator gives.
pub fn list_from_iter(items: impl IntoIterator<Item = Value>) -> Gc<List> {
    list_of(items.into_iter().collect())
}

/// `list(iterable)`
pub fn list_from_iterable(iterable: Value) -> R<Gc<List>> {
    let list = list_alloc(List::class());
    list_extend(list, iterable)?;
    Ok(list)
}

// ---- reading ----

/// The position that an index means, or None if out of range.
#[inline(always)]
pub fn resolve_index(index: i64, len: usize) -> Option<usize> {
    let position = if index < 0 { index + len as i64 } else { index };
    if position >= 0 && (position as u64) < len as u64 { Some(position as usize) } else { None }
}

/// `list[index]`
#[inline(always)]
pub fn list_get(list: Gc<List>, index: i64) -> Option<Value> {
    let buffer = list.buffer()?;
    let position = resolve_index(index, buffer.len())?;
    slot_of(buffer, position).get()
}

/// `list[index]`, or IndexError.
#[inline(always)]
pub fn list_get_item(list: Gc<List>, index: i64) -> R {
    match list_get(list, index) {
        Some(value) => Ok(value),
        None => Err(out_of_range()),
    }
}

#[cold]
fn out_of_range() -> crate::error::Raised {
    index_error!("list index out of range")
}

/// The items at this moment. The vector is no root: use it before the next allocation, or keep the list as it is.
pub fn list_snapshot(list: Gc<List>) -> GcVec {
    list.slots().iter().filter_map(Slot::get).collect()
}

/// A tuple of the items.
pub fn list_to_tuple(list: Gc<List>) -> Gc<Tuple> {
    let _held = guard(list);
    crate::tuple::tuple_from_slots(list.slots())
}

/// `list[slice]`
pub fn list_slice(list: Gc<List>, bounds: Bounds) -> R<Gc<List>> {
    let _held = guard(list);
    let slots = list.slots();
    let run = bounds.adjust(slots.len());
    let result = list_with_capacity(run.count)?;
    let Some(buffer) = result.buffer() else { return Ok(result) };
    if run.step == 1 {
        move_slots(slots[run.start as usize..].as_ptr(), buffer.slots().as_ptr(), run.count);
    } else {
        let mut position = run.start;
        for target in 0..run.count {
            // SAFETY: a run lies within the length that it was made for.
            slot_of(buffer, target).set_opt(unsafe { slots.get_unchecked(position as usize) }.get());
            position = position.wrapping_add(run.step);
        }
    }
    buffer.set_len(run.count);
    Ok(result)
}

/// `list.copy()`
pub fn list_copy(list: Gc<List>) -> R<Gc<List>> {
    list_slice(list, Bounds { start: 0, stop: i64::MAX, step: 1 })
}

// ---- writing items ----

/// `list[index] = value`; false if the index is out of range.
#[inline(always)]
pub fn list_set(list: Gc<List>, index: i64, value: Value) -> bool {
    let _held = guard(list);
    let Some(buffer) = list.buffer() else { return false };
    match resolve_index(index, buffer.len()) {
        Some(position) => {
            slot_of(buffer, position).set(value);
            true
        }
        None => false,
    }
}

/// `list[index] = value` if no other thread holds the list's lock and the index is in range; else false, nothing done.
#[inline(always)]
pub fn list_set_quick(list: &List, index: i64, value: Value) -> bool {
    let Some(_held) = heap::try_lock(&list.header) else { return false };
    let Some(buffer) = list.buffer() else { return false };
    let Some(position) = resolve_index(index, buffer.len()) else { return false };
    slot_of(buffer, position).set(value);
    true
}

/// `list[index] = value`, or IndexError.
#[inline(always)]
pub fn list_set_item(list: Gc<List>, index: i64, value: Value) -> R<()> {
    if list_set(list, index, value) { Ok(()) } else { Err(index_error!("list assignment index out of range")) }
}

/// `list.append(value)`
#[inline(always)]
pub fn list_append(list: Gc<List>, value: Value) -> R<()> {
    let _held = guard(list);
    if let Some(buffer) = list.buffer() {
        let len = buffer.len();
        if len < buffer.capacity() {
            slot_of(buffer, len).set(value);
            buffer.set_len(len + 1);
            return Ok(());
        }
    }
    append_growing(list, value)
}

/// `list.append(value)` if that needs no waiting and no memory; else false, nothing done.
#[inline(always)]
pub fn list_append_quick(list: &List, value: Value) -> bool {
    let Some(_held) = heap::try_lock(&list.header) else { return false };
    list_append_alone(list, value)
}

/// The same where nobody else can change the list.
#[inline(always)]
pub fn list_append_alone(list: &List, value: Value) -> bool {
    let Some(buffer) = list.buffer() else { return false };
    let len = buffer.len();
    if len >= buffer.capacity() {
        return false;
    }
    slot_of(buffer, len).set(value);
    buffer.set_len(len + 1);
    true
}

/// `list.pop()` where nobody else can change the list.
#[inline]
pub fn list_pop_alone(list: &List) -> Option<Value> {
    let buffer = list.buffer()?;
    let last = buffer.len().checked_sub(1)?;
    let value = slot_of(buffer, last).get();
    buffer.set_len(last);
    slot_of(buffer, last).clear();
    value
}

/// `list_append` for lists that Rust code fills: out of memory unwinds.
#[inline]
pub fn list_push(list: Gc<List>, value: Value) {
    if let Err(raised) = list_append(list, value) {
        raised.clear();
        heap::out_of_memory();
    }
}

#[cold]
#[inline(never)]
fn append_growing(list: Gc<List>, value: Value) -> R<()> {
    let len = list.len();
    let buffer = with_room(list, len + 1)?;
    slot_of(buffer, len).set(value);
    buffer.set_len(len + 1);
    Ok(())
}

/// The list's buffer with a capacity of `needed` at least, replaced if need be. The list is locked.
fn with_room(list: Gc<List>, needed: usize) -> R<&'static ValuesBuffer> {
    let old = list.buffer();
    if let Some(buffer) = old
        && (buffer.capacity() >= needed || grow_in_place(buffer, needed))
    {
        return Ok(buffer);
    }
    let fresh = match old {
        None => allocate(needed)?,
        Some(old) => {
            let fresh = allocate_growing(grown_capacity(needed))?;
            let len = old.len();
            move_slots(old.slots().as_ptr(), fresh.slots().as_ptr(), len);
            fresh.set_len(len);
            fresh
        }
    };
    list.publish(fresh as *const ValuesBuffer as *mut ValuesBuffer);
    Ok(fresh)
}

/// Makes room for `count` items more.
pub fn list_reserve(list: Gc<List>, count: usize) -> R<()> {
    let _held = guard(list);
    with_room(list, list.len().saturating_add(count)).map(|_| ())
}

/// `list.insert(index, value)`
pub fn list_insert(list: Gc<List>, index: i64, value: Value) -> R<()> {
    let _held = guard(list);
    let len = list.len();
    let position = if index < 0 { (index.saturating_add(len as i64)).max(0) as usize } else { (index as usize).min(len) };
    let buffer = with_room(list, len + 1)?;
    let base = buffer.slots().as_ptr();
    // SAFETY: len + 1 slots are there.
    unsafe { move_slots(base.add(position), base.add(position + 1), len - position) };
    slot_of(buffer, position).set(value);
    buffer.set_len(len + 1);
    Ok(())
}

/// `list.pop(index)`: None if out of range.
#[inline]
pub fn list_pop(list: Gc<List>, index: i64) -> Option<Value> {
    let _held = guard(list);
    let buffer = list.buffer()?;
    let len = buffer.len();
    let position = resolve_index(index, len)?;
    let value = slot_of(buffer, position).get();
    if position + 1 == len {
        buffer.set_len(position);
        slot_of(buffer, position).clear();
    } else {
        remove_range(buffer, position, position + 1);
    }
    value
}

/// Closes the gap `from..to`. The list is locked.
fn remove_range(buffer: &'static ValuesBuffer, from: usize, to: usize) {
    let len = buffer.len();
    if from >= to {
        return;
    }
    let base = buffer.slots().as_ptr();
    // SAFETY: both ranges lie below the length.
    unsafe { move_slots(base.add(to), base.add(from), len - to) };
    let rest = len - (to - from);
    buffer.set_len(rest);
    clear_slots(buffer, rest, len);
}

/// `list.clear()`
pub fn list_clear(list: Gc<List>) {
    let _held = guard(list);
    list.publish(std::ptr::null_mut());
}

/// `list.reverse()`
pub fn list_reverse(list: Gc<List>) {
    let _held = guard(list);
    let slots = list.slots();
    let (mut low, mut high) = (0, slots.len());
    while low + 1 < high {
        high -= 1;
        let (a, b) = (slots[low].get(), slots[high].get());
        slots[low].set_opt(b);
        slots[high].set_opt(a);
        low += 1;
    }
}

/// Takes out the item at `position` if it is still `item`; true if it was.
fn remove_if_still(list: Gc<List>, position: usize, item: Value) -> bool {
    let _held = guard(list);
    match list.buffer() {
        Some(buffer) if position < buffer.len() && slot_of(buffer, position).get() == Some(item) => {
            remove_range(buffer, position, position + 1);
            true
        }
        _ => false,
    }
}

/// `list.remove(value)`
pub fn list_remove(list: Gc<List>, value: Value) -> R<()> {
    let mut position = 0;
    while let Some(item) = list.get(position) {
        if same_or_equal(item, value)? {
            if remove_if_still(list, position, item) {
                return Ok(());
            }
            // The comparison changed the list: what is there now goes, as in CPython.
            let _held = guard(list);
            if let Some(buffer) = list.buffer()
                && position < buffer.len()
            {
                remove_range(buffer, position, position + 1);
            }
            return Ok(());
        }
        position += 1;
    }
    Err(value_error!("list.remove(x): x not in list"))
}

// ---- searching and comparing ----

/// `value in list`
pub fn list_contains(list: Gc<List>, value: Value) -> R<bool> {
    let mut position = 0;
    loop {
        for _ in 0..ITEMS_BETWEEN_POLLS {
            let Some(item) = list.get(position) else { return Ok(false) };
            if same_or_equal(item, value)? {
                return Ok(true);
            }
            position += 1;
        }
        crate::thread::poll()?;
    }
}

/// The first position of `value` within `start..stop` (clamped indices, negative from the end).
pub fn list_index_of(list: Gc<List>, value: Value, start: i64, stop: i64) -> R<Option<usize>> {
    let len = list.len() as i64;
    let from_end = |index: i64| if index < 0 { index.saturating_add(len).max(0) } else { index };
    let (mut position, stop) = (from_end(start), from_end(stop));
    while position < stop
        && let Some(item) = list.get(position as usize)
    {
        if same_or_equal(item, value)? {
            return Ok(Some(position as usize));
        }
        poll_at(position as usize)?;
        position += 1;
    }
    Ok(None)
}

/// `list.count(value)`
pub fn list_count(list: Gc<List>, value: Value) -> R<usize> {
    let (mut position, mut count) = (0, 0);
    while let Some(item) = list.get(position) {
        count += same_or_equal(item, value)? as usize;
        poll_at(position)?;
        position += 1;
    }
    Ok(count)
}

/// `a == b` of two lists.
pub fn list_equal(a: Gc<List>, b: Gc<List>) -> R<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut position = 0;
    loop {
        for _ in 0..ITEMS_BETWEEN_POLLS {
            let (Some(left), Some(right)) = (a.get(position), b.get(position)) else { return Ok(a.len() == b.len()) };
            if !same_or_equal(left, right)? {
                // A list that the comparison has cut off here has no such item any more.
                let both_go_on = position < a.len() && position < b.len();
                return Ok(!both_go_on && a.len() == b.len());
            }
            position += 1;
        }
        crate::thread::poll()?;
    }
}

/// The first pair of items that differ, or None and then the lengths decide: the rule of ordering sequences.
pub fn list_first_difference(a: Gc<List>, b: Gc<List>) -> R<Option<(Value, Value)>> {
    let mut position = 0;
    while let (Some(left), Some(right)) = (a.get(position), b.get(position)) {
        if !same_or_equal(left, right)? {
            let both_go_on = position < a.len() && position < b.len();
            return Ok(both_go_on.then_some((left, right)));
        }
        poll_at(position)?;
        position += 1;
    }
    Ok(None)
}

/// `repr(list)`
pub fn list_repr(list: Gc<List>) -> R<Gc<Str>> {
    if list.is_empty() {
        return Ok(Str::new("[]"));
    }
    let Some(_scope) = ReprScope::enter(list.value()) else { return Ok(Str::new("[...]")) };
    let mut text = TextBuilder::new();
    text.push_str("[");
    let mut position = 0;
    while let Some(item) = list.get(position) {
        if position > 0 {
            text.push_str(", ");
        }
        text.push_repr(item)?;
        poll_at(position)?;
        position += 1;
    }
    text.push_str("]");
    Ok(text.finish())
}

// ---- many items ----

/// Appends copies of slots that stay alive and readable (a buffer's or a tuple's).
fn extend_slots(list: Gc<List>, source: &[Slot]) -> R<()> {
    if source.is_empty() {
        return Ok(());
    }
    let _held = guard(list);
    let len = list.len();
    let buffer = with_room(list, len.saturating_add(source.len()))?;
    let mut end = len;
    if single_threaded() {
        // SAFETY: there is room behind the length.
        move_slots(source.as_ptr(), unsafe { buffer.slots().as_ptr().add(len) }, source.len());
        end += source.len();
    } else {
        for item in source.iter().filter_map(Slot::get) {
            slot_of(buffer, end).set(item);
            end += 1;
        }
    }
    buffer.set_len(end);
    Ok(())
}

/// Appends the items.
pub fn list_extend_slice(list: Gc<List>, items: &[Value]) -> R<()> {
    extend_slots(list, values_as_slots(items))
}

/// Values are words like slots; reading them through slots is the same.
#[inline(always)]
pub(crate) fn values_as_slots(items: &[Value]) -> &[Slot] {
    // SAFETY: same size, alignment and meaning; nobody writes through the result.
    unsafe { std::slice::from_raw_parts(items.as_ptr().cast(), items.len()) }
}

/// `list.extend(iterable)`
pub fn list_extend(list: Gc<List>, iterable: Value) -> R<()> {
    if let Some(source) = iterable.cast_exact::<List>() {
        return extend_slots(list, source.slots());
    }
    if let Some(source) = iterable.cast_exact::<Tuple>() {
        return list_extend_slice(list, source.items());
    }
    if let Some(range) = iterable.cast_exact::<crate::range::Range>() {
        return extend_from_range(list, range);
    }
    if let Some(dict) = iterable.cast_exact::<crate::dict::Dict>() {
        let keys = crate::dict_views::view_list(dict, crate::dict_views::Part::Keys);
        return extend_slots(list, keys.slots());
    }
    if let Some((dict, part)) = crate::dict_views::as_view(iterable) {
        let items = crate::dict_views::view_list(dict, part);
        return extend_slots(list, items.slots());
    }
    if iterable.cast_exact::<crate::set::Set>().is_some() || iterable.cast_exact::<crate::set::FrozenSet>().is_some() {
        return match crate::set::as_any_set(iterable) {
            Some(set) => extend_slots(list, crate::set::set_elements(set).slots()),
            None => Ok(()),
        };
    }
    let items = protocol::Items::of(iterable)?;
    let expected = protocol::length_hint(iterable, 8)?;
    if expected > 0 && list.len().saturating_add(expected) <= MAX_LEN {
        // A hint may be wildly wrong; then the list grows as it goes.
        list_reserve(list, expected.min(1 << 24))?;
    }
    while let Some(item) = items.next()? {
        list_append(list, item)?;
    }
    Ok(())
}

fn extend_from_range(list: Gc<List>, range: Gc<crate::range::Range>) -> R<()> {
    let Some(numbers) = crate::range::range_numbers(range) else {
        let iterator = crate::range::range_iter(range)?;
        while let Some(item) = protocol::next(iterator)? {
            list_append(list, item)?;
        }
        return Ok(());
    };
    if list.len().saturating_add(numbers.len()) > MAX_LEN {
        return Err(memory_error());
    }
    list_reserve(list, numbers.len())?;
    numbers.into_iter().try_for_each(|number| list_append(list, crate::int::new_int(number)))
}

/// `a + b`
pub fn list_concat(a: Gc<List>, b: Gc<List>) -> R<Gc<List>> {
    let (left, right) = (a.slots(), b.slots());
    let result = list_with_capacity(left.len().saturating_add(right.len()))?;
    extend_slots(result, left)?;
    extend_slots(result, right)?;
    Ok(result)
}

/// `list * count`
pub fn list_repeat(list: Gc<List>, count: i64) -> R<Gc<List>> {
    // Copied word by word, so no slot may become empty meanwhile.
    let _held = guard(list);
    let source = list.slots();
    let count = count.max(0) as usize;
    let total = source.len().checked_mul(count).filter(|total| *total <= MAX_LEN).ok_or_else(memory_error)?;
    let result = list_with_capacity(total)?;
    if let Some(buffer) = result.buffer()
        && total > 0
    {
        repeat_into(buffer, source, total);
    }
    Ok(result)
}

/// Fills a fresh buffer with copies of `source` up to `total` items.
fn repeat_into(buffer: &'static ValuesBuffer, source: &[Slot], total: usize) {
    let base = buffer.slots().as_ptr();
    if source.len() == 1 {
        let item = source[0].get();
        for slot in &buffer.slots()[..total] {
            slot.set_opt(item);
        }
    } else {
        move_slots(source.as_ptr(), base, source.len());
        let mut done = source.len();
        while done < total {
            let chunk = done.min(total - done);
            // SAFETY: the target range ends at or before `total`, within the capacity.
            unsafe { move_slots(base, base.add(done), chunk) };
            done += chunk;
        }
    }
    buffer.set_len(total);
}

/// `list *= count`
pub fn list_repeat_in_place(list: Gc<List>, count: i64) -> R<()> {
    let _held = guard(list);
    if count <= 0 {
        list.publish(std::ptr::null_mut());
        return Ok(());
    }
    let len = list.len();
    if count == 1 || len == 0 {
        return Ok(());
    }
    let total = len.checked_mul(count as usize).filter(|total| *total <= MAX_LEN).ok_or_else(memory_error)?;
    let fresh = allocate(total)?;
    repeat_into(fresh, list.slots(), total);
    list.publish(fresh as *const ValuesBuffer as *mut ValuesBuffer);
    Ok(())
}

// ---- slices as targets ----

/// `list[slice] = values` where `values` are the slots of some live buffer or tuple.
fn assign_slots(list: Gc<List>, bounds: Bounds, values: &[Slot]) -> R<()> {
    let _held = guard(list);
    let len = list.len();
    let run = bounds.adjust(len);
    if run.step == 1 {
        let start = run.start as usize;
        return splice(list, start, (run.stop.max(run.start)) as usize, values);
    }
    if values.len() != run.count {
        let (given, wanted) = (values.len(), run.count);
        return Err(value_error!("attempt to assign sequence of size {given} to extended slice of size {wanted}"));
    }
    let slots = list.slots();
    for (position, value) in run.positions().zip(values) {
        slots[position].set_opt(value.get());
    }
    Ok(())
}

/// Replaces `start..stop` by the values. The list is locked; the values may be the list's own slots.
fn splice(list: Gc<List>, start: usize, stop: usize, values: &[Slot]) -> R<()> {
    let old = list.slots();
    let len = old.len();
    let total = (len - (stop - start)).saturating_add(values.len());
    let own = !values.is_empty() && !old.is_empty() && old.as_ptr_range().contains(&values.as_ptr());
    match list.buffer() {
        Some(buffer) if buffer.capacity() >= total && !own => {
            let base = buffer.slots().as_ptr();
            // SAFETY: both ranges lie within the capacity.
            unsafe {
                move_slots(base.add(stop), base.add(start + values.len()), len - stop);
                move_slots(values.as_ptr(), base.add(start), values.len());
            }
            buffer.set_len(total);
            if total < len {
                clear_slots(buffer, total, len);
            }
        }
        _ => {
            let fresh = allocate(total)?;
            let base = fresh.slots().as_ptr();
            // SAFETY: the three ranges fill exactly `total` slots.
            unsafe {
                move_slots(old.as_ptr(), base, start);
                move_slots(values.as_ptr(), base.add(start), values.len());
                move_slots(old.as_ptr().add(stop), base.add(start + values.len()), len - stop);
            }
            fresh.set_len(total);
            list.publish(fresh as *const ValuesBuffer as *mut ValuesBuffer);
        }
    }
    Ok(())
}

/// `list[slice] = iterable`
pub fn list_assign_slice(list: Gc<List>, bounds: Bounds, iterable: Value) -> R<()> {
    if let Some(tuple) = iterable.cast_exact::<Tuple>() {
        return assign_slots(list, bounds, values_as_slots(tuple.items()));
    }
    let source = match iterable.cast_exact::<List>() {
        Some(source) if single_threaded() && !std::ptr::eq(&*source, &*list) => source,
        // A copy: another thread, or the assignment itself, may change it.
        Some(source) => list_copy(source)?,
        None => {
            if !crate::containers::is_iterable(iterable) {
                return Err(crate::error::type_error!("must assign iterable to extended slice"));
            }
            list_from_iterable(iterable)?
        }
    };
    assign_slots(list, bounds, source.slots())
}

/// `del list[slice]`
pub fn list_delete_slice(list: Gc<List>, bounds: Bounds) -> R<()> {
    let _held = guard(list);
    let Some(buffer) = list.buffer() else { return Ok(()) };
    let len = buffer.len();
    let run = bounds.adjust(len).ascending();
    if run.count == 0 {
        return Ok(());
    }
    if run.step == 1 {
        remove_range(buffer, run.start as usize, run.start as usize + run.count);
    } else {
        close_gaps(buffer, run);
    }
    Ok(())
}

/// Deletes the positions of an ascending run with gaps between them.
fn close_gaps(buffer: &'static ValuesBuffer, run: Run) {
    let len = buffer.len();
    let first = run.start as usize;
    let mut target = first;
    let mut doomed = run.positions().peekable();
    for position in first..len {
        if doomed.peek() == Some(&position) {
            doomed.next();
        } else {
            slot_of(buffer, target).set_opt(slot_of(buffer, position).get());
            target += 1;
        }
    }
    buffer.set_len(target);
    clear_slots(buffer, target, len);
}

/// `del list[index]`; false if out of range.
pub fn list_delete(list: Gc<List>, index: i64) -> bool {
    list_pop(list, index).is_some()
}

/// `list.__sizeof__()`
pub fn list_size_in_bytes(list: Gc<List>) -> usize {
    let buffer = list.buffer().map_or(0, |buffer| heap::usable_size(size_of::<ValuesBuffer>() + buffer.capacity() * 8));
    size_of::<List>() + buffer
}
