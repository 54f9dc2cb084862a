//! Resolving, requirements, locks and indexes, through the command, against a loopback index.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use wheels_tests::{BuiltWheel, Index, Server, WheelBuilder};

/// An environment whose interpreter only knows how to describe itself.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Home {
        let home = Home { folder: tempfile::tempdir().unwrap() };
        let prefix = home.prefix();
        common::environment_at(&prefix);
        let text = |path: &Path| serde_json::Value::from(path.display().to_string());
        let library = prefix.join("lib/python3.14/site-packages");
        let answer = serde_json::json!({
            "executable": text(&prefix.join("bin/python")), "implementation_name": "protopy", "implementation_version": "0.1.0",
            "cache_tag": "protopy-314", "version": "3.14.8", "full_version": "3.14.8", "python_version": "3.14", "os_name": "posix",
            "platform_machine": "x86_64", "platform_python_implementation": "CPython", "platform_release": "6.0",
            "platform_system": "Linux", "platform_version": "1", "sys_platform": "linux", "prefix": text(&prefix),
            "base_prefix": "/usr", "user_paths": null, "platform": "linux-x86_64", "extension_suffix": ".hpy0.so",
            "free_threaded": true, "libc": "glibc 2.40",
            "paths": {
                "purelib": text(&library), "platlib": text(&library), "scripts": text(&prefix.join("bin")), "data": text(&prefix),
                "include": text(&prefix.join("include")), "stdlib": "/nowhere/python3.14",
            },
        });
        let python = prefix.join("bin/python");
        std::fs::write(&python, format!("#!/bin/sh\ncat <<'ANSWER'\n{answer}\nANSWER\n")).unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("env")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn run(&self, server: &Server, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_protopip-alone"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("VIRTUAL_ENV", self.prefix())
            .env("PATH", "/usr/bin:/bin")
            .env("PIP_CONFIG_FILE", "/dev/null")
            .env("PIP_INDEX_URL", server.url())
            .env("PIP_RETRIES", "0")
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// Runs, expects the exit code, gives both outputs.
    fn expect(&self, server: &Server, code: i32, arguments: &[&str]) -> String {
        let output = self.run(server, arguments);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}:\n{text}");
        text
    }

    fn freeze(&self, server: &Server) -> Vec<String> {
        self.expect(server, 0, &["freeze"]).lines().map(str::to_owned).collect()
    }
}

fn wheel(name: &str, version: &str, requires: &[&str]) -> BuiltWheel {
    requires.iter().fold(WheelBuilder::simple(name, version), |wheel, requirement| wheel.requires(requirement)).build()
}

fn index(wheels: &[BuiltWheel]) -> Server {
    Index::new().wheels(wheels).start()
}

#[test]
fn newest_that_fits_is_taken() {
    let server = index(&[
        wheel("app", "1.0", &["lib>=1"]),
        wheel("app", "2.0", &["lib>=2,<3", "other; sys_platform == 'nowhere'"]),
        wheel("lib", "1.5", &[]),
        wheel("lib", "2.5", &["leaf"]),
        wheel("lib", "3.0", &[]),
        wheel("leaf", "1.0", &[]),
        wheel("leaf", "2.0rc1", &[]),
    ]);
    let home = Home::new();
    home.expect(&server, 0, &["install", "app"]);
    assert_eq!(home.freeze(&server), ["app==2.0", "leaf==1.0", "lib==2.5"]);
    // The older lib forces the older app.
    home.expect(&server, 0, &["install", "app", "lib<2"]);
    assert_eq!(home.freeze(&server), ["app==1.0", "leaf==1.0", "lib==1.5"]);
    home.expect(&server, 0, &["install", "--pre", "-U", "leaf"]);
    assert!(home.freeze(&server).contains(&"leaf==2.0rc1".to_owned()));
    // What is there and fits stays, and no server is asked.
    server.clear_log();
    home.expect(&server, 0, &["install", "app"]);
    assert!(server.log().is_empty(), "{:?}", server.log());
}

