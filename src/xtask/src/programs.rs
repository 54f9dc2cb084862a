//! Programs that stand for ordinary ones, and running them for what a tool learns from it. Must not know: the tools.

use crate::house::House;
use crate::{Outcome, files, snippets};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The snippets and the repository's benchmark programs.
pub fn ordinary(house: &House) -> Vec<PathBuf> {
    let mut programs = snippets::select(house, &[]);
    programs.extend(files::below(&house.path("benches/programs"), &[".py"]));
    programs
}

/// Runs a command in a folder. What it prints and how it ends does not matter, only that it starts.
pub fn run_silently(command: &mut Command, folder: &Path) -> Outcome {
    let name = command.get_program().to_owned();
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().map(|_| ()).map_err(|error| format!("{}: {error}", name.display()))
}
