//! Debug handles: numbered cells that remember what they stand for, when they were opened, and that they were closed.
//!
//! A handle's word is `serial << 40 | index << 8 | TAG`. Cells are never given back, so any word can be checked without danger, and the
//! serial number tells a reused cell from the one that the word meant. Open cells keep their object alive; closed ones wait in a queue,
//! holding it weakly, so that use after close can be reported and, if somebody wants to go on, still be answered.
//!
//! Each thread opens handles in a registry of its own under a lock that is free while the process has one thread. Handles may be used
//! and closed on any thread. Must not know: contexts, how misuse is reported.
//!
//! SAFETY of this file: cells lie in chunks that are never freed and consist of atomics; links and extras of a cell are touched under
//! the lock of the registry that owns the chunk. Locks are never held across a safepoint, so the collector's hooks find them free.

use super::protect::Pages;
use super::stacktrace::Trace;
use crate::abi::Handle;
use heap::{Liveness, Tracer, Value};
use std::cell::{Cell as StdCell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once};

const TAG: u64 = 0xDB;
const CHUNK: usize = 1024;
const MAX_CHUNKS: usize = 16384;
const NONE: u32 = u32::MAX;

const OPEN: u32 = 1;
const IMMORTAL: u32 = 2;
const FLAG_BITS: u32 = 2;
const SERIAL_MASK: u32 = (1 << 24) - 1;

pub static GENERATION: AtomicI64 = AtomicI64::new(0);
/// Closed handles that a thread remembers.
pub static CLOSED_MAX: AtomicUsize = AtomicUsize::new(1024);
/// Frames to record when a handle is opened; 0 for none.
pub static TRACE_LIMIT: AtomicUsize = AtomicUsize::new(0);

struct Cell {
    /// The value's word; of a closed cell 0 once the object has died.
    value: AtomicU64,
    /// `serial << 2 | IMMORTAL | OPEN`
    state: AtomicU32,
    previous: AtomicU32,
    next: AtomicU32,
    generation: AtomicI64,
    extra: AtomicPtr<Extra>,
}

/// What few handles have.
#[derive(Default)]
struct Extra {
    pages: Pages,
    trace: Option<Trace>,
}

struct Chunk {
    owner: &'static Registry,
    cells: [Cell; CHUNK],
}

static CHUNKS: [AtomicPtr<Chunk>; MAX_CHUNKS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; MAX_CHUNKS];
static CHUNK_COUNT: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy)]
struct Queue {
    head: u32,
    tail: u32,
    len: usize,
}

struct Inner {
    open: Queue,
    closed: Queue,
    free: u32,
}

pub struct Registry {
    locked: AtomicBool,
    inner: UnsafeCell<Inner>,
}

// SAFETY: `inner` is reached through the lock.
unsafe impl Sync for Registry {}

struct Registries {
    all: Vec<&'static Registry>,
    /// Those of threads that have ended.
    idle: Vec<&'static Registry>,
}

static REGISTRIES: Mutex<Registries> = Mutex::new(Registries { all: Vec::new(), idle: Vec::new() });

fn registries() -> MutexGuard<'static, Registries> {
    REGISTRIES.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

struct Mine(StdCell<Option<&'static Registry>>);

impl Drop for Mine {
    fn drop(&mut self) {
        if let Some(registry) = self.0.get() {
            registries().idle.push(registry);
        }
    }
}

thread_local! {
    static MINE: Mine = const { Mine(StdCell::new(None)) };
}

static HOOKED: Once = Once::new();

fn mine() -> &'static Registry {
    MINE.with(|mine| match mine.0.get() {
        Some(registry) => registry,
        None => {
            let registry = adopt();
            mine.0.set(Some(registry));
            registry
        }
    })
}

#[cold]
fn adopt() -> &'static Registry {
    HOOKED.call_once(|| {
        heap::register_root_callback(trace_open, std::ptr::null_mut());
        heap::register_sweep_hook(forget_dead);
    });
    let mut registries = registries();
    if let Some(registry) = registries.idle.pop() {
        return registry;
    }
    let empty = Queue { head: NONE, tail: NONE, len: 0 };
    let registry: &'static Registry = Box::leak(Box::new(Registry {
        locked: AtomicBool::new(false),
        inner: UnsafeCell::new(Inner { open: empty, closed: empty, free: NONE }),
    }));
    registries.all.push(registry);
    registry
}

fn all_registries() -> Vec<&'static Registry> {
    registries().all.clone()
}

