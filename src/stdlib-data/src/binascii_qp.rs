//! Quoted-printable. Must not know Python values.

use base::memory::{Grow, with_room};
use base::pause::Pace;

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

pub fn decode(data: &[u8], header: bool) -> Vec<u8> {
    let mut out = with_room(data.len());
    let (mut at, mut pace) = (0, Pace::new());
    while at < data.len() {
        pace.at(at);
        let byte = data[at];
        at += 1;
        if byte == b'=' {
            match data.get(at) {
                None => break,
                Some(b'\n' | b'\r') => {
                    // A soft line break: all up to the newline vanishes.
                    while at < data.len() && data[at] != b'\n' {
                        at += 1;
                    }
                    at += 1;
                }
                Some(b'=') => {
                    out.put(b'=');
                    at += 1;
                }
                Some(high) => match (hex(*high), data.get(at + 1).and_then(|low| hex(*low))) {
                    (Some(high), Some(low)) => {
                        out.put(high << 4 | low);
                        at += 2;
                    }
                    _ => out.put(b'='),
                },
            }
        } else if header && byte == b'_' {
            out.put(b' ');
        } else {
            out.put(byte);
        }
    }
    out
}

const MAX_LINE: usize = 76;

pub fn encode(data: &[u8], quote_tabs: bool, is_text: bool, header: bool) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    // The line end style of the text is that of its first line.
    let crlf = data.iter().position(|byte| *byte == b'\n').is_some_and(|at| at > 0 && data[at - 1] == b'\r');
    let newline: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out: Vec<u8> = with_room(data.len() + data.len() / 8);
    let mut line = 0;
    let (mut at, mut pace) = (0, Pace::new());
    while at < data.len() {
        pace.at(at);
        let byte = data[at];
        let next = data.get(at + 1).copied();
        let ends_line = byte == b'\n' || (byte == b'\r' && next == Some(b'\n'));
        let quoted = byte > 126
            || byte == b'='
            || (header && byte == b'_')
            || (byte == b'.' && line == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)))
            || (!is_text && matches!(byte, b'\r' | b'\n'))
            || (matches!(byte, b'\t' | b' ') && next.is_none())
            || (byte < 33 && !matches!(byte, b'\r' | b'\n' | b'\t' | b' '))
            || (byte < 33 && !matches!(byte, b'\r' | b'\n') && (quote_tabs || (!quote_tabs && next.is_none())));
        if quoted {
            if line + 3 >= MAX_LINE {
                out.put(b'=');
                out.put_all(newline);
                line = 0;
            }
            out.put_all(&[b'=', DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]);
            at += 1;
            line += 3;
            continue;
        }
        if is_text && ends_line {
            line = 0;
            // A blank in front of a line end would get lost on the way.
            if let Some(blank @ (b' ' | b'\t')) = out.last().copied() {
                out.pop();
                out.put_all(&[b'=', DIGITS[(blank >> 4) as usize], DIGITS[(blank & 15) as usize]]);
            }
            out.put_all(newline);
            at += if byte == b'\r' { 2 } else { 1 };
            continue;
        }
        if next.is_some() && next != Some(b'\n') && line + 1 >= MAX_LINE {
            out.put(b'=');
            out.put_all(newline);
            line = 0;
        }
        line += 1;
        out.put(if header && byte == b' ' { b'_' } else { byte });
        at += 1;
    }
    out
}
