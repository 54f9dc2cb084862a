//! Codecs with states: those of ISO 2022, which call up sets of characters by escape sequences, and HZ.
//!
//! The state holds the sets G0 to G3 by their marks, then flags, as CPython's does: `getstate()` of coders shows it.
//!
//! Must not know: objects, error handlers.

use crate::engine::{Decoded, Encoded, Engine, State};
use crate::tables::{self, Pair, Single, Table};

const ESCAPE: u8 = 0x1B;
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;
const ASCII: u8 = b'B';
const DOUBLE: u8 = 0x80;
/// Place and bits of the flags.
const FLAGS: usize = 4;
const SHIFTED: u8 = 1;
/// An escape sequence that nobody knows goes through as it is.
const THROUGH: u8 = 2;
const LONGEST_ESCAPE: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Plane(&'static str),
    Roman,
    Katakana,
    /// Only for the second half of Latin-1 and of Greek, called up for one character.
    HighHalf,
}

/// A set of characters: its mark (with `DOUBLE` for two bytes) and what it holds.
struct Set {
    mark: u8,
    kind: Kind,
    table: Option<&'static Table>,
}

/// What the codecs have; sets in the order in which the encoder tries them.
struct Config {
    name: &'static str,
    sets: &'static [(u8, Kind)],
    shifts: bool,
    single_shift: bool,
}

const JIS_1983: (u8, Kind) = (b'B' | DOUBLE, Kind::Plane("jisx0208"));
const JIS_1978: (u8, Kind) = (b'@' | DOUBLE, Kind::Plane("jisx0208"));
const JIS_MORE: (u8, Kind) = (b'D' | DOUBLE, Kind::Plane("jisx0212"));
const ROMAN: (u8, Kind) = (b'J', Kind::Roman);

static CONFIGS: [Config; 7] = [
    Config { name: "iso2022_jp", sets: &[JIS_1983, ROMAN, JIS_1978], shifts: false, single_shift: false },
    Config { name: "iso2022_jp_1", sets: &[JIS_1983, JIS_MORE, ROMAN, JIS_1978], shifts: false, single_shift: false },
    Config {
        name: "iso2022_jp_2",
        sets: &[
            JIS_1983,
            JIS_MORE,
            (b'C' | DOUBLE, Kind::Plane("ksx1001")),
            (b'A' | DOUBLE, Kind::Plane("gb2312.94")),
            ROMAN,
            (b'A', Kind::HighHalf),
            (b'F', Kind::HighHalf),
            JIS_1978,
        ],
        shifts: false,
        single_shift: true,
    },
    Config {
        name: "iso2022_jp_3",
        sets: &[JIS_1983, (b'O' | DOUBLE, Kind::Plane("jisx0213.2000.1")), (b'P' | DOUBLE, Kind::Plane("jisx0213.2"))],
        shifts: false,
        single_shift: false,
    },
    Config {
        name: "iso2022_jp_2004",
        sets: &[JIS_1983, (b'Q' | DOUBLE, Kind::Plane("jisx0213.2004.1")), (b'P' | DOUBLE, Kind::Plane("jisx0213.2"))],
        shifts: false,
        single_shift: false,
    },
    Config {
        name: "iso2022_jp_ext",
        sets: &[JIS_1983, JIS_MORE, ROMAN, (b'I', Kind::Katakana), JIS_1978],
        shifts: false,
        single_shift: false,
    },
    Config { name: "iso2022_kr", sets: &[(b'C' | DOUBLE, Kind::Plane("ksx1001"))], shifts: true, single_shift: false },
];

pub struct Iso2022 {
    config: &'static Config,
    sets: Vec<Set>,
    /// What the encoder does otherwise than by its sets.
    otherwise: &'static Table,
    greek: &'static Table,
}

impl Iso2022 {
    pub fn find(name: &str) -> Option<Iso2022> {
        let config = CONFIGS.iter().find(|config| config.name == name)?;
        let table = |kind: Kind| match kind {
            Kind::Plane(name) => tables::find(name),
            _ => None,
        };
        let sets = config.sets.iter().map(|(mark, kind)| Set { mark: *mark, kind: *kind, table: table(*kind) }).collect();
        Some(Iso2022 { config, sets, otherwise: tables::find(name)?, greek: tables::find("iso8859_7")? })
    }

