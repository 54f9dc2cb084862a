//! Large and deep sources: they compile to sound units or give a clean error.

use bytecode::CodeUnit;
use compiler::{CompileError, CompileOptions, ErrorKind, SourceMap};

fn compile(source: &str) -> Result<CodeUnit, CompileError> {
    let parsed = ruff_python_parser::parse_module(source).expect("parses");
    let map = SourceMap::new(source);
    let (unit, _) =
        compiler::compile_module(parsed.syntax(), &map, &CompileOptions { stack_budget: 1 << 20, ..CompileOptions::default() })?;
    assert_eq!(bytecode::verify(&unit), Ok(()));
    Ok(unit)
}

fn join(count: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(separator)
}

#[test]
fn many_locals() {
    let body = join(400, "\n", |n| format!("    x{n} = {n}\n    y{n} = x{n} + x0\n    del x{n}"));
    compile(&format!("def f(a):\n    x0 = 1\n{body}\n    return y399")).expect("compiles");
}

#[test]
fn many_parameters_and_cells() {
    let parameters = join(400, ", ", |n| format!("p{n}"));
    let sum = join(400, " + ", |n| format!("p{n}"));
    compile(&format!("def f({parameters}):\n    def g():\n        return {sum}\n    return g, p399")).expect("compiles");
}

#[test]
fn many_arguments_and_targets() {
    let arguments = join(500, ", ", |n| format!("a{n}"));
    let keywords = join(500, ", ", |n| format!("k{n}=a"));
    compile(&format!("f({arguments})")).expect("positional");
    compile(&format!("f({keywords})")).expect("keywords");
    let targets = join(200, ", ", |n| format!("a{n}"));
    compile(&format!("({arguments}) = x\n({targets}, *r, {targets}) = x")).expect("targets");
    compile(&format!(
        "f({arguments})\nf({keywords})\nf({arguments}, *b, {keywords}, **c)\nx = [{arguments}]\nx = {{{arguments}}}"
    ))
    .expect("compiles");
    let items = join(500, ", ", |n| format!("a{n}: b{n}"));
    compile(&format!("x = {{{items}}}\nclass C({arguments}, {keywords}): pass")).expect("compiles");
    let text = join(500, "", |n| format!("{{a{n}}}-"));
    compile(&format!("x = f'{text}'\ny = t'{text}'")).expect("compiles");
}

#[test]
fn deep_calls_put_temporaries_aside() {
    let source = format!("def f(x):\n    return {}x{}", "f(1, 2, ".repeat(60), ")".repeat(60));
    compile(&source).expect("compiles");
    let source = format!("x = {}1{}", "[".repeat(90), "]".repeat(90));
    compile(&source).expect("compiles");
}

#[test]
fn too_deep_is_an_error() {
    let source = format!("x = {}", join(5000, " + ", |_| "a".into()));
    match compile(&source) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind, ErrorKind::Recursion),
    }
}

#[test]
fn long_jumps() {
    let body = "        x = f(x, 1, 2)\n".repeat(9000);
    compile(&format!("def f(a):\n    while a:\n        if b: continue\n{body}        if c: break\n    return 1"))
        .expect("compiles");
}

#[test]
fn nested_blocks_have_a_limit() {
    let mut source = String::new();
    for depth in 0..22 {
        source.push_str(&format!("{}while 1:\n", " ".repeat(depth)));
    }
    source.push_str(&format!("{}pass\n", " ".repeat(22)));
    let error = compile(&source).expect_err("too many blocks");
    assert_eq!(error.message, "too many statically nested blocks");
}

/// Damaged units are refused or verify; nothing panics.
#[test]
fn damaged_units_never_panic() {
    let unit = compile("def f(a, *b):\n    try:\n        return [g(x, y=1) for x in a if x > 2]\n    finally:\n        b.c[0] = lambda: a\nclass C:\n    x: int = 1\n").expect("compiles");
    let bytes = bytecode::to_bytes(&unit);
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = (state >> 8) as usize % damaged.len();
            damaged[at] = state as u8;
        }
        if state & 7 == 0 {
            damaged.truncate((state >> 20) as usize % damaged.len());
        }
        if let Ok(unit) = bytecode::from_bytes(&damaged)
            && bytecode::verify(&unit).is_ok()
        {
            bytecode::disassemble_all(&unit);
            unit.line_starts();
        }
    }
}

#[test]
fn yields_keep_all_variables() {
    let body = join(400, "\n", |n| format!("    x{n} = yield a\n    y{n} = x{n} + (yield x0)"));
    compile(&format!("def f(a):\n{body}\n    yield from y399")).expect("compiles");

    let module = compile("def f(a, b):\n    yield a + b\n").expect("compiles");
    let nested = module.consts.iter().find_map(|constant| match constant {
        bytecode::Const::Code(unit) => Some((**unit).clone()),
        _ => None,
    });
    let unit = nested.expect("a nested unit");
    let place = unit.words.iter().position(|word| (word & 0xFF) as u8 == bytecode::Op::Yield as u8).expect("a yield");
    for kept in 0..=255u32 {
        let mut changed = unit.clone();
        changed.words[place] = changed.words[place] & 0x00FF_FFFF | kept << 24;
        let is_sound = kept == 0 || (2..=unit.register_count).contains(&kept);
        assert_eq!(bytecode::verify(&changed).is_ok(), is_sound, "{kept} of {}", unit.register_count);
    }
}
