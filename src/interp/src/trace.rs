//! `sys.settrace`, `sys.setprofile` and profilers in native code: while a thread has one it runs through a second handler table whose only
//! handler comes here before each instruction. Without one, nothing here costs anything.
//!
//! Must not know: op bodies (it looks at op numbers only).

use crate::state::{a, bc, word_at};
use bytecode::Op;
use bytecode::code_unit::CodeUnit;
use heap::Value;
use objects::class::class_of;
use objects::code::Code;
use objects::error::{R, Raised};
use objects::exception::BaseException;
use objects::frame::{EVENT_CALL, EVENT_LINE, EVENT_OTHER, Exec, Frame, View, frame_object};
use objects::layout::{Cast, Gc};
use objects::monitoring::{self, event};
use objects::profiler::{self, Hooks};
use objects::thread;
use objects::tuple::new_tuple;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How to go on after the events of an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Execute the instruction.
    Execute,
    /// An event function raised: go on at the published state.
    Elsewhere,
    Exit,
}

/// Whether a tracer or profiler is set for this thread.
#[inline(always)]
pub fn is_active(exec: &Exec) -> bool {
    exec.instrumented.load(Ordering::Relaxed)
}

/// Whether native calls are to be reported.
#[inline(always)]
pub fn is_profiling(exec: &Exec) -> bool {
    is_active(exec)
        && exec.tracing.get() == 0
        && (!exec.profile_function.is_empty() || monitoring::is_on() || profiler::active().is_some())
}

/// Whether calls of any other kind are to be reported too.
#[inline(always)]
pub fn is_monitoring(exec: &Exec) -> bool {
    is_active(exec) && exec.tracing.get() == 0 && monitoring::is_on()
}

/// Runs a call that is no function's between its two events.
#[cold]
pub fn monitored(exec: &'static Exec, call: impl FnOnce() -> R) -> R {
    match call() {
        Ok(value) => {
            crate::monitoring::native(exec, event::C_RETURN)?;
            Ok(value)
        }
        Err(raised) => match crate::monitoring::native(exec, event::C_RAISE) {
            Ok(()) => Err(raised),
            Err(other) => Err::<Value, Raised>(other),
        },
    }
}

/// Reports what is due before the published instruction.
#[cold]
#[inline(never)]
pub fn before_instruction(exec: &'static Exec) -> After {
    if exec.tracing.get() != 0 || exec.pool.get().is_null() || Code::is_stub(exec.pc.get()) {
        return After::Execute;
    }
    let view = View { pc: exec.pc.get(), regs: exec.regs.get(), pool: exec.pool.get() };
    if let Some(profiler) = profiler::active() {
        profile(exec, profiler, view);
        if exec.trace_function.is_empty() && exec.profile_function.is_empty() && !monitoring::is_on() {
            exec.entered.set(false);
            return After::Execute;
        }
    }
    match events(exec, view) {
        Ok(()) if exec.pc.get() != view.pc => After::Elsewhere,
        Ok(()) => After::Execute,
        Err(_) if crate::unwind::unwind(exec) => After::Elsewhere,
        Err(_) => After::Exit,
    }
}

fn op_is(word: u32, op: Op) -> bool {
    word as u8 == op as u8
}

/// Tells a profiler in native code of functions that begin or return at the published instruction.
fn profile(exec: &'static Exec, profiler: &Hooks, view: View) {
    // SAFETY: the published pc points into the code's words.
    let word = unsafe { word_at(view.pc) };
    if op_is(word, Op::GeneratorStart) {
        return;
    }
    let code = view.code();
    if exec.entered.get() || (view.pc == code.start() && !code.is_generator_like()) {
        (profiler.enter)(code, view.regs as usize);
    }
    if returns(word) {
        (profiler.leave)(view.regs as usize);
    }
}

