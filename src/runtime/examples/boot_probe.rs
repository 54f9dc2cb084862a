//! Runs a file after half a boot (no `_io`, no `posix`): for trying modules out before the whole runtime comes up.

use objects::door::CompileRequest;
use objects::native::{FnDef, FnKind, NativeCall, ParamDef, ParamKind};
use objects::{Cast, R, Str, Value, call_method, dict, interned, new_str};

fn write(text: Value) -> R {
    if let Some(text) = text.cast::<Str>() {
        print!("{}", text.to_string_lossy());
    }
    Ok(Value::none())
}
static WRITE: FnDef = FnDef {
    name: "write", class: "", module: "probe", doc: "", sig: "(text, /)",
    params: &[ParamDef { name: "text", kind: ParamKind::PositionalOnly, has_default: false }],
    kind: FnKind::Function, flags: 0, call: NativeCall::F1(write),
};

fn run(path: &str) -> R<()> {
    let mut config = runtime::Config::default();
    config.stdlib = "/work/main/target/debug/share/protopython/lib/python3.14".into();
    config.argv = vec!["".into()];
    config.module_search_path = vec![config.stdlib.clone().into()];
    config.int_max_str_digits = -1;
    let builtins = runtime::boot::boot_core(config)?;
    stdlib_sys::imp::set_builtin_modules(runtime::modules::all_native());
    let def = runtime::modules::find_native("sys").unwrap();
    let sys = objects::module::new_native_module(def)?;
    objects::system::set_sys_module(sys.value());
    let loaded = objects::new_dict();
    dict::dict_set_str(loaded, interned!("sys"), sys.value())?;
    dict::dict_set_str(loaded, interned!("builtins"), builtins.value())?;
    sys.set("modules", loaded.value())?;
    (def.exec.unwrap())(sys.value())?;
    interp::install::set_modules(builtins.dict(), sys.dict());
    let importlib = objects::module::new_module("_frozen_importlib", None)?;
    dict::dict_set_str(loaded, interned!("_frozen_importlib"), importlib.value())?;
    let ns = importlib.dict();
    dict::dict_set_str(ns, interned!("__builtins__"), builtins.value())?;
    dict::dict_set_str(ns, interned!("__origname__"), new_str("importlib._bootstrap"))?;
    let code = runtime::frozen::frozen_code("_frozen_importlib")?;
    (objects::door::interpreter().exec_code)(code, ns.value(), ns.value(), None)?;
    builtins::import_::install(importlib.value());
    let imp = stdlib_sys::imp::load_builtin("_imp")?.unwrap();
    dict::dict_set_str(loaded, interned!("_imp"), imp.value())?;
    call_method(importlib.value(), interned!("_install"), &[sys.value(), imp.value()])?;
    let main = runtime::boot::main_namespace()?;
    let write = objects::descr::new_native_function(&WRITE, None, None);
    dict::dict_set_str(main, interned!("write"), write.value())?;
    let setup = "class Out:\n    encoding='utf-8'\n    def write(self, s): write(s)\n    def flush(self): pass\nimport sys\nsys.stdout=sys.stderr=Out()\nLIB='/work/main/target/debug/share/protopython/lib/python3.14'\n";
    exec(setup, main.value(), "setup")?;
    exec(&std::fs::read_to_string(path).unwrap(), main.value(), path)
}
fn exec(source: &str, main: Value, name: &str) -> R<()> {
    let request = CompileRequest { source: source.as_bytes(), source_is_text: true, filename: name, mode: "exec", flags: 0, optimize: -1 };
    let code = (objects::door::front_end()?.compile)(&request)?;
    (objects::door::interpreter().exec_code)(code, main, main, None)?;
    Ok(())
}

fn main() {
    if let Err(raised) = run(&std::env::args().nth(1).unwrap()) {
        let e = raised.take();
        stdlib_sys::sys::hooks::show_plainly(e, None);
    }
    stdlib_sys::finalize::finalize();
    std::process::exit(0);
}
