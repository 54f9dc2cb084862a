//! The code block being compiled: its variables, registers, blocks and what is known to be assigned.

use std::collections::{BTreeSet, HashMap};

use bytecode::{Builder, Label};
use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, Stmt};

use crate::symtable::{ScopeId, ScopeKind, SymbolScope, SymbolTable, def};

/// Variables beyond this many live in the spill array.
pub(crate) const VARIABLE_LIMIT: usize = 120;
/// Expressions that would start above this register are evaluated with the temporaries put aside.
pub(crate) const TEMP_MARK: u16 = 200;
pub(crate) const REGISTER_COUNT: u16 = 256;

/// What kind of code the unit is (for `return`, `await`, docstrings).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    /// Annotation, type alias, type parameter scopes.
    Lazy,
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Register(u8),
    /// Slot of the spill array.
    Spilled(u32),
}

/// How a name is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Local(usize),
    Cell(usize),
    /// A cell, but the class namespace first.
    ClassCell(usize),
    Global,
    Name,
}

/// A set of variables definitely assigned; `None` stands for unreachable code, where everything is.
pub(crate) type Assigned = Option<Vec<u64>>;

/// What leaving a statement block must do.
pub(crate) enum Block<'a> {
    Loop {
        next: Label,
        end: Label,
    },
    /// Body of `try ... finally`: the final statements run on the way out.
    Finally {
        body: &'a [Stmt],
    },
    /// Body of the exceptional copy of `finally`, or an except clause: `POP_EXC`.
    Handler {
        saved: u8,
    },
    /// Body of `except E as name`: unbind the name.
    HandlerName {
        name: &'a Name,
    },
    With {
        exit: u8,
        is_async: bool,
        range: ruff_text_size::TextRange,
    },
    /// Exception table rows are interrupted while the block is left.
    Guarded {
        row: usize,
    },
    /// Inside `except*`: no way out by break, continue, return.
    ExceptStar,
    /// The final statements themselves (for the warning of PEP 765).
    FinallyBody,
}

/// A protected range with the holes where code leaves it.
pub(crate) struct Guard {
    pub ranges: Vec<(Label, Label)>,
    pub open: Option<Label>,
}

pub(crate) struct Unit<'a> {
    pub builder: Builder,
    pub kind: UnitKind,
    pub scope: ScopeId,
    /// The scope names are looked up in: the unit's or that of an inlined comprehension.
    pub current: ScopeId,
    pub name: String,
    pub qualname: String,
    pub first_line: u32,
    pub private: Option<Name>,
    pub has_namespace: bool,
    pub variables: HashMap<(ScopeId, Name), usize>,
    /// A class's own cells (`__class__`, `__classdict__`, ...), apart from what its body calls by these names.
    pub class_cells: HashMap<&'static str, usize>,
    pub var_names: Vec<String>,
    pub cell_vars: Vec<String>,
    pub free_vars: Vec<String>,
    /// (variable, is it a parameter whose cell replaces it) of the cells made at entry.
    pub entry_cells: Vec<usize>,
    pub spill_from: usize,
    pub spill_register: Option<u8>,
    pub spill_slots: u32,
    pub spill_top: u32,
    /// Whether some expression was so deep that temporaries were put aside.
    pub puts_aside: bool,
    pub entry: usize,
    pub first_temp: u16,
    pub next_temp: u16,
    pub high: u16,
    pub statement_base: u16,
    pub assigned: Assigned,
    pub blocks: Vec<Block<'a>>,
    pub guards: Vec<Guard>,
    pub static_attributes: BTreeSet<String>,
    pub in_conditional_block: bool,
    /// Variable annotations of a module or class: name, annotation, number if conditional.
    pub annotations: Vec<(Name, &'a Expr, Option<u32>)>,
    pub doc: Option<bytecode::Wtf8>,
    pub in_inlined_comprehension: bool,
    /// Parameter that a `super()` without arguments takes.
    pub first_parameter: Option<Name>,
}

