//! Several threads: collections while all allocate, blocking regions, locks, parking, forking.

mod common;

use common::*;
use heap::parking::{self, ParkResult};
use heap::sync::Acquire;
use heap::{Condvar, Event, Mutex, Once, RawLock, Slot};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[test]
fn threads_build_lists_while_collections_run() {
    heap::attach();
    heap::config::set_verify(true);
    heap::config::set_floor(1 << 20);
    static SHARED: Slot = Slot::empty();
    static FINISHED: AtomicUsize = AtomicUsize::new(0);
    heap::register_global_root(&SHARED);
    node_shape();
    let own = new_list(1000);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                heap::attach();
                for round in 0..30 {
                    let list = new_list(3000);
                    if round % 4 == thread {
                        SHARED.set(value(list));
                    }
                    if round % 10 == 9 {
                        heap::collect(heap::collect::Reason::Explicit);
                    }
                    if let Some(shared) = SHARED.get() {
                        check_list(node_of(shared), 3000);
                    }
                    check_list(list, 3000);
                }
                FINISHED.fetch_add(1, Ordering::SeqCst);
            });
        }
        heap::blocking(|| std::thread::sleep(Duration::from_millis(50)));
        // Not until the others are gone: on a busy machine some of them come late.
        while FINISHED.load(Ordering::SeqCst) < 4 {
            new_list(100);
            heap::poll();
        }
    });
    check_list(own, 1000);
    assert!(heap::collect::totals().collections >= 12);
    // The last thread leaves the list first and changes the flag when no stop is under way.
    let deadline = Instant::now() + Duration::from_secs(5);
    while heap::is_multithreaded() {
        assert!(Instant::now() < deadline, "locks stay real with one thread");
        heap::blocking(|| std::thread::sleep(Duration::from_millis(1)));
    }
}

#[test]
fn a_blocked_thread_holds_up_nobody_and_keeps_its_stack() {
    heap::attach();
    node_shape();
    static RELEASE: AtomicBool = AtomicBool::new(false);
    let blocked = std::thread::spawn(|| {
        heap::attach();
        let list = new_list(500);
        heap::blocking(|| {
            while !RELEASE.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        check_list(list, 500);
    });
    while heap::world::thread_count() < 2 {
        heap::poll();
    }
    for _ in 0..20 {
        new_list(20_000);
        collect();
    }
    RELEASE.store(true, Ordering::SeqCst);
    heap::blocking(|| blocked.join()).unwrap();
}

#[test]
fn byte_locks_exclude_each_other() {
    heap::attach();
    let shared = std::hint::black_box(new_node(0) as *const Node as usize);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(move || {
                heap::attach();
                let node = shared as *mut Node;
                for round in 0..20_000 {
                    let guard = heap::lock(unsafe { &(*node).header });
                    let seen = unsafe { std::ptr::read_volatile(&raw const (*node).number) };
                    if round % 500 == 0 {
                        std::thread::yield_now();
                    }
                    unsafe { std::ptr::write_volatile(&raw mut (*node).number, seen + 1) };
                    drop(guard);
                    heap::poll();
                }
            })
        })
        .collect();
    heap::blocking(|| {
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(unsafe { (*(shared as *const Node)).number }, 80_000);
}

#[test]
fn locks_time_out_and_are_interrupted() {
    heap::attach();
    static LOCK: RawLock = RawLock::new();
    assert!(!LOCK.release());
    assert!(LOCK.try_acquire() && !LOCK.try_acquire());
    let start = Instant::now();
    assert_eq!(LOCK.acquire(Some(Duration::from_millis(20)), true), Acquire::TimedOut);
    assert!(start.elapsed() >= Duration::from_millis(20));
    let main = heap::mutator::current_thread();
    let other = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        assert!(heap::world::interrupt_thread(main, heap::mutator::INTERRUPT_SIGNAL));
    });
    assert_eq!(LOCK.acquire(None, true), Acquire::Interrupted);
    assert_eq!(heap::take_interrupts(heap::mutator::INTERRUPT_SIGNAL), heap::mutator::INTERRUPT_SIGNAL);
    other.join().unwrap();
    assert!(LOCK.release());
    assert_eq!(LOCK.acquire(None, true), Acquire::Acquired);
    assert_eq!(parking::sleep_for(Duration::from_millis(5), true), ParkResult::TimedOut);
}

