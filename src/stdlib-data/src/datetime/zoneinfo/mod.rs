//! Module `_zoneinfo`: the class `ZoneInfo`, zones of the IANA database.
//!
//! Files are found and read by the library (`zoneinfo._tzpath`, `zoneinfo._common`); `load.rs` makes `Rules` (`rules.rs`) of what they
//! hold, `posix.rs` reads the rule behind the last transition, `cache.rs` keeps zones. Must not know: how dates store their fields.

mod cache;
mod load;
mod posix;
mod rules;

use super::arguments::bind;
use super::calendar::{DAY_SECONDS, EPOCH_ORDINAL};
use super::delta::SECOND;
use super::moment::{self, DateTime};
use super::zone::TzInfo;
use crate::support::External;
use cache::State;
use load::{NAME, OFFSET, SAVING, value_of};
use native_macros::{Layout, native_class, native_module};
use objects::{
    Args, BinaryOp, Cast, Class, Gc, Header, Kwargs, R, Slot, Tuple, Value, binary_op, call, call_kw, call_method, class_name,
    class_of, get_attr, int_view, interned, new_int, new_object, new_str, new_tuple, overflow_error, repr, type_error,
    value_error,
};
use rules::Rules;

/// How a zone came to be.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Cache,
    Apart,
    File,
}
objects::no_references!(Source, Rules);

#[derive(Layout)]
#[layout(parent = TzInfo)]
#[repr(C)]
pub struct ZoneInfo {
    base: TzInfo,
    key: Slot,
    file_repr: Slot,
    values: Gc<Tuple>,
    rules: Rules,
    source: Source,
    external: External,
}

fn make(class: Gc<Class>, key: Value, source: Source, data: Value, file_repr: Option<Value>) -> R {
    let (rules, values) = load::load(data)?;
    let zone = new_object(
        class,
        ZoneInfo {
            base: TzInfo { header: Header::blank() },
            key: Slot::new(key),
            file_repr: Slot::new_opt(file_repr),
            external: External::of(rules.size()),
            values,
            rules,
            source,
        },
    );
    Ok(zone.value())
}

/// A zone by its key, past the caches.
fn new_zone(class: Gc<Class>, key: Value, source: Source) -> R {
    let state = State::get()?;
    let file = state.open(key)?;
    let made = state.load_data(file).and_then(|data| make(class, key, source, data, None));
    let Err(raised) = made else {
        call_method(file, interned!("close"), &[])?;
        return made;
    };
    let first = raised.take();
    match call_method(file, interned!("close"), &[]) {
        Ok(_) => Err(objects::error::restore(first)),
        Err(second) => {
            if let Some(second) = second.peek().cast::<objects::exc::BaseException>() {
                objects::exc::BaseException::set_context_checked(second, first);
            }
            Err(second)
        }
    }
}

fn cached(class: Gc<Class>, key: Value) -> R {
    cache::zone_of(class, key, || new_zone(class, key, Source::Cache))
}

fn number_of(value: Value) -> R<i64> {
    let number = objects::number::index(value)?;
    let too_large = || overflow_error!("Python int too large to convert to C long");
    int_view(number).and_then(|number| number.to_i64()).ok_or_else(too_large)
}
fn field(moment: Value, name: &'static str) -> R<i64> {
    number_of(get_attr(moment, objects::intern(name))?)
}

/// What the clock shows in seconds since 1970. Subclasses of datetime, and objects that are none, are asked by name.
fn local_seconds(moment: Value) -> R<i64> {
    if let Some(exact) = moment.cast_exact::<DateTime>() {
        return Ok(exact.epoch_seconds());
    }
    let ordinal = number_of(call_method(moment, interned!("toordinal"), &[])?)?;
    let days = ordinal.saturating_sub(EPOCH_ORDINAL).saturating_mul(DAY_SECONDS);
    let mut seconds = days.saturating_add(field(moment, "hour")?.saturating_mul(3600));
    seconds = seconds.saturating_add(field(moment, "minute")?.saturating_mul(60));
    Ok(seconds.saturating_add(field(moment, "second")?))
}

