//! pip's configuration files and `PIP_*` variables: where they lie, how they are read, which wins. Only text in, key and value out.

use crate::{Error, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One setting with where it was said, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub value: String,
    pub place: String,
}

/// All settings of one command, later files over earlier ones, variables over files.
#[derive(Clone, Debug, Default)]
pub struct PipConf {
    values: BTreeMap<String, Said>,
}

impl PipConf {
    /// Reads the files and variables that pip would read for `command` in the environment at `prefix`.
    pub fn load(command: &str, prefix: Option<&Path>, variable: &dyn Fn(&str) -> Option<String>) -> Result<PipConf> {
        let mut conf = PipConf::default();
        for file in places(prefix, variable) {
            let text = match std::fs::read_to_string(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    return Err(Error::usage(format!("configuration file {} is not UTF-8", file.display())));
                }
                Err(_) => continue,
            };
            conf.add_file(&text, &file.display().to_string(), command)?;
        }
        Ok(conf)
    }

    fn add_file(&mut self, text: &str, place: &str, command: &str) -> Result<()> {
        let sections =
            parse(text).map_err(|(line, why)| Error::usage(format!("configuration file {place}, line {line}: {why}")))?;
        // A command's own section outranks [global] of the same file; pip lets it outrank [global] of every file.
        for wanted in ["global", command] {
            for (section, key, value) in &sections {
                if section == wanted {
                    self.set(key, value, place, section == command);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &str, place: &str, of_command: bool) {
        let said = Said { value: value.to_owned(), place: place.to_owned() };
        let key = normal(key);
        if of_command {
            self.values.insert(format!("command.{key}"), said);
        } else {
            self.values.insert(key, said);
        }
    }

    /// The setting `key` (`index-url`): variable, then the command's section, then [global].
    pub fn get(&self, key: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<Said> {
        let names: &[&str] = match key {
            "timeout" => &["timeout", "default-timeout"],
            other => &[other],
        };
        for name in names {
            let variable_name = format!("PIP_{}", name.to_uppercase().replace('-', "_"));
            if let Some(value) = variable(&variable_name).filter(|value| !value.is_empty()) {
                return Some(Said { value, place: variable_name });
            }
        }
        for name in names {
            let found = self.values.get(&format!("command.{name}")).or_else(|| self.values.get(*name));
            if let Some(said) = found {
                return Some(said.clone());
            }
        }
        None
    }
}

/// The files, weakest first.
fn places(prefix: Option<&Path>, variable: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let own = variable("PIP_CONFIG_FILE").filter(|path| !path.is_empty());
    if own.as_deref() == Some("/dev/null") {
        return Vec::new();
    }
    let mut files = Vec::new();
    let shared = variable("XDG_CONFIG_DIRS").filter(|text| !text.is_empty()).unwrap_or_else(|| "/etc/xdg".into());
    files.extend(std::env::split_paths(&shared).map(|folder| folder.join("pip/pip.conf")));
    files.push(PathBuf::from("/etc/pip.conf"));
    if let Some(home) = variable("HOME").map(PathBuf::from) {
        files.push(home.join(".pip/pip.conf"));
        match variable("XDG_CONFIG_HOME").filter(|text| !text.is_empty()) {
            Some(folder) => files.push(PathBuf::from(folder).join("pip/pip.conf")),
            None => files.push(home.join(".config/pip/pip.conf")),
        }
    }
    files.extend(prefix.map(|prefix| prefix.join("pip.conf")));
    files.extend(own.map(PathBuf::from));
    files
}

fn normal(key: &str) -> String {
    key.trim().trim_start_matches("--").to_ascii_lowercase().replace('_', "-")
}

/// The file format: sections, `key = value` or `key: value`, `#`/`;` comment lines, indented lines continue a value.
fn parse(text: &str) -> Result<Vec<(String, String, String)>, (usize, &'static str)> {
    let mut found: Vec<(String, String, String)> = Vec::new();
    let mut section: Option<String> = None;
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        if trimmed.is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) && open {
            if let Some((_, _, value)) = found.last_mut() {
                value.push('\n');
                value.push_str(trimmed);
            }
            continue;
        }
        if let Some(rest) = trimmed.strip_prefix('[') {
            let name = rest.split(']').next().filter(|_| rest.contains(']')).ok_or((number, "section without ']'"))?;
            section = Some(name.trim().to_owned());
            open = false;
            continue;
        }
        let section = section.as_ref().ok_or((number, "a setting before the first [section]"))?;
        let at = trimmed.find(['=', ':']).ok_or((number, "neither a [section] nor 'key = value'"))?;
        let (key, value) = (trimmed[..at].trim(), trimmed[at + 1..].trim());
        if key.is_empty() {
            return Err((number, "a setting without a name"));
        }
        found.push((section.clone(), key.to_owned(), value.to_owned()));
        open = true;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_forms() {
        let mut conf = PipConf::default();
        conf.add_file(
            "[install]\nno-deps: yes\n[global]\nindex_url = a\nfind-links =\n  one\n  # not me\n  two\n",
            "f",
            "install",
        )
        .unwrap();
        conf.add_file("[global]\nno-deps = no\nINDEX-URL = b\n", "g", "install").unwrap();
        let none = |_: &str| None;
        assert_eq!(conf.get("index-url", &none).unwrap().value, "b");
        assert_eq!(conf.get("no-deps", &none).unwrap().value, "yes");
        assert_eq!(conf.get("find-links", &none).unwrap().value.split_whitespace().collect::<Vec<_>>(), ["one", "two"]);
        let env = |name: &str| (name == "PIP_INDEX_URL").then(|| "c".to_owned());
        assert_eq!(conf.get("index-url", &env).unwrap().place, "PIP_INDEX_URL");
        assert!(conf.add_file("x = 1", "h", "install").is_err());
        assert!(conf.add_file("[x]\nabc", "h", "install").is_err());
    }
}
