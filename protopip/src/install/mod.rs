//! Changing an environment: distributions go and come in one transaction. Everything new is laid out aside first; then a journal of renames
//! is written, the renames are done, and success is one more rename. A process killed at any moment leaves an environment that is either
//! untouched, or made whole by the next run, or finished.
//! Must not know: indexes, resolving, archives.

mod compile;
mod journal;
mod scripts;
mod stage;

pub use crate::files::LinkMode;
pub use scripts::shebang;
pub use stage::INSTALLER;

use crate::cache::StoredWheel;
use crate::environment::{Installed, installed};
use crate::files::{self, LockFile, lexical};
use crate::model::{Addition, Environment, PackageName, Version};
use crate::uninstall::{Territory, removal};
use crate::{Error, Result};
use journal::{StateFolder, Step};
use stage::Stage;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What is to go and what is to come.
#[derive(Debug, Default)]
pub struct Plan {
    pub remove: Vec<Installed>,
    pub add: Vec<Addition<StoredWheel>>,
    /// Writes byte code too.
    pub compile: bool,
    pub link: LinkMode,
    /// Refuses packages that run code at every start of the interpreter (`--no-exec-pth`).
    pub refuse_executing_pth: bool,
}

#[derive(Debug, Default)]
pub struct Report {
    pub removed: Vec<Installed>,
    pub added: Vec<Added>,
    pub files: u64,
    pub bytes: u64,
    /// What the user should know, one sentence each.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Added {
    pub name: PackageName,
    pub version: Version,
    pub files: u64,
}

/// Keeps other protopip processes from changing the environment. Taking it repairs what a killed process left.
#[derive(Debug)]
pub struct EnvironmentLock {
    root: PathBuf,
    state: StateFolder,
    repaired: bool,
    _lock: LockFile,
}

impl EnvironmentLock {
    /// `waiting` is called once if another process is at work.
    pub fn acquire(environment: &Environment, waiting: impl FnOnce()) -> Result<EnvironmentLock> {
        let root = state_root(environment);
        // A target, a user's library or another prefix may come into being now; an environment may not.
        if root != lexical(&environment.prefix) || environment.is_target {
            files::make_folders(&root)?;
        } else if !root.is_dir() {
            return Err(Error::environment(format!("there is no environment at {}", root.display())));
        }
        let state = StateFolder::of(&root);
        let lock = LockFile::acquire(&state.lock(), waiting).map_err(|error| error.with_code(crate::ExitCode::Environment))?;
        let repaired = state.recover()?;
        Ok(EnvironmentLock { root, state, repaired, _lock: lock })
    }

    /// The last installation had been interrupted and was undone.
    pub fn repaired(&self) -> bool {
        self.repaired
    }
}

/// The folder that holds a transaction's files: on the environment's file system, so that renames work.
fn state_root(environment: &Environment) -> PathBuf {
    let (prefix, library) = (lexical(&environment.prefix), lexical(&environment.paths.purelib));
    if environment.is_target || !library.starts_with(&prefix) { library } else { prefix }
}

/// Undoes an interrupted installation, if there is one and nobody is at work. Cheap otherwise: for commands that only read, and for those
/// that hold the lock already.
pub fn repair(environment: &Environment) -> Result<bool> {
    let state = StateFolder::of(&state_root(environment));
    if !files::exists(state.path()) {
        return Ok(false);
    }
    match LockFile::try_acquire(&state.lock())? {
        Some(_lock) => state.recover(),
        None => Ok(false),
    }
}

impl Plan {
    /// Changes the environment, or leaves it as it was.
    pub fn execute(&self, environment: &Environment) -> Result<Report> {
        let lock = EnvironmentLock::acquire(environment, || ())?;
        self.execute_locked(environment, &lock)
    }

    /// The same for a caller who has held the lock since the plan was made.
    pub fn execute_locked(&self, environment: &Environment, lock: &EnvironmentLock) -> Result<Report> {
        let result = self.change(environment, lock);
        // A failed layout leaves rubbish; a failed transaction has been undone already.
        let swept = lock.state.finish();
        let report = result?;
        swept?;
        Ok(report)
    }

    fn change(&self, environment: &Environment, lock: &EnvironmentLock) -> Result<Report> {
        self.check_pth()?;
        let mut report = Report::default();
        if lock.repaired {
            report.notes.push("an interrupted installation was undone first".to_owned());
        }
        report.removed = self.removals(environment)?;
        let mut territory = Territory::new(environment);
        let (mut away, mut folders) = (BTreeSet::new(), BTreeSet::new());
        for dist in &report.removed {
            let removal = removal(dist, &mut territory)?;
            away.extend(removal.files);
            folders.extend(removal.folders);
        }

        let mut stage = Stage::new(environment, &lock.state, &lock.root);
        let counts = stage.lay_out(self)?;
        let placing = stage.steps(&mut away)?;
        let trash = lock.state.trash();
        let away = away.into_iter().enumerate().map(|(index, from)| Step::Away { from, to: trash.join(index.to_string()) });
        let steps: Vec<Step> = away.chain(placing).collect();
        lock.state.perform(&steps, folders.iter().rev())?;

        for addition in &self.add {
            report.notes.extend(addition.stored.manifest.notes.iter().map(|note| format!("{} {note}", addition.name)));
        }
        report.notes.append(&mut stage.notes);
        (report.files, report.bytes) = (stage.files, stage.bytes);
        let added = self.add.iter().zip(counts);
        report.added = added
            .map(|(addition, files)| Added { name: addition.name.clone(), version: addition.version.clone(), files })
            .collect();
        Ok(report)
    }

    fn check_pth(&self) -> Result<()> {
        for addition in self.add.iter().filter(|_| self.refuse_executing_pth) {
            if let Some(file) = addition.stored.manifest.exec_pth.first() {
                return Err(Error::refused(format!(
                    "{} {} runs code at every start of the interpreter",
                    addition.name, addition.version
                ))
                .because(format!("{file} has a line that starts with import"))
                .hint("leave out --no-exec-pth if you trust it"));
            }
        }
        Ok(())
    }

    /// What goes, by what is there now: another process may have been at work since the plan was made.
    fn removals(&self, environment: &Environment) -> Result<Vec<Installed>> {
        let present = installed(environment)?;
        let goes = |dist: &Installed| {
            self.remove.iter().any(|wanted| wanted.dist_info == dist.dist_info)
                || self.add.iter().any(|addition| addition.name == dist.name)
        };
        Ok(present.into_iter().filter(goes).collect())
    }
}
