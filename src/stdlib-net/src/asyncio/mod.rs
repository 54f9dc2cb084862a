//! Module `_asyncio`: futures, tasks, and which loop and task a thread runs. Must not know: event loops.

mod future;
mod future_iter;
mod python;
mod registry;
mod step;
mod task;
mod threads;

use future::Future;
use future_iter::FutureIter;
use native_macros::native_module;
use objects::native::rt::class_of_def;
use objects::{R, Value};
use task::{EagerStep, Task, TaskStep};

pub struct Asyncio;

/// Accelerator module for asyncio
#[native_module(name = "_asyncio", classes = [Future, Task])]
impl Asyncio {
    /// The running event loop of this thread, or None.
    ///
    /// Made for the authors of event loops.
    fn _get_running_loop() -> Option<Value> {
        threads::running_loop()
    }
    /// Set the running event loop of this thread.
    ///
    /// Made for the authors of event loops.
    #[sig("(loop, /)")]
    fn _set_running_loop(event_loop: Value) {
        threads::own().event_loop.set_opt(Some(event_loop).filter(|event_loop| !event_loop.is_none()));
    }
    /// The running event loop of this thread.
    ///
    /// Raises RuntimeError if there is none.
    fn get_running_loop() -> R {
        threads::require_running_loop()
    }
    /// An event loop.
    ///
    /// In coroutines and callbacks it is the running one; if none is running, it is
    /// that of `get_event_loop_policy().get_event_loop()`.
    fn get_event_loop() -> R {
        future::get_event_loop()
    }
    /// The task that runs now, or None.
    #[sig("(loop=None)")]
    fn current_task(loop_: Option<Value>) -> R<Option<Value>> {
        match loop_.filter(|event_loop| !event_loop.is_none()) {
            Some(event_loop) => Ok(threads::task_of(event_loop)),
            None => {
                threads::require_running_loop()?;
                Ok(threads::own().task.get())
            }
        }
    }
    /// The set of all tasks of the loop.
    #[sig("(loop=None)")]
    fn all_tasks(loop_: Option<Value>) -> R {
        let event_loop = match loop_.filter(|event_loop| !event_loop.is_none()) {
            Some(event_loop) => event_loop,
            None => threads::require_running_loop()?,
        };
        Ok(registry::all_tasks(event_loop)?.value())
    }
    /// Note a new task of the loop.
    #[sig("(task)")]
    fn _register_task(task: Value) -> R<()> {
        registry::register(task)
    }
    /// Note a new task of the loop.
    #[sig("(task)")]
    fn _register_eager_task(task: Value) -> R<()> {
        registry::register_eager(task)
    }
    /// Forget a task.
    #[sig("(task)")]
    fn _unregister_task(task: Value) -> R<()> {
        registry::unregister(task)
    }
    /// Forget a task.
    #[sig("(task)")]
    fn _unregister_eager_task(task: Value) -> R<()> {
        registry::unregister_eager(task)
    }
    /// Note that the loop starts or resumes the task.
    #[sig("(loop, task)")]
    fn _enter_task(event_loop: Value, task: Value) -> R<()> {
        threads::enter(event_loop, task)
    }
    /// Note that the loop suspends or ends the task.
    #[sig("(loop, task)")]
    fn _leave_task(event_loop: Value, task: Value) -> R<()> {
        threads::leave(event_loop, task)
    }
    /// Make task the current one and return the one before (or None), while a
    /// coroutine starts eagerly.
    #[sig("(loop, task)")]
    fn _swap_current_task(event_loop: Value, task: Value) -> R {
        threads::swap(event_loop, task)
    }
    /// Note that `waiter` awaits `fut`.
    #[sig("(fut, waiter, /)")]
    fn future_add_to_awaited_by(fut: Value, waiter: Value) -> R<()> {
        future::add_awaited_by(fut, waiter)
    }
    #[sig("(fut, waiter, /)")]
    fn future_discard_from_awaited_by(fut: Value, waiter: Value) -> R<()> {
        future::discard_awaited_by(fut, waiter)
    }
    fn __exec__(_module: Value) -> R<()> {
        for hidden in [FutureIter::CLASS_DEF, TaskStep::CLASS_DEF, EagerStep::CLASS_DEF] {
            class_of_def(hidden);
        }
        threads::forget_in_children();
        Ok(())
    }
}
