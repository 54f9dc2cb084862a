//! Extensions in C: compiled here with the system's compiler, loaded by the program. The header that they include is made from the
//! runtime's own table, so nothing of HPy is needed. Without a C compiler the tests do nothing.

use hpy::table::MEMBERS;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn c_type(kind: &str) -> &'static str {
    match kind {
        "Unit" => "void",
        "Int" => "int",
        "Int32" => "int32_t",
        "UInt32" => "uint32_t",
        "Int64" => "int64_t",
        "UInt64" => "uint64_t",
        "Size" => "size_t",
        "Ssize" => "long",
        "Double" => "double",
        "Bool" => "_Bool",
        "Chars" | "BoundChars" => "const char *",
        "WideChars" => "const wchar_t *",
        "InArray" => "const H *",
        "OutHandle" | "FieldRef" | "GlobalRef" => "H *",
        "Data" => "void *",
        "DataOut" => "void **",
        "SsizeOut" => "long *",
        "SpecRef" => "const Spec *",
        "SpecParams" => "const void *",
        "CallFunctionRef" | "DestructorRef" => "const void *",
        _ => "H",
    }
}

const HEAD: &str = "#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <wchar.h>\n\
typedef uintptr_t H;\ntypedef struct Ctx Ctx;\n\
typedef struct { int slot; void *impl, *trampoline; } SlotDef;\n\
typedef struct { const char *name; void *impl, *trampoline; int signature; const char *doc; } MethDef;\n\
typedef struct { const char *name; int kind; long offset; int readonly; const char *doc; } MemberDef;\n\
typedef struct { const char *name; void *get, *set, *t1, *t2; const char *doc; void *closure; } GetSetDef;\n\
typedef struct { int kind; union { SlotDef slot; MethDef meth; MemberDef member; GetSetDef getset; }; } Def;\n\
typedef struct { const char *name; int basicsize, itemsize; unsigned long flags; int shape; void *legacy; Def **defines; \
const char *doc; } Spec;\n\
typedef struct { const char *doc; long size; void *legacy; Def **defines; H **globals; } ModuleDef;\n\
#define SLOT(number, function) {1, .slot = {number, (void *)(function), 0}}\n\
#define METH(name, function, signature) {2, .meth = {name, (void *)(function), 0, signature, 0}}\n\
#define MEMBER(name, kind, offset) {3, .member = {name, kind, offset, 0, 0}}\n\
#define GETSET(name, getter, setter) {4, .getset = {name, (void *)(getter), (void *)(setter), 0, 0, 0, 0}}\n\
struct Ctx {\n  const char *name; void *private_; int abi_version;\n";

fn header() -> String {
    let mut text = HEAD.to_owned();
    for member in MEMBERS {
        match member.signature {
            None => writeln!(text, "  H {};", member.name),
            Some((kinds, result)) => {
                let arguments: String = kinds.iter().map(|kind| format!(", {}", c_type(kind))).collect();
                writeln!(text, "  {} (*{})(Ctx *{arguments});", c_type(result), member.name)
            }
        }
        .expect("text grows");
    }
    text.push_str("};\n");
    text
}

