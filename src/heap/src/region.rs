//! The one address range that the heap reserves, and the tables that share it.
//! Must not know: what is stored in the parts. Reserving costs one mmap; pages come with first use.
//!
//! Parts, in order: objects (64 KiB blocks), block descriptions, allocation bits, mark bits, permanent bits, tenured bits,
//! mark stack, free-block bits, shape cells. The four bitmaps have one bit for 16 bytes of objects.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const BLOCK_SHIFT: u32 = 16;
pub const BLOCK_SIZE: usize = 1 << BLOCK_SHIFT;
/// Room for one block description, see `block::BlockMeta`.
pub const META_SIZE: usize = 64;
/// Bytes of objects for one byte of a bitmap.
const BYTES_PER_BITMAP_BYTE: usize = 128;
pub const LARGEST_HEAP: usize = 256 << 30;
const SMALLEST_HEAP: usize = 64 << 20;
const SHAPES_SIZE: usize = 2 << 30;
const HUGE_PAGE: usize = 2 << 20;
/// Blocks 1 to this number make one huge page, if the system gives one: a start fills it, and one page fault costs a tenth of what 512 do.
pub const EARLY_BLOCKS: usize = HUGE_PAGE >> BLOCK_SHIFT;

static HEAP_BASE: AtomicUsize = AtomicUsize::new(0);
static HEAP_SIZE: AtomicUsize = AtomicUsize::new(0);
static META_BASE: AtomicUsize = AtomicUsize::new(0);
static ALLOC_BITS_BASE: AtomicUsize = AtomicUsize::new(0);
static MARK_BITS_BASE: AtomicUsize = AtomicUsize::new(0);
static PERMANENT_BITS_BASE: AtomicUsize = AtomicUsize::new(0);
static TENURED_BITS_BASE: AtomicUsize = AtomicUsize::new(0);
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
pub fn alloc_bits_base() -> usize {
    ALLOC_BITS_BASE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn mark_bits_base() -> usize {
    MARK_BITS_BASE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn permanent_bits_base() -> usize {
    PERMANENT_BITS_BASE.load(Ordering::Relaxed)
}
#[inline(always)]
pub fn tenured_bits_base() -> usize {
    TENURED_BITS_BASE.load(Ordering::Relaxed)
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

/// Shapes of the heap's own cells.
fn set_own_shapes() {
    let cell = crate::shapes::shape_cell(crate::shapes::SHAPE_VALUES_BUFFER);
    // SAFETY: nobody else sees the range yet.
    unsafe { (*cell).trace = Some(crate::buffers::trace_values) };
}

/// Maps the range. Under a limit on address space a quarter as much must be left for everybody else.
fn map_and_leave_room(size: usize) -> Option<usize> {
    let all = size + size / 4;
    let start = map(all)?;
    // SAFETY: the end of a mapping that nobody has seen yet.
    unsafe { libc::munmap((start + size) as *mut libc::c_void, all - size) };
    Some(start)
}

#[cold]
fn reserve() {
    let mut heap = LARGEST_HEAP;
    let mut shapes = SHAPES_SIZE;
    loop {
        let blocks = heap >> BLOCK_SHIFT;
        let bitmap = round_up(heap / BYTES_PER_BITMAP_BYTE);
        let sizes = [
            heap,
            round_up(blocks * META_SIZE),
            bitmap,
            bitmap,
            bitmap,
            bitmap,
            round_up(heap / 2),
            round_up(blocks / 8),
            shapes,
        ];
        let size = sizes.iter().sum::<usize>() + HUGE_PAGE;
        let start = if heap == LARGEST_HEAP { map(size) } else { map_and_leave_room(size) };
        if let Some(start) = start {
            HEAP_SIZE.store(heap, Ordering::Relaxed);
            SHAPES_CAPACITY.store(shapes / crate::shapes::SHAPE_CELL_SIZE, Ordering::Relaxed);
            let bases = [
                &HEAP_BASE,
                &META_BASE,
                &ALLOC_BITS_BASE,
                &MARK_BITS_BASE,
                &PERMANENT_BITS_BASE,
                &TENURED_BITS_BASE,
                &STACK_BASE,
                &FREE_BITS_BASE,
                &SHAPES_BASE,
            ];
            // Block 0 is not used (see `space`).
            let early = (start + BLOCK_SIZE).next_multiple_of(HUGE_PAGE);
            // SAFETY: advice on our own mapping.
            unsafe { libc::madvise(early as *mut libc::c_void, HUGE_PAGE, libc::MADV_HUGEPAGE) };
            let mut address = early - BLOCK_SIZE;
            for (base, size) in bases.iter().zip(sizes) {
                base.store(address, Ordering::Release);
                address += size;
            }
            populate(shapes_base(), START_SHAPES);
            set_own_shapes();
            return;
        }
        if heap <= SMALLEST_HEAP {
            eprintln!("protopy: cannot reserve address space for the heap");
            std::process::exit(1);
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
    // Elsewhere huge pages would make the first touch of each part cost 2 MiB of zeroing.
    // SAFETY: advice on our own mapping.
    unsafe { libc::madvise(start, size, libc::MADV_NOHUGEPAGE) };
    Some(start as usize)
}

/// From here on the system may give huge pages for the blocks `first` to `end`, except for a huge page that began before `first`.
pub fn ask_for_huge_pages(first: usize, end: usize) {
    const BLOCKS: usize = HUGE_PAGE >> BLOCK_SHIFT;
    let from = (first - 1).next_multiple_of(BLOCKS);
    let to = (end - 1).next_multiple_of(BLOCKS);
    if from < to {
        let start = heap_base() + ((from + 1) << BLOCK_SHIFT);
        // SAFETY: advice on our own mapping.
        unsafe { libc::madvise(start as *mut libc::c_void, (to - from) << BLOCK_SHIFT, libc::MADV_HUGEPAGE) };
    }
}

/// Bytes of shape cells that every start fills.
const START_SHAPES: usize = 64 << 10;

/// Asks for the pages of a range in one go, where the system can: sixteen page faults less.
fn populate(start: usize, size: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the range is our own, and its pages read as zero before and after.
    unsafe {
        libc::madvise(start as *mut libc::c_void, size, libc::MADV_POPULATE_WRITE)
    };
    #[cfg(not(target_os = "linux"))]
    let _ = (start, size);
}

/// Gives the pages of a range back; it reads as zero afterwards.
///
/// # Safety
/// The range lies in the reserved range, is page aligned, and holds nothing that is needed.
pub unsafe fn discard(start: usize, size: usize) -> bool {
    libc::madvise(start as *mut libc::c_void, size, libc::MADV_DONTNEED) == 0
}
