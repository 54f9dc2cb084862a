//! Functions of ours that C calls: entries, their owners, the way back into the interpreter. Must not know: types of `ctypes`; a function
//! gets the words of its arguments and gives that of its result.

use super::kinds::{self, Answered, Part};
use super::machine::{self, Incoming};
use native_macros::{Layout, native_class};
use objects::{Bytes, Gc, Header, R, Value, call, new_bytes, new_native, not_implemented_error, thread, value_error};
use objects::{Cast, Slot};
use std::sync::{Mutex, MutexGuard, Once};

/// Keeps an entry: when it is gone, another function may get the address.
#[derive(Layout)]
#[repr(C)]
pub struct Callback {
    header: Header,
    /// Called with the words of a call as bytes, gives bytes or None.
    function: Slot,
    /// What error texts name.
    shown: Slot,
    address: usize,
    /// `i`, `f`, `d`, `x`, or 0 for no result.
    result: u8,
    uses_errno: bool,
    // Numbers only.
    #[layout(skip)]
    parts: Vec<Part>,
}

/// Owners of entries by number, without keeping them alive, and entries that are free again, the oldest first.
struct Entries {
    owners: Vec<usize>,
    free: std::collections::VecDeque<usize>,
}
static ENTRIES: Mutex<Entries> = Mutex::new(Entries { owners: Vec::new(), free: std::collections::VecDeque::new() });

/// Nobody allocates objects or reaches a safepoint while holding this.
fn entries() -> MutexGuard<'static, Entries> {
    ENTRIES.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Entries of owners that died are free again.
fn sweep(alive: &heap::Liveness) {
    let mut entries = entries();
    let Entries { owners, free } = &mut *entries;
    for (number, owner) in owners.iter_mut().enumerate() {
        if *owner != 0 && !alive.is_alive(*owner as *mut Header) {
            *owner = 0;
            free.push_back(number);
        }
    }
}

pub fn make(function: Value, shown: Value, kinds: &[u8], result: u8, uses_errno: bool) -> R<Gc<Callback>> {
    static HOOK: Once = Once::new();
    let Some(parts) = kinds::parts(kinds) else { return Err(value_error!("not a description of arguments")) };
    HOOK.call_once(|| heap::register_sweep_hook(sweep));
    let number = {
        let mut entries = entries();
        // A freed entry rests for a while: C may still call it.
        match (entries.free.len() > 64).then(|| entries.free.pop_front()).flatten() {
            Some(number) => number,
            None => {
                entries.owners.push(0);
                entries.owners.len() - 1
            }
        }
    };
    let Some(address) = machine::entry(number, answer) else {
        entries().free.push_back(number);
        return Err(not_implemented_error!("ctypes: functions for C to call back on this machine"));
    };
    let made = new_native(Callback {
        header: Header::blank(),
        function: Slot::new(function),
        shown: Slot::new(shown),
        address,
        result,
        uses_errno,
        parts,
    });
    entries().owners[number] = made.value().as_ptr() as usize;
    Ok(made)
}

#[native_class(name = "_foreign.Callback", base = object, flags = "final no_new")]
impl Callback {
    /// What C calls.
    #[getter]
    fn address(this: Gc<Callback>) -> usize {
        this.address
    }
}

const NOTHING: Answered = Answered::Integer(0);

/// C has called an entry.
fn answer(number: usize, incoming: &Incoming) -> Answered {
    let work = || answer_inside(number, incoming);
    // A panic must not cross the frames of C.
    let guarded = || std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(NOTHING);
    if !thread::is_attached() {
        return on_foreign_thread(guarded);
    }
    inside(guarded)
}

/// Does something with objects in the middle of a call of C.
pub fn inside<T>(work: impl FnOnce() -> T) -> T {
    let was_outside = heap::world::in_blocking();
    if was_outside {
        heap::end_blocking();
    }
    let result = work();
    if was_outside {
        heap::begin_blocking();
    }
    result
}

/// A thread that is not Python's calls: it becomes one for the time of the call.
fn on_foreign_thread(work: impl FnOnce() -> Answered) -> Answered {
    if !crate::thread::attach_foreign() {
        return NOTHING;
    }
    let result = work();
    crate::thread::detach_foreign();
    result
}

fn answer_inside(number: usize, incoming: &Incoming) -> Answered {
    let owner = entries().owners.get(number).copied().filter(|owner| *owner != 0);
    let Some(owner) = owner else {
        objects::unraisable::tell(
            "protopy: C called a function of ctypes that is gone; keep its object as long as C may call it\n",
        );
        return NOTHING;
    };
    // SAFETY: the owner lived at the last collection, and there was none since: this thread has not reached a safepoint.
    let owner: Gc<Callback> = unsafe { Gc::from_ptr(owner as *mut Callback) };
    if owner.uses_errno {
        super::swap_errno();
    }
    let words = machine::incoming(&owner.parts, incoming);
    let result = run(owner, &words).unwrap_or_else(|raised| {
        let shown = owner.shown.get().unwrap_or(Value::none());
        let text = format!("Exception ignored while calling ctypes callback function {}", objects::repr_lossy(shown));
        objects::unraisable::report_unraisable(raised.take(), Some(&text), None);
        [0; 2]
    });
    if owner.uses_errno {
        super::swap_errno();
    }
    match owner.result {
        b'f' | b'd' => Answered::Float(result[0]),
        b'x' => Answered::Extended(result),
        _ => Answered::Integer(result[0]),
    }
}

fn run(owner: Gc<Callback>, words: &[u64]) -> R<[u64; 2]> {
    let _guard = thread::enter_recursion()?;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let Some(function) = owner.function.get() else { return Ok([0; 2]) };
    let result = call(function, &[new_bytes(&bytes)])?;
    let mut words = [0; 2];
    if let Some(bytes) = result.cast::<Bytes>() {
        for (word, bytes) in words.iter_mut().zip(bytes.as_slice().chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
    }
    Ok(words)
}
