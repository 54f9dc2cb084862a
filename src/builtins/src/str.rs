//! The Python-visible skin of `str`. Must not know: how text is stored, searched or cased (`objects::str`, `base::text`); `%` and
//! `str.format` have files of their own.

use crate::sequences::repeat_count;
use crate::str_iter::new_str_iter;
use crate::{str_ascii, str_format, str_percent, str_translate};
use base::text::{self, Sides, Text};
use native_macros::native_class;
use objects::buffer::Buf;
use objects::containers::poll_at;
use objects::convert::{ArgName, FromArg};
use objects::error::{R, Raised, index_error, overflow_error, raise_fault, type_error, value_error};
use objects::list::{List, list_push, list_with_capacity};
use objects::slice::{as_slice, slice_bounds};
use objects::slicing::str_slice;
use objects::str::{Kind, Str, copy_bytes, str_build, str_cmp, str_concat, str_eq, str_repeat, write_chars};
use objects::{Args, Cast, Class, Gc, Kwargs, Layout, Value, class_name, class_of, codec, new_tuple, number};
use std::ops::Range;

pub struct StrSkin;

/// Text: an immutable sequence of Unicode characters.
///
/// str(object='') gives the text of any object; str(bytes, encoding, errors)
/// decodes bytes.
#[native_class(name = "str", layout = Str, base = object, flags = "sequence_ops match_self")]
impl StrSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let plain = construct(args)?;
        if cls == Str::class() { Ok(plain.value()) } else { Ok(Str::new_instance(cls, plain)?.value()) }
    }
    fn __repr__(this: Gc<Str>) -> R<Gc<Str>> {
        match str_ascii::repr(this) {
            Some(shown) => shown,
            None => Str::from_buf(&text::str_repr(this.text())),
        }
    }
    fn __str__(this: Gc<Str>) -> Gc<Str> {
        plain(this)
    }
    fn __hash__(this: Gc<Str>) -> i64 {
        this.hash()
    }
    fn __lt__(this: Gc<Str>, other: Gc<Str>) -> bool {
        str_cmp(&this, &other).is_lt()
    }
    fn __le__(this: Gc<Str>, other: Gc<Str>) -> bool {
        str_cmp(&this, &other).is_le()
    }
    fn __eq__(this: Gc<Str>, other: Gc<Str>) -> bool {
        str_eq(&this, &other)
    }
    fn __ne__(this: Gc<Str>, other: Gc<Str>) -> bool {
        !str_eq(&this, &other)
    }
    fn __gt__(this: Gc<Str>, other: Gc<Str>) -> bool {
        str_cmp(&this, &other).is_gt()
    }
    fn __ge__(this: Gc<Str>, other: Gc<Str>) -> bool {
        str_cmp(&this, &other).is_ge()
    }
    fn __iter__(this: Gc<Str>) -> R {
        Ok(new_str_iter(this))
    }
    fn __len__(this: Gc<Str>) -> usize {
        this.len()
    }
    fn __getitem__(this: Gc<Str>, key: Value) -> R {
        if key.is_int() {
            return item(this, key.as_int());
        }
        match as_slice(key) {
            Some(slice) => Ok(str_slice(this, slice_bounds(slice)?)?.value()),
            None if class_of(key).slots.index.get().is_some() => item(this, objects::index_for(key)?),
            None => Err(type_error!("string indices must be integers, not '{}'", class_name(key))),
        }
    }
    fn __contains__(this: Gc<Str>, key: Value) -> R<bool> {
        match key.cast::<Str>() {
            Some(wanted) => Ok(text::contains(this.text(), wanted.text())),
            None => Err(type_error!("'in <string>' requires string as left operand, not {}", class_name(key))),
        }
    }
    fn __add__(this: Gc<Str>, other: Value) -> R {
        match other.cast::<Str>() {
            Some(other) => Ok(str_concat(this, other)?.value()),
            None => Err(type_error!("can only concatenate str (not \"{}\") to str", class_name(other))),
        }
    }
    fn __mul__(this: Gc<Str>, count: Value) -> R {
        repeat(this, count)
    }
    fn __rmul__(this: Gc<Str>, count: Value) -> R {
        repeat(this, count)
    }
    fn __mod__(this: Gc<Str>, args: Value) -> R {
        Ok(str_percent::format(this, args)?.value())
    }
    fn __rmod__(this: Gc<Str>, format: Value) -> R {
        match format.cast::<Str>() {
            Some(format) => Ok(str_percent::format(format, this.value())?.value()),
            None => Ok(Value::not_implemented()),
        }
    }

    /// Encode the text in the codec registered for the encoding.
    #[sig("($self, /, encoding='utf-8', errors='strict')")]
    fn encode(this: Gc<Str>, encoding: Option<&str>, errors: Option<&str>) -> R {
        if encoding.is_none()
            && errors.is_none()
            && let Some(bytes) = codec::encode_utf8(this)
        {
            return Ok(bytes?.value());
        }
        let encoding = encoding.unwrap_or("utf-8");
        check_no_nul(encoding)?;
        let errors = errors.unwrap_or("strict");
        check_no_nul(errors)?;
        Ok(codec::encode_to_bytes(this, encoding, errors)?.value())
    }
    /// Replace the occurrences of a substring, from the left; a count limits how many.
    #[sig("($self, old, new, /, count=-1)")]
    fn replace(this: Gc<Str>, old: Gc<Str>, new: Gc<Str>, count: isize) -> R<Gc<Str>> {
        if let Some(result) = str_ascii::replace(this, old, new, text::split_limit(count)) {
            return result;
        }
        let replaced = text::replace(this.text(), old.text(), new.text(), text::split_limit(count)).map_err(raise_fault)?;
        changed(this, replaced)
    }
    /// Split at a separator, or at runs of whitespace, from the left.
    #[sig("($self, /, sep=None, maxsplit=-1)")]
    fn split(this: Gc<Str>, sep: Option<Value>, maxsplit: isize) -> R<Gc<List>> {
        let limit = text::split_limit(maxsplit);
        let whole = this.text();
        let separator = separator(sep)?;
        if let Some(text) = this.as_ascii() {
            match separator {
                None => return str_ascii::split_words(text.as_bytes(), limit),
                Some(separator) if separator.is_ascii() => {
                    return str_ascii::split_at(text.as_bytes(), separator.raw_bytes(), limit);
                }
                Some(_) => {}
            }
        }
        match separator {
            Some(separator) => pieces(this, text::split(whole, separator.text(), limit)),
            None => pieces(
                this,
                match whole {
                    Text::One(units) => text::split_whitespace(units, limit, text::is_space),
                    Text::Two(units) => text::split_whitespace(units, limit, text::is_space),
                    Text::Four(units) => text::split_whitespace(units, limit, text::is_space),
                },
            ),
        }
    }
    /// Split at a separator, or at runs of whitespace, from the right.
    #[sig("($self, /, sep=None, maxsplit=-1)")]
    fn rsplit(this: Gc<Str>, sep: Option<Value>, maxsplit: isize) -> R<Gc<List>> {
        let limit = text::split_limit(maxsplit);
        let whole = this.text();
        match separator(sep)? {
            Some(separator) => pieces(this, text::rsplit(whole, separator.text(), limit)),
            None => pieces(
                this,
                match whole {
                    Text::One(units) => text::rsplit_whitespace(units, limit, text::is_space),
                    Text::Two(units) => text::rsplit_whitespace(units, limit, text::is_space),
                    Text::Four(units) => text::rsplit_whitespace(units, limit, text::is_space),
                },
            ),
        }
    }
    /// Split into lines.
    #[sig("($self, /, keepends=False)")]
    fn splitlines(this: Gc<Str>, keepends: bool) -> R<Gc<List>> {
        if let Some(text) = this.as_ascii() {
            return str_ascii::split_lines(text.as_bytes(), keepends);
        }
        pieces(
            this,
            match this.text() {
                Text::One(units) => text::split_lines(units, keepends, text::is_line_break),
                Text::Two(units) => text::split_lines(units, keepends, text::is_line_break),
                Text::Four(units) => text::split_lines(units, keepends, text::is_line_break),
            },
        )
    }
    /// Concatenate strings with this one between them.
    #[sig("($self, iterable, /)")]
    fn join(this: Gc<Str>, iterable: Value) -> R<Gc<Str>> {
        join(this, iterable)
    }
    /// First character in title case, the rest in lower case.
    fn capitalize(this: Gc<Str>) -> R<Gc<Str>> {
        if this.is_ascii() && this.len() > 1 {
            let mut first = true;
            return str_ascii::map(this, |byte| {
                if std::mem::take(&mut first) { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() }
            });
        }
        Str::from_buf(&text::capitalize(this.text()))
    }
    /// Fold for caseless comparison.
    fn casefold(this: Gc<Str>) -> R<Gc<Str>> {
        match this.as_ascii() {
            Some(_) => str_ascii::map(this, |byte| byte.to_ascii_lowercase()),
            None => from_code_points(&text::casefold_points(this.text())),
        }
    }
    /// Each word in title case.
    fn title(this: Gc<Str>) -> R<Gc<Str>> {
        Str::from_buf(&text::title(this.text()))
    }
    /// All in lower case.
    fn lower(this: Gc<Str>) -> R<Gc<Str>> {
        match this.as_ascii() {
            Some(_) => str_ascii::map(this, |byte| byte.to_ascii_lowercase()),
            None => from_code_points(&text::lower_points(this.text())),
        }
    }
    /// All in upper case.
    fn upper(this: Gc<Str>) -> R<Gc<Str>> {
        match this.as_ascii() {
            Some(_) => str_ascii::map(this, |byte| byte.to_ascii_uppercase()),
            None => from_code_points(&text::upper_points(this.text())),
        }
    }
    /// Upper case for lower case and the other way round.
    fn swapcase(this: Gc<Str>) -> R<Gc<Str>> {
        Str::from_buf(&text::swapcase(this.text()))
    }
    /// Centred in a field of this width.
    #[sig("($self, width, fillchar=' ', /)")]
    fn center(this: Gc<Str>, width: isize, #[default(FillChar(32))] fillchar: FillChar) -> R<Gc<Str>> {
        let (left, right) = text::center_margins(this.len(), usize::try_from(width).unwrap_or(0));
        pad(this, left, right, fillchar)
    }
    /// Left-justified in a field of this width.
    #[sig("($self, width, fillchar=' ', /)")]
    fn ljust(this: Gc<Str>, width: isize, #[default(FillChar(32))] fillchar: FillChar) -> R<Gc<Str>> {
        pad(this, 0, usize::try_from(width).unwrap_or(0).saturating_sub(this.len()), fillchar)
    }
    /// Right-justified in a field of this width.
    #[sig("($self, width, fillchar=' ', /)")]
    fn rjust(this: Gc<Str>, width: isize, #[default(FillChar(32))] fillchar: FillChar) -> R<Gc<Str>> {
        pad(this, usize::try_from(width).unwrap_or(0).saturating_sub(this.len()), 0, fillchar)
    }
    /// Zeros in front, behind a sign, up to this width.
    fn zfill(this: Gc<Str>, width: isize) -> R<Gc<Str>> {
        if this.is_ascii()
            && let Some(width) = usize::try_from(width).ok().filter(|width| (this.len() + 1..1 << 20).contains(width))
        {
            return str_ascii::zero_fill(this, width);
        }
        let filled = text::zero_fill_text(this.text(), usize::try_from(width).unwrap_or(0)).map_err(raise_fault)?;
        changed(this, filled)
    }
    /// Tabs replaced by spaces up to the next tab stop.
    #[sig("($self, /, tabsize=8)")]
    fn expandtabs(this: Gc<Str>, tabsize: i32) -> R<Gc<Str>> {
        let expanded = text::expand_tabs_text(this.text(), tabsize as isize).map_err(raise_fault)?;
        changed(this, expanded)
    }
    /// How often a substring occurs without overlap.
    #[sig("($self, sub[, start[, end]], /)")]
    fn count(this: Gc<Str>, sub: Gc<Str>, start: Option<Value>, end: Option<Value>) -> R<usize> {
        let range = window(this.len(), start, end)?;
        Ok(range.map_or(0, |range| text::count(this.text().slice(range), sub.text())))
    }
    /// Lowest index of a substring, or -1.
    #[sig("($self, sub[, start[, end]], /)")]
    fn find(this: Gc<Str>, sub: Gc<Str>, start: Option<Value>, end: Option<Value>) -> R<isize> {
        Ok(find(this, sub, start, end, text::find)?.map_or(-1, |at| at as isize))
    }
    /// Highest index of a substring, or -1.
    #[sig("($self, sub[, start[, end]], /)")]
    fn rfind(this: Gc<Str>, sub: Gc<Str>, start: Option<Value>, end: Option<Value>) -> R<isize> {
        Ok(find(this, sub, start, end, text::rfind)?.map_or(-1, |at| at as isize))
    }
    /// Lowest index of a substring; ValueError if there is none.
    #[sig("($self, sub[, start[, end]], /)")]
    fn index(this: Gc<Str>, sub: Gc<Str>, start: Option<Value>, end: Option<Value>) -> R<usize> {
        find(this, sub, start, end, text::find)?.ok_or_else(not_found)
    }
    /// Highest index of a substring; ValueError if there is none.
    #[sig("($self, sub[, start[, end]], /)")]
    fn rindex(this: Gc<Str>, sub: Gc<Str>, start: Option<Value>, end: Option<Value>) -> R<usize> {
        find(this, sub, start, end, text::rfind)?.ok_or_else(not_found)
    }
    /// What lies before the first separator, the separator, what lies behind.
    #[sig("($self, sep, /)")]
    fn partition(this: Gc<Str>, sep: Value) -> R {
        let sep = must_be_str(sep)?;
        if sep.is_empty() {
            return Err(value_error!("empty separator"));
        }
        let empty = Str::empty().value();
        Ok(match text::partition(this.text(), sep.text()) {
            Some((before, behind)) => three(cut(this, before), sep.value(), cut(this, behind)),
            None => three(plain(this).value(), empty, empty),
        })
    }
    /// What lies before the last separator, the separator, what lies behind.
    #[sig("($self, sep, /)")]
    fn rpartition(this: Gc<Str>, sep: Value) -> R {
        let sep = must_be_str(sep)?;
        if sep.is_empty() {
            return Err(value_error!("empty separator"));
        }
        let empty = Str::empty().value();
        Ok(match text::rpartition(this.text(), sep.text()) {
            Some((before, behind)) => three(cut(this, before), sep.value(), cut(this, behind)),
            None => three(empty, empty, plain(this).value()),
        })
    }
    /// Without whitespace, or these characters, at both ends.
    #[sig("($self, chars=None, /)")]
    fn strip(this: Gc<Str>, chars: Option<Value>) -> R<Gc<Str>> {
        strip(this, chars, Sides::Both, "strip")
    }
    /// Without whitespace, or these characters, in front.
    #[sig("($self, chars=None, /)")]
    fn lstrip(this: Gc<Str>, chars: Option<Value>) -> R<Gc<Str>> {
        strip(this, chars, Sides::Left, "lstrip")
    }
    /// Without whitespace, or these characters, at the end.
    #[sig("($self, chars=None, /)")]
    fn rstrip(this: Gc<Str>, chars: Option<Value>) -> R<Gc<Str>> {
        strip(this, chars, Sides::Right, "rstrip")
    }
    /// Replace each character by what the table says.
    #[sig("($self, table, /)")]
    fn translate(this: Gc<Str>, table: Value) -> R<Gc<Str>> {
        str_translate::translate(this, table)
    }
    /// Make a table for `translate`.
    #[staticmethod]
    fn maketrans(x: Value, y: Option<Value>, z: Option<Value>) -> R {
        str_translate::make_table(x, y, z)
    }
    /// Whether the text, or its part, begins with a prefix or one of a tuple of them.
    #[sig("($self, prefix[, start[, end]], /)")]
    fn startswith(this: Gc<Str>, prefix: Value, start: Option<Value>, end: Option<Value>) -> R<bool> {
        if start.is_none()
            && let Some(answer) = str_ascii::affix(this, prefix, |text, prefix| text.starts_with(prefix))
        {
            return Ok(answer);
        }
        affix(this, prefix, start, end, "startswith", text::starts_with)
    }
    /// Whether the text, or its part, ends with a suffix or one of a tuple of them.
    #[sig("($self, suffix[, start[, end]], /)")]
    fn endswith(this: Gc<Str>, suffix: Value, start: Option<Value>, end: Option<Value>) -> R<bool> {
        if start.is_none()
            && let Some(answer) = str_ascii::affix(this, suffix, |text, suffix| text.ends_with(suffix))
        {
            return Ok(answer);
        }
        affix(this, suffix, start, end, "endswith", text::ends_with)
    }
    /// Without the prefix, if it is there.
    fn removeprefix(this: Gc<Str>, prefix: Gc<Str>) -> Gc<Str> {
        let skip = if text::starts_with(this.text(), prefix.text()) { prefix.len() } else { 0 };
        Str::substring(this, skip, this.len())
    }
    /// Without the suffix, if it is there.
    fn removesuffix(this: Gc<Str>, suffix: Gc<Str>) -> Gc<Str> {
        let drop = if text::ends_with(this.text(), suffix.text()) { suffix.len() } else { 0 };
        Str::substring(this, 0, this.len() - drop)
    }
    /// Whether all characters are ASCII.
    fn isascii(this: Gc<Str>) -> bool {
        this.is_ascii()
    }
    /// Whether there are cased characters and all are lower case.
    fn islower(this: Gc<Str>) -> bool {
        text::is_lower(this.text())
    }
    /// Whether there are cased characters and all are upper case.
    fn isupper(this: Gc<Str>) -> bool {
        text::is_upper(this.text())
    }
    /// Whether the text is in title case.
    fn istitle(this: Gc<Str>) -> bool {
        text::is_title(this.text())
    }
    /// Whether there is nothing but whitespace, and some.
    fn isspace(this: Gc<Str>) -> bool {
        text::is_all_space(this.text())
    }
    /// Whether there is nothing but decimal digits, and some.
    fn isdecimal(this: Gc<Str>) -> bool {
        text::is_decimal(this.text())
    }
    /// Whether there is nothing but digits, and some.
    fn isdigit(this: Gc<Str>) -> bool {
        text::is_digit(this.text())
    }
    /// Whether there is nothing but numeric characters, and some.
    fn isnumeric(this: Gc<Str>) -> bool {
        text::is_numeric(this.text())
    }
    /// Whether there is nothing but letters, and some.
    fn isalpha(this: Gc<Str>) -> bool {
        text::is_alpha(this.text())
    }
    /// Whether there is nothing but letters and numbers, and some.
    fn isalnum(this: Gc<Str>) -> bool {
        text::is_alnum(this.text())
    }
    /// Whether the text can be a name in source code.
    fn isidentifier(this: Gc<Str>) -> bool {
        if let Some(text) = this.as_ascii() {
            let mut bytes = text.bytes();
            return bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
                && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        }
        text::is_identifier(this.text())
    }
    /// Whether `repr` shows all characters as they are.
    fn isprintable(this: Gc<Str>) -> bool {
        text::is_printable(this.text())
    }
    /// Replace the fields in braces by formatted arguments.
    #[sig("($self, /, *args, **kwargs)")]
    fn format(this: Gc<Str>, args: &[Value], kwargs: Kwargs) -> R<Gc<Str>> {
        str_format::format(this, args, str_format::Names::Keywords(kwargs))
    }
    /// Replace the fields in braces by formatted items of a mapping.
    #[sig("($self, mapping, /)")]
    fn format_map(this: Gc<Str>, mapping: Value) -> R<Gc<Str>> {
        str_format::format(this, &[], str_format::Names::Mapping(mapping))
    }
    /// Format by a format specifier.
    #[sig("($self, format_spec, /)")]
    fn __format__(this: Gc<Str>, format_spec: Gc<Str>) -> R<Gc<Str>> {
        if format_spec.is_empty() && class_of(this.value()) != Str::class() {
            return objects::str_of(this.value());
        }
        objects::format::format_str(this, format_spec)
    }
    /// The number of bytes that the string takes in memory.
    fn __sizeof__(this: Gc<Str>) -> usize {
        std::mem::size_of::<Str>() + this.raw_bytes().len()
    }
    fn __getnewargs__(this: Gc<Str>) -> R {
        Ok(new_tuple(&[Str::from_text(this.text())?.value()]).value())
    }
}

