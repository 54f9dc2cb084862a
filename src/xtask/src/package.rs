//! The wheel: built through `pyproject.toml` as any installer does, and tried in a fresh environment of the host's Python.

use crate::Outcome;
use crate::files;
use crate::fixed_address;
use crate::flags::Flags;
use crate::house::{self, House};
use crate::pgo;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let install = flags.switch("--install");
    let source = flags.switch("--source");
    flags.rest()?;
    let wheel = build(house, None)?;
    if source {
        house::run(maturin(house)?.arg("sdist").arg("--out").arg(house.path("dist")), "building the source package")?;
    }
    for path in files::below(&house.path("dist"), &[".whl", ".tar.gz"]) {
        let size = std::fs::metadata(&path).map_or(0, |data| data.len());
        println!("{}: {:.1} MB", house.shown(&path), size as f64 / 1e6);
    }
    if install {
        let bin = environment(house, "installed")?;
        house::run(
            Command::new(bin.join("pip")).args(["install", "--quiet", "--force-reinstall"]).arg(&wheel),
            "installing the wheel",
        )?;
        try_it(&bin)?;
    }
    Ok(())
}

/// What a counting build found out.
pub struct Guides {
    /// How often what runs.
    pub counts: PathBuf,
    /// In which order functions are called, by names of `pgo::NAMES`.
    pub order: PathBuf,
}

/// Builds the wheel into `dist` and gives its path; guided by what a counting build found out, if there was one.
pub fn build(house: &House, guides: Option<&Guides>) -> Outcome<PathBuf> {
    let dist = house.path("dist");
    let _ = std::fs::remove_dir_all(&dist);
    let host = host_triple()?;
    let mut command = maturin(house)?;
    command.args(["build", "--profile", "dist", "--out"]).arg(&dist);
    let mut compiler = String::new();
    if let Some(guides) = guides {
        compiler = format!("{} -Cprofile-use={}", pgo::NAMES, guides.counts.display());
        command.env("PROTOPY_TEXT_ORDER", &guides.order);
    }
    fixed_address::prepare(&mut command, &host, &compiler)?;
    house::run(&mut command, "building the wheel")?;
    files::below(&dist, &[".whl"]).pop().ok_or_else(|| "no wheel was built".to_owned())
}

pub fn rustc(arguments: &[&str]) -> Outcome<String> {
    let output = Command::new("rustc").args(arguments).output().map_err(|error| format!("rustc: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

pub fn host_triple() -> Outcome<String> {
    let text = rustc(&["-vV"])?;
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).ok_or_else(|| "rustc names no host".to_owned())
}

/// The build tool that `pyproject.toml` asks for, in an environment of its own.
fn maturin(house: &House) -> Outcome<Command> {
    let bin = environment(house, "maturin")?;
    let program = bin.join("maturin");
    if !program.exists() {
        house::run(Command::new(bin.join("pip")).args(["install", "--quiet", "maturin>=1.16,<2"]), "installing maturin")?;
    }
    let mut command = Command::new(program);
    command.current_dir(&house.root);
    Ok(command)
}

fn environment(house: &House, name: &str) -> Outcome<PathBuf> {
    let folder = house.scratch("package")?.join(name);
    if !folder.join("bin/pip").exists() {
        house::run(Command::new(house.helper_python()?).args(["-m", "venv"]).arg(&folder), "making an environment")?;
    }
    Ok(folder.join("bin"))
}

fn try_it(bin: &Path) -> Outcome {
    let program = "import json, sys; print(json.dumps({'prefix': sys.prefix, 'name': sys.implementation.name}))";
    house::run(Command::new(bin.join("protopy")).args(["-c", program]), "the installed protopy")?;
    house::run(
        Command::new(bin.join("python")).args(["-m", "protopython", "-c", "print('found by its package')"]),
        "python -m protopython",
    )
}
