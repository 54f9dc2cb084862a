//! Civil calendar arithmetic (proleptic Gregorian). Must not know time zones, clocks or `strftime`.

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 86_400;

/// Years below this, their days and four times those fit into 32 bits.
const MANY_YEARS: i64 = 1_000_000;

/// A broken-down moment in UTC, as `time.gmtime` wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    /// 1 to 12
    pub month: u32,
    /// 1 to 31
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// Monday is 0
    pub weekday: u32,
    /// 1 to 366
    pub yearday: u32,
}

pub fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 => 28 + is_leap(year) as u32,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01; the month may be any number from 1 to 12. Years are taken within +-2^40.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    if (1..MANY_YEARS).contains(&year) && day <= 31 {
        // In short numbers, of a year that begins in March.
        let (year, month) = if month <= 2 { (year as u32 - 1, month + 9) } else { (year as u32, month - 3) };
        let century = year / 100;
        let day_of_year = (153 * month + 2) / 5 + day;
        return (year * 1461 / 4 - century + century / 4 + day_of_year) as i64 - 719_469;
    }
    let year = year.clamp(-(1 << 40), 1 << 40) - (month <= 2) as i64;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month as i64 + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// (year, month, day) of a day number from 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days.saturating_add(719_468);
    if (0..MANY_YEARS * 365).contains(&shifted) {
        // In short numbers. Four times the days, plus three, divided by the days of four centuries (or four years) leave out the leap
        // day of those that have none.
        let quarters = shifted as u32 * 4 + 3;
        let century = quarters / 146_097;
        let quarters = (quarters % 146_097) | 3;
        let year = 100 * century + quarters / 1461;
        let day_of_year = quarters % 1461 / 4;
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        return if month < 10 { (year as i64, month + 3, day) } else { (year as i64 + 1, month - 9, day) };
    }
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    (year_of_era + era * 400 + (month <= 2) as i64, month, day)
}

/// Monday is 0.
pub fn weekday(days: i64) -> u32 {
    (days.rem_euclid(7) + 3).rem_euclid(7) as u32
}

/// `gmtime` of seconds since 1970.
pub fn civil_from_seconds(seconds: i64) -> Civil {
    let days = seconds.div_euclid(DAY_SECONDS);
    let rest = seconds.rem_euclid(DAY_SECONDS) as u32;
    let (year, month, day) = civil_from_days(days);
    Civil {
        year,
        month,
        day,
        hour: rest / 3600,
        minute: rest / 60 % 60,
        second: rest % 60,
        weekday: weekday(days),
        yearday: (days - days_from_civil(year, 1, 1)) as u32 + 1,
    }
}

/// `timegm`: seconds since 1970 of a civil moment; fields may be out of their ranges (they carry), except the month.
/// `None` on overflow.
pub fn seconds_from_civil(year: i64, month: u32, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    if year.unsigned_abs() > 1 << 40 || !(1..=12).contains(&month) {
        return None;
    }
    let days = days_from_civil(year, month, 1).checked_add(day)?.checked_sub(1)?;
    let hours = days.checked_mul(24)?.checked_add(hour)?;
    hours.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)
}

/// (ISO year, ISO week, ISO weekday 1 to 7)
pub fn iso_calendar(year: i64, month: u32, day: u32) -> (i64, u32, u32) {
    let days = days_from_civil(year, month, day);
    let weekday = weekday(days);
    // The week belongs to the year of its Thursday.
    let thursday = days - weekday as i64 + 3;
    let (iso_year, ..) = civil_from_days(thursday);
    let week = (thursday - days_from_civil(iso_year, 1, 1)) / 7 + 1;
    (iso_year, week as u32, weekday + 1)
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn calendar() {
        assert_eq!(civil_from_seconds(0), Civil { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, weekday: 3, yearday: 1 });
        let leap = civil_from_seconds(1_709_164_799);
        assert_eq!((leap.year, leap.month, leap.day, leap.second, leap.yearday, leap.weekday), (2024, 2, 28, 59, 59, 2));
        assert_eq!(civil_from_seconds(-1).year, 1969);
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        // Short and long numbers agree: the calendar repeats after as many years as take the long way.
        let (years, days) = (400 * 4_000, 146_097 * 4_000);
        for number in -719_468..-719_468 + 146_097 * 2 {
            let (year, month, day) = civil_from_days(number);
            assert_eq!(civil_from_days(number + days), (year + years, month, day));
            assert_eq!(days_from_civil(year, month, day), number);
            assert_eq!(days_from_civil(year + years, month, day), number + days);
        }
        assert_eq!(seconds_from_civil(2000, 2, 29, 12, 0, 0), Some(951_825_600));
        assert_eq!(iso_calendar(2021, 1, 3), (2020, 53, 7));
        assert_eq!(iso_calendar(2024, 12, 30), (2025, 1, 1));
        let _no_overflow = civil_from_seconds(i64::MIN).year + civil_from_seconds(i64::MAX).year;
    }
}
