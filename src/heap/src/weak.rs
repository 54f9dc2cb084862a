//! Weak references: which weak slots refer to which objects, and clearing them when the objects die.
//! Must not know: Python's weakref type. A *holder* is the heap object in which a weak slot sits.
//!
//! Collection order: weak slots of dead targets are cleared first (a live holder with a callback is queued), then
//! finalizers resurrect, then entries of dead holders go. Nothing reaches a dying object through a weak slot.

use crate::block;
use crate::finalize::Queue;
use crate::header::{HAS_WEAKREFS, Header};
use crate::slot::WeakSlot;
use crate::trace::Tracer;
use crate::value::Value;
use base::memory::Grow;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard};

struct Entry {
    holder: *mut Header,
    slot: *const WeakSlot,
    has_callback: bool,
}

#[derive(Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(*byte as usize)
        }
    }
    fn write_usize(&mut self, address: usize) {
        self.0 = (self.0 ^ address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
    }
}

pub(crate) struct Shard(HashMap<usize, Vec<Entry>, BuildHasherDefault<AddressHasher>>);

// SAFETY: entries are addresses; they are followed only under the shard's lock by running threads, or in a stopped world.
unsafe impl Send for Shard {}

const SHARDS: usize = 16;
static TABLE: [Mutex<Shard>; SHARDS] = [const { Mutex::new(Shard(HashMap::with_hasher(BuildHasherDefault::new()))) }; SHARDS];
static PENDING_CALLBACKS: Mutex<Queue> = Mutex::new(Queue(VecDeque::new()));

fn lock_shard(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn shard_of(target: usize) -> MutexGuard<'static, Shard> {
    lock_shard(&TABLE[(target >> 6) % SHARDS])
}

fn pending() -> MutexGuard<'static, Queue> {
    PENDING_CALLBACKS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Makes `slot`, a field of `holder`, refer weakly to `target`. With a callback, `holder` is queued when `target`
/// dies before it.
///
/// # Safety
/// `slot` lies in `holder`, a heap object, and is empty.
pub unsafe fn register(target: Value, slot: *const WeakSlot, holder: *mut Header, has_callback: bool) {
    if !target.is_ptr() || !block::in_heap(target.raw() as usize) {
        return (*slot).set(target);
    }
    target.header().set_flag(HAS_WEAKREFS);
    let address = target.raw() as usize;
    let mut shard = shard_of(address);
    if shard.0.try_reserve(1).is_err() {
        drop(shard);
        base::memory::out_of_memory();
    }
    shard.0.entry(address).or_default().put(Entry { holder, slot, has_callback });
    (*slot).set(target);
}

/// Empties `slot` and forgets it.
pub fn unregister(slot: &WeakSlot) {
    let Some(target) = slot.get() else { return };
    let address = target.raw() as usize;
    let mut shard = shard_of(address);
    if let Some(entries) = shard.0.get_mut(&address) {
        entries.retain(|entry| !std::ptr::eq(entry.slot, slot));
        if entries.is_empty() {
            shard.0.remove(&address);
        }
    }
    slot.clear()
}

/// Calls `visit` with the holders of weak slots to `target`, oldest first, until it returns true; gives that holder.
/// `visit` must not allocate objects, block or call back here. The holder's type may differ (weakrefs, subclass lists).
pub fn find_holder(target: Value, visit: &mut dyn FnMut(Value) -> bool) -> Option<Value> {
    if !target.is_ptr() || !target.header().has_flag(HAS_WEAKREFS) {
        return None;
    }
    let address = target.raw() as usize;
    let shard = shard_of(address);
    let holders = shard.0.get(&address)?.iter();
    // SAFETY: entries of dead holders are removed in the collection that finds them dead.
    holders.map(|entry| unsafe { Value::from_ptr(entry.holder) }).find(|holder| visit(*holder))
}

/// Number of weak slots that refer to `target`.
pub fn count(target: Value) -> usize {
    let mut count = 0;
    find_holder(target, &mut |_| {
        count += 1;
        false
    });
    count
}

/// The next weak reference whose target died and whose callback is to be called.
pub fn take_pending_weak_callback() -> Option<Value> {
    // SAFETY: queued holders are kept alive by `trace_pending`.
    pending().0.pop_front().map(|holder| unsafe { Value::from_ptr(holder) })
}

pub fn has_pending_weak_callbacks() -> bool {
    !pending().0.is_empty()
}

pub(crate) fn trace_pending(tracer: &mut Tracer) {
    for holder in &pending().0 {
        tracer.pointer(*holder)
    }
}

/// After marking: clears the slots of unmarked targets and queues live holders with callbacks. World stopped.
pub(crate) fn clear_dead_targets() {
    let mut queue = pending();
    for shard in &TABLE {
        lock_shard(shard).0.retain(|target, entries| {
            if block::is_marked(*target) {
                return true;
            }
            // CPython calls the callbacks of the newest reference first.
            for entry in entries.iter().rev() {
                // SAFETY: nothing is swept yet, so the holder's memory is intact even if it is dead.
                unsafe { (*entry.slot).clear() };
                if entry.has_callback && block::is_marked(entry.holder as usize) {
                    queue.0.push_back(entry.holder);
                }
            }
            // SAFETY: as above; the target may come back by a finalizer and then starts anew.
            unsafe { (*(*target as *const Header)).clear_flag(HAS_WEAKREFS) };
            false
        });
    }
}

/// After resurrection: forgets entries whose holders are dead. World stopped.
pub(crate) fn forget_dead_holders() {
    for shard in &TABLE {
        lock_shard(shard).0.retain(|_, entries| {
            entries.retain(|entry| block::is_marked(entry.holder as usize));
            !entries.is_empty()
        });
    }
}

pub(crate) type ForkGuards = (Vec<MutexGuard<'static, Shard>>, MutexGuard<'static, Queue>);

pub(crate) fn lock_for_fork() -> ForkGuards {
    (TABLE.iter().map(lock_shard).collect(), pending())
}
