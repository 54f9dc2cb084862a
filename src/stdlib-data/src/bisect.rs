//! Module `_bisect`. Must not know: other modules.

use native_macros::native_module;
use objects::list::{List, list_insert};
use objects::{
    Cast, CompareOp, R, Value, call, call_method, compare_bool, get_item, interned, new_int, new_int_usize, value_error,
};

pub struct Bisect;

fn item(sequence: Value, index: i64) -> R {
    if let Some(list) = sequence.cast_exact::<List>()
        && let Some(item) = list.get(index as usize)
    {
        return Ok(item);
    }
    get_item(sequence, new_int(index))
}

/// The place of `x` (already a key): in front of equal items if `left`, else behind them.
fn search(a: Value, x: Value, lo: isize, hi: Option<Value>, key: Option<Value>, left: bool) -> R<usize> {
    if lo < 0 {
        return Err(value_error!("lo must be non-negative"));
    }
    let mut low = lo as i64;
    let mut high = match hi.filter(|hi| !hi.is_none()) {
        Some(hi) => objects::index(hi)?,
        None => -1,
    };
    if high == -1 {
        high = objects::len(a)? as i64;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        let mut candidate = item(a, middle)?;
        if let Some(key) = key {
            candidate = call(key, &[candidate])?;
        }
        let (smaller, larger) = if left { (candidate, x) } else { (x, candidate) };
        if compare_bool(CompareOp::Lt, smaller, larger)? == left {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low as usize)
}

fn insert(a: Value, x: Value, lo: isize, hi: Option<Value>, key: Option<Value>, left: bool) -> R<()> {
    let key = key.filter(|key| !key.is_none());
    let wanted = match key {
        Some(key) => call(key, &[x])?,
        None => x,
    };
    let index = search(a, wanted, lo, hi, key, left)?;
    if let Some(list) = a.cast_exact::<List>() {
        return list_insert(list, index as i64, x);
    }
    call_method(a, interned!("insert"), &[new_int_usize(index), x]).map(|_| ())
}

/// Searching and inserting in sorted sequences.
#[native_module(name = "_bisect")]
impl Bisect {
    /// Where to insert x in the sorted list a so that it comes behind items equal to it.
    ///
    /// lo and hi bound the part that is searched; key is applied to the items.
    #[sig("(a, x, lo=0, hi=None, *, key=None)")]
    fn bisect_right(a: Value, x: Value, lo: isize, hi: Option<Value>, key: Option<Value>) -> R<usize> {
        search(a, x, lo, hi, key.filter(|key| !key.is_none()), false)
    }
    /// Where to insert x in the sorted list a so that it comes in front of items equal to it.
    ///
    /// lo and hi bound the part that is searched; key is applied to the items.
    #[sig("(a, x, lo=0, hi=None, *, key=None)")]
    fn bisect_left(a: Value, x: Value, lo: isize, hi: Option<Value>, key: Option<Value>) -> R<usize> {
        search(a, x, lo, hi, key.filter(|key| !key.is_none()), true)
    }
    /// Insert x in the sorted list a, behind items equal to it.
    ///
    /// lo and hi bound the part that is searched; key is applied to the items and to x.
    #[sig("(a, x, lo=0, hi=None, *, key=None)")]
    fn insort_right(a: Value, x: Value, lo: isize, hi: Option<Value>, key: Option<Value>) -> R<()> {
        insert(a, x, lo, hi, key, false)
    }
    /// Insert x in the sorted list a, in front of items equal to it.
    ///
    /// lo and hi bound the part that is searched; key is applied to the items and to x.
    #[sig("(a, x, lo=0, hi=None, *, key=None)")]
    fn insort_left(a: Value, x: Value, lo: isize, hi: Option<Value>, key: Option<Value>) -> R<()> {
        insert(a, x, lo, hi, key, true)
    }
}
