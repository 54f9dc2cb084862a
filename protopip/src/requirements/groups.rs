//! Dependency groups (PEP 735) and the static parts of `pyproject.toml`: `[project]`, `[build-system]`. Text in, data out.

use super::Wanted;
use crate::index::metadata::one_line;
use crate::model::{ExtraName, Requirement};
use crate::{Error, Result};
use std::path::Path;
use std::str::FromStr;

/// What we read of a project's file.
pub struct ProjectTable {
    table: toml::Table,
    place: String,
}

pub fn read_project(file: &Path) -> Result<ProjectTable> {
    let text = std::fs::read_to_string(file).map_err(|error| Error::io("cannot read", file, error))?;
    let table = text
        .parse::<toml::Table>()
        .map_err(|error| Error::usage(format!("{} is not TOML", file.display())).because(one_line(error.message())))?;
    Ok(ProjectTable { table, place: file.display().to_string() })
}

impl ProjectTable {
    pub fn section(&self, name: &str) -> Option<&toml::Table> {
        self.table.get(name)?.as_table()
    }

    /// `[build-system]`: requirements, backend, path. `None` if there is none.
    pub fn build_system(&self) -> Result<Option<(Vec<String>, Option<String>, Vec<String>)>> {
        let Some(section) = self.section("build-system") else { return Ok(None) };
        let requires =
            section.get("requires").ok_or_else(|| Error::build(format!("{}: [build-system] has no 'requires'", self.place)))?;
        let backend = section.get("build-backend").and_then(toml::Value::as_str).map(str::to_owned);
        let path = match section.get("backend-path") {
            Some(value) => strings(value, &self.place)?,
            None => Vec::new(),
        };
        Ok(Some((strings(requires, &self.place)?, backend, path)))
    }

    /// Metadata that `[project]` gives in full, so that nothing need run: name, version, requirements.
    pub fn static_metadata(&self) -> Option<String> {
        let project = self.section("project")?;
        if project.get("dynamic").and_then(toml::Value::as_array).is_some_and(|list| {
            list.iter()
                .filter_map(toml::Value::as_str)
                .any(|key| matches!(key, "version" | "dependencies" | "optional-dependencies" | "requires-python"))
        }) {
            return None;
        }
        let mut text = format!(
            "Metadata-Version: 2.2\nName: {}\nVersion: {}\n",
            project.get("name")?.as_str()?,
            project.get("version")?.as_str()?
        );
        if let Some(python) = project.get("requires-python").and_then(toml::Value::as_str) {
            text.push_str(&format!("Requires-Python: {python}\n"));
        }
        if let Some(dependencies) = project.get("dependencies") {
            for dependency in dependencies.as_array()? {
                text.push_str(&format!("Requires-Dist: {}\n", Requirement::from_str(dependency.as_str()?).ok()?));
            }
        }
        if let Some(extras) = project.get("optional-dependencies") {
            for (extra, list) in extras.as_table()? {
                let extra = ExtraName::from_str(extra).ok()?;
                text.push_str(&format!("Provides-Extra: {extra}\n"));
                for dependency in list.as_array()? {
                    let requirement = Requirement::from_str(dependency.as_str()?).ok()?.with_extra_marker(&extra);
                    text.push_str(&format!("Requires-Dist: {requirement}\n"));
                }
            }
        }
        text.push('\n');
        Some(text)
    }
}

fn strings(value: &toml::Value, place: &str) -> Result<Vec<String>> {
    let wrong = || Error::build(format!("{place}: a list of strings is expected"));
    value.as_array().ok_or_else(wrong)?.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

/// Reads a group: `name` from ./pyproject.toml, or `path:name`.
pub fn read_group(text: &str) -> Result<Vec<Wanted>> {
    let (file, name) = text.rsplit_once(':').unwrap_or(("pyproject.toml", text));
    let file = Path::new(file);
    if file.file_name().is_none_or(|name| name != "pyproject.toml") {
        return Err(Error::usage(format!("--group {text}: groups are read from a pyproject.toml")));
    }
    let project = read_project(file)?;
    let mut wanted = Vec::new();
    collect(&project, name, &mut Vec::new(), &mut wanted)?;
    Ok(wanted)
}

fn normal(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            letter => out.extend(letter.to_lowercase()),
        }
    }
    out
}

fn collect(project: &ProjectTable, name: &str, open: &mut Vec<String>, wanted: &mut Vec<Wanted>) -> Result<()> {
    let place = &project.place;
    let key = normal(name);
    if open.contains(&key) {
        return Err(Error::usage(format!("{place}: dependency group '{name}' includes itself")));
    }
    let groups =
        project.section("dependency-groups").ok_or_else(|| Error::usage(format!("{place} has no [dependency-groups]")))?;
    let found: Vec<_> = groups.iter().filter(|(known, _)| normal(known) == key).collect();
    let group = match found.as_slice() {
        [(_, group)] => group,
        [] => {
            let known: Vec<&str> = groups.keys().map(String::as_str).collect();
            return Err(
                Error::usage(format!("{place} has no dependency group '{name}'")).hint(format!("it has: {}", known.join(", ")))
            );
        }
        _ => return Err(Error::usage(format!("{place} has several dependency groups called '{name}'"))),
    };
    let wrong = || {
        Error::usage(format!("{place}: dependency group '{name}' is not a list of requirements and {{include-group = \"...\"}}"))
    };
    open.push(key);
    for item in group.as_array().ok_or_else(wrong)? {
        match item {
            toml::Value::String(text) => {
                let folder = Path::new(place).parent().unwrap_or(Path::new("."));
                let folder = std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
                    .map_err(|error| Error::io("cannot find", folder, error))?;
                wanted.push(Wanted::parse(text, false, &folder, &format!("{place} group {name}"))?);
            }
            toml::Value::Table(table) => {
                let included =
                    table.get("include-group").and_then(toml::Value::as_str).filter(|_| table.len() == 1).ok_or_else(wrong)?;
                collect(project, included, open, wanted)?;
            }
            _ => return Err(wrong()),
        }
    }
    open.pop();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pyproject.toml");
        std::fs::write(
            &file,
            "[project]\nname='p'\nversion='1'\ndependencies=['a>1']\n[project.optional-dependencies]\nx=['b']\n\
             [dependency-groups]\nTest_it=['c', {include-group='more'}]\nmore=['d']\nround=[{include-group='round'}]\nbad=[3]\n",
        )
        .unwrap();
        let group = |name: &str| read_group(&format!("{}:{name}", file.display()));
        assert_eq!(group("test-it").unwrap().len(), 2);
        for wrong in ["round", "bad", "none"] {
            assert!(group(wrong).is_err(), "{wrong}");
        }
        let metadata = read_project(&file).unwrap().static_metadata().unwrap();
        let read = crate::index::CoreMetadata::parse(&metadata).unwrap();
        assert_eq!(read.requires.len(), 2);
        assert_eq!(read.extras.len(), 1);
    }
}
