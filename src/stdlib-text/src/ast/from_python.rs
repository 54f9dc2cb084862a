//! `ast` objects to the parser's tree, for `compile`. Checks what the compiler relies on, with CPython's texts.
//!
//! A tree built here has no text: offset `i` of its ranges stands for `positions[i]`.

use super::classes::{base_class, class_of_kind, ensure_made, kind_of};
use super::table::Kind;
use objects::{
    Bytes, Cast, GcVec, List, R, Raised, Str, Value, class_name, class_of, get_attr_opt, int_view, intern, type_error,
    value_error,
};
use std::borrow::Cow;
use syntax::FunctionType;
use syntax::ast::name::Name;
use syntax::ast::{self as tree, AtomicNodeIndex, ExceptHandler, Expr, ExprContext, Pattern, Stmt, TypeParam};
use syntax::text_size::{TextRange, TextSize};

/// A tree and the places (line, column) that its offsets stand for.
pub struct Built {
    pub tree: BuiltTree,
    pub positions: Vec<(u32, u32)>,
}
pub enum BuiltTree {
    Mod(tree::Mod),
    FunctionType(FunctionType),
}

/// Whether the root of a tree is the one of that mode of `compile`.
pub(super) fn wanted_kind(node: Value, mode: &str) -> R<Kind> {
    ensure_made()?;
    let wanted = match mode {
        "eval" => Kind::Expression,
        "single" => Kind::Interactive,
        "func_type" => Kind::FunctionType,
        _ => Kind::Module,
    };
    if !class_of(node).is_subclass_of(class_of_kind(wanted)) {
        return Err(type_error!("expected {wanted:?} node, got {}", class_name(node)));
    }
    Ok(wanted)
}

/// The tree that an object of class `Module`, `Interactive` or `Expression` stands for; `mode` is that of `compile`.
pub fn from_python(node: Value, mode: &str) -> R<Built> {
    let wanted = wanted_kind(node, mode)?;
    // Offsets must grow with positions: the first reading gathers these, the second builds the tree.
    let mut reader = Reader { positions: Vec::new(), is_sorted: false };
    read_root(&mut reader, node, wanted)?;
    reader.positions.sort_unstable();
    reader.positions.dedup();
    reader.is_sorted = true;
    let tree = read_root(&mut reader, node, wanted)?;
    Ok(Built { tree, positions: reader.positions })
}

fn read_root(reader: &mut Reader, node: Value, wanted: Kind) -> R<BuiltTree> {
    Ok(match wanted {
        Kind::Expression => {
            let body = reader.expression(node, wanted, "body", ExprContext::Load)?;
            BuiltTree::Mod(tree::Mod::Expression(tree::ModExpression { node_index: INDEX, range: TextRange::default(), body }))
        }
        Kind::FunctionType => {
            let argtypes = reader.expressions(node, wanted, "argtypes", ExprContext::Load)?;
            let returns = reader.expression(node, wanted, "returns", ExprContext::Load)?;
            BuiltTree::FunctionType(FunctionType { argtypes, returns })
        }
        _ => {
            let body = reader.body(node, wanted, "body")?;
            BuiltTree::Mod(tree::Mod::Module(tree::ModModule {
                node_index: INDEX,
                range: TextRange::default(),
                body: body.into(),
            }))
        }
    })
}

const INDEX: AtomicNodeIndex = AtomicNodeIndex::NONE;

struct Reader {
    positions: Vec<(u32, u32)>,
    is_sorted: bool,
}

fn field_of(node: Value, name: &str) -> R<Option<Value>> {
    get_attr_opt(node, intern(name))
}
pub(super) fn missing(kind: impl std::fmt::Display, name: &str) -> Raised {
    type_error!("required field \"{name}\" missing from {kind}")
}
pub(super) fn required(node: Value, kind: Kind, name: &str) -> R {
    field_of(node, name)?.ok_or_else(|| missing(format!("{kind:?}"), name))
}
/// A field that may be None or missing.
fn optional(node: Value, name: &str) -> R<Option<Value>> {
    Ok(field_of(node, name)?.filter(|value| !value.is_none()))
}
fn int_of(value: Value) -> R<i64> {
    match int_view(value).and_then(|view| view.to_i64()).filter(|number| i32::try_from(*number).is_ok()) {
        Some(number) => Ok(number),
        None if int_view(value).is_some() => Err(objects::overflow_error!("Python int too large to convert to C int")),
        None => Err(value_error!("invalid integer value: {}", objects::repr(value)?.to_string_lossy())),
    }
}
fn int_field(node: Value, kind: Kind, name: &str) -> R<i64> {
    int_of(required(node, kind, name)?)
}
pub(super) fn list_field(node: Value, kind: Kind, name: &str) -> R<GcVec> {
    // Missing lists are empty ones.
    let Some(value) = field_of(node, name)? else { return Ok(GcVec::new()) };
    match value.cast::<List>() {
        Some(list) => Ok(objects::list::list_snapshot(list)),
        None => Err(type_error!("{kind:?} field \"{name}\" must be a list, not a {}", class_name(value))),
    }
}
fn not_empty<T>(items: Vec<T>, what: &str, owner: Kind) -> R<Vec<T>> {
    if items.is_empty() { Err(value_error!("empty {what} on {owner:?}")) } else { Ok(items) }
}
pub(super) fn unexpected(base: &str, value: Value) -> Raised {
    match objects::repr(value) {
        Ok(shown) => type_error!("expected some sort of {base}, but got {}", shown.to_string_lossy()),
        Err(raised) => raised,
    }
}
fn kinds_of_base(name: &'static str) -> impl Iterator<Item = Kind> {
    super::table::BASES.iter().filter(move |base| base.name == name).flat_map(|base| base.children).map(|row| row.kind)
}
/// The kind of an instance of an abstract class.
pub(super) fn kind_in(base: &'static str, value: Value) -> R<Kind> {
    if !base_class(base).is_some_and(|class| class_of(value).is_subclass_of(class)) {
        return Err(unexpected(base, value));
    }
    kind_of(value, kinds_of_base(base)).ok_or_else(|| unexpected(base, value))
}
fn check_kind(kind: Kind, value: Value) -> R<()> {
    if class_of(value).is_subclass_of(class_of_kind(kind)) { Ok(()) } else { Err(unexpected(&format!("{kind:?}"), value)) }
}

