//! Truth: boolean operators, comparisons, conditional expressions, and jumps on them.

use bytecode::{Const, Label, Op};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

use super::Generator;
use crate::error::{Result, recursion_error};

/// The ops of one comparison operator.
struct Comparison {
    value: Op,
    jump: Op,
    jump_not: Op,
    /// Forms with an immediate right operand.
    immediate: Option<(Op, Op)>,
}

fn comparison(op: CmpOp) -> Comparison {
    let ordered = |value, jump, jump_not, int, not_int| Comparison { value, jump, jump_not, immediate: Some((int, not_int)) };
    let plain = |value, jump, jump_not| Comparison { value, jump, jump_not, immediate: None };
    match op {
        CmpOp::Lt => ordered(Op::Lt, Op::JumpIfLt, Op::JumpIfNotLt, Op::JumpIfLtInt, Op::JumpIfNotLtInt),
        CmpOp::LtE => ordered(Op::Le, Op::JumpIfLe, Op::JumpIfNotLe, Op::JumpIfLeInt, Op::JumpIfNotLeInt),
        CmpOp::Eq => ordered(Op::Eq, Op::JumpIfEq, Op::JumpIfNotEq, Op::JumpIfEqInt, Op::JumpIfNotEqInt),
        CmpOp::NotEq => ordered(Op::Ne, Op::JumpIfNe, Op::JumpIfNotNe, Op::JumpIfNeInt, Op::JumpIfNotNeInt),
        CmpOp::Gt => ordered(Op::Gt, Op::JumpIfGt, Op::JumpIfNotGt, Op::JumpIfGtInt, Op::JumpIfNotGtInt),
        CmpOp::GtE => ordered(Op::Ge, Op::JumpIfGe, Op::JumpIfNotGe, Op::JumpIfGeInt, Op::JumpIfNotGeInt),
        CmpOp::Is => plain(Op::Is, Op::JumpIfIs, Op::JumpIfIsNot),
        CmpOp::IsNot => plain(Op::IsNot, Op::JumpIfIsNot, Op::JumpIfIs),
        CmpOp::In => plain(Op::In, Op::JumpIfIn, Op::JumpIfNotIn),
        CmpOp::NotIn => plain(Op::NotIn, Op::JumpIfNotIn, Op::JumpIfIn),
    }
}

impl<'a> Generator<'a> {
    pub fn bool_op(&mut self, node: &'a ExprBoolOp, dest: Option<u8>) -> Result<u8> {
        let result = self.scratch(dest)?;
        let end = self.unit.builder.new_label();
        self.bool_values(node, result, end, end)?;
        self.unit.builder.bind(end);
        self.at(node.range);
        Ok(self.deliver(result, dest))
    }

