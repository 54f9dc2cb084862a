//! Functions, lambdas, classes, type parameters and type aliases.

use bytecode::ops::make_flags;
use bytecode::{CodeUnit, Common, Const, Intrinsic, Op};
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::collect::parameter_annotations;
use crate::error::Result;
use crate::symtable::Part;
use crate::unit::{Access, UnitKind};

const HEADER: u8 = bytecode::ops::CALL_HEADER;

/// More decorators than this do not get a call window each.
const MAX_DECORATOR_WINDOWS: usize = 12;

/// Decorators that were evaluated.
struct Decorators {
    /// The base of the window for the call of each.
    bases: Vec<(u8, TextRange)>,
    /// The list where they are if they share one window, and a register for indices.
    kept: Option<(u8, u8)>,
}

impl<'a> Generator<'a> {
    /// r[dest] = function of `code`; `flags` name the inputs that lie in registers from `first` on, on top of the stack. The closure's cells are added here.
    pub fn make_function(&mut self, dest: u8, code: CodeUnit, flags: u8, first: u8) -> Result {
        let mark = self.mark();
        let mut flags = flags;
        let mut first = first;
        if !code.free_vars.is_empty() {
            if flags == 0 {
                first = mark.min(255) as u8;
            }
            let many = code.free_vars.len() > 24;
            let list = if many { self.temp()? } else { 0 };
            if many {
                self.emit(Op::BuildList, list, 0, 0);
            }
            for name in &code.free_vars {
                let inner = self.mark();
                let slot = self.temp()?;
                let own = self.unit.class_cells.get(&**name).copied();
                let variable = match own.map_or_else(|| self.access(&Name::new(name)), Access::Cell) {
                    Access::Cell(variable) | Access::ClassCell(variable) | Access::Local(variable) => variable,
                    // A class that binds the name itself still passes the enclosing function's variable on.
                    _ => match self.unit.variables.get(&(self.unit.scope, Name::new(name))) {
                        Some(&variable) => variable,
                        None => return self.error(TextRange::default(), format!("no cell for '{name}'")),
                    },
                };
                let cell = self.variable_register(variable)?;
                if many {
                    self.emit(Op::ListAppend, list, cell, 0);
                    self.release(inner);
                } else {
                    self.emit(Op::Move, slot, cell, 0);
                    self.release(inner + 1);
                }
            }
            if many {
                self.emit(Op::ListToTuple, list, list, 0);
            }
            flags |= if many { make_flags::CLOSURE_TUPLE } else { make_flags::CLOSURE };
        }
        let index = self.unit.builder.constant(Const::Code(Box::new(code)));
        let Ok(index) = u16::try_from(index) else { return self.error(TextRange::default(), "too many constants") };
        self.unit.builder.emit_wide_ext(Op::MakeFunction, dest, index, u32::from(flags) | u32::from(first) << 8);
        self.release(mark);
        Ok(())
    }

    fn set_argument_counts(code: &mut CodeUnit, parameters: &Parameters) {
        code.pos_only_count = parameters.posonlyargs.len() as u32;
        code.arg_count = (parameters.posonlyargs.len() + parameters.args.len()) as u32;
        code.kw_only_count = parameters.kwonlyargs.len() as u32;
    }

    fn check_parameters(&self, parameters: &Parameters) -> Result {
        for parameter in parameters.iter() {
            let parameter = parameter.as_parameter();
            self.forbid_debug(&parameter.name.id, parameter.range)?;
        }
        Ok(())
    }

    /// Defaults as inputs of MAKE_FUNCTION on top of the stack; gives their flags.
    fn defaults(&mut self, parameters: &'a Parameters) -> Result<u8> {
        let mut flags = 0;
        let positional: Vec<&'a Expr> =
            parameters.posonlyargs.iter().chain(&parameters.args).filter_map(|param| param.default.as_deref()).collect();
        if !positional.is_empty() {
            flags |= make_flags::DEFAULTS;
            self.default_tuple(&positional)?;
        }
        let keyword: Vec<&'a ParameterWithDefault> =
            parameters.kwonlyargs.iter().filter(|param| param.default.is_some()).collect();
        if !keyword.is_empty() {
            flags |= make_flags::KW_DEFAULTS;
            let dict = self.temp()?;
            let mark = self.mark();
            self.emit(Op::BuildMap, dict, 0, 0);
            for param in keyword {
                let Some(default) = &param.default else { continue };
                let key = self.temp()?;
                let name = self.mangled(&param.parameter.name.id);
                self.load_str(key, &name);
                let value = self.expr(default, None)?;
                self.emit(Op::MapAdd, dict, key, value);
                self.release(mark);
            }
        }
        Ok(flags)
    }

