//! The value word: one 64-bit NaN-box that is a pointer, a small integer or a double.
//! Must not know: what any pointed-to object is, apart from the few static singletons it names.
//!
//! | raw word                          | meaning                                    |
//! |-----------------------------------|--------------------------------------------|
//! | top 16 bits 0                     | address of a [`Header`]                    |
//! | `2^49 .. 0xFFFE << 48`            | double, its bits plus `2^49`               |
//! | `0xFFFE << 48 ..`                 | integer `i` in `[-2^48, 2^48)`, biased     |

use crate::header::Header;
use crate::shapes::{self, ShapeId};
use std::fmt;
use std::num::NonZeroU64;

/// Smallest raw word of an integer.
pub const INT_TAG: u64 = 0xFFFE << 48;
/// Raw word of the integer zero.
pub const INT_BIAS: u64 = 0xFFFF << 48;
/// What is added to the bits of a double.
pub const FLOAT_BIAS: u64 = 1 << 49;
/// Smallest and largest integer that fit the word.
pub const INT_MIN: i64 = -(1 << 48);
pub const INT_MAX: i64 = (1 << 48) - 1;

const POINTER_BITS: u32 = 48;
const CANONICAL_NAN: u64 = 0x7FF8 << 48;
/// Doubles whose bits reach this would collide with integers once biased; all of them are NaNs.
const FIRST_COLLIDING_NAN: u64 = 0xFFFC << 48;

/// One Python value. Equality of words is identity (`is`), except that two equal doubles are the same word.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(NonZeroU64);

/// A static object without fields: it lives outside the heap, is never marked and never freed.
#[repr(C, align(16))]
pub struct Singleton {
    header: Header,
    reserved: u64,
}

impl Singleton {
    const fn new(shape: ShapeId) -> Singleton {
        Singleton { header: Header::immortal(shape), reserved: 0 }
    }
}

const FALSE: usize = 0;
const TRUE: usize = 1;
const NONE: usize = 2;
const ELLIPSIS: usize = 3;
const NOT_IMPLEMENTED: usize = 4;
const UNBOUND: usize = 5;
const NULL: usize = 6;

/// One array, so that `bool(b)` is an address computation. Indices are the constants above.
static SINGLETONS: [Singleton; 7] = [
    Singleton::new(shapes::SHAPE_BOOL),
    Singleton::new(shapes::SHAPE_BOOL),
    Singleton::new(shapes::SHAPE_NONE),
    Singleton::new(shapes::SHAPE_ELLIPSIS),
    Singleton::new(shapes::SHAPE_NOT_IMPLEMENTED),
    Singleton::new(shapes::SHAPE_UNBOUND),
    Singleton::new(shapes::SHAPE_NULL),
];

#[inline(always)]
fn singleton(index: usize) -> Value {
    // SAFETY: the address of a static is a non-null header address below 2^48.
    unsafe { Value::from_ptr(&SINGLETONS[index].header as *const Header as *mut Header) }
}

impl Value {
    #[inline(always)]
    pub fn none() -> Value {
        singleton(NONE)
    }
    #[inline(always)]
    pub fn bool(flag: bool) -> Value {
        singleton(flag as usize)
    }
    #[inline(always)]
    pub fn true_() -> Value {
        singleton(TRUE)
    }
    #[inline(always)]
    pub fn false_() -> Value {
        singleton(FALSE)
    }
    #[inline(always)]
    pub fn ellipsis() -> Value {
        singleton(ELLIPSIS)
    }
    #[inline(always)]
    pub fn not_implemented() -> Value {
        singleton(NOT_IMPLEMENTED)
    }
    /// A local variable that is not set. Never visible to Python code.
    #[inline(always)]
    pub fn unbound() -> Value {
        singleton(UNBOUND)
    }
    /// "No self" in the window of a method call. Never visible to Python code.
    #[inline(always)]
    pub fn null() -> Value {
        singleton(NULL)
    }

