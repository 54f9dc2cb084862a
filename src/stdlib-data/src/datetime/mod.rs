//! Module `_datetime`: dates, times, durations and zones. `calendar.rs` holds the arithmetic, `local.rs` asks the system.
//!
//! Must not know: other modules, except `time` and `_strptime`, which format and parse.

mod arguments;
mod calendar;
mod clock;
mod date;
mod delta;
mod format;
mod local;
mod moment;
mod zone;
pub mod zoneinfo;

use clock::Time;
use date::{Date, IsoCalendarDate};
use delta::{DAY, Delta, SECOND, from_micros};
use moment::DateTime;
use native_macros::native_module;
use objects::dict::dict_set_str;
use objects::native::rt::class_of_def;
use objects::{Bytes, Cast, Class, CompareOp, Gc, Layout, R, Str, Value, interned, type_error};
use std::cmp::Ordering;
use zone::{TimeZone, TzInfo};

/// Whether an order is what a comparison asks for.
fn holds(order: Ordering, op: CompareOp) -> bool {
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

/// Bytes of a bytes object or of a text of Latin-1, if they are that many; Err for another text.
fn latin1_bytes(value: Value, length: usize) -> Option<Result<Vec<u8>, ()>> {
    if let Some(bytes) = value.cast::<Bytes>() {
        return (bytes.len() == length).then(|| Ok(bytes.as_slice().to_vec()));
    }
    let text = value.cast::<Str>()?;
    if text.len() != length {
        return None;
    }
    // Only texts whose numbers could be a state are looked at.
    let bytes: Result<Vec<u8>, ()> = text.chars().iter().map(|code| u8::try_from(code).map_err(|_| ())).collect();
    let month = text.chars().get(2) & 0x7f;
    match bytes {
        Err(()) if length != 6 && !(1..=12).contains(&month) => None,
        bytes => Some(bytes),
    }
}

/// The number of a pickle protocol.
fn reduce_protocol(protocol: Value) -> R<i64> {
    if objects::is_int(protocol) {
        return objects::index(protocol);
    }
    Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(protocol)))
}

fn enter(class: Gc<Class>, constants: &[(&'static str, Value)]) -> R<()> {
    for (name, value) in constants {
        dict_set_str(class.dict(), objects::intern(name), *value)?;
    }
    objects::class::class_modified(class);
    Ok(())
}

pub struct DatetimeModule;

#[native_module(name = "_datetime", classes = [Date, DateTime, Time, Delta, TzInfo, TimeZone])]
impl DatetimeModule {
    #[attr("MINYEAR")]
    const MIN_YEAR: i64 = 1;
    #[attr("MAXYEAR")]
    const MAX_YEAR: i64 = 9999;

    fn __exec__(module: Value) -> R<()> {
        class_of_def(IsoCalendarDate::CLASS_DEF);
        let last = 999_999_999 * DAY;
        let deltas = [
            ("min", from_micros(-last)?.value()),
            ("max", from_micros(last + DAY - 1)?.value()),
            ("resolution", from_micros(1)?.value()),
        ];
        enter(Delta::class(), &deltas)?;
        enter(Date::class(), &date::constants()?)?;
        enter(Time::class(), &clock::constants()?)?;
        enter(DateTime::class(), &moment::constants()?)?;
        let utc = zone::utc()?;
        let most = DAY - 60 * SECOND;
        let zones =
            [("utc", utc), ("min", zone::fixed(from_micros(-most)?, None)?), ("max", zone::fixed(from_micros(most)?, None)?)];
        enter(TimeZone::class(), &zones)?;
        objects::set_attr(module, interned!("UTC"), utc)
    }
}
