//! Running generators, coroutines and asynchronous generators: making them, entering their saved windows, leaving them.
//!
//! A suspended generator holds its registers; entering copies them to a window at the top of the value stack, suspending copies
//! them back. `resume_pc` is the instruction at which it stopped. Who entered decides where a yielded value goes: native code (the
//! run ends), `FOR_ITER` (the loop variable), or `YIELD_FROM` of an outer generator (which then yields it, too).
//!
//! Must not know: op bodies; the Python-visible methods (builtins).

use crate::run;
use crate::state::{Flow, Step, Vm, a, b, word_at};
use bytecode::Op;
use bytecode::code_unit::co_flags;
use heap::Value;
use objects::class::{class_name, class_of};
use objects::code::Code;
use objects::door::{Outcome, Resume};
use objects::error::{R, Raised, runtime_error, type_error, value_error};
use objects::exception::{self as exc, BaseException};
use objects::frame::{self, CALLEE, Exec, FLAGS, GENERATOR, HEADER_SLOTS, SAVED_PC, SAVED_POOL, SAVED_REGS, View, WATCHED};
use objects::function::Function;
pub use objects::generator::awaitable_iterator;
use objects::generator::{AsyncGenWrapped, CLOSED, CREATED, Generator, GeneratorKind, RUNNING, SUSPENDED, new_generator};
use objects::layout::{Cast, Gc, new_native};
use objects::thread;
use std::sync::atomic::Ordering;

/// Who entered a generator.
pub(crate) const NATIVE: u8 = 0;
pub(crate) const FOR_LOOP: u8 = 1;
pub(crate) const DELEGATION: u8 = 2;

fn kind_of(code: &Code) -> GeneratorKind {
    if code.has_flag(co_flags::ASYNC_GENERATOR) {
        GeneratorKind::AsyncGenerator
    } else if code.has_flag(co_flags::COROUTINE) {
        GeneratorKind::Coroutine
    } else {
        GeneratorKind::Generator
    }
}

/// `GENERATOR_START`: the object that takes over the published window.
///
/// # Safety
/// The window is that of generator-like code.
pub unsafe fn start(vm: Vm) -> Gc<Generator> {
    let code = vm.code();
    let function: Gc<Function> = vm.function();
    let count = code.register_count;
    let generator = new_generator(kind_of(&code), function, code, count);
    // Only arguments and closure cells are there yet; other registers hold leftovers.
    let window = vm.0.regs.get();
    save(generator, window, code.unit().parameter_count() + usize::from(code.has_namespace()));
    for index in code.first_free as usize..(code.first_free + code.free_count) as usize {
        generator.registers()[index].set_opt(Value::from_raw(*window.add(index)));
    }
    generator.resume_pc.store(vm.0.pc.get() as usize, Ordering::Relaxed);
    generator.state.store(CREATED, Ordering::Release);
    if generator.kind() == GeneratorKind::Coroutine {
        crate::coroutine::note_origin(vm.0, generator);
    }
    generator
}

/// Copies registers into the generator.
unsafe fn save(generator: Gc<Generator>, window: *const u64, count: usize) {
    for (index, slot) in generator.registers().iter().take(count).enumerate() {
        slot.set_opt(Value::from_raw(*window.add(index)));
    }
}

/// What keeps a generator from being entered.
fn check_enter(generator: Gc<Generator>) -> R<()> {
    if generator.state.load(Ordering::Acquire) != RUNNING {
        return Ok(());
    }
    Err(already_executing(generator))
}

#[cold]
fn already_executing(generator: Gc<Generator>) -> Raised {
    match generator.kind() {
        GeneratorKind::Generator => value_error!("generator already executing"),
        GeneratorKind::Coroutine => value_error!("coroutine already executing"),
        GeneratorKind::AsyncGenerator => value_error!("async generator already executing"),
    }
}

/// Marks a suspended or fresh generator as running; false if it is closed, an error if it runs. What `check_enter` said before may have
/// changed: another thread may enter, suspend and close it at any time.
fn claim(generator: Gc<Generator>) -> R<bool> {
    loop {
        let state = generator.state.load(Ordering::Acquire);
        match state {
            CLOSED => return Ok(false),
            RUNNING => return Err(already_executing(generator)),
            _ if !heap::is_multithreaded() => {
                generator.state.store(RUNNING, Ordering::Relaxed);
                return Ok(true);
            }
            _ if generator.state.compare_exchange(state, RUNNING, Ordering::AcqRel, Ordering::Relaxed).is_ok() => {
                return Ok(true);
            }
            _ => {}
        }
    }
}

