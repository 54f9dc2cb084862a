//! `count`, `cycle` and `repeat`.

use native_macros::{Layout, native_class};
use objects::list::{List, list_push, new_list};
use objects::{
    BinaryOp, Cast, Class, Gc, Header, Kwargs, R, Slot, Value, binary_op, class_of, int_view, new_int, new_object, type_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Count {
    pub header: Header,
    current: Slot,
    step: Slot,
}

fn is_number(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.int.get().is_some()
        || slots.float.get().is_some()
        || slots.index.get().is_some()
        || value.cast::<objects::Complex>().is_some()
}

/// Endless iterator over start, start + step, start + 2*step ...
#[native_class(name = "itertools.count", base = object)]
impl Count {
    #[new]
    #[sig("(start=0, step=1)")]
    fn new(cls: Gc<Class>, start: Option<Value>, step: Option<Value>) -> R {
        let start = start.unwrap_or(Value::small(0));
        let step = step.unwrap_or(Value::small(1));
        if !is_number(start) || !is_number(step) {
            return Err(type_error!("a number is required"));
        }
        Ok(new_object(cls, Count { header: Header::blank(), current: Slot::new(start), step: Slot::new(step) }).value())
    }
    fn __iter__(this: Gc<Count>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Count>) -> R<Option<Value>> {
        let (Some(mut current), Some(step)) = (this.current.get(), this.step.get()) else { return Ok(None) };
        loop {
            let next = if current.both_int(step) {
                new_int(current.as_int() + step.as_int())
            } else {
                binary_op(BinaryOp::Add, current, step)?
            };
            if !heap::is_multithreaded() {
                this.current.set(next);
                return Ok(Some(current));
            }
            match this.current.compare_set(Some(current), Some(next)) {
                Ok(()) => return Ok(Some(current)),
                // Another thread took this number.
                Err(Some(other)) => current = other,
                Err(None) => return Ok(None),
            }
        }
    }
    fn __repr__(this: Gc<Count>) -> R<String> {
        let (Some(current), Some(step)) = (this.current.get(), this.step.get()) else { return Ok("count()".to_owned()) };
        let current = objects::repr(current)?.to_string_lossy();
        if int_view(step).and_then(|view| view.to_i64()) == Some(1) {
            return Ok(format!("count({current})"));
        }
        Ok(format!("count({current}, {})", objects::repr(step)?.to_string_lossy()))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Cycle {
    pub header: Header,
    /// Empty once the first round is done.
    iterator: Slot,
    /// A list.
    saved: Slot,
    index: AtomicUsize,
}

/// Iterator that repeats the items of an iterable for ever.
#[native_class(name = "itertools.cycle", base = object)]
impl Cycle {
    #[new]
    #[sig("(iterable, /)")]
    fn new(cls: Gc<Class>, iterable: Value) -> R {
        let iterator = objects::iter(iterable)?;
        let saved = new_list(&[]).value();
        let fields =
            Cycle { header: Header::blank(), iterator: Slot::new(iterator), saved: Slot::new(saved), index: AtomicUsize::new(0) };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Cycle>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Cycle>) -> R<Option<Value>> {
        let Some(saved) = this.saved.get().and_then(|list| list.cast::<List>()) else { return Ok(None) };
        if let Some(iterator) = this.iterator.get() {
            if let Some(item) = objects::next(iterator)? {
                list_push(saved, item);
                return Ok(Some(item));
            }
            this.iterator.clear();
        }
        let index = this.index.load(Ordering::Relaxed);
        match saved.get(index) {
            Some(item) => {
                this.index.store(if index + 1 < saved.len() { index + 1 } else { 0 }, Ordering::Relaxed);
                Ok(Some(item))
            }
            None => Ok(None),
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Repeat {
    pub header: Header,
    object: Slot,
    left: AtomicI64,
    endless: AtomicBool,
}

/// Iterator that gives the same object again and again, at most times often.
#[native_class(name = "itertools.repeat", base = object)]
impl Repeat {
    #[new]
    #[sig("(object, times=None)", hidden)]
    fn new(cls: Gc<Class>, object: Value, times: Option<Value>) -> R {
        let left = match times {
            Some(times) => objects::index(times)?.max(0),
            None => 0,
        };
        let fields = Repeat {
            header: Header::blank(),
            object: Slot::new(object),
            left: AtomicI64::new(left),
            endless: AtomicBool::new(times.is_none()),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Repeat>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Repeat>) -> R<Option<Value>> {
        if !this.endless.load(Ordering::Relaxed) {
            let left = this.left.load(Ordering::Relaxed);
            if left <= 0 {
                return Ok(None);
            }
            this.left.store(left - 1, Ordering::Relaxed);
        }
        Ok(this.object.get())
    }
    fn __repr__(this: Gc<Repeat>) -> R<String> {
        let object = objects::repr(this.object.get().unwrap_or(Value::none()))?.to_string_lossy();
        if this.endless.load(Ordering::Relaxed) {
            return Ok(format!("repeat({object})"));
        }
        Ok(format!("repeat({object}, {})", this.left.load(Ordering::Relaxed)))
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<Repeat>) -> R<i64> {
        if this.endless.load(Ordering::Relaxed) {
            return Err(type_error!("len() of unsized object"));
        }
        Ok(this.left.load(Ordering::Relaxed))
    }
}

/// Refuses all keywords but one; gives its value.
pub fn single_keyword(kwargs: Kwargs, function: &str, name: &str) -> R<Option<Value>> {
    let mut found = None;
    for (key, value) in kwargs.iter() {
        if !objects::str::str_is(&key, name) {
            // CPython's zip_longest leaves out the name.
            if function == "zip_longest" {
                return Err(type_error!("zip_longest() got an unexpected keyword argument"));
            }
            return Err(type_error!("{function}() got an unexpected keyword argument '{}'", key.to_string_lossy()));
        }
        found = Some(value);
    }
    Ok(found)
}
