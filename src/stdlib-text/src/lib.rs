//! Native modules that work on text.

pub mod ast;
pub mod locale;
pub mod sre;
pub mod string_;
mod support;
pub mod symtable;
pub mod tokenize;
pub mod unicodedata;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    ast::AstModule::MODULE,
    locale::Locale::MODULE,
    sre::Sre::MODULE,
    string_::StringHelpers::MODULE,
    symtable::Symtable::MODULE,
    tokenize::Tokenize::MODULE,
    unicodedata::UnicodeData::MODULE,
];