/// Puts the registers of a claimed generator into a window whose header but for the flags is written, and publishes it.
///
/// # Safety
/// The window is reserved.
unsafe fn open(exec: &'static Exec, generator: Gc<Generator>, window: *mut u64, resumer: u8) {
    let code = generator.code();
    *window.offset(CALLEE) = generator.function().value().raw();
    *window.offset(SAVED_REGS) |= GENERATOR;
    for (index, slot) in generator.registers().iter().enumerate() {
        *window.add(index) = slot.raw();
    }
    generator.resumer.store(resumer, Ordering::Relaxed);
    generator.awaited.store(true, Ordering::Relaxed);
    generator.handled.previous.set(exec.handled.get());
    exec.handled.set(&generator.handled);
    exec.entered.set(crate::trace::is_active(exec));
    exec.regs.set(window);
    exec.pool.set(code.pool());
    exec.pc.set(generator.resume_pc.load(Ordering::Relaxed) as *const u32);
    if let Some(frame) = generator.frame.get().and_then(|frame| frame.cast::<frame::Frame>()) {
        frame.window.store(window as usize, Ordering::Release);
        frame.exec.store(exec as *const Exec as usize, Ordering::Release);
        exec.watch(window, frame);
    }
}

/// Moves the published generator window to the instruction after the one where it stopped, as `send(value)` does.
unsafe fn deliver(exec: &Exec, value: Value) {
    let pc = exec.pc.get();
    let word = word_at(pc);
    let op = (word & 0xFF) as u8;
    if op == Op::Yield as u8 || op == Op::YieldAsync as u8 {
        *exec.regs.get().add(a(word)) = value.raw();
        exec.pc.set(pc.add(1));
    } else if op == Op::YieldFrom as u8 {
        *exec.regs.get().add(a(word)) = value.raw();
    } else {
        exec.pc.set(pc.add(1));
    }
}

/// `FOR_ITER` over a generator. None: it is not ready to be entered here, take the general way.
///
/// # Safety
/// Called by the slow body of `FOR_ITER`.
pub unsafe fn enter_for(vm: Vm, generator: Gc<Generator>) -> R<Option<Flow>> {
    let exec = vm.0;
    if exec.limit.load(Ordering::Relaxed) == 0 {
        crate::poll::poll(exec)?;
    }
    if generator.state.load(Ordering::Acquire) == CLOSED {
        return Ok(Some(Flow::Next));
    }
    check_enter(generator)?;
    enter_above(exec, generator, FOR_LOOP, 2, Value::none()).map(|entered| entered.then_some(Flow::Jump))
}

/// Opens a generator's window above the published one. False: it is closed.
unsafe fn enter_above(exec: &'static Exec, generator: Gc<Generator>, resumer: u8, words: usize, value: Value) -> R<bool> {
    let window = exec.top().add(HEADER_SLOTS);
    run::reserve(exec, window, generator.code().register_count)?;
    if !claim(generator)? {
        return Ok(false);
    }
    *window.offset(SAVED_PC) = exec.pc.get().add(words) as u64;
    *window.offset(SAVED_REGS) = exec.regs.get() as u64;
    *window.offset(SAVED_POOL) = exec.pool.get() as u64;
    open(exec, generator, window, resumer);
    deliver(exec, value);
    Ok(true)
}

/// The generator whose window is published. (The windows of functions it calls overlap its last registers, so none of them can name
/// it; the stack of handled exceptions does.)
fn of_window(exec: &Exec) -> Gc<Generator> {
    frame::innermost_generator(exec).expect("a generator's window is published")
}

