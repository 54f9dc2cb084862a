//! Which core a thread runs on: one that was woken up on the core of another thread, while some core has none, moves there; if there is
//! none, it waits for its turn.
//! Must not know: why the thread waited.
//!
//! Systems that save cores wake a sleeper where its waker runs, and take milliseconds to notice that it could run elsewhere; until then two
//! threads are as fast as one. (So do virtual machines: an idle core of theirs looks as if the host had taken it away.) So who waits for
//! a new thread's beginning does not sleep at once, and others move when they wake. The set of cores that a thread may use is as it was
//! afterwards.

use crate::mutator::{self, Mutator, RUNNING};
use crate::world;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// How long a thread that has just started another looks before it sleeps: about as long as the other needs to begin.
const LOOK: Duration = Duration::from_micros(100);
/// What counts as "just", in milliseconds.
const JUST: u64 = 1;

/// What the process has seen of cores that others use: threads that were sent to one on which nobody of the process ran, and began late there.
struct Lateness {
    /// How many did so one after the other,
    count: AtomicU32,
    /// and when the last one did, in microseconds.
    last: AtomicU64,
}

impl Lateness {
    /// In microseconds: a beginning that takes longer waits for somebody's turn to end.
    const LATE: u64 = 1000;
    /// Once may be chance.
    const OFTEN: u32 = 2;
    /// How long others are believed to be busy, in microseconds.
    const BELIEVED: u64 = 200_000;

