//! First pass: walks the tree and collects scopes and the raw facts about their symbols, with the
//! errors that need nothing more. The second pass (`resolve`) decides where names live.

use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use crate::error::{CompileError, Result, StackGuard, error_at, recursion_error};
use crate::source::SourceMap;
use crate::symtable::*;

pub(crate) struct Collector<'a> {
    map: &'a SourceMap<'a>,
    pub table: SymbolTable,
    current: ScopeId,
    private: Option<Name>,
    future_annotations: bool,
    guard: StackGuard,
}

impl<'a> Collector<'a> {
    pub fn new(map: &'a SourceMap<'a>, future_annotations: bool, guard: StackGuard) -> Collector<'a> {
        let mut table = SymbolTable::default();
        table.scopes.push(Scope::new(ScopeKind::Module, Name::new_static("top"), 0, None));
        Collector { map, table, current: 0, private: None, future_annotations, guard }
    }

    fn scope(&mut self) -> &mut Scope {
        &mut self.table.scopes[self.current]
    }

    fn error(&self, range: TextRange, message: impl Into<String>) -> CompileError {
        error_at(self.map, range, message)
    }

    fn enter<T>(&mut self, kind: ScopeKind, name: &str, node: &T, part: Part, range: TextRange) -> ScopeId {
        let id = self.table.scopes.len();
        let line = self.map.locate(range.start()).0;
        let mut scope = Scope::new(kind, Name::new(name), line, Some(self.current));
        let parent = &mut self.table.scopes[self.current];
        scope.nested = parent.nested || parent.kind.is_function_like();
        scope.comp_iter_expr = parent.comp_iter_expr;
        scope.mangled_names = parent.mangled_names.clone();
        if kind == ScopeKind::Class {
            scope.mangled_names = None;
        }
        if matches!(kind, ScopeKind::Annotation | ScopeKind::TypeVariable | ScopeKind::TypeAlias) {
            scope.symbol_mut(&Name::new_static(".format")).flags = def::PARAM | def::USE;
            scope.parameters.push(Name::new_static(".format"));
        }
        parent.children.push(id);
        self.table.scopes.push(scope);
        self.table.by_node.insert((std::ptr::from_ref(node) as usize, part), id);
        self.current = id;
        id
    }

    fn leave(&mut self) {
        self.current = self.table.scopes[self.current].parent.unwrap_or(0);
    }

    /// In a scope just opened inside a class (or inside something that sees one).
    fn see_class(&mut self) -> Result {
        self.scope().can_see_class_scope = true;
        self.define(&Name::new_static("__classdict__"), def::USE, TextRange::default())
    }

    fn mangled(&self, name: &Name) -> Name {
        let scope = &self.table.scopes[self.current];
        if let Some(names) = &scope.mangled_names
            && !names.contains(name)
        {
            return name.clone();
        }
        mangle(self.private.as_deref(), name)
    }

    fn define(&mut self, name: &Name, flag: u32, range: TextRange) -> Result {
        let name = self.mangled(name);
        self.define_in(self.current, &name, flag, range)
    }

    fn define_in(&mut self, id: ScopeId, name: &Name, flag: u32, range: TextRange) -> Result {
        let map = self.map;
        let scope = &mut self.table.scopes[id];
        let comp_iter_target = scope.comp_iter_target;
        let symbol = scope.symbol_mut(name);
        if flag & symbol.flags & def::PARAM != 0 {
            return Err(error_at(map, range, format!("duplicate argument '{name}' in function definition")));
        }
        if flag & symbol.flags & def::TYPE_PARAM != 0 {
            return Err(error_at(map, range, format!("duplicate type parameter '{name}'")));
        }
        symbol.flags |= flag;
        // Names in subscripts and attributes of a target are only read.
        if comp_iter_target && flag & def::LOCAL != 0 {
            if symbol.flags & (def::GLOBAL | def::NONLOCAL) != 0 {
                return Err(error_at(
                    map,
                    range,
                    format!("comprehension inner loop cannot rebind assignment expression target '{name}'"),
                ));
            }
            symbol.flags |= def::COMP_ITER;
        }
        if flag & def::PARAM != 0 {
            scope.parameters.push(name.clone());
        } else if flag & def::GLOBAL != 0 {
            self.table.scopes[0].symbol_mut(name).flags |= flag;
        }
        Ok(())
    }

    fn store(&mut self, name: &Name, range: TextRange) -> Result {
        self.define(name, def::LOCAL, range)
    }

    pub fn module(&mut self, body: &[Stmt]) -> Result {
        self.scope().has_docstring = has_docstring(body);
        self.body(body)
    }

    pub fn expression(&mut self, body: &Expr) -> Result {
        self.expr(body)
    }

    fn body(&mut self, body: &[Stmt]) -> Result {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn conditional(&mut self, body: &[Stmt]) -> Result {
        let before = std::mem::replace(&mut self.scope().in_conditional_block, true);
        let result = self.body(body);
        self.scope().in_conditional_block = before;
        result
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, stmt.range()));
        }
        match stmt {
            Stmt::FunctionDef(node) => self.function(node),
            Stmt::ClassDef(node) => self.class(node),
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Return(node) => self.opt(node.value.as_deref()),
            Stmt::Delete(node) => node.targets.iter().try_for_each(|target| self.target(target, def::DELETED)),
            Stmt::Assign(node) => {
                self.expr(&node.value)?;
                node.targets.iter().try_for_each(|target| self.target(target, def::LOCAL))
            }
            Stmt::AugAssign(node) => {
                self.target(&node.target, def::LOCAL)?;
                self.expr(&node.value)
            }
            Stmt::AnnAssign(node) => self.ann_assign(node),
            Stmt::For(node) => {
                self.scope().coroutine |= node.is_async;
                self.target(&node.target, def::LOCAL)?;
                self.expr(&node.iter)?;
                self.conditional(&node.body)?;
                self.conditional(&node.orelse)
            }
            Stmt::While(node) => {
                self.expr(&node.test)?;
                self.conditional(&node.body)?;
                self.conditional(&node.orelse)
            }
            Stmt::If(node) => {
                self.expr(&node.test)?;
                self.conditional(&node.body)?;
                for clause in &node.elif_else_clauses {
                    self.opt(clause.test.as_ref())?;
                    self.conditional(&clause.body)?;
                }
                Ok(())
            }
            Stmt::With(node) => {
                self.scope().coroutine |= node.is_async;
                for item in &node.items {
                    self.expr(&item.context_expr)?;
                    if let Some(target) = &item.optional_vars {
                        self.target(target, def::LOCAL)?;
                    }
                }
                self.conditional(&node.body)
            }
            Stmt::Match(node) => {
                self.expr(&node.subject)?;
                for case in &node.cases {
                    self.pattern(&case.pattern)?;
                    self.opt(case.guard.as_deref())?;
                    self.conditional(&case.body)?;
                }
                Ok(())
            }
            Stmt::Raise(node) => {
                self.opt(node.exc.as_deref())?;
                self.opt(node.cause.as_deref())
            }
            Stmt::Try(node) => {
                self.conditional(&node.body)?;
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    self.opt(handler.type_.as_deref())?;
                    if let Some(name) = &handler.name {
                        self.define(&name.id, def::LOCAL | def::DELETED, handler.range)?;
                    }
                    self.conditional(&handler.body)?;
                }
                self.conditional(&node.orelse)?;
                self.conditional(&node.finalbody)
            }
            Stmt::Assert(node) => {
                self.expr(&node.test)?;
                self.opt(node.msg.as_deref())
            }
            Stmt::Import(node) => node.names.iter().try_for_each(|alias| self.alias(alias)),
            Stmt::ImportFrom(node) => node.names.iter().try_for_each(|alias| self.alias(alias)),
            Stmt::Global(node) => self.declare(&node.names, def::GLOBAL, "global", node.range),
            Stmt::Nonlocal(node) => self.declare(&node.names, def::NONLOCAL, "nonlocal", node.range),
            Stmt::Expr(node) => self.expr(&node.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn alias(&mut self, alias: &Alias) -> Result {
        if alias.name.as_str() == "*" {
            if self.scope().kind != ScopeKind::Module {
                return Err(self.error(alias.range, "import * only allowed at module level"));
            }
            return Ok(());
        }
        let name = match &alias.asname {
            Some(name) => name.id.clone(),
            None => Name::new(alias.name.split('.').next().unwrap_or("")),
        };
        self.define(&name, def::IMPORT, alias.range)
    }

    fn declare(&mut self, names: &[Identifier], flag: u32, word: &str, range: TextRange) -> Result {
        for name in names {
            let mangled = self.mangled(&name.id);
            let flags = self.scope().flags(&mangled);
            if flags & (def::PARAM | def::LOCAL | def::USE | def::ANNOT) != 0 {
                let message = if flags & def::PARAM != 0 {
                    format!("name '{mangled}' is parameter and {word}")
                } else if flags & def::USE != 0 {
                    format!("name '{mangled}' is used prior to {word} declaration")
                } else if flags & def::ANNOT != 0 {
                    format!("annotated name '{mangled}' can't be {word}")
                } else {
                    format!("name '{mangled}' is assigned to before {word} declaration")
                };
                return Err(self.error(range, message));
            }
            self.define(&name.id, flag, range)?;
            self.scope().directives.push((mangled, range));
        }
        Ok(())
    }

    fn ann_assign(&mut self, node: &StmtAnnAssign) -> Result {
        if let Expr::Name(name) = &*node.target {
            let mangled = self.mangled(&name.id);
            let is_module = self.current == 0;
            let flags = self.scope().flags(&mangled);
            if flags & (def::GLOBAL | def::NONLOCAL) != 0 && !is_module && node.simple {
                let word = if flags & def::GLOBAL != 0 { "global" } else { "nonlocal" };
                return Err(self.error(node.range, format!("annotated name '{mangled}' can't be {word}")));
            }
            if node.simple {
                self.define(&name.id, def::ANNOT | def::LOCAL, name.range)?;
            } else if node.value.is_some() {
                self.define(&name.id, def::LOCAL, name.range)?;
            }
        } else {
            self.target(&node.target, def::LOCAL)?;
        }
        self.annotation(&node.annotation)?;
        self.opt(node.value.as_deref())
    }

    /// A variable annotation: goes into the `__annotate__` scope of the current one.
    fn annotation(&mut self, annotation: &Expr) -> Result {
        let outer = self.current;
        let kind = self.scope().kind;
        let unevaluated = kind.is_function_like();
        let conditional = kind == ScopeKind::Module || (kind == ScopeKind::Class && self.scope().in_conditional_block);
        if conditional && !self.future_annotations && !self.scope().has_conditional_annotations {
            self.scope().has_conditional_annotations = true;
            self.define(&Name::new_static("__conditional_annotations__"), def::USE, annotation.range())?;
        }
        if unevaluated || self.future_annotations {
            return self.throw_away(|this| {
                let id = this.enter(ScopeKind::Annotation, "__annotate__", annotation, Part::Annotations, annotation.range());
                this.table.scopes[id].description = "an annotation";
                this.expr(annotation)?;
                this.leave();
                Ok(())
            });
        }
        match self.scope().annotation_scope {
            Some(id) => self.current = id,
            None => {
                let id = self.enter(ScopeKind::Annotation, "__annotate__", annotation, Part::Annotations, annotation.range());
                self.scope().description = "an annotation";
                if kind == ScopeKind::Class {
                    self.see_class()?;
                }
                self.table.scopes[outer].annotation_scope = Some(id);
            }
        }
        if conditional {
            self.define(&Name::new_static("__conditional_annotations__"), def::USE, annotation.range())?;
        }
        self.expr(annotation)?;
        self.current = outer;
        Ok(())
    }

    /// Visits something for its errors alone.
    fn throw_away(&mut self, visit: impl FnOnce(&mut Self) -> Result) -> Result {
        let outer = self.current;
        let children = self.scope().children.len();
        visit(self)?;
        self.current = outer;
        for id in self.scope().children.split_off(children) {
            self.table.scopes[id].discarded = true;
        }
        Ok(())
    }

    fn type_parameters_scope(
        &mut self,
        params: &TypeParams,
        name: &Identifier,
        is_class: bool,
        defaults: bool,
        kw_defaults: bool,
    ) -> Result {
        let in_class = self.scope().kind == ScopeKind::Class;
        self.enter(ScopeKind::TypeParameters, &name.id, params, Part::TypeParameters, params.range);
        self.scope().description = "the definition of a generic";
        if in_class {
            self.see_class()?;
        }
        let range = params.range;
        if is_class {
            self.define(&Name::new_static(".type_params"), def::LOCAL | def::USE, range)?;
            self.define(&Name::new_static(".generic_base"), def::LOCAL | def::USE, range)?;
            self.scope().mangled_names = Some(Vec::new());
        }
        if defaults {
            self.define(&Name::new_static(".defaults"), def::PARAM | def::USE, range)?;
        }
        if kw_defaults {
            self.define(&Name::new_static(".kwdefaults"), def::PARAM | def::USE, range)?;
        }
        let private = self.private.clone();
        if is_class {
            self.private = Some(name.id.clone());
        }
        let result = params.type_params.iter().try_for_each(|param| self.type_param(param));
        // The class's own private name stays in force for the bases: only type parameters are mangled by it.
        if result.is_ok() && is_class {
            return Ok(());
        }
        self.private = private;
        result
    }

    fn type_param(&mut self, param: &TypeParam) -> Result {
        let (name, bound, default, what) = match param {
            TypeParam::TypeVar(node) => (&node.name, node.bound.as_deref(), node.default.as_deref(), "a TypeVar default"),
            TypeParam::TypeVarTuple(node) => (&node.name, None, node.default.as_deref(), "a TypeVarTuple default"),
            TypeParam::ParamSpec(node) => (&node.name, None, node.default.as_deref(), "a ParamSpec default"),
        };
        if let Some(names) = &mut self.scope().mangled_names {
            names.push(name.id.clone());
        }
        self.define(&name.id, def::TYPE_PARAM | def::LOCAL, name.range)?;
        if let Some(bound) = bound {
            let what = if bound.is_tuple_expr() { "a TypeVar constraint" } else { "a TypeVar bound" };
            self.type_variable(param, Part::Bound, &name.id, bound, what)?;
        }
        if let Some(default) = default {
            self.type_variable(param, Part::Default, &name.id, default, what)?;
        }
        Ok(())
    }

    fn type_variable(&mut self, param: &TypeParam, part: Part, name: &Name, expr: &Expr, what: &'static str) -> Result {
        let sees_class = self.scope().can_see_class_scope;
        self.enter(ScopeKind::TypeVariable, name, param, part, expr.range());
        self.scope().description = what;
        if sees_class {
            self.see_class()?;
        }
        self.expr(expr)?;
        self.leave();
        Ok(())
    }

    fn type_alias(&mut self, node: &StmtTypeAlias) -> Result {
        let Expr::Name(name) = &*node.name else { return Ok(()) };
        self.store(&name.id, name.range)?;
        let in_class = self.scope().kind == ScopeKind::Class;
        if let Some(params) = &node.type_params {
            let identifier = Identifier::new(name.id.clone(), name.range);
            self.type_parameters_scope(params, &identifier, false, false, false)?;
        }
        self.enter(ScopeKind::TypeAlias, &name.id, node, Part::Body, node.value.range());
        self.scope().description = "a type alias";
        if in_class {
            self.see_class()?;
        }
        self.expr(&node.value)?;
        self.leave();
        if node.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn defaults(&mut self, parameters: &Parameters) -> Result {
        for param in parameters.posonlyargs.iter().chain(&parameters.args) {
            self.opt(param.default.as_deref())?;
        }
        parameters.kwonlyargs.iter().try_for_each(|param| self.opt(param.default.as_deref()))
    }

    fn parameters(&mut self, parameters: &Parameters) -> Result {
        let plain = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        for param in plain {
            self.define(&param.parameter.name.id, def::PARAM, param.parameter.range)?;
        }
        if let Some(param) = &parameters.vararg {
            self.define(&param.name.id, def::PARAM, TextRange::new(param.name.range.start(), param.range.end()))?;
            self.scope().has_varargs = true;
        }
        if let Some(param) = &parameters.kwarg {
            self.define(&param.name.id, def::PARAM, TextRange::new(param.name.range.start(), param.range.end()))?;
            self.scope().has_varkeywords = true;
        }
        Ok(())
    }

    fn function(&mut self, node: &StmtFunctionDef) -> Result {
        self.store(&node.name.id, node.range)?;
        self.defaults(&node.parameters)?;
        node.decorator_list.iter().try_for_each(|decorator| self.expr(&decorator.expression))?;
        let is_method = self.scope().kind == ScopeKind::Class;
        if let Some(params) = &node.type_params {
            let plain = node.parameters.posonlyargs.iter().chain(&node.parameters.args).any(|param| param.default.is_some());
            let keyword = node.parameters.kwonlyargs.iter().any(|param| param.default.is_some());
            self.type_parameters_scope(params, &node.name, false, plain, keyword)?;
        }
        self.function_annotations(node)?;
        self.enter(ScopeKind::Function, &node.name.id, node, Part::Body, node.range);
        self.scope().is_method = is_method && node.type_params.is_none();
        self.scope().has_docstring = has_docstring(&node.body);
        self.scope().coroutine = node.is_async;
        self.parameters(&node.parameters)?;
        self.body(&node.body)?;
        self.leave();
        if node.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn function_annotations(&mut self, node: &StmtFunctionDef) -> Result {
        let annotations = parameter_annotations(node);
        if annotations.is_empty() {
            return Ok(());
        }
        let visit = |this: &mut Self| {
            let parent = &this.table.scopes[this.current];
            let sees_class = parent.kind == ScopeKind::Class || parent.can_see_class_scope;
            let id = this.enter(ScopeKind::Annotation, "__annotate__", node, Part::Annotations, node.range);
            this.table.scopes[id].description = "an annotation";
            this.table.scopes[id].annotations_used = true;
            if sees_class {
                this.see_class()?;
            }
            for (_, annotation) in &annotations {
                this.expr(annotation)?;
            }
            this.leave();
            Ok(())
        };
        if self.future_annotations { self.throw_away(visit) } else { visit(self) }
    }

    fn class(&mut self, node: &StmtClassDef) -> Result {
        self.store(&node.name.id, node.range)?;
        node.decorator_list.iter().try_for_each(|decorator| self.expr(&decorator.expression))?;
        let private = self.private.clone();
        if let Some(params) = &node.type_params {
            self.type_parameters_scope(params, &node.name, true, false, false)?;
        }
        if let Some(arguments) = &node.arguments {
            self.arguments(arguments)?;
        }
        self.enter(ScopeKind::Class, &node.name.id, node, Part::Body, node.range);
        self.private = Some(node.name.id.clone());
        self.scope().has_docstring = has_docstring(&node.body);
        if node.type_params.is_some() {
            self.define(&Name::new_static("__type_params__"), def::LOCAL, node.range)?;
            self.define(&Name::new_static(".type_params"), def::USE, node.range)?;
        }
        self.body(&node.body)?;
        self.leave();
        self.private = private;
        if node.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn arguments(&mut self, arguments: &Arguments) -> Result {
        arguments.args.iter().try_for_each(|arg| self.expr(arg))?;
        arguments.keywords.iter().try_for_each(|keyword| self.expr(&keyword.value))
    }

    fn opt(&mut self, expr: Option<&Expr>) -> Result {
        expr.map_or(Ok(()), |expr| self.expr(expr))
    }

    fn target(&mut self, target: &Expr, flag: u32) -> Result {
        match target {
            Expr::Name(name) => self.define(&name.id, flag | def::LOCAL, name.range),
            Expr::Tuple(ExprTuple { elts, .. }) | Expr::List(ExprList { elts, .. }) => {
                elts.iter().try_for_each(|elt| self.target(elt, flag))
            }
            Expr::Starred(node) => self.target(&node.value, flag),
            other => self.expr(other),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, pattern.range()));
        }
        match pattern {
            Pattern::MatchValue(node) => self.expr(&node.value),
            Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(node) => node.patterns.iter().try_for_each(|part| self.pattern(part)),
            Pattern::MatchMapping(node) => {
                node.keys.iter().try_for_each(|key| self.expr(key))?;
                node.patterns.iter().try_for_each(|part| self.pattern(part))?;
                node.rest.as_ref().map_or(Ok(()), |name| self.store(&name.id, node.range))
            }
            Pattern::MatchClass(node) => {
                self.expr(&node.cls)?;
                node.arguments.patterns.iter().try_for_each(|part| self.pattern(part))?;
                node.arguments.keywords.iter().try_for_each(|keyword| self.pattern(&keyword.pattern))
            }
            Pattern::MatchStar(node) => node.name.as_ref().map_or(Ok(()), |name| self.store(&name.id, node.range)),
            Pattern::MatchAs(node) => {
                if let Some(part) = &node.pattern {
                    self.pattern(part)?;
                }
                node.name.as_ref().map_or(Ok(()), |name| self.store(&name.id, node.range))
            }
            Pattern::MatchOr(node) => node.patterns.iter().try_for_each(|part| self.pattern(part)),
        }
    }

    /// Errors for `await`, `yield` and `:=` where a lazily evaluated scope forbids them.
    fn forbid(&self, what: &str, range: TextRange) -> Result {
        let scope = &self.table.scopes[self.current];
        if scope.description.is_empty() {
            return Ok(());
        }
        Err(self.error(range, format!("{what} cannot be used within {}", scope.description)))
    }

    fn found_yield(&mut self, range: TextRange) -> Result {
        self.forbid("yield expression", range)?;
        self.scope().generator = true;
        if let Some(kind) = self.scope().comprehension {
            let place = match kind {
                ComprehensionKind::List => "list comprehension",
                ComprehensionKind::Set => "set comprehension",
                ComprehensionKind::Dict => "dict comprehension",
                ComprehensionKind::Generator => "generator expression",
            };
            return Err(self.error(range, format!("'yield' inside {place}")));
        }
        Ok(())
    }

    fn expr(&mut self, expr: &Expr) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, expr.range()));
        }
        match expr {
            Expr::Name(name) => self.load_name(name),
            Expr::BoolOp(node) => node.values.iter().try_for_each(|value| self.expr(value)),
            Expr::Named(node) => self.named(node),
            Expr::BinOp(node) => {
                let mut chain = vec![node];
                while let Expr::BinOp(inner) = &*chain[chain.len() - 1].left {
                    chain.push(inner);
                }
                self.expr(&chain[chain.len() - 1].left)?;
                chain.iter().rev().try_for_each(|node| self.expr(&node.right))
            }
            Expr::UnaryOp(node) => self.expr(&node.operand),
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    self.defaults(parameters)?;
                }
                let is_method = self.scope().kind == ScopeKind::Class;
                self.enter(ScopeKind::Function, "lambda", node, Part::Body, node.range);
                self.scope().is_method = is_method;
                if let Some(parameters) = &node.parameters {
                    self.parameters(parameters)?;
                }
                self.expr(&node.body)?;
                self.leave();
                Ok(())
            }
            Expr::If(node) => {
                self.expr(&node.test)?;
                self.expr(&node.body)?;
                self.expr(&node.orelse)
            }
            Expr::Dict(node) => {
                for item in &node.items {
                    self.opt(item.key.as_ref())?;
                    self.expr(&item.value)?;
                }
                Ok(())
            }
            Expr::Set(node) => node.elts.iter().try_for_each(|elt| self.expr(elt)),
            Expr::List(node) => node.elts.iter().try_for_each(|elt| self.expr(elt)),
            Expr::Tuple(node) => node.elts.iter().try_for_each(|elt| self.expr(elt)),
            Expr::ListComp(node) => {
                self.comprehension(node, "listcomp", ComprehensionKind::List, node.range, &node.generators, &[&node.elt])
            }
            Expr::SetComp(node) => {
                self.comprehension(node, "setcomp", ComprehensionKind::Set, node.range, &node.generators, &[&node.elt])
            }
            Expr::DictComp(node) => {
                let mut parts: Vec<&Expr> = node.key.iter().map(|key| &**key).collect();
                parts.push(&node.value);
                self.comprehension(node, "dictcomp", ComprehensionKind::Dict, node.range, &node.generators, &parts)
            }
            Expr::Generator(node) => {
                self.comprehension(node, "genexpr", ComprehensionKind::Generator, node.range, &node.generators, &[&node.elt])
            }
            Expr::Await(node) => {
                self.forbid("await expression", node.range)?;
                self.scope().coroutine = true;
                self.expr(&node.value)
            }
            Expr::Yield(node) => {
                self.found_yield(node.range)?;
                self.opt(node.value.as_deref())
            }
            Expr::YieldFrom(node) => {
                self.found_yield(node.range)?;
                self.expr(&node.value)
            }
            Expr::Compare(node) => {
                self.expr(&node.left)?;
                node.comparators.iter().try_for_each(|part| self.expr(part))
            }
            Expr::Call(node) => {
                self.expr(&node.func)?;
                self.arguments(&node.arguments)
            }
            Expr::FString(node) => {
                for part in &node.value {
                    if let FStringPart::FString(string) = part {
                        self.interpolated(&string.elements)?;
                    }
                }
                Ok(())
            }
            Expr::TString(node) => node.value.iter().try_for_each(|part| self.interpolated(&part.elements)),
            Expr::Attribute(node) => self.expr(&node.value),
            Expr::Subscript(node) => {
                self.expr(&node.value)?;
                self.expr(&node.slice)
            }
            Expr::Starred(node) => self.expr(&node.value),
            Expr::Slice(node) => {
                self.opt(node.lower.as_deref())?;
                self.opt(node.upper.as_deref())?;
                self.opt(node.step.as_deref())
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn load_name(&mut self, name: &ExprName) -> Result {
        let flag = if name.ctx == ExprContext::Load { def::USE } else { def::LOCAL };
        self.define(&name.id, flag, name.range)?;
        if name.id == "super" && self.scope().kind == ScopeKind::Function && flag == def::USE {
            self.define(&Name::new_static("__class__"), def::USE, name.range)?;
        }
        Ok(())
    }

    fn interpolated(&mut self, elements: &InterpolatedStringElements) -> Result {
        for element in elements.interpolations() {
            self.expr(&element.expression)?;
            if let Some(spec) = &element.format_spec {
                self.interpolated(&spec.elements)?;
            }
        }
        Ok(())
    }

    fn named(&mut self, node: &ExprNamed) -> Result {
        let Expr::Name(target) = &*node.target else { return self.expr(&node.value) };
        self.forbid("named expression", node.range)?;
        if self.scope().comp_iter_expr > 0 {
            return Err(self.error(node.range, "assignment expression cannot be used in a comprehension iterable expression"));
        }
        if self.scope().comprehension.is_some() {
            self.walrus_in_comprehension(target)?;
        }
        self.expr(&node.value)?;
        let flag = if self.scope().comprehension.is_some() { 0 } else { def::LOCAL };
        self.define(&target.id, flag | def::WALRUS, target.range)
    }

    /// A walrus in a comprehension binds in the nearest scope that is none.
    fn walrus_in_comprehension(&mut self, target: &ExprName) -> Result {
        let name = self.mangled(&target.id);
        let current = self.current;
        let mut id = Some(current);
        while let Some(at) = id {
            let scope = &self.table.scopes[at];
            if scope.comprehension.is_some() {
                if scope.flags(&name) & def::COMP_ITER != 0 {
                    return Err(self.error(
                        target.range,
                        format!("assignment expression cannot rebind comprehension iteration variable '{}'", target.id),
                    ));
                }
                id = scope.parent;
                continue;
            }
            match scope.kind {
                ScopeKind::Function => {
                    let flag = if scope.flags(&name) & def::GLOBAL != 0 { def::GLOBAL } else { def::NONLOCAL };
                    self.define_in(current, &name, flag, target.range)?;
                    self.table.scopes[current].directives.push((name.clone(), target.range));
                    return self.define_in(at, &name, def::LOCAL | def::WALRUS, target.range);
                }
                ScopeKind::Module => {
                    self.define_in(current, &name, def::GLOBAL, target.range)?;
                    self.table.scopes[current].directives.push((name.clone(), target.range));
                    return self.define_in(at, &name, def::GLOBAL, target.range);
                }
                ScopeKind::Class => {
                    return Err(
                        self.error(target.range, "assignment expression within a comprehension cannot be used in a class body")
                    );
                }
                ScopeKind::TypeParameters => {
                    return Err(self.error(
                        target.range,
                        "assignment expression within a comprehension cannot be used within the definition of a generic",
                    ));
                }
                ScopeKind::TypeAlias => {
                    return Err(
                        self.error(target.range, "assignment expression within a comprehension cannot be used in a type alias")
                    );
                }
                ScopeKind::TypeVariable => {
                    return Err(self
                        .error(target.range, "assignment expression within a comprehension cannot be used in a TypeVar bound"));
                }
                ScopeKind::Annotation => {
                    return Err(self.error(target.range, "named expression cannot be used within an annotation"));
                }
            }
        }
        Ok(())
    }

    fn comprehension<T>(
        &mut self,
        node: &T,
        name: &str,
        kind: ComprehensionKind,
        range: TextRange,
        generators: &[Comprehension],
        parts: &[&Expr],
    ) -> Result {
        let Some((first, rest)) = generators.split_first() else { return Ok(()) };
        self.scope().comp_iter_expr += 1;
        self.expr(&first.iter)?;
        self.scope().comp_iter_expr -= 1;
        let description = self.scope().description;
        let outer_kind = self.scope().kind;
        self.enter(ScopeKind::Function, name, node, Part::Body, range);
        self.scope().is_method = outer_kind == ScopeKind::Class;
        // A comprehension inside an annotation may not await or bind either.
        self.scope().description = description;
        self.scope().comprehension = Some(kind);
        self.scope().coroutine = first.is_async;
        self.define(&Name::new_static(".0"), def::PARAM | def::USE, range)?;
        self.comprehension_target(&first.target)?;
        first.ifs.iter().try_for_each(|test| self.expr(test))?;
        for generator in rest {
            self.comprehension_target(&generator.target)?;
            self.scope().comp_iter_expr += 1;
            self.expr(&generator.iter)?;
            self.scope().comp_iter_expr -= 1;
            generator.ifs.iter().try_for_each(|test| self.expr(test))?;
            if generator.is_async {
                self.scope().coroutine = true;
            }
        }
        parts.iter().rev().try_for_each(|part| self.expr(part))?;
        let is_generator = kind == ComprehensionKind::Generator;
        self.scope().generator = is_generator;
        let is_async = self.scope().coroutine && !is_generator;
        self.leave();
        if is_async && outer_kind == ScopeKind::Annotation && !self.future_annotations {
            // Annotations that are never evaluated are not compiled: said here.
            return Err(self.error(range, "asynchronous comprehension outside of an asynchronous function"));
        }
        if is_async {
            self.scope().coroutine = true;
        }
        Ok(())
    }

    fn comprehension_target(&mut self, target: &Expr) -> Result {
        self.scope().comp_iter_target = true;
        self.target(target, def::LOCAL)?;
        self.scope().comp_iter_target = false;
        Ok(())
    }
}

/// Annotations of a function in the order of `__annotations__`.
pub(crate) fn parameter_annotations(node: &StmtFunctionDef) -> Vec<(Name, &Expr)> {
    let parameters = &node.parameters;
    let mut found = Vec::new();
    for param in parameters.posonlyargs.iter().chain(&parameters.args) {
        if let Some(annotation) = &param.parameter.annotation {
            found.push((param.parameter.name.id.clone(), &**annotation));
        }
    }
    if let Some(param) = &parameters.vararg
        && let Some(annotation) = &param.annotation
    {
        found.push((param.name.id.clone(), &**annotation));
    }
    for param in &parameters.kwonlyargs {
        if let Some(annotation) = &param.parameter.annotation {
            found.push((param.parameter.name.id.clone(), &**annotation));
        }
    }
    if let Some(param) = &parameters.kwarg
        && let Some(annotation) = &param.annotation
    {
        found.push((param.name.id.clone(), &**annotation));
    }
    if let Some(annotation) = &node.returns {
        found.push((Name::new_static("return"), &**annotation));
    }
    found
}

pub(crate) fn has_docstring(body: &[Stmt]) -> bool {
    matches!(body.first(), Some(Stmt::Expr(first)) if first.value.is_string_literal_expr())
}
