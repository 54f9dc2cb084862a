//! Which loop and which task each thread is running. Must not know: how tasks run.

use objects::{R, Slot, Value, interpreter, repr, runtime_error};
use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

/// One thread's loop and task in one interpreter. Such records are never freed; threads that end leave theirs to later ones.
#[derive(Default)]
pub struct Running {
    pub event_loop: Slot,
    pub task: Slot,
}

struct Table {
    all: Vec<&'static Running>,
    free: Vec<&'static Running>,
}

// Held for a few instructions without a safepoint, so that a stopped world never waits for it.
static TABLE: Mutex<Table> = Mutex::new(Table { all: Vec::new(), free: Vec::new() });

fn table() -> std::sync::MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The record of one thread, given back when the thread ends.
struct Lease(&'static Running);
impl Drop for Lease {
    fn drop(&mut self) {
        self.0.event_loop.set_opt(None);
        self.0.task.set_opt(None);
        table().free.push(self.0);
    }
}

thread_local! {
    static OWN: Lease = lease();
    /// Those in interpreters other than the main one, by their ids.
    static ELSEWHERE: RefCell<Vec<(i64, Lease)>> = const { RefCell::new(Vec::new()) };
}

fn lease() -> Lease {
    let mut table = table();
    if let Some(running) = table.free.pop() {
        return Lease(running);
    }
    let running: &'static Running = Box::leak(Box::default());
    table.all.push(running);
    drop(table);
    heap::register_global_root(&running.event_loop);
    heap::register_global_root(&running.task);
    Lease(running)
}

/// Sees to it that in the child of a fork no thread is in a loop or task: those that were are gone, and the one that forked begins anew.
pub fn forget_in_children() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    extern "C" fn forget() {
        // Nobody is left who could release the table, and the one thread has no other use for it now.
        if let Ok(table) = TABLE.try_lock() {
            for running in &table.all {
                running.event_loop.set_opt(None);
                running.task.set_opt(None);
            }
        }
    }
    // SAFETY: the handler takes no lock and only empties slots, which needs no memory.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(forget));
    });
}

/// The record of the calling thread in the current interpreter.
#[inline]
pub fn own() -> &'static Running {
    let interpreter = interpreter::current();
    if interpreter.is_main() { OWN.with(|lease| lease.0) } else { elsewhere(interpreter.id()) }
}

#[cold]
fn elsewhere(id: i64) -> &'static Running {
    ELSEWHERE.with_borrow_mut(|leases| {
        if let Some((_, lease)) = leases.iter().find(|(other, _)| *other == id) {
            return lease.0;
        }
        leases.retain(|(other, _)| interpreter::find(*other).is_some());
        let lease = lease();
        let running = lease.0;
        leases.push((id, lease));
        running
    })
}

pub fn running_loop() -> Option<Value> {
    own().event_loop.get()
}
pub fn require_running_loop() -> R {
    running_loop().ok_or_else(|| runtime_error!("no running event loop"))
}

/// The task that some thread runs in that loop.
pub fn task_of(event_loop: Value) -> Option<Value> {
    let own = own();
    if own.event_loop.get() == Some(event_loop) {
        return own.task.get();
    }
    let table = table();
    table.all.iter().find(|running| running.event_loop.get() == Some(event_loop)).and_then(|running| running.task.get())
}

fn check_loop(event_loop: Value) -> R<&'static Running> {
    let own = own();
    if own.event_loop.get() == Some(event_loop) {
        return Ok(own);
    }
    Err(runtime_error!("loop {} is not the running loop", repr(event_loop)?.to_string_lossy()))
}

pub fn enter(event_loop: Value, task: Value) -> R<()> {
    let own = check_loop(event_loop)?;
    if let Some(other) = own.task.get() {
        return Err(runtime_error!(
            "Cannot enter into task {} while another task {} is being executed.",
            repr(task)?.to_string_lossy(),
            repr(other)?.to_string_lossy()
        ));
    }
    own.task.set(task);
    Ok(())
}
pub fn leave(event_loop: Value, task: Value) -> R<()> {
    let own = check_loop(event_loop)?;
    if own.task.get() != Some(task) {
        let current = own.task.get().unwrap_or(Value::none());
        return Err(runtime_error!(
            "Invalid attempt to leave task {} while task {} is entered.",
            repr(task)?.to_string_lossy(),
            repr(current)?.to_string_lossy()
        ));
    }
    own.task.set_opt(None);
    Ok(())
}
pub fn swap(event_loop: Value, task: Value) -> R {
    let own = check_loop(event_loop)?;
    let before = own.task.get();
    own.task.set_opt(Some(task).filter(|task| !task.is_none()));
    Ok(before.unwrap_or(Value::none()))
}
