//! A lock for an extension module that expects one thread at a time in its functions, as under a global interpreter lock. Off unless
//! `HPY_MODULE_LOCK` or `hpy.universal.set_module_lock` asks for it.
//!
//! A thread holds one module lock at most: it gives it up where the extension leaves Python or calls it, wherever Python code runs on its
//! behalf (an operator, an attribute, a finalizer: `Exec::held`), and while it is in the functions of another such module. So neither two
//! modules nor a module and a program can wait for each other.
//!
//! Must not know: modules.

use objects::frame::HeldOutside;
use std::cell::Cell;
use std::sync::Mutex;

pub struct ModuleLock {
    lock: heap::RawLock,
}

#[derive(Clone, Copy)]
struct Held {
    lock: Option<&'static ModuleLock>,
    depth: u32,
}

const NOTHING: Held = Held { lock: None, depth: 0 };

thread_local! {
    static HELD: Cell<Held> = const { Cell::new(NOTHING) };
}

/// What the loop does with the lock when it is entered from within a module.
static AROUND_PYTHON: HeldOutside = HeldOutside {
    give_up: || {
        let Before(held) = give_up();
        [held.lock.map_or(0, |lock| std::ptr::from_ref(lock) as usize), held.depth as usize]
    },
    take_back: |[lock, depth]| {
        // SAFETY: locks of modules are never freed; 0 is none.
        let lock = unsafe { (lock as *const ModuleLock).as_ref() };
        take_back(Before(Held { lock, depth: depth as u32 }))
    },
};

fn set_held(held: Held) {
    HELD.with(|cell| cell.set(held));
    if let Some(thread) = objects::thread::try_current() {
        thread.exec.held.set(held.lock.map(|_| &AROUND_PYTHON));
    }
}

/// What the thread held before it entered a module.
pub struct Before(Held);

impl ModuleLock {
    pub fn new() -> &'static ModuleLock {
        Box::leak(Box::new(ModuleLock { lock: heap::RawLock::new() }))
    }
    /// Waits until no other thread is in the module.
    pub fn enter(&'static self) -> Before {
        let before = HELD.with(Cell::get);
        if before.lock.is_some_and(|held| std::ptr::eq(held, self)) {
            set_held(Held { depth: before.depth + 1, ..before });
            return Before(before);
        }
        release(before);
        set_held(NOTHING);
        self.lock.acquire(None, false);
        set_held(Held { lock: Some(self), depth: 1 });
        Before(before)
    }
}

impl Before {
    /// Leaves the module.
    pub fn restore(self) {
        let now = HELD.with(Cell::get);
        if self.0.lock.map(|lock| lock as *const ModuleLock) != now.lock.map(|lock| lock as *const ModuleLock) {
            release(now);
            set_held(NOTHING);
            acquire(self.0);
        }
        set_held(self.0);
    }
}

fn release(held: Held) {
    if let Some(held) = held.lock {
        held.lock.release();
    }
}
fn acquire(held: Held) {
    if let Some(held) = held.lock {
        held.lock.acquire(None, false);
    }
}

#[inline]
pub fn holds_any() -> bool {
    HELD.with(Cell::get).lock.is_some()
}

/// Gives the lock up; `take_back` ends that, on the same thread.
pub fn give_up() -> Before {
    let held = HELD.with(Cell::get);
    set_held(NOTHING);
    release(held);
    Before(held)
}
pub fn take_back(before: Before) {
    acquire(before.0);
    set_held(before.0);
}

/// Runs `work`, which calls Python, without the lock.
#[inline]
pub fn without<T>(work: impl FnOnce() -> T) -> T {
    struct TakeBack(Option<Before>);
    impl Drop for TakeBack {
        fn drop(&mut self) {
            if let Some(before) = self.0.take() {
                take_back(before)
            }
        }
    }
    if HELD.with(Cell::get).lock.is_none() {
        return work();
    }
    let _take_back = TakeBack(Some(give_up()));
    work()
}

/// What programs said about the modules that they load from then on; before that the environment counts.
static SETTING: Mutex<Option<String>> = Mutex::new(None);

/// Modules that get a lock, as `HPY_MODULE_LOCK` says it.
pub fn set_wanted(setting: &str) {
    *SETTING.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(setting.to_owned());
}
/// Whether a module that is being loaded gets a lock.
pub fn is_wanted(module: &str) -> bool {
    let said = SETTING.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    said.or_else(|| std::env::var("HPY_MODULE_LOCK").ok()).is_some_and(|setting| names_module(&setting, module))
}
/// Whether a setting names the module, or all (`1`).
fn names_module(setting: &str, module: &str) -> bool {
    setting == "1" || setting.split(',').any(|name| !module.is_empty() && name.trim() == module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_thread_at_a_time_and_again_from_within() {
        static INSIDE: AtomicUsize = AtomicUsize::new(0);
        let (first, second) = (ModuleLock::new(), ModuleLock::new());
        let work = move || {
            for _ in 0..200 {
                let outer = first.enter();
                assert_eq!(INSIDE.fetch_add(1, Ordering::SeqCst), 0);
                let again = first.enter();
                again.restore();
                INSIDE.fetch_sub(1, Ordering::SeqCst);
                let other = second.enter();
                other.restore();
                without(|| ());
                outer.restore();
            }
        };
        let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(work)).collect();
        heap::attach();
        heap::blocking(|| threads.into_iter().for_each(|thread| thread.join().expect("no assertion failed")));
    }

    #[test]
    fn the_setting_names_modules() {
        assert!(names_module("1", "any") && names_module("a, b", "b") && !names_module("ab", "b") && !names_module("", ""));
    }
}
