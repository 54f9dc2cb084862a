//! What is no wheel yet: source packages, project folders, repositories. Their metadata, and wheels built from them by their own build
//! backends (PEP 517, 660) in an environment made for that alone.

mod unpack;

use crate::bring;
use crate::cache::{Cache, StoredWheel};
use crate::index::{CoreMetadata, Registry, hex, local_path, page, shown, sums_of};
use crate::install::Plan;
use crate::interpreter::{self, Place};
use crate::model::{Addition, DistFile, Environment, FileKind, Url, WheelName};
use crate::requirements::{DirectSource, Wanted, read_project};
use crate::resolve::{Request, Rules, solve};
use crate::tags::Ranks;
use crate::ui::{Progress, Ui};
use crate::wheel::Metadata;
use crate::work::{Once, locked};
use crate::{Error, Result, venv};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;

const HOOK: &str = include_str!("hook.py");
/// A build that needs builds that need builds: somewhere there is a ring.
const DEEPEST: usize = 6;

/// A package given by address or path, looked into.
#[derive(Debug)]
pub struct Direct {
    pub source: DirectSource,
    pub metadata: Arc<CoreMetadata>,
    /// Text of direct_url.json.
    pub direct_url: String,
    /// The sum of the archive, if it is one.
    pub sha256: Option<String>,
    how: How,
    built: OnceLock<Result<StoredWheel>>,
}

#[derive(Debug)]
enum How {
    Wheel(Box<StoredWheel>),
    Tree(Tree),
}

/// A project's folder.
#[derive(Clone, Debug)]
pub struct Tree {
    folder: PathBuf,
    /// Names the content, if that never changes: results are kept by it.
    key: Option<String>,
    editable: bool,
    _guard: Option<Arc<TempDir>>,
}

pub struct Builder {
    pub registry: Arc<Registry>,
    pub environment: Environment,
    pub cache: Arc<Cache>,
    pub ui: Arc<Ui>,
    pub progress: Arc<Progress>,
    /// Build requirements come from the environment itself.
    pub no_isolation: bool,
    pub config_settings: Vec<(String, String)>,
    pub build_constraints: Vec<Wanted>,
    /// Holds for build requirements too.
    pub exclude_newer: Option<String>,
    depth: usize,
    /// Places where metadata was made, by the project's folder: the wheel is built there too.
    shelf: Mutex<HashMap<PathBuf, Workshop>>,
    trees: Once<String, Result<Tree>>,
    direct: Once<String, Result<Arc<Direct>>>,
    metadata: Once<String, Result<Arc<CoreMetadata>>>,
    wheels: Once<String, Result<StoredWheel>>,
}

/// What a build gave, as kept.
#[derive(Serialize, Deserialize)]
struct Built {
    file_name: String,
    sha256: String,
}

impl Builder {
    pub fn new(
        registry: Arc<Registry>,
        environment: Environment,
        cache: Arc<Cache>,
        ui: Arc<Ui>,
        progress: Arc<Progress>,
    ) -> Builder {
        Builder {
            registry,
            environment,
            cache,
            ui,
            progress,
            no_isolation: false,
            config_settings: Vec::new(),
            build_constraints: Vec::new(),
            exclude_newer: None,
            depth: 0,
            shelf: Mutex::default(),
            trees: Once::new(),
            direct: Once::new(),
            metadata: Once::new(),
            wheels: Once::new(),
        }
    }

    /// Looks into a direct address or path.
    pub fn direct(&self, source: &DirectSource) -> Result<Arc<Direct>> {
        self.direct.get(&format!("{source:?}"), || {
            self.look_into(source).map(Arc::new).map_err(|error| error.within(format!("cannot use {}", shown(&source.url))))
        })
    }

