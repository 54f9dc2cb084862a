//! A list of renames that is written down before the first one is done, so that whoever comes after a killed process can undo them.
//!
//! Numbered rules that recovery rests on:
//! 1. The journal appears by a rename, whole, before the first step is done. It is not synced to the disk: that would take as long as the
//!    installation, and is needed for power cuts only, which leave unsynced packages broken anyway.
//! 2. Steps are done in order: first every `Away`, then `Folder` and `Place`. They are undone in reverse.
//! 3. The target of a `Place` or `Folder` does not exist when it is done: what was there has been moved `Away`.
//! 4. A rename is done or not done: it is done exactly if its source is gone.
//! 5. Renaming the journal to `done` is the moment of success; from then on only rubbish is left to remove: what was moved away, and folders
//!    that became empty (`empty` lines: a dist-info folder without files would look like a package).
//! 6. Undoing may itself be killed: each undone step looks like one never done.
//!
//! Must not know: packages, what the files are.

use crate::files::{exists, remove_all};
use crate::{Error, Result};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Moves a file of the environment out of the way.
    Away { from: PathBuf, to: PathBuf },
    /// Makes one folder.
    Folder { path: PathBuf },
    /// Moves a file or a whole folder into the environment.
    Place { from: PathBuf, to: PathBuf },
}

/// What the journal's file says.
#[derive(Debug, Default)]
struct Journal {
    steps: Vec<Step>,
    /// Folders that go after success if they are empty, inner ones first.
    empty: Vec<PathBuf>,
}

/// The place for everything that a transaction needs, inside the environment.
#[derive(Debug, Clone)]
pub struct StateFolder {
    path: PathBuf,
    /// Paths below this are stored relative to it, so that an environment may be moved between a crash and its repair.
    root: PathBuf,
}

impl StateFolder {
    pub const NAME: &'static str = ".protopip";

    pub fn of(root: &Path) -> StateFolder {
        StateFolder { path: root.join(Self::NAME), root: root.to_owned() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    pub fn stage(&self) -> PathBuf {
        self.path.join("stage")
    }

    pub fn trash(&self) -> PathBuf {
        self.path.join("trash")
    }

    fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    fn done(&self) -> PathBuf {
        self.path.join("done")
    }

    /// Brings the environment into a sound state if the last transaction did not end. Says whether there was something to undo.
    pub fn recover(&self) -> Result<bool> {
        let undo = !exists(&self.done()) && exists(&self.journal());
        if undo {
            let data = std::fs::read(self.journal()).map_err(|error| Error::io("cannot read", &self.journal(), error))?;
            let journal = self.parse(&data).ok_or_else(|| {
                Error::environment(format!("{} is damaged", self.journal().display()))
                    .hint("the environment may be incomplete; make it anew")
            })?;
            undo_steps(&journal.steps)?;
        }
        self.sweep()?;
        Ok(undo)
    }

    /// Removes everything of the last transaction, the journal first (it must not outlive what it speaks of).
    fn sweep(&self) -> Result<()> {
        if let Some(journal) = std::fs::read(self.done()).ok().and_then(|data| self.parse(&data)) {
            for folder in journal.empty {
                // Not empty: somebody's files are in it.
                let _ = std::fs::remove_dir(folder);
            }
        }
        // `done` goes last: as long as it is there, nobody undoes anything.
        remove_all(&self.journal())?;
        remove_all(&self.path.join("journal.new"))?;
        remove_all(&self.stage())?;
        remove_all(&self.trash())?;
        remove_all(&self.done())
    }

    /// Does all steps or none.
    pub fn perform<'a>(&self, steps: &'a [Step], empty: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
        self.perform_until(steps, empty, usize::MAX)
    }

    /// The same, but stops after so many steps as if the process had been killed: for tests of recovery.
    fn perform_until<'a>(&self, steps: &'a [Step], empty: impl Iterator<Item = &'a PathBuf>, limit: usize) -> Result<()> {
        debug_assert!(
            steps.iter().skip_while(|step| matches!(step, Step::Away { .. })).all(|step| !matches!(step, Step::Away { .. }))
        );
        std::fs::create_dir_all(self.trash()).map_err(|error| Error::io("cannot make folder", &self.trash(), error))?;
        self.write(steps, empty)?;
        for (count, step) in steps.iter().enumerate() {
            if count == limit {
                return Ok(());
            }
            if let Err(error) = perform_step(step) {
                undo_steps(steps)?;
                self.sweep()?;
                return Err(error);
            }
        }
        if limit == steps.len() {
            return Ok(());
        }
        std::fs::rename(self.journal(), self.done()).map_err(|error| Error::io("cannot finish", &self.done(), error))
    }

