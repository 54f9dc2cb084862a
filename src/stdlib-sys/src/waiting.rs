//! Waiting that Python code may interrupt: a signal on the main thread, an exception from another thread.

use crate::util::poll;
use heap::sync::Acquire;
use objects::{R, Value, float_value, overflow_error, value_error};
use std::time::{Duration, Instant};

/// Longest timeout in seconds that waiting functions take.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// Calls `wait` with the time left until it ends for a reason other than an interrupt; handlers run in between. False: time is up.
pub fn wait(timeout: Option<Duration>, mut wait: impl FnMut(Option<Duration>) -> Acquire) -> R<bool> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match wait(left) {
            Acquire::Acquired => return Ok(true),
            Acquire::TimedOut => return Ok(false),
            Acquire::Interrupted => poll()?,
        }
    }
}

/// A timeout in seconds.
pub fn seconds(value: Value) -> R<Duration> {
    let count = crate::util::seconds_to_nanoseconds(value, crate::util::Round::Ceiling)?;
    Ok(Duration::from_nanos(count.max(0) as u64))
}

/// The `blocking` and `timeout` of `acquire()`: `None` is for ever, zero does not wait.
pub fn acquire_timeout(blocking: bool, timeout: Option<Value>) -> R<Option<Duration>> {
    let timeout = timeout.unwrap_or(Value::small(-1));
    let number = match float_value(timeout) {
        Some(number) => number,
        None => objects::as_f64(timeout)?,
    };
    if !blocking && number != -1.0 {
        return Err(value_error!("can't specify a timeout for a non-blocking call"));
    }
    if number < 0.0 && number != -1.0 {
        return Err(value_error!("timeout value must be a non-negative number"));
    }
    if !blocking {
        return Ok(Some(Duration::ZERO));
    }
    if number == -1.0 {
        return Ok(None);
    }
    let wait = seconds(timeout)?;
    if number > TIMEOUT_MAX { Err(overflow_error!("timeout value is too large")) } else { Ok(Some(wait)) }
}
