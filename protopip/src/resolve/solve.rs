//! The solver's questions answered: which version next, what it needs. The only part that speaks to PubGrub.

use super::ahead::Ahead;
use super::choose::{Offered, Prereleases, Rules};
use super::{Chosen, Origin, Request, explain, range};
use crate::build::{Builder, Direct};
use crate::index::{CoreMetadata, Registry};
use crate::model::{ExtraName, PackageName, Requirement, Version};
use crate::requirements::{DirectSource, Wanted, What, direct};
use crate::work::Pool;
use crate::{Error, Result, tags};
use pep508_rs::VersionOrUrl;
use pubgrub::{Dependencies, DependencyConstraints, DependencyProvider, PackageResolutionStatistics, PubGrubError, Ranges};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What the solver takes for a package: the user's wish itself, a package, or a package's extra.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Package {
    Root,
    Named(PackageName),
    Extra(PackageName, ExtraName),
}

impl Package {
    pub fn name(&self) -> Option<&PackageName> {
        match self {
            Package::Root => None,
            Package::Named(name) | Package::Extra(name, _) => Some(name),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Package::Root => out.write_str("your request"),
            Package::Named(name) => write!(out, "{name}"),
            Package::Extra(name, extra) => write!(out, "{name}[{extra}]"),
        }
    }
}

pub type Set = Ranges<Version>;

/// What was found for a version.
#[derive(Clone)]
pub struct Candidate {
    pub origin: Origin,
    pub metadata: Arc<CoreMetadata>,
}

pub struct Provider<'a> {
    pub registry: &'a Arc<Registry>,
    pub rules: Arc<Rules>,
    builder: &'a Builder,
    request: &'a Request,
    /// Constraints by package, each with where it was said.
    pub constraints: HashMap<PackageName, Vec<(Set, String)>>,
    direct: RefCell<HashMap<PackageName, Arc<Direct>>>,
    roots: Vec<(Package, Set)>,
    offered: RefCell<HashMap<(PackageName, Version), Offered>>,
    candidates: RefCell<HashMap<(PackageName, Version), Candidate>>,
    /// The version last chosen: extras of a package should take the same.
    chosen: RefCell<HashMap<PackageName, Version>>,
    order: RefCell<HashMap<PackageName, usize>>,
    /// Packages whose wheel was looked into and found to need CPython's C API: their other wheels are taken to be alike.
    pub foreign: RefCell<HashMap<PackageName, String>>,
    /// How often a version of a package was picked.
    picks: RefCell<HashMap<PackageName, usize>>,
    /// Packages of which somebody named a prerelease.
    prereleases: RefCell<HashSet<PackageName>>,
    /// Whether names in messages were asked anywhere.
    rounds: Cell<usize>,
    ahead: Arc<Ahead>,
}

