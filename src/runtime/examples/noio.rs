//! Scratch runner without streams.
#[path = "../../cli/src/configure.rs"]
mod configure;
#[path = "../../cli/src/home.rs"]
mod home;
#[path = "../../cli/src/options.rs"]
mod options;
use objects::{dict, door, intern};
use std::ffi::OsString;
fn main() {
    let mut arguments = std::env::args_os();
    let _ = arguments.next();
    let script = arguments.next().unwrap();
    let program = OsString::from("/work/main/target/debug/protopy");
    let args: Vec<OsString> = vec!["-S".into(), script.clone()];
    let opts = options::parse(&args).ok().unwrap();
    let config = configure::configure(&program, &args, &opts).ok().unwrap();
    if let Err(r) = runtime::boot::boot(config) {
        eprintln!("boot: {}", objects::protocol::repr_lossy(r.take()));
    }
    let source = std::fs::read(script).unwrap();
    let request = door::CompileRequest { source: &source, source_is_text: false, filename: "<script>", mode: "exec", flags: 0, optimize: -1 };
    let ns = runtime::boot::main_namespace().ok().unwrap();
    let run = || { let code = (door::front_end()?.compile)(&request)?; (door::interpreter().exec_code)(code, ns.value(), ns.value(), None) };
    if let Err(r) = run() {
        let e = r.take();
        println!("{}", objects::protocol::repr_lossy(e));
        let mut tb = objects::Cast::cast::<objects::exception::BaseException>(e).and_then(|e| e.traceback.get());
        while let Some(t) = tb.and_then(|t| objects::Cast::cast::<objects::traceback::Traceback>(t)) {
            eprintln!("  {} {:?}", objects::protocol::repr_lossy(t.frame().code().value()), t.line_number());
            tb = t.next.get();
        }
    }
    if let Some(v) = dict::dict_get_str(ns, intern("result")) { println!("{}", objects::str_of(v).ok().unwrap().to_string_lossy()); }
}
