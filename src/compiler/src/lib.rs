//! The compiler: ruff's tree -> symbol table -> code unit. Entry: [`compile_module`], [`compile_expression`],
//! [`symbol_table`]. Must not know: the heap, objects, files; it does no I/O.

mod collect;
pub mod error;
mod fold;
mod generate;
mod literals;
mod resolve;
pub mod source;
pub mod symtable;
mod unit;

pub use error::{CompileError, ErrorKind, Warning, WarningKind};
pub use source::SourceMap;
pub use symtable::{Scope, ScopeKind, Symbol, SymbolScope, SymbolTable, def};

use bytecode::{CodeUnit, co_flags};
use error::{Result, StackGuard};
use ruff_python_ast::{Mod, ModExpression, ModModule};

/// `compile()`'s mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileMode {
    Exec,
    Eval,
    Single,
}

#[derive(Clone, Debug)]
pub struct CompileOptions {
    pub mode: CompileMode,
    pub filename: String,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
    /// Future flags inherited or given (`co_flags::FUTURE_*`).
    pub future_flags: u32,
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`.
    pub allow_top_level_await: bool,
    /// Native stack that compilation may use, in bytes.
    pub stack_budget: usize,
    /// Longest decimal literal (`sys.get_int_max_str_digits()`); 0 is no limit.
    pub int_max_str_digits: usize,
}

impl Default for CompileOptions {
    fn default() -> CompileOptions {
        CompileOptions {
            mode: CompileMode::Exec,
            filename: "<string>".into(),
            optimize: 0,
            future_flags: 0,
            allow_top_level_await: false,
            stack_budget: 4 << 20,
            int_max_str_digits: 4300,
        }
    }
}

/// Compiles a module (modes exec and single).
pub fn compile_module(module: &ModModule, map: &SourceMap, options: &CompileOptions) -> Result<(CodeUnit, Vec<Warning>)> {
    let guard = StackGuard::new(options.stack_budget);
    let future_flags = options.future_flags | generate_future_flags(map, module)?;
    let table = module_table(module, map, future_flags, guard)?;
    generate::Generator::new(map, &table, options, future_flags, guard).module(&module.body)
}

/// Compiles an expression (mode eval).
pub fn compile_expression(module: &ModExpression, map: &SourceMap, options: &CompileOptions) -> Result<(CodeUnit, Vec<Warning>)> {
    let guard = StackGuard::new(options.stack_budget);
    let table = expression_table(module, map, options.future_flags, guard)?;
    generate::Generator::new(map, &table, options, options.future_flags, guard).expression(&module.body)
}

/// Compiles either kind of tree.
pub fn compile(tree: &Mod, map: &SourceMap, options: &CompileOptions) -> Result<(CodeUnit, Vec<Warning>)> {
    match tree {
        Mod::Module(module) => compile_module(module, map, options),
        Mod::Expression(module) => compile_expression(module, map, options),
    }
}

/// The symbol table alone (module `symtable`).
pub fn symbol_table(tree: &Mod, map: &SourceMap, options: &CompileOptions) -> Result<SymbolTable> {
    let guard = StackGuard::new(options.stack_budget);
    match tree {
        Mod::Module(module) => {
            let future_flags = options.future_flags | generate_future_flags(map, module)?;
            module_table(module, map, future_flags, guard)
        }
        Mod::Expression(module) => expression_table(module, map, options.future_flags, guard),
    }
}

fn generate_future_flags(map: &SourceMap, module: &ModModule) -> Result<u32> {
    generate::future_flags(map, &module.body)
}

fn module_table(module: &ModModule, map: &SourceMap, future_flags: u32, guard: StackGuard) -> Result<SymbolTable> {
    let mut collector = collect::Collector::new(map, future_flags & co_flags::FUTURE_ANNOTATIONS != 0, guard);
    collector.module(&module.body)?;
    finish_table(collector.table, map)
}

fn expression_table(module: &ModExpression, map: &SourceMap, future_flags: u32, guard: StackGuard) -> Result<SymbolTable> {
    let mut collector = collect::Collector::new(map, future_flags & co_flags::FUTURE_ANNOTATIONS != 0, guard);
    collector.expression(&module.body)?;
    finish_table(collector.table, map)
}

fn finish_table(mut table: SymbolTable, map: &SourceMap) -> Result<SymbolTable> {
    resolve::Resolver { map, table: &mut table }.run()?;
    Ok(table)
}
