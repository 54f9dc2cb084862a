//! PEM blocks, and private keys behind a password. Must not know: Python values, TLS.

use crate::der::{Der, INTEGER, OCTET_STRING, OID, SEQUENCE, oid_text};
use aes::cipher::{BlockDecryptMut, KeyIvInit, block_padding::Pkcs7};
use std::num::NonZeroU32;

/// One block: what its first line calls it, its headers, and its data.
pub struct Block {
    pub label: String,
    pub encrypted: bool,
    /// `DEK-Info` of the old way to encrypt keys.
    pub cipher: Option<String>,
    pub data: Vec<u8>,
}

/// The blocks of a text. A damaged block ends the list with an error.
pub fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Block, ()>> + '_ {
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.trim_ascii());
    std::iter::from_fn(move || {
        let label = loop {
            let line = lines.next()?;
            if let Some(label) = line.strip_prefix(b"-----BEGIN ").and_then(|rest| rest.strip_suffix(b"-----")) {
                break label.to_vec();
            }
        };
        let mut block = Block {
            label: String::from_utf8_lossy(&label).into_owned(),
            encrypted: label == b"ENCRYPTED PRIVATE KEY",
            cipher: None,
            data: Vec::new(),
        };
        let mut encoded = Vec::new();
        loop {
            let Some(line) = lines.next() else { return Some(Err(())) };
            if let Some(end) = line.strip_prefix(b"-----END ") {
                if end.strip_suffix(b"-----") != Some(&label[..]) {
                    return Some(Err(()));
                }
                break;
            }
            if line.starts_with(b"Proc-Type:") {
                block.encrypted |= line.ends_with(b"ENCRYPTED");
            } else if let Some(info) = line.strip_prefix(b"DEK-Info:") {
                block.cipher = Some(String::from_utf8_lossy(info.trim_ascii()).into_owned());
            } else {
                encoded.extend_from_slice(line);
            }
        }
        block.data = match decode_base64(&encoded) {
            Some(data) => data,
            None => return Some(Err(())),
        };
        Some(Ok(block))
    })
}

fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut bits, mut padding) = (0u32, 0, 0);
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        word = word << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    (padding <= 2 && bits < 6).then_some(out)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A block with lines of 64 characters.
pub fn encode(label: &str, data: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in data.chunks(48) {
        for three in line.chunks(3) {
            let word = three.iter().enumerate().fold(0u32, |word, (index, byte)| word | (*byte as u32) << (16 - 8 * index));
            for place in 0..4 {
                let is_there = place <= three.len();
                text.push(if is_there { DIGITS[(word >> (18 - 6 * place) & 63) as usize] as char } else { '=' });
            }
        }
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

/// Why a key could not be decrypted.
pub enum KeyError {
    /// Most likely the wrong password.
    BadDecrypt,
    Unsupported(String),
}

/// Decrypts an `EncryptedPrivateKeyInfo` (PBES2: PBKDF2 and AES in CBC mode).
pub fn decrypt_key(data: &[u8], password: &[u8]) -> Result<Vec<u8>, KeyError> {
    let unsupported = |what: &str| KeyError::Unsupported(what.to_owned());
    let damaged = || unsupported("damaged key");
    let outer = Der::new(data).expect(SEQUENCE).ok_or_else(damaged)?;
    let mut outer = outer.inside();
    let mut algorithm = outer.expect(SEQUENCE).ok_or_else(damaged)?.inside();
    let secret = outer.expect(OCTET_STRING).ok_or_else(damaged)?.content;
    let name = algorithm.expect(OID).and_then(|oid| oid_text(oid.content)).ok_or_else(damaged)?;
    if name != "1.2.840.113549.1.5.13" {
        return Err(unsupported(&name));
    }
    let mut parameters = algorithm.expect(SEQUENCE).ok_or_else(damaged)?.inside();
    let mut derivation = parameters.expect(SEQUENCE).ok_or_else(damaged)?.inside();
    let mut scheme = parameters.expect(SEQUENCE).ok_or_else(damaged)?.inside();
    let name = derivation.expect(OID).and_then(|oid| oid_text(oid.content)).ok_or_else(damaged)?;
    if name != "1.2.840.113549.1.5.12" {
        return Err(unsupported(&name));
    }
    let mut derivation = derivation.expect(SEQUENCE).ok_or_else(damaged)?.inside();
    let salt = derivation.expect(OCTET_STRING).ok_or_else(damaged)?.content;
    let rounds = derivation.expect(INTEGER).ok_or_else(damaged)?.content;
    let rounds = rounds.iter().try_fold(0u32, |sum, byte| sum.checked_mul(256).map(|sum| sum | *byte as u32));
    let rounds = rounds.and_then(NonZeroU32::new).ok_or_else(damaged)?;
    let _length = derivation.expect(INTEGER);
    let digest = match derivation.expect(SEQUENCE) {
        None => "1.2.840.113549.2.7".to_owned(),
        Some(digest) => digest.inside().expect(OID).and_then(|oid| oid_text(oid.content)).ok_or_else(damaged)?,
    };
    let digest = match digest.as_str() {
        "1.2.840.113549.2.7" => ring::pbkdf2::PBKDF2_HMAC_SHA1,
        "1.2.840.113549.2.9" => ring::pbkdf2::PBKDF2_HMAC_SHA256,
        "1.2.840.113549.2.10" => ring::pbkdf2::PBKDF2_HMAC_SHA384,
        "1.2.840.113549.2.11" => ring::pbkdf2::PBKDF2_HMAC_SHA512,
        other => return Err(unsupported(other)),
    };
    let cipher = scheme.expect(OID).and_then(|oid| oid_text(oid.content)).ok_or_else(damaged)?;
    let iv = scheme.expect(OCTET_STRING).ok_or_else(damaged)?.content;
    let mut key = [0u8; 32];
    let length = match cipher.as_str() {
        "2.16.840.1.101.3.4.1.2" => 16,
        "2.16.840.1.101.3.4.1.22" => 24,
        "2.16.840.1.101.3.4.1.42" => 32,
        other => return Err(unsupported(other)),
    };
    ring::pbkdf2::derive(digest, rounds, salt, password, &mut key[..length]);
    decrypt_aes(&key[..length], iv, secret)
}

/// Decrypts the old form: `DEK-Info: AES-256-CBC,<iv>`, the key made of the password by MD5.
pub fn decrypt_old_key(info: &str, data: &[u8], password: &[u8]) -> Result<Vec<u8>, KeyError> {
    use md5::Digest;
    let unsupported = || KeyError::Unsupported(info.to_owned());
    let (cipher, iv) = info.split_once(',').ok_or_else(unsupported)?;
    let length = match cipher {
        "AES-128-CBC" => 16,
        "AES-192-CBC" => 24,
        "AES-256-CBC" => 32,
        _ => return Err(unsupported()),
    };
    let pairs = (0..iv.len() / 2).map(|index| iv.get(index * 2..index * 2 + 2));
    let iv: Option<Vec<u8>> = pairs.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect();
    let iv = iv.filter(|iv| iv.len() == 16).ok_or_else(unsupported)?;
    let (mut key, mut last) = (Vec::new(), Vec::new());
    while key.len() < length {
        let mut digest = md5::Md5::new();
        digest.update(&last);
        digest.update(password);
        digest.update(&iv[..8]);
        last = digest.finalize().to_vec();
        key.extend_from_slice(&last);
    }
    decrypt_aes(&key[..length], &iv, data)
}

fn decrypt_aes(key: &[u8], iv: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeyError> {
    let bad = |_| KeyError::BadDecrypt;
    let mut buffer = secret.to_vec();
    let length = match key.len() {
        16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv)
            .map_err(|_| KeyError::BadDecrypt)?
            .decrypt_padded_mut::<Pkcs7>(&mut buffer)
            .map_err(bad)?
            .len(),
        24 => cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv)
            .map_err(|_| KeyError::BadDecrypt)?
            .decrypt_padded_mut::<Pkcs7>(&mut buffer)
            .map_err(bad)?
            .len(),
        _ => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv)
            .map_err(|_| KeyError::BadDecrypt)?
            .decrypt_padded_mut::<Pkcs7>(&mut buffer)
            .map_err(bad)?
            .len(),
    };
    buffer.truncate(length);
    // The padding of garbage is right once in a while; a key begins with a sequence.
    match Der::new(&buffer).expect(SEQUENCE) {
        Some(_) => Ok(buffer),
        None => Err(KeyError::BadDecrypt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_as_they_went() {
        for length in [0usize, 1, 2, 3, 47, 48, 49, 200] {
            let data: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let text = format!("words before\n{}and after\n", encode("THING", &data));
            let found: Vec<_> = blocks(text.as_bytes()).map(|block| block.expect("whole")).collect();
            assert_eq!((found.len(), found[0].label.as_str(), &found[0].data), (1, "THING", &data));
        }
        assert!(blocks(b"-----BEGIN X-----\nAAAA\n").next().is_some_and(|block| block.is_err()));
    }
}
