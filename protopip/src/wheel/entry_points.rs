//! entry_points.txt, as far as an installer makes scripts of it, and which script names a package may not have.
//! Must not know: what a script looks like.

use crate::flaw::{Checked, flaw, shown};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPoints {
    pub console: Vec<EntryPoint>,
    pub gui: Vec<EntryPoint>,
}

/// `name = module:object.attribute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPoint {
    pub name: String,
    pub module: String,
    pub object: String,
}

impl EntryPoints {
    pub fn all(&self) -> impl Iterator<Item = &EntryPoint> {
        self.console.iter().chain(&self.gui)
    }

    pub fn parse(text: &str) -> Checked<EntryPoints> {
        let mut found = EntryPoints::default();
        let mut section = String::new();
        for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[') {
                let Some(name) = name.strip_suffix(']') else {
                    flaw!("has a broken section in entry_points.txt: {}", shown(line))
                };
                name.clone_into(&mut section);
                continue;
            }
            let list = match section.as_str() {
                "console_scripts" => &mut found.console,
                "gui_scripts" => &mut found.gui,
                _ => continue,
            };
            let Some((name, value)) = line.split_once('=') else {
                flaw!("has a line that is no entry point in entry_points.txt: {}", shown(line))
            };
            list.push(EntryPoint::parse(name.trim(), value.trim())?);
        }
        Ok(found)
    }
}

impl EntryPoint {
    fn parse(name: &str, value: &str) -> Checked<EntryPoint> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | ' ');
        let sound = !name.is_empty() && name.chars().all(plain) && !name.starts_with(['.', '-', ' ']) && name.len() <= 200;
        flaw!(unless sound, "has a script with an unusable name: {}", shown(name));
        flaw!(unless !is_reserved_script(name), "wants to install a script called {name}, which belongs to the environment");
        // `module:object [extras]`; the extras say nothing to an installer.
        let target = value.split('[').next().unwrap_or_default().trim();
        let Some((module, object)) = target.split_once(':') else {
            flaw!("has a script {name} that names no function: {}", shown(value))
        };
        let (module, object) = (module.trim(), object.trim());
        // The two end up as program text: nothing but dotted names may pass.
        flaw!(unless is_dotted_name(module) && is_dotted_name(object), "has a script {name} with an unusable target: {}", shown(value));
        Ok(EntryPoint { name: name.to_owned(), module: module.to_owned(), object: object.to_owned() })
    }
}

fn is_dotted_name(text: &str) -> bool {
    let is_name = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
    };
    text.split('.').all(is_name)
}

/// Names in `bin` that belong to the environment: interpreters, activation, and ourselves. Exact names, because packages with names like
/// `python-argcomplete-...` and `activate-global-...` exist and do no harm.
pub fn is_reserved_script(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = lower.strip_suffix(".exe").unwrap_or(&lower);
    let versioned = |prefix: &str| {
        let Some(rest) = stem.strip_prefix(prefix) else { return false };
        let rest = rest.strip_suffix('d').unwrap_or(rest);
        let rest = rest.strip_suffix('t').unwrap_or(rest);
        rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    ["python", "pythonw", "protopy", "protopyc", "protopip"].into_iter().any(versioned)
        || stem == "activate"
        || stem == "deactivate"
        || stem.starts_with("activate.")
        || stem.starts_with("deactivate.")
        || stem.starts_with("activate_this.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_scripts_only() {
        let text = "[console_scripts]\na = m.n:f\nb=m:C.run [x]\n# c\n[other]\nz\n[gui_scripts]\ng = m:g\n";
        let found = EntryPoints::parse(text).unwrap();
        assert_eq!(found.console.len(), 2);
        assert_eq!(found.console[1], EntryPoint { name: "b".into(), module: "m".into(), object: "C.run".into() });
        assert_eq!(found.gui[0].name, "g");
    }

    #[test]
    fn refuses_program_text_and_reserved_names() {
        for line in [
            "a = m:f();import os",
            "a = m",
            "a/b = m:f",
            "../a = m:f",
            "python = m:f",
            "Python3.14t = m:f",
            "activate.fish = m:f",
            "protopy = m:f",
            "a",
            " = m:f",
        ] {
            assert!(EntryPoints::parse(&format!("[console_scripts]\n{line}\n")).is_err(), "{line}");
        }
        for name in
            ["python-argcomplete-check-easy-install-script", "activate-global-python-argcomplete", "pythonic", "protopype"]
        {
            assert!(!is_reserved_script(name), "{name}");
        }
    }
}
