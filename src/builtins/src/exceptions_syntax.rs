//! SyntaxError and its fields.

use crate::exceptions::{base, init_plain, member};
use native_macros::native_class;
use objects::exception::{self as exc, SyntaxErrorObject};
use objects::{Args, Cast, Gc, R, Slot, Str, Value, int_view, is_int, type_error};

pub struct SyntaxErrorSkin;

fn store(slot: &Slot, value: Option<Value>) -> R<()> {
    slot.set_opt(value);
    Ok(())
}

/// Invalid syntax.
#[native_class(name = "SyntaxError", layout = SyntaxErrorObject, base = exc::EXCEPTION)]
impl SyntaxErrorSkin {
    fn __init__(this: Gc<SyntaxErrorObject>, args: Args) -> R<()> {
        init_plain(base(this), args)?;
        if let Some(message) = args.get(0) {
            this.msg.set(message);
        }
        let [_, details] = args.positional() else { return Ok(()) };
        let details = objects::tuple::tuple_from_iterable(*details)?;
        let given = details.items();
        if given.len() < 4 {
            return Err(type_error!("function takes at least 4 arguments ({} given)", given.len()));
        }
        if given.len() > 7 {
            return Err(type_error!("function takes at most 7 arguments ({} given)", given.len()));
        }
        this.filename.set(given[0]);
        this.lineno.set(given[1]);
        this.offset.set(given[2]);
        this.text.set(given[3]);
        this.end_lineno.set_opt(given.get(4).copied());
        this.end_offset.set_opt(given.get(5).copied());
        this.metadata.set_opt(given.get(6).copied());
        if given.len() == 5 {
            return Err(type_error!("end_offset must be provided when end_lineno is provided"));
        }
        Ok(())
    }
    fn __str__(this: Gc<SyntaxErrorObject>) -> R {
        let message = objects::str_of(member(&this.msg))?;
        let filename = this.filename.get().and_then(|name| name.cast::<Str>()).map(|name| {
            let name = name.to_string_lossy();
            name.rsplit('/').next().unwrap_or_default().to_owned()
        });
        let line =
            this.lineno.get().filter(|line| is_int(*line)).map(|line| match int_view(line).and_then(|line| line.to_i64()) {
                Some(line) => line.to_string(),
                None => "-1".to_owned(),
            });
        let place = match (filename, line) {
            (None, None) => return Ok(message.value()),
            (Some(filename), Some(line)) => format!(" ({filename}, line {line})"),
            (Some(filename), None) => format!(" ({filename})"),
            (None, Some(line)) => format!(" (line {line})"),
        };
        Ok(objects::str_concat(message, Str::new(&place))?.value())
    }
    /// exception msg
    #[getter]
    fn msg(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.msg)
    }
    #[setter(msg)]
    fn set_msg(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.msg, value)
    }
    /// exception filename
    #[getter]
    fn filename(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.filename)
    }
    #[setter(filename)]
    fn set_filename(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.filename, value)
    }
    /// exception lineno
    #[getter]
    fn lineno(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.lineno)
    }
    #[setter(lineno)]
    fn set_lineno(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.lineno, value)
    }
    /// exception offset
    #[getter]
    fn offset(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.offset)
    }
    #[setter(offset)]
    fn set_offset(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.offset, value)
    }
    /// exception text
    #[getter]
    fn text(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.text)
    }
    #[setter(text)]
    fn set_text(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.text, value)
    }
    /// exception end lineno
    #[getter]
    fn end_lineno(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.end_lineno)
    }
    #[setter(end_lineno)]
    fn set_end_lineno(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.end_lineno, value)
    }
    /// exception end offset
    #[getter]
    fn end_offset(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.end_offset)
    }
    #[setter(end_offset)]
    fn set_end_offset(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.end_offset, value)
    }
    /// exception print_file_and_line
    #[getter]
    fn print_file_and_line(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.print_file_and_line)
    }
    #[setter(print_file_and_line)]
    fn set_print_file_and_line(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.print_file_and_line, value)
    }
    /// exception private metadata
    #[getter]
    fn _metadata(this: Gc<SyntaxErrorObject>) -> Value {
        member(&this.metadata)
    }
    #[setter(_metadata)]
    fn set_metadata(this: Gc<SyntaxErrorObject>, value: Option<Value>) -> R<()> {
        store(&this.metadata, value)
    }
}
