//! Which wheels an interpreter takes: its tags (PEP 425, 600, 656), best first, and in words why a wheel is not taken. Data in, data
//! out; knows no network.

use crate::model::{DistFile, Environment, FileKind, Tag, WheelName};
use std::collections::HashMap;

/// What of an interpreter decides about tags.
#[derive(Clone, Debug)]
pub struct Facts {
    /// `sys.implementation.name`.
    pub implementation: String,
    pub minor: u64,
    /// `sysconfig.get_platform()`, e.g. `linux-x86_64`.
    pub platform: String,
    /// `2.39` of the C library, when that is glibc; `1.2` when it is musl.
    pub glibc: Option<(u64, u64)>,
    pub musl: Option<(u64, u64)>,
    /// Of CPython: the build has no GIL (`cp314t`).
    pub free_threaded: bool,
    pub extension_suffix: String,
}

/// All accepted tags, best first.
pub fn tags(facts: &Facts) -> Vec<Tag> {
    let platforms = platforms(facts);
    let mut tags = Vec::new();
    let minor = facts.minor;
    let mut native = |python: &str, abi: &str| tags.extend(platforms.iter().map(|platform| Tag::new(python, abi, platform)));
    match facts.implementation.as_str() {
        "protopy" => {
            // The HPy interface does not depend on the language version: what was built for an older protopy loads too.
            for minor in (2..=minor).rev() {
                native(&format!("protopy3{minor}"), "hpy0");
            }
            native("py3", "hpy0");
            for minor in (0..=minor).rev() {
                native(&format!("py3{minor}"), "hpy0");
            }
            native(&format!("protopy3{minor}"), "none");
        }
        "cpython" => {
            let flags = if facts.free_threaded { "t" } else { "" };
            native(&format!("cp3{minor}"), &format!("cp3{minor}{flags}"));
            if !facts.free_threaded {
                native(&format!("cp3{minor}"), "abi3");
            }
            native(&format!("cp3{minor}"), "none");
            if !facts.free_threaded {
                for older in (2..minor).rev() {
                    native(&format!("cp3{older}"), "abi3");
                }
            }
        }
        "pypy" => {
            let abi = facts.extension_suffix.trim_start_matches('.').split('-').take(2).collect::<Vec<_>>().join("_");
            native(&format!("pp3{minor}"), &abi);
            native(&format!("pp3{minor}"), "none");
        }
        other => native(&format!("{other}3{minor}"), "none"),
    }
    let mut generic = vec![format!("py3{minor}"), "py3".to_owned()];
    generic.extend((0..minor).rev().map(|older| format!("py3{older}")));
    for python in &generic {
        native(python, "none");
    }
    let own = match facts.implementation.as_str() {
        "cpython" => "cp",
        "pypy" => "pp",
        other => other,
    };
    tags.push(Tag::new(&format!("{own}3{minor}"), "none", "any"));
    tags.extend(generic.iter().map(|python| Tag::new(python, "none", "any")));
    tags
}

fn platforms(facts: &Facts) -> Vec<String> {
    let plain = facts.platform.replace(['-', '.'], "_");
    if let Some(machine) = facts.platform.strip_prefix("linux-") {
        let machine = machine.replace('-', "_");
        let mut names = Vec::new();
        if let Some((2, newest)) = facts.glibc {
            let oldest = if matches!(machine.as_str(), "x86_64" | "i686") { 5 } else { 17 };
            for minor in (oldest..=newest).rev() {
                names.push(format!("manylinux_2_{minor}_{machine}"));
                let alias = match minor {
                    17 => Some("manylinux2014"),
                    12 => Some("manylinux2010"),
                    5 => Some("manylinux1"),
                    _ => None,
                };
                names.extend(alias.map(|alias| format!("{alias}_{machine}")));
            }
        }
        if let Some((1, newest)) = facts.musl {
            names.extend((0..=newest).rev().map(|minor| format!("musllinux_1_{minor}_{machine}")));
        }
        names.push(format!("linux_{machine}"));
        return names;
    }
    if let Some(rest) = facts.platform.strip_prefix("macosx-") {
        return mac_platforms(rest);
    }
    vec![plain]
}

/// `14.0-arm64`: this system and all before it.
fn mac_platforms(text: &str) -> Vec<String> {
    let (version, machine) = text.split_once('-').unwrap_or((text, ""));
    let mut numbers = version.split('.').filter_map(|part| part.parse::<u64>().ok());
    let (major, minor) = (numbers.next().unwrap_or(11), numbers.next().unwrap_or(0));
    let machines: &[&str] = if machine == "arm64" { &["arm64", "universal2"] } else { &[machine, "universal2", "intel"] };
    let mut names = Vec::new();
    let mut add =
        |major: u64, minor: u64| names.extend(machines.iter().map(|machine| format!("macosx_{major}_{minor}_{machine}")));
    for major in (11..=major.max(11)).rev() {
        add(major, 0);
    }
    let from = if major == 10 { minor } else { 16 };
    for minor in (4..=from).rev() {
        add(10, minor);
    }
    names
}

/// Ranks wheels for one interpreter.
pub struct Ranks(HashMap<Tag, usize>);

