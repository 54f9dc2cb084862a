//! `chain`, `zip_longest`, `accumulate` and `starmap`.

use crate::itertools::infinite::single_keyword;
use native_macros::{Layout, native_class};
use objects::gc_vec::with_room;
use objects::{
    Args, BinaryOp, Cast, Class, Gc, GcVec, Header, Kwargs, R, Slot, Tuple, Value, binary_op, call, new_object, new_tuple,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Chain {
    pub header: Header,
    /// Iterator over the iterables; empty once exhausted.
    source: Slot,
    active: Slot,
}

fn new_chain(cls: Gc<Class>, source: Value) -> R {
    let source = objects::iter(source)?;
    Ok(new_object(cls, Chain { header: Header::blank(), source: Slot::new(source), active: Slot::empty() }).value())
}

/// Iterator over the items of the first iterable, then those of the next one, until all are used up.
#[native_class(name = "itertools.chain", base = object)]
impl Chain {
    #[new]
    #[sig("(*iterables)")]
    fn new(cls: Gc<Class>, iterables: &[Value]) -> R {
        new_chain(cls, new_tuple(iterables).value())
    }
    fn __iter__(this: Gc<Chain>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Chain>) -> R<Option<Value>> {
        loop {
            let active = match this.active.get() {
                Some(active) => active,
                None => {
                    let Some(source) = this.source.get() else { return Ok(None) };
                    match objects::next(source).and_then(|iterable| iterable.map(objects::iter).transpose()) {
                        Ok(Some(active)) => {
                            this.active.set(active);
                            active
                        }
                        Ok(None) => {
                            this.source.clear();
                            return Ok(None);
                        }
                        Err(raised) => {
                            this.source.clear();
                            return Err(raised);
                        }
                    }
                }
            };
            if let Some(item) = objects::next(active)? {
                return Ok(Some(item));
            }
            this.active.clear();
        }
    }
    /// A chain of the iterables that an iterable gives, one at a time.
    #[classmethod]
    fn from_iterable(cls: Gc<Class>, iterable: Value) -> R {
        new_chain(cls, iterable)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct ZipLongest {
    pub header: Header,
    /// A list of iterators; None for those that ended.
    iterators: Slot,
    active: AtomicUsize,
    fill: Slot,
}

/// Iterator over tuples of the next items of all iterables, until the longest ends.
///
/// Items that are missing are replaced by fillvalue.
#[native_class(name = "itertools.zip_longest", base = object)]
impl ZipLongest {
    #[new]
    #[sig("(*iterables, fillvalue=None)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let fill = single_keyword(Kwargs::all(args), "zip_longest", "fillvalue")?.unwrap_or(Value::none());
        let mut iterators = GcVec::with_capacity(args.len());
        for iterable in args.positional() {
            iterators.push(objects::iter(*iterable)?);
        }
        let list = objects::new_list(&iterators).value();
        let fields = ZipLongest {
            header: Header::blank(),
            iterators: Slot::new(list),
            active: AtomicUsize::new(iterators.len()),
            fill: Slot::new(fill),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<ZipLongest>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<ZipLongest>) -> R<Option<Value>> {
        let Some(iterators) = this.iterators.get().and_then(|list| list.cast::<objects::List>()) else { return Ok(None) };
        if this.active.load(Ordering::Relaxed) == 0 {
            return Ok(None);
        }
        let fill = this.fill.get().unwrap_or(Value::none());
        with_room(iterators.len(), |items| {
            for (index, place) in items.iter_mut().enumerate() {
                let iterator = iterators.get(index).unwrap_or(Value::none());
                *place = if iterator.is_none() {
                    fill
                } else {
                    match objects::next(iterator) {
                        Ok(Some(item)) => item,
                        Ok(None) => {
                            let left = this.active.load(Ordering::Relaxed).saturating_sub(1);
                            this.active.store(left, Ordering::Relaxed);
                            if left == 0 {
                                return Ok(None);
                            }
                            objects::list::list_set(iterators, index as i64, Value::none());
                            fill
                        }
                        Err(raised) => {
                            this.active.store(0, Ordering::Relaxed);
                            return Err(raised);
                        }
                    }
                };
            }
            Ok(Some(new_tuple(items).value()))
        })
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Accumulate {
    pub header: Header,
    iterator: Slot,
    /// Empty: addition.
    function: Slot,
    total: Slot,
    /// The initial value was not given out yet.
    initial: AtomicBool,
}

/// Iterator over running totals, or over the running results of another function of two arguments.
#[native_class(name = "itertools.accumulate", base = object)]
impl Accumulate {
    #[new]
    #[sig("(iterable, func=None, *, initial=None)")]
    fn new(cls: Gc<Class>, iterable: Value, func: Option<Value>, initial: Option<Value>) -> R {
        let iterator = objects::iter(iterable)?;
        let initial = initial.filter(|initial| !initial.is_none());
        let fields = Accumulate {
            header: Header::blank(),
            iterator: Slot::new(iterator),
            function: Slot::new_opt(func.filter(|func| !func.is_none())),
            total: Slot::new_opt(initial),
            initial: AtomicBool::new(initial.is_some()),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Accumulate>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Accumulate>) -> R<Option<Value>> {
        if this.initial.load(Ordering::Relaxed) {
            this.initial.store(false, Ordering::Relaxed);
            return Ok(this.total.get());
        }
        let Some(iterator) = this.iterator.get() else { return Ok(None) };
        let Some(item) = objects::next(iterator)? else { return Ok(None) };
        let total = match (this.total.get(), this.function.get()) {
            (None, _) => item,
            // Neither is wider than 49 bits.
            (Some(total), None) if total.is_int() && item.is_int() => objects::new_int(total.as_int() + item.as_int()),
            (Some(total), None) => binary_op(BinaryOp::Add, total, item)?,
            (Some(total), Some(function)) => call(function, &[total, item])?,
        };
        this.total.set(total);
        Ok(Some(total))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Starmap {
    pub header: Header,
    function: Slot,
    iterator: Slot,
}

/// Iterator over function(*arguments) for each sequence of arguments in an iterable.
#[native_class(name = "itertools.starmap", base = object)]
impl Starmap {
    #[new]
    #[sig("(function, iterable, /)")]
    fn new(cls: Gc<Class>, function: Value, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        let fields = Starmap { header: Header::blank(), function: Slot::new(function), iterator: Slot::new(iterator) };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Starmap>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Starmap>) -> R<Option<Value>> {
        let (Some(function), Some(iterator)) = (this.function.get(), this.iterator.get()) else { return Ok(None) };
        let Some(arguments) = objects::next(iterator)? else { return Ok(None) };
        if let Some(tuple) = arguments.cast_exact::<Tuple>() {
            return call(function, tuple.items()).map(Some);
        }
        let arguments = objects::to_vec(arguments)?;
        call(function, &arguments).map(Some)
    }
}
