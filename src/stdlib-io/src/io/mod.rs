//! The module `_io`: `open` and the file classes.
//!
//! Must not know: `sys`.

pub mod base;
pub mod buffered;
pub mod buffered_classes;
pub mod bytesio;
pub mod chain;
pub mod common;
pub mod fileio;
pub mod newline;
pub mod stringio;
pub mod text;
pub mod text_codec;
pub mod text_lines;
pub mod text_position;

use native_macros::native_module;
use objects::convert::{ArgName, FromArg};
use objects::{
    Cast, Gc, Layout as _, R, Str, Value, call, exc, interned, is_int, is_true, new_object, new_str, set_attr, value_error,
};

pub struct Io;

/// What the mode string of `open` asks for.
struct Mode {
    raw: String,
    reading: bool,
    updating: bool,
    binary: bool,
}

fn parse_mode(mode: &str) -> R<Mode> {
    let invalid = || value_error!("invalid mode: '{mode}'");
    let mut seen = String::new();
    for c in mode.chars() {
        if !"xrwatb+".contains(c) || seen.contains(c) {
            return Err(invalid());
        }
        seen.push(c);
    }
    let has = |c: char| seen.contains(c);
    let kinds = "xrwa".chars().filter(|c| has(*c)).count();
    if has('t') && has('b') {
        return Err(value_error!("can't have text and binary mode at once"));
    }
    if kinds > 1 {
        return Err(value_error!("must have exactly one of create/read/write/append mode"));
    }
    let raw = seen.chars().filter(|c| "xrwa+".contains(*c)).collect();
    Ok(Mode { raw, reading: has('r'), updating: has('+'), binary: has('b') })
}

/// A str or None.
fn optional_text(value: Option<Value>, what: &str) -> R<Option<Value>> {
    match value.filter(|value| !value.is_none()) {
        Some(value) if value.cast::<Str>().is_none() => {
            Err(objects::type_error!("open() argument '{what}' must be str or None, not {}", objects::class_name(value)))
        }
        Some(value) => {
            if value.cast::<Str>().is_some_and(|text| text.chars().iter().any(|c| c == 0)) {
                return Err(value_error!("embedded null character"));
            }
            Ok(Some(value))
        }
        None => Ok(None),
    }
}

pub struct OpenArgs {
    pub buffering: i32,
    pub encoding: Option<Value>,
    pub errors: Option<Value>,
    pub newline: Option<Value>,
    pub closefd: bool,
    pub opener: Option<Value>,
}

/// `open()`.
pub fn open(file: Value, mode_text: &str, args: OpenArgs) -> R {
    let encoding = optional_text(args.encoding, "encoding")?;
    let errors = optional_text(args.errors, "errors")?;
    let newline = optional_text(args.newline, "newline")?;
    let path = if is_int(file) { file } else { objects::path::fspath(file)? };
    let mode = parse_mode(mode_text)?;
    if mode.binary {
        let given =
            [(encoding, "encoding"), (errors, "errors"), (newline, "newline")].into_iter().find(|(value, _)| value.is_some());
        if let Some((_, what)) = given {
            let article = if what == "newline" { "a newline" } else { what };
            let article = if article == what { format!("an {what}") } else { article.to_owned() };
            return Err(value_error!("binary mode doesn't take {article} argument"));
        }
        if args.buffering == 1 {
            objects::warnings::warn(
                &exc::RUNTIME_WARNING,
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
                1,
            )?;
        }
    }
    let raw = fileio::open(path, &mode.raw, args.closefd, args.opener)?;
    let result = wrap(raw, mode_text, &mode, args.buffering, encoding, errors, newline.unwrap_or(Value::none()));
    match result {
        Ok(file) => Ok(file),
        Err(raised) => common::finally(Err(raised), || common::call0(raw.value(), interned!("close"))),
    }
}

fn wrap(
    raw: Gc<fileio::FileIo>,
    mode_text: &str,
    mode: &Mode,
    buffering: i32,
    encoding: Option<Value>,
    errors: Option<Value>,
    newline: Value,
) -> R {
    let is_terminal = if buffering < 0 && !raw_is_overridden(raw) { raw.is_terminal_at_open() } else { false };
    let line_buffering = buffering == 1 || is_terminal;
    let size = match buffering {
        0 if mode.binary => return Ok(raw.value()),
        0 => return Err(value_error!("can't have unbuffered text I/O")),
        1 | ..0 => raw.preferred_size() as isize,
        size => size as isize,
    };
    let buffer = if mode.updating {
        new_buffer::<buffered_classes::BufferedRandom>(buffered_classes::BufferedRandom::blank(), raw, size, true, true)?
    } else if mode.reading {
        new_buffer::<buffered_classes::BufferedReader>(buffered_classes::BufferedReader::blank(), raw, size, true, false)?
    } else {
        new_buffer::<buffered_classes::BufferedWriter>(buffered_classes::BufferedWriter::blank(), raw, size, false, true)?
    };
    if mode.binary {
        return Ok(buffer);
    }
    let wrapper = text::open(
        buffer,
        text::Settings { encoding, errors, newline, line_buffering: line_buffering && (!mode.binary), write_through: false },
    )?;
    set_attr(wrapper.value(), interned!("mode"), new_str(mode_text))?;
    Ok(wrapper.value())
}

