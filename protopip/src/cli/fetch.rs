//! `download`, `wheel`, `lock`: what resolves without changing an environment.

use super::context::{Context, asked, environment, folder_of};
use super::options::{Common, Download, Lock, PlaceArgs};
use super::write_file;
use crate::index::Page;
use crate::lock;
use crate::model::{DistFile, PackageName, Url, Version};
use crate::requirements::What;
use crate::resolve::{Chosen, Origin, Present, Renew, Request, range, solve};
use crate::ui::{self, GOOD, NAME, Ui, count, styled};
use crate::{Error, Result, bring};
use pep440_rs::VersionSpecifiers;
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

pub fn download(common: &Common, arguments: &Download, ui: &Arc<Ui>, only_wheels: bool) -> Result<()> {
    let start = Instant::now();
    let command = if only_wheels { "wheel" } else { "download" };
    let environment = environment(common, &PlaceArgs::default(), ui)?;
    let asked = asked(common, &arguments.wanted, &arguments.solve, &arguments.index, command, &environment)?;
    if asked.wanted.is_empty() && asked.locks.is_empty() {
        return Err(Error::usage("nothing was named"));
    }
    let context = Context::new(common, ui.clone(), environment, command, &arguments.solve, &arguments.index, &asked)?;
    let rules = Arc::new(context.rules(&arguments.solve, &asked.wanted)?);
    let mut chosen = Vec::new();
    for (file, text) in &asked.locks {
        for locked in lock::read(text, file, &folder_of(file)?, &rules)? {
            chosen.push(locked.into_chosen(&|source| context.builder.direct(source))?);
        }
    }
    if !asked.wanted.is_empty() {
        context.progress.step("resolving");
        let request = Request {
            wanted: asked.wanted,
            constraints: asked.constraints,
            present: HashMap::<PackageName, Present>::new(),
            renew: Renew::All,
            no_deps: arguments.solve.no_deps,
            fetch_ahead: false,
        };
        chosen.extend(solve(&context.registry, &context.builder, rules, &request)?);
    }
    std::fs::create_dir_all(&arguments.dest).map_err(|error| Error::io("cannot make", &arguments.dest, error))?;
    let mut files = Vec::new();
    for one in &chosen {
        files.push(save(&context, one, &arguments.dest, only_wheels)?);
    }
    context.progress.clear();
    if ui.json {
        let list: Vec<_> = chosen
            .iter()
            .zip(&files)
            .map(|(one, file)| json!({"name": one.name, "version": one.version.to_string(), "file": file}))
            .collect();
        return ui.json(&list);
    }
    ui.say(format!("Saved {} in {}", count(files.len(), "file"), ui::time(start.elapsed())));
    for file in &files {
        ui.say(format!(" {} {}", styled(GOOD, "+"), styled(NAME, file.file_name().unwrap_or_default().to_string_lossy())));
    }
    Ok(())
}

