//! `cache`, `venv`, `index`.

use super::context::{Asked, Context, environment, installed_or_none};
use super::inspect::kind;
use super::options::{CacheCommand, Common, IndexCommand, PlaceArgs, SolveArgs, Venv};
use crate::cache::{Amount, Cache, Clear, StoredWheel};
use crate::config::default_cache;
use crate::index::sums_of;
use crate::model::{Environment, WheelName};
use crate::resolve::{Prereleases, package_name};
use crate::ui::{self, DIM, NAME, Ui, count, styled};
use crate::wheel::Limits;
use crate::{Error, Result, venv};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

pub fn cache(common: &Common, what: &CacheCommand, ui: &Arc<Ui>) -> Result<()> {
    let root = common.cache_dir.clone().unwrap_or_else(default_cache);
    if let CacheCommand::Dir = what {
        if ui.json {
            return ui.json(&json!({"folder": root}));
        }
        ui.out(root.display());
        return Ok(());
    }
    let cache = Cache::open(&root)?;
    let cleared = |amount: Amount| -> Result<()> {
        if ui.json {
            return ui.json(&amount);
        }
        ui.say(format!("Removed {} ({})", count(amount.files as usize, "file"), ui::size(amount.bytes)));
        Ok(())
    };
    match what {
        CacheCommand::Dir => Ok(()),
        CacheCommand::Info => {
            let sizes = cache.sizes()?;
            if ui.json {
                let parts: serde_json::Map<String, Value> = sizes
                    .iter()
                    .map(|(name, amount)| (name.clone(), json!({"files": amount.files, "bytes": amount.bytes})))
                    .collect();
                return ui.json(&json!({"folder": root, "parts": parts}));
            }
            ui.out(format!("{}: {}", styled(NAME, "Folder"), root.display()));
            for (name, amount) in sizes.iter().filter(|(_, amount)| amount.files > 0) {
                ui.out(format!("{}: {} in {}", styled(NAME, name), ui::size(amount.bytes), count(amount.files as usize, "file")));
            }
            Ok(())
        }
        CacheCommand::List { name } => {
            let wanted = name.as_deref().map(package_name).transpose()?;
            let mut kept = cache.wheels()?;
            kept.retain(|one| wanted.as_ref().is_none_or(|name| package_name(&one.name).is_ok_and(|known| known == *name)));
            if ui.json {
                return ui.json(&kept);
            }
            for one in kept {
                let used = if one.in_use { " in use" } else { "" };
                ui.out(format!(
                    "{} {} {}",
                    styled(NAME, &one.name),
                    one.version,
                    styled(DIM, format!("{}{used}", ui::size(one.bytes)))
                ));
            }
            Ok(())
        }
        CacheCommand::Remove { name } => cleared(cache.clear(Clear::Package(&package_name(name)?))?),
        CacheCommand::Prune => cleared(cache.clear(Clear::Unused)?),
        CacheCommand::Purge => cleared(cache.clear(Clear::Everything)?),
    }
}

pub fn venv(common: &Common, arguments: &Venv, ui: &Arc<Ui>) -> Result<()> {
    let start = Instant::now();
    let base = environment(common, &PlaceArgs::default(), ui)?;
    let pip = if arguments.with_pip && !arguments.without_pip { Some(bundled_pip(common, &base)?) } else { None };
    let made = venv::create(&venv::Options {
        path: arguments.path.clone(),
        base,
        prompt: arguments.prompt.clone(),
        system_site_packages: arguments.system_site_packages,
        copies: arguments.copies,
        clear: arguments.clear,
        upgrade: arguments.upgrade,
        pip,
    })?;
    if ui.json {
        return ui.json(&json!({
            "prefix": made.prefix, "python": made.python, "implementation": made.implementation, "version": made.version.to_string(),
        }));
    }
    ui.say(format!(
        "Made {} for {} {} in {}",
        made.prefix.display(),
        made.implementation,
        made.version,
        ui::time(start.elapsed())
    ));
    ui.say(format!("Activate it with: source {}/bin/activate", arguments.path.display()));
    Ok(())
}

/// The pip that the library carries.
fn bundled_pip(common: &Common, base: &Environment) -> Result<StoredWheel> {
    let folder = base.paths.stdlib.join("ensurepip/_bundled");
    let wheel = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pip-")))
        .ok_or_else(|| {
            Error::environment(format!("{} carries no pip", base.python.display()))
                .hint("without --with-pip the environment is made all the same; protopip works in it")
        })?;
    let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let cache = Cache::open(&common.cache_dir.clone().unwrap_or_else(default_cache))?;
    let sha256 = sums_of(&wheel, &name, &[])?;
    if let Some(stored) = cache.find(&sha256) {
        return Ok(stored);
    }
    cache.add_wheel(&wheel, &WheelName::parse(&name)?, &sha256, &Limits::default())
}

pub fn index(common: &Common, what: &IndexCommand, ui: &Arc<Ui>) -> Result<()> {
    let IndexCommand::Versions { name, pre, index } = what;
    let name = package_name(name)?;
    let environment = environment(common, &PlaceArgs::default(), ui)?;
    let installed = installed_or_none(&environment)?.into_iter().find(|dist| dist.name == name);
    let solve = SolveArgs { pre: *pre, ..SolveArgs::default() };
    let context = Context::new(common, ui.clone(), environment, "index", &solve, index, &Asked::default())?;
    let rules = context.rules(&solve, &[])?;
    let offer = context.registry.offer(&name)?;
    if !offer.found {
        return Err(Error::no_solution(format!("there is no package called '{name}'"))
            .because(format!("asked: {}", offer.asked.join(", "))));
    }
    let latest = rules.pick(&name, &offer.page, &pubgrub::Ranges::full(), Prereleases::IfNothingElse, false);
    let mut usable = Vec::new();
    let mut left_out = Vec::new();
    for (version, files) in offer.page.versions.iter().rev() {
        if version.any_prerelease() && !context.settings.pre {
            continue;
        }
        match rules.offered(&name, files, false) {
            Ok(offered) => usable.push((version, kind(&offered))),
            Err(why) => left_out.push((version, why)),
        }
    }
    if ui.json {
        let versions: Vec<String> = usable.iter().map(|(version, _)| version.to_string()).collect();
        let left: Vec<Value> =
            left_out.iter().map(|(version, why)| json!({"version": version.to_string(), "because": why})).collect();
        return ui.json(&json!({
            "name": name, "versions": versions, "latest": latest.as_ref().map(|(version, _)| version.to_string()),
            "installed_version": installed.map(|dist| dist.version.to_string()), "left_out": left,
        }));
    }
    match &latest {
        Some((version, offered)) => ui.out(format!("{} ({version}, {})", styled(NAME, &name), kind(offered))),
        None => ui.out(format!("{} (no version can be installed here)", styled(NAME, &name))),
    }
    let list: Vec<String> = usable.iter().map(|(version, _)| version.to_string()).collect();
    ui.out(format!("Available versions: {}", list.join(", ")));
    if let Some(dist) = installed {
        ui.out(format!("  INSTALLED: {}", dist.version));
    }
    if let Some((version, _)) = &latest {
        ui.out(format!("  LATEST:    {version}"));
    }
    if !left_out.is_empty() {
        ui.detail(format!("{} left out, the newest: {} {}", count(left_out.len(), "version"), left_out[0].0, left_out[0].1));
    }
    Ok(())
}
