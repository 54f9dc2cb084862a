//! Installing, replacing and removing: what lies where, and that it is all or nothing, also for killed and concurrent processes.

mod common;

use common::{Place, addition, assert_clear, environment_at, snapshot, store};
use protopip::cache::{Cache, Clear};
use protopip::environment::{VenvConfig, installed};
use protopip::install::{LinkMode, Plan, repair};
use protopip::model::PackageName;
use protopip::venv;
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};
use wheels_tests::generator::Random;
use wheels_tests::{BuiltWheel, WheelBuilder};

fn full_wheel() -> BuiltWheel {
    WheelBuilder::simple("Full-House", "1.0")
        .script("full", "full_house:main")
        .data("scripts/helper", "#!python\nprint('helped')\n")
        .data("scripts/shell.sh", "#!/bin/sh\nexit 0\n")
        .data("data/share/full/readme.txt", "read me\n")
        .data("headers/full.h", "#define FULL 1\n")
        .data("platlib/full_house/native.txt", "native\n")
        .file("full_house/sub/deep.py", "deep = 1\n")
        .file("full_house_space/module, odd.txt", "odd\n")
        .build()
}

#[test]
fn everything_lies_in_its_place() {
    let place = Place::new();
    let mut addition = place.addition(&full_wheel());
    addition.direct_url = Some("{\"url\": \"file:///x\", \"dir_info\": {}}".into());
    let report = Plan { add: vec![addition], ..Plan::default() }.execute(&place.environment).unwrap();
    assert_eq!(report.added.len(), 1);
    let python = place.prefix().join("bin/python");
    assert!(place.read("bin/full").starts_with(&format!("#!{}\nimport sys\nfrom full_house import main\n", python.display())));
    assert_eq!(place.read("bin/helper"), format!("#!{}\nprint('helped')\n", python.display()));
    assert_eq!(place.read("bin/shell.sh"), "#!/bin/sh\nexit 0\n");
    for script in ["full", "helper", "shell.sh"] {
        let mode = std::fs::metadata(place.prefix().join("bin").join(script)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script}");
    }
    assert_eq!(place.read("share/full/readme.txt"), "read me\n");
    assert_eq!(place.read("include/site/python3.14/Full-House/full.h"), "#define FULL 1\n");
    let own = "lib/python3.14/site-packages/Full_House-1.0.dist-info";
    assert_eq!(place.read(&format!("{own}/INSTALLER")), "protopip\n");
    assert_eq!(place.read(&format!("{own}/REQUESTED")), "");
    assert!(place.read(&format!("{own}/direct_url.json")).contains("dir_info"));
    let record = place.read(&format!("{own}/RECORD"));
    for row in [
        "../../../bin/full,sha256=",
        "../../../share/full/readme.txt,sha256=",
        "full_house/native.txt,sha256=",
        "\"full_house_space/module, odd.txt\",",
        "Full_House-1.0.dist-info/RECORD,,\n",
    ] {
        assert!(record.contains(row), "{row} in {record}");
    }
    assert!(!place.prefix().join(".protopip").exists());

    let found = installed(&place.environment).unwrap();
    assert_eq!((found.len(), found[0].installer().as_deref(), found[0].is_requested()), (1, Some("protopip"), true));
    assert_eq!(found[0].entry_points().console.len(), 1);
}

#[test]
fn removing_leaves_what_was_before() {
    let place = Place::new();
    let before = place.snapshot();
    place.install(&[&full_wheel()]).unwrap();
    let cached = place.library().join("full_house/__pycache__");
    std::fs::create_dir(&cached).unwrap();
    std::fs::write(cached.join("__init__.protopy-314.pyc"), "code").unwrap();
    std::fs::write(cached.join("__init__.cpython-314.opt-2.pyc"), "code").unwrap();
    let report = Plan { remove: installed(&place.environment).unwrap(), ..Plan::default() }.execute(&place.environment).unwrap();
    assert_eq!(report.removed.len(), 1);
    let mut after = place.snapshot();
    // Folders of the layout stay.
    after.retain(|name, _| !name.starts_with("include"));
    assert_eq!(after, before);
}

