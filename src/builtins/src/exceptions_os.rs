//! OSError: the subclass chosen by errno, file names, and `characters_written` of BlockingIOError.

use crate::exceptions::{base, base_str, instance_state, member, set_args};
use native_macros::native_class;
use objects::exception::{self as exc, OSErrorObject};
use objects::{
    Args, Class, Gc, R, Tuple, Value, attribute_error, class_of, int_view, is_int, new_int, new_tuple, overflow_error,
    type_error, value_error,
};
use std::sync::atomic::Ordering;

/// What the arguments of a constructor call mean.
struct Parts {
    errno: Option<Value>,
    strerror: Option<Value>,
    filename: Option<Value>,
    filename2: Option<Value>,
}

fn parse(args: Args) -> Parts {
    match args.positional() {
        given @ [errno, strerror, ..] if given.len() <= 5 => Parts {
            errno: Some(*errno),
            strerror: Some(*strerror),
            filename: given.get(2).copied(),
            filename2: given.get(4).copied(),
        },
        _ => Parts { errno: None, strerror: None, filename: None, filename2: None },
    }
}

/// A Python subclass that has its own `__init__` but not its own `__new__` calls `OSError.__init__` itself.
fn init_does_it(class: Gc<Class>) -> bool {
    let own = exc::OS_ERROR.get();
    let init = |class: Gc<Class>| class.slots.init.get().map(|init| init as usize);
    let new = |class: Gc<Class>| class.slots.new.get().map(|new| new as usize);
    init(class) != init(own) && new(class) == new(own)
}

fn fill(this: Gc<OSErrorObject>, args: Args, parts: Parts) -> R<()> {
    set_args(base(this), args);
    this.written.store(-1, Ordering::Relaxed);
    if let Some(filename) = parts.filename.filter(|filename| !filename.is_none()) {
        let class = class_of(this.value());
        let is_number = class_of(filename).slots.index.get().is_some() || is_int(filename) || filename.is_float();
        if class == exc::BLOCKING_IO_ERROR.get() && is_number {
            let number = objects::index_object(filename)?;
            match int_view(number).and_then(|number| number.to_i64()) {
                Some(number) => this.written.store(number, Ordering::Relaxed),
                None => return Err(value_error!("cannot fit 'int' into an index-sized integer")),
            }
        } else {
            this.filename.set(filename);
            this.filename2.set_opt(parts.filename2.filter(|filename| !filename.is_none()));
            let pair = &args.positional()[..2.min(args.len())];
            base(this).args.set(new_tuple(pair).value());
        }
    }
    this.errno.set_opt(parts.errno);
    this.strerror.set_opt(parts.strerror);
    Ok(())
}

fn check_keywords(class: Gc<Class>, args: Args) -> R<()> {
    args.no_keywords(&class.name_text())
}

pub struct OSErrorSkin;

