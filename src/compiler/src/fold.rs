//! Constant folding where CPython folds: operators on literals, tuples of constants, subscripts of them.
//! Anything that could raise or grow large is left to run time.

use bytecode::{Const, Wtf8};
use ruff_python_ast::{Expr, Number, Operator, UnaryOp};

use crate::literals::{int_constant, string_text};
use crate::source::SourceMap;

/// Folded strings and tuples stay below this.
const MAX_LENGTH: usize = 4096;
const MAX_DEPTH: u32 = 60;

pub(crate) struct Folder<'a> {
    pub map: &'a SourceMap<'a>,
    /// Value of `__debug__`.
    pub debug: bool,
    /// Longest decimal literal.
    pub int_digits: usize,
}

impl Folder<'_> {
    /// The constant that an expression always gives.
    pub fn constant(&self, expr: &Expr) -> Option<Const> {
        self.fold(expr, MAX_DEPTH)
    }

    fn fold(&self, expr: &Expr, depth: u32) -> Option<Const> {
        let depth = depth.checked_sub(1)?;
        match expr {
            Expr::NoneLiteral(_) => Some(Const::None),
            Expr::BooleanLiteral(node) => Some(boolean(node.value)),
            Expr::EllipsisLiteral(_) => Some(Const::Ellipsis),
            Expr::NumberLiteral(node) => match &node.value {
                Number::Int(int) => int_constant(int, self.int_digits).ok(),
                Number::Float(number) => Some(Const::float(*number)),
                Number::Complex { real, imag } => Some(Const::Complex(real.to_bits(), imag.to_bits())),
            },
            Expr::StringLiteral(node) => Some(Const::Str(string_text(self.map, node))),
            Expr::BytesLiteral(node) => Some(Const::Bytes(node.value.bytes().collect())),
            Expr::Name(node) if node.id == "__debug__" => Some(boolean(self.debug)),
            Expr::UnaryOp(node) => unary(node.op, self.fold(&node.operand, depth)?),
            Expr::BinOp(node) => binary(node.op, self.fold(&node.left, depth)?, self.fold(&node.right, depth)?),
            Expr::Tuple(node) => {
                let items: Option<Vec<Const>> = node.elts.iter().map(|elt| self.fold(elt, depth)).collect();
                Some(Const::Tuple(items?.into()))
            }
            Expr::Subscript(node) if !node.slice.is_slice_expr() => {
                subscript(self.fold(&node.value, depth)?, self.fold(&node.slice, depth)?)
            }
            _ => None,
        }
    }

    /// Truth of an expression that is a constant.
    pub fn truth(&self, expr: &Expr) -> Option<bool> {
        match expr {
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => self.truth(&node.operand).map(|truth| !truth),
            _ => self.constant(expr).map(|constant| is_true(&constant)),
        }
    }
}

pub(crate) fn boolean(value: bool) -> Const {
    if value { Const::True } else { Const::False }
}

pub(crate) fn is_true(constant: &Const) -> bool {
    match constant {
        Const::None | Const::False | Const::Int(0) => false,
        Const::Float(bits) => f64::from_bits(*bits) != 0.0,
        Const::Complex(real, imag) => f64::from_bits(*real) != 0.0 || f64::from_bits(*imag) != 0.0,
        Const::Str(text) => !text.as_bytes().is_empty(),
        Const::Bytes(bytes) => !bytes.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        _ => true,
    }
}

