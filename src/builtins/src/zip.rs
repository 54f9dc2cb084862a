//! `zip`: tuples of the items of several iterables.

use native_macros::native_class;
use objects::GcVec;
use objects::args::Args;
use objects::error::{R, Raised, type_error, value_error};
use objects::gc_vec::with_room;
pub use objects::iterators::Zip;
use objects::{Cast, Class, Gc, Header, Layout, Slot, Str, Tuple, Value, class_of, new_native, new_object, new_tuple};
use std::sync::atomic::{AtomicBool, Ordering};

pub struct ZipSkin;

/// Iterator over tuples that hold the next item of each iterable.
///
/// It ends with the shortest iterable, or raises ValueError there when
/// strict is true and another one goes on.
#[native_class(name = "zip", layout = Zip, base = object)]
impl ZipSkin {
    #[new]
    #[sig("(*iterables, strict=False)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if let [a, b] = args.values()
            && cls == Zip::class()
            && !args.has_keywords()
        {
            let iterators = Slot::new(new_tuple(&[objects::iter(*a)?, objects::iter(*b)?]).value());
            return Ok(new_native(Zip { header: Header::blank(), iterators, strict: AtomicBool::new(false) }).value());
        }
        let strict = if args.has_keywords() { strict_keyword(args, "zip", true)? } else { false };
        let mut iterators = GcVec::with_capacity(args.len());
        for iterable in args.positional() {
            iterators.push(objects::iter(*iterable)?);
        }
        let iterators = Slot::new(new_tuple(&iterators).value());
        Ok(new_object(cls, Zip { header: Header::blank(), iterators, strict: AtomicBool::new(strict) }).value())
    }
    fn __iter__(this: Gc<Zip>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<Zip>) -> R<Option<Value>> {
        let iterators = members(&this.iterators);
        match iterators {
            [] => Ok(None),
            [a, b] if !this.strict.load(Ordering::Relaxed) => {
                let Some(first) = objects::next(*a)? else { return Ok(None) };
                let Some(second) = objects::next(*b)? else { return Ok(None) };
                Ok(Some(new_tuple(&[first, second]).value()))
            }
            [a, b, c] if !this.strict.load(Ordering::Relaxed) => {
                let Some(first) = objects::next(*a)? else { return Ok(None) };
                let Some(second) = objects::next(*b)? else { return Ok(None) };
                let Some(third) = objects::next(*c)? else { return Ok(None) };
                Ok(Some(new_tuple(&[first, second, third]).value()))
            }
            _ => next_of_each(iterators, this.strict.load(Ordering::Relaxed), "zip", |items| Ok(new_tuple(items).value())),
        }
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Zip>) -> Value {
        let class = class_of(this.value()).value();
        let iterators = this.iterators.get().unwrap_or(Value::none());
        if this.strict.load(Ordering::Relaxed) {
            return new_tuple(&[class, iterators, Value::true_()]).value();
        }
        new_tuple(&[class, iterators]).value()
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<Zip>, object: Value) -> R<()> {
        this.strict.store(objects::is_true(object)?, Ordering::Relaxed);
        Ok(())
    }
}

/// The items of the tuple in a slot.
pub fn members(slot: &Slot) -> &'static [Value] {
    // SAFETY: the constructors of these classes put tuples in, and nobody else puts in anything.
    slot.get().map_or(&[], |tuple| unsafe { tuple.cast_unchecked::<Tuple>() }.items())
}

/// The keyword `strict` of `zip` and `map`.
pub fn strict_keyword(args: Args, function: &str, count_keywords: bool) -> R<bool> {
    let names = args.names();
    if names.len() > 1 && count_keywords {
        return Err(type_error!("{function}() takes at most 1 keyword argument ({} given)", names.len()));
    }
    let mut strict = false;
    for (name, value) in args.keywords() {
        let name = name.cast::<Str>().map_or(String::new(), |name| name.to_string_lossy());
        if name != "strict" {
            return Err(type_error!("{function}() got an unexpected keyword argument '{name}'"));
        }
        strict = objects::is_true(value)?;
    }
    Ok(strict)
}

/// What `then` makes of one item of each iterator, or None at the end.
pub fn next_of_each(iterators: &[Value], strict: bool, function: &str, then: impl FnOnce(&[Value]) -> R) -> R<Option<Value>> {
    with_room(iterators.len(), |items| {
        for (index, iterator) in iterators.iter().enumerate() {
            match objects::next(*iterator)? {
                Some(item) => items[index] = item,
                None if !strict => return Ok(None),
                None if index > 0 => return Err(uneven(function, index, "shorter")),
                None => {
                    for (index, iterator) in iterators.iter().enumerate().skip(1) {
                        if objects::next(*iterator)?.is_some() {
                            return Err(uneven(function, index, "longer"));
                        }
                    }
                    return Ok(None);
                }
            }
        }
        then(items).map(Some)
    })
}

/// `zip() argument 3 is shorter than arguments 1-2`
fn uneven(function: &str, index: usize, how: &str) -> Raised {
    let others = if index == 1 { " 1".to_owned() } else { format!("s 1-{index}") };
    value_error!("{function}() argument {} is {how} than argument{others}", index + 1)
}
