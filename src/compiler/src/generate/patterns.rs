//! The match statement.

use bytecode::{Const, Label, Op};
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Generator;
use crate::error::{Result, recursion_error};

/// What a pattern captured so far: names and the registers holding their values.
type Captures = Vec<(Name, u8)>;

impl<'a> Generator<'a> {
    pub fn match_statement(&mut self, node: &'a StmtMatch) -> Result {
        let subject = self.expr_next(&node.subject)?;
        let mark = self.mark();
        let end = self.unit.builder.new_label();
        let before = self.unit.assigned.clone();
        let mut after: Option<crate::unit::Assigned> = None;
        let mut exhaustive = false;
        for (index, case) in node.cases.iter().enumerate() {
            let next = self.unit.builder.new_label();
            let is_last = index + 1 == node.cases.len();
            self.unit.assigned = before.clone();
            self.at(case.pattern.range());
            if case.guard.is_none() && !is_last {
                self.check_irrefutable(&case.pattern)?;
            }
            exhaustive |= case.guard.is_none() && case.pattern.is_irrefutable();
            if is_blank(&case.pattern) {
                self.line_marker(case.pattern.range());
            }
            let mut captures = Captures::new();
            self.pattern(&case.pattern, subject, next, &mut captures)?;
            for (name, register) in captures {
                self.at(case.pattern.range());
                self.store_name(&name, register, case.pattern.range())?;
            }
            if let Some(guard) = &case.guard {
                self.jump_if(guard, false, next)?;
            }
            self.release(mark);
            self.conditional_body(&case.body)?;
            self.nowhere();
            self.unit.builder.jump(end);
            let state = self.unit.assigned.take();
            after = Some(match after.take() {
                None => state,
                Some(other) => {
                    self.unit.assigned = state;
                    self.unit.meet(other);
                    self.unit.assigned.take()
                }
            });
            self.release(mark);
            self.unit.builder.bind(next);
        }
        self.unit.builder.bind(end);
        self.unit.assigned = if exhaustive { None } else { before };
        if let Some(after) = after {
            self.unit.meet(after);
        }
        Ok(())
    }

    /// A pattern that always matches makes those after it unreachable.
    fn check_irrefutable(&self, pattern: &Pattern) -> Result {
        match pattern.irrefutable_pattern() {
            None => Ok(()),
            Some(found) => match found.kind {
                IrrefutablePatternKind::Name(name) => {
                    self.error(found.range, format!("name capture '{name}' makes remaining patterns unreachable"))
                }
                IrrefutablePatternKind::Wildcard => self.error(found.range, "wildcard makes remaining patterns unreachable"),
            },
        }
    }

    fn capture(&mut self, name: &Identifier, register: u8, range: TextRange, captures: &mut Captures) -> Result {
        self.forbid_debug(&name.id, range)?;
        if captures.iter().any(|entry| entry.0 == name.id) {
            return self.error(range, format!("multiple assignments to name '{}' in pattern", name.id));
        }
        captures.push((name.id.clone(), register));
        Ok(())
    }

    /// Sums and differences are numbers, powers are none: the parser lets them pass behind a sign.
    fn forbid_powers(&self, value: &Expr) -> Result {
        let Expr::UnaryOp(sign) = value else { return Ok(()) };
        let Expr::BinOp(power) = &*sign.operand else { return Ok(()) };
        let between = TextRange::new(power.left.end(), power.right.start());
        let text = self.map.slice(between).unwrap_or("");
        let start = between.start() + TextSize::of(&text[..text.len() - text.trim_start().len()]);
        self.error(TextRange::at(start, TextSize::of("**")), "invalid syntax")
    }

    fn fail_unless(&mut self, op: Op, subject: u8, fail: Label) -> Result {
        let mark = self.mark();
        let temp = self.temp()?;
        self.emit(op, temp, subject, 0);
        self.unit.builder.emit_jump(Op::JumpIfFalse, temp, 0, 0, fail);
        self.release(mark);
        Ok(())
    }

