//! The class `datetime`. Must not know: how local time is found (`local.rs`).

use super::arguments::{bind, int_or};
use super::calendar;
use super::clock::{self, Clock, Time, check_clock, parsed_zone, state_zone};
use super::date::{
    self, DAY_NAMES, Date, MONTH_NAMES, check_date, invalid_iso, iso_argument, replaced, state_argument, strptime,
};
use super::delta::{DAY, Delta, SECOND, as_delta, from_micros, seconds_of};
use super::format::{clock_text, offset_text, struct_time};
use super::local::{self, EPOCH, FOLD_REACH};
use super::zone::{self, check_zone, delta_or_none};
use super::zoneinfo::{self, ZoneInfo};
use super::{holds, reduce_protocol};
use native_macros::{Layout, native_class};
use objects::convert::CodePoint;
use objects::{
    Args, Cast, Class, CompareOp, Gc, Kwargs, Layout, R, Raised, Slot, Str, Value, call, call_method, class_name, class_of, hash,
    interned, new_bytes, new_int, new_object, new_str, new_tuple, overflow_error, repr, type_error, value_error,
};
use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Layout)]
#[layout(parent = Date)]
#[repr(C)]
pub struct DateTime {
    pub base: Date,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub fold: AtomicU8,
    pub micros: u32,
    zone: Slot,
}

type Day = (i64, i64, i64);

fn alloc(class: Gc<Class>, (year, month, day): Day, clock: Clock, fold: i64, zone: Option<Value>) -> Gc<DateTime> {
    let moment = new_object(
        class,
        DateTime {
            base: Date::fields(year, month, day),
            hour: clock[0] as u8,
            minute: clock[1] as u8,
            second: clock[2] as u8,
            fold: AtomicU8::new(fold as u8),
            micros: clock[3] as u32,
            zone: Slot::empty(),
        },
    );
    moment.zone.set_opt(zone);
    moment
}
fn make(class: Gc<Class>, day: Day, clock: Clock, fold: i64, zone: Value) -> R {
    check_date(day.0, day.1, day.2)?;
    check_clock(clock, fold)?;
    Ok(alloc(class, day, clock, fold, check_zone(zone)?).value())
}
/// An instance of a class, made by calling it if it is a subclass.
fn make_by_class(class: Gc<Class>, day: Day, clock: Clock, fold: i64, zone: Value) -> R {
    if class == DateTime::class() {
        return make(class, day, clock, fold, zone);
    }
    let [hour, minute, second, micros] = clock.map(new_int);
    let args = [new_int(day.0), new_int(day.1), new_int(day.2), hour, minute, second, micros, zone];
    let made = call(class.value(), &args)?;
    if fold != 0
        && let Some(moment) = made.cast::<DateTime>()
    {
        moment.fold.store(fold as u8, Ordering::Relaxed);
    }
    Ok(made)
}

#[cold]
fn out_of_range() -> Raised {
    overflow_error!("date value out of range")
}

/// Day and clock of microseconds since the day before year 1.
fn split(total: i128) -> R<(Day, Clock)> {
    // Whatever a datetime can be fits into 64 bits.
    let Ok(total) = i64::try_from(total) else { return Err(out_of_range()) };
    let ordinal = total.div_euclid(DAY as i64);
    if !(1..=calendar::MAX_ORDINAL).contains(&ordinal) {
        return Err(out_of_range());
    }
    let rest = total.rem_euclid(DAY as i64);
    let (seconds, micros) = (rest / SECOND as i64, rest % SECOND as i64);
    Ok((calendar::from_ordinal(ordinal), [seconds / 3600, seconds / 60 % 60, seconds % 60, micros]))
}

