//! Events for `sys.monitoring`, found out where `trace.rs` looks at instructions, exceptions and native calls.
//!
//! When a generator ends no exception is made here; who listens to STOP_ITERATION gets one that nobody raised.
//!
//! Must not know: who listens (`objects::monitoring` does).

use crate::state::{a, b, word_at};
use crate::trace::Told;
use bytecode::Op;
use heap::Value;
use objects::code::Code;
use objects::error::{R, value_error};
use objects::frame::{EVENT_CALL, EVENT_LINE, Exec, View};
use objects::layout::{Cast, Gc};
use objects::monitoring::{self, CodeState, LOCAL_EVENTS, NAMES, TOOLS, event};
use objects::thread;
use objects::tuple::{Tuple, new_tuple};
use std::cell::Cell;
use std::sync::Arc;

/// A jump that was seen and not yet followed: window, code, word of the instruction.
#[derive(Clone, Copy)]
struct Pending {
    regs: usize,
    code: usize,
    offset: u32,
}

/// The instruction that ran last: window, code, word and line.
type Last = (usize, usize, u32, u32);

thread_local! {
    static PENDING: Cell<Option<Pending>> = const { Cell::new(None) };
    static LAST: Cell<Last> = const { Cell::new((0, 0, 0, 0)) };
}

fn op_is(word: u32, op: Op) -> bool {
    word as u8 == op as u8
}

fn number(offset: u32) -> Value {
    Value::small(offset as i32)
}

/// Calls the callbacks of all tools that want to hear of the event.
fn tell(exec: &'static Exec, state: &CodeState, code: Gc<Code>, event: usize, offset: u32, args: &[Value]) -> R<()> {
    let tools = state.hearers(event, offset);
    if tools == 0 {
        return Ok(());
    }
    for tool in 0..TOOLS {
        if tools & 1 << tool == 0 {
            continue;
        }
        let Some(callback) = monitoring::callback(tool, event) else { continue };
        let mut all = objects::GcVec::with_capacity(args.len() + 1);
        all.push(code.value());
        all.extend_from_slice(args);
        let told = Told::begin(exec, exec.trace_event.get(), exec.traced_window.get());
        let result = objects::call::call(callback, &all);
        drop(told);
        // Generators that the callback entered are none of ours.
        exec.entered.set(false);
        if Some(result?) == monitoring::disable() {
            if LOCAL_EVENTS & 1 << event == 0 {
                monitoring::set_callback(tool, event, None);
                return Err(value_error!("Cannot disable {} events. Callback removed.", NAMES[event]));
            }
            state.disable(tool, event, offset);
        }
    }
    Ok(())
}

/// Callable and first argument of a call instruction.
unsafe fn call_operands(view: View, word: u32) -> Option<(Value, Value)> {
    let base = view.regs.add(a(word));
    let read = |index: usize| Value::from_raw_unchecked(*base.add(index));
    let first = 4;
    let plain = op_is(word, Op::Call) || op_is(word, Op::CallKw);
    let method = op_is(word, Op::CallMethod) || op_is(word, Op::CallMethodKw);
    let missing = monitoring::missing();
    if plain {
        return Some((read(0), if b(word) > 0 { read(first) } else { missing }));
    }
    if method {
        let receiver = read(first);
        if !receiver.is_null() {
            return Some((read(0), receiver));
        }
        return Some((read(0), if b(word) > 0 { read(first + 1) } else { missing }));
    }
    if op_is(word, Op::CallEx) {
        let args = read(first).cast_exact::<Tuple>().and_then(|args| args.get(0));
        return Some((read(0), args.unwrap_or(missing)));
    }
    None
}