fn check_name(text: &str) -> R<()> {
    if matches!(text, "None" | "True" | "False") {
        Err(value_error!("identifier field can't represent '{text}' constant"))
    } else {
        Ok(())
    }
}
fn name_of(value: Value) -> R<String> {
    match value.cast::<Str>() {
        Some(text) => Ok(objects::convert::utf8(text)?.to_owned()),
        None => Err(type_error!("AST identifier must be of type str")),
    }
}

impl Reader {
    fn place(&mut self, line: i64, column: i64) -> TextSize {
        let place = (line.max(0) as u32, column.max(0) as u32);
        if !self.is_sorted {
            self.positions.push(place);
            return TextSize::from(0);
        }
        TextSize::from(self.positions.partition_point(|known| *known < place) as u32)
    }
    /// The range of a node whose class has positions; `base` names it in messages.
    fn range(&mut self, node: Value, base: &str, end_is_required: bool) -> R<TextRange> {
        let number = |name: &str| match field_of(node, name)? {
            Some(value) => int_of(value),
            None => Err(missing(base, name)),
        };
        let (line, column) = (number("lineno")?, number("col_offset")?);
        let end = |name: &str, default: i64| match field_of(node, name)? {
            None if end_is_required => Err(missing(base, name)),
            Some(value) if !value.is_none() => int_of(value),
            _ => Ok(default),
        };
        let (end_line, end_column) = (end("end_lineno", line)?, end("end_col_offset", column)?);
        if line > end_line {
            return Err(value_error!("AST node line range ({line}, {end_line}) is not valid"));
        }
        if line < 0 && end_line != line || column < 0 && column != end_column {
            return Err(value_error!(
                "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
            ));
        }
        if line == end_line && column > end_column {
            return Err(value_error!("line {line}, column {column}-{end_column} is not a valid range"));
        }
        let start = self.place(line, column);
        let end = self.place(end_line, end_column);
        Ok(TextRange::new(start, end))
    }
    fn identifier(&self, id: String, range: TextRange) -> tree::Identifier {
        tree::Identifier { id: Name::from(id), range, node_index: INDEX }
    }
    fn identifier_field(&self, node: Value, kind: Kind, name: &str, range: TextRange) -> R<tree::Identifier> {
        let value = required(node, kind, name)?;
        if value.is_none() {
            return Err(value_error!("field '{name}' is required for {kind:?}"));
        }
        let text = name_of(value)?;
        check_name(&text)?;
        Ok(self.identifier(text, range))
    }
    fn optional_identifier(&self, node: Value, name: &str, range: TextRange) -> R<Option<tree::Identifier>> {
        match optional(node, name)? {
            Some(value) => {
                let text = name_of(value)?;
                check_name(&text)?;
                Ok(Some(self.identifier(text, range)))
            }
            None => Ok(None),
        }
    }

    /// A required node field.
    fn value(&self, node: Value, kind: Kind, name: &str) -> R {
        let value = required(node, kind, name)?;
        if value.is_none() { Err(value_error!("field '{name}' is required for {kind:?}")) } else { Ok(value) }
    }
    fn expression(&mut self, node: Value, kind: Kind, name: &str, context: ExprContext) -> R<Box<Expr>> {
        let value = self.value(node, kind, name)?;
        Ok(Box::new(self.read_expression(value, context)?))
    }
    fn optional_expression(&mut self, node: Value, name: &str) -> R<Option<Box<Expr>>> {
        match optional(node, name)? {
            Some(value) => Ok(Some(Box::new(self.read_expression(value, ExprContext::Load)?))),
            None => Ok(None),
        }
    }
    fn expressions(&mut self, node: Value, kind: Kind, name: &str, context: ExprContext) -> R<Vec<Expr>> {
        let mut items = Vec::new();
        for value in &list_field(node, kind, name)? {
            if value.is_none() {
                return Err(value_error!("None disallowed in expression list"));
            }
            items.push(self.read_expression(*value, context)?);
        }
        Ok(items)
    }
    fn statements(&mut self, node: Value, kind: Kind, name: &str) -> R<Vec<Stmt>> {
        let mut items = Vec::new();
        for value in &list_field(node, kind, name)? {
            if value.is_none() {
                return Err(value_error!("None disallowed in statement list"));
            }
            items.push(self.read_statement(*value)?);
        }
        Ok(items)
    }
    fn body(&mut self, node: Value, kind: Kind, name: &str) -> R<Vec<Stmt>> {
        let items = self.statements(node, kind, name)?;
        if matches!(kind, Kind::Module | Kind::Interactive) { Ok(items) } else { not_empty(items, name, kind) }
    }
    fn names(&self, node: Value, kind: Kind, range: TextRange) -> R<Vec<tree::Identifier>> {
        let mut names = Vec::new();
        for value in &list_field(node, kind, "names")? {
            let text = name_of(*value)?;
            check_name(&text)?;
            names.push(self.identifier(text, range));
        }
        not_empty(names, "names", kind)
    }
    fn decorators(&mut self, node: Value, kind: Kind) -> R<Vec<tree::Decorator>> {
        let items = self.expressions(node, kind, "decorator_list", ExprContext::Load)?;
        Ok(items
            .into_iter()
            .map(|expression| tree::Decorator {
                range: syntax::text_size::Ranged::range(&expression),
                node_index: INDEX,
                expression,
            })
            .collect())
    }