impl Registry {
    /// The closure reaches no safepoint.
    #[inline]
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        if !heap::is_multithreaded() {
            return work(unsafe { &mut *self.inner.get() });
        }
        let mut spins = 0;
        while self.locked.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
            spins += 1;
            if spins % 64 == 0 {
                std::thread::yield_now();
            }
            std::hint::spin_loop();
        }
        let result = work(unsafe { &mut *self.inner.get() });
        self.locked.store(false, Ordering::Release);
        result
    }
}

#[inline]
fn chunk(index: u32) -> Option<&'static Chunk> {
    let pointer = CHUNKS.get(index as usize / CHUNK)?.load(Ordering::Acquire);
    unsafe { pointer.as_ref() }
}

/// The cell of an index that is known to exist.
#[inline]
fn cell(index: u32) -> &'static Cell {
    let chunk = unsafe { &*CHUNKS[index as usize / CHUNK].load(Ordering::Acquire) };
    &chunk.cells[index as usize % CHUNK]
}

impl Queue {
    fn append(&mut self, index: u32) {
        let node = cell(index);
        node.previous.store(self.tail, Ordering::Relaxed);
        node.next.store(NONE, Ordering::Relaxed);
        match self.tail {
            NONE => self.head = index,
            tail => cell(tail).next.store(index, Ordering::Relaxed),
        }
        self.tail = index;
        self.len += 1;
    }
    fn remove(&mut self, index: u32) {
        let node = cell(index);
        let (previous, next) = (node.previous.load(Ordering::Relaxed), node.next.load(Ordering::Relaxed));
        match previous {
            NONE => self.head = next,
            previous => cell(previous).next.store(next, Ordering::Relaxed),
        }
        match next {
            NONE => self.tail = previous,
            next => cell(next).previous.store(previous, Ordering::Relaxed),
        }
        self.len -= 1;
    }
    fn pop_front(&mut self) -> Option<u32> {
        let first = self.head;
        if first == NONE {
            return None;
        }
        self.remove(first);
        Some(first)
    }
    fn indices(&self) -> Vec<u32> {
        let mut found = Vec::with_capacity(self.len);
        let mut index = self.head;
        while index != NONE {
            found.push(index);
            index = cell(index).next.load(Ordering::Relaxed);
        }
        found
    }
}

#[cold]
fn more_cells(registry: &'static Registry, inner: &mut Inner) {
    let number = CHUNK_COUNT.fetch_add(1, Ordering::Relaxed);
    if number >= MAX_CHUNKS {
        crate::fatal::fatal("HPy debug mode: more than 16 million handles are open");
    }
    let fresh = Box::new(Chunk {
        owner: registry,
        cells: [const {
            Cell {
                value: AtomicU64::new(0),
                state: AtomicU32::new(0),
                previous: AtomicU32::new(NONE),
                next: AtomicU32::new(NONE),
                generation: AtomicI64::new(0),
                extra: AtomicPtr::new(std::ptr::null_mut()),
            }
        }; CHUNK],
    });
    CHUNKS[number].store(Box::leak(fresh), Ordering::Release);
    let first = (number * CHUNK) as u32;
    for index in (first..first + CHUNK as u32).rev() {
        cell(index).next.store(inner.free, Ordering::Relaxed);
        inner.free = index;
    }
}

fn drop_extra(cell: &Cell) {
    // Mostly there is none, and a swap costs more than all the rest of opening a handle.
    if cell.extra.load(Ordering::Acquire).is_null() {
        return;
    }
    let extra = cell.extra.swap(std::ptr::null_mut(), Ordering::AcqRel);
    if !extra.is_null() {
        drop(unsafe { Box::from_raw(extra) });
    }
}

/// Under the lock of the registry; nobody else looks at it then.
fn with_extra<T>(cell: &Cell, work: impl FnOnce(&mut Extra) -> T) -> T {
    let mut pointer = cell.extra.load(Ordering::Acquire);
    if pointer.is_null() {
        pointer = Box::into_raw(Box::default());
        cell.extra.store(pointer, Ordering::Release);
    }
    work(unsafe { &mut *pointer })
}

fn word(index: u32, state: u32) -> Handle {
    Handle(u64::from(state >> FLAG_BITS) << 40 | u64::from(index) << 8 | TAG)
}

