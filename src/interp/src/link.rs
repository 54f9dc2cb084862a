//! Linking: a code unit becomes a code object. Constants turn into values, names are interned, cache words are pointed at their
//! cells in the pool. The way back (`unit_of`) serves marshalling and `co_code`.
//!
//! Must not know: op bodies.

use bytecode::Op;
use bytecode::code_unit::{CacheCell, CodeUnit, Const, VariableKind, Wtf8};
use bytecode::ops::{CacheKind, ExtKind};
use bytecode::serialize::{Head, StoredUnit};
use heap::Value;
use objects::code::{Body, CELL_WORDS, Code, FIRST_CONSTANT, Linked, Stored, Variable};
use objects::error::{R, system_error};
use objects::exception as exc;
use objects::intern::intern;
use objects::layout::{Cast, Gc};
use objects::str::{Str, new_str};
use objects::tuple::new_tuple;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, OnceLock};

/// Makes a code object of a verified unit, nested units included.
pub fn link(mut unit: CodeUnit) -> R<Gc<Code>> {
    let consts = std::mem::take(&mut unit.consts);
    let filename = intern(&unit.filename);
    let values = constant_values(consts, &Context { filename, trusted: true })?;
    link_with(Arc::new(unit), values.as_slice())
}

/// Makes a code object of a unit without constants and the constants as values.
pub fn link_with(unit: Arc<CodeUnit>, constants: &[Value]) -> R<Gc<Code>> {
    let doc = match &unit.doc {
        Some(text) => Some(text_value(text)?),
        None => None,
    };
    let head = Head::of(&unit);
    let names = [intern(&unit.name), intern(&unit.qualname), intern(&unit.filename)];
    let code = Code::make(&head, names, Some(make_body(unit, constants, doc)?), None);
    // Until here constants and doc were only in malloc memory.
    std::hint::black_box((constants.as_ptr(), doc));
    Ok(code)
}

/// Makes a code object of a stored unit, whose body is read (and verified, unless `trusted`) when somebody asks.
pub fn link_stored(unit: StoredUnit, trusted: bool) -> Gc<Code> {
    let filename = intern(unit.filename());
    link_nested(unit, &Context { filename, trusted })
}

fn link_nested(unit: StoredUnit, context: &Context) -> Gc<Code> {
    let names = [intern(unit.name()), intern(unit.qualname()), context.filename];
    let head = unit.head;
    Code::make(&head, names, None, Some(Stored { unit, trusted: context.trusted }))
}

/// What nested units take from the unit that they are in.
struct Context {
    filename: Gc<Str>,
    trusted: bool,
}

/// The words that a window executes whose code has no body yet.
static STUB: [u32; 2] = [crate::dispatch::LOAD_BODY as u32, crate::dispatch::INVALID as u32];

pub fn install() {
    objects::code::install_loader(&STUB, load_body);
}

/// The body of `code`; if it cannot be read, one whose only instruction raises.
fn load_body(code: Gc<Code>, stored: &Stored) -> Body {
    match read_body(code, stored) {
        Ok(body) => body,
        // Whoever asks next may find memory.
        Err(raised) if raised.is(&exc::MEMORY_ERROR) => {
            raised.clear();
            heap::out_of_memory()
        }
        Err(raised) => {
            raised.clear();
            let variables = vec![Variable { name: objects::interned!("."), kind: VariableKind::Local }; code.first_free as usize];
            Body {
                unit: damaged(&stored.unit),
                linked: damaged_words(),
                names: Box::new([]),
                variables: variables.into(),
                doc: None,
                marks: OnceLock::new(),
            }
        }
    }
}

fn read_body(code: Gc<Code>, stored: &Stored) -> R<Body> {
    let invalid = || system_error!("bad marshal data (invalid code)");
    let mut unit = stored.unit.load().map_err(|_| invalid())?;
    if !stored.trusted {
        bytecode::verify::verify(&unit).map_err(|_| invalid())?;
    }
    let filename = code.filename().cast::<Str>().unwrap_or(objects::interned!(""));
    let constants = constant_values(std::mem::take(&mut unit.consts), &Context { filename, trusted: stored.trusted })?;
    let doc = match &unit.doc {
        Some(text) => Some(text_value(text)?),
        None => None,
    };
    let body = make_body(Arc::new(unit), constants.as_slice(), doc);
    std::hint::black_box(constants.as_ptr());
    body
}

