//! `CodeUnit`: one compiled code block as plain data. Constants, names, variables, words, exception
//! table, positions, cache descriptors. Must not know: values, objects, how the words were made.

use crate::ops::CacheKind;
use std::borrow::Cow;

/// CPython's `co_flags` bits that mean something here.
pub mod co_flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_DIVISION: u32 = 0x20000;
    pub const FUTURE_ABSOLUTE_IMPORT: u32 = 0x40000;
    pub const FUTURE_WITH_STATEMENT: u32 = 0x80000;
    pub const FUTURE_PRINT_FUNCTION: u32 = 0x100000;
    pub const FUTURE_UNICODE_LITERALS: u32 = 0x200000;
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x400000;
    pub const FUTURE_GENERATOR_STOP: u32 = 0x800000;
    pub const FUTURE_ANNOTATIONS: u32 = 0x1000000;
    pub const HAS_DOCSTRING: u32 = 0x4000000;
    pub const METHOD: u32 = 0x8000000;
}

/// Text that may hold lone surrogates: generalised UTF-8 (each surrogate as three bytes).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wtf8 {
    bytes: Cow<'static, [u8]>,
    /// There are no surrogates: the bytes are UTF-8.
    plain: bool,
}

/// Text of a unit: its own, or part of an archive in the program.
pub type Text = Cow<'static, str>;

impl Wtf8 {
    /// Text from bytes already known to be generalised UTF-8; `None` if they are not.
    pub fn from_bytes(bytes: &[u8]) -> Option<Wtf8> {
        let plain = std::str::from_utf8(bytes).is_ok();
        (plain || is_wtf8(bytes)).then(|| Wtf8 { bytes: Cow::Owned(bytes.into()), plain })
    }

    /// As `from_bytes`, without a copy and without a check.
    ///
    /// # Safety
    /// The bytes are generalised UTF-8.
    pub unsafe fn from_static(bytes: &'static [u8]) -> Wtf8 {
        // Surrogates begin with this byte, as do some other characters.
        let plain = !bytes.contains(&0xED) || std::str::from_utf8(bytes).is_ok();
        Wtf8 { bytes: Cow::Borrowed(bytes), plain }
    }

    /// Text from code points; surrogates allowed. `None` above U+10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Option<Wtf8> {
        let mut bytes = Vec::new();
        let mut plain = true;
        for point in points {
            match char::from_u32(point) {
                Some(ch) => bytes.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
                None if (0xD800..0xE000).contains(&point) => {
                    plain = false;
                    bytes.extend_from_slice(&[0xED, 0x80 | (point >> 6 & 0x3F) as u8, 0x80 | (point & 0x3F) as u8]);
                }
                None => return None,
            }
        }
        Some(Wtf8 { bytes: Cow::Owned(bytes), plain })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text as `str` if it has no surrogates.
    pub fn as_str(&self) -> Option<&str> {
        // SAFETY: generalised UTF-8 without surrogates is UTF-8.
        self.plain.then(|| unsafe { std::str::from_utf8_unchecked(&self.bytes) })
    }
}

impl From<&str> for Wtf8 {
    fn from(text: &str) -> Wtf8 {
        Wtf8 { bytes: Cow::Owned(text.as_bytes().into()), plain: true }
    }
}

impl From<String> for Wtf8 {
    fn from(text: String) -> Wtf8 {
        Wtf8 { bytes: Cow::Owned(text.into_bytes()), plain: true }
    }
}

impl std::fmt::Debug for Wtf8 {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.as_str() {
            Some(text) => write!(out, "{text:?}"),
            None => write!(out, "wtf8{:?}", String::from_utf8_lossy(&self.bytes)),
        }
    }
}

/// Strict generalised UTF-8: shortest forms, at most U+10FFFF, surrogates as three bytes.
fn is_wtf8(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => return true,
            Err(error) => {
                rest = &rest[error.valid_up_to()..];
                match rest {
                    [0xED, 0xA0..=0xBF, 0x80..=0xBF, tail @ ..] => rest = tail,
                    _ => return false,
                }
            }
        }
    }
}

