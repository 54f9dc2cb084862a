//! Module `_queue`: `SimpleQueue`. Must not know: other modules.

use native_macros::{Layout, native_class, native_module};
use objects::error_class::{Base, ErrorClass};
use objects::{Args, Class, Gc, Header, R, Value, exc, new_object, value_error};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

static EMPTY: ErrorClass = ErrorClass::new("Empty", "_queue", &[Base::Made(&exc::EXCEPTION)]);

/// Longest wait, in seconds.
const MOST_SECONDS: f64 = 9_223_372_036.0;

#[derive(Layout)]
#[repr(C)]
pub struct SimpleQueue {
    pub header: Header,
    items: heap::Mutex<VecDeque<Value>>,
    arrival: Arrival,
}

struct Arrival(heap::Condvar);
objects::no_references!(Arrival);

fn take(this: Gc<SimpleQueue>, block: bool, timeout: Option<Value>) -> R {
    let mut deadline = None;
    if block && let Some(timeout) = timeout.filter(|timeout| !timeout.is_none()) {
        let seconds = objects::as_f64(timeout)?;
        if seconds < 0.0 {
            return Err(value_error!("'timeout' must be a non-negative number"));
        }
        if seconds.is_nan() {
            return Err(value_error!("Invalid value NaN (not a number)"));
        }
        if seconds > MOST_SECONDS {
            return Err(objects::overflow_error!("timeout value is too large"));
        }
        deadline = Some(Instant::now() + Duration::from_secs_f64(seconds));
    }
    loop {
        {
            let mut items = this.items.lock();
            if let Some(item) = items.pop_front() {
                return Ok(item);
            }
            if block {
                let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                if left.is_none_or(|left| !left.is_zero()) {
                    let (mut items, _) = this.arrival.0.wait_for(items, left, true);
                    if let Some(item) = items.pop_front() {
                        return Ok(item);
                    }
                    drop(items);
                    // A signal may have ended the wait; its handler runs before the next one.
                    objects::thread::run_poll_hooks()?;
                    if deadline.is_none_or(|deadline| Instant::now() < deadline) {
                        continue;
                    }
                }
            }
        }
        return Err(match EMPTY.class() {
            Ok(class) => objects::error::new_error_args(class, &[]),
            Err(raised) => raised,
        });
    }
}

fn put(this: Gc<SimpleQueue>, item: Value) {
    this.items.lock().push_back(item);
    this.arrival.0.notify_one();
}

/// A queue without a limit, safe to use in signal handlers and finalizers.
#[native_class(name = "_queue.SimpleQueue", base = object, flags = "weakref")]
impl SimpleQueue {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let fields = SimpleQueue {
            header: Header::blank(),
            items: heap::Mutex::new(VecDeque::new()),
            arrival: Arrival(heap::Condvar::new()),
        };
        Ok(new_object(cls, fields).value())
    }
    /// Put the item on the queue; never waits, whatever block and timeout say.
    #[sig("(item, block=True, timeout=None)")]
    fn put(this: Gc<SimpleQueue>, item: Value, block: bool, timeout: Option<Value>) {
        let _ = (block, timeout);
        put(this, item);
    }
    /// Put the item on the queue.
    #[sig("(item)")]
    fn put_nowait(this: Gc<SimpleQueue>, item: Value) {
        put(this, item);
    }
    /// Remove and return an item.
    ///
    /// With block, wait for one, at most timeout seconds if that is given;
    /// raise Empty if there is none.
    #[sig("(block=True, timeout=None)")]
    fn get(this: Gc<SimpleQueue>, block: bool, timeout: Option<Value>) -> R {
        take(this, block, timeout)
    }
    /// Remove and return an item without waiting; raise Empty if there is none.
    fn get_nowait(this: Gc<SimpleQueue>) -> R {
        take(this, false, None)
    }
    /// Whether the queue is empty now.
    fn empty(this: Gc<SimpleQueue>) -> bool {
        this.items.lock().is_empty()
    }
    /// How many items there are now.
    fn qsize(this: Gc<SimpleQueue>) -> usize {
        this.items.lock().len()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
}

pub struct QueueModule;

/// A queue for communication between threads.
#[native_module(name = "_queue", classes = [SimpleQueue])]
impl QueueModule {
    #[attr("Empty")]
    fn empty() -> R {
        Ok(EMPTY.class()?.value())
    }
}