fn events(exec: &'static Exec, view: View) -> R<()> {
    // SAFETY: the published pc points into the code's words.
    let word = unsafe { word_at(view.pc) };
    let code = view.code();
    let at_start = view.pc == code.start();
    if op_is(word, Op::GeneratorStart) {
        return Ok(());
    }
    if at_start && op_is(word, Op::UnbindLocals) {
        // The event functions look at the locals before the instruction could unset them.
        for register in a(word)..a(word) + bc(word) {
            // SAFETY: the instruction's own operands.
            unsafe { *view.regs.add(register) = Value::unbound().raw() };
        }
    }
    let resumed = exec.entered.replace(false);
    if monitoring::is_on() {
        crate::monitoring::before(exec, view, word, resumed, at_start)?;
        if (exec.trace_function.is_empty() && exec.profile_function.is_empty()) || exec.pc.get() != view.pc {
            return Ok(());
        }
    }
    if exec.trace_function.is_empty() && !resumed && !at_start && !returns(word) {
        return Ok(());
    }
    let frame = frame_object(exec, view);
    if resumed || (at_start && frame.last_line.load(Ordering::Relaxed) == -1) {
        if at_start {
            frame.last_line.store(-2, Ordering::Relaxed);
        }
        // A generator that goes on is seen at the instruction that suspended it.
        if resumed && !at_start && !op_is(word, Op::YieldFrom) {
            exec.pc.set(view.pc.wrapping_sub(1));
        }
        let result = call_event(exec, frame);
        exec.pc.set(view.pc);
        result?;
    }
    if let Some(local) = frame.trace.get() {
        if let Some(late) = frame.late_opcode.swap(0, Ordering::Relaxed).checked_sub(1).filter(|late| *late != view.offset()) {
            // SAFETY: an instruction of this code.
            exec.pc.set(unsafe { code.start().add(late as usize) });
            let told = call_local(exec, frame, local, "opcode", Value::none());
            exec.pc.set(view.pc);
            told?;
        }
        if frame.trace_lines.load(Ordering::Relaxed) {
            line_event(exec, view, frame, code, local)?;
        }
        if frame.trace_opcodes.load(Ordering::Relaxed) {
            call_local(exec, frame, local, "opcode", Value::none())?;
        }
    }
    if exec.pc.get() != view.pc {
        return Ok(());
    }
    if op_is(word, Op::Return) {
        // SAFETY: the instruction's own operand.
        let value = unsafe { Value::from_raw_unchecked(*view.regs.add(a(word))) };
        return leave_event(exec, frame, value);
    }
    if op_is(word, Op::ReturnNone) {
        return leave_event(exec, frame, Value::none());
    }
    Ok(())
}

fn returns(word: u32) -> bool {
    op_is(word, Op::Return) || op_is(word, Op::ReturnNone)
}

fn call_event(exec: &'static Exec, frame: Gc<Frame>) -> R<()> {
    if let Some(function) = exec.profile_function.get() {
        call_hook(exec, function, frame, "call", Value::none(), true)?;
    }
    if let Some(function) = exec.trace_function.get() {
        let local = call_hook(exec, function, frame, "call", Value::none(), false)?;
        // A generator that goes on keeps the function that it has.
        if !local.is_none() {
            frame.trace.set(local);
        }
    }
    Ok(())
}

fn leave_event(exec: &'static Exec, frame: Gc<Frame>, value: Value) -> R<()> {
    if !exec.trace_function.is_empty()
        && let Some(local) = frame.trace.get()
    {
        call_local(exec, frame, local, "return", value)?;
    }
    if let Some(function) = exec.profile_function.get() {
        call_hook(exec, function, frame, "return", value, true)?;
    }
    Ok(())
}

/// A generator yields `value`.
pub fn yield_event(exec: &'static Exec, view: View, value: Value) -> R<()> {
    if exec.tracing.get() != 0 {
        return Ok(());
    }
    if let Some(profiler) = profiler::active() {
        (profiler.leave)(view.regs as usize);
        if exec.trace_function.is_empty() && exec.profile_function.is_empty() && !monitoring::is_on() {
            return Ok(());
        }
    }
    if monitoring::is_on() {
        crate::monitoring::yields(exec, view, value)?;
    }
    leave_event(exec, frame_object(exec, view), value)
}

thread_local! {
    /// Lines that start at the words of traced code, by the address of its unit, which the entry keeps from being another's.
    static LINES: RefCell<HashMap<usize, (Arc<CodeUnit>, Rc<Vec<u32>>)>> = RefCell::new(HashMap::new());
}

