//! `input`. Must not know how a line is edited: module `readline` does it, once it is imported.

use objects::{
    Cast, Gc, R, Str, Value, call, call_method, class_name, eof_error, get_attr, interned, new_str, runtime_error, type_error,
    value_error,
};

/// Reads a line from `sys.stdin` after writing the prompt to `sys.stdout`.
pub fn input(prompt: Option<Value>) -> R {
    let stream = |name: &str| -> R {
        match objects::system::sys_attr(name) {
            Some(stream) if !stream.is_none() => Ok(stream),
            _ => Err(runtime_error!("lost sys.{name}")),
        }
    };
    let (stdin, stdout, stderr) = (stream("stdin")?, stream("stdout")?, stream("stderr")?);
    objects::audit::audit("builtins.input", &[prompt.unwrap_or(Value::none())])?;
    if let Err(raised) = call_method(stderr, interned!("flush"), &[]) {
        raised.clear();
    }
    let prompt = prompt.map(objects::str_of).transpose()?;
    let line = match line_editor() {
        Some(editor) if is_terminal(stdin, 0) && is_terminal(stdout, 1) => edited_line(editor, prompt, stdin, stdout)?,
        _ => plain_line(prompt, stdin, stdout)?,
    };
    objects::audit::audit("builtins.input/result", &[line])?;
    Ok(line)
}

fn plain_line(prompt: Option<Gc<Str>>, stdin: Value, stdout: Value) -> R {
    if let Some(prompt) = prompt {
        call_method(stdout, interned!("write"), &[prompt.value()])?;
    }
    flush(stdout);
    let line = call(get_attr(stdin, interned!("readline"))?, &[])?;
    let Some(line) = line.cast::<Str>() else {
        return Err(type_error!("object.readline() returned non-string ({})", class_name(line)));
    };
    if line.is_empty() {
        return Err(eof_error!("EOF when reading a line"));
    }
    if line.char_at(line.len() - 1) == '\n' as u32 {
        return Ok(Str::substring(line, 0, line.len() - 1).value());
    }
    Ok(line.value())
}

fn edited_line(editor: Value, prompt: Option<Gc<Str>>, stdin: Value, stdout: Value) -> R {
    flush(stdout);
    let prompt = prompt.map_or_else(|| new_str(""), |prompt| prompt.value());
    if prompt.cast::<Str>().is_some_and(|prompt| (0..prompt.len()).any(|at| prompt.char_at(at) == 0)) {
        return Err(value_error!("input: prompt string cannot contain null characters"));
    }
    let line = call(editor, &[prompt])?;
    if line.is_none() {
        return Err(objects::error::new_error_args(objects::exception::EOF_ERROR.get(), &[]));
    }
    // The editor takes any byte; what the stream does not decode is an error, as without the editor.
    if line.cast::<Str>().is_some_and(|line| (0..line.len()).any(|at| (0xDC80..=0xDCFF).contains(&line.char_at(at)))) {
        let (encoding, errors) = (get_attr(stdin, interned!("encoding"))?, get_attr(stdin, interned!("errors"))?);
        let bytes = call_method(line, interned!("encode"), &[encoding, new_str("surrogateescape")])?;
        return call_method(bytes, interned!("decode"), &[encoding, errors]);
    }
    Ok(line)
}

fn flush(stream: Value) {
    if let Err(raised) = call_method(stream, interned!("flush"), &[]) {
        raised.clear();
    }
}

/// The function of module `readline` that reads a line, if somebody imported the module.
fn line_editor() -> Option<Value> {
    let module = objects::system::imported("readline")?;
    objects::get_attr_opt(module, interned!("_read_line")).ok().flatten()
}

fn is_terminal(stream: Value, descriptor: i64) -> bool {
    let number = match call_method(stream, interned!("fileno"), &[]) {
        Ok(number) => number,
        Err(raised) => {
            raised.clear();
            return false;
        }
    };
    // SAFETY: asks about a descriptor by number.
    number.is_int() && number.as_int() == descriptor && unsafe { libc::isatty(descriptor as i32) } == 1
}
