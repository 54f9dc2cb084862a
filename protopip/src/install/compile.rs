//! Byte code for freshly laid out modules, by the environment's own interpreter in as many processes as there are processors.
//! Must not know: what byte code looks like.

use crate::{Error, Result};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Fewer files are not worth another process.
const FILES_PER_PROCESS: usize = 40;

/// Compiles `sources`, which lie below `stage` and will lie below `target`: tracebacks must name the latter. Files that do not compile
/// (templates, code for other versions) are passed over, as every installer does.
pub fn compile(python: &Path, sources: &[PathBuf], stage: &Path, target: &Path) -> Result<()> {
    if sources.is_empty() {
        return Ok(());
    }
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    let processes = sources.len().div_ceil(FILES_PER_PROCESS).clamp(1, most);
    // Dealt out like cards: large files of one package lie together.
    let hands = (0..processes).map(|first| sources.iter().skip(first).step_by(processes).collect::<Vec<_>>());
    let failed = |error: std::io::Error| Error::io("cannot compile with", python, error);
    let children: Vec<Child> = hands.map(|hand| start(python, &hand, stage, target).map_err(failed)).collect::<Result<_>>()?;
    for mut child in children {
        let status = child.wait().map_err(failed)?;
        // 1 means that some file did not compile.
        if !matches!(status.code(), Some(0 | 1)) {
            return Err(Error::failed(format!("{} could not compile the modules", python.display())).because(status));
        }
    }
    Ok(())
}

fn start(python: &Path, sources: &[&PathBuf], stage: &Path, target: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(python);
    command.args(["-I", "-W", "ignore", "-m", "compileall", "-q", "-i", "-", "-s"]).arg(stage).arg("-p").arg(target);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut list = Vec::new();
    for source in sources {
        list.extend_from_slice(source.as_os_str().as_bytes());
        list.push(b'\n');
    }
    if let Some(mut input) = child.stdin.take() {
        // A process that died early is found by its status.
        let _ = input.write_all(&list);
    }
    Ok(child)
}
