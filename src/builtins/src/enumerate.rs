//! `enumerate`: pairs of counter and item.

use crate::sequences::generic_alias;
use native_macros::native_class;
use objects::args::Args;
use objects::error::{R, type_error};
use objects::int::{IntView, int_add, int_view};
pub use objects::iterators::Enumerate;
use objects::{Cast, Class, Gc, Header, Slot, Str, Value, class_of, new_int, new_object, new_tuple};
use std::sync::atomic::{AtomicI64, Ordering};

pub struct EnumerateSkin;

/// Iterator over pairs of a counter (from start on) and the items of an iterable.
#[native_class(name = "enumerate", layout = Enumerate, base = object)]
impl EnumerateSkin {
    #[new]
    #[sig("(iterable, start=0)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let (iterable, start) = arguments(args)?;
        let start = match start {
            Some(start) => objects::index_object(start)?,
            None => Value::small(0),
        };
        let small = int_view(start).and_then(IntView::to_i64).filter(|number| *number < i64::MAX);
        let iterator = objects::iter(iterable)?;
        Ok(new_object(
            cls,
            Enumerate {
                header: Header::blank(),
                iterator: Slot::new(iterator),
                count: AtomicI64::new(small.unwrap_or(i64::MAX)),
                big: Slot::new_opt(if small.is_some() { None } else { Some(start) }),
            },
        )
        .value())
    }
    fn __iter__(this: Gc<Enumerate>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<Enumerate>) -> R<Option<Value>> {
        let Some(iterator) = this.iterator.get() else { return Ok(None) };
        let Some(item) = objects::next(iterator)? else { return Ok(None) };
        let count = this.count.load(Ordering::Relaxed);
        if count < i64::MAX {
            this.count.store(count + 1, Ordering::Relaxed);
            return Ok(Some(new_tuple(&[new_int(count), item]).value()));
        }
        let number = this.big.get().unwrap_or_else(|| new_int(i64::MAX));
        let view = int_view(number).unwrap_or(IntView::Small(0));
        this.big.set(int_add(view, IntView::Small(1)));
        Ok(Some(new_tuple(&[number, item]).value()))
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Enumerate>) -> Value {
        let count = this.big.get().unwrap_or_else(|| new_int(this.count.load(Ordering::Relaxed)));
        let arguments = new_tuple(&[this.iterator.get().unwrap_or(Value::none()), count]).value();
        new_tuple(&[class_of(this.value()).value(), arguments]).value()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        generic_alias(cls, object)
    }
}

/// The error texts are those of a function that parses its arguments by hand.
fn arguments(args: Args) -> R<(Value, Option<Value>)> {
    let given = args.total_len();
    if given > 2 {
        return Err(type_error!("enumerate() takes at most 2 arguments ({given} given)"));
    }
    let (mut iterable, mut start) = (args.get(0), args.get(1));
    for (name, value) in args.keywords() {
        let name = name.cast::<Str>().map_or(String::new(), |name| name.to_string_lossy());
        match name.as_str() {
            "iterable" if iterable.is_none() => iterable = Some(value),
            "start" if start.is_none() => start = Some(value),
            _ => return Err(type_error!("'{name}' is an invalid keyword argument for enumerate()")),
        }
    }
    match iterable {
        Some(iterable) => Ok((iterable, start)),
        None => Err(type_error!("enumerate() missing required argument 'iterable'")),
    }
}
