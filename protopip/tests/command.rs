//! The command against a loopback index: what a user types, sees and finds in the environment afterwards.

mod common;

use common::snapshot;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use wheels_tests::hostile::{self, Expected};
use wheels_tests::wheel::{elf, this_machine};
use wheels_tests::{Index, Server, WheelBuilder, answers};

const SEED: u64 = 20_261_121;

/// An environment whose interpreter only knows how to describe itself.
struct Fixture {
    folder: TempDir,
    url: Option<String>,
}

impl Fixture {
    fn new(server: Option<&Server>) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Fixture { folder, url: server.map(Server::url) };
        let prefix = fixture.prefix();
        common::environment_at(&prefix);
        let library = prefix.join("lib/python3.14/site-packages");
        let show = |path: &Path| format!("{:?}", path.display().to_string());
        let answer = format!(
            r#"{{"executable": {python}, "implementation_name": "protopy", "implementation_version": "0.1.0", "cache_tag": "protopy-314",
"version": "3.14.8", "full_version": "3.14.8", "python_version": "3.14", "os_name": "posix", "platform_machine": "x86_64",
"platform_python_implementation": "CPython", "platform_release": "6.0", "platform_system": "Linux", "platform_version": "1",
"sys_platform": "linux", "prefix": {prefix}, "base_prefix": "/usr", "paths": {{"purelib": {library}, "platlib": {library},
"scripts": {scripts}, "data": {prefix}, "include": {include}, "stdlib": "/usr/lib/python3.14"}}, "user_paths": null,
"platform": "linux-{machine}", "extension_suffix": ".hpy0.so", "free_threaded": true, "libc": "glibc 2.40"}}"#,
            python = show(&prefix.join("bin/python")),
            prefix = show(&prefix),
            library = show(&library),
            scripts = show(&prefix.join("bin")),
            include = show(&prefix.join("include/site/python3.14")),
            machine = std::env::consts::ARCH,
        );
        let python = prefix.join("bin/python");
        std::fs::write(&python, format!("#!/bin/sh\ncat <<'ANSWER'\n{answer}\nANSWER\n")).unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        fixture
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("env")
    }

    fn library(&self) -> PathBuf {
        self.prefix().join("lib/python3.14/site-packages")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_protopip-alone"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("VIRTUAL_ENV", self.prefix())
            .env("PATH", "/usr/bin:/bin");
        command.env("XDG_CACHE_HOME", self.folder.path().join("cache")).env("PIP_RETRIES", "0").current_dir(self.folder.path());
        if let Some(url) = &self.url {
            command.env("PIP_INDEX_URL", url);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Everything in the fixture's folder but the cache.
    fn state(&self) -> BTreeMap<String, String> {
        let mut state = snapshot(self.folder.path());
        state.retain(|name, _| name != "cache" && !name.starts_with("cache/"));
        state
    }

    /// One clear message, a code that says so, and nothing changed.
    fn fails(&self, label: &str, arguments: &[&str]) -> String {
        let before = self.state();
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap_or_else(|| panic!("{label}: killed by a signal: {text}"));
        assert!((1..=7).contains(&code), "{label}: exit code {code}: {text}");
        assert_eq!(text.matches("error:").count(), 1, "{label}: {text}");
        for mark in ["panicked", "Err(", "Some(", "RUST_BACKTRACE"] {
            assert!(!text.contains(mark), "{label}: {text}");
        }
        assert!(text.len() < 3000, "{label}: {text}");
        assert_eq!(self.state(), before, "{label}");
        text
    }
}

fn name_of(wheel: &wheels_tests::BuiltWheel) -> String {
    wheel.file_name.split('-').next().unwrap().replace('_', "-")
}

#[test]
fn a_package_comes_stays_and_goes() {
    for html_only in [false, true] {
        let wheels = [
            WheelBuilder::simple("Demo.App", "1.0").requires("helper-lib>=1").build(),
            WheelBuilder::simple("Demo.App", "2.0").requires("helper_lib>=1.5,<2").script("demo", "demo_app:main").build(),
            WheelBuilder::simple("helper-lib", "1.7").build(),
            WheelBuilder::simple("helper-lib", "2.0").build(),
        ];
        let mut index = Index::new().wheels(&wheels).yanked(&WheelBuilder::simple("Demo.App", "3.0").build(), "broken");
        index.html_only = html_only;
        let server = index.start();
        let fixture = Fixture::new(Some(&server));
        let before = fixture.state();
        fixture.ok(&["install", "demo_APP"]);
        let listed = fixture.ok(&["list", "--json"]);
        assert!(listed.contains("2.0") && listed.contains("1.7") && !listed.contains("3.0"), "{listed}");
        assert!(fixture.prefix().join("bin/demo").exists());
        // What was not chosen was not fetched; metadata came alone.
        let log = server.log();
        assert!(log.iter().any(|line| line.contains("/files/Demo_App-2.0-py3-none-any.whl.metadata")), "{log:?}");
        assert!(!log.iter().any(|line| line.ends_with("/files/helper_lib-2.0-py3-none-any.whl")), "{log:?}");

        // Nothing to do; then from the cache alone in a new environment.
        server.clear_log();
        fixture.ok(&["install", "demo-app"]);
        assert!(!server.log().iter().any(|line| line.ends_with(".whl")), "{:?}", server.log());
        fixture.ok(&["uninstall", "-y", "demo-app", "helper-lib"]);
        assert_eq!(fixture.state(), before);
        fixture.ok(&["install", "--offline", "demo-app"]);
        assert_eq!(fixture.ok(&["freeze"]).lines().count(), 2);
    }
}

#[test]
fn hostile_wheels_are_refused_with_one_message() {
    for hostile in hostile::all() {
        let server = Index::new().wheel(&hostile.wheel).start();
        let fixture = Fixture::new(Some(&server));
        let path = hostile.wheel.write_to(fixture.folder.path());
        match hostile.expected {
            Expected::Refused => {
                fixture.fails(hostile.label, &["install", "hostile"]);
                fixture.fails(hostile.label, &["install", path.to_str().unwrap()]);
            }
            Expected::Noted(word) => {
                let output = fixture.run(&["install", "hostile"]);
                let text = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success() && text.contains(word), "{}: {text}", hostile.label);
            }
        }
    }
}

