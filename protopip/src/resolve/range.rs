//! Version specifiers as sets of versions, and such sets as text. Knows no packages.

use crate::model::{Version, VersionSpecifiers};
use pep440_rs::{Operator, VersionSpecifier};
use pubgrub::Ranges;
use std::ops::Bound;

/// The smallest version above `version` and all its local variants (`1.0+cpu`).
fn next(version: &Version) -> Version {
    let public = version.clone().without_local();
    if let Some(dev) = public.dev() {
        public.with_dev(Some(dev.saturating_add(1)))
    } else {
        let post = public.post().map_or(0, |post| post.saturating_add(1));
        public.with_post(Some(post)).with_dev(Some(0))
    }
}

/// All versions that satisfy every specifier. Which prereleases count is not decided here.
pub fn of_specifiers(specifiers: &VersionSpecifiers) -> Ranges<Version> {
    specifiers.iter().fold(Ranges::full(), |set, specifier| set.intersection(&of_specifier(specifier)))
}

fn of_specifier(specifier: &VersionSpecifier) -> Ranges<Version> {
    let version = specifier.version();
    let exact = |version: &Version| {
        if version.is_local() { Ranges::singleton(version.clone()) } else { Ranges::between(version.clone(), next(version)) }
    };
    match specifier.operator() {
        Operator::Equal => exact(version),
        Operator::NotEqual => exact(version).complement(),
        Operator::LessThanEqual => Ranges::strictly_lower_than(next(version)),
        _ => Ranges::from(specifier.clone()),
    }
}

/// One version, with its local variants.
pub fn exactly(version: &Version) -> Ranges<Version> {
    Ranges::singleton(version.clone())
}

/// The set asks for one version only: `==1.0`.
pub fn is_exact(set: &Ranges<Version>) -> bool {
    let mut segments = set.iter();
    match (segments.next(), segments.next()) {
        (Some((Bound::Included(low), Bound::Included(high))), None) => low == high,
        (Some((Bound::Included(low), Bound::Excluded(high))), None) => *high == next(low),
        _ => false,
    }
}

/// Whether somebody wrote a prerelease into it, and so wants them.
pub fn mentions_prerelease(specifiers: &VersionSpecifiers) -> bool {
    specifiers.iter().any(|specifier| specifier.version().any_prerelease() && *specifier.operator() != Operator::NotEqual)
}

/// `>=1,<2`, `==1.0`, `>=1,<2 or >3`; nothing for the full set.
pub fn text(set: &Ranges<Version>) -> String {
    if set.is_empty() {
        return " in no version".to_owned();
    }
    let mut parts = Vec::new();
    for segment in set.iter() {
        parts.push(match segment {
            (Bound::Unbounded, Bound::Unbounded) => String::new(),
            (Bound::Included(low), Bound::Included(high)) if low == high => format!("=={low}"),
            (Bound::Included(low), Bound::Excluded(high)) if *high == next(low) => format!("=={low}"),
            (low, high) => {
                let low = match low {
                    Bound::Included(version) => Some(format!(">={}", plain(version))),
                    Bound::Excluded(version) => Some(format!(">{}", plain(version))),
                    Bound::Unbounded => None,
                };
                let high = match high {
                    Bound::Included(version) => Some(format!("<={version}")),
                    Bound::Excluded(version) => Some(below(version)),
                    Bound::Unbounded => None,
                };
                low.into_iter().chain(high).collect::<Vec<_>>().join(",")
            }
        });
    }
    parts.join(" or ")
}

/// `1.dev0` as a bound stands for `1`, with what comes before it.
fn plain(version: &Version) -> Version {
    if version.dev() == Some(0) && version.post().is_none() { version.clone().with_dev(None) } else { version.clone() }
}

fn below(version: &Version) -> String {
    // `1.0.post0.dev0` as an upper bound means: 1.0 itself is still in.
    if version.dev() == Some(0) && version.post() == Some(0) {
        return format!("<={}", version.clone().with_dev(None).with_post(None));
    }
    format!("<{}", plain(version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn set(text: &str) -> Ranges<Version> {
        of_specifiers(&VersionSpecifiers::from_str(text).unwrap())
    }

    fn has(specifiers: &str, version: &str) -> bool {
        set(specifiers).contains(&Version::from_str(version).unwrap())
    }

    #[test]
    fn local_versions() {
        assert!(has("==1.0", "1.0+cpu") && has("==1.0", "1.0.0") && !has("==1.0", "1.0.post1"));
        assert!(!has("!=1.0", "1.0+cpu") && has("<=1.0", "1.0+cpu") && !has("<1.0", "1.0+cpu"));
        assert!(has("==1.0+cpu", "1.0+cpu") && !has("==1.0+cpu", "1.0"));
        assert!(has("==1.0a1", "1.0a1+x") && !has("==1.0a1", "1.0a2") && !has("==1.0.dev1", "1.0.dev2"));
    }

    #[test]
    fn agrees_with_the_specifiers() {
        let versions = ["0.9", "1.0.dev1", "1.0a1", "1.0", "1.0.post1", "1.0.1", "1.1", "1.5", "2.0rc1", "2", "3!1"];
        for specifiers in
            [">=1.0", ">1.0", "<1.0", "<=1.0", "==1.*", "!=1.0.*", "~=1.0", "~=1.0.1", ">=1,<2,!=1.5", "===1.0", "<2rc1"]
        {
            let read = VersionSpecifiers::from_str(specifiers).unwrap();
            let set = set(specifiers);
            for version in versions.iter().map(|text| Version::from_str(text).unwrap()) {
                if version.any_prerelease() {
                    continue;
                }
                assert_eq!(set.contains(&version), read.contains(&version), "{version} in {specifiers}");
            }
        }
    }

    #[test]
    fn texts() {
        assert_eq!(text(&set("==1.0")), "==1.0");
        assert_eq!(text(&set(">=1,<2")), ">=1,<2");
        assert_eq!(text(&set("<=1.0")), "<=1.0");
        assert!(is_exact(&set("==1.0")) && !is_exact(&set(">=1")));
    }
}
