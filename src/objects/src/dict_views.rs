//! The views of a dict (`keys`, `values`, `items`) and its six iterators, with the set operations of views.
//! Each Python class has its own layout; all views share one core, all iterators another.

use crate::containers::{plain_layout, same_or_equal};
use crate::dict::{Dict, dict_contains, dict_get};
use crate::error::{R, runtime_error};
use crate::layout::{Cast, Gc, Layout, alloc_instance};
use crate::list::{self, List};
use crate::protocol;
use crate::set::{self, AnySet, Set};
use crate::tuple::{Tuple, new_tuple};
use heap::{Header, Slot, Value};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all views are made of.
#[repr(C)]
pub struct ViewCore {
    pub header: Header,
    dict: Slot,
}

/// What all iterators over dicts are made of.
#[repr(C)]
pub struct IterCore {
    pub header: Header,
    dict: Slot,
    used: AtomicUsize,
    position: AtomicUsize,
    remaining: AtomicUsize,
}

macro_rules! layouts {
    ($core:ident: $($name:ident = $python:literal),*) => { $(
        #[repr(C)]
        pub struct $name {
            core: $core,
        }
        plain_layout!($name, $python, [core]);
        impl Gc<$name> {
            #[inline(always)]
            pub fn core(self) -> Gc<$core> {
                // SAFETY: the core is all there is.
                unsafe { self.cast_unchecked() }
            }
        }
    )* };
}
impl crate::layout::Trace for ViewCore {
    fn trace(&self, tracer: &mut heap::Tracer) {
        tracer.slot(&self.dict);
    }
}
impl crate::layout::Trace for IterCore {
    fn trace(&self, tracer: &mut heap::Tracer) {
        tracer.slot(&self.dict);
    }
}
layouts!(ViewCore: DictKeys = "dict_keys", DictValues = "dict_values", DictItems = "dict_items");
layouts!(IterCore: DictKeyIter = "dict_keyiterator", DictValueIter = "dict_valueiterator", DictItemIter = "dict_itemiterator",
    DictReverseKeyIter = "dict_reversekeyiterator", DictReverseValueIter = "dict_reversevalueiterator",
    DictReverseItemIter = "dict_reverseitemiterator");

/// Which part of the items a view or iterator shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Keys,
    Values,
    Items,
}

impl Part {
    #[inline(always)]
    fn pick(self, key: Value, value: Value) -> Value {
        match self {
            Part::Keys => key,
            Part::Values => value,
            Part::Items => new_tuple(&[key, value]).value(),
        }
    }
}

// ---- views ----

impl ViewCore {
    /// The dict that is viewed.
    pub fn dict(&self) -> Gc<Dict> {
        // SAFETY: set at creation to a dict, never changed.
        unsafe { self.dict.get().unwrap_or(Value::none()).cast_unchecked() }
    }
    pub fn len(&self) -> usize {
        self.dict().len()
    }
}

/// A view of a dict.
pub fn new_view(dict: Gc<Dict>, part: Part) -> Value {
    let class = match part {
        Part::Keys => DictKeys::class(),
        Part::Values => DictValues::class(),
        Part::Items => DictItems::class(),
    };
    new_view_of(class, dict)
}

/// A view of a dict, of one of the view classes or a class with the same layout.
pub fn new_view_of(class: Gc<crate::class::Class>, dict: Gc<Dict>) -> Value {
    // SAFETY: all view layouts are the core.
    let view: Gc<ViewCore> = unsafe { Gc::from_ptr(alloc_instance(class).cast()) };
    view.dict.set(dict.value());
    view.value()
}

/// The dict and part of a value that is a keys or items view.
pub fn as_set_like_view(value: Value) -> Option<(Gc<Dict>, Part)> {
    if let Some(view) = value.cast::<DictKeys>() {
        return Some((view.core().dict(), Part::Keys));
    }
    value.cast::<DictItems>().map(|view| (view.core().dict(), Part::Items))
}

/// The dict and part of a view, for who takes all of it in one step, whatever other threads do to the dict.
pub fn as_view(value: Value) -> Option<(Gc<Dict>, Part)> {
    if let Some(view) = value.cast_exact::<DictItems>() {
        return Some((view.core().dict(), Part::Items));
    }
    if let Some(view) = value.cast_exact::<DictKeys>() {
        return Some((view.core().dict(), Part::Keys));
    }
    value.cast_exact::<DictValues>().map(|view| (view.core().dict(), Part::Values))
}

