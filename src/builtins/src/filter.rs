//! `filter`: the items that a function accepts.

use native_macros::{Layout, native_class};
use objects::args::Args;
use objects::error::R;
use objects::int::BoolObject;
use objects::{Class, Gc, Header, Layout, Slot, Value, call_one, class_of, new_object, new_tuple};

#[derive(Layout)]
#[repr(C)]
pub struct Filter {
    pub header: Header,
    function: Slot,
    iterator: Slot,
}

pub struct FilterSkin;

/// Iterator over the items for which function(item) is true.
///
/// With None as function: over the items that are true themselves.
#[native_class(name = "filter", layout = Filter, base = object)]
impl FilterSkin {
    #[new]
    #[sig("(function, iterable, /)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if crate::sequences::same_init(cls, Filter::class()) {
            args.no_keywords("filter")?;
        }
        args.check_count("filter", 2, 2)?;
        let (function, iterable) = (args.positional()[0], args.positional()[1]);
        let iterator = objects::iter(iterable)?;
        let fields = Filter { header: Header::blank(), function: Slot::new(function), iterator: Slot::new(iterator) };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Filter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<Filter>) -> R<Option<Value>> {
        let (Some(function), Some(iterator)) = (this.function.get(), this.iterator.get()) else { return Ok(None) };
        let by_truth = function.is_none() || function == BoolObject::class().value();
        while let Some(item) = objects::next(iterator)? {
            let verdict = if by_truth { item } else { call_one(function, item)? };
            if objects::is_true(verdict)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Filter>) -> Value {
        let arguments = [this.function.get().unwrap_or(Value::none()), this.iterator.get().unwrap_or(Value::none())];
        new_tuple(&[class_of(this.value()).value(), new_tuple(&arguments).value()]).value()
    }
}
