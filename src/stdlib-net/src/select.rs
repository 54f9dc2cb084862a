//! The module `select`: waiting for descriptors by `select`, `poll` and `epoll`.

use native_macros::{Layout, native_class, native_module};
use objects::path::file_descriptor;
use objects::{
    Cast, Class, Gc, GcVec, Header, Module, R, Value, class_name, new_int, new_object, new_tuple, os_error, runtime_error,
    type_error, value_error,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// None waits without limit.
#[derive(Clone, Copy)]
pub struct Timeout(pub Option<Duration>);

impl Timeout {
    /// A number of seconds, or None.
    fn seconds(value: Option<Value>, what: &str) -> R<Timeout> {
        let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(Timeout(None)) };
        if objects::float_value(value).is_none()
            && !objects::is_int(value)
            && objects::class_of(value).slots.index.get().is_none()
        {
            return Err(type_error!("{what}"));
        }
        let seconds = objects::as_f64(value)?;
        if seconds.is_nan() {
            return Err(value_error!("Invalid value NaN (not a number)"));
        }
        if seconds < 0.0 {
            return Err(value_error!("timeout must be non-negative"));
        }
        match Duration::try_from_secs_f64(seconds) {
            Ok(duration) if duration.as_nanos() <= i64::MAX as u128 => Ok(Timeout(Some(duration))),
            _ => Err(objects::overflow_error!("timestamp out of range for C PyTime_t")),
        }
    }
    /// A number of milliseconds; None and negative numbers wait without limit.
    fn milliseconds(value: Option<Value>) -> R<Timeout> {
        let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(Timeout(None)) };
        if objects::float_value(value).is_none()
            && !objects::is_int(value)
            && objects::class_of(value).slots.index.get().is_none()
        {
            return Err(type_error!("timeout must be an integer or None"));
        }
        let milliseconds = objects::as_f64(value)?;
        if milliseconds < 0.0 {
            return Ok(Timeout(None));
        }
        if milliseconds > i32::MAX as f64 {
            return Err(objects::overflow_error!("timeout is too large"));
        }
        Ok(Timeout(Some(Duration::from_secs_f64(milliseconds.ceil() / 1000.0))))
    }
}

/// Waits by `call`, which gets the milliseconds that are left (-1: no limit), again after signals.
pub fn wait_with(timeout: Timeout, mut call: impl FnMut(i32) -> i32) -> R<i32> {
    let deadline = timeout.0.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let left = match deadline {
            None => -1,
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                // Rounded up, so that the wait does not end early.
                left.as_micros().div_ceil(1000).min(i32::MAX as u128) as i32
            }
        };
        let (count, errno) = heap::blocking(|| {
            let count = call(left);
            (count, std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
        });
        if count >= 0 {
            return Ok(count);
        }
        if errno != libc::EINTR {
            return Err(os_error(errno, None, None));
        }
        (objects::door::interpreter().poll)()?;
    }
}

/// Objects of one list of `select` with their descriptors.
fn descriptors(list: Value) -> R<GcVec<(Value, Value)>> {
    let items = match objects::iter(list) {
        Ok(_) => objects::to_vec(list)?,
        Err(raised) if raised.is(&objects::exc::TYPE_ERROR) => {
            raised.clear();
            return Err(type_error!("arguments 1-3 must be sequences"));
        }
        Err(raised) => return Err(raised),
    };
    let mut found = GcVec::new();
    let mut index = 0;
    // A list is read while `fileno` methods run, which may shorten it.
    while let Some(item) = match list.cast::<objects::List>() {
        Some(list) => list.get(index),
        None => items.get(index).copied(),
    } {
        index += 1;
        let fd = file_descriptor(item)?;
        if fd as usize >= libc::FD_SETSIZE {
            return Err(value_error!("filedescriptor out of range in select()"));
        }
        if found.len() >= libc::FD_SETSIZE {
            return Err(value_error!("too many file descriptors in select()"));
        }
        found.push((item, new_int(fd as i64)));
    }
    Ok(found)
}

pub struct Select;

