//! The module `_socket`.

pub mod address;
pub mod constants;
mod families;
pub mod message;
pub mod object;
mod rare_constants;
pub mod resolver;

use native_macros::native_module;
use object::{DEFAULT_TIMEOUT, Socket, timeout_nanoseconds, timeout_value};
use objects::path::FileNo;
use objects::{
    Buf, Cast, GcVec, Module, R, Tuple, Value, new_bytes, new_int, new_str, new_tuple, os_error, overflow_error, type_error,
};
use std::ffi::{CStr, CString};
use std::sync::atomic::Ordering;

pub struct SocketModule;

/// The native part of the socket module, which has the documentation.
#[native_module(name = "_socket", classes = [Socket])]
impl SocketModule {
    #[attr("has_ipv6")]
    const HAS_IPV6: bool = true;

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("error", objects::exc::OS_ERROR.get().value())?;
        module.set("timeout", objects::exc::TIMEOUT_ERROR.get().value())?;
        module.set("gaierror", resolver::error_class("gaierror")?)?;
        module.set("herror", resolver::error_class("herror")?)?;
        module.set("SocketType", Socket::CLASS_DEF.class().value())?;
        constants::enter(module)
    }
    /// Close a socket, given its file descriptor.
    fn close(fd: i64) -> R<()> {
        let fd = i32::try_from(fd).unwrap_or(-1);
        // SAFETY: plain call.
        if heap::blocking(|| unsafe { libc::close(fd) }) != 0 { Err(objects::last_os_error(None)) } else { Ok(()) }
    }
    /// Another file descriptor of a socket.
    fn dup(fd: FileNo) -> R<i32> {
        // SAFETY: plain call.
        let copy = unsafe { libc::fcntl(fd.0, libc::F_DUPFD_CLOEXEC, 0) };
        if copy < 0 { Err(objects::last_os_error(None)) } else { Ok(copy) }
    }
    /// A pair of connected socket objects, made by the system call socketpair().
    #[sig("(family=None, type=None, proto=None, /)", hidden)]
    fn socketpair(family: Option<Value>, kind: Option<Value>, proto: Option<Value>) -> R {
        let number = |value: Option<Value>, default: i32| match value {
            Some(value) => objects::index(value).map(|number| number as i32),
            None => Ok(default),
        };
        let (family, kind, proto) = (number(family, libc::AF_UNIX)?, number(kind, libc::SOCK_STREAM)?, number(proto, 0)?);
        let mut ends = [0; 2];
        // SAFETY: room for two descriptors.
        if unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, ends.as_mut_ptr()) } != 0 {
            return Err(objects::last_os_error(None));
        }
        let make = |fd: i32| {
            let fields = [new_int(family as i64), new_int(kind as i64), new_int(proto as i64), new_int(fd as i64)];
            objects::call(Socket::CLASS_DEF.class().value(), &fields)
        };
        let first = make(ends[0])?;
        Ok(new_tuple(&[first, make(ends[1])?]).value())
    }
    /// The list of the addresses that a host and a port stand for.
    #[sig("(host, port, family=0, type=0, proto=0, flags=0)")]
    fn getaddrinfo(host: Value, port: Value, family: i32, kind: i32, proto: i32, flags: i32) -> R {
        let (host, service) = (resolver::host_argument(host)?, resolver::service_argument(port)?);
        let found = resolver::lookup(host.as_deref(), service.as_deref(), family, kind, proto, flags)?;
        resolver::found_list(&found)
    }
    /// The host and the port of a socket address, as names or numbers.
    fn getnameinfo(sockaddr: Value, flags: i32) -> R {
        let Some(tuple) = sockaddr.cast::<Tuple>() else {
            return Err(type_error!("getnameinfo() argument 1 must be a tuple"));
        };
        let items = tuple.items();
        if items.len() < 2 || items.len() > 4 {
            return Err(type_error!("getnameinfo(): illegal sockaddr argument"));
        }
        let host = resolver::host_argument(items[0])?;
        let port = Some((objects::index(items[1])? as i32).to_string());
        let number = |place: usize| items.get(place).map_or(Ok(0), |item| objects::index(*item).map(|number| number as u32));
        let (flow, scope) = (number(2)?, number(3)?);
        if flow > 0xfffff {
            return Err(overflow_error!("getnameinfo(): flowinfo must be 0-1048575."));
        }
        let found =
            resolver::lookup(host.as_deref(), port.as_deref(), libc::AF_UNSPEC, libc::SOCK_DGRAM, 0, libc::AI_NUMERICHOST)?;
        let Ok([entry]) = <[resolver::Found; 1]>::try_from(found) else {
            return Err(objects::new_error(objects::exc::OS_ERROR.get(), "sockaddr resolved to multiple addresses"));
        };
        let (mut name, mut service) = ([0 as libc::c_char; 1025], [0 as libc::c_char; 32]);
        let mut address = entry.address;
        match address.storage.ss_family as i32 {
            libc::AF_INET if items.len() != 2 => {
                return Err(objects::new_error(objects::exc::OS_ERROR.get(), "IPv4 sockaddr must be 2 tuple"));
            }
            libc::AF_INET6 => {
                // SAFETY: the struct of this family.
                let target = unsafe { &mut *(address.as_mut_ptr() as *mut libc::sockaddr_in6) };
                target.sin6_flowinfo = flow.to_be();
                target.sin6_scope_id = scope;
            }
            _ => {}
        }
        let code = heap::blocking(|| {
            // SAFETY: an address and buffers with their sizes.
            unsafe {
                libc::getnameinfo(address.as_ptr(), address.length, name.as_mut_ptr(), 1025, service.as_mut_ptr(), 32, flags)
            }
        });
        if code != 0 {
            return Err(resolver::gai_error(code));
        }
        // SAFETY: NUL-terminated by the call.
        let text = |buffer: &[libc::c_char]| new_str(&unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_string_lossy());
        Ok(new_tuple(&[text(&name), text(&service)]).value())
    }
    /// Return the current host name.
    fn gethostname() -> R {
        let mut name = [0 as libc::c_char; 1025];
        // SAFETY: a buffer with its size, one byte kept for the NUL.
        if unsafe { libc::gethostname(name.as_mut_ptr(), 1024) } != 0 {
            return Err(objects::last_os_error(None));
        }
        // SAFETY: NUL-terminated.
        Ok(objects::path::fs_decode(unsafe { CStr::from_ptr(name.as_ptr()) }.to_bytes()))
    }
    /// Set the name of the host.
    fn sethostname(name: Value) -> R<()> {
        let name = objects::path::fs_bytes(name)?;
        let bytes = name.as_bytes();
        // SAFETY: a buffer with its size.
        if unsafe { libc::sethostname(bytes.as_ptr().cast(), bytes.len()) } != 0 {
            Err(objects::last_os_error(None))
        } else {
            Ok(())
        }
    }
    /// The IPv4 address of a host, a string such as '192.0.2.1'.
    fn gethostbyname(host: Value) -> R<String> {
        let host = resolver::host_argument(host)?.unwrap_or_default();
        address::host_number(&address::resolve(&host, libc::AF_INET)?)
    }
    /// The name, the list of aliases and the list of addresses of a host.
    fn gethostbyname_ex(host: Value) -> R {
        let host = resolver::host_argument(host)?.unwrap_or_default();
        host_entry(&host, libc::AF_INET)
    }
    /// The name, the list of aliases and the list of addresses of a host.
    fn gethostbyaddr(host: Value) -> R {
        let host = resolver::host_argument(host)?.unwrap_or_default();
        let found = resolver::lookup(Some(&host), None, libc::AF_UNSPEC, libc::SOCK_STREAM, 0, 0)?;
        let Some(entry) = found.first() else { return Err(resolver::host_error(1, "Unknown host")) };
        let mut name = [0 as libc::c_char; 1025];
        let address = &entry.address;
        let code = heap::blocking(|| {
            // SAFETY: an address and a buffer with their sizes.
            unsafe {
                libc::getnameinfo(
                    address.as_ptr(),
                    address.length,
                    name.as_mut_ptr(),
                    1025,
                    std::ptr::null_mut(),
                    0,
                    libc::NI_NAMEREQD,
                )
            }
        });
        if code != 0 {
            return Err(resolver::host_error(1, "Unknown host"));
        }
        // SAFETY: NUL-terminated by the call.
        let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned();
        let number = new_str(&address::host_number(address)?);
        Ok(new_tuple(&[new_str(&name), objects::new_list(&[]).value(), objects::new_list(&[number]).value()]).value())
    }
    /// The port number of a service, for the protocol if one is given.
    #[sig("(servicename, protocolname=None, /)", hidden)]
    fn getservbyname(service: &str, protocol: Option<&str>) -> R<i64> {
        let (service, protocol) = (c_text(service)?, protocol.map(c_text).transpose()?);
        let protocol_pointer = protocol.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
        let _guard = DATABASE.lock();
        // SAFETY: NUL-terminated strings; the result is read under the lock.
        unsafe {
            let entry = libc::getservbyname(service.as_ptr(), protocol_pointer);
            if entry.is_null() {
                return Err(objects::new_error(objects::exc::OS_ERROR.get(), "service/proto not found"));
            }
            Ok(u16::from_be((*entry).s_port as u16) as i64)
        }
    }
    /// The name of the service at a port number.
    #[sig("(port, protocolname=None, /)", hidden)]
    fn getservbyport(port: i32, protocol: Option<&str>) -> R<String> {
        let port = u16::try_from(port).map_err(|_| overflow_error!("getservbyport: port must be 0-65535."))?;
        let protocol = protocol.map(c_text).transpose()?;
        let protocol_pointer = protocol.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
        let _guard = DATABASE.lock();
        // SAFETY: a NUL-terminated string; the result is read under the lock.
        unsafe {
            let entry = libc::getservbyport(port.to_be() as i32, protocol_pointer);
            if entry.is_null() {
                return Err(objects::new_error(objects::exc::OS_ERROR.get(), "port/proto not found"));
            }
            Ok(CStr::from_ptr((*entry).s_name).to_string_lossy().into_owned())
        }
    }
    /// The number of a protocol, given its name.
    fn getprotobyname(name: &str) -> R<i32> {
        let name = c_text(name)?;
        let _guard = DATABASE.lock();
        // SAFETY: a NUL-terminated string; the result is read under the lock.
        unsafe {
            let entry = libc::getprotobyname(name.as_ptr());
            if entry.is_null() {
                return Err(objects::new_error(objects::exc::OS_ERROR.get(), "protocol not found"));
            }
            Ok((*entry).p_proto)
        }
    }
    /// The 32-bit number x, given in network byte order.
    fn ntohl(integer: Value) -> R<u32> {
        Ok(u32::from_be(wide(integer)?))
    }
    /// The 32-bit number x in network byte order.
    fn htonl(integer: Value) -> R<u32> {
        Ok(wide(integer)?.to_be())
    }
    /// The 16-bit number x, given in network byte order.
    fn ntohs(integer: Value) -> R<u16> {
        Ok(u16::from_be(narrow(integer)?))
    }
    /// The 16-bit number x in network byte order.
    fn htons(integer: Value) -> R<u16> {
        Ok(narrow(integer)?.to_be())
    }
    /// The four bytes of an IPv4 address, a string such as '192.0.2.1'.
    fn inet_aton(address: &str) -> R {
        let text = c_text(address)?;
        let mut packed = libc::in_addr { s_addr: 0 };
        // SAFETY: a NUL-terminated string and a struct to fill.
        if unsafe { inet_aton(text.as_ptr(), &mut packed) } == 0 {
            return Err(objects::new_error(objects::exc::OS_ERROR.get(), "illegal IP address string passed to inet_aton"));
        }
        Ok(new_bytes(&packed.s_addr.to_ne_bytes()))
    }
    /// The string for an IPv4 address of four bytes.
    fn inet_ntoa(packed: Buf) -> R<String> {
        match <[u8; 4]>::try_from(packed.as_slice()) {
            Ok(bytes) => Ok(std::net::Ipv4Addr::from(bytes).to_string()),
            Err(_) => Err(objects::new_error(objects::exc::OS_ERROR.get(), "packed IP wrong length")),
        }
    }
    /// The bytes of an address, given as a string, of that family.
    fn inet_pton(family: i32, address: &str) -> R {
        let illegal = || objects::new_error(objects::exc::OS_ERROR.get(), "illegal IP address string passed to inet_pton");
        match family {
            libc::AF_INET => match address.parse::<std::net::Ipv4Addr>() {
                Ok(address) => Ok(new_bytes(&address.octets())),
                Err(_) => Err(illegal()),
            },
            libc::AF_INET6 => match address.parse::<std::net::Ipv6Addr>() {
                Ok(address) => Ok(new_bytes(&address.octets())),
                Err(_) => Err(illegal()),
            },
            _ => Err(os_error(libc::EAFNOSUPPORT, None, None)),
        }
    }
    /// The string for an address of that family, given as bytes.
    fn inet_ntop(family: i32, packed: Buf) -> R<String> {
        let bytes = packed.as_slice();
        let wrong = || objects::value_error!("invalid length of packed IP address string");
        match family {
            libc::AF_INET => {
                <[u8; 4]>::try_from(bytes).map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()).map_err(|_| wrong())
            }
            libc::AF_INET6 => {
                <[u8; 16]>::try_from(bytes).map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()).map_err(|_| wrong())
            }
            other => Err(objects::value_error!("unknown address family {other}")),
        }
    }
    /// The network interfaces as a list of pairs (index, name).
    fn if_nameindex() -> R {
        let mut list = GcVec::new();
        // SAFETY: the array ends with a zero entry and is freed after it was copied.
        unsafe {
            let entries = libc::if_nameindex();
            if entries.is_null() {
                return Err(objects::last_os_error(None));
            }
            let mut entry = entries;
            while (*entry).if_index != 0 {
                let name = objects::path::fs_decode(CStr::from_ptr((*entry).if_name).to_bytes());
                list.push(new_tuple(&[new_int((*entry).if_index as i64), name]).value());
                entry = entry.add(1);
            }
            libc::if_freenameindex(entries);
        }
        Ok(objects::new_list(&list).value())
    }
    /// The index of the network interface with that name.
    #[sig("(oname, /)")]
    fn if_nametoindex(name: Value) -> R<u32> {
        let name = objects::path::fs_bytes(name)?;
        // SAFETY: a NUL-terminated string.
        match unsafe { libc::if_nametoindex(name.as_ptr()) } {
            0 => Err(objects::last_os_error(None)),
            index => Ok(index),
        }
    }
    /// The name of the network interface with that index.
    #[sig("(if_index, /)")]
    fn if_indextoname(index: u32) -> R {
        let mut name = [0 as libc::c_char; 17];
        // SAFETY: room for a name of the largest size.
        if unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
            return Err(objects::last_os_error(None));
        }
        // SAFETY: NUL-terminated by the call.
        Ok(objects::path::fs_decode(unsafe { CStr::from_ptr(name.as_ptr()) }.to_bytes()))
    }
    /// The timeout that new sockets get, in seconds, or None.
    fn getdefaulttimeout() -> Value {
        timeout_value(DEFAULT_TIMEOUT.load(Ordering::Relaxed))
    }
    /// Set the timeout that new sockets get, in seconds, or None.
    fn setdefaulttimeout(timeout: Value) -> R<()> {
        DEFAULT_TIMEOUT.store(timeout_nanoseconds(timeout)?, Ordering::Relaxed);
        Ok(())
    }
    /// The length of an item of ancillary data with its header, without the padding
    /// at the end.
    #[name("CMSG_LEN")]
    fn cmsg_len(length: isize) -> R<i64> {
        control_length(length, "CMSG_LEN()").map(|length| {
            // SAFETY: arithmetic only.
            unsafe { libc::CMSG_LEN(length) as i64 }
        })
    }
    /// The space that an item of ancillary data takes in the buffer of recvmsg(),
    /// padding included.
    #[name("CMSG_SPACE")]
    fn cmsg_space(length: isize) -> R<i64> {
        control_length(length, "CMSG_SPACE()").map(|length| {
            // SAFETY: arithmetic only.
            unsafe { libc::CMSG_SPACE(length) as i64 }
        })
    }
}

