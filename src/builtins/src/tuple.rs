//! The Python-visible skin of `tuple` and its iterator. Must not know: how tuples are stored.

use crate::pickling::{reduce_to_iter, reduce_with_state};
use crate::sequences::{
    generic_alias, only_argument, order, repeat_count, same_init, search_bound, state_position, subscript_index,
};
use native_macros::native_class;
use objects::args::Args;
use objects::error::{R, type_error, value_error};
use objects::iterators::{self, TupleIter};
use objects::slice::{as_slice, slice_bounds};
use objects::tuple::{self, Tuple};
use objects::{Class, CompareOp, Gc, Layout, Str, Value, class_name};

pub struct TupleSkin;

/// Built-in immutable sequence.
///
/// Called without an argument it gives the empty tuple, else a tuple of the
/// items of the iterable.
///
/// An argument that is a tuple already is returned itself.
#[native_class(name = "tuple", layout = Tuple, base = object, flags = "sequence sequence_ops match_self")]
impl TupleSkin {
    #[new]
    #[sig("(iterable=(), /)")]
    fn construct(cls: Gc<Class>, args: Args) -> R {
        if cls == Tuple::class()
            && !args.has_keywords()
            && let [iterable] = args.values()
        {
            return Ok(tuple::tuple_from_iterable(*iterable)?.value());
        }
        let iterable = only_argument(args, "tuple", same_init(cls, Tuple::class()))?;
        let items = match iterable {
            Some(iterable) => tuple::tuple_from_iterable(iterable)?,
            None => tuple::empty_tuple(),
        };
        if cls == Tuple::class() { Ok(items.value()) } else { Ok(tuple::tuple_alloc(cls, items.items()).value()) }
    }
    fn __repr__(this: Gc<Tuple>) -> R<Gc<Str>> {
        tuple::tuple_repr(this)
    }
    fn __hash__(this: Gc<Tuple>) -> R<i64> {
        tuple::tuple_hash(this)
    }
    fn __lt__(this: Gc<Tuple>, other: Gc<Tuple>) -> R {
        compare_tuples(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<Tuple>, other: Gc<Tuple>) -> R {
        compare_tuples(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<Tuple>, other: Gc<Tuple>) -> R {
        Ok(Value::bool(tuple::tuple_equal(this, other)?))
    }
    fn __ne__(this: Gc<Tuple>, other: Gc<Tuple>) -> R {
        Ok(Value::bool(!tuple::tuple_equal(this, other)?))
    }
    fn __gt__(this: Gc<Tuple>, other: Gc<Tuple>) -> R {
        compare_tuples(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<Tuple>, other: Gc<Tuple>) -> R {
        compare_tuples(CompareOp::Ge, this, other)
    }
    fn __iter__(this: Gc<Tuple>) -> R {
        Ok(iterators::tuple_iter(this).value())
    }
    fn __len__(this: Gc<Tuple>) -> usize {
        this.len()
    }
    fn __getitem__(this: Gc<Tuple>, key: Value) -> R {
        if key.is_int() {
            return tuple::tuple_get_item(this, key.as_int());
        }
        match as_slice(key) {
            Some(slice) => Ok(tuple::tuple_slice(this, slice_bounds(slice)?)?.value()),
            None => tuple::tuple_get_item(this, subscript_index(key, "tuple")?),
        }
    }
    fn __add__(this: Gc<Tuple>, value: Value) -> R {
        match objects::Cast::cast::<Tuple>(value) {
            Some(other) => Ok(tuple::tuple_concat(this, other)?.value()),
            None => Err(type_error!("can only concatenate tuple (not \"{}\") to tuple", class_name(value))),
        }
    }
    fn __mul__(this: Gc<Tuple>, value: Value) -> R {
        Ok(tuple::tuple_repeat(this, repeat_count(value)?)?.value())
    }
    fn __rmul__(this: Gc<Tuple>, value: Value) -> R {
        Ok(tuple::tuple_repeat(this, repeat_count(value)?)?.value())
    }
    fn __contains__(this: Gc<Tuple>, key: Value) -> R<bool> {
        tuple::tuple_contains(this, key)
    }
    fn __getnewargs__(this: Gc<Tuple>) -> R {
        let plain = tuple::tuple_alloc(Tuple::class(), this.items());
        Ok(tuple::new_tuple(&[plain.value()]).value())
    }
    /// The index of the first item that equals value.
    ///
    /// Raises ValueError if there is none.
    #[sig("(value, start=0, stop=sys.maxsize, /)")]
    fn index(this: Gc<Tuple>, value: Value, start: Option<Value>, stop: Option<Value>) -> R<usize> {
        match tuple::tuple_index_of(this, value, search_bound(start, 0)?, search_bound(stop, i64::MAX)?)? {
            Some(position) => Ok(position),
            None => Err(value_error!("tuple.index(x): x not in tuple")),
        }
    }
    /// How many items equal value.
    fn count(this: Gc<Tuple>, value: Value) -> R<usize> {
        tuple::tuple_count(this, value)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        generic_alias(cls, object)
    }
}

fn compare_tuples(op: CompareOp, a: Gc<Tuple>, b: Gc<Tuple>) -> R {
    order(op, tuple::tuple_first_difference(a, b)?, (a.len(), b.len()))
}

pub struct TupleIterSkin;

#[native_class(name = "tuple_iterator", layout = TupleIter, base = object, flags = "final no_new")]
impl TupleIterSkin {
    fn __iter__(this: Gc<TupleIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<TupleIter>) -> R<Option<Value>> {
        Ok(this.next())
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<TupleIter>) -> usize {
        this.length_hint()
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<TupleIter>) -> R {
        match this.container() {
            Some(tuple) => reduce_with_state("iter", tuple, objects::new_int(this.position())),
            None => reduce_to_iter(tuple::empty_tuple().value()),
        }
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<TupleIter>, object: Value) -> R<()> {
        this.set_position(state_position(object)?);
        Ok(())
    }
}
