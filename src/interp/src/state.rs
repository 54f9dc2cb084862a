//! What op bodies work on: the machine state of the fast path, the view of the slow path, operand decoding, and the macro
//! that declares an op's bodies.
//!
//! A *fast* body sees the state in registers (`State`), calls nothing that takes a reference to it, and says how to go on
//! (`Ctl`). A *slow* body runs out of line with the state published in `Exec`; it may allocate, raise, run Python code and
//! switch windows. Must not know: how bodies are dispatched.

use heap::{Slot, Value};
use objects::code::{CELL_WORDS, Code, FIRST_CONSTANT};
use objects::error::R;
use objects::frame::{Exec, code_of_pool};
use objects::layout::Gc;
use objects::str::Str;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How a fast body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ctl {
    /// `State::pc` is the next instruction.
    Next,
    /// Nothing was done: the slow body does the whole instruction.
    Slow,
    /// Nothing was done: the second body tries.
    Second,
    /// As `Next` after a native was called with the state published: it may have switched tracing on or off. Second bodies only.
    Called,
    /// What was called with the state published has raised. Second bodies only.
    Raised,
    /// Leave the loop; `Exec` holds the state to go on with and the result.
    Exit,
}

/// How a slow body ends when it does not raise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on behind this instruction.
    Next,
    /// `Exec` says where to go on.
    Jump,
    /// Leave the loop.
    Exit,
}

pub type Step = R<Flow>;

/// The machine state of the fast path.
pub struct State {
    /// The instruction being executed; a fast body moves it on.
    pub pc: *const u32,
    pub regs: *mut u64,
    pub exec: *const Exec,
    pub pool: *const AtomicU64,
}

/// Operand `a`.
#[inline(always)]
pub fn a(w: u32) -> usize {
    (w >> 8 & 0xFF) as usize
}
#[inline(always)]
pub fn b(w: u32) -> usize {
    (w >> 16 & 0xFF) as usize
}
#[inline(always)]
pub fn c(w: u32) -> usize {
    (w >> 24) as usize
}
/// Unsigned 16-bit operand in `b`, `c`.
#[inline(always)]
pub fn bc(w: u32) -> usize {
    (w >> 16) as usize
}
/// Signed 16-bit operand in `b`, `c`.
#[inline(always)]
pub fn sbc(w: u32) -> i32 {
    w as i32 >> 16
}
/// Signed byte in `c`.
#[inline(always)]
pub fn sc(w: u32) -> i32 {
    w as i32 >> 24
}
/// Signed 24-bit operand.
#[inline(always)]
pub fn sabc(w: u32) -> i32 {
    w as i32 >> 8
}

/// Reads a code word that other threads may quicken.
/// # Safety
/// `pc` points into a code's words.
#[inline(always)]
pub unsafe fn word_at(pc: *const u32) -> u32 {
    (*(pc as *const AtomicU32)).load(Ordering::Relaxed)
}

