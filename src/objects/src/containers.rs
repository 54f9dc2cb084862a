//! What the built-in containers share: locking, quick hashing and equality of common values, the guard against endless `repr`.
//! Must not know: any particular container.

use crate::error::R;
use crate::layout::{Cast, Gc};
use crate::protocol;
use crate::str::Str;
use crate::tuple::Tuple;
use base::memory::Grow;
use heap::{Header, Value};

/// Declares a layout by hand: `plain_layout!(Type, "name", [traced, fields])`, or with `parent = Parent`.
macro_rules! plain_layout {
    ($type:ty, $name:literal, [$($field:ident),* $(,)?]) => {
        const _: () = {
            unsafe fn trace(object: *mut heap::Header, tracer: &mut heap::Tracer) {
                let this = &*(object as *const $type);
                let _ = (&this, &tracer);
                $( $crate::layout::Trace::trace(&this.$field, tracer); )*
            }
            static DESC: $crate::layout::LayoutDesc = $crate::layout::LayoutDesc {
                name: $name,
                size: std::mem::size_of::<$type>(),
                parent: None,
                trace,
                drop: None,
                drops_late: false,
                guarded: false,
                tail_end: None,
                class: $crate::layout::ClassCell::new(),
            };
            // SAFETY: repr(C) with a header first; every field that holds references is listed.
            unsafe impl $crate::layout::Layout for $type {
                const DESC: &'static $crate::layout::LayoutDesc = &DESC;
            }
        };
    };
}
pub(crate) use plain_layout;

/// The byte lock of a container; costs a flag test while the process has one thread.
#[inline(always)]
pub fn guard<T>(object: Gc<T>) -> heap::ObjectGuard<'static> {
    // SAFETY: a Gc points at a live object, which the caller's copy keeps alive.
    heap::lock(unsafe { &*object.header() })
}

/// Locks two containers, the same one once.
#[inline]
pub fn guard_two<A, B>(first: Gc<A>, second: Gc<B>) -> (heap::ObjectGuard<'static>, heap::ObjectGuard<'static>) {
    // SAFETY: as in `guard`.
    unsafe { heap::lock_two(&*first.header(), &*second.header()) }
}

/// Whether no other thread can look at containers now.
#[inline(always)]
pub fn single_threaded() -> bool {
    !heap::is_multithreaded()
}

/// A pointer field to a heap cell that is not a Python object.
#[repr(transparent)]
pub struct CellPtr<T>(std::sync::atomic::AtomicPtr<T>);

impl<T> CellPtr<T> {
    pub const fn new(pointer: *mut T) -> CellPtr<T> {
        CellPtr(std::sync::atomic::AtomicPtr::new(pointer))
    }
    #[inline(always)]
    pub fn get(&self) -> *mut T {
        self.0.load(std::sync::atomic::Ordering::Acquire)
    }
    /// Publishes a cell whose contents are complete.
    #[inline(always)]
    pub fn set(&self, pointer: *mut T) {
        self.0.store(pointer, std::sync::atomic::Ordering::Release);
    }
}
impl<T> crate::layout::Trace for CellPtr<T> {
    #[inline]
    fn trace(&self, tracer: &mut heap::Tracer) {
        tracer.pointer(self.get() as *mut Header);
    }
}

/// The value as a `str` that is not an instance of a subclass.
#[inline(always)]
pub fn exact_str(value: Value) -> Option<Gc<Str>> {
    value.cast_exact::<Str>()
}

/// `hash(value)`, inline for ints and strings.
#[inline(always)]
pub fn quick_hash(value: Value) -> R<i64> {
    if value.is_int() {
        let number = value.as_int();
        return Ok(if number == -1 { -2 } else { number });
    }
    if let Some(text) = exact_str(value) {
        return Ok(text.hash());
    }
    if let Some(tuple) = value.cast_exact::<Tuple>() {
        return crate::tuple::tuple_hash(tuple);
    }
    protocol::hash(value)
}

/// Equality of two values that are not the same word, when it can be told without running Python code.
#[inline(always)]
pub fn quick_equal(a: Value, b: Value) -> Option<bool> {
    if a.is_int() && b.is_int() {
        return Some(false);
    }
    if let (Some(a), Some(b)) = (exact_str(a), exact_str(b)) {
        return Some(crate::str::str_eq(&a, &b));
    }
    if !a.is_ptr() && !b.is_ptr() {
        let number = |value: Value| if value.is_int() { value.as_int() as f64 } else { value.as_float() };
        // 49-bit integers are exact as doubles.
        return Some(number(a) == number(b));
    }
    if let (Some(a), Some(b)) = (a.cast_exact::<Tuple>(), b.cast_exact::<Tuple>()) {
        return quick_equal_tuples(a.items(), b.items(), NESTED_TUPLES);
    }
    None
}

/// How deep tuples in tuples are compared the short way.
const NESTED_TUPLES: u32 = 3;

/// `quick_equal` of tuples item by item; None as soon as an item cannot be told that way.
fn quick_equal_tuples(a: &[Value], b: &[Value], depth: u32) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    for (a, b) in a.iter().zip(b) {
        if a == b {
            continue;
        }
        let equal = match (a.cast_exact::<Tuple>(), b.cast_exact::<Tuple>()) {
            (Some(_), Some(_)) if depth == 0 => return None,
            (Some(a), Some(b)) => quick_equal_tuples(a.items(), b.items(), depth - 1)?,
            _ => quick_equal_plain(*a, *b)?,
        };
        if !equal {
            return Some(false);
        }
    }
    Some(true)
}

