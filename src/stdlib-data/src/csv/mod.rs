//! Module `_csv`. Must not know: other modules.

mod dialect;
mod reader;
mod writer;

use native_macros::native_module;
use objects::dict::{dict_get, dict_keys, dict_remove, dict_set};
use objects::error_class::{Base, ErrorClass};
use objects::native::rt::class_of_def;
use objects::{Args, Cast, Dict, Gc, Layout, R, Str, Value, class_of, exc, new_dict, new_int, type_error};
use std::sync::atomic::{AtomicI64, Ordering};

pub static ERROR: ErrorClass = ErrorClass::new("Error", "_csv", &[Base::Made(&exc::EXCEPTION)]);

/// Longest field that readers accept.
static FIELD_LIMIT: AtomicI64 = AtomicI64::new(128 * 1024);

pub fn field_limit() -> i64 {
    FIELD_LIMIT.load(Ordering::Relaxed)
}

/// The registered dialects, by name.
static DIALECTS: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();

fn dialects() -> Gc<Dict> {
    let dict = DIALECTS.get_or_make(|| new_dict().value());
    // SAFETY: made as a dict.
    unsafe { dict.cast_unchecked() }
}

/// The registered dialect of that name.
pub fn find_dialect(name: Value) -> R {
    dict_get(dialects(), name)?.ok_or_else(|| ERROR.raise("unknown dialect"))
}

pub struct Csv;

/// Reading and writing of tables as text.
#[native_module(name = "_csv", classes = [dialect::Dialect])]
impl Csv {
    #[attr("QUOTE_MINIMAL")]
    const QUOTE_MINIMAL: i32 = 0;
    #[attr("QUOTE_ALL")]
    const QUOTE_ALL: i32 = 1;
    #[attr("QUOTE_NONNUMERIC")]
    const QUOTE_NONNUMERIC: i32 = 2;
    #[attr("QUOTE_NONE")]
    const QUOTE_NONE: i32 = 3;
    #[attr("QUOTE_STRINGS")]
    const QUOTE_STRINGS: i32 = 4;
    #[attr("QUOTE_NOTNULL")]
    const QUOTE_NOTNULL: i32 = 5;

    #[attr("Error")]
    fn error() -> R {
        Ok(ERROR.class()?.value())
    }
    #[attr("_dialects")]
    fn registered() -> R {
        Ok(dialects().value())
    }
    #[attr("Reader")]
    fn reader_class() -> R {
        Ok(class_of_def(reader::Reader::CLASS_DEF).value())
    }
    #[attr("Writer")]
    fn writer_class() -> R {
        Ok(class_of_def(writer::Writer::CLASS_DEF).value())
    }
    /// An iterator over the rows of a table whose lines iterable gives, each a list of strings.
    ///
    /// dialect is a name, a Dialect or an object with the attributes of one;
    /// keyword arguments replace single ones of them.
    #[sig("(iterable, /, dialect='excel', **fmtparams)")]
    fn reader(args: Args) -> R {
        args.check_count("reader", 1, 2)?;
        let input = objects::iter(args.positional()[0])?;
        let dialect = dialect::make(args.get(1), args)?;
        Ok(reader::make(input, dialect).value())
    }
    /// An object whose writerow() writes rows to a file object.
    ///
    /// dialect is a name, a Dialect or an object with the attributes of one;
    /// keyword arguments replace single ones of them.
    #[sig("(fileobj, /, dialect='excel', **fmtparams)")]
    fn writer(args: Args) -> R {
        args.check_count("writer", 1, 2)?;
        let dialect = dialect::make(args.get(1), args)?;
        let file = args.positional()[0];
        let write = objects::get_attr_opt(file, objects::interned!("write"))?.filter(|write| objects::is_callable(*write));
        match write {
            Some(write) => Ok(writer::make(write, dialect).value()),
            None => Err(type_error!("argument 1 must have a \"write\" method")),
        }
    }
    /// The names of all registered dialects.
    fn list_dialects() -> Value {
        objects::new_list(&dict_keys(dialects())).value()
    }
    /// Register a dialect under a name.
    #[sig("(name, /, dialect='excel', **fmtparams)")]
    fn register_dialect(args: Args) -> R<()> {
        args.check_count("register_dialect", 1, 2)?;
        let name = args.positional()[0];
        if name.cast::<Str>().is_none() {
            return Err(type_error!("dialect name must be a string"));
        }
        let dialect = dialect::make(args.get(1), args)?;
        dict_set(dialects(), name, dialect.value())
    }
    /// Forget a registered dialect.
    #[sig("(name)")]
    fn unregister_dialect(name: Value) -> R<()> {
        match dict_remove(dialects(), name)? {
            Some(_) => Ok(()),
            None => Err(ERROR.raise("unknown dialect")),
        }
    }
    /// The dialect registered under a name.
    #[sig("(name)")]
    fn get_dialect(name: Value) -> R {
        find_dialect(name)
    }
    /// The longest field that readers accept; a new limit is set if one is given.
    #[sig("(new_limit=<unrepresentable>)")]
    fn field_size_limit(new_limit: Option<Value>) -> R {
        let old = field_limit();
        if let Some(limit) = new_limit {
            if class_of(limit) != objects::int::IntObject::class() {
                return Err(type_error!("limit must be an integer"));
            }
            let limit =
                <i64 as objects::convert::FromArg>::from_arg(limit, objects::convert::ArgName::plain("field_size_limit"))?;
            FIELD_LIMIT.store(limit, Ordering::Relaxed);
        }
        Ok(new_int(old))
    }
}