    fn read_statement(&mut self, node: Value) -> R<Stmt> {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        use ExprContext::{Del, Load, Store};
        let range = self.range(node, "stmt", false)?;
        let kind = kind_in("stmt", node)?;
        let node_index = INDEX;
        Ok(match kind {
            Kind::FunctionDef | Kind::AsyncFunctionDef => {
                let name = self.identifier_field(node, kind, "name", range)?;
                let parameters = self.value(node, kind, "args")?;
                let parameters = Box::new(self.parameters(parameters, range)?);
                let body = self.body(node, kind, "body")?.into();
                let decorator_list = self.decorators(node, kind)?.into();
                let returns = self.optional_expression(node, "returns")?;
                let type_params = self.type_params(node, kind, range)?;
                let is_async = kind == Kind::AsyncFunctionDef;
                Stmt::FunctionDef(tree::StmtFunctionDef {
                    node_index,
                    range,
                    is_async,
                    decorator_list,
                    name,
                    type_params,
                    parameters,
                    returns,
                    body,
                })
            }
            Kind::ClassDef => {
                let name = self.identifier_field(node, kind, "name", range)?;
                let bases = self.expressions(node, kind, "bases", Load)?;
                let keywords = self.keywords(node, kind)?;
                let body = self.body(node, kind, "body")?.into();
                let decorator_list = self.decorators(node, kind)?.into();
                let type_params = self.type_params(node, kind, range)?;
                let has_arguments = !bases.is_empty() || !keywords.is_empty();
                let arguments = tree::Arguments { range, node_index: INDEX, args: bases.into(), keywords: keywords.into() };
                let arguments = has_arguments.then(|| Box::new(arguments));
                Stmt::ClassDef(tree::StmtClassDef { node_index, range, decorator_list, name, type_params, arguments, body })
            }
            Kind::Return => Stmt::Return(tree::StmtReturn { node_index, range, value: self.optional_expression(node, "value")? }),
            Kind::Delete => {
                let targets = not_empty(self.expressions(node, kind, "targets", Del)?, "targets", kind)?;
                Stmt::Delete(tree::StmtDelete { node_index, range, targets })
            }
            Kind::Assign => {
                let targets = not_empty(self.expressions(node, kind, "targets", Store)?, "targets", kind)?;
                Stmt::Assign(tree::StmtAssign { node_index, range, targets, value: self.expression(node, kind, "value", Load)? })
            }
            Kind::TypeAlias => {
                let name = self.expression(node, kind, "name", Store)?;
                if !matches!(*name, Expr::Name(_)) {
                    return Err(type_error!("TypeAlias with non-Name name"));
                }
                let type_params = self.type_params(node, kind, range)?;
                Stmt::TypeAlias(tree::StmtTypeAlias {
                    node_index,
                    range,
                    name,
                    type_params,
                    value: self.expression(node, kind, "value", Load)?,
                })
            }
            Kind::AugAssign => {
                let target = self.expression(node, kind, "target", Store)?;
                let op = operator(self.value(node, kind, "op")?)?;
                Stmt::AugAssign(tree::StmtAugAssign {
                    node_index,
                    range,
                    target,
                    op,
                    value: self.expression(node, kind, "value", Load)?,
                })
            }
            Kind::AnnAssign => {
                let target = self.expression(node, kind, "target", Store)?;
                let annotation = self.expression(node, kind, "annotation", Load)?;
                let value = self.optional_expression(node, "value")?;
                let simple = int_field(node, kind, "simple")? != 0;
                if simple && !matches!(*target, Expr::Name(_)) {
                    return Err(type_error!("AnnAssign with simple non-Name target"));
                }
                Stmt::AnnAssign(tree::StmtAnnAssign { node_index, range, target, annotation, value, simple })
            }
            Kind::For | Kind::AsyncFor => {
                let target = self.expression(node, kind, "target", Store)?;
                let iter = self.expression(node, kind, "iter", Load)?;
                let body = self.body(node, kind, "body")?.into();
                let orelse = self.statements(node, kind, "orelse")?.into();
                Stmt::For(tree::StmtFor { node_index, range, is_async: kind == Kind::AsyncFor, target, iter, body, orelse })
            }
            Kind::While => {
                let test = self.expression(node, kind, "test", Load)?;
                let body = self.body(node, kind, "body")?.into();
                Stmt::While(tree::StmtWhile {
                    node_index,
                    range,
                    test,
                    body,
                    orelse: self.statements(node, kind, "orelse")?.into(),
                })
            }
            Kind::If => {
                let test = self.expression(node, kind, "test", Load)?;
                let body = self.body(node, kind, "body")?.into();
                let orelse = self.statements(node, kind, "orelse")?;
                let elif_else_clauses = if orelse.is_empty() {
                    Vec::new()
                } else {
                    vec![tree::ElifElseClause { range, node_index: INDEX, test: None, body: orelse.into() }]
                };
                Stmt::If(tree::StmtIf { node_index, range, test, body, elif_else_clauses })
            }
            Kind::With | Kind::AsyncWith => {
                let mut items = Vec::new();
                for item in &list_field(node, kind, "items")? {
                    check_kind(Kind::withitem, *item)?;
                    let context_expr = *self.expression(*item, Kind::withitem, "context_expr", Load)?;
                    let optional_vars = match optional(*item, "optional_vars")? {
                        Some(vars) => Some(Box::new(self.read_expression(vars, Store)?)),
                        None => None,
                    };
                    let range = syntax::text_size::Ranged::range(&context_expr);
                    items.push(tree::WithItem { range, node_index: INDEX, context_expr, optional_vars });
                }
                let items = not_empty(items, "items", kind)?;
                let body = self.body(node, kind, "body")?.into();
                Stmt::With(tree::StmtWith { node_index, range, is_async: kind == Kind::AsyncWith, items, body })
            }
            Kind::Match => {
                let subject = self.expression(node, kind, "subject", Load)?;
                let mut cases = Vec::new();
                for case in &list_field(node, kind, "cases")? {
                    check_kind(Kind::match_case, *case)?;
                    let pattern = self.value(*case, Kind::match_case, "pattern")?;
                    let pattern = self.read_pattern(pattern, false)?;
                    let guard = self.optional_expression(*case, "guard")?;
                    let body = self.body(*case, Kind::match_case, "body")?.into();
                    cases.push(tree::MatchCase {
                        range: syntax::text_size::Ranged::range(&pattern),
                        node_index: INDEX,
                        pattern,
                        guard,
                        body,
                    });
                }
                Stmt::Match(tree::StmtMatch { node_index, range, subject, cases: not_empty(cases, "cases", kind)? })
            }
            Kind::Raise => {
                let exc = self.optional_expression(node, "exc")?;
                let cause = self.optional_expression(node, "cause")?;
                if exc.is_none() && cause.is_some() {
                    return Err(value_error!("Raise with cause but no exception"));
                }
                Stmt::Raise(tree::StmtRaise { node_index, range, exc, cause })
            }
            Kind::Try | Kind::TryStar => {
                let body = self.body(node, kind, "body")?.into();
                let mut handlers = Vec::new();
                for handler in &list_field(node, kind, "handlers")? {
                    handlers.push(self.handler(*handler)?);
                }
                let orelse = self.statements(node, kind, "orelse")?;
                let finalbody = self.statements(node, kind, "finalbody")?;
                if handlers.is_empty() && finalbody.is_empty() {
                    return Err(value_error!("{kind:?} has neither except handlers nor finalbody"));
                }
                if handlers.is_empty() && !orelse.is_empty() {
                    return Err(value_error!("{kind:?} has orelse but no except handlers"));
                }
                let is_star = kind == Kind::TryStar;
                Stmt::Try(tree::StmtTry {
                    node_index,
                    range,
                    body,
                    handlers,
                    orelse: orelse.into(),
                    finalbody: finalbody.into(),
                    is_star,
                })
            }
            Kind::Assert => {
                let test = self.expression(node, kind, "test", Load)?;
                Stmt::Assert(tree::StmtAssert { node_index, range, test, msg: self.optional_expression(node, "msg")? })
            }
            Kind::Import => {
                Stmt::Import(tree::StmtImport { node_index, range, names: self.aliases(node, kind)?, is_lazy: false })
            }
            Kind::ImportFrom => {
                let module = self.optional_identifier(node, "module", range)?;
                let names = self.aliases(node, kind)?;
                let level = match optional(node, "level")? {
                    Some(level) => int_of(level)?,
                    None => 0,
                };
                let level = u32::try_from(level).map_err(|_| value_error!("Negative ImportFrom level"))?;
                Stmt::ImportFrom(tree::StmtImportFrom { node_index, range, module, names, level, is_lazy: false })
            }
            Kind::Global => Stmt::Global(tree::StmtGlobal { node_index, range, names: self.names(node, kind, range)? }),
            Kind::Nonlocal => Stmt::Nonlocal(tree::StmtNonlocal { node_index, range, names: self.names(node, kind, range)? }),
            Kind::Expr => Stmt::Expr(tree::StmtExpr { node_index, range, value: self.expression(node, kind, "value", Load)? }),
            Kind::Pass => Stmt::Pass(tree::StmtPass { node_index, range }),
            Kind::Break => Stmt::Break(tree::StmtBreak { node_index, range }),
            _ => Stmt::Continue(tree::StmtContinue { node_index, range }),
        })
    }

