//! Path names as text: `fspath`, normalising and splitting roots.

use native_macros::native_module;
use objects::bytes::Bytes;
use objects::path::fspath;
use objects::{Cast, R, Str, Value, new_bytes};

/// A path as code units that all three functions can work on.
enum Text {
    Str(Vec<u32>),
    Bytes(Vec<u32>),
}

impl Text {
    fn of(path: Value) -> R<Text> {
        let path = fspath(path)?;
        if let Some(bytes) = path.cast::<Bytes>() {
            return Ok(Text::Bytes(bytes.as_slice().iter().map(|byte| *byte as u32).collect()));
        }
        Ok(Text::Str(path.cast::<Str>().map(|text| text.chars().iter().collect()).unwrap_or_default()))
    }
    fn units(&self) -> &[u32] {
        match self {
            Text::Str(units) | Text::Bytes(units) => units,
        }
    }
    fn make(&self, units: &[u32]) -> Value {
        match self {
            Text::Str(_) => Str::from_ucs4(units).value(),
            Text::Bytes(_) => new_bytes(&units.iter().map(|unit| *unit as u8).collect::<Vec<_>>()),
        }
    }
}

const SLASH: u32 = b'/' as u32;
const DOT: u32 = b'.' as u32;

/// Number of leading slashes that are the root: exactly two stay two.
fn root_length(path: &[u32]) -> usize {
    match path {
        [SLASH, SLASH, SLASH, ..] => 1,
        [SLASH, SLASH, ..] => 2,
        [SLASH, ..] => 1,
        _ => 0,
    }
}

fn normalize(path: &[u32]) -> Vec<u32> {
    if path.is_empty() {
        return vec![DOT];
    }
    let root = root_length(path);
    let mut parts: Vec<&[u32]> = Vec::new();
    for part in path.split(|unit| *unit == SLASH) {
        if part.is_empty() || part == [DOT] {
            continue;
        }
        let parent = part == [DOT, DOT];
        if !parent || (root == 0 && parts.is_empty()) || parts.last() == Some(&&[DOT, DOT][..]) {
            parts.push(part);
        } else {
            parts.pop();
        }
    }
    let mut result = vec![SLASH; root];
    result.extend(parts.join(&SLASH));
    if result.is_empty() { vec![DOT] } else { result }
}

pub struct Names;

#[native_module(name = "posix")]
impl Names {
    /// The path that an object stands for: strings and bytes themselves, otherwise
    /// what __fspath__() returns.
    #[name("fspath")]
    #[sig("(path)")]
    fn fs_path(path: Value) -> R {
        fspath(path)
    }
    /// The path without double slashes, '.' and needless '..'.
    #[sig("(path)")]
    fn _path_normpath(path: Value) -> R {
        let text = Text::of(path)?;
        Ok(text.make(&normalize(text.units())))
    }
    /// The path as (drive, root, tail).
    #[sig("(p)")]
    fn _path_splitroot_ex(path: Value) -> R {
        let text = Text::of(path)?;
        let units = text.units();
        let root = match units {
            [SLASH, SLASH, SLASH, ..] => 1,
            _ => root_length(units),
        };
        Ok(super::tuple(&[text.make(&[]), text.make(&units[..root]), text.make(&units[root..])]))
    }
    /// Removes everything after the root on Win32.
    #[sig("(path)")]
    fn _path_splitroot(path: Value) -> R {
        let text = Text::of(path)?;
        let units = text.units();
        let root = root_length(units);
        Ok(super::tuple(&[text.make(&units[..root]), text.make(&units[root..])]))
    }
}
