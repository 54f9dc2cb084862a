//! The module `_opcode`: what the library's `opcode` asks about the operations of CPython 3.14, whose numbers its tables have, and
//! what our `dis` (lib/dis.py) asks about the operations of this runtime, which are others.

use bytecode::decode::{self, Decoded};
use bytecode::{CacheKind, ExtKind, Op, OperandKind};
use native_macros::native_module;
use objects::code::Code;
use objects::{Gc, GcVec, R, Value, new_int, new_list, new_str, new_tuple, not_implemented_error, runtime_error};

// One bit for each operation number of CPython 3.14.
static HAS_ARG: [u64; 8] = [0xfffff00000000000, 0x1ffffffffffffff, 0xfffffffffbff8001, 0xafbea000000e012f, 0x7be, 0x0, 0x0, 0x0];
static HAS_CONST: [u64; 8] = [0x0, 0x40000, 0xc000000000000000, 0x0, 0x0, 0x0, 0x0, 0x0];
static HAS_NAME: [u64; 8] = [0x2000000000000000, 0x18400138010303, 0x2008000000000000, 0x20000000000010c, 0x0, 0x0, 0x0, 0x0];
static HAS_JUMP: [u64; 8] = [0x0, 0x4f000003850, 0x1f00000000000, 0x100200000000000, 0x1e, 0x0, 0x0, 0x0];
static HAS_LOCAL: [u64; 8] = [0x8000000000000008, 0x7000003f80000, 0x0, 0x0, 0x420000, 0x0, 0x0, 0x0];
static HAS_FREE: [u64; 8] = [0x4000000000000000, 0x800204000000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0];
static HAS_EXC: [u64; 8] = [0x0, 0x0, 0x0, 0x0, 0x380, 0x0, 0x0, 0x0];
static VALID: [u64; 8] = [0xffffffffffffffff, 0x1ffffffffffffff, 0xffffffffffffffff, 0xfffffc00000fffff, 0x7ff, 0x0, 0x0, 0x0];

const NB_OPS: &[(&str, &str)] = &[
    ("NB_ADD", "+"),
    ("NB_AND", "&"),
    ("NB_FLOOR_DIVIDE", "//"),
    ("NB_LSHIFT", "<<"),
    ("NB_MATRIX_MULTIPLY", "@"),
    ("NB_MULTIPLY", "*"),
    ("NB_REMAINDER", "%"),
    ("NB_OR", "|"),
    ("NB_POWER", "**"),
    ("NB_RSHIFT", ">>"),
    ("NB_SUBTRACT", "-"),
    ("NB_TRUE_DIVIDE", "/"),
    ("NB_XOR", "^"),
    ("NB_INPLACE_ADD", "+="),
    ("NB_INPLACE_AND", "&="),
    ("NB_INPLACE_FLOOR_DIVIDE", "//="),
    ("NB_INPLACE_LSHIFT", "<<="),
    ("NB_INPLACE_MATRIX_MULTIPLY", "@="),
    ("NB_INPLACE_MULTIPLY", "*="),
    ("NB_INPLACE_REMAINDER", "%="),
    ("NB_INPLACE_OR", "|="),
    ("NB_INPLACE_POWER", "**="),
    ("NB_INPLACE_RSHIFT", ">>="),
    ("NB_INPLACE_SUBTRACT", "-="),
    ("NB_INPLACE_TRUE_DIVIDE", "/="),
    ("NB_INPLACE_XOR", "^="),
    ("NB_SUBSCR", "[]"),
];
const INTRINSICS_1: &[&str] = &[
    "INTRINSIC_1_INVALID",
    "INTRINSIC_PRINT",
    "INTRINSIC_IMPORT_STAR",
    "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP",
    "INTRINSIC_UNARY_POSITIVE",
    "INTRINSIC_LIST_TO_TUPLE",
    "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC",
    "INTRINSIC_TYPEVARTUPLE",
    "INTRINSIC_SUBSCRIPT_GENERIC",
    "INTRINSIC_TYPEALIAS",
];
const INTRINSICS_2: &[&str] = &[
    "INTRINSIC_2_INVALID",
    "INTRINSIC_PREP_RERAISE_STAR",
    "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
];
const SPECIAL_METHODS: &[&str] = &["__enter__", "__exit__", "__aenter__", "__aexit__"];

fn has(table: &[u64; 8], opcode: i32) -> bool {
    (0..512).contains(&opcode) && table[opcode as usize / 64] >> (opcode % 64) & 1 != 0
}
fn texts(texts: &[&str]) -> Value {
    let items: GcVec = texts.iter().map(|text| new_str(text)).collect();
    new_list(&items).value()
}

/// What an instruction is about: a name, a constant, the place that it jumps to, else its operands as a number.
fn subject(code: Gc<Code>, one: &Decoded) -> Value {
    let unit = code.unit();
    let constants = code.constants();
    let constant = |index: usize| constants.get(index).copied().unwrap_or(Value::none());
    let name = |index: usize| code.names().get(index).map_or(Value::none(), |name| name.value());
    if let Some(target) = one.jump_target() {
        return new_int(target as i64 * 2);
    }
    match one.op {
        Op::LoadNone => return Value::none(),
        Op::LoadTrue => return Value::true_(),
        Op::LoadFalse => return Value::false_(),
        _ => {}
    }
    let info = one.op.info();
    match info.ext {
        ExtKind::Name => return name(one.ext as usize),
        ExtKind::Const => return constant(one.ext as usize),
        ExtKind::Cache(_) => match unit.caches.get(one.ext as usize) {
            Some(cache) if cache.kind.has_name() => return name(cache.index as usize),
            Some(cache) if cache.kind == CacheKind::CallKw => return constant(cache.index as usize),
            _ => {}
        },
        _ => {}
    }
    let wide = one.wide();
    for kind in info.operands {
        match kind {
            OperandKind::K16 => return constant(wide as usize),
            OperandKind::N16 => return name(wide as usize),
            OperandKind::V16 => return unit.variable(wide as usize).map_or(Value::none(), |entry| new_str(entry.0)),
            OperandKind::U16 => return new_int(i64::from(wide)),
            OperandKind::I16 => return new_int(i64::from(wide as i16)),
            _ => {}
        }
    }
    operand_bits(one)
}