impl DateTime {
    pub fn zone(&self) -> Option<Value> {
        self.zone.get()
    }
    pub fn zone_value(&self) -> Value {
        self.zone.get().unwrap_or(Value::none())
    }
    pub fn clock(&self) -> Clock {
        [self.hour as i64, self.minute as i64, self.second as i64, self.micros as i64]
    }
    pub fn fold(&self) -> i64 {
        self.fold.load(Ordering::Relaxed) as i64
    }
    /// Seconds since 1970 as the clock shows.
    #[inline]
    pub fn epoch_seconds(&self) -> i64 {
        let clock = self.hour as i64 * 3600 + self.minute as i64 * 60 + self.second as i64;
        self.base.ordinal() * calendar::DAY_SECONDS + clock - EPOCH
    }
    /// Microseconds since the day before year 1, as the clock shows.
    fn total(&self) -> i128 {
        let [hour, minute, second, micros] = self.clock();
        (self.base.ordinal() * DAY as i64 + (hour * 3600 + minute * 60 + second) * SECOND as i64 + micros) as i128
    }
    fn seconds(&self) -> i64 {
        self.epoch_seconds() + EPOCH
    }
    fn offset(this: Gc<DateTime>) -> R<Option<Gc<Delta>>> {
        zone::utc_offset(this.zone(), this.value())
    }
}

/// A plain datetime that many microseconds later.
pub fn moved(this: Gc<DateTime>, micros: i128, fold: bool) -> R {
    let (day, clock) = split(this.total() + micros)?;
    Ok(alloc(DateTime::class(), day, clock, fold as i64, this.zone()).value())
}

/// `moment + delta` in microseconds.
pub fn shifted(this: Gc<DateTime>, micros: i128) -> R {
    let (day, clock) = split(this.total() + micros)?;
    let class = class_of(this.value());
    if class == DateTime::class() {
        return Ok(alloc(class, day, clock, 0, this.zone()).value());
    }
    make_by_class(class, day, clock, 0, this.zone_value())
}

fn micros_of(offset: Option<Gc<Delta>>) -> Option<i128> {
    offset.map(|offset| offset.total())
}

/// Whether the offset depends on fold: such a time equals no time of another zone.
fn is_problematic(this: Gc<DateTime>, offset: Option<i128>) -> R<bool> {
    let flipped = alloc(DateTime::class(), this.base.ymd(), this.clock(), 1 - this.fold(), this.zone());
    Ok(micros_of(zone::utc_offset(this.zone(), flipped.value())?) != offset)
}

fn compared(this: Gc<DateTime>, other: Value, op: CompareOp) -> R {
    let Some(other) = other.cast::<DateTime>() else { return Ok(Value::not_implemented()) };
    if this.zone() == other.zone() {
        let order = (this.base.ymd(), this.clock()).cmp(&(other.base.ymd(), other.clock()));
        return Ok(Value::bool(holds(order, op)));
    }
    let (own, others) = (micros_of(DateTime::offset(this)?), micros_of(DateTime::offset(other)?));
    let order = match (own, others) {
        (None, None) => this.total().cmp(&other.total()),
        (Some(own), Some(others)) => (this.total() - own).cmp(&(other.total() - others)),
        _ => {
            return match op {
                CompareOp::Eq => Ok(Value::false_()),
                CompareOp::Ne => Ok(Value::true_()),
                _ => Err(type_error!("can't compare offset-naive and offset-aware datetimes")),
            };
        }
    };
    if order.is_eq()
        && matches!(op, CompareOp::Eq | CompareOp::Ne)
        && (is_problematic(this, own)? || is_problematic(other, others)?)
    {
        return Ok(Value::bool(matches!(op, CompareOp::Ne)));
    }
    Ok(Value::bool(holds(order, op)))
}

/// The difference in microseconds, offsets taken into account.
fn difference(this: Gc<DateTime>, other: Gc<DateTime>) -> R<i128> {
    let plain = this.total() - other.total();
    if this.zone() == other.zone() {
        return Ok(plain);
    }
    match (DateTime::offset(this)?, DateTime::offset(other)?) {
        (None, None) => Ok(plain),
        (Some(own), Some(others)) => Ok(plain - own.total() + others.total()),
        _ => Err(type_error!("can't subtract offset-naive and offset-aware datetimes")),
    }
}

