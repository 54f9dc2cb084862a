//! Days and times as numbers, and reading their ISO forms. Must not know: objects.

use base::time::{civil_from_days, days_from_civil, days_in_month};

/// The ordinal of 1970-01-01, when 0001-01-01 is day 1.
pub const EPOCH_ORDINAL: i64 = 719_163;
pub const MAX_ORDINAL: i64 = 3_652_059;
pub const DAY_SECONDS: i64 = 86_400;

pub fn ordinal(year: i64, month: i64, day: i64) -> i64 {
    days_from_civil(year, month as u32, day as u32) + EPOCH_ORDINAL
}
pub fn from_ordinal(ordinal: i64) -> (i64, i64, i64) {
    let (year, month, day) = civil_from_days(ordinal - EPOCH_ORDINAL);
    (year, month as i64, day as i64)
}
pub fn month_length(year: i64, month: i64) -> i64 {
    days_in_month(year, month as u32) as i64
}
/// The days of the year before this one, counted from 1 for the first.
pub fn day_of_year(year: i64, month: i64, day: i64) -> i64 {
    ordinal(year, month, day) - ordinal(year, 1, 1) + 1
}
/// Monday is 0.
pub fn weekday(ordinal: i64) -> i64 {
    (ordinal + 6).rem_euclid(7)
}
/// The ordinal of the Monday with which the ISO year begins.
pub fn first_iso_monday(year: i64) -> i64 {
    let first = ordinal(year, 1, 1);
    let monday = first - weekday(first);
    if weekday(first) > 3 { monday + 7 } else { monday }
}

#[derive(Debug, PartialEq)]
pub enum IsoFault {
    Year(i64),
    Week(i64),
    Day(i64),
}
/// The date of a day of an ISO week.
pub fn from_iso_week(year: i64, week: i64, day: i64) -> Result<(i64, i64, i64), IsoFault> {
    if !(1..=9999).contains(&year) {
        return Err(IsoFault::Year(year));
    }
    let weeks = (first_iso_monday(year + 1) - first_iso_monday(year)) / 7;
    if !(1..=weeks).contains(&week) {
        return Err(IsoFault::Week(week));
    }
    if !(1..=7).contains(&day) {
        return Err(IsoFault::Day(day));
    }
    Ok(from_ordinal(first_iso_monday(year) + (week - 1) * 7 + day - 1))
}
/// ISO year, week and day.
pub fn iso_week(year: i64, month: i64, day: i64) -> (i64, i64, i64) {
    let today = ordinal(year, month, day);
    let mut year = year;
    let mut monday = first_iso_monday(year);
    if today < monday {
        year -= 1;
        monday = first_iso_monday(year);
    } else if today >= first_iso_monday(year + 1) {
        year += 1;
        monday = first_iso_monday(year);
    }
    ((year), (today - monday) / 7 + 1, (today - monday) % 7 + 1)
}

/// What was wrong with an ISO text.
#[derive(Debug, PartialEq)]
pub struct Malformed;

fn digits(text: &[u8]) -> Result<i64, Malformed> {
    let mut number = 0;
    for byte in text {
        if !byte.is_ascii_digit() {
            return Err(Malformed);
        }
        number = number * 10 + (byte - b'0') as i64;
    }
    Ok(number)
}
fn part(text: &[u8], at: usize, length: usize) -> Result<i64, Malformed> {
    digits(text.get(at..at + length).ok_or(Malformed)?)
}

/// A date of 7, 8 or 10 characters.
pub fn parse_date(text: &[u8]) -> Result<(i64, i64, i64), Malformed> {
    if !matches!(text.len(), 7 | 8 | 10) {
        return Err(Malformed);
    }
    let year = part(text, 0, 4)?;
    let dashes = text[4] == b'-';
    let mut at = if dashes { 5 } else { 4 };
    if text.get(at) == Some(&b'W') {
        let week = part(text, at + 1, 2)?;
        at += 3;
        let mut day = 1;
        if at < text.len() {
            if dashes {
                if text[at] != b'-' {
                    return Err(Malformed);
                }
                at += 1;
            }
            day = part(text, at, 1)?;
            at += 1;
        }
        if at != text.len() {
            return Err(Malformed);
        }
        return from_iso_week(year, week, day).map_err(|_| Malformed);
    }
    let month = part(text, at, 2)?;
    at += 2;
    if dashes {
        if text.get(at) != Some(&b'-') {
            return Err(Malformed);
        }
        at += 1;
    }
    let day = part(text, at, 2)?;
    if at + 2 != text.len() {
        return Err(Malformed);
    }
    Ok((year, month, day))
}

