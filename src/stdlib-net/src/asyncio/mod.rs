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
    /// Return the running event loop or None.
    ///
    /// This is a low-level function intended to be used by event loops.
    /// This function is thread-specific.
    fn _get_running_loop() -> Option<Value> {
        threads::running_loop()
    }
    /// Set the running event loop.
    ///
    /// This is a low-level function intended to be used by event loops.
    /// This function is thread-specific.
    #[sig("(loop, /)")]
    fn _set_running_loop(event_loop: Value) {
        threads::own().event_loop.set_opt(Some(event_loop).filter(|event_loop| !event_loop.is_none()));
    }
    /// Return the running event loop.  Raise a RuntimeError if there is none.
    ///
    /// This function is thread-specific.
    fn get_running_loop() -> R {
        threads::require_running_loop()
    }
    /// Return an asyncio event loop.
    ///
    /// When called from a coroutine or a callback (e.g. scheduled with
    /// call_soon or similar API), this function will always return the
    /// running event loop.
    ///
    /// If there is no running event loop set, the function will return
    /// the result of `get_event_loop_policy().get_event_loop()` call.
    fn get_event_loop() -> R {
        future::get_event_loop()
    }
    /// Return a currently executed task.
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
    /// Return a set of all tasks for the loop.
    #[sig("(loop=None)")]
    fn all_tasks(loop_: Option<Value>) -> R {
        let event_loop = match loop_.filter(|event_loop| !event_loop.is_none()) {
            Some(event_loop) => event_loop,
            None => threads::require_running_loop()?,
        };
        Ok(registry::all_tasks(event_loop)?.value())
    }
    /// Register a new task in asyncio as executed by loop.
    ///
    /// Returns None.
    #[sig("(task)")]
    fn _register_task(task: Value) -> R<()> {
        registry::register(task)
    }
    /// Register a new task in asyncio as executed by loop.
    ///
    /// Returns None.
    #[sig("(task)")]
    fn _register_eager_task(task: Value) -> R<()> {
        registry::register_eager(task)
    }
    /// Unregister a task.
    ///
    /// Returns None.
    #[sig("(task)")]
    fn _unregister_task(task: Value) -> R<()> {
        registry::unregister(task)
    }
    /// Unregister a task.
    ///
    /// Returns None.
    #[sig("(task)")]
    fn _unregister_eager_task(task: Value) -> R<()> {
        registry::unregister_eager(task)
    }
    /// Enter into task execution or resume suspended task.
    ///
    /// Task belongs to loop.
    ///
    /// Returns None.
    #[sig("(loop, task)")]
    fn _enter_task(event_loop: Value, task: Value) -> R<()> {
        threads::enter(event_loop, task)
    }
    /// Leave task execution or suspend a task.
    ///
    /// Task belongs to loop.
    ///
    /// Returns None.
    #[sig("(loop, task)")]
    fn _leave_task(event_loop: Value, task: Value) -> R<()> {
        threads::leave(event_loop, task)
    }
    /// Temporarily swap in the supplied task and return the original one (or None).
    ///
    /// This is intended for use during eager coroutine execution.
    #[sig("(loop, task)")]
    fn _swap_current_task(event_loop: Value, task: Value) -> R {
        threads::swap(event_loop, task)
    }
    /// Record that `fut` is awaited on by `waiter`.
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
        Ok(())
    }
}
