//! The border to the library: calls that leave the interpreter, callbacks that come back, locks of connections, and what is to be freed.
//! Must not know: Python classes of this crate.

use libsqlite3_sys as ffi;
use std::cell::{Cell, UnsafeCell};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

unsafe extern "C" {
    /// The bindings leave it out.
    pub fn sqlite3_close_v2(db: *mut ffi::sqlite3) -> std::ffi::c_int;
}

thread_local! {
    /// This thread is in a call of the library that does not hold up collections.
    static OUTSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A call of the library, outside of the collector's way. Callbacks come back through `inside`.
pub fn call<T>(work: impl FnOnce() -> T) -> T {
    let before = OUTSIDE.get();
    let result = heap::blocking(|| {
        OUTSIDE.set(true);
        work()
    });
    OUTSIDE.set(before);
    result
}

/// A callback of the library that works with objects. A panic must not cross the library: `failed` is the answer then.
pub fn inside<T>(failed: T, work: impl FnOnce() -> T) -> T {
    let was_outside = OUTSIDE.replace(false);
    if was_outside {
        heap::end_blocking();
    }
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(failed);
    if was_outside {
        heap::begin_blocking();
        OUTSIDE.set(true);
    }
    result
}

/// A lock that its owner may take again: callbacks use the connection that calls them.
pub struct Reentrant {
    lock: heap::RawLock,
    owner: AtomicU64,
    depth: AtomicU32,
    /// Databases that were closed in the middle of a call that uses them.
    doomed: UnsafeCell<Vec<usize>>,
}

// SAFETY: only the owner of the lock touches `doomed`.
unsafe impl Sync for Reentrant {}
unsafe impl Send for Reentrant {}

pub struct Guard<'a>(&'a Reentrant);

impl Reentrant {
    pub const fn new() -> Reentrant {
        let doomed = UnsafeCell::new(Vec::new());
        Reentrant { lock: heap::RawLock::new(), owner: AtomicU64::new(0), depth: AtomicU32::new(0), doomed }
    }
    /// Whether the calling thread has the lock.
    pub fn is_mine(&self) -> bool {
        self.owner.load(Ordering::Acquire) == this_thread()
    }
    /// Whether the owner, which asks, has taken the lock more than once: a call that is under way has called back.
    pub fn is_nested(&self) -> bool {
        self.depth.load(Ordering::Relaxed) > 1
    }
    /// Closes a database, once nobody is in the middle of using it. The caller has the lock.
    pub fn close_later(&self, db: *mut ffi::sqlite3) {
        // SAFETY: the caller owns the lock, and nothing below keeps a reference.
        unsafe { (*self.doomed.get()).push(db as usize) }
    }
    #[cold]
    fn close_doomed(&self) {
        // SAFETY: as in `close_later`.
        let doomed = std::mem::take(unsafe { &mut *self.doomed.get() });
        call(|| {
            for db in doomed {
                // SAFETY: connections that their owners gave up; each is closed once.
                unsafe { sqlite3_close_v2(db as *mut ffi::sqlite3) };
            }
        });
    }
    pub fn lock(&self) -> Guard<'_> {
        let me = this_thread();
        if self.owner.load(Ordering::Acquire) != me {
            self.lock.acquire(None, false);
            self.owner.store(me, Ordering::Release);
        }
        self.depth.fetch_add(1, Ordering::Relaxed);
        Guard(self)
    }
    pub fn try_lock(&self) -> Option<Guard<'_>> {
        let me = this_thread();
        if self.owner.load(Ordering::Acquire) != me {
            if !self.lock.try_acquire() {
                return None;
            }
            self.owner.store(me, Ordering::Release);
        }
        self.depth.fetch_add(1, Ordering::Relaxed);
        Some(Guard(self))
    }
}

/// Takes two locks. Nobody waits for one of them and holds the other: another thread may take them the other way round.
pub fn lock_two<'a>(first: &'a Reentrant, second: &'a Reentrant) -> (Guard<'a>, Guard<'a>) {
    loop {
        let held = first.lock();
        if let Some(other) = second.try_lock() {
            return (held, other);
        }
        drop(held);
        let held = second.lock();
        if let Some(other) = first.try_lock() {
            return (other, held);
        }
    }
}
impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread owns the lock.
        if self.0.depth.load(Ordering::Relaxed) == 1 && !unsafe { &*self.0.doomed.get() }.is_empty() {
            self.0.close_doomed();
        }
        if self.0.depth.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.owner.store(0, Ordering::Release);
            self.0.lock.release();
        }
    }
}
objects::no_references!(Reentrant);

pub fn this_thread() -> u64 {
    thread_local!(static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed));
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NUMBER.with(|number| *number)
}

/// What dead objects leave behind. It is freed at the next call, because freeing may wait for a connection.
enum Remains {
    Statement(usize),
    Blob(usize),
    Database(usize),
}
static REMAINS: Mutex<Vec<Remains>> = Mutex::new(Vec::new());

fn leave(remains: Remains) {
    REMAINS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(remains);
}
pub fn leave_statement(statement: *mut ffi::sqlite3_stmt) {
    if !statement.is_null() {
        leave(Remains::Statement(statement as usize));
    }
}
pub fn leave_blob(blob: *mut ffi::sqlite3_blob) {
    if !blob.is_null() {
        leave(Remains::Blob(blob as usize));
    }
}
pub fn leave_database(db: *mut ffi::sqlite3) {
    if !db.is_null() {
        leave(Remains::Database(db as usize));
    }
}
pub fn free_remains() {
    let remains = std::mem::take(&mut *REMAINS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    if remains.is_empty() {
        return;
    }
    call(|| {
        for remains in remains {
            // SAFETY: handles that their dead owners gave up; a connection outlives its statements as a zombie.
            unsafe {
                match remains {
                    Remains::Statement(statement) => ffi::sqlite3_finalize(statement as *mut ffi::sqlite3_stmt),
                    Remains::Blob(blob) => ffi::sqlite3_blob_close(blob as *mut ffi::sqlite3_blob),
                    Remains::Database(db) => sqlite3_close_v2(db as *mut ffi::sqlite3),
                };
            }
        }
    });
}
