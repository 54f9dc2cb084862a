//! `list.sort` and `sorted`: a stable merge sort that keeps runs found in the data, survives comparisons that raise, lie or change
//! the list, and hands plain ints, floats, strings and tuples of these to the standard library's sort.
//!
//! While it runs the list is empty, as in CPython; the items stay visible to the collector in the old buffer (and, with a key function,
//! in a second buffer of key and item by turns), which the native stack points at. At every call of Python code each item is in
//! the array, in the merge buffer, or in a local variable.

use crate::containers::{exact_str, guard, poll_at, quick_less};
use crate::error::{R, memory_error, value_error};
use crate::layout::{Cast, Gc};
use crate::list::{List, list_with_capacity, move_slots};
use crate::protocol::{CompareOp, compare_bool};
use crate::tuple::Tuple;
use base::text::Text;
use heap::{Value, ValuesBuffer};
use std::cmp::Ordering;

/// `list.sort(key=key, reverse=reverse)`
pub fn list_sort(list: Gc<List>, key: Option<Value>, reverse: bool) -> R<()> {
    let original = {
        let _held = guard(list);
        let original = list.raw_buffer();
        list.publish(std::ptr::null_mut());
        original
    };
    if original.is_null() {
        return Ok(());
    }
    // SAFETY: the buffer is a live cell; from here on only readers that raced us know it.
    let buffer: &'static ValuesBuffer = unsafe { &*original };
    let mut lent = Lent { list, original, untouched: false };
    let result = sort_buffer(buffer, key, reverse);
    lent.give_back();
    let untouched = lent.untouched;
    std::mem::forget(lent);
    result?;
    if untouched { Ok(()) } else { Err(modified()) }
}

/// A list without its buffer, which it gets back when its sort ends, also by want of memory in a native.
struct Lent {
    list: Gc<List>,
    original: *mut ValuesBuffer,
    untouched: bool,
}
impl Lent {
    fn give_back(&mut self) {
        let _held = guard(self.list);
        self.untouched = self.list.has_buffer(std::ptr::null_mut());
        self.list.publish(self.original);
    }
}
impl Drop for Lent {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cold]
fn modified() -> crate::error::Raised {
    value_error!("list modified during sort")
}

/// Sorts the items of a buffer that nobody else writes.
fn sort_buffer(buffer: &'static ValuesBuffer, key: Option<Value>, reverse: bool) -> R<()> {
    let len = buffer.len();
    let Some(function) = key else {
        if len < 2 {
            return Ok(());
        }
        // SAFETY: slots below the length hold values (a race with a deletion cannot empty them: the list no longer points here).
        let items = unsafe { std::slice::from_raw_parts_mut(buffer.slots().as_ptr() as *mut Value, len) };
        return sort_items(items, reverse);
    };
    let decorated = values_buffer(len.checked_mul(2).ok_or_else(memory_error)?)?;
    for position in 0..len {
        let Some(item) = buffer.get(position) else { continue };
        let sort_key = crate::call::call(function, &[item])?;
        poll_at(position)?;
        decorated.slots()[position * 2].set(sort_key);
        decorated.slots()[position * 2 + 1].set(item);
        decorated.set_len(position * 2 + 2);
    }
    // SAFETY: filled just now with `len` pairs.
    let pairs = unsafe { std::slice::from_raw_parts_mut(decorated.slots().as_ptr() as *mut Pair, decorated.len() / 2) };
    let result = if pairs.len() < 2 { Ok(()) } else { sort_items(pairs, reverse) };
    for (slot, pair) in buffer.slots().iter().zip(pairs.iter()) {
        slot.set(pair.item);
    }
    result
}

fn values_buffer(capacity: usize) -> R<&'static ValuesBuffer> {
    // SAFETY: a fresh cell.
    heap::try_values_buffer(capacity).map(|buffer| unsafe { &*buffer }).ok_or_else(memory_error)
}

/// An item with the key that it is sorted by.
#[derive(Clone, Copy)]
#[repr(C)]
struct Pair {
    key: Value,
    item: Value,
}

