//! Library sources to code units, and to the bytes of `.pyc` files.

use bytecode::CodeUnit;
use compiler::{CompileOptions, SourceMap};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use syntax::{Ast, Flags, Mode, Origin};

/// The code unit of a module; None if its source is not for this version of the language.
pub fn code_unit(source: &[u8], filename: &str) -> Option<CodeUnit> {
    let mut no_codec = |_: &str, _: &[u8]| Err(syntax::DecodeFailure::UnknownEncoding);
    let text = syntax::decode(source, Origin::File(filename), &mut no_codec).ok()?.text;
    let flags = Flags { allow_incomplete_input: false, dont_imply_dedent: false, barry_as_flufl: false };
    let parsed = syntax::parse(&text, Mode::Exec, flags).ok()?;
    let Ast::Module(module) = &parsed.ast else { return None };
    let options = CompileOptions { filename: filename.to_owned(), stack_budget: 32 << 20, ..CompileOptions::default() };
    let map = SourceMap::new(&parsed.source);
    compiler::compile_module(module, &map, &options).ok().map(|(unit, _)| unit)
}

/// The library's files as `.pyc` files, each compiled once, and the checksums of their code units.
#[derive(Default)]
pub struct Compiled {
    files: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
    checksums: RefCell<BTreeSet<u64>>,
}

impl Compiled {
    /// A `.pyc` that is valid whatever the source's time stamp says: installers do not keep time stamps.
    pub fn file(&self, path: &str, source: &[u8]) -> Option<Vec<u8>> {
        const UNCHECKED_HASH: u32 = 1;
        if let Some(known) = self.files.borrow().get(path) {
            return known.clone();
        }
        let bytes = code_unit(source, "<library>").map(|unit| {
            let code = bytecode::serialize::to_bytes(&unit);
            let sum = bytecode::serialize::checksum_of(&code).expect("a unit that was just written");
            self.checksums.borrow_mut().insert(sum);
            let mut bytes = bytecode::serialize::pyc_magic_token().to_le_bytes().to_vec();
            bytes.extend(UNCHECKED_HASH.to_le_bytes());
            bytes.extend([0; 8]);
            // `marshal`: the type code of a code object, the length, its bytes.
            bytes.push(b'c');
            bytes.extend((code.len() as u32).to_le_bytes());
            bytes.extend(code);
            bytes
        });
        self.files.borrow_mut().insert(path.to_owned(), bytes.clone());
        bytes
    }

    /// Writes `own_units.rs`: a Rust array.
    pub fn write_checksums(&self, out: &Path) {
        let mut text = String::from("[\n");
        for sum in self.checksums.borrow().iter() {
            let _ = writeln!(text, "    {sum},");
        }
        text.push_str("]\n");
        std::fs::write(out.join("own_units.rs"), text).expect("write the list of own units");
    }
}
