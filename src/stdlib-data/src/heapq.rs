//! Module `_heapq`. Must not know: other modules.
//!
//! Each function is one step for other threads: it works in a section (`heap::section`) of its list, and gives the list's lock up only for
//! comparisons that may run Python code.

use heap::{ObjectGuard, section};
use native_macros::native_module;
use objects::containers::{guard, quick_less};
use objects::list::{List, list_append, list_append_alone, list_pop_alone, list_reserve};
use objects::{CompareOp, Gc, R, Value, compare_bool, index_error, runtime_error};

pub struct Heapq;

/// Where a heap lies and how its items are compared.
trait Ground {
    fn list(&self) -> Gc<List>;
    fn less(&mut self, a: Value, b: Value) -> R<bool>;
    fn append(&mut self, item: Value) -> R<()>;

    #[inline(always)]
    fn len(&self) -> usize {
        self.list().len()
    }
    #[inline(always)]
    fn get(&self, index: usize) -> R {
        self.list().get(index).ok_or_else(|| index_error!("index out of range"))
    }
    /// Nobody else changes the list now.
    #[inline(always)]
    fn set(&self, index: usize, value: Value) {
        if let Some(slot) = self.list().slots().get(index) {
            slot.set(value);
        }
    }
}

/// A list of the only thread.
struct Alone(Gc<List>);

impl Ground for Alone {
    #[inline(always)]
    fn list(&self) -> Gc<List> {
        self.0
    }
    #[inline(always)]
    fn less(&mut self, a: Value, b: Value) -> R<bool> {
        match (a.int(), b.int()) {
            (Some(a), Some(b)) => Ok(a < b),
            _ => compare_bool(CompareOp::Lt, a, b),
        }
    }
    #[inline(always)]
    fn append(&mut self, item: Value) -> R<()> {
        list_append(self.0, item)
    }
}

/// A list that other threads may know. The lock is held but during comparisons in Python.
struct Shared {
    list: Gc<List>,
    held: Option<ObjectGuard<'static>>,
    claimed: bool,
}

impl Shared {
    fn enter(list: Gc<List>) -> Shared {
        let mut ground = Shared { list, held: None, claimed: false };
        ground.lock();
        ground
    }
    fn header(&self) -> &'static heap::Header {
        // SAFETY: the list is alive while `self` holds it on the stack, and so longer than the guard and the claim.
        unsafe { &*self.list.header() }
    }
    fn lock(&mut self) {
        self.held = Some(section::lock_unclaimed(self.header()));
    }
    fn unlock(&mut self) {
        self.claimed |= section::claim(self.header());
        self.held = None;
    }
}

impl Ground for Shared {
    fn list(&self) -> Gc<List> {
        self.list
    }
    fn less(&mut self, a: Value, b: Value) -> R<bool> {
        if let Some(less) = quick_less(a, b) {
            return Ok(less);
        }
        self.unlock();
        let less = compare_bool(CompareOp::Lt, a, b);
        self.lock();
        less
    }
    fn append(&mut self, item: Value) -> R<()> {
        while !list_append_alone(&self.list, item) {
            self.unlock();
            let made = list_reserve(self.list, 1);
            self.lock();
            made?;
        }
        Ok(())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.claimed {
            if self.held.is_none() {
                self.held = Some(guard(self.list));
            }
            section::release(self.header());
        }
    }
}

/// Whether `a` belongs above `b`.
#[inline(always)]
fn belongs_above<const MAX: bool>(ground: &mut impl Ground, a: Value, b: Value) -> R<bool> {
    if MAX { ground.less(b, a) } else { ground.less(a, b) }
}

#[inline(always)]
fn above<const MAX: bool>(ground: &mut impl Ground, a: usize, b: usize) -> R<bool> {
    let length = ground.len();
    let (a, b) = (ground.get(a)?, ground.get(b)?);
    let result = belongs_above::<MAX>(ground, a, b)?;
    if ground.len() != length {
        return Err(runtime_error!("list changed size during iteration"));
    }
    Ok(result)
}

#[inline(always)]
fn swap(ground: &mut impl Ground, a: usize, b: usize) -> R<()> {
    let (x, y) = (ground.get(a)?, ground.get(b)?);
    ground.set(a, y);
    ground.set(b, x);
    Ok(())
}

/// Lets the item at `place` rise, at most to `top`.
#[inline(always)]
fn rise<const MAX: bool>(ground: &mut impl Ground, top: usize, mut place: usize) -> R<()> {
    if place >= ground.len() {
        return Err(index_error!("index out of range"));
    }
    while place > top {
        let parent = (place - 1) / 2;
        if !above::<MAX>(ground, place, parent)? {
            break;
        }
        swap(ground, place, parent)?;
        place = parent;
    }
    Ok(())
}

