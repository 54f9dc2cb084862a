//! `product`, `permutations`, `combinations` and `combinations_with_replacement`.

use crate::itertools::infinite::single_keyword;
use crate::itertools::slicing::count_argument;
use crate::support::{Guarded, tuple_of};
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Kwargs, R, Slot, Tuple, Value, memory_error, new_object, new_tuple, overflow_error,
    value_error,
};

/// Where an iterator stands.
#[derive(Default)]
struct Cursor {
    /// Index into the pool for each place of the result.
    indices: Vec<usize>,
    /// `permutations`: how many swaps are left for each place.
    cycles: Vec<usize>,
    started: bool,
    done: bool,
}
objects::no_references!(Cursor);

fn pool_of(slot: &Slot) -> &'static [Value] {
    slot.get().and_then(|pool| pool.cast::<Tuple>()).map_or(&[], |pool| pool.items())
}

/// `count` indices, or MemoryError.
fn indices(count: usize, start: impl Fn(usize) -> usize) -> R<Vec<usize>> {
    let mut indices = Vec::new();
    indices.try_reserve_exact(count).map_err(|_| memory_error())?;
    base::pause::strides(count, |range| indices.extend(range.map(&start)));
    Ok(indices)
}

/// Writes the items of the tuple given out before.
#[inline(always)]
fn copy_last(last: Value, items: &[Slot]) {
    // SAFETY: only tuples that were given out are kept, and those have as many items.
    for (slot, item) in items.iter().zip(unsafe { last.cast_unchecked::<Tuple>() }.items()) {
        slot.set(*item);
    }
}

/// Writes the pool's items at `indices`; false if something is out of step.
#[inline(always)]
fn select(pool: &[Value], indices: &[usize], items: &[Slot]) -> bool {
    for (item, index) in items.iter().zip(indices) {
        match pool.get(*index) {
            Some(value) => item.set(*value),
            None => return false,
        }
    }
    true
}

#[derive(Layout)]
#[repr(C)]
pub struct Product {
    pub header: Header,
    /// A tuple of tuples.
    pools: Slot,
    /// The tuple given out before.
    last: Slot,
    cursor: Guarded<Cursor>,
}

