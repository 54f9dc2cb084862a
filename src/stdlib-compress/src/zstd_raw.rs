//! The library's streams, dictionaries and parameters as safe types. Must not know: Python values.

use crate::decompressor::{Decoder, Done};
use base::memory::{Grow, copied};
use std::ffi::{CStr, c_int, c_void};
use zstd_sys as z;

pub type Code = usize;

unsafe extern "C" {
    // As the library declares them, with the plain ints that it checks itself: the bindings' enums may not hold other numbers.
    #[link_name = "ZSTD_CCtx_setParameter"]
    fn set_c_parameter(context: *mut z::ZSTD_CCtx, parameter: c_int, value: c_int) -> usize;
    #[link_name = "ZSTD_DCtx_setParameter"]
    fn set_d_parameter(context: *mut z::ZSTD_DCtx, parameter: c_int, value: c_int) -> usize;
    #[link_name = "ZSTD_cParam_getBounds"]
    fn c_parameter_bounds(parameter: c_int) -> z::ZSTD_bounds;
    #[link_name = "ZSTD_dParam_getBounds"]
    fn d_parameter_bounds(parameter: c_int) -> z::ZSTD_bounds;
}

pub fn is_error(code: Code) -> bool {
    // SAFETY: plain call.
    unsafe { z::ZSTD_isError(code) != 0 }
}
pub fn error_text(code: Code) -> String {
    // SAFETY: a static text.
    unsafe { CStr::from_ptr(z::ZSTD_getErrorName(code)) }.to_string_lossy().into_owned()
}
fn check(code: Code) -> Result<usize, Code> {
    if is_error(code) { Err(code) } else { Ok(code) }
}

pub const CONTINUE: i32 = 0;
pub const FLUSH_BLOCK: i32 = 1;
pub const FLUSH_FRAME: i32 = 2;

/// Why a dictionary cannot be used.
pub enum Refused {
    NotMade,
    Code(Code),
}

/// How a dictionary is used.
#[derive(Clone, Copy, PartialEq)]
pub enum Use {
    Digested,
    Undigested,
    Prefix,
}

const FIRST_OUTPUT: usize = 32 * 1024;

pub struct Compressor {
    context: *mut z::ZSTD_CCtx,
    dictionary: *mut z::ZSTD_CDict,
    /// What a prefix refers to.
    _prefix: Vec<u8>,
}
// SAFETY: the context is owned; nothing of it belongs to a thread.
unsafe impl Send for Compressor {}