/// For each word the line that starts there, 0 for none.
fn line_table(code: Gc<Code>) -> Rc<Vec<u32>> {
    let key = Arc::as_ptr(code.unit()) as usize;
    if let Some(table) = LINES.with(|lines| lines.borrow().get(&key).map(|known| known.1.clone())) {
        return table;
    }
    let mut table = vec![0; code.unit().words.len()];
    for (at, line) in code.unit().line_starts() {
        if let Some(entry) = table.get_mut(at) {
            *entry = line;
        }
    }
    let table = Rc::new(table);
    LINES.with(|lines| {
        let mut lines = lines.borrow_mut();
        if lines.len() > 4096 {
            lines.clear();
        }
        lines.insert(key, (code.unit().clone(), table.clone()));
    });
    table
}

fn line_event(exec: &'static Exec, view: View, frame: Gc<Frame>, code: Gc<Code>, local: Value) -> R<()> {
    let offset = view.offset();
    let line = line_table(code).get(offset as usize).copied().unwrap_or(0);
    let before = frame.jump_line.swap(offset + 1, Ordering::Relaxed);
    if line == 0 {
        return Ok(());
    }
    let jumped_back = before != 0 && goes_back(code, before - 1, offset);
    if frame.last_line.load(Ordering::Relaxed) == line as i32 && !jumped_back {
        return Ok(());
    }
    frame.last_line.store(line as i32, Ordering::Relaxed);
    call_local(exec, frame, local, "line", Value::none())?;
    if exec.pc.get() != view.pc {
        // The tracer assigned `f_lineno`: the line it chose is reported anew.
        frame.last_line.store(-3, Ordering::Relaxed);
    }
    Ok(())
}

/// Whether execution went back from one instruction to another, as the source has it: loops ask for their next item at the end of
/// their body here, but at its head there.
fn goes_back(code: Gc<Code>, from: u32, to: u32) -> bool {
    let op_at = |at: u32| bytecode::decode::decode(&code.unit().words, at as usize);
    if let Some(asking) = op_at(to).filter(|one| one.op == Op::ForIter) {
        // The jump in front of the body comes from the head.
        return asking.jump_target().is_none_or(|body| from as usize + 1 != body);
    }
    to <= from && op_at(from).is_none_or(|one| one.op != Op::ForIter)
}

/// Calls the frame's own trace function; what it returns takes its place.
fn call_local(exec: &'static Exec, frame: Gc<Frame>, local: Value, event: &str, argument: Value) -> R<()> {
    let result = call_hook(exec, local, frame, event, argument, false)?;
    if !result.is_none() {
        frame.trace.set(result);
    }
    Ok(())
}

/// A hook is under way: nothing is traced, and `f_lineno` of the window's frame may be assigned. Ends on unwinding, too (memory is out).
pub struct Told {
    exec: &'static Exec,
    event: u8,
    window: usize,
}
impl Told {
    pub fn begin(exec: &'static Exec, event: u8, window: usize) -> Told {
        exec.tracing.set(exec.tracing.get() + 1);
        Told { exec, event: exec.trace_event.replace(event), window: exec.traced_window.replace(window) }
    }
}
impl Drop for Told {
    fn drop(&mut self) {
        self.exec.tracing.set(self.exec.tracing.get() - 1);
        self.exec.trace_event.set(self.event);
        self.exec.traced_window.set(self.window);
    }
}

/// Calls a trace or profile function; one that raises is switched off.
fn call_hook(exec: &'static Exec, function: Value, frame: Gc<Frame>, event: &str, argument: Value, profile: bool) -> R {
    let kind = match event {
        "call" => EVENT_CALL,
        "line" | "opcode" => EVENT_LINE,
        _ => EVENT_OTHER,
    };
    let told = Told::begin(exec, kind, frame.window.load(Ordering::Relaxed));
    let result = objects::call::call(function, &[frame.value(), objects::intern::intern(event).value(), argument]);
    drop(told);
    // Generators that the function entered are none of ours.
    exec.entered.set(false);
    if result.is_err() {
        let slot = if profile { &exec.profile_function } else { &exec.trace_function };
        slot.clear();
        frame.trace.clear();
        exec.refresh_instrumented();
    }
    result
}

