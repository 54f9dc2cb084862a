//! Wheels for tests: a writer that can lie in every field of a zip archive, a builder of sound wheels, the hostile ones, a seeded
//! generator of malformed ones, and a loopback index. Made without the reader that is tested with it: this crate never uses `protopip`.

pub mod answers;
pub mod generator;
pub mod hostile;
pub mod server;
pub mod wheel;
pub mod zip;

pub use server::{Answer, Index, Server};
pub use wheel::{BuiltWheel, WheelBuilder};
pub use zip::{Zip, ZipEntry};
