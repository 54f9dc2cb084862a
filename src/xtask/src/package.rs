//! The wheel: built through `pyproject.toml` as any installer does, and tried in a fresh environment of the host's Python.

use crate::Outcome;
use crate::files;
use crate::flags::Flags;
use crate::house::{self, House};
use std::path::Path;
use std::process::Command;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let install = flags.switch("--install");
    flags.rest()?;
    let dist = house.path("dist");
    let _ = std::fs::remove_dir_all(&dist);
    let venv = house.scratch("package")?.join("venv");
    let _ = std::fs::remove_dir_all(&venv);
    house::run(Command::new(house.helper_python()?).args(["-m", "venv"]).arg(&venv), "making an environment")?;
    let bin = venv.join("bin");
    let mut build = Command::new(bin.join("pip"));
    build.current_dir(&house.root).args(["wheel", "--quiet", "--no-deps", "--wheel-dir"]).arg(&dist).arg(".");
    house::run(&mut build, "building the wheel")?;
    for wheel in files::below(&dist, &[".whl"]) {
        let size = std::fs::metadata(&wheel).map_or(0, |data| data.len());
        println!("{}: {:.1} MB", house.shown(&wheel), size as f64 / 1e6);
        if install {
            house::run(Command::new(bin.join("pip")).args(["install", "--quiet"]).arg(&wheel), "installing the wheel")?;
            try_it(&bin)?;
        }
    }
    Ok(())
}

fn try_it(bin: &Path) -> Outcome {
    let program = "import json, sys; print(json.dumps({'prefix': sys.prefix, 'name': sys.implementation.name}))";
    house::run(Command::new(bin.join("protopy")).args(["-c", program]), "the installed protopy")?;
    house::run(
        Command::new(bin.join("python")).args(["-m", "protopython", "-c", "print('found by its package')"]),
        "python -m protopython",
    )
}