fn make(value: Value, flags: u32) -> Handle {
    let registry = mine();
    let (index, state) = registry.with(|inner| {
        let reused = if inner.closed.len >= CLOSED_MAX.load(Ordering::Relaxed) { inner.closed.pop_front() } else { None };
        let index = match reused {
            Some(index) => {
                drop_extra(cell(index));
                index
            }
            None => {
                if inner.free == NONE {
                    more_cells(registry, inner);
                }
                let index = inner.free;
                inner.free = cell(index).next.load(Ordering::Relaxed);
                index
            }
        };
        let cell = cell(index);
        let serial = (cell.state.load(Ordering::Relaxed) >> FLAG_BITS).wrapping_add(1) & SERIAL_MASK;
        let state = serial << FLAG_BITS | flags | OPEN;
        cell.value.store(value.raw(), Ordering::Relaxed);
        cell.generation.store(GENERATION.load(Ordering::Relaxed), Ordering::Relaxed);
        cell.state.store(state, Ordering::Release);
        if flags & IMMORTAL == 0 {
            inner.open.append(index);
        }
        (index, state)
    });
    let limit = TRACE_LIMIT.load(Ordering::Relaxed);
    if limit > 0 {
        let trace = Trace::capture(limit);
        registry.with(|_| with_extra(cell(index), |extra| extra.trace = Some(trace)));
    }
    word(index, state)
}

/// A new handle for a value.
#[inline]
pub fn open(value: Value) -> Handle {
    make(value, 0)
}

/// A handle of the context itself, which nobody may close.
pub fn open_immortal(value: Value) -> Handle {
    make(value, IMMORTAL)
}

/// What a word is.
pub enum Status {
    Open(Value),
    /// Open, and to be left alone.
    Immortal(Value),
    /// Closed; the value if the object still lives.
    Closed(Option<Value>),
    /// No debug handle: a universal one, another mode's, or garbage.
    Foreign,
}

fn locate(handle: Handle) -> Option<(u32, &'static Cell)> {
    if handle.0 & 0xFF != TAG {
        return None;
    }
    let index = (handle.0 >> 8) as u32;
    let chunk = chunk(index)?;
    Some((index, &chunk.cells[index as usize % CHUNK]))
}

/// The value of an open handle: the check that every use makes.
#[inline]
pub fn value_of_open(handle: Handle) -> Option<Value> {
    let (_, cell) = locate(handle)?;
    let state = cell.state.load(Ordering::Acquire);
    if state & OPEN == 0 || u64::from(state >> FLAG_BITS) != handle.0 >> 40 {
        return None;
    }
    unsafe { Value::from_raw(cell.value.load(Ordering::Relaxed)) }
}

pub fn status(handle: Handle) -> Status {
    let Some((_, cell)) = locate(handle) else { return Status::Foreign };
    let state = cell.state.load(Ordering::Acquire);
    let same = u64::from(state >> FLAG_BITS) == handle.0 >> 40;
    let value = unsafe { Value::from_raw(cell.value.load(Ordering::Relaxed)) };
    match value {
        Some(value) if same && state & IMMORTAL != 0 => Status::Immortal(value),
        Some(value) if same && state & OPEN != 0 => Status::Open(value),
        value if same => Status::Closed(value),
        _ => Status::Closed(None),
    }
}

/// Closes a handle if it is open (immortal ones stay); the value that it had.
pub fn close(handle: Handle) -> Option<Value> {
    let (index, _) = locate(handle)?;
    close_cell(index, Some((handle.0 >> 40) as u32))
}

fn close_cell(index: u32, serial: Option<u32>) -> Option<Value> {
    let chunk = chunk(index)?;
    chunk.owner.with(|inner| {
        let cell = cell(index);
        let state = cell.state.load(Ordering::Relaxed);
        if state & (OPEN | IMMORTAL) != OPEN || serial.is_some_and(|serial| serial != state >> FLAG_BITS) {
            return None;
        }
        let value = unsafe { Value::from_raw(cell.value.load(Ordering::Relaxed)) };
        cell.state.store(state & !OPEN, Ordering::Release);
        inner.open.remove(index);
        inner.closed.append(index);
        let extra = cell.extra.load(Ordering::Acquire);
        if !extra.is_null() {
            unsafe { (*extra).pages.close() }
        }
        // One at a time: a queue that was made shorter shrinks by reuse.
        if inner.closed.len > CLOSED_MAX.load(Ordering::Relaxed)
            && let Some(oldest) = inner.closed.pop_front()
        {
            drop_extra(self::cell(oldest));
            self::cell(oldest).value.store(0, Ordering::Relaxed);
            self::cell(oldest).next.store(inner.free, Ordering::Relaxed);
            inner.free = oldest;
        }
        value
    })
}

