//! Blocks of 64 KiB and the cells in them: size classes, block descriptions, the two bitmaps.
//! Must not know: threads, lists of blocks, when anything is collected.
//!
//! A small block holds cells of one size class. A large object is a run of blocks: a head and tails. An allocation
//! bit says "this cell may hold an object" (it does if its header's shape is not 0); a mark bit says it was reached. A
//! permanent bit says that the mark bit is never cleared: the object lives for ever and is not traced. A tenured bit says so until
//! the next full collection.

use crate::header::Header;
use crate::region::{self, BLOCK_SHIFT, BLOCK_SIZE, META_SIZE};
use crate::shapes::SHAPE_INVALID;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub const GRANULE_SHIFT: u32 = 4;
pub const GRANULE: usize = 1 << GRANULE_SHIFT;
pub const BITMAP_WORDS: usize = BLOCK_SIZE / GRANULE / 64;

/// Cell sizes. Up to 1024: multiples of 16; above: multiples of 256 (the lookup tables rely on it).
pub const CLASS_SIZES: [u32; 38] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560,
    3072, 3584, 4096, 5376, 6400, 7168, 8192, 9216, 10752, 13056, 16384, 21760, 32768,
];
pub const CLASS_COUNT: usize = CLASS_SIZES.len();
/// Classes of which a start needs at least most of a block: bits by class. Their first blocks are the early ones.
const fn early_classes() -> u64 {
    const SIZES: [u32; 14] = [32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 448, 640, 896, 2560];
    let (mut bits, mut index) = (0, 0);
    while index < SIZES.len() {
        let mut class = 0;
        while CLASS_SIZES[class] != SIZES[index] {
            class += 1;
        }
        bits |= 1 << class;
        index += 1;
    }
    bits
}
const EARLY_CLASSES: u64 = early_classes();

pub fn is_early(class: usize) -> bool {
    EARLY_CLASSES >> class & 1 == 1
}

/// Sizes above this are large objects.
pub const SMALL_LIMIT: usize = 32768;
/// Sizes up to this are found in the first table, which the inlined allocation uses.
pub const FINE_LIMIT: usize = 1024;

const fn class_table<const N: usize>(step: usize) -> [u8; N] {
    let mut table = [0; N];
    let mut index = 0;
    while index < N {
        let mut class = 0;
        while (CLASS_SIZES[class] as usize) < index * step {
            class += 1;
        }
        table[index] = class as u8;
        index += 1;
    }
    table
}

/// Per class, the granules of a block at which cells begin.
static CELL_STARTS: [[u64; BITMAP_WORDS]; CLASS_COUNT] = {
    let mut starts = [[0; BITMAP_WORDS]; CLASS_COUNT];
    let mut class = 0;
    while class < CLASS_COUNT {
        let cell = CLASS_SIZES[class] as usize >> GRANULE_SHIFT;
        let mut granule = 0;
        while granule + cell <= BLOCK_SIZE >> GRANULE_SHIFT {
            starts[class][granule >> 6] |= 1 << (granule & 63);
            granule += cell;
        }
        class += 1;
    }
    starts
};

pub static FINE_CLASSES: [u8; FINE_LIMIT / 16 + 1] = class_table(16);
static COARSE_CLASSES: [u8; SMALL_LIMIT / 256 + 1] = class_table(256);