    fn handler(&mut self, node: Value) -> R<ExceptHandler> {
        let range = self.range(node, "excepthandler", false)?;
        let kind = kind_in("excepthandler", node)?;
        let type_ = self.optional_expression(node, "type")?;
        let name = self.optional_identifier(node, "name", range)?;
        let body = self.body(node, kind, "body")?.into();
        Ok(ExceptHandler::ExceptHandler(tree::ExceptHandlerExceptHandler { range, node_index: INDEX, type_, name, body }))
    }
    fn aliases(&mut self, node: Value, kind: Kind) -> R<Vec<tree::Alias>> {
        let mut aliases = Vec::new();
        for alias in &list_field(node, kind, "names")? {
            check_kind(Kind::alias, *alias)?;
            let range = self.range(*alias, "alias", false)?;
            let name = self.identifier_field(*alias, Kind::alias, "name", range)?;
            let asname = self.optional_identifier(*alias, "asname", range)?;
            aliases.push(tree::Alias { range, node_index: INDEX, name, asname });
        }
        not_empty(aliases, "names", kind)
    }
    fn keywords(&mut self, node: Value, kind: Kind) -> R<Vec<tree::Keyword>> {
        let mut keywords = Vec::new();
        for keyword in &list_field(node, kind, "keywords")? {
            check_kind(Kind::keyword, *keyword)?;
            let range = self.range(*keyword, "keyword", false)?;
            let arg = self.optional_identifier(*keyword, "arg", range)?;
            let value = *self.expression(*keyword, Kind::keyword, "value", ExprContext::Load)?;
            keywords.push(tree::Keyword { range, node_index: INDEX, arg, value });
        }
        Ok(keywords)
    }

    fn parameter(&mut self, node: Value) -> R<tree::Parameter> {
        check_kind(Kind::arg, node)?;
        let range = self.range(node, "arg", false)?;
        let name = self.identifier_field(node, Kind::arg, "arg", range)?;
        let annotation = self.optional_expression(node, "annotation")?;
        Ok(tree::Parameter { range, node_index: INDEX, name, annotation })
    }
    fn parameter_list(&mut self, node: Value, name: &str) -> R<Vec<tree::ParameterWithDefault>> {
        let mut parameters = Vec::new();
        for value in &list_field(node, Kind::arguments, name)? {
            let parameter = self.parameter(*value)?;
            parameters.push(tree::ParameterWithDefault { range: parameter.range, node_index: INDEX, parameter, default: None });
        }
        Ok(parameters)
    }
    fn parameters(&mut self, node: Value, range: TextRange) -> R<tree::Parameters> {
        check_kind(Kind::arguments, node)?;
        let mut posonlyargs = self.parameter_list(node, "posonlyargs")?;
        let mut args = self.parameter_list(node, "args")?;
        let vararg = match optional(node, "vararg")? {
            Some(value) => Some(Box::new(self.parameter(value)?)),
            None => None,
        };
        let mut kwonlyargs = self.parameter_list(node, "kwonlyargs")?;
        let kw_defaults = list_field(node, Kind::arguments, "kw_defaults")?;
        let kwarg = match optional(node, "kwarg")? {
            Some(value) => Some(Box::new(self.parameter(value)?)),
            None => None,
        };
        let defaults = self.expressions(node, Kind::arguments, "defaults", ExprContext::Load)?;
        if defaults.len() > posonlyargs.len() + args.len() {
            return Err(value_error!("more positional defaults than args on arguments"));
        }
        if kw_defaults.len() != kwonlyargs.len() {
            return Err(value_error!("length of kwonlyargs is not the same as kw_defaults on arguments"));
        }
        let targets = posonlyargs.iter_mut().chain(&mut args).rev();
        for (target, default) in targets.zip(defaults.into_iter().rev()) {
            target.default = Some(Box::new(default));
        }
        for (target, default) in kwonlyargs.iter_mut().zip(&kw_defaults) {
            if !default.is_none() {
                target.default = Some(Box::new(self.read_expression(*default, ExprContext::Load)?));
            }
        }
        let (posonlyargs, args, kwonlyargs) = (posonlyargs.into(), args.into(), kwonlyargs.into());
        Ok(tree::Parameters { range, node_index: INDEX, posonlyargs, args, vararg, kwonlyargs, kwarg })
    }
    fn type_params(&mut self, node: Value, kind: Kind, owner: TextRange) -> R<Option<Box<tree::TypeParams>>> {
        let mut type_params = Vec::new();
        for param in &list_field(node, kind, "type_params")? {
            let range = self.range(*param, "type_param", true)?;
            let kind = kind_in("type_param", *param)?;
            let name = self.identifier_field(*param, kind, "name", range)?;
            check_name(&name.id)?;
            let node_index = INDEX;
            type_params.push(match kind {
                Kind::TypeVar => {
                    let bound = self.optional_expression(*param, "bound")?;
                    let default = self.optional_expression(*param, "default_value")?;
                    TypeParam::TypeVar(tree::TypeParamTypeVar { node_index, range, name, bound, default })
                }
                Kind::ParamSpec => {
                    let default = self.optional_expression(*param, "default_value")?;
                    TypeParam::ParamSpec(tree::TypeParamParamSpec { node_index, range, name, default })
                }
                _ => {
                    let default = self.optional_expression(*param, "default_value")?;
                    TypeParam::TypeVarTuple(tree::TypeParamTypeVarTuple { node_index, range, name, default })
                }
            });
        }
        Ok((!type_params.is_empty()).then(|| Box::new(tree::TypeParams { range: owner, node_index: INDEX, type_params })))
    }
    fn comprehensions(&mut self, node: Value, kind: Kind) -> R<Vec<tree::Comprehension>> {
        let mut generators = Vec::new();
        for item in &list_field(node, kind, "generators")? {
            check_kind(Kind::comprehension, *item)?;
            let target = *self.expression(*item, Kind::comprehension, "target", ExprContext::Store)?;
            let iter = *self.expression(*item, Kind::comprehension, "iter", ExprContext::Load)?;
            let ifs = self.expressions(*item, Kind::comprehension, "ifs", ExprContext::Load)?;
            let is_async = int_field(*item, Kind::comprehension, "is_async")? != 0;
            let range = syntax::text_size::Ranged::range(&target);
            generators.push(tree::Comprehension { range, node_index: INDEX, target, iter, ifs, is_async });
        }
        if generators.is_empty() { Err(value_error!("comprehension with no generators")) } else { Ok(generators) }
    }

