//! The Python-visible skins of `set`, `frozenset` and their iterator. Must not know: tables.

use crate::pickling::reduce_to_iter;
use crate::sequences::{generic_alias, only_argument, same_init};
use native_macros::native_class;
use objects::args::Args;
use objects::error::R;
use objects::iterators::{SetIter, set_iter};
use objects::set::{self, AnySet, FrozenSet, Set, as_any_set};
use objects::{Class, Gc, Layout, Str, Value, class_of, new_tuple};

/// A comparison with another set; anything else is not comparable.
fn relation(this: AnySet, other: Value, holds: impl FnOnce(AnySet, AnySet) -> R<bool>) -> R {
    match as_any_set(other) {
        Some(other) => Ok(Value::bool(holds(this, other)?)),
        None => Ok(Value::not_implemented()),
    }
}

/// An operator whose other operand must be a set.
fn operation(this: AnySet, other: Value, work: impl FnOnce(AnySet, Value) -> R<AnySet>) -> R {
    match as_any_set(other) {
        Some(_) => Ok(work(this, other)?.value()),
        None => Ok(Value::not_implemented()),
    }
}

/// The same with the operands the other way round.
fn reflected(this: AnySet, other: Value, work: impl FnOnce(AnySet, Value) -> R<AnySet>) -> R {
    match as_any_set(other) {
        Some(other) => Ok(work(other, this.value())?.value()),
        None => Ok(Value::not_implemented()),
    }
}

/// An operator that changes its left operand.
fn in_place(this: Gc<Set>, other: Value, work: impl FnOnce(AnySet, Value) -> R<()>) -> R {
    if as_any_set(other).is_none() {
        return Ok(Value::not_implemented());
    }
    work(this.any(), other)?;
    Ok(this.value())
}

fn union(this: AnySet, others: &[Value]) -> R {
    let result = set::set_plain_copy(this)?;
    for other in others {
        if this.value() != *other {
            set::set_update(result, *other)?;
        }
    }
    Ok(result.value())
}

fn reduce(this: AnySet) -> R {
    let elements = set::set_elements(this).value();
    let state = objects::call_method(this.value(), objects::intern("__getstate__"), &[])?;
    let arguments = new_tuple(&[elements]).value();
    Ok(new_tuple(&[class_of(this.value()).value(), arguments, state]).value())
}

pub struct SetSkin;
pub struct FrozenSetSkin;