    /// After `perform`: what is left of the transaction goes.
    pub fn finish(&self) -> Result<()> {
        self.sweep()
    }

    fn write<'a>(&self, steps: &'a [Step], empty: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
        let mut data = Vec::new();
        let lines = steps.iter().map(|step| match step {
            Step::Away { from, to } => ("away", vec![from, to]),
            Step::Folder { path } => ("folder", vec![path]),
            Step::Place { from, to } => ("place", vec![from, to]),
        });
        for (kind, paths) in lines.chain(empty.map(|path| ("empty", vec![path]))) {
            data.extend_from_slice(kind.as_bytes());
            for path in paths {
                data.push(b'\t');
                escape(path.strip_prefix(&self.root).unwrap_or(path).as_os_str(), &mut data);
            }
            data.push(b'\n');
        }
        data.extend_from_slice(format!("end\t{}\n", steps.len()).as_bytes());
        let new = self.path.join("journal.new");
        let write = || std::fs::write(&new, &data).and_then(|()| std::fs::rename(&new, self.journal()));
        write().map_err(|error| Error::io("cannot write", &new, error))
    }

    fn parse(&self, data: &[u8]) -> Option<Journal> {
        let Journal { mut steps, mut empty } = Journal::default();
        for line in data.split(|&byte| byte == b'\n') {
            let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
            let path = |field: &[u8]| Some(self.root.join(unescape(field)?));
            match fields.as_slice() {
                [b"away", from, to] => steps.push(Step::Away { from: path(from)?, to: path(to)? }),
                [b"folder", name] => steps.push(Step::Folder { path: path(name)? }),
                [b"place", from, to] => steps.push(Step::Place { from: path(from)?, to: path(to)? }),
                [b"empty", name] => empty.push(path(name)?),
                [b"end", count] => return (*count == steps.len().to_string().as_bytes()).then_some(Journal { steps, empty }),
                _ => return None,
            }
        }
        None
    }
}

fn escape(text: &OsStr, out: &mut Vec<u8>) {
    for &byte in text.as_bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            _ => out.push(byte),
        }
    }
}

fn unescape(text: &[u8]) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'\\' => b'\\',
                b't' => b'\t',
                b'n' => b'\n',
                _ => return None,
            },
            _ => byte,
        });
    }
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

fn perform_step(step: &Step) -> Result<()> {
    match step {
        Step::Away { from, to } | Step::Place { from, to } => {
            move_file(from, to).map_err(|error| Error::io("cannot write", to, error))
        }
        Step::Folder { path } => std::fs::create_dir(path).map_err(|error| Error::io("cannot make folder", path, error)),
    }
}

fn undo_steps(steps: &[Step]) -> Result<()> {
    // Rule 3 holds only once everything has been moved away (see `undo_place`).
    let all_away = steps.iter().all(|step| match step {
        Step::Away { to, .. } => exists(to),
        _ => true,
    });
    for step in steps.iter().rev() {
        let undone = match step {
            Step::Place { from, to } => undo_place(from, to, all_away),
            Step::Folder { path } => match std::fs::remove_dir(path) {
                Err(error)
                    if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory) =>
                {
                    Err(error)
                }
                _ => Ok(()),
            },
            Step::Away { from, to } => undo_away(from, to),
        };
        if let Err(error) = undone {
            return Err(Error::environment("an interrupted installation cannot be undone")
                .because(error)
                .hint("make the environment anew"));
        }
    }
    Ok(())
}

fn undo_place(from: &Path, to: &Path, all_away: bool) -> std::io::Result<()> {
    match (exists(from), exists(to)) {
        (false, true) => move_file(to, from),
        // Killed inside `move_file` across file systems: the copy is complete, the source not yet gone.
        (true, true) if all_away && to.is_file() => std::fs::remove_file(to),
        _ => Ok(()),
    }
}