/// An exception arrived in a frame (raised there or in what it called).
#[cold]
pub fn exception_event(exec: &'static Exec, view: View) {
    if exec.tracing.get() != 0 || exec.trace_function.is_empty() || !view.watched() {
        return;
    }
    let Some(frame) = exec.watching(view.regs) else { return };
    let Some(local) = frame.trace.get() else { return };
    let exception = thread::take_exception();
    let traceback = exception.cast::<BaseException>().and_then(|object| object.traceback.get()).unwrap_or(Value::none());
    let argument = new_tuple(&[class_of(exception).value(), exception, traceback]);
    // The tuple keeps the exception alive; an error of the hook takes its place.
    if call_local(exec, frame, local, "exception", argument.value()).is_ok() {
        thread::set_exception(exception);
    }
}

/// A generator that the published instruction asked for a value has ended with `value`: monitors hear of a StopIteration, and trace functions
/// if it counts as an exception.
#[cold]
pub fn stop_event(exec: &'static Exec, value: Value, is_exception: bool) -> R<()> {
    if exec.tracing.get() != 0 {
        return Ok(());
    }
    let class = objects::exc::STOP_ITERATION.get();
    let args: &[Value] = if value.is_none() { &[] } else { &[value] };
    if monitoring::is_on()
        && let Some(view) = exec.innermost()
        && crate::monitoring::hears_of_stops(view)
    {
        crate::monitoring::stops(exec, view, objects::call::call(class.value(), args)?)?;
    }
    if exec.trace_function.is_empty() || !is_exception {
        return Ok(());
    }
    let Some(view) = exec.innermost().filter(|view| view.watched()) else { return Ok(()) };
    let Some(frame) = exec.watching(view.regs) else { return Ok(()) };
    let Some(local) = frame.trace.get() else { return Ok(()) };
    let exception = objects::call::call(class.value(), args)?;
    let argument = new_tuple(&[class.value(), exception, Value::none()]);
    call_local(exec, frame, local, "exception", argument.value())
}

/// An exception leaves a frame.
#[cold]
pub fn unwind_event(exec: &'static Exec, view: View) {
    if exec.tracing.get() != 0 {
        return;
    }
    if let Some(profiler) = profiler::active() {
        (profiler.leave)(view.regs as usize);
    }
    if !view.watched() {
        return;
    }
    let Some(frame) = exec.watching(view.regs) else { return };
    let exception = thread::take_exception();
    let keep = new_tuple(&[exception]);
    // Cleanup code has no line: the frame is seen where the exception came up last.
    let place = u32::try_from(frame.offset.load(Ordering::Relaxed)).ok().filter(|_| view.code().line_at(view.offset()).is_none());
    if let Some(place) = place {
        // SAFETY: an instruction of this code, noted by the unwinder.
        exec.pc.set(unsafe { view.code().start().add(place as usize) });
    }
    let told = leave_event(exec, frame, Value::none());
    exec.pc.set(view.pc);
    if told.is_ok() {
        thread::set_exception(keep.items()[0]);
    }
}

/// Reports a native call to the profiler.
#[cold]
pub fn native_event(exec: &'static Exec, event: &str, function: Value) -> R<()> {
    let Some(view) = exec.innermost() else { return Ok(()) };
    let Some(profiler) = exec.profile_function.get() else { return Ok(()) };
    let pending = if thread::has_exception() { Some(thread::take_exception()) } else { None };
    let keep = pending.map(|exception| new_tuple(&[exception]));
    call_hook(exec, profiler, frame_object(exec, view), event, function, true)?;
    if let Some(keep) = keep {
        thread::set_exception(keep.items()[0]);
    }
    Ok(())
}

/// Runs a native call between its two profiler events.
#[cold]
pub fn profiled(exec: &'static Exec, function: Value, call: impl FnOnce() -> R) -> R {
    native_event(exec, "c_call", function)?;
    let measured = profiler::active().map(|profiler| (profiler, (profiler.enter_native)(function)));
    let result = if monitoring::is_on() { monitored(exec, call) } else { call() };
    if let Some((profiler, mark)) = measured {
        (profiler.leave_native)(mark);
    }
    match result {
        Ok(value) => {
            native_event(exec, "c_return", function)?;
            Ok(value)
        }
        Err(raised) => match native_event(exec, "c_exception", function) {
            Ok(()) => Err(raised),
            Err(other) => Err::<Value, Raised>(other),
        },
    }
}
