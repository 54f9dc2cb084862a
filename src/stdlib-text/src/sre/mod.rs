//! `_sre`: the engine behind `re`.
//!
//! The library's `re._compiler` turns a pattern into an array of numbers (`codes`). `translate` checks it and makes a `program` of it,
//! `first` finds out what matches can begin with, `search` finds candidates, `machine` matches. The other files are the Python side.

mod chars;
mod codes;
mod first;
mod machine;
mod matching;
mod module;
mod pattern;
mod program;
mod scanner;
mod search;
mod subject;
mod substitute;
mod template;
#[cfg(test)]
mod tests;
mod translate;

pub use module::Sre;
