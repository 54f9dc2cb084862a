//! `list`, `show`, `freeze`, `check`, `tree`: what an environment holds. Changes nothing.

use super::context::{Asked, Context, environment, installed_or_none};
use super::options::{Check, Common, Freeze, List, ListFormat, Show, SolveArgs, Tree};
use crate::environment::Installed;
use crate::index::CoreMetadata;
use crate::model::{ExtraName, MarkerEnvironment, PackageName, Version};
use crate::resolve::{Offered, Prereleases, package_name, range};
use crate::ui::{BAD, DIM, GOOD, NAME, Ui, count, styled};
use crate::wheel::record::Summer;
use crate::{Error, ExitCode, Result};
use pep508_rs::VersionOrUrl;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Installed packages with metadata that could be read.
struct Holdings {
    dists: Vec<Installed>,
    metadata: HashMap<PackageName, CoreMetadata>,
    markers: Arc<MarkerEnvironment>,
}

impl Holdings {
    fn of(dists: Vec<Installed>, markers: Arc<MarkerEnvironment>) -> Holdings {
        let metadata =
            dists.iter().filter_map(|dist| Some((dist.name.clone(), CoreMetadata::of(&dist.metadata().ok()?).ok()?))).collect();
        Holdings { dists, metadata, markers }
    }

    /// What a package needs here; with extras, what these add.
    fn needs(&self, name: &PackageName, extras: &[ExtraName]) -> Vec<&crate::model::Requirement> {
        let Some(metadata) = self.metadata.get(name) else { return Vec::new() };
        metadata.requires.iter().filter(|requirement| requirement.evaluate_markers(&self.markers, extras)).collect()
    }

    fn needed_by(&self, name: &PackageName) -> BTreeSet<&PackageName> {
        self.dists
            .iter()
            .filter(|dist| self.needs(&dist.name, &[]).iter().any(|requirement| requirement.name == *name))
            .map(|dist| &dist.name)
            .collect()
    }

    fn find(&self, name: &PackageName) -> Option<&Installed> {
        self.dists.iter().find(|dist| dist.name == *name)
    }
}

fn names(texts: &[String]) -> Result<HashSet<PackageName>> {
    texts.iter().map(|text| package_name(text)).collect()
}

/// The name as its author writes it.
fn display_name(dist: &Installed) -> String {
    dist.metadata().ok().map_or_else(|| dist.display_name.clone(), |metadata| metadata.name)
}

pub fn list(common: &Common, arguments: &List, ui: &Arc<Ui>) -> Result<()> {
    let environment = environment(common, &arguments.place, ui)?;
    let excluded = names(&arguments.exclude)?;
    let mut dists = installed_or_none(&environment)?;
    dists.retain(|dist| !excluded.contains(&dist.name) && (!arguments.editable || dist.editable_project().is_some()));
    if arguments.not_required {
        let holdings = Holdings::of(dists.clone(), environment.markers.clone());
        dists.retain(|dist| holdings.needed_by(&dist.name).is_empty());
    }
    let mut newest: HashMap<PackageName, Version> = HashMap::new();
    if arguments.outdated {
        let solve = SolveArgs { pre: arguments.pre, ..SolveArgs::default() };
        let context = Context::new(common, ui.clone(), environment, "list", &solve, &arguments.index, &Asked::default())?;
        let rules = context.rules(&solve, &[])?;
        for dist in &dists {
            // Asked side by side, read one after the other.
            let (registry, name) = (context.registry.clone(), dist.name.clone());
            context.registry.pool.start(move || {
                let _ = registry.offer(&name);
            });
        }
        for dist in &dists {
            let offer = context.registry.offer(&dist.name)?;
            let found = rules.pick(&dist.name, &offer.page, &pubgrub::Ranges::full(), Prereleases::IfNothingElse, false);
            if let Some((version, _)) = found.filter(|(version, _)| *version > dist.version) {
                newest.insert(dist.name.clone(), version);
            }
        }
        dists.retain(|dist| newest.contains_key(&dist.name));
    }
    if ui.json || arguments.format == ListFormat::Json {
        let list: Vec<Value> = dists
            .iter()
            .map(|dist| {
                let mut entry = json!({"name": display_name(dist), "version": dist.version.to_string()});
                if let Some(project) = dist.editable_project() {
                    entry["editable_project_location"] = project.into();
                }
                if let Some(version) = newest.get(&dist.name) {
                    entry["latest_version"] = version.to_string().into();
                }
                entry
            })
            .collect();
        return ui.json(&list);
    }
    if arguments.format == ListFormat::Freeze {
        for dist in &dists {
            ui.out(format!("{}=={}", display_name(dist), dist.version));
        }
        return Ok(());
    }
    let mut rows = vec![vec!["Package".to_owned(), "Version".to_owned()]];
    let with_project = dists.iter().any(|dist| dist.editable_project().is_some());
    if arguments.outdated {
        rows[0].push("Latest".into());
    }
    if with_project {
        rows[0].push("Editable project".into());
    }
    for dist in &dists {
        let mut row = vec![display_name(dist), dist.version.to_string()];
        row.extend(newest.get(&dist.name).map(Version::to_string));
        row.extend(dist.editable_project());
        rows.push(row);
    }
    if rows.len() > 1 {
        table(ui, &rows);
    }
    Ok(())
}