/// Lets the item at `place` sink to a leaf along the best children, then rise to where it belongs.
fn sink<const MAX: bool>(ground: &mut impl Ground, place: usize) -> R<()> {
    let end = ground.len();
    if place >= end {
        return Err(index_error!("index out of range"));
    }
    let top = place;
    let mut place = place;
    while place < end / 2 {
        let mut child = 2 * place + 1;
        if child + 1 < end && !above::<MAX>(ground, child, child + 1)? {
            child += 1;
        }
        swap(ground, place, child)?;
        place = child;
    }
    rise::<MAX>(ground, top, place)
}

fn push_on<const MAX: bool>(ground: &mut impl Ground, item: Value) -> R<()> {
    ground.append(item)?;
    let last = ground.len().saturating_sub(1);
    rise::<MAX>(ground, 0, last)
}

fn pop_off<const MAX: bool>(ground: &mut impl Ground) -> R {
    let Some(last) = list_pop_alone(&ground.list()) else { return Err(index_error!("index out of range")) };
    let Some(first) = ground.list().get(0) else { return Ok(last) };
    ground.set(0, last);
    sink::<MAX>(ground, 0)?;
    Ok(first)
}

fn replace_in<const MAX: bool>(ground: &mut impl Ground, item: Value) -> R {
    let first = ground.get(0)?;
    ground.set(0, item);
    sink::<MAX>(ground, 0)?;
    Ok(first)
}

fn push_pop_on<const MAX: bool>(ground: &mut impl Ground, item: Value) -> R {
    let Some(first) = ground.list().get(0) else { return Ok(item) };
    if !belongs_above::<MAX>(ground, first, item)? {
        return Ok(item);
    }
    replace_in::<MAX>(ground, item)
}

fn arrange<const MAX: bool>(ground: &mut impl Ground) -> R<()> {
    for place in (0..ground.len() / 2).rev() {
        sink::<MAX>(ground, place)?;
    }
    Ok(())
}

/// A function on a list, for one thread and for several.
macro_rules! on_ground {
    ($list:expr, $function:ident::<$max:literal>($($argument:expr)?)) => {
        if heap::is_multithreaded() {
            $function::<$max>(&mut Shared::enter($list) $(, $argument)?)
        } else {
            $function::<$max>(&mut Alone($list) $(, $argument)?)
        }
    };
}

/// Heaps: lists whose item k is not greater than the items 2*k+1 and 2*k+2.
#[native_module(name = "_heapq")]
impl Heapq {
    #[attr("__about__")]
    const ABOUT: &str =
        "A heap is a list whose item k is not greater than the items 2*k+1 and 2*k+2, so that its first item is the smallest.";

    /// Push item onto heap.
    fn heappush(heap: Gc<List>, item: Value) -> R<()> {
        on_ground!(heap, push_on::<false>(item))
    }
    /// Push item, then take off the smallest item and return it.
    fn heappushpop(heap: Gc<List>, item: Value) -> R {
        on_ground!(heap, push_pop_on::<false>(item))
    }
    /// Take off the smallest item and return it.
    fn heappop(heap: Gc<List>) -> R {
        on_ground!(heap, pop_off::<false>())
    }
    /// Pop the smallest item, then push item; quicker than both one after the other.
    fn heapreplace(heap: Gc<List>, item: Value) -> R {
        on_ground!(heap, replace_in::<false>(item))
    }
    /// Reorder a list so that it is a heap, in linear time.
    fn heapify(heap: Gc<List>) -> R<()> {
        on_ground!(heap, arrange::<false>())
    }
    /// Push item onto a heap whose largest item comes first.
    fn heappush_max(heap: Gc<List>, item: Value) -> R<()> {
        on_ground!(heap, push_on::<true>(item))
    }
    /// Push item on a heap whose largest item comes first, then pop that.
    fn heappushpop_max(heap: Gc<List>, item: Value) -> R {
        on_ground!(heap, push_pop_on::<true>(item))
    }
    /// Pop the largest item off the heap.
    fn heappop_max(heap: Gc<List>) -> R {
        on_ground!(heap, pop_off::<true>())
    }
    /// Pop the largest item, then push item.
    fn heapreplace_max(heap: Gc<List>, item: Value) -> R {
        on_ground!(heap, replace_in::<true>(item))
    }
    /// Turn a list into a heap whose largest item comes first.
    fn heapify_max(heap: Gc<List>) -> R<()> {
        on_ground!(heap, arrange::<true>())
    }
}