    /// The context of a node that has one must be the wanted one; only the others can do without.
    fn context(&self, node: Value, kind: Kind, wanted: ExprContext) -> R<ExprContext> {
        let context = self.value(node, kind, "ctx")?;
        let found = match kind_in("expr_context", context)? {
            Kind::Store => ExprContext::Store,
            Kind::Del => ExprContext::Del,
            _ => ExprContext::Load,
        };
        if found == wanted {
            return Ok(found);
        }
        Err(value_error!("expression must have {wanted:?} context but has {found:?} instead"))
    }

    fn read_expression(&mut self, node: Value, wanted: ExprContext) -> R<Expr> {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        use ExprContext::{Load, Store};
        if !base_class("expr").is_some_and(|class| class_of(node).is_subclass_of(class)) {
            return Err(unexpected("expr", node));
        }
        let range = self.range(node, "expr", false)?;
        let kind = kind_in("expr", node)?;
        let node_index = INDEX;
        let has_context =
            matches!(kind, Kind::Attribute | Kind::Subscript | Kind::Starred | Kind::Name | Kind::List | Kind::Tuple);
        let ctx = if has_context { self.context(node, kind, wanted)? } else { wanted };
        if !has_context && wanted != Load {
            return Err(value_error!("expression which can't be assigned to in {wanted:?} context"));
        }
        Ok(match kind {
            Kind::BoolOp => {
                let op = match kind_in("boolop", self.value(node, kind, "op")?)? {
                    Kind::And => tree::BoolOp::And,
                    _ => tree::BoolOp::Or,
                };
                let values = self.expressions(node, kind, "values", Load)?;
                if values.len() < 2 {
                    return Err(value_error!("BoolOp with less than 2 values"));
                }
                Expr::BoolOp(tree::ExprBoolOp { node_index, range, op, values })
            }
            Kind::NamedExpr => {
                if !class_of(self.value(node, kind, "target")?).is_subclass_of(class_of_kind(Kind::Name)) {
                    return Err(type_error!("NamedExpr target must be a Name"));
                }
                let target = self.expression(node, kind, "target", Store)?;
                Expr::Named(tree::ExprNamed { node_index, range, target, value: self.expression(node, kind, "value", Load)? })
            }
            Kind::BinOp => {
                let left = self.expression(node, kind, "left", Load)?;
                let op = operator(self.value(node, kind, "op")?)?;
                Expr::BinOp(tree::ExprBinOp { node_index, range, left, op, right: self.expression(node, kind, "right", Load)? })
            }
            Kind::UnaryOp => {
                let op = match kind_in("unaryop", self.value(node, kind, "op")?)? {
                    Kind::Invert => tree::UnaryOp::Invert,
                    Kind::Not => tree::UnaryOp::Not,
                    Kind::UAdd => tree::UnaryOp::UAdd,
                    _ => tree::UnaryOp::USub,
                };
                Expr::UnaryOp(tree::ExprUnaryOp { node_index, range, op, operand: self.expression(node, kind, "operand", Load)? })
            }
            Kind::Lambda => {
                let parameters = self.value(node, kind, "args")?;
                let parameters = Some(Box::new(self.parameters(parameters, range)?));
                Expr::Lambda(tree::ExprLambda { node_index, range, parameters, body: self.expression(node, kind, "body", Load)? })
            }
            Kind::IfExp => {
                let test = self.expression(node, kind, "test", Load)?;
                let body = self.expression(node, kind, "body", Load)?;
                Expr::If(tree::ExprIf { node_index, range, test, body, orelse: self.expression(node, kind, "orelse", Load)? })
            }
            Kind::Dict => {
                let keys = list_field(node, kind, "keys")?;
                let values = self.expressions(node, kind, "values", Load)?;
                if keys.len() != values.len() {
                    return Err(value_error!("Dict doesn't have the same number of keys as values"));
                }
                let mut items = Vec::new();
                for (key, value) in keys.iter().zip(values) {
                    let key = if key.is_none() { None } else { Some(self.read_expression(*key, Load)?) };
                    items.push(tree::DictItem { key, value });
                }
                Expr::Dict(tree::ExprDict { node_index, range, items })
            }
            Kind::Set => Expr::Set(tree::ExprSet { node_index, range, elts: self.expressions(node, kind, "elts", Load)? }),
            Kind::ListComp => {
                let generators = self.comprehensions(node, kind)?;
                Expr::ListComp(tree::ExprListComp {
                    node_index,
                    range,
                    elt: self.expression(node, kind, "elt", Load)?,
                    generators,
                })
            }
            Kind::SetComp => {
                let generators = self.comprehensions(node, kind)?;
                Expr::SetComp(tree::ExprSetComp { node_index, range, elt: self.expression(node, kind, "elt", Load)?, generators })
            }
            Kind::DictComp => {
                let generators = self.comprehensions(node, kind)?;
                let key = Some(self.expression(node, kind, "key", Load)?);
                Expr::DictComp(tree::ExprDictComp {
                    node_index,
                    range,
                    key,
                    value: self.expression(node, kind, "value", Load)?,
                    generators,
                })
            }
            Kind::GeneratorExp => {
                let generators = self.comprehensions(node, kind)?;
                let elt = self.expression(node, kind, "elt", Load)?;
                Expr::Generator(tree::ExprGenerator { node_index, range, elt, generators, parenthesized: true })
            }
            Kind::Await => Expr::Await(tree::ExprAwait { node_index, range, value: self.expression(node, kind, "value", Load)? }),
            Kind::Yield => Expr::Yield(tree::ExprYield { node_index, range, value: self.optional_expression(node, "value")? }),
            Kind::YieldFrom => {
                Expr::YieldFrom(tree::ExprYieldFrom { node_index, range, value: self.expression(node, kind, "value", Load)? })
            }
            Kind::Compare => {
                let left = self.expression(node, kind, "left", Load)?;
                let mut ops = Vec::new();
                for op in &list_field(node, kind, "ops")? {
                    ops.push(comparison(*op)?);
                }
                let comparators = self.expressions(node, kind, "comparators", Load)?;
                if comparators.is_empty() {
                    return Err(value_error!("Compare with no comparators"));
                }
                if comparators.len() != ops.len() {
                    return Err(value_error!("Compare has a different number of comparators and operands"));
                }
                Expr::Compare(tree::ExprCompare { node_index, range, left, ops: ops.into(), comparators: comparators.into() })
            }
            Kind::Call => {
                let func = self.expression(node, kind, "func", Load)?;
                let args = self.expressions(node, kind, "args", Load)?.into();
                let keywords = self.keywords(node, kind)?.into();
                let arguments = tree::Arguments { range, node_index: INDEX, args, keywords };
                Expr::Call(tree::ExprCall { node_index, range_start: range.start(), func, arguments })
            }
            Kind::JoinedStr | Kind::FormattedValue => {
                let values = if kind == Kind::JoinedStr { list_field(node, kind, "values")? } else { GcVec::from_slice(&[node]) };
                let elements = self.elements(&values, range)?.into();
                let string = tree::FString { range, node_index: INDEX, elements, flags: tree::FStringFlags::empty() };
                Expr::FString(tree::ExprFString { node_index, range, value: tree::FStringValue::single(string) })
            }
            Kind::TemplateStr | Kind::Interpolation => {
                let values =
                    if kind == Kind::TemplateStr { list_field(node, kind, "values")? } else { GcVec::from_slice(&[node]) };
                let elements = self.elements(&values, range)?.into();
                let string = tree::TString { range, node_index: INDEX, elements, flags: tree::TStringFlags::empty() };
                Expr::TString(tree::ExprTString { node_index, range, value: tree::TStringValue::single(string) })
            }
            Kind::Constant => {
                let mut literal = constant(required(node, kind, "value")?, range)?;
                if let Expr::StringLiteral(text) = &mut literal
                    && let Some(prefix) = optional(node, "kind")?.and_then(|prefix| prefix.cast::<Str>())
                    && prefix.as_str() == Some("u")
                {
                    text.value
                        .iter_mut()
                        .for_each(|part| part.flags = part.flags.with_prefix(tree::str_prefix::StringLiteralPrefix::Unicode));
                }
                literal
            }
            Kind::Attribute => {
                let value = self.expression(node, kind, "value", Load)?;
                let mut attr = self.identifier_field(node, kind, "attr", range)?;
                if let (Some(line), Some(column)) = (optional(node, "end_lineno")?, optional(node, "end_col_offset")?) {
                    let start = self.place(int_of(line)?, int_of(column)? - attr.id.len() as i64);
                    attr.range = TextRange::new(start.clamp(range.start(), range.end()), range.end());
                }
                Expr::Attribute(tree::ExprAttribute { node_index, range, value, attr, ctx })
            }
            Kind::Subscript => {
                let value = self.expression(node, kind, "value", Load)?;
                Expr::Subscript(tree::ExprSubscript {
                    node_index,
                    range,
                    value,
                    slice: self.expression(node, kind, "slice", Load)?,
                    ctx,
                })
            }
            Kind::Starred => {
                Expr::Starred(tree::ExprStarred { node_index, range, value: self.expression(node, kind, "value", wanted)?, ctx })
            }
            Kind::Name => {
                let id = self.identifier_field(node, kind, "id", range)?.id;
                check_name(&id)?;
                Expr::Name(tree::ExprName { node_index, range, id, ctx })
            }
            Kind::List => {
                Expr::List(tree::ExprList { node_index, range, elts: self.expressions(node, kind, "elts", wanted)?, ctx })
            }
            Kind::Tuple => {
                let elts = self.expressions(node, kind, "elts", wanted)?;
                Expr::Tuple(tree::ExprTuple { node_index, range, elts, ctx, parenthesized: true })
            }
            _ => {
                let lower = self.optional_expression(node, "lower")?;
                let upper = self.optional_expression(node, "upper")?;
                Expr::Slice(tree::ExprSlice { node_index, range, lower, upper, step: self.optional_expression(node, "step")? })
            }
        })
    }

