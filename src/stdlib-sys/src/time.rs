//! The module `time`: clocks, sleeping, conversions. Broken-down times and `strftime` are in `time_format.rs`.

use crate::namespace::new_namespace;
use crate::time_format::{self, STRUCT_TIME};
use crate::util::{self, Round};
use native_macros::native_module;
use objects::{Cast, Gc, Module, R, Str, Value, call, last_os_error, new_int, new_str, new_tuple, overflow_error, value_error};
use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

const NANOS: i64 = 1_000_000_000;

fn clock(id: libc::clockid_t) -> R<i64> {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: the structure is valid for the call.
    unsafe {
        if libc::clock_gettime(id, time.as_mut_ptr()) != 0 {
            return Err(last_os_error(None));
        }
        let time = time.assume_init();
        Ok(time.tv_sec * NANOS + time.tv_nsec)
    }
}
fn resolution(id: libc::clockid_t) -> R<f64> {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: the structure is valid for the call.
    unsafe {
        if libc::clock_getres(id, time.as_mut_ptr()) != 0 {
            return Err(last_os_error(None));
        }
        let time = time.assume_init();
        Ok(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
    }
}
fn set_clock(id: i32, count: i64) -> R<()> {
    let time = libc::timespec { tv_sec: count.div_euclid(NANOS) as _, tv_nsec: count.rem_euclid(NANOS) as _ };
    // SAFETY: the structure is valid for the call.
    if unsafe { libc::clock_settime(id as libc::clockid_t, &time) } != 0 { Err(last_os_error(None)) } else { Ok(()) }
}
/// Nanoseconds as a float of seconds, rounded once where that is possible.
fn seconds(count: i64) -> f64 {
    if count % NANOS == 0 { (count / NANOS) as f64 } else { count as f64 / 1e9 }
}

/// A timestamp in whole seconds, rounded down.
fn timestamp(value: Option<Value>) -> R<i64> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(clock(libc::CLOCK_REALTIME)?.div_euclid(NANOS)) };
    let out_of_range = || overflow_error!("timestamp out of range for platform time_t");
    if let Some(number) = objects::float_value(value) {
        if number.is_nan() {
            return Err(value_error!("Invalid value NaN (not a number)"));
        }
        let whole = number.floor();
        if !(-9.223372036854776e18..9.223372036854776e18).contains(&whole) {
            return Err(out_of_range());
        }
        return Ok(whole as i64);
    }
    let number = objects::index_object(value)?;
    objects::int_view(number).and_then(|view| view.to_i64()).ok_or_else(out_of_range)
}

fn sleep_until(deadline: Instant) -> R<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        if heap::parking::sleep_for(left, true) == heap::parking::ParkResult::Interrupted {
            util::poll()?;
        }
    }
}

unsafe extern "C" {
    fn tzset();
}

/// `timezone`, `altzone`, `daylight`, `tzname` by the offsets of January and July.
fn set_zone(module: Gc<Module>) -> R<()> {
    // SAFETY: plain libc call.
    unsafe { tzset() };
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = clock(libc::CLOCK_REALTIME)? / NANOS;
    let january = time_format::local((now / YEAR) * YEAR)?;
    let july = time_format::local((now / YEAR) * YEAR + YEAR / 2)?;
    let (first, second) = (january.offset, july.offset);
    let (standard, summer) = if first < second { (&january, &july) } else { (&july, &january) };
    module.set("timezone", new_int(-standard.offset))?;
    module.set("altzone", new_int(-summer.offset))?;
    module.set("daylight", Value::small((first != second) as i32))?;
    module.set("tzname", new_tuple(&[util::fs_str(&standard.zone), util::fs_str(&summer.zone)]).value())
}

pub struct Time;

