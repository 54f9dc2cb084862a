//! `tell` and `seek` of text streams. A position is an opaque int: where the bytes begin, and how to bring the decoder from there
//! to the character.
//!
//! Must not know: reading and writing.

use super::common::{self, call0, unsupported};
use super::text::{self, This};
use base::memory::copied;
use objects::{
    Bytes, Cast, R, Value, call_method, eq, exc, int_view, interned, is_int, new_bytes, new_error, new_int, new_int_usize,
    type_error, value_error,
};

/// The parts of a position, each below the last by its bits.
#[derive(Default, Clone, Copy)]
struct Cookie {
    start: i64,
    flags: u32,
    bytes_to_feed: u32,
    chars_to_skip: u32,
    need_eof: bool,
}

impl Cookie {
    fn pack(self) -> Value {
        if self.flags == 0 && self.bytes_to_feed == 0 && self.chars_to_skip == 0 && !self.need_eof {
            return new_int(self.start);
        }
        let limbs = [
            self.start as u64,
            self.flags as u64 | (self.bytes_to_feed as u64) << 32,
            self.chars_to_skip as u64 | (self.need_eof as u64) << 32,
        ];
        objects::int::from_limbs(false, &limbs)
    }
    fn unpack(value: Value) -> R<Cookie> {
        let number = objects::index_object(value)?;
        let Some(view) = int_view(number) else { return Err(type_error!("an integer is required")) };
        if let Some(start) = view.to_i64() {
            return Ok(Cookie { start, ..Cookie::default() });
        }
        let big = view.to_ibig();
        let (_, words) = big.as_sign_words();
        let limb = |at: usize| words.get(at).copied().unwrap_or(0);
        if words.len() > 3 || limb(2) >> 40 != 0 || limb(0) > i64::MAX as u64 {
            return Err(objects::overflow_error!("int too big to convert"));
        }
        Ok(Cookie {
            start: limb(0) as i64,
            flags: limb(1) as u32,
            bytes_to_feed: (limb(1) >> 32) as u32,
            chars_to_skip: limb(2) as u32,
            need_eof: limb(2) >> 32 != 0,
        })
    }
}

fn os_text(text: &str) -> objects::Raised {
    new_error(exc::OS_ERROR.get(), text)
}

/// Decodes bytes; how many characters come out.
fn count(this: This, bytes: &[u8], is_final: bool) -> R<usize> {
    let input = new_bytes(bytes);
    Ok(text::decode(this, input, bytes, is_final)?.len())
}

pub fn tell(this: This) -> R {
    // SAFETY (all of this function): the lock is held; no reference to the state lives across a call.
    let state = unsafe { this.state() };
    if !state.seekable {
        return Err(unsupported("underlying stream is not seekable"));
    }
    if !state.telling {
        return Err(os_text("telling position disabled by next() call"));
    }
    text::write_out(this)?;
    call0(this.value(), interned!("flush"))?;
    let position = call0(text::buffer(this)?, interned!("tell"))?;
    let state = unsafe { this.state() };
    let Some((flags, input)) = state.snapshot.clone().filter(|_| state.decoding.exists) else { return Ok(position) };
    let (used, ratio) = (state.used, state.bytes_per_char);
    let mut cookie = Cookie { start: common::offset(position)? - input.len() as i64, flags: flags as u32, ..Cookie::default() };
    if used == 0 {
        return Ok(cookie.pack());
    }
    let saved = text::decoder_state(this)?;
    let found = reconstruct(this, &mut cookie, flags, &input, used, ratio);
    let restored = text::set_decoder_state(this, &saved.buffer, saved.flags);
    found?;
    restored?;
    Ok(cookie.pack())
}