impl Ranks {
    pub fn new(tags: &[Tag]) -> Ranks {
        let mut ranks = HashMap::with_capacity(tags.len());
        for (rank, tag) in tags.iter().enumerate() {
            ranks.entry(tag.clone()).or_insert(rank);
        }
        Ranks(ranks)
    }

    /// The best rank of the wheel's tags: less is better. `None`: not for this interpreter.
    pub fn rank(&self, wheel: &WheelName) -> Option<usize> {
        wheel.tags().filter_map(|tag| self.0.get(&tag).copied()).min()
    }

    /// Whether the wheel was made for CPython's own interface on this platform: only a look inside shows whether it may be taken.
    pub fn is_c_python_here(&self, wheel: &WheelName, minor: u64) -> bool {
        let here = |platform: &str| self.0.contains_key(&Tag::new("py3", "none", platform));
        let version = |python: &str| {
            python.strip_prefix("cp3").and_then(|rest| rest.parse::<u64>().ok()).is_some_and(|of_wheel| of_wheel <= minor)
        };
        wheel.python.split('.').any(version) && wheel.platform.split('.').any(here)
    }
}

/// In words, why this interpreter does not take the wheel.
pub fn why_not(environment: &Environment, wheel: &WheelName) -> String {
    let has = |test: &dyn Fn(&Tag) -> bool| environment.tags.iter().any(test);
    let tags: Vec<Tag> = wheel.tags().collect();
    let platform_fits = tags.iter().any(|tag| has(&|own| own.platform == tag.platform));
    let python_fits = tags.iter().any(|tag| has(&|own| own.python == tag.python));
    let c_python = tags.iter().any(|tag| tag.python.starts_with("cp") && tag.abi != "none");
    let minor = environment.python_minor();
    if !platform_fits {
        format!("it is for another platform ({})", wheel.platform)
    } else if environment.is_protopy() && c_python {
        "it is compiled for CPython's C API, which protopy does not have".to_owned()
    } else if !python_fits {
        format!("it is for another Python ({}), this is {} {minor}", wheel.python, environment.implementation)
    } else {
        format!("it is for another binary interface ({})", wheel.abi)
    }
}

/// What can be done instead when every wheel of a package needs CPython's C API.
pub fn alternatives() -> [&'static str; 3] {
    [
        "a version that has a source package builds here if its C parts are optional or use HPy",
        "ask the authors for an HPy universal wheel (tag py3-hpy0-<platform>, or files named *.hpy0.so)",
        "look for a package of the same purpose in pure Python",
    ]
}

pub fn wheel_of(file: &DistFile) -> Option<&WheelName> {
    match &file.kind {
        FileKind::Wheel(wheel) => Some(wheel),
        FileKind::Source { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(implementation: &str) -> Facts {
        Facts {
            implementation: implementation.into(),
            minor: 14,
            platform: "linux-x86_64".into(),
            glibc: Some((2, 39)),
            musl: None,
            free_threaded: false,
            extension_suffix: ".hpy0.so".into(),
        }
    }

    fn rank(ranks: &Ranks, tags: &str) -> Option<usize> {
        ranks.rank(&WheelName::parse(&format!("a-1-{tags}.whl")).unwrap())
    }

    #[test]
    fn order_of_protopy() {
        let ranks = Ranks::new(&tags(&facts("protopy")));
        let best_first = [
            "protopy314-hpy0-manylinux_2_17_x86_64",
            "protopy314-hpy0-linux_x86_64",
            "protopy313-hpy0-linux_x86_64",
            "py3-hpy0-manylinux2014_x86_64",
            "py314-hpy0-linux_x86_64",
            "protopy314-none-linux_x86_64",
            "py3-none-manylinux1_x86_64",
            "protopy314-none-any",
            "py314-none-any",
            "py3-none-any",
            "py30-none-any",
        ];
        let found: Vec<_> = best_first.iter().map(|tags| rank(&ranks, tags).unwrap_or_else(|| panic!("{tags}"))).collect();
        assert!(found.is_sorted(), "{found:?}");
        assert!(rank(&ranks, "py2.py3-none-any").is_some());
        for wrong in [
            "cp314-cp314-linux_x86_64",
            "cp314-abi3-linux_x86_64",
            "py315-none-any",
            "py3-none-manylinux_2_40_x86_64",
            "py3-hpy1-linux_x86_64",
        ] {
            assert_eq!(rank(&ranks, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn c_python() {
        let ranks = Ranks::new(&tags(&facts("cpython")));
        assert!(rank(&ranks, "cp314-cp314-manylinux_2_17_x86_64") < rank(&ranks, "cp38-abi3-manylinux_2_17_x86_64"));
        assert!(rank(&ranks, "py3-hpy0-linux_x86_64").is_none());
        let own = Ranks::new(&tags(&facts("protopy")));
        let here = |tags: &str| own.is_c_python_here(&WheelName::parse(&format!("a-1-{tags}.whl")).unwrap(), 14);
        assert!(here("cp311-cp311-manylinux2014_x86_64"));
        assert!(!here("cp315-cp315-manylinux2014_x86_64"));
        assert!(!here("cp311-cp311-win_amd64"));
    }
}
