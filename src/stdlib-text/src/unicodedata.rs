//! `unicodedata`: the Unicode database as Python sees it, and its 3.2.0 view for stringprep and idna.
//!
//! Only argument handling and error texts; the data and algorithms are in `unicode-tables`.

use objects::convert::{CodePoint, utf8};
use objects::{
    Bytes, Cast, DeriveLayout, Gc, Header, R, Str, Value, class_name, key_error, native_class, native_module, new_native,
    new_str, type_error, value_error,
};
use unicode_tables as tables;
use unicode_tables::{Form, QuickCheck, Version};

/// Longer arguments of `lookup` are refused before they are looked at.
const LONGEST_LOOKUP: usize = 256;

/// The value, else the default, else ValueError.
fn value_or(value: Option<Value>, default: Option<Value>, complaint: &str) -> R {
    value.or(default).map_or_else(|| Err(value_error!("{complaint}")), Ok)
}

fn decimal(chr: CodePoint, default: Option<Value>, version: Version) -> R {
    let value = tables::decimal_value(chr.0, version).map(|digit| Value::small(digit.into()));
    value_or(value, default, "not a decimal")
}

fn digit(chr: CodePoint, default: Option<Value>, version: Version) -> R {
    let value = tables::digit_value(chr.0, version).map(|digit| Value::small(digit.into()));
    value_or(value, default, "not a digit")
}

fn numeric(chr: CodePoint, default: Option<Value>, version: Version) -> R {
    value_or(tables::numeric_value(chr.0, version).map(Value::float), default, "not a numeric character")
}

fn name(chr: CodePoint, default: Option<Value>, version: Version) -> R {
    value_or(tables::name(chr.0, version).map(|name| new_str(&name)), default, "no such name")
}

fn lookup(name: Value, version: Version) -> R<Gc<Str>> {
    let wanted = match (name.cast::<Str>(), name.cast::<Bytes>()) {
        (Some(text), _) if text.len() > LONGEST_LOOKUP => return Err(key_error(new_str("name too long"))),
        (Some(text), _) => utf8(text)?.to_owned(),
        (_, Some(bytes)) if bytes.len() > LONGEST_LOOKUP => return Err(key_error(new_str("name too long"))),
        (_, Some(bytes)) => String::from_utf8_lossy(bytes.as_slice()).into_owned(),
        _ => {
            return Err(type_error!("a bytes-like object is required, not '{}'", class_name(name)));
        }
    };
    if wanted.len() > LONGEST_LOOKUP {
        return Err(key_error(new_str("name too long")));
    }
    let extended = version == Version::Current;
    if let Some(found) = tables::lookup(&wanted, extended, extended) {
        return Ok(Str::from_ucs4(found.code_points()));
    }
    let shown = wanted.split('\0').next().unwrap_or_default();
    Err(key_error(new_str(&format!("undefined character name '{shown}'"))))
}

fn form_named(form: Gc<Str>) -> R<Form> {
    form.as_ascii().and_then(Form::from_name).ok_or_else(|| value_error!("invalid normalization form"))
}

fn code_points(text: Gc<Str>) -> Vec<u32> {
    base::memory::collected(text.chars().iter())
}

/// Long texts do not hold up collections.
fn apart<T>(length: usize, work: impl FnOnce() -> T) -> T {
    const LONG: usize = 1 << 16;
    if length < LONG { work() } else { heap::blocking(work) }
}

fn normalize(form: Gc<Str>, text: Gc<Str>, version: Version) -> R<Gc<Str>> {
    if text.is_empty() {
        return Ok(Str::exact_copy(text));
    }
    let form = form_named(form)?;
    let unchanged =
        text.is_ascii() || version == Version::Current && tables::quick_check(form, text.chars().iter()) == QuickCheck::Yes;
    if unchanged {
        return Ok(Str::exact_copy(text));
    }
    let points = code_points(text);
    let normalized = apart(points.len(), || tables::normalize(form, &points, version)).ok_or_else(objects::memory_error)?;
    Ok(Str::from_ucs4(&normalized))
}

fn is_normalized(form: Gc<Str>, text: Gc<Str>, version: Version) -> R<bool> {
    if text.is_empty() {
        return Ok(true);
    }
    let form = form_named(form)?;
    if text.is_ascii() {
        return Ok(true);
    }
    let points = code_points(text);
    apart(points.len(), || tables::is_normalized(form, &points, version)).ok_or_else(objects::memory_error)
}