    /// Parts of an f-string or t-string.
    fn elements(&mut self, values: &[Value], range: TextRange) -> R<Vec<tree::InterpolatedStringElement>> {
        let mut elements = Vec::new();
        for value in values {
            if value.is_none() {
                return Err(value_error!("None disallowed in expression list"));
            }
            match kind_in("expr", *value)? {
                kind @ (Kind::FormattedValue | Kind::Interpolation) => {
                    let range = self.range(*value, "expr", false)?;
                    let expression = self.expression(*value, kind, "value", ExprContext::Load)?;
                    let conversion = match int_field(*value, kind, "conversion")? {
                        -1 => tree::ConversionFlag::None,
                        115 => tree::ConversionFlag::Str,
                        97 => tree::ConversionFlag::Ascii,
                        114 => tree::ConversionFlag::Repr,
                        other => return Err(objects::system_error!("Unrecognized conversion character {other}")),
                    };
                    let format_spec = match optional(*value, "format_spec")? {
                        Some(spec) => {
                            let parts = if kind_in("expr", spec)? == Kind::JoinedStr {
                                list_field(spec, Kind::JoinedStr, "values")?
                            } else {
                                GcVec::from_slice(&[spec])
                            };
                            let elements = self.elements(&parts, range)?.into();
                            Some(Box::new(tree::InterpolatedStringFormatSpec { range, node_index: INDEX, elements }))
                        }
                        None => None,
                    };
                    // The compiler finds the text of an interpolation here.
                    let debug_text = match kind == Kind::Interpolation {
                        true => {
                            let text = name_of(required(*value, kind, "str")?)?;
                            Some(tree::DebugText::new("", &text, ""))
                        }
                        false => None,
                    };
                    elements.push(tree::InterpolatedStringElement::Interpolation(tree::InterpolatedElement {
                        range,
                        node_index: INDEX,
                        expression,
                        debug_text,
                        conversion,
                        format_spec,
                    }));
                }
                Kind::Constant if let Some(text) = required(*value, Kind::Constant, "value")?.cast::<Str>() => {
                    let text = tree_text(text);
                    let range = self.range(*value, "expr", false)?;
                    elements.push(tree::InterpolatedStringElement::Literal(tree::InterpolatedStringLiteralElement {
                        range,
                        node_index: INDEX,
                        value: text.into(),
                    }));
                }
                Kind::JoinedStr => {
                    let inner = list_field(*value, Kind::JoinedStr, "values")?;
                    elements.extend(self.elements(&inner, range)?);
                }
                _ => {
                    let expression = Box::new(self.read_expression(*value, ExprContext::Load)?);
                    elements.push(tree::InterpolatedStringElement::Interpolation(tree::InterpolatedElement {
                        range,
                        node_index: INDEX,
                        expression,
                        debug_text: None,
                        conversion: tree::ConversionFlag::None,
                        format_spec: None,
                    }));
                }
            }
        }
        Ok(elements)
    }

