//! Native modules that work on text.

pub mod ast;
pub mod sre;
pub mod string_;
mod support;
pub mod tokenize;
pub mod unicodedata;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    ast::AstModule::MODULE,
    sre::Sre::MODULE,
    string_::StringHelpers::MODULE,
    tokenize::Tokenize::MODULE,
    unicodedata::UnicodeData::MODULE,
];