/// Reports what is due before the published instruction. `resumed`: a generator was just entered.
pub fn before(exec: &'static Exec, view: View, word: u32, resumed: bool, at_start: bool) -> R<()> {
    let code = view.code();
    let state: Arc<CodeState> = monitoring::code_state(code);
    if state.wanted() == 0 {
        return Ok(());
    }
    // Asked anew each time: callbacks of one event switch on others.
    let wants = |event: usize| state.wanted() & 1 << event != 0;
    let offset = view.offset();
    follow_jump(exec, view, &state, code, offset)?;
    if let Some(late) = state.take_late_instruction().filter(|late| *late != offset) {
        // SAFETY: an instruction of this code.
        exec.pc.set(unsafe { code.start().add(late as usize) });
        let told = tell(exec, &state, code, event::INSTRUCTION, late, &[number(late)]);
        exec.pc.set(view.pc);
        told?;
    }
    if resumed {
        // SAFETY: the instruction before is the one at which the generator stopped.
        let stopped = unsafe { word_at(view.pc.sub(1)) };
        let first = !at_start && op_is(stopped, Op::GeneratorStart);
        let event = if first { event::PY_START } else { event::PY_RESUME };
        // It is seen where it stopped.
        let back = !at_start && !op_is(word, Op::YieldFrom);
        let seen = if back { view.pc.wrapping_sub(1) } else { view.pc };
        tell_of_entry(exec, view, seen, first, || tell(exec, &state, code, event, offset, &[number(offset)]))?;
    } else if at_start && !code.is_generator_like() && wants(event::PY_START) {
        tell_of_entry(exec, view, view.pc, true, || tell(exec, &state, code, event::PY_START, offset, &[number(offset)]))?;
    }
    if wants(event::LINE) && new_line(view, &state, code, offset) && !(at_start && code.is_generator_like()) {
        let line = state.lines.get(offset as usize).copied().unwrap_or(0);
        // `f_lineno` may be assigned meanwhile: the frame goes on there.
        let told = Told::begin(exec, EVENT_LINE, view.regs as usize);
        tell(exec, &state, code, event::LINE, offset, &[number(line)])?;
        drop(told);
        if exec.pc.get() != view.pc {
            return Ok(());
        }
    }
    if wants(event::INSTRUCTION) {
        tell(exec, &state, code, event::INSTRUCTION, offset, &[number(offset)])?;
    }
    if wants(event::CALL)
        // SAFETY: the operands of the published instruction.
        && let Some((callable, first)) = unsafe { call_operands(view, word) }
    {
        tell(exec, &state, code, event::CALL, offset, &[number(offset), callable, first])?;
    }
    if wants(event::PY_RETURN) {
        if op_is(word, Op::Return) {
            // SAFETY: the instruction's own operand.
            let value = unsafe { Value::from_raw_unchecked(*view.regs.add(a(word))) };
            tell(exec, &state, code, event::PY_RETURN, offset, &[number(offset), value])?;
        } else if op_is(word, Op::ReturnNone) {
            tell(exec, &state, code, event::PY_RETURN, offset, &[number(offset), Value::none()])?;
        }
    }
    if wants(event::JUMP) || wants(event::BRANCH_LEFT) || wants(event::BRANCH_RIGHT) {
        let jumps =
            bytecode::decode::decode(&code.unit().words, offset as usize).is_some_and(|decoded| decoded.jump_target().is_some());
        let pending = Pending { regs: view.regs as usize, code: code.as_ptr() as usize, offset };
        PENDING.with(|cell| cell.set(jumps.then_some(pending)));
    }
    Ok(())
}

/// Tells of a frame that is entered: at its first line if it begins, else where it stopped.
fn tell_of_entry(exec: &'static Exec, view: View, seen: *const u32, begins: bool, tell: impl FnOnce() -> R<()>) -> R<()> {
    let _told = Told::begin(exec, if begins { EVENT_CALL } else { exec.trace_event.get() }, view.regs as usize);
    exec.pc.set(seen);
    let told = tell();
    exec.pc.set(view.pc);
    told
}

/// Whether a line starts here, other than by going forward within the same line.
fn new_line(view: View, state: &CodeState, code: Gc<Code>, offset: u32) -> bool {
    let line = state.lines.get(offset as usize).copied().unwrap_or(0);
    let here = (view.regs as usize, code.as_ptr() as usize);
    let (regs, last_code, last_offset, last_line) = LAST.get();
    let same_window = (regs, last_code) == here;
    let current = if line == 0 && same_window { last_line } else { line };
    LAST.set((here.0, here.1, offset, current));
    line != 0 && !(same_window && last_line == line && last_offset < offset)
}

