//! Assignment: targets, unpacking, augmented assignment, deletion.

use bytecode::Op;
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use super::expressions::in_place_op;
use crate::error::Result;

const MAX_UNPACK: usize = 24;

impl<'a> Generator<'a> {
    /// Stores `value` into a target; subexpressions of the target are evaluated now.
    pub fn store(&mut self, target: &'a Expr, value: u8) -> Result {
        let mark = self.mark();
        match target {
            Expr::Name(node) => {
                self.at(node.range);
                self.store_name(&node.id, value, node.range)?;
            }
            Expr::Attribute(node) => {
                self.forbid_debug(&node.attr.id, node.range)?;
                self.note_static_attribute(node);
                let object = self.expr(&node.value, None)?;
                self.at(node.range);
                let name = self.mangled(&node.attr.id);
                self.emit_named(Op::StoreAttr, object, value, 0, &name);
            }
            Expr::Subscript(node) => {
                self.warn_subscript(node);
                let object = self.expr(&node.value, None)?;
                match &*node.slice {
                    Expr::Slice(slice) if slice.step.is_none() => {
                        let bounds = self.slice_bounds(slice)?;
                        self.at(node.range);
                        self.emit(Op::SetSlice, object, bounds, value);
                    }
                    index => {
                        let index = self.index(index)?;
                        self.at(node.range);
                        self.emit(Op::SetItem, object, index, value);
                    }
                }
            }
            Expr::Tuple(ExprTuple { elts, range, .. }) | Expr::List(ExprList { elts, range, .. }) => {
                self.unpack(elts, value, *range)?
            }
            Expr::Starred(node) => return self.error(node.range, "starred assignment target must be in a list or tuple"),
            other => return self.error(other.range(), "cannot assign to expression"),
        }
        self.release(mark);
        Ok(())
    }

    /// Assigns an expression to one target, evaluating straight into a local variable where possible.
    pub fn assign(&mut self, target: &'a Expr, value: &'a Expr) -> Result {
        let mark = self.mark();
        if let Expr::Name(node) = target {
            self.forbid_debug(&node.id, node.range)?;
            if let Some(register) = self.direct_target(&node.id) {
                self.expr(value, Some(register))?;
                self.stored(&node.id);
                self.release(mark);
                return Ok(());
            }
        }
        if let (Expr::Tuple(targets), Expr::Tuple(values)) = (target, value)
            && self.assign_pairwise(&targets.elts, &values.elts)?
        {
            self.release(mark);
            return Ok(());
        }
        let value = self.expr(value, None)?;
        self.store(target, value)?;
        self.release(mark);
        Ok(())
    }

    /// `a, b = x, y` without making a tuple.
    fn assign_pairwise(&mut self, targets: &'a [Expr], values: &'a [Expr]) -> Result<bool> {
        if targets.len() != values.len()
            || targets.is_empty()
            || targets.len() > 8
            || targets.iter().chain(values).any(Expr::is_starred_expr)
        {
            return Ok(false);
        }
        // Values must be copies: a target may be a variable that a later store still needs.
        let registers: Vec<u8> = values.iter().map(|value| self.expr_next(value)).collect::<Result<_>>()?;
        for (target, register) in targets.iter().zip(registers) {
            self.store(target, register)?;
        }
        Ok(true)
    }

    fn unpack(&mut self, elts: &'a [Expr], value: u8, range: TextRange) -> Result {
        let stars: Vec<usize> =
            elts.iter().enumerate().filter(|(_, elt)| elt.is_starred_expr()).map(|(index, _)| index).collect();
        self.at(range);
        match stars[..] {
            [] => {
                if let [Expr::Name(first), Expr::Name(second)] = elts
                    && first.id != second.id
                    && let (Some(a), Some(b)) = (self.direct_target(&first.id), self.direct_target(&second.id))
                {
                    self.forbid_debug(&first.id, first.range)?;
                    self.forbid_debug(&second.id, second.range)?;
                    self.emit(Op::UnpackPair, a, b, value);
                    self.stored(&first.id);
                    self.stored(&second.id);
                    return Ok(());
                }
                if elts.len() > MAX_UNPACK {
                    let list = self.temp()?;
                    self.unit.builder.emit_ext(Op::UnpackList, list, value, 0, elts.len() as u32);
                    return self.store_items(elts, list);
                }
                let base = self.temps(elts.len())?;
                self.emit(Op::UnpackSequence, base, value, elts.len() as u8);
                self.store_registers(elts, base)
            }
            [star] => {
                let (before, after) = (star, elts.len() - star - 1);
                if before >= 1 << 8 || after >= 1 << 16 {
                    return self.error(range, "too many expressions in star-unpacking assignment");
                }
                let counts = before as u32 | ((after as u32) << 16);
                if elts.len() > MAX_UNPACK {
                    let list = self.temp()?;
                    self.unit.builder.emit_ext(Op::UnpackExList, list, value, 0, counts);
                    return self.store_items(elts, list);
                }
                let base = self.temps(elts.len())?;
                self.unit.builder.emit_ext(Op::UnpackEx, base, value, 0, counts);
                self.store_registers(elts, base)
            }
            _ => self.error(range, "multiple starred expressions in assignment"),
        }
    }