// SAFETY (whole impl): op bodies run only on verified code, whose register, constant and cell operands lie inside the window
// and the pool; `exec` is the running thread's.
impl State {
    #[inline(always)]
    pub unsafe fn raw(&self, register: usize) -> u64 {
        *self.regs.add(register)
    }
    #[inline(always)]
    pub unsafe fn put(&self, register: usize, raw: u64) {
        *self.regs.add(register) = raw;
    }
    #[inline(always)]
    pub unsafe fn get(&self, register: usize) -> Value {
        Value::from_raw_unchecked(*self.regs.add(register))
    }
    #[inline(always)]
    pub unsafe fn set(&self, register: usize, value: Value) {
        *self.regs.add(register) = value.raw();
    }
    /// `count` registers from `first` on.
    #[inline(always)]
    pub unsafe fn slice(&self, first: usize, count: usize) -> &'static [Value] {
        std::slice::from_raw_parts(self.regs.add(first) as *const Value, count)
    }
    #[inline(always)]
    pub unsafe fn ext(&self) -> u32 {
        word_at(self.pc.add(1))
    }
    #[inline(always)]
    pub unsafe fn constant_raw(&self, index: usize) -> u64 {
        (*self.pool.add(FIRST_CONSTANT + index)).load(Ordering::Relaxed)
    }
    /// A word of the cache cell that the extension word names.
    #[inline(always)]
    pub unsafe fn cell(&self, word: usize) -> u64 {
        (*self.pool.add(self.ext() as usize + word)).load(Ordering::Acquire)
    }
    /// The cache cell that the extension word names.
    #[inline(always)]
    pub unsafe fn cell_words(&self) -> &'static [AtomicU64; 2] {
        &*(self.pool.add(self.ext() as usize) as *const [AtomicU64; 2])
    }
    /// The index that the cell's descriptor gives: of a name, or of a constant.
    #[inline(always)]
    pub unsafe fn cell_index(&self) -> usize {
        let body = (*code_of_pool(self.pool)).running_body();
        let cell = (self.ext() as usize - body.linked.cell_index(0)) / CELL_WORDS;
        body.unit.caches.get_unchecked(cell).index as usize
    }
    /// The name that the cell's descriptor gives.
    #[inline(always)]
    pub unsafe fn cell_name(&self) -> Gc<Str> {
        *(*code_of_pool(self.pool)).running_body().names.get_unchecked(self.cell_index())
    }
    #[inline(always)]
    pub unsafe fn skip(&mut self, words: usize) -> Ctl {
        self.pc = self.pc.add(words);
        Ctl::Next
    }
    /// Jumps by `offset` words from behind an instruction of `words` words; a back-edge with a poll pending goes the slow way.
    #[inline(always)]
    pub unsafe fn jump(&mut self, words: usize, offset: i32) -> Ctl {
        if offset < 0 && self.wants_poll() {
            return Ctl::Slow;
        }
        self.pc = self.pc.offset(words as isize + offset as isize);
        Ctl::Next
    }
    /// Publishes the state, as it is at the instruction, for a call that may collect.
    #[inline(always)]
    pub unsafe fn publish(&self) {
        let exec = &*self.exec;
        exec.pc.set(self.pc);
        exec.regs.set(self.regs);
        exec.pool.set(self.pool);
    }
    /// Goes on where `Exec` says.
    #[inline(always)]
    pub unsafe fn reload(&mut self) {
        let exec = &*self.exec;
        self.pc = exec.pc.get();
        self.regs = exec.regs.get();
        self.pool = exec.pool.get();
    }
    /// How a second body of `words` words ends that called something with the state published: the result goes to a register.
    #[inline(always)]
    pub unsafe fn finish_call(&mut self, register: usize, words: usize, result: R) -> Ctl {
        match result {
            Ok(value) => {
                self.set(register, value);
                self.pc = self.pc.add(words);
                Ctl::Called
            }
            Err(_) => Ctl::Raised,
        }
    }
    #[inline(always)]
    pub unsafe fn wants_poll(&self) -> bool {
        (*self.exec).limit.load(Ordering::Relaxed) == 0
    }
    #[inline(always)]
    pub unsafe fn limit(&self) -> usize {
        (*self.exec).limit.load(Ordering::Relaxed)
    }
}

/// The published state, for slow bodies and everything behind them.
#[derive(Clone, Copy)]
pub struct Vm(pub &'static Exec);

// SAFETY (whole impl): as for `State`; the published state is current while a slow body runs.
impl Vm {
    #[inline(always)]
    pub fn get(self, register: usize) -> Value {
        unsafe { Value::from_raw_unchecked(*self.0.regs.get().add(register)) }
    }
    #[inline(always)]
    pub fn set(self, register: usize, value: Value) {
        unsafe { *self.0.regs.get().add(register) = value.raw() }
    }
    #[inline(always)]
    pub fn register(self, register: usize) -> *mut u64 {
        unsafe { self.0.regs.get().add(register) }
    }
    /// `count` registers from `first` on.
    #[inline(always)]
    pub fn slice(self, first: usize, count: usize) -> &'static [Value] {
        unsafe { std::slice::from_raw_parts(self.0.regs.get().add(first) as *const Value, count) }
    }
    #[inline(always)]
    pub fn ext(self) -> u32 {
        unsafe { word_at(self.0.pc.get().add(1)) }
    }
    #[inline(always)]
    pub fn code(self) -> Gc<Code> {
        unsafe { Gc::from_ptr(code_of_pool(self.0.pool.get()) as *mut Code) }
    }
    pub fn constant(self, index: usize) -> Value {
        unsafe { Value::from_raw_unchecked((*self.0.pool.get().add(FIRST_CONSTANT + index)).load(Ordering::Relaxed)) }
    }
    pub fn name(self, index: usize) -> Gc<Str> {
        self.code().names()[index]
    }
    /// The cache cell that the extension word names.
    #[inline(always)]
    pub fn cell(self) -> &'static [AtomicU64; 2] {
        unsafe { &*(self.0.pool.get().add(self.ext() as usize) as *const [AtomicU64; 2]) }
    }
    /// The cell's index in the unit's cache table.
    fn cell_number(self) -> usize {
        (self.ext() as usize - self.code().linked().cell_index(0)) / CELL_WORDS
    }
    /// The name that the cell's descriptor gives.
    pub fn cell_name(self) -> Gc<Str> {
        let code = self.code();
        code.names()[code.unit().caches[self.cell_number()].index as usize]
    }
    /// The constant that the cell's descriptor gives.
    pub fn cell_constant(self) -> Value {
        let code = self.code();
        self.constant(code.unit().caches[self.cell_number()].index as usize)
    }
    #[inline(always)]
    pub fn function(self) -> Gc<objects::function::Function> {
        unsafe { Gc::from_ptr(*self.0.regs.get().offset(objects::frame::CALLEE) as *mut _) }
    }
    /// Goes on `offset` words behind this instruction of `words` words; polls on back-edges.
    pub fn jump(self, words: usize, offset: i32) -> Step {
        self.0.pc.set(unsafe { self.0.pc.get().offset(words as isize + offset as isize) });
        if offset < 0 && self.0.limit.load(Ordering::Relaxed) == 0 {
            // A failing poll raises at the jump target: inside the loop, as a signal handler's exception should.
            crate::poll::poll(self.0)?;
        }
        Ok(Flow::Jump)
    }
    /// As `jump` when `taken`, else the next instruction.
    pub fn jump_if(self, taken: bool, words: usize, offset: i32) -> Step {
        if taken { self.jump(words, offset) } else { Ok(Flow::Next) }
    }
}

