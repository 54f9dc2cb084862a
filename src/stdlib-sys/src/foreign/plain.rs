//! Calls on machines for which no code of our own moves the words: by a function type with as many parameters as ever are needed.
//! Structures by value and callbacks are not there. Must not know: what the words mean.

use super::kinds::{Answered, Part, Returned};
use std::ffi::c_void;

/// Arguments of a call: those in integer registers, in float registers, on the stack.
const INTEGERS: usize = 8;
const FLOATS: usize = 8;
const STACK: usize = 24;

/// One call with every register that can hold an argument filled, and as much stack as any signature with that many arguments
/// needs: the callee reads what its own signature has. Unused float registers and stack words do no harm.
macro_rules! call_as {
    ($address:expr, $frame:expr, $result:ty) => {{
        type Function = unsafe extern "C" fn(
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            f64,
            f64,
            f64,
            f64,
            f64,
            f64,
            f64,
            f64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
        ) -> $result;
        // SAFETY: a code address by the caller's word; `ctypes` hands that responsibility to the program.
        let function: Function = unsafe { std::mem::transmute($address) };
        let Frame { integers: i, floats: f, stack: s } = $frame;
        // SAFETY: as above.
        unsafe {
            function(
                i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7], f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], s[0], s[1], s[2],
                s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15], s[16], s[17], s[18], s[19],
                s[20], s[21], s[22], s[23],
            )
        }
    }};
}

/// Where each word of a call goes.
pub struct Frame {
    integers: [u64; INTEGERS],
    floats: [f64; FLOATS],
    stack: [u64; STACK],
}

impl Frame {
    /// None: too many arguments, or some that this machine's calls cannot have yet.
    pub fn arrange(parts: &[Part], words: &[u64]) -> Option<Frame> {
        let mut frame = Frame { integers: [0; INTEGERS], floats: [0.0; FLOATS], stack: [0; STACK] };
        let (mut integers, mut floats, mut stack) = (0, 0, 0);
        for (part, word) in parts.iter().zip(words) {
            match part {
                Part::Registers(_) | Part::Memory { .. } => return None,
                Part::Float if floats < FLOATS => {
                    frame.floats[floats] = f64::from_bits(*word);
                    floats += 1;
                }
                Part::Integer if integers < INTEGERS => {
                    frame.integers[integers] = *word;
                    integers += 1;
                }
                _ => {
                    *frame.stack.get_mut(stack)? = *word;
                    stack += 1;
                }
            }
        }
        Some(frame)
    }

    /// The words of the result.
    ///
    /// # Safety
    /// A function is at the address, and takes what was arranged.
    pub unsafe fn call(&self, address: *const c_void, returned: &Returned) -> Option<[u64; 2]> {
        let word = match returned {
            Returned::Integer => call_as!(address, self, u64),
            Returned::Double => call_as!(address, self, f64).to_bits(),
            Returned::Single => call_as!(address, self, f32).to_bits() as u64,
            Returned::Registers(_) | Returned::Extended => return None,
        };
        Some([word, 0])
    }
}

/// A call that came in; there are none here.
pub enum Incoming {}

pub type Answer = fn(usize, &Incoming) -> Answered;

pub fn incoming(_parts: &[Part], call: &Incoming) -> Vec<u64> {
    match *call {}
}

/// No address that C could call.
pub fn entry(_number: usize, _answer: Answer) -> Option<usize> {
    None
}
