//! What users ask for: requirements on the command line, in files, in groups of a project. Text in, [`Wanted`] out; only looks whether
//! paths exist.

mod file;
mod groups;

pub use file::{Content, FileOptions, read_file};
pub use groups::{ProjectTable, read_group, read_project};

use crate::config::Settings;
use crate::index::metadata::one_line;
use crate::model::{ExtraName, Hash, PackageName, Requirement, Url};
use crate::{Error, Result};
use pep508_rs::{MarkerTree, VersionOrUrl};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One thing asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub what: What,
    pub extras: Vec<ExtraName>,
    pub marker: MarkerTree,
    pub hashes: Vec<Hash>,
    /// Where it was said: `the command line`, `requirements.txt line 3`.
    pub place: String,
}

#[derive(Clone, Debug)]
pub enum What {
    Named {
        name: PackageName,
        specifiers: pep440_rs::VersionSpecifiers,
    },
    /// A file, folder or repository; its name may turn out only when it is looked into.
    Direct {
        name: Option<PackageName>,
        source: DirectSource,
    },
}

/// A place that holds one package.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DirectSource {
    /// Without fragment, login kept.
    pub url: Url,
    /// `git+https://...@ref`: the kind is cut off the address.
    pub vcs: Option<Vcs>,
    pub subdirectory: Option<String>,
    pub editable: bool,
    pub hashes: Vec<Hash>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vcs {
    pub kind: String,
    pub reference: Option<String>,
}

impl Wanted {
    pub fn name(&self) -> Option<&PackageName> {
        match &self.what {
            What::Named { name, .. } => Some(name),
            What::Direct { name, .. } => name.as_ref(),
        }
    }

    /// Takes a requirement of a package.
    pub fn of(requirement: &Requirement, place: &str) -> Result<Wanted> {
        let what = match &requirement.version_or_url {
            None => What::Named { name: requirement.name.clone(), specifiers: Default::default() },
            Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
                What::Named { name: requirement.name.clone(), specifiers: specifiers.clone() }
            }
            Some(VersionOrUrl::Url(url)) => {
                What::Direct { name: Some(requirement.name.clone()), source: direct(url.as_str(), false)? }
            }
        };
        Ok(Wanted {
            what,
            extras: requirement.extras.clone(),
            marker: requirement.marker.clone(),
            hashes: Vec::new(),
            place: place.to_owned(),
        })
    }

    /// Reads what a user wrote: a requirement, a URL, or a path, each with extras and marker. Relative paths start at `base`.
    pub fn parse(text: &str, editable: bool, base: &Path, place: &str) -> Result<Wanted> {
        let text = text.trim();
        if let Some(wanted) = unnamed(text, editable, base, place)? {
            return Ok(wanted);
        }
        if let Some((name, address)) = text.split_once('@')
            && looks_like_path(address.trim())
        {
            // `name @ ./folder`: not in the standard, but what people mean.
            let mut wanted = unnamed(address.trim(), editable, base, place)?
                .ok_or_else(|| Error::usage(format!("'{}' is no path", address.trim())))?;
            let named = Requirement::from_str(name.trim())
                .map_err(|error| Error::usage(format!("'{text}' is not a requirement")).because(one_line(&error.to_string())))?;
            wanted.extras = named.extras;
            if let What::Direct { name, .. } = &mut wanted.what {
                *name = Some(named.name);
            }
            return Ok(wanted);
        }
        if text.ends_with(".txt") {
            return Err(Error::usage(format!("'{text}' is the name of a file, not of a package"))
                .hint(format!("to read requirements from it, use -r {text}")));
        }
        let requirement = Requirement::from_str(text)
            .map_err(|error| Error::usage(format!("'{text}' is not a requirement")).because(one_line(&error.to_string())))?;
        let mut wanted = Wanted::of(&requirement, place)?;
        match &mut wanted.what {
            What::Direct { source, .. } => source.editable = editable,
            What::Named { .. } if editable => {
                return Err(Error::usage(format!("'{text}' cannot be editable: give the path of a project")));
            }
            What::Named { .. } => {}
        }
        Ok(wanted)
    }
}

