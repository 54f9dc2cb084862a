//! Conversion of single arguments to Rust types and of results to values, with CPython's error texts.
//!
//! Must not know: how arguments were bound (`args.rs`). Conversions that may run Python code: numbers (`__index__`, `__float__`)
//! and `bool` (`__bool__`, `__len__`).

use crate::class::{class_name, message_name};
use crate::error::{R, Raised, new_error_args, overflow_error, type_error, value_error};
use crate::exception as exc;
use crate::int::{IntView, int_view, new_int, new_int_big, new_int_u64, new_int_usize};
use crate::layout::{Cast, Gc, Layout};
use crate::native::{FnDef, ParamKind};
use crate::protocol::{as_f64, index_object};
use crate::str::{Str, new_str};
use dashu_int::IBig;
use heap::Value;

/// Which argument of which native is being converted: read only when the conversion fails.
#[derive(Clone, Copy)]
pub struct ArgName {
    def: Option<&'static FnDef>,
    /// For slots and attributes, which have no parameter table.
    name: &'static str,
    index: u8,
    none_allowed: bool,
}

impl ArgName {
    #[inline(always)]
    pub const fn param(def: &'static FnDef, index: u8) -> ArgName {
        ArgName { def: Some(def), name: "", index, none_allowed: false }
    }
    #[inline(always)]
    pub const fn plain(name: &'static str) -> ArgName {
        ArgName { def: None, name, index: 0, none_allowed: false }
    }
    /// The name of the native.
    pub fn function(self) -> &'static str {
        self.def.map_or(self.name, |def| def.name)
    }
    /// The name of the parameter.
    pub fn parameter(self) -> &'static str {
        self.def.and_then(|def| def.params.get(self.index as usize)).map_or("", |param| param.name)
    }
    /// The text says `X or None`.
    #[inline(always)]
    pub const fn or_none(self) -> ArgName {
        ArgName { none_allowed: true, ..self }
    }
    /// `open() argument 'mode' must be str, not int`
    #[cold]
    #[inline(never)]
    pub fn wrong_type(self, expected: &str, value: Value) -> Raised {
        let given = type_text(value);
        let or_none = if self.none_allowed { " or None" } else { "" };
        let subject = self.subject();
        if subject.is_empty() {
            type_error!("must be {expected}{or_none}, not {given}")
        } else {
            type_error!("{subject} must be {expected}{or_none}, not {given}")
        }
    }
    /// `open() argument 'mode'`, `chr() argument`, `find() argument 1`.
    fn subject(self) -> String {
        let Some(def) = self.def else {
            return if self.name.is_empty() { String::new() } else { format!("{}() argument", self.name) };
        };
        let name = def.error_name();
        match def.params.get(self.index as usize) {
            Some(param) if param.kind != ParamKind::PositionalOnly => format!("{name}() argument '{}'", param.name),
            Some(param) if def.params.len() == 1 && !param.has_default => format!("{name}() argument"),
            _ => format!("{name}() argument {}", self.index + 1),
        }
    }
}

/// A class as texts about bad arguments name it: None is called None.
fn type_text(value: Value) -> String {
    if value.is_none() { "None".to_owned() } else { class_name(value) }
}

/// A Rust type that a Python argument converts to.
pub trait FromArg: Sized {
    fn from_arg(value: Value, name: ArgName) -> R<Self>;
}

impl FromArg for Value {
    #[inline(always)]
    fn from_arg(value: Value, _: ArgName) -> R<Value> {
        Ok(value)
    }
}

/// Python's None is Rust's `None`.
impl<T: FromArg> FromArg for Option<T> {
    #[inline]
    fn from_arg(value: Value, name: ArgName) -> R<Option<T>> {
        if value.is_none() { Ok(None) } else { T::from_arg(value, name.or_none()).map(Some) }
    }
}

impl<T: Layout> FromArg for Gc<T> {
    #[inline]
    fn from_arg(value: Value, name: ArgName) -> R<Gc<T>> {
        match value.cast::<T>() {
            Some(object) => Ok(object),
            None => Err(name.wrong_type(&message_name(T::class()), value)),
        }
    }
}

/// Truth, as `bool(value)`.
impl FromArg for bool {
    #[inline]
    fn from_arg(value: Value, _: ArgName) -> R<bool> {
        match value.as_bool() {
            Some(flag) => Ok(flag),
            None => crate::protocol::is_true(value),
        }
    }
}