/// What an op must provide. `WORDS` comes from the op table.
pub trait Handler {
    /// # Safety
    /// The state is that of a window running verified code.
    #[inline(always)]
    unsafe fn fast(_state: &mut State, _word: u32) -> Ctl {
        Ctl::Slow
    }
    /// A fast body that is too large for the handler: it would make the common cases save registers. May call functions that are not
    /// inlined; publishes the state itself before it calls one that may collect, and ends with `Called` or `Raised` if that one may
    /// run Python code or raise.
    /// # Safety
    /// As for `fast`.
    #[inline(always)]
    unsafe fn second(_state: &mut State, _word: u32) -> Ctl {
        Ctl::Slow
    }
    /// # Safety
    /// As for `fast`, published.
    unsafe fn slow(_vm: Vm, _word: u32) -> Step {
        Ok(Flow::Next)
    }
}

/// Words of an op's instructions.
pub trait Words {
    const WORDS: usize;
}

/// Declares the bodies of an op: `op!(Name fast(s, w) { .. } second(s, w) { .. } slow(vm, w) { .. })`, parts may be missing.
macro_rules! op {
    ($name:ident fast($s:ident, $w:ident) $fast:block second($t:ident, $u:ident) $second:block slow($vm:ident, $v:ident) $slow:block) => {
        pub struct $name;
        impl $crate::state::Handler for $name {
            #[inline(always)]
            unsafe fn fast($s: &mut $crate::state::State, $w: u32) -> $crate::state::Ctl $fast
            #[inline(always)]
            unsafe fn second($t: &mut $crate::state::State, $u: u32) -> $crate::state::Ctl $second
            #[inline(never)]
            unsafe fn slow($vm: $crate::state::Vm, $v: u32) -> $crate::state::Step $slow
        }
    };
    ($name:ident fast($s:ident, $w:ident) $fast:block second($t:ident, $u:ident) $second:block) => {
        pub struct $name;
        impl $crate::state::Handler for $name {
            #[inline(always)]
            unsafe fn fast($s: &mut $crate::state::State, $w: u32) -> $crate::state::Ctl $fast
            #[inline(always)]
            unsafe fn second($t: &mut $crate::state::State, $u: u32) -> $crate::state::Ctl $second
        }
    };
    ($name:ident fast($s:ident, $w:ident) $fast:block slow($vm:ident, $v:ident) $slow:block) => {
        pub struct $name;
        impl $crate::state::Handler for $name {
            #[inline(always)]
            unsafe fn fast($s: &mut $crate::state::State, $w: u32) -> $crate::state::Ctl $fast
            #[inline(never)]
            unsafe fn slow($vm: $crate::state::Vm, $v: u32) -> $crate::state::Step $slow
        }
    };
    ($name:ident fast($s:ident, $w:ident) $fast:block) => {
        pub struct $name;
        impl $crate::state::Handler for $name {
            #[inline(always)]
            unsafe fn fast($s: &mut $crate::state::State, $w: u32) -> $crate::state::Ctl $fast
        }
    };
    ($name:ident slow($vm:ident, $v:ident) $slow:block) => {
        pub struct $name;
        impl $crate::state::Handler for $name {
            #[inline(never)]
            unsafe fn slow($vm: $crate::state::Vm, $v: u32) -> $crate::state::Step $slow
        }
    };
}
pub(crate) use op;

/// The object behind a pointer word as a layout.
/// # Safety
/// `raw` is the word of an object of that layout.
#[inline(always)]
pub unsafe fn object<'a, T>(raw: u64) -> &'a T {
    &*(raw as *const T)
}

/// Whether a raw word is a pointer.
#[inline(always)]
pub fn is_pointer(raw: u64) -> bool {
    raw >> 48 == 0
}

/// The shape id in the header of the object behind a pointer word.
/// # Safety
/// `raw` is a pointer word of a live object.
#[inline(always)]
pub unsafe fn shape_of(raw: u64) -> u32 {
    (*(raw as *const AtomicU32)).load(Ordering::Relaxed)
}

/// The slot at byte `offset` of the object behind a pointer word.
/// # Safety
/// The object's shape has a slot there.
#[inline(always)]
pub unsafe fn slot_of<'a>(raw: u64, offset: u32) -> &'a Slot {
    &*((raw as usize + offset as usize) as *const Slot)
}
