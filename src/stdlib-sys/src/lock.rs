//! `_thread.lock` and `_thread.RLock`.

use crate::waiting;
use heap::RawLock;
use heap::sync::Acquire;
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, Header, R, Tuple, Value, class_name, class_of, new_int_u64, new_object, new_tuple, runtime_error,
    thread, type_error,
};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// A raw lock as a field of an object.
pub struct LockCell(pub RawLock);
objects::no_references!(LockCell);

/// Fills a lock object up to a cache line of its own: threads that wait for it would otherwise slow down whoever works on its neighbours,
/// which are often what it guards.
struct Padding<const WORDS: usize>([u64; WORDS]);
impl<const WORDS: usize> Padding<WORDS> {
    const NEW: Padding<WORDS> = Padding([0; WORDS]);
}
impl<const WORDS: usize> objects::layout::Trace for Padding<WORDS> {
    fn trace(&self, _: &mut heap::Tracer) {}
}
const CACHE_LINE: usize = 64;
const _: () = assert!(size_of::<Lock>() == CACHE_LINE && size_of::<RLock>() == CACHE_LINE);

#[derive(Layout)]
#[repr(C)]
pub struct Lock {
    pub header: Header,
    lock: LockCell,
    padding: Padding<6>,
}

/// Waits for a lock as long as the timeout says.
fn acquire(lock: &RawLock, timeout: Option<Duration>) -> R<bool> {
    if lock.try_acquire() {
        return Ok(true);
    }
    if timeout == Some(Duration::ZERO) {
        return Ok(false);
    }
    waiting::wait(timeout, |left| lock.acquire(left, true))
}

pub fn new_lock() -> R {
    let class = objects::class_new::native_class(LockSkin::CLASS_DEF)?;
    Ok(new_object(class, Lock { header: Header::blank(), lock: LockCell(RawLock::new()), padding: Padding::NEW }).value())
}

pub struct LockSkin;

