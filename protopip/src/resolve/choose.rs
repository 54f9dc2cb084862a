//! Which version and file of a package to take, and why not the others. Pure: looks at a page, not at the net.

use crate::config::Settings;
use crate::index::{Files, Page};
use crate::model::{DistFile, Environment, FileKind, Hash, PackageName, Version};
use crate::tags::{self, Ranks};
use pubgrub::Ranges;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a version would be installed from.
#[derive(Clone, Debug)]
pub enum Offered {
    Wheel(Arc<DistFile>),
    /// A wheel whose tags name CPython's own interface: to be taken only if a look inside finds nothing but HPy modules. What to take
    /// otherwise.
    Doubtful(Arc<DistFile>, Option<Arc<DistFile>>),
    Source(Arc<DistFile>),
}

impl Offered {
    pub fn file(&self) -> &Arc<DistFile> {
        match self {
            Offered::Wheel(file) | Offered::Doubtful(file, _) | Offered::Source(file) => file,
        }
    }
}

/// What does not change while resolving.
pub struct Rules {
    pub environment: Environment,
    pub settings: Arc<Settings>,
    pub ranks: Ranks,
    /// Sums that files of a package may have, where the user gave any.
    pub hashes: HashMap<PackageName, Vec<Hash>>,
    pub exclude_newer: Option<String>,
    pub lowest: bool,
    /// Looks into wheels made for CPython's interface.
    pub look_inside: bool,
}

/// Which prereleases may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prereleases {
    Allow,
    /// Only of packages that have nothing else.
    IfNothingElse,
}

impl Rules {
    pub fn minor(&self) -> u64 {
        self.environment.version.release().get(1).copied().unwrap_or(0)
    }

    /// The best version in `range`, with what to install. `no_doubt`: wheels for CPython's interface need not be looked into any more.
    pub fn pick(
        &self,
        name: &PackageName,
        page: &Page,
        range: &Ranges<Version>,
        prereleases: Prereleases,
        no_doubt: bool,
    ) -> Option<(Version, Offered)> {
        let allow = self.settings.pre || prereleases == Prereleases::Allow || page.versions.keys().all(Version::any_prerelease);
        let exact = super::range::is_exact(range);
        let usable = |(version, files): (&Version, &Files)| -> Option<(Version, Offered)> {
            if !range.contains(version) || (version.any_prerelease() && !allow && !exact) {
                return None;
            }
            let offered = self.offered(name, files, exact).ok()?;
            let usable = !(no_doubt && matches!(offered, Offered::Doubtful(_, None)));
            usable.then(|| (version.clone(), offered))
        };
        if self.lowest { page.versions.iter().find_map(usable) } else { page.versions.iter().rev().find_map(usable) }
    }

    /// The best file of a version; else why there is none.
    pub fn offered(&self, name: &PackageName, files: &Files, exact: bool) -> Result<Offered, String> {
        let allowed = self.hashes.get(name);
        let mut reasons = Reasons::default();
        let mut best: Option<((usize, (u64, &str)), &Arc<DistFile>)> = None;
        let mut doubtful: Option<(&Arc<DistFile>, &str)> = None;
        for file in &files.wheels {
            let FileKind::Wheel(wheel) = &file.kind else { continue };
            if let Some(why) = self.refuses(file, allowed, exact) {
                reasons.add(why);
                continue;
            }
            if self.settings.no_binary.has(name) {
                reasons.add("wheels are excluded by --no-binary".to_owned());
                continue;
            }
            match self.ranks.rank(wheel) {
                Some(rank) => {
                    let build = wheel.build.as_ref().map_or((0, ""), |(number, rest)| (*number, rest.as_str()));
                    // Of equal tags the higher build number wins.
                    let better = best
                        .as_ref()
                        .is_none_or(|((known, known_build), _)| rank < *known || rank == *known && build > *known_build);
                    if better {
                        best = Some(((rank, build), file));
                    }
                }
                None => {
                    if self.look_inside && self.ranks.is_c_python_here(wheel, self.minor()) {
                        let newer = doubtful.is_none_or(|(_, python)| longer_then_greater(&wheel.python, python));
                        if newer {
                            doubtful = Some((file, &wheel.python));
                        }
                    }
                    reasons.add(format!("no wheel fits: {}", tags::why_not(&self.environment, wheel)));
                }
            }
        }
        if let Some((_, file)) = best {
            return Ok(Offered::Wheel(file.clone()));
        }
        let mut source = None;
        for file in &files.sources {
            if let Some(why) = self.refuses(file, allowed, exact) {
                reasons.add(why);
            } else if self.settings.only_binary.has(name) {
                reasons.add("source packages are excluded by --only-binary".to_owned());
            } else if source.is_none() || file.file_name.ends_with(".tar.gz") {
                source = Some(file.clone());
            }
        }
        match (doubtful, source) {
            (Some((file, _)), source) => Ok(Offered::Doubtful(file.clone(), source)),
            (None, Some(source)) => Ok(Offered::Source(source)),
            (None, None) => Err(reasons.text()),
        }
    }

