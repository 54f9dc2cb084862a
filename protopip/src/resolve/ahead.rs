//! Asking ahead: while the solver thinks about one package, pages and metadata of those it will probably want next are fetched, and
//! small wheels too. Guesses only; the solver never sees them but as quick answers.

use super::choose::{Offered, Prereleases, Rules};
use super::range;
use crate::index::{Page, Registry};
use crate::model::{ExtraName, PackageName, Requirement, Version};
use crate::work::{Pool, locked};
use pep508_rs::VersionOrUrl;
use pubgrub::Ranges;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Larger wheels wait until it is certain that they are wanted.
const LARGEST_GUESS: u64 = 12 << 20;

pub struct Ahead {
    registry: Arc<Registry>,
    rules: Arc<Rules>,
    seen: Mutex<HashSet<(PackageName, Vec<ExtraName>)>>,
    /// Fetches wheels, if they are wanted at all.
    wheels: Option<Arc<Pool>>,
    no_deps: bool,
    stopped: AtomicBool,
    /// Packages whose files do not come from an index.
    known: HashSet<PackageName>,
}

impl Ahead {
    pub fn new(
        registry: Arc<Registry>,
        rules: Arc<Rules>,
        wheels: Option<Arc<Pool>>,
        no_deps: bool,
        known: HashSet<PackageName>,
    ) -> Arc<Ahead> {
        Arc::new(Ahead {
            registry,
            rules,
            seen: Mutex::new(HashSet::new()),
            wheels,
            no_deps,
            stopped: AtomicBool::new(false),
            known,
        })
    }

    /// No more guesses: the solution is there.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// The solver goes back through the versions of a package: their metadata is fetched side by side.
    pub fn older(self: &Arc<Ahead>, name: &PackageName, page: &Page, range: &Ranges<Version>, below: &Version, count: usize) {
        let older = page
            .versions
            .range(..below.clone())
            .rev()
            .filter(|(version, _)| range.contains(version) && !version.any_prerelease());
        for (_, files) in older.take(count) {
            if let Ok(Offered::Wheel(file)) = self.rules.offered(name, files, false) {
                let ahead = self.clone();
                self.registry.pool.start(move || {
                    if !ahead.stopped.load(Ordering::Relaxed) {
                        let _ = ahead.registry.metadata(&file);
                    }
                });
            }
        }
    }

    pub fn requirement(self: &Arc<Ahead>, requirement: &Requirement) {
        let range = match &requirement.version_or_url {
            None => Ranges::full(),
            Some(VersionOrUrl::VersionSpecifier(specifiers)) => range::of_specifiers(specifiers),
            Some(VersionOrUrl::Url(_)) => return,
        };
        self.want(requirement.name.clone(), requirement.extras.clone(), range);
    }

    pub fn want(self: &Arc<Ahead>, name: PackageName, mut extras: Vec<ExtraName>, range: Ranges<Version>) {
        extras.sort();
        if self.stopped.load(Ordering::Relaxed)
            || self.known.contains(&name)
            || !locked(&self.seen).insert((name.clone(), extras.clone()))
        {
            return;
        }
        let ahead = self.clone();
        self.registry.pool.start(move || {
            let Ok(offer) = ahead.registry.offer(&name) else { return };
            if ahead.stopped.load(Ordering::Relaxed) {
                return;
            }
            let picked = ahead.rules.pick(&name, &offer.page, &range, Prereleases::IfNothingElse, false);
            let Some((_, Offered::Wheel(file))) = picked else { return };
            let Ok(metadata) = ahead.registry.metadata(&file) else { return };
            let markers = &ahead.rules.environment.markers;
            if !ahead.no_deps {
                for requirement in &metadata.requires {
                    if requirement.evaluate_markers(markers, &extras) {
                        ahead.requirement(requirement);
                    }
                }
            }
            if let Some(pool) = &ahead.wheels
                && ahead.registry.length(&file).is_some_and(|length| length <= LARGEST_GUESS)
                && file.sha256().is_some()
            {
                let guess = ahead.clone();
                pool.start(move || {
                    if !guess.stopped.load(Ordering::Relaxed) {
                        let _ = guess.registry.wheel(&file);
                    }
                });
            }
        });
    }
}