fn unary(op: UnaryOp, operand: Const) -> Option<Const> {
    Some(match (op, operand) {
        (UnaryOp::Not, operand) => boolean(!is_true(&operand)),
        (UnaryOp::USub, Const::Int(number)) => whole(-i128::from(number)),
        (UnaryOp::USub, Const::BigInt(digits)) if &*digits == "8000000000000000" => Const::Int(i64::MIN),
        (UnaryOp::USub, Const::BigInt(digits)) => Const::BigInt(match digits.strip_prefix('-') {
            Some(digits) => digits.into(),
            None => format!("-{digits}").into(),
        }),
        (UnaryOp::USub, Const::Float(bits)) => Const::float(-f64::from_bits(bits)),
        (UnaryOp::USub, Const::Complex(real, imag)) => {
            Const::Complex((-f64::from_bits(real)).to_bits(), (-f64::from_bits(imag)).to_bits())
        }
        (UnaryOp::UAdd, number @ (Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(..))) => number,
        (UnaryOp::UAdd, Const::True) => Const::Int(1),
        (UnaryOp::UAdd, Const::False) => Const::Int(0),
        (UnaryOp::USub, Const::True) => Const::Int(-1),
        (UnaryOp::USub, Const::False) => Const::Int(0),
        (UnaryOp::Invert, number @ (Const::Int(_) | Const::BigInt(_))) => whole(!as_number(&number)?),
        _ => return None,
    })
}

/// An int of up to 127 bits.
fn as_number(constant: &Const) -> Option<i128> {
    match constant {
        Const::Int(number) => Some(i128::from(*number)),
        Const::BigInt(digits) => i128::from_str_radix(digits, 16).ok(),
        Const::True => Some(1),
        Const::False => Some(0),
        _ => None,
    }
}

fn whole(number: i128) -> Const {
    match i64::try_from(number) {
        Ok(number) => Const::Int(number),
        Err(_) if number < 0 => Const::BigInt(format!("-{:x}", number.unsigned_abs()).into()),
        Err(_) => Const::BigInt(format!("{number:x}").into()),
    }
}

fn as_float(constant: &Const) -> Option<f64> {
    match constant {
        Const::Float(bits) => Some(f64::from_bits(*bits)),
        // Exact conversions only.
        other => as_number(other).filter(|number| number.unsigned_abs() <= 1 << 53).map(|number| number as f64),
    }
}

fn as_complex(constant: &Const) -> Option<(f64, f64)> {
    match constant {
        Const::Complex(real, imag) => Some((f64::from_bits(*real), f64::from_bits(*imag))),
        _ => None,
    }
}

fn binary(op: Operator, left: Const, right: Const) -> Option<Const> {
    let is_bool = |constant: &Const| matches!(constant, Const::True | Const::False);
    if is_bool(&left) && is_bool(&right) && matches!(op, Operator::BitAnd | Operator::BitOr | Operator::BitXor) {
        return None;
    }
    if let (Some(left), Some(right)) = (as_number(&left), as_number(&right)) {
        return integer(op, left, right);
    }
    if as_complex(&left).is_some() || as_complex(&right).is_some() {
        return complex(op, &left, &right);
    }
    if let (Some(left), Some(right)) = (as_float(&left), as_float(&right)) {
        return float(op, left, right);
    }
    match (op, left, right) {
        (Operator::Add, Const::Str(left), Const::Str(right)) => {
            joined(left.as_bytes(), right.as_bytes()).and_then(|bytes| Wtf8::from_bytes(&bytes)).map(Const::Str)
        }
        (Operator::Add, Const::Bytes(left), Const::Bytes(right)) => joined(&left, &right).map(|bytes| Const::Bytes(bytes.into())),
        (Operator::Add, Const::Tuple(left), Const::Tuple(right)) if left.len() + right.len() <= 256 => {
            Some(Const::Tuple(left.iter().chain(&right).cloned().collect()))
        }
        (Operator::Mult, Const::Str(text), Const::Int(count)) | (Operator::Mult, Const::Int(count), Const::Str(text)) => {
            repeated(text.as_bytes(), count).and_then(|bytes| Wtf8::from_bytes(&bytes)).map(Const::Str)
        }
        (Operator::Mult, Const::Bytes(bytes), Const::Int(count)) | (Operator::Mult, Const::Int(count), Const::Bytes(bytes)) => {
            repeated(&bytes, count).map(|bytes| Const::Bytes(bytes.into()))
        }
        (Operator::Mult, Const::Tuple(items), Const::Int(count)) | (Operator::Mult, Const::Int(count), Const::Tuple(items)) => {
            let count = usize::try_from(count.max(0)).ok()?;
            (items.len().checked_mul(count)? <= 256)
                .then(|| Const::Tuple(items.iter().cycle().take(items.len() * count).cloned().collect()))
        }
        _ => None,
    }
}

