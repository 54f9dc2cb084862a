//! Socket addresses: Python tuples, strings and bytes to the system's structures and back.

use super::resolve;
use objects::path::{fs_decode, fs_encode};
use objects::{
    Buf, ByteArray, Bytes, Cast, GcVec, R, Str, Tuple, Value, class_name, exc, new_bytes, new_error, new_int, new_str, new_tuple, os_error,
    overflow_error, type_error,
};
use std::mem::{offset_of, size_of};
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address of any family.
#[derive(Clone, Copy)]
pub struct Address {
    pub storage: libc::sockaddr_storage,
    pub len: libc::socklen_t,
}

impl Address {
    /// Room for what the system writes.
    pub fn empty() -> Address {
        // SAFETY: plain data.
        Address { storage: unsafe { std::mem::zeroed() }, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }
    pub fn of<T: Copy>(value: T) -> Address {
        const { assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>()) };
        let mut address = Address::empty();
        // SAFETY: checked above; plain data.
        unsafe { (&raw mut address.storage).cast::<T>().write(value) };
        address.len = size_of::<T>() as libc::socklen_t;
        address
    }
    /// From memory of the system.
    /// # Safety
    /// `pointer` is null or leads to `len` bytes.
    pub unsafe fn copy_from(pointer: *const libc::sockaddr, len: libc::socklen_t) -> Address {
        let mut address = Address::empty();
        let len = (len as usize).min(size_of::<libc::sockaddr_storage>());
        if pointer.is_null() {
            address.len = 0;
            return address;
        }
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&raw mut address.storage).cast::<u8>(), len);
        address.len = len as libc::socklen_t;
        address
    }
    pub fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }
    pub fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }
    /// The structure of a family.
    /// # Safety
    /// The family says that it is one.
    unsafe fn read<T: Copy>(&self) -> T {
        (&raw const self.storage).cast::<T>().read_unaligned()
    }
    fn bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes of the storage are set.
        unsafe { std::slice::from_raw_parts((&raw const self.storage).cast(), (self.len as usize).min(size_of::<libc::sockaddr_storage>())) }
    }

    /// As Python shows it.
    pub fn to_python(&self, proto: i32) -> R {
        if self.len == 0 {
            return Ok(Value::none());
        }
        // SAFETY: each structure is read when the family is its own.
        unsafe {
            match self.storage.ss_family as i32 {
                libc::AF_INET => {
                    let it: libc::sockaddr_in = self.read();
                    let host = Ipv4Addr::from(u32::from_be(it.sin_addr.s_addr)).to_string();
                    Ok(tuple(&[new_str(&host), new_int(u16::from_be(it.sin_port).into())]))
                }
                libc::AF_INET6 => {
                    let it: libc::sockaddr_in6 = self.read();
                    let host = resolve::numeric_host(self)?;
                    Ok(tuple(&[
                        new_str(&host),
                        new_int(u16::from_be(it.sin6_port).into()),
                        new_int(u32::from_be(it.sin6_flowinfo).into()),
                        new_int(it.sin6_scope_id.into()),
                    ]))
                }
                libc::AF_UNIX => Ok(self.unix_path()),
                libc::AF_NETLINK => {
                    let it: libc::sockaddr_nl = self.read();
                    Ok(tuple(&[new_int(it.nl_pid.into()), new_int(it.nl_groups.into())]))
                }
                libc::AF_VSOCK => {
                    let it: libc::sockaddr_vm = self.read();
                    Ok(tuple(&[new_int(it.svm_cid.into()), new_int(it.svm_port.into())]))
                }
                libc::AF_CAN => {
                    let it: libc::sockaddr_can = self.read();
                    let name = if it.can_ifindex == 0 { String::new() } else { resolve::interface_name(it.can_ifindex as u32).unwrap_or_default() };
                    let _ = proto;
                    Ok(tuple(&[fs_decode(name.as_bytes())]))
                }
                libc::AF_PACKET => {
                    let it: libc::sockaddr_ll = self.read();
                    let name = if it.sll_ifindex == 0 { String::new() } else { resolve::interface_name(it.sll_ifindex as u32).unwrap_or_default() };
                    let count = (it.sll_halen as usize).min(it.sll_addr.len());
                    Ok(tuple(&[
                        fs_decode(name.as_bytes()),
                        new_int(u16::from_be(it.sll_protocol).into()),
                        new_int(it.sll_pkttype.into()),
                        new_int(it.sll_hatype.into()),
                        new_bytes(&it.sll_addr[..count]),
                    ]))
                }
                family => {
                    let head = offset_of!(libc::sockaddr, sa_data);
                    Ok(tuple(&[new_int(family.into()), new_bytes(self.bytes().get(head..).unwrap_or(&[]))]))
                }
            }
        }
    }
    fn unix_path(&self) -> Value {
        let path = self.bytes().get(offset_of!(libc::sockaddr_un, sun_path)..).unwrap_or(&[]);
        match path.first() {
            None => new_str(""),
            // A name that is not in the file system.
            Some(0) => new_bytes(path),
            Some(_) => fs_decode(path.split(|byte| *byte == 0).next().unwrap_or(path)),
        }
    }
}