unsafe extern "C" {
    fn inet_aton(text: *const libc::c_char, packed: *mut libc::in_addr) -> libc::c_int;
}

/// The C library's service and protocol functions share one result.
static DATABASE: heap::Mutex<()> = heap::Mutex::new(());

fn c_text(text: &str) -> R<CString> {
    base::memory::c_string(base::memory::copied(text.as_bytes())).ok_or_else(|| objects::value_error!("embedded null character"))
}

fn control_length(length: isize, function: &str) -> R<u32> {
    // What an item takes must not exceed the largest length of a message, an int.
    // SAFETY: arithmetic only.
    let room = i32::MAX as u32 - unsafe { if function == "CMSG_LEN()" { libc::CMSG_LEN(0) } else { libc::CMSG_SPACE(1) } };
    match u32::try_from(length) {
        Ok(length) if length <= room => Ok(length),
        _ => Err(overflow_error!("{function} argument out of range")),
    }
}

fn wide(value: Value) -> R<u32> {
    u32::try_from(natural(value)?).map_err(|_| overflow_error!("Python int too large for C uint32_t"))
}

fn narrow(value: Value) -> R<u16> {
    u16::try_from(natural(value)?).map_err(|_| overflow_error!("Python int too large for C uint16_t"))
}

/// A number that is not negative; those too large for the type are all alike.
fn natural(value: Value) -> R<u64> {
    let number = objects::index_object(value)?;
    if objects::operators::cmp_ints(number, Value::small(0)).is_some_and(std::cmp::Ordering::is_lt) {
        return Err(objects::value_error!("Cannot convert negative int"));
    }
    let number = objects::int_view(number).and_then(|view| view.to_i64());
    Ok(number.map_or(u64::MAX, |number| number as u64))
}

/// (name, aliases, addresses) of a host.
fn host_entry(host: &str, family: i32) -> R {
    let found = resolver::lookup(Some(host), None, family, libc::SOCK_STREAM, 0, libc::AI_CANONNAME)?;
    let name =
        found.first().map(|entry| entry.canonical.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| host.to_owned());
    let mut numbers = GcVec::new();
    for entry in &found {
        numbers.push(new_str(&address::host_number(&entry.address)?));
    }
    Ok(new_tuple(&[new_str(&name), objects::new_list(&[]).value(), objects::new_list(&numbers).value()]).value())
}
