//! Binary, in-place and unary operators, and rich comparison, as the data model defines them.

use crate::class::{self, Class, class_name, class_of};
use crate::error::{R, type_error};
use crate::int::{int_add, int_cmp, int_mul, int_sub, int_view};
use crate::layout::{Cast, Gc};
use crate::slots::{Binary, FnSlot, Slots};
use crate::str::Str;
use heap::Value;

macro_rules! binary_ops {
    ($($id:ident $symbol:literal $forward:ident $reflected:ident $inplace:ident;)*) => {
        /// The binary operators with two-operand slots (`**` is apart: it has three).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum BinaryOp { $($id),* }

        impl BinaryOp {
            pub fn symbol(self) -> &'static str {
                match self { $(BinaryOp::$id => $symbol),* }
            }
            #[inline]
            pub(super) fn forward(self, slots: &Slots) -> &FnSlot<Binary> {
                match self { $(BinaryOp::$id => &slots.$forward),* }
            }
            #[inline]
            pub(super) fn reflected(self, slots: &Slots) -> &FnSlot<Binary> {
                match self { $(BinaryOp::$id => &slots.$reflected),* }
            }
            #[inline]
            pub(super) fn inplace(self, slots: &Slots) -> Option<&FnSlot<Binary>> {
                match self { BinaryOp::DivMod => None, $(BinaryOp::$id => Some(&slots.$inplace)),* }
            }
        }
    };
}

#[allow(unreachable_patterns)]
mod table {
    use super::*;
    binary_ops! {
        Add "+" add radd iadd;
        Sub "-" sub rsub isub;
        Mul "*" mul rmul imul;
        MatMul "@" matmul rmatmul imatmul;
        TrueDiv "/" truediv rtruediv itruediv;
        FloorDiv "//" floordiv rfloordiv ifloordiv;
        Mod "%" modulo rmod imod;
        LShift "<<" lshift rlshift ilshift;
        RShift ">>" rshift rrshift irshift;
        And "&" and rand iand;
        Or "|" or ror ior;
        Xor "^" xor rxor ixor;
        DivMod "divmod()" divmod rdivmod iadd;
    }
}
pub use table::BinaryOp;

/// `a op b`.
pub fn binary_op(op: BinaryOp, a: Value, b: Value) -> R {
    if a.is_float() && b.is_float() {
        let (x, y) = (a.as_float(), b.as_float());
        match op {
            BinaryOp::Add => return Ok(Value::float(x + y)),
            BinaryOp::Sub => return Ok(Value::float(x - y)),
            BinaryOp::Mul => return Ok(Value::float(x * y)),
            _ => {}
        }
    } else if let Some(result) = crate::int_ops::plain_binary(op, a, b) {
        return result;
    }
    let result = binary_op_slots(op, a, b)?;
    if result.is_not_implemented() {
        return Err(unsupported(op.symbol(), a, b));
    }
    Ok(result)
}

/// The dispatch without the final TypeError.
#[inline(always)]
fn binary_op_slots(op: BinaryOp, a: Value, b: Value) -> R {
    let (class_a, class_b) = (class_of(a), class_of(b));
    let forward = op.forward(&class_a.slots).get();
    let mut reflected = None;
    if class_a != class_b {
        reflected = op.reflected(&class_b.slots).get();
        if let Some(function) = reflected {
            // No built-in class is below a program's or an extension's.
            let may_be_below = class_b.flags.has(class::HEAP_TYPE) || !class_a.flags.has(class::HEAP_TYPE);
            if (may_be_below || class_a.flags.has(class::SEQUENCE_OPS)) && is_reflected_first(op, class_a, class_b, may_be_below)
            {
                let result = function(b, a)?;
                if !result.is_not_implemented() {
                    return Ok(result);
                }
                reflected = None;
            }
        }
    }
    if let Some(function) = forward {
        let result = function(a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    match reflected {
        Some(function) => function(b, a),
        None => Ok(Value::not_implemented()),
    }
}

#[inline(never)]
fn is_reflected_first(op: BinaryOp, class_a: Gc<Class>, class_b: Gc<Class>, may_be_below: bool) -> bool {
    let overrides = may_be_below && class_b.is_subclass_of(class_a) && overrides_reflected(op, class_a, class_b);
    overrides || is_sequence_op(op, class_a, class_b)
}

/// Concatenation and repetition of native sequences come after the other operand's number protocol.
fn is_sequence_op(op: BinaryOp, class_a: Gc<Class>, class_b: Gc<Class>) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Mul)
        && class_a.flags.has(class::SEQUENCE_OPS)
        && !class_b.flags.has(class::SEQUENCE_OPS)
}

/// A subclass's reflected method goes first only if it is not the one that the base class has.
fn overrides_reflected(op: BinaryOp, base: Gc<Class>, subclass: Gc<Class>) -> bool {
    let name = reflected_name(op);
    crate::lookup::type_lookup(base, name) != crate::lookup::type_lookup(subclass, name)
}