#[test]
fn extras_and_constraints() {
    let extra = WheelBuilder::simple("app", "1.0")
        .header("Provides-Extra: fast")
        .requires("turbo>=1; extra == 'fast'")
        .requires("app[fast]; extra == 'all'")
        .header("Provides-Extra: all")
        .build();
    let server = index(&[extra, wheel("turbo", "1.0", &[]), wheel("turbo", "2.0", &[])]);
    let home = Home::new();
    home.expect(&server, 0, &["install", "app"]);
    assert_eq!(home.freeze(&server), ["app==1.0"]);
    home.write("c.txt", "turbo<2\n");
    home.expect(&server, 0, &["install", "app[all]", "-c", "c.txt"]);
    assert_eq!(home.freeze(&server), ["app==1.0", "turbo==1.0"]);
    let text = home.expect(&server, 0, &["install", "app[none]"]);
    assert!(text.contains("has no extra 'none'"), "{text}");
}

#[test]
fn conflicts_are_told() {
    let server = index(&[
        wheel("one", "1.0", &["base<2"]),
        wheel("two", "1.0", &["base>=2"]),
        wheel("base", "1.0", &[]),
        wheel("base", "2.0", &[]),
        wheel("lost", "1.0", &["nobody-has-this"]),
    ]);
    let home = Home::new();
    let text = home.expect(&server, 3, &["install", "one", "two"]);
    for part in ["one", "needs base <2", "two", "needs base >=2", "cannot be met"] {
        assert!(text.contains(part), "'{part}' in\n{text}");
    }
    let text = home.expect(&server, 3, &["install", "lost"]);
    assert!(text.contains("no package called 'nobody-has-this'") && text.contains("lost"), "{text}");
    let text = home.expect(&server, 3, &["install", "base==7"]);
    assert!(text.contains("the newest base is 2.0"), "{text}");
    let text = home.expect(&server, 3, &["install", "--json", "base==7"]);
    assert!(text.contains("\"exit_code\": 3"), "{text}");
    assert!(home.freeze(&server).is_empty());
}

#[test]
fn yanked_and_foreign_files_are_left_out() {
    let withdrawn = wheel("app", "2.0", &[]);
    let native = WheelBuilder::simple("native", "1.0").tag("cp314-cp314-win_amd64").build();
    let server = Index::new().wheels(&[wheel("app", "1.0", &[]), native]).yanked(&withdrawn, "broken").start();
    let home = Home::new();
    home.expect(&server, 0, &["install", "app"]);
    assert_eq!(home.freeze(&server), ["app==1.0"]);
    home.expect(&server, 0, &["install", "app==2.0"]);
    assert_eq!(home.freeze(&server), ["app==2.0"]);
    let text = home.expect(&server, 3, &["install", "native"]);
    assert!(text.contains("another platform"), "{text}");
}

#[test]
fn hashes_are_required_when_one_is_given() {
    let (app, lib) = (wheel("app", "1.0", &["lib"]), wheel("lib", "1.0", &[]));
    let server = index(&[app.clone(), lib.clone()]);
    let home = Home::new();
    let line = |wheel: &BuiltWheel, name: &str| format!("{name}==1.0 --hash=sha256:{}\n", wheel.sha256());
    home.write("r.txt", &line(&app, "app"));
    let text = home.expect(&server, 2, &["install", "-r", "r.txt"]);
    assert!(text.contains("lib is needed, but no hash"), "{text}");
    home.write("r.txt", &format!("{}lib==1.0 --hash=sha256:{}\n", line(&app, "app"), "00".repeat(32)));
    home.expect(&server, 3, &["install", "-r", "r.txt"]);
    home.write("r.txt", &format!("{}{}", line(&app, "app"), line(&lib, "lib")));
    home.expect(&server, 0, &["install", "-r", "r.txt"]);
    assert_eq!(home.freeze(&server).len(), 2);
}

#[test]
fn metadata_comes_alone_or_by_range() {
    let big = |name: &str| WheelBuilder::simple(name, "1.0").file("big.bin", vec![7u8; 300_000]);
    for (without_metadata, without_ranges) in [(false, false), (true, false), (true, true)] {
        let mut index = Index::new().wheels(&[big("app").requires("lib").build(), big("lib").build()]);
        index.without_metadata = without_metadata;
        index.without_ranges = without_ranges;
        let server = index.start();
        let home = Home::new();
        home.expect(&server, 0, &["install", "--dry-run", "app"]);
        let log = server.log();
        let whole =
            log.iter().filter(|line| line.contains(".whl") && !line.contains("bytes=") && !line.contains(".metadata")).count();
        assert_eq!(whole > 0, without_ranges, "{log:#?}");
        home.expect(&server, 0, &["install", "app"]);
        assert_eq!(home.freeze(&server).len(), 2);
    }
}