fn joined(left: &[u8], right: &[u8]) -> Option<Vec<u8>> {
    (left.len() + right.len() <= MAX_LENGTH).then(|| [left, right].concat())
}

fn repeated(bytes: &[u8], count: i64) -> Option<Vec<u8>> {
    let count = usize::try_from(count.max(0)).ok()?;
    (bytes.len().checked_mul(count)? <= MAX_LENGTH).then(|| bytes.repeat(count))
}

fn integer(op: Operator, left: i128, right: i128) -> Option<Const> {
    Some(whole(match op {
        Operator::Add => left.checked_add(right)?,
        Operator::Sub => left.checked_sub(right)?,
        Operator::Mult => left.checked_mul(right)?,
        Operator::FloorDiv => floor_div(left, right)?,
        Operator::Mod => left.checked_sub(floor_div(left, right)?.checked_mul(right)?)?,
        Operator::Pow => left.checked_pow(u32::try_from(right).ok()?)?,
        Operator::LShift => left.checked_mul(1_i128.checked_shl(u32::try_from(right).ok()?).filter(|power| *power > 0)?)?,
        Operator::RShift => left >> u32::try_from(right).ok()?.min(127),
        Operator::BitOr => left | right,
        Operator::BitXor => left ^ right,
        Operator::BitAnd => left & right,
        Operator::Div => {
            let exact = |number: i128| number.unsigned_abs() <= 1 << 53;
            return (right != 0 && exact(left) && exact(right)).then(|| Const::float(left as f64 / right as f64));
        }
        Operator::MatMult => return None,
    }))
}

fn floor_div(left: i128, right: i128) -> Option<i128> {
    let quotient = left.checked_div(right)?;
    let inexact = left.checked_rem(right)? != 0;
    Some(if inexact && (left < 0) != (right < 0) { quotient - 1 } else { quotient })
}

fn float(op: Operator, left: f64, right: f64) -> Option<Const> {
    Some(Const::float(match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right != 0.0 => left / right,
        _ => return None,
    }))
}

/// Sums with a complex operand. A real operand has no imaginary part: the sign of a zero stays.
fn complex(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    let (real, imag) = match (as_float(left), as_complex(left), as_float(right), as_complex(right), op) {
        (Some(a), _, _, Some((b, imag)), Operator::Add) => (a + b, imag),
        (Some(a), _, _, Some((b, imag)), Operator::Sub) => (a - b, -imag),
        (_, Some((a, imag)), Some(b), _, Operator::Add) => (a + b, imag),
        (_, Some((a, imag)), Some(b), _, Operator::Sub) => (a - b, imag),
        (_, Some((a, c)), _, Some((b, d)), Operator::Add) => (a + b, c + d),
        (_, Some((a, c)), _, Some((b, d)), Operator::Sub) => (a - b, c - d),
        _ => return None,
    };
    Some(Const::Complex(real.to_bits(), imag.to_bits()))
}

fn subscript(value: Const, index: Const) -> Option<Const> {
    let index = as_number(&index)?;
    let at = |length: usize| usize::try_from(if index < 0 { index + length as i128 } else { index }).ok();
    match value {
        Const::Tuple(items) => items.get(at(items.len())?).cloned(),
        Const::Str(text) => {
            let text = text.as_str()?;
            let chars: Vec<char> = text.chars().take(MAX_LENGTH).collect();
            (chars.len() < MAX_LENGTH).then(|| chars.get(at(chars.len())?).map(|ch| Const::str(&ch.to_string())))?
        }
        Const::Bytes(bytes) => bytes.get(at(bytes.len())?).map(|&byte| Const::Int(i64::from(byte))),
        _ => None,
    }
}
