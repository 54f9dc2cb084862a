//! The system's local time, and timestamps. Must not know: the classes.

use super::calendar::{DAY_SECONDS, EPOCH_ORDINAL, MAX_ORDINAL, from_ordinal, ordinal};
use objects::{R, Value, int_view, last_os_error, overflow_error, type_error, value_error};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds from 0001-01-01 less a day to 1970.
pub const EPOCH: i64 = EPOCH_ORDINAL * DAY_SECONDS;
pub const FOLD_REACH: i64 = DAY_SECONDS;

/// Year, month, day, hour, minute, second.
pub type Fields = [i64; 6];

pub fn seconds_of(fields: Fields) -> i64 {
    let [year, month, day, hour, minute, second] = fields;
    ordinal(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second
}

/// The first and the last second that datetimes can be, since 1970.
const UTC_FIRST: i64 = (1 - EPOCH_ORDINAL) * DAY_SECONDS;
const UTC_LAST: i64 = (MAX_ORDINAL - EPOCH_ORDINAL + 1) * DAY_SECONDS - 1;

/// The fields of a timestamp, in local time as the C library has it or in UTC.
pub fn fields_at(timestamp: i64, utc: bool) -> R<Fields> {
    if utc && (UTC_FIRST..=UTC_LAST).contains(&timestamp) {
        let (year, month, day) = from_ordinal(timestamp.div_euclid(DAY_SECONDS) + EPOCH_ORDINAL);
        let rest = timestamp.rem_euclid(DAY_SECONDS);
        return Ok([year, month, day, rest / 3600, rest / 60 % 60, rest % 60]);
    }
    Ok(fields_of(&broken_down(timestamp, utc)?))
}

/// What the C library makes of a timestamp.
fn broken_down(timestamp: i64, utc: bool) -> R<libc::tm> {
    // SAFETY: plain data; the functions fill it or fail.
    let mut parts: libc::tm = unsafe { std::mem::zeroed() };
    let timestamp: libc::time_t = timestamp;
    // SAFETY: both pointers are valid.
    let filled = unsafe { if utc { libc::gmtime_r(&timestamp, &mut parts) } else { libc::localtime_r(&timestamp, &mut parts) } };
    if filled.is_null() {
        return Err(last_os_error(None));
    }
    Ok(parts)
}

fn fields_of(parts: &libc::tm) -> Fields {
    let year = parts.tm_year as i64 + 1900;
    let second = (parts.tm_sec as i64).min(59);
    [year, parts.tm_mon as i64 + 1, parts.tm_mday as i64, parts.tm_hour as i64, parts.tm_min as i64, second]
}

/// The local zone at a timestamp: its offset in seconds, and its name.
pub fn zone_at(timestamp: i64) -> R<(i64, String)> {
    let parts = broken_down(timestamp, false)?;
    let zone = if parts.tm_zone.is_null() {
        String::new()
    } else {
        // SAFETY: a NUL-terminated name that the C library keeps.
        unsafe { std::ffi::CStr::from_ptr(parts.tm_zone) }.to_string_lossy().into_owned()
    };
    Ok((parts.tm_gmtoff as i64, zone))
}

/// Local time of UTC seconds, both counted from year 1.
pub fn local(seconds: i64) -> R<i64> {
    let min = seconds_of([1, 1, 1, 0, 0, 0]);
    let max = seconds_of([9999, 12, 31, 23, 59, 59]);
    if seconds < min - 2 * DAY_SECONDS || seconds > max + 2 * DAY_SECONDS {
        return Err(value_error!("year {} is out of range", 1 + seconds / (366 * DAY_SECONDS)));
    }
    let fields = fields_at(seconds - EPOCH, false)?;
    if !(1..=9999).contains(&fields[0]) {
        return Err(value_error!("year must be in 1..9999, not {}", fields[0]));
    }
    Ok(seconds_of(fields))
}

/// UTC seconds of a local time (counted from year 1). In a gap or an overlap `fold` decides.
pub fn from_local(time: i64, fold: bool) -> R<i64> {
    // The offset at that time as if it were UTC.
    let offset = local(time)? - time;
    let first = time - offset;
    let first_local = local(first)?;
    let other;
    if first_local == time {
        // Found one. If the offset is another a day off towards the fold, there may be a second.
        let probe = if fold { first + FOLD_REACH } else { first - FOLD_REACH };
        other = local(probe)? - probe;
        if other == offset {
            return Ok(first);
        }
    } else {
        other = first_local - first;
    }
    let second = time - other;
    if local(second)? == time {
        return Ok(second);
    }
    if first_local == time {
        return Ok(first);
    }
    // A gap: with fold the earlier, without it the later.
    Ok(if fold { first.min(second) } else { first.max(second) })
}

/// Whole seconds and microseconds of a timestamp.
pub fn timestamp_parts(timestamp: Value) -> R<(i64, i64)> {
    let Some(number) = objects::float_value(timestamp).filter(|_| !objects::is_int(timestamp)) else {
        let number = match objects::int_view(timestamp) {
            Some(number) => number,
            None if objects::type_lookup(objects::class_of(timestamp), objects::interned!("__index__")).is_some() => {
                let whole = objects::number::index(timestamp)?;
                return timestamp_parts(whole);
            }
            None => {
                return Err(type_error!("argument must be int or float, not {}", objects::class_name(timestamp)));
            }
        };
        return match number.to_i64() {
            Some(seconds) => Ok((seconds, 0)),
            None => Err(out_of_range()),
        };
    };
    if number.is_nan() {
        return Err(value_error!("Invalid value NaN (not a number)"));
    }
    let mut whole = number.trunc();
    let mut micros = ((number - whole) * 1e6).round_ties_even();
    if micros >= 1e6 {
        micros -= 1e6;
        whole += 1.0;
    } else if micros < 0.0 {
        micros += 1e6;
        whole -= 1.0;
    }
    if !(-9.2e18..9.2e18).contains(&whole) {
        return Err(out_of_range());
    }
    Ok((whole as i64, micros as i64))
}

#[cold]
fn out_of_range() -> objects::Raised {
    overflow_error!("timestamp out of range for platform time_t")
}

/// A timestamp of whole seconds, as dates read it.
pub fn whole_seconds(timestamp: Value) -> R<i64> {
    if let Some(number) = objects::float_value(timestamp).filter(|_| !objects::is_int(timestamp)) {
        if number.is_nan() {
            return Err(value_error!("Invalid value NaN (not a number)"));
        }
        let floor = number.floor();
        if !(-9.2e18..9.2e18).contains(&floor) {
            return Err(out_of_range());
        }
        return Ok(floor as i64);
    }
    let number = objects::number::index(timestamp)?;
    int_view(number).and_then(|number| number.to_i64()).ok_or_else(out_of_range)
}

/// Now, in seconds and microseconds.
pub fn now() -> (i64, i64) {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => (since.as_secs() as i64, since.subsec_micros() as i64),
        Err(_) => (0, 0),
    }
}
