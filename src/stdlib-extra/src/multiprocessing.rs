//! Modules `_multiprocessing` (semaphores that processes share) and `_posixshmem` (memory that they share). Must not know: processes.

use native_macros::{Layout, native_class, native_module};
use objects::dict::{dict_set, new_dict};
use objects::{Cast, Class, Gc, Header, Module, R, Value, assertion_error, new_int, new_object, new_str, os_error, value_error};
use std::ffi::CString;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

const RECURSIVE_MUTEX: i32 = 0;
const SEMAPHORE: i32 = 1;

struct Name(Option<String>);
objects::no_references!(Name);

#[derive(Layout)]
#[repr(C)]
pub struct SemLock {
    pub header: Header,
    /// Address of the semaphore.
    handle: AtomicU64,
    kind: i32,
    maxvalue: i32,
    /// The thread that acquired it last.
    owner: AtomicU64,
    count: AtomicI64,
    name: Name,
}

impl Drop for SemLock {
    fn drop(&mut self) {
        let handle = self.handle.swap(0, Ordering::AcqRel);
        if handle != 0 {
            // SAFETY: opened by this object, closed once.
            unsafe { libc::sem_close(handle as *mut libc::sem_t) };
        }
    }
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
fn this_thread() -> u64 {
    // SAFETY: plain call.
    unsafe { libc::pthread_self() as u64 }
}
fn c_name(name: &str) -> R<CString> {
    CString::new(name).map_err(|_| value_error!("embedded null character"))
}

impl SemLock {
    fn semaphore(&self) -> *mut libc::sem_t {
        self.handle.load(Ordering::Acquire) as *mut libc::sem_t
    }
    fn is_owner(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0 && self.owner.load(Ordering::Acquire) == this_thread()
    }
    fn level(&self) -> R<i32> {
        let mut value = 0;
        // SAFETY: an open semaphore and room for its value.
        if unsafe { libc::sem_getvalue(self.semaphore(), &mut value) } < 0 {
            Err(objects::last_os_error(None))
        } else {
            Ok(value)
        }
    }
    fn make(cls: Gc<Class>, handle: u64, kind: i32, maxvalue: i32, name: Option<String>) -> Value {
        let fields = SemLock {
            header: Header::blank(),
            handle: AtomicU64::new(handle),
            kind,
            maxvalue,
            owner: AtomicU64::new(0),
            count: AtomicI64::new(0),
            name: Name(name),
        };
        new_object(cls, fields).value()
    }
}

/// Semaphore/Mutex type
#[native_class(name = "_multiprocessing.SemLock", base = object)]
impl SemLock {
    #[attr("SEM_VALUE_MAX")]
    const SEM_VALUE_MAX: i64 = i32::MAX as i64;

