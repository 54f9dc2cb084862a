//! Comprehensions, inlined or as functions, and generator expressions.

use bytecode::{Common, Op};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::Result;
use crate::symtable::{ComprehensionKind, Part, ScopeId, SymbolScope};
use crate::unit::UnitKind;

/// What a comprehension does with each round.
#[derive(Clone, Copy)]
struct Shape<'a> {
    kind: ComprehensionKind,
    range: TextRange,
    generators: &'a [Comprehension],
    element: &'a Expr,
    /// Dict comprehensions: the value (the element is the key).
    value: Option<&'a Expr>,
}

impl<'a> Generator<'a> {
    pub fn list_comprehension(&mut self, node: &'a ExprListComp, dest: Option<u8>) -> Result<u8> {
        let shape = Shape {
            kind: ComprehensionKind::List,
            range: node.range,
            generators: &node.generators,
            element: &node.elt,
            value: None,
        };
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        self.comprehension(shape, scope, "<listcomp>", dest)
    }

    pub fn set_comprehension(&mut self, node: &'a ExprSetComp, dest: Option<u8>) -> Result<u8> {
        let shape = Shape {
            kind: ComprehensionKind::Set,
            range: node.range,
            generators: &node.generators,
            element: &node.elt,
            value: None,
        };
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        self.comprehension(shape, scope, "<setcomp>", dest)
    }

    pub fn dict_comprehension(&mut self, node: &'a ExprDictComp, dest: Option<u8>) -> Result<u8> {
        let Some(key) = &node.key else { return self.error(node.range, "dict unpacking cannot be used in dict comprehension") };
        let shape = Shape {
            kind: ComprehensionKind::Dict,
            range: node.range,
            generators: &node.generators,
            element: key,
            value: Some(&node.value),
        };
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        self.comprehension(shape, scope, "<dictcomp>", dest)
    }

    pub fn generator_expression(&mut self, node: &'a ExprGenerator, dest: Option<u8>) -> Result<u8> {
        let range = if node.parenthesized { node.range } else { self.parenthesized_range(node.range) };
        let shape =
            Shape { kind: ComprehensionKind::Generator, range, generators: &node.generators, element: &node.elt, value: None };
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        self.comprehension_function(shape, scope, "<genexpr>", dest)
    }

    /// A generator expression that is a call's only argument owns the call's parentheses.
    fn parenthesized_range(&self, range: TextRange) -> TextRange {
        let zero = ruff_text_size::TextSize::from(0);
        let Some(before) = self.map.slice(TextRange::new(zero, range.start())) else { return range };
        let start =
            before.rfind('(').map_or(range.start(), |index| ruff_text_size::TextSize::try_from(index).unwrap_or(range.start()));
        TextRange::new(start, range.end())
    }

    fn comprehension(&mut self, shape: Shape<'a>, scope: ScopeId, name: &str, dest: Option<u8>) -> Result<u8> {
        let is_async = self.table.scopes[scope].coroutine;
        let top_level = self.unit.kind == UnitKind::Module && self.options.allow_top_level_await;
        if is_async && !self.in_async_code() && !top_level {
            return self.error(shape.range, "asynchronous comprehension outside of an asynchronous function");
        }
        if !self.table.scopes[scope].inlined {
            return self.comprehension_function(shape, scope, name, dest);
        }
        let result = self.scratch(dest)?;
        let mark = self.mark();
        let Some(first) = shape.generators.first() else { return Ok(result) };
        let iterator = self.first_iterator(first, None)?;
        self.at(shape.range);
        let gives_all = shape.generators.len() == 1 && first.ifs.is_empty() && !first.is_async;
        if shape.kind == ComprehensionKind::List && gives_all {
            self.emit(Op::BuildListFor, result, iterator, 0);
        } else {
            self.emit_empty(shape.kind, result);
        }
        let outer_scope = std::mem::replace(&mut self.unit.current, scope);
        let outer_flag = std::mem::replace(&mut self.unit.in_inlined_comprehension, true);
        let assigned = self.unit.assigned.clone();
        // In a module or class body `locals()` tells by the bound variables whether a comprehension runs.
        let row = self.unit.has_namespace.then(|| self.begin_guard());
        self.make_comprehension_cells(scope)?;
        self.generator_level(shape, 0, Some(iterator), result)?;
        if let Some(row) = row {
            self.end_guard(row);
        }
        self.unbind_comprehension_locals(scope);
        if let Some(row) = row {
            let (failed, done) = (self.unit.builder.new_label(), self.unit.builder.new_label());
            let error = self.temp()?;
            self.nowhere();
            self.unit.builder.jump(done);
            self.unit.builder.bind(failed);
            self.rows_to(row, failed, error);
            self.unbind_comprehension_locals(scope);
            self.reraise(error);
            self.unit.builder.bind(done);
            self.at(shape.range);
        }
        self.unit.assigned = assigned;
        self.unit.current = outer_scope;
        self.unit.in_inlined_comprehension = outer_flag;
        self.release(mark);
        Ok(self.deliver(result, dest))
    }