/// What a sloppy extension may well get wrong, as C code for each function: arguments of any type, NULL, any number. Left out is what
/// no runtime can survive: pointers and structs of the extension that are not what they should be.
fn random_calls() -> String {
    const LEFT_OUT: [&str; 7] = [
        "ctx_FatalError",
        "ctx_FromPyObject",
        "ctx_AsPyObject",
        "ctx_CallRealFunctionFromTrampoline",
        "ctx_LeavePythonExecution",
        "ctx_ReenterPythonExecution",
        "ctx_Close",
    ];
    let argument = |kind: &str, before: &str| {
        Some(match (kind, before) {
            ("In", _) => "any_handle(ctx)",
            ("InArray", _) => "some_handles(ctx)",
            ("Ssize" | "Size", "InArray") => "pick(5)",
            ("Ssize", "Chars" | "WideChars") => "pick(3) - 1",
            ("Int" | "Int32" | "UInt32", _) => "(int)any_number()",
            ("Int64" | "UInt64" | "Size" | "Ssize", _) => "any_number()",
            ("Double", _) => "any_double()",
            ("Bool", _) => "pick(2)",
            ("Chars", _) => "any_text()",
            ("WideChars", _) => "L\"ab\"",
            ("OutHandle", _) => "&out_handle",
            ("SsizeOut", _) => "&out_size",
            ("DataOut", _) => "&out_data",
            ("GlobalRef", _) => "&global",
            ("Global", _) => "global",
            ("ListBuilder", _) => "list_builder",
            ("TupleBuilder", _) => "tuple_builder",
            ("Tracker", _) => "tracker",
            ("Data", _) => "&out_data",
            ("DestructorRef" | "SpecParams", _) => "0",
            _ => return None,
        })
    };
    let mut cases = Vec::new();
    for member in MEMBERS {
        let Some((kinds, result)) = member.signature else { continue };
        let before = std::iter::once(&"").chain(kinds);
        let arguments: Option<Vec<&str>> = kinds.iter().zip(before).map(|(kind, before)| argument(kind, before)).collect();
        let Some(arguments) = arguments.filter(|_| !LEFT_OUT.contains(&member.name) && !member.name.starts_with("ctx_AsStruct_"))
        else {
            continue;
        };
        let call = format!("ctx->{}({})", member.name, ["ctx"].iter().chain(&arguments).copied().collect::<Vec<_>>().join(", "));
        cases.push(match (result, member.name) {
            ("Own", _) => format!("give_up(ctx, {call});"),
            ("ListBuilder", _) => format!("list_builder = {call};"),
            ("TupleBuilder", _) => format!("tuple_builder = {call};"),
            ("Tracker", _) => format!("{{ if (tracker) ctx->ctx_Tracker_Close(ctx, tracker); tracker = {call}; }}"),
            (_, "ctx_Tracker_Close") => format!("{{ {call}; tracker = 0; }}"),
            (_, "ctx_Tracker_Add") => {
                "if (tracker) ctx->ctx_Tracker_Add(ctx, tracker, ctx->ctx_Dup(ctx, any_handle(ctx)));".to_owned()
            }
            (_, "ctx_Tracker_ForgetAll") => format!("if (tracker) {call};"),
            _ => format!("{call};"),
        });
    }
    let mut text = format!("#define CALLS {}\nstatic void call(Ctx *ctx, int which) {{\n  switch (which) {{\n", cases.len());
    for (number, case) in cases.iter().enumerate() {
        writeln!(text, "  case {number}: {case} break;").expect("text grows");
    }
    text + "  }\n}\n"
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extension")
}

/// A folder with `sample.hpy0.so`; None without a compiler.
fn workshop(name: &str) -> Option<PathBuf> {
    workshop_of(name, "sample")
}
fn workshop_of(name: &str, module: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    std::fs::write(folder.join("context.h"), header()).expect("the header can be written");
    std::fs::write(folder.join("calls.h"), random_calls()).expect("the header can be written");
    let library = folder.join(format!("{module}.hpy0.so"));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let ended = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-w", "-o"])
        .arg(&library)
        .arg("-I")
        .arg(&folder)
        .arg(sources().join(format!("{module}.c")))
        .output()
        .ok()?;
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Some(folder)
}

fn protopy(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protopy"));
    command.env_remove("PYTHONSAFEPATH").env("PYTHONPATH", folder).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder);
    command.envs(environment.iter().copied()).args(arguments).output().expect("the program starts")
}

fn output(ended: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ended.status.success(), "{}\n{}", text(&ended.stdout), text(&ended.stderr));
    text(&ended.stdout)
}

const BASICS: &str = "\
42 [1] 6 None ('a', 'b')
TypeError sample.answer() takes no arguments (1 given) / None
TypeError sample.same() takes exactly one argument (0 given) / None
TypeError sample.total() takes no keyword arguments / None
TypeError 'str' object cannot be interpreted as an integer / None
SystemError <built-in function silent> returned NULL without setting an exception / None
SystemError <built-in function both> returned a result with an exception set / ValueError('left behind')
SystemError null argument to internal routine / None
TypeError bad argument type for built-in operation / None
UnicodeEncodeError 'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed / None
4498500
sample 2 2 [7] 5 1 (<sample.Pair object>, 1) (1, <sample.Pair object>) (1, 2)
11 0.5 {} None [{}]
(1, 2, 3) 1 3 0.0 True
True
[1, 2]
True [1, 2]
True True 3 [1, 2]
";

/// Objects without their addresses.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split(" at 0x");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    result
}

#[test]
fn an_extension_is_found_loaded_and_called() {
    let Some(folder) = workshop("hpy-basics") else { return };
    // The stub that build tools write beside a universal module must not be preferred.
    std::fs::write(folder.join("sample.py"), "raise ImportError('the stub was imported')\n").expect("the stub can be written");
    let script = sources().join("basics.py");
    let plain = protopy(&folder, &[&script.to_string_lossy()], &[]);
    assert_eq!(without_addresses(&output(&plain)), BASICS);
    let stressed = [("PROTOPY_GC_STRESS", "300"), ("PROTOPY_GC_VERIFY", "1")];
    let ended = protopy(&folder, &[&script.to_string_lossy()], &stressed);
    assert_eq!(without_addresses(&output(&ended)), BASICS);
}

