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

/// How far each lane is turned on its way.
const TURNS: [u32; 25] = {
    let mut turns = [0; 25];
    let (mut x, mut y) = (1, 0);
    let mut step = 0;
    while step < 24 {
        turns[x + 5 * y] = (step + 1) * (step + 2) / 2 % 64;
        (x, y) = (y, (2 * x + 3 * y) % 5);
        step += 1;
    }
    turns
};

/// Row `Y` after a round but for its constant. `changes` is what the neighbours of a column do to it.
#[inline(always)]
fn row<const Y: usize>(lanes: &[u64; 25], changes: &[u64; 5]) -> [u64; 5] {
    let moved: [u64; 5] = std::array::from_fn(|x| {
        let from = (x + 3 * Y) % 5;
        (lanes[from + 5 * x] ^ changes[from]).rotate_left(TURNS[from + 5 * x])
    });
    std::array::from_fn(|x| moved[x] ^ (!moved[(x + 1) % 5] & moved[(x + 2) % 5]))
}

fn permute(lanes: &mut [u64; 25]) {
    for constant in CONSTANTS {
        let old = *lanes;
        let columns: [u64; 5] = std::array::from_fn(|x| old[x] ^ old[x + 5] ^ old[x + 10] ^ old[x + 15] ^ old[x + 20]);
        let changes = std::array::from_fn(|x| columns[(x + 4) % 5] ^ columns[(x + 1) % 5].rotate_left(1));
        lanes[..5].copy_from_slice(&row::<0>(&old, &changes));
        lanes[5..10].copy_from_slice(&row::<1>(&old, &changes));
        lanes[10..15].copy_from_slice(&row::<2>(&old, &changes));
        lanes[15..20].copy_from_slice(&row::<3>(&old, &changes));
        lanes[20..].copy_from_slice(&row::<4>(&old, &changes));
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
        let mut rest = data;
        while !rest.is_empty() {
            let (part, later) = rest.split_at(rest.len().min(self.rate - self.filled));
            if self.filled == 0 && part.len() == self.rate {
                // Rates are whole lanes.
                for (lane, bytes) in self.lanes.iter_mut().zip(part.as_chunks::<8>().0) {
                    *lane ^= u64::from_le_bytes(*bytes);
                }
            } else {
                part.iter().zip(self.filled..).for_each(|(byte, at)| self.mix(at, *byte));
            }
            self.filled += part.len();
            if self.filled == self.rate {
                permute(&mut self.lanes);
                self.filled = 0;
            }
            rest = later;
        }
    }
    fn finish(&self, length: usize) -> Vec<u8> {
        let mut end = self.clone();
        end.mix(end.filled, end.suffix);
        end.mix(end.rate - 1, 0x80);
        let mut out = base::memory::with_room(length.next_multiple_of(8));
        while out.len() < length {
            permute(&mut end.lanes);
            let lanes = (length - out.len()).min(end.rate).div_ceil(8);
            end.lanes[..lanes].iter().for_each(|lane| out.extend_from_slice(&lane.to_le_bytes()));
        }
        out.truncate(length);
        out
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
