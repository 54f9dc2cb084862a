//! The hooks of `sys` in their default form: how results, uncaught and unraisable exceptions are shown.

use crate::util::{self, flush, import_from, stderr, str_text, traceback_of, write, write_stderr};
use objects::exc::BaseException;
use objects::frame::Frame;
use objects::structseq::StructSeqDef;
use objects::traceback::Traceback;
use objects::{Args, Cast, Class, Gc, R, Value, call, call_args, class_of, exc, get_attr_opt, interned, new_str, repr, str_of};

pub static UNRAISABLE_ARGS: StructSeqDef = StructSeqDef::new(
    "builtins",
    "UnraisableHookArgs",
    "UnraisableHookArgs\n\nWhat sys.unraisablehook is called with.",
    &["exc_type", "exc_value", "exc_traceback", "err_msg", "object"],
    5,
);

/// `sys.displayhook`.
pub fn display(object: Value) -> R<()> {
    if object.is_none() {
        return Ok(());
    }
    let builtins = objects::door::builtins_module()?;
    let underscore = interned!("_");
    objects::set_attr(builtins, underscore, Value::none())?;
    let Some(out) = objects::system::sys_attr("stdout").filter(|out| !out.is_none()) else {
        return Err(objects::runtime_error!("lost sys.stdout"));
    };
    let text = repr(object)?;
    if let Err(raised) = objects::call_method(out, interned!("write"), &[text.value()]) {
        if !raised.is(&exc::UNICODE_ENCODE_ERROR) {
            return Err(raised);
        }
        raised.clear();
        write_escaped(out, text.value())?;
    }
    write(out, "\n")?;
    objects::set_attr(builtins, underscore, object)
}

/// Writes text that the file's encoding lacks characters of.
fn write_escaped(out: Value, text: Value) -> R<()> {
    let encoding = objects::get_attr(out, interned!("encoding"))?;
    let encoded = objects::call_method(text, interned!("encode"), &[encoding, new_str("backslashreplace")])?;
    if let Some(buffer) = get_attr_opt(out, interned!("buffer"))? {
        return objects::call_method(buffer, interned!("write"), &[encoded]).map(|_| ());
    }
    let decoded = objects::call_method(encoded, interned!("decode"), &[encoding, new_str("strict")])?;
    objects::call_method(out, interned!("write"), &[decoded]).map(|_| ())
}

/// `sys.excepthook`.
pub fn show_exception(value: Value, traceback: Value) -> R<()> {
    if let Some(exception) = value.cast::<BaseException>()
        && traceback.cast::<Traceback>().is_some()
        && exception.traceback.get().is_none()
    {
        exception.traceback.set(traceback);
    }
    let Some(file) = stderr() else {
        if objects::system::sys_attr("stderr").is_none() {
            show_plainly(value, None);
        }
        return Ok(());
    };
    match import_from("traceback", "_print_exception_bltin").and_then(|print| call(print, &[value])) {
        Ok(_) => {}
        Err(raised) => {
            raised.clear();
            show_plainly(value, Some(file));
        }
    }
    if let Err(raised) = flush(file) {
        raised.clear();
    }
    Ok(())
}

/// A traceback and an exception as the library shows them.
pub fn print_with_library(value: Value, file: Value) -> R {
    if stderr() == Some(file) {
        return call(import_from("traceback", "_print_exception_bltin")?, &[value]);
    }
    objects::call_kw(import_from("traceback", "print_exception")?, &[value], &[(interned!("file"), file)])
}

