//! Lock files (PEP 751, `pylock.toml`): written from what was chosen, read into what is to be installed. Text and data; fetches nothing.

use crate::build::Direct;
use crate::index::page::kind_of;
use crate::index::{CoreMetadata, Page, local_path, shown};
use crate::model::{DistFile, Environment, FileKind, Hash, PackageName, Url, Version};
use crate::requirements::{DirectSource, Vcs};
use crate::resolve::{Chosen, Origin, Rules};
use crate::{Error, Result};
use pep508_rs::MarkerTree;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// What a lock wants in an environment.
pub struct Locked {
    pub name: PackageName,
    pub version: Option<Version>,
    pub from: From,
}

pub enum From {
    Wheel(Arc<DistFile>),
    Source(Arc<DistFile>),
    Direct(DirectSource),
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What the lock holds for: packages were chosen by these answers of the interpreter.
fn environment_marker(environment: &Environment) -> String {
    let markers = &environment.markers;
    format!(
        "python_version == '{}' and sys_platform == '{}' and platform_machine == '{}' and platform_python_implementation == '{}'",
        environment.python_minor(),
        markers.sys_platform(),
        markers.platform_machine(),
        markers.platform_python_implementation()
    )
}

/// Writes the lock. `pages` gives all files of a chosen version, so that the lock serves other platforms' wheels too; `folder` is where
/// the lock will lie: paths are written relative to it.
pub fn write(
    environment: &Environment,
    chosen: &[Chosen],
    pages: &dyn Fn(&PackageName) -> Option<(Arc<Page>, Option<Url>)>,
    folder: &Path,
) -> Result<String> {
    let mut out = String::from("lock-version = \"1.0\"\n");
    let _ = writeln!(out, "environments = [\n    {},\n]", quoted(&environment_marker(environment)));
    let _ = writeln!(out, "requires-python = {}", quoted(&format!(">={}", environment.python_minor())));
    out.push_str("created-by = \"protopip\"\n");
    for package in chosen {
        out.push_str("\n[[packages]]\n");
        let _ = writeln!(out, "name = {}", quoted(package.name.as_ref()));
        let is_tree = matches!(&package.origin, Origin::Direct(direct) if direct.sha256.is_none());
        if !is_tree {
            let _ = writeln!(out, "version = {}", quoted(&package.version.to_string()));
        }
        if let Some(python) = &package.metadata.requires_python {
            let _ = writeln!(out, "requires-python = {}", quoted(&python.to_string()));
        }
        if !package.needs.is_empty() {
            let needs: Vec<String> = package.needs.iter().map(|name| format!("{{ name = {} }}", quoted(name.as_ref()))).collect();
            let _ = writeln!(out, "dependencies = [{}]", needs.join(", "));
        }
        match &package.origin {
            Origin::Present => {
                return Err(Error::failed(format!("{} was taken from the environment, a lock needs its files", package.name)));
            }
            Origin::Direct(direct) => write_direct(&mut out, direct, folder)?,
            Origin::Wheel(file) | Origin::Source(file) => {
                let (page, index) =
                    pages(&package.name).ok_or_else(|| Error::failed(format!("the files of {} are unknown", package.name)))?;
                if file.url.scheme() != "file"
                    && let Some(index) = index
                {
                    let _ = writeln!(out, "index = {}", quoted(&shown(&index)));
                }
                let files = page.versions.get(&package.version).cloned().unwrap_or_default();
                if let Some(source) =
                    files.sources.iter().find(|source| source.file_name.ends_with(".tar.gz")).or(files.sources.first())
                {
                    let _ = writeln!(out, "sdist = {}", file_table(source, folder)?);
                }
                let mut wheels = files.wheels.clone();
                wheels.sort_by(|left, right| left.file_name.cmp(&right.file_name));
                if !wheels.is_empty() {
                    out.push_str("wheels = [\n");
                    for wheel in &wheels {
                        let _ = writeln!(out, "    {},", file_table(wheel, folder)?);
                    }
                    out.push_str("]\n");
                }
            }
        }
    }
    Ok(out)
}

fn file_table(file: &DistFile, folder: &Path) -> Result<String> {
    let mut parts = vec![format!("name = {}", quoted(&file.file_name))];
    let mut hashes = file.hashes.clone();
    if file.url.scheme() == "file" {
        let path = local_path(&file.url)?;
        parts.push(format!("path = {}", quoted(&relative(&path, folder))));
        if hashes.is_empty() {
            hashes.push(Hash::sha256(crate::index::sums_of(&path, &file.file_name, &[])?));
        }
    } else {
        parts.push(format!("url = {}", quoted(&shown(&file.url))));
    }
    if let Some(time) = file.upload_time.as_ref().and_then(|time| toml_time(time)) {
        parts.push(format!("upload-time = {time}"));
    }
    if let Some(size) = file.size {
        parts.push(format!("size = {size}"));
    }
    if hashes.is_empty() {
        return Err(Error::refused(format!("the index tells no hash of {}, so it cannot be locked", file.file_name)));
    }
    let hashes: Vec<String> = hashes.iter().map(|hash| format!("{} = {}", hash.algorithm.name(), quoted(&hash.digits))).collect();
    parts.push(format!("hashes = {{ {} }}", hashes.join(", ")));
    Ok(format!("{{ {} }}", parts.join(", ")))
}

/// TOML has a type for times; what is none is left out.
fn toml_time(text: &str) -> Option<String> {
    toml::value::Datetime::from_str(text).ok().map(|time| time.to_string())
}

fn write_direct(out: &mut String, direct: &Direct, folder: &Path) -> Result<()> {
    let source = &direct.source;
    let subdirectory = |parts: &mut Vec<String>| {
        if let Some(subdirectory) = &source.subdirectory {
            parts.push(format!("subdirectory = {}", quoted(subdirectory)));
        }
    };
    if let Some(vcs) = &source.vcs {
        let about: serde_json::Value = serde_json::from_str(&direct.direct_url).unwrap_or_default();
        let commit = about["vcs_info"]["commit_id"].as_str().unwrap_or("");
        let mut parts = vec![format!("type = {}", quoted(&vcs.kind)), format!("url = {}", quoted(&shown(&source.url)))];
        if let Some(reference) = &vcs.reference {
            parts.push(format!("requested-revision = {}", quoted(reference)));
        }
        parts.push(format!("commit-id = {}", quoted(commit)));
        subdirectory(&mut parts);
        let _ = writeln!(out, "vcs = {{ {} }}", parts.join(", "));
        return Ok(());
    }
    if let Some(sha256) = &direct.sha256 {
        let mut parts = Vec::new();
        if source.url.scheme() == "file" {
            parts.push(format!("path = {}", quoted(&relative(&local_path(&source.url)?, folder))));
        } else {
            parts.push(format!("url = {}", quoted(&shown(&source.url))));
        }
        parts.push(format!("hashes = {{ sha256 = {} }}", quoted(sha256)));
        subdirectory(&mut parts);
        let _ = writeln!(out, "archive = {{ {} }}", parts.join(", "));
        return Ok(());
    }
    let mut parts = vec![format!("path = {}", quoted(&relative(&local_path(&source.url)?, folder)))];
    if source.editable {
        parts.push("editable = true".into());
    }
    subdirectory(&mut parts);
    let _ = writeln!(out, "directory = {{ {} }}", parts.join(", "));
    Ok(())
}

/// `path` as seen from `folder`, with forward slashes.
fn relative(path: &Path, folder: &Path) -> String {
    let (mut from, mut to) = (folder.components().peekable(), path.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let mut parts: Vec<String> = from.map(|_| "..".to_owned()).collect();
    parts.extend(to.map(|part| part.as_os_str().to_string_lossy().into_owned()));
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Whether a file is a lock by its name: `pylock.toml`, `pylock.<name>.toml`.
pub fn is_lock(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name == "pylock.toml"
        || name
            .strip_prefix("pylock.")
            .and_then(|rest| rest.strip_suffix(".toml"))
            .is_some_and(|name| !name.is_empty() && !name.contains('.'))
}

/// Reads a lock and picks what `rules` can use.
pub fn read(text: &str, place: &str, folder: &Path, rules: &Rules) -> Result<Vec<Locked>> {
    let wrong = |why: &str| Error::usage(format!("{place} is not a lock that can be used")).because(why);
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.message()))?;
    let version = table.get("lock-version").and_then(toml::Value::as_str).ok_or_else(|| wrong("it has no lock-version"))?;
    if version.split('.').next() != Some("1") {
        return Err(wrong(&format!("its lock-version is {version}, known is 1.0")));
    }
    let environment = &rules.environment;
    if let Some(python) = table.get("requires-python").and_then(toml::Value::as_str) {
        let python = crate::index::page::read_specifiers(python).ok_or_else(|| wrong("its requires-python cannot be read"))?;
        if !python.contains(&environment.version) {
            return Err(Error::no_solution(format!("{place} needs Python {python}, this is {}", environment.version)));
        }
    }
    let groups: Vec<String> = table
        .get("default-groups")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|group| group.as_str().map(str::to_owned))
        .collect();
    if let Some(markers) = table.get("environments").and_then(toml::Value::as_array)
        && !markers.is_empty()
    {
        let mut fits = false;
        for marker in markers {
            fits |= holds(marker.as_str().unwrap_or(""), environment, &groups).map_err(|why| wrong(&why))?;
        }
        if !fits {
            return Err(Error::no_solution(format!("{place} was made for other environments than this one"))
                .because(format!("this one is: {}", environment_marker(environment)))
                .hint("lock again with this interpreter"));
        }
    }
    let mut locked = Vec::new();
    let packages = table.get("packages").and_then(toml::Value::as_array).ok_or_else(|| wrong("it has no packages"))?;
    for package in packages {
        let package = package.as_table().ok_or_else(|| wrong("a package is no table"))?;
        let name = package.get("name").and_then(toml::Value::as_str).ok_or_else(|| wrong("a package has no name"))?;
        let wrong = |why: &str| wrong(&format!("package {name}: {why}"));
        let name = PackageName::from_str(name).map_err(|error| wrong(&error.to_string()))?;
        if let Some(marker) = package.get("marker").and_then(toml::Value::as_str)
            && !holds(marker, environment, &groups).map_err(|why| wrong(&why))?
        {
            continue;
        }
        if let Some(python) =
            package.get("requires-python").and_then(toml::Value::as_str).and_then(crate::index::page::read_specifiers)
            && !python.contains(&environment.version)
        {
            return Err(Error::no_solution(format!("{place}: {name} needs Python {python}, this is {}", environment.version)));
        }
        let version = package
            .get("version")
            .and_then(toml::Value::as_str)
            .map(|text| Version::from_str(text).map_err(|error| wrong(&error.to_string())))
            .transpose()?;
        if locked.iter().any(|known: &Locked| known.name == name) {
            return Err(wrong("it is there twice"));
        }
        let from = read_package(package, &name, version.as_ref(), folder, rules)
            .map_err(|error| error.within(format!("{place}: {name} cannot be installed")))?;
        locked.push(Locked { name, version, from });
    }
    Ok(locked)
}