/// The fill character of `center` and its like.
#[derive(Clone, Copy)]
struct FillChar(u32);

impl FromArg for FillChar {
    fn from_arg(value: Value, _: ArgName) -> R<FillChar> {
        match value.cast::<Str>() {
            Some(text) if text.len() == 1 => Ok(FillChar(text.char_at(0))),
            Some(_) => Err(type_error!("The fill character must be exactly one character long")),
            None => Err(type_error!("The fill character must be a unicode character, not {}", class_name(value))),
        }
    }
}

/// The text as an instance of exactly str.
#[inline]
pub fn plain(this: Gc<Str>) -> Gc<Str> {
    Str::substring(this, 0, this.len())
}

fn item(this: Gc<Str>, index: i64) -> R {
    let len = this.len() as i64;
    let place = if index < 0 { index + len } else { index };
    if place < 0 || place >= len {
        return Err(index_error!("string index out of range"));
    }
    Ok(Str::from_char(this.char_at(place as usize)).value())
}

fn repeat(this: Gc<Str>, count: Value) -> R {
    let count = repeat_count(count)?;
    if count > 0 && this.len().checked_mul(count as usize).is_none_or(|len| isize::try_from(len).is_err()) {
        return Err(overflow_error!("repeated string is too long"));
    }
    Ok(str_repeat(this, count)?.value())
}