    /// Matches `r[subject]`; goes to `fail` if it does not. Temporaries with captured values stay allocated.
    fn pattern(&mut self, pattern: &'a Pattern, subject: u8, fail: Label, captures: &mut Captures) -> Result {
        if !self.guard.has_room() {
            return Err(recursion_error(self.map, pattern.range()));
        }
        self.at(pattern.range());
        match pattern {
            Pattern::MatchValue(node) => {
                if node.value.is_f_string_expr() || node.value.is_t_string_expr() {
                    return self.error(node.range, "patterns may only match literals and attribute lookups");
                }
                self.forbid_powers(&node.value)?;
                let mark = self.mark();
                let value = self.expr(&node.value, None)?;
                self.at(node.range);
                self.unit.builder.emit_jump(Op::JumpIfNotEq, subject, value, 0, fail);
                self.release(mark);
                Ok(())
            }
            Pattern::MatchSingleton(node) => {
                let mark = self.mark();
                let value = self.temp()?;
                let constant = match node.value {
                    Singleton::None => Const::None,
                    Singleton::True => Const::True,
                    Singleton::False => Const::False,
                };
                self.load_const(value, constant);
                self.unit.builder.emit_jump(Op::JumpIfIsNot, subject, value, 0, fail);
                self.release(mark);
                Ok(())
            }
            Pattern::MatchAs(node) => match (&node.pattern, &node.name) {
                (Some(inner), Some(name)) => {
                    self.pattern(inner, subject, fail, captures)?;
                    self.capture(name, subject, node.range, captures)
                }
                (None, Some(name)) => self.capture(name, subject, node.range, captures),
                (Some(inner), None) => self.pattern(inner, subject, fail, captures),
                (None, None) => Ok(()),
            },
            Pattern::MatchStar(node) => self.error(node.range, "can't use starred name here; consider moving to list or tuple"),
            Pattern::MatchOr(node) => self.or_pattern(node, subject, fail, captures),
            Pattern::MatchSequence(node) => self.sequence_pattern(node, subject, fail, captures),
            Pattern::MatchMapping(node) => self.mapping_pattern(node, subject, fail, captures),
            Pattern::MatchClass(node) => self.class_pattern(node, subject, fail, captures),
        }
    }

    fn or_pattern(&mut self, node: &'a PatternMatchOr, subject: u8, fail: Label, captures: &mut Captures) -> Result {
        let end = self.unit.builder.new_label();
        let mut bound: Option<Captures> = None;
        for (index, alternative) in node.patterns.iter().enumerate() {
            let is_last = index + 1 == node.patterns.len();
            if !is_last {
                self.check_irrefutable(alternative)?;
            }
            let next = if is_last { fail } else { self.unit.builder.new_label() };
            // The registers that all alternatives deliver their captures in lie below what an alternative uses itself.
            let names = pattern_names(alternative);
            if bound.is_none() {
                let mut targets = Captures::new();
                for name in &names {
                    targets.push((name.clone(), self.temp()?));
                }
                bound = Some(targets);
            }
            let mark = self.mark();
            let mut own = Captures::new();
            self.pattern(alternative, subject, next, &mut own)?;
            let targets = bound.as_ref().map_or(&[][..], |targets| &targets[..]);
            if own.len() != targets.len() || !targets.iter().all(|target| own.iter().any(|entry| entry.0 == target.0)) {
                return self.error(node.range, "alternative patterns bind different names");
            }
            self.at(alternative.range());
            let moves: Vec<(u8, u8)> = targets
                .iter()
                .filter_map(|target| own.iter().find(|entry| entry.0 == target.0).map(|entry| (target.1, entry.1)))
                .collect();
            for (target, register) in moves {
                self.emit(Op::Move, target, register, 0);
            }
            self.release(mark);
            if !is_last {
                self.unit.builder.jump(end);
                self.unit.builder.bind(next);
            }
        }
        self.unit.builder.bind(end);
        for (name, register) in bound.unwrap_or_default() {
            let identifier = Identifier::new(name, node.range);
            self.capture(&identifier, register, node.range, captures)?;
        }
        Ok(())
    }

