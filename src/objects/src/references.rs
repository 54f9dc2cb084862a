//! `sys.getrefcount`: nothing counts references while a program runs, so they are looked for when somebody asks.
//!
//! The heap walks objects and roots (`heap::references`); what the frames of threads refer to is found here. A frame counts what its
//! variables hold and the temporaries that its code still needs. Like CPython's, it does not count what it only borrows: a temporary
//! that is a copy of a variable, and a parameter that got its value from a variable of the calling function.
//!
//! Must not know: who asks, how a call is made.

use crate::class::{self, Class};
use crate::code::Code;
use crate::frame::{CALLEE, Exec, FLAGS, GENERATOR, HEADER_SLOTS, SAVED_REGS, View};
use crate::generator::{CLOSED, CREATED, Generator, RUNNING};
use crate::layout::{Cast, Gc};
use crate::str::Str;
use crate::{bytes, thread, tuple};
use bytecode::code_unit::CodeUnit;
use bytecode::liveness;
use bytecode::ops::{CALL_HEADER, Op};
use heap::{Tracer, Value};
use std::sync::atomic::Ordering;

/// What CPython says of objects that live for ever.
const IMMORTAL: usize = 3 << 30;
/// Ints that CPython keeps for ever.
const SMALL_INTS: std::ops::RangeInclusive<i64> = -5..=256;
/// Longer code is not searched for what it does with its temporaries, unless references are counted.
const MOST_WORDS: usize = 1 << 12;
/// How often finalizers that a collection found may hold up the counting: each may leave something for the next.
const MOST_ROUNDS: usize = 4;
/// Registers that receivers take which a call puts in front of its arguments (a bound method of a bound method), and the one of a method.
const MOST_RECEIVERS: usize = 4;
/// Frames that are cleared, from the innermost outwards.
const MOST_CLEARED: usize = 100;
/// Words between the stub of a call that makes an instance and the window of `__init__`: one for the instance, a header.
const INSTANCE_STUB: usize = HEADER_SLOTS + 1;

/// The number of references to `value`, an argument of the native function that asks included. `fence`: see
/// `heap::collect::collect_above_fence`. `clear` clears what calls that are over left behind; the caller did so once.
///
/// # Safety
/// As said there.
pub unsafe fn count(value: Value, is_asking: impl Fn(Value) -> bool, fence: Option<usize>, clear: impl Fn()) -> usize {
    if is_immortal(value) {
        return IMMORTAL;
    }
    let mut rounds = 1;
    let found = loop {
        let (found, stats) = heap::references::count(value, fence);
        if stats.queued_finalizers == 0 && !heap::has_pending_weak_callbacks() || rounds == MOST_ROUNDS {
            break found;
        }
        crate::pending::run_pending();
        clear();
        rounds += 1;
    };
    let instances = if value.cast::<Class>().is_some() { found.instances } else { 0 };
    found.direct + instances + argument_references(&thread::current().exec, is_asking)
}

/// Empties the temporaries of the calling thread's frames that their code has no use for: what calls that are over left there would live
/// on, and count. For a native function that Python code called; `plain`: with no more arguments than the call instruction names.
pub fn clear_unused(exec: &Exec, plain: bool) {
    let (mut inner, mut view): (Option<View>, _) = (None, Some(exec.published()));
    for _ in 0..MOST_CLEARED {
        let Some(current) = view else { return };
        if let Some(window) = Window::of(current) {
            // SAFETY: windows of the calling thread.
            unsafe { window.clear_unused(inner, plain && inner.is_none()) };
        }
        inner = Some(current);
        view = current.step();
    }
}

/// Objects that CPython does not count either.
fn is_immortal(value: Value) -> bool {
    if value.is_int() {
        return SMALL_INTS.contains(&value.as_int());
    }
    if value.is_none() || value.is_bool() || value.is_ellipsis() || value.is_not_implemented() {
        return true;
    }
    if let Some(class) = value.cast::<Class>() {
        return !class.flags.has(class::HEAP_TYPE) && class.native.is_none_or(|def| matches!(def.module, "builtins" | "types"));
    }
    if let Some(text) = value.cast_exact::<Str>() {
        let text = text.to_string_lossy();
        let mut chars = text.chars();
        return chars.next().is_none_or(|first| first < '\u{100}' && chars.next().is_none());
    }
    value.cast_exact::<tuple::Tuple>().is_some_and(|items| items.items().is_empty())
        || value.cast_exact::<bytes::Bytes>().is_some_and(|bytes| bytes.as_slice().len() <= 1)
}

