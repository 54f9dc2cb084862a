//! The Python-visible skin of `list` and its iterators. Must not know: how lists are stored.

use crate::pickling::reduce_with_state;
use crate::sequences::{
    generic_alias, only_argument, order, repeat_count, same_new, search_bound, state_position, subscript_index,
};
use native_macros::native_class;
use objects::args::Args;
use objects::error::{R, index_error, type_error, value_error};
use objects::iterators::{self, ListIter, ListReverseIter};
use objects::list::{self, List};
use objects::slice::{as_slice, slice_bounds};
use objects::{Class, CompareOp, Gc, Layout, Str, Value, class_name, class_of};

pub struct ListSkin;

/// Built-in mutable sequence.
///
/// Called without an argument it makes an empty list, else a list of the
/// items of the iterable.
#[native_class(name = "list", layout = List, base = object, flags = "sequence sequence_ops match_self")]
impl ListSkin {
    #[new]
    fn construct(cls: Gc<Class>, _args: Args) -> R {
        Ok(list::list_alloc(cls).value())
    }
    #[sig("(iterable=(), /)")]
    fn __init__(this: Gc<List>, args: Args) -> R<()> {
        let strict = same_new(class_of(this.value()), List::class());
        let iterable = only_argument(args, "list", strict)?;
        if !this.is_empty() {
            list::list_clear(this);
        }
        match iterable {
            Some(iterable) => list::list_extend(this, iterable),
            None => Ok(()),
        }
    }
    fn __repr__(this: Gc<List>) -> R<Gc<Str>> {
        list::list_repr(this)
    }
    fn __lt__(this: Gc<List>, other: Gc<List>) -> R {
        compare_lists(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<List>, other: Gc<List>) -> R {
        compare_lists(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<List>, other: Gc<List>) -> R {
        Ok(Value::bool(list::list_equal(this, other)?))
    }
    fn __ne__(this: Gc<List>, other: Gc<List>) -> R {
        Ok(Value::bool(!list::list_equal(this, other)?))
    }
    fn __gt__(this: Gc<List>, other: Gc<List>) -> R {
        compare_lists(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<List>, other: Gc<List>) -> R {
        compare_lists(CompareOp::Ge, this, other)
    }
    fn __iter__(this: Gc<List>) -> R {
        Ok(iterators::list_iter(this).value())
    }
    fn __len__(this: Gc<List>) -> usize {
        this.len()
    }
    fn __getitem__(this: Gc<List>, index: Value) -> R {
        if index.is_int() {
            return list::list_get_item(this, index.as_int());
        }
        match as_slice(index) {
            Some(slice) => Ok(list::list_slice(this, slice_bounds(slice)?)?.value()),
            None => list::list_get_item(this, subscript_index(index, "list")?),
        }
    }
    fn __setitem__(this: Gc<List>, key: Value, value: Value) -> R<()> {
        if key.is_int() {
            return list::list_set_item(this, key.as_int(), value);
        }
        match as_slice(key) {
            Some(slice) => list::list_assign_slice(this, slice_bounds(slice)?, value),
            None => list::list_set_item(this, subscript_index(key, "list")?, value),
        }
    }
    fn __delitem__(this: Gc<List>, key: Value) -> R<()> {
        if let Some(slice) = as_slice(key) {
            return list::list_delete_slice(this, slice_bounds(slice)?);
        }
        if list::list_delete(this, subscript_index(key, "list")?) {
            Ok(())
        } else {
            Err(index_error!("list assignment index out of range"))
        }
    }
    fn __add__(this: Gc<List>, value: Value) -> R {
        match objects::Cast::cast::<List>(value) {
            Some(other) => Ok(list::list_concat(this, other)?.value()),
            None => Err(type_error!("can only concatenate list (not \"{}\") to list", class_name(value))),
        }
    }
    fn __mul__(this: Gc<List>, value: Value) -> R {
        Ok(list::list_repeat(this, repeat_count(value)?)?.value())
    }
    fn __rmul__(this: Gc<List>, value: Value) -> R {
        Ok(list::list_repeat(this, repeat_count(value)?)?.value())
    }
    fn __contains__(this: Gc<List>, key: Value) -> R<bool> {
        list::list_contains(this, key)
    }
    fn __iadd__(this: Gc<List>, value: Value) -> R {
        list::list_extend(this, value)?;
        Ok(this.value())
    }
    fn __imul__(this: Gc<List>, value: Value) -> R {
        list::list_repeat_in_place(this, repeat_count(value)?)?;
        Ok(this.value())
    }
    /// An iterator over the items from last to first.
    fn __reversed__(this: Gc<List>) -> Gc<ListReverseIter> {
        iterators::list_reverse_iter(this)
    }
    /// The number of bytes that the list takes in memory.
    fn __sizeof__(this: Gc<List>) -> usize {
        list::list_size_in_bytes(this)
    }
    /// Take out all items.
    fn clear(this: Gc<List>) {
        list::list_clear(this);
    }
    /// A new list of the same items.
    fn copy(this: Gc<List>) -> R<Gc<List>> {
        list::list_copy(this)
    }
    /// Add an item at the end.
    fn append(this: Gc<List>, object: Value) -> R<()> {
        list::list_append(this, object)
    }
    /// Insert object before index.
    fn insert(this: Gc<List>, index: Value, object: Value) -> R<()> {
        list::list_insert(this, objects::index(index)?, object)
    }
    /// Add the items of the iterable at the end.
    fn extend(this: Gc<List>, iterable: Value) -> R<()> {
        list::list_extend(this, iterable)
    }
    /// Remove the item at index (by default the last) and return it.
    ///
    /// Raises IndexError if there is no such item.
    #[sig("(index=-1, /)")]
    fn pop(this: Gc<List>, index: Option<Value>) -> R {
        let index = match index {
            None => -1,
            Some(index) => objects::index(index)?,
        };
        match list::list_pop(this, index) {
            Some(value) => Ok(value),
            None if this.is_empty() => Err(index_error!("pop from empty list")),
            None => Err(index_error!("pop index out of range")),
        }
    }
    /// Remove the first item that equals value.
    ///
    /// Raises ValueError if there is none.
    fn remove(this: Gc<List>, value: Value) -> R<()> {
        list::list_remove(this, value)
    }
    /// The index of the first item that equals value.
    ///
    /// Raises ValueError if there is none.
    #[sig("(value, start=0, stop=sys.maxsize, /)")]
    fn index(this: Gc<List>, value: Value, start: Option<Value>, stop: Option<Value>) -> R<usize> {
        match list::list_index_of(this, value, search_bound(start, 0)?, search_bound(stop, i64::MAX)?)? {
            Some(position) => Ok(position),
            None => Err(value_error!("list.index(x): x not in list")),
        }
    }
    /// How many items equal value.
    fn count(this: Gc<List>, value: Value) -> R<usize> {
        list::list_count(this, value)
    }
    /// Reverse *IN PLACE*.
    fn reverse(this: Gc<List>) {
        list::list_reverse(this);
    }
    /// Sort the list itself, in ascending order.
    ///
    /// Equal items keep their order. A key function, if given, is called once for
    /// each item and its results are compared instead. The order is descending if
    /// reverse is true.
    #[sig("(*, key=None, reverse=False)")]
    fn sort(this: Gc<List>, key: Option<Value>, reverse: bool) -> R<()> {
        objects::sort::list_sort(this, key.filter(|key| !key.is_none()), reverse)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        generic_alias(cls, object)
    }
}

fn compare_lists(op: CompareOp, a: Gc<List>, b: Gc<List>) -> R {
    order(op, list::list_first_difference(a, b)?, (a.len(), b.len()))
}

pub struct ListIterSkin;

#[native_class(name = "list_iterator", layout = ListIter, base = object, flags = "final no_new")]
impl ListIterSkin {
    fn __iter__(this: Gc<ListIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<ListIter>) -> R<Option<Value>> {
        Ok(this.next())
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<ListIter>) -> usize {
        this.length_hint()
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<ListIter>) -> R {
        match this.container() {
            Some(list) => reduce_with_state("iter", list, objects::new_int(this.position())),
            None => crate::pickling::reduce_to_iter(list::new_list(&[]).value()),
        }
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<ListIter>, object: Value) -> R<()> {
        this.set_position(state_position(object)?);
        Ok(())
    }
}

pub struct ListReverseIterSkin;

#[native_class(name = "list_reverseiterator", layout = ListReverseIter, base = object, flags = "final no_new")]
impl ListReverseIterSkin {
    fn __iter__(this: Gc<ListReverseIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<ListReverseIter>) -> R<Option<Value>> {
        Ok(this.next())
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<ListReverseIter>) -> usize {
        this.length_hint()
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<ListReverseIter>) -> R {
        match this.container() {
            Some(list) => reduce_with_state("reversed", list, objects::new_int(this.position())),
            None => crate::pickling::reduce_to_iter(list::new_list(&[]).value()),
        }
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<ListReverseIter>, object: Value) -> R<()> {
        this.set_position(state_position(object)?);
        Ok(())
    }
}
