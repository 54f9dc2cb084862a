//! Path names as text: `fspath`, normalising and splitting roots.

use base::memory::{Grow, with_room};
use base::text::{Text, Unit};
use base::with_units;
use native_macros::native_module;
use objects::bytes::Bytes;
use objects::path::fspath;
use objects::{Cast, R, Str, Value, new_bytes};

/// Begin and end of a path's parts, in the units in which it is stored.
fn part(path: Value, start: usize, end: usize) -> Value {
    match path.cast::<Str>() {
        Some(text) => Str::substring(text, start, end).value(),
        None => path.cast::<Bytes>().map_or(path, |bytes| new_bytes(&bytes.as_slice()[start..end])),
    }
}

/// Applies a function of units to a str or bytes.
macro_rules! with_path {
    ($path:expr, $units:ident => $body:expr) => {
        match $path.cast::<Str>() {
            Some(text) => with_units!(text.text(), $units => $body),
            None => {
                let $units = $path.cast::<Bytes>().map_or(&[][..], |bytes| bytes.as_slice());
                $body
            }
        }
    };
}

fn is_slash<U: Unit>(unit: U) -> bool {
    unit.into() == u32::from(b'/')
}
fn is_dot<U: Unit>(unit: U) -> bool {
    unit.into() == u32::from(b'.')
}
/// `.` or `..`.
fn is_special<U: Unit>(part: &[U]) -> bool {
    matches!(part.len(), 1 | 2) && part.iter().all(|unit| is_dot(*unit))
}

/// Number of leading slashes that are the root: exactly two stay two.
fn root_length<U: Unit>(path: &[U]) -> usize {
    match path.iter().take(3).take_while(|unit| is_slash(**unit)).count() {
        3 => 1,
        count => count,
    }
}

/// The path without double slashes, `.` and needless `..`; None if it is so already.
fn normalize<U: Unit>(path: &[U]) -> Option<Vec<U>> {
    let root = root_length(path);
    let rest = &path[root..];
    let parts = || rest.split(|unit| is_slash(*unit));
    if rest.is_empty() && root > 0 || parts().all(|part| !part.is_empty() && !is_special(part)) {
        return None;
    }
    let mut result = with_room(path.len() + 1);
    result.put_all(&path[..root]);
    // Up to here the result consists of the root and of `..`.
    let mut fixed = root;
    for part in parts() {
        if part.is_empty() || part.len() == 1 && is_dot(part[0]) {
            continue;
        }
        let is_parent = is_special(part);
        if is_parent && result.len() > fixed {
            let slash = result[fixed..].iter().rposition(|unit| is_slash(*unit));
            result.truncate(fixed + slash.unwrap_or(0));
        } else if !is_parent || root == 0 {
            if result.len() > root {
                result.push(U::truncate(u32::from(b'/')));
            }
            result.put_all(part);
            if is_parent {
                fixed = result.len();
            }
        }
    }
    if result.is_empty() {
        result.push(U::truncate(u32::from(b'.')));
    }
    Some(result)
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
        let path = fspath(path)?;
        with_path!(path, units => match normalize(units) {
            None => Ok(part(path, 0, units.len())),
            Some(units) => match Unit::text(units.as_slice()) {
                Text::One(raw) if path.cast::<Bytes>().is_some() => Ok(new_bytes(raw)),
                text => Ok(Str::from_text(text)?.value()),
            },
        })
    }
    /// The path as (drive, root, tail).
    #[sig("(p)")]
    fn _path_splitroot_ex(path: Value) -> R {
        let path = fspath(path)?;
        let (root, end) = with_path!(path, units => (root_length(units), units.len()));
        Ok(super::tuple(&[part(path, 0, 0), part(path, 0, root), part(path, root, end)]))
    }
    /// Removes everything after the root on Win32.
    #[sig("(path)")]
    fn _path_splitroot(path: Value) -> R {
        let path = fspath(path)?;
        let (root, end) = with_path!(path, units => (root_length(units), units.len()));
        Ok(super::tuple(&[part(path, 0, root), part(path, root, end)]))
    }
}
