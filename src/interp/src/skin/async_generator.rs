//! `async_generator` and the awaitables around it. Must not know: how frames are resumed.

use super::generator::{frame_of, generator_class, is_state, object_repr, set_text};
use crate::generator::{self, delegate_of, exception_to_throw};
use crate::run;
use heap::{Header, Slot, Value};
use native_macros::native_class;
use objects::door::{Outcome, Resume};
use objects::error::{R, Raised, runtime_error, stop_iteration, value_error};
use objects::exception as exc;
use objects::generator::{AsyncGenASend, AsyncGenAThrow, AsyncGenWrapped, CLOSED, CREATED, Generator, SUSPENDED};
use objects::layout::{Cast, Gc, new_native};
use objects::tuple::Tuple;
use std::sync::atomic::Ordering;

/// States of the awaitables.
const INIT: u8 = 0;
const ITERATING: u8 = 1;
const DONE: u8 = 2;

/// Runs the hooks of `sys.set_asyncgen_hooks` at the first iteration.
fn init_hooks(this: Gc<Generator>) -> R<()> {
    if this.hooks_called.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let exec = run::exec();
    if let Some(finalizer) = exec.asyncgen_finalizer.get().filter(|hook| !hook.is_none()) {
        this.finalizer.set(finalizer);
        this.ask_for_finalizer();
    }
    if let Some(first) = exec.asyncgen_firstiter.get().filter(|hook| !hook.is_none()) {
        objects::call::call(first, &[this.value()])?;
    }
    Ok(())
}

fn new_asend(this: Gc<Generator>, value: Value) -> R {
    init_hooks(this)?;
    let made = new_native(AsyncGenASend {
        header: Header::new(0),
        generator: Slot::new(this.value()),
        value: Slot::new(value),
        state: INIT.into(),
    });
    Ok(made.value())
}

fn new_athrow(this: Gc<Generator>, exception: Option<Value>) -> R {
    init_hooks(this)?;
    let made = new_native(AsyncGenAThrow {
        header: Header::new(0),
        generator: Slot::new(this.value()),
        value: Slot::new_opt(exception),
        state: INIT.into(),
    });
    Ok(made.value())
}

generator_class! {
    #[names("async_generator", ag_frame, ag_code, ag_suspended)]
    #[delegate(ag_await, "what is being awaited, or None")]
    #[native_class(name = "async_generator", layout = Generator, base = object, flags = "final no_new weakref")]
    impl AsyncGeneratorSkin {
        fn __aiter__(this: Gc<Generator>) -> R {
            Ok(this.value())
        }
        fn __anext__(this: Gc<Generator>) -> R {
            new_asend(this, Value::none())
        }
        /// asend(v) -> awaitable that resumes the generator with 'v'.
        fn asend(this: Gc<Generator>, value: Value) -> R {
            let made = new_asend(this, value)?;
            // Those of `async for` are awaited at once: only what a program holds is watched.
            heap::register_finalizable(made.as_ptr());
            Ok(made)
        }
        /// athrow(value)
        /// athrow(type[,value[,tb]])
        ///
        /// an awaitable that raises an exception in the generator.
        fn athrow(this: Gc<Generator>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
            if value.is_some() || traceback.is_some() {
                objects::warnings::deprecation(
                    "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.",
                )?;
            }
            let none = Value::none();
            let arguments = objects::tuple::new_tuple(&[kind, value.unwrap_or(none), traceback.unwrap_or(none)]);
            new_athrow(this, Some(arguments.value()))
        }
        /// aclose() -> awaitable that ends the generator by GeneratorExit.
        fn aclose(this: Gc<Generator>) -> R {
            new_athrow(this, None)
        }
        #[getter]
        fn ag_running(this: Gc<Generator>) -> bool {
            this.async_running.load(Ordering::Relaxed)
        }
    }
}

