//! The core without any module but `builtins`: source text is compiled, linked and run, and its globals are looked at.

use objects::door;
use objects::{Dict, Gc, R, Str, Value, dict, intern};
use std::sync::Once;

static BOOT: Once = Once::new();

fn boot() {
    BOOT.call_once(|| {
        objects::thread::attach(true).expect("attach");
        objects::boot::prepare_core();
        for def in interp::skin::CLASSES {
            objects::class_new::predeclare(def);
        }
        builtins::install_classes().expect("classes");
        interp::skin::install_classes().expect("classes");
        builtins::install_the_rest().expect("classes");
        interp::install::install();
        let module = builtins::make_module().expect("builtins");
        interp::install::set_modules(module.dict(), module.dict());
    });
}

fn run(source: &str) -> R<Gc<Dict>> {
    let parsed = syntax::parse(source, syntax::Mode::Exec, syntax::Flags::default()).expect("parses");
    let syntax::Ast::Module(module) = &parsed.ast else { panic!("a module") };
    let map = compiler::SourceMap::new(&parsed.source);
    let (unit, _) = compiler::compile_module(module, &map, &compiler::CompileOptions::default()).expect("compiles");
    let code = interp::link::link(unit)?;
    let namespace = objects::new_dict();
    dict::dict_set_str(namespace, intern("__name__"), objects::new_str("bare"))?;
    dict::dict_set_str(namespace, intern("__builtins__"), door::builtins_module()?)?;
    (door::interpreter().exec_code)(code.value(), namespace.value(), namespace.value(), None)?;
    Ok(namespace)
}

/// Runs `source` and gives the text of its global `result`.
fn result(source: &'static str) -> String {
    boot();
    match run(source) {
        Ok(namespace) => {
            let value = dict::dict_get_str(namespace, intern("result")).unwrap_or(Value::none());
            objects::protocol::repr_lossy(value)
        }
        Err(raised) => {
            let exception = raised.take();
            let class = objects::class_name(exception);
            let text = objects::str_of(exception).map(|text: Gc<Str>| text.to_string_lossy()).unwrap_or_default();
            format!("{class}: {text}")
        }
    }
}

#[test]
fn programs() {
    let programs: &[(&str, &str)] = &[
        ("result = 1 + 2", "3"),
        ("def f(n):\n    return n if n < 2 else f(n-1) + f(n-2)\nresult = f(20)", "6765"),
        ("result = [i*i for i in range(5) if i % 2]", "[1, 9]"),
        (
            "class A:\n    def __init__(self, x):\n        self.x = x\n    def get(self):\n        return self.x\nresult = A(7).get()",
            "7",
        ),
        ("try:\n    1/0\nexcept ZeroDivisionError as e:\n    result = str(e)", "'division by zero'"),
        ("def g():\n    yield 1\n    yield 2\nresult = list(g())", "[1, 2]"),
        ("result = {'a': 1, **{'b': 2}}", "{'a': 1, 'b': 2}"),
        ("result = f'{3:>4}|{1.5}'", "'   3|1.5'"),
        ("s = 0\nfor i in range(1000):\n    s += i\nresult = s", "499500"),
        ("class B(Exception): pass\ntry:\n    raise B('x')\nexcept B as e:\n    result = e.args", "('x',)"),
        ("def f(a, *args, k=1, **kw):\n    return a, args, k, kw\nresult = f(1, 2, 3, k=4, z=5)", "(1, (2, 3), 4, {'z': 5})"),
        ("match [1, 2, 3]:\n    case [a, *rest]:\n        result = rest", "[2, 3]"),
        ("x = undefined", "NameError: name 'undefined' is not defined"),
    ];
    let wrong: Vec<_> = programs
        .iter()
        .map(|(source, expected)| (source, expected, result(source)))
        .filter(|(_, expected, found)| found != *expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
