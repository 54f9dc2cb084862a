//! The Python-visible skin of `int`. Must not know: how big numbers are computed (`base::int`, `objects::int`).
//!
//! Receivers are plain values, because small ints have no object; slots are reached through the class, which vouches for them.

use crate::number_text::{decimal, number_text, parse_int, quick_int};
use base::int as big;
use native_macros::native_class;
use objects::args::Args;
use objects::error::{R, memory_error, raise_fault, type_error, value_error};
use objects::int::{self, IntObject, IntView, int_view, new_int, new_int_big, new_int_instance, to_plain_int};
use objects::int_ops::{and, divide_both, floor_divide, invert, modulo, or, shift_left, shift_right, xor};
use objects::{
    Buf, Bytes, Cast, Class, Gc, Layout, Str, Value, call, class_name, class_of, format, interned, lookup_special, new_bytes,
    new_tuple,
};
use std::cmp::Ordering;

pub struct IntSkin;

/// Integer number.
///
/// int() gives 0, int(number) cuts a number towards zero, and int(text,
/// base=10) reads the text (str, bytes or bytearray) of a number.  With
/// base 0 the text is read like a literal in source code.
#[native_class(name = "int", layout = IntObject, base = object, flags = "match_self")]
impl IntSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if cls == IntObject::class()
            && !args.has_keywords()
            && let [value] = args.values()
        {
            // Machine numbers at once: from 2**48 on doubles may not fit the word.
            if value.is_int() {
                return Ok(*value);
            }
            if value.is_float() && value.as_float().abs() < (1u64 << 48) as f64 {
                return Ok(new_int(value.as_float() as i64));
            }
        }
        let number = construct(args)?;
        if cls == IntObject::class() {
            return Ok(to_plain_int(number));
        }
        Ok(new_int_instance(cls, view(number)))
    }
    fn __repr__(this: Value) -> R<Gc<Str>> {
        int_repr(this)
    }
    fn __hash__(this: Value) -> i64 {
        view(this).hash()
    }
    fn __lt__(this: Value, other: Value) -> R {
        order(this, other, Ordering::is_lt)
    }
    fn __le__(this: Value, other: Value) -> R {
        order(this, other, Ordering::is_le)
    }
    fn __eq__(this: Value, other: Value) -> R {
        order(this, other, Ordering::is_eq)
    }
    fn __ne__(this: Value, other: Value) -> R {
        order(this, other, Ordering::is_ne)
    }
    fn __gt__(this: Value, other: Value) -> R {
        order(this, other, Ordering::is_gt)
    }
    fn __ge__(this: Value, other: Value) -> R {
        order(this, other, Ordering::is_ge)
    }
    fn __add__(this: Value, other: Value) -> R {
        on_ints(this, other, |a, b| Ok(int::int_add(a, b)))
    }
    fn __radd__(this: Value, other: Value) -> R {
        on_ints(other, this, |a, b| Ok(int::int_add(a, b)))
    }
    fn __sub__(this: Value, other: Value) -> R {
        on_ints(this, other, |a, b| Ok(int::int_sub(a, b)))
    }
    fn __rsub__(this: Value, other: Value) -> R {
        on_ints(other, this, |a, b| Ok(int::int_sub(a, b)))
    }
    fn __mul__(this: Value, other: Value) -> R {
        on_ints(this, other, int::int_mul)
    }
    fn __rmul__(this: Value, other: Value) -> R {
        on_ints(other, this, int::int_mul)
    }
    fn __truediv__(this: Value, other: Value) -> R {
        on_ints(this, other, true_divide)
    }
    fn __rtruediv__(this: Value, other: Value) -> R {
        on_ints(other, this, true_divide)
    }
    fn __floordiv__(this: Value, other: Value) -> R {
        on_ints(this, other, floor_divide)
    }
    fn __rfloordiv__(this: Value, other: Value) -> R {
        on_ints(other, this, floor_divide)
    }
    fn __mod__(this: Value, other: Value) -> R {
        on_ints(this, other, modulo)
    }
    fn __rmod__(this: Value, other: Value) -> R {
        on_ints(other, this, modulo)
    }
    fn __divmod__(this: Value, other: Value) -> R {
        on_ints(this, other, divide_both_as_tuple)
    }
    fn __rdivmod__(this: Value, other: Value) -> R {
        on_ints(other, this, divide_both_as_tuple)
    }
    fn __pow__(this: Value, other: Value, modulus: Value) -> R {
        power(this, other, modulus)
    }
    fn __rpow__(this: Value, other: Value, modulus: Value) -> R {
        power(other, this, modulus)
    }
    fn __lshift__(this: Value, other: Value) -> R {
        on_ints(this, other, shift_left)
    }
    fn __rlshift__(this: Value, other: Value) -> R {
        on_ints(other, this, shift_left)
    }
    fn __rshift__(this: Value, other: Value) -> R {
        on_ints(this, other, shift_right)
    }
    fn __rrshift__(this: Value, other: Value) -> R {
        on_ints(other, this, shift_right)
    }
    fn __and__(this: Value, other: Value) -> R {
        on_ints(this, other, and)
    }
    fn __rand__(this: Value, other: Value) -> R {
        on_ints(other, this, and)
    }
    fn __or__(this: Value, other: Value) -> R {
        on_ints(this, other, or)
    }
    fn __ror__(this: Value, other: Value) -> R {
        on_ints(other, this, or)
    }
    fn __xor__(this: Value, other: Value) -> R {
        on_ints(this, other, xor)
    }
    fn __rxor__(this: Value, other: Value) -> R {
        on_ints(other, this, xor)
    }
    fn __neg__(this: Value) -> Value {
        negate(view(this))
    }
    fn __pos__(this: Value) -> Value {
        to_plain_int(this)
    }
    fn __abs__(this: Value) -> Value {
        if this.is_int() {
            return new_int(this.as_int().abs());
        }
        if view(this).is_negative() { negate(view(this)) } else { to_plain_int(this) }
    }
    fn __invert__(this: Value) -> Value {
        invert(view(this))
    }
    fn __bool__(this: Value) -> bool {
        !view(this).is_zero()
    }
    fn __int__(this: Value) -> Value {
        to_plain_int(this)
    }
    fn __float__(this: Value) -> R<f64> {
        int::int_to_f64(view(this))
    }
    fn __index__(this: Value) -> Value {
        to_plain_int(this)
    }

    /// Truncating an int gives the int itself.
    fn __trunc__(this: Value) -> Value {
        to_plain_int(this)
    }
    /// The floor of an int is the int itself.
    fn __floor__(this: Value) -> Value {
        to_plain_int(this)
    }
    /// The ceiling of an int is the int itself.
    fn __ceil__(this: Value) -> Value {
        to_plain_int(this)
    }
    /// Round to a multiple of 10**-ndigits; ties go to the even one.
    ///
    /// Without ndigits, and when it is not negative, that is the int itself.
    #[sig("($self, ndigits=None, /)")]
    fn __round__(this: Value, ndigits: Option<Value>) -> R {
        let Some(ndigits) = ndigits.filter(|ndigits| !ndigits.is_none()) else { return Ok(to_plain_int(this)) };
        let digits = view(objects::index_object(ndigits)?);
        if !digits.is_negative() {
            return Ok(to_plain_int(this));
        }
        let digits = digits.to_i64().map_or(u64::MAX, i64::unsigned_abs);
        Ok(new_int_big(&big::round_to_power_of_ten(&view(this).to_ibig(), digits)))
    }
    /// Format as the format specification says.
    #[sig("($self, format_spec, /)")]
    fn __format__(this: Value, format_spec: Gc<Str>) -> R<Gc<Str>> {
        format::format_int(this, format_spec)
    }
    fn __getnewargs__(this: Value) -> Value {
        new_tuple(&[to_plain_int(this)]).value()
    }
    /// The number of bytes that the int takes in memory.
    fn __sizeof__(this: Value) -> usize {
        match this.cast::<IntObject>() {
            Some(object) => std::mem::size_of::<IntObject>() + object.limbs().len() * 8,
            None => 8,
        }
    }
    /// The complex conjugate of an int is the int itself.
    fn conjugate(this: Value) -> Value {
        to_plain_int(this)
    }
    /// Number of bits needed to write the magnitude in binary.
    ///
    /// >>> (37).bit_length()
    /// 6
    fn bit_length(this: Value) -> usize {
        match view(this) {
            IntView::Small(number) => 64 - number.unsigned_abs().leading_zeros() as usize,
            IntView::Big { limbs, .. } => limbs.len() * 64 - limbs.last().map_or(0, |limb| limb.leading_zeros() as usize),
        }
    }
    /// Number of ones in the binary form of the magnitude.
    ///
    /// >>> (13).bit_count()
    /// 3
    fn bit_count(this: Value) -> usize {
        match view(this) {
            IntView::Small(number) => number.unsigned_abs().count_ones() as usize,
            IntView::Big { limbs, .. } => limbs.iter().map(|limb| limb.count_ones() as usize).sum(),
        }
    }
    /// A pair of ints whose ratio is this number: the number and 1.
    fn as_integer_ratio(this: Value) -> (Value, i64) {
        (to_plain_int(this), 1)
    }
    /// Always True; there so that ints and floats can be asked alike.
    fn is_integer(_this: Value) -> bool {
        true
    }
    /// An array of bytes that represents the int.
    ///
    /// length is the number of bytes; OverflowError if the int needs more.
    /// byteorder is 'big' (most significant byte first) or 'little'.  Only
    /// with signed=True may the int be negative: two's complement is used.
    #[sig("($self, /, length=1, byteorder='big', *, signed=False)")]
    fn to_bytes(this: Value, length: isize, byteorder: Option<Gc<Str>>, signed: bool) -> R {
        let little = is_little(byteorder)?;
        if length < 0 {
            return Err(value_error!("length argument must be non-negative"));
        }
        if let IntView::Small(number) = view(this)
            && length == 1
            && !signed
            && (0..256).contains(&number)
        {
            return Ok(new_bytes(&[number as u8]));
        }
        if let IntView::Small(number) = view(this)
            && length <= 8
            && let Some(bytes) = small_to_bytes(number, length as usize, little, signed)
        {
            return bytes.map(|bytes| bytes.value());
        }
        if let IntView::Big { negative: false, limbs } = view(this)
            && let Some(bytes) = limbs_to_bytes(limbs, length as usize, little, signed)
        {
            return bytes.map(|bytes| bytes.value());
        }
        // An absurd length must be an error, not an abort.
        let mut probe = Vec::<u8>::new();
        if probe.try_reserve_exact(length as usize).is_err() {
            return Err(memory_error());
        }
        drop(probe);
        let bytes = big::to_bytes(&view(this).to_ibig(), length as usize, little, signed).map_err(raise_fault)?;
        Ok(new_bytes(&bytes))
    }
    /// The int that an array of bytes represents.
    ///
    /// bytes is a bytes-like object or an iterable of ints.  byteorder is
    /// 'big' (most significant byte first) or 'little'.  signed says whether
    /// two's complement is used.
    #[classmethod]
    #[sig("($type, /, bytes, byteorder='big', *, signed=False)")]
    fn from_bytes(cls: Gc<Class>, bytes: Value, byteorder: Option<Gc<Str>>, signed: bool) -> R {
        let little = is_little(byteorder)?;
        let bytes = any_bytes(bytes)?;
        if let Some(bytes) = bytes.cast_exact::<Bytes>()
            && cls == IntObject::class()
            && let Some(number) = small_from_bytes(bytes.as_slice(), little, signed)
        {
            return Ok(number);
        }
        let number = match bytes.cast::<Bytes>() {
            Some(bytes) => big::from_bytes(bytes.as_slice(), little, signed),
            None => big::from_bytes(Buf::new(bytes)?.as_slice(), little, signed),
        };
        let number = new_int_big(&number);
        if cls == IntObject::class() { Ok(number) } else { call(cls.value(), &[number]) }
    }
    /// the real part of a complex number
    #[getter]
    fn real(this: Value) -> Value {
        to_plain_int(this)
    }
    /// the imaginary part of a complex number
    #[getter]
    fn imag(_this: Value) -> i64 {
        0
    }
    /// an int is its own numerator
    #[getter]
    fn numerator(this: Value) -> Value {
        to_plain_int(this)
    }
    /// the denominator of an int, 1
    #[getter]
    fn denominator(_this: Value) -> i64 {
        1
    }
}