fn damaged(stored: &StoredUnit) -> Arc<CodeUnit> {
    let text = |text: &str| text.into();
    let head = &stored.head;
    Arc::new(CodeUnit {
        name: text(stored.name()),
        qualname: text(stored.qualname()),
        filename: text(stored.filename()),
        first_line: head.first_line,
        flags: head.flags,
        arg_count: head.arg_count,
        pos_only_count: head.pos_only_count,
        kw_only_count: head.kw_only_count,
        register_count: head.register_count,
        words: Box::new([]),
        consts: Box::new([]),
        names: Box::new([]),
        var_names: Box::new([]),
        cell_vars: Box::new([]),
        free_vars: Box::new([]),
        caches: Box::new([]),
        exceptions: Box::new([]),
        position_table: (&[][..]).into(),
        spill: None,
        doc: None,
    })
}

fn damaged_words() -> Linked {
    let words = Box::new([AtomicU32::new(crate::dispatch::INVALID as u32)]);
    Linked::new(words, Box::new([AtomicU64::new(0)]), 0, 0)
}

fn make_body(unit: Arc<CodeUnit>, constants: &[Value], doc: Option<Value>) -> R<Body> {
    let pool = make_pool(&unit, constants);
    let words = make_words(&unit, constants.len())?;
    let linked = Linked::new(words, pool, constants.len() as u32, unit.caches.len() as u32);
    let names = unit.names.iter().map(|name| intern(name)).collect();
    let variables = unit.variables().map(|(name, kind): (&str, VariableKind)| Variable { name: intern(name), kind }).collect();
    Ok(Body { linked, names, variables, doc, unit, marks: OnceLock::new() })
}

/// Caches of dict entries begin with a version that no table has.
fn first_cell_words(kind: CacheKind) -> [u64; CELL_WORDS] {
    match kind {
        CacheKind::LoadGlobal | CacheKind::StoreGlobal | CacheKind::LoadName | CacheKind::StoreName => [u64::MAX, u64::MAX],
        _ => [0, 0],
    }
}

fn make_pool(unit: &CodeUnit, constants: &[Value]) -> Box<[AtomicU64]> {
    let mut pool = Vec::with_capacity(FIRST_CONSTANT + constants.len() + unit.caches.len() * CELL_WORDS);
    pool.push(AtomicU64::new(0));
    pool.extend(constants.iter().map(|value| AtomicU64::new(value.raw())));
    for cell in &unit.caches {
        let CacheCell { kind, .. } = cell;
        pool.extend(first_cell_words(*kind).map(AtomicU64::new));
    }
    pool.into_boxed_slice()
}

/// The words with cache operands turned into pool indexes.
fn make_words(unit: &CodeUnit, constant_count: usize) -> R<Box<[AtomicU32]>> {
    let mut words: Vec<u32> = unit.words.to_vec();
    let mut at = 0;
    while at < words.len() {
        let Some(op) = Op::from_u8(words[at] as u8) else { return Err(system_error!("unknown opcode")) };
        if let ExtKind::Cache(_) = op.info().ext
            && at + 1 < words.len()
        {
            words[at + 1] = (FIRST_CONSTANT + constant_count) as u32 + words[at + 1] * CELL_WORDS as u32;
        }
        at += op.words();
    }
    // A guard behind the last instruction: running off the end is an error, not a crash.
    words.push(crate::dispatch::INVALID as u32);
    Ok(words.into_iter().map(AtomicU32::new).collect())
}

fn text_value(text: &Wtf8) -> R {
    match text.as_str() {
        Some(text) => Ok(new_str(text)),
        None => match Str::from_wtf8(text.as_bytes()) {
            Some(text) => Ok(text.value()),
            None => Err(system_error!("bad text constant")),
        },
    }
}

