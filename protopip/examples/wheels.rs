//! Work on the wheel reader by hand: `check FILE...` judges wheels, `fuzz SECONDS [SEED]` looks for panics, `write FOLDER` writes the hostile
//! and two hundred malformed wheels for a look with other tools.

use protopip::flaw::{Checked, Flaw};
use protopip::model::WheelName;
use protopip::wheel::{EntryPoints, Limits, Metadata, Wheel, record};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use wheels_tests::generator::{self, Random};
use wheels_tests::{BuiltWheel, WheelBuilder, Zip, ZipEntry, hostile};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["check", files @ ..] if !files.is_empty() => check(files),
        ["fuzz", seconds] => fuzz(seconds, "1"),
        ["fuzz", seconds, seed] => fuzz(seconds, seed),
        ["write", folder] => write(Path::new(folder)),
        _ => {
            eprintln!("usage: wheels check FILE... | fuzz SECONDS [SEED] | write FOLDER");
            ExitCode::from(2)
        }
    }
}

fn check(files: &[&str]) -> ExitCode {
    let mut refused = 0;
    for file in files {
        let start = Instant::now();
        let judged = Wheel::open(Path::new(file), &Limits::default()).and_then(|wheel| {
            let kind = wheel
                .verify()
                .and_then(|()| wheel.content_kind())
                .map_err(|flaw| protopip::wheel::refused(Path::new(file), &flaw))?;
            Ok((wheel, kind))
        });
        match judged {
            Ok((wheel, kind)) => {
                println!(
                    "ok       {} {} ({kind:?}, {} ms) {}",
                    wheel.name(),
                    wheel.version(),
                    start.elapsed().as_millis(),
                    wheel.notes().join("; ")
                );
            }
            Err(error) => {
                refused += 1;
                println!("refused  {error}");
            }
        }
    }
    println!("{} wheels, {refused} refused", files.len());
    if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn write(folder: &Path) -> ExitCode {
    let all = hostile::all().into_iter().map(|hostile| (hostile.label.to_owned(), hostile.wheel));
    let malformed =
        (0..200).map(|index| generator::malformed(20_261_121, index)).map(|malformed| (malformed.label, malformed.wheel));
    for (number, (label, wheel)) in all.chain(malformed).enumerate() {
        let own = folder.join(format!("{number:03}"));
        if let Err(error) = std::fs::create_dir_all(&own).and_then(|()| std::fs::write(own.join(&wheel.file_name), &wheel.bytes))
        {
            eprintln!("{}: {error}", own.display());
            return ExitCode::FAILURE;
        }
        println!("{number:03} {label}");
    }
    ExitCode::SUCCESS
}

fn judge(wheel: &BuiltWheel) -> Checked<()> {
    let name = WheelName::parse(&wheel.file_name).map_err(|error| Flaw::new(error.to_string()))?;
    // Less than usual, so that a wheel that unpacks to much does not take the time of a thousand others.
    let limits = Limits { total_bytes: 64 << 20, ..Limits::default() };
    let opened = Wheel::from_bytes(wheel.bytes.clone(), &name, &limits)?;
    opened.content_kind()?;
    opened.verify()
}

fn fuzz(seconds: &str, seed: &str) -> ExitCode {
    let (Ok(seconds), Ok(seed)) = (seconds.parse(), seed.parse::<u64>()) else {
        eprintln!("SECONDS and SEED are numbers");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let limit = Duration::from_secs(seconds);
    let corpus = corpus();
    let (mut tried, mut accepted, mut slowest) = (0u64, 0u64, Duration::ZERO);
    while start.elapsed() < limit {
        let case = seed.wrapping_mul(1 << 32).wrapping_add(tried);
        let mut random = Random::new(case);
        let builder = &corpus[random.below(corpus.len())];
        let wheel = if random.below(2) == 0 { damaged_bytes(builder, &mut random) } else { damaged_parts(builder, &mut random) };
        let began = Instant::now();
        let outcome = std::panic::catch_unwind(|| judge(&wheel));
        slowest = slowest.max(began.elapsed());
        match outcome {
            Ok(Ok(())) => accepted += 1,
            Ok(Err(flaw)) if flaw.to_string().is_empty() => panic!("case {case}: an empty message"),
            Ok(Err(_)) => {}
            Err(_) => {
                let path = std::env::temp_dir().join(format!("fuzzed-wheel-{case}.whl"));
                let kept = std::fs::write(&path, &wheel.bytes).is_ok();
                eprintln!(
                    "case {case} made the reader panic{}",
                    if kept { format!(": {}", path.display()) } else { String::new() }
                );
                return ExitCode::FAILURE;
            }
        }
        tried += 1;
    }
    println!(
        "{tried} wheels in {} s, {accepted} accepted, slowest {} ms, no panic",
        start.elapsed().as_secs(),
        slowest.as_millis()
    );
    ExitCode::SUCCESS
}

fn corpus() -> Vec<WheelBuilder> {
    let base = || WheelBuilder::simple("fuzzed", "1.0").requires("other>=1").script("fuzzed", "fuzzed:main");
    let stored = ZipEntry { method: 0, ..ZipEntry::new("fuzzed/stored.bin", vec![3; 400]) };
    let streamed = ZipEntry { descriptor: true, ..ZipEntry::new("fuzzed/streamed.py", "streamed = 1\n".repeat(40)) };
    let wide = ZipEntry { zip64: true, ..ZipEntry::new("fuzzed/wide.py", "wide = 1\n") };
    vec![
        WheelBuilder::simple("fuzzed", "1.0"),
        base().data("scripts/run", "#!python\n").data("headers/f.h", "x").file("fuzzed.pth", "import os\n"),
        base().entry(stored.clone()).entry(streamed.clone()).entry(wide.clone()).entry(ZipEntry::folder("fuzzed/empty")),
        base().file("fuzzed/a.so", wheels_tests::wheel::elf(62, &["PyInit_a"])).entry(streamed).entry(wide).entry(stored),
    ]
}

/// Any byte may be wrong.
fn damaged_bytes(builder: &WheelBuilder, random: &mut Random) -> BuiltWheel {
    let mut zip = builder.zip();
    if random.below(4) == 0 {
        zip.end64 = Some(false);
    }
    let mut wheel = builder.built(&zip);
    for _ in 0..=random.below(6) {
        damage(&mut wheel.bytes, random);
    }
    wheel
}

/// The archive is sound, what it holds is not; RECORD agrees with it half of the time.
fn damaged_parts(builder: &WheelBuilder, random: &mut Random) -> BuiltWheel {
    let mut entries = builder.entries();
    for _ in 0..=random.below(3) {
        let at = random.below(entries.len());
        let entry = &mut entries[at];
        match random.below(4) {
            0 => damage(&mut entry.name, random),
            _ => damage(&mut entry.data, random),
        }
        let text = String::from_utf8_lossy(&entry.data);
        let _ = (Metadata::parse(&text), EntryPoints::parse(&text));
    }
    let mut record = builder.record(&entries).into_bytes();
    if random.below(2) == 0 {
        damage(&mut record, random);
        let _ = record::parse(&String::from_utf8_lossy(&record));
    }
    entries.push(ZipEntry::new(&format!("{}/RECORD", builder.dist_info()), record));
    builder.built(&Zip { entries, ..Zip::default() })
}

const TELLING: [&[u8]; 16] = [
    b"\0",
    b"\n",
    b"\r\n",
    b",",
    b"\"",
    b"/",
    b"../",
    b"=",
    b":",
    b"\xff\xff\xff\xff",
    b"\xff\xff",
    b"PK\x05\x06",
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"\x01\0\x10\0",
    b" ",
];

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + 1 + random.below(40)).min(bytes.len());
    match random.below(7) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = random.next() as u8,
        2 => drop(bytes.splice(at..at, TELLING[random.below(TELLING.len())].iter().copied())),
        3 => drop(bytes.drain(at.min(end)..end)),
        4 => {
            let copy = bytes[at.min(end)..end].to_vec();
            let to = random.below(bytes.len() + 1);
            drop(bytes.splice(to..to, copy));
        }
        5 if random.below(8) == 0 => bytes.truncate(at),
        _ => {
            let telling = TELLING[random.below(TELLING.len())];
            let end = (at + telling.len()).min(bytes.len());
            drop(bytes.splice(at.min(end)..end, telling.iter().copied()));
        }
    }
}
