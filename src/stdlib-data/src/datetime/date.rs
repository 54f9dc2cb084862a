//! The class `date`, and the tuple that `isocalendar()` gives. Must not know: times, except that datetimes are dates too.

use super::arguments::{bind, int, int_or};
use super::calendar::{self, IsoFault, MAX_ORDINAL};
use super::delta::{DAY, as_delta, from_micros};
use super::format::{Subject, strftime, struct_time};
use super::local;
use super::moment::DateTime;
use super::{holds, latin1_bytes};
use base::text::Text;
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, CompareOp, Gc, Header, Kwargs, Layout, R, Str, Tuple, Value, call, call_method, class_name, class_of,
    get_attr_named, interned, new_bytes, new_int, new_object, new_tuple, overflow_error, type_error, value_error,
};
use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Date {
    pub header: Header,
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hash: AtomicI64,
}

impl Date {
    pub fn fields(year: i64, month: i64, day: i64) -> Date {
        Date { header: Header::blank(), year: year as u16, month: month as u8, day: day as u8, hash: AtomicI64::new(-1) }
    }
    pub fn ymd(&self) -> (i64, i64, i64) {
        (self.year as i64, self.month as i64, self.day as i64)
    }
    pub fn ordinal(&self) -> i64 {
        calendar::ordinal(self.year as i64, self.month as i64, self.day as i64)
    }
}

pub const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
pub const MONTH_NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub fn check_date(year: i64, month: i64, day: i64) -> R<()> {
    if !(1..=9999).contains(&year) {
        return Err(value_error!("year must be in 1..9999, not {year}"));
    }
    if !(1..=12).contains(&month) {
        return Err(value_error!("month must be in 1..12, not {month}"));
    }
    let length = calendar::month_length(year, month);
    if !(1..=length).contains(&day) {
        return Err(value_error!("day {day} must be in range 1..{length} for month {month} in year {year}"));
    }
    Ok(())
}

fn make(class: Gc<Class>, year: i64, month: i64, day: i64) -> R {
    check_date(year, month, day)?;
    Ok(new_object(class, Date::fields(year, month, day)).value())
}
/// A plain date of fields that are known to be right.
pub fn plain(year: i64, month: i64, day: i64) -> Value {
    new_object(Date::class(), Date::fields(year, month, day)).value()
}
/// An instance of a class, made by calling it if it is a subclass.
fn make_by_class(class: Gc<Class>, year: i64, month: i64, day: i64) -> R {
    if class == Date::class() {
        return make(class, year, month, day);
    }
    call(class.value(), &[new_int(year), new_int(month), new_int(day)])
}

fn from_timestamp(class: Gc<Class>, timestamp: Value) -> R {
    let [year, month, day, ..] = local::fields_at(local::whole_seconds(timestamp)?, false)?;
    make_by_class(class, year, month, day)
}

fn only_date(value: Value) -> Option<Gc<Date>> {
    if value.cast::<DateTime>().is_some() { None } else { value.cast::<Date>() }
}

fn compared(this: Gc<Date>, other: Value, op: CompareOp) -> R {
    match only_date(other) {
        Some(other) => Ok(Value::bool(holds(this.ymd().cmp(&other.ymd()), op))),
        None => Ok(Value::not_implemented()),
    }
}

fn moved(this: Gc<Date>, days: i64) -> R {
    let ordinal = this.ordinal() + days;
    if !(1..=MAX_ORDINAL).contains(&ordinal) {
        return Err(overflow_error!("date value out of range"));
    }
    let (year, month, day) = calendar::from_ordinal(ordinal);
    make_by_class(class_of(this.value()), year, month, day)
}

pub fn iso_text(date: &Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// `Invalid isoformat string: ...`
#[cold]
pub fn invalid_iso(text: Value) -> objects::Raised {
    match objects::repr(text) {
        Ok(shown) => value_error!("Invalid isoformat string: {}", shown.to_string_lossy()),
        Err(raised) => raised,
    }
}
/// The characters of a text, others than ASCII as one byte that means nothing.
pub fn iso_argument(text: Value) -> R<Cow<'static, [u8]>> {
    let Some(text) = text.cast::<Str>() else { return Err(type_error!("fromisoformat: argument must be str")) };
    if let Text::One(units) = text.text() {
        return Ok(Cow::Borrowed(units));
    }
    let units = text.chars().iter().map(|code| if code < 0x80 { code as u8 } else { 0xff });
    Ok(Cow::Owned(base::memory::collected(units)))
}

