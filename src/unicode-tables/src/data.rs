//! Reading numbers out of the data blob. Knows the number formats, not what the numbers mean.

/// The bytes themselves, not a reference to them: what only a reference leads to is a constant without a name, of which every part of the
/// program that is compiled for itself gets a copy.
static BLOB: [u8; include_bytes!("tables.bin").len()] = *include_bytes!("tables.bin");

const BLOCK_BITS: u32 = 7;

/// A section of the blob, by its entry in `layout`.
#[derive(Clone, Copy)]
pub struct Section(&'static [u8]);

impl Section {
    pub const fn new((offset, length): (usize, usize)) -> Self {
        Self(BLOB.split_at(offset).1.split_at(length).0)
    }

    pub const fn bytes(self) -> &'static [u8] {
        self.0
    }

    #[inline]
    pub fn u16(self, index: usize) -> u16 {
        let at = index * 2;
        u16::from_le_bytes([self.0[at], self.0[at + 1]])
    }

    /// A 24-bit number.
    #[inline]
    pub fn u24(self, index: usize) -> u32 {
        let at = index * 3;
        u32::from_le_bytes([self.0[at], self.0[at + 1], self.0[at + 2], 0])
    }

    #[inline]
    pub fn record<const SIZE: usize>(self, index: usize) -> &'static [u8; SIZE] {
        let at = index * SIZE;
        self.0[at..at + SIZE].first_chunk().expect("the slice has this length")
    }

    pub fn f64(self, index: usize) -> f64 {
        f64::from_le_bytes(*self.record(index))
    }
}

/// A two-stage table from code point to number.
pub struct TwoStage<const WIDE: bool> {
    stage1: Section,
    stage2: Section,
}

impl<const WIDE: bool> TwoStage<WIDE> {
    pub const fn new(stage1: (usize, usize), stage2: (usize, usize)) -> Self {
        Self { stage1: Section::new(stage1), stage2: Section::new(stage2) }
    }

    /// The number of `code_point`; beyond the code space that of the last code point, which is unassigned.
    #[inline]
    pub fn get(&self, code_point: u32) -> usize {
        let code_point = code_point.min(crate::CODE_POINT_LIMIT - 1);
        let block = self.stage1.u16((code_point >> BLOCK_BITS) as usize) as usize;
        let index = (block << BLOCK_BITS) + (code_point & ((1 << BLOCK_BITS) - 1)) as usize;
        if WIDE { self.stage2.u16(index) as usize } else { self.stage2.bytes()[index] as usize }
    }
}