/// Whether a marker holds here. `extras` and `dependency_groups` are sets that only locks know: no extra is chosen, and of groups those
/// that the lock names as default.
fn holds(marker: &str, environment: &Environment, groups: &[String]) -> Result<bool, String> {
    MarkerTree::from_str(&without_sets(marker, groups))
        .map(|tree| tree.evaluate(&environment.markers, &[]))
        .map_err(|_| format!("'{marker}' is not a marker"))
}

/// Replaces `'x' in extras` and the like by something that is always or never true, which the marker language can say.
fn without_sets(marker: &str, groups: &[String]) -> String {
    const ALWAYS: &str = "python_version >= '0'";
    const NEVER: &str = "python_version < '0'";
    let mut out = marker.to_owned();
    for set in ["extras", "dependency_groups"] {
        let mut from = 0;
        while let Some(at) = out[from..].find(set).map(|at| from + at) {
            let front = out[..at].trim_end();
            let (front, negated) = match front.strip_suffix("in").map(str::trim_end) {
                Some(front) => match front.strip_suffix("not") {
                    Some(front) => (front.trim_end(), true),
                    None => (front, false),
                },
                None => return out,
            };
            let Some(quote) = front.chars().next_back().filter(|quote| matches!(quote, '\'' | '"')) else { return out };
            let Some(start) = front[..front.len() - 1].rfind(quote) else { return out };
            let name = &front[start + 1..front.len() - 1];
            let chosen = set == "dependency_groups" && groups.iter().any(|group| group.eq_ignore_ascii_case(name));
            let word = if chosen != negated { ALWAYS } else { NEVER };
            out.replace_range(start..at + set.len(), word);
            from = start + word.len();
        }
    }
    out
}