#[inline]
fn view(value: Value) -> IntView<'static> {
    int_view(value).unwrap_or(IntView::Small(0))
}

/// `int(...)`: an int, not yet of the class wanted.
fn construct(args: Args) -> R {
    args.check_count("int", 0, 2)?;
    let mut base = args.get(1);
    for (name, value) in args.keywords() {
        let name = name.cast::<Str>().map_or(String::new(), |name| name.to_string_lossy());
        if name != "base" {
            let hint = if objects::signature::suggest(&name, ["base"]).is_some() { " Did you mean 'base'?" } else { "" };
            let stop = if hint.is_empty() { "" } else { "." };
            return Err(type_error!("int() got an unexpected keyword argument '{name}'{stop}{hint}"));
        }
        if base.is_some() {
            return Err(type_error!("argument for int() given by name ('base') and position (2)"));
        }
        base = Some(value);
    }
    match (args.get(0), base) {
        (None, None) => Ok(Value::small(0)),
        (None, Some(_)) => Err(type_error!("int() missing string argument")),
        (Some(value), None) => int_of(value),
        (Some(value), Some(base)) => {
            let base = objects::index_clamped(base)?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(value_error!("int() base must be >= 2 and <= 36, or 0"));
            }
            let textual =
                value.cast::<Str>().is_some() || value.cast::<Bytes>().is_some() || value.cast::<objects::ByteArray>().is_some();
            if let Some(number) = quick_int(value, base as u32) {
                return Ok(new_int(number));
            }
            match number_text(value)? {
                Some(source) if textual => parse_int(&source, base as u32),
                _ => Err(type_error!("int() can't convert non-string with explicit base")),
            }
        }
    }
}

