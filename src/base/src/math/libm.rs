//! Functions of the system's math library that std does not hand out, or computes in its own way. Using the same library
//! as the reference gives the same last bits.

mod sys {
    // SAFETY: these are the C functions of the platform's math library, which std links; they take and return plain
    // doubles and have no preconditions.
    unsafe extern "C" {
        pub safe fn asinh(x: f64) -> f64;
        pub safe fn acosh(x: f64) -> f64;
        pub safe fn atanh(x: f64) -> f64;
        pub safe fn erf(x: f64) -> f64;
        pub safe fn erfc(x: f64) -> f64;
    }
}

pub use sys::{acosh, asinh, atanh, erf, erfc};
