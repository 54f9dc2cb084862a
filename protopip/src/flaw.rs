//! What is wrong with a file that somebody gave us, in one sentence that does not name the file.
//! Readers of foreign data return flaws; the border functions (`Wheel::open`, ...) add the file's name and make an `Error` of it.
//! Must not know: wheels, indexes, environments.

use std::fmt;

pub type Checked<T> = std::result::Result<T, Flaw>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    sentence: String,
    /// Not the file is to blame but this machine: a full disk, a missing permission.
    is_ours: bool,
}

impl Flaw {
    pub fn new(sentence: impl Into<String>) -> Self {
        Flaw { sentence: sentence.into(), is_ours: false }
    }

    /// What this machine could not do.
    pub fn ours(sentence: impl Into<String>) -> Self {
        Flaw { sentence: sentence.into(), is_ours: true }
    }

    pub fn is_ours(&self) -> bool {
        self.is_ours
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Flaw {}

impl From<std::io::Error> for Flaw {
    fn from(error: std::io::Error) -> Self {
        // Readers wrap flaws in I/O errors where a trait forces them to: take the flaw out again.
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Flaw>()) {
            Some(flaw) => flaw.clone(),
            None => Flaw::ours(format!("cannot be read: {error}")),
        }
    }
}

impl From<Flaw> for std::io::Error {
    fn from(flaw: Flaw) -> Self {
        std::io::Error::new(std::io::ErrorKind::InvalidData, flaw)
    }
}

/// Returns with a flaw; `flaw!(unless cond, ...)` does so if the condition does not hold.
macro_rules! flaw {
    (unless $condition:expr, $($format:tt)*) => {
        if !$condition {
            return Err($crate::flaw::Flaw::new(format!($($format)*)));
        }
    };
    ($($format:tt)*) => {
        return Err($crate::flaw::Flaw::new(format!($($format)*)))
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
