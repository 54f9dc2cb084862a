//! The Python-visible skin of `slice`.

use native_macros::native_class;
use objects::args::Args;
use objects::error::R;
use objects::slice::{self, Slice};
use objects::{Class, CompareOp, Gc, Str, Value, class_of, new_tuple};

pub struct SliceSkin;

/// slice(stop)
/// slice(start, stop[, step])
///
/// Make the object that extended slicing passes on, as in a[0:10:2].
#[native_class(name = "slice", layout = Slice, base = object, flags = "final")]
impl SliceSkin {
    #[new]
    fn construct(cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("slice")?;
        args.check_count("slice", 1, 3)?;
        let none = Value::none();
        let [start, stop, step] = match *args.positional() {
            [stop] => [none, stop, none],
            [start, stop] => [start, stop, none],
            [start, stop, step] => [start, stop, step],
            _ => [none; 3],
        };
        Ok(slice::slice_alloc(cls, start, stop, step).value())
    }
    fn __repr__(this: Gc<Slice>) -> R<Gc<Str>> {
        slice::slice_repr(this)
    }
    fn __hash__(this: Gc<Slice>) -> R<i64> {
        slice::slice_hash(this)
    }
    fn __lt__(this: Gc<Slice>, other: Gc<Slice>) -> R {
        compare_parts(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<Slice>, other: Gc<Slice>) -> R {
        compare_parts(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<Slice>, other: Gc<Slice>) -> R {
        Ok(Value::bool(slice::slice_equal(this, other)?))
    }
    fn __ne__(this: Gc<Slice>, other: Gc<Slice>) -> R {
        Ok(Value::bool(!slice::slice_equal(this, other)?))
    }
    fn __gt__(this: Gc<Slice>, other: Gc<Slice>) -> R {
        compare_parts(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<Slice>, other: Gc<Slice>) -> R {
        compare_parts(CompareOp::Ge, this, other)
    }
    /// S.indices(len) -> (start, stop, stride)
    ///
    /// The bounds and the step of the slice S for a sequence of length len. Bounds
    /// beyond the sequence are clipped as slicing does it.
    fn indices(this: Gc<Slice>, object: Value) -> R {
        Ok(new_tuple(&slice::slice_indices(this, object)?).value())
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Slice>) -> Value {
        let arguments = new_tuple(&this.parts()).value();
        new_tuple(&[class_of(this.value()).value(), arguments]).value()
    }
    #[getter]
    fn start(this: Gc<Slice>) -> Value {
        this.start()
    }
    #[getter]
    fn stop(this: Gc<Slice>) -> Value {
        this.stop()
    }
    #[getter]
    fn step(this: Gc<Slice>) -> Value {
        this.step()
    }
}

/// Slices order like the tuples of their parts.
fn compare_parts(op: CompareOp, a: Gc<Slice>, b: Gc<Slice>) -> R {
    if a == b {
        return Ok(Value::bool(op.holds(std::cmp::Ordering::Equal)));
    }
    let (left, right) = (new_tuple(&a.parts()), new_tuple(&b.parts()));
    let difference = objects::tuple::tuple_first_difference(left, right)?;
    crate::sequences::order(op, difference, (3, 3))
}
