//! The sponge behind SHA-3 (FIPS 202). Must not know Python values.

use crate::hashes::Hasher;

#[derive(Clone)]
pub struct Keccak {
    lanes: [u64; 25],
    /// Bytes taken in per round.
    rate: usize,
    /// Bytes of the present round.
    filled: usize,
    suffix: u8,
}

const ROUNDS: usize = 24;

/// Round constants, from the linear feedback shift register of the standard.
const CONSTANTS: [u64; ROUNDS] = {
    let mut table = [0; ROUNDS];
    let mut register: u8 = 1;
    let mut round = 0;
    while round < ROUNDS {
        let mut bit = 0;
        while bit < 7 {
            if register & 1 != 0 {
                table[round] |= 1 << ((1 << bit) - 1);
            }
            register = if register & 0x80 != 0 { register << 1 ^ 0x71 } else { register << 1 };
            bit += 1;
        }
        round += 1;
    }
    table
};

fn permute(lanes: &mut [u64; 25]) {
    for constant in CONSTANTS {
        let mut columns = [0; 5];
        for (x, column) in columns.iter_mut().enumerate() {
            *column = (0..5).fold(0, |sum, y| sum ^ lanes[x + 5 * y]);
        }
        for x in 0..5 {
            let change = columns[(x + 4) % 5] ^ columns[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                lanes[x + 5 * y] ^= change;
            }
        }
        let (mut x, mut y) = (1, 0);
        let mut moving = lanes[1];
        for step in 0..24u32 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let turned = moving.rotate_left((step + 1) * (step + 2) / 2 % 64);
            moving = std::mem::replace(&mut lanes[x + 5 * y], turned);
        }
        for y in 0..5 {
            let row: [u64; 5] = std::array::from_fn(|x| lanes[x + 5 * y]);
            for x in 0..5 {
                lanes[x + 5 * y] = row[x] ^ (!row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
        lanes[0] ^= constant;
    }
}

impl Keccak {
    pub fn new(rate: usize, suffix: u8) -> Keccak {
        Keccak { lanes: [0; 25], rate, filled: 0, suffix }
    }
    fn mix(&mut self, at: usize, byte: u8) {
        self.lanes[at / 8] ^= (byte as u64) << (at % 8 * 8);
    }
}

impl Hasher for Keccak {
    fn update(&mut self, data: &[u8]) {
        for byte in data {
            self.mix(self.filled, *byte);
            self.filled += 1;
            if self.filled == self.rate {
                permute(&mut self.lanes);
                self.filled = 0;
            }
        }
    }
    fn finish(&self, length: usize) -> Vec<u8> {
        let mut end = self.clone();
        end.mix(end.filled, end.suffix);
        end.mix(end.rate - 1, 0x80);
        permute(&mut end.lanes);
        let mut out = Vec::with_capacity(length);
        loop {
            for at in 0..end.rate {
                if out.len() == length {
                    return out;
                }
                out.push((end.lanes[at / 8] >> (at % 8 * 8)) as u8);
            }
            permute(&mut end.lanes);
        }
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_long() {
        let hex = |hasher: &Keccak, length| crate::hashes::hex(&hasher.finish(length));
        assert_eq!(hex(&Keccak::new(144, 6), 28), "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7");
        let mut shake = Keccak::new(168, 0x1f);
        shake.update(b"a");
        assert_eq!(hex(&shake, 10), "85c8de88d28866bf0868");
    }
}