fn raw_is_overridden(raw: Gc<fileio::FileIo>) -> bool {
    raw.value().cast_exact::<fileio::FileIo>().is_none()
}

/// A buffer over a plain file.
pub fn new_buffer<T: objects::Layout>(fields: T, raw: Gc<fileio::FileIo>, size: isize, readable: bool, writable: bool) -> R {
    if readable && writable {
        common::check_seekable(raw.value())?;
    }
    let object = new_object(T::class(), fields);
    // SAFETY: the three buffer classes begin with `Buffered`.
    let buffer = unsafe { object.cast_unchecked::<buffered::Buffered>() };
    buffered::init(buffer, raw.value(), size, readable, writable, true)?;
    Ok(object.value())
}

/// The argument of `open_code`.
struct CodePath(Value);
impl FromArg for CodePath {
    fn from_arg(value: Value, name: ArgName) -> R<CodePath> {
        if value.cast::<Str>().is_none() {
            return Err(name.wrong_type("str", value));
        }
        Ok(CodePath(value))
    }
}

/// The classes of streams, and the function open().
///
/// All streams derive from the abstract class IOBase, which has the methods for
/// reading and those for writing; what a stream cannot do raises OSError.
#[native_module(name = "_io", classes = [
    base::IoBase, base::RawIoBase, base::BufferedIoBase, base::TextIoBase, fileio::FileIo, bytesio::BytesIo, bytesio::BytesIoBuffer,
    stringio::StringIo, buffered_classes::BufferedReader, buffered_classes::BufferedWriter, buffered_classes::BufferedRandom,
    buffered_classes::BufferedRwPair, text::TextIoWrapper, newline::NewlineDecoder,
])]
impl Io {
    #[attr("DEFAULT_BUFFER_SIZE")]
    const SIZE: i64 = common::DEFAULT_BUFFER_SIZE as i64;

    /// Open file and return a stream; OSError if that fails.
    ///
    /// file is a path (a string, bytes, or a path-like object) or an int, the file
    /// descriptor of an open file.
    #[sig("(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)")]
    fn open(
        file: Value,
        mode: &str,
        #[default(-1)] buffering: i32,
        encoding: Option<Value>,
        errors: Option<Value>,
        newline: Option<Value>,
        #[default(true)] closefd: bool,
        opener: Option<Value>,
    ) -> R {
        open(file, mode, OpenArgs { buffering, encoding, errors, newline, closefd, opener })
    }
    /// Open a file whose contents are going to be run.
    ///
    /// This is open(path, 'rb') with the checks that the system may add for code.
    #[sig("(path)")]
    fn open_code(path: CodePath) -> R {
        open(path.0, "rb", OpenArgs { buffering: -1, encoding: None, errors: None, newline: None, closefd: true, opener: None })
    }
    /// The encoding to use for text files.
    ///
    /// It is the argument unless that is None, in which case it is "utf-8" in UTF-8
    /// mode and otherwise "locale".
    #[sig("(encoding, stacklevel=2, /)")]
    fn text_encoding(encoding: Value, #[default(2)] stacklevel: i64) -> R {
        if !encoding.is_none() {
            return Ok(encoding);
        }
        if objects::config::get().warn_default_encoding {
            objects::warnings::warn(&exc::ENCODING_WARNING, "'encoding' argument not specified", stacklevel)?;
        }
        Ok(new_str(if objects::config::get().utf8_mode { "utf-8" } else { "locale" }))
    }

    fn __exec__(module: Value) -> R<()> {
        objects::buffer::register(&bytesio::EXPORTER);
        if let Some(module) = module.cast::<objects::Module>() {
            module.set("UnsupportedOperation", common::make_unsupported_operation()?)?;
            module.set("BlockingIOError", exc::BLOCKING_IO_ERROR.get().value())?;
        }
        // Files in memory have nothing to close; subclasses may.
        for class in [bytesio::BytesIo::class(), stringio::StringIo::class()] {
            class.flags.remove(objects::class::HAS_FINALIZER);
        }
        Ok(())
    }
}

/// `flush()` of a stream, for the end of the process.
pub fn flush_stream(stream: Value) -> R<()> {
    if is_true(objects::get_attr(stream, interned!("closed"))?)? {
        return Ok(());
    }
    call(objects::get_attr(stream, interned!("flush"))?, &[]).map(|_| ())
}
