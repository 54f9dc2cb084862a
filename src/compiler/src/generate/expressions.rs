//! Expressions except calls, strings, comprehensions and conditions.

use bytecode::{Const, Op};
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::{Result, recursion_error};
use crate::literals::int_constant;
use crate::unit::{TEMP_MARK, UnitKind};

/// Displays longer than this are built piecemeal.
const MAX_INLINE_ITEMS: usize = 24;

impl<'a> Generator<'a> {
    /// The value of an expression: in `dest` if given, else in any register (a local's own or a temporary).
    pub fn expr(&mut self, expr: &'a Expr, dest: Option<u8>) -> Result<u8> {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, expr.range()));
        }
        if self.mark() > TEMP_MARK && !is_small(expr) {
            return self.expr_put_aside(expr, dest);
        }
        if let Some(constant) = self.foldable(expr)? {
            self.at(expr.range());
            let dest = self.dest_or_temp(dest)?;
            self.load_const(dest, constant);
            return Ok(dest);
        }
        match expr {
            Expr::Name(node) => {
                self.at(node.range);
                self.load_name(&node.id, dest)
            }
            Expr::BoolOp(node) => self.bool_op(node, dest),
            Expr::Named(node) => self.named(node, dest),
            Expr::BinOp(node) => self.bin_op(node, dest),
            Expr::UnaryOp(node) => self.unary_op(node, dest),
            Expr::Lambda(node) => self.lambda(node, dest),
            Expr::If(node) => self.if_expression(node, dest),
            Expr::Dict(node) => self.dict(node, dest),
            Expr::Set(node) => self.set(node, dest),
            Expr::List(node) => self.sequence(&node.elts, node.range, false, dest),
            Expr::Tuple(node) => self.sequence(&node.elts, node.range, true, dest),
            Expr::ListComp(node) => self.list_comprehension(node, dest),
            Expr::SetComp(node) => self.set_comprehension(node, dest),
            Expr::DictComp(node) => self.dict_comprehension(node, dest),
            Expr::Generator(node) => self.generator_expression(node, dest),
            Expr::Await(node) => self.await_expression(node, dest),
            Expr::Yield(node) => self.yield_expression(node, dest),
            Expr::YieldFrom(node) => self.yield_from(node, dest),
            Expr::Compare(node) => self.compare(node, dest),
            Expr::Call(node) => self.call(node, dest),
            Expr::FString(node) => self.f_string(node, dest),
            Expr::TString(node) => self.t_string(node, dest),
            Expr::Attribute(node) => self.attribute(node, dest),
            Expr::Subscript(node) => self.subscript(node, dest),
            Expr::Starred(node) => self.error(node.range, "can't use starred expression here"),
            Expr::Slice(node) => self.slice(node, dest),
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => self.error(expr.range(), "invalid literal"),
            Expr::IpyEscapeCommand(node) => self.error(node.range, "invalid syntax"),
        }
    }

    fn foldable(&self, expr: &Expr) -> Result<Option<Const>> {
        if let Expr::NumberLiteral(ExprNumberLiteral { value: Number::Int(int), range, .. }) = expr {
            return match int_constant(int, self.options.int_max_str_digits) {
                Ok(constant) => Ok(Some(constant)),
                Err(message) => self.error(*range, message),
            };
        }
        if matches!(expr, Expr::Name(node) if node.id != "__debug__") {
            return Ok(None);
        }
        Ok(self.folder().constant(expr))
    }

    /// Evaluates with all live expression temporaries saved in the spill array: for very deep nesting.
    fn expr_put_aside(&mut self, expr: &'a Expr, dest: Option<u8>) -> Result<u8> {
        let (base, top) = (self.unit.statement_base, self.mark());
        let array = self.spill_array();
        let slot_mark = self.unit.spill_top;
        self.unit.puts_aside = true;
        let mut saved = Vec::new();
        for register in base..top {
            let slot = self.spill_slot()?;
            self.unit.builder.emit_ext(Op::StoreSpill, register as u8, array, 0, slot);
            saved.push((register as u8, slot));
        }
        let result = self.spill_slot()?;
        self.release(base);
        let value = self.expr(expr, None)?;
        self.unit.builder.emit_ext(Op::StoreSpill, value, array, 0, result);
        for (register, slot) in saved {
            self.unit.builder.emit_ext(Op::LoadSpill, register, array, 0, slot);
        }
        self.release(top);
        let dest = self.dest_or_temp(dest)?;
        self.unit.builder.emit_ext(Op::LoadSpill, dest, array, 0, result);
        self.unit.spill_top = slot_mark;
        Ok(dest)
    }

    /// Evaluates into a fresh temporary on top of the stack (for consecutive operands).
    pub fn expr_next(&mut self, expr: &'a Expr) -> Result<u8> {
        let register = self.temp()?;
        self.expr(expr, Some(register))
    }

    fn named(&mut self, node: &'a ExprNamed, dest: Option<u8>) -> Result<u8> {
        let Expr::Name(target) = &*node.target else { return self.error(node.range, "invalid syntax") };
        let value = self.expr(&node.value, dest)?;
        self.at(node.range);
        self.store_name(&target.id, value, target.range)?;
        Ok(value)
    }

    /// Chains like `a + b + c + ...` are walked in a loop, not by recursion.
    fn bin_op(&mut self, node: &'a ExprBinOp, dest: Option<u8>) -> Result<u8> {
        let mut chain = vec![node];
        while let Expr::BinOp(inner) = &*chain[chain.len() - 1].left
            && self.folder().constant(&chain[chain.len() - 1].left).is_none()
        {
            chain.push(inner);
        }
        let mark = self.mark();
        let mut left = self.expr(&chain[chain.len() - 1].left, None)?;
        for (index, node) in chain.iter().enumerate().rev() {
            let immediate = self.immediate_form(node.op, &node.right);
            let right = match immediate {
                Some(_) => 0,
                None => self.expr(&node.right, None)?,
            };
            self.release(mark);
            let result = if index == 0 { self.dest_or_temp(dest)? } else { self.temp()? };
            self.at(node.range);
            match immediate {
                Some((op, number)) => self.emit(op, result, left, number as u8),
                None => self.emit(binary_op(node.op), result, left, right),
            }
            left = result;
        }
        Ok(left)
    }

    /// The op with an immediate operand for `... op right`, if there is one.
    pub fn immediate_form(&self, op: Operator, right: &Expr) -> Option<(Op, i8)> {
        if !matches!(right, Expr::NumberLiteral(_) | Expr::UnaryOp(_)) {
            return None;
        }
        let Some(Const::Int(number)) = self.folder().constant(right) else { return None };
        let number = i8::try_from(number).ok()?;
        let op = match op {
            Operator::Add => Op::AddInt,
            Operator::Sub => Op::SubInt,
            Operator::Mult => Op::MulInt,
            Operator::FloorDiv if number != 0 => Op::FloorDivInt,
            Operator::Mod if number != 0 => Op::ModInt,
            Operator::BitAnd => Op::BitAndInt,
            Operator::LShift if (0..64).contains(&number) => Op::LShiftInt,
            Operator::RShift if (0..64).contains(&number) => Op::RShiftInt,
            _ => return None,
        };
        Some((op, number))
    }

    fn unary_op(&mut self, node: &'a ExprUnaryOp, dest: Option<u8>) -> Result<u8> {
        let mark = self.mark();
        let operand = self.expr(&node.operand, None)?;
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.at(node.range);
        let op = match node.op {
            UnaryOp::Not => Op::Not,
            UnaryOp::USub => Op::Neg,
            UnaryOp::UAdd => Op::Pos,
            UnaryOp::Invert => Op::Invert,
        };
        self.emit(op, dest, operand, 0);
        Ok(dest)
    }

    fn attribute(&mut self, node: &'a ExprAttribute, dest: Option<u8>) -> Result<u8> {
        if let Some(register) = self.super_attribute(node, dest)? {
            return Ok(register);
        }
        let mark = self.mark();
        let value = self.expr(&node.value, None)?;
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.at(node.range);
        let name = self.mangled(&node.attr.id);
        self.emit_named(Op::LoadAttr, dest, value, 0, &name);
        Ok(dest)
    }

    fn subscript(&mut self, node: &'a ExprSubscript, dest: Option<u8>) -> Result<u8> {
        self.warn_subscript(node);
        let mark = self.mark();
        let value = self.expr(&node.value, None)?;
        match &*node.slice {
            Expr::Slice(slice) => {
                let (op, bounds) = match slice.step {
                    None => (Op::GetSlice, self.slice_bounds(slice)?),
                    Some(_) => (Op::GetSliceStep, self.slice_parts(slice)?),
                };
                self.release(mark);
                let dest = self.dest_or_temp(dest)?;
                self.at(node.range);
                self.emit(op, dest, value, bounds);
                Ok(dest)
            }
            Expr::NumberLiteral(_) | Expr::UnaryOp(_) if self.small_index(&node.slice).is_some() => {
                let index = self.small_index(&node.slice).unwrap_or(0);
                self.release(mark);
                let dest = self.dest_or_temp(dest)?;
                self.at(node.range);
                self.emit(Op::GetItemInt, dest, value, index as u8);
                Ok(dest)
            }
            index => {
                let index = self.index(index)?;
                self.release(mark);
                let dest = self.dest_or_temp(dest)?;
                self.at(node.range);
                self.emit(Op::GetItem, dest, value, index);
                Ok(dest)
            }
        }
    }

    /// The index expression of a subscript (`a[*b]` makes a tuple).
    pub fn index(&mut self, index: &'a Expr) -> Result<u8> {
        match index {
            Expr::Starred(node) => self.sequence(std::slice::from_ref(index), node.range, true, None),
            other => self.expr(other, None),
        }
    }

    fn small_index(&self, index: &Expr) -> Option<i8> {
        match self.folder().constant(index) {
            Some(Const::Int(number)) => i8::try_from(number).ok(),
            _ => None,
        }
    }

    /// Start and stop in two fresh consecutive temporaries.
    pub fn slice_bounds(&mut self, slice: &'a ExprSlice) -> Result<u8> {
        let first = self.temps(2)?;
        self.expr_or_none(slice.lower.as_deref(), first, slice.range)?;
        self.expr_or_none(slice.upper.as_deref(), first + 1, slice.range)?;
        Ok(first)
    }

    fn expr_or_none(&mut self, expr: Option<&'a Expr>, dest: u8, range: TextRange) -> Result {
        match expr {
            Some(expr) => self.expr(expr, Some(dest)).map(|_| ()),
            None => {
                self.at(range);
                self.emit(Op::LoadNone, dest, 0, 0);
                Ok(())
            }
        }
    }

    /// Start, stop and step in three fresh consecutive temporaries.
    fn slice_parts(&mut self, node: &'a ExprSlice) -> Result<u8> {
        let first = self.temps(3)?;
        self.expr_or_none(node.lower.as_deref(), first, node.range)?;
        self.expr_or_none(node.upper.as_deref(), first + 1, node.range)?;
        self.expr_or_none(node.step.as_deref(), first + 2, node.range)?;
        Ok(first)
    }

    fn slice(&mut self, node: &'a ExprSlice, dest: Option<u8>) -> Result<u8> {
        let mark = self.mark();
        let first = self.slice_parts(node)?;
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.at(node.range);
        self.emit(Op::BuildSlice, dest, first, 0);
        Ok(dest)
    }

    // ---- displays -----------------------------------------------------------------------------

    /// A list or tuple display.
    pub fn sequence(&mut self, elts: &'a [Expr], range: TextRange, tuple: bool, dest: Option<u8>) -> Result<u8> {
        let starred = elts.iter().any(Expr::is_starred_expr);
        if !starred && elts.len() <= MAX_INLINE_ITEMS {
            let constants = if !tuple && elts.len() >= 3 { self.all_constants(elts) } else { None };
            if constants.is_none() {
                let mark = self.mark();
                for elt in elts {
                    self.expr_next(elt)?;
                }
                self.release(mark);
                let dest = self.dest_or_temp(dest)?;
                self.at(range);
                let op = if tuple { Op::BuildTuple } else { Op::BuildList };
                self.emit(op, dest, mark.min(255) as u8, elts.len() as u8);
                return Ok(dest);
            }
        }
        let mark = self.mark();
        let list = self.list_of(elts, range, if tuple { None } else { dest })?;
        if tuple {
            self.at(range);
            let Some(dest) = dest else {
                self.emit(Op::ListToTuple, list, list, 0);
                return Ok(list);
            };
            self.emit(Op::ListToTuple, dest, list, 0);
            self.release(mark);
            return Ok(dest);
        }
        Ok(self.deliver(list, dest))
    }

    fn all_constants(&self, elts: &[Expr]) -> Option<Const> {
        let folder = self.folder();
        let items: Option<Vec<Const>> = elts.iter().map(|elt| folder.constant(elt)).collect();
        Some(Const::Tuple(items?.into()))
    }

    /// Builds a list piecemeal in a temporary.
    pub fn list_of(&mut self, elts: &'a [Expr], range: TextRange, dest: Option<u8>) -> Result<u8> {
        let list = self.scratch(dest)?;
        let mark = self.mark();
        self.at(range);
        if let Some(items) = self.all_constants(elts) {
            self.emit(Op::BuildList, list, 0, 0);
            let temp = self.temp()?;
            self.load_const(temp, items);
            self.emit(Op::ListExtend, list, temp, 0);
            self.release(mark);
            return Ok(list);
        }
        // What comes before the first unpacking is there at once; long lists take one register.
        let few = if elts.len() <= MAX_INLINE_ITEMS { elts } else { &[] };
        let plain = few.iter().take_while(|elt| !elt.is_starred_expr()).count();
        for elt in &elts[..plain] {
            self.expr_next(elt)?;
        }
        self.at(range);
        self.emit(Op::BuildList, list, mark.min(255) as u8, plain as u8);
        self.release(mark);
        for elt in &elts[plain..] {
            let (op, value) = match elt {
                Expr::Starred(node) => (Op::ListExtend, self.expr(&node.value, None)?),
                other => (Op::ListAppend, self.expr(other, None)?),
            };
            self.at(range);
            self.emit(op, list, value, 0);
            self.release(mark);
        }
        Ok(list)
    }

    fn set(&mut self, node: &'a ExprSet, dest: Option<u8>) -> Result<u8> {
        let starred = node.elts.iter().any(Expr::is_starred_expr);
        if !starred && node.elts.len() <= MAX_INLINE_ITEMS {
            let mark = self.mark();
            for elt in &node.elts {
                self.expr_next(elt)?;
            }
            self.release(mark);
            let dest = self.dest_or_temp(dest)?;
            self.at(node.range);
            self.emit(Op::BuildSet, dest, mark.min(255) as u8, node.elts.len() as u8);
            return Ok(dest);
        }
        let set = self.scratch(dest)?;
        let mark = self.mark();
        self.at(node.range);
        self.emit(Op::BuildSet, set, 0, 0);
        for elt in &node.elts {
            let (op, value) = match elt {
                Expr::Starred(inner) => (Op::SetUpdate, self.expr(&inner.value, None)?),
                other => (Op::SetAdd, self.expr(other, None)?),
            };
            self.at(node.range);
            self.emit(op, set, value, 0);
            self.release(mark);
        }
        Ok(self.deliver(set, dest))
    }

    fn dict(&mut self, node: &'a ExprDict, dest: Option<u8>) -> Result<u8> {
        let unpacks = node.items.iter().any(|item| item.key.is_none());
        if !unpacks && node.items.len() * 2 <= MAX_INLINE_ITEMS {
            let mark = self.mark();
            for item in &node.items {
                if let Some(key) = &item.key {
                    self.expr_next(key)?;
                }
                self.expr_next(&item.value)?;
            }
            self.release(mark);
            let dest = self.dest_or_temp(dest)?;
            self.at(node.range);
            self.emit(Op::BuildMap, dest, mark.min(255) as u8, node.items.len() as u8);
            return Ok(dest);
        }
        let dict = self.scratch(dest)?;
        let mark = self.mark();
        self.at(node.range);
        self.emit(Op::BuildMap, dict, 0, 0);
        for item in &node.items {
            match &item.key {
                Some(key) => {
                    let key = self.expr(key, None)?;
                    let value = self.expr(&item.value, None)?;
                    self.at(node.range);
                    self.emit(Op::MapAdd, dict, key, value);
                }
                None => {
                    let mapping = self.expr(&item.value, None)?;
                    self.at(node.range);
                    self.emit(Op::DictUpdate, dict, mapping, 0);
                }
            }
            self.release(mark);
        }
        Ok(self.deliver(dict, dest))
    }

    // ---- suspension ---------------------------------------------------------------------------

    /// Whether `await` and friends are allowed here.
    pub fn in_async_code(&self) -> bool {
        match self.unit.kind {
            UnitKind::AsyncFunction => true,
            UnitKind::Comprehension => self.table.scopes[self.unit.scope].coroutine,
            UnitKind::Module => self.options.allow_top_level_await,
            _ => false,
        }
    }

    fn misplaced_await(&self) -> &'static str {
        match self.unit.kind {
            UnitKind::Module | UnitKind::Class => "'await' outside function",
            _ => "'await' outside async function",
        }
    }

    /// Refuses what suspends and may not, in expressions that are not compiled.
    pub fn check_suspensions(&self, expressions: impl Iterator<Item = &'a Expr>) -> Result {
        struct Search(Option<(TextRange, bool)>);
        impl<'a> Visitor<'a> for Search {
            fn visit_expr(&mut self, expr: &'a Expr) {
                let generators = match expr {
                    Expr::Await(node) => return self.0 = self.0.or(Some((node.range, true))),
                    Expr::Lambda(_) | Expr::Generator(_) => return,
                    Expr::ListComp(node) => &node.generators[..],
                    Expr::SetComp(node) => &node.generators[..],
                    Expr::DictComp(node) => &node.generators[..],
                    _ => &[],
                };
                if generators.iter().any(|generator| generator.is_async) {
                    self.0 = self.0.or(Some((expr.range(), false)));
                }
                walk_expr(self, expr);
            }
        }
        if self.in_async_code() {
            return Ok(());
        }
        let mut search = Search(None);
        expressions.for_each(|expr| search.visit_expr(expr));
        match search.0 {
            None => Ok(()),
            Some((range, true)) => self.error(range, self.misplaced_await()),
            Some((range, false)) => self.error(range, "asynchronous comprehension outside of an asynchronous function"),
        }
    }

    fn await_expression(&mut self, node: &'a ExprAwait, dest: Option<u8>) -> Result<u8> {
        if !self.in_async_code() {
            return self.error(node.range, self.misplaced_await());
        }
        let result = self.scratch(dest)?;
        let mark = self.mark();
        let value = self.expr(&node.value, None)?;
        self.at(node.range);
        self.await_value(result, value, 0)?;
        self.release(mark);
        Ok(self.deliver(result, dest))
    }

    /// r[result] = await r[value]; `kind` as GET_AWAITABLE's.
    pub fn await_value(&mut self, result: u8, value: u8, kind: u8) -> Result {
        let mark = self.mark();
        let iterator = self.temp()?;
        self.emit(Op::GetAwaitable, iterator, value, kind);
        self.emit(Op::LoadNone, result, 0, 0);
        self.emit_yield_from(result, iterator);
        self.release(mark);
        Ok(())
    }

    fn check_yield(&self, range: TextRange, what: &str) -> Result {
        match self.unit.kind {
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda | UnitKind::Comprehension => Ok(()),
            _ => self.error(range, format!("'{what}' outside function")),
        }
    }

    fn yield_expression(&mut self, node: &'a ExprYield, dest: Option<u8>) -> Result<u8> {
        self.check_yield(node.range, "yield")?;
        let mark = self.mark();
        let value = match &node.value {
            Some(value) => self.expr(value, None)?,
            None => {
                self.at(node.range);
                let temp = self.temp()?;
                self.emit(Op::LoadNone, temp, 0, 0);
                temp
            }
        };
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.at(node.range);
        self.emit_yield(dest, value);
        Ok(dest)
    }

    pub fn emit_yield(&mut self, dest: u8, value: u8) {
        let scope = &self.table.scopes[self.unit.scope];
        let wraps = self.unit.kind == UnitKind::AsyncFunction || (self.unit.kind != UnitKind::Function && scope.coroutine);
        let kept = self.kept_registers(dest);
        self.emit(if wraps { Op::YieldAsync } else { Op::Yield }, dest, value, kept);
    }

    pub fn emit_yield_from(&mut self, result: u8, iterator: u8) {
        let kept = self.kept_registers(result);
        self.emit(Op::YieldFrom, result, iterator, kept);
    }

    /// How many registers a generator keeps that stops here: variables and the temporaries in use, but for that in which it gets what is sent.
    fn kept_registers(&self, sent: u8) -> u8 {
        let used = self.unit.next_temp;
        let is_last = used > self.unit.first_temp && u16::from(sent) == used - 1;
        u8::try_from(used - u16::from(is_last)).unwrap_or(0)
    }

    fn yield_from(&mut self, node: &'a ExprYieldFrom, dest: Option<u8>) -> Result<u8> {
        self.check_yield(node.range, "yield from")?;
        if self.unit.kind == UnitKind::AsyncFunction {
            return self.error(node.range, "'yield from' inside async function");
        }
        let result = self.scratch(dest)?;
        let mark = self.mark();
        let value = self.expr(&node.value, None)?;
        self.at(node.range);
        let iterator = self.temp()?;
        self.emit(Op::GetYieldFromIter, iterator, value, 0);
        self.emit(Op::LoadNone, result, 0, 0);
        self.emit_yield_from(result, iterator);
        self.release(mark);
        Ok(self.deliver(result, dest))
    }
}

