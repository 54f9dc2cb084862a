//! What every command needs: the environment, the settings, the cache, the registry. Built once from options and configuration.

use super::options::{Common, Highest, IndexArgs, PlaceArgs, SolveArgs, Strategy, WantedArgs};
use crate::build::Builder;
use crate::cache::Cache;
use crate::config::{Given, IndexStrategy, Settings};
use crate::environment::{Installed, installed};
use crate::index::{Answers, Client, CoreMetadata, Fetcher, Keep, Miss, Registry};
use crate::interpreter::{self, Place};
use crate::lock;
use crate::model::{Environment, Hash, PackageName, Url};
use crate::requirements::{self, Content, Wanted, What, read_file, read_group};
use crate::resolve::{Present, Rules};
use crate::tags::Ranks;
use crate::ui::{Progress, Ui};
use crate::wheel::Limits;
use crate::work::Pool;
use crate::{Error, Result};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Connections side by side.
const CONNECTIONS: usize = 24;

pub struct Context {
    pub ui: Arc<Ui>,
    pub progress: Arc<Progress>,
    pub environment: Environment,
    pub settings: Arc<Settings>,
    pub registry: Arc<Registry>,
    pub builder: Builder,
    _temporary: Option<tempfile::TempDir>,
}

/// Everything that is asked for, from arguments, files and groups.
#[derive(Default)]
pub struct Asked {
    pub wanted: Vec<Wanted>,
    pub constraints: Vec<Wanted>,
    pub build_constraints: Vec<Wanted>,
    /// Lock files, with their text.
    pub locks: Vec<(String, String)>,
    options: Vec<requirements::FileOptions>,
}

pub fn environment(common: &Common, place: &PlaceArgs, ui: &Ui) -> Result<Environment> {
    let place = if let Some(folder) = &place.target {
        Place::Target(folder.clone())
    } else if let Some(folder) = &place.prefix {
        Place::Prefix(folder.clone())
    } else if place.user {
        Place::User
    } else {
        Place::Environment
    };
    let memory = (!common.no_cache).then(|| cache_folder(common).join("interpreters"));
    let environment = interpreter::find(common.python.as_deref(), &place, memory.as_deref())?;
    ui.detail(format!("environment {} ({} {})", environment.prefix.display(), environment.implementation, environment.version));
    Ok(environment)
}

fn cache_folder(common: &Common) -> std::path::PathBuf {
    common.cache_dir.clone().unwrap_or_else(crate::config::default_cache)
}

/// Reads requirements. Files with an http address are fetched with the settings known so far.
pub fn asked(
    common: &Common,
    arguments: &WantedArgs,
    solve: &SolveArgs,
    index: &IndexArgs,
    command: &str,
    environment: &Environment,
) -> Result<Asked> {
    let here = std::env::current_dir().map_err(|error| Error::failed("there is no current folder").because(error))?;
    let mut asked = Asked::default();
    let fetch = |url: &str| -> Result<String> {
        let settings = Arc::new(Settings::load(command, &given(common, solve, index), Some(environment))?);
        let client = Client::new(settings, Answers::new(None));
        let url = Url::parse(url).map_err(|error| Error::usage(format!("'{url}' is no address")).because(error))?;
        match client.text(&url, "text/plain, */*", Keep::AsTold) {
            Ok(text) => String::from_utf8(text.body).map_err(|_| Error::usage(format!("{url} is not UTF-8"))),
            Err(Miss::NotFound) => Err(Error::network(format!("there is no file {url}"))),
            Err(Miss::Failed(error)) => Err(error),
        }
    };
    for text in &arguments.requirements {
        asked.wanted.push(Wanted::parse(text, false, &here, "the command line")?);
    }
    for path in &arguments.editables {
        asked.wanted.push(Wanted::parse(path, true, &here, "the command line")?);
    }
    for file in &arguments.files {
        if lock::is_lock(file) {
            let text = std::fs::read_to_string(file)
                .map_err(|error| Error::usage(format!("cannot read the lock {file}")).because(error))?;
            asked.locks.push((file.clone(), text));
            continue;
        }
        let Content { wanted, constraints, options } = read_file(file, false, &fetch)?;
        asked.wanted.extend(wanted);
        asked.constraints.extend(constraints);
        asked.options.push(options);
    }
    for group in &arguments.groups {
        asked.wanted.extend(read_group(group)?);
    }
    let settings = Settings::load(command, &given(common, solve, index), Some(environment))?;
    let mut constraint_files = arguments.constraints.clone();
    if constraint_files.is_empty() {
        constraint_files = settings.constraints.clone();
    }
    for file in &constraint_files {
        let Content { constraints, options, .. } = read_file(file, true, &fetch)?;
        asked.constraints.extend(constraints);
        asked.options.push(options);
    }
    for file in &solve.build_constraints {
        asked.build_constraints.extend(read_file(file, true, &fetch)?.constraints);
    }
    Ok(asked)
}

