//! `code`. Must not know: how code units are made or linked.

use base::memory::Grow;
use bytecode::code_unit::{VariableKind, co_flags};
use heap::Value;
use native_macros::native_class;
use objects::code::Code;
use objects::error::{R, value_error};
use objects::layout::{Cast, Gc};
use objects::list::list_from_slice;
use objects::operators::eq;
use objects::str::Str;
use objects::tuple::{Tuple, new_tuple};
use objects::{Kwargs, int};
use std::sync::Arc;

pub struct CodeSkin;

fn number(value: u32) -> Value {
    int::new_int(value as i64)
}

fn names_of(code: Gc<Code>, wanted: impl Fn(usize, VariableKind) -> bool) -> Value {
    let names: Vec<Value> = code
        .variables()
        .iter()
        .enumerate()
        .filter(|(index, variable)| wanted(*index, variable.kind))
        .map(|(_, variable)| variable.name.value())
        .collect();
    new_tuple(&names).value()
}

/// `-X no_debug_ranges`
fn has_no_columns() -> bool {
    let config = objects::config::get();
    config.x_option("no_debug_ranges").is_some() || config.variable("PYTHONNODEBUGRANGES").is_some_and(|value| !value.is_empty())
}

/// Parameters and what the source names; the compiler's own variables begin with a dot.
fn is_named(code: Gc<Code>, index: usize) -> bool {
    let hidden = code.variables()[index].name.as_str().is_some_and(|name| name.starts_with('.') && name != ".0");
    !hidden || index < code.unit().arg_count as usize
}

