//! Module `_heapq`. Must not know: other modules.

use native_macros::native_module;
use objects::list::{List, list_append, list_pop, list_set};
use objects::{CompareOp, Gc, R, Value, compare_bool, index_error, runtime_error};

pub struct Heapq;

/// Whether `a` belongs above `b`.
type Above = fn(Value, Value) -> R<bool>;

fn smaller(a: Value, b: Value) -> R<bool> {
    compare_bool(CompareOp::Lt, a, b)
}
fn larger(a: Value, b: Value) -> R<bool> {
    compare_bool(CompareOp::Lt, b, a)
}

fn get(heap: Gc<List>, index: usize) -> R {
    heap.get(index).ok_or_else(|| index_error!("index out of range"))
}

fn above(heap: Gc<List>, a: usize, b: usize, above: Above) -> R<bool> {
    let length = heap.len();
    let result = above(get(heap, a)?, get(heap, b)?)?;
    if heap.len() != length {
        return Err(runtime_error!("list changed size during iteration"));
    }
    Ok(result)
}

fn swap(heap: Gc<List>, a: usize, b: usize) -> R<()> {
    let (x, y) = (get(heap, a)?, get(heap, b)?);
    list_set(heap, a as i64, y);
    list_set(heap, b as i64, x);
    Ok(())
}

/// Lets the item at `place` rise, at most to `top`.
fn rise(heap: Gc<List>, top: usize, mut place: usize, order: Above) -> R<()> {
    if place >= heap.len() {
        return Err(index_error!("index out of range"));
    }
    while place > top {
        let parent = (place - 1) / 2;
        if !above(heap, place, parent, order)? {
            break;
        }
        swap(heap, place, parent)?;
        place = parent;
    }
    Ok(())
}

/// Lets the item at `place` sink to a leaf along the best children, then rise to where it belongs.
fn sink(heap: Gc<List>, place: usize, order: Above) -> R<()> {
    let end = heap.len();
    if place >= end {
        return Err(index_error!("index out of range"));
    }
    let top = place;
    let mut place = place;
    while place < end / 2 {
        let mut child = 2 * place + 1;
        if child + 1 < end && !above(heap, child, child + 1, order)? {
            child += 1;
        }
        swap(heap, place, child)?;
        place = child;
    }
    rise(heap, top, place, order)
}

fn push(heap: Gc<List>, item: Value, order: Above) -> R<()> {
    list_append(heap, item)?;
    rise(heap, 0, heap.len().saturating_sub(1), order)
}

fn pop(heap: Gc<List>, order: Above) -> R {
    let Some(last) = list_pop(heap, -1) else { return Err(index_error!("index out of range")) };
    let Some(first) = heap.get(0) else { return Ok(last) };
    list_set(heap, 0, last);
    sink(heap, 0, order)?;
    Ok(first)
}

fn replace(heap: Gc<List>, item: Value, order: Above) -> R {
    let first = get(heap, 0)?;
    list_set(heap, 0, item);
    sink(heap, 0, order)?;
    Ok(first)
}

fn push_pop(heap: Gc<List>, item: Value, order: Above) -> R {
    let Some(first) = heap.get(0) else { return Ok(item) };
    if !order(first, item)? {
        return Ok(item);
    }
    let Some(first) = heap.get(0) else { return Err(index_error!("index out of range")) };
    list_set(heap, 0, item);
    sink(heap, 0, order)?;
    Ok(first)
}

fn arrange(heap: Gc<List>, order: Above) -> R<()> {
    for place in (0..heap.len() / 2).rev() {
        sink(heap, place, order)?;
    }
    Ok(())
}

/// Heaps: lists whose item k is not greater than the items 2*k+1 and 2*k+2.
#[native_module(name = "_heapq")]
impl Heapq {
    #[attr("__about__")]
    const ABOUT: &str =
        "A heap is a list whose item k is not greater than the items 2*k+1 and 2*k+2, so that its first item is the smallest.";

    /// Push item onto heap.
    fn heappush(heap: Gc<List>, item: Value) -> R<()> {
        push(heap, item, smaller)
    }
    /// Push item, then take off the smallest item and return it.
    fn heappushpop(heap: Gc<List>, item: Value) -> R {
        push_pop(heap, item, smaller)
    }
    /// Take off the smallest item and return it.
    fn heappop(heap: Gc<List>) -> R {
        pop(heap, smaller)
    }
    /// Pop the smallest item, then push item; quicker than both one after the other.
    fn heapreplace(heap: Gc<List>, item: Value) -> R {
        replace(heap, item, smaller)
    }
    /// Reorder a list so that it is a heap, in linear time.
    fn heapify(heap: Gc<List>) -> R<()> {
        arrange(heap, smaller)
    }
    /// Push item onto a heap whose largest item comes first.
    fn heappush_max(heap: Gc<List>, item: Value) -> R<()> {
        push(heap, item, larger)
    }
    /// Push item on a heap whose largest item comes first, then pop that.
    fn heappushpop_max(heap: Gc<List>, item: Value) -> R {
        push_pop(heap, item, larger)
    }
    /// Pop the largest item off the heap.
    fn heappop_max(heap: Gc<List>) -> R {
        pop(heap, larger)
    }
    /// Pop the largest item, then push item.
    fn heapreplace_max(heap: Gc<List>, item: Value) -> R {
        replace(heap, item, larger)
    }
    /// Turn a list into a heap whose largest item comes first.
    fn heapify_max(heap: Gc<List>) -> R<()> {
        arrange(heap, larger)
    }
}
