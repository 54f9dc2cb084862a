//! All blocks: which are free, which have room, runs for large objects, what is given back to the system.
//! Must not know: roots, marking, and of threads no more than whether there are several. One mutex guards it; nobody waits for anything else while holding it.

mod growing;

use crate::block::{self, BITMAP_WORDS, BlockKind, CLASS_COUNT, GRANULE};
use crate::region::{self, BLOCK_SHIFT, BLOCK_SIZE};
use crate::reserve;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Free memory beyond what the next cycle will use that is not worth giving back.
const LITTLE: usize = 1 << 20;

/// Blocks of which fewer cells than this part are free are left alone: finding tiny holes costs more than they give.
const FULL_ENOUGH: u32 = 16;

pub struct Space {
    /// The next of the early blocks (`region::EARLY_BLOCKS`) that was never used.
    early: usize,
    /// Blocks at and above this were never used.
    frontier: usize,
    free_blocks: usize,
    /// No block below this word of the free bits is free.
    lowest_free_word: usize,
    /// A search for a run of this many free blocks failed since blocks were last freed.
    failed_run: usize,
    /// Per class: first block with room, plus one.
    partial: [u32; CLASS_COUNT],
    holds: growing::Holds,
}

/// Block 0 stays unused: the collector keeps the address of the range on its stack, where it would look like a
/// reference to the first object.
static SPACE: Mutex<Space> = Mutex::new(Space {
    early: 1,
    frontier: 1 + region::EARLY_BLOCKS,
    free_blocks: 0,
    lowest_free_word: 0,
    failed_run: usize::MAX,
    partial: [0; CLASS_COUNT],
    holds: growing::Holds::none(),
});

static BLOCKS_IN_USE: AtomicUsize = AtomicUsize::new(0);
/// Most bytes of blocks that may be in use; 0 is "not known yet".
static LIMIT: AtomicUsize = AtomicUsize::new(0);

pub fn lock() -> MutexGuard<'static, Space> {
    SPACE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Bytes of all blocks in use.
pub fn bytes_in_use() -> usize {
    BLOCKS_IN_USE.load(Ordering::Relaxed) << BLOCK_SHIFT
}

/// Limits the heap, in bytes.
pub fn set_limit(bytes: usize) {
    LIMIT.store(bytes.max(1), Ordering::Relaxed)
}

/// Without a limit of its own the heap refuses what could only end with the system killing the process.
fn limit() -> usize {
    let room = region::heap_size();
    (known_limit().min(room - reserve::kept_back(room))).saturating_add(reserve::open())
}

fn known_limit() -> usize {
    match LIMIT.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: plain queries; `sysinfo` fills a struct of plain numbers.
            let memory = unsafe {
                let mut info: libc::sysinfo = std::mem::zeroed();
                if libc::sysinfo(&mut info) == 0 {
                    (info.totalram as usize).saturating_add(info.totalswap as usize).saturating_mul(info.mem_unit as usize)
                } else {
                    usize::MAX
                }
            };
            set_limit(memory);
            memory.max(1)
        }
        known => known,
    }
}

fn free_word(index: usize) -> &'static mut u64 {
    // SAFETY: callers hold the space lock, which guards the free bits.
    unsafe { &mut *((region::free_bits_base() + index * 8) as *mut u64) }
}

/// Result of a sweep.
#[derive(Default, Clone, Copy, Debug)]
pub struct SweepTotals {
    pub live_objects: usize,
    pub live_bytes: usize,
    pub freed_objects: usize,
}

impl Space {
    /// A block with free cells of `class`, now the caller's. `None`: out of memory.
    pub fn take_block(&mut self, class: usize) -> Option<usize> {
        let head = self.partial[class];
        if head != 0 {
            let block = head as usize - 1;
            // SAFETY: blocks on a list belong to the space, which is locked.
            unsafe {
                self.partial[class] = (*block::meta(block)).next;
                (*block::meta(block)).next = 0;
            }
            return Some(block);
        }
        let block = match self.take_early(class) {
            Some(block) => block,
            None => self.take_free()?,
        };
        // SAFETY: just taken.
        unsafe { block::make_small(block, class) };
        Some(block)
    }

