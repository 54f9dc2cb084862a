//! Allocation: the inlined fast path, and what it falls back on.
//! Must not know: layouts. It hands out zeroed, 16-byte aligned memory with a header in front.
//!
//! A thread owns, per size class, a block and within it a piece of a hole: cells whose allocation bits are set and
//! whose memory is zero. The fast path bumps through that piece. The slow path finds the next hole, takes a block, or
//! collects; it is a safepoint.

use crate::block::{self, CLASS_SIZES, FINE_CLASSES, FINE_LIMIT, GRANULE_SHIFT, SMALL_LIMIT};
use crate::collect::{self, Reason};
use crate::header::Header;
use crate::mutator::{self, Mutator};
use crate::region::BLOCK_SIZE;
use crate::shapes::ShapeId;
use crate::{config, region, space, watch, world};
use std::sync::atomic::Ordering;

/// Bytes of a hole claimed at once: small enough to be still in the first cache when they are used.
const PIECE_SIZE: usize = 8192;
/// Above this, dirty memory is exchanged for fresh pages instead of being cleared: a page fault costs more than clearing
/// ten pages, but nobody should wait for gigabytes that may never be touched.
const CLEAR_LIMIT: usize = 32 << 20;
const PAGE: usize = 4096;

pub use base::memory::{OutOfMemory, out_of_memory};

/// A zeroed object of `size` bytes, header included. May collect. Unwinds when memory is out.
#[inline(always)]
pub fn alloc(size: usize, shape: ShapeId) -> *mut Header {
    match bump(size, shape) {
        Some(object) => object,
        None => alloc_slow(size, shape),
    }
}

/// As `alloc`, for sizes that users control: `None` when it cannot be had. May collect.
#[inline]
pub fn try_alloc(size: usize, shape: ShapeId) -> Option<*mut Header> {
    bump(size, shape).or_else(|| try_alloc_slow(size, shape))
}

/// Below this, memory is cleared for several cells at once, which costs next to nothing.
const UNCLEARED: usize = 2048;

/// As `try_alloc`, but only the first `cleared` bytes are surely zero.
///
/// # Safety
/// Before the next safepoint (any allocation) the caller writes what the shape's `trace` and others read beyond them.
#[inline]
pub unsafe fn try_alloc_cleared_to(cleared: usize, size: usize, shape: ShapeId) -> Option<*mut Header> {
    if size < UNCLEARED {
        return try_alloc(size, shape);
    }
    let object = alloc_beyond_buffers(size, shape, Content::Anything)?;
    let header = size_of::<Header>();
    (object as *mut u8).add(header).write_bytes(0, cleared.min(size) - header);
    Some(object)
}

/// As `alloc`, and the shape's `drop` runs some time after the object died.
pub fn alloc_with_drop(size: usize, shape: ShapeId) -> *mut Header {
    let object = alloc(size, shape);
    crate::finalize::register_droppable(object);
    object
}

/// As `try_alloc`, with `drop`.
pub fn try_alloc_with_drop(size: usize, shape: ShapeId) -> Option<*mut Header> {
    let object = try_alloc(size, shape)?;
    crate::finalize::register_droppable(object);
    Some(object)
}

/// Bytes that an allocation of `size` really gets.
#[inline]
pub fn usable_size(size: usize) -> usize {
    if size <= SMALL_LIMIT {
        CLASS_SIZES[block::class_of(size)] as usize
    } else {
        size.checked_next_multiple_of(PAGE).unwrap_or(size)
    }
}

#[inline(always)]
fn bump(size: usize, shape: ShapeId) -> Option<*mut Header> {
    if size > FINE_LIMIT {
        return None;
    }
    let class = FINE_CLASSES[size.div_ceil(16)] as usize;
    bump_class(mutator::current(), class, shape)
}

#[inline(always)]
pub(crate) fn bump_class(me: &Mutator, class: usize, shape: ShapeId) -> Option<*mut Header> {
    let tlab = &me.tlabs[class];
    let object = tlab.next.get();
    let next = object + CLASS_SIZES[class] as usize;
    if next > tlab.end.get() {
        return None;
    }
    tlab.next.set(next);
    let object = object as *mut Header;
    // SAFETY: the cell was claimed by this thread and is handed out once. The header is there before any safepoint.
    unsafe { object.write(Header::new(shape)) };
    Some(object)
}

#[cold]
#[inline(never)]
fn alloc_slow(size: usize, shape: ShapeId) -> *mut Header {
    match try_alloc_slow(size, shape) {
        Some(object) => object,
        None => out_of_memory(),
    }
}

/// What fresh memory holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Zeros,
    Anything,
}

#[cold]
#[inline(never)]
fn try_alloc_slow(size: usize, shape: ShapeId) -> Option<*mut Header> {
    alloc_beyond_buffers(size, shape, Content::Zeros)
}

fn alloc_beyond_buffers(size: usize, shape: ShapeId, content: Content) -> Option<*mut Header> {
    debug_assert!(size >= size_of::<Header>());
    if size > SMALL_LIMIT {
        return alloc_large(size, shape, content, space::Space::take_run);
    }
    let class = block::class_of(size);
    let me = mutator::current();
    // Sizes above the fine limit come here although their buffer may have room.
    if let Some(object) = bump_class(me, class, shape) {
        watch::tell(object, size);
        return Some(object);
    }
    let _inside = enter_slow_path()?;
    if !refill(me, class, content) {
        collect::collect(Reason::OutOfMemory);
        if !refill(me, class, content) {
            return None;
        }
    }
    let object = bump_class(me, class, shape)?;
    watch::tell(object, size);
    Some(object)
}

/// Tells others, while it lives, that this thread allocates; see `world::set_multithreaded`.
struct SlowPath {
    me: &'static Mutator,
    before: bool,
}