/// Finds a place near the wanted character where the decoder holds nothing back.
fn reconstruct(this: This, cookie: &mut Cookie, flags: i128, input: &[u8], used: usize, ratio: f64) -> R<()> {
    // Decoding must not count newlines twice.
    let seen = unsafe { this.state() }.decoding.newlines.seen;
    let result = reconstruct_inner(this, cookie, flags, input, used, ratio);
    unsafe { this.state() }.decoding.newlines.seen = seen;
    result
}
fn reconstruct_inner(this: This, cookie: &mut Cookie, flags: i128, input: &[u8], used: usize, ratio: f64) -> R<()> {
    let mut to_skip = used;
    let mut skip_bytes = (ratio * used as f64).min(input.len() as f64) as usize;
    let mut skip_back = 1usize;
    let mut found = false;
    while skip_bytes > 0 {
        set_flags(this, flags)?;
        let chars = count(this, &input[..skip_bytes], false)?;
        if chars <= to_skip {
            let state = text::decoder_state(this)?;
            if state.buffer.is_empty() {
                cookie.flags = state.flags as u32;
                to_skip -= chars;
                found = true;
                break;
            }
            skip_bytes = skip_bytes.saturating_sub(state.buffer.len());
            skip_back = 1;
        } else {
            skip_bytes = skip_bytes.saturating_sub(skip_back);
            skip_back *= 2;
        }
    }
    if !found {
        skip_bytes = 0;
        set_flags(this, flags)?;
    }
    cookie.start += skip_bytes as i64;
    cookie.chars_to_skip = to_skip as u32;
    if to_skip == 0 {
        return Ok(());
    }
    let mut chars = 0;
    for byte in &input[skip_bytes..] {
        chars += count(this, &[*byte], false)?;
        cookie.bytes_to_feed += 1;
        let state = text::decoder_state(this)?;
        if state.buffer.is_empty() && chars <= to_skip {
            cookie.start += cookie.bytes_to_feed as i64;
            to_skip -= chars;
            cookie.flags = state.flags as u32;
            cookie.bytes_to_feed = 0;
            chars = 0;
        }
        if chars >= to_skip {
            cookie.chars_to_skip = to_skip as u32;
            return Ok(());
        }
    }
    chars += count(this, b"", true)?;
    cookie.need_eof = true;
    if chars < to_skip {
        return Err(os_text("can't reconstruct logical file position"));
    }
    cookie.chars_to_skip = to_skip as u32;
    Ok(())
}
fn set_flags(this: This, flags: i128) -> R<()> {
    text::set_decoder_state(this, b"", flags)
}

pub fn seek(this: This, cookie: Value, whence: i32) -> R {
    // SAFETY (all of this function): the lock is held; no reference to the state lives across a call.
    if !unsafe { this.state() }.seekable {
        return Err(unsupported("underlying stream is not seekable"));
    }
    let zero = Value::small(0);
    let mut cookie = cookie;
    match whence {
        0 => {}
        1 => {
            if !eq(cookie, zero)? {
                return Err(unsupported("can't do nonzero cur-relative seeks"));
            }
            call0(this.value(), interned!("flush"))?;
            cookie = call0(this.value(), interned!("tell"))?;
        }
        2 => {
            if !eq(cookie, zero)? {
                return Err(unsupported("can't do nonzero end-relative seeks"));
            }
            call0(this.value(), interned!("flush"))?;
            forget(this);
            if unsafe { this.state() }.decoding.exists {
                text::reset_decoder(this)?;
            }
            let end = call_method(text::buffer(this)?, interned!("seek"), &[zero, Value::small(2)])?;
            text::reset_encoder(this, eq(end, zero)?)?;
            return Ok(end);
        }
        _ => return Err(value_error!("invalid whence ({whence}, should be 0, 1 or 2)")),
    }
    if objects::compare_bool(objects::CompareOp::Lt, cookie, zero)? {
        return Err(value_error!("negative seek position {}", objects::repr(cookie)?.to_string_lossy()));
    }
    call0(this.value(), interned!("flush"))?;
    if !is_int(cookie) && cookie.is_float() {
        return Err(type_error!("'float' object cannot be interpreted as an integer"));
    }
    let parts = Cookie::unpack(cookie)?;
    let file = text::buffer(this)?;
    call_method(file, interned!("seek"), &[new_int(parts.start)])?;
    forget(this);
    let at_start = parts.start == 0 && parts.flags == 0;
    let has_decoder = unsafe { this.state() }.decoding.exists;
    if has_decoder {
        if at_start {
            text::reset_decoder(this)?;
        } else {
            set_flags(this, parts.flags as i128)?;
        }
    }
    if parts.chars_to_skip != 0 {
        let input = call_method(file, interned!("read"), &[new_int_usize(parts.bytes_to_feed as usize)])?;
        let Some(bytes) = input.cast::<Bytes>() else {
            return Err(type_error!(
                "underlying read() should have returned a bytes object, not '{}'",
                objects::class_name(input)
            ));
        };
        unsafe { this.state() }.snapshot = Some((parts.flags as i128, copied(bytes.as_slice())));
        let decoded = text::decode(this, input, bytes.as_slice(), parts.need_eof)?;
        text::set_decoded(this, Some(decoded));
        if decoded.len() < parts.chars_to_skip as usize {
            return Err(os_text("can't restore logical file position"));
        }
        unsafe { this.state() }.used = parts.chars_to_skip as usize;
    } else {
        unsafe { this.state() }.snapshot = Some((parts.flags as i128, Vec::new()));
    }
    text::reset_encoder(this, at_start)?;
    Ok(cookie)
}

fn forget(this: This) {
    text::set_decoded(this, None);
    // SAFETY: the lock is held.
    unsafe { this.state() }.snapshot = None;
}
