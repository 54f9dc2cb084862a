//! Hash functions of the language: keyed SipHash-1-3 for text and bytes, the numeric hash modulo 2^61-1, the combiners
//! of tuples and frozensets, and a cheap unkeyed hasher for internal tables. Must not know values or hash tables.

use std::hash::{BuildHasherDefault, Hasher};

/// `sys.hash_info.modulus`
pub const MODULUS: u64 = (1 << 61) - 1;
/// `sys.hash_info.inf`
pub const INF_HASH: i64 = 314_159;
/// `sys.hash_info.imag`
pub const IMAG_MULTIPLIER: u64 = 1_000_003;

/// The two keys of the text hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashSecret {
    pub k0: u64,
    pub k1: u64,
}

/// What `PYTHONHASHSEED` asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashSeed {
    Random,
    Fixed(u32),
}

impl HashSeed {
    /// Reads the value of `PYTHONHASHSEED`: unset, empty or "random" is `Random`, a decimal number up to 4294967295 is
    /// `Fixed`; `None` means the text is not acceptable.
    pub fn parse(text: Option<&str>) -> Option<HashSeed> {
        match text {
            None | Some("") | Some("random") => Some(HashSeed::Random),
            Some(text) => text.parse::<u32>().ok().map(HashSeed::Fixed),
        }
    }
}

impl HashSecret {
    pub const ZERO: HashSecret = HashSecret { k0: 0, k1: 0 };

    /// The secret for a seed; asks the system for entropy when the seed is `Random`.
    pub fn from_seed(seed: HashSeed) -> HashSecret {
        match seed {
            HashSeed::Random => HashSecret::random(),
            HashSeed::Fixed(0) => HashSecret::ZERO,
            HashSeed::Fixed(seed) => HashSecret::from_bytes(&lcg_bytes(seed)),
        }
    }

    /// A secret from the system's random source (falls back to the clock and an address if there is none).
    pub fn random() -> HashSecret {
        let mut bytes = [0u8; 16];
        if getrandom::fill(&mut bytes).is_err() {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_nanos());
            let mixed = now ^ ((&bytes as *const _ as usize as u128) << 64);
            bytes = mixed.to_le_bytes();
        }
        HashSecret::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8; 16]) -> HashSecret {
        let all = u128::from_le_bytes(*bytes);
        HashSecret { k0: all as u64, k1: (all >> 64) as u64 }
    }
}

/// The byte stream a fixed seed stands for: a linear congruential generator, one byte per step.
fn lcg_bytes(seed: u32) -> [u8; 16] {
    let mut x = seed;
    std::array::from_fn(|_| {
        x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
        (x >> 16) as u8
    })
}

/// -1 is reserved as "error" in the C API, so no hash may be -1.
#[inline]
pub fn avoid_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

struct Sip {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

impl Sip {
    #[inline(always)]
    fn new(secret: HashSecret) -> Sip {
        Sip {
            v0: secret.k0 ^ 0x736f_6d65_7073_6575,
            v1: secret.k1 ^ 0x646f_7261_6e64_6f6d,
            v2: secret.k0 ^ 0x6c79_6765_6e65_7261,
            v3: secret.k1 ^ 0x7465_6462_7974_6573,
        }
    }

    #[inline(always)]
    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.rotate_left(32);
    }

    #[inline(always)]
    fn word(&mut self, word: u64) {
        self.v3 ^= word;
        self.round();
        self.v0 ^= word;
    }

    #[inline(always)]
    fn finish(mut self) -> u64 {
        self.v2 ^= 0xff;
        self.round();
        self.round();
        self.round();
        self.v0 ^ self.v1 ^ self.v2 ^ self.v3
    }
}

/// SipHash-1-3 of the bytes, raw.
#[inline]
pub fn siphash13(secret: HashSecret, data: &[u8]) -> u64 {
    let mut sip = Sip::new(secret);
    let (words, tail) = data.as_chunks::<8>();
    for word in words {
        sip.word(u64::from_le_bytes(*word));
    }
    sip.word(((data.len() as u64) << 56) | load_tail(tail));
    sip.finish()
}

/// Up to 7 bytes as a little endian word without a byte loop.
#[inline(always)]
pub fn load_tail(tail: &[u8]) -> u64 {
    let n = tail.len();
    if n >= 4 {
        let low = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]) as u64;
        let high = u32::from_le_bytes([tail[n - 4], tail[n - 3], tail[n - 2], tail[n - 1]]) as u64;
        low | (high << ((n - 4) * 8))
    } else if n > 0 {
        (tail[0] as u64) | ((tail[n / 2] as u64) << ((n / 2) * 8)) | ((tail[n - 1] as u64) << ((n - 1) * 8))
    } else {
        0
    }
}