/// Text of code points that are few enough to have come from memory.
fn from_code_points(points: &[u32]) -> R<Gc<Str>> {
    Str::from_text(Text::Four(points))
}

/// The finished text, or the text itself if nothing changed.
fn changed(this: Gc<Str>, text: Option<text::TextBuf>) -> R<Gc<Str>> {
    match text {
        Some(text) => Str::from_buf(&text),
        None => Ok(plain(this)),
    }
}

fn pad(this: Gc<Str>, left: usize, right: usize, fill: FillChar) -> R<Gc<Str>> {
    if left == 0 && right == 0 {
        return Ok(plain(this));
    }
    if fill.0 < 0x80
        && let Some(padded) = str_ascii::pad(this, left, right, fill.0 as u8)
    {
        return padded;
    }
    Str::from_buf(&text::pad(this.text(), left, right, fill.0).map_err(raise_fault)?)
}

/// An optional start or end argument.
pub fn bound(value: Option<Value>) -> R<Option<isize>> {
    match value {
        None => Ok(None),
        Some(value) if value.is_int() => Ok(Some(value.as_int() as isize)),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => match number::try_index(value)? {
            Some(index) => Ok(Some(number::clamp_to_i64(index) as isize)),
            None => Err(type_error!("slice indices must be integers or None or have an __index__ method")),
        },
    }
}

