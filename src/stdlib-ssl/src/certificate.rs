//! Certificates, read: names, validity, extensions; and whether one is for a host. Must not know: Python values, TLS.

use crate::der::{BIT_STRING, Der, Element, INTEGER, OCTET_STRING, OID, SEQUENCE, Time, oid_text};
use crate::oids;
use std::net::IpAddr;

/// One attribute of a name: its identifier and its text.
pub struct Attribute {
    pub oid: String,
    pub value: String,
}

/// A distinguished name: sets of attributes.
pub type Name = Vec<Vec<Attribute>>;

pub enum GeneralName {
    Email(String),
    Dns(String),
    Uri(String),
    Ip(Vec<u8>),
    Directory(Name),
    Registered(String),
    Other(&'static str),
}

pub struct Certificate<'a> {
    /// 1 to 3.
    pub version: i64,
    pub serial: &'a [u8],
    pub issuer: Element<'a>,
    pub subject: Element<'a>,
    pub not_before: Time,
    pub not_after: Time,
    pub public_key: Element<'a>,
    extensions: Vec<(String, &'a [u8])>,
}

pub fn read_name(name: Element) -> Name {
    let attribute = |element: Element| {
        let mut inside = element.inside();
        let oid = inside.expect(OID).and_then(|oid| oid_text(oid.content)).unwrap_or_default();
        Attribute { oid, value: inside.next().map(|value| value.text()).unwrap_or_default() }
    };
    name.elements().map(|set| set.elements().map(attribute).collect()).collect()
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| *byte as char).collect()
}

fn general_name(element: Element) -> GeneralName {
    let text = || latin1(element.content);
    match element.tag & 0x1f {
        1 => GeneralName::Email(text()),
        2 => GeneralName::Dns(text()),
        6 => GeneralName::Uri(text()),
        7 => GeneralName::Ip(element.content.to_vec()),
        4 => GeneralName::Directory(element.inside().next().map(read_name).unwrap_or_default()),
        8 => GeneralName::Registered(oid_text(element.content).unwrap_or_default()),
        0 => GeneralName::Other("othername"),
        3 => GeneralName::Other("X400Name"),
        _ => GeneralName::Other("EdiPartyName"),
    }
}

