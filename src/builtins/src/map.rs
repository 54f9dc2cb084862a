//! `map`: a function's results on the items of iterables.

use crate::zip::{members, next_of_each, strict_keyword};
use native_macros::{Layout, native_class};
use objects::args::Args;
use objects::error::{R, type_error};
use objects::{Class, Gc, GcVec, Header, Slot, Value, call, call_one, class_of, new_object, new_tuple};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Map {
    pub header: Header,
    function: Slot,
    /// A tuple.
    iterators: Slot,
    strict: AtomicBool,
}

pub struct MapSkin;

/// Iterator over the results of calling function with the next item of each iterable.
///
/// It ends with the shortest iterable, or raises ValueError there when
/// strict is true and another one goes on.
#[native_class(name = "map", layout = Map, base = object)]
impl MapSkin {
    #[new]
    #[sig("(function, iterable, /, *iterables, strict=False)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let strict = if args.has_keywords() { strict_keyword(args, "map", true)? } else { false };
        let [function, iterables @ ..] = args.positional() else { return Err(too_few()) };
        if iterables.is_empty() {
            return Err(too_few());
        }
        let mut iterators = GcVec::with_capacity(iterables.len());
        for iterable in iterables {
            iterators.push(objects::iter(*iterable)?);
        }
        let iterators = Slot::new(new_tuple(&iterators).value());
        let fields = Map { header: Header::blank(), function: Slot::new(*function), iterators, strict: AtomicBool::new(strict) };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Map>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<Map>) -> R<Option<Value>> {
        let Some(function) = this.function.get() else { return Ok(None) };
        let iterators = members(&this.iterators);
        if let [iterator] = iterators {
            return match objects::next(*iterator)? {
                Some(item) => call_one(function, item).map(Some),
                None => Ok(None),
            };
        }
        if let [first, second] = iterators
            && !this.strict.load(Ordering::Relaxed)
        {
            let Some(a) = objects::next(*first)? else { return Ok(None) };
            let Some(b) = objects::next(*second)? else { return Ok(None) };
            return call(function, &[a, b]).map(Some);
        }
        next_of_each(iterators, this.strict.load(Ordering::Relaxed), "map", |items| call(function, items))
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Map>) -> Value {
        let mut arguments = GcVec::new();
        arguments.push(this.function.get().unwrap_or(Value::none()));
        arguments.extend_from_slice(members(&this.iterators));
        let arguments = new_tuple(&arguments).value();
        let class = class_of(this.value()).value();
        if this.strict.load(Ordering::Relaxed) {
            return new_tuple(&[class, arguments, Value::true_()]).value();
        }
        new_tuple(&[class, arguments]).value()
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<Map>, object: Value) -> R<()> {
        this.strict.store(objects::is_true(object)?, Ordering::Relaxed);
        Ok(())
    }
}

fn too_few() -> objects::Raised {
    type_error!("map() must have at least two arguments.")
}
