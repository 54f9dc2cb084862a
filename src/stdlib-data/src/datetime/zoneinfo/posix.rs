//! Reading POSIX texts of time zones (`CET-1CEST,M3.5.0,M10.5.0/3`), and when their rules change the clock. Must not know: objects.

use crate::datetime::calendar::{self, DAY_SECONDS, EPOCH_ORDINAL};

/// A zone without transitions of its own. Offsets are seconds ahead of UTC.
#[derive(Debug, PartialEq)]
pub struct Posix<'a> {
    pub name: &'a str,
    pub offset: i64,
    pub summer: Option<Summer<'a>>,
}
#[derive(Debug, PartialEq)]
pub struct Summer<'a> {
    pub name: &'a str,
    pub offset: i64,
    pub start: Turn,
    pub end: Turn,
}

/// A moment of every year: seconds after midnight of a day.
#[derive(Debug, PartialEq)]
pub struct Turn {
    day: Day,
    seconds: i64,
}
#[derive(Debug, PartialEq)]
enum Day {
    /// The nth such weekday of a month (0 is Sunday), the last one if there are fewer.
    Week {
        month: u32,
        week: u32,
        weekday: u32,
    },
    Number(u32),
    /// Counted as if February had 28 days.
    Julian(u32),
}

impl Turn {
    /// Seconds since 1970 on that clock.
    pub fn in_year(&self, year: i64) -> i64 {
        let day = match self.day {
            Day::Week { month, week, weekday } => {
                let first = calendar::ordinal(year, month as i64, 1);
                // Ordinals that seven divides are Sundays.
                let mut ahead = (weekday as i64 - first).rem_euclid(7) + 7 * (week as i64 - 1);
                if ahead >= calendar::month_length(year, month as i64) {
                    ahead -= 7;
                }
                first + ahead
            }
            Day::Number(day) => calendar::ordinal(year, 1, 1) - 1 + day as i64,
            Day::Julian(day) => {
                let late = day >= 59 && calendar::month_length(year, 2) == 29;
                calendar::ordinal(year, 1, 1) - 1 + day as i64 + late as i64
            }
        };
        (day - EPOCH_ORDINAL) * DAY_SECONDS + self.seconds
    }
}

/// What the text lacks, as errors word it.
pub type Fault = &'static str;

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
    fn skip(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += there as usize;
        there
    }
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let length = rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
        self.at += length;
        std::str::from_utf8(rest.get(..length)?).ok().filter(|run| !run.is_empty())
    }
    fn name(&mut self) -> Option<&'a str> {
        if !self.skip(b'<') {
            return self.run(|byte| byte.is_ascii_alphabetic());
        }
        let name = self.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'))?;
        self.skip(b'>').then_some(name)
    }
    fn number(&mut self, least: u32, most: u32) -> Option<u32> {
        let mut number = 0;
        for count in 0..most {
            match self.peek() {
                Some(digit @ b'0'..=b'9') => number = number * 10 + (digit - b'0') as u32,
                _ => return (count >= least).then_some(number),
            }
            self.at += 1;
        }
        Some(number)
    }
    /// `[+-]h[h[h]][:mm[:ss]]`: hours, and everything in seconds.
    fn time(&mut self) -> Option<(u32, i64)> {
        let negative = self.skip(b'-');
        if !negative {
            self.skip(b'+');
        }
        let hours = self.number(1, 3)?;
        let mut seconds = hours as i64 * 3600;
        if self.skip(b':') {
            seconds += self.number(2, 2)? as i64 * 60;
            if self.skip(b':') {
                seconds += self.number(2, 2)? as i64;
            }
        }
        Some((hours, if negative { -seconds } else { seconds }))
    }
    /// Texts count what is to be added to get to UTC.
    fn offset(&mut self) -> Option<i64> {
        let (hours, seconds) = self.time()?;
        (hours <= 24).then_some(-seconds)
    }
    fn turn(&mut self) -> Option<Turn> {
        let day = if self.skip(b'M') {
            let month = self.number(1, 2).filter(|month| (1..=12).contains(month))?;
            let week = if self.skip(b'.') { self.number(1, 1) } else { None };
            let week = week.filter(|week| (1..=5).contains(week))?;
            let weekday = if self.skip(b'.') { self.number(1, 1) } else { None };
            Day::Week { month, week, weekday: weekday.filter(|weekday| *weekday <= 6)? }
        } else if self.skip(b'J') {
            Day::Julian(self.number(1, 3).filter(|day| (1..=365).contains(day))?)
        } else {
            Day::Number(self.number(1, 3).filter(|day| *day <= 365)?)
        };
        let mut seconds = 2 * 3600;
        if self.skip(b'/') {
            let (hours, time) = self.time()?;
            if hours > 167 {
                return None;
            }
            seconds = time;
        }
        Some(Turn { day, seconds })
    }
    fn rule(&mut self) -> Result<Turn, Fault> {
        if !self.skip(b',') {
            return Err("Missing transition rules in TZ string:");
        }
        self.turn().ok_or("Malformed transition rule in TZ string:")
    }
}