/// Size class of `size`, which is at most `SMALL_LIMIT`.
#[inline]
pub fn class_of(size: usize) -> usize {
    if size <= FINE_LIMIT { FINE_CLASSES[size.div_ceil(16)] as usize } else { COARSE_CLASSES[size.div_ceil(256)] as usize }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BlockKind {
    Free = 0,
    Small = 1,
    LargeHead = 2,
    LargeTail = 3,
}

/// Description of a block. Written by the thread that owns the block, or with the space locked, or with the world
/// stopped. Zeroed memory is the description of a free, clean block.
#[repr(C, align(64))]
pub struct BlockMeta {
    pub kind: BlockKind,
    pub class: u8,
    /// The memory may hold something other than zeroes.
    pub dirty: bool,
    /// Some permanent bit is set.
    pub permanent: AtomicBool,
    /// Some tenured bit is set.
    pub tenured: bool,
    pub cell_size: u32,
    /// `ceil(2^32 / cell_size)`: division of an offset below 2^16 by multiplication.
    pub reciprocal: u32,
    pub cells: u32,
    /// Cells alive after the last collection.
    pub live: u32,
    /// Next block of the same list, plus one; 0 ends the list.
    pub next: u32,
    /// Large head: blocks of the run. Large tail: distance to its head.
    pub run: u32,
    /// Large head: bytes of the object.
    pub size: usize,
}

const _: () = assert!(size_of::<BlockMeta>() == META_SIZE);

#[inline(always)]
pub fn meta(block: usize) -> *mut BlockMeta {
    (region::meta_base() + block * META_SIZE) as *mut BlockMeta
}
#[inline(always)]
pub fn block_of(address: usize) -> usize {
    (address - region::heap_base()) >> BLOCK_SHIFT
}
#[inline(always)]
pub fn block_start(block: usize) -> usize {
    region::heap_base() + (block << BLOCK_SHIFT)
}
/// Blocks of the run of a large object.
#[inline(always)]
pub fn blocks_for(size: usize) -> usize {
    size.div_ceil(BLOCK_SIZE)
}

#[inline(always)]
fn bit_word(base: usize, address: usize) -> (&'static AtomicU64, u64) {
    let granule = (address - region::heap_base()) >> GRANULE_SHIFT;
    // SAFETY: callers pass addresses in the object range; the bitmaps cover all of it.
    (unsafe { &*((base + (granule >> 6) * 8) as *const AtomicU64) }, 1 << (granule & 63))
}

/// The bitmap words of a block.
#[inline(always)]
pub fn alloc_words(block: usize) -> &'static [AtomicU64; BITMAP_WORDS] {
    // SAFETY: the bitmap covers every block.
    unsafe { &*((region::alloc_bits_base() + block * BITMAP_WORDS * 8) as *const _) }
}
#[inline(always)]
pub fn mark_words(block: usize) -> &'static [AtomicU64; BITMAP_WORDS] {
    // SAFETY: the bitmap covers every block.
    unsafe { &*((region::mark_bits_base() + block * BITMAP_WORDS * 8) as *const _) }
}

#[inline(always)]
pub fn permanent_words(block: usize) -> &'static [AtomicU64; BITMAP_WORDS] {
    // SAFETY: the bitmap covers every block.
    unsafe { &*((region::permanent_bits_base() + block * BITMAP_WORDS * 8) as *const _) }
}

#[inline(always)]
pub fn tenured_words(block: usize) -> &'static [AtomicU64; BITMAP_WORDS] {
    // SAFETY: the bitmap covers every block.
    unsafe { &*((region::tenured_bits_base() + block * BITMAP_WORDS * 8) as *const _) }
}

pub fn is_tenured(address: usize) -> bool {
    let (word, bit) = bit_word(region::tenured_bits_base(), address);
    word.load(Ordering::Relaxed) & bit != 0
}

/// Sets the tenured bit of an object. World stopped.
pub fn set_tenured(address: usize) {
    let (word, bit) = bit_word(region::tenured_bits_base(), address);
    word.store(word.load(Ordering::Relaxed) | bit, Ordering::Relaxed);
    // SAFETY: the world is stopped, so nobody owns the block.
    unsafe { (*meta(block_of(address))).tenured = true };
}

pub fn is_permanent(address: usize) -> bool {
    let (word, bit) = bit_word(region::permanent_bits_base(), address);
    word.load(Ordering::Relaxed) & bit != 0
}

/// Sets the permanent bit of an object in a small block, and its mark bit for good. False: not in a small block.
pub fn set_permanent(address: usize) -> bool {
    let block = block_of(address);
    // SAFETY: the object keeps its block a small one.
    let description = unsafe { &*meta(block) };
    if description.kind != BlockKind::Small {
        return false;
    }
    let permanent = bit_word(region::permanent_bits_base(), address);
    let mark = bit_word(region::mark_bits_base(), address);
    for (word, bit) in [permanent, mark] {
        if crate::world::is_multithreaded() {
            word.fetch_or(bit, Ordering::Relaxed);
        } else {
            word.store(word.load(Ordering::Relaxed) | bit, Ordering::Relaxed);
        }
    }
    description.permanent.store(true, Ordering::Relaxed);
    true
}

#[inline(always)]
pub fn set_allocated(address: usize) {
    let (word, bit) = bit_word(region::alloc_bits_base(), address);
    word.store(word.load(Ordering::Relaxed) | bit, Ordering::Relaxed)
}
#[inline(always)]
pub fn clear_allocated(address: usize) {
    let (word, bit) = bit_word(region::alloc_bits_base(), address);
    word.store(word.load(Ordering::Relaxed) & !bit, Ordering::Relaxed)
}
#[inline(always)]
pub fn is_allocated(address: usize) -> bool {
    let (word, bit) = bit_word(region::alloc_bits_base(), address);
    word.load(Ordering::Relaxed) & bit != 0
}
#[inline(always)]
pub fn set_marked(address: usize) {
    let (word, bit) = bit_word(region::mark_bits_base(), address);
    word.fetch_or(bit, Ordering::Relaxed);
}
#[inline(always)]
pub fn is_marked(address: usize) -> bool {
    let (word, bit) = bit_word(region::mark_bits_base(), address);
    word.load(Ordering::Relaxed) & bit != 0
}
#[inline(always)]
pub fn in_heap(address: usize) -> bool {
    address.wrapping_sub(region::heap_base()) < region::heap_size()
}