/// `int(value)`.
pub fn int_of(value: Value) -> R {
    if value.is_int() {
        return Ok(value);
    }
    if value.is_float() {
        return crate::float::truncate(value.as_float());
    }
    if let Some(text) = value.cast_exact::<Str>()
        && let Some(number) = crate::number_text::plain_digits(text.raw_bytes())
    {
        return Ok(objects::new_int(number));
    }
    if let Some(number) = quick_int(value, 10) {
        return Ok(new_int(number));
    }
    let slots = &class_of(value).slots;
    if let Some(function) = slots.int.get() {
        let result = function(value)?;
        if int_view(result).is_none() {
            return Err(type_error!("__int__ returned non-int (type {})", class_name(result)));
        }
        if !result.is_int() && class_of(result) != IntObject::class() {
            objects::warnings::deprecation(&format!(
                "__int__ returned non-int (type {}).  The ability to return an instance of a strict subclass of int is deprecated, and may be removed in a future version of Python.",
                class_name(result)
            ))?;
        }
        return Ok(to_plain_int(result));
    }
    if slots.index.get().is_some() {
        return objects::index_object(value);
    }
    match number_text(value)? {
        Some(source) => parse_int(&source, 10),
        None => {
            Err(type_error!("int() argument must be a string, a bytes-like object or a real number, not '{}'", class_name(value)))
        }
    }
}

