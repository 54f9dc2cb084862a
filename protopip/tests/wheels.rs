//! The wheel reader: sound wheels are understood, hostile and malformed ones are refused before anything is written.

mod common;

use common::{Place, assert_clear, snapshot};
use protopip::archive::Limits;
use protopip::flaw::Checked;
use protopip::install::Plan;
use protopip::model::WheelName;
use protopip::wheel::{ContentKind, Wheel};
use wheels_tests::generator;
use wheels_tests::hostile::{self, Expected};
use wheels_tests::wheel::{elf, this_machine};
use wheels_tests::{BuiltWheel, WheelBuilder, ZipEntry};

const SEED: u64 = 20_261_121;

fn open(wheel: &BuiltWheel) -> Checked<Wheel> {
    let name = WheelName::parse(&wheel.file_name).map_err(|error| protopip::flaw::Flaw::new(error.to_string()))?;
    Wheel::from_bytes(wheel.bytes.clone(), &name, &Limits::default())
}

fn judge(wheel: &BuiltWheel) -> Checked<Wheel> {
    open(wheel).and_then(|wheel| wheel.verify().map(|()| wheel))
}

#[test]
fn a_sound_wheel_tells_about_itself() {
    let wheel = WheelBuilder::simple("Foo-Bar", "1.2")
        .requires("other>=1; python_version > '3'")
        .header("Requires-Python: >=3.9")
        .script("foo", "foo_bar:main")
        .gui_script("foo-gui", "foo_bar.gui:App.run")
        .data("scripts/helper", "#!python\nprint(1)\n")
        .file("foo_bar/odd, \"name\".txt", "x")
        .file("foo_bar/caf\u{e9}.txt", "x")
        .entry(ZipEntry::folder("foo_bar/sub"))
        .entry(ZipEntry { method: 0, ..ZipEntry::new("foo_bar/empty.py", "") })
        .entry(ZipEntry { descriptor: true, ..ZipEntry::new("foo_bar/streamed.py", "streamed = 1\n") })
        .entry(ZipEntry { zip64: true, ..ZipEntry::new("foo_bar/wide.py", "wide = 1\n") })
        .build();
    let opened = judge(&wheel).unwrap();
    assert_eq!(opened.name().to_string(), "foo-bar");
    assert_eq!(opened.version().to_string(), "1.2");
    assert_eq!(opened.requires_dist(), ["other>=1; python_version > '3'"]);
    assert_eq!(opened.requires_python(), Some(">=3.9"));
    assert_eq!(opened.entry_points().all().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["foo", "foo-gui"]);
    assert_eq!(opened.metadata_text(), wheel.metadata);
    assert_eq!(opened.content_kind().unwrap(), ContentKind::Pure);
    assert!(opened.notes().is_empty());
}

#[test]
fn zip64_archives_are_read() {
    let builder = WheelBuilder::simple("wide", "1");
    let mut zip = builder.zip();
    zip.end64 = Some(false);
    judge(&builder.built(&zip)).unwrap();
}

#[test]
fn what_native_files_are_for() {
    let here = this_machine();
    let kind = |files: &[(&str, Vec<u8>)]| {
        let builder =
            files.iter().fold(WheelBuilder::simple("native", "1"), |builder, (name, data)| builder.file(name, data.clone()));
        judge(&builder.platlib().build()).unwrap().content_kind().unwrap()
    };
    let hpy = ("native/a.hpy0.so", elf(here, &["HPyInit_a"]));
    let c_api = ("native/b.cpython-314-x86_64-linux-gnu.so", elf(here, &["PyInit_b"]));
    let untagged = ("native/c.so", elf(here, &["PyInit_c", "PyObject_Call"]));
    let library = ("native.libs/libz.so.1", elf(here, &["inflate"]));
    let foreign = ("native/d.hpy0.so", elf(8, &["HPyInit_d"]));
    assert_eq!(kind(&[]), ContentKind::Pure);
    assert_eq!(kind(std::slice::from_ref(&hpy)), ContentKind::HpyUniversal);
    assert_eq!(kind(&[hpy.clone(), library.clone()]), ContentKind::HpyUniversal);
    assert_eq!(kind(&[library]), ContentKind::Libraries);
    assert_eq!(kind(&[hpy.clone(), c_api.clone()]), ContentKind::CApi(vec![c_api.0.to_owned()]));
    assert_eq!(kind(std::slice::from_ref(&untagged)), ContentKind::CApi(vec![untagged.0.to_owned()]));
    assert_eq!(kind(&[hpy, foreign.clone()]), ContentKind::OtherMachine(vec![foreign.0.to_owned()]));
}

#[test]
fn hostile_wheels_leave_no_trace() {
    let place = Place::new();
    for hostile in hostile::all() {
        let before = place.snapshot_outside_cache();
        match hostile.expected {
            Expected::Refused => {
                let error = place.store(&hostile.wheel).expect_err(hostile.label);
                assert_clear(hostile.label, &error);
                assert_eq!(error.code() as i32, 4, "{}: {error}", hostile.label);
                assert_eq!(place.snapshot_outside_cache(), before, "{}", hostile.label);
            }
            Expected::Noted(word) => {
                let report = place.install(&[&hostile.wheel]).unwrap();
                assert!(report.notes.iter().any(|note| note.contains(word)), "{}: {:?}", hostile.label, report.notes);
            }
        }
        assert!(place.cache.wheels().unwrap().len() <= 2);
    }
    assert!(!std::path::Path::new("/tmp/protopip-escaped.py").exists());
}

#[test]
fn code_in_pth_files_can_be_refused() {
    let place = Place::new();
    let wheel = WheelBuilder::simple("startup", "1").file("startup.pth", "import startup\n").build();
    let before = place.snapshot();
    let plan = Plan { add: vec![place.addition(&wheel)], refuse_executing_pth: true, ..Plan::default() };
    let error = plan.execute(&place.environment).unwrap_err();
    assert_clear("pth", &error);
    assert_eq!(place.snapshot(), before);
}

#[test]
fn two_hundred_malformed_wheels_leave_no_trace() {
    let place = Place::new();
    let before = place.snapshot_outside_cache();
    let cache_before = snapshot(place.cache.root());
    for index in 0..200 {
        let malformed = generator::malformed(SEED, index);
        let error = match place.store(&malformed.wheel) {
            Ok(_) => panic!("{} was accepted", malformed.label),
            Err(error) => error,
        };
        assert_clear(&malformed.label, &error);
    }
    assert_eq!(place.snapshot_outside_cache(), before);
    assert_eq!(snapshot(place.cache.root()), cache_before);
}

/// Bytes changed at random: any outcome is right but a panic, a hang, or data that differs from what RECORD says.
#[test]
fn random_damage_is_survived() {
    let mut random = generator::Random::new(SEED);
    let builder = WheelBuilder::simple("fuzzed", "1.0").script("fuzzed", "fuzzed:main").file("fuzzed/data.bin", vec![7; 3000]);
    let mut streamed = builder.zip();
    streamed.entries.iter_mut().for_each(|entry| entry.descriptor = true);
    for sound in [builder.build(), builder.built(&streamed)] {
        for _ in 0..1500 {
            let mut wheel = sound.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(wheel.bytes.len());
                wheel.bytes[at] = random.next() as u8;
            }
            let _ = judge(&wheel);
        }
    }
}