/// `item in dict.items()`
pub fn items_contain(dict: Gc<Dict>, item: Value) -> R<bool> {
    let Some(pair) = item.cast::<Tuple>() else { return Ok(false) };
    let [key, value] = *pair.items() else { return Ok(false) };
    match dict_get(dict, key)? {
        Some(found) => same_or_equal(found, value),
        None => Ok(false),
    }
}

/// `item in view` for keys and items views.
pub fn view_contains(dict: Gc<Dict>, part: Part, item: Value) -> R<bool> {
    match part {
        Part::Keys => dict_contains(dict, item),
        _ => items_contain(dict, item),
    }
}

/// A list of what a view shows.
pub fn view_list(dict: Gc<Dict>, part: Part) -> Gc<List> {
    let table = dict.table();
    let result = list::list_with_room(table.used());
    let mut position = 0;
    while let Some((next, key, value, _)) = table.next_live(position) {
        position = next;
        list::list_push(result, part.pick(key, value));
    }
    result
}

/// Whether a value may stand beside a view in `<=` and the like: a set or a set-like view.
pub fn is_set_like(value: Value) -> bool {
    set::as_any_set(value).is_some() || as_set_like_view(value).is_some()
}

/// Whether every item of `left` is in `right`.
fn all_contained_in(left: Value, right: Value) -> R<bool> {
    let iterator = protocol::iter(left)?;
    while let Some(item) = protocol::next(iterator)? {
        if !protocol::contains(right, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `view op other` for set-like views; None if the other operand is not set-like.
pub fn view_compare(op: protocol::CompareOp, view: Value, other: Value) -> R<Option<bool>> {
    use protocol::CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    if !is_set_like(other) {
        return Ok(None);
    }
    let (a, b) = (protocol::len(view)?, protocol::len(other)?);
    let answer = match op {
        Eq => a == b && all_contained_in(view, other)?,
        Ne => !(a == b && all_contained_in(view, other)?),
        Lt => a < b && all_contained_in(view, other)?,
        Le => a <= b && all_contained_in(view, other)?,
        Gt => a > b && all_contained_in(other, view)?,
        Ge => a >= b && all_contained_in(other, view)?,
    };
    Ok(Some(answer))
}

/// A set of what an iterable gives.
fn to_set(iterable: Value) -> R<AnySet> {
    Ok(set::set_from_iterable(iterable)?.any())
}

/// `view & other`
pub fn view_and(view: Value, other: Value) -> R<AnySet> {
    // Goes through the shorter operand where both have membership tests.
    let (view, other) = match as_set_like_view(other) {
        Some((dict, _)) if dict.len() > protocol::len(view)? => (other, view),
        _ => (view, other),
    };
    let result = set::new_set().any();
    let Some((dict, part)) = as_set_like_view(view) else { return set::set_intersection(to_set(view)?, other) };
    protocol::iterate(other, |item| {
        if view_contains(dict, part, item)? {
            set::set_add(result, item)?;
        }
        Ok(())
    })?;
    Ok(result)
}

/// `view | other`
pub fn view_or(view: Value, other: Value) -> R<AnySet> {
    let result = to_set(view)?;
    set::set_update(result, other)?;
    Ok(result)
}

/// `view - other`
pub fn view_sub(view: Value, other: Value) -> R<AnySet> {
    let result = to_set(view)?;
    set::set_difference_update(result, other)?;
    Ok(result)
}

/// `view ^ other`
pub fn view_xor(view: Value, other: Value) -> R<AnySet> {
    let result = to_set(view)?;
    set::set_symmetric_difference_update(result, to_set(other)?.value())?;
    Ok(result)
}

/// `view.isdisjoint(other)`
pub fn view_is_disjoint(view: Value, other: Value) -> R<bool> {
    if view == other {
        return Ok(protocol::len(view)? == 0);
    }
    let (through, within) =
        if is_set_like(other) && protocol::len(other)? > protocol::len(view)? { (view, other) } else { (other, view) };
    let iterator = protocol::iter(through)?;
    while let Some(item) = protocol::next(iterator)? {
        if protocol::contains(within, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The set operators also work with a view on the right: whether the value is a plain set result type.
pub fn is_set(value: Value) -> bool {
    value.is_instance_of_layout::<Set>()
}

// ---- iterators ----

/// An iterator over a dict, forwards or backwards.
pub fn new_dict_iter(dict: Gc<Dict>, part: Part, reverse: bool) -> Value {
    let class = match (part, reverse) {
        (Part::Keys, false) => DictKeyIter::class(),
        (Part::Values, false) => DictValueIter::class(),
        (Part::Items, false) => DictItemIter::class(),
        (Part::Keys, true) => DictReverseKeyIter::class(),
        (Part::Values, true) => DictReverseValueIter::class(),
        (Part::Items, true) => DictReverseItemIter::class(),
    };
    // SAFETY: all iterator layouts are the core.
    let iterator: Gc<IterCore> = unsafe { Gc::from_ptr(alloc_instance(class).cast()) };
    let table = dict.table();
    iterator.dict.set(dict.value());
    iterator.used.store(table.used(), Ordering::Relaxed);
    iterator.remaining.store(table.used(), Ordering::Relaxed);
    iterator.position.store(if reverse { table.filled() } else { 0 }, Ordering::Relaxed);
    iterator.value()
}

impl IterCore {
    fn dict(&self) -> Option<Gc<Dict>> {
        // SAFETY: only dicts are ever put in.
        self.dict.get().map(|dict| unsafe { dict.cast_unchecked() })
    }

    /// The dict, checked for a change of size; None when exhausted.
    #[inline(always)]
    fn checked_dict(&self) -> R<Option<Gc<Dict>>> {
        let Some(dict) = self.dict() else { return Ok(None) };
        if self.used.load(Ordering::Relaxed) == dict.len() {
            return Ok(Some(dict));
        }
        // Stays so: every later call fails as well.
        self.used.store(usize::MAX, Ordering::Relaxed);
        Err(runtime_error!("dictionary changed size during iteration"))
    }

    #[inline(always)]
    fn count_down(&self) {
        self.remaining.store(self.remaining.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
    }

    /// The next item forwards.
    #[inline(always)]
    pub fn next_item(&self) -> R<Option<(Value, Value)>> {
        let Some(dict) = self.checked_dict()? else { return Ok(None) };
        match dict.table().next_live(self.position.load(Ordering::Relaxed)) {
            Some((next, key, value, _)) => {
                if self.remaining.load(Ordering::Relaxed) == 0 {
                    self.dict.clear();
                    return Err(runtime_error!("dictionary keys changed during iteration"));
                }
                self.position.store(next, Ordering::Relaxed);
                self.count_down();
                Ok(Some((key, value)))
            }
            None => {
                self.dict.clear();
                Ok(None)
            }
        }
    }

    /// The next item forwards, if there is one and nothing is wrong; else nothing was done.
    #[inline(always)]
    pub fn next_quick(&self) -> Option<(Value, Value)> {
        let dict = self.dict()?;
        if self.used.load(Ordering::Relaxed) != dict.len() || self.remaining.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let (next, key, value, _) = dict.table().next_live(self.position.load(Ordering::Relaxed))?;
        self.position.store(next, Ordering::Relaxed);
        self.count_down();
        Some((key, value))
    }

    /// The next item backwards.
    pub fn previous_item(&self) -> R<Option<(Value, Value)>> {
        let Some(dict) = self.checked_dict()? else { return Ok(None) };
        match dict.table().previous_live(self.position.load(Ordering::Relaxed)) {
            Some((number, key, value, _)) => {
                self.position.store(number, Ordering::Relaxed);
                self.count_down();
                Ok(Some((key, value)))
            }
            None => {
                self.dict.clear();
                Ok(None)
            }
        }
    }

    #[inline(always)]
    pub fn next(&self, part: Part) -> R<Option<Value>> {
        Ok(self.next_item()?.map(|(key, value)| part.pick(key, value)))
    }
    pub fn previous(&self, part: Part) -> R<Option<Value>> {
        Ok(self.previous_item()?.map(|(key, value)| part.pick(key, value)))
    }

    pub fn length_hint(&self) -> usize {
        match self.dict() {
            Some(dict) if dict.len() == self.used.load(Ordering::Relaxed) => self.remaining.load(Ordering::Relaxed),
            _ => 0,
        }
    }

    /// A list of what is still to come, the iterator left where it is.
    pub fn rest(&self, part: Part, reverse: bool) -> R<Gc<List>> {
        let result = list::new_list(&[]);
        let Some(dict) = self.dict() else { return Ok(result) };
        let fork: Gc<IterCore> = unsafe { new_dict_iter(dict, part, reverse).cast_unchecked() };
        for (target, source) in [(&fork.position, &self.position), (&fork.used, &self.used), (&fork.remaining, &self.remaining)] {
            target.store(source.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        while let Some(item) = if reverse { fork.previous(part)? } else { fork.next(part)? } {
            list::list_push(result, item);
        }
        Ok(result)
    }
}
