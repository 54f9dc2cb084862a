//! Many things at once: a pool of threads for work that waits for the network, and a table in which each value is made once while
//! others wait for it. Knows nothing of packages.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

type Job = Box<dyn FnOnce() + Send>;

/// Locks, also when somebody panicked while holding it: the tables here are valid after every step.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Threads that wait for the network. Started as needed, up to a limit; they end with the process.
pub struct Pool {
    sender: Sender<Job>,
    receiver: Arc<Mutex<Receiver<Job>>>,
    /// Threads that exist, and jobs that are waiting or running.
    threads: AtomicUsize,
    busy: Arc<AtomicUsize>,
    limit: usize,
}

impl Pool {
    pub fn new(limit: usize) -> Pool {
        let (sender, receiver) = channel();
        Pool {
            sender,
            receiver: Arc::new(Mutex::new(receiver)),
            threads: AtomicUsize::new(0),
            busy: Arc::new(AtomicUsize::new(0)),
            limit: limit.max(1),
        }
    }

    /// Runs `job` soon, on some thread. Jobs must not wait for other jobs.
    pub fn start(&self, job: impl FnOnce() + Send + 'static) {
        let waiting = self.busy.fetch_add(1, Ordering::SeqCst);
        let threads = self.threads.load(Ordering::SeqCst);
        if threads < self.limit && waiting >= threads && self.more(threads) {
            // A new thread takes it.
        }
        if self.threads.load(Ordering::SeqCst) == 0 {
            job();
            self.busy.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        // The receiver lives as long as the pool: sending cannot fail.
        let _ = self.sender.send(Box::new(job));
    }

    fn more(&self, threads: usize) -> bool {
        if self.threads.compare_exchange(threads, threads + 1, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            return false;
        }
        let receiver = self.receiver.clone();
        let busy = self.busy.clone();
        let started = std::thread::Builder::new().name("protopip-net".into()).spawn(move || {
            loop {
                let job = locked(&receiver).recv();
                match job {
                    Ok(job) => {
                        // A panic in one job must not take the thread, and with it the waiting, away.
                        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
                        busy.fetch_sub(1, Ordering::SeqCst);
                    }
                    Err(_) => return,
                }
            }
        });
        if started.is_err() {
            self.threads.fetch_sub(1, Ordering::SeqCst);
        }
        started.is_ok()
    }
}

enum Slot<V> {
    Pending,
    Done(V),
}

/// Values by key, each made once.
pub struct Once<K, V> {
    slots: Mutex<HashMap<K, Slot<V>>>,
    changed: Condvar,
}

impl<K: Hash + Eq + Clone, V: Clone> Once<K, V> {
    pub fn new() -> Once<K, V> {
        Once { slots: Mutex::new(HashMap::new()), changed: Condvar::new() }
    }

    /// True if the caller is the first to ask and so must make the value, then call `finish`.
    pub fn claim(&self, key: &K) -> bool {
        let mut slots = locked(&self.slots);
        if slots.contains_key(key) {
            return false;
        }
        slots.insert(key.clone(), Slot::Pending);
        true
    }

    pub fn finish(&self, key: &K, value: V) {
        locked(&self.slots).insert(key.clone(), Slot::Done(value));
        self.changed.notify_all();
    }

    /// The value, if it is there by now.
    pub fn peek(&self, key: &K) -> Option<V> {
        match locked(&self.slots).get(key) {
            Some(Slot::Done(value)) => Some(value.clone()),
            _ => None,
        }
    }

    /// The value: makes it here if nobody has begun, else waits.
    pub fn get(&self, key: &K, make: impl FnOnce() -> V) -> V {
        if self.claim(key) {
            // If making panics, the claim goes back, so that nobody waits for ever.
            let guard = Unclaim { once: self, key };
            let value = make();
            std::mem::forget(guard);
            self.finish(key, value.clone());
            return value;
        }
        let mut slots = locked(&self.slots);
        loop {
            match slots.get(key) {
                Some(Slot::Done(value)) => return value.clone(),
                Some(Slot::Pending) => {
                    slots = self.changed.wait(slots).unwrap_or_else(|poisoned| poisoned.into_inner());
                }
                None => {
                    drop(slots);
                    return self.get(key, make);
                }
            }
        }
    }
}

struct Unclaim<'a, K: Hash + Eq + Clone, V: Clone> {
    once: &'a Once<K, V>,
    key: &'a K,
}

impl<K: Hash + Eq + Clone, V: Clone> Drop for Unclaim<'_, K, V> {
    fn drop(&mut self) {
        locked(&self.once.slots).remove(self.key);
        self.once.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once() {
        let once = Arc::new(Once::<u32, u32>::new());
        let made = Arc::new(AtomicUsize::new(0));
        let pool = Pool::new(4);
        let (sender, receiver) = channel();
        for _ in 0..32 {
            let (once, made, sender) = (once.clone(), made.clone(), sender.clone());
            pool.start(move || {
                let value = once.get(&1, || {
                    made.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    7
                });
                sender.send(value).unwrap();
            });
        }
        for _ in 0..32 {
            assert_eq!(receiver.recv().unwrap(), 7);
        }
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }
}