fn reflected_name(op: BinaryOp) -> Gc<Str> {
    use crate::slots::SlotId;
    let id = match op {
        BinaryOp::Add => SlotId::RAdd,
        BinaryOp::Sub => SlotId::RSub,
        BinaryOp::Mul => SlotId::RMul,
        BinaryOp::MatMul => SlotId::RMatMul,
        BinaryOp::TrueDiv => SlotId::RTrueDiv,
        BinaryOp::FloorDiv => SlotId::RFloorDiv,
        BinaryOp::Mod => SlotId::RMod,
        BinaryOp::LShift => SlotId::RLShift,
        BinaryOp::RShift => SlotId::RRShift,
        BinaryOp::And => SlotId::RAnd,
        BinaryOp::Or => SlotId::ROr,
        BinaryOp::Xor => SlotId::RXor,
        BinaryOp::DivMod => SlotId::RDivMod,
    };
    crate::intern::slot_name(id as u8)
}

#[cold]
fn unsupported(symbol: &str, a: Value, b: Value) -> crate::error::Raised {
    if symbol == ">>"
        && let Some(function) = a.cast::<crate::descr::NativeFunction>()
        && function.def.name == "print"
    {
        return type_error!(
            "unsupported operand type(s) for {}: '{}' and '{}'. Did you mean \"print(<message>, file=<output_stream>)\"?",
            symbol,
            class_name(a),
            class_name(b)
        );
    }
    type_error!("unsupported operand type(s) for {}: '{}' and '{}'", symbol, class_name(a), class_name(b))
}

/// `a op= b`.
pub fn inplace_op(op: BinaryOp, a: Value, b: Value) -> R {
    if let Some(result) = crate::int_ops::plain_binary(op, a, b) {
        return result;
    }
    let class_a = class_of(a);
    if let Some(function) = op.inplace(&class_a.slots).and_then(FnSlot::get) {
        if !b.is_int()
            && let class_b = class_of(b)
            && class_b != class_a
            && let Some(reflected) = op.reflected(&class_b.slots).get()
            && class_b.flags.has(class::HEAP_TYPE)
            && !class_a.flags.has(class::HEAP_TYPE)
            && is_sequence_op(op, class_a, class_b)
        {
            let result = reflected(b, a)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let result = function(a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if a.is_float() || a.is_int() {
        return match binary_op_or_none(op, a, b)? {
            Some(result) => Ok(result),
            None => Err(unsupported(&format!("{}=", op.symbol()), a, b)),
        };
    }
    let result = binary_op_slots(op, a, b)?;
    if result.is_not_implemented() {
        return Err(unsupported(&format!("{}=", op.symbol()), a, b));
    }
    Ok(result)
}

fn binary_op_or_none(op: BinaryOp, a: Value, b: Value) -> R<Option<Value>> {
    let result = binary_op_slots(op, a, b)?;
    Ok(if result.is_not_implemented() { None } else { Some(result) })
}

/// `pow(a, b, modulus)`; no modulus is `a ** b`.
pub fn power(a: Value, b: Value, modulus: Option<Value>) -> R {
    match try_power(a, b, modulus)? {
        Some(result) => Ok(result),
        None => match modulus {
            Some(modulus) if !modulus.is_none() => Err(type_error!(
                "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
                class_name(a),
                class_name(b),
                class_name(modulus)
            )),
            _ => Err(unsupported("** or pow()", a, b)),
        },
    }
}

static MODULUS_POWER: std::sync::OnceLock<fn(Value, Value, Value) -> R> = std::sync::OnceLock::new();

/// Registers what knows powers of foreign operands by its modulus; for other moduli it answers NotImplemented.
pub fn install_modulus_power(function: fn(Value, Value, Value) -> R) {
    let _ = MODULUS_POWER.set(function);
}

/// None if neither operand knows how.
fn try_power(a: Value, b: Value, modulus: Option<Value>) -> R<Option<Value>> {
    let none = Value::none();
    let third = modulus.unwrap_or(none);
    let (class_a, class_b) = (class_of(a), class_of(b));
    let forward = class_a.slots.pow.get();
    let mut reflected = if class_a != class_b { class_b.slots.rpow.get() } else { None };
    if let Some(function) = reflected
        && class_b.is_subclass_of(class_a)
    {
        let name = crate::intern::slot_name(crate::slots::SlotId::RPow as u8);
        if crate::lookup::type_lookup(class_a, name) != crate::lookup::type_lookup(class_b, name) {
            let result = function(b, a, third)?;
            if !result.is_not_implemented() {
                return Ok(Some(result));
            }
            reflected = None;
        }
    }
    for (function, x, y) in [(forward, a, b), (reflected, b, a)] {
        if let Some(function) = function {
            let result = function(x, y, third)?;
            if !result.is_not_implemented() {
                return Ok(Some(result));
            }
        }
    }
    if let Some(modulus) = modulus.filter(|modulus| !modulus.is_none() && !modulus.is_int())
        && let Some(function) = MODULUS_POWER.get()
    {
        let result = function(a, b, modulus)?;
        return Ok(if result.is_not_implemented() { None } else { Some(result) });
    }
    Ok(None)
}

/// `a **= b`.
pub fn inplace_power(a: Value, b: Value) -> R {
    if let Some(function) = class_of(a).slots.ipow.get() {
        let result = function(a, b, Value::none())?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    try_power(a, b, None)?.ok_or_else(|| unsupported("**=", a, b))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
}

/// `-a`, `+a`, `~a`.
pub fn unary_op(op: UnaryOp, a: Value) -> R {
    let slots = &class_of(a).slots;
    let (slot, symbol) = match op {
        UnaryOp::Neg => (&slots.neg, "-"),
        UnaryOp::Pos => (&slots.pos, "+"),
        UnaryOp::Invert => (&slots.invert, "~"),
    };
    match slot.get() {
        Some(function) => function(a),
        None => Err(type_error!("bad operand type for unary {}: '{}'", symbol, class_name(a))),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }
    pub fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
            same => same,
        }
    }
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => order.is_lt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Ge => order.is_ge(),
        }
    }
    #[inline]
    fn slot(self, slots: &Slots) -> &FnSlot<Binary> {
        match self {
            CompareOp::Lt => &slots.lt,
            CompareOp::Le => &slots.le,
            CompareOp::Eq => &slots.eq,
            CompareOp::Ne => &slots.ne,
            CompareOp::Gt => &slots.gt,
            CompareOp::Ge => &slots.ge,
        }
    }
}

