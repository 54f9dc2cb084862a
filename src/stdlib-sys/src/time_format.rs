//! Broken-down times: `time.struct_time`, conversion by the C library, and `strftime`.

use crate::util::fs_str;
use base::memory::{Grow, collected};
use objects::structseq::StructSeqDef;
use objects::{
    Cast, Gc, GcVec, R, Str, Tuple, Value, get_attr_named, index, new_int, os_error, overflow_error, type_error, value_error,
};
use std::ffi::CString;
use std::mem::MaybeUninit;

pub static STRUCT_TIME: StructSeqDef = StructSeqDef::new(
    "time",
    "struct_time",
    "A time as a tuple of nine ints.\n\ngmtime(), localtime(), and strptime() return it, asctime(), mktime() and strftime() take it. The fields do not always count as in the struct tm of C: tm_year, for one, is the year itself. Each attribute says what it holds.",
    &["tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst", "tm_zone", "tm_gmtoff"],
    9,
);

/// A time in fields, as Python numbers them.
#[derive(Clone, Debug)]
pub struct Broken {
    pub year: i64,
    pub month: i32,
    pub day: i32,
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    /// Monday is 0.
    pub weekday: i32,
    pub yearday: i32,
    pub dst: i32,
    pub zone: Vec<u8>,
    pub offset: i64,
}