    #[new]
    #[sig("(kind, value, maxvalue, name, unlink)")]
    fn new(cls: Gc<Class>, kind: i32, value: i32, maxvalue: i32, name: &str, unlink: bool) -> R {
        if kind != RECURSIVE_MUTEX && kind != SEMAPHORE {
            return Err(value_error!("unrecognized kind"));
        }
        let c_name = c_name(name)?;
        // SAFETY: a NUL-terminated name; the mode and the first value follow O_CREAT.
        let handle = unsafe { libc::sem_open(c_name.as_ptr(), libc::O_CREAT | libc::O_EXCL, 0o600, value as u32) };
        if handle == libc::SEM_FAILED {
            return Err(objects::last_os_error(None));
        }
        // SAFETY: as above.
        if unlink && unsafe { libc::sem_unlink(c_name.as_ptr()) } < 0 {
            let code = errno();
            // SAFETY: opened above.
            unsafe { libc::sem_close(handle) };
            return Err(os_error(code, None, None));
        }
        Ok(SemLock::make(cls, handle as u64, kind, maxvalue, (!unlink).then(|| name.to_owned())))
    }
    #[classmethod]
    #[sig("($type, handle, kind, maxvalue, name, /)")]
    fn _rebuild(cls: Gc<Class>, handle: i64, kind: i32, maxvalue: i32, name: Option<&str>) -> R {
        let handle = match name {
            None => handle as u64,
            Some(name) => {
                let c_name = c_name(name)?;
                // SAFETY: a NUL-terminated name.
                let handle = unsafe { libc::sem_open(c_name.as_ptr(), 0) };
                if handle == libc::SEM_FAILED {
                    return Err(objects::last_os_error(None));
                }
                handle as u64
            }
        };
        Ok(SemLock::make(cls, handle, kind, maxvalue, name.map(str::to_owned)))
    }
    /// Acquire the semaphore/lock.
    #[sig("($self, block=True, timeout=None)")]
    fn acquire(this: Gc<SemLock>, block: bool, timeout: Option<Value>) -> R<bool> {
        if this.kind == RECURSIVE_MUTEX && this.is_owner() {
            this.count.fetch_add(1, Ordering::AcqRel);
            return Ok(true);
        }
        let timeout = match timeout.filter(|timeout| !timeout.is_none()) {
            Some(timeout) => Some(objects::as_f64(timeout)?.max(0.0)),
            None => None,
        };
        let semaphore = this.semaphore() as usize;
        let mut deadline = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        if let Some(timeout) = timeout {
            // SAFETY: a struct to fill.
            unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut deadline) };
            let whole = timeout.trunc().min(1e15);
            let nanoseconds = deadline.tv_nsec + ((timeout - timeout.trunc()) * 1e9) as i64;
            deadline.tv_sec += whole as i64 + nanoseconds / 1_000_000_000;
            deadline.tv_nsec = nanoseconds % 1_000_000_000;
        }
        loop {
            // SAFETY: an open semaphore; the object, which the caller holds, closes it.
            let (mut result, mut code) = unsafe { (libc::sem_trywait(semaphore as *mut libc::sem_t), errno()) };
            if result < 0 && code == libc::EAGAIN && block {
                (result, code) = heap::blocking(|| {
                    let semaphore = semaphore as *mut libc::sem_t;
                    // SAFETY: as above.
                    let result = unsafe {
                        match timeout {
                            None => libc::sem_wait(semaphore),
                            Some(_) => libc::sem_timedwait(semaphore, &deadline),
                        }
                    };
                    (result, errno())
                });
            }
            if result == 0 {
                this.owner.store(this_thread(), Ordering::Release);
                this.count.fetch_add(1, Ordering::AcqRel);
                return Ok(true);
            }
            match code {
                libc::EINTR => (objects::door::interpreter().poll)()?,
                libc::EAGAIN | libc::ETIMEDOUT => return Ok(false),
                code => return Err(os_error(code, None, None)),
            }
        }
    }
    /// Release the semaphore/lock.
    fn release(this: Gc<SemLock>) -> R<()> {
        if this.kind == RECURSIVE_MUTEX {
            if !this.is_owner() {
                return Err(assertion_error!("attempt to release recursive lock not owned by thread"));
            }
            if this.count.load(Ordering::Acquire) > 1 {
                this.count.fetch_sub(1, Ordering::AcqRel);
                return Ok(());
            }
        } else if this.level()? >= this.maxvalue {
            return Err(value_error!("semaphore or lock released too many times"));
        }
        // SAFETY: an open semaphore.
        if unsafe { libc::sem_post(this.semaphore()) } < 0 {
            return Err(objects::last_os_error(None));
        }
        this.count.fetch_sub(1, Ordering::AcqRel);
        Ok(())
    }
    /// Enter the semaphore/lock.
    fn __enter__(this: Gc<SemLock>) -> R<bool> {
        SemLock::acquire(this, true, None)
    }
    /// Exit the semaphore/lock.
    #[sig("($self, exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(this: Gc<SemLock>, exc_type: Option<Value>, exc_value: Option<Value>, exc_tb: Option<Value>) -> R<()> {
        let _ = (exc_type, exc_value, exc_tb);
        SemLock::release(this)
    }
    /// How often the lock was acquired in this process, less the releases.
    fn _count(this: Gc<SemLock>) -> i64 {
        this.count.load(Ordering::Acquire)
    }
    /// Whether this thread holds the lock.
    fn _is_mine(this: Gc<SemLock>) -> bool {
        this.is_owner()
    }
    /// The value of the semaphore.
    fn _get_value(this: Gc<SemLock>) -> R<i32> {
        this.level().map(|value| value.max(0))
    }
    /// Whether the value of the semaphore is 0.
    fn _is_zero(this: Gc<SemLock>) -> R<bool> {
        this.level().map(|value| value == 0)
    }
    /// Set the count of acquisitions to 0, in the child of fork().
    fn _after_fork(this: Gc<SemLock>) {
        this.count.store(0, Ordering::Release);
    }
    #[getter]
    fn handle(this: Gc<SemLock>) -> i64 {
        this.handle.load(Ordering::Acquire) as i64
    }
    #[getter]
    fn kind(this: Gc<SemLock>) -> i32 {
        this.kind
    }
    #[getter]
    fn maxvalue(this: Gc<SemLock>) -> i32 {
        this.maxvalue
    }
    #[getter]
    fn name(this: Gc<SemLock>) -> Option<String> {
        this.name.0.clone()
    }
}

pub struct Multiprocessing;

#[native_module(name = "_multiprocessing", classes = [SemLock])]
impl Multiprocessing {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        let flags = new_dict();
        for name in ["HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT"] {
            dict_set(flags, new_str(name), new_int(1))?;
        }
        module.set("flags", flags.value())
    }
    #[sig("(name, /)")]
    fn sem_unlink(name: &str) -> R<()> {
        let name = c_name(name)?;
        // SAFETY: a NUL-terminated name.
        if unsafe { libc::sem_unlink(name.as_ptr()) } < 0 { Err(objects::last_os_error(None)) } else { Ok(()) }
    }
}

pub struct SharedMemory;

/// POSIX shared memory module
#[native_module(name = "_posixshmem")]
impl SharedMemory {
    /// Open a shared memory object and return its file descriptor.
    #[sig("(path, flags, mode=511)")]
    fn shm_open(path: Value, flags: i32, mode: i32) -> R<i32> {
        let name = name_of(path)?;
        loop {
            // SAFETY: a NUL-terminated name.
            let (fd, code) = heap::blocking(|| unsafe { (libc::shm_open(name.as_ptr(), flags, mode as libc::mode_t), errno()) });
            match code {
                _ if fd >= 0 => return Ok(fd),
                libc::EINTR => (objects::door::interpreter().poll)()?,
                code => return Err(os_error(code, Some(path), None)),
            }
        }
    }
    /// Remove the name of a shared memory object.
    ///
    /// Its memory is given back as soon as no process maps it any more.
    #[sig("(path, /)")]
    fn shm_unlink(path: Value) -> R<()> {
        let name = name_of(path)?;
        // SAFETY: a NUL-terminated name.
        let (result, code) = heap::blocking(|| unsafe { (libc::shm_unlink(name.as_ptr()), errno()) });
        if result < 0 { Err(os_error(code, Some(path), None)) } else { Ok(()) }
    }
}

fn name_of(path: Value) -> R<CString> {
    match path.cast::<objects::Str>() {
        Some(text) => match CString::new(objects::path::fs_encode(text)?) {
            Ok(name) => Ok(name),
            Err(_) => Err(value_error!("embedded null character")),
        },
        None => Err(objects::type_error!("argument must be str, not {}", objects::class_name(path))),
    }
}