/// `bytes(value)` for objects that hold bytes: the object itself if it gives out its memory.
fn any_bytes(value: Value) -> R {
    if value.cast::<Bytes>().is_some() {
        return Ok(value);
    }
    if let Some(method) = lookup_special(value, interned!("__bytes__"))? {
        let result = method.call(&[])?;
        if result.cast::<Bytes>().is_none() {
            return Err(type_error!("__bytes__ returned non-bytes (type {})", class_name(result)));
        }
        return Ok(result);
    }
    if objects::buffer::has_buffer(value) {
        return Ok(value);
    }
    if value.cast::<Str>().is_some() || int_view(value).is_some() || class_of(value).slots.iter.get().is_none() {
        return Err(type_error!("cannot convert '{}' object to bytes", class_name(value)));
    }
    call(Bytes::class().value(), &[value])
}

/// A number of the word as up to eight bytes; None if it does not fit.
fn small_to_bytes(number: i64, length: usize, little: bool, signed: bool) -> Option<R<Gc<Bytes>>> {
    let bits = 8 * length as u32;
    let fits = match () {
        _ if !signed => number >= 0 && (bits >= 63 || number < 1 << bits),
        _ if bits == 0 => number == 0,
        _ => bits >= 64 || (-(1 << (bits - 1))..1 << (bits - 1)).contains(&number),
    };
    fits.then(|| {
        Bytes::build(length, |target| {
            if little {
                target.copy_from_slice(&number.to_le_bytes()[..length]);
            } else {
                target.copy_from_slice(&number.to_be_bytes()[8 - length..]);
            }
        })
    })
}

