//! `install`, `sync`, `uninstall`: what changes an environment.

use super::context::{Asked, Context, asked, environment, installed_or_none, may_change};
use super::options::{
    ChangeArgs, Common, IndexArgs, Install, Link, PlaceArgs, SolveArgs, Sync, Uninstall, UpgradeStrategy, WantedArgs,
};
use crate::cache::StoredWheel;
use crate::environment::Installed;
use crate::files::LinkMode;
use crate::install::{EnvironmentLock, Plan};
use crate::lock;
use crate::model::{Addition, Environment, PackageName};
use crate::requirements::read_file;
use crate::resolve::{Chosen, Origin, Renew, Request, package_name, solve};
use crate::ui::{self, BAD, GOOD, NAME, Ui, count, styled};
use crate::{Error, Result, bring};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// What a change did, for `--json`.
#[derive(Serialize, Default)]
struct Changes {
    environment: String,
    installed: Vec<Change>,
    removed: Vec<Change>,
    unchanged: Vec<Change>,
    notes: Vec<String>,
    dry_run: bool,
}

#[derive(Serialize, Clone)]
struct Change {
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

pub fn install(common: &Common, arguments: &Install, ui: &Arc<Ui>) -> Result<()> {
    let wanted = &arguments.wanted;
    if wanted.requirements.is_empty() && wanted.files.is_empty() && wanted.editables.is_empty() && wanted.groups.is_empty() {
        return Err(
            Error::usage("nothing to install was named").hint("protopip install NAME, -r FILE, -e PATH, or --group GROUP")
        );
    }
    let environment = environment(common, &arguments.place, ui)?;
    let asked = asked(common, wanted, &arguments.solve, &arguments.index, "install", &environment)?;
    let mut renew = Renew::Nothing;
    if arguments.upgrade {
        renew = match arguments.upgrade_strategy {
            UpgradeStrategy::Eager => Renew::All,
            UpgradeStrategy::OnlyIfNeeded => Renew::Named(asked.wanted.iter().filter_map(|one| one.name().cloned()).collect()),
        };
    }
    if !arguments.upgrade_package.is_empty() {
        let names: HashSet<PackageName> =
            arguments.upgrade_package.iter().map(|name| package_name(name)).collect::<Result<_>>()?;
        renew = match renew {
            Renew::All => Renew::All,
            Renew::Nothing => Renew::Named(names),
            Renew::Named(mut known) => {
                known.extend(names);
                Renew::Named(known)
            }
        };
    }
    let how = How {
        renew,
        reinstall: arguments.force_reinstall,
        ignore: arguments.ignore_installed,
        exact: false,
        change: &arguments.change,
        place: &arguments.place,
        solve: &arguments.solve,
    };
    change(common, ui, environment, "install", &arguments.index, &asked, how)
}

pub fn sync(common: &Common, arguments: &Sync, ui: &Arc<Ui>) -> Result<()> {
    let mut files = arguments.files.clone();
    files.extend(arguments.more_files.iter().cloned());
    if files.is_empty() && arguments.groups.is_empty() {
        if !Path::new("pylock.toml").is_file() {
            return Err(Error::usage("there is no pylock.toml here").hint("protopip lock writes one; or name a file"));
        }
        files.push("pylock.toml".into());
    }
    let wanted = WantedArgs {
        files,
        constraints: arguments.constraints.clone(),
        groups: arguments.groups.clone(),
        ..WantedArgs::default()
    };
    let environment = environment(common, &arguments.place, ui)?;
    let asked = asked(common, &wanted, &arguments.solve, &arguments.index, "sync", &environment)?;
    let how = How {
        renew: Renew::Nothing,
        reinstall: false,
        ignore: false,
        exact: true,
        change: &arguments.change,
        place: &arguments.place,
        solve: &arguments.solve,
    };
    change(common, ui, environment, "sync", &arguments.index, &asked, how)
}

struct How<'a> {
    renew: Renew,
    reinstall: bool,
    ignore: bool,
    /// Remove what is not wanted.
    exact: bool,
    change: &'a ChangeArgs,
    place: &'a PlaceArgs,
    solve: &'a SolveArgs,
}

/// What a sync leaves alone: without it the environment could not be worked on.
const KEPT: [&str; 4] = ["pip", "setuptools", "wheel", "protopython"];

