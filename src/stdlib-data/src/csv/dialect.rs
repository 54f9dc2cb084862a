//! `Dialect`: how a table is written.

use crate::csv::find_dialect;
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, Header, Layout, R, Raised, Str, Value, class_name, class_of, exc, get_attr_named, is_true, new_object,
    type_error, value_error,
};

pub const QUOTE_MINIMAL: i64 = 0;
pub const QUOTE_ALL: i64 = 1;
pub const QUOTE_NONNUMERIC: i64 = 2;
pub const QUOTE_NONE: i64 = 3;
pub const QUOTE_STRINGS: i64 = 4;
pub const QUOTE_NOTNULL: i64 = 5;

#[derive(Layout)]
#[repr(C)]
pub struct Dialect {
    pub header: Header,
    pub line_end: Gc<Str>,
    pub quoting: i64,
    pub delimiter: u32,
    /// `NONE` if there is none.
    pub quote: u32,
    pub escape: u32,
    pub double_quote: bool,
    pub skip_space: bool,
    pub strict: bool,
}

/// No character.
pub const NONE: u32 = u32::MAX;

const NAMES: [&str; 8] =
    ["delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"];

/// The dialect of a call: `dialect` or the keyword of that name, changed by the other keywords.
pub fn make(dialect: Option<Value>, args: Args) -> R<Gc<Dialect>> {
    let mut dialect = dialect;
    let mut given: [Option<Value>; 8] = [None; 8];
    for (name, value) in args.keywords() {
        let name = crate::support::text_of(name);
        if name == "dialect" {
            dialect = Some(value);
        } else if let Some(index) = NAMES.iter().position(|known| *known == name) {
            given[index] = Some(value);
        } else {
            return Err(type_error!("this function got an unexpected keyword argument '{name}'"));
        }
    }
    build(Dialect::class(), dialect, given)
}

fn build(cls: Gc<Class>, dialect: Option<Value>, mut given: [Option<Value>; 8]) -> R<Gc<Dialect>> {
    let mut dialect = dialect.filter(|dialect| !dialect.is_none());
    if let Some(name) = dialect
        && name.cast::<Str>().is_some()
    {
        dialect = Some(find_dialect(name)?);
    }
    if let Some(dialect) = dialect {
        if let Some(ready) = dialect.cast::<Dialect>()
            && class_of(dialect) == cls
            && given.iter().all(Option::is_none)
        {
            return Ok(ready);
        }
        for (name, slot) in NAMES.iter().zip(&mut given) {
            if slot.is_none() {
                match get_attr_named(dialect, name) {
                    Ok(value) => *slot = Some(value),
                    Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => raised.clear(),
                    Err(raised) => return Err(raised),
                }
            }
        }
    }
    let [delimiter, double_quote, escape, line_end, quote, quoting, skip_space, strict] = given;
    let flag = |value: Option<Value>, default: bool| value.map_or(Ok(default), is_true);
    let delimiter = match delimiter {
        Some(value) if value.is_none() => return Err(not_a_character("delimiter", "", value)),
        value => character("delimiter", "", value, b',' as u32)?,
    };
    let double_quote = flag(double_quote, true)?;
    let escape = character("escapechar", " or None", escape, NONE)?;
    let line_end = match line_end {
        None => Str::new("\r\n"),
        Some(text) => match text.cast::<Str>() {
            Some(text) => text,
            None => return Err(type_error!("\"lineterminator\" must be a string, not {}", class_name(text))),
        },
    };
    let quote_is_none = quote.is_some_and(Value::is_none);
    let quote = character("quotechar", " or None", quote, b'"' as u32)?;
    let mode = match quoting {
        None => QUOTE_MINIMAL,
        Some(value) if class_of(value) == objects::int::IntObject::class() => {
            objects::int_view(value).and_then(|view| view.to_i64()).unwrap_or(-1)
        }
        Some(value) => return Err(type_error!("\"quoting\" must be an integer, not {}", class_name(value))),
    };
    if !(QUOTE_MINIMAL..=QUOTE_NOTNULL).contains(&mode) {
        return Err(type_error!("bad \"quoting\" value"));
    }
    let skip_space = flag(skip_space, false)?;
    let strict = flag(strict, false)?;
    let mode = if quote_is_none && quoting.is_none() { QUOTE_NONE } else { mode };
    if mode != QUOTE_NONE && quote == NONE {
        return Err(type_error!("quotechar must be set if quoting enabled"));
    }
    check_one("delimiter", delimiter, line_end, true)?;
    check_one("escapechar", escape, line_end, !skip_space)?;
    check_one("quotechar", quote, line_end, !skip_space)?;
    check_two(("delimiter", delimiter), ("escapechar", escape))?;
    check_two(("delimiter", delimiter), ("quotechar", quote))?;
    check_two(("escapechar", escape), ("quotechar", quote))?;
    let fields =
        Dialect { header: Header::blank(), line_end, quoting: mode, delimiter, quote, escape, double_quote, skip_space, strict };
    Ok(new_object(cls, fields))
}