    fn patterns(&mut self, node: Value, kind: Kind, name: &str, star_ok: bool) -> R<Vec<Pattern>> {
        let mut items = Vec::new();
        for value in &list_field(node, kind, name)? {
            items.push(self.read_pattern(*value, star_ok)?);
        }
        Ok(items)
    }
    fn read_pattern(&mut self, node: Value, star_ok: bool) -> R<Pattern> {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        let range = self.range(node, "pattern", true)?;
        let kind = kind_in("pattern", node)?;
        let node_index = INDEX;
        Ok(match kind {
            Kind::MatchValue => {
                let value = self.expression(node, kind, "value", ExprContext::Load)?;
                if !is_match_value(&value) {
                    return Err(value_error!("patterns may only match literals and attribute lookups"));
                }
                Pattern::MatchValue(tree::PatternMatchValue { node_index, range, value })
            }
            Kind::MatchSingleton => {
                let value = match required(node, kind, "value")? {
                    none if none.is_none() => tree::Singleton::None,
                    yes if yes.is_true() => tree::Singleton::True,
                    no if no.is_false() => tree::Singleton::False,
                    _ => return Err(value_error!("MatchSingleton can only contain True, False and None")),
                };
                Pattern::MatchSingleton(tree::PatternMatchSingleton { node_index, range, value })
            }
            Kind::MatchSequence => {
                let patterns = self.patterns(node, kind, "patterns", true)?;
                Pattern::MatchSequence(tree::PatternMatchSequence { node_index, range, patterns })
            }
            Kind::MatchMapping => {
                let keys = self.expressions(node, kind, "keys", ExprContext::Load)?;
                let patterns = self.patterns(node, kind, "patterns", false)?;
                if !keys.iter().all(|key| is_match_value(key) || matches!(key, Expr::NoneLiteral(_) | Expr::BooleanLiteral(_))) {
                    return Err(value_error!("patterns may only match literals and attribute lookups"));
                }
                if keys.len() != patterns.len() {
                    return Err(value_error!("MatchMapping doesn't have the same number of keys as patterns"));
                }
                let rest = self.capture(node, "rest", range)?;
                Pattern::MatchMapping(tree::PatternMatchMapping {
                    node_index,
                    range,
                    keys: keys.into(),
                    patterns: patterns.into(),
                    rest,
                })
            }
            Kind::MatchClass => {
                let cls = self.expression(node, kind, "cls", ExprContext::Load)?;
                if !is_dotted_name(&cls) {
                    return Err(value_error!("MatchClass cls field can only contain Name or Attribute nodes."));
                }
                let patterns = self.patterns(node, kind, "patterns", false)?;
                let names = list_field(node, kind, "kwd_attrs")?;
                let values = self.patterns(node, kind, "kwd_patterns", false)?;
                if names.len() != values.len() {
                    return Err(value_error!("MatchClass doesn't have the same number of keyword attributes as patterns"));
                }
                let mut keywords = Vec::new();
                for (name, pattern) in names.iter().zip(values) {
                    let text = name_of(*name)?;
                    check_name(&text)?;
                    let attr = self.identifier(text, range);
                    keywords.push(tree::PatternKeyword { range, node_index: INDEX, attr, pattern });
                }
                let arguments = tree::PatternArguments { range, node_index: INDEX, patterns: patterns.into(), keywords };
                Pattern::MatchClass(tree::PatternMatchClass { node_index, range, cls, arguments })
            }
            Kind::MatchStar => {
                if !star_ok {
                    return Err(value_error!("can't use MatchStar here"));
                }
                Pattern::MatchStar(tree::PatternMatchStar { node_index, range, name: self.capture(node, "name", range)? })
            }
            Kind::MatchAs => {
                let name = self.capture(node, "name", range)?;
                let pattern = match optional(node, "pattern")? {
                    Some(pattern) => Some(Box::new(self.read_pattern(pattern, false)?)),
                    None => None,
                };
                if pattern.is_some() && name.is_none() {
                    return Err(value_error!("MatchAs must specify a target name if a pattern is given"));
                }
                Pattern::MatchAs(tree::PatternMatchAs { node_index, range, pattern, name })
            }
            _ => {
                let patterns = self.patterns(node, kind, "patterns", false)?;
                if patterns.len() < 2 {
                    return Err(value_error!("MatchOr requires at least 2 patterns"));
                }
                Pattern::MatchOr(tree::PatternMatchOr { node_index, range, patterns })
            }
        })
    }
    fn capture(&self, node: Value, name: &str, range: TextRange) -> R<Option<tree::Identifier>> {
        let found = self.optional_identifier(node, name, range)?;
        if let Some(identifier) = &found {
            if identifier.id.as_str() == "_" {
                return Err(value_error!("can't capture name '_' in patterns"));
            }
            check_name(&identifier.id)?;
        }
        Ok(found)
    }
}