/// A long number that is not negative as bytes; None if it does not fit.
fn limbs_to_bytes(limbs: &[u64], length: usize, little: bool, signed: bool) -> Option<R<Gc<Bytes>>> {
    let bits = limbs.len() * 64 - limbs.last().map_or(0, |top| top.leading_zeros() as usize) + usize::from(signed);
    if bits > length.checked_mul(8)? {
        return None;
    }
    Some(Bytes::build(length, |target| {
        target.fill(0);
        for (part, limb) in target.chunks_mut(8).zip(limbs) {
            part.copy_from_slice(&limb.to_le_bytes()[..part.len()]);
        }
        if !little {
            target.reverse();
        }
    }))
}

/// The number that bytes represent, if they are few, or not negative and not very many.
fn small_from_bytes(bytes: &[u8], little: bool, signed: bool) -> Option<Value> {
    const LIMBS: usize = 16;
    if bytes.len() > 7 {
        if signed || bytes.len() > 8 * LIMBS {
            return None;
        }
        let mut limbs = [0; LIMBS];
        for (place, limb) in limbs.iter_mut().enumerate().take(bytes.len().div_ceil(8)) {
            let end = bytes.len().min(8 * place + 8);
            let mut word = [0; 8];
            if little {
                word[..end - 8 * place].copy_from_slice(&bytes[8 * place..end]);
                *limb = u64::from_le_bytes(word);
            } else {
                word[8 - (end - 8 * place)..].copy_from_slice(&bytes[bytes.len() - end..bytes.len() - 8 * place]);
                *limb = u64::from_be_bytes(word);
            }
        }
        return Some(int::from_limbs(false, &limbs));
    }
    let shifted = |number: i64, byte: &u8| number << 8 | *byte as i64;
    let number = if little { bytes.iter().rev().fold(0, shifted) } else { bytes.iter().fold(0, shifted) };
    let unused = 64 - 8 * bytes.len() as u32;
    Some(objects::new_int(if signed && unused < 64 { number << unused >> unused } else { number }))
}

fn is_little(byteorder: Option<Gc<Str>>) -> R<bool> {
    let Some(order) = byteorder else { return Ok(false) };
    match order.as_ascii() {
        Some("big") => Ok(false),
        Some("little") => Ok(true),
        _ => Err(value_error!("byteorder must be either 'little' or 'big'")),
    }
}

/// `repr` of an int of any kind.
pub fn int_repr(value: Value) -> R<Gc<Str>> {
    match view(value) {
        IntView::Small(number) => Ok(format::small_decimal(number)),
        IntView::Big { negative, limbs } if limbs.len() <= big::MOST_LIMBS => {
            let limit = int::max_str_digits();
            let text = big::with_decimal_limbs(negative, limbs, |digits| {
                let count = digits.len() - usize::from(negative);
                (limit == 0 || count <= limit).then(|| Str::from_ascii(digits))
            });
            match text {
                Some(text) => Ok(text),
                None => Ok(Str::new(&decimal(view(value))?)),
            }
        }
        view => Ok(Str::new(&decimal(view)?)),
    }
}

