//! Golden disassembly of small sources (data/disassembly.txt). To remake: `UPDATE_GOLDEN=1 cargo nextest run -p compiler disassembly`,
//! then read the difference.

use compiler::{CompileOptions, SourceMap};

const DATA: &str = "tests/data/disassembly.txt";
const RULE: &str = "----\n";

fn disassembly(source: &str) -> String {
    let parsed = ruff_python_parser::parse_module(source).expect("parses");
    let map = SourceMap::new(source);
    let (unit, _) = compiler::compile_module(parsed.syntax(), &map, &CompileOptions::default()).expect("compiles");
    assert_eq!(bytecode::verify(&unit), Ok(()), "{source}");
    bytecode::disassemble_all(&unit).lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn disassembly_is_golden() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let data = std::fs::read_to_string(&path).expect("data file");
    let (head, cases) = data.split_once("====\n").expect("cases");
    let mut remade = head.to_string();
    for case in cases.split("====\n") {
        let source = case.split(RULE).next().unwrap_or("");
        remade.push_str(&format!("====\n{source}{RULE}{}", disassembly(source)));
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, remade).expect("writes");
        return;
    }
    for (ours, golden) in remade.split("====\n").zip(data.split("====\n")) {
        assert_eq!(ours, golden);
    }
    assert_eq!(remade.len(), data.len());
}
