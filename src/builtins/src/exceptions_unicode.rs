//! UnicodeEncodeError, UnicodeDecodeError and UnicodeTranslateError: what could not be coded, and where.

use crate::exceptions::{base, init_plain, int_argument, member, str_argument};
use native_macros::native_class;
use objects::exception::{self as exc, UnicodeErrorObject};
use objects::{Args, Bytes, Cast, Gc, R, Str, Value, new_int, type_error};
use std::sync::atomic::Ordering;

fn exactly<'a>(args: Args<'a>, count: usize) -> R<&'a [Value]> {
    let given = args.positional();
    if given.len() == count {
        return Ok(given);
    }
    Err(type_error!("function takes exactly {count} arguments ({} given)", given.len()))
}

fn fill(this: Gc<UnicodeErrorObject>, encoding: Option<Gc<Str>>, object: Value, start: i64, end: i64, reason: Gc<Str>) {
    this.encoding.set_opt(encoding.map(Gc::value));
    this.object.set(object);
    this.start.store(start, Ordering::Relaxed);
    this.end.store(end, Ordering::Relaxed);
    this.reason.set(reason.value());
}

fn text_of(value: Value) -> R<String> {
    Ok(objects::str_of(value)?.to_string_lossy())
}

fn escaped(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

/// The position if exactly one item of an object of `len` items is concerned.
fn single(this: Gc<UnicodeErrorObject>, len: usize) -> Option<usize> {
    let (start, end) = (this.start.load(Ordering::Relaxed), this.end.load(Ordering::Relaxed));
    let inside = start >= 0 && start < len as i64 && end >= 0 && end <= len as i64;
    (inside && end == start + 1).then_some(start as usize)
}

fn range_text(this: Gc<UnicodeErrorObject>) -> String {
    let (start, end) = (this.start.load(Ordering::Relaxed), this.end.load(Ordering::Relaxed));
    format!("{start}-{}", end.wrapping_sub(1))
}

fn str_object(this: Gc<UnicodeErrorObject>) -> R<Gc<Str>> {
    match this.object.get() {
        Some(object) => object.cast::<Str>().ok_or_else(|| type_error!("UnicodeError 'object' attribute must be a string")),
        None => Err(type_error!("UnicodeError 'object' attribute is not set")),
    }
}

macro_rules! number_field {
    ($this:ident, $field:ident, $value:ident) => {{
        let Some(value) = $value else { return Err(type_error!("can't delete numeric/char attribute")) };
        if !objects::is_int(value) {
            return Err(type_error!("an integer is required"));
        }
        $this.$field.store(objects::index(value)?, Ordering::Relaxed);
        Ok(())
    }};
}

/// The class `$skin` with the methods given and the members that all three classes have.
macro_rules! unicode_error_class {
    ($(#[$attribute:meta])* impl $skin:ident { $($methods:tt)* }) => {
        pub struct $skin;

        $(#[$attribute])*
        impl $skin {
            $($methods)*
            /// exception encoding
            #[getter]
            fn encoding(this: Gc<UnicodeErrorObject>) -> Value {
                member(&this.encoding)
            }
            #[setter(encoding)]
            fn set_encoding(this: Gc<UnicodeErrorObject>, value: Option<Value>) -> R<()> {
                this.encoding.set_opt(value);
                Ok(())
            }
            /// exception object
            #[getter]
            fn object(this: Gc<UnicodeErrorObject>) -> Value {
                member(&this.object)
            }
            #[setter(object)]
            fn set_object(this: Gc<UnicodeErrorObject>, value: Option<Value>) -> R<()> {
                this.object.set_opt(value);
                Ok(())
            }
            /// exception start
            #[getter]
            fn start(this: Gc<UnicodeErrorObject>) -> Value {
                new_int(this.start.load(Ordering::Relaxed))
            }
            #[setter(start)]
            fn set_start(this: Gc<UnicodeErrorObject>, value: Option<Value>) -> R<()> {
                number_field!(this, start, value)
            }
            /// exception end
            #[getter]
            fn end(this: Gc<UnicodeErrorObject>) -> Value {
                new_int(this.end.load(Ordering::Relaxed))
            }
            #[setter(end)]
            fn set_end(this: Gc<UnicodeErrorObject>, value: Option<Value>) -> R<()> {
                number_field!(this, end, value)
            }
            /// exception reason
            #[getter]
            fn reason(this: Gc<UnicodeErrorObject>) -> Value {
                member(&this.reason)
            }
            #[setter(reason)]
            fn set_reason(this: Gc<UnicodeErrorObject>, value: Option<Value>) -> R<()> {
                this.reason.set_opt(value);
                Ok(())
            }
        }
    };
}

unicode_error_class! {
    /// Unicode decoding error.
    #[native_class(name = "UnicodeDecodeError", layout = UnicodeErrorObject, base = exc::UNICODE_ERROR)]
    impl UnicodeDecodeErrorSkin {
        fn __init__(this: Gc<UnicodeErrorObject>, args: Args) -> R<()> {
            init_plain(base(this), args)?;
            let given = exactly(args, 5)?;
            let encoding = str_argument(given[0], 1)?;
            let (start, end) = (int_argument(given[2])?, int_argument(given[3])?);
            let reason = str_argument(given[4], 5)?;
            let object = match given[1].cast::<Bytes>() {
                Some(object) => object.value(),
                None => crate::exceptions::bytes_of_buffer(given[1])?,
            };
            fill(this, Some(encoding), object, start, end, reason);
            Ok(())
        }
        fn __str__(this: Gc<UnicodeErrorObject>) -> R<String> {
            if this.object.is_empty() {
                return Ok(String::new());
            }
            // These may run code that changes the object.
            let reason = text_of(member(&this.reason))?;
            let encoding = text_of(member(&this.encoding))?;
            let Some(object) = this.object.get() else { return Err(type_error!("UnicodeError 'object' attribute is not set")) };
            let Some(data) = object.cast::<Bytes>() else {
                return Err(type_error!("UnicodeError 'object' attribute must be a bytes"));
            };
            Ok(match single(this, data.len()) {
                Some(start) => {
                    format!("'{encoding}' codec can't decode byte 0x{:02x} in position {start}: {reason}", data.as_slice()[start])
                }
                None => format!("'{encoding}' codec can't decode bytes in position {}: {reason}", range_text(this)),
            })
        }
    }
}

unicode_error_class! {
    /// Unicode encoding error.
    #[native_class(name = "UnicodeEncodeError", layout = UnicodeErrorObject, base = exc::UNICODE_ERROR)]
    impl UnicodeEncodeErrorSkin {
        fn __init__(this: Gc<UnicodeErrorObject>, args: Args) -> R<()> {
            init_plain(base(this), args)?;
            let given = exactly(args, 5)?;
            let encoding = str_argument(given[0], 1)?;
            let object = str_argument(given[1], 2)?;
            let (start, end) = (int_argument(given[2])?, int_argument(given[3])?);
            let reason = str_argument(given[4], 5)?;
            fill(this, Some(encoding), object.value(), start, end, reason);
            Ok(())
        }
        fn __str__(this: Gc<UnicodeErrorObject>) -> R<String> {
            if this.object.is_empty() {
                return Ok(String::new());
            }
            let reason = text_of(member(&this.reason))?;
            let encoding = text_of(member(&this.encoding))?;
            let text = str_object(this)?;
            Ok(match single(this, text.len()) {
                Some(start) => {
                    let shown = escaped(text.char_at(start));
                    format!("'{encoding}' codec can't encode character '{shown}' in position {start}: {reason}")
                }
                None => format!("'{encoding}' codec can't encode characters in position {}: {reason}", range_text(this)),
            })
        }
    }
}

unicode_error_class! {
    /// Unicode translation error.
    #[native_class(name = "UnicodeTranslateError", layout = UnicodeErrorObject, base = exc::UNICODE_ERROR)]
    impl UnicodeTranslateErrorSkin {
        fn __init__(this: Gc<UnicodeErrorObject>, args: Args) -> R<()> {
            init_plain(base(this), args)?;
            let given = exactly(args, 4)?;
            let object = str_argument(given[0], 1)?;
            let (start, end) = (int_argument(given[1])?, int_argument(given[2])?);
            let reason = str_argument(given[3], 4)?;
            fill(this, None, object.value(), start, end, reason);
            Ok(())
        }
        fn __str__(this: Gc<UnicodeErrorObject>) -> R<String> {
            if this.object.is_empty() {
                return Ok(String::new());
            }
            let reason = text_of(member(&this.reason))?;
            let text = str_object(this)?;
            Ok(match single(this, text.len()) {
                Some(start) => format!("can't translate character '{}' in position {start}: {reason}", escaped(text.char_at(start))),
                None => format!("can't translate characters in position {}: {reason}", range_text(this)),
            })
        }
    }
}