    const fn none() -> Lateness {
        Lateness { count: AtomicU32::new(0), last: AtomicU64::new(0) }
    }
    fn note(&self, delay: u64, now: u64) {
        if delay < Self::LATE {
            return self.count.store(0, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.last.store(now, Ordering::Relaxed);
    }
    fn are_others_busy(&self, now: u64) -> bool {
        self.count.load(Ordering::Relaxed) >= Self::OFTEN
            && now.saturating_sub(self.last.load(Ordering::Relaxed)) < Self::BELIEVED
    }
}

static LATENESS: Lateness = Lateness::none();
/// When a thread was sent to a core of its own last, in microseconds; 0 once one has begun since.
static SENT: AtomicU64 = AtomicU64::new(0);

/// Number of the core, as the system keeps it up to date for each thread; anything above `MOST` is no core.
pub(crate) type Core = AtomicU32;

/// Cores that a set has room for.
const MOST: usize = 1024;
/// A thread looks once in so many milliseconds,
const PAUSE: u64 = 1;
/// and what it saw is forgotten after so many.
const RECENT: u64 = 20;

/// A set of cores, as the system takes it.
#[derive(Clone, Copy)]
struct Cores([u64; MOST / 64]);

impl Cores {
    const NONE: Cores = Cores([0; MOST / 64]);

    fn add(&mut self, core: usize) {
        if let Some(word) = self.0.get_mut(core / 64) {
            *word |= 1 << (core % 64)
        }
    }
    fn holds(&self, core: usize) -> bool {
        self.0.get(core / 64).is_some_and(|word| word >> (core % 64) & 1 == 1)
    }
    fn without(&self, others: &Cores) -> Cores {
        let mut rest = *self;
        for (word, other) in rest.0.iter_mut().zip(others.0) {
            *word &= !other
        }
        rest
    }
    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

/// Call when the calling thread, which runs, was woken. If it is `urgent`, it moves at once; otherwise when it was in the same place
/// a little while ago: who runs for a moment only may as well stay.
pub(crate) fn spread(me: &Mutator, urgent: bool) {
    if !world::is_multithreaded() {
        return;
    }
    let now = milliseconds();
    if now.wrapping_sub(me.looked_around.get()) < PAUSE {
        return;
    }
    me.looked_around.set(now);
    note(me);
    let Some(own) = core_of(me) else { return };
    let mut taken = cores_of_others(me);
    if !taken.holds(own) {
        return;
    }
    let before = me.crowded.replace(now);
    if urgent || now.wrapping_sub(before) <= RECENT {
        taken.add(own);
        // SAFETY: asks and tells about the calling thread.
        move_away(&taken, unsafe { libc::pthread_self() });
    }
}

/// Call when the calling thread has started another, for whose beginning it will wait: the new thread begins where no thread runs; if
/// there is no such core, where the calling thread does. The system could leave it in the queue of a core that is busy for some
/// milliseconds. While other processes keep the cores busy it is the system's to choose.
///
/// # Safety
/// The thread has not been joined or detached.
pub unsafe fn place(thread: libc::pthread_t) {
    let time = microseconds();
    if LATENESS.are_others_busy(time) {
        return;
    }
    let me = mutator::current();
    note(me);
    let taken_by_others = cores_of_others(me);
    let mut taken = taken_by_others;
    if let Some(own) = core_of(me) {
        taken.add(own)
    }
    let now = milliseconds();
    me.has_started_thread.set(now);
    if move_away(&taken, thread) {
        SENT.store(time, Ordering::Relaxed);
    } else {
        move_away(&taken_by_others, thread);
        me.counted.set(now);
        me.cores_taken.set(now);
    }
}

/// Call when the calling thread, a new one, begins.
pub(crate) fn has_begun() {
    let sent = SENT.swap(0, Ordering::Relaxed);
    if sent != 0 {
        let now = microseconds();
        LATENESS.note(now.saturating_sub(sent), now);
    }
}

/// If the calling thread has just started another, looks for a while whether something `has_happened` before it sleeps: it surely waits for
/// the new thread's beginning. Waking it would take longer, and it could wake up on the core of the new thread.
pub(crate) fn watch(me: &Mutator, has_happened: impl Fn() -> bool) {
    if !world::is_multithreaded() || milliseconds().wrapping_sub(me.has_started_thread.get()) > JUST || are_cores_taken(me) {
        return;
    }
    if !world::look(LOOK, has_happened) {
        me.has_started_thread.set(0);
    }
}

/// Runs `wait`, in which the calling thread sleeps until another wakes it. As long as the other threads have all cores, waking it does not
/// interrupt one of them: it goes on when one waits or has had its turn. The system's way to say that is the policy for batches, which
/// is that of the thread for just this time.
pub(crate) fn patiently<T>(me: &Mutator, wait: impl FnOnce() -> T) -> T {
    let is_patient = are_cores_taken(me) && set_policy(POLICY_NORMAL, POLICY_BATCH);
    let result = wait();
    if is_patient {
        set_policy(POLICY_BATCH, POLICY_NORMAL);
    }
    result
}

/// Whether as many others run as there are cores, or did so a moment ago.
fn are_cores_taken(me: &Mutator) -> bool {
    if !world::is_multithreaded() {
        return false;
    }
    let now = milliseconds();
    if now.wrapping_sub(me.counted.get()) >= PAUSE {
        me.counted.set(now);
        let world = world::lock();
        let others = world.mutators().filter(|other| !std::ptr::eq(*other, me));
        let running = others.filter(|other| other.state.load(Ordering::Relaxed) == RUNNING).count();
        if running >= cores() as usize {
            me.cores_taken.set(now);
        }
    }
    now.wrapping_sub(me.cores_taken.get()) <= RECENT
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
const POLICY_NORMAL: i32 = libc::SCHED_OTHER;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const POLICY_BATCH: i32 = libc::SCHED_BATCH;

/// Gives the calling thread another scheduling policy, if it has the one that is expected. False: it keeps its own.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set_policy(expected: i32, policy: i32) -> bool {
    // SAFETY: asks and tells about the calling thread; a block of zeros is what both policies take.
    unsafe {
        let parameters: libc::sched_param = std::mem::zeroed();
        libc::sched_getscheduler(0) == expected && libc::sched_setscheduler(0, policy, &parameters) == 0
    }
}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
const POLICY_NORMAL: i32 = 0;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
const POLICY_BATCH: i32 = 0;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn set_policy(_: i32, _: i32) -> bool {
    false
}

/// How many cores the process may use, as it was at the first call. (Shares of cores that a container is granted do not count: to ask for them
/// takes files, and as long as a new thread takes to begin.)
pub(crate) fn cores() -> u32 {
    static CORES: AtomicU32 = AtomicU32::new(0);
    let known = CORES.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    let cores = count_cores();
    CORES.store(cores, Ordering::Relaxed);
    cores
}

#[cfg(target_os = "linux")]
fn count_cores() -> u32 {
    let mut allowed = Cores::NONE;
    // SAFETY: the set is as large as said.
    let result = unsafe { libc::sched_getaffinity(0, size_of::<Cores>(), (&raw mut allowed).cast()) };
    if result == 0 { allowed.count().max(1) } else { 1 }
}
#[cfg(not(target_os = "linux"))]
fn count_cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| count.get() as u32)
}

fn cores_of_others(me: &Mutator) -> Cores {
    let mut cores = Cores::NONE;
    for other in world::lock().mutators().filter(|other| !std::ptr::eq(*other, me)) {
        if other.state.load(Ordering::Relaxed) == RUNNING
            && let Some(core) = core_of(other)
        {
            cores.add(core);
        }
    }
    cores
}

/// Writes down where the calling thread's core stands.
pub(crate) fn note(me: &Mutator) {
    if me.core.load(Ordering::Relaxed).is_null() {
        me.core.store(own_core(), Ordering::Relaxed)
    }
}

fn core_of(mutator: &Mutator) -> Option<usize> {
    // SAFETY: null, or a word of the thread, which is on the world's list and so alive.
    let core = unsafe { mutator.core.load(Ordering::Relaxed).as_ref() }?.load(Ordering::Relaxed) as usize;
    (core < MOST).then_some(core)
}

fn milliseconds() -> u64 {
    microseconds() / 1000
}
fn microseconds() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: fills a struct of plain numbers.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}

