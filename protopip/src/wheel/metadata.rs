//! Core metadata: `Name: value` headers, a blank line, a description. Reads what an installer needs, keeps the rest as text.
//! Must not know: requirements' grammar, files.

use crate::flaw::{Checked, flaw, shown};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    pub metadata_version: String,
    pub name: String,
    pub version: String,
    pub requires_dist: Vec<String>,
    pub requires_python: Option<String>,
    pub provides_extra: Vec<String>,
    pub dynamic: Vec<String>,
    /// Every header in order, for `show`.
    pub headers: Vec<(String, String)>,
}

impl Metadata {
    pub fn parse(text: &str) -> Checked<Metadata> {
        let headers = headers(text)?;
        let one = |key: &str| -> Checked<String> {
            let mut found = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value);
            let Some(value) = found.next() else { flaw!("has no {key} in its metadata") };
            flaw!(unless found.all(|other| other == value), "has several values for {key} in its metadata");
            flaw!(unless !value.is_empty(), "has an empty {key} in its metadata");
            Ok(value.clone())
        };
        let all = |key: &str| -> Vec<String> {
            headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone()).collect()
        };
        let metadata_version = one("Metadata-Version")?;
        let major = metadata_version.split('.').next().and_then(|text| text.trim().parse::<u32>().ok());
        flaw!(unless matches!(major, Some(1 | 2)), "has Metadata-Version {}, only 1.x and 2.x are known", shown(&metadata_version));
        Ok(Metadata {
            metadata_version,
            name: one("Name")?,
            version: one("Version")?,
            requires_dist: all("Requires-Dist"),
            requires_python: all("Requires-Python").into_iter().find(|value| !value.is_empty()),
            provides_extra: all("Provides-Extra"),
            dynamic: all("Dynamic"),
            headers,
        })
    }

    /// The first value of a header.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    pub fn get_all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }
}

/// The headers of a metadata or WHEEL file; lines that start with a blank continue the one before.
pub fn headers(text: &str) -> Checked<Vec<(String, String)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            let Some((_, value)) = headers.last_mut() else { flaw!("has metadata that starts with a continuation line") };
            value.push('\n');
            value.push_str(line.trim_start_matches([' ', '\t']));
            continue;
        }
        let Some((name, value)) = line.split_once(':') else { flaw!("has a metadata line that is no header: {}", shown(line)) };
        flaw!(unless !name.is_empty() && !name.contains([' ', '\t']), "has a metadata line that is no header: {}", shown(line));
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_headers_and_stops_at_the_description() {
        let text = "Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: b; extra == 'x'\nLicense: one\n  two\nrequires-python: >=3\n\nName: no\n";
        let metadata = Metadata::parse(text).unwrap();
        assert_eq!((metadata.name.as_str(), metadata.version.as_str()), ("a", "1"));
        assert_eq!(metadata.requires_dist, ["b; extra == 'x'"]);
        assert_eq!(metadata.requires_python.as_deref(), Some(">=3"));
        assert_eq!(metadata.get("license"), Some("one\ntwo"));
    }

    #[test]
    fn refuses_what_is_ambiguous() {
        for text in [
            "",
            "Name: a\nVersion: 1\n",
            "Metadata-Version: 2.1\nName: a\nName: b\nVersion: 1\n",
            "Metadata-Version: 9\nName: a\nVersion: 1\n",
            " x\n",
            "Metadata-Version 2.1\n",
        ] {
            assert!(Metadata::parse(text).is_err(), "{text:?}");
        }
    }
}
