//! Decimal arithmetic after the General Decimal Arithmetic Specification: numbers, contexts and conditions. Nothing of Python objects.

pub mod basic;
pub mod context;
pub mod digits;
pub mod fixed;
pub mod long_div;
pub mod long_mul;
pub mod misc;
pub mod number;
pub mod power;
pub mod quick;
pub mod round;
pub mod text;
mod transform;
pub mod words;
