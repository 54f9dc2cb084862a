//! The one address range that the heap reserves, and the tables that share it.
//! Must not know: what is stored in the parts. Reserving costs one mmap; pages come with first use.
//!
//! Parts, in order: objects (64 KiB blocks), block descriptions, mark stack, free-block bits, shape cells.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const BLOCK_SHIFT: u32 = 16;
pub const BLOCK_SIZE: usize = 1 << BLOCK_SHIFT;
/// Room for one block description, see `block::BlockMeta`.
pub const META_SIZE: usize = 1088;
const LARGEST_HEAP: usize = 256 << 30;
const SMALLEST_HEAP: usize = 64 << 20;
const SHAPES_SIZE: usize = 2 << 30;

static HEAP_BASE: AtomicUsize = AtomicUsize::new(0);
static HEAP_SIZE: AtomicUsize = AtomicUsize::new(0);
static META_BASE: AtomicUsize = AtomicUsize::new(0);
static STACK_BASE: AtomicUsize = AtomicUsize::new(0);
static FREE_BITS_BASE: AtomicUsize = AtomicUsize::new(0);
static SHAPES_BASE: AtomicUsize = AtomicUsize::new(0);
static SHAPES_CAPACITY: AtomicUsize = AtomicUsize::new(0);
static RESERVE: Once = Once::new();

#[inline(always)]
pub fn heap_base() -> usize {
    HEAP_BASE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn heap_size() -> usize {
    HEAP_SIZE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn meta_base() -> usize {
    META_BASE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn mark_stack_base() -> usize {
    STACK_BASE.load(Ordering::Relaxed)
}
/// Bytes of mark stack: every object once, at the smallest object size.
#[inline(always)]
pub fn mark_stack_size() -> usize {
    heap_size() / 2
}
#[inline(always)]
pub fn free_bits_base() -> usize {
    FREE_BITS_BASE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn shapes_base() -> usize {
    SHAPES_BASE.load(Ordering::Relaxed)
}
pub fn shapes_capacity() -> u32 {
    SHAPES_CAPACITY.load(Ordering::Relaxed) as u32
}
pub fn block_count() -> usize {
    heap_size() >> BLOCK_SHIFT
}

/// Reserves the range on first call.
#[inline]
pub fn ensure_reserved() {
    if SHAPES_BASE.load(Ordering::Acquire) == 0 {
        RESERVE.call_once(reserve);
    }
}

fn round_up(size: usize) -> usize {
    (size + BLOCK_SIZE - 1) & !(BLOCK_SIZE - 1)
}

#[cold]
fn reserve() {
    let mut heap = LARGEST_HEAP;
    let mut shapes = SHAPES_SIZE;
    loop {
        let blocks = heap >> BLOCK_SHIFT;
        let meta = round_up(blocks * META_SIZE);
        let stack = round_up(heap / 2);
        let bits = round_up(blocks / 8);
        let total = heap + meta + stack + bits + shapes + BLOCK_SIZE;
        if let Some(start) = map(total) {
            let base = round_up(start);
            HEAP_BASE.store(base, Ordering::Relaxed);
            HEAP_SIZE.store(heap, Ordering::Relaxed);
            META_BASE.store(base + heap, Ordering::Relaxed);
            STACK_BASE.store(base + heap + meta, Ordering::Relaxed);
            FREE_BITS_BASE.store(base + heap + meta + stack, Ordering::Relaxed);
            SHAPES_CAPACITY.store(shapes / crate::shapes::SHAPE_CELL_SIZE, Ordering::Relaxed);
            SHAPES_BASE.store(base + heap + meta + stack + bits, Ordering::Release);
            return;
        }
        if heap <= SMALLEST_HEAP {
            eprintln!("protopy: cannot reserve address space for the heap");
            std::process::abort();
        }
        // A limit on address space (ulimit -v, strict overcommit): live with less.
        heap /= 2;
        shapes = (shapes / 2).max(32 << 20);
    }
}

fn map(size: usize) -> Option<usize> {
    // SAFETY: an anonymous private mapping at an address of the kernel's choice disturbs nobody.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return None;
    }
    // Huge pages would make the first touch of each part cost 2 MiB of zeroing.
    // SAFETY: advice on our own mapping.
    unsafe { libc::madvise(start, size, libc::MADV_NOHUGEPAGE) };
    Some(start as usize)
}

/// Gives the pages of a range back; it reads as zero afterwards.
///
/// # Safety
/// The range lies in the reserved range, is page aligned, and holds nothing that is needed.
pub unsafe fn discard(start: usize, size: usize) -> bool {
    libc::madvise(start as *mut libc::c_void, size, libc::MADV_DONTNEED) == 0
}
