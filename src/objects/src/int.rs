//! `int`: numbers beyond the value word and instances of subclasses; the basic arithmetic on any int.
//!
//! A plain int is in normal form: in the word when it fits 49 bits, else an `IntObject` of class `int`. Instances of subclasses
//! are always `IntObject`s. `True` and `False` are singletons of their own. Text conversion, pow and the like are in `base::int`.

use crate::class::Class;
use crate::error::{R, memory_error, overflow_error};
use crate::int_limbs;
use crate::layout::{Cast, ClassCell, Gc, Layout, LayoutDesc};
use base::hash;
use dashu_int::{IBig, Sign, UBig};
use heap::{Header, Tracer, Value};
use std::cmp::Ordering as Order;
use std::sync::atomic::Ordering;

#[repr(C)]
pub struct IntObject {
    pub header: Header,
    /// Number of limbs, negative for negative numbers; 0 for zero.
    sign_len: isize,
}

const LIMBS_OFFSET: usize = std::mem::size_of::<IntObject>();
/// Longest int, in limbs.
const MAX_LIMBS: usize = 1 << 32;

unsafe fn trace_int(_: *mut Header, _: &mut Tracer) {}
unsafe fn int_tail_end(object: *mut Header) -> usize {
    LIMBS_OFFSET + (*(object as *mut IntObject)).sign_len.unsigned_abs() * 8
}

static INT_LAYOUT: LayoutDesc = LayoutDesc {
    name: "int",
    size: LIMBS_OFFSET,
    parent: None,
    trace: trace_int,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: Some(int_tail_end),
    class: ClassCell::new(),
};
// SAFETY: repr(C), header first, no references.
unsafe impl Layout for IntObject {
    const DESC: &'static LayoutDesc = &INT_LAYOUT;
}

/// `True` and `False` (the heap's singletons); deliberately not an extension of `IntObject`.
#[repr(C)]
pub struct BoolObject {
    pub header: Header,
    reserved: u64,
}
static BOOL_LAYOUT: LayoutDesc = LayoutDesc {
    name: "bool",
    size: std::mem::size_of::<BoolObject>(),
    parent: None,
    trace: trace_int,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: None,
    class: ClassCell::new(),
};
// SAFETY: repr(C), header first, no references.
unsafe impl Layout for BoolObject {
    const DESC: &'static LayoutDesc = &BOOL_LAYOUT;
}

/// Any int, seen by size.
#[derive(Clone, Copy)]
pub enum IntView<'a> {
    Small(i64),
    /// More than 64 bits, or at least not known to fit: sign and little-endian limbs without leading zeros.
    Big {
        negative: bool,
        limbs: &'a [u64],
    },
}

impl IntObject {
    pub fn limbs(&self) -> &[u64] {
        // SAFETY: the limbs follow the fixed part.
        unsafe {
            let start = (self as *const IntObject as *const u8).add(LIMBS_OFFSET) as *const u64;
            std::slice::from_raw_parts(start, self.sign_len.unsigned_abs())
        }
    }
    pub fn is_negative(&self) -> bool {
        self.sign_len < 0
    }
    pub fn view(&self) -> IntView<'_> {
        let limbs = self.limbs();
        match limbs {
            [] => IntView::Small(0),
            [limb] if *limb <= i64::MAX as u64 => IntView::Small(if self.is_negative() { -(*limb as i64) } else { *limb as i64 }),
            _ => IntView::Big { negative: self.is_negative(), limbs },
        }
    }
}