fn generator_in(slot: &Slot) -> R<Gc<Generator>> {
    match slot.get().and_then(|value| value.cast::<Generator>()) {
        Some(generator) => Ok(generator),
        None => Err(runtime_error!("the asynchronous generator is gone")),
    }
}

/// Turns what the generator did into what the awaitable gives: an item ends the await (StopIteration), a raw value passes through.
fn unwrap(this: Gc<Generator>, outcome: R<Outcome>) -> R {
    match outcome {
        Ok(Outcome::Yielded(value)) => match value.cast_exact::<AsyncGenWrapped>() {
            Some(item) => {
                this.async_running.store(false, Ordering::Release);
                Err(stop_iteration(Some(item.value.get().unwrap_or(Value::none()))))
            }
            None => Ok(value),
        },
        Ok(Outcome::Returned(_)) => {
            finish(this);
            Err(objects::error::new_error_args(exc::STOP_ASYNC_ITERATION.get(), &[]))
        }
        Err(raised) => {
            if raised.is(&exc::STOP_ASYNC_ITERATION) || raised.is(&exc::GENERATOR_EXIT) {
                this.async_closed.store(true, Ordering::Release);
            }
            this.async_running.store(false, Ordering::Release);
            Err(raised)
        }
    }
}

fn finish(this: Gc<Generator>) {
    this.async_closed.store(true, Ordering::Release);
    this.async_running.store(false, Ordering::Release);
}

fn state(cell: &std::sync::atomic::AtomicU8) -> u8 {
    cell.load(Ordering::Acquire)
}

fn reused(what: &str) -> Raised {
    runtime_error!("cannot reuse already awaited {what}")
}

fn asend_step(this: Gc<AsyncGenASend>, sent: Value) -> R {
    let generator = generator_in(&this.generator)?;
    let mut sent = sent;
    match state(&this.state) {
        DONE => return Err(reused("__anext__()/asend()")),
        INIT => {
            if generator.async_running.load(Ordering::Acquire) {
                this.state.store(DONE, Ordering::Release);
                return Err(runtime_error!("anext(): asynchronous generator is already running"));
            }
            if sent.is_none() {
                sent = this.value.get().unwrap_or(Value::none());
            }
            this.state.store(ITERATING, Ordering::Release);
        }
        _ => {}
    }
    generator.async_running.store(true, Ordering::Release);
    let result = unwrap(generator, resume_async(generator, Resume::Send(sent)));
    if result.is_err() {
        this.state.store(DONE, Ordering::Release);
    }
    result
}

/// As `generator::resume`, but a finished asynchronous generator just returns.
fn resume_async(this: Gc<Generator>, how: Resume) -> R<Outcome> {
    generator::resume(this.value(), how)
}

fn asend_throw(this: Gc<AsyncGenASend>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
    let generator = generator_in(&this.generator)?;
    if state(&this.state) == DONE {
        return Err(reused("__anext__()/asend()"));
    }
    if state(&this.state) == INIT {
        if generator.async_running.load(Ordering::Acquire) {
            this.state.store(DONE, Ordering::Release);
            return Err(runtime_error!("anext(): asynchronous generator is already running"));
        }
        this.state.store(ITERATING, Ordering::Release);
        generator.async_running.store(true, Ordering::Release);
    }
    let exception = exception_to_throw(kind, value.unwrap_or(Value::none()), traceback.unwrap_or(Value::none()))?;
    let result = unwrap(generator, resume_async(generator, Resume::Throw(exception)));
    if result.is_err() {
        this.state.store(DONE, Ordering::Release);
    }
    result
}

pub struct ASendSkin;

