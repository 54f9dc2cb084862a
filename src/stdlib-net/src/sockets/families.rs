//! Addresses of families that Linux has: netlink, packets of a device, virtual machines, CAN, ciphers, TIPC, Qualcomm's router.
//! Must not know: sockets.

use super::address::Address;
use objects::path::{fs_bytes, fs_decode, fs_encode};
use objects::{
    Buf, Cast, R, Str, Tuple, Value, class_name, index, new_bytes, new_int, new_tuple, overflow_error, type_error, value_error,
};
use std::ffi::CStr;
use std::mem::size_of;

/// Qualcomm's router of messages between processors; the C bindings do not have it.
pub const AF_QIPCRTR: i32 = 42;
const TIPC_ADDR_NAMESEQ: u32 = 1;
const TIPC_ADDR_NAME: u32 = 2;
const TIPC_ADDR_ID: u32 = 3;
const TIPC_CLUSTER_SCOPE: u32 = 2;

#[repr(C)]
struct RouterAddress {
    family: libc::sa_family_t,
    node: u32,
    port: u32,
}

/// `values` are a range of names, a name and its domain, or a port and its node, by `kind`.
#[repr(C)]
struct TipcAddress {
    family: libc::sa_family_t,
    kind: u8,
    scope: i8,
    values: [u32; 3],
}

fn tuple_of(value: Value, function: &str, family: &str) -> R<&'static [Value]> {
    match value.cast::<Tuple>() {
        Some(tuple) => Ok(tuple.items()),
        None => Err(type_error!("{function}: {family} address must be tuple, not {}", class_name(value))),
    }
}

/// A number as C's unsigned int takes it: what does not fit is cut off.
fn unsigned(value: Value) -> R<u32> {
    index(value).map(|number| number as u32)
}

/// The number of the device of that name.
fn device(name: Value) -> R<Option<u32>> {
    let Ok(name) = fs_bytes(name).map_err(|raised| raised.clear()) else { return Ok(None) };
    // SAFETY: a NUL-terminated string.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(objects::last_os_error(None)),
        number => Ok(Some(number)),
    }
}

fn device_name(number: i32) -> Value {
    let mut name = [0 as libc::c_char; libc::IF_NAMESIZE];
    // SAFETY: room for a name of the largest size; the call ends it with NUL, or leaves the zeros.
    unsafe {
        libc::if_indextoname(number as u32, name.as_mut_ptr());
        fs_decode(CStr::from_ptr(name.as_ptr()).to_bytes())
    }
}

/// An address of type `T`, which `fill` completes.
///
/// # Safety
/// `T` is a struct of the system for socket addresses.
unsafe fn filled<T>(fill: impl FnOnce(&mut T)) -> Address {
    let mut address = Address::empty();
    fill(&mut *(address.as_mut_ptr() as *mut T));
    address.length = size_of::<T>() as libc::socklen_t;
    address
}

