//! Code objects: a linked code unit (words, constants as values, cache cells) and what frames need of it at once.
//!
//! A code object's *pool* is one array that the interpreter keeps in a register: word 0 is the address of the code object,
//! then the constants, then the cache cells (two words each: a fact that fits a word, and the head of a chain of records).
//! Words and cells change while threads run them, always by single atomic stores; every state of a cell is a valid one.
//!
//! Must not know: what ops mean (the interpreter links and runs), nor how source became a code unit.

use crate::layout::{Gc, Trace};
use crate::str::Str;
use bytecode::code_unit::{CodeUnit, Position, VariableKind};
use heap::{Header, Slot, Tracer, Value};
use native_macros::Layout;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// Words of a cache cell.
pub const CELL_WORDS: usize = 2;
/// Pool index of constant 0.
pub const FIRST_CONSTANT: usize = 1;
/// `Code::simple_args` of code that needs the full binding of arguments.
pub const NOT_SIMPLE: u32 = u32::MAX;

#[derive(Layout)]
#[repr(C)]
pub struct Code {
    pub header: Header,
    /// First word.
    pub start: *const u32,
    pub pool: *const AtomicU64,
    /// Registers of a window, hidden ones included.
    pub register_count: u32,
    /// Number of parameters if all of them are positional, else `NOT_SIMPLE`.
    pub simple_args: u32,
    /// Registers from here receive the closure's cells at entry.
    pub first_free: u32,
    pub free_count: u32,
    pub flags: u32,
    pub arg_count: u32,
    pub pos_only_count: u32,
    pub kw_only_count: u32,
    pub first_line: u32,
    /// The unit without its nested units (they are constants, linked themselves).
    pub unit: Arc<CodeUnit>,
    pub linked: Linked,
    /// Interned.
    pub names: Box<[Gc<Str>]>,
    /// In register order, names interned.
    pub variables: Box<[Variable]>,
    pub name: Slot,
    pub qualname: Slot,
    pub filename: Slot,
    pub doc: Slot,
    /// Tuples made on demand for `co_consts` and the like.
    pub const_tuple: Slot,
    /// Who watches this code (`sys.monitoring` local events), as the interpreter keeps it.
    pub monitoring: Slot,
}

#[derive(Clone, Copy)]
pub struct Variable {
    pub name: Gc<Str>,
    pub kind: VariableKind,
}

impl Trace for Variable {
    fn trace(&self, tracer: &mut Tracer) {
        tracer.value(self.name.value());
    }
}
impl Trace for Arc<CodeUnit> {
    fn trace(&self, _: &mut Tracer) {}
}

/// The mutable, executable part.
pub struct Linked {
    pub words: Box<[AtomicU32]>,
    pub pool: Box<[AtomicU64]>,
    pub constant_count: u32,
    pub cell_count: u32,
    /// Records that were unlinked from their cells; readers may still look at them, so they go with the code.
    retired: AtomicPtr<Record>,
    record_count: AtomicU32,
}

/// What a cache cell remembers that does not fit a word. Immutable once published, but for `next`.
#[repr(C)]
pub struct Record {
    /// The interpreter's tag.
    pub kind: u32,
    /// Shape of the receiver.
    pub shape: u32,
    /// Version that `version_of` had; 0 in `version_of` never matches.
    pub version: u32,
    pub offset: u32,
    pub version_of: *const AtomicU32,
    pub value: Slot,
    /// Keeps alive what `version_of` points into.
    pub keep: Slot,
    pub number: u64,
    pub next: AtomicPtr<Record>,
    /// Chain of all records of a code (for freeing).
    all_next: *mut Record,
}

impl Record {
    pub fn new(kind: u32, shape: u32) -> Record {
        Record {
            kind,
            shape,
            version: 0,
            offset: 0,
            version_of: std::ptr::null(),
            value: Slot::empty(),
            keep: Slot::empty(),
            number: 0,
            next: AtomicPtr::new(std::ptr::null_mut()),
            all_next: std::ptr::null_mut(),
        }
    }
    /// Whether the class that the record speaks of is unchanged.
    /// # Safety
    /// `version_of` is null or kept alive by `keep`.
    #[inline(always)]
    pub unsafe fn is_current(&self) -> bool {
        (*self.version_of).load(Ordering::Relaxed) == self.version
    }
}

// SAFETY: records are immutable once published but for atomics; words and pool are atomics.
unsafe impl Send for Linked {}
unsafe impl Sync for Linked {}

impl Linked {
    pub fn new(words: Box<[AtomicU32]>, pool: Box<[AtomicU64]>, constant_count: u32, cell_count: u32) -> Linked {
        Linked {
            words,
            pool,
            constant_count,
            cell_count,
            retired: AtomicPtr::new(std::ptr::null_mut()),
            record_count: AtomicU32::new(0),
        }
    }

    /// Pool index of a cell's first word.
    #[inline]
    pub fn cell_index(&self, cell: usize) -> usize {
        FIRST_CONSTANT + self.constant_count as usize + cell * CELL_WORDS
    }