/// The positions that optional start and end arguments leave; None if nothing can match there.
#[inline]
pub fn window(len: usize, start: Option<Value>, end: Option<Value>) -> R<Option<Range<usize>>> {
    if start.is_none() && end.is_none() {
        return Ok(Some(0..len));
    }
    Ok(text::clip(bound(start)?, bound(end)?, len))
}

type Search = fn(Text<'_>, Text<'_>) -> Option<usize>;

fn find(this: Gc<Str>, sub: Gc<Str>, start: Option<Value>, end: Option<Value>, search: Search) -> R<Option<usize>> {
    let Some(range) = window(this.len(), start, end)? else { return Ok(None) };
    let first = range.start;
    Ok(search(this.text().slice(range), sub.text()).map(|at| at + first))
}

fn not_found() -> Raised {
    value_error!("substring not found")
}

fn must_be_str(value: Value) -> R<Gc<Str>> {
    value.cast::<Str>().ok_or_else(|| type_error!("must be str, not {}", class_name(value)))
}

fn separator(sep: Option<Value>) -> R<Option<Gc<Str>>> {
    let Some(sep) = sep.filter(|sep| !sep.is_none()) else { return Ok(None) };
    match sep.cast::<Str>() {
        Some(sep) if sep.is_empty() => Err(value_error!("empty separator")),
        Some(sep) => Ok(Some(sep)),
        None => Err(type_error!("must be str or None, not {}", class_name(sep))),
    }
}

