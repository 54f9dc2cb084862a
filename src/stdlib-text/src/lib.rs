//! Native modules that work on text.

pub mod sre;
mod support;
pub mod unicodedata;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[sre::Sre::MODULE, unicodedata::UnicodeData::MODULE];