/// A str as UTF-8. The text stays valid while the argument is alive, which a native's call guarantees.
impl<'a> FromArg for &'a str {
    fn from_arg(value: Value, name: ArgName) -> R<&'a str> {
        match value.cast::<Str>() {
            Some(text) => utf8(text),
            None => Err(name.wrong_type("str", value)),
        }
    }
}

impl FromArg for String {
    fn from_arg(value: Value, name: ArgName) -> R<String> {
        <&str>::from_arg(value, name).map(str::to_owned)
    }
}

/// A str of one character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodePoint(pub u32);

impl FromArg for CodePoint {
    fn from_arg(value: Value, name: ArgName) -> R<CodePoint> {
        match value.cast::<Str>() {
            Some(text) if text.len() == 1 => Ok(CodePoint(text.char_at(0))),
            Some(text) => {
                let subject = name.subject().replacen("()", "():", 1);
                Err(type_error!("{subject} must be a unicode character, not a string of length {}", text.len()))
            }
            None => Err(name.wrong_type("a unicode character", value)),
        }
    }
}

/// The text as UTF-8, or the UnicodeEncodeError for its first lone surrogates.
pub fn utf8(text: Gc<Str>) -> R<&'static str> {
    text.as_str().ok_or_else(|| surrogate_error(text))
}

#[cold]
fn surrogate_error(text: Gc<Str>) -> Raised {
    let is_surrogate = |code: u32| (0xd800..0xe000).contains(&code);
    let start = text.chars().iter().position(is_surrogate).unwrap_or(0);
    let end = start + text.chars().iter().skip(start).take_while(|code| is_surrogate(*code)).count();
    let raised = new_error_args(
        exc::UNICODE_ENCODE_ERROR.get(),
        &[new_str("utf-8"), text.value(), new_int_usize(start), new_int_usize(end), new_str("surrogates not allowed")],
    );
    if let Some(error) = raised.peek().cast::<exc::UnicodeErrorObject>() {
        error.encoding.set(new_str("utf-8"));
        error.object.set(text.value());
        error.start.store(start as i64, std::sync::atomic::Ordering::Relaxed);
        error.end.store(end as i64, std::sync::atomic::Ordering::Relaxed);
        error.reason.set(new_str("surrogates not allowed"));
    }
    raised
}

/// `value` as a number of 64 bits through `__index__`; None if it does not fit (the int comes along).
fn index_i64(value: Value) -> R<Result<i64, IntView<'static>>> {
    if value.is_int() {
        return Ok(Ok(value.as_int()));
    }
    let view = int_view(index_object(value)?).unwrap_or(IntView::Small(0));
    Ok(view.to_i64().ok_or(view))
}

#[cold]
fn too_large(target: &str) -> Raised {
    overflow_error!("Python int too large to {target}")
}

macro_rules! signed {
    ($($rust:ty, $target:literal;)*) => { $(
        impl FromArg for $rust {
            #[inline]
            fn from_arg(value: Value, _: ArgName) -> R<$rust> {
                match index_i64(value)?.ok().and_then(|number| <$rust>::try_from(number).ok()) {
                    Some(number) => Ok(number),
                    None => Err(too_large($target)),
                }
            }
        }
    )* };
}
signed! {
    i32, "convert to C int";
    i64, "convert to C long";
    isize, "convert to C ssize_t";
}

impl FromArg for i16 {
    fn from_arg(value: Value, _: ArgName) -> R<i16> {
        ranged(value, i16::MIN as i64, i16::MAX as i64, "signed short integer").map(|number| number as i16)
    }
}
impl FromArg for u8 {
    fn from_arg(value: Value, _: ArgName) -> R<u8> {
        ranged(value, 0, u8::MAX as i64, "unsigned byte integer").map(|number| number as u8)
    }
}

fn ranged(value: Value, min: i64, max: i64, what: &str) -> R<i64> {
    let (number, negative) = match index_i64(value)? {
        Ok(number) => (Some(number), number < min),
        Err(view) => (None, view.is_negative()),
    };
    match number {
        Some(number) if number >= min && number <= max => Ok(number),
        _ if negative => Err(overflow_error!("{what} is less than minimum")),
        _ => Err(overflow_error!("{what} is greater than maximum")),
    }
}

/// An unsigned number of up to `max`.
fn unsigned(value: Value, max: u64, target: &str) -> R<u64> {
    let view = int_view(index_object(value)?).unwrap_or(IntView::Small(0));
    if view.is_negative() {
        return Err(value_error!("Cannot convert negative int"));
    }
    match view.to_u64() {
        Some(number) if number <= max => Ok(number),
        _ => Err(too_large(target)),
    }
}