/// `strptime` of the Python module that reads by formats.
pub fn strptime(class: Gc<Class>, text: Gc<Str>, format: Gc<Str>, function: &str) -> R {
    let function = get_attr_named(objects::system::import("_strptime")?, function)?;
    call(function, &[class.value(), text.value(), format.value()])
}

/// The state in bytes that the first argument may be.
pub fn state_argument(value: Value, length: usize, what: &str) -> R<Option<Vec<u8>>> {
    let Some(bytes) = latin1_bytes(value, length) else { return Ok(None) };
    match bytes {
        Ok(bytes) => Ok(Some(bytes)),
        Err(()) => Err(value_error!(
            "Failed to encode latin1 string when unpickling a {what} object. pickle.load(data, encoding='latin1') is assumed."
        )),
    }
}

/// date(year, month, day) --> date object
#[native_class(name = "datetime.date", layout = Date, base = object)]
impl Date {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if let [state] = args.values()
            && let Some(bytes) = state_argument(*state, 4, "date")?
            && (1..=12).contains(&bytes[2])
        {
            let year = bytes[0] as i64 * 256 + bytes[1] as i64;
            return Ok(new_object(cls, Date::fields(year, bytes[2] as i64, bytes[3] as i64)).value());
        }
        let [year, month, day] = bind(args, "function", ["year", "month", "day"], 3, 3)?;
        make(cls, int_or(year, 0)?, int_or(month, 0)?, int_or(day, 0)?)
    }
    /// The local date at a POSIX timestamp, a number as time.time() returns it.
    #[classmethod]
    #[sig("($type, timestamp, /)")]
    fn fromtimestamp(cls: Gc<Class>, timestamp: Value) -> R {
        from_timestamp(cls, timestamp)
    }
    /// int -> date of that day of the proleptic Gregorian calendar.
    #[classmethod]
    fn fromordinal(cls: Gc<Class>, ordinal: Value) -> R {
        let ordinal = int(ordinal)?;
        if ordinal < 1 {
            return Err(value_error!("ordinal must be >= 1"));
        }
        let (year, month, day) = calendar::from_ordinal(ordinal);
        make_by_class(cls, year, month, day)
    }
    /// str -> date in a format of ISO 8601.
    #[classmethod]
    #[sig("($type, object, /)")]
    fn fromisoformat(cls: Gc<Class>, text: Value) -> R {
        let bytes = iso_argument(text)?;
        let Ok((year, month, day)) = calendar::parse_date(&bytes) else { return Err(invalid_iso(text)) };
        make_by_class(cls, year, month, day)
    }
    /// int, int, int -> date of an ISO year, week number and weekday.
    ///
    /// These are what isocalendar() returns
    #[classmethod]
    #[sig("($type, /, year, week, day)")]
    fn fromisocalendar(cls: Gc<Class>, year: Value, week: Value, day: Value) -> R {
        let component = |value: Value| -> R<i64> {
            match int(value) {
                Err(raised) if raised.is(&objects::exc::OVERFLOW_ERROR) => {
                    raised.clear();
                    Err(value_error!("ISO calendar component out of range"))
                }
                result => result,
            }
        };
        match calendar::from_iso_week(component(year)?, component(week)?, component(day)?) {
            Ok((year, month, day)) => make_by_class(cls, year, month, day),
            Err(IsoFault::Year(year)) => Err(value_error!("year must be in 1..9999, not {year}")),
            Err(IsoFault::Week(week)) => Err(value_error!("Invalid week: {week}")),
            Err(IsoFault::Day(day)) => Err(value_error!("Invalid weekday: {day} (range is [1, 7])")),
        }
    }
    /// string, format -> new date, read as time.strptime() reads.
    #[classmethod]
    fn strptime(cls: Gc<Class>, text: Gc<Str>, format: Gc<Str>) -> R {
        strptime(cls, text, format, "_strptime_datetime_date")
    }
    /// The current date or datetime, that of the timestamp time.time().
    #[classmethod]
    fn today(cls: Gc<Class>) -> R {
        let now = call_method(objects::system::import("time")?, interned!("time"), &[])?;
        call_method(cls.value(), interned!("fromtimestamp"), &[now])
    }
    fn __repr__(this: Gc<Date>) -> String {
        format!("{}({}, {}, {})", class_name(this.value()), this.year, this.month, this.day)
    }
    fn __str__(this: Gc<Date>) -> R {
        call_method(this.value(), interned!("isoformat"), &[])
    }
    fn __hash__(this: Gc<Date>) -> R<i64> {
        let known = this.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let fresh = objects::hash(new_bytes(&state(&this)))?;
        this.hash.store(fresh, Ordering::Relaxed);
        Ok(fresh)
    }
    fn __lt__(this: Gc<Date>, other: Value) -> R {
        compared(this, other, CompareOp::Lt)
    }
    fn __le__(this: Gc<Date>, other: Value) -> R {
        compared(this, other, CompareOp::Le)
    }
    fn __eq__(this: Gc<Date>, other: Value) -> R {
        compared(this, other, CompareOp::Eq)
    }
    fn __ne__(this: Gc<Date>, other: Value) -> R {
        compared(this, other, CompareOp::Ne)
    }
    fn __gt__(this: Gc<Date>, other: Value) -> R {
        compared(this, other, CompareOp::Gt)
    }
    fn __ge__(this: Gc<Date>, other: Value) -> R {
        compared(this, other, CompareOp::Ge)
    }
    fn __add__(this: Gc<Date>, other: Value) -> R {
        match as_delta(other) {
            Some(delta) => moved(this, delta.days as i64),
            None => Ok(Value::not_implemented()),
        }
    }
    fn __radd__(this: Gc<Date>, other: Value) -> R {
        Date::__add__(this, other)
    }
    fn __sub__(this: Gc<Date>, other: Value) -> R {
        if let Some(delta) = as_delta(other) {
            return moved(this, -(delta.days as i64));
        }
        match only_date(other) {
            Some(other) => Ok(from_micros((this.ordinal() - other.ordinal()) as i128 * DAY)?.value()),
            None => Ok(Value::not_implemented()),
        }
    }
    /// Return ctime() style string.
    fn ctime(this: Gc<Date>) -> String {
        let weekday = calendar::weekday(this.ordinal());
        let (name, month) = (DAY_NAMES[weekday as usize], MONTH_NAMES[this.month as usize - 1]);
        format!("{name} {month} {:2} 00:00:00 {:04}", this.day, this.year)
    }
    /// format -> string as strftime() makes it.
    #[sig("($self, /, format)")]
    fn strftime(this: Gc<Date>, format: Gc<Str>) -> R {
        let tuple = call_method(this.value(), interned!("timetuple"), &[])?;
        let moment = this.value().cast::<DateTime>();
        let subject = Subject {
            micros: moment.map_or(0, |moment| moment.micros),
            zone: moment.and_then(|moment| moment.zone()),
            moment: this.value(),
        };
        strftime(&subject, format, tuple)
    }
    /// Formats self with strftime.
    fn __format__(this: Gc<Date>, format: Gc<Str>) -> R {
        formatted(this.value(), format)
    }
    /// The fields as a time.struct_time.
    fn timetuple(this: Gc<Date>) -> R {
        let (year, month, day) = this.ymd();
        let weekday = calendar::weekday(this.ordinal());
        struct_time([year, month, day, 0, 0, 0, weekday, calendar::day_of_year(year, month, day), -1])
    }
    /// The ISO year, week number and weekday as a named tuple.
    fn isocalendar(this: Gc<Date>) -> Value {
        let (year, month, day) = this.ymd();
        let (year, week, day) = calendar::iso_week(year, month, day);
        let items = [year, week, day].map(new_int);
        objects::tuple::tuple_alloc(IsoCalendarDate::CLASS_DEF.class(), &items).value()
    }
    /// The date in ISO 8601 format, YYYY-MM-DD.
    fn isoformat(this: Gc<Date>) -> String {
        iso_text(&this)
    }
    /// The day of the week, from 1 for Monday to 7 for Sunday.
    fn isoweekday(this: Gc<Date>) -> i64 {
        calendar::weekday(this.ordinal()) + 1
    }
    /// The number of the day since January 1 of year 1, which is 1.
    fn toordinal(this: Gc<Date>) -> i64 {
        this.ordinal()
    }
    /// The day of the week, from 0 for Monday to 6 for Sunday.
    fn weekday(this: Gc<Date>) -> i64 {
        calendar::weekday(this.ordinal())
    }
    /// A date with the given fields replaced.
    #[sig("($self, /, year=unchanged, month=unchanged, day=unchanged)")]
    fn replace(this: Gc<Date>, year: Option<Value>, month: Option<Value>, day: Option<Value>) -> R {
        let (own_year, own_month, own_day) = this.ymd();
        let (year, month, day) = (int_or(year, own_year)?, int_or(month, own_month)?, int_or(day, own_day)?);
        make_by_class(class_of(this.value()), year, month, day)
    }
    /// The same as replace().
    #[sig("($self, /, **changes)")]
    fn __replace__(this: Gc<Date>, changes: Kwargs) -> R {
        replaced(this.value(), changes)
    }
    /// __reduce__() -> (cls, state)
    fn __reduce__(this: Gc<Date>) -> R {
        let args = new_tuple(&[new_bytes(&state(&this))]).value();
        Ok(new_tuple(&[class_of(this.value()).value(), args]).value())
    }
    #[getter]
    fn year(this: Gc<Date>) -> u16 {
        this.year
    }
    #[getter]
    fn month(this: Gc<Date>) -> u8 {
        this.month
    }
    #[getter]
    fn day(this: Gc<Date>) -> u8 {
        this.day
    }
}