/// References that are arguments of the call that asks: none if the argument is a variable of the calling function.
fn argument_references(exec: &Exec, is_asking: impl Fn(Value) -> bool) -> usize {
    let view = exec.published();
    let Some(window) = Window::of(view) else { return 1 };
    let Some(one) = window.pc.and_then(|pc| liveness::instruction_at(window.unit(), pc)) else { return 1 };
    let argument = match one.op {
        Op::Call => one.a + CALL_HEADER,
        Op::CallMethod => one.a + CALL_HEADER + 1,
        // The tuple of arguments counts by itself.
        Op::CallEx => return 0,
        _ => return 1,
    };
    if !view.register(one.a as usize).is_some_and(is_asking) {
        return 1;
    }
    usize::from(!window.is_copy_of_variable(one.pc, argument as usize))
}

/// What the frames on a thread's stack refer to. The thread is stopped.
pub(crate) fn report_frames(exec: &Exec, tracer: &mut Tracer) {
    let Some(word) = tracer.counted() else { return };
    let mut inner: Option<View> = None;
    let mut view = Some(exec.published());
    while let Some(current) = view {
        if exec.base.get() == 0 {
            return;
        }
        // SAFETY: windows of a stopped thread, from the innermost outwards.
        let count = unsafe {
            match Window::of(current) {
                Some(window) => window.references(word, inner),
                None => stub_references(current, word, inner),
            }
        };
        tracer.found(count);
        inner = Some(current);
        view = current.step();
    }
}

/// The stub of a call that makes an instance keeps it until `__init__` is done.
unsafe fn stub_references(stub: View, word: u64, inner: Option<View>) -> usize {
    let holds_instance = inner.is_some_and(|inner| inner.regs == stub.regs.add(INSTANCE_STUB));
    usize::from(holds_instance && *stub.regs == word)
}

/// What a generator that is not running refers to by its registers. True: that is settled; false: a word by word report is wanted.
pub(crate) fn report_generator(generator: &Generator, tracer: &mut Tracer) -> bool {
    let Some(word) = tracer.counted() else { return false };
    let state = generator.state.load(Ordering::Acquire);
    if matches!(state, CLOSED | RUNNING) {
        return true;
    }
    let holds = |register: &usize| generator.registers()[*register].raw() == word;
    let Some(offset) = generator.offset().filter(|_| generator.registers().iter().any(|slot| slot.raw() == word)) else {
        return true;
    };
    let code = generator.code();
    let variables = code.kept_registers();
    let temporaries = if state == CREATED { 0..0 } else { variables..generator.registers().len() };
    let used = |register: &usize| liveness::is_used_when_resumed(code.unit(), offset as usize, *register);
    let count = (0..variables.min(generator.registers().len())).filter(holds).count();
    tracer.found(count + temporaries.filter(holds).filter(used).count());
    true
}

/// Whether the code of an open window may yet read a temporary that holds what `is_wanted` tells. No, if that cannot be known, or takes
/// long to find out. `is_wanted` looks at the object itself alone, not at others that it refers to.
pub fn needs_temporary(view: View, is_wanted: impl Fn(Value) -> bool) -> bool {
    let Some(window) = Window::of(view) else { return false };
    let Some(pc) = window.pc.filter(|_| window.unit().words.len() <= MOST_WORDS) else { return false };
    (window.variables..window.code.register_count as usize).any(|register| {
        // SAFETY: the register is one of the window's.
        let word = unsafe { *view.regs.add(register) };
        // What is not used may be any word, or name an object that is gone: then the answer is of no account.
        heap::inspect::is_object(word as usize)
            && view.register(register).is_some_and(&is_wanted)
            && liveness::is_used(window.unit(), pc, register)
    })
}

/// A window of Python code.
struct Window {
    view: View,
    code: Gc<Code>,
    /// The word that it stands at; None while its code is being loaded.
    pc: Option<usize>,
    /// Registers below this are variables.
    variables: usize,
}

impl Window {
    fn of(view: View) -> Option<Window> {
        if view.pool.is_null() {
            return None;
        }
        let code = view.code();
        let is_loaded = !Code::is_stub(view.pc) && code.is_loaded();
        let variables = if is_loaded { code.kept_registers() } else { code.first_free as usize };
        Some(Window { view, code, pc: is_loaded.then(|| view.offset() as usize), variables })
    }
    fn unit(&self) -> &CodeUnit {
        self.code.unit()
    }
    fn holds(&self, register: usize, word: u64) -> bool {
        // SAFETY: callers stay below the window's register count.
        register < self.code.register_count as usize && unsafe { *self.view.regs.add(register) } == word
    }

