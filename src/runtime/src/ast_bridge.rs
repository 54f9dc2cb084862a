//! `ast` trees in and out of the front end: joins the parser, the compiler and the node classes of crate stdlib-text.

use crate::front_end;
use compiler::SourceMap;
use objects::door::CompileRequest;
use objects::{R, Value, value_error};
use ruff_python_ast::Mod;
use stdlib_text::ast::{BuiltTree, Folding, copied, from_python};
use syntax::Ast;

/// Lends the symbol table to its module.
pub fn install() {
    stdlib_text::symtable::install_reader(symbol_table);
}

fn symbol_table(request: &CompileRequest) -> R<compiler::SymbolTable> {
    let parsed = front_end::parse_request(request)?;
    let tree = match &parsed.ast {
        Ast::Module(module) => Mod::Module(module.clone()),
        Ast::Expression(expression) => Mod::Expression(expression.clone()),
        Ast::FunctionType(_) => return Err(value_error!("compile() mode 'func_type' requires flag PyCF_ONLY_AST")),
    };
    let options = front_end::options_of(request.mode, request.filename, request.flags, request.optimize);
    compiler::symbol_table(&tree, &SourceMap::new(&parsed.source), &options)
        .map_err(|error| front_end::raise_compile_error(&error, request.filename))
}

const TYPE_COMMENTS: u32 = 0x1000;

/// Source text to an `ast` tree; `feature_version` is the minor version of Python that must understand it.
pub fn parse(request: &CompileRequest, feature_version: Option<u32>) -> R {
    let parsed = front_end::parse_request(request)?;
    if let Some(diagnostic) = feature_version.and_then(|minor| syntax::later_feature(&parsed, minor)) {
        return Err(front_end::raise_diagnostic(&diagnostic, request.filename));
    }
    let comments = match request.flags & TYPE_COMMENTS != 0 {
        true => match syntax::type_comments(&parsed) {
            Ok(comments) => comments,
            Err(diagnostic) => return Err(front_end::raise_diagnostic(&diagnostic, request.filename)),
        },
        false => syntax::TypeComments::default(),
    };
    let tree = stdlib_text::ast::to_python(&parsed, request.mode == "single", &comments)?;
    match folding(request.flags, request.optimize) {
        Some(folding) => copied(tree, request.mode, Some(folding)),
        None => Ok(tree),
    }
}

const ONLY_AST: u32 = 0x400;
const OPTIMIZED_AST: u32 = 0x8400;

/// What is done to a tree that is asked for.
fn folding(flags: u32, optimize: i32) -> Option<Folding> {
    let level = if optimize < 0 { objects::config::get().optimize as i32 } else { optimize };
    (flags & OPTIMIZED_AST == OPTIMIZED_AST).then_some(Folding { debug: level == 0, keeps_docstrings: level < 2 })
}

/// An `ast` tree to a code object, or to a copy where a tree is asked for.
pub fn compile(tree: Value, filename: &str, mode: &str, flags: u32, optimize: i32) -> R {
    if flags & ONLY_AST != 0 {
        return copied(tree, mode, folding(flags, optimize));
    }
    let built = from_python(tree, mode)?;
    let BuiltTree::Mod(module) = &built.tree else {
        return Err(value_error!("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
    };
    let options = front_end::options_of(mode, filename, flags, optimize);
    let map = SourceMap::Table(&built.positions);
    front_end::finish(compiler::compile(module, &map, &options), "", filename)
}