/// What can be sorted: items themselves or pairs. Made of value words only.
trait Sortable: Copy {
    fn key(&self) -> Value;
}
impl Sortable for Value {
    #[inline(always)]
    fn key(&self) -> Value {
        *self
    }
}
impl Sortable for Pair {
    #[inline(always)]
    fn key(&self) -> Value {
        self.key
    }
}

fn sort_items<T: Sortable>(items: &mut [T], reverse: bool) -> R<()> {
    // Turning the input and the output round keeps equal items in their order.
    if reverse {
        items.reverse();
    }
    let result = sort_forwards(items);
    if reverse {
        items.reverse();
    }
    result
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    Ints,
    Floats,
    Strings,
    Mixed,
}

/// Unwinds unless there is memory for as many items with heads, and for what the library's sort takes for them.
fn expect_room_for<T>(count: usize) {
    base::memory::expect_room(count.saturating_mul(2 * size_of::<(u64, T)>()));
}

fn kind_of(key: Value) -> Kind {
    if key.is_int() {
        Kind::Ints
    } else if key.is_float() && !key.as_float().is_nan() {
        Kind::Floats
    } else if exact_str(key).is_some() {
        Kind::Strings
    } else {
        Kind::Mixed
    }
}

/// The most items that the library's sort gets at a time, numbers and strings: it knows no safepoint. About a tenth of a second.
const NUMBERS_AT_ONCE: usize = 1 << 22;
const STRINGS_AT_ONCE: usize = 1 << 19;

fn sort_forwards<T: Sortable>(items: &mut [T]) -> R<()> {
    let kind = kind_of(items[0].key());
    if kind == Kind::Mixed && are_plain_tuples(items) {
        expect_room_for::<T>(items.len().min(STRINGS_AT_ONCE));
        let order = |a: &T, b: &T| order_of_tuples(tuple_items(a), tuple_items(b));
        let sort = |part: &mut [T]| if part.len() <= FEW { part.sort_by(order) } else { sort_tuples_by_heads(part) };
        return sort_alike(items, STRINGS_AT_ONCE, sort, |a, b| order(a, b) == Ordering::Less);
    }
    if kind == Kind::Mixed || items.iter().any(|item| kind_of(item.key()) != kind) {
        let mut comparisons = 0usize;
        return merge_sort(items, &mut |a: &T, b: &T| {
            comparisons = comparisons.wrapping_add(1);
            poll_at(comparisons)?;
            let (a, b) = (a.key(), b.key());
            match quick_less(a, b) {
                Some(answer) => Ok(answer),
                None => compare_bool(CompareOp::Lt, a, b),
            }
        });
    }
    let most = if kind == Kind::Strings { STRINGS_AT_ONCE } else { NUMBERS_AT_ONCE };
    expect_room_for::<T>(items.len().min(most));
    let float = |item: &T| item.key().as_float();
    let by_text = |a: &T, b: &T| match (exact_str(a.key()), exact_str(b.key())) {
        (Some(a), Some(b)) => crate::str::str_cmp(&a, &b),
        _ => Ordering::Equal,
    };
    match kind {
        Kind::Ints => sort_alike(
            items,
            NUMBERS_AT_ONCE,
            |part| part.sort_by_key(|item| item.key().raw()),
            |a, b| a.key().raw() < b.key().raw(),
        ),
        Kind::Floats => {
            let sort = |part: &mut [T]| part.sort_by(|a, b| float(a).partial_cmp(&float(b)).unwrap_or(Ordering::Equal));
            sort_alike(items, NUMBERS_AT_ONCE, sort, |a, b| float(a) < float(b))
        }
        _ => {
            let sort = |part: &mut [T]| {
                // A few are sorted before their heads are laid out.
                if part.len() <= FEW || !sort_by_heads(part) {
                    part.sort_by(by_text)
                }
            };
            sort_alike(items, STRINGS_AT_ONCE, sort, |a, b| by_text(a, b) == Ordering::Less)
        }
    }
}

/// So few items are compared as they are. The library's sort takes no memory for them.
const FEW: usize = 12;

