//! Reading DER: tags, lengths, object identifiers, times, strings. Must not know: certificates, Python values.

/// A position in DER data.
#[derive(Clone, Copy)]
pub struct Der<'a> {
    rest: &'a [u8],
}

/// One element: its tag byte, its content, and both with the head.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    pub whole: &'a [u8],
}

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
pub const UTC_TIME: u8 = 0x17;
pub const GENERALIZED_TIME: u8 = 0x18;

impl<'a> Der<'a> {
    pub fn new(data: &'a [u8]) -> Der<'a> {
        Der { rest: data }
    }
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
    /// The next element, or None at the end and on nonsense.
    pub fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, after) = self.rest.split_first()?;
        let (&first, mut after) = after.split_first()?;
        let mut length = first as usize;
        if first >= 0x80 {
            let count = (first & 0x7f) as usize;
            if count == 0 || count > 4 || after.len() < count {
                return None;
            }
            length = after[..count].iter().fold(0, |length, byte| length << 8 | *byte as usize);
            after = &after[count..];
        }
        if after.len() < length {
            return None;
        }
        let head = self.rest.len() - after.len();
        let element = Element { tag, content: &after[..length], whole: &self.rest[..head + length] };
        self.rest = &after[length..];
        Some(element)
    }
    /// The next element if it has that tag.
    pub fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.next().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }
}

impl<'a> Element<'a> {
    pub fn inside(&self) -> Der<'a> {
        Der::new(self.content)
    }
    pub fn elements(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let mut inside = self.inside();
        std::iter::from_fn(move || inside.next())
    }
    /// The bytes of a bit string that ends at a byte.
    pub fn bit_string(&self) -> Option<&'a [u8]> {
        self.content.split_first().map(|(_, bytes)| bytes)
    }
    /// The text of a string type.
    pub fn text(&self) -> String {
        match self.tag {
            0x0c | 0x13 | 0x16 | 0x12 => String::from_utf8_lossy(self.content).into_owned(),
            0x1e => {
                let units: Vec<u16> = self.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
                String::from_utf16_lossy(&units)
            }
            0x1c => {
                let code = |four: &[u8]| u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
                self.content.chunks_exact(4).map(|four| char::from_u32(code(four)).unwrap_or('\u{fffd}')).collect()
            }
            _ => self.content.iter().map(|byte| *byte as char).collect(),
        }
    }
}

/// The text of an object identifier: `2.5.4.3`.
pub fn oid_text(content: &[u8]) -> Option<String> {
    let mut numbers: Vec<u128> = Vec::new();
    let mut number: u128 = 0;
    let mut open = false;
    for byte in content {
        number = number.checked_mul(128)? | (byte & 0x7f) as u128;
        open = byte & 0x80 != 0;
        if !open {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first);
                numbers.push(number - first * 40);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    if open || numbers.is_empty() {
        return None;
    }
    Some(numbers.iter().map(u128::to_string).collect::<Vec<_>>().join("."))
}

/// A moment as it is written in certificates: seconds since 1970 and its six fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Time {
    pub fn read(element: Element) -> Option<Time> {
        let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
        if !text.is_ascii() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, rest) = match (element.tag, text.len()) {
            (UTC_TIME, 10 | 12) => {
                let year: i64 = text[..2].parse().ok()?;
                (if year < 50 { 2000 + year } else { 1900 + year }, &text[2..])
            }
            (GENERALIZED_TIME, 14) => (text[..4].parse().ok()?, &text[4..]),
            _ => return None,
        };
        let field = |index: usize| rest.get(index * 2..index * 2 + 2).map_or(Some(0), |digits| digits.parse::<i64>().ok());
        let time = Time { year, month: field(0)?, day: field(1)?, hour: field(2)?, minute: field(3)?, second: field(4)? };
        (1..=12).contains(&time.month).then_some(time)
    }
    /// `Aug 26 14:23:15 2018 GMT`.
    pub fn text(&self) -> String {
        let month = MONTHS[(self.month - 1) as usize];
        format!("{month} {:2} {:02}:{:02}:{:02} {} GMT", self.day, self.hour, self.minute, self.second, self.year)
    }
    pub fn seconds(&self) -> i64 {
        // Days since 1970 in the proleptic Gregorian calendar, with years that begin in March.
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
        days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest() {
        let data = [0x30, 0x07, 0x02, 0x01, 0x05, 0x13, 0x02, b'h', b'i'];
        let sequence = Der::new(&data).expect(SEQUENCE).expect("a sequence");
        let items: Vec<_> = sequence.elements().collect();
        assert_eq!((items.len(), items[0].content, items[1].text().as_str()), (2, &[5u8][..], "hi"));
        assert!(Der::new(&[0x30, 0x05, 0x02]).next().is_none());
        assert!(Der::new(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).next().is_none());
    }

    #[test]
    fn identifiers_and_times() {
        assert_eq!(oid_text(&[0x55, 4, 3]).as_deref(), Some("2.5.4.3"));
        assert_eq!(oid_text(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]).as_deref(), Some("1.2.840.113549.1.1.11"));
        assert_eq!(oid_text(&[0x2a, 0x86]), None);
        let element = Element { tag: UTC_TIME, content: b"180826142315Z", whole: &[] };
        let time = Time::read(element).expect("a time");
        assert_eq!((time.text().as_str(), time.seconds()), ("Aug 26 14:23:15 2018 GMT", 1_535_293_395));
    }
}