    fn sequence_pattern(&mut self, node: &'a PatternMatchSequence, subject: u8, fail: Label, captures: &mut Captures) -> Result {
        let stars: Vec<usize> =
            node.patterns.iter().enumerate().filter(|(_, part)| part.is_match_star()).map(|(index, _)| index).collect();
        if stars.len() > 1 {
            return self.error(node.range, "multiple starred names in sequence pattern");
        }
        let star = stars.first().copied();
        let count = node.patterns.len();
        let needed = count - usize::from(star.is_some());
        self.fail_unless(Op::MatchSequence, subject, fail)?;
        let mark = self.mark();
        let length = self.temp()?;
        if star.is_none() || needed > 0 {
            self.emit(Op::GetLen, length, subject, 0);
            let Ok(number) = i16::try_from(needed) else {
                return self.error(node.range, "too many sub-patterns in sequence pattern");
            };
            let [b, c] = number.to_le_bytes();
            let op = if star.is_some() { Op::JumpIfNotGeInt } else { Op::JumpIfNotEqInt };
            self.unit.builder.emit_jump(op, length, b, c, fail);
        }
        let star_is_wildcard =
            star.is_some_and(|index| matches!(&node.patterns[index], Pattern::MatchStar(star) if star.name.is_none()));
        let all_wildcards =
            node.patterns.iter().all(|part| is_blank(part) || matches!(part, Pattern::MatchStar(star) if star.name.is_none()));
        if all_wildcards {
            self.release(mark);
            return Ok(());
        }
        if star_is_wildcard || count > 24 {
            return self.sequence_by_index(node, star, subject, length, fail, captures);
        }
        self.release(mark);
        let base = self.temps(count)?;
        match star {
            None => self.emit(Op::UnpackSequence, base, subject, count as u8),
            Some(star) => {
                self.unit.builder.emit_ext(Op::UnpackEx, base, subject, 0, star as u32 | ((count - star - 1) as u32) << 16)
            }
        }
        for (index, part) in node.patterns.iter().enumerate() {
            let register = base + index as u8;
            match part {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        self.capture(name, register, star.range, captures)?;
                    }
                }
                other => self.pattern(other, register, fail, captures)?,
            }
        }
        Ok(())
    }

    /// `[a, *_]`: fetches the items that matter one by one.
    fn sequence_by_index(
        &mut self,
        node: &'a PatternMatchSequence,
        star: Option<usize>,
        subject: u8,
        length: u8,
        fail: Label,
        captures: &mut Captures,
    ) -> Result {
        let count = node.patterns.len();
        for (index, part) in node.patterns.iter().enumerate() {
            if is_blank(part) {
                continue;
            }
            if let Pattern::MatchStar(star_part) = part {
                if let Some(name) = &star_part.name {
                    let bounds = self.temps(2)?;
                    self.load_const(bounds, Const::Int(index as i64));
                    let after = self.temp()?;
                    self.load_const(after, Const::Int((count - index - 1) as i64));
                    self.emit(Op::Sub, bounds + 1, length, after);
                    let list = self.temp()?;
                    self.emit(Op::GetSlice, list, subject, bounds);
                    let whole = self.temp()?;
                    self.emit(Op::BuildList, whole, 0, 0);
                    self.emit(Op::ListExtend, whole, list, 0);
                    self.capture(name, whole, star_part.range, captures)?;
                }
                continue;
            }
            let item = self.temp()?;
            self.at(part.range());
            if star.is_none_or(|star| index < star) {
                self.load_const(item, Const::Int(index as i64));
            } else {
                self.load_const(item, Const::Int((count - index) as i64));
                self.emit(Op::Sub, item, length, item);
            }
            self.emit(Op::GetItem, item, subject, item);
            self.pattern(part, item, fail, captures)?;
        }
        Ok(())
    }

    fn mapping_pattern(&mut self, node: &'a PatternMatchMapping, subject: u8, fail: Label, captures: &mut Captures) -> Result {
        self.fail_unless(Op::MatchMapping, subject, fail)?;
        let count = node.keys.len();
        if count > 60 {
            return self.error(node.range, "too many sub-patterns in mapping pattern");
        }
        let folder = self.folder();
        let mut seen: Vec<Const> = Vec::new();
        for key in &node.keys {
            self.forbid_powers(key)?;
            if let Some(constant) = folder.constant(key) {
                let number = plain_number(&constant);
                if seen.iter().any(|other| *other == constant || number.is_some() && plain_number(other) == number) {
                    let text = match key {
                        Expr::StringLiteral(literal) => quoted(literal.value.to_str(), ""),
                        Expr::BytesLiteral(literal) => quoted(&literal.value.bytes().map(char::from).collect::<String>(), "b"),
                        _ => self.map.slice(key.range()).unwrap_or("").to_string(),
                    };
                    return self.error(node.range, format!("mapping pattern checks duplicate key ({text})"));
                }
                seen.push(constant);
            }
        }
        if count > 0 {
            let mark = self.mark();
            let length = self.temp()?;
            self.emit(Op::GetLen, length, subject, 0);
            let [b, c] = (count as i16).to_le_bytes();
            self.unit.builder.emit_jump(Op::JumpIfNotGeInt, length, b, c, fail);
            self.release(mark);
        }
        // Keys and rest outlive the inner patterns only where the rest is asked for.
        let keep = if node.rest.is_some() { self.temps(2)? } else { 0 };
        let base = self.temps(count)?;
        let after = self.mark();
        let keys = if node.rest.is_some() { keep } else { self.temp()? };
        let rest = keep + 1;
        for (index, key) in node.keys.iter().enumerate() {
            self.expr(key, Some(base + index as u8))?;
        }
        self.at(node.range);
        self.emit(Op::BuildTuple, keys, base, count as u8);
        let mark = self.mark();
        if count > 0 {
            let values = self.temp()?;
            self.emit(Op::MatchKeys, values, subject, keys);
            self.unit.builder.emit_jump(Op::JumpIfNone, values, 0, 0, fail);
            // The rest needs the keys later: they stay in their tuple.
            self.emit(Op::UnpackSequence, base, values, count as u8);
            self.release(mark);
        }
        self.release(after);
        for (index, part) in node.patterns.iter().enumerate() {
            self.pattern(part, base + index as u8, fail, captures)?;
        }
        if let Some(name) = &node.rest {
            self.at(node.range);
            self.emit(Op::BuildMap, rest, 0, 0);
            self.emit(Op::DictUpdate, rest, subject, 0);
            if count > 0 {
                let mark = self.mark();
                let keys_again = self.temps(count)?;
                self.emit(Op::UnpackSequence, keys_again, keys, count as u8);
                for index in 0..count {
                    self.emit(Op::DelItem, rest, keys_again + index as u8, 0);
                }
                self.release(mark);
            }
            self.capture(name, rest, node.range, captures)?;
        }
        Ok(())
    }

    fn class_pattern(&mut self, node: &'a PatternMatchClass, subject: u8, fail: Label, captures: &mut Captures) -> Result {
        let (positional, keywords) = (&node.arguments.patterns, &node.arguments.keywords);
        for (index, keyword) in keywords.iter().enumerate() {
            self.forbid_debug(&keyword.attr.id, keyword.range)?;
            if let Some(again) = keywords[index + 1..].iter().find(|other| other.attr.id == keyword.attr.id) {
                return self
                    .error(again.pattern.range(), format!("attribute name repeated in class pattern: {}", keyword.attr.id));
            }
        }
        let count = positional.len() + keywords.len();
        if count > 60 {
            return self.error(node.range, "too many sub-patterns in class pattern");
        }
        let attributes = self.temp()?;
        let mark = self.mark();
        let window = self.temps(3)?;
        self.emit(Op::Move, window, subject, 0);
        self.expr(&node.cls, Some(window + 1))?;
        let names = keywords.iter().map(|keyword| Const::str(&keyword.attr.id)).collect();
        self.at(node.range);
        self.load_const(window + 2, Const::Tuple(names));
        self.emit(Op::MatchClass, attributes, window, positional.len() as u8);
        self.unit.builder.emit_jump(Op::JumpIfNone, attributes, 0, 0, fail);
        self.release(mark);
        if count == 0 {
            return Ok(());
        }
        let base = self.temps(count)?;
        self.emit(Op::UnpackSequence, base, attributes, count as u8);
        let parts = positional.iter().chain(keywords.iter().map(|keyword| &keyword.pattern));
        for (index, part) in parts.enumerate() {
            self.pattern(part, base + index as u8, fail, captures)?;
        }
        Ok(())
    }
}

