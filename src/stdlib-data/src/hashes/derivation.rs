//! Keys from passwords, PBKDF2 (RFC 8018) and scrypt (RFC 7914), for the module `_hashlib`. Must not know: other names of algorithms.

use super::named::Algorithm;
use objects::{Buf, R, Value, new_bytes, overflow_error, type_error, value_error};
use sha2::Digest;

/// A program may be interrupted after so many.
const ROUNDS: u64 = 1 << 14;

/// HMAC with its key worked in: both halves are copied for each message.
struct Keyed<D> {
    inner: D,
    outer: D,
}

impl<D: Digest + Clone> Keyed<D> {
    fn new(key: &[u8], block: usize) -> Keyed<D> {
        let mut padded = vec![0u8; block];
        if key.len() > block {
            let digest = D::digest(key);
            padded[..digest.len()].copy_from_slice(&digest);
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        let with = |mask: u8| D::new().chain_update(padded.iter().map(|byte| byte ^ mask).collect::<Vec<u8>>());
        Keyed { inner: with(0x36), outer: with(0x5c) }
    }

    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        let inner = parts.iter().fold(self.inner.clone(), |digest, part| digest.chain_update(part)).finalize();
        self.outer.clone().chain_update(inner).finalize().to_vec()
    }
}

fn pbkdf2<D: Digest + Clone>(password: &[u8], salt: &[u8], rounds: u64, key: &mut [u8], block: usize) {
    let keyed = Keyed::<D>::new(password, block);
    for (number, chunk) in (1u32..).zip(key.chunks_mut(<D as Digest>::output_size())) {
        let mut last = keyed.mac(&[salt, &number.to_be_bytes()]);
        let mut sum = last.clone();
        for round in 1..rounds {
            if round % ROUNDS == 0 {
                base::pause::point();
            }
            last = keyed.mac(&[&last]);
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        chunk.copy_from_slice(&sum[..chunk.len()]);
    }
}

/// A PBKDF2 over one algorithm, and the size of its digest.
type Derivation = (fn(&[u8], &[u8], u64, &mut [u8], usize), usize, usize);

fn algorithm(name: &str) -> Option<Derivation> {
    Some(match name.to_ascii_lowercase().replace('-', "").as_str() {
        "md5" => (pbkdf2::<md5::Md5>, 64, 16),
        "sha1" => (pbkdf2::<sha1::Sha1>, 64, 20),
        "sha224" => (pbkdf2::<sha2::Sha224>, 64, 28),
        "sha256" => (pbkdf2::<sha2::Sha256>, 64, 32),
        "sha384" => (pbkdf2::<sha2::Sha384>, 128, 48),
        "sha512" => (pbkdf2::<sha2::Sha512>, 128, 64),
        _ => return None,
    })
}

/// The core of Salsa20 with eight rounds.
fn salsa(block: &mut [u32; 16]) {
    const QUARTERS: [[usize; 4]; 8] = [
        [0, 4, 8, 12],
        [5, 9, 13, 1],
        [10, 14, 2, 6],
        [15, 3, 7, 11],
        [0, 1, 2, 3],
        [5, 6, 7, 4],
        [10, 11, 8, 9],
        [15, 12, 13, 14],
    ];
    let mut x = *block;
    for _ in 0..4 {
        for [a, b, c, d] in QUARTERS {
            x[b] ^= x[a].wrapping_add(x[d]).rotate_left(7);
            x[c] ^= x[b].wrapping_add(x[a]).rotate_left(9);
            x[d] ^= x[c].wrapping_add(x[b]).rotate_left(13);
            x[a] ^= x[d].wrapping_add(x[c]).rotate_left(18);
        }
    }
    block.iter_mut().zip(x).for_each(|(word, mixed)| *word = word.wrapping_add(mixed));
}

/// scryptBlockMix: 2r blocks of 16 words, even ones in front.
fn mix_blocks(words: &mut [u32], scratch: &mut [u32]) {
    let count = words.len() / 16;
    let mut running = [0u32; 16];
    running.copy_from_slice(&words[(count - 1) * 16..]);
    for (index, block) in words.chunks_exact(16).enumerate() {
        running.iter_mut().zip(block).for_each(|(running, word)| *running ^= word);
        salsa(&mut running);
        let place = (index / 2 + index % 2 * (count / 2)) * 16;
        scratch[place..place + 16].copy_from_slice(&running);
    }
    words.copy_from_slice(scratch);
}

/// scryptROMix over one block of 128 r bytes.
fn mix_memory(block: &mut [u8], n: usize, memory: &mut [u32]) {
    let width = block.len() / 4;
    let mut words: Vec<u32> =
        block.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
    let mut scratch = vec![0u32; width];
    for index in 0..n {
        if index as u64 % ROUNDS == 0 {
            base::pause::point();
        }
        memory[index * width..(index + 1) * width].copy_from_slice(&words);
        mix_blocks(&mut words, &mut scratch);
    }
    for index in 0..n {
        if index as u64 % ROUNDS == 0 {
            base::pause::point();
        }
        let at = words[width - 16] as usize & (n - 1);
        words.iter_mut().zip(&memory[at * width..(at + 1) * width]).for_each(|(word, stored)| *word ^= stored);
        mix_blocks(&mut words, &mut scratch);
    }
    block.chunks_exact_mut(4).zip(words).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
}

/// None: not enough memory.
fn scrypt(password: &[u8], salt: &[u8], n: usize, r: usize, p: usize, key: &mut [u8]) -> Option<()> {
    let mut memory: Vec<u32> = Vec::new();
    memory.try_reserve_exact(32 * n * r).ok()?;
    memory.resize(32 * n * r, 0);
    let mut blocks = vec![0u8; 128 * r * p];
    pbkdf2::<sha2::Sha256>(password, salt, 1, &mut blocks, 64);
    for block in blocks.chunks_exact_mut(128 * r) {
        mix_memory(block, n, &mut memory);
    }
    pbkdf2::<sha2::Sha256>(password, &blocks, 1, key, 64);
    Some(())
}

fn empty_key(length: i64) -> R<Vec<u8>> {
    match usize::try_from(length) {
        Ok(0) | Err(_) => Err(value_error!("key length must be greater than 0.")),
        Ok(length) if length > i32::MAX as usize => Err(overflow_error!("key length is too great.")),
        Ok(length) => {
            let mut key = Vec::new();
            key.try_reserve_exact(length).map_err(|_| objects::memory_error())?;
            key.resize(length, 0);
            Ok(key)
        }
    }
}

/// As `pbkdf2`, for algorithms that are not known when this is compiled.
fn pbkdf2_by_name(algorithm: &'static Algorithm, password: &[u8], salt: &[u8], iterations: u64, key: &mut [u8]) {
    let keyed = algorithm.keyed(password);
    let mac = |parts: &[&[u8]]| {
        let mut keyed = keyed.copy();
        parts.iter().for_each(|part| keyed.inner.update(part));
        keyed.finish()
    };
    for (index, block) in key.chunks_mut(algorithm.size).enumerate() {
        let mut last = mac(&[salt, &(index as u32 + 1).to_be_bytes()]);
        let mut sum = last.clone();
        for round in 1..iterations {
            if round % ROUNDS == 0 {
                base::pause::point();
            }
            last = mac(&[&last]);
            sum.iter_mut().zip(&last).for_each(|(byte, other)| *byte ^= other);
        }
        block.copy_from_slice(&sum[..block.len()]);
    }
}

/// The key that PBKDF2 (PKCS #5 v2.0) derives from a password, with HMAC.
pub fn pbkdf2_hmac(named: &'static Algorithm, password: Buf, salt: Buf, iterations: i64, dklen: Option<Value>) -> R {
    if iterations < 1 {
        return Err(value_error!("iteration value must be greater than 0."));
    }
    if named.is_endless() {
        return Err(value_error!("no reason supplied"));
    }
    let length = match dklen.filter(|length| !length.is_none()) {
        Some(length) => objects::index(length)?,
        None => named.size as i64,
    };
    let mut key = empty_key(length)?;
    let (password, salt) = (password.as_slice().to_vec(), salt.as_slice().to_vec());
    heap::blocking(|| match algorithm(named.name) {
        Some((derive, block, _)) => derive(&password, &salt, iterations as u64, &mut key, block),
        None => pbkdf2_by_name(named, &password, &salt, iterations as u64, &mut key),
    });
    Ok(new_bytes(&key))
}

/// The key that scrypt derives from a password.
pub fn scrypt_key(password: Buf, salt: Option<Buf>, n: i64, r: i64, p: i64, maxmem: i64, dklen: i64) -> R {
    let Some(salt) = salt else { return Err(type_error!("salt is required")) };
    if n < 2 || n & (n - 1) != 0 {
        return Err(value_error!("n must be a power of 2."));
    }
    if !(0..=i32::MAX as i64).contains(&maxmem) {
        return Err(value_error!("maxmem must be positive and smaller than {}", i32::MAX));
    }
    let mut key = empty_key(dklen)?;
    let limit = if maxmem == 0 { 32 << 20 } else { maxmem as u128 };
    let wrong = || value_error!("Invalid parameter combination for n, r, p, maxmem.");
    if r < 1 || p < 1 || (r as u128) * (p as u128) >= 1 << 30 {
        return Err(wrong());
    }
    if 128 * (n as u128 + p as u128 + 2) * r as u128 > limit {
        return Err(wrong());
    }
    let (password, salt) = (password.as_slice().to_vec(), salt.as_slice().to_vec());
    let done = heap::blocking(|| scrypt(&password, &salt, n as usize, r as usize, p as usize, &mut key));
    done.map(|()| new_bytes(&key)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn keys_of_the_standards() {
        let mut key = [0u8; 20];
        pbkdf2::<sha1::Sha1>(b"password", b"salt", 2, &mut key, 64);
        assert_eq!(hex(&key), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
        let mut key = [0u8; 64];
        scrypt(b"password", b"NaCl", 1024, 8, 16, &mut key).unwrap();
        assert!(hex(&key).starts_with("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"));
    }
}
