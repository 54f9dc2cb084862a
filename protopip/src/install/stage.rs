//! Everything that a transaction brings, laid out below the state folder exactly as it will lie in the environment; then the steps that
//! move it there. Nothing in the environment proper changes here.
//! Must not know: the journal's form, locks.

use super::journal::{StateFolder, Step};
use super::{Plan, scripts};
use crate::cache::StoredWheel;
use crate::files::{self, Linker, exists, lexical, relative};
use crate::model::{Addition, Environment};
use crate::wheel::record::{self, Row, Sum};
use crate::wheel::{Manifest, Scheme};
use crate::{Error, Result};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What is written into INSTALLER.
pub const INSTALLER: &str = "protopip";

/// A folder of the environment, and where its future content is laid out.
struct Base {
    target: PathBuf,
    stage: PathBuf,
}

pub struct Stage<'a> {
    environment: &'a Environment,
    bases: Vec<Base>,
    pub files: u64,
    pub bytes: u64,
    pub notes: Vec<String>,
}

enum Content {
    /// From the cache, as it is.
    Link(PathBuf),
    /// From the cache, with permission to run.
    Script(PathBuf),
    Text {
        data: Vec<u8>,
        executable: bool,
    },
    /// Two packages bring the same file; it has been laid out already.
    Shared,
}

struct Future {
    target: PathBuf,
    content: Content,
    sum: Option<String>,
    size: Option<u64>,
}

