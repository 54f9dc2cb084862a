//! `compile`, `eval`, `exec` and `locals`.

use objects::bytes::Bytes;
use objects::code::Code;
use objects::dict::{self, Dict};
use objects::door::{self, CompileRequest, SourceForm};
use objects::function::CellObject;
use objects::{Cast, Class, R, Str, Value, class_name, class_of, interned, thread, type_error, value_error};

const ONLY_AST: i32 = 0x400;
const SOURCE_IS_UTF8: i32 = 0x100;
/// Flags that `compile` accepts: the PyCF_* ones and the future features.
const KNOWN_FLAGS: i32 = 0x100 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x4000 | 0x8000 | FUTURE_FLAGS | 0x10;
/// Future features that change the compiler: all `CO_FUTURE_*` bits.
const FUTURE_FLAGS: i32 = 0x20000 | 0x40000 | 0x80000 | 0x100000 | 0x200000 | 0x400000 | 0x800000 | 0x1000000;

/// The text or bytes of a source argument.
struct Source {
    bytes: Vec<u8>,
    form: SourceForm,
}

fn source_of(value: Value, function: &str, allowed: &str) -> R<Source> {
    if let Some(text) = value.cast::<Str>() {
        return match text.to_utf8() {
            Some(text) => Ok(Source { bytes: text.into_bytes(), form: SourceForm::Text }),
            None => Err(objects::codec::encode(text, "utf-8", "strict")
                .err()
                .unwrap_or_else(|| value_error!("surrogates not allowed"))),
        };
    }
    if let Some(bytes) = value.cast::<Bytes>() {
        return Ok(Source { bytes: base::memory::copied(bytes.as_slice()), form: SourceForm::Bytes });
    }
    match objects::buffer::Buf::new(value) {
        Ok(data) => Ok(Source { bytes: base::memory::copied(data.as_slice()), form: SourceForm::Bytes }),
        Err(raised) if raised.is(&objects::exc::TYPE_ERROR) => {
            raised.clear();
            Err(type_error!("{function}() arg 1 must be a {allowed}"))
        }
        Err(raised) => Err(raised),
    }
}

/// Future flags of the code that is calling.
fn inherited_flags() -> i32 {
    match thread::current().exec.innermost() {
        Some(view) => view.code().flags as i32 & FUTURE_FLAGS,
        None => 0,
    }
}

