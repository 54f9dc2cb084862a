//! The short ways into and out of a suspended generator, on the registers of the loop. Whatever is unusual (tracing, frame objects,
//! several threads, finalization not asked for yet) is left to `generator.rs`, before anything is done.
//!
//! Must not know: what the ops do with the value.

use crate::generator::{DELEGATION, FOR_LOOP, NATIVE};
use crate::run;
use crate::state::{Ctl, State, a, object, word_at};
use crate::trace;
use bytecode::Op;
use heap::{Slot, Value};
use objects::code::Code;
use objects::frame::{CALLEE, Exec, FLAGS, GENERATOR, HEADER_SLOTS, HandledItem, SAVED_PC, SAVED_POOL, SAVED_REGS, code_of_pool};
use objects::generator::{CREATED, Generator, RUNNING, SUSPENDED};
use std::sync::atomic::Ordering;

/// Copies `count` words, four at a time. (Not `memcpy`: a call would make the handler save its registers, and wide loads of words that
/// were just stored one by one have to wait for the stores.)
#[inline(always)]
unsafe fn load_words(from: *const Slot, to: *mut u64, count: usize) {
    let mut index = 0;
    while index + 4 <= count {
        for step in 0..4 {
            *to.add(index + step) = (*from.add(index + step)).raw();
        }
        index += 4;
    }
    // What is left, in halves: a loop here would be unrolled once more.
    if count & 2 != 0 {
        *to.add(index) = (*from.add(index)).raw();
        *to.add(index + 1) = (*from.add(index + 1)).raw();
        index += 2;
    }
    if count & 1 != 0 {
        *to.add(index) = (*from.add(index)).raw();
    }
}

/// The same into the generator.
#[inline(always)]
unsafe fn store_words(from: *const u64, to: *const Slot, count: usize) {
    let mut index = 0;
    while index + 4 <= count {
        for step in 0..4 {
            (*to.add(index + step)).set_opt(Value::from_raw(*from.add(index + step)));
        }
        index += 4;
    }
    if count & 2 != 0 {
        (*to.add(index)).set_opt(Value::from_raw(*from.add(index)));
        (*to.add(index + 1)).set_opt(Value::from_raw(*from.add(index + 1)));
        index += 2;
    }
    if count & 1 != 0 {
        (*to.add(index)).set_opt(Value::from_raw(*from.add(index)));
    }
}

/// Puts a suspended or fresh generator into a window, all of it but the saved words, and gives the instruction to go on at, as
/// `send(value)` does. Null: this is not that simple, nothing was done.
#[inline(always)]
unsafe fn resume_in(exec: &Exec, generator: &Generator, code: &Code, window: *mut u64, resumer: u8, value: Value) -> *const u32 {
    // A limit of zero asks for a poll.
    let end = window.add(code.register_count as usize) as usize;
    if end > exec.limit.load(Ordering::Relaxed) || trace::is_active(exec) {
        return std::ptr::null();
    }
    let state = generator.state.load(Ordering::Relaxed);
    if state > SUSPENDED || !generator.frame.is_empty() || (state == CREATED && !value.is_none()) {
        return std::ptr::null();
    }
    if heap::is_multithreaded() {
        // Other threads may enter it at the same moment, or have asked for its frame since.
        if generator.state.compare_exchange(state, RUNNING, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return std::ptr::null();
        }
        if !generator.frame.is_empty() {
            generator.state.store(state, Ordering::Release);
            return std::ptr::null();
        }
    } else {
        generator.state.store(RUNNING, Ordering::Relaxed);
    }
    let pc = generator.resume_pc.load(Ordering::Relaxed) as *const u32;
    let word = word_at(pc);
    generator.resumer.store(resumer, Ordering::Relaxed);
    generator.awaited.store(true, Ordering::Relaxed);
    generator.handled.previous.set(exec.handled.get());
    exec.handled.set(&generator.handled);
    exec.entered.set(false);
    let kept = generator.kept_at(word);
    load_words(kept.as_ptr(), window, kept.len());
    *window.offset(CALLEE) = generator.function.raw();
    if (word & 0xFF) as u8 == Op::YieldFrom as u8 {
        *window.add(a(word)) = value.raw();
        return pc;
    }
    if state == SUSPENDED {
        *window.add(a(word)) = value.raw();
    }
    pc.add(1)
}

/// Opens the window of a suspended or fresh generator above the current one and goes on where it stopped, as `send(value)` does.
/// False: nothing was done.
///
/// # Safety
/// A fast or second body of an op whose instruction has `words` words.
#[inline(always)]
pub unsafe fn enter(s: &mut State, generator: &Generator, resumer: u8, words: usize, value: Value) -> bool {
    let code = object::<Code>(generator.code.raw());
    let window = s.regs.add((*code_of_pool(s.pool)).register_count as usize + HEADER_SLOTS);
    let pc = resume_in(&*s.exec, generator, code, window, resumer, value);
    if pc.is_null() {
        return false;
    }
    *window.offset(SAVED_PC) = s.pc.add(words) as u64;
    *window.offset(SAVED_REGS) = s.regs as u64 | GENERATOR;
    *window.offset(SAVED_POOL) = s.pool as u64;
    s.pc = pc;
    s.regs = window;
    s.pool = code.pool();
    true
}