    /// r[result] = the operand that decides. A way on which its truth is known goes to `on_true` or `on_false`, so that no operand
    /// is asked twice; who falls through has the last operand. Afterwards `assigned` is what holds on all ways.
    fn bool_values(&mut self, node: &'a ExprBoolOp, result: u8, on_true: Label, on_false: Label) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, node.range));
        }
        let mark = self.mark();
        let Some((last, rest)) = node.values.split_last() else { return self.error(node.range, "invalid syntax") };
        let mut assigned = None;
        for (index, value) in rest.iter().enumerate() {
            let next = self.unit.builder.new_label();
            let (jump, goal, known_true, known_false) = match node.op {
                BoolOp::And => (Op::JumpIfFalse, on_false, next, on_false),
                BoolOp::Or => (Op::JumpIfTrue, on_true, on_true, next),
            };
            match value {
                Expr::BoolOp(inner) => self.bool_values(inner, result, known_true, known_false)?,
                other => {
                    self.expr(other, Some(result))?;
                }
            }
            self.release(mark);
            self.at(value.range());
            self.unit.builder.emit_jump(jump, result, 0, 0, goal);
            self.unit.builder.bind(next);
            if index == 0 {
                assigned = self.unit.assigned.clone();
            }
        }
        match last {
            Expr::BoolOp(inner) => self.bool_values(inner, result, on_true, on_false)?,
            other => {
                self.expr(other, Some(result))?;
            }
        }
        self.release(mark);
        if self.unit.assigned.is_some() {
            self.unit.assigned = assigned;
        }
        Ok(())
    }

    pub fn if_expression(&mut self, node: &'a ExprIf, dest: Option<u8>) -> Result<u8> {
        let dest = self.dest_or_temp(dest)?;
        let mark = self.mark();
        let (otherwise, end) = (self.unit.builder.new_label(), self.unit.builder.new_label());
        self.jump_if(&node.test, false, otherwise)?;
        self.release(mark);
        let before = self.unit.assigned.clone();
        self.expr(&node.body, Some(dest))?;
        self.release(mark);
        self.unit.builder.jump(end);
        let after = std::mem::replace(&mut self.unit.assigned, before);
        self.unit.builder.bind(otherwise);
        self.expr(&node.orelse, Some(dest))?;
        self.release(mark);
        self.unit.builder.bind(end);
        self.unit.meet(after);
        Ok(dest)
    }

    /// The right operand as a 16-bit immediate.
    fn immediate_operand(&self, expr: &Expr) -> Option<i16> {
        if !matches!(expr, Expr::NumberLiteral(_) | Expr::UnaryOp(_)) {
            return None;
        }
        match self.folder().constant(expr) {
            Some(Const::Int(number)) => i16::try_from(number).ok(),
            _ => None,
        }
    }

    /// The right operand of `in`: constant displays become constant tuples and frozen sets.
    fn comparator(&mut self, op: CmpOp, expr: &'a Expr) -> Result<u8> {
        let folder = self.folder();
        let constants = |elts: &[Expr]| elts.iter().map(|elt| folder.constant(elt)).collect::<Option<Vec<Const>>>();
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let constant = match expr {
                Expr::List(node) => constants(&node.elts).map(|items| Const::Tuple(items.into())),
                Expr::Set(node) => constants(&node.elts).map(|items| Const::FrozenSet(items.into())),
                _ => None,
            };
            if let Some(constant) = constant {
                self.at(expr.range());
                let temp = self.temp()?;
                self.load_const(temp, constant);
                return Ok(temp);
            }
        }
        self.expr(expr, None)
    }

    pub fn compare(&mut self, node: &'a ExprCompare, dest: Option<u8>) -> Result<u8> {
        self.warn_compare(node);
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            let mark = self.mark();
            let left = self.expr(&node.left, None)?;
            let right = self.comparator(*op, right)?;
            self.release(mark);
            let dest = self.dest_or_temp(dest)?;
            self.at(node.range);
            self.emit(comparison(*op).value, dest, left, right);
            return Ok(dest);
        }
        let result = self.scratch(dest)?;
        let mark = self.mark();
        let end = self.unit.builder.new_label();
        let mut left = self.expr(&node.left, None)?;
        let last = node.ops.len() - 1;
        let mut assigned = None;
        for (index, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let right = self.comparator(*op, right)?;
            self.at(node.range);
            self.emit(comparison(*op).value, result, left, right);
            if index != last {
                self.unit.builder.emit_jump(Op::JumpIfFalse, result, 0, 0, end);
            }
            if index == 0 {
                assigned = self.unit.assigned.clone();
            }
            left = right;
        }
        self.release(mark);
        self.unit.builder.bind(end);
        if self.unit.assigned.is_some() {
            self.unit.assigned = assigned;
        }
        Ok(self.deliver(result, dest))
    }

    /// Jumps to `target` if the truth of `test` is `when`, else falls through. Afterwards `assigned` is what holds on both ways.
    pub fn jump_if(&mut self, test: &'a Expr, when: bool, target: Label) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, test.range()));
        }
        if let Some(truth) = self.folder().truth(test) {
            if truth == when {
                self.at(test.range());
                self.unit.builder.jump(target);
            }
            return Ok(());
        }
        match test {
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => self.jump_if(&node.operand, !when, target),
            Expr::BoolOp(node) => self.jump_if_bool_op(node, when, target),
            Expr::If(node) => self.jump_if_conditional(node, when, target),
            Expr::Compare(node) => self.jump_if_compare(node, when, target),
            _ => {
                let mark = self.mark();
                let value = self.expr(test, None)?;
                self.release(mark);
                self.at(test.range());
                self.unit.builder.emit_jump(truth_jump(when), value, 0, 0, target);
                Ok(())
            }
        }
    }

    fn jump_if_bool_op(&mut self, node: &'a ExprBoolOp, when: bool, target: Label) -> Result {
        let Some((last, rest)) = node.values.split_last() else { return Ok(()) };
        // `and` is decided by the first false value, `or` by the first true one.
        let decisive = node.op == BoolOp::Or;
        let undecided = self.unit.builder.new_label();
        let mut assigned = None;
        for (index, value) in rest.iter().enumerate() {
            let goal = if decisive == when { target } else { undecided };
            self.jump_if(value, decisive, goal)?;
            if index == 0 {
                assigned = self.unit.assigned.clone();
            }
        }
        self.jump_if(last, when, target)?;
        self.unit.builder.bind(undecided);
        if self.unit.assigned.is_some() {
            self.unit.assigned = assigned;
        }
        Ok(())
    }

    fn jump_if_conditional(&mut self, node: &'a ExprIf, when: bool, target: Label) -> Result {
        let (otherwise, end) = (self.unit.builder.new_label(), self.unit.builder.new_label());
        self.jump_if(&node.test, false, otherwise)?;
        let before = self.unit.assigned.clone();
        self.jump_if(&node.body, when, target)?;
        self.unit.builder.jump(end);
        self.unit.assigned = before.clone();
        self.unit.builder.bind(otherwise);
        self.jump_if(&node.orelse, when, target)?;
        self.unit.builder.bind(end);
        self.unit.assigned = before;
        Ok(())
    }

    fn jump_if_compare(&mut self, node: &'a ExprCompare, when: bool, target: Label) -> Result {
        self.warn_compare(node);
        let mark = self.mark();
        let failed = self.unit.builder.new_label();
        let mut left = self.expr(&node.left, None)?;
        let last = node.ops.len() - 1;
        let mut assigned = None;
        for (index, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let (wanted, goal) = if index == last { (when, target) } else { (false, if when { failed } else { target }) };
            if let Expr::NoneLiteral(_) = right
                && matches!(op, CmpOp::Is | CmpOp::IsNot)
                && index == last
            {
                self.at(node.range);
                let jump = if (*op == CmpOp::Is) == wanted { Op::JumpIfNone } else { Op::JumpIfNotNone };
                self.unit.builder.emit_jump(jump, left, 0, 0, goal);
                continue;
            }
            let forms = comparison(*op);
            if index == last
                && let Some((int, not_int)) = forms.immediate
                && let Some(number) = self.immediate_operand(right)
            {
                let [b, c] = number.to_le_bytes();
                self.at(node.range);
                self.unit.builder.emit_jump(if wanted { int } else { not_int }, left, b, c, goal);
                continue;
            }
            let right = self.comparator(*op, right)?;
            self.at(node.range);
            self.unit.builder.emit_jump(if wanted { forms.jump } else { forms.jump_not }, left, right, 0, goal);
            if index == 0 {
                assigned = self.unit.assigned.clone();
            }
            left = right;
        }
        self.release(mark);
        self.unit.builder.bind(failed);
        if self.unit.assigned.is_some() && last > 0 {
            self.unit.assigned = assigned;
        }
        Ok(())
    }

    /// Position for a jump that stands for a whole statement.
    pub fn jump_at(&mut self, range: TextRange, target: Label) {
        self.at(range);
        self.unit.builder.jump(target);
    }
}

pub(super) fn truth_jump(when: bool) -> Op {
    if when { Op::JumpIfTrue } else { Op::JumpIfFalse }
}
