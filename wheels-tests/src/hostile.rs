//! The thirteen wheels that trusted installers accept or half accept. Each is a sound wheel with one deed in it.

use crate::wheel::{BuiltWheel, WheelBuilder};
use crate::zip::ZipEntry;

/// What an installer must do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Refused,
    /// Installed, with a note that holds this word.
    Noted(&'static str),
}

#[derive(Debug, Clone)]
pub struct Hostile {
    pub label: &'static str,
    pub wheel: BuiltWheel,
    pub expected: Expected,
}

pub fn all() -> Vec<Hostile> {
    let base = || WheelBuilder::simple("hostile", "1.0");
    let refused = |label, wheel| Hostile { label, wheel, expected: Expected::Refused };
    let with_file = |name: &str| base().file(name, "owned = True\n").build();

    let mut wrong_hash = base().zip();
    wrong_hash.entry("hostile/__init__.py").data = b"__version__ = 'bad'\n".to_vec();

    let mut unlisted = base().zip();
    unlisted.entries.insert(0, ZipEntry::new("hostile/extra.py", "import os\n"));

    let mut twice = base().zip();
    let mut other = twice.entry("hostile/__init__.py").clone();
    other.data = b"__version__ = 'two'\n".to_vec();
    twice.entries.insert(1, other);

    let link = ZipEntry { mode: 0o120_777, method: 0, ..ZipEntry::new("hostile/link", "/etc/passwd") };
    let bomb = ZipEntry::new("hostile/zeros.bin", vec![0; 64 << 20]);

    let mut trailing = base().zip();
    trailing.after = b"#!/bin/sh\necho more\n".to_vec();

    let mut differing = base().zip();
    differing.entry("hostile/__init__.py").lies.local_name = Some(b"hostile/__main__.py".to_vec());

    vec![
        refused("a path that leaves the environment", with_file("../../../../escaped.py")),
        refused("an absolute path", with_file("/tmp/protopip-escaped.py")),
        refused("a data path that leaves the environment", base().data("data/../../../escaped", "x").build()),
        refused("a wrong hash in RECORD", base().built(&wrong_hash)),
        refused("a file that RECORD does not list", base().built(&unlisted)),
        refused("the same name twice", base().built(&twice)),
        refused("a symbolic link", base().entry(link).build()),
        Hostile {
            label: "names that differ in case",
            wheel: base().file("hostile/A.py", "a\n").file("hostile/a.py", "b\n").build(),
            expected: Expected::Noted("case"),
        },
        refused("a script called python", base().data("scripts/python", "#!/bin/sh\n").build()),
        refused("a data file in the place of python3", base().data("data/bin/python3", "#!/bin/sh\n").build()),
        refused("a bomb", base().entry(bomb).build()),
        refused("bytes after the end", base().built(&trailing)),
        Hostile {
            label: "code in a .pth file",
            wheel: base().file("hostile.pth", "import hostile\n").build(),
            expected: Expected::Noted("every start"),
        },
        refused("two names for one entry", base().built(&differing)),
    ]
}
