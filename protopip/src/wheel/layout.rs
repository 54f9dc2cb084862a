//! Where each file of a wheel goes: the root scheme, `.data/<scheme>`, and what may not go anywhere. Compares the archive with RECORD.
//! Must not know: real folders.

use super::entry_points::{EntryPoints, is_reserved_script};
use super::{Member, record, top_folder};
use crate::archive::Archive;
use crate::flaw::{Checked, Flaw, flaw, shown};
use crate::model::{PackageName, Version, WheelName};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Purelib,
    Platlib,
    Headers,
    Scripts,
    Data,
}

impl Scheme {
    pub const ALL: [Scheme; 5] = [Scheme::Purelib, Scheme::Platlib, Scheme::Headers, Scheme::Scripts, Scheme::Data];

    pub fn name(self) -> &'static str {
        match self {
            Scheme::Purelib => "purelib",
            Scheme::Platlib => "platlib",
            Scheme::Headers => "headers",
            Scheme::Scripts => "scripts",
            Scheme::Data => "data",
        }
    }

    fn from_name(name: &str) -> Option<Scheme> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }
}

/// Files of dist-info that the installer writes; a wheel's own are dropped.
const INSTALLERS_OWN: [&str; 4] = ["INSTALLER", "REQUESTED", "direct_url.json", "RECORD"];

pub(super) fn members(
    archive: &Archive,
    file_name: &WheelName,
    dist_info: &str,
    root_is_purelib: bool,
    rows: &[record::Row],
) -> Checked<Vec<Member>> {
    let root = if root_is_purelib { Scheme::Purelib } else { Scheme::Platlib };
    let data_folder = find_data_folder(archive, file_name)?;
    let mut listed = index_rows(archive, dist_info, rows)?;
    let mut members = Vec::with_capacity(rows.len());
    for entry in archive.files() {
        let own = entry.name.strip_prefix(dist_info).and_then(|rest| rest.strip_prefix('/'));
        if own == Some("RECORD") {
            continue;
        }
        let signature = matches!(own, Some("RECORD.jws" | "RECORD.p7s"));
        let row = listed.remove(entry.name.as_str());
        let sum = match row {
            Some(row) if signature => row.sum.clone(),
            Some(row) => {
                let Some(sum) = &row.sum else { flaw!("has no hash for {} in RECORD", shown(&entry.name)) };
                let size_fits = row.size.is_none_or(|size| size == entry.size);
                flaw!(unless size_fits, "has {} bytes in {} where RECORD says {}", entry.size, shown(&entry.name), row.size.unwrap_or(0));
                Some(sum.clone())
            }
            None if signature => None,
            None => flaw!("holds {}, which RECORD does not list", shown(&entry.name)),
        };
        if own.is_some_and(|name| INSTALLERS_OWN.contains(&name)) {
            continue;
        }
        let (scheme, path) = place(&entry.name, root, data_folder.as_deref())?;
        members.push(Member { entry: entry.name.clone(), scheme, path: path.to_owned(), sum });
    }
    if let Some(missing) = listed.keys().min() {
        flaw!("lacks {}, which RECORD lists", shown(missing));
    }
    Ok(members)
}

/// RECORD's rows by path, without its own row. A path may be repeated only word for word.
fn index_rows<'a>(archive: &Archive, dist_info: &str, rows: &'a [record::Row]) -> Checked<HashMap<&'a str, &'a record::Row>> {
    let own = format!("{dist_info}/RECORD");
    let mut listed: HashMap<&str, &record::Row> = HashMap::with_capacity(rows.len());
    for row in rows {
        let is_folder = row.path.ends_with('/') || archive.find(&row.path).is_some_and(|entry| entry.is_folder);
        if row.path == own || is_folder {
            continue;
        }
        crate::archive::check_path(&row.path).map_err(|flaw| Flaw::new(format!("has a RECORD that {flaw}")))?;
        let before = listed.insert(&row.path, row);
        flaw!(unless before.is_none_or(|other| other == row), "lists {} twice in RECORD", shown(&row.path));
    }
    Ok(listed)
}

fn find_data_folder(archive: &Archive, file_name: &WheelName) -> Checked<Option<String>> {
    let mut found: Option<String> = None;
    for top in archive.entries().iter().filter_map(top_folder).filter(|top| top.ends_with(".data")) {
        if found.as_deref() == Some(top) {
            continue;
        }
        let agrees = top.strip_suffix(".data").unwrap_or(top).rsplit_once('-').is_some_and(|(name, version)| {
            PackageName::from_str(name).as_ref() == Ok(&file_name.name)
                && Version::from_str(version).or_else(|_| Version::from_str(&version.replace('_', "-"))).as_ref()
                    == Ok(&file_name.version)
        });
        flaw!(unless agrees, "has a .data folder of another package: {}", shown(top));
        flaw!(unless found.is_none(), "has several .data folders");
        found = Some(top.to_owned());
    }
    Ok(found)
}