/// A lock: one thread at a time can hold it.
#[native_class(name = "_thread.lock", layout = Lock, base = object, flags = "final weakref")]
impl LockSkin {
    #[new]
    #[sig("()")]
    fn new(cls: Gc<Class>) -> R {
        Ok(new_object(cls, Lock { header: Header::blank(), lock: LockCell(RawLock::new()), padding: Padding::NEW }).value())
    }
    /// Lock the lock.
    #[sig("($self, /, blocking=True, timeout=-1)")]
    fn acquire(this: Gc<Lock>, blocking: bool, timeout: Option<Value>) -> R<bool> {
        acquire(&this.lock.0, waiting::acquire_timeout(blocking, timeout)?)
    }
    /// Old name of acquire().
    #[sig("($self, /, blocking=True, timeout=-1)")]
    fn acquire_lock(this: Gc<Lock>, blocking: bool, timeout: Option<Value>) -> R<bool> {
        LockSkin::acquire(this, blocking, timeout)
    }
    /// Release the lock.
    fn release(this: Gc<Lock>) -> R<()> {
        if this.lock.0.release() { Ok(()) } else { Err(runtime_error!("release unlocked lock")) }
    }
    /// Old name of release().
    fn release_lock(this: Gc<Lock>) -> R<()> {
        LockSkin::release(this)
    }
    /// Whether somebody holds the lock.
    fn locked(this: Gc<Lock>) -> bool {
        this.lock.0.is_locked()
    }
    /// Old name of locked().
    fn locked_lock(this: Gc<Lock>) -> bool {
        this.lock.0.is_locked()
    }
    /// Lock the lock.
    fn __enter__(this: Gc<Lock>) -> R<bool> {
        acquire(&this.lock.0, None)
    }
    /// Release the lock.
    #[sig("($self, /, *exc_info)")]
    fn __exit__(this: Gc<Lock>, _exc_info: &[Value]) -> R<()> {
        LockSkin::release(this)
    }
    fn _at_fork_reinit(this: Gc<Lock>) {
        this.lock.0.reset();
    }
    fn __repr__(this: Gc<Lock>) -> String {
        let state = if this.lock.0.is_locked() { "locked" } else { "unlocked" };
        format!("<{state} {} object at {:#x}>", objects::class::class_full_name(class_of(this.value())), this.value().raw())
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct RLock {
    pub header: Header,
    lock: LockCell,
    /// Identity of the owning thread, 0 if there is none; only the owner writes it.
    owner: AtomicU64,
    count: AtomicUsize,
    padding: Padding<4>,
}

impl RLock {
    fn is_owned(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == thread::current().ident
    }
    fn take(&self, timeout: Option<Duration>) -> R<bool> {
        if self.is_owned() {
            self.count.fetch_add(1, Ordering::Relaxed);
            return Ok(true);
        }
        if !acquire(&self.lock.0, timeout)? {
            return Ok(false);
        }
        self.owner.store(thread::current().ident, Ordering::Relaxed);
        self.count.store(1, Ordering::Relaxed);
        Ok(true)
    }
    fn give_back(&self) -> R<()> {
        if !self.is_owned() {
            return Err(runtime_error!("cannot release un-acquired lock"));
        }
        if self.count.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.owner.store(0, Ordering::Relaxed);
            self.lock.0.release();
        }
        Ok(())
    }
}

pub struct RLockSkin;

/// A reentrant lock: its owner may take it again.
#[native_class(name = "_thread.RLock", layout = RLock, base = object, flags = "weakref")]
impl RLockSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let blank = RLock {
            header: Header::blank(),
            lock: LockCell(RawLock::new()),
            owner: AtomicU64::new(0),
            count: AtomicUsize::new(0),
            padding: Padding::NEW,
        };
        Ok(new_object(cls, blank).value())
    }
    /// Lock the lock.
    #[sig("($self, /, blocking=True, timeout=-1)")]
    fn acquire(this: Gc<RLock>, blocking: bool, timeout: Option<Value>) -> R<bool> {
        this.take(waiting::acquire_timeout(blocking, timeout)?)
    }
    /// Release the lock.
    fn release(this: Gc<RLock>) -> R<()> {
        this.give_back()
    }
    /// Lock the lock.
    fn __enter__(this: Gc<RLock>) -> R<bool> {
        this.take(None)
    }
    /// Release the lock.
    #[sig("($self, /, *exc_info)")]
    fn __exit__(this: Gc<RLock>, _exc_info: &[Value]) -> R<()> {
        this.give_back()
    }
    /// Whether somebody holds the lock at this moment.
    fn locked(this: Gc<RLock>) -> bool {
        this.lock.0.is_locked()
    }
    /// Made for `threading.Condition`.
    fn _is_owned(this: Gc<RLock>) -> bool {
        this.is_owned()
    }
    /// How often the thread has taken the lock.
    fn _recursion_count(this: Gc<RLock>) -> usize {
        if this.is_owned() { this.count.load(Ordering::Relaxed) } else { 0 }
    }
    /// Made for `threading.Condition`.
    fn _release_save(this: Gc<RLock>) -> R {
        if this.count.load(Ordering::Relaxed) == 0 || !this.is_owned() {
            return Err(runtime_error!("cannot release un-acquired lock"));
        }
        let saved = new_tuple(&[
            objects::new_int_usize(this.count.load(Ordering::Relaxed)),
            new_int_u64(this.owner.load(Ordering::Relaxed)),
        ]);
        this.owner.store(0, Ordering::Relaxed);
        this.count.store(0, Ordering::Relaxed);
        this.lock.0.release();
        Ok(saved.value())
    }
    /// Made for `threading.Condition`.
    fn _acquire_restore(this: Gc<RLock>, state: Value) -> R<()> {
        let Some(state) = state.cast::<Tuple>().filter(|state| state.len() == 2) else {
            return Err(type_error!("_acquire_restore() argument 1 must be 2-item tuple, not {}", class_name(state)));
        };
        let count = objects::index(state.items()[0])?;
        let owner = objects::index(state.items()[1])?;
        while this.lock.0.acquire(None, false) != Acquire::Acquired {}
        this.owner.store(owner as u64, Ordering::Relaxed);
        this.count.store(count.max(0) as usize, Ordering::Relaxed);
        Ok(())
    }
    fn _at_fork_reinit(this: Gc<RLock>) {
        this.owner.store(0, Ordering::Relaxed);
        this.count.store(0, Ordering::Relaxed);
        this.lock.0.reset();
    }
    fn __repr__(this: Gc<RLock>) -> String {
        let count = this.count.load(Ordering::Relaxed);
        format!(
            "<{} {} object owner={} count={count} at {:#x}>",
            if count == 0 { "unlocked" } else { "locked" },
            objects::class::class_full_name(class_of(this.value())),
            this.owner.load(Ordering::Relaxed),
            this.value().raw()
        )
    }
}