#[test]
fn foreign_files_survive_a_removal() {
    let place = Place::new();
    place.install(&[&full_wheel()]).unwrap();
    let note = place.library().join("full_house/my-notes.txt");
    std::fs::write(&note, "mine").unwrap();
    Plan { remove: installed(&place.environment).unwrap(), ..Plan::default() }.execute(&place.environment).unwrap();
    assert_eq!(std::fs::read_to_string(note).unwrap(), "mine");
    assert!(!place.library().join("full_house/__init__.py").exists());
}

#[test]
fn replacing_is_one_transaction() {
    let place = Place::new();
    let old = WheelBuilder::simple("swap", "1.0")
        .file("swap/only_old.py", "old\n")
        .file("swap/thing/inner.py", "x\n")
        .script("swap-old", "swap:old")
        .build();
    let new = WheelBuilder::simple("swap", "2.0")
        .file("swap/only_new.py", "new\n")
        .file("swap/thing", "now a file\n")
        .script("swap-new", "swap:new")
        .build();
    place.install(&[&old]).unwrap();
    let report = place.install(&[&new]).unwrap();
    assert_eq!((report.removed.len(), report.added.len()), (1, 1));
    assert_eq!(place.names(), ["swap 2.0"]);
    assert!(place.library().join("swap/only_new.py").exists() && !place.library().join("swap/only_old.py").exists());
    assert_eq!(place.read("lib/python3.14/site-packages/swap/thing"), "now a file\n");
    assert!(place.prefix().join("bin/swap-new").exists() && !place.prefix().join("bin/swap-old").exists());
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    // The same again changes nothing.
    let before = place.snapshot();
    place.install(&[&new]).unwrap();
    assert_eq!(place.snapshot(), before);
}

#[test]
fn a_failure_in_the_middle_changes_nothing() {
    let place = Place::new();
    place.install(&[&WheelBuilder::simple("steady", "1.0").build()]).unwrap();
    // A folder full of somebody's files lies where a file must go: found when all else has been laid out.
    let foreign = place.prefix().join("share/blocked");
    std::fs::create_dir_all(&foreign).unwrap();
    std::fs::write(foreign.join("mine"), "mine").unwrap();
    let before = place.snapshot();
    let wheel = WheelBuilder::simple("steady", "2.0").data("data/share/blocked", "x").build();
    let error = place.install(&[&wheel]).unwrap_err();
    assert_clear("blocked", &error);
    assert_eq!(place.snapshot(), before);
}

#[test]
fn a_removal_stays_in_the_environment() {
    for row in
        ["../../../../outside.txt,,", "/etc/hostname,,", "../../../bin/python,,", "../../../pyvenv.cfg,,", "linked/file.txt,,"]
    {
        let place = Place::new();
        std::fs::write(place.folder.path().join("deep/er/outside.txt"), "keep").unwrap();
        let elsewhere = place.folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("file.txt"), "keep").unwrap();
        std::os::unix::fs::symlink(&elsewhere, place.library().join("linked")).unwrap();
        place.install(&[&WheelBuilder::simple("greedy", "1.0").build()]).unwrap();
        let record = place.library().join("greedy-1.0.dist-info/RECORD");
        let text = std::fs::read_to_string(&record).unwrap() + row + "\n";
        std::fs::write(&record, text).unwrap();
        let before = snapshot(place.folder.path());
        let error =
            Plan { remove: installed(&place.environment).unwrap(), ..Plan::default() }.execute(&place.environment).unwrap_err();
        assert_clear(row, &error);
        assert_eq!(snapshot(place.folder.path()), before, "{row}");
    }
}

