//! Copies of trees of `ast` objects; on the way those that are to be optimized lose what needs no run: `__debug__`, numbers in patterns,
//! formats with `%` that f-strings can have, docstrings.

use super::classes::{base_class, class_of_kind, kind_of, singleton};
use super::from_python::{kind_in, list_field, missing, required, unexpected, wanted_kind};
use super::table::{Attributes, BASES, Base, Kind, Quantity, Row};
use objects::Cast;
use objects::class_new::new_instance;
use objects::operators::{BinaryOp, UnaryOp, add_values, binary_op, unary_op};
use objects::str::str_is;
use objects::{GcVec, R, Str, Value, class_of, generic_set_attr, get_attr_opt, int_view, intern, new_int, new_list, new_str};

/// What is done to a copy.
#[derive(Clone, Copy)]
pub struct Folding {
    pub debug: bool,
    pub keeps_docstrings: bool,
}

/// A new tree of plain nodes that says the same; `folding` optimizes it.
pub fn copied(tree: Value, mode: &str, folding: Option<Folding>) -> R {
    let kind = wanted_kind(tree, mode)?;
    Copier { folding }.node(tree, kind)
}

fn row_of(kind: Kind) -> (&'static Base, &'static Row) {
    let rows = BASES.iter().flat_map(|base| base.children.iter().map(move |row| (base, row)));
    rows.into_iter().find(|(_, row)| row.kind == kind).expect("every kind has its row")
}

fn field(node: Value, name: &str) -> R<Option<Value>> {
    get_attr_opt(node, intern(name))
}

fn set(node: Value, name: &str, value: Value) -> R<()> {
    generic_set_attr(node, intern(name), Some(value))
}

fn is(kind: Kind, value: Value) -> bool {
    class_of(value).is_subclass_of(class_of_kind(kind))
}

/// The number of a constant.
fn number(node: Value) -> R<Option<Value>> {
    if !is(Kind::Constant, node) {
        return Ok(None);
    }
    let is_number = |value: &Value| {
        value.is_float() || int_view(*value).is_some() && !value.is_bool() || value.cast_exact::<objects::Complex>().is_some()
    };
    Ok(field(node, "value")?.filter(is_number))
}

struct Copier {
    folding: Option<Folding>,
}

impl Copier {
    fn node(&self, node: Value, kind: Kind) -> R {
        let _guard = objects::thread::enter_recursion_in(" during ast construction")?;
        let (base, row) = row_of(kind);
        if row.fields.is_empty() && base.attributes == Attributes::None {
            return Ok(singleton(kind));
        }
        let copy = new_instance(class_of_kind(kind));
        for row_field in row.fields() {
            let name = row_field.name;
            let value = match row_field.quantity {
                Quantity::Many | Quantity::ManyOptional => {
                    let mut items = GcVec::new();
                    for (passed, item) in list_field(node, kind, name)?.iter().enumerate() {
                        objects::containers::poll_at(passed)?;
                        items.push(self.value(*item, row_field.type_name)?);
                    }
                    new_list(&items).value()
                }
                Quantity::Optional => self.value(field(node, name)?.unwrap_or(Value::none()), row_field.type_name)?,
                Quantity::One if row_field.type_name == "expr_context" && field(node, name)?.is_none() => singleton(Kind::Load),
                Quantity::One => self.value(required(node, kind, name)?, row_field.type_name)?,
            };
            set(copy, name, value)?;
        }
        if base.attributes != Attributes::None {
            self.copy_position(node, copy, kind)?;
        }
        match self.folding {
            Some(folding) => self.fold(copy, kind, folding),
            None => Ok(copy),
        }
    }

    fn copy_position(&self, node: Value, copy: Value, kind: Kind) -> R<()> {
        let (base, row) = row_of(kind);
        let owner = if base.name == "AST" { row.name } else { base.name };
        for (name, default) in
            [("lineno", None), ("col_offset", None), ("end_lineno", Some("lineno")), ("end_col_offset", Some("col_offset"))]
        {
            let value = match (field(node, name)?, default) {
                (Some(value), None) => value,
                (Some(value), _) if !value.is_none() => value,
                (_, Some(start)) if base.attributes == Attributes::Start => field(copy, start)?.unwrap_or(Value::none()),
                _ => return Err(missing(owner, name)),
            };
            set(copy, name, value)?;
        }
        Ok(())
    }

