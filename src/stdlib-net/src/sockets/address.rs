//! Socket addresses between Python values and the system's structs.

use objects::path::{fs_decode, fs_encode};
use objects::{Cast, R, Str, Tuple, Value, class_name, new_bytes, new_int, new_str, new_tuple, overflow_error, type_error};
use std::ffi::CStr;

/// An address in the system's form.
pub struct Address {
    pub storage: libc::sockaddr_storage,
    pub length: libc::socklen_t,
}

impl Address {
    pub fn empty() -> Address {
        // SAFETY: a struct of numbers; all zero is valid.
        Address {
            storage: unsafe { std::mem::zeroed() },
            length: std::mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t,
        }
    }
    pub fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }
    pub fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }
}

fn host_text(host: Value) -> R<String> {
    if let Some(text) = host.cast::<Str>() {
        return match text.as_str() {
            Some(text) if text.contains('\0') => Err(type_error!("host name must not contain null character")),
            Some(text) if text.is_ascii() => Ok(base::memory::copied_text(text)),
            _ => {
                let encoded = objects::codec::encode(text, "idna", "strict")?;
                Ok(String::from_utf8_lossy(&encoded).into_owned())
            }
        };
    }
    match objects::Buf::try_new(host)? {
        Some(bytes) if host.cast::<Str>().is_none() => Ok(String::from_utf8_lossy(bytes.as_slice()).into_owned()),
        _ => Err(type_error!("str, bytes or bytearray expected, not {}", class_name(host))),
    }
}

fn port_number(port: Value, function: &str) -> R<u16> {
    let number = objects::index(port)?;
    u16::try_from(number).map_err(|_| overflow_error!("{function}(): port must be 0-65535."))
}

/// The address that a method of a socket of `family` was given.
pub fn parse(value: Value, family: i32, function: &str) -> R<Address> {
    match family {
        libc::AF_INET => {
            let Some(tuple) = value.cast::<Tuple>() else {
                return Err(type_error!("{function}(): AF_INET address must be tuple, not {}", class_name(value)));
            };
            let [host, port] = tuple.items() else {
                return Err(type_error!("AF_INET address must be a pair (host, port)"));
            };
            let port = port_number(*port, function)?;
            let mut address = resolve(&host_text(*host)?, family)?;
            // SAFETY: `resolve` gave an address of this family.
            unsafe { (*(address.as_mut_ptr() as *mut libc::sockaddr_in)).sin_port = port.to_be() };
            Ok(address)
        }
        libc::AF_INET6 => {
            let Some(tuple) = value.cast::<Tuple>() else {
                return Err(type_error!("{function}(): AF_INET6 address must be tuple, not {}", class_name(value)));
            };
            let items = tuple.items();
            if items.len() < 2 || items.len() > 4 {
                return Err(type_error!("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"));
            }
            let port = port_number(items[1], function)?;
            let flow = items.get(2).map_or(Ok(0), |flow| objects::index(*flow))?;
            if !(0..=0xfffff).contains(&flow) {
                return Err(overflow_error!("{function}(): flowinfo must be 0-1048575."));
            }
            let scope = items.get(3).map_or(Ok(0), |scope| objects::index(*scope))?;
            let mut address = resolve(&host_text(items[0])?, family)?;
            // SAFETY: as above.
            unsafe {
                let target = &mut *(address.as_mut_ptr() as *mut libc::sockaddr_in6);
                target.sin6_port = port.to_be();
                target.sin6_flowinfo = (flow as u32).to_be();
                if items.len() > 3 {
                    target.sin6_scope_id = scope as u32;
                }
            }
            Ok(address)
        }
        libc::AF_UNIX => parse_unix(value),
        libc::AF_NETLINK
        | libc::AF_PACKET
        | libc::AF_VSOCK
        | libc::AF_CAN
        | libc::AF_ALG
        | libc::AF_TIPC
        | super::families::AF_QIPCRTR => super::families::parse(value, family, function),
        other => {
            Err(objects::new_error(objects::exc::OS_ERROR.get(), &format!("{function}(): unsupported address family {other}")))
        }
    }
}

fn parse_unix(value: Value) -> R<Address> {
    let bytes = match value.cast::<Str>() {
        Some(text) => fs_encode(text)?,
        None => objects::Buf::new(value)?.as_slice().to_vec(),
    };
    let mut address = Address::empty();
    // SAFETY: the storage is large enough for this family's struct.
    let target = unsafe { &mut *(address.as_mut_ptr() as *mut libc::sockaddr_un) };
    target.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let abstract_name = bytes.first() == Some(&0);
    let room = target.sun_path.len() - usize::from(!abstract_name);
    if bytes.len() > room {
        return Err(objects::new_error(objects::exc::OS_ERROR.get(), "AF_UNIX path too long"));
    }
    for (slot, byte) in target.sun_path.iter_mut().zip(&bytes) {
        *slot = *byte as libc::c_char;
    }
    let head = std::mem::offset_of!(libc::sockaddr_un, sun_path);
    address.length = (head + bytes.len() + usize::from(!abstract_name && !bytes.is_empty())) as libc::socklen_t;
    Ok(address)
}