#[test]
fn mutex_condvar_event_and_once_work_between_threads() {
    heap::attach();
    static QUEUE: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    static FILLED: Condvar = Condvar::new();
    static FINISHED: Event = Event::new();
    static ONCE: Once = Once::new();
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let consumers: Vec<_> = (0..3)
        .map(|_| {
            std::thread::spawn(|| {
                heap::attach();
                ONCE.call_once(|| {
                    RUNS.fetch_add(1, Ordering::SeqCst);
                });
                let mut sum = 0;
                loop {
                    let mut queue = QUEUE.lock();
                    while queue.is_empty() {
                        queue = FILLED.wait(queue);
                    }
                    let item = queue.pop().unwrap();
                    drop(queue);
                    if item == 0 {
                        FINISHED.wait(None, false);
                        return sum;
                    }
                    sum += item;
                }
            })
        })
        .collect();
    for item in 1..=3000 {
        QUEUE.lock().push(item);
        FILLED.notify_one();
        if item % 1000 == 0 {
            collect();
        }
    }
    heap::blocking(|| {
        while !QUEUE.lock().is_empty() {
            std::thread::yield_now();
        }
    });
    QUEUE.lock().extend([0, 0, 0]);
    FILLED.notify_all();
    assert_eq!(FINISHED.wait(Some(Duration::from_millis(10)), false), Acquire::TimedOut);
    FINISHED.set();
    let total: usize = heap::blocking(|| consumers.into_iter().map(|thread| thread.join().unwrap()).sum());
    assert_eq!(total, 3000 * 3001 / 2);
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[test]
fn a_forked_child_collects_alone() {
    heap::attach();
    node_shape();
    static STOP: AtomicBool = AtomicBool::new(false);
    let busy = std::thread::spawn(|| {
        heap::attach();
        while !STOP.load(Ordering::SeqCst) {
            new_list(100);
        }
    });
    while heap::world::thread_count() < 2 {
        heap::poll();
    }
    let list = new_list(2000);
    for _ in 0..10 {
        let guard = heap::before_fork();
        match unsafe { libc::fork() } {
            0 => {
                heap::after_fork_child(guard);
                for _ in 0..5 {
                    new_list(100_000);
                    collect();
                }
                check_list(list, 2000);
                let fine = heap::world::thread_count() == 1 && !heap::is_multithreaded();
                unsafe { libc::_exit(if fine { 0 } else { 1 }) }
            }
            child => {
                heap::after_fork_parent(guard);
                let mut status = 0;
                heap::blocking(|| unsafe { libc::waitpid(child, &mut status, 0) });
                assert_eq!(status, 0);
            }
        }
    }
    STOP.store(true, Ordering::SeqCst);
    heap::blocking(|| busy.join()).unwrap();
    check_list(list, 2000);
}

#[test]
fn work_on_a_stopped_world_may_allocate() {
    heap::attach();
    node_shape();
    static DONE: AtomicBool = AtomicBool::new(false);
    let other = std::thread::spawn(|| {
        heap::attach();
        while !DONE.load(Ordering::SeqCst) {
            heap::poll();
        }
    });
    while heap::world::thread_count() < 2 {
        heap::poll();
    }
    heap::config::set_stress(1);
    let list = heap::with_world_stopped(|| new_list(50));
    heap::config::set_stress(0);
    check_list(list, 50);
    DONE.store(true, Ordering::SeqCst);
    heap::blocking(|| other.join()).unwrap();
}

/// What one thread took without exchanging, another that comes meanwhile finds taken, attached or not.
#[test]
fn a_lock_taken_alone_holds_off_threads_that_start_later() {
    heap::attach();
    static COUNT: Mutex<usize> = Mutex::new(0);
    static WAITING: AtomicUsize = AtomicUsize::new(0);
    const THREADS: usize = 4;
    const ROUNDS: usize = 20_000;
    for round in 0..20 {
        let start = *COUNT.lock();
        let mut guard = COUNT.lock();
        assert!(COUNT.try_lock().is_none());
        WAITING.store(0, Ordering::SeqCst);
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                std::thread::spawn(move || {
                    if (round + number) % 2 == 0 {
                        heap::attach();
                    }
                    WAITING.fetch_add(1, Ordering::SeqCst);
                    for _ in 0..ROUNDS {
                        let mut count = COUNT.lock();
                        let seen = std::hint::black_box(*count);
                        *count = seen + 1;
                    }
                })
            })
            .collect();
        while WAITING.load(Ordering::SeqCst) < THREADS {
            heap::poll();
        }
        assert_eq!(*guard, start);
        *guard += 1;
        drop(guard);
        heap::blocking(|| threads.into_iter().for_each(|thread| thread.join().unwrap()));
        assert_eq!(*COUNT.lock(), start + 1 + THREADS * ROUNDS);
    }
}