#[native_class(name = "async_generator_asend", layout = AsyncGenASend, base = object, flags = "final no_new")]
impl ASendSkin {
    fn __await__(this: Gc<AsyncGenASend>) -> R {
        Ok(this.value())
    }
    fn __iter__(this: Gc<AsyncGenASend>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<AsyncGenASend>) -> R<Option<Value>> {
        asend_step(this, Value::none()).map(Some)
    }
    fn send(this: Gc<AsyncGenASend>, value: Value) -> R {
        asend_step(this, value)
    }
    fn throw(this: Gc<AsyncGenASend>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
        asend_throw(this, kind, value, traceback)
    }
    fn __del__(this: Gc<AsyncGenASend>) -> R<()> {
        let unused = this.state.swap(DONE, Ordering::AcqRel) == INIT;
        if unused { crate::coroutine::warn_method_never_awaited("asend", generator_in(&this.generator)?) } else { Ok(()) }
    }
    fn close(this: Gc<AsyncGenASend>) -> R<()> {
        if state(&this.state) == DONE {
            return Ok(());
        }
        let exit = exc::GENERATOR_EXIT.get().value();
        ignored(asend_throw(this, exit, None, None))
    }
}

/// `close()` of an awaitable: the generator must not go on yielding.
fn ignored(result: R) -> R<()> {
    match result {
        Ok(_) => Err(runtime_error!("coroutine ignored GeneratorExit")),
        Err(raised)
            if raised.is(&exc::STOP_ITERATION) || raised.is(&exc::STOP_ASYNC_ITERATION) || raised.is(&exc::GENERATOR_EXIT) =>
        {
            raised.clear();
            Ok(())
        }
        Err(raised) => Err(raised),
    }
}

fn athrow_step(this: Gc<AsyncGenAThrow>, sent: Value) -> R {
    let generator = generator_in(&this.generator)?;
    let closing = this.value.get().is_none();
    match state(&this.state) {
        DONE => return Err(reused("aclose()/athrow()")),
        INIT => {
            if generator.async_running.load(Ordering::Acquire) {
                this.state.store(DONE, Ordering::Release);
                return Err(if closing {
                    runtime_error!("aclose(): asynchronous generator is already running")
                } else {
                    runtime_error!("athrow(): asynchronous generator is already running")
                });
            }
            if generator.async_closed.load(Ordering::Acquire) || is_state(generator, CLOSED) {
                this.state.store(DONE, Ordering::Release);
                return Err(objects::error::new_error_args(exc::STOP_ASYNC_ITERATION.get(), &[]).or_closed(closing));
            }
            if !sent.is_none() {
                return Err(runtime_error!("can't send non-None value to a just-started coroutine"));
            }
            this.state.store(ITERATING, Ordering::Release);
            generator.async_running.store(true, Ordering::Release);
            if closing {
                generator.async_closed.store(true, Ordering::Release);
                if is_state(generator, CREATED) {
                    let closed = generator::close(generator);
                    generator.async_running.store(false, Ordering::Release);
                    this.state.store(DONE, Ordering::Release);
                    closed?;
                    return Err(stop_iteration(None));
                }
                let exit = exc::new_exception(exc::GENERATOR_EXIT.get(), &[]);
                return athrow_result(this, generator, closing, resume_async(generator, Resume::Throw(exit.value())));
            }
            let exception = match thrown(this) {
                Ok(exception) => exception,
                Err(raised) => {
                    generator.async_running.store(false, Ordering::Release);
                    this.state.store(DONE, Ordering::Release);
                    return Err(raised);
                }
            };
            return athrow_result(this, generator, closing, resume_async(generator, Resume::Throw(exception)));
        }
        _ => {}
    }
    let outcome = resume_async(generator, Resume::Send(sent));
    athrow_result(this, generator, closing, outcome)
}

/// What `aclose` and `athrow` of a finished generator end with.
trait OrClosed {
    fn or_closed(self, closing: bool) -> Raised;
}
impl OrClosed for Raised {
    fn or_closed(self, closing: bool) -> Raised {
        if !closing {
            return self;
        }
        self.clear();
        stop_iteration(None)
    }
}

