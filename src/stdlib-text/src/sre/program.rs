//! A pattern as the machine runs it: instructions with resolved targets, and what is known of the characters they can begin with.

use super::chars::{Casing, CharTest};

pub type Pc = u32;
/// No first set known.
pub const UNKNOWN: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inst {
    Fail,
    /// End of the whole pattern.
    Success,
    AnyAll,
    Char(u32),
    /// A run of literal characters in `Program::literals`.
    Text {
        start: u32,
        len: u32,
    },
    Test(u32),
    At(u32),
    Mark(u32),
    Jump(Pc),
    /// Alternatives in `Program::alternatives`, tried in order.
    Branch {
        first: u32,
        count: u32,
    },
    /// Repeats of one character (`Program::singles`).
    Greedy(u32),
    Lazy(u32),
    Possessive(u32),
    /// Repeats of more (`Program::loops`).
    LoopEnter(u32),
    MaxUntil(u32),
    MinUntil(u32),
    PossessiveEnter(u32),
    PossessiveNext(u32),
    PossessiveEnd(u32),
    /// Steps `back` characters back first.
    Assert {
        back: u32,
    },
    AssertEnd,
    /// Continues at `next` when the body fails.
    AssertNot {
        back: u32,
        next: Pc,
    },
    AssertNotEnd,
    Atomic,
    AtomicEnd,
    GroupRef {
        group: u32,
        casing: Casing,
    },
    /// Continues at `no` when the group has not matched.
    GroupExists {
        group: u32,
        no: Pc,
    },
}

/// What a one-character repeat repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum One {
    AnyAll,
    Char(u32),
    Test(u32),
}

/// What must follow a one-character repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    Unknown,
    /// Only the longest run can go on.
    Exclusive,
    Char(u32),
    First(u32),
}

#[derive(Clone, Copy, Debug)]
pub struct Single {
    pub one: One,
    pub min: usize,
    pub max: usize,
    pub follow: Follow,
}

#[derive(Clone, Copy, Debug)]
pub struct Loop {
    pub min: u32,
    /// `u32::MAX`: no limit.
    pub max: u32,
    pub body: Pc,
    pub tail: Pc,
    pub body_first: u32,
    pub tail_first: u32,
    /// Where the body can begin, the tail cannot.
    pub exclusive: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Alternative {
    pub pc: Pc,
    pub first: u32,
}

/// Characters that a match from some place on can begin with.
pub struct First {
    pub table: [bool; 256],
    /// Whether characters from 256 on are possible.
    pub wide: bool,
}

impl First {
    pub const fn none() -> First {
        First { table: [false; 256], wide: false }
    }
    #[inline(always)]
    pub fn has(&self, code: u32) -> bool {
        if code < 256 { self.table[code as usize] } else { self.wide }
    }
    pub fn add(&mut self, other: &First) {
        for (slot, more) in self.table.iter_mut().zip(&other.table) {
            *slot |= more;
        }
        self.wide |= other.wide;
    }
    pub fn is_disjoint(&self, other: &First) -> bool {
        !(self.wide && other.wide) && !self.table.iter().zip(&other.table).any(|(a, b)| *a && *b)
    }
}

/// How `search` finds places where a match may begin.
pub enum Scan {
    Everywhere,
    /// Only at the very beginning of the text.
    TextStart,
    LineStarts,
    /// A literal of at least two characters; the finder serves one-byte text.
    Literal {
        text: Box<[u32]>,
        finder: Option<Box<memchr::memmem::Finder<'static>>>,
        is_whole: bool,
    },
    Char(u32),
    /// Two or three possible bytes, for one-byte text.
    First {
        first: u32,
        few: Option<(u8, u8, u8)>,
    },
}

pub struct Program {
    pub insts: Vec<Inst>,
    pub literals: Vec<u32>,
    pub tests: Vec<CharTest>,
    pub alternatives: Vec<Alternative>,
    pub singles: Vec<Single>,
    pub loops: Vec<Loop>,
    pub firsts: Vec<First>,
    pub mark_count: usize,
    /// Least number of characters of a match.
    pub min_width: usize,
    pub scan: Scan,
}
