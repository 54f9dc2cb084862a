//! Decoder: words to instructions, with the registers each one reads and writes.
//! Safe on any words: an unknown op or a missing extension word ends the iteration.

use crate::ops::{self, CALL_HEADER, ExtKind, Op, OperandKind, effects};

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Index of its first word.
    pub pc: usize,
    pub op: Op,
    pub a: u8,
    pub b: u8,
    pub c: u8,
    pub ext: u32,
}

/// A run of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterRange {
    pub first: usize,
    pub count: usize,
}

/// The few runs that an instruction names.
#[derive(Clone, Copy)]
pub struct Ranges {
    items: [RegisterRange; 8],
    count: usize,
}

impl Ranges {
    fn new() -> Ranges {
        Ranges { items: [RegisterRange { first: 0, count: 0 }; 8], count: 0 }
    }
    fn add(&mut self, first: usize, count: usize) {
        self.items[self.count] = RegisterRange { first, count };
        self.count += 1;
    }
}

impl IntoIterator for Ranges {
    type Item = RegisterRange;
    type IntoIter = std::iter::Take<std::array::IntoIter<RegisterRange, 8>>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter().take(self.count)
    }
}

impl Decoded {
    /// The 16-bit operand.
    pub fn wide(&self) -> u16 {
        u16::from_le_bytes([self.b, self.c])
    }

    /// The 24-bit signed operand.
    pub fn offset24(&self) -> i32 {
        i32::from_le_bytes([0, self.a, self.b, self.c]) >> 8
    }

    pub fn next_pc(&self) -> usize {
        self.pc + self.op.words()
    }

    /// The jump offset if it is a jump.
    pub fn jump_offset(&self) -> Option<i64> {
        let info = self.op.info();
        if info.ext == ExtKind::Jump {
            Some(i64::from(self.ext as i32))
        } else if info.operands[0] == OperandKind::J24 {
            Some(i64::from(self.offset24()))
        } else if info.operands[1] == OperandKind::J16 {
            Some(i64::from(self.wide() as i16))
        } else {
            None
        }
    }

    /// Word index that the jump goes to; `usize::MAX` when before the start.
    pub fn jump_target(&self) -> Option<usize> {
        self.jump_offset().map(|offset| usize::try_from(self.next_pc() as i64 + offset).unwrap_or(usize::MAX))
    }

    pub fn falls_through(&self) -> bool {
        !self.op.has_effect(effects::ENDS)
    }

    fn operands(&self) -> [(OperandKind, u8); 3] {
        let kinds = self.op.info().operands;
        [(kinds[0], self.a), (kinds[1], self.b), (kinds[2], self.c)]
    }

    /// Registers read.
    pub fn reads(&self) -> Ranges {
        use OperandKind::*;
        let mut ranges = Ranges::new();
        let header = CALL_HEADER as usize;
        let mut add = |first: usize, count: usize| ranges.add(first, count);
        for (kind, register) in self.operands() {
            let register = register as usize;
            match kind {
                R | RW => add(register, 1),
                R2 => add(register, 2),
                R3 => add(register, 3),
                RSeqC => add(register, self.c as usize),
                RPairSeqC => add(register, 2 * self.c as usize),
                RWSeq16 => add(register, self.wide() as usize),
                RIntrinsic => add(register, ops::Intrinsic::from_u8(self.c).map_or(0, |which| which.arity() as usize)),
                RFormat => {
                    let base = if self.op == Op::BuildInterpolation { 2 } else { 1 };
                    add(register, base + usize::from(self.c & 4 != 0));
                }
                CallBase => {
                    add(register, 1);
                    add(register + header, self.b as usize);
                }
                MethodBase => {
                    add(register, 1);
                    add(register + header, self.b as usize + 1);
                }
                ExBase => {
                    add(register, 1);
                    add(register + header, 2);
                }
                _ => {}
            }
        }
        if self.op == Op::MakeFunction {
            let (flags, first) = (self.ext as u8, (self.ext >> 8) as usize);
            let count = (flags & !ops::make_flags::CLOSURE).count_ones() as usize;
            ranges.add(first, count);
        }
        ranges
    }

    /// Registers written (without those a call clobbers above its base).
    pub fn writes(&self) -> Ranges {
        use OperandKind::*;
        let mut ranges = Ranges::new();
        let mut add = |first: usize, count: usize| ranges.add(first, count);
        for (kind, register) in self.operands() {
            let register = register as usize;
            match kind {
                W | RW | RWSeq16 | CallBase | MethodBase | ExBase => add(register, 1),
                W2 => add(register, 2),
                W3 => add(register, 3),
                WSeqC => add(register, self.c as usize),
                WSeq16 => add(register, self.wide() as usize),
                WSeqExt => add(register, (self.ext & 0xFFFF) as usize + (self.ext >> 16) as usize + 1),
                WMethod => {
                    add(register, 1);
                    add(register + CALL_HEADER as usize, 1);
                }
                _ => {}
            }
        }
        ranges
    }
}

/// Iterates over the instructions of `words` from the start.
pub fn instructions(words: &[u32]) -> Instructions<'_> {
    Instructions { words, pc: 0 }
}

/// The instruction at word `pc`, if it is one.
pub fn decode(words: &[u32], pc: usize) -> Option<Decoded> {
    let [number, a, b, c] = words.get(pc)?.to_le_bytes();
    let op = Op::from_u8(number)?;
    let ext = if op.words() == 2 { *words.get(pc + 1)? } else { 0 };
    Some(Decoded { pc, op, a, b, c, ext })
}

pub struct Instructions<'a> {
    words: &'a [u32],
    pc: usize,
}

impl Instructions<'_> {
    /// Word index after the last instruction decoded; the length of the words if all were sound.
    pub fn pc(&self) -> usize {
        self.pc
    }
}

impl Iterator for Instructions<'_> {
    type Item = Decoded;

    fn next(&mut self) -> Option<Decoded> {
        let decoded = decode(self.words, self.pc)?;
        self.pc = decoded.next_pc();
        Some(decoded)
    }
}