/// A constant. Floats are bits so that equality tells 0.0 from -0.0 and finds NaN equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Const {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// An int outside i64: lower-case hexadecimal digits without leading zeros, `-` first if negative.
    BigInt(Box<str>),
    /// `f64::to_bits`.
    Float(u64),
    /// `f64::to_bits` of the real and the imaginary part.
    Complex(u64, u64),
    Str(Wtf8),
    Bytes(Box<[u8]>),
    Tuple(Box<[Const]>),
    FrozenSet(Box<[Const]>),
    /// start, stop, step
    Slice(Box<[Const; 3]>),
    Code(Box<CodeUnit>),
    /// A unit in a stored file that was not read yet.
    Stored(Box<crate::serialize::StoredUnit>),
}

impl Const {
    pub fn str(text: &str) -> Const {
        Const::Str(Wtf8::from(text))
    }

    pub fn float(number: f64) -> Const {
        Const::Float(number.to_bits())
    }

    pub fn as_code(&self) -> Option<&CodeUnit> {
        match self {
            Const::Code(unit) => Some(unit),
            _ => None,
        }
    }
}

/// Descriptor of a cache cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheCell {
    pub kind: CacheKind,
    /// Name index if `kind.has_name()`, constant index (a tuple of str) for `CallKw`, 0 for `Call`.
    pub index: u32,
}

/// An exception table row: if the instruction at `pc` with `start <= pc < end` raises, the exception
/// goes to `r[register]` and control to `target`. The first row that matches wins (inner rows first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExceptionRow {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    pub register: u8,
}

/// Source range of an instruction: lines from 1, columns in UTF-8 bytes from 0. `line` 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    pub line: u32,
    pub end_line: u32,
    pub column: u32,
    pub end_column: u32,
}

/// Where the variables that do not fit in registers live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spill {
    /// The register that holds the spill array after `SPILL_INIT`.
    pub register: u8,
    /// Variables from this index on live in the array, at slot `index - first_variable`.
    pub first_variable: u32,
    /// Slots of the array.
    pub slots: u32,
}

/// One compiled code block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeUnit {
    pub name: Box<str>,
    pub qualname: Box<str>,
    /// As given to `compile`; the loader of a .pyc may replace it (nested units too).
    pub filename: Box<str>,
    pub first_line: u32,
    pub flags: u32,
    pub arg_count: u32,
    pub pos_only_count: u32,
    pub kw_only_count: u32,
    /// Registers of a frame: variables first, then temporaries (call windows included). At most 256
    /// unless there are more variables than that.
    pub register_count: u32,
    pub words: Box<[u32]>,
    pub consts: Box<[Const]>,
    pub names: Box<[Text]>,
    /// Parameters first (positional, keyword-only, `*args`, `**kwargs`), then other locals. A captured parameter is here and in `cell_vars`.
    pub var_names: Box<[Text]>,
    pub cell_vars: Box<[Text]>,
    pub free_vars: Box<[Text]>,
    pub caches: Box<[CacheCell]>,
    /// Inner rows before outer ones.
    pub exceptions: Box<[ExceptionRow]>,
    /// Compact position table, see [`CodeUnit::positions`].
    pub position_table: Cow<'static, [u8]>,
    pub spill: Option<Spill>,
    /// Function and class docstring if any (also `consts[0]` for functions with `HAS_DOCSTRING`).
    pub doc: Option<Wtf8>,
}

/// What a variable of the frame is, see [`CodeUnit::variables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// A plain value (or the unbound sentinel) in the register.
    Local,
    /// A cell in the register; the name is in `cell_vars`. For a parameter, the cell replaces the argument after `MAKE_CELL`.
    Cell,
    /// A cell from the function's closure.
    Free,
}

