//! The last finder of an import that found nothing: says so when a file lies there that this runtime cannot load, an extension for
//! CPython's C API or a hybrid one.
//!
//! It asks the listings that the path finder has cached, so a failing import costs no system call more.
//! Must not know: how extensions are loaded.

use native_macros::{Layout, native_class};
use objects::error::import_error_with;
use objects::layout::new_native;
use objects::{Cast, Dict, Gc, GcVec, Header, R, Str, Value, call_method, dict, exc, interned, new_str, system};
use std::sync::OnceLock;

#[derive(Layout)]
#[repr(C)]
pub struct ForeignFinder {
    pub header: Header,
}

/// Explains why an extension module for another runtime is not imported.
#[native_class(name = "hpy.universal.ForeignExtensionFinder", base = object, flags = "final no_new")]
impl ForeignFinder {
    #[sig("($self, fullname, path=None, target=None)")]
    fn find_spec(_this: Gc<ForeignFinder>, fullname: Gc<Str>, path: Option<Value>, _target: Option<Value>) -> R {
        let full = fullname.to_string_lossy();
        let entries = match path.filter(|path| !path.is_none()).or_else(|| system::sys_attr("path")) {
            Some(entries) => objects::to_vec(entries)?,
            None => return Ok(Value::none()),
        };
        let Some(importers) = system::sys_attr("path_importer_cache").and_then(|cache| cache.cast::<Dict>()) else {
            return Ok(Value::none());
        };
        let tail = full.rsplit('.').next().unwrap_or_default();
        // Made when there is a folder to look into.
        let mut names = GcVec::new();
        for entry in &entries {
            let Some(folder) = entry.cast::<Str>() else { continue };
            let Some(importer) = dict::dict_get(importers, *entry)? else { continue };
            let Some(listing) = objects::lookup::get_attr_opt(importer, interned!("_path_cache"))? else { continue };
            if listing.cast::<objects::Set>().is_none() {
                continue;
            }
            if names.is_empty() {
                let mut name = String::with_capacity(tail.len() + 40);
                for (suffix, _) in suffixes() {
                    name.clear();
                    name.push_str(tail);
                    name.push_str(suffix);
                    names.push(new_str(&name));
                }
            }
            for (name, (suffix, what)) in names.iter().zip(suffixes()) {
                if objects::contains(listing, *name)? {
                    let file = format!("{}/{tail}{suffix}", folder.to_string_lossy());
                    return Err(import_error_with(
                        &exc::MODULE_NOT_FOUND_ERROR,
                        &format!(
                            "No module named '{full}': '{file}' is {what}; this runtime takes HPy universal modules (.hpy0.so) only"
                        ),
                        Some(fullname.value()),
                        Some(new_str(&file)),
                    ));
                }
            }
        }
        Ok(Value::none())
    }
}

/// How extensions for CPython are named, and what to say of them.
fn suffixes() -> &'static [(String, &'static str)] {
    const C_API: &str = "an extension for CPython's C API";
    const HYBRID: &str = "a hybrid HPy module, built for one CPython";
    static SUFFIXES: OnceLock<Vec<(String, &'static str)>> = OnceLock::new();
    SUFFIXES.get_or_init(|| {
        let platform = match std::env::consts::OS {
            "macos" => "darwin".to_owned(),
            system => format!("{}-{system}-gnu", std::env::consts::ARCH),
        };
        let mut all = vec![(".so".to_owned(), C_API), (".abi3.so".to_owned(), C_API)];
        for minor in 8..=15 {
            all.push((format!(".cpython-3{minor}-{platform}.so"), C_API));
            if minor >= 13 {
                all.push((format!(".cpython-3{minor}t-{platform}.so"), C_API));
            }
            all.push((format!(".hpy0-cp3{minor}.so"), HYBRID));
        }
        all
    })
}

/// Puts the finder behind all others.
pub fn install() -> R<()> {
    let Some(finders) = system::sys_attr("meta_path") else { return Ok(()) };
    let _ = objects::native::rt::class_of_def(ForeignFinder::CLASS_DEF);
    let finder = new_native(ForeignFinder { header: Header::blank() });
    call_method(finders, interned!("append"), &[finder.value()]).map(|_| ())
}

#[cfg(test)]
mod tests {
    #[test]
    fn universal_modules_are_no_foreign_ones() {
        assert!(super::suffixes().iter().all(|(suffix, _)| suffix != ".hpy0.so" && suffix.ends_with(".so")));
    }
}