/// A thread that comes while another takes and gives back a lock all the time finds it in one of the two states.
#[test]
fn threads_begin_while_another_locks_alone() {
    heap::attach();
    static COUNT: Mutex<usize> = Mutex::new(0);
    static DONE: AtomicBool = AtomicBool::new(false);
    fn add() {
        let mut count = COUNT.lock();
        let seen = std::hint::black_box(*count);
        *count = seen + 1;
    }
    let mut expected = 0;
    for round in 0..300 {
        DONE.store(false, Ordering::SeqCst);
        let thread = std::thread::spawn(move || {
            if round % 2 == 0 {
                heap::attach();
            }
            (0..500).for_each(|_| add());
            DONE.store(true, Ordering::SeqCst);
        });
        while !DONE.load(Ordering::SeqCst) {
            add();
            expected += 1;
            heap::poll();
        }
        heap::blocking(|| thread.join().unwrap());
        expected += 500;
        assert_eq!(*COUNT.lock(), expected);
    }
}

/// Who allocates with the lock of an object, not taken because it was alone, is alone until it gives it back.
#[test]
fn threads_begin_outside_of_unneeded_locks() {
    heap::attach();
    static INSIDE: AtomicBool = AtomicBool::new(false);
    static DONE: AtomicBool = AtomicBool::new(false);
    static MET: AtomicUsize = AtomicUsize::new(0);
    let node = new_node(1);
    let address = std::ptr::from_ref(&node.header) as usize;
    for _ in 0..100 {
        DONE.store(false, Ordering::SeqCst);
        let thread = std::thread::spawn(move || {
            heap::attach();
            // SAFETY: the main thread's local keeps the node.
            let header = unsafe { &*(address as *const heap::Header) };
            for _ in 0..50 {
                let _held = heap::lock(header);
                MET.fetch_add(usize::from(INSIDE.load(Ordering::SeqCst)), Ordering::SeqCst);
            }
            DONE.store(true, Ordering::SeqCst);
        });
        while !DONE.load(Ordering::SeqCst) {
            let held = heap::lock(&node.header);
            INSIDE.store(true, Ordering::SeqCst);
            // Large objects are safepoints each.
            for _ in 0..5 {
                std::hint::black_box(heap::alloc(40_000, node_shape()));
            }
            INSIDE.store(false, Ordering::SeqCst);
            drop(held);
            heap::poll();
        }
        heap::blocking(|| thread.join().unwrap());
    }
    assert_eq!(MET.load(Ordering::SeqCst), 0);
    assert_eq!(node.number, 1);
}
