//! Python source to syntax tree, with errors worded and placed as CPython 3.14 words and places them.
//! Knows text, tokens and trees; knows nothing of Python objects, files or threads' Python state.

mod character_names;
pub mod deep;
pub mod diagnose;
pub mod diagnostic;
mod feature_version;
mod flufl;
mod function_type;
mod identifier;
pub mod interpolation;
pub mod lexer;
pub mod literals;
mod long_ints;
mod marked;
mod number_text;
pub mod parse;
pub mod source;
mod statement_before;
pub mod tokens;
mod type_comments;
pub mod unparse;
mod warnings;

pub use diagnostic::{DiagnosticKind, SyntaxDiagnostic, SyntaxWarning};
pub use feature_version::later_feature;
pub use long_ints::too_long_int;
pub use marked::{marked_text, unmarked_points};
pub use parse::{Ast, Flags, FunctionType, Mode, Parsed, has_block, parse};
pub use ruff_python_ast as ast;
pub use ruff_text_size as text_size;
pub use source::{DecodeFailure, Decoded, LineIndex, Origin, decode};
pub use statement_before::statement_before;
pub use type_comments::{TypeComments, type_comments};