impl<'a> Unit<'a> {
    pub fn new(
        table: &SymbolTable,
        kind: UnitKind,
        scope_id: ScopeId,
        name: String,
        qualname: String,
        first_line: u32,
    ) -> Unit<'a> {
        let scope = &table.scopes[scope_id];
        let has_namespace = matches!(scope.kind, ScopeKind::Module | ScopeKind::Class);
        let mut unit = Unit {
            builder: Builder::new(),
            kind,
            scope: scope_id,
            current: scope_id,
            name,
            qualname,
            first_line,
            private: None,
            has_namespace,
            variables: HashMap::new(),
            class_cells: HashMap::new(),
            var_names: Vec::new(),
            cell_vars: Vec::new(),
            free_vars: Vec::new(),
            entry_cells: Vec::new(),
            spill_from: usize::MAX,
            spill_register: None,
            spill_slots: 0,
            spill_top: 0,
            puts_aside: false,
            entry: 0,
            first_temp: 0,
            next_temp: 0,
            high: 0,
            statement_base: 0,
            assigned: None,
            blocks: Vec::new(),
            guards: Vec::new(),
            static_attributes: BTreeSet::new(),
            in_conditional_block: false,
            annotations: Vec::new(),
            doc: None,
            in_inlined_comprehension: false,
            first_parameter: scope.parameters.first().cloned(),
        };
        unit.lay_out_variables(table);
        unit
    }

    fn lay_out_variables(&mut self, table: &SymbolTable) {
        let scope = &table.scopes[self.scope];
        let function_like = scope.kind.is_function_like();
        let mut cells: Vec<(ScopeId, Name)> = Vec::new();
        for name in &scope.parameters {
            let index = self.var_names.len();
            self.variables.insert((self.scope, name.clone()), index);
            self.var_names.push(name.to_string());
            if scope.symbol(name).is_some_and(|symbol| symbol.scope == SymbolScope::Cell) {
                self.entry_cells.push(index);
                self.cell_vars.push(name.to_string());
            }
        }
        let mut scopes = vec![self.scope];
        collect_inlined(table, self.scope, &mut scopes);
        for &id in &scopes {
            let is_unit = id == self.scope;
            if is_unit && !function_like {
                continue;
            }
            for symbol in &table.scopes[id].symbols {
                let key = (id, symbol.name.clone());
                if self.variables.contains_key(&key) || symbol.flags & (def::BOUND | def::NONLOCAL) == 0 {
                    continue;
                }
                if !is_unit && symbol.name == ".0" {
                    continue;
                }
                match symbol.scope {
                    SymbolScope::Local => {
                        let name = if is_unit { symbol.name.to_string() } else { self.unique(&symbol.name, scope) };
                        self.variables.insert(key, self.var_names.len());
                        self.var_names.push(name);
                    }
                    SymbolScope::Cell => cells.push(key),
                    _ => {}
                }
            }
        }
        let mut next = self.var_names.len();
        if scope.kind == ScopeKind::Class {
            let special = [
                ("__class__", scope.needs_class_closure),
                ("__classdict__", scope.needs_classdict),
                ("__conditional_annotations__", scope.has_conditional_annotations),
            ];
            for (name, needed) in special {
                if needed {
                    self.class_cells.insert(name, next);
                    self.cell_vars.push(name.into());
                    self.entry_cells.push(next);
                    next += 1;
                }
            }
        }
        cells.sort_by(|left, right| left.1.cmp(&right.1));
        for key in cells {
            let name = if key.0 == self.scope { key.1.to_string() } else { self.unique(&key.1, scope) };
            self.cell_vars.push(name);
            if key.0 == self.scope {
                self.entry_cells.push(next);
            }
            self.variables.insert(key, next);
            next += 1;
        }
        let mut free: Vec<&Name> = scope
            .symbols
            .iter()
            .filter(|symbol| {
                symbol.scope == SymbolScope::Free
                    || (symbol.flags & def::FREE_CLASS != 0 && !self.variables.contains_key(&(self.scope, symbol.name.clone())))
            })
            .map(|symbol| &symbol.name)
            .collect();
        free.sort();
        for name in free {
            self.variables.insert((self.scope, name.clone()), next);
            self.free_vars.push(name.to_string());
            next += 1;
        }
        if next > VARIABLE_LIMIT {
            self.spill_from = VARIABLE_LIMIT;
            self.spill_slots = (next - VARIABLE_LIMIT) as u32;
            self.spill_top = self.spill_slots;
        }
        let in_registers = next.min(VARIABLE_LIMIT) + usize::from(self.has_namespace);
        self.first_temp = in_registers as u16;
        self.next_temp = self.first_temp;
        self.high = self.first_temp;
        self.statement_base = self.first_temp;
        let mut assigned = vec![0u64; next.div_ceil(64).max(1)];
        for index in 0..scope.parameters.len() {
            assigned[index / 64] |= 1 << (index % 64);
        }
        self.assigned = Some(assigned);
    }

    /// A name for a comprehension's variable that neither the unit's own variables nor others have: `x` or `.x`.
    fn unique(&self, name: &Name, scope: &crate::symtable::Scope) -> String {
        let mut text = name.to_string();
        let is_own =
            |text: &str| scope.symbol(text).is_some_and(|own| matches!(own.scope, SymbolScope::Cell | SymbolScope::Free));
        while is_own(&text) || self.var_names.contains(&text) || self.cell_vars.contains(&text) {
            text.insert(0, '.');
        }
        text
    }

    pub fn variable_count(&self) -> usize {
        let cells = self.cell_vars.iter().filter(|name| !self.var_names.contains(name)).count();
        self.var_names.len() + cells + self.free_vars.len()
    }

    /// Reserves the register of the spill array, for units that have or may need one.
    pub fn reserve_spill(&mut self) {
        self.spill_register = Some(self.first_temp as u8);
        self.first_temp += 1;
        self.next_temp = self.first_temp;
        self.high = self.high.max(self.first_temp);
        self.statement_base = self.first_temp;
    }

    pub fn place(&self, variable: usize) -> Place {
        if variable >= self.spill_from {
            Place::Spilled((variable - self.spill_from) as u32)
        } else {
            Place::Register((variable + usize::from(self.has_namespace)) as u8)
        }
    }

    pub fn is_assigned(&self, variable: usize) -> bool {
        self.assigned.as_ref().is_none_or(|bits| bits[variable / 64] >> (variable % 64) & 1 != 0)
    }

    pub fn set_assigned(&mut self, variable: usize) {
        if let Some(bits) = &mut self.assigned {
            bits[variable / 64] |= 1 << (variable % 64);
        }
    }

    /// What holds where both ways meet.
    pub fn meet(&mut self, other: Assigned) {
        self.assigned = match (self.assigned.take(), other) {
            (None, other) => other,
            (this, None) => this,
            (Some(mut this), Some(other)) => {
                this.iter_mut().zip(&other).for_each(|(bits, others)| *bits &= others);
                Some(this)
            }
        };
    }

    pub fn is_temp(&self, register: u8) -> bool {
        u16::from(register) >= self.first_temp
    }
}

/// Comprehensions that run inside this scope's code.
fn collect_inlined(table: &SymbolTable, id: ScopeId, found: &mut Vec<ScopeId>) {
    for &child in &table.scopes[id].children {
        if table.scopes[child].inlined {
            found.push(child);
            collect_inlined(table, child, found);
        }
    }
}