/// Takes the published generator window down, keeping its registers; publishes the window outside. Gives its saved pc.
unsafe fn suspend(exec: &'static Exec, generator: Gc<Generator>) -> *const u32 {
    let window = exec.regs.get();
    generator.resume_pc.store(exec.pc.get() as usize, Ordering::Relaxed);
    save(generator, window, generator.registers().len());
    let saved_pc = leave_window(exec, generator, window);
    generator.state.store(SUSPENDED, Ordering::Release);
    if generator.may_need_finalizer.load(Ordering::Relaxed) {
        note_suspension(generator);
    }
    saved_pc
}

/// Unlinks what `open` linked.
unsafe fn leave_window(exec: &'static Exec, generator: Gc<Generator>, window: *mut u64) -> *const u32 {
    let saved = *window.offset(SAVED_REGS);
    if saved & WATCHED != 0
        && let Some(frame) = exec.unwatch(window)
    {
        frame.window.store(0, Ordering::Release);
    }
    exec.handled.set(generator.handled.previous.get());
    let saved_pc = *window.offset(SAVED_PC) as *const u32;
    exec.regs.set((saved & !FLAGS) as *mut u64);
    exec.pool.set(*window.offset(SAVED_POOL) as *const _);
    saved_pc
}

/// Suspends the published generator with `value` going to whoever entered it.
///
/// # Safety
/// Called by the slow bodies of the yield ops; the published pc is the instruction to come back to.
pub unsafe fn yield_value(exec: &'static Exec, mut value: Value, wrap: bool) -> Step {
    if wrap {
        value = new_native(AsyncGenWrapped { header: heap::Header::new(0), value: heap::Slot::new(value) }).value();
    }
    loop {
        let view = View { pc: exec.pc.get(), regs: exec.regs.get(), pool: exec.pool.get() };
        let generator = of_window(exec);
        if crate::trace::is_active(exec) {
            crate::trace::yield_event(exec, view, value)?;
        }
        let resumer = generator.resumer.load(Ordering::Relaxed);
        let saved_pc = suspend(exec, generator);
        match resumer {
            FOR_LOOP => {
                let word = word_at(saved_pc.sub(2));
                let offset = word_at(saved_pc.sub(1)) as i32;
                *exec.regs.get().add(a(word)) = value.raw();
                exec.pc.set(saved_pc.offset(offset as isize));
                return Ok(Flow::Jump);
            }
            DELEGATION => {
                // The outer generator stays at its YIELD_FROM and hands the value on.
                exec.pc.set(saved_pc.sub(1));
            }
            _ => {
                run::close_stub(exec, exec.regs.get());
                exec.result.set(value.raw());
                exec.yielded.set(true);
                return Ok(Flow::Exit);
            }
        }
    }
}

/// `RETURN` in a generator: it is finished, `value` goes to whoever entered it.
///
/// # Safety
/// The view is that of the published generator window.
pub unsafe fn finish(exec: &'static Exec, view: View, value: Value) -> Step {
    let generator = of_window(exec);
    if *view.regs.offset(SAVED_REGS) & WATCHED != 0 {
        frame::detach(exec, view);
    }
    close_state(generator);
    let resumer = generator.resumer.load(Ordering::Relaxed);
    let saved_pc = leave_window(exec, generator, view.regs);
    match resumer {
        FOR_LOOP => {
            // A loop makes an exception only of a value.
            tell_stop(exec, saved_pc.sub(2), value, !value.is_none())?;
            exec.pc.set(saved_pc);
        }
        DELEGATION => {
            tell_stop(exec, saved_pc.sub(1), value, true)?;
            let word = word_at(saved_pc.sub(1));
            *exec.regs.get().add(a(word)) = value.raw();
            exec.pc.set(saved_pc);
        }
        _ => {
            run::close_stub(exec, exec.regs.get());
            exec.result.set(value.raw());
            exec.yielded.set(false);
            return Ok(Flow::Exit);
        }
    }
    Ok(Flow::Jump)
}

/// Tells tracers that a generator ended which the instruction at `pc` of the published window asked.
unsafe fn tell_stop(exec: &'static Exec, pc: *const u32, value: Value, is_exception: bool) -> R<()> {
    if !crate::trace::is_active(exec) {
        return Ok(());
    }
    exec.pc.set(pc);
    crate::trace::stop_event(exec, value, is_exception)
}

/// Lets go of everything that a finished generator holds.
fn close_state(generator: Gc<Generator>) {
    generator.frame.clear();
    forget(&generator);
}

