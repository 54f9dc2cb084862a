//! Running an engine over whole inputs, with error handlers.
//!
//! Must not know: the classes that Python sees.

use crate::engine::{Decoded, Encoded, Engine, State};
use base::codecs::{CodecError, WideCodec};
use base::memory::Grow;
use base::text::Text;
use objects::codec::{decode_loop, encode_loop};
use objects::{Gc, R, Str};

const ILLEGAL: &str = "illegal multibyte sequence";
const INCOMPLETE: &str = "incomplete multibyte sequence";
/// Steps between two looks at what other threads want.
const POLL_MASK: usize = 0xFFFF;
/// More bytes than a step writes.
const MOST: usize = 32;

pub struct Codec {
    pub name: &'static str,
    pub engine: Box<dyn Engine + Send>,
}

/// Decodes; gives the text and how many bytes were read. `last`: a beginning of a character at the end is an error.
pub fn decode(codec: &Codec, state: &mut State, data: &[u8], errors: &str, last: bool) -> R<(Gc<Str>, usize)> {
    let (text, end) = decode_loop(codec.name, data, errors, WideCodec::Other, |data, start, out| {
        let mut at = start;
        let mut steps = 0;
        while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
            steps += 1;
            if steps & POLL_MASK == 0 {
                base::pause::point();
            }
            match codec.engine.decode(state, rest) {
                Decoded::Char(count, point) => {
                    out.push(point);
                    at += count;
                }
                Decoded::Read(count, points) => {
                    points.iter().filter(|point| **point != 0).for_each(|point| out.push(*point));
                    at += count;
                }
                Decoded::TooFew if last => return Err(CodecError { start: at, end: data.len(), reason: INCOMPLETE }),
                Decoded::TooFew => break,
                Decoded::Illegal(count) => {
                    return Err(CodecError { start: at, end: (at + count).min(data.len()), reason: ILLEGAL });
                }
            }
        }
        Ok(at)
    })?;
    Ok((Str::from_text(text.as_text())?, end))
}

/// Encodes; gives the bytes and how many characters were written. `last`: what could go on is written as it is, and the reader is
/// brought back to its first state.
pub fn encode(codec: &Codec, state: &mut State, text: Gc<Str>, errors: &str, last: bool) -> R<(Vec<u8>, usize)> {
    let input = text.text();
    let mut written = input.len();
    let result = encode_loop(codec.name, text, errors, WideCodec::Other, Vec::new(), |text, start, out| {
        // What an error handler gave is written to its end.
        let last = last || !is_same(text, input);
        let mut at = start;
        let mut steps = 0;
        while let Some(point) = text.get(at) {
            steps += 1;
            if steps & POLL_MASK == 0 {
                base::pause::point();
            }
            out.make_room(MOST);
            match codec.engine.encode(state, point, text.get(at + 1), last, out) {
                Encoded::Wrote(count) => at += count,
                Encoded::TooFew => {
                    written = at;
                    return Ok(());
                }
                Encoded::Illegal => return Err(CodecError { start: at, end: at + 1, reason: ILLEGAL }),
            }
        }
        Ok(())
    });
    let mut out = result?;
    if last {
        out.make_room(MOST);
        codec.engine.encode_reset(state, &mut out);
    }
    Ok((out, written))
}

fn is_same(one: Text, other: Text) -> bool {
    let place = |text: Text| match text {
        Text::One(units) => units.as_ptr() as usize,
        Text::Two(units) => units.as_ptr() as usize,
        Text::Four(units) => units.as_ptr() as usize,
    };
    place(one) == place(other) && one.len() == other.len()
}
