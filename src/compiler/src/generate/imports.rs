//! Imports, `__future__` included.

use bytecode::{Const, Intrinsic, Op, co_flags};
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::{Result, error_at};
use crate::source::SourceMap;

impl<'a> Generator<'a> {
    /// r[dest] = import of `name`.
    fn import_name(&mut self, dest: u8, name: &str, fromlist: Const, level: u32) -> Result {
        let mark = self.mark();
        let pair = self.temps(2)?;
        self.load_const(pair, fromlist);
        self.load_const(pair + 1, Const::Int(i64::from(level)));
        self.emit_named(Op::ImportName, dest, pair, 0, name);
        self.release(mark);
        Ok(())
    }

    pub fn import(&mut self, node: &'a StmtImport) -> Result {
        for alias in &node.names {
            let mark = self.mark();
            self.at(node.range);
            let module = self.temp()?;
            self.import_name(module, &alias.name.id, Const::None, 0)?;
            match &alias.asname {
                None => {
                    let top = Name::new(alias.name.split('.').next().unwrap_or(""));
                    self.store_name(&top, module, alias.range)?;
                }
                Some(asname) => {
                    // `import a.b.c as d` binds the innermost module.
                    for part in alias.name.split('.').skip(1) {
                        self.emit_named(Op::ImportFrom, module, module, 0, part);
                    }
                    self.store_name(&asname.id, module, alias.range)?;
                }
            }
            self.release(mark);
        }
        Ok(())
    }

    pub fn import_from(&mut self, node: &'a StmtImportFrom) -> Result {
        self.at(node.range);
        let mark = self.mark();
        let module = self.temp()?;
        let name = node.module.as_ref().map_or("", |module| module.id.as_str());
        let fromlist = node.names.iter().map(|alias| Const::str(&alias.name.id)).collect();
        self.import_name(module, name, Const::Tuple(fromlist), node.level)?;
        if let [only] = &node.names[..]
            && only.name.as_str() == "*"
        {
            let pair = self.temps(2)?;
            self.emit(Op::Move, pair, module, 0);
            self.emit(Op::Move, pair + 1, 0, 0);
            self.emit(Op::Intrinsic, pair, pair, Intrinsic::ImportStar as u8);
            self.release(mark);
            return Ok(());
        }
        for alias in &node.names {
            let inner = self.mark();
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            let register = match self.direct_target(&bound.id) {
                Some(register) => register,
                None => self.temp()?,
            };
            self.emit_named(Op::ImportFrom, register, module, 0, &alias.name.id);
            self.store_name(&bound.id, register, alias.range)?;
            self.release(inner);
        }
        self.release(mark);
        Ok(())
    }
}

/// The future flags that a module's leading imports set; errors for those that are late or unknown.
pub(crate) fn future_flags(map: &SourceMap, body: &[Stmt]) -> Result<u32> {
    let mut flags = 0;
    let mut at_head = true;
    for (index, stmt) in body.iter().enumerate() {
        match stmt {
            Stmt::ImportFrom(node) if is_future(node) => {
                if !at_head {
                    return Err(error_at(map, node.range, "from __future__ imports must occur at the beginning of the file"));
                }
                for alias in &node.names {
                    flags |= feature(map, alias)?;
                }
            }
            Stmt::Expr(node) if index == 0 && node.value.is_string_literal_expr() => {}
            other => {
                at_head = false;
                if let Some(range) = late_future(other) {
                    return Err(error_at(map, range, "from __future__ imports must occur at the beginning of the file"));
                }
            }
        }
    }
    Ok(flags)
}

fn is_future(node: &StmtImportFrom) -> bool {
    node.level == 0 && node.module.as_ref().is_some_and(|module| module.as_str() == "__future__")
}

/// A `__future__` import inside another statement.
fn late_future(stmt: &Stmt) -> Option<TextRange> {
    use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
    struct Finder(Option<TextRange>, u32);
    impl<'a> StatementVisitor<'a> for Finder {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Stmt::ImportFrom(node) = stmt
                && is_future(node)
            {
                self.0.get_or_insert(node.range());
            }
            // Deeper nesting is refused by the collector anyway.
            if self.0.is_none() && self.1 < 100 {
                self.1 += 1;
                walk_stmt(self, stmt);
                self.1 -= 1;
            }
        }
    }
    let mut finder = Finder(None, 0);
    finder.visit_stmt(stmt);
    finder.0
}

fn feature(map: &SourceMap, alias: &Alias) -> Result<u32> {
    Ok(match alias.name.as_str() {
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement" | "print_function"
        | "unicode_literals" | "generator_stop" => 0,
        "barry_as_FLUFL" => co_flags::FUTURE_BARRY_AS_BDFL,
        "annotations" => co_flags::FUTURE_ANNOTATIONS,
        "braces" => return Err(error_at(map, alias.range, "not a chance")),
        other => return Err(error_at(map, alias.range, format!("future feature {other} is not defined"))),
    })
}