#[test]
fn installing_does_not_write_through_links() {
    let place = Place::new();
    let project = place.folder.path().join("project");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("__init__.py"), "precious\n").unwrap();
    std::os::unix::fs::symlink(&project, place.library().join("demo")).unwrap();
    place.install(&[&WheelBuilder::simple("demo", "1.0").build()]).unwrap();
    assert_eq!(std::fs::read_to_string(project.join("__init__.py")).unwrap(), "precious\n");
    assert!(!std::fs::symlink_metadata(place.library().join("demo")).unwrap().is_symlink());
}

#[test]
fn links_inside_the_environment_stay() {
    let place = Place::new();
    let wheel = WheelBuilder::simple("wide", "1.0").data("data/lib64/wide.txt", "wide\n").build();
    place.install(&[&wheel]).unwrap();
    assert!(std::fs::symlink_metadata(place.prefix().join("lib64")).unwrap().is_symlink());
    assert_eq!(place.read("lib/wide.txt"), "wide\n");
    let before = place.snapshot();
    let twice =
        WheelBuilder::simple("twice", "1.0").data("data/lib/python3.14/site-packages/twice/__init__.py", "other\n").build();
    assert_clear("two files", &place.install(&[&twice]).unwrap_err());
    assert_eq!(place.snapshot(), before);
    Plan { remove: installed(&place.environment).unwrap(), ..Plan::default() }.execute(&place.environment).unwrap();
    assert!(!place.prefix().join("lib/wide.txt").exists() && place.prefix().join("lib64").exists());
}

#[test]
fn what_systems_installed_is_seen_but_not_removed() {
    let place = Place::new();
    std::fs::write(place.library().join("legacy-1.5.egg-info"), "Metadata-Version: 1.1\nName: legacy\nVersion: 1.5\n").unwrap();
    std::fs::create_dir(place.library().join("other_one-2-py3.14.egg-info")).unwrap();
    std::fs::create_dir(place.library().join("~nterrupted-1.dist-info")).unwrap();
    assert_eq!(place.names(), ["legacy 1.5", "other-one 2"]);
    assert_eq!(installed(&place.environment).unwrap()[0].metadata().unwrap().version, "1.5");
    let before = place.snapshot();
    let error =
        Plan { remove: installed(&place.environment).unwrap(), ..Plan::default() }.execute(&place.environment).unwrap_err();
    assert_clear("egg-info", &error);
    assert_eq!(place.snapshot(), before);
}

#[test]
fn packages_share_a_namespace() {
    let place = Place::new();
    let one = WheelBuilder::new("space-one", "1").file("space/one.py", "1\n").file("space/__init__.py", "").build();
    let two = WheelBuilder::new("space-two", "1").file("space/two.py", "2\n").file("space/__init__.py", "").build();
    let report = place.install(&[&one, &two]).unwrap();
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    let remove = installed(&place.environment).unwrap().into_iter().filter(|dist| dist.name.as_ref() == "space-one").collect();
    Plan { remove, ..Plan::default() }.execute(&place.environment).unwrap();
    assert!(place.library().join("space/two.py").exists());
}

#[test]
fn files_are_shared_with_the_cache_or_not() {
    let place = Place::new();
    let wheel = WheelBuilder::simple("linked", "1").build();
    let module = place.library().join("linked/__init__.py");
    for (link, links) in [(LinkMode::Hardlink, 2), (LinkMode::Copy, 1)] {
        let plan = Plan { add: vec![place.addition(&wheel)], link, ..Plan::default() };
        plan.execute(&place.environment).unwrap();
        assert_eq!(std::fs::metadata(&module).unwrap().nlink(), links, "{link:?}");
    }
}