/// Puts the file of one package into the folder.
fn save(context: &Context, one: &Chosen, folder: &Path, only_wheels: bool) -> Result<PathBuf> {
    let copy = |from: &Path, name: &str| -> Result<PathBuf> {
        let to = folder.join(name);
        if from == to || same_file(from, &to) {
            return Ok(to);
        }
        let wrong = |error| Error::io("cannot write", &to, error);
        let temporary = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
        std::fs::copy(from, temporary.path()).map_err(wrong)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(temporary.path(), mode).map_err(wrong)?;
        temporary.persist(&to).map_err(|error| wrong(error.error))?;
        Ok(to)
    };
    match &one.origin {
        Origin::Present => Err(Error::failed(format!("{} is only installed, there is no file of it", one.name))),
        Origin::Wheel(file) => {
            let place = folder.join(&file.file_name);
            if is_there(&place, file) {
                return Ok(place);
            }
            copy(&context.registry.fetcher.file(file)?.path, &file.file_name)
        }
        Origin::Source(file) if !only_wheels => copy(&context.registry.fetcher.source(file)?.0, &file.file_name),
        Origin::Source(file) => {
            let brought = bring::all(&context.registry, &context.builder, std::slice::from_ref(one))?;
            drop(brought);
            let sha256 = context.registry.fetcher.source(file)?.1;
            let built = context.builder.kept_file(&sha256).ok_or_else(|| {
                Error::failed(format!("the wheel built from {} was not kept", file.file_name)).hint("the cache must be writable")
            })?;
            let name = built.file_name().unwrap_or_default().to_string_lossy().into_owned();
            copy(&built, &name)
        }
        Origin::Direct(direct) => {
            let path = direct.source.url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or("");
            let name = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
            let is_wheel = name.ends_with(".whl");
            let is_archive = direct.sha256.is_some();
            if is_archive && (is_wheel || !only_wheels) {
                let file = DistFile {
                    file_name: name.clone(),
                    url: direct.source.url.clone(),
                    kind: crate::model::FileKind::Source { name: one.name.clone(), version: one.version.clone() },
                    hashes: direct.sha256.iter().map(|sum| crate::model::Hash::sha256(sum.clone())).collect(),
                    size: None,
                    requires_python: None,
                    yanked: None,
                    core_metadata: None,
                    upload_time: None,
                };
                return copy(&context.registry.fetcher.file(&file)?.path, &name);
            }
            context.builder.build_to(direct, &folder.canonicalize().map_err(|error| Error::io("cannot find", folder, error))?)
        }
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn is_there(place: &Path, file: &DistFile) -> bool {
    !file.hashes.is_empty() && place.is_file() && crate::index::sums_of(place, &file.file_name, &file.hashes).is_ok()
}

pub fn lock(common: &Common, arguments: &Lock, ui: &Arc<Ui>) -> Result<()> {
    let start = Instant::now();
    let environment = environment(common, &PlaceArgs::default(), ui)?;
    let mut wanted = arguments.wanted.clone();
    if wanted.requirements.is_empty() && wanted.files.is_empty() && wanted.editables.is_empty() && wanted.groups.is_empty() {
        if !Path::new("pyproject.toml").is_file() {
            return Err(Error::usage("nothing to lock was named, and there is no pyproject.toml here"));
        }
        wanted.requirements.push(".".into());
    }
    let asked = asked(common, &wanted, &arguments.solve, &arguments.index, "lock", &environment)?;
    if !asked.locks.is_empty() {
        return Err(Error::usage("a lock is made from requirements, not from a lock"));
    }
    let context = Context::new(common, ui.clone(), environment, "lock", &arguments.solve, &arguments.index, &asked)?;
    let rules = Arc::new(context.rules(&arguments.solve, &asked.wanted)?);
    let mut constraints = asked.constraints.clone();
    let known = if arguments.upgrade || arguments.output == "-" {
        HashMap::new()
    } else {
        std::fs::read_to_string(&arguments.output).map(|text| lock::versions(&text)).unwrap_or_default()
    };
    let mut chosen = None;
    if !known.is_empty() {
        // Versions of the lock there is are kept if they fit all together; else all is chosen anew.
        let pins = pins(&known)?;
        constraints.extend(pins);
        let request = request(&asked.wanted, &constraints, arguments.solve.no_deps);
        chosen = solve(&context.registry, &context.builder, rules.clone(), &request).ok();
    }
    let chosen = match chosen {
        Some(chosen) => chosen,
        None => {
            context.progress.step("resolving");
            let request = request(&asked.wanted, &asked.constraints, arguments.solve.no_deps);
            solve(&context.registry, &context.builder, rules, &request)?
        }
    };
    context.progress.clear();
    let pages = |name: &PackageName| -> Option<(Arc<Page>, Option<Url>)> {
        let offer = context.registry.peek_offer(name)?.ok()?;
        Some((offer.page, context.settings.indexes.first().filter(|_| context.settings.indexes.len() == 1).cloned()))
    };
    let folder = if arguments.output == "-" { folder_of("pylock.toml")? } else { folder_of(&arguments.output)? };
    let text = lock::write(&context.environment, &chosen, &pages, &folder)?;
    if arguments.output == "-" {
        ui.out(text.trim_end());
        return Ok(());
    }
    if !lock::is_lock(&arguments.output) {
        ui.warn(format!("tools look for locks called pylock.toml or pylock.NAME.toml, not {}", arguments.output));
    }
    write_file(Path::new(&arguments.output), &text)?;
    if ui.json {
        let list: Vec<_> = chosen.iter().map(|one| json!({"name": one.name, "version": one.version.to_string()})).collect();
        return ui.json(&json!({"lock": arguments.output, "packages": list}));
    }
    ui.say(format!("Locked {} in {} ({})", count(chosen.len(), "package"), arguments.output, ui::time(start.elapsed())));
    Ok(())
}

fn request(wanted: &[crate::requirements::Wanted], constraints: &[crate::requirements::Wanted], no_deps: bool) -> Request {
    Request {
        wanted: wanted.to_vec(),
        constraints: constraints.to_vec(),
        present: HashMap::new(),
        renew: Renew::All,
        no_deps,
        fetch_ahead: false,
    }
}

/// Known versions as constraints.
fn pins(known: &HashMap<PackageName, Version>) -> Result<Vec<crate::requirements::Wanted>> {
    known
        .iter()
        .map(|(name, version)| {
            let specifiers: VersionSpecifiers =
                format!("=={version}").parse().map_err(|error| Error::failed("cannot keep a version").because(error))?;
            debug_assert!(range::of_specifiers(&specifiers).contains(version));
            Ok(crate::requirements::Wanted {
                what: What::Named { name: name.clone(), specifiers },
                extras: Vec::new(),
                marker: Default::default(),
                hashes: Vec::new(),
                place: "the present lock".into(),
            })
        })
        .collect()
}