impl<'a> Certificate<'a> {
    pub fn read(der: &'a [u8]) -> Option<Certificate<'a>> {
        let mut outer = Der::new(der).expect(SEQUENCE)?.inside();
        let mut fields = outer.expect(SEQUENCE)?.inside();
        let version = match fields.expect(0xa0) {
            Some(version) => version.inside().expect(INTEGER)?.content.iter().fold(0, |sum, byte| sum << 8 | *byte as i64) + 1,
            None => 1,
        };
        let serial = fields.expect(INTEGER)?.content;
        let _signature = fields.expect(SEQUENCE)?;
        let issuer = fields.expect(SEQUENCE)?;
        let mut validity = fields.expect(SEQUENCE)?.inside();
        let (not_before, not_after) = (Time::read(validity.next()?)?, Time::read(validity.next()?)?);
        let subject = fields.expect(SEQUENCE)?;
        let public_key = fields.expect(SEQUENCE)?;
        let mut extensions = Vec::new();
        while let Some(field) = fields.next() {
            if field.tag == 0xa3 {
                for extension in field.inside().expect(SEQUENCE)?.elements() {
                    let mut inside = extension.inside();
                    let oid = oid_text(inside.expect(OID)?.content)?;
                    let _critical = inside.expect(0x01);
                    extensions.push((oid, inside.expect(OCTET_STRING)?.content));
                }
            }
        }
        Some(Certificate { version, serial, issuer, subject, not_before, not_after, public_key, extensions })
    }
    fn extension(&self, oid: &str) -> Option<Element<'a>> {
        let (_, content) = self.extensions.iter().find(|(name, _)| name == oid)?;
        Der::new(content).next()
    }
    pub fn has_extension(&self, oid: &str) -> bool {
        self.extensions.iter().any(|(name, _)| name == oid)
    }
    /// Hexadecimal, with an even number of digits.
    pub fn serial_text(&self) -> String {
        let digits = self.serial.iter().skip_while(|byte| **byte == 0);
        let text: String = digits.map(|byte| format!("{byte:02X}")).collect();
        if text.is_empty() { "00".to_owned() } else { text }
    }
    pub fn is_self_issued(&self) -> bool {
        self.issuer.content == self.subject.content
    }
    /// Whether it may sign others: so it says itself, or it is too old to say.
    pub fn is_authority(&self) -> bool {
        match self.extension("2.5.29.19") {
            Some(constraints) => constraints.elements().next().is_some_and(|first| first.tag == 0x01 && first.content != [0]),
            None => self.version < 3 && self.is_self_issued(),
        }
    }
    pub fn alternative_names(&self) -> Option<Vec<GeneralName>> {
        Some(self.extension("2.5.29.17")?.elements().map(general_name).collect())
    }
    /// Addresses of that kind of service of the issuer.
    pub fn access(&self, method: &str) -> Vec<String> {
        let Some(list) = self.extension("1.3.6.1.5.5.7.1.1") else { return Vec::new() };
        let mut found = Vec::new();
        for description in list.elements() {
            let mut inside = description.inside();
            let is_it = inside.expect(OID).and_then(|oid| oid_text(oid.content)).as_deref() == Some(method);
            if let Some(location) = inside.next().filter(|location| is_it && location.tag == 0x86) {
                found.push(latin1(location.content));
            }
        }
        found
    }
    pub fn revocation_lists(&self) -> Vec<String> {
        let Some(list) = self.extension("2.5.29.31") else { return Vec::new() };
        let points = list.elements().filter_map(|point| point.inside().expect(0xa0));
        let full_names = points.filter_map(|name| name.inside().expect(0xa0));
        let names = full_names.flat_map(|names| names.elements());
        names.filter(|name| name.tag == 0x86).map(|name| latin1(name.content)).collect()
    }
    /// The bits of the public key.
    pub fn key_bits(&self) -> Option<&'a [u8]> {
        let mut inside = self.public_key.inside();
        inside.expect(SEQUENCE)?;
        inside.expect(BIT_STRING)?.bit_string()
    }
    /// `CN=localhost,O=Example`: the last part first.
    pub fn subject_text(&self) -> String {
        let escape = |text: &str| {
            let mut out = String::new();
            for (index, character) in text.chars().enumerate() {
                if ",+\"\\<>;".contains(character) || (index == 0 && "# ".contains(character)) {
                    out.push('\\');
                }
                out.push(character);
            }
            out
        };
        let part = |attribute: &Attribute| {
            let name = oids::by_oid(&attribute.oid).map_or(attribute.oid.as_str(), |entry| entry.short);
            format!("{name}={}", escape(&attribute.value))
        };
        let set = |set: &Vec<Attribute>| set.iter().map(part).collect::<Vec<_>>().join("+");
        read_name(self.subject).iter().rev().map(set).collect::<Vec<_>>().join(",")
    }

    /// Whether the certificate is for that host name. The common name counts where no alternative name of the kind is given.
    pub fn is_for_name(&self, host: &str, use_common_name: bool) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        let mut has_names = false;
        for name in self.alternative_names().unwrap_or_default() {
            if let GeneralName::Dns(pattern) = name {
                has_names = true;
                if name_matches(&pattern, host) {
                    return true;
                }
            }
        }
        if has_names || !use_common_name {
            return false;
        }
        let name = read_name(self.subject);
        let mut common = name.iter().flatten().filter(|attribute| attribute.oid == "2.5.4.3");
        common.any(|attribute| name_matches(&attribute.value, host))
    }
    pub fn is_for_address(&self, address: IpAddr) -> bool {
        let wanted = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let names = self.alternative_names().unwrap_or_default();
        names.iter().any(|name| matches!(name, GeneralName::Ip(bytes) if *bytes == wanted))
    }
}

/// Whether a name of a certificate covers a host. A `*` stands for the whole first label, of at least three.
pub fn name_matches(pattern: &str, host: &str) -> bool {
    if pattern.contains('\0') || pattern.is_empty() {
        return false;
    }
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    match pattern.strip_prefix("*.") {
        None => pattern.eq_ignore_ascii_case(host),
        Some(rest) => {
            let Some((first, host_rest)) = host.split_once('.') else { return false };
            // Some labels are encoded names of other scripts; a wildcard may stand for these too, as a whole label.
            !first.is_empty() && rest.contains('.') && !rest.contains('*') && rest.eq_ignore_ascii_case(host_rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_one_label() {
        assert!(name_matches("example.org", "EXAMPLE.org"));
        assert!(name_matches("*.example.org", "www.example.org"));
        assert!(!name_matches("*.example.org", "example.org"));
        assert!(!name_matches("*.example.org", "a.b.example.org"));
        assert!(!name_matches("*.org", "example.org"));
        assert!(!name_matches("w*.example.org", "www.example.org"));
        assert!(!name_matches("example.org\0.evil.org", "example.org"));
    }
}
