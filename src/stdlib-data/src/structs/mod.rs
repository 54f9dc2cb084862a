//! Module `_struct`. Must not know: other modules.

mod codes;
mod format;
mod object;

use native_macros::native_module;
use objects::error_class::{Base, ErrorClass};
use objects::native::rt::class_of_def;
use objects::{Args, Buf, Gc, R, Value, exc, type_error};

pub static ERROR: ErrorClass = ErrorClass::new("error", "struct", &[Base::Made(&exc::EXCEPTION)]);

pub struct StructModule;

/// Python values as bytes in the layout of C structures, and back.
///
/// A format says the layout: one character for each item with an optional
/// repeat count in front, and a first character for byte order and alignment.
#[native_module(name = "_struct", classes = [object::Struct])]
impl StructModule {
    fn __exec__(_module: Value) -> R<()> {
        // These have no name in the module.
        class_of_def(object::UnpackIterator::CLASS_DEF);
        class_of_def(object::Compiled::CLASS_DEF);
        Ok(())
    }
    #[attr("error")]
    fn error() -> R {
        Ok(ERROR.class()?.value())
    }
    /// How many bytes the format describes.
    fn calcsize(format: Value) -> R<usize> {
        Ok(object::compiled(format)?.size())
    }
    /// Forget all compiled formats.
    fn _clearcache() {
        object::clear_cache();
    }
    /// pack(format, v1, v2, ...) -> bytes
    ///
    /// The values v1, v2, ... as bytes in that format.
    #[sig("(format, /, *values)", hidden)]
    fn pack(args: Args) -> R {
        args.no_keywords("_struct.pack")?;
        let [format, values @ ..] = args.positional() else { return Err(type_error!("missing format argument")) };
        object::pack(object::compiled(*format)?, values)
    }
    /// pack_into(format, buffer, offset, v1, v2, ...)
    ///
    /// Writes the values v1, v2, ... in that format into a writable buffer.
    #[sig("(format, buffer, offset, /, *values)", hidden)]
    fn pack_into(args: Args) -> R<()> {
        args.no_keywords("_struct.pack_into")?;
        let [format, rest @ ..] = args.positional() else { return Err(type_error!("missing format argument")) };
        object::pack_into(object::compiled(*format)?, rest)
    }
    /// The values in a buffer of exactly the size of the format, as a tuple.
    #[sig("(format, buffer, /)")]
    fn unpack(format: Value, buffer: Buf) -> R {
        object::unpack(object::compiled(format)?, &buffer)
    }
    /// The values in a buffer from offset on, as a tuple.
    #[sig("(format, /, buffer, offset=0)")]
    fn unpack_from(format: Value, buffer: Buf, offset: isize) -> R {
        object::unpack_from(object::compiled(format)?, &buffer, offset)
    }
    /// Iterator over the tuples of values in a buffer that holds the format several times.
    #[sig("(format, buffer, /)")]
    fn iter_unpack(format: Value, buffer: Value) -> R<Gc<object::UnpackIterator>> {
        object::iter_unpack(object::compiled(format)?, buffer)
    }
}
