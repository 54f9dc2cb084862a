//! Native modules that work on text.

pub mod unicodedata;
