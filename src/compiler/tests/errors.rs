//! Errors and warnings of small sources against what CPython says (data/errors.txt).

use compiler::{CompileOptions, SourceMap};

/// What we say, in the data file's form; `None` if the source does not parse.
fn outcome(source: &str) -> Option<Vec<String>> {
    let parsed = ruff_python_parser::parse_unchecked_source(source, ruff_python_ast::PySourceType::Python);
    if !parsed.errors().is_empty() {
        return None;
    }
    let map = SourceMap::new(source);
    Some(match compiler::compile_module(parsed.syntax(), &map, &CompileOptions::default()) {
        Ok((unit, warnings)) => {
            assert_eq!(bytecode::verify(&unit), Ok(()), "{source}");
            std::iter::once("ok".to_string())
                .chain(warnings.iter().map(|warning| format!("warning {} {}", warning.line, warning.message)))
                .collect()
        }
        Err(error) => vec![format!("{} @ {}:{}-{}:{}", error.message, error.line, error.col, error.end_line, error.end_col)],
    })
}

#[test]
fn errors_are_cpythons() {
    let data = include_str!("data/errors.txt");
    let mut lines = data.lines().filter(|line| !line.starts_with('#')).peekable();
    let mut failures = Vec::new();
    while let Some(line) = lines.next() {
        let source = line.replace("\\n", "\n");
        let mut expected = Vec::new();
        while let Some(more) = lines.next_if(|line| line.starts_with("    ")) {
            expected.push(more.trim_start().to_string());
        }
        // With an error, what was warned of before it is not reported.
        if expected.first().is_some_and(|first| first != "ok") {
            expected.truncate(1);
        }
        match outcome(&source) {
            None => {}
            Some(ours) if ours == expected => {}
            Some(ours) => failures.push(format!("{line}\n  ours    {ours:?}\n  CPython {expected:?}")),
        }
    }
    assert!(failures.is_empty(), "{} differences\n{}", failures.len(), failures.join("\n"));
}
