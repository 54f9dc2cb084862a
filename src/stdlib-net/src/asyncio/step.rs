//! A step of a task: resume the coroutine, then deal with what it awaits, returns or raises. Must not know: the class `Task`'s face.

use super::future::{self, Future, PENDING};
use super::python::{CANCELLED_ERROR, invalid_state};
use super::registry::loop_of;
use super::task::{Task, after, cancel_with, new_wakeup, settle, step_soon};
use super::threads;
use objects::door::{self, Outcome, Resume};
use objects::exc::{self, StopIterationObject};
use objects::generator::{Generator, GeneratorKind};
use objects::{Cast, Gc, Layout, R, Value, call_kw, call_method, get_attr, get_attr_opt, interned, is_true, repr, set_attr};
use std::sync::atomic::Ordering;

/// One step as the loop runs it.
pub fn step(task: Gc<Task>, exception: Option<Value>) -> R<()> {
    let event_loop = task.base.require_loop()?;
    threads::enter(event_loop, task.value())?;
    let result = run(task, exception);
    let result = after(result, || threads::leave(event_loop, task.value()));
    if task.base.state() != PENDING {
        settle(task);
    }
    result
}

/// The future that the task waited for is done.
pub fn wakeup(task: Gc<Task>, awaited: Value) -> R<()> {
    future::discard_awaited_by(awaited, task.value())?;
    let result = match awaited.cast::<Future>() {
        Some(awaited) if is_native(awaited.value()) => future::get_result(awaited),
        _ => call_method(awaited, interned!("result"), &[]),
    };
    match result {
        Ok(_) => step(task, None),
        Err(raised) => {
            let exception = raised.take();
            step(task, Some(exception))
        }
    }
}

/// Whether it is a future or task of the native classes themselves.
fn is_native(value: Value) -> bool {
    let class = objects::class_of(value);
    class == <Future as objects::Layout>::class() || class == <Task as objects::Layout>::class()
}

enum Ended {
    Yielded(Value),
    Returned(Value),
}

/// Resumes the coroutine.
fn resume(task: Gc<Task>, exception: Option<Value>) -> R<Ended> {
    let Some(coroutine) = task.coroutine.get() else {
        return Err(objects::runtime_error!("uninitialized Task object"));
    };
    if let Some(generator) = coroutine.cast_exact_generator() {
        let how = match exception {
            None => Resume::Send(Value::none()),
            Some(exception) => Resume::Throw(exception),
        };
        return Ok(match (door::interpreter().resume)(generator.value(), how)? {
            Outcome::Yielded(value) => Ended::Yielded(value),
            Outcome::Returned(value) => Ended::Returned(value),
        });
    }
    let result = match exception {
        None => call_method(coroutine, interned!("send"), &[Value::none()]),
        Some(exception) => call_method(coroutine, interned!("throw"), &[exception]),
    };
    match result {
        Ok(value) => Ok(Ended::Yielded(value)),
        Err(raised) if raised.is(&exc::STOP_ITERATION) => {
            let stop = raised.take();
            let value = stop.cast::<StopIterationObject>().and_then(|stop| stop.value.get());
            Ok(Ended::Returned(value.unwrap_or(Value::none())))
        }
        Err(raised) => Err(raised),
    }
}

trait ExactGenerator {
    fn cast_exact_generator(self) -> Option<Gc<Generator>>;
}
impl ExactGenerator for Value {
    fn cast_exact_generator(self) -> Option<Gc<Generator>> {
        self.cast::<Generator>().filter(|generator| !matches!(generator.kind(), GeneratorKind::AsyncGenerator))
    }
}