    /// Gives a record to this code, which frees it when it dies itself.
    pub fn adopt(&self, record: Record) -> *mut Record {
        let record = Box::into_raw(Box::new(record));
        self.record_count.fetch_add(1, Ordering::Relaxed);
        let mut head = self.retired.load(Ordering::Acquire);
        loop {
            // SAFETY: not shared yet.
            unsafe { (*record).all_next = head };
            match self.retired.compare_exchange_weak(head, record, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return record,
                Err(other) => head = other,
            }
        }
    }

    /// Records ever made: a measure of how unstable this code's caches are.
    #[inline]
    pub fn record_count(&self) -> usize {
        self.record_count.load(Ordering::Relaxed) as usize
    }
}

impl Trace for Linked {
    fn trace(&self, tracer: &mut Tracer) {
        for word in &self.pool[FIRST_CONSTANT..FIRST_CONSTANT + self.constant_count as usize] {
            tracer.word(word.load(Ordering::Relaxed));
        }
        // All records, the unlinked ones too: a thread may still be looking at them. (Cells of other kinds hold plain facts.)
        let mut record = self.retired.load(Ordering::Acquire) as *const Record;
        while !record.is_null() {
            // SAFETY: records live as long as the code.
            unsafe {
                tracer.slot(&(*record).value);
                tracer.slot(&(*record).keep);
                record = (*record).all_next;
            }
        }
    }
}

impl Drop for Linked {
    fn drop(&mut self) {
        let mut record = *self.retired.get_mut();
        while !record.is_null() {
            // SAFETY: made by `adopt`, freed nowhere else.
            let boxed = unsafe { Box::from_raw(record) };
            record = boxed.all_next;
        }
    }
}

impl Code {
    pub fn name(&self) -> Value {
        self.name.get().unwrap_or(Value::none())
    }
    pub fn qualname(&self) -> Value {
        self.qualname.get().unwrap_or(Value::none())
    }
    pub fn filename(&self) -> Value {
        self.filename.get().unwrap_or(Value::none())
    }
    pub fn doc(&self) -> Option<Value> {
        self.doc.get()
    }
    #[inline]
    pub fn has_flag(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
    #[inline]
    pub fn is_generator_like(&self) -> bool {
        self.unit.is_generator_like()
    }
    /// Registers that a frame object keeps when its window closes: the variables.
    pub fn kept_registers(&self) -> usize {
        let namespace = usize::from(self.unit.has_namespace());
        let variables = match &self.unit.spill {
            Some(spill) => spill.first_variable as usize + 1,
            None => self.variables.len(),
        };
        (variables + namespace).min(self.register_count as usize)
    }
    #[inline]
    pub fn constant(&self, index: usize) -> Option<Value> {
        if index >= self.linked.constant_count as usize {
            return None;
        }
        // SAFETY: constants are words of values, alive by tracing.
        unsafe { Value::from_raw(self.linked.pool[FIRST_CONSTANT + index].load(Ordering::Relaxed)) }
    }
    pub fn constants(&self) -> crate::gc_vec::GcVec {
        (0..self.linked.constant_count as usize).filter_map(|index| self.constant(index)).collect()
    }
    /// Distinct attributes that the code stores on its first argument.
    pub fn self_attribute_count(&self) -> u32 {
        let mut names = Vec::new();
        for instruction in bytecode::decode::instructions(&self.unit.words) {
            if instruction.op == bytecode::Op::StoreAttr
                && instruction.a == 0
                && let Some(name) = self.unit.caches.get(instruction.ext as usize).map(|cell| cell.index)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names.len() as u32
    }
    /// Source range of the instruction that covers word `offset`.
    pub fn position_at(&self, offset: u32) -> Option<Position> {
        Some(self.unit.position(offset as usize))
    }
    /// The line that is shown for word `offset`: instructions that the compiler made up belong to the line before them.
    pub fn line_near(&self, offset: u32) -> u32 {
        (0..=offset).rev().find_map(|at| self.line_at(at)).unwrap_or(self.first_line)
    }
    /// Source line of the instruction that covers word `offset`.
    pub fn line_at(&self, offset: u32) -> Option<u32> {
        self.position_at(offset).map(|position| position.line).filter(|line| *line != 0)
    }
}

/// Empties the attribute caches of all code: some class changed in a way that they do not check for.
#[cold]
pub fn flush_attribute_caches() {
    use bytecode::ops::CacheKind;
    let code_class = <Code as crate::layout::Layout>::class();
    heap::inspect::for_each_object(&mut |object| {
        // SAFETY: the world is stopped; the class says that it is a code object.
        unsafe {
            if crate::shape::Shape::of(object).class_opt() != Some(code_class) {
                return;
            }
            let code = &*(object as *const Code);
            for (index, cell) in code.unit.caches.iter().enumerate() {
                if matches!(cell.kind, CacheKind::LoadAttr | CacheKind::StoreAttr | CacheKind::LoadMethod) {
                    let at = code.linked.cell_index(index);
                    code.linked.pool[at].store(0, Ordering::Release);
                    code.linked.pool[at + 1].store(0, Ordering::Release);
                }
            }
        }
    });
}
