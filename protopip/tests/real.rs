//! Against the world as it is: the index, pip, real packages. Slow, and needs the network, so it runs only when asked:
//! `cargo nextest run -p protopip --test real --run-ignored only`. `PROTOPIP_TEST_PYTHON` names the interpreter (default `python3`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use wheels_tests::WheelBuilder;

struct World {
    folder: TempDir,
}

impl World {
    fn new() -> World {
        World { folder: tempfile::tempdir().unwrap() }
    }

    fn interpreter() -> String {
        std::env::var("PROTOPIP_TEST_PYTHON").unwrap_or_else(|_| "python3".into())
    }

    fn environment(&self, with_pip: bool) -> PathBuf {
        let prefix = self.folder.path().join("env");
        let mut command = Command::new(Self::interpreter());
        command.args(["-m", "venv"]).arg(&prefix);
        if !with_pip {
            command.arg("--without-pip");
        }
        good(command.output().unwrap());
        prefix
    }

    fn protopip(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_protopip-alone"));
        command
            .args(arguments)
            .env("VIRTUAL_ENV", self.folder.path().join("env"))
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        command.output().unwrap()
    }

    fn python(&self, arguments: &[&str]) -> String {
        good(Command::new(self.folder.path().join("env/bin/python")).args(arguments).output().unwrap())
    }
}

fn good(output: Output) -> String {
    assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn files(prefix: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![prefix.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                // pip leaves folders outside the library behind when they are empty.
                open.push(path);
            } else if !path.to_string_lossy().contains("__pycache__") {
                // Byte code is that of the tools themselves.
                found.insert(path);
            }
        }
    }
    found
}

#[test]
#[ignore = "needs the index"]
fn real_packages_install_and_import() {
    let world = World::new();
    world.environment(false);
    good(world.protopip(&["install", "flask", "requests", "rich", "pytest", "sympy"]));
    world.python(&["-c", "import flask, requests, rich, pytest, sympy; assert str(sympy.sqrt(8)) == '2*sqrt(2)'"]);
    good(world.protopip(&["check"]));
    assert!(good(world.protopip(&["freeze"])).lines().count() >= 15);
    let pytest = Command::new(world.folder.path().join("env/bin/pytest")).arg("--version").output().unwrap();
    good(pytest);
    // The same from the cache alone.
    let again = World::new();
    again.environment(false);
    std::fs::rename(world.folder.path().join("cache"), again.folder.path().join("cache")).unwrap();
    good(again.protopip(&["install", "--offline", "flask", "requests", "rich", "pytest", "sympy"]));
    again.python(&["-c", "import flask, requests, rich, pytest, sympy"]);
}

#[test]
#[ignore = "needs a Python with pip"]
fn pip_and_protopip_remove_each_others_packages() {
    let world = World::new();
    let prefix = world.environment(true);
    let before = files(&prefix);
    let wheel = WheelBuilder::simple("shared-demo", "1.0")
        .script("shared-demo", "shared_demo:main")
        .data("data/share/shared/readme.txt", "x")
        .data("scripts/helper", "#!python\nprint('helped')\n")
        .build();
    let path = wheel.write_to(world.folder.path());
    let path = path.to_str().unwrap();

    good(world.protopip(&["install", "--no-index", path]));
    assert!(
        world.python(&["-m", "pip", "list"]).contains("shared-demo")
            || world.python(&["-m", "pip", "list"]).contains("shared_demo")
    );
    assert_eq!(good(Command::new(prefix.join("bin/helper")).output().unwrap()), "helped\n");
    world.python(&["-m", "pip", "check"]);
    world.python(&["-m", "pip", "uninstall", "-y", "shared-demo"]);
    let after = files(&prefix);
    assert!(after == before, "{:?}", after.symmetric_difference(&before).collect::<Vec<_>>());

    world.python(&["-m", "pip", "install", "--no-index", path]);
    assert!(good(world.protopip(&["list"])).contains("shared-demo"));
    good(world.protopip(&["uninstall", "-y", "shared-demo"]));
    let after = files(&prefix);
    assert!(after == before, "{:?}", after.symmetric_difference(&before).collect::<Vec<_>>());
}