/// The functions, once for the module and once for the class: they differ in receiver and version.
macro_rules! database {
    ($(#[$attribute:meta])* impl $owner:ident, $version:expr, ($($receiver:tt)*), { $($more:tt)* }) => {
        $(#[$attribute])*
        impl $owner {
            /// Return the bidirectional class of chr, or '' if it has none.
            fn bidirectional($($receiver)* chr: CodePoint) -> &'static str {
                tables::bidirectional(chr.0, $version)
            }
            /// Return the general category of chr.
            fn category($($receiver)* chr: CodePoint) -> &'static str {
                tables::category(chr.0, $version)
            }
            /// Return the canonical combining class of chr as an integer, 0 if it has none.
            fn combining($($receiver)* chr: CodePoint) -> u8 {
                tables::combining_class(chr.0, $version)
            }
            /// Return the value of chr as a decimal digit.
            ///
            /// Without one, return default if given, else raise ValueError.
            fn decimal($($receiver)* chr: CodePoint, default: Option<Value>) -> R {
                decimal(chr, default, $version)
            }
            /// Return the decomposition mapping of chr, or '' if it has none.
            fn decomposition($($receiver)* chr: CodePoint) -> String {
                tables::decomposition_text(chr.0, $version)
            }
            /// Return the value of chr as a digit.
            ///
            /// Without one, return default if given, else raise ValueError.
            fn digit($($receiver)* chr: CodePoint, default: Option<Value>) -> R {
                digit(chr, default, $version)
            }
            /// Return the East Asian width of chr.
            fn east_asian_width($($receiver)* chr: CodePoint) -> &'static str {
                tables::east_asian_width(chr.0, $version)
            }
            /// Tell whether unistr is in normal form 'NFC', 'NFKC', 'NFD' or 'NFKD'.
            fn is_normalized($($receiver)* form: Gc<Str>, unistr: Gc<Str>) -> R<bool> {
                is_normalized(form, unistr, $version)
            }
            /// Return the character called name; raise KeyError if there is none.
            fn lookup($($receiver)* name: Value) -> R<Gc<Str>> {
                lookup(name, $version)
            }
            /// Return 1 if chr is mirrored in bidirectional text, else 0.
            fn mirrored($($receiver)* chr: CodePoint) -> u8 {
                tables::is_mirrored(chr.0, $version).into()
            }
            /// Return the name of chr.
            ///
            /// Without one, return default if given, else raise ValueError.
            fn name($($receiver)* chr: CodePoint, default: Option<Value>) -> R {
                name(chr, default, $version)
            }
            /// Return unistr in normal form 'NFC', 'NFKC', 'NFD' or 'NFKD'.
            fn normalize($($receiver)* form: Gc<Str>, unistr: Gc<Str>) -> R<Gc<Str>> {
                normalize(form, unistr, $version)
            }
            /// Return the numeric value of chr as a float.
            ///
            /// Without one, return default if given, else raise ValueError.
            fn numeric($($receiver)* chr: CodePoint, default: Option<Value>) -> R {
                numeric(chr, default, $version)
            }
            $($more)*
        }
    };
}

pub struct UnicodeData;

database! {
    /// The properties of all Unicode characters, by the Unicode Character Database 16.0.0.
    #[native_module(name = "unicodedata", classes = [Ucd])]
    impl UnicodeData, Version::Current, (), {
        #[attr("unidata_version")]
        const UNIDATA_VERSION: &'static str = tables::UNICODE_VERSION;

        /// The database as of Unicode 3.2.0.
        #[attr("ucd_3_2_0")]
        fn old_database() -> Gc<Ucd> {
            new_native(Ucd { header: Header::blank() })
        }
    }
}

/// The only database besides the module itself is that of 3.2.0.
#[derive(DeriveLayout)]
#[repr(C)]
pub struct Ucd {
    header: Header,
}

database! {
    #[native_class(name = "unicodedata.UCD", base = object, flags = "final no_new")]
    impl Ucd, Version::V3_2, (_this: Gc<Ucd>,), {
        #[getter]
        fn unidata_version(_this: Gc<Ucd>) -> &'static str {
            "3.2.0"
        }
    }
}
