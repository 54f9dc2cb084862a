//! Module `_collections`. Must not know: other modules.

mod counting;
mod defaultdict;
mod deque;
mod ordered_dict;
mod ordered_views;
mod tuplegetter;

use native_macros::native_module;
use objects::{R, Value};

pub struct Collections;

/// Fast containers behind module collections.
#[native_module(name = "_collections", classes = [
    deque::Deque, deque::DequeIter, deque::DequeReverseIter,
    defaultdict::DefaultDict, tuplegetter::TupleGetterSkin,
    ordered_dict::OrderedDict,
])]
impl Collections {
    fn __exec__(_module: Value) -> R<()> {
        ordered_views::make_classes();
        Ok(())
    }
    /// Add the number of times that each item occurs in iterable to the counts in mapping.
    fn _count_elements(mapping: Value, iterable: Value) -> R<()> {
        counting::count_elements(mapping, iterable)
    }
}