/// Reads a text; it ends at a NUL.
pub fn parse(text: &[u8]) -> Result<Posix<'_>, Fault> {
    let text = text.split(|byte| *byte == 0).next().unwrap_or(text);
    let mut reader = Reader { text, at: 0 };
    let name = reader.name().ok_or("Invalid STD format in")?;
    let offset = reader.offset().ok_or("Invalid STD offset in")?;
    if reader.peek().is_none() {
        return Ok(Posix { name, offset, summer: None });
    }
    let summer = reader.name().ok_or("Invalid DST format in")?;
    let ahead = match reader.peek() {
        Some(b',') => offset + 3600,
        _ => reader.offset().ok_or("Invalid DST offset in")?,
    };
    let (start, end) = (reader.rule()?, reader.rule()?);
    if reader.peek().is_some() {
        return Err("Extraneous characters at end of TZ string:");
    }
    Ok(Posix { name, offset, summer: Some(Summer { name: summer, offset: ahead, start, end }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let berlin = parse(b"CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        assert_eq!((berlin.name, berlin.offset), ("CET", 3600));
        let summer = berlin.summer.unwrap();
        assert_eq!((summer.name, summer.offset), ("CEST", 7200));
        // 2021-03-28T02:00 and 2021-10-31T03:00 as clocks show them.
        assert_eq!(summer.start.in_year(2021), 1_616_896_800);
        assert_eq!(summer.end.in_year(2021), 1_635_649_200);
        assert_eq!(parse(b"<+0330>-3:30").unwrap().offset, 12_600);
        assert_eq!(parse(b"AAA0BBB,M1.5.7,J2"), Err("Malformed transition rule in TZ string:"));
        assert_eq!(parse(b"<A"), Err("Invalid STD format in"));
    }
    #[test]
    fn leap_years() {
        let zone = parse(b"A0B,J60,J59").unwrap();
        let summer = zone.summer.unwrap();
        assert_eq!(summer.start.in_year(2021) - summer.end.in_year(2021), DAY_SECONDS);
        assert_eq!(summer.start.in_year(2020) - summer.start.in_year(2019), 366 * DAY_SECONDS);
    }
    #[test]
    fn damaged_texts_are_refused_or_read() {
        let whole = b"<-03>3<+0230>-2:30:15,M13.12.1/-167:59:59,J365/24";
        let mut state = 1u32;
        for _ in 0..20_000 {
            let mut text = whole.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % text.len();
                match state >> 30 {
                    0 => text[at] = (state >> 20) as u8,
                    1 => text.truncate(at + 1),
                    2 => text[at] = b"0123456789MJ<>,./+-:A"[(state >> 20) as usize % 21],
                    _ => text.insert(at, b"09,:/.MJ"[(state >> 20) as usize % 8]),
                }
            }
            if let Ok(Posix { summer: Some(summer), .. }) = parse(&text) {
                summer.start.in_year(1);
                summer.end.in_year(9999);
            }
        }
    }
}
