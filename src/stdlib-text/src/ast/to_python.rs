//! The parser's tree to `ast` objects.
//!
//! Fields are given in the order of the table. Positions are those of CPython where the parser's ranges differ: definitions begin
//! behind their decorators, a lone generator argument spans the call's parentheses.

use super::classes::{class_of_kind, ensure_made, rows, singleton};
use super::table::{Attributes, BASES, KIND_COUNT, Kind};
use compiler::SourceMap;
use dashu_int::IBig;
use objects::class_new::new_instance;
use objects::{Gc, GcVec, R, Str, Value, generic_set_attr, intern, interned, new_bytes, new_int, new_list, new_str, value_error};
use std::sync::OnceLock;
use syntax::ast::{self as tree, ExceptHandler, Expr, Number, Pattern, Singleton, Stmt, TypeParam};
use syntax::text_size::{Ranged, TextRange, TextSize};
use syntax::{Ast, Parsed, TypeComments};

/// Names of the fields of a kind, and whether its nodes have positions.
struct Shape {
    fields: Vec<Gc<Str>>,
    has_position: bool,
}
// The strings are interned, hence immortal.
static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();

fn shapes() -> &'static [Shape] {
    if let Some(shapes) = SHAPES.get() {
        return shapes;
    }
    // Made outside the once: interning may collect, and that would wait for ever for a thread that waits for the once.
    let made = make_shapes();
    SHAPES.get_or_init(|| made)
}

fn make_shapes() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(KIND_COUNT);
    for base in BASES {
        for row in base.children {
            let fields = row.fields().map(|field| intern(field.name)).collect();
            shapes.push(Shape { fields, has_position: base.attributes != Attributes::None });
        }
    }
    debug_assert!(rows().enumerate().all(|(index, row)| row.kind as usize == index));
    shapes
}

/// The tree of a text: `interactive` for mode "single".
pub fn to_python(parsed: &Parsed, interactive: bool, comments: &TypeComments) -> R {
    ensure_made()?;
    let builder = Builder { source: &parsed.source, map: SourceMap::new(&parsed.source), shapes: shapes(), comments };
    match &parsed.ast {
        Ast::Module(module) => {
            let body = builder.statements(&module.body)?;
            if interactive {
                builder.plain(Kind::Interactive, &[body])
            } else {
                let ignores = list_of(&comments.ignores, |(line, tag)| {
                    builder.plain(Kind::TypeIgnore, &[new_int(*line as i64), new_str(tag)])
                })?;
                builder.plain(Kind::Module, &[body, ignores])
            }
        }
        Ast::Expression(expression) => builder.plain(Kind::Expression, &[builder.expression(&expression.body)?]),
        Ast::FunctionType(function) => {
            let arguments = builder.expressions(&function.argtypes)?;
            builder.plain(Kind::FunctionType, &[arguments, builder.expression(&function.returns)?])
        }
    }
}

struct Builder<'a> {
    source: &'a str,
    map: SourceMap<'a>,
    shapes: &'static [Shape],
    comments: &'a TypeComments,
}

fn empty_list() -> Value {
    new_list(&[]).value()
}
fn list_of<T>(items: impl IntoIterator<Item = T>, mut convert: impl FnMut(T) -> R) -> R {
    let mut values: GcVec = GcVec::new();
    for (passed, item) in items.into_iter().enumerate() {
        objects::containers::poll_at(passed)?;
        values.push(convert(item)?);
    }
    Ok(new_list(&values).value())
}
fn name(identifier: &tree::Identifier) -> Value {
    intern(identifier.id.as_str()).value()
}
fn optional_name(identifier: Option<&tree::Identifier>) -> Value {
    identifier.map_or(Value::none(), name)
}
const NONE: fn() -> Value = Value::none;

