//! Calls: plain, method, keyword, starred, `super()`.

use bytecode::{Common, Const, Op};
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::Result;
use crate::symtable::{ScopeKind, SymbolScope};
use crate::unit::Access;

/// Calls with more arguments go through a tuple and a dict.
const MAX_WINDOW: usize = 64;
const HEADER: usize = bytecode::ops::CALL_HEADER as usize;

impl<'a> Generator<'a> {
    /// The base of a call window: `dest` itself if it is the topmost temporary, else a fresh one.
    pub fn call_base(&mut self, dest: Option<u8>) -> Result<u8> {
        match dest {
            Some(register) if self.unit.is_temp(register) && u16::from(register) + 1 == self.mark() => Ok(register),
            _ => self.temp(),
        }
    }

    pub fn call(&mut self, node: &'a ExprCall, dest: Option<u8>) -> Result<u8> {
        self.warn_call(node);
        self.check_keywords(&node.arguments)?;
        let outer = self.mark();
        let base = self.call_base(dest)?;
        let starred = is_starred(&node.arguments);
        let range = node.range();
        if let Expr::Attribute(attribute) = &*node.func
            && !starred
        {
            let position = self.method_range(node, attribute);
            self.temps(HEADER)?;
            let receiver_mark = self.mark();
            if !self.super_method(attribute, base)? {
                let receiver = self.expr(&attribute.value, None)?;
                self.release(receiver_mark);
                self.at(position);
                let name = self.mangled(&attribute.attr.id);
                self.emit_named(Op::LoadMethod, base, receiver, 0, &name);
            }
            self.release(receiver_mark);
            let count = self.window_arguments(&node.arguments)?;
            // Trees built by programs may have any positions.
            self.at(TextRange::new(position.start().min(range.end()), range.end()));
            self.emit_call(base, count, &node.arguments, true);
        } else {
            self.expr(&node.func, Some(base))?;
            self.release(u16::from(base) + 1);
            if starred {
                self.starred_arguments(base, &node.arguments, range)?;
                self.at(range);
                self.emit_call_ex(base);
            } else {
                self.temps(HEADER - 1)?;
                let first = self.mark() as u8;
                let count = self.window_arguments(&node.arguments)?;
                self.at(range);
                match self.consumer(node) {
                    Some(consumer) => self.consume(base, first, consumer, node)?,
                    None => self.emit_call(base, count, &node.arguments, false),
                }
            }
        }
        self.release((u16::from(base) + 1).max(outer));
        if dest.is_some_and(|register| register != base) {
            self.release(outer);
        }
        Ok(self.deliver(base, dest))
    }

    /// A method call that spans lines is on the line of its name.
    fn method_range(&self, node: &ExprCall, attribute: &ExprAttribute) -> TextRange {
        let (line, _) = self.map.locate(attribute.value.range().start());
        let (name_line, _) = self.map.locate(attribute.attr.range.start());
        if line == name_line || attribute.attr.range.is_empty() {
            attribute.range
        } else {
            TextRange::new(attribute.attr.range.start().min(node.func.range().end()), node.func.range().end())
        }
    }

    /// Positional arguments and keyword values in consecutive registers; gives their number.
    fn window_arguments(&mut self, arguments: &'a Arguments) -> Result<u8> {
        for arg in &arguments.args {
            self.expr_next(arg)?;
        }
        for keyword in &arguments.keywords {
            self.expr_next(&keyword.value)?;
        }
        Ok((arguments.args.len() + arguments.keywords.len()) as u8)
    }

