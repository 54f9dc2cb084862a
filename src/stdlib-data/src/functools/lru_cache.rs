//! `_lru_cache_wrapper`: memoizing calls, with a bound and least-recently-used replacement or without.
//!
//! Results sit in a dict of links; with a bound the links also form a ring in order of use, guarded by the wrapper's byte lock.
//! Neither hashing nor comparing nor calling happens under that lock.

use crate::support::Guarded;
use native_macros::{Layout, native_class};
use objects::dict::{dict_clear, dict_get_hashed, dict_remove_hashed, dict_set_hashed};
use objects::int::IntObject;
use objects::{
    Args, Cast, Class, Dict, Gc, GcVec, Header, R, Slot, Str, Value, call, call_args, class_of, get_attr, interned, is_callable,
    new_dict, new_int, new_native, new_object, new_tuple, type_error,
};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct LruCache {
    pub header: Header,
    function: Slot,
    info_class: Slot,
    /// key -> result, or key -> link.
    cache: Gc<Dict>,
    /// Negative: no bound.
    max: i64,
    typed: bool,
    ring: Guarded<Ring>,
    hits: AtomicU64,
    misses: AtomicU64,
    /// Keyword arguments in keys come behind this.
    mark: Value,
    size: AtomicI64,
}

/// The ends of the list of links, oldest first.
struct Ring {
    oldest: Option<Gc<Link>>,
    newest: Option<Gc<Link>>,
}
impl objects::layout::Trace for Ring {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.oldest.trace(tracer);
        self.newest.trace(tracer);
    }
}

/// A cached result.
#[derive(Layout)]
#[repr(C)]
pub struct Link {
    pub header: Header,
    key: Value,
    hash: i64,
    result: Slot,
    previous: Slot,
    next: Slot,
    /// Whether it is in the ring.
    linked: AtomicI64,
}

#[native_class(name = "functools._lru_list_elem", base = object, flags = "final no_new")]
impl Link {}

fn link_of(slot: &Slot) -> Option<Gc<Link>> {
    // SAFETY: only links are stored in these slots.
    slot.get().map(|link| unsafe { link.cast_unchecked() })
}

impl Ring {
    fn unlink(&mut self, link: Gc<Link>) {
        let (previous, next) = (link_of(&link.previous), link_of(&link.next));
        match previous {
            Some(previous) => previous.next.set_opt(next.map(Gc::value)),
            None => self.oldest = next,
        }
        match next {
            Some(next) => next.previous.set_opt(previous.map(Gc::value)),
            None => self.newest = previous,
        }
        link.previous.clear();
        link.next.clear();
        link.linked.store(0, Ordering::Relaxed);
    }
    fn append(&mut self, link: Gc<Link>) {
        link.previous.set_opt(self.newest.map(Gc::value));
        link.next.clear();
        match self.newest {
            Some(newest) => newest.next.set(link.value()),
            None => self.oldest = Some(link),
        }
        self.newest = Some(link);
        link.linked.store(1, Ordering::Relaxed);
    }
}

