//! liblzma's interface as a safe stream type and filter chains. Must not know Python values.

use crate::decompressor::{Decoder, Done};
use liblzma_sys as l;
use std::ffi::c_void;
use std::mem::MaybeUninit;

pub const PIECE: usize = 1 << 30;
const FIRST_OUTPUT: usize = 16 * 1024;
/// Ends a filter chain.
pub const NO_FILTER: u64 = u64::MAX;
pub const MOST_FILTERS: usize = 4;
pub const TELL_CHECK_FLAGS: u32 = 0x01 | 0x04;

#[repr(C)]
pub struct DeltaOptions {
    pub kind: u32,
    pub dist: u32,
    reserved_ints: [u32; 4],
    reserved_pointers: [*mut c_void; 2],
}

/// Options of one filter, at a fixed address.
pub enum Options {
    Lzma(Box<l::lzma_options_lzma>),
    Delta(Box<DeltaOptions>),
    Branch(Box<l::lzma_options_bcj>),
}

/// A filter chain with its options.
pub struct Chain {
    pub ids: Vec<u64>,
    pub options: Vec<Options>,
}

impl Options {
    /// LZMA options of a preset; None if there is no such preset.
    pub fn preset(preset: u32) -> Option<Options> {
        // SAFETY: the structure is plain data that the library fills in.
        unsafe {
            let mut options = Box::new(MaybeUninit::<l::lzma_options_lzma>::zeroed().assume_init());
            if l::lzma_lzma_preset(&mut *options, preset) != 0 { None } else { Some(Options::Lzma(options)) }
        }
    }
    pub fn delta(dist: u32) -> Options {
        Options::Delta(Box::new(DeltaOptions {
            kind: 0,
            dist,
            reserved_ints: [0; 4],
            reserved_pointers: [std::ptr::null_mut(); 2],
        }))
    }
    pub fn branch(start_offset: u32) -> Options {
        Options::Branch(Box::new(l::lzma_options_bcj { start_offset }))
    }
    fn pointer(&self) -> *mut c_void {
        match self {
            Options::Lzma(options) => &raw const **options as *mut c_void,
            Options::Delta(options) => &raw const **options as *mut c_void,
            Options::Branch(options) => &raw const **options as *mut c_void,
        }
    }
}

impl Chain {
    /// The chain as the library wants it; valid while `self` lives.
    fn filters(&self) -> Vec<l::lzma_filter> {
        let mut filters: Vec<l::lzma_filter> = self
            .ids
            .iter()
            .zip(&self.options)
            .map(|(id, options)| l::lzma_filter { id: *id, options: options.pointer() })
            .collect();
        filters.push(l::lzma_filter { id: NO_FILTER, options: std::ptr::null_mut() });
        filters
    }
    /// The stored form of the first filter's options.
    pub fn encode_properties(&self) -> Result<Vec<u8>, u32> {
        let filters = self.filters();
        // SAFETY: the filter and its options live; the buffer has the size asked for.
        unsafe {
            let mut size = 0;
            let code = l::lzma_properties_size(&mut size, filters.as_ptr());
            if code != l::LZMA_OK {
                return Err(code as u32);
            }
            let mut bytes = vec![0; size as usize];
            let code = l::lzma_properties_encode(filters.as_ptr(), bytes.as_mut_ptr());
            if code == l::LZMA_OK { Ok(bytes) } else { Err(code as u32) }
        }
    }
}

/// The options that a stored form stands for, as pairs of name and number.
pub fn decode_properties(id: u64, bytes: &[u8]) -> Result<Vec<(&'static str, u64)>, u32> {
    let mut filter = l::lzma_filter { id, options: std::ptr::null_mut() };
    // SAFETY: pointer and length are those of a slice; the options, which the library allocates with malloc, are read by
    // the type that belongs to the filter and freed.
    unsafe {
        let code = l::lzma_properties_decode(&mut filter, std::ptr::null(), bytes.as_ptr(), bytes.len());
        if code != l::LZMA_OK {
            return Err(code as u32);
        }
        if filter.options.is_null() {
            return Ok(Vec::new());
        }
        let found = match id {
            LZMA1 => {
                let options = &*(filter.options as *const l::lzma_options_lzma);
                vec![
                    ("lc", options.lc as u64),
                    ("lp", options.lp as u64),
                    ("pb", options.pb as u64),
                    ("dict_size", options.dict_size as u64),
                ]
            }
            LZMA2 => vec![("dict_size", (*(filter.options as *const l::lzma_options_lzma)).dict_size as u64)],
            DELTA => vec![("dist", (*(filter.options as *const DeltaOptions)).dist as u64)],
            _ => vec![("start_offset", (*(filter.options as *const l::lzma_options_bcj)).start_offset as u64)],
        };
        libc::free(filter.options);
        Ok(found)
    }
}

pub const LZMA1: u64 = 0x4000_0000_0000_0001;
pub const LZMA2: u64 = 0x21;
pub const DELTA: u64 = 0x03;
pub const CHECK_NONE: u32 = 0;
pub const CHECK_CRC64: u32 = 4;
pub const CHECK_UNKNOWN: u32 = 16;

pub const OK: u32 = 0;
pub const STREAM_END: u32 = 1;
pub const NO_CHECK: u32 = 2;
pub const UNSUPPORTED_CHECK: u32 = 3;
pub const GET_CHECK: u32 = 4;
pub const MEM_ERROR: u32 = 5;
pub const MEMLIMIT_ERROR: u32 = 6;
pub const FORMAT_ERROR: u32 = 7;
pub const OPTIONS_ERROR: u32 = 8;
pub const DATA_ERROR: u32 = 9;
pub const BUF_ERROR: u32 = 10;
pub const PROG_ERROR: u32 = 11;