fn state(date: &Date) -> [u8; 4] {
    let [high, low] = date.year.to_be_bytes();
    [high, low, date.month, date.day]
}

/// `format(value, spec)` of dates and times.
pub fn formatted(value: Value, format: Gc<Str>) -> R {
    if format.is_empty() {
        return Ok(objects::str_of(value)?.value());
    }
    call_method(value, interned!("strftime"), &[format.value()])
}

/// `value.replace(**changes)`
pub fn replaced(value: Value, changes: Kwargs) -> R {
    let method = objects::get_attr(value, interned!("replace"))?;
    let mut pairs = objects::GcVec::new();
    for (name, change) in changes.iter() {
        pairs.push((name, change));
    }
    objects::call_kw(method, &[], &pairs)
}

pub struct IsoCalendarDate;

#[native_class(name = "datetime.IsoCalendarDate", layout = Tuple, base = tuple, flags = "final")]
impl IsoCalendarDate {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let [year, week, weekday] = bind(args, "IsoCalendarDate()", ["year", "week", "weekday"], 3, 3)?;
        let items = [int_or(year, 0)?, int_or(week, 0)?, int_or(weekday, 0)?].map(new_int);
        Ok(objects::tuple::tuple_alloc(cls, &items).value())
    }
    fn __repr__(this: Gc<Tuple>) -> R<String> {
        let part = |index: usize| this.get(index).map_or(String::new(), objects::repr_lossy);
        Ok(format!("{}(year={}, week={}, weekday={})", class_name(this.value()), part(0), part(1), part(2)))
    }
    /// __reduce__() -> (cls, state)
    fn __reduce__(this: Gc<Tuple>) -> R {
        let plain = new_tuple(this.items()).value();
        Ok(new_tuple(&[Tuple::class().value(), new_tuple(&[plain]).value()]).value())
    }
    #[getter]
    fn year(this: Gc<Tuple>) -> Value {
        this.get(0).unwrap_or(Value::none())
    }
    #[getter]
    fn week(this: Gc<Tuple>) -> Value {
        this.get(1).unwrap_or(Value::none())
    }
    #[getter]
    fn weekday(this: Gc<Tuple>) -> Value {
        this.get(2).unwrap_or(Value::none())
    }
}

/// What the module enters into the class when it exists.
pub fn constants() -> R<[(&'static str, Value); 3]> {
    let day = from_micros(DAY)?.value();
    Ok([("min", plain(1, 1, 1)), ("max", plain(9999, 12, 31)), ("resolution", day)])
}
