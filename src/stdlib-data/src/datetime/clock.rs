//! The class `time`. Must not know: dates.

use super::arguments::{bind, int_or};
use super::calendar;
use super::date::{formatted, invalid_iso, iso_argument, replaced, state_argument, strptime};
use super::delta::{SECOND, from_micros};
use super::format::{Subject, clock_text, offset_text, strftime, struct_time};
use super::zone::{self, TzInfo, check_zone, delta_or_none};
use super::{holds, reduce_protocol};
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, CompareOp, Gc, Header, Kwargs, Layout, R, Raised, Slot, Str, Value, call, class_name, class_of, hash,
    interned, new_bytes, new_int, new_object, new_tuple, repr, type_error, value_error,
};
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Time {
    pub header: Header,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub fold: AtomicU8,
    pub micros: u32,
    hash: AtomicI64,
    zone: Slot,
}

/// Hour, minute, second, microsecond.
pub type Clock = [i64; 4];

pub fn check_clock(clock: Clock, fold: i64) -> R<()> {
    for (name, value, last) in
        [("hour", clock[0], 23), ("minute", clock[1], 59), ("second", clock[2], 59), ("microsecond", clock[3], 999_999)]
    {
        if !(0..=last).contains(&value) {
            return Err(value_error!("{name} must be in 0..{last}, not {value}"));
        }
    }
    if !(0..=1).contains(&fold) {
        return Err(value_error!("fold must be either 0 or 1, not {fold}"));
    }
    Ok(())
}

#[cold]
pub fn bad_state_zone() -> Raised {
    type_error!("bad tzinfo state arg")
}
/// The zone that comes with a state in bytes.
pub fn state_zone(zone: Option<&Value>) -> R<Option<Value>> {
    match zone {
        None => Ok(None),
        Some(zone) if zone.is_none() => Ok(None),
        Some(zone) if zone.cast::<TzInfo>().is_some() => Ok(Some(*zone)),
        Some(_) => Err(bad_state_zone()),
    }
}

fn alloc(class: Gc<Class>, clock: Clock, fold: i64, zone: Option<Value>) -> Value {
    let time = new_object(
        class,
        Time {
            header: Header::blank(),
            hour: clock[0] as u8,
            minute: clock[1] as u8,
            second: clock[2] as u8,
            fold: AtomicU8::new(fold as u8),
            micros: clock[3] as u32,
            hash: AtomicI64::new(-1),
            zone: Slot::empty(),
        },
    );
    time.zone.set_opt(zone);
    time.value()
}
/// A time of fields that are known to be right.
pub fn plain(clock: Clock, fold: i64, zone: Option<Value>) -> Value {
    alloc(Time::class(), clock, fold, zone)
}
fn make(class: Gc<Class>, clock: Clock, fold: i64, zone: Value) -> R {
    check_clock(clock, fold)?;
    Ok(alloc(class, clock, fold, check_zone(zone)?))
}
fn make_by_class(class: Gc<Class>, clock: Clock, fold: i64, zone: Value) -> R {
    if class == Time::class() {
        return make(class, clock, fold, zone);
    }
    let [hour, minute, second, micros] = clock.map(new_int);
    let made = call(class.value(), &[hour, minute, second, micros, zone])?;
    if fold != 0
        && let Some(time) = made.cast::<Time>()
    {
        time.fold.store(fold as u8, Ordering::Relaxed);
    }
    Ok(made)
}

impl Time {
    pub fn clock(&self) -> Clock {
        [self.hour as i64, self.minute as i64, self.second as i64, self.micros as i64]
    }
    pub fn zone(&self) -> Option<Value> {
        self.zone.get()
    }
    pub fn fold(&self) -> i64 {
        self.fold.load(Ordering::Relaxed) as i64
    }
    fn total(&self) -> i128 {
        ((self.hour as i128 * 60 + self.minute as i128) * 60 + self.second as i128) * SECOND + self.micros as i128
    }
}

fn compared(this: Gc<Time>, other: Value, op: CompareOp) -> R {
    let Some(other) = other.cast::<Time>() else { return Ok(Value::not_implemented()) };
    let plain = || Ok(Value::bool(holds(this.clock().cmp(&other.clock()), op)));
    if this.zone() == other.zone() {
        return plain();
    }
    let none = Value::none();
    let (own, others) = (zone::utc_offset(this.zone(), none)?, zone::utc_offset(other.zone(), none)?);
    match (own, others) {
        (None, None) => plain(),
        (Some(own), Some(others)) => {
            let (own, others) = (this.total() - own.total(), other.total() - others.total());
            Ok(Value::bool(holds(own.cmp(&others), op)))
        }
        _ => match op {
            CompareOp::Eq => Ok(Value::false_()),
            CompareOp::Ne => Ok(Value::true_()),
            _ => Err(type_error!("can't compare offset-naive and offset-aware times")),
        },
    }
}

