//! The module `_stat`: what the bits of file modes mean. Must not know: how files are asked (`posix/stat.rs`).

use native_macros::native_module;
use objects::{Cast, Module, R, Value, new_int};

/// Kinds of files: the name of the constant, the bits, the letter in listings.
const KINDS: &[(&str, u32, char)] = &[
    ("S_IFLNK", 0xa000, 'l'),
    ("S_IFSOCK", 0xc000, 's'),
    ("S_IFREG", 0x8000, '-'),
    ("S_IFBLK", 0x6000, 'b'),
    ("S_IFDIR", 0x4000, 'd'),
    ("S_IFCHR", 0x2000, 'c'),
    ("S_IFIFO", 0x1000, 'p'),
];
const KIND_MASK: u32 = 0xf000;

const NUMBERS: &[(&str, i64)] = &[
    // Not on this system.
    ("S_IFDOOR", 0),
    ("S_IFPORT", 0),
    ("S_IFWHT", 0),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ENFMT", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_IREAD", 0o400),
    ("S_IWRITE", 0o200),
    ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o70),
    ("S_IRGRP", 0o40),
    ("S_IWGRP", 0o20),
    ("S_IXGRP", 0o10),
    ("S_IRWXO", 7),
    ("S_IROTH", 4),
    ("S_IWOTH", 2),
    ("S_IXOTH", 1),
    ("UF_SETTABLE", 0xffff),
    ("UF_NODUMP", 1),
    ("UF_IMMUTABLE", 2),
    ("UF_APPEND", 4),
    ("UF_OPAQUE", 8),
    ("UF_NOUNLINK", 0x10),
    ("UF_COMPRESSED", 0x20),
    ("UF_TRACKED", 0x40),
    ("UF_DATAVAULT", 0x80),
    ("UF_HIDDEN", 0x8000),
    ("SF_SETTABLE", 0xffff_0000),
    ("SF_ARCHIVED", 0x1_0000),
    ("SF_IMMUTABLE", 0x2_0000),
    ("SF_APPEND", 0x4_0000),
    ("SF_NOUNLINK", 0x10_0000),
    ("SF_SNAPSHOT", 0x20_0000),
    ("SF_FIRMLINK", 0x80_0000),
    ("SF_DATALESS", 0x4000_0000),
    ("ST_MODE", 0),
    ("ST_INO", 1),
    ("ST_DEV", 2),
    ("ST_NLINK", 3),
    ("ST_UID", 4),
    ("ST_GID", 5),
    ("ST_SIZE", 6),
    ("ST_ATIME", 7),
    ("ST_MTIME", 8),
    ("ST_CTIME", 9),
];

fn is_kind(mode: u32, name: &str) -> bool {
    KINDS.iter().any(|kind| kind.0 == name && mode & KIND_MASK == kind.1)
}

/// Three letters for one group of permissions; `special` is the bit that takes the place of execution.
fn permissions(mode: u32, shift: u32, special: u32, letter: char) -> [char; 3] {
    let bits = mode >> shift;
    let on = |bit: u32, letter: char| if bits & bit != 0 { letter } else { '-' };
    let last = match (mode & special != 0, bits & 1 != 0) {
        (false, _) => on(1, 'x'),
        (true, true) => letter,
        (true, false) => letter.to_ascii_uppercase(),
    };
    [on(4, 'r'), on(2, 'w'), last]
}

pub struct Stat;

/// Kinds, permissions and flags of files.
#[native_module(name = "_stat")]
impl Stat {
    /// Whether the mode is that of a directory.
    #[name("S_ISDIR")]
    fn is_dir(object: u32) -> bool {
        is_kind(object, "S_IFDIR")
    }
    /// Whether the mode is that of a character device.
    #[name("S_ISCHR")]
    fn is_chr(object: u32) -> bool {
        is_kind(object, "S_IFCHR")
    }
    /// Whether the mode is that of a block device.
    #[name("S_ISBLK")]
    fn is_blk(object: u32) -> bool {
        is_kind(object, "S_IFBLK")
    }
    /// Whether the mode is that of a regular file.
    #[name("S_ISREG")]
    fn is_reg(object: u32) -> bool {
        is_kind(object, "S_IFREG")
    }
    /// Whether the mode is that of a named pipe.
    #[name("S_ISFIFO")]
    fn is_fifo(object: u32) -> bool {
        is_kind(object, "S_IFIFO")
    }
    /// Whether the mode is that of a symbolic link.
    #[name("S_ISLNK")]
    fn is_lnk(object: u32) -> bool {
        is_kind(object, "S_IFLNK")
    }
    /// Whether the mode is that of a socket.
    #[name("S_ISSOCK")]
    fn is_sock(object: u32) -> bool {
        is_kind(object, "S_IFSOCK")
    }
    /// Whether the mode is that of a door: there are none here.
    #[name("S_ISDOOR")]
    fn is_door(_mode: u32) -> bool {
        false
    }
    /// Whether the mode is that of an event port: there are none here.
    #[name("S_ISPORT")]
    fn is_port(_mode: u32) -> bool {
        false
    }
    /// Whether the mode is that of a whiteout: there are none here.
    #[name("S_ISWHT")]
    fn is_wht(_mode: u32) -> bool {
        false
    }
    /// The part of a mode that chmod can set.
    #[name("S_IMODE")]
    fn permission_bits(object: u32) -> u32 {
        object & 0o7777
    }
    /// The part of a mode that tells the kind of file.
    #[name("S_IFMT")]
    fn kind_bits(object: u32) -> u32 {
        object & KIND_MASK
    }
    /// A mode as listings show it: '-rwxrwxrwx'
    fn filemode(object: u32) -> String {
        let kind = KINDS.iter().find(|kind| object & KIND_MASK == kind.1).map_or('?', |kind| kind.2);
        let groups =
            [permissions(object, 6, 0o4000, 's'), permissions(object, 3, 0o2000, 's'), permissions(object, 0, 0o1000, 't')];
        std::iter::once(kind).chain(groups.into_iter().flatten()).collect()
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for (name, bits, _) in KINDS {
            module.set(name, new_int(i64::from(*bits)))?;
        }
        for (name, number) in NUMBERS {
            module.set(name, new_int(*number))?;
        }
        Ok(())
    }
}