    /// Why a file must not be taken, apart from its tags.
    fn refuses(&self, file: &DistFile, allowed: Option<&Vec<Hash>>, exact: bool) -> Option<String> {
        if let Some(reason) = &file.yanked
            && !exact
        {
            let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            return Some(format!("it was withdrawn by its authors{reason}"));
        }
        if let Some(python) = &file.requires_python
            && !python.contains(&self.environment.version)
        {
            return Some(format!("it needs Python {python}"));
        }
        if let Some(limit) = &self.exclude_newer
            && file.url.scheme() != "file"
        {
            match &file.upload_time {
                None => return Some("the index does not tell when it was uploaded".to_owned()),
                Some(time) if time.as_str() >= limit.as_str() => return Some(format!("it was uploaded after {limit}")),
                Some(_) => {}
            }
        }
        if let Some(allowed) = allowed
            && !file.hashes.is_empty()
            && !file.hashes.iter().any(|hash| allowed.contains(hash))
        {
            return Some("no file of it has a sum that the requirements allow".to_owned());
        }
        None
    }

    /// Why versions in `range` were not taken: reason and versions, most frequent first.
    pub fn reasons(
        &self,
        name: &PackageName,
        page: &Page,
        range: &Ranges<Version>,
        prereleases: Prereleases,
    ) -> Vec<(String, Vec<Version>)> {
        let mut found: BTreeMap<String, Vec<Version>> = BTreeMap::new();
        let allow = self.settings.pre || prereleases == Prereleases::Allow;
        for (version, files) in &page.versions {
            if !range.contains(version) {
                continue;
            }
            if version.any_prerelease() && !allow {
                found.entry("it is a prerelease (allow them with --pre)".to_owned()).or_default().push(version.clone());
            } else if let Err(why) = self.offered(name, files, false) {
                found.entry(why).or_default().push(version.clone());
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(_, versions)| std::cmp::Reverse(versions.len()));
        found
    }
}

/// `cp314` before `cp313` before `cp39`.
fn longer_then_greater(left: &str, right: &str) -> bool {
    (left.len(), left) > (right.len(), right)
}

#[derive(Default)]
struct Reasons(Vec<(String, usize)>);

impl Reasons {
    fn add(&mut self, why: String) {
        match self.0.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => self.0.push((why, 1)),
        }
    }

    /// The telling ones: what is near to fitting tells more than what is for another platform.
    fn text(mut self) -> String {
        if self.0.len() > 1 {
            self.0.retain(|(why, _)| !why.contains("another platform"));
        }
        self.0.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let texts: Vec<String> = self.0.into_iter().take(2).map(|(why, _)| why).collect();
        if texts.is_empty() { "it has no files".to_owned() } else { texts.join("; ") }
    }
}