/// Clocks, and times in several forms.
#[native_module(name = "time")]
impl Time {
    /// The time in seconds since the Epoch, a float.
    fn time() -> R<f64> {
        clock(libc::CLOCK_REALTIME).map(seconds)
    }
    /// The time in nanoseconds since the Epoch, an int.
    fn time_ns() -> R<i64> {
        clock(libc::CLOCK_REALTIME)
    }
    /// The time in seconds of a clock that never goes back.
    fn monotonic() -> R<f64> {
        clock(libc::CLOCK_MONOTONIC).map(seconds)
    }
    /// The time in nanoseconds of a clock that never goes back.
    fn monotonic_ns() -> R<i64> {
        clock(libc::CLOCK_MONOTONIC)
    }
    /// The time in seconds of the most exact clock.
    fn perf_counter() -> R<f64> {
        clock(libc::CLOCK_MONOTONIC).map(seconds)
    }
    /// The time in nanoseconds of the most exact clock, for measuring.
    fn perf_counter_ns() -> R<i64> {
        clock(libc::CLOCK_MONOTONIC)
    }
    /// The CPU time of the process in seconds, that of the kernel included.
    fn process_time() -> R<f64> {
        clock(libc::CLOCK_PROCESS_CPUTIME_ID).map(seconds)
    }
    /// The CPU time of the process in nanoseconds.
    fn process_time_ns() -> R<i64> {
        clock(libc::CLOCK_PROCESS_CPUTIME_ID)
    }
    /// The CPU time of this thread in seconds, that of the kernel included.
    fn thread_time() -> R<f64> {
        clock(libc::CLOCK_THREAD_CPUTIME_ID).map(seconds)
    }
    /// The CPU time of this thread in nanoseconds.
    fn thread_time_ns() -> R<i64> {
        clock(libc::CLOCK_THREAD_CPUTIME_ID)
    }
    /// The time of the clock clk_id in seconds, a float.
    fn clock_gettime(clk_id: i32) -> R<f64> {
        clock(clk_id as libc::clockid_t).map(seconds)
    }
    /// The time of the clock clk_id in nanoseconds, an int.
    fn clock_gettime_ns(clk_id: i32) -> R<i64> {
        clock(clk_id as libc::clockid_t)
    }
    /// Set the clock clk_id, in seconds.
    fn clock_settime(clk_id: i32, time: Value) -> R<()> {
        set_clock(clk_id, util::seconds_to_nanoseconds(time, Round::Floor)?)
    }
    /// Set the clock clk_id, in nanoseconds.
    fn clock_settime_ns(clk_id: i32, time: i64) -> R<()> {
        set_clock(clk_id, time)
    }
    /// The resolution of the clock clk_id in seconds.
    fn clock_getres(clk_id: i32) -> R<f64> {
        resolution(clk_id as libc::clockid_t)
    }
    /// The clk_id of the clock for a thread's CPU time.
    #[cfg(target_os = "linux")]
    fn pthread_getcpuclockid(thread_id: u64) -> R<i64> {
        let mut id = 0;
        // SAFETY: the thread exists during the call.
        let ask = || unsafe { libc::pthread_getcpuclockid(thread_id as libc::pthread_t, &mut id) };
        match objects::thread::while_alive(thread_id, ask).unwrap_or(libc::ESRCH) {
            0 => Ok(id as i64),
            errno => Err(objects::os_error(errno, None, None)),
        }
    }
    /// Wait for that many seconds.
    #[sig("($module, seconds, /)")]
    fn sleep(duration: Value) -> R<()> {
        objects::audit::audit("time.sleep", &[duration])?;
        let count = util::seconds_to_nanoseconds(duration, Round::Ceiling)?;
        if count < 0 {
            return Err(value_error!("sleep length must be non-negative"));
        }
        if count == 0 {
            heap::blocking(std::thread::yield_now);
            return util::poll();
        }
        match Instant::now().checked_add(Duration::from_nanos(count as u64)) {
            Some(deadline) => sleep_until(deadline),
            None => Err(overflow_error!("timestamp too large to convert to C PyTime_t")),
        }
    }
    /// The time tuple, in UTC, of a time in seconds since the Epoch.
    #[sig("($module, seconds=None, /)", hidden)]
    fn gmtime(seconds: Option<Value>) -> R {
        time_format::utc(timestamp(seconds)?)?.value()
    }
    /// The time tuple, in local time, of a time in seconds since the Epoch.
    #[sig("($module, seconds=None, /)", hidden)]
    fn localtime(seconds: Option<Value>) -> R {
        time_format::local(timestamp(seconds)?)?.value()
    }
    /// A time tuple as a string such as 'Fri Nov 20 09:05:03 2026'.
    #[sig("($module, tuple=<unrepresentable>, /)", hidden)]
    fn asctime(tuple: Option<Value>) -> R<String> {
        let broken = match tuple {
            Some(tuple) => time_format::from_argument(tuple, "asctime")?.checked()?,
            None => time_format::local(timestamp(None)?)?,
        };
        Ok(broken.asctime())
    }
    /// The local time, as a string, at a number of seconds since the Epoch.
    #[sig("($module, seconds=None, /)", hidden)]
    fn ctime(seconds: Option<Value>) -> R<String> {
        Ok(time_format::local(timestamp(seconds)?)?.asctime())
    }
    /// The time in seconds since the Epoch of a time tuple in local time.
    fn mktime(tuple: Value) -> R<f64> {
        time_format::from_argument(tuple, "mktime")?.to_timestamp()
    }
    /// A time tuple as a string, put together as format says.
    #[sig("($module, format, tuple=<unrepresentable>, /)", hidden)]
    fn strftime(format: Gc<Str>, tuple: Option<Value>) -> R {
        let broken = match tuple {
            Some(tuple) => time_format::from_argument(tuple, "strftime")?.checked()?,
            None => time_format::local(timestamp(None)?)?,
        };
        broken.format(format)
    }
    /// The time tuple of a string that is put together as format says.
    #[sig("($module, string, format=<unrepresentable>, /)", hidden)]
    fn strptime(string: Value, format: Option<Value>) -> R {
        let parse = util::import_from("_strptime", "_strptime_time")?;
        match format {
            Some(format) => call(parse, &[string, format]),
            None => call(parse, &[string]),
        }
    }
    /// Take over the local time zone that the environment variable TZ names.
    fn tzset() -> R<()> {
        match util::import("time")?.cast::<Module>() {
            Some(module) => set_zone(module),
            None => Ok(()),
        }
    }
    /// How a clock works.
    fn get_clock_info(name: &str) -> R {
        let (id, shown, monotonic, adjustable) = match name {
            "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
            "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false),
            "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", true, false),
            "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", true, false),
            _ => return Err(value_error!("unknown clock")),
        };
        new_namespace(&[
            ("implementation", new_str(&format!("clock_gettime({shown})"))),
            ("monotonic", Value::bool(monotonic)),
            ("adjustable", Value::bool(adjustable)),
            ("resolution", Value::float(resolution(id)?)),
        ])
    }

    fn __exec__(module: Value) -> R<()> {
        let clocks: &[(&str, i64)] = &[
            ("CLOCK_REALTIME", libc::CLOCK_REALTIME as i64),
            ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC as i64),
            ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID as i64),
            ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID as i64),
        ];
        util::set_ints(module, clocks)?;
        #[cfg(target_os = "linux")]
        util::set_ints(
            module,
            &[
                ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW as i64),
                ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME as i64),
                ("CLOCK_TAI", libc::CLOCK_TAI as i64),
            ],
        )?;
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("struct_time", STRUCT_TIME.class()?.value())?;
        module.set("_STRUCT_TM_ITEMS", Value::small(11))?;
        set_zone(module)
    }
}
