//! String algorithms over plain slices: searching, splitting, casing, padding and the like, for text of 1, 2 or 4
//! bytes a character and for byte strings.
//!
//! Knows nothing of string objects. Three layers:
//! - generic functions over `&[U]` with `U: Unit`, used for str of one width and (u8) for bytes;
//! - functions over [`Text`], a borrowed str of any width, that mix widths;
//! - [`TextBuilder`] and [`TextBuf`], owned text always in the narrowest width.
//!
//! Byte strings follow ASCII rules, `str` follows Unicode: where the two differ there are two functions, or a
//! predicate to pass in. Positions count characters; results are ranges of them, or owned text.

mod builder;
mod bytes;
mod case;
mod classify;
mod escape;
mod join;
mod pad;
mod pair;
mod range;
mod replace;
mod search;
mod split;
mod strip;
mod translate;
mod two_way;
mod unit;
mod view;

pub use builder::{TextBuf, TextBuilder, Units};
pub use bytes::*;
pub use case::{capitalize, casefold_points, lower_points, swapcase, title, upper_points};
pub use classify::*;
pub use escape::{ascii_escaped, bytes_repr, push_number, stands_for_itself, str_repr};
pub use join::{join, join_units, repeat, repeat_units};
pub use pad::{center_margins, expand_tabs, expand_tabs_text, pad, pad_units, zero_fill, zero_fill_text};
pub use range::{clip, copy_stepped, stepped};
pub use replace::{replace, replace_units};
pub use search::{Find, byte_matches, contains, count, count_units, find, find_byte, find_units, rfind, rfind_units};
pub use search::{ends_with, partition, rpartition, starts_with};
pub use split::{rsplit, rsplit_on, rsplit_whitespace, split, split_limit, split_lines, split_on, split_whitespace};
pub use strip::{CharSet, Sides, strip, strip_chars};
pub use translate::{Mapped, to_ascii_number, translate};
pub use unit::Unit;
pub use view::Text;

#[cfg(test)]
mod tests;
