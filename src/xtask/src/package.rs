//! The wheel: built by maturin from `pyproject.toml`, and tried in a fresh environment of the host's Python.

use crate::Outcome;
use crate::files;
use crate::flags::Flags;
use crate::house::{self, House, Profile};
use std::path::Path;
use std::process::Command;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let install = flags.switch("--install");
    flags.rest()?;
    let dist = house.path("dist");
    let _ = std::fs::remove_dir_all(&dist);
    // The library's files are laid out by crate pylib's build script; maturin packs them from below `target`.
    house.build_protopy(Profile::Release)?;
    let venv = house.scratch("package")?.join("venv");
    let _ = std::fs::remove_dir_all(&venv);
    house::run(Command::new(house.helper_python()?).args(["-m", "venv"]).arg(&venv), "making an environment")?;
    let bin = venv.join("bin");
    house::run(Command::new(bin.join("pip")).args(["install", "--quiet", "maturin>=1.16,<2"]), "installing maturin")?;
    let mut build = Command::new(bin.join("maturin"));
    build.current_dir(&house.root).args(["build", "--release", "--locked", "--out"]).arg(&dist);
    house::run(&mut build, "maturin")?;
    for wheel in files::below(&dist, &[".whl"]) {
        let size = std::fs::metadata(&wheel).map_or(0, |data| data.len());
        println!("{}: {:.1} MB", house.shown(&wheel), size as f64 / 1e6);
        if install {
            house::run(
                Command::new(bin.join("pip")).args(["install", "--quiet", "--force-reinstall"]).arg(&wheel),
                "installing the wheel",
            )?;
            try_it(&bin)?;
        }
    }
    Ok(())
}

fn try_it(bin: &Path) -> Outcome {
    let program = "import json, sys; print(json.dumps({'prefix': sys.prefix, 'name': sys.implementation.name}))";
    house::run(Command::new(bin.join("protopy")).args(["-c", program]), "the installed protopy")
}
