//! The Python-visible skin of `range` and its iterators.

use crate::pickling::reduce_with_state;
use native_macros::native_class;
use objects::args::Args;
use objects::containers::TextBuilder;
use objects::error::{R, type_error};
use objects::range::{self, LongRangeIter, Range, RangeIter};
use objects::slice::as_slice;
use objects::{Class, Gc, Str, Value, class_name, class_of, new_tuple, number};

pub struct RangeSkin;

/// range(stop) -> range object
/// range(start, stop[, step]) -> range object
///
/// The sequence of the ints from start (by default 0) in steps of step (by
/// default 1, possibly negative) that come before stop: range(3) is 0, 1, 2.
#[native_class(name = "range", layout = Range, base = object, flags = "final sequence")]
impl RangeSkin {
    #[new]
    fn construct(_cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("range")?;
        args.check_count("range", 1, 3)?;
        let (zero, one) = (Value::small(0), Value::small(1));
        let (start, stop, step) = match *args.positional() {
            [stop] => (zero, number::index(stop)?, one),
            [start, stop] => (number::index(start)?, number::index(stop)?, one),
            [start, stop, step] => (number::index(start)?, number::index(stop)?, number::index(step)?),
            _ => (zero, zero, one),
        };
        Ok(range::new_range(start, stop, step)?.value())
    }
    fn __repr__(this: Gc<Range>) -> R<Gc<Str>> {
        let mut text = TextBuilder::new();
        text.push_str("range(");
        text.push(objects::repr(this.start())?);
        text.push_str(", ");
        text.push(objects::repr(this.stop())?);
        if !number::equal(this.step(), Value::small(1)) {
            text.push_str(", ");
            text.push(objects::repr(this.step())?);
        }
        text.push_str(")");
        Ok(text.finish())
    }
    fn __hash__(this: Gc<Range>) -> R<i64> {
        range::range_hash(this)
    }
    fn __lt__(_this: Gc<Range>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __le__(_this: Gc<Range>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __eq__(this: Gc<Range>, other: Gc<Range>) -> R {
        Ok(Value::bool(range::range_equal(this, other)))
    }
    fn __ne__(this: Gc<Range>, other: Gc<Range>) -> R {
        Ok(Value::bool(!range::range_equal(this, other)))
    }
    fn __gt__(_this: Gc<Range>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __ge__(_this: Gc<Range>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __iter__(this: Gc<Range>) -> R {
        range::range_iter(this)
    }
    fn __bool__(this: Gc<Range>) -> bool {
        !range::range_is_empty(this)
    }
    fn __len__(this: Gc<Range>) -> R<usize> {
        range::range_len(this)
    }
    fn __getitem__(this: Gc<Range>, key: Value) -> R {
        if let Some(slice) = as_slice(key) {
            return Ok(range::range_slice(this, slice)?.value());
        }
        if !key.is_int() && class_of(key).slots.index.get().is_none() {
            return Err(type_error!("range indices must be integers or slices, not {}", class_name(key)));
        }
        range::range_get_item(this, key)
    }
    fn __contains__(this: Gc<Range>, key: Value) -> R<bool> {
        range::range_contains(this, key)
    }
    /// An iterator over the numbers from last to first.
    fn __reversed__(this: Gc<Range>) -> R {
        range::range_reversed(this)
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Range>) -> Value {
        let arguments = new_tuple(&[this.start(), this.stop(), this.step()]).value();
        new_tuple(&[class_of(this.value()).value(), arguments]).value()
    }
    /// rangeobject.count(value) -> integer -- how often value is in the range
    fn count(this: Gc<Range>, object: Value) -> R<usize> {
        range::range_count(this, object)
    }
    /// rangeobject.index(value) -> integer -- the index at which value is
    ///
    /// Raises ValueError if the range does not have it.
    fn index(this: Gc<Range>, object: Value) -> R {
        range::range_index(this, object)
    }
    #[getter]
    fn start(this: Gc<Range>) -> Value {
        this.start()
    }
    #[getter]
    fn stop(this: Gc<Range>) -> Value {
        this.stop()
    }
    #[getter]
    fn step(this: Gc<Range>) -> Value {
        this.step()
    }
}

pub struct RangeIterSkin;

#[native_class(name = "range_iterator", layout = RangeIter, base = object, flags = "final no_new")]
impl RangeIterSkin {
    fn __iter__(this: Gc<RangeIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<RangeIter>) -> R<Option<Value>> {
        Ok(this.next().map(objects::new_int))
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<RangeIter>) -> i64 {
        this.remaining()
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<RangeIter>) -> R {
        reduce_with_state("iter", this.rest()?.value(), Value::none())
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<RangeIter>, object: Value) -> R<()> {
        this.skip(objects::index(object)?);
        Ok(())
    }
}

pub struct LongRangeIterSkin;

#[native_class(name = "longrange_iterator", layout = LongRangeIter, base = object, flags = "final no_new")]
impl LongRangeIterSkin {
    fn __iter__(this: Gc<LongRangeIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<LongRangeIter>) -> R<Option<Value>> {
        this.next()
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<LongRangeIter>) -> Value {
        this.remaining()
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<LongRangeIter>) -> R {
        reduce_with_state("iter", this.rest()?.value(), Value::none())
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<LongRangeIter>, object: Value) -> R<()> {
        this.skip(number::index(object)?)
    }
}
