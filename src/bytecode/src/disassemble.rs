//! Disassembler: a unit as text, for `dis`, tests and readers; and the page that documents the ops.

use std::fmt::Write;

use crate::code_unit::{CodeUnit, Const};
use crate::decode::{self, Decoded};
use crate::ops::{Common, ExtKind, Intrinsic, OPS, OperandKind, Special};

/// One line per instruction: line number (when it changes), jump mark, word, mnemonic, operands, notes.
pub fn disassemble(unit: &CodeUnit) -> String {
    let mut text = String::new();
    let targets: Vec<usize> = decode::instructions(&unit.words)
        .filter_map(|one| one.jump_target())
        .chain(unit.exceptions.iter().map(|row| row.target as usize))
        .collect();
    let positions = unit.positions();
    let mut line = 0;
    for (one, (_, position)) in decode::instructions(&unit.words).zip(&positions) {
        let shown = if position.line != 0 && position.line != line { position.line.to_string() } else { String::new() };
        if position.line != 0 {
            line = position.line;
        }
        let mark = if targets.contains(&one.pc) { ">>" } else { "  " };
        let _ = writeln!(text, "{shown:>4} {mark} {:>4} {:<20} {}", one.pc, one.op.mnemonic(), operands(unit, &one));
    }
    if !unit.exceptions.is_empty() {
        text.push_str("exceptions:\n");
        for row in &unit.exceptions {
            let _ = writeln!(text, "  {}..{} -> {} in r{}", row.start, row.end, row.target, row.register);
        }
    }
    text
}

/// This unit and the nested ones.
pub fn disassemble_all(unit: &CodeUnit) -> String {
    let mut text = String::new();
    unit.for_each_unit(&mut |unit| {
        let _ = writeln!(text, "{} (registers {}, flags {:#x})", unit.qualname, unit.register_count, unit.flags);
        text.push_str(&disassemble(unit));
    });
    text
}

/// Operands of an instruction with names and constants resolved.
pub fn operands(unit: &CodeUnit, one: &Decoded) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (kind, operand) in one.op.info().operands.iter().zip([one.a, one.b, one.c]) {
        match kind {
            OperandKind::No | OperandKind::Hi | OperandKind::J16 | OperandKind::J24 => {}
            OperandKind::K16 => parts.push(constant(unit, one.wide() as usize)),
            OperandKind::N16 => parts.push(name(unit, one.wide() as usize)),
            OperandKind::V16 => parts.push(variable(unit, one.wide() as usize)),
            OperandKind::U16 => parts.push(one.wide().to_string()),
            OperandKind::I16 => parts.push((one.wide() as i16).to_string()),
            OperandKind::U8 => parts.push(operand.to_string()),
            OperandKind::I8 => parts.push((operand as i8).to_string()),
            OperandKind::Special => parts.push(Special::from_u8(operand).map_or("?", Special::name).into()),
            OperandKind::Intrinsic => parts.push(Intrinsic::from_u8(operand).map_or("?", Intrinsic::name).into()),
            OperandKind::Common => parts.push(Common::from_u8(operand).map_or("?", Common::name).into()),
            _ => parts.push(register(unit, operand)),
        }
    }
    if let Some(target) = one.jump_target() {
        parts.push(format!("-> {target}"));
    }
    match one.op.info().ext {
        ExtKind::No | ExtKind::Jump => {}
        ExtKind::Cache(_) => {
            if let Some(cache) = unit.caches.get(one.ext as usize) {
                if cache.kind.has_name() {
                    parts.push(name(unit, cache.index as usize));
                } else if cache.kind == crate::ops::CacheKind::CallKw {
                    parts.push(constant(unit, cache.index as usize));
                }
            }
        }
        ExtKind::Name => parts.push(name(unit, one.ext as usize)),
        ExtKind::Const => parts.push(constant(unit, one.ext as usize)),
        ExtKind::Make => parts.push(format!("flags {} from r{}", one.ext & 255, one.ext >> 8)),
        ExtKind::Counts => parts.push(format!("{} + * + {}", one.ext & 0xFFFF, one.ext >> 16)),
        ExtKind::Number => parts.push(one.ext.to_string()),
    }
    parts.join(", ")
}

fn register(unit: &CodeUnit, register: u8) -> String {
    let index = (register as usize).checked_sub(usize::from(unit.has_namespace()));
    match index.and_then(|index| unit.variable(index)) {
        Some((name, _)) if unit.spill.is_none_or(|spill| index.unwrap_or(0) < spill.first_variable as usize) => {
            format!("r{register}:{name}")
        }
        _ => format!("r{register}"),
    }
}

fn variable(unit: &CodeUnit, index: usize) -> String {
    unit.variable(index).map_or_else(|| format!("variable {index}"), |entry| entry.0.to_string())
}

fn name(unit: &CodeUnit, index: usize) -> String {
    unit.names.get(index).map_or_else(|| format!("name {index}"), |name| name.to_string())
}

fn constant(unit: &CodeUnit, index: usize) -> String {
    unit.consts.get(index).map_or_else(|| format!("constant {index}"), show_const)
}

/// A constant, near to how Python writes it.
pub fn show_const(constant: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(show_const).collect::<Vec<_>>().join(", ");
    match constant {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(number) => number.to_string(),
        Const::BigInt(digits) => match digits.strip_prefix('-') {
            Some(digits) => format!("-0x{digits}"),
            None => format!("0x{digits}"),
        },
        Const::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        Const::Complex(real, imag) => format!("({:?}+{:?}j)", f64::from_bits(*real), f64::from_bits(*imag)),
        Const::Str(text) => format!("{text:?}"),
        Const::Bytes(bytes) => format!("b{:?}", bytes.escape_ascii().to_string()),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset({{{}}})", list(items)),
        Const::Slice(items) => format!("slice({})", list(&items[..])),
        Const::Code(unit) => format!("<code {}>", unit.qualname),
        Const::Stored(unit) => format!("<code {}>", unit.qualname()),
    }
}

/// The documentation page of all ops, generated from the table.
pub fn ops_page() -> String {
    let mut page = String::from(
        "# Ops\n\nGenerated from `src/bytecode/src/ops.rs`; the notation is explained at its head.\n\n| op | operands | extension | meaning |\n| --- | --- | --- | --- |\n",
    );
    for info in OPS {
        let operands: Vec<String> = info
            .operands
            .iter()
            .filter(|kind| !matches!(kind, OperandKind::No | OperandKind::Hi))
            .map(|kind| format!("{kind:?}"))
            .collect();
        let ext = if info.ext == ExtKind::No { String::new() } else { format!("{:?}", info.ext) };
        let _ = writeln!(
            page,
            "| {} | {} | {ext} | {} |",
            info.op.mnemonic(),
            operands.join(" "),
            info.doc.trim().replace('|', "\\|")
        );
    }
    page.push_str("\n## Intrinsics\n\n");
    for intrinsic in Intrinsic::ALL {
        let _ = writeln!(page, "- {}: {}", intrinsic.name(), intrinsic.doc().trim());
    }
    page
}
