//! Module `_random`: the generator behind `random.Random`. Must not know: its algorithm (`base::mersenne`).

use crate::support::Guarded;
use base::mersenne::Mersenne;
use native_macros::{Layout, native_class, native_module};
use objects::int::{IntView, new_int_ubig};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout, R, Tuple, Value, class_of, int_view, memory_error, new_int_u64, new_object,
    new_tuple, type_error, value_error,
};

pub struct RandomModule;

/// The Mersenne Twister.
#[native_module(name = "_random", classes = [Random])]
impl RandomModule {}

struct State(Mersenne);
objects::no_references!(State);

#[derive(Layout)]
#[repr(C)]
pub struct Random {
    pub header: Header,
    state: Guarded<State>,
}

/// A generator seeded from the system.
fn from_system() -> Mersenne {
    let mut bytes = [0u8; 624 * 4];
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = &mut bytes[filled..];
        // SAFETY: the buffer and its length belong together.
        let count = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        if count > 0 {
            filled += count as usize;
        } else if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            // Without a source of randomness time and address must do.
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64);
            return Mersenne::from_limbs(&[now, &raw const bytes as u64, std::process::id() as u64]);
        }
    }
    let words: Vec<u32> =
        bytes.chunks_exact(4).map(|chunk| u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]])).collect();
    Mersenne::from_words(&words)
}

fn seeded(seed: Option<Value>) -> R<Mersenne> {
    let Some(seed) = seed.filter(|seed| !seed.is_none()) else { return Ok(from_system()) };
    let number = match int_view(seed) {
        Some(view) if seed.is_int() || class_of(seed) == objects::int::IntObject::class() => view,
        Some(view) => match class_of(seed).slots.abs.get() {
            Some(abs) => int_view(abs(seed)?).unwrap_or(view),
            None => view,
        },
        None => return Ok(Mersenne::from_limbs(&[objects::hash(seed)? as u64])),
    };
    Ok(match number {
        IntView::Small(number) => Mersenne::from_limbs(&[number.unsigned_abs()]),
        IntView::Big { limbs, .. } => Mersenne::from_limbs(limbs),
    })
}

/// Random() -> a random number generator with a state of its own.
#[native_class(name = "_random.Random", base = object)]
impl Random {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let state = Guarded::new(State(Mersenne::BLANK));
        Ok(new_object(cls, Random { header: Header::blank(), state }).value())
    }
    fn __init__(this: Gc<Random>, args: Args) -> R<()> {
        args.no_keywords("Random")?;
        args.check_count("Random", 0, 1)?;
        let fresh = seeded(args.get(0))?;
        this.state.with(this, |state| state.0 = fresh);
        Ok(())
    }
    /// A random float in the interval [0, 1).
    fn random(this: Gc<Random>) -> f64 {
        this.state.with(this, |state| state.0.random())
    }
    /// Start anew from the int n, from the hash of another object, or from the system's randomness.
    #[sig("(n=None, /)")]
    fn seed(this: Gc<Random>, n: Option<Value>) -> R<()> {
        let fresh = seeded(n)?;
        this.state.with(this, |state| state.0 = fresh);
        Ok(())
    }
    /// The internal state as a tuple.
    fn getstate(this: Gc<Random>) -> Value {
        let (words, index) = this.state.with(this, |state| {
            let (words, index) = state.0.state();
            (words.to_vec(), index)
        });
        let mut items: GcVec = words.iter().map(|word| new_int_u64(*word as u64)).collect();
        items.push(new_int_u64(index as u64));
        new_tuple(&items).value()
    }
    /// Go back to a state that getstate() has given.
    fn setstate(this: Gc<Random>, state: Value) -> R<()> {
        let Some(state) = state.cast::<Tuple>() else { return Err(type_error!("state vector must be a tuple")) };
        if state.len() != 625 {
            return Err(value_error!("state vector is the wrong size"));
        }
        let mut words = Vec::with_capacity(624);
        for item in &state.items()[..624] {
            let Some(view) = int_view(*item) else {
                return Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(*item)));
            };
            if view.is_negative() {
                return Err(objects::overflow_error!("can't convert negative value to unsigned int"));
            }
            words.push(view.to_u64().unwrap_or(u64::MAX) as u32);
        }
        let index = objects::index(state.items()[624])?;
        let fresh = usize::try_from(index).ok().and_then(|index| Mersenne::from_state(&words, index));
        let Some(fresh) = fresh else { return Err(value_error!("invalid state")) };
        this.state.with(this, |state| state.0 = fresh);
        Ok(())
    }
    /// An int with k random bits.
    fn getrandbits(this: Gc<Random>, k: u64) -> R {
        if k <= 64 {
            return Ok(new_int_u64(this.state.with(this, |state| state.0.bits_u64(k as u32))));
        }
        if k > 1 << 38 {
            return Err(memory_error());
        }
        let bits = this.state.with(this, |state| state.0.bits(k as usize));
        Ok(new_int_ubig(&bits.ok_or_else(memory_error)?))
    }
}