/// The same for one that has no frame object.
pub(crate) fn forget(generator: &Generator) {
    for slot in generator.registers() {
        slot.clear();
    }
    generator.handled.value.clear();
    if generator.finalizable.load(Ordering::Relaxed) {
        // Nothing is left to be finalized.
        generator.header.set_flag(heap::FINALIZER_RAN);
    }
    generator.resume_pc.store(0, Ordering::Relaxed);
    generator.state.store(CLOSED, Ordering::Release);
}

/// An exception leaves a generator (the unwinder takes the window down itself).
///
/// # Safety
/// The innermost window is that of a generator.
pub unsafe fn after_raise(exec: &'static Exec) {
    let generator = of_window(exec);
    convert_stop(generator);
    exec.handled.set(generator.handled.previous.get());
    // `close_state` forgets the frame object, which the unwinder detaches afterwards.
    close_state(generator);
}

/// A StopIteration that leaves a generator becomes a RuntimeError.
fn convert_stop(generator: Gc<Generator>) {
    let exception = thread::current_exception();
    let class = class_of(exception);
    let kind = generator.kind();
    let what = match kind {
        GeneratorKind::Generator => "generator",
        GeneratorKind::Coroutine => "coroutine",
        GeneratorKind::AsyncGenerator => "async generator",
    };
    let stop = if class.is_subclass_of(exc::STOP_ITERATION.get()) {
        "StopIteration"
    } else if kind == GeneratorKind::AsyncGenerator && class.is_subclass_of(exc::STOP_ASYNC_ITERATION.get()) {
        "StopAsyncIteration"
    } else {
        return;
    };
    let exception = thread::take_exception();
    let error = exc::new_exception_text(exc::RUNTIME_ERROR.get(), &format!("{what} raised {stop}"));
    error.context.set(exception);
    error.cause.set(exception);
    error.suppress_context.store(true, Ordering::Relaxed);
    // Its traceback begins where the generator was asked, as in CPython.
    thread::set_exception(error.value());
}

/// Enters a generator from native code.
pub fn resume(value: Value, how: Resume) -> R<Outcome> {
    let Some(generator) = value.cast::<Generator>() else {
        return Err(type_error!("'{}' object is not a generator", class_name(value)));
    };
    match how {
        Resume::Send(sent) => send(generator, sent),
        Resume::Throw(exception) => throw(generator, exception),
    }
}

/// `next(generator)`: None at the end if nothing was returned.
#[inline(always)]
pub fn next(generator: Gc<Generator>) -> R<Option<Value>> {
    let exec = run::exec();
    // SAFETY: called from native code.
    if thread::has_stack(exec) && unsafe { crate::generator_fast::enter_native(exec, &generator, Value::none()) } {
        let value = run::run(exec)?;
        if exec.yielded.get() {
            return Ok(Some(value));
        }
        return if value.is_none() { Ok(None) } else { at_end(value) };
    }
    next_slowly(generator)
}

#[cold]
#[inline(never)]
fn at_end(value: Value) -> R<Option<Value>> {
    crate::skin::generator::outcome_next(Outcome::Returned(value))
}

#[cold]
#[inline(never)]
fn next_slowly(generator: Gc<Generator>) -> R<Option<Value>> {
    crate::skin::generator::outcome_next(send(generator, Value::none())?)
}

fn send(generator: Gc<Generator>, value: Value) -> R<Outcome> {
    let exec = run::exec();
    let _guard = thread::enter_recursion()?;
    // SAFETY: called from native code.
    if unsafe { crate::generator_fast::enter_native(exec, &generator, value) } {
        return run_to_yield(exec);
    }
    check_enter(generator)?;
    match generator.state.load(Ordering::Acquire) {
        CLOSED => {
            if generator.kind() == GeneratorKind::Coroutine {
                return Err(runtime_error!("cannot reuse already awaited coroutine"));
            }
            return Ok(Outcome::Returned(Value::none()));
        }
        CREATED if !value.is_none() => {
            return Err(match generator.kind() {
                GeneratorKind::Generator => type_error!("can't send non-None value to a just-started generator"),
                GeneratorKind::Coroutine => type_error!("can't send non-None value to a just-started coroutine"),
                GeneratorKind::AsyncGenerator => type_error!("can't send non-None value to a just-started async generator"),
            });
        }
        _ => {}
    }
    enter_native(generator, Entry::Send(value))
}