fn pieces(this: Gc<Str>, ranges: Vec<Range<usize>>) -> R<Gc<List>> {
    let list = list_with_capacity(ranges.len())?;
    for (passed, range) in ranges.into_iter().enumerate() {
        poll_at(passed)?;
        list_push(list, cut(this, range));
    }
    Ok(list)
}

#[inline]
fn cut(this: Gc<Str>, range: Range<usize>) -> Value {
    if range.is_empty() { Str::empty().value() } else { Str::substring(this, range.start, range.end).value() }
}

fn three(a: Value, b: Value, c: Value) -> Value {
    new_tuple(&[a, b, c]).value()
}

fn strip(this: Gc<Str>, chars: Option<Value>, sides: Sides, name: &str) -> R<Gc<Str>> {
    let range = match chars.filter(|chars| !chars.is_none()) {
        None => match this.text() {
            Text::One(units) => text::strip(units, sides, text::is_space),
            Text::Two(units) => text::strip(units, sides, text::is_space),
            Text::Four(units) => text::strip(units, sides, text::is_space),
        },
        Some(chars) => match chars.cast::<Str>() {
            Some(chars) => match (this.text(), chars.text()) {
                // A few characters are looked through faster than made a set of.
                (Text::One(units), Text::One(few)) if few.len() <= 8 => text::strip(units, sides, |unit| few.contains(&unit)),
                (units, chars) => text::strip_chars(units, sides, chars),
            },
            None => return Err(type_error!("{name} arg must be None or str")),
        },
    };
    Ok(if range.is_empty() { Str::empty() } else { Str::substring(this, range.start, range.end) })
}