/// Finds versions for everything in `request`.
pub fn solve(registry: &Arc<Registry>, builder: &Builder, rules: Arc<Rules>, request: &Request) -> Result<Vec<Chosen>> {
    let markers = rules.environment.markers.clone();
    let applies = |wanted: &&Wanted| wanted.marker.evaluate(&markers, &[]);
    // Whatever is in place and may stay needs no questions ahead.
    let mut known: HashSet<PackageName> = request.present.keys().filter(|name| !request.renew.has(name)).cloned().collect();
    for wanted in request.wanted.iter().filter(applies) {
        if let What::Direct { name: Some(name), .. } = &wanted.what {
            known.insert(name.clone());
        }
    }
    let wheels = request.fetch_ahead.then(|| Arc::new(Pool::new(8)));
    let ahead = Ahead::new(registry.clone(), rules.clone(), wheels, request.no_deps, known);
    for wanted in request.wanted.iter().filter(applies) {
        if let What::Named { name, specifiers } = &wanted.what {
            ahead.want(name.clone(), wanted.extras.clone(), range::of_specifiers(specifiers));
        }
    }

    let mut provider = Provider {
        registry,
        rules,
        builder,
        request,
        constraints: HashMap::new(),
        direct: RefCell::default(),
        roots: Vec::new(),
        offered: RefCell::default(),
        candidates: RefCell::default(),
        chosen: RefCell::default(),
        order: RefCell::default(),
        foreign: RefCell::default(),
        picks: RefCell::default(),
        prereleases: RefCell::default(),
        rounds: Cell::new(0),
        ahead: ahead.clone(),
    };
    let mut requested: HashMap<PackageName, Vec<ExtraName>> = HashMap::new();
    for wanted in request.wanted.iter().filter(applies) {
        let (name, set) = provider.root(wanted)?;
        provider.roots.push((Package::Named(name.clone()), set.clone()));
        for extra in &wanted.extras {
            provider.roots.push((Package::Extra(name.clone(), extra.clone()), set.clone()));
        }
        requested.entry(name).or_default().extend(wanted.extras.iter().cloned());
    }
    for constraint in request.constraints.iter().filter(applies) {
        let Some(name) = constraint.name().cloned() else {
            return Err(Error::usage(format!("the constraint in {} has no name", constraint.place)));
        };
        match &constraint.what {
            What::Named { specifiers, .. } => {
                if range::mentions_prerelease(specifiers) {
                    provider.prereleases.borrow_mut().insert(name.clone());
                }
                let said = format!("{name}{specifiers} in {}", constraint.place);
                provider.constraints.entry(name).or_default().push((range::of_specifiers(specifiers), said));
            }
            What::Direct { source, .. } => {
                provider.take_direct(&name, source)?;
            }
        }
    }

    let zero = Version::new([0u64]);
    let result = pubgrub::resolve(&provider, Package::Root, zero);
    ahead.stop();
    let selected = match result {
        Ok(selected) => selected,
        Err(PubGrubError::NoSolution(no)) => return Err(explain::error(&provider, no)),
        Err(
            PubGrubError::ErrorRetrievingDependencies { source, .. }
            | PubGrubError::ErrorChoosingVersion { source, .. }
            | PubGrubError::ErrorInShouldCancel(source),
        ) => return Err(source),
    };
    let mut by_name: BTreeMap<PackageName, (Version, Vec<ExtraName>)> = BTreeMap::new();
    for (package, version) in selected {
        match package {
            Package::Root => {}
            Package::Named(name) => by_name.entry(name).or_insert_with(|| (version.clone(), Vec::new())).0 = version.clone(),
            Package::Extra(name, extra) => by_name.entry(name).or_insert_with(|| (version, Vec::new())).1.push(extra),
        }
    }
    let candidates = provider.candidates.into_inner();
    let mut out = Vec::with_capacity(by_name.len());
    for (name, (version, mut extras)) in by_name {
        let candidate = candidates
            .get(&(name.clone(), version.clone()))
            .ok_or_else(|| Error::failed(format!("the solver chose {name} {version}, which nobody offered")))?;
        extras.sort();
        let mut needs: Vec<PackageName> = candidate
            .metadata
            .requires
            .iter()
            .filter(|requirement| !request.no_deps && requirement.evaluate_markers(&markers, &extras))
            .map(|requirement| requirement.name.clone())
            .filter(|needed| *needed != name)
            .collect();
        needs.sort();
        needs.dedup();
        out.push(Chosen {
            requested: requested.contains_key(&name),
            name,
            version,
            extras,
            origin: candidate.origin.clone(),
            metadata: candidate.metadata.clone(),
            needs,
        });
    }
    Ok(out)
}