impl Broken {
    fn from_tm(tm: &libc::tm) -> Broken {
        let zone = if tm.tm_zone.is_null() {
            Vec::new()
        } else {
            // SAFETY: the C library's zone names are NUL-terminated.
            unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }.to_bytes().to_vec()
        };
        Broken {
            year: tm.tm_year as i64 + 1900,
            month: tm.tm_mon + 1,
            day: tm.tm_mday,
            hour: tm.tm_hour,
            minute: tm.tm_min,
            second: tm.tm_sec,
            weekday: (tm.tm_wday + 6) % 7,
            yearday: tm.tm_yday + 1,
            dst: tm.tm_isdst,
            zone,
            offset: tm.tm_gmtoff,
        }
    }
    /// The C structure; its zone points into `zone`.
    fn to_tm(&self, zone: &CString) -> R<libc::tm> {
        // SAFETY: all zero is a valid `tm`.
        let mut tm: libc::tm = unsafe { std::mem::zeroed() };
        tm.tm_year = match i32::try_from(self.year).ok().and_then(|year| year.checked_sub(1900)) {
            Some(year) => year,
            None => return Err(overflow_error!("year out of range")),
        };
        tm.tm_mon = self.month.wrapping_sub(1);
        tm.tm_mday = self.day;
        tm.tm_hour = self.hour;
        tm.tm_min = self.minute;
        tm.tm_sec = self.second;
        tm.tm_wday = self.weekday.wrapping_add(1).rem_euclid(7);
        tm.tm_yday = self.yearday.wrapping_sub(1);
        tm.tm_isdst = self.dst;
        tm.tm_gmtoff = self.offset as _;
        tm.tm_zone = zone.as_ptr() as _;
        Ok(tm)
    }
    fn zone_text(&self) -> CString {
        CString::new(self.zone.clone()).unwrap_or_default()
    }
    /// A `struct_time`.
    pub fn value(&self) -> R {
        let numbers = [self.month, self.day, self.hour, self.minute, self.second, self.weekday, self.yearday, self.dst];
        let mut items = GcVec::new();
        items.push(new_int(self.year));
        items.extend(numbers.into_iter().map(Value::small));
        items.push(fs_str(&self.zone));
        items.push(new_int(self.offset));
        STRUCT_TIME.make(&items)
    }
    /// Refuses fields that no time has; zero months and days mean the first.
    pub fn checked(mut self) -> R<Broken> {
        self.month = if self.month == 0 { 1 } else { self.month };
        self.day = if self.day == 0 { 1 } else { self.day };
        self.yearday = if self.yearday == 0 { 1 } else { self.yearday };
        let ranges = [
            (self.month, 1, 12, "month"),
            (self.day, 1, 31, "day of month"),
            (self.hour, 0, 23, "hour"),
            (self.minute, 0, 59, "minute"),
            (self.second, 0, 61, "seconds"),
        ];
        for (number, low, high, name) in ranges {
            if number < low || number > high {
                return Err(value_error!("{name} out of range"));
            }
        }
        // The C structure counts from Sunday, so a weekday of -1 passes for one.
        if self.weekday < -1 {
            return Err(value_error!("day of week out of range"));
        }
        if self.yearday < 1 || self.yearday > 366 {
            return Err(value_error!("day of year out of range"));
        }
        self.dst = self.dst.clamp(-1, 1);
        Ok(self)
    }
    pub fn asctime(&self) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        format!(
            "{} {}{:3} {:02}:{:02}:{:02} {}",
            DAYS[self.weekday.rem_euclid(7) as usize],
            MONTHS[(self.month - 1).clamp(0, 11) as usize],
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.year
        )
    }
    pub fn to_timestamp(&self) -> R<f64> {
        let zone = self.zone_text();
        let mut tm = self.to_tm(&zone)?;
        tm.tm_wday = -1;
        // SAFETY: a complete structure.
        let result = unsafe { libc::mktime(&mut tm) };
        // A weekday that is still -1 means failure; -1 as a result does not.
        if result == -1 && tm.tm_wday == -1 {
            return Err(overflow_error!("mktime argument out of range"));
        }
        Ok(result as f64)
    }
    /// A directive that gives the same digits in every locale, if the field is in its range; how many characters it takes in the format.
    fn push_number(&self, letter: u32, out: &mut Vec<u32>) -> Option<usize> {
        let (number, digits) = match u8::try_from(letter).ok()? {
            b'Y' if self.year >= 1000 => (i32::try_from(self.year).ok()?, 4),
            b'm' => (self.month, 2),
            b'd' => (self.day, 2),
            b'H' => (self.hour, 2),
            b'M' => (self.minute, 2),
            b'S' => (self.second, 2),
            b'j' => (self.yearday, 3),
            _ => return None,
        };
        if !(0..10i32.pow(digits)).contains(&number) {
            return None;
        }
        for place in (0..digits).rev() {
            out.push(u32::from(b'0') + (number / 10i32.pow(place) % 10) as u32);
        }
        Some(2)
    }
    /// `strftime`: each directive by the C library, other characters as they are.
    pub fn format(&self, format: Gc<Str>) -> R {
        let zone = self.zone_text();
        let tm = self.to_tm(&zone)?;
        let points = collected(format.chars().iter());
        let mut out: Vec<u32> = Vec::new();
        let mut at = 0;
        while at < points.len() {
            if points[at] != '%' as u32 {
                out.put(points[at]);
                at += 1;
                continue;
            }
            if let Some(width) = points.get(at + 1).and_then(|letter| self.push_number(*letter, &mut out)) {
                at += width;
                continue;
            }
            let end = directive_end(&points, at);
            let directive: Option<Vec<u8>> =
                points[at..end].iter().map(|point| u8::try_from(*point).ok().filter(u8::is_ascii)).collect();
            let text = directive.filter(|directive| !directive.contains(&0)).and_then(|directive| expand(&directive, &tm));
            match text {
                Some(text) => out.put_all(&decode(&text)),
                None => out.put_all(&points[at..end]),
            }
            at = end;
        }
        Ok(Str::from_ucs4(&out).value())
    }
}

fn decode(text: &[u8]) -> Vec<u32> {
    match fs_str(text).cast::<Str>() {
        Some(text) => text.chars().iter().collect(),
        None => Vec::new(),
    }
}

/// The end of the directive that begins at `start`: `%`, flags, width, modifier, letter.
fn directive_end(points: &[u32], start: usize) -> usize {
    let is =
        |at: usize, set: &str| points.get(at).and_then(|point| char::from_u32(*point)).is_some_and(|letter| set.contains(letter));
    let mut at = start + 1;
    while is(at, "_-0^#+") {
        at += 1;
    }
    while is(at, "0123456789") {
        at += 1;
    }
    while is(at, "EO") {
        at += 1;
    }
    (at + 1).min(points.len())
}

