//! `deque`: a double-ended queue. Must not know: other containers.
//!
//! The items lie in a ring buffer under the byte lock; Python code runs only on items that were taken out before.

use crate::support::{External, Guarded};
use native_macros::{Layout, native_class};
use objects::containers::{ReprScope, TextBuilder, same_or_equal};
use objects::{
    Args, Cast, Class, CompareOp, Gc, GcVec, Header, Kwargs, Layout, List, R, Str, Tuple, Value, call, class_name, class_of,
    compare, index_error, interned, memory_error, new_int, new_list, new_object, new_tuple, runtime_error, type_error,
    value_error,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Deque {
    pub header: Header,
    items: Guarded<VecDeque<Value>>,
    /// Negative: no limit.
    max: AtomicI64,
    /// Counts changes of the length or order.
    state: AtomicU64,
    external: External,
}

impl Deque {
    fn touch(&self) {
        self.state.store(self.state.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }
    fn limit(&self) -> Option<usize> {
        usize::try_from(self.max.load(Ordering::Relaxed)).ok()
    }
}

pub fn len(this: Gc<Deque>) -> usize {
    this.items.with(this, |items| items.len())
}

fn get(this: Gc<Deque>, index: usize) -> Option<Value> {
    this.items.with(this, |items| items.get(index).copied())
}

#[inline(always)]
fn push_back(this: Gc<Deque>, item: Value) {
    this.touch();
    let limit = this.limit();
    this.items.with(this, |items| {
        if items.len() == items.capacity() {
            grow(this, items);
        }
        items.push_back(item);
        if limit.is_some_and(|limit| items.len() > limit) {
            items.pop_front();
        }
    });
}

#[cold]
#[inline(never)]
fn grow(this: Gc<Deque>, items: &mut VecDeque<Value>) {
    if items.try_reserve(1).is_err() {
        base::memory::out_of_memory();
    }
    this.external.set(items.capacity() * size_of::<Value>());
}

/// Appends values that the caller keeps alive.
fn push_all(this: Gc<Deque>, values: &[Value]) -> R<()> {
    this.touch();
    let limit = this.limit();
    let kept = &values[values.len().saturating_sub(limit.unwrap_or(usize::MAX))..];
    let done = this.items.with(this, |items| {
        if items.try_reserve(kept.len()).is_err() {
            return false;
        }
        let excess = limit.map_or(0, |limit| (items.len() + kept.len()).saturating_sub(limit));
        items.drain(..excess.min(items.len()));
        items.extend(kept);
        this.external.set(items.capacity() * size_of::<Value>());
        true
    });
    if done { Ok(()) } else { Err(memory_error()) }
}

fn push_front(this: Gc<Deque>, item: Value) {
    this.touch();
    let limit = this.limit();
    this.items.with(this, |items| {
        items.push_front(item);
        if limit.is_some_and(|limit| items.len() > limit) {
            items.pop_back();
        }
    });
}

/// The items as they are now.
fn snapshot(this: Gc<Deque>) -> GcVec {
    // Room is made before the lock is taken; whoever grows the deque meanwhile makes us try again.
    let mut room = len(this);
    loop {
        let mut copy = GcVec::with_capacity(room);
        let needed = this.items.with(this, |items| {
            if items.len() > room {
                return Some(items.len());
            }
            let (front, back) = items.as_slices();
            copy.extend_from_slice(front);
            copy.extend_from_slice(back);
            None
        });
        match needed {
            None => return copy,
            Some(more) => room = more,
        }
    }
}

fn extend(this: Gc<Deque>, iterable: Value) -> R<()> {
    if iterable.cast_exact::<List>().is_some() || iterable.cast_exact::<Tuple>().is_some() {
        return push_all(this, &objects::to_vec(iterable)?);
    }
    extend_with(this, iterable, push_back)
}

#[inline(always)]
fn extend_with(this: Gc<Deque>, iterable: Value, push: impl Fn(Gc<Deque>, Value)) -> R<()> {
    if iterable == this.value() {
        for item in snapshot(this) {
            push(this, item);
        }
        return Ok(());
    }
    let items = objects::protocol::Items::of(iterable)?;
    while let Some(item) = items.next()? {
        push(this, item);
    }
    Ok(())
}

fn new_empty(cls: Gc<Class>, max: i64) -> Gc<Deque> {
    new_object(
        cls,
        Deque {
            header: Header::blank(),
            items: Guarded::new(VecDeque::new()),
            max: AtomicI64::new(max),
            state: AtomicU64::new(0),
            external: External::NONE,
        },
    )
}

fn mutated() -> objects::Raised {
    runtime_error!("deque mutated during iteration")
}

/// `type(this)(this)` with the same limit.
fn copy(this: Gc<Deque>) -> R {
    let max = this.max.load(Ordering::Relaxed);
    let class = class_of(this.value());
    if class == Deque::class() {
        let fresh = new_empty(class, max);
        push_all(fresh, &snapshot(this))?;
        return Ok(fresh.value());
    }
    let fresh = if max < 0 { call(class.value(), &[this.value()])? } else { call(class.value(), &[this.value(), new_int(max)])? };
    if fresh.cast::<Deque>().is_none() {
        return Err(type_error!("{}() must return a deque, not {}", class.name_text(), class_name(fresh)));
    }
    Ok(fresh)
}

/// The index of a subscript, inside the deque.
fn position(this: Gc<Deque>, key: Value, what: &str) -> R<usize> {
    let index = objects::index_for(key)?;
    let length = len(this) as i64;
    let index = if index < 0 { index + length } else { index };
    if index < 0 || index >= length { Err(index_error!("{what}")) } else { Ok(index as usize) }
}

fn rotate(this: Gc<Deque>, count: i64) {
    this.items.with(this, |items| {
        if items.len() > 1 {
            let length = items.len() as i64;
            items.rotate_right(count.rem_euclid(length) as usize);
        }
    });
    this.touch();
}

/// Repeats the contents in place.
fn repeat(this: Gc<Deque>, count: i64) -> R<()> {
    let items = snapshot(this);
    if count <= 0 || items.is_empty() {
        this.touch();
        let old = this.items.with(this, std::mem::take);
        drop(old);
        return Ok(());
    }
    let wanted = items.len().checked_mul(count as usize).filter(|total| *total <= isize::MAX as usize / 8);
    let rounds = match (wanted, this.limit()) {
        // More rounds than fill the limit change nothing.
        (_, Some(limit)) => (count as usize).min(limit / items.len() + 2),
        (Some(total), None) => {
            let reserved = this.items.with(this, |ring| ring.try_reserve(total - items.len()).is_ok());
            if !reserved {
                return Err(memory_error());
            }
            count as usize
        }
        (None, None) => return Err(memory_error()),
    };
    for _ in 1..rounds {
        for item in &items {
            push_back(this, *item);
        }
    }
    Ok(())
}

fn bound(value: Option<Value>, default: i64) -> R<i64> {
    match value {
        None => Ok(default),
        Some(value) => match objects::number::try_index(value)? {
            Some(index) => Ok(objects::number::clamp_to_i64(index)),
            None => Err(type_error!("slice indices must be integers or have an __index__ method")),
        },
    }
}

/// The first position in `start..stop` whose item equals `value`.
fn find(this: Gc<Deque>, value: Value, start: usize, stop: usize) -> R<Option<usize>> {
    let state = this.state.load(Ordering::Relaxed);
    for index in start..stop {
        let Some(item) = get(this, index) else { break };
        let equal = same_or_equal(item, value)?;
        if this.state.load(Ordering::Relaxed) != state {
            return Err(mutated());
        }
        if equal {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn order(op: CompareOp, this: Gc<Deque>, other: Gc<Deque>) -> R {
    if matches!(op, CompareOp::Eq | CompareOp::Ne) {
        if this == other {
            return Ok(Value::bool(op == CompareOp::Eq));
        }
        if len(this) != len(other) {
            return Ok(Value::bool(op == CompareOp::Ne));
        }
    }
    let (a, b) = (objects::iter(this.value())?, objects::iter(other.value())?);
    loop {
        let (x, y) = (objects::next(a)?, objects::next(b)?);
        let (Some(x), Some(y)) = (x, y) else {
            let lengths = (x.is_some() as u8).cmp(&(y.is_some() as u8));
            return Ok(Value::bool(op.holds(lengths)));
        };
        if !same_or_equal(x, y)? {
            return match op {
                CompareOp::Eq => Ok(Value::false_()),
                CompareOp::Ne => Ok(Value::true_()),
                op => compare(op, x, y),
            };
        }
    }
}

/// A list-like sequence that is quick at both ends.
#[native_class(name = "collections.deque", base = object, flags = "sequence sequence_ops weakref")]
impl Deque {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_empty(cls, -1).value())
    }
    #[sig("([iterable[, maxlen]])", hidden)]
    fn __init__(this: Gc<Deque>, args: Args) -> R<()> {
        let given = args.total_len();
        if given > 2 {
            return Err(type_error!("deque() takes at most 2 arguments ({given} given)"));
        }
        let (mut iterable, mut maxlen) = (args.get(0), args.get(1));
        for (name, value) in Kwargs::all(args).iter() {
            let (target, position) = match name.to_string_lossy().as_str() {
                "iterable" => (&mut iterable, 1),
                "maxlen" => (&mut maxlen, 2),
                name => return Err(type_error!("deque() got an unexpected keyword argument '{name}'")),
            };
            if target.is_some() {
                return Err(type_error!(
                    "argument for deque() given by name ('{}') and position ({position})",
                    name.to_string_lossy()
                ));
            }
            *target = Some(value);
        }
        let max = match maxlen.filter(|maxlen| !maxlen.is_none()) {
            None => -1,
            Some(maxlen) => {
                if objects::int_view(maxlen).is_none() {
                    return Err(type_error!("an integer is required"));
                }
                let max = objects::index(maxlen)?;
                if max < 0 {
                    return Err(value_error!("maxlen must be non-negative"));
                }
                max
            }
        };
        this.max.store(max, Ordering::Relaxed);
        if len(this) > 0 {
            Deque::clear(this);
        }
        match iterable {
            Some(iterable) => extend(this, iterable),
            None => Ok(()),
        }
    }
    fn __repr__(this: Gc<Deque>) -> R<Gc<Str>> {
        let Some(_scope) = ReprScope::enter(this.value()) else { return Ok(Str::new("[...]")) };
        let items = new_list(&snapshot(this));
        let mut text = TextBuilder::new();
        text.push_str(&class_of(this.value()).name_text());
        text.push_str("(");
        text.push(objects::repr(items.value())?);
        if let Some(limit) = this.limit() {
            text.push_str(&format!(", maxlen={limit}"));
        }
        text.push_str(")");
        Ok(text.finish())
    }
    fn __len__(this: Gc<Deque>) -> usize {
        len(this)
    }
    fn __bool__(this: Gc<Deque>) -> bool {
        len(this) != 0
    }
    fn __iter__(this: Gc<Deque>) -> Gc<DequeIter> {
        new_iter(this)
    }
    fn __getitem__(this: Gc<Deque>, key: Value) -> R {
        if !key.is_int() && class_of(key).slots.index.get().is_none() {
            return Err(type_error!("sequence index must be integer, not '{}'", class_name(key)));
        }
        let index = position(this, key, "deque index out of range")?;
        get(this, index).ok_or_else(|| index_error!("deque index out of range"))
    }
    fn __setitem__(this: Gc<Deque>, key: Value, value: Value) -> R<()> {
        if !key.is_int() && class_of(key).slots.index.get().is_none() {
            return Err(type_error!("sequence index must be integer, not '{}'", class_name(key)));
        }
        let index = position(this, key, "deque index out of range")?;
        this.items.with(this, |items| {
            if let Some(place) = items.get_mut(index) {
                *place = value;
            }
        });
        Ok(())
    }
    fn __delitem__(this: Gc<Deque>, key: Value) -> R<()> {
        if !key.is_int() && class_of(key).slots.index.get().is_none() {
            return Err(type_error!("sequence index must be integer, not '{}'", class_name(key)));
        }
        let index = position(this, key, "deque index out of range")?;
        this.touch();
        this.items.with(this, |items| items.remove(index));
        Ok(())
    }
    fn __contains__(this: Gc<Deque>, key: Value) -> R<bool> {
        Ok(find(this, key, 0, usize::MAX)?.is_some())
    }
    fn __add__(this: Gc<Deque>, value: Value) -> R {
        if value.cast::<Deque>().is_none() {
            return Err(type_error!("can only concatenate deque (not \"{}\") to deque", class_name(value)));
        }
        let fresh = copy(this)?;
        if let Some(fresh) = fresh.cast::<Deque>() {
            extend(fresh, value)?;
        }
        Ok(fresh)
    }
    fn __iadd__(this: Gc<Deque>, value: Value) -> R {
        extend(this, value)?;
        Ok(this.value())
    }
    fn __mul__(this: Gc<Deque>, value: Value) -> R {
        multiplied(this, value)
    }
    fn __rmul__(this: Gc<Deque>, value: Value) -> R {
        multiplied(this, value)
    }
    fn __imul__(this: Gc<Deque>, value: Value) -> R {
        repeat(this, repeat_count(value)?)?;
        Ok(this.value())
    }
    fn __lt__(this: Gc<Deque>, other: Gc<Deque>) -> R {
        order(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<Deque>, other: Gc<Deque>) -> R {
        order(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<Deque>, other: Gc<Deque>) -> R {
        order(CompareOp::Eq, this, other)
    }
    fn __ne__(this: Gc<Deque>, other: Gc<Deque>) -> R {
        order(CompareOp::Ne, this, other)
    }
    fn __gt__(this: Gc<Deque>, other: Gc<Deque>) -> R {
        order(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<Deque>, other: Gc<Deque>) -> R {
        order(CompareOp::Ge, this, other)
    }
    /// Iterate from the right end.
    fn __reversed__(this: Gc<Deque>) -> Gc<DequeReverseIter> {
        new_reverse_iter(this)
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Deque>) -> R {
        let state = objects::call_method(this.value(), interned!("__getstate__"), &[])?;
        let iterator = objects::iter(this.value())?;
        let arguments = match this.limit() {
            None => new_tuple(&[]),
            Some(limit) => new_tuple(&[new_tuple(&[]).value(), objects::new_int_usize(limit)]),
        };
        Ok(new_tuple(&[class_of(this.value()).value(), arguments.value(), state, iterator]).value())
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(this: Gc<Deque>) -> usize {
        std::mem::size_of::<Deque>() + this.items.with(this, |items| items.capacity()) * 8
    }
    /// Add an element at the right end.
    fn append(this: Gc<Deque>, item: Value) {
        push_back(this, item);
    }
    /// Add an element at the left end.
    fn appendleft(this: Gc<Deque>, item: Value) {
        push_front(this, item);
    }
    /// Remove all elements.
    fn clear(this: Gc<Deque>) {
        this.touch();
        let old = this.items.with(this, std::mem::take);
        drop(old);
    }
    /// A shallow copy.
    fn copy(this: Gc<Deque>) -> R {
        copy(this)
    }
    /// A shallow copy.
    fn __copy__(this: Gc<Deque>) -> R {
        copy(this)
    }
    /// How often value occurs.
    fn count(this: Gc<Deque>, value: Value) -> R<usize> {
        let state = this.state.load(Ordering::Relaxed);
        let mut count = 0;
        for index in 0.. {
            let Some(item) = get(this, index) else { break };
            let equal = same_or_equal(item, value)?;
            if this.state.load(Ordering::Relaxed) != state {
                return Err(mutated());
            }
            count += equal as usize;
        }
        Ok(count)
    }
    /// Add the elements of iterable at the right end.
    fn extend(this: Gc<Deque>, iterable: Value) -> R<()> {
        extend(this, iterable)
    }
    /// Add the elements of iterable at the left end, one after the other.
    fn extendleft(this: Gc<Deque>, iterable: Value) -> R<()> {
        extend_with(this, iterable, push_front)
    }
    /// The first position of value between start and stop; ValueError if it is not there.
    #[sig("(value, start=0, stop=sys.maxsize, /)")]
    fn index(this: Gc<Deque>, value: Value, start: Option<Value>, stop: Option<Value>) -> R<usize> {
        let length = len(this) as i64;
        let inside = |index: i64| (if index < 0 { index.saturating_add(length) } else { index }).clamp(0, length) as usize;
        let (start, stop) = (bound(start, 0)?, bound(stop, i64::MAX)?);
        match find(this, value, inside(start), inside(stop))? {
            Some(index) => Ok(index),
            None => Err(value_error!("deque.index(x): x not in deque")),
        }
    }
    /// Put value before the element at index.
    fn insert(this: Gc<Deque>, index: isize, value: Value) -> R<()> {
        if this.limit().is_some_and(|limit| len(this) >= limit) {
            return Err(index_error!("deque already at its maximum size"));
        }
        this.touch();
        this.items.with(this, |items| {
            let length = items.len() as isize;
            let index = (if index < 0 { index.saturating_add(length) } else { index }).clamp(0, length);
            items.insert(index as usize, value);
        });
        Ok(())
    }
    /// Take off the last item and return it.
    fn pop(this: Gc<Deque>) -> R {
        this.touch();
        this.items.with(this, VecDeque::pop_back).ok_or_else(|| index_error!("pop from an empty deque"))
    }
    /// Take off the first item and return it.
    fn popleft(this: Gc<Deque>) -> R {
        this.touch();
        this.items.with(this, VecDeque::pop_front).ok_or_else(|| index_error!("pop from an empty deque"))
    }
    /// Remove the first element that equals value.
    fn remove(this: Gc<Deque>, value: Value) -> R<()> {
        let state = this.state.load(Ordering::Relaxed);
        for index in 0.. {
            let Some(item) = get(this, index) else { break };
            let equal = same_or_equal(item, value)?;
            if this.state.load(Ordering::Relaxed) != state {
                return Err(index_error!("deque mutated during remove()."));
            }
            if equal {
                this.touch();
                this.items.with(this, |items| items.remove(index));
                return Ok(());
            }
        }
        Err(value_error!("deque.remove(x): x not in deque"))
    }
    /// Turn the order of the elements round.
    fn reverse(this: Gc<Deque>) {
        this.items.with(this, |items| items.make_contiguous().reverse());
        this.touch();
    }
    /// Move n elements from the right end to the left one (to the right one if n is negative).
    #[sig("(n=1, /)")]
    fn rotate(this: Gc<Deque>, n: isize) {
        rotate(this, n as i64);
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
    /// The largest length, or None.
    #[getter]
    fn maxlen(this: Gc<Deque>) -> Option<usize> {
        this.limit()
    }
}

fn repeat_count(value: Value) -> R<i64> {
    match objects::number::try_index(value)? {
        Some(_) => objects::index_for(value).map_err(|raised| {
            raised.clear();
            objects::overflow_error!("cannot fit '{}' into an index-sized integer", class_name(value))
        }),
        None => Err(type_error!("can't multiply sequence by non-int of type '{}'", class_name(value))),
    }
}

fn multiplied(this: Gc<Deque>, value: Value) -> R {
    let count = repeat_count(value)?;
    let fresh = copy(this)?;
    if let Some(fresh) = fresh.cast::<Deque>() {
        repeat(fresh, count)?;
    }
    Ok(fresh)
}

macro_rules! iterator_layout {
    ($name:ident) => {
        #[derive(Layout)]
        #[repr(C)]
        pub struct $name {
            pub header: Header,
            deque: Gc<Deque>,
            state: AtomicU64,
            /// How many elements were given out.
            index: AtomicUsize,
            left: AtomicUsize,
        }

        impl $name {
            fn advance(&self, place: impl FnOnce(usize, usize) -> usize) -> R<Option<Value>> {
                let deque = self.deque;
                if self.state.load(Ordering::Relaxed) != deque.state.load(Ordering::Relaxed) {
                    self.left.store(0, Ordering::Relaxed);
                    return Err(mutated());
                }
                let (index, left) = (self.index.load(Ordering::Relaxed), self.left.load(Ordering::Relaxed));
                if left == 0 {
                    return Ok(None);
                }
                self.index.store(index + 1, Ordering::Relaxed);
                self.left.store(left - 1, Ordering::Relaxed);
                Ok(get(deque, place(index, left)))
            }
        }

        fn skip(iterator: Gc<$name>, count: i64) {
            let count = (count.max(0) as usize).min(iterator.left.load(Ordering::Relaxed));
            iterator.index.store(count, Ordering::Relaxed);
            let left = iterator.left.load(Ordering::Relaxed) - count;
            iterator.left.store(left, Ordering::Relaxed);
        }

        fn make(deque: Gc<Deque>) -> Gc<$name> {
            objects::new_native($name {
                header: Header::blank(),
                deque,
                state: AtomicU64::new(deque.state.load(Ordering::Relaxed)),
                index: AtomicUsize::new(0),
                left: AtomicUsize::new(len(deque)),
            })
        }

        fn construct(deque: Gc<Deque>, index: isize) -> Gc<$name> {
            let iterator = make(deque);
            skip(iterator, index as i64);
            iterator
        }

        fn reduce(this: Gc<$name>) -> Value {
            let arguments = new_tuple(&[this.deque.value(), objects::new_int_usize(this.index.load(Ordering::Relaxed))]).value();
            new_tuple(&[class_of(this.value()).value(), arguments]).value()
        }
    };
}

mod forward {
    use super::*;
    iterator_layout!(DequeIter);

    #[native_class(name = "collections._deque_iterator", base = object, flags = "final")]
    impl DequeIter {
        #[new]
        #[sig("(deque, index=0, /)", hidden)]
        fn new(_cls: Gc<Class>, deque: Gc<Deque>, index: isize) -> R {
            Ok(construct(deque, index).value())
        }
        fn __iter__(this: Gc<DequeIter>) -> Value {
            this.value()
        }
        fn __next__(this: Gc<DequeIter>) -> R<Option<Value>> {
            this.advance(|index, _| index)
        }
        /// An estimate of how many items are still to come.
        fn __length_hint__(this: Gc<DequeIter>) -> usize {
            this.left.load(Ordering::Relaxed)
        }
        /// What pickle needs to make the same object.
        fn __reduce__(this: Gc<DequeIter>) -> Value {
            reduce(this)
        }
    }
    pub fn new_iter(deque: Gc<Deque>) -> Gc<DequeIter> {
        make(deque)
    }
}

mod backward {
    use super::*;
    iterator_layout!(DequeReverseIter);

    #[native_class(name = "collections._deque_reverse_iterator", base = object, flags = "final")]
    impl DequeReverseIter {
        #[new]
        #[sig("(deque, index=0, /)", hidden)]
        fn new(_cls: Gc<Class>, deque: Gc<Deque>, index: isize) -> R {
            Ok(construct(deque, index).value())
        }
        fn __iter__(this: Gc<DequeReverseIter>) -> Value {
            this.value()
        }
        fn __next__(this: Gc<DequeReverseIter>) -> R<Option<Value>> {
            this.advance(|_, left| left - 1)
        }
        /// An estimate of how many items are still to come.
        fn __length_hint__(this: Gc<DequeReverseIter>) -> usize {
            this.left.load(Ordering::Relaxed)
        }
        /// What pickle needs to make the same object.
        fn __reduce__(this: Gc<DequeReverseIter>) -> Value {
            reduce(this)
        }
    }
    pub fn new_reverse_iter(deque: Gc<Deque>) -> Gc<DequeReverseIter> {
        make(deque)
    }
}
pub use backward::{DequeReverseIter, new_reverse_iter};
pub use forward::{DequeIter, new_iter};