    fn look_into(&self, source: &DirectSource) -> Result<Direct> {
        let public = public_url(&source.url);
        let mut about = serde_json::Map::new();
        about.insert("url".into(), public.clone().into());
        if let Some(subdirectory) = &source.subdirectory {
            about.insert("subdirectory".into(), subdirectory.clone().into());
        }
        let mut sha256 = None;
        let mut tree = if let Some(vcs) = &source.vcs {
            let (tree, info) = self.check_out(source, vcs)?;
            about.insert("vcs_info".into(), info);
            tree
        } else if source.url.scheme() == "file" && local_path(&source.url)?.is_dir() {
            about.insert("dir_info".into(), if source.editable { json!({"editable": true}) } else { json!({}) });
            Tree { folder: local_path(&source.url)?, key: None, editable: source.editable, _guard: None }
        } else {
            let file = direct_file(source)?;
            let sum = match &file.kind {
                FileKind::Wheel(_) => {
                    let stored = self.registry.wheel(&file)?;
                    self.require_fit(&file)?;
                    let metadata = Arc::new(CoreMetadata::parse(&stored.metadata_text()?)?);
                    about.insert("archive_info".into(), archive_info(&stored.sha256));
                    return Ok(Direct {
                        source: source.clone(),
                        metadata,
                        direct_url: Value::Object(about).to_string(),
                        sha256: Some(stored.sha256.clone()),
                        how: How::Wheel(Box::new(stored)),
                        built: OnceLock::new(),
                    });
                }
                FileKind::Source { .. } => {
                    let (path, sum) = self.registry.fetcher.source(&file)?;
                    about.insert("archive_info".into(), archive_info(&sum));
                    sha256 = Some(sum.clone());
                    (path, sum)
                }
            };
            self.unpacked(&sum.0, Some(sum.1))?
        };
        if let Some(subdirectory) = &source.subdirectory {
            tree.folder.push(subdirectory);
            tree.key = tree.key.map(|key| format!("{key} {subdirectory}"));
            if !tree.folder.is_dir() {
                return Err(Error::usage(format!("it has no folder '{subdirectory}'")));
            }
        }
        tree.editable = source.editable;
        let metadata = self.tree_metadata(&tree)?;
        Ok(Direct {
            source: source.clone(),
            metadata,
            direct_url: Value::Object(about).to_string(),
            sha256,
            how: How::Tree(tree),
            built: OnceLock::new(),
        })
    }

    /// A wheel that the user names must fit; the reason is told at once.
    fn require_fit(&self, file: &DistFile) -> Result<()> {
        let FileKind::Wheel(wheel) = &file.kind else { return Ok(()) };
        if Ranks::new(&self.environment.tags).rank(wheel).is_some() {
            return Ok(());
        }
        let ranks = Ranks::new(&self.environment.tags);
        let minor = self.environment.version.release().get(1).copied().unwrap_or(0);
        if self.environment.is_protopy() && ranks.is_c_python_here(wheel, minor) {
            let names = self.registry.names_in(file)?;
            let modules = |name: &&String| name.ends_with(".so") || name.ends_with(".pyd");
            let foreign = names.iter().filter(modules).find(|name| !name.ends_with(".hpy0.so"));
            if names.iter().any(|name| name.ends_with(".hpy0.so")) && foreign.is_none() {
                return Ok(());
            }
        }
        let mut error = Error::refused(format!("{} cannot be installed here", file.file_name))
            .because(crate::tags::why_not(&self.environment, wheel));
        if self.environment.is_protopy() {
            for hint in crate::tags::alternatives() {
                error = error.hint(hint);
            }
        }
        Err(error)
    }

