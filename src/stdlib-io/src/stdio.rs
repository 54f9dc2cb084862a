//! The standard streams: `sys.stdin`, `sys.stdout`, `sys.stderr` over the descriptors 0, 1, 2.
//!
//! Must not know: the command line.

use crate::io::buffered_classes::{BufferedReader, BufferedWriter};
use crate::io::{common, fileio, new_buffer, text};
use objects::{Cast, Gc, Module, R, Str, Value, interned, new_str, set_attr};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Which of the three descriptors were closed when the process began (a bit each). Rust's runtime opens `/dev/null` in their
/// place before `main`, so that must be seen earlier.
static CLOSED_AT_START: AtomicU8 = AtomicU8::new(0);

extern "C" fn record_closed() {
    for fd in 0..3 {
        // SAFETY: a plain call on a descriptor.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED_AT_START.fetch_or(1 << fd, Relaxed);
        }
    }
}

#[used]
#[unsafe(link_section = ".init_array")]
static RECORD_CLOSED: extern "C" fn() = record_closed;

/// A descriptor that is open.
fn is_usable(fd: i32) -> bool {
    std::hint::black_box(&RECORD_CLOSED);
    // SAFETY: plain calls on a descriptor; the structure is ours.
    unsafe {
        if CLOSED_AT_START.load(Relaxed) & (1 << fd) != 0 {
            libc::close(fd);
            return false;
        }
        let mut stat: libc::stat64 = std::mem::zeroed();
        libc::fstat64(fd, &mut stat) == 0
    }
}

/// Whether the locale is that of C, with whatever encoding: it tells nothing about the texts that come and go.
fn is_minimal_locale() -> bool {
    let given = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    let known = |name: &std::ffi::OsStr| ["C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"].into_iter().any(|plain| name == plain);
    given.is_none_or(|locale| known(&locale))
}

/// The name under which its codec knows an encoding: "utf-8" for "utf8".
fn registered_name(encoding: &str) -> R {
    let codec = crate::codecs::registry::lookup(encoding)?;
    let name = objects::get_attr_opt(codec.value(), interned!("name"))?;
    Ok(name.filter(|name| name.cast::<Str>().is_some()).unwrap_or_else(|| new_str(encoding)))
}

fn make(fd: i32, name: &str, writing: bool) -> R {
    if !is_usable(fd) {
        return Ok(Value::none());
    }
    let config = objects::config::get();
    let raw = fileio::open(Value::small(fd), if writing { "wb" } else { "rb" }, false, None)?;
    let is_terminal = raw.is_terminal_at_open();
    let unbuffered = writing && config.unbuffered;
    // The raw file is shown by the stream's name.
    set_attr(raw.value(), interned!("name"), new_str(name))?;
    let size = common::OLD_BUFFER_SIZE.max(raw.preferred_size()) as isize;
    let buffer = if unbuffered {
        raw.value()
    } else if writing {
        new_buffer(BufferedWriter::blank(), raw, size, false, true)?
    } else {
        new_buffer(BufferedReader::blank(), raw, size, true, false)?
    };
    let encoding = config.stdio_encoding.as_deref().map(registered_name).transpose()?;
    let errors = match (&config.stdio_errors, fd) {
        (_, 2) => "backslashreplace",
        (Some(errors), _) => errors.as_str(),
        (None, _) if config.stdio_encoding.is_some() => "strict",
        (None, _) if config.utf8_mode || is_minimal_locale() => "surrogateescape",
        (None, _) => "strict",
    };
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => {
            let locale = crate::io::text_codec::locale_encoding();
            match locale.cast::<Str>() {
                Some(name) if name.to_string_lossy().eq_ignore_ascii_case("utf-8") => new_str("utf-8"),
                _ => locale,
            }
        }
    };
    let settings = text::Settings {
        encoding: Some(encoding),
        errors: Some(new_str(errors)),
        newline: if writing { new_str("\n") } else { Value::none() },
        line_buffering: writing && (is_terminal || fd == 2) && !unbuffered,
        write_through: unbuffered,
    };
    let stream = text::open(buffer, settings)?;
    set_attr(stream.value(), interned!("mode"), new_str(if writing { "w" } else { "r" }))?;
    Ok(stream.value())
}

/// Creates the streams and enters them in `sys`.
pub fn install_standard_streams(sys: Gc<Module>) -> R<()> {
    for (fd, name, attribute, writing) in
        [(0, "<stdin>", "stdin", false), (2, "<stderr>", "stderr", true), (1, "<stdout>", "stdout", true)]
    {
        let stream = make(fd, name, writing)?;
        sys.set(attribute, stream)?;
        sys.set(&format!("__{attribute}__"), stream)?;
    }
    Ok(())
}