impl FromArg for u16 {
    fn from_arg(value: Value, _: ArgName) -> R<u16> {
        unsigned(value, u16::MAX as u64, "for C uint16_t").map(|number| number as u16)
    }
}
impl FromArg for u32 {
    fn from_arg(value: Value, _: ArgName) -> R<u32> {
        unsigned(value, u32::MAX as u64, "for C uint32_t").map(|number| number as u32)
    }
}
impl FromArg for u64 {
    fn from_arg(value: Value, _: ArgName) -> R<u64> {
        unsigned(value, u64::MAX, "for C uint64_t")
    }
}
impl FromArg for usize {
    fn from_arg(value: Value, _: ArgName) -> R<usize> {
        let view = int_view(index_object(value)?).unwrap_or(IntView::Small(0));
        if view.is_negative() {
            return Err(overflow_error!("can't convert negative value to size_t"));
        }
        view.to_u64().map(|number| number as usize).ok_or_else(|| too_large("convert to C size_t"))
    }
}

/// Any int.
impl FromArg for IBig {
    fn from_arg(value: Value, _: ArgName) -> R<IBig> {
        Ok(int_view(index_object(value)?).unwrap_or(IntView::Small(0)).to_ibig())
    }
}

impl FromArg for f64 {
    #[inline]
    fn from_arg(value: Value, _: ArgName) -> R<f64> {
        if value.is_float() { Ok(value.as_float()) } else { as_f64(value) }
    }
}
impl FromArg for f32 {
    fn from_arg(value: Value, _: ArgName) -> R<f32> {
        as_f64(value).map(|number| number as f32)
    }
}

/// A Rust type that becomes a Python value without fail.
pub trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    #[inline(always)]
    fn into_value(self) -> Value {
        self
    }
}
impl IntoValue for () {
    #[inline(always)]
    fn into_value(self) -> Value {
        Value::none()
    }
}
impl IntoValue for bool {
    #[inline(always)]
    fn into_value(self) -> Value {
        Value::bool(self)
    }
}
impl IntoValue for f64 {
    #[inline(always)]
    fn into_value(self) -> Value {
        Value::float(self)
    }
}
impl<T> IntoValue for Gc<T> {
    #[inline(always)]
    fn into_value(self) -> Value {
        self.value()
    }
}
impl IntoValue for &str {
    fn into_value(self) -> Value {
        new_str(self)
    }
}
impl IntoValue for String {
    fn into_value(self) -> Value {
        new_str(&self)
    }
}
impl IntoValue for CodePoint {
    fn into_value(self) -> Value {
        Str::from_char(self.0).value()
    }
}
impl IntoValue for IBig {
    fn into_value(self) -> Value {
        new_int_big(&self)
    }
}
macro_rules! int_results {
    ($make:ident, $as:ty: $($rust:ty)*) => { $(
        impl IntoValue for $rust {
            #[inline]
            fn into_value(self) -> Value {
                $make(self as $as)
            }
        }
    )* };
}
int_results!(new_int, i64: i8 i16 i32 i64 isize u8 u16 u32);
int_results!(new_int_u64, u64: u64 usize);

impl<T: IntoValue> IntoValue for Option<T> {
    #[inline]
    fn into_value(self) -> Value {
        match self {
            Some(inner) => inner.into_value(),
            None => Value::none(),
        }
    }
}
/// A list.
impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        // The values pile up in the new list itself: a Vec would hide them from a collection.
        let list = crate::list::new_list(&[]);
        for item in self {
            crate::list::list_push(list, item.into_value());
        }
        list.value()
    }
}
macro_rules! tuple_results {
    ($(($($type:ident $field:tt),*))*) => { $(
        impl<$($type: IntoValue),*> IntoValue for ($($type,)*) {
            fn into_value(self) -> Value {
                crate::tuple::new_tuple(&[$(self.$field.into_value()),*]).value()
            }
        }
    )* };
}
tuple_results! { (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) (A 0, B 1, C 2, D 3, E 4, F 5) }

/// What a native may return: a convertible type, or `R` of one.
pub trait IntoResult {
    fn into_result(self) -> R;
}
impl<T: IntoValue> IntoResult for T {
    #[inline(always)]
    fn into_result(self) -> R {
        Ok(self.into_value())
    }
}
impl<T: IntoValue> IntoResult for R<T> {
    #[inline(always)]
    fn into_result(self) -> R {
        self.map(IntoValue::into_value)
    }
}
