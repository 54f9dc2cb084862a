//! All tasks that are not done, held weakly: native ones in a table that the collector cleans, others in a `WeakSet`; and those that
//! run their first step eagerly, held strongly. Must not know: how tasks run.

use super::future::{Future, PENDING};
use super::python::WEAK_SET;
use super::task::Task;
use objects::set::{self, Set};
use objects::{Cast, Gc, GcVec, R, Value, call_method, get_attr, get_attr_opt, interned, is_true};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// Addresses of native tasks. A task knows its place (counted from 1).
// Held for a few instructions without a safepoint, so that a stopped world never waits for it.
static TASKS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

fn tasks() -> MutexGuard<'static, Vec<usize>> {
    TASKS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn task_at(address: usize) -> &'static Task {
    // SAFETY: addresses of dead tasks leave the table before their memory is used again.
    unsafe { &*(address as *const Task) }
}

fn remove_at(tasks: &mut Vec<usize>, place: usize) {
    tasks.swap_remove(place - 1);
    if let Some(moved) = tasks.get(place - 1) {
        task_at(*moved).place.store(place, Ordering::Relaxed);
    }
}

fn forget_dead(alive: &heap::Liveness) {
    let mut tasks = tasks();
    let mut place = tasks.len();
    while place > 0 {
        let address = tasks[place - 1];
        if !alive.is_alive(address as *mut heap::Header) {
            remove_at(&mut tasks, place);
        }
        place -= 1;
    }
}

pub fn add(task: Gc<Task>) {
    HOOK.call_once(|| heap::register_sweep_hook(forget_dead));
    let mut tasks = tasks();
    if task.place.load(Ordering::Relaxed) == 0 {
        tasks.push(task.as_ptr() as usize);
        task.place.store(tasks.len(), Ordering::Relaxed);
    }
}
pub fn remove(task: Gc<Task>) {
    if task.place.load(Ordering::Relaxed) == 0 {
        return;
    }
    let mut tasks = tasks();
    let place = task.place.swap(0, Ordering::Relaxed);
    if place != 0 {
        remove_at(&mut tasks, place);
    }
}

fn native_tasks() -> GcVec {
    // Room is made outside the lock; tasks that appear meanwhile are left out.
    let count = tasks().len();
    let mut found = GcVec::with_capacity(count);
    for address in tasks().iter().take(count) {
        // SAFETY: as in `task_at`.
        found.push(unsafe { Value::from_ptr(*address as *mut heap::Header) });
    }
    found
}

static OTHERS: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();
static EAGER: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();

fn others() -> R {
    if let Some(others) = OTHERS.get() {
        return Ok(others);
    }
    Ok(OTHERS.get_or_set(WEAK_SET.call(&[])?))
}
fn eager() -> Gc<Set> {
    let eager = EAGER.get_or_make(|| set::new_set().value());
    // SAFETY: made as a set.
    unsafe { eager.cast_unchecked() }
}

pub fn register(task: Value) -> R<()> {
    match task.cast::<Task>() {
        Some(task) => add(task),
        None => {
            call_method(others()?, interned!("add"), &[task])?;
        }
    }
    Ok(())
}
pub fn unregister(task: Value) -> R<()> {
    match task.cast::<Task>() {
        Some(task) => remove(task),
        None => {
            call_method(others()?, interned!("discard"), &[task])?;
        }
    }
    Ok(())
}
pub fn register_eager(task: Value) -> R<()> {
    set::set_add(eager().any(), task).map(|_| ())
}
pub fn unregister_eager(task: Value) -> R<()> {
    set::set_discard(eager().any(), task).map(|_| ())
}

/// The loop of any future.
pub fn loop_of(future: Value) -> R {
    if let Some(future) = future.cast::<Future>() {
        return future.require_loop();
    }
    match get_attr_opt(future, interned!("get_loop"))? {
        Some(method) => objects::call(method, &[]),
        None => get_attr(future, interned!("_loop")),
    }
}

/// The tasks of a loop that are not done.
pub fn all_tasks(event_loop: Value) -> R<Gc<Set>> {
    let found = set::new_set();
    let eager = objects::to_vec(eager().value())?;
    let others = match OTHERS.get() {
        Some(others) => objects::to_vec(others)?,
        None => GcVec::new(),
    };
    for task in native_tasks().iter().chain(eager.iter()).chain(others.iter()) {
        if loop_of(*task)? != event_loop {
            continue;
        }
        let done = match task.cast::<Task>() {
            Some(task) => task.base.state() != PENDING,
            None => is_true(call_method(*task, interned!("done"), &[])?)?,
        };
        if !done {
            set::set_add(found.any(), *task)?;
        }
    }
    Ok(found)
}