/// `quick_equal` of numbers and strings.
#[inline]
fn quick_equal_plain(a: Value, b: Value) -> Option<bool> {
    if a.is_ptr() != b.is_ptr() || !a.is_ptr() {
        return if a.is_ptr() || b.is_ptr() { None } else { quick_equal(a, b) };
    }
    match (exact_str(a), exact_str(b)) {
        (Some(a), Some(b)) => Some(crate::str::str_eq(&a, &b)),
        _ => None,
    }
}

/// `a < b`, when it can be told without running Python code and without memory.
#[inline]
pub fn quick_less(a: Value, b: Value) -> Option<bool> {
    match (a.cast_exact::<Tuple>(), b.cast_exact::<Tuple>()) {
        (Some(a), Some(b)) => quick_less_tuples(a.items(), b.items(), NESTED_TUPLES),
        _ => quick_less_plain(a, b),
    }
}

fn quick_less_tuples(a: &[Value], b: &[Value], depth: u32) -> Option<bool> {
    for (x, y) in a.iter().zip(b) {
        if x == y {
            continue;
        }
        match (x.cast_exact::<Tuple>(), y.cast_exact::<Tuple>()) {
            (Some(_), Some(_)) if depth == 0 => return None,
            (Some(x), Some(y)) => {
                if !quick_equal_tuples(x.items(), y.items(), depth - 1)? {
                    return quick_less_tuples(x.items(), y.items(), depth - 1);
                }
            }
            _ => {
                if !quick_equal_plain(*x, *y)? {
                    return quick_less_plain(*x, *y);
                }
            }
        }
    }
    Some(a.len() < b.len())
}

/// `quick_less` of numbers and strings.
#[inline]
fn quick_less_plain(a: Value, b: Value) -> Option<bool> {
    if let (Some(a), Some(b)) = (a.int(), b.int()) {
        return Some(a < b);
    }
    if !a.is_ptr() && !b.is_ptr() {
        let number = |value: Value| if value.is_int() { value.as_int() as f64 } else { value.as_float() };
        return Some(number(a) < number(b));
    }
    match (exact_str(a), exact_str(b)) {
        (Some(a), Some(b)) => Some(crate::str::str_cmp(&a, &b).is_lt()),
        _ => None,
    }
}

/// How many items a loop over a container handles between two polls.
pub const ITEMS_BETWEEN_POLLS: usize = 1 << 14;

/// The safepoint of a loop that is at `position`.
#[inline(always)]
pub fn poll_at(position: usize) -> R<()> {
    if (position + 1).is_multiple_of(ITEMS_BETWEEN_POLLS) { crate::thread::poll() } else { Ok(()) }
}

/// `a is b or a == b`, the equality of containers.
#[inline(always)]
pub fn same_or_equal(a: Value, b: Value) -> R<bool> {
    if a == b {
        // Two NaNs are one word and count as identical.
        return Ok(true);
    }
    match quick_equal(a, b) {
        Some(answer) => Ok(answer),
        None => protocol::eq(a, b),
    }
}

/// Marks a container as being printed by this thread; dropped when done.
pub struct ReprScope(Value);

impl ReprScope {
    /// None if the container is being printed already: print the dots.
    pub fn enter(value: Value) -> Option<ReprScope> {
        crate::thread::enter_repr(value).then_some(ReprScope(value))
    }
}

impl Drop for ReprScope {
    fn drop(&mut self) {
        crate::thread::leave_repr(self.0);
    }
}

/// Collects text for a `repr`.
pub struct TextBuilder(Vec<u8>);

impl TextBuilder {
    pub fn new() -> TextBuilder {
        TextBuilder(Vec::new())
    }
    pub fn push_str(&mut self, text: &str) {
        self.0.put_all(text.as_bytes());
    }
    pub fn push(&mut self, text: Gc<Str>) {
        self.0.put_all(&text.to_wtf8());
    }
    /// Appends what `repr` gives; numbers and plain text without making a string of it.
    #[inline]
    pub fn push_repr(&mut self, value: Value) -> R<()> {
        if value.is_int() {
            crate::format::with_decimal(value.as_int(), |digits| self.0.put_all(digits));
        } else if value.is_float() {
            base::float::with_repr(value.as_float(), |text| self.push_str(text));
        } else if let Some(text) = exact_str(value)
            && text.is_ascii()
            && base::text::stands_for_itself(text.raw_bytes())
        {
            self.push_str("'");
            self.0.put_all(text.raw_bytes());
            self.push_str("'");
        } else {
            self.push(protocol::repr(value)?);
        }
        Ok(())
    }
    pub fn finish(self) -> Gc<Str> {
        // The pieces were well formed, so the whole is.
        Str::from_wtf8(&self.0).unwrap_or_else(|| Str::new(&String::from_utf8_lossy(&self.0)))
    }
}

/// Whether `iter(value)` has something to call.
pub fn is_iterable(value: Value) -> bool {
    let slots = &crate::class::class_of(value).slots;
    slots.iter.get().is_some() || slots.getitem.get().is_some()
}

/// Adds a note to an exception that is on its way.
pub fn with_note(raised: crate::error::Raised, note: &str) -> crate::error::Raised {
    let exception = raised.take();
    match crate::call::call_method(exception, crate::intern::intern("add_note"), &[Str::new(note).value()]) {
        Ok(_) => {}
        Err(second) => second.clear(),
    }
    crate::error::restore(exception)
}
