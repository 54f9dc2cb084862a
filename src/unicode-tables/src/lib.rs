//! Unicode 16.0.0 character data: properties, case mappings, normalisation and names, with the
//! Unicode 3.2.0 view that `unicodedata.ucd_3_2_0` shows.
//!
//! Knows nothing of Python objects or of how strings are stored. A code point is a plain `u32`
//! (lone surrogates are code points too); every function accepts any `u32` and treats numbers
//! from 0x110000 on as unassigned.
//!
//! The data lies in `tables.bin`, made by `gen/make_tables.py`; `tests/whole_range.rs` compares
//! it with a CPython. The data is derived from the Unicode Character Database,
//! Copyright Unicode, Inc., under the Unicode License v3 (https://www.unicode.org/license.txt).

mod case;
mod data;
mod database;
mod decomposition;
mod identifier;
mod layout;
mod names;
mod normalize;
mod types;

pub use case::{
    CaseMapping, fold_full, is_final_sigma, lower_full, lower_simple, title_full, title_simple, upper_full, upper_simple,
};
pub use database::{
    Version, bidirectional, category, combining_class, decimal_value, digit_value, east_asian_width, is_assigned, is_mirrored,
    numeric_value,
};
pub use decomposition::{Decomposition, decomposition, decomposition_text};
pub use identifier::{is_identifier, normalize_identifier};
pub use names::{LONGEST_NAME, Named, lookup, name};
pub use normalize::{Form, QuickCheck, is_normalized, normalize, quick_check};
pub use types::{
    decimal_digit, digit, is_alnum, is_alpha, is_case_ignorable, is_cased, is_decimal, is_digit, is_line_break, is_lower,
    is_numeric, is_printable, is_space, is_title, is_upper, is_xid_continue, is_xid_start,
};

/// Version of the data, `unicodedata.unidata_version`.
pub const UNICODE_VERSION: &str = "16.0.0";

/// One more than the greatest code point.
pub const CODE_POINT_LIMIT: u32 = 0x11_0000;