/// A traceback and an exception without help of the library. `None`: to file descriptor 2.
pub fn show_plainly(value: Value, file: Option<Value>) {
    let mut text = String::new();
    if let Some(exception) = value.cast::<BaseException>() {
        let chain = [
            (exception.cause.get(), "\nThe above exception was the direct cause of the following exception:\n\n"),
            (exception.context.get(), "\nDuring handling of the above exception, another exception occurred:\n\n"),
        ];
        let shown = if chain[0].0.is_some_and(|cause| !cause.is_none()) {
            Some(&chain[0])
        } else if exception.suppress_context.load(std::sync::atomic::Ordering::Relaxed) {
            None
        } else {
            Some(&chain[1])
        };
        if let Some((Some(other), words)) = shown
            && !other.is_none()
            && objects::thread::enter_recursion().map_err(objects::Raised::clear).is_ok()
        {
            show_plainly(*other, file);
            text.push_str(words);
        }
    }
    text.push_str(&traceback_text(traceback_of(value)));
    text.push_str(&exception_line(value));
    match file {
        Some(file) => {
            if let Err(raised) = write(file, &text) {
                raised.clear();
                util::write_fd(2, text.as_bytes());
            }
        }
        None => util::write_fd(2, text.as_bytes()),
    }
}

/// `File "x", line 1, in f` for each entry.
fn traceback_text(traceback: Value) -> String {
    let mut text = String::new();
    let mut next = traceback.cast::<Traceback>();
    if next.is_some() {
        text.push_str("Traceback (most recent call last):\n");
    }
    let mut count = 0;
    while let Some(entry) = next {
        count += 1;
        if count <= 1000 {
            text.push_str(&frame_line(entry.frame(), entry.line_number().unwrap_or(0)));
        }
        next = entry.next.get().and_then(|next| next.cast::<Traceback>());
    }
    text
}
fn frame_line(frame: Gc<Frame>, line: u32) -> String {
    let code = frame.code();
    format!(
        "  File \"{}\", line {line}, in {}\n",
        str_text(code.filename()).unwrap_or_default(),
        str_text(code.name()).unwrap_or_default()
    )
}

/// `module.Class: text`
fn exception_line(value: Value) -> String {
    if value.cast::<BaseException>().is_none() {
        return format!("TypeError: print_exception(): Exception expected for value, {} found\n", objects::class_name(value));
    }
    let name = objects::class::class_full_name(class_of(value));
    let text = match str_of(value) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => {
            raised.clear();
            "<exception str() failed>".to_string()
        }
    };
    let notes = match get_attr_opt(value, interned!("__notes__")) {
        Ok(Some(notes)) => objects::to_vec(notes)
            .map(|notes| notes.iter().filter_map(|note| str_text(*note)).map(|note| format!("{note}\n")).collect::<String>())
            .unwrap_or_else(|raised| {
                raised.clear();
                String::new()
            }),
        Ok(None) => String::new(),
        Err(raised) => {
            raised.clear();
            String::new()
        }
    };
    if text.is_empty() { format!("{name}\n{notes}") } else { format!("{name}: {text}\n{notes}") }
}

/// Calls `sys.excepthook` for an exception that nobody caught, and the default one if that fails. SystemExit is the caller's affair.
pub fn report_uncaught(value: Value) {
    let traceback = traceback_of(value);
    let _ = objects::system::set_sys_attr("last_exc", value).map_err(objects::Raised::clear);
    let _ = objects::system::set_sys_attr("last_type", class_of(value).value()).map_err(objects::Raised::clear);
    let _ = objects::system::set_sys_attr("last_value", value).map_err(objects::Raised::clear);
    let _ = objects::system::set_sys_attr("last_traceback", traceback).map_err(objects::Raised::clear);
    let Some(hook) = objects::system::sys_attr("excepthook") else {
        write_stderr("sys.excepthook is missing\n");
        let _ = show_exception(value, traceback).map_err(objects::Raised::clear);
        return;
    };
    let audited = objects::audit::audit("sys.excepthook", &[hook, class_of(value).value(), value, traceback]);
    let result = audited.and_then(|()| call(hook, &[class_of(value).value(), value, traceback]));
    if let Err(raised) = result {
        let error = raised.take();
        write_stderr("Error in sys.excepthook:\n");
        let _ = show_exception(error, traceback_of(error)).map_err(objects::Raised::clear);
        write_stderr("\nOriginal exception was:\n");
        let _ = show_exception(value, traceback).map_err(objects::Raised::clear);
    }
    if let Some(file) = stderr() {
        let _ = flush(file).map_err(objects::Raised::clear);
    }
}