#[test]
fn a_damaged_cache_heals() {
    let place = Place::new();
    let wheel = WheelBuilder::simple("healed", "1").build();
    let stored = place.store(&wheel).unwrap();
    assert!(place.cache.find(&wheel.sha256()).is_some());
    let module = stored.path_of(&stored.manifest.files[0]);
    std::thread::sleep(Duration::from_millis(20));
    let damaged = std::fs::read_to_string(&module).unwrap().replace('1', "9");
    std::fs::write(&module, damaged).unwrap();
    assert!(place.cache.find(&wheel.sha256()).is_none());
    place.install(&[&wheel]).unwrap();
    assert_eq!(place.read("lib/python3.14/site-packages/healed/__init__.py"), "__version__ = '1'\n");
}

#[test]
fn a_cache_counts_and_clears() {
    let place = Place::new();
    let (one, two) = (WheelBuilder::simple("one", "1").build(), WheelBuilder::simple("two", "1").build());
    place.install(&[&one]).unwrap();
    place.store(&two).unwrap();
    let kept = place.cache.wheels().unwrap();
    assert_eq!(kept.iter().map(|kept| kept.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert!(place.cache.clear(Clear::Package(&PackageName::from_str("two").unwrap())).unwrap().files > 0);
    assert_eq!(place.cache.wheels().unwrap().len(), 1);
    assert!(place.cache.clear(Clear::Everything).unwrap().files > 0);
    assert!(place.cache.find(&one.sha256()).is_none());
    place.store(&one).unwrap();
}

#[test]
fn a_read_only_cache_still_serves() {
    let place = Place::new();
    let root = place.folder.path().join("read-only");
    let wheel = WheelBuilder::simple("frozen", "1").build();
    drop(store(&Cache::open(&root).unwrap(), place.folder.path(), &wheel).unwrap());
    let allow = |mode| {
        for path in [root.clone(), root.join("tmp"), root.join("wheels-1"), root.join("lock")] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o555);
    // The administrator may write everywhere: there is nothing to see then.
    if std::fs::write(root.join("probe"), "x").is_err() {
        let cache = Cache::open(&root).unwrap();
        assert!(!cache.is_writable() && cache.find(&wheel.sha256()).is_some());
        let other = WheelBuilder::simple("other", "1").build();
        let stored = store(&cache, place.folder.path(), &other).unwrap();
        Plan { add: vec![addition(stored)], ..Plan::default() }.execute(&place.environment).unwrap();
        assert_eq!(place.names(), ["other 1"]);
    }
    allow(0o755);
}

#[test]
fn byte_code_belongs_to_the_package() {
    let Some(python) = find_python() else { return };
    let mut place = Place::new();
    let tag = Command::new(&python).args(["-c", "import sys; print(sys.implementation.cache_tag)"]).output().unwrap();
    place.environment.cache_tag = Some(String::from_utf8(tag.stdout).unwrap().trim().to_owned());
    place.environment.python = python;
    let wheel = WheelBuilder::simple("compiled", "1").file("compiled/broken.py", "def (:\n").build();
    let before = place.snapshot();
    let plan = Plan { add: vec![place.addition(&wheel)], compile: true, ..Plan::default() };
    plan.execute(&place.environment).unwrap();
    let record = place.read("lib/python3.14/site-packages/compiled-1.dist-info/RECORD");
    assert!(record.contains("compiled/__pycache__/__init__.") && !record.contains("broken.c"), "{record}");
    let tag = place.environment.cache_tag.clone().unwrap();
    let code = std::fs::read(place.library().join(format!("compiled/__pycache__/__init__.{tag}.pyc"))).unwrap();
    let target = place.library().join("compiled/__init__.py").display().to_string();
    assert!(code.windows(target.len()).any(|part| part == target.as_bytes()), "tracebacks would name the wrong file");
    Plan { remove: installed(&place.environment).unwrap(), ..Plan::default() }.execute(&place.environment).unwrap();
    assert_eq!(place.snapshot(), before);
}

#[test]
fn an_environment_is_made_and_used() {
    let place = Place::new();
    let interpreter = place.folder.path().join("opt/bin/protopy");
    std::fs::create_dir_all(interpreter.parent().unwrap()).unwrap();
    std::fs::write(&interpreter, "#!/bin/sh\nexit 0\n").unwrap();
    std::fs::set_permissions(&interpreter, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut base = place.environment.clone();
    base.python = interpreter.clone();
    base.prefix = PathBuf::from("/usr");
    let pip = WheelBuilder::simple("pip", "26.3").script("pip", "pip:main").script("pip3", "pip:main").build();
    let options = venv::Options {
        path: place.folder.path().join("made here/env"),
        base,
        prompt: Some("it's".into()),
        system_site_packages: false,
        copies: false,
        clear: false,
        upgrade: false,
        pip: Some(place.store(&pip).unwrap()),
    };
    let made = venv::create(&options).unwrap();
    assert!(made.is_virtual());
    assert_eq!(std::fs::read_link(made.prefix.join("bin/python")).unwrap(), interpreter);
    for name in ["python3", "python3.14", "protopy", "pip", "pip3", "pip3.14", "activate", "activate.fish", "Activate.ps1"] {
        assert!(made.prefix.join("bin").join(name).exists(), "{name}");
    }
    let activate = std::fs::read_to_string(made.prefix.join("bin/activate")).unwrap();
    assert!(!activate.contains("__VENV_") && activate.contains("'it'\"'\"'s'"), "{activate}");
    let config = VenvConfig::read(&made.prefix).unwrap();
    assert_eq!((config.implementation().as_deref(), config.sees_system_packages()), (Some("protopy"), false));
    assert_eq!(config.version().unwrap().to_string(), "3.14.8");
    assert!(std::fs::read_to_string(made.prefix.join("bin/pip")).unwrap().starts_with("#!/bin/sh\n'''exec' "));
    let remove = installed(&made).unwrap();
    assert_eq!(remove.len(), 1);
    Plan { remove, ..Plan::default() }.execute(&made).unwrap();
    assert!(!made.prefix.join("bin/pip3.14").exists());

    // Again: kept without `clear`, refused where something else lies, and nested environments stand on the same base.
    std::fs::write(made.prefix.join("mine"), "mine").unwrap();
    let nested = venv::Options { base: made.clone(), pip: None, path: place.folder.path().join("nested"), ..options.clone() };
    assert_eq!(std::fs::read_link(venv::create(&nested).unwrap().prefix.join("bin/python")).unwrap(), interpreter);
    venv::create(&venv::Options { pip: None, ..options.clone() }).unwrap();
    assert!(made.prefix.join("mine").exists());
    venv::create(&venv::Options { pip: None, clear: true, ..options.clone() }).unwrap();
    assert!(!made.prefix.join("mine").exists());
    let error = venv::create(&venv::Options { path: place.folder.path().to_owned(), ..options }).unwrap_err();
    assert_clear("full folder", &error);
}

fn find_python() -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join("python3")).find(|path| path.is_file())
}

// ---- Other processes: this test binary calls itself.

const WORK: &str = "PROTOPIP_TEST_WORK";

/// Wheels with enough files that an installation takes a while; `version` decides all contents.
fn crowd(version: &str) -> Vec<BuiltWheel> {
    ["alpha", "beta", "gamma"]
        .iter()
        .map(|name| {
            let mut builder = WheelBuilder::simple(name, version).script(&format!("{name}-tool"), &format!("{name}:main"));
            for index in 0..60 {
                builder =
                    builder.file(&format!("{name}/part{}/module{index}.py", index % 7), format!("{name} {version} {index}\n"));
            }
            builder.file(&format!("{name}/only_{}.py", version.replace('.', "_")), "x\n").build()
        })
        .collect()
}

/// Not a test of its own: what the child processes do. The work is `FOLDER|VERSION`, or `FOLDER|again and again`.
#[test]
#[ignore = "run by other tests in a process of its own"]
fn child_installs() {
    let Ok(work) = std::env::var(WORK) else { return };
    let (folder, version) = work.split_once('|').unwrap();
    let folder = Path::new(folder);
    let cache = Cache::open(&folder.join("cache")).unwrap();
    let environment = environment_at(&folder.join("env"));
    let plan = |version: &str| {
        let add = crowd(version).iter().map(|wheel| addition(store(&cache, folder, wheel).unwrap())).collect();
        Plan { add, ..Plan::default() }
    };
    if version != "again and again" {
        plan(version).execute(&environment).unwrap();
        return;
    }
    let plans = [plan("2.0"), plan("1.0")];
    let mut progress = std::fs::File::create(folder.join("progress")).unwrap();
    loop {
        for plan in &plans {
            plan.execute(&environment).unwrap();
            progress.write_all(b".").unwrap();
        }
    }
}

fn start_child(folder: &Path, version: &str) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_installs", "--ignored", "--nocapture"])
        .env(WORK, format!("{}|{version}", folder.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn expected_after(version: &str) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    assert!(start_child(folder.path(), version).wait().unwrap().success());
    visible(&folder.path().join("env"))
}

/// Scripts and RECORD name the environment's path and are compared by name only.
fn visible(prefix: &Path) -> BTreeMap<String, String> {
    let mut found = snapshot(prefix);
    found.retain(|name, _| !name.starts_with(".protopip"));
    for (name, content) in &mut found {
        if name.starts_with("bin/") || name.ends_with("RECORD") {
            content.clear();
        }
    }
    found
}

#[test]
fn a_killed_installation_is_undone_or_done() {
    let (first, second) = (expected_after("1.0"), expected_after("2.0"));
    let folder = tempfile::tempdir().unwrap();
    assert!(start_child(folder.path(), "1.0").wait().unwrap().success());
    let mut random = Random::new(9);
    let environment = environment_at(&folder.path().join("env"));
    let progress = folder.path().join("progress");
    let done = || std::fs::metadata(&progress).map_or(0, |about| about.len());
    let (mut repaired, mut states) = (0, [0, 0]);
    for round in 0..50 {
        let mut child = start_child(folder.path(), "again and again");
        // After one to three installations, somewhere in the next: that takes about as long as the last.
        let count = 1 + random.below(3) as u64;
        let (mut began, patience) = (Instant::now(), Instant::now());
        while done() < count && patience.elapsed() < Duration::from_secs(60) {
            if done() + 1 < count {
                began = Instant::now();
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        std::thread::sleep(began.elapsed().min(Duration::from_millis(300)).mul_f64(random.below(1000) as f64 / 1000.0));
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(&progress).unwrap();
        repaired += u32::from(repair(&environment).unwrap());
        let after = visible(&folder.path().join("env"));
        assert!(after == first || after == second, "round {round}: the environment is in a state between two versions");
        states[usize::from(after == second)] += 1;
        assert!(!folder.path().join("env/.protopip").exists());
    }
    assert!(repaired > 0, "no process was killed in the middle");
    println!("50 killed, {repaired} repaired, versions found {states:?}");
    // A cache that saw all this still works.
    assert!(start_child(folder.path(), "2.0").wait().unwrap().success());
    assert_eq!(visible(&folder.path().join("env")), second);
}

#[test]
fn concurrent_installations_follow_each_other() {
    let (first, second) = (expected_after("1.0"), expected_after("2.0"));
    let folder = tempfile::tempdir().unwrap();
    environment_at(&folder.path().join("env"));
    for _ in 0..3 {
        let children: Vec<_> =
            (0..6).map(|index| start_child(folder.path(), if index % 2 == 0 { "1.0" } else { "2.0" })).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let after = visible(&folder.path().join("env"));
        assert!(after == first || after == second, "two installations were mixed");
        // Half of the rounds meet an empty cache.
        Cache::open(&folder.path().join("cache")).unwrap().clear(Clear::Everything).unwrap();
    }
}
