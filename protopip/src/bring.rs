//! Chosen packages as wheels in the cache: fetched side by side, built one after the other. Installs nothing.

use crate::build::Builder;
use crate::cache::StoredWheel;
use crate::index::Registry;
use crate::model::{FileKind, WheelName};
use crate::resolve::{Chosen, Origin, package_name};
use crate::wheel::ContentKind;
use crate::work::locked;
use crate::{Error, Result, tags};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Brings everything that is not in the environment yet.
pub fn all<'a>(registry: &Registry, builder: &Builder, chosen: &'a [Chosen]) -> Result<Vec<(&'a Chosen, StoredWheel)>> {
    let mut fetched: Vec<&Chosen> = chosen.iter().filter(|chosen| matches!(chosen.origin, Origin::Wheel(_))).collect();
    // The largest first: they take longest.
    fetched.sort_by_key(|chosen| match &chosen.origin {
        Origin::Wheel(file) => std::cmp::Reverse(registry.length(file)),
        _ => std::cmp::Reverse(None),
    });
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results: Mutex<Vec<(usize, Result<StoredWheel>)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(Origin::Wheel(file)) = fetched.get(at).map(|chosen| &chosen.origin) else { return };
            if failed.load(Ordering::Relaxed) {
                return;
            }
            let result = registry.wheel(file);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            locked(&results).push((at, result));
        }
    };
    let threads = fetched.len().min(12);
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    results.sort_by_key(|(at, _)| *at);
    let mut out = Vec::with_capacity(chosen.len());
    for (at, result) in results {
        let stored = result?;
        check_content(builder, fetched[at], &stored)?;
        out.push((fetched[at], stored));
    }
    for chosen in chosen {
        let stored = match &chosen.origin {
            Origin::Present | Origin::Wheel(_) => continue,
            Origin::Source(file) => builder.source_wheel(file).map_err(|error| no_way_out(registry, builder, chosen, error))?,
            Origin::Direct(direct) => builder.direct_wheel(direct)?,
        };
        let name = &stored.manifest.name;
        if package_name(name)? != chosen.name {
            return Err(Error::refused(format!("building {} gave {name}", chosen.name)));
        }
        out.push((chosen, stored));
    }
    out.sort_by(|left, right| left.0.name.cmp(&right.0.name));
    Ok(out)
}

/// A failed build is only half of the story if there are wheels that were not taken.
fn no_way_out(registry: &Registry, builder: &Builder, chosen: &Chosen, mut error: Error) -> Error {
    let Some(Ok(offer)) = registry.peek_offer(&chosen.name) else { return error };
    let wheels = offer.page.versions.get(&chosen.version).map(|files| files.wheels.as_slice()).unwrap_or_default();
    let refused = |wheel: &WheelName| (tags::why_not(&builder.environment, wheel), wheel.tag_text());
    let reasons: Vec<(String, String)> = wheels.iter().filter_map(|file| tags::wheel_of(file).map(refused)).collect();
    if let Some((why, tag)) = reasons.iter().find(|(why, _)| why.contains("C API")) {
        error = error.because(format!("its wheels are no way out, e.g. {tag}: {why}"));
        for hint in tags::alternatives() {
            error = error.hint(hint);
        }
    }
    error
}

/// A wheel whose tags do not fit was taken for what is in it: now that it is here, what is in it is certain.
fn check_content(builder: &Builder, chosen: &Chosen, stored: &StoredWheel) -> Result<()> {
    let Origin::Wheel(file) = &chosen.origin else { return Ok(()) };
    let FileKind::Wheel(wheel) = &file.kind else { return Ok(()) };
    let tags_fit = wheel.tags().any(|tag| builder.environment.tags.contains(&tag));
    if tags_fit || stored.manifest.kind == ContentKind::HpyUniversal {
        return Ok(());
    }
    let mut error = Error::refused(format!("{} cannot be installed here", file.file_name))
        .because("its modules are not all made for HPy's universal interface");
    for hint in tags::alternatives() {
        error = error.hint(hint);
    }
    Err(error)
}
