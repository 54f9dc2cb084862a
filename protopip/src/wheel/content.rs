//! What the native files of a wheel are made for: nothing native, HPy's universal binary interface, plain libraries, or CPython's C API.
//! Decided by the files themselves, because file names of wheels do not tell (there is no HPy tag).
//! Must not know: tags, interpreters.

use super::{Member, Wheel};
use crate::flaw::Checked;
use serde::{Deserialize, Serialize};
use std::io::Read;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// No shared object at all.
    Pure,
    /// Shared objects, none of them an extension module of Python (what ctypes loads, or programs).
    Libraries,
    /// Every extension module is `*.hpy0.so` for this machine.
    HpyUniversal,
    /// These files need CPython's C API.
    CApi(Vec<String>),
    /// These files are for another machine or system.
    OtherMachine(Vec<String>),
}

impl ContentKind {
    /// Nothing in it keeps it from working on an interpreter that loads HPy universal modules.
    pub fn loads_without_c_api(&self) -> bool {
        matches!(self, ContentKind::Pure | ContentKind::Libraries | ContentKind::HpyUniversal)
    }
}

enum Native {
    Hpy,
    Library,
    CApi,
    OtherMachine,
}

pub fn kind_of(wheel: &Wheel) -> Checked<ContentKind> {
    let (mut hpy, mut libraries) = (0, 0);
    let (mut c_api, mut other_machine) = (Vec::new(), Vec::new());
    for member in &wheel.members {
        match native(wheel, member)? {
            None => {}
            Some(Native::Hpy) => hpy += 1,
            Some(Native::Library) => libraries += 1,
            Some(Native::CApi) => c_api.push(member.entry.clone()),
            Some(Native::OtherMachine) => other_machine.push(member.entry.clone()),
        }
    }
    Ok(if !c_api.is_empty() {
        ContentKind::CApi(c_api)
    } else if !other_machine.is_empty() {
        ContentKind::OtherMachine(other_machine)
    } else if hpy > 0 {
        ContentKind::HpyUniversal
    } else if libraries > 0 {
        ContentKind::Libraries
    } else {
        ContentKind::Pure
    })
}

fn native(wheel: &Wheel, member: &Member) -> Checked<Option<Native>> {
    let name = member.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if name.ends_with(".pyd") {
        return Ok(Some(Native::CApi));
    }
    if name.ends_with(".dll") || name.ends_with(".dylib") {
        return Ok(Some(Native::OtherMachine));
    }
    if !name.ends_with(".so") && !name.contains(".so.") {
        return Ok(None);
    }
    let entry = wheel.entry_of(member)?;
    let mut reader = wheel.archive.reader(entry);
    let mut head = [0u8; 20];
    let filled = fill(&mut reader, &mut head)?;
    let for_this_machine = filled == head.len() && is_shared_object_here(&head);
    let is_hpy_universal = name.ends_with(".hpy0.so");
    Ok(Some(if is_hpy_universal && for_this_machine {
        Native::Hpy
    } else if is_hpy_universal {
        Native::OtherMachine
    } else if names_an_extension(&name) || mentions_c_api(&head[..filled], &mut reader)? {
        Native::CApi
    } else if for_this_machine {
        Native::Library
    } else {
        Native::OtherMachine
    }))
}

/// `x.cpython-314-x86_64-linux-gnu.so`, `x.abi3.so`, `x.hpy0-cp311.so`, ...: suffixes that only extension modules have.
fn names_an_extension(name: &str) -> bool {
    let mut parts = name.rsplit('.');
    let is_so = parts.next() == Some("so");
    let tag = parts.next().unwrap_or_default();
    is_so && ["cpython-", "abi3", "pypy", "graalpy", "hpy0-", "cp3", "pyston-"].iter().any(|prefix| tag.starts_with(prefix))
}

fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> Checked<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// ELF, 64 bit, little endian, ET_DYN, this machine.
fn is_shared_object_here(head: &[u8; 20]) -> bool {
    let machine: u16 = match std::env::consts::ARCH {
        "x86_64" => 62,
        "aarch64" => 183,
        "riscv64" => 243,
        "loongarch64" => 258,
        "powerpc64" => 21,
        "s390x" => 22,
        _ => return false,
    };
    let little = if cfg!(target_endian = "little") { 1 } else { 2 };
    let word = |at: usize| {
        if little == 1 { u16::from_le_bytes([head[at], head[at + 1]]) } else { u16::from_be_bytes([head[at], head[at + 1]]) }
    };
    head.starts_with(b"\x7fELF") && head[4] == 2 && head[5] == little && word(16) == 3 && word(18) == machine
}

/// Symbol names start after a zero byte in an ELF string table.
const C_API_NAMES: [&[u8]; 6] = [b"\0PyInit_", b"\0PyObject_", b"\0PyErr_", b"\0PyModule_", b"\0PyUnicode_", b"\0_Py_"];

fn mentions_c_api(head: &[u8], reader: &mut impl Read) -> Checked<bool> {
    const OVERLAP: usize = 16;
    let mut window = vec![0u8; OVERLAP + (256 << 10)];
    window[..head.len().min(OVERLAP)].copy_from_slice(&head[..head.len().min(OVERLAP)]);
    loop {
        let filled = fill(reader, &mut window[OVERLAP..])?;
        if filled == 0 {
            return Ok(false);
        }
        let seen = &window[..OVERLAP + filled];
        if C_API_NAMES.iter().any(|name| contains(seen, name)) {
            return Ok(true);
        }
        window.copy_within(filled..filled + OVERLAP, 0);
    }
}

/// The first byte of every name is zero and the next ones are rare after a zero: looking at zeros only is quick enough.
fn contains(bytes: &[u8], name: &[u8]) -> bool {
    let (mark, rest) = (name[1], &name[1..]);
    bytes.windows(2).enumerate().any(|(at, pair)| pair[0] == 0 && pair[1] == mark && bytes[at + 1..].starts_with(rest))
}
