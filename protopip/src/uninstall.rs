//! Which files of an environment belong to an installed distribution. Decides, does not remove: `install` moves the files away in one
//! transaction with everything else. Works by RECORD, whoever wrote it.
//! Must not know: wheels, the journal.

use crate::environment::Installed;
use crate::files::{exists, lexical};
use crate::model::Environment;
use crate::wheel::is_reserved_script;
use crate::{Error, Result};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What removing a distribution takes away.
#[derive(Debug, Default)]
pub struct Removal {
    pub files: BTreeSet<PathBuf>,
    /// Folders that may be empty afterwards, and go if they are.
    pub folders: BTreeSet<PathBuf>,
}

/// The folders that an environment's distributions may have files in.
pub struct Territory {
    roots: Vec<PathBuf>,
    real_roots: Vec<PathBuf>,
    scripts: PathBuf,
    prefix: PathBuf,
    real_parents: HashMap<PathBuf, Option<PathBuf>>,
}

impl Territory {
    pub fn new(environment: &Environment) -> Territory {
        let paths = &environment.paths;
        let mut roots = vec![&paths.purelib, &paths.platlib, &paths.scripts, &paths.include, &paths.data];
        if environment.is_target {
            roots.truncate(3);
        }
        let roots: Vec<PathBuf> = roots.into_iter().map(|root| lexical(root)).collect();
        let real_roots = roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
        Territory {
            roots,
            real_roots,
            scripts: lexical(&paths.scripts),
            prefix: lexical(&environment.prefix),
            real_parents: HashMap::new(),
        }
    }

    /// Whether the path lies inside, by its letters and by what links on its way point to.
    fn holds(&mut self, path: &Path) -> bool {
        let inside = |roots: &[PathBuf], path: &Path| roots.iter().any(|root| path.starts_with(root) && path != root);
        let Some((parent, name)) = path.parent().zip(path.file_name()) else { return false };
        if !inside(&self.roots, path) && !inside(&self.real_roots, path) {
            return false;
        }
        let real = self.real_parents.entry(parent.to_owned()).or_insert_with(|| parent.canonicalize().ok());
        // A folder that is not there holds nothing that could be removed.
        real.as_ref().is_none_or(|real| inside(&self.real_roots, &real.join(name)))
    }

    /// Files that no package owns, whatever its RECORD says.
    fn is_the_environments(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path == self.prefix.join("pyvenv.cfg") || path.parent() == Some(&self.scripts) && is_reserved_script(&name)
    }

    /// Folders of the layout itself stay, also when they become empty.
    fn is_a_root(&self, path: &Path) -> bool {
        self.roots.iter().chain(&self.real_roots).any(|root| root.starts_with(path))
    }
}

pub fn removal(dist: &Installed, territory: &mut Territory) -> Result<Removal> {
    let library = lexical(dist.library());
    let mut removal = Removal::default();
    let mut sources = BTreeSet::new();
    let mut paths: Vec<PathBuf> = dist.record()?.iter().map(|row| lexical(&library.join(&row.path))).collect();
    // Everything in the dist-info folder is the distribution's, also what somebody added without a row.
    paths.extend(files_of(&dist.dist_info));
    for path in paths {
        let refused = |why: &str| {
            Err(Error::refused(format!("{} {} cannot be removed", dist.name, dist.version))
                .because(format!("its RECORD lists {}, {why}", path.display())))
        };
        if !territory.holds(&path) {
            return refused("which is outside the environment");
        }
        if territory.is_the_environments(&path) {
            return refused("which belongs to the environment");
        }
        let Ok(about) = std::fs::symlink_metadata(&path) else { continue };
        let mut folder = path.parent();
        while let Some(inner) = folder.filter(|inner| !territory.is_a_root(inner)) {
            if !removal.folders.insert(inner.to_owned()) {
                break;
            }
            folder = inner.parent();
        }
        if about.is_dir() {
            removal.folders.insert(path);
            continue;
        }
        if path.extension().is_some_and(|extension| extension == "py") {
            sources.insert(path.clone());
        }
        removal.files.insert(path);
    }
    add_byte_code(&sources, &mut removal);
    Ok(removal)
}

/// `__pycache__/<module>.<anything>.pyc` of removed modules: interpreters write them after the installation.
fn add_byte_code(sources: &BTreeSet<PathBuf>, removal: &mut Removal) {
    let mut modules: HashMap<PathBuf, BTreeSet<String>> = HashMap::new();
    for source in sources {
        let Some((folder, stem)) = source.parent().zip(source.file_stem()) else { continue };
        modules.entry(folder.join("__pycache__")).or_default().insert(stem.to_string_lossy().into_owned());
    }
    for (folder, stems) in modules {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        if std::fs::symlink_metadata(&folder).is_ok_and(|about| about.is_symlink()) {
            continue;
        }
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = name.ends_with(".pyc") && name.match_indices('.').any(|(at, _)| stems.contains(&name[..at]));
            if is_ours {
                removal.files.insert(entry.path());
            }
        }
        removal.folders.insert(folder);
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_of(&entry.path())),
            Ok(_) => found.push(entry.path()),
            Err(_) => {}
        }
    }
    found
}

/// The files of a distribution that exist, for `show --files` and `check`: (path, exists).
pub fn files(dist: &Installed) -> Result<Vec<(PathBuf, bool)>> {
    let library = lexical(dist.library());
    Ok(dist.record()?.iter().map(|row| lexical(&library.join(&row.path))).map(|path| (path.clone(), exists(&path))).collect())
}