/// One directive by the C library; None if it makes no sense of it.
fn expand(directive: &[u8], tm: &libc::tm) -> Option<Vec<u8>> {
    // A mark in front tells an empty result from a buffer that is too small.
    let mut pattern = vec![b'+'];
    pattern.extend_from_slice(directive);
    let pattern = CString::new(pattern).ok()?;
    let mut size = 256;
    while size <= 1 << 20 {
        let mut buffer = vec![0u8; size];
        // SAFETY: the buffer's size is passed; the pattern is NUL-terminated.
        let count = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), size, pattern.as_ptr(), tm) };
        if count > 0 {
            return Some(buffer[1..count].to_vec());
        }
        size *= 16;
    }
    None
}

/// UTC of a timestamp.
pub fn utc(seconds: i64) -> R<Broken> {
    let mut tm = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both structures are valid for the call.
    unsafe {
        if libc::gmtime_r(&(seconds as libc::time_t), tm.as_mut_ptr()).is_null() {
            return Err(os_error(libc::EOVERFLOW, None, None));
        }
        Ok(Broken::from_tm(&tm.assume_init()))
    }
}
/// Local time of a timestamp.
pub fn local(seconds: i64) -> R<Broken> {
    let mut tm = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both structures are valid for the call.
    unsafe {
        if libc::localtime_r(&(seconds as libc::time_t), tm.as_mut_ptr()).is_null() {
            return Err(os_error(libc::EOVERFLOW, None, None));
        }
        Ok(Broken::from_tm(&tm.assume_init()))
    }
}

/// The fields of a tuple or `struct_time`, unchecked.
pub fn from_argument(value: Value, function: &str) -> R<Broken> {
    let Some(tuple) = value.cast::<Tuple>() else { return Err(type_error!("Tuple or struct_time argument required")) };
    if tuple.len() != 9 {
        return Err(type_error!("{function}(): illegal time tuple argument"));
    }
    let mut fields = [0i64; 9];
    for (field, item) in fields.iter_mut().zip(tuple.items()) {
        *field = index(*item)?;
        if i32::try_from(*field).is_err() {
            let (word, bound) = if *field > 0 { ("greater", "maximum") } else { ("less", "minimum") };
            return Err(overflow_error!("signed integer is {word} than {bound}"));
        }
    }
    let [year, month, day, hour, minute, second, weekday, yearday, dst] = fields;
    if year < i32::MIN as i64 + 1900 {
        return Err(overflow_error!("year out of range"));
    }
    let mut broken = Broken {
        year,
        month: month as i32,
        day: day as i32,
        hour: hour as i32,
        minute: minute as i32,
        second: second as i32,
        weekday: weekday as i32,
        yearday: yearday as i32,
        dst: dst as i32,
        zone: Vec::new(),
        offset: 0,
    };
    if objects::class_of(value) == STRUCT_TIME.class()? {
        let zone = get_attr_named(value, "tm_zone")?;
        if let Some(zone) = zone.cast::<Str>() {
            broken.zone = zone.to_string_lossy().into_bytes();
        }
        let offset = get_attr_named(value, "tm_gmtoff")?;
        if !offset.is_none() {
            broken.offset = index(offset)?;
        }
    } else {
        broken.zone = zone_by_dst(broken.dst);
    }
    Ok(broken)
}

/// What `%Z` shows for a plain tuple: the local zone's name.
fn zone_by_dst(dst: i32) -> Vec<u8> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64);
    const HALF_YEAR: i64 = 182 * 86_400;
    for moment in [now, now + HALF_YEAR] {
        match local(moment) {
            Ok(broken) if (broken.dst > 0) == (dst > 0) => return broken.zone,
            Ok(_) => {}
            Err(raised) => raised.clear(),
        }
    }
    Vec::new()
}
