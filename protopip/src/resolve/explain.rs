//! The solver's proof that nothing fits, told to a person. Text only.

use super::range;
use super::solve::{Package, Provider, Set};
use crate::Error;
use crate::index::Page;
use crate::model::{PackageName, Version};
use crate::tags;
use pubgrub::{DefaultStringReporter, DerivationTree, Derived, External, Map, ReportFormatter, Reporter, Term};
use std::collections::BTreeSet;
use std::sync::Arc;

type Tree = DerivationTree<Package, Set, String>;

/// Makes the error of a request that cannot be met.
pub fn error(provider: &Provider<'_>, no: impl Into<Tree>) -> Error {
    let mut tree: Tree = no.into();
    let teller = Teller { provider };
    let mut error = Error::no_solution("no set of versions fits what is wanted");
    let mut packages = Vec::new();
    let mut dead_ends: Vec<(PackageName, Set)> = Vec::new();
    collect(&tree, &mut packages, &mut dead_ends);
    // One package that does not exist is the whole story.
    for (name, _) in &dead_ends {
        if let Some(Ok(offer)) = provider.registry.peek_offer(name)
            && !offer.found
        {
            let asked = if offer.asked.is_empty() { "there is no index to ask".to_owned() } else { offer.asked.join(", ") };
            let mut missing =
                Error::no_solution(format!("there is no package called '{name}'")).because(format!("asked: {asked}"));
            if let Some(who) = who_needs(&tree, name) {
                missing = missing.because(who);
            }
            if offer.asked.is_empty() {
                missing = missing.hint("give an index with --index-url, or files with --find-links");
            }
            return missing;
        }
    }
    tree.collapse_no_versions();
    let report = DefaultStringReporter::report_with_formatter(&tree, &teller);
    error = error.because(report.trim());
    let mut c_api = false;
    let told_of = tree.packages();
    for (name, why) in provider.foreign.borrow().iter().filter(|(name, _)| told_of.contains(&Package::Named((*name).clone()))) {
        c_api = true;
        error = Error::refused(format!("{name} cannot be installed here")).because(format!("{name} {why}"));
        error = error.because("its other versions have no wheel or source package that fits either").because(report.trim());
    }
    let mut told = BTreeSet::new();
    for (name, set) in &dead_ends {
        let Some(page) = teller.page(name) else { continue };
        for (why, versions) in provider.rules.reasons(name, &page, set, provider.prereleases(name)).into_iter().take(3) {
            if told.insert((name.clone(), why.clone())) {
                c_api |= why.contains("C API");
                error = error.because(format!(
                    "{name} {} {} left out: {why}",
                    list(&versions),
                    if versions.len() == 1 { "is" } else { "are" }
                ));
            }
        }
        if !page.versions.keys().any(|version| set.contains(version))
            && let Some(newest) = page.versions.keys().rev().find(|version| !version.any_prerelease())
        {
            error = error.hint(format!("the newest {name} is {newest}"));
        }
        for (constraint, said) in provider.constraints.get(name).into_iter().flatten() {
            if !constraint.is_disjoint(set) || set.subset_of(&constraint.complement()) {
                error = error.because(format!("a constraint says {said}"));
            }
        }
    }
    if c_api && provider.rules.environment.is_protopy() {
        for hint in tags::alternatives() {
            error = error.hint(hint);
        }
    }
    error
}

/// `1.0, 1.1 and 17 more`.
fn list(versions: &[Version]) -> String {
    let newest: Vec<String> = versions.iter().rev().take(3).map(Version::to_string).collect();
    match versions.len() {
        0..=3 => newest.join(", "),
        more => format!("{} and {} more", newest.join(", "), more - 3),
    }
}

fn collect(tree: &Tree, packages: &mut Vec<Package>, dead_ends: &mut Vec<(PackageName, Set)>) {
    match tree {
        DerivationTree::External(External::NoVersions(package, set)) => {
            if let Some(name) = package.name()
                && !dead_ends.iter().any(|known| known.0 == *name && known.1 == *set)
            {
                dead_ends.push((name.clone(), set.clone()));
            }
            packages.push(package.clone());
        }
        DerivationTree::External(_) => {}
        DerivationTree::Derived(derived) => {
            collect(&derived.cause1, packages, dead_ends);
            collect(&derived.cause2, packages, dead_ends);
        }
    }
}

/// Who asked for a package that does not exist.
fn who_needs(tree: &Tree, name: &PackageName) -> Option<String> {
    match tree {
        DerivationTree::External(External::FromDependencyOf(who, set, needed, _)) if needed.name() == Some(name) => match who {
            Package::Root => None,
            who => Some(format!("{who}{} needs it", spaced(&range::text(set)))),
        },
        DerivationTree::External(_) => None,
        DerivationTree::Derived(derived) => who_needs(&derived.cause1, name).or_else(|| who_needs(&derived.cause2, name)),
    }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {}", text.trim()) }
}