#[test]
fn threads_are_in_an_extension_at_once() {
    let Some(folder) = workshop("hpy-threads") else { return };
    let script = sources().join("threads.py");
    for environment in [&[][..], &[("HPY_MODULE_LOCK", "1")], &[("HPY", "debug")]] {
        assert_eq!(output(&protopy(&folder, &[&script.to_string_lossy()], environment)), "[]\nTrue\n", "{environment:?}");
    }
}

#[test]
fn the_lock_of_a_module_is_dropped_while_python_code_runs() {
    let Some(folder) = workshop("hpy-lock") else { return };
    let script = sources().join("lock.py");
    let ended = protopy(&folder, &[&script.to_string_lossy()], &[("HPY_MODULE_LOCK", "1")]);
    assert_eq!(output(&ended), "[42, 7, True, 2]\n[42, 1, 'closed', 2]\n");
}

#[test]
fn no_argument_of_the_wrong_type_ends_the_process() {
    let Some(folder) = workshop_of("hpy-sloppy", "sloppy") else { return };
    let script = sources().join("careless.py");
    let limit = ("PROTOPY_HEAP_LIMIT_MB", "300");
    for environment in [&[limit][..], &[limit, ("PROTOPY_GC_STRESS", "97"), ("PROTOPY_GC_VERIFY", "1")]] {
        let ended = protopy(&folder, &[&script.to_string_lossy(), "6"], environment);
        assert_eq!(output(&ended), "survived\n", "{environment:?}");
    }
}

#[test]
fn files_for_other_runtimes_are_named_when_nothing_else_is_found() {
    let Some(folder) = workshop("hpy-foreign") else { return };
    for name in ["plain.so", "hybrid.hpy0-cp311.so"] {
        std::fs::write(folder.join(name), b"").expect("the file can be written");
    }
    let script = "for name in 'plain', 'hybrid', 'absent':\n    try:\n        __import__(name)\n    except ModuleNotFoundError as error:\n        \
                  print(str(error).rpartition(' is ')[2], error.name)\n";
    let ended = protopy(&folder, &["-c", script], &[]);
    let only = "this runtime takes HPy universal modules (.hpy0.so) only";
    let expected = format!(
        "an extension for CPython's C API; {only} plain\na hybrid HPy module, built for one CPython; {only} hybrid\n\
         No module named 'absent' absent\n"
    );
    assert_eq!(output(&ended), expected);
}

#[test]
fn a_file_that_cannot_be_loaded_is_refused_with_the_reason() {
    let Some(folder) = workshop("hpy-refused") else { return };
    let whole = std::fs::read(folder.join("sample.hpy0.so")).expect("the library can be read");
    let mut foreign = whole.clone();
    foreign[18] = 22;
    for (name, bytes) in
        [("short", &whole[..whole.len() / 2]), ("foreign", &foreign[..]), ("other", &whole[..]), ("text", b"no library")]
    {
        std::fs::write(folder.join(format!("{name}.hpy0.so")), bytes).expect("the file can be written");
    }
    let script = "for name in 'short', 'foreign', 'other', 'text':\n    try:\n        __import__(name)\n    except ImportError as error:\n        \
                  print(name, str(error).rpartition(': it ')[2], error.name)\n";
    let expected = if cfg!(target_os = "linux") {
        "short is truncated short\nforeign S/390 foreign\n\
         other holds the HPy module 'sample' (it exports HPyInit_sample, not HPyInit_other) other\ntext is no shared library text\n"
    } else {
        return;
    };
    let ended = protopy(&folder, &["-c", script], &[]);
    assert_eq!(output(&ended).replace("is for another architecture: ", ""), expected);
}

#[test]
fn the_environment_chooses_mode_and_log() {
    let Some(folder) = workshop("hpy-environment") else { return };
    let script = "import sample; print(sample.answer())";
    let log = [("HPY_LOG", "1")];
    assert_eq!(output(&protopy(&folder, &["-c", script], &log)), "Loading 'sample' in HPy universal mode\n42\n");
    let wrong = protopy(&folder, &["-c", script], &[("HPY", "nonsense")]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("ValueError: invalid HPy mode: nonsense"));
}