/// One step without telling the thread which task runs.
pub fn run(task: Gc<Task>, exception: Option<Value>) -> R<()> {
    if task.base.state() != PENDING {
        let shown = exception.unwrap_or(Value::none());
        let text =
            format!("__step(): already done: {} {}", repr(task.value())?.to_string_lossy(), repr(shown)?.to_string_lossy());
        return Err(invalid_state(&text));
    }
    let mut exception = exception;
    if task.must_cancel.swap(false, Ordering::Relaxed)
        && !exception.is_some_and(|exception| CANCELLED_ERROR.is_class_of(exception))
    {
        exception = Some(future::make_cancelled_error(Task::future(task))?);
    }
    task.waiter.set_opt(None);
    match resume(task, exception) {
        Ok(Ended::Yielded(value)) => await_value(task, value),
        Ok(Ended::Returned(value)) => {
            let own = Task::future(task);
            if task.must_cancel.swap(false, Ordering::Relaxed) {
                let message = own.cancel_message.get();
                return future::cancel(own, message).map(|_| ());
            }
            future::set_result(own, value)?;
            if objects::class_of(task.value()) == Task::class() {
                // `__del__` has nothing to say any more; without this all that the task holds would outlive it by a collection.
                task.value().header().set_flag(heap::FINALIZER_RAN);
            }
            Ok(())
        }
        Err(raised) => failed(task, raised.take()),
    }
}

fn failed(task: Gc<Task>, exception: Value) -> R<()> {
    let own = Task::future(task);
    if CANCELLED_ERROR.is_class_of(exception) {
        own.cancelled_exception.set(exception);
        return future::cancel(own, None).map(|_| ());
    }
    future::set_exception(own, exception)?;
    let fatal = [&exc::KEYBOARD_INTERRUPT, &exc::SYSTEM_EXIT].iter().any(|class| objects::is_instance(exception, class.get()));
    if fatal { Err(objects::error::restore(exception)) } else { Ok(()) }
}

/// The next step raises RuntimeError with this text.
#[cold]
fn fail_soon(task: Gc<Task>, text: String) -> R<()> {
    let exception = exc::new_exception_text(exc::RUNTIME_ERROR.get(), &text);
    step_soon(task, Some(exception.value()))
}

#[cold]
fn text_of(value: Value) -> R<String> {
    Ok(repr(value)?.to_string_lossy())
}

fn await_value(task: Gc<Task>, value: Value) -> R<()> {
    if value.is_none() {
        return step_soon(task, None);
    }
    if value == task.value() {
        let text = format!("Task cannot await on itself: {}", text_of(task.value())?);
        return fail_soon(task, text);
    }
    let native = value.cast::<Future>().filter(|_| is_native(value));
    let blocking = match native {
        Some(future) => Some(future.blocking.load(Ordering::Relaxed)),
        None => match get_attr_opt(value, interned!("_asyncio_future_blocking"))?.filter(|blocking| !blocking.is_none()) {
            Some(blocking) => Some(is_true(blocking)?),
            None => None,
        },
    };
    let Some(blocking) = blocking else {
        let is_generator =
            value.cast::<Generator>().is_some_and(|generator| matches!(generator.kind(), GeneratorKind::Generator));
        let text = if is_generator {
            format!(
                "yield was used instead of yield from for generator in task {} with {}",
                text_of(task.value())?,
                text_of(value)?
            )
        } else {
            format!("Task got bad yield: {}", text_of(value)?)
        };
        return fail_soon(task, text);
    };
    let own_loop = task.base.require_loop()?;
    let other_loop = match native {
        Some(future) => future.loop_opt().unwrap_or(Value::none()),
        None => loop_of(value)?,
    };
    if own_loop != other_loop {
        let text = format!("Task {} got Future {} attached to a different loop", text_of(task.value())?, text_of(value)?);
        return fail_soon(task, text);
    }
    if !blocking {
        let text = format!("yield was used instead of yield from in task {} with {}", text_of(task.value())?, text_of(value)?);
        return fail_soon(task, text);
    }
    future::add_awaited_by(value, task.value())?;
    let wakeup = new_wakeup(task);
    match native {
        Some(future) => {
            future.blocking.store(false, Ordering::Relaxed);
            future::add_callback(future, wakeup, task.context.get())?;
        }
        None => {
            set_attr(value, interned!("_asyncio_future_blocking"), Value::false_())?;
            let add = get_attr(value, interned!("add_done_callback"))?;
            let context = task.context.get().unwrap_or(Value::none());
            call_kw(add, &[wakeup], &[(interned!("context"), context)])?;
        }
    }
    task.waiter.set(value);
    if task.must_cancel.load(Ordering::Relaxed) && is_true(cancel_with(value, task.base.cancel_message.get())?)? {
        task.must_cancel.store(false, Ordering::Relaxed);
    }
    Ok(())
}
