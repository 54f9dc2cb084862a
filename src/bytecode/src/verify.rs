//! The verifier: a unit that passes cannot make the interpreter read or write outside its frame,
//! constants, names, caches or code. Units come from files, so nothing here may panic.

use crate::code_unit::{CodeUnit, Const};
use crate::decode::{self, Decoded};
use crate::flow;
use crate::ops::{CALL_HEADER, Common, ExtKind, Intrinsic, Op, OperandKind, Special, effects, make_flags};

/// What is wrong with a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Word index, if one instruction is to blame.
    pub pc: Option<usize>,
    pub what: &'static str,
}

const MAX_VARIABLES: usize = 1 << 16;
const MAX_DEPTH: u32 = 200;

/// Checks a unit and the units in its constants, but for those that are still stored.
pub fn verify(unit: &CodeUnit) -> Result<(), Malformed> {
    verify_at(unit, 0)
}

fn fault<T>(what: &'static str) -> Result<T, Malformed> {
    Err(Malformed { pc: None, what })
}

fn verify_at(unit: &CodeUnit, depth: u32) -> Result<(), Malformed> {
    if depth > MAX_DEPTH {
        return fault("units nested too deeply");
    }
    check_header(unit)?;
    let starts = instruction_starts(unit)?;
    let check = Check { unit, starts: &starts, variables: unit.variable_count() };
    let mut last = None;
    for instruction in decode::instructions(&unit.words) {
        check.instruction(&instruction).map_err(|what| Malformed { pc: Some(instruction.pc), what })?;
        last = Some(instruction);
    }
    match last {
        None => return fault("no code"),
        Some(last) if last.falls_through() => return fault("control falls off the end"),
        Some(_) => {}
    }
    for row in &unit.exceptions {
        // Forward only: what goes back polls, so that no loop is without end.
        let sound = row.start < row.end
            && row.target >= row.end
            && row.end as usize <= unit.words.len()
            && check.is_start(row.start as usize)
            && check.is_start(row.target as usize);
        if !sound || u32::from(row.register) >= unit.register_count {
            return fault("bad exception table row");
        }
    }
    for cache in &unit.caches {
        let index = cache.index as usize;
        if cache.kind.has_name() && index >= unit.names.len() {
            return fault("bad cache cell");
        }
        if cache.kind == crate::ops::CacheKind::CallKw && !is_name_tuple(unit.consts.get(index)) {
            return fault("bad keyword names");
        }
    }
    flow::check(unit).map_err(|(pc, what)| Malformed { pc: Some(pc), what })?;
    unit.consts.iter().try_for_each(|constant| check_const(constant, depth))
}

fn is_name_tuple(constant: Option<&Const>) -> bool {
    matches!(constant, Some(Const::Tuple(items)) if items.iter().all(|item| matches!(item, Const::Str(_))))
}

fn check_const(constant: &Const, depth: u32) -> Result<(), Malformed> {
    if depth > MAX_DEPTH {
        return fault("constants nested too deeply");
    }
    match constant {
        Const::Code(unit) => verify_at(unit, depth + 1),
        Const::Tuple(items) | Const::FrozenSet(items) => items.iter().try_for_each(|item| check_const(item, depth + 1)),
        Const::Slice(items) => items.iter().try_for_each(|item| check_const(item, depth + 1)),
        Const::BigInt(digits) => {
            let digits = digits.strip_prefix('-').unwrap_or(digits);
            let sound = !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if sound { Ok(()) } else { fault("bad big integer") }
        }
        _ => Ok(()),
    }
}

fn check_header(unit: &CodeUnit) -> Result<(), Malformed> {
    let (locals, cells, free) = (unit.var_names.len(), unit.cell_vars.len(), unit.free_vars.len());
    if locals > MAX_VARIABLES || cells > MAX_VARIABLES || free > MAX_VARIABLES {
        return fault("too many variables");
    }
    let mut names: Vec<&str> = unit.var_names.iter().map(|name| &**name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return fault("variable named twice");
    }
    if unit.parameter_count() > locals || unit.pos_only_count > unit.arg_count {
        return fault("bad parameter counts");
    }
    let variables = unit.variable_count();
    if unit.register_count as usize > 256 + 2 * MAX_VARIABLES
        || (unit.register_count as usize) < unit.variable_register(variables)
    {
        return fault("bad register count");
    }
    if unit.has_namespace() && unit.register_count == 0 {
        return fault("no register for the namespace");
    }
    if let Some(spill) = unit.spill {
        let first = spill.first_variable as usize;
        let sound = u32::from(spill.register) < unit.register_count
            && first <= variables
            && spill.slots as usize >= variables - first
            && spill.slots as usize <= MAX_VARIABLES * 2;
        if !sound {
            return fault("bad spill layout");
        }
    }
    Ok(())
}

/// One flag per word: whether an instruction starts there.
fn instruction_starts(unit: &CodeUnit) -> Result<Vec<bool>, Malformed> {
    let mut starts = vec![false; unit.words.len()];
    let mut instructions = decode::instructions(&unit.words);
    for instruction in &mut instructions {
        starts[instruction.pc] = true;
    }
    if instructions.pc() != unit.words.len() {
        return Err(Malformed { pc: Some(instructions.pc()), what: "unknown op or missing extension word" });
    }
    Ok(starts)
}