impl Builder<'_> {
    fn plain(&self, kind: Kind, fields: &[Value]) -> R {
        let node = new_instance(class_of_kind(kind));
        for (name, value) in self.shapes[kind as usize].fields.iter().zip(fields) {
            generic_set_attr(node, *name, Some(*value))?;
        }
        Ok(node)
    }
    fn node(&self, kind: Kind, range: TextRange, fields: &[Value]) -> R {
        let node = self.plain(kind, fields)?;
        debug_assert!(self.shapes[kind as usize].has_position);
        let place = self.map.position(range);
        generic_set_attr(node, interned!("lineno"), Some(new_int(place.line as i64)))?;
        generic_set_attr(node, interned!("col_offset"), Some(new_int(place.column as i64)))?;
        generic_set_attr(node, interned!("end_lineno"), Some(new_int(place.end_line as i64)))?;
        generic_set_attr(node, interned!("end_col_offset"), Some(new_int(place.end_column as i64)))?;
        Ok(node)
    }

    /// The type comment of what begins at the range's start.
    fn type_comment(&self, range: TextRange) -> Value {
        self.comments.by_start.get(&range.start().to_usize()).map_or(Value::none(), |text| new_str(text))
    }

    fn statements(&self, body: &[Stmt]) -> R {
        list_of(body, |statement| self.statement(statement))
    }
    fn expressions(&self, items: &[Expr]) -> R {
        list_of(items, |item| self.expression(item))
    }
    fn optional(&self, expression: Option<&Expr>) -> R {
        expression.map_or(Ok(NONE()), |expression| self.expression(expression))
    }
    fn names(&self, names: &[tree::Identifier]) -> R {
        list_of(names, |identifier| Ok(name(identifier)))
    }

    /// Where the definition itself begins, behind its decorators.
    fn definition_start(&self, decorators: &[tree::Decorator], range: TextRange) -> TextSize {
        let Some(last) = decorators.last() else { return range.start() };
        let bytes = self.source.as_bytes();
        let mut at = last.range.end().to_usize();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'#' => at = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length),
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'\\' | b')' => at += 1,
                _ => break,
            }
        }
        TextSize::try_from(at).unwrap_or(range.start())
    }

    /// The range of something with a block: a closing semicolon counts.
    fn block(&self, range: TextRange) -> TextRange {
        let rest = &self.source[range.end().to_usize()..];
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if rest[gap..].starts_with(';') {
            TextRange::new(range.start(), range.end() + TextSize::try_from(gap + 1).unwrap_or_default())
        } else {
            range
        }
    }

    fn statement(&self, statement: &Stmt) -> R {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        let range = if syntax::has_block(statement) { self.block(statement.range()) } else { statement.range() };
        match statement {
            Stmt::FunctionDef(it) => {
                let kind = if it.is_async { Kind::AsyncFunctionDef } else { Kind::FunctionDef };
                let fields = [
                    name(&it.name),
                    self.parameters(Some(&it.parameters))?,
                    self.statements(&it.body)?,
                    self.decorators(&it.decorator_list)?,
                    self.optional(it.returns.as_deref())?,
                    self.type_comment(it.range),
                    self.type_params(it.type_params.as_deref())?,
                ];
                let start = self.definition_start(&it.decorator_list, range);
                self.node(kind, TextRange::new(start, range.end()), &fields)
            }
            Stmt::ClassDef(it) => {
                let (bases, keywords) = self.arguments(it.arguments.as_deref())?;
                let fields = [
                    name(&it.name),
                    bases,
                    keywords,
                    self.statements(&it.body)?,
                    self.decorators(&it.decorator_list)?,
                    self.type_params(it.type_params.as_deref())?,
                ];
                let start = self.definition_start(&it.decorator_list, range);
                self.node(Kind::ClassDef, TextRange::new(start, range.end()), &fields)
            }
            Stmt::Return(it) => self.node(Kind::Return, range, &[self.optional(it.value.as_deref())?]),
            Stmt::Delete(it) => self.node(Kind::Delete, range, &[self.expressions(&it.targets)?]),
            Stmt::TypeAlias(it) => {
                let fields =
                    [self.expression(&it.name)?, self.type_params(it.type_params.as_deref())?, self.expression(&it.value)?];
                self.node(Kind::TypeAlias, range, &fields)
            }
            Stmt::Assign(it) => {
                let fields = [self.expressions(&it.targets)?, self.expression(&it.value)?, self.type_comment(it.range)];
                self.node(Kind::Assign, range, &fields)
            }
            Stmt::AugAssign(it) => {
                let fields = [self.expression(&it.target)?, operator(it.op), self.expression(&it.value)?];
                self.node(Kind::AugAssign, range, &fields)
            }
            Stmt::AnnAssign(it) => {
                let fields = [
                    self.expression(&it.target)?,
                    self.expression(&it.annotation)?,
                    self.optional(it.value.as_deref())?,
                    Value::small(it.simple.into()),
                ];
                self.node(Kind::AnnAssign, range, &fields)
            }
            Stmt::For(it) => {
                let kind = if it.is_async { Kind::AsyncFor } else { Kind::For };
                let fields = [
                    self.expression(&it.target)?,
                    self.expression(&it.iter)?,
                    self.statements(&it.body)?,
                    self.statements(&it.orelse)?,
                    self.type_comment(it.range),
                ];
                self.node(kind, range, &fields)
            }
            Stmt::While(it) => {
                let fields = [self.expression(&it.test)?, self.statements(&it.body)?, self.statements(&it.orelse)?];
                self.node(Kind::While, range, &fields)
            }
            Stmt::If(it) => {
                let test = self.expression(&it.test)?;
                let body = self.statements(&it.body)?;
                self.node(Kind::If, range, &[test, body, self.else_branch(&it.elif_else_clauses, range.end())?])
            }
            Stmt::With(it) => {
                let kind = if it.is_async { Kind::AsyncWith } else { Kind::With };
                let items = list_of(&it.items, |item| {
                    let fields = [self.expression(&item.context_expr)?, self.optional(item.optional_vars.as_deref())?];
                    self.plain(Kind::withitem, &fields)
                })?;
                self.node(kind, range, &[items, self.statements(&it.body)?, self.type_comment(it.range)])
            }
            Stmt::Match(it) => {
                let subject = self.expression(&it.subject)?;
                let cases = list_of(&it.cases, |case| {
                    let fields =
                        [self.pattern(&case.pattern)?, self.optional(case.guard.as_deref())?, self.statements(&case.body)?];
                    self.plain(Kind::match_case, &fields)
                })?;
                self.node(Kind::Match, range, &[subject, cases])
            }
            Stmt::Raise(it) => {
                let fields = [self.optional(it.exc.as_deref())?, self.optional(it.cause.as_deref())?];
                self.node(Kind::Raise, range, &fields)
            }
            Stmt::Try(it) => {
                let kind = if it.is_star { Kind::TryStar } else { Kind::Try };
                let fields = [
                    self.statements(&it.body)?,
                    list_of(&it.handlers, |handler| self.handler(handler))?,
                    self.statements(&it.orelse)?,
                    self.statements(&it.finalbody)?,
                ];
                self.node(kind, range, &fields)
            }
            Stmt::Assert(it) => {
                let fields = [self.expression(&it.test)?, self.optional(it.msg.as_deref())?];
                self.node(Kind::Assert, range, &fields)
            }
            Stmt::Import(it) => self.node(Kind::Import, range, &[self.aliases(&it.names)?]),
            Stmt::ImportFrom(it) => {
                let fields = [optional_name(it.module.as_ref()), self.aliases(&it.names)?, new_int(it.level as i64)];
                self.node(Kind::ImportFrom, range, &fields)
            }
            Stmt::Global(it) => self.node(Kind::Global, range, &[self.names(&it.names)?]),
            Stmt::Nonlocal(it) => self.node(Kind::Nonlocal, range, &[self.names(&it.names)?]),
            Stmt::Expr(it) => self.node(Kind::Expr, range, &[self.expression(&it.value)?]),
            Stmt::Pass(_) => self.node(Kind::Pass, range, &[]),
            Stmt::Break(_) => self.node(Kind::Break, range, &[]),
            Stmt::Continue(_) => self.node(Kind::Continue, range, &[]),
            Stmt::IpyEscapeCommand(_) => Err(value_error!("not a Python statement")),
        }
    }

    /// `elif` is an If in the list of the one before it.
    fn else_branch(&self, clauses: &[tree::ElifElseClause], end: TextSize) -> R {
        let Some((clause, rest)) = clauses.split_first() else { return Ok(empty_list()) };
        let Some(test) = &clause.test else { return self.statements(&clause.body) };
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        let test = self.expression(test)?;
        let body = self.statements(&clause.body)?;
        let node = self.node(Kind::If, TextRange::new(clause.range.start(), end), &[test, body, self.else_branch(rest, end)?])?;
        Ok(new_list(&[node]).value())
    }

    fn handler(&self, handler: &ExceptHandler) -> R {
        let ExceptHandler::ExceptHandler(it) = handler;
        let fields = [self.optional(it.type_.as_deref())?, optional_name(it.name.as_ref()), self.statements(&it.body)?];
        self.node(Kind::ExceptHandler, self.block(it.range), &fields)
    }

    fn decorators(&self, decorators: &[tree::Decorator]) -> R {
        list_of(decorators, |decorator| self.expression(&decorator.expression))
    }
    fn aliases(&self, aliases: &[tree::Alias]) -> R {
        list_of(aliases, |alias| {
            let fields = [name(&alias.name), optional_name(alias.asname.as_ref())];
            self.node(Kind::alias, alias.range, &fields)
        })
    }
    fn arguments(&self, arguments: Option<&tree::Arguments>) -> R<(Value, Value)> {
        let Some(arguments) = arguments else { return Ok((empty_list(), empty_list())) };
        let positional = list_of(&arguments.args, |argument| match argument {
            Expr::Generator(it) if !it.parenthesized => self.generator(it, arguments.range),
            _ => self.expression(argument),
        })?;
        let keywords = list_of(&arguments.keywords, |keyword| {
            let fields = [optional_name(keyword.arg.as_ref()), self.expression(&keyword.value)?];
            self.node(Kind::keyword, keyword.range, &fields)
        })?;
        Ok((positional, keywords))
    }

    fn parameters(&self, parameters: Option<&tree::Parameters>) -> R {
        let Some(it) = parameters else {
            let lists = [empty_list(), empty_list(), NONE(), empty_list(), empty_list(), NONE(), empty_list()];
            return self.plain(Kind::arguments, &lists);
        };
        let all = |parameters: &[tree::ParameterWithDefault]| list_of(parameters, |entry| self.parameter(&entry.parameter));
        let one = |parameter: Option<&tree::Parameter>| parameter.map_or(Ok(NONE()), |parameter| self.parameter(parameter));
        let defaults = it.posonlyargs.iter().chain(&it.args).filter_map(|entry| entry.default.as_deref());
        let fields = [
            all(&it.posonlyargs)?,
            all(&it.args)?,
            one(it.vararg.as_deref())?,
            all(&it.kwonlyargs)?,
            list_of(&it.kwonlyargs, |entry| self.optional(entry.default.as_deref()))?,
            one(it.kwarg.as_deref())?,
            list_of(defaults, |default| self.expression(default))?,
        ];
        self.plain(Kind::arguments, &fields)
    }
    fn parameter(&self, parameter: &tree::Parameter) -> R {
        let end = parameter
            .annotation
            .as_ref()
            .map_or(parameter.name.range.end(), |annotation| parameter.range.end().max(annotation.range().end()));
        let fields = [name(&parameter.name), self.optional(parameter.annotation.as_deref())?, self.type_comment(parameter.range)];
        self.node(Kind::arg, TextRange::new(parameter.name.range.start(), end), &fields)
    }
    fn type_params(&self, params: Option<&tree::TypeParams>) -> R {
        let Some(params) = params else { return Ok(empty_list()) };
        list_of(&params.type_params, |param| match param {
            TypeParam::TypeVar(it) => {
                let fields = [name(&it.name), self.optional(it.bound.as_deref())?, self.optional(it.default.as_deref())?];
                self.node(Kind::TypeVar, it.range, &fields)
            }
            TypeParam::ParamSpec(it) => {
                self.node(Kind::ParamSpec, it.range, &[name(&it.name), self.optional(it.default.as_deref())?])
            }
            TypeParam::TypeVarTuple(it) => {
                self.node(Kind::TypeVarTuple, it.range, &[name(&it.name), self.optional(it.default.as_deref())?])
            }
        })
    }

    fn comprehensions(&self, generators: &[tree::Comprehension]) -> R {
        list_of(generators, |it| {
            let fields = [
                self.expression(&it.target)?,
                self.expression(&it.iter)?,
                self.expressions(&it.ifs)?,
                Value::small(it.is_async.into()),
            ];
            self.plain(Kind::comprehension, &fields)
        })
    }
    fn generator(&self, it: &tree::ExprGenerator, range: TextRange) -> R {
        let fields = [self.expression(&it.elt)?, self.comprehensions(&it.generators)?];
        self.node(Kind::GeneratorExp, range, &fields)
    }

    fn expression(&self, expression: &Expr) -> R {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        let range = expression.range();
        match expression {
            Expr::BoolOp(it) => {
                let kind = if it.op == tree::BoolOp::And { Kind::And } else { Kind::Or };
                self.node(Kind::BoolOp, range, &[singleton(kind), self.expressions(&it.values)?])
            }
            Expr::Named(it) => {
                let fields = [self.expression(&it.target)?, self.expression(&it.value)?];
                self.node(Kind::NamedExpr, range, &fields)
            }
            Expr::BinOp(it) => {
                let fields = [self.expression(&it.left)?, operator(it.op), self.expression(&it.right)?];
                self.node(Kind::BinOp, range, &fields)
            }
            Expr::UnaryOp(it) => self.node(Kind::UnaryOp, range, &[unary(it.op), self.expression(&it.operand)?]),
            Expr::Lambda(it) => {
                let fields = [self.parameters(it.parameters.as_deref())?, self.expression(&it.body)?];
                self.node(Kind::Lambda, range, &fields)
            }
            Expr::If(it) => {
                let fields = [self.expression(&it.test)?, self.expression(&it.body)?, self.expression(&it.orelse)?];
                self.node(Kind::IfExp, range, &fields)
            }
            Expr::Dict(it) => {
                let keys = list_of(&it.items, |item| self.optional(item.key.as_ref()))?;
                let values = list_of(&it.items, |item| self.expression(&item.value))?;
                self.node(Kind::Dict, range, &[keys, values])
            }
            Expr::Set(it) => self.node(Kind::Set, range, &[self.expressions(&it.elts)?]),
            Expr::ListComp(it) => {
                let fields = [self.expression(&it.elt)?, self.comprehensions(&it.generators)?];
                self.node(Kind::ListComp, range, &fields)
            }
            Expr::SetComp(it) => {
                let fields = [self.expression(&it.elt)?, self.comprehensions(&it.generators)?];
                self.node(Kind::SetComp, range, &fields)
            }
            Expr::DictComp(it) => {
                let fields =
                    [self.optional(it.key.as_deref())?, self.expression(&it.value)?, self.comprehensions(&it.generators)?];
                self.node(Kind::DictComp, range, &fields)
            }
            Expr::Generator(it) => self.generator(it, range),
            Expr::Await(it) => self.node(Kind::Await, range, &[self.expression(&it.value)?]),
            Expr::Yield(it) => self.node(Kind::Yield, range, &[self.optional(it.value.as_deref())?]),
            Expr::YieldFrom(it) => self.node(Kind::YieldFrom, range, &[self.expression(&it.value)?]),
            Expr::Compare(it) => {
                let left = self.expression(&it.left)?;
                let operators = list_of(&it.ops, |operator| Ok(comparison(*operator)))?;
                self.node(Kind::Compare, range, &[left, operators, self.expressions(&it.comparators)?])
            }
            Expr::Call(it) => {
                let function = self.expression(&it.func)?;
                let (positional, keywords) = self.arguments(Some(&it.arguments))?;
                self.node(Kind::Call, range, &[function, positional, keywords])
            }
            Expr::FString(it) => self.f_string(it, range),
            Expr::TString(it) => self.t_string(it, range),
            Expr::StringLiteral(it) => {
                // A capital letter does not count.
                let has_prefix = self.map.slice(range).is_some_and(|literal| literal.starts_with('u'));
                let kind = if has_prefix { new_str("u") } else { NONE() };
                let mut text = Wtf8Text::default();
                for part in it.value.iter() {
                    self.push_literal(&mut text, part);
                }
                self.node(Kind::Constant, range, &[text.finish(), kind])
            }
            Expr::BytesLiteral(it) => {
                let bytes: Vec<u8> = it.value.iter().flat_map(|part| part.value.iter().copied()).collect();
                self.constant(range, new_bytes(&bytes))
            }
            Expr::NumberLiteral(it) => self.constant(range, number(&it.value)?),
            Expr::BooleanLiteral(it) => self.constant(range, Value::bool(it.value)),
            Expr::NoneLiteral(_) => self.constant(range, NONE()),
            Expr::EllipsisLiteral(_) => self.constant(range, Value::ellipsis()),
            Expr::Attribute(it) => {
                let fields = [self.expression(&it.value)?, name(&it.attr), context(it.ctx)];
                self.node(Kind::Attribute, range, &fields)
            }
            Expr::Subscript(it) => {
                let fields = [self.expression(&it.value)?, self.expression(&it.slice)?, context(it.ctx)];
                self.node(Kind::Subscript, range, &fields)
            }
            Expr::Starred(it) => self.node(Kind::Starred, range, &[self.expression(&it.value)?, context(it.ctx)]),
            Expr::Name(it) if matches!(it.id.as_str(), "None" | "True" | "False") => {
                Err(value_error!("identifier field can't represent '{}' constant", it.id))
            }
            Expr::Name(it) => self.node(Kind::Name, range, &[intern(it.id.as_str()).value(), context(it.ctx)]),
            Expr::List(it) => self.node(Kind::List, range, &[self.expressions(&it.elts)?, context(it.ctx)]),
            Expr::Tuple(it) => self.node(Kind::Tuple, range, &[self.expressions(&it.elts)?, context(it.ctx)]),
            Expr::Slice(it) => {
                let fields = [
                    self.optional(it.lower.as_deref())?,
                    self.optional(it.upper.as_deref())?,
                    self.optional(it.step.as_deref())?,
                ];
                self.node(Kind::Slice, range, &fields)
            }
            Expr::IpyEscapeCommand(_) => Err(value_error!("not a Python expression")),
        }
    }
    fn constant(&self, range: TextRange, value: Value) -> R {
        self.node(Kind::Constant, range, &[value, NONE()])
    }

    fn pattern(&self, pattern: &Pattern) -> R {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        let range = pattern.range();
        let patterns = |patterns: &[Pattern]| list_of(patterns, |pattern| self.pattern(pattern));
        match pattern {
            Pattern::MatchValue(it) => self.node(Kind::MatchValue, range, &[self.expression(&it.value)?]),
            Pattern::MatchSingleton(it) => {
                let value = match it.value {
                    Singleton::None => NONE(),
                    Singleton::True => Value::bool(true),
                    Singleton::False => Value::bool(false),
                };
                self.node(Kind::MatchSingleton, range, &[value])
            }
            Pattern::MatchSequence(it) => self.node(Kind::MatchSequence, range, &[patterns(&it.patterns)?]),
            Pattern::MatchMapping(it) => {
                let fields = [self.expressions(&it.keys)?, patterns(&it.patterns)?, optional_name(it.rest.as_ref())];
                self.node(Kind::MatchMapping, range, &fields)
            }
            Pattern::MatchClass(it) => {
                let fields = [
                    self.expression(&it.cls)?,
                    patterns(&it.arguments.patterns)?,
                    list_of(&it.arguments.keywords, |keyword| Ok(name(&keyword.attr)))?,
                    list_of(&it.arguments.keywords, |keyword| self.pattern(&keyword.pattern))?,
                ];
                self.node(Kind::MatchClass, range, &fields)
            }
            Pattern::MatchStar(it) => self.node(Kind::MatchStar, range, &[optional_name(it.name.as_ref())]),
            Pattern::MatchAs(it) => {
                let inner = it.pattern.as_deref().map_or(Ok(NONE()), |pattern| self.pattern(pattern))?;
                self.node(Kind::MatchAs, range, &[inner, optional_name(it.name.as_ref())])
            }
            Pattern::MatchOr(it) => self.node(Kind::MatchOr, range, &[patterns(&it.patterns)?]),
        }
    }

    /// Adds the text of a literal; escapes of lone surrogates are read from the source.
    fn push_literal(&self, text: &mut Wtf8Text, part: &tree::StringLiteral) {
        if part.value.contains('\u{fffd}')
            && let Some(source) = self.map.slice(part.range)
            && let Some(literal) = syntax::literals::split_literal(source)
            && let Ok(decoded) = syntax::literals::decode_str(literal.content, literal.raw)
        {
            return text.bytes.extend_from_slice(&decoded.value);
        }
        text.bytes.extend_from_slice(part.value.as_bytes());
    }

    fn f_string(&self, it: &tree::ExprFString, range: TextRange) -> R {
        let mut values = Pieces::default();
        for part in it.value.iter() {
            match part {
                tree::FStringPart::Literal(literal) => {
                    let text = values.text_at(literal.range);
                    self.push_literal(text, literal);
                }
                tree::FStringPart::FString(string) => {
                    self.elements(&mut values, &string.elements, string.flags.prefix().is_raw(), Kind::FormattedValue)?;
                }
            }
        }
        self.node(Kind::JoinedStr, range, &[values.finish(self)?])
    }
    fn t_string(&self, it: &tree::ExprTString, range: TextRange) -> R {
        let mut values = Pieces::default();
        for string in it.value.iter() {
            self.elements(&mut values, &string.elements, string.flags.prefix().is_raw(), Kind::Interpolation)?;
        }
        self.node(Kind::TemplateStr, range, &[values.finish(self)?])
    }

    fn elements(&self, values: &mut Pieces, elements: &[tree::InterpolatedStringElement], raw: bool, kind: Kind) -> R<()> {
        for element in elements {
            match element {
                tree::InterpolatedStringElement::Literal(literal) => {
                    let text = values.text_at(literal.range);
                    match self.map.slice(literal.range) {
                        Some(source) if literal.value.contains('\u{fffd}') && !raw => {
                            let source = source.replace("{{", "{").replace("}}", "}");
                            match syntax::literals::decode_str(&source, raw) {
                                Ok(decoded) => text.bytes.extend_from_slice(&decoded.value),
                                Err(_) => text.bytes.extend_from_slice(literal.value.as_bytes()),
                            }
                        }
                        _ => text.bytes.extend_from_slice(literal.value.as_bytes()),
                    }
                }
                tree::InterpolatedStringElement::Interpolation(field) => self.field(values, field, raw, kind)?,
            }
        }
        Ok(())
    }

    fn field(&self, values: &mut Pieces, field: &tree::InterpolatedElement, raw: bool, kind: Kind) -> R<()> {
        let mut conversion = field.conversion as i8 as i64;
        if let Some(debug) = syntax::interpolation::debug_text(self.source, field) {
            let start = field.range.start() + TextSize::from(1);
            let end = start + TextSize::try_from(debug.len()).unwrap_or_default();
            values.text_at(TextRange::new(start, end)).bytes.extend_from_slice(debug.as_bytes());
            if conversion < 0 && field.format_spec.is_none() {
                conversion = b'r'.into();
            }
        }
        let value = self.expression(&field.expression)?;
        let spec = match &field.format_spec {
            Some(spec) => {
                let mut inner = Pieces::default();
                self.elements(&mut inner, &spec.elements, raw, Kind::FormattedValue)?;
                let start = spec.range.start()
                    - TextSize::from(u32::from(!self.source[spec.range.start().to_usize()..].starts_with(':')));
                self.node(Kind::JoinedStr, TextRange::new(start, spec.range.end()), &[inner.finish(self)?])?
            }
            None => NONE(),
        };
        let node = if kind == Kind::Interpolation {
            let text = new_str(&syntax::interpolation::expression_text(self.source, field));
            self.node(kind, field.range, &[value, text, new_int(conversion), spec])?
        } else {
            self.node(kind, field.range, &[value, new_int(conversion), spec])?
        };
        values.push(self, node)
    }
}