fn looks_like_path(text: &str) -> bool {
    text.starts_with("./") || text.starts_with("../") || text.starts_with('/') || text.starts_with("~/") || text == "."
}

/// A URL or path without a name in front.
fn unnamed(text: &str, editable: bool, base: &Path, place: &str) -> Result<Option<Wanted>> {
    let (body, marker) = match text.split_once(" ;").or_else(|| text.split_once("; ")) {
        Some((body, marker)) => (body.trim(), Some(marker.trim())),
        None => (text, None),
    };
    let has_scheme = body.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    });
    let (address, extras) = match body.strip_suffix(']').and_then(|body| body.rsplit_once('[')) {
        Some((address, extras)) if !address.is_empty() => (address, extras),
        _ => (body, ""),
    };
    let mut name = None;
    let source = if has_scheme || body.starts_with("file:") {
        let (url, fragment) = address.split_once('#').unwrap_or((address, ""));
        for (key, value) in fragment.split('&').filter_map(|part| part.split_once('=')) {
            if key == "egg" {
                let bare = value.split('[').next().unwrap_or("");
                name = PackageName::from_str(bare).ok();
            }
        }
        let _ = url;
        direct(&relative_file_url(address, base), editable)?
    } else {
        let home;
        let written = match address.strip_prefix("~/") {
            Some(rest) => {
                home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(rest);
                home.as_path()
            }
            None => Path::new(address),
        };
        let path = base.join(written);
        let archive = [".whl", ".tar.gz", ".tgz", ".zip"].iter().any(|ending| address.ends_with(ending));
        let meant =
            looks_like_path(address) || address == ".." || editable || (address.contains('/') || archive) && path.exists();
        if !meant {
            return Ok(None);
        }
        if !path.exists() {
            return Err(Error::usage(format!("there is no file or folder '{address}' (from {place})")));
        }
        if path.is_dir() && !path.join("pyproject.toml").is_file() && !path.join("setup.py").is_file() {
            return Err(Error::usage(format!(
                "the folder '{address}' is no Python project: it has neither pyproject.toml nor setup.py"
            )));
        }
        let path = path.canonicalize().map_err(|error| Error::io("cannot find", &path, error))?;
        let url = if path.is_dir() { Url::from_directory_path(&path) } else { Url::from_file_path(&path) };
        let url = url.map_err(|()| Error::usage(format!("'{address}' is no path")))?;
        DirectSource { url, vcs: None, subdirectory: None, editable, hashes: Vec::new() }
    };
    let extras = extras
        .split(',')
        .map(str::trim)
        .filter(|extra| !extra.is_empty())
        .map(|extra| ExtraName::from_str(extra).map_err(|error| Error::usage(error.to_string())))
        .collect::<Result<Vec<_>>>()?;
    let marker = match marker {
        None => MarkerTree::default(),
        Some(marker) => MarkerTree::from_str(marker)
            .map_err(|error| Error::usage(format!("'{marker}' is not a marker")).because(one_line(&error.to_string())))?,
    };
    Ok(Some(Wanted { what: What::Direct { name, source }, extras, marker, hashes: Vec::new(), place: place.to_owned() }))
}

/// `file:./x` and `file:x` start at `base`.
fn relative_file_url(text: &str, base: &Path) -> String {
    match text.strip_prefix("file:") {
        Some(rest) if !rest.starts_with('/') => {
            let (path, fragment) = rest.split_once('#').map_or((rest, None), |(path, fragment)| (path, Some(fragment)));
            let path = base.join(path);
            let path = path.canonicalize().unwrap_or(path);
            let url = Url::from_file_path(&path).map_or_else(|()| text.to_owned(), String::from);
            fragment.map_or(url.clone(), |fragment| format!("{url}#{fragment}"))
        }
        _ => text.to_owned(),
    }
}

