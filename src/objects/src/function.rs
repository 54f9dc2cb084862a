//! Python functions and closure cells: layouts and constructors.
//!
//! Must not know: how a call binds arguments or runs (the interpreter's `call`).

use crate::code::Code;
use crate::layout::{Cast, Gc, new_native};
use heap::{Header, Slot, Value};
use native_macros::Layout;

/// A function made by `def`, `lambda` or a comprehension; also stands for the code of modules and class bodies while they run.
#[derive(Layout)]
#[repr(C)]
pub struct Function {
    pub header: Header,
    pub code: Slot,
    pub globals: Slot,
    pub builtins: Slot,
    /// A tuple of cells, or empty.
    pub closure: Slot,
    /// A tuple, or empty.
    pub defaults: Slot,
    /// A dict, or empty.
    pub kwdefaults: Slot,
    pub name: Slot,
    pub qualname: Slot,
    pub module: Slot,
    /// Empty: as the code says.
    pub doc: Slot,
    /// The annotations dict once somebody asked for it.
    pub annotations: Slot,
    /// `__annotate__`: makes the annotations dict.
    pub annotate: Slot,
    pub type_params: Slot,
    /// Code objects that were replaced by assigning `__code__`: frames may still run them.
    pub former_codes: Slot,
}

impl Function {
    #[inline(always)]
    pub fn code(&self) -> Gc<Code> {
        // SAFETY: set at creation, always a code object.
        unsafe { self.code.get().unwrap_unchecked().cast_unchecked() }
    }
    #[inline]
    pub fn globals(&self) -> Value {
        // SAFETY: set at creation.
        unsafe { self.globals.get().unwrap_unchecked() }
    }
    /// Replaces the code; running frames keep the old one alive through `former_codes`.
    pub fn set_code(&self, code: Gc<Code>) {
        let old = self.code().value();
        let chain = match self.former_codes.get() {
            Some(rest) => crate::tuple::new_tuple(&[old, rest]).value(),
            None => crate::tuple::new_tuple(&[old]).value(),
        };
        self.former_codes.set(chain);
        self.code.set(code.value());
    }
}

/// Makes a function of `code` with its names taken from the code object.
pub fn new_function(code: Gc<Code>, globals: Value, builtins: Value) -> Gc<Function> {
    new_native(Function {
        header: Header::new(0),
        code: Slot::new(code.value()),
        globals: Slot::new(globals),
        builtins: Slot::new(builtins),
        closure: Slot::empty(),
        defaults: Slot::empty(),
        kwdefaults: Slot::empty(),
        name: Slot::new(code.name()),
        qualname: Slot::new(code.qualname()),
        module: Slot::empty(),
        doc: Slot::empty(),
        annotations: Slot::empty(),
        annotate: Slot::empty(),
        type_params: Slot::empty(),
        former_codes: Slot::empty(),
    })
}

/// A closure variable.
#[derive(Layout)]
#[repr(C)]
pub struct CellObject {
    pub header: Header,
    pub content: Slot,
}

pub fn new_cell(content: Option<Value>) -> Gc<CellObject> {
    let cell = new_native(CellObject { header: Header::new(0), content: Slot::empty() });
    if let Some(value) = content {
        cell.content.set(value);
    }
    cell
}