#[test]
fn locks_are_written_and_obeyed() {
    let server = index(&[wheel("app", "1.0", &["lib"]), wheel("lib", "1.0", &[])]);
    let home = Home::new();
    home.expect(&server, 0, &["lock", "app"]);
    let lock = std::fs::read_to_string(home.path("pylock.toml")).unwrap();
    assert!(lock.contains("lock-version = \"1.0\"") && lock.contains("sha256 = "), "{lock}");
    // Newer versions change neither what a sync installs nor, unless asked, the lock.
    server.change(|index| *index = std::mem::take(index).wheels(&[wheel("lib", "2.0", &[]), wheel("stray", "1.0", &[])]));
    home.expect(&server, 0, &["install", "--refresh", "stray"]);
    home.expect(&server, 0, &["sync"]);
    assert_eq!(home.freeze(&server), ["app==1.0", "lib==1.0"]);
    home.expect(&server, 0, &["lock", "--refresh", "app"]);
    assert_eq!(std::fs::read_to_string(home.path("pylock.toml")).unwrap(), lock);
    home.expect(&server, 0, &["lock", "--refresh", "-U", "app"]);
    home.expect(&server, 0, &["install", "-r", "pylock.toml"]);
    assert_eq!(home.freeze(&server), ["app==1.0", "lib==2.0"]);
    // A lock whose sums do not hold is refused.
    let spoiled = std::fs::read_to_string(home.path("pylock.toml")).unwrap();
    let at = spoiled.find("sha256 = \"").unwrap() + 10;
    home.write("pylock.bad.toml", &format!("{}{}{}", &spoiled[..at], "0".repeat(64), &spoiled[at + 64..]));
    home.expect(&server, 0, &["uninstall", "-y", "app"]);
    home.expect(&server, 4, &["install", "-r", "pylock.bad.toml"]);
    home.write("pylock.bad.toml", "lock-version = \"2.0\"\npackages = []\n");
    home.expect(&server, 2, &["install", "-r", "pylock.bad.toml"]);
}

#[test]
fn paths_links_and_downloads() {
    let app = wheel("app", "1.0", &["lib"]);
    let server = index(&[wheel("lib", "1.0", &[])]);
    let home = Home::new();
    let file = app.write_to(home.folder.path());
    home.expect(&server, 0, &["install", &file.display().to_string()]);
    let frozen = home.freeze(&server);
    assert!(frozen[0].starts_with("app @ file://") && frozen[0].contains("#sha256="), "{frozen:?}");
    home.expect(&server, 0, &["download", "-d", "files", "lib"]);
    assert!(home.path("files/lib-1.0-py3-none-any.whl").is_file());
    home.expect(&server, 0, &["uninstall", "-y", "lib", "app"]);
    server.clear_log();
    home.expect(&server, 0, &["install", "--no-index", "-f", "files", "-f", ".", "app"]);
    assert_eq!(home.freeze(&server), ["app==1.0", "lib==1.0"]);
    assert!(server.log().is_empty());
    home.expect(&server, 0, &["install", "--target", "bare", "lib"]);
    assert!(home.path("bare/lib").is_dir() || home.path("bare/lib.py").is_file());
}

#[test]
fn offline_takes_what_is_kept() {
    let server = index(&[wheel("app", "1.0", &["lib"]), wheel("lib", "1.0", &[])]);
    let home = Home::new();
    home.expect(&server, 5, &["install", "--offline", "app"]);
    home.expect(&server, 0, &["install", "app"]);
    home.expect(&server, 0, &["uninstall", "-y", "app", "lib"]);
    server.clear_log();
    home.expect(&server, 0, &["install", "--offline", "app"]);
    assert!(server.log().is_empty());
    assert_eq!(home.freeze(&server).len(), 2);
}

#[test]
fn the_first_index_that_knows_a_package_is_believed() {
    let inside = index(&[wheel("app", "1.0", &[])]);
    let outside = index(&[wheel("app", "9.0", &[]), wheel("lib", "1.0", &[])]);
    let home = Home::new();
    home.expect(&outside, 0, &["install", "--extra-index-url", &inside.url(), "app", "lib"]);
    assert_eq!(home.freeze(&outside), ["app==1.0", "lib==1.0"]);
    home.expect(&outside, 0, &["install", "-U", "--index-strategy", "merge", "--extra-index-url", &inside.url(), "app"]);
    assert!(home.freeze(&outside).contains(&"app==9.0".to_owned()));
}