fn affix(
    this: Gc<Str>,
    affix: Value,
    start: Option<Value>,
    end: Option<Value>,
    name: &str,
    test: fn(Text<'_>, Text<'_>) -> bool,
) -> R<bool> {
    let range = window(this.len(), start, end)?;
    let part = range.map(|range| this.text().slice(range));
    if let Some(affix) = affix.cast::<Str>() {
        return Ok(part.is_some_and(|part| test(part, affix.text())));
    }
    let Some(tuple) = affix.cast::<objects::Tuple>() else {
        return Err(type_error!("{name} first arg must be str or a tuple of str, not {}", class_name(affix)));
    };
    for entry in tuple.items() {
        let Some(affix) = entry.cast::<Str>() else {
            return Err(type_error!("tuple for {name} must only contain str, not {}", class_name(*entry)));
        };
        if part.is_some_and(|part| test(part, affix.text())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `separator.join(iterable)`
pub fn join(separator: Gc<Str>, iterable: Value) -> R<Gc<Str>> {
    let collected;
    let items = match (iterable.cast_exact::<objects::Tuple>(), iterable.cast_exact::<List>()) {
        (Some(tuple), _) => tuple.items(),
        // No Python code runs from here on, so with one thread the list stays as it is.
        (_, Some(list)) if !heap::is_multithreaded() => list.values(),
        _ => match objects::to_vec(iterable) {
            Ok(items) => {
                collected = items;
                &collected[..]
            }
            Err(raised)
                if raised.is(&objects::exc::TYPE_ERROR)
                    && class_of(iterable).slots.iter.get().is_none()
                    && class_of(iterable).slots.getitem.get().is_none() =>
            {
                raised.clear();
                return Err(type_error!("can only join an iterable"));
            }
            Err(raised) => return Err(raised),
        },
    };
    if let [one] = items
        && let Some(one) = one.cast_exact::<Str>()
    {
        return Ok(one);
    }
    let too_long = || overflow_error!("join() result is too long for a Python string");
    let mut kind = if items.len() > 1 { separator.kind() } else { Kind::Ascii };
    let mut len = separator.len().checked_mul(items.len().saturating_sub(1)).ok_or_else(too_long)?;
    for (index, item) in items.iter().enumerate() {
        let Some(part) = item.cast_exact::<Str>().or_else(|| item.cast::<Str>()) else {
            return Err(type_error!("sequence item {index}: expected str instance, {} found", class_name(*item)));
        };
        kind = kind.max(part.kind());
        len = len.checked_add(part.len()).ok_or_else(too_long)?;
    }
    if isize::try_from(len).is_err() {
        return Err(too_long());
    }
    let width = kind.width();
    // SAFETY: separator and parts fill exactly `len` characters, and the widest of them decides the kind.
    unsafe {
        if kind == Kind::Ascii {
            return str_build(kind, len, |mut target| {
                let between = separator.raw_bytes();
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        copy_bytes(between.as_ptr(), target, between.len());
                        target = target.add(between.len());
                    }
                    let part: Gc<Str> = item.cast_unchecked();
                    copy_bytes(part.chars_ptr(), target, part.len());
                    target = target.add(part.len());
                }
            });
        }
        str_build(kind, len, |mut target| {
            for (index, item) in items.iter().enumerate() {
                if index > 0 && !separator.is_empty() {
                    write_chars(target, kind, separator.chars());
                    target = target.add(separator.len() * width);
                }
                let part: Gc<Str> = item.cast_unchecked();
                write_chars(target, kind, part.chars());
                target = target.add(part.len() * width);
            }
        })
    }
}

/// Encoding and error handler names end at no NUL.
pub fn check_no_nul(name: &str) -> R<()> {
    if name.contains('\0') { Err(value_error!("embedded null character")) } else { Ok(()) }
}

/// `str(object, encoding, errors)`
fn construct(args: Args) -> R<Gc<Str>> {
    const NAMES: [&str; 3] = ["object", "encoding", "errors"];
    if !args.has_keywords() {
        match args.positional() {
            [] => return Ok(Str::empty()),
            [object] => return objects::str_of(*object),
            [object, encoding] => {
                if let (Some(data), Some(encoding)) = (object.cast_exact::<objects::Bytes>(), encoding.cast_exact::<Str>())
                    && let Some(encoding) = encoding.as_ascii()
                    && !encoding.contains('\0')
                {
                    return codec::decode_object(*object, data.as_slice(), encoding, "strict");
                }
            }
            _ => {}
        }
    }
    if args.total_len() > 3 {
        let count = args.total_len();
        return Err(match args.len() > 3 {
            true => type_error!("str expected at most 3 arguments, got {count}"),
            false => type_error!("str() takes at most 3 arguments ({count} given)"),
        });
    }
    let mut values = [None; 3];
    for (place, value) in values.iter_mut().zip(args.positional()) {
        *place = Some(*value);
    }
    for (name, value) in args.keywords() {
        let key = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
        let Some(index) = NAMES.iter().position(|known| **known == key) else {
            return Err(match objects::signature::suggest(&key, NAMES) {
                Some(meant) => type_error!("str() got an unexpected keyword argument '{key}'. Did you mean '{meant}'?"),
                None => type_error!("str() got an unexpected keyword argument '{key}'"),
            });
        };
        if index < args.len() {
            return Err(type_error!("argument for str() given by name ('{key}') and position ({})", index + 1));
        }
        values[index] = Some(value);
    }
    let text = |index: usize| -> R<Option<&str>> {
        let Some(value) = values[index] else { return Ok(None) };
        match value.cast::<Str>() {
            Some(_) => {
                let name = <&str>::from_arg(value, ArgName::plain("str"))?;
                check_no_nul(name)?;
                Ok(Some(name))
            }
            None if value.is_none() && args.has_keywords() => {
                Err(type_error!("str() argument '{}' must be str, not None", NAMES[index]))
            }
            None => Err(type_error!("str() argument '{}' must be str, not {}", NAMES[index], class_name(value))),
        }
    };
    let (encoding, errors) = (text(1)?, text(2)?);
    let Some(object) = values[0] else { return Ok(Str::empty()) };
    if encoding.is_none() && errors.is_none() {
        return objects::str_of(object);
    }
    if object.cast::<Str>().is_some() {
        return Err(type_error!("decoding str is not supported"));
    }
    if !objects::buffer::has_buffer(object) {
        return Err(type_error!("decoding to str: need a bytes-like object, {} found", class_name(object)));
    }
    let data = Buf::new(object)?;
    codec::decode_object(object, &data, encoding.unwrap_or("utf-8"), errors.unwrap_or("strict"))
}
