//! What a codec is for those who feed it: steps from bytes to characters and back, with a state of eight bytes.
//!
//! Must not know: objects, error handlers.

/// What a codec remembers between two steps.
pub type State = [u8; 8];

/// A step from bytes to characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decoded {
    /// So many bytes were read and are one character.
    Char(usize, u32),
    /// So many bytes were read; up to two characters came out (0: none).
    Read(usize, [u32; 2]),
    /// More bytes are needed.
    TooFew,
    /// So many bytes mean nothing.
    Illegal(usize),
}

/// A step from characters to bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoded {
    /// So many characters were written.
    Wrote(usize),
    /// What comes next decides.
    TooFew,
    /// One character has no code.
    Illegal,
}

pub trait Engine: Sync {
    fn decode_start(&self) -> State {
        [0; 8]
    }
    fn encode_start(&self) -> State {
        [0; 8]
    }
    /// Decodes what begins `input`, which is not empty.
    fn decode(&self, state: &mut State, input: &[u8]) -> Decoded;
    /// The state of a decoder that was reset.
    fn decode_reset(&self, state: &mut State) {
        *state = self.decode_start();
    }
    /// Encodes a character; `next` is the one behind it. `last`: there will be no more.
    fn encode(&self, state: &mut State, point: u32, next: Option<u32>, last: bool, out: &mut Vec<u8>) -> Encoded;
    /// Writes what brings the reader back to its first state.
    fn encode_reset(&self, _state: &mut State, _out: &mut Vec<u8>) {}
}
