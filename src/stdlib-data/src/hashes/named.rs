//! Hash algorithms by the names that OpenSSL and Python have for them. Must not know: Python objects.

use super::blake2_core::{Blake2b, Blake2s, Params};
use super::keccak::Keccak;
use super::{Hasher, merkle};

/// An algorithm; `size` is 0 where the caller says how many bytes of digest it wants.
pub struct Algorithm {
    pub name: &'static str,
    pub block: usize,
    pub size: usize,
    /// What else OpenSSL calls it, in small letters; with these, big letters count as small ones.
    aliases: &'static [&'static str],
}

const fn algorithm(name: &'static str, block: usize, size: usize, aliases: &'static [&'static str]) -> Algorithm {
    Algorithm { name, block, size, aliases }
}

pub static ALGORITHMS: [Algorithm; 19] = [
    algorithm("md5", 64, 16, &["md5", "ssl3-md5"]),
    algorithm("sha1", 64, 20, &["sha1", "sha-1", "ssl3-sha1"]),
    algorithm("sha224", 64, 28, &["sha224", "sha-224", "sha2-224"]),
    algorithm("sha256", 64, 32, &["sha256", "sha-256", "sha2-256"]),
    algorithm("sha384", 128, 48, &["sha384", "sha-384", "sha2-384"]),
    algorithm("sha512", 128, 64, &["sha512", "sha-512", "sha2-512"]),
    algorithm("sha512_224", 128, 28, &["sha512-224", "sha-512/224", "sha2-512/224"]),
    algorithm("sha512_256", 128, 32, &["sha512-256", "sha-512/256", "sha2-512/256"]),
    algorithm("sha3_224", 144, 28, &["sha3-224"]),
    algorithm("sha3_256", 136, 32, &["sha3-256"]),
    algorithm("sha3_384", 104, 48, &["sha3-384"]),
    algorithm("sha3_512", 72, 64, &["sha3-512"]),
    algorithm("shake_128", 168, 0, &["shake128", "shake-128"]),
    algorithm("shake_256", 136, 0, &["shake256", "shake-256"]),
    algorithm("blake2b", 128, 64, &["blake2b512", "blake2b-512"]),
    algorithm("blake2s", 64, 32, &["blake2s256", "blake2s-256"]),
    algorithm("md5-sha1", 64, 36, &["md5-sha1"]),
    algorithm("ripemd160", 64, 20, &["ripemd160", "ripemd-160", "ripemd", "rmd160"]),
    algorithm("sm3", 64, 32, &["sm3"]),
];

pub fn find(name: &str) -> Option<&'static Algorithm> {
    let loose = name.trim_end_matches(' ').to_ascii_lowercase();
    ALGORITHMS.iter().find(|algorithm| algorithm.name == name || algorithm.aliases.contains(&loose.as_str()))
}

/// Both digests, one behind the other.
struct Both(Box<dyn Hasher>, Box<dyn Hasher>);

impl Hasher for Both {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
        self.1.update(data);
    }
    fn finish(&self, length: usize) -> Vec<u8> {
        let mut digest = self.0.finish(length);
        digest.extend(self.1.finish(length));
        digest
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(Both(self.0.copy(), self.1.copy()))
    }
}

impl Algorithm {
    pub fn start(&self) -> Box<dyn Hasher> {
        let params = Params::plain(self.size as u8);
        match self.name {
            "blake2b" => Box::new(Blake2b::new(&params)),
            "blake2s" => Box::new(Blake2s::new(&params)),
            "md5-sha1" => Box::new(Both(merkle::md5(), merkle::sha1())),
            name if name.starts_with("shake_") => Box::new(Keccak::new(self.block, 0x1f)),
            name => merkle::hasher(name).unwrap_or_else(|| Box::new(Keccak::new(self.block, 0x06))),
        }
    }
    pub fn is_endless(&self) -> bool {
        self.size == 0
    }
    /// HMAC with its key worked in.
    pub fn keyed(&'static self, key: &[u8]) -> Keyed {
        let mut padded = vec![0; self.block];
        if key.len() > self.block {
            let mut hashed = self.start();
            hashed.update(key);
            padded[..self.size].copy_from_slice(&hashed.finish(self.size));
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        let with = |mask: u8| {
            let mut hasher = self.start();
            hasher.update(&padded.iter().map(|byte| byte ^ mask).collect::<Vec<u8>>());
            hasher
        };
        Keyed { inner: with(0x36), outer: with(0x5c), size: self.size }
    }
}

/// The two hashes of an HMAC under way.
pub struct Keyed {
    pub inner: Box<dyn Hasher>,
    outer: Box<dyn Hasher>,
    size: usize,
}

impl Keyed {
    pub fn finish(&self) -> Vec<u8> {
        let mut outer = self.outer.copy();
        outer.update(&self.inner.finish(self.size));
        outer.finish(self.size)
    }
    pub fn copy(&self) -> Keyed {
        Keyed { inner: self.inner.copy(), outer: self.outer.copy(), size: self.size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_known_digests() {
        let digest = |name: &str| {
            let mut hasher = find(name).unwrap().start();
            hasher.update(b"abc");
            super::super::hex(&hasher.finish(32))
        };
        assert_eq!(digest("RIPEMD"), "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
        assert_eq!(digest("SM3"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!(digest("SHA512-224"), "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa");
        assert!(digest("md5-sha1").ends_with("9cd0d89d"));
        assert!(digest("blake2b512").starts_with("ba80a53f"));
        for wrong in ["SHA3_256", " md5", "whirlpool", ""] {
            assert!(find(wrong).is_none());
        }
    }
}