    fn value(&self, value: Value, type_name: &'static str) -> R {
        if value.is_none() || matches!(type_name, "identifier" | "string" | "int" | "constant") {
            return Ok(value);
        }
        let kind = match base_class(type_name) {
            Some(_) => kind_in(type_name, value)?,
            None => {
                let kinds = BASES.iter().flat_map(|base| base.children).filter(|row| row.name == type_name).map(|row| row.kind);
                kind_of(value, kinds).ok_or_else(|| unexpected(type_name, value))?
            }
        };
        self.node(value, kind)
    }

    fn fold(&self, node: Value, kind: Kind, folding: Folding) -> R {
        match kind {
            Kind::Name => {
                let is_debug = field(node, "id")?.and_then(|id| id.cast::<Str>()).is_some_and(|id| str_is(&id, "__debug__"));
                if is_debug && field(node, "ctx")?.is_some_and(|context| is(Kind::Load, context)) {
                    return self.constant_at(node, Value::bool(folding.debug));
                }
            }
            Kind::MatchValue => {
                if let Some(value) = field(node, "value")? {
                    set(node, "value", self.pattern_number(value)?)?;
                }
            }
            Kind::MatchMapping => {
                let mut keys = GcVec::new();
                for key in &list_field(node, kind, "keys")? {
                    keys.push(self.pattern_number(*key)?);
                }
                set(node, "keys", new_list(&keys).value())?;
            }
            Kind::BinOp => return Ok(self.formatted(node)?.unwrap_or(node)),
            Kind::Module | Kind::FunctionDef | Kind::AsyncFunctionDef | Kind::ClassDef if !folding.keeps_docstrings => {
                self.drop_docstring(node, kind)?
            }
            _ => {}
        }
        Ok(node)
    }

    fn constant_at(&self, place: Value, value: Value) -> R {
        let node = new_instance(class_of_kind(Kind::Constant));
        set(node, "value", value)?;
        set(node, "kind", Value::none())?;
        self.copy_position(place, node, Kind::Constant)?;
        Ok(node)
    }

    /// `-1`, `1 - 2j`, as one constant.
    fn pattern_number(&self, node: Value) -> R {
        if is(Kind::UnaryOp, node) {
            let operand = number(required(node, Kind::UnaryOp, "operand")?)?;
            if let Some(operand) = operand
                && is(Kind::USub, required(node, Kind::UnaryOp, "op")?)
            {
                return self.constant_at(node, unary_op(UnaryOp::Neg, operand)?);
            }
        } else if is(Kind::BinOp, node) {
            let left = self.pattern_number(required(node, Kind::BinOp, "left")?)?;
            let (left, right) = (number(left)?, number(required(node, Kind::BinOp, "right")?)?);
            let op = required(node, Kind::BinOp, "op")?;
            if let (Some(left), Some(right)) = (left, right) {
                if is(Kind::Add, op) {
                    return self.constant_at(node, add_values(left, right)?);
                }
                if is(Kind::Sub, op) {
                    return self.constant_at(node, binary_op(BinaryOp::Sub, left, right)?);
                }
            }
        }
        Ok(node)
    }

    /// A docstring goes; what it leaves is no docstring and not empty.
    fn drop_docstring(&self, node: Value, kind: Kind) -> R<()> {
        let body = list_field(node, kind, "body")?;
        let Some(first) = body.first().copied() else { return Ok(()) };
        if docstring(first)?.is_none() {
            return Ok(());
        }
        let mut rest = GcVec::new();
        for statement in &body[1..] {
            rest.push(*statement);
        }
        match rest.first().copied() {
            None => {
                let pass = new_instance(class_of_kind(Kind::Pass));
                let (line, column) = (required(first, Kind::Expr, "lineno")?, required(first, Kind::Expr, "col_offset")?);
                set(pass, "lineno", line)?;
                set(pass, "col_offset", column)?;
                set(pass, "end_lineno", line)?;
                set(pass, "end_col_offset", add_values(column, new_int("pass".len() as i64))?)?;
                rest.push(pass);
            }
            Some(next) => {
                if let Some(text) = docstring(next)? {
                    let joined = new_instance(class_of_kind(Kind::JoinedStr));
                    set(joined, "values", new_list(&[text]).value())?;
                    self.copy_position(text, joined, Kind::JoinedStr)?;
                    set(next, "value", joined)?;
                }
            }
        }
        set(node, "body", new_list(&rest).value())
    }