fn place<'a>(name: &'a str, root: Scheme, data_folder: Option<&str>) -> Checked<(Scheme, &'a str)> {
    let Some(inside) = data_folder.and_then(|folder| name.strip_prefix(folder)).and_then(|rest| rest.strip_prefix('/')) else {
        return Ok((root, name));
    };
    let Some((scheme, path)) = inside.split_once('/') else {
        flaw!("holds a file directly in its .data folder: {}", shown(name))
    };
    match Scheme::from_name(scheme) {
        Some(scheme) => Ok((scheme, path)),
        None => flaw!("holds an unknown kind of data: {}", shown(name)),
    }
}

/// No two files in one place, nothing in the place of the environment's own files.
pub(super) fn check_destinations(members: &[Member], entry_points: &EntryPoints) -> Checked<()> {
    let mut taken: HashMap<(Scheme, &str), &str> = HashMap::with_capacity(members.len());
    for member in members {
        // The two libraries are one folder in every environment that we know.
        let scheme = if member.scheme == Scheme::Platlib { Scheme::Purelib } else { member.scheme };
        let other = taken.insert((scheme, &member.path), &member.entry);
        flaw!(unless other.is_none(), "has two files for one place: {} and {}", shown(other.unwrap_or_default()), shown(&member.entry));
        check_reserved(member)?;
    }
    let mut scripts: HashMap<&str, &str> = HashMap::new();
    for script in entry_points.all() {
        let other = scripts.insert(&script.name, &script.object);
        flaw!(unless other.is_none_or(|object| object == script.object), "has two scripts called {}", shown(&script.name));
        flaw!(unless !taken.contains_key(&(Scheme::Scripts, script.name.as_str())), "has two scripts called {}", shown(&script.name));
    }
    Ok(())
}

fn check_reserved(member: &Member) -> Checked<()> {
    let reserved = match member.scheme {
        Scheme::Scripts => is_reserved_script(member.path.split('/').next().unwrap_or_default()),
        Scheme::Data => {
            let mut parts = member.path.split('/');
            match (parts.next().unwrap_or_default().to_ascii_lowercase().as_str(), parts.next()) {
                ("bin" | "scripts", Some(name)) => is_reserved_script(name),
                ("pyvenv.cfg", _) => true,
                _ => false,
            }
        }
        _ => false,
    };
    // The folder of a transaction: in a bare target it lies beside the packages.
    let reserved = reserved || member.path.split('/').next() == Some(".protopip");
    flaw!(unless !reserved, "wants to install {}, which belongs to the environment", shown(&member.entry));
    Ok(())
}

/// Files that make an interpreter run the package's code whenever it starts.
pub(super) fn executing_files(archive: &Archive, members: &[Member]) -> Checked<Vec<String>> {
    let mut found = Vec::new();
    for member in members {
        let in_library = matches!(member.scheme, Scheme::Purelib | Scheme::Platlib);
        if in_library && is_customization(&member.path) {
            found.push(member.path.clone());
            continue;
        }
        // Data may lie in the library too: `data/lib/python3.14/site-packages/x.pth`.
        let may_be_read = in_library && !member.path.contains('/') || member.scheme == Scheme::Data;
        if !may_be_read || !member.path.to_ascii_lowercase().ends_with(".pth") {
            continue;
        }
        let Some(entry) = archive.find(&member.entry) else { continue };
        if runs_code(&archive.read_small(entry, super::TEXT_LIMIT)?) {
            found.push(member.path.clone());
        }
    }
    Ok(found)
}

/// Modules that `site` imports if they exist.
fn is_customization(path: &str) -> bool {
    let module = path.split(['/', '.']).next().unwrap_or_default();
    matches!(module, "sitecustomize" | "usercustomize")
}

/// As `site` reads a .pth file: by Python's idea of lines, without a byte order mark.
fn runs_code(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let ends_line =
        |c: char| matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(&text).split(ends_line);
    lines.any(|line| line.starts_with("import ") || line.starts_with("import\t"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_run() {
        for text in ["import os", "x\nimport os", "\u{feff}import os", "a\u{c}import\tos", "a\u{2028}import os"] {
            assert!(runs_code(text.as_bytes()), "{text:?}");
        }
        for text in ["", " import os", "# import os", "./imports", "importlib"] {
            assert!(!runs_code(text.as_bytes()), "{text:?}");
        }
        assert!(
            is_customization("sitecustomize.py")
                && is_customization("usercustomize/__init__.py")
                && !is_customization("a/sitecustomize.py")
        );
    }
}
