//! Module `itertools`. Must not know: other modules.

mod combinatoric;
mod filtering;
mod grouping;
mod infinite;
mod merging;
mod slicing;
mod tee;

use native_macros::native_module;
use objects::{R, Value};

pub struct Itertools;

/// Iterators for looping: endless ones, filters, merges, groups and combinations.
#[native_module(name = "itertools", classes = [
    infinite::Count, infinite::Cycle, infinite::Repeat,
    merging::Chain, merging::ZipLongest, merging::Accumulate, merging::Starmap,
    filtering::Compress, filtering::DropWhile, filtering::TakeWhile, filtering::FilterFalse,
    slicing::ISlice, slicing::Pairwise, slicing::Batched,
    grouping::GroupBy, grouping::Grouper,
    combinatoric::Product, combinatoric::Permutations, combinatoric::Combinations, combinatoric::CombinationsWithReplacement,
    tee::Tee, tee::TeeData,
])]
impl Itertools {
    /// A tuple of n iterators over the same items, each of which goes on by itself.
    #[sig("(iterable, n=2, /)")]
    fn tee(iterable: Value, n: isize) -> R {
        tee::tee(iterable, n)
    }
}
