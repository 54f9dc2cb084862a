//! Files over files over files: the questions that each only hands on are asked of the last one, without a call for each between.
//!
//! Must not know: how any of them reads or writes.

use super::buffered;
use super::buffered_classes::{exact_reader, exact_writer, writer_of_pair};
use super::text;
use objects::{R, Value, get_attr, interned, is_true};

/// A file may come to lie over itself; what is longer than this is left to calls, which have an end.
pub const LONGEST: usize = 1 << 14;

/// The file whose `closed` is that of `file`: what lies under wrappers and buffers of the built-in classes.
fn decisive(file: Value) -> Value {
    let mut file = file;
    for _ in 0..LONGEST {
        let below = match exact_reader(file).or_else(|| exact_writer(file)) {
            Some(inner) => buffered::raw_if_ready(inner),
            None => writer_of_pair(file).or_else(|| text::exact(file).and_then(text::buffer_if_ready)),
        };
        match below {
            Some(below) => file = below,
            None => break,
        }
    }
    file
}

/// `file.closed`, whatever class the file has.
pub fn closed(file: Value) -> R {
    get_attr(decisive(file), interned!("closed"))
}
pub fn is_closed(file: Value) -> R<bool> {
    is_true(closed(file)?)
}
