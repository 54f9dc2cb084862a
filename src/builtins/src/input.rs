//! `input`.

use objects::{Cast, R, Str, Value, call, call_method, class_name, eof_error, get_attr, interned, runtime_error, type_error};

/// Reads a line from `sys.stdin` after writing the prompt to `sys.stdout`.
pub fn input(prompt: Option<Value>) -> R {
    let stream = |name: &str| -> R {
        match objects::system::sys_attr(name) {
            Some(stream) if !stream.is_none() => Ok(stream),
            _ => Err(runtime_error!("input(): lost sys.{name}")),
        }
    };
    let (stdin, stdout, stderr) = (stream("stdin")?, stream("stdout")?, stream("stderr")?);
    if let Err(raised) = call_method(stderr, interned!("flush"), &[]) {
        raised.clear();
    }
    if let Some(prompt) = prompt {
        let text = objects::str_of(prompt)?;
        call_method(stdout, interned!("write"), &[text.value()])?;
    }
    if let Err(raised) = call_method(stdout, interned!("flush"), &[]) {
        raised.clear();
    }
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