/// Sorts by strings of one byte a character, each with its first eight as a number in front: that decides most comparisons without a look
/// at the strings. False if there are others.
fn sort_by_heads<T: Sortable>(items: &mut [T]) -> bool {
    let text = |item: &T| -> &'static [u8] {
        match exact_str(item.key()).map(|text| text.text()) {
            Some(Text::One(units)) => units,
            _ => &[],
        }
    };
    let mut headed: Vec<(u64, T)> = Vec::with_capacity(items.len());
    for item in items.iter() {
        match exact_str(item.key()).map(|text| text.text()) {
            Some(Text::One(units)) => headed.push((head_of(units), *item)),
            _ => return false,
        }
    }
    headed.sort_by(|(head_a, a), (head_b, b)| match head_a.cmp(head_b) {
        Ordering::Equal if a.key() == b.key() => Ordering::Equal,
        // Zeros that fill up a short head are less than, or equal to, what follows in a longer one.
        Ordering::Equal => text(a).cmp(text(b)),
        order => order,
    });
    for (item, (_, sorted)) in items.iter_mut().zip(headed) {
        *item = sorted;
    }
    true
}

/// More places of tuples than these are not looked at beforehand.
const PLACES: usize = 8;

#[derive(PartialEq, Eq, Clone, Copy)]
enum PlaceKind {
    Number,
    Text,
}

/// Whether all keys are plain tuples that have, place for place, numbers or strings alike: comparing them cannot fail, nor run Python code.
fn are_plain_tuples<T: Sortable>(items: &[T]) -> bool {
    let mut kinds = [None; PLACES];
    items.iter().all(|item| {
        let Some(tuple) = item.key().cast_exact::<Tuple>() else { return false };
        tuple.len() <= PLACES
            && tuple.items().iter().zip(&mut kinds).all(|(entry, known)| {
                let kind = match kind_of(*entry) {
                    Kind::Ints | Kind::Floats => PlaceKind::Number,
                    Kind::Strings => PlaceKind::Text,
                    Kind::Mixed => return false,
                };
                *known.get_or_insert(kind) == kind
            })
    })
}

#[inline(always)]
fn tuple_items<T: Sortable>(item: &T) -> &'static [Value] {
    item.key().cast_exact::<Tuple>().map_or(&[], |tuple| tuple.items())
}