/// Constants that look like names are interned, as programs may compare them by identity.
fn is_name_like(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

fn constant_value(constant: Const, context: &Context) -> R {
    Ok(match constant {
        Const::None => Value::none(),
        Const::True => Value::true_(),
        Const::False => Value::false_(),
        Const::Ellipsis => Value::ellipsis(),
        Const::Int(number) => objects::int::new_int(number),
        Const::BigInt(digits) => big_int(&digits)?,
        Const::Float(bits) => Value::float(f64::from_bits(bits)),
        Const::Complex(real, imag) => objects::float::new_complex(f64::from_bits(real), f64::from_bits(imag)).value(),
        Const::Str(text) => match text.as_str() {
            Some(text) if is_name_like(text) => intern(text).value(),
            _ => text_value(&text)?,
        },
        Const::Bytes(data) => objects::bytes::new_bytes(&data),
        Const::Tuple(items) => new_tuple(constant_values(items, context)?.as_slice()).value(),
        Const::FrozenSet(items) => {
            let items = new_tuple(constant_values(items, context)?.as_slice());
            objects::set::frozenset_from_iterable(items.value())?.value()
        }
        Const::Slice(parts) => {
            let parts = constant_values(Box::new(*parts), context)?;
            objects::slice::new_slice(parts[0], parts[1], parts[2]).value()
        }
        Const::Code(unit) => link(*unit)?.value(),
        Const::Stored(unit) => link_nested(*unit, context).value(),
    })
}

fn constant_values(constants: Box<[Const]>, context: &Context) -> R<objects::gc_vec::GcVec> {
    let mut values = objects::gc_vec::GcVec::with_capacity(constants.len());
    for constant in constants {
        values.push(constant_value(constant, context)?);
    }
    Ok(values)
}

fn big_int(digits: &str) -> R {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let mut limbs = Vec::with_capacity(digits.len() / 16 + 1);
    let mut end = digits.len();
    while end > 0 {
        let start = end.saturating_sub(16);
        match digits.get(start..end).and_then(|part| u64::from_str_radix(part, 16).ok()) {
            Some(limb) => limbs.push(limb),
            None => return Err(system_error!("bad integer constant")),
        }
        end = start;
    }
    Ok(objects::int::from_limbs(negative, &limbs))
}

/// The unit of a code object with its constants put back, nested units included.
pub fn unit_of(code: Gc<Code>) -> R<CodeUnit> {
    let mut unit = (**code.unit()).clone();
    let mut consts = Vec::new();
    for value in code.constants() {
        consts.push(constant_of(value)?);
    }
    unit.consts = consts.into_boxed_slice();
    if let Some(filename) = code.filename.get().and_then(|value| value.cast::<Str>()) {
        unit.filename = filename.to_string_lossy().into_boxed_str();
    }
    Ok(unit)
}

fn constant_of(value: Value) -> R<Const> {
    use objects::int::int_view;
    if value.is_none() {
        return Ok(Const::None);
    }
    if let Some(flag) = value.as_bool() {
        return Ok(if flag { Const::True } else { Const::False });
    }
    if value.is_ellipsis() {
        return Ok(Const::Ellipsis);
    }
    if value.is_float() {
        return Ok(Const::Float(value.as_float().to_bits()));
    }
    if let Some(view) = int_view(value) {
        return Ok(match view.to_i64() {
            Some(number) => Const::Int(number),
            None => Const::BigInt(format!("{:x}", view.to_ibig()).into_boxed_str()),
        });
    }
    if let Some(text) = value.cast::<Str>() {
        return match Wtf8::from_bytes(&text.to_wtf8()) {
            Some(text) => Ok(Const::Str(text)),
            None => Err(system_error!("bad text constant")),
        };
    }
    if let Some(data) = value.cast::<objects::bytes::Bytes>() {
        return Ok(Const::Bytes(data.as_slice().into()));
    }
    if let Some(code) = value.cast::<Code>() {
        return Ok(Const::Code(Box::new(unit_of(code)?)));
    }
    if let Some(tuple) = value.cast::<objects::tuple::Tuple>() {
        let items: R<Vec<Const>> = tuple.items().iter().map(|item| constant_of(*item)).collect();
        return Ok(Const::Tuple(items?.into_boxed_slice()));
    }
    if let Some(slice) = value.cast::<objects::slice::Slice>() {
        let [start, stop, step] = slice.parts();
        return Ok(Const::Slice(Box::new([constant_of(start)?, constant_of(stop)?, constant_of(step)?])));
    }
    if let Some(number) = value.cast::<objects::float::Complex>() {
        return Ok(Const::Complex(number.real.to_bits(), number.imag.to_bits()));
    }
    if value.is_instance_of_layout::<objects::set::FrozenSet>() {
        let items: R<Vec<Const>> = objects::protocol::to_vec(value)?.into_iter().map(constant_of).collect();
        return Ok(Const::FrozenSet(items?.into_boxed_slice()));
    }
    Err(objects::error::value_error!("unmarshallable object"))
}
