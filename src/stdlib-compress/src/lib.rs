//! Compression: `zlib`, `_bz2`, `_lzma`, `_zstd`. Each format has its module and, in `*_raw.rs`, the calls of its library.
//!
//! Must not know: files, archives.

mod bz2;
mod bz2_raw;
mod decompressor;
mod lzma;
mod lzma_raw;
mod zlib;
mod zlib_raw;
mod zlib_streams;
mod zstd;
mod zstd_raw;

use objects::R;
use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[bz2::Bz2::MODULE, lzma::Lzma::MODULE, zlib::Zlib::MODULE, zstd::Zstd::MODULE];

/// Work on this much data is done while others may collect.
const BLOCKING_SIZE: usize = 64 * 1024;

/// Between pieces of so much input a program may be interrupted.
const PIECE: usize = 1 << 20;
/// The same for input that becomes longer, maybe a thousand times.
const PACKED_PIECE: usize = 1 << 17;

/// Feeds `data` to what `state` guards, piece by piece, until `step` gives an error or None. The lock is given up only for a handler that
/// waits.
fn in_pieces<S, E>(
    state: &heap::Mutex<S>,
    data: &[u8],
    mut step: impl FnMut(&mut S, &[u8]) -> Option<Result<(), E>>,
) -> R<Option<Result<(), E>>> {
    let mut rest = data;
    let mut locked = state.lock();
    loop {
        let (piece, others) = rest.split_at(rest.len().min(PIECE));
        let result = maybe_blocking(piece.len(), || step(&mut locked, piece));
        if others.is_empty() || !matches!(result, Some(Ok(()))) {
            return Ok(result);
        }
        rest = others;
        if heap::interrupts() != 0 {
            drop(locked);
            objects::thread::poll()?;
            locked = state.lock();
        }
    }
}

/// Runs `work` on plain memory, outside of the collector's way if there is much to do.
fn maybe_blocking<T>(size: usize, work: impl FnOnce() -> T) -> T {
    if size >= BLOCKING_SIZE { heap::blocking(work) } else { work() }
}
