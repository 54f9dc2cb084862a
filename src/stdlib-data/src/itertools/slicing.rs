//! `islice`, `pairwise` and `batched`.

use native_macros::{Layout, native_class};
use objects::{
    Args, Class, Gc, GcVec, Header, Layout, R, Slot, Value, int_view, new_object, new_tuple, number, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct ISlice {
    pub header: Header,
    /// Empty once exhausted.
    iterator: Slot,
    next: AtomicI64,
    /// Negative: no end.
    stop: AtomicI64,
    step: i64,
    count: AtomicI64,
}

/// A bound: None for Python's None, an error unless it is a number in `0..=sys.maxsize`.
fn bound(value: Value, what: &str) -> R<Option<i64>> {
    if value.is_none() {
        return Ok(None);
    }
    let number = match number::try_index(value) {
        Ok(number) => number.and_then(number::to_i64),
        Err(raised) => {
            raised.clear();
            None
        }
    };
    match number {
        Some(number) if number >= 0 => Ok(Some(number)),
        _ => Err(value_error!("{what}")),
    }
}

/// Iterator over the items that a slice would select: islice(iterable, stop) or islice(iterable, start, stop, step).
#[native_class(name = "itertools.islice", base = object)]
impl ISlice {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if crate::support::same_init(cls, ISlice::class()) {
            args.no_keywords("islice")?;
        }
        args.check_count("islice", 2, 4)?;
        const STOP: &str = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
        const BOTH: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
        const STEP: &str = "Step for islice() must be a positive integer or None.";
        let (start, stop, step) = match *args.positional() {
            [_, stop] => (0, bound(stop, STOP)?, 1),
            [_, start, stop, ref rest @ ..] => {
                let stop = bound(stop, STOP)?;
                let start = bound(start, BOTH)?.unwrap_or(0);
                let step = match rest {
                    [step] => bound(*step, STEP)?.unwrap_or(1),
                    _ => 1,
                };
                (start, stop, step)
            }
            _ => (0, None, 1),
        };
        if step < 1 {
            return Err(value_error!("{STEP}"));
        }
        let iterator = objects::iter(args.positional()[0])?;
        let fields = ISlice {
            header: Header::blank(),
            iterator: Slot::new(iterator),
            next: AtomicI64::new(start),
            stop: AtomicI64::new(stop.unwrap_or(-1)),
            step,
            count: AtomicI64::new(0),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<ISlice>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<ISlice>) -> R<Option<Value>> {
        let Some(iterator) = this.iterator.get() else { return Ok(None) };
        let (stop, next) = (this.stop.load(Ordering::Relaxed), this.next.load(Ordering::Relaxed));
        let mut count = this.count.load(Ordering::Relaxed);
        while count < next {
            let Some(_) = objects::next(iterator)? else {
                this.iterator.clear();
                return Ok(None);
            };
            count += 1;
            this.count.store(count, Ordering::Relaxed);
            if stop >= 0 && count >= stop {
                break;
            }
        }
        if stop >= 0 && count >= stop {
            this.iterator.clear();
            return Ok(None);
        }
        let Some(item) = objects::next(iterator)? else {
            this.iterator.clear();
            return Ok(None);
        };
        this.count.store(count + 1, Ordering::Relaxed);
        let following = next.saturating_add(this.step);
        this.next.store(if stop >= 0 { following.min(stop) } else { following }, Ordering::Relaxed);
        Ok(Some(item))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Pairwise {
    pub header: Header,
    iterator: Slot,
    previous: Slot,
}

/// Iterator over overlapping pairs of neighbours: s -> (s0,s1), (s1,s2), (s2,s3), ...
#[native_class(name = "itertools.pairwise", base = object)]
impl Pairwise {
    #[new]
    #[sig("(iterable, /)")]
    fn new(cls: Gc<Class>, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        Ok(new_object(cls, Pairwise { header: Header::blank(), iterator: Slot::new(iterator), previous: Slot::empty() }).value())
    }
    fn __iter__(this: Gc<Pairwise>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Pairwise>) -> R<Option<Value>> {
        let Some(iterator) = this.iterator.get() else { return Ok(None) };
        let previous = match this.previous.get() {
            Some(previous) => previous,
            None => {
                let Some(first) = objects::next(iterator)? else {
                    this.iterator.clear();
                    return Ok(None);
                };
                this.previous.set(first);
                // The iterator may have come back here and ended everything.
                if this.iterator.is_empty() {
                    return Ok(None);
                }
                this.previous.get().unwrap_or(first)
            }
        };
        let Some(item) = objects::next(iterator)? else {
            this.iterator.clear();
            this.previous.clear();
            return Ok(None);
        };
        this.previous.set(item);
        Ok(Some(new_tuple(&[previous, item]).value()))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Batched {
    pub header: Header,
    /// Empty once exhausted.
    iterator: Slot,
    size: usize,
    strict: AtomicBool,
}

/// Iterator over tuples of n items each; the last one may be shorter unless strict is true.
#[native_class(name = "itertools.batched", base = object)]
impl Batched {
    #[new]
    #[sig("(iterable, n, *, strict=False)")]
    fn new(cls: Gc<Class>, iterable: Value, n: isize, strict: bool) -> R {
        if n < 1 {
            return Err(value_error!("n must be at least one"));
        }
        let iterator = objects::iter(iterable)?;
        let fields =
            Batched { header: Header::blank(), iterator: Slot::new(iterator), size: n as usize, strict: AtomicBool::new(strict) };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Batched>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Batched>) -> R<Option<Value>> {
        let Some(iterator) = this.iterator.get() else { return Ok(None) };
        let mut items = GcVec::with_capacity(this.size.min(1024));
        while items.len() < this.size {
            match objects::next(iterator) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => {
                    this.iterator.clear();
                    break;
                }
                Err(raised) => {
                    this.iterator.clear();
                    return Err(raised);
                }
            }
        }
        if items.is_empty() {
            return Ok(None);
        }
        if items.len() < this.size && this.strict.load(Ordering::Relaxed) {
            return Err(value_error!("batched(): incomplete batch"));
        }
        Ok(Some(new_tuple(&items).value()))
    }
}

/// The argument `r` of the combinatoric iterators, which wants an int.
pub fn count_argument(value: Value) -> R<usize> {
    if int_view(value).is_none() {
        return Err(type_error!("Expected int as r"));
    }
    let count = objects::index(value)?;
    if count < 0 {
        return Err(value_error!("r must be non-negative"));
    }
    Ok(count as usize)
}
