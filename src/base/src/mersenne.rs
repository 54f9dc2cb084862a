//! MT19937, the generator behind `random.Random`. Must not know objects; the seed of an int is its magnitude.

use crate::memory::with_room;
const LENGTH: usize = 624;
const MIDDLE: usize = 397;

#[derive(Clone)]
pub struct Mersenne {
    state: [u32; LENGTH],
    index: usize,
}

/// The state that every seeding starts with.
static FIRST: [u32; LENGTH] = {
    let mut state = [19_650_218_u32; LENGTH];
    let mut i = 1;
    while i < LENGTH {
        let before = state[i - 1];
        state[i] = (before ^ (before >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        i += 1;
    }
    state
};

impl Mersenne {
    /// A generator that was not seeded: it gives zeros.
    pub const BLANK: Mersenne = Mersenne { state: [0; LENGTH], index: 0 };

    /// Seeds from 32-bit words, least significant first, as `random.seed(int)` does with the magnitude (zero: one word 0).
    pub fn from_words(key: &[u32]) -> Mersenne {
        let key = if key.is_empty() { &[0] } else { key };
        let mut state = FIRST;
        let (mut i, mut j) = (1, 0);
        // Each word depends on the one before, which stays in a register.
        let mut last = state[0];
        for _ in 0..LENGTH.max(key.len()) {
            last = (state[i] ^ (last ^ (last >> 30)).wrapping_mul(1_664_525)).wrapping_add(key[j]).wrapping_add(j as u32);
            state[i] = last;
            i += 1;
            j += 1;
            if j == key.len() {
                j = 0;
            }
            if i == LENGTH {
                state[0] = last;
                i = 1;
            }
        }
        for _ in 0..LENGTH - 1 {
            last = (state[i] ^ (last ^ (last >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            state[i] = last;
            i += 1;
            if i == LENGTH {
                state[0] = last;
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        Mersenne { state, index: LENGTH }
    }

    /// Seeds from the 64-bit limbs of an int's magnitude.
    pub fn from_limbs(limbs: &[u64]) -> Mersenne {
        if let [limb] = *limbs {
            let words = [limb as u32, (limb >> 32) as u32];
            return Mersenne::from_words(&words[..1 + (words[1] != 0) as usize]);
        }
        let mut words: Vec<u32> = with_room(limbs.len() * 2);
        words.extend(limbs.iter().flat_map(|&limb| [limb as u32, (limb >> 32) as u32]));
        while words.last() == Some(&0) {
            words.pop();
        }
        Mersenne::from_words(&words)
    }

    /// The 624 words and the position, as `getstate` shows them.
    pub fn state(&self) -> (&[u32], usize) {
        (&self.state, self.index)
    }

    /// The way back; `None` when there are not 624 words or the position is above 624 ("invalid state").
    pub fn from_state(words: &[u32], index: usize) -> Option<Mersenne> {
        if index > LENGTH {
            return None;
        }
        Some(Mersenne { state: words.try_into().ok()?, index })
    }

    fn refill(&mut self) {
        let twisted = |this: u32, next: u32, far: u32| {
            let mixed = (this & 0x8000_0000) | (next & 0x7fff_ffff);
            far ^ (mixed >> 1) ^ (0x9908_b0df & (mixed & 1).wrapping_neg())
        };
        let state = &mut self.state;
        for i in 0..LENGTH - MIDDLE {
            state[i] = twisted(state[i], state[i + 1], state[i + MIDDLE]);
        }
        for i in LENGTH - MIDDLE..LENGTH - 1 {
            state[i] = twisted(state[i], state[i + 1], state[i + MIDDLE - LENGTH]);
        }
        state[LENGTH - 1] = twisted(state[LENGTH - 1], state[0], state[MIDDLE - 1]);
        self.index = 0;
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.index >= LENGTH {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// `random()`: 53 bits in [0, 1).
    pub fn random(&mut self) -> f64 {
        let high = (self.next_u32() >> 5) as f64;
        let low = (self.next_u32() >> 6) as f64;
        (high * 67_108_864.0 + low) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// `getrandbits(k)` for k up to 64.
    pub fn bits_u64(&mut self, k: u32) -> u64 {
        match k {
            0 => 0,
            1..=32 => (self.next_u32() >> (32 - k)) as u64,
            _ => {
                let low = self.next_u32() as u64;
                let high = (self.next_u32() >> (64 - k.min(64))) as u64;
                low | (high << 32)
            }
        }
    }

    /// `getrandbits(k)` of any size (the caller guards against absurd k); None if there is no memory for it.
    pub fn bits(&mut self, k: usize) -> Option<dashu_int::UBig> {
        let mut words = Vec::new();
        words.try_reserve_exact(k.div_ceil(64)).ok()?;
        let mut left = k;
        while left > 0 {
            let take = left.min(64);
            words.push(self.bits_u64(take as u32));
            left -= take;
        }
        Some(dashu_int::UBig::from_words(&words))
    }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn equals_the_reference() {
        let mut seeded = Mersenne::from_limbs(&[12345]);
        assert_eq!(seeded.random(), 0.41661987254534116);
        let mut zero = Mersenne::from_limbs(&[]);
        assert_eq!((zero.random(), zero.random()), (0.8444218515250481, 0.7579544029403025));
        let (words, index) = zero.state();
        let mut copy = Mersenne::from_state(words, index).unwrap();
        assert_eq!(copy.next_u32(), zero.next_u32());
        assert!(Mersenne::from_state(&[1, 2], 0).is_none());
        let mut wide = Mersenne::from_limbs(&[5, 1 << 36]);
        let drawn: Vec<String> = [1, 31, 32, 33, 64, 70, 200].iter().map(|&k| wide.bits(k).unwrap().to_string()).collect();
        assert_eq!(drawn, [
            "1", "1003381375", "4231381179", "1936651767", "16887282885306087051", "542078079083289517403",
            "569800857044484235680901915005905062801637920543549482357927",
        ]);
    }
}