fn tuple(items: &[Value]) -> Value {
    new_tuple(items).value()
}
pub fn plain_error(text: &str) -> objects::Raised {
    new_error(exc::OS_ERROR.get(), text)
}

/// A host as bytes without NUL: str goes through the codec idna.
pub fn host_bytes(host: Value) -> R<Vec<u8>> {
    let bytes = if let Some(text) = host.cast::<Str>() {
        match text.as_ascii() {
            Some(ascii) => ascii.as_bytes().to_vec(),
            None => {
                let encoded = objects::call_method(host, objects::interned!("encode"), &[new_str("idna")])?;
                Buf::new(encoded)?.to_vec()
            }
        }
    } else if host.cast::<Bytes>().is_some() || host.cast::<ByteArray>().is_some() {
        Buf::new(host)?.to_vec()
    } else {
        return Err(type_error!("str, bytes or bytearray expected, not {}", class_name(host)));
    };
    if bytes.contains(&0) {
        return Err(type_error!("host name must not contain null character"));
    }
    Ok(bytes)
}

fn port_of(value: Value, caller: &str) -> R<u16> {
    let number = objects::int_view(objects::index_object(value)?).and_then(|view| view.to_i64());
    number.and_then(|number| u16::try_from(number).ok()).ok_or_else(|| overflow_error!("{caller}(): port must be 0-65535."))
}
fn items_of(value: Value, caller: &str, family: &str) -> R<GcVec> {
    match value.cast::<Tuple>() {
        Some(tuple) => Ok(GcVec::from_slice(tuple.items())),
        None => Err(type_error!("{caller}(): {family} address must be tuple, not {}", class_name(value))),
    }
}
fn u32_of(value: Value) -> R<u32> {
    let number = objects::int_view(objects::index_object(value)?).and_then(|view| view.to_i64());
    number.and_then(|number| u32::try_from(number & 0xffff_ffff).ok()).ok_or_else(|| overflow_error!("Python int too large to convert to C unsigned int"))
}

/// The address that a Python value means for a socket of a family.
pub fn from_python(value: Value, family: i32, caller: &str) -> R<Address> {
    match family {
        libc::AF_INET => {
            let items = items_of(value, caller, "AF_INET")?;
            let [host, port] = items[..] else { return Err(type_error!("AF_INET address must be a pair (host, port)")) };
            let mut address = resolve::host_address(&host_bytes(host)?, libc::AF_INET)?;
            let port = port_of(port, caller)?;
            // SAFETY: `host_address` gives the asked family.
            unsafe { (*(&raw mut address.storage).cast::<libc::sockaddr_in>()).sin_port = port.to_be() };
            Ok(address)
        }
        libc::AF_INET6 => {
            let items = items_of(value, caller, "AF_INET6")?;
            if !(2..=4).contains(&items.len()) {
                return Err(type_error!("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"));
            }
            let port = port_of(items[1], caller)?;
            let flow = items.get(2).map_or(Ok(0), |flow| u32_of(*flow))?;
            let scope = items.get(3).map(|scope| u32_of(*scope)).transpose()?;
            if flow > 0xf_ffff {
                return Err(overflow_error!("{caller}(): flowinfo must be 0-1048575."));
            }
            let mut address = resolve::host_address(&host_bytes(items[0])?, libc::AF_INET6)?;
            // SAFETY: as above.
            let it = unsafe { &mut *(&raw mut address.storage).cast::<libc::sockaddr_in6>() };
            it.sin6_port = port.to_be();
            it.sin6_flowinfo = flow.to_be();
            if let Some(scope) = scope {
                it.sin6_scope_id = scope;
            }
            Ok(address)
        }
        libc::AF_UNIX => unix_address(value),
        libc::AF_NETLINK => {
            let items = items_of(value, caller, "AF_NETLINK")?;
            let [pid, groups] = items[..] else { return Err(type_error!("AF_NETLINK address must be a pair (pid, groups)")) };
            // SAFETY: plain data.
            let mut it: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
            it.nl_family = family as libc::sa_family_t;
            (it.nl_pid, it.nl_groups) = (u32_of(pid)?, u32_of(groups)?);
            Ok(Address::of(it))
        }
        libc::AF_VSOCK => {
            let items = match value.cast::<Tuple>() {
                Some(tuple) => GcVec::from_slice(tuple.items()),
                None => return Err(type_error!("getsockaddrarg: AF_VSOCK address must be tuple, not {}", class_name(value))),
            };
            let [cid, port] = items[..] else { return Err(type_error!("getsockaddrarg: AF_VSOCK address must be a pair (cid, port)")) };
            // SAFETY: plain data.
            let mut it: libc::sockaddr_vm = unsafe { std::mem::zeroed() };
            it.svm_family = family as libc::sa_family_t;
            (it.svm_cid, it.svm_port) = (u32_of(cid)?, u32_of(port)?);
            Ok(Address::of(it))
        }
        libc::AF_CAN => {
            let items = items_of(value, caller, "AF_CAN")?;
            let Some(name) = items.first() else { return Err(type_error!("AF_CAN address must be a tuple (interface, )")) };
            // SAFETY: plain data.
            let mut it: libc::sockaddr_can = unsafe { std::mem::zeroed() };
            it.can_family = family as libc::sa_family_t;
            it.can_ifindex = interface_index(*name)? as i32;
            Ok(Address::of(it))
        }
        libc::AF_PACKET => packet_address(value, caller),
        _ => Err(plain_error(&format!("{caller}(): unsupported address family"))),
    }
}