/// An operation of the system failed.
#[native_class(name = "OSError", layout = OSErrorObject, base = exc::EXCEPTION)]
impl OSErrorSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let mut class = cls;
        let direct = !init_does_it(cls);
        let parts = parse(args);
        if direct {
            check_keywords(cls, args)?;
            if cls == exc::OS_ERROR.get()
                && let Some(errno) = parts.errno.filter(|errno| errno.is_int())
                && let Ok(errno) = i32::try_from(errno.as_int())
            {
                class = objects::error::os_error_class(errno);
            }
        }
        // SAFETY: OSError and its subclasses have this layout.
        let this: Gc<OSErrorObject> = unsafe { exc::alloc_exception(class).cast_unchecked() };
        if direct {
            fill(this, args, parts)?;
        } else {
            set_args(base(this), Args::empty());
            this.written.store(-1, Ordering::Relaxed);
        }
        Ok(this.value())
    }
    fn __init__(this: Gc<OSErrorObject>, args: Args) -> R<()> {
        let class = class_of(this.value());
        if !init_does_it(class) {
            return Ok(());
        }
        check_keywords(class, args)?;
        fill(this, args, parse(args))
    }
    fn __str__(this: Gc<OSErrorObject>) -> R {
        let text = |value: Value| objects::str_of(value).map(|text| text.to_string_lossy());
        let shown = |value: Value| objects::repr(value).map(|text| text.to_string_lossy());
        if let Some(filename) = this.filename.get() {
            let head = format!("[Errno {}] {}: {}", text(member(&this.errno))?, text(member(&this.strerror))?, shown(filename)?);
            return Ok(objects::new_str(&match this.filename2.get() {
                Some(second) => format!("{head} -> {}", shown(second)?),
                None => head,
            }));
        }
        match (this.errno.get(), this.strerror.get()) {
            (Some(errno), Some(strerror)) => Ok(objects::new_str(&format!("[Errno {}] {}", text(errno)?, text(strerror)?))),
            _ => base_str(base(this)),
        }
    }
    /// Helper for pickle.
    fn __reduce__(this: Gc<OSErrorObject>) -> R {
        let mut args: Gc<Tuple> = base(this).args();
        if let ([errno, strerror], Some(filename)) = (args.items(), this.filename.get()) {
            args = match this.filename2.get() {
                Some(second) => new_tuple(&[*errno, *strerror, filename, Value::none(), second]),
                None => new_tuple(&[*errno, *strerror, filename]),
            };
        }
        let class = class_of(this.value()).value();
        Ok(match instance_state(this.value()) {
            Some(state) => new_tuple(&[class, args.value(), state.value()]),
            None => new_tuple(&[class, args.value()]),
        }
        .value())
    }
    /// POSIX exception code
    #[getter]
    fn errno(this: Gc<OSErrorObject>) -> Value {
        member(&this.errno)
    }
    #[setter(errno)]
    fn set_errno(this: Gc<OSErrorObject>, value: Option<Value>) -> R<()> {
        this.errno.set_opt(value);
        Ok(())
    }
    /// exception strerror
    #[getter]
    fn strerror(this: Gc<OSErrorObject>) -> Value {
        member(&this.strerror)
    }
    #[setter(strerror)]
    fn set_strerror(this: Gc<OSErrorObject>, value: Option<Value>) -> R<()> {
        this.strerror.set_opt(value);
        Ok(())
    }
    /// exception filename
    #[getter]
    fn filename(this: Gc<OSErrorObject>) -> Value {
        member(&this.filename)
    }
    #[setter(filename)]
    fn set_filename(this: Gc<OSErrorObject>, value: Option<Value>) -> R<()> {
        this.filename.set_opt(value);
        Ok(())
    }
    /// second exception filename
    #[getter]
    fn filename2(this: Gc<OSErrorObject>) -> Value {
        member(&this.filename2)
    }
    #[setter(filename2)]
    fn set_filename2(this: Gc<OSErrorObject>, value: Option<Value>) -> R<()> {
        this.filename2.set_opt(value);
        Ok(())
    }
    #[getter]
    fn characters_written(this: Gc<OSErrorObject>) -> R {
        match this.written.load(Ordering::Relaxed) {
            -1 => Err(attribute_error!("characters_written")),
            count => Ok(new_int(count)),
        }
    }
    #[setter(characters_written)]
    fn set_characters_written(this: Gc<OSErrorObject>, value: Option<Value>) -> R<()> {
        match value {
            None if this.written.load(Ordering::Relaxed) == -1 => Err(attribute_error!("characters_written")),
            None => {
                this.written.store(-1, Ordering::Relaxed);
                Ok(())
            }
            Some(value) => {
                if class_of(value).slots.index.get().is_none() && !is_int(value) {
                    return Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(value)));
                }
                match int_view(objects::index_object(value)?).and_then(|number| number.to_i64()) {
                    Some(count) => {
                        this.written.store(count, Ordering::Relaxed);
                        Ok(())
                    }
                    None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
                }
            }
        }
    }
}