#[test]
fn large_and_executing_wheels_can_be_chosen() {
    let bomb = hostile::all().into_iter().find(|hostile| hostile.label == "a bomb").unwrap().wheel;
    let startup = WheelBuilder::simple("startup", "1").file("startup.pth", "import startup\n").build();
    let server = Index::new().wheels([&bomb, &startup]).start();
    let fixture = Fixture::new(Some(&server));
    assert!(fixture.fails("bomb", &["install", "hostile"]).contains("--allow-large"));
    fixture.ok(&["install", "--allow-large", "hostile"]);
    assert!(fixture.fails("pth", &["install", "--no-exec-pth", "startup"]).contains("startup.pth"));
    fixture.ok(&["install", "startup"]);
}

#[test]
fn malformed_answers_are_told_in_one_message() {
    let mut wrong = Vec::new();
    for number in 0..60 {
        let spoiled = answers::spoiled(SEED, number);
        let server = spoiled.index.start();
        let fixture = Fixture::new(Some(&server));
        // All that is wrong at once: one run takes a while.
        let outcome = std::panic::catch_unwind(|| fixture.fails(&spoiled.label, &["install", "demo"]));
        wrong.extend(outcome.is_err().then_some(spoiled.label));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn malformed_wheels_are_told_in_one_message() {
    // The library's tests see all two hundred; some go all the way.
    let server = Index::new().start();
    let fixture = Fixture::new(Some(&server));
    for number in 0..wheels_tests::generator::kinds() {
        let malformed = wheels_tests::generator::malformed(SEED + 1, number);
        let path = malformed.wheel.write_to(fixture.folder.path());
        fixture.fails(&malformed.label, &["install", "--no-deps", path.to_str().unwrap()]);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn extensions_are_chosen_by_what_they_are_made_for() {
    let machine = std::env::consts::ARCH;
    let hpy = ("native/a.hpy0.so", elf(this_machine(), &["HPyInit_a"]));
    let c_api = ("native/a.cpython-314-x86_64-linux-gnu.so", elf(this_machine(), &["PyInit_a"]));
    let wheel = |name: &str, tag: &str, file: &(&str, Vec<u8>)| {
        WheelBuilder::simple(name, "1").file(file.0, file.1.clone()).tag(tag).platlib().build()
    };
    let wheels = [
        wheel("universal", &format!("protopy314-hpy0-linux_{machine}"), &hpy),
        wheel("anyhpy", &format!("py3-hpy0-manylinux_2_17_{machine}"), &hpy),
        wheel("compressed", &format!("py3.protopy314-hpy0-manylinux_2_17_{machine}"), &hpy),
        wheel("older", &format!("protopy311-hpy0-linux_{machine}"), &hpy),
        wheel("byitscontent", &format!("cp311-cp311-manylinux_2_17_{machine}"), &hpy),
        wheel("foreign", &format!("cp314-cp314-manylinux_2_17_{machine}"), &c_api),
        wheel("elsewhere", "protopy314-hpy0-win_amd64", &hpy),
    ];
    let server = Index::new().wheels(&wheels).start();
    let fixture = Fixture::new(Some(&server));
    fixture.ok(&["install", "universal", "anyhpy", "compressed", "older", "byitscontent"]);
    let text = fixture.fails("a wheel for the C API", &["install", "foreign"]);
    assert!(text.contains("cp314"), "{text}");
    fixture.fails("a wheel for another system", &["install", "elsewhere"]);
}

#[test]
fn concurrent_commands_do_not_mix() {
    let wheels: Vec<_> = (0..6)
        .map(|index| {
            let builder = (0..30).fold(WheelBuilder::simple(&format!("part{index}"), "1.0"), |builder, file| {
                builder.file(&format!("part{index}/module{file}.py"), format!("{index} {file}\n"))
            });
            builder.build()
        })
        .collect();
    let server = Index::new().wheels(&wheels).start();
    let fixture = Fixture::new(Some(&server));
    let children: Vec<_> =
        (0..12).map(|index| fixture.command(&["install", "-q", &format!("part{}", index % 6)]).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(fixture.ok(&["freeze"]).lines().count(), 6);
    for (index, wheel) in wheels.iter().enumerate() {
        assert_eq!(name_of(wheel), format!("part{index}"));
        for file in 0..30 {
            let text = std::fs::read_to_string(fixture.library().join(format!("part{index}/module{file}.py"))).unwrap();
            assert_eq!(text, format!("{index} {file}\n"));
        }
    }
    assert!(!fixture.prefix().join(".protopip").exists());
}

/// A process that was killed between two renames, and a user who only looks.
#[test]
fn looking_repairs() {
    let wheel = WheelBuilder::simple("whole", "1.0").build();
    let server = Index::new().wheel(&wheel).start();
    let fixture = Fixture::new(Some(&server));
    fixture.ok(&["install", "whole"]);
    let before = fixture.state();
    let state = fixture.prefix().join(".protopip");
    std::fs::create_dir_all(state.join("trash")).unwrap();
    let library = "lib/python3.14/site-packages";
    std::fs::write(state.join("journal"), format!("away\t{library}/whole/__init__.py\t.protopip/trash/0\nend\t1\n")).unwrap();
    std::fs::write(state.join("lock"), "").unwrap();
    std::fs::rename(fixture.library().join("whole/__init__.py"), state.join("trash/0")).unwrap();
    assert!(fixture.ok(&["list"]).contains("whole"));
    assert_eq!(fixture.state(), before);
}
