//! Second pass over the symbol table: decides for each name in each scope whether it is local, a cell,
//! free or global, and which comprehensions run inlined.

use std::collections::HashSet;

use ruff_python_ast::name::Name;

use crate::error::{CompileError, Result, error_at};
use crate::source::SourceMap;
use crate::symtable::*;

type Names = HashSet<Name>;

pub(crate) struct Resolver<'a> {
    pub map: &'a SourceMap<'a>,
    pub table: &'a mut SymbolTable,
}

#[derive(Clone, Default)]
struct Known {
    bound: Names,
    global: Names,
    type_params: Names,
    /// The class whose names an annotation scope sees.
    class: Option<ScopeId>,
}

impl Resolver<'_> {
    pub fn run(&mut self) -> Result {
        self.block(0, Known::default(), true).map(|_| ())
    }

    fn directive_error(&self, id: ScopeId, name: &Name, message: String) -> CompileError {
        let range =
            self.table.scopes[id].directives.iter().find(|entry| entry.0 == *name).map(|entry| entry.1).unwrap_or_default();
        error_at(self.map, range, message)
    }

    /// Decides the names of a scope and of those inside it; gives the names it needs from outside.
    fn block(&mut self, id: ScopeId, mut known: Known, is_module: bool) -> Result<Names> {
        let kind = self.table.scopes[id].kind;
        let mut free = Names::new();
        let mut local = Names::new();
        let mut inner = Known::default();
        if kind == ScopeKind::Class {
            inner.global = known.global.clone();
            inner.bound = known.bound.clone();
        }
        let names: Vec<(Name, u32)> =
            self.table.scopes[id].symbols.iter().map(|symbol| (symbol.name.clone(), symbol.flags)).collect();
        for (name, flags) in names {
            let scope = self.name(id, &name, flags, &mut known, &mut local, &mut free, is_module)?;
            self.table.scopes[id].symbol_mut(&name).scope = scope;
        }
        if kind == ScopeKind::Class {
            for name in ["__class__", "__classdict__", "__conditional_annotations__"] {
                inner.bound.insert(Name::new_static(name));
            }
            inner.type_params = known.type_params.clone();
        } else {
            if kind.is_function_like() {
                inner.bound.extend(local.iter().cloned());
            }
            inner.bound.extend(known.bound.iter().cloned());
            inner.global.extend(known.global.iter().cloned());
            inner.type_params = known.type_params.clone();
        }
        let mut needed = Names::new();
        for child in self.table.scopes[id].children.clone() {
            let mut for_child = inner.clone();
            for_child.class = match self.table.scopes[child].can_see_class_scope {
                true if kind == ScopeKind::Class => Some(id),
                true => known.class,
                false => None,
            };
            let sees_class = self.table.scopes[id].can_see_class_scope;
            let inline =
                self.table.scopes[child].comprehension.is_some_and(|kind| kind != ComprehensionKind::Generator) && !sees_class;
            let mut from_child = self.block(child, for_child, false)?;
            if inline {
                self.table.scopes[child].inlined = true;
                self.inline(id, child, &mut from_child);
            }
            needed.extend(from_child);
        }
        if kind.is_function_like() {
            for name in local.iter().filter(|name| needed.contains(*name)).cloned().collect::<Vec<_>>() {
                self.table.scopes[id].symbol_mut(&name).scope = SymbolScope::Cell;
                needed.remove(&name);
            }
        } else if kind == ScopeKind::Class {
            let scope = &mut self.table.scopes[id];
            scope.needs_class_closure |= needed.remove("__class__");
            scope.needs_classdict |= needed.remove("__classdict__");
            if needed.remove("__conditional_annotations__") {
                scope.has_conditional_annotations = true;
            }
        }
        self.pass_through(id, &needed, &known.bound);
        free.extend(needed);
        Ok(free)
    }

    fn name(
        &mut self,
        id: ScopeId,
        name: &Name,
        flags: u32,
        known: &mut Known,
        local: &mut Names,
        free: &mut Names,
        is_module: bool,
    ) -> Result<SymbolScope> {
        if flags & def::GLOBAL != 0 {
            if flags & def::NONLOCAL != 0 {
                return Err(self.directive_error(id, name, format!("name '{name}' is nonlocal and global")));
            }
            known.global.insert(name.clone());
            known.bound.remove(name);
            return Ok(SymbolScope::GlobalExplicit);
        }
        if flags & def::NONLOCAL != 0 {
            if is_module {
                return Err(self.directive_error(id, name, "nonlocal declaration not allowed at module level".into()));
            }
            if !known.bound.contains(name) {
                return Err(self.directive_error(id, name, format!("no binding for nonlocal '{name}' found")));
            }
            if known.type_params.contains(name) {
                return Err(self.directive_error(id, name, format!("nonlocal binding not allowed for type parameter '{name}'")));
            }
            free.insert(name.clone());
            return Ok(SymbolScope::Free);
        }
        if flags & def::BOUND != 0 {
            local.insert(name.clone());
            known.global.remove(name);
            if flags & def::TYPE_PARAM != 0 {
                known.type_params.insert(name.clone());
            } else {
                known.type_params.remove(name);
            }
            return Ok(SymbolScope::Local);
        }
        if let Some(class) = known.class {
            let class_flags = self.table.scopes[class].flags(name);
            if class_flags & def::GLOBAL != 0 {
                return Ok(SymbolScope::GlobalExplicit);
            }
            if class_flags & def::BOUND != 0 && class_flags & def::NONLOCAL == 0 {
                return Ok(SymbolScope::GlobalImplicit);
            }
        }
        if known.bound.contains(name) {
            free.insert(name.clone());
            return Ok(SymbolScope::Free);
        }
        Ok(SymbolScope::GlobalImplicit)
    }

    /// An inlined comprehension reads and writes the variables of the block it runs in directly.
    fn inline(&mut self, id: ScopeId, child: ScopeId, from_child: &mut Names) {
        let captured_inside: Names = self.table.scopes[child]
            .children
            .iter()
            .flat_map(|&inner| {
                let scope = &self.table.scopes[inner];
                let inlined = scope.inlined;
                scope
                    .symbols
                    .iter()
                    .filter(move |symbol| symbol.scope == SymbolScope::Free && (!inlined || symbol.flags & def::COMP_CELL != 0))
                    .map(|symbol| symbol.name.clone())
            })
            .collect();
        let outer_kind = self.table.scopes[id].kind;
        let names: Vec<Name> = self.table.scopes[child]
            .symbols
            .iter()
            .filter(|symbol| symbol.scope == SymbolScope::Free)
            .map(|symbol| symbol.name.clone())
            .collect();
        for name in names {
            let bound_outside = self.table.scopes[id].flags(&name) & def::BOUND != 0
                && self.table.scopes[id].flags(&name) & (def::GLOBAL | def::NONLOCAL) == 0;
            if captured_inside.contains(&name) {
                // Something inside captures it: a comprehension around this one must know.
                self.table.scopes[child].symbol_mut(&name).flags |= def::COMP_CELL;
            } else if bound_outside && outer_kind != ScopeKind::Class {
                from_child.remove(&name);
            }
        }
    }

    /// Names that inner scopes need from outside become free here too.
    fn pass_through(&mut self, id: ScopeId, needed: &Names, bound: &Names) {
        let scope = &mut self.table.scopes[id];
        let mut names: Vec<&Name> = needed.iter().collect();
        names.sort();
        for name in names {
            if scope.symbol(name).is_some() {
                let is_class = scope.kind == ScopeKind::Class;
                let sees_class = scope.can_see_class_scope;
                let symbol = scope.symbol_mut(name);
                let hidden = is_class && symbol.flags & (def::BOUND | def::GLOBAL) != 0
                    || sees_class && symbol.scope == SymbolScope::GlobalImplicit;
                if hidden {
                    symbol.flags |= def::FREE_CLASS;
                }
                continue;
            }
            if bound.contains(name) {
                let symbol = scope.symbol_mut(name);
                symbol.scope = SymbolScope::Free;
            }
        }
    }
}