/// Hash of bytes, and of a str given as the raw memory of its narrowest code point array (u8, u16 or u32, little endian).
/// Empty input hashes to 0.
#[inline]
pub fn hash_bytes(secret: HashSecret, data: &[u8]) -> i64 {
    if data.is_empty() {
        return 0;
    }
    avoid_minus_one(siphash13(secret, data) as i64)
}

/// Hash of an int that fits a machine word.
#[inline]
pub fn hash_i64(value: i64) -> i64 {
    let magnitude = value.unsigned_abs();
    let mut reduced = (magnitude & MODULUS) + (magnitude >> 61);
    if reduced >= MODULUS {
        reduced -= MODULUS;
    }
    let reduced = reduced as i64;
    avoid_minus_one(if value < 0 { -reduced } else { reduced })
}

/// Hash of an int given as sign and little endian 64-bit limbs.
pub fn hash_limbs(negative: bool, limbs: &[u64]) -> i64 {
    let mut acc: u64 = 0;
    for &limb in limbs.iter().rev() {
        // 2^64 is 2^3 modulo 2^61 - 1
        let wide = ((acc as u128) << 3) + limb as u128;
        let folded = (wide as u64 & MODULUS) + (wide >> 61) as u64;
        acc = if folded >= MODULUS { folded - MODULUS } else { folded };
    }
    let reduced = acc as i64;
    avoid_minus_one(if negative { -reduced } else { reduced })
}

/// Hash of an int.
pub fn hash_ibig(value: &dashu_int::IBig) -> i64 {
    let (sign, words) = value.as_sign_words();
    hash_limbs(sign == dashu_int::Sign::Negative, words)
}

/// Hash of a float. NaN gives 0: the caller hashes NaN objects by identity instead.
pub fn hash_f64(value: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    if value.is_infinite() {
        return if value > 0.0 { INF_HASH } else { -INF_HASH };
    }
    let as_int = value as i64;
    if as_int as f64 == value && as_int != i64::MAX {
        return hash_i64(as_int);
    }
    let (mantissa, exponent) = crate::float::decompose(value.abs());
    let turn = exponent.rem_euclid(61) as u32;
    let mut reduced = ((mantissa << turn) & MODULUS) | (mantissa.checked_shr(61 - turn).unwrap_or(0));
    if reduced == MODULUS {
        reduced = 0;
    }
    let reduced = reduced as i64;
    avoid_minus_one(if value < 0.0 { -reduced } else { reduced })
}

/// Hash of a complex number from the hashes of its parts.
pub fn hash_complex(real_hash: i64, imag_hash: i64) -> i64 {
    avoid_minus_one((real_hash as u64).wrapping_add(IMAG_MULTIPLIER.wrapping_mul(imag_hash as u64)) as i64)
}

/// Hash of a Fraction-like ratio is `hash(numerator) * inverse(denominator)`; this is the modular product.
pub fn mul_mod(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) % MODULUS as u128) as u64
}

/// Combiner of tuple hashes: feed every item hash, then `finish`.
#[derive(Clone, Copy)]
pub struct TupleHasher {
    acc: u64,
    len: u64,
}

const XX_PRIME_1: u64 = 11_400_714_785_074_694_791;
const XX_PRIME_2: u64 = 14_029_467_366_897_019_727;
const XX_PRIME_5: u64 = 2_870_177_450_012_600_261;

impl TupleHasher {
    #[inline]
    pub fn new() -> TupleHasher {
        TupleHasher { acc: XX_PRIME_5, len: 0 }
    }

    #[inline]
    pub fn add(&mut self, item_hash: i64) {
        let mixed = self.acc.wrapping_add((item_hash as u64).wrapping_mul(XX_PRIME_2));
        self.acc = mixed.rotate_left(31).wrapping_mul(XX_PRIME_1);
        self.len += 1;
    }

    #[inline]
    pub fn finish(self) -> i64 {
        let hash = self.acc.wrapping_add(self.len ^ (XX_PRIME_5 ^ 3_527_539)) as i64;
        if hash == -1 { 1_546_275_796 } else { hash }
    }
}

/// Order-free combiner of frozenset hashes.
#[derive(Clone, Copy)]
pub struct SetHasher {
    acc: u64,
    len: u64,
}

impl SetHasher {
    pub fn new() -> SetHasher {
        SetHasher { acc: 0, len: 0 }
    }

    pub fn add(&mut self, item_hash: i64) {
        let h = item_hash as u64;
        self.acc ^= ((h ^ 89_869_747) ^ (h << 16)).wrapping_mul(3_644_798_167);
        self.len += 1;
    }