    pub(super) fn emit_call(&mut self, base: u8, count: u8, arguments: &Arguments, method: bool) {
        if arguments.keywords.is_empty() {
            let op = if method { Op::CallMethod } else { Op::Call };
            self.unit.builder.emit_cached(op, base, count, 0, 0);
        } else {
            let names =
                arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref()).map(|name| Const::str(&name.id)).collect();
            let names = self.unit.builder.constant(Const::Tuple(names));
            let op = if method { Op::CallMethodKw } else { Op::CallKw };
            self.unit.builder.emit_cached(op, base, count, 0, names);
        }
    }

    pub fn emit_call_ex(&mut self, base: u8) {
        self.unit.builder.emit_cached(Op::CallEx, base, 0, 0, 0);
    }

    /// Fills the window of CALL_EX: iterable of positionals in `base + 4`, keyword dict or null in `base + 5`.
    fn starred_arguments(&mut self, base: u8, arguments: &'a Arguments, range: TextRange) -> Result {
        self.temps(HEADER + 1)?;
        let (args, kwargs) = (base + HEADER as u8, base + HEADER as u8 + 1);
        match &*arguments.args {
            [Expr::Starred(only)] => {
                self.expr(&only.value, Some(args))?;
            }
            all => self.positional_tuple(all, args, range)?,
        }
        self.keyword_dict(&arguments.keywords, base, kwargs, range)
    }

    pub fn positional_tuple(&mut self, args: &'a [Expr], dest: u8, range: TextRange) -> Result {
        let mark = self.mark();
        if args.len() <= 20 && !args.iter().any(Expr::is_starred_expr) {
            self.sequence(args, range, true, Some(dest))?;
        } else {
            self.list_of(args, range, Some(dest))?;
            self.at(range);
            self.emit(Op::ListToTuple, dest, dest, 0);
        }
        self.release(mark);
        Ok(())
    }

    pub fn keyword_dict(&mut self, keywords: &'a [Keyword], callable: u8, dest: u8, range: TextRange) -> Result {
        self.at(range);
        if keywords.is_empty() {
            self.emit(Op::LoadCommon, dest, 0, Common::Null as u8);
            return Ok(());
        }
        let mark = self.mark();
        if let [only] = keywords
            && only.arg.is_none()
        {
            let mapping = self.expr(&only.value, None)?;
            self.at(range);
            self.emit(Op::KeywordDict, dest, mapping, callable);
            self.release(mark);
            return Ok(());
        }
        self.emit(Op::BuildMap, dest, 0, 0);
        let mut index = 0;
        while index < keywords.len() {
            if keywords[index].arg.is_none() {
                let mapping = self.expr(&keywords[index].value, None)?;
                self.at(range);
                self.emit(Op::DictMerge, dest, mapping, callable);
                self.release(mark);
                index += 1;
                continue;
            }
            // Named keywords between unpackings: all values first, then merged in as one dict.
            let run = keywords[index..].iter().take(12).take_while(|keyword| keyword.arg.is_some()).count();
            for keyword in &keywords[index..index + run] {
                let Some(name) = &keyword.arg else { continue };
                let register = self.temp()?;
                self.at(keyword.range);
                let name = name.id.clone();
                self.load_str(register, &name);
                self.expr_next(&keyword.value)?;
            }
            self.at(range);
            let map = mark as u8;
            self.emit(Op::BuildMap, map, map, run as u8);
            if index == 0 {
                self.emit(Op::Move, dest, map, 0);
            } else {
                self.emit(Op::DictMerge, dest, map, callable);
            }
            self.release(mark);
            index += run;
        }
        Ok(())
    }

    pub fn check_keywords(&self, arguments: &Arguments) -> Result {
        for (index, keyword) in arguments.keywords.iter().enumerate() {
            let Some(name) = &keyword.arg else { continue };
            self.forbid_debug(&name.id, keyword.range)?;
            let earlier = |other: &Keyword| other.arg.as_ref().is_some_and(|other| other.id == name.id);
            if arguments.keywords[..index].iter().any(earlier) {
                return self.error(keyword.range, format!("keyword argument repeated: {}", name.id));
            }
        }
        Ok(())
    }

    // ---- super --------------------------------------------------------------------------------

    /// Loads `super`, class and self for `super().name` into three fresh registers, if the node is that.
    fn super_window(&mut self, node: &'a ExprAttribute) -> Result<Option<(u8, u8)>> {
        let Expr::Call(call) = &*node.value else { return Ok(None) };
        let Expr::Name(name) = &*call.func else { return Ok(None) };
        let scope = &self.table.scopes[self.unit.scope];
        if name.id != "super"
            || !call.arguments.keywords.is_empty()
            || scope.kind != ScopeKind::Function
            || node.attr.id == "__class__"
        {
            return Ok(None);
        }
        let is_global = |name: &str| {
            self.table.scopes[self.unit.current].symbol(name).is_some_and(|symbol| symbol.scope == SymbolScope::GlobalImplicit)
        };
        if !is_global("super")
            || self.table.scopes[0].symbol("super").is_some_and(|symbol| symbol.flags & crate::symtable::def::BOUND != 0)
        {
            return Ok(None);
        }
        let class = Name::new_static("__class__");
        let explicit = match &*call.arguments.args {
            [first, second] if !first.is_starred_expr() && !second.is_starred_expr() => true,
            [] => false,
            _ => return Ok(None),
        };
        if !explicit
            && (!matches!(self.access(&class), Access::Cell(_))
                || self.unit.first_parameter.is_none()
                || self.unit.current != self.unit.scope)
        {
            return Ok(None);
        }
        let first = self.temps(3)?;
        let mark = self.mark();
        self.at(name.range);
        self.load_name(&name.id, Some(first))?;
        if let [class, object] = &*call.arguments.args {
            self.expr(class, Some(first + 1))?;
            self.expr(object, Some(first + 2))?;
        } else if let Some(parameter) = self.unit.first_parameter.clone() {
            self.at(call.range());
            self.load_name(&class, Some(first + 1))?;
            self.load_mangled_parameter(&parameter, first + 2)?;
        }
        self.release(mark);
        Ok(Some((first, u8::from(explicit))))
    }

    fn load_mangled_parameter(&mut self, parameter: &Name, dest: u8) -> Result {
        // The table's name is mangled already; mangling twice changes nothing since it no longer begins with two underscores.
        self.load_name(parameter, Some(dest)).map(|_| ())
    }

    pub fn super_attribute(&mut self, node: &'a ExprAttribute, dest: Option<u8>) -> Result<Option<u8>> {
        let mark = self.mark();
        let Some((first, explicit)) = self.super_window(node)? else { return Ok(None) };
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.at(node.range);
        let name = self.mangled(&node.attr.id);
        self.emit_named(Op::LoadSuperAttr, dest, first, explicit, &name);
        Ok(Some(dest))
    }

    /// As `super_attribute` for a call with window at `base`.
    fn super_method(&mut self, node: &'a ExprAttribute, base: u8) -> Result<bool> {
        let mark = self.mark();
        let Some((first, explicit)) = self.super_window(node)? else { return Ok(false) };
        self.release(mark);
        self.at(node.range);
        let name = self.mangled(&node.attr.id);
        self.emit_named(Op::LoadSuperMethod, base, first, explicit, &name);
        Ok(true)
    }
}

fn is_starred(arguments: &Arguments) -> bool {
    arguments.args.iter().any(Expr::is_starred_expr)
        || arguments.keywords.iter().any(|keyword| keyword.arg.is_none())
        || arguments.args.len() + arguments.keywords.len() > MAX_WINDOW
}