/// Takes a direct URL apart.
pub fn direct(text: &str, editable: bool) -> Result<DirectSource> {
    let wrong = |why: &str| Error::usage(format!("'{text}' is not the address of a package")).because(why);
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut subdirectory = None;
    let mut hashes = Vec::new();
    for (key, value) in fragment.split('&').filter_map(|part| part.split_once('=')) {
        match key {
            "subdirectory" => {
                let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
                if Path::new(&value).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
                    return Err(wrong("its subdirectory leads out of it"));
                }
                subdirectory = Some(value);
            }
            "sha256" | "sha384" | "sha512" => hashes.push(Hash::parse(&format!("{key}:{value}"))?),
            _ => {}
        }
    }
    let (vcs, plain) = match address.split_once('+') {
        Some((kind @ ("git" | "hg" | "svn" | "bzr"), rest)) => {
            // The reference follows the last '@' of the path, not the one behind a login.
            let path_start = rest.find("://").map_or(0, |at| at + 3);
            let slash = rest[path_start..].find('/').map_or(rest.len(), |at| path_start + at);
            let (rest, reference) = match rest[slash..].rfind('@') {
                Some(at) => (&rest[..slash + at], Some(rest[slash + at + 1..].to_owned())),
                None => (rest, None),
            };
            (Some(Vcs { kind: kind.to_owned(), reference }), rest)
        }
        _ => (None, address),
    };
    let url = Url::parse(plain).map_err(|error| wrong(&error.to_string()))?;
    if vcs.is_none() && !matches!(url.scheme(), "http" | "https" | "file") {
        return Err(wrong(&format!("addresses that begin with '{}:' are not known", url.scheme())));
    }
    Ok(DirectSource { url, vcs, subdirectory, editable, hashes })
}

/// Puts `${NAME}` from the process's variables into a line of a user's file.
pub fn expand_variables(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 2..];
        let name = tail.find('}').map(|end| &tail[..end]).filter(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        });
        match name.and_then(|name| Some((name, std::env::var(name).ok().filter(|value| !value.is_empty())?))) {
            Some((name, value)) => {
                out.push_str(&value);
                rest = &tail[name.len() + 1..];
            }
            None => {
                out.push_str("${");
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Lets options found in requirement files change the settings.
pub fn apply(options: &FileOptions, settings: &mut Settings) -> Result<()> {
    if options.no_index {
        settings.indexes.clear();
    }
    if let Some(address) = &options.index_url {
        let url = crate::config::index_address(address)?;
        // The main index is the last; additional ones stay before it.
        settings.indexes.pop();
        settings.indexes.push(url);
    }
    for address in options.extra_index_urls.iter().rev() {
        let url = crate::config::index_address(address)?;
        if !settings.indexes.contains(&url) {
            settings.indexes.insert(0, url);
        }
    }
    settings.find_links.extend(options.find_links.iter().cloned());
    settings.trusted_hosts.extend(options.trusted_hosts.iter().cloned());
    for word in &options.only_binary {
        settings.only_binary.add(word)?;
    }
    for word in &options.no_binary {
        settings.no_binary.add(word)?;
    }
    settings.pre |= options.pre;
    settings.require_hashes |= options.require_hashes;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Wanted> {
        Wanted::parse(text, false, Path::new("/nowhere"), "here")
    }

    #[test]
    fn kinds() {
        let named = parse("Foo_Bar[a,b]>=1; python_version > '3'").unwrap();
        assert_eq!(named.name().unwrap().to_string(), "foo-bar");
        assert_eq!(named.extras.len(), 2);
        let What::Direct { name, source } = parse("git+https://u@h.example/x.git@v1#egg=y&subdirectory=s").unwrap().what else {
            panic!()
        };
        assert_eq!(name.unwrap().to_string(), "y");
        assert_eq!(source.vcs.unwrap().reference.as_deref(), Some("v1"));
        assert_eq!(source.subdirectory.as_deref(), Some("s"));
        let What::Direct { name, .. } = parse("x @ https://h.example/x-1-py3-none-any.whl").unwrap().what else { panic!() };
        assert!(name.is_some());
        for wrong in ["", "!", "./missing", "x @ ftp://h/x", "a b", "requirements.txt x", "https://h.example/x#subdirectory=../y"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn variables() {
        // PATH is set wherever tests run.
        assert!(!expand_variables("${PATH}").contains('$'));
        assert_eq!(expand_variables("${path} ${ ${NOT_SET_X} $A"), "${path} ${ ${NOT_SET_X} $A");
    }
}