fn given(common: &Common, solve: &SolveArgs, index: &IndexArgs) -> Given {
    Given {
        index_url: index.index_url.clone(),
        extra_index_urls: index.extra_index_url.clone(),
        find_links: index.find_links.clone(),
        no_index: index.no_index,
        cert: index.cert.clone(),
        trusted_hosts: index.trusted_host.clone(),
        proxy: index.proxy.clone(),
        timeout: index.timeout,
        retries: index.retries,
        offline: common.offline,
        cache_dir: common.cache_dir.clone(),
        no_cache: common.no_cache,
        index_strategy: match index.index_strategy {
            Strategy::First => IndexStrategy::First,
            Strategy::Merge => IndexStrategy::Merge,
        },
        only_binary: solve.only_binary.clone(),
        no_binary: solve.no_binary.clone(),
        pre: solve.pre,
        require_hashes: solve.require_hashes,
        constraints: Vec::new(),
    }
}

impl Context {
    pub fn new(
        common: &Common,
        ui: Arc<Ui>,
        environment: Environment,
        command: &str,
        solve: &SolveArgs,
        index: &IndexArgs,
        asked: &Asked,
    ) -> Result<Context> {
        let mut settings = Settings::load(command, &given(common, solve, index), Some(&environment))?;
        settings.refresh = common.refresh;
        for options in &asked.options {
            requirements::apply(options, &mut settings)?;
        }
        // One hash given means: all must be given.
        if asked.wanted.iter().any(|wanted| !wanted.hashes.is_empty() && matches!(wanted.what, What::Named { .. })) {
            settings.require_hashes = true;
        }
        let (root, temporary) = if settings.no_cache {
            let folder = tempfile::TempDir::with_prefix("protopip-")
                .map_err(|error| Error::io("cannot make a folder in", &std::env::temp_dir(), error))?;
            (folder.path().to_owned(), Some(folder))
        } else {
            (settings.cache_dir.clone(), None)
        };
        for url in &settings.indexes {
            ui.detail(format!("index {}", crate::index::shown(url)));
        }
        let cache = Arc::new(Cache::open(&root)?);
        let settings = Arc::new(settings);
        let progress = Arc::new(Progress::new(&ui));
        let answers = Answers::new(cache.folder("answers").ok());
        let client = Arc::new(Client::new(settings.clone(), answers));
        let limits = if solve.allow_large { Limits::large() } else { Limits::default() };
        let fetcher = Arc::new(Fetcher { client: client.clone(), cache: cache.clone(), limits, progress: progress.clone() });
        let pool = Arc::new(Pool::new(CONNECTIONS));
        let registry = Arc::new(Registry::new(settings.clone(), client, fetcher, pool));
        let mut builder = Builder::new(registry.clone(), environment.clone(), cache.clone(), ui.clone(), progress.clone());
        builder.exclude_newer = solve.exclude_newer.as_deref().map(read_time).transpose()?;
        builder.no_isolation = solve.no_build_isolation;
        builder.build_constraints = asked.build_constraints.clone();
        builder.config_settings = solve
            .config_settings
            .iter()
            .map(|text| {
                text.split_once('=')
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .ok_or_else(|| Error::usage(format!("--config-settings '{text}' is not KEY=VALUE")))
            })
            .collect::<Result<_>>()?;
        Ok(Context { ui, progress, environment, settings, registry, builder, _temporary: temporary })
    }

