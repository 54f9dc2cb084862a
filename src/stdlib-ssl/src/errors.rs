//! The exception classes of module `ssl`, and how failures of the protocol become instances of them. Must not know: sockets, contexts.

use native_macros::native_class;
use objects::error_class::{Base, ErrorClass};
use objects::exc::OSErrorObject;
use objects::{Cast, Class, Gc, R, Raised, Str, Value, exc, new_int, new_str, value_error};
use rustls::{AlertDescription, Error, PeerIncompatible};

pub const ERROR_SSL: i64 = 1;
pub const ERROR_WANT_READ: i64 = 2;
pub const ERROR_WANT_WRITE: i64 = 3;
pub const ERROR_SYSCALL: i64 = 5;
pub const ERROR_ZERO_RETURN: i64 = 6;
pub const ERROR_EOF: i64 = 8;

pub struct SslError;

/// SSL has failed.
#[native_class(name = "ssl.SSLError", layout = OSErrorObject, base = exc::OS_ERROR, flags = "exception dict")]
impl SslError {
    fn __str__(this: Gc<OSErrorObject>) -> R {
        match this.strerror.get() {
            Some(text) if text.cast::<Str>().is_some() => Ok(text),
            _ => match this.base.args.get() {
                Some(args) => objects::str_of(args).map(Gc::value),
                None => Ok(new_str("()")),
            },
        }
    }
}

/// A subclass of SSLError with the number and the text that belong to it.
pub struct SubClass {
    class: ErrorClass,
    number: i64,
    text: &'static str,
}

const SSL_ERROR: Base = Base::Made(&SslError::CLASS_DEF.cell);

impl SubClass {
    const fn new(name: &'static str, doc: &'static str, number: i64, text: &'static str) -> SubClass {
        SubClass::of(name, &[SSL_ERROR], doc, number, text)
    }
    const fn of(name: &'static str, bases: &'static [Base], doc: &'static str, number: i64, text: &'static str) -> SubClass {
        SubClass { class: ErrorClass::new(name, "ssl", bases).with_doc(doc), number, text }
    }
    pub fn class(&self) -> R<Gc<Class>> {
        self.class.class()
    }
    #[cold]
    pub fn raise(&self) -> Raised {
        self.class().map_or_else(|raised| raised, |class| raise_with(class, self.number, None, None, self.text))
    }
}

pub static ZERO_RETURN: SubClass = SubClass::new(
    "SSLZeroReturnError",
    "SSL/TLS session closed cleanly.",
    ERROR_ZERO_RETURN,
    "TLS/SSL connection has been closed (EOF)",
);
pub static WANT_READ: SubClass = SubClass::new(
    "SSLWantReadError",
    "A non-blocking SSL socket must read first before it can go on.",
    ERROR_WANT_READ,
    "The operation did not complete (read)",
);
pub static WANT_WRITE: SubClass = SubClass::new(
    "SSLWantWriteError",
    "A non-blocking SSL socket must write first before it can go on.",
    ERROR_WANT_WRITE,
    "The operation did not complete (write)",
);
pub static SYSCALL: SubClass =
    SubClass::new("SSLSyscallError", "A system call of SSL has failed.", ERROR_SYSCALL, "Some I/O error occurred");
pub static EOF: SubClass =
    SubClass::new("SSLEOFError", "SSL/TLS connection terminated abruptly.", ERROR_EOF, "EOF occurred in violation of protocol");
pub static CERT_VERIFICATION: SubClass = SubClass::of(
    "SSLCertVerificationError",
    &[SSL_ERROR, Base::Made(&exc::VALUE_ERROR)],
    "The certificate of the other side is not valid.",
    ERROR_SSL,
    "certificate verify failed",
);

pub static ALL: &[&SubClass] = &[&ZERO_RETURN, &WANT_READ, &WANT_WRITE, &SYSCALL, &EOF, &CERT_VERIFICATION];