/// A code object of all its parts, as tools that write bytecode make it.
#[native_class(name = "code", layout = Code, base = object, flags = "final no_new weakref")]
impl CodeSkin {
    fn __repr__(this: Gc<Code>) -> String {
        let text = |value: Value| value.cast::<Str>().map(|text| text.to_string_lossy()).unwrap_or_default();
        format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            text(this.name()),
            this.value().raw(),
            text(this.filename()),
            this.first_line
        )
    }
    fn __eq__(this: Gc<Code>, other: Gc<Code>) -> R<bool> {
        same_code(this, other)
    }
    fn __ne__(this: Gc<Code>, other: Gc<Code>) -> R<bool> {
        Ok(!same_code(this, other)?)
    }
    fn __hash__(this: Gc<Code>) -> R<i64> {
        let parts = new_tuple(&[this.name(), number(this.first_line), number(this.arg_count), number(this.flags)]);
        objects::protocol::hash(parts.value())
    }
    #[getter]
    fn co_name(this: Gc<Code>) -> Value {
        this.name()
    }
    #[getter]
    fn co_qualname(this: Gc<Code>) -> Value {
        this.qualname()
    }
    #[getter]
    fn co_filename(this: Gc<Code>) -> Value {
        this.filename()
    }
    #[getter]
    fn co_firstlineno(this: Gc<Code>) -> u32 {
        this.first_line
    }
    #[getter]
    fn co_flags(this: Gc<Code>) -> u32 {
        this.flags
    }
    #[getter]
    fn co_argcount(this: Gc<Code>) -> u32 {
        this.arg_count
    }
    #[getter]
    fn co_posonlyargcount(this: Gc<Code>) -> u32 {
        this.pos_only_count
    }
    #[getter]
    fn co_kwonlyargcount(this: Gc<Code>) -> u32 {
        this.kw_only_count
    }
    #[getter]
    fn co_nlocals(this: Gc<Code>) -> usize {
        (0..this.unit().var_names.len()).filter(|index| is_named(this, *index)).count()
    }
    #[getter]
    fn co_stacksize(this: Gc<Code>) -> u32 {
        this.register_count
    }
    #[getter]
    fn co_varnames(this: Gc<Code>) -> Value {
        let count = this.unit().var_names.len();
        names_of(this, |index, _| index < count && is_named(this, index))
    }
    #[getter]
    fn co_cellvars(this: Gc<Code>) -> Value {
        let names: Vec<Value> = this.unit().cell_vars.iter().map(|name| objects::intern::intern(name).value()).collect();
        new_tuple(&names).value()
    }
    #[getter]
    fn co_freevars(this: Gc<Code>) -> Value {
        names_of(this, |_, kind| kind == VariableKind::Free)
    }
    #[getter]
    fn co_names(this: Gc<Code>) -> Value {
        let names: Vec<Value> = this.names().iter().map(|name| name.value()).collect();
        new_tuple(&names).value()
    }
    #[getter]
    fn co_consts(this: Gc<Code>) -> Value {
        if let Some(tuple) = this.const_tuple.get() {
            return tuple;
        }
        this.const_tuple.get_or_set(&this.header, new_tuple(&this.constants()).value())
    }
    #[getter]
    fn co_code(this: Gc<Code>) -> Value {
        code_bytes(this)
    }
    #[getter]
    fn _co_code_adaptive(this: Gc<Code>) -> Value {
        code_bytes(this)
    }
    #[getter]
    fn co_linetable(this: Gc<Code>) -> Value {
        objects::bytes::new_bytes(&this.unit().position_table)
    }
    #[getter]
    fn co_exceptiontable(this: Gc<Code>) -> Value {
        let mut bytes = Vec::new();
        for row in &this.unit().exceptions {
            for number in [row.start, row.end, row.target, row.register as u32] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        objects::bytes::new_bytes(&bytes)
    }
    fn co_lines(this: Gc<Code>) -> R {
        let entries = list_from_slice(&[]);
        for (start, end, line) in line_ranges(this) {
            let entry = [int::new_int_usize(start), int::new_int_usize(end), number(line)];
            objects::list::list_push(entries, new_tuple(&entry).value());
        }
        objects::protocol::iter(entries.value())
    }
    #[getter]
    fn co_lnotab(this: Gc<Code>) -> R {
        objects::warnings::deprecation("co_lnotab is deprecated, use co_lines instead.")?;
        let mut table: Vec<u8> = Vec::new();
        let (mut last_start, mut last_line) = (0, i64::from(this.first_line));
        for (start, _, line) in line_ranges(this) {
            let (mut bytes, mut lines) = (start - last_start, i64::from(line) - last_line);
            if lines == 0 {
                continue;
            }
            (last_start, last_line) = (start, line.into());
            // Each step is a byte, and a byte with a sign.
            while bytes > 255 {
                table.put_all(&[255, 0]);
                bytes -= 255;
            }
            loop {
                let step = lines.clamp(-128, 127) as i8;
                table.put_all(&[bytes as u8, step as u8]);
                (bytes, lines) = (0, lines - i64::from(step));
                if lines == 0 {
                    break;
                }
            }
        }
        Ok(objects::bytes::new_bytes(&table))
    }
    fn co_positions(this: Gc<Code>) -> R {
        let lines_only = has_no_columns();
        let entries = list_from_slice(&[]);
        let positions = this.unit().positions();
        for (index, (at, position)) in positions.iter().enumerate() {
            let end = positions.get(index + 1).map_or(this.unit().words.len(), |next| next.0);
            let entry = if position.line == 0 {
                [Value::none(); 4]
            } else if lines_only {
                [number(position.line), number(position.line), Value::none(), Value::none()]
            } else {
                [number(position.line), number(position.end_line), number(position.column), number(position.end_column)]
            };
            let entry = new_tuple(&entry).value();
            for _ in *at..end {
                objects::list::list_push(entries, entry);
            }
        }
        objects::protocol::iter(entries.value())
    }
    fn co_branches(_this: Gc<Code>) -> R {
        objects::protocol::iter(list_from_slice(&[]).value())
    }
    /// A copy of the code object in which the given attributes are replaced.
    #[sig("($self, /, **changes)")]
    fn replace(this: Gc<Code>, changes: Kwargs) -> R {
        replace(this, changes)
    }
    #[sig("($self, /, **changes)")]
    fn __replace__(this: Gc<Code>, changes: Kwargs) -> R {
        replace(this, changes)
    }
}