fn is_small(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Name(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
    )
}

pub(super) fn binary_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::Add,
        Operator::Sub => Op::Sub,
        Operator::Mult => Op::Mul,
        Operator::MatMult => Op::MatMul,
        Operator::Div => Op::TrueDiv,
        Operator::Mod => Op::Mod,
        Operator::Pow => Op::Pow,
        Operator::LShift => Op::LShift,
        Operator::RShift => Op::RShift,
        Operator::BitOr => Op::BitOr,
        Operator::BitXor => Op::BitXor,
        Operator::BitAnd => Op::BitAnd,
        Operator::FloorDiv => Op::FloorDiv,
    }
}

pub(super) fn in_place_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::IAdd,
        Operator::Sub => Op::ISub,
        Operator::Mult => Op::IMul,
        Operator::MatMult => Op::IMatMul,
        Operator::Div => Op::ITrueDiv,
        Operator::Mod => Op::IMod,
        Operator::Pow => Op::IPow,
        Operator::LShift => Op::ILShift,
        Operator::RShift => Op::IRShift,
        Operator::BitOr => Op::IBitOr,
        Operator::BitXor => Op::IBitXor,
        Operator::BitAnd => Op::IBitAnd,
        Operator::FloorDiv => Op::IFloorDiv,
    }
}