    /// Where the registers end that are this window's alone.
    fn end(&self, inner: Option<View>) -> usize {
        let all = self.code.register_count as usize;
        inner.map_or(all, |inner| (inner.regs as usize - self.view.regs as usize) / 8 - HEADER_SLOTS).min(all)
    }

    /// References to the object with that word. The window inside, if there is one, begins in the registers of this one.
    ///
    /// # Safety
    /// The thread is stopped, or the calling one.
    unsafe fn references(&self, word: u64, inner: Option<View>) -> usize {
        let mut count = usize::from(*self.view.regs.offset(CALLEE) == word) + usize::from(self.code.value().raw() == word);
        let end = self.end(inner);
        let variables = (0..self.variables.min(end)).filter(|register| self.holds(*register, word)).count();
        if variables > 0 && !self.is_borrowed(word) {
            count += variables;
        }
        let Some(pc) = self.pc else { return count };
        let temporaries = (self.variables..end).filter(|register| self.holds(*register, word));
        let own = |register: &usize| {
            liveness::is_used(self.unit(), pc, *register)
                && !self.is_copy(pc, *register, word)
                && !self.is_argument_asked(*register)
        };
        count + temporaries.filter(own).count()
    }

    /// Puts a sentinel in place of objects that no instruction reads before it writes there. The arguments of a call that is under way
    /// may have been moved by some registers, unless it is a `plain` one.
    ///
    /// # Safety
    /// The window is the calling thread's.
    unsafe fn clear_unused(&self, inner: Option<View>, plain: bool) {
        let Some(one) = self.pc.and_then(|pc| liveness::instruction_at(self.unit(), pc)) else { return };
        let end = self.end(inner);
        let first = one.a as usize + HEADER_SLOTS;
        let arguments = match one.op {
            Op::CallEx => first..end,
            Op::Call | Op::CallKw | Op::CallMethod | Op::CallMethodKw if !plain => first..first + one.b as usize + MOST_RECEIVERS,
            _ => 0..0,
        };
        for register in (self.variables..end).filter(|register| !arguments.contains(register)) {
            let place = self.view.regs.add(register);
            let is_object = Value::from_raw(*place).is_some_and(Value::is_ptr);
            if is_object && !liveness::is_used(self.unit(), one.pc, register) {
                *place = Value::unbound().raw();
            }
        }
    }

    /// Arguments of the call that asks are counted by `argument_references`.
    fn is_argument_asked(&self, register: usize) -> bool {
        let exec = &thread::current().exec;
        exec.regs.get() == self.view.regs && exec.published_base().is_some_and(|base| register > base)
    }

    /// Whether the variables of this window got the object from a variable of the calling function.
    ///
    /// # Safety
    /// As for `references`.
    unsafe fn is_borrowed(&self, word: u64) -> bool {
        if *self.view.regs.offset(SAVED_REGS) & FLAGS & GENERATOR != 0 {
            return false;
        }
        let Some(outer) = self.view.step().and_then(Window::of) else { return false };
        let Some(one) = outer.pc.and_then(|pc| liveness::instruction_at(outer.unit(), pc)) else { return false };
        let count = match one.op {
            Op::Call | Op::CallKw => one.b as usize,
            Op::CallMethod | Op::CallMethodKw => one.b as usize + 1,
            _ => return false,
        };
        let first = one.a as usize + CALL_HEADER as usize;
        let parameters = self.code.parameter_count();
        (0..parameters).any(|register| self.holds(register, word))
            && (first..first + count).any(|register| outer.is_copy(one.pc, register, word))
    }

    /// Whether a register was filled from a variable, or from another temporary, that holds the same object and counts for it.
    fn is_copy(&self, pc: usize, register: usize, word: u64) -> bool {
        let (mut at, mut register) = (pc, register);
        while let Some((source, copied_at)) = liveness::copied_from(self.unit(), at, register) {
            if source < self.variables {
                return self.holds(source, word);
            }
            if self.holds(source, word) && liveness::is_used(self.unit(), pc, source) {
                return true;
            }
            (at, register) = (copied_at, source);
        }
        false
    }

    fn is_copy_of_variable(&self, pc: usize, register: usize) -> bool {
        liveness::copied_from(self.unit(), pc, register).is_some_and(|(source, _)| source < self.variables)
    }
}