fn code_bytes(code: Gc<Code>) -> Value {
    let bytes: Vec<u8> = code.unit().words.iter().flat_map(|word| word.to_le_bytes()).collect();
    objects::bytes::new_bytes(&bytes)
}

fn same_code(a: Gc<Code>, b: Gc<Code>) -> R<bool> {
    if a == b {
        return Ok(true);
    }
    if a.unit() != b.unit() || !eq(a.name(), b.name())? || a.linked().constant_count != b.linked().constant_count {
        return Ok(false);
    }
    for (x, y) in a.constants().into_iter().zip(b.constants()) {
        if objects::class::class_of(x) != objects::class::class_of(y) || !eq(x, y)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn text_field(value: Value, field: &str) -> R<Box<str>> {
    match value.cast::<Str>() {
        Some(text) => Ok(text.to_string_lossy().into_boxed_str()),
        None => Err(objects::error::type_error!(
            "replace() argument '{field}' must be str, not {}",
            objects::class::class_name(value)
        )),
    }
}

fn number_field(value: Value) -> R<u32> {
    u32::try_from(objects::protocol::index(value)?).map_err(|_| value_error!("code: argcount must not be negative"))
}

fn replace(code: Gc<Code>, changes: Kwargs) -> R {
    let mut unit = (**code.unit()).clone();
    let mut constants = new_tuple(&code.constants());
    unit.filename = text_field(code.filename(), "co_filename")?;
    for (name, value) in changes.iter() {
        let Some(field) = name.as_str() else { continue };
        match field {
            "co_name" => unit.name = text_field(value, field)?,
            "co_qualname" => unit.qualname = text_field(value, field)?,
            "co_filename" => unit.filename = text_field(value, field)?,
            "co_firstlineno" => unit.first_line = number_field(value)?,
            "co_flags" => {
                let flags = number_field(value)?;
                let fixed = co_flags::OPTIMIZED | co_flags::VARARGS | co_flags::VARKEYWORDS;
                if (flags ^ unit.flags) & fixed != 0 {
                    return Err(objects::error::not_implemented_error!("code.replace() cannot change these flags"));
                }
                unit.flags = flags;
            }
            "co_consts" => match value.cast::<Tuple>() {
                Some(tuple) if tuple.len() >= constants.len() => constants = tuple,
                _ => return Err(value_error!("code: co_consts must be a tuple of at least the old length")),
            },
            "co_names" | "co_varnames" | "co_freevars" | "co_cellvars" | "co_code" | "co_linetable" | "co_exceptiontable"
            | "co_stacksize" | "co_nlocals" | "co_argcount" | "co_posonlyargcount" | "co_kwonlyargcount" => {
                let current = objects::lookup::get_attr(code.value(), objects::intern::intern(field))?;
                if !eq(current, value)? {
                    return Err(objects::error::not_implemented_error!("code.replace() cannot change {field}"));
                }
            }
            _ => {
                return Err(objects::error::type_error!("replace() got an unexpected keyword argument '{field}'"));
            }
        }
    }
    Ok(crate::link::link_with(Arc::new(unit), constants.items())?.value())
}

/// Where lines begin and end in the code.
fn line_ranges(code: Gc<Code>) -> Vec<(usize, usize, u32)> {
    let mut ranges = Vec::new();
    let mut start = 0usize;
    // Modules begin before their first line.
    let is_module = code.has_namespace() && code.name() == objects::interned!("<module>").value();
    let mut line = if is_module { 0 } else { code.first_line };
    let mut push = |from: usize, to: usize, line: u32| {
        if from < to {
            ranges.put((from, to, line));
        }
    };
    for (at, position) in code.unit().positions() {
        // As frames show it: made-up instructions belong to the line before them.
        let shown = if position.line == 0 { line } else { position.line };
        if shown != line {
            // The entry of the code, half a word long, stands at the line of the `def`.
            let at = (at * 2).max(1);
            push(start, at, line);
            start = at;
            line = shown;
        }
    }
    push(start, code.unit().words.len() * 2, line);
    ranges
}
