//! Threads and the stopping of them: attach, detach, safepoints, blocking regions, stop and resume.
//! Must not know: why the world is stopped.
//!
//! A thread is RUNNING, BLOCKED or HELD. Only its own thread moves it between RUNNING and BLOCKED, only a stopper
//! between BLOCKED and HELD. A stopper sets the stop bit of every other thread and waits until it holds them all; a
//! thread that leaves a blocking region while held, or while the stop bit is set, waits until the world resumes.

use crate::mutator::{self, BLOCKED, HELD, INTERRUPT_STOP, Mutator, RUNNING, ThreadHandle};
use crate::stack;
use crate::{parking, placement, region};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

pub(crate) struct World {
    first: *const Mutator,
    count: usize,
    stopping: bool,
    /// Droppables and finalizables of threads that ended.
    pub(crate) orphan_droppables: Vec<*mut crate::header::Header>,
    pub(crate) orphan_finalizables: Vec<*mut crate::header::Header>,
}

// SAFETY: mutators on the list live until they take themselves off, under this mutex.
unsafe impl Send for World {}

static WORLD: Mutex<World> = Mutex::new(World {
    first: ptr::null(),
    count: 0,
    stopping: false,
    orphan_droppables: Vec::new(),
    orphan_finalizables: Vec::new(),
});
/// Some thread blocked or went away while a stopper waits.
static CHANGED: Condvar = Condvar::new();
static RESUMED: Condvar = Condvar::new();
/// Counts what `CHANGED` tells of, for a stopper that has not begun to wait.
static CHANGES: AtomicU32 = AtomicU32::new(0);
/// The threads that run have a core each: then waiting for one another begins with looking, since a sleeper is late by a tenth of a
/// collection.
static CORES_SUFFICE: AtomicBool = AtomicBool::new(false);
/// How long a thread looks before it sleeps: longer than most collections of a small heap take.
const LOOK: Duration = Duration::from_micros(1000);
static MULTITHREADED: AtomicBool = AtomicBool::new(false);
static MAIN: AtomicPtr<Mutator> = AtomicPtr::new(ptr::null_mut());

pub(crate) fn lock() -> MutexGuard<'static, World> {
    WORLD.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Looks for a while, if what is looked for can happen on another core meanwhile. False: not yet.
fn look_for(happened: impl Fn() -> bool) -> bool {
    if !CORES_SUFFICE.load(Ordering::Relaxed) {
        return false;
    }
    look(LOOK, happened)
}

/// Looks for as long as `limit` whether something has happened. False: not yet.
pub(crate) fn look(limit: Duration, happened: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        for _ in 0..32 {
            if happened() {
                return true;
            }
            std::hint::spin_loop();
        }
    }
    false
}

fn wait<'a>(condvar: &Condvar, guard: MutexGuard<'a, World>) -> MutexGuard<'a, World> {
    condvar.wait(guard).unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl World {
    pub(crate) fn mutators(&self) -> impl Iterator<Item = &'static Mutator> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            // SAFETY: listed mutators are alive.
            let mutator = unsafe { next.as_ref() }?;
            next = mutator.next.get();
            Some(mutator)
        })
    }

    fn unlink(&mut self, mutator: &Mutator) {
        if ptr::eq(self.first, mutator) {
            self.first = mutator.next.get();
        } else if let Some(previous) = self.mutators().find(|other| ptr::eq(other.next.get(), mutator)) {
            previous.next.set(mutator.next.get());
        }
        self.count -= 1;
    }

    /// Moves what a thread registered to the lists without owner.
    fn adopt(&mut self, mutator: &Mutator) {
        // SAFETY: the mutator is the caller's own, or its thread does not exist (any more).
        unsafe {
            self.orphan_droppables.append(&mut *mutator.droppables.get());
            self.orphan_finalizables.append(&mut *mutator.finalizables.get());
            std::mem::ManuallyDrop::drop(&mut *mutator.droppables.get());
            std::mem::ManuallyDrop::drop(&mut *mutator.finalizables.get());
            *mutator.droppables.get() = Default::default();
            *mutator.finalizables.get() = Default::default();
        }
    }
}

