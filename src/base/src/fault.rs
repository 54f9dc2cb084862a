//! The error value of algorithms that report with the language's own words: which exception class, which text.
//! Must not know exception objects.

use std::borrow::Cow;

/// Which exception class the caller raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    Value,
    Type,
    Overflow,
    ZeroDivision,
    Index,
    Key,
    Memory,
}

/// An error with the final message text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    pub text: Cow<'static, str>,
}

impl Fault {
    pub fn new(kind: FaultKind, text: impl Into<Cow<'static, str>>) -> Fault {
        Fault { kind, text: text.into() }
    }
    pub fn value(text: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::Value, text)
    }
    pub fn type_(text: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::Type, text)
    }
    pub fn overflow(text: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::Overflow, text)
    }
    pub fn zero_division(text: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(FaultKind::ZeroDivision, text)
    }
    pub fn memory() -> Fault {
        Fault::new(FaultKind::Memory, "")
    }
}

/// Refuses a user-given text length that memory cannot hold, before an infallible allocation would abort.
pub(crate) fn check_length(characters: usize) -> Result<(), Fault> {
    const CERTAINLY_FINE: usize = 1 << 20;
    if characters <= CERTAINLY_FINE {
        return Ok(());
    }
    let bytes = characters.checked_mul(4).ok_or_else(Fault::memory)?;
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| Fault::memory())
}