enum Entry {
    Send(Value),
    /// Raise this where it stopped.
    Throw(Value),
    /// The delegate of its YIELD_FROM finished with this value.
    Finish(Value),
}

/// Runs a generator from native code until it stops.
fn enter_native(generator: Gc<Generator>, entry: Entry) -> R<Outcome> {
    let exec = run::exec();
    let _guard = thread::enter_recursion()?;
    // SAFETY: called from native code; the window is reserved before it is opened.
    let ready = unsafe {
        let window = exec.top().add(2 * HEADER_SLOTS);
        run::reserve(exec, window, generator.code().register_count)?;
        if !claim(generator)? {
            return Ok(Outcome::Returned(Value::none()));
        }
        let window = run::open_stub(exec);
        open(exec, generator, window, NATIVE);
        match entry {
            Entry::Send(value) => {
                deliver(exec, value);
                true
            }
            Entry::Finish(value) => {
                let pc = exec.pc.get();
                *window.add(a(word_at(pc))) = value.raw();
                exec.pc.set(pc.add(1));
                true
            }
            Entry::Throw(exception) => {
                let _raised = raise_thrown(exception);
                crate::unwind::unwind(exec)
            }
        }
    };
    if !ready {
        return Err(Raised::already_set());
    }
    run_to_yield(exec)
}

/// Runs the published generator until it stops.
fn run_to_yield(exec: &'static Exec) -> R<Outcome> {
    exec.yielded.set(false);
    let value = run::run(exec)?;
    Ok(if exec.yielded.replace(false) { Outcome::Yielded(value) } else { Outcome::Returned(value) })
}

/// Raises an exception that `throw` brought, inside the generator: its context is what the generator handles.
fn raise_thrown(exception: Value) -> Raised {
    objects::error::raise(exception)
}

/// The iterator that a suspended generator delegates to, with its YIELD_FROM word.
pub fn delegate_of(generator: Gc<Generator>) -> Option<Value> {
    if generator.state.load(Ordering::Acquire) != SUSPENDED {
        return None;
    }
    let pc = generator.resume_pc.load(Ordering::Relaxed) as *const u32;
    if pc.is_null() {
        return None;
    }
    // SAFETY: a suspended generator's pc points into its code.
    let word = unsafe { word_at(pc) };
    if (word & 0xFF) as u8 != Op::YieldFrom as u8 {
        return None;
    }
    generator.registers()[b(word)].get()
}

/// `generator.throw(exception)` with an exception instance.
fn throw(generator: Gc<Generator>, exception: Value) -> R<Outcome> {
    check_enter(generator)?;
    match generator.state.load(Ordering::Acquire) {
        CLOSED => {
            if generator.kind() == GeneratorKind::Coroutine {
                return Err(runtime_error!("cannot reuse already awaited coroutine"));
            }
            return Err(objects::error::restore(exception));
        }
        SUSPENDED => {}
        _ => return enter_native(generator, Entry::Throw(exception)),
    }
    let Some(delegate) = delegate_of(generator) else { return enter_native(generator, Entry::Throw(exception)) };
    if objects::class::is_instance(exception, exc::GENERATOR_EXIT.get()) {
        return match close_delegate(generator, delegate) {
            Ok(()) => enter_native(generator, Entry::Throw(exception)),
            Err(raised) => enter_native(generator, Entry::Throw(raised.take())),
        };
    }
    let _guard = thread::enter_recursion()?;
    let outcome = match delegate.cast_exact::<Generator>() {
        Some(inner) => while_running(generator, || throw(inner, exception)),
        None => match throw_method(delegate) {
            Err(raised) => return Err(raised),
            Ok(None) => return enter_native(generator, Entry::Throw(exception)),
            Ok(Some(method)) => while_running(generator, || objects::call::call(method, &[exception])).map(Outcome::Yielded),
        },
    };
    match outcome {
        Ok(Outcome::Yielded(value)) => Ok(Outcome::Yielded(value)),
        Ok(Outcome::Returned(value)) => enter_native(generator, Entry::Finish(value)),
        Err(raised) if raised.is(&exc::STOP_ITERATION) => {
            let stop = raised.take();
            enter_native(generator, Entry::Finish(stop_value(stop)))
        }
        Err(raised) => enter_native(generator, Entry::Throw(raised.take())),
    }
}