impl IntView<'_> {
    pub fn to_ibig(self) -> IBig {
        match self {
            IntView::Small(number) => IBig::from(number),
            IntView::Big { negative, limbs } => {
                IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, UBig::from_words(limbs))
            }
        }
    }
    /// The low 64 bits in two's complement.
    pub fn low_u64(self) -> u64 {
        match self {
            IntView::Small(number) => number as u64,
            IntView::Big { negative, limbs } => {
                let low = limbs.first().copied().unwrap_or(0);
                if negative { low.wrapping_neg() } else { low }
            }
        }
    }
    pub fn to_i64(self) -> Option<i64> {
        match self {
            IntView::Small(number) => Some(number),
            IntView::Big { negative: true, limbs: [limb] } if *limb == 1 << 63 => Some(i64::MIN),
            IntView::Big { .. } => None,
        }
    }
    pub fn to_u64(self) -> Option<u64> {
        match self {
            IntView::Small(number) => u64::try_from(number).ok(),
            IntView::Big { negative: false, limbs: [limb] } => Some(*limb),
            IntView::Big { .. } => None,
        }
    }
    pub fn is_negative(self) -> bool {
        match self {
            IntView::Small(number) => number < 0,
            IntView::Big { negative, .. } => negative,
        }
    }
    pub fn is_zero(self) -> bool {
        matches!(self, IntView::Small(0))
    }
    pub fn hash(self) -> i64 {
        match self {
            IntView::Small(number) => hash::hash_i64(number),
            IntView::Big { negative, limbs } => hash::hash_limbs(negative, limbs),
        }
    }
}

/// The number, if `value` is an int (bools and instances of subclasses included).
#[inline]
pub fn int_view(value: Value) -> Option<IntView<'static>> {
    if value.is_int() {
        return Some(IntView::Small(value.as_int()));
    }
    int_view_slow(value)
}
#[inline(never)]
fn int_view_slow(value: Value) -> Option<IntView<'static>> {
    if let Some(flag) = value.as_bool() {
        return Some(IntView::Small(flag as i64));
    }
    let object = value.cast::<IntObject>()?;
    // SAFETY: the object stays alive through the caller's copy of `value`, and is immutable.
    Some(unsafe { &*object.as_ptr() }.view())
}

/// Whether `value` is an int of any kind.
#[inline]
pub fn is_int(value: Value) -> bool {
    value.is_int() || value.is_bool() || value.is_instance_of_layout::<IntObject>()
}

/// The int of a machine number.
#[inline]
pub fn new_int(number: i64) -> Value {
    match Value::try_int(number) {
        Some(value) => value,
        None => alloc_int(None, number < 0, &[number.unsigned_abs()]),
    }
}
#[inline]
pub fn new_int_u64(number: u64) -> Value {
    match i64::try_from(number) {
        Ok(number) => new_int(number),
        Err(_) => alloc_int(None, false, &[number]),
    }
}
pub fn new_int_usize(number: usize) -> Value {
    new_int_u64(number as u64)
}
pub fn new_int_i128(number: i128) -> Value {
    match i64::try_from(number) {
        Ok(number) => new_int(number),
        Err(_) => {
            let magnitude = number.unsigned_abs();
            alloc_normal(number < 0, &[magnitude as u64, (magnitude >> 64) as u64])
        }
    }
}
/// The int of a big number.
pub fn new_int_big(number: &IBig) -> Value {
    let (sign, words) = number.as_sign_words();
    from_limbs(sign == Sign::Negative, words)
}
pub fn new_int_ubig(number: &UBig) -> Value {
    from_limbs(false, number.as_words())
}
/// The int of sign and little-endian limbs (leading zeros allowed).
pub fn from_limbs(negative: bool, limbs: &[u64]) -> Value {
    let used = limbs.iter().rposition(|limb| *limb != 0).map_or(0, |at| at + 1);
    match &limbs[..used] {
        [] => Value::small(0),
        [limb] if *limb <= 1 << 48 => {
            let number = if negative { -(*limb as i64) } else { *limb as i64 };
            Value::try_int(number).unwrap_or_else(|| alloc_int(None, negative, &limbs[..used]))
        }
        limbs => alloc_int(None, negative, limbs),
    }
}
fn alloc_normal(negative: bool, limbs: &[u64]) -> Value {
    from_limbs(negative, limbs)
}

