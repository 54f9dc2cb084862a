//! Encodings of Chinese, Japanese and Korean text: `_multibytecodec` and the modules `_codecs_*`.
//!
//! `tables` knows characters, `direct` and `shifted` the codecs (`engine` is what they have in common), `coding` runs them with error
//! handlers, `codec` and `coders` are what Python sees. Must not know: the registry of codecs, the interpreter's loop.

mod codec;
mod coders;
mod coding;
mod direct;
mod engine;
mod modules;
mod shifted;
mod tables;

pub use modules::MODULES;