    fn check_out(&self, source: &DirectSource, vcs: &crate::requirements::Vcs) -> Result<(Tree, Value)> {
        if vcs.kind != "git" {
            return Err(Error::usage(format!("repositories of kind '{}' are not supported, only git is", vcs.kind)));
        }
        let folder = self.cache.temporary_folder()?;
        let place = folder.path().join("repository");
        let git = |arguments: &[&str], at: Option<&Path>| -> Result<String> {
            let mut command = Command::new("git");
            command.args(arguments).stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0");
            if let Some(at) = at {
                command.current_dir(at);
            }
            let output = command.output().map_err(|error| Error::failed("cannot run git").because(error))?;
            if !output.status.success() {
                let text = String::from_utf8_lossy(&output.stderr);
                return Err(Error::network(format!("git {} failed", arguments[0])).because(text.trim()));
            }
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        self.progress.step(&format!("cloning {}", shown(&source.url)));
        let place_text = place.display().to_string();
        // "--" keeps an address from being read as an option.
        git(&["clone", "--quiet", "--filter=blob:none", "--", source.url.as_str(), &place_text], None)?;
        if let Some(reference) = &vcs.reference {
            if reference.starts_with('-') {
                return Err(Error::usage(format!("'{reference}' is no reference")));
            }
            if git(&["checkout", "--quiet", reference], Some(&place)).is_err() {
                git(&["fetch", "--quiet", "origin", reference], Some(&place))?;
                git(&["checkout", "--quiet", "FETCH_HEAD"], Some(&place))?;
            }
        }
        let commit = git(&["rev-parse", "HEAD"], Some(&place))?;
        let mut info = json!({"vcs": vcs.kind, "commit_id": commit});
        if let Some(reference) = &vcs.reference {
            info["requested_revision"] = reference.clone().into();
        }
        let key = Some(format!("{} {commit}", shown(&source.url)));
        Ok((Tree { folder: place, key, editable: false, _guard: Some(Arc::new(folder)) }, info))
    }

    fn unpacked(&self, archive: &Path, sha256: Option<String>) -> Result<Tree> {
        let folder = self.cache.temporary_folder()?;
        let project = unpack::unpack(archive, folder.path())?;
        Ok(Tree { folder: project, key: sha256, editable: false, _guard: Some(Arc::new(folder)) })
    }

    /// A source package of an index, unpacked once.
    fn source_tree(&self, file: &DistFile) -> Result<Tree> {
        self.trees.get(&file.url.to_string(), || {
            let (archive, sha256) = self.registry.fetcher.source(file)?;
            self.unpacked(&archive, Some(sha256))
        })
    }

    /// The metadata of a source package of an index.
    pub fn source_metadata(&self, file: &DistFile) -> Result<Arc<CoreMetadata>> {
        self.metadata.get(&file.url.to_string(), || {
            if let Some(sha256) = file.sha256()
                && let Some(known) = self.kept_metadata(sha256)
            {
                return Ok(known);
            }
            let metadata = self.tree_metadata(&self.source_tree(file)?)?;
            if metadata.name != *file.name() || metadata.version != *file.version() {
                return Err(Error::refused(format!(
                    "{} calls itself {} {} in its metadata",
                    file.file_name, metadata.name, metadata.version
                )));
            }
            Ok(metadata)
        })
    }

    /// A wheel built from a source package of an index.
    pub fn source_wheel(&self, file: &DistFile) -> Result<StoredWheel> {
        self.wheels.get(&file.url.to_string(), || {
            if let Some(stored) = file.sha256().and_then(|sha256| self.kept_wheel(sha256)) {
                return Ok(stored);
            }
            let (_, sha256) = self.registry.fetcher.source(file)?;
            if let Some(stored) = self.kept_wheel(&sha256) {
                return Ok(stored);
            }
            self.source_tree(file)
                .and_then(|tree| self.tree_wheel(&tree))
                .map_err(|error| error.within(format!("cannot build {}", file.file_name)))
        })
    }

    pub fn direct_wheel(&self, direct: &Direct) -> Result<StoredWheel> {
        match &direct.how {
            How::Wheel(stored) => Ok((**stored).clone()),
            How::Tree(tree) => direct.built.get_or_init(|| self.tree_wheel(tree)).clone(),
        }
    }

    fn keep_folder(&self, key: &str) -> Result<PathBuf> {
        // A wheel fits the interpreter that built it, not others.
        let who =
            format!("{key} {} {} {:?}", self.environment.implementation, self.environment.python_minor(), self.config_settings);
        Ok(self.cache.folder("built")?.join(hex(&Sha256::digest(who.as_bytes()))))
    }

    fn kept_metadata(&self, key: &str) -> Option<Arc<CoreMetadata>> {
        let text = std::fs::read_to_string(self.keep_folder(key).ok()?.join("METADATA")).ok()?;
        CoreMetadata::parse(&text).ok().map(Arc::new)
    }

    fn kept_wheel(&self, key: &str) -> Option<StoredWheel> {
        let bytes = std::fs::read(self.keep_folder(key).ok()?.join("built.json")).ok()?;
        let built: Built = serde_json::from_slice(&bytes).ok()?;
        self.cache.find(&built.sha256)
    }

    fn keep(&self, tree: &Tree, name: &str, bytes: &[u8]) {
        let write = |key: &str| -> Result<()> {
            let folder = self.keep_folder(key)?;
            std::fs::create_dir_all(&folder).map_err(|error| Error::io("cannot make", &folder, error))?;
            let place = folder.join(name);
            let mut temporary =
                tempfile::NamedTempFile::new_in(&folder).map_err(|error| Error::io("cannot write in", &folder, error))?;
            std::io::Write::write_all(&mut temporary, bytes).map_err(|error| Error::io("cannot write", &place, error))?;
            temporary.persist(&place).map_err(|error| Error::io("cannot write", &place, error.error))?;
            Ok(())
        };
        // Not keeping only costs time.
        if let Some(key) = tree.key.as_ref().filter(|_| !tree.editable) {
            let _ = write(key);
        }
    }

    fn tree_metadata(&self, tree: &Tree) -> Result<Arc<CoreMetadata>> {
        if let Some(known) = tree.key.as_ref().and_then(|key| self.kept_metadata(key)) {
            return Ok(known);
        }
        let text = match static_metadata(tree) {
            Some(text) => text,
            None => self.asked_metadata(tree)?,
        };
        let metadata = CoreMetadata::parse(&text)?;
        self.keep(tree, "METADATA", metadata.to_text().as_bytes());
        Ok(Arc::new(metadata))
    }

    /// Metadata by running the backend.
    fn asked_metadata(&self, tree: &Tree) -> Result<String> {
        let mut workshop = self.workshop(tree)?;
        let out = workshop.out("metadata")?;
        let hook = if tree.editable { "prepare_metadata_for_build_editable" } else { "prepare_metadata_for_build_wheel" };
        let arguments = json!([out, self.settings_value()]);
        if let Some(value) = self.run(&workshop, tree, hook, arguments)? {
            let name = value.as_str().ok_or_else(|| Error::build(format!("{hook} gave no folder")))?;
            let file = out.join(Path::new(name).file_name().unwrap_or_default()).join("METADATA");
            let text =
                std::fs::read_to_string(&file).map_err(|error| Error::build("the backend wrote no METADATA").because(error));
            locked(&self.shelf).insert(tree.folder.clone(), workshop);
            return text;
        }
        self.build_in(&mut workshop, tree)?.metadata_text()
    }

    fn tree_wheel(&self, tree: &Tree) -> Result<StoredWheel> {
        if let Some(stored) = tree.key.as_ref().filter(|_| !tree.editable).and_then(|key| self.kept_wheel(key)) {
            return Ok(stored);
        }
        let mut workshop = self.workshop(tree)?;
        self.build_in(&mut workshop, tree)
    }

    fn build_in(&self, workshop: &mut Workshop, tree: &Tree) -> Result<StoredWheel> {
        let out = workshop.out("wheel")?;
        let hook = if tree.editable { "build_editable" } else { "build_wheel" };
        let name = tree.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.progress.step(&format!("building {name}"));
        self.ui.detail(format!("building {name} in {}", tree.folder.display()));
        let value = self.run(workshop, tree, hook, json!([out, self.settings_value(), Value::Null]))?.ok_or_else(|| {
            let error = Error::build(format!("the build backend '{}' has no {hook}", workshop.backend));
            if tree.editable {
                error.hint("install it without -e, or ask its authors for a backend that knows PEP 660")
            } else {
                error
            }
        })?;
        let file_name = value.as_str().and_then(|name| Path::new(name).file_name()?.to_str()).map(str::to_owned);
        let file_name = file_name.ok_or_else(|| Error::build(format!("{hook} gave no file name")))?;
        let path = out.join(&file_name);
        let wheel = WheelName::parse(&file_name)?;
        let file = DistFile {
            file_name: file_name.clone(),
            url: Url::from_file_path(&path).map_err(|()| Error::build("the wheel lies nowhere"))?,
            kind: FileKind::Wheel(wheel.clone()),
            hashes: Vec::new(),
            size: None,
            requires_python: None,
            yanked: None,
            core_metadata: None,
            upload_time: None,
        };
        self.require_fit(&file)?;
        let sha256 = sums_of(&path, &file_name, &[])?;
        let stored = self.cache.add_wheel(&path, &wheel, &sha256, &self.registry.fetcher.limits)?;
        if let Ok(bytes) = std::fs::read(&path) {
            self.keep(tree, &file_name, &bytes);
        }
        if let Ok(text) = serde_json::to_vec(&Built { file_name, sha256 }) {
            self.keep(tree, "built.json", &text);
        }
        Ok(stored)
    }

    /// The wheel file of a built source package, for `protopip wheel`.
    pub fn kept_file(&self, sha256_of_source: &str) -> Option<PathBuf> {
        let folder = self.keep_folder(sha256_of_source).ok()?;
        let built: Built = serde_json::from_slice(&std::fs::read(folder.join("built.json")).ok()?).ok()?;
        Some(folder.join(built.file_name)).filter(|path| path.is_file())
    }

    pub fn direct_file(&self, direct: &Direct) -> Option<PathBuf> {
        match &direct.how {
            How::Wheel(_) => None,
            How::Tree(tree) => self.kept_file(tree.key.as_ref()?),
        }
    }

    /// Builds a project's wheel into `out`; for what the cache keeps no file of.
    pub fn build_to(&self, direct: &Direct, out: &Path) -> Result<PathBuf> {
        let How::Tree(tree) = &direct.how else { return Err(Error::failed("it is a wheel already")) };
        let workshop = self.workshop(tree)?;
        let value = self.run(&workshop, tree, "build_wheel", json!([out, self.settings_value(), Value::Null]))?;
        let name = value.as_ref().and_then(Value::as_str).and_then(|name| Path::new(name).file_name());
        Ok(out.join(name.ok_or_else(|| Error::build("build_wheel gave no file name"))?))
    }

    fn settings_value(&self) -> Value {
        if self.config_settings.is_empty() {
            return Value::Null;
        }
        let mut map = serde_json::Map::new();
        for (key, value) in &self.config_settings {
            match map.get_mut(key) {
                None => {
                    map.insert(key.clone(), value.clone().into());
                }
                Some(Value::Array(list)) => list.push(value.clone().into()),
                Some(other) => *other = json!([other.clone(), value]),
            }
        }
        Value::Object(map)
    }

    /// A place to build in: an environment with the build requirements.
    fn workshop(&self, tree: &Tree) -> Result<Workshop> {
        if let Some(workshop) = locked(&self.shelf).remove(&tree.folder) {
            return Ok(workshop);
        }
        let file = tree.folder.join("pyproject.toml");
        let system = if file.is_file() { read_project(&file)?.build_system()? } else { None };
        let (requires, backend, backend_path) = system.unwrap_or_else(|| (vec!["setuptools>=40.8.0".into()], None, Vec::new()));
        let backend = backend.unwrap_or_else(|| "setuptools.build_meta:__legacy__".into());
        let folder = self.cache.temporary_folder()?;
        let hook = folder.path().join("hook.py");
        std::fs::write(&hook, HOOK).map_err(|error| Error::io("cannot write", &hook, error))?;
        let environment = if self.no_isolation { self.environment.clone() } else { self.new_environment(folder.path())? };
        let workshop = Workshop { folder, hook, environment, backend, backend_path };
        self.equip(&workshop, &requires)?;
        self.require_for(tree, &workshop)?;
        Ok(workshop)
    }

    fn new_environment(&self, folder: &Path) -> Result<Environment> {
        if self.depth >= DEEPEST {
            return Err(Error::build("build requirements need each other to be built")
                .hint("--only-binary for one of them ends the ring"));
        }
        // The interpreter itself, also where files are to go to another folder.
        let base = interpreter::find(Some(&self.environment.python.display().to_string()), &Place::Environment, None)?;
        venv::create(&venv::Options {
            path: folder.join("environment"),
            base,
            prompt: None,
            system_site_packages: false,
            copies: false,
            clear: false,
            upgrade: false,
            pip: None,
        })
        .map_err(|error| error.within("cannot make an environment to build in").with_code(crate::ExitCode::Build))
    }

    /// Installs build requirements.
    fn equip(&self, workshop: &Workshop, requires: &[String]) -> Result<()> {
        if self.no_isolation || requires.is_empty() {
            return Ok(());
        }
        let mut request = Request { constraints: self.build_constraints.clone(), fetch_ahead: true, ..Request::default() };
        for text in requires {
            request.wanted.push(
                Wanted::parse(text, false, Path::new("/"), "build requirements")
                    .map_err(|error| error.with_code(crate::ExitCode::Build))?,
            );
        }
        self.ui.detail(format!("build requirements: {}", requires.join(", ")));
        let inner = Builder {
            depth: self.depth + 1,
            build_constraints: self.build_constraints.clone(),
            exclude_newer: self.exclude_newer.clone(),
            ..Builder::new(
                self.registry.clone(),
                workshop.environment.clone(),
                self.cache.clone(),
                self.ui.clone(),
                self.progress.clone(),
            )
        };
        let rules = Rules {
            environment: workshop.environment.clone(),
            settings: self.registry.settings.clone(),
            ranks: Ranks::new(&workshop.environment.tags),
            hashes: Default::default(),
            exclude_newer: self.exclude_newer.clone(),
            lowest: false,
            look_inside: workshop.environment.is_protopy(),
        };
        let needed = |error: Error| error.within("cannot get the build requirements").with_code(crate::ExitCode::Build);
        let chosen = solve(&self.registry, &inner, Arc::new(rules), &request).map_err(needed)?;
        let brought = bring::all(&self.registry, &inner, &chosen).map_err(needed)?;
        let add = brought
            .into_iter()
            .map(|(chosen, stored)| Addition {
                name: chosen.name.clone(),
                version: chosen.version.clone(),
                stored,
                requested: true,
                direct_url: None,
            })
            .collect();
        Plan { add, ..Plan::default() }.execute(&workshop.environment).map_err(needed)?;
        Ok(())
    }

    /// Asks the backend what more it needs, and gets that.
    fn require_for(&self, tree: &Tree, workshop: &Workshop) -> Result<()> {
        let hook = if tree.editable { "get_requires_for_build_editable" } else { "get_requires_for_build_wheel" };
        if let Some(value) = self.run(workshop, tree, hook, json!([self.settings_value()]))? {
            let more: Vec<String> =
                serde_json::from_value(value).map_err(|error| Error::build(format!("{hook} gave no list")).because(error))?;
            self.equip(workshop, &more)?;
        }
        Ok(())
    }

    /// Runs a hook. `None`: the backend does not have it.
    fn run(&self, workshop: &Workshop, tree: &Tree, hook: &str, arguments: Value) -> Result<Option<Value>> {
        let question = json!({
            "backend": workshop.backend,
            "backend_path": workshop.backend_path,
            "hook": hook,
            "arguments": arguments,
        });
        let answer = workshop.folder.path().join("answer.json");
        let _ = std::fs::remove_file(&answer);
        let mut path = vec![workshop.environment.paths.scripts.clone()];
        path.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
        let path = std::env::join_paths(path).map_err(|error| Error::build("PATH cannot be set").because(error))?;
        let output = Command::new(&workshop.environment.python)
            .arg("-I")
            .arg(&workshop.hook)
            .arg(question.to_string())
            .arg(&answer)
            .current_dir(&tree.folder)
            .env("PATH", path)
            .env("VIRTUAL_ENV", &workshop.environment.prefix)
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Error::build("cannot run the interpreter").because(error))?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        if self.ui.level >= 1 && !text.trim().is_empty() {
            self.ui.detail(text.trim_end());
        }
        let failed = |why: &str| {
            let error = Error::build(format!("{why} ({hook} of {})", workshop.backend)).because(last_lines(&text, 25));
            if self.ui.level < 1 { error.hint("-v shows all that the build says") } else { error }
        };
        if !output.status.success() {
            return Err(failed("the build failed"));
        }
        let bytes = std::fs::read(&answer).map_err(|_| failed("the build gave no answer"))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| failed("the build gave a strange answer"))?;
        match value["state"].as_str() {
            Some("done") => Ok(Some(value["value"].clone())),
            Some("no-hook") => Ok(None),
            _ => Err(failed("the build backend cannot be imported")),
        }
    }
}

