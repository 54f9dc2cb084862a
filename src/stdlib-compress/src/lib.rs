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

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[bz2::Bz2::MODULE, lzma::Lzma::MODULE, zlib::Zlib::MODULE, zstd::Zstd::MODULE];

/// Work on this much data is done while others may collect.
const BLOCKING_SIZE: usize = 64 * 1024;

/// Runs `work` on plain memory, outside of the collector's way if there is much to do.
fn maybe_blocking<T>(size: usize, work: impl FnOnce() -> T) -> T {
    if size >= BLOCKING_SIZE { heap::blocking(work) } else { work() }
}