/// The number of the kind that holds at a moment. None if only a zone of a fixed offset could tell.
#[inline]
fn kind_at(zone: &ZoneInfo, moment: Value) -> R<Option<usize>> {
    if let Some(exact) = moment.cast_exact::<DateTime>() {
        return Ok(Some(zone.rules.at_local(exact.epoch_seconds(), exact.base.year as i64, exact.fold() != 0)));
    }
    if moment.is_none() {
        let rules::After::Always(kind) = zone.rules.after else { return Ok(None) };
        return Ok(zone.rules.fixed.then_some(kind));
    }
    let seconds = local_seconds(moment)?;
    let (year, fold) = match moment.cast::<DateTime>() {
        Some(moment) => (moment.base.year as i64, moment.fold()),
        None => (field(moment, "year")?.clamp(-9999, 99_999), field(moment, "fold")?),
    };
    Ok(Some(zone.rules.at_local(seconds, year, fold != 0)))
}

fn answer(zone: Gc<ZoneInfo>, moment: Value, which: usize) -> R {
    Ok(kind_at(&zone, moment)?.map_or(Value::none(), |kind| value_of(zone.values, kind, which)))
}
/// `zone.utcoffset(moment)`
pub fn utc_offset(zone: Gc<ZoneInfo>, moment: Value) -> R {
    answer(zone, moment, OFFSET)
}

/// `zone.tzname(moment)`
pub fn name(zone: Gc<ZoneInfo>, moment: Value) -> R {
    answer(zone, moment, NAME)
}

/// `zone.fromutc(moment)`
pub fn from_utc(zone: Gc<ZoneInfo>, object: Value) -> R {
    let Some(moment) = object.cast::<DateTime>() else { return Err(type_error!("fromutc: argument must be a datetime")) };
    if moment.zone() != Some(zone.value()) {
        return Err(value_error!("fromutc: dt.tzinfo is not self"));
    }
    let (kind, fold) = zone.rules.at_utc(local_seconds(object)?, moment.base.year as i64);
    if object.cast_exact::<DateTime>().is_some() {
        let offset = zone.rules.kinds.get(kind).map_or(0, |kind| kind.offset);
        return moment::moved(moment, offset as i128 * SECOND, fold);
    }
    let sum = binary_op(BinaryOp::Add, object, value_of(zone.values, kind, OFFSET))?;
    if !fold {
        return Ok(sum);
    }
    if let Some(sum) = sum.cast_exact::<DateTime>() {
        return moment::moved(sum, 0, true);
    }
    call_kw(get_attr(sum, interned!("replace"))?, &[], &[(interned!("fold"), new_int(1))])
}