/// A read-only copy of bytes that lives until the handle is closed; later reads of it end the process.
pub fn protected_copy(handle: Handle, bytes: &[u8]) -> *const u8 {
    let Some((index, _)) = locate(handle) else { return std::ptr::null() };
    let Some(chunk) = chunk(index) else { return std::ptr::null() };
    chunk.owner.with(|_| with_extra(cell(index), |extra| extra.pages.copy(bytes)))
}

/// Where the handle was opened, if that was recorded.
pub fn trace_of(handle: Handle) -> Option<String> {
    let (index, _) = locate(handle)?;
    trace_at(index)
}

fn trace_open(tracer: &mut Tracer, _: *mut ()) {
    for slot in CHUNKS.iter().take(CHUNK_COUNT.load(Ordering::Relaxed)) {
        let Some(chunk) = (unsafe { slot.load(Ordering::Acquire).as_ref() }) else { continue };
        for cell in &chunk.cells {
            if cell.state.load(Ordering::Relaxed) & OPEN != 0 {
                tracer.word(cell.value.load(Ordering::Relaxed));
            }
        }
    }
}

/// Closed handles do not keep objects alive: what died is forgotten.
fn forget_dead(liveness: &Liveness) {
    for slot in CHUNKS.iter().take(CHUNK_COUNT.load(Ordering::Relaxed)) {
        let Some(chunk) = (unsafe { slot.load(Ordering::Acquire).as_ref() }) else { continue };
        for cell in &chunk.cells {
            if cell.state.load(Ordering::Relaxed) & OPEN == 0
                && let Some(value) = unsafe { Value::from_raw(cell.value.load(Ordering::Relaxed)) }
                && !liveness.is_value_alive(value)
            {
                cell.value.store(0, Ordering::Relaxed);
            }
        }
    }
}

// The view of `_debug.DebugHandle`, which names cells by their index.

fn listed(generation: i64, pick: fn(&Inner) -> &Queue) -> Vec<u32> {
    let mut found = Vec::new();
    for registry in all_registries() {
        found.extend(registry.with(|inner| pick(inner).indices()));
    }
    found.retain(|index| cell(*index).generation.load(Ordering::Relaxed) >= generation);
    found
}

pub fn open_cells(generation: i64) -> Vec<u32> {
    listed(generation, |inner| &inner.open)
}
pub fn closed_cells(generation: i64) -> Vec<u32> {
    listed(generation, |inner| &inner.closed)
}

pub fn is_open_at(index: u32) -> bool {
    cell(index).state.load(Ordering::Acquire) & OPEN != 0
}
pub fn value_at(index: u32) -> Option<Value> {
    unsafe { Value::from_raw(cell(index).value.load(Ordering::Acquire)) }
}
pub fn identity(index: u32) -> u64 {
    u64::from(index) << 8 | TAG
}
pub fn close_at(index: u32) {
    close_cell(index, None);
}
/// Bytes of protected text, None without any.
pub fn raw_size_at(index: u32) -> Option<usize> {
    let chunk = chunk(index)?;
    chunk.owner.with(|_| {
        let extra = unsafe { cell(index).extra.load(Ordering::Acquire).as_ref() }?;
        extra.pages.size()
    })
}
pub fn trace_at(index: u32) -> Option<String> {
    let chunk = chunk(index)?;
    let trace = chunk.owner.with(|_| {
        let extra = unsafe { cell(index).extra.load(Ordering::Acquire).as_ref() }?;
        extra.trace.clone()
    })?;
    Some(trace.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_open_from_closed_from_reused() {
        heap::attach();
        let first = open(Value::small(7));
        assert_eq!(value_of_open(first), Some(Value::small(7)));
        assert_eq!(close(first), Some(Value::small(7)));
        assert_eq!(close(first), None);
        assert_eq!(value_of_open(first), None);
        assert!(matches!(status(first), Status::Closed(Some(value)) if value == Value::small(7)));
        for _ in 0..3000 {
            close(open(Value::small(1)));
        }
        assert!(matches!(status(first), Status::Closed(None)));
        let constant = open_immortal(Value::none());
        assert_eq!(close(constant), None);
        assert!(matches!(status(constant), Status::Immortal(_)));
        for garbage in [0xDB, 0xFFFF_FFFF_FFDB, u64::MAX, 12345] {
            assert_eq!(value_of_open(Handle(garbage)), None);
        }
    }
}
