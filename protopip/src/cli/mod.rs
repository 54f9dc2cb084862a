//! The command `protopip`: reads options, runs one command, gives the exit code. Each command has its file.

mod change;
mod context;
mod fetch;
mod inspect;
mod options;
mod other;

use crate::ui::{self, Ui};
use crate::{Error, ExitCode, Result};
use clap::Parser;
use clap::error::ErrorKind;
use options::{Command, Options};
use std::ffi::OsString;
use std::sync::Arc;

/// Runs the command line; gives the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => {
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::Success as u8,
                _ => ExitCode::Usage as u8,
            };
        }
    };
    let common = &options.common;
    let quiet = common.quiet + u8::from(common.json);
    // Unpacking and linking wait for the disk as much as for the processor: more hands than processors.
    let hands = std::thread::available_parallelism().map_or(4, std::num::NonZero::get).clamp(4, 16) * 2;
    let _ = rayon::ThreadPoolBuilder::new().num_threads(hands).build_global();
    let ui = Arc::new(Ui::new(common.verbose, quiet, common.json, common.no_color));
    match run(&options, &ui) {
        Ok(code) => code as u8,
        Err(error) => {
            ui::report(&error, common.json);
            error.code() as u8
        }
    }
}

fn run(options: &Options, ui: &Arc<Ui>) -> Result<ExitCode> {
    let common = &options.common;
    let done = |()| ExitCode::Success;
    match &options.command {
        Command::Install(arguments) => change::install(common, arguments, ui).map(done),
        Command::Uninstall(arguments) => change::uninstall(common, arguments, ui).map(done),
        Command::Sync(arguments) => change::sync(common, arguments, ui).map(done),
        Command::Lock(arguments) => fetch::lock(common, arguments, ui).map(done),
        Command::Download(arguments) => fetch::download(common, arguments, ui, false).map(done),
        Command::Wheel(arguments) => fetch::download(common, arguments, ui, true).map(done),
        Command::List(arguments) => inspect::list(common, arguments, ui).map(done),
        Command::Show(arguments) => inspect::show(common, arguments, ui).map(done),
        Command::Freeze(arguments) => inspect::freeze(common, arguments, ui).map(done),
        Command::Check(arguments) => inspect::check(common, arguments, ui),
        Command::Tree(arguments) => inspect::tree(common, arguments, ui).map(done),
        Command::Cache { what } => other::cache(common, what, ui).map(done),
        Command::Venv(arguments) => other::venv(common, arguments, ui).map(done),
        Command::Index { what } => other::index(common, what, ui).map(done),
    }
}

/// A file in a folder, written whole.
fn write_file(path: &std::path::Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let wrong = |error| Error::io("cannot write", path, error);
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    std::io::Write::write_all(&mut temporary, text.as_bytes()).map_err(wrong)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    temporary.as_file().set_permissions(mode).map_err(wrong)?;
    temporary.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}
