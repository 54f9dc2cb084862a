//! What arithmetic is told (precision, rounding, limits) and what it reports (conditions). Must not know: Python contexts.

pub const MAX_PREC: i64 = 999_999_999_999_999_999;
pub const MAX_EMAX: i64 = 999_999_999_999_999_999;
pub const MIN_EMIN: i64 = -999_999_999_999_999_999;
pub const MIN_ETINY: i64 = MIN_EMIN - (MAX_PREC - 1);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    ZeroFiveUp,
}

impl Rounding {
    pub const ALL: [Rounding; 8] = [
        Rounding::Up,
        Rounding::Down,
        Rounding::Ceiling,
        Rounding::Floor,
        Rounding::HalfUp,
        Rounding::HalfDown,
        Rounding::HalfEven,
        Rounding::ZeroFiveUp,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Rounding::Up => "ROUND_UP",
            Rounding::Down => "ROUND_DOWN",
            Rounding::Ceiling => "ROUND_CEILING",
            Rounding::Floor => "ROUND_FLOOR",
            Rounding::HalfUp => "ROUND_HALF_UP",
            Rounding::HalfDown => "ROUND_HALF_DOWN",
            Rounding::HalfEven => "ROUND_HALF_EVEN",
            Rounding::ZeroFiveUp => "ROUND_05UP",
        }
    }
    pub fn of_index(index: u8) -> Rounding {
        Rounding::ALL[(index & 7) as usize]
    }
}

/// Conditions, as bits.
pub type Status = u32;
pub const CLAMPED: Status = 1;
pub const CONVERSION_SYNTAX: Status = 2;
pub const DIVISION_BY_ZERO: Status = 4;
pub const DIVISION_IMPOSSIBLE: Status = 8;
pub const DIVISION_UNDEFINED: Status = 16;
pub const INEXACT: Status = 64;
pub const INVALID_CONTEXT: Status = 128;
pub const INVALID_OPERATION: Status = 256;
/// More digits than there is memory for.
pub const NO_MEMORY: Status = 512;
pub const FLOAT_OPERATION: Status = 1024;
pub const OVERFLOW: Status = 2048;
pub const ROUNDED: Status = 4096;
pub const SUBNORMAL: Status = 8192;
pub const UNDERFLOW: Status = 16384;

/// The conditions that the signal InvalidOperation stands for.
pub const INVALID_GROUP: Status =
    CONVERSION_SYNTAX | DIVISION_IMPOSSIBLE | DIVISION_UNDEFINED | INVALID_CONTEXT | INVALID_OPERATION | NO_MEMORY;
/// Conditions that leave no result worth having.
pub const ERRORS: Status = INVALID_GROUP | DIVISION_BY_ZERO;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ctx {
    pub prec: i64,
    pub emax: i64,
    pub emin: i64,
    pub rounding: Rounding,
    pub clamp: bool,
}

impl Ctx {
    /// Nothing is ever cut off.
    pub const WIDEST: Ctx = Ctx { prec: MAX_PREC, emax: MAX_EMAX, emin: MIN_EMIN, rounding: Rounding::HalfEven, clamp: false };

    #[inline(always)]
    pub fn etiny(&self) -> i64 {
        self.emin - (self.prec - 1)
    }
    #[inline(always)]
    pub fn etop(&self) -> i64 {
        self.emax - (self.prec - 1)
    }
    pub fn rounded(&self, rounding: Rounding) -> Ctx {
        Ctx { rounding, ..*self }
    }
}