#[inline(always)]
fn order(a: Value, b: Value, holds: impl Fn(Ordering) -> bool) -> R {
    if a.both_int(b) {
        return Ok(Value::bool(holds(a.as_int().cmp(&b.as_int()))));
    }
    match (int_view(a), int_view(b)) {
        (Some(a), Some(b)) => Ok(Value::bool(holds(int::int_cmp(a, b)))),
        _ => Ok(Value::not_implemented()),
    }
}

/// Runs `operate` on two ints; NotImplemented for anything else.
#[inline(always)]
fn on_ints(a: Value, b: Value, operate: impl FnOnce(IntView<'static>, IntView<'static>) -> R) -> R {
    match (int_view(a), int_view(b)) {
        (Some(a), Some(b)) => operate(a, b),
        _ => Ok(Value::not_implemented()),
    }
}

fn divide_both_as_tuple(a: IntView, b: IntView) -> R {
    let (quotient, rest) = divide_both(a, b)?;
    Ok(new_tuple(&[quotient, rest]).value())
}

fn negate(number: IntView) -> Value {
    match number {
        IntView::Small(number) => int::new_int_i128(-(number as i128)),
        IntView::Big { negative, limbs } => int::from_limbs(!negative, limbs),
    }
}

fn true_divide(a: IntView, b: IntView) -> R {
    const EXACT: i64 = 1 << 53;
    if let (IntView::Small(a), IntView::Small(b)) = (a, b)
        && (-EXACT..=EXACT).contains(&a)
        && (-EXACT..=EXACT).contains(&b)
        && b != 0
    {
        return Ok(Value::float(a as f64 / b as f64));
    }
    big::true_divide(&a.to_ibig(), &b.to_ibig()).map(Value::float).map_err(raise_fault)
}

/// `a ** b` and `pow(a, b, modulus)`.
fn power(a: Value, b: Value, modulus: Value) -> R {
    let (Some(x), Some(y)) = (int_view(a), int_view(b)) else { return Ok(Value::not_implemented()) };
    if !modulus.is_none() {
        let Some(m) = int_view(modulus) else { return Ok(Value::not_implemented()) };
        return power_modulo(x, y, m);
    }
    if y.is_negative() {
        let (x, y) = (int::int_to_f64(x)?, int::int_to_f64(y)?);
        return crate::float::power(x, y);
    }
    if let (IntView::Small(x), IntView::Small(y)) = (x, y)
        && let Ok(exponent) = u32::try_from(y)
    {
        if let Some(result) = x.checked_pow(exponent) {
            return Ok(new_int(result));
        }
        if x == 2 {
            return shift_left(IntView::Small(1), IntView::Small(y));
        }
    }
    let (x, y) = (x.to_ibig(), y.to_ibig());
    let bits = (big::bit_length(&x) as u64).saturating_mul(big::to_u64(&y).unwrap_or(u64::MAX));
    match int::long_work(bits, || big::pow(&x, &y)) {
        Some(result) => Ok(new_int_big(&result)),
        None => Err(memory_error()),
    }
}

fn power_modulo(x: IntView, y: IntView, m: IntView) -> R {
    if let (IntView::Small(x), IntView::Small(y), IntView::Small(m)) = (x, y, m)
        && y >= 0
        && (2..1 << 31).contains(&m)
    {
        let (mut result, mut square, mut rest) = (1u64, x.rem_euclid(m) as u64, y as u64);
        while rest != 0 {
            if rest & 1 != 0 {
                result = result * square % m as u64;
            }
            square = square * square % m as u64;
            rest >>= 1;
        }
        return Ok(new_int(result as i64));
    }
    let (x, y, m) = (x.to_ibig(), y.to_ibig(), m.to_ibig());
    let bits = (big::bit_length(&m) as u64).saturating_mul(big::bit_length(&y) as u64);
    int::long_work(bits, || big::pow_mod(&x, &y, &m)).map(|number| new_int_big(&number)).map_err(raise_fault)
}
