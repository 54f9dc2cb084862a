//! `_ssl.Certificate`, `_ssl.SSLSession`, and certificates as dicts. Must not know: connections.

use crate::certificate::{Certificate, GeneralName, Name, read_name};
use crate::sessions::TicketStore;
use crate::{oids, pem};
use native_macros::{Layout, native_class};
use objects::dict::{dict_set, new_dict};
use objects::{Cast, Gc, GcVec, Header, R, Slot, Value, new_bytes, new_int, new_native, new_str, new_tuple};
use std::sync::Arc;

fn name_value(name: &Name) -> Value {
    let mut sets = GcVec::new();
    for set in name {
        let mut attributes = GcVec::new();
        for attribute in set {
            let key = oids::by_oid(&attribute.oid).map_or(attribute.oid.as_str(), |entry| entry.long);
            attributes.push(new_tuple(&[new_str(key), new_str(&attribute.value)]).value());
        }
        sets.push(new_tuple(&attributes).value());
    }
    new_tuple(&sets).value()
}

fn general_name_value(name: &GeneralName) -> Value {
    let (kind, value) = match name {
        GeneralName::Email(text) => ("email", new_str(text)),
        GeneralName::Dns(text) => ("DNS", new_str(text)),
        GeneralName::Uri(text) => ("URI", new_str(text)),
        GeneralName::Directory(name) => ("DirName", name_value(name)),
        GeneralName::Registered(oid) => ("Registered ID", new_str(oids::by_oid(oid).map_or(oid.as_str(), |entry| entry.long))),
        GeneralName::Other(kind) => (*kind, new_str("<unsupported>")),
        GeneralName::Ip(bytes) => {
            let text = match bytes.as_slice() {
                [a, b, c, d] => format!("{a}.{b}.{c}.{d}"),
                bytes if bytes.len() == 16 => {
                    let group = |pair: &[u8]| format!("{:X}", (pair[0] as u16) << 8 | pair[1] as u16);
                    bytes.chunks_exact(2).map(group).collect::<Vec<_>>().join(":")
                }
                _ => "<invalid>".to_owned(),
            };
            ("IP Address", new_str(&text))
        }
    };
    new_tuple(&[new_str(kind), value]).value()
}

fn texts(items: &[String]) -> Option<Value> {
    if items.is_empty() {
        return None;
    }
    let values: GcVec = items.iter().map(|item| new_str(item)).collect();
    Some(new_tuple(&values).value())
}

/// The dict that `getpeercert()` gives.
pub fn certificate_dict(der: &[u8]) -> R {
    let Some(read) = Certificate::read(der) else {
        return Err(crate::errors::library_error("X509", None, "certificate cannot be read"));
    };
    let dict = new_dict();
    let set = |key: &str, value: Value| dict_set(dict, new_str(key), value);
    set("subject", name_value(&read_name(read.subject)))?;
    set("issuer", name_value(&read_name(read.issuer)))?;
    set("version", new_int(read.version))?;
    set("serialNumber", new_str(&read.serial_text()))?;
    set("notBefore", new_str(&read.not_before.text()))?;
    set("notAfter", new_str(&read.not_after.text()))?;
    if let Some(names) = read.alternative_names().filter(|names| !names.is_empty()) {
        let values: GcVec = names.iter().map(general_name_value).collect();
        set("subjectAltName", new_tuple(&values).value())?;
    }
    let optional = [
        ("OCSP", read.access("1.3.6.1.5.5.7.48.1")),
        ("caIssuers", read.access("1.3.6.1.5.5.7.48.2")),
        ("crlDistributionPoints", read.revocation_lists()),
    ];
    for (key, items) in optional {
        if let Some(value) = texts(&items) {
            set(key, value)?;
        }
    }
    Ok(dict.value())
}

struct Bytes(Vec<u8>);
objects::no_references!(Bytes);

#[derive(Layout)]
#[repr(C)]
pub struct CertificateObject {
    pub header: Header,
    der: Bytes,
}

pub fn new_certificate(der: &[u8]) -> Value {
    new_native(CertificateObject { header: Header::blank(), der: Bytes(der.to_vec()) }).value()
}

/// A certificate.
#[native_class(name = "_ssl.Certificate", base = object, flags = "final no_new")]
impl CertificateObject {
    /// The certificate in the format asked for.
    #[sig("($self, format=1)")]
    fn public_bytes(this: Gc<CertificateObject>, format: i32) -> R {
        match format {
            1 => Ok(new_str(&pem::encode("CERTIFICATE", &this.der.0))),
            2 => Ok(new_bytes(&this.der.0)),
            _ => Err(objects::value_error!("Unsupported format")),
        }
    }
    /// The certificate as a dict.
    fn get_info(this: Gc<CertificateObject>) -> R {
        certificate_dict(&this.der.0)
    }
    fn __repr__(this: Gc<CertificateObject>) -> String {
        let subject = Certificate::read(&this.der.0).map(|read| read.subject_text()).unwrap_or_default();
        format!("<_ssl.Certificate '{subject}'>")
    }
    fn __hash__(this: Gc<CertificateObject>) -> R<i64> {
        objects::hash(new_bytes(&this.der.0))
    }
    fn __eq__(this: Gc<CertificateObject>, other: Value) -> R {
        Ok(match other.cast::<CertificateObject>() {
            Some(other) => Value::bool(this.der.0 == other.der.0),
            None => Value::not_implemented(),
        })
    }
}

struct Tickets(Arc<TicketStore>);
objects::no_references!(Tickets);

#[derive(Layout)]
#[repr(C)]
pub struct SessionObject {
    pub header: Header,
    tickets: Tickets,
    pub context: Slot,
    lifetime: i64,
}

pub fn new_session(tickets: Arc<TicketStore>, context: Value, is_13: bool) -> Value {
    let lifetime = if is_13 { 86_400 } else { 7200 };
    new_native(SessionObject { header: Header::blank(), tickets: Tickets(tickets), context: Slot::new(context), lifetime })
        .value()
}

impl SessionObject {
    pub fn tickets(&self) -> Arc<TicketStore> {
        self.tickets.0.clone()
    }
}

/// A session that a client may continue.
#[native_class(name = "_ssl.SSLSession", base = object, flags = "final no_new")]
impl SessionObject {
    /// Session ID.
    #[getter]
    fn id(this: Gc<SessionObject>) -> Value {
        new_bytes(&this.tickets.0.id)
    }
    /// When the session began (in seconds since 1970).
    #[getter]
    fn time(this: Gc<SessionObject>) -> i64 {
        this.tickets.0.time
    }
    /// How long the session is valid, in seconds.
    #[getter]
    fn timeout(this: Gc<SessionObject>) -> i64 {
        this.lifetime
    }
    /// Ticket life time hint.
    #[getter]
    fn ticket_lifetime_hint(this: Gc<SessionObject>) -> i64 {
        if this.tickets.0.has_ticket() { this.lifetime } else { 0 }
    }
    /// Whether the session has a ticket.
    #[getter]
    fn has_ticket(this: Gc<SessionObject>) -> bool {
        this.tickets.0.has_ticket()
    }
    fn __eq__(this: Gc<SessionObject>, other: Value) -> R {
        Ok(match other.cast::<SessionObject>() {
            Some(other) => Value::bool(this.tickets.0.id == other.tickets.0.id),
            None => Value::not_implemented(),
        })
    }
    fn __hash__(this: Gc<SessionObject>) -> R<i64> {
        objects::hash(new_bytes(&this.tickets.0.id))
    }
}
