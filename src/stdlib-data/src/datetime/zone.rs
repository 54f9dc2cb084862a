//! The classes `tzinfo` and `timezone`, and asking any zone. Must not know: the fields of dates.

use super::arguments::bind;
use super::delta::{Delta, as_delta, from_micros};
use super::format::offset_text;
use super::moment::{self, DateTime};
use super::zoneinfo::{self, ZoneInfo};
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, Header, Layout, R, Raised, Slot, Str, Value, call, call_method, class_name, class_of, get_attr_opt,
    hash, interned, new_object, new_str, new_tuple, not_implemented_error, repr, type_error, value_error,
};

#[derive(Layout)]
#[repr(C)]
pub struct TzInfo {
    pub header: Header,
}

#[derive(Layout)]
#[layout(parent = TzInfo)]
#[repr(C)]
pub struct TimeZone {
    pub base: TzInfo,
    pub offset: Gc<Delta>,
    name: Slot,
}

static UTC: Slot = Slot::empty();

/// `timezone.utc`
pub fn utc() -> R {
    if let Some(utc) = UTC.get() {
        return Ok(utc);
    }
    let utc = plain(from_micros(0)?, None);
    objects::roots::keep_forever(utc);
    Ok(UTC.get_or_set(utc))
}

fn plain(offset: Gc<Delta>, name: Option<Value>) -> Value {
    let base = TzInfo { header: Header::blank() };
    let zone = new_object(TimeZone::class(), TimeZone { base, offset, name: Slot::empty() });
    zone.name.set_opt(name);
    zone.value()
}

fn check_offset(offset: Gc<Delta>) -> R<()> {
    if offset.days == 0 || (offset.days == -1 && (offset.seconds | offset.microseconds) != 0) {
        return Ok(());
    }
    Err(value_error!(
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {}",
        repr(offset.value())?.to_string_lossy()
    ))
}

/// The zone of a fixed offset.
pub fn fixed(offset: Gc<Delta>, name: Option<Value>) -> R {
    check_offset(offset)?;
    if name.is_none() && offset.total() == 0 {
        return utc();
    }
    Ok(plain(offset, name))
}

/// A zone that is one, or None.
pub fn check_zone(zone: Value) -> R<Option<Value>> {
    if zone.is_none() {
        return Ok(None);
    }
    if zone.cast::<TzInfo>().is_some() {
        return Ok(Some(zone));
    }
    Err(type_error!("tzinfo argument must be None or of a tzinfo subclass, not type '{}'", class_name(zone)))
}

fn ask(zone: Option<Value>, name: &'static str, moment: Value) -> R<Option<Gc<Delta>>> {
    let Some(zone) = zone else { return Ok(None) };
    let answer = call_method(zone, objects::intern(name), &[moment])?;
    if answer.is_none() {
        return Ok(None);
    }
    let Some(offset) = as_delta(answer) else {
        return Err(type_error!("tzinfo.{name}() must return None or timedelta, not '{}'", class_name(answer)));
    };
    check_offset(offset)?;
    Ok(Some(offset))
}

/// The zone's offset at a moment (a datetime or None).
pub fn utc_offset(zone: Option<Value>, moment: Value) -> R<Option<Gc<Delta>>> {
    if let Some(fixed) = zone.and_then(|zone| zone.cast_exact::<TimeZone>()) {
        return Ok(Some(fixed.offset));
    }
    if let Some(known) = zone.and_then(|zone| zone.cast_exact::<ZoneInfo>()) {
        let offset = as_delta(zoneinfo::utc_offset(known, moment)?);
        offset.map_or(Ok(()), check_offset)?;
        return Ok(offset);
    }
    ask(zone, "utcoffset", moment)
}
pub fn dst(zone: Option<Value>, moment: Value) -> R<Option<Gc<Delta>>> {
    ask(zone, "dst", moment)
}
pub fn zone_name(zone: Option<Value>, moment: Value) -> R {
    let Some(zone) = zone else { return Ok(Value::none()) };
    let answer = match zone.cast_exact::<ZoneInfo>() {
        Some(known) => zoneinfo::name(known, moment)?,
        None => call_method(zone, interned!("tzname"), &[moment])?,
    };
    if answer.is_none() || answer.cast::<Str>().is_some() {
        return Ok(answer);
    }
    Err(type_error!("tzinfo.tzname() must return None or a string, not '{}'", class_name(answer)))
}
pub fn delta_or_none(delta: Option<Gc<Delta>>) -> Value {
    delta.map_or(Value::none(), Gc::value)
}

#[cold]
fn must_implement(method: &str) -> Raised {
    not_implemented_error!("a tzinfo subclass must implement {method}()")
}

fn own_moment(this: Value, moment: Value) -> R<Gc<DateTime>> {
    let Some(moment) = moment.cast::<DateTime>() else { return Err(type_error!("fromutc: argument must be a datetime")) };
    if moment.zone() != Some(this) {
        return Err(value_error!("fromutc: dt.tzinfo is not self"));
    }
    Ok(moment)
}

