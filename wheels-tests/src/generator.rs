//! Malformed wheels by a seed: the same seed gives the same wheel. Every kind of fault is malformed by construction, so that "installed"
//! is always the wrong outcome.

use crate::wheel::{BuiltWheel, WheelBuilder, record_sum};
use crate::zip::{Zip, ZipEntry};

/// SplitMix64: small, good enough, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

#[derive(Debug, Clone)]
pub struct Malformed {
    pub label: String,
    pub wheel: BuiltWheel,
}

type Fault = (&'static str, fn(&mut Random) -> BuiltWheel);

/// Wheel number `index` of the series that `seed` starts; the kinds of faults take turns.
pub fn malformed(seed: u64, index: usize) -> Malformed {
    let mut random = Random::new(seed ^ (index as u64).wrapping_mul(0x5851_f42d_4c95_7f2d));
    let (label, make) = FAULTS[index % FAULTS.len()];
    Malformed { label: format!("{index}: {label}"), wheel: make(&mut random) }
}

fn base(random: &mut Random) -> WheelBuilder {
    let name = *random.pick(&["broken", "Broken", "bro-ken", "b.roken", "b2"]);
    let version = *random.pick(&["1.0", "2.3.4", "0.1rc1", "2026.11.21"]);
    let mut wheel = WheelBuilder::simple(name, version);
    for index in 0..random.below(4) {
        let count = random.below(3000);
        wheel = wheel.file(&format!("{}/data{index}.bin", name.to_lowercase().replace(['-', '.'], "_")), random.bytes(count));
    }
    if random.below(2) == 0 {
        wheel = wheel.script("broken-tool", "broken:main");
    }
    wheel
}

/// A sound wheel whose archive is spoiled by `spoil`.
fn spoiled(random: &mut Random, spoil: impl FnOnce(&mut Zip, &mut Random)) -> BuiltWheel {
    let wheel = base(random);
    let mut zip = wheel.zip();
    spoil(&mut zip, random);
    wheel.built(&zip)
}

fn any_entry<'a>(zip: &'a mut Zip, random: &mut Random) -> &'a mut ZipEntry {
    let index = random.below(zip.entries.len());
    &mut zip.entries[index]
}

/// The package's module, which is neither empty nor stored.
fn module(zip: &mut Zip) -> &mut ZipEntry {
    zip.entries.iter_mut().find(|entry| entry.name.ends_with(b"/__init__.py")).expect("every wheel here has a module")
}

fn with_name(random: &mut Random, names: &[&str]) -> BuiltWheel {
    let name = (*random.pick(names)).to_owned();
    base(random).file(&name, "x = 1\n").build()
}

/// Replaces RECORD by what `change` makes of its lines.
fn with_record(random: &mut Random, change: impl FnOnce(Vec<String>, &mut Random) -> Vec<String>) -> BuiltWheel {
    spoiled(random, |zip, random| {
        let record = zip.entries.last_mut().expect("RECORD is the last entry");
        let lines = String::from_utf8_lossy(&record.data).lines().map(str::to_owned).collect();
        record.data = change(lines, random).join("\n").into_bytes();
    })
}

/// Replaces a file of the dist-info folder, and keeps RECORD right about it.
fn with_text(random: &mut Random, file: &str, change: impl FnOnce(String, &mut Random) -> Vec<u8>) -> BuiltWheel {
    let wheel = base(random);
    let mut entries = wheel.entries();
    let suffix = format!(".dist-info/{file}");
    if let Some(entry) = entries.iter_mut().find(|entry| entry.name.ends_with(suffix.as_bytes())) {
        entry.data = change(String::from_utf8_lossy(&entry.data).into_owned(), random);
    } else {
        entries.push(ZipEntry::new(&format!("{}/{file}", wheel.dist_info()), change(String::new(), random)));
    }
    let record = wheel.record(&entries);
    entries.push(ZipEntry::new(&format!("{}/RECORD", wheel.dist_info()), record));
    wheel.built(&Zip { entries, ..Zip::default() })
}

fn without(random: &mut Random, file: &str) -> BuiltWheel {
    let wheel = base(random);
    let mut zip = wheel.zip();
    let suffix = format!(".dist-info/{file}");
    zip.entries.retain(|entry| !entry.name.ends_with(suffix.as_bytes()));
    wheel.built(&zip)
}

fn cut(random: &mut Random) -> BuiltWheel {
    let mut wheel = base(random).build();
    let length = random.below(wheel.bytes.len() - 1);
    wheel.bytes.truncate(length);
    wheel
}