/// Text that may hold lone surrogates.
#[derive(Default)]
struct Wtf8Text {
    bytes: Vec<u8>,
}
impl Wtf8Text {
    fn finish(&self) -> Value {
        match Str::from_wtf8(&self.bytes) {
            Some(text) => text.value(),
            None => new_str(&String::from_utf8_lossy(&self.bytes)),
        }
    }
}

/// Parts of an f-string or t-string: neighbouring texts become one constant.
#[derive(Default)]
struct Pieces {
    nodes: GcVec,
    text: Wtf8Text,
    range: Option<TextRange>,
}
impl Pieces {
    fn text_at(&mut self, range: TextRange) -> &mut Wtf8Text {
        self.range = Some(self.range.map_or(range, |before| before.cover(range)));
        &mut self.text
    }
    fn close_text(&mut self, builder: &Builder) -> R<()> {
        if let Some(range) = self.range.take()
            && !self.text.bytes.is_empty()
        {
            let text = std::mem::take(&mut self.text).finish();
            self.nodes.push(builder.constant(range, text)?);
        }
        Ok(())
    }
    fn push(&mut self, builder: &Builder, node: Value) -> R<()> {
        self.close_text(builder)?;
        self.nodes.push(node);
        Ok(())
    }
    fn finish(mut self, builder: &Builder) -> R {
        self.close_text(builder)?;
        Ok(new_list(&self.nodes).value())
    }
}