    fn take_early(&mut self, class: usize) -> Option<usize> {
        if self.early > region::EARLY_BLOCKS || !block::is_early(class) || bytes_in_use() + BLOCK_SIZE > limit() {
            return None;
        }
        self.early += 1;
        BLOCKS_IN_USE.fetch_add(1, Ordering::Relaxed);
        Some(self.early - 1)
    }

    fn take_free(&mut self) -> Option<usize> {
        if bytes_in_use() + BLOCK_SIZE > limit() {
            return None;
        }
        let block = if self.free_blocks > 0 {
            let mut index = self.lowest_free_word;
            while *free_word(index) == 0 {
                index += 1;
            }
            self.lowest_free_word = index;
            let bit = free_word(index).trailing_zeros() as usize;
            *free_word(index) &= !(1 << bit);
            self.free_blocks -= 1;
            index * 64 + bit
        } else if let Some(block) = self.extend(1) {
            block
        } else if self.end_holds() {
            return self.take_free();
        } else {
            return None;
        };
        BLOCKS_IN_USE.fetch_add(1, Ordering::Relaxed);
        Some(block)
    }

    fn extend(&mut self, count: usize) -> Option<usize> {
        let first = self.frontier;
        if count > region::block_count() - first {
            return None;
        }
        self.frontier += count;
        if crate::world::is_multithreaded() {
            // Threads share the budget of a collection, which is larger for them: they come through all of it.
            region::ask_for_huge_pages(first, self.frontier);
        }
        Some(first)
    }

    /// `count` blocks in a row that are free or were never used.
    fn row_of_blocks(&mut self, count: usize) -> Option<usize> {
        self.find_run(count).or_else(|| self.extend(count))
    }

    /// A run of blocks for an object of `size` bytes, described as such, its memory not cleared; and whether it is dirty.
    pub fn take_run(&mut self, size: usize) -> Option<(usize, bool)> {
        let count = block::blocks_for(size);
        if bytes_in_use().checked_add(count.checked_mul(BLOCK_SIZE)?)? > limit() {
            return None;
        }
        let first = match self.row_of_blocks(count) {
            Some(first) => first,
            None if self.end_holds() => self.row_of_blocks(count)?,
            None => return None,
        };
        Some((first, self.describe_run(first, count, size)))
    }

    /// Makes blocks that were free the run of an object of `size` bytes. Whether one is dirty.
    fn describe_run(&mut self, first: usize, count: usize, size: usize) -> bool {
        BLOCKS_IN_USE.fetch_add(count, Ordering::Relaxed);
        // SAFETY: the blocks were free and are now the caller's.
        unsafe {
            let head = &mut *block::meta(first);
            head.kind = BlockKind::LargeHead;
            head.run = count as u32;
            head.next = 0;
            head.size = size;
            let mut dirty = head.dirty;
            for index in 1..count {
                dirty |= self.describe_tail(first, index, size);
            }
            dirty
        }
    }

    /// Makes a block the one with number `index` of a run. Whether it is dirty.
    ///
    /// # Safety
    /// The block was free and belongs to the run now.
    unsafe fn describe_tail(&mut self, head: usize, index: usize, size: usize) -> bool {
        let description = &mut *block::meta(head + index);
        description.kind = BlockKind::LargeTail;
        description.run = index as u32;
        description.next = 0;
        description.size = size;
        description.dirty
    }