/// Makes the calling thread known to the heap. Cheap and harmless when it already is. The first thread to attach is
/// the main one. Threads detach by themselves when they end.
pub fn attach() {
    let me = mutator::current();
    if me.attached.get() {
        return;
    }
    placement::has_begun();
    region::ensure_reserved();
    crate::config::load();
    me.prepare_for_attach();
    if !mutator::detach_at_exit() && !ptr::eq(me, MAIN.load(Ordering::SeqCst)) {
        // Nobody would take the thread off the list again, and its mutator is about to be unmapped.
        eprintln!("protopy: a thread touched the heap while it was being torn down");
        std::process::abort();
    }
    let _ = MAIN.compare_exchange(ptr::null_mut(), me as *const _ as *mut _, Ordering::SeqCst, Ordering::SeqCst);
    let mut world = lock();
    while world.stopping {
        world = wait(&RESUMED, world);
    }
    me.next.set(world.first);
    world.first = me;
    world.count += 1;
    let several = world.count > 1;
    drop(world);
    if several {
        set_multithreaded();
        placement::note(me);
    }
}

/// Attaches the calling thread if others are attached, so that they know that they are not alone.
#[inline(always)]
pub(crate) fn attach_stranger() {
    if !mutator::current().attached.get() {
        attach_unless_first()
    }
}

#[cold]
fn attach_unless_first() {
    let main = MAIN.load(Ordering::SeqCst);
    if !main.is_null() && !ptr::eq(main, mutator::current()) && mutator::detach_at_exit() {
        attach()
    }
}

/// Takes the calling thread off. It must not touch objects afterwards.
pub fn detach() {
    let me = mutator::current();
    if !me.attached.get() {
        return;
    }
    mutator::set_trip_word(ptr::null(), 0);
    me.roots.set(None);
    me.retire(false);
    crate::alloc::flush_claimed(me);
    let mut world = lock();
    world.adopt(me);
    world.unlink(me);
    me.attached.set(false);
    CHANGES.fetch_add(1, Ordering::SeqCst);
    CHANGED.notify_all();
    // Off the list this thread holds up nobody, so it may wait for a stop to end.
    while world.stopping {
        world = wait(&RESUMED, world);
    }
    if world.count == 1 {
        MULTITHREADED.store(false, Ordering::SeqCst);
    }
}

pub fn is_attached() -> bool {
    mutator::current().attached.get()
}

pub fn thread_count() -> usize {
    lock().count
}

/// Whether object locks must really lock. Changes to true only while the world is stopped; `sync` relies on that, too.
#[inline(always)]
pub fn is_multithreaded() -> bool {
    MULTITHREADED.load(Ordering::Acquire)
}

/// From here on locks are real. Attaching a second thread does it; call it earlier to pay before the thread starts.
///
/// The first thread may stand in an allocation, and some code allocates while it has the lock of an object, which it did not take because it
/// was alone. So it is stopped again until it stands elsewhere: at the safepoints of loops and calls nobody has such a lock.
pub fn set_multithreaded() {
    const PAUSE: Duration = Duration::from_micros(20);
    let me = mutator::current();
    while !is_multithreaded() {
        let stopped = stop();
        let allocates = |other: &Mutator| !ptr::eq(other, me) && other.allocates.load(Ordering::Relaxed);
        if !lock().mutators().any(allocates) {
            MULTITHREADED.store(true, Ordering::SeqCst);
            placement::note(me);
            return;
        }
        drop(stopped);
        blocking(|| std::thread::sleep(PAUSE));
    }
}

/// The safepoint of loops and calls: one relaxed load of the thread's own word. May wait for a collection.
#[inline(always)]
pub fn poll() {
    if mutator::interrupts() & INTERRUPT_STOP != 0 {
        poll_slow()
    }
}

#[cold]
#[inline(never)]
pub(crate) fn poll_slow() {
    mutator::briefly(|| blocking(|| ()))
}