#[cold]
fn not_a_character(name: &str, or_none: &str, value: Value) -> Raised {
    match value.cast::<Str>() {
        Some(text) => type_error!("\"{name}\" must be a unicode character{or_none}, not a string of length {}", text.len()),
        None => type_error!("\"{name}\" must be a unicode character{or_none}, not {}", class_name(value)),
    }
}

fn character(name: &str, or_none: &str, value: Option<Value>, default: u32) -> R<u32> {
    match value {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(NONE),
        Some(value) => match value.cast::<Str>() {
            Some(text) if text.len() == 1 => Ok(text.char_at(0)),
            _ => Err(not_a_character(name, or_none, value)),
        },
    }
}

fn check_one(name: &str, code: u32, line_end: Gc<Str>, space_allowed: bool) -> R<()> {
    if code == b'\r' as u32 || code == b'\n' as u32 || (code == b' ' as u32 && !space_allowed) {
        return Err(value_error!("bad {name} value"));
    }
    if line_end.chars().iter().any(|end| end == code) {
        return Err(value_error!("bad {name} or lineterminator value"));
    }
    Ok(())
}

fn check_two(a: (&str, u32), b: (&str, u32)) -> R<()> {
    if a.1 == b.1 && a.1 != NONE {
        return Err(value_error!("bad {} or {} value", a.0, b.0));
    }
    Ok(())
}

fn character_value(code: u32) -> Value {
    if code == NONE { Value::none() } else { Str::from_char(code).value() }
}

/// How a table is written: its separators, quotes and line ends.
#[native_class(name = "_csv.Dialect", base = object)]
impl Dialect {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        args.check_count("Dialect", 0, 9)?;
        let mut dialect = args.get(0);
        let mut given = [None; 8];
        for (index, slot) in given.iter_mut().enumerate() {
            *slot = args.get(index + 1);
        }
        for (name, value) in args.keywords() {
            let name = crate::support::text_of(name);
            if name == "dialect" {
                dialect = Some(value);
            } else if let Some(index) = NAMES.iter().position(|known| *known == name) {
                given[index] = Some(value);
            } else {
                return Err(type_error!("this function got an unexpected keyword argument '{name}'"));
            }
        }
        Ok(build(cls, dialect, given)?.value())
    }
    /// raises TypeError: dialects cannot be pickled
    fn __reduce__(this: Gc<Dialect>, _args: Args) -> R {
        Err(type_error!("cannot pickle '{}' instances", class_of(this.value()).name_text()))
    }
    /// raises TypeError: dialects cannot be pickled
    fn __reduce_ex__(this: Gc<Dialect>, _args: Args) -> R {
        Err(type_error!("cannot pickle '{}' instances", class_of(this.value()).name_text()))
    }
    #[getter]
    fn delimiter(this: Gc<Dialect>) -> Value {
        character_value(this.delimiter)
    }
    #[getter]
    fn quotechar(this: Gc<Dialect>) -> Value {
        character_value(this.quote)
    }
    #[getter]
    fn escapechar(this: Gc<Dialect>) -> Value {
        character_value(this.escape)
    }
    #[getter]
    fn lineterminator(this: Gc<Dialect>) -> Gc<Str> {
        this.line_end
    }
    #[getter]
    fn quoting(this: Gc<Dialect>) -> i64 {
        this.quoting
    }
    #[getter]
    fn doublequote(this: Gc<Dialect>) -> bool {
        this.double_quote
    }
    #[getter]
    fn skipinitialspace(this: Gc<Dialect>) -> bool {
        this.skip_space
    }
    #[getter]
    fn strict(this: Gc<Dialect>) -> bool {
        this.strict
    }
}