fn alloc_int(class: Option<Gc<Class>>, negative: bool, limbs: &[u64]) -> Value {
    let (class, extra) = match class {
        None => (IntObject::class(), 0),
        Some(class) => (class, crate::extension::tail_extra(class, 8)),
    };
    let Some(pointer) = heap::try_alloc(LIMBS_OFFSET + limbs.len() * 8 + extra, class.root_shape()) else {
        heap::out_of_memory();
    };
    let pointer = pointer as *mut IntObject;
    // SAFETY: a fresh cell with room for the limbs.
    unsafe {
        (*pointer).sign_len = if negative { -(limbs.len() as isize) } else { limbs.len() as isize };
        std::ptr::copy_nonoverlapping(limbs.as_ptr(), (pointer as *mut u8).add(LIMBS_OFFSET) as *mut u64, limbs.len());
        crate::extension::register_tailed(pointer.cast(), class);
        Value::from_ptr(pointer.cast())
    }
}

/// The int whose magnitude `fill` writes into `most` zeroed limbs. `fill` does not allocate.
pub(crate) fn build_int(negative: bool, most: usize, fill: impl FnOnce(&mut [u64])) -> Value {
    let size = most.checked_mul(8).and_then(|size| size.checked_add(LIMBS_OFFSET));
    let Some(pointer) = size.and_then(|size| heap::try_alloc(size, IntObject::class().root_shape())) else {
        heap::out_of_memory();
    };
    let pointer = pointer as *mut IntObject;
    // SAFETY: a fresh cell with room for the limbs, which nobody else knows.
    unsafe {
        let limbs = std::slice::from_raw_parts_mut((pointer as *mut u8).add(LIMBS_OFFSET) as *mut u64, most);
        fill(limbs);
        // Usually all limbs are in use, or all but the highest.
        let used = limbs.iter().rposition(|limb| *limb != 0).map_or(0, |at| at + 1);
        if used < 2 || used + 1 + most / 8 < most {
            return from_limbs(negative, &limbs[..used]);
        }
        (*pointer).sign_len = if negative { -(used as isize) } else { used as isize };
        Value::from_ptr(pointer.cast())
    }
}

/// An instance of a subclass of int with the number of `value`.
pub fn new_int_instance(class: Gc<Class>, value: IntView) -> Value {
    match value {
        IntView::Small(0) => alloc_int(Some(class), false, &[]),
        IntView::Small(number) => alloc_int(Some(class), number < 0, &[number.unsigned_abs()]),
        IntView::Big { negative, limbs } => alloc_int(Some(class), negative, limbs),
    }
}

/// The number of `value` as a plain int.
pub fn to_plain_int(value: Value) -> Value {
    if value.is_int() {
        return value;
    }
    match int_view(value) {
        Some(IntView::Small(number)) => new_int(number),
        Some(IntView::Big { .. }) if crate::class::class_of(value) == IntObject::class() => value,
        Some(IntView::Big { negative, limbs }) => from_limbs(negative, limbs),
        None => value,
    }
}

/// `a + b`, `a - b`, `a * b` on ints.
#[inline]
pub fn int_add(a: IntView, b: IntView) -> Value {
    match (a, b) {
        (IntView::Small(a), IntView::Small(b)) => new_int_i128(a as i128 + b as i128),
        _ => int_limbs::sum(a, b, false),
    }
}
pub fn int_sub(a: IntView, b: IntView) -> Value {
    match (a, b) {
        (IntView::Small(a), IntView::Small(b)) => new_int_i128(a as i128 - b as i128),
        _ => int_limbs::sum(a, b, true),
    }
}
/// Runs `work` on numbers of about `bits` bits; if that takes long, others may collect meanwhile.
pub fn long_work<T>(bits: u64, work: impl FnOnce() -> T) -> T {
    const LONG: u64 = 1 << 15;
    if bits >= LONG { heap::blocking(work) } else { work() }
}