#[cold]
fn raise_with(class: Gc<Class>, number: i64, library: Option<&str>, reason: Option<&str>, text: &str) -> Raised {
    match make(class, number, library, reason, text) {
        Ok(exception) => objects::raise(exception),
        Err(raised) => raised,
    }
}

fn make(class: Gc<Class>, number: i64, library: Option<&str>, reason: Option<&str>, text: &str) -> R {
    let shown = match (library, reason) {
        (Some(library), Some(reason)) => format!("[{library}: {reason}] {text}"),
        (Some(library), None) => format!("[{library}] {text}"),
        _ => text.to_owned(),
    };
    let exception = objects::call(class.value(), &[new_int(number), new_str(&shown)])?;
    let optional = |text: Option<&str>| text.map_or(Value::none(), new_str);
    objects::set_attr(exception, objects::interned!("reason"), optional(reason))?;
    objects::set_attr(exception, objects::interned!("library"), optional(library))?;
    Ok(exception)
}

/// `[SSL: WRONG_VERSION_NUMBER] wrong version number`, the text made of the reason.
#[cold]
pub fn ssl_reason(reason: &str) -> Raised {
    let text = match reason {
        "UNEXPECTED_EOF_WHILE_READING" => return unexpected_eof(),
        other => other.to_ascii_lowercase().replace('_', " "),
    };
    library_error("SSL", Some(reason), &text)
}

#[cold]
pub fn library_error(library: &str, reason: Option<&str>, text: &str) -> Raised {
    raise_with(SslError::CLASS_DEF.class(), ERROR_SSL, Some(library), reason, text)
}

/// An error that is not the library's.
#[cold]
pub fn plain_error(text: &str) -> Raised {
    raise_with(SslError::CLASS_DEF.class(), 0, None, None, text)
}
/// `SSLError(text)`.
#[cold]
pub fn bare_error(text: &str) -> Raised {
    objects::new_error(SslError::CLASS_DEF.class(), text)
}

/// The peer went away without saying so.
#[cold]
pub fn unexpected_eof() -> Raised {
    let text = "EOF occurred in violation of protocol";
    EOF.class().map_or_else(
        |raised| raised,
        |class| raise_with(class, ERROR_EOF, Some("SSL"), Some("UNEXPECTED_EOF_WHILE_READING"), text),
    )
}

/// Why a certificate was refused, in OpenSSL's numbers and words.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: i64,
    pub message: String,
}

#[cold]
pub fn refused(refusal: &Refusal) -> Raised {
    let make_it = || -> R {
        let text = format!("certificate verify failed: {}", refusal.message);
        let class = CERT_VERIFICATION.class()?;
        let exception = make(class, ERROR_SSL, Some("SSL"), Some("CERTIFICATE_VERIFY_FAILED"), &text)?;
        objects::set_attr(exception, objects::interned!("verify_code"), new_int(refusal.code))?;
        objects::set_attr(exception, objects::interned!("verify_message"), new_str(&refusal.message))?;
        Ok(exception)
    };
    make_it().map_or_else(|raised| raised, objects::raise)
}