fn undo_away(from: &Path, to: &Path) -> std::io::Result<()> {
    match (exists(from), exists(to)) {
        (false, true) => move_file(to, from),
        (true, true) => std::fs::remove_file(to),
        _ => Ok(()),
    }
}

/// A rename, or its equal between file systems for single files.
fn move_file(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices && !from.is_dir() => {
            let name = to.file_name().unwrap_or_default();
            let mut hidden = std::ffi::OsString::from(".protopip-");
            hidden.push(name);
            let near = to.with_file_name(hidden);
            std::fs::copy(from, &near)?;
            std::fs::rename(&near, to)?;
            std::fs::remove_file(from)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn snapshot(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![folder.to_owned()];
        while let Some(path) = open.pop() {
            for entry in std::fs::read_dir(&path).unwrap().flatten() {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                if name == StateFolder::NAME {
                    continue;
                }
                if entry.path().is_dir() {
                    found.insert(name, "folder".to_owned());
                    open.push(entry.path());
                } else {
                    found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
                }
            }
        }
        found
    }

    fn scene(root: &Path) -> (StateFolder, Vec<Step>) {
        let state = StateFolder::of(root);
        std::fs::create_dir_all(root.join("lib/old")).unwrap();
        std::fs::write(root.join("lib/old/a.py"), "old a").unwrap();
        std::fs::write(root.join("lib/tab\tname"), "old b").unwrap();
        std::fs::create_dir_all(state.stage().join("new/deep")).unwrap();
        std::fs::write(state.stage().join("a.py"), "new a").unwrap();
        std::fs::write(state.stage().join("new/deep/c.py"), "new c").unwrap();
        std::fs::write(state.stage().join("d"), "new d").unwrap();
        let steps = vec![
            Step::Away { from: root.join("lib/old/a.py"), to: state.trash().join("0") },
            Step::Away { from: root.join("lib/tab\tname"), to: state.trash().join("1") },
            Step::Folder { path: root.join("bin") },
            Step::Place { from: state.stage().join("a.py"), to: root.join("lib/old/a.py") },
            Step::Place { from: state.stage().join("new"), to: root.join("lib/new") },
            Step::Place { from: state.stage().join("d"), to: root.join("bin/d") },
        ];
        (state, steps)
    }

    #[test]
    fn every_interrupted_state_is_undone() {
        for limit in 0..=6 {
            let folder = tempfile::tempdir().unwrap();
            let (state, steps) = scene(folder.path());
            let before = snapshot(folder.path());
            state.perform_until(&steps, std::iter::empty(), limit).unwrap();
            // The environment may have been moved meanwhile.
            let moved = folder.path().with_extension("moved");
            std::fs::rename(folder.path(), &moved).unwrap();
            let state = StateFolder::of(&moved);
            assert!(state.recover().unwrap());
            assert_eq!(snapshot(&moved), before, "stopped after {limit} steps");
            assert!(!state.recover().unwrap());
            assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
            std::fs::rename(&moved, folder.path()).unwrap();
        }
    }

    #[test]
    fn success_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (state, steps) = scene(folder.path());
        let empty = [folder.path().join("lib/gone"), folder.path().join("lib")];
        std::fs::create_dir(&empty[0]).unwrap();
        state.perform(&steps, empty.iter()).unwrap();
        state.clone().recover().unwrap();
        let after = snapshot(folder.path());
        assert!(!after.contains_key("lib/gone"));
        assert_eq!(after["lib/old/a.py"], "new a");
        assert_eq!(after["lib/new/deep/c.py"], "new c");
        assert!(!after.contains_key("lib/tab\tname"));
        // Killed before the rubbish was removed.
        assert!(!state.recover().unwrap());
        assert_eq!(snapshot(folder.path()), after);
    }

    #[test]
    fn a_failing_step_undoes_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let (state, mut steps) = scene(folder.path());
        let before = snapshot(folder.path());
        steps.push(Step::Place { from: state.stage().join("absent"), to: folder.path().join("x") });
        assert!(state.perform(&steps, std::iter::empty()).is_err());
        assert_eq!(snapshot(folder.path()), before);
    }
}
