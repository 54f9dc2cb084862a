//! Switches of the heap: modes for tests from the environment, sizes that steer the trigger.
//! Must not know: what the modes cost; when all are off, nothing on a fast path reads them.
//!
//! `PROTOPY_GC_STRESS=n` collects at every n-th allocation of the program itself, `PROTOPY_FAIL_ALLOC=n` makes the n-th allocation fail,
//! `PROTOPY_GC_VERIFY=1` checks the heap after each collection, `PROTOPY_HEAP_LIMIT_MB` and `PROTOPY_GC_FLOOR_MB`
//! set sizes. In the first two modes, and for who watches allocations, buffers hold one cell, so that every allocation is seen.

use std::cell::Cell;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

static LOADED: Once = Once::new();
/// Every allocation must take the slow path.
static SPECIAL: AtomicBool = AtomicBool::new(false);
static STRESS: AtomicU64 = AtomicU64::new(0);
static STRESS_COUNT: AtomicU64 = AtomicU64::new(0);
/// Allocations until one fails; 0 is never.
static FAIL_AFTER: AtomicU64 = AtomicU64::new(0);
static VERIFY: AtomicBool = AtomicBool::new(false);
static FLOOR: AtomicUsize = AtomicUsize::new(1 << 20);
static GROWTH_PERCENT: AtomicUsize = AtomicUsize::new(50);

pub(crate) fn load() {
    LOADED.call_once(|| {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.trim().parse::<u64>().ok());
        if let Some(interval) = number("PROTOPY_GC_STRESS") {
            set_stress(interval);
        }
        if let Some(count) = number("PROTOPY_FAIL_ALLOC") {
            fail_allocation_after(count);
        }
        if let Some(flag) = number("PROTOPY_GC_VERIFY") {
            set_verify(flag != 0);
        }
        if let Some(megabytes) = number("PROTOPY_HEAP_LIMIT_MB") {
            crate::space::set_limit((megabytes as usize).saturating_mul(1 << 20));
        }
        if let Some(megabytes) = number("PROTOPY_GC_FLOOR_MB") {
            set_floor((megabytes as usize).saturating_mul(1 << 20));
        }
    })
}

pub(crate) fn update_special() {
    let on = STRESS.load(Ordering::Relaxed) != 0 || FAIL_AFTER.load(Ordering::Relaxed) != 0 || crate::watch::is_watched();
    SPECIAL.store(on, Ordering::Release);
    if on {
        crate::mutator::current().retire(false);
    }
}

/// Collect at every `interval`-th allocation; 0 turns it off.
pub fn set_stress(interval: u64) {
    STRESS.store(interval, Ordering::Relaxed);
    update_special()
}

/// Makes the `count`-th allocation from now fail once; 0 turns it off.
pub fn fail_allocation_after(count: u64) {
    FAIL_AFTER.store(count, Ordering::Relaxed);
    update_special()
}

pub fn set_verify(on: bool) {
    VERIFY.store(on, Ordering::Relaxed)
}
pub(crate) fn verify() -> bool {
    VERIFY.load(Ordering::Relaxed)
}

/// Least number of bytes allocated between two collections.
pub fn set_floor(bytes: usize) {
    FLOOR.store(bytes.max(1 << 16), Ordering::Relaxed);
    crate::collect::update_budget()
}
/// Bytes that may be allocated before the next collection, in percent of what was alive after the last.
pub fn set_growth_percent(percent: usize) {
    GROWTH_PERCENT.store(percent.max(1), Ordering::Relaxed);
    crate::collect::update_budget()
}

/// Bytes to allocate before the next collection, with `live` bytes alive: half as much again, and three quarters of the floor. Haste
/// doubles it, but hardly beyond the floor so doubled.
pub(crate) fn budget(live: usize, haste: u32) -> usize {
    let floor = FLOOR.load(Ordering::Relaxed);
    let grown = live / 100 * GROWTH_PERCENT.load(Ordering::Relaxed) + floor / 4 * 3;
    let usual = floor.max(grown);
    usual.max((usual << haste).min((floor << haste) + live / 3))
}

#[inline]
pub(crate) fn special() -> bool {
    SPECIAL.load(Ordering::Relaxed)
}

thread_local! {
    static QUEUED: Cell<bool> = const { Cell::new(false) };
}

/// Runs work that collections queue (finalizers, callbacks). Its allocations do not count in stress mode: each would queue more of it, and
/// the program would never come to its turn.
pub fn queued_work<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            QUEUED.set(self.0)
        }
    }
    let _restore = Restore(QUEUED.replace(true));
    work()
}

/// The next allocation happens: false if it must fail, and collects in stress mode.
#[cold]
pub(crate) fn special_allocation() -> bool {
    let step = |left: u64| left.checked_sub(1);
    if FAIL_AFTER.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) == Ok(1) {
        update_special();
        return false;
    }
    let interval = STRESS.load(Ordering::Relaxed);
    if interval != 0 && !QUEUED.get() && STRESS_COUNT.fetch_add(1, Ordering::Relaxed).is_multiple_of(interval) {
        crate::collect::collect(crate::collect::Reason::Stress);
    }
    true
}

/// Most bytes of blocks that may be in use.
pub fn set_limit(bytes: usize) {
    crate::space::set_limit(bytes)
}