    fn unstarred(elt: &'a Expr) -> &'a Expr {
        match elt {
            Expr::Starred(node) => &node.value,
            other => other,
        }
    }

    fn store_registers(&mut self, elts: &'a [Expr], base: u8) -> Result {
        elts.iter().enumerate().try_for_each(|(index, elt)| self.store(Self::unstarred(elt), base + index as u8))
    }

    fn store_items(&mut self, elts: &'a [Expr], list: u8) -> Result {
        for (index, elt) in elts.iter().enumerate() {
            let mark = self.mark();
            let item = self.temp()?;
            self.load_const(item, bytecode::Const::Int(index as i64));
            self.emit(Op::GetItem, item, list, item);
            self.store(Self::unstarred(elt), item)?;
            self.release(mark);
        }
        Ok(())
    }

    /// `self.name = ...` in a method adds to the class's `__static_attributes__`.
    pub fn note_static_attribute(&mut self, node: &ExprAttribute) {
        if !matches!(&*node.value, Expr::Name(name) if name.id == "self") {
            return;
        }
        if let Some(class) = self.outer.iter_mut().rev().find(|unit| unit.kind == crate::unit::UnitKind::Class) {
            class.static_attributes.insert(node.attr.id.to_string());
        }
    }

    pub fn aug_assign(&mut self, node: &'a StmtAugAssign) -> Result {
        let mark = self.mark();
        match &*node.target {
            Expr::Name(name) => {
                self.at(name.range);
                let left = self.load_name(&name.id, None)?;
                let direct = self.direct_target(&name.id);
                let result = self.aug_value(node, left, direct)?;
                if direct == Some(result) {
                    self.forbid_debug(&name.id, name.range)?;
                    self.stored(&name.id);
                } else {
                    self.at(name.range);
                    self.store_name(&name.id, result, name.range)?;
                }
            }
            Expr::Attribute(target) => {
                self.forbid_debug(&target.attr.id, target.range)?;
                self.note_static_attribute(target);
                let object = self.expr(&target.value, None)?;
                let attr: Name = self.mangled(&target.attr.id);
                self.at(target.range);
                let old = self.temp()?;
                self.emit_named(Op::LoadAttr, old, object, 0, &attr);
                let result = self.aug_value(node, old, Some(old))?;
                self.at(target.range);
                self.emit_named(Op::StoreAttr, object, result, 0, &attr);
            }
            Expr::Subscript(target) => {
                let object = self.expr(&target.value, None)?;
                match &*target.slice {
                    Expr::Slice(slice) if slice.step.is_none() => {
                        let bounds = self.slice_bounds(slice)?;
                        self.at(target.range);
                        let old = self.temp()?;
                        self.emit(Op::GetSlice, old, object, bounds);
                        let result = self.aug_value(node, old, Some(old))?;
                        self.at(target.range);
                        self.emit(Op::SetSlice, object, bounds, result);
                    }
                    index => {
                        let index = self.index(index)?;
                        self.at(target.range);
                        let old = self.temp()?;
                        self.emit(Op::GetItem, old, object, index);
                        let result = self.aug_value(node, old, Some(old))?;
                        self.at(target.range);
                        self.emit(Op::SetItem, object, index, result);
                    }
                }
            }
            other => return self.error(other.range(), "illegal expression for augmented assignment"),
        }
        self.release(mark);
        Ok(())
    }

    /// r[dest] = r[left] op= value.
    fn aug_value(&mut self, node: &'a StmtAugAssign, left: u8, dest: Option<u8>) -> Result<u8> {
        if let Some((op, immediate)) = self.immediate_form(node.op, &node.value)
            && let Some(op) = match op {
                Op::AddInt => Some(Op::IAddInt),
                Op::SubInt => Some(Op::ISubInt),
                _ => None,
            }
        {
            let dest = self.dest_or_temp(dest)?;
            self.at(node.range);
            self.emit(op, dest, left, immediate as u8);
            return Ok(dest);
        }
        let right = self.expr(&node.value, None)?;
        let dest = self.dest_or_temp(dest)?;
        self.at(node.range);
        self.emit(in_place_op(node.op), dest, left, right);
        Ok(dest)
    }

    pub fn delete(&mut self, target: &'a Expr) -> Result {
        let mark = self.mark();
        match target {
            Expr::Name(node) => {
                self.at(node.range);
                self.delete_name(&node.id, node.range)?;
            }
            Expr::Attribute(node) => {
                if node.attr.id == "__debug__" {
                    return self.error(node.range, "cannot delete __debug__");
                }
                let object = self.expr(&node.value, None)?;
                self.at(node.range);
                let name = self.mangled(&node.attr.id);
                self.emit_named(Op::DeleteAttr, object, 0, 0, &name);
            }
            Expr::Subscript(node) => {
                let object = self.expr(&node.value, None)?;
                let index = self.index(&node.slice)?;
                self.at(node.range);
                self.emit(Op::DelItem, object, index, 0);
            }
            Expr::Tuple(ExprTuple { elts, .. }) | Expr::List(ExprList { elts, .. }) => {
                elts.iter().try_for_each(|elt| self.delete(elt))?
            }
            other => return self.error(other.range(), "cannot delete expression"),
        }
        self.release(mark);
        Ok(())
    }
}