fn change(
    common: &Common,
    ui: &Arc<Ui>,
    environment: Environment,
    command: &str,
    index: &IndexArgs,
    asked: &Asked,
    how: How<'_>,
) -> Result<()> {
    let start = Instant::now();
    let context = Context::new(common, ui.clone(), environment, command, how.solve, index, asked)?;
    let environment = &context.environment;
    if context.settings.require_virtualenv && !environment.is_virtual() && !environment.is_target {
        return Err(Error::environment("configuration says: only in virtual environments").hint("protopip venv makes one"));
    }
    if !how.change.dry_run {
        may_change(environment, how.place, context.settings.break_system_packages)?;
    }
    // The lock is taken before looking: what is seen stays true until it is changed.
    let lock = if how.change.dry_run {
        None
    } else {
        make_place(environment)?;
        Some(EnvironmentLock::acquire(environment, || ui.say("another protopip is at work in this environment, waiting"))?)
    };
    let installed = installed_or_none(environment)?;
    let chosen = choose(&context, asked, &installed, &how)?;
    context.progress.clear();
    ui.say(format!("Resolved {} in {}", count(chosen.len(), "package"), ui::time(start.elapsed())));

    let fetched = Instant::now();
    let (fresh, same): (Vec<Chosen>, Vec<Chosen>) =
        chosen.into_iter().partition(|one| !is_in_place(one, &installed, how.reinstall || how.ignore));
    let mut changes =
        Changes { environment: environment.prefix.display().to_string(), dry_run: how.change.dry_run, ..Changes::default() };
    changes.unchanged = same.iter().map(|one| change_of(one, false)).collect();
    let mut remove: Vec<Installed> = Vec::new();
    for dist in &installed {
        let replaced = fresh.iter().any(|one| one.name == dist.name);
        let unwanted = how.exact && !same.iter().any(|one| one.name == dist.name) && !KEPT.contains(&dist.name.as_ref());
        if replaced && !environment.is_target_without_records(dist) || unwanted && !replaced {
            remove.push(dist.clone());
        }
    }
    if how.change.dry_run {
        changes.installed = fresh.iter().map(|one| change_of(one, true)).collect();
        changes.removed = remove.iter().map(removed).collect();
        return tell(ui, &changes, &fresh, &remove, None);
    }
    let before = context.progress.bytes();
    let brought = bring::all(&context.registry, &context.builder, &fresh)?;
    context.progress.clear();
    let bytes = context.progress.bytes();
    if !fresh.is_empty() && bytes > 0 {
        let waited = if bytes > before { format!(" in {}", ui::time(fetched.elapsed())) } else { String::new() };
        ui.say(format!("Fetched {}{waited}", ui::size(bytes)));
    }
    verify_hashes(&context, asked, &brought)?;

    let put = Instant::now();
    let add = brought
        .into_iter()
        .map(|(one, stored)| Addition {
            name: one.name.clone(),
            version: one.version.clone(),
            stored,
            requested: one.requested,
            direct_url: match &one.origin {
                Origin::Direct(direct) => Some(direct.direct_url.clone()),
                _ => None,
            },
        })
        .collect::<Vec<_>>();
    changes.installed = fresh.iter().map(|one| change_of(one, true)).collect();
    changes.removed = remove.iter().map(removed).collect();
    let nothing = add.is_empty() && remove.is_empty();
    let old = remove.clone();
    let plan = Plan {
        remove,
        add,
        compile: how.change.compile && !how.change.no_compile,
        link: match how.change.link_mode {
            Link::Auto => LinkMode::Auto,
            Link::Copy => LinkMode::Copy,
        },
        refuse_executing_pth: how.change.no_exec_pth,
    };
    if let Some(lock) = lock.filter(|_| !nothing) {
        let report = plan.execute_locked(environment, &lock)?;
        changes.notes.clone_from(&report.notes);
        for note in &report.notes {
            ui.warn(note);
        }
    }
    tell(ui, &changes, &fresh, &old, Some(put))
}

/// Makes the folders of a target or prefix, so that they can be locked.
fn make_place(environment: &Environment) -> Result<()> {
    if !environment.prefix.is_dir() {
        std::fs::create_dir_all(&environment.prefix).map_err(|error| Error::io("cannot make", &environment.prefix, error))?;
    }
    Ok(())
}

impl Environment {
    /// In a bare folder nothing is removed but what has a record.
    fn is_target_without_records(&self, dist: &Installed) -> bool {
        self.is_target && !dist.dist_info.join("RECORD").is_file()
    }
}