    fn find_run(&mut self, count: usize) -> Option<usize> {
        if self.free_blocks < count || count >= self.failed_run {
            return None;
        }
        let words = self.frontier.div_ceil(64);
        let (mut length, mut index) = (0, self.lowest_free_word);
        while index < words {
            let bits = *free_word(index);
            if bits == 0 {
                length = 0;
            } else {
                for bit in 0..64 {
                    length = if bits >> bit & 1 == 1 { length + 1 } else { 0 };
                    if length == count {
                        let first = index * 64 + bit + 1 - count;
                        self.unfree(first, count);
                        return Some(first);
                    }
                }
            }
            index += 1;
        }
        self.failed_run = self.failed_run.min(count);
        None
    }

    fn unfree(&mut self, first: usize, count: usize) {
        for block in first..first + count {
            *free_word(block / 64) &= !(1 << (block % 64));
        }
        self.free_blocks -= count;
    }

    fn free(&mut self, first: usize, count: usize) {
        for block in first..first + count {
            // SAFETY: nothing in the block is alive; the space is locked.
            let description = unsafe { &mut *block::meta(block) };
            description.kind = BlockKind::Free;
            description.dirty = true;
            *free_word(block / 64) |= 1 << (block % 64);
        }
        self.free_blocks += count;
        self.lowest_free_word = self.lowest_free_word.min(first / 64);
        self.failed_run = usize::MAX;
        BLOCKS_IN_USE.fetch_sub(count, Ordering::Relaxed);
    }

    /// Puts a block that its thread gives up back on its list.
    pub fn give_back(&mut self, block: usize) {
        // SAFETY: the caller owned the block.
        let description = unsafe { &mut *block::meta(block) };
        let class = description.class as usize;
        description.dirty = true;
        description.next = self.partial[class];
        self.partial[class] = block as u32 + 1;
    }

    /// Frees what is not marked, makes the marks the new allocation bits, clears the marks. World stopped.
    pub fn sweep(&mut self) -> SweepTotals {
        let mut totals = SweepTotals::default();
        self.partial = [0; CLASS_COUNT];
        let mut tails = [0u32; CLASS_COUNT];
        let mut index = 0;
        while index < self.frontier {
            // SAFETY: the world is stopped, so nobody owns a block.
            let description = unsafe { &mut *block::meta(index) };
            let mut step = 1;
            match description.kind {
                BlockKind::Small => self.sweep_small(index, &mut totals, &mut tails),
                BlockKind::LargeHead => {
                    step = description.run as usize;
                    self.sweep_large(index, &mut totals);
                }
                BlockKind::Free | BlockKind::LargeTail => {}
            }
            index += step;
        }
        self.end_dead_holds();
        totals
    }

    fn sweep_small(&mut self, index: usize, totals: &mut SweepTotals, tails: &mut [u32; CLASS_COUNT]) {
        // SAFETY: as in `sweep`.
        let description = unsafe { &mut *block::meta(index) };
        let (alloc, mark) = (block::alloc_words(index), block::mark_words(index));
        let permanent = description.permanent.load(Ordering::Relaxed).then(|| block::permanent_words(index));
        let tenured = description.tenured.then(|| block::tenured_words(index));
        let (mut before, mut live) = (0, 0);
        for word in 0..BITMAP_WORDS {
            let old = alloc[word].load(Ordering::Relaxed);
            if old == 0 {
                continue;
            }
            // A mark without an allocation would come from a stale root; it must not make a cell.
            let new = old & mark[word].load(Ordering::Relaxed);
            before += old.count_ones();
            live += new.count_ones();
            alloc[word].store(new, Ordering::Relaxed);
            let kept = permanent.map_or(0, |bits| bits[word].load(Ordering::Relaxed));
            let kept = kept | tenured.map_or(0, |bits| bits[word].load(Ordering::Relaxed));
            mark[word].store(kept, Ordering::Relaxed);
        }
        totals.live_objects += live as usize;
        totals.live_bytes += live as usize * description.cell_size as usize;
        totals.freed_objects += (before - live) as usize;
        description.live = live;
        description.dirty = true;
        if live == 0 {
            self.free(index, 1);
            return;
        }
        if (description.cells - live) * FULL_ENOUGH <= description.cells {
            return;
        }
        let class = description.class as usize;
        description.next = 0;
        match tails[class] {
            0 => self.partial[class] = index as u32 + 1,
            // SAFETY: as in `sweep`.
            tail => unsafe { (*block::meta(tail as usize - 1)).next = index as u32 + 1 },
        }
        tails[class] = index as u32 + 1;
    }