fn read_package(
    package: &toml::Table,
    name: &PackageName,
    version: Option<&Version>,
    folder: &Path,
    rules: &Rules,
) -> Result<From> {
    let wrong = |why: &str| Error::usage(why.to_owned());
    let text = |table: &toml::Table, key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let tables = |key: &str| package.get(key).and_then(toml::Value::as_table);
    let place = |table: &toml::Table| -> Result<Url> {
        if let Some(path) = text(table, "path") {
            let path = folder.join(path);
            let path = path.canonicalize().map_err(|error| Error::io("cannot find", &path, error))?;
            let url = if path.is_dir() { Url::from_directory_path(&path) } else { Url::from_file_path(&path) };
            return url.map_err(|()| wrong("its path cannot be used"));
        }
        let url = text(table, "url").ok_or_else(|| wrong("it has neither url nor path"))?;
        let url = Url::parse(&url).map_err(|error| wrong(&error.to_string()))?;
        if matches!(url.scheme(), "http" | "https" | "file") { Ok(url) } else { Err(wrong("its url is of an unknown kind")) }
    };
    let hashes = |table: &toml::Table| -> Result<Vec<Hash>> {
        let hashes: Vec<Hash> = table
            .get("hashes")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten()
            .filter_map(|(name, digits)| Hash::parse(&format!("{name}:{}", digits.as_str()?)).ok())
            .collect();
        if hashes.is_empty() { Err(wrong("it has no hash that can be checked")) } else { Ok(hashes) }
    };
    let direct = |url: Url, hashes: Vec<Hash>, table: &toml::Table| -> Result<DirectSource> {
        let subdirectory = text(table, "subdirectory");
        if subdirectory
            .as_ref()
            .is_some_and(|path| Path::new(path).components().any(|part| !matches!(part, std::path::Component::Normal(_))))
        {
            return Err(wrong("its subdirectory leads out of it"));
        }
        Ok(DirectSource { url, vcs: None, subdirectory, editable: false, hashes })
    };
    if let Some(table) = tables("vcs") {
        let mut source = direct(place(table)?, Vec::new(), table)?;
        let kind = text(table, "type").ok_or_else(|| wrong("its vcs has no type"))?;
        let reference = text(table, "commit-id").ok_or_else(|| wrong("its vcs has no commit-id"))?;
        source.vcs = Some(Vcs { kind, reference: Some(reference) });
        return Ok(From::Direct(source));
    }
    if let Some(table) = tables("directory") {
        let mut source = direct(place(table)?, Vec::new(), table)?;
        source.editable = table.get("editable").and_then(toml::Value::as_bool).unwrap_or(false);
        return Ok(From::Direct(source));
    }
    if let Some(table) = tables("archive") {
        return Ok(From::Direct(direct(place(table)?, hashes(table)?, table)?));
    }
    let mut page = Page::default();
    let mut problems = Vec::new();
    let mut add = |table: &toml::Table| -> Result<()> {
        let url = place(table)?;
        let file_name = text(table, "name").unwrap_or_else(|| {
            let name = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or("");
            percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned()
        });
        let Some(kind) = kind_of(&file_name, Some(name)) else {
            return Err(wrong(&format!("'{file_name}' is not the name of a package's file")));
        };
        let file = DistFile {
            file_name,
            url,
            kind,
            hashes: hashes(table)?,
            size: table.get("size").and_then(toml::Value::as_integer).and_then(|size| u64::try_from(size).ok()),
            requires_python: None,
            yanked: None,
            core_metadata: None,
            upload_time: None,
        };
        if file.name() != name || version.is_some_and(|version| file.version() != version) {
            return Err(wrong(&format!("{} is a file of another package or version", file.file_name)));
        }
        page.add(file);
        Ok(())
    };
    for wheel in package.get("wheels").and_then(toml::Value::as_array).into_iter().flatten() {
        if let Some(table) = wheel.as_table()
            && let Err(error) = add(table)
        {
            problems.push(error);
        }
    }
    if let Some(table) = tables("sdist")
        && let Err(error) = add(table)
    {
        problems.push(error);
    }
    let Some(files) = page.versions.values().next() else {
        return Err(problems.pop().unwrap_or_else(|| wrong("it has no files")));
    };
    match rules.offered(name, files, true) {
        Ok(crate::resolve::Offered::Wheel(file)) => Ok(From::Wheel(file)),
        Ok(crate::resolve::Offered::Source(file)) => Ok(From::Source(file)),
        Ok(crate::resolve::Offered::Doubtful(_, Some(source))) => Ok(From::Source(source)),
        Ok(crate::resolve::Offered::Doubtful(wheel, None)) => Ok(From::Wheel(wheel)),
        Err(why) => Err(Error::refused("no file of it fits").because(why)),
    }
}

