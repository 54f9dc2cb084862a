//! The address of the default index. Not written in our source: it is read from the pip that lies in the environment, or from the
//! pip that ensurepip carries.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use url::Url;

const SOURCE: &str = "pip/_internal/models/index.py";

/// Looks through folders of packages, then folders of bundled wheels.
pub fn find(site_packages: &[PathBuf], bundles: &[PathBuf]) -> Option<Url> {
    for folder in site_packages {
        if let Ok(text) = std::fs::read_to_string(folder.join(SOURCE))
            && let Some(url) = address(&text)
        {
            return Some(url);
        }
    }
    bundles.iter().find_map(|folder| in_bundle(folder))
}

fn in_bundle(folder: &Path) -> Option<Url> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with("pip-") && name.ends_with(".whl")) {
            continue;
        }
        let mut archive = zip::ZipArchive::new(File::open(entry.path()).ok()?).ok()?;
        let mut text = String::new();
        archive.by_name(SOURCE).ok()?.take(1 << 20).read_to_string(&mut text).ok()?;
        return address(&text);
    }
    None
}

/// Folders of bundled wheels beside a library folder, and where systems keep theirs.
pub fn bundles(libraries: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = libraries.iter().map(|library| library.join("ensurepip/_bundled")).collect();
    if let Ok(program) = std::env::current_exe() {
        for folder in program.ancestors().skip(1).take(3) {
            folders.push(folder.join("share/protopython/lib/python3.14/ensurepip/_bundled"));
        }
    }
    folders.push(PathBuf::from("/usr/share/python-wheels"));
    folders
}

/// The first argument of pip's `PyPI = PackageIndex("...", ...)`, with `simple/`.
fn address(text: &str) -> Option<Url> {
    let call = text.split("PyPI = PackageIndex(").nth(1)?;
    let start = call.find(['"', '\''])?;
    let quote = call[start..].chars().next()?;
    let rest = &call[start + 1..];
    let url = Url::parse(&rest[..rest.find(quote)?]).ok()?;
    url.join("simple/").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_constant() {
        let text = "x = 1\nPyPI = PackageIndex(\n    \"https://index.example/\", file_storage_domain=\"f\"\n)\n";
        assert_eq!(address(text).unwrap().as_str(), "https://index.example/simple/");
        assert!(address("PyPI = 3").is_none());
    }
}
