//! Module `_functools`. Must not know: other modules.

mod cmp_to_key;
mod lru_cache;
mod partial;

use native_macros::native_module;
use objects::native::rt::class_of_def;
use objects::{Gc, R, Value, call, exc, type_error};

pub struct Functools;

/// Tools for functions: partial application, caches, folding.
#[native_module(name = "_functools", classes = [partial::PlaceholderType, partial::Partial, lru_cache::LruCache])]
impl Functools {
    /// Fold the items of an iterable with a function of two arguments, from the left.
    ///
    /// With initial, folding begins with that value, which is also the result
    /// for an iterable without items.
    #[sig("(function, iterable, /, initial=<unrepresentable>)")]
    fn reduce(function: Value, iterable: Value, initial: Option<Value>) -> R {
        let iterator = match objects::iter(iterable) {
            Ok(iterator) => iterator,
            Err(raised) if raised.is(&exc::TYPE_ERROR) => {
                raised.clear();
                return Err(type_error!("reduce() arg 2 must support iteration"));
            }
            Err(raised) => return Err(raised),
        };
        let mut total = initial;
        while let Some(item) = objects::next(iterator)? {
            total = Some(match total {
                None => item,
                Some(total) => call(function, &[total, item])?,
            });
        }
        total.ok_or_else(|| type_error!("reduce() of empty iterable with no initial value"))
    }
    /// Turn a comparison function into a key function for sorting.
    #[sig("(mycmp)")]
    fn cmp_to_key(mycmp: Value) -> Gc<cmp_to_key::KeyObject> {
        cmp_to_key::new_factory(mycmp)
    }
    fn __exec__(_module: Value) -> R<()> {
        // These have no name in the module.
        class_of_def(lru_cache::Link::CLASS_DEF);
        class_of_def(cmp_to_key::KeyObject::CLASS_DEF);
        Ok(())
    }
    #[attr("Placeholder")]
    fn placeholder() -> R {
        Ok(partial::placeholder())
    }
}
