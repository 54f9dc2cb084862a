//! The workshop of the HPy commands: the published source package, a CPython with the setuptools that HPy's build system wants, a CPython
//! with the published HPy, and extensions compiled with them. Everything is fetched through pip and lies under `target/hpy-suite`.
//!
//! Must not know: what is done with it.

use crate::Outcome;
use crate::files;
use crate::house::{self, House};
use crate::process;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "hpy";
const VERSION: &str = "0.9.0";
const SETUPTOOLS: &str = "setuptools==75.8.0";
const TOOLS: &str = "tests/hpy";

/// The folder with everything that is made once.
pub struct Workshop {
    pub folder: PathBuf,
    pub tools: PathBuf,
    pub compiler: PathBuf,
}

impl Workshop {
    /// Downloads, unpacks and sets up what is not there yet.
    pub fn prepare(house: &House) -> Outcome<Workshop> {
        let folder = house.target().join("hpy-suite");
        std::fs::create_dir_all(folder.join("tests")).map_err(|error| format!("{}: {error}", folder.display()))?;
        let workshop = Workshop { tools: house.path(TOOLS), compiler: folder.join("venv/bin/python"), folder };
        workshop.environment(house)?;
        workshop.unpack()?;
        Ok(workshop)
    }

    /// A virtual environment with the setuptools that HPy's build system wants.
    fn environment(&self, house: &House) -> Outcome {
        let done = self.folder.join("venv/done");
        if done.exists() {
            return Ok(());
        }
        let python = match std::env::var("HPY_SUITE_PYTHON") {
            Ok(name) => house::find_program(&name)?,
            Err(_) => house.helper_python()?,
        };
        house::run(
            Command::new(&python).args(["-m", "venv", "--clear"]).arg(self.folder.join("venv")),
            "making a virtual environment",
        )?;
        let what = "installing setuptools from the package index";
        house::run(Command::new(&self.compiler).args(["-m", "pip", "install", "--quiet", SETUPTOOLS, "wheel"]), what)?;
        files::write(&done, "")
    }

    fn unpack(&self) -> Outcome {
        let name = format!("{PACKAGE}-{VERSION}");
        let source = self.folder.join(&name);
        let archive = self.folder.join(format!("{name}.tar.gz"));
        if !source.join("test/support.py").exists() {
            if !archive.exists() {
                let mut command = Command::new(&self.compiler);
                command.args(["-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps"]);
                // Its metadata is asked for with the setuptools of the environment: no further downloads.
                command.args(["--no-build-isolation", "--dest"]).arg(&self.folder).arg(format!("{PACKAGE}=={VERSION}"));
                let command = command.env("SETUPTOOLS_SCM_PRETEND_VERSION", VERSION);
                let tool = ["-m", "pip", "install", "--quiet", "setuptools-scm==8.1.0"];
                house::run(Command::new(&self.compiler).args(tool), "installing setuptools-scm from the package index")?;
                house::run(command, &format!("downloading the source package of {PACKAGE} {VERSION} from the package index"))?;
            }
            let mut command = Command::new("tar");
            command.arg("xzf").arg(&archive).arg("-C").arg(&self.folder);
            house::run(&mut command, "unpacking")?;
        }
        link(Path::new(&name), &self.folder.join("source"))?;
        link(Path::new("../source/test"), &self.folder.join("tests/test"))
    }

    /// A CPython with the published HPy, to compare with.
    pub fn reference(&self) -> Outcome<PathBuf> {
        let python = self.folder.join("reference/bin/python");
        if !self.folder.join("reference/done").exists() {
            let mut command = Command::new(&self.compiler);
            house::run(
                command.args(["-m", "venv", "--clear"]).arg(self.folder.join("reference")),
                "making a virtual environment",
            )?;
            let package = format!("{PACKAGE}=={VERSION}");
            let command = &mut Command::new(&python);
            house::run(command.args(["-m", "pip", "install", "--quiet", SETUPTOOLS, &package]), "installing the published HPy")?;
            files::write(&self.folder.join("reference/done"), "")?;
        }
        Ok(python)
    }

    /// An environment of protopy, with setuptools.
    pub fn own_environment(&self, python: &Path) -> Outcome<PathBuf> {
        let folder = self.folder.join("own");
        let (own, done) = (folder.join("bin/python"), folder.join("done"));
        let stamp = python.display().to_string();
        if std::fs::read_to_string(&done).is_ok_and(|old| old == stamp) {
            return Ok(own);
        }
        let mut command = Command::new(python);
        process::clean_environment(&mut command);
        house::run(command.args(["-m", "venv", "--clear"]).arg(&folder), "making an environment with protopy")?;
        let mut command = Command::new(&own);
        process::clean_environment(&mut command);
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", SETUPTOOLS]);
        house::run(&mut command, "installing setuptools with protopy")?;
        files::write(&done, &stamp)?;
        Ok(own)
    }

    /// Builds an extension of this repository for the universal ABI, anew if its files changed; the folder with the result.
    pub fn build(&self, from: &Path, name: &str) -> Outcome<PathBuf> {
        let folder = self.folder.join("extensions").join(name);
        let stamp = folder.join("stamp");
        let mut state = String::new();
        for path in files::below(from, &[".c", ".py", ".toml", ".md"]) {
            state.push_str(&files::read(&path)?);
        }
        if std::fs::read_to_string(&stamp).is_ok_and(|old| old == state) {
            return Ok(folder);
        }
        let _ = std::fs::remove_dir_all(&folder);
        files::copy_tree(from, &folder)?;
        let mut command = Command::new(&self.compiler);
        process::clean_environment(&mut command);
        // The package's own metadata tell setuptools of its commands.
        command.current_dir(&folder).env("PYTHONPATH", self.folder.join("source"));
        command.args(["setup.py", "--quiet", "--hpy-abi=universal", "build_ext", "--inplace"]);
        let output = command.output().map_err(|error| format!("building {name}: {error}"))?;
        if !output.status.success() {
            return Err(format!("building {name} failed:\n{}", String::from_utf8_lossy(&output.stderr)));
        }
        files::write(&stamp, &state)?;
        Ok(folder)
    }
}

/// A symbolic link, made anew unless it is there.
fn link(target: &Path, place: &Path) -> Outcome {
    if std::fs::read_link(place).is_ok_and(|found| found == target) {
        return Ok(());
    }
    let _ = std::fs::remove_file(place);
    std::os::unix::fs::symlink(target, place).map_err(|error| format!("{}: {error}", place.display()))
}