struct Teller<'a> {
    provider: &'a Provider<'a>,
}

impl Teller<'_> {
    fn page(&self, name: &PackageName) -> Option<Arc<Page>> {
        Some(self.provider.registry.peek_offer(name)?.ok()?.page)
    }

    /// A set in few words: bounds that make no difference among the versions there are fall away.
    fn set(&self, package: &Package, set: &Set) -> String {
        let simple = match package.name().and_then(|name| self.page(name)) {
            Some(page) => set.simplify(page.versions.keys()),
            None => set.clone(),
        };
        let set = if simple.is_empty() { set } else { &simple };
        spaced(&range::text(set))
    }

    fn all(&self, package: &Package, set: &Set) -> String {
        let text = self.set(package, set);
        match package {
            Package::Root => "your request".to_owned(),
            package if text.is_empty() => format!("every version of {package}"),
            package => format!("{package}{text}"),
        }
    }
}

impl ReportFormatter<Package, Set, String> for Teller<'_> {
    type Output = String;

    fn format_external(&self, external: &External<Package, Set, String>) -> String {
        match external {
            External::NotRoot(..) => "something is wanted".to_owned(),
            External::NoVersions(package, set) => {
                // Here the bounds as they were asked matter, not those that make a difference.
                format!("there is no usable {package}{}", spaced(&range::text(set)))
            }
            External::Custom(package, set, why) => format!("{} {why}", self.all(package, set)),
            External::FromDependencyOf(package, set, needed, needed_set) => {
                let needed = format!("{needed}{}", spaced(&range::text(needed_set)));
                match package {
                    Package::Root => format!("you want {needed}"),
                    package => format!("{} needs {needed}", self.all(package, set)),
                }
            }
        }
    }

    fn format_terms(&self, terms: &Map<Package, Term<Set>>) -> String {
        let terms: Vec<_> = terms.iter().filter(|(package, _)| **package != Package::Root).collect();
        match terms.as_slice() {
            [] => "your request cannot be met".to_owned(),
            [(package, Term::Positive(set))] => format!("{} cannot be used", self.all(package, set)),
            [(package, Term::Negative(set))] => format!("{} must be used", self.all(package, set)),
            [(one, Term::Positive(set)), (other, Term::Negative(needed))]
            | [(other, Term::Negative(needed)), (one, Term::Positive(set))] => {
                format!("{} needs {other}{}", self.all(one, set), spaced(&range::text(needed)))
            }
            several => {
                let texts: Vec<String> = several
                    .iter()
                    .map(|(package, term)| match term {
                        Term::Positive(set) => self.all(package, set),
                        Term::Negative(set) => format!("{package} other than{}", self.set(package, set)),
                    })
                    .collect();
                format!("{} exclude each other", texts.join(" and "))
            }
        }
    }

    fn explain_both_external(
        &self,
        one: &External<Package, Set, String>,
        other: &External<Package, Set, String>,
        terms: &Map<Package, Term<Set>>,
    ) -> String {
        format!("Because {} and {}, {}.", self.format_external(one), self.format_external(other), self.format_terms(terms))
    }

    fn explain_both_ref(
        &self,
        first: usize,
        one: &Derived<Package, Set, String>,
        second: usize,
        other: &Derived<Package, Set, String>,
        terms: &Map<Package, Term<Set>>,
    ) -> String {
        format!(
            "Because {} ({first}) and {} ({second}), {}.",
            self.format_terms(&one.terms),
            self.format_terms(&other.terms),
            self.format_terms(terms)
        )
    }

    fn explain_ref_and_external(
        &self,
        number: usize,
        derived: &Derived<Package, Set, String>,
        external: &External<Package, Set, String>,
        terms: &Map<Package, Term<Set>>,
    ) -> String {
        format!(
            "Because {} ({number}) and {}, {}.",
            self.format_terms(&derived.terms),
            self.format_external(external),
            self.format_terms(terms)
        )
    }

    fn and_explain_external(&self, external: &External<Package, Set, String>, terms: &Map<Package, Term<Set>>) -> String {
        format!("And because {}, {}.", self.format_external(external), self.format_terms(terms))
    }

    fn and_explain_ref(&self, number: usize, derived: &Derived<Package, Set, String>, terms: &Map<Package, Term<Set>>) -> String {
        format!("And because {} ({number}), {}.", self.format_terms(&derived.terms), self.format_terms(terms))
    }

    fn and_explain_prior_and_external(
        &self,
        prior: &External<Package, Set, String>,
        external: &External<Package, Set, String>,
        terms: &Map<Package, Term<Set>>,
    ) -> String {
        format!(
            "And because {} and {}, {}.",
            self.format_external(prior),
            self.format_external(external),
            self.format_terms(terms)
        )
    }
}
