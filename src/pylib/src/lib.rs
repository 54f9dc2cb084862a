//! Where the Python part of the standard library lies. Must not know: the runtime.

/// Path of the library relative to a home (a folder with the landmark `share/protopython`).
pub const LIBRARY_IN_HOME: &str = "share/protopython/lib/python3.14";

/// The landmark by which `protopy` recognises its home.
pub const LANDMARK: &str = "share/protopython";
