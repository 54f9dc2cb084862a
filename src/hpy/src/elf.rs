//! Looks at a shared object before it is mapped: whether it is one for this machine, whole, and what it exports and wants.
//!
//! A truncated library would be mapped and fault later, when its missing pages are touched; and a library of CPython's C API would
//! fail with the name of a symbol at best. Must not know: Python.

/// What is wrong with a file, or what is in it.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not an ELF file at all (other systems have other formats).
    NotElf,
    /// Something else that a person can read: "it is for AArch64".
    Unusable(String),
    Library(Symbols),
}

/// Names in the dynamic symbol table.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    pub defined: Vec<String>,
    pub undefined: Vec<String>,
}

impl Symbols {
    pub fn defines(&self, name: &str) -> bool {
        self.defined.iter().any(|symbol| symbol == name)
    }
    /// Whether the file wants CPython's C API.
    pub fn wants_c_api(&self) -> Option<&str> {
        self.undefined.iter().find(|name| name.starts_with("Py") || name.starts_with("_Py")).map(String::as_str)
    }
    /// The name of the module if the file exports a C-API module.
    pub fn c_api_module(&self) -> Option<&str> {
        self.defined.iter().find_map(|name| name.strip_prefix("PyInit_"))
    }
    pub fn hpy_module(&self) -> Option<&str> {
        self.defined.iter().find_map(|name| name.strip_prefix("HPyInit_"))
    }
}

fn machine_name(machine: u16) -> String {
    match machine {
        3 => "x86 (32 bit)".into(),
        21 => "PowerPC 64".into(),
        22 => "S/390".into(),
        40 => "ARM (32 bit)".into(),
        62 => "x86-64".into(),
        183 => "AArch64".into(),
        243 => "RISC-V".into(),
        258 => "LoongArch".into(),
        other => format!("machine number {other}"),
    }
}

const OWN_MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "aarch64") {
    183
} else if cfg!(target_arch = "riscv64") {
    243
} else {
    0
};

/// Reads little-endian numbers, never outside of the file.
struct File<'a>(&'a [u8]);

impl File<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.0.get(at..at.checked_add(2)?)?.try_into().ok()?))
    }
    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.0.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }
    fn u64(&self, at: usize) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.0.get(at..at.checked_add(8)?)?.try_into().ok()?)).ok()
    }
    fn has(&self, offset: usize, size: usize) -> bool {
        offset.checked_add(size).is_some_and(|end| end <= self.0.len())
    }
    fn text(&self, at: usize) -> Option<String> {
        let rest = self.0.get(at..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }
}

const SEGMENT_LOAD: u32 = 1;
const SECTION_DYNSYM: u32 = 11;
const SECTION_NOBITS: u32 = 8;

/// Examines the bytes of a file.
pub fn examine(bytes: &[u8]) -> Verdict {
    if bytes.len() < 4 || &bytes[..4] != b"\x7fELF" {
        return Verdict::NotElf;
    }
    let truncated = || Verdict::Unusable("it is truncated".to_owned());
    if bytes.len() < 64 {
        return truncated();
    }
    if bytes[4] != 2 {
        return Verdict::Unusable("it is a 32-bit library".to_owned());
    }
    if bytes[5] != 1 {
        return Verdict::Unusable("it is for a big-endian machine".to_owned());
    }
    let file = File(bytes);
    match (file.u16(16), file.u16(18)) {
        (Some(3), Some(machine)) if machine == OWN_MACHINE || OWN_MACHINE == 0 => {}
        (Some(3), Some(machine)) => {
            return Verdict::Unusable(format!("it is for another architecture: {}", machine_name(machine)));
        }
        _ => return Verdict::Unusable("it is no shared library".to_owned()),
    }
    match read_symbols(&file) {
        Some(symbols) => Verdict::Library(symbols),
        None => truncated(),
    }
}

/// None if something that the headers promise lies beyond the end of the file.
fn read_symbols(file: &File) -> Option<Symbols> {
    let (segments, sections) = (file.u64(32)?, file.u64(40)?);
    let (segment_size, segment_count) = (file.u16(54)? as usize, file.u16(56)? as usize);
    let (section_size, section_count) = (file.u16(58)? as usize, file.u16(60)? as usize);
    for index in 0..segment_count {
        let at = segments.checked_add(index * segment_size)?;
        if file.u32(at)? == SEGMENT_LOAD && !file.has(file.u64(at + 8)?, file.u64(at + 32)?) {
            return None;
        }
    }
    let mut symbols = Symbols::default();
    if sections == 0 {
        return Some(symbols);
    }
    for index in 0..section_count {
        let at = sections.checked_add(index * section_size)?;
        let (kind, offset, size) = (file.u32(at + 4)?, file.u64(at + 24)?, file.u64(at + 32)?);
        if kind != SECTION_NOBITS && kind != 0 && !file.has(offset, size) {
            return None;
        }
        if kind != SECTION_DYNSYM {
            continue;
        }
        let strings = sections.checked_add(file.u32(at + 40)? as usize * section_size)?;
        let names = file.u64(strings + 24)?;
        for symbol in (offset..offset.checked_add(size)?).step_by(24) {
            let name = file.text(names.checked_add(file.u32(symbol)? as usize)?)?;
            if name.is_empty() {
                continue;
            }
            if file.u16(symbol + 6)? == 0 { symbols.undefined.push(name) } else { symbols.defined.push(name) }
        }
    }
    Some(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_told_apart() {
        assert_eq!(examine(b""), Verdict::NotElf);
        assert_eq!(examine(b"MZ rest of a Windows program"), Verdict::NotElf);
        assert_eq!(examine(b"\x7fELF\x02\x01"), Verdict::Unusable("it is truncated".into()));
        let mut header = vec![0u8; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[16] = 3;
        header[18] = 22;
        assert_eq!(examine(&header), Verdict::Unusable("it is for another architecture: S/390".into()));
        header[4] = 1;
        assert_eq!(examine(&header), Verdict::Unusable("it is a 32-bit library".into()));
    }

    #[test]
    fn promises_beyond_the_end_mean_truncation() {
        let mut header = vec![0u8; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[16] = 3;
        header[18..20].copy_from_slice(&OWN_MACHINE.to_le_bytes());
        assert_eq!(examine(&header), Verdict::Library(Symbols::default()));
        header[32..40].copy_from_slice(&64u64.to_le_bytes());
        header[54..56].copy_from_slice(&56u16.to_le_bytes());
        header[56..58].copy_from_slice(&1u16.to_le_bytes());
        assert_eq!(examine(&header), Verdict::Unusable("it is truncated".into()));
        // Offsets that overflow are no way around it.
        header[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(examine(&header), Verdict::Unusable("it is truncated".into()));
    }
}
