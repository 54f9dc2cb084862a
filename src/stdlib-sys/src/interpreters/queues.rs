//! The module `_interpqueues`: queues that all interpreters see, by number.
//!
//! A queue lives as long as somebody is bound to it. An item whose sender is gone stays, falls out, or leaves a hole, as it was put in.

use super::crossing::{self, Fallback, Parcel};
use super::table::{Entry, Table};
use crate::util;
use native_macros::native_module;
use objects::error_class::{Base, ErrorClass};
use objects::interpreter::{self, InterpreterSlot};
use objects::{
    Cast, Class, Gc, GcVec, Module, R, Raised, Value, call, class_of, exc, new_error, new_int, new_list, new_tuple, type_error,
    value_error,
};
use std::collections::VecDeque;

static QUEUE_ERROR: ErrorClass = ErrorClass::new("QueueError", "concurrent.interpreters", &[Base::Made(&exc::RUNTIME_ERROR)])
    .with_doc("Something is wrong with a queue.");
static QUEUE_NOT_FOUND: ErrorClass = ErrorClass::new("QueueNotFoundError", "concurrent.interpreters", &[Base::Own(&QUEUE_ERROR)]);

/// Python's classes, told by `_register_heap_types`.
static QUEUE_CLASS: InterpreterSlot = InterpreterSlot::empty();
static EMPTY_CLASS: InterpreterSlot = InterpreterSlot::empty();
static FULL_CLASS: InterpreterSlot = InterpreterSlot::empty();

/// What becomes of an item when its sender ends: it goes, `get` raises, or `get` gives a placeholder.
pub const UNBOUND_REMOVE: i32 = 1;
pub const UNBOUND_REPLACE: i32 = 3;

struct Item {
    /// None: the sender is gone.
    parcel: Option<Value>,
    unbound: i32,
    sender: i64,
}

struct Queue {
    limit: i64,
    unbound: i32,
    fallback: i32,
    bound: u64,
    items: VecDeque<Item>,
}

impl Entry for Queue {
    fn values(&self) -> impl Iterator<Item = Value> {
        self.items.iter().filter_map(|item| item.parcel)
    }
    #[cold]
    fn not_found(id: i64) -> Raised {
        QUEUE_NOT_FOUND.raise(&format!("queue {id} not found"))
    }
}

static QUEUES: Table<Queue> = Table::numbered_from(1);

/// `QueueEmpty` or `QueueFull` of this interpreter.
#[cold]
fn raise_of(slot: &'static InterpreterSlot, text: &str) -> Raised {
    if slot.is_empty()
        && let Err(raised) = util::import("concurrent.interpreters._queues")
    {
        return raised;
    }
    match slot.get().and_then(|class| class.cast::<Class>()) {
        Some(class) => new_error(class, text),
        None => QUEUE_ERROR.raise(text),
    }
}

pub fn check_unbound(unbound: i32, default: i32) -> R<i32> {
    match unbound {
        -1 => Ok(default),
        UNBOUND_REMOVE..=UNBOUND_REPLACE => Ok(unbound),
        _ => Err(value_error!("unsupported unboundop {unbound}")),
    }
}
pub fn check_fallback(fallback: i32, default: i32) -> R<i32> {
    match fallback {
        -1 => Ok(default),
        0 | 1 => Ok(fallback),
        _ => Err(value_error!("unsupported fallback {fallback}")),
    }
}
pub fn fallback_of(number: i32) -> Fallback {
    if number == 0 { Fallback::Nothing } else { Fallback::Full }
}

/// Whether the value is one of this interpreter's `Queue` objects.
pub fn is_queue(value: Value) -> bool {
    QUEUE_CLASS.get() == Some(class_of(value).value())
}
/// A queue is on its way: it stays.
pub fn hold(id: Value) -> R<()> {
    let id = super::checked_id(id, "queue")?;
    QUEUES.with(id, |queue| queue.bound += 1)
}
/// It has arrived.
pub fn let_go(id: Value) {
    if let Some(id) = objects::int_view(id).and_then(|view| view.to_i64())
        && let Err(gone) = release(id)
    {
        gone.clear();
    }
}
/// `Queue(id)` of this interpreter.
pub fn new_queue(id: Value) -> R {
    if QUEUE_CLASS.is_empty() {
        util::import("concurrent.interpreters._queues")?;
    }
    match QUEUE_CLASS.get() {
        Some(class) => call(class, &[id]),
        None => Err(QUEUE_ERROR.raise("queue type has not been registered")),
    }
}

/// One binding less; the queue goes with the last. False: nobody was bound.
fn release(id: i64) -> R<bool> {
    let left = QUEUES.with(id, |queue| {
        let left = queue.bound.checked_sub(1);
        queue.bound = left.unwrap_or(0);
        left
    })?;
    if left == Some(0)
        && let Err(gone) = QUEUES.remove_if(id, |queue| queue.bound == 0)
    {
        // Somebody who bound and released it in between was faster.
        gone.clear();
    }
    Ok(left.is_some())
}

/// An interpreter has ended: its items go or become unbound.
pub fn forget_sender(sender: i64) {
    QUEUES.each(|queue| {
        queue.items.retain_mut(|item| {
            if item.sender != sender {
                return true;
            }
            item.parcel = None;
            item.unbound != UNBOUND_REMOVE
        })
    });
}

pub struct Queues;

