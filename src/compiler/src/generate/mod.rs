//! Code generation: the tree and its symbol table to code units. This file: the generator's state, units,
//! registers, names. The parts by kind of construct are in the files beside it.

mod annotations;
mod calls;
mod comprehension;
mod conditions;
mod consumed;
mod definitions;
mod exceptions;
mod expressions;
mod imports;
mod loops;
mod patterns;
mod statements;
mod strings;
mod targets;
mod warn;

pub(crate) use imports::future_flags;

use bytecode::{CodeUnit, Const, Op, Position, Spill, UnitInfo, co_flags};
use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::error::{CompileError, ErrorKind, Result, StackGuard, Warning, error_at};
use crate::fold::Folder;
use crate::source::SourceMap;
use crate::symtable::*;
use crate::unit::*;
use crate::{CompileMode, CompileOptions};

pub(crate) struct Generator<'a> {
    pub map: &'a SourceMap<'a>,
    pub table: &'a SymbolTable,
    pub options: &'a CompileOptions,
    pub future_flags: u32,
    pub unit: Unit<'a>,
    pub outer: Vec<Unit<'a>>,
    pub warnings: Vec<Warning>,
    pub guard: StackGuard,
    last_position: Option<(TextRange, Position)>,
}

impl<'a> Generator<'a> {
    pub fn new(
        map: &'a SourceMap<'a>,
        table: &'a SymbolTable,
        options: &'a CompileOptions,
        future_flags: u32,
        guard: StackGuard,
    ) -> Generator<'a> {
        let unit = Unit::new(table, UnitKind::Module, 0, "<module>".into(), "<module>".into(), 1);
        Generator { map, table, options, future_flags, unit, outer: Vec::new(), warnings: Vec::new(), guard, last_position: None }
    }

    pub fn module(mut self, body: &'a [Stmt]) -> Result<(CodeUnit, Vec<Warning>)> {
        let length = body.last().map_or(0, |last| last.range().end().to_usize());
        self.begin(length)?;
        self.module_body(body)?;
        let unit = self.finish_unit()?;
        Ok((unit, self.warnings))
    }

    pub fn expression(mut self, body: &'a Expr) -> Result<(CodeUnit, Vec<Warning>)> {
        self.begin(body.range().end().to_usize())?;
        let mark = self.mark();
        let value = self.expr(body, None)?;
        self.emit(Op::Return, value, 0, 0);
        self.release(mark);
        let unit = self.finish_unit()?;
        Ok((unit, self.warnings))
    }

    // ---- errors, warnings, positions ----------------------------------------------------------

    pub fn error<T>(&self, range: TextRange, message: impl Into<String>) -> Result<T> {
        Err(error_at(self.map, range, message))
    }

    fn too_large(&self) -> CompileError {
        CompileError {
            kind: ErrorKind::TooLarge,
            message: "code is too large or nested too deeply for the bytecode".into(),
            line: self.unit.first_line,
            col: 1,
            end_line: self.unit.first_line,
            end_col: 1,
            byte_cols: (1, 1),
        }
    }

    /// A line on which nothing happens is there for tracers all the same.
    pub fn line_marker(&mut self, range: TextRange) {
        self.at(range);
        self.unit.builder.line_marker();
    }

    /// Instructions that follow belong to this source range.
    pub fn at(&mut self, range: TextRange) {
        let position = match self.last_position {
            Some((last, position)) if last == range => position,
            _ => self.map.position(range),
        };
        self.last_position = Some((range, position));
        self.unit.builder.set_position(position);
    }

    /// Instructions that follow belong to no source line.
    pub fn nowhere(&mut self) {
        self.unit.builder.set_position(Position::default());
    }

    pub fn folder(&self) -> Folder<'a> {
        Folder { map: self.map, debug: self.options.optimize == 0, int_digits: self.options.int_max_str_digits }
    }

    // ---- units --------------------------------------------------------------------------------

    /// Opens a unit nested in the current one.
    pub fn open_unit(&mut self, kind: UnitKind, scope: ScopeId, name: &str, range: TextRange) -> Result {
        let qualname = self.qualname_of(name, kind);
        let line = self.map.locate(range.start()).0;
        let mut unit = Unit::new(self.table, kind, scope, name.into(), qualname, line);
        unit.private = self.unit.private.clone();
        let outer = std::mem::replace(&mut self.unit, unit);
        self.outer.push(outer);
        self.begin(range.len().to_usize())
    }

    /// The unit's entry code.
    fn begin(&mut self, length: usize) -> Result {
        if self.unit.spill_from != usize::MAX || length > 150 {
            self.unit.reserve_spill();
        }
        self.nowhere();
        let scope = &self.table.scopes[self.unit.scope];
        let is_generator = self.unit.kind != UnitKind::Module
            && self.unit.kind != UnitKind::Class
            && (scope.generator || self.unit.kind == UnitKind::AsyncFunction);
        let coroutine_module = self.unit.kind == UnitKind::Module && self.is_top_level_coroutine();
        if is_generator || coroutine_module || (self.unit.kind == UnitKind::Lambda && scope.coroutine && scope.generator) {
            let line = Position { line: self.unit.first_line, end_line: self.unit.first_line, column: 0, end_column: 0 };
            self.unit.builder.set_position(line);
            self.unit.builder.emit(Op::GeneratorStart, 0, 0, 0);
            self.nowhere();
        }
        let parameters = scope.parameters.len();
        let total = self.unit.variable_count() - self.unit.free_vars.len();
        let base = usize::from(self.unit.has_namespace);
        let addressable = parameters + base <= 255;
        if total > parameters && addressable {
            self.unit.builder.emit_wide(Op::UnbindLocals, (parameters + base) as u8, (total - parameters).min(0xFFFF) as u16);
        }
        self.unit.entry = self.unit.builder.len();
        self.unit.builder.emit(Op::Nop, 0, 0, 0);
        if total > parameters && !addressable {
            // So many parameters that the other locals are out of reach: they are unset in the spill array.
            let temp = self.temp()?;
            self.unit.builder.emit(Op::LoadCommon, temp, 0, bytecode::Common::Unbound as u8);
            let array = self.spill_array();
            for variable in parameters..total {
                if let Place::Spilled(slot) = self.unit.place(variable) {
                    self.unit.builder.emit_ext(Op::StoreSpill, temp, array, 0, slot);
                }
            }
            self.release_one();
        }
        for variable in self.unit.entry_cells.clone() {
            match self.unit.place(variable) {
                Place::Register(register) => self.unit.builder.emit(Op::MakeCell, register, register, 0),
                Place::Spilled(slot) => {
                    let array = self.spill_array();
                    let temp = self.temp()?;
                    self.unit.builder.emit_ext(Op::LoadSpill, temp, array, 0, slot);
                    self.unit.builder.emit(Op::MakeCell, temp, temp, 0);
                    self.unit.builder.emit_ext(Op::StoreSpill, temp, array, 0, slot);
                    self.release_one();
                }
            }
        }
        Ok(())
    }

    pub fn is_top_level_coroutine(&self) -> bool {
        self.options.allow_top_level_await && self.table.scopes[0].coroutine
    }

    /// Lays out the current unit and goes back to the one around it (if any).
    pub fn close_unit(&mut self) -> Result<CodeUnit> {
        let code = self.finish_unit()?;
        if let Some(outer) = self.outer.pop() {
            self.unit = outer;
        }
        self.last_position = None;
        Ok(code)
    }

    fn finish_unit(&mut self) -> Result<CodeUnit> {
        let too_large = self.too_large();
        let scope = &self.table.scopes[self.unit.scope];
        let mut spill = None;
        if let Some(register) = self.unit.spill_register
            && self.unit.spill_slots > 0
        {
            let variables = self.unit.variable_count();
            let moved = variables.saturating_sub(self.unit.spill_from.min(variables));
            let first = (register as usize).min(self.unit.spill_from.saturating_add(usize::from(self.unit.has_namespace)));
            debug_assert!(moved == 0 || first == register as usize);
            self.unit.builder.patch(self.unit.entry, Op::SpillInit, register, moved.min(0xFFFF) as u16);
            spill = Some(Spill {
                register,
                first_variable: self.unit.spill_from.min(variables) as u32,
                slots: self.unit.spill_slots,
            });
        }
        let mut flags = self.future_flags;
        if scope.kind.is_function_like() {
            flags |= co_flags::OPTIMIZED | co_flags::NEWLOCALS;
            if scope.nested {
                flags |= co_flags::NESTED;
            }
            let is_async =
                scope.coroutine && matches!(self.unit.kind, UnitKind::AsyncFunction | UnitKind::Comprehension | UnitKind::Lambda);
            flags |= match (scope.generator, is_async) {
                (true, true) => co_flags::ASYNC_GENERATOR,
                (true, false) => co_flags::GENERATOR,
                (false, true) => co_flags::COROUTINE,
                (false, false) => 0,
            };
            if scope.has_varargs {
                flags |= co_flags::VARARGS;
            }
            if scope.has_varkeywords {
                flags |= co_flags::VARKEYWORDS;
            }
            if scope.is_method && self.unit.kind != UnitKind::Lazy {
                flags |= co_flags::METHOD;
            }
            if self.unit.doc.is_some() {
                flags |= co_flags::HAS_DOCSTRING;
            }
        } else if self.unit.kind == UnitKind::Module && self.is_top_level_coroutine() {
            flags |= co_flags::COROUTINE;
        }
        let mut var_names = std::mem::take(&mut self.unit.var_names);
        if self.unit.kind == UnitKind::Lazy
            && self.unit.name == "__annotate__"
            && let Some(first) = var_names.first_mut()
        {
            *first = "format".into();
        }
        let variables = self.unit.first_temp as u32;
        let parameters = self.table.scopes[self.unit.scope].parameters.len() as u32;
        let spilled = spill.map_or(0, |spill| u32::from(spill.register)) + self.unit.spill_slots;
        let info = UnitInfo {
            name: std::mem::take(&mut self.unit.name),
            qualname: std::mem::take(&mut self.unit.qualname),
            filename: self.options.filename.clone(),
            first_line: self.unit.first_line,
            flags,
            arg_count: 0,
            pos_only_count: 0,
            kw_only_count: 0,
            register_count: u32::from(self.unit.high).max(variables).max(if self.unit.spill_from != usize::MAX {
                spilled + 1
            } else {
                0
            }),
            var_names,
            cell_vars: std::mem::take(&mut self.unit.cell_vars),
            free_vars: std::mem::take(&mut self.unit.free_vars),
            spill,
            doc: self.unit.doc.take(),
        };
        let mut code = std::mem::take(&mut self.unit.builder).finish(info).map_err(|_| too_large)?;
        if self.unit.puts_aside {
            bytecode::flow::fill_blanks(&mut code);
        }
        if matches!(self.unit.kind, UnitKind::Comprehension | UnitKind::Lazy) {
            code.arg_count = parameters;
            let takes_format = code.var_names.first().is_some_and(|name| matches!(&**name, "format" | ".format"));
            code.pos_only_count = u32::from(self.unit.kind == UnitKind::Lazy && takes_format);
        }
        Ok(code)
    }

    pub fn qualname_of(&self, name: &str, kind: UnitKind) -> String {
        let parent = &self.unit;
        let mangled = mangle(parent.private.as_deref(), &Name::new(name));
        if matches!(kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class)
            && self.table.scopes[parent.scope].symbol(&mangled).is_some_and(|symbol| symbol.scope == SymbolScope::GlobalExplicit)
        {
            return name.into();
        }
        // A generic's type parameter scope does not show.
        let mut at = parent;
        if self.table.scopes[at.scope].kind == ScopeKind::TypeParameters
            && let Some(outer) = self.outer.last()
        {
            at = outer;
            if matches!(kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class)
                && self.table.scopes[at.scope].symbol(&mangled).is_some_and(|symbol| symbol.scope == SymbolScope::GlobalExplicit)
            {
                return name.into();
            }
        }
        match at.kind {
            UnitKind::Module => name.into(),
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda => format!("{}.<locals>.{name}", at.qualname),
            _ => format!("{}.{name}", at.qualname),
        }
    }

    // ---- registers ----------------------------------------------------------------------------

    pub fn mark(&self) -> u16 {
        self.unit.next_temp
    }

    pub fn release(&mut self, mark: u16) {
        self.unit.next_temp = mark;
    }

    fn release_one(&mut self) {
        self.unit.next_temp -= 1;
    }

    pub fn temp(&mut self) -> Result<u8> {
        self.temps(1)
    }

    /// The first of `count` fresh consecutive temporaries.
    pub fn temps(&mut self, count: usize) -> Result<u8> {
        let first = self.unit.next_temp;
        let next = first as usize + count;
        if next > REGISTER_COUNT as usize || first >= REGISTER_COUNT {
            return Err(self.too_large());
        }
        self.unit.next_temp = next as u16;
        self.unit.high = self.unit.high.max(next as u16);
        Ok(first as u8)
    }

    /// `dest`, or a fresh temporary.
    pub fn dest_or_temp(&mut self, dest: Option<u8>) -> Result<u8> {
        match dest {
            Some(register) => Ok(register),
            None => self.temp(),
        }
    }

    /// A register that may be written before the whole value is known: `dest` only if it is a temporary.
    pub fn scratch(&mut self, dest: Option<u8>) -> Result<u8> {
        match dest {
            Some(register) if self.unit.is_temp(register) => Ok(register),
            _ => self.temp(),
        }
    }

    /// Delivers `from` where the caller wants it.
    pub fn deliver(&mut self, from: u8, dest: Option<u8>) -> u8 {
        match dest {
            Some(register) if register != from => {
                self.emit(Op::Move, register, from, 0);
                register
            }
            _ => from,
        }
    }

    pub fn spill_array(&self) -> u8 {
        self.unit.spill_register.unwrap_or(0)
    }

    /// A slot of the spill array for a temporary.
    pub fn spill_slot(&mut self) -> Result<u32> {
        if self.unit.spill_register.is_none() {
            return Err(self.too_large());
        }
        let slot = self.unit.spill_top;
        self.unit.spill_top += 1;
        self.unit.spill_slots = self.unit.spill_slots.max(self.unit.spill_top);
        Ok(slot)
    }

    // ---- emitting -----------------------------------------------------------------------------

    pub fn emit(&mut self, op: Op, a: u8, b: u8, c: u8) {
        self.unit.builder.emit(op, a, b, c);
    }

    /// Goes on raising. Whether that is cleanup, which has no line, is said in the instruction: unwinding asks for it each time.
    pub fn reraise(&mut self, error: u8) {
        let cleanup = self.unit.builder.position().line == 0;
        self.emit(Op::Reraise, error, cleanup.into(), 0);
    }

    pub fn emit_named(&mut self, op: Op, a: u8, b: u8, c: u8, name: &str) {
        let index = self.unit.builder.name(name);
        if matches!(op.info().ext, bytecode::ExtKind::Cache(_)) {
            self.unit.builder.emit_cached(op, a, b, c, index);
        } else {
            self.unit.builder.emit_ext(op, a, b, c, index);
        }
    }

    pub fn load_const(&mut self, dest: u8, constant: Const) {
        match constant {
            Const::None => self.emit(Op::LoadNone, dest, 0, 0),
            Const::True => self.emit(Op::LoadTrue, dest, 0, 0),
            Const::False => self.emit(Op::LoadFalse, dest, 0, 0),
            Const::Int(number) if i16::try_from(number).is_ok() => {
                self.unit.builder.emit_wide(Op::LoadInt, dest, number as i16 as u16)
            }
            constant => {
                let index = self.unit.builder.constant(constant);
                match u16::try_from(index) {
                    Ok(index) => self.unit.builder.emit_wide(Op::LoadConst, dest, index),
                    Err(_) => self.unit.builder.emit_ext(Op::LoadConstWide, dest, 0, 0, index),
                }
            }
        }
    }

    pub fn load_str(&mut self, dest: u8, text: &str) {
        self.load_const(dest, Const::str(text));
    }

    // ---- names --------------------------------------------------------------------------------

    pub fn mangled(&self, name: &Name) -> Name {
        if let Some(names) = &self.table.scopes[self.unit.current].mangled_names
            && !names.contains(name)
        {
            return name.clone();
        }
        mangle(self.unit.private.as_deref(), name)
    }

    /// How a (mangled) name is reached from where we are.
    pub fn access(&self, name: &Name) -> Access {
        let unit = &self.unit;
        let mut id = unit.current;
        let mut from_comprehension = false;
        loop {
            let scope = &self.table.scopes[id];
            let variable = |id: ScopeId| unit.variables.get(&(id, name.clone())).copied();
            let symbol = scope.symbol(name);
            match symbol.map(|symbol| symbol.scope) {
                Some(SymbolScope::Local) if scope.kind.is_function_like() => {
                    return variable(id).map_or(Access::Name, Access::Local);
                }
                Some(SymbolScope::Cell) => return variable(id).map_or(Access::Name, Access::Cell),
                Some(SymbolScope::Free) if scope.inlined && id != unit.scope => {
                    from_comprehension = true;
                    let Some(parent) = scope.parent else { return Access::Global };
                    id = parent;
                }
                Some(SymbolScope::Free) => {
                    if from_comprehension && let Some(&variable) = unit.class_cells.get(name.as_str()) {
                        return Access::Cell(variable);
                    }
                    let Some(variable) = variable(unit.scope) else { return Access::Global };
                    let sees_class = scope.kind == ScopeKind::Class || scope.can_see_class_scope;
                    return if sees_class && !from_comprehension && name != "__classdict__" && name != "__class__" {
                        Access::ClassCell(variable)
                    } else {
                        Access::Cell(variable)
                    };
                }
                Some(SymbolScope::GlobalExplicit) => {
                    // A class's `global` says nothing about its comprehensions: those see the function around.
                    let around = if from_comprehension && scope.kind == ScopeKind::Class { variable(unit.scope) } else { None };
                    return around.map_or(Access::Global, Access::Cell);
                }
                Some(SymbolScope::GlobalImplicit) if scope.kind.is_function_like() => {
                    let in_module = id != unit.scope && self.table.scopes[unit.scope].kind == ScopeKind::Module;
                    return if in_module { Access::Name } else { Access::Global };
                }
                _ => {
                    // What a class body itself calls `__class__` is an ordinary name of its namespace.
                    let own = scope.kind == ScopeKind::Class && from_comprehension || name == "__conditional_annotations__";
                    if own && let Some(&variable) = unit.class_cells.get(name.as_str()) {
                        return Access::Cell(variable);
                    }
                    if from_comprehension {
                        return variable(unit.scope).map_or(Access::Global, Access::Cell);
                    }
                    return if scope.kind.is_function_like() { Access::Global } else { Access::Name };
                }
            }
        }
    }

    /// The register of a variable; a spilled one is loaded into a temporary.
    pub fn variable_register(&mut self, variable: usize) -> Result<u8> {
        match self.unit.place(variable) {
            Place::Register(register) => Ok(register),
            Place::Spilled(slot) => {
                let temp = self.temp()?;
                let array = self.spill_array();
                self.unit.builder.emit_ext(Op::LoadSpill, temp, array, 0, slot);
                Ok(temp)
            }
        }
    }

    /// A name's value: in `dest`, or wherever it lives.
    pub fn load_name(&mut self, name: &Name, dest: Option<u8>) -> Result<u8> {
        let mangled = self.mangled(name);
        match self.access(&mangled) {
            Access::Local(variable) => {
                let mark = self.mark();
                let register = self.variable_register(variable)?;
                if !self.unit.is_assigned(variable) {
                    self.unit.builder.emit_wide(Op::CheckLocal, register, variable as u16);
                    if !self.may_be_deleted(&mangled) {
                        self.unit.set_assigned(variable);
                    }
                }
                let is_temp = self.unit.is_temp(register);
                if dest.is_none() && !is_temp && self.is_walrus_bound(&mangled) {
                    let temp = self.temp()?;
                    self.emit(Op::Move, temp, register, 0);
                    return Ok(temp);
                }
                let delivered = self.deliver(register, dest);
                if dest.is_some() {
                    // A spilled variable took a register on its way; operands that follow must lie side by side.
                    self.release(mark);
                }
                Ok(delivered)
            }
            Access::Cell(variable) => {
                let dest = self.dest_or_temp(dest)?;
                let mark = self.mark();
                let cell = self.variable_register(variable)?;
                self.unit.builder.emit_ext(Op::LoadCell, dest, cell, 0, variable as u32);
                self.release(mark);
                Ok(dest)
            }
            Access::ClassCell(variable) => {
                let dest = self.dest_or_temp(dest)?;
                let mark = self.mark();
                let namespace = self.class_namespace()?;
                let cell = self.variable_register(variable)?;
                self.unit.builder.emit_ext(Op::LoadDictOrCell, dest, namespace, cell, variable as u32);
                self.release(mark);
                Ok(dest)
            }
            Access::Global => {
                let dest = self.dest_or_temp(dest)?;
                let sees_class = self.table.scopes[self.unit.current].can_see_class_scope
                    && self.table.scopes[self.unit.current]
                        .symbol(&mangled)
                        .is_some_and(|symbol| symbol.scope == SymbolScope::GlobalImplicit);
                if sees_class {
                    let mark = self.mark();
                    let namespace = self.class_namespace()?;
                    self.emit_named(Op::LoadDictOrGlobal, dest, namespace, 0, &mangled);
                    self.release(mark);
                } else {
                    self.emit_named(Op::LoadGlobal, dest, 0, 0, &mangled);
                }
                Ok(dest)
            }
            Access::Name => {
                let dest = self.dest_or_temp(dest)?;
                self.emit_named(Op::LoadName, dest, 0, 0, &mangled);
                Ok(dest)
            }
        }
    }

    /// The namespace mapping of the class around: `r0`, or the content of `__classdict__`.
    fn class_namespace(&mut self) -> Result<u8> {
        if self.unit.has_namespace {
            return Ok(0);
        }
        let temp = self.temp()?;
        let mark = self.mark();
        let name = Name::new_static("__classdict__");
        if let Access::Cell(variable) = self.access(&name) {
            let cell = self.variable_register(variable)?;
            self.unit.builder.emit_ext(Op::LoadCell, temp, cell, 0, variable as u32);
        } else {
            // The class has a variable of that name, which hides its namespace.
            self.emit(Op::BuildMap, temp, 0, 0);
        }
        self.release(mark);
        Ok(temp)
    }

    fn symbol_flags(&self, name: &Name) -> u32 {
        let mut id = self.unit.current;
        let mut flags = 0;
        loop {
            let scope = &self.table.scopes[id];
            flags |= scope.flags(name);
            match scope.parent {
                Some(parent) if scope.inlined && id != self.unit.scope => id = parent,
                _ => return flags,
            }
        }
    }

    fn may_be_deleted(&self, name: &Name) -> bool {
        self.symbol_flags(name) & def::DELETED != 0
    }

    fn is_walrus_bound(&self, name: &Name) -> bool {
        self.symbol_flags(name) & def::WALRUS != 0
    }

    /// The register that a store to this name writes directly, if it is a local in a register.
    pub fn direct_target(&self, name: &Name) -> Option<u8> {
        match self.access(&self.mangled(name)) {
            Access::Local(variable) => match self.unit.place(variable) {
                Place::Register(register) => Some(register),
                Place::Spilled(_) => None,
            },
            _ => None,
        }
    }

    /// Notes that a store to this name happened.
    pub fn stored(&mut self, name: &Name) {
        let mangled = self.mangled(name);
        if let Access::Local(variable) = self.access(&mangled)
            && !self.may_be_deleted(&mangled)
        {
            self.unit.set_assigned(variable);
        }
    }

    pub fn forbid_debug(&self, name: &Name, range: TextRange) -> Result {
        if name == "__debug__" {
            return self.error(range, "cannot assign to __debug__");
        }
        Ok(())
    }

    pub fn store_name(&mut self, name: &Name, value: u8, range: TextRange) -> Result {
        self.forbid_debug(name, range)?;
        let mangled = self.mangled(name);
        match self.access(&mangled) {
            Access::Local(variable) => match self.unit.place(variable) {
                Place::Register(register) => {
                    if register != value {
                        self.emit(Op::Move, register, value, 0);
                    }
                }
                Place::Spilled(slot) => {
                    let array = self.spill_array();
                    self.unit.builder.emit_ext(Op::StoreSpill, value, array, 0, slot);
                }
            },
            Access::Cell(variable) | Access::ClassCell(variable) => {
                let mark = self.mark();
                let cell = self.variable_register(variable)?;
                self.emit(Op::StoreCell, cell, value, 0);
                self.release(mark);
            }
            Access::Global => self.emit_named(Op::StoreGlobal, value, 0, 0, &mangled),
            Access::Name => self.emit_named(Op::StoreName, value, 0, 0, &mangled),
        }
        self.stored(name);
        Ok(())
    }

    pub fn delete_name(&mut self, name: &Name, range: TextRange) -> Result {
        if name == "__debug__" {
            return self.error(range, "cannot delete __debug__");
        }
        let mangled = self.mangled(name);
        match self.access(&mangled) {
            Access::Local(variable) => {
                let mark = self.mark();
                let register = self.variable_register(variable)?;
                self.unit.builder.emit_wide(Op::DeleteLocal, register, variable as u16);
                if let Place::Spilled(slot) = self.unit.place(variable) {
                    let array = self.spill_array();
                    self.unit.builder.emit_ext(Op::StoreSpill, register, array, 0, slot);
                }
                self.release(mark);
            }
            Access::Cell(variable) | Access::ClassCell(variable) => {
                let mark = self.mark();
                let cell = self.variable_register(variable)?;
                self.unit.builder.emit_ext(Op::DeleteCell, cell, 0, 0, variable as u32);
                self.release(mark);
            }
            Access::Global => self.emit_named(Op::DeleteGlobal, 0, 0, 0, &mangled),
            Access::Name => self.emit_named(Op::DeleteName, 0, 0, 0, &mangled),
        }
        Ok(())
    }

    pub fn mode(&self) -> CompileMode {
        self.options.mode
    }
}