impl<'a> Stage<'a> {
    pub fn new(environment: &'a Environment, state: &StateFolder, root: &Path) -> Stage<'a> {
        let mut targets = vec![lexical(root)];
        let paths = &environment.paths;
        for path in [&paths.purelib, &paths.platlib, &paths.scripts, &paths.include, &paths.data] {
            let path = lexical(path);
            if !targets.iter().any(|target| path.starts_with(target)) {
                targets.retain(|target| !target.starts_with(&path));
                targets.push(path);
            }
        }
        let bases =
            targets.into_iter().enumerate().map(|(index, target)| Base { target, stage: state.stage().join(index.to_string()) });
        Stage { environment, bases: bases.collect(), files: 0, bytes: 0, notes: Vec::new() }
    }

    /// Lays out all additions; says how many files each brings.
    pub fn lay_out(&mut self, plan: &Plan) -> Result<Vec<u64>> {
        let mut futures = Vec::with_capacity(plan.add.len());
        let mut taken: HashMap<PathBuf, (usize, Option<String>)> = HashMap::new();
        for (index, addition) in plan.add.iter().enumerate() {
            let mut files = self.futures(addition)?;
            for file in &mut files {
                if let Some((other, sum)) = taken.get(&file.target) {
                    if *other == index {
                        return Err(Error::refused(format!("{} has two files for {}", addition.name, file.target.display())));
                    }
                    if *sum != file.sum {
                        let other = &plan.add[*other].name;
                        self.notes.push(format!(
                            "{} and {other} both bring {}; the one of {other} stays",
                            addition.name,
                            file.target.display()
                        ));
                    }
                    file.content = Content::Shared;
                } else {
                    taken.insert(file.target.clone(), (index, file.sum.clone()));
                }
            }
            futures.push(files);
        }
        drop(taken);
        self.make_folders(futures.iter().flatten().map(|file| file.target.as_path()))?;
        let linker = Linker::new(plan.link);
        let all: Vec<&Future> = futures.iter().flatten().collect();
        all.par_iter().with_min_len(16).try_for_each(|file| self.write(file, &linker))?;
        self.files = all.len() as u64;
        self.bytes = all.iter().filter_map(|file| file.size).sum();

        let mut byte_code = BTreeSet::new();
        if plan.compile {
            byte_code = self.compile(&all)?;
        }
        plan.add.par_iter().zip(&futures).try_for_each(|(addition, files)| self.write_record(addition, files, &byte_code))?;
        Ok(futures.iter().map(|files| files.len() as u64 + 1).collect())
    }

    fn library(&self, manifest: &Manifest) -> PathBuf {
        self.target_of(manifest.root(), &manifest.name)
    }

    fn target_of(&self, scheme: Scheme, name: &str) -> PathBuf {
        let paths = &self.environment.paths;
        match scheme {
            Scheme::Purelib => lexical(&paths.purelib),
            Scheme::Platlib => lexical(&paths.platlib),
            Scheme::Scripts => lexical(&paths.scripts),
            Scheme::Data => lexical(&paths.data),
            Scheme::Headers => lexical(&paths.include).join(name),
        }
    }

    fn futures(&self, addition: &Addition<StoredWheel>) -> Result<Vec<Future>> {
        let manifest = &addition.stored.manifest;
        let python = &self.environment.python;
        let mut files = Vec::with_capacity(manifest.files.len() + 4);
        let targets: BTreeMap<Scheme, PathBuf> =
            Scheme::ALL.into_iter().map(|scheme| (scheme, self.target_of(scheme, &manifest.name))).collect();
        for row in &manifest.files {
            let target = targets[&row.scheme].join(&row.path);
            let stored = addition.stored.path_of(row);
            if row.scheme != Scheme::Scripts {
                files.push(Future { target, content: Content::Link(stored), sum: Some(row.sum.clone()), size: Some(row.size) });
                continue;
            }
            let data = std::fs::read(&stored).map_err(|error| Error::io("cannot read", &stored, error))?;
            files.push(match scripts::with_shebang(&data, python) {
                Some(data) => text(target, data, true),
                None => Future { target, content: Content::Script(stored), sum: Some(row.sum.clone()), size: Some(row.size) },
            });
        }
        for entry in manifest.entry_points.all() {
            files.push(text(targets[&Scheme::Scripts].join(&entry.name), scripts::entry_point_script(entry, python), true));
        }
        let own = self.library(manifest).join(&manifest.dist_info);
        files.push(text(own.join("INSTALLER"), format!("{INSTALLER}\n").into_bytes(), false));
        if addition.requested {
            files.push(text(own.join("REQUESTED"), Vec::new(), false));
        }
        if let Some(url) = &addition.direct_url {
            files.push(text(own.join("direct_url.json"), url.clone().into_bytes(), false));
        }
        Ok(files)
    }

    fn staged(&self, target: &Path) -> PathBuf {
        for base in &self.bases {
            if let Ok(inner) = target.strip_prefix(&base.target) {
                return base.stage.join(inner);
            }
        }
        // Every target starts with a folder of the scheme, and those are below a base.
        unreachable!("{} is below no base", target.display())
    }

    fn make_folders<'b>(&self, targets: impl Iterator<Item = &'b Path>) -> Result<()> {
        let mut folders: BTreeSet<&Path> = BTreeSet::new();
        folders.extend(targets.filter_map(Path::parent));
        for base in &self.bases {
            files::make_folders(&base.stage)?;
        }
        // Sorted: parents come first, and most folders need one call.
        for folder in folders {
            let staged = self.staged(folder);
            match std::fs::create_dir(&staged) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(_) => files::make_folders(&staged)?,
            }
        }
        Ok(())
    }

    fn write(&self, file: &Future, linker: &Linker) -> Result<()> {
        let staged = self.staged(&file.target);
        match &file.content {
            Content::Link(from) => linker.link(from, &staged),
            Content::Script(from) => {
                let data = std::fs::read(from).map_err(|error| Error::io("cannot read", from, error))?;
                files::write_new(&staged, &data, true)
            }
            Content::Text { data, executable } => files::write_new(&staged, data, *executable),
            Content::Shared => Ok(()),
        }
    }

    /// Byte code of all laid-out modules, by their future paths.
    fn compile(&self, files: &[&Future]) -> Result<BTreeSet<PathBuf>> {
        let Some(tag) = &self.environment.cache_tag else { return Ok(BTreeSet::new()) };
        let sources: Vec<&Path> = files
            .iter()
            .map(|file| file.target.as_path())
            .filter(|path| path.extension().is_some_and(|end| end == "py"))
            .collect();
        for base in &self.bases {
            let here: Vec<PathBuf> =
                sources.iter().filter(|path| path.starts_with(&base.target)).map(|path| self.staged(path)).collect();
            super::compile::compile(&self.environment.python, &here, &base.stage, &base.target)?;
        }
        let byte_code = sources.into_iter().filter_map(|source| {
            let name = format!("{}.{tag}.pyc", source.file_stem()?.to_str()?);
            let target = source.parent()?.join("__pycache__").join(name);
            exists(&self.staged(&target)).then_some(target)
        });
        Ok(byte_code.collect())
    }

    fn write_record(&self, addition: &Addition<StoredWheel>, files: &[Future], byte_code: &BTreeSet<PathBuf>) -> Result<()> {
        let manifest = &addition.stored.manifest;
        let library = self.library(manifest);
        let path_of = |target: &Path| relative(target, &library).to_string_lossy().into_owned();
        let mut rows = Vec::with_capacity(files.len() + 1);
        for file in files {
            let sum = file.sum.as_deref().and_then(|sum| Sum::parse(sum).ok());
            rows.push(Row { path: path_of(&file.target), sum, size: file.size });
            let Some((folder, stem)) = file.target.parent().zip(file.target.file_stem()) else { continue };
            let Some(tag) = &self.environment.cache_tag else { continue };
            let compiled = folder.join("__pycache__").join(format!("{}.{tag}.pyc", stem.to_string_lossy()));
            if file.target.extension().is_some_and(|end| end == "py") && byte_code.contains(&compiled) {
                rows.push(Row { path: path_of(&compiled), sum: None, size: None });
            }
        }
        let target = library.join(&manifest.dist_info).join("RECORD");
        rows.push(Row { path: path_of(&target), sum: None, size: None });
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        files::write_new(&self.staged(&target), record::write(&rows).as_bytes(), false)
    }

    /// The steps that move all of it into the environment. `away` holds what goes, and grows by what is in the way.
    pub fn steps(&mut self, away: &mut BTreeSet<PathBuf>) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        let paths = &self.environment.paths;
        let schemes: Vec<PathBuf> =
            [&paths.purelib, &paths.platlib, &paths.scripts, &paths.include, &paths.data].map(|path| lexical(path)).into();
        for base in &self.bases {
            if !exists(&base.stage) {
                continue;
            }
            let missing: Vec<&Path> = base.target.ancestors().take_while(|path| !path.exists()).collect();
            steps.extend(missing.into_iter().rev().map(|path| Step::Folder { path: path.to_owned() }));
            let device = std::fs::metadata(&base.stage).map_or(0, |about| about.dev());
            let mut merge =
                Merge { base: &base.target, schemes: &schemes, device, away, steps: &mut steps, notes: &mut self.notes };
            merge.folder(&base.stage, &base.target)?;
        }
        Ok(steps)
    }
}