    pub fn finish(self) -> i64 {
        let mut h = self.acc ^ (self.len + 1).wrapping_mul(1_927_868_237);
        h ^= (h >> 11) ^ (h >> 25);
        h = h.wrapping_mul(69_069).wrapping_add(907_133_923);
        if h as i64 == -1 { 590_923_713 } else { h as i64 }
    }
}

/// Hash of an object by its address: the low bits are always zero, so they go to the top.
#[inline]
pub fn hash_address(address: usize) -> i64 {
    avoid_minus_one((address as u64).rotate_right(4) as i64)
}

/// Fast unkeyed hasher for internal tables (never for data an attacker chooses the keys of).
#[derive(Clone, Copy, Default)]
pub struct FxHasher {
    state: u64,
}

const FX_MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

impl FxHasher {
    #[inline(always)]
    fn mix(&mut self, word: u64) {
        self.state = (self.state.rotate_left(26) ^ word).wrapping_mul(FX_MULTIPLIER);
    }
}

impl Hasher for FxHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        self.mix(load_tail(tail) | ((bytes.len() as u64) << 56));
    }
    #[inline]
    fn write_u8(&mut self, i: u8) {
        self.mix(i as u64);
    }
    #[inline]
    fn write_u16(&mut self, i: u16) {
        self.mix(i as u64);
    }
    #[inline]
    fn write_u32(&mut self, i: u32) {
        self.mix(i as u64);
    }
    #[inline]
    fn write_u64(&mut self, i: u64) {
        self.mix(i);
    }
    #[inline]
    fn write_usize(&mut self, i: usize) {
        self.mix(i as u64);
    }
    #[inline]
    fn finish(&self) -> u64 {
        self.state ^ (self.state >> 32)
    }
}

pub type FxBuildHasher = BuildHasherDefault<FxHasher>;
pub type FxHashMap<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;
pub type FxHashSet<K> = std::collections::HashSet<K, FxBuildHasher>;

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    fn secret(seed: u32) -> HashSecret {
        HashSecret::from_seed(HashSeed::Fixed(seed))
    }

    #[test]
    fn text_hash_equals_cpython_for_fixed_seeds() {
        let two_bytes: Vec<u8> = "日本".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (seed, expected) in [
            (0, [4644417185603328019, -4594863902769663758, 4574395652268504554, 7650859633215404784, 6047309291227476195, 6243316497235261705, 0, 278958610817468651i64]),
            (1, [-3012895188637184397, -4667308735975688587, -202642195356325900, -4526064855385444927, 8133168473585362875, 8399330583414457596, 0, -8935485308515398840]),
            (42, [-123207753977932514, 3869580338025362921, -5457871895989710762, -1199649544206272706, 5653850369683463245, -7192152084576530731, 0, 7516698814056060455]),
        ] {
            let inputs: [&[u8]; 8] = [
                b"a", b"abc", b"abcdefgh", b"hello world, this is long", b"\xe9", &two_bytes, b"", b"abcdefghiabcdefghiabcdefghi",
            ];
            for (input, expected) in inputs.iter().zip(expected) {
                assert_eq!(hash_bytes(secret(seed), input), expected, "{seed} {input:?}");
            }
        }
    }

    #[test]
    fn numeric_hash() {
        assert_eq!(hash_i64(-1), -2);
        assert_eq!(hash_i64(MODULUS as i64), 0);
        assert_eq!(hash_i64(i64::MIN), -4);
        assert_eq!(hash_ibig(&dashu_int::IBig::from(10).pow(50)), 619332571178673746);
        assert_eq!(hash_f64(1.5), 1152921504606846977);
        assert_eq!(hash_f64(1e308), 156575653125701);
        assert_eq!(hash_f64(f64::NEG_INFINITY), -314159);
        assert_eq!(hash_f64(-0.1), -230584300921369408);
        assert_eq!(hash_f64(5e-324), 16777216);
        assert_eq!(hash_complex(hash_f64(1.0), hash_f64(2.0)), 2000007);
    }

    #[test]
    fn combiners() {
        let tuple = |items: &[i64]| {
            let mut hasher = TupleHasher::new();
            items.iter().for_each(|&i| hasher.add(hash_i64(i)));
            hasher.finish()
        };
        assert_eq!(tuple(&[1, 2, 3]), 529344067295497451);
        assert_eq!(tuple(&[]), 5740354900026072187);
        assert_eq!(tuple(&[1]), -6644214454873602895);
        let mut set = SetHasher::new();
        [3, 1, 2].iter().for_each(|&i| set.add(i));
        assert_eq!(set.finish(), -272375401224217160);
    }
}