/// A real or complex number as its two parts, where equal numbers of different types give equal parts.
fn plain_number(constant: &Const) -> Option<(u64, u64)> {
    let bits = |number: f64| (number + 0.0).to_bits();
    match constant {
        Const::True => Some((bits(1.0), 0)),
        Const::False => Some((0, 0)),
        Const::Int(number) if number.unsigned_abs() <= 1 << 53 => Some((bits(*number as f64), 0)),
        Const::Float(number) => Some((bits(f64::from_bits(*number)), 0)),
        Const::Complex(real, imag) => Some((bits(f64::from_bits(*real)), bits(f64::from_bits(*imag)))),
        _ => None,
    }
}

/// The text of a key as `repr` shows it, as long as it needs no escapes but quotes.
fn quoted(text: &str, prefix: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = format!("{prefix}{quote}");
    for ch in text.chars() {
        match ch {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            ch if ch == quote => {
                shown.push('\\');
                shown.push(ch);
            }
            ch => shown.push(ch),
        }
    }
    shown.push(quote);
    shown
}

/// Names a pattern binds, in order.
fn pattern_names(pattern: &Pattern) -> Vec<Name> {
    let mut names = Vec::new();
    collect_names(pattern, &mut names);
    names
}

fn collect_names(pattern: &Pattern, names: &mut Vec<Name>) {
    match pattern {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        Pattern::MatchStar(node) => add_name(node.name.as_ref(), names),
        Pattern::MatchAs(node) => {
            if let Some(inner) = &node.pattern {
                collect_names(inner, names);
            }
            add_name(node.name.as_ref(), names);
        }
        Pattern::MatchSequence(node) => node.patterns.iter().for_each(|part| collect_names(part, names)),
        Pattern::MatchMapping(node) => {
            node.patterns.iter().for_each(|part| collect_names(part, names));
            add_name(node.rest.as_ref(), names);
        }
        Pattern::MatchClass(node) => {
            node.arguments.patterns.iter().for_each(|part| collect_names(part, names));
            node.arguments.keywords.iter().for_each(|keyword| collect_names(&keyword.pattern, names));
        }
        Pattern::MatchOr(node) => {
            if let Some(first) = node.patterns.first() {
                collect_names(first, names);
            }
        }
    }
}

fn add_name(name: Option<&Identifier>, names: &mut Vec<Name>) {
    if let Some(name) = name
        && !names.contains(&name.id)
    {
        names.push(name.id.clone());
    }
}

/// `_`.
fn is_blank(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::MatchAs(node) if node.pattern.is_none() && node.name.is_none())
}