impl Compressor {
    pub fn new() -> Option<Compressor> {
        // SAFETY: plain call.
        let context = unsafe { z::ZSTD_createCCtx() };
        if context.is_null() {
            return None;
        }
        Some(Compressor { context, dictionary: std::ptr::null_mut(), _prefix: Vec::new() })
    }
    pub fn set(&mut self, parameter: c_int, value: c_int) -> Result<(), Code> {
        // SAFETY: a live context; the library refuses numbers that are no parameters.
        check(unsafe { set_c_parameter(self.context, parameter, value) }).map(|_| ())
    }
    pub fn use_dictionary(&mut self, content: &[u8], how: Use, level: c_int) -> Result<(), Refused> {
        let (pointer, length) = (content.as_ptr().cast::<c_void>(), content.len());
        // SAFETY: the content with its length; what is referred to lives as long as the context.
        let code = unsafe {
            match how {
                Use::Digested => {
                    self.dictionary = z::ZSTD_createCDict(pointer, length, level);
                    if self.dictionary.is_null() {
                        return Err(Refused::NotMade);
                    }
                    z::ZSTD_CCtx_refCDict(self.context, self.dictionary)
                }
                Use::Undigested => z::ZSTD_CCtx_loadDictionary(self.context, pointer, length),
                Use::Prefix => {
                    self._prefix = copied(content);
                    z::ZSTD_CCtx_refPrefix(self.context, self._prefix.as_ptr().cast(), length)
                }
            }
        };
        check(code).map(|_| ()).map_err(Refused::Code)
    }
    pub fn pledge(&mut self, size: u64) -> Result<(), Code> {
        // SAFETY: a live context.
        check(unsafe { z::ZSTD_CCtx_setPledgedSrcSize(self.context, size) }).map(|_| ())
    }
    pub fn run(&mut self, input: &[u8], mode: i32, out: &mut Vec<u8>) -> Result<(), Code> {
        let mut source = z::ZSTD_inBuffer { src: input.as_ptr().cast(), size: input.len(), pos: 0 };
        let operation = match mode {
            FLUSH_BLOCK => z::ZSTD_EndDirective::ZSTD_e_flush,
            FLUSH_FRAME => z::ZSTD_EndDirective::ZSTD_e_end,
            _ => z::ZSTD_EndDirective::ZSTD_e_continue,
        };
        loop {
            let filled = out.len();
            let room = filled.clamp(FIRST_OUTPUT, 1 << 24);
            out.make_room(room);
            // SAFETY: spare room of the vector; the library says how much it wrote.
            let left = unsafe {
                let mut target = z::ZSTD_outBuffer { dst: out.as_mut_ptr().add(filled).cast(), size: room, pos: 0 };
                let code = z::ZSTD_compressStream2(self.context, &mut target, &mut source, operation);
                out.set_len(filled + target.pos);
                if is_error(code) {
                    z::ZSTD_CCtx_reset(self.context, z::ZSTD_ResetDirective::ZSTD_reset_session_only);
                    return Err(code);
                }
                code
            };
            let is_done = if mode == CONTINUE { source.pos == source.size } else { left == 0 };
            if is_done {
                return Ok(());
            }
        }
    }
}
impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: owned, freed once; null is allowed.
        unsafe {
            z::ZSTD_freeCCtx(self.context);
            z::ZSTD_freeCDict(self.dictionary);
        }
    }
}

pub struct Decompressor {
    context: *mut z::ZSTD_DCtx,
    dictionary: *mut z::ZSTD_DDict,
    _prefix: Vec<u8>,
}
// SAFETY: as for `Compressor`.
unsafe impl Send for Decompressor {}

impl Decompressor {
    pub fn new() -> Option<Decompressor> {
        // SAFETY: plain call.
        let context = unsafe { z::ZSTD_createDCtx() };
        if context.is_null() {
            return None;
        }
        Some(Decompressor { context, dictionary: std::ptr::null_mut(), _prefix: Vec::new() })
    }
    pub fn set(&mut self, parameter: c_int, value: c_int) -> Result<(), Code> {
        // SAFETY: as in `Compressor::set`.
        check(unsafe { set_d_parameter(self.context, parameter, value) }).map(|_| ())
    }
    pub fn use_dictionary(&mut self, content: &[u8], how: Use) -> Result<(), Refused> {
        let (pointer, length) = (content.as_ptr().cast::<c_void>(), content.len());
        // SAFETY: as in `Compressor::use_dictionary`.
        let code = unsafe {
            match how {
                Use::Digested => {
                    self.dictionary = z::ZSTD_createDDict(pointer, length);
                    if self.dictionary.is_null() {
                        return Err(Refused::NotMade);
                    }
                    z::ZSTD_DCtx_refDDict(self.context, self.dictionary)
                }
                Use::Undigested => z::ZSTD_DCtx_loadDictionary(self.context, pointer, length),
                Use::Prefix => {
                    self._prefix = copied(content);
                    z::ZSTD_DCtx_refPrefix(self.context, self._prefix.as_ptr().cast(), length)
                }
            }
        };
        check(code).map(|_| ()).map_err(Refused::Code)
    }
}