fn operand_bits(one: &Decoded) -> Value {
    new_int(i64::from(one.a) | i64::from(one.b) << 8 | i64::from(one.c) << 16)
}

pub struct Opcode;

/// Opcode support module.
#[native_module(name = "_opcode")]
impl Opcode {
    #[attr("ENABLE_SPECIALIZATION")]
    const ENABLE_SPECIALIZATION: bool = false;
    #[attr("ENABLE_SPECIALIZATION_FT")]
    const ENABLE_SPECIALIZATION_FT: bool = false;

    /// By how much the opcode makes the stack grow.
    #[sig("($module, opcode, oparg=None, /, *, jump=None)")]
    fn stack_effect(_opcode: i32, _oparg: Option<Value>, _jump: Option<Value>) -> R {
        Err(not_implemented_error!("_opcode.stack_effect: this runtime has registers, not a stack of operands"))
    }
    /// The instructions of a code object: (offset, name, operands, what it is about, operands as text, whether it jumps).
    fn _instructions(code: Gc<Code>) -> Value {
        let rows: GcVec = decode::instructions(&code.unit().words)
            .map(|one| {
                let text = bytecode::disassemble::operands(code.unit(), &one);
                let jumps = Value::bool(one.jump_target().is_some());
                let offset = new_int(one.pc as i64 * 2);
                new_tuple(&[offset, new_str(&one.op.mnemonic()), operand_bits(&one), subject(code, &one), new_str(&text), jumps])
                    .value()
            })
            .collect();
        new_list(&rows).value()
    }
    /// The instruction ranges under an exception handler: (first offset, end, handler, register of the exception).
    fn _handlers(code: Gc<Code>) -> Value {
        let rows: GcVec = code
            .unit()
            .exceptions
            .iter()
            .map(|row| {
                let number = |word: u32| new_int(i64::from(word) * 2);
                let register = new_int(i64::from(row.register));
                new_tuple(&[number(row.start), number(row.end), number(row.target), register]).value()
            })
            .collect();
        new_list(&rows).value()
    }
    /// Whether there is such an opcode.
    #[sig("($module, /, opcode)")]
    fn is_valid(opcode: i32) -> bool {
        has(&VALID, opcode)
    }
    /// Whether the opcode has an argument.
    #[sig("($module, /, opcode)")]
    fn has_arg(opcode: i32) -> bool {
        has(&HAS_ARG, opcode)
    }
    /// Whether the argument of the opcode means a constant.
    #[sig("($module, /, opcode)")]
    fn has_const(opcode: i32) -> bool {
        has(&HAS_CONST, opcode)
    }
    /// Whether the argument of the opcode means the name of an attribute.
    #[sig("($module, /, opcode)")]
    fn has_name(opcode: i32) -> bool {
        has(&HAS_NAME, opcode)
    }
    /// Whether the opcode can jump.
    #[sig("($module, /, opcode)")]
    fn has_jump(opcode: i32) -> bool {
        has(&HAS_JUMP, opcode)
    }
    /// Whether the argument of the opcode means a free variable.
    #[sig("($module, /, opcode)")]
    fn has_free(opcode: i32) -> bool {
        has(&HAS_FREE, opcode)
    }
    /// Whether the argument of the opcode means a local variable.
    #[sig("($module, /, opcode)")]
    fn has_local(opcode: i32) -> bool {
        has(&HAS_LOCAL, opcode)
    }
    /// Whether the opcode sets up a handler of exceptions.
    #[sig("($module, /, opcode)")]
    fn has_exc(opcode: i32) -> bool {
        has(&HAS_EXC, opcode)
    }
    /// Return the specialization stats
    fn get_specialization_stats() {}
    /// The names and symbols of the binary operations.
    fn get_nb_ops() -> Value {
        let rows: GcVec = NB_OPS.iter().map(|(name, symbol)| new_tuple(&[new_str(name), new_str(symbol)]).value()).collect();
        new_list(&rows).value()
    }
    /// The list of the names of the functions that CALL_INTRINSIC_1 calls.
    fn get_intrinsic1_descs() -> Value {
        texts(INTRINSICS_1)
    }
    /// The list of the names of the functions that CALL_INTRINSIC_2 calls.
    fn get_intrinsic2_descs() -> Value {
        texts(INTRINSICS_2)
    }
    /// The list of the special methods.
    fn get_special_method_names() -> Value {
        texts(SPECIAL_METHODS)
    }
    /// Raises RuntimeError: there are no executors.
    #[sig("($module, /, code, offset)")]
    fn get_executor(_code: Value, _offset: i32) -> R {
        Err(runtime_error!("Executors are not available in this build"))
    }
}
