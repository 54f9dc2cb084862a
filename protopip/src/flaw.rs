//! What is wrong with a file that somebody gave us, in one sentence that does not name the file.
//! Readers of foreign data return flaws; the border functions (`Wheel::open`, ...) add the file's name and make an `Error` of it.
//! Must not know: wheels, indexes, environments.

use std::fmt;

pub type Checked<T> = std::result::Result<T, Flaw>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw(pub String);

impl Flaw {
    pub fn new(sentence: impl Into<String>) -> Self {
        Flaw(sentence.into())
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Flaw {}

impl From<std::io::Error> for Flaw {
    fn from(error: std::io::Error) -> Self {
        // Readers wrap flaws in I/O errors where a trait forces them to: take the flaw out again.
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Flaw>()) {
            Some(flaw) => flaw.clone(),
            None => Flaw(format!("cannot be read: {error}")),
        }
    }
}

impl From<Flaw> for std::io::Error {
    fn from(flaw: Flaw) -> Self {
        std::io::Error::new(std::io::ErrorKind::InvalidData, flaw)
    }
}

/// `return Err(Flaw(format!(...)))`, and `flaw!(unless cond, ...)`.
macro_rules! flaw {
    (unless $condition:expr, $($format:tt)*) => {
        if !$condition {
            return Err($crate::flaw::Flaw(format!($($format)*)));
        }
    };
    ($($format:tt)*) => {
        return Err($crate::flaw::Flaw(format!($($format)*)))
    };
}
pub(crate) use flaw;

/// A name from foreign data as it may stand in a message: control characters escaped, not longer than a line.
pub fn shown(name: &str) -> String {
    let escaped: String = name
        .chars()
        .take(120)
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect();
    if name.chars().count() > 120 { format!("{escaped}...") } else { escaped }
}