#[native_class(name = "zoneinfo.ZoneInfo", layout = ZoneInfo, base = TzInfo, flags = "weakref")]
impl ZoneInfo {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if !args.has_keywords()
            && let [key] = args.positional()
        {
            return cached(cls, *key);
        }
        let [key] = bind(args, "ZoneInfo()", ["key"], 1, 1)?;
        cached(cls, key.unwrap_or(Value::none()))
    }
    fn __repr__(this: Gc<ZoneInfo>) -> R {
        let class = class_name(this.value());
        let key = this.key.get().filter(|key| !key.is_none());
        let shown = match key {
            Some(key) => repr(key)?.to_string_lossy(),
            None => this.file_repr.get().map_or(Ok(String::new()), |text| Ok(crate::support::text_of(text)))?,
        };
        Ok(new_str(&match key {
            Some(_) => format!("{class}(key={shown})"),
            None => format!("{class}.from_file({shown})"),
        }))
    }
    fn __str__(this: Gc<ZoneInfo>) -> R {
        match this.key.get().filter(|key| !key.is_none()) {
            Some(key) => Ok(key),
            None => Ok(repr(this.value())?.value()),
        }
    }
    /// Forget cached zones, all or those of some keys.
    #[classmethod]
    #[sig("($type, /, *, only_keys=None)")]
    fn clear_cache(cls: Gc<Class>, only_keys: Option<Value>) -> R<()> {
        cache::clear(cls, only_keys.filter(|keys| !keys.is_none()))
    }
    /// Make a zone that is in no cache.
    #[classmethod]
    #[sig("($type, /, key)")]
    fn no_cache(cls: Gc<Class>, key: Value) -> R {
        new_zone(cls, key, Source::Apart)
    }
    /// Make a zone of the data in a file object.
    #[classmethod]
    #[sig("($type, file_obj, /, key=None)")]
    fn from_file(cls: Gc<Class>, file_obj: Value, key: Option<Value>) -> R {
        let file_repr = repr(file_obj)?;
        let data = State::get()?.load_data(file_obj)?;
        make(cls, key.unwrap_or(Value::none()), Source::File, data, Some(file_repr.value()))
    }
    /// The offset from UTC at a datetime of this zone, a timedelta.
    #[sig("($self, dt, /)")]
    fn utcoffset(this: Gc<ZoneInfo>, dt: Value) -> R {
        answer(this, dt, OFFSET)
    }
    /// What daylight saving adds at a datetime of this zone, a timedelta.
    #[sig("($self, dt, /)")]
    fn dst(this: Gc<ZoneInfo>, dt: Value) -> R {
        answer(this, dt, SAVING)
    }
    /// The abbreviation of the time that holds at a datetime of this zone.
    #[sig("($self, dt, /)")]
    fn tzname(this: Gc<ZoneInfo>, dt: Value) -> R {
        answer(this, dt, NAME)
    }
    /// datetime in UTC -> the same moment in local time.
    fn fromutc(this: Gc<ZoneInfo>, object: Value) -> R {
        from_utc(this, object)
    }
    /// pickle support
    fn __reduce__(this: Gc<ZoneInfo>) -> R {
        if this.source == Source::File {
            let class = objects::get_attr_named(objects::system::import("pickle")?, "PicklingError")?;
            let error = call(class, &[new_str("Cannot pickle a ZoneInfo file from a file stream.")])?;
            return Err(match error.cast::<objects::exc::BaseException>() {
                Some(error) => objects::raise(error.value()),
                None => type_error!("exceptions must derive from BaseException"),
            });
        }
        let constructor = get_attr(class_of(this.value()).value(), interned!("_unpickle"))?;
        let cached = new_int((this.source == Source::Cache) as i64);
        let arguments = new_tuple(&[this.key.get().unwrap_or(Value::none()), cached]);
        Ok(new_tuple(&[constructor, arguments.value()]).value())
    }
    /// pickle support
    #[classmethod]
    #[sig("($type, key, from_cache, /)")]
    fn _unpickle(cls: Gc<Class>, key: Value, from_cache: Value) -> R {
        // As a C byte that takes what fits.
        let number = objects::number::index(from_cache)?;
        let low = objects::number::index(binary_op(BinaryOp::And, number, new_int(0xff))?)?;
        if low == new_int(0) { new_zone(cls, key, Source::Apart) } else { cached(cls, key) }
    }
    /// Gives the subclass a cache.
    #[classmethod]
    #[sig("($type, /, *args, **kwargs)", hidden)]
    fn __init_subclass__(cls: Gc<Class>, args: &[Value], kwargs: Kwargs) -> R<()> {
        let _ = (args, kwargs);
        cache::adopt(cls)
    }
    #[getter]
    fn key(this: Gc<ZoneInfo>) -> Value {
        this.key.get().unwrap_or(Value::none())
    }
}

pub struct ZoneinfoModule;

#[native_module(name = "_zoneinfo", classes = [ZoneInfo])]
impl ZoneinfoModule {
    fn __exec__(_module: Value) -> R<()> {
        State::make().map(drop)
    }
}