/// Queues between interpreters. See concurrent.interpreters for what is nicer to use.
#[native_module(name = "_interpqueues")]
impl Queues {
    /// create(maxsize, unboundop=-1, fallback=-1) -> qid
    ///
    /// Make a queue, to which nobody is bound yet.
    #[sig("($module, maxsize, unboundop=-1, fallback=-1)", hidden)]
    fn create(maxsize: i64, unboundop: i32, fallback: i32) -> R<i64> {
        let (unbound, fallback) = (check_unbound(unboundop, UNBOUND_REPLACE)?, check_fallback(fallback, 1)?);
        Ok(QUEUES.add(Queue { limit: maxsize, unbound, fallback, bound: 0, items: VecDeque::new() }))
    }
    /// destroy(qid)
    ///
    /// Take the queue away from everybody.
    #[sig("($module, qid)", hidden)]
    fn destroy(qid: Value) -> R<()> {
        QUEUES.remove_if(super::checked_id(qid, "queue")?, |_| true)
    }
    /// list_all() -> [(qid, unboundop, fallback)]
    ///
    /// All queues.
    fn list_all() -> Value {
        let rows: GcVec = QUEUES
            .list(|id, queue| Some((id, queue.unbound, queue.fallback)))
            .into_iter()
            .map(|(id, unbound, fallback)| new_tuple(&[new_int(id), Value::small(unbound), Value::small(fallback)]).value())
            .collect();
        new_list(&rows).value()
    }
    /// put(qid, obj, unboundop=-1, fallback=-1)
    ///
    /// Put a copy of the object into the queue.
    #[sig("($module, qid, obj, unboundop=-1, fallback=-1)", hidden)]
    fn put(qid: Value, obj: Value, unboundop: i32, fallback: i32) -> R<()> {
        let id = super::checked_id(qid, "queue")?;
        let (unbound, other) = QUEUES.with(id, |queue| (queue.unbound, queue.fallback))?;
        let (unbound, fallback) = (check_unbound(unboundop, unbound)?, check_fallback(fallback, other)?);
        let parcel = crossing::pack(obj, fallback_of(fallback))?;
        let sender = interpreter::current().id();
        let entered = QUEUES.with(id, |queue| {
            let room = queue.limit <= 0 || (queue.items.len() as i64) < queue.limit;
            if room {
                queue.items.push_back(Item { parcel: Some(parcel.value()), unbound, sender });
            }
            room
        })?;
        if entered { Ok(()) } else { Err(raise_of(&FULL_CLASS, &format!("queue {id} is full"))) }
    }
    /// get(qid) -> (obj, unboundop)
    ///
    /// Take the object that was put in first. If its sender is gone, unboundop says what to do instead.
    #[sig("($module, qid)", hidden)]
    fn get(qid: Value) -> R {
        let id = super::checked_id(qid, "queue")?;
        let Some(item) = QUEUES.with(id, |queue| queue.items.pop_front())? else {
            return Err(raise_of(&EMPTY_CLASS, &format!("queue {id} is empty")));
        };
        let (value, unbound) = match item.parcel.and_then(|parcel| parcel.cast::<Parcel>()) {
            Some(parcel) => (crossing::unpack(parcel)?, Value::none()),
            None => (Value::none(), Value::small(item.unbound)),
        };
        Ok(new_tuple(&[value, unbound]).value())
    }
    /// bind(qid)
    ///
    /// Keep the queue until release().
    #[sig("($module, qid)", hidden)]
    fn bind(qid: Value) -> R<()> {
        hold(qid)
    }
    /// release(qid)
    ///
    /// Undo one bind().
    #[sig("($module, qid)", hidden)]
    fn release(qid: Value) -> R<()> {
        let id = super::checked_id(qid, "queue")?;
        if release(id)? { Ok(()) } else { Err(QUEUE_ERROR.raise(&format!("queue {id} never bound"))) }
    }
    /// get_maxsize(qid) -> int
    ///
    /// How many items the queue may hold; 0 or less for any number.
    #[sig("($module, qid)", hidden)]
    fn get_maxsize(qid: Value) -> R<i64> {
        QUEUES.with(super::checked_id(qid, "queue")?, |queue| queue.limit)
    }
    /// get_queue_defaults(qid) -> (unboundop, fallback)
    ///
    /// What create() was given.
    #[sig("($module, qid)", hidden)]
    fn get_queue_defaults(qid: Value) -> R {
        let (unbound, fallback) = QUEUES.with(super::checked_id(qid, "queue")?, |queue| (queue.unbound, queue.fallback))?;
        Ok(new_tuple(&[Value::small(unbound), Value::small(fallback)]).value())
    }
    /// is_full(qid) -> bool
    ///
    /// Whether the queue has as many items as it may hold.
    #[sig("($module, qid)", hidden)]
    fn is_full(qid: Value) -> R<bool> {
        QUEUES.with(super::checked_id(qid, "queue")?, |queue| queue.limit > 0 && queue.items.len() as i64 >= queue.limit)
    }
    /// get_count(qid) -> int
    ///
    /// How many items the queue has.
    #[sig("($module, qid)", hidden)]
    fn get_count(qid: Value) -> R<usize> {
        QUEUES.with(super::checked_id(qid, "queue")?, |queue| queue.items.len())
    }
    #[sig("($module, queuetype, emptyerror, fullerror)", hidden)]
    fn _register_heap_types(queuetype: Value, emptyerror: Value, fullerror: Value) -> R<()> {
        for (slot, class, name) in [
            (&QUEUE_CLASS, queuetype, "queuetype"),
            (&EMPTY_CLASS, emptyerror, "emptyerror"),
            (&FULL_CLASS, fullerror, "fullerror"),
        ] {
            if class.cast::<Class>().is_none() {
                return Err(type_error!("expected a type for '{name}'"));
            }
            slot.set(class);
        }
        Ok(())
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module): Option<Gc<Module>> = module.cast::<Module>() else { return Ok(()) };
        for class in [&QUEUE_ERROR, &QUEUE_NOT_FOUND] {
            module.set(class.name, class.class()?.value())?;
        }
        Ok(())
    }
}