/// Start of the object that `address` points at or into, if there is one. World stopped, or the object is the
/// caller's own.
pub fn object_containing(address: usize) -> Option<usize> {
    if !in_heap(address) {
        return None;
    }
    let block = block_of(address);
    // SAFETY: descriptions exist (zeroed: free) for the whole range.
    let description = unsafe { &*meta(block) };
    let start = match description.kind {
        BlockKind::Free => return None,
        BlockKind::Small => {
            let offset = address & (BLOCK_SIZE - 1);
            let cell = (offset as u64 * description.reciprocal as u64) >> 32;
            if cell >= description.cells as u64 {
                return None;
            }
            block_start(block) + cell as usize * description.cell_size as usize
        }
        BlockKind::LargeHead => block_start(block),
        BlockKind::LargeTail => block_start(block - description.run as usize),
    };
    // SAFETY: `start` is a cell of a block in use: readable memory.
    (is_allocated(start) && unsafe { (*(start as *const Header)).shape() } != SHAPE_INVALID).then_some(start)
}

/// Makes a block that nobody uses a small block of `class`. Its allocation bits are clear.
///
/// # Safety
/// The caller owns the block.
pub unsafe fn make_small(block: usize, class: usize) {
    let description = &mut *meta(block);
    let cell_size = CLASS_SIZES[class];
    description.kind = BlockKind::Small;
    description.class = class as u8;
    description.cell_size = cell_size;
    description.reciprocal = ((1u64 << 32).div_ceil(cell_size as u64)) as u32;
    description.cells = BLOCK_SIZE as u32 / cell_size;
    description.live = 0;
    description.next = 0;
}

/// The next run of free cells of a small block at or after granule `from`: `(first, end)` granules.
///
/// # Safety
/// The caller owns the block, or the world is stopped.
pub unsafe fn next_hole(block: usize, from: usize) -> Option<(usize, usize)> {
    let description = &*meta(block);
    let cell = (description.cell_size >> GRANULE_SHIFT) as usize;
    let limit = description.cells as usize * cell;
    let words = alloc_words(block);
    let starts = &CELL_STARTS[description.class as usize];
    let mut index = from >> 6;
    let mut after = !0u64 << (from & 63);
    while index * 64 < limit {
        let free = starts[index] & !words[index].load(Ordering::Relaxed) & after;
        if free != 0 {
            let first = index * 64 + free.trailing_zeros() as usize;
            return Some((first, next_set_bit(words, first, limit)));
        }
        after = !0;
        index += 1;
    }
    None
}

fn next_set_bit(words: &[AtomicU64; BITMAP_WORDS], from: usize, limit: usize) -> usize {
    let mut index = from >> 6;
    let mut bits = words[index].load(Ordering::Relaxed) & (!0 << (from & 63));
    loop {
        if bits != 0 {
            return (index * 64 + bits.trailing_zeros() as usize).min(limit);
        }
        index += 1;
        if index * 64 >= limit {
            return limit;
        }
        bits = words[index].load(Ordering::Relaxed);
    }
}

/// Sets the allocation bits of the cells in granules `[first, end)` of a block.
pub fn claim_cells(block: usize, first: usize, end: usize, class: usize) {
    let words = alloc_words(block);
    let starts = &CELL_STARTS[class];
    let mut granule = first;
    while granule < end {
        let index = granule >> 6;
        let stop = end.min((index + 1) << 6);
        let mask = (!0u64 << (granule & 63)) & (!0u64 >> (63 - ((stop - 1) & 63)));
        words[index].store(words[index].load(Ordering::Relaxed) | starts[index] & mask, Ordering::Relaxed);
        granule = stop;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_is_asked_and_tables_agree() {
        for size in 1..=SMALL_LIMIT {
            let class = class_of(size);
            assert!(CLASS_SIZES[class] as usize >= size);
            assert_eq!(class_of(CLASS_SIZES[class] as usize), class);
        }
    }

    #[test]
    fn cells_start_where_their_sizes_say() {
        for (class, size) in CLASS_SIZES.iter().enumerate() {
            let count: u32 = CELL_STARTS[class].iter().map(|word| word.count_ones()).sum();
            assert_eq!(count, BLOCK_SIZE as u32 / size);
            let last = (count as usize - 1) * *size as usize / GRANULE;
            assert_eq!(CELL_STARTS[class][last / 64] >> (last % 64), 1);
        }
    }

    #[test]
    fn reciprocals_divide_every_offset() {
        for size in CLASS_SIZES {
            let reciprocal = (1u64 << 32).div_ceil(size as u64);
            for offset in 0..BLOCK_SIZE as u64 {
                assert_eq!((offset * reciprocal) >> 32, offset / size as u64);
            }
        }
    }
}