pub fn check_is_supported(check: u32) -> bool {
    // SAFETY: no preconditions.
    unsafe { l::lzma_check_is_supported(check as _) != 0 }
}

/// An encoder or decoder.
pub struct Stream {
    state: Box<l::lzma_stream>,
    /// The integrity check of the data that a decoder reads.
    check: u32,
}

// SAFETY: the state is owned; the library keeps nothing elsewhere.
unsafe impl Send for Stream {}

impl Stream {
    fn open(start: impl FnOnce(*mut l::lzma_stream) -> u32) -> Result<Stream, u32> {
        // SAFETY: zeroed is the library's initial value.
        let mut state = Box::new(unsafe { MaybeUninit::<l::lzma_stream>::zeroed().assume_init() });
        match start(&mut *state) {
            OK => Ok(Stream { state, check: CHECK_UNKNOWN }),
            code => Err(code),
        }
    }
    pub fn easy_encoder(preset: u32, check: u32) -> Result<Stream, u32> {
        // SAFETY: a blank stream.
        Stream::open(|stream| unsafe { l::lzma_easy_encoder(stream, preset, check as _) as u32 })
    }
    pub fn encoder(chain: &Chain, check: u32) -> Result<Stream, u32> {
        let filters = chain.filters();
        // SAFETY: a blank stream; the library copies what it needs of the chain.
        Stream::open(|stream| unsafe { l::lzma_stream_encoder(stream, filters.as_ptr(), check as _) as u32 })
    }
    pub fn alone_encoder(options: &Options) -> Result<Stream, u32> {
        // SAFETY: as in `encoder`; the caller passes LZMA options.
        Stream::open(|stream| unsafe { l::lzma_alone_encoder(stream, options.pointer() as *const _) as u32 })
    }
    pub fn raw_encoder(chain: &Chain) -> Result<Stream, u32> {
        let filters = chain.filters();
        // SAFETY: as in `encoder`.
        Stream::open(|stream| unsafe { l::lzma_raw_encoder(stream, filters.as_ptr()) as u32 })
    }
    pub fn auto_decoder(limit: u64) -> Result<Stream, u32> {
        // SAFETY: a blank stream.
        Stream::open(|stream| unsafe { l::lzma_auto_decoder(stream, limit, TELL_CHECK_FLAGS) as u32 })
    }
    pub fn xz_decoder(limit: u64) -> Result<Stream, u32> {
        // SAFETY: a blank stream.
        Stream::open(|stream| unsafe { l::lzma_stream_decoder(stream, limit, TELL_CHECK_FLAGS) as u32 })
    }
    pub fn alone_decoder(limit: u64) -> Result<Stream, u32> {
        // SAFETY: a blank stream.
        Stream::open(|stream| unsafe { l::lzma_alone_decoder(stream, limit) as u32 }).map(Stream::unchecked)
    }
    pub fn raw_decoder(chain: &Chain) -> Result<Stream, u32> {
        let filters = chain.filters();
        // SAFETY: as in `encoder`.
        Stream::open(|stream| unsafe { l::lzma_raw_decoder(stream, filters.as_ptr()) as u32 }).map(Stream::unchecked)
    }

    /// A stream in a format without integrity checks.
    fn unchecked(mut self) -> Stream {
        self.check = CHECK_NONE;
        self
    }
    /// The integrity check of the data, as far as it is known.
    pub fn check(&self) -> u32 {
        self.check
    }
    /// Encodes input; with `finish`, until the stream ends.
    pub fn encode(&mut self, input: &[u8], finish: bool, out: &mut Vec<u8>) -> Result<(), u32> {
        self.code(input, finish, out, usize::MAX).map(drop)
    }
    /// Goes on until the input is used up, the stream ends or `out` holds `limit` bytes; with `finish`, until the stream ends.
    fn code(&mut self, input: &[u8], finish: bool, out: &mut Vec<u8>, limit: usize) -> Result<Done, u32> {
        let mut used = 0;
        loop {
            let piece = &input[used..input.len().min(used + PIECE)];
            let action = if finish && used + piece.len() == input.len() { l::LZMA_FINISH } else { l::LZMA_RUN };
            let room = out.len().clamp(FIRST_OUTPUT, PIECE).min(limit - out.len());
            let filled = out.len();
            if out.try_reserve(room).is_err() {
                return Err(MEM_ERROR);
            }
            out.resize(filled + room, 0);
            self.state.next_in = piece.as_ptr();
            self.state.avail_in = piece.len();
            self.state.next_out = out[filled..].as_mut_ptr();
            self.state.avail_out = room;
            // SAFETY: the state was initialised, and both areas are valid for the lengths given.
            let code = unsafe { l::lzma_code(&mut *self.state, action) as u32 };
            used += piece.len() - self.state.avail_in;
            let left = self.state.avail_out;
            out.truncate(filled + room - left);
            self.state.next_in = std::ptr::null();
            match code {
                STREAM_END => return Ok(Done { ended: true, used }),
                GET_CHECK | NO_CHECK => {
                    // SAFETY: allowed right after these answers.
                    self.check = unsafe { l::lzma_get_check(&*self.state) as u32 };
                    continue;
                }
                OK => {}
                BUF_ERROR if used == input.len() && left > 0 => {}
                BUF_ERROR if out.len() >= limit => {}
                code => return Err(code),
            }
            if out.len() >= limit || (!finish && left > 0 && used == input.len()) {
                return Ok(Done { ended: false, used });
            }
        }
    }
}

impl Decoder for Stream {
    type Failure = u32;
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<Done, u32> {
        self.code(input, false, out, limit)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: fine for blank and for initialised streams; not used again.
        unsafe { l::lzma_end(&mut *self.state) };
    }
}