/// `send(value)` from native code: opens the generator's window behind a stub and publishes it, ready to be run. False: nothing was
/// done.
///
/// # Safety
/// Called from native code, where the state is published.
#[inline(always)]
pub unsafe fn enter_native(exec: &'static Exec, generator: &Generator, value: Value) -> bool {
    let code = object::<Code>(generator.code.raw());
    let stub = exec.top().add(HEADER_SLOTS);
    let window = stub.add(HEADER_SLOTS);
    let pc = resume_in(exec, generator, code, window, NATIVE, value);
    if pc.is_null() {
        return false;
    }
    run::write_stub(exec, stub);
    *window.offset(SAVED_REGS) = stub as u64 | GENERATOR;
    exec.pc.set(pc);
    exec.regs.set(window);
    exec.pool.set(code.pool());
    true
}

/// The running generator whose entry of the stack of handled exceptions this is.
#[inline(always)]
unsafe fn owner<'a>(item: *const HandledItem) -> &'a Generator {
    &*((item as *const u8).sub(std::mem::offset_of!(Generator, handled)) as *const Generator)
}

/// Whether nothing is to be done about the window but taking it down: nobody watches it, and if closing the suspended generator may
/// run code, then that was asked for.
#[inline(always)]
unsafe fn is_plain(window: *mut u64, generator: &Generator) -> bool {
    *window.offset(SAVED_REGS) & FLAGS == GENERATOR && !generator.may_need_finalizer.load(Ordering::Relaxed)
}

/// Suspends the current generator at this instruction; the value goes to whoever entered it.
///
/// # Safety
/// The fast or second body of a yield.
#[inline(always)]
pub unsafe fn leave(s: &mut State, value: Value) -> Ctl {
    let exec = &*s.exec;
    let mut generator = owner(exec.handled.get());
    let mut window = s.regs;
    if trace::is_active(exec) || !is_plain(window, generator) {
        return Ctl::Slow;
    }
    let mut resumer = generator.resumer.load(Ordering::Relaxed);
    if resumer == DELEGATION && !outer_are_plain(window, generator) {
        return Ctl::Slow;
    }
    let mut pc = s.pc;
    loop {
        generator.resume_pc.store(pc as usize, Ordering::Relaxed);
        let kept = generator.kept_at(word_at(pc));
        store_words(window, kept.as_ptr(), kept.len());
        let outer = generator.handled.previous.get();
        let saved_pc = *window.offset(SAVED_PC) as *const u32;
        let pool = *window.offset(SAVED_POOL) as *const _;
        generator.state.store(SUSPENDED, Ordering::Release);
        exec.handled.set(outer);
        window = (*window.offset(SAVED_REGS) & !FLAGS) as *mut u64;
        if resumer == FOR_LOOP {
            s.regs = window;
            s.pool = pool;
            s.set(a(word_at(saved_pc.sub(2))), value);
            s.pc = saved_pc.offset(word_at(saved_pc.sub(1)) as i32 as isize);
            return Ctl::Next;
        }
        if resumer != DELEGATION {
            run::close_stub(exec, window);
            exec.result.set(value.raw());
            exec.yielded.set(true);
            return Ctl::Exit;
        }
        // The outer generator stays at its YIELD_FROM and hands the value on.
        pc = saved_pc.sub(1);
        generator = owner(outer);
        resumer = generator.resumer.load(Ordering::Relaxed);
    }
}

/// Ends the current generator, whose frame nobody looks at; the value goes to whoever entered it.
///
/// # Safety
/// The second body of a return, in a window that is a generator's.
#[inline(always)]
pub unsafe fn finish(s: &mut State, value: u64) -> Ctl {
    let exec = &*s.exec;
    let window = s.regs;
    let generator = owner(exec.handled.get());
    if *window.offset(SAVED_REGS) & FLAGS != GENERATOR || trace::is_active(exec) || !generator.frame.is_empty() {
        return Ctl::Slow;
    }
    crate::generator::forget(generator);
    exec.handled.set(generator.handled.previous.get());
    let saved_pc = *window.offset(SAVED_PC) as *const u32;
    let outer = (*window.offset(SAVED_REGS) & !FLAGS) as *mut u64;
    let resumer = generator.resumer.load(Ordering::Relaxed);
    if resumer == NATIVE {
        run::close_stub(exec, outer);
        exec.result.set(value);
        exec.yielded.set(false);
        return Ctl::Exit;
    }
    s.pool = *window.offset(SAVED_POOL) as *const _;
    s.regs = outer;
    s.pc = saved_pc;
    if resumer == DELEGATION {
        *outer.add(a(word_at(saved_pc.sub(1)))) = value;
    }
    Ctl::Next
}

/// Whether the generators that delegate to this one can be suspended the short way, too.
#[inline(always)]
unsafe fn outer_are_plain(window: *mut u64, generator: &Generator) -> bool {
    let (mut window, mut generator) = (window, generator);
    while generator.resumer.load(Ordering::Relaxed) == DELEGATION {
        window = (*window.offset(SAVED_REGS) & !FLAGS) as *mut u64;
        generator = owner(generator.handled.previous.get());
        if !is_plain(window, generator) {
            return false;
        }
    }
    true
}