#[test]
fn older_pure_versions_stand_in_for_wheels_of_the_c_api() {
    let native = |version: &str| {
        let elf = wheels_tests::wheel::elf(wheels_tests::wheel::this_machine(), &["PyInit_a"]);
        let tag = format!("cp314-cp314-manylinux_2_17_{}", std::env::consts::ARCH);
        WheelBuilder::simple("half", version).file("half/a.cpython-314.so", elf).tag(&tag).platlib().build()
    };
    let server = index(&[wheel("half", "1.0", &[]), native("2.0"), native("3.0")]);
    let home = Home::new();
    home.expect(&server, 0, &["install", "half"]);
    assert_eq!(home.freeze(&server), ["half==1.0"]);
    let text = home.expect(&server, 4, &["install", "half>=2"]);
    assert!(text.contains("C API") && text.contains("a.cpython-314.so") && text.contains("HPy universal wheel"), "{text}");
}

#[test]
fn cool_down() {
    let mut index = Index::new().wheels(&[wheel("app", "1.0", &[]), wheel("app", "2.0", &[]), wheel("undated", "1.0", &[])]);
    index.offers[0].upload_time = Some("2026-01-01T00:00:00.5Z".into());
    index.offers[1].upload_time = Some("2026-11-01T00:00:00.5Z".into());
    let server = index.start();
    let home = Home::new();
    home.expect(&server, 0, &["install", "--exclude-newer", "2026-06-01", "app"]);
    assert_eq!(home.freeze(&server), ["app==1.0"]);
    let text = home.expect(&server, 3, &["install", "--exclude-newer", "2026-06-01", "undated"]);
    assert!(text.contains("does not tell when"), "{text}");
    home.expect(&server, 2, &["install", "--exclude-newer", "soon", "app"]);
}

#[test]
fn projects_without_a_usable_backend_are_told() {
    let server = index(&[]);
    let home = Home::new();
    home.write(
        "pyproject.toml",
        "[build-system]\nrequires = []\nbuild-backend = \"nothing\"\n[project]\nname = \"x\"\ndynamic = [\"version\"]\n",
    );
    // The pretended interpreter runs no backend: the build fails, and the environment stays as it is.
    let text = home.expect(&server, 7, &["install", "."]);
    assert!(text.contains("build"), "{text}");
    home.write("pyproject.toml", "[build-system\n");
    home.expect(&server, 2, &["install", "."]);
    assert!(home.freeze(&server).is_empty());
}

#[test]
fn looking_changes_nothing() {
    let server = index(&[wheel("app", "1.0", &["lib>=1"]), wheel("lib", "1.0", &[]), wheel("lib", "2.0", &[])]);
    let home = Home::new();
    home.expect(&server, 0, &["install", "app", "lib<2"]);
    assert!(home.expect(&server, 0, &["list"]).contains("lib"));
    assert!(home.expect(&server, 0, &["list", "--outdated"]).contains("2.0"));
    assert!(home.expect(&server, 0, &["tree"]).contains("└── lib 1.0"));
    assert!(home.expect(&server, 0, &["tree", "--invert", "lib"]).contains("└── app 1.0"));
    assert!(home.expect(&server, 0, &["show", "app"]).contains("Requires: lib"));
    assert!(home.expect(&server, 0, &["index", "versions", "lib"]).contains("2.0, 1.0"));
    assert!(home.expect(&server, 0, &["check", "--files"]).contains("fit together"));
    for arguments in
        [&["list"][..], &["show", "app"], &["freeze"], &["check"], &["tree"], &["cache", "info"], &["index", "versions", "lib"]]
    {
        let output = home.run(&server, &[arguments, &["--json"]].concat());
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    }
    home.expect(&server, 0, &["uninstall", "-y", "lib"]);
    assert!(home.expect(&server, 1, &["check"]).contains("not installed"));
    home.expect(&server, 2, &["install", "--frobnicate"]);
    home.expect(&server, 6, &["list", "-p", "/nowhere/python"]);
}