/// A datetime of whole seconds since 1970 and microseconds, in local time or in UTC.
fn from_seconds(class: Gc<Class>, seconds: i64, micros: i64, utc: bool, zone: Value) -> R {
    let [year, month, day, hour, minute, second] = local::fields_at(seconds, utc)?;
    check_date(year, month, day)?;
    let mut fold = 0;
    if zone.is_none() && !utc {
        // Is this the second of two times that the clock shows alike?
        let shown = local::seconds_of([year, month, day, hour, minute, second]);
        let earlier = EPOCH + seconds - FOLD_REACH;
        if earlier > local::seconds_of([1, 1, 2, 0, 0, 0]) {
            let transition = shown - local::local(earlier)? - FOLD_REACH;
            if transition < 0 && local::local(EPOCH + seconds + transition)? == shown {
                fold = 1;
            }
        }
    }
    make_by_class(class, (year, month, day), [hour, minute, second, micros], fold, zone)
}

fn in_zone(moment: Value, zone: Option<Value>) -> R {
    match zone {
        None => Ok(moment),
        Some(zone) => match zone.cast_exact::<ZoneInfo>() {
            Some(known) => zoneinfo::from_utc(known, moment),
            None => call_method(zone, interned!("fromutc"), &[moment]),
        },
    }
}

/// UTC seconds since 1970 of a naive time.
fn naive_seconds(this: &DateTime, fold: bool) -> R<i64> {
    Ok(local::from_local(this.seconds(), fold)? - EPOCH)
}

/// The zone that the system's clock is in at that moment.
fn local_zone(this: Gc<DateTime>, naive: bool) -> R {
    let seconds = if naive {
        let fold = this.fold() != 0;
        let (own, other) = (naive_seconds(&this, fold)?, naive_seconds(&this, !fold)?);
        if own != other && (other > own) == fold { other } else { own }
    } else {
        let offset = micros_of(DateTime::offset(this)?).unwrap_or(0);
        ((this.total() - offset).div_euclid(SECOND)) as i64 - EPOCH
    };
    let (offset, name) = local::zone_at(seconds)?;
    zone::fixed(from_micros(offset as i128 * SECOND)?, Some(new_str(&name)))
}

fn state(this: Gc<DateTime>, protocol: i64) -> Value {
    let fold = if protocol > 3 && this.fold() != 0 { 0x80 } else { 0 };
    let bytes = new_bytes(&packed(&this, fold));
    match this.zone() {
        None => new_tuple(&[bytes]).value(),
        Some(zone) => new_tuple(&[bytes, zone]).value(),
    }
}
fn packed(this: &DateTime, fold: u8) -> [u8; 10] {
    let [year_high, year_low] = this.base.year.to_be_bytes();
    let [_, high, middle, low] = this.micros.to_be_bytes();
    [year_high, year_low, this.base.month | fold, this.base.day, this.hour, this.minute, this.second, high, middle, low]
}

fn warn_utc(function: &str, instead: &str) -> R<()> {
    objects::warnings::deprecation(&format!(
        "datetime.datetime.{function}() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to represent datetimes in UTC: {instead}."
    ))
}

/// datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])
///
/// The arguments are ints; those after day default to 0. tzinfo is None or a
/// tzinfo object.
#[native_class(name = "datetime.datetime", layout = DateTime, base = Date)]
impl DateTime {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if let [first, rest @ ..] = args.values()
            && rest.len() <= 1
            && let Some(bytes) = state_argument(*first, 10, "datetime")?
            && (1..=12).contains(&(bytes[2] & 0x7f))
        {
            let number = |index: usize| bytes[index] as i64;
            let day = (number(0) << 8 | number(1), number(2) & 0x7f, number(3));
            let clock = [number(4), number(5), number(6), number(7) << 16 | number(8) << 8 | number(9)];
            return Ok(alloc(cls, day, clock, number(2) >> 7, state_zone(rest.first())?).value());
        }
        let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"];
        let [year, month, day, hour, minute, second, micros, zone, fold] = bind(args, "function", names, 3, 8)?;
        let day = (int_or(year, 0)?, int_or(month, 0)?, int_or(day, 0)?);
        let clock = [int_or(hour, 0)?, int_or(minute, 0)?, int_or(second, 0)?, int_or(micros, 0)?];
        make(cls, day, clock, int_or(fold, 0)?, zone.unwrap_or(Value::none()))
    }
    /// The current time in the timezone tz.
    ///
    /// Without tz it is the local time, with no tzinfo.
    #[classmethod]
    #[sig("($type, /, tz=None)")]
    fn now(cls: Gc<Class>, tz: Option<Value>) -> R {
        let zone = check_zone(tz.unwrap_or(Value::none()))?;
        let (seconds, micros) = local::now();
        let moment = from_seconds(cls, seconds, micros, zone.is_some(), zone.unwrap_or(Value::none()))?;
        in_zone(moment, zone)
    }
    /// The current time in UTC, without a tzinfo.
    #[classmethod]
    fn utcnow(cls: Gc<Class>) -> R {
        warn_utc("utcnow", "datetime.datetime.now(datetime.UTC)")?;
        let (seconds, micros) = local::now();
        from_seconds(cls, seconds, micros, true, Value::none())
    }
    /// timestamp[, tz] -> the time in tz at a POSIX timestamp.
    #[classmethod]
    #[sig("($type, /, timestamp, tz=None)")]
    fn fromtimestamp(cls: Gc<Class>, timestamp: Value, tz: Option<Value>) -> R {
        let zone = check_zone(tz.unwrap_or(Value::none()))?;
        let (seconds, micros) = local::timestamp_parts(timestamp)?;
        let moment = from_seconds(cls, seconds, micros, zone.is_some(), zone.unwrap_or(Value::none()))?;
        in_zone(moment, zone)
    }
    /// The time in UTC at a POSIX timestamp, without a tzinfo.
    #[classmethod]
    fn utcfromtimestamp(cls: Gc<Class>, timestamp: Value) -> R {
        warn_utc("utcfromtimestamp", "datetime.datetime.fromtimestamp(timestamp, datetime.UTC)")?;
        let (seconds, micros) = local::timestamp_parts(timestamp)?;
        from_seconds(cls, seconds, micros, true, Value::none())
    }
    /// string, format -> new datetime, read as time.strptime() reads.
    #[classmethod]
    fn strptime(cls: Gc<Class>, text: Gc<Str>, format: Gc<Str>) -> R {
        strptime(cls, text, format, "_strptime_datetime_datetime")
    }
    /// date, time -> datetime of the two together
    #[classmethod]
    #[sig("($type, /, date, time, tzinfo=unchanged)")]
    fn combine(cls: Gc<Class>, date: Value, time: Value, tzinfo: Option<Value>) -> R {
        let Some(date) = date.cast::<Date>() else {
            return Err(type_error!("combine() argument 1 must be datetime.date, not {}", class_name(date)));
        };
        let Some(time) = time.cast::<Time>() else {
            return Err(type_error!("combine() argument 2 must be datetime.time, not {}", class_name(time)));
        };
        let zone = tzinfo.unwrap_or(time.zone().unwrap_or(Value::none()));
        make_by_class(cls, date.ymd(), time.clock(), time.fold(), zone)
    }
    /// string -> datetime in one of most formats of ISO 8601
    #[classmethod]
    #[sig("($type, object, /)")]
    fn fromisoformat(cls: Gc<Class>, text: Value) -> R {
        let bytes = iso_argument(text)?;
        if bytes.len() < 7 {
            return Err(invalid_iso(text));
        }
        let parsed = calendar::date_end(&bytes).and_then(|end| {
            let day = calendar::parse_date(bytes.get(..end).ok_or(calendar::Malformed)?)?;
            match bytes.get(end + 1..) {
                None | Some([]) if bytes.len() > end => Err(calendar::Malformed),
                None | Some([]) => Ok((day, [0; 4], None)),
                Some(rest) => calendar::parse_time(rest).map(|(clock, offset)| (day, clock, offset)),
            }
        });
        let Ok((mut day, mut clock, offset)) = parsed else { return Err(invalid_iso(text)) };
        let zone = parsed_zone(offset)?;
        if clock[0] == 24 && (1..=12).contains(&day.1) && (1..=9999).contains(&day.0) {
            let length = calendar::month_length(day.0, day.1);
            if day.2 <= length {
                if clock[1..] != [0, 0, 0] {
                    return Err(value_error!("minute, second, and microsecond must be 0 when hour is 24"));
                }
                clock[0] = 0;
                day.2 += 1;
                if day.2 > length {
                    (day.2, day.1) = (1, day.1 + 1);
                    if day.1 > 12 {
                        (day.1, day.0) = (1, day.0 + 1);
                    }
                }
            }
        }
        make_by_class(cls, day, clock, 0, zone)
    }
    fn __repr__(this: Gc<DateTime>) -> R<String> {
        let (year, month, day) = this.base.ymd();
        let name = class_name(this.value());
        let mut text = format!("{name}({year}, {month}, {day}, {}, {}", this.hour, this.minute);
        if this.micros != 0 {
            text.push_str(&format!(", {}, {}", this.second, this.micros));
        } else if this.second != 0 {
            text.push_str(&format!(", {}", this.second));
        }
        if this.fold() != 0 {
            text.push_str(", fold=1");
        }
        if let Some(zone) = this.zone() {
            text.push_str(&format!(", tzinfo={}", repr(zone)?.to_string_lossy()));
        }
        text.push(')');
        Ok(text)
    }
    fn __str__(this: Gc<DateTime>) -> R {
        let method = objects::get_attr(this.value(), interned!("isoformat"))?;
        objects::call_kw(method, &[], &[(interned!("sep"), new_str(" "))])
    }
    fn __hash__(this: Gc<DateTime>) -> R<i64> {
        let known = this.base.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let asked = match this.fold() {
            0 => this,
            _ => alloc(DateTime::class(), this.base.ymd(), this.clock(), 0, this.zone()),
        };
        let fresh = match zone::utc_offset(this.zone(), asked.value())? {
            None => hash(new_bytes(&packed(&this, 0)))?,
            Some(offset) => hash(from_micros(this.total() - offset.total())?.value())?,
        };
        this.base.hash.store(fresh, Ordering::Relaxed);
        Ok(fresh)
    }
    fn __lt__(this: Gc<DateTime>, other: Value) -> R {
        compared(this, other, CompareOp::Lt)
    }
    fn __le__(this: Gc<DateTime>, other: Value) -> R {
        compared(this, other, CompareOp::Le)
    }
    fn __eq__(this: Gc<DateTime>, other: Value) -> R {
        compared(this, other, CompareOp::Eq)
    }
    fn __ne__(this: Gc<DateTime>, other: Value) -> R {
        compared(this, other, CompareOp::Ne)
    }
    fn __gt__(this: Gc<DateTime>, other: Value) -> R {
        compared(this, other, CompareOp::Gt)
    }
    fn __ge__(this: Gc<DateTime>, other: Value) -> R {
        compared(this, other, CompareOp::Ge)
    }
    fn __add__(this: Gc<DateTime>, other: Value) -> R {
        match as_delta(other) {
            Some(delta) => shifted(this, delta.total()),
            None => Ok(Value::not_implemented()),
        }
    }
    fn __radd__(this: Gc<DateTime>, other: Value) -> R {
        DateTime::__add__(this, other)
    }
    fn __sub__(this: Gc<DateTime>, other: Value) -> R {
        if let Some(delta) = as_delta(other) {
            return shifted(this, -delta.total());
        }
        match other.cast::<DateTime>() {
            Some(other) => Ok(from_micros(difference(this, other)?)?.value()),
            None => Ok(Value::not_implemented()),
        }
    }
    /// The date without the time.
    fn date(this: Gc<DateTime>) -> Value {
        let (year, month, day) = this.base.ymd();
        date::plain(year, month, day)
    }
    /// The time of day, without the tzinfo.
    fn time(this: Gc<DateTime>) -> Value {
        clock::plain(this.clock(), this.fold(), None)
    }
    /// The time of day, with the tzinfo.
    fn timetz(this: Gc<DateTime>) -> Value {
        clock::plain(this.clock(), this.fold(), this.zone())
    }
    /// Return ctime() style string.
    fn ctime(this: Gc<DateTime>) -> String {
        let weekday = calendar::weekday(this.base.ordinal());
        let (name, month) = (DAY_NAMES[weekday as usize], MONTH_NAMES[this.base.month as usize - 1]);
        let (hour, minute, second) = (this.hour, this.minute, this.second);
        format!("{name} {month} {:2} {hour:02}:{minute:02}:{second:02} {:04}", this.base.day, this.base.year)
    }
    /// The fields as a time.struct_time.
    fn timetuple(this: Gc<DateTime>) -> R {
        let flag = zone::dst(this.zone(), this.value())?.map_or(-1, |saving| (saving.total() != 0) as i64);
        tuple_of(this.base.ymd(), this.clock(), flag)
    }
    /// The POSIX timestamp, a float.
    fn timestamp(this: Gc<DateTime>) -> R<f64> {
        match DateTime::offset(this)?.filter(|_| this.zone().is_some()) {
            Some(offset) => {
                let micros = this.total() - offset.total() - EPOCH as i128 * SECOND;
                seconds_of(micros)
            }
            None => {
                let seconds = naive_seconds(&this, this.fold() != 0)?;
                Ok(seconds as f64 + this.micros as f64 / 1e6)
            }
        }
    }
    /// The fields in UTC as a time.struct_time.
    fn utctimetuple(this: Gc<DateTime>) -> R {
        let offset = micros_of(DateTime::offset(this)?).unwrap_or(0);
        let (day, clock) = split(this.total() - offset)?;
        tuple_of(day, clock, 0)
    }
    /// [sep] -> the time in ISO 8601 format,
    /// YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    ///
    /// sep stands between date and time, 'T' by default. timespec says where it
    /// ends: 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', or
    /// 'auto' for seconds and, unless 0, microseconds.
    #[sig("($self, /, sep='T', timespec='auto')")]
    fn isoformat(this: Gc<DateTime>, #[default(CodePoint('T' as u32))] sep: CodePoint, timespec: &str) -> R {
        let mut text = clock_text(this.hour, this.minute, this.second, this.micros, timespec)?;
        if let Some(offset) = DateTime::offset(this)? {
            text.push_str(&offset_text(offset, ":"));
        }
        let day = date::iso_text(&this.base);
        let all = day.chars().map(|c| c as u32).chain([sep.0]).chain(text.chars().map(|c| c as u32));
        Ok(Str::from_chars(all).value())
    }
    /// Return self.tzinfo.utcoffset(self).
    fn utcoffset(this: Gc<DateTime>) -> R {
        Ok(delta_or_none(DateTime::offset(this)?))
    }
    /// Return self.tzinfo.tzname(self).
    fn tzname(this: Gc<DateTime>) -> R {
        zone::zone_name(this.zone(), this.value())
    }
    /// Return self.tzinfo.dst(self).
    fn dst(this: Gc<DateTime>) -> R {
        Ok(delta_or_none(zone::dst(this.zone(), this.value())?))
    }
    /// A datetime with the given fields replaced.
    #[sig(
        "($self, /, year=unchanged, month=unchanged, day=unchanged,\n        hour=unchanged, minute=unchanged, second=unchanged,\n        microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)"
    )]
    fn replace(
        this: Gc<DateTime>,
        year: Option<Value>,
        month: Option<Value>,
        day: Option<Value>,
        hour: Option<Value>,
        minute: Option<Value>,
        second: Option<Value>,
        microsecond: Option<Value>,
        tzinfo: Option<Value>,
        fold: Option<Value>,
    ) -> R {
        let own = this.base.ymd();
        let day = (int_or(year, own.0)?, int_or(month, own.1)?, int_or(day, own.2)?);
        let own = this.clock();
        let clock = [int_or(hour, own[0])?, int_or(minute, own[1])?, int_or(second, own[2])?, int_or(microsecond, own[3])?];
        let fold = int_or(fold, this.fold())?;
        if !(0..=1).contains(&fold) {
            return Err(value_error!("fold must be either 0 or 1, not {fold}"));
        }
        make_by_class(class_of(this.value()), day, clock, fold, tzinfo.unwrap_or(this.zone_value()))
    }
    /// The same as replace().
    #[sig("($self, /, **changes)")]
    fn __replace__(this: Gc<DateTime>, changes: Kwargs) -> R {
        replaced(this.value(), changes)
    }
    /// tz -> the same moment in the timezone tz
    #[sig("($self, /, tz=None)")]
    fn astimezone(this: Gc<DateTime>, tz: Option<Value>) -> R {
        let mut target = check_zone(tz.unwrap_or(Value::none()))?;
        if target.is_some() && target == this.zone() {
            return Ok(this.value());
        }
        // Where the moment is now; naive ones are in local time.
        let (own, offset) = match this.zone() {
            Some(own) => (Some(own), micros_of(DateTime::offset(this)?)),
            None => (None, None),
        };
        let (own, offset) = match offset {
            Some(offset) => (own, offset),
            None => {
                let own = local_zone(this, true)?;
                (Some(own), micros_of(zone::utc_offset(Some(own), this.value())?).unwrap_or(0))
            }
        };
        if target.is_some() && target == own {
            return Ok(this.value());
        }
        let (day, clock) = split(this.total() - offset)?;
        if target.is_none() {
            let utc = alloc(DateTime::class(), day, clock, 0, Some(zone::utc()?));
            target = Some(local_zone(utc, false)?);
        }
        let zone = target.unwrap_or(Value::none());
        let utc = make_by_class(class_of(this.value()), day, clock, 0, zone)?;
        in_zone(utc, target)
    }
    /// __reduce_ex__(proto) -> (cls, state)
    fn __reduce_ex__(this: Gc<DateTime>, protocol: Value) -> R {
        let state = state(this, reduce_protocol(protocol)?);
        Ok(new_tuple(&[class_of(this.value()).value(), state]).value())
    }
    /// __reduce__() -> (cls, state)
    fn __reduce__(this: Gc<DateTime>) -> R {
        Ok(new_tuple(&[class_of(this.value()).value(), state(this, 2)]).value())
    }
    #[getter]
    fn hour(this: Gc<DateTime>) -> u8 {
        this.hour
    }
    #[getter]
    fn minute(this: Gc<DateTime>) -> u8 {
        this.minute
    }
    #[getter]
    fn second(this: Gc<DateTime>) -> u8 {
        this.second
    }
    #[getter]
    fn microsecond(this: Gc<DateTime>) -> u32 {
        this.micros
    }
    #[getter]
    fn tzinfo(this: Gc<DateTime>) -> Value {
        this.zone_value()
    }
    #[getter("fold")]
    fn fold_of(this: Gc<DateTime>) -> i64 {
        this.fold()
    }
}

fn tuple_of((year, month, day): Day, clock: Clock, flag: i64) -> R {
    let weekday = calendar::weekday(calendar::ordinal(year, month, day));
    let number = calendar::day_of_year(year, month, day);
    struct_time([year, month, day, clock[0], clock[1], clock[2], weekday, number, flag])
}

/// What the module enters into the class when it exists.
pub fn constants() -> R<[(&'static str, Value); 3]> {
    let first = alloc(DateTime::class(), (1, 1, 1), [0; 4], 0, None).value();
    let last = alloc(DateTime::class(), (9999, 12, 31), [23, 59, 59, 999_999], 0, None).value();
    Ok([("min", first), ("max", last), ("resolution", from_micros(1)?.value())])
}