impl Drop for SlowPath {
    fn drop(&mut self) {
        self.me.allocates.store(self.before, Ordering::Relaxed);
    }
}

/// Safepoint and test modes. `None`: this allocation must fail.
#[inline]
fn enter_slow_path() -> Option<SlowPath> {
    world::attach();
    let me = mutator::current();
    let inside = SlowPath { me, before: me.allocates.load(Ordering::Relaxed) };
    me.allocates.store(true, Ordering::Relaxed);
    world::poll();
    if config::special() && !config::special_allocation() {
        return None;
    }
    Some(inside)
}

/// Gives the thread's buffer of `class` at least one cell; one alone if it is not cleared. False: out of memory.
fn refill(me: &Mutator, class: usize, content: Content) -> bool {
    let mut may_collect = true;
    loop {
        if let Some((block, granule)) = me.current_block(class) {
            // SAFETY: the thread owns its current block.
            if let Some((first, end)) = unsafe { block::next_hole(block, granule) } {
                claim(me, class, block, first, end, content);
                return true;
            }
            me.set_current_block(class, None, 0);
        }
        flush_claimed(me);
        if may_collect && collect::is_due() {
            may_collect = false;
            collect::collect(Reason::Threshold);
            continue;
        }
        match space::lock().take_block(class) {
            Some(block) => me.set_current_block(class, Some(block), 0),
            None => return false,
        }
    }
}

fn claim(me: &Mutator, class: usize, block: usize, first: usize, hole_end: usize, content: Content) {
    let size = CLASS_SIZES[class] as usize;
    let cell = size >> GRANULE_SHIFT;
    let cells = if config::special() || content == Content::Anything { 1 } else { (PIECE_SIZE / size).max(1) };
    let end = hole_end.min(first + cells * cell);
    block::claim_cells(block, first, end, class);
    let start = block::block_start(block) + (first << GRANULE_SHIFT);
    let bytes = (end - first) << GRANULE_SHIFT;
    // SAFETY: free cells of a block that the thread owns.
    unsafe {
        if content == Content::Zeros && (*block::meta(block)).dirty {
            std::ptr::write_bytes(start as *mut u8, 0, bytes);
        }
    }
    me.set_current_block(class, Some(block), end);
    me.tlabs[class].next.set(start);
    me.tlabs[class].end.set(start + bytes);
    me.claimed.set(me.claimed.get() + bytes);
}

/// Adds what the thread claimed to the global count.
pub(crate) fn flush_claimed(me: &Mutator) {
    collect::ALLOCATED.fetch_add(me.claimed.take(), Ordering::Relaxed);
}

/// As `try_alloc` of a large size, for an object that will probably grow: `try_extend`.
pub(crate) fn try_alloc_growing(size: usize, shape: ShapeId) -> Option<*mut Header> {
    debug_assert!(size > SMALL_LIMIT);
    alloc_large(size, shape, Content::Zeros, space::Space::take_growing_run)
}

type TakeRun = fn(&mut space::Space, usize) -> Option<(usize, bool)>;

fn alloc_large(size: usize, shape: ShapeId, content: Content, take: TakeRun) -> Option<*mut Header> {
    let size = size.checked_next_multiple_of(PAGE)?;
    if size > region::LARGEST_HEAP {
        return None;
    }
    let _inside = enter_slow_path()?;
    collect::ALLOCATED.fetch_add(size, Ordering::Relaxed);
    if collect::is_due() {
        collect::collect(Reason::Threshold);
    }
    let run = take(&mut space::lock(), size);
    let (block, dirty) = match run {
        Some(run) => run,
        None => {
            collect::collect(Reason::OutOfMemory);
            let run = take(&mut space::lock(), size);
            run?
        }
    };
    let start = block::block_start(block);
    // SAFETY: the run is this thread's; nothing points into it yet.
    unsafe {
        if dirty && content == Content::Zeros {
            clear(start, size);
        }
        (start as *mut Header).write(Header::new(shape));
    }
    block::set_allocated(start);
    watch::tell(start as *mut Header, size);
    Some(start as *mut Header)
}

unsafe fn clear(start: usize, size: usize) {
    if !(size >= CLEAR_LIMIT && region::discard(start, size)) {
        std::ptr::write_bytes(start as *mut u8, 0, size);
    }
}

/// Makes a large object longer where it is: to `wanted` bytes if there is room behind it, at any rate to `needed`. What it has then, the new
/// part zeroed; None if nothing changed. May collect.
///
/// # Safety
/// The object is alive, uses `size` bytes of its memory, and nobody else changes its size meanwhile.
pub(crate) unsafe fn try_extend(object: *mut Header, size: usize, needed: usize, wanted: usize) -> Option<usize> {
    if size <= SMALL_LIMIT || wanted > region::LARGEST_HEAP || needed > wanted {
        return None;
    }
    let _inside = enter_slow_path()?;
    if collect::is_due() {
        collect::collect(Reason::Threshold);
    }
    let start = object as usize;
    let size = size.next_multiple_of(PAGE);
    let extended = space::lock().extend_run(block::block_of(start), needed, wanted)?;
    collect::account_growth(extended - size);
    let (mut from, end) = (start + size, start + extended);
    while from < end {
        // Blocks that are dirty in a row are cleared at once.
        let mut to = from;
        while to < end && (*block::meta(block::block_of(to))).dirty {
            to = (to & !(BLOCK_SIZE - 1)) + BLOCK_SIZE;
        }
        if to > from {
            clear(from, to - from);
        } else {
            to = (to & !(BLOCK_SIZE - 1)) + BLOCK_SIZE;
        }
        from = to;
    }
    watch::tell(object, extended);
    Some(extended)
}
