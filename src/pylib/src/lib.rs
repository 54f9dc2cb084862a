//! Where the Python part of the standard library lies, and the frozen modules. Must not know: the runtime.

/// Path of the library relative to a home.
pub const LIBRARY_IN_HOME: &str = "lib/python3.14";

/// Path of the library in one archive, as wheels bring it, relative to a home.
pub const ZIP_IN_HOME: &str = "lib/python314.zip";

/// Home, relative to the folder that something was installed into; the landmark by which `protopy` recognises it.
pub const LANDMARK: &str = "share/protopython";

static ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/frozen.bin"));

/// A library module whose code is in the binary.
pub struct Frozen {
    pub name: &'static str,
    pub is_package: bool,
    /// The module that the source belongs to (`_imp.find_frozen` shows it); None if there is no source.
    pub origin: Option<&'static str>,
    start: usize,
    end: usize,
}

/// All frozen modules, in CPython's order.
pub static FROZEN: &[Frozen] = &include!(concat!(env!("OUT_DIR"), "/frozen_index.rs"));

/// Checksums of the code units of the library's compiled files, sorted.
static OWN_UNITS: &[u64] = &include!(concat!(env!("OUT_DIR"), "/own_units.rs"));

/// Whether the build compiled the unit with this checksum: then it is as good as one in the program. (A file that was made to have the
/// checksum is no danger: who can write library files can run anything.)
pub fn is_own_unit(checksum: u64) -> bool {
    OWN_UNITS.binary_search(&checksum).is_ok()
}

impl Frozen {
    /// The serialised code unit.
    pub fn code(&self) -> &'static [u8] {
        &ARCHIVE[self.start..self.end]
    }
}

pub fn find_frozen(name: &str) -> Option<&'static Frozen> {
    FROZEN.iter().find(|module| module.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_holds_what_every_start_needs() {
        for name in ["_frozen_importlib", "_frozen_importlib_external", "zipimport", "os", "site", "codecs", "abc", "io"] {
            assert!(find_frozen(name).is_some_and(|module| module.code().starts_with(b"PPYU")), "{name}");
        }
        assert!(find_frozen("json").is_none());
    }
}