fn is_dotted_name(value: &Expr) -> bool {
    match value {
        Expr::Name(_) => true,
        Expr::Attribute(it) => is_dotted_name(&it.value),
        _ => false,
    }
}
fn is_match_value(value: &Expr) -> bool {
    let is_number = |value: &Expr| match value {
        Expr::NumberLiteral(_) => true,
        Expr::UnaryOp(it) => it.op == tree::UnaryOp::USub && matches!(*it.operand, Expr::NumberLiteral(_)),
        _ => false,
    };
    match value {
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::FString(_) => true,
        Expr::Attribute(it) => is_dotted_name(&it.value),
        Expr::BinOp(it) => is_number(&it.left) && matches!(*it.right, Expr::NumberLiteral(_)),
        other => is_number(other),
    }
}

fn operator(value: Value) -> R<tree::Operator> {
    use tree::Operator as O;
    Ok(match kind_in("operator", value)? {
        Kind::Add => O::Add,
        Kind::Sub => O::Sub,
        Kind::Mult => O::Mult,
        Kind::MatMult => O::MatMult,
        Kind::Div => O::Div,
        Kind::Mod => O::Mod,
        Kind::Pow => O::Pow,
        Kind::LShift => O::LShift,
        Kind::RShift => O::RShift,
        Kind::BitOr => O::BitOr,
        Kind::BitXor => O::BitXor,
        Kind::BitAnd => O::BitAnd,
        _ => O::FloorDiv,
    })
}
fn comparison(value: Value) -> R<tree::CmpOp> {
    use tree::CmpOp as O;
    Ok(match kind_in("cmpop", value)? {
        Kind::Eq => O::Eq,
        Kind::NotEq => O::NotEq,
        Kind::Lt => O::Lt,
        Kind::LtE => O::LtE,
        Kind::Gt => O::Gt,
        Kind::GtE => O::GtE,
        Kind::Is => O::Is,
        Kind::IsNot => O::IsNot,
        Kind::In => O::In,
        _ => O::NotIn,
    })
}

/// Text for the tree, which holds UTF-8 only: lone surrogates as `SourceMap::Table` expects them.
fn tree_text(text: objects::Gc<Str>) -> Cow<'static, str> {
    match text.as_str() {
        Some(text) if !text.contains('\u{fffd}') => Cow::Borrowed(text),
        _ => Cow::Owned(syntax::marked_text(text.chars().iter())),
    }
}

/// The literal of a constant's value.
fn constant(value: Value, range: TextRange) -> R<Expr> {
    let node_index = INDEX;
    let number = |value: tree::Number| Expr::NumberLiteral(tree::ExprNumberLiteral { node_index: INDEX, range, value });
    if value.is_none() {
        return Ok(Expr::NoneLiteral(tree::ExprNoneLiteral { node_index, range }));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Expr::BooleanLiteral(tree::ExprBooleanLiteral { node_index, range, value: flag }));
    }
    if value.is_ellipsis() {
        return Ok(Expr::EllipsisLiteral(tree::ExprEllipsisLiteral { node_index, range }));
    }
    if let Some(text) = value.cast_exact::<Str>() {
        let text = tree_text(text);
        let literal =
            tree::StringLiteral { range, node_index: INDEX, value: text.into(), flags: tree::StringLiteralFlags::empty() };
        return Ok(Expr::StringLiteral(tree::ExprStringLiteral {
            node_index,
            range,
            value: tree::StringLiteralValue::single(literal),
        }));
    }
    if let Some(bytes) = value.cast_exact::<Bytes>() {
        let literal = tree::BytesLiteral {
            range,
            node_index: INDEX,
            value: bytes.as_slice().into(),
            flags: tree::BytesLiteralFlags::empty(),
        };
        return Ok(Expr::BytesLiteral(tree::ExprBytesLiteral {
            node_index,
            range,
            value: tree::BytesLiteralValue::single(literal),
        }));
    }
    if value.is_float() {
        return Ok(signed_float(value.as_float(), range));
    }
    if let Some(complex) = value.cast_exact::<objects::Complex>() {
        return Ok(number(tree::Number::Complex { real: complex.real, imag: complex.imag }));
    }
    if let Some(view) = int_view(value).filter(|_| class_of(value).name_text() == "int") {
        let magnitude = view.to_ibig();
        let is_negative = view.is_negative();
        let digits = if is_negative { (-magnitude).in_radix(16).to_string() } else { magnitude.in_radix(16).to_string() };
        let int = match u64::from_str_radix(&digits, 16) {
            Ok(small) => tree::Int::from(small),
            Err(_) => tree::Int::from_str_radix(&digits, 16, &format!("0x{digits}"))
                .map_err(|_| value_error!("invalid integer constant"))?,
        };
        let literal = number(tree::Number::Int(int));
        return Ok(if is_negative { negated(literal, range) } else { literal });
    }
    if let Some(items) = value.cast_exact::<objects::Tuple>() {
        let mut elts = Vec::new();
        for item in items.items() {
            let _guard = objects::thread::enter_recursion_in(" during compilation")?;
            elts.push(constant(*item, range)?);
        }
        return Ok(Expr::Tuple(tree::ExprTuple { node_index, range, elts, ctx: ExprContext::Load, parenthesized: true }));
    }
    if value.cast_exact::<objects::FrozenSet>().is_some() {
        for item in objects::to_vec(value)? {
            let _guard = objects::thread::enter_recursion_in(" during compilation")?;
            constant(item, range)?;
        }
        return Err(objects::not_implemented_error!("frozenset constants in ast trees"));
    }
    Err(type_error!("got an invalid type in Constant: {}", class_name(value)))
}
fn negated(operand: Expr, range: TextRange) -> Expr {
    Expr::UnaryOp(tree::ExprUnaryOp { node_index: INDEX, range, op: tree::UnaryOp::USub, operand: Box::new(operand) })
}
fn signed_float(value: f64, range: TextRange) -> Expr {
    let literal =
        |value: f64| Expr::NumberLiteral(tree::ExprNumberLiteral { node_index: INDEX, range, value: tree::Number::Float(value) });
    if value.is_sign_negative() && !value.is_nan() { negated(literal(-value), range) } else { literal(value) }
}