/// A place to build in.
struct Workshop {
    folder: TempDir,
    hook: PathBuf,
    environment: Environment,
    backend: String,
    backend_path: Vec<String>,
}

impl Workshop {
    fn out(&self, name: &str) -> Result<PathBuf> {
        let out = self.folder.path().join(name);
        std::fs::create_dir_all(&out).map_err(|error| Error::io("cannot make", &out, error))?;
        Ok(out)
    }
}

/// Metadata that can be had without running anything: a PKG-INFO that vouches for itself (PEP 643), or a static `[project]`.
fn static_metadata(tree: &Tree) -> Option<String> {
    if tree.key.is_some()
        && let Ok(text) = std::fs::read_to_string(tree.folder.join("PKG-INFO"))
        && let Ok(metadata) = Metadata::parse(&text)
    {
        let minor: u32 = metadata.metadata_version.strip_prefix("2.").and_then(|minor| minor.trim().parse().ok()).unwrap_or(0);
        let dynamic = metadata.dynamic.iter().any(|field| {
            matches!(field.to_ascii_lowercase().as_str(), "requires-dist" | "requires-python" | "provides-extra" | "version")
        });
        if minor >= 2 && !dynamic {
            return Some(text);
        }
    }
    read_project(&tree.folder.join("pyproject.toml")).ok()?.static_metadata()
}