/// Iterator over all tuples with one item of each iterable (the last place changes fastest).
#[native_class(name = "itertools.product", base = object)]
impl Product {
    #[new]
    #[sig("(*iterables, repeat=1)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let repeat = match single_keyword(Kwargs::all(args), "product", "repeat")? {
            Some(repeat) => objects::index(repeat)?,
            None => 1,
        };
        if repeat < 0 {
            return Err(value_error!("repeat argument cannot be negative"));
        }
        let mut once = GcVec::new();
        if repeat > 0 {
            for iterable in args.positional() {
                once.push(objects::tuple::tuple_from_iterable(*iterable)?.value());
            }
        }
        let places = once.len().checked_mul(repeat as usize).filter(|places| *places <= isize::MAX as usize / 8);
        let Some(places) = places else { return Err(overflow_error!("repeat argument too large")) };
        let indices = indices(places, |_| 0)?;
        let mut pools = GcVec::with_capacity(places);
        for round in 0..if once.is_empty() { 0 } else { repeat } {
            objects::containers::poll_at(round as usize)?;
            pools.extend_from_slice(&once);
        }
        let fields = Product {
            header: Header::blank(),
            pools: Slot::new(new_tuple(&pools).value()),
            last: Slot::empty(),
            cursor: Guarded::new(Cursor { indices, ..Cursor::default() }),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<Product>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Product>) -> R<Option<Value>> {
        let pools = pool_of(&this.pools);
        // SAFETY: `new` puts in tuples only.
        let pool = |place: usize| pools.get(place).map_or(&[][..], |pool| unsafe { pool.cast_unchecked::<Tuple>() }.items());
        Ok(tuple_of(pools.len(), |items, tuple| {
            this.cursor.with(this, |cursor| {
                if cursor.done {
                    return false;
                }
                let more = match this.last.get() {
                    None => items.iter().enumerate().all(|(place, item)| match pool(place).first() {
                        Some(value) => {
                            item.set(*value);
                            true
                        }
                        None => false,
                    }),
                    Some(last) => {
                        copy_last(last, items);
                        // The last place that can go on does, those behind it begin again.
                        items.iter().zip(&mut cursor.indices).enumerate().rev().any(|(place, (item, index))| {
                            let pool = pool(place);
                            *index += 1;
                            if let Some(value) = pool.get(*index) {
                                item.set(*value);
                                return true;
                            }
                            *index = 0;
                            if let Some(value) = pool.first() {
                                item.set(*value);
                            }
                            false
                        })
                    }
                };
                cursor.done = !more;
                this.last.set_opt(more.then_some(tuple));
                more
            })
        }))
    }
    /// The number of bytes that the iterator takes in memory.
    fn __sizeof__(this: Gc<Product>) -> usize {
        std::mem::size_of::<Product>() + pool_of(&this.pools).len() * 8
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Permutations {
    pub header: Header,
    pool: Slot,
    size: usize,
    cursor: Guarded<Cursor>,
}

/// Iterator over all arrangements of r items of an iterable (all items by default).
#[native_class(name = "itertools.permutations", base = object)]
impl Permutations {
    #[new]
    #[sig("(iterable, r=None)")]
    fn new(cls: Gc<Class>, iterable: Value, r: Option<Value>) -> R {
        let pool = objects::tuple::tuple_from_iterable(iterable)?;
        let count = pool.len();
        let size = match r.filter(|r| !r.is_none()) {
            Some(r) => count_argument(r)?,
            None => count,
        };
        let done = size > count;
        let cursor = Cursor {
            indices: indices(count, |index| index)?,
            cycles: indices(if done { 0 } else { size }, |place| count - place)?,
            started: false,
            done,
        };
        Ok(new_object(
            cls,
            Permutations { header: Header::blank(), pool: Slot::new(pool.value()), size, cursor: Guarded::new(cursor) },
        )
        .value())
    }
    fn __iter__(this: Gc<Permutations>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Permutations>) -> R<Option<Value>> {
        let pool = pool_of(&this.pool);
        let size = this.size;
        if size > pool.len() {
            return Ok(None);
        }
        Ok(tuple_of(size, |items, _| {
            this.cursor.with(this, |cursor| {
                if cursor.done {
                    return false;
                }
                if !cursor.started {
                    cursor.started = true;
                    return select(pool, &cursor.indices, items);
                }
                let count = pool.len();
                for place in (0..size).rev() {
                    cursor.cycles[place] -= 1;
                    if cursor.cycles[place] == 0 {
                        cursor.indices[place..].rotate_left(1);
                        cursor.cycles[place] = count - place;
                    } else {
                        let other = count - cursor.cycles[place];
                        cursor.indices.swap(place, other);
                        return select(pool, &cursor.indices, items);
                    }
                }
                cursor.done = true;
                false
            })
        }))
    }
    /// The number of bytes that the iterator takes in memory.
    fn __sizeof__(this: Gc<Permutations>) -> usize {
        std::mem::size_of::<Permutations>() + (pool_of(&this.pool).len() + this.size) * 8
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Combinations {
    pub header: Header,
    pool: Slot,
    size: usize,
    cursor: Guarded<Cursor>,
}

fn combination_size(r: isize) -> R<usize> {
    if r < 0 { Err(value_error!("r must be non-negative")) } else { Ok(r as usize) }
}

/// Iterator over all choices of r items of an iterable, in the order of the items.
#[native_class(name = "itertools.combinations", base = object)]
impl Combinations {
    #[new]
    #[sig("(iterable, r)")]
    fn new(cls: Gc<Class>, iterable: Value, r: isize) -> R {
        let pool = objects::tuple::tuple_from_iterable(iterable)?;
        let size = combination_size(r)?;
        let done = size > pool.len();
        let cursor = Cursor { indices: indices(if done { 0 } else { size }, |index| index)?, done, ..Cursor::default() };
        Ok(new_object(
            cls,
            Combinations { header: Header::blank(), pool: Slot::new(pool.value()), size, cursor: Guarded::new(cursor) },
        )
        .value())
    }
    fn __iter__(this: Gc<Combinations>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Combinations>) -> R<Option<Value>> {
        let pool = pool_of(&this.pool);
        let size = this.size;
        if size > pool.len() {
            return Ok(None);
        }
        Ok(tuple_of(size, |items, _| {
            this.cursor.with(this, |cursor| {
                if cursor.done {
                    return false;
                }
                if !cursor.started {
                    cursor.started = true;
                    return select(pool, &cursor.indices, items);
                }
                let last = pool.len() - size;
                let Some(place) = (0..size).rev().find(|place| cursor.indices[*place] != place + last) else {
                    cursor.done = true;
                    return false;
                };
                cursor.indices[place] += 1;
                for following in place + 1..size {
                    cursor.indices[following] = cursor.indices[following - 1] + 1;
                }
                select(pool, &cursor.indices, items)
            })
        }))
    }
    /// The number of bytes that the iterator takes in memory.
    fn __sizeof__(this: Gc<Combinations>) -> usize {
        std::mem::size_of::<Combinations>() + this.size * 8
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct CombinationsWithReplacement {
    pub header: Header,
    pool: Slot,
    size: usize,
    cursor: Guarded<Cursor>,
}

/// Iterator over all choices of r items of an iterable where items may be taken repeatedly.
#[native_class(name = "itertools.combinations_with_replacement", base = object)]
impl CombinationsWithReplacement {
    #[new]
    #[sig("(iterable, r)")]
    fn new(cls: Gc<Class>, iterable: Value, r: isize) -> R {
        let pool = objects::tuple::tuple_from_iterable(iterable)?;
        let size = combination_size(r)?;
        let done = pool.is_empty() && size > 0;
        let cursor = Cursor { indices: indices(if done { 0 } else { size }, |_| 0)?, done, ..Cursor::default() };
        let fields = CombinationsWithReplacement {
            header: Header::blank(),
            pool: Slot::new(pool.value()),
            size,
            cursor: Guarded::new(cursor),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<CombinationsWithReplacement>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<CombinationsWithReplacement>) -> R<Option<Value>> {
        let pool = pool_of(&this.pool);
        let size = this.size;
        if pool.is_empty() && size > 0 {
            return Ok(None);
        }
        Ok(tuple_of(size, |items, _| {
            this.cursor.with(this, |cursor| {
                if cursor.done {
                    return false;
                }
                if !cursor.started {
                    cursor.started = true;
                    return select(pool, &cursor.indices, items);
                }
                let Some(place) = (0..size).rev().find(|place| cursor.indices[*place] + 1 != pool.len()) else {
                    cursor.done = true;
                    return false;
                };
                let index = cursor.indices[place] + 1;
                cursor.indices[place..].fill(index);
                select(pool, &cursor.indices, items)
            })
        }))
    }
    /// The number of bytes that the iterator takes in memory.
    fn __sizeof__(this: Gc<CombinationsWithReplacement>) -> usize {
        std::mem::size_of::<CombinationsWithReplacement>() + this.size * 8
    }
}