impl Locked {
    /// As the installer takes it. Direct ones are looked into by the caller.
    pub fn into_chosen(self, direct: &dyn Fn(&DirectSource) -> Result<Arc<Direct>>) -> Result<Chosen> {
        let (origin, version) = match self.from {
            From::Wheel(file) => (Origin::Wheel(file.clone()), file.version().clone()),
            From::Source(file) => (Origin::Source(file.clone()), file.version().clone()),
            From::Direct(source) => {
                let direct = direct(&source)?;
                if direct.metadata.name != self.name {
                    return Err(Error::refused(format!("{} holds {}, not {}", source.url, direct.metadata.name, self.name)));
                }
                let version = direct.metadata.version.clone();
                (Origin::Direct(direct), version)
            }
        };
        if self.version.as_ref().is_some_and(|locked| *locked != version) {
            return Err(Error::refused(format!("{} has version {version}, the lock says otherwise", self.name)));
        }
        let metadata = CoreMetadata {
            name: self.name.clone(),
            version: version.clone(),
            requires_python: None,
            requires: Vec::new(),
            extras: Vec::new(),
        };
        Ok(Chosen {
            name: self.name,
            version,
            extras: Vec::new(),
            origin,
            requested: false,
            metadata: Arc::new(metadata),
            needs: Vec::new(),
        })
    }
}

