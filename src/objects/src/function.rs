//! Python functions and closure cells: layouts and constructors.
//!
//! Must not know: how a call binds arguments or runs (the interpreter's `call`).

use crate::code::Code;
use crate::layout::{Cast, Gc, new_native};
use heap::{GuardedSlot, Header, Slot, Value};
use native_macros::Layout;

/// A function made by `def`, `lambda` or a comprehension; also stands for the code of modules and class bodies while they run.
#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct Function {
    pub header: Header,
    pub code: GuardedSlot,
    pub globals: GuardedSlot,
    pub builtins: GuardedSlot,
    /// A tuple of cells, or empty.
    pub closure: GuardedSlot,
    /// A tuple, or empty.
    pub defaults: GuardedSlot,
    /// A dict, or empty.
    pub kwdefaults: GuardedSlot,
    pub name: GuardedSlot,
    pub qualname: GuardedSlot,
    pub module: GuardedSlot,
    /// Empty: as the code says.
    pub doc: GuardedSlot,
    /// The annotations dict once somebody asked for it.
    pub annotations: GuardedSlot,
    /// `__annotate__`: makes the annotations dict.
    pub annotate: GuardedSlot,
    pub type_params: GuardedSlot,
    /// Code objects that were replaced by assigning `__code__`: frames may still run them.
    pub former_codes: GuardedSlot,
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
        self.former_codes.set(&self.header, chain);
        self.code.set(&self.header, code.value());
    }
}

/// Makes a function of `code` with its names taken from the code object.
pub fn new_function(code: Gc<Code>, globals: Value, builtins: Value) -> Gc<Function> {
    new_native(Function {
        header: Header::new(0),
        code: GuardedSlot::new(code.value()),
        globals: GuardedSlot::new(globals),
        builtins: GuardedSlot::new(builtins),
        closure: GuardedSlot::empty(),
        defaults: GuardedSlot::empty(),
        kwdefaults: GuardedSlot::empty(),
        name: GuardedSlot::new(code.name()),
        qualname: GuardedSlot::new(code.qualname()),
        module: GuardedSlot::empty(),
        doc: GuardedSlot::empty(),
        annotations: GuardedSlot::empty(),
        annotate: GuardedSlot::empty(),
        type_params: GuardedSlot::empty(),
        former_codes: GuardedSlot::empty(),
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