impl Decoder for Decompressor {
    type Failure = Code;
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<Done, Code> {
        let mut source = z::ZSTD_inBuffer { src: input.as_ptr().cast(), size: input.len(), pos: 0 };
        loop {
            let filled = out.len();
            let room = filled.clamp(FIRST_OUTPUT, 1 << 24).min(limit - filled);
            out.make_room(room);
            // SAFETY: spare room of the vector; the library says how much it wrote.
            let (code, wrote) = unsafe {
                let mut target = z::ZSTD_outBuffer { dst: out.as_mut_ptr().add(filled).cast(), size: room, pos: 0 };
                let code = z::ZSTD_decompressStream(self.context, &mut target, &mut source);
                out.set_len(filled + target.pos);
                (code, target.pos)
            };
            if is_error(code) {
                // SAFETY: a live context.
                unsafe { z::ZSTD_DCtx_reset(self.context, z::ZSTD_ResetDirective::ZSTD_reset_session_only) };
                return Err(code);
            }
            if code == 0 {
                return Ok(Done { ended: true, used: source.pos });
            }
            if out.len() >= limit || (source.pos == source.size && wrote < room) {
                return Ok(Done { ended: false, used: source.pos });
            }
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: owned, freed once; null is allowed.
        unsafe {
            z::ZSTD_freeDCtx(self.context);
            z::ZSTD_freeDDict(self.dictionary);
        }
    }
}

pub fn bounds(parameter: c_int, compresses: bool) -> Result<(c_int, c_int), Code> {
    // SAFETY: as in `Compressor::set`.
    let bounds = unsafe { if compresses { c_parameter_bounds(parameter) } else { d_parameter_bounds(parameter) } };
    check(bounds.error).map(|_| (bounds.lowerBound, bounds.upperBound))
}

pub fn dictionary_id(content: &[u8]) -> u32 {
    // SAFETY: the content with its length.
    unsafe { z::ZSTD_getDictID_fromDict(content.as_ptr().cast(), content.len()) }
}
/// The size of the content (None: not said) and the number of the dictionary; None if this is no frame.
pub fn frame_info(data: &[u8]) -> Option<(Option<u64>, u32)> {
    // SAFETY: the data with its length.
    unsafe {
        let size = z::ZSTD_getFrameContentSize(data.as_ptr().cast(), data.len());
        let id = z::ZSTD_getDictID_fromFrame(data.as_ptr().cast(), data.len());
        match size {
            u64::MAX => Some((None, id)),
            size if size == u64::MAX - 1 => None,
            size => Some((Some(size), id)),
        }
    }
}
pub fn frame_size(data: &[u8]) -> Result<usize, Code> {
    // SAFETY: the data with its length.
    check(unsafe { z::ZSTD_findFrameCompressedSize(data.as_ptr().cast(), data.len()) })
}
pub fn train(samples: &[u8], sizes: &[usize], target: &mut Vec<u8>) -> Result<(), Code> {
    // SAFETY: room of the target's length; the sizes add up to the samples.
    let code = unsafe {
        z::ZDICT_trainFromBuffer(
            target.as_mut_ptr().cast(),
            target.len(),
            samples.as_ptr().cast(),
            sizes.as_ptr(),
            sizes.len() as u32,
        )
    };
    target.truncate(check(code)?);
    Ok(())
}
pub fn finalize(content: &[u8], samples: &[u8], sizes: &[usize], level: c_int, target: &mut Vec<u8>) -> Result<(), Code> {
    let parameters = z::ZDICT_params_t { compressionLevel: level, notificationLevel: 0, dictID: 0 };
    // SAFETY: as above.
    let code = unsafe {
        z::ZDICT_finalizeDictionary(
            target.as_mut_ptr().cast(),
            target.len(),
            content.as_ptr().cast(),
            content.len(),
            samples.as_ptr().cast(),
            sizes.as_ptr(),
            sizes.len() as u32,
            parameters,
        )
    };
    target.truncate(check(code)?);
    Ok(())
}
pub fn version() -> (String, u32) {
    // SAFETY: plain calls, a static text.
    unsafe { (CStr::from_ptr(z::ZSTD_versionString()).to_string_lossy().into_owned(), z::ZSTD_versionNumber()) }
}