pub fn parse(value: Value, family: i32, function: &str) -> R<Address> {
    let called = format!("{function}()");
    match family {
        libc::AF_NETLINK => {
            let [pid, groups] = tuple_of(value, &called, "AF_NETLINK")? else {
                return Err(type_error!("AF_NETLINK address must be a pair (pid, groups)"));
            };
            let (pid, groups) = (unsigned(*pid)?, unsigned(*groups)?);
            // SAFETY: the struct of this family.
            Ok(unsafe {
                filled(|target: &mut libc::sockaddr_nl| {
                    target.nl_family = family as libc::sa_family_t;
                    target.nl_pid = pid;
                    target.nl_groups = groups;
                })
            })
        }
        libc::AF_VSOCK => {
            let items = tuple_of(value, "getsockaddrarg", "AF_VSOCK")?;
            let [cid, port] = items else {
                return Err(type_error!("getsockaddrarg() takes exactly 2 arguments ({} given)", items.len()));
            };
            let (cid, port) = (unsigned(*cid)?, unsigned(*port)?);
            // SAFETY: the struct of this family.
            Ok(unsafe {
                filled(|target: &mut libc::sockaddr_vm| {
                    target.svm_family = family as libc::sa_family_t;
                    target.svm_cid = cid;
                    target.svm_port = port;
                })
            })
        }
        libc::AF_PACKET => parse_packet(tuple_of(value, &called, "AF_PACKET")?, &called),
        libc::AF_ALG => parse_cipher(tuple_of(value, &called, "AF_ALG")?),
        libc::AF_TIPC => parse_tipc(tuple_of(value, &called, "AF_TIPC")?),
        AF_QIPCRTR => {
            let items = tuple_of(value, "getsockaddrarg", "AF_QIPCRTR")?;
            let [node, port] = items else {
                return Err(type_error!("getsockaddrarg() takes exactly 2 arguments ({} given)", items.len()));
            };
            let (node, port) = (unsigned(*node)?, unsigned(*port)?);
            // SAFETY: the struct of this family.
            Ok(unsafe {
                filled(|target: &mut RouterAddress| *target = RouterAddress { family: family as libc::sa_family_t, node, port })
            })
        }
        _ => {
            let wrong = || type_error!("AF_CAN address must be a tuple (interface, )");
            let [name] = tuple_of(value, &called, "AF_CAN")? else { return Err(wrong()) };
            let is_any = objects::len(*name).map_err(|raised| raised.clear()) == Ok(0);
            let number = if is_any { 0 } else { device(*name)?.ok_or_else(wrong)? };
            // SAFETY: the struct of this family.
            Ok(unsafe {
                filled(|target: &mut libc::sockaddr_can| {
                    target.can_family = family as libc::sa_family_t;
                    target.can_ifindex = number as i32;
                })
            })
        }
    }
}

fn parse_cipher(items: &[Value]) -> R<Address> {
    let (Some(kind), Some(name), 2..=4) = (items.first(), items.get(1), items.len()) else {
        return Err(type_error!("AF_ALG address must be a tuple (type, name[, feat[, mask]])"));
    };
    let text = |value: &Value| value.cast::<Str>().ok_or_else(|| type_error!("argument must be str, not {}", class_name(*value)));
    let (kind, name) = (fs_encode(text(kind)?)?, fs_encode(text(name)?)?);
    let number = |place: usize| items.get(place).map_or(Ok(0), |item| unsigned(*item));
    let (feat, mask) = (number(2)?, number(3)?);
    // The system wants an end of zero; only the type may fill its place.
    if kind.len() > 14 {
        return Err(value_error!("AF_ALG type too long."));
    }
    if name.len() >= 64 {
        return Err(value_error!("AF_ALG name too long."));
    }
    // SAFETY: the struct of this family.
    Ok(unsafe {
        filled(|target: &mut libc::sockaddr_alg| {
            target.salg_family = libc::AF_ALG as libc::sa_family_t;
            target.salg_type[..kind.len()].copy_from_slice(&kind);
            target.salg_name[..name.len()].copy_from_slice(&name);
            target.salg_feat = feat;
            target.salg_mask = mask;
        })
    })
}

fn parse_tipc(items: &[Value]) -> R<Address> {
    if !(4..=5).contains(&items.len()) {
        return Err(type_error!("AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])"));
    }
    let kind = unsigned(items[0])?;
    let values = [unsigned(items[1])?, unsigned(items[2])?, unsigned(items[3])?];
    let scope = items.get(4).map_or(Ok(TIPC_CLUSTER_SCOPE), |scope| unsigned(*scope))?;
    let values = match kind {
        TIPC_ADDR_NAMESEQ => values,
        TIPC_ADDR_NAME => [values[0], values[1], 0],
        TIPC_ADDR_ID => [values[1], values[0], 0],
        _ => return Err(type_error!("Invalid address type")),
    };
    // SAFETY: the struct of this family.
    Ok(unsafe {
        filled(|target: &mut TipcAddress| {
            *target = TipcAddress { family: libc::AF_TIPC as libc::sa_family_t, kind: kind as u8, scope: scope as i8, values };
        })
    })
}