    /// Reads an escape sequence that calls up a set.
    fn escape(&self, state: &mut State, input: &[u8]) -> Decoded {
        let mut at = 1;
        let length = loop {
            let Some(&byte) = input.get(at) else { return Decoded::TooFew };
            if at >= LONGEST_ESCAPE {
                return Decoded::Illegal(1);
            }
            if byte.is_ascii_uppercase() || byte == b'@' {
                break at + 1;
            }
            // ESC & @ announces that the sequence behind it means a revised set.
            let announces = !self.config.shifts && input.get(at..at + 2) == Some(b"&@");
            at += if announces { 2 } else { 1 };
        };
        let (mark, place) = match input[1..length] {
            [b'$', mark] => (mark | DOUBLE, 0),
            [b'(', mark] => (mark, 0),
            [b')', mark] => (mark, 1),
            [b'.', mark] if self.config.single_shift => (mark, 2),
            [b'$', b'(', mark] => (mark | DOUBLE, 0),
            [b'$', b')', mark] => (mark | DOUBLE, 1),
            [b'&', b'@', ESCAPE, b'$', b'B'] => (b'B' | DOUBLE, 0),
            _ => return Decoded::Illegal(length),
        };
        if mark != ASCII && !self.sets.iter().any(|set| set.mark == mark) {
            return Decoded::Illegal(length);
        }
        state[place] = mark;
        Decoded::Read(length, [0; 2])
    }

    /// Reads one character of G2.
    fn single_shifted(&self, state: &State, input: &[u8]) -> Decoded {
        let Some(&byte) = input.get(2) else { return Decoded::TooFew };
        if byte >= 0x80 {
            return Decoded::Illegal(3);
        }
        match state[2] {
            ASCII => Decoded::Char(3, u32::from(byte)),
            b'A' => Decoded::Char(3, u32::from(byte) + 0x80),
            b'F' => match self.greek.single(byte | 0x80) {
                Single::Char(point) => Decoded::Char(3, point),
                _ => Decoded::Illegal(3),
            },
            _ => Decoded::Illegal(3),
        }
    }

    /// Number of the set and the code in it.
    fn code(&self, text: (u32, u32)) -> Option<(usize, u32)> {
        if let Some(told) = self.otherwise.exception(text) {
            return told.map(|code| ((code >> 16) as usize, code & 0xFFFF));
        }
        self.sets.iter().enumerate().find_map(|(number, set)| {
            let code = match set.kind {
                Kind::Plane(_) => set.table?.code(text)?,
                Kind::Roman if text == (0xA5, 0) => 0x5C,
                Kind::Roman if text == (0x203E, 0) => 0x7E,
                Kind::Katakana if text.1 == 0 && (0xFF61..=0xFF9F).contains(&text.0) => text.0 - 0xFF61 + 0x21,
                _ => return None,
            };
            Some((number, code))
        })
    }

    fn to_ascii(state: &mut State, out: &mut Vec<u8>) {
        if state[0] != ASCII {
            out.extend([ESCAPE, b'(', ASCII]);
            state[0] = ASCII;
        }
    }

    fn write(&self, state: &mut State, (number, code): (usize, u32), out: &mut Vec<u8>) {
        let set = &self.sets[number];
        let place = usize::from(self.config.shifts);
        if state[place] != set.mark {
            let mark = set.mark & !DOUBLE;
            match (set.mark & DOUBLE != 0, place) {
                (false, _) => out.extend([ESCAPE, b'(', mark]),
                (true, 0) if mark == b'B' => out.extend([ESCAPE, b'$', mark]),
                (true, 0) => out.extend([ESCAPE, b'$', b'(', mark]),
                (true, _) => out.extend([ESCAPE, b'$', b')', mark]),
            }
            state[place] = set.mark;
        }
        if self.config.shifts && state[FLAGS] & SHIFTED == 0 {
            out.push(SHIFT_OUT);
            state[FLAGS] |= SHIFTED;
        }
        crate::direct::put(code, out);
    }
}

impl Engine for Iso2022 {
    fn decode_start(&self) -> State {
        [ASCII, ASCII, ASCII, 0, 0, 0, 0, 0]
    }
    fn encode_start(&self) -> State {
        [ASCII, ASCII, 0, 0, 0, 0, 0, 0]
    }
    fn decode_reset(&self, state: &mut State) {
        state[0] = ASCII;
        state[FLAGS] &= !SHIFTED;
    }