/// The versions that a lock has, to be kept when it is written anew.
pub fn versions(text: &str) -> HashMap<PackageName, Version> {
    let Ok(table) = text.parse::<toml::Table>() else { return HashMap::new() };
    let packages = table.get("packages").and_then(toml::Value::as_array);
    packages
        .into_iter()
        .flatten()
        .filter_map(|package| {
            let name = PackageName::from_str(package.get("name")?.as_str()?).ok()?;
            let version = Version::from_str(package.get("version")?.as_str()?).ok()?;
            Some((name, version))
        })
        .collect()
}

/// The kind of a file, for those who only have the name.
pub fn is_wheel(file: &DistFile) -> bool {
    matches!(file.kind, FileKind::Wheel(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths() {
        assert!(is_lock("x/pylock.toml") && is_lock("pylock.dev.toml"));
        assert!(!is_lock("pylock.a.b.toml") && !is_lock("poetry.lock") && !is_lock("pylock..toml"));
        assert_eq!(relative(Path::new("/a/b/c.whl"), Path::new("/a/d")), "../b/c.whl");
        assert_eq!(relative(Path::new("/a"), Path::new("/a")), ".");
    }

    #[test]
    fn sets_in_markers() {
        let groups = ["dev".to_owned()];
        let text = without_sets("os_name == 'posix' and ('dev' in dependency_groups or \"x\" not in extras)", &groups);
        assert_eq!(text, "os_name == 'posix' and (python_version >= '0' or python_version >= '0')");
        assert_eq!(without_sets("'x' in extras", &groups), "python_version < '0'");
        assert_eq!(without_sets("'a' in dependency_groups", &groups), "python_version < '0'");
        for strange in ["extras", "in extras", "x in extras", "' in extras", "extras in extras"] {
            without_sets(strange, &groups);
        }
    }

    #[test]
    fn times() {
        assert_eq!(toml_time("2025-01-02T03:04:05.678Z").as_deref(), Some("2025-01-02T03:04:05.678Z"));
        assert!(toml_time("yesterday").is_none());
    }
}
