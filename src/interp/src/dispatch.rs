//! The two engines, both made from the op table: threaded handlers (each ends in a tail call of the next one) and a plain loop.
//!
//! Threaded rules (docs/internals/interpreter.md): a handler holds nothing with a destructor, passes no address of its own
//! frame to anybody, has at most six arguments, and every exit is a call in tail position that LLVM turns into a jump; needs
//! opt-level 1 or more. Debug builds, Miri and unknown targets take the loop.
//!
//! Must not know: what any op does.

use crate::ops;
use crate::state::{Ctl, Flow, Handler, State, Step, Vm, Words};
use crate::trace::After;
use objects::frame::Exec;

macro_rules! word_counts {
    ($( $(#[doc = $doc:literal])+ $variant:ident $snake:ident ($a:ident, $b:ident, $c:ident) $ext:ident $(($cache:ident))? [$($fx:ident)*]; )*) => {
        $( impl Words for ops::$variant { const WORDS: usize = ext_words!($ext); } )*
    };
}
macro_rules! ext_words {
    (No) => {
        1
    };
    ($kind:ident) => {
        2
    };
}
bytecode::for_each_op!(word_counts);

/// Ops of the interpreter's own, from `FIRST_PRIVATE_OP` on.
pub const EXIT_RUN: u8 = bytecode::ops::FIRST_PRIVATE_OP;
pub const INIT_RETURN: u8 = EXIT_RUN + 1;
pub const INVALID: u8 = EXIT_RUN + 2;
pub const STORE_RESULT: u8 = EXIT_RUN + 3;
pub const LOAD_BODY: u8 = EXIT_RUN + 4;
pub const NEW_RETURN: u8 = EXIT_RUN + 5;

impl Words for ops::ExitRun {
    const WORDS: usize = 1;
}
impl Words for ops::InitReturn {
    const WORDS: usize = 1;
}
impl Words for ops::NewReturn {
    const WORDS: usize = 1;
}
impl Words for ops::StoreResult {
    const WORDS: usize = 1;
}
impl Words for ops::LoadBody {
    const WORDS: usize = 1;
}
impl Words for ops::Invalid {
    const WORDS: usize = 1;
}

/// Runs a slow body. Out of line, so that whatever it keeps in its frame is gone before the tail call.
#[inline(never)]
unsafe fn slow_step<H: Handler>(exec: &'static Exec, word: u32) -> Step {
    H::slow(Vm(exec), word)
}

/// What follows a slow body: true = go on with the state in `Exec`.
#[inline(always)]
unsafe fn after_slow<H: Words>(exec: &'static Exec, step: Step) -> bool {
    match step {
        Ok(Flow::Next) => {
            exec.pc.set(exec.pc.get().add(H::WORDS));
            true
        }
        Ok(Flow::Jump) => true,
        Ok(Flow::Exit) => false,
        Err(_) => crate::unwind::unwind(exec),
    }
}

#[inline(always)]
unsafe fn publish(exec: &Exec, pc: *const u32, regs: *mut u64, pool: *const std::sync::atomic::AtomicU64) {
    exec.pc.set(pc);
    exec.regs.set(regs);
    exec.pool.set(pool);
}

macro_rules! handler_table {
    ($( $(#[doc = $doc:literal])+ $variant:ident $snake:ident ($a:ident, $b:ident, $c:ident) $ext:ident $(($cache:ident))? [$($fx:ident)*]; )*) => {
        static TABLE: [engine::Entry; 256] = {
            let mut table = [engine::handler::<ops::Invalid> as engine::Entry; 256];
            $( table[bytecode::Op::$variant as usize] = engine::handler::<ops::$variant>; )*
            table[EXIT_RUN as usize] = engine::handler::<ops::ExitRun>;
            table[INIT_RETURN as usize] = engine::handler::<ops::InitReturn>;
            table[NEW_RETURN as usize] = engine::handler::<ops::NewReturn>;
            table[STORE_RESULT as usize] = engine::handler::<ops::StoreResult>;
            table[LOAD_BODY as usize] = engine::handler::<ops::LoadBody>;
            table
        };
    };
}
bytecode::for_each_op!(handler_table);

/// Runs from the state in `Exec` until an op leaves the loop.
/// # Safety
/// `Exec` describes a window of verified code that a stub with `EXIT_RUN` closes.
pub unsafe fn enter(exec: &'static Exec) {
    engine::enter(exec)
}

#[cfg(any(debug_assertions, miri, feature = "loop-engine", not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod engine {
    use super::*;

    /// False = leave the loop.
    pub type Entry = unsafe fn(&mut State, u32) -> bool;

    pub unsafe fn handler<H: Handler + Words>(state: &mut State, word: u32) -> bool {
        let mut ctl = H::fast(state, word);
        if ctl == Ctl::Second {
            ctl = H::second(state, word);
        }
        match ctl {
            Ctl::Next | Ctl::Called => true,
            Ctl::Exit => false,
            Ctl::Raised => {
                let exec: &'static Exec = &*state.exec;
                let go_on = crate::unwind::unwind(exec);
                state.pc = exec.pc.get();
                state.regs = exec.regs.get();
                state.pool = exec.pool.get();
                go_on
            }
            Ctl::Slow | Ctl::Second => {
                let exec: &'static Exec = &*state.exec;
                publish(exec, state.pc, state.regs, state.pool);
                let step = slow_step::<H>(exec, word);
                let go_on = after_slow::<H>(exec, step);
                state.pc = exec.pc.get();
                state.regs = exec.regs.get();
                state.pool = exec.pool.get();
                go_on
            }
        }
    }

    pub unsafe fn enter(exec: &'static Exec) {
        let mut state = State { pc: exec.pc.get(), regs: exec.regs.get(), exec, pool: exec.pool.get() };
        loop {
            if crate::trace::is_active(exec) {
                publish(exec, state.pc, state.regs, state.pool);
                let after = crate::trace::before_instruction(exec);
                state.pc = exec.pc.get();
                state.regs = exec.regs.get();
                state.pool = exec.pool.get();
                match after {
                    After::Execute => {}
                    After::Elsewhere => continue,
                    After::Exit => return,
                }
            }
            let word = crate::state::word_at(state.pc);
            if !TABLE[(word & 0xFF) as usize](&mut state, word) {
                return;
            }
        }
    }
}

#[cfg(not(any(debug_assertions, miri, feature = "loop-engine", not(any(target_arch = "x86_64", target_arch = "aarch64")))))]
mod engine {
    use super::*;
    use std::sync::atomic::AtomicU64;

    pub type Entry = unsafe extern "C-unwind" fn(*const u32, *mut u64, *const Exec, *const AtomicU64, *const TableEntry, u32);
    /// Breaks the recursion of the type.
    #[repr(transparent)]
    pub struct TableEntry(Entry);

    macro_rules! dispatch {
        ($pc:expr, $regs:expr, $exec:expr, $pool:expr, $table:expr) => {{
            let pc = $pc;
            let word = crate::state::word_at(pc);
            let next = (*$table.add((word & 0xFF) as usize)).0;
            next(pc, $regs, $exec, $pool, $table, word)
        }};
    }

    pub unsafe extern "C-unwind" fn handler<H: Handler + Words>(
        pc: *const u32,
        regs: *mut u64,
        exec: *const Exec,
        pool: *const AtomicU64,
        table: *const TableEntry,
        word: u32,
    ) {
        let mut state = State { pc, regs, exec, pool };
        match H::fast(&mut state, word) {
            Ctl::Next => dispatch!(state.pc, state.regs, state.exec, state.pool, table),
            Ctl::Slow => slow_handler::<H>(pc, regs, exec, pool, table, word),
            Ctl::Second => second_handler::<H>(pc, regs, exec, pool, table, word),
            Ctl::Exit | Ctl::Called | Ctl::Raised => (),
        }
    }

    #[inline(never)]
    unsafe extern "C-unwind" fn second_handler<H: Handler + Words>(
        pc: *const u32,
        regs: *mut u64,
        exec: *const Exec,
        pool: *const AtomicU64,
        table: *const TableEntry,
        word: u32,
    ) {
        let mut state = State { pc, regs, exec, pool };
        match H::second(&mut state, word) {
            Ctl::Next => dispatch!(state.pc, state.regs, state.exec, state.pool, table),
            Ctl::Called => {
                let table = current_table(&*state.exec);
                dispatch!(state.pc, state.regs, state.exec, state.pool, table)
            }
            Ctl::Slow | Ctl::Second => slow_handler::<H>(pc, regs, exec, pool, table, word),
            Ctl::Raised => raised_handler(pc, regs, exec, pool, table, word),
            Ctl::Exit => (),
        }
    }

    /// Goes on where the exception that a second body left is handled.
    #[cold]
    #[inline(never)]
    unsafe extern "C-unwind" fn raised_handler(
        _pc: *const u32,
        _regs: *mut u64,
        exec: *const Exec,
        _pool: *const AtomicU64,
        _table: *const TableEntry,
        _word: u32,
    ) {
        let exec: &'static Exec = &*exec;
        if crate::unwind::unwind(exec) {
            let table = current_table(exec);
            dispatch!(exec.pc.get(), exec.regs.get(), exec as *const Exec, exec.pool.get(), table)
        }
    }

    #[inline(never)]
    unsafe extern "C-unwind" fn slow_handler<H: Handler + Words>(
        pc: *const u32,
        regs: *mut u64,
        exec: *const Exec,
        pool: *const AtomicU64,
        _table: *const TableEntry,
        word: u32,
    ) {
        let exec: &'static Exec = &*exec;
        publish(exec, pc, regs, pool);
        let step = slow_step::<H>(exec, word);
        if after_slow::<H>(exec, step) {
            // The step may have switched tracing on or off.
            let table = current_table(exec);
            dispatch!(exec.pc.get(), exec.regs.get(), exec as *const Exec, exec.pool.get(), table)
        }
    }

    static TRACING: [Entry; 256] = [traced; 256];

    /// The only handler of the tracing table: reports, then executes through the plain table.
    unsafe extern "C-unwind" fn traced(
        pc: *const u32,
        regs: *mut u64,
        exec: *const Exec,
        pool: *const AtomicU64,
        _table: *const TableEntry,
        _word: u32,
    ) {
        let exec: &'static Exec = &*exec;
        publish(exec, pc, regs, pool);
        let after = crate::trace::before_instruction(exec);
        let table = current_table(exec);
        if after == After::Execute {
            let word = crate::state::word_at(exec.pc.get());
            let handler = TABLE[(word & 0xFF) as usize];
            return handler(exec.pc.get(), exec.regs.get(), exec as *const Exec, exec.pool.get(), table, word);
        }
        if after == After::Elsewhere {
            dispatch!(exec.pc.get(), exec.regs.get(), exec as *const Exec, exec.pool.get(), table)
        }
    }

    #[inline(always)]
    fn current_table(exec: &Exec) -> *const TableEntry {
        if crate::trace::is_active(exec) { (&raw const TRACING).cast() } else { (&raw const TABLE).cast() }
    }

    pub unsafe fn enter(exec: &'static Exec) {
        let table = current_table(exec);
        dispatch!(exec.pc.get(), exec.regs.get(), exec as *const Exec, exec.pool.get(), table)
    }
}