struct Check<'a> {
    unit: &'a CodeUnit,
    starts: &'a [bool],
    variables: usize,
}

impl Check<'_> {
    fn is_start(&self, pc: usize) -> bool {
        self.starts.get(pc).copied().unwrap_or(false)
    }

    fn instruction(&self, one: &Decoded) -> Result<(), &'static str> {
        let info = one.op.info();
        let limit = self.unit.register_count as usize;
        let registers = one.reads().into_iter().chain(one.writes());
        for range in registers {
            if range.count > 0 && range.first + range.count > limit {
                return Err("register out of range");
            }
        }
        // Counted runs of length 0 name no register. Calls also need their header.
        if one.op.has_effect(effects::ENTERS) && one.a as usize + CALL_HEADER as usize > limit {
            return Err("call window out of range");
        }
        for (kind, operand) in info.operands.iter().zip([one.a, one.b, one.c]) {
            self.operand(*kind, operand, one)?;
        }
        self.extension(info.ext, one)?;
        if let Some(target) = one.jump_target() {
            if !self.is_start(target) {
                return Err("jump to no instruction");
            }
            if one.op == Op::Jump && target <= one.pc || one.op == Op::Loop && target > one.pc {
                return Err("jump in the wrong direction");
            }
        }
        let suspends = matches!(one.op, Op::Yield | Op::YieldAsync | Op::YieldFrom);
        let kept = one.c as usize;
        if suspends && kept != 0 && (kept < self.unit.variable_registers() || kept > limit) {
            return Err("a yield that keeps too few registers, or too many");
        }
        if one.op == Op::CallKw || one.op == Op::CallMethodKw {
            self.keyword_count(one)?;
        }
        Ok(())
    }

    fn keyword_count(&self, one: &Decoded) -> Result<(), &'static str> {
        let names = self.unit.caches.get(one.ext as usize).and_then(|cache| self.unit.consts.get(cache.index as usize));
        match names {
            Some(Const::Tuple(names)) if names.len() <= one.b as usize => Ok(()),
            _ => Err("bad keyword names"),
        }
    }

    fn operand(&self, kind: OperandKind, operand: u8, one: &Decoded) -> Result<(), &'static str> {
        let sound = match kind {
            OperandKind::K16 => (one.wide() as usize) < self.unit.consts.len(),
            OperandKind::N16 => (one.wide() as usize) < self.unit.names.len(),
            OperandKind::V16 => (one.wide() as usize) < self.variables,
            OperandKind::Special => Special::from_u8(operand).is_some(),
            OperandKind::Intrinsic => Intrinsic::from_u8(operand).is_some(),
            OperandKind::Common => Common::from_u8(operand).is_some(),
            _ => true,
        };
        if sound { Ok(()) } else { Err("operand out of range") }
    }

    fn extension(&self, ext: ExtKind, one: &Decoded) -> Result<(), &'static str> {
        let index = one.ext as usize;
        let sound = match ext {
            ExtKind::Cache(kind) => self.unit.caches.get(index).is_some_and(|cache| cache.kind == kind),
            ExtKind::Name => index < self.unit.names.len(),
            ExtKind::Const => index < self.unit.consts.len(),
            ExtKind::Make => self.function(one),
            ExtKind::Number => self.number(one),
            ExtKind::Counts => (one.ext & 0xFFFF) + (one.ext >> 16) < 1 << 16,
            ExtKind::No | ExtKind::Jump => true,
        };
        if sound { Ok(()) } else { Err("extension word out of range") }
    }

    fn number(&self, one: &Decoded) -> bool {
        let index = one.ext as usize;
        match one.op {
            Op::LoadCell | Op::DeleteCell | Op::LoadDictOrCell => index < self.variables,
            Op::LoadSpill | Op::StoreSpill => {
                self.unit.spill.is_some_and(|spill| spill.register == one.b && one.ext < spill.slots)
            }
            _ => true,
        }
    }

    fn function(&self, one: &Decoded) -> bool {
        let (flags, first) = (one.ext as u8, (one.ext >> 8) as usize);
        let free_count = match self.unit.consts.get(one.wide() as usize) {
            Some(Const::Code(code)) => code.free_vars.len(),
            Some(Const::Stored(stored)) => stored.head.free_count as usize,
            _ => return false,
        };
        let cells = if flags & make_flags::CLOSURE != 0 { free_count } else { 0 };
        let plain = (flags & !make_flags::CLOSURE).count_ones() as usize;
        let closed = flags & (make_flags::CLOSURE | make_flags::CLOSURE_TUPLE);
        let has_closure = closed == make_flags::CLOSURE || closed == make_flags::CLOSURE_TUPLE;
        flags & !make_flags::ALL == 0
            && first + plain + cells <= self.unit.register_count as usize
            && has_closure == (free_count > 0)
    }
}