    #[inline(always)]
    pub fn is_none(self) -> bool {
        self == Value::none()
    }
    #[inline(always)]
    pub fn is_true(self) -> bool {
        self == Value::true_()
    }
    #[inline(always)]
    pub fn is_false(self) -> bool {
        self == Value::false_()
    }
    #[inline(always)]
    pub fn is_bool(self) -> bool {
        self.raw().wrapping_sub(Value::false_().raw()) & !16 == 0
    }
    #[inline(always)]
    pub fn as_bool(self) -> Option<bool> {
        if self.is_bool() { Some(self.is_true()) } else { None }
    }
    #[inline(always)]
    pub fn is_ellipsis(self) -> bool {
        self == Value::ellipsis()
    }
    #[inline(always)]
    pub fn is_not_implemented(self) -> bool {
        self == Value::not_implemented()
    }
    #[inline(always)]
    pub fn is_unbound(self) -> bool {
        self == Value::unbound()
    }
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self == Value::null()
    }

    #[inline(always)]
    pub const fn raw(self) -> u64 {
        self.0.get()
    }
    /// The value of a raw word; zero is no value.
    ///
    /// # Safety
    /// A non-zero `raw` came from [`Value::raw`] of a value that is still alive.
    #[inline(always)]
    pub const unsafe fn from_raw(raw: u64) -> Option<Value> {
        match NonZeroU64::new(raw) {
            Some(word) => Some(Value(word)),
            None => None,
        }
    }
    /// # Safety
    /// As [`Value::from_raw`], and `raw` is not zero.
    #[inline(always)]
    pub const unsafe fn from_raw_unchecked(raw: u64) -> Value {
        Value(NonZeroU64::new_unchecked(raw))
    }

    #[inline(always)]
    pub const fn is_ptr(self) -> bool {
        self.raw() >> POINTER_BITS == 0
    }
    /// # Safety
    /// `pointer` is the address of an initialised header, 16-byte aligned, below 2^48.
    #[inline(always)]
    pub unsafe fn from_ptr(pointer: *mut Header) -> Value {
        Value(NonZeroU64::new_unchecked(pointer as u64))
    }
    #[inline(always)]
    pub fn as_ptr(self) -> *mut Header {
        debug_assert!(self.is_ptr());
        self.raw() as *mut Header
    }
    #[inline(always)]
    pub fn ptr(self) -> Option<*mut Header> {
        if self.is_ptr() { Some(self.raw() as *mut Header) } else { None }
    }
    /// Header of a pointer value.
    #[inline(always)]
    pub fn header<'a>(self) -> &'a Header {
        debug_assert!(self.is_ptr());
        // SAFETY: pointer values point at initialised headers; a value in hand keeps its object alive.
        unsafe { &*(self.raw() as *const Header) }
    }

    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.raw() >= INT_TAG
    }
    /// The integer of an integer word (meaningless for other words).
    #[inline(always)]
    pub const fn as_int(self) -> i64 {
        self.raw().wrapping_sub(INT_BIAS) as i64
    }
    #[inline(always)]
    pub const fn int(self) -> Option<i64> {
        if self.is_int() { Some(self.as_int()) } else { None }
    }
    #[inline(always)]
    pub const fn both_int(self, other: Value) -> bool {
        (self.raw() & other.raw()) >= INT_TAG
    }
    #[inline(always)]
    pub const fn try_int(number: i64) -> Option<Value> {
        if number >= INT_MIN && number <= INT_MAX {
            // SAFETY: integer words are at least INT_TAG, so not zero.
            Some(unsafe { Value::from_raw_unchecked((number as u64).wrapping_add(INT_BIAS)) })
        } else {
            None
        }
    }
    #[inline(always)]
    pub const fn small(number: i32) -> Value {
        // SAFETY: every i32 is in range; integer words are not zero.
        unsafe { Value::from_raw_unchecked((number as i64 as u64).wrapping_add(INT_BIAS)) }
    }

    #[inline(always)]
    pub const fn is_float(self) -> bool {
        self.raw().wrapping_sub(FLOAT_BIAS) < INT_TAG - FLOAT_BIAS
    }
    /// The double of a double word (meaningless for other words).
    #[inline(always)]
    pub const fn as_float(self) -> f64 {
        f64::from_bits(self.raw().wrapping_sub(FLOAT_BIAS))
    }
    #[inline(always)]
    pub const fn float_opt(self) -> Option<f64> {
        if self.is_float() { Some(self.as_float()) } else { None }
    }
    #[inline(always)]
    pub const fn float(number: f64) -> Value {
        let mut bits = number.to_bits();
        if bits >= FIRST_COLLIDING_NAN {
            bits = CANONICAL_NAN;
        }
        // SAFETY: biased doubles are at least FLOAT_BIAS, so not zero.
        unsafe { Value::from_raw_unchecked(bits + FLOAT_BIAS) }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.int() {
            write!(f, "int({number})")
        } else if let Some(number) = self.float_opt() {
            write!(f, "float({number:?})")
        } else if self.is_ptr() {
            write!(f, "object({:#x}, shape {})", self.raw(), self.header().shape())
        } else {
            write!(f, "invalid({:#x})", self.raw())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_value_at_both_ends() {
        for number in [0, 1, -1, 42, INT_MIN, INT_MAX, i32::MAX as i64] {
            let value = Value::try_int(number).unwrap();
            assert!(value.is_int() && !value.is_float() && !value.is_ptr());
            assert_eq!(value.as_int(), number);
        }
        assert_eq!(Value::try_int(INT_MAX + 1), None);
        assert_eq!(Value::try_int(INT_MIN - 1), None);
        assert_eq!(Value::small(-7), Value::try_int(-7).unwrap());
    }

    #[test]
    fn doubles_keep_their_bits_and_nans_are_canonical() {
        for number in [0.0, -0.0, 1.5, f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY, 5e-324] {
            let value = Value::float(number);
            assert!(value.is_float() && !value.is_int() && !value.is_ptr());
            assert_eq!(value.as_float().to_bits(), number.to_bits());
        }
        let hostile = Value::float(f64::from_bits(u64::MAX));
        assert!(hostile.is_float() && hostile.as_float().is_nan());
    }

    #[test]
    fn singletons_are_distinct_pointers() {
        assert!(Value::none().is_ptr() && Value::none().is_none());
        assert_eq!(Value::bool(true), Value::true_());
        assert!(Value::bool(false).is_bool() && Value::true_().is_bool());
        assert!(!Value::none().is_bool() && !Value::small(1).is_bool());
        assert_eq!(Value::none().header().shape(), shapes::SHAPE_NONE);
        assert_eq!(std::mem::size_of::<Option<Value>>(), 8);
    }
}