/// The order of tuples that `are_plain_tuples` has seen.
#[inline]
fn order_of_tuples(a: &[Value], b: &[Value]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        if a == b {
            continue;
        }
        let order = match (exact_str(*a), exact_str(*b)) {
            (Some(a), Some(b)) => crate::str::str_cmp(&a, &b),
            _ => number_of(*a).partial_cmp(&number_of(*b)).unwrap_or(Ordering::Equal),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// A number of the word; its ints are exact as doubles.
#[inline(always)]
fn number_of(value: Value) -> f64 {
    if value.is_int() { value.as_int() as f64 } else { value.as_float() }
}

/// Sorts plain tuples, each with what its first item is compared by in front.
fn sort_tuples_by_heads<T: Sortable>(items: &mut [T]) {
    let mut with_heads = true;
    let mut head = |item: &T| match tuple_items(item).first() {
        None => 0,
        Some(first) => match exact_str(*first).map(|text| text.text()) {
            Some(Text::One(units)) => head_of(units),
            Some(_) => {
                with_heads = false;
                0
            }
            None => {
                // Zero has two signs; adding makes one of them. Negative numbers are in order when all bits are turned.
                let bits = (number_of(*first) + 0.0).to_bits();
                if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
            }
        },
    };
    let mut headed: Vec<(u64, T)> = items.iter().map(|item| (head(item), *item)).collect();
    headed.sort_by(|(head_a, a), (head_b, b)| match head_a.cmp(head_b) {
        order @ (Ordering::Less | Ordering::Greater) if with_heads => order,
        _ => order_of_tuples(tuple_items(a), tuple_items(b)),
    });
    for (item, (_, sorted)) in items.iter_mut().zip(headed) {
        *item = sorted;
    }
}

/// The first eight bytes as a number in their order, filled up with zeros.
#[inline]
fn head_of(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(head) => u64::from_be_bytes(*head),
        None => {
            let mut head = [0; 8];
            head[..text.len()].copy_from_slice(text);
            u64::from_be_bytes(head)
        }
    }
}

/// Sorts by a comparison that neither calls Python nor allocates in our heap: no collection can see the scratch memory of the library's
/// sort. Large inputs are sorted in parts, which are then merged.
fn sort_alike<T: Sortable>(items: &mut [T], once: usize, sort: impl Fn(&mut [T]), less: impl Fn(&T, &T) -> bool) -> R<()> {
    for part in items.chunks_mut(once) {
        sort(part);
        crate::thread::poll()?;
    }
    if items.len() <= once {
        return Ok(());
    }
    let mut comparisons = 0usize;
    merge_sort(items, &mut |a: &T, b: &T| {
        comparisons = comparisons.wrapping_add(1);
        poll_at(comparisons)?;
        Ok(less(a, b))
    })
}

// ---- the merge sort ----

/// Runs shorter than this are filled up by insertion.
const SHORT: usize = 32;

/// A stretch of sorted items.
#[derive(Clone, Copy)]
struct Stretch {
    start: usize,
    len: usize,
    /// How deep in the tree of merges the border to the next stretch lies.
    power: u32,
}

fn merge_sort<T: Sortable>(items: &mut [T], less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<()> {
    let len = items.len();
    let least = least_run(len);
    let mut pending: Vec<Stretch> = Vec::with_capacity(48);
    let mut scratch = None;
    let mut start = 0;
    while start < len {
        let run = next_run(items, start, least, less)?;
        if let Some(last) = pending.last_mut() {
            last.power = border_power(last.start, last.len, run, len);
            let power = last.power;
            while pending.len() > 1 && pending[pending.len() - 2].power > power {
                merge_top(items, &mut pending, &mut scratch, less)?;
                if let Some(last) = pending.last_mut() {
                    last.power = power;
                }
            }
        }
        pending.push(Stretch { start, len: run, power: 0 });
        start += run;
    }
    while pending.len() > 1 {
        merge_top(items, &mut pending, &mut scratch, less)?;
    }
    Ok(())
}

/// A run length between 16 and 32 such that `len` divided by it is a power of two or a little less.
fn least_run(mut len: usize) -> usize {
    let mut odd = 0;
    while len >= SHORT {
        odd |= len & 1;
        len >>= 1;
    }
    len + odd
}

/// The level of the border between a stretch and the run of `next` items behind it, in a perfectly balanced tree over `total` items: the
/// first binary digit in which the middles of the two differ, as fractions of the whole.
fn border_power(start: usize, len: usize, next: usize, total: usize) -> u32 {
    let total = total as u128;
    let mut left = 2 * start as u128 + len as u128;
    let mut right = left + len as u128 + next as u128;
    let mut power = 0;
    loop {
        power += 1;
        let (left_digit, right_digit) = (left >= total, right >= total);
        if left_digit != right_digit {
            return power;
        }
        if left_digit {
            left -= total;
            right -= total;
        }
        left <<= 1;
        right <<= 1;
        if power > 64 {
            return power;
        }
    }
}

/// Finds the run that begins at `start`, turns it round if it falls strictly, and fills it up to `least` items. Its length.
fn next_run<T: Sortable>(items: &mut [T], start: usize, least: usize, less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<usize> {
    let rest = items.len() - start;
    if rest < 2 {
        return Ok(rest);
    }
    let mut end = start + 2;
    if less(&items[start + 1], &items[start])? {
        while end < items.len() && less(&items[end], &items[end - 1])? {
            end += 1;
        }
        items[start..end].reverse();
    } else {
        while end < items.len() && !less(&items[end], &items[end - 1])? {
            end += 1;
        }
    }
    let run = end - start;
    if run >= least || end == items.len() {
        return Ok(run);
    }
    let wanted = least.min(rest);
    insert_rest(&mut items[start..start + wanted], run, less)?;
    Ok(wanted)
}

/// Binary insertion of `items[sorted..]` into the sorted front.
fn insert_rest<T: Sortable>(items: &mut [T], sorted: usize, less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<()> {
    for position in sorted..items.len() {
        let pivot = items[position];
        let place = upper_bound(&items[..position], &pivot, less)?;
        items.copy_within(place..position, place + 1);
        items[place] = pivot;
    }
    Ok(())
}

/// How many items of a sorted slice are not greater than `item`.
fn upper_bound<T: Sortable>(items: &[T], item: &T, less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<usize> {
    let (mut low, mut high) = (0, items.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if less(item, &items[middle])? { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

/// How many items of a sorted slice are less than `item`.
fn lower_bound<T: Sortable>(items: &[T], item: &T, less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<usize> {
    let (mut low, mut high) = (0, items.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if less(&items[middle], item)? { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// `upper_bound` that looks near the front first: cheap if the answer is small.
fn gallop_upper<T: Sortable>(items: &[T], item: &T, less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<usize> {
    let (mut known, mut step) = (0, 1);
    while known + step <= items.len() {
        if less(item, &items[known + step - 1])? {
            return Ok(known + upper_bound(&items[known..known + step - 1], item, less)?);
        }
        known += step;
        step *= 2;
    }
    Ok(known + upper_bound(&items[known..], item, less)?)
}

/// `lower_bound` that looks near the end first: cheap if the answer is close to the length.
fn gallop_lower_from_end<T: Sortable>(items: &[T], item: &T, less: &mut dyn FnMut(&T, &T) -> R<bool>) -> R<usize> {
    let (mut end, mut step) = (items.len(), 1);
    while step <= end {
        if less(&items[end - step], item)? {
            let from = end - step + 1;
            return Ok(from + lower_bound(&items[from..end], item, less)?);
        }
        end -= step;
        step *= 2;
    }
    lower_bound(&items[..end], item, less)
}

/// Merges the two topmost stretches.
fn merge_top<T: Sortable>(
    items: &mut [T],
    pending: &mut Vec<Stretch>,
    scratch: &mut Option<&'static ValuesBuffer>,
    less: &mut dyn FnMut(&T, &T) -> R<bool>,
) -> R<()> {
    let (Some(right), Some(left)) = (pending.pop(), pending.pop()) else { return Ok(()) };
    pending.push(Stretch { start: left.start, len: left.len + right.len, power: right.power });
    let whole = &mut items[left.start..left.start + left.len + right.len];
    // Items of the left stretch that are in place already, and those of the right one.
    let first = whole[left.len];
    let skip = gallop_upper(&whole[..left.len], &first, less)?;
    if skip == left.len {
        return Ok(());
    }
    let last = whole[left.len - 1];
    let keep = gallop_lower_from_end(&whole[left.len..], &last, less)?;
    let end = left.len + keep;
    if keep == 0 {
        return Ok(());
    }
    let middle = left.len - skip;
    merge(&mut whole[skip..end], middle, scratch, less)
}

/// Scratch room for `count` items, all of it visible to the collector.
fn scratch_for<T: Sortable>(scratch: &mut Option<&'static ValuesBuffer>, count: usize) -> R<*mut T> {
    let words = count * (size_of::<T>() / 8);
    let buffer = match *scratch {
        Some(buffer) if buffer.capacity() >= words => buffer,
        _ => values_buffer(words)?,
    };
    buffer.set_len(buffer.capacity());
    *scratch = Some(buffer);
    Ok(buffer.slots().as_ptr() as *mut T)
}

/// The hole in the array during a merge: filled from the scratch copy when the merge ends, by an error too.
struct Hole<T> {
    source: *mut T,
    target: *mut T,
    count: usize,
}
impl<T> Drop for Hole<T> {
    fn drop(&mut self) {
        // SAFETY: the hole has as many places as items are left in the copy.
        unsafe { std::ptr::copy_nonoverlapping(self.source, self.target, self.count) };
    }
}

/// Merges `items[..middle]` with `items[middle..]`, both sorted; the shorter is copied out first.
fn merge<T: Sortable>(
    items: &mut [T],
    middle: usize,
    scratch: &mut Option<&'static ValuesBuffer>,
    less: &mut dyn FnMut(&T, &T) -> R<bool>,
) -> R<()> {
    let (left, right) = (middle, items.len() - middle);
    let copy: *mut T = scratch_for(scratch, left.min(right))?;
    let base = items.as_mut_ptr();
    // SAFETY: `copy` has room for the shorter side. Invariant: the hole in the array is as large as what is left in the copy.
    unsafe {
        if left <= right {
            copy_words(base, copy, left);
            let mut hole = Hole { source: copy, target: base, count: left };
            let (mut next, end) = (base.add(middle), base.add(items.len()));
            while hole.count > 0 && next < end {
                if less(&*next, &*hole.source)? {
                    *hole.target = *next;
                    next = next.add(1);
                } else {
                    *hole.target = *hole.source;
                    hole.source = hole.source.add(1);
                    hole.count -= 1;
                }
                hole.target = hole.target.add(1);
            }
        } else {
            copy_words(base.add(middle), copy, right);
            // Fills from the end: `target` is where what is left of the copy will go in the end.
            let mut hole = Hole { source: copy, target: base.add(middle), count: right };
            let mut left_count = left;
            while hole.count > 0 && left_count > 0 {
                let place = base.add(left_count + hole.count - 1);
                if less(&*hole.source.add(hole.count - 1), &*base.add(left_count - 1))? {
                    *place = *base.add(left_count - 1);
                    left_count -= 1;
                    hole.target = base.add(left_count);
                } else {
                    *place = *hole.source.add(hole.count - 1);
                    hole.count -= 1;
                }
            }
        }
    }
    Ok(())
}

/// # Safety
/// Both sides have `count` items.
unsafe fn copy_words<T: Sortable>(from: *const T, to: *mut T, count: usize) {
    move_slots(from.cast(), to.cast(), count * (size_of::<T>() / 8));
}

/// `sorted(iterable, key=key, reverse=reverse)`
pub fn sorted(iterable: Value, key: Option<Value>, reverse: bool) -> R<Gc<List>> {
    let list = list_with_capacity(0)?;
    crate::list::list_extend(list, iterable)?;
    list_sort(list, key, reverse)?;
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(C)]
    struct Item(u32, u32);
    impl Sortable for Item {
        fn key(&self) -> Value {
            Value::small(self.0 as i32)
        }
    }

    fn sorted_like_std(mut items: Vec<Item>) {
        let mut expected = items.clone();
        expected.sort_by_key(|item| item.0);
        merge_sort(&mut items, &mut |a, b| Ok(a.0 < b.0)).expect("infallible");
        assert_eq!(items, expected);
    }

    #[test]
    fn sorts_stably_whatever_the_shape() {
        let mut state = 12345u32;
        let mut random = move |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        for len in [0usize, 1, 2, 3, 31, 32, 33, 64, 100, 1000, 4097] {
            sorted_like_std((0..len as u32).map(|i| Item(i, i)).collect());
            sorted_like_std((0..len as u32).rev().map(|i| Item(i / 3, i)).collect());
            sorted_like_std((0..len as u32).map(|i| Item(random(10), i)).collect());
            sorted_like_std((0..len as u32).map(|i| Item(random(1 << 20), i)).collect());
            sorted_like_std((0..len as u32).map(|i| Item(i % 100, i)).collect());
        }
    }

    #[test]
    fn lying_comparisons_lose_nothing() {
        let mut items: Vec<Item> = (0..500).map(|i| Item(i, i)).collect();
        let mut count = 0u32;
        merge_sort(&mut items, &mut |_, _| {
            count = count.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            Ok(count >> 31 == 1)
        })
        .expect("infallible");
        let mut seen: Vec<u32> = items.iter().map(|item| item.1).collect();
        seen.sort();
        assert_eq!(seen, (0..500).collect::<Vec<_>>());
    }
}
