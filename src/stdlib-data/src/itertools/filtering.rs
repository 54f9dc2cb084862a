//! `compress`, `dropwhile`, `takewhile` and `filterfalse`.

use native_macros::{Layout, native_class};
use objects::int::BoolObject;
use objects::{Class, Gc, Header, Layout, R, Slot, Value, call, is_true, new_object};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Compress {
    pub header: Header,
    data: Slot,
    selectors: Slot,
}

/// Iterator over the items of data whose selector is true.
#[native_class(name = "itertools.compress", base = object)]
impl Compress {
    #[new]
    #[sig("(data, selectors)")]
    fn new(cls: Gc<Class>, data: Value, selectors: Value) -> R {
        let data = objects::iter(data)?;
        let selectors = objects::iter(selectors)?;
        Ok(new_object(cls, Compress { header: Header::blank(), data: Slot::new(data), selectors: Slot::new(selectors) }).value())
    }
    fn __iter__(this: Gc<Compress>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Compress>) -> R<Option<Value>> {
        let (Some(data), Some(selectors)) = (this.data.get(), this.selectors.get()) else { return Ok(None) };
        loop {
            let Some(item) = objects::next(data)? else { return Ok(None) };
            let Some(selector) = objects::next(selectors)? else { return Ok(None) };
            if is_true(selector)? {
                return Ok(Some(item));
            }
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct DropWhile {
    pub header: Header,
    predicate: Slot,
    iterator: Slot,
    started: AtomicBool,
}

/// Iterator that leaves out the first items as long as predicate(item) is true, and gives all others.
#[native_class(name = "itertools.dropwhile", base = object)]
impl DropWhile {
    #[new]
    #[sig("(predicate, iterable, /)")]
    fn new(cls: Gc<Class>, predicate: Value, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        let fields = DropWhile {
            header: Header::blank(),
            predicate: Slot::new(predicate),
            iterator: Slot::new(iterator),
            started: AtomicBool::new(false),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<DropWhile>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<DropWhile>) -> R<Option<Value>> {
        let (Some(predicate), Some(iterator)) = (this.predicate.get(), this.iterator.get()) else { return Ok(None) };
        loop {
            let Some(item) = objects::next(iterator)? else { return Ok(None) };
            if this.started.load(Ordering::Relaxed) {
                return Ok(Some(item));
            }
            if !is_true(call(predicate, &[item])?)? {
                this.started.store(true, Ordering::Relaxed);
                return Ok(Some(item));
            }
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct TakeWhile {
    pub header: Header,
    predicate: Slot,
    iterator: Slot,
    stopped: AtomicBool,
}

/// Iterator over the first items as long as predicate(item) is true.
#[native_class(name = "itertools.takewhile", base = object)]
impl TakeWhile {
    #[new]
    #[sig("(predicate, iterable, /)")]
    fn new(cls: Gc<Class>, predicate: Value, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        let fields = TakeWhile {
            header: Header::blank(),
            predicate: Slot::new(predicate),
            iterator: Slot::new(iterator),
            stopped: AtomicBool::new(false),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<TakeWhile>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<TakeWhile>) -> R<Option<Value>> {
        if this.stopped.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (Some(predicate), Some(iterator)) = (this.predicate.get(), this.iterator.get()) else { return Ok(None) };
        let Some(item) = objects::next(iterator)? else { return Ok(None) };
        if is_true(call(predicate, &[item])?)? {
            return Ok(Some(item));
        }
        this.stopped.store(true, Ordering::Relaxed);
        Ok(None)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct FilterFalse {
    pub header: Header,
    function: Slot,
    iterator: Slot,
}

/// Iterator over the items for which function(item) is false.
///
/// With None as function: over the items that are false themselves.
#[native_class(name = "itertools.filterfalse", base = object)]
impl FilterFalse {
    #[new]
    #[sig("(function, iterable, /)")]
    fn new(cls: Gc<Class>, function: Value, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        let fields = FilterFalse { header: Header::blank(), function: Slot::new(function), iterator: Slot::new(iterator) };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<FilterFalse>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<FilterFalse>) -> R<Option<Value>> {
        let (Some(function), Some(iterator)) = (this.function.get(), this.iterator.get()) else { return Ok(None) };
        let by_truth = function.is_none() || function == BoolObject::class().value();
        while let Some(item) = objects::next(iterator)? {
            let verdict = if by_truth { item } else { call(function, &[item])? };
            if !is_true(verdict)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}
