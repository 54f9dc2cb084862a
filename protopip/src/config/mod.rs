//! What the user wants beyond the command line: pip's configuration files, `PIP_*` and `PROTOPIP_*` variables, and defaults, merged
//! with the options given. Knows no network.

mod default_index;
mod netrc;
mod pip_conf;

pub use netrc::{Login, Netrc};
pub use pip_conf::{PipConf, Said};

use crate::model::{Environment, PackageName};
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// Which packages may come as wheels, which as sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    #[default]
    None,
    All,
    Some(BTreeSet<PackageName>),
}

impl Choice {
    /// Reads `:all:`, `:none:` or names separated by commas.
    pub fn parse(text: &str) -> Result<Choice> {
        let mut choice = Choice::None;
        for word in text.split([',', ' ', '\n']).map(str::trim).filter(|word| !word.is_empty()) {
            choice.add(word)?;
        }
        Ok(choice)
    }

    pub fn add(&mut self, word: &str) -> Result<()> {
        match word {
            ":all:" => *self = Choice::All,
            ":none:" => *self = Choice::None,
            name => {
                let name = PackageName::from_str(name).map_err(|error| Error::usage(error.to_string()))?;
                match self {
                    Choice::All => {}
                    Choice::None => *self = Choice::Some(BTreeSet::from([name])),
                    Choice::Some(names) => {
                        names.insert(name);
                    }
                }
            }
        }
        Ok(())
    }

    pub fn has(&self, name: &PackageName) -> bool {
        match self {
            Choice::None => false,
            Choice::All => true,
            Choice::Some(names) => names.contains(name),
        }
    }
}

/// How several indexes are looked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndexStrategy {
    /// The first index that knows a package is the only one asked for it: nobody can put a package of the same name elsewhere.
    #[default]
    First,
    /// All files of all indexes count alike, as in pip.
    Merge,
}

/// What the command line said; `None` and empty leave the word to configuration.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub index_url: Option<String>,
    pub extra_index_urls: Vec<String>,
    pub find_links: Vec<String>,
    pub no_index: bool,
    pub cert: Option<PathBuf>,
    pub trusted_hosts: Vec<String>,
    pub proxy: Option<String>,
    pub timeout: Option<f64>,
    pub retries: Option<u32>,
    pub offline: bool,
    pub cache_dir: Option<PathBuf>,
    pub no_cache: bool,
    pub index_strategy: IndexStrategy,
    pub only_binary: Vec<String>,
    pub no_binary: Vec<String>,
    pub pre: bool,
    pub require_hashes: bool,
    pub constraints: Vec<String>,
}

/// Everything decided.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In the order they are asked.
    pub indexes: Vec<Url>,
    pub find_links: Vec<String>,
    pub cert: Option<PathBuf>,
    pub client_cert: Option<PathBuf>,
    pub trusted_hosts: Vec<String>,
    pub proxy: Option<String>,
    pub timeout: Duration,
    pub retries: u32,
    pub offline: bool,
    /// Whether answers younger than the index allows are taken without asking.
    pub refresh: bool,
    pub cache_dir: PathBuf,
    pub no_cache: bool,
    pub index_strategy: IndexStrategy,
    pub only_binary: Choice,
    pub no_binary: Choice,
    pub pre: bool,
    pub require_hashes: bool,
    pub require_virtualenv: bool,
    pub break_system_packages: bool,
    pub constraints: Vec<String>,
    pub netrc: Netrc,
}

pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Settings {
    /// Merges. `environment` tells where a `pip.conf` of its own and pip's constant may lie.
    pub fn load(command: &str, given: &Given, environment: Option<&Environment>) -> Result<Settings> {
        let prefix = environment.map(|environment| environment.prefix.as_path());
        let conf = PipConf::load(command, prefix, &variable)?;
        let said = |key: &str| conf.get(key, &variable);
        let text = |key: &str| said(key).map(|said| said.value);
        let words = |key: &str| -> Vec<String> {
            text(key).map(|value| value.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
        };
        let flag = |key: &str| -> Result<bool> {
            match said(key) {
                None => Ok(false),
                Some(said) => truth(&said.value)
                    .ok_or_else(|| Error::usage(format!("{}: '{}' is not a yes or no for '{key}'", said.place, said.value))),
            }
        };
        let no_index = given.no_index || flag("no-index")?;
        let mut indexes = Vec::new();
        if !no_index {
            let mut add = |address: &str, place: &str| -> Result<()> {
                let url = index_address(address).map_err(|error| error.within(format!("wrong index address in {place}")))?;
                if !indexes.contains(&url) {
                    indexes.push(url);
                }
                Ok(())
            };
            // Additional indexes come first: they hold what the user's house adds, which nobody outside may shadow.
            if given.extra_index_urls.is_empty()
                && let Some(said) = said("extra-index-url")
            {
                for address in said.value.split_whitespace() {
                    add(address, &said.place)?;
                }
            }
            for address in &given.extra_index_urls {
                add(address, "--extra-index-url")?;
            }
            match (&given.index_url, said("index-url")) {
                (Some(address), _) => add(address, "--index-url")?,
                (None, Some(said)) => add(&said.value, &said.place)?,
                (None, None) => indexes.extend(default_index(environment)),
            }
        }
        let find_links = if given.find_links.is_empty() { words("find-links") } else { given.find_links.clone() };
        let number = |key: &str| -> Result<Option<f64>> {
            said(key)
                .map(|said| {
                    said.value
                        .parse::<f64>()
                        .ok()
                        .filter(|number| number.is_finite() && *number >= 0.0)
                        .ok_or_else(|| Error::usage(format!("{}: '{}' is not a number for '{key}'", said.place, said.value)))
                })
                .transpose()
        };
        let choice = |key: &str, given: &[String]| -> Result<Choice> {
            if given.is_empty() { Choice::parse(&text(key).unwrap_or_default()) } else { Choice::parse(&given.join(",")) }
        };
        let timeout = match given.timeout {
            Some(seconds) => seconds,
            None => number("timeout")?.unwrap_or(30.0),
        };
        let mut trusted_hosts = given.trusted_hosts.clone();
        trusted_hosts.extend(words("trusted-host"));
        let mut constraints = given.constraints.clone();
        if constraints.is_empty() {
            constraints = words("constraint");
        }
        Ok(Settings {
            indexes,
            find_links,
            cert: given.cert.clone().or_else(|| text("cert").map(PathBuf::from)),
            client_cert: text("client-cert").map(PathBuf::from),
            trusted_hosts,
            proxy: given.proxy.clone().or_else(|| text("proxy")),
            timeout: Duration::try_from_secs_f64(timeout.clamp(0.1, 86400.0)).unwrap_or(Duration::from_secs(30)),
            retries: match given.retries {
                Some(retries) => retries,
                None => number("retries")?.map_or(5, |number| number as u32),
            },
            offline: given.offline || variable("PROTOPIP_OFFLINE").is_some_and(|value| truth(&value) == Some(true)),
            refresh: false,
            cache_dir: given.cache_dir.clone().unwrap_or_else(default_cache),
            no_cache: given.no_cache || text("no-cache-dir").is_some_and(|value| truth(&value) == Some(true)),
            index_strategy: given.index_strategy,
            only_binary: choice("only-binary", &given.only_binary)?,
            no_binary: choice("no-binary", &given.no_binary)?,
            pre: given.pre || flag("pre")?,
            require_hashes: given.require_hashes || flag("require-hashes")?,
            require_virtualenv: flag("require-virtualenv")?,
            break_system_packages: flag("break-system-packages")?,
            constraints,
            netrc: Netrc::load(),
        })
    }
}

/// pip's idea of yes and no.
pub fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "y" | "yes" | "t" | "true" | "on" => Some(true),
        "" | "0" | "n" | "no" | "f" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// An index is a URL or a folder; its address ends in a slash so that names can be joined.
pub fn index_address(text: &str) -> Result<Url> {
    let text = text.trim();
    let path = Path::new(text);
    let mut url = if !text.contains("://") && path.is_dir() {
        let path = std::path::absolute(path).map_err(|error| Error::io("cannot find", path, error))?;
        Url::from_directory_path(path).map_err(|()| Error::usage(format!("'{text}' is not a folder")))?
    } else {
        Url::parse(text).map_err(|error| Error::usage(format!("'{text}' is not a URL")).because(error))?
    };
    if !matches!(url.scheme(), "http" | "https" | "file") {
        return Err(Error::usage(format!("'{text}': an index has an http, https or file address")));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn default_index(environment: Option<&Environment>) -> Option<Url> {
    let mut packages = Vec::new();
    let mut libraries = Vec::new();
    if let Some(environment) = environment {
        packages.push(environment.paths.purelib.clone());
        libraries.push(environment.paths.stdlib.clone());
    }
    default_index::find(&packages, &default_index::bundles(&libraries))
}

/// `PROTOPIP_CACHE_DIR`, else `protopip` in the user's cache folder.
pub fn default_cache() -> PathBuf {
    if let Some(folder) = std::env::var_os("PROTOPIP_CACHE_DIR").filter(|folder| !folder.is_empty()) {
        return PathBuf::from(folder);
    }
    if let Some(folder) = std::env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        return PathBuf::from(folder).join("protopip");
    }
    match std::env::var_os("HOME") {
        Some(home) => PathBuf::from(home).join(".cache/protopip"),
        None => std::env::temp_dir().join("protopip-cache"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        let name = PackageName::from_str("a_b").unwrap();
        assert!(Choice::parse("A-b, c").unwrap().has(&name));
        assert!(Choice::parse(":all:").unwrap().has(&name));
        assert!(!Choice::parse("a-b,:none:").unwrap().has(&name));
        assert!(Choice::parse("-").is_err());
    }

    #[test]
    fn addresses() {
        assert_eq!(index_address("https://x.example/simple").unwrap().as_str(), "https://x.example/simple/");
        assert!(index_address("ftp://x.example/").is_err());
        assert!(index_address("nothing").is_err());
    }
}