/// `sys.unraisablehook`.
pub fn show_unraisable(value: Value, traceback: Value, err_msg: Value, object: Value) -> R<()> {
    let Some(file) = stderr() else { return Ok(()) };
    let shown = |object: Value| match repr(object) {
        Ok(text) => text.to_string_lossy(),
        Err(raised) => {
            raised.clear();
            "<object repr() failed>".to_string()
        }
    };
    let head = match (err_msg.is_none(), object.is_none()) {
        (false, true) => format!("{}:\n", str_of(err_msg)?.to_string_lossy()),
        (false, false) => format!("{}: {}\n", str_of(err_msg)?.to_string_lossy(), shown(object)),
        (true, false) => format!("Exception ignored in: {}\n", shown(object)),
        (true, true) => String::new(),
    };
    if !head.is_empty() {
        write(file, &head)?;
    }
    if let Err(raised) = print_with_library(value, file) {
        raised.clear();
        write(file, &format!("{}{}", traceback_text(traceback), exception_line(value)))?;
    }
    flush(file)
}

/// What `objects::unraisable` calls.
pub fn report_unraisable(exception: Value, err_msg: Option<&str>, object: Option<Value>) {
    let none = Value::none();
    let saved = objects::thread::has_exception().then(objects::thread::take_exception);
    let message = err_msg.map_or(none, new_str);
    let traceback = traceback_of(exception);
    let object = object.unwrap_or(none);
    let result = UNRAISABLE_ARGS.make(&[class_of(exception).value(), exception, traceback, message, object]).and_then(|args| {
        match objects::system::sys_attr("unraisablehook").filter(|hook| !hook.is_none()) {
            Some(hook) => {
                objects::audit::audit("sys.unraisablehook", &[hook, args])?;
                call(hook, &[args]).map_err(|raised| {
                    let error = raised.take();
                    let message = new_str("Exception ignored in sys.unraisablehook");
                    if let Err(raised) = show_unraisable(error, traceback_of(error), message, hook) {
                        raised.clear();
                    }
                    objects::restore(error)
                })
            }
            None => show_unraisable(exception, traceback, message, object).map(|()| none),
        }
    });
    if let Err(raised) = result {
        raised.clear();
    }
    if let Some(exception) = saved {
        let _ = objects::restore(exception);
    }
}

/// `sys.breakpointhook`: calls what `PYTHONBREAKPOINT` names.
pub fn breakpoint(args: Args) -> R {
    let name = objects::config::get().variable("PYTHONBREAKPOINT");
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "pdb.set_trace".to_string());
    if name == "0" {
        return Ok(Value::none());
    }
    let (module, attribute) = match name.rsplit_once('.') {
        Some((module, attribute)) => (module, attribute),
        None => ("builtins", name.as_str()),
    };
    let found = if module.is_empty() { Err(objects::value_error!("Empty module name")) } else { import_from(module, attribute) };
    match found {
        Ok(hook) => call_args(hook, args),
        Err(raised) if raised.is(&exc::IMPORT_ERROR) || raised.is(&exc::ATTRIBUTE_ERROR) || raised.is(&exc::VALUE_ERROR) => {
            raised.clear();
            objects::warnings::warn(&exc::RUNTIME_WARNING, &format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{name}\""), 1)?;
            Ok(Value::none())
        }
        Err(raised) => Err(raised),
    }
}

/// Whether `value` is an exception class or instance.
pub fn is_exception_class(value: Value) -> bool {
    value.cast::<Class>().is_some_and(|class| class.is_subclass_of(exc::BASE_EXCEPTION.get()))
}