fn state(this: Gc<Time>, protocol: i64) -> Value {
    let fold = if protocol > 3 && this.fold() != 0 { 0x80 } else { 0 };
    let [_, high, middle, low] = this.micros.to_be_bytes();
    let bytes = new_bytes(&[this.hour | fold, this.minute, this.second, high, middle, low]);
    match this.zone() {
        None => new_tuple(&[bytes]).value(),
        Some(zone) => new_tuple(&[bytes, zone]).value(),
    }
}

/// time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object
///
/// The arguments are ints and default to 0. tzinfo is None or a tzinfo object.
#[native_class(name = "datetime.time", layout = Time, base = object)]
impl Time {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if let [first, rest @ ..] = args.values()
            && rest.len() <= 1
            && let Some(bytes) = state_argument(*first, 6, "time")?
            && bytes[0] & 0x7f < 24
        {
            let micros = (bytes[3] as i64) << 16 | (bytes[4] as i64) << 8 | bytes[5] as i64;
            let clock = [(bytes[0] & 0x7f) as i64, bytes[1] as i64, bytes[2] as i64, micros];
            return Ok(alloc(cls, clock, (bytes[0] >> 7) as i64, state_zone(rest.first())?));
        }
        let names = ["hour", "minute", "second", "microsecond", "tzinfo", "fold"];
        let [hour, minute, second, micros, zone, fold] = bind(args, "function", names, 0, 5)?;
        let clock = [int_or(hour, 0)?, int_or(minute, 0)?, int_or(second, 0)?, int_or(micros, 0)?];
        make(cls, clock, int_or(fold, 0)?, zone.unwrap_or(Value::none()))
    }
    /// string, format -> new time, read as time.strptime() reads.
    #[classmethod]
    fn strptime(cls: Gc<Class>, text: Gc<Str>, format: Gc<Str>) -> R {
        strptime(cls, text, format, "_strptime_datetime_time")
    }
    /// string -> time in a format of ISO 8601
    #[classmethod]
    #[sig("($type, object, /)")]
    fn fromisoformat(cls: Gc<Class>, text: Value) -> R {
        let bytes = iso_argument(text)?;
        let bytes = bytes.strip_prefix(b"T").unwrap_or(&bytes);
        let Ok((mut clock, offset)) = calendar::parse_time(bytes) else { return Err(invalid_iso(text)) };
        if clock[0] == 24 {
            if clock[1..] != [0, 0, 0] {
                return Err(value_error!("minute, second, and microsecond must be 0 when hour is 24"));
            }
            clock[0] = 0;
        }
        let zone = parsed_zone(offset)?;
        make_by_class(cls, clock, 0, zone)
    }
    fn __repr__(this: Gc<Time>) -> R<String> {
        let mut text = format!("{}({}, {}", class_name(this.value()), this.hour, this.minute);
        if this.micros != 0 {
            text.push_str(&format!(", {}, {}", this.second, this.micros));
        } else if this.second != 0 {
            text.push_str(&format!(", {}", this.second));
        }
        if let Some(zone) = this.zone() {
            text.push_str(&format!(", tzinfo={}", repr(zone)?.to_string_lossy()));
        }
        if this.fold() != 0 {
            text.push_str(", fold=1");
        }
        text.push(')');
        Ok(text)
    }
    fn __str__(this: Gc<Time>) -> R {
        objects::call_method(this.value(), interned!("isoformat"), &[])
    }
    fn __hash__(this: Gc<Time>) -> R<i64> {
        let known = this.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        // Fold does not count: the zone is asked about the earlier of two equal times.
        let plain_fold = match this.fold() {
            0 => this.value(),
            _ => make_by_class(class_of(this.value()), this.clock(), 0, this.zone().unwrap_or(Value::none()))?,
        };
        let zone = plain_fold.cast::<Time>().and_then(|time| time.zone());
        let fresh = match zone::utc_offset(zone, Value::none())? {
            Some(offset) if offset.total() != 0 => hash(from_micros(this.total() - offset.total())?.value())?,
            Some(_) => hash(from_micros(this.total())?.value())?,
            None => {
                let [_, high, middle, low] = this.micros.to_be_bytes();
                hash(new_bytes(&[this.hour, this.minute, this.second, high, middle, low]))?
            }
        };
        this.hash.store(fresh, Ordering::Relaxed);
        Ok(fresh)
    }
    fn __lt__(this: Gc<Time>, other: Value) -> R {
        compared(this, other, CompareOp::Lt)
    }
    fn __le__(this: Gc<Time>, other: Value) -> R {
        compared(this, other, CompareOp::Le)
    }
    fn __eq__(this: Gc<Time>, other: Value) -> R {
        compared(this, other, CompareOp::Eq)
    }
    fn __ne__(this: Gc<Time>, other: Value) -> R {
        compared(this, other, CompareOp::Ne)
    }
    fn __gt__(this: Gc<Time>, other: Value) -> R {
        compared(this, other, CompareOp::Gt)
    }
    fn __ge__(this: Gc<Time>, other: Value) -> R {
        compared(this, other, CompareOp::Ge)
    }
    /// The time in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    ///
    /// timespec says where it ends: 'hours', 'minutes', 'seconds', 'milliseconds',
    /// 'microseconds', or 'auto' for seconds and, unless 0, microseconds.
    #[sig("($self, /, timespec='auto')")]
    fn isoformat(this: Gc<Time>, timespec: &str) -> R<String> {
        let mut text = clock_text(this.hour, this.minute, this.second, this.micros, timespec)?;
        if let Some(offset) = zone::utc_offset(this.zone(), Value::none())? {
            text.push_str(&offset_text(offset, ":"));
        }
        Ok(text)
    }
    /// format -> string as strftime() makes it.
    #[sig("($self, /, format)")]
    fn strftime(this: Gc<Time>, format: Gc<Str>) -> R {
        let [hour, minute, second, _] = this.clock();
        let tuple = struct_time([1900, 1, 1, hour, minute, second, 0, 1, -1])?;
        let subject = Subject { micros: this.micros, zone: this.zone(), moment: Value::none() };
        strftime(&subject, format, tuple)
    }
    /// Formats self with strftime.
    fn __format__(this: Gc<Time>, format: Gc<Str>) -> R {
        formatted(this.value(), format)
    }
    /// Return self.tzinfo.utcoffset(self).
    fn utcoffset(this: Gc<Time>) -> R {
        Ok(delta_or_none(zone::utc_offset(this.zone(), Value::none())?))
    }
    /// Return self.tzinfo.tzname(self).
    fn tzname(this: Gc<Time>) -> R {
        zone::zone_name(this.zone(), Value::none())
    }
    /// Return self.tzinfo.dst(self).
    fn dst(this: Gc<Time>) -> R {
        Ok(delta_or_none(zone::dst(this.zone(), Value::none())?))
    }
    /// A time with the given fields replaced.
    #[sig(
        "($self, /, hour=unchanged, minute=unchanged, second=unchanged,\n        microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)"
    )]
    fn replace(
        this: Gc<Time>,
        hour: Option<Value>,
        minute: Option<Value>,
        second: Option<Value>,
        microsecond: Option<Value>,
        tzinfo: Option<Value>,
        fold: Option<Value>,
    ) -> R {
        let own = this.clock();
        let clock = [int_or(hour, own[0])?, int_or(minute, own[1])?, int_or(second, own[2])?, int_or(microsecond, own[3])?];
        let zone = tzinfo.unwrap_or(this.zone().unwrap_or(Value::none()));
        let fold = int_or(fold, this.fold())?;
        if !(0..=1).contains(&fold) {
            return Err(value_error!("fold must be either 0 or 1, not {fold}"));
        }
        make_by_class(class_of(this.value()), clock, fold, zone)
    }
    /// The same as replace().
    #[sig("($self, /, **changes)")]
    fn __replace__(this: Gc<Time>, changes: Kwargs) -> R {
        replaced(this.value(), changes)
    }
    /// __reduce_ex__(proto) -> (cls, state)
    fn __reduce_ex__(this: Gc<Time>, protocol: Value) -> R {
        let state = state(this, reduce_protocol(protocol)?);
        Ok(new_tuple(&[class_of(this.value()).value(), state]).value())
    }
    /// __reduce__() -> (cls, state)
    fn __reduce__(this: Gc<Time>) -> R {
        Ok(new_tuple(&[class_of(this.value()).value(), state(this, 2)]).value())
    }
    #[getter]
    fn hour(this: Gc<Time>) -> u8 {
        this.hour
    }
    #[getter]
    fn minute(this: Gc<Time>) -> u8 {
        this.minute
    }
    #[getter]
    fn second(this: Gc<Time>) -> u8 {
        this.second
    }
    #[getter]
    fn microsecond(this: Gc<Time>) -> u32 {
        this.micros
    }
    #[getter]
    fn tzinfo(this: Gc<Time>) -> Value {
        this.zone().unwrap_or(Value::none())
    }
    #[getter("fold")]
    fn fold_of(this: Gc<Time>) -> i64 {
        this.fold()
    }
}

/// The zone of an offset that was read.
pub fn parsed_zone(offset: Option<i64>) -> R {
    match offset {
        None => Ok(Value::none()),
        Some(0) => zone::utc(),
        Some(micros) => zone::fixed(from_micros(micros as i128)?, None),
    }
}

/// What the module enters into the class when it exists.
pub fn constants() -> R<[(&'static str, Value); 3]> {
    let last = plain([23, 59, 59, 999_999], 0, None);
    Ok([("min", plain([0; 4], 0, None)), ("max", last), ("resolution", from_micros(1)?.value())])
}