fn interface_index(name: Value) -> R<u32> {
    let name = match name.cast::<Str>() {
        Some(text) => fs_encode(text)?,
        None => Buf::new(name)?.to_vec(),
    };
    if name.is_empty() { Ok(0) } else { resolve::interface_number(&name) }
}

fn packet_address(value: Value, caller: &str) -> R<Address> {
    let items = items_of(value, caller, "AF_PACKET")?;
    if !(2..=5).contains(&items.len()) {
        return Err(type_error!("AF_PACKET address must be a tuple of two to five elements"));
    }
    // SAFETY: plain data.
    let mut it: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    it.sll_family = libc::AF_PACKET as libc::sa_family_t;
    it.sll_ifindex = interface_index(items[0])? as i32;
    let Ok(protocol) = u16::try_from(objects::index(items[1])?) else {
        return Err(overflow_error!("{caller}(): proto argument must be 0-65535"));
    };
    it.sll_protocol = protocol.to_be();
    it.sll_pkttype = items.get(2).map_or(Ok(0), |kind| objects::index(*kind))? as u8;
    it.sll_hatype = items.get(3).map_or(Ok(0), |kind| objects::index(*kind))? as u16;
    if let Some(hardware) = items.get(4) {
        let bytes = Buf::new(*hardware)?;
        if bytes.len() > it.sll_addr.len() {
            return Err(objects::value_error!("Hardware address must be 8 bytes or less"));
        }
        it.sll_addr[..bytes.len()].copy_from_slice(&bytes);
        it.sll_halen = bytes.len() as u8;
    }
    Ok(Address::of(it))
}

fn unix_address(value: Value) -> R<Address> {
    let path = match value.cast::<Str>() {
        Some(text) => fs_encode(text)?,
        None => Buf::new(value)?.to_vec(),
    };
    // SAFETY: plain data.
    let mut it: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    it.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let room = it.sun_path.len();
    let is_abstract = path.first() == Some(&0);
    if path.len() > room || path.len() == room && !is_abstract {
        return Err(plain_error("AF_UNIX path too long"));
    }
    for (slot, byte) in it.sun_path.iter_mut().zip(&path) {
        *slot = *byte as libc::c_char;
    }
    let mut address = Address::of(it);
    let head = offset_of!(libc::sockaddr_un, sun_path);
    // A closing NUL belongs to names in the file system.
    address.len = (head + path.len() + usize::from(!is_abstract && !path.is_empty())) as libc::socklen_t;
    Ok(address)
}

/// `inet_pton` and `inet_ntop`.
pub fn pack(family: i32, text: &str) -> R {
    let illegal = || plain_error("illegal IP address string passed to inet_pton");
    match family {
        libc::AF_INET => text.parse::<Ipv4Addr>().map(|ip| new_bytes(&ip.octets())).map_err(|_| illegal()),
        libc::AF_INET6 => text.parse::<Ipv6Addr>().map(|ip| new_bytes(&ip.octets())).map_err(|_| illegal()),
        _ => Err(os_error(libc::EAFNOSUPPORT, None, None)),
    }
}
pub fn unpack(family: i32, packed: &[u8]) -> R {
    let wrong = || objects::value_error!("invalid length of packed IP address string");
    match family {
        libc::AF_INET => <[u8; 4]>::try_from(packed).map(|ip| new_str(&Ipv4Addr::from(ip).to_string())).map_err(|_| wrong()),
        libc::AF_INET6 => {
            let octets = <[u8; 16]>::try_from(packed).map_err(|_| wrong())?;
            let mut buffer = [0 as libc::c_char; 64];
            // SAFETY: sixteen octets in, a buffer of known size out.
            let text = unsafe { inet_ntop(family, octets.as_ptr().cast(), buffer.as_mut_ptr(), buffer.len() as libc::socklen_t) };
            if text.is_null() {
                return Err(wrong());
            }
            // SAFETY: NUL-terminated by the call.
            Ok(new_str(&unsafe { std::ffi::CStr::from_ptr(buffer.as_ptr()) }.to_string_lossy()))
        }
        _ => Err(objects::value_error!("unknown address family {family}")),
    }
}

unsafe extern "C" {
    fn inet_ntop(family: libc::c_int, source: *const libc::c_void, target: *mut libc::c_char, size: libc::socklen_t) -> *const libc::c_char;
}