fn text(target: PathBuf, data: Vec<u8>, executable: bool) -> Future {
    let (sum, size) = (Some(Sum::sha256_of(&data).text()), Some(data.len() as u64));
    Future { target, content: Content::Text { data, executable }, sum, size }
}

/// Compares the layout with the environment: whole folders are moved where there is none yet, files elsewhere.
struct Merge<'a> {
    base: &'a Path,
    schemes: &'a [PathBuf],
    device: u64,
    away: &'a mut BTreeSet<PathBuf>,
    steps: &'a mut Vec<Step>,
    notes: &'a mut Vec<String>,
}

impl Merge<'_> {
    fn folder(&mut self, stage: &Path, target: &Path) -> Result<()> {
        let entries = std::fs::read_dir(stage).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut entries = entries.map_err(|error| Error::io("cannot read", stage, error))?;
        // The dist-info folder of a package last: where it is, the rest is.
        entries.sort_by_key(|entry| (entry.path().extension().is_some_and(|end| end == "dist-info"), entry.file_name()));
        let same_device = std::fs::metadata(target).map_or(true, |about| about.dev() == self.device);
        for entry in entries {
            let (from, to) = (entry.path(), target.join(entry.file_name()));
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match std::fs::symlink_metadata(&to) {
                Err(_) if is_folder && !same_device => {
                    self.steps.push(Step::Folder { path: to.clone() });
                    self.folder(&from, &to)?;
                }
                Err(_) => self.steps.push(Step::Place { from, to }),
                Ok(there) if is_folder && (there.is_dir() || self.may_be_followed(&to)) => self.folder(&from, &to)?,
                Ok(there) if there.is_dir() => {
                    self.clear_folder(&to)?;
                    self.steps.push(Step::Place { from, to });
                }
                Ok(_) => {
                    let foreign = self.away.insert(to.clone());
                    if foreign && (is_folder || !same_content(&from, &to)) {
                        self.notes.push(format!("replaced {}, which belonged to no removed package", to.display()));
                    }
                    self.steps.push(Step::Place { from, to });
                }
            }
        }
        Ok(())
    }

    /// Links to folders are followed inside the environment (`lib64`) and on the way to its own folders, not where they lead elsewhere:
    /// nothing may be written into somebody's project.
    fn may_be_followed(&self, path: &Path) -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        let inside = self.base.canonicalize().is_ok_and(|base| real.starts_with(base));
        real.is_dir() && (inside || self.schemes.iter().any(|scheme| scheme.starts_with(path)))
    }

    /// A folder where a file must go: it may go only if all in it goes.
    fn clear_folder(&mut self, folder: &Path) -> Result<()> {
        let inner: Vec<PathBuf> = all_files(folder);
        if let Some(foreign) = inner.iter().find(|file| !self.away.contains(*file)) {
            return Err(Error::refused(format!("a file must go where the environment has the folder {}", folder.display()))
                .because(format!("{} belongs to no removed package", foreign.display())));
        }
        for file in &inner {
            self.away.remove(file);
        }
        self.away.insert(folder.to_owned());
        Ok(())
    }
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(all_files(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}

fn same_content(one: &Path, other: &Path) -> bool {
    let sizes = (std::fs::metadata(one).map(|about| about.len()), std::fs::metadata(other).map(|about| about.len()));
    matches!(sizes, (Ok(a), Ok(b)) if a == b) && matches!((std::fs::read(one), std::fs::read(other)), (Ok(a), Ok(b)) if a == b)
}