/// `a op b` as a value (may be anything).
pub fn compare(op: CompareOp, a: Value, b: Value) -> R {
    if a.both_int(b) {
        return Ok(Value::bool(op.holds(a.as_int().cmp(&b.as_int()))));
    }
    if let (Some(x), Some(y)) = (a.cast_exact::<Str>(), b.cast_exact::<Str>()) {
        let result = match op {
            CompareOp::Eq => crate::str::str_eq(&x, &y),
            CompareOp::Ne => !crate::str::str_eq(&x, &y),
            _ => op.holds(crate::str::str_cmp(&x, &y)),
        };
        return Ok(Value::bool(result));
    }
    let _guard = crate::thread::enter_recursion_in(" in comparison")?;
    let (class_a, class_b) = (class_of(a), class_of(b));
    let mut reflected_done = false;
    if class_a != class_b
        && class_b.is_subclass_of(class_a)
        && let Some(function) = op.swapped().slot(&class_b.slots).get()
    {
        reflected_done = true;
        let result = function(b, a)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if let Some(function) = op.slot(&class_a.slots).get() {
        let result = function(a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if !reflected_done && let Some(function) = op.swapped().slot(&class_b.slots).get() {
        let result = function(b, a)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    match op {
        CompareOp::Eq => Ok(Value::bool(a == b)),
        CompareOp::Ne => Ok(Value::bool(a != b)),
        _ => Err(type_error!("'{}' not supported between instances of '{}' and '{}'", op.symbol(), class_name(a), class_name(b))),
    }
}

/// `bool(a op b)`.
pub fn compare_bool(op: CompareOp, a: Value, b: Value) -> R<bool> {
    let result = compare(op, a, b)?;
    if let Some(flag) = result.as_bool() { Ok(flag) } else { crate::protocol::is_true(result) }
}

/// `a == b` as containers compare: identical objects are equal.
#[inline]
pub fn eq(a: Value, b: Value) -> R<bool> {
    if a == b {
        // A NaN is identical to itself here, as in CPython's containers.
        return Ok(true);
    }
    compare_bool(CompareOp::Eq, a, b)
}

/// Arithmetic on ints for natives that already hold numbers of unknown size.
pub fn add_values(a: Value, b: Value) -> R {
    match (int_view(a), int_view(b)) {
        (Some(x), Some(y)) => Ok(int_add(x, y)),
        _ => binary_op(BinaryOp::Add, a, b),
    }
}
pub fn sub_values(a: Value, b: Value) -> R {
    match (int_view(a), int_view(b)) {
        (Some(x), Some(y)) => Ok(int_sub(x, y)),
        _ => binary_op(BinaryOp::Sub, a, b),
    }
}
pub fn mul_values(a: Value, b: Value) -> R {
    match (int_view(a), int_view(b)) {
        (Some(x), Some(y)) => int_mul(x, y),
        _ => binary_op(BinaryOp::Mul, a, b),
    }
}
/// Order of two ints.
pub fn cmp_ints(a: Value, b: Value) -> Option<std::cmp::Ordering> {
    Some(int_cmp(int_view(a)?, int_view(b)?))
}