/// Base class of the rules of time zones.
#[native_class(name = "datetime.tzinfo", layout = TzInfo, base = object)]
impl TzInfo {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, TzInfo { header: Header::blank() }).value())
    }
    /// datetime -> name of the time zone.
    fn tzname(_this: Gc<TzInfo>, object: Value) -> R {
        let _ = object;
        Err(must_implement("tzname"))
    }
    /// datetime -> timedelta by which local time is ahead of UTC, negative in the
    /// west
    fn utcoffset(_this: Gc<TzInfo>, object: Value) -> R {
        let _ = object;
        Err(must_implement("utcoffset"))
    }
    /// datetime -> timedelta that daylight saving time adds.
    fn dst(_this: Gc<TzInfo>, object: Value) -> R {
        let _ = object;
        Err(must_implement("dst"))
    }
    /// datetime in UTC -> the same moment in local time.
    fn fromutc(this: Gc<TzInfo>, object: Value) -> R {
        let moment = own_moment(this.value(), object)?;
        let offset = utc_offset(moment.zone(), object)?;
        let Some(offset) = offset else {
            return Err(value_error!("fromutc: non-None utcoffset() result required"));
        };
        let saving = dst(moment.zone(), object)?;
        let Some(saving) = saving else { return Err(value_error!("fromutc: non-None dst() result required")) };
        let standard = offset.total() - saving.total();
        if standard == 0 {
            return moment::shifted(moment, saving.total());
        }
        let local = moment::shifted(moment, standard)?;
        let inconsistent = || value_error!("fromutc: tz.dst() gave inconsistent results; cannot convert");
        let Some(local) = local.cast::<DateTime>() else { return Err(inconsistent()) };
        let Some(saving) = dst(local.zone(), local.value())? else { return Err(inconsistent()) };
        moment::shifted(local, saving.total())
    }
    /// -> (cls, state)
    fn __reduce__(this: Gc<TzInfo>) -> R {
        let args = match get_attr_opt(this.value(), interned!("__getinitargs__"))? {
            Some(method) => call(method, &[])?,
            None => objects::tuple::empty_tuple().value(),
        };
        let state = call_method(this.value(), interned!("__getstate__"), &[])?;
        Ok(new_tuple(&[class_of(this.value()).value(), args, state]).value())
    }
}

fn check_moment(method: &str, moment: Value) -> R<()> {
    if moment.is_none() || moment.cast::<DateTime>().is_some() {
        return Ok(());
    }
    Err(type_error!("{method}(dt) argument must be a datetime instance or None, not {}", class_name(moment)))
}

fn text(this: Gc<TimeZone>) -> Value {
    if let Some(name) = this.name.get() {
        return name;
    }
    if this.offset.total() == 0 {
        return new_str("UTC");
    }
    new_str(&format!("UTC{}", offset_text(this.offset, ":")))
}

/// A time zone with one offset from UTC.
#[native_class(name = "datetime.timezone", layout = TimeZone, base = TzInfo, flags = "final")]
impl TimeZone {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        let [offset, name] = bind(args, "timezone()", ["offset", "name"], 1, 2)?;
        let offset = offset.unwrap_or(Value::none());
        let Some(offset) = as_delta(offset) else {
            return Err(type_error!("timezone() argument 1 must be datetime.timedelta, not {}", class_name(offset)));
        };
        if let Some(name) = name
            && name.cast::<Str>().is_none()
        {
            let found = if name.is_none() { "None".to_owned() } else { class_name(name) };
            return Err(type_error!("timezone() argument 2 must be str, not {found}"));
        }
        fixed(offset, name)
    }
    fn __eq__(this: Gc<TimeZone>, other: Value) -> R {
        match other.cast::<TimeZone>() {
            Some(other) => Ok(Value::bool(this.offset.total() == other.offset.total())),
            None => Ok(Value::not_implemented()),
        }
    }
    fn __ne__(this: Gc<TimeZone>, other: Value) -> R {
        match other.cast::<TimeZone>() {
            Some(other) => Ok(Value::bool(this.offset.total() != other.offset.total())),
            None => Ok(Value::not_implemented()),
        }
    }
    fn __hash__(this: Gc<TimeZone>) -> R<i64> {
        hash(this.offset.value())
    }
    fn __repr__(this: Gc<TimeZone>) -> R<String> {
        let class = class_name(this.value());
        if UTC.get() == Some(this.value()) {
            return Ok(format!("{class}.utc"));
        }
        let offset = repr(this.offset.value())?.to_string_lossy();
        match this.name.get() {
            None => Ok(format!("{class}({offset})")),
            Some(name) => Ok(format!("{class}({offset}, {})", repr(name)?.to_string_lossy())),
        }
    }
    fn __str__(this: Gc<TimeZone>) -> R {
        Ok(text(this))
    }
    /// The name given to the timezone, or else 'UTC(+|-)HH:MM'.
    fn tzname(this: Gc<TimeZone>, object: Value) -> R {
        check_moment("tzname", object)?;
        Ok(text(this))
    }
    /// Return fixed offset.
    fn utcoffset(this: Gc<TimeZone>, object: Value) -> R {
        check_moment("utcoffset", object)?;
        Ok(this.offset.value())
    }
    /// Return None.
    fn dst(_this: Gc<TimeZone>, object: Value) -> R<()> {
        check_moment("dst", object)
    }
    /// datetime in UTC -> the same moment in local time.
    fn fromutc(this: Gc<TimeZone>, object: Value) -> R {
        let moment = own_moment(this.value(), object)?;
        moment::shifted(moment, this.offset.total())
    }
    /// pickle support
    fn __getinitargs__(this: Gc<TimeZone>) -> R {
        Ok(match this.name.get() {
            None => new_tuple(&[this.offset.value()]).value(),
            Some(name) => new_tuple(&[this.offset.value(), name]).value(),
        })
    }
}