fn line_with(line: &str, file: &str) -> bool {
    line.contains(file) && !line.ends_with("RECORD,,")
}

const FAULTS: &[Fault] = &[
    ("a path that leaves its folder", |r| with_name(r, &["../x.py", "a/../../x.py", "../../../../../../tmp/x.py", "..", "a/.."])),
    ("an absolute path", |r| with_name(r, &["/x.py", "//x.py", "/tmp/protopip-x.py", "C:/x.py", "c:x.py"])),
    ("a path that is not plain", |r| with_name(r, &["a//x.py", "./x.py", "a/./x.py", "a\\x.py", "..\\x.py", ""])),
    ("control characters in a path", |r| with_name(r, &["a\0.py", "a\n.py", "\u{1b}[31mred.py", "a\u{7f}.py", "tab\t.py"])),
    ("a name that is too long", |r| {
        let name = "x".repeat(256 + r.below(3000));
        base(r).file(&name, "x").build()
    }),
    ("a name that is not UTF-8", |r| {
        spoiled(r, |zip, _| zip.entries.insert(0, ZipEntry { name: b"caf\xe9.py".to_vec(), ..ZipEntry::new("x", "x") }))
    }),
    ("a name in an undeclared encoding", |r| base(r).entry(ZipEntry { flags: 0, ..ZipEntry::new("caf\u{e9}.py", "x") }).build()),
    ("a link or special file", |r| {
        let kind = *r.pick(&[0o120_000, 0o010_000, 0o020_000, 0o060_000, 0o140_000]);
        base(r).entry(ZipEntry { mode: kind | 0o777, method: 0, ..ZipEntry::new("special", "/etc/passwd") }).build()
    }),
    ("a folder that is a file", |r| base(r).entry(ZipEntry { mode: 0o040_755, ..ZipEntry::new("folder", "") }).build()),
    ("a folder with data", |r| {
        spoiled(r, |zip, _| zip.entries.insert(0, ZipEntry { data: b"data".to_vec(), ..ZipEntry::folder("folder") }))
    }),
    ("the same name twice", |r| {
        spoiled(r, |zip, r| {
            let copy = any_entry(zip, r).clone();
            zip.entries.push(copy);
        })
    }),
    ("a file and folder of one name", |r| base(r).file("thing", "x").file("thing/inner.py", "y").build()),
    ("data that does not match RECORD", |r| spoiled(r, |zip, r| module(zip).data = r.bytes(20))),
    ("a wrong size in RECORD", |r| {
        with_record(r, |lines, r| {
            let extra = r.below(1000) + 1;
            lines
                .into_iter()
                .map(|line| if line_with(&line, "__init__.py") { format!("{}{extra}", line) } else { line })
                .collect()
        })
    }),
    ("a file that RECORD does not list", |r| {
        with_record(r, |lines, _| lines.into_iter().filter(|line| !line_with(line, "__init__.py")).collect())
    }),
    ("a file that only RECORD knows", |r| {
        with_record(r, |mut lines, _| {
            lines.push(format!("ghost.py,{},5", record_sum(b"ghost")));
            lines
        })
    }),
    ("a hash that protects nothing", |r| {
        let hash =
            *r.pick(&["md5=abc", "sha1=qUqP5cyxm6YcTAhz05Hph5gvu9M", "crc32=12345678", "sha256", "sha256=", "=x", "sha256=!!!!"]);
        with_record(r, |lines, _| {
            let spoil = |line: String| {
                if line_with(&line, "__init__.py") {
                    format!("{},{hash},22", line.split(',').next().unwrap_or_default())
                } else {
                    line
                }
            };
            lines.into_iter().map(spoil).collect()
        })
    }),
    ("no hash at all", |r| {
        with_record(r, |lines, _| {
            let spoil = |line: String| {
                if line_with(&line, "__init__.py") { format!("{},,", line.split(',').next().unwrap_or_default()) } else { line }
            };
            lines.into_iter().map(spoil).collect()
        })
    }),
    ("a RECORD that is no table", |r| {
        let text =
            *r.pick(&["\"never closed", "a,b,c,d,e,f\n", "x,sha256=AA,minus\n", "../up.py,,\n", "/abs.py,,\n", "\0\0\0", ""]);
        with_record(r, |_, _| vec![text.to_owned()])
    }),
    ("a path that RECORD lists twice", |r| {
        with_record(r, |mut lines, _| {
            let path = lines
                .iter()
                .find(|line| line_with(line, "__init__.py"))
                .and_then(|line| line.split(',').next())
                .unwrap_or_default()
                .to_owned();
            lines.push(format!("{path},{},3", record_sum(b"two")));
            lines
        })
    }),
    ("an archive that is cut off", cut),
    ("no archive at all", |r| {
        let mut wheel = base(r).build();
        let count = r.below(200);
        wheel.bytes = r.bytes(count);
        wheel
    }),
    ("bytes after the end", |r| spoiled(r, |zip, r| zip.after = vec![b'x'; 1 + r.below(5000)])),
    ("bytes before the start", |r| spoiled(r, |zip, r| zip.before = vec![b'x'; 1 + r.below(5000)])),
    ("bytes between entries", |r| {
        spoiled(r, |zip, r| {
            let count = 1 + r.below(50);
            any_entry(zip, r).gap = vec![0; count];
        })
    }),
    ("records in the comment", |r| {
        spoiled(r, |zip, _| zip.comment = b"PK\x05\x06 and so on, as if there were another archive".to_vec())
    }),
    ("a wrong checksum", |r| spoiled(r, |zip, _| module(zip).lies.crc = Some(0xdead_beef))),
    ("a checksum that differs from the header's", |r| spoiled(r, |zip, _| module(zip).lies.local_crc = Some(0xdead_beef))),
    ("a size that differs from the header's", |r| {
        spoiled(r, |zip, r| module(zip).lies.local_size = Some(1_000_000 + r.below(1000) as u32))
    }),
    ("a size that is a lie", |r| spoiled(r, |zip, r| module(zip).lies.size = Some(r.below(20) as u32))),
    ("a packed size that is a lie", |r| spoiled(r, |zip, r| module(zip).lies.packed_size = Some(r.below(1 << 20) as u32 + 500))),
    ("an offset that is a lie", |r| spoiled(r, |zip, r| module(zip).lies.offset = Some(r.below(1 << 20) as u32 + 7))),
    ("two names for an entry", |r| spoiled(r, |zip, _| module(zip).lies.local_name = Some(b"other.py".to_vec()))),
    ("two methods for an entry", |r| spoiled(r, |zip, _| module(zip).lies.local_method = Some(0))),
    ("an unknown method", |r| spoiled(r, |zip, r| module(zip).method = *r.pick(&[1, 6, 9, 12, 14, 93, 95, 99, 65535]))),
    ("an encrypted entry", |r| spoiled(r, |zip, r| module(zip).flags = *r.pick(&[1, 0x41, 0x2000]))),
    ("patch data", |r| spoiled(r, |zip, _| module(zip).flags = 0x20)),
    ("broken packed data", |r| {
        spoiled(r, |zip, r| {
            let count = 5 + r.below(40);
            let mut packed = r.bytes(count);
            packed[0] |= 0x07;
            module(zip).lies.packed = Some(packed);
        })
    }),
    ("packed data that never ends", |r| {
        spoiled(r, |zip, _| {
            let entry = module(zip);
            let length = (entry.data.len() as u16).to_le_bytes();
            let mut packed = vec![0, length[0], length[1], !length[0], !length[1]];
            packed.extend_from_slice(&entry.data);
            entry.lies.packed = Some(packed);
        })
    }),
    ("packed data with something behind it", |r| {
        spoiled(r, |zip, _| {
            let entry = module(zip);
            let length = (entry.data.len() as u16).to_le_bytes();
            let mut packed = vec![1, length[0], length[1], !length[0], !length[1]];
            packed.extend_from_slice(&entry.data);
            packed.extend_from_slice(b"hidden");
            entry.lies.packed = Some(packed);
        })
    }),
    ("a wrong number of entries", |r| spoiled(r, |zip, r| zip.count_off_by = *r.pick(&[-1, 1, 2, 1000, -2]))),
    ("a directory in the wrong place", |r| spoiled(r, |zip, r| zip.offset_off_by = *r.pick(&[-46, -1, 1, 46, 100_000]))),
    ("two end records that disagree", |r| spoiled(r, |zip, _| zip.end64 = Some(true))),
    ("two names by an extra field", |r| {
        spoiled(r, |zip, _| {
            let mut extra = vec![0x75, 0x70, 13, 0, 1, 0, 0, 0, 0];
            extra.extend_from_slice(b"other.py");
            module(zip).central_extra = extra;
        })
    }),
    ("another name in METADATA", |r| with_text(r, "METADATA", |text, _| text.replace("Name: ", "Name: not-").into_bytes())),
    ("another version in METADATA", |r| {
        with_text(r, "METADATA", |text, _| text.replace("\nVersion: ", "\nVersion: 9").into_bytes())
    }),
    ("METADATA that says nothing", |r| {
        let text =
            *r.pick(&["", "\n", "Name: broken\n", "no header", "Metadata-Version: 7.0\nName: x\nVersion: 1\n", " continued\n"]);
        with_text(r, "METADATA", |_, _| text.as_bytes().to_vec())
    }),
    ("METADATA with two names", |r| with_text(r, "METADATA", |text, _| format!("Name: twin\n{text}").into_bytes())),
    ("METADATA that is not UTF-8", |r| with_text(r, "METADATA", |text, _| [text.as_bytes(), b"\xff\xfe\xfd"].concat())),
    ("no METADATA", |r| without(r, "METADATA")),
    ("no WHEEL", |r| without(r, "WHEEL")),
    ("no RECORD", |r| without(r, "RECORD")),
    ("a wheel format of the future", |r| {
        let version = *r.pick(&["2.0", "0.1", "x", "", "-1"]);
        with_text(r, "WHEEL", |text, _| text.replace("Wheel-Version: 1.0", &format!("Wheel-Version: {version}")).into_bytes())
    }),
    ("an unclear library", |r| with_text(r, "WHEEL", |text, _| text.replace("Purelib: true", "Purelib: perhaps").into_bytes())),
    ("another dist-info folder", |r| {
        let mut wheel = base(r).build();
        wheel.file_name = wheel.file_name.replacen('-', "x-", 1);
        wheel
    }),
    ("another version in the file name", |r| {
        let mut wheel = base(r).build();
        wheel.file_name = wheel.file_name.replace("-py3", ".post77-py3");
        wheel
    }),
    ("two dist-info folders", |r| {
        base(r).file("other-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n").build()
    }),
    ("program text in an entry point", |r| {
        let line = *r.pick(&[
            "a = m:f();import os",
            "a = os:system('x')",
            "a = m",
            "a = :f",
            "a = m:",
            "a = m n:f",
            "a = m:f\"",
            "noequals",
        ]);
        with_text(r, "entry_points.txt", |_, _| format!("[console_scripts]\n{line}\n").into_bytes())
    }),
    ("a script with an unusable name", |r| {
        let name = *r.pick(&["../../up", "a/b", "", ".hidden", "-rf", "new\u{8}line", "..", "."]);
        with_text(r, "entry_points.txt", |_, _| format!("[console_scripts]\n{name} = m:f\n").into_bytes())
    }),
    ("a script in the place of the environment's own", |r| {
        let name = (*r.pick(&[
            "python",
            "python3",
            "python3.14",
            "python3.14t",
            "Python",
            "activate",
            "activate.fish",
            "protopy",
            "protopip",
        ]))
        .to_owned();
        match r.below(3) {
            0 => base(r).data(&format!("scripts/{name}"), "#!python\n").build(),
            1 => base(r).data(&format!("data/bin/{name}"), "#!python\n").build(),
            _ => with_text(r, "entry_points.txt", move |_, _| format!("[console_scripts]\n{name} = m:f\n").into_bytes()),
        }
    }),
    ("data of an unknown kind", |r| {
        let place = *r.pick(&["secrets/x", "stdlib/os.py", "loose", "PURELIB/x", "include/x.h"]);
        base(r).data(place, "x").build()
    }),
    ("data of another package", |r| base(r).file("other-1.0.data/scripts/run", "x").build()),
    ("the environment's configuration as data", |r| base(r).data("data/pyvenv.cfg", "home = /tmp\n").build()),
    ("a journal of the installer", |r| {
        if r.below(2) == 0 {
            base(r).file(".protopip/journal", "end\t0\n").build()
        } else {
            base(r).data("data/.protopip/done", "").build()
        }
    }),
    ("two files for one place", |r| {
        let place = *r.pick(&["purelib", "platlib"]);
        base(r).file("same.py", "1").data(&format!("{place}/same.py"), "2").build()
    }),
    ("a bomb", |r| {
        let size = (64 << 20) + r.below(1 << 20);
        base(r).entry(ZipEntry::new("zeros.bin", vec![0; size])).build()
    }),
    ("a file name that says nothing", |r| {
        let mut wheel = base(r).build();
        wheel.file_name = (*r.pick(&[
            "x.whl",
            "a-b.whl",
            "broken-1.0-py3-none.whl",
            "broken-one-py3-none-any.whl",
            "-1.0-py3-none-any.whl",
            "broken-1.0-x-py3-none-any.whl",
        ]))
        .to_owned();
        wheel
    }),
];

/// How many kinds of faults there are.
pub fn kinds() -> usize {
    FAULTS.len()
}