/// A host name or number of a family; empty is any address, `<broadcast>` the broadcast one.
pub fn resolve(host: &str, family: i32) -> R<Address> {
    let mut address = Address::empty();
    if host.is_empty() {
        address.storage.ss_family = family as libc::sa_family_t;
        address.length = match family {
            libc::AF_INET6 => std::mem::size_of::<libc::sockaddr_in6>(),
            _ => std::mem::size_of::<libc::sockaddr_in>(),
        } as libc::socklen_t;
        return Ok(address);
    }
    if host == "<broadcast>" || host == "255.255.255.255" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(objects::new_error(objects::exc::OS_ERROR.get(), "address family mismatched"));
        }
        // SAFETY: the storage is large enough for this family's struct.
        unsafe {
            let target = &mut *(address.as_mut_ptr() as *mut libc::sockaddr_in);
            target.sin_family = libc::AF_INET as libc::sa_family_t;
            target.sin_addr.s_addr = u32::MAX;
        }
        address.length = std::mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
        return Ok(address);
    }
    let found = super::resolver::lookup(Some(host), None, family, 0, 0, 0)?;
    match found.into_iter().next() {
        Some(entry) => Ok(entry.address),
        None => Err(super::resolver::gai_error(libc::EAI_NONAME)),
    }
}

/// The Python form of an address; None for one that says nothing.
pub fn format(address: &Address) -> R {
    if address.length == 0 {
        return Ok(Value::none());
    }
    // SAFETY: each struct is read only for its own family, and the storage is large enough for all.
    unsafe {
        match address.storage.ss_family as i32 {
            libc::AF_INET => {
                let source = &*(address.as_ptr() as *const libc::sockaddr_in);
                let host = std::net::Ipv4Addr::from(u32::from_be(source.sin_addr.s_addr));
                Ok(new_tuple(&[new_str(&host.to_string()), new_int(u16::from_be(source.sin_port) as i64)]).value())
            }
            libc::AF_INET6 => {
                let source = &*(address.as_ptr() as *const libc::sockaddr_in6);
                // The scope is told as a number of its own.
                let host = host_number(address)?;
                let host = host.split('%').next().unwrap_or_default();
                Ok(new_tuple(&[
                    new_str(host),
                    new_int(u16::from_be(source.sin6_port) as i64),
                    new_int(u32::from_be(source.sin6_flowinfo) as i64),
                    new_int(source.sin6_scope_id as i64),
                ])
                .value())
            }
            libc::AF_UNIX => {
                let source = &*(address.as_ptr() as *const libc::sockaddr_un);
                let head = std::mem::offset_of!(libc::sockaddr_un, sun_path);
                let length = (address.length as usize).saturating_sub(head).min(source.sun_path.len());
                let bytes: Vec<u8> = source.sun_path[..length].iter().map(|unit| *unit as u8).collect();
                if bytes.first() == Some(&0) {
                    return Ok(new_bytes(&bytes));
                }
                let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
                Ok(fs_decode(&bytes[..end]))
            }
            family @ (libc::AF_NETLINK
            | libc::AF_PACKET
            | libc::AF_VSOCK
            | libc::AF_CAN
            | libc::AF_ALG
            | libc::AF_TIPC
            | super::families::AF_QIPCRTR) => Ok(super::families::format(address, family)),
            other => {
                let raw: &[u8] = std::slice::from_raw_parts(
                    (&raw const address.storage).cast::<u8>().add(2),
                    address.length.saturating_sub(2) as usize,
                );
                Ok(new_tuple(&[new_int(other as i64), new_bytes(raw)]).value())
            }
        }
    }
}

/// The numeric host of an address.
pub fn host_number(address: &Address) -> R<String> {
    let mut host = [0 as libc::c_char; 1025];
    // SAFETY: an address with its length and a buffer with its size.
    let code = unsafe {
        libc::getnameinfo(
            address.as_ptr(),
            address.length,
            host.as_mut_ptr(),
            host.len() as libc::socklen_t,
            std::ptr::null_mut(),
            0,
            libc::NI_NUMERICHOST,
        )
    };
    if code != 0 {
        return Err(super::resolver::gai_error(code));
    }
    // SAFETY: NUL-terminated by the call.
    Ok(unsafe { CStr::from_ptr(host.as_ptr()) }.to_string_lossy().into_owned())
}