/// Waiting for several file descriptors at once until they can be read or
/// written.
#[native_module(name = "select", classes = [Epoll])]
impl Select {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("error", objects::exc::OS_ERROR.get().value())?;
        for (name, number) in CONSTANTS {
            module.set(name, new_int(*number))?;
        }
        Ok(())
    }
    /// Wait until some of the file descriptors are ready.
    #[sig("(rlist, wlist, xlist, timeout=None, /)")]
    fn select(rlist: Value, wlist: Value, xlist: Value, timeout: Option<Value>) -> R {
        let timeout = Timeout::seconds(timeout, "timeout must be a float or None")?;
        let lists = [descriptors(rlist)?, descriptors(wlist)?, descriptors(xlist)?];
        let interests = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
        let mut entries: Vec<libc::pollfd> = Vec::new();
        for (list, interest) in lists.iter().zip(interests) {
            for (_, fd) in list {
                entries.push(libc::pollfd { fd: fd.as_int() as i32, events: interest, revents: 0 });
            }
        }
        // `poll` does the waiting; a closed descriptor is an error here, as it is for `select`.
        // SAFETY: the array and its length.
        wait_with(timeout, |left| unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, left) })?;
        if entries.iter().any(|entry| entry.revents & libc::POLLNVAL != 0) {
            return Err(os_error(libc::EBADF, None, None));
        }
        let ready =
            [libc::POLLIN | libc::POLLHUP | libc::POLLERR | libc::POLLRDHUP, libc::POLLOUT | libc::POLLERR, libc::POLLPRI];
        let mut results = GcVec::new();
        let mut at = 0;
        for (list, mask) in lists.iter().zip(ready) {
            let mut found = GcVec::new();
            for (item, _) in list {
                if entries[at].revents & mask != 0 {
                    found.push(*item);
                }
                at += 1;
            }
            results.push(objects::new_list(&found).value());
        }
        Ok(new_tuple(&results).value())
    }
    /// A polling object.
    ///
    /// File descriptors are registered with it, and it waits for input and output
    /// on them.
    fn poll() -> R {
        objects::class_new::native_class(PollSkin::CLASS_DEF)?;
        Ok(objects::new_native(Poll {
            header: Header::blank(),
            entries: heap::Mutex::new(Entries::default()),
            polling: AtomicI32::new(0),
        })
        .value())
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("PIPE_BUF", 4096),
    ("POLLIN", libc::POLLIN as i64),
    ("POLLPRI", libc::POLLPRI as i64),
    ("POLLOUT", libc::POLLOUT as i64),
    ("POLLERR", libc::POLLERR as i64),
    ("POLLHUP", libc::POLLHUP as i64),
    ("POLLNVAL", libc::POLLNVAL as i64),
    ("POLLRDNORM", libc::POLLRDNORM as i64),
    ("POLLRDBAND", libc::POLLRDBAND as i64),
    ("POLLWRNORM", libc::POLLWRNORM as i64),
    ("POLLWRBAND", libc::POLLWRBAND as i64),
    ("POLLMSG", 0x400),
    ("POLLRDHUP", libc::POLLRDHUP as i64),
    ("EPOLLIN", libc::EPOLLIN as i64),
    ("EPOLLOUT", libc::EPOLLOUT as i64),
    ("EPOLLPRI", libc::EPOLLPRI as i64),
    ("EPOLLERR", libc::EPOLLERR as i64),
    ("EPOLLHUP", libc::EPOLLHUP as i64),
    ("EPOLLRDHUP", libc::EPOLLRDHUP as i64),
    ("EPOLLET", libc::EPOLLET as u32 as i64),
    ("EPOLLONESHOT", libc::EPOLLONESHOT as i64),
    ("EPOLLEXCLUSIVE", libc::EPOLLEXCLUSIVE as i64),
    ("EPOLLRDNORM", libc::EPOLLRDNORM as i64),
    ("EPOLLRDBAND", libc::EPOLLRDBAND as i64),
    ("EPOLLWRNORM", libc::EPOLLWRNORM as i64),
    ("EPOLLWRBAND", libc::EPOLLWRBAND as i64),
    ("EPOLLMSG", libc::EPOLLMSG as i64),
    ("EPOLLWAKEUP", libc::EPOLLWAKEUP as u32 as i64),
    ("EPOLL_CLOEXEC", libc::EPOLL_CLOEXEC as i64),
];

/// Registered descriptors and events, numbered in the order in which they came.
#[derive(Default)]
struct Entries {
    numbers: BTreeMap<i32, u64>,
    entries: BTreeMap<u64, (i32, i16)>,
    next: u64,
}
objects::no_references!(Entries);