fn thrown(this: Gc<AsyncGenAThrow>) -> R {
    match this.value.get().and_then(|arguments| arguments.cast::<Tuple>()) {
        Some(arguments) => match arguments.items() {
            [kind, value, traceback] => exception_to_throw(*kind, *value, *traceback),
            _ => Err(value_error!("bad athrow() arguments")),
        },
        None => Err(value_error!("bad athrow() arguments")),
    }
}

fn athrow_result(this: Gc<AsyncGenAThrow>, generator: Gc<Generator>, closing: bool, outcome: R<Outcome>) -> R {
    let result = if closing {
        match outcome {
            Ok(Outcome::Yielded(value)) if value.is_instance_of_layout::<AsyncGenWrapped>() => {
                Err(runtime_error!("async generator ignored GeneratorExit"))
            }
            Ok(Outcome::Yielded(value)) => return Ok(value),
            Ok(Outcome::Returned(_)) => Err(stop_iteration(None)),
            Err(raised) if raised.is(&exc::STOP_ASYNC_ITERATION) || raised.is(&exc::GENERATOR_EXIT) => {
                raised.clear();
                Err(stop_iteration(None))
            }
            Err(raised) => Err(raised),
        }
    } else {
        unwrap(generator, outcome)
    };
    if result.is_err() {
        generator.async_running.store(false, Ordering::Release);
        this.state.store(DONE, Ordering::Release);
    }
    result
}

fn athrow_throw(this: Gc<AsyncGenAThrow>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
    let generator = generator_in(&this.generator)?;
    if state(&this.state) == DONE {
        return Err(reused("aclose()/athrow()"));
    }
    let closing = this.value.get().is_none();
    if state(&this.state) == INIT {
        if generator.async_running.load(Ordering::Acquire) {
            this.state.store(DONE, Ordering::Release);
            return Err(if closing {
                runtime_error!("aclose(): asynchronous generator is already running")
            } else {
                runtime_error!("athrow(): asynchronous generator is already running")
            });
        }
        this.state.store(ITERATING, Ordering::Release);
        generator.async_running.store(true, Ordering::Release);
    }
    let exception = exception_to_throw(kind, value.unwrap_or(Value::none()), traceback.unwrap_or(Value::none()))?;
    let outcome = resume_async(generator, Resume::Throw(exception));
    athrow_result(this, generator, closing, outcome)
}

pub struct AThrowSkin;

#[native_class(name = "async_generator_athrow", layout = AsyncGenAThrow, base = object, flags = "final no_new")]
impl AThrowSkin {
    fn __await__(this: Gc<AsyncGenAThrow>) -> R {
        Ok(this.value())
    }
    fn __iter__(this: Gc<AsyncGenAThrow>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<AsyncGenAThrow>) -> R<Option<Value>> {
        athrow_step(this, Value::none()).map(Some)
    }
    fn send(this: Gc<AsyncGenAThrow>, value: Value) -> R {
        athrow_step(this, value)
    }
    fn throw(this: Gc<AsyncGenAThrow>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
        athrow_throw(this, kind, value, traceback)
    }
    fn __del__(this: Gc<AsyncGenAThrow>) -> R<()> {
        let unused = this.state.swap(DONE, Ordering::AcqRel) == INIT;
        let method = if this.value.is_empty() { "aclose" } else { "athrow" };
        if unused { crate::coroutine::warn_method_never_awaited(method, generator_in(&this.generator)?) } else { Ok(()) }
    }
    fn close(this: Gc<AsyncGenAThrow>) -> R<()> {
        if state(&this.state) == DONE {
            return Ok(());
        }
        let exit = exc::GENERATOR_EXIT.get().value();
        ignored(athrow_throw(this, exit, None, None))
    }
}

pub struct WrappedSkin;

#[native_class(name = "async_generator_wrapped_value", layout = AsyncGenWrapped, base = object, flags = "final no_new")]
impl WrappedSkin {}