fn table(ui: &Ui, rows: &[Vec<String>]) {
    let columns = rows[0].len();
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let line = |row: &[String]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join(" ").trim_end().to_owned()
    };
    for (number, row) in rows.iter().enumerate() {
        if number == 0 {
            ui.out(styled(NAME, line(row)));
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            ui.out(styled(DIM, rules.join(" ")));
        } else {
            ui.out(line(row));
        }
    }
}

pub fn show(common: &Common, arguments: &Show, ui: &Arc<Ui>) -> Result<()> {
    let environment = environment(common, &arguments.place, ui)?;
    let holdings = Holdings::of(installed_or_none(&environment)?, environment.markers.clone());
    let mut shown = Vec::new();
    for text in &arguments.names {
        let name = package_name(text)?;
        let Some(dist) = holdings.find(&name) else {
            ui.warn(format!("{text} is not installed"));
            continue;
        };
        let metadata = dist.metadata()?;
        let get = |key: &str| metadata.get(key).unwrap_or("").to_owned();
        let needs: BTreeSet<String> = holdings.needs(&name, &[]).iter().map(|requirement| requirement.name.to_string()).collect();
        let needed: Vec<String> = holdings.needed_by(&name).iter().map(ToString::to_string).collect();
        let home = Some(get("Home-page")).filter(|page| !page.is_empty()).unwrap_or_else(|| {
            let pages: Vec<&str> = metadata.get_all("Project-URL").collect();
            let wanted = |page: &&&str| page.to_lowercase().starts_with("homepage") || page.to_lowercase().starts_with("home");
            pages
                .iter()
                .find(wanted)
                .and_then(|page| page.split_once(','))
                .map_or(String::new(), |(_, url)| url.trim().to_owned())
        });
        let license = Some(get("License-Expression")).filter(|text| !text.is_empty()).unwrap_or_else(|| get("License"));
        let files: Vec<String> =
            if arguments.files { dist.record()?.into_iter().map(|row| row.path).collect() } else { Vec::new() };
        let location = dist.library().display().to_string();
        let mut entry = json!({
            "name": metadata.name, "version": metadata.version, "summary": get("Summary"), "home_page": home,
            "author": get("Author"), "author_email": get("Author-email"), "license": license, "location": location,
            "requires": needs, "required_by": needed, "installer": dist.installer(), "requested": dist.is_requested(),
            "metadata_version": metadata.metadata_version,
        });
        if let Some(project) = dist.editable_project() {
            entry["editable_project_location"] = project.into();
        }
        if let Some(direct) = dist.direct_url().and_then(|text| serde_json::from_str::<Value>(&text).ok()) {
            entry["direct_url"] = direct;
        }
        if arguments.files {
            entry["files"] = files.into();
        }
        shown.push(entry);
    }
    if shown.is_empty() {
        return Err(Error::failed("none of these packages is installed"));
    }
    if ui.json {
        return ui.json(&shown);
    }
    for (number, entry) in shown.iter().enumerate() {
        if number > 0 {
            ui.out("---");
        }
        let text = |key: &str| match &entry[key] {
            Value::String(text) => text.clone(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            _ => String::new(),
        };
        for (label, key) in [
            ("Name", "name"),
            ("Version", "version"),
            ("Summary", "summary"),
            ("Home-page", "home_page"),
            ("Author", "author"),
            ("Author-email", "author_email"),
            ("License", "license"),
            ("Location", "location"),
            ("Editable project location", "editable_project_location"),
            ("Requires", "requires"),
            ("Required-by", "required_by"),
        ] {
            if key != "editable_project_location" || !entry[key].is_null() {
                let first = text(key);
                ui.out(format!("{}: {}", styled(NAME, label), first.lines().next().unwrap_or("")).trim_end());
            }
        }
        if ui.level >= 1 {
            ui.out(format!("{}: {}", styled(NAME, "Installer"), text("installer")));
            ui.out(format!("{}: {}", styled(NAME, "Metadata-Version"), text("metadata_version")));
        }
        if let Some(files) = entry.get("files").and_then(Value::as_array) {
            ui.out(format!("{}:", styled(NAME, "Files")));
            for file in files {
                ui.out(format!("  {}", file.as_str().unwrap_or("")));
            }
        }
    }
    Ok(())
}

pub fn freeze(common: &Common, arguments: &Freeze, ui: &Arc<Ui>) -> Result<()> {
    let environment = environment(common, &arguments.place, ui)?;
    let mut excluded = names(&arguments.exclude)?;
    if !arguments.all {
        for name in ["pip", "setuptools", "wheel"] {
            excluded.insert(package_name(name)?);
        }
    }
    let mut lines = Vec::new();
    let dists = installed_or_none(&environment)?;
    for dist in dists.iter().filter(|dist| !excluded.contains(&dist.name)) {
        if let Some(project) = dist.editable_project() {
            if !arguments.exclude_editable {
                lines.push((dist.name.clone(), format!("-e {project}"), dist));
            }
            continue;
        }
        let line = match dist.direct_url().and_then(|text| direct_requirement(&display_name(dist), &text)) {
            Some(line) => line,
            None => format!("{}=={}", display_name(dist), dist.version),
        };
        lines.push((dist.name.clone(), line, dist));
    }
    if ui.json {
        let list: Vec<Value> = lines
            .iter()
            .map(|(_, line, dist)| json!({"name": display_name(dist), "version": dist.version.to_string(), "line": line}))
            .collect();
        return ui.json(&list);
    }
    for (_, line, _) in &lines {
        ui.out(line);
    }
    Ok(())
}

/// `name @ url` from a direct_url.json.
fn direct_requirement(name: &str, text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let url = value["url"].as_str()?;
    let mut line = match value["vcs_info"]["vcs"].as_str() {
        Some(vcs) => format!("{name} @ {vcs}+{url}@{}", value["vcs_info"]["commit_id"].as_str()?),
        None => format!("{name} @ {url}"),
    };
    let mut fragment = Vec::new();
    if let Some(sha256) = value["archive_info"]["hashes"]["sha256"].as_str() {
        fragment.push(format!("sha256={sha256}"));
    }
    if let Some(subdirectory) = value["subdirectory"].as_str() {
        fragment.push(format!("subdirectory={subdirectory}"));
    }
    if !fragment.is_empty() {
        line = format!("{line}#{}", fragment.join("&"));
    }
    Some(line)
}

pub fn check(common: &Common, arguments: &Check, ui: &Arc<Ui>) -> Result<ExitCode> {
    let environment = environment(common, &arguments.place, ui)?;
    let holdings = Holdings::of(installed_or_none(&environment)?, environment.markers.clone());
    let mut problems: Vec<(String, String)> = Vec::new();
    let mut seen: BTreeMap<&PackageName, usize> = BTreeMap::new();
    for dist in &holdings.dists {
        *seen.entry(&dist.name).or_default() += 1;
        let mut add = |text: String| problems.push((dist.name.to_string(), text));
        let Some(metadata) = holdings.metadata.get(&dist.name) else {
            add(format!("{} {} has metadata that cannot be read", dist.name, dist.version));
            continue;
        };
        if let Some(python) = &metadata.requires_python
            && !python.contains(&environment.version)
        {
            add(format!("{} {} needs Python {python}, this is {}", dist.name, dist.version, environment.version));
        }
        for requirement in holdings.needs(&dist.name, &[]) {
            let wanted = match &requirement.version_or_url {
                Some(VersionOrUrl::VersionSpecifier(specifiers)) => specifiers.to_string(),
                _ => String::new(),
            };
            match (holdings.find(&requirement.name), &requirement.version_or_url) {
                (None, _) => {
                    add(format!("{} {} needs {}{wanted}, which is not installed", dist.name, dist.version, requirement.name))
                }
                (Some(other), Some(VersionOrUrl::VersionSpecifier(specifiers)))
                    if !range::of_specifiers(specifiers).contains(&other.version) =>
                {
                    add(format!(
                        "{} {} needs {}{wanted}, installed is {}",
                        dist.name, dist.version, requirement.name, other.version
                    ));
                }
                _ => {}
            }
        }
        if arguments.files {
            for problem in damaged_files(dist)? {
                add(format!("{} {}: {problem}", dist.name, dist.version));
            }
        }
    }
    for (name, times) in seen.iter().filter(|(_, times)| **times > 1) {
        problems.push((name.to_string(), format!("{name} is installed {times} times")));
    }
    if ui.json {
        let list: Vec<Value> = problems.iter().map(|(name, text)| json!({"name": name, "problem": text})).collect();
        ui.json(&json!({"checked": holdings.dists.len(), "problems": list}))?;
    } else if problems.is_empty() {
        ui.out(format!("{}: {} fit together", styled(GOOD, "good"), count(holdings.dists.len(), "package")));
    } else {
        for (_, text) in &problems {
            ui.out(format!("{}: {text}", styled(BAD, "problem")));
        }
    }
    Ok(if problems.is_empty() { ExitCode::Success } else { ExitCode::Failed })
}

/// Files that are missing or differ from RECORD.
fn damaged_files(dist: &Installed) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for row in dist.record()? {
        let Some(sum) = &row.sum else { continue };
        let path = dist.library().join(Path::new(&row.path));
        match std::fs::read(&path) {
            Err(_) => problems.push(format!("{} is missing", row.path)),
            Ok(bytes) => {
                let mut summer = Summer::new(sum.algorithm);
                summer.update(&bytes);
                if summer.finish() != sum.digest {
                    problems.push(format!("{} was changed", row.path));
                }
            }
        }
    }
    Ok(problems)
}