    pub(super) fn emit_empty(&mut self, kind: ComprehensionKind, dest: u8) {
        let op = match kind {
            ComprehensionKind::Set => Op::BuildSet,
            ComprehensionKind::Dict => Op::BuildMap,
            _ => Op::BuildList,
        };
        self.emit(op, dest, 0, 0);
    }

    /// The outermost iterable is evaluated outside the comprehension's scope.
    fn first_iterator(&mut self, first: &'a Comprehension, dest: Option<u8>) -> Result<u8> {
        let dest = self.dest_or_temp(dest)?;
        if first.is_async {
            let mark = self.mark();
            let value = self.expr(&first.iter, None)?;
            self.release(mark);
            self.at(first.iter.range());
            self.emit(Op::GetAIter, dest, value, 0);
        } else {
            self.iterate(&first.iter, dest)?;
        }
        Ok(dest)
    }

    /// Captured variables of an inlined comprehension get a fresh cell each time.
    fn make_comprehension_cells(&mut self, scope: ScopeId) -> Result {
        for symbol in &self.table.scopes[scope].symbols {
            if symbol.scope != SymbolScope::Cell {
                continue;
            }
            let Some(&variable) = self.unit.variables.get(&(scope, symbol.name.clone())) else { continue };
            let mark = self.mark();
            let cell = self.temp()?;
            self.emit(Op::LoadCommon, cell, 0, Common::Unbound as u8);
            self.emit(Op::MakeCell, cell, cell, 0);
            match self.unit.place(variable) {
                crate::unit::Place::Register(register) => self.emit(Op::Move, register, cell, 0),
                crate::unit::Place::Spilled(slot) => {
                    let array = self.spill_array();
                    self.unit.builder.emit_ext(Op::StoreSpill, cell, array, 0, slot);
                }
            }
            self.release(mark);
        }
        Ok(())
    }

    /// The comprehension's variables are gone afterwards.
    fn unbind_comprehension_locals(&mut self, scope: ScopeId) {
        for symbol in &self.table.scopes[scope].symbols {
            if matches!(symbol.scope, SymbolScope::Local | SymbolScope::Cell)
                && let Some(&variable) = self.unit.variables.get(&(scope, symbol.name.clone()))
                && let crate::unit::Place::Register(register) = self.unit.place(variable)
            {
                self.emit(Op::LoadCommon, register, 0, Common::Unbound as u8);
            }
        }
    }

    /// One `for` of the comprehension with everything inside it.
    fn generator_level(&mut self, shape: Shape<'a>, depth: usize, iterator: Option<u8>, result: u8) -> Result {
        let generator = &shape.generators[depth];
        if generator.is_async {
            return self.async_generator_level(shape, depth, iterator, result);
        }
        let mark = self.mark();
        let builder = &mut self.unit.builder;
        let (body, next) = (builder.new_label(), builder.new_label());
        let iterator = match iterator {
            Some(iterator) => iterator,
            None => {
                let iterator = self.temp()?;
                self.iterate(&generator.iter, iterator)?;
                iterator
            }
        };
        self.jump_at(generator.iter.range(), next);
        let before = self.unit.assigned.clone();
        self.unit.builder.bind(body);
        let item = self.loop_item(&generator.target)?;
        self.receive_item(generator, item)?;
        self.generator_round(shape, depth, next, result)?;
        self.unit.builder.bind(next);
        self.at(generator.iter.range());
        self.unit.builder.emit_jump(Op::ForIter, item, iterator, 0, body);
        self.unit.assigned = before;
        self.release(mark);
        Ok(())
    }

