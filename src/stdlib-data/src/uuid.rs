//! Module `_uuid`: UUIDs from the clock and a random node (RFC 9562, version 1). Must not know: other modules.

use native_macros::native_module;
use objects::{R, Value, new_bytes, new_tuple};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What successive UUIDs of this process share.
struct Source {
    process: u32,
    /// Node and clock sequence; random, with the bit that no hardware address has.
    node: [u8; 6],
    sequence: u16,
    last: u64,
}

static SOURCE: Mutex<Option<Source>> = Mutex::new(None);

/// 100-nanosecond steps from 1582-10-15 to 1970.
const EPOCH: u64 = 0x01b2_1dd2_1381_4000;

fn random<const N: usize>() -> R<[u8; N]> {
    let mut bytes = [0; N];
    // SAFETY: the buffer's length is passed.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), N, 0) };
    if got == N as isize { Ok(bytes) } else { Err(objects::last_os_error(None)) }
}

fn generate() -> R<[u8; 16]> {
    let process = std::process::id();
    let seed: [u8; 8] = random()?;
    let mut source = SOURCE.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = || {
        let mut node = [0; 6];
        node.copy_from_slice(&seed[..6]);
        node[0] |= 1;
        Source { process, node, sequence: u16::from_le_bytes([seed[6], seed[7]]) & 0x3fff, last: 0 }
    };
    if source.as_ref().is_none_or(|source| source.process != process) {
        *source = None;
    }
    let source = source.get_or_insert_with(fresh);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| (since.as_nanos() / 100) as u64) + EPOCH;
    // Two in one step of the clock, or a clock that was set back: go on counting.
    let time = now.max(source.last + 1);
    source.last = time;
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&(time as u32).to_be_bytes());
    bytes[4..6].copy_from_slice(&((time >> 32) as u16).to_be_bytes());
    bytes[6..8].copy_from_slice(&(((time >> 48) as u16 & 0x0fff) | 0x1000).to_be_bytes());
    bytes[8..10].copy_from_slice(&(source.sequence | 0x8000).to_be_bytes());
    bytes[10..].copy_from_slice(&source.node);
    Ok(bytes)
}

pub struct Uuid;

/// DCE compatible Universally Unique Identifier library.
#[native_module(name = "_uuid")]
impl Uuid {
    /// Nobody coordinates the processes of the machine here.
    #[attr("has_uuid_generate_time_safe")]
    const SAFE: i32 = 0;
    #[attr("has_stable_extractable_node")]
    const STABLE_NODE: i32 = 0;

    fn generate_time_safe() -> R {
        Ok(new_tuple(&[new_bytes(&generate()?), Value::none()]).value())
    }
}