fn direct_file(source: &DirectSource) -> Result<DistFile> {
    let name = source.url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or("");
    let file_name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    let kind = match page::kind_of(&file_name, None) {
        Some(kind) => kind,
        None if file_name.ends_with(".whl") => FileKind::Wheel(WheelName::parse(&file_name)?),
        // An archive of any name (`main.zip`): what it is turns out inside.
        None if [".tar.gz", ".tgz", ".zip"].iter().any(|ending| file_name.ends_with(ending)) => {
            FileKind::Source { name: crate::resolve::package_name("unknown")?, version: crate::model::Version::new([0u64]) }
        }
        None => {
            return Err(Error::usage(format!("'{file_name}' is neither a wheel nor a source package"))
                .hint("wheels end in .whl, source packages in .tar.gz or .zip; for a repository write git+https://..."));
        }
    };
    Ok(DistFile {
        file_name,
        url: source.url.clone(),
        kind,
        hashes: source.hashes.clone(),
        size: None,
        requires_python: None,
        yanked: None,
        core_metadata: None,
        upload_time: None,
    })
}

fn archive_info(sha256: &str) -> Value {
    json!({"hash": format!("sha256={sha256}"), "hashes": {"sha256": sha256}})
}

/// The address as it may be written down: without login.
fn public_url(url: &Url) -> String {
    let text = shown(url);
    // Folders are named without the slash at their end.
    if url.scheme() == "file" { text.trim_end_matches('/').to_owned() } else { text }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