/// From locks or by solving.
fn choose(context: &Context, asked: &Asked, installed: &[Installed], how: &How<'_>) -> Result<Vec<Chosen>> {
    let rules = Arc::new(context.rules(how.solve, &asked.wanted)?);
    let mut chosen = Vec::new();
    for (file, text) in &asked.locks {
        let folder = super::context::folder_of(file)?;
        for locked in lock::read(text, file, &folder, &rules)? {
            chosen.push(locked.into_chosen(&|source| context.builder.direct(source))?);
        }
    }
    if asked.wanted.is_empty() {
        return Ok(chosen);
    }
    if !asked.locks.is_empty() {
        return Err(Error::usage("a lock cannot be mixed with other requirements"));
    }
    context.progress.step("resolving");
    let request = Request {
        wanted: asked.wanted.clone(),
        constraints: asked.constraints.clone(),
        present: if how.ignore || how.reinstall { HashMap::new() } else { context.present(installed) },
        renew: match &how.renew {
            Renew::Nothing => Renew::Nothing,
            Renew::Named(names) => Renew::Named(names.clone()),
            Renew::All => Renew::All,
        },
        no_deps: how.solve.no_deps,
        fetch_ahead: !how.change.dry_run,
    };
    let mut solved = solve(&context.registry, &context.builder, rules, &request)?;
    for one in &solved {
        for extra in &one.extras {
            if !one.metadata.extras.contains(extra) {
                context.ui.warn(format!("{} {} has no extra '{extra}'", one.name, one.version));
            }
        }
    }
    chosen.append(&mut solved);
    Ok(chosen)
}

/// Nothing need be done for it.
fn is_in_place(one: &Chosen, installed: &[Installed], again: bool) -> bool {
    let there: Vec<&Installed> = installed.iter().filter(|dist| dist.name == one.name).collect();
    match &one.origin {
        Origin::Present => true,
        _ if again => false,
        Origin::Wheel(_) | Origin::Source(_) => {
            matches!(there.as_slice(), [dist] if dist.version == one.version && dist.direct_url().is_none())
        }
        Origin::Direct(direct) => {
            // Folders change without changing their name; what a sum or a commit names does not.
            let same = |text: String| {
                let there: Option<serde_json::Value> = serde_json::from_str(&text).ok();
                there.is_some() && there == serde_json::from_str(&direct.direct_url).ok()
            };
            !direct.direct_url.contains("dir_info")
                && matches!(there.as_slice(), [dist] if dist.version == one.version && dist.direct_url().is_some_and(same))
        }
    }
}

fn verify_hashes(context: &Context, asked: &Asked, brought: &[(&Chosen, StoredWheel)]) -> Result<()> {
    if !context.settings.require_hashes {
        return Ok(());
    }
    for (one, stored) in brought {
        let allowed: Vec<_> =
            asked.wanted.iter().filter(|wanted| wanted.name() == Some(&one.name)).flat_map(|wanted| &wanted.hashes).collect();
        let sum = match &one.origin {
            // The sum of what was fetched counts, not of what was built from it.
            Origin::Source(file) => match file.sha256() {
                Some(sha256) => sha256.to_owned(),
                None => context.registry.fetcher.source(file)?.1,
            },
            Origin::Direct(direct) => direct.sha256.clone().unwrap_or_default(),
            _ => stored.sha256.clone(),
        };
        let other_kind = allowed.iter().any(|hash| hash.algorithm != crate::model::Algorithm::Sha256);
        let told = match &one.origin {
            Origin::Wheel(file) | Origin::Source(file) => other_kind && file.hashes.iter().any(|hash| allowed.contains(&hash)),
            _ => false,
        };
        if !allowed.is_empty() && !told && !allowed.iter().any(|hash| hash.digits == sum) {
            return Err(Error::refused(format!("{} {} is not the file that the requirements allow", one.name, one.version))
                .because(format!("its sha256 sum is {sum}")));
        }
    }
    Ok(())
}

fn change_of(one: &Chosen, with_source: bool) -> Change {
    Change {
        name: one.name.to_string(),
        version: one.version.to_string(),
        requested: with_source.then_some(one.requested),
        source: with_source.then(|| match &one.origin {
            Origin::Present => "present".to_owned(),
            Origin::Wheel(file) | Origin::Source(file) => file.file_name.clone(),
            Origin::Direct(direct) => crate::index::shown(&direct.source.url),
        }),
    }
}

fn removed(dist: &Installed) -> Change {
    Change { name: dist.name.to_string(), version: dist.version.to_string(), requested: None, source: None }
}