impl Provider<'_> {
    /// The package and versions that a wish of the user stands for.
    fn root(&self, wanted: &Wanted) -> Result<(PackageName, Set)> {
        match &wanted.what {
            What::Named { name, specifiers } => {
                if range::mentions_prerelease(specifiers) {
                    self.prereleases.borrow_mut().insert(name.clone());
                }
                self.note(name);
                Ok((name.clone(), range::of_specifiers(specifiers)))
            }
            What::Direct { name, source } => {
                let mut source = source.clone();
                for hash in &wanted.hashes {
                    if !source.hashes.contains(hash) {
                        source.hashes.push(hash.clone());
                    }
                }
                let direct = self.builder.direct(&source)?;
                if let Some(name) = name
                    && *name != direct.metadata.name
                {
                    return Err(Error::refused(format!("{} holds {}, not {name}", source.url, direct.metadata.name)));
                }
                self.keep_direct(direct)
            }
        }
    }

    fn take_direct(&self, name: &PackageName, source: &DirectSource) -> Result<Set> {
        let direct = self.builder.direct(source)?;
        if *name != direct.metadata.name {
            return Err(Error::refused(format!("{} holds {}, not {name}", source.url, direct.metadata.name)));
        }
        Ok(self.keep_direct(direct)?.1)
    }

    fn keep_direct(&self, direct: Arc<Direct>) -> Result<(PackageName, Set)> {
        let name = direct.metadata.name.clone();
        let set = range::exactly(&direct.metadata.version);
        let mut known = self.direct.borrow_mut();
        if let Some(other) = known.get(&name)
            && other.source.url != direct.source.url
        {
            return Err(Error::no_solution(format!("{name} is wanted from two places"))
                .because(format!("{} and {}", other.source.url, direct.source.url)));
        }
        self.note(&name);
        known.insert(name.clone(), direct);
        Ok((name, set))
    }

    /// Remembers the order in which packages came up: earlier ones are decided earlier, which keeps results steady.
    fn note(&self, name: &PackageName) {
        let mut order = self.order.borrow_mut();
        let next = order.len();
        order.entry(name.clone()).or_insert(next);
    }

    pub fn prereleases(&self, name: &PackageName) -> Prereleases {
        if self.prereleases.borrow().contains(name) { Prereleases::Allow } else { Prereleases::IfNothingElse }
    }

    /// The range with the constraints' say.
    fn constrained(&self, name: &PackageName, range: &Set) -> Set {
        let constraints = self.constraints.get(name).map(Vec::as_slice).unwrap_or_default();
        constraints.iter().fold(range.clone(), |set, (constraint, _)| set.intersection(constraint))
    }

    fn choose(&self, name: &PackageName, range: &Set) -> Result<Option<Version>> {
        if let Some(direct) = self.direct.borrow().get(name) {
            let version = &direct.metadata.version;
            return Ok(range.contains(version).then(|| version.clone()));
        }
        let set = self.constrained(name, range);
        if let Some(version) = self.chosen.borrow().get(name)
            && set.contains(version)
        {
            return Ok(Some(version.clone()));
        }
        if let Some(present) = self.request.present.get(name)
            && !self.request.renew.has(name)
            && set.contains(&present.version)
        {
            return Ok(Some(present.version.clone()));
        }
        if self.rules.settings.require_hashes && !self.rules.hashes.contains_key(name) {
            return Err(Error::usage(format!("{name} is needed, but no hash was given for it")).hint(
                "with --require-hashes every package needs a line 'name==version --hash=sha256:...', also those that others need",
            ));
        }
        let offer = self.registry.offer(name)?;
        let picked = self.rules.pick(name, &offer.page, &set, self.prereleases(name), self.foreign.borrow().contains_key(name));
        if let Some((version, _)) = &picked
            && !self.offered.borrow().contains_key(&(name.clone(), version.clone()))
        {
            let mut picks = self.picks.borrow_mut();
            let times = picks.entry(name.clone()).or_default();
            *times += 1;
            // Each time there is more reason to believe that the search will go far back.
            if times.is_power_of_two() && *times > 1 {
                self.ahead.older(name, &offer.page, &set, version, *times * 6);
            }
        }
        Ok(picked.map(|(version, offered)| {
            self.offered.borrow_mut().insert((name.clone(), version.clone()), offered);
            version
        }))
    }

    /// What is known of a version; looked up once.
    fn candidate(&self, name: &PackageName, version: &Version) -> Result<Candidate> {
        let key = (name.clone(), version.clone());
        if let Some(candidate) = self.candidates.borrow().get(&key) {
            return Ok(candidate.clone());
        }
        let candidate = self.look_up(name, version, &key)?;
        self.candidates.borrow_mut().insert(key, candidate.clone());
        Ok(candidate)
    }

    /// The same; the inner error is a reason against this version alone: an older one may still fit.
    fn candidate_or_why(&self, name: &PackageName, version: &Version) -> Result<Result<Candidate, String>> {
        match self.candidate(name, version) {
            Ok(candidate) => Ok(Ok(candidate)),
            Err(error) if self.foreign.borrow().get(name).is_some_and(|why| why == error.message()) => {
                Ok(Err(error.message().to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    fn look_up(&self, name: &PackageName, version: &Version, key: &(PackageName, Version)) -> Result<Candidate> {
        if let Some(direct) = self.direct.borrow().get(name) {
            return Ok(Candidate { origin: Origin::Direct(direct.clone()), metadata: direct.metadata.clone() });
        }
        let offered = self.offered.borrow().get(key).cloned();
        match offered {
            None => match self.request.present.get(name).filter(|present| present.version == *version) {
                Some(present) => Ok(Candidate { origin: Origin::Present, metadata: present.metadata.clone() }),
                None => Err(Error::failed(format!("the solver asks for {name} {version}, which nobody offered"))),
            },
            Some(Offered::Wheel(file)) => {
                let metadata = self.registry.metadata(&file)?;
                Ok(Candidate { origin: Origin::Wheel(file), metadata })
            }
            Some(Offered::Source(file)) => self.source(name, &file, None),
            Some(Offered::Doubtful(file, source)) => {
                let foreign = foreign_module(&self.registry.names_in(&file)?);
                match (foreign, source) {
                    (None, _) => {
                        let metadata = self.registry.metadata(&file)?;
                        Ok(Candidate { origin: Origin::Wheel(file), metadata })
                    }
                    (Some(module), Some(source)) => self.source(name, &source, Some((&file.file_name, &module))),
                    (Some(module), None) => {
                        let tag = tags::wheel_of(&file).map(|wheel| wheel.tag_text()).unwrap_or_default();
                        let why = format!(
                            "is compiled for CPython's C API ({module} in {tag}), and there is no source package that could be built"
                        );
                        self.foreign.borrow_mut().insert(name.clone(), why.clone());
                        Err(Error::refused(why))
                    }
                }
            }
        }
    }

    fn source(&self, name: &PackageName, file: &Arc<crate::model::DistFile>, refused: Option<(&str, &str)>) -> Result<Candidate> {
        let metadata = self.builder.source_metadata(file).map_err(|error| {
            let error = error.within(format!("{name} cannot be built from its source package {}", file.file_name));
            match refused {
                None => error,
                Some((wheel, module)) => {
                    let mut error =
                        error.because(format!("its wheel {wheel} is no way out: {module} is compiled for CPython's C API"));
                    for hint in tags::alternatives() {
                        error = error.hint(hint);
                    }
                    error
                }
            }
        })?;
        Ok(Candidate { origin: Origin::Source(file.clone()), metadata })
    }

    /// One requirement as the solver's dependencies.
    fn add(&self, requirement: &Requirement, out: &mut Vec<(Package, Set)>) -> Result<()> {
        let name = &requirement.name;
        let set = match &requirement.version_or_url {
            None => Ranges::full(),
            Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
                if range::mentions_prerelease(specifiers) {
                    self.prereleases.borrow_mut().insert(name.clone());
                }
                range::of_specifiers(specifiers)
            }
            Some(VersionOrUrl::Url(url)) => self.take_direct(name, &direct(url.as_str(), false)?)?,
        };
        self.note(name);
        self.ahead.requirement(requirement);
        out.push((Package::Named(name.clone()), set.clone()));
        for extra in &requirement.extras {
            out.push((Package::Extra(name.clone(), extra.clone()), set.clone()));
        }
        Ok(())
    }
}

/// The first module in it that is not HPy's.
fn foreign_module(names: &[String]) -> Option<String> {
    let is_module = |name: &&String| {
        let file = name.rsplit('/').next().unwrap_or("");
        (file.ends_with(".so") || file.ends_with(".pyd")) && !file.ends_with(".hpy0.so") && !file.starts_with("lib")
    };
    let hpy = names.iter().any(|name| name.ends_with(".hpy0.so"));
    names.iter().find(is_module).cloned().or_else(|| (!hpy).then(|| "no HPy module is in it".to_owned()))
}

/// Distances of packages from the user's wish come first, conflicts before all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority {
    is_root: bool,
    conflicts: u32,
    exact: bool,
    named: bool,
    order: Reverse<usize>,
}

impl DependencyProvider for Provider<'_> {
    type P = Package;
    type V = Version;
    type VS = Set;
    type Priority = Priority;
    type M = String;
    type Err = Error;

    fn prioritize(&self, package: &Package, range: &Set, statistics: &PackageResolutionStatistics) -> Priority {
        let order = package.name().and_then(|name| self.order.borrow().get(name).copied()).unwrap_or(usize::MAX);
        Priority {
            is_root: *package == Package::Root,
            conflicts: statistics.conflict_count() / 5,
            exact: range::is_exact(range),
            named: matches!(package, Package::Named(_)),
            order: Reverse(order),
        }
    }

    fn choose_version(&self, package: &Package, range: &Set) -> Result<Option<Version>> {
        match package {
            Package::Root => Ok(Some(Version::new([0u64]))),
            Package::Named(name) => {
                // A new decision for the package itself is free of the last one.
                self.chosen.borrow_mut().remove(name);
                let version = self.choose(name, range)?;
                if let Some(version) = &version {
                    self.chosen.borrow_mut().insert(name.clone(), version.clone());
                }
                Ok(version)
            }
            Package::Extra(name, _) => self.choose(name, range),
        }
    }

    fn get_dependencies(&self, package: &Package, version: &Version) -> Result<Dependencies<Package, Set, String>> {
        let mut out = Vec::new();
        let markers = &self.rules.environment.markers;
        match package {
            Package::Root => out.clone_from(&self.roots),
            Package::Named(name) => {
                let candidate = match self.candidate_or_why(name, version)? {
                    Ok(candidate) => candidate,
                    Err(why) => return Ok(Dependencies::Unavailable(why)),
                };
                if let Some(python) = &candidate.metadata.requires_python
                    && !python.contains(&self.rules.environment.version)
                {
                    return Ok(Dependencies::Unavailable(format!(
                        "needs Python {python}, this is {}",
                        self.rules.environment.version
                    )));
                }
                if !self.request.no_deps {
                    for requirement in &candidate.metadata.requires {
                        if requirement.evaluate_markers(markers, &[]) {
                            self.add(requirement, &mut out)?;
                        }
                    }
                }
            }
            Package::Extra(name, extra) => {
                out.push((Package::Named(name.clone()), range::exactly(version)));
                let candidate = match self.candidate_or_why(name, version)? {
                    Ok(candidate) => candidate,
                    Err(why) => return Ok(Dependencies::Unavailable(why)),
                };
                if !self.request.no_deps {
                    for requirement in &candidate.metadata.requires {
                        let always = requirement.evaluate_markers(markers, &[]);
                        if !always && requirement.evaluate_markers(markers, std::slice::from_ref(extra)) {
                            self.add(requirement, &mut out)?;
                        }
                    }
                }
            }
        }
        // A package that needs itself in another way (`all = [pkg[a], pkg[b]]`) is no conflict in itself.
        out.retain(|(needed, _)| needed != package);
        Ok(Dependencies::Available(DependencyConstraints::from_iter(out)))
    }

    fn should_cancel(&self) -> Result<()> {
        let rounds = self.rounds.get() + 1;
        self.rounds.set(rounds);
        if rounds > 200_000 {
            return Err(Error::no_solution("no set of versions was found after 200000 steps")
                .hint("narrow the search: give versions for some of the packages"));
        }
        Ok(())
    }
}

/// Reads a name from text that a message or option gave.
pub fn package_name(text: &str) -> Result<PackageName> {
    PackageName::from_str(text).map_err(|error| Error::usage(error.to_string()))
}