    /// The f-string that says the same as a format with `%` and a tuple.
    fn formatted(&self, node: Value) -> R<Option<Value>> {
        let part = |name: &str| required(node, Kind::BinOp, name);
        let (left, right) = (part("left")?, part("right")?);
        if !is(Kind::Mod, part("op")?) || !is(Kind::Constant, left) || !is(Kind::Tuple, right) {
            return Ok(None);
        }
        let Some(format) = field(left, "value")?.and_then(|value| value.cast::<Str>()) else { return Ok(None) };
        let Some(pieces) = format.as_str().and_then(pieces_of) else { return Ok(None) };
        let arguments = list_field(right, Kind::Tuple, "elts")?;
        let fields = pieces.iter().filter(|piece| matches!(piece, Piece::Field { .. })).count();
        if fields != arguments.len() || arguments.iter().any(|argument| is(Kind::Starred, *argument)) {
            return Ok(None);
        }
        let mut arguments = arguments.iter();
        let mut values = GcVec::new();
        for piece in &pieces {
            match piece {
                Piece::Text(text) => values.push(nowhere(text)?),
                Piece::Field { conversion, spec } => {
                    let argument = *arguments.next().expect("counted");
                    let value = new_instance(class_of_kind(Kind::FormattedValue));
                    set(value, "value", argument)?;
                    set(value, "conversion", new_int(i64::from(*conversion)))?;
                    set(value, "format_spec", if spec.is_empty() { Value::none() } else { nowhere(spec.as_str())? })?;
                    self.copy_position(argument, value, Kind::FormattedValue)?;
                    values.push(value);
                }
            }
        }
        let joined = new_instance(class_of_kind(Kind::JoinedStr));
        set(joined, "values", new_list(&values).value())?;
        self.copy_position(node, joined, Kind::JoinedStr)?;
        Ok(Some(joined))
    }
}

/// The constant of a statement that is a text.
fn docstring(statement: Value) -> R<Option<Value>> {
    if !is(Kind::Expr, statement) {
        return Ok(None);
    }
    let value = required(statement, Kind::Expr, "value")?;
    let is_text = is(Kind::Constant, value) && field(value, "value")?.is_some_and(|value| value.cast_exact::<Str>().is_some());
    Ok(is_text.then_some(value))
}

/// A text that CPython makes without a place.
fn nowhere(text: &str) -> R {
    let node = new_instance(class_of_kind(Kind::Constant));
    set(node, "value", new_str(text))?;
    set(node, "kind", Value::none())?;
    for name in ["lineno", "col_offset", "end_lineno", "end_col_offset"] {
        set(node, name, new_int(-1))?;
    }
    Ok(node)
}

enum Piece {
    Text(String),
    Field { conversion: u8, spec: String },
}

/// The pieces of a format whose fields are all `%s`, `%r` and `%a`, with widths of up to three digits.
fn pieces_of(format: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let mut to_left = false;
        while let Some(flag) = rest.next_if(|flag| "-+ #0".contains(*flag)) {
            to_left |= flag == '-';
        }
        let width = digits(&mut rest)?;
        let mut spec = match width {
            0 => String::new(),
            _ if to_left => width.to_string(),
            _ => format!(">{width}"),
        };
        if rest.next_if_eq(&'.').is_some() {
            spec += &format!(".{}", digits(&mut rest)?);
        }
        let conversion = rest.next().filter(|kind| "sra".contains(*kind))? as u8;
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(Piece::Field { conversion, spec });
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}

/// A number of up to three digits, none of which count as 0.
fn digits(text: &mut std::iter::Peekable<std::str::Chars>) -> Option<u32> {
    let (mut number, mut count) = (0, 0);
    while let Some(digit) = text.peek().and_then(|digit| digit.to_digit(10)) {
        text.next();
        (number, count) = (number * 10 + digit, count + 1);
        if count > 3 {
            return None;
        }
    }
    Some(number)
}
