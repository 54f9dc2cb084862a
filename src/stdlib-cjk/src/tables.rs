//! What bytes mean which characters, as read from `tables/tables.bin` (written by `tables/generate.py`), and the way back, which is
//! worked out when it is first needed.
//!
//! Must not know: states, objects.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The bytes themselves, not a reference to them, which the program would hold many times.
static DATA: [u8; include_bytes!("../tables/tables.bin").len()] = *include_bytes!("../tables/tables.bin");

const NONE: u16 = 0xFFFF;
const LEAD: u16 = 0xFFFE;
const BAD_PAIR: u16 = 0xDFFF;
const STRINGS: u16 = 0xD800;
const NO_CODE: u32 = u32::MAX;

/// One character, or a base and a mark that follows it (0 if there is none).
pub type Text = (u32, u32);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Single {
    Char(u32),
    /// More bytes are needed.
    Lead,
    Illegal,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pair {
    Text(Text),
    /// Nothing: the first byte alone is at fault.
    Illegal,
    /// Nothing: both bytes are.
    BothIllegal,
}

struct Row {
    first: u8,
    values: Vec<u16>,
}

/// A run of consecutive four-byte codes and characters.
pub struct Range {
    pub linear: u32,
    pub first: u32,
    pub count: u32,
}

pub struct Table {
    name: &'static str,
    singles: Vec<u16>,
    /// By first byte; rows for the first two of three bytes come behind 255.
    rows: HashMap<u16, Row>,
    strings: Vec<Text>,
    pub ranges: Vec<Range>,
    otherwise: Vec<(Text, u32)>,
    codes: OnceLock<Codes>,
}

struct Codes {
    /// 256 pages of characters of the BMP; 0 where there is no code but that of character 0.
    pages: Vec<Option<Box<[u32; 256]>>>,
    others: HashMap<Text, u32>,
    /// Characters that may begin a longer text.
    bases: Vec<u32>,
}

/// All tables, read once.
fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut reader = Reader { bytes: &DATA };
        (0..reader.u16()).map(|_| reader.table()).collect()
    })
}

pub fn find(name: &str) -> Option<&'static Table> {
    tables().iter().find(|table| table.name == name)
}

/// Reads the data; beyond the end are zeros.
struct Reader {
    bytes: &'static [u8],
}

impl Reader {
    fn take(&mut self, count: usize) -> &'static [u8] {
        let (taken, rest) = self.bytes.split_at(count.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }
    fn number(&mut self, width: usize) -> u32 {
        self.take(width).iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }
    fn u8(&mut self) -> u8 {
        self.number(1) as u8
    }
    fn u16(&mut self) -> u16 {
        self.number(2) as u16
    }
    fn u32(&mut self) -> u32 {
        self.number(4)
    }
    fn table(&mut self) -> Table {
        let length = self.u8();
        let name = std::str::from_utf8(self.take(length as usize)).unwrap_or("");
        let singles = (0..256).map(|_| self.u16()).collect();
        let rows = (0..self.u16()).map(|_| {
            let (lead, first, last) = (self.u16(), self.u8(), self.u8());
            (lead, Row { first, values: (first..=last).map(|_| self.u16()).collect() })
        });
        let rows = rows.collect();
        let strings = (0..self.u16()).map(|_| (self.u32(), self.u32())).collect();
        let ranges = (0..self.u16()).map(|_| Range { linear: self.u32(), first: self.u32(), count: self.u32() }).collect();
        let otherwise = (0..self.u32()).map(|_| ((self.u32(), self.u32()), self.u32())).collect();
        Table { name, singles, rows, strings, ranges, otherwise, codes: OnceLock::new() }
    }
}

impl Table {
    #[inline]
    pub fn single(&self, byte: u8) -> Single {
        match self.singles.get(byte as usize) {
            None | Some(&NONE) => Single::Illegal,
            Some(&LEAD) => Single::Lead,
            Some(point) => Single::Char(u32::from(*point)),
        }
    }

    fn text(&self, value: u16) -> Option<Text> {
        match value {
            NONE => None,
            STRINGS..=BAD_PAIR => self.strings.get((value - STRINGS) as usize).copied(),
            point => Some((u32::from(point), 0)),
        }
    }

    /// What two bytes mean; `lead` may be two bytes itself.
    #[inline]
    pub fn pair(&self, lead: u16, second: u8) -> Pair {
        let value = self.rows.get(&lead).and_then(|row| row.values.get(usize::from(second.checked_sub(row.first)?)).copied());
        match value {
            None => Pair::Illegal,
            Some(BAD_PAIR) => Pair::BothIllegal,
            Some(value) => self.text(value).map_or(Pair::Illegal, Pair::Text),
        }
    }

    fn codes(&self) -> &Codes {
        self.codes.get_or_init(|| {
            let mut codes = Codes { pages: vec![None; 256], others: HashMap::new(), bases: Vec::new() };
            for (byte, value) in self.singles.iter().enumerate().filter(|(_, value)| **value < LEAD) {
                codes.enter((u32::from(*value), 0), byte as u32, false);
            }
            let mut leads: Vec<&u16> = self.rows.keys().collect();
            leads.sort_unstable();
            for lead in leads {
                let row = &self.rows[lead];
                for (place, value) in row.values.iter().enumerate() {
                    if let Some(text) = self.text(*value) {
                        codes.enter(text, u32::from(*lead) << 8 | (u32::from(row.first) + place as u32), false);
                    }
                }
            }
            for (text, code) in &self.otherwise {
                codes.enter(*text, *code, true);
            }
            codes
        })
    }

    /// The code of a text.
    #[inline]
    pub fn code(&self, text: Text) -> Option<u32> {
        let codes = self.codes();
        let code = match text {
            (point, 0) if point < 0x10000 => codes.pages[point as usize >> 8].as_ref()?[point as usize & 0xFF],
            text => *codes.others.get(&text)?,
        };
        (code != NO_CODE).then_some(code)
    }

    /// What the encoder does otherwise than by going back: None if nothing is said, Some(None) if there is no code.
    pub fn exception(&self, text: Text) -> Option<Option<u32>> {
        let (_, code) = self.otherwise.iter().find(|(other, _)| *other == text)?;
        Some((*code != NO_CODE).then_some(*code))
    }

    /// Whether a text of two characters may begin with this one.
    #[inline]
    pub fn is_base(&self, point: u32) -> bool {
        let bases = &self.codes().bases;
        !bases.is_empty() && bases.contains(&point)
    }
}

impl Codes {
    fn enter(&mut self, text: Text, code: u32, replace: bool) {
        match text {
            (point, 0) if point < 0x10000 => {
                let page = self.pages[point as usize >> 8].get_or_insert_with(|| Box::new([NO_CODE; 256]));
                let place = &mut page[point as usize & 0xFF];
                if replace || *place == NO_CODE {
                    *place = code;
                }
            }
            text => {
                if text.1 != 0 && !self.bases.contains(&text.0) {
                    self.bases.push(text.0);
                }
                let known = self.others.entry(text).or_insert(code);
                if replace {
                    *known = code;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_go_both_ways() {
        let table = find("shift_jis").expect("a table");
        assert_eq!(table.pair(0x82, 0xA0), Pair::Text((0x3042, 0)));
        assert_eq!(table.code((0x3042, 0)), Some(0x82A0));
        assert_eq!(table.single(0xA0), Single::Illegal);
        let marks = find("euc_jis_2004").expect("a table");
        assert_eq!(marks.code((0xE6, 0x300)), Some(0xABC4));
        assert!(marks.is_base(0xE6) && !marks.is_base(0x41));
    }
}
