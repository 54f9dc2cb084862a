//! `ast` trees in and out of the front end: joins the parser, the compiler and the node classes of crate stdlib-text.

use crate::front_end;
use objects::R;
use objects::door::CompileRequest;

/// Source text to an `ast` tree.
pub fn parse(request: &CompileRequest) -> R {
    let parsed = front_end::parse_request(request)?;
    stdlib_text::ast::to_python(&parsed, request.mode == "single")
}