    fn sweep_large(&mut self, index: usize, totals: &mut SweepTotals) {
        // SAFETY: as in `sweep`.
        let description = unsafe { &mut *block::meta(index) };
        let (alloc, mark) = (&block::alloc_words(index)[0], &block::mark_words(index)[0]);
        let live = alloc.load(Ordering::Relaxed) & mark.load(Ordering::Relaxed) & 1;
        alloc.store(live, Ordering::Relaxed);
        let kept = if description.tenured { block::tenured_words(index)[0].load(Ordering::Relaxed) } else { 0 };
        mark.store(kept, Ordering::Relaxed);
        if live == 1 {
            totals.live_objects += 1;
            totals.live_bytes += description.size;
        } else {
            totals.freed_objects += 1;
            self.free(index, description.run as usize);
        }
    }

    /// Gives the pages of free blocks back to the system, highest addresses first, until about `keep` bytes of them stay; nothing
    /// if that is little, for it would be asked for again soon, page by page.
    pub fn trim(&mut self, keep: usize) {
        let mut excess = (self.free_dirty_blocks()).saturating_sub(keep >> BLOCK_SHIFT);
        if keep > 0 && excess << BLOCK_SHIFT <= keep / 2 + LITTLE {
            return;
        }
        let mut end = self.frontier;
        while excess > 0 && end > 0 {
            if !is_free_and_dirty(end - 1) {
                end -= 1;
                continue;
            }
            let mut first = end - 1;
            while first > 0 && end - first < excess && is_free_and_dirty(first - 1) {
                first -= 1;
            }
            // SAFETY: free blocks hold nothing.
            if unsafe { region::discard(block::block_start(first), (end - first) << BLOCK_SHIFT) } {
                for block in first..end {
                    // SAFETY: free blocks belong to the space.
                    unsafe { (*block::meta(block)).dirty = false };
                }
            }
            excess -= end - first;
            end = first;
        }
    }

    fn free_dirty_blocks(&self) -> usize {
        (0..self.frontier).filter(|block| is_free_and_dirty(*block)).count()
    }

    /// Calls `visit` with every block in use (of a run, with each).
    pub fn for_each_block(&self, visit: &mut dyn FnMut(usize)) {
        for index in 0..self.frontier {
            // SAFETY: the space is locked.
            if unsafe { (*block::meta(index)).kind } != BlockKind::Free {
                visit(index)
            }
        }
    }

    /// Calls `visit` with the start of every cell whose allocation bit is set. World stopped.
    pub fn for_each_cell(&self, visit: &mut dyn FnMut(usize)) {
        for index in 0..self.frontier {
            // SAFETY: the world is stopped.
            match unsafe { (*block::meta(index)).kind } {
                BlockKind::Small | BlockKind::LargeHead => {}
                BlockKind::Free | BlockKind::LargeTail => continue,
            }
            for (word, bits) in block::alloc_words(index).iter().enumerate() {
                let mut bits = bits.load(Ordering::Relaxed);
                while bits != 0 {
                    visit(block::block_start(index) + (word * 64 + bits.trailing_zeros() as usize) * GRANULE);
                    bits &= bits - 1;
                }
            }
        }
    }
}

fn is_free_and_dirty(block: usize) -> bool {
    // SAFETY: callers hold the space lock.
    let description = unsafe { &*block::meta(block) };
    description.kind == BlockKind::Free && description.dirty
}