    fn decode(&self, state: &mut State, input: &[u8]) -> Decoded {
        let Some(&byte) = input.first() else { return Decoded::TooFew };
        let as_it_is = Decoded::Char(1, u32::from(byte));
        if state[FLAGS] & THROUGH != 0 {
            if byte.is_ascii_uppercase() || byte == b'@' {
                state[FLAGS] &= !THROUGH;
            }
            return as_it_is;
        }
        match byte {
            ESCAPE => match input.get(1) {
                None => return Decoded::TooFew,
                Some(b'(' | b')' | b'$' | b'.' | b'&') => return self.escape(state, input),
                Some(b'N') if self.config.single_shift => return self.single_shifted(state, input),
                Some(_) => {
                    state[FLAGS] |= THROUGH;
                    return as_it_is;
                }
            },
            SHIFT_IN | SHIFT_OUT if self.config.shifts => {
                if byte == SHIFT_OUT {
                    state[FLAGS] |= SHIFTED;
                } else {
                    state[FLAGS] &= !SHIFTED;
                }
                return Decoded::Read(1, [0; 2]);
            }
            b'\n' => {
                state[FLAGS] &= !SHIFTED;
                return as_it_is;
            }
            0..0x20 => return as_it_is,
            0x80.. => return Decoded::Illegal(1),
            _ => {}
        }
        let mark = if state[FLAGS] & SHIFTED != 0 { state[1] } else { state[0] };
        if mark == ASCII {
            return as_it_is;
        }
        let Some(set) = self.sets.iter().find(|set| set.mark == mark) else { return Decoded::Illegal(1) };
        match set.kind {
            Kind::Plane(_) => {
                let Some(&second) = input.get(1) else { return Decoded::TooFew };
                match set.table.map(|table| table.pair(u16::from(byte), second)) {
                    Some(Pair::Text((point, mark))) => Decoded::Read(2, [point, mark]),
                    _ => Decoded::Illegal(2),
                }
            }
            Kind::Roman => match byte {
                0x5C => Decoded::Char(1, 0xA5),
                0x7E => Decoded::Char(1, 0x203E),
                _ => as_it_is,
            },
            Kind::Katakana if (0x21..=0x5F).contains(&byte) => Decoded::Char(1, u32::from(byte) - 0x21 + 0xFF61),
            Kind::Katakana | Kind::HighHalf => Decoded::Illegal(1),
        }
    }

    fn encode(&self, state: &mut State, point: u32, next: Option<u32>, last: bool, out: &mut Vec<u8>) -> Encoded {
        if point < 0x80 {
            Self::to_ascii(state, out);
            if state[FLAGS] & SHIFTED != 0 {
                out.push(SHIFT_IN);
                state[FLAGS] &= !SHIFTED;
            }
            out.push(point as u8);
            return Encoded::Wrote(1);
        }
        if self.sets.iter().any(|set| set.table.is_some_and(|table| table.is_base(point))) {
            match next {
                Some(next) => {
                    if next != 0
                        && let Some(code) = self.code((point, next))
                    {
                        self.write(state, code, out);
                        return Encoded::Wrote(2);
                    }
                }
                None if !last => return Encoded::TooFew,
                None => {}
            }
        }
        match self.code((point, 0)) {
            Some(code) => {
                self.write(state, code, out);
                Encoded::Wrote(1)
            }
            None => Encoded::Illegal,
        }
    }

    fn encode_reset(&self, state: &mut State, out: &mut Vec<u8>) {
        if state[FLAGS] & SHIFTED != 0 {
            out.push(SHIFT_IN);
            state[FLAGS] &= !SHIFTED;
        }
        Self::to_ascii(state, out);
    }
}

/// ASCII with GB 2312 between `~{` and `~}`.
pub struct Hz {
    pub table: &'static Table,
}

impl Engine for Hz {
    fn decode(&self, state: &mut State, input: &[u8]) -> Decoded {
        let Some(&byte) = input.first() else { return Decoded::TooFew };
        if byte == b'~' {
            return match (input.get(1), state[0]) {
                (None, _) => Decoded::TooFew,
                (Some(b'~'), 0) => Decoded::Char(2, u32::from(b'~')),
                (Some(b'\n'), 0) => Decoded::Read(2, [0; 2]),
                (Some(b'{'), 0) | (Some(b'}'), 1) => {
                    state[0] ^= 1;
                    Decoded::Read(2, [0; 2])
                }
                _ => Decoded::Illegal(1),
            };
        }
        if byte >= 0x80 {
            return Decoded::Illegal(1);
        }
        if state[0] == 0 {
            return Decoded::Char(1, u32::from(byte));
        }
        let Some(&second) = input.get(1) else { return Decoded::TooFew };
        match self.table.pair(u16::from(byte), second) {
            Pair::Text((point, _)) => Decoded::Read(2, [point, 0]),
            _ => Decoded::Illegal(1),
        }
    }

    fn encode(&self, state: &mut State, point: u32, _next: Option<u32>, _last: bool, out: &mut Vec<u8>) -> Encoded {
        let code = if point < 0x80 { None } else { self.table.code((point, 0)) };
        if point >= 0x80 && code.is_none() {
            return Encoded::Illegal;
        }
        let wanted = u8::from(code.is_some());
        if state[0] != wanted {
            out.extend([b'~', if wanted == 1 { b'{' } else { b'}' }]);
            state[0] = wanted;
        }
        match code {
            Some(code) => crate::direct::put(code, out),
            None if point == u32::from(b'~') => out.extend(*b"~~"),
            None => out.push(point as u8),
        }
        Encoded::Wrote(1)
    }

    fn encode_reset(&self, state: &mut State, out: &mut Vec<u8>) {
        if state[0] != 0 {
            out.extend(*b"~}");
            state[0] = 0;
        }
    }
}