/// The reason that OpenSSL gives for an alert of the peer.
fn alert_reason(alert: AlertDescription) -> Option<&'static str> {
    Some(match u8::from(alert) {
        10 => "SSLV3_ALERT_UNEXPECTED_MESSAGE",
        20 => "SSLV3_ALERT_BAD_RECORD_MAC",
        21 => "TLSV1_ALERT_DECRYPTION_FAILED",
        22 => "TLSV1_ALERT_RECORD_OVERFLOW",
        30 => "SSLV3_ALERT_DECOMPRESSION_FAILURE",
        40 => "SSLV3_ALERT_HANDSHAKE_FAILURE",
        41 => "SSLV3_ALERT_NO_CERTIFICATE",
        42 => "SSLV3_ALERT_BAD_CERTIFICATE",
        43 => "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        44 => "SSLV3_ALERT_CERTIFICATE_REVOKED",
        45 => "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        46 => "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        47 => "SSLV3_ALERT_ILLEGAL_PARAMETER",
        48 => "TLSV1_ALERT_UNKNOWN_CA",
        49 => "TLSV1_ALERT_ACCESS_DENIED",
        50 => "TLSV1_ALERT_DECODE_ERROR",
        51 => "TLSV1_ALERT_DECRYPT_ERROR",
        60 => "TLSV1_ALERT_EXPORT_RESTRICTION",
        70 => "TLSV1_ALERT_PROTOCOL_VERSION",
        71 => "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        80 => "TLSV1_ALERT_INTERNAL_ERROR",
        86 => "TLSV1_ALERT_INAPPROPRIATE_FALLBACK",
        90 => "TLSV1_ALERT_USER_CANCELLED",
        100 => "TLSV1_ALERT_NO_RENEGOTIATION",
        109 => "TLSV13_ALERT_MISSING_EXTENSION",
        110 => "TLSV1_UNSUPPORTED_EXTENSION",
        111 => "TLSV1_CERTIFICATE_UNOBTAINABLE",
        112 => "TLSV1_UNRECOGNIZED_NAME",
        113 => "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE",
        114 => "TLSV1_BAD_CERTIFICATE_HASH_VALUE",
        115 => "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY",
        116 => "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        120 => "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
        _ => return None,
    })
}

/// Raises what the TLS library reports.
#[cold]
pub fn tls_error(error: &Error, refusal: Option<Refusal>) -> Raised {
    match error {
        Error::AlertReceived(alert) => match alert_reason(*alert) {
            Some(reason) => ssl_reason(reason),
            None => library_error("SSL", None, &format!("alert number {}", u8::from(*alert))),
        },
        Error::InvalidCertificate(detail) => {
            refused(&refusal.unwrap_or_else(|| Refusal { code: 1, message: detail.to_string() }))
        }
        Error::NoCertificatesPresented => ssl_reason("PEER_DID_NOT_RETURN_A_CERTIFICATE"),
        Error::DecryptError => ssl_reason("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
        Error::PeerSentOversizedRecord => ssl_reason("PACKET_LENGTH_TOO_LONG"),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => ssl_reason("UNEXPECTED_MESSAGE"),
        Error::NoApplicationProtocol => ssl_reason("NO_APPLICATION_PROTOCOL"),
        Error::PeerIncompatible(reason) => match reason {
            PeerIncompatible::NoCipherSuitesInCommon => ssl_reason("NO_SHARED_CIPHER"),
            PeerIncompatible::NoKxGroupsInCommon => ssl_reason("NO_SUITABLE_GROUPS"),
            PeerIncompatible::NoSignatureSchemesInCommon => ssl_reason("NO_SUITABLE_SIGNATURE_ALGORITHM"),
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => ssl_reason("UNSUPPORTED_PROTOCOL"),
            other => library_error("SSL", Some("HANDSHAKE_FAILURE"), &format!("handshake failure: {other:?}")),
        },
        Error::InvalidMessage(detail) => library_error("SSL", Some("BAD_PACKET"), &format!("bad packet: {detail:?}")),
        Error::PeerMisbehaved(detail) => library_error("SSL", Some("BAD_PACKET"), &format!("peer misbehaved: {detail:?}")),
        Error::General(text) if text == crate::config::NO_SERVER_CERTIFICATE => ssl_reason("NO_SHARED_CIPHER"),
        other => library_error("SSL", None, &other.to_string()),
    }
}

/// What is known not to work says so by its name.
#[cold]
pub fn unsupported(what: &str) -> Raised {
    objects::not_implemented_error!("{what} is not supported by the TLS library of this interpreter")
}

/// A str argument that may not hold NULs.
pub fn no_nul(text: &str) -> R<&str> {
    if text.contains('\0') { Err(value_error!("embedded null character")) } else { Ok(text) }
}
