//! Module `_pickle`: objects to bytes (`pickler.rs`, `save.rs`, `save_reduce.rs`) and back (`unpickler.rs`, `load.rs`).
//!
//! Must not know: other modules, except `copyreg` and `_compat_pickle`, whose registries it reads.

mod buffer;
mod globals;
mod input;
mod load;
mod load_objects;
mod memo;
mod opcodes;
mod output;
mod pickler;
mod save;
mod save_global;
mod save_reduce;
mod unpickler;

use buffer::PickleBuffer;
use native_macros::native_module;
use objects::error_class::{Base, ErrorClass};
use objects::native::rt::class_of_def;
use objects::{Buf, Cast, Gc, R, Raised, Str, Value, exc, new_bytes, type_error, value_error};
use pickler::{Pickler, PicklerMemoProxy};
use save::{Saver, Settings};
use unpickler::{Unpickler, UnpicklerMemoProxy};

static PICKLE_ERROR: ErrorClass = ErrorClass::new("PickleError", "_pickle", &[Base::Made(&exc::EXCEPTION)]);
static PICKLING_ERROR: ErrorClass = ErrorClass::new("PicklingError", "_pickle", &[Base::Own(&PICKLE_ERROR)]);
static UNPICKLING_ERROR: ErrorClass = ErrorClass::new("UnpicklingError", "_pickle", &[Base::Own(&PICKLE_ERROR)]);

#[cold]
pub fn pickling_error(text: &str) -> Raised {
    PICKLING_ERROR.raise(text)
}
#[cold]
pub fn unpickling_error(text: &str) -> Raised {
    UNPICKLING_ERROR.raise(text)
}

/// The protocol to write for an argument.
fn protocol_of(protocol: Option<Value>) -> R<u8> {
    let Some(protocol) = protocol.filter(|protocol| !protocol.is_none()) else { return Ok(opcodes::DEFAULT) };
    let number = objects::number::index(protocol)?;
    match objects::int_view(number).and_then(|number| number.to_i64()) {
        None => Err(objects::overflow_error!("Python int too large to convert to C long")),
        Some(number) if number < 0 => Ok(opcodes::HIGHEST),
        Some(number) if number > opcodes::HIGHEST as i64 => Err(value_error!("pickle protocol must be <= {}", opcodes::HIGHEST)),
        Some(number) => Ok(number as u8),
    }
}

fn callback_of(callback: Option<Value>, protocol: u8) -> R<Option<Value>> {
    let callback = callback.filter(|callback| !callback.is_none());
    if callback.is_some() && protocol < 5 {
        return Err(value_error!("buffer_callback needs protocol >= 5"));
    }
    Ok(callback)
}

/// The iterator of out-of-band buffers, if there are any.
fn buffers_of(buffers: Option<Value>) -> R<Option<Value>> {
    buffers.filter(|buffers| !buffers.is_none()).map(objects::iter).transpose()
}

pub struct Pickle;

/// The natively written part of the pickle module.
#[native_module(name = "_pickle", classes = [Pickler, Unpickler, PickleBuffer])]
impl Pickle {
    #[attr("PickleError")]
    fn pickle_error() -> R {
        Ok(PICKLE_ERROR.class()?.value())
    }
    #[attr("PicklingError")]
    fn pickling_error_class() -> R {
        PICKLE_ERROR.class()?;
        Ok(PICKLING_ERROR.class()?.value())
    }
    #[attr("UnpicklingError")]
    fn unpickling_error_class() -> R {
        PICKLE_ERROR.class()?;
        Ok(UNPICKLING_ERROR.class()?.value())
    }
    /// Write the pickle of obj to a file.
    ///
    /// This does the same as ``Pickler(file, protocol).dump(obj)``; the arguments
    /// are those of the class Pickler.
    #[sig("(obj, file, protocol=None, *, fix_imports=True,\n     buffer_callback=None)")]
    fn dump(obj: Value, file: Value, protocol: Option<Value>, fix_imports: bool, buffer_callback: Option<Value>) -> R<()> {
        let protocol = protocol_of(protocol)?;
        let write = input::write_method(file)?;
        let callback = callback_of(buffer_callback, protocol)?;
        let mut saver = Saver::new(Settings::plain(protocol, fix_imports, callback), memo::new_save_memo(), Some(write));
        saver.dump(obj)
    }
    /// The pickle of obj as bytes.
    ///
    /// *protocol* is the version of the format, 0 to 5; a negative one selects the
    /// highest.
    #[sig("(obj, protocol=None, *, fix_imports=True,\n      buffer_callback=None)")]
    fn dumps(obj: Value, protocol: Option<Value>, fix_imports: bool, buffer_callback: Option<Value>) -> R {
        let protocol = protocol_of(protocol)?;
        let callback = callback_of(buffer_callback, protocol)?;
        let memo = memo::new_save_memo();
        let mut saver = Saver::new(Settings::plain(protocol, fix_imports, callback), memo, None);
        let result = saver.dump(obj).map(|()| new_bytes(&saver.out.buffer));
        memo::SaveMemo::clear(memo);
        result
    }
    /// Read a pickle from a file and return the object in it.
    ///
    /// This does the same as ``Unpickler(file).load()``; the arguments are those of
    /// the class Unpickler.
    #[sig("(file, *, fix_imports=True, encoding='ASCII',\n     errors='strict', buffers=())")]
    fn load(file: Value, fix_imports: bool, encoding: &str, errors: &str, buffers: Option<Value>) -> R {
        let (read, readline, peek) = input::file_methods(file)?;
        let settings = load::Settings::plain(fix_imports, encoding, errors, buffers_of(buffers)?);
        load::load(settings, memo::new_load_memo(), input::Input::file(read, readline, peek), None)
    }
    /// The object in the pickle that is given as bytes.
    ///
    /// A pickle says itself which protocol it has. What follows its end is ignored.
    #[sig("(data, /, *, fix_imports=True, encoding='ASCII',\n      errors='strict', buffers=())")]
    fn loads(data: Value, fix_imports: bool, encoding: &str, errors: &str, buffers: Option<Value>) -> R {
        let settings = load::Settings::plain(fix_imports, encoding, errors, buffers_of(buffers)?);
        let memo = memo::new_load_memo();
        let result = load::load(settings, memo, input::Input::memory(Buf::new(data)?), None);
        memo::LoadMemo::clear(memo);
        result
    }
    fn __exec__(_module: Value) -> R<()> {
        buffer::install();
        for hidden in
            [PicklerMemoProxy::CLASS_DEF, UnpicklerMemoProxy::CLASS_DEF, memo::SaveMemo::CLASS_DEF, memo::LoadMemo::CLASS_DEF]
        {
            class_of_def(hidden);
        }
        globals::load()
    }
}

/// `value` as a str of the exact class.
fn exact_str(value: Value) -> Option<Gc<Str>> {
    value.cast_exact::<Str>()
}

#[cold]
fn wrong_memo(attribute: &str, found: Value) -> Raised {
    type_error!("'memo' attribute must be {attribute} object or dict, not {}", objects::class_name(found))
}
