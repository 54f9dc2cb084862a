//! `_ast`: node classes, and trees between the parser's form and Python's.

pub mod classes;
mod folded;
mod from_python;
mod table;
mod to_python;

pub use folded::{Folding, copied};
pub use from_python::{Built, BuiltTree, from_python};
pub use to_python::to_python;

use objects::{R, Value, native_module};

pub struct AstModule;

#[native_module(name = "_ast")]
impl AstModule {
    #[attr("PyCF_ONLY_AST")]
    const ONLY_AST: u32 = 0x400;
    #[attr("PyCF_TYPE_COMMENTS")]
    const TYPE_COMMENTS: u32 = 0x1000;
    #[attr("PyCF_ALLOW_TOP_LEVEL_AWAIT")]
    const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
    #[attr("PyCF_OPTIMIZED_AST")]
    const OPTIMIZED_AST: u32 = 0x8400;

    fn __exec__(module: Value) -> R<()> {
        classes::fill_module(module)
    }
}
