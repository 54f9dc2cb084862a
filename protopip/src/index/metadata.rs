//! Core metadata as the resolver needs it: name, version, requirements, extras. Text in, data out.

use super::page::read_specifiers;
use crate::model::{ExtraName, PackageName, Requirement, Version, VersionSpecifiers};
use crate::wheel::Metadata;
use crate::{Error, Result};
use std::str::FromStr;

#[derive(Clone, Debug)]
pub struct CoreMetadata {
    pub name: PackageName,
    pub version: Version,
    pub requires_python: Option<VersionSpecifiers>,
    pub requires: Vec<Requirement>,
    pub extras: Vec<ExtraName>,
}

impl CoreMetadata {
    pub fn parse(text: &str) -> Result<CoreMetadata> {
        let metadata = Metadata::parse(text).map_err(|flaw| Error::refused(format!("the metadata {flaw}")))?;
        CoreMetadata::of(&metadata)
    }

    pub fn of(metadata: &Metadata) -> Result<CoreMetadata> {
        let wrong = |what: &str, text: &str, why: &dyn std::fmt::Display| {
            Error::refused(format!("the metadata has a wrong {what} '{text}'")).because(why)
        };
        let name = PackageName::from_str(&metadata.name).map_err(|error| wrong("Name", &metadata.name, &error))?;
        let version = Version::from_str(&metadata.version).map_err(|error| wrong("Version", &metadata.version, &error))?;
        let mut requires = Vec::with_capacity(metadata.requires_dist.len());
        for text in &metadata.requires_dist {
            requires.push(read_requirement(text).map_err(|why| wrong("Requires-Dist", text, &why))?);
        }
        Ok(CoreMetadata {
            name,
            version,
            requires_python: metadata.requires_python.as_deref().and_then(read_specifiers),
            requires,
            extras: metadata.provides_extra.iter().filter_map(|extra| ExtraName::from_str(extra).ok()).collect(),
        })
    }

    /// The same as a metadata text without description, for the cache.
    pub fn to_text(&self) -> String {
        let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", self.name, self.version);
        if let Some(python) = &self.requires_python {
            text.push_str(&format!("Requires-Python: {python}\n"));
        }
        for extra in &self.extras {
            text.push_str(&format!("Provides-Extra: {extra}\n"));
        }
        for requirement in &self.requires {
            text.push_str(&format!("Requires-Dist: {requirement}\n"));
        }
        text.push('\n');
        text
    }
}

/// Reads a requirement of a package; some old and wrong but harmless forms are mended.
fn read_requirement(text: &str) -> Result<Requirement, String> {
    let first = match Requirement::from_str(text) {
        Ok(read) => return Ok(read),
        Err(error) => one_line(&error.to_string()),
    };
    // `name (>=1.0.*)`, `name>=1.0,`, `name >=1.0.*`: seen in old packages.
    let (body, marker) = match text.split_once(';') {
        Some((body, marker)) => (body, format!(";{marker}")),
        None => (text, String::new()),
    };
    let mended = body.replace(['(', ')'], " ");
    let at = mended.find(['<', '>', '=', '!', '~']).unwrap_or(mended.len());
    let (name, specifiers) = mended.split_at(at);
    let specifiers = read_specifiers(specifiers).ok_or_else(|| first.clone())?;
    Requirement::from_str(&format!("{} {specifiers}{marker}", name.trim())).map_err(|_| first)
}

pub fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_mends() {
        let text = "Metadata-Version: 2.1\nName: A.b\nVersion: 1.0\nRequires-Python: >=3.6.*\nProvides-Extra: x\nRequires-Dist: c (>=1.0.*)\nRequires-Dist: d[e]>1; extra == 'x'\n\nRequires-Dist: no\n";
        let read = CoreMetadata::parse(text).unwrap();
        assert_eq!(read.name.to_string(), "a-b");
        assert_eq!(read.requires.len(), 2);
        assert!(read.requires_python.is_some());
        let again = CoreMetadata::parse(&read.to_text()).unwrap();
        assert_eq!(again.requires, read.requires);
        assert!(CoreMetadata::parse("Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: !!\n\n").is_err());
    }
}