    fn default_tuple(&mut self, values: &[&'a Expr]) -> Result {
        let tuple = self.temp()?;
        let folder = self.folder();
        let constants: Option<Vec<Const>> = values.iter().map(|value| folder.constant(value)).collect();
        if let Some(constants) = constants {
            self.load_const(tuple, Const::Tuple(constants.into()));
            return Ok(());
        }
        let mark = self.mark();
        if values.len() <= 24 {
            for value in values {
                self.expr_next(value)?;
            }
            self.emit(Op::BuildTuple, tuple, mark as u8, values.len() as u8);
        } else {
            self.emit(Op::BuildList, tuple, 0, 0);
            for value in values {
                let value = self.expr(value, None)?;
                self.emit(Op::ListAppend, tuple, value, 0);
                self.release(mark);
            }
            self.emit(Op::ListToTuple, tuple, tuple, 0);
        }
        self.release(mark);
        Ok(())
    }

    pub fn lambda(&mut self, node: &'a ExprLambda, dest: Option<u8>) -> Result<u8> {
        let mark = self.mark();
        let first = mark.min(255) as u8;
        let mut flags = 0;
        if let Some(parameters) = &node.parameters {
            self.check_parameters(parameters)?;
            flags = self.defaults(parameters)?;
        }
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        self.open_unit(UnitKind::Lambda, scope, "<lambda>", node.range)?;
        let value = self.expr(&node.body, None)?;
        self.at(node.body.range());
        self.emit(Op::Return, value, 0, 0);
        let mut code = self.close_unit()?;
        if let Some(parameters) = &node.parameters {
            Self::set_argument_counts(&mut code, parameters);
        }
        self.at(node.range);
        let target = match dest {
            Some(dest) => dest,
            None if flags == 0 => self.temp()?,
            None => first,
        };
        self.make_function(target, code, flags, first)?;
        self.release(mark);
        if dest.is_none() {
            self.temp()?;
        }
        Ok(target)
    }

    /// Evaluates decorators, each into the base of a call window that holds the next. Many wait in a list: there are not registers for
    /// so many windows.
    fn decorators(&mut self, list: &'a [Decorator]) -> Result<Decorators> {
        let mut bases = Vec::new();
        if list.len() > MAX_DECORATOR_WINDOWS {
            let kept = self.temp()?;
            self.at(list[0].expression.range());
            self.emit(Op::BuildList, kept, 0, 0);
            let mark = self.mark();
            for decorator in list {
                let value = self.expr(&decorator.expression, None)?;
                self.at(decorator.expression.range());
                self.emit(Op::ListAppend, kept, value, 0);
                self.release(mark);
            }
            let index = self.temp()?;
            let base = self.temps(HEADER as usize)?;
            bases.extend(list.iter().map(|decorator| (base, decorator.expression.range())));
            return Ok(Decorators { bases, kept: Some((kept, index)) });
        }
        for decorator in list {
            let base = self.expr_next(&decorator.expression)?;
            self.temps(HEADER as usize - 1)?;
            bases.push((base, decorator.expression.range()));
        }
        Ok(Decorators { bases, kept: None })
    }

    /// Calls the decorators on the object in the last window; gives the register of the outcome.
    fn apply_decorators(&mut self, decorators: &Decorators, object: u8) -> u8 {
        let mut result = object;
        for (place, &(base, range)) in decorators.bases.iter().enumerate().rev() {
            self.at(range);
            if let Some((kept, index)) = decorators.kept {
                if result != object {
                    self.emit(Op::Move, object, result, 0);
                }
                self.load_const(index, Const::Int(place as i64));
                self.emit(Op::GetItem, base, kept, index);
            }
            self.unit.builder.emit_cached(Op::Call, base, 1, 0, 0);
            result = base;
        }
        result
    }

    /// Where a definition with decorators begins, for `co_firstlineno`.
    fn first_range(decorators: &[Decorator], range: TextRange) -> TextRange {
        decorators.first().map_or(range, |first| TextRange::new(first.expression.range().start().min(range.end()), range.end()))
    }

    pub fn function_def(&mut self, node: &'a StmtFunctionDef) -> Result {
        self.check_parameters(&node.parameters)?;
        self.forbid_debug(&node.name.id, node.range)?;
        let decorators = self.decorators(&node.decorator_list)?;
        let header = self.definition_range(node.range, &node.name);
        self.at(header);
        let direct = if decorators.bases.is_empty() { self.direct_target(&node.name.id) } else { None };
        let object = match direct {
            Some(register) => register,
            None => self.temp()?,
        };
        if let Some(params) = &node.type_params {
            self.generic_function(node, params, object)?;
        } else {
            let first = self.mark().min(255) as u8;
            let mut flags = self.defaults(&node.parameters)?;
            self.at(header);
            flags |= self.annotate_function(node)?;
            self.function_object(node, object, flags, first)?;
        }
        let result = self.apply_decorators(&decorators, object);
        self.at(header);
        self.store_name(&node.name.id, result, node.range)
    }

    /// Position of a `def` or `class` statement's own instructions: its header line.
    fn definition_range(&self, range: TextRange, name: &Identifier) -> TextRange {
        // The node's range begins at the first decorator; the keyword stands on the line of the name.
        let line_start = |offset| self.map.locate(offset).0;
        if line_start(range.start()) == line_start(name.range.start()) || name.range.is_empty() {
            range
        } else {
            TextRange::new(name.range.start().min(range.end()), range.end())
        }
    }

    /// Compiles the body and makes the function object.
    fn function_object(&mut self, node: &'a StmtFunctionDef, dest: u8, flags: u8, first: u8) -> Result {
        let kind = if node.is_async { UnitKind::AsyncFunction } else { UnitKind::Function };
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        let range = Self::first_range(&node.decorator_list, node.range);
        self.open_unit(kind, scope, &node.name.id, range)?;
        let mut body = &node.body[..];
        if let Some((text, _)) = self.docstring(body) {
            body = &body[1..];
            if self.options.optimize < 2 {
                self.unit.builder.constant(Const::Str(text.clone()));
                self.unit.doc = Some(text);
            }
        }
        self.body(body)?;
        // The implicit return belongs to the line from which it is reached.
        if body.is_empty() {
            let end = node.body.last().map_or(node.range, |last| TextRange::empty(last.range().start()));
            self.at(end);
        } else {
            self.nowhere();
        }
        self.emit(Op::ReturnNone, 0, 0, 0);
        let mut code = self.close_unit()?;
        Self::set_argument_counts(&mut code, &node.parameters);
        let header = self.definition_range(node.range, &node.name);
        self.at(header);
        self.make_function(dest, code, flags, first)
    }

    /// The `__annotate__` function as an input; gives its flag.
    fn annotate_function(&mut self, node: &'a StmtFunctionDef) -> Result<u8> {
        let annotations = parameter_annotations(node);
        if annotations.is_empty() {
            return Ok(0);
        }
        let register = self.temp()?;
        let scope = self.table.scope_of(node, Part::Annotations).unwrap_or(0);
        let qualname = format!("{}.__annotate__", self.qualname_of(&node.name.id, UnitKind::Function));
        self.open_lazy_unit(scope, "__annotate__", node.range)?;
        self.unit.qualname = qualname;
        let dict = self.temp()?;
        self.emit(Op::BuildMap, dict, 0, 0);
        let mark = self.mark();
        for (name, annotation) in annotations {
            let key = self.temp()?;
            self.at(annotation.range());
            let name = self.mangled(&name);
            self.load_str(key, &name);
            let value = match annotation {
                other if self.has_future_annotations() => {
                    let text = self.annotation_text(other);
                    let value = self.temp()?;
                    self.load_str(value, &text);
                    value
                }
                Expr::Starred(starred) => self.unpack_one(&starred.value)?,
                other => self.expr(other, None)?,
            };
            self.emit(Op::MapAdd, dict, key, value);
            self.release(mark);
        }
        self.emit(Op::Return, dict, 0, 0);
        let code = self.close_unit()?;
        self.at(node.range);
        self.make_function(register, code, 0, 0)?;
        Ok(make_flags::ANNOTATE)
    }

    /// `*args: *Ts`: the only item of the iterable.
    pub fn unpack_one(&mut self, value: &'a Expr) -> Result<u8> {
        let register = self.expr_next(value)?;
        self.emit(Op::UnpackSequence, register, register, 1);
        Ok(register)
    }

    // ---- generics -----------------------------------------------------------------------------

    fn generic_function(&mut self, node: &'a StmtFunctionDef, params: &'a TypeParams, dest: u8) -> Result {
        let mark = self.mark();
        let base = self.temp()?;
        self.temps(HEADER as usize - 1)?;
        let flags = self.defaults(&node.parameters)?;
        let count = flags.count_ones() as u8;
        let name = format!("<generic parameters of {}>", node.name.id);
        let scope = self.table.scope_of(params, Part::TypeParameters).unwrap_or(0);
        self.open_unit(UnitKind::Lazy, scope, &name, Self::first_range(&node.decorator_list, node.range))?;
        self.at(node.range);
        let tuple = self.type_params(params)?;
        let function = self.temp()?;
        let first = self.mark().min(255) as u8;
        for index in 0..count {
            let input = self.temp()?;
            self.emit(Op::Move, input, index, 0);
        }
        let flags = flags | self.annotate_function(node)?;
        self.function_object(node, function, flags, first)?;
        self.release(u16::from(function) + 1);
        self.set_type_params(function, tuple)?;
        self.emit(Op::Return, function, 0, 0);
        let mut code = self.close_unit()?;
        code.arg_count = u32::from(count);
        self.at(node.range);
        self.make_function(base, code, 0, 0)?;
        self.unit.builder.emit_cached(Op::Call, base, count, 0, 0);
        self.emit(Op::Move, dest, base, 0);
        self.release(mark);
        Ok(())
    }

    fn set_type_params(&mut self, function: u8, tuple: u8) -> Result {
        let mark = self.mark();
        let pair = self.temps(2)?;
        self.emit(Op::Move, pair, function, 0);
        self.emit(Op::Move, pair + 1, tuple, 0);
        self.emit(Op::Intrinsic, function, pair, Intrinsic::SetFunctionTypeParams as u8);
        self.release(mark);
        Ok(())
    }

    /// Makes the type parameters, binds their names, gives a temporary with the tuple of them.
    fn type_params(&mut self, params: &'a TypeParams) -> Result<u8> {
        let tuple = self.temp()?;
        let first = self.mark();
        self.emit(Op::BuildList, tuple, 0, 0);
        let mut seen_default = false;
        for param in &params.type_params {
            let range = param.range();
            let (name, bound, default) = match param {
                TypeParam::TypeVar(node) => (&node.name, node.bound.as_deref(), node.default.as_deref()),
                TypeParam::TypeVarTuple(node) => (&node.name, None, node.default.as_deref()),
                TypeParam::ParamSpec(node) => (&node.name, None, node.default.as_deref()),
            };
            self.forbid_debug(&name.id, range)?;
            if default.is_some() {
                seen_default = true;
            } else if seen_default {
                return self.error(range, format!("non-default type parameter '{}' follows default type parameter", name.id));
            }
            let pair = self.temps(2)?;
            self.at(range);
            self.load_str(pair, &name.id);
            let intrinsic = match (param, bound) {
                (TypeParam::TypeVar(_), None) => Intrinsic::TypeVar,
                (TypeParam::TypeVar(_), Some(bound)) => {
                    self.type_variable(param, Part::Bound, &name.id, bound, pair + 1)?;
                    if bound.is_tuple_expr() { Intrinsic::TypeVarWithConstraints } else { Intrinsic::TypeVarWithBound }
                }
                (TypeParam::TypeVarTuple(_), _) => Intrinsic::TypeVarTuple,
                (TypeParam::ParamSpec(_), _) => Intrinsic::ParamSpec,
            };
            self.at(range);
            self.emit(Op::Intrinsic, pair, pair, intrinsic as u8);
            if let Some(default) = default {
                self.type_variable(param, Part::Default, &name.id, default, pair + 1)?;
                self.at(range);
                self.emit(Op::Intrinsic, pair, pair, Intrinsic::SetTypeParamDefault as u8);
            }
            self.store_name(&name.id, pair, range)?;
            self.emit(Op::ListAppend, tuple, pair, 0);
            self.release(first);
        }
        self.emit(Op::ListToTuple, tuple, tuple, 0);
        Ok(tuple)
    }

    /// r[dest] = function evaluating a bound, constraint tuple or default.
    fn type_variable(&mut self, param: &'a TypeParam, part: Part, name: &Name, expr: &'a Expr, dest: u8) -> Result {
        let scope = self.table.scope_of(param, part).unwrap_or(0);
        self.open_lazy_unit(scope, name, expr.range())?;
        let value = match expr {
            Expr::Starred(starred) => self.unpack_one(&starred.value)?,
            other => self.expr(other, None)?,
        };
        self.emit(Op::Return, value, 0, 0);
        let code = self.close_unit()?;
        self.at(expr.range());
        self.lazy_function(dest, code)
    }

    /// A function of `.format` with default 1.
    fn lazy_function(&mut self, dest: u8, code: CodeUnit) -> Result {
        let mark = self.mark();
        let first = self.temp()?;
        self.load_const(first, Const::Tuple(Box::new([Const::Int(1)])));
        self.make_function(dest, code, make_flags::DEFAULTS, first)?;
        self.release(mark);
        Ok(())
    }

    pub fn type_alias(&mut self, node: &'a StmtTypeAlias) -> Result {
        let Expr::Name(name) = &*node.name else { return self.error(node.range, "invalid syntax") };
        let result = self.temp()?;
        let Some(params) = &node.type_params else {
            self.type_alias_object(node, &name.id, None, result)?;
            self.at(node.range);
            return self.store_name(&name.id, result, name.range);
        };
        let scope = self.table.scope_of(&**params, Part::TypeParameters).unwrap_or(0);
        self.open_unit(UnitKind::Lazy, scope, &format!("<generic parameters of {}>", name.id), node.range)?;
        self.at(node.range);
        let tuple = self.type_params(params)?;
        let alias = self.temp()?;
        self.type_alias_object(node, &name.id, Some(tuple), alias)?;
        self.emit(Op::Return, alias, 0, 0);
        let code = self.close_unit()?;
        self.at(node.range);
        let mark = self.mark();
        let base = self.temp()?;
        self.make_function(base, code, 0, 0)?;
        self.temps(HEADER as usize)?;
        self.unit.builder.emit_cached(Op::Call, base, 0, 0, 0);
        self.emit(Op::Move, result, base, 0);
        self.release(mark);
        self.store_name(&name.id, result, name.range)
    }

    fn type_alias_object(&mut self, node: &'a StmtTypeAlias, name: &Name, tuple: Option<u8>, dest: u8) -> Result {
        let mark = self.mark();
        let inputs = self.temps(3)?;
        self.load_str(inputs, name);
        match tuple {
            Some(tuple) => self.emit(Op::Move, inputs + 1, tuple, 0),
            None => self.emit(Op::LoadNone, inputs + 1, 0, 0),
        }
        let scope = self.table.scope_of(node, Part::Body).unwrap_or(0);
        self.open_lazy_unit(scope, name, node.value.range())?;
        let value = self.expr(&node.value, None)?;
        self.emit(Op::Return, value, 0, 0);
        let code = self.close_unit()?;
        self.at(node.range);
        self.lazy_function(inputs + 2, code)?;
        self.emit(Op::Intrinsic, dest, inputs, Intrinsic::TypeAlias as u8);
        self.release(mark);
        Ok(())
    }

    // ---- classes ------------------------------------------------------------------------------

    pub fn class_def(&mut self, node: &'a StmtClassDef) -> Result {
        self.forbid_debug(&node.name.id, node.range)?;
        if let Some(arguments) = &node.arguments {
            self.check_keywords(arguments)?;
        }
        let decorators = self.decorators(&node.decorator_list)?;
        let header = self.definition_range(node.range, &node.name);
        self.at(header);
        let object = self.temp()?;
        match &node.type_params {
            None => self.class_object(node, object, None)?,
            Some(params) => self.generic_class(node, params, object)?,
        }
        let result = self.apply_decorators(&decorators, object);
        self.at(header);
        self.store_name(&node.name.id, result, node.range)
    }

    fn generic_class(&mut self, node: &'a StmtClassDef, params: &'a TypeParams, dest: u8) -> Result {
        let scope = self.table.scope_of(params, Part::TypeParameters).unwrap_or(0);
        let name = format!("<generic parameters of {}>", node.name.id);
        self.open_unit(UnitKind::Lazy, scope, &name, Self::first_range(&node.decorator_list, node.range))?;
        self.unit.private = Some(node.name.id.clone());
        self.at(node.range);
        let tuple = self.type_params(params)?;
        self.store_name(&Name::new_static(".type_params"), tuple, node.range)?;
        let generic = self.temp()?;
        self.emit(Op::Intrinsic, generic, tuple, Intrinsic::SubscriptGeneric as u8);
        self.store_name(&Name::new_static(".generic_base"), generic, node.range)?;
        let class = self.temp()?;
        self.class_object(node, class, Some(generic))?;
        self.at(node.range);
        self.emit(Op::Return, class, 0, 0);
        let code = self.close_unit()?;
        self.at(node.range);
        let mark = self.mark();
        let base = self.call_base(Some(dest))?;
        self.make_function(base, code, 0, 0)?;
        self.temps(HEADER as usize)?;
        self.unit.builder.emit_cached(Op::Call, base, 0, 0, 0);
        if base != dest {
            self.emit(Op::Move, dest, base, 0);
        }
        self.release(mark);
        Ok(())
    }

    /// r[dest] = __build_class__(body function, name, *bases, **keywords); dest is the topmost temporary.
    fn class_object(&mut self, node: &'a StmtClassDef, dest: u8, generic_base: Option<u8>) -> Result {
        let mark = self.mark();
        let header = self.definition_range(node.range, &node.name);
        let code = self.class_body(node)?;
        self.at(header);
        let base = self.call_base(Some(dest))?;
        self.emit(Op::LoadCommon, base, 0, Common::BuildClass as u8);
        self.temps(HEADER as usize - 1)?;
        let (args, keywords): (&'a [Expr], &'a [Keyword]) =
            node.arguments.as_ref().map_or((&[], &[]), |arguments| (&arguments.args, &arguments.keywords));
        let starred = args.iter().any(Expr::is_starred_expr)
            || keywords.iter().any(|keyword| keyword.arg.is_none())
            || args.len() + keywords.len() > 40;
        if starred {
            let pair = self.temps(2)?;
            let inner = self.mark();
            self.emit(Op::BuildList, pair, 0, 0);
            let temp = self.temp()?;
            self.make_function(temp, code, 0, 0)?;
            self.emit(Op::ListAppend, pair, temp, 0);
            self.load_str(temp, &node.name.id);
            self.emit(Op::ListAppend, pair, temp, 0);
            self.release(inner);
            for arg in args {
                let (op, value) = match arg {
                    Expr::Starred(value) => (Op::ListExtend, self.expr(&value.value, None)?),
                    other => (Op::ListAppend, self.expr(other, None)?),
                };
                self.at(header);
                self.emit(op, pair, value, 0);
                self.release(inner);
            }
            if let Some(generic) = generic_base {
                self.emit(Op::ListAppend, pair, generic, 0);
            }
            self.emit(Op::ListToTuple, pair, pair, 0);
            self.keyword_dict(keywords, base, pair + 1, header)?;
            self.at(header);
            self.emit_call_ex(base);
        } else {
            let function = self.temp()?;
            self.make_function(function, code, 0, 0)?;
            let name = self.temp()?;
            self.load_str(name, &node.name.id);
            for arg in args {
                self.expr_next(arg)?;
            }
            let mut count = 2 + args.len() + keywords.len();
            if let Some(generic) = generic_base {
                let register = self.temp()?;
                self.emit(Op::Move, register, generic, 0);
                count += 1;
            }
            for keyword in keywords {
                self.expr_next(&keyword.value)?;
            }
            self.at(header);
            if keywords.is_empty() {
                self.unit.builder.emit_cached(Op::Call, base, count as u8, 0, 0);
            } else {
                let names = keywords.iter().filter_map(|keyword| keyword.arg.as_ref()).map(|name| Const::str(&name.id)).collect();
                let names = self.unit.builder.constant(Const::Tuple(names));
                self.unit.builder.emit_cached(Op::CallKw, base, count as u8, 0, names);
            }
        }
        self.release(mark);
        if base != dest {
            self.emit(Op::Move, dest, base, 0);
        }
        Ok(())
    }

    fn store_namespace(&mut self, name: &'static str, value: Const) -> Result {
        let temp = self.temp()?;
        self.load_const(temp, value);
        self.emit_named(Op::StoreName, temp, 0, 0, name);
        self.release(u16::from(temp));
        Ok(())
    }

    fn class_body(&mut self, node: &'a StmtClassDef) -> Result<CodeUnit> {
        let scope_id = self.table.scope_of(node, Part::Body).unwrap_or(0);
        let range = Self::first_range(&node.decorator_list, node.range);
        self.open_unit(UnitKind::Class, scope_id, &node.name.id, range)?;
        self.unit.private = Some(node.name.id.clone());
        let scope = &self.table.scopes[scope_id];
        match node.decorator_list.first() {
            // The class begins on the line of its first decorator.
            Some(first) => self.at(first.range),
            None => self.at(self.definition_range(node.range, &node.name)),
        }
        let temp = self.temp()?;
        self.emit_named(Op::LoadName, temp, 0, 0, "__name__");
        self.emit_named(Op::StoreName, temp, 0, 0, "__module__");
        let qualname = self.unit.qualname.clone();
        self.store_namespace("__qualname__", Const::str(&qualname))?;
        self.store_namespace("__firstlineno__", Const::Int(i64::from(self.unit.first_line)))?;
        if node.type_params.is_some() {
            self.load_name(&Name::new_static(".type_params"), Some(temp))?;
            self.emit_named(Op::StoreName, temp, 0, 0, "__type_params__");
        }
        if scope.needs_classdict {
            self.store_class_cell("__classdict__", 0)?;
        }
        if scope.has_conditional_annotations && !self.has_future_annotations() {
            self.emit(Op::BuildSet, temp, 0, 0);
            self.store_class_cell("__conditional_annotations__", temp)?;
        }
        self.release(u16::from(temp));
        if self.has_future_annotations() && super::annotations::has_annotations(&node.body) {
            let temp = self.temp()?;
            self.emit(Op::Intrinsic, temp, 0, Intrinsic::SetupAnnotations as u8);
            self.release(u16::from(temp));
        }
        let body = self.module_docstring(&node.body)?;
        self.body(body)?;
        self.at(self.definition_range(node.range, &node.name));
        self.class_annotations(scope_id, node.range)?;
        let attributes = self.unit.static_attributes.iter().map(|name| Const::str(name)).collect();
        self.nowhere();
        self.store_namespace("__static_attributes__", Const::Tuple(attributes))?;
        if scope.needs_classdict {
            let cell = self.class_cell("__classdict__")?;
            self.emit_named(Op::StoreName, cell, 0, 0, "__classdictcell__");
        }
        if scope.needs_class_closure {
            let cell = self.class_cell("__class__")?;
            self.emit_named(Op::StoreName, cell, 0, 0, "__classcell__");
            self.emit(Op::Return, cell, 0, 0);
        } else {
            self.emit(Op::ReturnNone, 0, 0, 0);
        }
        self.close_unit()
    }

    /// The register of one of the class's own cells.
    pub fn class_cell(&mut self, name: &'static str) -> Result<u8> {
        match self.unit.class_cells.get(name).copied() {
            Some(variable) => self.variable_register(variable),
            None => self.error(TextRange::default(), format!("no cell for '{name}'")),
        }
    }

    fn store_class_cell(&mut self, name: &'static str, value: u8) -> Result {
        let mark = self.mark();
        let cell = self.class_cell(name)?;
        self.emit(Op::StoreCell, cell, value, 0);
        self.release(mark);
        Ok(())
    }
}
