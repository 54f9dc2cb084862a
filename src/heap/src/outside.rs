//! Memory outside the heap (`malloc`) that is out, under a limit on address space: the allocator of the whole program.
//! Must not know: who allocates.
//!
//! Rust's collections end the process when they get no memory, unless they ask for it with `try_reserve`. So some address space is kept
//! back. The first allocation that fails gets it, and the thread raises MemoryError at its next poll, where memory comes free again. What
//! fails all the same fails: a null pointer to who can deal with it, one line and exit code 1 in place of a core dump to others.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Bit for `interrupts`: memory outside the heap is short.
pub const INTERRUPT_SHORT: u32 = crate::mutator::INTERRUPT_USER;

const RESERVE: usize = 4 << 20;
/// Where the reserve lies; 0 while there is none.
static RESERVED: AtomicUsize = AtomicUsize::new(0);
static WANTED: AtomicBool = AtomicBool::new(false);
static SHORT: AtomicBool = AtomicBool::new(false);
/// When an allocation failed last, in nanoseconds.
static FAILED_AT: AtomicU64 = AtomicU64::new(0);
/// Who cannot go on without memory says so at once.
const AT_ONCE: u64 = 200_000_000;

/// The system's allocator, with a reserve.
pub struct OutsideMemory;

/// What `malloc` aligns to on all the systems there are.
const MALLOC_ALIGN: usize = 16;

// SAFETY: `malloc` and its kin serve what needs no more than their alignment, the system's allocator the rest (it gives memory of `malloc`,
// too, and takes it back by `free`); asking a second time is as good as asking once.
unsafe impl GlobalAlloc for OutsideMemory {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > MALLOC_ALIGN {
            return aligned(layout);
        }
        let memory = libc::malloc(layout.size()).cast::<u8>();
        if memory.is_null() { again(|| libc::malloc(layout.size()).cast()) } else { memory }
    }
    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() > MALLOC_ALIGN {
            return aligned_zeroed(layout);
        }
        let memory = libc::calloc(layout.size(), 1).cast::<u8>();
        if memory.is_null() { again(|| libc::calloc(layout.size(), 1).cast()) } else { memory }
    }
    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() > MALLOC_ALIGN {
            return aligned_again(memory, layout, size);
        }
        let moved = libc::realloc(memory.cast(), size).cast::<u8>();
        if moved.is_null() { again(|| libc::realloc(memory.cast(), size).cast()) } else { moved }
    }
    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, _layout: Layout) {
        libc::free(memory.cast())
    }
}

/// # Safety
/// As `GlobalAlloc::alloc`.
#[cold]
unsafe fn aligned(layout: Layout) -> *mut u8 {
    let memory = System.alloc(layout);
    if memory.is_null() { again(|| System.alloc(layout)) } else { memory }
}
/// # Safety
/// As `GlobalAlloc::alloc_zeroed`.
#[cold]
unsafe fn aligned_zeroed(layout: Layout) -> *mut u8 {
    let memory = System.alloc_zeroed(layout);
    if memory.is_null() { again(|| System.alloc_zeroed(layout)) } else { memory }
}
/// # Safety
/// As `GlobalAlloc::realloc`.
#[cold]
unsafe fn aligned_again(memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
    let moved = System.realloc(memory, layout, size);
    if moved.is_null() { again(|| System.realloc(memory, layout, size)) } else { moved }
}

/// Tries again with the reserve. Works where nothing may be allocated or locked.
#[cold]
#[inline(never)]
fn again(ask: impl FnOnce() -> *mut u8) -> *mut u8 {
    let mut memory = std::ptr::null_mut();
    let reserve = RESERVED.swap(0, Ordering::SeqCst);
    if reserve != 0 {
        // SAFETY: the reserve is nobody else's; it holds nothing.
        unsafe { libc::munmap(reserve as *mut libc::c_void, RESERVE) };
        memory = ask();
        if memory.is_null() {
            // Far too large: the reserve is for others.
            keep_back();
        } else {
            SHORT.store(true, Ordering::SeqCst);
            crate::mutator::interrupt_self(INTERRUPT_SHORT);
        }
    }
    if memory.is_null() {
        FAILED_AT.store(now().max(1), Ordering::SeqCst);
    }
    memory
}

fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a plain call that fills the struct.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}

/// At the start of a process.
pub fn prepare() {
    WANTED.store(true, Ordering::Relaxed);
    keep_back();
}

/// Keeps address space back. False: there is none.
fn keep_back() -> bool {
    if RESERVED.load(Ordering::SeqCst) != 0 {
        return true;
    }
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a mapping at an address of the system's choice, which nobody touches.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), RESERVE, libc::PROT_NONE, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return false;
    }
    if RESERVED.compare_exchange(0, memory as usize, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        // SAFETY: another thread was quicker; this one is not needed.
        unsafe { libc::munmap(memory, RESERVE) };
    }
    true
}

/// Answers `INTERRUPT_SHORT`: collects garbage, whose memory outside may be what is missing, and keeps back anew. False: memory is out.
pub fn recover() -> bool {
    crate::mutator::take_interrupts(INTERRUPT_SHORT);
    if !SHORT.swap(false, Ordering::SeqCst) {
        return true;
    }
    crate::collect::collect(crate::collect::Reason::OutOfMemory);
    keep_back()
}

/// After each collection: the reserve may be there again.
pub(crate) fn after_collection() {
    if RESERVED.load(Ordering::Relaxed) == 0 && WANTED.load(Ordering::Relaxed) {
        keep_back();
    }
}

/// Whether who aborts now does so for want of memory.
pub fn has_just_failed() -> bool {
    match FAILED_AT.load(Ordering::SeqCst) {
        0 => false,
        at => now().saturating_sub(at) < AT_ONCE,
    }
}