    pub fn rules(&self, solve: &SolveArgs, wanted: &[Wanted]) -> Result<Rules> {
        let mut hashes: HashMap<PackageName, Vec<Hash>> = HashMap::new();
        for one in wanted {
            if let What::Named { name, specifiers } = &one.what
                && !one.hashes.is_empty()
            {
                let pinned = specifiers.iter().any(|specifier| {
                    matches!(specifier.operator(), pep440_rs::Operator::Equal | pep440_rs::Operator::ExactEqual)
                });
                if !pinned {
                    return Err(Error::usage(format!("{name} has hashes but no exact version (in {})", one.place))
                        .hint("with hashes every requirement is of the form name==version"));
                }
                hashes.entry(name.clone()).or_default().extend(one.hashes.iter().cloned());
            }
        }
        if self.settings.require_hashes {
            for one in wanted {
                if one.hashes.is_empty() {
                    let name = one.name().map_or_else(|| one.place.clone(), ToString::to_string);
                    return Err(Error::usage(format!("no hash is given for {name} (in {})", one.place))
                        .hint("with --require-hashes every requirement needs --hash=sha256:..."));
                }
            }
        }
        let environment = self.environment.clone();
        Ok(Rules {
            ranks: Ranks::new(&environment.tags),
            look_inside: environment.is_protopy() && !solve.no_hpy_retag,
            environment,
            settings: self.settings.clone(),
            hashes,
            exclude_newer: solve.exclude_newer.as_deref().map(read_time).transpose()?,
            lowest: solve.resolution == Highest::Lowest,
        })
    }

    /// What the environment has, for the solver.
    pub fn present(&self, installed: &[Installed]) -> HashMap<PackageName, Present> {
        installed
            .iter()
            .filter_map(|dist| {
                let metadata = CoreMetadata::of(&dist.metadata().ok()?).ok()?;
                Some((dist.name.clone(), Present { version: dist.version.clone(), metadata: Arc::new(metadata) }))
            })
            .collect()
    }
}

/// A day or a moment, as index pages write moments.
fn read_time(text: &str) -> Result<String> {
    let wrong = || Error::usage(format!("'{text}' is no time")).hint("write 2026-01-31 or 2026-01-31T12:00:00Z");
    let time: toml::value::Datetime = text.parse().map_err(|_| wrong())?;
    match (time.date, time.time) {
        (Some(date), None) => Ok(format!("{date}T00:00:00")),
        (Some(date), Some(time)) => Ok(format!("{date}T{time}")),
        _ => Err(wrong()),
    }
}

pub fn installed_or_none(environment: &Environment) -> Result<Vec<Installed>> {
    // Whoever may not write cannot repair either, and sees what is there.
    let _ = crate::install::repair(environment);
    let mut found = installed(environment)?;
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// Refuses to change what something else manages.
pub fn may_change(environment: &Environment, place: &PlaceArgs, settings_allow: bool) -> Result<()> {
    let Some(text) = environment.externally_managed.as_ref().filter(|_| !place.break_system_packages && !settings_allow) else {
        return Ok(());
    };
    let message = text.split("Error=").nth(1).unwrap_or("").lines().next().unwrap_or("").trim();
    let mut error = Error::environment(format!("{} is managed by something else", environment.prefix.display()));
    if !message.is_empty() {
        error = error.because(message);
    }
    Err(error
        .hint("make an environment with 'protopip venv' and install there")
        .hint("--break-system-packages installs all the same"))
}

/// The folder that a lock will lie in.
pub fn folder_of(file: &str) -> Result<std::path::PathBuf> {
    let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().map_err(|error| Error::io("cannot find", folder, error))
}