/// Runs `work` without holding up collections. `work` must not touch objects: neither read, nor allocate, nor keep
/// one alive only by itself (what the caller holds stays alive).
pub fn blocking<T>(work: impl FnOnce() -> T) -> T {
    let me = mutator::current();
    if !me.attached.get() || me.state.load(Ordering::Relaxed) != RUNNING {
        return work();
    }
    /// Leaves the region on unwinding, too.
    struct Region(&'static Mutator);
    impl Drop for Region {
        fn drop(&mut self) {
            leave(self.0)
        }
    }
    // SAFETY: own fields of a running thread.
    stack::save_registers(unsafe { &mut *me.registers.get() });
    me.blocked_at.set(stack::current_address());
    enter(me);
    let _region = Region(me);
    work()
}

/// As `blocking`, for work that is no closure: foreign code that says where it begins and ends. False: the thread is in a blocking
/// region already, and `end_blocking` must not be called. Values in registers and locals of the frames above stay alive only if
/// something else (a root, the value stack) holds them too.
#[inline(never)]
pub fn begin_blocking() -> bool {
    let me = mutator::current();
    if !me.attached.get() || me.state.load(Ordering::Relaxed) != RUNNING {
        return false;
    }
    // SAFETY: own fields of a running thread.
    stack::save_registers(unsafe { &mut *me.registers.get() });
    me.blocked_at.set(stack::current_address());
    enter(me);
    true
}

/// Whether the calling thread is in a blocking region.
pub fn in_blocking() -> bool {
    let me = mutator::current();
    // Held is blocked, too: somebody works on the stopped world.
    me.attached.get() && me.state.load(Ordering::Relaxed) != RUNNING
}

/// Ends what `begin_blocking` began, on the same thread.
pub fn end_blocking() {
    leave(mutator::current())
}

/// Calls a closure with an address below the caller's frame and the saved registers in it, so that a scan from there
/// sees everything the caller keeps.
#[inline(never)]
fn enter(me: &Mutator) {
    me.state.store(BLOCKED, Ordering::SeqCst);
    notify_stopper(me)
}

fn notify_stopper(me: &Mutator) {
    if me.interrupts.load(Ordering::SeqCst) & INTERRUPT_STOP != 0 {
        CHANGES.fetch_add(1, Ordering::SeqCst);
        drop(lock());
        CHANGED.notify_all();
    }
}

fn leave(me: &Mutator) {
    let mut slept = false;
    loop {
        if me.state.compare_exchange(BLOCKED, RUNNING, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            if me.interrupts.load(Ordering::SeqCst) & INTERRUPT_STOP == 0 {
                if slept {
                    placement::spread(me, true);
                }
                return;
            }
            // The stopper may have missed us; stay stopped for it.
            me.state.store(BLOCKED, Ordering::SeqCst);
            notify_stopper(me);
        }
        let may_go = || me.state.load(Ordering::SeqCst) != HELD && me.interrupts.load(Ordering::SeqCst) & INTERRUPT_STOP == 0;
        if look_for(may_go) {
            continue;
        }
        let mut world = lock();
        while !may_go() {
            slept = true;
            world = wait(&RESUMED, world);
        }
    }
}

/// The world stands still while it lives; only the thread that holds it runs Python or touches the heap. It must not
/// allocate, block, or wait for a lock that another thread may hold across a safepoint.
pub struct Stopped {
    /// Threads that had to be interrupted.
    running: u32,
}

impl Stopped {
    /// Threads that would run now if the world did not stand still, the one that stopped it included.
    pub(crate) fn threads_kept(&self) -> u32 {
        self.running + 1
    }
}

/// Stops all other attached threads at safepoints. The calling thread must be attached; this is a safepoint for it.
pub fn stop() -> Stopped {
    attach();
    let me = mutator::current();
    loop {
        let mut world = lock();
        if !world.stopping {
            world.stopping = true;
            let running = hold_others(world, me, None);
            me.holds_world.set(true);
            return Stopped { running };
        }
        drop(world);
        // Somebody else stops the world: our stop bit is set, so this waits for the resume.
        mutator::briefly(|| blocking(|| ()));
    }
}

/// Stops the world as far as that is possible until the time is over: for reports of what threads do, which may hang. Who reaches no
/// safepoint goes on in foreign or native code, its frames at rest. The calling thread may be detached, or in a signal handler. None: another
/// thread has it stopped, or this one was interrupted while it held the lock.
fn stop_in_time(patience: Duration) -> Option<Stopped> {
    let me = mutator::current();
    let deadline = Instant::now() + patience;
    loop {
        if let Ok(mut world) = WORLD.try_lock()
            && !world.stopping
        {
            world.stopping = true;
            let running = hold_others(world, me, Some(deadline));
            me.holds_world.set(true);
            return Some(Stopped { running });
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

/// Runs `report` while the world is stopped, as far as that is possible within `patience`.
pub fn with_world_stopped_in_time<T>(patience: Duration, report: impl FnOnce() -> T) -> T {
    let _stopped = stop_in_time(patience);
    report()
}

/// Says how many of them were running. At the deadline it leaves those that it does not hold alone.
fn hold_others(mut world: MutexGuard<'static, World>, me: &Mutator, deadline: Option<Instant>) -> u32 {
    let mut running = 0;
    for other in world.mutators().filter(|other| !ptr::eq(*other, me)) {
        other.interrupt(INTERRUPT_STOP);
        running += u32::from(other.state.load(Ordering::Relaxed) == RUNNING);
    }
    CORES_SUFFICE.store(running != 0 && running < placement::cores(), Ordering::Relaxed);
    loop {
        let seen = CHANGES.load(Ordering::SeqCst);
        let all_held = world.mutators().filter(|other| !ptr::eq(*other, me)).all(|other| {
            other.state.load(Ordering::SeqCst) == HELD
                || other.state.compare_exchange(BLOCKED, HELD, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        });
        if all_held {
            return running;
        }
        // Who changes takes the lock afterwards, so it cannot happen unseen between the last look and the waiting.
        drop(world);
        look_for(|| CHANGES.load(Ordering::SeqCst) != seen);
        world = lock();
        if CHANGES.load(Ordering::SeqCst) == seen {
            world = match deadline {
                None => wait(&CHANGED, world),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return running;
                    }
                    CHANGED.wait_timeout(world, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0
                }
            }
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let me = mutator::current();
        me.holds_world.set(false);
        let mut world = lock();
        for other in world.mutators().filter(|other| !ptr::eq(*other, me)) {
            other.interrupts.fetch_and(!INTERRUPT_STOP, Ordering::SeqCst);
            let _ = other.state.compare_exchange(HELD, BLOCKED, Ordering::SeqCst, Ordering::SeqCst);
        }
        world.stopping = false;
        drop(world);
        RESUMED.notify_all();
    }
}

/// Runs `work` while the world is stopped (see [`Stopped`] for what it must not do).
pub fn with_world_stopped<T>(work: impl FnOnce() -> T) -> T {
    let _stopped = stop();
    work()
}

/// Sets interrupt bits of another thread and wakes it if it is parked interruptibly. False if it is gone.
pub fn interrupt_thread(thread: ThreadHandle, bits: u32) -> bool {
    let world = lock();
    let found = world.mutators().find(|mutator| ptr::eq(*mutator, thread.0));
    if let Some(mutator) = found {
        mutator.interrupt(bits & !INTERRUPT_STOP);
        parking::wake_for_interrupt(mutator);
    }
    found.is_some()
}

/// Whether a thread waits for something other than the heap, or is gone.
pub(crate) fn is_blocked(thread: ThreadHandle) -> bool {
    let world = lock();
    let found = world.mutators().find(|mutator| ptr::eq(*mutator, thread.0));
    found.is_none_or(|found| found.state.load(Ordering::SeqCst) != RUNNING && !found.waits_briefly.load(Ordering::SeqCst))
}

/// Sets interrupt bits of the main thread and wakes it if it is parked interruptibly. Safe in a signal handler.
pub fn interrupt_main(bits: u32) {
    // SAFETY: the main thread's mutator is memory of the process's first thread, which lasts as long as the process.
    if let Some(mutator) = unsafe { MAIN.load(Ordering::SeqCst).as_ref() } {
        mutator.interrupt(bits & !INTERRUPT_STOP);
        parking::wake_for_interrupt(mutator);
    }
}

pub fn main_thread() -> ThreadHandle {
    ThreadHandle(MAIN.load(Ordering::SeqCst))
}

/// Whether threads other than the calling one, which holds them all, have locks of objects, and mutexes of the heap.
pub(crate) fn locks_of_others() -> (bool, bool) {
    let me = mutator::current();
    let world = lock();
    let others = world.mutators().filter(|other| !ptr::eq(*other, me));
    others.fold((false, false), |found, other| (found.0 | (other.object_locks.get() != 0), found.1 | (other.mutexes.get() != 0)))
}

/// In the child of a fork: only the calling thread is left; it becomes the main one.
pub(crate) fn keep_only_current(world: &mut World) {
    let me = mutator::current();
    let others: Vec<_> = world.mutators().filter(|other| !ptr::eq(*other, me)).collect();
    for other in others {
        other.retire(true);
        other.interrupts.fetch_and(!INTERRUPT_STOP, Ordering::SeqCst);
        world.adopt(other);
        world.unlink(other);
    }
    MAIN.store(me as *const _ as *mut _, Ordering::SeqCst);
    MULTITHREADED.store(false, Ordering::SeqCst);
}