fn tell(ui: &Ui, changes: &Changes, fresh: &[Chosen], remove: &[Installed], since: Option<Instant>) -> Result<()> {
    if ui.json {
        return ui.json(changes);
    }
    if fresh.is_empty() && remove.is_empty() {
        ui.say("Everything is in place");
        for one in &changes.unchanged {
            ui.detail(format!("{} {}", one.name, one.version));
        }
        return Ok(());
    }
    let verb = if since.is_none() { "Would install" } else { "Installed" };
    let time = since.map(|since| format!(" in {}", ui::time(since.elapsed()))).unwrap_or_default();
    if fresh.is_empty() {
        ui.say(format!("{} {}{time}", if since.is_none() { "Would remove" } else { "Removed" }, count(remove.len(), "package")));
    } else {
        ui.say(format!("{verb} {}{time}", count(fresh.len(), "package")));
    }
    let mut lines: Vec<(&PackageName, u8, String)> = Vec::new();
    for dist in remove {
        lines.push((&dist.name, 0, format!(" {} {}=={}", styled(BAD, "-"), styled(NAME, &dist.name), dist.version)));
    }
    for one in fresh {
        let from = match &one.origin {
            Origin::Direct(direct) => format!(" (from {})", crate::index::shown(&direct.source.url)),
            Origin::Source(_) if since.is_none() => " (to be built)".to_owned(),
            Origin::Source(_) => " (built here)".to_owned(),
            _ => String::new(),
        };
        lines.push((&one.name, 1, format!(" {} {}=={}{from}", styled(GOOD, "+"), styled(NAME, &one.name), one.version)));
    }
    lines.sort_by(|left, right| (left.0, left.1).cmp(&(right.0, right.1)));
    for (_, _, line) in lines {
        ui.say(line);
    }
    Ok(())
}

pub fn uninstall(common: &Common, arguments: &Uninstall, ui: &Arc<Ui>) -> Result<()> {
    let mut names: Vec<PackageName> = arguments.names.iter().map(|name| package_name(name)).collect::<Result<_>>()?;
    for file in &arguments.files {
        let content = read_file(file, false, &|url| Err(Error::usage(format!("{url}: only local files are read here"))))?;
        names.extend(content.wanted.iter().filter_map(|wanted| wanted.name().cloned()));
    }
    if names.is_empty() {
        return Err(Error::usage("nothing to remove was named"));
    }
    let environment = environment(common, &arguments.place, ui)?;
    if !arguments.dry_run {
        may_change(&environment, &arguments.place, false)?;
    }
    let lock = if arguments.dry_run {
        None
    } else {
        Some(EnvironmentLock::acquire(&environment, || ui.say("another protopip is at work in this environment, waiting"))?)
    };
    let installed = installed_or_none(&environment)?;
    let mut remove: Vec<Installed> = Vec::new();
    for name in &names {
        let found: Vec<&Installed> = installed.iter().filter(|dist| dist.name == *name).collect();
        if found.is_empty() {
            ui.warn(format!("{name} is not installed"));
        }
        for dist in found {
            if !remove.iter().any(|known| known.dist_info == dist.dist_info) {
                remove.push(dist.clone());
            }
        }
    }
    let mut changes =
        Changes { environment: environment.prefix.display().to_string(), dry_run: arguments.dry_run, ..Changes::default() };
    changes.removed = remove.iter().map(removed).collect();
    if let Some(lock) = lock.filter(|_| !remove.is_empty()) {
        if !arguments.yes && !ui.json && std::io::stdin().is_terminal() && !confirmed(&remove) {
            ui.say("Nothing was removed");
            return Ok(());
        }
        let start = Instant::now();
        let report = Plan { remove: remove.clone(), ..Plan::default() }.execute_locked(&environment, &lock)?;
        for note in &report.notes {
            ui.warn(note);
        }
        return tell(ui, &changes, &[], &remove, Some(start));
    }
    tell(ui, &changes, &[], &remove, None)
}

fn confirmed(remove: &[Installed]) -> bool {
    let names: Vec<String> = remove.iter().map(|dist| format!("{} {}", dist.name, dist.version)).collect();
    let mut err = anstream::stderr();
    let _ = write!(err, "Remove {}? [Y/n] ", names.join(", "));
    let _ = err.flush();
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).unwrap_or(0) == 0 {
        return false;
    }
    matches!(line.trim().to_lowercase().as_str(), "" | "y" | "yes")
}