fn throw_method(delegate: Value) -> R<Option<Value>> {
    objects::lookup::get_attr_opt(delegate, objects::interned!("throw"))
}

/// Keeps a generator running, its frame on the stack, while its delegate is worked on.
fn while_running<T>(generator: Gc<Generator>, work: impl FnOnce() -> R<T>) -> R<T> {
    let exec = run::exec();
    // SAFETY: called from native code; the window is reserved before it is opened, and `work` leaves the state as it found it.
    unsafe {
        let window = exec.top().add(2 * HEADER_SLOTS);
        run::reserve(exec, window, generator.code().register_count)?;
        if !claim(generator)? {
            return work();
        }
        let window = run::open_stub(exec);
        open(exec, generator, window, NATIVE);
        exec.entered.set(false);
        let result = work();
        leave_window(exec, generator, window);
        run::close_stub(exec, exec.regs.get());
        generator.state.store(SUSPENDED, Ordering::Release);
        result
    }
}

/// Closes the delegate before GeneratorExit is raised in the delegating generator.
fn close_delegate(generator: Gc<Generator>, delegate: Value) -> R<()> {
    while_running(generator, || match delegate.cast_exact::<Generator>() {
        Some(inner) => close(inner),
        None => match objects::lookup::get_attr_opt(delegate, objects::interned!("close")) {
            Ok(Some(method)) => objects::call::call(method, &[]).map(|_| ()),
            Ok(None) => Ok(()),
            Err(raised) => {
                objects::error::unraisable(raised, delegate);
                Ok(())
            }
        },
    })
}

/// `StopIteration.value`.
pub fn stop_value(exception: Value) -> Value {
    exception.cast::<objects::exception::StopIterationObject>().and_then(|stop| stop.value.get()).unwrap_or(Value::none())
}

/// `generator.close()`; a value that the generator returned on the way is dropped.
pub fn close(generator: Gc<Generator>) -> R<()> {
    close_with_value(generator).map(|_| ())
}

