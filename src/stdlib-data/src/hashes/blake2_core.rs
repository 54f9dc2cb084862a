//! BLAKE2b and BLAKE2s with all parameters of tree hashing (RFC 7693 and the BLAKE2 paper). Must not know Python values.

use crate::hashes::Hasher;

pub struct Params<'a> {
    pub digest_size: u8,
    pub key: &'a [u8],
    pub salt: &'a [u8],
    pub person: &'a [u8],
    pub fanout: u8,
    pub depth: u8,
    pub leaf_size: u32,
    pub node_offset: u64,
    pub node_depth: u8,
    pub inner_size: u8,
    pub last_node: bool,
}

impl Params<'static> {
    /// No key and no tree: what `new(name)` of the plain algorithms has.
    pub const fn plain(digest_size: u8) -> Params<'static> {
        Params {
            digest_size,
            key: &[],
            salt: &[],
            person: &[],
            fanout: 1,
            depth: 1,
            leaf_size: 0,
            node_offset: 0,
            node_depth: 0,
            inner_size: 0,
            last_node: false,
        }
    }
}

const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

macro_rules! blake2 {
    ($name:ident, $word:ty, $bytes:literal, $block:literal, $rounds:literal, [$r1:literal $r2:literal $r3:literal $r4:literal], $iv:expr) => {
        #[derive(Clone)]
        pub struct $name {
            state: [$word; 8],
            block: [u8; $block],
            filled: usize,
            /// Bytes taken in.
            total: u128,
            last_node: bool,
        }

        impl $name {
            const IV: [$word; 8] = $iv;

            pub fn new(params: &Params) -> $name {
                // The parameter block, as words: sizes, tree shape, place in the tree, salt and personalisation.
                let mut parameters = [0u8; $bytes * 8];
                parameters[0] = params.digest_size;
                parameters[1] = params.key.len() as u8;
                parameters[2] = params.fanout;
                parameters[3] = params.depth;
                parameters[4..8].copy_from_slice(&params.leaf_size.to_le_bytes());
                if $bytes == 8 {
                    parameters[8..16].copy_from_slice(&params.node_offset.to_le_bytes());
                    parameters[16] = params.node_depth;
                    parameters[17] = params.inner_size;
                } else {
                    parameters[8..14].copy_from_slice(&params.node_offset.to_le_bytes()[..6]);
                    parameters[14] = params.node_depth;
                    parameters[15] = params.inner_size;
                }
                let (salt, person) = ($bytes * 4, $bytes * 6);
                parameters[salt..salt + params.salt.len()].copy_from_slice(params.salt);
                parameters[person..person + params.person.len()].copy_from_slice(params.person);
                let mut state = Self::IV;
                for (word, bytes) in state.iter_mut().zip(parameters.chunks_exact($bytes)) {
                    *word ^= Self::word(bytes);
                }
                let mut this = $name { state, block: [0; $block], filled: 0, total: 0, last_node: params.last_node };
                if !params.key.is_empty() {
                    let mut padded = [0; $block];
                    padded[..params.key.len()].copy_from_slice(params.key);
                    this.update(&padded);
                }
                this
            }
            fn word(bytes: &[u8]) -> $word {
                bytes.iter().rev().fold(0, |word, byte| word << 8 | *byte as $word)
            }
            fn compress(&mut self, last: bool) {
                let message: [$word; 16] =
                    std::array::from_fn(|index| Self::word(&self.block[index * $bytes..(index + 1) * $bytes]));
                let mut v = [0; 16];
                v[..8].copy_from_slice(&self.state);
                v[8..].copy_from_slice(&Self::IV);
                v[12] ^= self.total as $word;
                v[13] ^= (self.total >> ($bytes * 8)) as $word;
                if last {
                    v[14] = !v[14];
                    if self.last_node {
                        v[15] = !v[15];
                    }
                }
                for round in 0..$rounds {
                    let order = &SIGMA[round % 10];
                    let mut mix = |a: usize, b: usize, c: usize, d: usize, pair: usize| {
                        let (x, y) = (message[order[pair * 2]], message[order[pair * 2 + 1]]);
                        v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
                        v[d] = (v[d] ^ v[a]).rotate_right($r1);
                        v[c] = v[c].wrapping_add(v[d]);
                        v[b] = (v[b] ^ v[c]).rotate_right($r2);
                        v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
                        v[d] = (v[d] ^ v[a]).rotate_right($r3);
                        v[c] = v[c].wrapping_add(v[d]);
                        v[b] = (v[b] ^ v[c]).rotate_right($r4);
                    };
                    for column in 0..4 {
                        mix(column, column + 4, column + 8, column + 12, column);
                    }
                    for diagonal in 0..4 {
                        mix(diagonal, (diagonal + 1) % 4 + 4, (diagonal + 2) % 4 + 8, (diagonal + 3) % 4 + 12, diagonal + 4);
                    }
                }
                for index in 0..8 {
                    self.state[index] ^= v[index] ^ v[index + 8];
                }
            }
        }

        impl Hasher for $name {
            fn update(&mut self, mut data: &[u8]) {
                while !data.is_empty() {
                    // A full block waits until it is known whether it is the last one.
                    if self.filled == $block {
                        self.total += $block;
                        self.compress(false);
                        self.filled = 0;
                    }
                    let count = data.len().min($block - self.filled);
                    self.block[self.filled..self.filled + count].copy_from_slice(&data[..count]);
                    self.filled += count;
                    data = &data[count..];
                }
            }
            fn finish(&self, length: usize) -> Vec<u8> {
                let mut end = self.clone();
                end.total += end.filled as u128;
                end.block[end.filled..].fill(0);
                end.compress(true);
                let mut out: Vec<u8> = end.state.iter().flat_map(|word| word.to_le_bytes()).collect();
                out.truncate(length);
                out
            }
            fn copy(&self) -> Box<dyn Hasher> {
                Box::new(self.clone())
            }
        }
    };
}

blake2!(Blake2b, u64, 8, 128, 12, [32 24 16 63], [
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);
blake2!(Blake2s, u32, 4, 64, 10, [16 12 8 7], [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