impl CodeUnit {
    /// The frame's variables in register order: `var_names`, then the cell variables that are not
    /// parameters (not in `var_names`), then the free variables. The index is what `V16` operands mean.
    pub fn variables(&self) -> impl Iterator<Item = (&str, VariableKind)> {
        let locals = self.var_names.iter().map(|name| {
            let kind = if self.cell_vars.contains(name) { VariableKind::Cell } else { VariableKind::Local };
            (&**name, kind)
        });
        let cells = self.cell_vars.iter().filter(|name| !self.var_names.contains(name)).map(|name| (&**name, VariableKind::Cell));
        let free = self.free_vars.iter().map(|name| (&**name, VariableKind::Free));
        locals.chain(cells).chain(free)
    }

    /// The variable of a `V16` operand or a cell op's extension word.
    pub fn variable(&self, index: usize) -> Option<(&str, VariableKind)> {
        self.variables().nth(index)
    }

    pub fn variable_count(&self) -> usize {
        self.first_free_variable() + self.free_vars.len()
    }

    /// The register of variable `index` (for a spilled one: where entry puts it before `SPILL_INIT`).
    pub fn variable_register(&self, index: usize) -> usize {
        index + usize::from(self.has_namespace())
    }

    /// Registers from 0 on that variables take, the namespace and the list of spilled ones included.
    pub fn variable_registers(&self) -> usize {
        let variables = match &self.spill {
            Some(spill) => spill.first_variable as usize + 1,
            None => self.variable_count(),
        };
        self.variable_register(variables)
    }

    /// Index of the first free variable: `r[variable_register(first_free_variable() + i)]` receives closure cell `i` at entry.
    pub fn first_free_variable(&self) -> usize {
        self.var_names.len() + self.cell_vars.iter().filter(|name| !self.var_names.contains(name)).count()
    }

    /// Parameters in registers from 0, `*args` and `**kwargs` included.
    pub fn parameter_count(&self) -> usize {
        let stars = u32::from(self.flags & co_flags::VARARGS != 0) + u32::from(self.flags & co_flags::VARKEYWORDS != 0);
        (self.arg_count as u64 + self.kw_only_count as u64 + stars as u64) as usize
    }

    /// Whether `r[0]` holds the namespace mapping at entry (module, class, exec, eval bodies).
    pub fn has_namespace(&self) -> bool {
        self.flags & co_flags::OPTIMIZED == 0
    }

    pub fn is_generator_like(&self) -> bool {
        self.flags & (co_flags::GENERATOR | co_flags::COROUTINE | co_flags::ASYNC_GENERATOR) != 0
    }

    /// Distinct attributes that the code stores on its first argument.
    pub fn self_attribute_count(&self) -> u32 {
        let mut names = Vec::new();
        for instruction in crate::decode::instructions(&self.words) {
            if instruction.op == crate::ops::Op::StoreAttr
                && instruction.a == 0
                && let Some(name) = self.caches.get(instruction.ext as usize).map(|cell| cell.index)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names.len() as u32
    }

    /// The row that catches an exception raised by the instruction at word `pc`.
    pub fn handler(&self, pc: usize) -> Option<&ExceptionRow> {
        self.exceptions.iter().find(|row| (row.start as usize) <= pc && pc < row.end as usize)
    }

    /// This unit and all nested ones, outer first.
    pub fn for_each_unit(&self, visit: &mut impl FnMut(&CodeUnit)) {
        visit(self);
        for constant in &self.consts {
            if let Const::Code(unit) = constant {
                unit.for_each_unit(visit);
            }
        }
    }

    /// Replaces the file name here and in all nested units.
    pub fn set_filename(&mut self, filename: &str) {
        self.filename = filename.into();
        for constant in &mut self.consts {
            if let Const::Code(unit) = constant {
                unit.set_filename(filename);
            }
        }
    }
}