/// Where the date ends in a text of date and time.
pub fn date_end(text: &[u8]) -> Result<usize, Malformed> {
    let length = text.len();
    if length == 7 {
        return Ok(7);
    }
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    if at(4) == b'-' {
        if at(5) != b'W' {
            return Ok(10);
        }
        if length < 8 {
            return Err(Malformed);
        }
        if length > 8 && at(8) == b'-' {
            if length == 9 {
                return Err(Malformed);
            }
            if length > 10 && at(10).is_ascii_digit() {
                return Ok(8);
            }
            return Ok(10);
        }
        return Ok(8);
    }
    if at(4) != b'W' {
        return Ok(8);
    }
    let mut index = 7;
    while index < length && at(index).is_ascii_digit() {
        index += 1;
    }
    if index < 9 {
        return Ok(index);
    }
    Ok(if index % 2 == 0 { 7 } else { 8 })
}

/// Hour, minute, second, microsecond.
pub type Clock = [i64; 4];

fn parse_clock(text: &[u8]) -> Result<Clock, Malformed> {
    let mut clock = [0; 4];
    let mut at = 0;
    let mut colons = false;
    for index in 0..3 {
        clock[index] = part(text, at, 2)?;
        at += 2;
        let Some(next) = text.get(at).copied() else { return Ok(clock) };
        if index == 0 {
            colons = next == b':';
        }
        if colons && next == b':' {
            if index == 2 {
                return Err(Malformed);
            }
            at += 1;
        } else if matches!(next, b'.' | b',') {
            if index < 2 {
                return Err(Malformed);
            }
            break;
        } else if colons || index == 2 {
            return Err(Malformed);
        }
    }
    let fraction = text.get(at + 1..).ok_or(Malformed)?;
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return Err(Malformed);
    }
    let used = &fraction[..fraction.len().min(6)];
    clock[3] = digits(used)? * 10_i64.pow(6 - used.len() as u32);
    Ok(clock)
}

/// A time, and the offset in microseconds if there is one.
pub fn parse_time(text: &[u8]) -> Result<(Clock, Option<i64>), Malformed> {
    let zone = text.iter().position(|byte| matches!(byte, b'+' | b'-' | b'Z'));
    let Some(at) = zone else { return Ok((parse_clock(text)?, None)) };
    let clock = parse_clock(&text[..at])?;
    let rest = &text[at + 1..];
    if text[at] == b'Z' {
        return if rest.is_empty() { Ok((clock, Some(0))) } else { Err(Malformed) };
    }
    let [hours, minutes, seconds, micros] = parse_clock(rest)?;
    let offset = (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + micros;
    Ok((clock, Some(if text[at] == b'-' { -offset } else { offset })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks() {
        assert_eq!(iso_week(2000, 1, 2), (1999, 52, 7));
        assert_eq!(from_iso_week(2000, 1, 1), Ok((2000, 1, 3)));
        assert_eq!(from_iso_week(2000, 53, 1), Err(IsoFault::Week(53)));
    }
    #[test]
    fn texts() {
        assert_eq!(parse_date(b"2000W011"), Ok((2000, 1, 3)));
        assert_eq!(parse_time(b"01:02:03.5-01"), Ok(([1, 2, 3, 500_000], Some(-3_600_000_000))));
        assert_eq!(parse_time(b"0102:03"), Err(Malformed));
        assert_eq!(parse_time(b"01:"), Err(Malformed));
    }
}