/// Where did the jump before this instruction go?
fn follow_jump(exec: &'static Exec, view: View, state: &CodeState, code: Gc<Code>, offset: u32) -> R<()> {
    let Some(pending) = PENDING.with(Cell::take) else { return Ok(()) };
    if pending.regs != view.regs as usize || pending.code != code.as_ptr() as usize {
        return Ok(());
    }
    let Some(decoded) = bytecode::decode::decode(&code.unit().words, pending.offset as usize) else { return Ok(()) };
    let args = [number(pending.offset), number(offset)];
    if !decoded.falls_through() {
        return tell(exec, state, code, event::JUMP, pending.offset, &args);
    }
    let jumped = decoded.jump_target() == Some(offset as usize);
    // Loops jump to their body, everything else jumps away.
    let left = jumped == matches!(decoded.op, Op::ForIter);
    let event = if left { event::BRANCH_LEFT } else { event::BRANCH_RIGHT };
    tell(exec, state, code, event, pending.offset, &args)?;
    tell(exec, state, code, event::BRANCH, pending.offset, &args)
}

/// A generator yields.
pub fn yields(exec: &'static Exec, view: View, value: Value) -> R<()> {
    let state = monitoring::code_state(view.code());
    let offset = view.offset();
    tell(exec, &state, view.code(), event::PY_YIELD, offset, &[number(offset), value])
}

/// Whether somebody wants to hear of generators that end where the code of `view` asks them for a value.
pub fn hears_of_stops(view: View) -> bool {
    monitoring::code_state(view.code()).wanted() & 1 << event::STOP_ITERATION != 0
}

/// A generator that the published instruction asked for a value has ended.
#[cold]
pub fn stops(exec: &'static Exec, view: View, exception: Value) -> R<()> {
    let state = monitoring::code_state(view.code());
    let offset = view.offset();
    tell(exec, &state, view.code(), event::STOP_ITERATION, offset, &[number(offset), exception])
}

/// Tells of the exception that is on its way; an error of a callback takes its place.
#[cold]
pub fn exception(exec: &'static Exec, view: View, event: usize) {
    let state = monitoring::code_state(view.code());
    let thrown = exec.entered.replace(false);
    if state.wanted() == 0 {
        return;
    }
    let offset = view.offset();
    let exception = thread::take_exception();
    // The tuple keeps the exception alive.
    let keep = new_tuple(&[exception]);
    let args = [number(offset), exception];
    let thrown = if thrown { tell(exec, &state, view.code(), event::PY_THROW, offset, &args) } else { Ok(()) };
    if thrown.and_then(|()| tell(exec, &state, view.code(), event, offset, &args)).is_ok() {
        thread::set_exception(keep.items()[0]);
    }
}

/// An exception found its handler. A callback that raises is not heard: the frame is on its way there already.
#[cold]
pub fn handled(exec: &'static Exec, view: View, exception: Value) {
    let state = monitoring::code_state(view.code());
    let offset = view.offset();
    if let Err(raised) = tell(exec, &state, view.code(), event::EXCEPTION_HANDLED, offset, &[number(offset), exception]) {
        raised.clear();
    }
}

/// A native function returned or raised.
#[cold]
pub fn native(exec: &'static Exec, event: usize) -> R<()> {
    let Some(view) = exec.innermost() else { return Ok(()) };
    // SAFETY: the published instruction is the call.
    let Some((callable, first)) = (unsafe { call_operands(view, word_at(view.pc)) }) else { return Ok(()) };
    let state = monitoring::code_state(view.code());
    let offset = view.offset();
    let pending = thread::has_exception().then(|| new_tuple(&[thread::take_exception()]));
    tell(exec, &state, view.code(), event, offset, &[number(offset), callable, first])?;
    if let Some(pending) = pending {
        thread::set_exception(pending.items()[0]);
    }
    Ok(())
}