    fn receive_item(&mut self, generator: &'a Comprehension, item: u8) -> Result {
        if self.is_direct(&generator.target) {
            if let Expr::Name(name) = &generator.target {
                self.stored(&name.id);
            }
            return Ok(());
        }
        self.store(&generator.target, item)
    }

    /// Conditions, inner loops or the element.
    fn generator_round(&mut self, shape: Shape<'a>, depth: usize, next: bytecode::Label, result: u8) -> Result {
        for test in &shape.generators[depth].ifs {
            self.jump_if(test, false, next)?;
        }
        if depth + 1 < shape.generators.len() {
            return self.generator_level(shape, depth + 1, None, result);
        }
        let mark = self.mark();
        if let Expr::Starred(starred) = shape.element {
            return self.error(starred.range, "iterable unpacking cannot be used in comprehension");
        }
        let element = self.expr(shape.element, None)?;
        match (shape.kind, shape.value) {
            (ComprehensionKind::Generator, _) => {
                self.at(shape.element.range());
                let sent = self.temp()?;
                self.emit_yield(sent, element);
            }
            (ComprehensionKind::Dict, Some(value)) => {
                let value = self.expr(value, None)?;
                self.at(shape.range);
                self.emit(Op::MapAdd, result, element, value);
            }
            (ComprehensionKind::Set, _) => {
                self.at(shape.element.range());
                self.emit(Op::SetAdd, result, element, 0);
            }
            _ => {
                self.at(shape.element.range());
                self.emit(Op::ListAppend, result, element, 0);
            }
        }
        self.release(mark);
        Ok(())
    }

    fn async_generator_level(&mut self, shape: Shape<'a>, depth: usize, iterator: Option<u8>, result: u8) -> Result {
        let generator = &shape.generators[depth];
        let mark = self.mark();
        let builder = &mut self.unit.builder;
        let (next, stop) = (builder.new_label(), builder.new_label());
        let iterator = match iterator {
            Some(iterator) => iterator,
            None => self.first_iterator(generator, None)?,
        };
        let pair = self.temps(2)?;
        let (item, error) = (pair, pair + 1);
        let before = self.unit.assigned.clone();
        self.unit.builder.bind(next);
        let start = self.unit.builder.here();
        self.at(generator.iter.range());
        self.async_next(iterator, item)?;
        let end = self.unit.builder.here();
        self.store(&generator.target, item)?;
        self.generator_round(shape, depth, next, result)?;
        self.jump_at(generator.iter.range(), next);
        self.unit.builder.exception_row(start, end, stop, error);
        self.unit.builder.bind(stop);
        self.at(generator.iter.range());
        self.emit(Op::EndAsyncFor, error, 0, 0);
        self.unit.assigned = before;
        self.release(mark);
        Ok(())
    }

    /// The comprehension as a function called at once with the outermost iterator.
    fn comprehension_function(&mut self, shape: Shape<'a>, scope: ScopeId, name: &str, dest: Option<u8>) -> Result<u8> {
        let outer = self.mark();
        let base = self.call_base(dest)?;
        let Some(first) = shape.generators.first() else { return Ok(base) };
        self.open_unit(UnitKind::Comprehension, scope, name, shape.range)?;
        let is_generator = shape.kind == ComprehensionKind::Generator;
        let result = if is_generator { 0 } else { self.temp()? };
        self.at(shape.range);
        if !is_generator {
            self.emit_empty(shape.kind, result);
        }
        self.generator_level(shape, 0, Some(0), result)?;
        self.at(shape.range);
        if is_generator {
            self.emit(Op::ReturnNone, 0, 0, 0);
        } else {
            self.emit(Op::Return, result, 0, 0);
        }
        let code = self.close_unit()?;
        self.at(shape.range);
        self.make_function(base, code, 0, 0)?;
        let header = bytecode::ops::CALL_HEADER as usize;
        self.temps(header - 1)?;
        self.first_iterator(first, None)?;
        self.at(shape.range);
        self.unit.builder.emit_cached(Op::Call, base, 1, 0, 0);
        if !is_generator && self.table.scopes[scope].coroutine {
            self.await_value(base + 1, base, 0)?;
            self.emit(Op::Move, base, base + 1, 0);
        }
        self.release((u16::from(base) + 1).max(outer));
        if dest.is_some_and(|register| register != base) {
            self.release(outer);
        }
        Ok(self.deliver(base, dest))
    }
}