fn number(number: &Number) -> R {
    match number {
        Number::Float(float) => Ok(Value::float(*float)),
        Number::Complex { real, imag } => Ok(objects::new_complex(*real, *imag).value()),
        Number::Int(int) => match int.as_i64() {
            Some(small) => Ok(new_int(small)),
            None => {
                let text: String = int.to_string().chars().filter(|ch| *ch != '_').collect::<String>().to_ascii_lowercase();
                let (radix, digits) = match text.get(..2) {
                    Some("0x") => (16, &text[2..]),
                    Some("0o") => (8, &text[2..]),
                    Some("0b") => (2, &text[2..]),
                    _ => (10, &text[..]),
                };
                let limit = objects::int::max_str_digits();
                if radix == 10 && limit != 0 && digits.len() > limit {
                    let count = digits.len();
                    return Err(objects::new_error(
                        objects::exc::SYNTAX_ERROR.get(),
                        &format!(
                            "Exceeds the limit ({limit} digits) for integer string conversion: value has {count} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."
                        ),
                    ));
                }
                match IBig::from_str_radix(digits, radix) {
                    Ok(big) => Ok(objects::new_int_big(&big)),
                    Err(_) => Err(value_error!("invalid number literal")),
                }
            }
        },
    }
}

fn context(context: tree::ExprContext) -> Value {
    singleton(match context {
        tree::ExprContext::Store => Kind::Store,
        tree::ExprContext::Del => Kind::Del,
        tree::ExprContext::Load | tree::ExprContext::Invalid => Kind::Load,
    })
}
fn operator(operator: tree::Operator) -> Value {
    use tree::Operator as O;
    singleton(match operator {
        O::Add => Kind::Add,
        O::Sub => Kind::Sub,
        O::Mult => Kind::Mult,
        O::MatMult => Kind::MatMult,
        O::Div => Kind::Div,
        O::Mod => Kind::Mod,
        O::Pow => Kind::Pow,
        O::LShift => Kind::LShift,
        O::RShift => Kind::RShift,
        O::BitOr => Kind::BitOr,
        O::BitXor => Kind::BitXor,
        O::BitAnd => Kind::BitAnd,
        O::FloorDiv => Kind::FloorDiv,
    })
}
fn unary(operator: tree::UnaryOp) -> Value {
    use tree::UnaryOp as O;
    singleton(match operator {
        O::Invert => Kind::Invert,
        O::Not => Kind::Not,
        O::UAdd => Kind::UAdd,
        O::USub => Kind::USub,
    })
}
fn comparison(operator: tree::CmpOp) -> Value {
    use tree::CmpOp as O;
    singleton(match operator {
        O::Eq => Kind::Eq,
        O::NotEq => Kind::NotEq,
        O::Lt => Kind::Lt,
        O::LtE => Kind::LtE,
        O::Gt => Kind::Gt,
        O::GtE => Kind::GtE,
        O::Is => Kind::Is,
        O::IsNot => Kind::IsNot,
        O::In => Kind::In,
        O::NotIn => Kind::NotIn,
    })
}
