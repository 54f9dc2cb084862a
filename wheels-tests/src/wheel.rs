//! Builds sound wheels; what is unsound is done afterwards to the `Zip` that the builder gives.

use crate::zip::{Zip, ZipEntry};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct WheelBuilder {
    pub name: String,
    pub version: String,
    pub tag: String,
    pub purelib: bool,
    /// Lines added to METADATA's headers.
    pub headers: Vec<String>,
    pub entry_points: String,
    pub files: Vec<ZipEntry>,
}

#[derive(Debug, Clone)]
pub struct BuiltWheel {
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// The METADATA file, for an index that serves it alone.
    pub metadata: String,
}

impl BuiltWheel {
    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }

    pub fn write_to(&self, folder: &Path) -> PathBuf {
        let path = folder.join(&self.file_name);
        std::fs::write(&path, &self.bytes).expect("a test's folder can be written");
        path
    }
}

pub fn sha256_hex(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash as RECORD writes it.
pub fn record_sum(data: &[u8]) -> String {
    format!("sha256={}", URL_SAFE_NO_PAD.encode(Sha256::digest(data)))
}

impl WheelBuilder {
    pub fn new(name: &str, version: &str) -> WheelBuilder {
        WheelBuilder {
            name: name.to_owned(),
            version: version.to_owned(),
            tag: "py3-none-any".to_owned(),
            purelib: true,
            headers: Vec::new(),
            entry_points: String::new(),
            files: Vec::new(),
        }
    }

    /// One module `NAME/__init__.py` that knows its version: enough for most tests.
    pub fn simple(name: &str, version: &str) -> WheelBuilder {
        let module = name.replace('-', "_").to_lowercase();
        Self::new(name, version).file(&format!("{module}/__init__.py"), format!("__version__ = '{version}'\n"))
    }

    pub fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    pub fn platlib(mut self) -> Self {
        self.purelib = false;
        self
    }

    pub fn file(mut self, name: &str, data: impl Into<Vec<u8>>) -> Self {
        self.files.push(ZipEntry::new(name, data));
        self
    }

    pub fn entry(mut self, entry: ZipEntry) -> Self {
        self.files.push(entry);
        self
    }

    /// A file of the `.data` folder, for example `scripts/run`.
    pub fn data(self, place: &str, data: impl Into<Vec<u8>>) -> Self {
        let name = format!("{}.data/{place}", self.stem());
        self.file(&name, data)
    }

    pub fn requires(mut self, requirement: &str) -> Self {
        self.headers.push(format!("Requires-Dist: {requirement}"));
        self
    }

    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    pub fn script(mut self, name: &str, target: &str) -> Self {
        if self.entry_points.is_empty() {
            self.entry_points.push_str("[console_scripts]\n");
        }
        self.entry_points.push_str(&format!("{name} = {target}\n"));
        self
    }

    pub fn gui_script(mut self, name: &str, target: &str) -> Self {
        self.entry_points.push_str(&format!("[gui_scripts]\n{name} = {target}\n"));
        self
    }

    /// `name-version` as folders spell it.
    pub fn stem(&self) -> String {
        format!("{}-{}", self.name.replace(['-', '.'], "_"), self.version)
    }

    pub fn file_name(&self) -> String {
        format!("{}-{}.whl", self.stem(), self.tag)
    }

    pub fn dist_info(&self) -> String {
        format!("{}.dist-info", self.stem())
    }

    pub fn metadata(&self) -> String {
        let mut text =
            format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\nSummary: made for a test\n", self.name, self.version);
        for line in &self.headers {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("\nA description.\n");
        text
    }

    /// All entries but RECORD.
    pub fn entries(&self) -> Vec<ZipEntry> {
        let own = self.dist_info();
        let mut entries = self.files.clone();
        entries.push(ZipEntry::new(&format!("{own}/METADATA"), self.metadata()));
        let mut wheel = format!("Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {}\n", self.purelib);
        let parts: Vec<&str> = self.tag.split('-').collect();
        if let [python, abi, platform] = parts.as_slice() {
            for python in python.split('.') {
                wheel.push_str(&format!("Tag: {python}-{abi}-{platform}\n"));
            }
        }
        entries.push(ZipEntry::new(&format!("{own}/WHEEL"), wheel));
        if !self.entry_points.is_empty() {
            entries.push(ZipEntry::new(&format!("{own}/entry_points.txt"), self.entry_points.clone()));
        }
        entries
    }

    /// The text of RECORD for these entries.
    pub fn record(&self, entries: &[ZipEntry]) -> String {
        let mut text = String::new();
        for entry in entries.iter().filter(|entry| !entry.name.ends_with(b"/")) {
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            let name = if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name };
            text.push_str(&format!("{name},{},{}\n", record_sum(&entry.data), entry.data.len()));
        }
        text.push_str(&format!("{}/RECORD,,\n", self.dist_info()));
        text
    }

    pub fn zip(&self) -> Zip {
        let mut entries = self.entries();
        let record = self.record(&entries);
        entries.push(ZipEntry::new(&format!("{}/RECORD", self.dist_info()), record));
        Zip { entries, ..Zip::default() }
    }

    pub fn build(&self) -> BuiltWheel {
        self.built(&self.zip())
    }

    /// The wheel with another archive inside.
    pub fn built(&self, zip: &Zip) -> BuiltWheel {
        BuiltWheel { file_name: self.file_name(), bytes: zip.bytes(), metadata: self.metadata() }
    }
}

/// The head of a shared object for a machine, long enough for whoever looks at it (62 is x86-64, 183 is AArch64).
pub fn elf(machine: u16, symbols: &[&str]) -> Vec<u8> {
    let mut data = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".to_vec();
    data.extend_from_slice(&machine.to_le_bytes());
    data.resize(64, 0);
    for symbol in symbols {
        data.push(0);
        data.extend_from_slice(symbol.as_bytes());
    }
    data.push(0);
    data
}

/// The number of this machine in ELF headers.
pub fn this_machine() -> u16 {
    if cfg!(target_arch = "aarch64") { 183 } else { 62 }
}
