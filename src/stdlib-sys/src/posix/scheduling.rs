//! Scheduling and load.
//!
//! Must not know: the library's `os`.
//!
//! SAFETY of every `unsafe` block here: a system call on plain numbers, on NUL-terminated names, or on memory that the function holds
//! for the whole call; zeroed structures are plain C data.

use native_macros::native_module;
use objects::path::quick_call;
use objects::structseq::StructSeqDef;
use objects::{R, Value, new_int, os_error, overflow_error, type_error, value_error};

pub static SCHED_PARAM: StructSeqDef =
    StructSeqDef::new("posix", "sched_param", "The one field is sched_priority", &["sched_priority"], 1).scalar();
pub static TIMES_RESULT: StructSeqDef = StructSeqDef::new(
    "posix",
    "times_result",
    "times_result: What os.times() returns.\n\nA named tuple of (user, system, children_user, children_system, elapsed).",
    &["user", "system", "children_user", "children_system", "elapsed"],
    5,
);

fn check(result: i64) -> R<i64> {
    quick_call(result).map_err(|errno| os_error(errno, None, None))
}

/// A `sched_param` object as the system's.
pub fn parameter(value: Value) -> R<libc::sched_param> {
    if objects::class_of(value) != SCHED_PARAM.class()? {
        return Err(type_error!("must have a sched_param object"));
    }
    let priority = objects::index(objects::get_item(value, Value::small(0))?)?;
    match i32::try_from(priority) {
        Ok(sched_priority) => Ok(libc::sched_param { sched_priority }),
        Err(_) => Err(overflow_error!("sched_priority out of range")),
    }
}

pub struct Scheduling;

#[native_module(name = "posix")]
impl Scheduling {
    /// The highest priority that policy allows.
    #[sig("(policy)")]
    fn sched_get_priority_max(policy: i32) -> R<i64> {
        // SAFETY: plain call.
        check(unsafe { libc::sched_get_priority_max(policy) } as i64)
    }
    /// The lowest priority that policy allows.
    #[sig("(policy)")]
    fn sched_get_priority_min(policy: i32) -> R<i64> {
        // SAFETY: plain call.
        check(unsafe { libc::sched_get_priority_min(policy) } as i64)
    }
    /// The scheduling policy of the process pid.
    ///
    /// 0 means the process itself.
    #[sig("(pid, /)")]
    fn sched_getscheduler(pid: i32) -> R<i64> {
        // SAFETY: plain call.
        check(unsafe { libc::sched_getscheduler(pid) } as i64)
    }
    /// Set the scheduling policy of the process pid.
    ///
    /// 0 means the process itself. param is a sched_param.
    #[sig("(pid, policy, param, /)")]
    fn sched_setscheduler(pid: i32, policy: i32, param: Value) -> R<()> {
        let param = parameter(param)?;
        // SAFETY: plain data.
        check(unsafe { libc::sched_setscheduler(pid, policy, &param) } as i64).map(|_| ())
    }
    /// The scheduling parameters of the process pid, as a sched_param.
    ///
    /// 0 means the process itself.
    #[sig("(pid, /)")]
    fn sched_getparam(pid: i32) -> R {
        let mut param = libc::sched_param { sched_priority: 0 };
        // SAFETY: plain data.
        check(unsafe { libc::sched_getparam(pid, &mut param) } as i64)?;
        SCHED_PARAM.make(&[new_int(param.sched_priority as i64)])
    }
    /// Set the scheduling parameters of the process pid.
    ///
    /// 0 means the process itself. param is a sched_param.
    #[sig("(pid, param, /)")]
    fn sched_setparam(pid: i32, param: Value) -> R<()> {
        let param = parameter(param)?;
        // SAFETY: plain data.
        check(unsafe { libc::sched_setparam(pid, &param) } as i64).map(|_| ())
    }
    /// The time slice of the process pid under round-robin scheduling, in seconds.
    #[sig("(pid, /)")]
    fn sched_rr_get_interval(pid: i32) -> R<f64> {
        let mut interval: libc::timespec = unsafe { std::mem::zeroed() };
        // SAFETY: plain data.
        check(unsafe { libc::sched_rr_get_interval(pid, &mut interval) } as i64)?;
        Ok(interval.tv_sec as f64 + interval.tv_nsec as f64 * 1e-9)
    }
    /// Voluntarily relinquish the CPU.
    fn sched_yield() -> R<()> {
        // SAFETY: plain call.
        check(heap::blocking(|| unsafe { libc::sched_yield() }) as i64).map(|_| ())
    }
    /// Set on which CPUs the process pid may run.
    ///
    ///   pid
    ///     0 means the process itself.
    ///   mask
    ///     An iterable of the numbers of CPUs.
    #[sig("(pid, mask, /)")]
    fn sched_setaffinity(pid: i32, mask: Value) -> R<()> {
        let mut bits = vec![0u64; 16];
        objects::iterate(mask, |cpu| {
            if !objects::is_int(cpu) {
                return Err(type_error!("expected an iterator of ints, but iterator yielded {}", objects::class_name(cpu)));
            }
            let number = objects::index(cpu)?;
            if number < 0 {
                return Err(value_error!("negative CPU number"));
            }
            if number > i32::MAX as i64 - 1 {
                return Err(overflow_error!("CPU number too large"));
            }
            let word = number as usize / 64;
            if word >= bits.len() {
                bits.resize(word + 1, 0);
            }
            bits[word] |= 1 << (number % 64);
            Ok(())
        })?;
        // SAFETY: the size of the mask is given.
        check(unsafe { libc::syscall(libc::SYS_sched_setaffinity, pid, bits.len() * 8, bits.as_ptr()) }).map(|_| ())
    }
    /// How many processes were running or ready to, on average.
    ///
    /// Returns the averages over 1, 5 and 15 minutes as a tuple of floats. Raises
    /// OSError if they cannot be had.
    fn getloadavg() -> R {
        let mut loads = [0f64; 3];
        // SAFETY: room for three numbers.
        if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
            return Err(objects::new_error(objects::exc::OS_ERROR.get(), "Load averages are unobtainable"));
        }
        Ok(super::tuple(&loads.map(Value::float)))
    }
    /// The times that the process has used, in seconds.
    ///
    /// Returns a named tuple of floats, (user, system, children_user,
    /// children_system, elapsed).
    fn times() -> R {
        // SAFETY: plain data.
        unsafe {
            let mut data: libc::tms = std::mem::zeroed();
            let elapsed = check(libc::times(&mut data))?;
            let ticks = libc::sysconf(libc::_SC_CLK_TCK).max(1) as f64;
            let seconds = |count: i64| Value::float(count as f64 / ticks);
            TIMES_RESULT.make(&[
                seconds(data.tms_utime),
                seconds(data.tms_stime),
                seconds(data.tms_cutime),
                seconds(data.tms_cstime),
                seconds(elapsed),
            ])
        }
    }
}
