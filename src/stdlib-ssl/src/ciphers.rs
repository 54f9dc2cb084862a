//! The cipher suites that exist here, under OpenSSL's names, and OpenSSL's language for choosing among them. Must not know: Python values.

use rustls::SupportedCipherSuite;
use rustls::crypto::ring::cipher_suite as ring_suite;

pub struct Suite {
    pub name: &'static str,
    pub suite: SupportedCipherSuite,
    pub is_13: bool,
    pub bits: i64,
    pub symmetric: &'static str,
    auth: &'static str,
    encryption: &'static str,
    chacha: bool,
}

pub static SUITES: [Suite; 9] = [
    suite_13("TLS_AES_256_GCM_SHA384", ring_suite::TLS13_AES_256_GCM_SHA384, 256, false),
    suite_13("TLS_CHACHA20_POLY1305_SHA256", ring_suite::TLS13_CHACHA20_POLY1305_SHA256, 256, true),
    suite_13("TLS_AES_128_GCM_SHA256", ring_suite::TLS13_AES_128_GCM_SHA256, 128, false),
    suite_12("ECDHE-ECDSA-AES256-GCM-SHA384", ring_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 256, false, "ecdsa"),
    suite_12("ECDHE-RSA-AES256-GCM-SHA384", ring_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, 256, false, "rsa"),
    suite_12("ECDHE-ECDSA-CHACHA20-POLY1305", ring_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 256, true, "ecdsa"),
    suite_12("ECDHE-RSA-CHACHA20-POLY1305", ring_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, 256, true, "rsa"),
    suite_12("ECDHE-ECDSA-AES128-GCM-SHA256", ring_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 128, false, "ecdsa"),
    suite_12("ECDHE-RSA-AES128-GCM-SHA256", ring_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 128, false, "rsa"),
];

const fn symmetric(bits: i64, chacha: bool) -> (&'static str, &'static str) {
    match (bits, chacha) {
        (_, true) => ("chacha20-poly1305", "CHACHA20/POLY1305(256)"),
        (256, _) => ("aes-256-gcm", "AESGCM(256)"),
        _ => ("aes-128-gcm", "AESGCM(128)"),
    }
}
const fn suite_13(name: &'static str, suite: SupportedCipherSuite, bits: i64, chacha: bool) -> Suite {
    let (symmetric, encryption) = symmetric(bits, chacha);
    Suite { name, suite, is_13: true, bits, symmetric, auth: "any", encryption, chacha }
}
const fn suite_12(name: &'static str, suite: SupportedCipherSuite, bits: i64, chacha: bool, auth: &'static str) -> Suite {
    let (symmetric, encryption) = symmetric(bits, chacha);
    Suite { name, suite, is_13: false, bits, symmetric, auth, encryption, chacha }
}

impl Suite {
    pub fn code(&self) -> u16 {
        u16::from(self.suite.suite())
    }
    pub fn protocol(&self) -> &'static str {
        if self.is_13 { "TLSv1.3" } else { "TLSv1.2" }
    }
    pub fn key_exchange(&self) -> &'static str {
        if self.is_13 { "kx-any" } else { "kx-ecdhe" }
    }
    pub fn authentication(&self) -> &'static str {
        match self.auth {
            "rsa" => "auth-rsa",
            "ecdsa" => "auth-ecdsa",
            _ => "auth-any",
        }
    }
    pub fn description(&self) -> String {
        let exchange = if self.is_13 { "any" } else { "ECDH" };
        let auth = if self.auth == "any" { "any".to_owned() } else { self.auth.to_ascii_uppercase() };
        let (name, protocol, encryption) = (self.name, self.protocol(), self.encryption);
        format!("{name:<30} {protocol} Kx={exchange:<8} Au={auth:<5} Enc={encryption:<22} Mac=AEAD")
    }
    fn has_property(&self, word: &str) -> bool {
        match word {
            "ALL" | "DEFAULT" | "HIGH" | "COMPLEMENTOFALL" | "TLSv1.2" => word != "COMPLEMENTOFALL",
            "ECDHE" | "EECDH" | "kECDHE" | "kEECDH" | "ECDH" => true,
            "ECDSA" | "aECDSA" => self.auth == "ecdsa",
            "aRSA" => self.auth == "rsa",
            "AES" | "AESGCM" => !self.chacha,
            "AES128" => !self.chacha && self.bits == 128,
            "AES256" => !self.chacha && self.bits == 256,
            "CHACHA20" => self.chacha,
            name => name == self.name,
        }
    }
}

pub fn by_code(code: u16) -> Option<&'static Suite> {
    SUITES.iter().find(|suite| suite.code() == code)
}

/// The suites that a cipher string chooses, in its order; those of TLS 1.3 are always there. None if it chooses none.
pub fn choose(text: &str) -> Option<Vec<&'static Suite>> {
    let mut chosen: Vec<&Suite> = Vec::new();
    let mut banned: Vec<u16> = Vec::new();
    for word in text.split([':', ',', ' ', ';']).filter(|word| !word.is_empty()) {
        let (action, word) = match word.as_bytes()[0] {
            sign @ (b'!' | b'-' | b'+') => (sign, &word[1..]),
            b'@' => continue,
            _ => (b' ', word),
        };
        let matches = |suite: &&Suite| !suite.is_13 && word.split('+').all(|part| suite.has_property(part));
        let matching: Vec<&Suite> = SUITES.iter().filter(matches).collect();
        let is_matched = |suite: &&Suite| matching.iter().any(|other| other.code() == suite.code());
        match action {
            b' ' => {
                for suite in matching {
                    if !banned.contains(&suite.code()) && !chosen.iter().any(|other| other.code() == suite.code()) {
                        chosen.push(suite);
                    }
                }
            }
            b'+' => {
                let (moved, kept): (Vec<&Suite>, Vec<&Suite>) = chosen.iter().copied().partition(|suite| is_matched(suite));
                chosen = kept;
                chosen.extend(moved);
            }
            sign => {
                chosen.retain(|suite| !is_matched(suite));
                if sign == b'!' {
                    banned.extend(matching.iter().map(|suite| suite.code()));
                }
            }
        }
    }
    if chosen.is_empty() {
        return None;
    }
    Some(SUITES.iter().filter(|suite| suite.is_13).chain(chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        choose(text).unwrap_or_default().iter().filter(|suite| !suite.is_13).map(|suite| suite.name).collect()
    }

    #[test]
    fn strings_choose_suites() {
        assert_eq!(names("ALL").len(), 6);
        assert_eq!(names("ECDHE+AESGCM:!ECDSA"), ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(names("ECDHE-RSA-AES128-GCM-SHA256"), ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert!(choose("^$:,;?*'dorothyx").is_none());
        assert_eq!(names("CHACHA20:AES256:+CHACHA20:-ECDSA"), ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"]);
    }
}