/// The key of a call: the single argument if it is an exact str or int, else a tuple.
fn make_key(this: Gc<LruCache>, args: Args) -> Value {
    if !this.typed
        && !args.has_keywords()
        && let [only] = args.positional()
        && (only.is_int() || only.cast_exact::<Str>().is_some() || only.cast_exact::<IntObject>().is_some())
    {
        return *only;
    }
    let mut parts = GcVec::with_capacity(args.total_len() * 2 + 1);
    parts.extend_from_slice(args.positional());
    if args.has_keywords() {
        parts.push(this.mark);
        for (name, value) in args.keywords() {
            parts.push(name);
            parts.push(value);
        }
    }
    if this.typed {
        for value in args.values() {
            parts.push(class_of(*value).value());
        }
    }
    new_tuple(&parts).value()
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn call_unbounded(this: Gc<LruCache>, function: Value, args: Args) -> R {
    let key = make_key(this, args);
    let hash = objects::hash(key)?;
    if let Some(result) = dict_get_hashed(this.cache, key, hash)? {
        count(&this.hits);
        return Ok(result);
    }
    count(&this.misses);
    let result = call_args(function, args)?;
    dict_set_hashed(this.cache, key, hash, result)?;
    Ok(result)
}

fn call_bounded(this: Gc<LruCache>, function: Value, args: Args) -> R {
    let key = make_key(this, args);
    let hash = objects::hash(key)?;
    if let Some(link) = dict_get_hashed(this.cache, key, hash)?.and_then(|link| link.cast::<Link>()) {
        this.ring.with(this, |ring| {
            if link.linked.load(Ordering::Relaxed) != 0 && ring.newest != Some(link) {
                ring.unlink(link);
                ring.append(link);
            }
        });
        count(&this.hits);
        return Ok(link.result.get().unwrap_or(Value::none()));
    }
    count(&this.misses);
    let result = call_args(function, args)?;
    if dict_get_hashed(this.cache, key, hash)?.is_some() {
        // The call itself, or another thread, has stored the result meanwhile.
        return Ok(result);
    }
    let link = new_native(Link {
        header: Header::blank(),
        key,
        hash,
        result: Slot::new(result),
        previous: Slot::empty(),
        next: Slot::empty(),
        linked: AtomicI64::new(0),
    });
    dict_set_hashed(this.cache, key, hash, link.value())?;
    let victim = this.ring.with(this, |ring| {
        ring.append(link);
        let size = this.size.load(Ordering::Relaxed) + 1;
        this.size.store(size, Ordering::Relaxed);
        if size <= this.max {
            return None;
        }
        let oldest = ring.oldest?;
        ring.unlink(oldest);
        this.size.store(size - 1, Ordering::Relaxed);
        Some(oldest)
    });
    if let Some(victim) = victim {
        dict_remove_hashed(this.cache, victim.key, victim.hash)?;
    }
    Ok(result)
}

/// A callable that remembers what the function returns.
///
/// user_function is the function, maxsize the bound (0 for no caching, None for
/// no bound), typed says whether arguments of different types are cached apart,
/// cache_info_type is called with the statistics.
#[native_class(name = "functools._lru_cache_wrapper", base = object, flags = "final dict weakref method_descriptor")]
impl LruCache {
    #[new]
    #[sig("(user_function, maxsize, typed, cache_info_type)", hidden)]
    fn new(cls: Gc<Class>, user_function: Value, maxsize: Value, typed: bool, cache_info_type: Value) -> R {
        if !is_callable(user_function) {
            return Err(type_error!("the first argument must be callable"));
        }
        let max = if maxsize.is_none() {
            -1
        } else if class_of(maxsize).slots.index.get().is_some() {
            objects::index(maxsize)?.max(0)
        } else {
            return Err(type_error!("maxsize should be integer or None"));
        };
        let cache = new_dict();
        let mark = new_native(Link {
            header: Header::blank(),
            key: Value::none(),
            hash: 0,
            result: Slot::empty(),
            previous: Slot::empty(),
            next: Slot::empty(),
            linked: AtomicI64::new(0),
        });
        let fields = LruCache {
            header: Header::blank(),
            function: Slot::new(user_function),
            info_class: Slot::new(cache_info_type),
            cache,
            max,
            typed,
            ring: Guarded::new(Ring { oldest: None, newest: None }),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            mark: mark.value(),
            size: AtomicI64::new(0),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __call__(this: Gc<LruCache>, args: Args) -> R {
        let function = this.function.get().unwrap_or(Value::none());
        match this.max {
            0 => {
                count(&this.misses);
                call_args(function, args)
            }
            max if max < 0 => call_unbounded(this, function, args),
            _ => call_bounded(this, function, args),
        }
    }
    fn __get__(this: Gc<LruCache>, instance: Option<Value>, _owner: Option<Value>) -> R {
        match instance {
            Some(instance) if !instance.is_none() => Ok(objects::descr::new_bound_method(this.value(), instance).value()),
            _ => Ok(this.value()),
        }
    }
    /// Report cache statistics
    fn cache_info(this: Gc<LruCache>) -> R {
        let number = |counter: &AtomicU64| new_int(counter.load(Ordering::Relaxed) as i64);
        let max = if this.max < 0 { Value::none() } else { new_int(this.max) };
        let size = new_int(this.cache.len() as i64);
        call(this.info_class.get().unwrap_or(Value::none()), &[number(&this.hits), number(&this.misses), max, size])
    }
    /// Empty the cache and reset its statistics
    fn cache_clear(this: Gc<LruCache>) {
        this.ring.with(this, |ring| {
            while let Some(link) = ring.oldest {
                ring.unlink(link);
            }
            this.size.store(0, Ordering::Relaxed);
        });
        dict_clear(this.cache);
        this.hits.store(0, Ordering::Relaxed);
        this.misses.store(0, Ordering::Relaxed);
    }
    fn __reduce__(this: Gc<LruCache>) -> R {
        get_attr(this.value(), interned!("__qualname__"))
    }
    fn __copy__(this: Gc<LruCache>) -> Value {
        this.value()
    }
    fn __deepcopy__(this: Gc<LruCache>, _memo: Value) -> Value {
        this.value()
    }
}