/// The word that the C library had the calling thread register with the system (restartable sequences), if it does so.
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
fn own_core() -> *mut Core {
    use std::sync::OnceLock;
    /// Where it lies relative to the thread pointer.
    static OFFSET: OnceLock<Option<isize>> = OnceLock::new();
    const CORE: isize = 4;
    let offset = OFFSET.get_or_init(|| {
        // SAFETY: these names are constants of the C library, of pointer size and of 32 bits, set before `main`.
        unsafe {
            let offset = libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_offset".as_ptr()) as *const isize;
            let size = libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_size".as_ptr()) as *const u32;
            (!offset.is_null() && !size.is_null() && *size != 0).then(|| *offset)
        }
    });
    let Some(offset) = *offset else { return std::ptr::null_mut() };
    let thread: *mut u8;
    // SAFETY: the first word that the segment register leads to is its own address.
    unsafe { std::arch::asm!("mov {}, fs:0", out(reg) thread, options(nostack, readonly, preserves_flags)) };
    thread.wrapping_offset(offset + CORE).cast()
}
#[cfg(not(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")))]
fn own_core() -> *mut Core {
    std::ptr::null_mut()
}

/// Moves a thread to a core that is not taken and that it may use. False: there is none.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn move_away(taken: &Cores, thread: libc::pthread_t) -> bool {
    let mut allowed = Cores::NONE;
    let size = size_of::<Cores>();
    // SAFETY: the sets are as large as said; the thread exists.
    unsafe {
        if libc::pthread_getaffinity_np(thread, size, (&raw mut allowed).cast()) != 0 {
            return false;
        }
        let free = allowed.without(taken);
        if free.is_empty() || libc::pthread_setaffinity_np(thread, size, (&raw const free).cast()) != 0 {
            return false;
        }
        libc::pthread_setaffinity_np(thread, size, (&raw const allowed).cast());
    }
    true
}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn move_away(_: &Cores, _: libc::pthread_t) -> bool {
    false
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn sets_of_cores() {
        let mut taken = Cores::NONE;
        taken.add(3);
        taken.add(MOST);
        let mut allowed = taken;
        assert!(allowed.without(&taken).is_empty() && allowed.holds(3) && !allowed.holds(4) && !allowed.holds(MOST));
        allowed.add(100);
        let free = allowed.without(&taken);
        assert!(free.holds(100) && !free.holds(3));
    }

    #[test]
    fn lateness_counts_if_it_repeats_and_is_recent() {
        let lateness = Lateness::none();
        lateness.note(3000, 1_000_000);
        assert!(!lateness.are_others_busy(1_000_000));
        lateness.note(3000, 1_010_000);
        assert!(lateness.are_others_busy(1_200_000) && !lateness.are_others_busy(1_300_000));
        lateness.note(50, 1_300_000);
        lateness.note(3000, 1_400_000);
        assert!(!lateness.are_others_busy(1_400_000));
    }

    #[test]
    fn a_policy_is_taken_for_the_expected_one_only() {
        // SAFETY: asks about the calling thread.
        let policy = || unsafe { libc::sched_getscheduler(0) };
        if policy() != POLICY_NORMAL {
            return;
        }
        assert!(!set_policy(POLICY_BATCH, POLICY_NORMAL));
        assert!(set_policy(POLICY_NORMAL, POLICY_BATCH));
        assert_eq!(policy(), POLICY_BATCH);
        assert!(set_policy(POLICY_BATCH, POLICY_NORMAL));
        assert_eq!(policy(), POLICY_NORMAL);
    }

    #[test]
    fn a_moved_thread_may_go_anywhere_afterwards() {
        let allowed = || {
            let mut cores = Cores::NONE;
            // SAFETY: the set is as large as said.
            assert_eq!(unsafe { libc::sched_getaffinity(0, size_of::<Cores>(), (&raw mut cores).cast()) }, 0);
            cores.0
        };
        let before = allowed();
        let mut taken = Cores::NONE;
        // SAFETY: plain call.
        taken.add(unsafe { libc::sched_getcpu() } as usize);
        // SAFETY: plain call.
        move_away(&taken, unsafe { libc::pthread_self() });
        assert_eq!(allowed(), before);
    }
}