/// What both kinds of set have, and what one of them adds. The attribute macros do not look into macro calls, so this one wraps the
/// whole block.
macro_rules! set_skin {
    ($(#[$attribute:meta])* $skin:ident, $layout:ident { $($own:tt)* }) => {
        $(#[$attribute])*
        impl $skin {
            $($own)*

            fn __repr__(this: Gc<$layout>) -> R<Gc<Str>> {
                set::set_repr(this.any())
            }
            fn __lt__(this: Gc<$layout>, other: Value) -> R {
                relation(this.any(), other, |a, b| Ok(a.len() < b.len() && set::set_is_subset(a, b.value())?))
            }
            fn __le__(this: Gc<$layout>, other: Value) -> R {
                relation(this.any(), other, |a, b| set::set_is_subset(a, b.value()))
            }
            fn __eq__(this: Gc<$layout>, other: Value) -> R {
                relation(this.any(), other, set::set_equal)
            }
            fn __ne__(this: Gc<$layout>, other: Value) -> R {
                relation(this.any(), other, |a, b| Ok(!set::set_equal(a, b)?))
            }
            fn __gt__(this: Gc<$layout>, other: Value) -> R {
                relation(this.any(), other, |a, b| Ok(a.len() > b.len() && set::set_is_superset(a, b.value())?))
            }
            fn __ge__(this: Gc<$layout>, other: Value) -> R {
                relation(this.any(), other, |a, b| set::set_is_superset(a, b.value()))
            }
            fn __iter__(this: Gc<$layout>) -> R {
                Ok(set_iter(this.any()).value())
            }
            fn __sub__(this: Gc<$layout>, other: Value) -> R {
                operation(this.any(), other, set::set_difference)
            }
            fn __rsub__(this: Gc<$layout>, other: Value) -> R {
                reflected(this.any(), other, set::set_difference)
            }
            fn __and__(this: Gc<$layout>, other: Value) -> R {
                operation(this.any(), other, set::set_intersection)
            }
            fn __rand__(this: Gc<$layout>, other: Value) -> R {
                reflected(this.any(), other, set::set_intersection)
            }
            fn __xor__(this: Gc<$layout>, other: Value) -> R {
                operation(this.any(), other, set::set_symmetric_difference)
            }
            fn __rxor__(this: Gc<$layout>, other: Value) -> R {
                reflected(this.any(), other, set::set_symmetric_difference)
            }
            fn __or__(this: Gc<$layout>, other: Value) -> R {
                operation(this.any(), other, set::set_union)
            }
            fn __ror__(this: Gc<$layout>, other: Value) -> R {
                reflected(this.any(), other, set::set_union)
            }
            fn __len__(this: Gc<$layout>) -> usize {
                this.any().len()
            }
            /// x.__contains__(y) <==> y in x.
            fn __contains__(this: Gc<$layout>, object: Value) -> R<bool> {
                set::set_contains(this.any(), object)
            }
            /// A set of the same elements.
            fn copy(this: Gc<$layout>) -> R {
                Ok(set::set_copy(this.any())?.value())
            }
            /// A new set of the elements that none of the others has.
            #[sig("(*others)")]
            fn difference(this: Gc<$layout>, others: &[Value]) -> R {
                Ok(set::set_difference_many(this.any(), others)?.value())
            }
            /// A new set of the elements that all the others have too.
            #[sig("(*others)")]
            fn intersection(this: Gc<$layout>, others: &[Value]) -> R {
                Ok(set::set_intersection_many(this.any(), others)?.value())
            }
            /// Whether two sets have no element in common.
            fn isdisjoint(this: Gc<$layout>, other: Value) -> R<bool> {
                set::set_is_disjoint(this.any(), other)
            }
            /// Whether another set has all elements of this one.
            fn issubset(this: Gc<$layout>, other: Value) -> R<bool> {
                set::set_is_subset(this.any(), other)
            }
            /// Whether this set has all elements of another.
            fn issuperset(this: Gc<$layout>, other: Value) -> R<bool> {
                set::set_is_superset(this.any(), other)
            }
            /// What pickle needs to make the same object.
            fn __reduce__(this: Gc<$layout>) -> R {
                reduce(this.any())
            }
            /// The number of bytes that the set takes in memory.
            fn __sizeof__(this: Gc<$layout>) -> usize {
                size_of::<$layout>() + this.any().table().map_or(0, |table| table.size_in_bytes())
            }
            /// A new set of the elements that exactly one of the two sets has.
            fn symmetric_difference(this: Gc<$layout>, other: Value) -> R {
                Ok(set::set_symmetric_difference(this.any(), other)?.value())
            }
            /// A new set of the elements of the set and of all the others.
            #[sig("(*others)")]
            fn union(this: Gc<$layout>, others: &[Value]) -> R {
                union(this.any(), others)
            }
            /// See PEP 585
            #[classmethod]
            fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
                generic_alias(cls, object)
            }
        }
    };
}

set_skin! {
    /// A mutable collection of distinct elements, without order.
    #[native_class(name = "set", layout = Set, base = object, flags = "match_self weakref")]
    SetSkin, Set {
        #[new]
        fn construct(cls: Gc<Class>, _args: Args) -> R {
            Ok(set::set_alloc(cls).value())
        }
        #[sig("(iterable=(), /)")]
        fn __init__(this: Gc<Set>, args: Args) -> R<()> {
            let iterable = only_argument(args, "set", true)?;
            set::set_clear(this.any());
            match iterable {
                Some(iterable) => set::set_update(this.any(), iterable),
                None => Ok(()),
            }
        }
        fn __isub__(this: Gc<Set>, other: Value) -> R {
            in_place(this, other, set::set_difference_update)
        }
        fn __iand__(this: Gc<Set>, other: Value) -> R {
            in_place(this, other, set::set_intersection_update)
        }
        fn __ixor__(this: Gc<Set>, other: Value) -> R {
            in_place(this, other, set::set_symmetric_difference_update)
        }
        fn __ior__(this: Gc<Set>, other: Value) -> R {
            in_place(this, other, set::set_update)
        }
        /// Add an element, unless the set has it already.
        fn add(this: Gc<Set>, object: Value) -> R<()> {
            set::set_add(this.any(), object).map(|_| ())
        }
        /// Take out all elements.
        fn clear(this: Gc<Set>) {
            set::set_clear(this.any());
        }
        /// Remove an element if the set has it.
        ///
        /// Otherwise nothing happens, where remove() would raise KeyError.
        fn discard(this: Gc<Set>, object: Value) -> R<()> {
            set::set_discard(this.any(), object).map(|_| ())
        }
        /// Remove the elements that the others have.
        #[sig("(*others)")]
        fn difference_update(this: Gc<Set>, others: &[Value]) -> R<()> {
            others.iter().try_for_each(|other| set::set_difference_update(this.any(), *other))
        }
        /// Remove the elements that not all of the others have.
        #[sig("(*others)")]
        fn intersection_update(this: Gc<Set>, others: &[Value]) -> R<()> {
            set::set_intersection_update_many(this.any(), others)
        }
        /// Remove some element and return it.
        ///
        /// Raises KeyError if the set is empty.
        fn pop(this: Gc<Set>) -> R {
            set::set_pop(this.any())
        }
        /// Remove an element.
        ///
        /// Raises KeyError if the set does not have it.
        fn remove(this: Gc<Set>, object: Value) -> R<()> {
            set::set_remove(this.any(), object)
        }
        /// Make this the set of the elements that exactly one of the two has.
        fn symmetric_difference_update(this: Gc<Set>, other: Value) -> R<()> {
            set::set_symmetric_difference_update(this.any(), other)
        }
        /// Add the elements of all the others.
        #[sig("(*others)")]
        fn update(this: Gc<Set>, others: &[Value]) -> R<()> {
            others.iter().try_for_each(|other| set::set_update(this.any(), *other))
        }
    }
}

set_skin! {
    /// An immutable collection of distinct elements, without order.
    #[native_class(name = "frozenset", layout = FrozenSet, base = object, flags = "match_self weakref")]
    FrozenSetSkin, FrozenSet {
        #[new]
        #[sig("(iterable=(), /)")]
        fn construct(cls: Gc<Class>, args: Args) -> R {
            let iterable = only_argument(args, "frozenset", same_init(cls, FrozenSet::class()))?;
            if cls == FrozenSet::class()
                && let Some(iterable) = iterable
            {
                return Ok(set::frozenset_from_iterable(iterable)?.value());
            }
            let made = set::set_alloc(cls);
            if let Some(iterable) = iterable {
                set::set_update(made, iterable)?;
            }
            Ok(made.value())
        }
        fn __hash__(this: Gc<FrozenSet>) -> i64 {
            set::set_hash(this.any())
        }
    }
}

pub struct SetIterSkin;

#[native_class(name = "set_iterator", layout = SetIter, base = object, flags = "final no_new")]
impl SetIterSkin {
    fn __iter__(this: Gc<SetIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<SetIter>) -> R<Option<Value>> {
        this.next()
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<SetIter>) -> usize {
        this.length_hint()
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<SetIter>) -> R {
        let fork = this.fork();
        let rest = objects::list::new_list(&[]);
        while let Some(element) = fork.next()? {
            objects::list::list_push(rest, element);
        }
        reduce_to_iter(rest.value())
    }
}
