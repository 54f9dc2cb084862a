//! Names of hosts, services and protocols.

use super::address::{self, Address};
use objects::{Cast, GcVec, R, Raised, Str, Value, call, exc, new_int, new_str, new_tuple, type_error};
use std::ffi::{CStr, CString};

static GAI_ERROR: heap::Slot = heap::Slot::empty();
static HERROR: heap::Slot = heap::Slot::empty();

/// `socket.gaierror` and `socket.herror`, made on first use.
pub fn error_class(name: &'static str) -> R {
    let slot = if name == "gaierror" { &GAI_ERROR } else { &HERROR };
    if let Some(class) = slot.get() {
        return Ok(class);
    }
    let namespace = objects::new_dict();
    objects::dict::dict_set_str(namespace, objects::interned!("__module__"), new_str("socket"))?;
    let bases = new_tuple(&[exc::OS_ERROR.get().value()]);
    let meta = objects::class_of(exc::OS_ERROR.get().value());
    let class = call(meta.value(), &[new_str(name), bases.value(), namespace.value()])?;
    objects::roots::keep_forever(class);
    Ok(slot.get_or_set(class))
}

/// Raises `gaierror(code, text)`.
#[cold]
pub fn gai_error(code: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return objects::last_os_error(None);
    }
    // SAFETY: the call gives a static string.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned();
    match error_class("gaierror").and_then(|class| call(class, &[new_int(code as i64), new_str(&text)])) {
        Ok(exception) => objects::raise(exception),
        Err(raised) => raised,
    }
}

/// Raises `herror(code, text)`.
#[cold]
pub fn host_error(code: i64, text: &str) -> Raised {
    match error_class("herror").and_then(|class| call(class, &[new_int(code), new_str(text)])) {
        Ok(exception) => objects::raise(exception),
        Err(raised) => raised,
    }
}

/// One answer of `getaddrinfo`.
pub struct Found {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub canonical: String,
    pub address: Address,
}

/// `getaddrinfo`, outside the interpreter's sight.
pub fn lookup(host: Option<&str>, service: Option<&str>, family: i32, kind: i32, protocol: i32, flags: i32) -> R<Vec<Found>> {
    let text = |text: Option<&str>| match text {
        None => Ok(None),
        Some(text) => super::c_text(text).map(Some),
    };
    let (host, service) = (text(host)?, text(service)?);
    // SAFETY: a struct of numbers and pointers; all zero is valid.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    (hints.ai_family, hints.ai_socktype, hints.ai_protocol, hints.ai_flags) = (family, kind, protocol, flags);
    let outcome = heap::blocking(|| {
        let mut list: *mut libc::addrinfo = std::ptr::null_mut();
        let pointer = |text: &Option<CString>| text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
        // SAFETY: NUL-terminated strings or null; the list is copied and freed.
        unsafe {
            let code = libc::getaddrinfo(pointer(&host), pointer(&service), &hints, &mut list);
            if code != 0 {
                return Err(code);
            }
            let mut found = Vec::new();
            let mut entry = list;
            while !entry.is_null() {
                let mut address = Address::empty();
                let length = ((*entry).ai_addrlen as usize).min(std::mem::size_of::<libc::sockaddr_storage>());
                std::ptr::copy_nonoverlapping((*entry).ai_addr as *const u8, address.as_mut_ptr() as *mut u8, length);
                address.length = length as libc::socklen_t;
                let canonical = if (*entry).ai_canonname.is_null() {
                    String::new()
                } else {
                    CStr::from_ptr((*entry).ai_canonname).to_string_lossy().into_owned()
                };
                found.push(Found {
                    family: (*entry).ai_family,
                    kind: (*entry).ai_socktype,
                    protocol: (*entry).ai_protocol,
                    canonical,
                    address,
                });
                entry = (*entry).ai_next;
            }
            libc::freeaddrinfo(list);
            Ok(found)
        }
    });
    outcome.map_err(gai_error)
}

/// So many characters a part of a host name must not have.
const LONGEST_LABEL: usize = 64;

/// Whether an ASCII name is its own encoding; else the codec tells what is wrong with it.
fn is_plain(name: &str) -> bool {
    let has_empty = name.starts_with('.') || name.contains("..");
    !has_empty && name.split('.').all(|label| label.len() < LONGEST_LABEL)
}
fn lossy(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => base::memory::copied_text(text),
        Err(_) => {
            base::memory::expect_room(bytes.len().saturating_mul(6));
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}

/// A host argument: None, text (IDNA if it is not ASCII) or bytes.
pub fn host_argument(host: Value) -> R<Option<String>> {
    if host.is_none() {
        return Ok(None);
    }
    if let Some(text) = host.cast::<Str>() {
        let bytes = match text.as_ascii() {
            Some(text) if is_plain(text) => base::memory::copied(text.as_bytes()),
            _ => objects::codec::encode(text, "idna", "strict")?,
        };
        return Ok(Some(lossy(&bytes)));
    }
    match host.cast::<objects::Bytes>() {
        Some(bytes) => Ok(Some(lossy(bytes.as_slice()))),
        None => Err(type_error!("getaddrinfo() argument 1 must be string or None")),
    }
}

/// A service argument: None, a number or text.
pub fn service_argument(service: Value) -> R<Option<String>> {
    if service.is_none() {
        return Ok(None);
    }
    if objects::is_int(service) {
        return Ok(Some(objects::repr(objects::int::to_plain_int(service))?.to_string_lossy()));
    }
    if let Some(text) = service.cast::<Str>() {
        return match text.as_str() {
            Some(text) => Ok(Some(base::memory::copied_text(text))),
            None => Err(objects::codec::encode(text, "utf-8", "strict")
                .err()
                .unwrap_or_else(|| type_error!("Int or String expected"))),
        };
    }
    match service.cast::<objects::Bytes>() {
        Some(bytes) => Ok(Some(lossy(bytes.as_slice()))),
        None => Err(objects::new_error(exc::OS_ERROR.get(), "Int or String expected")),
    }
}

/// The list of five-tuples that Python's `getaddrinfo` gives.
pub fn found_list(found: &[Found]) -> R {
    let mut list = GcVec::new();
    for entry in found {
        let number = |number: i32| new_int(number as i64);
        let address = address::format(&entry.address)?;
        list.push(
            new_tuple(&[number(entry.family), number(entry.kind), number(entry.protocol), new_str(&entry.canonical), address])
                .value(),
        );
    }
    Ok(objects::new_list(&list).value())
}