fn parse_packet(items: &[Value], called: &str) -> R<Address> {
    let wrong = || type_error!("AF_PACKET address must be a tuple of two to five elements");
    if !(2..=5).contains(&items.len()) {
        return Err(wrong());
    }
    if fs_bytes(items[0]).map_err(|raised| raised.clear()).is_err() {
        return Err(wrong());
    }
    let number = |place: usize| items.get(place).map_or(Ok(0), |item| index(*item));
    let (protocol, kind, hardware) = (number(1)?, number(2)?, number(3)?);
    let bytes = items.get(4).map(|item| Buf::new(*item)).transpose()?;
    let bytes = bytes.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
    if bytes.len() > 8 {
        return Err(value_error!("Hardware address must be 8 bytes or less"));
    }
    let device = device(items[0])?.ok_or_else(wrong)?;
    let protocol = u16::try_from(protocol).map_err(|_| overflow_error!("{called}: proto must be 0-65535."))?;
    // SAFETY: the struct of this family.
    Ok(unsafe {
        filled(|target: &mut libc::sockaddr_ll| {
            target.sll_family = libc::AF_PACKET as libc::sa_family_t;
            target.sll_protocol = protocol.to_be();
            target.sll_ifindex = device as i32;
            target.sll_pkttype = kind as u8;
            target.sll_hatype = hardware as u16;
            target.sll_halen = bytes.len() as u8;
            target.sll_addr[..bytes.len()].copy_from_slice(bytes);
        })
    })
}

/// The Python form of an address of these families.
pub fn format(address: &Address, family: i32) -> Value {
    let number = |number: u32| new_int(i64::from(number));
    let name = |number: i32| if number != 0 { device_name(number) } else { objects::new_str("") };
    let start = address.as_ptr();
    // SAFETY: each struct is read only for its own family, and the storage is large enough for all.
    let tuple = unsafe {
        match family {
            libc::AF_NETLINK => {
                let source = &*(start as *const libc::sockaddr_nl);
                new_tuple(&[number(source.nl_pid), number(source.nl_groups)])
            }
            libc::AF_VSOCK => {
                let source = &*(start as *const libc::sockaddr_vm);
                new_tuple(&[number(source.svm_cid), number(source.svm_port)])
            }
            libc::AF_PACKET => {
                let source = &*(start as *const libc::sockaddr_ll);
                let length = usize::from(source.sll_halen).min(source.sll_addr.len());
                new_tuple(&[
                    name(source.sll_ifindex),
                    number(u32::from(u16::from_be(source.sll_protocol))),
                    number(u32::from(source.sll_pkttype)),
                    number(u32::from(source.sll_hatype)),
                    new_bytes(&source.sll_addr[..length]),
                ])
            }
            libc::AF_ALG => {
                let source = &*(start as *const libc::sockaddr_alg);
                let text = |bytes: &[u8]| fs_decode(bytes.split(|byte| *byte == 0).next().unwrap_or_default());
                new_tuple(&[text(&source.salg_type), text(&source.salg_name), number(source.salg_feat), number(source.salg_mask)])
            }
            libc::AF_TIPC => {
                let source = &*(start as *const TipcAddress);
                let [first, second, third] = source.values;
                let values = match u32::from(source.kind) {
                    TIPC_ADDR_NAMESEQ => [first, second, third],
                    TIPC_ADDR_NAME => [first, second, second],
                    _ => [second, first, 0],
                };
                let [first, second, third] = values.map(number);
                new_tuple(&[number(u32::from(source.kind)), first, second, third, new_int(i64::from(source.scope))])
            }
            AF_QIPCRTR => {
                let source = &*(start as *const RouterAddress);
                new_tuple(&[number(source.node), number(source.port)])
            }
            _ => new_tuple(&[name((*(start as *const libc::sockaddr_can)).can_ifindex)]),
        }
    };
    tuple.value()
}
