//! The class `Future`. Must not know: tasks.

use super::future_iter::new_future_iter;
use super::python::{CANCELLED_ERROR, COPY_CONTEXT, EXTRACT_STACK, FUTURE_REPR, GET_POLICY, call_soon, invalid_state};
use super::threads;
use native_macros::{Layout, native_class};
use objects::exc::{self, BaseException, StopIterationObject};
use objects::list::{self, List};
use objects::set::{self, Set};
use objects::{
    Args, Cast, Class, Gc, Header, R, Raised, Slot, Tuple, Value, attribute_error, call, call_method, class_of, eq, interned,
    is_true, new_list, new_object, new_str, new_tuple, runtime_error, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

pub const PENDING: u8 = 0;
pub const CANCELLED: u8 = 1;
pub const FINISHED: u8 = 2;

#[derive(Layout)]
#[repr(C)]
pub struct Future {
    pub header: Header,
    /// Empty before `__init__`.
    event_loop: Slot,
    /// The first callback and its context; further ones are in `callbacks`, as pairs.
    callback: Slot,
    callback_context: Slot,
    callbacks: Slot,
    pub exception: Slot,
    exception_traceback: Slot,
    pub result: Slot,
    source_traceback: Slot,
    pub cancel_message: Slot,
    pub cancelled_exception: Slot,
    /// Who waits for this: one future, or a set of them.
    awaited_by: Slot,
    state: AtomicU8,
    pub log_traceback: AtomicBool,
    pub blocking: AtomicBool,
}

impl Future {
    pub fn blank() -> Future {
        Future {
            header: Header::blank(),
            event_loop: Slot::empty(),
            callback: Slot::empty(),
            callback_context: Slot::empty(),
            callbacks: Slot::empty(),
            exception: Slot::empty(),
            exception_traceback: Slot::empty(),
            result: Slot::empty(),
            source_traceback: Slot::empty(),
            cancel_message: Slot::empty(),
            cancelled_exception: Slot::empty(),
            awaited_by: Slot::empty(),
            state: AtomicU8::new(PENDING),
            log_traceback: AtomicBool::new(false),
            blocking: AtomicBool::new(false),
        }
    }
    #[inline]
    pub fn state(&self) -> u8 {
        self.state.load(Ordering::Acquire)
    }
    #[inline]
    pub fn loop_opt(&self) -> Option<Value> {
        self.event_loop.get()
    }
    #[inline]
    pub fn require_loop(&self) -> R {
        self.event_loop.get().ok_or_else(not_initialized)
    }
}

#[cold]
pub fn not_initialized() -> Raised {
    runtime_error!("Future object is not initialized.")
}

/// The loop that runs, or that of the policy.
pub fn get_event_loop() -> R {
    match threads::running_loop() {
        Some(running) => Ok(running),
        None => call_method(GET_POLICY.call(&[])?, interned!("get_event_loop"), &[]),
    }
}

pub fn init(this: Gc<Future>, event_loop: Option<Value>) -> R<()> {
    for slot in [
        &this.event_loop,
        &this.callback,
        &this.callback_context,
        &this.callbacks,
        &this.exception,
        &this.exception_traceback,
        &this.result,
        &this.source_traceback,
        &this.cancel_message,
        &this.cancelled_exception,
        &this.awaited_by,
    ] {
        slot.set_opt(None);
    }
    this.state.store(PENDING, Ordering::Release);
    this.log_traceback.store(false, Ordering::Relaxed);
    this.blocking.store(false, Ordering::Relaxed);
    let event_loop = match event_loop.filter(|event_loop| !event_loop.is_none()) {
        Some(event_loop) => event_loop,
        None => get_event_loop()?,
    };
    this.event_loop.set(event_loop);
    if is_true(call_method(event_loop, interned!("get_debug"), &[])?)? && !objects::system::is_finalizing() {
        this.source_traceback.set(EXTRACT_STACK.call(&[])?);
    }
    Ok(())
}

fn schedule_callbacks(this: Gc<Future>) -> R<()> {
    let event_loop = this.require_loop()?;
    let (callback, context) = (this.callback.take(), this.callback_context.take());
    let more = this.callbacks.take().and_then(|more| more.cast::<List>());
    if let Some(callback) = callback {
        call_soon(event_loop, callback, Some(this.value()), context)?;
    }
    if let Some(more) = more {
        for entry in list::list_snapshot(more).iter() {
            if let Some([callback, context]) = entry.cast::<Tuple>().map(|entry| entry.items()) {
                call_soon(event_loop, *callback, Some(this.value()), Some(*context))?;
            }
        }
    }
    Ok(())
}

/// Enters a callback that takes the future when it is done.
pub fn add_callback(this: Gc<Future>, callback: Value, context: Option<Value>) -> R<()> {
    if this.state() != PENDING {
        return call_soon(this.require_loop()?, callback, Some(this.value()), context);
    }
    let context = context.unwrap_or(Value::none());
    let more = this.callbacks.get().and_then(|more| more.cast::<List>());
    match more {
        None if this.callback.get().is_none() => {
            this.callback_context.set(context);
            this.callback.set(callback);
        }
        None => this.callbacks.set(new_list(&[new_tuple(&[callback, context]).value()]).value()),
        Some(more) => list::list_append(more, new_tuple(&[callback, context]).value())?,
    }
    Ok(())
}

fn check_pending(this: Gc<Future>) -> R<()> {
    if this.state() != PENDING {
        return Err(invalid_state("invalid state"));
    }
    Ok(())
}

pub fn set_result(this: Gc<Future>, result: Value) -> R<()> {
    this.require_loop()?;
    check_pending(this)?;
    this.result.set(result);
    this.state.store(FINISHED, Ordering::Release);
    schedule_callbacks(this)
}

pub fn set_exception(this: Gc<Future>, exception: Value) -> R<()> {
    this.require_loop()?;
    check_pending(this)?;
    let exception = if exception.cast::<Class>().is_some() { call(exception, &[])? } else { exception };
    let Some(mut object) = exception.cast::<BaseException>() else {
        return Err(type_error!("invalid exception object"));
    };
    if object.value().cast::<StopIterationObject>().is_some() {
        let text = "StopIteration interacts badly with generators and cannot be raised into a Future";
        let replacement = exc::new_exception_text(exc::RUNTIME_ERROR.get(), text);
        replacement.cause.set(exception);
        replacement.context.set(exception);
        replacement.suppress_context.store(true, Ordering::Relaxed);
        object = replacement;
    }
    this.exception.set(object.value());
    this.exception_traceback.set_opt(object.traceback.get());
    this.state.store(FINISHED, Ordering::Release);
    schedule_callbacks(this)?;
    this.log_traceback.store(true, Ordering::Relaxed);
    // Only now there is something to say when nobody asks.
    heap::register_finalizable(this.as_ptr().cast());
    Ok(())
}

pub fn cancel(this: Gc<Future>, message: Option<Value>) -> R<bool> {
    this.require_loop()?;
    this.log_traceback.store(false, Ordering::Relaxed);
    if this.state() != PENDING {
        return Ok(false);
    }
    this.state.store(CANCELLED, Ordering::Release);
    this.cancel_message.set_opt(message);
    schedule_callbacks(this)?;
    Ok(true)
}

/// The CancelledError of a cancelled future.
pub fn make_cancelled_error(this: Gc<Future>) -> R {
    if let Some(exception) = this.cancelled_exception.take() {
        return Ok(exception);
    }
    match this.cancel_message.get().filter(|message| !message.is_none()) {
        None => CANCELLED_ERROR.call(&[]),
        Some(message) => CANCELLED_ERROR.call(&[message]),
    }
}

/// The result, or the exception raised.
pub fn get_result(this: Gc<Future>) -> R {
    match this.state() {
        CANCELLED => Err(objects::error::raise(make_cancelled_error(this)?)),
        PENDING => Err(invalid_state("Result is not set.")),
        _ => {
            this.log_traceback.store(false, Ordering::Relaxed);
            match this.exception.get() {
                None => Ok(this.result.get().unwrap_or(Value::none())),
                Some(exception) => {
                    if let Some(object) = exception.cast::<BaseException>() {
                        object.traceback.set_opt(this.exception_traceback.take());
                    }
                    Err(objects::error::raise(exception))
                }
            }
        }
    }
}

pub fn add_awaited_by(future: Value, waiter: Value) -> R<()> {
    let (Some(future), Some(_)) = (future.cast::<Future>(), waiter.cast::<Future>()) else { return Ok(()) };
    match future.awaited_by.get() {
        None => future.awaited_by.set(waiter),
        Some(known) if known == waiter => {}
        Some(known) => match known.cast_exact::<Set>() {
            Some(all) => {
                set::set_add(all.any(), waiter)?;
            }
            None => {
                let all = set::new_set();
                set::set_add(all.any(), known)?;
                set::set_add(all.any(), waiter)?;
                future.awaited_by.set(all.value());
            }
        },
    }
    Ok(())
}
pub fn discard_awaited_by(future: Value, waiter: Value) -> R<()> {
    let (Some(future), Some(_)) = (future.cast::<Future>(), waiter.cast::<Future>()) else { return Ok(()) };
    match future.awaited_by.get() {
        None => {}
        Some(known) if known == waiter => future.awaited_by.set_opt(None),
        Some(known) => {
            if let Some(all) = known.cast_exact::<Set>() {
                set::set_discard(all.any(), waiter)?;
            }
        }
    }
    Ok(())
}

/// Tells the loop about an exception that nobody asked for.
pub fn finalize(this: Gc<Future>) -> R<()> {
    if !this.log_traceback.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    let Some(event_loop) = this.loop_opt() else { return Ok(()) };
    let name = class_of(this.value()).name_text();
    let mut pairs = objects::GcVec::from_slice(&[
        (interned!("message").value(), new_str(&format!("{name} exception was never retrieved"))),
        (interned!("exception").value(), this.exception.get().unwrap_or(Value::none())),
        (interned!("future").value(), this.value()),
    ]);
    push_source(this, &mut pairs);
    report(event_loop, &pairs)
}
pub fn push_source(this: Gc<Future>, pairs: &mut objects::GcVec<(Value, Value)>) {
    if let Some(source) = this.source_traceback.get().filter(|source| !source.is_none()) {
        pairs.push((interned!("source_traceback").value(), source));
    }
}
pub fn report(event_loop: Value, pairs: &[(Value, Value)]) -> R<()> {
    let context = objects::dict::new_dict_from(pairs)?;
    call_method(event_loop, interned!("call_exception_handler"), &[context.value()]).map(|_| ())
}

#[cold]
pub fn not_deletable(attribute: &str, class: &str) -> Raised {
    attribute_error!("attribute '{attribute}' of '{class}' objects cannot be deleted")
}

/// A result that is not there yet.
///
/// The differences from concurrent.futures.Future are:
///
/// - result() and exception() have no timeout, and raise an exception while
///   there is no result.
///
/// - The event loop runs the callbacks, by call_soon().
///
/// - wait() and as_completed() of concurrent.futures cannot handle it.
#[native_class(name = "_asyncio.Future", base = object, flags = "dict weakref")]
impl Future {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, Future::blank()).value())
    }
    #[sig("($self, *, loop=None)")]
    fn __init__(this: Gc<Future>, loop_: Option<Value>) -> R<()> {
        init(this, loop_)
    }
    fn __repr__(this: Gc<Future>) -> R {
        this.require_loop()?;
        FUTURE_REPR.call(&[this.value()])
    }
    fn __iter__(this: Gc<Future>) -> R {
        future_iter(this)
    }
    fn __await__(this: Gc<Future>) -> R {
        future_iter(this)
    }
    /// Called before the object is destroyed.
    #[name("__del__")]
    fn finalize(this: Gc<Future>) -> R<()> {
        finalize(this)
    }
    /// The result.
    ///
    /// Raises the exception if there is one instead, CancelledError if the future
    /// was cancelled, InvalidStateError if it is not done.
    fn result(this: Gc<Future>) -> R {
        if this.loop_opt().is_none() {
            return Err(invalid_state("Future object is not initialized."));
        }
        get_result(this)
    }
    /// The exception, or None if there is a result instead.
    ///
    /// Raises CancelledError if the future was cancelled, InvalidStateError if it
    /// is not done.
    fn exception(this: Gc<Future>) -> R {
        if this.loop_opt().is_none() {
            return Err(invalid_state("Future object is not initialized."));
        }
        match this.state() {
            CANCELLED => Err(objects::error::raise(make_cancelled_error(this)?)),
            PENDING => Err(invalid_state("Exception is not set.")),
            _ => {
                this.log_traceback.store(false, Ordering::Relaxed);
                Ok(this.exception.get().unwrap_or(Value::none()))
            }
        }
    }
    /// Set the result; the future is done then.
    ///
    /// Raises InvalidStateError if it was done before.
    fn set_result(this: Gc<Future>, result: Value) -> R<()> {
        set_result(this, result)
    }
    /// Set an exception; the future is done then.
    ///
    /// Raises InvalidStateError if it was done before.
    fn set_exception(this: Gc<Future>, exception: Value) -> R<()> {
        set_exception(this, exception)
    }
    /// Have a callback called with the future as soon as that is done.
    ///
    /// If it is done already, the callback is handed to call_soon.
    #[sig("($self, fn, /, *, context=<unrepresentable>)")]
    fn add_done_callback(this: Gc<Future>, function: Value, context: Option<Value>) -> R<()> {
        if this.loop_opt().is_none() {
            return Err(runtime_error!("uninitialized Future object"));
        }
        let context = match context {
            Some(context) => context,
            None => COPY_CONTEXT.call(&[])?,
        };
        add_callback(this, function, Some(context))
    }
    /// Take out a callback, however often it was added.
    ///
    /// Returns how often that was.
    fn remove_done_callback(this: Gc<Future>, function: Value) -> R<usize> {
        this.require_loop()?;
        let mut removed = 0;
        if let Some(callback) = this.callback.get()
            && eq(callback, function)?
        {
            this.callback.set_opt(None);
            this.callback_context.set_opt(None);
            removed += 1;
        }
        let Some(more) = this.callbacks.get().and_then(|more| more.cast::<List>()) else { return Ok(removed) };
        let mut kept = objects::GcVec::new();
        for entry in list::list_snapshot(more).iter() {
            let callback = entry.cast::<Tuple>().and_then(|entry| entry.get(0));
            if let Some(callback) = callback
                && eq(callback, function)?
            {
                removed += 1;
            } else {
                kept.push(*entry);
            }
        }
        // Comparing may have run code that finished the future or changed the list.
        if this.callbacks.get() == Some(more.value()) {
            this.callbacks.set_opt(if kept.is_empty() { None } else { Some(new_list(&kept).value()) });
        }
        Ok(removed)
    }
    /// Cancel the future and schedule its callbacks.
    ///
    /// Returns False, and does nothing, if it is done or cancelled already,
    /// otherwise True.
    #[sig("($self, /, msg=None)")]
    fn cancel(this: Gc<Future>, msg: Option<Value>) -> R<bool> {
        cancel(this, msg)
    }
    /// Whether the future was cancelled.
    fn cancelled(this: Gc<Future>) -> bool {
        this.state() == CANCELLED
    }
    /// Whether the future is done.
    ///
    /// It is if it has a result or an exception or was cancelled.
    fn done(this: Gc<Future>) -> bool {
        this.loop_opt().is_some() && this.state() != PENDING
    }
    /// The event loop of the future.
    fn get_loop(this: Gc<Future>) -> R {
        this.require_loop()
    }
    /// The CancelledError that a cancelled future raises.
    ///
    /// For one call per cancellation: the exception that is its context is forgotten.
    fn _make_cancelled_error(this: Gc<Future>) -> R {
        make_cancelled_error(this)
    }
    /// Future[T] stands for a future with a result of type T
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
    #[getter]
    fn _state(this: Gc<Future>) -> R<&'static str> {
        this.require_loop()?;
        Ok(match this.state() {
            PENDING => "PENDING",
            CANCELLED => "CANCELLED",
            _ => "FINISHED",
        })
    }
    #[getter]
    fn _asyncio_future_blocking(this: Gc<Future>) -> bool {
        this.loop_opt().is_some() && this.blocking.load(Ordering::Relaxed)
    }
    #[setter(_asyncio_future_blocking)]
    fn set_blocking(this: Gc<Future>, value: Option<Value>) -> R<()> {
        this.require_loop()?;
        let Some(value) = value else { return Err(not_deletable("_asyncio_future_blocking", "_asyncio.Future")) };
        this.blocking.store(is_true(value)?, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn _loop(this: Gc<Future>) -> Value {
        this.loop_opt().unwrap_or(Value::none())
    }
    #[getter]
    fn _callbacks(this: Gc<Future>) -> R {
        this.require_loop()?;
        let mut all = objects::GcVec::new();
        if let Some(callback) = this.callback.get() {
            all.push(new_tuple(&[callback, this.callback_context.get().unwrap_or(Value::none())]).value());
        }
        if let Some(more) = this.callbacks.get().and_then(|more| more.cast::<List>()) {
            all.extend_from_slice(&list::list_snapshot(more));
        }
        Ok(if all.is_empty() { Value::none() } else { new_list(&all).value() })
    }
    #[getter]
    fn _result(this: Gc<Future>) -> R {
        this.require_loop()?;
        Ok(this.result.get().unwrap_or(Value::none()))
    }
    #[getter]
    fn _exception(this: Gc<Future>) -> R {
        this.require_loop()?;
        Ok(this.exception.get().unwrap_or(Value::none()))
    }
    #[getter]
    fn _log_traceback(this: Gc<Future>) -> R<bool> {
        this.require_loop()?;
        Ok(this.log_traceback.load(Ordering::Relaxed))
    }
    #[setter(_log_traceback)]
    fn set_log_traceback(this: Gc<Future>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(not_deletable("_log_traceback", "_asyncio.Future")) };
        if is_true(value)? {
            return Err(value_error!("_log_traceback can only be set to False"));
        }
        this.log_traceback.store(false, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn _source_traceback(this: Gc<Future>) -> Value {
        this.source_traceback.get().unwrap_or(Value::none())
    }
    #[getter]
    fn _cancel_message(this: Gc<Future>) -> Value {
        this.cancel_message.get().unwrap_or(Value::none())
    }
    #[setter(_cancel_message)]
    fn set_cancel_message(this: Gc<Future>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(not_deletable("_cancel_message", "_asyncio.Future")) };
        this.cancel_message.set(value);
        Ok(())
    }
    #[getter]
    fn _asyncio_awaited_by(this: Gc<Future>) -> R {
        match this.awaited_by.get() {
            None => Ok(Value::none()),
            Some(known) => match known.cast_exact::<Set>() {
                Some(all) => Ok(set::frozenset_from_iterable(all.value())?.value()),
                None => Ok(set::frozenset_from_iterable(new_tuple(&[known]).value())?.value()),
            },
        }
    }
}

fn future_iter(this: Gc<Future>) -> R {
    this.require_loop()?;
    Ok(new_future_iter(this))
}