impl Entries {
    fn set(&mut self, fd: i32, events: i16) {
        let number = *self.numbers.entry(fd).or_insert(self.next);
        self.entries.insert(number, (fd, events));
        self.next = self.next.max(number + 1);
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Poll {
    pub header: Header,
    entries: heap::Mutex<Entries>,
    polling: AtomicI32,
}

/// An event mask, within 16 bits.
fn event_mask(value: Option<Value>, default: i16) -> R<i16> {
    let Some(value) = value else { return Ok(default) };
    match objects::index(value) {
        Ok(number @ 0..=0xffff) => Ok(number as u16 as i16),
        Ok(number) if number < 0 => Err(value_error!("value must be positive")),
        Ok(_) => Err(objects::overflow_error!("Python int too large for C unsigned short")),
        Err(raised) => Err(raised),
    }
}

pub struct PollSkin;

/// A set of descriptors to poll.
#[native_class(name = "select.poll", layout = Poll, base = object, flags = "final no_new")]
impl PollSkin {
    /// Register a file descriptor with the polling object.
    #[sig("($self, fd, eventmask=0, /)", hidden)]
    fn register(this: Gc<Poll>, fd: Value, eventmask: Option<Value>) -> R<()> {
        let fd = file_descriptor(fd)?;
        let events = event_mask(eventmask, libc::POLLIN | libc::POLLPRI | libc::POLLOUT)?;
        this.entries.lock().set(fd, events);
        Ok(())
    }
    /// Modify an already registered file descriptor.
    #[sig("($self, fd, eventmask, /)")]
    fn modify(this: Gc<Poll>, fd: Value, eventmask: Value) -> R<()> {
        let fd = file_descriptor(fd)?;
        let events = event_mask(Some(eventmask), 0)?;
        let mut entries = this.entries.lock();
        if !entries.numbers.contains_key(&fd) {
            drop(entries);
            return Err(os_error(libc::ENOENT, None, None));
        }
        entries.set(fd, events);
        Ok(())
    }
    /// Remove a file descriptor being tracked by the polling object.
    #[sig("($self, fd, /)")]
    fn unregister(this: Gc<Poll>, fd: Value) -> R<()> {
        let number = file_descriptor(fd)?;
        let mut entries = this.entries.lock();
        let found = match entries.numbers.remove(&number) {
            Some(place) => entries.entries.remove(&place).is_some(),
            None => false,
        };
        drop(entries);
        if found { Ok(()) } else { Err(objects::key_error(new_int(number as i64))) }
    }
    /// Wait for events or errors on the registered file descriptors.
    ///
    /// Returns a list of pairs (fd, event).
    #[sig("($self, timeout=None, /)")]
    fn poll(this: Gc<Poll>, timeout: Option<Value>) -> R {
        let timeout = Timeout::milliseconds(timeout)?;
        if this.polling.swap(1, Ordering::AcqRel) != 0 {
            return Err(runtime_error!("concurrent poll() invocation"));
        }
        let entry = |(fd, events): &(i32, i16)| libc::pollfd { fd: *fd, events: *events, revents: 0 };
        let mut set: Vec<libc::pollfd> = base::memory::collected(this.entries.lock().entries.values().map(entry));
        // SAFETY: the array and its length.
        let outcome = wait_with(timeout, |left| unsafe { libc::poll(set.as_mut_ptr(), set.len() as libc::nfds_t, left) });
        this.polling.store(0, Ordering::Release);
        outcome?;
        let mut ready = GcVec::new();
        for entry in set.iter().filter(|entry| entry.revents != 0) {
            ready.push(new_tuple(&[new_int(entry.fd as i64), new_int(entry.revents as u16 as i64)]).value());
        }
        Ok(objects::new_list(&ready).value())
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Epoll {
    pub header: Header,
    /// -1 once closed.
    fd: AtomicI32,
}

impl Epoll {
    fn open(&self) -> R<i32> {
        match self.fd.load(Ordering::Acquire) {
            -1 => Err(value_error!("I/O operation on closed epoll object")),
            fd => Ok(fd),
        }
    }
    fn control(&self, operation: i32, fd: Value, events: u32) -> R<()> {
        let epoll = self.open()?;
        let fd = file_descriptor(fd)?;
        let mut event = libc::epoll_event { events, u64: fd as u64 };
        // SAFETY: a struct that the call reads.
        let result = unsafe { libc::epoll_ctl(epoll, operation, fd, &mut event) };
        if result != 0 { Err(objects::last_os_error(None)) } else { Ok(()) }
    }
    fn close_fd(&self) {
        let fd = self.fd.swap(-1, Ordering::AcqRel);
        if fd >= 0 {
            // SAFETY: owned by this object, closed once.
            unsafe { libc::close(fd) };
        }
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        self.close_fd();
    }
}

/// select.epoll(sizehint=-1, flags=0)
///
/// A polling object of the Linux kernel.
#[native_class(name = "select.epoll", base = object, flags = "final")]
impl Epoll {
    #[new]
    #[sig("(sizehint=-1, flags=0)")]
    fn new(cls: Gc<Class>, sizehint: i32, flags: i32) -> R {
        if sizehint < -1 || sizehint == 0 {
            return Err(value_error!("negative sizehint"));
        }
        if flags != 0 && flags != libc::EPOLL_CLOEXEC {
            return Err(os_error(libc::EINVAL, None, None));
        }
        // SAFETY: plain call.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(objects::last_os_error(None));
        }
        Ok(new_object(cls, Epoll { header: Header::blank(), fd: AtomicI32::new(fd) }).value())
    }
    /// An epoll object for a file descriptor of one.
    #[classmethod]
    #[sig("($type, fd, /)")]
    fn fromfd(cls: Gc<Class>, fd: i32) -> R {
        Ok(new_object(cls, Epoll { header: Header::blank(), fd: AtomicI32::new(fd) }).value())
    }
    /// Close the descriptor of the epoll object.
    ///
    /// Any other use of the object raises ValueError then.
    fn close(this: Gc<Epoll>) {
        this.close_fd();
    }
    fn __enter__(this: Gc<Epoll>) -> R<Gc<Epoll>> {
        this.open()?;
        Ok(this)
    }
    #[sig("($self, exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(this: Gc<Epoll>, _kind: Option<Value>, _value: Option<Value>, _traceback: Option<Value>) {
        this.close_fd();
    }
    /// Whether the epoll object is closed
    #[getter]
    fn closed(this: Gc<Epoll>) -> bool {
        this.fd.load(Ordering::Acquire) < 0
    }
    /// The file descriptor of the epoll object.
    fn fileno(this: Gc<Epoll>) -> R<i32> {
        this.open()
    }
    /// Add a file descriptor; OSError if it was added before.
    #[sig("($self, fd, eventmask=None)", hidden)]
    fn register(this: Gc<Epoll>, fd: Value, eventmask: Option<u32>) -> R<()> {
        let default = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;
        this.control(libc::EPOLL_CTL_ADD, fd, eventmask.unwrap_or(default))
    }
    /// Change the events to wait for on a file descriptor.
    #[sig("($self, fd, eventmask)")]
    fn modify(this: Gc<Epoll>, fd: Value, eventmask: u32) -> R<()> {
        this.control(libc::EPOLL_CTL_MOD, fd, eventmask)
    }
    /// Take a file descriptor out.
    #[sig("($self, fd)")]
    fn unregister(this: Gc<Epoll>, fd: Value) -> R<()> {
        this.control(libc::EPOLL_CTL_DEL, fd, 0)
    }
    /// Wait for events.
    ///
    /// Returns a list of pairs (fd, events) of the file descriptors that have any.
    #[sig("($self, timeout=None, maxevents=-1)")]
    fn poll(this: Gc<Epoll>, timeout: Option<Value>, maxevents: i32) -> R {
        let fd = this.open()?;
        let timeout = match timeout.filter(|timeout| !timeout.is_none()) {
            None => Timeout(None),
            Some(timeout) => {
                if objects::float_value(timeout).is_none() && !objects::is_int(timeout) {
                    return Err(type_error!("timeout must be an integer or None, not {}", class_name(timeout)));
                }
                let seconds = objects::as_f64(timeout)?;
                if seconds < 0.0 {
                    Timeout(None)
                } else {
                    match Duration::try_from_secs_f64(seconds) {
                        Ok(duration) if seconds < i32::MAX as f64 => Timeout(Some(duration)),
                        _ => return Err(objects::overflow_error!("timeout is too large")),
                    }
                }
            }
        };
        let capacity = match maxevents {
            -1 => libc::FD_SETSIZE - 1,
            count if count < 1 => return Err(value_error!("maxevents must be greater than 0, got {count}")),
            count => (count as usize).min(1 << 16),
        };
        let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; capacity];
        // SAFETY: the array and its length.
        let count = wait_with(timeout, |left| unsafe { libc::epoll_wait(fd, events.as_mut_ptr(), capacity as i32, left) })?;
        let mut ready = GcVec::new();
        for event in &events[..count as usize] {
            let (fd, mask) = (event.u64, event.events);
            ready.push(new_tuple(&[new_int(fd as i64), new_int(mask as i64)]).value());
        }
        Ok(objects::new_list(&ready).value())
    }
}
