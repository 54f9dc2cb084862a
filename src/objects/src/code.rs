//! Code objects: a linked code unit (words, constants as values, cache cells) and what frames need of it at once.
//!
//! A code object's *pool* is one array that the interpreter keeps in a register: word 0 is the address of the code object,
//! then the constants, then the cache cells (two words each: a fact that fits a word, and the head of a chain of records).
//! Words and cells change while threads run them, always by single atomic stores; every state of a cell is a valid one.
//!
//! Code from a stored file (library, compiled files) is a head at first: its words, constants and names are read when it is first
//! run or looked into. Most functions of a program's imports never are.
//!
//! Must not know: what ops mean (the interpreter links and runs), nor how source became a code unit.

use crate::layout::{Gc, Trace};
use crate::str::Str;
use bytecode::code_unit::{CodeUnit, Position, VariableKind, co_flags};
use bytecode::positions::PositionMarks;
use bytecode::serialize::{Head, StoredUnit};
use heap::{GuardedSlot, Header, Slot, Tracer, Value};
use native_macros::Layout;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Words of a cache cell.
pub const CELL_WORDS: usize = 2;
/// Pool index of constant 0.
pub const FIRST_CONSTANT: usize = 1;
/// `Code::simple_args` of code that needs the full binding of arguments.
pub const NOT_SIMPLE: u32 = u32::MAX;

#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct Code {
    pub header: Header,
    /// First word and pool. Until the body is there: those of a stub, which loads it. Read `start` before `pool`.
    start: AtomicPtr<u32>,
    pool: AtomicPtr<AtomicU64>,
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
    pub self_attributes: u32,
    body: Lazy,
    /// The pool of the stub: its one word is the address of this object.
    entry_pool: [AtomicU64; 1],
    pub name: GuardedSlot,
    pub qualname: GuardedSlot,
    pub filename: GuardedSlot,
    /// Tuples made on demand for `co_consts` and the like.
    pub const_tuple: GuardedSlot,
    /// Who watches this code (`sys.monitoring` local events), as the interpreter keeps it.
    pub monitoring: GuardedSlot,
}

/// What running the code takes. Read from the stored file when somebody first asks.
pub struct Body {
    /// The unit without its nested units (they are constants, linked themselves).
    pub unit: Arc<CodeUnit>,
    pub linked: Linked,
    /// Interned.
    pub names: Box<[Gc<Str>]>,
    /// In register order, names interned.
    pub variables: Box<[Variable]>,
    pub doc: Option<Value>,
    /// Made when somebody asks for a position.
    pub marks: OnceLock<PositionMarks>,
}

/// A body that may not be there yet.
struct Lazy {
    body: AtomicPtr<Body>,
    stored: Option<Box<Stored>>,
}

/// Where to read a body.
pub struct Stored {
    pub unit: StoredUnit,
    /// Whether the file was made by the build: then it is not verified.
    pub trusted: bool,
}

impl Trace for Lazy {
    fn trace(&self, tracer: &mut Tracer) {
        // SAFETY: a published body lives as long as the code.
        if let Some(body) = unsafe { self.body.load(Ordering::Acquire).as_ref() } {
            // Names are interned: they live anyway.
            body.linked.trace(tracer);
            if let Some(doc) = body.doc {
                tracer.value(doc);
            }
        }
    }
}

impl Drop for Lazy {
    fn drop(&mut self) {
        let body = *self.body.get_mut();
        if !body.is_null() {
            // SAFETY: made by `Box::into_raw` in `publish`, freed nowhere else.
            let body = unsafe { Box::from_raw(body) };
            heap::account_external(-body.outside());
        }
    }
}

impl Body {
    /// About how many bytes it takes outside the heap.
    fn outside(&self) -> isize {
        const FIXED: usize = 600;
        const NAME: usize = 56;
        let words = self.linked.words.len() * 2 * size_of::<u32>() + self.linked.pool.len() * size_of::<u64>();
        let names = (self.names.len() + self.variables.len()) * NAME;
        (FIXED + words + names + self.unit.position_table.len()) as isize
    }
}

/// The address of the words that load a body; the interpreter sets it at boot.
static STUB: AtomicPtr<u32> = AtomicPtr::new(std::ptr::null_mut());
/// Reads the body of a code object: the interpreter's linker.
static LOADER: OnceLock<fn(Gc<Code>, &Stored) -> Body> = OnceLock::new();

/// Tells how bodies are loaded: the stub's words, which call `Code::body`, and the linker.
pub fn install_loader(stub: &'static [u32], loader: fn(Gc<Code>, &Stored) -> Body) {
    STUB.store(stub.as_ptr() as *mut u32, Ordering::Release);
    let _ = LOADER.set(loader);
}

#[derive(Clone, Copy)]
pub struct Variable {
    pub name: Gc<Str>,
    pub kind: VariableKind,
}