pub fn int_mul(a: IntView, b: IntView) -> R {
    match (a, b) {
        (IntView::Small(a), IntView::Small(b)) => Ok(new_int_i128(a as i128 * b as i128)),
        _ => {
            if limb_count(a).saturating_add(limb_count(b)) > MAX_LIMBS {
                return Err(memory_error());
            }
            if let Some(product) = int_limbs::product(a, b) {
                return Ok(product);
            }
            let (bits, a, b) = (64 * limb_count(a).min(limb_count(b)) as u64, a.to_ibig(), b.to_ibig());
            Ok(new_int_big(&long_work(bits, || base::int::multiply(&a, &b))))
        }
    }
}
fn limb_count(number: IntView) -> usize {
    match number {
        IntView::Small(_) => 1,
        IntView::Big { limbs, .. } => limbs.len(),
    }
}

pub fn int_cmp(a: IntView, b: IntView) -> Order {
    match (a, b) {
        (IntView::Small(a), IntView::Small(b)) => a.cmp(&b),
        (IntView::Small(_), IntView::Big { negative, .. }) => {
            // A big view may still be i64::MIN's or a little more; its magnitude always exceeds every small one.
            if negative { Order::Greater } else { Order::Less }
        }
        (IntView::Big { negative, .. }, IntView::Small(_)) => {
            if negative {
                Order::Less
            } else {
                Order::Greater
            }
        }
        (IntView::Big { negative: an, limbs: al }, IntView::Big { negative: bn, limbs: bl }) => match (an, bn) {
            (false, true) => Order::Greater,
            (true, false) => Order::Less,
            (false, false) => cmp_limbs(al, bl),
            (true, true) => cmp_limbs(bl, al),
        },
    }
}
fn cmp_limbs(a: &[u64], b: &[u64]) -> Order {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// The int as a double, rounded to nearest even.
pub fn int_to_f64(value: IntView) -> R<f64> {
    match value {
        IntView::Small(number) => Ok(number as f64),
        big => {
            let number = big_to_f64(big);
            if number.is_infinite() { Err(overflow_error!("int too large to convert to float")) } else { Ok(number) }
        }
    }
}
fn big_to_f64(value: IntView) -> f64 {
    let IntView::Big { negative, limbs } = value else { return 0.0 };
    let bits = limbs.len() * 64 - limbs.last().map_or(0, |limb| limb.leading_zeros() as usize);
    if bits > 1024 {
        return if negative { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // The top 64 bits, with a sticky lowest bit for everything below.
    let shift = bits - 64.min(bits);
    let (index, offset) = (shift / 64, shift % 64);
    let mut top = limbs[index] >> offset;
    if offset != 0 && index + 1 < limbs.len() {
        top |= limbs[index + 1] << (64 - offset);
    }
    let sticky = limbs[..index].iter().any(|limb| *limb != 0) || (offset != 0 && limbs[index] << (64 - offset) != 0);
    let scaled = round_u64_to_f64(top, sticky) * 2f64.powi(shift as i32);
    if negative { -scaled } else { scaled }
}
/// `top` (highest bit set when more bits follow) as a double, ties broken by the sticky bit.
fn round_u64_to_f64(top: u64, sticky: bool) -> f64 {
    if sticky { (top | 1) as f64 } else { top as f64 }
}

/// The int nearest towards zero of a finite double.
pub fn int_from_f64(number: f64) -> Value {
    let number = number.trunc();
    if number.abs() < 9.0e18 {
        return new_int(number as i64);
    }
    let bits = number.to_bits();
    let exponent = ((bits >> 52 & 0x7ff) as i64) - 1075;
    let mantissa = UBig::from((bits & ((1 << 52) - 1)) | 1 << 52);
    let magnitude = mantissa << exponent as usize;
    from_limbs(number < 0.0, magnitude.as_words())
}

static MAX_STR_DIGITS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(4300);

/// The longest decimal text that ints are converted to or from (`sys.get_int_max_str_digits()`); 0: any.
#[inline]
pub fn max_str_digits() -> usize {
    MAX_STR_DIGITS.load(Ordering::Relaxed)
}
pub fn set_max_str_digits(limit: usize) {
    MAX_STR_DIGITS.store(limit, Ordering::Relaxed);
}
