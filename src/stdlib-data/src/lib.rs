//! Native modules for data: containers, iteration, numbers, text and binary formats, hashes, compression. One file or folder each.
//!
//! Must not know: the interpreter, other crates of modules.

pub mod array;
mod array_items;
mod array_pickle;
pub mod binascii;
mod binascii_qp;
pub mod bisect;
pub mod cmath;
pub mod collections;
pub mod csv;
pub mod datetime;
pub mod functools;
pub mod hashes;
pub mod heapq;
pub mod itertools;
pub mod json;
pub mod math;
mod math_numbers;
pub mod operator;
mod operator_getters;
pub mod pickle;
pub mod random;
pub mod simple_queue;
pub mod statistics;
pub mod structs;
pub mod support;
pub mod uuid;

use objects::native::ModuleDef;

/// All modules of this crate.
pub static MODULES: &[&ModuleDef] = &[
    collections::Collections::MODULE,
    itertools::Itertools::MODULE,
    functools::Functools::MODULE,
    operator::Operator::MODULE,
    math::Math::MODULE,
    cmath::Cmath::MODULE,
    json::Json::MODULE,
    array::ArrayModule::MODULE,
    csv::Csv::MODULE,
    datetime::DatetimeModule::MODULE,
    datetime::zoneinfo::ZoneinfoModule::MODULE,
    simple_queue::QueueModule::MODULE,
    hashes::HmacModule::MODULE,
    hashes::Md5Module::MODULE,
    hashes::Sha1Module::MODULE,
    hashes::Sha2Module::MODULE,
    hashes::Sha3Module::MODULE,
    hashes::Blake2Module::MODULE,
    hashes::HashlibModule::MODULE,
    pickle::Pickle::MODULE,
    random::RandomModule::MODULE,
    bisect::Bisect::MODULE,
    heapq::Heapq::MODULE,
    statistics::Statistics::MODULE,
    structs::StructModule::MODULE,
    uuid::Uuid::MODULE,
    binascii::Binascii::MODULE,
];