/// The mutable, executable part.
pub struct Linked {
    pub words: Box<[AtomicU32]>,
    pub pool: Box<[AtomicU64]>,
    pub constant_count: u32,
    pub cell_count: u32,
    /// Whether some constant is an object that could die.
    traced_constants: bool,
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
        let constants = &pool[FIRST_CONSTANT..FIRST_CONSTANT + constant_count as usize];
        // SAFETY: constants are words of values.
        let lives_anyway = |word: &AtomicU64| unsafe { heap::roots::is_permanent(Value::from_raw(word.load(Ordering::Relaxed))) };
        Linked {
            traced_constants: !constants.iter().all(lives_anyway),
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
        // SAFETY: word 0 is the address of the code object that this belongs to; it is set before anything runs.
        heap::note_store(unsafe { &*(self.pool[0].load(Ordering::Acquire) as *const Header) });
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
        if self.traced_constants || tracer.is_counting() {
            for word in &self.pool[FIRST_CONSTANT..FIRST_CONSTANT + self.constant_count as usize] {
                tracer.word(word.load(Ordering::Relaxed));
            }
        }
        if tracer.is_counting() {
            // What caches remember is no reference of the program.
            return;
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
    /// A code object whose body is `body`, or is to be read from `stored`. The names must be kept alive by the caller.
    pub fn make(head: &Head, names: [Gc<Str>; 3], body: Option<Body>, stored: Option<Stored>) -> Gc<Code> {
        let namespace = u32::from(head.flags & co_flags::OPTIMIZED == 0);
        let stars = head.flags & (co_flags::VARARGS | co_flags::VARKEYWORDS);
        let parameters = head.arg_count + head.kw_only_count + stars.count_ones();
        let simple = stars == 0 && head.kw_only_count == 0;
        let [name, qualname, filename] = names;
        let code = crate::layout::new_native(Code {
            header: Header::new(0),
            start: AtomicPtr::new(STUB.load(Ordering::Relaxed)),
            pool: AtomicPtr::new(std::ptr::null_mut()),
            // At least one register: stubs and namespaces use r0 whatever the code does.
            register_count: head.register_count.max(1).max(parameters),
            simple_args: if simple { head.arg_count + namespace } else { NOT_SIMPLE },
            first_free: head.first_free_variable + namespace,
            free_count: head.free_count,
            flags: head.flags,
            arg_count: head.arg_count,
            pos_only_count: head.pos_only_count,
            kw_only_count: head.kw_only_count,
            first_line: head.first_line,
            self_attributes: head.self_attributes,
            body: Lazy { body: AtomicPtr::new(std::ptr::null_mut()), stored: stored.map(Box::new) },
            entry_pool: [AtomicU64::new(0)],
            name: GuardedSlot::new(name.value()),
            qualname: GuardedSlot::new(qualname.value()),
            filename: GuardedSlot::new(filename.value()),
            const_tuple: GuardedSlot::empty(),
            monitoring: GuardedSlot::empty(),
        });
        code.entry_pool[0].store(code.as_ptr() as u64, Ordering::Relaxed);
        code.pool.store(code.entry_pool.as_ptr() as *mut AtomicU64, Ordering::Release);
        if let Some(body) = body {
            code.publish(body);
        }
        code
    }

    /// Makes `body` the code's, unless another thread was quicker.
    fn publish(&self, body: Body) {
        body.linked.pool[0].store(self as *const Code as u64, Ordering::Release);
        let (start, pool) = (body.linked.words.as_ptr() as *mut u32, body.linked.pool.as_ptr() as *mut AtomicU64);
        let fresh = Box::into_raw(Box::new(body));
        heap::note_store(&self.header);
        let null = std::ptr::null_mut();
        if self.body.body.compare_exchange(null, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: not published.
            drop(unsafe { Box::from_raw(fresh) });
            return;
        }
        // SAFETY: published; it lives as long as this.
        heap::account_external(unsafe { (*fresh).outside() });
        // Who sees the new start must see the new pool.
        self.pool.store(pool, Ordering::Release);
        self.start.store(start, Ordering::Release);
    }

    /// The body, loaded if need be (which may allocate). Damage shows as a body whose only instruction raises.
    #[inline]
    pub fn body(&self) -> &Body {
        // SAFETY: a published body lives as long as the code.
        match unsafe { self.body.body.load(Ordering::Acquire).as_ref() } {
            Some(body) => body,
            None => self.load(),
        }
    }

    /// The body of code that runs, or did: it is there.
    ///
    /// # Safety
    /// As said.
    #[inline(always)]
    pub unsafe fn running_body(&self) -> &Body {
        &*self.body.body.load(Ordering::Acquire)
    }

    #[cold]
    #[inline(never)]
    fn load(&self) -> &Body {
        // SAFETY: code objects are made by `make`, on the heap.
        let code = unsafe { Gc::from_ptr(self as *const Code as *mut Code) };
        let stored = self.body.stored.as_ref().expect("a code object has a body or knows where to read it");
        let loader = LOADER.get().expect("the loader is installed at boot");
        self.publish(loader(code, stored));
        // SAFETY: published just now or by another thread.
        unsafe { &*self.body.body.load(Ordering::Acquire) }
    }

    /// Where the words begin; of the stub while the body is not loaded. To enter, read this before `pool`.
    #[inline(always)]
    pub fn start(&self) -> *const u32 {
        self.start.load(Ordering::Acquire)
    }
    #[inline(always)]
    pub fn pool(&self) -> *const AtomicU64 {
        self.pool.load(Ordering::Acquire)
    }
    /// Whether `pc` is in the words of the stub.
    #[inline]
    pub fn is_stub(pc: *const u32) -> bool {
        pc.addr().wrapping_sub(STUB.load(Ordering::Relaxed).addr()) <= 4
    }
    #[inline]
    pub fn unit(&self) -> &Arc<CodeUnit> {
        &self.body().unit
    }
    /// Whether the stored body could not be read.
    pub fn is_damaged(&self) -> bool {
        self.unit().words.is_empty()
    }
    #[inline]
    pub fn linked(&self) -> &Linked {
        &self.body().linked
    }
    #[inline]
    pub fn names(&self) -> &[Gc<Str>] {
        &self.body().names
    }
    #[inline]
    pub fn variables(&self) -> &[Variable] {
        &self.body().variables
    }
    /// The docstring that functions made of it have. Those without are told by a flag: the body need not be read for it, and every
    /// `classmethod` asks.
    pub fn function_doc(&self) -> Option<Value> {
        self.has_flag(co_flags::HAS_DOCSTRING).then(|| self.body().doc).flatten()
    }
    #[inline]
    pub fn has_flag(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
    #[inline]
    pub fn has_namespace(&self) -> bool {
        !self.has_flag(co_flags::OPTIMIZED)
    }
    #[inline]
    pub fn is_generator_like(&self) -> bool {
        self.flags & (co_flags::GENERATOR | co_flags::COROUTINE | co_flags::ASYNC_GENERATOR) != 0
    }
    /// Registers that a frame object keeps when its window closes: the variables.
    pub fn kept_registers(&self) -> usize {
        self.unit().variable_registers().min(self.register_count as usize)
    }
    /// Parameters, `*args` and `**kwargs` included.
    pub fn parameter_count(&self) -> usize {
        let stars = self.flags & (co_flags::VARARGS | co_flags::VARKEYWORDS);
        (self.arg_count + self.kw_only_count + stars.count_ones()) as usize
    }
    #[inline]
    pub fn constant(&self, index: usize) -> Option<Value> {
        let linked = self.linked();
        if index >= linked.constant_count as usize {
            return None;
        }
        // SAFETY: constants are words of values, alive by tracing.
        unsafe { Value::from_raw(linked.pool[FIRST_CONSTANT + index].load(Ordering::Relaxed)) }
    }
    /// Whether the body was read already. Nested code that is made later takes the file name that this has then.
    pub fn is_loaded(&self) -> bool {
        !self.body.body.load(Ordering::Acquire).is_null()
    }
    pub fn constants(&self) -> crate::gc_vec::GcVec {
        (0..self.linked().constant_count as usize).filter_map(|index| self.constant(index)).collect()
    }
    /// Source range of the instruction that covers word `offset`.
    pub fn position_at(&self, offset: u32) -> Option<Position> {
        let body = self.body();
        let marks = body.marks.get_or_init(|| body.unit.position_marks());
        Some(body.unit.position_by(marks, offset as usize))
    }
    /// The line that is shown for word `offset`: instructions that the compiler made up belong to the line before them.
    pub fn line_near(&self, offset: u32) -> u32 {
        (0..=offset).rev().find_map(|at| self.line_at(at)).unwrap_or(self.first_line)
    }
    /// Source line of the instruction that covers word `offset`.
    pub fn line_at(&self, offset: u32) -> Option<u32> {
        self.position_at(offset).map(|position| position.line).filter(|line| *line != 0)
    }
    /// The same for reports that must not allocate. Code that has not been read from its file is about to begin.
    pub fn line_if_loaded(&self, offset: u32) -> Option<u32> {
        // SAFETY: as in `body`.
        match unsafe { self.body.body.load(Ordering::Acquire).as_ref() } {
            Some(body) => Some(body.unit.position(offset as usize).line).filter(|line| *line != 0),
            None => Some(self.first_line),
        }
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
            let Some(body) = code.body.body.load(Ordering::Acquire).as_ref() else { return };
            for (index, cell) in body.unit.caches.iter().enumerate() {
                if matches!(cell.kind, CacheKind::LoadAttr | CacheKind::StoreAttr | CacheKind::LoadMethod) {
                    let at = body.linked.cell_index(index);
                    body.linked.pool[at].store(0, Ordering::Release);
                    body.linked.pool[at + 1].store(0, Ordering::Release);
                }
            }
        }
    });
}