pub fn tree(common: &Common, arguments: &Tree, ui: &Arc<Ui>) -> Result<()> {
    let environment = environment(common, &arguments.place, ui)?;
    let holdings = Holdings::of(installed_or_none(&environment)?, environment.markers.clone());
    let mut roots: Vec<PackageName> = arguments.names.iter().map(|name| package_name(name)).collect::<Result<_>>()?;
    for name in &roots {
        if holdings.find(name).is_none() {
            return Err(Error::failed(format!("{name} is not installed")));
        }
    }
    if roots.is_empty() {
        let is_root = |dist: &&Installed| {
            if arguments.invert { holdings.needs(&dist.name, &[]).is_empty() } else { holdings.needed_by(&dist.name).is_empty() }
        };
        roots = holdings.dists.iter().filter(is_root).map(|dist| dist.name.clone()).collect();
        // Packages that need each other have no root; they shall not be lost.
        let mut reached = HashSet::new();
        for root in &roots {
            reach(&holdings, root, arguments.invert, &mut reached);
        }
        for dist in &holdings.dists {
            if !reached.contains(&dist.name) {
                reach(&holdings, &dist.name, arguments.invert, &mut reached);
                roots.push(dist.name.clone());
            }
        }
    }
    if ui.json {
        let list: Vec<Value> = roots.iter().map(|root| branch(&holdings, root, arguments, &mut Vec::new())).collect();
        return ui.json(&list);
    }
    for root in &roots {
        let version = holdings.find(root).map(|dist| dist.version.to_string()).unwrap_or_default();
        ui.out(format!("{} {version}", styled(NAME, root)));
        draw(ui, &holdings, root, arguments, "", &mut vec![root.clone()]);
    }
    Ok(())
}