/// `generator.close()` with its result.
pub fn close_with_value(generator: Gc<Generator>) -> R {
    check_enter(generator)?;
    match generator.state.load(Ordering::Acquire) {
        CREATED => {
            if generator.state.compare_exchange(CREATED, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_err() {
                // Another thread began to run or closed it.
                return close_with_value(generator);
            }
            generator.awaited.store(true, Ordering::Relaxed);
            close_state(generator);
            return Ok(Value::none());
        }
        CLOSED => return Ok(Value::none()),
        _ => {}
    }
    let exit = exc::new_exception(exc::GENERATOR_EXIT.get(), &[]);
    match throw(generator, exit.value()) {
        Ok(Outcome::Yielded(_)) => Err(match generator.kind() {
            GeneratorKind::Generator => runtime_error!("generator ignored GeneratorExit"),
            GeneratorKind::Coroutine => runtime_error!("coroutine ignored GeneratorExit"),
            GeneratorKind::AsyncGenerator => runtime_error!("async generator ignored GeneratorExit"),
        }),
        Ok(Outcome::Returned(value)) => Ok(value),
        Err(raised) if raised.is(&exc::GENERATOR_EXIT) || raised.is(&exc::STOP_ITERATION) => {
            raised.clear();
            Ok(Value::none())
        }
        Err(raised) => Err(raised),
    }
}

/// One step of `YIELD_FROM r[a], r[b]`.
///
/// # Safety
/// Called by the slow body of the op.
pub unsafe fn delegate(vm: Vm, word: u32) -> Step {
    let exec = vm.0;
    let (sent, iterator) = (vm.get(a(word)), vm.get(b(word)));
    if let Some(inner) = iterator.cast::<Generator>()
        && inner.kind() != GeneratorKind::AsyncGenerator
    {
        check_enter(inner)?;
        match inner.state.load(Ordering::Acquire) {
            CLOSED if inner.kind() == GeneratorKind::Coroutine => {
                return Err(runtime_error!("cannot reuse already awaited coroutine"));
            }
            CLOSED => {
                vm.set(a(word), Value::none());
                return Ok(Flow::Next);
            }
            CREATED if !sent.is_none() => {
                return Err(type_error!("can't send non-None value to a just-started {}", class_name(iterator)));
            }
            _ => {}
        }
        if enter_above(exec, inner, DELEGATION, 1, sent)? {
            return Ok(Flow::Jump);
        }
    }
    match step_iterator(iterator, sent)? {
        Outcome::Yielded(value) => yield_value(exec, value, false),
        Outcome::Returned(value) => {
            vm.set(a(word), value);
            Ok(Flow::Next)
        }
    }
}

/// Sends to any iterator: `next` for None, else its `send` method.
pub fn step_iterator(iterator: Value, sent: Value) -> R<Outcome> {
    let result = if sent.is_none() {
        let Some(next) = class_of(iterator).slots.next.get() else {
            return Err(type_error!("'{}' object is not an iterator", class_name(iterator)));
        };
        // Called directly, a Python-level method shows the value of its StopIteration.
        match crate::invoke::python_method(class_of(iterator), objects::interned!("__next__")) {
            Some(method) => run::call_function(method, crate::call::CallArgs::positional(&[iterator])),
            None => match next(iterator) {
                Ok(Some(value)) => Ok(value),
                Ok(None) => return Ok(Outcome::Returned(Value::none())),
                Err(raised) => Err(raised),
            },
        }
    } else {
        objects::call::call_method(iterator, objects::interned!("send"), &[sent])
    };
    match result {
        Ok(value) => Ok(Outcome::Yielded(value)),
        Err(raised) if raised.is(&exc::STOP_ITERATION) => Ok(Outcome::Returned(stop_value(raised.take()))),
        Err(raised) => Err(raised),
    }
}

/// The exception instance for `throw(type, value, traceback)`.
pub fn exception_to_throw(kind: Value, value: Value, traceback: Value) -> R {
    if !traceback.is_none() && !traceback.is_instance_of_layout::<objects::traceback::Traceback>() {
        return Err(type_error!("throw() third argument must be a traceback object"));
    }
    let exception = if kind.is_instance_of_layout::<BaseException>() {
        if !value.is_none() {
            return Err(type_error!("instance exception may not have a separate value"));
        }
        kind
    } else if let Some(class) = kind.cast::<objects::class::Class>()
        && class.is_subclass_of(exc::BASE_EXCEPTION.get())
    {
        match crate::raising::instantiate(class, value) {
            Ok(exception) => exception,
            // What went wrong is raised in the generator instead.
            Err(raised) => return Ok(raised.take()),
        }
    } else {
        return Err(type_error!("exceptions must be classes or instances deriving from BaseException, not {}", class_name(kind)));
    };
    if !traceback.is_none()
        && let Some(object) = exception.cast::<BaseException>()
    {
        object.traceback.set(traceback);
    }
    Ok(exception)
}

/// The collector found that nobody refers to the generator: finally blocks run, a coroutine that was never awaited is reported.
pub fn finalize(generator: Gc<Generator>) -> R {
    let none = Value::none();
    match generator.state.load(Ordering::Acquire) {
        CLOSED | RUNNING => return Ok(none),
        CREATED => {
            if generator.kind() == GeneratorKind::Coroutine && !generator.awaited.load(Ordering::Relaxed) {
                crate::coroutine::warn_never_awaited(generator)?;
            }
            close_state(generator);
            return Ok(none);
        }
        _ => {}
    }
    if generator.kind() == GeneratorKind::AsyncGenerator
        && let Some(hook) = generator.finalizer.get().filter(|hook| !hook.is_none())
    {
        if !generator.async_closed.load(Ordering::Relaxed) {
            objects::call::call(hook, &[generator.value()])?;
        }
        return Ok(none);
    }
    close(generator)?;
    Ok(none)
}

/// Asks for `finalize` if closing the suspended generator would run code: it stands inside a try or with block.
fn note_suspension(generator: Gc<Generator>) {
    let covered = generator.offset().is_some_and(|offset| generator.code().unit().handler(offset as usize).is_some());
    if covered || delegate_of(generator).is_some() {
        generator.ask_for_finalizer();
    }
}