pub fn compile(
    source: Value,
    filename: Value,
    mode: &str,
    flags: i32,
    dont_inherit: bool,
    optimize: i32,
    feature_version: Option<u32>,
) -> R {
    if flags & !KNOWN_FLAGS != 0 {
        return Err(value_error!("compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(value_error!("compile(): invalid optimize value"));
    }
    let flags = if dont_inherit { flags } else { flags | inherited_flags() };
    if !matches!(mode, "exec" | "eval" | "single" | "func_type") {
        return Err(value_error!("compile() mode must be 'exec', 'eval', 'single' or 'func_type'"));
    }
    if mode == "func_type" && flags & ONLY_AST == 0 {
        return Err(value_error!("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
    }
    let filename = filename_text(filename)?;
    let front = door::front_end()?;
    if is_ast_node(source)? {
        return (front.compile_ast)(source, &filename, mode, flags as u32, optimize);
    }
    let text = source_of(source, "compile", "string, bytes or AST object")?;
    let request = CompileRequest {
        source: &text.bytes,
        form: text.form,
        filename: &filename,
        mode,
        flags: (flags & !SOURCE_IS_UTF8) as u32,
        optimize,
    };
    if flags & ONLY_AST != 0 { (front.parse_ast)(&request, feature_version) } else { (front.compile)(&request) }
}

fn filename_text(filename: Value) -> R<String> {
    let path = match filename.cast::<Str>() {
        Some(_) => filename,
        None => match objects::lookup_special(filename, interned!("__fspath__"))? {
            Some(method) => method.call(&[])?,
            None => filename,
        },
    };
    if let Some(text) = path.cast::<Str>() {
        return match text.as_str() {
            Some(text) if text.contains('\0') => Err(value_error!("embedded null character")),
            _ => Ok(text.to_string_lossy()),
        };
    }
    if let Some(bytes) = path.cast::<Bytes>() {
        return Ok(String::from_utf8_lossy(bytes.as_slice()).into_owned());
    }
    Err(type_error!("expected str, bytes or os.PathLike object, not {}", class_name(filename)))
}

/// Whether `value` is an instance of `ast.AST`, without importing anything.
fn is_ast_node(value: Value) -> R<bool> {
    Ok(class_of(value).mro().items().iter().any(|class| {
        class.cast::<Class>().is_some_and(|class| {
            objects::str::str_is(&class.name(), "AST")
                && dict::dict_get_str(class.dict(), interned!("__module__"))
                    .and_then(|module| module.cast::<Str>())
                    .is_some_and(|module| objects::str::str_is(&module, "ast") || objects::str::str_is(&module, "_ast"))
        })
    }))
}

/// The namespaces that `exec` and `eval` run in.
fn namespaces(function: &str, globals: Option<Value>, locals: Option<Value>) -> R<(Value, Value)> {
    let given = |value: Option<Value>| value.filter(|value| !value.is_none());
    let (globals, locals) = (given(globals), given(locals));
    if let Some(locals) = locals
        && class_of(locals).slots.getitem.get().is_none()
    {
        return Err(if function == "exec" {
            type_error!("locals must be a mapping or None, not {}", class_name(locals))
        } else {
            type_error!("locals must be a mapping")
        });
    }
    let globals = match globals {
        Some(globals) if globals.cast::<Dict>().is_none() => {
            return Err(if function == "exec" {
                type_error!("exec() globals must be a dict, not {}", class_name(globals))
            } else if class_of(globals).slots.getitem.get().is_some() {
                type_error!("globals must be a real dict; try eval(code, {{}}, mapping)")
            } else {
                type_error!("globals must be a dict")
            });
        }
        globals => globals,
    };
    let (globals, locals) = match (globals, locals) {
        (Some(globals), None) => (globals, globals),
        (Some(globals), Some(locals)) => (globals, locals),
        (None, locals) => {
            let Some(current) = objects::frame::current_globals() else {
                return Err(objects::system_error!("globals and locals cannot be NULL"));
            };
            let locals = match locals {
                Some(locals) => locals,
                None => current_locals()?,
            };
            (current.value(), locals)
        }
    };
    if let Some(namespace) = globals.cast::<Dict>()
        && dict::dict_get_str(namespace, interned!("__builtins__")).is_none()
    {
        let builtins = match thread::current().exec.innermost() {
            Some(view) => view.function().builtins.get(),
            None => None,
        };
        let builtins = match builtins {
            Some(builtins) => builtins,
            None => objects::attributes::get_dict(door::builtins_module()?)?,
        };
        dict::dict_set_str(namespace, interned!("__builtins__"), builtins)?;
    }
    Ok((globals, locals))
}

pub fn eval(source: Value, globals: Option<Value>, locals: Option<Value>) -> R {
    let (globals, locals) = namespaces("eval", globals, locals)?;
    if let Some(code) = source.cast::<Code>() {
        if code.free_count > 0 {
            return Err(type_error!("code object passed to eval() may not contain free variables"));
        }
        return (door::interpreter().exec_code)(source, globals, locals, None);
    }
    let text = source_of(source, "eval", "string, bytes or code object")?;
    let start = text.bytes.iter().position(|byte| *byte != b' ' && *byte != b'\t').unwrap_or(text.bytes.len());
    let code = compile_here(&text.bytes[start..], text.form, "eval")?;
    (door::interpreter().exec_code)(code, globals, locals, None)
}

pub fn exec(source: Value, globals: Option<Value>, locals: Option<Value>, closure: Option<Value>) -> R<()> {
    let (globals, locals) = namespaces("exec", globals, locals)?;
    let closure = closure.filter(|closure| !closure.is_none());
    if let Some(code) = source.cast::<Code>() {
        let needed = code.free_count as usize;
        match closure {
            None if needed > 0 => {
                return Err(type_error!("code object requires a closure of exactly length {needed}"));
            }
            Some(_) if needed == 0 => return Err(type_error!("cannot use a closure with this code object")),
            Some(closure) => {
                let cells = closure.cast_exact::<objects::Tuple>();
                let fits = cells.is_some_and(|cells| {
                    cells.items().len() == needed && cells.items().iter().all(|cell| cell.cast_exact::<CellObject>().is_some())
                });
                if !fits {
                    return Err(type_error!("code object requires a closure of exactly length {needed}"));
                }
            }
            None => {}
        }
        (door::interpreter().exec_code)(source, globals, locals, closure)?;
        return Ok(());
    }
    if closure.is_some() {
        return Err(type_error!("closure argument can only be used when source is a code object"));
    }
    let text = source_of(source, "exec", "string, bytes or code object")?;
    let code = compile_here(&text.bytes, text.form, "exec")?;
    (door::interpreter().exec_code)(code, globals, locals, None)?;
    Ok(())
}

fn compile_here(source: &[u8], form: SourceForm, mode: &str) -> R {
    let request = CompileRequest { source, form, filename: "<string>", mode, flags: inherited_flags() as u32, optimize: -1 };
    (door::front_end()?.compile)(&request)
}

/// `locals()` of the innermost Python frame.
pub fn current_locals() -> R {
    match thread::current().exec.innermost() {
        Some(view) => objects::frame_locals::locals(view),
        None => Err(objects::system_error!("frame does not exist")),
    }
}