/// Neighbours in the wanted direction, each with what the requirement says.
fn next(holdings: &Holdings, name: &PackageName, invert: bool) -> Vec<(PackageName, String)> {
    let text = |requirement: &crate::model::Requirement| match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => specifiers.to_string(),
        _ => String::new(),
    };
    let mut found: Vec<(PackageName, String)> = if invert {
        holdings
            .needed_by(name)
            .into_iter()
            .map(|other| {
                let needs = holdings.needs(other, &[]);
                let wanted = needs.iter().find(|requirement| requirement.name == *name).map(|requirement| text(requirement));
                (other.clone(), wanted.unwrap_or_default())
            })
            .collect()
    } else {
        holdings.needs(name, &[]).into_iter().map(|requirement| (requirement.name.clone(), text(requirement))).collect()
    };
    found.sort();
    found.dedup_by(|left, right| left.0 == right.0);
    found
}

fn reach(holdings: &Holdings, name: &PackageName, invert: bool, reached: &mut HashSet<PackageName>) {
    let mut open = vec![name.clone()];
    while let Some(name) = open.pop() {
        if reached.insert(name.clone()) {
            open.extend(next(holdings, &name, invert).into_iter().map(|(other, _)| other));
        }
    }
}

fn draw(ui: &Ui, holdings: &Holdings, name: &PackageName, arguments: &Tree, indent: &str, path: &mut Vec<PackageName>) {
    if path.len() > arguments.depth {
        return;
    }
    let neighbours = next(holdings, name, arguments.invert);
    for (number, (other, wanted)) in neighbours.iter().enumerate() {
        let last = number + 1 == neighbours.len();
        let version = holdings.find(other).map_or_else(|| styled(BAD, "not installed"), |dist| dist.version.to_string());
        let ring = path.contains(other);
        let note = if ring { " (*)" } else { "" };
        let wanted = if wanted.is_empty() { String::new() } else { styled(DIM, format!(" [{wanted}]")) };
        ui.out(format!("{indent}{} {} {version}{wanted}{note}", if last { "└──" } else { "├──" }, styled(NAME, other)));
        if !ring {
            path.push(other.clone());
            draw(ui, holdings, other, arguments, &format!("{indent}{}", if last { "    " } else { "│   " }), path);
            path.pop();
        }
    }
}

fn branch(holdings: &Holdings, name: &PackageName, arguments: &Tree, path: &mut Vec<PackageName>) -> Value {
    let version = holdings.find(name).map(|dist| dist.version.to_string());
    let mut children = Vec::new();
    if !path.contains(name) && path.len() < arguments.depth {
        path.push(name.clone());
        for (other, wanted) in next(holdings, name, arguments.invert) {
            let mut child = branch(holdings, &other, arguments, path);
            child["wanted"] = wanted.into();
            children.push(child);
        }
        path.pop();
    }
    let key = if arguments.invert { "required_by" } else { "requires" };
    json!({"name": name, "version": version, key: children})
}

/// What a file offered is, in a word.
pub fn kind(offered: &Offered) -> &'static str {
    match offered {
        Offered::Wheel(_) => "wheel",
        Offered::Doubtful(..) => "wheel for CPython",
        Offered::Source(_) => "source",
    }
}
